/*
 * ids.c
 *		Numbers of ids.
 */
#include "common/host.h"

#include "common/row_order.h"
#include "directory/ids.h"

#define FIRST_ROOM 8

/* Ids leave few gaps if an array of all that may come has up to so many places for each. */
#define MOST_NUMBERS_PER_ID 4

void
ids_expect(Ids *ids, int64 least, int64 greatest, int32 most)
{
	uint64		span = (uint64) greatest - (uint64) least;

	Assert(ids->room == 0);
	if (span >= (uint64) most * MOST_NUMBERS_PER_ID)
		return;
	ids->id = cv_alloc((size_t) most * sizeof(int64));
	ids->room = (size_t) most;
	ids->least = least;
	ids->numbers = span + 1;
	ids->number = cv_alloc((size_t) ids->numbers * sizeof(int32));
	memset(ids->number, 0xff, (size_t) ids->numbers * sizeof(int32));
}

/* Where the search for an id begins; slots are numbered modulo their number. */
static size_t
start_of(int64 id)
{
	return hash_mix(0, (uint64) id);
}

/* Where the id is, or would be. */
static IdSlot *
slot_of(const Ids *ids, int64 id)
{
	size_t		mask = 2 * ids->room - 1;

	for (size_t at = start_of(id);; at++)
	{
		IdSlot	   *slot = &ids->slot[at & mask];

		if (slot->number == NOBODY || slot->id == id)
			return slot;
	}
}

/* Where its number stands, or would; NULL if it is not one that was expected. */
static int32 *
number_of(const Ids *ids, int64 id)
{
	uint64		at = (uint64) id - (uint64) ids->least;

	return at < ids->numbers ? &ids->number[at] : NULL;
}

static void
fill(IdSlot *slot, int64 id, int32 number)
{
	slot->id = id;
	slot->number = number;
}

static void
grow(Ids *ids)
{
	size_t		room = ids->room > 0 ? 2 * ids->room : FIRST_ROOM;

	if (ids->id)
	{
		ids->id = cv_realloc(ids->id, room * sizeof(int64));
		cv_free(ids->slot);
	}
	else
		ids->id = cv_alloc(room * sizeof(int64));
	ids->room = room;
	ids->slot = cv_alloc(2 * room * sizeof(IdSlot));
	for (size_t i = 0; i < 2 * room; i++)
		ids->slot[i].number = NOBODY;
	for (int32 i = 0; i < ids->count; i++)
	{
		fill(slot_of(ids, ids->id[i]), ids->id[i], i);
		if ((i & 0xFFFF) == 0xFFFF)
			cv_check_interrupts();
	}
}

static int32
add_expected(Ids *ids, int64 id)
{
	int32	   *number = number_of(ids, id);

	Assert(number != NULL);
	if (*number == NOBODY)
	{
		Assert((size_t) ids->count < ids->room);
		*number = ids->count;
		ids->id[ids->count++] = id;
	}
	return *number;
}

int32
ids_add(Ids *ids, int64 id)
{
	IdSlot	   *slot;

	if (ids->number)
		return add_expected(ids, id);
	slot = ids->count > 0 ? slot_of(ids, id) : NULL;
	if (slot && slot->number != NOBODY)
		return slot->number;
	if ((size_t) ids->count == ids->room)
	{
		grow(ids);
		slot = slot_of(ids, id);
	}
	ids->id[ids->count] = id;
	fill(slot, id, ids->count);
	return ids->count++;
}

int32
ids_find(const Ids *ids, int64 id)
{
	const int32 *number;

	if (ids->count == 0)
		return NOBODY;
	if (ids->number == NULL)
		return slot_of(ids, id)->number;
	number = number_of(ids, id);
	return number == NULL ? NOBODY : *number;
}

void
ids_prefetch(const Ids *ids, int64 id)
{
	if (ids->slot)
		__builtin_prefetch(&ids->slot[start_of(id) & (2 * ids->room - 1)]);
}

/* Different ids have different words. */
static int
never(uint32 a, uint32 b, void *context)
{
	return 0;
}

/*
 * Sorted as words whose highest bits tell them apart, as row_order() likes
 * them: keys that were counted up differ in their lowest.
 */
int32 *
ids_sorted(const Ids *ids)
{
	size_t		count = (size_t) ids->count;
	uint64	   *word = cv_alloc(Max(count, 1) * sizeof(uint64));
	uint32	   *order;
	int64		least = count > 0 ? ids->id[0] : 0;
	int64		greatest = least;
	int			shift;

	for (size_t i = 1; i < count; i++)
	{
		least = Min(least, ids->id[i]);
		greatest = Max(greatest, ids->id[i]);
	}
	shift = __builtin_clzll(((uint64) greatest - (uint64) least) | 1);
	for (size_t i = 0; i < count; i++)
		word[i] = ((uint64) ids->id[i] - (uint64) least) << shift;
	order = row_order(word, count, never, NULL);
	cv_free(word);
	return (int32 *) order;
}

void
ids_free(Ids *ids)
{
	if (ids->id)
		cv_free(ids->id);
	if (ids->slot)
		cv_free(ids->slot);
	if (ids->number)
		cv_free(ids->number);
	memset(ids, 0, sizeof(Ids));
}
