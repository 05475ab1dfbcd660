/*
 * duns.h
 *		D-U-N-S numbers: nine digits, read and written.
 *
 * A number is kept as the integer its digits make; its leading zeros are those
 * that are missing from nine digits.  All nine digits are a number of their
 * own right: Dun & Bradstreet gave up the check digit about 2006, so there is
 * nothing else to check.
 */
#ifndef CV_DUNS_H
#define CV_DUNS_H

#include "common/host.h"

#define DUNS_DIGITS 9
#define DUNS_MAX 999999999

/* Digits and the NUL after them. */
#define DUNS_TEXT_SIZE (DUNS_DIGITS + 1)

typedef enum DunsTextProblem
{
	DUNS_FINE,
	DUNS_NOT_A_DIGIT,			/* nor a hyphen or space where one may stand */
	DUNS_NOT_NINE_DIGITS
} DunsTextProblem;

typedef struct DunsTextError
{
	DunsTextProblem problem;
	const char *character;		/* where it stands in the text, ... */
	size_t		length;			/* ... and its bytes */
	size_t		digits;			/* how many there are */
} DunsTextError;

/*
 * Reads nine digits, with white space anywhere and hyphens between digits.
 * False, and why, if they are not that.
 */
extern bool duns_parse(const char *text, size_t length, int32 *duns, DunsTextError *error);

/* Writes nine digits and a NUL. */
extern void duns_print(char *text, int32 duns);

/* Whether an integer is such a number. */
static inline bool
duns_check(int64 v)
{
	return v >= 0 && v <= DUNS_MAX;
}

#endif							/* CV_DUNS_H */
