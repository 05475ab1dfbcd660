/*
 * fit_sql.c
 *		The aggregates that fit models.
 *
 * Those of purchases share one transition function, so several of them in a
 * query over the same rfm share one state: the server sees to that.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "common/state_sql.h"
#include "clv/clv_model_sql.h"
#include "clv/patterns.h"
#include "rfm/rfm_sql.h"

PG_FUNCTION_INFO_V1(purchase_fit_accum);
PG_FUNCTION_INFO_V1(spend_fit_accum);
PG_FUNCTION_INFO_V1(fit_combine);
PG_FUNCTION_INFO_V1(fit_serialize);
PG_FUNCTION_INFO_V1(fit_deserialize);
PG_FUNCTION_INFO_V1(bgnbd_fit_final);
PG_FUNCTION_INFO_V1(mbgnbd_fit_final);
PG_FUNCTION_INFO_V1(pareto_nbd_fit_final);
PG_FUNCTION_INFO_V1(nbd_fit_final);
PG_FUNCTION_INFO_V1(bgbb_fit_final);
PG_FUNCTION_INFO_V1(gamma_gamma_fit_final);
PG_FUNCTION_INFO_V1(sbg_fit_accum);
PG_FUNCTION_INFO_V1(sbg_fit_final);

typedef struct FitState
{
	PatternTable table;
	TimeUnit	unit;			/* of those that have one */
	RfmBasis	basis;
	int64		left_out;		/* repeat customers without positive mean */
} FitState;

/* A pattern on the wire. */
#define PATTERN_SIZE (4 * (int) sizeof(float8))

/*
 * States
 */

static FitState *
state_make(MemoryContext context)
{
	FitState   *state = MemoryContextAllocZero(context, sizeof(FitState));

	patterns_open(&state->table,
				  MemoryContextAllocZero(context, PATTERN_FIRST_SLOTS * sizeof(Pattern)));
	return state;
}

static inline FitState *
state_of(FunctionCallInfo fcinfo)
{
	MemoryContext context = aggregate_context(fcinfo);

	return PG_ARGISNULL(0) ? state_make(context) : (FitState *) PG_GETARG_POINTER(0);
}

static void
note_unit(FitState *state, TimeUnit unit)
{
	if (likely(state->unit == unit) || unit == TIME_UNIT_NONE)
		return;
	if (state->unit != TIME_UNIT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time units differ"),
				 errdetail("Some customers are counted in units of a %s, others of a %s.",
						   time_unit_name(Min(state->unit, unit)),
						   time_unit_name(Max(state->unit, unit))),
				 errhint("Give rfm() the same unit for all customers.")));
	state->unit = unit;
}

static void
note_basis(FitState *state, RfmBasis basis)
{
	if (likely(state->basis == basis) || basis <= RFM_GIVEN)
	{
		state->basis = Max(state->basis, basis);
		return;
	}
	if (state->basis > RFM_GIVEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("monetary values differ in what they are of"),
				 errdetail("Some are means of net revenue, others of contribution."),
				 errhint("Give rfm() the same argument monetary for all customers.")));
	state->basis = basis;
}

Datum
purchase_fit_accum(PG_FUNCTION_ARGS)
{
	FitState   *state = state_of(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		const Rfm  *h = PG_GETARG_RFM_P(1);

		note_unit(state, (TimeUnit) h->unit);
		patterns_add(&state->table, h->frequency, h->recency, h->age, 1);
	}
	PG_RETURN_POINTER(state);
}

Datum
spend_fit_accum(PG_FUNCTION_ARGS)
{
	FitState   *state = state_of(fcinfo);

	if (!PG_ARGISNULL(1))
	{
		const Rfm  *h = PG_GETARG_RFM_P(1);

		if (h->frequency > 0)
		{
			note_unit(state, (TimeUnit) h->unit);
			note_basis(state, (RfmBasis) h->basis);
			if (h->monetary > 0)
				patterns_add(&state->table, h->frequency, h->monetary, 0, 1);
			else
				state->left_out++;
		}
	}
	PG_RETURN_POINTER(state);
}

Datum
fit_combine(PG_FUNCTION_ARGS)
{
	const FitState *other;
	FitState   *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = state_of(fcinfo);
	other = (FitState *) PG_GETARG_POINTER(1);
	note_unit(state, other->unit);
	note_basis(state, other->basis);
	state->left_out += other->left_out;
	patterns_reserve(&state->table, other->table.used);
	for (size_t i = 0; i < other->table.slots; i++)
	{
		const Pattern *p = &other->table.slot[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (p->customers > 0)
			patterns_add(&state->table, p->frequency, p->recency, p->age, p->customers);
	}
	PG_RETURN_POINTER(state);
}

Datum
fit_serialize(PG_FUNCTION_ARGS)
{
	const FitState *state = (FitState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	if (state->table.used > (MaxAllocSize - 64) / PATTERN_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct customers for a parallel fit"),
				 errdetail("A worker has %zu patterns of frequency, recency and age.", state->table.used),
				 errhint("Fit with SET max_parallel_workers_per_gather = 0, or count time in a coarser unit.")));
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, state->unit);
	pq_sendbyte(&buf, state->basis);
	pq_sendint64(&buf, state->left_out);
	pq_sendint64(&buf, state->table.used);
	for (size_t i = 0; i < state->table.slots; i++)
	{
		const Pattern *p = &state->table.slot[i];

		if (!(p->customers > 0))
			continue;
		pq_sendfloat8(&buf, p->frequency);
		pq_sendfloat8(&buf, p->recency);
		pq_sendfloat8(&buf, p->age);
		pq_sendfloat8(&buf, p->customers);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* A number of a pattern: finite, not -0. */
static double
get_number(StringInfo buf)
{
	double		v = pq_getmsgfloat8(buf);

	if (!isfinite(v) || (v == 0 && signbit(v)))
		state_invalid();
	return v;
}

Datum
fit_deserialize(PG_FUNCTION_ARGS)
{
	FitState   *state;
	StringInfoData buf;
	int64		used;

	(void) aggregate_context(fcinfo);
	state = state_make(CurrentMemoryContext);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state->unit = (TimeUnit) pq_getmsgbyte(&buf);
	state->basis = (RfmBasis) pq_getmsgbyte(&buf);
	state->left_out = pq_getmsgint64(&buf);
	used = pq_getmsgint64(&buf);
	if (state->unit > TIME_UNIT_LAST || state->basis > RFM_BASIS_LAST ||
		state->left_out < 0 || used != (buf.len - buf.cursor) / PATTERN_SIZE)
		state_invalid();
	patterns_reserve(&state->table, (size_t) used);
	for (int64 i = 0; i < used; i++)
	{
		double		frequency = get_number(&buf);
		double		recency = get_number(&buf);
		double		age = get_number(&buf);
		double		customers = get_number(&buf);

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (!(customers >= 1))
			state_invalid();
		patterns_add(&state->table, frequency, recency, age, customers);
	}
	pq_getmsgend(&buf);
	if (state->table.used != (size_t) used)
		state_invalid();
	PG_RETURN_POINTER(state);
}

/*
 * Fits
 */

/* Of the sorted patterns, the correlation of frequency and monetary. */
static double
correlation(const Pattern *pattern, size_t count)
{
	double		n = 0;
	double		mean_x = 0;
	double		mean_y = 0;
	double		xx = 0;
	double		yy = 0;
	double		xy = 0;

	for (size_t i = 0; i < count; i++)
	{
		double		w = pattern[i].customers;
		double		dx = pattern[i].frequency - mean_x;
		double		dy = pattern[i].monetary - mean_y;

		n += w;
		mean_x += dx * (w / n);
		mean_y += dy * (w / n);
		xx += w * dx * (pattern[i].frequency - mean_x);
		yy += w * dy * (pattern[i].monetary - mean_y);
		xy += w * dx * (pattern[i].monetary - mean_y);
	}
	return xx > 0 && yy > 0 ? xy / (sqrt(xx) * sqrt(yy)) : 0;
}

/* Correlations are told from this size on, and if chance is no explanation. */
#define NOTABLE_CORRELATION 0.2
#define NOTABLE_SIGMAS 3.0

static void
note_spend(const FitState *state, const Pattern *pattern, size_t count, Fit *fit)
{
	double		r = correlation(pattern, count);

	if (state->left_out > 0)
		fit_note(fit, INT64_FORMAT " customers without positive mean left out", state->left_out);
	if (fabs(r) >= NOTABLE_CORRELATION && fabs(r) * sqrt(fit->customers) > NOTABLE_SIGMAS)
		fit_note(fit, "spend and frequency are correlated, r = %.2f: gamma-gamma assumes they are not", r);
	if (fit->parameter[1] <= 1)
		fit_note(fit, "gamma-gamma q <= 1: mean spend is infinite");
}

/*
 * The model of a fit.  Numbers so large or small that they are none of a model
 * could be stored, and not be read again from a dump.
 */
static Datum
model_of_fit(ModelKind kind, TimeUnit unit, RfmBasis basis, const Fit *fit)
{
	ClvModel   *m = clv_model_from_fit(kind, unit, basis, fit);
	const char *why = clv_model_check(m, CLV_MODEL_SIZE(m->diagnosis_length));

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("fit of model \"%s\" is out of range", model_classes[kind]->name),
				 errdetail("%s", why),
				 errhint("Count time or money in another unit.")));
	return clv_model_datum(m);
}

static Datum
fit_final(FunctionCallInfo fcinfo, ModelKind kind)
{
	const ModelClass *model = model_classes[kind];
	const FitState *state;
	Pattern    *pattern;
	Fit			fit;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (FitState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->table.used == 0)
		PG_RETURN_NULL();
	pattern = patterns_sorted(&state->table);
	for (size_t i = 0; model->refuse && i < state->table.used; i++)
	{
		History		h = {pattern[i].frequency, pattern[i].recency, pattern[i].age};

		clv_model_accept(model, &h);
	}
	model_fit(model, pattern, state->table.used, &fit);
	if (model->subject == MODEL_OF_SPEND)
		note_spend(state, pattern, state->table.used, &fit);
	cv_free(pattern);
	return model_of_fit(kind, state->unit,
						state->basis > RFM_GIVEN ? state->basis : RFM_NO_MONETARY, &fit);
}

#define DEFINE_FIT_FINAL(name, kind) \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	return fit_final(fcinfo, kind); \
} \
extern int no_such_variable

DEFINE_FIT_FINAL(bgnbd_fit_final, MODEL_BG_NBD);
DEFINE_FIT_FINAL(mbgnbd_fit_final, MODEL_MBG_NBD);
DEFINE_FIT_FINAL(pareto_nbd_fit_final, MODEL_PARETO_NBD);
DEFINE_FIT_FINAL(nbd_fit_final, MODEL_NBD);
DEFINE_FIT_FINAL(bgbb_fit_final, MODEL_BG_BB);
DEFINE_FIT_FINAL(gamma_gamma_fit_final, MODEL_GAMMA_GAMMA);

/*
 * sbg_fit(period, survivors): the rows of the table are kept as patterns,
 * period for frequency and survivors for recency.
 */

static void
check_count(const char *what, double v)
{
	if (!(v >= 0 && v <= 9007199254740992.0 && v == floor(v)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number", what),
				 errdetail("It is %g.", v),
				 errhint("Count periods from 0, and give survivors as numbers of customers, not as shares.")));
}

Datum
sbg_fit_accum(PG_FUNCTION_ARGS)
{
	FitState   *state = state_of(fcinfo);

	if (PG_ARGISNULL(1) != PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("period and survivors must both be given"),
				 errdetail("One of them is null and the other is not."),
				 errhint("Leave such rows out with a FILTER clause.")));
	if (!PG_ARGISNULL(1))
	{
		double		period = PG_GETARG_FLOAT8(1);
		double		survivors = PG_GETARG_FLOAT8(2);

		check_count("period", period);
		check_count("survivors", survivors);
		patterns_add(&state->table, period + 0.0, survivors + 0.0, 0, 1);
	}
	PG_RETURN_POINTER(state);
}

CV_NORETURN static void
bad_retention_table(const char *detail, double period)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("not a retention table"),
			 errdetail(detail, period),
			 errhint("Give each period from 0 on once, with the customers that are left of those in period 0.")));
}

static void
check_retention_table(const Pattern *row, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
	{
		if (row[i].customers > 1 || (i > 0 && row[i].frequency == row[i - 1].frequency))
			bad_retention_table("Period %.0f appears twice.", row[i].frequency);
		if (row[i].frequency != (double) i)
			bad_retention_table("Period %.0f is missing.", (double) i);
		if (i > 0 && row[i].recency > row[i - 1].recency)
			bad_retention_table("There are more survivors in period %.0f than before.", row[i].frequency);
	}
	if (rows == 1 || row[0].recency == 0)
		bad_retention_table("There must be customers, and a period after period %.0f.", 0);
}

/* Who was still there after the last period, and who left in each, as sorted patterns. */
static size_t
lost_customers(const Pattern *row, size_t rows, Pattern *lost)
{
	size_t		n = 0;

	if (row[rows - 1].recency > 0)
	{
		Pattern		still = {.age = row[rows - 1].frequency,.customers = row[rows - 1].recency};

		lost[n++] = still;
	}
	for (size_t i = 1; i < rows; i++)
	{
		Pattern		left = {.frequency = 1,.age = row[i].frequency};

		left.customers = row[i - 1].recency - row[i].recency;
		if (left.customers > 0)
			lost[n++] = left;
	}
	return n;
}

Datum
sbg_fit_final(PG_FUNCTION_ARGS)
{
	const FitState *state;
	Pattern    *row;
	Pattern    *lost;
	size_t		count;
	Fit			fit;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (FitState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->table.used == 0)
		PG_RETURN_NULL();
	row = patterns_sorted(&state->table);
	check_retention_table(row, state->table.used);
	lost = cv_alloc(state->table.used * sizeof(Pattern));
	count = lost_customers(row, state->table.used, lost);
	model_fit(&sbg_model, lost, count, &fit);
	return model_of_fit(MODEL_SBG, TIME_UNIT_NONE, RFM_NO_MONETARY, &fit);
}
