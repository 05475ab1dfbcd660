/*
 * whole_periods.h
 *		Lifetimes counted in whole periods whose chance to end differs between
 *		customers by a beta distribution: what the shifted-beta-geometric and
 *		the BG/BB model share.
 *
 * A customer's chance to end within any one period has the distribution
 * beta(ends, stays).  Having survived a period, it is beta(ends, stays + 1).
 */
#ifndef CV_WHOLE_PERIODS_H
#define CV_WHOLE_PERIODS_H

#include "common/host.h"

/* ln P(survives so many periods). */
extern double log_survival(double ends, double stays, double periods);

/*
 * The sum of P(survives k periods) exp(-rate * k) over k = 0, 1, ... periods - 1.
 * Of a fraction of a period, that part of the next term counts.  Infinite if
 * periods and the sum are.
 */
extern double expected_survivals(double ends, double stays, double periods,
								 double rate);

/*
 * Expected time lived within so much time, in which the moment t weighs
 * exp(-rate * t); lives end at the ends of periods only, never within one.
 */
extern double expected_lifetime(double ends, double stays, double time,
								double rate);

#endif							/* CV_WHOLE_PERIODS_H */
