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

/* asinh(value / unit), the unit being the median size. */
static void
scale_asinh(const Distribution *d, Cuts *s, double *scaled)
{
	double		unit = median_size(d, &s->unit);

	for (size_t i = 0; i < d->count; i++)
	{
		scaled[i] = value_on_asinh_scale(d->value[i], unit);
		/* should libm's last bit go down where the value goes up */
		if (i > 0 && scaled[i] < scaled[i - 1])
			scaled[i] = scaled[i - 1];
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
}

/* Ranks from 1, ascending; equal values share the mean of theirs. */
static void
scale_rank(const Distribution *d, double *scaled)
{
	int64		before = 0;

	for (size_t i = 0; i < d->count; i++)
	{
		scaled[i] = (double) before + (double) (d->weight[i] + 1) / 2.0;
		before += d->weight[i];
	}
}

/* Values on the scale of a segmentation; those of d or a new array. */
static double *
scaled_values(const Distribution *d, Cuts *s)
{
	double	   *scaled;

	if (s->scale == SCALE_LINEAR)
		return d->value;
	scaled = cv_alloc(d->count * sizeof(double));
	if (s->scale == SCALE_ASINH)
		scale_asinh(d, s, scaled);
	else
		scale_rank(d, scaled);
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
	/* below the lowest: only share_breaks cuts there, where all gain */
	return exact_between(i > 0 ? d->value[i - 1] : 0.0, d->value[i]);
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

		if (first[j] == end)
			continue;
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

void
cuts_from_classes(Cuts *s, const Distribution *d, const double *scaled,
				  const size_t *first, size_t cut)
{
	int			k = s->head.k;

	for (int j = 1; j < k; j++)
	{
		/* the forced one is what it is, wherever the first value lies */
		s->cut[k - 1 - j] = s->has_cut_at && first[j] == cut ?
			s->cut_at : cut_point(d, first[j]);
	}
	summarise(d, scaled, first, s);
}

/* The first value that is not below a number. */
static size_t
first_not_below(const Distribution *d, Exact number)
{
	size_t		low = 0;
	size_t		high = d->count;

	while (low < high)
	{
		size_t		mid = low + (high - low) / 2;

		if (exact_compare(distribution_value(d, mid), number) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The least number of customers asked for; 0 if none was. */
static int64
asked_weight(const Breaking *breaking, const Distribution *d)
{
	double		least;

	if (breaking->min_share <= 0.0)
		return breaking->min_customers;
	/* 0.005 as a double is a little more than that */
	least = ceil(breaking->min_share * (double) d->customers * (1.0 - 1e-12));
	return Max(Max(breaking->min_customers, 1), (int64) least);
}

/* The best partition into problem->classes. */
static BreaksStatus
solve_one(const Breaking *breaking, BreaksProblem *problem, BreaksSums *sums,
		  int64 customers, size_t *first, double *within, BreakingFailure *failure)
{
	int			k = problem->classes;
	size_t		cut = problem->cut;
	bool		has_cut = k > 1 && cut > 0 && cut < problem->count;
	BreaksStatus status;

	problem->cut = has_cut ? cut : 0;
	if (breaking->gives_way)
		problem->min_weight = breaks_feasible_weight(problem);
	status = breaks_solve_with(sums, problem, first, within);
	/* too few in a class is fine beside a cut, but not without one */
	if (status == BREAKS_OK && !has_cut && !breaking->gives_way &&
		problem->min_weight > customers)
		status = BREAKS_TOO_LIGHT;
	failure->k = k;
	failure->asked = problem->min_weight;
	if (status == BREAKS_TOO_LIGHT)
		failure->possible = Min(breaks_feasible_weight(problem), customers);
	problem->cut = cut;
	return status;
}

/* Marriott's number of classes of a range, and where they start. */
static BreaksStatus
solve(const Breaking *breaking, BreaksProblem *problem, int64 asked, int64 customers,
	  size_t *first, int *k, int64 *min_weight, BreakingFailure *failure)
{
	size_t	   *found = cv_alloc(breaking->most * sizeof(size_t));
	BreaksSums *sums = breaks_sums_open();
	double		least = HUGE_VAL;
	BreaksStatus status = BREAKS_TOO_LIGHT;

	*k = 0;
	for (problem->classes = breaking->k; problem->classes <= breaking->most; problem->classes++)
	{
		double		within = 0.0;
		double		criterion;

		problem->min_weight = Max(asked, 1);
		status = solve_one(breaking, problem, sums, customers, found, &within, failure);

		/*
		 * More classes are not easier to form than fewer.  Only the two sides
		 * of a cut always are, where all together are too few for one.
		 */
		if (status == BREAKS_TOO_LIGHT && problem->classes == 1 &&
			problem->cut > 0 && problem->cut < problem->count)
			continue;
		if (status != BREAKS_OK)
			break;
		criterion = within * problem->classes * problem->classes;
		/* equally good ones may differ in the last bits */
		if (*k == 0 || criterion < least * (1.0 - 1e-12))
		{
			least = criterion;
			*k = problem->classes;
			*min_weight = problem->min_weight;
			memcpy(first, found, *k * sizeof(size_t));
		}
	}
	breaks_sums_close(sums);
	cv_free(found);
	return *k > 0 && status != BREAKS_TOO_LARGE ? BREAKS_OK : status;
}

BreaksStatus
breaking_apply(const Breaking *breaking, const Distribution *d, Cuts **result,
			   BreakingFailure *failure)
{
	Cuts	   *s = cuts_new(breaking->method, breaking->most);
	size_t	   *first = cv_alloc(breaking->most * sizeof(size_t));
	BreaksProblem problem = {.weight = d->weight,.count = d->count};
	int64		asked = asked_weight(breaking, d);
	int64		min_weight = 0;
	BreaksStatus status;
	double	   *scaled;

	s->scale = breaking->scale;
	scaled = scaled_values(d, s);
	problem.value = scaled;
	if (breaking->has_cut_at)
		problem.cut = first_not_below(d, breaking->cut_at);
	status = solve(breaking, &problem, asked, d->customers, first, &s->head.k,
				   &min_weight, failure);
	if (status == BREAKS_OK)
	{
		s->has_cut_at = s->head.k > 1 && problem.cut > 0 && problem.cut < d->count;
		if (s->has_cut_at)
			s->cut_at = breaking->cut_at;
		if (asked > 0)
			s->min_customers = min_weight;
		cuts_from_classes(s, d, scaled, first, problem.cut);
		*result = s;
	}
	else
		segmentation_free(&s->head);
	if (scaled != d->value)
		cv_free(scaled);
	cv_free(first);
	return status;
}
