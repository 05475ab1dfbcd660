/*
 * presort.h
 *		The rows of a frame as trees are grown from them: sorted once.
 *
 * For each feature that is a number, a column has the rows in ascending order
 * of it, each with its target beside it, so that a search over all splits of
 * a node reads memory from front to back.  If numbers were rounded, those
 * that are neighbours as doubles are equal: no number between them could tell
 * exactly those above from those below.  Rows in which the feature is
 * missing come last.  Dividing a node divides each column, without changing
 * the order: nothing is sorted again.
 */
#ifndef CV_PRESORT_H
#define CV_PRESORT_H

#include "common/host.h"

#include "features/frame.h"

typedef struct TreeEntry
{
	double		y;				/* the target */
	uint32		row;
	uint32		rank;			/* equal for equal numbers; MISSING_RANK */
} TreeEntry;

#define MISSING_RANK 0xFFFFFFFFu

typedef struct Presort
{
	size_t		count;			/* rows */
	int			nfeatures;
	TreeEntry **column;			/* NULL unless FEATURE_NUMBER */
	TreeEntry  *plain;			/* the same rows in the order of the frame */
	size_t		frame_count;	/* rows of the frame: row numbers are below */
} Presort;

/* The target, one for each row, may be another than the frame's. */
extern void presort_open(Presort *p, const Frame *frame, const double *target);

/*
 * A copy of the first "count" rows of the frame, without those of one fold.
 * The copy, all zeros at first, may be filled again without another.
 */
extern void presort_copy(Presort *copy, const Presort *from, size_t count, const uint8 *fold_of,
						 int fold);

extern void presort_close(Presort *p);

#endif							/* CV_PRESORT_H */
