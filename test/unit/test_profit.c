/*
 * test_profit.c
 *		Concentration, the pure part: 256-bit integers, Gini coefficient and
 *		Herfindahl index, and every curve without one of its customers,
 *		against curves that were really made without him.
 */
#include "common/host.h"

#include <math.h>

#include "common/decimal.h"
#include "common/wide.h"
#include "profit/gains.h"
#include "profit/influence.h"
#include "profit/whale.h"

#include "tap.h"

#include "random.h"

/* ---- 256 bits ---- */

static u128
random_u128(void)
{
	u128		v = (u128) random64() << 64 | random64();

	return v >> random64() % 128;
}

/* Modulo a prime below 2^61, where products fit 128 bits. */
#define PRIME ((UINT64CONST(1) << 61) - 1)

static uint64
residue(u128 v)
{
	return (uint64) (v % PRIME);
}

static uint64
wide_residue(Wide a)
{
	u128		two_to_128 = ((u128) 1 << 127) % PRIME * 2 % PRIME;

	return residue(residue(a.high) * two_to_128 + residue(a.low));
}

static uint64
text_residue(const char *text)
{
	u128		r = 0;

	for (; *text; text++)
		r = (r * 10 + (u128) (*text - '0')) % PRIME;
	return (uint64) r;
}

static void
test_wide(void)
{
	int			wrong = 0,
				misprinted = 0;
	Wide		most = {~(u128) 0, ~(u128) 0};
	Wide		none = {0, 0};
	Wide		power = {0, 1};
	char		text[WIDE_TEXT_SIZE];

	for (int i = 0; i < 20000; i++)
	{
		u128		a = random_u128();
		u128		b = random_u128();
		Wide		ab = wide_product(a, b);
		Wide		aa = wide_product(a, a);
		Wide		sum = wide_add(ab, wide_product(a, 1));
		Wide		back = wide_subtract(sum, ab);

		wrong += wide_residue(ab) != residue((u128) residue(a) * residue(b));
		wrong += wide_residue(aa) != residue((u128) residue(a) * residue(a));
		wrong += back.low != a || back.high != 0;
		wrong += wide_residue(sum) != residue((u128) wide_residue(ab) + residue(a));
		misprinted += wide_print(text, ab) != (int) strlen(text) ||
			text_residue(text) != wide_residue(ab) || (text[0] == '0' && text[1] != '\0');
	}
	ok(wrong == 0, "256 bits: products, sums and differences, modulo a prime");
	ok(misprinted == 0, "256 bits: text, modulo a prime");
	wide_print(text, most);
	ok(strcmp(text, "115792089237316195423570985008687907853269984665640564039457584007913129639935") == 0,
	   "2^256 - 1 is printed");
	wide_print(text, none);
	ok(strcmp(text, "0") == 0, "zero is printed");
	wide_print(text, power);
	ok(strcmp(text, "340282366920938463463374607431768211456") == 0, "2^128 is printed");
}

/* ---- curves ---- */

typedef enum Kind
{
	CENTS,						/* with many ties */
	MICROS,
	HUGE_AMOUNTS,				/* millionths of 10^23 */
	THIRDS,						/* doubles */
	UNLIKE_DOUBLES,				/* from 1e-90 to 1e90 */
	KINDS
} Kind;

/* Distinct values with weights in ascending order, one of them left out. */
static void
make_curve(Whale *w, Kind kind, const i128 *integer, const double *value,
		   const int64 *weight, size_t n, size_t without)
{
	Distribution d;

	memset(&d, 0, sizeof(d));
	d.exact = kind < THIRDS;
	d.pairs = kind == CENTS ? 1 : kind == MICROS || kind == HUGE_AMOUNTS ? 3 : 0;
	d.value = cv_alloc(n * sizeof(double));
	d.weight = cv_alloc(n * sizeof(int64));
	if (d.exact)
		d.integer = cv_alloc(n * sizeof(i128));
	for (size_t i = 0; i < n; i++)
	{
		int64		customers = weight[i] - (i == without);

		if (customers == 0)
			continue;
		d.value[d.count] = value[i];
		d.weight[d.count] = customers;
		if (d.exact)
			d.integer[d.count] = integer[i];
		d.customers += customers;
		d.count++;
	}
	whale_open(w, &d);
}

static double
random_double(Kind kind)
{
	double		v = (double) (random64() % 1000) / 3.0;

	if (kind == UNLIKE_DOUBLES)
		v = ldexp(v, (int) (random64() % 600) - 300);
	return (random64() & 3) == 0 ? -v : v;
}

static i128
random_integer(Kind kind)
{
	i128		v;

	if (kind == HUGE_AMOUNTS)
		v = (i128) (random64() % 100000000000000) * INT64CONST(1000000000000000) + (i128) (random64() % 1000);
	else
		v = (i128) (random64() % (kind == CENTS ? 40 : 1000000000));
	return (random64() & 3) == 0 ? -v : v;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static int
compare_integers(const void *a, const void *b)
{
	i128		x = *(const i128 *) a;
	i128		y = *(const i128 *) b;

	return x < y ? -1 : x > y;
}

/* Returns how many are distinct. */
static size_t
random_values(Kind kind, i128 *integer, double *value, int64 *weight, size_t n)
{
	size_t		count = 0;

	for (size_t i = 0; i < n; i++)
	{
		integer[i] = random_integer(kind);
		value[i] = random_double(kind) + 0.0;
	}
	qsort(integer, n, sizeof(i128), compare_integers);
	qsort(value, n, sizeof(double), compare_doubles);
	for (size_t i = 0; i < n; i++)
	{
		if (kind < THIRDS)
			value[i] = (double) integer[i];
		if (count > 0 && (kind < THIRDS ? integer[count - 1] == integer[i] : value[count - 1] == value[i]))
			weight[count - 1]++;
		else
		{
			integer[count] = integer[i];
			value[count] = value[i];
			weight[count++] = 1;
		}
	}
	return count;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-13 * Max(fabs(a), fabs(b)) || fabs(a - b) < 1e-15;
}

static bool
same_number(Exact a, Exact b, bool exact)
{
	return exact ? exact_compare(a, b) == 0 : near(exact_value(a), exact_value(b));
}

static bool
same_quotient(bool there, const Quotient *a, bool also, const Quotient *b)
{
	if (!there || !also)
		return there == also;
	if (!a->exact)
		return near(a->value, b->value) && a->value >= 0.0 && a->value <= 1.0;
	return memcmp(&a->above, &b->above, sizeof(Wide)) == 0 &&
		memcmp(&a->below, &b->below, sizeof(Wide)) == 0;
}

/* The textbook, pair by pair. */
static void
slowly(const Whale *w, double *gini, double *herfindahl)
{
	long double apart = 0.0L;
	long double sum = 0.0L;
	long double squares = 0.0L;

	for (size_t i = 0; i < w->d.count; i++)
	{
		long double x = w->d.value[i] > 0.0 ? w->d.value[i] : 0.0;
		long double wx = w->d.weight[i];

		sum += wx * x;
		squares += wx * x * x;
		for (size_t j = 0; j < w->d.count; j++)
		{
			long double y = w->d.value[j] > 0.0 ? w->d.value[j] : 0.0;

			apart += wx * w->d.weight[j] * (x > y ? x - y : y - x);
		}
	}
	*gini = (double) (apart / (2.0L * w->d.customers * sum));
	*herfindahl = (double) (squares / (sum * sum));
}

static double
wide_value(Wide a)
{
	return ldexp((double) a.high, 128) + (double) a.low;
}

static double
quotient_value(const Quotient *q)
{
	return q->exact ? wide_value(q->above) / wide_value(q->below) : q->value;
}

static int
check_figures(const Whale *w)
{
	Gains		g;
	Quotient	gini,
				herfindahl;
	double		slow_gini,
				slow_herfindahl;

	gains_open(&g, w);
	if (gains_gini(&g, &gini) != (w->gainers > 0) || gains_herfindahl(&g, &herfindahl) != (w->gainers > 0))
		return 1;
	if (w->gainers == 0)
		return 0;
	slowly(w, &slow_gini, &slow_herfindahl);
	return !near(quotient_value(&gini), slow_gini) || !near(quotient_value(&herfindahl), slow_herfindahl);
}

/* All that a curve says without one customer. */
static int
check_without(const Influence *f, size_t place, const Whale *truth)
{
	bool		exact = f->w.d.exact;
	int			wrong = 0;
	Gains		without,
				true_gains;
	Quotient	a,
				b;
	bool		there;

	influence_gains(f, place, &without);
	gains_open(&true_gains, truth);
	there = gains_gini(&without, &a);
	wrong += !same_quotient(there, &a, gains_gini(&true_gains, &b), &b);
	there = gains_herfindahl(&without, &a);
	wrong += !same_quotient(there, &a, gains_herfindahl(&true_gains, &b), &b);
	wrong += influence_gainers(f, place) != truth->gainers;
	for (int64 k = 0; k <= truth->gainers; k++)
	{
		wrong += !same_number(influence_top(f, place, k), whale_top(truth, k), exact);
		if (k < truth->d.customers)
			wrong += !same_number(influence_value(f, place, k), whale_value(truth, k), true);
	}
	/* gains and losses may cancel: as near as the larger of them allows */
	if (exact)
		wrong += !same_number(influence_top(f, place, truth->d.customers),
							  whale_top(truth, truth->d.customers), true);
	else
	{
		double		scale = exact_value(whale_top(truth, truth->gainers));
		double		all = exact_value(whale_top(truth, truth->d.customers));

		wrong += fabs(exact_value(influence_top(f, place, truth->d.customers)) - all) >
			1e-14 * Max(scale, fabs(all));
	}
	return wrong;
}

static void
test_curves(Kind kind, const char *title)
{
	enum
	{
		MOST = 40
	};
	i128		integer[MOST];
	double		value[MOST];
	int64		weight[MOST];
	int			figures_wrong = 0,
				without_wrong = 0,
				not_found = 0,
				found = 0;

	for (int round = 0; round < 600; round++)
	{
		size_t		n = random_values(kind, integer, value, weight, 1 + round % MOST);
		static const i128 units[] = {1000000, 10000, 100, 1};
		Influence	f;
		Whale		w;

		make_curve(&w, kind, integer, value, weight, n, n);
		figures_wrong += check_figures(&w);
		influence_open(&f, &w);
		for (size_t i = 0; i < n; i++)
		{
			size_t		place = 0;
			Whale		truth;

			make_curve(&truth, kind, integer, value, weight, n, i);
			not_found += !(f.w.d.exact ? influence_find_decimal(&f, integer[i] * units[f.w.d.pairs], &place) :
						   influence_find_real(&f, value[i], &place)) || place != n - 1 - i;
			if (f.w.d.exact && f.w.d.pairs < 3)
				found += influence_find_decimal(&f, integer[i] * units[f.w.d.pairs] + 1, &place);
			if (!f.w.d.exact)
				found += influence_find_real(&f, nextafter(value[i], HUGE_VAL), &place);
			without_wrong += check_without(&f, n - 1 - i, &truth) > 0;
			whale_close(&truth);
		}
		influence_close(&f);
	}
	ok(figures_wrong == 0, "%s: Gini and Herfindahl, pair by pair", title);
	ok(not_found == 0 && found == 0, "%s: customers are found, neighbours are not", title);
	ok(without_wrong == 0, "%s: without each customer as if he had never been there (%d wrong)", title, without_wrong);
}

/* A billion customers with the largest amount there is. */
static void
test_largest(void)
{
	i128		integer[2] = {1, AMOUNT_LIMIT - 1};
	double		value[2] = {1.0, 1e29};
	int64		weight[2] = {1, 999999999};
	Whale		w;
	Gains		g,
				without;
	Quotient	q;
	char		text[WIDE_TEXT_SIZE];

	make_curve(&w, HUGE_AMOUNTS, integer, value, weight, 2, 2);
	gains_open(&g, &w);
	ok(gains_gini(&g, &q) && fabs(quotient_value(&q) / 1e-9 - 1.0) < 1e-6, "Gini of the largest curve there can be");
	ok(gains_herfindahl(&g, &q) && fabs(quotient_value(&q) * 999999999.0 - 1.0) < 1e-12, "Herfindahl, too");
	/* 999999999 (10^29 - 1)^2 + 1 */
	wide_print(text, g.squares);
	ok(strcmp(text, "9999999989999999999999999999800000000200000000000000000001000000000") == 0,
	   "and its sum of squares is exact");
	gains_without(&without, &g, &w, 1);
	ok(gains_gini(&without, &q) && quotient_value(&q) == 0.0, "all others are equal");
	whale_close(&w);
}

int
main(void)
{
	test_wide();
	test_curves(CENTS, "cents");
	test_curves(MICROS, "millionths");
	test_curves(HUGE_AMOUNTS, "huge amounts");
	test_curves(THIRDS, "doubles");
	test_curves(UNLIKE_DOUBLES, "unlike doubles");
	test_largest();
	return done_testing("test_profit");
}
