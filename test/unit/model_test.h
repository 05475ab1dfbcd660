/*
 * model_test.h
 *		What the tests of models share: closeness, the maximum of a likelihood,
 *		the public data.
 */
#ifndef CV_MODEL_TEST_H
#define CV_MODEL_TEST_H

#include "clv/model.h"

#include <math.h>

#include "tap.h"

/* How far off, relative to what is expected but at least to floor. */
static inline double
off(double value, double expected, double floor)
{
	if (value == expected)
		return 0;
	return fabs(value - expected) / Max(fabs(expected), floor);
}

/* Solves a small system of equations by elimination. */
static inline void
solve(int n, double a[][MODEL_MAX_PARAMETERS], double *b)
{
	for (int i = 0; i < n; i++)
	{
		int			pivot = i;

		for (int j = i + 1; j < n; j++)
			if (fabs(a[j][i]) > fabs(a[pivot][i]))
				pivot = j;
		for (int k = 0; k < n; k++)
		{
			double		swap = a[i][k];

			a[i][k] = a[pivot][k];
			a[pivot][k] = swap;
		}
		{
			double		swap = b[i];

			b[i] = b[pivot];
			b[pivot] = swap;
		}
		for (int j = i + 1; j < n; j++)
		{
			double		factor = a[j][i] / a[i][i];

			for (int k = i; k < n; k++)
				a[j][k] -= factor * a[i][k];
			b[j] -= factor * b[i];
		}
	}
	for (int i = n - 1; i >= 0; i--)
	{
		for (int k = i + 1; k < n; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
}

/* Derivatives by the logarithms of parameters. */
static inline double
log_gradient(const ModelClass *m, const Pattern *pattern, size_t count,
			 const double *parameter, double *gradient)
{
	double		value = m->log_likelihood(parameter, pattern, count, gradient);

	for (int i = 0; i < m->parameters; i++)
		gradient[i] *= parameter[i];
	return value;
}

/*
 * Damped Newton steps to the maximum in the logarithms of parameters, with
 * differences of the gradient for second derivatives.  Returns the
 * log-likelihood.
 */
static inline double
climb(const ModelClass *m, const Pattern *pattern, size_t count, double *parameter)
{
	int			n = m->parameters;
	double		damping = 0.1;
	double		gradient[MODEL_MAX_PARAMETERS];
	double		value = log_gradient(m, pattern, count, parameter, gradient);

	for (int step = 0; step < 200; step++)
	{
		double		h[MODEL_MAX_PARAMETERS][MODEL_MAX_PARAMETERS];
		double		to[MODEL_MAX_PARAMETERS];
		double		move[MODEL_MAX_PARAMETERS];
		double		longest = 0;
		double		higher;

		for (int i = 0; i < n; i++)
		{
			double		up[MODEL_MAX_PARAMETERS];
			double		down[MODEL_MAX_PARAMETERS];

			memcpy(to, parameter, n * sizeof(double));
			to[i] = parameter[i] * exp(1e-5);
			log_gradient(m, pattern, count, to, up);
			to[i] = parameter[i] * exp(-1e-5);
			log_gradient(m, pattern, count, to, down);
			for (int j = 0; j < n; j++)
				h[j][i] = (down[j] - up[j]) / 2e-5;
		}
		for (int i = 0; i < n; i++)
			h[i][i] += damping * (fabs(h[i][i]) + 1e-6);
		memcpy(move, gradient, n * sizeof(double));
		solve(n, h, move);
		for (int i = 0; i < n; i++)
			longest = Max(longest, fabs(move[i]));
		for (int i = 0; i < n; i++)
			to[i] = parameter[i] * exp(move[i] * Min(1, 1 / longest));
		higher = m->log_likelihood(to, pattern, count, NULL);
		if (higher >= value - 1e-12 * fabs(value))
		{
			memcpy(parameter, to, n * sizeof(double));
			value = log_gradient(m, pattern, count, parameter, gradient);
			damping = damping < 1e-8 ? 0 : damping / 10;
		}
		else
			damping = Max(damping * 10, 1e-3);
		if (longest < 1e-13)
			break;
	}
	return value;
}

/* Is the gradient there zero, relative to what it is nearby? */
static inline double
steepness(const ModelClass *m, const Pattern *pattern, size_t count,
		  const double *parameter)
{
	double		gradient[MODEL_MAX_PARAMETERS];
	double		worst = 0;

	m->log_likelihood(parameter, pattern, count, gradient);
	for (int i = 0; i < m->parameters; i++)
		worst = Max(worst, fabs(gradient[i] * parameter[i]));
	return worst;
}

/*
 * Every start is one, and the search from the best of them ends at the same
 * parameters.
 */
static inline void
check_starts(const ModelClass *m, const Pattern *pattern, size_t count,
			 const double *expected)
{
	double		start[MODEL_MAX_STARTS][MODEL_MAX_PARAMETERS];
	int			starts = m->starts(pattern, count, start);
	int			best = 0;
	double		highest = -INFINITY;
	double		worst = 0;
	bool		positive = starts >= 3 && starts <= MODEL_MAX_STARTS;

	for (int i = 0; i < starts; i++)
	{
		double		value = m->log_likelihood(start[i], pattern, count, NULL);

		for (int j = 0; j < m->parameters; j++)
			positive = positive && start[i][j] > 0 && isfinite(start[i][j]);
		positive = positive && isfinite(value);
		if (value > highest)
		{
			highest = value;
			best = i;
		}
	}
	ok(positive, "%s: %d starts, all positive and finite", m->name, starts);
	climb(m, pattern, count, start[best]);
	for (int j = 0; j < m->parameters; j++)
		worst = Max(worst, off(start[best][j], expected[j], 0));
	ok(worst < 1e-7, "%s: the best start leads to the maximum (off by %.1e)",
	   m->name, worst);
}

/* A file of the public data sets, after its header; NULL if not here. */
static inline FILE *
public_data(const char *name)
{
	const char *directory = getenv("CUSTOMER_VALUE_DATA");
	char		path[4096];
	FILE	   *file = NULL;

	if (directory && *directory)
	{
		snprintf(path, sizeof(path), "%s/%s", directory, name);
		file = fopen(path, "r");
	}
	if (!file)
		printf("# skipped: %s is not here (CUSTOMER_VALUE_DATA)\n", name);
	else if (!fgets(path, sizeof(path), file))
	{
		fclose(file);
		file = NULL;
	}
	return file;
}

#endif							/* CV_MODEL_TEST_H */
