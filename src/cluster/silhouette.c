/*
 * silhouette.c
 *		How much nearer customers are to their own segment than to the next.
 *
 * For a customer, a is the mean distance from the others of its segment, b the
 * least of the mean distances from those of another one; its silhouette is
 * (b - a) / max(a, b), or 0 if it is alone in its segment (Rousseeuw 1987).
 * Of many customers a sample is taken at equal steps through their order,
 * which is random.
 */
#include "cluster/kmeans.h"

#include <math.h>

typedef struct Sample
{
	Tiles		rows;
	int		   *label;
	double	   *size;			/* [k]: customers of each segment */
} Sample;

/* Distinct rows of the sample, with their numbers of customers. */
static void
sample_open(Sample *sample, const Tiles *t, int k)
{
	int64		customers = (int64) t->customers;
	int64		wanted = Min(customers, SILHOUETTE_SAMPLE);
	int64		taken = 0;
	int64		passed = 0;
	Tiles	   *rows = &sample->rows;
	size_t		room = (size_t) (wanted + LANES - 1) / LANES * LANES;

	*rows = (Tiles)
	{
		.nfeatures = t->nfeatures,.customers = (double) wanted
	};
	rows->tile = cv_alloc(room * t->nfeatures * sizeof(double));
	rows->weight = cv_alloc(room * sizeof(double));
	memset(rows->tile, 0, room * t->nfeatures * sizeof(double));
	memset(rows->weight, 0, room * sizeof(double));
	sample->label = cv_alloc(room * sizeof(int));
	sample->size = cv_alloc(k * sizeof(double));
	memset(sample->size, 0, k * sizeof(double));
	for (size_t row = 0; row < t->count && taken < wanted; row++)
	{
		int64		before = taken;

		passed += (int64) t->weight[row];
		while (taken < wanted && (2 * taken + 1) * customers / (2 * wanted) < passed)
			taken++;
		if (taken == before)
			continue;
		for (int f = 0; f < t->nfeatures; f++)
			((double *) tiles_row(rows, rows->count))[f * LANES] = tiles_row(t, row)[f * LANES];
		rows->weight[rows->count++] = (double) (taken - before);
	}
	rows->ntiles = (rows->count + LANES - 1) / LANES;
}

static void
sample_close(Sample *sample)
{
	cv_free(sample->rows.tile);
	cv_free(sample->rows.weight);
	cv_free(sample->label);
	cv_free(sample->size);
}

static void
label_sample(Sample *sample, const double *centre, int k)
{
	const Tiles *t = &sample->rows;

	for (size_t i = 0; i < t->ntiles; i++)
	{
		double		number[LANES];

		lanes_store(number, tile_nearest(tile_at(t, i), centre, k, t->nfeatures).number);
		for (int lane = 0; lane < LANES; lane++)
		{
			sample->label[i * LANES + lane] = (int) number[lane];
			sample->size[(int) number[lane]] += t->weight[i * LANES + lane];
		}
	}
}

/* way[]: scratch, for the sums of distances from the rows of each segment */
static double
silhouette_of_row(const Sample *sample, size_t row, int k, double *point, double *way)
{
	const Tiles *t = &sample->rows;
	int			own = sample->label[row];
	double		inside;
	double		outside = HUGE_VAL;

	if (sample->size[own] <= 1.0)
		return 0.0;
	memset(way, 0, k * sizeof(double));
	tiles_copy_row(t, row, point);
	for (size_t i = 0; i < t->ntiles; i++)
	{
		double		square[LANES];

		lanes_store(square, tile_squares(tile_at(t, i), point, t->nfeatures));
		for (size_t lane = 0; lane < LANES; lane++)
			way[sample->label[i * LANES + lane]] += t->weight[i * LANES + lane] * sqrt(square[lane]);
	}
	inside = way[own] / (sample->size[own] - 1.0);
	for (int j = 0; j < k; j++)
	{
		if (j != own && sample->size[j] > 0.0)
			outside = Min(outside, way[j] / sample->size[j]);
	}
	return Max(inside, outside) > 0.0 ? (outside - inside) / Max(inside, outside) : 0.0;
}

bool
silhouette_of(const Tiles *t, const double *centre, int k, double *result)
{
	Sample		sample;
	double	   *point = cv_alloc(t->nfeatures * sizeof(double));
	double	   *way = cv_alloc(k * sizeof(double));
	int			segments = 0;
	double		sum = 0.0;

	sample_open(&sample, t, k);
	label_sample(&sample, centre, k);
	for (int j = 0; j < k; j++)
		segments += sample.size[j] > 0.0;
	for (size_t row = 0; row < sample.rows.count && segments > 1; row++)
	{
		sum += sample.rows.weight[row] * silhouette_of_row(&sample, row, k, point, way);
		cv_check_interrupts();
	}
	*result = Max(-1.0, Min(1.0, sum / sample.rows.customers)) + 0.0;
	sample_close(&sample);
	cv_free(point);
	cv_free(way);
	return segments > 1;
}
