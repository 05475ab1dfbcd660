/*
 * relationship_cycle_sql.c
 *		The aggregate relationship_cycle(child, parent, valid).
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/rangetypes.h"

#include "common/state_sql.h"
#include "directory/dated_cycle.h"
#include "ledger/ledger.h"

PG_FUNCTION_INFO_V1(relationship_cycle_accum);
PG_FUNCTION_INFO_V1(relationship_cycle_combine);
PG_FUNCTION_INFO_V1(relationship_cycle_serialize);
PG_FUNCTION_INFO_V1(relationship_cycle_deserialize);
PG_FUNCTION_INFO_V1(relationship_cycle_final);

typedef struct CycleState
{
	int64		count;
	int64		room;
	Relationship *relationship;
} CycleState;

/* Numbers of nodes and edges have 31 bits, and each edge may have two nodes. */
#define MOST_RELATIONSHIPS (PG_INT32_MAX / 2 - 1)
#define FIRST_ROOM 16

static CycleState *
make_state(MemoryContext context, int64 room)
{
	CycleState *state = MemoryContextAlloc(context, sizeof(CycleState));

	state->count = 0;
	state->room = room;
	state->relationship = MemoryContextAllocHuge(context, (Size) room * sizeof(Relationship));
	return state;
}

static void
make_room(CycleState *state, int64 more)
{
	if (state->room - state->count >= more)
		return;
	if (state->count + more > MOST_RELATIONSHIPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many relationships"),
				 errdetail("There are more than %d.", MOST_RELATIONSHIPS),
				 errhint("Look for cycles among the relationships of one kind at a time.")));
	state->room = Max(2 * state->room, state->count + more);
	state->relationship = repalloc_huge(state->relationship, (Size) state->room * sizeof(Relationship));
}

/*
 * The days of a range as [since, behind), in numbers of which that of -infinity
 * is the least.  Returns false if it is empty.
 */
static bool
read_range(FunctionCallInfo fcinfo, RangeType *range, Relationship *r)
{
	RangeBound	lower,
				upper;
	bool		empty;

	range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)),
					  range, &lower, &upper, &empty);
	if (empty)
		return false;
	/* a bound that is infinity itself is not put into the form [lower, upper) */
	r->since = lower.infinite ? DATEVAL_NOBEGIN :
		(int64) DatumGetDateADT(lower.val) + !lower.inclusive;
	r->behind = upper.infinite ? (int64) DATEVAL_NOEND + 1 :
		(int64) DatumGetDateADT(upper.val) + upper.inclusive;
	return r->since < r->behind;
}

Datum
relationship_cycle_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CycleState *state = PG_ARGISNULL(0) ? NULL : (CycleState *) PG_GETARG_POINTER(0);
	Relationship r;

	if (state == NULL)
		state = make_state(context, FIRST_ROOM);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) ||
		!read_range(fcinfo, PG_GETARG_RANGE_P(3), &r))
		PG_RETURN_POINTER(state);
	r.child = PG_GETARG_INT64(1);
	r.parent = PG_GETARG_INT64(2);
	make_room(state, 1);
	state->relationship[state->count++] = r;
	PG_RETURN_POINTER(state);
}

Datum
relationship_cycle_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CycleState *into = PG_ARGISNULL(0) ? NULL : (CycleState *) PG_GETARG_POINTER(0);
	const CycleState *from = PG_ARGISNULL(1) ? NULL : (CycleState *) PG_GETARG_POINTER(1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = make_state(context, Max(from->count, FIRST_ROOM));
	make_room(into, from->count);
	memcpy(into->relationship + into->count, from->relationship,
		   (Size) from->count * sizeof(Relationship));
	into->count += from->count;
	PG_RETURN_POINTER(into);
}

Datum
relationship_cycle_serialize(PG_FUNCTION_ARGS)
{
	const CycleState *state = (CycleState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_reserve(&buf, sizeof(int64) + (Size) state->count * sizeof(Relationship));
	pq_sendint64(&buf, (uint64) state->count);
	for (int64 i = 0; i < state->count; i++)
	{
		const Relationship *r = &state->relationship[i];

		pq_sendint64(&buf, (uint64) r->child);
		pq_sendint64(&buf, (uint64) r->parent);
		pq_sendint64(&buf, (uint64) r->since);
		pq_sendint64(&buf, (uint64) r->behind);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
relationship_cycle_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	CycleState *state;
	int64		count;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	count = pq_getmsgint64(&buf);
	if (count < 0 || count > MOST_RELATIONSHIPS ||
		(buf.len - buf.cursor) != count * (int64) sizeof(Relationship))
		state_invalid();
	state = make_state(CurrentMemoryContext, Max(count, FIRST_ROOM));
	for (; state->count < count; state->count++)
	{
		Relationship *r = &state->relationship[state->count];

		r->child = pq_getmsgint64(&buf);
		r->parent = pq_getmsgint64(&buf);
		r->since = pq_getmsgint64(&buf);
		r->behind = pq_getmsgint64(&buf);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* The days before and behind the calendar have names. */
static const char *
print_day(int64 day)
{
	char		text[24];

	if (day < LEDGER_DAY_MIN)
		return "from the beginning";
	if (day > LEDGER_DAY_MAX)
		return "at the end of time";
	ledger_print_day(text, (int32) day);
	return psprintf("on %s", text);
}

Datum
relationship_cycle_final(PG_FUNCTION_ARGS)
{
	const CycleState *state = PG_ARGISNULL(0) ? NULL : (CycleState *) PG_GETARG_POINTER(0);
	DatedCycle	cycle;

	(void) aggregate_context(fcinfo);
	if (state == NULL || !find_dated_cycle(state->relationship, (int32) state->count, &cycle))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("%s: %s", print_day(cycle.day), cycle.path)));
}
