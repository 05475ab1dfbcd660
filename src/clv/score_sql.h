/*
 * score_sql.h
 *		The arguments of scores, read and checked.
 */
#ifndef CV_SCORE_SQL_H
#define CV_SCORE_SQL_H

#include "customer_value.h"

#include <math.h>

#include "datatype/timestamp.h"

#include "clv/clv_model_sql.h"
#include "rfm/rfm_sql.h"

extern double score_horizon(double horizon);
extern double score_period(const ClvModel *model, const Interval *period);
extern double score_rate(const ClvModel *model, double discount_rate);
extern double score_spend(const ClvModel *spend, const Rfm *h);
CV_NORETURN extern void score_infinite_spend(const ClvModel *spend);

/* An error if a score is beyond the range of double precision. */
CV_NORETURN extern void score_overflow(void);

static inline double
score_finite(double score)
{
	if (unlikely(!isfinite(score)))
		score_overflow();
	return score;
}

/* A purchase model and the history it reads. */
static inline const ModelClass *
score_open(const ClvModel *m, const Rfm *h, History *history)
{
	const ModelClass *model = clv_model_of_subject(m, MODEL_OF_PURCHASES);

	clv_model_check_rfm(m, h);
	history->frequency = h->frequency;
	history->recency = h->recency;
	history->age = h->age;
	clv_model_accept(model, history);
	return model;
}

/*
 * What is expected of a customer who may be alive.  In logarithms where the
 * probability is too small for a double and the product is not.
 */
static inline double
score_if_alive(double log_p_alive, double value)
{
	return log_p_alive > -700 || value <= 0 ? exp(log_p_alive) * value :
		exp(log_p_alive + log(value));
}

#endif							/* CV_SCORE_SQL_H */
