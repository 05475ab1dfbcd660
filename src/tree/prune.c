/*
 * prune.c
 *		Cost-complexity pruning and cross-validation.
 */
#include "tree/prune.h"

#include <math.h>

/* ---- the path ---- */

/* Of what hangs below each node: leaves, and their risk.  Children come after
 * their parents. */
static void
sum_subtrees(const Grown *tree, const double *collapse, double *risk, int *leaves)
{
	for (int i = tree->nnodes - 1; i >= 0; i--)
	{
		const GrownNode *node = &tree->node[i];

		if (node->yes < 0 || collapse[i] < HUGE_VAL)
		{
			risk[i] = node->risk;
			leaves[i] = 1;
		}
		else
		{
			risk[i] = risk[node->yes] + risk[node->no];
			leaves[i] = leaves[node->yes] + leaves[node->no];
		}
	}
}

/* A node that has collapsed takes with it what is below. */
static void
collapse_below(const Grown *tree, double *collapse, int from, double alpha)
{
	for (int i = from; i < tree->nnodes; i++)
	{
		const GrownNode *node = &tree->node[i];

		if (node->yes < 0 || collapse[i] > alpha)
			continue;
		if (collapse[node->yes] > alpha)
			collapse[node->yes] = alpha;
		if (collapse[node->no] > alpha)
			collapse[node->no] = alpha;
	}
}

void
prune_path(PrunePath *path, const Grown *tree)
{
	int			nnodes = tree->nnodes;
	double		count = (double) (tree->node[0].end - tree->node[0].begin);
	double	   *risk = cv_alloc(nnodes * sizeof(double));
	int		   *leaves = cv_alloc(nnodes * sizeof(int));
	double		alpha = 0.0;

	path->nsteps = 0;
	path->alpha = cv_alloc(nnodes * sizeof(double));
	path->collapse = cv_alloc(nnodes * sizeof(double));
	for (int i = 0; i < nnodes; i++)
		path->collapse[i] = tree->node[i].yes < 0 ? 0.0 : HUGE_VAL;
	while (path->collapse[0] == HUGE_VAL)
	{
		double		least = HUGE_VAL;

		cv_check_interrupts();
		sum_subtrees(tree, path->collapse, risk, leaves);
		for (int i = 0; i < nnodes; i++)
		{
			if (path->collapse[i] == HUGE_VAL)
				least = fmin(least, (tree->node[i].risk - risk[i]) / (leaves[i] - 1) / count);
		}
		alpha = fmax(alpha, least);
		for (int i = 0; i < nnodes; i++)
		{
			/* equal but for rounding is equal */
			if (path->collapse[i] == HUGE_VAL &&
				(tree->node[i].risk - risk[i]) / (leaves[i] - 1) / count <= alpha * (1.0 + 1e-9))
				path->collapse[i] = alpha;
		}
		collapse_below(tree, path->collapse, 0, alpha);
		if (path->nsteps == 0 || alpha > path->alpha[path->nsteps - 1])
			path->alpha[path->nsteps++] = alpha;
	}
	cv_free(risk);
	cv_free(leaves);
}

void
prune_close(PrunePath *path)
{
	cv_free(path->alpha);
	cv_free(path->collapse);
}

/* ---- cross-validation ---- */

uint8 *
make_folds(const double *target, size_t count, int classes, int folds)
{
	uint8	   *fold_of = cv_alloc(count);
	size_t	   *next;
	size_t		before = 0;

	if (classes == 0)
	{
		for (size_t i = 0; i < count; i++)
			fold_of[i] = (uint8) (i % (size_t) folds);
		return fold_of;
	}
	next = cv_alloc(classes * sizeof(size_t));
	memset(next, 0, classes * sizeof(size_t));
	for (size_t i = 0; i < count; i++)
		next[(int) target[i] - 1]++;
	for (int c = 0; c < classes; c++)
	{
		size_t		here = next[c];

		next[c] = before;
		before += here;
	}
	for (size_t i = 0; i < count; i++)
		fold_of[i] = (uint8) (next[(int) target[i] - 1]++ % (size_t) folds);
	cv_free(next);
	return fold_of;
}

/*
 * Each subtree of the path is the best for a range of alpha; the geometric
 * mean of its ends stands for it in the trees of the folds.
 */
static double
price_of_step(const PrunePath *path, int step)
{
	if (step == 0)
		return 0.0;
	if (step == path->nsteps)
		return HUGE_VAL;
	return sqrt(path->alpha[step - 1] * path->alpha[step]);
}

/* Errors of one customer who was left out, for every step. */
static void
add_errors(const Grown *tree, const PrunePath *own, const double *price, int nsteps,
		   size_t row, double y, double *error)
{
	int			at = 0;

	for (int step = nsteps; step >= 0; step--)
	{
		const GrownNode *node = &tree->node[at];

		while (node->yes >= 0 && own->collapse[at] > price[step])
		{
			at = grown_answer(tree, node, row) ? node->yes : node->no;
			node = &tree->node[at];
		}
		if (tree->classes)
			error[step] += (int) y != node->class;
		else
			error[step] += (y - node->mean) * (y - node->mean);
	}
}

/* Mean errors of a fold's customers for every step. */
static void
validate_fold(const Grown *grown, const double *price, int nsteps, Presort *rows,
			  size_t count, const double *target, int max_leaves, const uint8 *fold_of,
			  int fold, double *error)
{
	double		share = (double) rows->count / (double) (grown->node[0].end - grown->node[0].begin);
	int64		least = (int64) floor((double) grown->min_customers * fmin(1.0, share));
	Grown		tree;
	PrunePath	own;

	for (int step = 0; step <= nsteps; step++)
		error[step] = 0.0;
	grow_tree(&tree, grown->frame, rows, grown->classes, max_leaves, least);
	prune_path(&own, &tree);
	for (size_t row = 0; row < count; row++)
	{
		if (fold_of[row] == fold)
			add_errors(&tree, &own, price, nsteps, row, target[row], error);
	}
	prune_close(&own);
	grown_free(&tree);
}

/*
 * The standard error of the mean difference of two steps, each customer
 * counting the same, from how it differs between folds.  These share most of
 * what they learned from, so they differ less than independent samples would:
 * 1 / (folds - 1), the customers tested by those learned from, is added to
 * 1 / folds (Nadeau and Bengio 2003, Inference for the generalization error).
 */
static double
standard_error(const double *error, int nsteps, int folds, size_t count, int a, int b)
{
	double		mean = 0.0;
	double		squares = 0.0;

	for (int f = 0; f < folds; f++)
		mean += error[f * (nsteps + 1) + a] - error[f * (nsteps + 1) + b];
	mean /= (double) count;
	for (int f = 0; f < folds; f++)
	{
		double		customers = (double) ((count - (size_t) f + (size_t) folds - 1) / (size_t) folds);
		double		d = error[f * (nsteps + 1) + a] - error[f * (nsteps + 1) + b] - mean * customers;

		squares += d * d;
	}
	/* customers of a fold are count / folds */
	squares *= (double) folds * folds / (folds - 1);
	return sqrt(squares * (1.0 / folds + 1.0 / (folds - 1))) / (double) count;
}

/*
 * The smallest tree that is not worse than the best by more than a standard
 * error of the difference.  It must be better than no tree by two of them:
 * the best of many trees is a little better by chance.
 */
static int
choose_step(const double *error, const double *sum, int nsteps, int folds, size_t count)
{
	int			best = nsteps;
	int			chosen = nsteps;

	for (int step = nsteps - 1; step >= 0; step--)
	{
		if (sum[step] < sum[best])
			best = step;
	}
	while (chosen > best &&
		   (sum[chosen] - sum[best]) / (double) count >
		   standard_error(error, nsteps, folds, count, chosen, best))
		chosen--;
	if (chosen < nsteps && (sum[nsteps] - sum[chosen]) / (double) count <=
		2.0 * standard_error(error, nsteps, folds, count, nsteps, chosen))
		return nsteps;
	return chosen;
}

int
cross_validate(const Grown *grown, const PrunePath *path, const Presort *rows, size_t count,
			   const double *target, int max_leaves, const uint8 *fold_of, int folds,
			   TreeValidation *validation)
{
	int			nsteps = path->nsteps;
	double	   *error = cv_alloc((size_t) folds * (nsteps + 1) * sizeof(double));
	double	   *sum = cv_alloc((nsteps + 1) * sizeof(double));
	double	   *price = cv_alloc((nsteps + 1) * sizeof(double));
	Presort		without = {0};
	int			chosen;

	for (int step = 0; step <= nsteps; step++)
	{
		price[step] = price_of_step(path, step);
		sum[step] = 0.0;
	}
	for (int fold = 0; fold < folds; fold++)
	{
		double	   *of_fold = error + (size_t) fold * (nsteps + 1);

		presort_copy(&without, rows, count, fold_of, fold);
		validate_fold(grown, price, nsteps, &without, count, target, max_leaves, fold_of, fold,
					  of_fold);
		for (int step = 0; step <= nsteps; step++)
			sum[step] += of_fold[step];
	}
	chosen = choose_step(error, sum, nsteps, folds, count);
	validation->folds = folds;
	validation->customers = (int64) count;
	validation->root_error = sum[nsteps] / (double) count;
	validation->error = sum[chosen] / (double) count;
	validation->deviation = standard_error(error, nsteps, folds, count, nsteps, chosen);
	presort_close(&without);
	cv_free(error);
	cv_free(sum);
	cv_free(price);
	return chosen;
}
