/*
 * host.h
 *		What the pure computation asks of whoever runs it: memory, a way to be
 *		interrupted, integer types.
 *
 * Inside the server these are palloc and CHECK_FOR_INTERRUPTS.  With
 * CV_STANDALONE defined (unit tests, fuzzers) they are malloc and nothing, so
 * that the pure files compile and run without PostgreSQL.  A pure file
 * includes this header first and no other header of the server.
 */
#ifndef CV_HOST_H
#define CV_HOST_H

#ifdef CV_STANDALONE

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int16_t int16;
typedef int32_t int32;
typedef int64_t int64;
typedef uint8_t uint8;
typedef uint16_t uint16;
typedef uint32_t uint32;
typedef uint64_t uint64;

#define FLEXIBLE_ARRAY_MEMBER
#define Assert(condition) assert(condition)
#define Min(x, y) ((x) < (y) ? (x) : (y))
#define Max(x, y) ((x) > (y) ? (x) : (y))
#define INT64CONST(x) INT64_C(x)
#define UINT64CONST(x) UINT64_C(x)
#define likely(x) __builtin_expect((x) != 0, 1)
#define unlikely(x) __builtin_expect((x) != 0, 0)
#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

static inline void *
cv_must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

#define cv_alloc(size) cv_must(malloc((size) > 0 ? (size) : 1))
#define cv_realloc(p, size) cv_must(realloc((p), (size) > 0 ? (size) : 1))
#define cv_free(p) free(p)
#define cv_check_interrupts() ((void) 0)

/* Text is UTF-8. */
static inline int
cv_put_code_point(char *out, uint32 code)
{
	int			more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
	static const uint8 lead[] = {0, 0xc0, 0xe0, 0xf0};

	out[0] = (char) (lead[more] | code >> (6 * more));
	for (int i = 1; i <= more; i++)
		out[i] = (char) (0x80 | (code >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

static inline size_t
cv_clip_length(const char *text, size_t length, size_t most)
{
	if (length <= most)
		return length;
	while (most > 0 && ((unsigned char) text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

#else

#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/*
 * Requests past 1 GB are allowed here: whoever stores the result bounds it.
 */
#define cv_alloc(size) \
	MemoryContextAllocHuge(CurrentMemoryContext, (size))
#define cv_realloc(p, size) repalloc_huge((p), (size))
#define cv_free(p) pfree(p)
#define cv_check_interrupts() CHECK_FOR_INTERRUPTS()

/*
 * Write a Unicode code point as text, at most four bytes; returns how many.
 * An error if the database's encoding does not have it.
 */
static inline int
cv_put_code_point(char *out, uint32 code)
{
	unsigned char text[MAX_UNICODE_EQUIVALENT_STRING + 1];
	int			length;

	pg_unicode_to_server((pg_wchar) code, text);
	length = (int) strlen((char *) text);
	memcpy(out, text, length);
	return length;
}

/* The length of text cut to at most so many bytes, but not within a character. */
static inline size_t
cv_clip_length(const char *text, size_t length, size_t most)
{
	return length <= most ? length :
		(size_t) pg_mbcliplen(text, (int) Min(length, most + 8), (int) most);
}

#endif

#ifndef __SIZEOF_INT128__
#error "customer_value needs a compiler with 128-bit integers (gcc or clang on a 64-bit machine)"
#endif

/*
 * palloc aligns to 8 bytes only, so a 128-bit integer that may live in
 * allocated memory must not claim 16.
 */
typedef __int128 i128 __attribute__((aligned(8)));
typedef unsigned __int128 u128 __attribute__((aligned(8)));

#endif							/* CV_HOST_H */
