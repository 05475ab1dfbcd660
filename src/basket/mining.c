/*
 * mining.c
 *		Association rules from frequent sets of items.
 */
#include "common/host.h"

#include "basket/mining.h"

#include <math.h>

#include "basket/itemsets.h"

typedef struct Making
{
	const Mining *mining;
	const Baskets *b;
	const ItemSets *sets;
	Rules	   *rules;
	size_t		room;
	int32	   *place;			/* of each frequent item in the order of names */
} Making;

/*
 * Rules
 */

static bool
is_confident(const Making *m, uint32 baskets, uint32 with_antecedent)
{
	return baskets * MINING_ONE >= m->mining->min_confidence * with_antecedent;
}

static Rule *
add_rule(Making *m)
{
	Rules	   *rules = m->rules;

	if (rules->count == m->room)
	{
		m->room = Max(2 * m->room, 64);
		rules->rule = rules->rule ? cv_realloc(rules->rule, m->room * sizeof(Rule)) :
			cv_alloc(m->room * sizeof(Rule));
	}
	return memset(&rules->rule[rules->count++], 0, sizeof(Rule));
}

/* Antecedents in the order of their names. */
static void
set_antecedents(const Making *m, Rule *rule, const int32 *item, int items)
{
	rule->antecedents = items;
	for (int i = 0; i < items; i++)
	{
		int32		place = m->place[item[i]];
		int			at = i;

		for (; at > 0 && rule->antecedent[at - 1] > place; at--)
			rule->antecedent[at] = rule->antecedent[at - 1];
		rule->antecedent[at] = place;
	}
}

/* The rules of one set: each of its items may be the consequent. */
static bool
rules_of_set(Making *m, const ItemSet *set)
{
	for (int out = 0; out < set->items; out++)
	{
		int32		rest[MINING_MAX_ITEMS];
		int			items = 0;
		uint32		with_antecedent;
		Rule	   *rule;

		for (int i = 0; i < set->items; i++)
		{
			if (i != out)
				rest[items++] = set->item[i];
		}
		with_antecedent = itemsets_count(m->sets, m->b, rest, items);
		if (!is_confident(m, set->count, with_antecedent))
			continue;
		if (m->rules->count == MINING_MAX_RULES)
			return false;
		rule = add_rule(m);
		set_antecedents(m, rule, rest, items);
		rule->consequent = m->place[set->item[out]];
		rule->baskets = set->count;
		rule->with_antecedent = with_antecedent;
		rule->with_consequent = m->b->count[set->item[out]];
	}
	return true;
}

/* With nothing as antecedent: how popular an item is with everybody. */
static bool
rules_for_everybody(Making *m)
{
	for (int32 i = 0; i < m->b->items; i++)
	{
		Rule	   *rule;

		if (!is_confident(m, m->b->count[i], m->b->baskets))
			continue;
		if (m->rules->count == MINING_MAX_RULES)
			return false;
		rule = add_rule(m);
		rule->consequent = m->place[i];
		rule->baskets = rule->with_consequent = m->b->count[i];
		rule->with_antecedent = m->b->baskets;
	}
	return true;
}

static bool
make_rules(Making *m)
{
	if (m->mining->min_items == 1 && !rules_for_everybody(m))
		return false;
	for (size_t i = 0; i < m->sets->count; i++)
	{
		if (m->sets->set[i].items >= m->mining->min_items && !rules_of_set(m, &m->sets->set[i]))
			return false;
		if ((i & 0xFFF) == 0)
			cv_check_interrupts();
	}
	return true;
}

/*
 * Order
 */

static int
compare_products(i128 a, i128 b)
{
	return a > b ? -1 : a < b;
}

/*
 * Lift is baskets * all / (with_antecedent * with_consequent), confidence is
 * baskets / with_antecedent: compared as products of counts.
 */
static int
compare_rules(const void *a, const void *b)
{
	const Rule *x = a;
	const Rule *y = b;
	int			result = compare_products((i128) x->baskets * y->with_antecedent * y->with_consequent,
										  (i128) y->baskets * x->with_antecedent * x->with_consequent);

	if (result == 0)
		result = compare_products((i128) x->baskets * y->with_antecedent,
								  (i128) y->baskets * x->with_antecedent);
	for (int i = 0; result == 0 && i < Min(x->antecedents, y->antecedents); i++)
		result = x->antecedent[i] - y->antecedent[i];
	if (result == 0)
		result = x->antecedents - y->antecedents;
	return result != 0 ? result : x->consequent - y->consequent;
}

/* Where each frequent item stands in the order of names. */
static int32 *
places_of(const Lines *lines, const Baskets *b, Rules *rules)
{
	int32	   *of_name = cv_alloc(Max((size_t) lines->items.count, 1) * sizeof(int32));
	int32	   *place = cv_alloc(Max((size_t) b->items, 1) * sizeof(int32));

	rules->name = names_sorted(&lines->items);
	for (int i = 0; i < lines->items.count; i++)
		of_name[rules->name[i]] = i;
	for (int32 i = 0; i < b->items; i++)
		place[i] = of_name[b->name[i]];
	cv_free(of_name);
	return place;
}

MiningStatus
mining_rules(Lines *lines, const Mining *mining, Rules *rules)
{
	Baskets		b;
	ItemSets	sets;
	Making		m = {.mining = mining,.b = &b,.sets = &sets,.rules = rules};
	MiningStatus status = MINING_OK;

	memset(rules, 0, sizeof(Rules));
	baskets_open(&b, lines, mining->min_support);
	rules->baskets = b.baskets;
	m.place = places_of(lines, &b, rules);
	if (!itemsets_find(&sets, &b, least_count(mining->min_support, b.baskets), mining->max_items))
		status = MINING_TOO_MANY_SETS;
	else if (!make_rules(&m))
		status = MINING_TOO_MANY_RULES;
	else if (rules->count > 0)
		qsort(rules->rule, rules->count, sizeof(Rule), compare_rules);
	itemsets_free(&sets);
	cv_free(m.place);
	baskets_close(&b);
	return status;
}

void
rules_free(Rules *rules)
{
	if (rules->rule)
		cv_free(rules->rule);
	if (rules->name)
		cv_free(rules->name);
	memset(rules, 0, sizeof(Rules));
}

/*
 * Figures that are no quotients of whole numbers.
 */

bool
rule_chi_square(const Rules *rules, const Rule *rule, double *chi_square)
{
	int64		n = rules->baskets;
	int64		a = rule->with_antecedent;
	int64		c = rule->with_consequent;
	double		difference = (double) (rule->baskets * n - a * c);

	if (a == n || c == n)
		return false;
	*chi_square = difference / (double) (a * c) * difference /
		(double) ((n - a) * (n - c)) * (double) n;
	return true;
}

double
rule_cosine(const Rule *rule)
{
	return (double) rule->baskets /
		sqrt((double) ((int64) rule->with_antecedent * rule->with_consequent));
}
