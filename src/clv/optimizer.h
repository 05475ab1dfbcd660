/*
 * optimizer.h
 *		The maximum of a smooth function of up to four variables in a box.
 *
 * A damped Newton method.  Gradients are the caller's and exact; second
 * derivatives are differences of gradients, taken once per step where that
 * is cheap, or once at the end where it is not and secants must do between.
 */
#ifndef CV_OPTIMIZER_H
#define CV_OPTIMIZER_H

#include "common/host.h"

#define OPTIMIZER_MAX_VARIABLES 4

/* The function at x, and its gradient.  May be -INFINITY or NaN far out. */
typedef double (*OptimizerFunction) (void *context, const double *x, double *gradient);

typedef struct Optimizer
{
	OptimizerFunction function;
	void	   *context;
	int			variables;
	double		lower[OPTIMIZER_MAX_VARIABLES];
	double		upper[OPTIMIZER_MAX_VARIABLES];

	/* Where the search is: the caller sets x, optimizer_enter() the rest. */
	double		x[OPTIMIZER_MAX_VARIABLES];
	double		value;
	double		gradient[OPTIMIZER_MAX_VARIABLES];

	/* Minus the second derivatives, exact at x or an estimate. */
	double		information[OPTIMIZER_MAX_VARIABLES][OPTIMIZER_MAX_VARIABLES];

	int			evaluations;
} Optimizer;

/* Evaluate at x.  False if the function is not finite there. */
extern bool optimizer_enter(Optimizer *o);

/* Take the information at x, by central differences. */
extern void optimizer_curvature(Optimizer *o);

/*
 * Climb.  With exact, the curvature is taken anew at every step; without, the
 * information there is, is the first estimate, and secants improve it.
 * Returns true at a maximum, in the box or on its border; false if the number
 * of steps was used up.
 */
extern bool optimizer_climb(Optimizer *o, bool exact);

/* Does the box keep variable i from growing, or from shrinking? */
extern bool optimizer_held(const Optimizer *o, int i);

/*
 * Invert a symmetric positive definite matrix; false if it is not, or so
 * nearly not that the inverse means nothing.  Only the variables of which
 * used[] is true; the others' rows of the inverse are zero.
 */
extern bool invert_information(const double a[][OPTIMIZER_MAX_VARIABLES], int n,
							   const bool *used,
							   double inverse[][OPTIMIZER_MAX_VARIABLES]);

#endif							/* CV_OPTIMIZER_H */
