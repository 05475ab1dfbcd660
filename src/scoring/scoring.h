/*
 * scoring.h
 *		From the measures of customers to a segmentation by RFM scores.
 */
#ifndef CV_SCORING_H
#define CV_SCORING_H

#include "common/host.h"

#include "scoring/rfm_scheme.h"

/* What is asked for: how many scores, and cut points for some measures. */
typedef struct Scoring
{
	int			scores;
	bool		fixed[MEASURES];
	Exact		cut[MEASURES][RFM_MAX_CUTS];
} Scoring;

extern void scoring_default(Scoring *scoring);

/*
 * Read options, a JSON object with keys k, recency, frequency and monetary,
 * none of which is needed.  False: why says what is wrong.
 */
extern bool scoring_parse(const char *text, size_t length, Scoring *scoring,
						  char *why, size_t why_size);

typedef enum ScoringStatus
{
	SCORING_OK,
	SCORING_TOO_FEW_VALUES,		/* distinct ones of a measure for quantiles */
	SCORING_OVERFLOW			/* revenue of a cell */
} ScoringStatus;

typedef struct ScoringProblem
{
	Measure		measure;
	size_t		values;
} ScoringProblem;

/*
 * The scheme for these customers, of which there is at least one, in any
 * order.  Only with SCORING_OK there is one.
 */
extern ScoringStatus scoring_apply(const Scoring *scoring, const Measures *customer,
								   size_t customers, RfmScheme **result,
								   ScoringProblem *problem);

#endif							/* CV_SCORING_H */
