/*
 * clv_model_sql.h
 *		The type "clv_model" as the server sees it.
 *
 * STORAGE is plain, so that a model is always at double alignment behind a
 * long header and is read in place.
 */
#ifndef CV_CLV_MODEL_SQL_H
#define CV_CLV_MODEL_SQL_H

#include "customer_value.h"

#include "clv/clv_model.h"
#include "rfm/rfm.h"

#define PG_GETARG_CLV_MODEL_P(n) clv_model_of(PG_GETARG_DATUM(n))

CV_NORETURN extern void clv_model_unknown_version(const ClvModel *model);

static inline const ClvModel *
clv_model_of(Datum datum)
{
	const ClvModel *model = (const ClvModel *) PG_DETOAST_DATUM(datum);

	if (unlikely(model->version != CLV_MODEL_VERSION))
		clv_model_unknown_version(model);
	return model;
}

/* Sets the length word of one made by clv_model_parse() or _from_fit(). */
extern Datum clv_model_datum(ClvModel *model);

/* Is the model of this subject?  Else an error: it has no such score. */
extern const ModelClass *clv_model_of_subject(const ClvModel *model, ModelSubject subject);

/* Errors for what does not belong together. */
CV_NORETURN extern void clv_model_refuse(const ModelClass *model, const char *why);
extern void clv_model_check_rfm(const ClvModel *model, const Rfm *h);
CV_NORETURN extern void time_units_differ(const char *a_name, TimeUnit a,
										  const char *b_name, TimeUnit b);

/* An error if the model cannot read the history. */
static inline void
clv_model_accept(const ModelClass *model, const History *h)
{
	const char *why = model->refuse ? model->refuse(h) : NULL;

	if (unlikely(why != NULL))
		clv_model_refuse(model, why);
}

#endif							/* CV_CLV_MODEL_SQL_H */
