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
double
chi_square_tail(double x, int degrees)
{
	double		h = x / 2;
	bool		odd = degrees % 2 == 1;
	double		half = exp(-h / 2);
	double		term = odd ? half * 2 * sqrt(h) / sqrt(M_PI) : half;
	double		sum = 0;

	if (!(h > 0))
		return 1;
	for (int i = 0; i < degrees / 2; i++)
	{
		sum += term;
		term *= h / (i + (odd ? 1.5 : 1));
	}
	sum = sum * half + (odd ? erfc(sqrt(h)) : 0);
	return Min(sum, 1);
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
