/*
 * centres.c
 *		Segmentations by centres: in memory, as bytes, and finding the nearest.
 */
#include "cluster/centres.h"

#include <float.h>
#include <math.h>

#include "cluster/tiles.h"
#include "segment/pack.h"

#define FLAG_MEANS 0x01
#define FLAG_DEVIATIONS 0x02
#define FLAG_CUSTOMERS 0x04
#define FLAG_INERTIA 0x08
#define FLAG_SILHOUETTE 0x10
#define NULLS_SHIFT 5

#define MAX_CUSTOMERS (INT64CONST(1) << 52)

/* As many as there are features fit in a default label. */
#define LABEL_FEATURES 3

const char *const null_policy_names[NULL_POLICIES] = {"error", "skip", "mean"};

/* ---- in memory ---- */

Centres *
centres_new(int k, int nfeatures)
{
	Centres    *s = (Centres *) segmentation_new(METHOD_KMEANS, k);

	s->nfeatures = nfeatures;
	s->centre = segmentation_alloc(&s->head, (size_t) k * nfeatures * sizeof(double));
	return s;
}

/* False for NaN, too. */
static bool
are_features(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
	{
		if (!(fabs(v[i]) < FEATURE_LIMIT))
			return false;
	}
	return true;
}

static bool
check_summary(const Centres *s, SegmentationError *error)
{
	int64		sum = 0;

	for (int j = 0; s->customers && j < s->head.k; j++)
	{
		if (s->customers[j] < 0 || s->customers[j] > MAX_CUSTOMERS)
			return segmentation_fail(error, "Segment %d has no valid number of customers.", j + 1);
		sum += s->customers[j];
	}
	if (sum > MAX_CUSTOMERS)
		return segmentation_fail(error, "There are too many customers.");
	if (s->has_inertia && !(s->inertia >= 0.0 && s->inertia <= DBL_MAX))
		return segmentation_fail(error, "The inertia is negative.");
	if (s->has_silhouette && !(s->silhouette >= -1.0 && s->silhouette <= 1.0))
		return segmentation_fail(error, "The silhouette is not between -1 and 1.");
	return true;
}

static bool
centres_check(const Segmentation *segmentation, SegmentationError *error)
{
	const Centres *s = (const Centres *) segmentation;

	if (s->nfeatures < 1 || s->nfeatures > CENTRES_MAX_FEATURES)
		return segmentation_fail(error, "There are %d features, not 1 to %d.",
								 s->nfeatures, CENTRES_MAX_FEATURES);
	for (int j = 0; j < s->head.k; j++)
	{
		if (!are_features(s->centre + (size_t) j * s->nfeatures, s->nfeatures))
			return segmentation_fail(error, "Centre %d has a number of 1e100 or more in size.", j + 1);
	}
	if (s->mean && !are_features(s->mean, s->nfeatures))
		return segmentation_fail(error, "A mean is 1e100 or more in size.");
	for (int f = 0; s->deviation && f < s->nfeatures; f++)
	{
		if (!(s->deviation[f] >= DEVIATION_MIN && s->deviation[f] < DEVIATION_LIMIT))
			return segmentation_fail(error, "Deviation %d is not between 1e-50 and 1e101.", f + 1);
	}
	if (s->nulls == NULLS_MEAN && s->mean == NULL)
		return segmentation_fail(error, "Missing features are to be replaced by their means, but there are no means.");
	return check_summary(s, error);
}

/* ---- bytes ---- */

static size_t
centres_max_size(const Segmentation *segmentation)
{
	const Centres *s = (const Centres *) segmentation;

	/* k and the number of features are at most 1000 each */
	return 64 + ((size_t) s->head.k + 2) * s->nfeatures * sizeof(double) +
		(size_t) s->head.k * INTEGER_MAX_BYTES;
}

static uint8 *
write_doubles(uint8 *p, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p = write_double(p, v[i]);
	return p;
}

static uint8 *
centres_pack(const Segmentation *segmentation, uint8 *p)
{
	const Centres *s = (const Centres *) segmentation;
	size_t		nfeatures = s->nfeatures;

	*p++ = (uint8) ((s->mean ? FLAG_MEANS : 0) |
					(s->deviation ? FLAG_DEVIATIONS : 0) |
					(s->customers ? FLAG_CUSTOMERS : 0) |
					(s->has_inertia ? FLAG_INERTIA : 0) |
					(s->has_silhouette ? FLAG_SILHOUETTE : 0) |
					(int) s->nulls << NULLS_SHIFT);
	p = write_integer(p, nfeatures);
	p = write_doubles(p, s->centre, s->head.k * nfeatures);
	if (s->mean)
		p = write_doubles(p, s->mean, nfeatures);
	if (s->deviation)
		p = write_doubles(p, s->deviation, nfeatures);
	for (int j = 0; s->customers && j < s->head.k; j++)
		p = write_integer(p, (u128) s->customers[j]);
	if (s->has_inertia)
		p = write_double(p, s->inertia);
	if (s->has_silhouette)
		p = write_double(p, s->silhouette);
	return p;
}

/* One encoding for each number: there is no negative zero. */
static const uint8 *
read_canonical(const uint8 *p, const uint8 *end, double *v)
{
	p = read_double(p, end, v);
	return p != NULL && (*v != 0.0 || !signbit(*v)) ? p : NULL;
}

static const uint8 *
read_doubles(const uint8 *p, const uint8 *end, Centres *s, size_t n, double **result)
{
	/* no memory for what is not there */
	if (p == NULL || (size_t) (end - p) / sizeof(double) < n)
		return NULL;
	*result = segmentation_alloc(&s->head, n * sizeof(double));
	for (size_t i = 0; i < n; i++)
		p = read_canonical(p, end, &(*result)[i]);
	return p;
}

static const uint8 *
read_customers(const uint8 *p, const uint8 *end, Centres *s)
{
	s->customers = segmentation_alloc(&s->head, s->head.k * sizeof(int64));
	for (int j = 0; j < s->head.k; j++)
	{
		uint64		customers = 0;

		p = read_limited(p, end, MAX_CUSTOMERS, &customers);
		s->customers[j] = (int64) customers;
	}
	return p;
}

static const uint8 *
centres_unpack(Segmentation *segmentation, const uint8 *p, const uint8 *end)
{
	Centres    *s = (Centres *) segmentation;
	uint64		nfeatures = 0;
	uint8		flags;

	if (p == end || *p >> NULLS_SHIFT >= NULL_POLICIES)
		return NULL;
	flags = *p++;
	s->nulls = (NullPolicy) (flags >> NULLS_SHIFT);
	p = read_limited(p, end, CENTRES_MAX_FEATURES, &nfeatures);
	s->nfeatures = (int) nfeatures;
	p = read_doubles(p, end, s, s->head.k * (size_t) nfeatures, &s->centre);
	if (flags & FLAG_MEANS)
		p = read_doubles(p, end, s, nfeatures, &s->mean);
	if (flags & FLAG_DEVIATIONS)
		p = read_doubles(p, end, s, nfeatures, &s->deviation);
	if (flags & FLAG_CUSTOMERS)
		p = read_customers(p, end, s);
	s->has_inertia = (flags & FLAG_INERTIA) != 0;
	if (s->has_inertia)
		p = read_canonical(p, end, &s->inertia);
	s->has_silhouette = (flags & FLAG_SILHOUETTE) != 0;
	if (s->has_silhouette)
		p = read_canonical(p, end, &s->silhouette);

	/* the finder is made from any that was decoded, so nothing is left open */
	if (p != NULL)
	{
		SegmentationError unused;

		if (!centres_check(segmentation, &unused))
			return NULL;
	}
	return p;
}

/* ---- looking ---- */

static void
centres_default_label(const Segmentation *segmentation, int number, TextBuffer *t)
{
	const Centres *s = (const Centres *) segmentation;
	const double *centre = s->centre + (size_t) (number - 1) * s->nfeatures;

	for (int f = 0; f < s->nfeatures && f < LABEL_FEATURES; f++)
	{
		text_put(t, f == 0 ? "near " : ", ");
		t->used += snprintf(text_room(t, REAL_TEXT_SIZE), REAL_TEXT_SIZE, "%.4g", centre[f]);
	}
	if (s->nfeatures > LABEL_FEATURES)
		text_put(t, ", ...");
}

static void
centres_describe(const Segmentation *segmentation, int number, SegmentRow *row)
{
	const Centres *s = (const Centres *) segmentation;

	if (s->customers == NULL)
		return;
	row->has_customers = true;
	row->customers = s->customers[number - 1];
}

const SegmentationForm centres_form = {
	.name = "centres",
	.use = "segment(segmentation, features)",
	.hint = "Write one centre for each segment, as in {\"method\": \"kmeans\", \"centres\": [[1500, 15], [400, 9], [0, 3]]}.",
	.size = sizeof(Centres),
	.keys = centres_keys,
	.nkeys = CENTRES_KEYS,
	.read = centres_read,
	.complete = centres_complete,
	.print = centres_print,
	.max_size = centres_max_size,
	.pack = centres_pack,
	.unpack = centres_unpack,
	.check = centres_check,
	.default_label = centres_default_label,
	.describe = centres_describe,
};

/* ---- finding ---- */

CentreFinder *
centre_finder_make(const Centres *s)
{
	size_t		k = s->head.k;
	size_t		nfeatures = s->nfeatures;
	size_t		ntiles = (k + LANES - 1) / LANES;
	size_t		numbers = 3 * nfeatures + (k + ntiles * LANES) * nfeatures;
	CentreFinder *finder = cv_alloc(sizeof(CentreFinder) + numbers * sizeof(double));
	double	   *p = (double *) (finder + 1);

	memset(p, 0, numbers * sizeof(double));
	finder->k = s->head.k;
	finder->nfeatures = s->nfeatures;
	finder->nulls = s->nulls;
	finder->mean = p;
	finder->shift = p + nfeatures;
	finder->factor = p + 2 * nfeatures;
	finder->scaled = p + 3 * nfeatures;
	finder->tile = finder->scaled + k * nfeatures;
	for (size_t f = 0; f < nfeatures; f++)
	{
		finder->mean[f] = s->mean ? s->mean[f] : 0.0;
		finder->shift[f] = s->deviation ? finder->mean[f] : 0.0;
		finder->factor[f] = s->deviation ? 1.0 / s->deviation[f] : 1.0;
	}
	for (size_t j = 0; j < k; j++)
	{
		double	   *tile = finder->tile + j / LANES * nfeatures * LANES + j % LANES;

		for (size_t f = 0; f < nfeatures; f++)
		{
			double		v = centre_finder_scale(finder, (int) f, s->centre[j * nfeatures + f]);

			finder->scaled[j * nfeatures + f] = v;
			tile[f * LANES] = v;
		}
	}
	return finder;
}

/* Here the centres are the rows of tiles: (a - b)^2 is (b - a)^2. */
int
centre_finder_nearest(const CentreFinder *finder, const double *scaled)
{
	size_t		step = (size_t) finder->nfeatures * LANES;
	const double *tile = finder->tile;
	double		least = 0.0;
	int			nearest = -1;

	for (int first = 0; first < finder->k; first += LANES, tile += step)
	{
		int			n = Min(LANES, finder->k - first);
		double		square[LANES];

		lanes_store(square, tile_squares(tile, scaled, finder->nfeatures));
		for (int j = 0; j < n; j++)
		{
			if (nearest < 0 || square[j] < least)
			{
				least = square[j];
				nearest = first + j;
			}
		}
	}
	return nearest + 1;
}
