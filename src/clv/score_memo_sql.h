/*
 * score_memo_sql.h
 *		Scores of customers who are alike, computed once.
 *
 * Of a million customers half have never come back and differ by age only,
 * and the others share patterns, too.  A query that scores many remembers
 * scores in a table of fixed size, one for each place in the query where a
 * score is called.  A query that scores a few has none.
 *
 * Remembered are scores of a history, and what is to come if the customer is
 * alive, which does not depend on recency and so is common to many more: that
 * is filed under score_future().
 */
#ifndef CV_SCORE_MEMO_SQL_H
#define CV_SCORE_MEMO_SQL_H

#include "customer_value.h"

#include "clv/clv_model.h"
#include "clv/patterns.h"

/* What a score depends on besides model and history. */
typedef struct ScoreArguments
{
	double		horizon;
	double		rate;
	double		cost;
} ScoreArguments;

typedef struct ScoreEntry
{
	History		history;		/* frequency is negative: nothing here yet */
	double		score[2];
} ScoreEntry;

/* 330 kB, to stay in the cache; each history has one place. */
#define SCORE_ENTRIES (1 << 13)

/* The table for this model and these arguments, or NULL. */
extern ScoreEntry *score_memo(FunctionCallInfo fcinfo, const ClvModel *model,
							  const ScoreArguments *arguments);

static inline History
score_future(const History *h)
{
	History		future = {h->frequency, -1, h->age};

	return future;
}

static inline ScoreEntry *
score_place(ScoreEntry *memo, const History *h)
{
	return &memo[pattern_hash(h->frequency, h->recency, h->age) % SCORE_ENTRIES];
}

static inline bool
score_recall(ScoreEntry *memo, const History *h, double *score)
{
	const ScoreEntry *entry;

	if (memo == NULL)
		return false;
	entry = score_place(memo, h);
	if (entry->history.frequency != h->frequency ||
		entry->history.recency != h->recency || entry->history.age != h->age)
		return false;
	score[0] = entry->score[0];
	score[1] = entry->score[1];
	return true;
}

static inline void
score_remember(ScoreEntry *memo, const History *h, const double *score)
{
	ScoreEntry *entry;

	if (memo == NULL)
		return;
	entry = score_place(memo, h);
	entry->history = *h;
	entry->score[0] = score[0];
	entry->score[1] = score[1];
}

#endif							/* CV_SCORE_MEMO_SQL_H */
