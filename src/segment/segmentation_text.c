/*
 * segmentation_text.c
 *		The text form of a segmentation.
 *
 *		{"method": "value_segments", "cuts": [5000, 1000, 0], "scale": "asinh",
 *		 "unit": 812.5, "cut_at": 0, "min_customers": 40,
 *		 "labels": ["gold", "silver", "bronze", "red"],
 *		 "customers": [52, ...], "totals": [...], "lowest": [...],
 *		 "highest": [...], "raw_squares": [total, within],
 *		 "used_squares": [total, within]}
 *
 * Only "cuts" is needed.  Keys come in any order, but once and known.
 */
#include "segment/segmentation.h"

#include <stdarg.h>

#include "common/json.h"

static const char *const method_names[] = {"fixed", "natural_breaks", "value_segments"};
static const char *const scale_names[] = {"linear", "asinh"};

enum
{
	KEY_METHOD, KEY_CUTS, KEY_SCALE, KEY_UNIT, KEY_CUT_AT, KEY_MIN_CUSTOMERS,
	KEY_LABELS, KEY_CUSTOMERS, KEY_TOTALS, KEY_LOWEST, KEY_HIGHEST,
	KEY_RAW_SQUARES, KEY_USED_SQUARES,
	KEYS
};

static const char *const key_names[KEYS] = {
	"method", "cuts", "scale", "unit", "cut_at", "min_customers",
	"labels", "customers", "totals", "lowest", "highest",
	"raw_squares", "used_squares"
};

#define KEY_BIT(key) (1u << (key))
#define SUMMARY_KEYS \
	(KEY_BIT(KEY_CUSTOMERS) | KEY_BIT(KEY_TOTALS) | KEY_BIT(KEY_LOWEST) | \
	 KEY_BIT(KEY_HIGHEST) | KEY_BIT(KEY_RAW_SQUARES) | KEY_BIT(KEY_USED_SQUARES))

/* ---- writing ---- */

typedef struct Text
{
	char	   *begin;
	size_t		used;
	size_t		room;
} Text;

static char *
make_room(Text *t, size_t size)
{
	if (t->room - t->used < size)
	{
		t->room = t->room * 2 + size;
		t->begin = cv_realloc(t->begin, t->room);
	}
	return t->begin + t->used;
}

static void
put(Text *t, const char *word)
{
	size_t		length = strlen(word);

	memcpy(make_room(t, length + 1), word, length + 1);
	t->used += length;
}

static void
put_key(Text *t, int key)
{
	put(t, t->used > 1 ? ", \"" : "\"");
	put(t, key_names[key]);
	put(t, "\": ");
}

static void
put_exact(Text *t, Exact a)
{
	t->used += exact_print(make_room(t, EXACT_TEXT_SIZE), a);
}

static void
put_integer(Text *t, int64 v)
{
	t->used += snprintf(make_room(t, 32), 32, "%lld", (long long) v);
}

static void
put_squares(Text *t, int key, SegmentSquares q)
{
	Exact		total;
	Exact		within;

	exact_shortest(q.total, &total);
	exact_shortest(q.within, &within);
	put_key(t, key);
	put(t, "[");
	put_exact(t, total);
	put(t, ", ");
	put_exact(t, within);
	put(t, "]");
}

static void
put_summary(Text *t, const Segmentation *s)
{
	for (int key = KEY_CUSTOMERS; key <= KEY_HIGHEST; key++)
	{
		put_key(t, key);
		for (int i = 0; i < s->k; i++)
		{
			const SegmentSummary *one = &s->summary[i];

			put(t, i == 0 ? "[" : ", ");
			if (key == KEY_CUSTOMERS)
				put_integer(t, one->customers);
			else
				put_exact(t, key == KEY_TOTALS ? one->total :
						  key == KEY_LOWEST ? one->lowest : one->highest);
		}
		put(t, "]");
	}
	put_squares(t, KEY_RAW_SQUARES, s->raw);
	put_squares(t, KEY_USED_SQUARES, s->used);
}

char *
segmentation_print(const Segmentation *s)
{
	Text		t;

	t.room = 256;
	t.used = 0;
	t.begin = cv_alloc(t.room);
	put(&t, "{");
	put_key(&t, KEY_METHOD);
	put(&t, "\"");
	put(&t, method_names[s->method]);
	put(&t, "\"");
	put_key(&t, KEY_CUTS);
	put(&t, "[");
	for (int i = 0; i < s->k - 1; i++)
	{
		if (i > 0)
			put(&t, ", ");
		put_exact(&t, s->cut[i]);
	}
	put(&t, "]");
	if (s->scale == SCALE_ASINH)
	{
		put_key(&t, KEY_SCALE);
		put(&t, "\"asinh\"");
		put_key(&t, KEY_UNIT);
		put_exact(&t, s->unit);
	}
	if (s->has_cut_at)
	{
		put_key(&t, KEY_CUT_AT);
		put_exact(&t, s->cut_at);
	}
	if (s->min_customers)
	{
		put_key(&t, KEY_MIN_CUSTOMERS);
		put_integer(&t, s->min_customers);
	}
	if (s->label)
	{
		put_key(&t, KEY_LABELS);
		for (int i = 0; i < s->k; i++)
		{
			char	   *at;

			put(&t, i == 0 ? "[" : ", ");
			at = make_room(&t, 6 * s->label[i].length + 3);
			t.used += json_quote(at, s->label[i].text, s->label[i].length) - at;
		}
		put(&t, "]");
	}
	if (s->summary)
		put_summary(&t, s);
	put(&t, "}");
	return t.begin;
}

/* ---- reading ---- */

/* A growing list of what an array held. */
typedef struct List
{
	Exact	   *number;
	SegmentLabel *label;
	int			count;
} List;

typedef struct Parser
{
	JsonReader	json;
	SegmentationError *error;
	uint32		seen;			/* keys */
	List		list[KEYS];
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

/* What is wrong if a token is not the one hoped for. */
static bool
wrong_token(Parser *parser, JsonToken token, const char *key, const char *expected)
{
	if (token == JSON_ERROR)
		return fail(parser, "At byte %zu: %s.", parser->json.error_at + 1,
					parser->json.error);
	return fail(parser, "Key \"%s\" takes %s.", key, expected);
}

static bool
read_number(Parser *parser, JsonToken token, const char *key, Exact *number)
{
	if (token != JSON_NUMBER)
		return wrong_token(parser, token, key, "numbers");
	if (!exact_parse(parser->json.text, parser->json.length, number))
		return fail(parser, "A number under key \"%s\" has more than %d digits or is out of range.",
					key, EXACT_MAX_DIGITS);
	return true;
}

static bool
read_list(Parser *parser, int key, int most)
{
	List	   *list = &parser->list[key];
	const char *name = key_names[key];
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_ARRAY_BEGIN)
		return wrong_token(parser, token, name, "an array");
	if (key == KEY_LABELS)
		list->label = cv_alloc(most * sizeof(SegmentLabel));
	else
		list->number = cv_alloc(most * sizeof(Exact));
	while ((token = json_next(&parser->json)) != JSON_ARRAY_END)
	{
		if (list->count == most && token != JSON_ERROR)
			return fail(parser, "Key \"%s\" has more than %d elements.", name, most);
		if (key == KEY_LABELS)
		{
			char	   *copy;

			if (token != JSON_STRING)
				return wrong_token(parser, token, name, "an array of strings");
			copy = cv_alloc(parser->json.length + 1);
			memcpy(copy, parser->json.text, parser->json.length);
			list->label[list->count].text = copy;
			list->label[list->count].length = parser->json.length;
		}
		else if (!read_number(parser, token, name, &list->number[list->count]))
			return false;
		list->count++;
	}
	return true;
}

/* One of a few words. */
static bool
read_word(Parser *parser, int key, const char *const *words, int nwords, int *which)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_STRING)
		return wrong_token(parser, token, key_names[key], "a string");
	for (int i = 0; i < nwords; i++)
	{
		if (json_is(&parser->json, words[i]))
		{
			*which = i;
			return true;
		}
	}
	return fail(parser, "\"%.*s\" is no %s this release knows.",
				(int) Min(parser->json.length, 60), parser->json.text, key_names[key]);
}

/* A number of customers: whole, and within reach of doubles. */
static bool
to_count(Exact number, int64 *count)
{
	*count = exact_ceiling(number, 0);
	return number.exponent >= 0 && *count >= 0 && *count <= INT64CONST(1) << 52;
}

static bool
read_value(Parser *parser, int key, Segmentation *s)
{
	int			which = 0;
	Exact		number;

	switch (key)
	{
		case KEY_METHOD:
			if (!read_word(parser, key, method_names, lengthof(method_names), &which))
				return false;
			s->method = (SegmentMethod) which;
			return true;
		case KEY_SCALE:
			if (!read_word(parser, key, scale_names, lengthof(scale_names), &which))
				return false;
			s->scale = (SegmentScale) which;
			return true;
		case KEY_UNIT:
			return read_number(parser, json_next(&parser->json), key_names[key], &s->unit);
		case KEY_CUT_AT:
			s->has_cut_at = true;
			return read_number(parser, json_next(&parser->json), key_names[key], &s->cut_at);
		case KEY_MIN_CUSTOMERS:
			if (!read_number(parser, json_next(&parser->json), key_names[key], &number))
				return false;
			if (!to_count(number, &s->min_customers) || s->min_customers == 0)
				return fail(parser, "Key \"min_customers\" takes a positive whole number.");
			return true;
		case KEY_CUTS:
			return read_list(parser, key, SEGMENTATION_MAX_SEGMENTS - 1);
		case KEY_RAW_SQUARES:
		case KEY_USED_SQUARES:
			return read_list(parser, key, 2);
		default:
			return read_list(parser, key, SEGMENTATION_MAX_SEGMENTS);
	}
}

static bool
read_object(Parser *parser, Segmentation *s)
{
	JsonToken	token = json_next(&parser->json);

	if (token != JSON_OBJECT_BEGIN)
		return token == JSON_ERROR ? wrong_token(parser, token, "", "") :
			fail(parser, "It is not a JSON object.");
	while ((token = json_next(&parser->json)) == JSON_KEY)
	{
		int			key = 0;

		while (key < KEYS && !json_is(&parser->json, key_names[key]))
			key++;
		if (key == KEYS)
			return fail(parser, "Unknown key \"%.*s\".",
						(int) Min(parser->json.length, 60), parser->json.text);
		if (parser->seen & KEY_BIT(key))
			return fail(parser, "Key \"%s\" is there twice.", key_names[key]);
		parser->seen |= KEY_BIT(key);
		if (!read_value(parser, key, s))
			return false;
	}
	if (token != JSON_OBJECT_END || (token = json_next(&parser->json)) != JSON_END)
		return wrong_token(parser, JSON_ERROR, "", "");
	return true;
}

/* Put the lists, which may have come in any order, in their places. */
static bool
assemble(Parser *parser, Segmentation *s)
{
	List	   *list = parser->list;
	int			k = list[KEY_CUTS].count + 1;

	if (!(parser->seen & KEY_BIT(KEY_CUTS)))
		return fail(parser, "There is no key \"cuts\".");
	s->k = k;
	s->cut = list[KEY_CUTS].number;
	list[KEY_CUTS].number = NULL;
	if ((s->scale == SCALE_ASINH) != ((parser->seen & KEY_BIT(KEY_UNIT)) != 0))
		return fail(parser, "Scale \"asinh\" goes with key \"unit\", and only that.");
	for (int key = KEY_LABELS; key <= KEY_HIGHEST; key++)
	{
		if ((parser->seen & KEY_BIT(key)) && list[key].count != k)
			return fail(parser, "%d cut points make %d segments, but key \"%s\" has %d elements.",
						k - 1, k, key_names[key], list[key].count);
	}
	if (parser->seen & KEY_BIT(KEY_LABELS))
	{
		s->label = list[KEY_LABELS].label;
		list[KEY_LABELS].label = NULL;
	}
	if ((parser->seen & SUMMARY_KEYS) == 0)
		return true;
	if ((parser->seen & SUMMARY_KEYS) != SUMMARY_KEYS ||
		list[KEY_RAW_SQUARES].count != 2 || list[KEY_USED_SQUARES].count != 2)
		return fail(parser, "Keys \"customers\", \"totals\", \"lowest\", \"highest\", \"raw_squares\" and \"used_squares\" come together, the last two with two numbers each.");
	segmentation_add_summary(s);
	for (int i = 0; i < k; i++)
	{
		if (!to_count(list[KEY_CUSTOMERS].number[i], &s->summary[i].customers))
			return fail(parser, "Key \"customers\" takes whole numbers.");
		s->summary[i].total = list[KEY_TOTALS].number[i];
		s->summary[i].lowest = list[KEY_LOWEST].number[i];
		s->summary[i].highest = list[KEY_HIGHEST].number[i];
	}
	s->raw.total = exact_value(list[KEY_RAW_SQUARES].number[0]);
	s->raw.within = exact_value(list[KEY_RAW_SQUARES].number[1]);
	s->used.total = exact_value(list[KEY_USED_SQUARES].number[0]);
	s->used.within = exact_value(list[KEY_USED_SQUARES].number[1]);
	return true;
}

static void
free_list(List *list)
{
	if (list->number)
		cv_free(list->number);
	if (list->label == NULL)
		return;
	for (int i = 0; i < list->count; i++)
		cv_free((void *) list->label[i].text);
	cv_free(list->label);
}

bool
segmentation_parse(Segmentation *s, const char *text, size_t length,
				   SegmentationError *error)
{
	Parser		parser;
	bool		good;

	memset(s, 0, sizeof(Segmentation));
	memset(&parser, 0, sizeof(parser));
	parser.error = error;
	json_open(&parser.json, text, length);
	good = read_object(&parser, s) && assemble(&parser, s) &&
		segmentation_check(s, error);
	json_close(&parser.json);
	if (!good && s->label)
	{
		/* taken over by then; the caller sees none of it */
		parser.list[KEY_LABELS].label = s->label;
		s->label = NULL;
	}
	for (int key = 0; key < KEYS; key++)
		free_list(&parser.list[key]);
	return good;
}
