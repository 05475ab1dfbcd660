/*
 * real.c
 *		Text of doubles.
 *
 * The C library rounds correctly both ways, and the server keeps its numbers
 * in the locale "C", so that the point is a point.
 */
#include "common/host.h"

#include <float.h>
#include <math.h>

#include "common/real.h"

int
real_print(char *out, double v)
{
	/* below DBL_MIN there are fewer bits than 15 digits hold */
	int			digits = fabs(v) < DBL_MIN ? 1 : DBL_DIG;
	int			length;

	Assert(isfinite(v));
	do
		length = snprintf(out, REAL_TEXT_SIZE, "%.*g", digits, v);
	while (digits++ < DBL_DIG + 2 && strtod(out, NULL) != v);
	return length;
}

/* Are all digits before the exponent 0? */
static bool
is_zero(const char *text)
{
	return strcspn(text, "123456789") >= strcspn(text, "eE");
}

bool
real_parse(const char *text, size_t length, double *v)
{
	char	   *copy = cv_alloc(length + 1);
	bool		fits;

	/* strtod() wants an end */
	memcpy(copy, text, length);
	copy[length] = '\0';
	*v = strtod(copy, NULL);
	fits = isfinite(*v) && (*v != 0.0 || is_zero(copy));
	cv_free(copy);
	return fits;
}
