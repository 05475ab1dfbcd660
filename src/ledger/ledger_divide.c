/*
 * ledger_divide.c
 *		Shares of a ledger that add up to the whole.
 *
 * Each amount is divided by the method of largest remainders (Hamilton): every
 * part gets the whole units it is due, and the units left over go, one each,
 * to the parts with the largest remainders, the earlier part first.
 */
#include "common/host.h"

#include "ledger/ledger.h"

typedef struct Remainder
{
	int64		size;
	int			part;
} Remainder;

/* A division under way: scratch, one for each part. */
typedef struct Division
{
	const LedgerShares *shares;
	i128	   *quotients;
	Remainder  *remainders;
} Division;

/* a * w / total, with the remainder; 0 <= w <= total < 2^62, 0 <= a < 2^118 */
static inline i128
multiply_divide(i128 a, int64 w, int64 total, int64 *remainder)
{
	u128		low = (u128) (uint64) a * (uint64) w;
	u128		high = (u128) (uint64) (a >> 64) * (uint64) w + (low >> 64);
	u128		quotient,
				rest;

	if (likely(high == 0))
	{
		*remainder = (int64) ((uint64) low % (uint64) total);
		return (i128) ((uint64) low / (uint64) total);
	}
	quotient = high / (uint64) total;
	rest = (high % (uint64) total) << 64 | (uint64) low;

	/* rest / total is below 2^64, for rest's upper half is below total */
	*remainder = (int64) (rest % (uint64) total);
	return (i128) (quotient << 64 | rest / (uint64) total);
}

static int
by_remainder(const void *a, const void *b)
{
	const Remainder *x = (const Remainder *) a;
	const Remainder *y = (const Remainder *) b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->part - y->part;
}

/* The least unit, in millionths, of as many decimals as asked for, or as the
 * amount has. */
static int64
unit_of(i128 size, int decimals)
{
	int64		unit = ledger_micros_per_unit[0];

	for (int d = 0; d < decimals || size % unit != 0; d++)
		unit /= 10;
	return unit;
}

static void
divide_amount(Division *d, i128 micros)
{
	const LedgerShares *shares = d->shares;
	i128		size = micros < 0 ? -micros : micros;
	int64		unit = unit_of(size, shares->decimals);
	i128		left;

	size /= unit;
	left = size;
	for (int i = 0; i < shares->count; i++)
	{
		d->quotients[i] = multiply_divide(size, shares->weight[i], shares->total,
										  &d->remainders[i].size);
		d->remainders[i].part = i;
		left -= d->quotients[i];
	}
	if (left > 0)
		qsort(d->remainders, (size_t) shares->count, sizeof(Remainder), by_remainder);
	for (int i = 0; i < (int) left; i++)
		d->quotients[d->remainders[i].part]++;
	for (int i = 0; i < shares->count; i++)
		d->quotients[i] *= micros < 0 ? -unit : unit;
}

static LedgerStatus
divide_record(Division *d, LedgerScan *scan, i128 *parts, LedgerWriter *writers)
{
	size_t		count = (size_t) d->shares->count;
	i128		amounts[MAX_ACCOUNTS];
	size_t		row = 0;
	LedgerStatus status = LEDGER_OK;

	ledger_scan_amounts(scan, amounts);
	for (uint32 left = scan->accounts; left != 0; left &= left - 1, row++)
	{
		divide_amount(d, amounts[__builtin_ctz(left)]);
		memcpy(parts + row * count, d->quotients, count * sizeof(i128));
	}
	for (size_t i = 0; i < count && status == LEDGER_OK; i++)
	{
		row = 0;
		for (uint32 left = scan->accounts; left != 0; left &= left - 1, row++)
			amounts[__builtin_ctz(left)] = parts[row * count + i];
		status = ledger_write(&writers[i], scan->day,
							  (int) i == d->shares->heaviest ? scan->purchases : 0,
							  scan->accounts, amounts, LEDGER_FINISHED);
	}
	return status;
}

LedgerStatus
ledger_divide(const uint8 *body, size_t length, const LedgerShares *shares,
			  LedgerWriter *writers)
{
	size_t		count = (size_t) shares->count;
	Division	d = {.shares = shares};
	i128	   *parts = cv_alloc(count * MAX_ACCOUNTS * sizeof(i128));
	LedgerScan	scan;
	LedgerStatus status = LEDGER_OK;

	d.quotients = cv_alloc(count * sizeof(i128));
	d.remainders = cv_alloc(count * sizeof(Remainder));
	ledger_scan_open(&scan, body, length);
	while (status == LEDGER_OK && ledger_scan_next(&scan))
	{
		status = divide_record(&d, &scan, parts, writers);
		cv_check_interrupts();
	}
	cv_free(parts);
	cv_free(d.quotients);
	cv_free(d.remainders);
	return status;
}
