/*
 * holdout_sql.c
 *		Type holdout: input, output, and what there is to read in one.
 */
#include "customer_value.h"

#include <math.h>

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "clv/clv_model_sql.h"
#include "clv/holdout_sql.h"

PG_FUNCTION_INFO_V1(holdout_in);
PG_FUNCTION_INFO_V1(holdout_out);
PG_FUNCTION_INFO_V1(holdout_recv);
PG_FUNCTION_INFO_V1(holdout_send);
PG_FUNCTION_INFO_V1(holdout_clv_model);
PG_FUNCTION_INFO_V1(holdout_as_of);
PG_FUNCTION_INFO_V1(holdout_until);
PG_FUNCTION_INFO_V1(holdout_customers);
PG_FUNCTION_INFO_V1(holdout_actual_purchases);
PG_FUNCTION_INFO_V1(holdout_expected_purchases);
PG_FUNCTION_INFO_V1(holdout_mean_absolute_error);
PG_FUNCTION_INFO_V1(holdout_root_mean_squared_error);
PG_FUNCTION_INFO_V1(holdout_baseline_mean_absolute_error);
PG_FUNCTION_INFO_V1(holdout_baseline_root_mean_squared_error);
PG_FUNCTION_INFO_V1(holdout_by_frequency);
PG_FUNCTION_INFO_V1(holdout_calibration_fit);
PG_FUNCTION_INFO_V1(holdout_tracking);

StaticAssertDecl(sizeof(Holdout) % 8 == 0 && sizeof(HoldoutClass) % 8 == 0 &&
				 sizeof(HoldoutDay) == 8, "the parts of a holdout follow one another aligned");

#define WHERE_FROM \
	"Make one with the aggregate holdout(model, ledger, as_of, until)."

void
holdout_unknown_version(const Holdout *h)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid value of type %s", "holdout"),
			 errdetail("Its version is %d; this release knows version %d.",
					   h->version, HOLDOUT_VERSION),
			 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

Datum
holdout_datum(Holdout *h)
{
	SET_VARSIZE(h, holdout_size(h));
	return PointerGetDatum(h);
}

/*
 * Input and output
 */

static Holdout *
parse(const char *text, char *why)
{
	Holdout    *h = holdout_parse(text, strlen(text), why);
	const ClvModel *m = h ? holdout_model(h) : NULL;

	if (h && !pg_verifymbstr(m->diagnosis, m->diagnosis_length, true))
	{
		strlcpy(why, "The diagnosis has characters that this database's encoding does not have.",
				HOLDOUT_WHY_SIZE);
		return NULL;
	}
	return h;
}

Datum
holdout_in(PG_FUNCTION_ARGS)
{
	char		why[HOLDOUT_WHY_SIZE];
	Holdout    *h = parse(PG_GETARG_CSTRING(0), why);

	if (h == NULL)
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "holdout"),
					   errdetail("%s", why),
					   errhint(WHERE_FROM)));
		PG_RETURN_NULL();
	}
	return holdout_datum(h);
}

Datum
holdout_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(holdout_print(PG_GETARG_HOLDOUT_P(0)));
}

/* The binary form is a version byte and the text, as that of clv_model is. */
Datum
holdout_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = buf->cursor < buf->len ? pq_getmsgbyte(buf) : 0;
	char		why[HOLDOUT_WHY_SIZE] = "It has a zero byte.";
	Holdout    *h = NULL;
	int			length;
	char	   *text;

	if (version != HOLDOUT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "holdout"),
				 errdetail("Its version is %d; this release knows version %d.",
						   version, HOLDOUT_VERSION),
				 errhint("Send the text form instead.")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	if (strlen(text) == (size_t) length)
		h = parse(text, why);
	if (h == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "holdout"),
				 errdetail("%s", why),
				 errhint(WHERE_FROM)));
	return holdout_datum(h);
}

Datum
holdout_send(PG_FUNCTION_ARGS)
{
	char	   *text = holdout_print(PG_GETARG_HOLDOUT_P(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, HOLDOUT_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * Single figures
 */

Datum
holdout_clv_model(PG_FUNCTION_ARGS)
{
	const ClvModel *m = holdout_model(PG_GETARG_HOLDOUT_P(0));
	ClvModel   *copy = palloc(CLV_MODEL_SIZE(m->diagnosis_length));

	memcpy(copy, m, CLV_MODEL_SIZE(m->diagnosis_length));
	return clv_model_datum(copy);
}

Datum
holdout_as_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(PG_GETARG_HOLDOUT_P(0)->as_of);
}

Datum
holdout_until(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(PG_GETARG_HOLDOUT_P(0)->until);
}

Datum
holdout_customers(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(holdout_total(PG_GETARG_HOLDOUT_P(0)).customers);
}

Datum
holdout_actual_purchases(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(holdout_total(PG_GETARG_HOLDOUT_P(0)).actual);
}

Datum
holdout_expected_purchases(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(holdout_total(PG_GETARG_HOLDOUT_P(0)).expected);
}

Datum
holdout_mean_absolute_error(PG_FUNCTION_ARGS)
{
	HoldoutClass total = holdout_total(PG_GETARG_HOLDOUT_P(0));

	PG_RETURN_FLOAT8(total.absolute_error / total.customers);
}

Datum
holdout_root_mean_squared_error(PG_FUNCTION_ARGS)
{
	HoldoutClass total = holdout_total(PG_GETARG_HOLDOUT_P(0));

	PG_RETURN_FLOAT8(sqrt(total.squared_error / total.customers));
}

Datum
holdout_baseline_mean_absolute_error(PG_FUNCTION_ARGS)
{
	HoldoutClass total = holdout_total(PG_GETARG_HOLDOUT_P(0));

	PG_RETURN_FLOAT8(total.baseline_absolute_error / total.customers);
}

Datum
holdout_baseline_root_mean_squared_error(PG_FUNCTION_ARGS)
{
	HoldoutClass total = holdout_total(PG_GETARG_HOLDOUT_P(0));

	PG_RETURN_FLOAT8(sqrt(total.baseline_squared_error / total.customers));
}

/*
 * Rows
 */

/* The frequency from which on customers are one class. */
static uint32
merged_from(FunctionCallInfo fcinfo)
{
	int32		last = PG_GETARG_INT32(1);

	if (last < 1 || last > HOLDOUT_LAST_CLASS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("merged_from must be between 1 and %d", HOLDOUT_LAST_CLASS),
				 errdetail("It is %d.", last),
				 errhint("Write 7 to have customers with 7 or more repeat purchases as one class, 7+.")));
	return (uint32) last;
}

static Datum
class_label(uint32 frequency, uint32 last)
{
	return CStringGetTextDatum(psprintf(frequency < last ? "%u" : "%u+", frequency));
}

Datum
holdout_by_frequency(PG_FUNCTION_ARGS)
{
	const Holdout *h = PG_GETARG_HOLDOUT_P(0);
	uint32		last = merged_from(fcinfo);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	HoldoutClass class[HOLDOUT_LAST_CLASS + 1];
	size_t		count = holdout_merge(h, last, class);

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < count; i++)
	{
		const HoldoutClass *c = &class[i];
		double		customers = (double) c->customers;
		Datum		values[] = {
			Int32GetDatum((int32) c->frequency),
			class_label(c->frequency, last),
			Int64GetDatum(c->customers),
			Float8GetDatum(c->actual / customers),
			Float8GetDatum(c->expected / customers),
			Float8GetDatum(c->absolute_error / customers)
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
holdout_calibration_fit(PG_FUNCTION_ARGS)
{
	const Holdout *h = PG_GETARG_HOLDOUT_P(0);
	uint32		last = merged_from(fcinfo);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	HoldoutClass class[HOLDOUT_LAST_CLASS + 1];
	double		expected[HOLDOUT_LAST_CLASS + 1];
	size_t		count = holdout_merge(h, last, class);
	size_t		at = 0;

	InitMaterializedSRF(fcinfo, 0);
	holdout_expected_customers(h, last, expected);
	for (uint32 x = 0; x <= last; x++)
	{
		bool		some = at < count && class[at].frequency == x;
		Datum		values[] = {
			Int32GetDatum((int32) x),
			class_label(x, last),
			Int64GetDatum(some ? class[at].customers : 0),
			Float8GetDatum(expected[x])
		};
		bool		nulls[lengthof(values)] = {false};

		at += some;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static double
days_of_step(const Holdout *h, double step)
{
	TimeUnit	unit = (TimeUnit) holdout_model(h)->unit;
	double		days = step * time_unit_days(unit);

	/* a step of 1 / 7 week may be a little less than a day */
	if (!(days > 1 - 1e-9 && isfinite(days)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step must be at least one day, and finite"),
				 errdetail("It is %g in units of a %s.", step, time_unit_name(unit)),
				 errhint("Write tracking(h) for periods of one %s.", time_unit_name(unit))));
	return Max(days, 1);
}

Datum
holdout_tracking(PG_FUNCTION_ARGS)
{
	const Holdout *h = PG_GETARG_HOLDOUT_P(0);
	double		days = days_of_step(h, PG_GETARG_FLOAT8(1));
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	HoldoutPeriod *period;
	size_t		count = holdout_periods(h, days, &period);
	HoldoutPeriod before = {0};

	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many periods"),
				 errdetail("From the first purchase until the end of the holdout there are more than %d of them.",
						   HOLDOUT_MAX_PERIODS),
				 errhint("Give a longer step, for example tracking(h, 4) for periods of four units.")));
	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < count; i++)
	{
		const HoldoutPeriod *p = &period[i];
		Datum		values[] = {
			Int32GetDatum((int32) i + 1),
			DateADTGetDatum(p->until),
			BoolGetDatum(p->in_holdout),
			Int64GetDatum(p->actual - before.actual),
			Float8GetDatum(p->expected - before.expected),
			Int64GetDatum(p->actual),
			Float8GetDatum(p->expected)
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		before = *p;
	}
	return (Datum) 0;
}
