/*
 * stability.h
 *		The population stability index: have the customers moved between the
 *		bins of an earlier period?
 */
#ifndef CV_STABILITY_H
#define CV_STABILITY_H

#include "common/host.h"

typedef enum Smoothing
{
	SMOOTHING_HALF,				/* 0.5 is added to each count */
	SMOOTHING_LAPLACE,			/* 1 */
	SMOOTHING_NONE
} Smoothing;

typedef enum StabilityStatus
{
	STABILITY_OK,
	STABILITY_NO_CUSTOMERS,		/* in one of the periods */
	STABILITY_EMPTY_BIN			/* in one period only, and no smoothing */
} StabilityStatus;

/*
 * Counts are not negative, and their sums fit.  *bin, from 0, with
 * STABILITY_EMPTY_BIN only.
 */
extern StabilityStatus stability_index(const int64 *base, const int64 *current, int bins,
									   Smoothing smoothing, double *index, int *bin);

#endif							/* CV_STABILITY_H */
