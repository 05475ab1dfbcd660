/*
 * quotients.c
 *		Sums of a * b / c, in integers, rounded once at the end.
 */
#include "common/host.h"

#include "change/quotients.h"
#include "common/wide.h"

#define PART_BITS 64

/* Bit by bit, for numbers of any size: rest < c < 2^127, so it can be doubled. */
static bool
divide_long(Wide a, u128 c, u128 *whole, uint64 *part)
{
	u128		rest = 0;
	u128		quotient = 0;

	for (int i = 255; i >= 0; i--)
	{
		rest = rest << 1 | (i >= 128 ? a.high >> (i - 128) & 1 : a.low >> i & 1);
		if (quotient >> 125 != 0)
			return false;
		quotient <<= 1;
		if (rest >= c)
		{
			rest -= c;
			quotient |= 1;
		}
	}
	*whole = quotient;
	*part = 0;
	for (int i = 0; i < PART_BITS; i++)
	{
		rest <<= 1;
		*part <<= 1;
		if (rest >= c)
		{
			rest -= c;
			*part |= 1;
		}
	}
	return true;
}

static bool
divide(u128 a, u128 b, u128 c, u128 *whole, uint64 *part)
{
	Wide		product = wide_product(a, b);

	if (likely(product.high == 0 && c >> PART_BITS == 0))
	{
		*whole = product.low / c;
		*part = (uint64) ((product.low % c << PART_BITS) / c);
		return *whole >> 126 == 0;
	}
	return divide_long(product, c, whole, part);
}

static inline u128
size_of(i128 v)
{
	return v < 0 ? -(u128) v : (u128) v;
}

bool
quotient_add(QuotientSum *sum, i128 a, i128 b, i128 c)
{
	bool		negative = (a < 0) != (b < 0);
	u128		whole;
	uint64		part;
	i128		total;

	Assert(c > 0);
	if (!divide(size_of(a), size_of(b), (u128) c, &whole, &part))
		return false;

	/* two numbers of 126 bits have a sum */
	total = sum->whole + (negative ? -(i128) whole : (i128) whole);
	if (size_of(total) >> 126 != 0)
		return false;
	sum->whole = total;
	sum->part += negative ? -(i128) part : (i128) part;
	return true;
}

i128
quotient_round(const QuotientSum *sum, int64 terms, int64 unit)
{
	/* carried over, 0 <= part < 2^64 */
	i128		whole = sum->whole + (sum->part >> PART_BITS);
	uint64		part = (uint64) sum->part;
	i128		rest = whole % unit + (whole % unit < 0 ? unit : 0);
	i128		below = whole - rest;

	/* twice the distance from half a unit above "below", in 2^-64 */
	i128		distance = ((2 * rest - unit) << PART_BITS) + 2 * (i128) part;
	i128		error = 2 * (i128) terms;

	if (distance > error || (distance >= -error && below >= 0))
		return below + unit;
	return below;
}
