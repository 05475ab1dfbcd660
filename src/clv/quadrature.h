/*
 * quadrature.h
 *		Gauss-Legendre quadrature with 16 nodes, on the interval from 0 to 1.
 *
 * Exact for polynomials up to degree 31; for the smooth and mostly monotone
 * integrands of this room, a panel over which they change by a factor of
 * e^8 or so is integrated to all digits of a double.
 */
#ifndef CV_QUADRATURE_H
#define CV_QUADRATURE_H

#define GAUSS_NODES 16

extern const double gauss_node[GAUSS_NODES];
extern const double gauss_weight[GAUSS_NODES];	/* sum to 1 */

#endif							/* CV_QUADRATURE_H */
