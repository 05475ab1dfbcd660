/*
 * tails.h
 *		Probabilities in the tails: what tests and intervals need.
 */
#ifndef CV_TAILS_H
#define CV_TAILS_H

#include "common/host.h"

/* The most degrees of freedom chi_square_tail() is made for. */
#define CHI_SQUARE_MAX_DEGREES 500

/* P(X > x) of a chi-square distribution with so many degrees of freedom. */
extern double chi_square_tail(double x, int degrees);

/* z such that a standard normal variable is within -z .. z with probability level. */
extern double normal_bound(double level);

#endif							/* CV_TAILS_H */
