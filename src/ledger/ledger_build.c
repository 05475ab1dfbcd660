/*
 * ledger_build.c
 *		Making ledgers from rows: ledger(), ledger(day, ...), ledger_entry().
 */
#include "customer_value.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "common/amount.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_zero);
PG_FUNCTION_INFO_V1(ledger_row);
PG_FUNCTION_INFO_V1(ledger_entry_enum);
PG_FUNCTION_INFO_V1(ledger_entry_text);

/* One row's worth of money, as the constructors gather it. */
typedef struct Entry
{
	bool		has_day;
	int32		day;
	bool		has_purchases;
	int64		purchases;
	uint16		currency;
	uint32		accounts;		/* those with a non-zero amount */
	bool		wide;			/* which of the next two forms holds them */
	int			pairs;
	int64		brief[MAX_ACCOUNTS];	/* units of 100^-own_pairs */
	uint8		own_pairs[MAX_ACCOUNTS];
	i128		micros[MAX_ACCOUNTS];
} Entry;

/* Amounts up to this can be written in the short form at any scale. */
#define BRIEF_LIMIT (INT64CONST(1) << 54)

static void
entry_open(Entry *entry)
{
	entry->has_purchases = false;
	entry->purchases = 0;
	entry->currency = LEDGER_NO_CURRENCY;
	entry->accounts = 0;
	entry->wide = false;
	entry->pairs = 0;
}

static void
entry_set_day(Entry *entry, FunctionCallInfo fcinfo, int argno)
{
	Timestamp	at;
	int64		day;

	entry->has_day = !PG_ARGISNULL(argno);
	if (!entry->has_day)
		return;
	at = PG_GETARG_TIMESTAMP(argno);
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("day must be finite"),
				 errdetail("The day is %s.", TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity"),
				 errhint("Leave such rows out, or give the day the money belongs to.")));
	day = at / USECS_PER_DAY;
	if (at < day * USECS_PER_DAY)
		day--;
	entry->day = (int32) day;
}

/* From here on the entry's amounts are millionths in 128 bits. */
static void
entry_widen(Entry *entry)
{
	if (entry->wide)
		return;
	for (uint32 left = entry->accounts; left != 0; left &= left - 1)
	{
		int			account = __builtin_ctz(left);

		entry->micros[account] = (i128) entry->brief[account] *
			ledger_micros_per_unit[entry->own_pairs[account]];
	}
	entry->wide = true;
}

static void
entry_set_wide_amount(Entry *entry, int account, Datum amount)
{
	i128		micros;
	AmountStatus status = amount_decode(amount, &micros);

	if (status != AMOUNT_OK)
		amount_error(status, amount);
	if (micros == 0)
		return;
	entry_widen(entry);
	entry->micros[account] = micros;
	entry->accounts |= ACCOUNT_BIT(account);
}

static inline void
entry_set_amount(Entry *entry, int account, Datum amount)
{
	int64		value;
	int			pairs;

	if (unlikely(entry->wide || !amount_fast(amount, &value, &pairs)))
	{
		entry_set_wide_amount(entry, account, amount);
		return;
	}
	if (value == 0)
		return;
	entry->brief[account] = value;
	entry->own_pairs[account] = (uint8) pairs;
	entry->pairs = Max(entry->pairs, pairs);
	entry->accounts |= ACCOUNT_BIT(account);
}

static void
entry_set_purchases(Entry *entry, FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		return;
	entry->has_purchases = true;
	entry->purchases = PG_GETARG_INT64(argno);
	if (entry->purchases >= ledger_purchases_limit(LEDGER_FINISHED) ||
		entry->purchases <= -ledger_purchases_limit(LEDGER_FINISHED))
		ledger_check_status(LEDGER_PURCHASES_OVERFLOW);
}

static void
entry_set_currency(Entry *entry, FunctionCallInfo fcinfo, int argno)
{
	if (!PG_ARGISNULL(argno))
		entry->currency = ledger_currency_from_text(PG_GETARG_TEXT_PP(argno));
}

/* Revenue above zero is a purchase unless the caller said otherwise. */
static void
entry_count_purchase(Entry *entry)
{
	if (entry->has_purchases || !(entry->accounts & ACCOUNT_BIT(ACCOUNT_REVENUE)))
		return;
	entry->purchases = entry->wide ?
		entry->micros[ACCOUNT_REVENUE] > 0 :
		entry->brief[ACCOUNT_REVENUE] > 0;
}

static Ledger *
entry_finish_wide(Entry *entry)
{
	LedgerWriter writer;

	entry_widen(entry);
	ledger_writer_open(&writer, 256);
	ledger_check_status(ledger_write(&writer, entry->day, entry->purchases,
									 entry->accounts, entry->micros,
									 LEDGER_FINISHED));
	return ledger_finish(&writer, entry->currency);
}

/* Bring the amounts to the scale of the entry; false if one grows too long. */
static inline bool
entry_align(Entry *entry)
{
	static const int64 factors[4] = {1, 100, 10000, 1000000};

	for (uint32 left = entry->accounts; left != 0; left &= left - 1)
	{
		int			account = __builtin_ctz(left);
		int64		v = entry->brief[account];
		int64		factor = factors[entry->pairs - entry->own_pairs[account]];

		if (unlikely(v > BRIEF_LIMIT / 1000000 || v < -(BRIEF_LIMIT / 1000000)) &&
			(v > BRIEF_LIMIT / factor || v < -(BRIEF_LIMIT / factor)))
			return false;
		entry->brief[account] = v * factor;
		entry->own_pairs[account] = (uint8) entry->pairs;
	}
	return true;
}

static Ledger *
entry_finish(Entry *entry)
{
	Ledger	   *result;
	uint8	   *start,
			   *p;

	entry_count_purchase(entry);
	if (entry->accounts == 0 && entry->purchases == 0)
		return ledger_make(NULL, 0, LEDGER_NO_CURRENCY);
	if (!entry->has_day)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("day must not be null where there is money or a purchase"),
				 errdetail("Money without a day cannot be booked, and is not dropped."),
				 errhint("Give the day it belongs to, for example coalesce(day, invoice_day), or leave such rows out with WHERE day IS NOT NULL.")));
	if (unlikely(entry->wide) || unlikely(!entry_align(entry)))
		return entry_finish_wide(entry);

	result = (Ledger *) palloc(VARHDRSZ + 3 +
							   ledger_record_room(__builtin_popcount(entry->accounts)));
	start = p = (uint8 *) VARDATA(result);
	*p++ = LEDGER_VERSION;
	if (entry->currency != LEDGER_NO_CURRENCY)
	{
		start[FORMAT_AT] |= FLAG_CURRENCY;
		*p++ = (uint8) entry->currency;
		*p++ = (uint8) (entry->currency >> 8);
	}
	p = ledger_write_record(p, entry->day, entry->purchases, entry->accounts,
							entry->pairs, entry->brief);
	SET_VARSIZE(result, VARHDRSZ + (p - start));
	return result;
}

Datum
ledger_zero(PG_FUNCTION_ARGS)
{
	PG_RETURN_LEDGER_P(ledger_make(NULL, 0, LEDGER_NO_CURRENCY));
}

/* ledger(day, revenue .. other, purchases, currency) */
Datum
ledger_row(PG_FUNCTION_ARGS)
{
	Entry		entry;

	entry_open(&entry);
	entry_set_day(&entry, fcinfo, 0);
	for (int account = 0; account < N_ACCOUNTS; account++)
		if (!PG_ARGISNULL(1 + account))
			entry_set_amount(&entry, account, PG_GETARG_DATUM(1 + account));
	entry_set_purchases(&entry, fcinfo, 1 + N_ACCOUNTS);
	entry_set_currency(&entry, fcinfo, 2 + N_ACCOUNTS);
	PG_RETURN_LEDGER_P(entry_finish(&entry));
}

/* ledger_entry(day, account, amount, purchases, currency) */
static Datum
make_entry(FunctionCallInfo fcinfo, int account)
{
	Entry		entry;

	entry_open(&entry);
	entry_set_day(&entry, fcinfo, 0);
	if (!PG_ARGISNULL(2))
	{
		entry_set_amount(&entry, Max(account, 0), PG_GETARG_DATUM(2));
		if (account < 0 && entry.accounts != 0)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("account must not be null where there is money"),
					 errdetail("Money without an account cannot be booked, and is not dropped."),
					 errhint("Book it under coalesce(account, 'other'), or leave such rows out.")));
	}
	entry_set_purchases(&entry, fcinfo, 3);
	entry_set_currency(&entry, fcinfo, 4);
	PG_RETURN_LEDGER_P(entry_finish(&entry));
}

Datum
ledger_entry_enum(PG_FUNCTION_ARGS)
{
	return make_entry(fcinfo, PG_ARGISNULL(1) ? -1 :
					  ledger_account_from_enum(fcinfo, PG_GETARG_OID(1)));
}

Datum
ledger_entry_text(PG_FUNCTION_ARGS)
{
	return make_entry(fcinfo, PG_ARGISNULL(1) ? -1 :
					  ledger_account_from_text(PG_GETARG_TEXT_PP(1)));
}
