/*
 * likelihood_ratio_sql.c
 *		Is a model better than the same without dropout?
 */
#include "customer_value.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"

#include "clv/clv_model_sql.h"
#include "common/tails.h"

PG_FUNCTION_INFO_V1(clv_likelihood_ratio);

CV_NORETURN static void
incomparable(const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("models cannot be compared by their likelihood"),
			 errdetail_internal("%s", detail),
			 errhint("%s", hint)));
}

static void
check_nested(const ClvModel *m, const ClvModel *null)
{
	const ModelClass *model = clv_model_class(m);
	const ModelClass *null_model = clv_model_class(null);

	if (model->null_model == NULL)
		incomparable(psprintf("Model \"%s\" has no null model.", model->name),
					 "Models with one are bg/nbd, mbg/nbd and pareto/nbd, and theirs is nbd; other models may be compared by aic().");
	if (null_model != model->null_model)
		incomparable(psprintf("The null model of \"%s\" is \"%s\", not \"%s\".",
							  model->name, model->null_model->name, null_model->name),
					 "Give the model first and its null model, fitted to the same customers, second; other models may be compared by aic().");
	if (!(m->flags & null->flags & CLV_MODEL_FITTED))
		incomparable("A model that was typed in has no likelihood.",
					 "Fit both models to the same customers.");
	if (m->customers != null->customers)
		incomparable(psprintf("One was fitted to %.0f customers, the other to %.0f.",
							  m->customers, null->customers),
					 "Fit both models to the same customers.");
	if (m->unit != null->unit && m->unit != TIME_UNIT_NONE && null->unit != TIME_UNIT_NONE)
		time_units_differ("model", (TimeUnit) m->unit, "null model", (TimeUnit) null->unit);
}

/*
 * Where there is no dropout to be seen, the best the model can do is to be
 * its null model, up to rounding; far below it, other customers were fitted.
 */
#define ROUNDING 1e-6

Datum
clv_likelihood_ratio(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	const ClvModel *null = PG_GETARG_CLV_MODEL_P(1);
	int			degrees = clv_model_class(m)->parameters - clv_model_class(null)->parameters;
	double		statistic = 2 * (m->log_likelihood - null->log_likelihood);
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {false};

	check_nested(m, null);
	if (statistic < -ROUNDING * (1 + fabs(null->log_likelihood)) &&
		(m->flags & null->flags & CLV_MODEL_CONVERGED))
		incomparable("The model is less likely than its null model, which it contains.",
					 "Fit both models to the same customers.");
	statistic = Max(statistic, 0);

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Float8GetDatum(statistic);
	values[1] = Int32GetDatum(degrees);
	values[2] = Float8GetDatum(chi_square_tail(statistic, degrees));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
