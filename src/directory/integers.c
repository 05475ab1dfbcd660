/*
 * integers.c
 *		A dictionary of integers.
 */
#include "common/host.h"

#include "common/row_order.h"
#include "directory/integers.h"

#define FIRST_ROOM 8

/* Where the search for an integer begins; slots are numbered modulo their number. */
static size_t
start_of(int64 value)
{
	return hash_mix(0, (uint64) value);
}

void
integers_prefetch(const Integers *integers, int64 value)
{
	if (integers->count > 0)
		__builtin_prefetch(&integers->slot[start_of(value) & (2 * (size_t) integers->room - 1)]);
}

/* Where the integer is, or would be. */
static IntegerSlot *
place_of(const Integers *integers, int64 value)
{
	size_t		mask = 2 * (size_t) integers->room - 1;

	for (size_t at = start_of(value);; at++)
	{
		IntegerSlot *slot = &integers->slot[at & mask];

		if (slot->number < 0 || slot->value == value)
			return slot;
	}
}

static void
fill(IntegerSlot *slot, int64 value, int number)
{
	slot->value = value;
	slot->number = number;
}

static void
grow(Integers *integers)
{
	size_t		room = integers->room > 0 ? 2 * (size_t) integers->room : FIRST_ROOM;

	if (integers->value)
	{
		integers->value = cv_realloc(integers->value, room * sizeof(int64));
		cv_free(integers->slot);
	}
	else
		integers->value = cv_alloc(room * sizeof(int64));
	integers->room = (int) room;
	integers->slot = cv_alloc(2 * room * sizeof(IntegerSlot));
	for (size_t i = 0; i < 2 * room; i++)
		integers->slot[i].number = -1;
	for (int i = 0; i < integers->count; i++)
	{
		fill(place_of(integers, integers->value[i]), integers->value[i], i);
		if ((i & 0xFFFF) == 0xFFFF)
			cv_check_interrupts();
	}
}

int
integers_add(Integers *integers, int64 value)
{
	IntegerSlot *slot = integers->count > 0 ? place_of(integers, value) : NULL;

	if (slot && slot->number >= 0)
		return slot->number;
	if (integers->count == integers->room)
	{
		grow(integers);
		slot = place_of(integers, value);
	}
	integers->value[integers->count] = value;
	fill(slot, value, integers->count);
	return integers->count++;
}

/* Different integers have different words. */
static int
never(uint32 a, uint32 b, void *context)
{
	return 0;
}

/*
 * Sorted as words whose highest bits tell them apart, as row_order() likes
 * them: keys that were counted up differ in their lowest.
 */
int *
integers_sorted(const Integers *integers)
{
	size_t		count = (size_t) integers->count;
	uint64	   *word = cv_alloc(Max(count, 1) * sizeof(uint64));
	uint32	   *order;
	int64		least = count > 0 ? integers->value[0] : 0;
	int64		greatest = least;
	int			shift;

	for (size_t i = 1; i < count; i++)
	{
		least = Min(least, integers->value[i]);
		greatest = Max(greatest, integers->value[i]);
	}
	shift = __builtin_clzll(((uint64) greatest - (uint64) least) | 1);
	for (size_t i = 0; i < count; i++)
		word[i] = ((uint64) integers->value[i] - (uint64) least) << shift;
	order = row_order(word, count, never, NULL);
	cv_free(word);
	return (int *) order;
}

void
integers_free(Integers *integers)
{
	if (integers->value)
	{
		cv_free(integers->value);
		cv_free(integers->slot);
	}
	memset(integers, 0, sizeof(Integers));
}
