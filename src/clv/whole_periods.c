/*
 * whole_periods.c
 *		Lifetimes counted in whole periods whose chance to end differs between
 *		customers by a beta distribution.
 *
 * With a = ends and b = stays, P(survives k periods) is
 * B(a, b + k) / B(a, b) = (b)_k / (a + b)_k, in rising factorials.
 */
#include "clv/whole_periods.h"

#include <math.h>

#include "clv/smooth_sum.h"
#include "clv/specfun.h"

/* Between two looks at whether what is left still matters. */
#define BLOCK 32

#define NEGLIGIBLE 1e-20

double
log_survival(double ends, double stays, double periods)
{
	return -log_rising_ratio(stays, ends, periods);
}

/*
 * Rate 0: (a + b - 1) / (a - 1) - b / (a - 1) * (b + 1)_(n-1) / (a + b)_(n-1),
 * put so that it does not cancel at any a, 1 included.
 */
static double
undiscounted_survivals(double ends, double stays, double periods)
{
	double		more = ends - 1;

	if (periods <= 0)
		return 0;
	if (isinf(periods))
		return ends > 1 ? 1 + stays / more : INFINITY;
	if (more == 0)
		return 1 + stays * digamma_rise(stays + 1, periods - 1);
	return 1 - stays * expm1(-log_rising_ratio(stays + 1, more, periods - 1)) / more;
}

typedef struct SurvivalSeries
{
	double		ends;
	double		stays;
	double		rate;
	double		first;
} SurvivalSeries;

static void
survival_term(const void *context, double i, double *value)
{
	const SurvivalSeries *s = context;

	value[0] = s->first *
		exp(-log_rising_ratio(s->stays, s->ends, i) - s->rate * i);
}

/*
 * As 2F1(1, b; a + b; exp(-rate)), whose terms these are.  They are added one
 * by one until they fall slowly, and then by Gregory's formula: near rate 0
 * there are billions that count.
 */
static double
discounted_survivals(double ends, double stays, double periods, double rate)
{
	double		factor = exp(-rate);
	double		most = 1 + 1 / rate;	/* a series of ones, so discounted */
	double		sum = 0;
	double		term = 1;
	double		i = 0;

	while (i < periods)
	{
		double		left = periods - i;
		double		block = i + Min(left, BLOCK);

		if (left >= SMOOTH_MIN_TERMS && smooth_enough(stays + i, ends, rate))
		{
			SurvivalSeries tail = {ends, stays + i, rate, term};
			SmoothSeries series = {survival_term, &tail, 1, stays + i, ends, rate};

			smooth_sum(&series, left, &sum);
			return sum;
		}
		cv_check_interrupts();
		for (; i < block; i++)
		{
			sum += term;
			term *= factor * ((stays + i) / (ends + stays + i));
		}
		if (term * Min(left, most) <= NEGLIGIBLE * sum)
			break;
	}
	return sum;
}

double
expected_survivals(double ends, double stays, double periods, double rate)
{
	double		whole = floor(periods);
	double		sum;

	if (rate > 0)
		sum = discounted_survivals(ends, stays, whole, rate);
	else
		sum = undiscounted_survivals(ends, stays, whole);
	if (periods > whole)
		sum += (periods - whole) *
			exp(log_survival(ends, stays, whole) - rate * whole);
	return sum;
}

double
expected_lifetime(double ends, double stays, double time, double rate)
{
	double		whole = floor(time);
	double		lived;

	lived = expm1_ratio(rate, 1) * expected_survivals(ends, stays, whole, rate);
	if (time > whole)
		lived += expm1_ratio(rate, time - whole) *
			exp(log_survival(ends, stays, whole) - rate * whole);
	return lived;
}
