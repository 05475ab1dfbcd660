/*
 * json.h
 *		A strict pull reader for JSON text, without the server.
 *
 * The text forms of our types are JSON.  The server's own jsonb would read
 * them, but it keeps only the last of two equal keys, and a day of somebody's
 * ledger must not vanish like that; this reader hands out every key.
 *
 *		json_open(&r, text, length);
 *		while ((token = json_next(&r)) != JSON_END) ...
 *
 * The reader checks the grammar itself (RFC 8259, nesting up to 32): commas,
 * colons and brackets never reach the caller.  After JSON_ERROR, r.error says
 * what is wrong, as a phrase, and r.error_at where, in bytes from the start.
 */
#ifndef CV_JSON_H
#define CV_JSON_H

#include "common/host.h"

#define JSON_MAX_DEPTH 32

typedef enum JsonToken
{
	JSON_ERROR,
	JSON_END,					/* after the one top-level value */
	JSON_OBJECT_BEGIN,
	JSON_OBJECT_END,
	JSON_ARRAY_BEGIN,
	JSON_ARRAY_END,
	JSON_KEY,					/* text/length hold the key */
	JSON_STRING,				/* text/length hold the string, unescaped */
	JSON_NUMBER,				/* text/length hold the number as written */
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL
} JsonToken;

typedef struct JsonReader
{
	/* for the caller */
	const char *text;			/* of the last key, string or number; not
								 * NUL-terminated; valid until the next call */
	size_t		length;
	const char *error;
	size_t		error_at;
	int			depth;

	/* private */
	const char *begin;
	const char *next;
	const char *end;
	char	   *unescaped;		/* scratch for strings with escapes */
	size_t		unescaped_size;
	uint32		in_object;		/* bit per level: object or array */
	int			state;
} JsonReader;

extern void json_open(JsonReader *r, const char *text, size_t length);
extern JsonToken json_next(JsonReader *r);
extern void json_close(JsonReader *r);	/* frees the scratch */

/*
 * Pass over the object or array that has just begun, checking its grammar.
 * Returns its text, brackets included, for another reader; NULL on an error.
 */
extern const char *json_skip(JsonReader *r, size_t *length);

/* Is the current key or string this one? */
extern bool json_is(const JsonReader *r, const char *word);

/* Append a string with quotes and escapes; returns the end.  The output needs
 * room for 6 * length + 2 bytes. */
extern char *json_quote(char *out, const char *text, size_t length);

#endif							/* CV_JSON_H */
