/*
 * grow.h
 *		Growing a tree of questions that divides customers best-first.
 *
 * What is to be explained is a value, and impurity the sum of its squared
 * deviations from the mean; or a class from 1 to "classes", and impurity
 * Gini's, n (1 - sum of squared shares).  Of all leaves the one is divided
 * next whose best split lowers impurity most, as CART does it under a budget
 * of leaves (Breiman, Friedman, Olshen and Stone 1984).
 *
 * The search is exact.  Numbers are tried at every gap between neighbouring
 * values; categories are put into the order of their mean target, and tried
 * at every gap: for squared deviations no other subset is better (Breiman et
 * al., theorem 4.5; Fisher 1958), and neither for two classes; unless it is
 * the least number of rows that rules the best one out.  With more classes,
 * which are ordered, it is a heuristic.  Missing values go to the
 * side where they lower impurity more; whether the value is known is a
 * question of its own.
 *
 * The best question now need not lead to the best tree: a good list of
 * categories uses up what a question about one of them would have left for
 * others to build on.  So where categories are asked for, trees are grown
 * with plainer questions about them, too, and that with the least impurity is
 * kept.  As one of them asks for one category at a time and another for a
 * stretch of their order, no tree of questions about columns of zeros and
 * ones, or about numbers of categories, that is grown best-first explains
 * more of a value, if no category is missing.
 */
#ifndef CV_GROW_H
#define CV_GROW_H

#include "common/host.h"

#include "common/arena.h"
#include "segment/exact.h"
#include "tree/presort.h"
#include "tree/tree.h"

/* How categories are divided. */
typedef enum CategoryUse
{
	CATEGORIES_BY_MEAN,			/* in two, in the order of their mean target */
	CATEGORIES_SINGLE,			/* one against all others */
	CATEGORIES_BY_NAME			/* in two, in the order of their names */
} CategoryUse;

#define CATEGORY_USES (CATEGORIES_BY_NAME + 1)

/* A question; customers for whom the answer is "yes" form the first child. */
typedef struct Split
{
	TreeNodeKind kind;			/* TREE_LEAF: none found */
	int			feature;
	double		gain;			/* of impurity */
	bool		missing_yes;
	double		below;			/* TREE_NUMBER: the values on both sides of */
	double		above;			/* the gap; "yes" is above */
	int32	   *listed;			/* TREE_CATEGORY: those that are "yes", */
	int			nlisted;		/* ascending */
} Split;

/* The rows of a node with the same category. */
typedef struct CategoryGroup
{
	int32		category;		/* the number of categories: missing */
	int64		count;
	double		sum;			/* of (y - mean of the node) */
} CategoryGroup;

typedef struct GrownNode
{
	size_t		begin;			/* its rows in every column */
	size_t		end;
	double		mean;			/* of the target; of classes, too */
	double		impurity;
	double		risk;			/* if it were a leaf: squared deviations, or
								 * customers not of its class */
	int			class;			/* the most frequent one, the lowest of equals */
	Split		number;			/* the best question about a number */
	Split		split;			/* the best, applied if there are children */
	int			yes;			/* -1: a leaf */
	int			no;
	Exact		threshold;		/* of an applied TREE_NUMBER */
	double		limit;			/* the same as double */
	bool		sorted;			/* applied in all columns */
	int			twin;			/* the same rows in the tree before; or -1 */
} GrownNode;

typedef struct Grown
{
	const Frame *frame;
	Presort    *rows;			/* the plain column is divided by the leaves */
	int			classes;		/* 0: a value */
	int64		min_customers;
	CategoryUse use;
	GrownNode  *node;			/* the first is the root */
	int			nnodes;
	int			nleaves;
	Arena		arena;

	GrownNode  *before;			/* of the tree grown before this one */
	GrownNode  *best;			/* of the best tree so far */

	/* for the search: room for all rows, all categories, all classes */
	TreeEntry  *scratch;
	CategoryGroup *group;
	int32	   *rank;
	size_t	   *at;
	int64	   *counts;			/* [3 * classes] */
	uint8	   *answer;			/* by row: a bit */
} Grown;

/*
 * Grows a tree; the frame is finished, and the order of rows in *rows is
 * changed.  At most max_leaves leaves with at least min_customers rows.
 */
extern void grow_tree(Grown *tree, const Frame *frame, Presort *rows, int classes,
					  int max_leaves, int64 min_customers);
extern void grown_free(Grown *tree);

/* The best split of a node, in split.c. */
extern void find_split(Grown *tree, GrownNode *node);

/* The answer of a row of the frame to the question of an inner node. */
extern bool grown_answer(const Grown *tree, const GrownNode *node, size_t row);

#endif							/* CV_GROW_H */
