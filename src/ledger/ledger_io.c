/*
 * ledger_io.c
 *		Type ledger: input, output, comparison, and what the other files of
 *		this room share.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/syscache.h"

#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_in);
PG_FUNCTION_INFO_V1(ledger_out);
PG_FUNCTION_INFO_V1(ledger_recv);
PG_FUNCTION_INFO_V1(ledger_send);
PG_FUNCTION_INFO_V1(ledger_to_jsonb);
PG_FUNCTION_INFO_V1(ledger_from_jsonb);
PG_FUNCTION_INFO_V1(ledger_eq);
PG_FUNCTION_INFO_V1(ledger_ne);
PG_FUNCTION_INFO_V1(ledger_lt);
PG_FUNCTION_INFO_V1(ledger_le);
PG_FUNCTION_INFO_V1(ledger_gt);
PG_FUNCTION_INFO_V1(ledger_ge);
PG_FUNCTION_INFO_V1(ledger_cmp);
PG_FUNCTION_INFO_V1(ledger_hash);
PG_FUNCTION_INFO_V1(ledger_hash_extended);

/*
 * What the room shares
 */

void
ledger_read(const Ledger *ledger, LedgerView *view)
{
	ledger_view(ledger, view);
	if (view->growing)
	{
		LedgerWriter writer;

		ledger_writer_open(&writer, view->length + 64);
		ledger_check_status(ledger_compact(view->body, view->length,
										   LEDGER_AMOUNT_LIMIT, &writer));
		view->body = writer.bytes;
		view->length = writer.used;
		view->growing = false;
		if (writer.used == 0)
			view->currency = LEDGER_NO_CURRENCY;
	}
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
				 errdetail("The purchases of one day would number 10^15 or more."),
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
			 errhint("Convert the amounts to one currency before building ledgers, or group by currency as well.")));
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
ledger_account_from_text(text *name)
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

/*
 * Input and output
 */

Datum
ledger_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	size_t		length = strlen(text);
	uint16		currency;
	LedgerWriter writer;
	LedgerTextError error;

	ledger_writer_open(&writer, length / 2 + 64);
	if (!ledger_parse(text, length, &currency, &writer, &error))
	{
		if (error.kind == LEDGER_TEXT_RANGE)
			cv_soft_error(fcinfo,
						  (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						   errmsg("value out of range for type %s", "ledger"),
						   errdetail("%s", error.detail),
						   errhint("Round amounts to 6 decimals at most, and check their unit.")));
		else
			cv_soft_error(fcinfo,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s", "ledger"),
						   errdetail("%s", error.detail),
						   errhint("Write a ledger as in {\"days\": {\"2024-01-31\": {\"purchases\": 1, \"revenue\": 99.90, \"cogs\": 60}}}.")));
		PG_RETURN_NULL();
	}
	PG_RETURN_LEDGER_P(ledger_finish(&writer, currency));
}

static char *
ledger_text(Datum datum)
{
	LedgerView	view;

	ledger_read(DatumGetLedgerP(datum), &view);
	if (view.length > MaxAllocSize / 40)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("ledger too large for its text form"),
				 errdetail("It has %zu bytes.", view.length),
				 errhint("Read it with entries(), or cut it at a date first.")));
	return ledger_print(view.body, view.length, view.currency);
}

Datum
ledger_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(ledger_text(PG_GETARG_DATUM(0)));
}

/* The binary form is the value without its varlena header, always finished. */
Datum
ledger_send(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	Ledger	   *finished;
	StringInfoData buf;

	PG_READ_LEDGER(0, &view);
	finished = ledger_make(view.body, view.length, view.currency);
	pq_begintypsend(&buf);
	pq_sendbytes(&buf, VARDATA(finished), VARSIZE(finished) - VARHDRSZ);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static void
invalid_binary(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary format for type %s", "ledger"),
			 errdetail("%s", problem),
			 errhint("Send what ledger_send() gives, unchanged.")));
}

Datum
ledger_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	size_t		length = (size_t) (buf->len - buf->cursor);
	const uint8 *p = (const uint8 *) pq_getmsgbytes(buf, (int) length);
	uint16		currency = LEDGER_NO_CURRENCY;
	size_t		head = 1;
	const char *problem;
	char		code[4];

	if (length == 0)
		invalid_binary("It is empty.");
	if ((p[0] & ~FLAG_CURRENCY) != LEDGER_VERSION)
		invalid_binary(psprintf("Format 0x%02x is unknown to this version.", p[0]));
	if (p[0] & FLAG_CURRENCY)
	{
		head = 3;
		if (length < head)
			invalid_binary("The currency is cut off.");
		currency = p[1] | p[2] << 8;
		if (currency == LEDGER_NO_CURRENCY || currency > 26 * 26 * 26)
			invalid_binary("The currency is malformed.");
		ledger_currency_text(currency, code);
		if (length == head)
			invalid_binary("An empty ledger has a currency.");
	}
	problem = ledger_check(p + head, length - head, true);
	if (problem != NULL)
		invalid_binary(psprintf("In its bytes, %s.", problem));
	PG_RETURN_LEDGER_P(ledger_make(p + head, length - head, currency));
}

Datum
ledger_to_jsonb(PG_FUNCTION_ARGS)
{
	char	   *text = ledger_text(PG_GETARG_DATUM(0));

	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}

Datum
ledger_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
	LOCAL_FCINFO(call, 1);

	InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
	call->args[0].value = CStringGetDatum(text);
	call->args[0].isnull = false;
	return ledger_in(call);
}

/*
 * Comparison.  Equal ledgers are equal bytes; the order of unequal ones is
 * that of their bytes and means nothing, but sorting, DISTINCT and indexes
 * need one.
 */
static int
compare(FunctionCallInfo fcinfo)
{
	LedgerView	a,
				b;
	int			result;

	PG_READ_LEDGER(0, &a);
	PG_READ_LEDGER(1, &b);
	if (a.currency != b.currency)
		return a.currency < b.currency ? -1 : 1;
	result = memcmp(a.body, b.body, Min(a.length, b.length));
	if (result == 0 && a.length != b.length)
		result = a.length < b.length ? -1 : 1;
	return result;
}

Datum
ledger_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
ledger_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
ledger_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
ledger_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
ledger_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
ledger_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
ledger_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

Datum
ledger_hash(PG_FUNCTION_ARGS)
{
	LedgerView	view;

	PG_READ_LEDGER(0, &view);
	return hash_any(view.body, (int) view.length);
}

Datum
ledger_hash_extended(PG_FUNCTION_ARGS)
{
	LedgerView	view;

	PG_READ_LEDGER(0, &view);
	return hash_any_extended(view.body, (int) view.length, PG_GETARG_INT64(1));
}
