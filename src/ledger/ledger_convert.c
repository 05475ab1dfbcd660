/*
 * ledger_convert.c
 *		convert(ledger, currency, rates): another currency, at each day's rate.
 *
 * Rates are jsonb, {"USD": {"2024-01-31": 0.9051}}.  They are not parsed: a day
 * is found by binary search among the keys, which jsonb keeps in order, and
 * its rate remembered for the rows to come, as most of them have the same days.
 */
#include "customer_value.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "common/amount.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_convert);

/* A rate as digits * 10^-decimals, or, where it has more, as numeric only. */
typedef struct Rate
{
	uint16		currency;		/* LEDGER_NO_CURRENCY: none yet */
	int32		day;
	bool		brief;
	int			decimals;
	int64		digits;
	Numeric		numeric;
} Rate;

#define MOST_RATE_DECIMALS 18
#define RATE_DIGITS_LIMIT (INT64CONST(1) << 62)

/* A power of two: five years of days. */
#define REMEMBERED_RATES 2048

typedef struct RateTable
{
	/* the value as it came, to know it again */
	size_t		length;
	char	   *bytes;
	MemoryContext context;
	Jsonb	   *jsonb;
	Rate		remembered[REMEMBERED_RATES];
} RateTable;

static const int64 powers_of_ten[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	INT64CONST(10000000000), INT64CONST(100000000000), INT64CONST(1000000000000),
	INT64CONST(10000000000000), INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000)
};

/* ---- errors ---- */

#define RATES_HINT "Write rates as in {\"USD\": {\"2024-01-31\": 0.9051}}, or make them with exchange_rates(currency, day, rate)."

static void
rates_invalid(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid exchange rates"),
			 errdetail("%s", detail),
			 errhint(RATES_HINT)));
}

static void
rate_missing(const char *currency, const char *day, const JsonbContainer *days)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no exchange rate for %s on %s", currency, day),
			 days == NULL ? errdetail("The rates have no currency %s.", currency) :
			 errdetail("The rates of %s have other days, %u in number.",
					   currency, JsonContainerSize(days)),
			 errhint("Add {\"%s\": {\"%s\": rate}} to the rates; days without one can be given the rate of the day before when the rates are made, see the reference of convert().",
					 currency, day)));
}

/* ---- rates ---- */

/*
 * The cache of a call site.  A value stored out of line is known by its
 * address there, which the server gives to no other value; any other by its
 * bytes.
 */
static RateTable *
rate_table(FunctionCallInfo fcinfo, int arg)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	RateTable  *table = (RateTable *) flinfo->fn_extra;
	struct varlena *given = PG_GETARG_RAW_VARLENA_P(arg);
	struct varlena *known = given;
	MemoryContext old;

	if (VARATT_IS_EXTERNAL(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		known = (struct varlena *) PG_DETOAST_DATUM_PACKED(PointerGetDatum(given));
	if (table == NULL)
		table = flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(RateTable));
	if (table->length == VARSIZE_ANY(known) && memcmp(table->bytes, known, table->length) == 0)
		return table;

	/* an error in between leaves an empty one */
	table->length = 0;
	if (table->context)
		MemoryContextDelete(table->context);
	table->context = NULL;
	memset(table->remembered, 0, sizeof(table->remembered));
	table->context = AllocSetContextCreate(flinfo->fn_mcxt, "exchange rates", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(table->context);
	table->jsonb = (Jsonb *) PG_DETOAST_DATUM_COPY(PointerGetDatum(given));
	if (!JB_ROOT_IS_OBJECT(table->jsonb))
		rates_invalid("They are not a JSON object.");
	table->bytes = palloc(VARSIZE_ANY(known));
	memcpy(table->bytes, known, VARSIZE_ANY(known));
	MemoryContextSwitchTo(old);
	table->length = VARSIZE_ANY(known);
	return table;
}

/* The digits of a rate without zeros at their end; false if it is not positive. */
static bool
read_rate(Rate *rate, Numeric numeric)
{
	char	   *text = numeric_normalize(numeric);
	const char *point = strchr(text, '.');
	i128		digits;

	if (text[0] == '-' || strcmp(text, "0") == 0)
		return false;
	rate->numeric = numeric;
	rate->decimals = point ? (int) strlen(point + 1) : 0;
	rate->brief = rate->decimals <= MOST_RATE_DECIMALS &&
		decimal_parse(text, strlen(text), rate->decimals, &digits) == DECIMAL_OK &&
		digits < RATE_DIGITS_LIMIT;
	rate->digits = rate->brief ? (int64) digits : 0;
	pfree(text);
	return true;
}

static void
find_rate(const RateTable *table, uint16 currency, int32 day, Rate *rate)
{
	char		code[4];
	char		key[24];
	JsonbValue	found;
	const JsonbContainer *days = NULL;

	ledger_currency_text(currency, code);
	ledger_print_day(key, day);
	if (getKeyJsonValueFromContainer(&table->jsonb->root, code, 3, &found))
	{
		if (found.type != jbvBinary || !JsonContainerIsObject(found.val.binary.data))
			rates_invalid(psprintf("Those of %s are not an object of days.", code));
		days = found.val.binary.data;
	}
	if (days == NULL ||
		!getKeyJsonValueFromContainer((JsonbContainer *) days, key, (int) strlen(key), &found))
		rate_missing(code, key, days);
	if (found.type != jbvNumeric || !read_rate(rate, found.val.numeric))
		rates_invalid(psprintf("The rate of %s on %s is not a positive number.", code, key));
	rate->currency = currency;
	rate->day = day;
}

static inline const Rate *
rate_of(RateTable *table, uint16 currency, int32 day)
{
	Rate	   *rate = &table->remembered[((uint32) day + 977 * (uint32) currency) % REMEMBERED_RATES];

	if (unlikely(rate->day != day || rate->currency != currency))
	{
		rate->currency = LEDGER_NO_CURRENCY;
		find_rate(table, currency, day, rate);
	}
	return rate;
}

/* ---- amounts ---- */

/*
 * round(micros * rate * 10^-6, decimals) in millionths, half away from zero;
 * false if 128 bits might not hold it.
 */
static inline bool
convert_brief(i128 micros, const Rate *rate, int decimals, i128 *result)
{
	int			drop = 6 + rate->decimals - decimals;
	i128		product;
	i128		divisor;

	if (unlikely(!rate->brief || micros > INT64_MAX || micros < -INT64_MAX))
		return false;
	product = (i128) (int64) micros * rate->digits;
	divisor = drop <= MOST_RATE_DECIMALS ? (i128) powers_of_ten[drop] :
		(i128) powers_of_ten[MOST_RATE_DECIMALS] * powers_of_ten[drop - MOST_RATE_DECIMALS];
	product += product < 0 ? -(divisor / 2) : divisor / 2;

	/* dividing 64 bits is many times as fast */
	if (likely(drop <= MOST_RATE_DECIMALS && product <= INT64_MAX && product >= INT64_MIN))
		*result = (int64) product / (int64) divisor;
	else
		*result = product / divisor;
	*result *= powers_of_ten[6 - decimals];
	return true;
}

static i128
converted(i128 micros, const Rate *rate, int decimals)
{
	i128		result;
	Datum		product;

	if (likely(convert_brief(micros, rate, decimals, &result)))
		return result;
	product = DirectFunctionCall2(numeric_mul, NumericGetDatum(amount_to_numeric(micros, 0)),
								  NumericGetDatum(rate->numeric));
	if (amount_decode(DirectFunctionCall2(numeric_round, product, Int32GetDatum(decimals)),
					  &result) != AMOUNT_OK)
		ledger_check_status(LEDGER_AMOUNT_OVERFLOW);
	return result;
}

static Ledger *
convert_days(const LedgerView *view, uint16 currency, RateTable *table, int decimals)
{
	LedgerScan	scan;
	LedgerWriter writer;

	ledger_writer_open(&writer, view->length + 64);
	ledger_scan_open(&scan, view->body, view->length);
	while (ledger_scan_next(&scan))
	{
		i128		amounts[MAX_ACCOUNTS];
		const Rate *rate = NULL;

		/* a day of purchases only needs no rate */
		if (scan.accounts != 0)
			rate = rate_of(table, view->currency, scan.day);
		ledger_scan_amounts(&scan, amounts);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int			account = __builtin_ctz(left);

			amounts[account] = converted(amounts[account], rate, decimals);
		}
		ledger_check_status(ledger_write(&writer, scan.day, scan.purchases,
										 scan.accounts, amounts, LEDGER_FINISHED));
		CHECK_FOR_INTERRUPTS();
	}
	return ledger_finish(&writer, currency);
}

/* convert(ledger, currency, rates, decimals) */
Datum
ledger_convert(PG_FUNCTION_ARGS)
{
	uint16		currency = ledger_currency_from_text(PG_GETARG_TEXT_PP(1));
	int			decimals = PG_GETARG_INT32(3);
	LedgerView	view;

	if (decimals < 0 || decimals > 6)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid number of decimals: %d", decimals),
				 errdetail("Amounts have 0 to 6 decimals."),
				 errhint("Leave the argument out to round to cents.")));
	PG_READ_LEDGER(0, &view);
	if (view.length == 0 || view.currency == currency)
		PG_RETURN_LEDGER_P(ledger_make(view.body, view.length, view.currency));
	if (view.currency == LEDGER_NO_CURRENCY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot convert a ledger without a currency"),
				 errdetail("Its rates would be those of its currency, and it has none."),
				 errhint("Give it one when it is made, as in ledger(day, revenue => 120.50, currency => 'USD').")));
	PG_RETURN_LEDGER_P(convert_days(&view, currency, rate_table(fcinfo, 2), decimals));
}
