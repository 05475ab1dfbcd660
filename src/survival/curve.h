/*
 * curve.h
 *		The type survival_curve: the distinct times of a set of customers, and
 *		the estimates of Kaplan and Meier made of them.
 *
 * Conventions.  An event at time t happens to somebody who was at risk just
 * before t: who entered before t and was seen until t or later.  Where events
 * and censorings share a time, the events come first: whoever is censored at t
 * was at risk at t.  The curve is the probability to stay beyond t, so it
 * drops at t itself.
 *
 * Stored, after the server's length word: a version byte, a byte of flags,
 * the number of times, and for each time eight bytes of double (little-endian)
 * and the counts as integers in few bytes: entered (only if flagged), events,
 * censored.  Equal curves have equal bytes.
 */
#ifndef CV_CURVE_H
#define CV_CURVE_H

#include "common/host.h"

#include "survival/times.h"

#define SURVIVAL_CURVE_VERSION 1

/* Every whole number up to here is a double. */
#define SURVIVAL_MAX_CUSTOMERS INT64CONST(9007199254740992)

typedef struct SurvivalCurve
{
	TimeCount  *at;				/* ascending, no time twice, none empty */
	size_t		count;
	int64		from_start;		/* customers who did not enter late */
	bool		late;			/* does anybody enter late? */
} SurvivalCurve;

/*
 * The one validator, behind every way in; fills in from_start and late.
 * Returns NULL if the curve is sound, else what is wrong, as a full sentence.
 */
extern const char *survival_curve_check(SurvivalCurve *curve);

extern size_t survival_curve_max_size(const SurvivalCurve *curve);
extern size_t survival_curve_encode(const SurvivalCurve *curve, uint8 *out);

/* From bytes not to be trusted: NULL, or what is wrong. */
extern const char *survival_curve_decode(SurvivalCurve *curve, const uint8 *bytes,
										 size_t length);

/*
 * Text, see curve_text.c.
 */
#define SURVIVAL_WHY_SIZE 200

extern char *survival_curve_print(const SurvivalCurve *curve);
extern bool survival_curve_parse(SurvivalCurve *curve, const char *text,
								 size_t length, char *why);

/*
 * Walking along a curve.  After survival_next() the fields tell of one time,
 * the survival including what happened then.
 */
typedef struct SurvivalWalk
{
	const SurvivalCurve *curve;
	size_t		next;
	int64		risk;			/* customers at risk just after this time */

	const TimeCount *at;
	int64		at_risk;		/* just before this time */
	double		survival;		/* beyond this time */
	double		greenwood;		/* sum of d / (n (n - d)); infinite from where
								 * survival is 0 */
} SurvivalWalk;

extern void survival_walk(SurvivalWalk *walk, const SurvivalCurve *curve);
extern bool survival_next(SurvivalWalk *walk);

/* Answers that a curve may not have: NaN, which leaves nobody's house. */
extern double survival_at(const SurvivalCurve *curve, double time);
extern double survival_quantile(const SurvivalCurve *curve, double p);
extern double survival_restricted_mean(const SurvivalCurve *curve, double until,
									   double *standard_error);

typedef enum IntervalType
{
	INTERVAL_LOG_LOG,
	INTERVAL_LOG,
	INTERVAL_PLAIN
} IntervalType;

/* Bounds of the interval of z standard errors; false if there is none. */
extern bool survival_interval(const SurvivalWalk *walk, IntervalType type,
							  double z, double *lower, double *upper);

extern int64 survival_customers(const SurvivalCurve *curve);
extern int64 survival_events(const SurvivalCurve *curve);

#endif							/* CV_CURVE_H */
