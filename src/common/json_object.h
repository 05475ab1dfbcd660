/*
 * json_object.h
 *		Reading a JSON object whose keys are known beforehand.
 *
 *		object_open(&o, &json, keys, lengthof(keys), why, sizeof(why));
 *		while ((key = object_next(&o)) >= 0)
 *			switch (key) { case KEY_K: if (!object_count(&o, 1, 1000, &k)) ... }
 *		if (key == OBJECT_ERROR) ...
 *
 * Keys come in any order, but once and known.  Every reader returns false
 * after it has said in "why", as a full sentence, what is wrong.
 */
#ifndef CV_JSON_OBJECT_H
#define CV_JSON_OBJECT_H

#include "common/host.h"

#include "common/json.h"

#define OBJECT_END (-1)
#define OBJECT_ERROR (-2)
#define OBJECT_MAX_KEYS 64

typedef struct JsonObject
{
	JsonReader *json;
	const char *const *keys;
	int			nkeys;
	int			key;			/* the current one */
	uint64		seen;			/* bits of keys */
	char	   *why;
	size_t		why_size;
} JsonObject;

#define OBJECT_SAW(o, key) (((o)->seen >> (key) & 1) != 0)

/*
 * The object's opening brace has been read, or, with object_open_text(), is
 * the next token, and only white space follows the closing one.
 */
extern void object_open(JsonObject *o, JsonReader *json, const char *const *keys,
						int nkeys, char *why, size_t why_size);
extern bool object_open_text(JsonObject *o, JsonReader *json, const char *text,
							 size_t length, const char *const *keys, int nkeys,
							 char *why, size_t why_size);

/* The number of the next key, OBJECT_END or OBJECT_ERROR. */
extern int	object_next(JsonObject *o);

/* The end of a text: false if anything follows. */
extern bool object_close_text(JsonObject *o);

/* Always false. */
extern bool object_fail(JsonObject *o, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* What is wrong with a token that is not the expected one; always false. */
extern bool object_wrong(JsonObject *o, JsonToken token, const char *expected);

/* The value of the current key. */
extern bool object_real(JsonObject *o, double *v);
extern bool object_count(JsonObject *o, int64 least, int64 most, int64 *v);
extern bool object_bool(JsonObject *o, bool *v);
extern bool object_word(JsonObject *o, const char *const *words, int nwords, int *which);

/* The same of a token that has been read already: elements of arrays. */
extern bool object_real_of(JsonObject *o, JsonToken token, double *v);
extern bool object_count_of(JsonObject *o, JsonToken token, int64 least, int64 most, int64 *v);

#endif							/* CV_JSON_OBJECT_H */
