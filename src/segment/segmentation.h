/*
 * segmentation.h
 *		A rule that says which segment a value belongs to.
 *
 * Segment 1 holds the highest values.  Cut point i, counted from 0, is the
 * lower bound of segment i + 1; cut points descend.  The last segment has no
 * lower bound: k segments have k - 1 cut points.
 *
 * As bytes, at any alignment:
 *
 *		version		one byte, 1
 *		method, scale, flags
 *					one byte each
 *		k			an integer as in bytes.h
 *		cut points	k - 1 numbers as in exact.h
 *		unit		with the asinh scale: what values are divided by first
 *		cut_at		with FLAG_CUT_AT: the cut that was asked for
 *		min_customers
 *					with FLAG_MIN_CUSTOMERS: an integer
 *		labels		with FLAG_LABELS: k times a length and that many bytes
 *		summary		with FLAG_SUMMARY: for each segment the number of its
 *					customers, their total, the lowest and the highest value;
 *					then the total and within sums of squares, raw and on the
 *					scale used, as four doubles
 *
 * Equal segmentations have equal bytes.
 */
#ifndef CV_SEGMENTATION_H
#define CV_SEGMENTATION_H

#include "common/host.h"

#include "segment/exact.h"

#define SEGMENTATION_VERSION 1
#define SEGMENTATION_MAX_SEGMENTS 1000
#define SEGMENTATION_MAX_LABEL 255	/* bytes */

/* Stored: append only. */
typedef enum SegmentMethod
{
	METHOD_FIXED,
	METHOD_NATURAL_BREAKS,
	METHOD_VALUE_SEGMENTS
} SegmentMethod;

typedef enum SegmentScale
{
	SCALE_LINEAR,
	SCALE_ASINH
} SegmentScale;

typedef struct SegmentLabel
{
	const char *text;			/* not terminated */
	size_t		length;
} SegmentLabel;

/* What is known about the customers a segmentation was made from. */
typedef struct SegmentSummary
{
	int64		customers;
	Exact		total;
	Exact		lowest;
	Exact		highest;
} SegmentSummary;

typedef struct SegmentSquares
{
	double		total;
	double		within;
} SegmentSquares;

typedef struct Segmentation
{
	SegmentMethod method;
	SegmentScale scale;
	int			k;
	Exact	   *cut;			/* [k - 1], descending */
	Exact		unit;			/* with SCALE_ASINH */
	bool		has_cut_at;
	Exact		cut_at;
	int64		min_customers;	/* 0: none was asked for */
	SegmentLabel *label;		/* [k] or NULL */
	SegmentSummary *summary;	/* [k] or NULL */
	SegmentSquares raw;			/* with a summary */
	SegmentSquares used;
} Segmentation;

/* Why a text or bytes are not a segmentation. */
typedef struct SegmentationError
{
	char		detail[240];
} SegmentationError;

extern void segmentation_init(Segmentation *s, int k);
extern void segmentation_add_labels(Segmentation *s);
extern void segmentation_add_summary(Segmentation *s);
extern void segmentation_free(Segmentation *s);

/* Is it consistent?  Every way to make one ends here. */
extern bool segmentation_check(const Segmentation *s, SegmentationError *error);

/* Bytes; labels of a decoded one point into them. */
extern size_t segmentation_max_size(const Segmentation *s);
extern size_t segmentation_encode(const Segmentation *s, uint8 *bytes);
extern bool segmentation_decode(Segmentation *s, const uint8 *bytes, size_t length,
								SegmentationError *error);

/*
 * Text.  Labels of a parsed one are copies, which segmentation_free() does not
 * know of.
 */
extern char *segmentation_print(const Segmentation *s);
extern bool segmentation_parse(Segmentation *s, const char *text, size_t length,
							   SegmentationError *error);

/* What a segment (from 1) is called when nobody gave it a name. */
extern int	segmentation_default_label(char *out, size_t size,
									   const Segmentation *s, int number);

/*
 * Cut points prepared for comparison: as doubles, and for values that are
 * integers of 100^-pairs as integers.
 */
typedef struct SegmentFinder
{
	int			ncuts;
	double	   *real;
	int64	   *integer[4];
} SegmentFinder;

/* One piece of memory, for cv_free(). */
extern SegmentFinder *segment_finder_make(const Segmentation *s);

static inline int
segment_of_integer(const SegmentFinder *finder, int64 value, int pairs)
{
	const int64 *cut = finder->integer[pairs];
	int			low = 0;
	int			high = finder->ncuts;

	while (high - low > 8)
	{
		int			mid = (low + high) / 2;

		if (value >= cut[mid])
			high = mid;
		else
			low = mid + 1;
	}
	while (low < high && value < cut[low])
		low++;
	return low + 1;
}

static inline int
segment_of_double(const SegmentFinder *finder, double value)
{
	const double *cut = finder->real;
	int			low = 0;
	int			high = finder->ncuts;

	while (high - low > 8)
	{
		int			mid = (low + high) / 2;

		if (value >= cut[mid])
			high = mid;
		else
			low = mid + 1;
	}
	while (low < high && value < cut[low])
		low++;
	return low + 1;
}

#endif							/* CV_SEGMENTATION_H */
