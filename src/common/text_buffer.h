/*
 * text_buffer.h
 *		Text that grows while it is written, for the text forms of our types.
 */
#ifndef CV_TEXT_BUFFER_H
#define CV_TEXT_BUFFER_H

#include "common/host.h"

#include "common/json.h"
#include "common/real.h"

typedef struct TextBuffer
{
	char	   *begin;			/* terminated; the writer's to free */
	size_t		used;
	size_t		room;
} TextBuffer;

static inline void
text_open(TextBuffer *t)
{
	t->room = 256;
	t->used = 0;
	t->begin = cv_alloc(t->room);
	t->begin[0] = '\0';
}

/* Where so many bytes can be written; whoever writes them adds to used. */
static inline char *
text_room(TextBuffer *t, size_t size)
{
	if (t->room - t->used < size)
	{
		t->room = t->room * 2 + size;
		t->begin = cv_realloc(t->begin, t->room);
	}
	return t->begin + t->used;
}

static inline void
text_put(TextBuffer *t, const char *word)
{
	size_t		length = strlen(word);

	memcpy(text_room(t, length + 1), word, length + 1);
	t->used += length;
}

static inline void
text_put_bytes(TextBuffer *t, const char *bytes, size_t length)
{
	char	   *at = text_room(t, length + 1);

	memcpy(at, bytes, length);
	at[length] = '\0';
	t->used += length;
}

static inline void
text_put_integer(TextBuffer *t, int64 v)
{
	t->used += snprintf(text_room(t, 32), 32, "%lld", (long long) v);
}

/* The shortest decimal that reads back as this double. */
static inline void
text_put_real(TextBuffer *t, double v)
{
	t->used += real_print(text_room(t, REAL_TEXT_SIZE), v);
}

/* As a JSON string. */
static inline void
text_put_quoted(TextBuffer *t, const char *bytes, size_t length)
{
	char	   *at = text_room(t, 6 * length + 3);
	char	   *end = json_quote(at, bytes, length);

	*end = '\0';
	t->used += end - at;
}

/* The key of the next member of an object that starts at begin. */
static inline void
text_put_key(TextBuffer *t, const char *key)
{
	char		last = t->used > 0 ? t->begin[t->used - 1] : '{';

	text_put(t, last == '{' ? "\"" : ", \"");
	text_put(t, key);
	text_put(t, "\": ");
}

#endif							/* CV_TEXT_BUFFER_H */
