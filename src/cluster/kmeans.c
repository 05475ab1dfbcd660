/*
 * kmeans.c
 *		From rows of features to a segmentation by centres.
 */
#include "cluster/kmeans.h"

#include <float.h>
#include <math.h>

#include "common/real.h"
#include "common/twofold.h"

/* ---- options ---- */

enum
{
	KEY_SEED, KEY_STARTS, KEY_MAX_ITERATIONS, KEY_TOLERANCE, KEY_STANDARDIZE, KEY_NULLS
};

static const char *const clustering_keys[] = {
	"seed", "starts", "max_iterations", "tolerance", "standardize", "nulls"
};

/* All 64 bits of it, which a double does not hold. */
static bool
read_seed(JsonObject *o, int64 *seed)
{
	JsonToken	token = json_next(o->json);
	const char *p = o->json->text;
	const char *end = p + o->json->length;
	bool		negative;
	i128		v = 0;

	if (token != JSON_NUMBER)
		return object_wrong(o, token, "a whole number");
	negative = *p == '-';
	for (p += negative; p < end && *p >= '0' && *p <= '9' && v <= INT64_MAX; p++)
		v = v * 10 + (*p - '0');
	v = negative ? -v : v;
	if (p < end || v > INT64_MAX || v < INT64_MIN)
		return object_fail(o, "Key \"seed\" takes a whole number of 64 bits.");
	*seed = (int64) v;
	return true;
}

static bool
read_option(JsonObject *o, int key, Clustering *c)
{
	int64		number = 0;
	int			which = 0;

	switch (key)
	{
		case KEY_SEED:
			return read_seed(o, &c->seed);
		case KEY_STARTS:
			if (!object_count(o, 1, KMEANS_MAX_STARTS, &number))
				return false;
			c->starts = (int) number;
			return true;
		case KEY_MAX_ITERATIONS:
			if (!object_count(o, 1, KMEANS_MAX_ITERATIONS, &number))
				return false;
			c->max_iterations = (int) number;
			return true;
		case KEY_TOLERANCE:
			if (!object_real(o, &c->tolerance))
				return false;
			if (!(c->tolerance >= 0.0 && c->tolerance <= 1.0))
				return object_fail(o, "Key \"tolerance\" takes a number from 0 to 1.");
			return true;
		case KEY_STANDARDIZE:
			return object_bool(o, &c->standardize);
		default:
			if (!object_word(o, null_policy_names, NULL_POLICIES, &which))
				return false;
			c->nulls = (NullPolicy) which;
			return true;
	}
}

bool
clustering_read(Clustering *c, const char *text, size_t length, char *why, size_t why_size)
{
	JsonReader	json;
	JsonObject	o;
	int			key = OBJECT_ERROR;
	bool		good = object_open_text(&o, &json, text, length, clustering_keys,
										lengthof(clustering_keys), why, why_size);

	while (good && (key = object_next(&o)) >= 0)
		good = read_option(&o, key, c);
	good = good && key == OBJECT_END && object_close_text(&o);
	json_close(&json);
	return good;
}

/* ---- the fit ---- */

/* Rounding to a pleasant number of digits may move a centre by so many deviations. */
#define TIDY_SHARE 1e-9

/* Another sequence of random numbers for each start, whatever the seed. */
static uint64
seed_of_start(int64 seed, int start)
{
	uint64		mixed = (uint64) seed * UINT64CONST(0xD6E8FEB86659FD93);

	mixed ^= mixed >> 32;
	return mixed + (uint64) start * UINT64CONST(0xA0761D6478BD642F);
}

/* The tolerance is a share of the mean variance of the features. */
static double
allowed_way(const Clustering *clustering, const double *deviation, int nfeatures)
{
	double		sum = 0.0;

	for (int f = 0; f < nfeatures; f++)
		sum += clustering->standardize ? deviation[f] > 0.0 : deviation[f] * deviation[f];
	return clustering->tolerance * sum / nfeatures;
}

/* The best of the starts, in centre[].  Returns how many centres were found. */
static int
best_of_starts(const Tiles *t, int k, const Clustering *clustering, double way,
			   double *centre)
{
	size_t		size = (size_t) k * t->nfeatures * sizeof(double);
	double	   *begin = cv_alloc(size);
	double		least = DBL_MAX;
	int			found = k;
	Lloyd		l;

	lloyd_open(&l, t, k);
	for (int start = 0; start < clustering->starts && found == k; start++)
	{
		double		inertia = 0.0;

		found = choose_centres(t, k, seed_of_start(clustering->seed, start), start, begin);
		if (found < k)
			break;
		lloyd_start(&l, begin);
		lloyd_run(&l, clustering->max_iterations, way);
		if (clustering->starts > 1)
			inertia = tiles_inertia(t, l.centre, k, NULL);
		if (start == 0 || inertia < least)
		{
			least = inertia;
			memcpy(centre, l.centre, size);
		}
	}
	lloyd_close(&l);
	cv_free(begin);
	return found;
}

/* Descending by the first feature, then by the second, ... */
static bool
is_more_valuable(const double *a, const double *b, int nfeatures)
{
	for (int f = 0; f < nfeatures; f++)
	{
		if (a[f] != b[f])
			return a[f] > b[f];
	}
	return false;
}

/*
 * To 15 digits: what was 22.5 before it was scaled there and back is 22.5
 * again.  Whatever is computed afterwards is computed from these; so it is
 * left alone where customers are so close together, given how large their
 * features are, that the digits beyond tell them apart.
 */
static double
tidy(double v, double deviation)
{
	char		text[REAL_TEXT_SIZE];
	double		rounded;

	snprintf(text, sizeof(text), "%.15g", v);
	rounded = strtod(text, NULL);
	if (!(fabs(rounded - v) <= TIDY_SHARE * deviation) || fabs(rounded) >= FEATURE_LIMIT)
		rounded = v;
	return rounded + 0.0;
}

/*
 * The means of the rows that are nearest to each scaled centre, in raw units
 * and from the raw features: exact to the digits that are kept.
 */
static double *
raw_centres(const Centres *s, const Tiles *t, const double *rows, const double *deviation,
			const double *scaled)
{
	size_t		nfeatures = t->nfeatures;
	size_t		k = s->head.k;
	Twofold    *sum = cv_alloc(k * nfeatures * sizeof(Twofold));
	double	   *customers = cv_alloc(k * sizeof(double));
	double	   *raw = cv_alloc(k * nfeatures * sizeof(double));

	memset(sum, 0, k * nfeatures * sizeof(Twofold));
	memset(customers, 0, k * sizeof(double));
	for (size_t i = 0; i < t->ntiles; i++)
	{
		double		number[LANES];

		lanes_store(number, tile_nearest(tile_at(t, i), scaled, (int) k, t->nfeatures).number);
		for (size_t row = i * LANES; row < (i + 1) * LANES && row < t->count; row++)
		{
			const double *v = rows + t->source[row] * nfeatures;
			size_t		j = (size_t) number[row % LANES];
			Twofold    *to = sum + j * nfeatures;

			if (row + 2 * LANES < t->count)
				__builtin_prefetch(rows + t->source[row + 2 * LANES] * nfeatures);
			customers[j] += t->weight[row];
			for (size_t f = 0; f < nfeatures; f++)
			{
				double		one = v[f] == v[f] ? v[f] : s->mean[f];
				Twofold		all = twofold_product(one, t->weight[row]);
				Twofold		more = twofold_sum(to[f].hi, all.hi);

				to[f].hi = more.hi;
				to[f].lo += more.lo + all.lo;
			}
		}
		if ((i & 0x3F) == 0)
			cv_check_interrupts();
	}
	for (size_t i = 0; i < k * nfeatures; i++)
	{
		size_t		f = i % nfeatures;

		double		v;

		if (customers[i / nfeatures] > 0.0)
			v = twofold_value(twofold_divide(twofold_sum(sum[i].hi, sum[i].lo),
											 customers[i / nfeatures]));
		else					/* stopped before everything was settled */
			v = s->deviation ? s->mean[f] + scaled[i] * s->deviation[f] : scaled[i];
		raw[i] = tidy(v, deviation[f]);
	}
	cv_free(sum);
	cv_free(customers);
	return raw;
}

/* The most valuable first. */
static void
place_centres(Centres *s, const double *raw)
{
	int			nfeatures = s->nfeatures;
	size_t		size = nfeatures * sizeof(double);

	for (int j = 0; j < s->head.k; j++)
	{
		const double *one = raw + (size_t) j * nfeatures;
		double	   *place = s->centre + (size_t) j * nfeatures;

		while (place > s->centre && is_more_valuable(one, place - nfeatures, nfeatures))
		{
			memcpy(place, place - nfeatures, size);
			place -= nfeatures;
		}
		memcpy(place, one, size);
	}
}

/* What is known of the customers, now that segments have their numbers. */
static void
summarise(Centres *s, const Tiles *t)
{
	CentreFinder *finder = centre_finder_make(s);
	int			k = s->head.k;
	double	   *customers = cv_alloc(k * sizeof(double));

	s->inertia = tiles_inertia(t, finder->scaled, k, customers);
	s->has_inertia = true;
	s->customers = segmentation_alloc(&s->head, k * sizeof(int64));
	for (int j = 0; j < k; j++)
		s->customers[j] = (int64) customers[j];
	s->has_silhouette = silhouette_of(t, finder->scaled, k, &s->silhouette);
	cv_free(customers);
	cv_free(finder);
}

/* Means and deviations go into the segmentation, to the rows they are applied. */
static KmeansStatus
scale_rows(Tiles *t, const Clustering *clustering, Centres *s, double *deviation,
		   size_t *amount)
{
	CentreFinder *finder;
	int			feature;

	s->mean = segmentation_alloc(&s->head, t->nfeatures * sizeof(double));
	if (!tiles_moments(t, s->mean, deviation, &feature))
	{
		*amount = (size_t) feature;
		return KMEANS_ALL_MISSING;
	}
	for (int f = 0; f < t->nfeatures; f++)
		s->mean[f] = tidy(s->mean[f], deviation[f]);
	for (int f = 0; clustering->standardize && f < t->nfeatures; f++)
	{
		if (deviation[f] > 0.0 && deviation[f] < DEVIATION_MIN)
		{
			*amount = (size_t) f + 1;
			return KMEANS_TOO_NARROW;
		}
	}
	if (clustering->standardize)
	{
		s->deviation = segmentation_alloc(&s->head, t->nfeatures * sizeof(double));
		for (int f = 0; f < t->nfeatures; f++)
			s->deviation[f] = deviation[f] > 0.0 ? tidy(deviation[f], deviation[f]) : 1.0;
	}
	else if (clustering->nulls != NULLS_MEAN)
		s->mean = NULL;			/* not needed */
	s->nulls = clustering->nulls;
	finder = centre_finder_make(s);
	tiles_scale(t, finder);
	cv_free(finder);
	return KMEANS_OK;
}

static KmeansStatus
fit_tiles(Tiles *t, const double *rows, const Clustering *clustering, Centres *s,
		  size_t *amount)
{
	int			k = s->head.k;
	double	   *deviation = cv_alloc(t->nfeatures * sizeof(double));
	double	   *centre = cv_alloc((size_t) k * t->nfeatures * sizeof(double));
	KmeansStatus status = scale_rows(t, clustering, s, deviation, amount);

	if (status == KMEANS_OK)
	{
		double		way = allowed_way(clustering, deviation, t->nfeatures);
		int			found = best_of_starts(t, k, clustering, way, centre);

		if (found == k)
		{
			double	   *raw = raw_centres(s, t, rows, deviation, centre);

			place_centres(s, raw);
			cv_free(raw);
			summarise(s, t);
		}
		else
		{
			*amount = (size_t) found;
			status = KMEANS_TOO_CLOSE;
		}
	}
	cv_free(deviation);
	cv_free(centre);
	return status;
}

KmeansStatus
kmeans_fit(const double *rows, size_t count, int nfeatures, int k,
		   const Clustering *clustering, Centres **result, size_t *amount)
{
	Tiles		t;
	Centres    *s;
	KmeansStatus status;

	tiles_open(&t, rows, count, nfeatures);
	if (t.count < (size_t) k)
	{
		*amount = t.count;
		tiles_close(&t);
		return KMEANS_TOO_FEW_ROWS;
	}
	s = centres_new(k, nfeatures);
	status = fit_tiles(&t, rows, clustering, s, amount);
	tiles_close(&t);
	if (status == KMEANS_OK)
		*result = s;
	else
		segmentation_free(&s->head);
	return status;
}
