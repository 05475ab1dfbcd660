/*
 * ids.h
 *		Numbers of ids: each id has one, in order of arrival.
 *
 * What Names is for texts.  Ids are found by a hash, and where they are known
 * to leave few gaps, in an array of all that may come.
 */
#ifndef CV_IDS_H
#define CV_IDS_H

#include "common/host.h"

/* The number of what is not there: an id, a node. */
#define NOBODY (-1)

/* The id stands in its slot, so that finding it is one look into memory. */
typedef struct IdSlot
{
	int64		id;
	int32		number;			/* NOBODY: the slot is empty */
} IdSlot;

typedef struct Ids
{
	int64	   *id;				/* by number */
	int32		count;
	size_t		room;			/* 0, or with slots a power of two */
	IdSlot	   *slot;			/* 2 * room of them */

	/* instead of slots, if ids leave few gaps */
	int32	   *number;			/* of the id that is so much above the least */
	uint64		numbers;
	int64		least;
} Ids;

/*
 * All zeros is no id.  To be called before the first one is added, where it is
 * known between which ids all will be, and how many at most.
 */
extern void ids_expect(Ids *ids, int64 least, int64 greatest, int32 most);

/* The number of an id, which is new or known. */
extern int32 ids_add(Ids *ids, int64 id);

/* Its number, or NOBODY. */
extern int32 ids_find(const Ids *ids, int64 id);

/* Have the memory that ids_add() will look at on its way. */
extern void ids_prefetch(const Ids *ids, int64 id);

/* The numbers of all ids in ascending order of these. */
extern int32 *ids_sorted(const Ids *ids);

/* Frees the ids and leaves none. */
extern void ids_free(Ids *ids);

#endif							/* CV_IDS_H */
