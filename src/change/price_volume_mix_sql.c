/*
 * price_volume_mix_sql.c
 *		price_volume_mix(): how much of a change comes from selling more, from
 *		selling other things, and from other prices.
 *
 * Of the items that were sold before and after, with V and Q their totals of
 * value and quantity:
 *
 *		volume		V0 Q1 / Q0 - V0			as many more, in the old mix, at old prices
 *		mix			S - V0 Q1 / Q0			in the new mix
 *		rate		V1 - S					at new prices
 *
 * where S is the sum of q1 v0 / q0: the new quantities at the old prices.  The
 * two values in between are rounded to the cent, and the parts are what lies
 * between them; so they add up, whatever is rounded.
 */
#include "customer_value.h"

#include "change/quotients.h"
#include "common/amount.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"

PG_FUNCTION_INFO_V1(price_volume_mix_accum);
PG_FUNCTION_INFO_V1(price_volume_mix_final);

#define CENT (MICROS_PER_UNIT / 100)

enum
{
	BEFORE,						/* value of all */

	/* of the items of both periods ... */
	QUANTITY_BEFORE, QUANTITY_AFTER,
	KEPT_BEFORE, KEPT_AFTER,	/* value */
	REPRICED_WHOLE, REPRICED_PART,	/* new quantities at old prices */

	/* ... changes of value of the others ... */
	ENTERED, EXITED, OTHER,

	/* ... and how many there are */
	N_KEPT, N_ENTERED, N_EXITED,
	TOTALS
};

static void
out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value at old prices out of range"),
			 errdetail("A quantity after, times value before, over quantity before, has more than 31 digits."),
			 errhint("Look for quantities before that are next to nothing.")));
}

Datum
price_volume_mix_accum(PG_FUNCTION_ARGS)
{
	TallyState *state;
	i128	   *total;
	i128		quantity[2];
	i128		value[2];

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) && PG_ARGISNULL(2) && PG_ARGISNULL(3) && PG_ARGISNULL(4))
		TALLY_PASS_OVER();
	for (int i = 0; i < 2; i++)
	{
		quantity[i] = tally_amount_argument(fcinfo, 2 * i + 1);
		value[i] = tally_amount_argument(fcinfo, 2 * i + 2);
	}
	state = tally_state(fcinfo, TOTALS);
	tally_begin_key(state);
	total = tally_row(fcinfo, state, 1);
	tally_add_checked(&total[BEFORE], value[0]);
	if (quantity[0] > 0 && quantity[1] > 0)
	{
		QuotientSum repriced = {total[REPRICED_WHOLE], total[REPRICED_PART]};

		tally_add_checked(&total[QUANTITY_BEFORE], quantity[0]);
		tally_add_checked(&total[QUANTITY_AFTER], quantity[1]);
		tally_add_checked(&total[KEPT_BEFORE], value[0]);
		tally_add_checked(&total[KEPT_AFTER], value[1]);
		if (!quotient_add(&repriced, quantity[1], value[0], quantity[0]))
			out_of_range();
		total[REPRICED_WHOLE] = repriced.whole;
		total[REPRICED_PART] = repriced.part;
		total[N_KEPT]++;
	}
	else
	{
		int			kind = quantity[1] > 0 ? ENTERED : quantity[0] > 0 ? EXITED : OTHER;

		tally_add_checked(&total[kind], value[1] - value[0]);
		if (kind != OTHER)
			total[kind == ENTERED ? N_ENTERED : N_EXITED]++;
	}
	PG_RETURN_POINTER(state);
}

static i128
difference(i128 a, i128 b)
{
	tally_add_checked(&a, -b);
	return a;
}

/* The sum of quotients, to the cent. */
static i128
rounded(const QuotientSum *sum, int64 items)
{
	return quotient_round(sum, items, CENT);
}

Datum
price_volume_mix_final(PG_FUNCTION_ARGS)
{
	enum
	{
		FIGURE_BEFORE, FIGURE_VOLUME, FIGURE_MIX, FIGURE_RATE, FIGURE_ENTERED, FIGURE_EXITED,
		FIGURE_OTHER, FIGURE_AFTER,
		AMOUNTS,
		ITEMS_KEPT = AMOUNTS, ITEMS_ENTERED, ITEMS_EXITED,
		COLUMNS
	};
	TallyState *state = tally_final_state(fcinfo);
	const i128 *total;
	QuotientSum repriced;
	QuotientSum more = {0, 0};
	i128		in_old_mix = 0;
	i128		at_old_prices = 0;
	i128		amount[AMOUNTS];
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	if (state == NULL)
		PG_RETURN_NULL();
	total = tally_totals(&state->tally, 0);
	if (total[N_KEPT] > 0)
	{
		repriced.whole = total[REPRICED_WHOLE];
		repriced.part = total[REPRICED_PART];
		if (!quotient_add(&more, total[KEPT_BEFORE], total[QUANTITY_AFTER], total[QUANTITY_BEFORE]))
			out_of_range();
		in_old_mix = rounded(&more, (int64) total[N_KEPT]);
		at_old_prices = rounded(&repriced, (int64) total[N_KEPT]);
	}
	amount[FIGURE_BEFORE] = amount[FIGURE_AFTER] = total[BEFORE];
	amount[FIGURE_VOLUME] = difference(in_old_mix, total[KEPT_BEFORE]);
	amount[FIGURE_MIX] = difference(at_old_prices, in_old_mix);
	amount[FIGURE_RATE] = difference(total[KEPT_AFTER], at_old_prices);
	amount[FIGURE_ENTERED] = total[ENTERED];
	amount[FIGURE_EXITED] = total[EXITED];
	amount[FIGURE_OTHER] = total[OTHER];
	for (int i = FIGURE_VOLUME; i < FIGURE_AFTER; i++)
		tally_add_checked(&amount[FIGURE_AFTER], amount[i]);
	for (int i = 0; i < AMOUNTS; i++)
		values[i] = NumericGetDatum(amount_to_numeric(amount[i], 2));
	values[ITEMS_KEPT] = Int64GetDatum((int64) total[N_KEPT]);
	values[ITEMS_ENTERED] = Int64GetDatum((int64) total[N_ENTERED]);
	values[ITEMS_EXITED] = Int64GetDatum((int64) total[N_EXITED]);
	return row_of_figures(fcinfo, values, nulls);
}
