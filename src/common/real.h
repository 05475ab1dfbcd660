/*
 * real.h
 *		Text of doubles, without the server: what is written reads back the
 *		same to the last bit.
 */
#ifndef CV_REAL_H
#define CV_REAL_H

#include "common/host.h"

/* Room for any finite double: sign, 17 digits, point, exponent, NUL. */
#define REAL_TEXT_SIZE 32

/*
 * Write a finite double in the fewest digits that read back as the same, as a
 * JSON number; returns the length.
 */
extern int	real_print(char *out, double v);

/*
 * Read a JSON number that the JSON reader has passed.  False if it is too
 * large for a double, or so small that it would become zero.
 */
extern bool real_parse(const char *text, size_t length, double *v);

#endif							/* CV_REAL_H */
