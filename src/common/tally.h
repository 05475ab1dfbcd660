/*
 * tally.h
 *		Counts and exact totals by key: the GROUP BY of aggregates that answer
 *		with a table.
 *
 * A key is a few parts one behind the other, each an integer, a text or NULL,
 * written so that the order of the bytes is the order of the parts: integers by
 * size, texts by their bytes, NULL last.  Sums are exact, so no order of rows
 * matters.
 */
#ifndef CV_TALLY_H
#define CV_TALLY_H

#include "common/host.h"

#include "common/names.h"

#define TALLY_MAX_WIDTH 40

/* All zeros but for the width is empty; memory is that of whoever calls. */
typedef struct Tally
{
	int			width;			/* totals for each key */
	Names		keys;
	int64	   *count;			/* of each key, in order of arrival */
	i128	   *total;			/* width of them for each key */
	int			entered;		/* keys whose totals are there */
	int			room;
} Tally;

/* The number of a key, which is entered with zeros if it is new. */
extern int	tally_key(Tally *t, const char *key, size_t length);

static inline i128 *
tally_totals(const Tally *t, int number)
{
	return &t->total[(size_t) number * t->width];
}

/* False: past 128 bits. */
static inline bool
tally_add(i128 *total, i128 amount)
{
	__int128	sum;

	if (unlikely(__builtin_add_overflow((__int128) * total, (__int128) amount, &sum)))
		return false;
	*total = sum;
	return true;
}

/* Add all of another one of the same width; false: past 128 bits. */
extern bool tally_merge(Tally *into, const Tally *from);

/* Numbers of the keys in their order. */
extern int *tally_sorted(const Tally *t);

extern void tally_free(Tally *t);

/*
 * Parts of keys.
 */
#define TALLY_INTEGER_LENGTH 9

/* Returns the end. */
extern char *tally_write_integer(char *p, int64 v);
extern char *tally_write_null(char *p);

/* Takes length + 2 bytes; the text holds no zero byte. */
extern char *tally_write_text(char *p, const char *text, size_t length);

typedef struct TallyPart
{
	enum
	{
		TALLY_INTEGER,
		TALLY_TEXT,
		TALLY_NULL
	}			kind;
	int64		integer;
	const char *text;
	size_t		length;
} TallyPart;

/* Reads a part; NULL if there is none there, else the end. */
extern const char *tally_read_part(const char *p, const char *end, TallyPart *part);

#endif							/* CV_TALLY_H */
