/*
 * decimal.c
 *		Decimal text of 128-bit integers.
 */
#include "common/host.h"

#include "common/decimal.h"

int
decimal_print(char *out, i128 value, int decimals)
{
	char		digits[DECIMAL_TEXT_SIZE];
	int			n = 0;
	char	   *p = out;
	u128		rest = value < 0 ? -(u128) value : (u128) value;

	Assert(decimals >= 0 && decimals <= 38);

	/* least significant digit first, and a zero before the point */
	while (rest > UINT64_MAX)
	{
		digits[n++] = '0' + (char) (rest % 10);
		rest /= 10;
	}
	for (uint64 r = (uint64) rest; r > 0 || n <= decimals; r /= 10)
		digits[n++] = '0' + (char) (r % 10);

	if (value < 0)
		*p++ = '-';
	while (n > 0)
	{
		if (n == decimals)
			*p++ = '.';
		*p++ = digits[--n];
	}
	*p = '\0';
	return (int) (p - out);
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Larger than any text is long: zeros cannot make up for it. */
#define MOST_EXPONENT INT64CONST(10000000000)

static bool
parse_exponent(const char *p, const char *end, int64 *exponent)
{
	bool		negative = false;
	int64		e = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p >= end)
		return false;
	for (; p < end; p++)
	{
		if (!is_digit(*p))
			return false;
		if (e < MOST_EXPONENT)
			e = e * 10 + (*p - '0');
	}
	*exponent = negative ? -e : e;
	return true;
}

/*
 * The digits are taken as one integer without leading zeros, with "shift"
 * saying how many places the point stands to the right of where it was
 * written.  Zeros at the end are held back until a digit follows them, so
 * that 1.5000000000 has one decimal.
 */
DecimalStatus
decimal_parse(const char *text, size_t length, int decimals, i128 *value)
{
	const char *p = text;
	const char *end = text + length;
	bool		negative = false;
	bool		seen_digit = false;
	bool		after_point = false;
	int			ndigits = 0;
	int64		zeros = 0;		/* held back */
	int64		exponent = 0;
	int64		scale = decimals;	/* power of ten still to apply */
	i128		v = 0;

	if (p < end && *p == '-')
	{
		negative = true;
		p++;
	}
	for (; p < end && (is_digit(*p) || *p == '.'); p++)
	{
		if (*p == '.')
		{
			if (after_point || !seen_digit)
				return DECIMAL_SYNTAX;
			after_point = true;
			continue;
		}
		seen_digit = true;
		if (after_point)
			scale--;
		if (*p == '0')
		{
			zeros++;
			continue;
		}
		if (v != 0)
		{
			if (ndigits + zeros >= 38)
				return DECIMAL_TOO_BIG;
			ndigits += (int) zeros;
			for (; zeros > 0; zeros--)
				v *= 10;
		}
		zeros = 0;
		if (++ndigits > 38)
			return DECIMAL_TOO_BIG;
		v = v * 10 + (*p - '0');
	}
	if (!seen_digit || p[-1] == '.')
		return DECIMAL_SYNTAX;
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		if (!parse_exponent(p + 1, end, &exponent))
			return DECIMAL_SYNTAX;
	}
	else if (p < end)
		return DECIMAL_SYNTAX;

	*value = 0;
	if (v == 0)
		return DECIMAL_OK;

	scale += exponent + zeros;
	if (scale < 0)
		return DECIMAL_TOO_FINE;	/* the last digit of v is not zero */
	if (ndigits + scale > 38)
		return DECIMAL_TOO_BIG;
	for (; scale > 0; scale--)
		v *= 10;
	*value = negative ? -v : v;
	return DECIMAL_OK;
}
