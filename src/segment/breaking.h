/*
 * breaking.h
 *		From the values of customers to a segmentation: what to optimise, under
 *		which conditions.
 */
#ifndef CV_BREAKING_H
#define CV_BREAKING_H

#include "common/host.h"

#include "segment/breaks.h"
#include "segment/cuts.h"
#include "segment/values.h"

typedef struct Breaking
{
	SegmentMethod method;
	int			k;
	SegmentScale scale;
	bool		cut_at_zero;	/* where both signs occur and k > 1 */
	double		min_share;		/* of the customers in each segment; gives way
								 * where the values do not allow it */
} Breaking;

/*
 * BREAKS_OK, or BREAKS_TOO_FEW_VALUES, or BREAKS_TOO_LARGE; only with the
 * first there is a segmentation.
 */
extern BreaksStatus breaking_apply(const Breaking *breaking, const Distribution *d,
								   Cuts **result);

#endif							/* CV_BREAKING_H */
