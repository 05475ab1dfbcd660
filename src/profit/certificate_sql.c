/*
 * certificate_sql.c
 *		Type certificate: input, output, sums, and what it says.
 */
#include "customer_value.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/rangetypes.h"

#include "common/amount.h"
#include "ledger/ledger_sql.h"
#include "profit/certificate_sql.h"

PG_FUNCTION_INFO_V1(certificate_in);
PG_FUNCTION_INFO_V1(certificate_out);
PG_FUNCTION_INFO_V1(certificate_recv);
PG_FUNCTION_INFO_V1(certificate_to_json);
PG_FUNCTION_INFO_V1(certificate_to_jsonb);
PG_FUNCTION_INFO_V1(certificate_from_jsonb);
PG_FUNCTION_INFO_V1(certificate_plus);
PG_FUNCTION_INFO_V1(certificate_ledgers);
PG_FUNCTION_INFO_V1(certificate_checksum);
PG_FUNCTION_INFO_V1(certificate_unit);
PG_FUNCTION_INFO_V1(certificate_purchases);
PG_FUNCTION_INFO_V1(certificate_control_totals);
PG_FUNCTION_INFO_V1(certificate_differences);

void
certificate_read(const struct varlena *value, Certificate *c)
{
	const char *why = certificate_decode(c, (const uint8 *) VARDATA_ANY(value),
										 VARSIZE_ANY_EXHDR(value));

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "certificate"),
				 errdetail("%s", why),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

struct varlena *
certificate_make(const Certificate *c)
{
	uint8	   *bytes;
	size_t		length;
	struct varlena *result;

	if (!certificate_in_range(c))
		certificate_overflow();
	bytes = cv_alloc(certificate_max_size(c));
	length = certificate_encode(c, bytes);
	if (VARHDRSZ + length > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("certificate too large"),
				 errdetail("It would take %zu bytes; a value has at most 1 GB.", length),
				 errhint("Choose longer periods, for example months.")));
	result = palloc(VARHDRSZ + length);
	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	cv_free(bytes);
	return result;
}

void
certificate_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("total out of range for type certificate"),
			 errdetail("A total of one account and period would have more than 32 digits before the decimal point, or purchases more than 18 digits."),
			 errhint("Certify fewer ledgers at a time, or check the unit of the amounts.")));
}

/*
 * Input and output
 */

Datum
certificate_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	char		why[CERTIFICATE_WHY_SIZE];
	Certificate c;

	if (!certificate_parse(&c, text, strlen(text), why))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "certificate"),
					   errdetail("%s", why),
					   errhint("Write what certificate(customer, ledger) gives, unchanged.")));
		PG_RETURN_NULL();
	}
	PG_RETURN_CERTIFICATE_P(certificate_make(&c));
}

static char *
certificate_text(FunctionCallInfo fcinfo)
{
	Certificate c;
	char	   *text;

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	text = certificate_print(&c);
	if (strlen(text) >= MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("certificate too large for its text form"),
				 errdetail("A text has at most 1 GB."),
				 errhint("Read it with control_totals(), or copy it in binary format.")));
	return text;
}

Datum
certificate_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(certificate_text(fcinfo));
}

Datum
certificate_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buf->len - buf->cursor;
	const char *bytes = pq_getmsgbytes(buf, length);
	const char *why;
	Certificate c;

	why = certificate_decode(&c, (const uint8 *) bytes, (size_t) length);
	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "certificate"),
				 errdetail("%s", why),
				 errhint("Send the text form instead.")));
	PG_RETURN_CERTIFICATE_P(certificate_make(&c));
}

Datum
certificate_to_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(certificate_text(fcinfo)));
}

Datum
certificate_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(certificate_text(fcinfo)));
}

Datum
certificate_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	char	   *text = JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));

	LOCAL_FCINFO(call, 1);

	InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
	call->args[0].value = CStringGetDatum(text);
	call->args[0].isnull = false;
	return certificate_in(call);
}

/*
 * Sums
 */

/*
 * Certificates that can be added or compared: where both have ledgers, of one
 * unit, and where both have keys, of one type.  "First" takes over what it
 * lacks.
 */
static void
match(Certificate *first, const Certificate *second, const char *done)
{
	if (first->unit == NO_UNIT)
		first->unit = second->unit;
	if (first->keys == KEYS_NONE)
		first->keys = second->keys;
	if (second->unit != NO_UNIT && first->unit != second->unit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("certificates of different periods cannot be %s", done),
				 errdetail("One has totals by %s, the other by %s.",
						   ledger_unit_names[first->unit], ledger_unit_names[second->unit]),
				 errhint("Make both with the same unit, as in certificate(customer, ledger, 'month').")));
	if (second->keys != KEYS_NONE && first->keys != second->keys)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("certificates of different keys cannot be %s", done),
				 errdetail("One calls its customers by %s, the other by %s.",
						   certificate_key_names[first->keys], certificate_key_names[second->keys]),
				 errhint("Make both with keys of one type, as in certificate(customer::text, ledger).")));
}

Datum
certificate_plus(PG_FUNCTION_ARGS)
{
	Certificate sum,
				more;

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &sum);
	certificate_read(PG_GETARG_CERTIFICATE_P(1), &more);
	match(&sum, &more, "added");
	if (!certificate_merge(&sum, &more))
		certificate_overflow();
	PG_RETURN_CERTIFICATE_P(certificate_make(&sum));
}

/*
 * What a certificate says
 */

Datum
certificate_ledgers(PG_FUNCTION_ARGS)
{
	Certificate c;

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	PG_RETURN_INT64(c.ledgers);
}

Datum
certificate_checksum(PG_FUNCTION_ARGS)
{
	Certificate c;
	char		text[CHECKSUM_TEXT_SIZE];

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	certificate_checksum_text(&c, text);
	PG_RETURN_TEXT_P(cstring_to_text(text));
}

Datum
certificate_unit(PG_FUNCTION_ARGS)
{
	Certificate c;

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	if (c.unit == NO_UNIT)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(ledger_unit_names[c.unit]));
}

Datum
certificate_purchases(PG_FUNCTION_ARGS)
{
	Certificate c;
	int64		sum = 0;

	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	for (int i = 0; i < c.count; i++)
		if (__builtin_add_overflow(sum, c.totals[i].purchases, &sum))
			certificate_overflow();
	PG_RETURN_INT64(sum);
}

/*
 * TotalsRows about currencies, periods and accounts
 */

#define MOST_COLUMNS 7

typedef struct TotalsRows
{
	ReturnSetInfo *rsinfo;
	TypeCacheEntry *range;
	Oid			accounts[N_ACCOUNTS];
	int			column;			/* where currency, period and account begin */
	Datum		values[MOST_COLUMNS];
	bool		nulls[MOST_COLUMNS];
} TotalsRows;

static void
totals_open(TotalsRows *rows, FunctionCallInfo fcinfo, int column)
{
	TupleDesc	desc;

	InitMaterializedSRF(fcinfo, 0);
	memset(rows, 0, sizeof(TotalsRows));
	rows->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->column = column;
	desc = rows->rsinfo->setDesc;
	rows->range = range_get_typcache(fcinfo, TupleDescAttr(desc, column + 1)->atttypid);
	ledger_account_values(TupleDescAttr(desc, column + 2)->atttypid, rows->accounts);
}

/* Of this currency and period. */
static void
totals_place(TotalsRows *rows, const CertificateTotals *t)
{
	char		code[4];

	rows->nulls[rows->column] = t->currency == LEDGER_NO_CURRENCY;
	if (t->currency != LEDGER_NO_CURRENCY)
	{
		ledger_currency_text(t->currency, code);
		rows->values[rows->column] = CStringGetTextDatum(code);
	}
	rows->values[rows->column + 1] = ledger_period_range(rows->range, t->first, t->behind);
	rows->nulls[rows->column + 1] = false;
	CHECK_FOR_INTERRUPTS();
}

static void
totals_put(TotalsRows *rows)
{
	tuplestore_putvalues(rows->rsinfo->setResult, rows->rsinfo->setDesc,
						 rows->values, rows->nulls);
}

/* As entries() of a ledger: purchases stand on the first row. */
Datum
certificate_control_totals(PG_FUNCTION_ARGS)
{
	enum
	{
		CURRENCY, PERIOD, ACCOUNT, AMOUNT, PURCHASES
	};
	TotalsRows	rows;
	Certificate c;

	totals_open(&rows, fcinfo, CURRENCY);
	certificate_read(PG_GETARG_CERTIFICATE_P(0), &c);
	for (int i = 0; i < c.count; i++)
	{
		const CertificateTotals *t = &c.totals[i];
		bool		first = true;

		totals_place(&rows, t);
		rows.values[PURCHASES] = Int64GetDatum(t->purchases);
		for (int account = 0; account < N_ACCOUNTS; account++)
		{
			if (t->amounts[account] == 0)
				continue;
			rows.values[ACCOUNT] = ObjectIdGetDatum(rows.accounts[account]);
			rows.values[AMOUNT] = NumericGetDatum(amount_to_numeric(t->amounts[account], 2));
			totals_put(&rows);
			rows.values[PURCHASES] = Int64GetDatum(0);
			first = false;
		}
		if (first)
		{
			rows.values[ACCOUNT] = ObjectIdGetDatum(rows.accounts[ACCOUNT_REVENUE]);
			rows.values[AMOUNT] = NumericGetDatum(amount_to_numeric(0, 2));
			totals_put(&rows);
		}
	}
	return (Datum) 0;
}

/*
 * differences(certificate, certificate)
 */

enum
{
	FIGURE, CURRENCY, PERIOD, ACCOUNT, BEFORE, AFTER, CHANGE
};

static void
put_difference(TotalsRows *rows, const char *figure, Datum before, Datum after, Datum change)
{
	rows->values[FIGURE] = CStringGetTextDatum(figure);
	rows->values[BEFORE] = before;
	rows->values[AFTER] = after;
	rows->values[CHANGE] = change;
	totals_put(rows);
}

static void
put_amount(TotalsRows *rows, i128 before, i128 after)
{
	Datum		a = NumericGetDatum(amount_to_numeric(before, 2));
	Datum		b = NumericGetDatum(amount_to_numeric(after, 2));
	i128		change;

	/* as few decimals as show it; past 128 bits, as many as come */
	put_difference(rows, "amount", a, b,
				   __builtin_sub_overflow(after, before, &change) ?
				   DirectFunctionCall2(numeric_sub, b, a) :
				   NumericGetDatum(amount_to_numeric(change, 2)));
}

static void
put_count(TotalsRows *rows, const char *figure, int64 before, int64 after)
{
	Datum		a = NumericGetDatum(int64_to_numeric(before));
	Datum		b = NumericGetDatum(int64_to_numeric(after));

	if (before != after)
		put_difference(rows, figure, a, b, DirectFunctionCall2(numeric_sub, b, a));
}

/* Of one currency and period, of which either may have nothing. */
static void
put_totals_differences(TotalsRows *rows, const CertificateTotals *before,
					   const CertificateTotals *after)
{
	static const CertificateTotals nothing;

	totals_place(rows, before ? before : after);
	before = before ? before : &nothing;
	after = after ? after : &nothing;
	rows->nulls[ACCOUNT] = true;
	put_count(rows, "purchases", before->purchases, after->purchases);
	rows->nulls[ACCOUNT] = false;
	for (int account = 0; account < N_ACCOUNTS; account++)
	{
		if (before->amounts[account] == after->amounts[account])
			continue;
		rows->values[ACCOUNT] = ObjectIdGetDatum(rows->accounts[account]);
		put_amount(rows, before->amounts[account], after->amounts[account]);
	}
}

static void
put_set_differences(TotalsRows *rows, const Certificate *before, const Certificate *after)
{
	rows->nulls[CURRENCY] = rows->nulls[PERIOD] = rows->nulls[ACCOUNT] = true;
	put_count(rows, "ledgers", before->ledgers, after->ledgers);
	if (memcmp(before->checksum, after->checksum, sizeof(before->checksum)) != 0)
	{
		rows->values[FIGURE] = CStringGetTextDatum("checksum");
		rows->nulls[BEFORE] = rows->nulls[AFTER] = rows->nulls[CHANGE] = true;
		totals_put(rows);
		rows->nulls[BEFORE] = rows->nulls[AFTER] = rows->nulls[CHANGE] = false;
	}
}

/* NULL is a certificate of no ledgers: what is missing must be seen. */
static void
read_or_none(FunctionCallInfo fcinfo, int n, Certificate *c)
{
	if (PG_ARGISNULL(n))
		certificate_open(c);
	else
		certificate_read(PG_GETARG_CERTIFICATE_P(n), c);
}

Datum
certificate_differences(PG_FUNCTION_ARGS)
{
	Certificate before,
				after;
	TotalsRows	rows;
	int			i = 0,
				j = 0;

	read_or_none(fcinfo, 0, &before);
	read_or_none(fcinfo, 1, &after);
	match(&before, &after, "compared");
	totals_open(&rows, fcinfo, CURRENCY);
	put_set_differences(&rows, &before, &after);
	while (i < before.count || j < after.count)
	{
		const CertificateTotals *a = i < before.count ? &before.totals[i] : NULL;
		const CertificateTotals *b = j < after.count ? &after.totals[j] : NULL;
		int			order = a == NULL ? 1 : b == NULL ? -1 : compare_totals(a, b);

		put_totals_differences(&rows, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
		i += order <= 0;
		j += order >= 0;
	}
	return (Datum) 0;
}
