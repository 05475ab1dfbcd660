/*
 * json.c
 *		A strict pull reader for JSON text.
 */
#include "common/host.h"

#include "common/json.h"

/* What may come next. */
enum
{
	WANT_VALUE,
	WANT_VALUE_OR_END,			/* just after [ */
	WANT_KEY,					/* after a comma in an object */
	WANT_KEY_OR_END,			/* just after { */
	WANT_COMMA_OR_END,			/* after a value inside something */
	WANT_NOTHING,				/* after the top-level value */
	FAILED
};

void
json_open(JsonReader *r, const char *text, size_t length)
{
	memset(r, 0, sizeof(JsonReader));
	r->begin = r->next = text;
	r->end = text + length;
	r->state = WANT_VALUE;
}

void
json_close(JsonReader *r)
{
	if (r->unescaped)
		cv_free(r->unescaped);
	r->unescaped = NULL;
}

static JsonToken
fail(JsonReader *r, const char *where, const char *why)
{
	r->error = why;
	r->error_at = (size_t) (where - r->begin);
	r->state = FAILED;
	return JSON_ERROR;
}

static void
skip_space(JsonReader *r)
{
	while (r->next < r->end &&
		   (*r->next == ' ' || *r->next == '\t' ||
			*r->next == '\n' || *r->next == '\r'))
		r->next++;
}

/* State after a complete value. */
static void
value_done(JsonReader *r)
{
	r->state = r->depth > 0 ? WANT_COMMA_OR_END : WANT_NOTHING;
}

static bool
inside_object(const JsonReader *r)
{
	return (r->in_object >> (r->depth - 1)) & 1;
}

static bool
read_hex4(const char *p, const char *end, uint32 *code)
{
	*code = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char		c = p[i];

		*code <<= 4;
		if (c >= '0' && c <= '9')
			*code |= (uint32) (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*code |= (uint32) ((c | 32) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/*
 * One escape, p behind the backslash.  Returns behind it, or NULL.  Escapes
 * never write more bytes than they are long.
 */
static const char *
unescape_one(const char *p, const char *end, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *simple;
	uint32		code,
				low;

	if (p >= end)
		return NULL;
	if (*p != 'u')
	{
		simple = *p ? strchr(from, *p) : NULL;
		if (simple == NULL)
			return NULL;
		*(*out)++ = to[simple - from];
		return p + 1;
	}

	if (!read_hex4(p + 1, end, &code))
		return NULL;
	p += 5;
	if (code >= 0xd800 && code < 0xdc00)
	{
		if (end - p < 6 || p[0] != '\\' || p[1] != 'u' ||
			!read_hex4(p + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
			return NULL;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	else if ((code >= 0xdc00 && code < 0xe000) || code == 0)
		return NULL;
	*out += cv_put_code_point(*out, code);
	return p;
}

/* A string, r->next behind its opening quote; false after an error. */
static bool
read_string(JsonReader *r)
{
	const char *start = r->next;
	const char *p = start;
	bool		escaped = false;
	char	   *out;

	for (; p < r->end && *p != '"'; p++)
	{
		if ((unsigned char) *p < 0x20)
		{
			fail(r, p, "control character in a string");
			return false;
		}
		if (*p == '\\')
		{
			escaped = true;
			p++;
		}
	}
	if (p >= r->end)
	{
		fail(r, start - 1, "string without an end");
		return false;
	}
	r->next = p + 1;
	r->text = start;
	r->length = (size_t) (p - start);
	if (!escaped)
		return true;

	if (r->unescaped_size < r->length)
	{
		if (r->unescaped)
			cv_free(r->unescaped);
		r->unescaped = cv_alloc(r->length);
		r->unescaped_size = r->length;
	}
	out = r->unescaped;
	for (const char *q = start; q < p;)
	{
		if (*q != '\\')
			*out++ = *q++;
		else
		{
			const char *behind = unescape_one(q + 1, p, &out);

			if (behind == NULL)
			{
				fail(r, q, "invalid escape in a string");
				return false;
			}
			q = behind;
		}
	}
	r->text = r->unescaped;
	r->length = (size_t) (out - r->unescaped);
	return true;
}

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

static JsonToken
read_number(JsonReader *r)
{
	const char *start = r->next;
	const char *p = start;
	const char *q;

	if (p < r->end && *p == '-')
		p++;
	q = skip_digits(p, r->end);
	if (q == p || (*p == '0' && q - p > 1))
		return fail(r, start, "malformed number");
	p = q;
	if (p < r->end && *p == '.')
	{
		q = skip_digits(p + 1, r->end);
		if (q == p + 1)
			return fail(r, start, "malformed number");
		p = q;
	}
	if (p < r->end && (*p | 32) == 'e')
	{
		p++;
		if (p < r->end && (*p == '+' || *p == '-'))
			p++;
		q = skip_digits(p, r->end);
		if (q == p)
			return fail(r, start, "malformed number");
		p = q;
	}
	r->text = start;
	r->length = (size_t) (p - start);
	r->next = p;
	value_done(r);
	return JSON_NUMBER;
}

static JsonToken
read_word(JsonReader *r)
{
	static const struct
	{
		const char *word;
		JsonToken	token;
	}			words[] = {
		{"true", JSON_TRUE},
		{"false", JSON_FALSE},
		{"null", JSON_NULL}
	};

	for (size_t i = 0; i < lengthof(words); i++)
	{
		size_t		length = strlen(words[i].word);

		if ((size_t) (r->end - r->next) >= length &&
			memcmp(r->next, words[i].word, length) == 0)
		{
			r->next += length;
			value_done(r);
			return words[i].token;
		}
	}
	return fail(r, r->next, "unexpected character");
}

static JsonToken
begin_nested(JsonReader *r, bool object)
{
	if (r->depth >= JSON_MAX_DEPTH)
		return fail(r, r->next, "nested too deeply");
	r->next++;
	r->in_object &= ~((uint32) 1 << r->depth);
	r->in_object |= (uint32) object << r->depth;
	r->depth++;
	r->state = object ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
	return object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
}

static JsonToken
end_nested(JsonReader *r)
{
	bool		object = inside_object(r);

	r->next++;
	r->depth--;
	value_done(r);
	return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static JsonToken
read_value(JsonReader *r)
{
	switch (*r->next)
	{
		case '{':
			return begin_nested(r, true);
		case '[':
			return begin_nested(r, false);
		case '"':
			r->next++;
			if (!read_string(r))
				return JSON_ERROR;
			value_done(r);
			return JSON_STRING;
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9':
			return read_number(r);
		default:
			return read_word(r);
	}
}

static JsonToken
read_key(JsonReader *r)
{
	if (*r->next != '"')
		return fail(r, r->next, "expected a key in double quotes");
	r->next++;
	if (!read_string(r))
		return JSON_ERROR;
	skip_space(r);
	if (r->next >= r->end || *r->next != ':')
		return fail(r, r->next, "expected a colon after the key");
	r->next++;
	r->state = WANT_VALUE;
	return JSON_KEY;
}

JsonToken
json_next(JsonReader *r)
{
	char		closing;

	if (r->state == FAILED)
		return JSON_ERROR;
	skip_space(r);
	if (r->next >= r->end)
	{
		if (r->state == WANT_NOTHING)
			return JSON_END;
		return fail(r, r->next, "unexpected end");
	}
	if (r->state == WANT_NOTHING)
		return fail(r, r->next, "unexpected text after the end");

	if (r->depth > 0)
	{
		closing = inside_object(r) ? '}' : ']';
		if (*r->next == closing &&
			(r->state == WANT_COMMA_OR_END || r->state == WANT_KEY_OR_END ||
			 r->state == WANT_VALUE_OR_END))
			return end_nested(r);
	}
	if (r->state == WANT_COMMA_OR_END)
	{
		if (*r->next != ',')
			return fail(r, r->next, "expected a comma or the end");
		r->next++;
		r->state = inside_object(r) ? WANT_KEY : WANT_VALUE;
		skip_space(r);
		if (r->next >= r->end)
			return fail(r, r->next, "unexpected end");
	}

	if (r->state == WANT_KEY || r->state == WANT_KEY_OR_END)
		return read_key(r);
	return read_value(r);
}

const char *
json_skip(JsonReader *r, size_t *length)
{
	const char *begin = r->next - 1;
	int			outside = r->depth - 1;

	while (r->depth > outside)
		if (json_next(r) == JSON_ERROR)
			return NULL;
	*length = (size_t) (r->next - begin);
	return begin;
}

bool
json_is(const JsonReader *r, const char *word)
{
	return r->length == strlen(word) && memcmp(r->text, word, r->length) == 0;
}

char *
json_quote(char *out, const char *text, size_t length)
{
	static const char hex[] = "0123456789abcdef";

	*out++ = '"';
	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (c == '"' || c == '\\')
		{
			*out++ = '\\';
			*out++ = (char) c;
		}
		else if (c >= 0x20)
			*out++ = (char) c;
		else
		{
			memcpy(out, "\\u00", 4);
			out[4] = hex[c >> 4];
			out[5] = hex[c & 15];
			out += 6;
		}
	}
	*out++ = '"';
	return out;
}
