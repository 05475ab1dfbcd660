/*
 * prune.h
 *		Cost-complexity pruning, and how much of it, by cross-validation.
 *
 * A tree T costs R(T) + alpha |T|: the risk of its leaves, as a share of the
 * customers or mean squared deviation, and a price for each leaf.  As alpha
 * rises from 0, the subtree that costs least shrinks in steps to the root,
 * each a part of the one before (Breiman, Friedman, Olshen and Stone 1984,
 * chapter 3).  Which step is best, customers decide who were not there when
 * the tree was grown.
 */
#ifndef CV_PRUNE_H
#define CV_PRUNE_H

#include "common/host.h"

#include "tree/grow.h"

typedef struct PrunePath
{
	int			nsteps;
	double	   *alpha;			/* [nsteps], ascending: where nodes collapse */
	double	   *collapse;		/* by node: the alpha from which on it is no
								 * question any more; leaves: 0 */
} PrunePath;

extern void prune_path(PrunePath *path, const Grown *tree);
extern void prune_close(PrunePath *path);

/*
 * Customers beyond this many have no part in the cross-validation: errors are
 * known to three digits by then.
 */
#define VALIDATION_CUSTOMERS 100000

/*
 * The step to prune at: with step s, questions that collapse at alpha[s - 1]
 * or before are dropped; 0 keeps all.  "grown" and the path are of all rows,
 * the target is by row, and *rows is what they were before they were divided,
 * or the first "count" of them.
 */
extern int	cross_validate(const Grown *grown, const PrunePath *path, const Presort *rows,
						   size_t count, const double *target, int max_leaves,
						   const uint8 *fold_of, int folds, TreeValidation *validation);

/*
 * Which fold each row is in.  Rows are in random order, so that it is every
 * so many-th; classes are dealt out one after the other, for if a class is
 * rarer in a fold, it is more frequent in the others, and what they predict
 * would be worse than chance.
 */
extern uint8 *make_folds(const double *target, size_t count, int classes, int folds);

#endif							/* CV_PRUNE_H */
