/*
 * log_rank.c
 *		The log-rank test.
 *
 * At each time with events, had all groups the same risk, the d events among
 * n customers at risk would fall on the n_j of group j like balls drawn from
 * an urn: on average d n_j / n, with the covariances of the multivariate
 * hypergeometric distribution,
 *
 *		d (n - d) / (n - 1) * n_j / n * ([j = l] - n_l / n).
 *
 * With z the events observed less expected in all groups but one, and V the
 * sum of the covariances, z' V^-1 z has a chi-square distribution (Mantel
 * 1966; Peto and Peto 1972; Kalbfleisch and Prentice 2002, section 1.5).
 */
#include "survival/log_rank.h"

#include <math.h>

typedef struct Race
{
	LogRankGroup *group;
	int			groups;
	size_t	   *next;			/* of each group, its next time */
	int64	   *at_risk;
	double	   *covariance;		/* groups x groups */
} Race;

/* What happened in a group at a time; NULL if nothing did. */
static const TimeCount *
group_at(const Race *race, int j, double time)
{
	const LogRankGroup *g = &race->group[j];

	if (race->next[j] >= g->count || g->at[race->next[j]].time != time)
		return NULL;
	return &g->at[race->next[j]];
}

/* The earliest time that is left, infinity if there is none. */
static double
next_time(const Race *race)
{
	double		time = INFINITY;

	for (int j = 0; j < race->groups; j++)
	{
		const LogRankGroup *g = &race->group[j];

		if (race->next[j] < g->count)
			time = Min(time, g->at[race->next[j]].time);
	}
	return time;
}

/* The events at one time, shared out by who was at risk. */
static void
share_out(Race *race, int64 events)
{
	int64		at_risk = 0;
	double		n;
	double		weight;

	for (int j = 0; j < race->groups; j++)
		at_risk += race->at_risk[j];
	n = (double) at_risk;
	weight = at_risk > 1 ? (double) events * ((double) (at_risk - events) / (n - 1)) : 0;
	for (int j = 0; j < race->groups; j++)
	{
		double		share = (double) race->at_risk[j] / n;

		if (share == 0)
			continue;
		race->group[j].expected += (double) events * share;
		for (int l = 0; l < j; l++)
			race->covariance[j * race->groups + l] -=
				weight * share * ((double) race->at_risk[l] / n);
		race->covariance[j * race->groups + j] +=
			weight * share * ((double) (at_risk - race->at_risk[j]) / n);
	}
}

static void
run(Race *race)
{
	double		time;

	while (isfinite(time = next_time(race)))
	{
		const TimeCount *t;
		int64		events = 0;

		cv_check_interrupts();
		for (int j = 0; j < race->groups; j++)
			if ((t = group_at(race, j, time)) != NULL)
				events += t->events;
		if (events > 0)
			share_out(race, events);
		for (int j = 0; j < race->groups; j++)
			if ((t = group_at(race, j, time)) != NULL)
			{
				race->at_risk[j] -= t->events + t->censored;
				race->next[j]++;
			}
	}
}

/*
 * z' V^-1 z by Cholesky's decomposition, in place, over the first n of the
 * groups listed.  V is positive definite as soon as at one time somebody at
 * risk stays; false if nobody ever did.
 */
static bool
quadratic_form(const Race *race, const int *listed, int n, double *result)
{
	double	   *v = race->covariance;
	double	   *y = cv_alloc((size_t) Max(n, 1) * sizeof(double));
	bool		good = true;

#define V(i, j) v[listed[i] * race->groups + listed[j]]
	*result = 0;
	for (int i = 0; i < n && good; i++)
	{
		const LogRankGroup *g = &race->group[listed[i]];
		double		variance = V(i, i);

		cv_check_interrupts();
		y[i] = (double) g->events - g->expected;
		for (int j = 0; j < i; j++)
		{
			for (int k = 0; k < j; k++)
				V(i, j) -= V(i, k) * V(j, k);
			V(i, j) /= V(j, j);
			V(i, i) -= V(i, j) * V(i, j);
			y[i] -= V(i, j) * y[j];
		}
		good = V(i, i) > 1e-12 * variance;
		if (good)
		{
			V(i, i) = sqrt(V(i, i));
			y[i] /= V(i, i);
			*result += y[i] * y[i];
		}
	}
#undef V
	cv_free(y);
	return good;
}

void
log_rank_test(LogRankGroup *group, int groups, LogRank *result)
{
	size_t		cells = (size_t) groups * (size_t) groups;
	Race		race = {.group = group,.groups = groups};
	int		   *listed = cv_alloc((size_t) groups * sizeof(int));
	int			n = 0;

	race.next = cv_alloc((size_t) groups * sizeof(size_t));
	race.at_risk = cv_alloc((size_t) groups * sizeof(int64));
	race.covariance = cv_alloc(cells * sizeof(double));
	for (size_t i = 0; i < cells; i++)
		race.covariance[i] = 0;
	for (int j = 0; j < groups; j++)
	{
		race.next[j] = 0;
		group[j].events = group[j].customers = 0;
		group[j].expected = 0;
		for (size_t i = 0; i < group[j].count; i++)
		{
			group[j].events += group[j].at[i].events;
			group[j].customers += group[j].at[i].events + group[j].at[i].censored;
		}
		race.at_risk[j] = group[j].customers;
	}
	run(&race);

	/* who was gone before the first event cannot be compared */
	for (int j = 0; j < groups; j++)
		if (group[j].expected > 0)
			listed[n++] = j;
	result->degrees = Max(n - 1, 0);
	result->known = n > 1 && quadratic_form(&race, listed, n - 1, &result->chi_square);
	if (!result->known)
		result->chi_square = 0;
	cv_free(race.next);
	cv_free(race.at_risk);
	cv_free(race.covariance);
	cv_free(listed);
}
