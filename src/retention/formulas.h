/*
 * formulas.h
 *		What a customer is worth by formula.
 */
#ifndef CV_FORMULAS_H
#define CV_FORMULAS_H

#include "common/host.h"

/*
 * The discounted sum of a margin that is earned at the end of each of so many
 * periods (perhaps INFINITY) by customers of whom a share stays in each;
 * "now": and once more at the start.  Infinite where it has no bound.
 */
extern double retention_value(double margin, double retention, double discount_rate,
							  double periods, bool now);

/* The share lost in a year if a share is lost in so many years. */
extern double annual_rate(double lost, double years);

#endif							/* CV_FORMULAS_H */
