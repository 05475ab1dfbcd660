/*
 * itemsets.h
 *		Frequent sets of items.
 *
 * Items of which enough baskets have one are renumbered from the rarest up;
 * the others are of no frequent set.  Baskets stand one behind the other, the
 * items of each in ascending order and an end after them.
 *
 * Sets are found depth first: from the places in baskets where a set ends,
 * every later item of these baskets is counted at once ("occurrence deliver",
 * Uno, Kiyomi and Arimura 2004), and the frequent ones make the next sets.
 * So pairs cost one step for each pair there is, and memory is that of the
 * baskets, whatever the number of items.
 */
#ifndef CV_ITEMSETS_H
#define CV_ITEMSETS_H

#include "common/host.h"

#include "basket/lines.h"
#include "basket/mining.h"

#define BASKET_END (-1)

typedef struct Baskets
{
	uint32		baskets;		/* with any item */
	int32		items;			/* frequent ones */
	int		   *name;			/* of each, its number in the dictionary */
	uint32	   *count;			/* of each, baskets with it */
	int32	   *item;			/* of one basket after the other */
	size_t		length;			/* ends included */
} Baskets;

/* The items that are in a share of the baskets; lines are netted. */
extern void baskets_open(Baskets *b, Lines *lines, i128 min_support);
extern void baskets_close(Baskets *b);

/* The least whole number that is this share of so many, and no less than 1. */
extern uint32 least_count(i128 share, uint32 all);

typedef struct ItemSet
{
	uint32		count;
	int32		items;			/* two at least */
	int32		item[MINING_MAX_ITEMS]; /* ascending */
} ItemSet;

typedef struct ItemSets
{
	ItemSet    *set;
	size_t		count;
	size_t		room;
	uint32	   *slot;			/* a hash of them, if there are large ones */
	uint32		mask;
} ItemSets;

/* False: there are too many. */
extern bool itemsets_find(ItemSets *sets, const Baskets *b, uint32 least, int max_items);

/* Baskets with all of these items, which are frequent, ascending. */
extern uint32 itemsets_count(const ItemSets *sets, const Baskets *b, const int32 *item, int items);

extern void itemsets_free(ItemSets *sets);

#endif							/* CV_ITEMSETS_H */
