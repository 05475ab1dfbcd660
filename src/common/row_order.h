/*
 * row_order.h
 *		An order of rows that depends on nothing but what is in them.
 *
 * Sums of doubles depend on the order of their terms; so before anything is
 * computed from collected rows, they are put in the order of a hash of their
 * contents.  That order is random as far as statistics are concerned, except
 * that equal rows are neighbours: where every stretch of rows is to be a fair
 * sample, they have to be scattered.
 */
#ifndef CV_ROW_ORDER_H
#define CV_ROW_ORDER_H

#include "common/host.h"

/* Mix another word into a hash. */
static inline uint64
hash_mix(uint64 hash, uint64 word)
{
	hash ^= word;
	hash *= UINT64CONST(0x9E3779B97F4A7C15);
	hash ^= hash >> 32;
	hash *= UINT64CONST(0xD6E8FEB86659FD93);
	return hash ^ hash >> 29;
}

/* Equal doubles, equal words: -0 is 0, NaN is one NaN. */
static inline uint64
hash_word_of_double(double v)
{
	uint64		word;

	if (v != v)
		return UINT64CONST(0x7FF8000000000000);
	v += 0.0;
	memcpy(&word, &v, sizeof(word));
	return word;
}

/* Order of two rows, given their numbers: negative, 0, positive. */
typedef int (*RowCompare) (uint32 a, uint32 b, void *context);

/*
 * The numbers of rows 0 .. count - 1 in ascending order of their hashes, which
 * are sorted, too; rows with equal hashes by compare().  For count below 2^32.
 */
extern uint32 *row_order(uint64 *hash, size_t count, RowCompare compare, void *context);

#endif							/* CV_ROW_ORDER_H */
