/*
 * test_allocate.c
 *		Largest remainders, against sorting all rows.
 */
#include "common/host.h"

#include "profit/allocate.h"
#include "random.h"
#include "tap.h"

static uint64
random_word(void)
{
	return random64() * UINT64CONST(0x2545F4914F6CDD1D);
}

typedef struct Row
{
	u128		rest;
	int			row;
} Row;

static int
by_rest(const void *a, const void *b)
{
	const Row  *x = (const Row *) a;
	const Row  *y = (const Row *) b;

	if (x->rest != y->rest)
		return x->rest > y->rest ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* units * driver / sum, bit by bit. */
static uint64
divide(uint64 units, u128 driver, u128 sum, u128 *rest)
{
	uint64		quotient = 0;

	*rest = 0;
	for (int bit = 62; bit >= 0; bit--)
	{
		quotient *= 2;
		*rest = 2 * *rest + (units >> bit & 1 ? driver : 0);
		for (; *rest >= sum; *rest -= sum)
			quotient++;
	}
	return quotient;
}

/* The slow way: all in order of their remainders, ties by row. */
static void
slowly(const u128 *driver, int count, int64 units, u128 *part)
{
	Row		   *row = malloc((size_t) count * sizeof(Row));
	u128		sum = 0;
	int64		left = units;

	for (int i = 0; i < count; i++)
		sum += driver[i] == NO_DRIVER ? 0 : driver[i];
	for (int i = 0; i < count; i++)
	{
		uint64		whole = divide((uint64) units, driver[i] == NO_DRIVER ? 0 : driver[i], sum, &row[i].rest);

		part[i] = driver[i] == NO_DRIVER ? NO_DRIVER : whole;
		left -= (int64) whole;
		row[i].row = i;
	}
	qsort(row, (size_t) count, sizeof(Row), by_rest);
	for (int i = 0; i < (int) left; i++)
		part[row[i].row]++;
	free(row);
}

static Drivers
drivers_of(const u128 *value, int count)
{
	Drivers		d = {.value = malloc((size_t) count * sizeof(u128))};

	for (int i = 0; i < count; i++)
	{
		if (value[i] == NO_DRIVER)
			drivers_add_none(&d);
		else if (!drivers_add(&d, value[i], 0))
			abort();
	}
	return d;
}

/* What a caller does about ties, with the row as key. */
static bool
agree(const u128 *driver, int count, int64 units)
{
	Drivers		d = drivers_of(driver, count);
	u128	   *expected = malloc((size_t) count * sizeof(u128));
	u128	   *remainder = malloc((size_t) count * sizeof(u128));
	Tie			tie = apportion(&d, units, remainder);
	int64		tied = 0;
	bool		same;

	if (tie.rows > 0)
		for (int i = 0; i < count; i++)
			if (remainder[i] == tie.remainder && tied++ < tie.units)
				d.value[i]++;
	slowly(driver, count, units, expected);
	same = memcmp(d.value, expected, (size_t) count * sizeof(u128)) == 0 && tied == tie.rows;
	free(d.value);
	free(expected);
	free(remainder);
	return same;
}

static u128
random_driver(int bits)
{
	u128		wide = (u128) random_word() << 64 | random_word();

	if (random_word() % 10 == 0)
		return random_word() % 2 == 0 ? 0 : NO_DRIVER;
	return wide >> (128 - bits);
}

/* Few values and many, tiny sums and such as fill 126 bits. */
static void
test_random(void)
{
	static const int bits[] = {1, 2, 7, 16, 40, 53, 54, 60, 80, 110, 115};
	u128	   *driver = malloc(1000 * sizeof(u128));
	int			wrong = 0;
	int			trials = 0;

	for (size_t b = 0; b < lengthof(bits); b++)
		for (int trial = 0; trial < 150; trial++)
		{
			int			count = 1 + (int) (random_word() % (trial % 3 == 0 ? 8 : 1000));
			u128		sum = 0;

			for (int i = 0; i < count; i++)
			{
				driver[i] = random_driver(trial % 5 == 0 ? 1 + (int) (random_word() % (unsigned) bits[b]) : bits[b]);
				sum += driver[i] == NO_DRIVER ? 0 : driver[i];
			}
			if (sum == 0)
				continue;
			trials++;
			wrong += !agree(driver, count, (int64) (random_word() >> (1 + random_word() % 60)));
		}
	ok(wrong == 0 && trials > 1500, "%d random divisions are those by sorting", trials);
	free(driver);
}

static void
test_extremes(void)
{
	const u128	most = DRIVERS_LIMIT - 1;
	u128		one[] = {most};
	u128		two[] = {most - 1, 1};
	u128		border[] = {UINT64_MAX};
	u128		behind[] = {UINT64_MAX, 1};
	u128		zeros[] = {0, 5, NO_DRIVER, 0, 5, 0};
	u128		alike[300];
	u128		remainder[6];
	Drivers		d;
	Tie			tie;

	ok(agree(one, 1, INT64_MAX) && agree(one, 1, 0) && agree(two, 2, INT64_MAX) && agree(two, 2, 1),
	   "63 bits of units by 126 bits of drivers");
	ok(agree(border, 1, INT64_MAX) && agree(behind, 2, INT64_MAX) && agree(behind, 2, 1), "sums of 64 and 65 bits");
	for (int i = 0; i < 300; i++)
		alike[i] = 7;
	ok(agree(alike, 300, 299) && agree(alike, 300, 300) && agree(alike, 300, 1) && agree(alike, 300, 12345),
	   "all alike");
	for (int i = 0; i < 300; i++)
		alike[i] = most / 300;
	ok(agree(alike, 300, 299) && agree(alike, 300, INT64_MAX), "all alike, and huge");

	d = drivers_of(zeros, 6);
	tie = apportion(&d, 3, remainder);
	ok(tie.rows == 2 && tie.units == 1 && d.value[0] == 0 && d.value[1] == 1 && d.value[2] == NO_DRIVER &&
	   d.value[4] == 1 && remainder[0] == 0 && remainder[2] == 0,
	   "drivers of zero and none are in no tie");
	free(d.value);
}

static void
test_drivers(void)
{
	u128		room[8];
	Drivers		d = {.value = room};

	ok(drivers_add(&d, 5, 0) && drivers_add(&d, 25, 1) && d.pairs == 1 && room[0] == 500 && d.sum == 525,
	   "cents after units");
	drivers_add_none(&d);
	ok(drivers_add(&d, 1, 3) && d.pairs == 3 && room[0] == 5000000 && room[1] == 250000 && room[2] == NO_DRIVER &&
	   room[3] == 1 && d.sum == 5250001, "millionths after cents; none stays none");
	ok(drivers_add(&d, 2, 1) && room[4] == 20000 && d.count == 5, "cents after millionths");
	ok(!drivers_add(&d, DRIVERS_LIMIT / 1000, 0) && !drivers_add(&d, DRIVERS_LIMIT - 5, 3) &&
	   !drivers_add(&d, DRIVERS_LIMIT, 3) && !drivers_add(&d, ~(u128) 0, 3) && d.count == 5 && d.sum == 5270001,
	   "what does not fit is not added");

	d = (Drivers) {.value = room};
	ok(drivers_add(&d, 0, 0) && drivers_add(&d, 1, 500) && d.pairs == 500 && room[0] == 0,
	   "zero has any number of decimals");
	ok(!drivers_add(&d, 1, 0) && d.count == 2, "one has not");

	d = (Drivers) {.value = room};
	ok(drivers_add(&d, DRIVERS_LIMIT / 50, 0) && !drivers_add(&d, 1, 1) && d.pairs == 0 &&
	   room[0] == DRIVERS_LIMIT / 50 && d.count == 1, "what cannot be refined stays as it was");
}

int
main(void)
{
	test_random();
	test_extremes();
	test_drivers();
	return done_testing("allocate");
}
