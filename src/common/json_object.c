/*
 * json_object.c
 *		Reading a JSON object whose keys are known beforehand.
 */
#include "common/json_object.h"

#include <math.h>
#include <stdarg.h>

#include "common/real.h"

void
object_open(JsonObject *o, JsonReader *json, const char *const *keys, int nkeys,
			char *why, size_t why_size)
{
	Assert(nkeys <= OBJECT_MAX_KEYS);
	o->json = json;
	o->keys = keys;
	o->nkeys = nkeys;
	o->key = OBJECT_END;
	o->seen = 0;
	o->why = why;
	o->why_size = why_size;
}

bool
object_open_text(JsonObject *o, JsonReader *json, const char *text, size_t length,
				 const char *const *keys, int nkeys, char *why, size_t why_size)
{
	JsonToken	token;

	object_open(o, json, keys, nkeys, why, why_size);
	json_open(json, text, length);
	token = json_next(json);
	if (token == JSON_ERROR)
		return object_wrong(o, token, "");
	if (token != JSON_OBJECT_BEGIN)
		return object_fail(o, "It is not a JSON object.");
	return true;
}

bool
object_fail(JsonObject *o, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(o->why, o->why_size, format, args);
	va_end(args);
	return false;
}

bool
object_wrong(JsonObject *o, JsonToken token, const char *expected)
{
	if (token == JSON_ERROR)
		return object_fail(o, "At byte %zu: %s.", o->json->error_at + 1, o->json->error);
	return object_fail(o, "Key \"%s\" takes %s.", o->keys[o->key], expected);
}

int
object_next(JsonObject *o)
{
	JsonToken	token = json_next(o->json);
	int			key = 0;

	if (token == JSON_OBJECT_END)
		return OBJECT_END;
	if (token != JSON_KEY)
	{
		object_wrong(o, JSON_ERROR, "");
		return OBJECT_ERROR;
	}
	while (key < o->nkeys && !json_is(o->json, o->keys[key]))
		key++;
	if (key == o->nkeys)
	{
		size_t		length = cv_clip_length(o->json->text, o->json->length, 60);

		object_fail(o, "Unknown key \"%.*s\".", (int) length, o->json->text);
		return OBJECT_ERROR;
	}
	if (OBJECT_SAW(o, key))
	{
		object_fail(o, "Key \"%s\" is there twice.", o->keys[key]);
		return OBJECT_ERROR;
	}
	o->seen |= UINT64CONST(1) << key;
	o->key = key;
	return key;
}

bool
object_close_text(JsonObject *o)
{
	JsonToken	token = json_next(o->json);

	return token == JSON_END || object_wrong(o, JSON_ERROR, "");
}

bool
object_real_of(JsonObject *o, JsonToken token, double *v)
{
	if (token != JSON_NUMBER)
		return object_wrong(o, token, "numbers");
	if (!real_parse(o->json->text, o->json->length, v))
		return object_fail(o, "A number under key \"%s\" is out of range.", o->keys[o->key]);
	*v += 0.0;					/* -0 is 0 */
	return true;
}

bool
object_count_of(JsonObject *o, JsonToken token, int64 least, int64 most, int64 *v)
{
	double		real;

	/* within reach of doubles */
	Assert(most <= INT64CONST(1) << 53 && least >= -(INT64CONST(1) << 53));
	if (token != JSON_NUMBER)
		return object_wrong(o, token, "whole numbers");
	if (!real_parse(o->json->text, o->json->length, &real) ||
		!(real >= (double) least && real <= (double) most) || real != floor(real))
		return object_fail(o, "Key \"%s\" takes whole numbers from %lld to %lld.",
						   o->keys[o->key], (long long) least, (long long) most);
	*v = (int64) real;
	return true;
}

bool
object_real(JsonObject *o, double *v)
{
	return object_real_of(o, json_next(o->json), v);
}

bool
object_count(JsonObject *o, int64 least, int64 most, int64 *v)
{
	return object_count_of(o, json_next(o->json), least, most, v);
}

bool
object_bool(JsonObject *o, bool *v)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_TRUE && token != JSON_FALSE)
		return object_wrong(o, token, "true or false");
	*v = token == JSON_TRUE;
	return true;
}

bool
object_word(JsonObject *o, const char *const *words, int nwords, int *which)
{
	JsonToken	token = json_next(o->json);
	size_t		length;

	if (token != JSON_STRING)
		return object_wrong(o, token, "a string");
	for (int i = 0; i < nwords; i++)
	{
		if (json_is(o->json, words[i]))
		{
			*which = i;
			return true;
		}
	}
	length = cv_clip_length(o->json->text, o->json->length, 60);
	return object_fail(o, "\"%.*s\" is no %s this release knows.",
					   (int) length, o->json->text, o->keys[o->key]);
}
