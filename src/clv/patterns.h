/*
 * patterns.h
 *		Counting customers who are alike.
 *
 * A likelihood sees of a customer no more than a pattern of three numbers,
 * and a million customers have a tenth as many patterns.  So they are counted
 * in a hash table as they come; memory follows the patterns.
 */
#ifndef CV_PATTERNS_H
#define CV_PATTERNS_H

#include "common/host.h"

#include "clv/model.h"

typedef struct PatternTable
{
	Pattern    *slot;			/* free where customers is 0 */
	size_t		slots;			/* a power of two */
	size_t		used;
} PatternTable;

/* An empty table in memory the caller allocated, all zeros. */
#define PATTERN_FIRST_SLOTS 64

extern void patterns_open(PatternTable *table, Pattern *slot);
extern void patterns_grow(PatternTable *table);

/*
 * Room for so many more.  To be called before another table is counted in
 * slot by slot: its patterns come in the order of their hashes, and crowd in
 * the first slots of a table that is smaller.
 */
extern void patterns_reserve(PatternTable *table, size_t more);

static inline uint64
pattern_bits(double v)
{
	uint64		bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

/*
 * Multiply and fold, once for each number and once more: times are often
 * sevenths, whose low bits are all alike, so that only the last fold brings
 * down what tells them apart.
 */
static inline uint64
pattern_hash(double frequency, double recency, double age)
{
	uint64		h = pattern_bits(frequency) * UINT64CONST(0x9E3779B97F4A7C15);

	h ^= h >> 32;
	h = (h + pattern_bits(recency)) * UINT64CONST(0xD6E8FEB86659FD93);
	h ^= h >> 32;
	h = (h + pattern_bits(age)) * UINT64CONST(0xFF51AFD7ED558CCD);
	h ^= h >> 32;
	h *= UINT64CONST(0xC4CEB9FE1A85EC53);
	return h ^ h >> 32;
}

/* Count customers in.  No number may be -0. */
static inline void
patterns_add(PatternTable *table, double frequency, double recency, double age,
			 double customers)
{
	size_t		at = pattern_hash(frequency, recency, age);

	for (;; at++)
	{
		Pattern    *p = &table->slot[at & (table->slots - 1)];

		if (p->customers == 0)
		{
			p->frequency = frequency;
			p->recency = recency;
			p->age = age;
			p->customers = customers;
			if (unlikely(++table->used > table->slots / 4 * 3))
				patterns_grow(table);
			return;
		}
		if (p->frequency == frequency && p->recency == recency && p->age == age)
		{
			p->customers += customers;
			return;
		}
	}
}

/* All of them, sorted by frequency, recency and age, in memory of their own. */
extern Pattern *patterns_sorted(const PatternTable *table);

#endif							/* CV_PATTERNS_H */
