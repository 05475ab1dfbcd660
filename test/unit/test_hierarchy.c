/*
 * test_hierarchy.c
 *		Orders, components and cycles of random graphs, against what can be
 *		reached by trying.
 */
#include "common/host.h"

#include "directory/dated_cycle.h"
#include "directory/hierarchy.h"

#include "random.h"
#include "tap.h"

static int32
random_below(int32 n)
{
	return (int32) (random64() % (uint64) n);
}

/* ---- small graphs, by trying ---- */

#define MOST_NODES 9
#define MOST_EDGES 24

typedef struct Small
{
	int32		nodes;
	int64		id[MOST_NODES];
	int32		first[MOST_NODES + 1];
	int32		above[MOST_EDGES];
	bool		edge[MOST_NODES][MOST_NODES];
	bool		reach[MOST_NODES][MOST_NODES];	/* in one step or more */
} Small;

static Hierarchy
as_hierarchy(const Small *s)
{
	Hierarchy	h = {.nodes = s->nodes,.id = s->id,.first = s->first,.above = s->above};

	return h;
}

static void
close_reach(Small *s)
{
	memcpy(s->reach, s->edge, sizeof(s->edge));
	for (int32 k = 0; k < s->nodes; k++)
		for (int32 i = 0; i < s->nodes; i++)
			for (int32 j = 0; j < s->nodes; j++)
				s->reach[i][j] |= s->reach[i][k] && s->reach[k][j];
}

static void
make_small(Small *s, int32 edges, bool acyclic)
{
	memset(s, 0, sizeof(Small));
	s->nodes = 1 + random_below(MOST_NODES);
	for (int32 i = 0; i < s->nodes; i++)
		s->id[i] = (i * 11 + 3) % s->nodes * INT64CONST(1000) - 2000;
	edges = Min(edges, MOST_EDGES);
	for (int32 i = 0, e = 0; i < s->nodes; i++)
	{
		int32		n = random_below(2 * edges / s->nodes + 1);

		s->first[i] = e;
		for (; n > 0 && e < MOST_EDGES; n--)
		{
			int32		above = random_below(s->nodes + 1) - 1;

			if (acyclic && above != NOBODY && s->id[above] <= s->id[i])
				continue;
			s->above[e++] = above;
			if (above != NOBODY)
				s->edge[i][above] = true;
		}
		s->first[i + 1] = e;
	}
	close_reach(s);
}

static bool
unordered_by_trying(const Small *s, int32 node)
{
	if (s->reach[node][node])
		return true;
	for (int32 i = 0; i < s->nodes; i++)
		if (s->reach[i][i] && s->reach[i][node])
			return true;
	return false;
}

static bool
order_is_right(const Small *s)
{
	Hierarchy	h = as_hierarchy(s);
	int32		order[MOST_NODES];
	int32		place[MOST_NODES];
	int32		n = hierarchy_order(&h, order);
	int32		unordered = 0;
	bool		right = true;

	memset(place, 0xff, sizeof(place));
	for (int32 i = 0; i < n; i++)
	{
		right &= place[order[i]] == NOBODY;
		place[order[i]] = i;
	}
	for (int32 i = 0; i < s->nodes; i++)
	{
		unordered += unordered_by_trying(s, i);
		right &= unordered_by_trying(s, i) == (place[i] == NOBODY);
		for (int32 j = 0; j < s->nodes; j++)
			right &= !s->edge[i][j] || place[j] == NOBODY || place[i] < place[j];
	}
	return right && n == s->nodes - unordered;
}

static bool
components_are_right(const Small *s)
{
	Hierarchy	h = as_hierarchy(s);
	int32		component[MOST_NODES];
	int32		n = hierarchy_components(&h, component);
	bool		right = true;

	for (int32 i = 0; i < s->nodes; i++)
	{
		right &= s->reach[i][i] == (component[i] != NOBODY) && component[i] < n;
		for (int32 j = 0; j < s->nodes; j++)
			right &= (s->reach[i][j] && s->reach[j][i]) ==
				(component[i] != NOBODY && component[i] == component[j]);
	}
	return right;
}

/*
 * Every path from a node, by ids, to one of so many nodes that closes: the first
 * one there is.
 */
static bool
try_paths(const Small *s, int32 *path, int32 used, int32 length)
{
	int64		last = INT64_MIN;

	if (used == length)
		return s->edge[path[used - 1]][path[0]];
	for (;;)
	{
		int32		next = NOBODY;

		for (int32 i = 0; i < s->nodes; i++)
			if (s->edge[path[used - 1]][i] && s->id[i] > last && (next == NOBODY || s->id[i] < s->id[next]))
				next = i;
		if (next == NOBODY)
			return false;
		path[used] = next;
		if (try_paths(s, path, used + 1, length))
			return true;
		last = s->id[next];
	}
}

static int32
cycle_by_trying(const Small *s, int32 *path)
{
	int32		start = NOBODY;

	for (int32 i = 0; i < s->nodes; i++)
		if (s->reach[i][i] && (start == NOBODY || s->id[i] < s->id[start]))
			start = i;
	if (start == NOBODY)
		return 0;
	path[0] = start;
	for (int32 length = 1;; length++)
		if (try_paths(s, path, 1, length))
			return length;
}

static bool
cycle_is_right(const Small *s)
{
	Hierarchy	h = as_hierarchy(s);
	int32		expected[MOST_NODES + 1];
	int32	   *path;
	int32		length = hierarchy_cycle(&h, &path);
	bool		right = length == cycle_by_trying(s, expected) &&
		(length == 0 || memcmp(path, expected, (size_t) length * sizeof(int32)) == 0);

	free(path);
	return right;
}

static void
small_graphs(void)
{
	bool		order = true;
	bool		components = true;
	bool		cycle = true;
	bool		acyclic = true;
	int			cyclic = 0;

	for (int round = 0; round < 30000; round++)
	{
		Small		s;

		make_small(&s, 1 + round % 20, round % 5 == 0);
		order &= order_is_right(&s);
		components &= components_are_right(&s);
		cycle &= cycle_is_right(&s);
		for (int32 i = 0; i < s.nodes; i++)
		{
			acyclic &= round % 5 != 0 || !s.reach[i][i];
			cyclic += s.reach[i][i];
		}
	}
	ok(order, "everybody is behind those below, but for those on a cycle or above one");
	ok(components, "components are what can be reached to and fro");
	ok(cycle, "the cycle is the shortest through the least id");
	ok(acyclic && cyclic > 10000, "there were graphs without cycles and many cycles");
}

/* ---- large ones ---- */

static void
large_forests(void)
{
	const int32 n = 200000;
	int64	   *id = malloc(n * sizeof(int64));
	int32	   *above = malloc(n * sizeof(int32));
	int32	   *order = malloc(n * sizeof(int32));
	int32	   *place = malloc(n * sizeof(int32));
	int32	   *path;
	char		text[CYCLE_TEXT_SIZE];
	Hierarchy	h = {.nodes = n,.id = id,.first = NULL,.above = above};
	bool		right;

	for (int32 i = 0; i < n; i++)
	{
		id[i] = INT64_MIN + (i * INT64CONST(7919)) % n;
		above[i] = i == 0 || random_below(10) == 0 ? NOBODY : random_below(i);
	}
	right = hierarchy_order(&h, order) == n;
	for (int32 i = 0; i < n; i++)
		place[order[i]] = i;
	for (int32 i = 0; i < n; i++)
		right &= above[i] == NOBODY || place[i] < place[above[i]];
	ok(right && hierarchy_cycle(&h, &path) == 0 && path == NULL, "a forest of 200,000");

	for (int32 i = 0; i < n; i++)
		above[i] = i - 1;
	right = hierarchy_order(&h, order) == n;
	for (int32 i = 0; i < n; i++)
		right &= order[i] == n - 1 - i;
	ok(right && hierarchy_cycle(&h, &path) == 0, "a chain of 200,000");

	above[0] = n - 1;
	right = hierarchy_order(&h, order) == 0;
	ok(right && hierarchy_cycle(&h, &path) == n && path[0] == 0 && path[1] == n - 1, "a ring of 200,000");
	hierarchy_print_cycle(text, &h, path, n);
	ok(strncmp(text, "-9223372036854775808 -> ", 24) == 0 &&
	   strstr(text, " -> ... -> -9223372036854767889 -> -9223372036854775808") != NULL &&
	   strlen(text) < CYCLE_TEXT_SIZE, "is printed in part: %s", text);
	free(path);

	id[0] = 3;
	id[1] = 1;
	id[2] = 2;
	h.nodes = 3;
	above[0] = 2;
	above[1] = 0;
	above[2] = 1;
	right = hierarchy_cycle(&h, &path) == 3;
	hierarchy_print_cycle(text, &h, path, 3);
	free(path);
	ok(right && strcmp(text, "1 -> 3 -> 2 -> 1") == 0, "a short one in full");
	free(id);
	free(above);
	free(order);
	free(place);
}

/* ---- days ---- */

#define MOST_RELATIONSHIPS 14
#define DAYS 8

static bool
dated_by_trying(const Relationship *r, int32 n, DatedCycle *result)
{
	for (int64 day = 0; day < DAYS; day++)
	{
		Small		s = {.nodes = MOST_NODES};
		int32		path[MOST_NODES + 1];
		int32		length;
		Hierarchy	h;

		for (int32 i = 0; i < MOST_NODES; i++)
			s.id[i] = i * INT64CONST(1000000000000);
		for (int32 i = 0; i < n; i++)
			if (r[i].since <= day && day < r[i].behind)
				s.edge[r[i].child / INT64CONST(1000000000000)][r[i].parent / INT64CONST(1000000000000)] = true;
		close_reach(&s);
		h = as_hierarchy(&s);
		length = cycle_by_trying(&s, path);
		if (length > 0)
		{
			result->day = day;
			hierarchy_print_cycle(result->path, &h, path, length);
			return true;
		}
	}
	return false;
}

static void
dated_cycles(void)
{
	bool		right = true;
	bool		alike = true;
	int			found = 0;
	int			hidden = 0;

	for (int round = 0; round < 30000; round++)
	{
		Relationship r[MOST_RELATIONSHIPS];
		int32		n = random_below(MOST_RELATIONSHIPS + 1);
		int32		nodes = 2 + round % (MOST_NODES - 1);
		DatedCycle	expected,
					result;
		bool		is;

		for (int32 i = 0; i < n; i++)
		{
			r[i].child = random_below(nodes) * INT64CONST(1000000000000);
			/* hardly anybody above himself */
			r[i].parent = (r[i].child / INT64CONST(1000000000000) + (round % 8 > 0) +
						   random_below(nodes - (round % 8 > 0))) % nodes * INT64CONST(1000000000000);
			r[i].since = random_below(DAYS);
			r[i].behind = r[i].since + 1 + random_below(DAYS / 2);
		}
		is = find_dated_cycle(r, n, &result);
		right &= is == dated_by_trying(r, n, &expected) &&
			(!is || (result.day == expected.day && strcmp(result.path, expected.path) == 0));
		found += is;
		for (int32 i = n - 1; i > 0; i--)
		{
			int32		j = random_below(i + 1);
			Relationship swap = r[i];

			r[i] = r[j];
			r[j] = swap;
		}
		alike &= find_dated_cycle(r, n, &expected) == is &&
			(!is || (result.day == expected.day && strcmp(result.path, expected.path) == 0));
		for (int32 i = 0; i < n; i++)
		{
			r[i].since = 0;
			r[i].behind = 1;
		}
		hidden += !is && find_dated_cycle(r, n, &expected);
	}
	ok(right, "the first day with a cycle, and which");
	ok(alike, "whatever the order of relationships");
	ok(found > 5000 && hidden > 1000, "%d had one, %d would have had one had all been valid at once", found, hidden);
}

/* Many who changed places: each pair is its own component. */
static void
many_swaps(void)
{
	const int32 n = 40000;
	Relationship *r = malloc(n * sizeof(Relationship));
	DatedCycle	result;

	for (int32 i = 0; i < n; i++)
	{
		r[i].child = i;
		r[i].parent = i ^ 1;
		r[i].since = i & 1 ? INT64_MIN : i;
		r[i].behind = i & 1 ? i - 1 : INT64_MAX;
	}
	ok(!find_dated_cycle(r, n, &result), "20,000 pairs changed places, each on a day of its own");
	r[30001].behind++;
	r[20001].behind++;
	ok(find_dated_cycle(r, n, &result) && result.day == 20000 && strcmp(result.path, "20000 -> 20001 -> 20000") == 0,
	   "one of them too early");
	free(r);
}

int
main(void)
{
	small_graphs();
	large_forests();
	dated_cycles();
	many_swaps();
	return done_testing("hierarchy");
}
