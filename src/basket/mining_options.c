/*
 * mining_options.c
 *		The options of association_rules, which mining() writes as JSON:
 *
 *		{"min_confidence": 0.2, "min_items": 2, "max_items": 3}
 *
 * Written by hand or not, they pass this way.
 */
#include "common/host.h"

#include "basket/mining.h"

#include "common/decimal.h"
#include "common/json_object.h"

enum
{
	KEY_MIN_CONFIDENCE, KEY_MIN_ITEMS, KEY_MAX_ITEMS
};

static const char *const option_keys[] = {
	"min_confidence", "min_items", "max_items"
};

void
mining_default(Mining *mining)
{
	memset(mining, 0, sizeof(Mining));
	mining->min_items = 2;
	mining->max_items = 2;
}

bool
mining_read_share(const char *text, size_t length, i128 *share)
{
	return decimal_parse(text, length, MINING_SHARE_DECIMALS, share) == DECIMAL_OK &&
		*share >= 0 && *share <= MINING_ONE;
}

static bool
read_min_confidence(JsonObject *o, Mining *mining)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_NUMBER)
		return object_wrong(o, token, "a number");
	if (!mining_read_share(o->json->text, o->json->length, &mining->min_confidence))
		return object_fail(o, "Key \"min_confidence\" takes numbers from 0 to 1 with at most %d decimals.",
						   MINING_SHARE_DECIMALS);
	return true;
}

static bool
read_items(JsonObject *o, int *items)
{
	int64		v;

	if (!object_count(o, 1, MINING_MAX_ITEMS, &v))
		return false;
	*items = (int) v;
	return true;
}

/* Pairs unless said otherwise; whoever says one end means that the other meets it. */
static void
fill_in_items(Mining *mining)
{
	if (mining->min_items == 0)
		mining->min_items = mining->max_items == 0 ? 2 : Min(2, mining->max_items);
	if (mining->max_items == 0)
		mining->max_items = Max(2, mining->min_items);
}

bool
mining_read_options(Mining *mining, const char *json, size_t length, char *why)
{
	JsonReader	reader;
	JsonObject	o;
	int			key = OBJECT_ERROR;
	bool		good = object_open_text(&o, &reader, json, length, option_keys,
										lengthof(option_keys), why, MINING_WHY_SIZE);

	mining->min_items = mining->max_items = 0;
	while (good && (key = object_next(&o)) >= 0)
		good = key == KEY_MIN_CONFIDENCE ? read_min_confidence(&o, mining) :
			read_items(&o, key == KEY_MIN_ITEMS ? &mining->min_items : &mining->max_items);
	good = good && key == OBJECT_END && object_close_text(&o);
	fill_in_items(mining);
	if (good && mining->min_items > mining->max_items)
		good = object_fail(&o, "Rules of %d items at least and %d at most are none.",
						   mining->min_items, mining->max_items);
	json_close(&reader);
	return good;
}
