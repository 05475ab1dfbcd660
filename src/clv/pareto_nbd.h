/*
 * pareto_nbd.h
 *		The likelihood of the Pareto/NBD model, one customer at a time and many
 *		who share their times; between the files of this model only.
 *
 * While alive, a customer purchases at random at a rate that is Gamma(r,
 * alpha) among customers, and lives for an exponential time whose rate is
 * Gamma(s, beta).  The likelihood of x purchases, the last at t, by age T is
 * (Schmittlein, Morrison and Colombo 1987; Fader and Hardie 2005, "A note on
 * deriving the Pareto/NBD model and related expressions", equation 17 before
 * the integral is written as a difference of hypergeometric functions)
 *
 *		Gamma(r + x) / Gamma(r) alpha^r beta^s
 *			[ (alpha + T)^-(r + x) (beta + T)^-s
 *			  + s integral from t to T of
 *				(alpha + u)^-(r + x) (beta + u)^-(s + 1) du ],
 *
 * the first if he is alive, the second if he died at u.  All of it is
 * positive, so nothing cancels, and there are no cases.  All else follows: the
 * odds of being dead are the ratio of the two, and the gradient is made of
 * means over the times of death, the end of the history among them.
 */
#ifndef CV_PARETO_NBD_H
#define CV_PARETO_NBD_H

#include "clv/model.h"

typedef struct ParetoNbd
{
	double		r;
	double		alpha;
	double		s;
	double		beta;
} ParetoNbd;

/*
 * Integrals over the time of death u, each of the same weight times what it is
 * named for.  Logarithms and weights are relative to an origin, the time at
 * which the weight is 1 / (beta + u).
 */
typedef struct DeathSums
{
	double		weight;
	double		log_alpha;		/* ln ((alpha + u) / (alpha + origin)) */
	double		log_beta;		/* ln ((beta + u) / (beta + origin)) */
	double		by_alpha;		/* (r u - x alpha) / (alpha + u) */
	double		by_beta;		/* (s u - beta) / (beta + u) */
} DeathSums;

/* The same for who is alive in the end. */
typedef struct Survival
{
	double		weight;
	double		fall;			/* -ln weight, when that is 0, too */
	double		log_alpha;
	double		log_beta;
	double		by_alpha;		/* (r T - x alpha) / (alpha + T) */
	double		by_beta;		/* s T / (beta + T) */
} Survival;

/* Adds so many times the derivatives of ln (alive + s * dead). */
static inline void
add_gradient(const ParetoNbd *m, const Survival *alive, const DeathSums *dead,
			 double times, double *gradient)
{
	double		scale = times / (alive->weight + m->s * dead->weight);
	double		a = scale * alive->weight;
	double		d = scale * m->s;

	gradient[0] -= a * alive->log_alpha + d * dead->log_alpha;
	gradient[1] += (a * alive->by_alpha + d * dead->by_alpha) / m->alpha;
	gradient[2] += scale * dead->weight - (a * alive->log_beta + d * dead->log_beta);
	gradient[3] += (a * alive->by_beta + d * dead->by_beta) / m->beta;
}

/*
 * The integrals from one origin to ever later ends, for customers with the
 * same purchases and ever greater age.  Panels are laid in y = ln ((near + u)
 * / (near + origin)), where near is the lesser of alpha and beta: in it, the
 * weight is the exponential of a concave function and has no singularity
 * nearer to the real axis than pi.
 */
typedef struct Deaths
{
	ParetoNbd	m;
	double		frequency;
	double		origin;
	double		alpha;			/* alpha + origin ... */
	double		beta;			/* ... beta + origin ... */
	double		near;			/* ... and the lesser of them */
	bool		is_steep;		/* exponents are great: see STEEP */
	double		y;				/* so far the sums go */
	double		fall;			/* of the weight so far, as a logarithm */
	DeathSums	sums;
} Deaths;

/* A time of death, and the logarithms that the weight is made of. */
typedef struct Moment
{
	double		time;
	double		log_alpha;
	double		log_beta;
	double		density;		/* du / dy / (beta + u) */
} Moment;

extern void deaths_begin(Deaths *deaths, const ParetoNbd *m, double frequency, double origin);
extern double deaths_next_panel(Deaths *deaths, double end);
extern Moment deaths_moment(const Deaths *deaths, double y);
extern void deaths_until(Deaths *deaths, double age, Survival *alive);
extern double deaths_log_odds(const Deaths *deaths, const Survival *alive);

/* Customers who share their times. */
typedef struct Calendar Calendar;

extern Calendar *calendar_make(const ParetoNbd *m, const Pattern *pattern, size_t count);
extern size_t calendar_log_likelihood(Calendar *calendar, const Pattern *pattern,
									  size_t count, double *sum, double *gradient);
extern void calendar_free(Calendar *calendar);

#endif							/* CV_PARETO_NBD_H */
