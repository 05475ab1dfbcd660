/*
 * matrix_text.c
 *		The text form of a transition matrix.
 *
 *		{"states": ["active", "gone"], "counts": [[80, 20], [0, 0]]}
 *		{"states": ["active", "gone"], "probabilities": [[0.8, 0.2], [0, 1]]}
 *
 * One row for each state that customers come from, in it one number for each
 * state they go to.
 */
#include "retention/matrix.h"

#include <math.h>
#include <stdarg.h>

#include "common/json.h"
#include "common/real.h"

/* What sums of probabilities may miss 1 by. */
#define SUM_TOLERANCE 1e-9

const char *
transition_matrix_check(TransitionMatrix *m)
{
	int			n = m->states.count;

	if (n == 0)
		return "There are no states.";
	m->leaving = cv_alloc((size_t) n * sizeof(double));
	for (int i = 0; i < n; i++)
	{
		m->leaving[i] = 0;
		for (int j = 0; j < n; j++)
		{
			double	   *v = &m->cell[i * n + j];

			if (m->counted && !(*v >= 0 && *v <= MATRIX_MAX_COUNT && *v == floor(*v)))
				return "A count is no whole number from 0 to 9007199254740992.";
			if (!m->counted && !(*v >= 0 && *v <= 1))
				return "A probability is not between 0 and 1.";
			*v += 0.0;			/* -0 is 0 */
			m->leaving[i] += *v;
		}
		if (m->counted && m->leaving[i] > MATRIX_MAX_COUNT)
			return "There are too many customers.";
		if (!m->counted && fabs(m->leaving[i] - 1) > SUM_TOLERANCE)
			return "The probabilities of a row do not sum to 1.";
	}
	return NULL;
}

/* ---- writing ---- */

static char *
put_row(char *p, const TransitionMatrix *m, int row)
{
	int			n = m->states.count;

	*p++ = '[';
	for (int j = 0; j < n; j++)
	{
		double		v = m->cell[row * n + j];

		if (j > 0)
		{
			*p++ = ',';
			*p++ = ' ';
		}
		p += m->counted ? sprintf(p, "%.0f", v) : real_print(p, v);
	}
	*p++ = ']';
	return p;
}

char *
transition_matrix_print(const TransitionMatrix *m)
{
	size_t		n = (size_t) m->states.count;
	size_t		size = 100 + n * (n * REAL_TEXT_SIZE + 8);
	char	   *text;
	char	   *p;

	for (size_t i = 0; i < n; i++)
		size += 6 * m->states.name[i].length + 4;
	p = text = cv_alloc(size);
	p += sprintf(p, "{\"states\": [");
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0)
			p += sprintf(p, ", ");
		p = json_quote(p, m->states.name[i].text, m->states.name[i].length);
	}
	p += sprintf(p, "], \"%s\": [", m->counted ? "counts" : "probabilities");
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0)
			p += sprintf(p, ", ");
		p = put_row(p, m, (int) i);
	}
	strcpy(p, "]}");
	return text;
}

/* ---- reading ---- */

typedef struct Parser
{
	JsonReader	json;
	TransitionMatrix *m;
	int			rows;			/* -1 as long as there is no matrix */
	int			columns;
	size_t		cells;
	size_t		room;
	char	   *why;
} Parser;

static bool fail(Parser *parser, const char *format,...)
			__attribute__((format(printf, 2, 3)));

static bool
fail(Parser *parser, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(parser->why, MATRIX_WHY_SIZE, format, args);
	va_end(args);
	return false;
}

/* A token that is not the one hoped for. */
static bool
wrong_token(Parser *parser, JsonToken token, const char *expected)
{
	if (token == JSON_ERROR)
		return fail(parser, "At byte %zu: %s.", parser->json.error_at + 1,
					parser->json.error);
	return fail(parser, "%s", expected);
}

/* The current key or string, cut short, for "%.*s". */
#define WORD(parser) \
	(int) cv_clip_length((parser)->json.text, (parser)->json.length, 60), \
	(parser)->json.text

static bool
read_states(Parser *parser)
{
	JsonToken	token = json_next(&parser->json);
	Names	   *states = &parser->m->states;

	if (token != JSON_ARRAY_BEGIN)
		return wrong_token(parser, token, "Key \"states\" takes a list of names.");
	while ((token = json_next(&parser->json)) == JSON_STRING)
	{
		if (parser->json.length > STATE_MAX_LENGTH)
			return fail(parser, "The name of a state has more than %d bytes.", STATE_MAX_LENGTH);
		if (states->count >= MATRIX_MAX_STATES)
			return fail(parser, "There are more than %d states.", MATRIX_MAX_STATES);
		if (names_find(states, parser->json.text, parser->json.length) >= 0)
			return fail(parser, "State \"%.*s\" is there twice.", WORD(parser));
		names_add(states, parser->json.text, parser->json.length);
	}
	return token == JSON_ARRAY_END ||
		wrong_token(parser, token, "Key \"states\" takes a list of names.");
}

static bool
read_cell(Parser *parser)
{
	TransitionMatrix *m = parser->m;

	if (parser->cells >= (size_t) MATRIX_MAX_STATES * MATRIX_MAX_STATES)
		return fail(parser, "The matrix is larger than %d states can make it.", MATRIX_MAX_STATES);
	if (parser->cells >= parser->room)
	{
		parser->room = 2 * parser->room + 16;
		m->cell = m->cell ? cv_realloc(m->cell, parser->room * sizeof(double)) :
			cv_alloc(parser->room * sizeof(double));
	}
	return real_parse(parser->json.text, parser->json.length, &m->cell[parser->cells++]) ||
		fail(parser, "A number of the matrix is out of range.");
}

static bool
read_row(Parser *parser)
{
	JsonToken	token;
	int			columns = 0;

	for (; (token = json_next(&parser->json)) == JSON_NUMBER; columns++)
		if (!read_cell(parser))
			return false;
	if (token != JSON_ARRAY_END)
		return wrong_token(parser, token, "Rows of the matrix are lists of numbers.");
	if (parser->rows > 0 && columns != parser->columns)
		return fail(parser, "Rows of the matrix differ in length.");
	parser->columns = columns;
	return true;
}

static bool
read_matrix(Parser *parser, bool counted)
{
	JsonToken	token = json_next(&parser->json);

	parser->m->counted = counted;
	if (token != JSON_ARRAY_BEGIN)
		return wrong_token(parser, token, "The matrix is a list of rows.");
	for (parser->rows = 0; (token = json_next(&parser->json)) == JSON_ARRAY_BEGIN; parser->rows++)
	{
		cv_check_interrupts();
		if (parser->rows >= MATRIX_MAX_STATES)
			return fail(parser, "There are more than %d states.", MATRIX_MAX_STATES);
		if (!read_row(parser))
			return false;
	}
	return token == JSON_ARRAY_END ||
		wrong_token(parser, token, "The matrix is a list of rows.");
}

static bool
read_key(Parser *parser)
{
	bool		counted = json_is(&parser->json, "counts");

	if (json_is(&parser->json, "states"))
		return parser->m->states.count > 0 ? fail(parser, "Key \"states\" is there twice.") :
			read_states(parser);
	if (!counted && !json_is(&parser->json, "probabilities"))
		return fail(parser, "Unknown key \"%.*s\".", WORD(parser));
	return parser->rows >= 0 ? fail(parser, "There is more than one matrix.") :
		read_matrix(parser, counted);
}

static bool
read_object(Parser *parser)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_OBJECT_BEGIN)
		return wrong_token(parser, token, "It is not a JSON object.");
	while ((token = json_next(&parser->json)) == JSON_KEY)
		if (!read_key(parser))
			return false;
	if (token != JSON_OBJECT_END || json_next(&parser->json) != JSON_END)
		return wrong_token(parser, JSON_ERROR, "");
	return true;
}

static bool
complete(Parser *parser)
{
	int			n = parser->m->states.count;
	const char *why;

	if (parser->rows < 0)
		return fail(parser, "There is no key \"counts\" or \"probabilities\".");
	if (parser->rows != n || (n > 0 && parser->columns != n))
		return fail(parser, "There are %d states, but the matrix has %d rows and %d columns.",
					n, parser->rows, parser->columns);
	why = transition_matrix_check(parser->m);
	return why == NULL || fail(parser, "%s", why);
}

bool
transition_matrix_parse(TransitionMatrix *m, const char *text, size_t length, char *why)
{
	Parser		parser;
	bool		good;

	memset(&parser, 0, sizeof(parser));
	memset(m, 0, sizeof(TransitionMatrix));
	parser.m = m;
	parser.rows = -1;
	parser.why = why;
	json_open(&parser.json, text, length);
	good = read_object(&parser) && complete(&parser);
	json_close(&parser.json);
	return good;
}
