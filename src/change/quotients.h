/*
 * quotients.h
 *		Sums of a * b / c, in integers, rounded once at the end.
 *
 * What products cost at their old prices is such a sum: quantity times value
 * over quantity.  Quotients are kept with 64 bits behind the point, so that a
 * sum of n of them is true to n / 2^64, and does not depend on their order.
 */
#ifndef CV_QUOTIENTS_H
#define CV_QUOTIENTS_H

#include "common/host.h"

/* whole + part / 2^64 */
typedef struct QuotientSum
{
	i128		whole;
	i128		part;			/* of any size, and sign */
} QuotientSum;

/* Add a * b / c, for c > 0; false: past 126 bits. */
extern bool quotient_add(QuotientSum *sum, i128 a, i128 b, i128 c);

/*
 * The nearest multiple of "unit", half away from zero.  What is not further
 * from half than the error of so many terms counts as half: 1.5 made of thirds
 * is rounded as 1.5 is.
 */
extern i128 quotient_round(const QuotientSum *sum, int64 terms, int64 unit);

#endif							/* CV_QUOTIENTS_H */
