/*
 * whale.h
 *		The whale curve: cumulative value over customers, the most valuable
 *		first.
 *
 * Kept are the distinct values and how many customers have each, so that
 * whatever is asked of the curve later is exact.  As bytes, at any alignment:
 *
 *		version		one byte, 1
 *		form		one byte: pairs of decimals, 0 to 3, or FORM_REAL
 *		print		eight bytes: the fingerprint of form, count and values
 *		count		of distinct values, an integer as in bytes.h
 *		values		from the highest down
 *
 * A decimal value is an integer: twice its distance from the one before (of
 * the first: twice the folded value), plus one if more than one customer has
 * it; then their number follows.  A value in form REAL is eight bytes of a
 * double, and the number of customers.  There are as few pairs as will do, and
 * doubles that all are decimals are in a decimal form, so equal curves have
 * equal bytes.  The fingerprint tells curves apart that are the same to the
 * eye: whoever keeps a decoded curve from one call to the next knows it by
 * these few bytes, without comparing megabytes.
 */
#ifndef CV_WHALE_H
#define CV_WHALE_H

#include "common/host.h"

#include "common/twofold.h"
#include "segment/values.h"

#define WHALE_VERSION 1
#define FORM_REAL 4

/* What comes before the count. */
#define WHALE_HEAD_SIZE 10

typedef struct Whale
{
	Distribution d;				/* ascending */
	int64	   *customers;		/* [count + 1]: in the i highest values */
	i128	   *sum;			/* [count + 1]: their total, if d.exact */
	Twofold    *real_sum;		/* otherwise */
	int64		gainers;		/* customers with a value above zero */
	int64		losers;			/* and below */
} Whale;

/* Takes the distribution over. */
extern void whale_open(Whale *w, Distribution *d);
extern void whale_close(Whale *w);

/* Total of so many customers from the top: of a decimal curve in its units. */
extern i128 whale_exact_top(const Whale *w, int64 customers);
extern Twofold whale_real_top(const Whale *w, int64 customers);
extern Exact whale_top(const Whale *w, int64 customers);

/* Such a total as a number. */
extern Exact whale_from_units(const Whale *w, i128 total);
extern Exact whale_from_real(Twofold total);

/* The value of the next one, with no more digits than a total has. */
extern Exact whale_value(const Whale *w, int64 customers);

extern size_t whale_max_size(const Whale *w);
extern size_t whale_encode(const Whale *w, uint8 *bytes);

/* Write the fingerprint that bytes should have. */
extern void whale_stamp(uint8 *bytes, size_t length);

/* On failure *why is a sentence. */
extern bool whale_decode(Whale *w, const uint8 *bytes, size_t length, const char **why);

extern char *whale_print(const Whale *w);

/* On failure "why" holds a sentence. */
#define WHALE_WHY_SIZE 200
extern bool whale_parse(Whale *w, const char *text, size_t length, char *why);

#endif							/* CV_WHALE_H */
