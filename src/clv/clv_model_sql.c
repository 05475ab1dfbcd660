/*
 * clv_model_sql.c
 *		Type clv_model: input, output, and what a model says of itself.
 */
#include "customer_value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "clv/clv_model_sql.h"
#include "clv/score_sql.h"
#include "rfm/rfm_sql.h"

PG_FUNCTION_INFO_V1(clv_model_in);
PG_FUNCTION_INFO_V1(clv_model_out);
PG_FUNCTION_INFO_V1(clv_model_recv);
PG_FUNCTION_INFO_V1(clv_model_send);
PG_FUNCTION_INFO_V1(clv_model_name);
PG_FUNCTION_INFO_V1(clv_model_unit);
PG_FUNCTION_INFO_V1(clv_model_parameters);
PG_FUNCTION_INFO_V1(clv_model_parameter);
PG_FUNCTION_INFO_V1(clv_model_covariance);
PG_FUNCTION_INFO_V1(clv_model_customers);
PG_FUNCTION_INFO_V1(clv_model_log_likelihood);
PG_FUNCTION_INFO_V1(clv_model_log_likelihood_of);
PG_FUNCTION_INFO_V1(clv_model_log_likelihood_gradient);
PG_FUNCTION_INFO_V1(clv_model_aic);
PG_FUNCTION_INFO_V1(clv_model_bic);
PG_FUNCTION_INFO_V1(clv_model_converged);
PG_FUNCTION_INFO_V1(clv_model_diagnosis);

#define HOW_TO_WRITE_ONE \
	"Write the model and its parameters, as in {\"model\": \"bg/nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.24, \"alpha\": 4.41, \"a\": 0.79, \"b\": 2.43}}."

void
clv_model_unknown_version(const ClvModel *model)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid value of type %s", "clv_model"),
			 errdetail("Its version is %d; this release knows version %d.",
					   model->version, CLV_MODEL_VERSION),
			 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

Datum
clv_model_datum(ClvModel *model)
{
	SET_VARSIZE(model, CLV_MODEL_SIZE(model->diagnosis_length));
	return PointerGetDatum(model);
}

/*
 * Input and output
 */

static ClvModel *
parse(const char *text, char *why)
{
	ClvModel   *m = clv_model_parse(text, strlen(text), why);

	if (m && !pg_verifymbstr(m->diagnosis, m->diagnosis_length, true))
	{
		strlcpy(why, "The diagnosis has characters that this database's encoding does not have.",
				MODEL_WHY_SIZE);
		return NULL;
	}
	return m;
}

Datum
clv_model_in(PG_FUNCTION_ARGS)
{
	char		why[MODEL_WHY_SIZE];
	ClvModel   *m = parse(PG_GETARG_CSTRING(0), why);

	if (m == NULL)
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "clv_model"),
					   errdetail("%s", why),
					   errhint("%s", HOW_TO_WRITE_ONE)));
		PG_RETURN_NULL();
	}
	return clv_model_datum(m);
}

Datum
clv_model_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(clv_model_print(PG_GETARG_CLV_MODEL_P(0)));
}

/*
 * The binary form is a version byte and the text, as jsonb does it: one
 * validator for both, and the diagnosis changes its encoding on the way like
 * any text.
 */
Datum
clv_model_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = buf->cursor < buf->len ? pq_getmsgbyte(buf) : 0;
	char		why[MODEL_WHY_SIZE] = "It has a zero byte.";
	ClvModel   *m = NULL;
	int			length;
	char	   *text;

	if (version != CLV_MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "clv_model"),
				 errdetail("Its version is %d; this release knows version %d.",
						   version, CLV_MODEL_VERSION),
				 errhint("Send the text form instead.")));
	text = pq_getmsgtext(buf, buf->len - buf->cursor, &length);
	if (strlen(text) == (size_t) length)
		m = parse(text, why);
	if (m == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "clv_model"),
				 errdetail("%s", why),
				 errhint("%s", HOW_TO_WRITE_ONE)));
	return clv_model_datum(m);
}

Datum
clv_model_send(PG_FUNCTION_ARGS)
{
	char	   *text = clv_model_print(PG_GETARG_CLV_MODEL_P(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, CLV_MODEL_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/*
 * What does not belong together
 */

void
time_units_differ(const char *a_name, TimeUnit a, const char *b_name, TimeUnit b)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("time units differ"),
			 errdetail("The %s counts in units of a %s, the %s in units of a %s.",
					   a_name, time_unit_name(a), b_name, time_unit_name(b)),
			 errhint("Give rfm() the same unit everywhere, for example rfm(l, as_of => ..., unit => '%s').",
					 time_unit_name(a))));
}

static const char *
subject_name(ModelSubject subject)
{
	return subject == MODEL_OF_PURCHASES ? "purchases" :
		subject == MODEL_OF_SPEND ? "spend" : "contractual retention";
}

const ModelClass *
clv_model_of_subject(const ClvModel *m, ModelSubject subject)
{
	const ModelClass *model = clv_model_class(m);

	if (unlikely(model->subject != subject))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model \"%s\" does not answer this", model->name),
				 errdetail("It is a model of %s, and this asks for a model of %s.",
						   subject_name(model->subject), subject_name(subject)),
				 errhint("Models of purchases are bg/nbd, mbg/nbd, pareto/nbd, nbd and bg/bb; of spend, gamma-gamma; of contractual retention, sbg.")));
	return model;
}

void
clv_model_check_rfm(const ClvModel *m, const Rfm *h)
{
	if (unlikely(m->unit != h->unit) &&
		m->unit != TIME_UNIT_NONE && h->unit != TIME_UNIT_NONE)
		time_units_differ("model", (TimeUnit) m->unit, "rfm", (TimeUnit) h->unit);
}

void
clv_model_refuse(const ModelClass *model, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model \"%s\" cannot read this history", model->name),
			 errdetail("%s", why),
			 errhint("Write rfm(frequency, recency, age, monetary) with the numbers this model counts.")));
}

/*
 * What a model says of itself
 */

Datum
clv_model_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(clv_model_class(PG_GETARG_CLV_MODEL_P(0))->name));
}

Datum
clv_model_unit(PG_FUNCTION_ARGS)
{
	const char *name = time_unit_name((TimeUnit) PG_GETARG_CLV_MODEL_P(0)->unit);

	if (name == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(name));
}

Datum
clv_model_parameters(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	const ModelClass *model = clv_model_class(m);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < model->parameters; i++)
	{
		double		error = clv_model_standard_error(m, i);
		Datum		values[3] = {
			CStringGetTextDatum(model->parameter_names[i]),
			Float8GetDatum(m->parameter[i]),
			Float8GetDatum(error)
		};
		bool		nulls[3] = {false, false, error < 0};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
clv_model_parameter(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	const ModelClass *model = clv_model_class(m);
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	StringInfoData names;

	for (int i = 0; i < model->parameters; i++)
		if (strcmp(model->parameter_names[i], name) == 0)
			PG_RETURN_FLOAT8(m->parameter[i]);
	initStringInfo(&names);
	for (int i = 0; i < model->parameters; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", model->parameter_names[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("model \"%s\" has no parameter \"%s\"", model->name, name),
			 errdetail("Its parameters are %s.", names.data),
			 errhint("parameters(model) lists them with their values.")));
}

Datum
clv_model_covariance(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	const ModelClass *model = clv_model_class(m);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < model->parameters; i++)
		for (int j = 0; j < model->parameters; j++)
		{
			bool		known = (m->has_error >> i & 1) && (m->has_error >> j & 1);
			Datum		values[3] = {
				CStringGetTextDatum(model->parameter_names[i]),
				CStringGetTextDatum(model->parameter_names[j]),
				Float8GetDatum(m->covariance[COVARIANCE_AT(Max(i, j), Min(i, j))])
			};
			bool		nulls[3] = {false, false, !known};

			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	return (Datum) 0;
}

#define RETURN_NULL_UNLESS_FITTED(m) \
	if (!((m)->flags & CLV_MODEL_FITTED)) \
		PG_RETURN_NULL()

Datum
clv_model_customers(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	RETURN_NULL_UNLESS_FITTED(m);
	PG_RETURN_INT64((int64) m->customers);
}

Datum
clv_model_log_likelihood(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	RETURN_NULL_UNLESS_FITTED(m);
	PG_RETURN_FLOAT8(m->log_likelihood);
}

/* Akaike's and Schwarz's criteria: the lower, the better. */
Datum
clv_model_aic(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	RETURN_NULL_UNLESS_FITTED(m);
	PG_RETURN_FLOAT8(2.0 * clv_model_class(m)->parameters - 2.0 * m->log_likelihood);
}

Datum
clv_model_bic(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	RETURN_NULL_UNLESS_FITTED(m);
	PG_RETURN_FLOAT8(clv_model_class(m)->parameters * log(Max(m->customers, 1)) -
					 2.0 * m->log_likelihood);
}

Datum
clv_model_converged(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	RETURN_NULL_UNLESS_FITTED(m);
	PG_RETURN_BOOL((m->flags & CLV_MODEL_CONVERGED) != 0);
}

Datum
clv_model_diagnosis(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);

	if (m->diagnosis_length == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(m->diagnosis, m->diagnosis_length));
}

/*
 * The likelihood of one customer.  Frequency 0 says nothing of spend.
 */
static double
log_likelihood_of(const ClvModel *m, const Rfm *h, double *gradient)
{
	const ModelClass *model = clv_model_class(m);
	Pattern		p = {.frequency = h->frequency,.customers = 1};

	if (model->subject == MODEL_OF_RETENTION)
		(void) clv_model_of_subject(m, MODEL_OF_PURCHASES); /* an error */
	clv_model_check_rfm(m, h);
	if (model->subject == MODEL_OF_SPEND)
	{
		if (!(h->frequency > 0 && h->monetary > 0))
			return NAN;
		p.monetary = h->monetary;
	}
	else
	{
		History		history = {h->frequency, h->recency, h->age};

		clv_model_accept(model, &history);
		p.recency = h->recency;
		p.age = h->age;
	}
	return score_finite(model->log_likelihood(m->parameter, &p, 1, gradient));
}

Datum
clv_model_log_likelihood_of(PG_FUNCTION_ARGS)
{
	double		value = log_likelihood_of(PG_GETARG_CLV_MODEL_P(0), PG_GETARG_RFM_P(1), NULL);

	if (isnan(value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

Datum
clv_model_log_likelihood_gradient(PG_FUNCTION_ARGS)
{
	const ClvModel *m = PG_GETARG_CLV_MODEL_P(0);
	double		gradient[MODEL_MAX_PARAMETERS];
	Datum		elements[MODEL_MAX_PARAMETERS];
	int			n = clv_model_class(m)->parameters;

	if (isnan(log_likelihood_of(m, PG_GETARG_RFM_P(1), gradient)))
		PG_RETURN_NULL();
	for (int i = 0; i < n; i++)
		elements[i] = Float8GetDatum(score_finite(gradient[i]));
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, n, FLOAT8OID, sizeof(float8),
										  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
