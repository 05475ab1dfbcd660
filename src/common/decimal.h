/*
 * decimal.h
 *		Decimal text of 128-bit integers, without the server.
 */
#ifndef CV_DECIMAL_H
#define CV_DECIMAL_H

#include "common/host.h"

/*
 * One amount of money is below 10^23 in size, 10^29 in millionths: sums over
 * as many days as a value can hold then fit 128 bits.
 */
#define AMOUNT_MAX_DIGITS 23
#define AMOUNT_LIMIT \
	((i128) INT64CONST(100000000000000) * INT64CONST(1000000000000000))

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
