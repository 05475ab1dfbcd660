/*
 * test_cluster.c
 *		k-means against the best of all partitions, Lloyd's iteration against
 *		the same without bounds, and the text and bytes of centres, mutated ones
 *		included.
 */
#include "common/host.h"

#include <math.h>

#include "cluster/kmeans.h"
#include "tap.h"

#include "random.h"

static double
uniform(void)
{
	return (double) (random64() >> 11) / 9007199254740992.0;
}

/* Rows of some kind: whole numbers with ties, blobs, a heavy tail. */
static double *
random_rows(size_t n, int nfeatures, int kind)
{
	double	   *v = cv_alloc(n * nfeatures * sizeof(double));

	for (size_t i = 0; i < n; i++)
	{
		double		blob = (double) (random64() % 4) * 5.0;

		for (int f = 0; f < nfeatures; f++)
		{
			double	   *at = &v[i * nfeatures + f];

			*at = kind == 0 ? (double) (random64() % 10) :
				kind == 1 ? blob + uniform() + uniform() :
				kind == 2 ? exp(6.0 * uniform()) * (uniform() < 0.2 ? -1.0 : 1.0) :
				1e9 + uniform();
		}
	}
	return v;
}

static Centres *
fit(const double *rows, size_t n, int nfeatures, int k, const Clustering *c)
{
	Centres    *s = NULL;
	size_t		amount;

	return kmeans_fit(rows, n, nfeatures, k, c, &s, &amount) == KMEANS_OK ? s : NULL;
}

static bool
same_bytes(const Centres *a, const Centres *b)
{
	uint8	   *x = cv_alloc(segmentation_max_size(&a->head));
	uint8	   *y = cv_alloc(segmentation_max_size(&b->head));
	size_t		nx = segmentation_encode(&a->head, x);
	size_t		ny = segmentation_encode(&b->head, y);
	bool		same = nx == ny && memcmp(x, y, nx) == 0;

	cv_free(x);
	cv_free(y);
	return same;
}

/* ---- the best of all partitions ---- */

static double
inertia_of_labels(const double *rows, size_t n, int nfeatures, const int *label, int k)
{
	double		sum = 0.0;

	for (int j = 0; j < k; j++)
	{
		for (int f = 0; f < nfeatures; f++)
		{
			double		count = 0.0,
						mean = 0.0;

			for (size_t i = 0; i < n; i++)
			{
				if (label[i] == j)
				{
					count++;
					mean += rows[i * nfeatures + f];
				}
			}
			mean /= Max(count, 1.0);
			for (size_t i = 0; i < n; i++)
			{
				if (label[i] == j)
					sum += pow(rows[i * nfeatures + f] - mean, 2);
			}
		}
	}
	return sum;
}

static double
best_inertia(const double *rows, size_t n, int nfeatures, int *label, size_t placed, int k)
{
	double		best = HUGE_VAL;

	if (placed == n)
		return inertia_of_labels(rows, n, nfeatures, label, k);
	for (int j = 0; j < k; j++)
	{
		label[placed] = j;
		best = Min(best, best_inertia(rows, n, nfeatures, label, placed + 1, k));
	}
	return best;
}

static void
test_optimum(void)
{
	int			wrong = 0;
	int			tests = 0;

	for (int round = 0; round < 60; round++)
	{
		size_t		n = 6 + round % 3;
		int			nfeatures = 1 + round % 3;
		int			k = 2 + round % 2;
		int			label[9];
		double	   *rows = random_rows(n, nfeatures, round % 4);
		Clustering	c = CLUSTERING_DEFAULT;
		Centres    *s;

		c.standardize = false;
		c.starts = 40;
		s = fit(rows, n, nfeatures, k, &c);
		if (s)
		{
			double		best = best_inertia(rows, n, nfeatures, label, 0, k);

			tests++;
			if (!(fabs(s->inertia - best) <= 1e-6 * best + 1e-9))
			{
				printf("# round %d: %.17g, best %.17g\n", round, s->inertia, best);
				wrong++;
			}
			segmentation_free(&s->head);
		}
		cv_free(rows);
	}
	ok(wrong == 0 && tests > 55, "the best of all partitions of few rows is found (%d tests)", tests);
}

/* ---- Lloyd's iteration ---- */

static void
test_bounds(void)
{
	size_t		wrong = 0,
				skipped = 0;

	for (int round = 0; round < 24; round++)
	{
		int			nfeatures = 1 + round % 7;
		int			k = 2 + round % 11;
		double	   *rows = random_rows(1500, nfeatures, round % 4);
		double	   *centre = cv_alloc((size_t) k * nfeatures * sizeof(double));
		Tiles		t;
		Lloyd		l;

		tiles_open(&t, rows, 1500, nfeatures);
		if (t.count >= (size_t) k && choose_centres(&t, k, (uint64) round, round, centre) == k)
		{
			lloyd_open(&l, &t, k);
			lloyd_start(&l, centre);
			if (round % 3 > 0)
				l.changed = 0;	/* few changes: bounds from the beginning */
			for (int i = 0; i < 12; i++)
			{
				lloyd_assign(&l);
				for (size_t row = 0; row < t.count; row++)
				{
					int			nearest = 0;

					for (int j = 1; j < k; j++)
					{
						if (row_square(tiles_row(&t, row), l.centre + j * nfeatures, nfeatures) <
							row_square(tiles_row(&t, row), l.centre + nearest * nfeatures, nfeatures))
							nearest = j;
					}
					wrong += l.label[row] != nearest;
					skipped += i > 0 && l.bounded && l.upper[row] < l.lower[row];
				}
				(void) lloyd_move(&l);
			}
			lloyd_close(&l);
		}
		tiles_close(&t);
		cv_free(rows);
		cv_free(centre);
	}
	ok(wrong == 0, "bounds: every row is with its nearest centre after each iteration");
	ok(skipped > 10000, "bounds: and often that is known without looking");
}

static void
test_repair(void)
{
	double		rows[] = {0, 0, 1, 0, 0, 1, 20, 20, 21, 20, 50, 50};
	double		centre[] = {0, 0, 1000, 1000, 2000, 2000};
	Tiles		t;
	Lloyd		l;
	bool		good = true;

	tiles_open(&t, rows, 6, 2);
	lloyd_open(&l, &t, 3);
	lloyd_start(&l, centre);
	lloyd_run(&l, 100, 0.0);
	for (int j = 0; j < 3; j++)
		good = good && l.customers[j] > 0;
	ok(good && fabs(tiles_inertia(&t, l.centre, 3, NULL) - (4.0 / 3 + 0.5)) < 1e-12,
	   "centres without rows are put where they are needed");
	lloyd_close(&l);
	tiles_close(&t);
}

/* ---- laws of the fit ---- */

static void
shuffle(double *rows, size_t n, int nfeatures)
{
	for (size_t i = n - 1; i > 0; i--)
	{
		size_t		other = random64() % (i + 1);

		for (int f = 0; f < nfeatures; f++)
		{
			double		v = rows[i * nfeatures + f];

			rows[i * nfeatures + f] = rows[other * nfeatures + f];
			rows[other * nfeatures + f] = v;
		}
	}
}

/* segment() of each row: counts, the sum of squares, means; all as stored? */
static bool
holds_for_rows(const Centres *s, const double *rows, size_t n, bool fixed_point)
{
	int			nfeatures = s->nfeatures;
	int			k = s->head.k;
	CentreFinder *finder = centre_finder_make(s);
	double	   *sum = cv_alloc((size_t) k * nfeatures * sizeof(double));
	int64	   *customers = cv_alloc(k * sizeof(int64));
	double	   *v = cv_alloc(nfeatures * sizeof(double));
	double		inertia = 0.0;
	bool		good = true;

	memset(sum, 0, (size_t) k * nfeatures * sizeof(double));
	memset(customers, 0, k * sizeof(int64));
	for (size_t i = 0; i < n; i++)
	{
		int			j;

		for (int f = 0; f < nfeatures; f++)
		{
			double		raw = rows[i * nfeatures + f];

			v[f] = centre_finder_scale(finder, f, raw == raw ? raw : finder->mean[f]);
		}
		j = centre_finder_nearest(finder, v) - 1;
		customers[j]++;
		for (int f = 0; f < nfeatures; f++)
		{
			double		e = v[f] - finder->scaled[j * nfeatures + f];

			inertia += e * e;
			sum[j * nfeatures + f] += e;
		}
	}
	good = fabs(inertia - s->inertia) <= 1e-9 * inertia;
	for (int j = 0; j < k; j++)
	{
		good = good && customers[j] == s->customers[j];
		for (int f = 0; fixed_point && f < nfeatures; f++)
			good = good && fabs(sum[j * nfeatures + f] / (double) customers[j]) <=
				1e-9 * (1.0 + fabs(finder->scaled[j * nfeatures + f]));
		if (j > 0)
			good = good && s->centre[j * nfeatures] <= s->centre[(j - 1) * nfeatures];
	}
	cv_free(finder);
	cv_free(sum);
	cv_free(customers);
	cv_free(v);
	return good;
}

static void
test_laws(void)
{
	int			order_wrong = 0,
				rows_wrong = 0,
				double_wrong = 0,
				starts_wrong = 0,
				unit_wrong = 0;

	for (int round = 0; round < 40; round++)
	{
		size_t		n = 300 + round * 7;
		int			nfeatures = 1 + round % 5;
		int			k = 1 + round % 6;
		double	   *rows = random_rows(2 * n, nfeatures, round % 4);
		Clustering	c = CLUSTERING_DEFAULT;
		Centres    *s;
		Centres    *other;

		c.starts = 3;
		c.seed = round;
		c.standardize = round % 2 == 0;
		c.nulls = round % 3 == 0 ? NULLS_MEAN : NULLS_ERROR;
		for (size_t i = 0; c.nulls == NULLS_MEAN && i < n / 5; i++)
			rows[random64() % (n * nfeatures)] = NAN;
		s = fit(rows, n, nfeatures, k, &c);
		rows_wrong += !holds_for_rows(s, rows, n, true);

		shuffle(rows, n, nfeatures);
		other = fit(rows, n, nfeatures, k, &c);
		order_wrong += !same_bytes(s, other);
		segmentation_free(&other->head);

		c.starts = 6;
		other = fit(rows, n, nfeatures, k, &c);
		starts_wrong += !(other->inertia <= s->inertia * (1 + 1e-12));
		segmentation_free(&other->head);
		c.starts = 3;

		/* everybody twice: the same centres, twice as many customers */
		memcpy(rows + n * nfeatures, rows, n * nfeatures * sizeof(double));
		if (!c.standardize)
		{
			other = fit(rows, 2 * n, nfeatures, k, &c);
			double_wrong += memcmp(s->centre, other->centre, (size_t) k * nfeatures * sizeof(double)) != 0 ||
				other->inertia != 2 * s->inertia || other->customers[0] != 2 * s->customers[0];
			segmentation_free(&other->head);
		}

		/* another unit: another shuffle, the same partition */
		else
		{
			Clustering	same = c;
			Centres    *cents;

			for (size_t i = 0; i < n * nfeatures; i++)
				rows[i] *= 1024.0;
			cents = fit(rows, n, nfeatures, k, &same);
			unit_wrong += !holds_for_rows(cents, rows, n, true);
			segmentation_free(&cents->head);
		}
		segmentation_free(&s->head);
		cv_free(rows);
	}
	ok(rows_wrong == 0, "segment() of the rows gives the stored counts and inertia, and centres are means");
	ok(order_wrong == 0, "the order of rows changes nothing");
	ok(starts_wrong == 0, "more starts are never worse");
	ok(double_wrong == 0, "everybody twice: the same centres");
	ok(unit_wrong == 0, "other units are as good");
}

static void
test_moments(void)
{
	double	   *rows = random_rows(2000, 3, 3);
	double		mean[3],
				deviation[3];
	Tiles		t;
	int			feature;
	int			wrong = 0;

	for (size_t i = 0; i < 2000; i += 3)
		rows[i * 3 + 1] = NAN;
	for (size_t i = 0; i < 2000; i++)
		rows[i * 3 + 2] = 0.1;
	tiles_open(&t, rows, 2000, 3);
	tiles_moments(&t, mean, deviation, &feature);
	for (int f = 0; f < 2; f++)
	{
		long double sum = 0,
					squares = 0;
		int			n = 0;

		for (size_t i = 0; i < 2000; i++)
		{
			if (rows[i * 3 + f] == rows[i * 3 + f])
			{
				sum += rows[i * 3 + f];
				n++;
			}
		}
		for (size_t i = 0; i < 2000; i++)
		{
			if (rows[i * 3 + f] == rows[i * 3 + f])
				squares += powl(rows[i * 3 + f] - sum / n, 2);
		}
		wrong += !(fabs(mean[f] - (double) (sum / n)) < 1e-6) ||
			!(fabs(deviation[f] - (double) sqrtl(squares / (n - 1))) < 1e-9);
	}
	ok(wrong == 0, "means and deviations, of large numbers and with some missing");
	ok(mean[2] == 0.1 && deviation[2] == 0.0, "a feature that is the same everywhere");
	tiles_close(&t);
	cv_free(rows);
}

static void
test_silhouette(void)
{
	int			wrong = 0;
	double		whole = 0.0,
				sample;

	for (int round = 0; round < 30; round++)
	{
		size_t		n = round == 29 ? 4000 : 20 + (size_t) round * 3;
		double	   *rows = random_rows(n, 2, round == 29 ? 1 : round % 3);
		Clustering	c = CLUSTERING_DEFAULT;
		CentreFinder *finder;
		Centres    *s;
		double		sum = 0.0;
		int		   *label = cv_alloc(n * sizeof(int));

		c.standardize = false;
		s = fit(rows, n, 2, 4, &c);
		finder = centre_finder_make(s);
		for (size_t i = 0; i < n; i++)
			label[i] = centre_finder_nearest(finder, rows + 2 * i) - 1;
		for (size_t i = 0; i < n; i++)
		{
			double		way[4] = {0};
			double		a,
						b = HUGE_VAL;

			for (size_t j = 0; j < n; j++)
				way[label[j]] += hypot(rows[2 * i] - rows[2 * j], rows[2 * i + 1] - rows[2 * j + 1]);
			if (s->customers[label[i]] == 1)
				continue;
			a = way[label[i]] / (double) (s->customers[label[i]] - 1);
			for (int j = 0; j < 4; j++)
				b = j == label[i] ? b : Min(b, way[j] / (double) s->customers[j]);
			sum += (b - a) / Max(a, b);
		}
		if (round < 29)
			wrong += !(fabs(sum / (double) n - s->silhouette) < 1e-12);
		whole = sum / (double) n;
		sample = s->silhouette;
		cv_free(label);
		cv_free(finder);
		cv_free(rows);
		segmentation_free(&s->head);
	}
	ok(wrong == 0, "silhouette as its formula says");
	ok(whole != sample && fabs(whole - sample) < 0.02, "silhouette of a sample: %.4f for %.4f", sample, whole);
}

static void
test_draws(void)
{
	double		rows[] = {1, 2, 2, 3, 3, 3, 3, 3, 3, 3};
	int			drawn[4] = {0};
	Tiles		t;
	double		centre[3];

	tiles_open(&t, rows, 10, 1);
	for (uint64 seed = 0; seed < 20000; seed++)
	{
		choose_centres(&t, 1, seed * UINT64CONST(0x9E3779B97F4A7C15) + 5, 0, centre);
		drawn[(int) centre[0]]++;
	}
	ok(t.count == 3 && abs(drawn[1] - 2000) < 170 && abs(drawn[2] - 4000) < 230 && abs(drawn[3] - 14000) < 260,
	   "the first centre is each customer equally often: %d %d %d", drawn[1], drawn[2], drawn[3]);
	ok(choose_centres(&t, 3, 9, 0, centre) == 3 && centre[0] + centre[1] + centre[2] == 6.0,
	   "no row is drawn twice");
	tiles_close(&t);
}

static void
test_status(void)
{
	double		few[] = {1, 1, 2, 2};
	double		tiny[] = {0, 1e-200, 2e-200, 1};
	double		missing[] = {1, NAN, 2, NAN, 3, NAN};
	double		narrow[] = {1, 1e-60, 2, 2e-60, 3, 1e-60};
	double		tie[] = {0, 10};
	Clustering	c = CLUSTERING_DEFAULT;
	Centres    *s;
	CentreFinder *finder;
	size_t		amount = 0;

	ok(kmeans_fit(few, 4, 1, 3, &c, &s, &amount) == KMEANS_TOO_FEW_ROWS && amount == 2, "too few rows");
	c.standardize = false;
	ok(kmeans_fit(tiny, 4, 1, 4, &c, &s, &amount) == KMEANS_TOO_CLOSE && amount == 2, "rows too close");
	c.standardize = true;
	c.nulls = NULLS_MEAN;
	ok(kmeans_fit(missing, 3, 2, 1, &c, &s, &amount) == KMEANS_ALL_MISSING && amount == 2, "a feature nobody has");
	ok(kmeans_fit(narrow, 3, 2, 1, &c, &s, &amount) == KMEANS_TOO_NARROW && amount == 2, "a feature too narrow");

	s = centres_new(2, 1);
	memcpy(s->centre, tie, sizeof(tie));
	finder = centre_finder_make(s);
	ok(centre_finder_nearest(finder, (double[]) {5}) == 1 && centre_finder_nearest(finder, (double[]) {5.5}) == 2,
	   "of equally near centres the first");
	cv_free(finder);
	segmentation_free(&s->head);
}

static void
test_options(void)
{
	static const char *const good[] = {
		"{}", "{\"seed\": 9223372036854775807}", "{\"seed\": -9223372036854775808, \"starts\": 1}",
		"{\"nulls\": \"skip\", \"standardize\": false, \"tolerance\": 1e-4, \"max_iterations\": 1}"
	};
	static const char *const bad[] = {
		"", "[]", "{", "{} {}", "{\"seed\": 9223372036854775808}", "{\"seed\": 1.5}", "{\"seed\": \"1\"}",
		"{\"starts\": 0}", "{\"starts\": 1001}", "{\"starts\": null}", "{\"max_iterations\": 0}", "{\"tolerance\": -1}",
		"{\"tolerance\": 2}", "{\"standardize\": 1}", "{\"nulls\": \"median\"}", "{\"k\": 3}",
		"{\"starts\": 3, \"starts\": 3}", "{\"seed\": -9223372036854775809}",
		"{\"seed\": 99999999999999999999999999999999999999999999999999}"
	};
	Clustering	c = CLUSTERING_DEFAULT;
	char		why[240];
	int			wrong = 0;

	for (size_t i = 0; i < lengthof(good); i++)
		wrong += !clustering_read(&c, good[i], strlen(good[i]), why, sizeof(why));
	ok(wrong == 0 && c.seed == INT64_MIN && c.starts == 1 && c.nulls == NULLS_SKIP && !c.standardize &&
	   c.tolerance == 1e-4 && c.max_iterations == 1, "options are read");
	for (size_t i = 0; i < lengthof(bad); i++)
	{
		why[0] = '\0';
		if (clustering_read(&c, bad[i], strlen(bad[i]), why, sizeof(why)) || why[0] == '\0')
		{
			printf("# accepted: %s\n", bad[i]);
			wrong++;
		}
	}
	ok(wrong == 0, "bad options are refused");
}

/* ---- text and bytes ---- */

#include "mutate.h"

/* What is accepted comes back the same, and can be used. */
static void
use(const Segmentation *s)
{
	const SegmentationForm *form = segmentation_form(s->method);

	for (int j = 1; j <= s->k; j++)
	{
		SegmentRow	row = {0};
		TextBuffer	t;

		text_open(&t);
		segmentation_put_label(s, j, &t);
		cv_free(t.begin);
		form->describe(s, j, &row);
	}
	if (form == &centres_form)
	{
		const Centres *centres = (const Centres *) s;
		CentreFinder *finder = centre_finder_make(centres);
		int			found = centre_finder_nearest(finder, finder->scaled);

		if (found < 1 || found > s->k)
			abort();
		cv_free(finder);
	}
}

static bool
bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_decode(bytes, length, &error);
	bool		same = true;

	*accepted = s != NULL && segmentation_check(s, &error);
	if (*accepted)
	{
		uint8	   *again = cv_alloc(segmentation_max_size(s));

		same = segmentation_encode(s, again) == length && memcmp(again, bytes, length) == 0;
		cv_free(again);
		use(s);
	}
	if (s)
		segmentation_free(s);
	return same;
}

static bool
text_holds(const char *text, size_t length, bool *accepted)
{
	SegmentationError error = {.detail = ""};
	Segmentation *s = segmentation_parse(text, length, &error);
	bool		same = true;

	*accepted = s != NULL;
	if (s)
	{
		char	   *printed = segmentation_print(s);
		Segmentation *back = segmentation_parse(printed, strlen(printed), &error);
		char	   *twice = back ? segmentation_print(back) : (char *) copy_of("", 1);

		same = strcmp(printed, twice) == 0;
		cv_free(printed);
		cv_free(twice);
		if (back)
			segmentation_free(back);
		use(s);
		segmentation_free(s);
	}
	else
		same = error.detail[0] != '\0';
	return same;
}

static void
test_forms(void)
{
	int			wrong = 0,
				mutants_wrong = 0,
				mutants_accepted = 0;

	for (int round = 0; round < 60; round++)
	{
		int			nfeatures = 1 + round % 4;
		double	   *rows = random_rows(120, nfeatures, round % 4);
		Clustering	c = CLUSTERING_DEFAULT;
		SegmentationError error;
		Centres    *s;
		Segmentation *back;
		uint8	   *bytes;
		size_t		length;
		char	   *text;
		bool		accepted;

		c.starts = 1;
		c.standardize = round % 3 > 0;
		c.nulls = (NullPolicy) (round / 2 % 3);
		s = fit(rows, 120, nfeatures, 1 + round % 9, &c);
		if (round % 5 == 0)
		{
			segmentation_add_labels(&s->head);
			for (int j = 0; j < s->head.k; j++)
				s->head.label[j] = (SegmentLabel)
			{
				"a \"label\"", 9
			};
		}
		bytes = cv_alloc(segmentation_max_size(&s->head));
		length = segmentation_encode(&s->head, bytes);
		text = segmentation_print(&s->head);
		back = segmentation_parse(text, strlen(text), &error);
		wrong += back == NULL || !same_bytes(s, (Centres *) back);
		wrong += !bytes_hold(bytes, length, &accepted) || !accepted;
		wrong += !text_holds(text, strlen(text), &accepted) || !accepted;
		for (int i = 0; i < 500; i++)
		{
			size_t		size = length;
			uint8	   *mutant = copy_of(bytes, length);

			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !bytes_hold(mutant, size, &accepted);
			mutants_accepted += accepted;
			cv_free(mutant);

			size = strlen(text);
			mutant = copy_of(text, size);
			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !text_holds((char *) mutant, size, &accepted);
			mutants_accepted += accepted;
			cv_free(mutant);
		}
		if (back)
			segmentation_free(back);
		segmentation_free(&s->head);
		cv_free(bytes);
		cv_free(text);
		cv_free(rows);
	}
	ok(wrong == 0, "centres: bytes and text round-trip");
	ok(mutants_wrong == 0 && mutants_accepted > 1000,
	   "centres: mutants are refused or come back the same (%d accepted)", mutants_accepted);
}

int
main(void)
{
	test_optimum();
	test_bounds();
	test_repair();
	test_laws();
	test_moments();
	test_silhouette();
	test_draws();
	test_status();
	test_options();
	test_forms();
	return done_testing("test_cluster");
}
