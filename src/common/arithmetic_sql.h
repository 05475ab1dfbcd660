/*
 * arithmetic_sql.h
 *		Arithmetic on numeric that reads like arithmetic.
 */
#ifndef CV_ARITHMETIC_SQL_H
#define CV_ARITHMETIC_SQL_H

#include "customer_value.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

static inline Datum
whole(int64 n)
{
	return NumericGetDatum(int64_to_numeric(n));
}

static inline Datum
plus(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_add, a, b);
}

static inline Datum
minus(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_sub, a, b);
}

static inline Datum
times(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

static inline Datum
over(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_div, a, b);
}

/* The whole part of a quotient. */
static inline Datum
whole_quotient(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_div_trunc, a, b);
}

static inline int
compare(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

static inline int
sign_of(Datum a)
{
	return compare(a, whole(0));
}

static inline bool
less(Datum a, Datum b)
{
	return compare(a, b) < 0;
}

#endif							/* CV_ARITHMETIC_SQL_H */
