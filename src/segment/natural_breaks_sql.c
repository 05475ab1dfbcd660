/*
 * natural_breaks_sql.c
 *		Aggregates that make a segmentation from the values of customers, and
 *		cut points typed in.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "common/text_buffer.h"
#include "segment/breaking.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(breaking);
PG_FUNCTION_INFO_V1(natural_breaks_final);
PG_FUNCTION_INFO_V1(value_segments_final);
PG_FUNCTION_INFO_V1(quantile_breaks_final);
PG_FUNCTION_INFO_V1(share_breaks_final);
PG_FUNCTION_INFO_V1(fixed_breaks);

/*
 * Options
 */

static void
put_numeric(TextBuffer *t, const char *key, FunctionCallInfo fcinfo, int arg)
{
	Numeric		value;

	if (PG_ARGISNULL(arg))
		return;
	value = PG_GETARG_NUMERIC(arg);
	if (numeric_is_nan(value) || numeric_is_inf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a finite number", key),
				 errdetail("It is %s.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value)))),
				 errhint("Leave it out if nothing is asked for.")));
	text_put_key(t, key);
	text_put(t, DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value))));
}

/* The arguments as jsonb, checked as if they had been written by hand. */
Datum
breaking(PG_FUNCTION_ARGS)
{
	Breaking	ignored = {0};
	TextBuffer	t;
	Datum		result;

	text_open(&t);
	text_put(&t, "{");
	if (!PG_ARGISNULL(0))
	{
		struct varlena *scale = (struct varlena *) PG_GETARG_TEXT_PP(0);

		text_put_key(&t, "scale");
		text_put_quoted(&t, VARDATA_ANY(scale), VARSIZE_ANY_EXHDR(scale));
	}
	put_numeric(&t, "cut_at", fcinfo, 1);
	if (!PG_ARGISNULL(2))
	{
		text_put_key(&t, "min_customers");
		text_put_integer(&t, PG_GETARG_INT64(2));
	}
	put_numeric(&t, "min_share", fcinfo, 3);
	text_put(&t, "}");
	result = DirectFunctionCall1(jsonb_in, CStringGetDatum(t.begin));
	breaking_read_settings((struct varlena *) DatumGetPointer(result), &ignored);
	return result;
}

/*
 * Natural breaks
 */

static void
too_few_values(int k, size_t count)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot form %d segments from %zu distinct values", k, count),
			 errdetail("Each segment needs a value of its own, for customers with equal values are never separated."),
			 errhint("Ask for at most %zu segments.", count)));
}

static void
breaking_error(BreaksStatus status, const BreakingFailure *failure, const Distribution *d)
{
	if (status == BREAKS_TOO_FEW_VALUES)
		too_few_values(failure->k, d->count);
	if (status == BREAKS_TOO_LIGHT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_plural("cannot form %d segment of at least %lld customers",
							   "cannot form %d segments of at least %lld customers",
							   failure->k, failure->k, (long long) failure->asked),
				 errdetail("There are %lld customers with %zu distinct values, and customers with equal values are never separated.",
						   (long long) d->customers, d->count),
				 errhint("So many segments can have at least %lld customers each: ask for no more, or for fewer segments.",
						 (long long) failure->possible)));
	if (status == BREAKS_TOO_LARGE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot form %d segments from %zu distinct values in the memory allowed",
						failure->k, d->count),
				 errdetail("The search would take more than 1 GB of choices to remember."),
				 errhint("Round the values, for example to whole units, or ask for fewer segments.")));
	elog(ERROR, "unexpected status %d of a partition", (int) status);
}

static Datum
finish(Cuts *s, Distribution *d)
{
	struct varlena *result = segmentation_make(&s->head);

	segmentation_free(&s->head);
	distribution_close(d);
	PG_RETURN_SEGMENTATION_P(result);
}

static Datum
break_values(FunctionCallInfo fcinfo, Breaking *breaking)
{
	ValueState *state = value_state_final(fcinfo);
	BreakingFailure failure = {0};
	Distribution d;
	Cuts	   *s;
	BreaksStatus status;

	if (state == NULL)
		PG_RETURN_NULL();
	value_options_breaking(&state->options, breaking);
	distribution_open(&d, &state->values, false);
	status = breaking_apply(breaking, &d, &s, &failure);
	if (status != BREAKS_OK)
		breaking_error(status, &failure, &d);
	return finish(s, &d);
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
		.has_cut_at = true,.min_share = 0.005,.gives_way = true
	};

	return break_values(fcinfo, &breaking);
}

/*
 * By number of customers, by share of gains
 */

Datum
quantile_breaks_final(PG_FUNCTION_ARGS)
{
	ValueState *state = value_state_final(fcinfo);
	Distribution d;
	Cuts	   *s;

	if (state == NULL)
		PG_RETURN_NULL();
	distribution_open(&d, &state->values, false);
	s = quantile_breaks(&d, state->options.number);
	if (s == NULL)
		too_few_values(state->options.number, d.count);
	return finish(s, &d);
}

Datum
share_breaks_final(PG_FUNCTION_ARGS)
{
	ValueState *state = value_state_final(fcinfo);
	Distribution d;
	Exact	   *share;
	int			nshares;
	Cuts	   *s;

	if (state == NULL)
		PG_RETURN_NULL();
	nshares = value_options_share_list(&state->options, &share);
	distribution_open(&d, &state->values, false);
	s = share_breaks(&d, share, nshares);
	if (s == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot form segments by share of gains without gains"),
				 errdetail("None of the %lld customers has a value above zero.",
						   (long long) d.customers),
				 errhint("Segment a value that is positive for some customers, such as revenue, or use natural_breaks.")));
	return finish(s, &d);
}

/*
 * Typed in
 */

static void
cuts_are_wrong(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid cut points"),
			 errdetail("%s", detail),
			 errhint("Write the lower bounds of all segments but the last, from the highest down, as in fixed_breaks('{5000, 1000, 0}').")));
}

Datum
fixed_breaks(PG_FUNCTION_ARGS)
{
	ArrayType  *array;
	Datum	   *element;
	bool	   *is_null;
	int			n;
	Cuts	   *s;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	array = PG_GETARG_ARRAYTYPE_P(0);
	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &element, &is_null, &n);
	if (ARR_NDIM(array) > 1)
		cuts_are_wrong("They are not in one row.");
	if (n >= SEGMENTATION_MAX_SEGMENTS)
		cuts_are_wrong(psprintf("There are %d, more than %d.", n, SEGMENTATION_MAX_SEGMENTS - 1));
	s = cuts_new(METHOD_FIXED, n + 1);
	for (int i = 0; i < n; i++)
	{
		char	   *text = "null";

		if (!is_null[i])
			text = DatumGetCString(DirectFunctionCall1(numeric_out, element[i]));
		if (!exact_parse(text, strlen(text), &s->cut[i]))
			cuts_are_wrong(psprintf("Cut point %d is %s, which is no number of at most %d digits.",
									i + 1, text, EXACT_MAX_DIGITS));
		if (i > 0 && exact_compare(s->cut[i - 1], s->cut[i]) <= 0)
			cuts_are_wrong(psprintf("Cut point %d, %s, is not below the one before.", i + 1, text));
	}
	if (!PG_ARGISNULL(1))
		segmentation_set_labels(&s->head, PG_GETARG_DATUM(1));
	PG_RETURN_SEGMENTATION_P(segmentation_make(&s->head));
}
