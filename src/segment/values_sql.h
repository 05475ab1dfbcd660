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

#include "segment/values.h"

/* The second argument of an aggregate, the same in all rows. */
typedef enum ValueOption
{
	OPTION_NONE,
	OPTION_SEGMENTS,			/* number: how many */
	OPTION_REAL,				/* real: a fraction, as double precision */
	OPTION_NUMERIC				/* exact: a fraction, as numeric */
} ValueOption;

typedef struct ValueState
{
	Values		values;
	ValueOption option;
	int32		number;
	double		real;
	Numeric		exact;
} ValueState;

/* Argument 0 of a final function; NULL if there was no value. */
extern ValueState *value_state_final(FunctionCallInfo fcinfo);

/* An error unless it is a share: between 0 and 1. */
extern void share_check(Numeric fraction);

/* The fraction a state was given, as numeric. */
extern Numeric value_state_fraction(const ValueState *state);

/* To numeric; what has decimals shows two at least. */
extern Numeric exact_to_numeric(Exact a);

/* Values that are not finite, or too large for a double, are errors. */
extern void value_check_finite(Numeric value);
extern double value_from_float8(double v);

#endif							/* CV_VALUES_SQL_H */
