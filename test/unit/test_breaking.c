/*
 * test_breaking.c
 *		Segmentations by cut points under every option: natural breaks against
 *		exhaustive search and a quadratic programme, quantiles and shares
 *		against counting customer by customer.
 *
 * The truths here are computed from lists of customers, sorted, not from
 * distributions, and the results are read from the cut points alone.
 */
#include "common/host.h"

#include <math.h>

#include "segment/breaking.h"
#include "tap.h"

#include "random.h"

static double
uniform(void)
{
	return ((double) (random64() >> 11) + 0.5) / 9007199254740992.0;
}

static int
ascending(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

#define MOST 2000

/* Customers in ascending order, and where they are on a scale. */
typedef struct Customers
{
	int			n;
	double		value[MOST];
	double		scaled[MOST];
} Customers;

static double
random_value(int kind)
{
	switch (kind)
	{
		case 0:					/* ties, both signs */
			return (double) (random64() % 10) - 4;
		case 1:					/* heavy tails on both sides, cents */
			return rint(100 * (random64() % 4 ? 1 : -1) * exp(9 * uniform())) / 100;
		case 2:					/* no decimals */
			return (uniform() - 0.3) / 7;
		default:				/* amounts far from zero */
			return 1e6 + (double) (random64() % 2000);
	}
}

static void
make_customers(Customers *c, int n, int kind)
{
	c->n = n;
	for (int i = 0; i < n; i++)
		c->value[i] = random_value(kind);
	qsort(c->value, n, sizeof(double), ascending);
}

static void
scale_customers(Customers *c, SegmentScale scale)
{
	double	   *size = cv_alloc(c->n * sizeof(double));
	double		unit = 1;
	int			sizes = 0;

	for (int i = 0; i < c->n; i++)
	{
		if (c->value[i] != 0)
			size[sizes++] = fabs(c->value[i]);
	}
	qsort(size, sizes, sizeof(double), ascending);
	if (sizes > 0)
		unit = size[(sizes - 1) / 2];
	for (int i = 0; i < c->n; i++)
	{
		int			first = i;
		int			last = i;

		while (first > 0 && c->value[first - 1] == c->value[i])
			first--;
		while (last + 1 < c->n && c->value[last + 1] == c->value[i])
			last++;
		c->scaled[i] = scale == SCALE_LINEAR ? c->value[i] :
			scale == SCALE_ASINH ? asinh(c->value[i] / unit) : (first + last) / 2.0 + 1;
	}
	cv_free(size);
}

static void
open_distribution(const Customers *c, Values *values, Distribution *d)
{
	memset(values, 0, sizeof(Values));
	values->room = 1;
	values->value = cv_alloc(sizeof(double));
	/* in some other order */
	for (int i = 0; i < c->n; i++)
		values_add(values, c->value[(i * 7 + 3) % c->n]);
	for (int i = 0; c->n % 7 == 0 && i < c->n; i++)
		values->value[i] = c->value[i];
	distribution_open(d, values, false);
}

/*
 * The truth: least sum of squares of ascending customers begin .. end - 1 in j
 * classes of at least "least" customers, for j = 1 .. k, into cost[j].  One
 * class may be smaller if all together are.
 */
#define IMPOSSIBLE 1e4000L

static void
programme(const Customers *c, int begin, int end, int k, int64 least, bool beside_cut,
		  long double *cost)
{
	int			n = end - begin;
	long double *sum = cv_alloc((n + 1) * sizeof(long double));
	long double *square = cv_alloc((n + 1) * sizeof(long double));
	long double *before = cv_alloc((n + 1) * sizeof(long double));
	long double *now = cv_alloc((n + 1) * sizeof(long double));
	long double centre = c->scaled[begin + n / 2];

	if (beside_cut && least > n)
		least = n;
	sum[0] = square[0] = before[0] = 0;
	for (int i = 0; i < n; i++)
	{
		long double v = c->scaled[begin + i] - centre;

		sum[i + 1] = sum[i] + v;
		square[i + 1] = square[i] + v * v;
		before[i + 1] = IMPOSSIBLE;
	}
	for (int j = 1; j <= k; j++)
	{
		long double *swap = before;

		for (int i = 0; i <= n; i++)
		{
			now[i] = IMPOSSIBLE;
			/* no class ends between equal values */
			if (i == 0 || (i < n && c->value[begin + i] == c->value[begin + i - 1]))
				continue;
			for (int p = 0; p < i && i - p >= least; p++)
			{
				long double s = sum[i] - sum[p];
				long double one = before[p] + square[i] - square[p] - s * s / (i - p);

				if (one < now[i])
					now[i] = one;
			}
		}
		before = now;
		now = swap;
		cost[j] = before[n];
	}
	cv_free(sum);
	cv_free(square);
	cv_free(before);
	cv_free(now);
}

/* The same by trying all partitions; at most 14 customers. */
static void
search(const Customers *c, int begin, int end, int k, int64 least, bool beside_cut,
	   long double *cost)
{
	int			n = end - begin;

	if (beside_cut && least > n)
		least = n;
	for (int j = 1; j <= k; j++)
		cost[j] = IMPOSSIBLE;
	for (uint32 breaks = 0; breaks < 1u << (n - 1); breaks++)
	{
		int			j = __builtin_popcount(breaks) + 1;
		long double all = 0;
		bool		good = j <= k;

		for (int from = 0; good && from < n;)
		{
			int			to = from + 1;
			long double mean = c->scaled[begin + from];

			while (to < n && !(breaks >> (to - 1) & 1))
				mean += c->scaled[begin + to++];
			mean /= to - from;
			good = to - from >= least &&
				(to == n || c->value[begin + to] != c->value[begin + to - 1]);
			for (int i = from; i < to; i++)
				all += (c->scaled[begin + i] - mean) * (c->scaled[begin + i] - mean);
			from = to;
		}
		if (good && all < cost[j])
			cost[j] = all;
	}
}

typedef void (*Truth) (const Customers *c, int begin, int end, int k, int64 least,
					   bool beside_cut, long double *cost);

/* Least cost for each number of classes up to k, under all conditions. */
static void
best_costs(const Customers *c, const Breaking *b, int k, Truth truth, long double *cost)
{
	int64		least = b->min_customers;
	double		cut_at = exact_value(b->cut_at);
	long double below[16];
	long double above[16];
	int			cut = 0;

	if (b->min_share > 0 && (int64) ceil(b->min_share * c->n - 1e-9) > least)
		least = (int64) ceil(b->min_share * c->n - 1e-9);
	while (b->has_cut_at && cut < c->n && c->value[cut] < cut_at)
		cut++;
	truth(c, 0, c->n, k, least, false, cost);
	if (cut == 0 || cut == c->n)
		return;
	truth(c, 0, cut, k, least, true, below);
	truth(c, cut, c->n, k, least, true, above);
	for (int j = 2; j <= k; j++)
	{
		cost[j] = IMPOSSIBLE;
		for (int i = 1; i < j; i++)
		{
			if (below[i] + above[j - i] < cost[j])
				cost[j] = below[i] + above[j - i];
		}
	}
}

/* What a segmentation costs, customer by customer; also what it breaks. */
static long double
cost_of(const Customers *c, const Cuts *s, const Breaking *b, bool *good)
{
	SegmentFinder *finder = segment_finder_make(s);
	long double all = 0;
	int			end = c->n;
	bool		both_sides = c->value[0] < exact_value(b->cut_at) &&
		c->value[c->n - 1] >= exact_value(b->cut_at);
	bool		cut_seen = !b->has_cut_at || !both_sides || s->head.k == 1;

	*good = true;
	for (int number = 1; number <= s->head.k; number++)
	{
		int			begin = end;
		long double mean = 0;

		while (begin > 0 && segment_of_double(finder, c->value[begin - 1]) == number)
			mean += c->scaled[--begin];
		mean /= end - begin;
		for (int i = begin; i < end; i++)
			all += (c->scaled[i] - mean) * (c->scaled[i] - mean);
		if (begin == end || s->summary[number - 1].customers != end - begin)
			*good = false;
		if (number < s->head.k && b->has_cut_at &&
			exact_compare(s->cut[number - 1], b->cut_at) == 0)
			cut_seen = true;
		end = begin;
	}
	if (end != 0 || !cut_seen || s->has_cut_at != (b->has_cut_at && both_sides && s->head.k > 1))
		*good = false;
	cv_free(finder);
	return all;
}

static bool
is_near(long double a, long double b, long double total)
{
	return fabsl(a - b) <= 1e-9L * b + 1e-15L * total;
}

/* One set of customers and options; returns what is wrong, or NULL. */
static const char *
check_one(const Customers *c, const Breaking *b, Truth truth)
{
	Values		values;
	Distribution d;
	BreakingFailure failure;
	Cuts	   *s = NULL;
	BreaksStatus status;
	long double cost[16];
	long double ours;
	long double least = IMPOSSIBLE;
	int			k = 0;
	bool		good;
	const char *wrong = NULL;

	best_costs(c, b, b->most, truth, cost);
	for (int j = b->k; j <= b->most; j++)
	{
		if (cost[j] < IMPOSSIBLE && (k == 0 || j * j * cost[j] < least * (1 - 1e-12L)))
		{
			k = j;
			least = j * j * cost[j];
		}
	}
	open_distribution(c, &values, &d);
	status = breaking_apply(b, &d, &s, &failure);
	if (k == 0)
	{
		/* one more customer in each is too many, the number it says is not */
		if (status == BREAKS_OK)
			wrong = "impossible, but found";
		else if (status == BREAKS_TOO_LIGHT)
		{
			Breaking	again = *b;

			again.most = again.k;
			again.min_share = 0;
			again.min_customers = failure.possible;
			best_costs(c, &again, again.k, truth, cost);
			if (failure.possible < 1 || failure.possible >= failure.asked || cost[again.k] == IMPOSSIBLE)
				wrong = "possible number is not possible";
			again.min_customers++;
			best_costs(c, &again, again.k, truth, cost);
			if (cost[again.k] < IMPOSSIBLE)
				wrong = "possible number is not the largest";
		}
		else if (failure.k <= (int) d.count)
			wrong = "other failure";
	}
	else if (status != BREAKS_OK)
		wrong = "possible, but not found";
	else
	{
		ours = cost_of(c, s, b, &good);
		if (!good)
			wrong = "conditions are not met";
		else if (!is_near(ours, cost[s->head.k], cost[1]))
			wrong = "not optimal";
		else if (s->head.k != k &&
				 !is_near(s->head.k * s->head.k * cost[s->head.k], least, cost[1]))
			wrong = "other number of segments";
	}
	if (s)
		segmentation_free(&s->head);
	distribution_close(&d);
	cv_free(values.value);
	return wrong;
}

static Exact
exact_of(const char *text)
{
	Exact		e = {0, 0};

	exact_parse(text, strlen(text), &e);
	return e;
}

/* Every combination of options. */
static void
test_options(int n, int rounds, Truth truth, const char *name)
{
	static const char *const cuts[] = {NULL, "0", "2.5", "1000700"};
	static Customers c;
	int			tried = 0;

	for (SegmentScale scale = SCALE_LINEAR; scale <= SCALE_RANK; scale++)
	{
		int			wrong = 0;
		const char *why = "";

		for (int round = 0; round < rounds; round++)
		{
			for (int option = 0; option < 4 * 4 * 2; option++)
			{
				Breaking	b = {.method = METHOD_NATURAL_BREAKS};
				const char *cut = cuts[option % 4];
				int			kind = (int) (random64() % 4);
				int			size = n <= 14 ? 2 + (int) (random64() % (n - 1)) : n;
				const char *one;

				make_customers(&c, size, kind);
				scale_customers(&c, scale);
				b.scale = scale;
				b.has_cut_at = cut != NULL;
				if (cut)
					b.cut_at = exact_of(cut);
				if (option / 4 % 4 & 1)
					b.min_customers = 1 + (int64) (random64() % (round % 8 ? size / 3 + 1 : size + 3));
				if (option / 4 % 4 & 2)
					b.min_share = 0.05 + 0.3 * uniform();
				b.k = round % 8 ? 1 + (int) (random64() % 4) : 1;
				b.most = option / 16 ? b.k + (int) (random64() % 3) : b.k;
				one = check_one(&c, &b, truth);
				tried++;
				if (one)
				{
					wrong++;
					why = one;
				}
			}
		}
		ok(wrong == 0, "%s, scale %s: %d wrong, last: %s", name, segment_scale_names[scale], wrong, why);
	}
	ok(tried > 0, "%s: %d problems", name, tried);
}

/*
 * Quantiles: each boundary is as near to ntile's as a gap between different
 * values can be, unless the ones above and below it want the same gap.
 */
static void
test_quantiles(void)
{
	static Customers c;
	int			wrong = 0;
	int			plain_wrong = 0;
	int			refused_wrong = 0;

	for (int round = 0; round < 3000; round++)
	{
		Values		values;
		Distribution d;
		int			n = 1 + (int) (random64() % 60);
		int			k = 1 + (int) (random64() % 9);
		int			gap[64];
		int			ngaps = 0;
		int			wanted[16];
		int			top = 0;
		Cuts	   *s;

		make_customers(&c, n, round % 4);
		open_distribution(&c, &values, &d);
		s = quantile_breaks(&d, k);
		/* gaps by the number of customers above them */
		for (int i = 1; i < n; i++)
		{
			if (c.value[n - i] != c.value[n - i - 1])
				gap[ngaps++] = i;
		}
		if ((s == NULL) != (ngaps + 1 < k))
			refused_wrong++;
		for (int j = 1; s && j < k; j++)
		{
			int			ideal = j * (n / k) + Min(j, n % k);
			int			best = 0;

			for (int g = 1; g < ngaps; g++)
			{
				if (abs(gap[g] - ideal) <= abs(gap[best] - ideal))
					best = g;
			}
			/* so many gaps must be left below, and one above for each */
			if (best > ngaps - (k - j))
				best = ngaps - (k - j);
			if (j > 1 && best <= wanted[j - 1])
				best = wanted[j - 1] + 1;
			wanted[j] = best;
			top = gap[best];
			if (exact_value(s->cut[j - 1]) > c.value[n - top] ||
				exact_value(s->cut[j - 1]) <= c.value[n - top - 1])
				wrong++;
		}
		if (s && ngaps == n - 1)
		{
			/* no two equal: ntile itself */
			for (int j = 1; j <= k; j++)
				plain_wrong += s->summary[j - 1].customers != n / k + (j <= n % k);
		}
		if (s)
			segmentation_free(&s->head);
		distribution_close(&d);
		cv_free(values.value);
	}
	ok(wrong == 0, "quantiles: nearest gaps (%d wrong)", wrong);
	ok(plain_wrong == 0, "quantiles: ntile where no two are equal (%d wrong)", plain_wrong);
	ok(refused_wrong == 0, "quantiles: refused where there are too few values (%d wrong)", refused_wrong);
}

/* Shares in percent, counted in cents: whole numbers only. */
static void
test_shares(void)
{
	static Customers c;
	int			wrong = 0;
	int			summary_wrong = 0;
	int			refused_wrong = 0;
	int			empty = 0;

	for (int round = 0; round < 3000; round++)
	{
		Values		values;
		Distribution d;
		int			n = 1 + (int) (random64() % 30);
		int			nshares = 1 + (int) (random64() % 4);
		int			percent[4];
		Exact		share[4];
		int64		gains = 0;
		int64		sum = 0;
		int			i;
		Cuts	   *s;

		make_customers(&c, n, round % 2);
		for (int j = 0, last = 0; j < nshares; j++)
		{
			last += 1 + (int) (random64() % (100 - last - (nshares - 1 - j)));
			percent[j] = last;
			exact_make(last, 2, &share[j]);
		}
		open_distribution(&c, &values, &d);
		s = share_breaks(&d, share, nshares);
		for (i = 0; i < n; i++)
			gains += c.value[i] > 0 ? (int64) rint(100 * c.value[i]) : 0;
		if ((s == NULL) != (gains == 0))
			refused_wrong++;
		i = n - 1;
		for (int j = 0; s && j <= nshares; j++)
		{
			int64		customers = 0;
			SegmentFinder *finder = segment_finder_make(s);

			while (i >= 0 && (j == nshares || (sum * 100 < percent[j] * gains && c.value[i] > 0)))
			{
				double		v = c.value[i];

				/* all with that value, wherever the share is reached */
				for (; i >= 0 && c.value[i] == v; i--)
				{
					sum += (int64) rint(100 * v);
					customers++;
					wrong += segment_of_double(finder, v) != j + 1;
				}
			}
			summary_wrong += s->summary[j].customers != customers;
			empty += customers == 0;
			cv_free(finder);
		}
		if (s)
		{
			SegmentationError error;

			wrong += !segmentation_check(&s->head, &error);
			segmentation_free(&s->head);
		}
		distribution_close(&d);
		cv_free(values.value);
	}
	ok(wrong == 0, "shares: customers where counting has them (%d wrong)", wrong);
	ok(summary_wrong == 0 && empty > 100, "shares: summary (%d wrong, %d empty classes)", summary_wrong, empty);
	ok(refused_wrong == 0, "shares: refused without gains");
}

/* Shares of sums that doubles do not hold, to the last unit. */
static void
test_exact_shares(void)
{
	i128		wide[3] = {(i128) 1 << 90, (i128) 1 << 90, 1};
	Values		values = {0};
	Distribution d;
	Exact		share;
	Cuts	   *s;

	values.room = 1;
	values.value = cv_alloc(sizeof(double));
	values.wide = wide;
	values.nwide = 3;
	distribution_open(&d, &values, false);

	/* two customers have all but one millionth */
	share = exact_of("0.9999999999999999999999999995");
	s = share_breaks(&d, &share, 1);
	ok(s->summary[0].customers == 2, "shares: 28 digits, not quite all");
	segmentation_free(&s->head);
	share = exact_of("0.9999999999999999999999999997");
	s = share_breaks(&d, &share, 1);
	ok(s->summary[0].customers == 3 && s->summary[1].customers == 0, "shares: 28 digits, all");
	segmentation_free(&s->head);
	distribution_close(&d);
	cv_free(values.value);
}

/* Options as text. */
static void
test_text(void)
{
	static const char *const bad[] = {"", "{", "[]", "{\"scale\": \"log\"}", "{\"scale\": 1}",
		"{\"k\": 3}", "{\"cut_at\": \"0\"}", "{\"cut_at\": 1e999}", "{\"min_customers\": 0}",
		"{\"min_customers\": 1.5}", "{\"min_share\": -0.1}", "{\"min_share\": 1.01}",
		"{\"min_share\": null}", "{\"scale\": \"rank\", \"scale\": \"rank\"}", "{} {}"
	};
	static const char *const all = "{\"min_share\": 0.5, \"cut_at\": -1.25, \"min_customers\": 7, \"scale\": \"rank\"}";
	Breaking	b = {0};
	char		why[BREAKING_WHY_SIZE];
	int			accepted = 0;

	ok(breaking_read_options(&b, all, strlen(all), why) && b.scale == SCALE_RANK &&
	   b.min_share == 0.5 && b.min_customers == 7 && b.has_cut_at && exact_value(b.cut_at) == -1.25,
	   "options: all");
	ok(breaking_read_options(&b, "{}", 2, why), "options: none");
	for (size_t i = 0; i < lengthof(bad); i++)
	{
		why[0] = '\0';
		accepted += breaking_read_options(&b, bad[i], strlen(bad[i]), why) || why[0] == '\0';
	}
	ok(accepted == 0, "options: bad ones are refused with a reason");
}

int
main(void)
{
	test_options(14, 40, search, "exhaustive search");
	test_options(60, 12, programme, "programme, 60 customers");
	test_options(MOST, 1, programme, "programme, 2000 customers");
	test_quantiles();
	test_shares();
	test_exact_shares();
	test_text();
	return done_testing("test_breaking");
}
