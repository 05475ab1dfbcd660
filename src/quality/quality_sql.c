/*
 * quality_sql.c
 *		What the aggregates about segmentations have in common.
 */
#include "quality/quality_sql.h"

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
