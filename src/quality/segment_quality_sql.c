/*
 * segment_quality_sql.c
 *		The aggregate segment_quality.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "features/frame_sql.h"
#include "quality/quality_sql.h"
#include "quality/segment_quality.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(segment_quality_accum_numeric_integer);
PG_FUNCTION_INFO_V1(segment_quality_accum_numeric_text);
PG_FUNCTION_INFO_V1(segment_quality_accum_float8_integer);
PG_FUNCTION_INFO_V1(segment_quality_accum_float8_text);
PG_FUNCTION_INFO_V1(segment_quality_combine);
PG_FUNCTION_INFO_V1(segment_quality_final);

static inline Frame *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(Frame)) :
		(Frame *) PG_GETARG_POINTER(0);
}

static void
check_segments(const Frame *frame, int feature)
{
	if (frame->feature[feature].categories.count > QUALITY_MAX_SEGMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many segments"),
				 errdetail("There are more than %d.", QUALITY_MAX_SEGMENTS),
				 errhint("The second argument is the segment of a customer, not the customer.")));
}

/* Without a value or a segment a customer is none; without features he misses them all. */
static inline Datum
accumulate(FunctionCallInfo fcinfo, bool numeric, bool integer)
{
	MemoryContext context = aggregate_context(fcinfo);
	Frame	   *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		value = numeric ? value_of_numeric(PG_GETARG_DATUM(1)) :
		value_from_float8(PG_GETARG_FLOAT8(1));
		Jsonb	   *features = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
		CategoryName name;
		MemoryContext old;
		int			guess;
		int			feature;

		if (integer)
			category_of_integer(fcinfo, 2, &name);
		else
			category_of_text(fcinfo, 2, &name);
		old = MemoryContextSwitchTo(context);
		if (features != NULL)
			frame_add_row(state, value, features);
		else
			frame_begin_row(state, value);
		guess = state->nfeatures - 1;
		if (guess < 0)
			guess = 0;
		if (frame_feature(state, SEGMENT_FEATURE, SEGMENT_FEATURE_LENGTH, &guess, &feature) != FRAME_OK)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many features"),
					 errdetail("There can be %d different keys.", FRAME_MAX_FEATURES - 1),
					 errhint("Build the object from the attributes that may matter.")));
		if (frame_set_category(state, feature, name.bytes, name.length) != FRAME_OK)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("name of a segment too long"),
					 errdetail("It may have %d bytes.", FRAME_MAX_CATEGORY),
					 errhint("Name segments by numbers or short words.")));
		check_segments(state, feature);
		MemoryContextSwitchTo(old);
	}
	PG_RETURN_POINTER(state);
}

Datum
segment_quality_accum_numeric_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

Datum
segment_quality_accum_numeric_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

Datum
segment_quality_accum_float8_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

Datum
segment_quality_accum_float8_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

/* Frames are joined, and the segments counted again before two many meet. */
Datum
segment_quality_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	Frame	   *state;
	int			feature;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	old = MemoryContextSwitchTo(context);
	frame_combine(state, (const Frame *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	feature = names_find(&state->names, SEGMENT_FEATURE, SEGMENT_FEATURE_LENGTH);
	if (feature >= 0)
		check_segments(state, feature);
	PG_RETURN_POINTER(state);
}

Datum
segment_quality_final(PG_FUNCTION_ARGS)
{
	Frame	   *frame = final_frame(fcinfo);
	SegmentQuality q;
	TextBuffer	verdict;
	Datum		values[11];
	bool		nulls[11] = {false};

	if (frame == NULL)
		PG_RETURN_NULL();
	segment_quality_measure(frame, &q);
	text_open(&verdict);
	segment_quality_verdict(&q, &verdict);

	values[0] = Int64GetDatum(q.anova.customers);
	values[1] = Int64GetDatum(q.anova.segments);
	values[2] = Float8GetDatum(q.anova.share);
	values[3] = Float8GetDatum(q.scaled.share);
	values[4] = Float8GetDatum(q.anova.f);
	values[5] = Float8GetDatum(q.anova.p);
	values[6] = Float8GetDatum(q.accuracy);
	values[7] = Float8GetDatum(q.baseline);
	values[8] = Float8GetDatum(q.explained);
	values[9] = Float8GetDatum(q.explained_scaled);
	values[10] = PointerGetDatum(cstring_to_text_with_len(verdict.begin, (int) verdict.used));
	nulls[2] = !q.anova.has_share;
	nulls[3] = !q.scaled.has_share;
	nulls[4] = !q.anova.has_f;
	nulls[5] = !q.anova.has_p;
	nulls[6] = !q.validated;
	nulls[8] = nulls[9] = !q.has_explained;
	return row_of_figures(fcinfo, values, nulls);
}
