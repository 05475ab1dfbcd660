/*
 * clv_sql.c
 *		Customer lifetime value: what a customer is still worth, today.
 *
 * The expected purchases from now to the horizon, each discounted to today,
 * times the expected mean value of a purchase and the margin; less a cost
 * for each unit of time alive, discounted likewise.  What was spent to win
 * the customer is sunk and no part of it.
 */
#include "customer_value.h"

#include <math.h>

#include "funcapi.h"
#include "utils/timestamp.h"

#include "clv/score_memo_sql.h"
#include "clv/score_sql.h"
#include "common/tails.h"

PG_FUNCTION_INFO_V1(clv_value);
PG_FUNCTION_INFO_V1(clv_value_period);
PG_FUNCTION_INFO_V1(clv_interval);
PG_FUNCTION_INFO_V1(clv_interval_period);

typedef struct Question
{
	const ClvModel *purchase;
	const ClvModel *spend;
	const Rfm  *rfm;
	History		history;
	double		horizon;
	double		rate;			/* continuous, per unit of the model */
	double		margin;
	double		cost;			/* per unit of time alive */
} Question;

/*
 * A margin turns revenue into contribution.  If the mean values are
 * contribution already, none is needed.
 */
static double
margin_of(FunctionCallInfo fcinfo, const ClvModel *spend)
{
	double		margin;

	if (PG_ARGISNULL(5))
	{
		if (spend->basis != RFM_CONTRIBUTION)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("margin must be given"),
					 errdetail("The spend model was not fitted to contribution, so its values still have the costs in them."),
					 errhint("Add margin => 0.3, the share of a sale that remains, or build the rfm with monetary => 'contribution'.")));
		return 1;
	}
	margin = PG_GETARG_FLOAT8(5);
	if (!(margin <= 1 && isfinite(margin)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("margin must be a finite number of at most 1"),
				 errdetail("It is %g.", margin),
				 errhint("Give the share of a sale that remains, 0.3 for 30 percent.")));
	return margin;
}

/*
 * Read the arguments purchase, spend, rfm, horizon, discount_rate, margin,
 * cost_while_alive.  False if one that must not be is null.
 */
static bool
read_question(FunctionCallInfo fcinfo, bool interval, Question *q)
{
	for (int i = 0; i < 5; i++)
		if (PG_ARGISNULL(i))
			return false;
	if (PG_ARGISNULL(6))
		return false;
	q->purchase = PG_GETARG_CLV_MODEL_P(0);
	q->spend = PG_GETARG_CLV_MODEL_P(1);
	q->rfm = PG_GETARG_RFM_P(2);
	(void) score_open(q->purchase, q->rfm, &q->history);
	if (unlikely(q->purchase->unit != q->spend->unit) &&
		q->purchase->unit != TIME_UNIT_NONE && q->spend->unit != TIME_UNIT_NONE)
		time_units_differ("purchase model", (TimeUnit) q->purchase->unit,
						  "spend model", (TimeUnit) q->spend->unit);
	q->rate = score_rate(q->purchase, PG_GETARG_FLOAT8(4));
	if (interval)
		q->horizon = score_period(q->purchase, PG_GETARG_INTERVAL_P(3));
	else if (q->rate > 0 && PG_GETARG_FLOAT8(3) == INFINITY)
		q->horizon = INFINITY;	/* later purchases come to nothing */
	else
		q->horizon = score_horizon(PG_GETARG_FLOAT8(3));
	q->margin = margin_of(fcinfo, q->spend);
	q->cost = PG_GETARG_FLOAT8(6);
	if (!(q->cost >= 0 && isfinite(q->cost)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cost while alive must be a finite number, not negative"),
				 errdetail("It is %g.", q->cost),
				 errhint("Give the cost of keeping a customer for one unit of time, for example 0.50 a week.")));
	return true;
}

/*
 * Purchases and time alive until the horizon, discounted, of one who is alive.
 * With any parameters, as intervals need it.
 */
static void
look_ahead(const Question *q, const double *parameter, double *ahead)
{
	const ModelClass *model = clv_model_class(q->purchase);

	ahead[0] = model->discounted_purchases(parameter, &q->history, q->horizon, q->rate);
	ahead[1] = q->cost > 0 ?
		model->discounted_lifetime(parameter, &q->history, q->horizon, q->rate) : 0;
}

/* What that is worth, of one who may be. */
static double
worth(const Question *q, double log_p_alive, const double *ahead, double spend)
{
	return spend * q->margin * score_if_alive(log_p_alive, ahead[0]) -
		q->cost * score_if_alive(log_p_alive, ahead[1]);
}

static double
answer(const Question *q, const double *parameter, double spend)
{
	double		ahead[2];

	look_ahead(q, parameter, ahead);
	return worth(q, clv_model_class(q->purchase)->log_p_alive(parameter, &q->history),
				 ahead, spend);
}

static Datum
value(FunctionCallInfo fcinfo, bool interval)
{
	Question	q;
	ScoreArguments arguments;
	ScoreEntry *memo;
	History		future;
	double		log_p_alive[2] = {0};
	double		ahead[2];
	double		spend;

	if (!read_question(fcinfo, interval, &q))
		PG_RETURN_NULL();
	spend = score_spend(q.spend, q.rfm);
	if (isnan(spend))
		PG_RETURN_NULL();
	arguments.horizon = q.horizon;
	arguments.rate = q.rate;
	arguments.cost = q.cost;
	memo = score_memo(fcinfo, q.purchase, &arguments);
	future = score_future(&q.history);
	if (!score_recall(memo, &future, ahead))
	{
		look_ahead(&q, q.purchase->parameter, ahead);
		score_remember(memo, &future, ahead);
	}
	if (!score_recall(memo, &q.history, log_p_alive))
	{
		log_p_alive[0] = clv_model_class(q.purchase)->log_p_alive(q.purchase->parameter, &q.history);
		score_remember(memo, &q.history, log_p_alive);
	}
	PG_RETURN_FLOAT8(score_finite(worth(&q, log_p_alive[0], ahead, spend)));
}

Datum
clv_value(PG_FUNCTION_ARGS)
{
	return value(fcinfo, false);
}

Datum
clv_value_period(PG_FUNCTION_ARGS)
{
	return value(fcinfo, true);
}

/*
 * How sure is that?  The delta method: the variance of the value is that of
 * the parameters, carried through its slopes.  The slopes are differences in
 * the logarithms of the parameters.
 */

#define DIFFERENCE 1e-4

CV_NORETURN static void
without_covariance(const ClvModel *m)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model \"%s\" has parameters without standard error", clv_model_class(m)->name),
			 errdetail("How sure a value is can only be said of a fitted model all of whose parameters are identified."),
			 errhint("See diagnosis(model); clv() gives the value alone.")));
}

/* slope' covariance slope, the slopes being by the logarithms. */
static double
carried_variance(const ClvModel *m, const double *slope)
{
	int			n = clv_model_class(m)->parameters;
	double		variance = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			variance += slope[i] / m->parameter[i] * slope[j] / m->parameter[j] *
				m->covariance[COVARIANCE_AT(Max(i, j), Min(i, j))];
	return variance;
}

static double
variance_of_purchases(const Question *q, double spend)
{
	int			n = clv_model_class(q->purchase)->parameters;
	double		slope[MODEL_MAX_PARAMETERS];

	for (int i = 0; i < n; i++)
	{
		double		changed[MODEL_MAX_PARAMETERS];
		double		above;

		memcpy(changed, q->purchase->parameter, sizeof(changed));
		changed[i] = q->purchase->parameter[i] * exp(DIFFERENCE);
		above = answer(q, changed, spend);
		changed[i] = q->purchase->parameter[i] * exp(-DIFFERENCE);
		slope[i] = (above - answer(q, changed, spend)) / (2 * DIFFERENCE);
	}
	return carried_variance(q->purchase, slope);
}

static double
variance_of_spend(const Question *q, double per_spend)
{
	const ModelClass *model = clv_model_class(q->spend);
	double		slope[MODEL_MAX_PARAMETERS];

	for (int i = 0; i < model->parameters; i++)
	{
		double		changed[MODEL_MAX_PARAMETERS];
		double		above;

		memcpy(changed, q->spend->parameter, sizeof(changed));
		changed[i] = q->spend->parameter[i] * exp(DIFFERENCE);
		above = model->spend(changed, q->rfm->frequency, q->rfm->monetary);
		changed[i] = q->spend->parameter[i] * exp(-DIFFERENCE);
		slope[i] = per_spend / (2 * DIFFERENCE) *
			(above - model->spend(changed, q->rfm->frequency, q->rfm->monetary));
	}
	return carried_variance(q->spend, slope);
}

/* So many standard errors to either side. */
static double
sigmas(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level must be between 0 and 1"),
				 errdetail("It is %g.", level),
				 errhint("Give the probability that the interval shall have, for example 0.95.")));
	return normal_bound(level);
}

static Datum
interval_of(FunctionCallInfo fcinfo, bool interval)
{
	Question	q;
	TupleDesc	desc;
	double		spend;
	double		clv;
	double		variance;
	double		half;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (PG_ARGISNULL(7) || !read_question(fcinfo, interval, &q))
		PG_RETURN_NULL();
	spend = score_spend(q.spend, q.rfm);
	if (isnan(spend))
		PG_RETURN_NULL();
	if (q.purchase->has_error != (1 << clv_model_class(q.purchase)->parameters) - 1)
		without_covariance(q.purchase);
	if (q.spend->has_error != (1 << clv_model_class(q.spend)->parameters) - 1)
		without_covariance(q.spend);

	clv = score_finite(answer(&q, q.purchase->parameter, spend));
	variance = variance_of_purchases(&q, spend) +
		variance_of_spend(&q, answer(&q, q.purchase->parameter, 1) -
						  answer(&q, q.purchase->parameter, 0));
	if (!isfinite(variance))
		score_infinite_spend(q.spend);
	half = sqrt(Max(variance, 0));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Float8GetDatum(clv);
	values[1] = Float8GetDatum(half);
	half *= sigmas(PG_GETARG_FLOAT8(7));
	values[2] = Float8GetDatum(clv - half);
	values[3] = Float8GetDatum(clv + half);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

Datum
clv_interval(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, false);
}

Datum
clv_interval_period(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, true);
}
