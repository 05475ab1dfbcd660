/*
 * test_patterns.c
 *		Hash tables that are counted into each other slot by slot, as parallel
 *		workers' are: nothing may crowd.
 */
#include "common/host.h"

#include "clv/patterns.h"
#include "survival/times.h"
#include "tap.h"

#define PATTERNS 157286

static void
open_table(PatternTable *table)
{
	Pattern    *slot = cv_alloc(PATTERN_FIRST_SLOTS * sizeof(Pattern));

	memset(slot, 0, PATTERN_FIRST_SLOTS * sizeof(Pattern));
	patterns_open(table, slot);
}

/*
 * A table that grew on the way was too small before, and crowded: a run of
 * slots is full then that takes thousands of steps to pass.
 */
static bool
count_in(PatternTable *into, const PatternTable *from)
{
	size_t		slots;

	patterns_reserve(into, from->used);
	slots = into->slots;
	for (size_t i = 0; i < from->slots; i++)
	{
		const Pattern *p = &from->slot[i];

		if (p->customers > 0)
			patterns_add(into, p->frequency, p->recency, p->age, p->customers);
	}
	return into->slots == slots;
}

static void
test_patterns(void)
{
	PatternTable part[2];
	PatternTable whole;

	open_table(&whole);
	for (int k = 0; k < 2; k++)
	{
		open_table(&part[k]);
		for (int i = 0; i < PATTERNS; i++)
			patterns_add(&part[k], 0, 0, (2 * i + k) / 7.0, 1);
		ok(count_in(&whole, &part[k]), "%d tables: there was room", k + 1);
		ok(whole.used == (size_t) PATTERNS * (k + 1), "%d tables: all patterns are there", k + 1);
	}
	(void) count_in(&whole, &part[0]);
	ok(whole.used == 2 * (size_t) PATTERNS, "the same patterns once more are no others");
	for (int k = 0; k < 2; k++)
		cv_free(part[k].slot);
	cv_free(whole.slot);
}

static void
test_times(void)
{
	TimeTable	table = {0};
	size_t		slots;

	times_add(&table, 1, 0, 1, 0);
	times_reserve(&table, PATTERNS);
	slots = table.slots;
	for (int i = 0; i < PATTERNS; i++)
		times_add(&table, 2 + i, 0, 1, 0);
	ok(table.used == PATTERNS + 1 && table.slots == slots, "times fit into the room made for them");
	cv_free(table.slot);
}

int
main(void)
{
	test_patterns();
	test_times();
	return done_testing("patterns");
}
