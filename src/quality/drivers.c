/*
 * drivers.c
 *		Screening attributes.
 *
 * Each attribute divides the customers into levels: its categories, or up to
 * ten classes of its numbers with about equally many customers, so that a
 * driver is found whatever shape its effect has; customers of whom it is not
 * known are a level of their own.  How much of the value lies between levels is
 * measured and tested on ranks, for money is heavy-tailed: one huge customer
 * would make whatever he is alone in look like a driver.
 */
#include "quality/drivers.h"

#include <math.h>

#include "common/tails.h"
#include "common/twofold.h"
#include "quality/rank_correlation.h"
#include "segment/values.h"

/* What is the same for all attributes. */
typedef struct Subject
{
	size_t		count;
	int64	   *rank;			/* centred, doubled */
	double		rank_squares;
	double		rank_fourths;
	double	   *deviation;		/* of values from their mean */
	double		squares;
} Subject;

/* One attribute. */
typedef struct Levels
{
	int			count;			/* those that have customers */
	int32	   *of_row;
	int64	   *customers;
	double	   *rank_sum;		/* exact as long as they are below 2^53 */
	double	   *deviation_sum;
} Levels;

static void
subject_open(Subject *s, const Frame *frame)
{
	size_t		n = frame->count;
	Twofold		sum = {0, 0};
	i128		squares = 0;

	memset(s, 0, sizeof(Subject));
	s->count = n;
	s->rank = cv_alloc(n * sizeof(int64));
	s->deviation = cv_alloc(n * sizeof(double));
	centred_ranks(frame->target, n, s->rank);
	for (size_t i = 0; i < n; i++)
	{
		Twofold		v = {frame->target[i], 0};

		sum = twofold_add(sum, v);
	}
	sum = twofold_divide(sum, (double) n);
	for (size_t i = 0; i < n; i++)
	{
		double		rank = (double) s->rank[i];

		squares += (i128) s->rank[i] * s->rank[i];
		s->rank_fourths += rank * rank * (rank * rank);
		s->deviation[i] = frame->target[i] - sum.hi - sum.lo;
		s->squares += s->deviation[i] * s->deviation[i];
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	s->rank_squares = (double) squares;
}

static void
subject_close(Subject *s)
{
	cv_free(s->rank);
	cv_free(s->deviation);
}

/*
 * Levels
 */

/*
 * The lower bounds of all classes but the first; returns how many.  Up to ten
 * different numbers are a class each.  Otherwise a number belongs to the tenth
 * of the customers that the middle one of those who have it belongs to: so
 * equal numbers stay together, wherever they are frequent.
 */
static int
class_bounds(const Feature *f, size_t count, double *bound)
{
	Values		known = {0};
	int			distinct = 1;
	int			bounds = 0;
	size_t		before = 0;

	known.room = count;
	known.value = cv_alloc(count * sizeof(double));
	for (size_t i = 0; i < count; i++)
	{
		if (!isnan(f->number[i]))
			values_add(&known, f->number[i]);
	}
	values_sort(&known);
	for (size_t i = 1; i < known.count && distinct <= DRIVER_MAX_BINS; i++)
		distinct += known.value[i] != known.value[i - 1];
	for (size_t begin = 0, end; begin < known.count; begin = end)
	{
		size_t		class;

		for (end = begin + 1; end < known.count && known.value[end] == known.value[begin];)
			end++;
		class = (begin + end) * DRIVER_MAX_BINS / (2 * known.count);
		if (begin > 0 && (distinct <= DRIVER_MAX_BINS || class != before))
			bound[bounds++] = known.value[begin];
		before = class;
	}
	cv_free(known.value);
	return bounds;
}

/* The level of each row, from 0 with missing first; returns how many there are. */
static int
find_levels(const Feature *f, size_t count, int32 *level)
{
	double		bound[DRIVER_MAX_BINS];
	int			bounds;

	if (f->kind == FEATURE_CATEGORY)
	{
		for (size_t i = 0; i < count; i++)
			level[i] = f->category[i] - CATEGORY_MISSING;
		return f->categories.count + 1;
	}
	if (f->kind == FEATURE_UNKNOWN)
	{
		memset(level, 0, count * sizeof(int32));
		return 1;
	}
	bounds = class_bounds(f, count, bound);
	for (size_t i = 0; i < count; i++)
	{
		level[i] = !isnan(f->number[i]);
		for (int j = 0; j < bounds && f->number[i] >= bound[j]; j++)
			level[i]++;
	}
	return bounds + 2;
}

static void
levels_open(Levels *levels, const Feature *f, const Subject *s)
{
	int			all;

	memset(levels, 0, sizeof(Levels));
	levels->of_row = cv_alloc(s->count * sizeof(int32));
	all = find_levels(f, s->count, levels->of_row);
	levels->customers = cv_alloc((size_t) all * sizeof(int64));
	levels->rank_sum = cv_alloc((size_t) all * sizeof(double));
	levels->deviation_sum = cv_alloc((size_t) all * sizeof(double));
	for (int i = 0; i < all; i++)
	{
		levels->customers[i] = 0;
		levels->rank_sum[i] = levels->deviation_sum[i] = 0;
	}
	for (size_t i = 0; i < s->count; i++)
	{
		int32		level = levels->of_row[i];

		levels->customers[level]++;
		levels->rank_sum[level] += (double) s->rank[i];
		levels->deviation_sum[level] += s->deviation[i];
	}
	levels->count = all;
}

static void
levels_close(Levels *levels)
{
	cv_free(levels->of_row);
	cv_free(levels->customers);
	cv_free(levels->rank_sum);
	cv_free(levels->deviation_sum);
}

/* Levels that nobody has are left out. */
static void
drop_empty(Levels *levels)
{
	int			kept = 0;

	for (int i = 0; i < levels->count; i++)
	{
		if (levels->customers[i] == 0)
			continue;
		levels->customers[kept] = levels->customers[i];
		levels->rank_sum[kept] = levels->rank_sum[i];
		levels->deviation_sum[kept] = levels->deviation_sum[i];
		kept++;
	}
	levels->count = kept;
}

static double
share_between(const Levels *levels, const double *sum, double squares)
{
	double		between = 0;

	for (int i = 0; i < levels->count; i++)
		between += sum[i] * sum[i] / (double) levels->customers[i];
	return squares > 0 ? Min(between / squares, 1) : 0;
}

/*
 * The variance of the share between if levels were dealt out to customers at
 * random: moments of sums of draws without replacement, in units in which the
 * mean square of the ranks is 1/n.  E with indices is the expectation of the
 * product of so many different draws to these powers.
 */
static double
variance_by_chance(const Levels *levels, const Subject *s)
{
	double		n = (double) s->count;
	double		k = levels->count;
	double		fourths = s->rank_fourths / s->rank_squares / s->rank_squares;
	double		e4 = fourths / n;
	double		e31 = -e4 / (n - 1);
	double		e22 = (1 - fourths) / n / (n - 1);
	double		e211 = n > 2 ? (2 * fourths - 1) / n / (n - 1) / (n - 2) : 0;
	double		e1111 = n > 3 ? (3 - 6 * fourths) / n / (n - 1) / (n - 2) / (n - 3) : 0;
	double		mean = (k - 1) / (n - 1);
	double		others = (n - k) * (n - k);
	double		square = k * (k - 1) * e22 + 2 * (k - 1) * (n - k) * e211;

	for (int i = 0; i < levels->count; i++)
	{
		double		m = (double) levels->customers[i];

		square += (e4 + (m - 1) * (4 * e31 + 3 * e22 + (m - 2) * (6 * e211 + (m - 3) * e1111))) / m;
		others -= (m - 1) * (m - 1);
	}
	return square + others * e1111 - mean * mean;
}

/*
 * The test of Kruskal and Wallis (1952), with ties, by the approximation they
 * prefer to chi-square: a beta distribution with the mean and the variance
 * that the share between has by chance, so that it is right for levels of
 * single customers, too.  A beta distribution is one of F in disguise.
 */
static void
test_ranks(Driver *d, const Levels *levels, const Subject *s, double share)
{
	double		mean = (levels->count - 1) / ((double) s->count - 1);
	double		variance = variance_by_chance(levels, s);
	double		weight;

	/* what rounding leaves of none is none */
	if (!(variance > 1e-12 * mean * mean / (double) s->count))
		return;
	weight = mean * (1 - mean) / variance - 1;
	if (!(weight > 0))
		return;
	d->tested = true;
	d->degrees1 = 2 * mean * weight;
	d->degrees2 = 2 * (1 - mean) * weight;
	if (share < 1)
		d->f = share / mean / ((1 - share) / (1 - mean));
	else
		d->f = INFINITY;
	d->p = f_tail(d->f, d->degrees1, d->degrees2);
}

/* A share less what chance adds to it (Kelley 1935). */
static double
adjusted_share(double share, double n, double k)
{
	return 1 - (1 - share) * (n - 1) / (n - k);
}

static int64
known_customers(const Feature *f, size_t count)
{
	int64		known = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (f->kind == FEATURE_NUMBER)
			known += !isnan(f->number[i]);
		else if (f->kind == FEATURE_CATEGORY)
			known += f->category[i] != CATEGORY_MISSING;
	}
	return known;
}

static void
screen_one(Driver *d, const Feature *f, const Subject *s)
{
	Levels		levels;

	memset(d, 0, sizeof(Driver));
	levels_open(&levels, f, s);
	drop_empty(&levels);
	d->kind = f->kind;
	d->customers = known_customers(f, s->count);
	d->levels = levels.count;
	d->known = levels.count > 1 && (size_t) levels.count < s->count && s->rank_squares > 0;
	if (d->known)
	{
		double		share = share_between(&levels, levels.rank_sum, s->rank_squares);
		double		raw = share_between(&levels, levels.deviation_sum, s->squares);

		d->explained = adjusted_share(share, (double) s->count, levels.count);
		d->explained_raw = adjusted_share(raw, (double) s->count, levels.count);
		test_ranks(d, &levels, s, share);
	}
	levels_close(&levels);
}

void
drivers_screen(Frame *frame, Driver *driver)
{
	Subject		subject;

	frame_finish(frame);
	subject_open(&subject, frame);
	for (int i = 0; i < frame->nfeatures; i++)
	{
		cv_check_interrupts();
		screen_one(&driver[i], &frame->feature[i], &subject);
	}
	subject_close(&subject);
}

/*
 * Several tests
 */

/* Numbers of the probabilities in ascending order; there are few. */
static int *
ascending(const double *p, int count)
{
	int		   *order = cv_alloc((size_t) Max(count, 1) * sizeof(int));

	for (int i = 0; i < count; i++)
	{
		int			at = i;

		for (; at > 0 && p[order[at - 1]] > p[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return order;
}

void
adjust_holm(const double *p, int count, double *adjusted)
{
	int		   *order = ascending(p, count);
	double		most = 0;

	for (int i = 0; i < count; i++)
	{
		most = Max(most, p[order[i]] * (count - i));
		adjusted[order[i]] = Min(most, 1);
	}
	cv_free(order);
}

void
adjust_benjamini_hochberg(const double *p, int count, double *adjusted)
{
	int		   *order = ascending(p, count);
	double		least = 1;

	for (int i = count - 1; i >= 0; i--)
	{
		least = Min(least, p[order[i]] * count / (i + 1));
		adjusted[order[i]] = least;
	}
	cv_free(order);
}
