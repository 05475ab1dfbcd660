/*
 * hierarchy.c
 *		An order from below, and cycles.
 */
#include "common/host.h"

#include "directory/hierarchy.h"

/* ---- the order ---- */

static inline void *
alloc_for_nodes(const Hierarchy *h, size_t size)
{
	return cv_alloc((size_t) h->nodes * size);
}

/* How many edges lead to each node. */
static int32 *
count_below(const Hierarchy *h)
{
	int32	   *below = alloc_for_nodes(h, sizeof(int32));

	memset(below, 0, (size_t) h->nodes * sizeof(int32));
	for (int32 e = edges_from(h, 0); e < edges_from(h, h->nodes); e++)
		if (h->above[e] != NOBODY)
			below[h->above[e]]++;
	return below;
}

/*
 * Whoever has nobody below is placed, and after them at once those above who
 * only waited for them: families that stand together stay together.
 */
int32
hierarchy_order(const Hierarchy *h, int32 *order)
{
	int32	   *waiting_for = count_below(h);
	int32		placed = 0;

	for (int32 lowest = 0, next = 0; lowest < h->nodes; lowest++)
	{
		if ((lowest & 0xffff) == 0)
			cv_check_interrupts();
		if (waiting_for[lowest] != 0)
			continue;
		/* not to be placed again, should we come by */
		waiting_for[lowest] = -1;
		for (order[placed++] = lowest; next < placed; next++)
		{
			int32		behind = edges_to(h, order[next]);

			for (int32 e = edges_from(h, order[next]); e < behind; e++)
			{
				int32		above = h->above[e];

				if (above != NOBODY && --waiting_for[above] == 0)
				{
					waiting_for[above] = -1;
					order[placed++] = above;
				}
			}
		}
	}
	cv_free(waiting_for);
	return placed;
}

/* ---- cycles ---- */

/* What Tarjan's search for strongly connected components knows of a node. */
typedef struct Visit
{
	int32		number;			/* in order of discovery, from 1; 0: not yet */
	int32		low;			/* the least number that it reaches */
	int32		edge;			/* the next one to follow */
	int32		from;			/* where we came from */
	bool		open;			/* its component is not complete */
	bool		to_itself;		/* an edge leads there */
} Visit;

typedef struct Search
{
	const Hierarchy *h;
	Visit	   *visit;
	int32		visited;
	int32	   *open;			/* nodes that are, in order of discovery */
	int32		n_open;
	int32	   *component;
	int32		components;
} Search;

static void
enter(Search *s, int32 node, int32 from)
{
	Visit	   *v = &s->visit[node];

	v->number = v->low = ++s->visited;
	v->edge = edges_from(s->h, node);
	v->from = from;
	v->open = true;
	v->to_itself = false;
	s->open[s->n_open++] = node;
	if ((s->visited & 0xffff) == 0)
		cv_check_interrupts();
}

/* All nodes behind this one belong to its component, which is complete. */
static void
complete(Search *s, int32 node)
{
	bool		cyclic = s->open[s->n_open - 1] != node || s->visit[node].to_itself;
	int32		member;

	do
	{
		member = s->open[--s->n_open];
		s->visit[member].open = false;
		s->component[member] = cyclic ? s->components : NOBODY;
	} while (member != node);
	s->components += cyclic;
}

/* Follow the next edge of a node, or go back; returns where we are then. */
static int32
step(Search *s, int32 node)
{
	Visit	   *v = &s->visit[node];
	int32		next;

	if (v->edge == edges_to(s->h, node))
	{
		if (v->low == v->number)
			complete(s, node);
		if (v->from != NOBODY)
			s->visit[v->from].low = Min(s->visit[v->from].low, v->low);
		return v->from;
	}
	next = s->h->above[v->edge++];
	if (next == NOBODY)
		return node;
	v->to_itself |= next == node;
	if (s->visit[next].number == 0)
	{
		enter(s, next, node);
		return next;
	}
	if (s->visit[next].open)
		v->low = Min(v->low, s->visit[next].number);
	return node;
}

int32
hierarchy_components(const Hierarchy *h, int32 *component)
{
	Search		s = {.h = h,.component = component};

	s.visit = alloc_for_nodes(h, sizeof(Visit));
	s.open = alloc_for_nodes(h, sizeof(int32));
	memset(s.visit, 0, (size_t) h->nodes * sizeof(Visit));
	for (int32 root = 0; root < h->nodes; root++)
	{
		int32		node = root;

		if (s.visit[root].number != 0)
			continue;
		for (enter(&s, root, NOBODY); node != NOBODY;)
			node = step(&s, node);
	}
	cv_free(s.visit);
	cv_free(s.open);
	return s.components;
}

/* The node of the least id that is on a cycle, or NOBODY. */
static int32
least_on_cycle(const Hierarchy *h, const int32 *component)
{
	int32		least = NOBODY;

	for (int32 i = 0; i < h->nodes; i++)
		if (component[i] != NOBODY && (least == NOBODY || h->id[i] < h->id[least]))
			least = i;
	return least;
}

/* A node with its id to sort by. */
typedef struct Neighbour
{
	int64		id;
	int32		node;
} Neighbour;

static int
by_id(const void *a, const void *b)
{
	const Neighbour *x = (const Neighbour *) a;
	const Neighbour *y = (const Neighbour *) b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The nodes above one that are of its component, by their ids. */
static int32
neighbours(const Hierarchy *h, const int32 *component, int32 node, Neighbour **result)
{
	int32		n = 0;

	*result = cv_alloc((size_t) (edges_to(h, node) - edges_from(h, node)) * sizeof(Neighbour));
	for (int32 e = edges_from(h, node); e < edges_to(h, node); e++)
	{
		int32		above = h->above[e];

		if (above != NOBODY && component[above] == component[node])
		{
			(*result)[n].id = h->id[above];
			(*result)[n++].node = above;
		}
	}
	qsort(*result, (size_t) n, sizeof(Neighbour), by_id);
	return n;
}

/*
 * Go up from a node, breadth first and lower ids first, until we are back;
 * from[] says how we came.  Returns the last node of the cycle.
 */
static int32
walk_back_to(const Hierarchy *h, const int32 *component, int32 start, int32 *from)
{
	int32	   *queue = alloc_for_nodes(h, sizeof(int32));
	int32		queued = 0;
	int32		last = NOBODY;

	memset(from, 0xff, (size_t) h->nodes * sizeof(int32));
	queue[queued++] = start;
	for (int32 next = 0; last == NOBODY; next++)
	{
		Neighbour  *above;
		int32		n = neighbours(h, component, queue[next], &above);

		Assert(next < queued);
		for (int32 i = 0; i < n && last == NOBODY; i++)
		{
			if (above[i].node == start)
				last = queue[next];
			else if (from[above[i].node] == NOBODY)
			{
				from[above[i].node] = queue[next];
				queue[queued++] = above[i].node;
			}
		}
		cv_free(above);
		cv_check_interrupts();
	}
	cv_free(queue);
	return last;
}

int32
hierarchy_cycle(const Hierarchy *h, int32 **path)
{
	int32	   *component = alloc_for_nodes(h, sizeof(int32));
	int32		length = 0;

	*path = NULL;
	if (hierarchy_components(h, component) > 0)
	{
		int32	   *from = alloc_for_nodes(h, sizeof(int32));
		int32		last = walk_back_to(h, component, least_on_cycle(h, component), from);

		for (int32 node = last; node != NOBODY; node = from[node])
			length++;
		*path = cv_alloc((size_t) length * sizeof(int32));
		for (int32 i = length - 1, node = last; i >= 0; i--, node = from[node])
			(*path)[i] = node;
		cv_free(from);
	}
	cv_free(component);
	return length;
}

void
hierarchy_print_cycle(char *out, const Hierarchy *h, const int32 *path, int32 length)
{
	for (int32 i = 0; i < length; i++)
	{
		if (length > CYCLE_IDS && i == CYCLE_IDS - 1)
		{
			i = length - 1;
			out += sprintf(out, "... -> ");
		}
		out += sprintf(out, "%lld -> ", (long long) h->id[path[i]]);
	}
	sprintf(out, "%lld", (long long) h->id[path[0]]);
}
