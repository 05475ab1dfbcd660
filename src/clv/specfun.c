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

double
stirling_rest(double x)
{
	double		y = 1 / (x * x);

	return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 -
															   y * (1.0 / 1188 - y * (691.0 / 360360 - y / 156)))))) / x;
}

double
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

/*
 * The Stirling series without its leading factors, as polynomials in
 * y = 1 / x^2, lowest power first: stirling_rest() is P(y) / x, and
 * digamma_rest() is y P(y).
 */
#define SERIES_TERMS 7

static const double stirling_series[SERIES_TERMS] = {
	1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188,
	-691.0 / 360360, 1.0 / 156
};
static const double digamma_series[SERIES_TERMS] = {
	1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132,
	-691.0 / 32760, 1.0 / 12
};

/*
 * P(y0), and how steeply P runs from there to y1: (P(y1) - P(y0)) / (y1 - y0),
 * which a subtraction would lose if they are close.
 */
static double
series_and_slope(const double *series, double y0, double y1, double *slope)
{
	double		value = series[SERIES_TERMS - 1];

	*slope = 0;
	for (int i = SERIES_TERMS - 2; i >= 0; i--)
	{
		*slope = *slope * y1 + value;
		value = value * y0 + series[i];
	}
	return value;
}

/* stirling_rest(x + h) - stirling_rest(x), for any small h. */
static double
stirling_rest_rise(double x, double h)
{
	double		z0 = 1 / x;
	double		z1 = 1 / (x + h);
	double		slope;
	double		value = series_and_slope(stirling_series, z0 * z0, z1 * z1, &slope);

	return -h * z0 * z1 * (value + z1 * (z0 + z1) * slope);
}

/* digamma_rest(x + h) - digamma_rest(x), for any small h. */
static double
digamma_rest_rise(double x, double h)
{
	double		z0 = 1 / x;
	double		z1 = 1 / (x + h);
	double		slope;
	double		value = series_and_slope(digamma_series, z0 * z0, z1 * z1, &slope);

	return -h * z0 * z1 * (z0 + z1) * (value + z1 * z1 * slope);
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
	for (; x < ASYMPTOTIC; x += 1)
		below += n / (x + n) / x;
	return below + log1p(n / x) + 0.5 * (n / (x + n)) / x -
		digamma_rest_rise(x, n);
}

/* 1/x - 1/(x+h) - 1/(x+n) + 1/(x+h+n), from factors of one sign. */
static double
inverse_rise_drop(double x, double h, double n)
{
	return n / (x + n) * (h / (x + h)) * ((2 * x + h + n) / (x + h + n)) / x;
}

/*
 * Stirling's formula for all four gamma functions, its terms paired so that
 * each pair is small when h or n is; below ASYMPTOTIC, all four are first
 * moved up by the same whole number.
 */
double
log_rising_ratio(double x, double h, double n)
{
	double		below = 0;
	double		product = 0;	/* of the factors moved, less 1 */
	double		rest;
	double		joint;

	if (h > 0 && h < n)
	{
		double		swap = h;

		h = n;
		n = swap;
	}
	if (n == 0 || h == 0)
		return 0;
	while (x < ASYMPTOTIC || x + h < ASYMPTOTIC)
	{
		double		excess = h / x * (n / (x + h + n));

		if (unlikely(excess > 1e100))
			below += log(h) - log(x) + log(n / (x + h + n));
		else
			product += excess + product * excess;
		if (unlikely(product > 1e100))
		{
			below += log1p(product);
			product = 0;
		}
		x += 1;
	}
	below += log1p(product);
	if (fabs(h) < n)
		rest = stirling_rest_rise(x + n, h) - stirling_rest_rise(x, h);
	else
		rest = stirling_rest_rise(x + h, n) - stirling_rest_rise(x, n);
	joint = h / (x + h) * (n / (x + n));
	joint = joint < 0.5 ? log1p(-joint) : log(x / (x + h) * ((x + h + n) / (x + n)));
	return below + (x - 0.5) * joint + h * log1p(n / (x + h)) +
		n * log1p(h / (x + n)) + rest;
}

double
digamma_rise_drop(double x, double h, double n)
{
	double		below = 0;
	double		rest;

	while (x < ASYMPTOTIC || x + h < ASYMPTOTIC)
	{
		below += inverse_rise_drop(x, h, n);
		x += 1;
	}
	if (fabs(h) < n)
		rest = digamma_rest_rise(x + n, h) - digamma_rest_rise(x, h);
	else
		rest = digamma_rest_rise(x + h, n) - digamma_rest_rise(x, n);
	return below + log1p(h / x * (n / (x + h + n))) +
		0.5 * inverse_rise_drop(x, h, n) + rest;
}

/* Near 0 by the series of atanh: ln(1 + x) = 2 atanh(x / (2 + x)). */
double
log1p_less(double x)
{
	double		r;
	double		y;

	if (fabs(x) > 0.25)
		return log1p(x) - x;
	r = x / (2 + x);
	y = r * r;
	return -x * r + 2 * r * y * (1.0 / 3 + y * (1.0 / 5 + y * (1.0 / 7 +
															   y * (1.0 / 9 + y * (1.0 / 11 + y * (1.0 / 13 +
																								   y * (1.0 / 15 + y / 17)))))));
}

double
log1p_ratio(double a, double b)
{
	double		ratio = a / b;

	return ratio < 1e300 ? log1p(ratio) : log(a) - log(b);
}

double
log_sum_exp(double a, double b)
{
	double		high = Max(a, b);
	double		low = Min(a, b);

	if (low == -INFINITY)
		return high;
	return high + log1p(exp(low - high));
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
