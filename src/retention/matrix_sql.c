/*
 * matrix_sql.c
 *		Type transition_matrix: input, output, the aggregate, and what a
 *		customer is worth by it.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "common/json.h"
#include "common/real.h"
#include "retention/retention_sql.h"

PG_FUNCTION_INFO_V1(transition_matrix_in);
PG_FUNCTION_INFO_V1(transition_matrix_out);
PG_FUNCTION_INFO_V1(transition_matrix_recv);
PG_FUNCTION_INFO_V1(transition_matrix_send);
PG_FUNCTION_INFO_V1(transition_matrix_states);
PG_FUNCTION_INFO_V1(transition_matrix_transitions);
PG_FUNCTION_INFO_V1(migration_clv);
PG_FUNCTION_INFO_V1(migration_clv_periods);
PG_FUNCTION_INFO_V1(migration_clv_named);
PG_FUNCTION_INFO_V1(migration_clv_named_periods);

#define HOW_TO_WRITE_ONE \
	"Write the states and a row of numbers for each, as in {\"states\": [\"active\", \"gone\"], \"counts\": [[80, 20], [0, 0]]}, or give \"probabilities\" in place of \"counts\"."

/*
 * Stored form
 */

struct varlena *
transition_matrix_make(const TransitionMatrix *m)
{
	char	   *text = transition_matrix_print(m);
	size_t		length = strlen(text);
	struct varlena *result = palloc(VARHDRSZ + 1 + length);

	SET_VARSIZE(result, VARHDRSZ + 1 + length);
	*VARDATA(result) = TRANSITION_MATRIX_VERSION;
	memcpy(VARDATA(result) + 1, text, length);
	return result;
}

void
transition_matrix_read(const struct varlena *value, TransitionMatrix *m)
{
	const char *bytes = VARDATA_ANY(value);
	size_t		length = VARSIZE_ANY_EXHDR(value);
	char		why[MATRIX_WHY_SIZE] = "Its version is unknown.";

	if (length < 1 || bytes[0] != TRANSITION_MATRIX_VERSION ||
		!transition_matrix_parse(m, bytes + 1, length - 1, why))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "transition_matrix"),
				 errdetail("%s", why),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

/*
 * Input and output
 */

static bool
parse(TransitionMatrix *m, const char *text, char *why)
{
	if (!transition_matrix_parse(m, text, strlen(text), why))
		return false;
	for (int i = 0; i < m->states.count; i++)
	{
		const KnownName *name = &m->states.name[i];

		if (!pg_verifymbstr(name->text, (int) name->length, true))
		{
			strlcpy(why, "The name of a state has characters that this database's encoding does not have.",
					MATRIX_WHY_SIZE);
			return false;
		}
	}
	return true;
}

Datum
transition_matrix_in(PG_FUNCTION_ARGS)
{
	char		why[MATRIX_WHY_SIZE];
	TransitionMatrix m;

	if (!parse(&m, PG_GETARG_CSTRING(0), why))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "transition_matrix"),
					   errdetail("%s", why),
					   errhint("%s", HOW_TO_WRITE_ONE)));
		PG_RETURN_NULL();
	}
	PG_RETURN_TRANSITION_MATRIX_P(transition_matrix_make(&m));
}

Datum
transition_matrix_out(PG_FUNCTION_ARGS)
{
	TransitionMatrix m;

	transition_matrix_read(PG_GETARG_TRANSITION_MATRIX_P(0), &m);
	PG_RETURN_CSTRING(transition_matrix_print(&m));
}

/* A version byte and the text, whose names change their encoding on the way. */
Datum
transition_matrix_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = buf->cursor < buf->len ? pq_getmsgbyte(buf) : 0;
	char		why[MATRIX_WHY_SIZE] = "It has a zero byte.";
	TransitionMatrix m;
	int			length;
	char	   *text;

	if (version != TRANSITION_MATRIX_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "transition_matrix"),
				 errdetail("Its version is %d; this release knows version %d.",
						   version, TRANSITION_MATRIX_VERSION),
				 errhint("Send the text form instead.")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	if (strlen(text) != (size_t) length || !parse(&m, text, why))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "transition_matrix"),
				 errdetail("%s", why),
				 errhint("%s", HOW_TO_WRITE_ONE)));
	PG_RETURN_TRANSITION_MATRIX_P(transition_matrix_make(&m));
}

Datum
transition_matrix_send(PG_FUNCTION_ARGS)
{
	TransitionMatrix m;
	StringInfoData buf;
	char	   *text;

	transition_matrix_read(PG_GETARG_TRANSITION_MATRIX_P(0), &m);
	text = transition_matrix_print(&m);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, TRANSITION_MATRIX_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * What it says
 */

static Datum
name_datum(const TransitionMatrix *m, int state)
{
	const KnownName *name = &m->states.name[state];

	return PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->length));
}

/* For messages. */
static char *
name_of(const TransitionMatrix *m, int state)
{
	const KnownName *name = &m->states.name[state];

	return pnstrdup(name->text, name->length);
}

Datum
transition_matrix_states(PG_FUNCTION_ARGS)
{
	TransitionMatrix m;
	Datum	   *names;

	transition_matrix_read(PG_GETARG_TRANSITION_MATRIX_P(0), &m);
	names = palloc((size_t) m.states.count * sizeof(Datum));
	for (int i = 0; i < m.states.count; i++)
		names[i] = name_datum(&m, i);
	PG_RETURN_ARRAYTYPE_P(construct_array(names, m.states.count, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum
transition_matrix_transitions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TransitionMatrix m;

	InitMaterializedSRF(fcinfo, 0);
	transition_matrix_read(PG_GETARG_TRANSITION_MATRIX_P(0), &m);
	for (int i = 0; i < m.states.count; i++)
		for (int j = 0; j < m.states.count; j++)
		{
			double		v = m.cell[i * m.states.count + j];
			Datum		values[4];
			bool		nulls[4] = {false, false, !m.counted, false};

			CHECK_FOR_INTERRUPTS();
			if (v == 0)
				continue;
			values[0] = name_datum(&m, i);
			values[1] = name_datum(&m, j);
			values[2] = Int64GetDatum(m.counted ? (int64) v : 0);
			values[3] = Float8GetDatum(transition_probability(&m, i, j));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	return (Datum) 0;
}

/*
 * What a customer in each state is worth
 */

CV_NORETURN static void
bad_payoffs(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("payoffs do not fit the states"),
			 errdetail("%s", detail),
			 errhint("Give one payoff for each state: as an array in the order of states(m), or by name, as in jsonb '{\"active\": 40, \"gone\": 0}'.")));
}

static double *
payoffs_in_order(const TransitionMatrix *m, ArrayType *array)
{
	int			count;
	double	   *payoff = float8_array(array, "payoffs", &count);

	if (count != m->states.count)
		bad_payoffs(psprintf("There are %d states and %d payoffs.", m->states.count, count));
	return payoff;
}

/* {"active": 40, "gone": 0}: jsonb has no key twice. */
static double *
payoffs_by_name(const TransitionMatrix *m, Jsonb *payoffs)
{
	char	   *text = JsonbToCString(NULL, &payoffs->root, VARSIZE(payoffs));
	double	   *payoff = palloc((size_t) m->states.count * sizeof(double));
	int			seen = 0;
	JsonReader	reader;

	json_open(&reader, text, strlen(text));
	if (json_next(&reader) != JSON_OBJECT_BEGIN)
		bad_payoffs("Payoffs as jsonb are an object.");
	while (json_next(&reader) == JSON_KEY)
	{
		int			state = names_find(&m->states, reader.text, reader.length);

		if (state < 0)
			bad_payoffs(psprintf("There is no state \"%s\".", pnstrdup(reader.text, reader.length)));
		if (json_next(&reader) != JSON_NUMBER ||
			!real_parse(reader.text, reader.length, &payoff[state]))
			bad_payoffs(psprintf("The payoff of state \"%s\" is no number of type double precision.",
								 name_of(m, state)));
		seen++;
	}
	json_close(&reader);
	if (seen != m->states.count)
		bad_payoffs(psprintf("There are %d states and %d payoffs.", m->states.count, seen));
	return payoff;
}

CV_NORETURN static void
no_value(const TransitionMatrix *m, MigrationStatus status, int culprit)
{
	char	   *name = name_of(m, culprit);

	if (status == MIGRATION_UNKNOWN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("it is not known where customers of state \"%s\" go", name),
				 errdetail("The state has a payoff, but nobody was seen in it and a period later."),
				 errhint("Give it payoff 0 if it is the end, or a matrix with a row for it.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("customer value has no bound"),
			 errdetail("With discount_rate 0, payoffs from state \"%s\" on never end.", name),
			 errhint("Give a discount rate above 0, or a number of periods.")));
}

static Datum
migration(FunctionCallInfo fcinfo, bool named, int64 periods)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		discount_rate = discount_rate_argument(PG_GETARG_FLOAT8(2));
	TransitionMatrix m;
	MigrationStatus status;
	double	   *payoff;
	double	   *value;
	int			culprit;

	InitMaterializedSRF(fcinfo, 0);
	transition_matrix_read(PG_GETARG_TRANSITION_MATRIX_P(0), &m);
	payoff = named ? payoffs_by_name(&m, PG_GETARG_JSONB_P(1)) :
		payoffs_in_order(&m, PG_GETARG_ARRAYTYPE_P(1));
	value = palloc((size_t) m.states.count * sizeof(double));
	status = migration_value(&m, payoff, discount_rate, periods, value, &culprit);
	if (status != MIGRATION_OK)
		no_value(&m, status, culprit);
	for (int i = 0; i < m.states.count; i++)
	{
		Datum		values[2] = {name_datum(&m, i), Float8GetDatum(finite_result(value[i]))};
		bool		nulls[2] = {false, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
migration_clv(PG_FUNCTION_ARGS)
{
	return migration(fcinfo, false, MIGRATION_WITHOUT_END);
}

Datum
migration_clv_periods(PG_FUNCTION_ARGS)
{
	return migration(fcinfo, false, periods_argument(PG_GETARG_INT32(3)));
}

Datum
migration_clv_named(PG_FUNCTION_ARGS)
{
	return migration(fcinfo, true, MIGRATION_WITHOUT_END);
}

Datum
migration_clv_named_periods(PG_FUNCTION_ARGS)
{
	return migration(fcinfo, true, periods_argument(PG_GETARG_INT32(3)));
}
