/*
 * money_sql.h
 *		What the functions about costs and prices share: arguments that are money
 *		or time.
 */
#ifndef CV_MONEY_SQL_H
#define CV_MONEY_SQL_H

#include "customer_value.h"

#include "utils/builtins.h"

#include "common/arithmetic_sql.h"

#define MAX_SCALE 6

extern Datum exact_amount(PG_FUNCTION_ARGS);

/* For messages. */
extern char *number_text(Datum numeric);

/* Units of 10^-scale as numeric with that many decimals. */
extern Datum units_to_numeric(Datum units, int scale);

/* An error unless 0 to 6. */
extern void scale_check(int32 scale);

/* Money in units of 10^-scale; an error, which calls it so, if it is finer. */
extern i128 money_units(Datum numeric, int scale, const char *what);

/* Any whole number of 128 bits, below 10^38; with a decimal point put in. */
extern Datum wide_whole(i128 value);
extern Datum scaled_numeric(u128 value, int decimals);

/*
 * A numeric that is not negative as value * 100^-pairs, pairs minimal.  Returns
 * false if it does not fit.
 */
extern bool integer_of_numeric(Datum numeric, u128 *value, int *pairs);

/* An error unless finite and not negative. */
extern void not_negative_check(Datum numeric, const char *what, const char *hint);

/* An error unless finite and positive. */
extern void capacity_check(Datum capacity);

/*
 * Of a cost in units, at least 0, the units for the capacity used: the nearest
 * whole number to cost * used / capacity, a half up; all of them where more is
 * used than there is.
 */
extern Datum units_used(Datum units, Datum used, Datum capacity);

#endif							/* CV_MONEY_SQL_H */
