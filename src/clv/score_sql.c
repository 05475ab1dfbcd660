/*
 * score_sql.c
 *		What a model says of one customer.
 */
#include "customer_value.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "clv/score_memo_sql.h"
#include "clv/score_sql.h"

PG_FUNCTION_INFO_V1(clv_p_alive);
PG_FUNCTION_INFO_V1(clv_log_p_alive);
PG_FUNCTION_INFO_V1(clv_expected_purchases);
PG_FUNCTION_INFO_V1(clv_expected_purchases_period);
PG_FUNCTION_INFO_V1(clv_log_expected_purchases);
PG_FUNCTION_INFO_V1(clv_expected_purchases_new);
PG_FUNCTION_INFO_V1(clv_expected_purchases_new_period);
PG_FUNCTION_INFO_V1(clv_purchase_probability);
PG_FUNCTION_INFO_V1(clv_purchase_probability_period);
PG_FUNCTION_INFO_V1(clv_expected_spend);
PG_FUNCTION_INFO_V1(clv_residual_purchases);
PG_FUNCTION_INFO_V1(clv_annual_attrition);
PG_FUNCTION_INFO_V1(clv_annual_attrition_new);

/* As far as the BG/BB looks ahead, opportunity by opportunity. */
#define MOST_OPPORTUNITIES 1e8

/* A new customer, at the moment of the first purchase. */
static const History new_customer = {0, 0, 0};

/*
 * Arguments
 */

double
score_horizon(double horizon)
{
	if (unlikely(!(horizon >= 0 && isfinite(horizon))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be a finite number, not negative"),
				 errdetail("It is %g.", horizon),
				 errhint("Give the horizon in the model's unit, for example 52 weeks; residual_purchases() looks ahead without end.")));
	return horizon;
}

/*
 * An interval in the model's unit.  Months and years are counted as such
 * where the model counts in them, else as days of a mean month.
 */
double
score_period(const ClvModel *m, const Interval *period)
{
	double		days = period->day + period->time / (double) USECS_PER_DAY;
	double		month = DAYS_PER_YEAR / 12;

#ifdef INTERVAL_NOT_FINITE
	if (INTERVAL_NOT_FINITE(period))
		return score_horizon(INFINITY); /* an error */
#endif
	if (m->unit == TIME_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no time unit"),
				 errdetail("Without one, an interval cannot be counted in the model's units."),
				 errhint("Give a number as horizon, or give rfm() a unit before the fit.")));
	if (m->unit == TIME_UNIT_MONTH)
		return score_horizon(period->month + days / month);
	if (m->unit == TIME_UNIT_YEAR)
		return score_horizon(period->month / 12.0 + days / DAYS_PER_YEAR);
	return score_horizon((period->month * month + days) / time_unit_days((TimeUnit) m->unit));
}

/*
 * The continuous rate per unit of the model's that is this effective annual
 * rate.
 */
double
score_rate(const ClvModel *m, double discount_rate)
{
	if (unlikely(!(discount_rate >= 0 && isfinite(discount_rate))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount rate must be a finite number, not negative"),
				 errdetail("It is %g.", discount_rate),
				 errhint("Give the effective rate of a year, for example 0.15 for 15 percent.")));
	if (discount_rate == 0)
		return 0;
	if (m->unit == TIME_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no time unit"),
				 errdetail("Without one, the discount rate of a year cannot be counted in the model's units."),
				 errhint("Give rfm() a unit before the fit, or write \"unit\" into the model.")));
	return log1p(discount_rate) / time_units_per_year((TimeUnit) m->unit);
}

void
score_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value out of range: overflow"),
			 errdetail("The score is larger than a double precision number can be."),
			 errhint("Look ahead less far, or check the parameters of the model.")));
}

/* The history of argument 1, fit for the model of argument 0. */
static inline const ModelClass *
open_score(FunctionCallInfo fcinfo, const ClvModel **m, History *h)
{
	*m = PG_GETARG_CLV_MODEL_P(0);
	return score_open(*m, PG_GETARG_RFM_P(1), h);
}

/*
 * Purchases
 */

Datum
clv_p_alive(PG_FUNCTION_ARGS)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);
	ScoreArguments none = {0};
	ScoreEntry *memo = score_memo(fcinfo, m, &none);
	double		score[2] = {0};

	if (!score_recall(memo, &h, score))
	{
		score[0] = exp(model->log_p_alive(m->parameter, &h));
		score_remember(memo, &h, score);
	}
	PG_RETURN_FLOAT8(score[0]);
}

Datum
clv_log_p_alive(PG_FUNCTION_ARGS)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);

	PG_RETURN_FLOAT8(model->log_p_alive(m->parameter, &h));
}

static double
expected_purchases(FunctionCallInfo fcinfo, bool interval)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);
	ScoreArguments arguments = {0};
	ScoreEntry *memo;
	double		score[2] = {0};

	arguments.horizon = interval ? score_period(m, PG_GETARG_INTERVAL_P(2)) :
		score_horizon(PG_GETARG_FLOAT8(2));
	memo = score_memo(fcinfo, m, &arguments);
	if (!score_recall(memo, &h, score))
	{
		History		future = score_future(&h);

		if (!score_recall(memo, &future, score))
		{
			score[0] = model->purchases(m->parameter, &h, arguments.horizon);
			score_remember(memo, &future, score);
		}
		score[0] = score_if_alive(model->log_p_alive(m->parameter, &h), score[0]);
		score_remember(memo, &h, score);
	}
	return score[0];
}

Datum
clv_expected_purchases(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(score_finite(expected_purchases(fcinfo, false)));
}

Datum
clv_expected_purchases_period(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(score_finite(expected_purchases(fcinfo, true)));
}

Datum
clv_log_expected_purchases(PG_FUNCTION_ARGS)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);
	double		purchases = model->purchases(m->parameter, &h, score_horizon(PG_GETARG_FLOAT8(2)));

	PG_RETURN_FLOAT8(model->log_p_alive(m->parameter, &h) + log(purchases));
}

static double
expected_purchases_new(const ClvModel *m, double horizon)
{
	const ModelClass *model = clv_model_of_subject(m, MODEL_OF_PURCHASES);

	return score_finite(score_if_alive(model->log_p_alive(m->parameter, &new_customer),
									   model->purchases(m->parameter, &new_customer, horizon)));
}

Datum
clv_expected_purchases_new(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(expected_purchases_new(PG_GETARG_CLV_MODEL_P(0),
											score_horizon(PG_GETARG_FLOAT8(1))));
}

Datum
clv_expected_purchases_new_period(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	PG_RETURN_FLOAT8(expected_purchases_new(m, score_period(m, PG_GETARG_INTERVAL_P(1))));
}

static double
purchase_probability(const ClvModel *m, int64 n, double horizon)
{
	const ModelClass *model = clv_model_of_subject(m, MODEL_OF_PURCHASES);

	/* opportunities are added up one by one */
	if (m->kind == MODEL_BG_BB && horizon > MOST_OPPORTUNITIES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("horizon is too far for model \"%s\"", model->name),
				 errdetail("It is %g opportunities; at most %g are looked at one by one.", horizon, MOST_OPPORTUNITIES),
				 errhint("Give a nearer horizon.")));
	return n < 0 ? 0 : score_finite(model->purchase_probability(m->parameter, n, horizon));
}

Datum
clv_purchase_probability(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(purchase_probability(PG_GETARG_CLV_MODEL_P(0), PG_GETARG_INT64(1),
										  score_horizon(PG_GETARG_FLOAT8(2))));
}

Datum
clv_purchase_probability_period(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	PG_RETURN_FLOAT8(purchase_probability(m, PG_GETARG_INT64(1),
										  score_period(m, PG_GETARG_INTERVAL_P(2))));
}

Datum
clv_residual_purchases(PG_FUNCTION_ARGS)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);
	double		rate = score_rate(m, PG_GETARG_FLOAT8(2));
	double		purchases = model->discounted_purchases(m->parameter, &h, INFINITY, rate);

	if (isinf(purchases))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("expected residual purchases are infinite"),
				 errdetail("Under this model they have no finite sum unless later ones count less."),
				 errhint("Give a discount rate above 0, or ask for expected_purchases() within a horizon.")));
	PG_RETURN_FLOAT8(score_finite(score_if_alive(model->log_p_alive(m->parameter, &h), purchases)));
}

/*
 * Of those who are still customers, the share that will not be in a year.
 */
static double
stay_a_year(const ClvModel *m, const ModelClass *model, const History *h)
{
	if (m->unit == TIME_UNIT_NONE)
		(void) score_rate(m, 1);	/* an error: no unit, no year */
	return score_finite(model->survival(m->parameter, h, time_units_per_year((TimeUnit) m->unit)));
}

Datum
clv_annual_attrition(PG_FUNCTION_ARGS)
{
	const ClvModel *m;
	History		h;
	const ModelClass *model = open_score(fcinfo, &m, &h);

	PG_RETURN_FLOAT8(1 - stay_a_year(m, model, &h));
}

/* Of new customers, right after the first purchase. */
Datum
clv_annual_attrition_new(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	const ModelClass *model = clv_model_of_subject(m, MODEL_OF_PURCHASES);

	PG_RETURN_FLOAT8(1 - exp(model->log_p_alive(m->parameter, &new_customer)) *
					 stay_a_year(m, model, &new_customer));
}

/*
 * Spend
 */

void
score_infinite_spend(const ClvModel *spend)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("expected spend is infinite"),
			 errdetail("With p = %g and q = %g this customer's repeat purchases are too few for a finite mean, or his values are beyond double precision.",
					   spend->parameter[0], spend->parameter[1]),
			 errhint("Score customers with more repeat purchases only, or fit the spend model to more alike customers.")));
}

/* NAN if nothing is known of what the customer spends. */
double
score_spend(const ClvModel *spend, const Rfm *h)
{
	const ModelClass *model = clv_model_of_subject(spend, MODEL_OF_SPEND);
	double		value;

	clv_model_check_rfm(spend, h);
	if (unlikely(spend->basis != h->basis) && spend->basis > RFM_GIVEN && h->basis > RFM_GIVEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("monetary values differ in what they are of"),
				 errdetail("The spend model was fitted to one of net revenue and contribution, the rfm is of the other."),
				 errhint("Give rfm() the same argument monetary as before the fit.")));
	if (h->frequency > 0 && h->basis == RFM_NO_MONETARY)
		return NAN;
	value = model->spend(spend->parameter, h->frequency, h->monetary);
	if (unlikely(isinf(value)))
		score_infinite_spend(spend);
	return value;
}

Datum
clv_expected_spend(PG_FUNCTION_ARGS)
{
	double		value = score_spend(PG_GETARG_CLV_MODEL_P(0), PG_GETARG_RFM_P(1));

	if (isnan(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}
