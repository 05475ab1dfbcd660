/*
 * seeding.c
 *		k-means++: where to begin.
 *
 * The first centre is a customer drawn at random.  Each other is drawn with
 * probability proportional to the squared distance from the nearest centre so
 * far; of several drawn, the one that leaves the least inertia is taken, as
 * Arthur and Vassilvitskii suggest for practice.
 */
#include "cluster/kmeans.h"

#define CHUNK_TILES 128
#define MAX_TRIALS 11

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014 */
static uint64
random_next(uint64 *state)
{
	uint64		z = *state += UINT64CONST(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64CONST(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* From 0 up to but not including 1. */
static double
random_share(uint64 *state)
{
	return (double) (random_next(state) >> 11) / 9007199254740992.0;
}

/*
 * How many to draw for each centre: 5 + ln(k) or 2 + ln(k), rounded down, or
 * one.  Many find a good place for each centre where tails are heavy; but they
 * make the starts alike, and some data, with a few very distant customers,
 * want the places that are not the best one by one.  So the starts take turns.
 */
static int
trials(int k, int start)
{
	static const int steps[] = {3, 8, 21, 55, 149, 404};
	int			n = start % 4 == 1 ? 2 : 5;

	for (size_t i = 0; i < lengthof(steps); i++)
		n += k >= steps[i];
	return start % 8 == 7 ? 1 : n;
}

typedef struct Seeding
{
	const Tiles *t;
	double	   *square;			/* of each row: from the nearest centre so far */
	double	   *chunk;			/* sums of squares by weight, and of all */
	size_t		nchunks;
	double		total;
} Seeding;

/* Add up what has been put into square[]. */
static void
add_up(Seeding *s)
{
	s->total = 0.0;
	for (size_t c = 0; c < s->nchunks; c++)
	{
		size_t		end = Min((c + 1) * CHUNK_TILES, s->t->ntiles);
		Lanes		sum = lanes_of(0.0);

		for (size_t i = c * CHUNK_TILES; i < end; i++)
			sum = lanes_add_product(sum, lanes_load(s->square + i * LANES),
									lanes_load(s->t->weight + i * LANES));
		s->chunk[c] = lanes_total(sum);
		s->total += s->chunk[c];
	}
	cv_check_interrupts();
}

/*
 * A row drawn by weight and square.  Should rounding carry the draw past the
 * end, it is the last row that has any chance.
 */
static size_t
draw(const Seeding *s, uint64 *state)
{
	double		left = random_share(state) * s->total;
	size_t		row = 0;
	size_t		possible = 0;
	size_t		c = 0;

	while (c + 1 < s->nchunks && left >= s->chunk[c])
		left -= s->chunk[c++];
	/* nothing in this chunk: so nothing in those after it; go back */
	while (c > 0 && s->chunk[c] == 0.0)
		c--;
	for (row = c * CHUNK_TILES * LANES;
		 row < s->t->count && row < (c + 1) * CHUNK_TILES * LANES; row++)
	{
		double		mass = s->square[row] * s->t->weight[row];

		if (mass > 0.0)
		{
			possible = row;
			if (left < mass)
				break;
		}
		left -= mass;
	}
	return possible;
}

/* What the inertia would be with each of some points as a further centre. */
static void
try_points(const Seeding *s, const double *point, int npoints, double *inertia)
{
	const Tiles *t = s->t;
	Lanes		sum[MAX_TRIALS];

	for (int p = 0; p < npoints; p++)
		sum[p] = lanes_of(0.0);
	for (size_t i = 0; i < t->ntiles; i++)
	{
		Lanes		square = lanes_load(s->square + i * LANES);
		Lanes		weight = lanes_load(t->weight + i * LANES);
		const double *tile = tile_at(t, i);

		for (int p = 0; p < npoints; p++)
		{
			Lanes		now = tile_squares(tile, point + p * t->nfeatures, t->nfeatures);

			sum[p] = lanes_add_product(sum[p], lanes_lesser(now, square), weight);
		}
		if ((i & 0x3F) == 0)
			cv_check_interrupts();
	}
	for (int p = 0; p < npoints; p++)
		inertia[p] = lanes_total(sum[p]);
}

static void
take_point(Seeding *s, const double *point, bool first)
{
	const Tiles *t = s->t;

	for (size_t i = 0; i < t->ntiles; i++)
	{
		double	   *at = s->square + i * LANES;
		Lanes		now = tile_squares(tile_at(t, i), point, t->nfeatures);

		lanes_store(at, first ? now : lanes_lesser(now, lanes_load(at)));
		if ((i & 0x3FF) == 0)
			cv_check_interrupts();
	}
	add_up(s);
}

int
choose_centres(const Tiles *t, int k, uint64 seed, int start, double *centre)
{
	size_t		nfeatures = t->nfeatures;
	Seeding		s = {.t = t,.nchunks = (t->ntiles + CHUNK_TILES - 1) / CHUNK_TILES};
	double	   *point = cv_alloc(MAX_TRIALS * nfeatures * sizeof(double));
	uint64		state = seed;
	int			found;

	s.square = cv_alloc(t->ntiles * LANES * sizeof(double));
	s.chunk = cv_alloc(s.nchunks * sizeof(double));
	for (size_t i = 0; i < t->ntiles * LANES; i++)
		s.square[i] = 1.0;
	add_up(&s);
	for (found = 0; found < k && s.total > 0.0; found++)
	{
		int			npoints = found == 0 ? 1 : trials(k, start);
		int			best = 0;
		double		inertia[MAX_TRIALS];

		for (int p = 0; p < npoints; p++)
			tiles_copy_row(t, draw(&s, &state), point + p * nfeatures);
		if (npoints > 1)
			try_points(&s, point, npoints, inertia);
		for (int p = 1; p < npoints; p++)
		{
			if (inertia[p] < inertia[best])
				best = p;
		}
		memcpy(centre + found * nfeatures, point + best * nfeatures, nfeatures * sizeof(double));
		take_point(&s, point + best * nfeatures, found == 0);
	}
	cv_free(point);
	cv_free(s.square);
	cv_free(s.chunk);
	return found;
}
