/*
 * curve_sql.c
 *		What a survival curve says.
 */
#include "customer_value.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "common/tails.h"
#include "survival/survival_sql.h"

PG_FUNCTION_INFO_V1(survival_curve_points);
PG_FUNCTION_INFO_V1(survival_curve_survival);
PG_FUNCTION_INFO_V1(survival_curve_median);
PG_FUNCTION_INFO_V1(survival_curve_quantile);
PG_FUNCTION_INFO_V1(survival_curve_restricted_mean);
PG_FUNCTION_INFO_V1(survival_curve_restricted_mean_error);
PG_FUNCTION_INFO_V1(survival_curve_customers);
PG_FUNCTION_INFO_V1(survival_curve_events);

static Datum
float8_or_null(FunctionCallInfo fcinfo, double v)
{
	if (isnan(v))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(v);
}

/*
 * The curve as rows
 */

static double
bound_of_level(double level)
{
	if (!(level > 0 && level < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level must be between 0 and 1"),
				 errdetail("It is %g.", level),
				 errhint("Write level => 0.95 for intervals of 95 percent.")));
	return normal_bound(level);
}

static IntervalType
interval_type_of(const struct varlena *name)
{
	char	   *word = text_to_cstring(name);

	if (strcmp(word, "log-log") == 0)
		return INTERVAL_LOG_LOG;
	if (strcmp(word, "log") == 0)
		return INTERVAL_LOG;
	if (strcmp(word, "plain") == 0)
		return INTERVAL_PLAIN;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown interval type: \"%s\"", word),
			 errdetail("Intervals are made on the scale of log(-log(survival)), of its logarithm, or of survival itself."),
			 errhint("Write 'log-log', 'log' or 'plain'.")));
}

Datum
survival_curve_points(PG_FUNCTION_ARGS)
{
	enum
	{
		DURATION, AT_RISK, EVENTS, CENSORED, SURVIVAL, STANDARD_ERROR, LOWER, UPPER,
		COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		z = bound_of_level(PG_GETARG_FLOAT8(1));
	IntervalType type = interval_type_of(PG_GETARG_TEXT_PP(2));
	SurvivalCurve curve;
	SurvivalWalk walk;

	InitMaterializedSRF(fcinfo, 0);
	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	survival_walk(&walk, &curve);
	while (survival_next(&walk))
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS] = {false};
		double		lower = 0;
		double		upper = 0;

		CHECK_FOR_INTERRUPTS();
		if (walk.at->events == 0 && walk.at->censored == 0)
			continue;			/* somebody only entered */
		nulls[STANDARD_ERROR] = walk.survival == 0;
		nulls[LOWER] = nulls[UPPER] = !survival_interval(&walk, type, z, &lower, &upper);
		values[DURATION] = Float8GetDatum(walk.at->time);
		values[AT_RISK] = Int64GetDatum(walk.at_risk);
		values[EVENTS] = Int64GetDatum(walk.at->events);
		values[CENSORED] = Int64GetDatum(walk.at->censored);
		values[SURVIVAL] = Float8GetDatum(walk.survival);
		values[STANDARD_ERROR] = Float8GetDatum(walk.survival * sqrt(walk.greenwood));
		values[LOWER] = Float8GetDatum(lower);
		values[UPPER] = Float8GetDatum(upper);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Figures
 */

Datum
survival_curve_survival(PG_FUNCTION_ARGS)
{
	double		time = survival_time("duration", PG_GETARG_FLOAT8(1));
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	return float8_or_null(fcinfo, survival_at(&curve, time));
}

Datum
survival_curve_median(PG_FUNCTION_ARGS)
{
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	return float8_or_null(fcinfo, survival_quantile(&curve, 0.5));
}

Datum
survival_curve_quantile(PG_FUNCTION_ARGS)
{
	double		p = PG_GETARG_FLOAT8(1);
	SurvivalCurve curve;

	if (!(p > 0 && p <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("p must be above 0 and at most 1"),
				 errdetail("It is %g.", p),
				 errhint("It is the share of the customers who are lost: 0.25 asks by when a quarter is.")));
	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	return float8_or_null(fcinfo, survival_quantile(&curve, p));
}

static double
restricted_mean(FunctionCallInfo fcinfo, double *standard_error)
{
	double		until = survival_time("until", PG_GETARG_FLOAT8(1));
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	return survival_restricted_mean(&curve, until, standard_error);
}

Datum
survival_curve_restricted_mean(PG_FUNCTION_ARGS)
{
	double		standard_error;

	return float8_or_null(fcinfo, restricted_mean(fcinfo, &standard_error));
}

Datum
survival_curve_restricted_mean_error(PG_FUNCTION_ARGS)
{
	double		standard_error;

	if (isnan(restricted_mean(fcinfo, &standard_error)))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(standard_error);
}

Datum
survival_curve_customers(PG_FUNCTION_ARGS)
{
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	PG_RETURN_INT64(survival_customers(&curve));
}

Datum
survival_curve_events(PG_FUNCTION_ARGS)
{
	SurvivalCurve curve;

	survival_curve_read(PG_GETARG_SURVIVAL_CURVE_P(0), &curve);
	PG_RETURN_INT64(survival_events(&curve));
}
