/*
 * test_breaks.c
 *		Optimal partitions against exhaustive search in exact integers, and
 *		against a quadratic programme in quadruple precision.
 */
#include "common/host.h"

#include "segment/breaks_side.h"
#include "tap.h"

#include "random.h"

static int
ascending(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/*
 * Exhaustive search.  Costs are fractions over the least common multiple of
 * all possible weights of a class, so nothing is rounded.
 */
#define MOST 14

typedef struct Small
{
	int			n;
	int			k;
	int64		value[MOST];
	int64		weight[MOST];
	int64		min_weight;
	int			cut;
	i128		multiple;
} Small;

static int64
total_weight(const Small *s, int from, int to)
{
	int64		w = 0;

	for (int i = from; i < to; i++)
		w += s->weight[i];
	return w;
}

static i128
class_cost(const Small *s, int from, int to)
{
	i128		w = 0,
				sum = 0,
				square = 0;

	for (int i = from; i < to; i++)
	{
		w += s->weight[i];
		sum += (i128) s->weight[i] * s->value[i];
		square += (i128) s->weight[i] * s->value[i] * s->value[i];
	}
	return (w * square - sum * sum) * (s->multiple / w);
}

static i128
partition_cost(const Small *s, const size_t *first)
{
	i128		cost = 0;

	for (int j = 0; j < s->k; j++)
		cost += class_cost(s, (int) first[j], j + 1 < s->k ? (int) first[j + 1] : s->n);
	return cost;
}

/* Is this partition allowed?  The lighter side of a cut may be one class. */
static bool
allowed(const Small *s, const size_t *first)
{
	bool		cut = s->cut > 0 && s->cut < s->n;
	bool		cut_seen = !cut;

	for (int j = 0; j < s->k; j++)
	{
		int			from = (int) first[j];
		int			to = j + 1 < s->k ? (int) first[j + 1] : s->n;
		int64		side = !cut ? total_weight(s, 0, s->n) :
			from < s->cut ? total_weight(s, 0, s->cut) : total_weight(s, s->cut, s->n);

		if (from >= to)
			return false;
		if (from == s->cut)
			cut_seen = true;
		if (total_weight(s, from, to) < Min(s->min_weight, side))
			return false;
	}
	return cut_seen;
}

/* Least cost over all choices of k - 1 breaks; -1 if none is allowed. */
static i128
search(const Small *s)
{
	i128		least = -1;

	for (uint32 breaks = 0; breaks < (1u << (s->n - 1)); breaks++)
	{
		size_t		first[MOST] = {0};
		int			j = 1;

		if (__builtin_popcount(breaks) != s->k - 1)
			continue;
		for (int i = 1; i < s->n; i++)
			if (breaks & (1u << (i - 1)))
				first[j++] = i;
		if (allowed(s, first))
		{
			i128		cost = partition_cost(s, first);

			if (least < 0 || cost < least)
				least = cost;
		}
	}
	return least;
}

static i128
gcd(i128 a, i128 b)
{
	return b == 0 ? a : gcd(b, a % b);
}

/* A small problem of one of several kinds. */
static void
make_small(Small *s, int kind)
{
	double		sorted[MOST];
	int			n = 1 + (int) (random64() % MOST);

	for (int i = 0; i < n; i++)
	{
		double		v;

		switch (kind)
		{
			case 0:				/* many ties before they are counted */
				v = (double) (random64() % 10) - 5;
				break;
			case 1:				/* both signs */
				v = (double) (random64() % 2000001) - 1000000;
				break;
			case 2:				/* heavy tails on both sides */
				v = (double) (random64() % 50);
				if (random64() % 4 == 0)
					v = (random64() % 2 ? 1e12 : -1e12) + (double) (random64() % 3);
				break;
			case 3:				/* close together, far from zero */
				v = 1e9 + (double) (random64() % 20);
				break;
			default:			/* evenly spaced: partitions tie */
				v = i * 10;
				break;
		}
		sorted[i] = v;
	}
	qsort(sorted, n, sizeof(double), ascending);
	s->n = 0;
	for (int i = 0; i < n; i++)
	{
		if (s->n > 0 && s->value[s->n - 1] == (int64) sorted[i])
			s->weight[s->n - 1]++;
		else
		{
			s->value[s->n] = (int64) sorted[i];
			s->weight[s->n++] = 1;
		}
	}
	s->k = 1 + (int) (random64() % Min(s->n, 6));
	s->min_weight = random64() % 2 ? 1 : 1 + (int64) (random64() % 4);
	s->cut = random64() % 2 ? 0 : (int) (random64() % (s->n + 1));
	s->multiple = 1;
	for (int64 w = 1; w <= total_weight(s, 0, s->n); w++)
		s->multiple = s->multiple / gcd(s->multiple, w) * w;
}

static void
test_exhaustive(void)
{
	static const char *const kinds[] = {"ties", "both signs", "heavy tails",
	"clusters far from zero", "even spacing"};

	for (int kind = 0; kind < 5; kind++)
	{
		int			wrong = 0,
					impossible = 0,
					feasible_wrong = 0;

		for (int round = 0; round < 4000; round++)
		{
			Small		s;
			double		value[MOST];
			size_t		first[MOST];
			BreaksProblem problem;
			BreaksStatus status;
			i128		least;

			make_small(&s, kind);
			for (int i = 0; i < s.n; i++)
				value[i] = (double) s.value[i];
			problem.value = value;
			problem.weight = s.weight;
			problem.count = s.n;
			problem.classes = s.k;
			problem.min_weight = s.min_weight;
			problem.cut = s.cut;
			breaks_bins = round % 2 ? 512 : 1 + (int) (random64() % 5);
			least = search(&s);
			status = breaks_solve(&problem, first);
			if (least < 0)
			{
				impossible++;
				if (status != BREAKS_TOO_LIGHT && status != BREAKS_TOO_FEW_VALUES)
					wrong++;
			}
			else if (status != BREAKS_OK || !allowed(&s, first) ||
					 partition_cost(&s, first) != least)
				wrong++;

			/* the largest least weight: that one works, the next does not */
			problem.min_weight = 1000;
			s.min_weight = breaks_feasible_weight(&problem);
			if (s.min_weight > 0 && search(&s) < 0)
				feasible_wrong++;
			s.min_weight++;
			if (s.min_weight < 1000 && search(&s) >= 0)
				feasible_wrong++;
		}
		ok(wrong == 0, "exhaustive search agrees: %s (%d wrong, %d impossible)",
		   kinds[kind], wrong, impossible);
		ok(feasible_wrong == 0, "largest feasible least weight: %s", kinds[kind]);
	}
	breaks_bins = 512;
}

/*
 * The quadratic programme, in quadruple precision (113 bits).
 */
typedef __float128 quad;

static quad
quad_programme(const double *value, const int64 *weight, int n, int k,
			   int64 min_weight)
{
	quad	   *w = malloc((n + 1) * sizeof(quad));
	quad	   *s = malloc((n + 1) * sizeof(quad));
	quad	   *q = malloc((n + 1) * sizeof(quad));
	quad	   *before = malloc((n + 1) * sizeof(quad));
	quad	   *now = malloc((n + 1) * sizeof(quad));
	const quad	infinite = 1e4000Q;
	quad		result;

	w[0] = s[0] = q[0] = 0;
	for (int i = 0; i < n; i++)
	{		quad		v = (quad) value[i] - value[n / 2];

		w[i + 1] = w[i] + weight[i];
		s[i + 1] = s[i] + v * weight[i];
		q[i + 1] = q[i] + v * v * weight[i];
		before[i] = infinite;
	}
	before[n] = infinite;
	before[0] = 0;
	for (int j = 1; j <= k; j++)
	{
		quad	   *swap = before;

		for (int i = 0; i <= n; i++)
		{
			now[i] = infinite;
			for (int p = 0; p < i && w[i] - w[p] >= min_weight; p++)
			{
				quad		sum = s[i] - s[p];
				quad		cost = before[p] + q[i] - q[p] - sum * sum / (w[i] - w[p]);

				if (cost < now[i])
					now[i] = cost;
			}
		}
		before = now;
		now = swap;
	}
	result = before[n];
	free(w);
	free(s);
	free(q);
	free(before);
	free(now);
	return result;
}

static quad
quad_cost(const double *value, const int64 *weight, int n, int k, const size_t *first)
{
	quad		cost = 0;

	for (int j = 0; j < k; j++)
	{
		int			end = j + 1 < k ? (int) first[j + 1] : n;
		quad		w = 0,
					s = 0;

		for (int i = (int) first[j]; i < end; i++)
		{
			w += weight[i];
			s += (quad) value[i] * weight[i];
		}
		for (int i = (int) first[j]; i < end; i++)
		{
			quad		d = value[i] - s / w;

			cost += d * d * weight[i];
		}
	}
	return cost;
}

static void
test_programme(void)
{
	static const char *const kinds[] = {"uniform", "exponential", "both signs, heavy tails",
	"ten clusters far from zero", "weighted"};
	enum
	{
		n = 2000
	};
	static double value[n];
	static int64 weight[n];

	for (int kind = 0; kind < 5; kind++)
	{
		/* few bins, so that narrowing has something to do */
		for (int bins = 512; bins >= 8; bins /= 8)
		{
			int			k = bins == 512 ? 2 : 7;
			int64		min_weight = bins == 64 ? 101 : 1;
			size_t		first[16];
			BreaksProblem problem = {value, weight, n, k, min_weight, 0};
			quad		least,
						cost;

			for (int i = 0; i < n; i++)
			{
				double		u = ((double) (random64() >> 11) + 0.5) / 9007199254740992.0;

				weight[i] = kind == 4 ? 1 + (int64) (random64() % 20) : 1;
				value[i] = kind == 0 || kind == 4 ? u * 1000 :
					kind == 1 ? exp(8 * u) :
					kind == 2 ? (random64() % 5 ? 1 : -1) * (1 / (u * u) + u) :
					1e9 + (double) (random64() % 10) * 100 + u;
			}
			qsort(value, n, sizeof(double), ascending);
			breaks_bins = bins;
			if (!ok(breaks_solve(&problem, first) == BREAKS_OK,
					"%s: k = %d, at least %d: solved", kinds[kind], k, (int) min_weight))
				continue;
			least = quad_programme(value, weight, n, k, min_weight);
			cost = quad_cost(value, weight, n, k, first);
			ok(cost <= least * (1 + 1e-24Q) && cost >= least * (1 - 1e-20Q),
			   "%s: k = %d, at least %d, %d bins: optimal", kinds[kind], k, (int) min_weight, bins);
		}
	}
	breaks_bins = 512;
}

/*
 * The quadratic programme once more, in integers, over more values and with
 * ties: costs in units of 2^-20, rounded down, so a partition is off by less
 * than one unit for each class.
 */
static i128
integer_cost(const i128 *sum, const i128 *square, int p, int i)
{
	i128		s = sum[i] - sum[p];

	return (((square[i] - square[p]) * (i - p) - s * s) << 20) / (i - p);
}

static void
test_integers(void)
{
	enum
	{
		n = 5000,
		k = 5
	};
	static double all[n];
	static double value[n];
	static int64 weight[n];
	static i128 sum[n + 1];
	static i128 square[n + 1];
	static i128 before[n + 1];
	static i128 now[n + 1];
	size_t		first[k];
	size_t		count = 0;
	i128		cost = 0;
	BreaksProblem problem = {value, weight, 0, k, 1, 0};

	for (int i = 0; i < n; i++)
	{
		double		u = ((double) (random64() >> 11) + 0.5) / 9007199254740992.0;

		all[i] = floor(exp(13 * u)) * (i % 5 == 0 ? -1 : 1);
	}
	qsort(all, n, sizeof(double), ascending);
	for (int i = 0; i < n; i++)
	{
		int64		v = (int64) all[i];

		sum[i + 1] = sum[i] + v;
		square[i + 1] = square[i] + (i128) v * v;
		before[i + 1] = integer_cost(sum, square, 0, i + 1);
		if (count == 0 || value[count - 1] != all[i])
			value[count++] = all[i];
		weight[count - 1]++;
	}
	for (int j = 2; j <= k; j++)
	{
		for (int i = j; i <= n; i++)
		{
			now[i] = (i128) 1 << 120;
			for (int p = j - 1; p < i; p++)
			{
				i128		c = before[p] + integer_cost(sum, square, p, i);

				if (c < now[i])
					now[i] = c;
			}
		}
		memcpy(before, now, sizeof(now));
	}

	problem.count = count;
	ok(breaks_solve(&problem, first) == BREAKS_OK, "5000 integers: solved");
	for (int j = 0, i = 0; j < k; j++)
	{
		int			begin = i;

		while (i < n && (j + 1 == k || all[i] < value[first[j + 1]]))
			i++;
		cost += integer_cost(sum, square, begin, i);
	}
	ok(cost <= before[n] + k && cost >= before[n] - k, "5000 integers, %d distinct: optimal", (int) count);
}

/* A forced cut is the better of all ways to share out the classes. */
static void
test_cut(void)
{
	enum
	{
		n = 600,
		k = 6
	};
	static double value[n];
	static int64 weight[n];
	int			wrong = 0;

	for (int round = 0; round < 6; round++)
	{
		size_t		first[k];
		size_t		cut = 20 + random64() % 400;
		BreaksProblem problem = {value, weight, n, k, 1 + 5 * (round % 3), cut};
		quad		least = 1e4000Q;
		quad		cost;
		bool		seen = false;

		for (int i = 0; i < n; i++)
		{
			double		u = ((double) (random64() >> 11) + 0.5) / 9007199254740992.0;

			value[i] = (random64() % 5 ? 1 : -1) * (round % 2 ? exp(5 * u) : u);
			weight[i] = 1;
		}
		qsort(value, n, sizeof(double), ascending);
		breaks_bins = round < 3 ? 512 : 16;
		if (breaks_solve(&problem, first) != BREAKS_OK)
		{
			wrong++;
			continue;
		}
		for (int j = 1; j < k; j++)
		{
			quad		both = quad_programme(value, weight, (int) cut, j, problem.min_weight) +
				quad_programme(value + cut, weight + cut, n - (int) cut, k - j, problem.min_weight);

			if (both < least)
				least = both;
			seen = seen || first[j] == cut;
		}
		cost = quad_cost(value, weight, n, k, first);
		if (!seen || cost > least * (1 + 1e-24Q))
			wrong++;
	}
	ok(wrong == 0, "forced cut: %d wrong", wrong);
	breaks_bins = 512;
}

static void
test_squares(void)
{
	static const double value[] = {-3, 1, 2, 4, 1e8, 1e8 + 1};
	static const int64 weight[] = {1, 2, 1, 1, 1, 3};
	static const size_t first[] = {0, 1, 4};
	double		total,
				within;

	breaks_squares(value, weight, 6, first, 3, &total, &within);

	/* (1,1,2,4): mean 2, squares 6; (0,1,1,1): 0.75 */
	ok(within == 6.75, "sum of squares within: %.17g", within);
	breaks_squares(value, weight, 4, first, 1, &total, &within);

	/* (-3,1,1,2,4): mean 1, squares 26 */
	ok(total == 26 && within == 26, "total sum of squares: %.17g", total);
}

/* Magnitudes at the ends of what callers may send. */
static void
test_magnitudes(void)
{
	static const double scales[] = {1e-100, 1e-20, 1, 1e20, 1e99};
	int			wrong = 0;

	for (size_t i = 0; i < lengthof(scales); i++)
	{
		double		value[6];
		int64		weight[6] = {1, 1, 1, 1, 1, 1};
		size_t		first[3];
		BreaksProblem problem = {value, weight, 6, 3, 1, 0};

		for (int j = 0; j < 6; j++)
			value[j] = scales[i] * (j / 2 * 5 - 3 + j % 2);
		if (breaks_solve(&problem, first) != BREAKS_OK ||
			first[0] != 0 || first[1] != 2 || first[2] != 4)
			wrong++;
	}
	ok(wrong == 0, "large and small magnitudes");
}

int
main(void)
{
	test_exhaustive();
	test_programme();
	test_integers();
	test_cut();
	test_squares();
	test_magnitudes();
	return done_testing("test_breaks");
}
