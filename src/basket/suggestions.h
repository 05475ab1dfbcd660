/*
 * suggestions.h
 *		The next product for a customer: what rules lead to from what is owned.
 *
 * Rules come best first.  An item is judged by the best rule that leads to it,
 * or by the sum of its similarities to all that is owned; what is owned is
 * never suggested.  Rules without antecedent are for everybody: they count
 * for items that no other rule leads to.
 */
#ifndef CV_SUGGESTIONS_H
#define CV_SUGGESTIONS_H

#include "common/host.h"

#include "common/names.h"

/* Similarities are integers of 10^-15, so that sums depend on no order. */
#define SIMILARITY_DECIMALS 15
#define SIMILARITY_ONE INT64CONST(1000000000000000)

typedef struct SuggestionRule
{
	int32		consequent;
	int32		antecedents;
	size_t		begin;			/* of its antecedents */
	int64		similarity;
} SuggestionRule;

typedef struct Suggestion
{
	int32		item;
	int32		rule;			/* the best one that leads to it */
	i128		sum;			/* of similarities */
} Suggestion;

typedef struct Suggestions
{
	bool		additive;		/* similarities of single items add up */
	Names		items;
	SuggestionRule *rule;
	int32		rules;
	int32		rule_room;
	int32	   *antecedent;		/* of one rule after the other */
	size_t		antecedents;
	size_t		antecedent_room;

	/* made by suggestions_ready() */
	int32	   *place;			/* of each item in the order of names */
	int32	   *start;			/* of each item in the next: rules that are
								 * filed under it; one more: those for all */
	int32	   *filed;

	/* the customer at hand: what is marked by now */
	uint32		now;
	uint32	   *owned_at;		/* of each item */
	uint32	   *seen_at;
	Suggestion *seen;			/* of each item */
	int32	   *owned;			/* items */
	int32		nowned;
	int32	   *candidate;		/* items */
	int32		candidates;
} Suggestions;

/* Rules, the best first; items are numbers in the dictionary. */
extern void suggestions_add(Suggestions *s, const int32 *antecedent, int32 antecedents,
							int32 consequent, int64 similarity);

/* No rule is added from now on. */
extern void suggestions_ready(Suggestions *s);

/* A customer: what they own, then at most n items, the best first. */
extern void suggestions_begin(Suggestions *s);
extern void suggestions_own(Suggestions *s, const char *name, size_t length);
extern int32 suggestions_find(Suggestions *s, int32 n, Suggestion *best);

extern void suggestions_free(Suggestions *s);

#endif							/* CV_SUGGESTIONS_H */
