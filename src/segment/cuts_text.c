/*
 * cuts_text.c
 *		The text form of a segmentation by cut points.
 *
 *		{"method": "value_segments", "cuts": [5000, 1000, 0], "scale": "asinh",
 *		 "unit": 812.5, "cut_at": 0, "min_customers": 40,
 *		 "labels": ["gold", "silver", "bronze", "red"],
 *		 "customers": [52, ...], "totals": [...], "lowest": [...],
 *		 "highest": [...], "raw_squares": [total, within],
 *		 "used_squares": [total, within]}
 *
 * Only "cuts" is needed.  The lowest and the highest value of a segment
 * without customers are null.
 */
#include "segment/cuts.h"

const char *const segment_scale_names[SEGMENT_SCALES] = {"linear", "asinh", "rank"};

enum
{
	KEY_CUTS = FIRST_KEY_OF_FORM, KEY_SCALE, KEY_UNIT, KEY_CUT_AT,
	KEY_MIN_CUSTOMERS, KEY_CUSTOMERS, KEY_TOTALS, KEY_LOWEST, KEY_HIGHEST,
	KEY_RAW_SQUARES, KEY_USED_SQUARES
};

const char *const cuts_keys[CUTS_KEYS] = {
	KEYS_OF_ALL_FORMS,
	"cuts", "scale", "unit", "cut_at",
	"min_customers", "customers", "totals", "lowest", "highest",
	"raw_squares", "used_squares"
};

#define FIRST_SUMMARY_KEY KEY_CUSTOMERS
#define LAST_SUMMARY_KEY KEY_USED_SQUARES

/* ---- writing ---- */

static void
put_exact(TextBuffer *t, Exact a)
{
	t->used += exact_print(text_room(t, EXACT_TEXT_SIZE), a);
}

static void
put_squares(TextBuffer *t, int key, SegmentSquares q)
{
	Exact		total;
	Exact		within;

	exact_shortest(q.total, &total);
	exact_shortest(q.within, &within);
	text_put_key(t, cuts_keys[key]);
	text_put(t, "[");
	put_exact(t, total);
	text_put(t, ", ");
	put_exact(t, within);
	text_put(t, "]");
}

static void
put_summary(TextBuffer *t, const Cuts *s)
{
	for (int key = KEY_CUSTOMERS; key <= KEY_HIGHEST; key++)
	{
		text_put_key(t, cuts_keys[key]);
		for (int i = 0; i < s->head.k; i++)
		{
			const SegmentSummary *one = &s->summary[i];

			text_put(t, i == 0 ? "[" : ", ");
			if (key == KEY_CUSTOMERS)
				text_put_integer(t, one->customers);
			else if (one->customers == 0)
				text_put(t, key == KEY_TOTALS ? "0" : "null");
			else
				put_exact(t, key == KEY_TOTALS ? one->total :
						  key == KEY_LOWEST ? one->lowest : one->highest);
		}
		text_put(t, "]");
	}
	put_squares(t, KEY_RAW_SQUARES, s->raw);
	put_squares(t, KEY_USED_SQUARES, s->used);
}

void
cuts_print(const Segmentation *segmentation, TextBuffer *t)
{
	const Cuts *s = (const Cuts *) segmentation;

	text_put_key(t, "cuts");
	text_put(t, "[");
	for (int i = 0; i < s->head.k - 1; i++)
	{
		if (i > 0)
			text_put(t, ", ");
		put_exact(t, s->cut[i]);
	}
	text_put(t, "]");
	if (s->scale != SCALE_LINEAR)
	{
		text_put_key(t, "scale");
		text_put_quoted(t, segment_scale_names[s->scale],
						strlen(segment_scale_names[s->scale]));
	}
	if (s->scale == SCALE_ASINH)
	{
		text_put_key(t, "unit");
		put_exact(t, s->unit);
	}
	if (s->has_cut_at)
	{
		text_put_key(t, "cut_at");
		put_exact(t, s->cut_at);
	}
	if (s->min_customers)
	{
		text_put_key(t, "min_customers");
		text_put_integer(t, s->min_customers);
	}
	segmentation_put_labels(segmentation, t);
	if (s->summary)
		put_summary(t, s);
}

/* ---- reading ---- */

/* What the arrays held, until it is known how many segments there are. */
typedef struct CutsReading
{
	Exact	   *number[CUTS_KEYS];
	int			count[CUTS_KEYS];
	bool	   *is_null[CUTS_KEYS]; /* of "lowest" and "highest" */
} CutsReading;

static bool
read_number(JsonObject *o, JsonToken token, Exact *number)
{
	if (token != JSON_NUMBER)
		return object_wrong(o, token, "numbers");
	if (!exact_parse(o->json->text, o->json->length, number))
		return object_fail(o, "A number under key \"%s\" has more than %d digits or is out of range.",
						   o->keys[o->key], EXACT_MAX_DIGITS);
	return true;
}

static bool
read_list(Cuts *s, JsonObject *o, int most)
{
	JsonToken	token = json_next(o->json);
	bool		may_be_null = o->key == KEY_LOWEST || o->key == KEY_HIGHEST;
	Exact	   *list;
	bool	   *is_null;
	int			count = 0;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	list = segmentation_alloc(&s->head, most * sizeof(Exact));
	is_null = segmentation_alloc(&s->head, most * sizeof(bool));
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (count == most && token != JSON_ERROR)
			return object_fail(o, "Key \"%s\" has more than %d elements.", o->keys[o->key], most);
		is_null[count] = may_be_null && token == JSON_NULL;
		if (!is_null[count] && !read_number(o, token, &list[count]))
			return false;
		count++;
	}
	s->reading->is_null[o->key] = is_null;
	s->reading->number[o->key] = list;
	s->reading->count[o->key] = count;
	return true;
}

/* A number of customers: whole, and within reach of doubles. */
static bool
to_count(Exact number, int64 *count)
{
	*count = exact_ceiling(number, 0);
	return number.exponent >= 0 && *count >= 0 && *count <= INT64CONST(1) << 52;
}

bool
cuts_read(Segmentation *segmentation, JsonObject *o, int key)
{
	Cuts	   *s = (Cuts *) segmentation;
	int			which = 0;
	Exact		number;

	if (s->reading == NULL)
		s->reading = segmentation_alloc(segmentation, sizeof(CutsReading));
	switch (key)
	{
		case KEY_SCALE:
			if (!object_word(o, segment_scale_names, SEGMENT_SCALES, &which))
				return false;
			s->scale = (SegmentScale) which;
			return true;
		case KEY_UNIT:
			return read_number(o, json_next(o->json), &s->unit);
		case KEY_CUT_AT:
			s->has_cut_at = true;
			return read_number(o, json_next(o->json), &s->cut_at);
		case KEY_MIN_CUSTOMERS:
			if (!read_number(o, json_next(o->json), &number))
				return false;
			if (!to_count(number, &s->min_customers) || s->min_customers == 0)
				return object_fail(o, "Key \"min_customers\" takes a positive whole number.");
			return true;
		case KEY_CUTS:
			return read_list(s, o, SEGMENTATION_MAX_SEGMENTS - 1);
		case KEY_RAW_SQUARES:
		case KEY_USED_SQUARES:
			return read_list(s, o, 2);
		default:
			return read_list(s, o, SEGMENTATION_MAX_SEGMENTS);
	}
}

static bool
complete_summary(Cuts *s, JsonObject *o)
{
	CutsReading *reading = s->reading;
	int			k = s->head.k;
	int			seen = 0;

	for (int key = FIRST_SUMMARY_KEY; key <= LAST_SUMMARY_KEY; key++)
		seen += OBJECT_SAW(o, key);
	if (seen == 0)
		return true;
	if (seen <= LAST_SUMMARY_KEY - FIRST_SUMMARY_KEY ||
		reading->count[KEY_RAW_SQUARES] != 2 || reading->count[KEY_USED_SQUARES] != 2)
		return object_fail(o, "Keys \"customers\", \"totals\", \"lowest\", \"highest\", \"raw_squares\" and \"used_squares\" come together, the last two with two numbers each.");
	for (int key = KEY_CUSTOMERS; key <= KEY_HIGHEST; key++)
	{
		if (reading->count[key] != k)
			return object_fail(o, "%d cut points make %d segments, but key \"%s\" has %d elements.",
							   k - 1, k, cuts_keys[key], reading->count[key]);
	}
	cuts_add_summary(s);
	for (int i = 0; i < k; i++)
	{
		if (!to_count(reading->number[KEY_CUSTOMERS][i], &s->summary[i].customers))
			return object_fail(o, "Key \"customers\" takes whole numbers.");
		for (int key = KEY_LOWEST; key <= KEY_HIGHEST; key++)
		{
			if (reading->is_null[key][i] != (s->summary[i].customers == 0))
				return object_fail(o, "Key \"%s\" has null for segments without customers, and only for them.",
								   cuts_keys[key]);
		}
		s->summary[i].total = reading->number[KEY_TOTALS][i];
		s->summary[i].lowest = reading->number[KEY_LOWEST][i];
		s->summary[i].highest = reading->number[KEY_HIGHEST][i];
	}
	s->raw.total = exact_value(reading->number[KEY_RAW_SQUARES][0]);
	s->raw.within = exact_value(reading->number[KEY_RAW_SQUARES][1]);
	s->used.total = exact_value(reading->number[KEY_USED_SQUARES][0]);
	s->used.within = exact_value(reading->number[KEY_USED_SQUARES][1]);
	return true;
}

/* Put the lists, which may have come in any order, in their places. */
bool
cuts_complete(Segmentation *segmentation, JsonObject *o)
{
	Cuts	   *s = (Cuts *) segmentation;

	if (!OBJECT_SAW(o, KEY_CUTS))
		return object_fail(o, "There is no key \"cuts\".");
	s->head.k = s->reading->count[KEY_CUTS] + 1;
	s->cut = s->reading->number[KEY_CUTS];
	if ((s->scale == SCALE_ASINH) != OBJECT_SAW(o, KEY_UNIT))
		return object_fail(o, "Scale \"asinh\" goes with key \"unit\", and only that.");
	return complete_summary(s, o);
}
