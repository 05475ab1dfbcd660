/*
 * tiles.c
 *		Collected rows into tiles, and what is known of their features.
 */
#include "cluster/kmeans.h"

#include <float.h>
#include <math.h>

#include "common/row_order.h"
#include "common/twofold.h"

typedef struct Rows
{
	const double *value;
	size_t		nfeatures;
} Rows;

/* Any order will do, if NaN equals NaN in it. */
static int
compare_rows(uint32 a, uint32 b, void *context)
{
	const Rows *rows = context;
	const double *x = rows->value + a * rows->nfeatures;
	const double *y = rows->value + b * rows->nfeatures;

	for (size_t f = 0; f < rows->nfeatures; f++)
	{
		uint64		u = hash_word_of_double(x[f]);
		uint64		v = hash_word_of_double(y[f]);

		if (u != v)
			return u < v ? -1 : 1;
	}
	return 0;
}

static uint64 *
hash_rows(const Rows *rows, size_t count)
{
	uint64	   *hash = cv_alloc(count * sizeof(uint64));
	const double *value = rows->value;

	for (size_t i = 0; i < count; i++)
	{
		uint64		h = 0;

		for (size_t f = 0; f < rows->nfeatures; f++)
			h = hash_mix(h, hash_word_of_double(*value++));
		hash[i] = h;
		if ((i & 0xFFFFF) == 0)
			cv_check_interrupts();
	}
	return hash;
}

/*
 * Mark the first of each run of equal rows by its length, the others by 0;
 * returns how many runs there are.
 */
static size_t
count_runs(Rows *rows, const uint64 *hash, const uint32 *order, size_t count, uint32 *run)
{
	size_t		first = 0;
	size_t		distinct = 0;

	for (size_t i = 0; i < count; i++)
	{
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		run[i] = 0;
		if (i == 0 || hash[i] != hash[first] ||
			compare_rows(order[first], order[i], rows) != 0)
		{
			first = i;
			distinct++;
		}
		run[first]++;
	}
	return distinct;
}

void
tiles_open(Tiles *t, const double *values, size_t count, int nfeatures)
{
	Rows		rows = {values, nfeatures};
	uint64	   *hash = hash_rows(&rows, count);
	uint32	   *order = row_order(hash, count, compare_rows, &rows);
	uint32	   *run = cv_alloc(count * sizeof(uint32));
	size_t		row = 0;

	t->count = count_runs(&rows, hash, order, count, run);
	cv_free(hash);
	t->nfeatures = nfeatures;
	t->ntiles = (t->count + LANES - 1) / LANES;
	t->customers = (double) count;
	t->tile = cv_alloc(t->ntiles * LANES * nfeatures * sizeof(double));
	t->weight = cv_alloc(t->ntiles * LANES * sizeof(double));
	t->source = cv_alloc(t->count * sizeof(uint32));
	for (size_t i = 0; i < count; i++)
	{
		const double *from = values + order[i] * (size_t) nfeatures;
		double	   *to;

		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		/* rows lie anywhere: ask for the one that is needed soon */
		if (i + 16 < count)
			__builtin_prefetch(values + order[i + 16] * (size_t) nfeatures);
		if (run[i] == 0)
			continue;
		to = (double *) tiles_row(t, row);
		t->source[row] = order[i];
		t->weight[row++] = run[i];
		for (int f = 0; f < nfeatures; f++)
			to[f * LANES] = from[f];
	}
	for (; row < t->ntiles * LANES; row++)
	{
		double	   *to = (double *) tiles_row(t, row);

		t->weight[row] = 0.0;
		for (int f = 0; f < nfeatures; f++)
			to[f * LANES] = 0.0;
	}
	cv_free(order);
	cv_free(run);
}

void
tiles_close(Tiles *t)
{
	cv_free(t->tile);
	cv_free(t->weight);
	cv_free(t->source);
}

/* ---- features ---- */

/* What adds up to the mean and the deviation of one of them. */
typedef struct Moment
{
	double		customers;
	Twofold		sum;			/* of differences from the first */
	double		squares;
	double		first;
	bool		varies;
} Moment;

static void
add_means(const Tiles *t, Moment *moment)
{
	for (size_t row = 0; row < t->count; row++)
	{
		const double *v = tiles_row(t, row);
		double		weight = t->weight[row];

		if ((row & 0xFFF) == 0)
			cv_check_interrupts();
		for (int f = 0; f < t->nfeatures; f++, v += LANES)
		{
			Moment	   *m = &moment[f];
			Twofold		sum;

			if (unlikely(*v != *v))
				continue;
			if (m->customers == 0.0)
				m->first = *v;
			m->varies |= *v != m->first;
			m->customers += weight;
			sum = twofold_sum(m->sum.hi, weight * (*v - m->first));
			m->sum.hi = sum.hi;
			m->sum.lo += sum.lo;
		}
	}
}

static void
add_squares(const Tiles *t, Moment *moment, const double *mean)
{
	for (size_t row = 0; row < t->count; row++)
	{
		const double *v = tiles_row(t, row);
		double		weight = t->weight[row];

		if ((row & 0xFFF) == 0)
			cv_check_interrupts();
		for (int f = 0; f < t->nfeatures; f++, v += LANES)
		{
			double		e = *v - mean[f];

			if (likely(e == e))
				moment[f].squares += weight * (e * e);
		}
	}
}

bool
tiles_moments(const Tiles *t, double *mean, double *deviation, int *feature)
{
	Moment	   *moment = cv_alloc(t->nfeatures * sizeof(Moment));
	bool		found = true;

	memset(moment, 0, t->nfeatures * sizeof(Moment));
	add_means(t, moment);
	for (int f = 0; f < t->nfeatures && found; f++)
	{
		found = moment[f].customers > 0.0;
		if (!found)
			*feature = f + 1;
		else
			mean[f] = moment[f].first + twofold_value(moment[f].sum) / moment[f].customers + 0.0;
	}
	if (found)
		add_squares(t, moment, mean);
	for (int f = 0; f < t->nfeatures && found; f++)
	{
		deviation[f] = 0.0;
		if (moment[f].varies)
			deviation[f] = Max(sqrt(moment[f].squares / (moment[f].customers - 1.0)), DBL_MIN);
	}
	cv_free(moment);
	return found;
}

void
tiles_scale(Tiles *t, const CentreFinder *finder)
{
	for (size_t row = 0; row < t->count; row++)
	{
		double	   *v = (double *) tiles_row(t, row);

		for (int f = 0; f < t->nfeatures; f++, v += LANES)
			*v = centre_finder_scale(finder, f, *v == *v ? *v : finder->mean[f]);
		if ((row & 0xFFF) == 0)
			cv_check_interrupts();
	}
}

double
tiles_inertia(const Tiles *t, const double *centre, int k, double *customers)
{
	Lanes		sum = lanes_of(0.0);

	for (int j = 0; customers && j < k; j++)
		customers[j] = 0.0;
	for (size_t i = 0; i < t->ntiles; i++)
	{
		const double *weight = t->weight + i * LANES;
		Nearest		nearest = tile_nearest(tile_at(t, i), centre, k, t->nfeatures);
		double		number[LANES];

		sum = lanes_add_product(sum, nearest.square, lanes_load(weight));
		lanes_store(number, nearest.number);
		for (int lane = 0; customers && lane < LANES; lane++)
			customers[(int) number[lane]] += weight[lane];
		if ((i & 0x3F) == 0)
			cv_check_interrupts();
	}
	return lanes_total(sum);
}
