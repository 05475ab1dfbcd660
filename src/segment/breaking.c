/*
 * breaking.c
 *		From the values of customers to a segmentation.
 */
#include "segment/breaking.h"

#include <math.h>

/*
 * The median of the non-zero absolute values: the smallest that at least half
 * of the customers with a value other than zero do not exceed.  Merges the
 * negative values, read backwards, with the positive ones.
 */
static double
median_size(const Distribution *d, Exact *median)
{
	size_t		below = 0;		/* values before this are negative */
	size_t		above;
	int64		all = 0;
	int64		seen = 0;
	size_t		which = 0;
	double		v;

	while (below < d->count && d->value[below] < 0.0)
		below++;
	above = below;
	if (above < d->count && d->value[above] == 0.0)
		above++;
	for (size_t i = 0; i < d->count; i++)
		all += d->value[i] != 0.0 ? d->weight[i] : 0;
	if (all == 0)
	{
		exact_make(1, 0, median);
		return 1.0;
	}
	while (2 * seen < all)
	{
		if (above == d->count ||
			(below > 0 && -d->value[below - 1] <= d->value[above]))
			which = --below;
		else
			which = above++;
		seen += d->weight[which];
	}
	v = fabs(d->value[which]);
	*median = distribution_value(d, which);
	if (median->digits < 0)
		median->digits = -median->digits;
	return v;
}

/* Values on the scale; the caller's array or a new one. */
static double *
scaled_values(const Breaking *breaking, const Distribution *d, Cuts *s)
{
	double	   *scaled;
	double		unit;

	if (breaking->scale == SCALE_LINEAR)
		return d->value;
	unit = median_size(d, &s->unit);
	scaled = cv_alloc(d->count * sizeof(double));
	for (size_t i = 0; i < d->count; i++)
	{
		scaled[i] = asinh(d->value[i] / unit);
		/* should libm's last bit go down where the value goes up */
		if (i > 0 && scaled[i] < scaled[i - 1])
			scaled[i] = scaled[i - 1];
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return scaled;
}

/*
 * The cut point below the value at i: that value where it is known exactly.
 * Otherwise a number between it and the one before, so that no customer
 * changes class because his value, written in decimal, is a little off.
 */
static Exact
cut_point(const Distribution *d, size_t i)
{
	Exact		cut;

	if (d->exact || (!d->rounded && exact_shortest(d->value[i], &cut) <= 15))
		return distribution_value(d, i);
	return exact_between(d->value[i - 1], d->value[i]);
}

static void
summarise(const Distribution *d, const double *scaled, const size_t *first,
		  Cuts *s)
{
	int			k = s->head.k;

	cuts_add_summary(s);
	for (int j = 0; j < k; j++)
	{
		SegmentSummary *one = &s->summary[k - 1 - j];
		size_t		end = j + 1 < k ? first[j + 1] : d->count;

		for (size_t i = first[j]; i < end; i++)
			one->customers += d->weight[i];
		one->total = distribution_sum(d, first[j], end);
		one->lowest = distribution_value(d, first[j]);
		one->highest = distribution_value(d, end - 1);
	}
	breaks_squares(d->value, d->weight, d->count, first, k,
				   &s->raw.total, &s->raw.within);
	s->used = s->raw;
	if (scaled != d->value)
		breaks_squares(scaled, d->weight, d->count, first, k,
					   &s->used.total, &s->used.within);
}

BreaksStatus
breaking_apply(const Breaking *breaking, const Distribution *d, Cuts **result)
{
	int			k = breaking->k;
	size_t	   *first = cv_alloc(k * sizeof(size_t));
	BreaksProblem problem = {.weight = d->weight,.count = d->count,.classes = k};
	BreaksStatus status;
	double	   *scaled;
	Cuts	   *s = cuts_new(breaking->method, k);

	s->scale = breaking->scale;
	scaled = scaled_values(breaking, d, s);
	problem.value = scaled;

	if (breaking->cut_at_zero && k > 1)
	{
		while (problem.cut < d->count && d->value[problem.cut] < 0.0)
			problem.cut++;
		s->has_cut_at = problem.cut > 0 && problem.cut < d->count;
	}
	problem.min_weight = 1;
	if (breaking->min_share > 0.0)
	{
		/* 0.005 as a double is a little more than that */
		problem.min_weight = Max(1, (int64) ceil(breaking->min_share *
												 (double) d->customers * (1.0 - 1e-12)));
		problem.min_weight = breaks_feasible_weight(&problem);
		s->min_customers = problem.min_weight;
	}

	status = breaks_solve(&problem, first);
	if (status == BREAKS_OK)
	{
		for (int j = 1; j < k; j++)
		{
			Exact	   *cut = &s->cut[k - 1 - j];

			if (s->has_cut_at && first[j] == problem.cut)
				*cut = s->cut_at;	/* zero, wherever the first value lies */
			else
				*cut = cut_point(d, first[j]);
		}
		summarise(d, scaled, first, s);
	}
	if (scaled != d->value)
		cv_free(scaled);
	cv_free(first);
	if (status == BREAKS_OK)
		*result = s;
	else
		segmentation_free(&s->head);
	return status;
}
