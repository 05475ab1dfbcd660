/*
 * test_ids.c
 *		Numbers of ids, against a search through all of them.
 */
#include "common/host.h"

#include "directory/ids.h"

#include "random.h"
#include "tap.h"

#define MOST_IDS 3000

/* Ids that are known, and the same as a list. */
typedef struct Known
{
	Ids			ids;
	int64		id[MOST_IDS];
	int32		count;
	bool		right;
} Known;

static int32
place_in_list(const Known *k, int64 id)
{
	for (int32 i = 0; i < k->count; i++)
		if (k->id[i] == id)
			return i;
	return NOBODY;
}

/* Find it, add it, and find it again. */
static void
add(Known *k, int64 id)
{
	int32		at = place_in_list(k, id);

	k->right &= ids_find(&k->ids, id) == at;
	if (at == NOBODY)
	{
		at = k->count;
		k->id[k->count++] = id;
	}
	ids_prefetch(&k->ids, id);
	k->right &= ids_add(&k->ids, id) == at && ids_find(&k->ids, id) == at;
	k->right &= k->ids.count == k->count && k->ids.id[at] == id;
}

/* What was not added is not found; the others are sorted. */
static bool
finish(Known *k)
{
	static const int64 odd[] = {0, -1, 1, 77, INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_MAX - 1};
	int32	   *order = ids_sorted(&k->ids);

	for (size_t i = 0; i < lengthof(odd); i++)
		k->right &= ids_find(&k->ids, odd[i]) == place_in_list(k, odd[i]);
	for (int32 i = 1; i < k->count; i++)
		k->right &= k->id[order[i - 1]] < k->id[order[i]];
	cv_free(order);
	ids_free(&k->ids);
	k->right &= ids_find(&k->ids, k->id[0]) == NOBODY && k->ids.count == 0;
	return k->right;
}

static void
of_all_kinds(void)
{
	static const int64 odd[] = {0, -1, 1, INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_MAX - 1};
	Known		k = {.right = true};
	int32		count;

	for (int i = 0; i < 20000; i++)
		switch (random64() % 4)
		{
			case 0:
				add(&k, odd[random64() % lengthof(odd)]);
				break;
			case 1:
				add(&k, (int64) (random64() % 1000));
				break;
			case 2:
				add(&k, (int64) (random64() % 1000) << 40);
				break;
			default:
				add(&k, k.count < 900 ? (int64) random64() : k.id[random64() % (uint64) k.count]);
				break;
		}
	count = k.count;
	ok(finish(&k) && count > 2000, "ids of all kinds keep their numbers, and are sorted (%d of them)", count);

	k = (Known) {.right = true};
	ok(finish(&k), "no id at all");
}

/* So many ids from the least to the greatest, by steps, in no order. */
static bool
expected_agree(int64 least, int64 step, int32 ids, bool few_gaps)
{
	Known		k = {.right = true};
	int64		greatest = (int64) ((uint64) least + (uint64) step * (uint64) (ids - 1));

	ids_expect(&k.ids, least, greatest, ids);
	k.right &= (k.ids.number != NULL) == few_gaps;
	for (int32 i = 0; i < 3 * ids; i++)
		add(&k, (int64) ((uint64) least + (uint64) step * (random64() % (uint64) ids)));
	add(&k, greatest);
	add(&k, least);
	return finish(&k);
}

static void
expected(void)
{
	ok(expected_agree(INT64CONST(7000000000), 1, 900, true) &&
	   expected_agree(-100, 3, 300, true), "ids that leave few gaps");
	ok(expected_agree(0, INT64CONST(1000000007), 200, false) &&
	   expected_agree(-100, 5, 300, false), "ids that leave many");
	ok(expected_agree(INT64_MIN, 1, 20, true) && expected_agree(INT64_MAX - 1, 1, 2, true) &&
	   expected_agree(INT64_MAX, 1, 1, true), "the greatest and the least");
	ok(expected_agree(INT64_MIN, INT64_MAX, 3, false), "both of them");
}

int
main(void)
{
	of_all_kinds();
	expected();
	return done_testing("ids");
}
