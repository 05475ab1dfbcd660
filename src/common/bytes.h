/*
 * bytes.h
 *		Integers in as few bytes as they need, readable at any alignment.
 *
 * An unsigned integer takes one byte for every seven bits.  The number of
 * trailing zero bits of the first byte says how many bytes follow it, so that
 * one unaligned load, one count of zeros and two shifts read any value of up
 * to 56 bits, with no loop and no branch on the length:
 *
 *		xxxxxxx1						 7 bits
 *		xxxxxx10 xxxxxxxx				14 bits
 *		...
 *		10000000 and 7 bytes			56 bits
 *		00000000, n, and n bytes		8n bits, n from 8 to 16 (rare)
 *
 * Bytes are little-endian on every machine.  Signed integers are folded so
 * that small ones of either sign stay short (0, -1, 1, -2 ... -> 0, 1, 2, 3).
 * Each value has exactly one encoding, the shortest.
 */
#ifndef CV_BYTES_H
#define CV_BYTES_H

#include "common/host.h"

/* No integer takes more than this; writers keep as much room. */
#define INTEGER_MAX_BYTES 18

/* Values that fit the branch-free form. */
#define SHORT_INTEGER_LIMIT (UINT64CONST(1) << 56)

static inline uint64
bytes_load64(const uint8 *p)
{
	uint64		word;

	memcpy(&word, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

static inline void
bytes_store64(uint8 *p, uint64 word)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(p, &word, 8);
}

static inline uint64
fold_sign64(int64 v)
{
	return ((uint64) v << 1) ^ (uint64) (v >> 63);
}

static inline int64
unfold_sign64(uint64 u)
{
	return (int64) (u >> 1) ^ -(int64) (u & 1);
}

static inline u128
fold_sign128(i128 v)
{
	return ((u128) v << 1) ^ (u128) (v >> 127);
}

static inline i128
unfold_sign128(u128 u)
{
	return (i128) (u >> 1) ^ -(i128) (u & 1);
}

/* Bytes that write_short() takes for this value. */
static inline int
short_size(uint64 v)
{
	Assert(v < SHORT_INTEGER_LIMIT);
	return (63 - __builtin_clzll(v | 1)) / 7 + 1;
}

/* Write a value below 2^56; touches 8 bytes, returns the end of the value. */
static inline uint8 *
write_short(uint8 *p, uint64 v)
{
	int			n = short_size(v);

	bytes_store64(p, v << n | UINT64CONST(1) << (n - 1));
	return p + n;
}

extern uint8 *write_long(uint8 *p, u128 v);

/* Write any value; the output has INTEGER_MAX_BYTES of room. */
static inline uint8 *
write_integer(uint8 *p, u128 v)
{
	if (likely(v < SHORT_INTEGER_LIMIT))
		return write_short(p, (uint64) v);
	return write_long(p, v);
}

/* How many bytes the value at p takes.  The first two must be readable. */
static inline int
integer_size(const uint8 *p)
{
	if (likely(p[0] != 0))
		return __builtin_ctz(p[0]) + 1;
	return 2 + p[1];
}

extern const uint8 *read_long(const uint8 *p, u128 *v);

/*
 * Read a value from bytes known to be valid, of which at least eight can be
 * loaded.  False: it is a long one, p is unmoved, read_long() reads it.
 */
static inline bool
read_short(const uint8 **p, uint64 *v)
{
	uint64		word = bytes_load64(*p);
	int			n;

	if (unlikely((word & 0xff) == 0))
		return false;
	n = __builtin_ctzll(word) + 1;
	*v = (word << (64 - 8 * n)) >> (64 - 7 * n);
	*p += n;
	return true;
}

/*
 * Read a value from bytes not to be trusted.  NULL: cut off, or not the
 * shortest form.
 */
extern const uint8 *read_checked(const uint8 *p, const uint8 *end, u128 *v);

#endif							/* CV_BYTES_H */
