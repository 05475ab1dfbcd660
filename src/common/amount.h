/*
 * amount.h
 *		Money between the server's numeric and our scaled integers.
 *
 * An amount has at most six decimals.  It is held either as a 128-bit count
 * of millionths ("micros") or, where it is small, as a 64-bit integer with
 * the fewest decimals that show it exactly, counted in pairs: 0, 1, 2 or 3
 * pairs are 0, 2, 4 or 6 decimals.
 */
#ifndef CV_AMOUNT_H
#define CV_AMOUNT_H

#include "customer_value.h"

#include "utils/numeric.h"

#include "common/decimal.h"

#define MICROS_PER_UNIT INT64CONST(1000000)

typedef enum AmountStatus
{
	AMOUNT_OK,
	AMOUNT_NAN,
	AMOUNT_INFINITE,
	AMOUNT_TOO_FINE,			/* more than six decimals */
	AMOUNT_TOO_BIG				/* more than 23 digits before the point */
} AmountStatus;

/* Check that numeric is laid out as amount_fast() expects; from _PG_init. */
extern void amount_init(void);

/*
 * The common case: value * 100^-pairs, |value| < 10^16, pairs minimal.
 * Returns false when amount_decode() has to look at it.
 */
extern bool amount_fast(Datum numeric, int64 *value, int *pairs);

/* The general case, in millionths. */
extern AmountStatus amount_decode(Datum numeric, i128 *micros);

/* Raise the error that belongs to a status other than AMOUNT_OK. */
CV_NORETURN extern void amount_error(AmountStatus status, Datum numeric);

/* In millionths, or that error. */
extern i128 amount_of(Datum numeric);

/*
 * Back to numeric, exactly.  Shows as many decimals as the amount needs and at
 * least "decimals".
 */
extern Numeric amount_to_numeric(i128 micros, int decimals);

#endif							/* CV_AMOUNT_H */
