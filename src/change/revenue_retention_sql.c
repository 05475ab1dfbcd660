/*
 * revenue_retention_sql.c
 *		revenue_retention(): what became of the revenue of last period's
 *		customers.
 */
#include "customer_value.h"

#include "common/amount.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"

PG_FUNCTION_INFO_V1(revenue_retention_accum);
PG_FUNCTION_INFO_V1(revenue_retention_final);

enum
{
	BEFORE, EXPANSION, CONTRACTION, CHURN, NEW,
	N_BEFORE, N_KEPT, N_NEW,
	TOTALS
};

/*
 * A customer is who has revenue above zero.  What is paid back to one who is
 * lost is lost, too: the parts add up to the money there is.
 */
Datum
revenue_retention_accum(PG_FUNCTION_ARGS)
{
	i128		before,
				after;
	TallyState *state;
	i128	   *total;

	(void) aggregate_context(fcinfo);
	before = tally_amount_argument(fcinfo, 1);
	after = tally_amount_argument(fcinfo, 2);
	if (before <= 0 && after <= 0)
		TALLY_PASS_OVER();
	state = tally_state(fcinfo, TOTALS);
	tally_begin_key(state);
	total = tally_row(fcinfo, state, 1);
	if (before <= 0)
	{
		tally_add_checked(&total[NEW], after);
		total[N_NEW]++;
		PG_RETURN_POINTER(state);
	}
	tally_add_checked(&total[BEFORE], before);
	total[N_BEFORE]++;
	if (after > 0)
		total[N_KEPT]++;
	if (after >= before)
		tally_add_checked(&total[EXPANSION], after - before);
	else
		tally_add_checked(&total[after > 0 ? CONTRACTION : CHURN], before - after);
	PG_RETURN_POINTER(state);
}

Datum
revenue_retention_final(PG_FUNCTION_ARGS)
{
	enum
	{
		REVENUE_BEFORE, REVENUE_EXPANSION, REVENUE_CONTRACTION, REVENUE_CHURN, REVENUE_AFTER, REVENUE_NEW,
		AMOUNTS,
		NET = AMOUNTS, GROSS,
		CUSTOMERS_BEFORE, CUSTOMERS_KEPT, CUSTOMERS_NEW, LOGO,
		COLUMNS
	};
	TallyState *state = tally_final_state(fcinfo);
	const i128 *total;
	i128		amount[AMOUNTS];
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	if (state == NULL)
		PG_RETURN_NULL();
	total = tally_totals(&state->tally, 0);
	amount[REVENUE_BEFORE] = total[BEFORE];
	amount[REVENUE_EXPANSION] = total[EXPANSION];
	amount[REVENUE_CONTRACTION] = total[CONTRACTION];
	amount[REVENUE_CHURN] = total[CHURN];
	amount[REVENUE_AFTER] = total[BEFORE];
	tally_add_checked(&amount[REVENUE_AFTER], -total[CONTRACTION]);
	tally_add_checked(&amount[REVENUE_AFTER], -total[CHURN]);
	values[GROSS] = tally_share(amount[REVENUE_AFTER], total[BEFORE], &nulls[GROSS]);
	tally_add_checked(&amount[REVENUE_AFTER], total[EXPANSION]);
	values[NET] = tally_share(amount[REVENUE_AFTER], total[BEFORE], &nulls[NET]);
	amount[REVENUE_NEW] = total[NEW];
	for (int i = 0; i < AMOUNTS; i++)
		values[i] = NumericGetDatum(amount_to_numeric(amount[i], 2));
	values[CUSTOMERS_BEFORE] = Int64GetDatum((int64) total[N_BEFORE]);
	values[CUSTOMERS_KEPT] = Int64GetDatum((int64) total[N_KEPT]);
	values[CUSTOMERS_NEW] = Int64GetDatum((int64) total[N_NEW]);
	values[LOGO] = tally_share(total[N_KEPT] * MICROS_PER_UNIT, total[N_BEFORE] * MICROS_PER_UNIT, &nulls[LOGO]);
	return row_of_figures(fcinfo, values, nulls);
}
