/*
 * allocate.h
 *		Dividing a whole number of units in proportion to drivers.
 *
 * The method of largest remainders (Hamilton's, with Hare's quota): each row
 * gets the whole units of units * driver / sum, and what is left over goes, one
 * unit each, to the rows with the largest remainders.
 */
#ifndef CV_ALLOCATE_H
#define CV_ALLOCATE_H

#include "common/host.h"

/* A row without a driver, and later without a part. */
#define NO_DRIVER (~(u128) 0)

/* The sum of the drivers is below. */
#define DRIVERS_LIMIT ((u128) 1 << 126)

/*
 * Drivers as integers of one unit, 100^-pairs, in memory that the caller has
 * made room in.
 */
typedef struct Drivers
{
	u128	   *value;
	int64		count;
	int			pairs;
	u128		sum;
} Drivers;

/* Add a row without a driver. */
static inline void
drivers_add_none(Drivers *d)
{
	d->value[d->count++] = NO_DRIVER;
}

/*
 * Add a row with driver value * 100^-pairs.  Returns false, and has added
 * nothing, if the drivers do not fit.
 */
extern bool drivers_add(Drivers *d, u128 value, int pairs);

/* Who is to get the last units, where remainders do not say. */
typedef struct Tie
{
	u128		remainder;		/* of rows with equal claims, */
	int64		rows;			/* so many of them; 0 if there is no tie */
	int64		units;			/* for so many units, fewer than rows */
} Tie;

/*
 * Turn the drivers, whose sum is positive, into parts of so many units, at
 * least 0.  The remainders of all rows are written where the caller has room
 * for them; a row with driver zero, or none, has remainder zero and is in no
 * tie.  What is at stake in a tie has not been given to anybody yet.
 */
extern Tie	apportion(Drivers *d, int64 units, u128 *remainder);

#endif							/* CV_ALLOCATE_H */
