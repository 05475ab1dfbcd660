/*
 * money_sql.c
 *		What the functions about costs and prices share.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/array.h"

#include "common/amount.h"
#include "common/tally_sql.h"
#include "profit/money_sql.h"

PG_FUNCTION_INFO_V1(exact_amount);
PG_FUNCTION_INFO_V1(deductions);

char *
number_text(Datum numeric)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));

	return strlen(text) > 40 ? psprintf("%.40s...", text) : text;
}

Datum
wide_whole(i128 value)
{
	char		text[DECIMAL_TEXT_SIZE];

	if (value >= INT64_MIN && value <= INT64_MAX)
		return whole((int64) value);
	decimal_print(text, value, 0);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
scaled_numeric(u128 value, int decimals)
{
	if (value <= INT64_MAX)
		return NumericGetDatum(int64_div_fast_to_numeric((int64) value, decimals));
	return units_to_numeric(wide_whole((i128) value), decimals);
}

/* Another digit of base 10000, while there is room for it. */
static inline bool
append_digit(u128 *value, int digit)
{
	if (*value >> 112 != 0)
		return false;
	*value = *value * 10000 + (u128) digit;
	return true;
}

/* From the public binary form, whose digits are of base 10000. */
bool
integer_of_numeric(Datum numeric, u128 *value, int *pairs)
{
	bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, numeric));
	StringInfoData buf;
	int			ndigits,
				last_weight,
				digit = 0;
	u128		v = 0;

	buf.data = VARDATA_ANY(sent);
	buf.len = buf.maxlen = (int) VARSIZE_ANY_EXHDR(sent);
	buf.cursor = 0;
	ndigits = (int) pq_getmsgint(&buf, 2);
	last_weight = (int16) pq_getmsgint(&buf, 2) - ndigits + 1;
	(void) pq_getmsgint(&buf, 4);	/* sign and display scale */
	if (ndigits > 10 || last_weight > 9 || last_weight < -9)
		return false;
	for (int i = 0; i < ndigits; i++)
	{
		digit = (int) pq_getmsgint(&buf, 2);
		if (!append_digit(&v, digit))
			return false;
	}
	for (; last_weight > 0 && v > 0; last_weight--)
		if (!append_digit(&v, 0))
			return false;
	*pairs = v > 0 && last_weight < 0 ? -2 * last_weight : 0;
	if (*pairs > 0 && digit % 100 == 0)
	{
		v /= 100;
		(*pairs)--;
	}
	*value = v;
	return true;
}

Datum
units_to_numeric(Datum units, int scale)
{
	return times(units, NumericGetDatum(int64_div_fast_to_numeric(1, scale)));
}

void
scale_check(int32 scale)
{
	if (scale < 0 || scale > MAX_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("scale must be between 0 and %d", MAX_SCALE),
				 errdetail("It is %d.", scale),
				 errhint("scale is the number of decimals of the parts: 2 for cents.")));
}

/* ---- arguments ---- */

/* The decimals that an amount needs. */
static int
decimals_of(i128 micros)
{
	int			decimals = MAX_SCALE;

	while (decimals > 0 && micros % 10 == 0)
	{
		micros /= 10;
		decimals--;
	}
	return decimals;
}

CV_NORETURN static void
too_fine(Datum numeric, int scale, const char *what, int decimals)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s has more than %d decimals", what, scale),
			 errdetail("It is %s; parts with %d decimals could not add up to it.", number_text(numeric), scale),
			 decimals <= MAX_SCALE ?
			 errhint("Write round(%s, %d), or divide it into finer parts with scale => %d.", what, scale, decimals) :
			 errhint("Write round(%s, %d).", what, scale)));
}

i128
money_units(Datum numeric, int scale, const char *what)
{
	i128		micros = 0;
	int64		unit = MICROS_PER_UNIT;
	AmountStatus status = amount_decode(numeric, &micros);

	if (status == AMOUNT_TOO_FINE)
		too_fine(numeric, scale, what, MAX_SCALE + 1);
	if (status != AMOUNT_OK)
		amount_error(status, numeric);
	for (int i = 0; i < scale; i++)
		unit /= 10;
	if (micros % unit != 0)
		too_fine(numeric, scale, what, decimals_of(micros));
	return micros / unit;
}

static inline bool
is_finite(Datum numeric)
{
	return !numeric_is_nan(DatumGetNumeric(numeric)) && !numeric_is_inf(DatumGetNumeric(numeric));
}

void
not_negative_check(Datum numeric, const char *what, const char *hint)
{
	if (!is_finite(numeric) || sign_of(numeric) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be zero or a positive number", what),
				 errdetail("It is %s.", number_text(numeric)),
				 errhint("%s", is_finite(numeric) ? hint : "Leave such rows out, and look where they come from.")));
}

void
capacity_check(Datum capacity)
{
	if (!is_finite(capacity) || sign_of(capacity) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("practical capacity must be a positive number"),
				 errdetail("It is %s.", number_text(capacity)),
				 errhint("Give the minutes that can be worked in the time the cost is for, usually 80 %% of those paid for.")));
}

Datum
units_used(Datum units, Datum used, Datum capacity)
{
	Datum		twice;

	if (compare(used, capacity) >= 0)
		return units;
	/* floor(units * used / capacity + 1/2), nothing rounded on the way */
	twice = times(times(whole(2), units), used);
	return whole_quotient(plus(twice, capacity), times(whole(2), capacity));
}

/* ---- amounts ---- */

Datum
exact_amount(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(amount_to_numeric(amount_of(PG_GETARG_DATUM(0)), 2));
}

/* The sum of what is not NULL. */
Datum
deductions(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	i128		sum = 0;
	Datum		amount;
	bool		isnull;

	while (array_iterate(iterator, &amount, &isnull))
		if (!isnull)
			tally_add_checked(&sum, amount_of(amount));
	array_free_iterator(iterator);
	PG_RETURN_NUMERIC(amount_to_numeric(sum, 2));
}
