/*
 * clv_model_text.c
 *		The text form of a model.
 *
 *		{"model": "bg/nbd", "unit": "week",
 *		 "parameters": {"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43},
 *		 "customers": 2357, "log_likelihood": -9582.4, "converged": true,
 *		 "covariance": [[1e-4], [4e-3, 0.14], null, null],
 *		 "diagnosis": "..."}
 *
 * "model" and "parameters" are needed.  A fitted model has customers,
 * log_likelihood and converged, and perhaps the lower triangle of its
 * parameters' covariance, in which null stands for a parameter without
 * standard error.  Keys come in any order, but once and known.
 */
#include "clv/clv_model.h"

#include <math.h>
#include <stdarg.h>

#include "common/json.h"
#include "common/real.h"

enum
{
	KEY_MODEL, KEY_UNIT, KEY_BASIS, KEY_PARAMETERS, KEY_CUSTOMERS,
	KEY_LOG_LIKELIHOOD, KEY_CONVERGED, KEY_COVARIANCE, KEY_DIAGNOSIS,
	KEYS
};

static const char *const key_names[KEYS] = {
	"model", "unit", "basis", "parameters", "customers",
	"log_likelihood", "converged", "covariance", "diagnosis"
};

#define KEY_BIT(key) (1u << (key))
#define FIT_KEYS \
	(KEY_BIT(KEY_CUSTOMERS) | KEY_BIT(KEY_LOG_LIKELIHOOD) | KEY_BIT(KEY_CONVERGED))

/* Every number and word of a model, and a diagnosis all of escapes, fit. */
#define TEXT_SIZE (4096 + 6 * DIAGNOSIS_SIZE)

/* ---- writing ---- */

static char *
put(char *out, const char *word)
{
	size_t		length = strlen(word);

	memcpy(out, word, length + 1);
	return out + length;
}

static char *
put_key(char *out, int key)
{
	out = put(out, ", \"");
	out = put(out, key_names[key]);
	return put(out, "\": ");
}

static char *
put_real(char *out, double v)
{
	return out + real_print(out, v);
}

static char *
put_word(char *out, int key, const char *word)
{
	out = put_key(out, key);
	return json_quote(out, word, strlen(word));
}

static char *
put_covariance(char *out, const ClvModel *m, int parameters)
{
	out = put_key(out, KEY_COVARIANCE);
	for (int i = 0; i < parameters; i++)
	{
		out = put(out, i == 0 ? "[" : ", ");
		if (!(m->has_error >> i & 1))
		{
			out = put(out, "null");
			continue;
		}
		for (int j = 0; j <= i; j++)
		{
			out = put(out, j == 0 ? "[" : ", ");
			out = put_real(out, m->covariance[COVARIANCE_AT(i, j)]);
		}
		out = put(out, "]");
	}
	return put(out, "]");
}

char *
clv_model_print(const ClvModel *m)
{
	const ModelClass *model = clv_model_class(m);
	char	   *begin = cv_alloc(TEXT_SIZE);
	char	   *out = put(begin, "{\"model\": ");

	out = json_quote(out, model->name, strlen(model->name));
	if (m->unit != TIME_UNIT_NONE)
		out = put_word(out, KEY_UNIT, time_unit_name((TimeUnit) m->unit));
	if (rfm_basis_name((RfmBasis) m->basis))
		out = put_word(out, KEY_BASIS, rfm_basis_name((RfmBasis) m->basis));
	out = put_key(out, KEY_PARAMETERS);
	for (int i = 0; i < model->parameters; i++)
	{
		out = put(out, i == 0 ? "{" : ", ");
		out = json_quote(out, model->parameter_names[i], strlen(model->parameter_names[i]));
		out = put(out, ": ");
		out = put_real(out, m->parameter[i]);
	}
	out = put(out, "}");
	if (m->flags & CLV_MODEL_FITTED)
	{
		out = put_real(put_key(out, KEY_CUSTOMERS), m->customers);
		out = put_real(put_key(out, KEY_LOG_LIKELIHOOD), m->log_likelihood);
		out = put(put_key(out, KEY_CONVERGED),
				  m->flags & CLV_MODEL_CONVERGED ? "true" : "false");
		if (m->has_error)
			out = put_covariance(out, m, model->parameters);
	}
	if (m->diagnosis_length > 0)
		out = json_quote(put_key(out, KEY_DIAGNOSIS), m->diagnosis, m->diagnosis_length);
	(void) put(out, "}");
	return begin;
}

/* ---- reading ---- */

/* What was read; what belongs to which parameter is sorted out at the end. */
typedef struct Reading
{
	JsonReader	json;
	char	   *why;
	uint32		seen;			/* bits of keys */
	ClvModel   *m;
	int			parameters;		/* as many as were named */
	char		name[MODEL_MAX_PARAMETERS][16];
	double		value[MODEL_MAX_PARAMETERS];
	int			rows;			/* of the covariance */
	int			columns[MODEL_MAX_PARAMETERS];	/* 0: null */
} Reading;

static bool wrong(Reading *r, const char *format,...) __attribute__((format(printf, 2, 3)));

static bool
wrong(Reading *r, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	(void) vsnprintf(r->why, MODEL_WHY_SIZE, format, args);
	va_end(args);
	return false;
}

/* As much of the current token as fits into a message. */
static int
clip(const Reading *r)
{
	return (int) cv_clip_length(r->json.text, r->json.length, 40);
}

static bool
expected(Reading *r, JsonToken token, const char *what)
{
	if (token == JSON_ERROR)
		return wrong(r, "Not JSON at byte %zu: %s.", r->json.error_at + 1, r->json.error);
	return wrong(r, "%s expected.", what);
}

static bool
read_number(Reading *r, JsonToken token, const char *of, double *v)
{
	if (token != JSON_NUMBER)
	{
		if (token == JSON_ERROR)
			return expected(r, token, "");
		return wrong(r, "A number expected for \"%s\".", of);
	}
	if (!real_parse(r->json.text, r->json.length, v))
		return wrong(r, "The number %.*s for \"%s\" is beyond double precision.",
					 clip(r), r->json.text, of);
	return true;
}

static bool
read_parameters(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_OBJECT_BEGIN)
		return expected(r, token, "An object of numbers for \"parameters\"");
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		char	   *name = r->name[r->parameters];

		if (r->parameters == MODEL_MAX_PARAMETERS || r->json.length >= sizeof(r->name[0]) ||
			memchr(r->json.text, '\0', r->json.length))
			return wrong(r, "Unknown parameter \"%.*s\".", clip(r), r->json.text);
		memcpy(name, r->json.text, r->json.length);
		name[r->json.length] = '\0';
		for (int i = 0; i < r->parameters; i++)
			if (strcmp(r->name[i], name) == 0)
				return wrong(r, "Parameter \"%s\" appears twice.", name);
		if (!read_number(r, json_next(&r->json), name, &r->value[r->parameters]))
			return false;
		r->parameters++;
	}
	return token == JSON_OBJECT_END || expected(r, token, "A parameter");
}

static bool
read_covariance_row(Reading *r, int row)
{
	JsonToken	token;

	while ((token = json_next(&r->json)) != JSON_ARRAY_END)
	{
		int			column = r->columns[row]++;

		if (column > row)
			return wrong(r, "Row %d of \"covariance\" must have %d numbers.", row + 1, row + 1);
		if (!read_number(r, token, "covariance", &r->m->covariance[COVARIANCE_AT(row, column)]))
			return false;
	}
	if (r->columns[row] != row + 1)
		return wrong(r, "Row %d of \"covariance\" must have %d numbers.", row + 1, row + 1);
	r->m->has_error |= 1 << row;
	return true;
}

static bool
read_covariance(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_ARRAY_BEGIN)
		return expected(r, token, "An array of rows for \"covariance\"");
	while ((token = json_next(&r->json)) != JSON_ARRAY_END)
	{
		if (r->rows == MODEL_MAX_PARAMETERS)
			return wrong(r, "\"covariance\" has more rows than there are parameters.");
		if (token == JSON_ARRAY_BEGIN)
		{
			if (!read_covariance_row(r, r->rows))
				return false;
		}
		else if (token != JSON_NULL)
			return expected(r, token, "A row of numbers, or null, in \"covariance\"");
		r->rows++;
	}
	return true;
}

static bool
read_string(Reading *r, int key)
{
	JsonToken	token = json_next(&r->json);
	char		what[64];

	if (token == JSON_STRING)
		return true;
	snprintf(what, sizeof(what), "A string for \"%s\"", key_names[key]);
	return expected(r, token, what);
}

static bool
read_model(Reading *r)
{
	if (!read_string(r, KEY_MODEL))
		return false;
	for (int kind = 0; kind < MODEL_KINDS; kind++)
		if (json_is(&r->json, model_classes[kind]->name))
		{
			r->m->kind = kind;
			return true;
		}
	return wrong(r, "There is no model \"%.*s\".", clip(r), r->json.text);
}

static bool
read_basis(Reading *r)
{
	if (!read_string(r, KEY_BASIS))
		return false;
	r->m->basis = rfm_basis_parse(r->json.text, r->json.length);
	return r->m->basis != RFM_NO_MONETARY ||
		wrong(r, "\"basis\" must be \"net_revenue\" or \"contribution\".");
}

static bool
read_diagnosis(Reading *r)
{
	if (!read_string(r, KEY_DIAGNOSIS))
		return false;
	if (r->json.length >= DIAGNOSIS_SIZE || memchr(r->json.text, '\0', r->json.length))
		return wrong(r, "The diagnosis is too long.");
	r->m->diagnosis_length = (uint16) r->json.length;
	memcpy(r->m->diagnosis, r->json.text, r->json.length);
	return true;
}

static bool
read_value(Reading *r, int key)
{
	JsonToken	token;

	switch (key)
	{
		case KEY_MODEL:
			return read_model(r);
		case KEY_UNIT:
			if (!read_string(r, key))
				return false;
			r->m->unit = time_unit_parse(r->json.text, r->json.length);
			return r->m->unit != TIME_UNIT_NONE ||
				wrong(r, "\"unit\" must be day, week, month or year.");
		case KEY_BASIS:
			return read_basis(r);
		case KEY_PARAMETERS:
			return read_parameters(r);
		case KEY_CUSTOMERS:
			return read_number(r, json_next(&r->json), "customers", &r->m->customers);
		case KEY_LOG_LIKELIHOOD:
			return read_number(r, json_next(&r->json), "log_likelihood", &r->m->log_likelihood);
		case KEY_CONVERGED:
			token = json_next(&r->json);
			if (token == JSON_TRUE)
				r->m->flags |= CLV_MODEL_CONVERGED;
			return token == JSON_TRUE || token == JSON_FALSE ||
				expected(r, token, "true or false for \"converged\"");
		case KEY_COVARIANCE:
			return read_covariance(r);
		default:
			return read_diagnosis(r);
	}
}

static bool
read_keys(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_OBJECT_BEGIN)
		return expected(r, token, "An object");
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		int			key = 0;

		while (key < KEYS && !json_is(&r->json, key_names[key]))
			key++;
		if (key == KEYS)
			return wrong(r, "Unknown key \"%.*s\".", clip(r), r->json.text);
		if (r->seen & KEY_BIT(key))
			return wrong(r, "Key \"%s\" appears twice.", key_names[key]);
		r->seen |= KEY_BIT(key);
		if (!read_value(r, key))
			return false;
	}
	if (token != JSON_OBJECT_END)
		return expected(r, token, "A key");
	token = json_next(&r->json);
	return token == JSON_END || expected(r, token, "The end");
}

/* Every parameter of the model by its name, and no other. */
static bool
place_parameters(Reading *r)
{
	const ModelClass *model = model_classes[r->m->kind];

	for (int i = 0; i < model->parameters; i++)
	{
		int			at = 0;

		while (at < r->parameters && strcmp(r->name[at], model->parameter_names[i]) != 0)
			at++;
		if (at == r->parameters)
			return wrong(r, "Parameter \"%s\" of model \"%s\" is missing.",
						 model->parameter_names[i], model->name);
		if (!(r->value[at] > 0))
			return wrong(r, "Parameter \"%s\" must be positive.", r->name[at]);
		r->m->parameter[i] = r->value[at];
		r->name[at][0] = '\0';
	}
	for (int at = 0; at < r->parameters; at++)
		if (r->name[at][0] != '\0')
			return wrong(r, "Model \"%s\" has no parameter \"%s\".", model->name, r->name[at]);
	return true;
}

static bool
complete(Reading *r)
{
	const char *why;

	if (!(r->seen & KEY_BIT(KEY_MODEL)) || !(r->seen & KEY_BIT(KEY_PARAMETERS)))
		return wrong(r, "Key \"%s\" is missing.",
					 key_names[r->seen & KEY_BIT(KEY_MODEL) ? KEY_PARAMETERS : KEY_MODEL]);
	if (!place_parameters(r))
		return false;
	if (r->seen & (FIT_KEYS | KEY_BIT(KEY_COVARIANCE)))
	{
		if ((r->seen & FIT_KEYS) != FIT_KEYS)
			return wrong(r, "A fitted model has \"customers\", \"log_likelihood\" and \"converged\".");
		r->m->flags |= CLV_MODEL_FITTED;
	}
	if ((r->seen & KEY_BIT(KEY_COVARIANCE)) &&
		r->rows != model_classes[r->m->kind]->parameters)
		return wrong(r, "\"covariance\" must have a row for each of the %d parameters.",
					 model_classes[r->m->kind]->parameters);
	for (int i = 0; i < COVARIANCES; i++)
		r->m->covariance[i] += 0.0; /* -0 becomes 0 */
	r->m->log_likelihood += 0.0;
	r->m->customers += 0.0;
	why = clv_model_check(r->m, CLV_MODEL_SIZE(r->m->diagnosis_length));
	return why == NULL || wrong(r, "%s", why);
}

ClvModel *
clv_model_parse(const char *text, size_t length, char *why)
{
	Reading		r = {.why = why};
	bool		good;

	r.m = cv_alloc(CLV_MODEL_SIZE(DIAGNOSIS_SIZE));
	memset(r.m, 0, CLV_MODEL_SIZE(DIAGNOSIS_SIZE));
	r.m->version = CLV_MODEL_VERSION;
	json_open(&r.json, text, length);
	good = read_keys(&r) && complete(&r);
	json_close(&r.json);
	if (good)
		return r.m;
	cv_free(r.m);
	return NULL;
}
