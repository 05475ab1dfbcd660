/*
 * wide.h
 *		Unsigned integers of 256 bits: as many as squares of exact totals need.
 */
#ifndef CV_WIDE_H
#define CV_WIDE_H

#include "common/host.h"

typedef struct Wide
{
	u128		low;
	u128		high;
} Wide;

/* Room for the decimal text of any, with NUL. */
#define WIDE_TEXT_SIZE 80

static inline Wide
wide_add(Wide a, Wide b)
{
	Wide		r;

	r.low = a.low + b.low;
	r.high = a.high + b.high + (r.low < b.low);
	return r;
}

/* a - b, where a is not below b */
static inline Wide
wide_subtract(Wide a, Wide b)
{
	Wide		r;

	r.low = a.low - b.low;
	r.high = a.high - b.high - (a.low < b.low);
	return r;
}

extern Wide wide_product(u128 a, u128 b);

/* Write it as decimal text; returns the length. */
extern int	wide_print(char *out, Wide a);

#endif							/* CV_WIDE_H */
