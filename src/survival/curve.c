/*
 * curve.c
 *		Survival curves: the bytes, and the estimates of Kaplan and Meier.
 */
#include "survival/curve.h"

#include <math.h>

#include "common/bytes.h"

#define FLAG_LATE 1				/* somebody enters late */

/* ---- is it one? ---- */

static const char *
check_counts(SurvivalCurve *curve)
{
	int64		customers = 0;
	int64		entered = 0;

	for (size_t i = 0; i < curve->count; i++)
	{
		TimeCount  *t = &curve->at[i];

		if (!(t->time >= 0 && isfinite(t->time)))
			return "A time is negative or not finite.";
		t->time += 0.0;			/* -0 is 0 */
		if (i > 0 && t->time <= curve->at[i - 1].time)
			return "Times do not ascend.";
		if (t->entered < 0 || t->events < 0 || t->censored < 0)
			return "A count is negative.";
		if (time_is_free(t))
			return "At one of the times nothing happens.";
		if (t->entered > SURVIVAL_MAX_CUSTOMERS ||
			t->events > SURVIVAL_MAX_CUSTOMERS ||
			t->censored > SURVIVAL_MAX_CUSTOMERS)
			return "There are too many customers.";
		entered += t->entered;
		customers += t->events + t->censored;
		if (customers > SURVIVAL_MAX_CUSTOMERS || entered > SURVIVAL_MAX_CUSTOMERS)
			return "There are too many customers.";
	}
	if (customers == 0)
		return "There are no customers.";
	curve->from_start = customers - entered;
	curve->late = entered > 0;
	return NULL;
}

const char *
survival_curve_check(SurvivalCurve *curve)
{
	const char *why = check_counts(curve);
	int64		risk = curve->from_start;

	if (why != NULL)
		return why;
	if (risk < 0)
		return "More customers enter than leave.";
	for (size_t i = 0; i < curve->count; i++)
	{
		const TimeCount *t = &curve->at[i];

		risk -= t->events + t->censored;
		if (risk < 0)
			return "More customers leave than have entered before.";
		risk += t->entered;
	}
	return NULL;
}

/* ---- bytes ---- */

size_t
survival_curve_max_size(const SurvivalCurve *curve)
{
	return 2 + INTEGER_MAX_BYTES + curve->count * (8 + 3 * INTEGER_MAX_BYTES);
}

size_t
survival_curve_encode(const SurvivalCurve *curve, uint8 *out)
{
	uint8	   *p = out;

	*p++ = SURVIVAL_CURVE_VERSION;
	*p++ = curve->late ? FLAG_LATE : 0;
	p = write_integer(p, curve->count);
	for (size_t i = 0; i < curve->count; i++)
	{
		const TimeCount *t = &curve->at[i];
		uint64		bits;

		memcpy(&bits, &t->time, sizeof(bits));
		bytes_store64(p, bits);
		p += 8;
		if (curve->late)
			p = write_integer(p, (u128) t->entered);
		p = write_integer(p, (u128) t->events);
		p = write_integer(p, (u128) t->censored);
	}
	return (size_t) (p - out);
}

/* A count; NULL if it is cut off or too large. */
static const uint8 *
read_count(const uint8 *p, const uint8 *end, int64 *count)
{
	u128		v;

	p = read_checked(p, end, &v);
	if (p == NULL || v > (u128) SURVIVAL_MAX_CUSTOMERS)
		return NULL;
	*count = (int64) v;
	return p;
}

static const uint8 *
read_time(const uint8 *p, const uint8 *end, bool late, TimeCount *t)
{
	uint64		bits;

	if (end - p < 8)
		return NULL;
	bits = bytes_load64(p);
	memcpy(&t->time, &bits, sizeof(bits));
	p += 8;
	t->entered = 0;
	if (late)
		p = read_count(p, end, &t->entered);
	if (p)
		p = read_count(p, end, &t->events);
	return p ? read_count(p, end, &t->censored) : NULL;
}

const char *
survival_curve_decode(SurvivalCurve *curve, const uint8 *bytes, size_t length)
{
	const uint8 *p = bytes + 2;
	const uint8 *end = bytes + length;
	const char *why;
	int64		count = 0;
	bool		late;

	memset(curve, 0, sizeof(SurvivalCurve));
	if (length < 2 || bytes[0] != SURVIVAL_CURVE_VERSION || (bytes[1] & ~FLAG_LATE) != 0)
		return "Its version is unknown.";
	late = bytes[1] == FLAG_LATE;
	p = read_count(p, end, &count);
	if (p == NULL || (uint64) count > (uint64) (end - p) / 10)
		return "It is cut off.";
	curve->at = cv_alloc((size_t) count * sizeof(TimeCount));
	curve->count = (size_t) count;
	for (size_t i = 0; i < curve->count; i++)
	{
		p = read_time(p, end, late, &curve->at[i]);
		if (p == NULL)
			return "It is cut off.";
		if (curve->at[i].time == 0 && signbit(curve->at[i].time))
			return "A time is negative or not finite.";
	}
	if (p != end)
		return "There are bytes behind its end.";
	why = survival_curve_check(curve);
	if (why == NULL && curve->late != late)
		return "Nobody enters late, and yet it is marked so.";
	return why;
}

/* ---- estimates ---- */

void
survival_walk(SurvivalWalk *walk, const SurvivalCurve *curve)
{
	walk->curve = curve;
	walk->next = 0;
	walk->risk = curve->from_start;
	walk->at = NULL;
	walk->at_risk = curve->from_start;
	walk->survival = 1;
	walk->greenwood = 0;
}

/*
 * The product-limit estimate (Kaplan and Meier 1958): of n at risk, d are
 * lost, so a share of (n - d) / n stays.
 */
bool
survival_next(SurvivalWalk *walk)
{
	const TimeCount *t;

	if (walk->next >= walk->curve->count)
		return false;
	if (walk->next % 65536 == 0)
		cv_check_interrupts();
	t = walk->at = &walk->curve->at[walk->next++];
	walk->at_risk = walk->risk;
	if (t->events > 0)
	{
		double		n = (double) walk->at_risk;
		double		stay = (double) (walk->at_risk - t->events);

		walk->survival *= stay / n;
		walk->greenwood += (double) t->events / n / stay;
	}
	walk->risk += t->entered - t->events - t->censored;
	return true;
}

/* Does the curve say anything of the time beyond its last customer? */
static double
beyond_end(const SurvivalWalk *walk)
{
	return walk->survival == 0 ? 0 : NAN;
}

double
survival_at(const SurvivalCurve *curve, double time)
{
	SurvivalWalk walk;
	double		survival = 1;

	survival_walk(&walk, curve);
	while (survival_next(&walk))
	{
		if (walk.at->time > time)
			return survival;
		survival = walk.survival;
		if (walk.at->time == time)
			return survival;
	}
	return beyond_end(&walk);
}

/*
 * The survival is a product of rounded quotients: what is a few roundings
 * above a round level is at it.
 */
#define LEVEL_TOLERANCE 1e-12

double
survival_quantile(const SurvivalCurve *curve, double p)
{
	double		level = 1 - p + LEVEL_TOLERANCE;
	SurvivalWalk walk;

	survival_walk(&walk, curve);
	while (survival_next(&walk))
		if (walk.at->events > 0 && walk.survival <= level)
			return walk.at->time;
	return NAN;
}

/* The area under the curve up to a time. */
static double
area_until(const SurvivalCurve *curve, double until)
{
	SurvivalWalk walk;
	double		area = 0;
	double		from = 0;
	double		height = 1;

	survival_walk(&walk, curve);
	while (survival_next(&walk) && walk.at->time < until)
	{
		area += height * (walk.at->time - from);
		from = walk.at->time;
		height = walk.survival;
	}
	return area + height * (until - from);
}

/*
 * The area, and its variance after Greenwood (Klein and Moeschberger 2003,
 * section 4.5): the sum over event times of the squared area from there on
 * times d / (n (n - d)).  After the last event nothing is left, and no term.
 */
double
survival_restricted_mean(const SurvivalCurve *curve, double until,
						 double *standard_error)
{
	double		whole = area_until(curve, until);
	double		variance = 0;	/* relative to the whole */
	double		area = 0;		/* up to the time reached */
	double		from = 0;
	double		height = 1;
	SurvivalWalk walk;

	survival_walk(&walk, curve);
	while (survival_next(&walk) && walk.at->time <= until)
	{
		double		n = (double) walk.at_risk;
		double		stay = (double) (walk.at_risk - walk.at->events);
		double		rest;

		area += height * (walk.at->time - from);
		from = walk.at->time;
		height = walk.survival;
		rest = whole > 0 ? Max(whole - area, 0) / whole : 0;
		if (walk.at->events > 0 && stay > 0)
			variance += rest * rest * ((double) walk.at->events / n / stay);
	}
	*standard_error = whole * sqrt(variance);
	if (until > curve->at[curve->count - 1].time && isnan(beyond_end(&walk)))
		return NAN;
	return whole;
}

/*
 * The three usual scales (Kalbfleisch and Prentice 2002, section 1.4).  On
 * that of log(-log S) the bounds are between 0 and 1 of themselves; the
 * others are cut there.
 */
bool
survival_interval(const SurvivalWalk *walk, IntervalType type, double z,
				  double *lower, double *upper)
{
	double		s = walk->survival;
	double		error = z * sqrt(walk->greenwood);	/* of log S */

	if (s == 0 || (type == INTERVAL_LOG_LOG && s == 1))
		return false;
	switch (type)
	{
		case INTERVAL_LOG_LOG:
			*lower = pow(s, exp(-error / log(s)));
			*upper = pow(s, exp(error / log(s)));
			break;
		case INTERVAL_LOG:
			*lower = s * exp(-error);
			*upper = s * exp(error);
			break;
		case INTERVAL_PLAIN:
			*lower = s - s * error;
			*upper = s + s * error;
			break;
	}
	*lower = Max(*lower, 0);
	*upper = Min(*upper, 1);
	return true;
}

int64
survival_customers(const SurvivalCurve *curve)
{
	int64		customers = 0;

	for (size_t i = 0; i < curve->count; i++)
		customers += curve->at[i].events + curve->at[i].censored;
	return customers;
}

int64
survival_events(const SurvivalCurve *curve)
{
	int64		events = 0;

	for (size_t i = 0; i < curve->count; i++)
		events += curve->at[i].events;
	return events;
}
