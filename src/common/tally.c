/*
 * tally.c
 *		Counts and exact totals by key.
 */
#include "common/host.h"

#include "common/tally.h"

/* What a part begins with; in this order, so that NULL is last. */
#define MARK_INTEGER 1
#define MARK_TEXT 2
#define MARK_NULL 3

static void
grow(Tally *t)
{
	bool		first = t->room == 0;

	t->room = first ? 8 : 2 * t->room;
	t->count = first ? cv_alloc((size_t) t->room * sizeof(int64)) :
		cv_realloc(t->count, (size_t) t->room * sizeof(int64));
	t->total = first ? cv_alloc((size_t) t->room * t->width * sizeof(i128)) :
		cv_realloc(t->total, (size_t) t->room * t->width * sizeof(i128));
}

int
tally_key(Tally *t, const char *key, size_t length)
{
	int			number = names_add(&t->keys, key, length);

	if (number >= t->room)
		grow(t);
	if (unlikely(t->entered <= number))
	{
		t->count[number] = 0;
		memset(tally_totals(t, number), 0, (size_t) t->width * sizeof(i128));
		t->entered = number + 1;
	}
	return number;
}

bool
tally_merge(Tally *into, const Tally *from)
{
	Assert(into->width == from->width);
	for (int i = 0; i < from->keys.count; i++)
	{
		const KnownName *key = &from->keys.name[i];
		int			number = tally_key(into, key->text, key->length);
		i128	   *total = tally_totals(into, number);

		cv_check_interrupts();
		into->count[number] += from->count[i];
		for (int j = 0; j < into->width; j++)
		{
			if (!tally_add(&total[j], tally_totals(from, i)[j]))
				return false;
		}
	}
	return true;
}

int *
tally_sorted(const Tally *t)
{
	return names_sorted(&t->keys);
}

void
tally_free(Tally *t)
{
	int			width = t->width;

	names_free(&t->keys);
	if (t->room > 0)
	{
		cv_free(t->count);
		cv_free(t->total);
	}
	memset(t, 0, sizeof(Tally));
	t->width = width;
}

/*
 * Parts of keys
 */

char *
tally_write_integer(char *p, int64 v)
{
	uint64		shifted = (uint64) v ^ UINT64CONST(1) << 63;

	*p++ = MARK_INTEGER;
	for (int i = 7; i >= 0; i--)
		*p++ = (char) (shifted >> (8 * i));
	return p;
}

char *
tally_write_null(char *p)
{
	*p++ = MARK_NULL;
	return p;
}

/* The zero byte behind a text makes a shorter one come first. */
char *
tally_write_text(char *p, const char *text, size_t length)
{
	*p++ = MARK_TEXT;
	memcpy(p, text, length);
	p += length;
	*p++ = '\0';
	return p;
}

const char *
tally_read_part(const char *p, const char *end, TallyPart *part)
{
	memset(part, 0, sizeof(TallyPart));
	if (p >= end)
		return NULL;
	switch (*p++)
	{
		case MARK_INTEGER:
			{
				uint64		shifted = 0;

				if (end - p < 8)
					return NULL;
				for (int i = 0; i < 8; i++)
					shifted = shifted << 8 | (uint8) *p++;
				part->kind = TALLY_INTEGER;
				part->integer = (int64) (shifted ^ UINT64CONST(1) << 63);
				return p;
			}
		case MARK_TEXT:
			{
				const char *zero = memchr(p, '\0', (size_t) (end - p));

				if (zero == NULL)
					return NULL;
				part->kind = TALLY_TEXT;
				part->text = p;
				part->length = (size_t) (zero - p);
				return zero + 1;
			}
		case MARK_NULL:
			part->kind = TALLY_NULL;
			return p;
		default:
			return NULL;
	}
}
