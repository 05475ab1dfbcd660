/*
 * tails.h
 *		Probabilities in the tails: what tests and intervals need.
 */
#ifndef CV_TAILS_H
#define CV_TAILS_H

#include "common/host.h"

/* P(X > x) of a chi-square distribution with so many degrees of freedom, 1 or more. */
extern double chi_square_tail(double x, int64 degrees);

/*
 * P(X > f) of an F distribution with so many degrees of freedom, which need
 * not be whole, but above zero.  f may be infinite, if the variance below the
 * line is zero.
 */
extern double f_tail(double f, double degrees1, double degrees2);

/* z such that a standard normal variable is within -z .. z with probability level. */
extern double normal_bound(double level);

#endif							/* CV_TAILS_H */
