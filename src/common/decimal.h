/*
 * decimal.h
 *		Decimal text of 128-bit integers, without the server.
 */
#ifndef CV_DECIMAL_H
#define CV_DECIMAL_H

#include "common/host.h"

/* Room for any scaled 128-bit integer: sign, 39 digits, point, zero, NUL. */
#define DECIMAL_TEXT_SIZE 48

/*
 * Write value * 10^-decimals as plain decimal text with exactly that many
 * decimals; returns the length.
 */
extern int	decimal_print(char *out, i128 value, int decimals);

typedef enum DecimalStatus
{
	DECIMAL_OK,
	DECIMAL_SYNTAX,
	DECIMAL_TOO_FINE,			/* a non-zero digit after "decimals" */
	DECIMAL_TOO_BIG
} DecimalStatus;

/*
 * Read a JSON number (an exponent is allowed) as an integer count of
 * 10^-decimals, |result| < 10^38.
 */
extern DecimalStatus decimal_parse(const char *text, size_t length,
								   int decimals, i128 *value);

#endif							/* CV_DECIMAL_H */
