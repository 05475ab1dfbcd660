/*
 * tails.c
 *		Probabilities in the tails.
 */
#include "common/tails.h"

#include <math.h>

/*
 * With h = x / 2 and whole degrees k the tail is a finite sum of positive
 * terms, so nothing cancels (Abramowitz and Stegun, 26.4.4 and 26.4.5):
 *
 *		k even:	exp(-h) (1 + h + h^2/2! + ... up to the power k/2 - 1)
 *		k odd:	erfc(sqrt(h)) + exp(-h) (h^(1/2)/Gamma(3/2) + h^(3/2)/Gamma(5/2)
 *				+ ... up to the power k/2 - 1)
 *
 * The factor exp(-h) is applied in two halves: half of it keeps the powers
 * from overflowing, and so does not underflow before they have grown.
 */
static double
finite_sum_tail(double x, int degrees)
{
	double		h = x / 2;
	bool		odd = degrees % 2 == 1;
	double		half = exp(-h / 2);
	double		term = odd ? half * 2 * sqrt(h) / sqrt(M_PI) : half;
	double		sum = 0;

	for (int i = 0; i < degrees / 2; i++)
	{
		sum += term;
		term *= h / (i + (odd ? 1.5 : 1));
	}
	sum = sum * half + (odd ? erfc(sqrt(h)) : 0);
	return Min(sum, 1);
}

/* Beyond so many degrees of freedom the sum is long, and exp(-h/2) may be zero. */
#define FINITE_SUM_DEGREES 500

/*
 * ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2), x > 0: Stirling's series
 * from 16 on, and below by what each step of the recurrence adds.
 */
static double
stirling_rest(double x)
{
	static const double term[] = {
		1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188,
		-691.0 / 360360, 1.0 / 156, -3617.0 / 122400
	};
	double		steps = 0;
	double		series = 0;

	for (; x < 16; x++)
		steps += (x + 0.5) * log1p(1 / x) - 1;
	for (int i = (int) lengthof(term) - 1; i >= 0; i--)
		series = series / (x * x) + term[i];
	return series / x + steps;
}

/* x - ln(1 + x), x > -1, without the loss near zero. */
static double
less_log1p(double x)
{
	double		r = x / (2 + x);
	double		square = r * r;
	double		sum = 0;

	if (fabs(x) > 0.25)
		return x - log1p(x);
	/* ln(1 + x) = 2 (r + r^3/3 + r^5/5 + ...), and x - 2 r = r x */
	for (int k = 23; k >= 3; k -= 2)
		sum = sum * square + 1.0 / k;
	return r * x - 2 * r * square * sum;
}

/*
 * The gamma distribution's tail, Q(a, h), for a > 100: the density at h, which
 * by Stirling's formula is that at the mode times exp(-a (r - ln(1 + r))) with
 * r = (h - a) / a, and beyond it Legendre's continued fraction, before it the
 * power series of the other side.
 */
static double
gamma_tail(double a, double h)
{
	double		density = exp(-a * less_log1p((h - a) / a) - stirling_rest(a)) * sqrt(a / (2 * M_PI));

	if (h < a + 1)
	{
		double		term = density / a;
		double		sum = term;

		for (double n = 1; term > sum * 1e-17; n++)
			sum += term *= h / (a + n);
		return Max(1 - sum, 0);
	}
	else
	{
		/* by Lentz's method: b + a1 / (b + 2 + a2 / (b + 4 + ... */
		double		b = h + 1 - a;
		double		c = INFINITY;
		double		d = 1 / b;
		double		fraction = d;
		double		step = 0;

		for (double n = 1; fabs(step - 1) > 1e-16 && n < 1e7; n++)
		{
			double		numerator = -n * (n - a);

			b += 2;
			d = 1 / (numerator * d + b);
			c = b + numerator / c;
			step = c * d;
			fraction *= step;
		}
		return Min(density * fraction, 1);
	}
}

double
chi_square_tail(double x, int64 degrees)
{
	if (!(x > 0))
		return 1;
	if (isinf(x))
		return 0;
	if (degrees <= FINITE_SUM_DEGREES)
		return finite_sum_tail(x, (int) degrees);
	return gamma_tail((double) degrees / 2, x / 2);
}

/*
 * The continued fraction of Didonato and Morris (1992, equation 9) for the
 * incomplete beta function I_y(b, a), less its factor y^b x^a / B(a, b); for y
 * not above its mean.  lambda = b - (a + b) y, given as what it is: the
 * difference would have lost its digits.
 */
static double
beta_fraction(double b, double a, double y, double lambda)
{
	double		x = 1 - y;
	double		beta = b / (b + 1) * (lambda + 1);
	double		c = INFINITY;
	double		d = 1 / beta;
	double		fraction = d;
	double		step = 0;

	/* 1 / (beta_1 + alpha_1 / (beta_2 + alpha_2 / (beta_3 ... */
	for (double n = 1; fabs(step - 1) > 1e-16 && n < 1e7; n++)
	{
		double		at = b + 2 * n - 1;
		double		alpha = (b + n - 1) / at * ((a + b + n - 1) / at) * n * (a - n) * y * y;

		beta = n + n * (a - n) * y / at + (b + n) / (at + 2) * (lambda + 1 + n * (1 + x));
		d = 1 / (alpha * d + beta);
		c = beta + alpha / c;
		step = c * d;
		fraction *= step;
	}
	return fraction;
}

/*
 * With a and b half the degrees of freedom, x = a f / (a f + b), y = 1 - x,
 * the tail is I_y(b, a), and the other side I_x(a, b).  Their common factor,
 * again by Stirling's formula, is that at f = 1 times
 *
 *		exp(a ln f - (a + b) ln(1 + (f - 1) a / (a + b)))
 *
 * in which nothing is lost where b is large and y next to 1.
 */
double
f_tail(double f, double degrees1, double degrees2)
{
	double		a = degrees1 / 2;
	double		b = degrees2 / 2;
	double		share = a / (a + b);
	double		below;			/* 1 + (f - 1) share */
	double		exponent;
	double		factor;

	if (!(f > 0))
		return 1;
	if (isinf(f))
		return 0;
	below = 1 + (f - 1) * share;
	if (fabs(f - 1) < 0.25)
		/* the first terms of both logarithms cancel */
		exponent = (a + b) * less_log1p((f - 1) * share) - a * less_log1p(f - 1);
	else if (a < b)
		exponent = a * log(f) - (a + b) * log1p((f - 1) * share);
	else
		/* the same, turned round: the smaller one of two differences */
		exponent = -b * log(f) - (a + b) * log1p((1 / f - 1) * (b / (a + b)));
	exponent += stirling_rest(a + b) - stirling_rest(a) - stirling_rest(b);
	factor = exp(exponent) * sqrt(a * (b / (a + b)) / (2 * M_PI));
	if (f >= 1)
	{
		double		y = b / (a + b) / below;

		return Min(factor * beta_fraction(b, a, y, share * b * (f - 1) / below), 1);
	}
	else
	{
		double		x = share * f / below;

		return Max(1 - factor * beta_fraction(a, b, x, share * b * (1 - f) / below), 0);
	}
}

/*
 * Newton's method for log erfc(z / sqrt(2)) = log(1 - level): the left side
 * is concave and falls, so from the right of the solution every step stays to
 * the right of it.
 */
double
normal_bound(double level)
{
	double		target = log1p(-level);
	double		z = sqrt(-2 * target);

	/* erfc(z / sqrt(2)) <= exp(-z^2 / 2), so this start is on the right */
	for (int i = 0; i < 100; i++)
	{
		double		tail = erfc(z / M_SQRT2);
		double		slope = -sqrt(2 / M_PI) * exp(-z * z / 2) / tail;
		double		step = (log(tail) - target) / slope;

		z -= step;
		if (fabs(step) <= 1e-15 * z)
			break;
	}
	return z;
}
