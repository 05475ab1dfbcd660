/*
 * values.c
 *		The values of many customers: sorting, counting, adding up.
 */
#include "segment/values.h"

#include <math.h>

#include "common/twofold.h"

/* ---- sorting ---- */

#define RADIX_BITS 11
#define RADIX_SIZE (1 << RADIX_BITS)
#define RADIX_PASSES 6

/* Bits that order like the double: flip all of a negative, else the sign. */
static inline uint64
bits_of(double v)
{
	uint64		bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits ^ ((uint64) ((int64) bits >> 63) | (UINT64CONST(1) << 63));
}

static void
insertion_sort(double *value, size_t count)
{
	for (size_t i = 1; i < count; i++)
	{
		double		v = value[i];
		size_t		j = i;

		for (; j > 0 && value[j - 1] > v; j--)
			value[j] = value[j - 1];
		value[j] = v;
	}
}

/*
 * Least significant digit first.  All digits are counted in one reading;
 * digits that all values share are skipped.
 */
static void
radix_sort(double *value, size_t count)
{
	size_t	   *counts = cv_alloc(RADIX_PASSES * RADIX_SIZE * sizeof(size_t));
	double	   *from = value;
	double	   *to = cv_alloc(count * sizeof(double));
	double	   *scratch = to;

	memset(counts, 0, RADIX_PASSES * RADIX_SIZE * sizeof(size_t));
	for (size_t i = 0; i < count; i++)
	{
		uint64		bits = bits_of(value[i]);

		for (int pass = 0; pass < RADIX_PASSES; pass++)
			counts[pass * RADIX_SIZE +
				   ((bits >> (pass * RADIX_BITS)) & (RADIX_SIZE - 1))]++;
	}
	for (int pass = 0; pass < RADIX_PASSES; pass++)
	{
		size_t	   *at = counts + pass * RADIX_SIZE;
		int			shift = pass * RADIX_BITS;
		size_t		before = 0;
		double	   *swap;

		cv_check_interrupts();
		if (at[(bits_of(value[0]) >> shift) & (RADIX_SIZE - 1)] == count)
			continue;
		for (int digit = 0; digit < RADIX_SIZE; digit++)
		{
			size_t		here = at[digit];

			at[digit] = before;
			before += here;
		}
		for (size_t i = 0; i < count; i++)
			to[at[(bits_of(from[i]) >> shift) & (RADIX_SIZE - 1)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != value)
		memcpy(value, from, count * sizeof(double));
	cv_free(scratch);
	cv_free(counts);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

/* Sorting twice does nothing, so several readers may share the values. */
void
values_sort(Values *values)
{
	if (values->sorted)
		return;
	if (values->count <= 32)
		insertion_sort(values->value, values->count);
	else if (values->count < RADIX_SIZE)
		qsort(values->value, values->count, sizeof(double), compare_doubles);
	else
		radix_sort(values->value, values->count);
	values->sorted = true;
}

/* ---- the asinh scale ---- */

double
value_on_asinh_scale(double v, double unit)
{
	double		x = v / unit;

	if (unlikely(isinf(x)))
		return copysign(M_LN2 + log(fabs(v)) - log(unit), v);
	return asinh(x);
}

/* ---- distinct values ---- */

static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
static const int64 wide_scales[] = {1, 100, 10000, 1000000};

/*
 * The fewest pairs of decimals with which a double is a decimal of at most 15
 * digits; 4 if it is none.  Dividing two exact doubles gives the double
 * nearest to the decimal, so this asks whether the value is one.
 */
static int
decimal_pairs(double v)
{
	for (int pairs = 0; pairs < 4; pairs++)
	{
		double		integer = rint(v * scales[pairs]);

		if (fabs(integer) > (double) VALUES_NARROW_LIMIT)
			return 4;
		if (integer / scales[pairs] == v)
			return pairs;
	}
	return 4;
}

/* A decimal in units of 100^-pairs, of which it needs no more. */
static i128
decimal_integer(double v, int own_pairs, int pairs)
{
	return (i128) rint(v * scales[own_pairs]) * wide_scales[pairs - own_pairs];
}

static void
distribution_make(Distribution *d, size_t room)
{
	memset(d, 0, sizeof(Distribution));
	d->value = cv_alloc(room * sizeof(double));
	d->weight = cv_alloc(room * sizeof(int64));
	d->customers = (int64) room;
}

static void
count_doubles(Distribution *d, const double *value, size_t n)
{
	distribution_make(d, n);
	for (size_t i = 0; i < n; i++)
	{
		if (d->count > 0 && d->value[d->count - 1] == value[i])
			d->weight[d->count - 1]++;
		else
		{
			d->value[d->count] = value[i];
			d->weight[d->count++] = 1;
		}
	}
}

void
distribution_decimals(Distribution *d)
{
	int			pairs = 0;

	d->exact = false;
	d->integer = NULL;
	if (d->rounded)
		return;
	for (size_t i = 0; i < d->count; i++)
	{
		double		v = d->value[i];
		double		integer = v * scales[pairs];

		/* most often no more pairs are needed than before */
		if (fabs(integer) > (double) VALUES_NARROW_LIMIT ||
			rint(integer) / scales[pairs] != v)
			pairs = Max(pairs, decimal_pairs(v));
		if (pairs > 3)
			return;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	d->exact = true;
	d->pairs = pairs;
	d->integer = cv_alloc(d->count * sizeof(i128));
	for (size_t i = 0; i < d->count; i++)
	{
		double		integer = rint(d->value[i] * scales[pairs]);

		if (fabs(integer) <= (double) VALUES_NARROW_LIMIT)
			d->integer[i] = (i128) integer;
		else
			d->integer[i] = decimal_integer(d->value[i], decimal_pairs(d->value[i]), pairs);
	}
}

static int
compare_wide(const void *a, const void *b)
{
	i128		x = *(const i128 *) a;
	i128		y = *(const i128 *) b;

	return x < y ? -1 : x > y;
}

static double
nearest_double(i128 integer, int pairs)
{
	Exact		exact;

	exact_make(integer, 2 * pairs, &exact);
	return exact_value(exact);
}

bool
value_millionths(double v, i128 *millionths)
{
	int			pairs = decimal_pairs(v);

	if (pairs > 3)
		return false;
	*millionths = decimal_integer(v, pairs, 3);
	return true;
}

double
value_from_millionths(i128 millionths)
{
	return nearest_double(millionths, 3);
}

/* All values as millionths, in ascending order; NULL if some cannot be. */
static i128 *
sorted_millionths(const Values *values)
{
	size_t		n = values->count + values->nwide;
	i128	   *all = cv_alloc(n * sizeof(i128));

	for (size_t i = 0; i < values->count; i++)
	{
		if (!value_millionths(values->value[i], &all[i]))
		{
			cv_free(all);
			return NULL;
		}
	}
	memcpy(all + values->count, values->wide, values->nwide * sizeof(i128));
	qsort(all, n, sizeof(i128), compare_wide);
	return all;
}

/* Count integers; take off pairs of decimals that none of them needs. */
static void
count_millionths(Distribution *d, const i128 *all, size_t n)
{
	i128		unit = 1;

	distribution_make(d, n);
	d->exact = true;
	d->pairs = 3;
	d->integer = cv_alloc(n * sizeof(i128));
	for (bool divisible = true; d->pairs > 0 && divisible;)
	{
		for (size_t i = 0; i < n && divisible; i++)
			divisible = all[i] % (unit * 100) == 0;
		if (divisible)
		{
			unit *= 100;
			d->pairs--;
		}
	}
	for (size_t i = 0; i < n; i++)
	{
		i128		integer = all[i] / unit;

		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (d->count > 0 && d->integer[d->count - 1] == integer)
		{
			d->weight[d->count - 1]++;
			continue;
		}
		d->integer[d->count] = integer;
		d->value[d->count] = nearest_double(integer, d->pairs);
		d->weight[d->count++] = 1;
	}
}

/* Some value is neither: all become doubles. */
static void
count_mixture(Distribution *d, const Values *values)
{
	Values		all = {0};

	all.count = values->count + values->nwide;
	all.value = cv_alloc(all.count * sizeof(double));
	memcpy(all.value, values->value, values->count * sizeof(double));
	for (size_t i = 0; i < values->nwide; i++)
		all.value[values->count + i] = value_from_millionths(values->wide[i]);
	values_sort(&all);
	count_doubles(d, all.value, all.count);
	cv_free(all.value);
}

void
distribution_open(Distribution *d, Values *values, bool as_doubles)
{
	bool		rounded = values->rounded && !as_doubles;
	i128	   *all;

	if (values->nwide == 0)
	{
		values_sort(values);
		count_doubles(d, values->value, values->count);
		d->rounded = rounded;
		distribution_decimals(d);
		return;
	}
	all = rounded ? NULL : sorted_millionths(values);
	if (all != NULL)
	{
		count_millionths(d, all, values->count + values->nwide);
		cv_free(all);
		return;
	}
	count_mixture(d, values);
	/* numbers with so many digits are not to be trusted as doubles */
	d->rounded = true;
}

void
distribution_close(Distribution *d)
{
	cv_free(d->value);
	cv_free(d->weight);
	if (d->integer)
		cv_free(d->integer);
}

Exact
distribution_value(const Distribution *d, size_t i)
{
	Exact		result;

	if (d->exact)
		exact_make(d->integer[i], 2 * d->pairs, &result);
	else
		exact_shortest(d->value[i], &result);
	return result;
}

Exact
distribution_sum(const Distribution *d, size_t begin, size_t end)
{
	Exact		result;

	if (d->exact)
	{
		i128		sum = 0;

		/* below 10^29 each, so a billion customers fit */
		for (size_t i = begin; i < end; i++)
			sum += d->integer[i] * d->weight[i];
		exact_make(sum, 2 * d->pairs, &result);
	}
	else
	{
		Twofold		sum = {0.0, 0.0};

		for (size_t i = begin; i < end; i++)
			sum = twofold_add(sum, twofold_product(d->value[i], (double) d->weight[i]));
		/* 15 digits: what a double shows of a decimal */
		result = exact_from_double(twofold_value(sum), 15);
	}
	return result;
}
