/*
 * values.h
 *		The values of many customers: collecting, sorting, counting, adding up.
 *
 * Collected are doubles.  A decimal of at most 15 digits survives that: the
 * nearest double of no other such decimal is the same.  So when all values
 * turn out to be integers up to 10^15 in size of 1, 1/100, 1/10000 or
 * 1/1000000, they are taken as those decimals and added up exactly, to the
 * cent; be they numeric or double precision.  An amount that a double cannot
 * hold, but numeric can, is kept as an integer of millionths beside them.
 * Should there be any other value, all are what they are, doubles, and sums
 * are as exact as twofold doubles make them.
 */
#ifndef CV_VALUES_H
#define CV_VALUES_H

#include "common/host.h"

#include "segment/exact.h"

/* Larger ones are surely mistakes, and their squares must fit. */
#define VALUES_LIMIT 1e100

/* Integers of a scale that doubles tell apart. */
#define VALUES_NARROW_LIMIT INT64CONST(1000000000000000)

typedef struct Values
{
	double	   *value;
	size_t		count;
	size_t		room;
	bool		sorted;
	bool		rounded;		/* some value had more digits than a double
								 * can be trusted with, and was no amount */
	i128	   *wide;			/* amounts in millionths; NULL at first */
	size_t		nwide;
	size_t		wide_room;
} Values;

/* Add one; the array is allocated by the caller, with room for at least one. */
static inline void
values_add(Values *values, double v)
{
	if (unlikely(values->count == values->room))
	{
		values->room *= 2;
		values->value = cv_realloc(values->value, values->room * sizeof(double));
	}
	values->value[values->count++] = v + 0.0;	/* -0 becomes 0 */
	values->sorted = false;
}

extern void values_sort(Values *values);

/* asinh(v / unit), also where v / unit is beyond a double; unit > 0. */
extern double value_on_asinh_scale(double v, double unit);

/* Distinct values in ascending order and how many customers have them. */
typedef struct Distribution
{
	size_t		count;			/* of distinct values */
	double	   *value;			/* the nearest doubles, if exact */
	int64	   *weight;
	int64		customers;
	bool		exact;			/* value i is integer[i] * 100^-pairs */
	int			pairs;			/* as few as will do */
	i128	   *integer;		/* NULL unless exact */
	bool		rounded;
} Distribution;

/*
 * Sorts and counts the values and finds out whether they are exact decimals.
 * With as_doubles, values that were rounded are taken for what they have
 * become.
 */
extern void distribution_open(Distribution *d, Values *values, bool as_doubles);
extern void distribution_close(Distribution *d);

/* Are all the doubles decimals?  Then fills in exact, pairs, integer. */
extern void distribution_decimals(Distribution *d);

/*
 * Is this double taken for a decimal?  Then in millionths.  And the double
 * that a decimal becomes among doubles.
 */
extern bool value_millionths(double v, i128 *millionths);
extern double value_from_millionths(i128 millionths);

/* The sum over distinct values begin .. end - 1, of all customers there. */
extern Exact distribution_sum(const Distribution *d, size_t begin, size_t end);

/* One value. */
extern Exact distribution_value(const Distribution *d, size_t i);

#endif							/* CV_VALUES_H */
