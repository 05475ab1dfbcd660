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

#include "common/rows_sql.h"
#include "profit/whale_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(top_share_of_net_final);
PG_FUNCTION_INFO_V1(top_share_of_gains_final);
PG_FUNCTION_INFO_V1(customers_for_share_final);
PG_FUNCTION_INFO_V1(gini_final);
PG_FUNCTION_INFO_V1(herfindahl_final);
PG_FUNCTION_INFO_V1(whale_curve_top_share_of_net);
PG_FUNCTION_INFO_V1(whale_curve_top_share_of_gains);
PG_FUNCTION_INFO_V1(whale_curve_customers_for_share);
PG_FUNCTION_INFO_V1(whale_curve_gini);
PG_FUNCTION_INFO_V1(whale_curve_herfindahl);
PG_FUNCTION_INFO_V1(whale_curve_concentration);

/* ---- the figures ---- */

TopPlace
top_place(Numeric fraction, int64 customers)
{
	Datum		position = times(NumericGetDatum(fraction), whole(customers));
	Datum		floor = DirectFunctionCall1(numeric_floor, position);
	TopPlace	place;

	place.whole = DatumGetInt64(DirectFunctionCall1(numeric_int8, floor));
	place.part = minus(position, floor);
	return place;
}

static Datum
wide_to_numeric(Wide a)
{
	char		text[WIDE_TEXT_SIZE];

	if (a.high == 0 && a.low <= INT64_MAX)
		return whole((int64) a.low);
	wide_print(text, a);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
quotient_to_numeric(const Quotient *q)
{
	return q->exact ? over(wide_to_numeric(q->above), wide_to_numeric(q->below)) :
		EXACT(exact_from_double(q->value, 15));
}

/*
 * The share of a fraction of the customers, from the top, in the total of the
 * first "most".  Of the customer whom the fraction splits, that part counts.
 */
static Datum
top_share(FunctionCallInfo fcinfo, const Whale *w, Numeric fraction, int64 most)
{
	Datum		all = EXACT(whale_top(w, most));
	TopPlace	place;
	Datum		sum;

	if (!less(whole(0), all))
		PG_RETURN_NULL();
	place = top_place(fraction, w->d.customers);
	sum = EXACT(whale_top(w, Min(place.whole, most)));
	if (place.whole < most)
		sum = plus(sum, times(place.part, EXACT(whale_value(w, place.whole))));
	return over(sum, all);
}

/*
 * The least number of customers whose gains reach that share of all gains.
 * Totals of doubles are known to 15 digits: what is no further below is there.
 */
static Datum
customers_for(FunctionCallInfo fcinfo, const Whale *w, Numeric share)
{
	static const Exact almost_one = {.digits = INT64CONST(99999999999999),.exponent = -14};
	Datum		target = times(NumericGetDatum(share), EXACT(whale_top(w, w->gainers)));
	int64		low = 0;
	int64		high = w->gainers;

	if (w->gainers == 0)
		PG_RETURN_NULL();
	if (!w->d.exact)
		target = times(target, EXACT(almost_one));
	while (low < high)
	{
		int64		mid = low + (high - low) / 2;

		if (less(EXACT(whale_top(w, mid)), target))
			low = mid + 1;
		else
			high = mid;
	}
	PG_RETURN_INT64(low);
}

/* How unequally the gains are spread; one reading of the curve for each. */
static Datum
inequality(FunctionCallInfo fcinfo, const Whale *w,
		   bool (*figure) (const Gains *g, Quotient *result))
{
	Gains		gains;
	Quotient	result;

	gains_open(&gains, w);
	if (!figure(&gains, &result))
		PG_RETURN_NULL();
	return quotient_to_numeric(&result);
}

typedef enum Figure
{
	SHARE_OF_NET,
	SHARE_OF_GAINS,
	CUSTOMERS_FOR_SHARE,
	GINI,
	HERFINDAHL
} Figure;

static inline bool
has_fraction(Figure which)
{
	return which <= CUSTOMERS_FOR_SHARE;
}

static Datum
figure(FunctionCallInfo fcinfo, Figure which, const Whale *w, Numeric fraction)
{
	switch (which)
	{
		case SHARE_OF_NET:
			return top_share(fcinfo, w, fraction, w->d.customers);
		case SHARE_OF_GAINS:
			return top_share(fcinfo, w, fraction, w->gainers);
		case CUSTOMERS_FOR_SHARE:
			return customers_for(fcinfo, w, fraction);
		case GINI:
			return inequality(fcinfo, w, gains_gini);
		default:
			return inequality(fcinfo, w, gains_herfindahl);
	}
}

/* ---- over rows ---- */

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
	result = figure(fcinfo, which, &w,
					has_fraction(which) ? value_options_fraction(&state->options) : NULL);
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

Datum
gini_final(PG_FUNCTION_ARGS)
{
	return figure_of_rows(fcinfo, GINI);
}

Datum
herfindahl_final(PG_FUNCTION_ARGS)
{
	return figure_of_rows(fcinfo, HERFINDAHL);
}

/* ---- over a curve ---- */

static Datum
figure_of_curve(FunctionCallInfo fcinfo, Figure which)
{
	Numeric		fraction = NULL;
	Whale		w;

	if (has_fraction(which))
	{
		fraction = PG_GETARG_NUMERIC(1);
		share_check(fraction);
	}
	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	return figure(fcinfo, which, &w, fraction);
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

Datum
whale_curve_gini(PG_FUNCTION_ARGS)
{
	return figure_of_curve(fcinfo, GINI);
}

Datum
whale_curve_herfindahl(PG_FUNCTION_ARGS)
{
	return figure_of_curve(fcinfo, HERFINDAHL);
}

/* All of them in one row: (curve, fraction of customers, share of gains). */
Datum
whale_curve_concentration(PG_FUNCTION_ARGS)
{
	enum
	{
		CUSTOMERS, GAINERS, LOSERS, GAINS, LOSSES, NET,
		FIGURES, COLUMNS = FIGURES + 5
	};
	static const Figure order[] = {GINI, HERFINDAHL, SHARE_OF_NET, SHARE_OF_GAINS, CUSTOMERS_FOR_SHARE};
	Numeric		fraction = PG_GETARG_NUMERIC(1);
	Numeric		share = PG_GETARG_NUMERIC(2);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	Whale		w;

	share_check(fraction);
	share_check(share);
	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	values[CUSTOMERS] = Int64GetDatum(w.d.customers);
	values[GAINERS] = Int64GetDatum(w.gainers);
	values[LOSERS] = Int64GetDatum(w.losers);
	values[GAINS] = EXACT(whale_top(&w, w.gainers));
	values[NET] = EXACT(whale_top(&w, w.d.customers));
	values[LOSSES] = minus(values[NET], values[GAINS]);
	for (int i = 0; i < (int) lengthof(order); i++)
	{
		fcinfo->isnull = false;
		values[FIGURES + i] = figure(fcinfo, order[i], &w,
									 order[i] == CUSTOMERS_FOR_SHARE ? share : fraction);
		nulls[FIGURES + i] = fcinfo->isnull;
	}
	fcinfo->isnull = false;
	whale_close(&w);
	return row_of_figures(fcinfo, values, nulls);
}
