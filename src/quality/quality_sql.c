/*
 * quality_sql.c
 *		What the aggregates about segmentations have in common.
 */
#include "quality/quality_sql.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/amount.h"
#include "segment/values_sql.h"

double
value_of_numeric(Datum numeric)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	Numeric		given;
	int64		integer;
	int			pairs;
	char	   *text;
	double		v;

	if (likely(amount_fast(numeric, &integer, &pairs)) &&
		integer <= VALUES_NARROW_LIMIT && integer >= -VALUES_NARROW_LIMIT)
		return (double) integer / scales[pairs];
	given = DatumGetNumeric(numeric);
	value_check_finite(given);
	/* through text, so that it is rounded once and to the nearest */
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(given)));
	v = value_from_float8(strtod(text, NULL));
	pfree(text);
	return v;
}

/*
 * Categories
 */

void
category_of_integer(FunctionCallInfo fcinfo, int n, CategoryName *name)
{
	integer_name(PG_GETARG_INT64(n), name->integer);
	name->bytes = name->integer;
	name->length = INTEGER_NAME_LENGTH;
}

void
category_of_text(FunctionCallInfo fcinfo, int n, CategoryName *name)
{
	struct varlena *given = PG_GETARG_TEXT_PP(n);

	name->bytes = VARDATA_ANY(given);
	name->length = VARSIZE_ANY_EXHDR(given);
}

/*
 * Results
 */

Frame *
final_frame(FunctionCallInfo fcinfo)
{
	MemoryContext context = aggregate_context(fcinfo);
	Frame	   *frame = PG_ARGISNULL(0) ? NULL : (Frame *) PG_GETARG_POINTER(0);
	MemoryContext old;

	if (frame == NULL || frame->count == 0)
		return NULL;
	old = MemoryContextSwitchTo(context);
	frame_finish(frame);
	MemoryContextSwitchTo(old);
	return frame;
}

Datum
row_of_figures(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "the result of the function is not a row");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * Parallel plans
 */

void
state_reserve(StringInfo buf, size_t size)
{
	if ((size_t) buf->len + size >= MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many customers for a parallel aggregate"),
				 errdetail("What one worker collects and hands on has at most 1 GB."),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	enlargeStringInfo(buf, (int) size);
}

void
state_open(StringInfo buf, bytea *bytes)
{
	buf->data = VARDATA_ANY(bytes);
	buf->len = buf->maxlen = (int) VARSIZE_ANY_EXHDR(bytes);
	buf->cursor = 0;
}

void
state_invalid(void)
{
	elog(ERROR, "invalid state of an aggregate over segments");
}

void
state_write_names(StringInfo buf, const Names *names)
{
	pq_sendint32(buf, (uint32) names->count);
	for (int i = 0; i < names->count; i++)
	{
		state_reserve(buf, names->name[i].length + 4);
		pq_sendint32(buf, (uint32) names->name[i].length);
		appendBinaryStringInfo(buf, names->name[i].text, (int) names->name[i].length);
	}
}

void
state_read_names(StringInfo buf, Names *names)
{
	int			count = (int) pq_getmsgint(buf, 4);

	if (count < 0)
		state_invalid();
	for (int i = 0; i < count; i++)
	{
		int			length = (int) pq_getmsgint(buf, 4);

		if (length < 0 || names_add(names, pq_getmsgbytes(buf, length), (size_t) length) != i)
			state_invalid();
	}
}
