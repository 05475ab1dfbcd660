/*
 * formulas_sql.c
 *		What a customer is worth by formula: functions of plain numbers.
 */
#include "customer_value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "common/arithmetic_sql.h"
#include "retention/formulas.h"
#include "retention/retention_sql.h"

PG_FUNCTION_INFO_V1(retention_clv);
PG_FUNCTION_INFO_V1(retention_clv_periods);
PG_FUNCTION_INFO_V1(retention_sensitivity);
PG_FUNCTION_INFO_V1(clv_simple);
PG_FUNCTION_INFO_V1(expected_credit_loss);
PG_FUNCTION_INFO_V1(annual_attrition);

/*
 * Arguments
 */

double
finite_argument(const char *name, double v)
{
	if (unlikely(!isfinite(v)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite number", name),
				 errdetail("It is %g.", v),
				 errhint("Leave such rows out, or give NULL where it is not known.")));
	return v;
}

double
discount_rate_argument(double v)
{
	if (unlikely(!(finite_argument("discount_rate", v) >= 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount_rate must not be negative"),
				 errdetail("It is %g.", v),
				 errhint("Write 0.1 for 10 percent each period.")));
	return v;
}

double
finite_result(double v)
{
	if (unlikely(!isfinite(v)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value out of range: overflow"),
				 errdetail("The customer value is larger than a double precision number can be."),
				 errhint("Check the margin or the payoffs.")));
	return v;
}

int32
periods_argument(int32 periods)
{
	if (unlikely(periods < 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("periods must not be negative"),
				 errdetail("It is %d.", periods),
				 errhint("Leave the argument out to look ahead without end.")));
	return periods;
}

static double
retention_argument(double v)
{
	if (unlikely(!(v >= 0 && v <= 1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retention must be between 0 and 1"),
				 errdetail("It is %g.", v),
				 errhint("Write 0.8 if 80 percent of the customers stay for another period.")));
	return v;
}

/* Is the first payment now, or at the end of the first period? */
static bool
paid_now(const struct varlena *name)
{
	size_t		length = VARSIZE_ANY_EXHDR(name);

	if (length == 3 && memcmp(VARDATA_ANY(name), "now", 3) == 0)
		return true;
	if (!(length == 3 && memcmp(VARDATA_ANY(name), "end", 3) == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown first_payment: \"%s\"", text_to_cstring(name)),
				 errdetail("The first margin is earned now, or at the end of the first period by those who stayed."),
				 errhint("Write 'now' or 'end'.")));
	return false;
}

/*
 * The retention formula
 */

static double
value_without_end(double margin, double retention, double discount_rate, bool now)
{
	if (unlikely(retention == 1 && discount_rate == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customer value has no bound"),
				 errdetail("With retention 1 and discount_rate 0 every period adds the same margin, without end."),
				 errhint("Give a discount rate above 0, or a number of periods.")));
	return finite_result(retention_value(margin, retention, discount_rate, INFINITY, now));
}

Datum
retention_clv(PG_FUNCTION_ARGS)
{
	double		margin = finite_argument("margin", PG_GETARG_FLOAT8(0));
	double		retention = retention_argument(PG_GETARG_FLOAT8(1));
	double		discount_rate = discount_rate_argument(PG_GETARG_FLOAT8(2));

	PG_RETURN_FLOAT8(value_without_end(margin, retention, discount_rate,
									   paid_now(PG_GETARG_TEXT_PP(3))));
}

Datum
retention_clv_periods(PG_FUNCTION_ARGS)
{
	double		margin = finite_argument("margin", PG_GETARG_FLOAT8(0));
	double		retention = retention_argument(PG_GETARG_FLOAT8(1));
	double		discount_rate = discount_rate_argument(PG_GETARG_FLOAT8(2));
	int32		periods = periods_argument(PG_GETARG_INT32(3));

	PG_RETURN_FLOAT8(finite_result(retention_value(margin, retention, discount_rate, periods,
												   paid_now(PG_GETARG_TEXT_PP(4)))));
}

/*
 * Its sensitivity to retention, as a table over retentions and discount rates
 */

double *
float8_array(ArrayType *array, const char *name, int *count)
{
	Datum	   *elements;
	bool	   *nulls;
	double	   *result;

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, count);
	result = palloc(Max(*count, 1) * sizeof(double));
	for (int i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not contain nulls", name),
					 errdetail("Element %d is null.", i + 1),
					 errhint("Give numbers only, as in ARRAY[0.6, 0.7, 0.8].")));
		result[i] = finite_argument(name, DatumGetFloat8(elements[i]));
	}
	return result;
}

/* The retention so many points higher; a rounding above 1 is 1. */
static double
raised_retention(double retention, double points)
{
	double		raised = retention + points;

	if (raised > 1 && raised < 1 + 1e-12)
		return 1;
	if (!(raised >= 0 && raised <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retention changed by points must be between 0 and 1"),
				 errdetail("Retention %g and %g points are %g.", retention, points, raised),
				 errhint("Points are a fraction, 0.05 for five points of retention; leave retentions out that they do not fit.")));
	return raised;
}

Datum
retention_sensitivity(PG_FUNCTION_ARGS)
{
	enum
	{
		RETENTION, DISCOUNT_RATE, VALUE, VALUE_RAISED, CHANGE, CHANGE_RATIO,
		COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		margin = finite_argument("margin", PG_GETARG_FLOAT8(0));
	double		points = finite_argument("points", PG_GETARG_FLOAT8(1));
	bool		now = paid_now(PG_GETARG_TEXT_PP(4));
	int			retentions;
	int			rates;
	double	   *retention = float8_array(PG_GETARG_ARRAYTYPE_P(2), "retentions", &retentions);
	double	   *rate = float8_array(PG_GETARG_ARRAYTYPE_P(3), "discount_rates", &rates);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < retentions; i++)
		for (int j = 0; j < rates; j++)
		{
			double		r = retention_argument(retention[i]);
			double		d = discount_rate_argument(rate[j]);
			double		value = value_without_end(margin, r, d, now);
			double		raised = value_without_end(margin, raised_retention(r, points), d, now);
			Datum		values[COLUMNS];
			bool		nulls[COLUMNS] = {false};

			CHECK_FOR_INTERRUPTS();
			values[RETENTION] = Float8GetDatum(r);
			values[DISCOUNT_RATE] = Float8GetDatum(d);
			values[VALUE] = Float8GetDatum(value);
			values[VALUE_RAISED] = Float8GetDatum(raised);
			values[CHANGE] = Float8GetDatum(finite_result(raised - value));
			nulls[CHANGE_RATIO] = value == 0;
			values[CHANGE_RATIO] = Float8GetDatum(value == 0 ? 0 : finite_result((raised - value) / value));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	return (Datum) 0;
}

/*
 * Sums and products of money, exact
 */

static Datum
finite_numeric(FunctionCallInfo fcinfo, int n, const char *name)
{
	Numeric		v = PG_GETARG_NUMERIC(n);

	if (numeric_is_nan(v) || numeric_is_inf(v))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite number", name),
				 errdetail("It is %s.", numeric_is_nan(v) ? "NaN" : "infinite"),
				 errhint("Leave such rows out, or give NULL where it is not known.")));
	return NumericGetDatum(v);
}

static char *
numeric_text(Datum v)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, v));
}

static void
check_cost(const char *name, Datum v)
{
	if (less(v, whole(0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name),
				 errdetail("It is %s; costs are given as what they cost, and subtracted.", numeric_text(v)),
				 errhint("Write -%s, or quoted => true for the sum of signed amounts.", name)));
}

Datum
clv_simple(PG_FUNCTION_ARGS)
{
	Datum		acquisition = finite_numeric(fcinfo, 0, "acquisition");
	Datum		contribution = finite_numeric(fcinfo, 1, "contribution");
	Datum		retention = finite_numeric(fcinfo, 2, "retention_cost");
	Datum		costs = plus(acquisition, retention);

	if (PG_GETARG_BOOL(3))
		PG_RETURN_DATUM(plus(contribution, costs));
	check_cost("acquisition", acquisition);
	check_cost("retention_cost", retention);
	PG_RETURN_DATUM(minus(contribution, costs));
}

static void
check_share(const char *name, Datum v)
{
	if (less(v, whole(0)) || less(whole(1), v))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 1", name),
				 errdetail("It is %s.", numeric_text(v)),
				 errhint("Write 0.02 for 2 percent.")));
}

Datum
expected_credit_loss(PG_FUNCTION_ARGS)
{
	Datum		pd = finite_numeric(fcinfo, 0, "pd");
	Datum		lgd = finite_numeric(fcinfo, 1, "lgd");
	Datum		exposure = finite_numeric(fcinfo, 2, "exposure");

	check_share("pd", pd);
	check_share("lgd", lgd);
	if (less(exposure, whole(0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("exposure must not be negative"),
				 errdetail("It is %s.", numeric_text(exposure)),
				 errhint("It is what the customer will owe at default; write 0 for one who owes nothing.")));
	PG_RETURN_DATUM(times(times(pd, lgd), exposure));
}

/*
 * Contractual attrition.  A year is 12 months or 365.25 days.
 */

static double
years_of(const Interval *period)
{
	double		days = period->day + (double) period->time / USECS_PER_DAY;
	double		years = period->month / 12.0 + days / 365.25;
	bool		finite = true;

#ifdef INTERVAL_NOT_FINITE
	finite = !INTERVAL_NOT_FINITE(period);
#endif
	if (!finite || !(years > 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period must be positive and finite"),
				 errdetail("It is the time in which the customers were lost."),
				 errhint("Write interval '3 months' for a quarter.")));
	return years;
}

Datum
annual_attrition(PG_FUNCTION_ARGS)
{
	int64		customers = PG_GETARG_INT64(0);
	int64		lost = PG_GETARG_INT64(1);

	if (customers < 1 || lost < 0 || lost > customers)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customers_lost must be between 0 and customers_at_start"),
				 errdetail("There were " INT64_FORMAT " customers at the start, and " INT64_FORMAT " were lost.",
						   customers, lost),
				 errhint("Count only losses among the customers of the start, and leave out periods that start without any.")));
	PG_RETURN_FLOAT8(annual_rate((double) lost / (double) customers,
								 years_of(PG_GETARG_INTERVAL_P(2))));
}
