/*
 * test_basket.c
 *		Baskets, rules and suggestions against the slow way.
 */
#include "common/host.h"

#include <math.h>

#include "basket/itemsets.h"
#include "basket/lines.h"
#include "basket/mining.h"
#include "basket/penetration.h"
#include "basket/suggestions.h"
#include "random.h"
#include "tap.h"

static uint32
random_below(uint32 n)
{
	return (uint32) (random64() >> 33) % n;
}

static int32
item_number(Lines *lines, int item)
{
	char		name[16];

	/* names whose order is not that of the numbers */
	return names_add(&lines->items, name, (size_t) snprintf(name, sizeof(name), "%d", item * 7919 % 100));
}

/*
 * Lines
 */
#define BASKETS 60
#define ITEMS 12

/* Baskets from the ends of all integers, and net amounts beside. */
static int64
basket_key(int basket)
{
	return basket == 0 ? INT64_MIN : basket == 1 ? INT64_MAX : (int64) basket * 1000003 - 30000000;
}

static void
random_lines(Lines *lines, int count, i128 net[BASKETS][ITEMS])
{
	memset(lines, 0, sizeof(Lines));
	if (net)
		memset(net, 0, sizeof(i128) * BASKETS * ITEMS);
	for (int i = 0; i < count; i++)
	{
		int			basket = (int) random_below(BASKETS);
		int			item = (int) Min(random_below(ITEMS), random_below(ITEMS));
		int			amount = (int) random_below(4) - 1;

		lines_add(lines, basket_key(basket), 0, item_number(lines, item), amount);
		if (net)
			net[basket][item] += amount;
	}
}

static void
test_lines(void)
{
	static i128 net[BASKETS][ITEMS];
	Lines		lines;
	Lines		parts[2];
	bool		same = true;
	bool		ordered = true;
	size_t		seen = 0;

	random_lines(&lines, 2000, net);
	memset(parts, 0, sizeof(parts));
	for (size_t i = 0; i < lines.count; i++)
	{
		Lines	   *part = &parts[i % 2];
		const KnownName *name = &lines.items.name[lines.line[i].item];

		lines_add(part, lines.line[i].basket, 0,
				  names_add(&part->items, name->text, name->length), lines.line[i].amount);
	}
	ok(lines_merge(&parts[1], &parts[0]) && parts[1].count == lines.count, "two halves are merged");
	lines_net(&parts[1]);
	lines_net(&lines);
	ok(parts[1].count == lines.count, "a line for each item of each basket, however they came");
	for (size_t i = 1; i < lines.count; i++)
		ordered = ordered && (lines.line[i - 1].basket < lines.line[i].basket ||
							  (lines.line[i - 1].basket == lines.line[i].basket &&
							   lines.line[i - 1].item < lines.line[i].item));
	ok(ordered, "ordered by baskets, from the least integer to the greatest");
	for (int b = 0; b < BASKETS; b++)
	{
		for (int item = 0; item < ITEMS; item++)
		{
			int			number = item_number(&lines, item);

			for (size_t i = 0; i < lines.count; i++)
			{
				if (lines.line[i].basket == basket_key(b) && lines.line[i].item == number)
				{
					same = same && lines.line[i].amount == net[b][item];
					seen++;
				}
			}
		}
	}
	ok(same && seen == lines.count, "net amounts are those added up");
	lines_free(&lines);
	lines_free(&parts[0]);
	lines_free(&parts[1]);
}

/*
 * Rules, by looking at every basket for every set of items there can be
 */
static uint32
count_holding(i128 net[BASKETS][ITEMS], unsigned set)
{
	uint32		count = 0;

	for (int b = 0; b < BASKETS; b++)
	{
		bool		any = false;
		bool		all = true;

		for (int item = 0; item < ITEMS; item++)
		{
			any = any || net[b][item] > 0;
			all = all && ((set >> item & 1) == 0 || net[b][item] > 0);
		}
		count += any && all;
	}
	return count;
}

static unsigned
set_of(const Lines *lines, const Rules *rules, const Rule *rule)
{
	unsigned	set = 0;

	for (int item = 0; item < ITEMS; item++)
	{
		int			number = item_number((Lines *) lines, item);

		for (int i = 0; i < rule->antecedents; i++)
		{
			if (rules->name[rule->antecedent[i]] == number)
				set |= 1u << item;
		}
	}
	return set;
}

static unsigned
consequent_of(const Lines *lines, const Rules *rules, const Rule *rule)
{
	for (int item = 0; item < ITEMS; item++)
	{
		if (rules->name[rule->consequent] == item_number((Lines *) lines, item))
			return 1u << item;
	}
	return 0;
}

static size_t
rules_expected(i128 net[BASKETS][ITEMS], const Mining *mining)
{
	uint32		all = count_holding(net, 0);
	size_t		count = 0;

	for (unsigned set = 1; set < 1u << ITEMS; set++)
	{
		int			items = __builtin_popcount(set);
		uint32		baskets = items <= mining->max_items && items >= mining->min_items ?
			count_holding(net, set) : 0;

		if (baskets == 0 || baskets * MINING_ONE < mining->min_support * all)
			continue;
		for (int item = 0; item < ITEMS; item++)
		{
			if (set >> item & 1)
				count += baskets * MINING_ONE >=
					mining->min_confidence * count_holding(net, set & ~(1u << item));
		}
	}
	return count;
}

static void
check_rules(int count, i128 min_support, i128 min_confidence, int min_items, int max_items)
{
	static i128 net[BASKETS][ITEMS];
	Mining		mining = {min_support, min_confidence, min_items, max_items};
	Lines		lines;
	Rules		rules;
	bool		right = true;
	bool		ordered = true;

	random_lines(&lines, count, net);
	ok(mining_rules(&lines, &mining, &rules) == MINING_OK, "rules of %d to %d items", min_items, max_items);
	ok(rules.baskets == count_holding(net, 0), "%u baskets", rules.baskets);
	for (size_t i = 0; i < rules.count; i++)
	{
		const Rule *rule = &rules.rule[i];
		unsigned	set = set_of(&lines, &rules, rule);
		unsigned	consequent = consequent_of(&lines, &rules, rule);

		right = right && (set & consequent) == 0 &&
			rule->baskets == count_holding(net, set | consequent) &&
			rule->with_antecedent == count_holding(net, set) &&
			rule->with_consequent == count_holding(net, consequent);
		if (i > 0)
			ordered = ordered &&
				(double) rule[-1].baskets / rule[-1].with_antecedent / rule[-1].with_consequent >=
				(double) rule->baskets / rule->with_antecedent / rule->with_consequent * (1 - 1e-12);
	}
	ok(right, "counts of %zu rules", rules.count);
	ok(ordered, "ordered by lift");
	ok(rules.count == rules_expected(net, &mining), "no rule is missing and none too many");
	rules_free(&rules);
	lines_free(&lines);
}

static void
test_rules(void)
{
	for (int max_items = 1; max_items <= MINING_MAX_ITEMS; max_items++)
	{
		check_rules(600, 0, 0, 1, max_items);
		check_rules(900, MINING_ONE / 10, MINING_ONE / 2, Min(2, max_items), max_items);
		check_rules(1500, MINING_ONE / 5, 0, max_items, max_items);
	}
	check_rules(0, 0, 0, 2, 2);
	check_rules(1, 0, 0, 1, 2);
	check_rules(300, MINING_ONE, 0, 1, 3);
	ok(least_count(MINING_ONE / 10, 50) == 5 && least_count(MINING_ONE / 10 + 1, 50) == 6 &&
	   least_count(0, 50) == 1 && least_count(MINING_ONE, LINES_LIMIT) == LINES_LIMIT,
	   "the least count is exact");
}

static void
test_figures(void)
{
	Rules		rules = {.baskets = 5};
	Rule		rule = {.baskets = 3,.with_antecedent = 4,.with_consequent = 4};
	double		chi;

	/* (3 x 0 - 1 x 1)^2 x 5 / (4 x 1 x 4 x 1) */
	ok(rule_chi_square(&rules, &rule, &chi) && chi == 0.3125, "chi-square of a table by hand");
	ok(rule_cosine(&rule) == 0.75, "cosine of a rule by hand");
	rule.with_antecedent = rule.baskets = 5;
	ok(!rule_chi_square(&rules, &rule, &chi), "no chi-square where all have the antecedent");
}

/*
 * Options
 */
static void
test_options(void)
{
	static const char *const bad[] = {
		"", "[]", "{", "{\"a\": 1}", "{\"max_items\": 6}", "{\"max_items\": 0}", "{\"max_items\": 2.5}",
		"{\"min_items\": 3, \"max_items\": 2}", "{\"min_confidence\": 1.1}", "{\"min_confidence\": -0.1}",
		"{\"min_confidence\": \"1\"}", "{\"min_confidence\": 1e-28}", "{\"max_items\": 2, \"max_items\": 2}"
	};
	static const char good[] = "{\"max_items\": 4, \"min_confidence\": 0.25, \"min_items\": 3}";
	char		why[MINING_WHY_SIZE];
	Mining		m;
	i128		share;

	for (size_t i = 0; i < lengthof(bad); i++)
	{
		mining_default(&m);
		why[0] = '\0';
		ok(!mining_read_options(&m, bad[i], strlen(bad[i]), why) && why[0] != '\0', "%s: %s", bad[i], why);
	}
	mining_default(&m);
	ok(mining_read_options(&m, good, strlen(good), why) && m.max_items == 4 && m.min_items == 3 &&
	   m.min_confidence == MINING_ONE / 4, "%s", good);
	ok(mining_read_share("1.000", 5, &share) && share == MINING_ONE, "one is a share");
	ok(!mining_read_share("NaN", 3, &share) && !mining_read_share("1.0001", 6, &share) &&
	   !mining_read_share("-0.1", 4, &share), "no share: NaN, above one, below zero");
}

/*
 * Suggestions, by looking at every rule
 */
#define RULES 200
#define PRODUCTS 20

typedef struct SlowRule
{
	int			antecedents;
	int32		antecedent[3];
	int32		consequent;
	int64		similarity;
} SlowRule;

static void
name_product(int product, char *name)
{
	snprintf(name, 16, "%d", product * 7919 % 100);
}

static bool slow_additive;

static int
compare_suggestions(const void *a, const void *b)
{
	const Suggestion *x = a;
	const Suggestion *y = b;
	char		name[2][16];

	if (x->sum != y->sum)
		return x->sum > y->sum ? -1 : 1;
	if (!slow_additive)
		return x->rule < y->rule ? -1 : 1;
	name_product(x->item, name[0]);
	name_product(y->item, name[1]);
	return strcmp(name[0], name[1]);
}

/* Products in rule order, or by sums; returns how many. */
static int
slow_suggestions(const SlowRule *rules, bool additive, unsigned owned, Suggestion *out)
{
	int			count = 0;

	slow_additive = additive;
	for (int product = 0; product < PRODUCTS; product++)
	{
		int			best = -1;
		int			for_all = -1;
		i128		sum = 0;

		if (owned >> product & 1)
			continue;
		for (int r = 0; r < RULES; r++)
		{
			bool		applies = rules[r].consequent == product;

			for (int i = 0; i < rules[r].antecedents; i++)
				applies = applies && (owned >> rules[r].antecedent[i] & 1) != 0;
			if (!applies || (additive && rules[r].antecedents != 1))
				continue;
			if (rules[r].antecedents == 0)
				for_all = for_all < 0 ? r : for_all;
			else
			{
				best = best < 0 ? r : best;
				sum += rules[r].similarity;
			}
		}
		best = best < 0 ? for_all : best;
		if (best >= 0)
		{
			out[count].item = product;
			out[count].rule = best;
			out[count++].sum = additive ? sum : 0;
		}
	}
	qsort(out, (size_t) count, sizeof(Suggestion), compare_suggestions);
	return count;
}

static void
check_suggestions(bool additive)
{
	SlowRule	rules[RULES];
	Suggestions s = {.additive = additive};
	int32		number[PRODUCTS];
	char		name[16];
	bool		same = true;
	int			total = 0;

	for (int product = 0; product < PRODUCTS; product++)
	{
		name_product(product, name);
		number[product] = names_add(&s.items, name, strlen(name));
	}
	for (int r = 0; r < RULES; r++)
	{
		SlowRule   *rule = &rules[r];
		int32		items[3];

		rule->antecedents = (int) random_below(20) == 0 ? 0 : 1 + (int) random_below(10) / 6;
		rule->consequent = (int32) random_below(PRODUCTS);
		rule->similarity = additive ? random_below(4) : 0;
		for (int i = 0; i < rule->antecedents; i++)
		{
			rule->antecedent[i] = (int32) random_below(PRODUCTS);
			items[i] = number[rule->antecedent[i]];
		}
		suggestions_add(&s, items, rule->antecedents, number[rule->consequent], rule->similarity);
	}
	suggestions_ready(&s);
	for (int round = 0; round < 500; round++)
	{
		unsigned	owned = random_below(1u << PRODUCTS) & random_below(1u << PRODUCTS);
		int			n = 1 + (int) random_below(PRODUCTS);
		Suggestion	ours[PRODUCTS];
		Suggestion	theirs[PRODUCTS];
		int			count;

		suggestions_begin(&s);
		suggestions_own(&s, "unknown", 7);
		for (int product = 0; product < PRODUCTS; product++)
		{
			name_product(product, name);
			if (owned >> product & 1)
			{
				suggestions_own(&s, name, strlen(name));
				suggestions_own(&s, name, strlen(name));
			}
		}
		count = suggestions_find(&s, n, ours);
		total += count;
		same = same && count == Min(n, slow_suggestions(rules, additive, owned, theirs));
		for (int i = 0; same && i < count; i++)
			same = ours[i].item == number[theirs[i].item] && ours[i].rule == theirs[i].rule &&
				(!additive || ours[i].sum == theirs[i].sum);
		if (round == 250)
			s.now = UINT32_MAX; /* marks begin anew */
	}
	ok(same && total > 1000, "%d suggestions, %s", total, additive ? "sums of similarities" : "best rules");
	suggestions_free(&s);
}

/*
 * Penetration
 */
static void
test_penetration(void)
{
	Lines		lines = {0};
	Penetration p;
	int32		a = names_add(&lines.groups, "a", 1);
	int32		b = names_add(&lines.groups, "b", 1);
	int32		y = names_add(&lines.items, "y", 1);
	int32		x = names_add(&lines.items, "x", 1);

	lines_add(&lines, 1, b, x, 5);
	lines_add(&lines, 1, b, x, -5);
	lines_add(&lines, 2, b, x, 3);
	lines_add(&lines, 3, b, NO_ITEM, 0);
	lines_add(&lines, 2, a, y, 4);
	ok(penetration_open(&p, &lines) && p.groups == 2 && p.items == 2, "two groups, two items");
	ok(p.customers[0] == 1 && p.customers[1] == 3 && p.all_customers == 4, "customers of groups");
	ok(p.cell[0].owners == 0 && p.cell[1].owners == 1 && p.cell[1].amount == 4 &&
	   p.cell[2].owners == 1 && p.cell[2].amount == 3 && p.cell[3].owners == 0, "owners and their amounts");
	ok(p.owners[0] == 1 && p.owners[1] == 1 && p.item[0] == x, "items by name");
	penetration_close(&p);
	lines_free(&lines);
}

int
main(void)
{
	test_lines();
	test_rules();
	test_figures();
	test_options();
	check_suggestions(false);
	check_suggestions(true);
	test_penetration();
	return done_testing("basket");
}
