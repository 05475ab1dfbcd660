/*
 * score_memo_sql.c
 *		Scores of customers who are alike, computed once.
 */
#include "customer_value.h"

#include "utils/memutils.h"

#include "clv/score_memo_sql.h"

/* Calls before a table pays. */
#define FEW_CALLS 1000

/* A query that changes the model or the horizon more often has no use for one. */
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
	int			calls;			/* without a table, since the last change */
	int			changes;
	Common		common;
	ScoreEntry *entry;			/* NULL: none yet, or no more */
} ScoreMemo;

/* Begin anew, for another model or other arguments. */
static void
change(ScoreMemo *memo, const Common *common)
{
	memo->common = *common;
	memo->changes++;
	memo->calls = 0;
	if (memo->entry)
		pfree(memo->entry);
	memo->entry = NULL;
}

ScoreEntry *
score_memo(FunctionCallInfo fcinfo, const ClvModel *model,
		   const ScoreArguments *arguments)
{
	ScoreMemo  *memo = (ScoreMemo *) fcinfo->flinfo->fn_extra;
	Common		common;

	if (unlikely(memo == NULL))
		fcinfo->flinfo->fn_extra = memo =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ScoreMemo));
	common.kind = model->kind;
	memcpy(common.parameter, model->parameter, sizeof(common.parameter));
	common.arguments = *arguments;
	if (unlikely(memcmp(&memo->common, &common, sizeof(Common)) != 0))
		change(memo, &common);
	if (likely(memo->entry != NULL))
		return memo->entry;
	if (memo->changes > MOST_CHANGES || ++memo->calls < FEW_CALLS)
		return NULL;
	memo->entry = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
									 SCORE_ENTRIES * sizeof(ScoreEntry));
	for (int i = 0; i < SCORE_ENTRIES; i++)
		memo->entry[i].history.frequency = -1;
	return memo->entry;
}
