/*
 * times.h
 *		Counting what happened at which time.
 *
 * A survival curve sees of many customers no more than how many entered, were
 * lost, and were last seen at each time.  They are counted in a hash table as
 * they come, so that memory follows the distinct times.
 */
#ifndef CV_TIMES_H
#define CV_TIMES_H

#include "common/host.h"

typedef struct TimeCount
{
	double		time;			/* 0 or above, finite, not -0 */
	int64		entered;		/* came under observation after this time */
	int64		events;
	int64		censored;		/* last seen, without event */
} TimeCount;

typedef struct TimeTable
{
	TimeCount  *slot;			/* free where the counts are 0 */
	size_t		slots;			/* 0 or a power of two */
	size_t		used;
} TimeTable;

/* Add to the counts of a time.  All zeros is an empty table. */
extern void times_add(TimeTable *table, double time, int64 entered,
					  int64 events, int64 censored);

/*
 * Room for so many more.  To be called before another table is counted in
 * slot by slot: its times come in the order of their hashes, and crowd in the
 * first slots of a table that is smaller.
 */
extern void times_reserve(TimeTable *table, size_t more);

/* All of them in order of time, in memory of their own. */
extern TimeCount *times_sorted(const TimeTable *table);

static inline bool
time_is_free(const TimeCount *t)
{
	return (t->entered | t->events | t->censored) == 0;
}

#endif							/* CV_TIMES_H */
