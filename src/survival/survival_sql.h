/*
 * survival_sql.h
 *		The type "survival_curve" as the server sees it.  Read by bytes, hence
 *		ALIGNMENT = int4.
 */
#ifndef CV_SURVIVAL_SQL_H
#define CV_SURVIVAL_SQL_H

#include "customer_value.h"

#include "survival/curve.h"

#define PG_GETARG_SURVIVAL_CURVE_P(n) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n))
#define PG_RETURN_SURVIVAL_CURVE_P(c) PG_RETURN_POINTER(c)

extern void survival_curve_read(const struct varlena *value, SurvivalCurve *curve);
extern struct varlena *survival_curve_make(const SurvivalCurve *curve);

/* One row of an aggregate over customers. */
typedef struct Observation
{
	double		duration;
	bool		event;
} Observation;

/*
 * Arguments 1 + first and 2 + first of a transition function.  False if both
 * are NULL: no observation.
 */
extern bool observation_of(FunctionCallInfo fcinfo, int first, Observation *seen);

/* A length of time, checked, and never -0. */
extern double survival_time(const char *name, double time);

/* A table of times on its way between workers of one server. */
extern void times_send(StringInfo buf, const TimeTable *table);
extern void times_receive(StringInfo buf, TimeTable *table);
extern void times_merge(TimeTable *into, const TimeTable *from);

#endif							/* CV_SURVIVAL_SQL_H */
