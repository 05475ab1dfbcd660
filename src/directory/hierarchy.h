/*
 * hierarchy.h
 *		Who is above whom: nodes known by their ids, an order in which everybody
 *		comes behind those below, and the cycles that there must not be.
 *
 * Nodes are numbered from 0, as Ids does; each has edges to the nodes above it.
 * Nothing here depends on the order in which nodes or edges came, except how
 * hierarchy_order() puts nodes of which neither is above the other.
 */
#ifndef CV_HIERARCHY_H
#define CV_HIERARCHY_H

#include "common/host.h"

#include "directory/ids.h"

typedef struct Hierarchy
{
	int32		nodes;
	const int64 *id;			/* of each node, all different */
	const int32 *first;			/* its edges are first[i] to first[i + 1] - 1;
								 * or NULL: node i has the one edge i */
	const int32 *above;			/* where an edge leads; NOBODY: out of it */
} Hierarchy;

static inline int32
edges_from(const Hierarchy *h, int32 node)
{
	return h->first == NULL ? node : h->first[node];
}

static inline int32
edges_to(const Hierarchy *h, int32 node)
{
	return h->first == NULL ? node + 1 : h->first[node + 1];
}

/*
 * Put the nodes in an order in which everybody comes behind all who are below.
 * Returns how many there are in it: fewer than nodes if some are on a cycle,
 * or above one.
 */
extern int32 hierarchy_order(const Hierarchy *h, int32 *order);

/*
 * Which cycles a node can be on: all nodes of one component can be reached from
 * each other.  NOBODY: it is on none.  Returns how many components there are.
 */
extern int32 hierarchy_components(const Hierarchy *h, int32 *component);

/*
 * The shortest cycle through the least id that is on one; of several, the one
 * whose ids come first.  Returns its length, 0 if there is none; the nodes, from
 * that with the least id upwards, are in an array that the caller frees.
 */
extern int32 hierarchy_cycle(const Hierarchy *h, int32 **path);

/* A cycle as text: 1 -> 2 -> 3 -> 1.  The middle of a long one is left out. */
#define CYCLE_IDS 24
#define CYCLE_TEXT_SIZE ((CYCLE_IDS + 2) * 25 + 8)
extern void hierarchy_print_cycle(char *out, const Hierarchy *h, const int32 *path, int32 length);

#endif							/* CV_HIERARCHY_H */
