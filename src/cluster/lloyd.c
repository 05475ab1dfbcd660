/*
 * lloyd.c
 *		Lloyd's iteration, with Hamerly's bounds.
 *
 * For each row it is known how far its centre is at most, and all others at
 * least.  When centres move, the bounds move with them; as long as the first
 * is below the second, or below half the way to the next centre, nothing need
 * be computed.  All bounds allow for more rounding than there can be, so that
 * labels are those that computing every distance would give.
 *
 * Sums are kept up as rows change segments.  The order of additions depends on
 * rows and labels only.
 */
#include "cluster/kmeans.h"

#include <math.h>

/*
 * Adding to a bound rounds by half of 2^-52 of it; squares that are lost below
 * the smallest double are less than this, as distances.
 */
#define BOUND_ROUNDING (1.0 / 1125899906842624.0)	/* 2^-50 */
#define BOUND_LOST 1e-150

#define LABEL_NONE 0xFFFF

/*
 * While more than one row of so many changes its segment, most bounds leave
 * it open anyway; then, with few numbers in the centres, it is faster to
 * compute all distances than to look at bounds.  Labels are the same.
 */
#define MANY_CHANGES 256
#define MANY_NUMBERS 100

/* Rows whose bounds leave it open wait until a tile is full. */
typedef struct Waiting
{
	int			count;
	size_t		row[LANES];
	double	   *tile;
} Waiting;

void
lloyd_open(Lloyd *l, const Tiles *rows, int k)
{
	size_t		numbers = (size_t) k * rows->nfeatures;

	memset(l, 0, sizeof(Lloyd));
	l->rows = rows;
	l->k = k;
	/* a distance has about so many roundings of 2^-53; four times that */
	l->margin = (rows->nfeatures + 8) * BOUND_ROUNDING;
	l->centre = cv_alloc(numbers * sizeof(double));
	l->before = cv_alloc(numbers * sizeof(double));
	l->sum = cv_alloc(numbers * sizeof(double));
	l->base = cv_alloc(rows->nfeatures * sizeof(double));
	l->customers = cv_alloc(k * sizeof(double));
	l->moved = cv_alloc(k * sizeof(double));
	l->half = cv_alloc(k * sizeof(double));
	l->label = cv_alloc(rows->ntiles * LANES * sizeof(uint16));
	l->upper = cv_alloc(rows->ntiles * LANES * sizeof(double));
	l->lower = cv_alloc(rows->ntiles * LANES * sizeof(double));
	tiles_copy_row(rows, 0, l->base);
}

void
lloyd_close(Lloyd *l)
{
	cv_free(l->centre);
	cv_free(l->before);
	cv_free(l->sum);
	cv_free(l->base);
	cv_free(l->customers);
	cv_free(l->moved);
	cv_free(l->half);
	cv_free(l->label);
	cv_free(l->upper);
	cv_free(l->lower);
}

void
lloyd_start(Lloyd *l, const double *centre)
{
	size_t		numbers = (size_t) l->k * l->rows->nfeatures;

	memcpy(l->centre, centre, numbers * sizeof(double));
	memset(l->sum, 0, numbers * sizeof(double));
	memset(l->customers, 0, l->k * sizeof(double));
	for (size_t row = 0; row < l->rows->count; row++)
		l->label[row] = LABEL_NONE;
	l->bounded = false;
	l->changed = l->rows->count;
}

/* ---- giving rows to centres ---- */

static inline void
add_row(Lloyd *l, size_t row, int label, double weight)
{
	const double *v = tiles_row(l->rows, row);
	double	   *sum = l->sum + (size_t) label * l->rows->nfeatures;

	l->customers[label] += weight;
	for (int f = 0; f < l->rows->nfeatures; f++)
		sum[f] += weight * (v[f * LANES] - l->base[f]);
}

static inline void
set_label(Lloyd *l, size_t row, int label)
{
	double		weight = l->rows->weight[row];

	if (l->label[row] == label)
		return;
	if (l->label[row] != LABEL_NONE)
		add_row(l, row, l->label[row], -weight);
	add_row(l, row, label, weight);
	l->label[row] = (uint16) label;
	l->changed++;
}

static inline void
set_nearest(Lloyd *l, size_t row, double square, double number, double second)
{
	l->upper[row] = sqrt(square) * (1.0 + l->margin);
	l->lower[row] = sqrt(second) * (1.0 - l->margin);
	set_label(l, row, (int) number);
}

/* Without bounds: the second nearest is nobody's business. */
static void
assign_plainly(Lloyd *l)
{
	const Tiles *t = l->rows;

	for (size_t i = 0; i < t->ntiles; i++)
	{
		Nearest		nearest = tile_nearest(tile_at(t, i), l->centre, l->k, t->nfeatures);
		double		number[LANES];
		size_t		first = i * LANES;

		lanes_store(number, nearest.number);
		for (size_t row = first; row < first + LANES && row < t->count; row++)
			set_label(l, row, (int) number[row - first]);
		if ((i & 0x3F) == 0)
			cv_check_interrupts();
	}
}

static void
assign_all(Lloyd *l)
{
	const Tiles *t = l->rows;

	for (size_t i = 0; i < t->ntiles; i++)
	{
		Nearest		nearest = tile_nearest_two(tile_at(t, i), l->centre, l->k, t->nfeatures);
		double		square[LANES];
		double		number[LANES];
		double		second[LANES];
		size_t		first = i * LANES;

		lanes_store(square, nearest.square);
		lanes_store(number, nearest.number);
		lanes_store(second, nearest.second);
		for (size_t row = first; row < first + LANES && row < t->count; row++)
			set_nearest(l, row, square[row - first], number[row - first], second[row - first]);
		if ((i & 0x3F) == 0)
			cv_check_interrupts();
	}
}

/* How far the nearest other centre is, half of it. */
static void
find_half_ways(Lloyd *l)
{
	int			nfeatures = l->rows->nfeatures;

	for (int j = 0; j < l->k; j++)
		l->half[j] = HUGE_VAL;
	for (int j = 1; j < l->k; j++)
	{
		for (int i = 0; i < j; i++)
		{
			const double *a = l->centre + (size_t) i * nfeatures;
			const double *b = l->centre + (size_t) j * nfeatures;
			double		square = 0.0;

			for (int f = 0; f < nfeatures; f++)
				square += (a[f] - b[f]) * (a[f] - b[f]);
			l->half[i] = Min(l->half[i], square);
			l->half[j] = Min(l->half[j], square);
		}
		cv_check_interrupts();
	}
	for (int j = 0; j < l->k; j++)
		l->half[j] = 0.5 * sqrt(l->half[j]) * (1.0 - l->margin);
}

static void
settle_waiting(Lloyd *l, Waiting *w)
{
	const Tiles *t = l->rows;
	Nearest		nearest = tile_nearest_two(w->tile, l->centre, l->k, t->nfeatures);
	double		square[LANES];
	double		number[LANES];
	double		second[LANES];

	lanes_store(square, nearest.square);
	lanes_store(number, nearest.number);
	lanes_store(second, nearest.second);
	for (int lane = 0; lane < w->count; lane++)
		set_nearest(l, w->row[lane], square[lane], number[lane], second[lane]);
	w->count = 0;
}

static inline void
let_wait(Lloyd *l, Waiting *w, size_t row)
{
	const double *v = tiles_row(l->rows, row);
	double	   *to = w->tile + w->count;

	for (int f = 0; f < l->rows->nfeatures; f++)
		to[f * LANES] = v[f * LANES];
	w->row[w->count++] = row;
	if (w->count == LANES)
		settle_waiting(l, w);
}

/* How far other centres than this have come nearer, at most: two figures do. */
static void
find_farthest(const Lloyd *l, int *which, double *farthest, double *second)
{
	*which = 0;
	*farthest = *second = 0.0;
	for (int j = 0; j < l->k; j++)
	{
		if (l->moved[j] > *farthest)
		{
			*second = *farthest;
			*farthest = l->moved[j];
			*which = j;
		}
		else if (l->moved[j] > *second)
			*second = l->moved[j];
	}
}

static void
assign_bounded(Lloyd *l)
{
	const Tiles *t = l->rows;
	Waiting		w = {0};
	int			which;
	double		farthest;
	double		second;

	w.tile = cv_alloc((size_t) t->nfeatures * LANES * sizeof(double));
	memset(w.tile, 0, (size_t) t->nfeatures * LANES * sizeof(double));
	find_half_ways(l);
	find_farthest(l, &which, &farthest, &second);
	for (size_t row = 0; row < t->count; row++)
	{
		int			label = l->label[row];
		double		nearer = label == which ? second : farthest;
		double		upper = (l->upper[row] + l->moved[label]) * (1.0 + BOUND_ROUNDING);
		double		lower = l->lower[row] * (1.0 - BOUND_ROUNDING) - nearer;
		double		safe = Max(lower, l->half[label]);

		l->upper[row] = upper;
		l->lower[row] = lower;
		if (upper + BOUND_LOST >= safe)
		{
			upper = sqrt(row_square(tiles_row(t, row), l->centre + (size_t) label * t->nfeatures,
									t->nfeatures)) * (1.0 + l->margin);
			l->upper[row] = upper;
			if (upper + BOUND_LOST >= safe)
				let_wait(l, &w, row);
		}
		if ((row & 0x1FF) == 0)
			cv_check_interrupts();
	}
	if (w.count > 0)
		settle_waiting(l, &w);
	cv_free(w.tile);
}

void
lloyd_assign(Lloyd *l)
{
	size_t		before = l->changed;

	l->changed = 0;
	if (l->bounded)
		assign_bounded(l);
	else if (before > l->rows->count / MANY_CHANGES &&
			 (size_t) l->k * l->rows->nfeatures < MANY_NUMBERS)
		assign_plainly(l);
	else
	{
		assign_all(l);
		l->bounded = true;
	}
}

/* ---- moving centres ---- */

void
lloyd_sum(Lloyd *l)
{
	memset(l->sum, 0, (size_t) l->k * l->rows->nfeatures * sizeof(double));
	memset(l->customers, 0, l->k * sizeof(double));
	for (size_t row = 0; row < l->rows->count; row++)
	{
		add_row(l, row, l->label[row], l->rows->weight[row]);
		if ((row & 0xFFF) == 0)
			cv_check_interrupts();
	}
}

/*
 * A centre without customers gets the row that is farthest from its own, but
 * is not alone there; the first of equally far ones.
 */
static void
repair(Lloyd *l, int empty)
{
	const Tiles *t = l->rows;
	double		farthest = -1.0;
	size_t		which = 0;

	for (size_t row = 0; row < t->count; row++)
	{
		int			label = l->label[row];
		double		square;

		if ((row & 0xFFF) == 0)
			cv_check_interrupts();
		if (l->customers[label] <= t->weight[row])
			continue;
		square = row_square(tiles_row(t, row), l->centre + (size_t) label * t->nfeatures,
							t->nfeatures);
		if (square > farthest)
		{
			farthest = square;
			which = row;
		}
	}
	memset(l->sum + (size_t) empty * t->nfeatures, 0, t->nfeatures * sizeof(double));
	set_label(l, which, empty);
	l->bounded = false;
}

double
lloyd_move(Lloyd *l)
{
	int			nfeatures = l->rows->nfeatures;
	double		way = 0.0;

	/* there are at least k rows, so for each one is found */
	for (int j = 0; j < l->k; j++)
	{
		if (l->customers[j] == 0.0)
			repair(l, j);
	}
	memcpy(l->before, l->centre, (size_t) l->k * nfeatures * sizeof(double));
	for (int j = 0; j < l->k; j++)
	{
		double	   *centre = l->centre + (size_t) j * nfeatures;
		const double *before = l->before + (size_t) j * nfeatures;
		const double *sum = l->sum + (size_t) j * nfeatures;
		double		square = 0.0;

		for (int f = 0; f < nfeatures; f++)
		{
			centre[f] = l->base[f] + sum[f] / l->customers[j];
			square += (centre[f] - before[f]) * (centre[f] - before[f]);
		}
		l->moved[j] = sqrt(square) * (1.0 + l->margin) + BOUND_LOST;
		way += square;
	}
	return way;
}

void
lloyd_run(Lloyd *l, int max_iterations, double tolerance)
{
	bool		exact = false;

	for (int i = 0; i < max_iterations; i++)
	{
		double		way;

		lloyd_assign(l);
		if (l->changed > 0)
			exact = false;
		else if (!exact)
		{
			lloyd_sum(l);
			exact = true;
		}
		way = lloyd_move(l);
		if (way <= tolerance)
			break;
	}
	if (!exact)
	{
		lloyd_sum(l);
		lloyd_move(l);
	}
}
