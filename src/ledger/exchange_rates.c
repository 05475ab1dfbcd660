/*
 * exchange_rates.c
 *		The aggregate exchange_rates(currency, day, rate), which makes the rates
 *		that convert() takes.
 *
 * jsonb_object_agg() would keep the last of two rates of a day; here they are
 * an error unless they are equal.
 */
#include "customer_value.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "common/state_sql.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(exchange_rates_accum);
PG_FUNCTION_INFO_V1(exchange_rates_combine);
PG_FUNCTION_INFO_V1(exchange_rates_serialize);
PG_FUNCTION_INFO_V1(exchange_rates_deserialize);
PG_FUNCTION_INFO_V1(exchange_rates_final);

/* A rate is kept as text without zeros at its end: equal ones are equal texts. */
typedef struct DayRate
{
	uint16		currency;
	int32		day;
	char	   *rate;
} DayRate;

typedef struct DayRates
{
	DayRate    *rate;
	size_t		count;
	size_t		room;
} DayRates;

static void
add_rate(DayRates *rates, const DayRate *rate)
{
	if (rates->count == rates->room)
	{
		rates->room = rates->room > 0 ? 2 * rates->room : 16;
		rates->rate = rates->rate ?
			cv_realloc(rates->rate, rates->room * sizeof(DayRate)) :
			cv_alloc(rates->room * sizeof(DayRate));
	}
	rates->rate[rates->count] = *rate;
	rates->rate[rates->count++].rate = pstrdup(rate->rate);
}

static DayRates *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(DayRates)) :
		(DayRates *) PG_GETARG_POINTER(0);
}

/* The day of a rate, which must be one that a ledger can have. */
static int32
day_argument(FunctionCallInfo fcinfo, int n)
{
	DateADT		day = PG_GETARG_DATEADT(n);

	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("day must be finite"),
				 errdetail("The day is %s.", DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity"),
				 errhint("Give the day the rate is of; generate_series() makes one row for each day of a range.")));
	return day;
}

static char *
rate_argument(FunctionCallInfo fcinfo, int n)
{
	Numeric		rate = PG_GETARG_NUMERIC(n);
	char	   *text = numeric_normalize(rate);

	if (numeric_is_nan(rate) || numeric_is_inf(rate) || text[0] == '-' || strcmp(text, "0") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("exchange rate must be a positive number"),
				 errdetail("The rate is %.40s.", text),
				 errhint("Leave such rows out, or correct them.")));
	return text;
}

Datum
exchange_rates_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	DayRates   *state = state_of(fcinfo, context);
	MemoryContext old;
	DayRate		rate;

	if (PG_ARGISNULL(3))
		PG_RETURN_POINTER(state);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null where there is a rate", PG_ARGISNULL(1) ? "currency" : "day"),
				 errdetail("A rate is of one currency and day."),
				 errhint("Leave such rows out with WHERE currency IS NOT NULL AND day IS NOT NULL.")));
	rate.currency = ledger_currency_from_text(PG_GETARG_TEXT_PP(1));
	rate.day = day_argument(fcinfo, 2);
	rate.rate = rate_argument(fcinfo, 3);
	old = MemoryContextSwitchTo(context);
	add_rate(state, &rate);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
exchange_rates_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	DayRates   *state;
	const DayRates *more;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	more = (const DayRates *) PG_GETARG_POINTER(1);
	old = MemoryContextSwitchTo(context);
	for (size_t i = 0; i < more->count; i++)
		add_rate(state, &more->rate[i]);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
exchange_rates_serialize(PG_FUNCTION_ARGS)
{
	const DayRates *state = (const DayRates *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendint64(&buf, (int64) state->count);
	for (size_t i = 0; i < state->count; i++)
	{
		size_t		length = strlen(state->rate[i].rate);

		state_reserve(&buf, 10 + length);
		pq_sendint16(&buf, state->rate[i].currency);
		pq_sendint32(&buf, (uint32) state->rate[i].day);
		pq_sendint32(&buf, (uint32) length);
		appendBinaryStringInfo(&buf, state->rate[i].rate, (int) length);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
exchange_rates_deserialize(PG_FUNCTION_ARGS)
{
	DayRates   *state = palloc0(sizeof(DayRates));
	StringInfoData buf;
	int64		count;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	count = pq_getmsgint64(&buf);
	for (int64 i = 0; i < count; i++)
	{
		DayRate		rate;
		int			length;

		rate.currency = (uint16) pq_getmsgint(&buf, 2);
		rate.day = (int32) pq_getmsgint(&buf, 4);
		length = (int) pq_getmsgint(&buf, 4);
		rate.rate = pnstrdup(pq_getmsgbytes(&buf, length), length);
		if (rate.currency == LEDGER_NO_CURRENCY || rate.currency > 26 * 26 * 26)
			state_invalid();
		add_rate(state, &rate);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

static int
compare_rates(const void *a, const void *b)
{
	const DayRate *x = (const DayRate *) a;
	const DayRate *y = (const DayRate *) b;

	if (x->currency != y->currency)
		return x->currency < y->currency ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return strcmp(x->rate, y->rate);
}

static void
rates_differ(const char *currency, const char *day, const DayRate *a, const DayRate *b)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("two exchange rates for %s on %s", currency, day),
			 errdetail("They are %.40s and %.40s.", a->rate, b->rate),
			 errhint("Choose one of them for each currency and day, for example with SELECT DISTINCT ON.")));
}

/* As text that jsonb reads; rates are in order. */
static char *
rates_text(const DayRate *rates, size_t count)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (size_t i = 0; i < count; i++)
	{
		const DayRate *rate = &rates[i];
		const DayRate *before = i > 0 ? &rates[i - 1] : NULL;
		char		code[4];
		char		day[24];

		ledger_currency_text(rate->currency, code);
		ledger_print_day(day, rate->day);
		if (before != NULL && before->currency == rate->currency && before->day == rate->day)
		{
			if (strcmp(before->rate, rate->rate) != 0)
				rates_differ(code, day, before, rate);
			continue;
		}
		if (before != NULL && before->currency == rate->currency)
			appendStringInfoChar(&text, ',');
		else
			appendStringInfo(&text, "%s\"%s\":{", before != NULL ? "}," : "", code);
		appendStringInfo(&text, "\"%s\":%s", day, rate->rate);
		CHECK_FOR_INTERRUPTS();
	}
	appendStringInfoString(&text, count > 0 ? "}}" : "}");
	return text.data;
}

/* No rates are an empty object: NULL would make convert() say nothing. */
Datum
exchange_rates_final(PG_FUNCTION_ARGS)
{
	const DayRates *state = PG_ARGISNULL(0) ? NULL : (const DayRates *) PG_GETARG_POINTER(0);
	size_t		count = state ? state->count : 0;
	DayRate    *sorted = cv_alloc(count * sizeof(DayRate) + 1);

	(void) aggregate_context(fcinfo);
	if (count > 0)
		memcpy(sorted, state->rate, count * sizeof(DayRate));
	qsort(sorted, count, sizeof(DayRate), compare_rates);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(rates_text(sorted, count)));
}
