/*
 * cuts.h
 *		Segmentations by cut points: which segment a value belongs to.
 *
 * Segment 1 holds the highest values.  Cut point i, counted from 0, is the
 * lower bound of segment i + 1; cut points descend.  The last segment has no
 * lower bound: k segments have k - 1 cut points.  Only share_breaks may make
 * neighbouring cut points equal, and a segment without customers.
 *
 * As bytes, after those of all forms (segmentation.h):
 *
 *		scale, flags
 *					one byte each
 *		cut points	k - 1 numbers as in exact.h
 *		unit		with the asinh scale: what values are divided by first
 *		cut_at		with FLAG_CUT_AT: the cut that was asked for
 *		min_customers
 *					with FLAG_MIN_CUSTOMERS: an integer
 *		summary		with FLAG_SUMMARY: for each segment the number of its
 *					customers and, unless that is 0, their total, the lowest
 *					and the highest value; then the total and within sums of
 *					squares, raw and on the scale used, as four doubles
 */
#ifndef CV_CUTS_H
#define CV_CUTS_H

#include "common/host.h"

#include "segment/exact.h"
#include "segment/segmentation.h"

/* Stored: append only. */
typedef enum SegmentScale
{
	SCALE_LINEAR,
	SCALE_ASINH,				/* asinh(value / unit) */
	SCALE_RANK					/* mean rank of the customers who have it */
} SegmentScale;

#define SEGMENT_SCALES (SCALE_RANK + 1)

extern const char *const segment_scale_names[SEGMENT_SCALES];

/* What is known about the customers a segmentation was made from. */
typedef struct SegmentSummary
{
	int64		customers;		/* if 0, the rest is 0 and means nothing */
	Exact		total;
	Exact		lowest;
	Exact		highest;
} SegmentSummary;

typedef struct Cuts
{
	Segmentation head;
	SegmentScale scale;
	Exact	   *cut;			/* [k - 1], descending */
	Exact		unit;			/* with SCALE_ASINH */
	bool		has_cut_at;
	Exact		cut_at;
	int64		min_customers;	/* 0: none was asked for */
	SegmentSummary *summary;	/* [k] or NULL */
	SegmentSquares raw;			/* with a summary */
	SegmentSquares used;
	struct CutsReading *reading;	/* while a text is read */
} Cuts;

/* Cut points all zero, to be filled in. */
extern Cuts *cuts_new(SegmentMethod method, int k);
extern void cuts_add_summary(Cuts *s);

static inline bool
is_cuts(const Segmentation *s)
{
	return segmentation_form(s->method) == &cuts_form;
}

/* The text form, in cuts_text.c. */
#define CUTS_KEYS 13

extern const char *const cuts_keys[CUTS_KEYS];
extern bool cuts_read(Segmentation *segmentation, JsonObject *o, int key);
extern bool cuts_complete(Segmentation *segmentation, JsonObject *o);
extern void cuts_print(const Segmentation *segmentation, TextBuffer *t);

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
extern SegmentFinder *segment_finder_make(const Cuts *s);

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

#endif							/* CV_CUTS_H */
