/*
 * suggestions.c
 *		The next product for a customer.
 */
#include "common/host.h"

#include "basket/suggestions.h"

#define FIRST_ROOM 64

void
suggestions_add(Suggestions *s, const int32 *antecedent, int32 antecedents,
				int32 consequent, int64 similarity)
{
	SuggestionRule *rule;

	if (s->rules == s->rule_room)
	{
		s->rule_room = Max(2 * s->rule_room, FIRST_ROOM);
		s->rule = s->rule ?
			cv_realloc(s->rule, (size_t) s->rule_room * sizeof(SuggestionRule)) :
			cv_alloc((size_t) s->rule_room * sizeof(SuggestionRule));
	}
	if (s->antecedent_room - s->antecedents < (size_t) antecedents || s->antecedent == NULL)
	{
		s->antecedent_room = 2 * s->antecedent_room + (size_t) antecedents + FIRST_ROOM;
		s->antecedent = s->antecedent ?
			cv_realloc(s->antecedent, s->antecedent_room * sizeof(int32)) :
			cv_alloc(s->antecedent_room * sizeof(int32));
	}
	rule = &s->rule[s->rules++];
	rule->consequent = consequent;
	rule->antecedents = antecedents;
	rule->begin = s->antecedents;
	rule->similarity = similarity;
	memcpy(&s->antecedent[s->antecedents], antecedent, (size_t) antecedents * sizeof(int32));
	s->antecedents += (size_t) antecedents;
}

/*
 * A rule is filed under its first antecedent, one without any after all items;
 * those that are of no use nowhere.
 */
static int32
file_of(const Suggestions *s, const SuggestionRule *rule)
{
	if (s->additive && rule->antecedents != 1)
		return -1;
	return rule->antecedents > 0 ? s->antecedent[rule->begin] : s->items.count;
}

static void
file_rules(Suggestions *s)
{
	int32		files = s->items.count + 1;
	int32		sum = 0;

	s->start = cv_alloc(((size_t) files + 1) * sizeof(int32));
	s->filed = cv_alloc(Max((size_t) s->rules, 1) * sizeof(int32));
	memset(s->start, 0, ((size_t) files + 1) * sizeof(int32));
	for (int32 i = 0; i < s->rules; i++)
	{
		int32		file = file_of(s, &s->rule[i]);

		if (file >= 0)
			s->start[file]++;
	}
	for (int32 i = 0; i <= files; i++)
	{
		int32		here = s->start[i];

		s->start[i] = sum;
		sum += here;
	}
	for (int32 i = 0; i < s->rules; i++)
	{
		int32		file = file_of(s, &s->rule[i]);

		if (file >= 0)
			s->filed[s->start[file]++] = i;
	}
	/* each begins where the one before has ended */
	memmove(s->start + 1, s->start, (size_t) files * sizeof(int32));
	s->start[0] = 0;
}

void
suggestions_ready(Suggestions *s)
{
	size_t		items = Max((size_t) s->items.count, 1);
	int		   *order = names_sorted(&s->items);

	s->place = cv_alloc(items * sizeof(int32));
	for (int32 i = 0; i < s->items.count; i++)
		s->place[order[i]] = i;
	cv_free(order);
	file_rules(s);
	s->owned_at = cv_alloc(items * sizeof(uint32));
	s->seen_at = cv_alloc(items * sizeof(uint32));
	s->seen = cv_alloc(items * sizeof(Suggestion));
	s->owned = cv_alloc(items * sizeof(int32));
	s->candidate = cv_alloc(items * sizeof(int32));
	s->now = UINT32_MAX;
}

/*
 * One customer
 */

void
suggestions_begin(Suggestions *s)
{
	if (s->now == UINT32_MAX)
	{
		memset(s->owned_at, 0, (size_t) s->items.count * sizeof(uint32));
		memset(s->seen_at, 0, (size_t) s->items.count * sizeof(uint32));
		s->now = 0;
	}
	s->now++;
	s->nowned = 0;
	s->candidates = 0;
}

void
suggestions_own(Suggestions *s, const char *name, size_t length)
{
	int			item = names_find(&s->items, name, length);

	if (item < 0 || s->owned_at[item] == s->now)
		return;
	s->owned_at[item] = s->now;
	s->owned[s->nowned++] = item;
}

/* A rule for everybody applies where what is owned says nothing. */
static bool
applies(const Suggestions *s, const SuggestionRule *rule)
{
	if (s->owned_at[rule->consequent] == s->now)
		return false;
	if (rule->antecedents == 0)
		return s->seen_at[rule->consequent] != s->now;
	for (int32 i = 1; i < rule->antecedents; i++)
	{
		if (s->owned_at[s->antecedent[rule->begin + (size_t) i]] != s->now)
			return false;
	}
	return true;
}

static void
apply(Suggestions *s, int32 number)
{
	const SuggestionRule *rule = &s->rule[number];
	Suggestion *seen = &s->seen[rule->consequent];

	if (!applies(s, rule))
		return;
	if (s->seen_at[rule->consequent] != s->now)
	{
		s->seen_at[rule->consequent] = s->now;
		s->candidate[s->candidates++] = rule->consequent;
		seen->item = rule->consequent;
		seen->rule = number;
		seen->sum = 0;
	}
	seen->rule = Min(seen->rule, number);
	seen->sum += rule->similarity;
}

static bool
is_better(const Suggestions *s, const Suggestion *a, const Suggestion *b)
{
	if (!s->additive)
		return a->rule < b->rule;
	return a->sum != b->sum ? a->sum > b->sum : s->place[a->item] < s->place[b->item];
}

/* Into its place among the best so far, of which there are at most n. */
static int32
insert(const Suggestions *s, Suggestion *best, int32 count, int32 n, const Suggestion *one)
{
	int32		low = 0;
	int32		high = count;

	if (count == n && !is_better(s, one, &best[n - 1]))
		return count;
	while (low < high)
	{
		int32		middle = low + (high - low) / 2;

		if (is_better(s, &best[middle], one))
			low = middle + 1;
		else
			high = middle;
	}
	count = Min(count + 1, n);
	memmove(&best[low + 1], &best[low], (size_t) (count - 1 - low) * sizeof(Suggestion));
	best[low] = *one;
	return count;
}

int32
suggestions_find(Suggestions *s, int32 n, Suggestion *best)
{
	int32		count = 0;

	for (int32 i = 0; i <= s->nowned; i++)
	{
		int32		file = i < s->nowned ? s->owned[i] : s->items.count;

		for (int32 r = s->start[file]; r < s->start[file + 1]; r++)
			apply(s, s->filed[r]);
	}
	for (int32 i = 0; i < s->candidates; i++)
		count = insert(s, best, count, n, &s->seen[s->candidate[i]]);
	return count;
}

void
suggestions_free(Suggestions *s)
{
	void	   *all[] = {
		s->rule, s->antecedent, s->place, s->start, s->filed, s->owned_at,
		s->seen_at, s->seen, s->owned, s->candidate
	};

	for (size_t i = 0; i < lengthof(all); i++)
	{
		if (all[i])
			cv_free(all[i]);
	}
	names_free(&s->items);
	memset(s, 0, sizeof(Suggestions));
}
