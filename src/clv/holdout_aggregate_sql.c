/*
 * holdout_aggregate_sql.c
 *		The aggregate that holds a model against ledgers.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/date.h"

#include "common/state_sql.h"
#include "clv/clv_model_sql.h"
#include "clv/holdout_sql.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(holdout_accum);
PG_FUNCTION_INFO_V1(holdout_combine);
PG_FUNCTION_INFO_V1(holdout_serialize);
PG_FUNCTION_INFO_V1(holdout_deserialize);
PG_FUNCTION_INFO_V1(holdout_final);

typedef struct HoldoutState
{
	HoldoutCounts counts;
	ClvModel   *model;
} HoldoutState;

/* A pattern on the wire. */
#define PATTERN_SIZE (3 * (int) sizeof(int64))

static HoldoutState *
state_make(MemoryContext context, const ClvModel *model, int32 as_of, int32 until)
{
	HoldoutState *state = MemoryContextAlloc(context, sizeof(HoldoutState));

	state->model = MemoryContextAlloc(context, VARSIZE(model));
	memcpy(state->model, model, VARSIZE(model));
	holdout_counts_open(&state->counts, as_of, until,
						MemoryContextAllocZero(context, HOLDOUT_FIRST_SLOTS * sizeof(HoldoutPattern)),
						MemoryContextAllocZero(context, HOLDOUT_FIRST_DAYS * sizeof(int64)));
	return state;
}

/*
 * What is the same in all rows
 */

static void
check_model(const ClvModel *model)
{
	const char *hint;
	const char *why = holdout_refuses(model, &hint);

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" cannot be held against ledgers", clv_model_class(model)->name),
				 errdetail("%s", why),
				 errhint("%s", hint)));
}

static void
check_dates(DateADT as_of, DateADT until)
{
	if (DATE_NOT_FINITE(as_of) || DATE_NOT_FINITE(until))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of and until must be finite dates"),
				 errdetail("The calibration ends with as_of, the holdout with until."),
				 errhint("Write the last day that the ledgers are complete for as until.")));
	if (as_of > until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must not be after until"),
				 errdetail("The holdout is from the day after as_of to until."),
				 errhint("Write holdout(model, ledger, as_of, until), the earlier date first.")));
}

static void
check_same(const HoldoutState *state, const ClvModel *model, DateADT as_of, DateADT until)
{
	bool		same_model = VARSIZE(model) == VARSIZE(state->model) &&
	memcmp(model, state->model, VARSIZE(model)) == 0;

	if (unlikely(!same_model || as_of != state->counts.as_of || until != state->counts.until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be the same for all customers",
						!same_model ? "model" : as_of != state->counts.as_of ? "as_of" : "until"),
				 errdetail("A holdout compares one model with one period."),
				 errhint("GROUP BY what differs, or aggregate in separate queries.")));
}

/*
 * The aggregate
 */

Datum
holdout_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	HoldoutState *state = PG_ARGISNULL(0) ? NULL : (HoldoutState *) PG_GETARG_POINTER(0);
	const ClvModel *model;
	DateADT		as_of;
	DateADT		until;
	LedgerView	view;
	int32		first;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_ARGISNULL(4))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	model = PG_GETARG_CLV_MODEL_P(1);
	as_of = PG_GETARG_DATEADT(3);
	until = PG_GETARG_DATEADT(4);
	if (state == NULL)
	{
		check_model(model);
		check_dates(as_of, until);
		state = state_make(context, model, as_of, until);
	}
	else
		check_same(state, model, as_of, until);

	PG_READ_LEDGER(2, &view);
	if (!holdout_count(&state->counts, view.body, view.length, &first))
	{
		char		day[32];

		ledger_print_day(day, first);
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("holdout is too long"),
				 errdetail("From a first purchase on %s to until there are more than %d days.",
						   day, HOLDOUT_MAX_DAYS),
				 errhint("Cut the ledgers first, for example with l * daterange('2000-01-01', NULL), and check such early dates.")));
	}
	PG_RETURN_POINTER(state);
}

Datum
holdout_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const HoldoutState *other;
	HoldoutState *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = (HoldoutState *) PG_GETARG_POINTER(1);
	if (PG_ARGISNULL(0))
		state = state_make(context, other->model, other->counts.as_of, other->counts.until);
	else
	{
		state = (HoldoutState *) PG_GETARG_POINTER(0);
		check_same(state, other->model, other->counts.as_of, other->counts.until);
	}
	holdout_reserve(&state->counts, other->counts.used);
	for (size_t i = 0; i < other->counts.slots; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (other->counts.slot[i].customers > 0)
			holdout_add_pattern(&state->counts, &other->counts.slot[i]);
	}
	for (size_t i = 0; i < other->counts.days; i++)
		if (other->counts.repeats[i] > 0)
			holdout_add_repeats(&state->counts, i, other->counts.repeats[i]);
	PG_RETURN_POINTER(state);
}

Datum
holdout_serialize(PG_FUNCTION_ARGS)
{
	const HoldoutState *state = (HoldoutState *) PG_GETARG_POINTER(0);
	const HoldoutCounts *counts = &state->counts;
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	if (counts->used > (MaxAllocSize / 2) / PATTERN_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct customers for a parallel aggregate"),
				 errdetail("A worker has %zu patterns of frequency, recency, age and purchases.", counts->used),
				 errhint("SET max_parallel_workers_per_gather = 0 for this query.")));
	pq_begintypsend(&buf);
	pq_sendint32(&buf, VARSIZE(state->model));
	pq_sendbytes(&buf, (const char *) state->model, VARSIZE(state->model));
	pq_sendint32(&buf, counts->as_of);
	pq_sendint32(&buf, counts->until);
	pq_sendint32(&buf, counts->days);
	for (size_t i = 0; i < counts->days; i++)
		pq_sendint64(&buf, counts->repeats[i]);
	pq_sendint64(&buf, counts->used);
	for (size_t i = 0; i < counts->slots; i++)
	{
		const HoldoutPattern *p = &counts->slot[i];

		if (p->customers == 0)
			continue;
		pq_sendint32(&buf, p->frequency);
		pq_sendint32(&buf, p->recency);
		pq_sendint32(&buf, p->age);
		pq_sendint32(&buf, p->purchases);
		pq_sendint64(&buf, p->customers);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static ClvModel *
get_model(StringInfo buf)
{
	uint32		size = pq_getmsgint(buf, 4);
	ClvModel   *model;

	if (size < CLV_MODEL_SIZE(0) || size > (uint32) (buf->len - buf->cursor))
		state_invalid();
	model = palloc(size);
	memcpy(model, pq_getmsgbytes(buf, size), size);
	if (VARSIZE(model) != size || clv_model_check(model, size) != NULL)
		state_invalid();
	return model;
}

static void
get_repeats(StringInfo buf, HoldoutCounts *counts)
{
	uint32		days = pq_getmsgint(buf, 4);

	if (days > 2 * HOLDOUT_MAX_DAYS)
		state_invalid();
	for (uint32 i = 0; i < days; i++)
	{
		int64		purchases = pq_getmsgint64(buf);

		if (purchases < 0)
			state_invalid();
		if (purchases > 0)
			holdout_add_repeats(counts, i, purchases);
	}
}

static void
get_patterns(StringInfo buf, HoldoutCounts *counts)
{
	int64		used = pq_getmsgint64(buf);

	if (used != (buf->len - buf->cursor) / PATTERN_SIZE)
		state_invalid();
	holdout_reserve(counts, (size_t) used);
	for (int64 i = 0; i < used; i++)
	{
		HoldoutPattern p;

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		p.frequency = pq_getmsgint(buf, 4);
		p.recency = pq_getmsgint(buf, 4);
		p.age = pq_getmsgint(buf, 4);
		p.purchases = pq_getmsgint(buf, 4);
		p.customers = pq_getmsgint64(buf);
		if (p.customers < 1 || p.frequency > p.recency || p.recency > p.age ||
			(int64) counts->until - counts->as_of + p.age > HOLDOUT_MAX_DAYS ||
			p.purchases > (int64) counts->until - counts->as_of)
			state_invalid();
		holdout_add_pattern(counts, &p);
	}
	if (counts->used != (size_t) used)
		state_invalid();
}

Datum
holdout_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	HoldoutState *state;
	ClvModel   *model;
	int32		as_of;
	int32		until;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	model = get_model(&buf);
	as_of = pq_getmsgint(&buf, 4);
	until = pq_getmsgint(&buf, 4);
	if (as_of > until)
		state_invalid();
	state = state_make(CurrentMemoryContext, model, as_of, until);
	get_repeats(&buf, &state->counts);
	get_patterns(&buf, &state->counts);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

Datum
holdout_final(PG_FUNCTION_ARGS)
{
	const HoldoutState *state;
	char		why[HOLDOUT_WHY_SIZE];
	Holdout    *h;

	(void) aggregate_context(fcinfo);
	state = PG_ARGISNULL(0) ? NULL : (HoldoutState *) PG_GETARG_POINTER(0);
	if (state == NULL || state->counts.used == 0)
		PG_RETURN_NULL();
	h = holdout_make(&state->counts, state->model, why);
	if (h == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("holdout out of range"),
				 errdetail("%s", why),
				 errhint("Check the parameters of the model, and expected_purchases() of single customers.")));
	return holdout_datum(h);
}
