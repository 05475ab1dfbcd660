/*
 * exact.c
 *		Decimal numbers of any magnitude, exactly.
 */
#include "segment/exact.h"

#include <math.h>

#include "common/bytes.h"
#include "common/decimal.h"

/* Beyond what a value read by amount_fast() can reach. */
#define CEILING_LIMIT INT64CONST(20000000000000000)

static i128
power_of_ten(int n)
{
	i128		p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

static int
count_digits(i128 v)
{
	u128		rest = v < 0 ? -(u128) v : (u128) v;
	int			n = 0;

	for (; rest > UINT64_MAX; rest /= 10)
		n++;
	for (uint64 narrow = (uint64) rest; narrow > 0; narrow /= 10)
		n++;
	return n;
}

bool
exact_make(i128 digits, int decimals, Exact *result)
{
	int			exponent = -decimals;

	if (digits == 0)
		exponent = 0;
	else if (digits <= INT64_MAX && digits >= INT64_MIN)
	{
		int64		narrow = (int64) digits;

		for (; narrow % 10 == 0; narrow /= 10)
			exponent++;
		digits = narrow;
	}
	else
	{
		while (digits % 10 == 0)
		{
			digits /= 10;
			exponent++;
		}
	}
	result->digits = digits;
	result->exponent = exponent;
	return count_digits(digits) <= EXACT_MAX_DIGITS &&
		exponent >= -EXACT_MAX_EXPONENT && exponent <= EXACT_MAX_EXPONENT;
}

bool
exact_parse(const char *text, size_t length, Exact *result)
{
	const char *p = text;
	const char *end = text + length;
	bool		negative = false;
	bool		seen_digit = false;
	bool		after_point = false;
	int			zeros = 0;		/* held back */
	int			ndigits = 0;
	int64		exponent = 0;
	i128		v = 0;

	if (p < end && *p == '-')
	{
		negative = true;
		p++;
	}
	for (; p < end && ((*p >= '0' && *p <= '9') || (*p == '.' && seen_digit && !after_point)); p++)
	{
		if (*p == '.')
		{
			after_point = true;
			continue;
		}
		seen_digit = true;
		if (after_point)
			exponent--;
		if (*p == '0')
		{
			zeros++;
			continue;
		}
		if (v != 0)
		{
			ndigits += zeros;
			if (ndigits >= EXACT_MAX_DIGITS)
				return false;
			for (; zeros > 0; zeros--)
				v *= 10;
		}
		zeros = 0;
		if (++ndigits > EXACT_MAX_DIGITS)
			return false;
		v = v * 10 + (*p - '0');
	}
	if (!seen_digit || p[-1] == '.')
		return false;
	exponent += zeros;
	if (p < end && (*p == 'e' || *p == 'E'))
	{
		bool		minus = false;
		int64		e = 0;

		if (++p < end && (*p == '+' || *p == '-'))
			minus = *p++ == '-';
		if (p == end)
			return false;
		for (; p < end && *p >= '0' && *p <= '9'; p++)
			e = Min(e * 10 + (*p - '0'), 1000000);
		exponent += minus ? -e : e;
	}
	if (p < end)
		return false;
	result->digits = negative ? -v : v;
	result->exponent = v == 0 ? 0 : (int) Max(-100000, Min(100000, exponent));
	return result->exponent >= -EXACT_MAX_EXPONENT &&
		result->exponent <= EXACT_MAX_EXPONENT;
}

/*
 * Plain where that takes no more than forty places, otherwise with an
 * exponent.
 */
int
exact_print(char *out, Exact a)
{
	int			ndigits = count_digits(a.digits);
	int			length;

	if (a.exponent >= 0 && ndigits + a.exponent <= 24)
	{
		length = decimal_print(out, a.digits, 0);
		for (int i = 0; i < a.exponent; i++)
			out[length++] = '0';
		out[length] = '\0';
		return length;
	}
	if (a.exponent < 0 && a.exponent >= -38 && -a.exponent - ndigits <= 12)
		return decimal_print(out, a.digits, -a.exponent);
	length = decimal_print(out, a.digits, 0);
	return length + snprintf(out + length, EXACT_TEXT_SIZE - length, "e%d", a.exponent);
}

double
exact_value(Exact a)
{
	char		text[EXACT_TEXT_SIZE];

	/* both parts exact, so the quotient or product is rounded once */
	if (a.digits <= INT64CONST(1) << 53 && a.digits >= -(INT64CONST(1) << 53))
	{
		if (a.exponent <= 0 && a.exponent >= -18)
			return (double) (int64) a.digits / (double) (int64) power_of_ten(-a.exponent);
	}
	exact_print(text, a);
	return strtod(text, NULL);
}

Exact
exact_from_double(double v, int digits)
{
	char		text[64];
	Exact		result;
	int			length = snprintf(text, sizeof(text), "%.*e", digits - 1, v);

	if (!exact_parse(text, (size_t) length, &result))
	{
		/* not finite: the callers see to that */
		Assert(false);
		result.digits = 0;
		result.exponent = 0;
	}
	return result;
}

int
exact_shortest(double v, Exact *result)
{
	for (int digits = 15; digits < 17; digits++)
	{
		*result = exact_from_double(v, digits);
		if (exact_value(*result) == v)
			return digits;
	}
	*result = exact_from_double(v, 17);
	return 17;
}

Exact
exact_between(double a, double b)
{
	double		middle = a + (b - a) / 2.0;
	Exact		result;

	/* cents would be too coarse, so no more than 17 digits are needed */
	for (int digits = 1; digits <= 17; digits++)
	{
		double		v;

		result = exact_from_double(middle, digits);
		v = exact_value(result);
		if (v > a && v < b)
			return result;
	}
	/* neighbours: nothing lies between */
	exact_shortest(b, &result);
	return result;
}

int
exact_compare(Exact a, Exact b)
{
	int			sign_a = (a.digits > 0) - (a.digits < 0);
	int			sign_b = (b.digits > 0) - (b.digits < 0);
	int			length_a = count_digits(a.digits);
	int			length_b = count_digits(b.digits);

	if (sign_a != sign_b)
		return sign_a < sign_b ? -1 : 1;
	if (sign_a == 0)
		return 0;
	/* the place of the first digit decides, then all digits side by side */
	if (length_a + a.exponent != length_b + b.exponent)
		return (length_a + a.exponent < length_b + b.exponent) == (sign_a > 0) ? -1 : 1;
	a.digits *= power_of_ten(EXACT_MAX_DIGITS - length_a);
	b.digits *= power_of_ten(EXACT_MAX_DIGITS - length_b);
	return a.digits < b.digits ? -1 : a.digits > b.digits;
}

int64
exact_ceiling(Exact a, int pairs)
{
	int			shift = a.exponent + 2 * pairs;
	i128		v = a.digits;

	if (v == 0)
		return 0;
	if (count_digits(v) + shift > 17)
		return v > 0 ? CEILING_LIMIT : -CEILING_LIMIT;
	if (shift >= 0)
		v *= power_of_ten(shift);
	else if (shift < -EXACT_MAX_DIGITS)
		v = v > 0 ? 1 : 0;
	else
	{
		i128		unit = power_of_ten(-shift);
		i128		whole = v / unit;	/* towards zero */

		v = whole + (v > 0 && whole * unit != v);
	}
	return (int64) Max(-CEILING_LIMIT, Min(CEILING_LIMIT, v));
}

uint8 *
exact_write(uint8 *p, Exact a)
{
	p = write_integer(p, fold_sign64(a.exponent));
	return write_integer(p, fold_sign128(a.digits));
}

const uint8 *
exact_read(const uint8 *p, const uint8 *end, Exact *result)
{
	u128		exponent;
	u128		digits;

	if ((p = read_checked(p, end, &exponent)) == NULL ||
		(p = read_checked(p, end, &digits)) == NULL ||
		exponent > 2 * EXACT_MAX_EXPONENT)
		return NULL;
	result->exponent = (int) unfold_sign64((uint64) exponent);
	result->digits = unfold_sign128(digits);
	if (count_digits(result->digits) > EXACT_MAX_DIGITS ||
		(result->digits % 10 == 0 && (result->digits != 0 || result->exponent != 0)))
		return NULL;
	return p;
}
