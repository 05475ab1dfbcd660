/*
 * rfm_scheme_sql.c
 *		rfm_scheme(): an aggregate over the ledgers of customers that makes a
 *		segmentation by RFM scores.
 */
#include "customer_value.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"

#include "common/arguments_sql.h"
#include "common/state_sql.h"
#include "ledger/ledger_sql.h"
#include "scoring/rfm_scheme_sql.h"
#include "scoring/scoring.h"
#include "segment/segmentation_sql.h"

PG_FUNCTION_INFO_V1(rfm_scheme_accum);
PG_FUNCTION_INFO_V1(rfm_scheme_combine);
PG_FUNCTION_INFO_V1(rfm_scheme_serialize);
PG_FUNCTION_INFO_V1(rfm_scheme_deserialize);
PG_FUNCTION_INFO_V1(rfm_scheme_final);

#define FIRST_ROOM 32

typedef struct SchemeState
{
	DateADT		as_of;
	uint16		currency;		/* of the ledgers so far */
	struct varlena *options;	/* the jsonb as it came, or NULL */
	Measures   *customer;
	size_t		count;
	size_t		room;
} SchemeState;

/*
 * What customers are measured by
 */

bool
scoring_measure(const LedgerView *view, DateADT as_of, Measures *m)
{
	MeasuresStatus status = measures_of_ledger(view->body, view->length, as_of, m);

	if (status == MEASURES_OVERFLOW)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("purchase count out of range for type bigint"),
				 errdetail("The purchases of all days add up to more than 9 * 10^18."),
				 errhint("Check what was given as purchases => ...; it counts purchases, not money.")));
	return status == MEASURES_OK;
}

/*
 * Options: the same in all rows
 */

static void
option_is_null(const char *what, const char *example)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", what),
			 errdetail("Without it there is no telling how to score customers."),
			 errhint("Write %s.", example)));
}

static void
read_options(const struct varlena *options, Scoring *scoring)
{
	char		why[240];
	char	   *text;

	scoring_default(scoring);
	if (options == NULL)
		return;
	text = JsonbToCString(NULL, &((Jsonb *) options)->root, VARSIZE(options));
	if (!scoring_parse(text, strlen(text), scoring, why, sizeof(why)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid options for scoring"),
				 errdetail("%s", why),
				 errhint("Write them as in scoring(k => 5, recency => '{30,90,180,365}').")));
	pfree(text);
}

/* Every row is checked; nearly always they are the very same bytes. */
static void
set_options(SchemeState *state, FunctionCallInfo fcinfo, bool first)
{
	struct varlena *options = NULL;
	Scoring		scoring;
	DateADT		as_of;

	if (PG_ARGISNULL(2))
		option_is_null("as_of", "the last day that the ledgers are complete for");
	as_of = PG_GETARG_DATEADT(2);
	if (PG_NARGS() > 3)
	{
		if (PG_ARGISNULL(3))
			option_is_null("options", "scoring() for the usual ones");
		options = (struct varlena *) PG_GETARG_JSONB_P(3);
	}
	if (!first)
	{
		if (as_of != state->as_of)
			argument_changes("as_of");
		if (!argument_is(options, state->options))
			argument_changes("options");
		return;
	}
	as_of_check(as_of);
	read_options(options, &scoring);
	state->as_of = as_of;
	if (options)
		state->options = argument_copy(aggregate_context(fcinfo), VARDATA_ANY(options),
									   VARSIZE_ANY_EXHDR(options));
}

static void
set_currency(SchemeState *state, uint16 currency)
{
	char		names[2][24] = {"no currency", "no currency"};

	if (state->count == 0)
		state->currency = currency;
	if (likely(currency == state->currency))
		return;
	if (state->currency != LEDGER_NO_CURRENCY)
		ledger_currency_text(state->currency, names[0]);
	if (currency != LEDGER_NO_CURRENCY)
		ledger_currency_text(currency, names[1]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot score ledgers of different currencies together"),
			 errdetail("One ledger has %s, another %s.", names[0], names[1]),
			 errhint("Convert the amounts to one currency before building ledgers, or group by currency(l).")));
}

/*
 * States
 */

static SchemeState *
state_make(MemoryContext context, size_t room)
{
	SchemeState *state = MemoryContextAllocZero(context, sizeof(SchemeState));

	state->room = Max(room, FIRST_ROOM);
	state->customer = MemoryContextAllocHuge(context, state->room * sizeof(Measures));
	return state;
}

static void
make_room(SchemeState *state, size_t more)
{
	if (state->room - state->count >= more)
		return;
	state->room = Max(state->count + more, 2 * state->room);
	state->customer = repalloc_huge(state->customer, state->room * sizeof(Measures));
}

Datum
rfm_scheme_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	bool		first = PG_ARGISNULL(0);
	SchemeState *state;
	LedgerView	view;

	state = first ? state_make(context, FIRST_ROOM) : (SchemeState *) PG_GETARG_POINTER(0);
	set_options(state, fcinfo, first);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(state);
	PG_READ_LEDGER(1, &view);
	make_room(state, 1);
	if (scoring_measure(&view, state->as_of, &state->customer[state->count]))
	{
		set_currency(state, view.currency);
		state->count++;
	}
	PG_RETURN_POINTER(state);
}

Datum
rfm_scheme_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	SchemeState *from;
	SchemeState *into;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (SchemeState *) PG_GETARG_POINTER(1);
	if (PG_ARGISNULL(0))
	{
		into = state_make(context, from->count);
		into->as_of = from->as_of;
		if (from->options)
		{
			into->options = MemoryContextAlloc(context, VARSIZE(from->options));
			memcpy(into->options, from->options, VARSIZE(from->options));
		}
	}
	else
		into = (SchemeState *) PG_GETARG_POINTER(0);
	if (into->as_of != from->as_of)
		argument_changes("as_of");
	if (!argument_is(into->options, from->options))
		argument_changes("options");
	if (from->count > 0)
	{
		set_currency(into, from->currency);
		make_room(into, from->count);
		memcpy(into->customer + into->count, from->customer, from->count * sizeof(Measures));
		into->count += from->count;
	}
	PG_RETURN_POINTER(into);
}

/*
 * Field by field: as_of, currency, the options and their length, customers.
 */
#define SERIAL_CUSTOMER (4 + 8 + 16)

Datum
rfm_scheme_serialize(PG_FUNCTION_ARGS)
{
	SchemeState *state = (SchemeState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendint32(&buf, (uint32) state->as_of);
	pq_sendint16(&buf, state->currency);
	state_write_bytes(&buf, state->options);
	state_reserve(&buf, 8 + state->count * SERIAL_CUSTOMER);
	pq_sendint64(&buf, (int64) state->count);
	for (size_t i = 0; i < state->count; i++)
	{
		const Measures *m = &state->customer[i];

		pq_sendint32(&buf, (uint32) m->recency);
		pq_sendint64(&buf, m->frequency);
		state_write_int128(&buf, m->monetary);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
rfm_scheme_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	SchemeState *state = state_make(CurrentMemoryContext, FIRST_ROOM);
	int64		count;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state->as_of = (DateADT) pq_getmsgint(&buf, 4);
	state->currency = (uint16) pq_getmsgint(&buf, 2);
	state->options = state_read_bytes(&buf);
	count = pq_getmsgint64(&buf);
	if (count < 0 || count > (buf.len - buf.cursor) / SERIAL_CUSTOMER)
		state_invalid();
	make_room(state, (size_t) count);
	state->count = (size_t) count;
	for (int64 i = 0; i < count; i++)
	{
		Measures   *m = &state->customer[i];

		m->recency = (int32) pq_getmsgint(&buf, 4);
		m->frequency = pq_getmsgint64(&buf);
		m->monetary = state_read_int128(&buf);
	}
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

static void
scoring_error(ScoringStatus status, const Scoring *scoring, const ScoringProblem *problem)
{
	const char *name = measure_names[problem->measure];

	if (status == SCORING_TOO_FEW_VALUES)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot form %d classes of %s from %zu distinct values",
						scoring->scores, name, problem->values),
				 errdetail("Each score needs a value of its own, for customers with equal values have equal scores."),
				 errhint("Give cut points for it, as in scoring(%s => '%s'), or ask for fewer scores.",
						 name, problem->measure == RECENCY ? "{30,90,180,365}" : "{10,5,3,2}")));
	if (status == SCORING_OVERFLOW)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("total revenue out of range"),
				 errdetail("That of customers with equal scores has more than 29 digits before the decimal point."),
				 errhint("Check the unit of the amounts, or book them in thousands.")));
	elog(ERROR, "unexpected status %d of scoring", (int) status);
}

/* Reads the state only: it may be asked for again as a window moves. */
Datum
rfm_scheme_final(PG_FUNCTION_ARGS)
{
	SchemeState *state = PG_ARGISNULL(0) ? NULL : (SchemeState *) PG_GETARG_POINTER(0);
	Scoring		scoring;
	ScoringProblem problem = {0};
	ScoringStatus status;
	RfmScheme  *s;
	struct varlena *result;

	(void) aggregate_context(fcinfo);
	if (state == NULL || state->count == 0)
		PG_RETURN_NULL();
	read_options(state->options, &scoring);
	status = scoring_apply(&scoring, state->customer, state->count, &s, &problem);
	if (status != SCORING_OK)
		scoring_error(status, &scoring, &problem);
	result = segmentation_make(&s->head);
	segmentation_free(&s->head);
	PG_RETURN_SEGMENTATION_P(result);
}
