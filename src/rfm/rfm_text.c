/*
 * rfm_text.c
 *		The text form of an rfm.
 *
 *		{"frequency": 2, "recency": 30.428571428571427,
 *		 "age": 38.857142857142854, "monetary": 22.345, "unit": "week",
 *		 "basis": "net_revenue"}
 *
 * Monetary is left out when it is not known, unit when there is none, and
 * basis when nobody said what monetary is of.  Keys come in any order, but
 * once and known.
 */
#include "rfm/rfm.h"

#include <stdarg.h>

#include "common/json.h"
#include "common/real.h"

enum
{
	KEY_FREQUENCY, KEY_RECENCY, KEY_AGE, KEY_MONETARY, KEY_UNIT, KEY_BASIS,
	KEYS
};

static const char *const key_names[KEYS] = {
	"frequency", "recency", "age", "monetary", "unit", "basis"
};

#define KEY_BIT(key) (1u << (key))

/* The first three make an rfm. */
#define LAST_NEEDED_KEY KEY_AGE

/* ---- writing ---- */

static char *
put_key(char *p, int key)
{
	return p + sprintf(p, "%s\"%s\": ", key == 0 ? "{" : ", ", key_names[key]);
}

static char *
put_number(char *p, int key, double v)
{
	p = put_key(p, key);
	return p + real_print(p, v);
}

static char *
put_word(char *p, int key, const char *word)
{
	p = put_key(p, key);
	return p + sprintf(p, "\"%s\"", word);
}

size_t
rfm_print(char *out, const Rfm *rfm)
{
	char	   *p = out;
	const char *basis = rfm_basis_name((RfmBasis) rfm->basis);

	p = put_number(p, KEY_FREQUENCY, rfm->frequency);
	p = put_number(p, KEY_RECENCY, rfm->recency);
	p = put_number(p, KEY_AGE, rfm->age);
	if (rfm->basis != RFM_NO_MONETARY)
		p = put_number(p, KEY_MONETARY, rfm->monetary);
	if (rfm->unit != TIME_UNIT_NONE)
		p = put_word(p, KEY_UNIT, time_unit_name((TimeUnit) rfm->unit));
	if (basis != NULL)
		p = put_word(p, KEY_BASIS, basis);
	*p++ = '}';
	*p = '\0';
	return (size_t) (p - out);
}

/* ---- reading ---- */

typedef struct Parser
{
	JsonReader	json;
	RfmTextError *error;
	uint32		seen;			/* keys */
} Parser;

static bool fail(Parser *parser, const char *format,...)
			__attribute__((format(printf, 2, 3)));

static bool
fail(Parser *parser, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(parser->error->detail, sizeof(parser->error->detail), format, args);
	va_end(args);
	return false;
}

/* The current key or string, cut short, for "%.*s". */
#define WORD(parser) \
	(int) cv_clip_length((parser)->json.text, (parser)->json.length, 60), \
	(parser)->json.text

/* What is wrong if a token is not the one hoped for. */
static bool
wrong_token(Parser *parser, JsonToken token, int key, const char *expected)
{
	if (token == JSON_ERROR)
		return fail(parser, "At byte %zu: %s.", parser->json.error_at + 1,
					parser->json.error);
	return fail(parser, "Key \"%s\" takes %s.", key_names[key], expected);
}

static bool
read_number(Parser *parser, int key, double *v)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_NUMBER)
		return wrong_token(parser, token, key, "a number");
	if (!real_parse(parser->json.text, parser->json.length, v))
		return fail(parser, "The number under key \"%s\" is out of range.",
					key_names[key]);
	return true;
}

static bool
read_unit(Parser *parser, Rfm *rfm)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_STRING)
		return wrong_token(parser, token, KEY_UNIT, "a string");
	rfm->unit = (uint8) time_unit_parse(parser->json.text, parser->json.length);
	if (rfm->unit == TIME_UNIT_NONE)
		return fail(parser, "\"%.*s\" is no unit; units are day, week, month and year.",
					WORD(parser));
	return true;
}

static bool
read_basis(Parser *parser, Rfm *rfm)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_STRING)
		return wrong_token(parser, token, KEY_BASIS, "a string");
	rfm->basis = (uint8) rfm_basis_parse(parser->json.text, parser->json.length);
	if (rfm->basis == RFM_NO_MONETARY)
		return fail(parser, "\"%.*s\" is no basis; bases are net_revenue and contribution.",
					WORD(parser));
	return true;
}

static bool
read_value(Parser *parser, int key, Rfm *rfm)
{
	switch (key)
	{
		case KEY_FREQUENCY:
			return read_number(parser, key, &rfm->frequency);
		case KEY_RECENCY:
			return read_number(parser, key, &rfm->recency);
		case KEY_AGE:
			return read_number(parser, key, &rfm->age);
		case KEY_MONETARY:
			return read_number(parser, key, &rfm->monetary);
		case KEY_UNIT:
			return read_unit(parser, rfm);
		default:
			return read_basis(parser, rfm);
	}
}

static bool
read_object(Parser *parser, Rfm *rfm)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_OBJECT_BEGIN)
		return token == JSON_ERROR ? wrong_token(parser, token, 0, "") :
			fail(parser, "It is not a JSON object.");
	while ((token = json_next(&parser->json)) == JSON_KEY)
	{
		int			key = 0;

		while (key < KEYS && !json_is(&parser->json, key_names[key]))
			key++;
		if (key == KEYS)
			return fail(parser, "Unknown key \"%.*s\".", WORD(parser));
		if (parser->seen & KEY_BIT(key))
			return fail(parser, "Key \"%s\" is there twice.", key_names[key]);
		parser->seen |= KEY_BIT(key);
		if (!read_value(parser, key, rfm))
			return false;
	}
	if (token != JSON_OBJECT_END || json_next(&parser->json) != JSON_END)
		return wrong_token(parser, JSON_ERROR, 0, "");
	return true;
}

/* Are the keys that were there enough? */
static bool
complete(Parser *parser, Rfm *rfm)
{
	const char *problem;

	for (int key = 0; key <= LAST_NEEDED_KEY; key++)
		if (!(parser->seen & KEY_BIT(key)))
			return fail(parser, "There is no key \"%s\".", key_names[key]);
	if (!(parser->seen & KEY_BIT(KEY_MONETARY)))
	{
		if (parser->seen & KEY_BIT(KEY_BASIS))
			return fail(parser, "Key \"basis\" says what \"monetary\" is of, which is not there.");
	}
	else if (!(parser->seen & KEY_BIT(KEY_BASIS)))
		rfm->basis = RFM_GIVEN;

	problem = rfm_check(rfm);
	return problem == NULL || fail(parser, "%s", problem);
}

bool
rfm_parse(const char *text, size_t length, Rfm *rfm, RfmTextError *error)
{
	Parser		parser;
	bool		good;

	memset(&parser, 0, sizeof(parser));
	parser.error = error;
	rfm_init(rfm, TIME_UNIT_NONE, RFM_NO_MONETARY);
	json_open(&parser.json, text, length);
	good = read_object(&parser, rfm) && complete(&parser, rfm);
	json_close(&parser.json);
	return good;
}
