/*
 * cross_table_sql.c
 *		The aggregates contingency, cramers_v, adjusted_rand and persistence.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"

#include "quality/quality_sql.h"

PG_FUNCTION_INFO_V1(cross_table_accum_integers);
PG_FUNCTION_INFO_V1(cross_table_accum_texts);
PG_FUNCTION_INFO_V1(cross_table_accum_integer_text);
PG_FUNCTION_INFO_V1(cross_table_accum_text_integer);
PG_FUNCTION_INFO_V1(cross_table_combine);
PG_FUNCTION_INFO_V1(cross_table_serialize);
PG_FUNCTION_INFO_V1(cross_table_deserialize);
PG_FUNCTION_INFO_V1(contingency_final);
PG_FUNCTION_INFO_V1(cramers_v_final);
PG_FUNCTION_INFO_V1(adjusted_rand_final);
PG_FUNCTION_INFO_V1(persistence_final);

static inline CrossTable *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(CrossTable)) :
		(CrossTable *) PG_GETARG_POINTER(0);
}

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool row_is_integer, bool column_is_integer)
{
	MemoryContext context = aggregate_context(fcinfo);
	CrossTable *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		MemoryContext old;
		CategoryName row;
		CategoryName column;

		if (row_is_integer)
			category_of_integer(fcinfo, 1, &row);
		else
			category_of_text(fcinfo, 1, &row);
		if (column_is_integer)
			category_of_integer(fcinfo, 2, &column);
		else
			category_of_text(fcinfo, 2, &column);
		old = MemoryContextSwitchTo(context);
		cross_table_cell(state, row.bytes, row.length, column.bytes, column.length)->count++;
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

Datum
cross_table_accum_integers(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

Datum
cross_table_accum_texts(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

Datum
cross_table_accum_integer_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

Datum
cross_table_accum_text_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

Datum
cross_table_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	CrossTable *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	old = MemoryContextSwitchTo(context);
	cross_table_merge(state, (const CrossTable *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
cross_table_serialize(PG_FUNCTION_ARGS)
{
	const CrossTable *state = (const CrossTable *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_write_names(&buf, &state->rows);
	state_write_names(&buf, &state->columns);
	state_reserve(&buf, 8 + (size_t) state->ncells * 16);
	pq_sendint64(&buf, (uint64) state->ncells);
	for (int64 i = 0; i < state->ncells; i++)
	{
		pq_sendint32(&buf, (uint32) state->cell[i].row);
		pq_sendint32(&buf, (uint32) state->cell[i].column);
		pq_sendint64(&buf, (uint64) state->cell[i].count);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static int
read_number(StringInfo buf, const Names *names)
{
	int			number = (int) pq_getmsgint(buf, 4);

	if (number < 0 || number >= names->count)
		state_invalid();
	return number;
}

/* Every name is of some cell, and every cell has customers, once. */
Datum
cross_table_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	CrossTable *state = palloc0(sizeof(CrossTable));
	Names		rows = {0};
	Names		columns = {0};
	int64		ncells;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state_read_names(&buf, &rows);
	state_read_names(&buf, &columns);
	ncells = pq_getmsgint64(&buf);
	for (int64 i = 0; i < ncells; i++)
	{
		const KnownName *row = &rows.name[read_number(&buf, &rows)];
		const KnownName *column = &columns.name[read_number(&buf, &columns)];
		CrossCell  *cell = cross_table_cell(state, row->text, row->length,
											column->text, column->length);
		int64		count = pq_getmsgint64(&buf);

		if (count < 1 || state->ncells != i + 1)
			state_invalid();
		cell->count = count;
	}
	if (ncells < 0 || state->rows.count != rows.count || state->columns.count != columns.count)
		state_invalid();
	pq_getmsgend(&buf);
	names_free(&rows);
	names_free(&columns);
	PG_RETURN_POINTER(state);
}

/*
 * Results.  NULL if there is no customer.
 */

static const CrossTable *
final_state(FunctionCallInfo fcinfo)
{
	const CrossTable *state;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (const CrossTable *) PG_GETARG_POINTER(0);
	return state != NULL && state->ncells > 0 ? state : NULL;
}

Datum
contingency_final(PG_FUNCTION_ARGS)
{
	const CrossTable *state = final_state(fcinfo);
	Datum		values[8];
	bool		nulls[8] = {false};
	Association a;

	if (state == NULL)
		PG_RETURN_NULL();
	a = cross_table_association(state);
	values[0] = Int64GetDatum(a.customers);
	values[1] = Int64GetDatum(a.rows);
	values[2] = Int64GetDatum(a.columns);
	values[3] = Float8GetDatum(a.chi_square);
	values[4] = Int64GetDatum(a.degrees);
	values[5] = Float8GetDatum(a.p);
	values[6] = Float8GetDatum(a.v);
	values[7] = Float8GetDatum(a.corrected);
	nulls[3] = nulls[5] = nulls[6] = !a.known;
	nulls[7] = !a.has_corrected;
	return row_of_figures(fcinfo, values, nulls);
}

Datum
cramers_v_final(PG_FUNCTION_ARGS)
{
	const CrossTable *state = final_state(fcinfo);
	Association a;

	if (state == NULL)
		PG_RETURN_NULL();
	a = cross_table_association(state);
	if (!a.known)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(a.v);
}

Datum
adjusted_rand_final(PG_FUNCTION_ARGS)
{
	const CrossTable *state = final_state(fcinfo);
	double		index;

	if (state == NULL || !cross_table_rand(state, &index))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(index);
}

Datum
persistence_final(PG_FUNCTION_ARGS)
{
	const CrossTable *state = final_state(fcinfo);
	Datum		values[6];
	bool		nulls[6] = {false};
	Persistence p;

	if (state == NULL)
		PG_RETURN_NULL();
	p = cross_table_persistence(state);
	values[0] = Int64GetDatum(p.customers);
	values[1] = Float8GetDatum(p.stayed);
	values[2] = Float8GetDatum(p.expected);
	values[3] = Float8GetDatum(p.kappa);
	values[4] = Float8GetDatum(p.up);
	values[5] = Float8GetDatum(p.down);
	nulls[3] = !p.has_kappa;
	return row_of_figures(fcinfo, values, nulls);
}
