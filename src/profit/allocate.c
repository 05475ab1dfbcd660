/*
 * allocate.c
 *		Dividing a whole number of units in proportion to drivers.
 */
#include "profit/allocate.h"

/* So few are sorted rather than counted by their digits. */
#define FEW 64

/* ---- drivers ---- */

/* In units of 100^-more of these; false, and unchanged, if that does not fit. */
static bool
finer(u128 *value, int more)
{
	u128		v = *value;

	for (; more > 0 && v > 0; more--)
	{
		if (v >= DRIVERS_LIMIT / 100)
			return false;
		v *= 100;
	}
	*value = v;
	return true;
}

bool
drivers_add(Drivers *d, u128 value, int pairs)
{
	if (unlikely(pairs > d->pairs))
	{
		int			more = pairs - d->pairs;

		/* if the sum fits, all of them do */
		if (!finer(&d->sum, more))
			return false;
		for (int64 i = 0; i < d->count; i++)
			if (d->value[i] != NO_DRIVER)
				(void) finer(&d->value[i], more);
		d->pairs = pairs;
	}
	if (!finer(&value, d->pairs - pairs) ||
		value >= DRIVERS_LIMIT || d->sum + value >= DRIVERS_LIMIT)
		return false;
	d->sum += value;
	d->value[d->count++] = value;
	return true;
}

/* ---- parts ---- */

static void
sort_descending(u128 *value, int64 count)
{
	for (int64 i = 1; i < count; i++)
	{
		u128		v = value[i];
		int64		j = i;

		for (; j > 0 && value[j - 1] < v; j--)
			value[j] = value[j - 1];
		value[j] = v;
	}
}

/*
 * The k-th largest, counting from 1, of values below 2^bits: digit by digit
 * from the top, looking only at those whose digits so far are the right ones.
 * No input makes it slow.  The values are moved about.
 */
static u128
kth_largest(u128 *value, int64 count, int64 k, int bits)
{
	while (count > FEW && bits > 0)
	{
		int64		having[256] = {0};
		int64		kept = 0;
		int			digit = 255;

		/* at the end, some bits may be looked at once more */
		bits = Max(bits - 8, 0);
		for (int64 i = 0; i < count; i++)
			having[(int) (value[i] >> bits & 255)]++;
		while (having[digit] < k)
			k -= having[digit--];
		for (int64 i = 0; i < count; i++)
			if ((int) (value[i] >> bits & 255) == digit)
				value[kept++] = value[i];
		count = kept;
		cv_check_interrupts();
	}
	if (count > FEW)
		return value[0];		/* all alike */
	sort_descending(value, count);
	return value[k - 1];
}

static inline int
bits_of(u128 value)
{
	uint64		high = (uint64) (value >> 64);

	return high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64) value);
}

/*
 * units * driver / sum, for a sum of more than 64 bits: the one step of long
 * division that is left when the quotient is a single digit of 64 bits (Knuth,
 * The Art of Computer Programming, 4.3.1, algorithm D).
 */
static uint64
long_quotient(uint64 units, u128 driver, u128 sum)
{
	u128		low = (u128) units * (uint64) driver;
	u128		high = (u128) units * (uint64) (driver >> 64) + (low >> 64);
	uint64		last = (uint64) low;
	int			shift = 128 - bits_of(sum);
	u128		divisor = sum << shift;
	uint64		first = (uint64) (divisor >> 64);
	u128		quotient,
				rest;

	/* the product is below 2^63 * sum, so nothing is shifted out */
	Assert(shift > 0 && shift < 64);
	high = high << shift | last >> (64 - shift);
	last <<= shift;
	quotient = high / first;
	rest = high % first;
	while (rest >> 64 == 0 && quotient * (uint64) divisor > (rest << 64 | last))
	{
		quotient--;
		rest += first;
	}
	return (uint64) quotient;
}

/* The whole units each is due, and the remainders; returns what is left over. */
static int64
whole_units(Drivers *d, int64 units, u128 *remainder)
{
	int64		left = units;
	bool		narrow = d->sum <= UINT64_MAX;

	for (int64 i = 0; i < d->count; i++)
	{
		u128		driver = d->value[i];
		uint64		part;

		remainder[i] = 0;
		if (driver == 0 || driver == NO_DRIVER)
			continue;			/* zero gets zero, no driver no part */
		part = narrow ? (uint64) ((u128) units * (uint64) driver / (uint64) d->sum) :
			long_quotient((uint64) units, driver, d->sum);

		/* below the sum, so that the lower 128 bits are all of it */
		remainder[i] = (u128) units * driver - (u128) part * d->sum;
		d->value[i] = part;
		left -= (int64) part;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return left;
}

/*
 * What is left over is the sum of the remainders over the sum of the drivers:
 * less than the number of rows that have a remainder.
 */
Tie
apportion(Drivers *d, int64 units, u128 *remainder)
{
	Tie			tie = {0};
	int64		with_remainder = 0;
	u128	   *candidate;

	Assert(d->sum > 0 && units >= 0);
	tie.units = whole_units(d, units, remainder);
	if (tie.units == 0)
		return tie;

	candidate = cv_alloc((size_t) d->count * sizeof(u128));
	for (int64 i = 0; i < d->count; i++)
		if (remainder[i] > 0)
			candidate[with_remainder++] = remainder[i];
	Assert(tie.units < with_remainder);
	tie.remainder = kth_largest(candidate, with_remainder, tie.units, bits_of(d->sum));
	cv_free(candidate);

	for (int64 i = 0; i < d->count; i++)
	{
		if (remainder[i] > tie.remainder)
		{
			d->value[i]++;
			tie.units--;
		}
		else if (remainder[i] == tie.remainder)
			tie.rows++;
	}
	if (tie.units == tie.rows)
	{
		for (int64 i = 0; i < d->count; i++)
			if (remainder[i] == tie.remainder)
				d->value[i]++;
		tie.rows = tie.units = 0;
	}
	return tie;
}
