/*
 * arithmetic_sql.h
 *		Arithmetic on numeric that reads like arithmetic.
 */
#ifndef CV_ARITHMETIC_SQL_H
#define CV_ARITHMETIC_SQL_H

#include "customer_value.h"

#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#define ZERO NumericGetDatum(int64_to_numeric(0))
#define COUNT(n) NumericGetDatum(int64_to_numeric(n))
#define ADD(a, b) DirectFunctionCall2(numeric_add, (a), (b))
#define SUB(a, b) DirectFunctionCall2(numeric_sub, (a), (b))
#define MUL(a, b) DirectFunctionCall2(numeric_mul, (a), (b))
#define DIV(a, b) DirectFunctionCall2(numeric_div, (a), (b))
#define LESS(a, b) DatumGetBool(DirectFunctionCall2(numeric_lt, (a), (b)))

#endif							/* CV_ARITHMETIC_SQL_H */
