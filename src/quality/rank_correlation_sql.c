/*
 * rank_correlation_sql.c
 *		The aggregates spearman and kendall.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"

#include "quality/quality_sql.h"
#include "quality/rank_correlation.h"

PG_FUNCTION_INFO_V1(rank_pairs_accum);
PG_FUNCTION_INFO_V1(rank_pairs_combine);
PG_FUNCTION_INFO_V1(rank_pairs_serialize);
PG_FUNCTION_INFO_V1(rank_pairs_deserialize);
PG_FUNCTION_INFO_V1(spearman_final);
PG_FUNCTION_INFO_V1(kendall_final);

#define FIRST_ROOM 32

/* Ranks are numbered in 32 bits. */
#define MAX_PAIRS ((size_t) UINT32_MAX)

typedef struct RankState
{
	RankPair   *pair;
	size_t		count;
	size_t		room;
} RankState;

static RankState *
state_make(MemoryContext context, size_t room)
{
	RankState  *state = MemoryContextAllocZero(context, sizeof(RankState));

	state->room = Max(room, FIRST_ROOM);
	state->pair = MemoryContextAllocHuge(context, state->room * sizeof(RankPair));
	return state;
}

static void
make_room(RankState *state, size_t count)
{
	if (count > MAX_PAIRS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many customers for a rank correlation"),
				 errdetail("There can be %zu.", MAX_PAIRS),
				 errhint("Take a sample, for example with TABLESAMPLE.")));
	if (count <= state->room)
		return;
	state->room = Max(count, 2 * state->room);
	state->pair = cv_realloc(state->pair, state->room * sizeof(RankPair));
}

/* As everywhere: what is not finite is a mistake that wants to be seen. */
static double
rankable(double v)
{
	if (isnan(v) || isinf(v))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value must be a finite number"),
				 errdetail("The value is %s.", isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity"),
				 errhint("Leave such rows out, for example with nullif(value, '%s').",
						 isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity")));
	return v;
}

Datum
rank_pairs_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	RankState  *state = PG_ARGISNULL(0) ? state_make(context, FIRST_ROOM) :
	(RankState *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		make_room(state, state->count + 1);
		state->pair[state->count].x = rankable(PG_GETARG_FLOAT8(1));
		state->pair[state->count].y = rankable(PG_GETARG_FLOAT8(2));
		state->count++;
	}
	PG_RETURN_POINTER(state);
}

Datum
rank_pairs_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const RankState *from;
	RankState  *into;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (const RankState *) PG_GETARG_POINTER(1);
	into = PG_ARGISNULL(0) ? state_make(context, from->count) :
		(RankState *) PG_GETARG_POINTER(0);
	make_room(into, into->count + from->count);
	memcpy(into->pair + into->count, from->pair, from->count * sizeof(RankPair));
	into->count += from->count;
	PG_RETURN_POINTER(into);
}

Datum
rank_pairs_serialize(PG_FUNCTION_ARGS)
{
	const RankState *state = (const RankState *) PG_GETARG_POINTER(0);
	size_t		size = state->count * sizeof(RankPair);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	state_reserve(&buf, size + 8);
	pq_sendint64(&buf, state->count);
	/* for workers of the same server only, so doubles go as they are */
	appendBinaryStringInfo(&buf, (const char *) state->pair, (int) size);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
rank_pairs_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	RankState  *state;
	int64		count;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	count = pq_getmsgint64(&buf);
	if (count < 0 || count > (int64) ((buf.len - buf.cursor) / sizeof(RankPair)))
		state_invalid();
	state = state_make(CurrentMemoryContext, (size_t) count);
	state->count = (size_t) count;
	memcpy(state->pair, pq_getmsgbytes(&buf, (int) (count * sizeof(RankPair))),
		   state->count * sizeof(RankPair));
	for (int64 i = 0; i < count; i++)
	{
		if (!isfinite(state->pair[i].x) || !isfinite(state->pair[i].y))
			state_invalid();
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* Fewer than two customers are in no order. */
static Datum
correlate(FunctionCallInfo fcinfo, bool (*correlation) (RankPair *, size_t, double *))
{
	RankState  *state;
	double		result;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (RankState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->count < 2 || !correlation(state->pair, state->count, &result))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(result);
}

Datum
spearman_final(PG_FUNCTION_ARGS)
{
	return correlate(fcinfo, spearman_rho);
}

Datum
kendall_final(PG_FUNCTION_ARGS)
{
	return correlate(fcinfo, kendall_tau);
}
