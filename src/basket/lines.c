/*
 * lines.c
 *		Collecting and netting what baskets hold.
 */
#include "common/host.h"

#include "basket/lines.h"

#define FIRST_ROOM 64
#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)

static void
reserve(Lines *lines, size_t more)
{
	if (lines->room - lines->count >= more)
		return;
	lines->room = Max(Max(lines->count + more, 2 * lines->room), FIRST_ROOM);
	lines->line = lines->line ? cv_realloc(lines->line, lines->room * sizeof(Line)) :
		cv_alloc(lines->room * sizeof(Line));
}

bool
lines_add(Lines *lines, int64 basket, int32 group, int32 item, i128 amount)
{
	Line	   *line;

	if (unlikely(lines->count >= (size_t) LINES_LIMIT))
		return false;
	if (unlikely(lines->count == lines->room))
		reserve(lines, 1);
	line = &lines->line[lines->count++];
	line->basket = basket;
	line->group = group;
	line->item = item;
	line->amount = amount;
	lines->netted = false;
	return true;
}

/* The numbers that names of one dictionary have in the other. */
static int *
add_names(Names *into, const Names *from)
{
	int		   *number = cv_alloc(Max((size_t) from->count, 1) * sizeof(int));

	for (int i = 0; i < from->count; i++)
	{
		number[i] = names_add(into, from->name[i].text, from->name[i].length);
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return number;
}

bool
lines_merge(Lines *into, const Lines *from)
{
	int		   *item;
	int		   *group;
	int		   *basket;

	if (into->count + from->count > (size_t) LINES_LIMIT ||
		(int64) into->items.count + from->items.count > LINES_MAX_NAMES ||
		(int64) into->groups.count + from->groups.count > LINES_MAX_NAMES ||
		(int64) into->baskets.count + from->baskets.count > LINES_MAX_NAMES)
		return false;
	item = add_names(&into->items, &from->items);
	group = add_names(&into->groups, &from->groups);
	basket = add_names(&into->baskets, &from->baskets);
	reserve(into, from->count);
	for (size_t i = 0; i < from->count; i++)
	{
		const Line *line = &from->line[i];

		lines_add(into,
				  from->baskets.count > 0 ? basket[line->basket] : line->basket,
				  from->groups.count > 0 ? group[line->group] : line->group,
				  line->item == NO_ITEM ? NO_ITEM : item[line->item],
				  line->amount);
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	cv_free(item);
	cv_free(group);
	cv_free(basket);
	return true;
}

/*
 * Sorting: by digits, the least significant first, each pass keeping the order
 * of the one before.  Numbers of a dictionary have few digits, and so have the
 * keys of most tables, counted from the least.
 */

typedef enum LineKey
{
	BY_ITEM,
	BY_BASKET,
	BY_GROUP
} LineKey;

static inline uint64
key_of(const Line *line, LineKey key)
{
	switch (key)
	{
		case BY_ITEM:
			return (uint64) (line->item - NO_ITEM);
		case BY_BASKET:
			return (uint64) line->basket;
		default:
			return (uint64) line->group;
	}
}

/* Lines as they are after the pass are in the second array. */
static void
sort_by_digit(const Line *from, Line *to, size_t count, LineKey key, uint64 least, int shift)
{
	size_t		start[DIGITS] = {0};
	size_t		sum = 0;

	for (size_t i = 0; i < count; i++)
		start[(key_of(&from[i], key) - least) >> shift & (DIGITS - 1)]++;
	for (int digit = 0; digit < DIGITS; digit++)
	{
		size_t		here = start[digit];

		start[digit] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[start[(key_of(&from[i], key) - least) >> shift & (DIGITS - 1)]++] = from[i];
	cv_check_interrupts();
}

/* Baskets are signed: the least of them is where their digits begin. */
static void
sort_by_key(Lines *lines, Line **spare, LineKey key)
{
	uint64		least = key_of(&lines->line[0], key);
	uint64		most = 0;

	for (size_t i = 1; i < lines->count; i++)
	{
		uint64		here = key_of(&lines->line[i], key);

		if (key == BY_BASKET ? (int64) here < (int64) least : here < least)
			least = here;
	}
	for (size_t i = 0; i < lines->count; i++)
		most = Max(most, key_of(&lines->line[i], key) - least);
	for (int shift = 0; shift < 64 && most >> shift > 0; shift += DIGIT_BITS)
	{
		Line	   *sorted = *spare;

		sort_by_digit(lines->line, sorted, lines->count, key, least, shift);
		*spare = lines->line;
		lines->line = sorted;
	}
}

void
lines_net(Lines *lines)
{
	size_t		kept = 0;
	Line	   *spare;

	if (lines->netted || lines->count == 0)
		return;
	spare = cv_alloc(lines->room * sizeof(Line));
	sort_by_key(lines, &spare, BY_ITEM);
	sort_by_key(lines, &spare, BY_BASKET);
	sort_by_key(lines, &spare, BY_GROUP);
	cv_free(spare);
	for (size_t i = 1; i < lines->count; i++)
	{
		Line	   *last = &lines->line[kept];
		const Line *line = &lines->line[i];

		if (line->basket == last->basket && line->item == last->item &&
			line->group == last->group)
			last->amount += line->amount;
		else
			lines->line[++kept] = *line;
	}
	lines->count = kept + 1;
	lines->netted = true;
}

void
lines_free(Lines *lines)
{
	if (lines->line)
		cv_free(lines->line);
	names_free(&lines->items);
	names_free(&lines->groups);
	names_free(&lines->baskets);
	memset(lines, 0, sizeof(Lines));
}
