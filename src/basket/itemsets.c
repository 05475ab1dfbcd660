/*
 * itemsets.c
 *		Finding frequent sets of items.
 */
#include "common/host.h"

#include "basket/itemsets.h"

#include "common/row_order.h"

#define NO_SLOT UINT32_MAX

uint32
least_count(i128 share, uint32 all)
{
	i128		least = (share * all + MINING_ONE - 1) / MINING_ONE;

	return (uint32) Max(least, 1);
}

/*
 * Baskets
 */

/* Lines that count: what is still there.  Counts baskets and items. */
static uint32 *
count_items(Baskets *b, const Lines *lines)
{
	uint32	   *count = cv_alloc(Max((size_t) lines->items.count, 1) * sizeof(uint32));
	const Line *last = NULL;

	memset(count, 0, (size_t) lines->items.count * sizeof(uint32));
	for (size_t i = 0; i < lines->count; i++)
	{
		const Line *line = &lines->line[i];

		if (line->amount <= 0 || line->item == NO_ITEM)
			continue;
		count[line->item]++;
		if (last == NULL || last->basket != line->basket || last->group != line->group)
			b->baskets++;
		last = line;
	}
	return count;
}

typedef struct CountedItem
{
	uint32		count;
	int32		place;			/* in the order of names */
	int			name;
} CountedItem;

static int
compare_items(const void *a, const void *b)
{
	const CountedItem *x = a;
	const CountedItem *y = b;

	if (x->count != y->count)
		return x->count < y->count ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Numbers the frequent items; returns the number of each name, or BASKET_END. */
static int32 *
choose_items(Baskets *b, const Lines *lines, const uint32 *count, uint32 least)
{
	int			names = lines->items.count;
	int		   *order = names_sorted(&lines->items);
	CountedItem *chosen = cv_alloc(Max((size_t) names, 1) * sizeof(CountedItem));
	int32	   *number = cv_alloc(Max((size_t) names, 1) * sizeof(int32));

	for (int place = 0; place < names; place++)
	{
		int			name = order[place];

		number[name] = BASKET_END;
		if (count[name] >= least)
		{
			chosen[b->items].count = count[name];
			chosen[b->items].place = place;
			chosen[b->items].name = name;
			b->items++;
		}
	}
	cv_free(order);
	qsort(chosen, (size_t) b->items, sizeof(CountedItem), compare_items);
	b->name = cv_alloc(Max((size_t) b->items, 1) * sizeof(int));
	b->count = cv_alloc(Max((size_t) b->items, 1) * sizeof(uint32));
	for (int32 i = 0; i < b->items; i++)
	{
		b->name[i] = chosen[i].name;
		b->count[i] = chosen[i].count;
		number[chosen[i].name] = i;
	}
	cv_free(chosen);
	return number;
}

static int
compare_numbers(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return x < y ? -1 : x > y;
}

static void
sort_numbers(int32 *number, size_t count)
{
	if (count > 24)
	{
		qsort(number, count, sizeof(int32), compare_numbers);
		return;
	}
	for (size_t i = 1; i < count; i++)
	{
		int32		v = number[i];
		size_t		at = i;

		for (; at > 0 && number[at - 1] > v; at--)
			number[at] = number[at - 1];
		number[at] = v;
	}
}

/* A basket with one frequent item is of no set of two. */
static void
end_basket(Baskets *b, size_t begin)
{
	if (b->length - begin < 2)
	{
		b->length = begin;
		return;
	}
	sort_numbers(&b->item[begin], b->length - begin);
	b->item[b->length++] = BASKET_END;
}

static void
fill_baskets(Baskets *b, const Lines *lines, const int32 *number)
{
	size_t		begin = 0;
	const Line *last = NULL;

	b->item = cv_alloc(Max(2 * lines->count, 1) * sizeof(int32));
	for (size_t i = 0; i < lines->count; i++)
	{
		const Line *line = &lines->line[i];

		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (line->amount <= 0 || line->item == NO_ITEM || number[line->item] == BASKET_END)
			continue;
		if (last != NULL && (last->basket != line->basket || last->group != line->group))
		{
			end_basket(b, begin);
			begin = b->length;
		}
		b->item[b->length++] = number[line->item];
		last = line;
	}
	end_basket(b, begin);
}

void
baskets_open(Baskets *b, Lines *lines, i128 min_support)
{
	uint32	   *count;
	int32	   *number;

	memset(b, 0, sizeof(Baskets));
	lines_net(lines);
	count = count_items(b, lines);
	number = choose_items(b, lines, count, least_count(min_support, b->baskets));
	cv_free(count);
	fill_baskets(b, lines, number);
	cv_free(number);
}

void
baskets_close(Baskets *b)
{
	cv_free(b->name);
	cv_free(b->count);
	cv_free(b->item);
}

/*
 * Sets
 */

typedef struct Search
{
	const Baskets *b;
	ItemSets   *sets;
	uint32		least;
	int			max_items;
	int32		prefix[MINING_MAX_ITEMS];

	/* for each depth: counts, zero between uses, and what was counted */
	uint32	   *count[MINING_MAX_ITEMS];
	int32	   *seen[MINING_MAX_ITEMS];
} Search;

static bool
add_set(Search *s, int depth, int32 item, uint32 count)
{
	ItemSets   *sets = s->sets;
	ItemSet    *set;

	if (sets->count == MINING_MAX_SETS)
		return false;
	if (sets->count == sets->room)
	{
		sets->room = Max(2 * sets->room, 64);
		sets->set = sets->set ? cv_realloc(sets->set, sets->room * sizeof(ItemSet)) :
			cv_alloc(sets->room * sizeof(ItemSet));
	}
	set = &sets->set[sets->count++];
	memset(set, 0, sizeof(ItemSet));
	set->count = count;
	set->items = depth + 1;
	memcpy(set->item, s->prefix, (size_t) depth * sizeof(int32));
	set->item[depth] = item;
	return true;
}

/* Counts all items that come later in the baskets with the prefix. */
static int32
count_later(Search *s, int depth, const uint32 *place, uint32 places)
{
	const int32 *item = s->b->item;
	uint32	   *count = s->count[depth];
	int32	   *seen = s->seen[depth];
	int32		nseen = 0;

	for (uint32 i = 0; i < places; i++)
	{
		if ((i & 0xFFF) == 0)
			cv_check_interrupts();
		for (const int32 *p = &item[place[i] + 1]; *p != BASKET_END; p++)
		{
			if (count[*p]++ == 0)
				seen[nseen++] = *p;
		}
	}
	return nseen;
}

static bool extend(Search *s, int depth, const uint32 *place, uint32 places);

/*
 * Goes on with the frequent ones of those that were counted: their places are
 * put together, then each is extended.  Counts become where places begin.
 */
static bool
extend_all(Search *s, int depth, const uint32 *place, uint32 places, int32 nseen)
{
	const int32 *item = s->b->item;
	uint32	   *count = s->count[depth];
	const int32 *seen = s->seen[depth];
	uint32	   *size = cv_alloc(Max((size_t) nseen, 1) * sizeof(uint32));
	uint32	   *later;
	uint32		sum = 0;
	bool		good = true;

	for (int32 i = 0; i < nseen; i++)
	{
		size[i] = count[seen[i]] >= s->least ? count[seen[i]] : 0;
		count[seen[i]] = size[i] > 0 ? sum : NO_SLOT;
		sum += size[i];
	}
	later = cv_alloc(Max((size_t) sum, 1) * sizeof(uint32));
	for (uint32 i = 0; i < places; i++)
	{
		for (uint32 p = place[i] + 1; item[p] != BASKET_END; p++)
		{
			if (count[item[p]] != NO_SLOT)
				later[count[item[p]]++] = p;
		}
	}
	sum = 0;
	for (int32 i = 0; i < nseen && good; i++)
	{
		if (size[i] == 0)
			continue;
		s->prefix[depth] = seen[i];
		good = extend(s, depth + 1, &later[sum], size[i]);
		sum += size[i];
	}
	cv_free(later);
	cv_free(size);
	return good;
}

/* All sets that begin with the first "depth" items of the prefix. */
static bool
extend(Search *s, int depth, const uint32 *place, uint32 places)
{
	uint32	   *count = s->count[depth];
	const int32 *seen = s->seen[depth];
	int32		nseen = count_later(s, depth, place, places);
	bool		good = true;

	for (int32 i = 0; i < nseen && good; i++)
	{
		if (count[seen[i]] >= s->least)
			good = add_set(s, depth, seen[i], count[seen[i]]);
	}
	if (good && depth + 1 < s->max_items)
		good = extend_all(s, depth, place, places, nseen);
	for (int32 i = 0; i < nseen; i++)
		count[seen[i]] = 0;
	return good;
}

/* Where each item is; returns the places and where those of each begin. */
static uint32 *
places_of_items(const Baskets *b, uint32 *start)
{
	uint32	   *place = cv_alloc(Max(b->length, 1) * sizeof(uint32));
	uint32		sum = 0;

	memset(start, 0, ((size_t) b->items + 1) * sizeof(uint32));
	for (size_t p = 0; p < b->length; p++)
	{
		if (b->item[p] != BASKET_END)
			start[b->item[p]]++;
	}
	for (int32 i = 0; i <= b->items; i++)
	{
		uint32		here = start[i];

		start[i] = sum;
		sum += here;
	}
	for (size_t p = 0; p < b->length; p++)
	{
		if (b->item[p] != BASKET_END)
			place[start[b->item[p]]++] = (uint32) p;
	}
	/* each begins where the one before has ended */
	memmove(start + 1, start, (size_t) b->items * sizeof(uint32));
	start[0] = 0;
	return place;
}

static uint32
slot_of(const ItemSets *sets, const int32 *item, int items)
{
	uint64		hash = (uint64) items;

	for (int i = 0; i < items; i++)
		hash = hash_mix(hash, (uint64) item[i]);
	for (uint32 at = (uint32) hash & sets->mask;; at = (at + 1) & sets->mask)
	{
		const ItemSet *set = sets->slot[at] == NO_SLOT ? NULL : &sets->set[sets->slot[at]];

		if (set == NULL || (set->items == items &&
							memcmp(set->item, item, (size_t) items * sizeof(int32)) == 0))
			return at;
	}
}

static void
hash_sets(ItemSets *sets)
{
	uint32		slots = 16;

	while (slots < 2 * sets->count)
		slots *= 2;
	sets->slot = cv_alloc((size_t) slots * sizeof(uint32));
	memset(sets->slot, 0xFF, (size_t) slots * sizeof(uint32));
	sets->mask = slots - 1;
	for (size_t i = 0; i < sets->count; i++)
		sets->slot[slot_of(sets, sets->set[i].item, sets->set[i].items)] = (uint32) i;
}

bool
itemsets_find(ItemSets *sets, const Baskets *b, uint32 least, int max_items)
{
	Search		s = {.b = b,.sets = sets,.least = least,.max_items = max_items};
	uint32	   *start = cv_alloc(((size_t) b->items + 1) * sizeof(uint32));
	uint32	   *place = places_of_items(b, start);
	bool		good = true;

	memset(sets, 0, sizeof(ItemSets));
	for (int depth = 1; depth < max_items; depth++)
	{
		s.count[depth] = cv_alloc(Max((size_t) b->items, 1) * sizeof(uint32));
		s.seen[depth] = cv_alloc(Max((size_t) b->items, 1) * sizeof(int32));
		memset(s.count[depth], 0, (size_t) b->items * sizeof(uint32));
	}
	for (int32 item = 0; item < b->items && good && max_items > 1; item++)
	{
		s.prefix[0] = item;
		good = extend(&s, 1, &place[start[item]], start[item + 1] - start[item]);
	}
	for (int depth = 1; depth < max_items; depth++)
	{
		cv_free(s.count[depth]);
		cv_free(s.seen[depth]);
	}
	cv_free(start);
	cv_free(place);
	if (good && max_items > 2)
		hash_sets(sets);
	return good;
}

uint32
itemsets_count(const ItemSets *sets, const Baskets *b, const int32 *item, int items)
{
	if (items == 1)
		return b->count[item[0]];
	return sets->set[sets->slot[slot_of(sets, item, items)]].count;
}

void
itemsets_free(ItemSets *sets)
{
	if (sets->set)
		cv_free(sets->set);
	if (sets->slot)
		cv_free(sets->slot);
	memset(sets, 0, sizeof(ItemSets));
}
