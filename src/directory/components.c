/*
 * components.c
 *		Connected components by union-find.
 */
#include "common/host.h"

#include "directory/components.h"

#define FIRST_ROOM 8

/* Loops over all records let themselves be interrupted now and then. */
#define CHECK_INTERRUPTS_EVERY(i) \
	do { \
		if (((i) & 0xFFFF) == 0xFFFF) \
			cv_check_interrupts(); \
	} while (0)

/* A record for the number of a key. */
static int
record_of(Components *c, int number)
{
	if (number < c->count)
		return number;
	Assert(number == c->count);
	if (c->count == c->room)
	{
		size_t		room = c->room > 0 ? 2 * (size_t) c->room : FIRST_ROOM;

		if (c->link)
			c->link = cv_realloc(c->link, room * sizeof(int));
		else
			c->link = cv_alloc(room * sizeof(int));
		c->room = (int) room;
	}
	c->link[number] = -1;
	c->count++;
	return number;
}

int
components_integer(Components *c, int64 key)
{
	return record_of(c, ids_add(&c->ids, key));
}

int
components_text(Components *c, const char *key, size_t length)
{
	return record_of(c, names_add(&c->names, key, length));
}

int
components_root(const Components *c, int record)
{
	while (c->link[record] >= 0)
		record = c->link[record];
	return record;
}

/* The same, with every other record on the way linked to its grandparent. */
static int
halve_path(Components *c, int record)
{
	int			parent;

	while ((parent = c->link[record]) >= 0)
	{
		int			grandparent = c->link[parent];

		if (grandparent < 0)
			return parent;
		c->link[record] = grandparent;
		record = grandparent;
	}
	return record;
}

void
components_join(Components *c, int a, int b)
{
	a = halve_path(c, a);
	b = halve_path(c, b);
	if (a == b)
		return;
	if (c->link[a] > c->link[b])	/* fewer records */
	{
		int			swap = a;

		a = b;
		b = swap;
	}
	c->link[a] += c->link[b];
	c->link[b] = a;
}

void
components_merge(Components *into, const Components *from)
{
	int		   *record = cv_alloc(Max((size_t) from->count, 1) * sizeof(int));

	Assert(into->by_name == from->by_name);
	for (int i = 0; i < from->count; i++)
	{
		if (from->by_name)
			record[i] = components_text(into, from->names.name[i].text,
										from->names.name[i].length);
		else
			record[i] = components_integer(into, from->ids.id[i]);
		CHECK_INTERRUPTS_EVERY(i);
	}
	for (int i = 0; i < from->count; i++)
	{
		if (from->link[i] >= 0)
			components_join(into, record[i], record[from->link[i]]);
		CHECK_INTERRUPTS_EVERY(i);
	}
	cv_free(record);
}

/*
 * Records come in the order of their keys, so the first of a component is its
 * least, components begin in the order of these, and their rows are filled in
 * order, too.
 */
ComponentRow *
components_rows(const Components *c)
{
	typedef struct Begun
	{
		int			least;		/* -1: not yet */
		int			next;		/* row */
	} Begun;

	size_t		count = Max((size_t) c->count, 1);
	ComponentRow *row = cv_alloc(count * sizeof(ComponentRow));
	Begun	   *begun = cv_alloc(count * sizeof(Begun));
	int		   *sorted = c->by_name ? names_sorted(&c->names) : ids_sorted(&c->ids);
	int			rows = 0;

	for (int i = 0; i < c->count; i++)
		begun[i].least = -1;
	for (int i = 0; i < c->count; i++)
	{
		int			root = components_root(c, sorted[i]);

		if (begun[root].least < 0)
		{
			begun[root].least = sorted[i];
			begun[root].next = rows;
			rows -= c->link[root];
		}
		CHECK_INTERRUPTS_EVERY(i);
	}
	for (int i = 0; i < c->count; i++)
	{
		Begun	   *component = &begun[components_root(c, sorted[i])];

		row[component->next].member = sorted[i];
		row[component->next++].component = component->least;
		CHECK_INTERRUPTS_EVERY(i);
	}
	Assert(rows == c->count);
	cv_free(sorted);
	cv_free(begun);
	return row;
}

void
components_free(Components *c)
{
	names_free(&c->names);
	ids_free(&c->ids);
	if (c->link)
		cv_free(c->link);
	c->link = NULL;
	c->count = c->room = 0;
}
