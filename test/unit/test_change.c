/*
 * test_change.c
 *		Sums of quotients: against plain division where numbers are small, and
 *		by a law where they are not.
 */
#include "common/host.h"

#include "change/quotients.h"
#include "random.h"
#include "tap.h"

static i128
random_number(int bits)
{
	u128		v = (u128) random64() << 64 | random64();

	return (i128) (v >> (128 - bits)) * (random64() & 1 ? 1 : -1);
}

static i128
rounded(i128 a, i128 b, i128 c, int64 terms, int64 unit)
{
	QuotientSum sum = {0, 0};

	for (int64 i = 0; i < terms; i++)
	{
		if (!quotient_add(&sum, a, b, c))
			return -1;
	}
	return quotient_round(&sum, terms, unit);
}

static void
rounding(void)
{
	bool		right = true;

	/* a / c to whole units, every sign, halves away from zero */
	for (int a = -200; a <= 200; a++)
	{
		for (int c = 1; c <= 40; c++)
		{
			int			twice = 2 * (a < 0 ? -a : a) + c;
			int			expected = twice / (2 * c) * (a < 0 ? -1 : 1);

			right &= rounded(a, 1, c, 1, 1) == expected && rounded(-1, a, c, 1, 1) == -expected;
			right &= rounded(a, 1, c, 1, 10) == (2 * (a < 0 ? -a : a) + 10 * c) / (20 * c) * (a < 0 ? -10 : 10);
		}
	}
	ok(right, "quotients of small numbers are rounded as by hand");
	ok(rounded(1, 1, 6, 3, 1) == 1 && rounded(-1, 1, 6, 3, 1) == -1 &&
	   rounded(1, 1, 3, 3, 1) == 1 && rounded(5, 7, 14, 1001, 5) == 2505,
	   "what is half, or whole, in sum is rounded as that");
	ok(rounded(1, INT64CONST(499999999999999999), INT64CONST(1000000000000000000), 1, 1) == 0 &&
	   rounded(-1, INT64CONST(499999999999999999), INT64CONST(1000000000000000000), 1, 1) == 0 &&
	   rounded(1, INT64CONST(500000000000000001), INT64CONST(1000000000000000000), 1, 1) == 1,
	   "what is nearly half is not");
}

/* a * b / c, and the same the other way round: (a * c) * b / c = a * b */
static void
large(void)
{
	bool		same = true;
	bool		exact = true;
	bool		refused = true;

	for (int i = 0; i < 2000; i++)
	{
		int			bits = 1 + i % 60;
		i128		a = random_number(bits);
		i128		b = random_number(bits);
		i128		c = random_number(1 + i % 66);
		QuotientSum one = {0, 0};
		QuotientSum other = {0, 0};
		i128		positive = c < 0 ? -c : c + 1;

		exact &= quotient_add(&one, a * positive, b, positive);
		exact &= one.whole == a * b && one.part == 0;
		exact &= quotient_add(&one, b, -a * positive, positive);
		exact &= one.whole == 0 && one.part == 0;

		/* the long way has the bits of the short one */
		if (bits <= 58 && positive >> 60 == 0)
		{
			memset(&one, 0, sizeof(one));
			quotient_add(&one, a, b, positive);
			quotient_add(&other, a << 60, b, positive << 60);
			same &= one.whole == other.whole && one.part == other.part;
		}
		memset(&one, 0, sizeof(one));
		refused &= !quotient_add(&one, ((i128) 1 << 90) + a, ((i128) 1 << 90) + b, (positive & 0xffff) + 1);
		refused &= quotient_add(&one, ((i128) 1 << 90) + a, ((i128) 1 << 90) + b, (i128) 1 << 91);
	}
	ok(exact, "products of 128 bits and more, divided again, are exact");
	ok(same, "division bit by bit is division");
	{
		QuotientSum sum = {0, 0};

		refused &= quotient_add(&sum, (i128) 1 << 125, 1, 1) && !quotient_add(&sum, (i128) 1 << 125, 1, 1);
		refused &= quotient_add(&sum, -((i128) 1 << 125), 1, 1) && quotient_add(&sum, (i128) 1 << 125, -1, 1);
		refused &= !quotient_add(&sum, -((i128) 1 << 125), 1, 1) && sum.whole == -((i128) 1 << 125);
	}
	ok(refused, "what is past 126 bits is refused, and nothing else");
}

int
main(void)
{
	rounding();
	large();
	return done_testing("change");
}
