/*
 * model.h
 *		What every model of customers' behaviour offers, as a table of
 *		functions, and nothing of how.
 *
 * A new model is one new file that fills in a ModelClass, and its line in
 * clv_model.c.  Fitting (fit.h), storing (clv_model.h) and scoring in SQL know
 * models through this table only.
 *
 * Parameters are positive numbers in the order of parameter_names.  Times are
 * in the unit the caller counts in; a model does not know which that is.
 */
#ifndef CV_MODEL_H
#define CV_MODEL_H

#include "common/host.h"

#define MODEL_MAX_PARAMETERS 4

/* What a model says something about, and so what it is fitted to. */
typedef enum ModelSubject
{
	MODEL_OF_PURCHASES,			/* frequency, recency, age */
	MODEL_OF_SPEND,				/* frequency, monetary */
	MODEL_OF_RETENTION			/* contractual: how long customers stay */
} ModelSubject;

/* What a parameter is measured in, so that a fit knows its scale. */
typedef enum ParameterScale
{
	SCALE_NUMBER,
	SCALE_TIME,
	SCALE_MONEY
} ParameterScale;

/* One customer's purchases, as purchase models read them. */
typedef struct History
{
	double		frequency;		/* repeat purchases */
	double		recency;		/* from the first purchase to the last */
	double		age;			/* from the first purchase to now */
} History;

/*
 * Customers who are alike to a model, and how many they are.
 *
 * Purchase models read frequency, recency and age; spend models frequency and
 * monetary, and age is 0.  For retention models, age is the number of periods
 * a customer has been seen, and frequency is 1 if he left in the last of them
 * and 0 if he was still there at its end.
 */
typedef struct Pattern
{
	double		frequency;
	union
	{
		double		recency;
		double		monetary;
	};
	double		age;
	double		customers;		/* a whole number above 0 */
} Pattern;

typedef struct ModelClass
{
	const char *name;			/* "bg/nbd" */
	ModelSubject subject;
	int			parameters;
	const char *parameter_names[MODEL_MAX_PARAMETERS];
	ParameterScale parameter_scales[MODEL_MAX_PARAMETERS];

	/*
	 * What it means if the data do not identify a parameter, because the
	 * likelihood grows towards a limit in it: half a sentence.
	 */
	const char *limits[MODEL_MAX_PARAMETERS];

	/* The same without dropout, and what one calls that; or NULL. */
	const struct ModelClass *null_model;
	const char *null_title;

	/*
	 * Can the model read this history?  NULL if it can, else why not, as a
	 * full sentence.  No function here: it reads every valid one.
	 */
	const char *(*refuse) (const History *h);

	/*
	 * The log-likelihood of all patterns and, unless gradient is NULL, its
	 * derivatives by the parameters.  Patterns are sorted by frequency,
	 * recency (or monetary) and age, so that neighbours can share work.  Sums
	 * run in that order: the same patterns give the same bits.
	 */
	double		(*log_likelihood) (const double *parameter,
								   const Pattern *pattern, size_t count,
								   double *gradient);

	/*
	 * Where a search for the maximum may begin: fills in up to
	 * MODEL_MAX_STARTS sets of parameters, returns how many.
	 */
	int			(*starts) (const Pattern *pattern, size_t count,
						   double start[][MODEL_MAX_PARAMETERS]);

	/*
	 * Scores of purchase models.  What follows "if alive" is said of a
	 * customer who is still one at the end of the history, and then the time
	 * of his last purchase says nothing more: of the history, these may read
	 * frequency and age only.  A new customer is one with frequency, recency
	 * and age 0.  All take any valid history and any positive parameters.
	 */

	/* ln P(alive | history), at most 0. */
	double		(*log_p_alive) (const double *parameter, const History *h);

	/* Expected purchases within the next horizon, if alive. */
	double		(*purchases) (const double *parameter, const History *h,
							  double horizon);

	/*
	 * The same, each purchase at time t from now weighing exp(-rate * t). The
	 * horizon may be infinite if rate is above 0.
	 */
	double		(*discounted_purchases) (const double *parameter, const History *h,
										 double horizon, double rate);

	/*
	 * Expected time alive within the next horizon, if alive now, each moment
	 * t from now weighing exp(-rate * t).
	 */
	double		(*discounted_lifetime) (const double *parameter, const History *h,
										double horizon, double rate);

	/* P(still alive at time horizon from now), if alive now. */
	double		(*survival) (const double *parameter, const History *h,
							 double horizon);

	/* P(a new customer makes exactly n repeat purchases within horizon). */
	double		(*purchase_probability) (const double *parameter, int64 n,
										 double horizon);

	/* Score of spend models: a customer's expected mean value. */
	double		(*spend) (const double *parameter, double frequency,
						  double monetary);
} ModelClass;

#define MODEL_MAX_STARTS 6

extern const ModelClass nbd_model;
extern const ModelClass bgnbd_model;
extern const ModelClass mbgnbd_model;
extern const ModelClass pareto_nbd_model;
extern const ModelClass bgbb_model;
extern const ModelClass gamma_gamma_model;
extern const ModelClass sbg_model;

#endif							/* CV_MODEL_H */
