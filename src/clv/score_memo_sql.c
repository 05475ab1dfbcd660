/*
 * score_memo_sql.c
 *		Scores of customers who are alike, computed once.
 */
#include "customer_value.h"

#include "utils/memutils.h"

#include "clv/patterns.h"
#include "clv/score_memo_sql.h"

/* Calls before a table pays. */
#define FEW_CALLS 1000

/* 650 kB, to stay in the cache; what is remembered longest ago goes when its place is needed. */
#define ENTRIES (1 << 14)

/* A query that changes the model or the horizon more often has no use for it. */
#define MOST_CHANGES 8

/* All that the entries have in common; no padding. */
typedef struct Common
{
	double		kind;
	double		parameter[MODEL_MAX_PARAMETERS];
	ScoreArguments arguments;
} Common;

typedef struct ScoreMemo
{
	int			calls;
	int			changes;
	Common		common;
	ScoreEntry *entry;			/* NULL: none yet, or no more */
	ScoreEntry	only;			/* where a score is put without a table */
} ScoreMemo;

static void
forget(ScoreMemo *memo)
{
	for (int i = 0; i < ENTRIES; i++)
		memo->entry[i].frequency = -1;
}

/* Is the table, made if need be, one for these? */
static bool
have_table(FunctionCallInfo fcinfo, ScoreMemo *memo, const Common *common)
{
	bool		same = memcmp(&memo->common, common, sizeof(Common)) == 0;

	if (likely(same && memo->entry))
		return true;
	memo->common = *common;
	if (!same && memo->calls++ > 0 && ++memo->changes > MOST_CHANGES)
	{
		if (memo->entry)
			pfree(memo->entry);
		memo->entry = NULL;
		return false;
	}
	if (memo->changes > MOST_CHANGES || ++memo->calls < FEW_CALLS)
		return false;
	if (memo->entry == NULL)
		memo->entry = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
										 ENTRIES * sizeof(ScoreEntry));
	forget(memo);
	return true;
}

ScoreEntry *
score_memo(FunctionCallInfo fcinfo, const ClvModel *model,
		   const ScoreArguments *arguments, const History *h, bool *known)
{
	ScoreMemo  *memo = (ScoreMemo *) fcinfo->flinfo->fn_extra;
	ScoreEntry *entry;
	Common		common;

	if (unlikely(memo == NULL))
		fcinfo->flinfo->fn_extra = memo =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ScoreMemo));
	common.kind = model->kind;
	memcpy(common.parameter, model->parameter, sizeof(common.parameter));
	common.arguments = *arguments;
	*known = false;
	if (unlikely(!have_table(fcinfo, memo, &common)))
		return &memo->only;
	entry = &memo->entry[pattern_hash(h->frequency, h->recency, h->age) % ENTRIES];
	if (entry->frequency == h->frequency && entry->recency == h->recency &&
		entry->age == h->age)
		*known = true;
	else
	{
		entry->frequency = h->frequency;
		entry->recency = h->recency;
		entry->age = h->age;
	}
	return entry;
}
