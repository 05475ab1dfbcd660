/*
 * segment_test.h
 *		Mutating the bytes and texts of segmentations of any form: what is
 *		accepted must come back the same.
 */
#ifndef CV_SEGMENT_TEST_H
#define CV_SEGMENT_TEST_H

#include "common/host.h"

#include "segment/segmentation.h"

#include "mutate.h"
#include "random.h"

/* Is a segmentation the same, as bytes, when its text has been read? */
static inline bool
same_by_text(const Segmentation *s, const uint8 *bytes, size_t length)
{
	SegmentationError error;
	char	   *text = segmentation_print(s);
	Segmentation *back = segmentation_parse(text, strlen(text), &error);
	/* no text has that character, but bytes that were damaged may */
	bool		same = strstr(text, "\\u0000") != NULL;

	if (back)
	{
		uint8	   *again = cv_alloc(segmentation_max_size(back));

		same = segmentation_encode(back, again) == length && memcmp(again, bytes, length) == 0;
		cv_free(again);
		segmentation_free(back);
	}
	if (!same)
		printf("# %s: %s\n", text, back ? "differs" : error.detail);
	cv_free(text);
	return same;
}

/* Bytes that are accepted must come back the same, through text, too. */
static inline bool
bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_decode(bytes, length, &error);
	uint8	   *again;
	bool		same = true;

	*accepted = s != NULL && segmentation_check(s, &error);
	if (*accepted)
	{
		again = cv_alloc(segmentation_max_size(s));
		same = segmentation_encode(s, again) == length && memcmp(again, bytes, length) == 0 &&
			same_by_text(s, bytes, length);
		cv_free(again);
	}
	if (s)
		segmentation_free(s);
	return same;
}

/* A text that is accepted must print as one that prints the same. */
static inline bool
text_holds(const char *text, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_parse(text, length, &error);
	Segmentation *back;
	char	   *printed;
	char	   *twice;
	bool		same;

	*accepted = s != NULL;
	if (s == NULL)
		return true;
	printed = segmentation_print(s);
	back = segmentation_parse(printed, strlen(printed), &error);
	twice = back ? segmentation_print(back) : NULL;
	same = twice && strcmp(printed, twice) == 0;
	cv_free(printed);
	cv_free(twice);
	if (back)
		segmentation_free(back);
	segmentation_free(s);
	return same;
}

/*
 * Bytes and text of a segmentation round-trip, and so many mutants of each
 * hold.  Memory of exactly their size, so that reading past is seen.
 */
static inline bool
segmentation_holds(const Segmentation *s, int mutants, int *mutants_accepted)
{
	uint8	   *bytes = cv_alloc(segmentation_max_size(s));
	size_t		length = segmentation_encode(s, bytes);
	char	   *text = segmentation_print(s);
	bool		accepted;
	bool		good;

	good = length <= segmentation_max_size(s) &&
		bytes_hold(bytes, length, &accepted) && accepted &&
		text_holds(text, strlen(text), &accepted) && accepted;
	for (int i = 0; i < 2 * mutants; i++)
	{
		const void *original = i % 2 ? (void *) text : (void *) bytes;
		size_t		size = i % 2 ? strlen(text) : length;
		uint8	   *mutant = cv_alloc(size);

		memcpy(mutant, original, size);
		mutate(mutant, &size);
		mutant = cv_realloc(mutant, size);
		good &= i % 2 ? text_holds((char *) mutant, size, &accepted) :
			bytes_hold(mutant, size, &accepted);
		*mutants_accepted += accepted;
		cv_free(mutant);
	}
	cv_free(bytes);
	cv_free(text);
	return good;
}

#endif							/* CV_SEGMENT_TEST_H */
