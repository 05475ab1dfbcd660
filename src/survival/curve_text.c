/*
 * curve_text.c
 *		The text form of a survival curve.
 *
 *		{"duration": [6, 7, 9], "entered": [1, 0, 0], "events": [3, 1, 0],
 *		 "censored": [1, 0, 1]}
 *
 * Lists of the same length: the times in ascending order, and what happened
 * then.  Without anybody who enters late there is no list of who entered.
 */
#include "survival/curve.h"

#include <stdarg.h>

#include "common/json.h"
#include "common/real.h"

enum
{
	COLUMN_DURATION, COLUMN_ENTERED, COLUMN_EVENTS, COLUMN_CENSORED,
	COLUMNS
};

static const char *const column_names[COLUMNS] = {
	"duration", "entered", "events", "censored"
};

/* ---- writing ---- */

static char *
put_number(char *p, const TimeCount *t, int column)
{
	switch (column)
	{
		case COLUMN_DURATION:
			return p + real_print(p, t->time);
		case COLUMN_ENTERED:
			return p + sprintf(p, "%lld", (long long) t->entered);
		case COLUMN_EVENTS:
			return p + sprintf(p, "%lld", (long long) t->events);
		default:
			return p + sprintf(p, "%lld", (long long) t->censored);
	}
}

char *
survival_curve_print(const SurvivalCurve *curve)
{
	char	   *text = cv_alloc(100 + curve->count * COLUMNS * REAL_TEXT_SIZE);
	char	   *p = text;

	for (int column = 0; column < COLUMNS; column++)
	{
		if (column == COLUMN_ENTERED && !curve->late)
			continue;
		p += sprintf(p, "%s\"%s\": [", column == 0 ? "{" : ", ", column_names[column]);
		for (size_t i = 0; i < curve->count; i++)
		{
			if (i > 0)
			{
				*p++ = ',';
				*p++ = ' ';
			}
			p = put_number(p, &curve->at[i], column);
		}
		*p++ = ']';
	}
	*p++ = '}';
	*p = '\0';
	return text;
}

/* ---- reading ---- */

typedef struct Parser
{
	JsonReader	json;
	SurvivalCurve *curve;
	size_t		room;
	bool		seen[COLUMNS];
	size_t		length[COLUMNS];
	char	   *why;
} Parser;

static bool fail(Parser *parser, const char *format,...)
			__attribute__((format(printf, 2, 3)));

static bool
fail(Parser *parser, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(parser->why, SURVIVAL_WHY_SIZE, format, args);
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

/* Where a number of the column goes; the columns come in any order. */
static TimeCount *
row_at(Parser *parser, size_t i)
{
	SurvivalCurve *curve = parser->curve;

	if (i >= parser->room)
	{
		parser->room = 2 * parser->room + 16;
		curve->at = curve->at ?
			cv_realloc(curve->at, parser->room * sizeof(TimeCount)) :
			cv_alloc(parser->room * sizeof(TimeCount));
	}
	if (i >= curve->count)
	{
		memset(&curve->at[i], 0, sizeof(TimeCount));
		curve->count = i + 1;
	}
	return &curve->at[i];
}

static bool
read_number(Parser *parser, int column, TimeCount *t)
{
	double		v;
	int64		count;

	if (!real_parse(parser->json.text, parser->json.length, &v))
		return fail(parser, "A number under key \"%s\" is out of range.", column_names[column]);
	if (column == COLUMN_DURATION)
	{
		t->time = v;
		return true;
	}
	if (!(v >= 0 && v <= (double) SURVIVAL_MAX_CUSTOMERS && v == (double) (int64) v))
		return fail(parser, "A count under key \"%s\" is no whole number from 0 to 9007199254740992.",
					column_names[column]);
	count = (int64) v;
	if (column == COLUMN_ENTERED)
		t->entered = count;
	else if (column == COLUMN_EVENTS)
		t->events = count;
	else
		t->censored = count;
	return true;
}

static bool
read_column(Parser *parser, int column)
{
	JsonToken	token = json_next(&parser->json);
	size_t		i = 0;

	if (token != JSON_ARRAY_BEGIN)
		return wrong_token(parser, token, "Each key takes a list of numbers.");
	while ((token = json_next(&parser->json)) == JSON_NUMBER)
	{
		if (i % 65536 == 0)
			cv_check_interrupts();
		if (!read_number(parser, column, row_at(parser, i++)))
			return false;
	}
	if (token != JSON_ARRAY_END)
		return wrong_token(parser, token, "Each key takes a list of numbers.");
	parser->length[column] = i;
	return true;
}

static bool
read_object(Parser *parser)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_OBJECT_BEGIN)
		return wrong_token(parser, token, "It is not a JSON object.");
	while ((token = json_next(&parser->json)) == JSON_KEY)
	{
		int			column = 0;

		while (column < COLUMNS && !json_is(&parser->json, column_names[column]))
			column++;
		if (column == COLUMNS)
			return fail(parser, "Unknown key \"%.*s\".",
						(int) cv_clip_length(parser->json.text, parser->json.length, 60),
						parser->json.text);
		if (parser->seen[column])
			return fail(parser, "Key \"%s\" is there twice.", column_names[column]);
		parser->seen[column] = true;
		if (!read_column(parser, column))
			return false;
	}
	if (token != JSON_OBJECT_END || json_next(&parser->json) != JSON_END)
		return wrong_token(parser, JSON_ERROR, "");
	return true;
}

static bool
complete(Parser *parser)
{
	const char *why;

	for (int column = 0; column < COLUMNS; column++)
	{
		if (!parser->seen[column])
		{
			if (column == COLUMN_ENTERED)
				continue;
			return fail(parser, "There is no key \"%s\".", column_names[column]);
		}
		if (parser->length[column] != parser->length[COLUMN_DURATION])
			return fail(parser, "There are %zu times, but %zu numbers under key \"%s\".",
						parser->length[COLUMN_DURATION], parser->length[column], column_names[column]);
	}
	why = survival_curve_check(parser->curve);
	return why == NULL || fail(parser, "%s", why);
}

bool
survival_curve_parse(SurvivalCurve *curve, const char *text, size_t length, char *why)
{
	Parser		parser;
	bool		good;

	memset(&parser, 0, sizeof(parser));
	memset(curve, 0, sizeof(SurvivalCurve));
	parser.curve = curve;
	parser.why = why;
	json_open(&parser.json, text, length);
	good = read_object(&parser) && complete(&parser);
	json_close(&parser.json);
	return good;
}
