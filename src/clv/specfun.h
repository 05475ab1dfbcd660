/*
 * specfun.h
 *		The special functions the models need beyond the C library's.
 *
 * lgamma() of the C library is not used: it writes a global.
 */
#ifndef CV_SPECFUN_H
#define CV_SPECFUN_H

#include "common/host.h"

/* ln Gamma(x), x > 0. */
extern double log_gamma(double x);

/* Derivative of ln Gamma(x), x > 0. */
extern double digamma(double x);

/*
 * ln (Gamma(x + n) / Gamma(x)), x > 0, n >= 0; accurate when x is tiny or huge
 * beside n, where the difference of two log_gamma() is not.
 */
extern double log_rising(double x, double n);

/* digamma(x + n) - digamma(x), likewise. */
extern double digamma_rise(double x, double n);

/* ln (Gamma(a) Gamma(b) / Gamma(a + b)), a, b > 0. */
extern double log_beta(double a, double b);

/* (1 - exp(-s * l)) / s for any s, with its limit l at s = 0. */
extern double expm1_ratio(double s, double l);

#endif							/* CV_SPECFUN_H */
