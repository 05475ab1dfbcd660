/*
 * names.c
 *		A dictionary of texts.
 */
#include "common/host.h"

#include "common/names.h"

#define FIRST_ROOM 8

/* Fowler, Noll and Vo. */
static uint32
hash_of(const char *text, size_t length)
{
	uint32		h = 2166136261u;

	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8) text[i]) * 16777619u;
	return h;
}

/* Where the name is, or would be. */
static int *
place_of(const Names *names, const char *text, size_t length, uint32 hash)
{
	uint32		mask = 2 * (uint32) names->room - 1;

	for (uint32 at = hash;; at++)
	{
		int		   *slot = &names->slot[at & mask];
		const KnownName *name;

		if (*slot < 0)
			return slot;
		name = &names->name[*slot];
		if (name->hash == hash && name->length == length &&
			memcmp(name->text, text, length) == 0)
			return slot;
	}
}

int
names_find(const Names *names, const char *text, size_t length)
{
	if (names->count == 0)
		return -1;
	return *place_of(names, text, length, hash_of(text, length));
}

static void
grow(Names *names)
{
	names->room = names->room > 0 ? 2 * names->room : FIRST_ROOM;
	if (names->name)
	{
		names->name = cv_realloc(names->name, (size_t) names->room * sizeof(KnownName));
		cv_free(names->slot);
	}
	else
		names->name = cv_alloc((size_t) names->room * sizeof(KnownName));
	names->slot = cv_alloc(2 * (size_t) names->room * sizeof(int));
	for (int i = 0; i < 2 * names->room; i++)
		names->slot[i] = -1;
	for (int i = 0; i < names->count; i++)
	{
		const KnownName *name = &names->name[i];

		*place_of(names, name->text, name->length, name->hash) = i;
		if ((i & 0xFFFF) == 0xFFFF)
			cv_check_interrupts();
	}
}

int
names_add(Names *names, const char *text, size_t length)
{
	uint32		hash = hash_of(text, length);
	int			number = names->count > 0 ? *place_of(names, text, length, hash) : -1;
	char	   *copy;
	KnownName  *name;

	if (number >= 0)
		return number;
	if (names->count == names->room)
		grow(names);
	number = names->count++;
	copy = cv_alloc(length);
	memcpy(copy, text, length);
	name = &names->name[number];
	name->text = copy;
	name->length = length;
	name->hash = hash;
	*place_of(names, text, length, hash) = number;
	return number;
}

static int
compare_names(const void *a, const void *b)
{
	const KnownName *x = *(const KnownName *const *) a;
	const KnownName *y = *(const KnownName *const *) b;
	int			result = memcmp(x->text, y->text, Min(x->length, y->length));

	cv_check_interrupts();		/* sorting millions takes seconds */
	return result != 0 ? result : (x->length > y->length) - (x->length < y->length);
}

int *
names_sorted(const Names *names)
{
	size_t		count = (size_t) names->count;
	const KnownName **sorted = cv_alloc(Max(count, 1) * sizeof(KnownName *));
	int		   *number = cv_alloc(Max(count, 1) * sizeof(int));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &names->name[i];
	qsort(sorted, count, sizeof(KnownName *), compare_names);
	for (size_t i = 0; i < count; i++)
		number[i] = (int) (sorted[i] - names->name);
	cv_free(sorted);
	return number;
}

void
names_free(Names *names)
{
	for (int i = 0; i < names->count; i++)
		cv_free((char *) names->name[i].text);
	if (names->name)
	{
		cv_free(names->name);
		cv_free(names->slot);
	}
	memset(names, 0, sizeof(Names));
}
