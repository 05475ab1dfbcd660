/*
 * wide.c
 *		Unsigned integers of 256 bits: products and text.
 */
#include "common/wide.h"

Wide
wide_product(u128 a, u128 b)
{
	uint64		a0 = (uint64) a;
	uint64		a1 = (uint64) (a >> 64);
	uint64		b0 = (uint64) b;
	uint64		b1 = (uint64) (b >> 64);
	u128		low = (u128) a0 * b0;
	u128		middle = (u128) a0 * b1;
	u128		other = (u128) a1 * b0;
	u128		carried;
	Wide		r;

	/* three numbers below 2^64 each: no overflow */
	carried = (low >> 64) + (uint64) middle + (uint64) other;
	r.low = carried << 64 | (uint64) low;
	r.high = (u128) a1 * b1 + (middle >> 64) + (other >> 64) + (carried >> 64);
	return r;
}

/* Eighteen digits at a time, the last ones first, as long as any are left. */
#define CHUNK UINT64CONST(1000000000000000000)
#define CHUNK_DIGITS 18

int
wide_print(char *out, Wide a)
{
	uint64		limb[4] = {(uint64) a.low, (uint64) (a.low >> 64),
	(uint64) a.high, (uint64) (a.high >> 64)};
	int			limbs = 4;
	char		digits[WIDE_TEXT_SIZE + CHUNK_DIGITS];
	int			n = 0;

	do
	{
		uint64		rest = 0;

		for (int i = limbs; i-- > 0;)
		{
			u128		part = (u128) rest << 64 | limb[i];

			limb[i] = (uint64) (part / CHUNK);
			rest = (uint64) (part % CHUNK);
		}
		for (int i = 0; i < CHUNK_DIGITS; i++, rest /= 10)
			digits[n++] = '0' + (char) (rest % 10);
		while (limbs > 0 && limb[limbs - 1] == 0)
			limbs--;
	} while (limbs > 0);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	for (int i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
	return n;
}
