/*
 * values_sql.c
 *		Collecting the values of customers in an aggregate.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/float.h"

#include "common/amount.h"
#include "common/decimal.h"
#include "common/state_sql.h"
#include "segment/segmentation.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(values_accum_numeric);
PG_FUNCTION_INFO_V1(values_accum_float8);
PG_FUNCTION_INFO_V1(values_accum_numeric_segments);
PG_FUNCTION_INFO_V1(values_accum_float8_segments);
PG_FUNCTION_INFO_V1(values_accum_numeric_range);
PG_FUNCTION_INFO_V1(values_accum_float8_range);
PG_FUNCTION_INFO_V1(values_accum_numeric_fraction);
PG_FUNCTION_INFO_V1(values_accum_float8_fraction);
PG_FUNCTION_INFO_V1(values_accum_numeric_shares);
PG_FUNCTION_INFO_V1(values_accum_float8_shares);
PG_FUNCTION_INFO_V1(values_combine);
PG_FUNCTION_INFO_V1(values_serialize);
PG_FUNCTION_INFO_V1(values_deserialize);

#define FIRST_ROOM 32

/*
 * Values
 */

static void
not_finite(const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value must be a finite number"),
			 errdetail("The value is %s.", text),
			 errhint("Leave such rows out with WHERE value <> '%s', or write nullif(value, '%s').", text, text)));
}

static void
out_of_range(const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value out of range"),
			 errdetail("The value is %s.", text),
			 errhint("Values of customers are below 1e100 in size; check where this one comes from.")));
}

double
value_from_float8(double v)
{
	if (unlikely(!(fabs(v) < VALUES_LIMIT)))
	{
		char	   *text = DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(v)));

		if (isnan(v) || isinf(v))
			not_finite(text);
		out_of_range(text);
	}
	return v;
}

void
value_check_finite(Numeric value)
{
	if (numeric_is_nan(value) || numeric_is_inf(value))
		not_finite(DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value))));
}

/* Neither a decimal of 15 digits nor an amount: the nearest double. */
static double
rounded_value(Numeric value, bool *rounded)
{
	/* through text, so that it is rounded once and to the nearest */
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value)));
	double		v = strtod(text, NULL);

	if (!(fabs(v) < VALUES_LIMIT))
		out_of_range(text);
	pfree(text);

	/* float8 to numeric keeps 15 digits: is that the same number? */
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(value),
										  DirectFunctionCall1(float8_numeric, Float8GetDatum(v)))))
		*rounded = true;
	return v;
}

static void
add_wide(Values *values, i128 micros, MemoryContext context)
{
	if (values->nwide == values->wide_room)
	{
		values->wide_room = Max(values->wide_room * 2, 8);
		if (values->wide == NULL)
			values->wide = MemoryContextAlloc(context, values->wide_room * sizeof(i128));
		else
			values->wide = cv_realloc(values->wide, values->wide_room * sizeof(i128));
	}
	values->wide[values->nwide++] = micros;
}

void
value_collect(Values *values, Datum datum, MemoryContext context)
{
	static const int64 scales[] = {1, 100, 10000, 1000000};
	Numeric		value = DatumGetNumeric(datum);
	i128		micros;

	value_check_finite(value);
	if (amount_decode(NumericGetDatum(value), &micros) != AMOUNT_OK)
	{
		values_add(values, rounded_value(value, &values->rounded));
		return;
	}
	for (int pairs = 0; pairs < 4; pairs++)
	{
		i128		unit = scales[3 - pairs];

		if (micros % unit != 0)
			continue;
		if (micros / unit <= VALUES_NARROW_LIMIT && micros / unit >= -VALUES_NARROW_LIMIT)
			values_add(values, (double) (int64) (micros / unit) / (double) scales[pairs]);
		else
			add_wide(values, micros, context);
		return;
	}
}

Numeric
exact_to_numeric(Exact a)
{
	char		text[EXACT_TEXT_SIZE];

	if (a.exponent == -1 && a.digits < INT64_MAX && a.digits > INT64_MIN)
	{
		a.digits *= 10;
		a.exponent = -2;
	}
	if (a.exponent <= 0 && a.exponent >= -16 &&
		a.digits <= INT64_MAX && a.digits >= INT64_MIN)
		return int64_div_fast_to_numeric((int64) a.digits, -a.exponent);
	exact_print(text, a);
	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/*
 * States
 */

static ValueState *
state_make(MemoryContext context, size_t room)
{
	ValueState *state = MemoryContextAllocZero(context, sizeof(ValueState));

	state->values.room = Max(room, FIRST_ROOM);
	state->values.value =
		MemoryContextAllocHuge(context, state->values.room * sizeof(double));
	return state;
}

static inline ValueState *
state_of(FunctionCallInfo fcinfo)
{
	if (likely(!PG_ARGISNULL(0)))
		return (ValueState *) PG_GETARG_POINTER(0);
	return state_make(aggregate_context(fcinfo), FIRST_ROOM);
}

ValueState *
value_state_final(FunctionCallInfo fcinfo)
{
	ValueState *state;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		return NULL;
	state = (ValueState *) PG_GETARG_POINTER(0);
	return state->values.count + state->values.nwide > 0 ? state : NULL;
}

/*
 * Transition functions: (state, value [, option [, settings]])
 */

static inline void
add_numeric(ValueState *state, FunctionCallInfo fcinfo)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	int64		integer;
	int			pairs;

	if (PG_ARGISNULL(1))
		return;
	if (likely(amount_fast(PG_GETARG_DATUM(1), &integer, &pairs)) &&
		integer <= VALUES_NARROW_LIMIT && integer >= -VALUES_NARROW_LIMIT)
		values_add(&state->values, (double) integer / scales[pairs]);
	else
		value_collect(&state->values, PG_GETARG_DATUM(1), aggregate_context(fcinfo));
}

static inline void
add_float8(ValueState *state, FunctionCallInfo fcinfo)
{
	if (!PG_ARGISNULL(1))
		values_add(&state->values, value_from_float8(PG_GETARG_FLOAT8(1)));
}

Datum
values_accum_numeric(PG_FUNCTION_ARGS)
{
	ValueState *state = state_of(fcinfo);

	add_numeric(state, fcinfo);
	PG_RETURN_POINTER(state);
}

Datum
values_accum_float8(PG_FUNCTION_ARGS)
{
	ValueState *state = state_of(fcinfo);

	add_float8(state, fcinfo);
	PG_RETURN_POINTER(state);
}

/* The same with a second argument, and perhaps a third. */
#define ACCUM_WITH(name, add, set) \
Datum \
values_accum_##name(PG_FUNCTION_ARGS) \
{ \
	ValueState *state = state_of(fcinfo); \
\
	set(&state->options, fcinfo, 2); \
	if (PG_NARGS() > 3) \
		value_options_settings(&state->options, fcinfo, 3); \
	add(state, fcinfo); \
	PG_RETURN_POINTER(state); \
} \
extern int	no_such_variable

ACCUM_WITH(numeric_segments, add_numeric, value_options_segments);
ACCUM_WITH(float8_segments, add_float8, value_options_segments);
ACCUM_WITH(numeric_range, add_numeric, value_options_range);
ACCUM_WITH(float8_range, add_float8, value_options_range);
ACCUM_WITH(numeric_fraction, add_numeric, value_options_numeric);
ACCUM_WITH(float8_fraction, add_float8, value_options_real);
ACCUM_WITH(numeric_shares, add_numeric, value_options_shares);
ACCUM_WITH(float8_shares, add_float8, value_options_shares);

/*
 * Parallel plans
 */

Datum
values_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ValueState *from;
	ValueState *into;
	Values	   *values;
	size_t		count;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (ValueState *) PG_GETARG_POINTER(1);
	into = PG_ARGISNULL(0) ? state_make(context, from->values.count) :
		(ValueState *) PG_GETARG_POINTER(0);
	value_options_combine(&into->options, &from->options, context);

	values = &into->values;
	count = values->count + from->values.count;
	if (count > values->room)
	{
		values->room = Max(count, 2 * values->room);
		values->value = cv_realloc(values->value, values->room * sizeof(double));
	}
	memcpy(values->value + values->count, from->values.value,
		   from->values.count * sizeof(double));
	values->count = count;
	values->sorted = false;
	values->rounded |= from->values.rounded;
	for (size_t i = 0; i < from->values.nwide; i++)
		add_wide(values, from->values.wide[i], context);
	PG_RETURN_POINTER(into);
}

/*
 * For workers of the same server only, so doubles go as they are.
 */
typedef struct SerialHeader
{
	int64		count;
	int64		nwide;
	bool		rounded;
	uint8		unused[7];
} SerialHeader;

Datum
values_serialize(PG_FUNCTION_ARGS)
{
	ValueState *state = (ValueState *) PG_GETARG_POINTER(0);
	SerialHeader header;
	size_t		size;
	bytea	   *result;
	char	   *p;

	(void) aggregate_context(fcinfo);
	memset(&header, 0, sizeof(header));
	header.count = (int64) state->values.count;
	header.nwide = (int64) state->values.nwide;
	header.rounded = state->values.rounded;
	size = VARHDRSZ + sizeof(header) + value_options_size(&state->options) +
		state->values.count * sizeof(double) + state->values.nwide * sizeof(i128);
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many values for a parallel aggregate"),
				 errdetail("One worker collected %zu values; what it hands on has at most 1 GB.",
						   state->values.count + state->values.nwide),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	result = (bytea *) palloc(size);
	SET_VARSIZE(result, size);
	p = VARDATA(result);
	memcpy(p, &header, sizeof(header));
	p += sizeof(header);
	p = value_options_write(&state->options, p);
	memcpy(p, state->values.value, state->values.count * sizeof(double));
	p += state->values.count * sizeof(double);
	if (state->values.nwide > 0)
		memcpy(p, state->values.wide, state->values.nwide * sizeof(i128));
	PG_RETURN_BYTEA_P(result);
}

Datum
values_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	const char *p = VARDATA_ANY(bytes);
	const char *end = p + VARSIZE_ANY_EXHDR(bytes);
	SerialHeader header;
	ValueOptions options = {0};
	ValueState *state;

	(void) aggregate_context(fcinfo);
	if ((size_t) (end - p) < sizeof(header))
		state_invalid();
	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	p = value_options_read(&options, p, (size_t) (end - p));
	if (p == NULL ||
		header.count < 0 || (uint64) header.count > MaxAllocSize / sizeof(double) ||
		header.nwide < 0 || (uint64) header.nwide > MaxAllocSize / sizeof(i128) ||
		(size_t) (end - p) != header.count * sizeof(double) + header.nwide * sizeof(i128))
		state_invalid();

	state = state_make(CurrentMemoryContext, (size_t) header.count);
	state->options = options;
	memcpy(state->values.value, p, header.count * sizeof(double));
	state->values.count = (size_t) header.count;
	p += header.count * sizeof(double);
	if (header.nwide > 0)
	{
		state->values.wide = palloc(header.nwide * sizeof(i128));
		memcpy(state->values.wide, p, header.nwide * sizeof(i128));
		state->values.nwide = state->values.wide_room = (size_t) header.nwide;
	}
	state->values.rounded = header.rounded;
	PG_RETURN_POINTER(state);
}
