/*
 * mining.h
 *		Association rules: who has these items, has that one, too.
 *
 * A set of items is frequent if enough baskets hold all of it.  A rule takes
 * a frequent set apart: one item, the consequent, is expected where the
 * others, the antecedent, are.
 */
#ifndef CV_MINING_H
#define CV_MINING_H

#include "common/host.h"

#include "basket/lines.h"

#define MINING_MAX_ITEMS 5

/* What fits the memory of a server, and what anybody reads. */
#define MINING_MAX_SETS 2000000
#define MINING_MAX_RULES 2000000

/* Shares are integers of 10^-27, so that comparing them with counts is exact. */
#define MINING_SHARE_DECIMALS 27
#define MINING_ONE ((i128) INT64CONST(1000000000000000000) * 1000000000)

/* What is asked for. */
typedef struct Mining
{
	i128		min_support;	/* a share of the baskets */
	i128		min_confidence; /* a share of those with the antecedent */
	int			min_items;		/* of a rule, both sides; 1: rules for
								 * everybody */
	int			max_items;
} Mining;

#define MINING_WHY_SIZE 240

extern void mining_default(Mining *mining);

/* Read what mining() writes; false, and why not. */
extern bool mining_read_options(Mining *mining, const char *json, size_t length, char *why);

/* A share from 0 to 1 in plain decimals. */
extern bool mining_read_share(const char *text, size_t length, i128 *share);

typedef struct Rule
{
	int32		antecedents;	/* how many */
	int32		antecedent[MINING_MAX_ITEMS - 1];	/* places in the order of
													 * names, ascending */
	int32		consequent;
	uint32		baskets;		/* with all of them */
	uint32		with_antecedent;
	uint32		with_consequent;
} Rule;

typedef struct Rules
{
	uint32		baskets;		/* with any item */
	int		   *name;			/* of the item at each place in order */
	Rule	   *rule;
	size_t		count;
} Rules;

typedef enum MiningStatus
{
	MINING_OK,
	MINING_TOO_MANY_SETS,
	MINING_TOO_MANY_RULES
} MiningStatus;

/*
 * All rules of the lines, which are netted: by lift, from the highest down,
 * then by confidence, then by the names of their items.
 */
extern MiningStatus mining_rules(Lines *lines, const Mining *mining, Rules *rules);
extern void rules_free(Rules *rules);

/*
 * Chi-square of the two by two table of baskets with and without antecedent
 * and consequent; false if one of them is in all baskets.
 */
extern bool rule_chi_square(const Rules *rules, const Rule *rule, double *chi_square);
extern double rule_cosine(const Rule *rule);

#endif							/* CV_MINING_H */
