/*
 * survival_sql.c
 *		Type survival_curve: input, output, and the aggregate kaplan_meier.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/state_sql.h"
#include "survival/survival_sql.h"

PG_FUNCTION_INFO_V1(survival_curve_in);
PG_FUNCTION_INFO_V1(survival_curve_out);
PG_FUNCTION_INFO_V1(survival_curve_recv);
PG_FUNCTION_INFO_V1(kaplan_meier_accum);
PG_FUNCTION_INFO_V1(kaplan_meier_accum_entry);
PG_FUNCTION_INFO_V1(kaplan_meier_combine);
PG_FUNCTION_INFO_V1(kaplan_meier_serialize);
PG_FUNCTION_INFO_V1(kaplan_meier_deserialize);
PG_FUNCTION_INFO_V1(kaplan_meier_final);

/* Bytes of one time on its way between workers. */
#define TIME_SIZE (sizeof(float8) + 3 * sizeof(int64))

void
survival_curve_read(const struct varlena *value, SurvivalCurve *curve)
{
	const char *why = survival_curve_decode(curve, (const uint8 *) VARDATA_ANY(value),
											VARSIZE_ANY_EXHDR(value));

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "survival_curve"),
				 errdetail("%s", why),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

struct varlena *
survival_curve_make(const SurvivalCurve *curve)
{
	uint8	   *bytes = cv_alloc(survival_curve_max_size(curve));
	size_t		length = survival_curve_encode(curve, bytes);
	struct varlena *result;

	if (VARHDRSZ + length > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("survival curve too large"),
				 errdetail("It would take %zu bytes; a value has at most 1 GB.", length),
				 errhint("Count durations in a coarser unit, for example in whole days.")));
	result = palloc(VARHDRSZ + length);
	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	cv_free(bytes);
	return result;
}

/*
 * Input and output
 */

Datum
survival_curve_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	char		why[SURVIVAL_WHY_SIZE];
	SurvivalCurve curve;

	if (!survival_curve_parse(&curve, text, strlen(text), why))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "survival_curve"),
					   errdetail("%s", why),
					   errhint("Write what happened at each time, as in {\"duration\": [6, 7, 9], \"events\": [3, 1, 0], \"censored\": [1, 0, 1]}.")));
		PG_RETURN_NULL();
	}
	PG_RETURN_SURVIVAL_CURVE_P(survival_curve_make(&curve));
}

Datum
survival_curve_out(PG_FUNCTION_ARGS)
{
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	PG_RETURN_CSTRING(survival_curve_print(&curve));
}

/* The binary form is the stored one: it is the same on every machine. */
Datum
survival_curve_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buf->len - buf->cursor;
	const char *bytes = pq_getmsgbytes(buf, length);
	SurvivalCurve curve;
	const char *why = survival_curve_decode(&curve, (const uint8 *) bytes, (size_t) length);

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "survival_curve"),
				 errdetail("%s", why),
				 errhint("Send the text form instead.")));
	PG_RETURN_SURVIVAL_CURVE_P(survival_curve_make(&curve));
}

/*
 * Rows
 */

double
survival_time(const char *name, double time)
{
	if (unlikely(!(time >= 0 && isfinite(time))))
		ereport(ERROR,
				(errcode(isfinite(time) ? ERRCODE_INVALID_PARAMETER_VALUE :
						 ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite number, zero or above", name),
				 errdetail("It is %g.", time),
				 errhint("Count time from each customer's own start, in any unit.")));
	return time + 0.0;			/* -0 is 0 */
}

bool
observation_of(FunctionCallInfo fcinfo, int first, Observation *seen)
{
	if (PG_ARGISNULL(1 + first) && PG_ARGISNULL(2 + first))
		return false;
	if (PG_ARGISNULL(1 + first) || PG_ARGISNULL(2 + first))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("duration and event must both be given"),
				 errdetail("One of them is null and the other is not."),
				 errhint("Who is still a customer has event false and the duration so far; leave other rows out with a FILTER clause.")));
	seen->duration = survival_time("duration", PG_GETARG_FLOAT8(1 + first));
	seen->event = PG_GETARG_BOOL(2 + first);
	return true;
}

/*
 * Aggregation
 */

/* The state, made if there is none, all in the aggregate's memory. */
static inline TimeTable *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(TimeTable)) :
		(TimeTable *) PG_GETARG_POINTER(0);
}

Datum
kaplan_meier_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TimeTable  *state = state_of(fcinfo, context);
	Observation seen;

	if (observation_of(fcinfo, 0, &seen))
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		times_add(state, seen.duration, 0, seen.event, !seen.event);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

/* A NULL entry is the start: no late entry. */
Datum
kaplan_meier_accum_entry(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TimeTable  *state = state_of(fcinfo, context);
	Observation seen;

	if (observation_of(fcinfo, 0, &seen))
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		if (!PG_ARGISNULL(3))
		{
			double		entry = survival_time("entry", PG_GETARG_FLOAT8(3));

			if (entry >= seen.duration)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("entry must be below duration"),
						 errdetail("Entry is %g, duration %g: the customer is never at risk.",
								   entry, seen.duration),
						 errhint("Count both from the customer's own start; entry is when observation began.")));
			times_add(state, entry, 1, 0, 0);
		}
		times_add(state, seen.duration, 0, seen.event, !seen.event);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

void
times_merge(TimeTable *into, const TimeTable *from)
{
	times_reserve(into, from->used);
	for (size_t i = 0; i < from->slots; i++)
	{
		const TimeCount *t = &from->slot[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!time_is_free(t))
			times_add(into, t->time, t->entered, t->events, t->censored);
	}
}

Datum
kaplan_meier_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	TimeTable  *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	old = MemoryContextSwitchTo(context);
	times_merge(state, (const TimeTable *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

void
times_send(StringInfo buf, const TimeTable *table)
{
	if (table->used > (MaxAllocSize - (size_t) buf->len - 64) / TIME_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct times for a parallel aggregate"),
				 errdetail("A worker has %zu times; what it hands on has at most 1 GB.", table->used),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query, or count time in a coarser unit.")));
	pq_sendint64(buf, table->used);
	for (size_t i = 0; i < table->slots; i++)
	{
		const TimeCount *t = &table->slot[i];

		if (time_is_free(t))
			continue;
		pq_sendfloat8(buf, t->time);
		pq_sendint64(buf, t->entered);
		pq_sendint64(buf, t->events);
		pq_sendint64(buf, t->censored);
	}
}

void
times_receive(StringInfo buf, TimeTable *table)
{
	int64		used = pq_getmsgint64(buf);

	if (used < 0 || (uint64) used > (uint64) (buf->len - buf->cursor) / TIME_SIZE)
		state_invalid();
	times_reserve(table, (size_t) used);
	for (int64 i = 0; i < used; i++)
	{
		TimeCount	t;

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		t.time = pq_getmsgfloat8(buf);
		t.entered = pq_getmsgint64(buf);
		t.events = pq_getmsgint64(buf);
		t.censored = pq_getmsgint64(buf);
		if (!(t.time >= 0 && isfinite(t.time)) || signbit(t.time) ||
			t.entered < 0 || t.events < 0 || t.censored < 0 || time_is_free(&t))
			state_invalid();
		times_add(table, t.time, t.entered, t.events, t.censored);
	}
	if (table->used != (size_t) used)
		state_invalid();
}

Datum
kaplan_meier_serialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	times_send(&buf, (const TimeTable *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
kaplan_meier_deserialize(PG_FUNCTION_ARGS)
{
	TimeTable  *state = palloc0(sizeof(TimeTable));
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	times_receive(&buf, state);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

Datum
kaplan_meier_final(PG_FUNCTION_ARGS)
{
	const TimeTable *state;
	struct varlena *result;
	SurvivalCurve curve;
	const char *why;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (const TimeTable *) PG_GETARG_POINTER(0);
	if (state == NULL || state->used == 0)
		PG_RETURN_NULL();
	curve.at = times_sorted(state);
	curve.count = state->used;
	why = survival_curve_check(&curve);
	if (why != NULL)
		elog(ERROR, "invalid state of an aggregate over durations: %s", why);
	result = survival_curve_make(&curve);
	cv_free(curve.at);
	PG_RETURN_SURVIVAL_CURVE_P(result);
}
