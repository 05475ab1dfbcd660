/*
 * natural_breaks_sql.c
 *		Aggregates that make a segmentation from the values of customers.
 */
#include "customer_value.h"

#include "segment/breaking.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(natural_breaks_final);
PG_FUNCTION_INFO_V1(value_segments_final);

static void
breaking_error(BreaksStatus status, const Breaking *breaking, const Distribution *d)
{
	if (status == BREAKS_TOO_FEW_VALUES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot form %d segments from %zu distinct values",
						breaking->k, d->count),
				 errdetail("Each segment needs a value of its own, for customers with equal values are never separated."),
				 errhint("Ask for at most %zu segments.", d->count)));
	if (status == BREAKS_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot form %d segments from %zu distinct values in the memory allowed",
						breaking->k, d->count),
				 errdetail("The search would take more than 1 GB of choices to remember."),
				 errhint("Round the values, for example to whole units, or ask for fewer segments.")));
	elog(ERROR, "unexpected status %d of a partition", (int) status);
}

static Datum
break_values(FunctionCallInfo fcinfo, Breaking *breaking)
{
	ValueState *state = value_state_final(fcinfo);
	Distribution d;
	Cuts	   *s;
	BreaksStatus status;
	struct varlena *result;

	if (state == NULL)
		PG_RETURN_NULL();
	breaking->k = state->number;
	distribution_open(&d, &state->values, false);
	status = breaking_apply(breaking, &d, &s);
	if (status != BREAKS_OK)
		breaking_error(status, breaking, &d);
	result = segmentation_make(&s->head);
	segmentation_free(&s->head);
	distribution_close(&d);
	PG_RETURN_SEGMENTATION_P(result);
}

Datum
natural_breaks_final(PG_FUNCTION_ARGS)
{
	Breaking	breaking = {.method = METHOD_NATURAL_BREAKS,.scale = SCALE_LINEAR};

	return break_values(fcinfo, &breaking);
}

Datum
value_segments_final(PG_FUNCTION_ARGS)
{
	Breaking	breaking = {
		.method = METHOD_VALUE_SEGMENTS,.scale = SCALE_ASINH,
		.cut_at_zero = true,.min_share = 0.005
	};

	return break_values(fcinfo, &breaking);
}
