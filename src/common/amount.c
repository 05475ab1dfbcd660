/*
 * amount.c
 *		Money between the server's numeric and our scaled integers.
 *
 * Reading a numeric through the server's functions costs several times what
 * walking its digits costs, and a ledger is built from a handful of them for
 * each row.  So the common case walks the digits where they lie.  Their layout
 * is private to numeric.c, though unchanged in every release we support;
 * amount_init() therefore compares the walk with numeric_send(), the public
 * form, and should they ever disagree, everything goes through the latter.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "common/amount.h"
#include "common/decimal.h"

/* numeric as numeric.c lays it out: base-10000 digits behind a short header */
#define NBASE 10000
#define HEADER_SHORT 0x8000
#define HEADER_SPECIAL 0xC000
#define SHORT_NEGATIVE 0x2000
#define SHORT_WEIGHT_NEGATIVE 0x0040
#define SHORT_WEIGHT_MASK 0x003F

/* Signs in the public binary form. */
#define SEND_NEGATIVE 0x4000
#define SEND_NAN 0xC000
#define SEND_PINF 0xD000
#define SEND_NINF 0xF000

static bool layout_as_expected = false;

static inline uint16
load16(const char *p)
{
	uint16		word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * Only the short header, which every numeric with fewer than 64 decimals and
 * fewer than 256 digits before the point has, and at most four digits, which
 * hold any amount below ten billion with cents.
 */
static inline bool
walk_digits(const struct varlena *datum, int64 *value, int *pairs)
{
	const char *p = VARDATA_ANY(datum);
	int			ndigits = ((int) VARSIZE_ANY_EXHDR(datum) - 2) / 2;
	uint16		header = load16(p);
	int			weight,
				last_weight;
	int64		v = 0;
	int			digit = 0;

	if ((header & HEADER_SPECIAL) != HEADER_SHORT || ndigits > 4)
		return false;
	if (ndigits == 0)
	{
		*value = 0;
		*pairs = 0;
		return true;
	}

	weight = header & SHORT_WEIGHT_MASK;
	if (header & SHORT_WEIGHT_NEGATIVE)
		weight |= ~SHORT_WEIGHT_MASK;
	last_weight = weight - ndigits + 1;
	if (weight > 3 || last_weight < -2)
		return false;

	for (int i = 0; i < ndigits; i++)
	{
		digit = load16(p + 2 + 2 * i);
		v = v * NBASE + digit;
	}
	if (digit == 0)
		return false;			/* numeric.c never leaves a zero at the end */

	if (last_weight >= 0)
	{
		for (; last_weight > 0; last_weight--)
			v *= NBASE;
		*pairs = 0;
	}
	else if (digit % 100 == 0)
	{
		v /= 100;
		*pairs = last_weight == -1 ? 1 : 3;
	}
	else if (last_weight == -1)
		*pairs = 2;
	else
		return false;			/* seven or eight decimals */

	*value = header & SHORT_NEGATIVE ? -v : v;
	return true;
}

bool
amount_fast(Datum numeric, int64 *value, int *pairs)
{
	const struct varlena *datum = (const struct varlena *) DatumGetPointer(numeric);

	if (unlikely(!layout_as_expected) ||
		VARATT_IS_EXTERNAL(datum) || VARATT_IS_COMPRESSED(datum))
		return false;
	return walk_digits(datum, value, pairs);
}

/*
 * The digits of numeric_send(), taken as an integer of millionths.  A digit
 * may straddle the sixth decimal, so two more places are kept until the end.
 */
AmountStatus
amount_decode(Datum numeric, i128 *micros)
{
	bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, numeric));
	StringInfoData buf;
	int			ndigits,
				weight,
				sign;
	i128		v = 0;			/* in 10^-8 */

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	ndigits = pq_getmsgint(&buf, 2);
	weight = (int16) pq_getmsgint(&buf, 2);
	sign = pq_getmsgint(&buf, 2);
	(void) pq_getmsgint(&buf, 2);	/* display scale */

	if (sign == SEND_NAN)
		return AMOUNT_NAN;
	if (sign == SEND_PINF || sign == SEND_NINF)
		return AMOUNT_INFINITE;

	/* 23 digits before the point: weight 5, whose top digit is below 1000 */
	if (ndigits > 0 && weight > 5)
		return AMOUNT_TOO_BIG;
	for (int i = 0; i < ndigits; i++)
	{
		int			digit = pq_getmsgint(&buf, 2);

		if (weight - i < -2)
		{
			if (digit != 0)
				return AMOUNT_TOO_FINE;
			continue;
		}
		v = v * NBASE + digit;
	}
	for (int w = weight - ndigits + 1; ndigits > 0 && w > -2; w--)
		v *= NBASE;

	if (v % 100 != 0)
		return AMOUNT_TOO_FINE;
	v /= 100;
	if (v >= AMOUNT_LIMIT)
		return AMOUNT_TOO_BIG;
	*micros = sign == SEND_NEGATIVE ? -v : v;
	pfree(buf.data);
	pfree(sent);
	return AMOUNT_OK;
}

void
amount_error(AmountStatus status, Datum numeric)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));

	if (strlen(text) > 40)
		text = psprintf("%.40s...", text);

	switch (status)
	{
		case AMOUNT_NAN:
		case AMOUNT_INFINITE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("amount must be a finite number"),
					 errdetail("The amount is %s.", text),
					 errhint("Leave such rows out, or write nullif(amount, '%s') to count nothing for them.", text)));
			break;
		case AMOUNT_TOO_FINE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("amount has more than 6 decimals"),
					 errdetail("The amount is %s; it would have to be rounded, and amounts are exact.", text),
					 errhint("Say how to round, for example round(amount, 2).")));
			break;
		case AMOUNT_TOO_BIG:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("amount out of range"),
					 errdetail("The amount is %s; amounts have at most %d digits before the decimal point.",
							   text, AMOUNT_MAX_DIGITS),
					 errhint("Check the unit of the amount, or give it in thousands.")));
			break;
		default:
			elog(ERROR, "unexpected status %d of an amount", (int) status);
	}
}

i128
amount_of(Datum numeric)
{
	i128		micros;
	AmountStatus status = amount_decode(numeric, &micros);

	if (status != AMOUNT_OK)
		amount_error(status, numeric);
	return micros;
}

Numeric
amount_to_numeric(i128 micros, int decimals)
{
	int			shown = 6;
	char		text[DECIMAL_TEXT_SIZE];

	Assert(decimals >= 0 && decimals <= 6);
	if (micros >= INT64_MIN && micros <= INT64_MAX)
	{
		int64		v = (int64) micros;

		while (shown > decimals && v % 10 == 0)
		{
			v /= 10;
			shown--;
		}
		return int64_div_fast_to_numeric(v, shown);
	}
	while (shown > decimals && micros % 10 == 0)
	{
		micros /= 10;
		shown--;
	}
	decimal_print(text, micros, shown);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/*
 * Does the walk read what numeric_send() says, for every shape it claims to
 * read?
 */
void
amount_init(void)
{
	static const char *const samples[] = {
		"0", "1", "-1", "10000", "-9999.99", "0.01", "0.0001", "-0.5",
		"123456.78", "1234.5678", "0.000001", "-12.345600", "5.000000",
		"9999999999999999", "-100000000", "0.00010000"
	};

	for (size_t i = 0; i < lengthof(samples); i++)
	{
		Datum		numeric = DirectFunctionCall3(numeric_in,
												  CStringGetDatum(samples[i]),
												  ObjectIdGetDatum(InvalidOid),
												  Int32GetDatum(-1));
		i128		micros,
					walked;
		int64		value;
		int			pairs;

		if (amount_decode(numeric, &micros) != AMOUNT_OK ||
			!walk_digits((struct varlena *) DatumGetPointer(numeric),
						 &value, &pairs))
			break;
		walked = value;
		for (int p = 3; p > pairs; p--)
			walked *= 100;
		if (walked != micros)
			break;
		layout_as_expected = i == lengthof(samples) - 1;
	}
	if (!layout_as_expected)
		ereport(WARNING,
				(errmsg("numeric values are not laid out as customer_value expects"),
				 errdetail("Amounts are read through numeric_send() instead, which is slower but as exact."),
				 errhint("Please report the server version.")));
}
