/*
 * pareto_nbd_deaths.c
 *		The integrals over the time of death, for one customer after another.
 */
#include "clv/pareto_nbd.h"

#include <math.h>

#include "clv/quadrature.h"
#include "clv/specfun.h"

/*
 * Up to such exponents, the logarithm of 1 + growth is right enough when it is
 * off by half a unit in the last place of 1; then log() will do, and exp(),
 * which are much faster than log1p() and expm1().
 */
#define STEEP 64.0

void
deaths_begin(Deaths *deaths, const ParetoNbd *m, double frequency, double origin)
{
	static const DeathSums none;

	deaths->m = *m;
	deaths->frequency = frequency;
	deaths->origin = origin;
	deaths->alpha = m->alpha + origin;
	deaths->beta = m->beta + origin;
	deaths->near = Min(deaths->alpha, deaths->beta);
	deaths->is_steep = m->r + frequency + m->s > STEEP;
	deaths->y = 0;
	deaths->fall = 0;
	deaths->sums = none;
}

static inline double
log_growth(const Deaths *deaths, double growth)
{
	return deaths->is_steep ? log1p(growth) : log(1 + growth);
}

Moment
deaths_moment(const Deaths *deaths, double y)
{
	double		since = deaths->near * (deaths->is_steep ? expm1(y) : exp(y) - 1);
	Moment		moment;

	moment.time = deaths->origin + since;
	moment.log_alpha = deaths->near == deaths->alpha ? y :
		log_growth(deaths, since / deaths->alpha);
	moment.log_beta = deaths->near == deaths->beta ? y :
		log_growth(deaths, since / deaths->beta);
	moment.density = (deaths->near + since) / (deaths->beta + since);
	return moment;
}

static double
fall_at(const Deaths *deaths, const Moment *moment)
{
	return (deaths->m.r + deaths->frequency) * moment->log_alpha +
		deaths->m.s * moment->log_beta;
}

/* Lays the next panel, at most to end; returns where it ends. */
double
deaths_next_panel(Deaths *deaths, double end)
{
	double		reached = deaths->near * exp(deaths->y) - deaths->near;
	double		slope = ((deaths->m.r + deaths->frequency) / (deaths->alpha + reached) +
						 deaths->m.s / (deaths->beta + reached)) * (deaths->near + reached);
	double		y = panel_reach(deaths->y, end, slope);
	Moment		moment = deaths_moment(deaths, y);
	double		fall = fall_at(deaths, &moment);
	double		cut = panel_cut(deaths->y, y, fall - deaths->fall);

	if (cut < y)
	{
		y = cut;
		moment = deaths_moment(deaths, y);
		fall = fall_at(deaths, &moment);
	}
	deaths->y = y;
	deaths->fall = fall;
	return y;
}

static void
add_panel(Deaths *deaths, double from, double to, double fall)
{
	const ParetoNbd *m = &deaths->m;
	DeathSums	sums = deaths->sums;
	bool		is_short = to - from <= SHORT_WIDTH && fall <= SHORT_FALL;
	int			nodes = is_short ? GAUSS_FEW_NODES : GAUSS_NODES;
	const double *node = is_short ? gauss_few_node : gauss_node;
	const double *weight = is_short ? gauss_few_weight : gauss_weight;

	for (int i = 0; i < nodes; i++)
	{
		Moment		moment = deaths_moment(deaths, from + (to - from) * node[i]);
		double		u = moment.time;
		double		w = weight[i] * exp(-fall_at(deaths, &moment));

		w *= (to - from) * moment.density;
		sums.weight += w;
		sums.log_alpha += w * moment.log_alpha;
		sums.log_beta += w * moment.log_beta;
		sums.by_alpha += w * (m->r * u - deaths->frequency * m->alpha) / (m->alpha + u);
		sums.by_beta += w * (m->s * u - m->beta) / (m->beta + u);
	}
	deaths->sums = sums;
}

/* Integrates on to this age, and says what surviving to it comes to. */
void
deaths_until(Deaths *deaths, double age, Survival *alive)
{
	const ParetoNbd *m = &deaths->m;
	double		left = age - deaths->origin;
	double		end = log1p_ratio(left, deaths->near);

	alive->log_alpha = deaths->near == deaths->alpha ? end : log1p_ratio(left, deaths->alpha);
	alive->log_beta = deaths->near == deaths->beta ? end : log1p_ratio(left, deaths->beta);
	alive->fall = (m->r + deaths->frequency) * alive->log_alpha + m->s * alive->log_beta;
	alive->weight = exp(-alive->fall);
	alive->by_alpha = (m->r * age - deaths->frequency * m->alpha) / (m->alpha + age);
	alive->by_beta = m->s * age / (m->beta + age);

	/* The density grows by y at most. */
	while (deaths->y < end && deaths->fall - deaths->y < FALL_ENOUGH)
	{
		double		from = deaths->y;
		double		fall = deaths->fall;
		double		to = deaths_next_panel(deaths, end);

		cv_check_interrupts();
		if (!(to > from))
			break;				/* beyond the range of a double */
		add_panel(deaths, from, to, deaths->fall - fall);
	}
}

/* Logarithm of the odds of being dead; -inf if none can be. */
double
deaths_log_odds(const Deaths *deaths, const Survival *alive)
{
	return log(deaths->m.s * deaths->sums.weight) + alive->fall;
}
