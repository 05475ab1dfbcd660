/*
 * optimizer.c
 *		The maximum of a smooth function of up to four variables in a box.
 *
 * Nocedal and Wright, Numerical Optimization (2006): chapter 3 for damping
 * the Newton step until the matrix is positive definite and the step climbs,
 * 6.1 for the BFGS secant, 8.1 for differences of gradients.
 */
#include "clv/optimizer.h"

#include <math.h>

#define DIM OPTIMIZER_MAX_VARIABLES

#define MOST_STEPS 200

/*
 * So many steps that gain less than this together lead along a ridge without
 * end; towards a maximum, steps gain more, or end.
 */
#define CREEPING_STEPS 12
#define CREEPING_GAIN 1e-3
#define MOST_DAMPINGS 40

/* The variables are logarithms: no step multiplies by more than e^2. */
#define LONGEST_STEP 2.0

/* For differences of gradients: halfway between rounding and truncation. */
#define DIFFERENCE 1e-4

/*
 * A maximum is where one more step promises less than this.  The function is
 * a log-likelihood, of which 1/2 is one standard error: a promise of 1e-14 is
 * an error of 1e-7 of them.
 */
#define ENOUGH 1e-14

/* Below this, relative to the function's value, gains drown in rounding. */
#define ROUNDING 1e-11

bool
optimizer_enter(Optimizer *o)
{
	o->value = o->function(o->context, o->x, o->gradient);
	o->evaluations++;
	if (!isfinite(o->value))
		return false;
	for (int i = 0; i < o->variables; i++)
		if (!isfinite(o->gradient[i]))
			return false;
	return true;
}

void
optimizer_curvature(Optimizer *o)
{
	int			n = o->variables;
	double		x[DIM];
	double		above[DIM];
	double		below[DIM];

	memcpy(x, o->x, sizeof(x));
	for (int i = 0; i < n; i++)
	{
		x[i] = o->x[i] + DIFFERENCE;
		o->function(o->context, x, above);
		x[i] = o->x[i] - DIFFERENCE;
		o->function(o->context, x, below);
		x[i] = o->x[i];
		o->evaluations += 2;
		for (int j = 0; j < n; j++)
			o->information[i][j] = (below[j] - above[j]) / (2 * DIFFERENCE);
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			o->information[i][j] = o->information[j][i] =
				0.5 * (o->information[i][j] + o->information[j][i]);
}

bool
optimizer_held(const Optimizer *o, int i)
{
	return (o->x[i] <= o->lower[i] && o->gradient[i] <= 0) ||
		(o->x[i] >= o->upper[i] && o->gradient[i] >= 0);
}

/*
 * Cholesky's factor of the rows and columns used, scaled to a unit diagonal
 * first so that "nearly singular" means the same in all units.
 */
static bool
factor(const double a[][DIM], int n, const bool *used, double l[][DIM])
{
	for (int i = 0; i < n; i++)
	{
		if (!used[i])
			continue;
		for (int j = 0; j <= i; j++)
		{
			double		sum = a[i][j];

			if (!used[j])
				continue;
			for (int k = 0; k < j; k++)
				if (used[k])
					sum -= l[i][k] * l[j][k];
			if (i > j)
				l[i][j] = sum / l[j][j];
			else if (a[i][i] > 0 && sum > 1e-14 * a[i][i])
				l[i][i] = sqrt(sum);
			else
				return false;
		}
	}
	return true;
}

/* Solve a x = b from the factor of a. */
static void
solve(const double l[][DIM], int n, const bool *used, const double *b, double *x)
{
	for (int i = 0; i < n; i++)
	{
		x[i] = 0;
		if (!used[i])
			continue;
		x[i] = b[i];
		for (int k = 0; k < i; k++)
			if (used[k])
				x[i] -= l[i][k] * x[k];
		x[i] /= l[i][i];
	}
	for (int i = n - 1; i >= 0; i--)
	{
		if (!used[i])
			continue;
		for (int k = i + 1; k < n; k++)
			if (used[k])
				x[i] -= l[k][i] * x[k];
		x[i] /= l[i][i];
	}
}

bool
invert_information(const double a[][DIM], int n, const bool *used, double inverse[][DIM])
{
	double		l[DIM][DIM] = {{0}};

	memset(inverse, 0, sizeof(double) * DIM * DIM);
	if (!factor(a, n, used, l))
		return false;
	for (int i = 0; i < n; i++)
	{
		double		unit[DIM] = {0};

		if (!used[i])
			continue;
		unit[i] = 1;
		solve((const double (*)[DIM]) l, n, used, unit, inverse[i]);
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			inverse[i][j] = inverse[j][i];
	return true;
}

/*
 * The step that the information, damped, promises; returns the gain it
 * promises.  Damping adds to the diagonal until the matrix is positive
 * definite.
 */
static double
propose(const Optimizer *o, double *damping, double *step)
{
	int			n = o->variables;
	bool		used[DIM];
	double		l[DIM][DIM] = {{0}};
	double		longest = 0;
	double		gain = 0;
	double		size = 0;

	for (int i = 0; i < n; i++)
	{
		used[i] = !optimizer_held(o, i);
		size = fmax(size, fabs(o->information[i][i]));
	}
	for (;;)
	{
		double		a[DIM][DIM];

		memcpy(a, o->information, sizeof(a));
		for (int i = 0; i < n; i++)
			a[i][i] += *damping * fmax(fabs(a[i][i]), 1e-6 * size + 1e-12);
		if (factor((const double (*)[DIM]) a, n, used, l))
			break;
		*damping = fmax(*damping * 4, 1e-4);
		if (!(*damping < 1e18))
			return 0;
	}
	solve((const double (*)[DIM]) l, n, used, o->gradient, step);
	for (int i = 0; i < n; i++)
	{
		gain += 0.5 * step[i] * o->gradient[i];
		longest = fmax(longest, fabs(step[i]));
	}
	if (longest > LONGEST_STEP)
		for (int i = 0; i < n; i++)
			step[i] *= LONGEST_STEP / longest;
	return gain;
}

/* What a step taught about the curvature: the BFGS formula. */
static void
learn(Optimizer *o, const double *step, const double *gradient_before)
{
	int			n = o->variables;
	double		change[DIM];
	double		push[DIM];
	double		along = 0;
	double		expected = 0;

	for (int i = 0; i < n; i++)
	{
		change[i] = gradient_before[i] - o->gradient[i];
		push[i] = 0;
		for (int j = 0; j < n; j++)
			push[i] += o->information[i][j] * step[j];
		along += change[i] * step[i];
		expected += push[i] * step[i];
	}
	if (!(along > 1e-4 * expected) || !(expected > 0))
		return;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			o->information[i][j] += change[i] * change[j] / along -
				push[i] * push[j] / expected;
}

/*
 * Try the step from here.  Near the maximum the value cannot show progress any
 * more, and the gradient decides.
 */
static bool
try_step(Optimizer *o, const double *step, double gain)
{
	Optimizer	before = *o;
	double		slope = 0;
	double		slope_before = 0;

	for (int i = 0; i < o->variables; i++)
		o->x[i] = fmin(fmax(before.x[i] + step[i], o->lower[i]), o->upper[i]);
	if (optimizer_enter(o))
	{
		if (o->value > before.value && gain > ROUNDING * fabs(before.value))
			return true;
		for (int i = 0; i < o->variables; i++)
		{
			slope += fabs(o->gradient[i] * step[i]);
			slope_before += fabs(before.gradient[i] * step[i]);
		}
		if (o->value >= before.value - ROUNDING * fabs(before.value) &&
			slope < 0.9 * slope_before)
			return true;
	}
	before.evaluations = o->evaluations;
	*o = before;
	return false;
}

bool
optimizer_climb(Optimizer *o, bool exact)
{
	double		damping = 0;
	int			dampings = 0;
	double		mark = -INFINITY;	/* the value some steps ago */

	for (int steps = 0; steps < MOST_STEPS;)
	{
		double		gradient[DIM];
		double		x[DIM];
		double		step[DIM];
		double		gain;

		cv_check_interrupts();
		if (exact && dampings == 0)
			optimizer_curvature(o);
		gain = propose(o, &damping, step);
		if (gain < ENOUGH && damping < 1)
			return true;
		memcpy(gradient, o->gradient, sizeof(gradient));
		memcpy(x, o->x, sizeof(x));
		if (try_step(o, step, gain))
		{
			for (int i = 0; i < o->variables; i++)
				step[i] = o->x[i] - x[i];
			if (!exact)
				learn(o, step, gradient);
			damping = damping < 1e-3 ? 0 : damping / 8;
			dampings = 0;
			if (++steps % CREEPING_STEPS == 0)
			{
				if (o->value - mark < CREEPING_GAIN)
					return false;
				mark = o->value;
			}
		}
		else if (gain < ROUNDING * fabs(o->value) || ++dampings > MOST_DAMPINGS)
			/* as high as rounding lets us see, or stuck */
			return gain <= fmax(1e-6, ROUNDING * fabs(o->value));
		else
			damping = fmax(damping * 8, 1e-3);
	}
	return false;
}
