/*
 * smooth_sum.c
 *		The sum of a smooth series in a time that hardly depends on how many
 *		terms it has.
 *
 * Gregory's formula: the sum is the integral from the first term to the last
 * plus, at each end, half the term there, 1/12 of the difference to its
 * neighbour, 1/24 of the second difference and so on.  The integral is taken
 * over the logarithm of (i + shift) / shift, in which a power is as smooth as
 * can be.
 */
#include "clv/smooth_sum.h"

#include <math.h>

#include "clv/quadrature.h"

/* Gregory's coefficients (of 1 / t + 1 / ln(1 - t), by powers of t). */
#define DIFFERENCES 10

static const double gregory[DIFFERENCES] = {
	1.0 / 2, 1.0 / 12, 1.0 / 24, 19.0 / 720, 3.0 / 160, 863.0 / 60480,
	275.0 / 24192, 33953.0 / 3628800, 8183.0 / 1036800, 3250433.0 / 479001600
};

/* What is less than this part of the sum does not change it. */
#define NEGLIGIBLE 1e-20

/* Panels are no longer, and the terms fall by no more than this within one. */
#define LONGEST_PANEL 2.5
#define STRETCH_FALL 8.0

/*
 * A difference is about this many times the one before it, or less.  The
 * first one left out is then 1e-13 of a term, times its coefficient.
 */
#define DIFFERENCE_RATIO 0.05

bool
smooth_enough(double shift, double power, double rate)
{
	return (power + DIFFERENCES) / shift + rate <= DIFFERENCE_RATIO;
}

/* Gregory's terms at one end: first is there, the others step away from it. */
static void
add_end(const SmoothSeries *series, double first, double step, double *sum)
{
	double		value[DIFFERENCES][SERIES_MAX_VALUES];

	for (int i = 0; i < DIFFERENCES; i++)
		series->term(series->context, first + step * i, value[i]);
	for (int k = 0; k < DIFFERENCES; k++)
		for (int v = 0; v < series->values; v++)
		{
			sum[v] += gregory[k] * value[0][v];
			for (int i = 0; i < DIFFERENCES - 1 - k; i++)
				value[i][v] -= value[i + 1][v];
		}
}

static void
add_panel(const SmoothSeries *series, double y, double length, double *sum)
{
	double		value[SERIES_MAX_VALUES];

	for (int i = 0; i < GAUSS_NODES; i++)
	{
		double		at = y + length * gauss_node[i];
		double		weight = gauss_weight[i] * length * series->shift * exp(at);

		series->term(series->context, series->shift * expm1(at), value);
		for (int v = 0; v < series->values; v++)
			sum[v] += weight * value[v];
	}
}

static double
panel_length(const SmoothSeries *series, double y)
{
	double		length = Min(LONGEST_PANEL, STRETCH_FALL / (series->power + 1));

	while ((series->power + 1) * length +
		   series->rate * series->shift * exp(y) * expm1(length) > STRETCH_FALL)
		length *= 0.75;
	return length;
}

void
smooth_sum(const SmoothSeries *series, double count, double *sum)
{
	double		last = count - 1;
	double		y = 0;
	double		end = isinf(count) ? INFINITY : log1p(last / series->shift);
	double		value[SERIES_MAX_VALUES];

	Assert(series->rate > 0 || !isinf(count));
	add_end(series, 0, 1, sum);
	while (y < end)
	{
		double		length = panel_length(series, y);
		double		i;

		cv_check_interrupts();
		length = Min(length, end - y);
		if (!(y + length > y))
			break;				/* beyond the range of a double */
		add_panel(series, y, length, sum);
		y += length;

		/* Terms fall: no more is left than this one many times. */
		i = series->shift * expm1(y);
		if (y >= end || i >= last)
			break;
		series->term(series->context, i, value);
		if (value[0] * Min(last - i, 1 + 1 / series->rate) <= NEGLIGIBLE * sum[0])
			return;
	}
	if (!isinf(count))
		add_end(series, last, -1, sum);
}
