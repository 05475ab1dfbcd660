/*
 * allocation_sql.c
 *		Where the money of a pool, or of a department's capacity, went.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"

#include "common/amount.h"
#include "common/arguments_sql.h"
#include "common/rows_sql.h"
#include "common/state_sql.h"
#include "common/tally_sql.h"
#include "profit/money_sql.h"

PG_FUNCTION_INFO_V1(allocation_summary_accum);
PG_FUNCTION_INFO_V1(allocation_summary_combine);
PG_FUNCTION_INFO_V1(allocation_summary_serialize);
PG_FUNCTION_INFO_V1(allocation_summary_deserialize);
PG_FUNCTION_INFO_V1(allocation_summary_final);
PG_FUNCTION_INFO_V1(capacity_statement);

/* ---- allocation_summary(pool, part, customer) ---- */

/* In millionths. */
typedef struct Summary
{
	bool		has_pool;		/* not NULL */
	i128		pool;
	i128		customers;
	i128		unassigned;
} Summary;

Datum
allocation_summary_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Summary    *state;
	i128		pool = 0;

	if (!PG_ARGISNULL(1))
		tally_add_argument(fcinfo, 1, &pool);
	if (PG_ARGISNULL(0))
	{
		state = MemoryContextAllocZero(context, sizeof(Summary));
		state->has_pool = !PG_ARGISNULL(1);
		state->pool = pool;
	}
	else
	{
		state = (Summary *) PG_GETARG_POINTER(0);
		if (state->has_pool == PG_ARGISNULL(1) || state->pool != pool)
			argument_changes("pool");
	}
	if (!PG_ARGISNULL(2))
		tally_add_argument(fcinfo, 2, PG_ARGISNULL(3) ? &state->unassigned : &state->customers);
	PG_RETURN_POINTER(state);
}

Datum
allocation_summary_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const Summary *other;
	Summary    *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	other = (const Summary *) PG_GETARG_POINTER(1);
	if (PG_ARGISNULL(0))
	{
		state = MemoryContextAlloc(context, sizeof(Summary));
		*state = *other;
		PG_RETURN_POINTER(state);
	}
	state = (Summary *) PG_GETARG_POINTER(0);
	if (state->has_pool != other->has_pool || state->pool != other->pool)
		argument_changes("pool");
	tally_add_checked(&state->customers, other->customers);
	tally_add_checked(&state->unassigned, other->unassigned);
	PG_RETURN_POINTER(state);
}

Datum
allocation_summary_serialize(PG_FUNCTION_ARGS)
{
	const Summary *state = (const Summary *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, state->has_pool);
	state_write_int128(&buf, state->pool);
	state_write_int128(&buf, state->customers);
	state_write_int128(&buf, state->unassigned);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
allocation_summary_deserialize(PG_FUNCTION_ARGS)
{
	Summary    *state = palloc0(sizeof(Summary));
	StringInfoData buf;
	int			has_pool;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	has_pool = pq_getmsgbyte(&buf);
	if (has_pool > 1)
		state_invalid();
	state->has_pool = has_pool;
	state->pool = state_read_int128(&buf);
	state->customers = state_read_int128(&buf);
	state->unassigned = state_read_int128(&buf);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

Datum
allocation_summary_final(PG_FUNCTION_ARGS)
{
	const Summary *state;
	Datum		values[4] = {0};
	bool		nulls[4] = {false};

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (const Summary *) PG_GETARG_POINTER(0);
	values[1] = NumericGetDatum(amount_to_numeric(state->customers, 2));
	values[2] = NumericGetDatum(amount_to_numeric(state->unassigned, 2));
	if (state->has_pool)
	{
		i128		unallocated = state->pool;

		tally_add_checked(&unallocated, -state->customers);
		tally_add_checked(&unallocated, -state->unassigned);
		values[0] = NumericGetDatum(amount_to_numeric(state->pool, 2));
		values[3] = NumericGetDatum(amount_to_numeric(unallocated, 2));
	}
	else
		nulls[0] = nulls[3] = true;
	PG_RETURN_DATUM(row_of_figures(fcinfo, values, nulls));
}

/* ---- capacity_statement(cost, minutes, practical_capacity, scale) ---- */

Datum
capacity_statement(PG_FUNCTION_ARGS)
{
	Datum		cost = PG_GETARG_DATUM(0);
	Datum		used = NumericGetDatum(PG_GETARG_NUMERIC(1));
	Datum		capacity = NumericGetDatum(PG_GETARG_NUMERIC(2));
	int32		scale = PG_GETARG_INT32(3);
	i128		units;
	Datum		values[8];
	bool		nulls[8] = {false};

	scale_check(scale);
	capacity_check(capacity);
	not_negative_check(used, "minutes",
					   "Sum the minutes of all customers, for example sum(minutes).");
	units = money_units(cost, scale, "cost");
	values[0] = cost;
	values[1] = capacity;
	values[2] = used;
	values[3] = compare(used, capacity) < 0 ? minus(capacity, used) : whole(0);
	values[4] = over(used, capacity);
	values[5] = over(cost, capacity);
	values[6] = times(units_used(wide_whole(units < 0 ? -units : units), used, capacity),
					  units_to_numeric(whole(units < 0 ? -1 : 1), scale));
	values[7] = minus(cost, values[6]);
	PG_RETURN_DATUM(row_of_figures(fcinfo, values, nulls));
}
