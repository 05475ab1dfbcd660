/*
 * rfm_scheme_text.c
 *		The text form of a segmentation by RFM scores.
 *
 *		{"method": "rfm_scores", "k": 5, "recency": [30, 90, 180, 365],
 *		 "frequency": [10, 5, 3, 2], "monetary": [1000, 500, 250, 100],
 *		 "rules": [{"label": "champions", "r": [5, 5], "fm": [4, 5]}, ...],
 *		 "cells": {"555": [12, 18123.50], ...}}
 *
 * Only the three lists of cut points are needed.  A side that a rule does not
 * mention may have any score; one score may stand for both ends.  Cells are
 * codes with the number of their customers and the revenue of these.
 */
#include "scoring/rfm_scheme.h"


enum
{
	KEY_K = FIRST_KEY_OF_FORM, KEY_RECENCY, KEY_FREQUENCY, KEY_MONETARY,
	KEY_RULES, KEY_CELLS
};

const char *const rfm_keys[RFM_KEYS] = {
	KEYS_OF_ALL_FORMS, "k", "recency", "frequency", "monetary", "rules", "cells"
};

typedef struct TypedCell
{
	int			code;
	RfmCell		cell;
} TypedCell;

/* ---- writing ---- */

static void
put_exact(TextBuffer *t, Exact a)
{
	t->used += exact_print(text_room(t, EXACT_TEXT_SIZE), a);
}

static void
put_rules(TextBuffer *t, const RfmScheme *s)
{
	text_put_key(t, rfm_keys[KEY_RULES]);
	text_put(t, "[");
	for (int i = 0; s->rule && i < s->head.k; i++)
	{
		const RfmRule *rule = &s->rule[i];

		text_put(t, i == 0 ? "{" : ", {");
		text_put_key(t, "label");
		text_put_quoted(t, s->head.label[i].text, s->head.label[i].length);
		for (int side = 0; side < RULE_SIDES; side++)
		{
			if (rule->low[side] == 1 && rule->high[side] == s->scores)
				continue;
			text_put_key(t, rule_side_names[side]);
			text_put(t, "[");
			text_put_integer(t, rule->low[side]);
			text_put(t, ", ");
			text_put_integer(t, rule->high[side]);
			text_put(t, "]");
		}
		text_put(t, "}");
	}
	text_put(t, "]");
}

static void
put_cells(TextBuffer *t, const RfmScheme *s)
{
	text_put_key(t, rfm_keys[KEY_CELLS]);
	text_put(t, "{");
	for (int i = 0; i < rfm_cells(s->scores); i++)
	{
		char		code[8];
		Exact		total;

		if (s->cell[i].customers == 0)
			continue;
		snprintf(code, sizeof(code), "%d", rfm_cell_code(s->scores, i));
		text_put_key(t, code);
		text_put(t, "[");
		text_put_integer(t, s->cell[i].customers);
		text_put(t, ", ");
		exact_make(s->cell[i].total, 6, &total);
		put_exact(t, total);
		text_put(t, "]");
	}
	text_put(t, "}");
}

void
rfm_scheme_print(const Segmentation *segmentation, TextBuffer *t)
{
	const RfmScheme *s = (const RfmScheme *) segmentation;

	text_put_key(t, rfm_keys[KEY_K]);
	text_put_integer(t, s->scores);
	for (int measure = 0; measure < MEASURES; measure++)
	{
		text_put_key(t, measure_names[measure]);
		for (int i = 0; i < s->scores - 1; i++)
		{
			text_put(t, i == 0 ? "[" : ", ");
			put_exact(t, s->cut[measure][i]);
		}
		text_put(t, "]");
	}
	put_rules(t, s);
	if (s->rule == NULL)
		segmentation_put_labels(segmentation, t);
	if (s->cell)
		put_cells(t, s);
}

/* ---- reading ---- */

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
read_cuts(RfmScheme *s, JsonObject *o, int measure)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (s->ncuts[measure] == RFM_MAX_CUTS && token != JSON_ERROR)
			return object_fail(o, "Key \"%s\" has more than %d elements.",
							   o->keys[o->key], RFM_MAX_CUTS);
		if (!read_number(o, token, &s->cut[measure][s->ncuts[measure]]))
			return false;
		s->ncuts[measure]++;
	}
	return true;
}

/* 4, or [4, 5] */
static bool
read_side(JsonObject *o, RfmRule *rule, int side)
{
	JsonToken	token = json_next(o->json);
	int64		low;
	int64		high;

	if (token != JSON_ARRAY_BEGIN)
	{
		if (!object_count_of(o, token, 1, RFM_MAX_SCORES, &low))
			return false;
		high = low;
	}
	else
	{
		if (!object_count_of(o, json_next(o->json), 1, RFM_MAX_SCORES, &low) ||
			!object_count_of(o, json_next(o->json), 1, RFM_MAX_SCORES, &high))
			return false;
		token = json_next(o->json);
		if (token != JSON_ARRAY_END)
			return object_wrong(o, token, "one score or two");
	}
	rule->low[side] = (uint8) low;
	rule->high[side] = (uint8) high;
	return true;
}

/* Its opening brace has been read. */
static bool
read_rule(RfmScheme *s, JsonReader *json, RfmRule *rule, SegmentLabel *label,
		  char *why, size_t why_size)
{
	static const char *const keys[] = {"label", "r", "f", "m", "fm"};
	JsonObject	o;
	JsonToken	token;
	int			key;

	object_open(&o, json, keys, lengthof(keys), why, why_size);
	while ((key = object_next(&o)) >= 0)
	{
		if (key > 0)
		{
			if (!read_side(&o, rule, key - 1))
				return false;
			continue;
		}
		token = json_next(json);
		if (token != JSON_STRING)
			return object_wrong(&o, token, "a string");
		label->text = arena_copy(&s->head.arena, json->text, json->length);
		label->length = json->length;
	}
	if (key == OBJECT_ERROR)
		return false;
	return OBJECT_SAW(&o, 0) || object_fail(&o, "A rule has no key \"label\".");
}

/* What a rule does not mention may have any score. */
static void
complete_rules(RfmScheme *s)
{
	for (int i = 0; i < s->head.k; i++)
	{
		for (int side = 0; side < RULE_SIDES; side++)
		{
			if (s->rule[i].high[side] != 0)
				continue;
			s->rule[i].low[side] = 1;
			s->rule[i].high[side] = (uint8) s->scores;
		}
	}
}

bool
rfm_read_rules(RfmScheme *s, JsonReader *json, JsonToken begin, char *why, size_t why_size)
{
	static const char *const keys[] = {"rules"};
	JsonObject	o;
	JsonToken	token;
	int			nrules = 0;
	RfmRule    *rule = segmentation_alloc(&s->head, RFM_MAX_CELLS * sizeof(RfmRule));
	SegmentLabel *label = segmentation_alloc(&s->head, RFM_MAX_CELLS * sizeof(SegmentLabel));

	/* for its messages */
	object_open(&o, json, keys, lengthof(keys), why, why_size);
	o.key = 0;
	if (begin != JSON_ARRAY_BEGIN)
		return object_wrong(&o, begin, "an array");
	while ((token = json_next(json)) != JSON_ARRAY_END)
	{
		if (token != JSON_OBJECT_BEGIN)
			return object_wrong(&o, token, "an array of objects");
		if (nrules == RFM_MAX_CELLS)
			return object_fail(&o, "There are more than %d rules.", RFM_MAX_CELLS);
		if (!read_rule(s, json, &rule[nrules], &label[nrules], why, why_size))
			return false;
		nrules++;
	}
	rfm_drop_rules(s);
	if (nrules > 0)
	{
		s->rule = rule;
		s->head.label = label;
		s->head.k = nrules;
		if (s->scores > 0)
			complete_rules(s);
	}
	return true;
}

/* A code as the text of a key: three digits. */
static bool
read_code(JsonObject *o, int *code)
{
	const char *digit = o->json->text;

	*code = 0;
	for (size_t i = 0; i < o->json->length && i < 4; i++)
		*code = digit[i] >= '1' && digit[i] <= '9' ? *code * 10 + (digit[i] - '0') : 100000;
	return (*code >= 111 && *code <= 999) ||
		object_fail(o, "Key \"cells\" takes codes of three scores, such as \"545\".");
}

/* [customers, revenue] */
static bool
read_cell(JsonObject *o, RfmCell *cell)
{
	JsonToken	token = json_next(o->json);
	DecimalStatus status;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "codes with the number of their customers and the revenue of these, as in {\"545\": [12, 990.50]}");
	if (!object_count_of(o, json_next(o->json), 1, INT64CONST(1) << 52, &cell->customers))
		return false;
	token = json_next(o->json);
	if (token != JSON_NUMBER)
		return object_wrong(o, token, "numbers");
	status = decimal_parse(o->json->text, o->json->length, 6, &cell->total);
	if (status != DECIMAL_OK)
		return object_fail(o, "A number under key \"cells\" has more than 6 decimals or is out of range.");
	token = json_next(o->json);
	return token == JSON_ARRAY_END || object_wrong(o, token, "two numbers for each code");
}

static bool
read_cells(RfmScheme *s, JsonObject *o)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_OBJECT_BEGIN)
		return object_wrong(o, token, "an object");
	s->typed = segmentation_alloc(&s->head, RFM_MAX_CELLS * sizeof(TypedCell));
	while ((token = json_next(o->json)) != JSON_OBJECT_END)
	{
		TypedCell  *typed = &s->typed[s->ntyped];

		if (token != JSON_KEY)
			return object_wrong(o, token, "an object");
		if (s->ntyped == RFM_MAX_CELLS)
			return object_fail(o, "Key \"cells\" has more than %d codes.", RFM_MAX_CELLS);
		if (!read_code(o, &typed->code) || !read_cell(o, &typed->cell))
			return false;
		s->ntyped++;
	}
	return true;
}

bool
rfm_scheme_read(Segmentation *segmentation, JsonObject *o, int key)
{
	RfmScheme  *s = (RfmScheme *) segmentation;

	switch (key)
	{
		case KEY_K:
			return object_count(o, RFM_MIN_SCORES, RFM_MAX_SCORES, &s->scores_given);
		case KEY_RULES:
			{
				SegmentLabel *label = s->head.label;
				bool		good = rfm_read_rules(s, o->json, json_next(o->json), o->why, o->why_size);

				/* those under key "labels" are kept if there are no rules */
				if (s->rule == NULL)
					s->head.label = label;
				return good;
			}
		case KEY_CELLS:
			return read_cells(s, o);
		default:
			return read_cuts(s, o, key - KEY_RECENCY);
	}
}

static bool
complete_cells(RfmScheme *s, JsonObject *o)
{
	rfm_add_cells(s);
	for (int i = 0; i < s->ntyped; i++)
	{
		const TypedCell *typed = &s->typed[i];
		int			r = typed->code / 100;
		int			f = typed->code / 10 % 10;
		int			m = typed->code % 10;
		RfmCell    *cell;

		if (r > s->scores || f > s->scores || m > s->scores)
			return object_fail(o, "Key \"cells\" has code %d, but scores go from 1 to %d.",
							   typed->code, s->scores);
		cell = &s->cell[((s->scores - r) * s->scores + s->scores - f) * s->scores + s->scores - m];
		if (cell->customers > 0)
			return object_fail(o, "Key \"cells\" has code %d twice.", typed->code);
		*cell = typed->cell;
	}
	return true;
}

bool
rfm_scheme_complete(Segmentation *segmentation, JsonObject *o)
{
	RfmScheme  *s = (RfmScheme *) segmentation;

	for (int measure = 0; measure < MEASURES; measure++)
	{
		if (!OBJECT_SAW(o, KEY_RECENCY + measure))
			return object_fail(o, "There is no key \"%s\".", measure_names[measure]);
		if (s->ncuts[measure] != s->ncuts[RECENCY])
			return object_fail(o, "Keys \"recency\" and \"%s\" have %d and %d cut points; there must be as many for each measure.",
							   measure_names[measure], s->ncuts[RECENCY], s->ncuts[measure]);
	}
	s->scores = s->ncuts[RECENCY] + 1;
	if (s->scores_given != 0 && s->scores_given != s->scores)
		return object_fail(o, "For scores from 1 to %d each measure has %d cut points, not %d.",
						   (int) s->scores_given, (int) s->scores_given - 1, s->scores - 1);
	if (s->scores < RFM_MIN_SCORES)
		return object_fail(o, "Each measure needs at least one cut point.");

	if (!OBJECT_SAW(o, KEY_RULES) && s->scores == RFM_CUSTOMARY_SCORES)
		rfm_set_customary_rules(s);
	else if (s->rule)
		complete_rules(s);
	else
		s->head.k = rfm_cells(s->scores);
	if (s->rule)
	{
		if (OBJECT_SAW(o, KEY_LABELS))
			return object_fail(o, "Rules have labels of their own: write them there, or no rules with \"rules\": [].");
		s->head.nlabels = s->head.k;
	}
	return s->typed == NULL || complete_cells(s, o);
}
