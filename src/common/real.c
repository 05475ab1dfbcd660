/*
 * real.c
 *		Doubles as text, without the server.
 */
#include "common/real.h"

#include <math.h>

/* A number that needs more characters than this was not written by anybody. */
#define LONGEST_NUMBER 400

int
real_print(char *out, double v)
{
	int			length = 0;

	for (int digits = 15; digits <= 17; digits++)
	{
		length = snprintf(out, REAL_TEXT_SIZE, "%.*g", digits, v);
		if (strtod(out, NULL) == v)
			break;
	}
	return length;
}

bool
real_parse(const char *text, size_t length, double *v)
{
	char		copy[LONGEST_NUMBER + 1];

	if (length > LONGEST_NUMBER)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	*v = strtod(copy, NULL);
	return isfinite(*v);
}
