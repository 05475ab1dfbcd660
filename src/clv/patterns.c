/*
 * patterns.c
 *		Counting customers who are alike.
 */
#include "clv/patterns.h"

void
patterns_open(PatternTable *table, Pattern *slot)
{
	table->slot = slot;
	table->slots = PATTERN_FIRST_SLOTS;
	table->used = 0;
}

/*
 * Twice as many slots.  cv_realloc() keeps the memory in the context it came
 * from, so the old slots are put aside and counted in again.
 */
void
patterns_grow(PatternTable *table)
{
	size_t		slots = table->slots;
	Pattern    *old = cv_alloc(table->used * sizeof(Pattern));
	size_t		n = 0;

	cv_check_interrupts();
	for (size_t i = 0; i < slots; i++)
		if (table->slot[i].customers > 0)
			old[n++] = table->slot[i];
	table->slots = slots * 2;
	table->slot = cv_realloc(table->slot, table->slots * sizeof(Pattern));
	memset(table->slot, 0, table->slots * sizeof(Pattern));
	table->used = 0;
	for (size_t i = 0; i < n; i++)
		patterns_add(table, old[i].frequency, old[i].recency, old[i].age,
					 old[i].customers);
	cv_free(old);
}

void
patterns_reserve(PatternTable *table, size_t more)
{
	while (table->used + more > table->slots / 4 * 3)
		patterns_grow(table);
}

static int
compare_patterns(const void *a, const void *b)
{
	const Pattern *p = a;
	const Pattern *q = b;

	if (p->frequency != q->frequency)
		return p->frequency < q->frequency ? -1 : 1;
	if (p->recency != q->recency)
		return p->recency < q->recency ? -1 : 1;
	return p->age < q->age ? -1 : p->age > q->age;
}

Pattern *
patterns_sorted(const PatternTable *table)
{
	Pattern    *pattern = cv_alloc(Max(table->used, 1) * sizeof(Pattern));
	size_t		n = 0;

	for (size_t i = 0; i < table->slots; i++)
		if (table->slot[i].customers > 0)
			pattern[n++] = table->slot[i];
	qsort(pattern, n, sizeof(Pattern), compare_patterns);
	return pattern;
}
