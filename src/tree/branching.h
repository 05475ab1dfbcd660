/*
 * branching.h
 *		From a frame of features to a segmentation by a tree.
 */
#ifndef CV_BRANCHING_H
#define CV_BRANCHING_H

#include "common/host.h"

#include "features/frame.h"
#include "tree/tree.h"

typedef struct Branching
{
	SegmentMethod method;		/* METHOD_VALUE_TREE or METHOD_SEGMENT_TREE */
	int			max_leaves;
	SegmentScale scale;			/* of a value tree */
	int64		min_customers;	/* of a leaf; 0: not given */
	double		min_share;		/* of all customers; negative: not given */
	int			folds;			/* of the cross-validation; 0: no pruning */
} Branching;

#define BRANCHING_FOLDS 10
#define BRANCHING_MAX_FOLDS 100

/* Unless told otherwise, a leaf has half a percent of the customers, and five. */
#define BRANCHING_SHARE 0.005
#define BRANCHING_CUSTOMERS 5

/* All but the method and max_leaves as nobody gave it. */
extern void branching_defaults(Branching *branching);

/* Options as a JSON object; false, and why, if they are not valid. */
extern bool branching_parse(Branching *branching, const char *text, size_t length,
							char *why, size_t why_size);

/*
 * The frame is finished here.  Of a segment tree, the targets are the numbers
 * of segments, from 1.  At least one row.
 */
extern Tree *branching_apply(const Branching *branching, Frame *frame);

#endif							/* CV_BRANCHING_H */
