/*
 * penetration.h
 *		How many customers of each group own each item.
 */
#ifndef CV_PENETRATION_H
#define CV_PENETRATION_H

#include "common/host.h"

#include "basket/lines.h"

#define PENETRATION_MAX_CELLS 1000000

typedef struct PenetrationCell
{
	int64		owners;
	i128		amount;			/* of all owners */
} PenetrationCell;

typedef struct Penetration
{
	int			groups;
	int			items;
	int		   *group;			/* in order, numbers in the dictionary */
	int		   *item;			/* in order of their names */
	int64	   *customers;		/* of each group, in order */
	int64		all_customers;
	int64	   *owners;			/* of each item, in all groups */
	PenetrationCell *cell;		/* items of one group after the other */
} Penetration;

/* Lines are netted; false: there are too many groups and items. */
extern bool penetration_open(Penetration *p, Lines *lines);
extern void penetration_close(Penetration *p);

#endif							/* CV_PENETRATION_H */
