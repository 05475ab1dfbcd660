/*
 * breaking_options.c
 *		The options of natural_breaks, which breaking() writes as JSON:
 *
 *		{"scale": "asinh", "cut_at": 0, "min_customers": 50, "min_share": 0.005}
 *
 * Written by hand or not, they pass this way.
 */
#include "segment/breaking.h"

#include "common/json_object.h"

enum
{
	KEY_SCALE, KEY_CUT_AT, KEY_MIN_CUSTOMERS, KEY_MIN_SHARE
};

static const char *const option_keys[] = {
	"scale", "cut_at", "min_customers", "min_share"
};

static bool
read_cut_at(JsonObject *o, Breaking *breaking)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_NUMBER)
		return object_wrong(o, token, "a number");
	if (!exact_parse(o->json->text, o->json->length, &breaking->cut_at))
		return object_fail(o, "The number under key \"cut_at\" has more than %d digits or is out of range.",
						   EXACT_MAX_DIGITS);
	breaking->has_cut_at = true;
	return true;
}

static bool
read_min_share(JsonObject *o, Breaking *breaking)
{
	if (!object_real(o, &breaking->min_share))
		return false;
	if (!(breaking->min_share >= 0.0 && breaking->min_share <= 1.0))
		return object_fail(o, "Key \"min_share\" takes numbers from 0 to 1.");
	return true;
}

static bool
read_option(JsonObject *o, int key, Breaking *breaking)
{
	int			which;

	switch (key)
	{
		case KEY_SCALE:
			if (!object_word(o, segment_scale_names, SEGMENT_SCALES, &which))
				return false;
			breaking->scale = (SegmentScale) which;
			return true;
		case KEY_CUT_AT:
			return read_cut_at(o, breaking);
		case KEY_MIN_CUSTOMERS:
			return object_count(o, 1, INT64CONST(1) << 52, &breaking->min_customers);
		default:
			return read_min_share(o, breaking);
	}
}

bool
breaking_read_options(Breaking *breaking, const char *json, size_t length, char *why)
{
	JsonReader	reader;
	JsonObject	o;
	int			key = OBJECT_ERROR;
	bool		good = object_open_text(&o, &reader, json, length, option_keys,
										lengthof(option_keys), why, BREAKING_WHY_SIZE);

	while (good && (key = object_next(&o)) >= 0)
		good = read_option(&o, key, breaking);
	good = good && key == OBJECT_END && object_close_text(&o);
	json_close(&reader);
	return good;
}
