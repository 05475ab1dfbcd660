/*
 * tally_sql.c
 *		A tally as the state of an aggregate.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/amount.h"
#include "common/arguments_sql.h"
#include "common/state_sql.h"
#include "common/tally_sql.h"

PG_FUNCTION_INFO_V1(tally_combine);
PG_FUNCTION_INFO_V1(tally_serialize);
PG_FUNCTION_INFO_V1(tally_deserialize);

TallyState *
tally_state(FunctionCallInfo fcinfo, int width)
{
	MemoryContext context = aggregate_context(fcinfo);
	TallyState *state;

	if (!PG_ARGISNULL(0))
		return (TallyState *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(TallyState));
	state->tally.width = width;
	state->key_room = 64;
	state->key = MemoryContextAlloc(context, state->key_room);
	return state;
}

TallyState *
tally_final_state(FunctionCallInfo fcinfo)
{
	TallyState *state = PG_ARGISNULL(0) ? NULL : (TallyState *) PG_GETARG_POINTER(0);

	(void) aggregate_context(fcinfo);
	return state != NULL && state->tally.keys.count > 0 ? state : NULL;
}

/*
 * Keys
 */

static void
key_reserve(TallyState *state, size_t more)
{
	size_t		used = (size_t) (state->key_end - state->key);

	if (used + more <= state->key_room)
		return;
	state->key_room = 2 * (used + more);
	state->key = repalloc(state->key, state->key_room);
	state->key_end = state->key + used;
}

void
tally_begin_key(TallyState *state)
{
	state->key_end = state->key;
}

void
tally_part_integer(TallyState *state, int64 v)
{
	key_reserve(state, TALLY_INTEGER_LENGTH);
	state->key_end = tally_write_integer(state->key_end, v);
}

void
tally_part_null(TallyState *state)
{
	key_reserve(state, 1);
	state->key_end = tally_write_null(state->key_end);
}

void
tally_part_text(TallyState *state, const char *text, size_t length)
{
	key_reserve(state, length + 2);
	state->key_end = tally_write_text(state->key_end, text, length);
}

void
tally_part_bigint_argument(FunctionCallInfo fcinfo, int n, TallyState *state)
{
	if (PG_ARGISNULL(n))
		tally_part_null(state);
	else
		tally_part_integer(state, PG_GETARG_INT64(n));
}

void
tally_part_int_argument(FunctionCallInfo fcinfo, int n, TallyState *state)
{
	if (PG_ARGISNULL(n))
		tally_part_null(state);
	else
		tally_part_integer(state, PG_GETARG_INT32(n));
}

void
tally_part_text_argument(FunctionCallInfo fcinfo, int n, TallyState *state)
{
	if (PG_ARGISNULL(n))
		tally_part_null(state);
	else
	{
		struct varlena *given = PG_GETARG_TEXT_PP(n);

		tally_part_text(state, VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
	}
}

/*
 * Totals
 */

i128 *
tally_row(FunctionCallInfo fcinfo, TallyState *state, int64 count)
{
	MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));
	int			number = tally_key(&state->tally, state->key,
								   (size_t) (state->key_end - state->key));

	MemoryContextSwitchTo(old);
	state->tally.count[number] += count;
	return tally_totals(&state->tally, number);
}

void
tally_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("total out of range"),
			 errdetail("A total has at most 32 digits before the decimal point."),
			 errhint("Look for amounts that are too big to be money.")));
}

void
tally_add_checked(i128 *total, i128 amount)
{
	if (!tally_add(total, amount))
		tally_overflow();
}

i128
tally_amount_argument(FunctionCallInfo fcinfo, int n)
{
	static const int64 micros[] = {1000000, 10000, 100, 1};
	Datum		given = PG_GETARG_DATUM(n);
	int64		value;
	int			pairs;

	if (PG_ARGISNULL(n))
		return 0;
	if (likely(amount_fast(given, &value, &pairs)))
		return (i128) value * micros[pairs];
	return amount_of(given);
}

Datum
tally_share(i128 part, i128 whole, bool *isnull)
{
	*isnull = whole <= 0;
	if (*isnull)
		return (Datum) 0;
	return DirectFunctionCall2(numeric_div, NumericGetDatum(amount_to_numeric(part, 2)),
							   NumericGetDatum(amount_to_numeric(whole, 2)));
}

Datum
tally_part_datum(const TallyPart *part, bool as_int4, bool *isnull)
{
	*isnull = part->kind == TALLY_NULL;
	switch (part->kind)
	{
		case TALLY_INTEGER:
			return as_int4 ? Int32GetDatum((int32) part->integer) :
				Int64GetDatum(part->integer);
		case TALLY_TEXT:
			return PointerGetDatum(cstring_to_text_with_len(part->text, (int) part->length));
		default:
			return (Datum) 0;
	}
}

/*
 * Parallel plans
 */

Datum
tally_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const TallyState *from;
	TallyState *into;
	MemoryContext old;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (const TallyState *) PG_GETARG_POINTER(1);
	into = tally_state(fcinfo, from->tally.width);
	if (into->constant == NULL && from->constant != NULL)
		into->constant = argument_copy(context, VARDATA_ANY(from->constant),
									   VARSIZE_ANY_EXHDR(from->constant));
	else if (from->constant != NULL && !argument_is(into->constant, from->constant))
		argument_changes("a constant argument");
	old = MemoryContextSwitchTo(context);
	if (!tally_merge(&into->tally, &from->tally))
		tally_overflow();
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(into);
}

Datum
tally_serialize(PG_FUNCTION_ARGS)
{
	const TallyState *state = (const TallyState *) PG_GETARG_POINTER(0);
	const Tally *t = &state->tally;
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendint32(&buf, (uint32) t->width);
	state_write_bytes(&buf, state->constant);
	state_write_names(&buf, &t->keys);
	state_reserve(&buf, (size_t) t->keys.count * (8 + 16 * (size_t) t->width));
	for (int i = 0; i < t->keys.count; i++)
	{
		pq_sendint64(&buf, (uint64) t->count[i]);
		for (int j = 0; j < t->width; j++)
			state_write_int128(&buf, tally_totals(t, i)[j]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
tally_deserialize(PG_FUNCTION_ARGS)
{
	TallyState *state = palloc0(sizeof(TallyState));
	Tally	   *t = &state->tally;
	Names		keys = {0};
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	t->width = (int) pq_getmsgint(&buf, 4);
	if (t->width < 0 || t->width > TALLY_MAX_WIDTH)
		state_invalid();
	state->constant = state_read_bytes(&buf);
	state_read_names(&buf, &keys);
	for (int i = 0; i < keys.count; i++)
	{
		int			number = tally_key(t, keys.name[i].text, keys.name[i].length);

		t->count[number] = pq_getmsgint64(&buf);
		for (int j = 0; j < t->width; j++)
			tally_totals(t, number)[j] = state_read_int128(&buf);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}
