/*
 * dated_cycle.c
 *		Cycles among relationships that come and go.
 *
 * Where there is no cycle among all of them, whenever they were valid, there is
 * none on any day: one pass, and that is what is to be expected.  Else a cycle
 * lies within a component, and appears on a day on which one of its
 * relationships begins.  So each component that has cycles is looked at on each
 * of these days.
 */
#include "common/host.h"

#include "directory/dated_cycle.h"

/* The hierarchy of some relationships. */
typedef struct Drawn
{
	Ids			ids;
	int32	   *first;
	int32	   *above;
	Hierarchy	h;
} Drawn;

static inline bool
is_valid_on(const Relationship *r, int64 day)
{
	return r->since <= day && day < r->behind;
}

static void
expect_ids(Ids *ids, const Relationship *r, int32 n)
{
	int64		least = n > 0 ? r[0].child : 0;
	int64		greatest = least;

	for (int32 i = 0; i < n; i++)
	{
		least = Min(least, Min(r[i].child, r[i].parent));
		greatest = Max(greatest, Max(r[i].child, r[i].parent));
	}
	ids_expect(ids, least, greatest, 2 * n);
}

/* Edges are put behind each other by child: counted first, then placed. */
static void
draw(Drawn *d, const Relationship *r, int32 n)
{
	int32		nodes;

	memset(&d->ids, 0, sizeof(Ids));
	expect_ids(&d->ids, r, n);
	d->first = cv_alloc((2 * (size_t) n + 2) * sizeof(int32));
	d->above = cv_alloc((size_t) n * sizeof(int32));
	memset(d->first, 0, (2 * (size_t) n + 2) * sizeof(int32));
	for (int32 i = 0; i < n; i++)
	{
		d->first[ids_add(&d->ids, r[i].child) + 2]++;
		ids_add(&d->ids, r[i].parent);
		if ((i & 0xffff) == 0)
			cv_check_interrupts();
	}
	nodes = d->ids.count;
	for (int32 i = 2; i < nodes + 1; i++)
		d->first[i] += d->first[i - 1];
	/* what is one place ahead is right when all have been placed */
	for (int32 i = 0; i < n; i++)
		d->above[d->first[ids_find(&d->ids, r[i].child) + 1]++] = ids_find(&d->ids, r[i].parent);
	d->h.nodes = nodes;
	d->h.id = d->ids.id;
	d->h.first = d->first;
	d->h.above = d->above;
}

static void
erase(Drawn *d)
{
	ids_free(&d->ids);
	cv_free(d->first);
	cv_free(d->above);
}

static bool
has_cycle(const Drawn *d)
{
	int32	   *order = cv_alloc((size_t) d->h.nodes * sizeof(int32));
	bool		result = hierarchy_order(&d->h, order) < d->h.nodes;

	cv_free(order);
	return result;
}

/* Those valid on a day, copied; returns how many. */
static int32
valid_on(const Relationship *r, int32 n, int64 day, Relationship *result)
{
	int32		valid = 0;

	for (int32 i = 0; i < n; i++)
		if (is_valid_on(&r[i], day))
			result[valid++] = r[i];
	return valid;
}

static bool
has_cycle_on(const Relationship *r, int32 n, int64 day)
{
	Relationship *valid = cv_alloc((size_t) n * sizeof(Relationship));
	Drawn		d;
	bool		result;

	draw(&d, valid, valid_on(r, n, day, valid));
	result = has_cycle(&d);
	erase(&d);
	cv_free(valid);
	cv_check_interrupts();
	return result;
}

/* A relationship within a component. */
typedef struct Inner
{
	int32		component;
	Relationship r;
} Inner;

static int
by_component_and_day(const void *a, const void *b)
{
	const Inner *x = (const Inner *) a;
	const Inner *y = (const Inner *) b;

	if (x->component != y->component)
		return x->component < y->component ? -1 : 1;
	return (x->r.since > y->r.since) - (x->r.since < y->r.since);
}

/*
 * Take what is within a component, by component and first day, and write down
 * where components begin.  Returns how many relationships are left.
 */
static int32
sort_inner(const Drawn *d, Relationship *r, int32 n, int32 *begins, int32 *components)
{
	int32	   *component = cv_alloc((size_t) d->h.nodes * sizeof(int32));
	Inner	   *inner = cv_alloc((size_t) n * sizeof(Inner));
	int32		left = 0;

	hierarchy_components(&d->h, component);
	for (int32 i = 0; i < n; i++)
	{
		int32		of_child = component[ids_find(&d->ids, r[i].child)];

		if (of_child == NOBODY || of_child != component[ids_find(&d->ids, r[i].parent)])
			continue;
		inner[left].component = of_child;
		inner[left++].r = r[i];
	}
	qsort(inner, (size_t) left, sizeof(Inner), by_component_and_day);
	*components = 0;
	for (int32 i = 0; i < left; i++)
	{
		if (i == 0 || inner[i].component != inner[i - 1].component)
			begins[(*components)++] = i;
		r[i] = inner[i].r;
	}
	cv_free(inner);
	cv_free(component);
	return left;
}

/* The first day before that one on which a component has a cycle, or that one. */
static int64
first_day(const Relationship *r, int32 n, int64 before)
{
	for (int32 i = 0; i < n && r[i].since < before; i++)
		if ((i == 0 || r[i].since != r[i - 1].since) && has_cycle_on(r, n, r[i].since))
			return r[i].since;
	return before;
}

static void
describe(Relationship *r, int32 n, DatedCycle *result)
{
	Drawn		d;
	int32	   *path;
	int32		length;

	draw(&d, r, valid_on(r, n, result->day, r));
	length = hierarchy_cycle(&d.h, &path);
	Assert(length > 0);
	hierarchy_print_cycle(result->path, &d.h, path, length);
	cv_free(path);
	erase(&d);
}

bool
find_dated_cycle(const Relationship *relationships, int32 n, DatedCycle *result)
{
	Drawn		d;
	Relationship *r;
	int32	   *begins;
	int32		components;

	draw(&d, relationships, n);
	if (!has_cycle(&d))
	{
		erase(&d);
		return false;
	}
	r = cv_alloc((size_t) n * sizeof(Relationship));
	begins = cv_alloc((size_t) n * sizeof(int32));
	memcpy(r, relationships, (size_t) n * sizeof(Relationship));
	n = sort_inner(&d, r, n, begins, &components);
	erase(&d);

	result->day = INT64_MAX;
	for (int32 c = 0; c < components; c++)
		result->day = first_day(r + begins[c], (c + 1 < components ? begins[c + 1] : n) - begins[c],
								result->day);
	if (result->day != INT64_MAX)
		describe(r, n, result);
	cv_free(r);
	cv_free(begins);
	return result->day != INT64_MAX;
}
