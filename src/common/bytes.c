/*
 * bytes.c
 *		The rare and the careful halves of bytes.h.
 */
#include "common/host.h"

#include "common/bytes.h"

uint8 *
write_long(uint8 *p, u128 v)
{
	int			n = 0;

	Assert(v >= SHORT_INTEGER_LIMIT);
	p[0] = 0;
	while (v != 0)
	{
		p[2 + n++] = (uint8) v;
		v >>= 8;
	}
	p[1] = (uint8) n;
	return p + 2 + n;
}

const uint8 *
read_long(const uint8 *p, u128 *v)
{
	int			n = p[1];

	*v = 0;
	for (int i = n - 1; i >= 0; i--)
		*v = *v << 8 | p[2 + i];
	return p + 2 + n;
}

const uint8 *
read_checked(const uint8 *p, const uint8 *end, u128 *v)
{
	int			n;
	uint64		word = 0;

	if (p >= end)
		return NULL;

	if (p[0] == 0)
	{
		if (end - p < 2 || p[1] < 8 || p[1] > 16 || end - p < 2 + p[1])
			return NULL;
		p = read_long(p, v);
		if (p[-1] == 0 || *v < SHORT_INTEGER_LIMIT)
			return NULL;
		return p;
	}

	n = __builtin_ctz(p[0]) + 1;
	if (end - p < n)
		return NULL;
	for (int i = n - 1; i >= 0; i--)
		word = word << 8 | p[i];
	word >>= n;
	if (short_size(word) != n)
		return NULL;
	*v = word;
	return p + n;
}
