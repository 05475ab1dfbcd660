/*
 * ledger.h
 *		The ledger without the server: what its bytes mean, how they are read,
 *		written, checked and added.
 *
 * A ledger holds, for each calendar day, an exact amount for each account and
 * a count of purchases.  Its body is a row of records, one a day:
 *
 *		tag			one byte, see below
 *		day			first record of a run: days since 2020-01-01, signed;
 *					else days since the record before, less one
 *		accounts	bit mask; only if the tag says so
 *		purchases	signed; only if the tag says so
 *		amounts		one signed integer per bit of the mask, lowest bit first
 *
 * in the integers of common/bytes.h.  An amount counts units of 100^-pairs,
 * with the smallest "pairs" that shows all amounts of that day exactly.
 *
 * A record that gives its day in full starts a run.  A *finished* body is one
 * run: days ascend, no amount is zero, no day is empty.  That makes it
 * canonical: equal ledgers are equal bytes.  A *growing* body is any number of
 * runs one behind the other, in any order, which together mean their sum.
 * Adding a ledger to a growing one is therefore a copy of bytes, and
 * ledger_compact() makes one run of many when somebody wants to read it.
 *
 * In this room, a *record* is a day, a *run* is records in ascending order, a
 * *body* is runs.  *Finished* and *growing* are the two forms of a body.  An
 * amount is *brief* if it fits 64 bits in the units of its record, else
 * *wide*; *pairs* are pairs of decimals.
 */
#ifndef CV_LEDGER_H
#define CV_LEDGER_H

#include "common/host.h"

#include "common/bytes.h"
#include "common/decimal.h"

/*
 * The chart of accounts.  The numbers are stored: never renumber, only append.
 * The first seven cost one byte of mask, the rest two.
 */
typedef enum LedgerAccount
{
	ACCOUNT_REVENUE,
	ACCOUNT_DISCOUNT,
	ACCOUNT_COGS,
	ACCOUNT_SELLING,
	ACCOUNT_MARKETING,
	ACCOUNT_SERVICE,
	ACCOUNT_DELIVERY,
	ACCOUNT_ACQUISITION,
	ACCOUNT_RETENTION,
	ACCOUNT_CREDIT_LOSS,
	ACCOUNT_OVERHEAD,
	ACCOUNT_OTHER,
	N_ACCOUNTS
} LedgerAccount;

/* Room for 16 accounts more than there are. */
#define MAX_ACCOUNTS 28

#define ACCOUNT_BIT(account) ((uint32) 1 << (account))
#define ALL_ACCOUNTS (ACCOUNT_BIT(N_ACCOUNTS) - 1)
#define COST_TO_SERVE_ACCOUNTS \
	(ACCOUNT_BIT(ACCOUNT_SELLING) | ACCOUNT_BIT(ACCOUNT_MARKETING) | \
	 ACCOUNT_BIT(ACCOUNT_SERVICE) | ACCOUNT_BIT(ACCOUNT_DELIVERY))

extern const char *const ledger_account_names[N_ACCOUNTS];

/* The account of that name, or -1. */
extern int	ledger_account_number(const char *name, size_t length);

/* Days count from 2000-01-01, as in type date, and have its range. */
#define LEDGER_DAY_MIN (-2451545)
#define LEDGER_DAY_MAX 2145031948

/*
 * A finished ledger holds amounts below AMOUNT_LIMIT for each day and account,
 * and fewer than 10^12 purchases a day.  On its way there, a growing one may
 * pass through larger ones: what comes out must not depend on the order.
 */
typedef enum LedgerForm
{
	LEDGER_FINISHED,
	LEDGER_GROWING
} LedgerForm;

static inline i128
ledger_amount_limit(LedgerForm form)
{
	return form == LEDGER_FINISHED ? AMOUNT_LIMIT : (i128) 1 << 118;
}

static inline int64
ledger_purchases_limit(LedgerForm form)
{
	return form == LEDGER_FINISHED ? INT64CONST(1000000000000) :
		INT64CONST(1) << 54;
}

typedef enum LedgerStatus
{
	LEDGER_OK,
	LEDGER_AMOUNT_OVERFLOW,
	LEDGER_PURCHASES_OVERFLOW
} LedgerStatus;

/*
 * The parts of a tag.
 */
#define TAG_PAIRS 0x03
#define TAG_PURCHASES 0x0C
#define TAG_PURCHASES_NONE 0x00
#define TAG_PURCHASES_ONE 0x04
#define TAG_PURCHASES_GIVEN 0x08
#define TAG_ACCOUNTS 0x30
#define TAG_ACCOUNTS_GIVEN 0x00
#define TAG_ACCOUNTS_SAME 0x10	/* as in the record before */
#define TAG_ACCOUNTS_REVENUE 0x20
#define TAG_ACCOUNTS_NONE 0x30
#define TAG_RUN_START 0x40		/* the day is given in full */

/* Day 0 of a day given in full: 2020-01-01, so that 44 years take two bytes. */
#define RUN_EPOCH 7305

/* Millionths in one unit of 100^-pairs. */
static const int64 ledger_micros_per_unit[4] = {1000000, 10000, 100, 1};

/*
 * Reading, record by record.  The bytes must have passed ledger_check().
 */
typedef struct LedgerScan
{
	const uint8 *next;
	const uint8 *end;

	/* the current record */
	int32		day;
	uint32		accounts;
	uint8		pairs;
	int64		purchases;
} LedgerScan;

static inline void
ledger_scan_open(LedgerScan *scan, const uint8 *body, size_t length)
{
	memset(scan, 0, sizeof(LedgerScan));
	scan->next = body;
	scan->end = body + length;
}

/*
 * Load eight bytes of a body, zeros past its end.
 */
static inline uint64
ledger_load(const uint8 *p, const uint8 *end)
{
	if (likely(end - p >= 8))
		return bytes_load64(p);
	else
	{
		uint64		word = 0;

		for (int i = (int) (end - p) - 1; i >= 0; i--)
			word = word << 8 | p[i];
		return word;
	}
}

/* The common integer of at most 56 bits. */
static inline uint64
ledger_read_short(const uint8 **p, const uint8 *end)
{
	uint64		word = ledger_load(*p, end);
	int			n = __builtin_ctzll(word | 0x80) + 1;

	Assert((word & 0xff) != 0);
	*p += n;
	return (word << (64 - 8 * n)) >> (64 - 7 * n);
}

/* A folded amount of any size; true if it fits *brief. */
static inline bool
ledger_read_amount(const uint8 **p, const uint8 *end, int64 *brief, i128 *wide)
{
	if (likely(**p != 0))
	{
		*brief = unfold_sign64(ledger_read_short(p, end));
		return true;
	}
	else
	{
		u128		folded;

		*p = read_long(*p, &folded);
		*wide = unfold_sign128(folded);
		return false;
	}
}

/*
 * Step to the next record; false at the end.  Leaves scan->next at the
 * record's amounts: the caller reads or skips all of them before it steps on.
 */
static inline bool
ledger_scan_next(LedgerScan *scan)
{
	uint8		tag;

	if (scan->next >= scan->end)
		return false;
	tag = *scan->next++;
	if (tag & TAG_RUN_START)
		scan->day = RUN_EPOCH +
			(int32) unfold_sign64(ledger_read_short(&scan->next, scan->end));
	else
		scan->day += 1 + (int32) ledger_read_short(&scan->next, scan->end);

	scan->pairs = tag & TAG_PAIRS;
	switch (tag & TAG_ACCOUNTS)
	{
		case TAG_ACCOUNTS_GIVEN:
			scan->accounts = (uint32) ledger_read_short(&scan->next, scan->end);
			break;
		case TAG_ACCOUNTS_REVENUE:
			scan->accounts = ACCOUNT_BIT(ACCOUNT_REVENUE);
			break;
		case TAG_ACCOUNTS_NONE:
			scan->accounts = 0;
			break;
	}
	if ((tag & TAG_PURCHASES) == TAG_PURCHASES_GIVEN)
		scan->purchases = unfold_sign64(ledger_read_short(&scan->next, scan->end));
	else
		scan->purchases = (tag & TAG_PURCHASES) != 0;
	return true;
}

static inline void
ledger_scan_skip_amounts(LedgerScan *scan)
{
	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
		scan->next += integer_size(scan->next);
}

/*
 * Read the record's amounts, in millionths, into the places of their accounts
 * in amounts[MAX_ACCOUNTS]; the other places are left as they are.
 */
extern void ledger_scan_amounts(LedgerScan *scan, i128 *amounts);

/* Sum of some accounts less the sum of others, in millionths. */
extern i128 ledger_sum(const uint8 *body, size_t length,
					   uint32 plus, uint32 minus);

/*
 * The same of the days with first <= day < behind (int64, so that either may
 * be past the ends); the body is one run.  Returns how many days it has there.
 */
extern int64 ledger_sum_days(const uint8 *body, size_t length,
							 int64 first, int64 behind,
							 uint32 plus, uint32 minus, i128 *sum);

/*
 * Writing.  Records must come in ascending order of days.
 */
typedef struct LedgerWriter
{
	uint8	   *bytes;
	size_t		used;
	size_t		room;
	bool		started;		/* false: the next record starts a run */
	int32		day;
	uint32		accounts;
} LedgerWriter;

extern void ledger_writer_open(LedgerWriter *writer, size_t room);
extern void ledger_writer_close(LedgerWriter *writer);	/* frees the bytes */

/* Let the next record start a new run. */
static inline void
ledger_writer_new_run(LedgerWriter *writer)
{
	writer->started = false;
}

/*
 * Write a record from amounts in millionths, of which those in "accounts"
 * count; an empty day is not written.
 */
extern LedgerStatus ledger_write(LedgerWriter *writer, int32 day,
								 int64 purchases, uint32 accounts,
								 const i128 *amounts, LedgerForm form);

/* Write a record whose amounts are copied as they stand in another body. */
extern void ledger_write_copy(LedgerWriter *writer, int32 day, int64 purchases,
							  uint32 accounts, int pairs,
							  const uint8 *amounts, size_t length);

/*
 * Write one record that starts a run, the amounts given in units of
 * 100^-pairs, non-zero, of at most 55 bits; "pairs" is minimal.  Needs
 * ledger_record_room() bytes; returns the end.
 */
extern uint8 *ledger_write_record(uint8 *p, int32 day, int64 purchases,
								  uint32 accounts, int pairs,
								  const int64 *amounts);

static inline size_t
ledger_record_room(int naccounts)
{
	return 1 + 5 + 5 + 8 + (size_t) naccounts * 8 + 8;
}

/*
 * Append to "writer" the one run that a body of any number of runs means.
 */
extern LedgerStatus ledger_compact(const uint8 *body, size_t length,
								   LedgerForm form, LedgerWriter *writer);

/* Append the body with every amount and count negated, run by run. */
extern void ledger_negate(const uint8 *body, size_t length, LedgerWriter *writer);

/* Append the part with first <= day < behind (int64, so that either may be
 * past the ends); the body is one run. */
extern void ledger_slice(const uint8 *body, size_t length,
						 int64 first, int64 behind, LedgerWriter *writer);

/*
 * Shares by which to divide.  Of an amount each part gets whole units of that
 * many decimals, or of as many as the amount has; purchases stay together.
 */
typedef struct LedgerShares
{
	int			count;
	int64	   *weight;			/* at least 0 */
	int64		total;			/* of the weights, 1 to 2^62 - 1 */
	int			heaviest;		/* the part that gets the purchases */
	int			decimals;		/* 0 to 6 */
} LedgerShares;

/* Append to the writer of each part its share of a body that is one run: they
 * add up to it exactly. */
extern LedgerStatus ledger_divide(const uint8 *body, size_t length,
								  const LedgerShares *shares, LedgerWriter *writers);

/*
 * Is this a body that the functions above can read?  NULL, or what is wrong
 * with it.  A finished one must be one run, and canonical.
 */
extern const char *ledger_check(const uint8 *body, size_t length, LedgerForm form);

/*
 * Days and dates.
 */
extern int	ledger_print_day(char *out, int32 day); /* at most 20 bytes */
extern bool ledger_parse_day(const char *text, size_t length, int32 *day);

/*
 * Periods, numbered: of a unit, one more for each.  Stored in certificates, so
 * neither units nor numbers ever change.
 */
typedef enum LedgerUnit
{
	UNIT_DAY,
	UNIT_WEEK,					/* from Monday */
	UNIT_MONTH,
	UNIT_QUARTER,
	UNIT_YEAR,
	N_UNITS
} LedgerUnit;

extern const char *const ledger_unit_names[N_UNITS];

/* The unit of that name, or -1. */
extern int	ledger_unit_number(const char *name, size_t length);

extern int64 ledger_period_of(int32 day, LedgerUnit unit);

/* The first day of a period, which may be before the calendar begins. */
extern int64 ledger_period_start(int64 period, LedgerUnit unit);

/*
 * Text, see ledger_text.c.
 */
#define LEDGER_NO_CURRENCY 0

/* Two bytes for the three letters of ISO 4217; 0 if they are not. */
extern uint16 ledger_currency_code(const char *text, size_t length);
extern void ledger_currency_text(uint16 code, char *text);	/* 4 bytes */

/* Cents where there are any, whole units where not: 0, 2, 4 or 6 decimals.
 * Needs DECIMAL_TEXT_SIZE bytes; returns the length. */
extern int	ledger_print_amount(char *out, i128 micros);

extern char *ledger_print(const uint8 *body, size_t length, uint16 currency,
						  size_t *text_length);

typedef struct LedgerTextError
{
	enum
	{
		LEDGER_TEXT_OK,
		LEDGER_TEXT_SYNTAX,
		LEDGER_TEXT_RANGE
	}			kind;
	char		detail[200];
} LedgerTextError;

/* Appends a finished body; false with *error filled in. */
extern bool ledger_parse(const char *text, size_t length, uint16 *currency,
						 LedgerWriter *writer, LedgerTextError *error);

#endif							/* CV_LEDGER_H */
