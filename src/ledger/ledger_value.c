/*
 * ledger_value.c
 *		Values of type ledger: what every file of this room that talks to the
 *		server needs.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/rangetypes.h"
#include "utils/syscache.h"

#include "ledger/ledger_sql.h"

void
ledger_unknown_format(uint8 format)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("unknown format of a value of type ledger"),
			 errdetail("Its format is 0x%02x; this release knows version %d.",
					   format, LEDGER_VERSION >> 4),
			 errhint("It was stored by a newer release of customer_value: install that release.")));
}

void
ledger_read(Datum datum, LedgerView *view)
{
	Ledger	   *ledger = DatumGetLedgerP(datum);

	ledger_view(ledger, view);
	view->detoasted = (Pointer) ledger != DatumGetPointer(datum) ? ledger : NULL;
	view->compacted = NULL;
	if (view->growing)
	{
		LedgerWriter writer;

		ledger_writer_open(&writer, view->length + 64);
		ledger_check_status(ledger_compact(view->body, view->length,
										   LEDGER_FINISHED, &writer));
		view->compacted = writer.bytes;
		view->body = writer.bytes;
		view->length = writer.used;
		view->growing = false;
		if (writer.used == 0)
			view->currency = LEDGER_NO_CURRENCY;
	}
}

void
ledger_free(LedgerView *view)
{
	if (view->compacted)
		pfree(view->compacted);
	if (view->detoasted)
		pfree(view->detoasted);
}

Ledger *
ledger_make(const uint8 *body, size_t length, uint16 currency)
{
	bool		has_currency = currency != LEDGER_NO_CURRENCY && length > 0;
	size_t		size = VARHDRSZ + (has_currency ? 3 : 1) + length;
	Ledger	   *result;
	uint8	   *p;

	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("ledger too large"),
				 errdetail("It would take %zu bytes; a value has at most 1 GB.", size),
				 errhint("Keep a ledger for each customer, or cut it at a date.")));
	result = (Ledger *) palloc(size);
	SET_VARSIZE(result, size);
	p = (uint8 *) VARDATA(result);
	*p++ = LEDGER_VERSION | (has_currency ? FLAG_CURRENCY : 0);
	if (has_currency)
	{
		*p++ = (uint8) currency;
		*p++ = (uint8) (currency >> 8);
	}
	if (length > 0)
		memcpy(p, body, length);
	return result;
}

Ledger *
ledger_finish(LedgerWriter *writer, uint16 currency)
{
	Ledger	   *result = ledger_make(writer->bytes, writer->used, currency);

	ledger_writer_close(writer);
	return result;
}

void
ledger_check_status(LedgerStatus status)
{
	if (status == LEDGER_AMOUNT_OVERFLOW)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount out of range for type ledger"),
				 errdetail("The amount of one day and account would have more than 23 digits before the decimal point."),
				 errhint("Check the unit of the amounts, or book them in thousands.")));
	if (status == LEDGER_PURCHASES_OVERFLOW)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("purchase count out of range for type ledger"),
				 errdetail("The purchases of one day would number 10^12 or more."),
				 errhint("Check what is given as purchases => ...; it counts purchases, not money.")));
}

uint16
ledger_common_currency(const LedgerView *a, const LedgerView *b)
{
	char		names[2][24] = {"no currency", "no currency"};

	if (likely(a->currency == b->currency) || b->length == 0)
		return a->currency;
	if (a->length == 0)
		return b->currency;
	if (a->currency != LEDGER_NO_CURRENCY)
		ledger_currency_text(a->currency, names[0]);
	if (b->currency != LEDGER_NO_CURRENCY)
		ledger_currency_text(b->currency, names[1]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot add ledgers of different currencies"),
			 errdetail("One ledger has %s, the other %s.", names[0], names[1]),
			 errhint("Bring them to one currency with convert(), or group by currency as well.")));
}

uint16
ledger_currency_from_text(struct varlena *code)
{
	uint16		currency = ledger_currency_code(VARDATA_ANY(code), VARSIZE_ANY_EXHDR(code));

	if (currency == LEDGER_NO_CURRENCY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid currency: \"%s\"", text_to_cstring(code)),
				 errdetail("A currency is the three capital letters of ISO 4217."),
				 errhint("Write for example currency => 'EUR', or upper(trim(code)).")));
	return currency;
}

static void
unknown_account(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown account: \"%s\"", name),
			 errdetail("The accounts are revenue, discount, cogs, selling, marketing, service, delivery, acquisition, retention, credit_loss, overhead and other."),
			 errhint("Map your own account names to these, for example with a CASE expression.")));
}

int
ledger_account_from_text(struct varlena *name)
{
	int			account = ledger_account_number(VARDATA_ANY(name),
												VARSIZE_ANY_EXHDR(name));

	if (account < 0)
		unknown_account(text_to_cstring(name));
	return account;
}

/*
 * The enum's labels are the names; its oids differ from database to database.
 * A query asks for the same few over and over, so the last is remembered.
 */
typedef struct AccountCache
{
	Oid			value;
	int			account;
} AccountCache;

int
ledger_account_from_enum(FunctionCallInfo fcinfo, Oid value)
{
	AccountCache *cache = (AccountCache *) fcinfo->flinfo->fn_extra;
	HeapTuple	tuple;
	char	   *label;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(AccountCache));
		fcinfo->flinfo->fn_extra = cache;
	}
	if (cache->value == value)
		return cache->account;

	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", value);
	label = pstrdup(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);

	cache->account = ledger_account_number(label, strlen(label));
	if (cache->account < 0)
		unknown_account(label);
	cache->value = value;
	return cache->account;
}

/* The enum values of our accounts in this database. */
void
ledger_account_values(Oid type, Oid *values)
{
	for (int account = 0; account < N_ACCOUNTS; account++)
	{
		const char *name = ledger_account_names[account];
		HeapTuple	tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(type),
											CStringGetDatum(name));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "type ledger_account has no value \"%s\"", name);
		values[account] = ((Form_pg_enum) GETSTRUCT(tuple))->oid;
		ReleaseSysCache(tuple);
	}
}

LedgerUnit
ledger_unit_from_text(struct varlena *name, const char *hint)
{
	int			unit = ledger_unit_number(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (unit < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown period: \"%s\"", text_to_cstring(name)),
				 errdetail("Periods are day, week, month, quarter and year; weeks begin on Monday."),
				 errhint("%s", hint)));
	return (LedgerUnit) unit;
}

static RangeBound
period_bound(int64 day, bool lower)
{
	RangeBound	result;

	/* the calendar ends: a period that goes past its end is open there */
	result.infinite = lower ? day < LEDGER_DAY_MIN && day != DATEVAL_NOBEGIN :
		day > LEDGER_DAY_MAX && day != DATEVAL_NOEND;
	result.val = DateADTGetDatum(result.infinite ? 0 : (DateADT) day);
	result.inclusive = lower && !result.infinite;
	result.lower = lower;
	return result;
}

Datum
ledger_period_range(TypeCacheEntry *typcache, int64 first, int64 behind)
{
	RangeBound	lower = period_bound(first, true);
	RangeBound	upper = period_bound(behind, false);

	return RangeTypePGetDatum(cv_make_range(typcache, &lower, &upper));
}
