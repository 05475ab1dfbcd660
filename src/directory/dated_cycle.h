/*
 * dated_cycle.h
 *		Cycles among relationships that come and go: is there a day on which
 *		somebody is above himself?
 */
#ifndef CV_DATED_CYCLE_H
#define CV_DATED_CYCLE_H

#include "directory/hierarchy.h"

/* Days as in ledger.h; in 64 bits, so that an end may be past all of them. */
typedef struct Relationship
{
	int64		child;
	int64		parent;
	int64		since;
	int64		behind;			/* the first day on which it is not valid */
} Relationship;

typedef struct DatedCycle
{
	int64		day;
	char		path[CYCLE_TEXT_SIZE];
} DatedCycle;

/*
 * The first day on which there is a cycle, and which: see hierarchy_cycle().
 * False if there is none on any day.
 */
extern bool find_dated_cycle(const Relationship *relationships, int32 n, DatedCycle *result);

#endif							/* CV_DATED_CYCLE_H */
