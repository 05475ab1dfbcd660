/*
 * row_order.c
 *		Sorting rows by the hashes of their contents.
 */
#include "common/row_order.h"

#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)

typedef struct Item
{
	uint64		hash;
	uint32		row;
} Item;

/*
 * Order by so many of the highest bits that few rows share them: three or six
 * passes of a radix sort.  Neighbours are put right by insertion.
 */
static Item *
sort_by_high_bits(Item *item, Item *spare, size_t count)
{
	int			passes = count <= 1024 ? 0 : count <= (1u << 27) ? 3 : 5;

	for (int pass = 0; pass < passes; pass++)
	{
		int			shift = 64 - DIGIT_BITS * (passes - pass);
		size_t		start[DIGITS] = {0};
		size_t		sum = 0;
		Item	   *from = item;

		for (size_t i = 0; i < count; i++)
			start[from[i].hash >> shift & (DIGITS - 1)]++;
		for (int digit = 0; digit < DIGITS; digit++)
		{
			size_t		here = start[digit];

			start[digit] = sum;
			sum += here;
		}
		for (size_t i = 0; i < count; i++)
			spare[start[from[i].hash >> shift & (DIGITS - 1)]++] = from[i];
		item = spare;
		spare = from;
		cv_check_interrupts();
	}
	return item;
}

static inline bool
is_before(const Item *a, const Item *b, RowCompare compare, void *context)
{
	if (a->hash != b->hash)
		return a->hash < b->hash;
	return compare(a->row, b->row, context) < 0;
}

/* Heap sort: in place, and no input makes it slow. */
static void
sort_run(Item *item, size_t count, RowCompare compare, void *context)
{
	size_t		root = count / 2;
	size_t		end = count;

	while (end > 1)
	{
		size_t		at;
		size_t		child;
		Item		v;

		if (root > 0)
			v = item[--root];
		else
		{
			v = item[--end];
			item[end] = item[0];
		}
		for (at = root; (child = 2 * at + 1) < end; at = child)
		{
			if (child + 1 < end && is_before(&item[child], &item[child + 1], compare, context))
				child++;
			if (!is_before(&v, &item[child], compare, context))
				break;
			item[at] = item[child];
		}
		item[at] = v;
		if ((end & 0xFFF) == 0)
			cv_check_interrupts();
	}
}

/* Customers who do not differ, of whom there may be millions, need no sorting. */
static bool
are_equal(const Item *item, size_t count, RowCompare compare, void *context)
{
	for (size_t i = 1; i < count; i++)
	{
		if (item[i].hash != item[0].hash || compare(item[0].row, item[i].row, context) != 0)
			return false;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return true;
}

/* Rows whose sorted bits are equal are neighbours; finish each run of them. */
static void
sort_runs(Item *item, size_t count, RowCompare compare, void *context)
{
	int			shift = count <= 1024 ? 63 : count <= (1u << 27) ? 64 - 3 * DIGIT_BITS :
	64 - 5 * DIGIT_BITS;
	size_t		begin = 0;

	if (count <= 1024)
	{
		sort_run(item, count, compare, context);
		return;
	}
	while (begin < count)
	{
		size_t		end = begin + 1;

		while (end < count && item[end].hash >> shift == item[begin].hash >> shift)
			end++;
		if (!are_equal(item + begin, end - begin, compare, context))
			sort_run(item + begin, end - begin, compare, context);
		begin = end;
	}
}

uint32 *
row_order(uint64 *hash, size_t count, RowCompare compare, void *context)
{
	Item	   *first = cv_alloc(count * sizeof(Item));
	Item	   *second = cv_alloc(count * sizeof(Item));
	uint32	   *order = cv_alloc(count * sizeof(uint32));
	Item	   *sorted;

	Assert(count <= 0xFFFFFFFFu);
	for (size_t i = 0; i < count; i++)
	{
		first[i].hash = hash[i];
		first[i].row = (uint32) i;
	}
	sorted = sort_by_high_bits(first, second, count);
	sort_runs(sorted, count, compare, context);
	for (size_t i = 0; i < count; i++)
	{
		hash[i] = sorted[i].hash;
		order[i] = sorted[i].row;
	}
	cv_free(first);
	cv_free(second);
	return order;
}
