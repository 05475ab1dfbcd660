/*
 * presort.c
 *		Sorting each feature of a frame, once.
 */
#include "tree/presort.h"

#define RADIX_BITS 11
#define RADIX_SIZE (1 << RADIX_BITS)
#define RADIX_PASSES 6

typedef struct Item
{
	uint64		key;
	uint32		row;
} Item;

/* Bits that order like the double; missing values are above all. */
static inline uint64
key_of(double v)
{
	uint64		bits;

	if (v != v)
		return UINT64_MAX;
	v += 0.0;
	memcpy(&bits, &v, sizeof(bits));
	return bits ^ ((uint64) ((int64) bits >> 63) | (UINT64CONST(1) << 63));
}

/*
 * Least significant digit first, which keeps the order of equal ones; digits
 * that all share are skipped.  Returns where the result is.
 */
static Item *
radix_sort(Item *from, Item *to, size_t count)
{
	size_t	   *counts = cv_alloc(RADIX_PASSES * RADIX_SIZE * sizeof(size_t));

	memset(counts, 0, RADIX_PASSES * RADIX_SIZE * sizeof(size_t));
	for (size_t i = 0; i < count; i++)
	{
		for (int pass = 0; pass < RADIX_PASSES; pass++)
			counts[pass * RADIX_SIZE + ((from[i].key >> (pass * RADIX_BITS)) & (RADIX_SIZE - 1))]++;
	}
	for (int pass = 0; pass < RADIX_PASSES; pass++)
	{
		size_t	   *at = counts + pass * RADIX_SIZE;
		int			shift = pass * RADIX_BITS;
		size_t		before = 0;
		Item	   *swap;

		cv_check_interrupts();
		if (at[(from[0].key >> shift) & (RADIX_SIZE - 1)] == count)
			continue;
		for (int digit = 0; digit < RADIX_SIZE; digit++)
		{
			size_t		here = at[digit];

			at[digit] = before;
			before += here;
		}
		for (size_t i = 0; i < count; i++)
			to[at[(from[i].key >> shift) & (RADIX_SIZE - 1)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	cv_free(counts);
	return from;
}

static void
sort_column(TreeEntry *column, const Feature *feature, const double *target, size_t count,
			Item *first, Item *second)
{
	Item	   *sorted;
	uint32		rank = 0;

	for (size_t i = 0; i < count; i++)
	{
		first[i].key = key_of(feature->number[i]);
		first[i].row = (uint32) i;
	}
	sorted = radix_sort(first, second, count);
	for (size_t i = 0; i < count; i++)
	{
		/* doubles that are neighbours have neighbouring keys */
		if (i > 0 && sorted[i].key - sorted[i - 1].key > (feature->rounded ? 1 : 0))
			rank++;
		column[i].row = sorted[i].row;
		column[i].y = target[sorted[i].row];
		column[i].rank = sorted[i].key == UINT64_MAX ? MISSING_RANK : rank;
	}
}

void
presort_open(Presort *p, const Frame *frame, const double *target)
{
	size_t		count = frame->count;
	Item	   *first = cv_alloc(count * sizeof(Item));
	Item	   *second = cv_alloc(count * sizeof(Item));

	Assert(count < MISSING_RANK);
	p->count = p->frame_count = count;
	p->nfeatures = frame->nfeatures;
	p->column = cv_alloc(frame->nfeatures * sizeof(TreeEntry *));
	p->plain = cv_alloc(count * sizeof(TreeEntry));
	for (size_t i = 0; i < count; i++)
	{
		p->plain[i].y = target[i];
		p->plain[i].row = (uint32) i;
		p->plain[i].rank = 0;
	}
	for (int f = 0; f < frame->nfeatures; f++)
	{
		p->column[f] = NULL;
		if (frame->feature[f].kind != FEATURE_NUMBER)
			continue;
		p->column[f] = cv_alloc(count * sizeof(TreeEntry));
		if (count > 0)
			sort_column(p->column[f], &frame->feature[f], target, count, first, second);
	}
	cv_free(first);
	cv_free(second);
}

static size_t
copy_column(TreeEntry *to, const TreeEntry *from, size_t from_count, size_t count, const uint8 *fold_of, int fold)
{
	size_t		n = 0;

	for (size_t i = 0; i < from_count; i++)
	{
		to[n] = from[i];
		n += from[i].row < count && fold_of[from[i].row] != fold;
	}
	return n;
}

void
presort_copy(Presort *copy, const Presort *from, size_t count, const uint8 *fold_of, int fold)
{
	bool		fresh = copy->plain == NULL;

	/* one entry more than needed: each is written before it is known to stay */
	if (fresh)
	{
		copy->frame_count = from->frame_count;
		copy->nfeatures = from->nfeatures;
		copy->plain = cv_alloc((count + 1) * sizeof(TreeEntry));
		copy->column = cv_alloc(from->nfeatures * sizeof(TreeEntry *));
		for (int f = 0; f < from->nfeatures; f++)
			copy->column[f] = from->column[f] ? cv_alloc((count + 1) * sizeof(TreeEntry)) : NULL;
	}
	copy->count = copy_column(copy->plain, from->plain, from->count, count, fold_of, fold);
	for (int f = 0; f < from->nfeatures; f++)
	{
		cv_check_interrupts();
		if (from->column[f])
			copy_column(copy->column[f], from->column[f], from->count, count, fold_of, fold);
	}
}

void
presort_close(Presort *p)
{
	for (int f = 0; f < p->nfeatures; f++)
	{
		if (p->column[f])
			cv_free(p->column[f]);
	}
	cv_free(p->column);
	cv_free(p->plain);
	memset(p, 0, sizeof(Presort));
}
