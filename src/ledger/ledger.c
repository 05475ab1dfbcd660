/*
 * ledger.c
 *		Reading and writing the bytes of a ledger.
 */
#include "common/host.h"

#include "ledger/ledger.h"

const char *const ledger_account_names[N_ACCOUNTS] = {
	"revenue", "discount", "cogs", "selling", "marketing", "service",
	"delivery", "acquisition", "retention", "credit_loss", "overhead", "other"
};

int
ledger_account_number(const char *name, size_t length)
{
	for (int i = 0; i < N_ACCOUNTS; i++)
		if (strlen(ledger_account_names[i]) == length &&
			memcmp(ledger_account_names[i], name, length) == 0)
			return i;
	return -1;
}

/*
 * Reading
 */

void
ledger_scan_amounts(LedgerScan *scan, i128 *amounts)
{
	int64		unit = ledger_micros_per_unit[scan->pairs];

	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		int64		brief;
		i128		wide;

		if (ledger_read_amount(&scan->next, scan->end, &brief, &wide))
			wide = brief;
		amounts[__builtin_ctz(left)] = wide * unit;
	}
}

/*
 * Up to 28 amounts of 55 bits are summed in 64; only the sum of a day is
 * widened.
 */
/* The amounts of the record that the scan is at. */
static inline i128
sum_of_day(LedgerScan *scan, uint32 plus, uint32 minus)
{
	int64		of_day = 0;
	i128		wide_of_day = 0;

	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		uint32		bit = left & -left;
		int64		brief;
		i128		wide;

		if (likely(ledger_read_amount(&scan->next, scan->end, &brief, &wide)))
			of_day += plus & bit ? brief : minus & bit ? -brief : 0;
		else
			wide_of_day += plus & bit ? wide : minus & bit ? -wide : 0;
	}
	return (of_day + wide_of_day) * ledger_micros_per_unit[scan->pairs];
}

i128
ledger_sum(const uint8 *body, size_t length, uint32 plus, uint32 minus)
{
	LedgerScan	scan;
	i128		sum = 0;
	uint32		records = 0;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		sum += sum_of_day(&scan, plus, minus);
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	return sum;
}

int64
ledger_sum_days(const uint8 *body, size_t length, int64 first, int64 behind,
				uint32 plus, uint32 minus, i128 *sum)
{
	LedgerScan	scan;
	int64		days = 0;
	uint32		records = 0;

	*sum = 0;
	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan) && scan.day < behind)
	{
		if (scan.day < first)
			ledger_scan_skip_amounts(&scan);
		else
		{
			*sum += sum_of_day(&scan, plus, minus);
			days++;
		}
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	return days;
}

/*
 * Writing
 */

void
ledger_writer_open(LedgerWriter *writer, size_t room)
{
	memset(writer, 0, sizeof(LedgerWriter));
	writer->bytes = cv_alloc(room);
	writer->room = room;
}

void
ledger_writer_close(LedgerWriter *writer)
{
	cv_free(writer->bytes);
	writer->bytes = NULL;
}

static inline void
writer_reserve(LedgerWriter *writer, size_t more)
{
	if (unlikely(writer->room - writer->used < more))
	{
		writer->room = writer->room * 2 + more;
		writer->bytes = cv_realloc(writer->bytes, writer->room);
	}
}

/*
 * Everything of a record but its amounts.  At most 1 + 5 + 5 + 8 bytes, and
 * the last store may touch seven more.
 */
#define RECORD_HEAD_ROOM 27

static inline uint8 *
write_head(uint8 *p, const LedgerWriter *before, int32 day, int64 purchases,
		   uint32 accounts, int pairs)
{
	uint8	   *tag = p++;

	*tag = (uint8) pairs;
	if (before != NULL && before->started)
		p = write_short(p, (uint64) ((int64) day - before->day - 1));
	else
	{
		*tag |= TAG_RUN_START;
		p = write_short(p, fold_sign64((int64) day - RUN_EPOCH));
	}

	if (accounts == ACCOUNT_BIT(ACCOUNT_REVENUE))
		*tag |= TAG_ACCOUNTS_REVENUE;
	else if (accounts == 0)
		*tag |= TAG_ACCOUNTS_NONE;
	else if (before != NULL && before->started && accounts == before->accounts)
		*tag |= TAG_ACCOUNTS_SAME;
	else
	{
		*tag |= TAG_ACCOUNTS_GIVEN;
		p = write_short(p, accounts);
	}

	if (purchases == 1)
		*tag |= TAG_PURCHASES_ONE;
	else if (purchases != 0)
	{
		*tag |= TAG_PURCHASES_GIVEN;
		p = write_short(p, fold_sign64(purchases));
	}
	return p;
}

/* Remember what the next record is written relative to. */
static inline void
writer_advance(LedgerWriter *writer, uint8 *end, int32 day, uint32 accounts)
{
	writer->used = (size_t) (end - writer->bytes);
	writer->started = true;
	writer->day = day;
	writer->accounts = accounts;
}

uint8 *
ledger_write_record(uint8 *p, int32 day, int64 purchases, uint32 accounts,
					int pairs, const int64 *amounts)
{
	p = write_head(p, NULL, day, purchases, accounts, pairs);
	for (uint32 left = accounts; left != 0; left &= left - 1)
		p = write_short(p, fold_sign64(amounts[__builtin_ctz(left)]));
	return p;
}

/* The fewest pairs of decimals that show an amount, given a lower bound. */
static inline int
pairs_needed(i128 micros, int pairs)
{
	if (likely(micros >= INT64_MIN && micros <= INT64_MAX))
		while (pairs < 3 && (int64) micros % ledger_micros_per_unit[pairs] != 0)
			pairs++;
	else
		while (pairs < 3 && micros % ledger_micros_per_unit[pairs] != 0)
			pairs++;
	return pairs;
}

LedgerStatus
ledger_write(LedgerWriter *writer, int32 day, int64 purchases,
			 uint32 accounts, const i128 *amounts, LedgerForm form)
{
	i128		limit = ledger_amount_limit(form);
	int64		most_purchases = ledger_purchases_limit(form);
	int			pairs = 0;
	int64		unit;
	uint8	   *p;

	for (uint32 left = accounts; left != 0; left &= left - 1)
	{
		int			account = __builtin_ctz(left);
		i128		v = amounts[account];

		if (v == 0)
			accounts &= ~ACCOUNT_BIT(account);
		if (unlikely(v >= limit || v <= -limit))
			return LEDGER_AMOUNT_OVERFLOW;
		pairs = pairs_needed(v, pairs);
	}
	if (purchases >= most_purchases || purchases <= -most_purchases)
		return LEDGER_PURCHASES_OVERFLOW;
	if (accounts == 0 && purchases == 0)
		return LEDGER_OK;

	writer_reserve(writer, RECORD_HEAD_ROOM +
				   INTEGER_MAX_BYTES * (size_t) __builtin_popcount(accounts));
	p = write_head(writer->bytes + writer->used, writer, day, purchases,
				   accounts, pairs);
	unit = ledger_micros_per_unit[pairs];
	for (uint32 left = accounts; left != 0; left &= left - 1)
	{
		i128		v = amounts[__builtin_ctz(left)];

		if (likely(v >= INT64_MIN && v <= INT64_MAX))
			v = (int64) v / unit;
		else
			v /= unit;
		p = write_integer(p, fold_sign128(v));
	}
	writer_advance(writer, p, day, accounts);
	return LEDGER_OK;
}

void
ledger_write_copy(LedgerWriter *writer, int32 day, int64 purchases,
				  uint32 accounts, int pairs, const uint8 *amounts,
				  size_t length)
{
	uint8	   *p;

	writer_reserve(writer, RECORD_HEAD_ROOM + length);
	p = write_head(writer->bytes + writer->used, writer, day, purchases,
				   accounts, pairs);
	memcpy(p, amounts, length);
	writer_advance(writer, p + length, day, accounts);
}

/*
 * Copies with a change
 */

void
ledger_negate(const uint8 *body, size_t length, LedgerWriter *writer)
{
	LedgerScan	scan;

	ledger_scan_open(&scan, body, length);
	while (scan.next < scan.end)
	{
		uint8	   *p;

		if (*scan.next & TAG_RUN_START)
			ledger_writer_new_run(writer);
		ledger_scan_next(&scan);
		writer_reserve(writer, RECORD_HEAD_ROOM + INTEGER_MAX_BYTES *
					   (size_t) __builtin_popcount(scan.accounts));
		p = write_head(writer->bytes + writer->used, writer, scan.day,
					   -scan.purchases, scan.accounts, scan.pairs);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int64		brief;
			i128		wide;

			if (ledger_read_amount(&scan.next, scan.end, &brief, &wide))
				wide = brief;
			p = write_integer(p, fold_sign128(-wide));
		}
		writer_advance(writer, p, scan.day, scan.accounts);
	}
}

void
ledger_slice(const uint8 *body, size_t length, int64 first, int64 behind,
			 LedgerWriter *writer)
{
	LedgerScan	scan;

	ledger_writer_new_run(writer);
	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		const uint8 *amounts = scan.next;

		if (scan.day >= behind)
			break;
		ledger_scan_skip_amounts(&scan);
		if (scan.day >= first)
			ledger_write_copy(writer, scan.day, scan.purchases, scan.accounts,
							  scan.pairs, amounts,
							  (size_t) (scan.next - amounts));
	}
}
