/*
 * lifecycle.h
 *		How far a customer is in his life as a customer, at some date.
 */
#ifndef CV_LIFECYCLE_H
#define CV_LIFECYCLE_H

#include "common/host.h"

/* In the order of the enum's values. */
typedef enum LifecycleStage
{
	STAGE_PROSPECT,
	STAGE_NEW,
	STAGE_ACTIVE,
	STAGE_AT_RISK,
	STAGE_LAPSED,
	STAGE_WON_BACK
} LifecycleStage;

#define LIFECYCLE_STAGES (STAGE_WON_BACK + 1)

extern const char *const lifecycle_stage_names[LIFECYCLE_STAGES];

/* In days; 0 < active_for < lapsed_after and 0 < new_for <= lapsed_after. */
typedef struct LifecycleRule
{
	int32		new_for;
	int32		active_for;
	int32		lapsed_after;
} LifecycleRule;

/* The body is one run; what happened after as_of is not looked at. */
extern LifecycleStage lifecycle_stage_of(const uint8 *body, size_t length,
										 int32 as_of, const LifecycleRule *rule);

#endif							/* CV_LIFECYCLE_H */
