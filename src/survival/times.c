/*
 * times.c
 *		Counting what happened at which time.
 */
#include "survival/times.h"

#define FIRST_SLOTS 32

/*
 * Fold, multiply, fold: doubles differ in their high bits mostly, and whole
 * numbers in these alone, which a product hands on to none that are lower.
 */
static size_t
hash_of(double time)
{
	uint64		h;

	memcpy(&h, &time, sizeof(h));
	h ^= h >> 32;
	h *= UINT64CONST(0x9E3779B97F4A7C15);
	return (size_t) (h ^ h >> 32);
}

static TimeCount *
place_of(const TimeTable *table, double time)
{
	for (size_t at = hash_of(time);; at++)
	{
		TimeCount  *t = &table->slot[at & (table->slots - 1)];

		if (time_is_free(t) || t->time == time)
			return t;
	}
}

static void
grow(TimeTable *table)
{
	TimeCount  *old = table->slot;
	size_t		old_slots = table->slots;

	cv_check_interrupts();
	table->slots = old_slots > 0 ? 2 * old_slots : FIRST_SLOTS;
	table->slot = cv_alloc(table->slots * sizeof(TimeCount));
	memset(table->slot, 0, table->slots * sizeof(TimeCount));
	for (size_t i = 0; i < old_slots; i++)
		if (!time_is_free(&old[i]))
			*place_of(table, old[i].time) = old[i];
	if (old)
		cv_free(old);
}

void
times_add(TimeTable *table, double time, int64 entered, int64 events, int64 censored)
{
	TimeCount  *t;

	if (unlikely(table->used >= table->slots / 4 * 3))
		grow(table);
	t = place_of(table, time);
	table->used += time_is_free(t);
	t->time = time;
	t->entered += entered;
	t->events += events;
	t->censored += censored;
}

void
times_reserve(TimeTable *table, size_t more)
{
	while (table->used + more > table->slots / 4 * 3)
		grow(table);
}

static int
compare_times(const void *a, const void *b)
{
	const TimeCount *s = a;
	const TimeCount *t = b;

	return (s->time > t->time) - (s->time < t->time);
}

TimeCount *
times_sorted(const TimeTable *table)
{
	TimeCount  *sorted = cv_alloc(Max(table->used, 1) * sizeof(TimeCount));
	size_t		n = 0;

	for (size_t i = 0; i < table->slots; i++)
		if (!time_is_free(&table->slot[i]))
			sorted[n++] = table->slot[i];
	qsort(sorted, n, sizeof(TimeCount), compare_times);
	return sorted;
}
