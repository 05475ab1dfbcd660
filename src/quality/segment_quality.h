/*
 * segment_quality.h
 *		Both halves of what a segmentation is for: customers of a segment are
 *		similar in value, and comparable, that is, attributes say where they
 *		belong.
 */
#ifndef CV_SEGMENT_QUALITY_H
#define CV_SEGMENT_QUALITY_H

#include "common/host.h"

#include "common/text_buffer.h"
#include "features/frame.h"
#include "quality/grouped.h"

/*
 * The segment rides in the frame as a categorical feature of a name that no
 * JSON key can have.
 */
#define SEGMENT_FEATURE "\0segment"
#define SEGMENT_FEATURE_LENGTH 8

/* The most segments, and the most leaves of the trees that predict. */
#define QUALITY_MAX_SEGMENTS 1000
#define QUALITY_LEAVES 32

typedef struct SegmentQuality
{
	Anova		anova;
	Anova		scaled;			/* on the asinh scale */
	bool		validated;		/* there are customers enough */
	double		accuracy;		/* cross-validated */
	double		baseline;		/* of naming the largest segment */
	bool		has_explained;	/* of the value, cross-validated */
	double		explained;
	double		explained_scaled;
} SegmentQuality;

/* Of a frame with a segment in every row, which is finished here. */
extern void segment_quality_measure(Frame *frame, SegmentQuality *q);

/* A sentence that says so. */
extern void segment_quality_verdict(const SegmentQuality *q, TextBuffer *t);

#endif							/* CV_SEGMENT_QUALITY_H */
