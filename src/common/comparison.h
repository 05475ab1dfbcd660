/*
 * comparison.h
 *		The seven functions behind a b-tree operator class, from one.
 *
 *		DEFINE_COMPARISONS(ledger, compare)
 *
 * defines ledger_eq, ledger_ne, ledger_lt, ledger_le, ledger_gt, ledger_ge and
 * ledger_cmp by "static int compare(FunctionCallInfo fcinfo)", which returns a
 * number below, equal to or above zero.
 */
#ifndef CV_COMPARISON_H
#define CV_COMPARISON_H

#include "customer_value.h"

#define DEFINE_COMPARISON(name, returned) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	returned; \
} \
extern int no_such_variable

#define DEFINE_COMPARISONS(type, compare) \
DEFINE_COMPARISON(type##_eq, PG_RETURN_BOOL(compare(fcinfo) == 0)); \
DEFINE_COMPARISON(type##_ne, PG_RETURN_BOOL(compare(fcinfo) != 0)); \
DEFINE_COMPARISON(type##_lt, PG_RETURN_BOOL(compare(fcinfo) < 0)); \
DEFINE_COMPARISON(type##_le, PG_RETURN_BOOL(compare(fcinfo) <= 0)); \
DEFINE_COMPARISON(type##_gt, PG_RETURN_BOOL(compare(fcinfo) > 0)); \
DEFINE_COMPARISON(type##_ge, PG_RETURN_BOOL(compare(fcinfo) >= 0)); \
DEFINE_COMPARISON(type##_cmp, PG_RETURN_INT32(compare(fcinfo)))

#endif							/* CV_COMPARISON_H */
