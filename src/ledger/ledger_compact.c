/*
 * ledger_compact.c
 *		Adding: one run of many.
 *
 * The records of a body are put in order by day, and the amounts of equal days
 * summed.  Few records are sorted by insertion, more by radix; and where there
 * are far more records than days, they are not sorted at all but added up in a
 * table.
 */
#include "common/host.h"

#include "ledger/ledger.h"

/* Where a record of a growing body stands. */
typedef struct RecordPlace
{
	const uint8 *amounts;
	uint32		length;			/* of the amounts */
	uint32		accounts;
	int64		purchases;
	uint8		pairs;
	bool		wide;			/* may be past the limits of a finished one */
} RecordPlace;

/*
 * Records are ordered by keys: the day, biased to be unsigned, over the place
 * in the body, which keeps the order stable and finds the record.
 */
#define RECORD_KEY(day, place) \
	((uint64) ((uint32) (day) ^ 0x80000000) << 32 | (uint32) (place))
#define KEY_DAY(key) ((int32) ((uint32) ((key) >> 32) ^ 0x80000000))
#define KEY_PLACE(key) ((uint32) (key))

/* So many are sorted by insertion ... */
#define FEW_RECORDS 32
/* ... and so many fit on the stack. */
#define STACK_RECORDS 128

static void
sort_few(uint64 *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
	{
		uint64		key = keys[i];
		size_t		j = i;

		for (; j > 0 && keys[j - 1] > key; j--)
			keys[j] = keys[j - 1];
		keys[j] = key;
	}
}

/*
 * Radix sort by day, a byte at a time and only as many bytes as the span of
 * days has: two passes for anything below 180 years.
 */
static void
sort_many(uint64 *keys, size_t n)
{
	uint64	   *from = keys;
	uint64	   *spare = cv_alloc(n * sizeof(uint64));
	uint64	   *to = spare;
	uint64		least = keys[0] >> 32;
	uint64		most = least;

	for (size_t i = 1; i < n; i++)
	{
		uint64		day = keys[i] >> 32;

		least = Min(least, day);
		most = Max(most, day);
	}
	for (int shift = 0; shift < 32 && (most - least) >> shift != 0; shift += 8)
	{
		size_t		start[256] = {0};
		size_t		sum = 0;
		uint64	   *swap;

		for (size_t i = 0; i < n; i++)
			start[((from[i] >> 32) - least) >> shift & 0xff]++;
		for (int b = 0; b < 256; b++)
		{
			size_t		count = start[b];

			start[b] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[((from[i] >> 32) - least) >> shift & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
		cv_check_interrupts();
	}
	if (from != keys)
		memcpy(keys, from, n * sizeof(uint64));
	cv_free(spare);
}

static inline bool
past_purchases(int64 purchases)
{
	return purchases >= ledger_purchases_limit(LEDGER_FINISHED) ||
		purchases <= -ledger_purchases_limit(LEDGER_FINISHED);
}

/* Find the records of a body; returns how many, with keys in body order. */
static size_t
place_records(const uint8 *body, size_t length, RecordPlace *places,
			  uint64 *keys, bool *ascending)
{
	LedgerScan	scan;
	size_t		n = 0;

	*ascending = true;
	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		RecordPlace *place = &places[n];

		place->amounts = scan.next;
		place->accounts = scan.accounts;
		place->purchases = scan.purchases;
		place->pairs = scan.pairs;
		place->wide = past_purchases(scan.purchases);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			place->wide |= *scan.next == 0;
			scan.next += integer_size(scan.next);
		}
		place->length = (uint32) (scan.next - place->amounts);
		keys[n] = RECORD_KEY(scan.day, n);
		if (n > 0 && KEY_DAY(keys[n - 1]) >= scan.day)
			*ascending = false;
		if ((++n & 0xffff) == 0)
			cv_check_interrupts();
	}
	return n;
}

/*
 * The common case of the sum of a day's records: all of one scale, no long
 * amount, and so few that 64 bits hold the sums.  False if it is not that.
 */
#define MOST_BRIEF_RECORDS 128

static bool
sum_brief(const RecordPlace *places, const uint64 *keys, size_t n,
		  const uint8 *body_end, uint32 *accounts, i128 *amounts)
{
	int64		sums[MAX_ACCOUNTS] = {0};
	uint8		pairs = places[KEY_PLACE(keys[0])].pairs;

	if (n > MOST_BRIEF_RECORDS)
		return false;
	for (size_t i = 0; i < n; i++)
	{
		const RecordPlace *place = &places[KEY_PLACE(keys[i])];
		const uint8 *p = place->amounts;

		if (place->wide || place->pairs != pairs)
			return false;
		for (uint32 left = place->accounts; left != 0; left &= left - 1)
			sums[__builtin_ctz(left)] +=
				unfold_sign64(ledger_read_short(&p, body_end));
		*accounts |= place->accounts;
	}
	for (uint32 left = *accounts; left != 0; left &= left - 1)
	{
		int			account = __builtin_ctz(left);

		amounts[account] = (i128) sums[account] * ledger_micros_per_unit[pairs];
	}
	return true;
}

/* The general case, in millionths of 128 bits. */
static bool
sum_wide(const RecordPlace *places, const uint64 *keys, size_t n,
		 const uint8 *body_end, uint32 *accounts, i128 *amounts)
{
	*accounts = 0;
	for (size_t i = 0; i < n; i++)
	{
		const RecordPlace *place = &places[KEY_PLACE(keys[i])];
		const uint8 *p = place->amounts;
		int64		unit = ledger_micros_per_unit[place->pairs];

		for (uint32 left = place->accounts; left != 0; left &= left - 1)
		{
			uint32		bit = left & -left;
			int			account = __builtin_ctz(left);
			int64		brief;
			i128		wide;

			if (ledger_read_amount(&p, body_end, &brief, &wide))
				wide = brief;
			wide *= unit;
			amounts[account] = *accounts & bit ? amounts[account] + wide : wide;
			*accounts |= bit;
			if (amounts[account] >= ledger_amount_limit(LEDGER_GROWING) ||
				amounts[account] <= -ledger_amount_limit(LEDGER_GROWING))
				return false;
		}
	}
	return true;
}

/* The sum of the records of one day. */
static LedgerStatus
write_sum(LedgerWriter *writer, int32 day, const RecordPlace *places,
		  const uint64 *keys, size_t n, const uint8 *body_end, LedgerForm form)
{
	i128		amounts[MAX_ACCOUNTS];
	uint32		accounts = 0;
	int64		purchases = 0;

	for (size_t i = 0; i < n; i++)
		if (__builtin_add_overflow(purchases, places[KEY_PLACE(keys[i])].purchases,
								   &purchases))
			return LEDGER_PURCHASES_OVERFLOW;
	if (!sum_brief(places, keys, n, body_end, &accounts, amounts) &&
		!sum_wide(places, keys, n, body_end, &accounts, amounts))
		return LEDGER_AMOUNT_OVERFLOW;
	return ledger_write(writer, day, purchases, accounts, amounts, form);
}

static LedgerStatus
write_sums(LedgerWriter *writer, const RecordPlace *places, const uint64 *keys,
		   size_t n, const uint8 *body_end, LedgerForm form)
{
	uint32		groups = 0;

	for (size_t i = 0; i < n;)
	{
		int32		day = KEY_DAY(keys[i]);
		size_t		j = i + 1;

		while (j < n && KEY_DAY(keys[j]) == day)
			j++;
		if (j == i + 1 && !places[KEY_PLACE(keys[i])].wide)
		{
			const RecordPlace *place = &places[KEY_PLACE(keys[i])];

			ledger_write_copy(writer, day, place->purchases,
							  place->accounts, place->pairs,
							  place->amounts, place->length);
		}
		else
		{
			LedgerStatus status = write_sum(writer, day, places, keys + i,
											j - i, body_end, form);

			if (status != LEDGER_OK)
				return status;
		}
		i = j;
		if ((++groups & 0xfff) == 0)
			cv_check_interrupts();
	}
	return LEDGER_OK;
}

/*
 * A customer of very many rows is a different case: far more records than
 * days.  Then the sums stand in a table by day and account, and every record
 * is read once and added where it belongs, without places, keys or sorting.
 */

/* What a first look over a body tells. */
typedef struct BodySummary
{
	size_t		records;
	int32		first;
	int32		last;
	uint32		accounts;		/* those that occur */
	uint8		pairs;			/* the largest scale */
	bool		wide;			/* a long amount occurs */
} BodySummary;

static void
summarize(const uint8 *body, size_t length, BodySummary *summary)
{
	LedgerScan	scan;

	memset(summary, 0, sizeof(BodySummary));
	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		if (summary->records++ == 0)
			summary->first = summary->last = scan.day;
		summary->first = Min(summary->first, scan.day);
		summary->last = Max(summary->last, scan.day);
		summary->accounts |= scan.accounts;
		summary->pairs = Max(summary->pairs, scan.pairs);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			summary->wide |= *scan.next == 0;
			scan.next += integer_size(scan.next);
		}
		if ((summary->records & 0xffff) == 0)
			cv_check_interrupts();
	}
}

#define MANY_RECORDS 256

static bool
is_dense(const BodySummary *summary)
{
	return summary->records >= MANY_RECORDS && !summary->wide &&
		(int64) summary->last - summary->first < 2 * (int64) summary->records;
}

/*
 * Fill the table, in units of the largest scale; false if a sum leaves 64
 * bits.  A row holds the purchases of the day and then its amounts, in the
 * order of the accounts that occur.
 */
static bool
fill_table(const uint8 *body, size_t length, const BodySummary *summary,
		   int64 *table, int width)
{
	static const int64 factors[4] = {1, 100, 10000, 1000000};
	LedgerScan	scan;
	int			column[MAX_ACCOUNTS];
	uint32		records = 0;
	bool		overflow = false;

	for (int account = 0, next = 1; account < MAX_ACCOUNTS; account++)
		column[account] = summary->accounts & ACCOUNT_BIT(account) ? next++ : 0;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		int64	   *row = table + ((int64) scan.day - summary->first) * width;
		int64		factor = factors[summary->pairs - scan.pairs];

		overflow |= __builtin_add_overflow(row[0], scan.purchases, &row[0]);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int64	   *cell = &row[column[__builtin_ctz(left)]];
			int64		v = unfold_sign64(ledger_read_short(&scan.next, scan.end));

			overflow |= __builtin_mul_overflow(v, factor, &v);
			overflow |= __builtin_add_overflow(*cell, v, cell);
		}
		if ((++records & 0xffff) == 0)
			cv_check_interrupts();
	}
	return !overflow;
}

/* *done is false if the table cannot hold it. */
static LedgerStatus
compact_dense(const uint8 *body, size_t length, const BodySummary *summary,
			  LedgerForm form, LedgerWriter *writer, bool *done)
{
	size_t		days = (size_t) ((int64) summary->last - summary->first + 1);
	int			width = 1 + __builtin_popcount(summary->accounts);
	size_t		size = days * (size_t) width * sizeof(int64);
	int64	   *table = cv_alloc(size);
	int64		unit = ledger_micros_per_unit[summary->pairs];
	LedgerStatus status = LEDGER_OK;

	memset(table, 0, size);
	*done = fill_table(body, length, summary, table, width);
	for (size_t day = 0; *done && status == LEDGER_OK && day < days; day++)
	{
		const int64 *cell = table + day * (size_t) width;
		int64		purchases = *cell++;
		i128		amounts[MAX_ACCOUNTS];

		for (uint32 left = summary->accounts; left != 0; left &= left - 1)
			amounts[__builtin_ctz(left)] = (i128) *cell++ * unit;
		status = ledger_write(writer, (int32) (summary->first + (int64) day),
							  purchases, summary->accounts, amounts, form);
	}
	cv_free(table);
	return status;
}

/*
 * A body so short is not looked over first to find out how many records it
 * has: allocating for the most there can be is cheaper.
 */
#define SHORT_BODY 4096

static LedgerStatus
compact_sorted(const uint8 *body, size_t length, size_t records,
			   LedgerForm form, LedgerWriter *writer)
{
	RecordPlace stack_places[STACK_RECORDS];
	uint64		stack_keys[STACK_RECORDS];
	bool		on_stack = records <= STACK_RECORDS;
	RecordPlace *places = on_stack ? stack_places : cv_alloc(records * sizeof(RecordPlace));
	uint64	   *keys = on_stack ? stack_keys : cv_alloc(records * sizeof(uint64));
	bool		ascending;
	LedgerStatus status;

	records = place_records(body, length, places, keys, &ascending);
	if (!ascending)
	{
		if (records <= FEW_RECORDS)
			sort_few(keys, records);
		else
			sort_many(keys, records);
	}
	status = write_sums(writer, places, keys, records, body + length, form);

	if (!on_stack)
	{
		cv_free(places);
		cv_free(keys);
	}
	return status;
}

LedgerStatus
ledger_compact(const uint8 *body, size_t length, LedgerForm form,
			   LedgerWriter *writer)
{
	BodySummary summary;
	size_t		records = length / 2;	/* the shortest has two bytes */

	ledger_writer_new_run(writer);
	if (length > SHORT_BODY)
	{
		summarize(body, length, &summary);
		records = summary.records;
		if (is_dense(&summary))
		{
			bool		done;
			LedgerStatus status = compact_dense(body, length, &summary, form,
												writer, &done);

			if (done)
				return status;
		}
	}
	return compact_sorted(body, length, records, form, writer);
}
