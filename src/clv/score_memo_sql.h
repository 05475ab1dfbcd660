/*
 * score_memo_sql.h
 *		Scores of customers who are alike, computed once.
 *
 * Of a million customers half have never come back and differ by age only,
 * and the others share patterns, too.  A query that scores many remembers
 * the latest scores in a table of fixed size, one for each place in the query
 * where a score is called.  A query that scores a few has none.
 *
 *		entry = score_memo(fcinfo, model, &arguments, &history, &known);
 *		if (!known)
 *			entry->score[0] = ...;
 */
#ifndef CV_SCORE_MEMO_SQL_H
#define CV_SCORE_MEMO_SQL_H

#include "customer_value.h"

#include "clv/clv_model.h"

typedef struct ScoreEntry
{
	double		frequency;		/* negative: nothing here yet */
	double		recency;
	double		age;
	double		score[2];
} ScoreEntry;

/* What else a score depends on. */
typedef struct ScoreArguments
{
	double		horizon;
	double		rate;
	double		cost;
} ScoreArguments;

extern ScoreEntry *score_memo(FunctionCallInfo fcinfo, const ClvModel *model,
							  const ScoreArguments *arguments,
							  const History *h, bool *known);

#endif							/* CV_SCORE_MEMO_SQL_H */
