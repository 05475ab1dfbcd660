/*
 * tiles.h
 *		Rows of features, eight side by side, and their distances.
 *
 * A tile holds eight rows feature by feature: the first feature of all eight,
 * then the second of all.  Eight distances are computed together, in four
 * pairs, which is what every 64-bit machine adds and multiplies at once.  Each
 * of them is the same chain of operations as for a row alone,
 *
 *		((0 + e1 * e1) + e2 * e2) + ...		e = feature - centre's feature
 *
 * so a row gets the same distance to the last bit wherever it lies in a tile,
 * and on every machine.
 */
#ifndef CV_TILES_H
#define CV_TILES_H

#include "common/host.h"

#define LANES 8

/* Two doubles; they may lie at any address that is good for one. */
typedef double Pair __attribute__((vector_size(16)));
typedef double StoredPair __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64 PairMask __attribute__((vector_size(16)));

/* One number for each row of a tile. */
typedef struct Lanes
{
	Pair		a;
	Pair		b;
	Pair		c;
	Pair		d;
} Lanes;

static inline Pair
pair_of(double v)
{
	return (Pair)
	{
		v, v
	};
}

/* Lane by lane: chosen ? a : b */
static inline Pair
pair_select(PairMask chosen, Pair a, Pair b)
{
	return (Pair) (((PairMask) a & chosen) | ((PairMask) b & ~chosen));
}

static inline Pair
pair_lesser(Pair a, Pair b)
{
	return pair_select((PairMask) (a < b), a, b);
}

static inline Lanes
lanes_of(double v)
{
	Lanes		r = {pair_of(v), pair_of(v), pair_of(v), pair_of(v)};

	return r;
}

static inline Lanes
lanes_load(const double *p)
{
	const StoredPair *from = (const StoredPair *) p;
	Lanes		r = {from[0], from[1], from[2], from[3]};

	return r;
}

static inline void
lanes_store(double *p, Lanes v)
{
	StoredPair *to = (StoredPair *) p;

	to[0] = v.a;
	to[1] = v.b;
	to[2] = v.c;
	to[3] = v.d;
}

static inline Lanes
lanes_lesser(Lanes a, Lanes b)
{
	Lanes		r = {
		pair_lesser(a.a, b.a), pair_lesser(a.b, b.b),
		pair_lesser(a.c, b.c), pair_lesser(a.d, b.d)
	};

	return r;
}

/* sum + a * b */
static inline Lanes
lanes_add_product(Lanes sum, Lanes a, Lanes b)
{
	sum.a += a.a * b.a;
	sum.b += a.b * b.b;
	sum.c += a.c * b.c;
	sum.d += a.d * b.d;
	return sum;
}

static inline double
lanes_total(Lanes v)
{
	Pair		sum = (v.a + v.b) + (v.c + v.d);

	return sum[0] + sum[1];
}

/* The squared distances of a tile's rows from a point. */
static inline Lanes
tile_squares(const double *tile, const double *point, int nfeatures)
{
	Lanes		sum = lanes_of(0.0);

	for (int f = 0; f < nfeatures; f++, tile += LANES)
	{
		const StoredPair *row = (const StoredPair *) tile;
		Pair		p = pair_of(point[f]);
		Pair		a = row[0] - p;
		Pair		b = row[1] - p;
		Pair		c = row[2] - p;
		Pair		d = row[3] - p;

		sum.a += a * a;
		sum.b += b * b;
		sum.c += c * c;
		sum.d += d * d;
	}
	return sum;
}

/* The nearest of several points: how far it is, squared, and its number. */
typedef struct Nearest
{
	Lanes		square;
	Lanes		number;			/* from 0; the lowest of equally near ones */
	Lanes		second;			/* the least of the other squares */
} Nearest;

static inline void
pair_nearer(Pair square, Pair number, Pair *best, Pair *best_number)
{
	PairMask	nearer = (PairMask) (square < *best);

	*best = pair_select(nearer, square, *best);
	*best_number = pair_select(nearer, number, *best_number);
}

static inline void
pair_nearer_two(Pair square, Pair number, Pair *best, Pair *best_number, Pair *second)
{
	PairMask	nearer = (PairMask) (square < *best);

	*second = pair_lesser(*second, pair_select(nearer, *best, square));
	*best = pair_select(nearer, square, *best);
	*best_number = pair_select(nearer, number, *best_number);
}

/* Without the second. */
static inline Nearest
tile_nearest(const double *tile, const double *points, int npoints, int nfeatures)
{
	Nearest		n;

	n.square = tile_squares(tile, points, nfeatures);
	n.number = n.second = lanes_of(0.0);
	for (int j = 1; j < npoints; j++)
	{
		Lanes		square = tile_squares(tile, points += nfeatures, nfeatures);
		Pair		number = pair_of((double) j);

		pair_nearer(square.a, number, &n.square.a, &n.number.a);
		pair_nearer(square.b, number, &n.square.b, &n.number.b);
		pair_nearer(square.c, number, &n.square.c, &n.number.c);
		pair_nearer(square.d, number, &n.square.d, &n.number.d);
	}
	return n;
}

/* The second is 1e308 if there is but one point. */
static inline Nearest
tile_nearest_two(const double *tile, const double *points, int npoints, int nfeatures)
{
	Nearest		n;

	n.square = tile_squares(tile, points, nfeatures);
	n.number = lanes_of(0.0);
	n.second = lanes_of(1e308);
	for (int j = 1; j < npoints; j++)
	{
		Lanes		square = tile_squares(tile, points += nfeatures, nfeatures);
		Pair		number = pair_of((double) j);

		pair_nearer_two(square.a, number, &n.square.a, &n.number.a, &n.second.a);
		pair_nearer_two(square.b, number, &n.square.b, &n.number.b, &n.second.b);
		pair_nearer_two(square.c, number, &n.square.c, &n.number.c, &n.second.c);
		pair_nearer_two(square.d, number, &n.square.d, &n.number.d, &n.second.d);
	}
	return n;
}

/*
 * Distinct rows with weights.  The last tile is filled up with rows of zeros
 * that weigh nothing.
 */
typedef struct Tiles
{
	size_t		count;			/* rows */
	size_t		ntiles;
	int			nfeatures;
	double	   *tile;			/* [ntiles][nfeatures][LANES] */
	double	   *weight;			/* [ntiles * LANES]: customers with that row */
	uint32	   *source;			/* [count]: which of the rows given it was */
	double		customers;		/* all of them */
} Tiles;

static inline const double *
tile_at(const Tiles *t, size_t i)
{
	return t->tile + i * (size_t) t->nfeatures * LANES;
}

/* A row's first feature; the others follow at distances of LANES. */
static inline const double *
tiles_row(const Tiles *t, size_t row)
{
	return tile_at(t, row / LANES) + row % LANES;
}

static inline void
tiles_copy_row(const Tiles *t, size_t row, double *out)
{
	const double *from = tiles_row(t, row);

	for (int f = 0; f < t->nfeatures; f++)
		out[f] = from[f * LANES];
}

/* The same chain of operations for one row. */
static inline double
row_square(const double *row, const double *point, int nfeatures)
{
	double		sum = 0.0;

	for (int f = 0; f < nfeatures; f++)
	{
		double		e = row[f * LANES] - point[f];

		sum += e * e;
	}
	return sum;
}

#endif							/* CV_TILES_H */
