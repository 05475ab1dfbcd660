/*
 * stability_sql.c
 *		population_stability: an aggregate over values, a function of counts.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "common/arguments_sql.h"
#include "quality/quality_sql.h"
#include "quality/stability.h"
#include "segment/segmentation_sql.h"

PG_FUNCTION_INFO_V1(population_stability);
PG_FUNCTION_INFO_V1(stability_accum_numeric);
PG_FUNCTION_INFO_V1(stability_accum_float8);
PG_FUNCTION_INFO_V1(stability_combine);
PG_FUNCTION_INFO_V1(stability_serialize);
PG_FUNCTION_INFO_V1(stability_deserialize);
PG_FUNCTION_INFO_V1(stability_final);

/* How segment() is called in here: that knows every value there is. */
extern Datum segment_numeric(PG_FUNCTION_ARGS);
extern Datum segment_float8(PG_FUNCTION_ARGS);

typedef struct StabilityState
{
	struct varlena *scheme;		/* NULL: no row yet */
	Smoothing	smoothing;
	int			bins;
	int64	   *base;
	int64	   *current;
	FmgrInfo	segment;		/* keeps the prepared scheme */
} StabilityState;

static Smoothing
smoothing_of(const char *name, size_t length)
{
	static const char *const names[] = {"half", "laplace", "none"};

	for (size_t i = 0; i < lengthof(names); i++)
	{
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return (Smoothing) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown smoothing: \"%s\"", pnstrdup(name, length)),
			 errdetail("Smoothing is what is added to each count, so that no share is zero."),
			 errhint("Write 'half' for 0.5, 'laplace' for 1, or 'none'.")));
	return SMOOTHING_HALF;
}

static Datum
index_of(const int64 *base, const int64 *current, int bins, Smoothing smoothing, bool *isnull)
{
	double		result;
	int			bin;
	StabilityStatus status = stability_index(base, current, bins, smoothing, &result, &bin);

	if (status == STABILITY_EMPTY_BIN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bin %d is empty in one period only", bin + 1),
				 errdetail("It has %lld customers in the base period and %lld now; without smoothing the index would be infinite.",
						   (long long) base[bin], (long long) current[bin]),
				 errhint("Write smoothing 'half' or 'laplace' instead of 'none', or use fewer bins.")));
	*isnull = status != STABILITY_OK;
	return *isnull ? (Datum) 0 : Float8GetDatum(result);
}

/*
 * Of counts
 */

static int64 *
counts_of(ArrayType *array, const char *period, int *bins)
{
	Datum	   *datums;
	bool	   *nulls;
	int64	   *count;

	deconstruct_array(array, INT8OID, 8, true, TYPALIGN_DOUBLE, &datums, &nulls, bins);
	count = palloc(Max(*bins, 1) * sizeof(int64));
	for (int i = 0; i < *bins; i++)
	{
		count[i] = nulls[i] ? -1 : DatumGetInt64(datums[i]);
		if (count[i] < 0)
			ereport(ERROR,
					(errcode(nulls[i] ? ERRCODE_NULL_VALUE_NOT_ALLOWED : ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("count of bin %d in the %s period is null or negative", i + 1, period),
					 errdetail("Each bin needs its number of customers."),
					 errhint("Write 0 for a bin without customers, for example with coalesce(count, 0).")));
	}
	return count;
}

Datum
population_stability(PG_FUNCTION_ARGS)
{
	struct varlena *name = PG_GETARG_TEXT_PP(2);
	Smoothing	smoothing = smoothing_of(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	int			bins;
	int			others;
	int64	   *base = counts_of(PG_GETARG_ARRAYTYPE_P(0), "base", &bins);
	int64	   *current = counts_of(PG_GETARG_ARRAYTYPE_P(1), "current", &others);
	Datum		result;
	bool		isnull;

	if (bins != others)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the two periods have different numbers of bins"),
				 errdetail("The base period has %d counts, the current one %d.", bins, others),
				 errhint("Count both with the same segmentation, and give 0 for an empty segment.")));
	result = index_of(base, current, bins, smoothing, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/*
 * Of values: the segments of the scheme are the bins, its customers the base
 */

static void
read_base(StabilityState *state)
{
	Segmentation *s = segmentation_read(state->scheme);

	state->bins = s->k;
	state->base = palloc0(s->k * sizeof(int64));
	state->current = palloc0(s->k * sizeof(int64));
	for (int i = 0; i < s->k; i++)
	{
		SegmentRow	row;

		memset(&row, 0, sizeof(row));
		segmentation_form(s->method)->describe(s, i + 1, &row);
		if (!row.has_customers)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the segmentation does not know the customers of its base period"),
					 errdetail("Its cut points were typed in, so there is nothing to compare with."),
					 errhint("Make it by an aggregate such as quantile_breaks(value, 10) over the base period, or give the counts of both periods: population_stability(base, current).")));
		state->base[i] = row.customers;
	}
	segmentation_free(s);
}

static void
set_scheme(StabilityState *state, const struct varlena *scheme, Smoothing smoothing,
		   MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);

	state->scheme = argument_copy(context, VARDATA_ANY(scheme), VARSIZE_ANY_EXHDR(scheme));
	state->smoothing = smoothing;
	read_base(state);
	MemoryContextSwitchTo(old);
}

/* segment(scheme, value), with what it remembers in the state's memory */
static int
segment_of(StabilityState *state, Datum value, PGFunction segment, MemoryContext context)
{
	LOCAL_FCINFO(call, 2);

	if (state->segment.fn_mcxt == NULL)
	{
		state->segment.fn_addr = segment;
		state->segment.fn_nargs = 2;
		state->segment.fn_strict = true;
		state->segment.fn_mcxt = context;
	}
	InitFunctionCallInfoData(*call, &state->segment, 2, InvalidOid, NULL, NULL);
	call->args[0].value = PointerGetDatum(state->scheme);
	call->args[0].isnull = false;
	call->args[1].value = value;
	call->args[1].isnull = false;
	return DatumGetInt32(segment(call));
}

static inline Datum
accumulate(FunctionCallInfo fcinfo, PGFunction segment)
{
	MemoryContext context = aggregate_context(fcinfo);
	StabilityState *state = PG_ARGISNULL(0) ?
	MemoryContextAllocZero(context, sizeof(StabilityState)) :
	(StabilityState *) PG_GETARG_POINTER(0);
	Smoothing	smoothing = SMOOTHING_HALF;
	struct varlena *scheme;

	if (PG_ARGISNULL(1) || (PG_NARGS() > 3 && PG_ARGISNULL(3)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", PG_ARGISNULL(1) ? "segmentation" : "smoothing"),
				 errdetail("Without it there is nothing to compare with."),
				 errhint("%s", PG_ARGISNULL(1) ?
						 "An aggregate over no customers makes no segmentation: check the base period." :
						 "Write 'half', 'laplace' or 'none', or leave it out for 'half'.")));
	if (PG_NARGS() > 3)
	{
		struct varlena *name = PG_GETARG_TEXT_PP(3);

		smoothing = smoothing_of(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	scheme = PG_GETARG_SEGMENTATION_P(1);
	if (state->scheme == NULL)
		set_scheme(state, scheme, smoothing, context);
	else if (!argument_is(state->scheme, scheme))
		argument_changes("segmentation");
	if (state->smoothing != smoothing)
		argument_changes("smoothing");
	PG_FREE_IF_COPY(scheme, 1);
	if (!PG_ARGISNULL(2))
		state->current[segment_of(state, PG_GETARG_DATUM(2), segment, context) - 1]++;
	PG_RETURN_POINTER(state);
}

Datum
stability_accum_numeric(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, segment_numeric);
}

Datum
stability_accum_float8(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, segment_float8);
}

/* A state without a scheme has seen no row, for no row has none. */
Datum
stability_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	StabilityState *into;
	const StabilityState *from;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	into = PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(StabilityState)) :
		(StabilityState *) PG_GETARG_POINTER(0);
	from = (const StabilityState *) PG_GETARG_POINTER(1);
	if (into->scheme == NULL)
		set_scheme(into, from->scheme, from->smoothing, context);
	else if (!argument_is(into->scheme, from->scheme))
		argument_changes("segmentation");
	if (into->smoothing != from->smoothing)
		argument_changes("smoothing");
	for (int i = 0; i < into->bins; i++)
		into->current[i] += from->current[i];
	PG_RETURN_POINTER(into);
}

Datum
stability_serialize(PG_FUNCTION_ARGS)
{
	const StabilityState *state = (const StabilityState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, (uint8) state->smoothing);
	pq_sendint32(&buf, (uint32) VARSIZE_ANY_EXHDR(state->scheme));
	pq_sendbytes(&buf, VARDATA(state->scheme), (int) VARSIZE_ANY_EXHDR(state->scheme));
	for (int i = 0; i < state->bins; i++)
		pq_sendint64(&buf, (uint64) state->current[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
stability_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	StabilityState *state = palloc0(sizeof(StabilityState));
	struct varlena *scheme;
	int			smoothing;
	int			length;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	smoothing = pq_getmsgbyte(&buf);
	length = (int) pq_getmsgint(&buf, 4);
	if (smoothing > SMOOTHING_NONE || length < 0 || length > buf.len - buf.cursor)
		state_invalid();
	scheme = palloc(VARHDRSZ + length);
	SET_VARSIZE(scheme, VARHDRSZ + length);
	memcpy(VARDATA(scheme), pq_getmsgbytes(&buf, length), length);
	set_scheme(state, scheme, (Smoothing) smoothing, CurrentMemoryContext);
	for (int i = 0; i < state->bins; i++)
	{
		state->current[i] = pq_getmsgint64(&buf);
		if (state->current[i] < 0)
			state_invalid();
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

Datum
stability_final(PG_FUNCTION_ARGS)
{
	const StabilityState *state;
	Datum		result;
	bool		isnull;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (const StabilityState *) PG_GETARG_POINTER(0);
	if (state == NULL)
		PG_RETURN_NULL();
	result = index_of(state->base, state->current, state->bins, state->smoothing, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}
