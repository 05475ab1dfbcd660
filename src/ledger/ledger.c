/*
 * ledger.c
 *		Reading, writing, adding and checking the bytes of a ledger.
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
i128
ledger_sum(const uint8 *body, size_t length, uint32 plus, uint32 minus,
		   int *pairs)
{
	LedgerScan	scan;
	i128		sum = 0;
	int			most_pairs = 0;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan))
	{
		int64		of_day = 0;
		i128		wide_of_day = 0;

		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			uint32		bit = left & -left;
			int64		brief;
			i128		wide;

			if (likely(ledger_read_amount(&scan.next, scan.end, &brief, &wide)))
				of_day += plus & bit ? brief : minus & bit ? -brief : 0;
			else
				wide_of_day += plus & bit ? wide : minus & bit ? -wide : 0;
		}
		sum += (of_day + wide_of_day) * ledger_micros_per_unit[scan.pairs];
		most_pairs = Max(most_pairs, scan.pairs);
	}
	*pairs = most_pairs;
	return sum;
}

bool
ledger_is_one_run(const uint8 *body, size_t length)
{
	LedgerScan	scan;

	if (length == 0)
		return true;
	/* the first record always starts a run; does another? */
	ledger_scan_open(&scan, body, length);
	if (!ledger_scan_next(&scan))
		return true;
	ledger_scan_skip_amounts(&scan);
	while (scan.next < scan.end)
	{
		if (*scan.next & TAG_RUN_START)
			return false;
		ledger_scan_next(&scan);
		ledger_scan_skip_amounts(&scan);
	}
	return true;
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
			 uint32 accounts, const i128 *amounts, i128 limit)
{
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
	if (purchases >= LEDGER_PURCHASES_LIMIT || purchases <= -LEDGER_PURCHASES_LIMIT)
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

/* Write a record whose amounts are copied as they stand. */
static inline void
write_copy(LedgerWriter *writer, int32 day, int64 purchases, uint32 accounts,
		   int pairs, const uint8 *amounts, size_t length)
{
	uint8	   *p;

	writer_reserve(writer, RECORD_HEAD_ROOM + length);
	p = write_head(writer->bytes + writer->used, writer, day, purchases,
				   accounts, pairs);
	memcpy(p, amounts, length);
	writer_advance(writer, p + length, day, accounts);
}

/*
 * Adding
 */

/* Where a record of a growing body stands. */
typedef struct RecordPlace
{
	const uint8 *amounts;
	uint32		length;			/* of the amounts */
	uint32		accounts;
	int64		purchases;
	uint8		pairs;
	bool		wide;			/* an amount may be past the limit */
} RecordPlace;

/*
 * Records are ordered by keys: the day, biased to be unsigned, over the place
 * in the body, which keeps the order stable and finds the record.
 */
#define RECORD_KEY(day, place) \
	((uint64) ((uint32) (day) ^ 0x80000000) << 32 | (uint32) (place))
#define KEY_DAY(key) ((int32) ((uint32) ((key) >> 32) ^ 0x80000000))
#define KEY_PLACE(key) ((uint32) (key))

/* So many are sorted by insertion, and fit on the stack. */
#define FEW_RECORDS 24

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
		place->wide = false;
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			place->wide |= *scan.next == 0;
			scan.next += integer_size(scan.next);
		}
		place->length = (uint32) (scan.next - place->amounts);
		keys[n] = RECORD_KEY(scan.day, n);
		if (n > 0 && KEY_DAY(keys[n - 1]) >= scan.day)
			*ascending = false;
		n++;
	}
	return n;
}

/* The sum of the records of one day. */
static LedgerStatus
write_sum(LedgerWriter *writer, int32 day, const RecordPlace *places,
		  const uint64 *keys, size_t n, const uint8 *body_end, i128 limit)
{
	i128		amounts[MAX_ACCOUNTS];
	uint32		accounts = 0;
	int64		purchases = 0;

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

			if (likely(ledger_read_amount(&p, body_end, &brief, &wide)))
				wide = brief;
			wide *= unit;
			amounts[account] = accounts & bit ? amounts[account] + wide : wide;
			accounts |= bit;
			if (unlikely(amounts[account] >= LEDGER_GROWING_LIMIT ||
						 amounts[account] <= -LEDGER_GROWING_LIMIT))
				return LEDGER_AMOUNT_OVERFLOW;
		}
		if (__builtin_add_overflow(purchases, place->purchases, &purchases))
			return LEDGER_PURCHASES_OVERFLOW;
	}
	return ledger_write(writer, day, purchases, accounts, amounts, limit);
}

static LedgerStatus
write_sums(LedgerWriter *writer, const RecordPlace *places, const uint64 *keys,
		   size_t n, const uint8 *body_end, i128 limit)
{
	for (size_t i = 0; i < n;)
	{
		int32		day = KEY_DAY(keys[i]);
		size_t		j = i + 1;

		while (j < n && KEY_DAY(keys[j]) == day)
			j++;
		if (j == i + 1 && !places[KEY_PLACE(keys[i])].wide)
		{
			const RecordPlace *place = &places[KEY_PLACE(keys[i])];

			write_copy(writer, day, place->purchases, place->accounts,
					   place->pairs, place->amounts, place->length);
		}
		else
		{
			LedgerStatus status = write_sum(writer, day, places, keys + i,
											j - i, body_end, limit);

			if (status != LEDGER_OK)
				return status;
		}
		i = j;
		if ((i & 0xfff) == 0)
			cv_check_interrupts();
	}
	return LEDGER_OK;
}

LedgerStatus
ledger_compact(const uint8 *body, size_t length, i128 limit,
			   LedgerWriter *writer)
{
	RecordPlace few_places[FEW_RECORDS];
	uint64		few_keys[FEW_RECORDS];
	RecordPlace *places = few_places;
	uint64	   *keys = few_keys;
	size_t		most = length / 2;	/* the shortest record has two bytes */
	size_t		n;
	bool		ascending;
	LedgerStatus status;

	ledger_writer_new_run(writer);
	if (most > FEW_RECORDS)
	{
		/* count before allocating: most records are far from shortest */
		LedgerScan	scan;

		most = 0;
		ledger_scan_open(&scan, body, length);
		while (ledger_scan_next(&scan))
		{
			ledger_scan_skip_amounts(&scan);
			most++;
		}
		if (most > FEW_RECORDS)
		{
			places = cv_alloc(most * sizeof(RecordPlace));
			keys = cv_alloc(most * sizeof(uint64));
		}
	}

	n = place_records(body, length, places, keys, &ascending);
	if (!ascending)
	{
		if (n <= FEW_RECORDS)
			sort_few(keys, n);
		else
			sort_many(keys, n);
	}
	status = write_sums(writer, places, keys, n, body + length, limit);

	if (places != few_places)
	{
		cv_free(places);
		cv_free(keys);
	}
	return status;
}

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
			write_copy(writer, scan.day, scan.purchases, scan.accounts,
					   scan.pairs, amounts, (size_t) (scan.next - amounts));
	}
}

/*
 * Checking bytes that come from outside.  A record is read with every step
 * checked and its canonical form compared.
 */

/* A folded integer that must fit the short form. */
static const uint8 *
check_short(const uint8 *p, const uint8 *end, uint64 *v)
{
	u128		wide;

	p = read_checked(p, end, &wide);
	if (p == NULL || wide >= SHORT_INTEGER_LIMIT)
		return NULL;
	*v = (uint64) wide;
	return p;
}

static const char *
check_day(const uint8 **p, const uint8 *end, bool run_start, LedgerScan *scan)
{
	uint64		v;
	int64		day;

	*p = check_short(*p, end, &v);
	if (*p == NULL)
		return "a day is cut off or malformed";
	day = run_start ? RUN_EPOCH + unfold_sign64(v) : (int64) scan->day + 1 + (int64) v;
	if (day < LEDGER_DAY_MIN || day > LEDGER_DAY_MAX)
		return "a day is out of range";
	scan->day = (int32) day;
	return NULL;
}

static const char *
check_accounts(const uint8 **p, const uint8 *end, uint8 tag, bool run_start,
			   LedgerScan *scan)
{
	uint32		before = scan->accounts;
	uint64		v;

	switch (tag & TAG_ACCOUNTS)
	{
		case TAG_ACCOUNTS_REVENUE:
			scan->accounts = ACCOUNT_BIT(ACCOUNT_REVENUE);
			break;
		case TAG_ACCOUNTS_NONE:
			scan->accounts = 0;
			break;
		case TAG_ACCOUNTS_SAME:
			if (run_start || before == 0 || before == ACCOUNT_BIT(ACCOUNT_REVENUE))
				return "the accounts of a day are not in canonical form";
			break;
		case TAG_ACCOUNTS_GIVEN:
			*p = check_short(*p, end, &v);
			if (*p == NULL)
				return "the accounts of a day are cut off or malformed";
			if (v == 0 || v == ACCOUNT_BIT(ACCOUNT_REVENUE) ||
				(!run_start && v == before))
				return "the accounts of a day are not in canonical form";
			if ((v & ~(uint64) ALL_ACCOUNTS) != 0)
				return "an account is unknown to this version";
			scan->accounts = (uint32) v;
			break;
	}
	return NULL;
}

static const char *
check_purchases(const uint8 **p, const uint8 *end, uint8 tag, int64 *purchases)
{
	uint64		v;

	*purchases = (tag & TAG_PURCHASES) == TAG_PURCHASES_ONE;
	if ((tag & TAG_PURCHASES) == TAG_PURCHASES)
		return "a day has an unknown form";
	if ((tag & TAG_PURCHASES) != TAG_PURCHASES_GIVEN)
		return NULL;

	*p = check_short(*p, end, &v);
	if (*p == NULL)
		return "a purchase count is cut off or malformed";
	*purchases = unfold_sign64(v);
	if (*purchases == 0 || *purchases == 1)
		return "a purchase count is not in canonical form";
	if (*purchases >= LEDGER_PURCHASES_LIMIT || *purchases <= -LEDGER_PURCHASES_LIMIT)
		return "a purchase count is out of range";
	return NULL;
}

static const char *
check_amounts(const uint8 **p, const uint8 *end, const LedgerScan *scan,
			  i128 limit)
{
	int64		unit = ledger_micros_per_unit[scan->pairs];
	bool		minimal = scan->pairs == 0;

	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		u128		folded;
		i128		v;

		*p = read_checked(*p, end, &folded);
		if (*p == NULL)
			return "an amount is cut off or malformed";
		v = unfold_sign128(folded);
		if (v == 0)
			return "an amount is zero";
		if (v > (limit - 1) / unit || v < -((limit - 1) / unit))
			return "an amount is out of range";
		minimal |= v % 100 != 0;
	}
	return minimal ? NULL : "the amounts of a day are not in canonical form";
}

const char *
ledger_check(const uint8 *body, size_t length, bool finished)
{
	const uint8 *p = body;
	const uint8 *end = body + length;
	LedgerScan	scan;
	size_t		n = 0;

	memset(&scan, 0, sizeof(scan));
	for (; p < end; n++)
	{
		uint8		tag = *p++;
		bool		run_start = (tag & TAG_RUN_START) != 0;
		const char *problem;

		if ((n & 0xfff) == 0xfff)
			cv_check_interrupts();
		if (tag & ~(TAG_PAIRS | TAG_PURCHASES | TAG_ACCOUNTS | TAG_RUN_START))
			return "a day has an unknown form";
		if (n == 0 && !run_start)
			return "the first day is not given in full";
		if (n > 0 && run_start && finished)
			return "it is not in canonical form";

		scan.pairs = tag & TAG_PAIRS;
		if ((problem = check_day(&p, end, run_start, &scan)) != NULL ||
			(problem = check_accounts(&p, end, tag, run_start, &scan)) != NULL ||
			(problem = check_purchases(&p, end, tag, &scan.purchases)) != NULL)
			return problem;
		if (scan.accounts == 0)
		{
			if (scan.purchases == 0)
				return "a day is empty";
			if (scan.pairs != 0)
				return "the amounts of a day are not in canonical form";
		}
		else if ((problem = check_amounts(&p, end, &scan,
										  finished ? LEDGER_AMOUNT_LIMIT :
										  LEDGER_GROWING_LIMIT)) != NULL)
			return problem;
	}
	return NULL;
}
