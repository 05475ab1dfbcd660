/*
 * migration_sql.c
 *		migration(): how many customers went from each segment to each, and what
 *		they brought before and after.
 *
 * A table of counts and money by a pair of segments.  Rates, margins and the
 * bridge are SQL over its cells: there are few of them.
 */
#include "customer_value.h"

#include "common/amount.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"
#include "segment/scheme_cache_sql.h"
#include "segment/segment_sql.h"

PG_FUNCTION_INFO_V1(migration_accum);
PG_FUNCTION_INFO_V1(migration_scheme_accum);
PG_FUNCTION_INFO_V1(migration_final);

/* Totals of a cell. */
enum
{
	VALUE_BEFORE, VALUE_AFTER,
	TOTALS
};

/* Count the row whose key is written; its values are arguments 3 and 4, or 2 and 3. */
static void
count_row(FunctionCallInfo fcinfo, TallyState *state, int first_value)
{
	i128	   *total = tally_row(fcinfo, state, 1);

	tally_add_argument(fcinfo, first_value, &total[VALUE_BEFORE]);
	tally_add_argument(fcinfo, first_value + 1, &total[VALUE_AFTER]);
}

Datum
migration_accum(PG_FUNCTION_ARGS)
{
	TallyState *state;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
		TALLY_PASS_OVER();
	state = tally_state(fcinfo, TOTALS);
	tally_begin_key(state);
	tally_part_int_argument(fcinfo, 1, state);
	tally_part_int_argument(fcinfo, 2, state);
	count_row(fcinfo, state, 3);
	PG_RETURN_POINTER(state);
}

static void *
prepare_cuts(const struct varlena *scheme)
{
	return prepared_cuts(scheme, "migration(segmentation, before, after)");
}

Datum
migration_scheme_accum(PG_FUNCTION_ARGS)
{
	const PreparedCuts *cuts;
	TallyState *state;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) || (PG_ARGISNULL(2) && PG_ARGISNULL(3)))
		TALLY_PASS_OVER();
	cuts = prepared_scheme_arg(fcinfo, 1, prepare_cuts);
	state = tally_state(fcinfo, TOTALS);
	tally_begin_key(state);
	for (int i = 2; i <= 3; i++)
	{
		if (PG_ARGISNULL(i))
			tally_part_null(state);
		else
			tally_part_integer(state, segment_of_numeric(cuts, PG_GETARG_DATUM(i)));
	}
	count_row(fcinfo, state, 2);
	PG_RETURN_POINTER(state);
}

static void
put_cell(Rows *rows, const Tally *t, int number)
{
	enum
	{
		BEFORE, AFTER, CUSTOMERS, MONEY_BEFORE, MONEY_AFTER,
		COLUMNS
	};
	const KnownName *key = &t->keys.name[number];
	const char *p = key->text;
	const i128 *total = tally_totals(t, number);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	for (int i = BEFORE; i <= AFTER; i++)
	{
		TallyPart	part;

		p = tally_read_part(p, key->text + key->length, &part);
		Assert(p != NULL);
		values[i] = tally_part_datum(&part, true, &nulls[i]);
	}
	values[CUSTOMERS] = Int64GetDatum(t->count[number]);
	values[MONEY_BEFORE] = NumericGetDatum(amount_to_numeric(total[VALUE_BEFORE], 2));
	values[MONEY_AFTER] = NumericGetDatum(amount_to_numeric(total[VALUE_AFTER], 2));
	rows_add(rows, values, nulls);
}

Datum
migration_final(PG_FUNCTION_ARGS)
{
	TallyState *state = tally_final_state(fcinfo);
	Rows		rows;
	int		   *sorted;

	if (state == NULL)
		PG_RETURN_NULL();
	rows_open(&rows, fcinfo);
	sorted = tally_sorted(&state->tally);
	for (int i = 0; i < state->tally.keys.count; i++)
		put_cell(&rows, &state->tally, sorted[i]);
	pfree(sorted);
	return rows_finish(&rows);
}
