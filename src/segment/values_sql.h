/*
 * values_sql.h
 *		Aggregates over the values of customers, seen from the server.
 *
 * All of them collect values in the same way, with the same transition
 * functions, so that several over the same column share one state.  A state
 * is sorted when a final function first asks for it.
 */
#ifndef CV_VALUES_SQL_H
#define CV_VALUES_SQL_H

#include "customer_value.h"

#include "utils/numeric.h"

#include "segment/value_options_sql.h"
#include "segment/values.h"

typedef struct ValueState
{
	Values		values;
	ValueOptions options;
} ValueState;

/* Argument 0 of a final function; NULL if there was no value. */
extern ValueState *value_state_final(FunctionCallInfo fcinfo);

/* To numeric; what has decimals shows two at least. */
extern Numeric exact_to_numeric(Exact a);

/*
 * Collect a numeric as the aggregates do: where it is no double, in memory of
 * this context.
 */
extern void value_collect(Values *values, Datum numeric, MemoryContext context);

/* Values that are not finite, or too large for a double, are errors. */
extern void value_check_finite(Numeric value);
extern double value_from_float8(double v);

#endif							/* CV_VALUES_SQL_H */
