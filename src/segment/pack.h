/*
 * pack.h
 *		The parts that the bytes of segmentations are made of.
 *
 * Readers take NULL for "failed before" and return NULL if they fail, so that
 * a row of them needs one check at the end.
 */
#ifndef CV_PACK_H
#define CV_PACK_H

#include "common/host.h"

#include <math.h>

#include "common/bytes.h"
#include "segment/exact.h"

static inline uint8 *
write_double(uint8 *p, double v)
{
	uint64		bits;

	v += 0.0;
	memcpy(&bits, &v, sizeof(bits));
	bytes_store64(p, bits);
	return p + 8;
}

/*
 * Infinity and NaN are in no segmentation; which numbers are allowed is
 * checked afterwards.
 */
static inline const uint8 *
read_double(const uint8 *p, const uint8 *end, double *v)
{
	uint64		bits;

	if (p == NULL || end - p < 8)
		return NULL;
	bits = bytes_load64(p);
	memcpy(v, &bits, sizeof(bits));
	return isfinite(*v) ? p + 8 : NULL;
}

/* An integer up to a limit. */
static inline const uint8 *
read_limited(const uint8 *p, const uint8 *end, uint64 limit, uint64 *v)
{
	u128		wide;

	if (p == NULL || (p = read_checked(p, end, &wide)) == NULL || wide > limit)
		return NULL;
	*v = (uint64) wide;
	return p;
}

static inline const uint8 *
read_exact(const uint8 *p, const uint8 *end, Exact *v)
{
	return p == NULL ? NULL : exact_read(p, end, v);
}

static inline uint8 *
write_text(uint8 *p, const char *text, size_t length)
{
	p = write_integer(p, length);
	memcpy(p, text, length);
	return p + length;
}

/* The text points into the bytes. */
static inline const uint8 *
read_text(const uint8 *p, const uint8 *end, size_t most, const char **text, size_t *length)
{
	uint64		size = 0;

	p = read_limited(p, end, most, &size);
	if (p == NULL || (uint64) (end - p) < size)
		return NULL;
	*text = (const char *) p;
	*length = (size_t) size;
	return p + size;
}

#endif							/* CV_PACK_H */
