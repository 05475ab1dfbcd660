/*
 * exact.h
 *		Decimal numbers of any magnitude, exactly: digits times a power of ten.
 *
 * Cut points and totals are kept like this.  Unlike an amount, such a number
 * may have come from a double precision value of 17 digits, from 1e-99 to
 * 1e99, or have been typed in.  Each number has one form: no zero at the end
 * of the digits, and zero has exponent zero; so equal numbers are equal bytes.
 */
#ifndef CV_EXACT_H
#define CV_EXACT_H

#include "common/host.h"

typedef struct Exact
{
	i128		digits;			/* below 10^38 in size */
	int			exponent;		/* of ten */
} Exact;

#define EXACT_MAX_DIGITS 38
#define EXACT_MAX_EXPONENT 400

/* Room for the text of any, with NUL: plain for exponents that are near. */
#define EXACT_TEXT_SIZE 96

/* Room for the bytes of any. */
#define EXACT_MAX_BYTES 32

/* The number digits * 10^-decimals; false if it has too many digits. */
extern bool exact_make(i128 digits, int decimals, Exact *result);

/*
 * Read a JSON number.  False if it is none, or has more than 38 significant
 * digits, or an exponent out of reach.
 */
extern bool exact_parse(const char *text, size_t length, Exact *result);

/* Write it as a JSON number; returns the length. */
extern int	exact_print(char *out, Exact a);

/* The nearest double. */
extern double exact_value(Exact a);

/* A double rounded to so many digits, 17 of which tell any two apart. */
extern Exact exact_from_double(double v, int digits);

/*
 * The shortest decimal that reads back as this double.  Returns its number of
 * digits.
 */
extern int	exact_shortest(double v, Exact *result);

/*
 * A decimal with few digits above a and not above b, apart from both if there
 * is a double between them.
 */
extern Exact exact_between(double a, double b);

extern int	exact_compare(Exact a, Exact b);

/*
 * The least integer v with v * 100^-pairs not below a, limited to 2 * 10^16
 * in size.
 */
extern int64 exact_ceiling(Exact a, int pairs);

extern uint8 *exact_write(uint8 *p, Exact a);

/* NULL if the bytes are not the one form of a number. */
extern const uint8 *exact_read(const uint8 *p, const uint8 *end, Exact *result);

#endif							/* CV_EXACT_H */
