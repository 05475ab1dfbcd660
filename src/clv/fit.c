/*
 * fit.c
 *		Fitting a model to customers by maximum likelihood.
 *
 * The search runs in the logarithms of the parameters, which are positive and
 * of any size.  It begins on a sample of some hundred customers from several
 * starting points, goes on from the best on a larger one, and sees all
 * customers only when it is nearly there.
 */
#include "clv/fit.h"

#include <math.h>
#include <stdarg.h>

#include "clv/optimizer.h"

/* Customers in the first sample; the next is so many times larger. */
#define SMALLEST_SAMPLE 512.0
#define SAMPLE_GROWTH 32

/*
 * The box: a parameter within a factor of 10^6 of its natural sizes, which
 * are 1, or the ages or mean values there are.  The likelihood of data that
 * do not identify it rises, ever less, towards a border.
 */
#define BOX 1e6

/* A log parameter with a larger standard error than this is not identified. */
#define UNKNOWN 10.0

/*
 * Above what differences of gradients are off by, relative to the largest of
 * the information; and small beside 1 / UNKNOWN^2.
 */
#define GRAIN 1e-10
#define LARGEST_GRAIN 1e-4

/* 95 % of chi-square with one degree of freedom. */
#define SIGNIFICANT 3.841458820694124

typedef struct Problem
{
	const ModelClass *model;
	const Pattern *pattern;
	size_t		count;
} Problem;

void
fit_note(Fit *fit, const char *format,...)
{
	size_t		used = strlen(fit->diagnosis);
	va_list		args;

	if (used > 0 && used + 2 < DIAGNOSIS_SIZE)
	{
		memcpy(fit->diagnosis + used, "; ", 3);
		used += 2;
	}
	va_start(args, format);
	(void) vsnprintf(fit->diagnosis + used, DIAGNOSIS_SIZE - used, format, args);
	va_end(args);
}

/* The log-likelihood by the logarithms of the parameters. */
static double
log_likelihood(void *context, const double *x, double *gradient)
{
	const Problem *problem = context;
	int			n = problem->model->parameters;
	double		parameter[MODEL_MAX_PARAMETERS] = {0};
	double		value;

	cv_check_interrupts();
	for (int i = 0; i < n; i++)
		parameter[i] = exp(x[i]);
	value = problem->model->log_likelihood(parameter, problem->pattern,
										   problem->count, gradient);
	for (int i = 0; i < n; i++)
		gradient[i] *= parameter[i];
	return value;
}

static double
count_customers(const Pattern *pattern, size_t count)
{
	double		customers = 0;

	for (size_t i = 0; i < count; i++)
		customers += pattern[i].customers;
	return customers;
}

/*
 * Every so many-th customer in the order of the patterns, each standing for
 * as many.  Returns how many patterns they have.
 */
static size_t
sample(const Pattern *pattern, size_t count, double every, Pattern *sampled)
{
	size_t		n = 0;
	double		seen = 0;

	for (size_t i = 0; i < count; i++)
	{
		double		before = floor(seen / every + 0.5);
		double		drawn;

		seen += pattern[i].customers;
		drawn = floor(seen / every + 0.5) - before;
		if (drawn > 0)
		{
			sampled[n] = pattern[i];
			sampled[n++].customers = drawn * every;
		}
	}
	return n;
}

/* What ages, or mean values, there are among the patterns. */
static void
find_range(const Problem *problem, ParameterScale scale, double *least, double *most)
{
	*least = INFINITY;
	*most = 0;
	for (size_t i = 0; i < problem->count; i++)
	{
		const Pattern *p = &problem->pattern[i];
		double		size = scale == SCALE_TIME ? p->age : p->monetary;

		if (size > 0)
			*least = fmin(*least, size);
		*most = fmax(*most, size);
	}
	if (*most == 0)
		*least = *most = 1;
	*least = fmax(*least, 1e-200);
	*most = fmin(*most, 1e200);
}

/* The box around the natural sizes of each parameter. */
static void
set_box(const Problem *problem, Optimizer *o)
{
	for (int i = 0; i < problem->model->parameters; i++)
	{
		double		least = 1;
		double		most = 1;

		if (problem->model->parameter_scales[i] != SCALE_NUMBER)
			find_range(problem, problem->model->parameter_scales[i], &least, &most);
		o->lower[i] = log(least / BOX);
		o->upper[i] = log(most * BOX);
	}
}

static void
put_into_box(Optimizer *o)
{
	for (int i = 0; i < o->variables; i++)
		o->x[i] = fmin(fmax(o->x[i], o->lower[i]), o->upper[i]);
}

/* Climb from every start, and stay where it is highest. */
static void
climb_from_starts(const Problem *problem, Optimizer *o)
{
	double		start[MODEL_MAX_STARTS][MODEL_MAX_PARAMETERS];
	int			starts = problem->model->starts(problem->pattern, problem->count, start);
	Optimizer	best = *o;
	bool		any = false;

	for (int s = 0; s < starts; s++)
	{
		for (int i = 0; i < o->variables; i++)
			o->x[i] = log(start[s][i]);
		put_into_box(o);
		if (!optimizer_enter(o))
			continue;
		(void) optimizer_climb(o, true);
		if (!any || o->value > best.value)
			best = *o;
		any = true;
	}
	if (!any)
	{
		best.value = -INFINITY;
		for (int i = 0; i < o->variables; i++)
			best.x[i] = 0.5 * (best.lower[i] + best.upper[i]);
	}
	best.evaluations = o->evaluations;
	*o = best;
}

/*
 * From samples to all customers, on which secants carry the search on.
 */
static void
search(const Problem *all, Optimizer *o)
{
	double		customers = count_customers(all->pattern, all->count);
	Pattern    *sampled = NULL;
	double		size = SMALLEST_SAMPLE;
	Problem		level = *all;

	o->context = &level;
	if (all->count > SMALLEST_SAMPLE)
	{
		sampled = cv_alloc(all->count * sizeof(Pattern));
		level.pattern = sampled;
		level.count = sample(all->pattern, all->count, customers / size, sampled);
	}
	climb_from_starts(&level, o);
	while (level.count < all->count)
	{
		size *= SAMPLE_GROWTH;
		if (size < all->count / 4)
			level.count = sample(all->pattern, all->count, customers / size, sampled);
		else
			level = *all;
		if (optimizer_enter(o))
			(void) optimizer_climb(o, false);
	}
	if (sampled)
		cv_free(sampled);
	o->context = (void *) all;
}

/*
 * Where nobody came back, the first parameter, the shape of how much they
 * buy, goes to its smallest; even where ages are 0 and nothing says so.
 */
static void
expect_nothing(Optimizer *o)
{
	o->x[0] = o->lower[0];
	(void) optimizer_enter(o);
}

/*
 * The curvature at the maximum, for the standard errors, and the last steps
 * with it.
 */
static bool
settle(Optimizer *o)
{
	if (!isfinite(o->value))
		return false;
	optimizer_curvature(o);
	return optimizer_climb(o, false);
}

/*
 * The covariance of the parameters that have one.  A grain is added to the
 * information, so that parameters that the data do not tell apart show as
 * variances without measure, and these have no standard error.  They are not
 * held fixed, however: what is not known of them is not known of the others.
 * Parameters at the border of the box are, if all would not do.
 */
static void
set_covariance(const Optimizer *o, Fit *fit)
{
	double		grainy[OPTIMIZER_MAX_VARIABLES][OPTIMIZER_MAX_VARIABLES];
	double		inverse[OPTIMIZER_MAX_VARIABLES][OPTIMIZER_MAX_VARIABLES];
	bool		used[OPTIMIZER_MAX_VARIABLES];
	bool		inside[OPTIMIZER_MAX_VARIABLES];
	int			n = o->variables;
	double		size = 0;

	memcpy(grainy, o->information, sizeof(grainy));
	for (int i = 0; i < n; i++)
		size = fmax(size, fabs(grainy[i][i]));
	for (int i = 0; i < n; i++)
	{
		used[i] = true;
		inside[i] = o->x[i] > o->lower[i] && o->x[i] < o->upper[i];
		grainy[i][i] += fmin(GRAIN * size, LARGEST_GRAIN);
	}
	if (!invert_information((const double (*)[OPTIMIZER_MAX_VARIABLES]) grainy, n, used, inverse) &&
		!invert_information((const double (*)[OPTIMIZER_MAX_VARIABLES]) grainy, n, inside, inverse))
		return;
	for (int i = 0; i < n; i++)
		fit->has_error[i] = inside[i] && inverse[i][i] < UNKNOWN * UNKNOWN;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			fit->covariance[i][j] = fit->has_error[i] && fit->has_error[j] ?
				inverse[i][j] * fit->parameter[i] * fit->parameter[j] : 0;
}

/*
 * Parameters without standard error.  Their likelihood only grows towards a
 * limit, far out; where the search stopped has no meaning of its own, but the
 * limit has.
 */
static bool
note_unidentified(const ModelClass *model, bool dropout, Fit *fit)
{
	char		names[64] = "";
	const char *limit = NULL;

	for (int i = 0; i < model->parameters; i++)
	{
		if (fit->has_error[i])
			continue;
		if (names[0])
			strcat(names, ", ");
		strcat(names, model->parameter_names[i]);

		/* Where nobody leaves, only how often they buy is worth a word. */
		if (limit == NULL && (dropout || i < 2))
			limit = model->limits[i];
	}
	if (names[0] == '\0')
		return false;
	fit_note(fit, "not identified by the data: %s (the likelihood only grows towards a limit; the values are where the search stopped)",
			 names);
	if (limit)
		fit_note(fit, "%s", limit);
	return true;
}

/*
 * Does dropout say more than a model without?  If not, there is nothing to
 * tell who left from who is slow.
 */
static bool
dropout_identified(const ModelClass *model, const Pattern *pattern, size_t count, Fit *fit)
{
	Problem		problem = {model->null_model, pattern, count};
	Optimizer	o = {.function = log_likelihood};

	if (model->null_model == NULL)
		return true;
	o.variables = model->null_model->parameters;
	set_box(&problem, &o);
	search(&problem, &o);
	if (2 * (fit->log_likelihood - o.value) >= SIGNIFICANT)
		return true;
	fit_note(fit, "no dropout identified: the data do not distinguish this from %s",
			 model->null_title);
	return false;
}

static bool
nobody_returned(const Pattern *pattern, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pattern[i].frequency > 0)
			return false;
	return true;
}

void
model_fit(const ModelClass *model, const Pattern *pattern, size_t count, Fit *fit)
{
	Problem		problem = {model, pattern, count};
	Optimizer	o = {.function = log_likelihood,.variables = model->parameters};
	bool		nothing = model->subject == MODEL_OF_PURCHASES && nobody_returned(pattern, count);
	bool		dropout;

	memset(fit, 0, sizeof(Fit));
	fit->customers = count_customers(pattern, count);
	set_box(&problem, &o);
	search(&problem, &o);
	if (nothing)
		expect_nothing(&o);
	fit->converged = settle(&o);
	for (int i = 0; i < model->parameters; i++)
		fit->parameter[i] = exp(o.x[i]);
	fit->log_likelihood = isfinite(o.value) ? o.value : 0;
	set_covariance(&o, fit);

	if (nothing)
	{
		fit->converged = false;
		fit_note(fit, "no customer bought a second time: there is nothing to fit");
		return;
	}
	dropout = dropout_identified(model, pattern, count, fit);
	if (note_unidentified(model, dropout, fit))
		fit->converged = false;
	else if (!fit->converged)
		fit_note(fit, "the search for the maximum was given up after %d evaluations of the likelihood",
				 o.evaluations);
}
