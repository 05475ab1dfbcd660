/*
 * ledger_io.c
 *		Type ledger: input, output and comparison.
 */
#include "customer_value.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "common/comparison.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_in);
PG_FUNCTION_INFO_V1(ledger_out);
PG_FUNCTION_INFO_V1(ledger_recv);
PG_FUNCTION_INFO_V1(ledger_send);
PG_FUNCTION_INFO_V1(ledger_to_json);
PG_FUNCTION_INFO_V1(ledger_to_jsonb);
PG_FUNCTION_INFO_V1(ledger_from_jsonb);
PG_FUNCTION_INFO_V1(ledger_hash);
PG_FUNCTION_INFO_V1(ledger_hash_extended);

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
						   errhint("An amount has at most 23 digits before the point and 6 behind it; a day has fewer than 10^12 purchases.")));
		else
			cv_soft_error(fcinfo,
						  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
						   errmsg("invalid input syntax for type %s", "ledger"),
						   errdetail("%s", error.detail),
						   errhint("Write a ledger as in {\"days\": {\"2024-01-31\": {\"purchases\": 1, \"revenue\": 99.90}}}, or call ledger(date '2024-01-31', revenue => 99.90).")));
		PG_RETURN_NULL();
	}
	PG_RETURN_LEDGER_P(ledger_finish(&writer, currency));
}

static char *
ledger_text(Datum datum)
{
	LedgerView	view;
	char	   *text;
	size_t		length;

	ledger_read(datum, &view);
	text = ledger_print(view.body, view.length, view.currency, &length);
	if (length >= MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("ledger too large for its text form"),
				 errdetail("Its %zu bytes would be %zu bytes of text; a text has at most 1 GB.",
						   view.length, length),
				 errhint("Read it with entries(), cut it at a date first, or copy it in binary format.")));
	ledger_free(&view);
	return text;
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
		if (length == head)
			invalid_binary("An empty ledger has a currency.");
	}
	problem = ledger_check(p + head, length - head, LEDGER_FINISHED);
	if (problem != NULL)
		invalid_binary(psprintf("The bytes are damaged: %s.", problem));
	PG_RETURN_LEDGER_P(ledger_make(p + head, length - head, currency));
}

Datum
ledger_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(ledger_text(PG_GETARG_DATUM(0))));
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
		result = a.currency < b.currency ? -1 : 1;
	else
	{
		result = memcmp(a.body, b.body, Min(a.length, b.length));
		if (result == 0 && a.length != b.length)
			result = a.length < b.length ? -1 : 1;
	}
	/* a sort calls this for each comparison, all in one memory context */
	ledger_free(&a);
	ledger_free(&b);
	return result;
}

DEFINE_COMPARISONS(ledger, compare);

Datum
ledger_hash(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	Datum		result;

	PG_READ_LEDGER(0, &view);
	result = hash_any(view.body, (int) view.length);
	ledger_free(&view);
	return result;
}

Datum
ledger_hash_extended(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	Datum		result;

	PG_READ_LEDGER(0, &view);
	result = hash_any_extended(view.body, (int) view.length, PG_GETARG_INT64(1));
	ledger_free(&view);
	return result;
}
