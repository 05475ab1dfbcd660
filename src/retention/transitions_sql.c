/*
 * transitions_sql.c
 *		The aggregate transition_matrix: counting who went from where to where.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/state_sql.h"
#include "retention/retention_sql.h"

PG_FUNCTION_INFO_V1(transition_matrix_accum);
PG_FUNCTION_INFO_V1(transition_matrix_combine);
PG_FUNCTION_INFO_V1(transition_matrix_serialize);
PG_FUNCTION_INFO_V1(transition_matrix_deserialize);
PG_FUNCTION_INFO_V1(transition_matrix_final);

/* Where customers are who are in no state any more. */
static const char gone[] = "gone";

#define FIRST_ROOM 8

/* States in order of arrival, and a square of counts with room for more. */
typedef struct TransitionState
{
	Names		names;
	int			room;
	int64	   *count;			/* room x room */
} TransitionState;

#define COUNT(state, from, to) (state)->count[(size_t) (from) * (state)->room + (to)]

static inline TransitionState *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(TransitionState)) :
		(TransitionState *) PG_GETARG_POINTER(0);
}

/* Twice the room; in the state's memory, which is the current one. */
static void
grow(TransitionState *state)
{
	int			room = Max(FIRST_ROOM, 2 * state->room);
	int64	   *count = palloc0((size_t) room * (size_t) room * sizeof(int64));

	for (int i = 0; i < state->room; i++)
		memcpy(count + (size_t) i * room, &COUNT(state, i, 0), (size_t) state->room * sizeof(int64));
	if (state->count)
		pfree(state->count);
	state->count = count;
	state->room = room;
}

static int
number_of(TransitionState *state, const char *name, size_t length)
{
	int			number = names_find(&state->names, name, length);

	if (likely(number >= 0))
		return number;
	if (length > STATE_MAX_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("name of a state too long"),
				 errdetail("It has %zu bytes, and may have %d.", length, STATE_MAX_LENGTH),
				 errhint("Name states by short words.")));
	if (state->names.count >= MATRIX_MAX_STATES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many states"),
				 errdetail("There are more than %d.", MATRIX_MAX_STATES),
				 errhint("States are kinds of customers, such as segments: not customers, and not amounts.")));
	number = names_add(&state->names, name, length);
	if (number >= state->room)
		grow(state);
	return number;
}

/* A name that has to be unpacked is not unpacked into the state's memory. */
static int
state_argument(FunctionCallInfo fcinfo, int n, TransitionState *state, MemoryContext context)
{
	const char *name = gone;
	size_t		length = strlen(gone);
	MemoryContext old;
	int			number;

	if (!PG_ARGISNULL(n))
	{
		struct varlena *given = PG_GETARG_TEXT_PP(n);

		name = VARDATA_ANY(given);
		length = VARSIZE_ANY_EXHDR(given);
	}
	old = MemoryContextSwitchTo(context);
	number = number_of(state, name, length);
	MemoryContextSwitchTo(old);
	return number;
}

/* Who came from nowhere is new, and has gone from no state to another yet. */
Datum
transition_matrix_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TransitionState *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1))
	{
		int			from = state_argument(fcinfo, 1, state, context);
		int			to = state_argument(fcinfo, 2, state, context);

		COUNT(state, from, to)++;
	}
	PG_RETURN_POINTER(state);
}

Datum
transition_matrix_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	TransitionState *state;
	const TransitionState *other;
	int			number[MATRIX_MAX_STATES];

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	other = (const TransitionState *) PG_GETARG_POINTER(1);
	old = MemoryContextSwitchTo(context);
	for (int i = 0; i < other->names.count; i++)
		number[i] = number_of(state, other->names.name[i].text, other->names.name[i].length);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < other->names.count; i++)
		for (int j = 0; j < other->names.count; j++)
			COUNT(state, number[i], number[j]) += COUNT(other, i, j);
	PG_RETURN_POINTER(state);
}

Datum
transition_matrix_serialize(PG_FUNCTION_ARGS)
{
	const TransitionState *state = (const TransitionState *) PG_GETARG_POINTER(0);
	int			n = state->names.count;
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_write_names(&buf, &state->names);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			pq_sendint64(&buf, (uint64) COUNT(state, i, j));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
transition_matrix_deserialize(PG_FUNCTION_ARGS)
{
	TransitionState *state = palloc0(sizeof(TransitionState));
	StringInfoData buf;
	int			n;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	n = (int) pq_getmsgint(&buf, 4);
	if (n < 0 || n > MATRIX_MAX_STATES)
		state_invalid();
	for (int i = 0; i < n; i++)
	{
		int			length = (int) pq_getmsgint(&buf, 4);

		if (number_of(state, pq_getmsgbytes(&buf, length), (size_t) length) != i)
			state_invalid();
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
		{
			COUNT(state, i, j) = pq_getmsgint64(&buf);
			if (COUNT(state, i, j) < 0)
				state_invalid();
		}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

Datum
transition_matrix_final(PG_FUNCTION_ARGS)
{
	const TransitionState *state;
	TransitionMatrix m = {.counted = true};
	int		   *order;
	int			n;
	const char *why;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (const TransitionState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->names.count == 0)
		PG_RETURN_NULL();
	n = state->names.count;
	order = names_sorted(&state->names);
	m.cell = palloc((size_t) n * (size_t) n * sizeof(double));
	for (int i = 0; i < n; i++)
	{
		const KnownName *name = &state->names.name[order[i]];

		names_add(&m.states, name->text, name->length);
		for (int j = 0; j < n; j++)
			m.cell[i * n + j] = (double) COUNT(state, order[i], order[j]);
	}
	why = transition_matrix_check(&m);
	if (why != NULL)
		elog(ERROR, "invalid state of transition_matrix: %s", why);
	PG_RETURN_TRANSITION_MATRIX_P(transition_matrix_make(&m));
}
