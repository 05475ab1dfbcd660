/*
 * fit.h
 *		Fitting a model to customers by maximum likelihood.
 */
#ifndef CV_FIT_H
#define CV_FIT_H

#include "common/host.h"

#include "clv/model.h"

#define DIAGNOSIS_SIZE 1000

typedef struct Fit
{
	double		parameter[MODEL_MAX_PARAMETERS];
	double		log_likelihood;

	/* Of the parameters that have one: the inverse of minus the Hessian. */
	double		covariance[MODEL_MAX_PARAMETERS][MODEL_MAX_PARAMETERS];
	bool		has_error[MODEL_MAX_PARAMETERS];

	double		customers;
	bool		converged;
	char		diagnosis[DIAGNOSIS_SIZE];	/* sentences; "" if all is well */
} Fit;

/*
 * Patterns are sorted, as patterns_sorted() gives them, and at least one.
 * Never fails: what cannot be fitted is finite, and the diagnosis says why.
 */
extern void model_fit(const ModelClass *model, const Pattern *pattern,
					  size_t count, Fit *fit);

/* Add to the diagnosis. */
extern void fit_note(Fit *fit, const char *format,...) __attribute__((format(printf, 2, 3)));

#endif							/* CV_FIT_H */
