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

/* ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2), x >= 10. */
extern double stirling_rest(double x);

/* ln x - 1 / (2 x) - digamma(x), x >= 10. */
extern double digamma_rest(double x);

/*
 * ln (Gamma(x + n) / Gamma(x)), x > 0, n >= 0; accurate when x is tiny or huge
 * beside n, where the difference of two log_gamma() is not.
 */
extern double log_rising(double x, double n);

/* digamma(x + n) - digamma(x), likewise. */
extern double digamma_rise(double x, double n);

/*
 * ln of (x + h) (x + h + 1) ... (x + h + n - 1) / (x (x + 1) ... (x + n - 1)),
 * which is symmetric in h and n; x > 0, x + h > 0, n >= 0, h may be negative.
 * Accurate to the last digits even where the two products are nearly equal.
 */
extern double log_rising_ratio(double x, double h, double n);

/*
 * digamma_rise(x, n) - digamma_rise(x + h, n), likewise: the derivative of
 * log_rising_ratio() by x, its sign turned.
 */
extern double digamma_rise_drop(double x, double h, double n);

/* ln(1 + x) - x, x > -1, without the loss near 0. */
extern double log1p_less(double x);

/* ln(1 + a / b), a, b > 0, where a / b may be out of range. */
extern double log1p_ratio(double a, double b);

/* ln(exp(a) + exp(b)); either may be minus infinity. */
extern double log_sum_exp(double a, double b);

/* ln (Gamma(a) Gamma(b) / Gamma(a + b)), a, b > 0. */
extern double log_beta(double a, double b);

/* (1 - exp(-s * l)) / s for any s, with its limit l at s = 0. */
extern double expm1_ratio(double s, double l);

#endif							/* CV_SPECFUN_H */
