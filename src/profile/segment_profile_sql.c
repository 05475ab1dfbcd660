/*
 * segment_profile_sql.c
 *		The aggregate segment_profile.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "common/arguments_sql.h"
#include "ledger/ledger_sql.h"
#include "profile/profile.h"
#include "profile/profile_sql.h"

PG_FUNCTION_INFO_V1(segment_profile_accum_bigint);
PG_FUNCTION_INFO_V1(segment_profile_accum_text);
PG_FUNCTION_INFO_V1(segment_profile_combine);
PG_FUNCTION_INFO_V1(segment_profile_final);

/*
 * The state's constant is the currency: two bytes, that of all ledgers seen
 * so far which are not zero.
 */
static uint16
state_currency(const TallyState *state)
{
	uint16		currency;

	memcpy(&currency, VARDATA_ANY(state->constant), sizeof(currency));
	return currency;
}

/* The same complaint as that of adding them. */
static void
check_currency(uint16 a, uint16 b)
{
	LedgerView	one = {.currency = a,.length = 1};
	LedgerView	other = {.currency = b,.length = 1};

	(void) ledger_common_currency(&one, &other);
}

static void
see_currency(FunctionCallInfo fcinfo, TallyState *state, uint16 currency)
{
	if (state->constant == NULL)
		state->constant = argument_copy(aggregate_context(fcinfo), &currency, sizeof(currency));
	else
		check_currency(state_currency(state), currency);
}

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool integer)
{
	TallyState *state = tally_state(fcinfo, PROFILE_WIDTH);
	LedgerView	view;

	/* no ledger, no customer; who has done nothing has the zero ledger */
	if (PG_ARGISNULL(2))
		PG_RETURN_POINTER(state);
	PG_READ_LEDGER(2, &view);
	if (view.length > 0)
		see_currency(fcinfo, state, view.currency);
	tally_begin_key(state);
	if (integer)
		tally_part_bigint_argument(fcinfo, 1, state);
	else
		tally_part_text_argument(fcinfo, 1, state);
	if (!profile_add(tally_row(fcinfo, state, 1), view.body, view.length))
		tally_overflow();
	PG_RETURN_POINTER(state);
}

Datum
segment_profile_accum_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true);
}

Datum
segment_profile_accum_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false);
}

/* Currencies that differ are named, where tally_combine() only sees bytes. */
Datum
segment_profile_combine(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1))
	{
		const TallyState *into = (const TallyState *) PG_GETARG_POINTER(0);
		const TallyState *from = (const TallyState *) PG_GETARG_POINTER(1);

		if (into->constant != NULL && from->constant != NULL)
			check_currency(state_currency(into), state_currency(from));
	}
	return tally_combine(fcinfo);
}

/*
 * Results
 */

#define REVENUE_BIT ACCOUNT_BIT(ACCOUNT_REVENUE)
#define COST_BITS (ALL_ACCOUNTS & ~REVENUE_BIT)
#define NOT_IN_CONTRIBUTION \
	(ACCOUNT_BIT(ACCOUNT_ACQUISITION) | ACCOUNT_BIT(ACCOUNT_OVERHEAD))

static i128
net_revenue_of(const i128 *t)
{
	return profile_sum(t, REVENUE_BIT, ACCOUNT_BIT(ACCOUNT_DISCOUNT));
}

static i128
profit_of(const i128 *t)
{
	return profile_sum(t, REVENUE_BIT, COST_BITS);
}

static void
put_accounts(RowWriter *row, const i128 *t)
{
	for (int account = 0; account < N_ACCOUNTS; account++)
		put_money(row, t[account]);
	put_money(row, net_revenue_of(t));
	put_money(row, profile_sum(t, COST_TO_SERVE_ACCOUNTS, 0));
	put_money(row, profile_sum(t, REVENUE_BIT, COST_BITS & ~NOT_IN_CONTRIBUTION));
	put_money(row, profit_of(t));
	put_share(row, profit_of(t), net_revenue_of(t));
}

/* A segment of so many customers among all; columns as in the type. */
static void
put_figures(RowWriter *row, int64 customers, const i128 *t, int64 all_customers,
			const i128 *all)
{
	i128		profit = profit_of(t);

	put_count(row, customers);
	put_count(row, t[PROFILE_GAINERS]);
	put_count(row, t[PROFILE_LOSERS]);
	put_accounts(row, t);
	put_money(row, t[PROFILE_GAINS]);
	put_money(row, profit - t[PROFILE_GAINS]);
	put_ratio(row, whole(customers), whole(all_customers));
	put_share(row, t[ACCOUNT_REVENUE], all[ACCOUNT_REVENUE]);
	put_share(row, profit, profit_of(all));
	put_share(row, t[PROFILE_GAINS], all[PROFILE_GAINS]);
	put_share(row, t[PROFILE_GAINS] - profit, all[PROFILE_GAINS] - profit_of(all));
	put_count(row, t[PROFILE_BUYERS]);
	put_count(row, t[PROFILE_PURCHASES]);
	put_count(row, t[PROFILE_PURCHASE_DAYS]);
	put_ratio(row, whole((int64) t[PROFILE_PURCHASES]), whole(customers));
	put_ratio(row, MONEY(t[ACCOUNT_REVENUE]), whole((int64) t[PROFILE_PURCHASES]));
	put_ratio(row, MONEY(t[ACCOUNT_REVENUE]), whole(customers));
	put_ratio(row, MONEY(profit), whole(customers));
}

static void
put_currency(RowWriter *row, const TallyState *state)
{
	uint16		currency = state->constant == NULL ? LEDGER_NO_CURRENCY : state_currency(state);
	char		code[4];

	put_null(row);
	if (currency == LEDGER_NO_CURRENCY)
		return;
	ledger_currency_text(currency, code);
	row->values[row->used - 1] = PointerGetDatum(cstring_to_text(code));
	row->nulls[row->used - 1] = false;
}

Datum
segment_profile_final(PG_FUNCTION_ARGS)
{
	TallyState *state = tally_final_state(fcinfo);
	const Tally *t;
	i128		all[PROFILE_WIDTH] = {0};
	int64		customers = 0;
	int		   *sorted;
	Rows		rows;

	if (state == NULL)
		PG_RETURN_NULL();
	t = &state->tally;
	for (int i = 0; i < t->keys.count; i++)
	{
		if (!profile_in_range(tally_totals(t, i)))
			tally_overflow();
		customers += t->count[i];
		for (int j = 0; j < PROFILE_WIDTH; j++)
			tally_add_checked(&all[j], tally_totals(t, i)[j]);
	}
	if (!profile_in_range(all))
		tally_overflow();
	rows_open(&rows, fcinfo);
	sorted = tally_sorted(t);
	for (int i = 0; i < t->keys.count; i++)
	{
		const KnownName *key = &t->keys.name[sorted[i]];
		RowWriter	row = {.used = 0};
		TallyPart	part;

		(void) key_part(key->text, key, &part);
		put_segment(&row, &part);
		put_figures(&row, t->count[sorted[i]], tally_totals(t, sorted[i]), customers, all);
		put_currency(&row, state);
		rows_add(&rows, row.values, row.nulls);
	}
	return rows_finish(&rows);
}
