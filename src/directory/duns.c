/*
 * duns.c
 *		D-U-N-S numbers: nine digits, read and written.
 */
#include "common/host.h"

#include "directory/duns.h"

/* What the parsers of core take for white space, in every locale. */
static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of the character here, which may be one of several. */
static size_t
character_length(const char *text, size_t left)
{
	size_t		most = 1;
	size_t		length;

	while ((length = cv_clip_length(text, left, most)) == 0)
		most++;
	return length;
}

static bool
not_a_digit(DunsTextError *error, const char *text, const char *end)
{
	error->problem = DUNS_NOT_A_DIGIT;
	error->character = text;
	error->length = character_length(text, (size_t) (end - text));
	return false;
}

bool
duns_parse(const char *text, size_t length, int32 *duns, DunsTextError *error)
{
	const char *end = text + length;
	const char *hyphen = NULL;	/* the last one, as long as no digit follows */
	int64		value = 0;

	memset(error, 0, sizeof(DunsTextError));
	for (; text < end; text++)
	{
		if (is_digit(*text))
		{
			if (error->digits++ < DUNS_DIGITS)
				value = 10 * value + (*text - '0');
			hyphen = NULL;
		}
		else if (*text == '-' && error->digits > 0)
			hyphen = text;
		else if (!is_space(*text))
			return not_a_digit(error, text, end);
	}
	if (hyphen)
		return not_a_digit(error, hyphen, end);
	if (error->digits != DUNS_DIGITS)
	{
		error->problem = DUNS_NOT_NINE_DIGITS;
		return false;
	}
	*duns = (int32) value;
	return true;
}

void
duns_print(char *text, int32 duns)
{
	uint32		left = (uint32) duns;

	text[DUNS_DIGITS] = '\0';
	for (int i = DUNS_DIGITS - 1; i >= 0; i--)
	{
		text[i] = (char) ('0' + left % 10);
		left /= 10;
	}
}
