/*
 * duns_sql.c
 *		Type duns: input, output, and from integers.
 *
 * A value is an int4 between 0 and 999999999, passed by value: all that
 * compares, hashes, sorts and sends it is core's, for int4.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"

#include "directory/duns.h"

PG_FUNCTION_INFO_V1(duns_in);
PG_FUNCTION_INFO_V1(duns_out);
PG_FUNCTION_INFO_V1(duns_recv);
PG_FUNCTION_INFO_V1(duns_of_int);
PG_FUNCTION_INFO_V1(duns_of_bigint);

Datum
duns_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	int32		duns;
	DunsTextError error;

	if (!duns_parse(text, strlen(text), &duns, &error))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s: \"%s\"", "duns", text),
					   error.problem == DUNS_NOT_A_DIGIT ?
					   errdetail("\"%.*s\" is not a digit, nor a hyphen between digits.",
								 (int) error.length, error.character) :
					   errdetail_plural("It has %zu digit; a D-U-N-S number has nine.",
										"It has %zu digits; a D-U-N-S number has nine.",
										error.digits, error.digits),
					   error.problem == DUNS_NOT_NINE_DIGITS && error.digits < DUNS_DIGITS ?
					   errhint("Write all nine digits, leading zeros too, as in 001234567 or 00-123-4567. Where they were lost, cast from an integer: 1234567::duns.") :
					   errhint("Write nine digits, as in 001234567 or 00-123-4567.")));
		PG_RETURN_NULL();
	}
	PG_RETURN_INT32(duns);
}

Datum
duns_out(PG_FUNCTION_ARGS)
{
	char	   *text = palloc(DUNS_TEXT_SIZE);

	duns_print(text, PG_GETARG_INT32(0));
	PG_RETURN_CSTRING(text);
}

static void
invalid_binary(const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary format for type %s", "duns"),
			 errdetail("%s", problem),
			 errhint("Send what duns_send() gives: an integer of four bytes, from 0 to %d.",
					 DUNS_MAX)));
}

Datum
duns_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buf->len - buf->cursor;
	int32		duns;

	if (length != sizeof(int32))
		invalid_binary(psprintf("It has %d bytes instead of 4.", length));
	duns = (int32) pq_getmsgint(buf, sizeof(int32));
	if (!duns_check(duns))
		invalid_binary(psprintf("Its value is %d.", duns));
	PG_RETURN_INT32(duns);
}

/* A number whose leading zeros were lost where it was kept as an integer. */
static Datum
duns_of(int64 v)
{
	if (!duns_check(v))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%lld\" is out of range for type %s", (long long) v, "duns"),
				 errdetail("A D-U-N-S number has nine digits, leading zeros among them: it is from 0 to %d.",
						   DUNS_MAX),
				 errhint("Look whether this is another kind of number. If four digits were added to a D-U-N-S number, take them off: value / 10000.")));
	return Int32GetDatum((int32) v);
}

Datum
duns_of_int(PG_FUNCTION_ARGS)
{
	return duns_of(PG_GETARG_INT32(0));
}

Datum
duns_of_bigint(PG_FUNCTION_ARGS)
{
	return duns_of(PG_GETARG_INT64(0));
}
