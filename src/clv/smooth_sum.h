/*
 * smooth_sum.h
 *		The sum of a smooth series in a time that hardly depends on how many
 *		terms it has.
 *
 * Terms are positive and fall with i, about like (i + shift)^-power times
 * exp(-rate * i), also between the whole numbers.
 */
#ifndef CV_SMOOTH_SUM_H
#define CV_SMOOTH_SUM_H

#include "common/host.h"

#define SERIES_MAX_VALUES 5

typedef struct SmoothSeries
{
	/* The term at i >= 0 and, after it, whatever is to be summed with it. */
	void		(*term) (const void *context, double i, double *value);
	const void *context;
	int			values;
	double		shift;
	double		power;
	double		rate;
} SmoothSeries;

/* Is the series as smooth as smooth_sum() needs it from its first term on? */
extern bool smooth_enough(double shift, double power, double rate);

/*
 * Fewer terms than this had better be added one by one.  (It takes that many
 * to save time; the method itself needs twice the differences it takes.)
 */
#define SMOOTH_MIN_TERMS 2048

/*
 * Adds the terms of i = 0, 1, ... count - 1 to sum.  The count may be infinite
 * if rate is above 0.
 */
extern void smooth_sum(const SmoothSeries *series, double count, double *sum);

#endif							/* CV_SMOOTH_SUM_H */
