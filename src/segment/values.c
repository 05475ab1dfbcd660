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

/* ---- distinct values ---- */

void
distribution_count(Distribution *d, Values *values)
{
	size_t		n = values->count;

	values_sort(values);
	memset(d, 0, sizeof(Distribution));
	d->value = cv_alloc(n * sizeof(double));
	d->weight = cv_alloc(n * sizeof(int64));
	d->customers = (int64) n;
	d->rounded = values->rounded;
	for (size_t i = 0; i < n; i++)
	{
		double		v = values->value[i];

		if (d->count > 0 && d->value[d->count - 1] == v)
			d->weight[d->count - 1]++;
		else
		{
			d->value[d->count] = v;
			d->weight[d->count++] = 1;
		}
	}
}

void
distribution_open(Distribution *d, Values *values)
{
	distribution_count(d, values);
	distribution_decimals(d);
}

void
distribution_close(Distribution *d)
{
	cv_free(d->value);
	cv_free(d->weight);
	if (d->integer)
		cv_free(d->integer);
}

void
distribution_decimals(Distribution *d)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	double		largest;

	d->exact = false;
	d->pairs = 0;
	d->integer = NULL;
	if (d->rounded || d->count == 0)
		return;
	largest = Max(fabs(d->value[0]), fabs(d->value[d->count - 1]));

	/*
	 * Dividing two exact doubles gives the double nearest to the decimal, so
	 * this asks whether the value is one.
	 */
	for (size_t i = 0; i < d->count; i++)
	{
		double		v = d->value[i];

		while (rint(v * scales[d->pairs]) / scales[d->pairs] != v)
			if (++d->pairs > 3)
				return;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	if (largest * scales[d->pairs] > (double) VALUES_EXACT_LIMIT)
		return;
	d->exact = true;
	d->integer = cv_alloc(d->count * sizeof(int64));
	for (size_t i = 0; i < d->count; i++)
		d->integer[i] = (int64) rint(d->value[i] * scales[d->pairs]);
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

		/* below 10^15 each and fewer than 2^63 */
		for (size_t i = begin; i < end; i++)
			sum += (i128) d->integer[i] * d->weight[i];
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
