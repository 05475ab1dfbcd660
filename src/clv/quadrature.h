/*
 * quadrature.h
 *		Gauss-Legendre quadrature with 16 nodes or 8, on the interval from 0 to
 *		1.
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

/* For short panels, see below. */
#define GAUSS_FEW_NODES 8

extern const double gauss_few_node[GAUSS_FEW_NODES];
extern const double gauss_few_weight[GAUSS_FEW_NODES];

/*
 * A panel over which an integrand is exp(-fall), where fall is a convex
 * function of y and the integrand's singularities are pi or more from the real
 * axis, may be this wide, and the integrand may fall so far on it.  All panels
 * are integrated to a few units in the last place then.
 */
#define PANEL_WIDTH 3.0
#define PANEL_FALL 12.0

/* On a panel no wider than this, few nodes do as well. */
#define SHORT_WIDTH 1.5
#define SHORT_FALL 3.0

/* Where the integrand has fallen so far, what is left of it does not count. */
#define FALL_ENOUGH 45.0

/* How far a panel from y may reach, judging by the slope of the fall at y. */
static inline double
panel_reach(double y, double end, double slope)
{
	double		width = slope * PANEL_WIDTH > PANEL_FALL ? PANEL_FALL / slope : PANEL_WIDTH;

	return end - y > width ? y + width : end;
}

/*
 * Where to end a panel from y to end over which the fall is so much.  For a
 * convex one, the shorter panel's is PANEL_FALL at most.
 */
static inline double
panel_cut(double y, double end, double fall)
{
	return fall > PANEL_FALL ? y + (end - y) * (PANEL_FALL / fall) : end;
}

#endif							/* CV_QUADRATURE_H */
