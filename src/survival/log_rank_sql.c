/*
 * log_rank_sql.c
 *		The aggregate log_rank.
 *
 * Its result is a composite type: a row of figures, with the groups as an
 * array of rows in it.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "common/names.h"
#include "common/state_sql.h"
#include "common/tails.h"
#include "survival/log_rank.h"
#include "survival/survival_sql.h"

PG_FUNCTION_INFO_V1(log_rank_accum);
PG_FUNCTION_INFO_V1(log_rank_combine);
PG_FUNCTION_INFO_V1(log_rank_serialize);
PG_FUNCTION_INFO_V1(log_rank_deserialize);
PG_FUNCTION_INFO_V1(log_rank_final);

typedef struct LogRankState
{
	Names		names;
	int			room;
	TimeTable  *table;			/* of each name */
} LogRankState;

/* The state, made if there is none. */
static inline LogRankState *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(LogRankState)) :
		(LogRankState *) PG_GETARG_POINTER(0);
}

/* The times of a group; in the state's memory, which is the current one. */
static TimeTable *
table_of(LogRankState *state, const char *name, size_t length)
{
	int			number = names_find(&state->names, name, length);

	if (number >= 0)
		return &state->table[number];
	if (state->names.count >= LOG_RANK_MAX_GROUPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many groups for a log-rank test"),
				 errdetail("There are more than %d.", LOG_RANK_MAX_GROUPS),
				 errhint("The first argument is what customers are compared by, such as their channel.")));
	number = names_add(&state->names, name, length);
	if (number >= state->room)
	{
		state->room = Max(8, 2 * state->room);
		state->table = state->table ?
			cv_realloc(state->table, (size_t) state->room * sizeof(TimeTable)) :
			cv_alloc((size_t) state->room * sizeof(TimeTable));
	}
	memset(&state->table[number], 0, sizeof(TimeTable));
	return &state->table[number];
}

Datum
log_rank_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LogRankState *state = state_of(fcinfo, context);
	Observation seen;

	if (observation_of(fcinfo, 1, &seen))
	{
		MemoryContext old;
		struct varlena *name;

		if (PG_ARGISNULL(1))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("cohort must not be null"),
					 errdetail("There is a customer with a duration, but of no group."),
					 errhint("Write coalesce(cohort, 'unknown'), or leave such rows out with a FILTER clause.")));
		name = PG_GETARG_TEXT_PP(1);
		old = MemoryContextSwitchTo(context);
		times_add(table_of(state, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)),
				  seen.duration, 0, seen.event, !seen.event);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

Datum
log_rank_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	LogRankState *state;
	const LogRankState *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	other = (const LogRankState *) PG_GETARG_POINTER(1);
	old = MemoryContextSwitchTo(context);
	for (int i = 0; i < other->names.count; i++)
	{
		const KnownName *name = &other->names.name[i];

		times_merge(table_of(state, name->text, name->length), &other->table[i]);
	}
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
log_rank_serialize(PG_FUNCTION_ARGS)
{
	const LogRankState *state = (const LogRankState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendint32(&buf, (uint32) state->names.count);
	for (int i = 0; i < state->names.count; i++)
	{
		const KnownName *name = &state->names.name[i];

		pq_sendint32(&buf, (uint32) name->length);
		pq_sendbytes(&buf, name->text, (int) name->length);
		times_send(&buf, &state->table[i]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
log_rank_deserialize(PG_FUNCTION_ARGS)
{
	LogRankState *state = palloc0(sizeof(LogRankState));
	StringInfoData buf;
	int			groups;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	groups = (int) pq_getmsgint(&buf, 4);
	if (groups < 0 || groups > LOG_RANK_MAX_GROUPS)
		state_invalid();
	for (int i = 0; i < groups; i++)
	{
		int			length = (int) pq_getmsgint(&buf, 4);
		const char *name = pq_getmsgbytes(&buf, length);
		TimeTable  *table = table_of(state, name, (size_t) length);

		if (state->names.count != i + 1)
			state_invalid();
		times_receive(&buf, table);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/* The groups as an array of the composite type whose array type this is. */
static Datum
groups_array(Oid array_type, const Names *names, const int *order,
			 const LogRankGroup *group)
{
	Oid			row_type = get_element_type(array_type);
	TupleDesc	desc = lookup_rowtype_tupdesc(row_type, -1);
	Datum	   *rows = palloc((size_t) names->count * sizeof(Datum));
	ArrayType  *result;

	for (int i = 0; i < names->count; i++)
	{
		const KnownName *name = &names->name[order[i]];
		Datum		values[4] = {
			PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->length)),
			Int64GetDatum(group[i].customers),
			Int64GetDatum(group[i].events),
			Float8GetDatum(group[i].expected)
		};
		bool		nulls[4] = {false};

		rows[i] = HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
	}
	result = construct_array(rows, names->count, row_type, -1, false, TYPALIGN_DOUBLE);
	ReleaseTupleDesc(desc);
	return PointerGetDatum(result);
}

static Datum
row_of(FunctionCallInfo fcinfo, const Names *names, const int *order,
	   const LogRankGroup *group, const LogRank *test)
{
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {!test->known, false, !test->known, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "log_rank does not return a row");
	values[0] = Float8GetDatum(test->chi_square);
	values[1] = Int32GetDatum(test->degrees);
	values[2] = Float8GetDatum(test->known ? chi_square_tail(test->chi_square, test->degrees) : 0);
	values[3] = groups_array(TupleDescAttr(desc, 3)->atttypid, names, order, group);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

Datum
log_rank_final(PG_FUNCTION_ARGS)
{
	const LogRankState *state;
	LogRankGroup *group;
	LogRank		test;
	int		   *order;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (const LogRankState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->names.count == 0)
		PG_RETURN_NULL();
	order = names_sorted(&state->names);
	group = palloc0((size_t) state->names.count * sizeof(LogRankGroup));
	for (int i = 0; i < state->names.count; i++)
	{
		group[i].at = times_sorted(&state->table[order[i]]);
		group[i].count = state->table[order[i]].used;
	}
	log_rank_test(group, state->names.count, &test);
	return row_of(fcinfo, &state->names, order, group, &test);
}
