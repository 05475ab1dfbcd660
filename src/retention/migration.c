/*
 * migration.c
 *		What a customer is worth who moves from state to state.
 *
 * Pfeifer and Carraway (2000): with transition probabilities P, payoffs R and
 * a discount rate d, the value of a customer in each state is
 *
 *		V = R + P R / (1 + d) + (P / (1 + d))^2 R + ...
 *
 * over a number of periods by recursion, without end by solving
 * (I - P / (1 + d)) V = R.
 */
#include "retention/matrix.h"

#include <math.h>

/* Payoffs where it is not known what comes next have no value. */
static bool
payoffs_are_known(const TransitionMatrix *m, const double *payoff, int *culprit)
{
	for (int i = 0; i < m->states.count; i++)
		if (m->leaving[i] == 0 && payoff[i] != 0)
		{
			*culprit = i;
			return false;
		}
	return true;
}

static void
recursion(const TransitionMatrix *m, const double *payoff, double discount_rate,
		  int64 periods, double *value)
{
	int			n = m->states.count;
	double	   *next = cv_alloc((size_t) n * sizeof(double));
	bool		moves = true;

	memcpy(value, payoff, (size_t) n * sizeof(double));
	for (int64 t = 0; t < periods && moves; t++)
	{
		cv_check_interrupts();
		moves = false;
		for (int i = 0; i < n; i++)
		{
			double		sum = 0;

			for (int j = 0; j < n; j++)
				sum += transition_probability(m, i, j) * value[j];
			next[i] = payoff[i] + sum / (1 + discount_rate);
			moves |= next[i] != value[i];
		}
		memcpy(value, next, (size_t) n * sizeof(double));
	}
	cv_free(next);
}

/*
 * The states in which nothing is earned any more, whatever happens: the
 * largest set of states without payoff that nobody leaves.
 */
static void
find_settled(const TransitionMatrix *m, const double *payoff, bool *settled)
{
	int			n = m->states.count;
	bool		changed = true;

	for (int i = 0; i < n; i++)
		settled[i] = payoff[i] == 0;
	while (changed)
	{
		cv_check_interrupts();
		changed = false;
		for (int i = 0; i < n; i++)
			for (int j = 0; settled[i] && j < n; j++)
				if (!settled[j] && transition_probability(m, i, j) > 0)
				{
					settled[i] = false;
					changed = true;
				}
	}
}

/* A state from which no settled one can be reached, or -1. */
static int
endless_state(const TransitionMatrix *m, const bool *settled)
{
	int			n = m->states.count;
	bool	   *ends = cv_alloc((size_t) n * sizeof(bool));
	bool		changed = true;
	int			culprit = -1;

	memcpy(ends, settled, (size_t) n * sizeof(bool));
	while (changed)
	{
		cv_check_interrupts();
		changed = false;
		for (int i = 0; i < n; i++)
			for (int j = 0; !ends[i] && j < n; j++)
				if (ends[j] && transition_probability(m, i, j) > 0)
					ends[i] = changed = true;
	}
	for (int i = 0; i < n && culprit < 0; i++)
		if (!ends[i])
			culprit = i;
	cv_free(ends);
	return culprit;
}

/*
 * Solve ((1 + d) I - P) V = b, b becoming V.  P is given by its entries off
 * the diagonal, and slack is by how much each diagonal exceeds the rest of
 * its row: the discount rate and the probability to settle.  Elimination
 * state by state (Grassmann, Taksar and Heyman 1985) then adds and multiplies
 * numbers of one sign only, so it needs no pivots and cancels nothing, be the
 * discount as small as it may.
 */
static void
solve(double *p, double *slack, double *b, int n)
{
	double	   *diagonal = cv_alloc((size_t) Max(n, 1) * sizeof(double));

	for (int i = 0; i < n; i++)
	{
		cv_check_interrupts();
		diagonal[i] = slack[i];
		for (int j = i + 1; j < n; j++)
			diagonal[i] += p[i * n + j];
		for (int k = i + 1; k < n; k++)
		{
			double		factor = p[k * n + i] / diagonal[i];

			if (factor == 0)
				continue;
			for (int j = i + 1; j < n; j++)
				p[k * n + j] += factor * p[i * n + j];
			slack[k] += factor * slack[i];
			b[k] += factor * b[i];
		}
	}
	for (int i = n - 1; i >= 0; i--)
	{
		for (int j = i + 1; j < n; j++)
			b[i] += p[i * n + j] * b[j];
		b[i] /= diagonal[i];
	}
	cv_free(diagonal);
}

/*
 * Settled states are worth 0, exactly, and left out of the equations.  What
 * remains can be solved if there is a discount, or if every state leads to a
 * settled one.
 */
static bool
without_end(const TransitionMatrix *m, const double *payoff, double discount_rate,
			double *value, int *culprit)
{
	int			n = m->states.count;
	bool	   *settled = cv_alloc((size_t) n * sizeof(bool));
	double	   *p = cv_alloc((size_t) n * (size_t) n * sizeof(double));
	double	   *slack = cv_alloc((size_t) n * sizeof(double));
	double	   *b = cv_alloc((size_t) n * sizeof(double));
	int			rows = 0;
	int			row = 0;

	find_settled(m, payoff, settled);
	*culprit = discount_rate > 0 ? -1 : endless_state(m, settled);
	for (int i = 0; i < n; i++)
		rows += !settled[i];
	for (int i = 0; i < n; i++)
	{
		int			column = 0;

		if (settled[i])
			continue;
		slack[row] = discount_rate;
		for (int j = 0; j < n; j++)
		{
			if (settled[j])
				slack[row] += transition_probability(m, i, j);
			else
				p[row * rows + column++] = transition_probability(m, i, j);
		}
		b[row++] = (1 + discount_rate) * payoff[i];
	}
	if (*culprit < 0)
		solve(p, slack, b, rows);
	row = 0;
	for (int i = 0; i < n; i++)
		value[i] = settled[i] ? 0 : b[row++];
	cv_free(settled);
	cv_free(p);
	cv_free(slack);
	cv_free(b);
	return *culprit < 0;
}

MigrationStatus
migration_value(const TransitionMatrix *m, const double *payoff, double discount_rate,
				int64 periods, double *value, int *culprit)
{
	if (!payoffs_are_known(m, payoff, culprit))
		return MIGRATION_UNKNOWN;
	if (periods != MIGRATION_WITHOUT_END)
		recursion(m, payoff, discount_rate, periods, value);
	else if (!without_end(m, payoff, discount_rate, value, culprit))
		return MIGRATION_ENDLESS;
	return MIGRATION_OK;
}
