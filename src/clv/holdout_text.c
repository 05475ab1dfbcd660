/*
 * holdout_text.c
 *		The text form of a holdout.
 *
 *		{"model": {"model": "bg/nbd", "unit": "week", "parameters": ...},
 *		 "as_of": "1997-09-30", "until": "1998-06-30",
 *		 "frequencies": [{"frequency": 0, "customers": 1411, "actual": 319,
 *						  "expected": 283.1, "absolute_error": 512.2, ...}, ...],
 *		 "births": {"1997-01-01": 8, ...},
 *		 "repeats": {"1997-01-05": 1, ...}}
 *
 * All keys are needed, in any order, but once and no others.  Frequencies and
 * days ascend.
 */
#include "clv/holdout.h"

#include <math.h>
#include <stdarg.h>

#include "common/json.h"
#include "common/real.h"
#include "ledger/ledger.h"

enum
{
	KEY_MODEL, KEY_AS_OF, KEY_UNTIL, KEY_FREQUENCIES, KEY_BIRTHS, KEY_REPEATS, KEYS
};

static const char *const key_names[KEYS] = {
	"model", "as_of", "until", "frequencies", "births", "repeats"
};

enum
{
	CLASS_FREQUENCY, CLASS_CUSTOMERS, CLASS_ACTUAL, CLASS_EXPECTED,
	CLASS_ABSOLUTE_ERROR, CLASS_SQUARED_ERROR,
	CLASS_BASELINE_ABSOLUTE_ERROR, CLASS_BASELINE_SQUARED_ERROR, CLASS_KEYS
};

static const char *const class_names[CLASS_KEYS] = {
	"frequency", "customers", "actual", "expected", "absolute_error", "squared_error",
	"baseline_absolute_error", "baseline_squared_error"
};

/* Characters of a class, and of a day with its count, at most. */
#define CLASS_TEXT_SIZE 512
#define DAY_TEXT_SIZE 64

/* ---- writing ---- */

static char *
put_key(char *out, int key)
{
	return out + sprintf(out, "%s\"%s\": ", key == 0 ? "{" : ", ", key_names[key]);
}

static char *
put_day(char *out, int32 day)
{
	*out++ = '"';
	out += ledger_print_day(out, day);
	*out++ = '"';
	return out;
}

static char *
put_class(char *out, const HoldoutClass *c)
{
	const double real[] = {
		c->expected, c->absolute_error, c->squared_error,
		c->baseline_absolute_error, c->baseline_squared_error
	};

	out += sprintf(out, "{\"frequency\": %u, \"customers\": %lld, \"actual\": %lld",
				   c->frequency, (long long) c->customers, (long long) c->actual);
	for (size_t i = 0; i < lengthof(real); i++)
	{
		out += sprintf(out, ", \"%s\": ", class_names[CLASS_EXPECTED + i]);
		out += real_print(out, real[i]);
	}
	*out++ = '}';
	return out;
}

static char *
put_days(char *out, const Holdout *h, const HoldoutDay *day, uint32 days)
{
	*out++ = '{';
	for (uint32 i = 0; i < days; i++)
	{
		if (i > 0)
			out += sprintf(out, ", ");
		out = put_day(out, h->first + (int32) day[i].day);
		out += sprintf(out, ": %u", day[i].count);
	}
	*out++ = '}';
	return out;
}

char *
holdout_print(const Holdout *h)
{
	char	   *model = clv_model_print(holdout_model(h));
	size_t		size = 512 + strlen(model) + h->classes * (size_t) CLASS_TEXT_SIZE +
	((size_t) h->births + h->repeats) * DAY_TEXT_SIZE;
	char	   *begin = cv_alloc(size);
	char	   *out = begin;

	out = put_key(out, KEY_MODEL);
	out += sprintf(out, "%s", model);
	cv_free(model);
	out = put_day(put_key(out, KEY_AS_OF), h->as_of);
	out = put_day(put_key(out, KEY_UNTIL), h->until);
	out = put_key(out, KEY_FREQUENCIES);
	for (uint32 i = 0; i < h->classes; i++)
	{
		out += sprintf(out, i == 0 ? "[" : ", ");
		out = put_class(out, &holdout_classes(h)[i]);
	}
	*out++ = ']';
	out = put_days(put_key(out, KEY_BIRTHS), h, holdout_births(h), h->births);
	out = put_days(put_key(out, KEY_REPEATS), h, holdout_repeats(h), h->repeats);
	sprintf(out, "}");
	return begin;
}

/* ---- reading ---- */

typedef struct DayCount
{
	int32		day;			/* as in a ledger */
	uint32		count;
} DayCount;

typedef struct DayCounts
{
	DayCount   *at;
	size_t		count;
	size_t		room;
} DayCounts;

typedef struct Reading
{
	JsonReader	json;
	char	   *why;
	uint32		seen;			/* bits of keys */
	ClvModel   *model;
	int32		as_of;
	int32		until;
	HoldoutClass class[HOLDOUT_LAST_CLASS + 1];
	size_t		classes;
	DayCounts	births;
	DayCounts	repeats;
} Reading;

static bool wrong(Reading *r, const char *format,...) __attribute__((format(printf, 2, 3)));

static bool
wrong(Reading *r, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	(void) vsnprintf(r->why, HOLDOUT_WHY_SIZE, format, args);
	va_end(args);
	return false;
}

static bool
expected(Reading *r, JsonToken token, const char *what)
{
	if (token == JSON_ERROR)
		return wrong(r, "Not JSON at byte %zu: %s.", r->json.error_at + 1, r->json.error);
	return wrong(r, "%s expected.", what);
}

static bool
unknown_key(Reading *r)
{
	return wrong(r, "Unknown key \"%.*s\".",
				 (int) cv_clip_length(r->json.text, r->json.length, 40), r->json.text);
}

/* Which of the names the current key is, the first time that it is there. */
static bool
take_key(Reading *r, const char *const *names, int count, uint32 *seen, int *key)
{
	for (*key = 0; *key < count && !json_is(&r->json, names[*key]);)
		*key += 1;
	if (*key == count)
		return unknown_key(r);
	if (*seen >> *key & 1)
		return wrong(r, "Key \"%s\" appears twice.", names[*key]);
	*seen |= (uint32) 1 << *key;
	return true;
}

static bool
have_all(Reading *r, const char *const *names, int count, uint32 seen)
{
	for (int key = 0; key < count; key++)
		if (!(seen >> key & 1))
			return wrong(r, "Key \"%s\" is missing.", names[key]);
	return true;
}

static bool
read_number(Reading *r, const char *of, double *v)
{
	JsonToken	token = json_next(&r->json);

	if (token == JSON_ERROR)
		return expected(r, token, "");
	if (token != JSON_NUMBER || !real_parse(r->json.text, r->json.length, v))
		return wrong(r, "A number in the range of double precision expected for \"%s\".", of);
	*v += 0.0;					/* -0 becomes 0 */
	return true;
}

static bool
read_count(Reading *r, const char *of, double most, double *v)
{
	if (!read_number(r, of, v))
		return false;
	return (*v >= 0 && *v <= most && *v == floor(*v)) ||
		wrong(r, "A whole number from 0 to %.0f expected for \"%s\".", most, of);
}

static bool
read_class_value(Reading *r, HoldoutClass *c, int key)
{
	double	   *const real[] = {
		&c->expected, &c->absolute_error, &c->squared_error,
		&c->baseline_absolute_error, &c->baseline_squared_error
	};
	double		v;

	if (key >= CLASS_EXPECTED)
		return read_number(r, class_names[key], real[key - CLASS_EXPECTED]);
	if (!read_count(r, class_names[key],
					key == CLASS_FREQUENCY ? HOLDOUT_LAST_CLASS : 9007199254740992.0, &v))
		return false;
	if (key == CLASS_FREQUENCY)
		c->frequency = (uint32) v;
	else
		*(key == CLASS_CUSTOMERS ? &c->customers : &c->actual) = (int64) v;
	return true;
}

static bool
read_class(Reading *r, HoldoutClass *c)
{
	JsonToken	token;
	uint32		seen = 0;
	int			key;

	memset(c, 0, sizeof(HoldoutClass));
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		if (!take_key(r, class_names, CLASS_KEYS, &seen, &key) ||
			!read_class_value(r, c, key))
			return false;
	}
	if (token != JSON_OBJECT_END)
		return expected(r, token, "A key");
	return have_all(r, class_names, CLASS_KEYS, seen);
}

static bool
read_classes(Reading *r)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_ARRAY_BEGIN)
		return expected(r, token, "An array of objects for \"frequencies\"");
	while ((token = json_next(&r->json)) == JSON_OBJECT_BEGIN)
	{
		if (r->classes == lengthof(r->class))
			return wrong(r, "There are more than %zu frequencies.", lengthof(r->class));
		if (!read_class(r, &r->class[r->classes++]))
			return false;
	}
	return token == JSON_ARRAY_END || expected(r, token, "An object for each frequency");
}

static bool
take_day(Reading *r, const char *of, int32 *day)
{
	return ledger_parse_day(r->json.text, r->json.length, day) ||
		wrong(r, "A day such as 2024-12-31 expected for \"%s\".", of);
}

static bool
read_day(Reading *r, const char *of, int32 *day)
{
	JsonToken	token = json_next(&r->json);

	if (token != JSON_STRING)
		return expected(r, token, "A day in double quotes");
	return take_day(r, of, day);
}

static bool
read_days(Reading *r, const char *of, DayCounts *days)
{
	JsonToken	token = json_next(&r->json);
	double		count;

	if (token != JSON_OBJECT_BEGIN)
		return expected(r, token, "An object with counts of days");
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		DayCount   *at;

		if (days->count > HOLDOUT_MAX_DAYS)
			return wrong(r, "There are more than %d days in \"%s\".", HOLDOUT_MAX_DAYS, of);
		if (days->count == days->room)
		{
			days->room = Max(2 * days->room, 64);
			days->at = cv_realloc(days->at, days->room * sizeof(DayCount));
		}
		at = &days->at[days->count++];
		if (!take_day(r, of, &at->day) || !read_count(r, of, UINT32_MAX, &count))
			return false;
		at->count = (uint32) count;
	}
	return token == JSON_OBJECT_END || expected(r, token, "A day");
}

static bool
read_model(Reading *r)
{
	JsonToken	token = json_next(&r->json);
	char		why[MODEL_WHY_SIZE];
	const char *text;
	size_t		length;

	if (token != JSON_OBJECT_BEGIN)
		return expected(r, token, "An object for \"model\"");
	if ((text = json_skip(&r->json, &length)) == NULL)
		return expected(r, JSON_ERROR, "");
	if ((r->model = clv_model_parse(text, length, why)) == NULL)
		return wrong(r, "In \"model\": %s", why);
	return true;
}

static bool
read_value(Reading *r, int key)
{
	switch (key)
	{
		case KEY_MODEL:
			return read_model(r);
		case KEY_AS_OF:
			return read_day(r, key_names[key], &r->as_of);
		case KEY_UNTIL:
			return read_day(r, key_names[key], &r->until);
		case KEY_FREQUENCIES:
			return read_classes(r);
		case KEY_BIRTHS:
			return read_days(r, key_names[key], &r->births);
		default:
			return read_days(r, key_names[key], &r->repeats);
	}
}

static bool
read_keys(Reading *r)
{
	JsonToken	token = json_next(&r->json);
	int			key;

	if (token != JSON_OBJECT_BEGIN)
		return expected(r, token, "An object");
	while ((token = json_next(&r->json)) == JSON_KEY)
	{
		if (!take_key(r, key_names, KEYS, &r->seen, &key) || !read_value(r, key))
			return false;
	}
	if (token != JSON_OBJECT_END)
		return expected(r, token, "A key");
	token = json_next(&r->json);
	if (token != JSON_END)
		return expected(r, token, "The end");
	return have_all(r, key_names, KEYS, r->seen);
}

/* Days as they are stored.  Those out of range become one that is refused. */
static void
store_days(const DayCounts *days, int32 first, HoldoutDay *day)
{
	for (size_t i = 0; i < days->count; i++)
	{
		int64		since = (int64) days->at[i].day - first;

		day[i].day = since >= 0 && since <= HOLDOUT_MAX_DAYS ? (uint32) since : UINT32_MAX;
		day[i].count = days->at[i].count;
	}
}

static Holdout *
assemble(Reading *r)
{
	const char *problem;
	Holdout    *h = holdout_alloc(r->classes, r->births.count, r->repeats.count, r->model);

	h->as_of = r->as_of;
	h->until = r->until;
	h->first = r->births.count > 0 ? r->births.at[0].day : r->as_of;
	memcpy(holdout_classes(h), r->class, r->classes * sizeof(HoldoutClass));
	store_days(&r->births, h->first, holdout_births(h));
	store_days(&r->repeats, h->first, holdout_repeats(h));
	if ((problem = holdout_check(h)) == NULL)
		return h;
	(void) wrong(r, "%s", problem);
	cv_free(h);
	return NULL;
}

Holdout *
holdout_parse(const char *text, size_t length, char *why)
{
	Reading		r = {.why = why};
	Holdout    *h = NULL;

	r.births.at = cv_alloc(0);
	r.repeats.at = cv_alloc(0);
	json_open(&r.json, text, length);
	if (read_keys(&r))
		h = assemble(&r);
	json_close(&r.json);
	cv_free(r.births.at);
	cv_free(r.repeats.at);
	if (r.model)
		cv_free(r.model);
	return h;
}
