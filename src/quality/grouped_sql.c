/*
 * grouped_sql.c
 *		The aggregates eta_squared, anova and similarity.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "quality/grouped.h"
#include "quality/quality_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(grouped_accum_numeric_integer);
PG_FUNCTION_INFO_V1(grouped_accum_numeric_text);
PG_FUNCTION_INFO_V1(grouped_accum_float8_integer);
PG_FUNCTION_INFO_V1(grouped_accum_float8_text);
PG_FUNCTION_INFO_V1(grouped_combine);
PG_FUNCTION_INFO_V1(grouped_serialize);
PG_FUNCTION_INFO_V1(grouped_deserialize);
PG_FUNCTION_INFO_V1(eta_squared_final);
PG_FUNCTION_INFO_V1(anova_final);
PG_FUNCTION_INFO_V1(similarity_final);

static inline Grouped *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(Grouped)) :
		(Grouped *) PG_GETARG_POINTER(0);
}

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool numeric, bool integer)
{
	MemoryContext context = aggregate_context(fcinfo);
	Grouped    *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		CategoryName name;
		MemoryContext old;
		double		value;

		value = numeric ? value_of_numeric(PG_GETARG_DATUM(1)) :
			value_from_float8(PG_GETARG_FLOAT8(1));
		if (integer)
			category_of_integer(fcinfo, 2, &name);
		else
			category_of_text(fcinfo, 2, &name);
		old = MemoryContextSwitchTo(context);
		grouped_add(state, name.bytes, name.length, value);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

Datum
grouped_accum_numeric_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

Datum
grouped_accum_numeric_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

Datum
grouped_accum_float8_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

Datum
grouped_accum_float8_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

Datum
grouped_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	Grouped    *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	old = MemoryContextSwitchTo(context);
	grouped_merge(state, (const Grouped *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
grouped_serialize(PG_FUNCTION_ARGS)
{
	const Grouped *state = (const Grouped *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_write_names(&buf, &state->names);
	for (int i = 0; i < state->names.count; i++)
	{
		const Values *values = &state->values[i];
		size_t		size = values->count * sizeof(double);

		/* for workers of the same server only, so doubles go as they are */
		state_reserve(&buf, size + 8);
		pq_sendint64(&buf, values->count);
		appendBinaryStringInfo(&buf, (const char *) values->value, (int) size);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
grouped_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	Grouped    *state = palloc0(sizeof(Grouped));
	Names		names = {0};

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state_read_names(&buf, &names);
	for (int i = 0; i < names.count; i++)
	{
		Values	   *values = grouped_segment(state, names.name[i].text, names.name[i].length);
		int64		count = pq_getmsgint64(&buf);

		if (count < 1 || count > (int64) ((buf.len - buf.cursor) / sizeof(double)))
			state_invalid();
		values->room = values->count = (size_t) count;
		values->value = cv_realloc(values->value, values->room * sizeof(double));
		memcpy(values->value, pq_getmsgbytes(&buf, (int) (count * sizeof(double))),
			   values->count * sizeof(double));
		for (int64 j = 0; j < count; j++)
		{
			if (!(fabs(values->value[j]) < VALUES_LIMIT))
				state_invalid();
		}
		state->count += values->count;
	}
	pq_getmsgend(&buf);
	names_free(&names);
	PG_RETURN_POINTER(state);
}

/*
 * Results.  NULL if there is no customer.
 */

static Grouped *
final_state(FunctionCallInfo fcinfo)
{
	Grouped    *state;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (Grouped *) PG_GETARG_POINTER(0);
	return state != NULL && state->count > 0 ? state : NULL;
}

Datum
eta_squared_final(PG_FUNCTION_ARGS)
{
	Grouped    *state = final_state(fcinfo);
	double		share;

	if (state == NULL || !squares_share(grouped_squares(state, 0), &share))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(share);
}

Datum
anova_final(PG_FUNCTION_ARGS)
{
	Grouped    *state = final_state(fcinfo);
	Datum		values[7];
	bool		nulls[7] = {false};
	Anova		a;

	if (state == NULL)
		PG_RETURN_NULL();
	a = grouped_anova(state, 0);
	values[0] = Int64GetDatum(a.customers);
	values[1] = Int64GetDatum(a.segments);
	values[2] = Float8GetDatum(a.share);
	values[3] = Float8GetDatum(a.has_f ? a.f : 0);
	values[4] = Int64GetDatum(a.segments - 1);
	values[5] = Int64GetDatum(a.customers - a.segments);
	values[6] = Float8GetDatum(a.has_p ? a.p : 0);
	nulls[2] = !a.has_share;
	nulls[3] = !a.has_f;
	nulls[6] = !a.has_p;
	return row_of_figures(fcinfo, values, nulls);
}

Datum
similarity_final(PG_FUNCTION_ARGS)
{
	Grouped    *state = final_state(fcinfo);
	Datum		values[2];
	bool		nulls[2];
	double		raw;
	double		scaled;

	if (state == NULL)
		PG_RETURN_NULL();
	nulls[0] = !squares_share(grouped_squares(state, 0), &raw);
	nulls[1] = !squares_share(grouped_squares(state, grouped_unit(state)), &scaled);
	values[0] = Float8GetDatum(raw);
	values[1] = Float8GetDatum(scaled);
	return row_of_figures(fcinfo, values, nulls);
}
