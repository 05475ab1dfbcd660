/*
 * breaks_side.h
 *		Between the files that find optimal partitions; nobody else's.
 */
#ifndef CV_BREAKS_SIDE_H
#define CV_BREAKS_SIDE_H

#include "segment/breaks.h"

#include <math.h>

#include "common/twofold.h"

/* One position between values: 0 is before the first, n after the last. */
typedef struct Position
{
	double		weight;			/* W: all weight before it */
	Twofold		sum;			/* S: prefix sum of the deviations */
	Twofold		offset;			/* F of the layer before the one at work */
} Position;

/* The values on one side of a forced cut, or all of them. */
typedef struct Side
{
	size_t		begin;			/* in the problem's list */
	size_t		count;			/* n */
	double		min_weight;
	Position   *at;				/* [n + 1] */
	Twofold    *square;			/* Q: prefix sums of squares, [n + 1] */
	double		slack;			/* what rounding may add to a cost */
} Side;

/*
 * Where the break after j classes may be, j = 0 .. classes: the positions
 * low[j] .. high[j].
 */
typedef struct Windows
{
	int			classes;
	size_t	   *low;
	size_t	   *high;
} Windows;

/*
 * F[p] - (S[i]-S[p])^2 / (W[i]-W[p]) to full precision.  With m the rounded
 * mean and d = S - m W what it misses, S^2 / W = m (S + d) + d^2 / W, and the
 * last term is beyond the last bit.
 */
static inline Twofold
side_entry(const Position *column, const Position *row)
{
	double		weight = row->weight - column->weight;
	Twofold		sum = twofold_subtract(row->sum, column->sum);
	double		mean = sum.hi / weight;
	Twofold		miss = twofold_subtract(sum, twofold_product(mean, weight));

	return twofold_subtract(column->offset,
							twofold_scale(twofold_add(sum, miss), mean));
}

/* Squared deviations of the values between two positions; none if p >= i. */
static inline Twofold
side_cost(const Side *side, size_t p, size_t i)
{
	Position	column;
	Twofold		none = {0.0, 0.0};

	if (p >= i)
		return none;
	column = side->at[p];
	column.offset = twofold_negate(side->square[p]);
	return twofold_add(side_entry(&column, &side->at[i]), side->square[i]);
}

/* First position at or after "from" with at least this weight before it. */
extern size_t side_first_with_weight(const Side *side, size_t from, double weight);

/* breaks_layers.c: the exact search within windows */
extern bool side_solve(Side *side, const Windows *windows, size_t *first,
					   Twofold *cost);

/* breaks_narrow.c: where to look.  Bins per break; tests make them few. */
extern int	breaks_bins;
extern void side_narrow(const Side *side, Windows *windows);
extern void side_bounds(const Side *side, const Windows *windows,
						double *lower, double *upper);

#endif							/* CV_BREAKS_SIDE_H */
