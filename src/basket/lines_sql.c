/*
 * lines_sql.c
 *		Lines as the state of an aggregate.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "basket/association_sql.h"
#include "basket/lines_sql.h"
#include "common/arguments_sql.h"
#include "common/bytes.h"
#include "common/state_sql.h"

PG_FUNCTION_INFO_V1(basket_lines_combine);
PG_FUNCTION_INFO_V1(basket_lines_serialize);
PG_FUNCTION_INFO_V1(basket_lines_deserialize);

LinesState *
lines_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = aggregate_context(fcinfo);

	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(LinesState)) :
		(LinesState *) PG_GETARG_POINTER(0);
}

LinesState *
lines_final_state(FunctionCallInfo fcinfo)
{
	LinesState *state;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (LinesState *) PG_GETARG_POINTER(0);
	return state == NULL || state->lines.count == 0 ? NULL : state;
}

/*
 * Lines
 */

static void
too_many_lines(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many lines"),
			 errdetail("At most %lld lines and %d different names are looked at together.",
					   (long long) LINES_LIMIT, LINES_MAX_NAMES),
			 errhint("Add the lines up first: one for each basket and item.")));
}

int32
lines_name_of(FunctionCallInfo fcinfo, Names *names, const char *bytes, size_t length)
{
	MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));
	int32		number = names_add(names, bytes, length);

	if (unlikely(number >= LINES_MAX_NAMES))
		too_many_lines();
	MemoryContextSwitchTo(old);
	return number;
}

int32
lines_name(FunctionCallInfo fcinfo, int arg, Names *names)
{
	struct varlena *given = PG_GETARG_TEXT_PP(arg);

	return lines_name_of(fcinfo, names, VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
}

void
lines_add_checked(FunctionCallInfo fcinfo, LinesState *state, int64 basket,
				  int32 group, int32 item, i128 amount)
{
	MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));

	if (!lines_add(&state->lines, basket, group, item, amount))
		too_many_lines();
	MemoryContextSwitchTo(old);
}

/*
 * Arguments that are one for all rows
 */

static bool
is_same_number(const struct varlena *a, const struct varlena *b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_eq, PointerGetDatum(a), PointerGetDatum(b)));
}

static bool
is_same_jsonb(struct varlena *a, struct varlena *b)
{
	return compareJsonbContainers(&((Jsonb *) a)->root, &((Jsonb *) b)->root) == 0;
}

void
lines_set_min_support(LinesState *state, MemoryContext context, struct varlena *given)
{
	if (state->min_support == NULL)
	{
		Mining		ignored;

		association_read_min_support(given, &ignored);
		state->min_support = argument_copy(context, VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
	}
	else if (unlikely(!argument_is(given, state->min_support)) &&
			 !is_same_number(given, state->min_support))
		argument_changes("min_support");
}

void
lines_set_options(LinesState *state, MemoryContext context, struct varlena *given)
{
	if (state->options == NULL)
	{
		Mining		ignored;

		if (state->lines.count > 0)
			argument_changes("options");
		association_read_options(given, &ignored);
		state->options = argument_copy(context, VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
	}
	else if (unlikely(!argument_is(given, state->options)) &&
			 !is_same_jsonb(given, state->options))
		argument_changes("options");
}

/*
 * Parallel plans
 */

Datum
basket_lines_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const LinesState *from;
	LinesState *into;
	MemoryContext old;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (const LinesState *) PG_GETARG_POINTER(1);
	into = lines_state(fcinfo);
	if (from->min_support)
		lines_set_min_support(into, context, from->min_support);
	if (from->options)
		lines_set_options(into, context, from->options);
	old = MemoryContextSwitchTo(context);
	if (!lines_merge(&into->lines, &from->lines))
		too_many_lines();
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(into);
}

/* Lines come as they are stored, so baskets are near the ones before. */
static void
write_lines(StringInfo buf, const Lines *lines)
{
	int64		before = 0;

	pq_sendint64(buf, lines->count);
	for (size_t i = 0; i < lines->count; i++)
	{
		const Line *line = &lines->line[i];
		uint8	   *begin;
		uint8	   *p;

		state_reserve(buf, 4 * INTEGER_MAX_BYTES);
		begin = p = (uint8 *) buf->data + buf->len;
		p = write_integer(p, fold_sign128((i128) line->basket - before));
		p = write_integer(p, (u128) line->group);
		p = write_integer(p, (u128) (line->item - NO_ITEM));
		p = write_integer(p, fold_sign128(line->amount));
		buf->len += (int) (p - begin);
		before = line->basket;
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

Datum
basket_lines_serialize(PG_FUNCTION_ARGS)
{
	const LinesState *state = (const LinesState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_write_bytes(&buf, state->min_support);
	state_write_bytes(&buf, state->options);
	state_write_names(&buf, &state->lines.items);
	state_write_names(&buf, &state->lines.groups);
	state_write_names(&buf, &state->lines.baskets);
	state_reserve(&buf, 8);
	write_lines(&buf, &state->lines);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static u128
read_integer(StringInfo buf)
{
	const uint8 *p = (const uint8 *) buf->data + buf->cursor;
	u128		v;
	const uint8 *end = read_checked(p, (const uint8 *) buf->data + buf->len, &v);

	if (end == NULL)
		state_invalid();
	buf->cursor += (int) (end - p);
	return v;
}

/* A number in a dictionary; without one, there is but the number 0. */
static int32
read_number(StringInfo buf, int names)
{
	u128		v = read_integer(buf);

	if (v >= (u128) Max(names, 1))
		state_invalid();
	return (int32) v;
}

static void
read_lines(StringInfo buf, Lines *lines)
{
	uint64		count = (uint64) pq_getmsgint64(buf);
	i128		basket = 0;

	for (uint64 i = 0; i < count; i++)
	{
		int32		group;
		int32		item;

		basket += unfold_sign128(read_integer(buf));
		if (basket < INT64_MIN || basket > INT64_MAX ||
			(lines->baskets.count > 0 && (basket < 0 || basket >= lines->baskets.count)))
			state_invalid();
		group = read_number(buf, lines->groups.count);
		item = read_number(buf, lines->items.count + 1) + NO_ITEM;
		if (!lines_add(lines, (int64) basket, group, item, unfold_sign128(read_integer(buf))))
			state_invalid();
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

Datum
basket_lines_deserialize(PG_FUNCTION_ARGS)
{
	LinesState *state = palloc0(sizeof(LinesState));
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state->min_support = state_read_bytes(&buf);
	state->options = state_read_bytes(&buf);
	state_read_names(&buf, &state->lines.items);
	state_read_names(&buf, &state->lines.groups);
	state_read_names(&buf, &state->lines.baskets);
	read_lines(&buf, &state->lines);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}
