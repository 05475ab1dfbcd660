/*
 * components.h
 *		Records that belong together because matches connect them: the
 *		connected components of a graph whose edges come one by one.
 *
 * Each component is a tree of links towards a root.  A match joins two trees,
 * the smaller below the larger, so that no path is longer than the logarithm
 * of its component; looking for a root halves the path on the way.  (Tarjan
 * and van Leeuwen, Worst-case analysis of set union algorithms, JACM 31, 1984.)
 *
 * The trees depend on the order of the matches; the components do not, nor do
 * their names: the least of their members.
 */
#ifndef CV_COMPONENTS_H
#define CV_COMPONENTS_H

#include "common/host.h"

#include "common/names.h"
#include "directory/ids.h"

/*
 * All zeros is no record.  Records are numbered in order of arrival, and so
 * are their keys, by one of the two dictionaries.
 */
typedef struct Components
{
	bool		by_name;		/* keys are texts, compared by their bytes */
	Names		names;
	Ids			ids;
	int		   *link;			/* a record's parent; a root's: minus how many */
	int			count;
	int			room;
} Components;

/* The record of a key, alone in its component if it is new. */
extern int	components_integer(Components *c, int64 key);
extern int	components_text(Components *c, const char *key, size_t length);

/* Have what components_integer() will look at on its way. */
static inline void
components_prefetch_integer(const Components *c, int64 key)
{
	ids_prefetch(&c->ids, key);
}

/* Two records are one: their components become one. */
extern void components_join(Components *c, int a, int b);

/* A record of the same component, the same one for all of its records. */
extern int	components_root(const Components *c, int record);

/* Add all records and matches of another one, which has keys of the same kind. */
extern void components_merge(Components *into, const Components *from);

typedef struct ComponentRow
{
	int			member;
	int			component;		/* the record that names it: the least by key */
} ComponentRow;

/* A row for each record, by component, then member. */
extern ComponentRow *components_rows(const Components *c);

/* Frees all and leaves no record, with keys of the same kind. */
extern void components_free(Components *c);

#endif							/* CV_COMPONENTS_H */
