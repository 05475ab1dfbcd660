/*
 * sbg.h
 *		What the shifted-beta-geometric model says of contracts.
 *
 * Parameters are alpha and beta; a period is the time between two renewals.
 */
#ifndef CV_SBG_H
#define CV_SBG_H

/* P(a new customer is still one after so many renewals). */
extern double sbg_survival(const double *parameter, double renewals);

/*
 * P(renews for the given time, 1 for the first, if he renewed before).
 */
extern double sbg_retention(const double *parameter, double renewal);

/*
 * Expected payments at all renewals to come, of a customer who has renewed so
 * many times and is about to decide on the next: one at each, the next one
 * undiscounted, the one k periods after it weighing exp(-rate * k).  Fader and
 * Hardie's DERL, with n = renewals + 1.  Infinite if rate is 0 and alpha <= 1.
 */
extern double sbg_residual_lifetime(const double *parameter, double renewals,
									double rate);

#endif							/* CV_SBG_H */
