/*
 * formulas.c
 *		What a customer is worth by formula.
 */
#include "retention/formulas.h"

#include <math.h>

/*
 * With q = r / (1 + d), the sum q + q^2 + ... + q^n is q (1 - q^n) / (1 - q),
 * and q / (1 - q) = r / (1 + d - r).  For q near 1, 1 - q and 1 - q^n are
 * worked out without subtracting what is nearly equal.
 */
double
retention_value(double margin, double retention, double discount_rate,
				double periods, bool now)
{
	double		gap = (1 - retention) + discount_rate;	/* 1 + d - r */
	double		sum;

	if (retention == 0 || periods == 0)
		sum = 0;
	else if (gap == 0)
		sum = periods;
	else
	{
		sum = retention / gap;
		if (isfinite(periods))
			sum *= -expm1(periods * log1p(-gap / (1 + discount_rate)));
	}
	if (margin == 0 && isinf(sum))
		return INFINITY;
	return margin * (now ? 1 + sum : sum);
}

/* Of the share that stays, as much as passes in a year. */
double
annual_rate(double lost, double years)
{
	return lost == 1 ? 1 : -expm1(log1p(-lost) / years);
}
