/*
 * lines.h
 *		Who has what: lines of orders or contracts, netted.
 *
 * A line says that a basket holds so much of an item: an order and a product,
 * or a customer and all that was ever sold to them or taken back.  What counts
 * in the end is the net amount of each item in each basket.  Baskets may be of
 * groups, such as segments of customers.
 */
#ifndef CV_LINES_H
#define CV_LINES_H

#include "common/host.h"

#include "common/names.h"

/*
 * So many amounts of 23 digits add up within 128 bits, and products of two
 * counts are within 60 bits.
 */
#define LINES_LIMIT (INT64CONST(1) << 30)

/* Numbers of a dictionary, which doubles its room. */
#define LINES_MAX_NAMES (1 << 29)

/* A basket without any item, for it may be one of its group. */
#define NO_ITEM (-1)

typedef struct Line
{
	int64		basket;			/* as given, or its number in baskets */
	int32		group;
	int32		item;			/* its number in items, or NO_ITEM */
	i128		amount;			/* in millionths, if it is one */
} Line;

/* All zeros is empty; memory is that of whoever calls. */
typedef struct Lines
{
	Names		items;
	Names		groups;			/* none: all are of group 0 */
	Names		baskets;		/* none: they are integers */
	Line	   *line;
	size_t		count;
	size_t		room;
	bool		netted;
} Lines;

/* False: there are too many lines or names. */
extern bool lines_add(Lines *lines, int64 basket, int32 group, int32 item, i128 amount);
extern bool lines_merge(Lines *into, const Lines *from);

/*
 * One line for each item of each basket, with its net amount, in the order of
 * groups, baskets and items, each by their numbers.
 */
extern void lines_net(Lines *lines);

extern void lines_free(Lines *lines);

#endif							/* CV_LINES_H */
