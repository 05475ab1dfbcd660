/*
 * rfm_sql.c
 *		Type rfm: input, output, comparison, making one and reading its fields.
 */
#include "customer_value.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "common/comparison.h"
#include "ledger/ledger_sql.h"
#include "rfm/rfm_sql.h"

PG_FUNCTION_INFO_V1(rfm_in);
PG_FUNCTION_INFO_V1(rfm_out);
PG_FUNCTION_INFO_V1(rfm_recv);
PG_FUNCTION_INFO_V1(rfm_send);
PG_FUNCTION_INFO_V1(rfm_hash);
PG_FUNCTION_INFO_V1(rfm_hash_extended);
PG_FUNCTION_INFO_V1(rfm_of_numbers);
PG_FUNCTION_INFO_V1(rfm_of_ledger);
PG_FUNCTION_INFO_V1(rfm_frequency);
PG_FUNCTION_INFO_V1(rfm_recency);
PG_FUNCTION_INFO_V1(rfm_age);
PG_FUNCTION_INFO_V1(rfm_monetary);
PG_FUNCTION_INFO_V1(rfm_inactivity);
PG_FUNCTION_INFO_V1(rfm_unit);
PG_FUNCTION_INFO_V1(rfm_monetary_basis);

StaticAssertDecl(sizeof(Rfm) == 40, "the stored form of type rfm has 40 bytes");

/* What most who get it wrong took for something else. */
#define WHAT_THE_NUMBERS_ARE \
	"Frequency counts the purchases after the first one, recency is the time from the first purchase to the last one, and age the time from the first purchase to the day of observation."

void
rfm_unknown_version(uint8 version)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("unknown version of a value of type %s", "rfm"),
			 errdetail("Its version is %d; this release knows version %d.",
					   version, RFM_VERSION),
			 errhint("It was stored by a newer release of customer_value: install that release.")));
}

/*
 * Input and output
 */

Datum
rfm_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Rfm		   *rfm = palloc(sizeof(Rfm));
	RfmTextError error;

	if (!rfm_parse(text, strlen(text), rfm, &error))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "rfm"),
					   errdetail("%s", error.detail),
					   errhint("Write one as in {\"frequency\": 2, \"recency\": 30.43, \"age\": 38.86, \"monetary\": 22.35, \"unit\": \"week\"}. %s",
							   WHAT_THE_NUMBERS_ARE)));
		PG_RETURN_NULL();
	}
	PG_RETURN_RFM_P(rfm);
}

Datum
rfm_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(RFM_TEXT_SIZE);

	rfm_print(text, PG_GETARG_RFM_P(0));
	PG_RETURN_CSTRING(text);
}

/* The binary form: version, unit, basis, and the four numbers. */
#define BINARY_LENGTH (3 + 4 * 8)

static void
invalid_binary(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary format for type %s", "rfm"),
			 errdetail("%s", problem),
			 errhint("Send what rfm_send() gives, unchanged.")));
}

Datum
rfm_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buf->len - buf->cursor;
	Rfm		   *rfm = palloc0(sizeof(Rfm));
	const char *problem;

	if (length != BINARY_LENGTH)
		invalid_binary(psprintf("It has %d bytes instead of %d.",
								length, BINARY_LENGTH));
	rfm->version = (uint8) pq_getmsgbyte(buf);
	rfm->unit = (uint8) pq_getmsgbyte(buf);
	rfm->basis = (uint8) pq_getmsgbyte(buf);
	rfm->frequency = pq_getmsgfloat8(buf);
	rfm->recency = pq_getmsgfloat8(buf);
	rfm->age = pq_getmsgfloat8(buf);
	rfm->monetary = pq_getmsgfloat8(buf);
	problem = rfm_check(rfm);
	if (problem != NULL)
		invalid_binary(problem);
	PG_RETURN_RFM_P(rfm);
}

Datum
rfm_send(PG_FUNCTION_ARGS)
{
	const Rfm  *rfm = PG_GETARG_RFM_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, rfm->version);
	pq_sendbyte(&buf, rfm->unit);
	pq_sendbyte(&buf, rfm->basis);
	pq_sendfloat8(&buf, rfm->frequency);
	pq_sendfloat8(&buf, rfm->recency);
	pq_sendfloat8(&buf, rfm->age);
	pq_sendfloat8(&buf, rfm->monetary);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Comparison.  Equal values have equal bytes.
 */
static int
compare(FunctionCallInfo fcinfo)
{
	return rfm_compare(PG_GETARG_RFM_P(0), PG_GETARG_RFM_P(1));
}

DEFINE_COMPARISONS(rfm, compare);

Datum
rfm_hash(PG_FUNCTION_ARGS)
{
	return hash_any((const unsigned char *) PG_GETARG_RFM_P(0), sizeof(Rfm));
}

Datum
rfm_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((const unsigned char *) PG_GETARG_RFM_P(0),
							 sizeof(Rfm), PG_GETARG_INT64(1));
}

/*
 * Making one
 */

TimeUnit
time_unit_from_text(const struct varlena *name)
{
	TimeUnit	unit = time_unit_parse(VARDATA_ANY(name),
									   VARSIZE_ANY_EXHDR(name));

	if (unit == TIME_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown unit of time: \"%s\"", text_to_cstring(name)),
				 errdetail("A week is 7 days, a year 365.25 days, and a month a twelfth of a year."),
				 errhint("Write 'day', 'week', 'month' or 'year'.")));
	return unit;
}

Datum
rfm_of_numbers(PG_FUNCTION_ARGS)
{
	Rfm		   *rfm;
	const char *problem;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	rfm = palloc(sizeof(Rfm));
	rfm_init(rfm,
			 PG_ARGISNULL(4) ? TIME_UNIT_NONE :
			 time_unit_from_text(PG_GETARG_TEXT_PP(4)),
			 PG_ARGISNULL(3) ? RFM_NO_MONETARY : RFM_GIVEN);
	rfm->frequency = PG_GETARG_FLOAT8(0);
	rfm->recency = PG_GETARG_FLOAT8(1);
	rfm->age = PG_GETARG_FLOAT8(2);
	if (!PG_ARGISNULL(3))
		rfm->monetary = PG_GETARG_FLOAT8(3);
	problem = rfm_check(rfm);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for type %s", "rfm"),
				 errdetail("%s", problem),
				 errhint("%s", WHAT_THE_NUMBERS_ARE)));
	PG_RETURN_RFM_P(rfm);
}

static RfmBasis
basis_from_text(const struct varlena *name)
{
	RfmBasis	basis = rfm_basis_parse(VARDATA_ANY(name),
										VARSIZE_ANY_EXHDR(name));

	if (basis == RFM_NO_MONETARY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown monetary: \"%s\"", text_to_cstring(name)),
				 errdetail("monetary says what the mean value of a purchase is of."),
				 errhint("Write 'net_revenue' or 'contribution'.")));
	return basis;
}

static void
argument_is_null(const char *name, const char *values)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", name),
			 errdetail("rfm() of a ledger has to know it."),
			 errhint("Write %s => %s.", name, values)));
}

Datum
rfm_of_ledger(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	DateADT		as_of;
	DateADT		since = PG_ARGISNULL(3) ? DATEVAL_NOBEGIN : PG_GETARG_DATEADT(3);
	Rfm			rfm;
	Rfm		   *result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(2))
		argument_is_null("unit", "'day', 'week', 'month' or 'year'");
	if (PG_ARGISNULL(4))
		argument_is_null("monetary", "'net_revenue' or 'contribution'");
	as_of = PG_GETARG_DATEADT(1);
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of must be a finite date"),
				 errdetail("Ages are counted up to that day."),
				 errhint("Write the last day that the ledgers are complete for.")));

	PG_READ_LEDGER(0, &view);
	if (!rfm_from_ledger(&rfm, view.body, view.length, since, as_of,
						 time_unit_from_text(PG_GETARG_TEXT_PP(2)),
						 basis_from_text(PG_GETARG_TEXT_PP(4))))
		PG_RETURN_NULL();
	result = palloc(sizeof(Rfm));
	*result = rfm;
	PG_RETURN_RFM_P(result);
}

/*
 * Reading
 */

Datum
rfm_frequency(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(PG_GETARG_RFM_P(0)->frequency);
}

Datum
rfm_recency(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(PG_GETARG_RFM_P(0)->recency);
}

Datum
rfm_age(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(PG_GETARG_RFM_P(0)->age);
}

Datum
rfm_monetary(PG_FUNCTION_ARGS)
{
	const Rfm  *rfm = PG_GETARG_RFM_P(0);

	if (rfm->basis == RFM_NO_MONETARY)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(rfm->monetary);
}

Datum
rfm_inactivity(PG_FUNCTION_ARGS)
{
	const Rfm  *rfm = PG_GETARG_RFM_P(0);

	PG_RETURN_FLOAT8(rfm->age - rfm->recency);
}

/* A name as text, or NULL where there is none. */
static Datum
name_or_null(FunctionCallInfo fcinfo, const char *name)
{
	if (name == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(name));
}

Datum
rfm_unit(PG_FUNCTION_ARGS)
{
	return name_or_null(fcinfo, time_unit_name((TimeUnit) PG_GETARG_RFM_P(0)->unit));
}

Datum
rfm_monetary_basis(PG_FUNCTION_ARGS)
{
	return name_or_null(fcinfo, rfm_basis_name((RfmBasis) PG_GETARG_RFM_P(0)->basis));
}
