/*
 * sbg_sql.c
 *		What the sBG model says of customers under contract.
 */
#include "customer_value.h"

#include <math.h>

#include "clv/clv_model_sql.h"
#include "clv/sbg.h"

PG_FUNCTION_INFO_V1(clv_sbg_survival);
PG_FUNCTION_INFO_V1(clv_sbg_retention);
PG_FUNCTION_INFO_V1(clv_sbg_residual_lifetime);

static const double *
sbg_parameters(const ClvModel *m)
{
	(void) clv_model_of_subject(m, MODEL_OF_RETENTION);
	return m->parameter;
}

/* Contracts are renewed or not at the end of a period, never within. */
static double
whole_periods(double periods, double least)
{
	if (!(periods >= least && isfinite(periods) && periods == floor(periods)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of contract periods must be a whole number from %.0f on", least),
				 errdetail("It is %g.", periods),
				 errhint("Count contract periods in the unit of the retention table the model was fitted to.")));
	return periods;
}

Datum
clv_sbg_survival(PG_FUNCTION_ARGS)
{
	const double *p = sbg_parameters(PG_GETARG_CLV_MODEL_P(0));

	PG_RETURN_FLOAT8(sbg_survival(p, whole_periods(PG_GETARG_FLOAT8(1), 0)));
}

Datum
clv_sbg_retention(PG_FUNCTION_ARGS)
{
	const double *p = sbg_parameters(PG_GETARG_CLV_MODEL_P(0));

	PG_RETURN_FLOAT8(sbg_retention(p, whole_periods(PG_GETARG_FLOAT8(1), 1)));
}

Datum
clv_sbg_residual_lifetime(PG_FUNCTION_ARGS)
{
	const double *p = sbg_parameters(PG_GETARG_CLV_MODEL_P(0));
	double		renewals = whole_periods(PG_GETARG_FLOAT8(1), 0);
	double		discount_rate = PG_GETARG_FLOAT8(2);
	double		value;

	if (!(discount_rate >= 0 && isfinite(discount_rate)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount rate must be a finite number, not negative"),
				 errdetail("It is %g.", discount_rate),
				 errhint("Give the effective rate of one contract period, for example 0.1 for 10 percent.")));
	value = sbg_residual_lifetime(p, renewals, log1p(discount_rate));
	if (isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("expected residual lifetime is infinite"),
				 errdetail("Under this model it has no finite mean unless later periods count less."),
				 errhint("Give a discount rate above 0.")));
	PG_RETURN_FLOAT8(value);
}
