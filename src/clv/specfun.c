/*
 * specfun.c
 *		The special functions the models need beyond the C library's.
 *
 * Abramowitz and Stegun, Handbook of Mathematical Functions: 6.1.15 (rising
 * products), 6.1.41 (Stirling's series), 6.3.6 and 6.3.18 (digamma).
 */
#include "clv/specfun.h"

#include <math.h>

/* From here on, eight terms of the asymptotic series are exact to a bit. */
#define ASYMPTOTIC 10.0

/* More factors than this are not multiplied one by one. */
#define FEW_FACTORS 32

/* The library's own notes the sign in a global, which nobody here reads. */
double
log_gamma(double x)
{
	return lgamma(x);
}

/* ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2), x >= ASYMPTOTIC. */
static double
stirling_rest(double x)
{
	double		y = 1 / (x * x);

	return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 -
															   y * (1.0 / 1188 - y * (691.0 / 360360 - y / 156)))))) / x;
}

/* ln x - 1 / (2 x) - digamma(x), x >= ASYMPTOTIC. */
static double
digamma_rest(double x)
{
	double		y = 1 / (x * x);

	return y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 -
																  y * (1.0 / 132 - y * (691.0 / 32760 - y / 12))))));
}

double
digamma(double x)
{
	double		below = 0;

	for (; x < ASYMPTOTIC; x += 1)
		below += 1 / x;
	return log(x) - 0.5 / x - digamma_rest(x) - below;
}

/* The logarithm of x (x + 1) ... (x + count - 1). */
static double
log_product(double x, int count)
{
	double		product = 1;
	double		sum = 0;

	for (int i = 0; i < count; i++)
	{
		product *= x + i;
		if (unlikely(product > 1e200 || product < 1e-200))
		{
			sum += log(product);
			product = 1;
		}
	}
	return sum + log(product);
}

double
log_rising(double x, double n)
{
	double		below = 0;

	if (n == floor(n) && n <= FEW_FACTORS)
		return log_product(x, (int) n);
	if (x < ASYMPTOTIC)
	{
		int			factors = (int) ceil(ASYMPTOTIC - x);

		if (n < factors)
			return log_gamma(x + n) - log_gamma(x);
		below = log_product(x, factors);
		x += factors;
		n -= factors;
	}
	return below + (x - 0.5) * log1p(n / x) + n * (log(x + n) - 1) +
		(stirling_rest(x + n) - stirling_rest(x));
}

double
digamma_rise(double x, double n)
{
	double		below = 0;

	if (n == floor(n) && n <= FEW_FACTORS)
	{
		for (int i = 0; i < (int) n; i++)
			below += 1 / (x + i);
		return below;
	}
	if (x < ASYMPTOTIC)
	{
		int			factors = (int) ceil(ASYMPTOTIC - x);

		if (n < factors)
			return digamma(x + n) - digamma(x);
		for (int i = 0; i < factors; i++)
			below += 1 / (x + i);
		x += factors;
		n -= factors;
	}
	return below + log1p(n / x) + 0.5 * (n / (x + n)) / x -
		(digamma_rest(x + n) - digamma_rest(x));
}

double
log_beta(double a, double b)
{
	double		small = Min(a, b);
	double		large = Max(a, b);

	return log_gamma(small) - log_rising(large, small);
}

double
expm1_ratio(double s, double l)
{
	double		z = s * l;

	/* Below, the second term of the series is all that a double can tell. */
	if (fabs(z) < 1e-8)
		return l * (1 - 0.5 * z);
	return -expm1(-z) / s;
}
