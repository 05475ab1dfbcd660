/*
 * penetration.c
 *		How many customers of each group own each item.
 */
#include "common/host.h"

#include "basket/penetration.h"

static void *
zeros(size_t count, size_t size)
{
	return memset(cv_alloc(Max(count, 1) * size), 0, count * size);
}

/* The place of each number in an order of them. */
static int *
places_in(const int *order, int count)
{
	int		   *place = cv_alloc(Max((size_t) count, 1) * sizeof(int));

	for (int i = 0; i < count; i++)
		place[order[i]] = i;
	return place;
}

/* An item whose net amount is not positive was returned, but its customer stays. */
static void
count_lines(Penetration *p, const Lines *lines)
{
	int		   *group_place = places_in(p->group, p->groups);
	int		   *item_place = places_in(p->item, p->items);

	for (size_t i = 0; i < lines->count; i++)
	{
		const Line *line = &lines->line[i];
		int			group = group_place[line->group];

		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
		if (i == 0 || line[-1].basket != line->basket || line[-1].group != line->group)
		{
			p->customers[group]++;
			p->all_customers++;
		}
		if (line->item != NO_ITEM && line->amount > 0)
		{
			int			item = item_place[line->item];
			PenetrationCell *cell = &p->cell[(size_t) group * p->items + item];

			cell->owners++;
			cell->amount += line->amount;
			p->owners[item]++;
		}
	}
	cv_free(group_place);
	cv_free(item_place);
}

bool
penetration_open(Penetration *p, Lines *lines)
{
	memset(p, 0, sizeof(Penetration));
	p->groups = lines->groups.count;
	p->items = lines->items.count;
	if ((int64) p->groups * p->items > PENETRATION_MAX_CELLS)
		return false;
	lines_net(lines);
	p->group = names_sorted(&lines->groups);
	p->item = names_sorted(&lines->items);
	p->customers = zeros(p->groups, sizeof(int64));
	p->owners = zeros(p->items, sizeof(int64));
	p->cell = zeros((size_t) p->groups * p->items, sizeof(PenetrationCell));
	count_lines(p, lines);
	return true;
}

void
penetration_close(Penetration *p)
{
	cv_free(p->group);
	cv_free(p->item);
	cv_free(p->customers);
	cv_free(p->owners);
	cv_free(p->cell);
}
