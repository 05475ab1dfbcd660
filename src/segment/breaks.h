/*
 * breaks.h
 *		Optimal partitions of a sorted list of numbers.
 *
 * Given values in ascending order, each with a weight (the number of
 * customers who have it), cut the list into k runs, the classes, so that the
 * sum over the classes of the squared deviations from their means is least.
 * Fisher showed in 1958 that one dynamic programme finds the optimum; maps
 * know it as natural breaks.
 */
#ifndef CV_BREAKS_H
#define CV_BREAKS_H

#include "common/host.h"

typedef struct BreaksProblem
{
	const double *value;		/* not descending, finite */
	const int64 *weight;		/* each at least 1; their sum below 2^53 */
	size_t		count;			/* of values, at least 1 */
	int			classes;		/* k, at least 1 */
	int64		min_weight;		/* least weight of a class; 1 asks nothing */
	size_t		cut;			/* if 0 < cut < count, a class starts at this
								 * value */
} BreaksProblem;

typedef enum BreaksStatus
{
	BREAKS_OK,
	BREAKS_TOO_FEW_VALUES,		/* fewer values than classes */
	BREAKS_TOO_LIGHT,			/* no k classes have the least weight */
	BREAKS_TOO_LARGE			/* the work would not fit into memory */
} BreaksStatus;

/*
 * Solve: first[j] is where class j starts, for j = 0 .. classes - 1 in
 * ascending order, so first[0] = 0.
 *
 * A forced cut needs at least two classes.  Values that weigh less than
 * min_weight all together, on one side of the cut or where there is none, form
 * one class nevertheless.
 */
extern BreaksStatus breaks_solve(const BreaksProblem *problem, size_t *first);

/*
 * The same for several numbers of classes or least weights in turn, of the
 * same values: what is added up for the first is kept for the others.  Also
 * says what the partition costs, the sum of squares within classes.
 */
typedef struct BreaksSums BreaksSums;

extern BreaksSums *breaks_sums_open(void);
extern BreaksStatus breaks_solve_with(BreaksSums *sums, const BreaksProblem *problem,
									  size_t *first, double *within);
extern void breaks_sums_close(BreaksSums *sums);

/*
 * The largest least weight, at most problem->min_weight, with which the
 * classes can be formed at all; 0 if there are too few values.
 */
extern int64 breaks_feasible_weight(const BreaksProblem *problem);

/*
 * Sums of squared deviations: of all values from their mean, and of the
 * values of each class from the mean of the class.
 */
extern void breaks_squares(const double *value, const int64 *weight, size_t count,
						   const size_t *first, int classes,
						   double *total, double *within);

#endif							/* CV_BREAKS_H */
