/*
 * concentration_sql.c
 *		How much of the profit how few customers bring.
 *
 * Two denominators, and the name says which: as soon as some customers lose
 * money, shares of the net profit and shares of the gains are different
 * things.  Where a denominator is not positive there is no share, and the
 * answer is NULL.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "profit/whale_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(top_share_of_net_final);
PG_FUNCTION_INFO_V1(top_share_of_gains_final);
PG_FUNCTION_INFO_V1(customers_for_share_final);
PG_FUNCTION_INFO_V1(whale_curve_top_share_of_net);
PG_FUNCTION_INFO_V1(whale_curve_top_share_of_gains);
PG_FUNCTION_INFO_V1(whale_curve_customers_for_share);

/* ---- the figures ---- */

/*
 * Total of a fraction of the customers, from the top, of those among the
 * first "most".  Of the customer whom the fraction splits, that part counts.
 */
static Datum
top_total(const Whale *w, Datum fraction, int64 most)
{
	Datum		position = MUL(fraction, COUNT(w->d.customers));
	Datum		floor = DirectFunctionCall1(numeric_floor, position);
	int64		whole = DatumGetInt64(DirectFunctionCall1(numeric_int8, floor));
	Datum		sum = EXACT(whale_top(w, Min(whole, most)));

	if (whole < most)
		sum = ADD(sum, MUL(SUB(position, floor), EXACT(whale_value(w, whole))));
	return sum;
}

static Datum
top_share(FunctionCallInfo fcinfo, const Whale *w, Datum fraction, int64 most)
{
	Datum		all = EXACT(whale_top(w, most));

	if (!LESS(ZERO, all))
		PG_RETURN_NULL();
	return DIV(top_total(w, fraction, most), all);
}

/* The least number of customers whose gains reach that share of all gains. */
static Datum
customers_for(FunctionCallInfo fcinfo, const Whale *w, Datum share)
{
	Datum		target = MUL(share, EXACT(whale_top(w, w->gainers)));
	int64		low = 0;
	int64		high = w->gainers;

	if (w->gainers == 0)
		PG_RETURN_NULL();
	while (low < high)
	{
		int64		mid = low + (high - low) / 2;

		if (LESS(EXACT(whale_top(w, mid)), target))
			low = mid + 1;
		else
			high = mid;
	}
	PG_RETURN_INT64(low);
}

/* ---- over rows ---- */

typedef enum Figure
{
	SHARE_OF_NET,
	SHARE_OF_GAINS,
	CUSTOMERS_FOR_SHARE
} Figure;

static Datum
figure(FunctionCallInfo fcinfo, Figure which, const Whale *w, Datum fraction)
{
	switch (which)
	{
		case SHARE_OF_NET:
			return top_share(fcinfo, w, fraction, w->d.customers);
		case SHARE_OF_GAINS:
			return top_share(fcinfo, w, fraction, w->gainers);
		default:
			return customers_for(fcinfo, w, fraction);
	}
}

static Datum
figure_of_rows(FunctionCallInfo fcinfo, Figure which)
{
	ValueState *state = value_state_final(fcinfo);
	Distribution d;
	Whale		w;
	Datum		result;

	if (state == NULL)
		PG_RETURN_NULL();
	distribution_open(&d, &state->values, true);
	whale_open(&w, &d);
	result = figure(fcinfo, which, &w, NumericGetDatum(value_options_fraction(&state->options)));
	whale_close(&w);
	return result;
}

Datum
top_share_of_net_final(PG_FUNCTION_ARGS)
{
	return figure_of_rows(fcinfo, SHARE_OF_NET);
}

Datum
top_share_of_gains_final(PG_FUNCTION_ARGS)
{
	return figure_of_rows(fcinfo, SHARE_OF_GAINS);
}

Datum
customers_for_share_final(PG_FUNCTION_ARGS)
{
	return figure_of_rows(fcinfo, CUSTOMERS_FOR_SHARE);
}

/* ---- over a curve ---- */

static Datum
figure_of_curve(FunctionCallInfo fcinfo, Figure which)
{
	Numeric		fraction = PG_GETARG_NUMERIC(1);
	Whale		w;

	share_check(fraction);
	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	return figure(fcinfo, which, &w, NumericGetDatum(fraction));
}

Datum
whale_curve_top_share_of_net(PG_FUNCTION_ARGS)
{
	return figure_of_curve(fcinfo, SHARE_OF_NET);
}

Datum
whale_curve_top_share_of_gains(PG_FUNCTION_ARGS)
{
	return figure_of_curve(fcinfo, SHARE_OF_GAINS);
}

Datum
whale_curve_customers_for_share(PG_FUNCTION_ARGS)
{
	return figure_of_curve(fcinfo, CUSTOMERS_FOR_SHARE);
}
