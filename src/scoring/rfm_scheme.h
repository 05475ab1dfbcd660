/*
 * rfm_scheme.h
 *		Segmentations by RFM scores: cut points for three measures, and rules
 *		that give combinations of scores a name.
 *
 * Each measure has a score from 1 to "scores"; the highest is the best.  Its
 * cut points go from the best class to the worst: recency ascends, for few
 * days are good, the others descend.  A value at a cut point has the better
 * score.  The three scores make a code such as 545, in the order recency,
 * frequency, monetary.
 *
 * A rule is a box of scores: of each measure, and of fm, the mean of the
 * scores of frequency and monetary, half a score rounded up.  Segment i is
 * what rule i holds; every code is in exactly one.  Without rules every code
 * is a segment of its own, the highest code the first.
 *
 * A code is a cell.  Cells are counted from 0, the highest code first.
 *
 * As bytes, after those of all forms (segmentation.h):
 *
 *		scores, flags
 *					one byte each
 *		cut points	three times scores - 1 numbers as in exact.h
 *		rules		with FLAG_RULES: for each segment four bytes, the lowest
 *					score in the high half, the highest in the low one
 *		cells		with FLAG_CELLS: for each cell the number of its customers
 *					and, unless that is 0, their revenue in millionths
 */
#ifndef CV_RFM_SCHEME_H
#define CV_RFM_SCHEME_H

#include "common/host.h"

#include "common/decimal.h"
#include "scoring/measures.h"
#include "segment/segmentation.h"

#define RFM_MIN_SCORES 2
#define RFM_MAX_SCORES 9
#define RFM_MAX_CUTS (RFM_MAX_SCORES - 1)
#define RFM_MAX_CELLS (RFM_MAX_SCORES * RFM_MAX_SCORES * RFM_MAX_SCORES)

/* The scores for which the eleven customary segments are made. */
#define RFM_CUSTOMARY_SCORES 5

/* Revenue of a cell; that of all cells is then within reach of Exact. */
#define RFM_TOTAL_LIMIT (AMOUNT_LIMIT * 1000000)

/* What a rule is about: the measures, and fm. */
#define RULE_SIDES (MEASURES + 1)
#define SIDE_FM MEASURES

extern const char *const rule_side_names[RULE_SIDES];

typedef struct RfmRule
{
	uint8		low[RULE_SIDES];
	uint8		high[RULE_SIDES];
} RfmRule;

typedef struct RfmCell
{
	int64		customers;
	i128		total;			/* millionths */
} RfmCell;

typedef struct RfmScheme
{
	Segmentation head;
	int			scores;
	Exact		cut[MEASURES][RFM_MAX_CUTS];
	RfmRule    *rule;			/* [k], with labels, or NULL */
	RfmCell    *cell;			/* [scores^3] or NULL */

	/* while a text is read */
	int			ncuts[MEASURES];
	int64		scores_given;
	struct TypedCell *typed;
	int			ntyped;
} RfmScheme;

static inline int
rfm_cells(int scores)
{
	return scores * scores * scores;
}

/* The scores of a cell, one for each side of a rule. */
static inline void
rfm_cell_scores(int scores, int cell, int *score)
{
	score[RECENCY] = scores - cell / (scores * scores);
	score[FREQUENCY] = scores - cell / scores % scores;
	score[MONETARY] = scores - cell % scores;
	score[SIDE_FM] = (score[FREQUENCY] + score[MONETARY] + 1) / 2;
}

static inline int
rfm_cell_code(int scores, int cell)
{
	int			score[RULE_SIDES];

	rfm_cell_scores(scores, cell, score);
	return 100 * score[RECENCY] + 10 * score[FREQUENCY] + score[MONETARY];
}

static inline bool
rfm_rule_matches(const RfmRule *rule, const int *score)
{
	for (int side = 0; side < RULE_SIDES; side++)
	{
		if (score[side] < rule->low[side] || score[side] > rule->high[side])
			return false;
	}
	return true;
}

/* The segment of each cell, counted from 1. */
extern void rfm_segments_of_cells(const RfmScheme *s, uint16 *segment);

/*
 * Without rules: a segment for each code.  The customary ones are there for
 * five scores only.  Whatever rules and labels it had are gone.
 */
extern void rfm_drop_rules(RfmScheme *s);
extern void rfm_set_customary_rules(RfmScheme *s);

/* Cells to be filled in. */
extern void rfm_add_cells(RfmScheme *s);

/* Number of decimals none, and within reach: what cut points of days and counts are. */
extern bool rfm_cut_is_valid(Measure measure, Exact cut);

/* The text form, in rfm_scheme_text.c. */
#define RFM_KEYS 8

extern const char *const rfm_keys[RFM_KEYS];
extern bool rfm_scheme_read(Segmentation *segmentation, JsonObject *o, int key);
extern bool rfm_scheme_complete(Segmentation *segmentation, JsonObject *o);
extern void rfm_scheme_print(const Segmentation *segmentation, TextBuffer *t);

/*
 * The rules of a scheme from a JSON array, of which "begin" is the first
 * token; an empty one is no rules.
 */
extern bool rfm_read_rules(RfmScheme *s, JsonReader *json, JsonToken begin,
						   char *why, size_t why_size);

/*
 * A scheme prepared for scoring.
 */
typedef struct RfmScorer
{
	int			scores;
	int64		recency[RFM_MAX_CUTS];
	int64		frequency[RFM_MAX_CUTS];
	i128		monetary[RFM_MAX_CUTS]; /* millionths */
	uint16		segment[RFM_MAX_CELLS];
} RfmScorer;

extern void rfm_scorer_open(RfmScorer *scorer, const RfmScheme *s);

/* How many cut points are better than the measure: 0 for the best class. */
static inline int
rfm_class_of_recency(const RfmScorer *scorer, int64 days)
{
	int			class = 0;

	while (class < scorer->scores - 1 && days > scorer->recency[class])
		class++;
	return class;
}

static inline int
rfm_class_of_frequency(const RfmScorer *scorer, int64 purchases)
{
	int			class = 0;

	while (class < scorer->scores - 1 && purchases < scorer->frequency[class])
		class++;
	return class;
}

static inline int
rfm_class_of_monetary(const RfmScorer *scorer, i128 micros)
{
	int			class = 0;

	while (class < scorer->scores - 1 && micros < scorer->monetary[class])
		class++;
	return class;
}

static inline int
rfm_cell_of_classes(const RfmScorer *scorer, int recency, int frequency, int monetary)
{
	return (recency * scorer->scores + frequency) * scorer->scores + monetary;
}

static inline int
rfm_cell_of(const RfmScorer *scorer, const Measures *m)
{
	return rfm_cell_of_classes(scorer, rfm_class_of_recency(scorer, m->recency),
							   rfm_class_of_frequency(scorer, m->frequency),
							   rfm_class_of_monetary(scorer, m->monetary));
}

#endif							/* CV_RFM_SCHEME_H */
