/*
 * tree.h
 *		Segmentations by a tree of questions about the attributes of customers.
 *
 * An inner node asks one feature a question: is the number at least so much,
 * is the category one of a list, is the value known at all?  Customers for
 * whom the answer is "yes" go to the first child, the others to the second;
 * where the value is missing, the node says which.  A leaf has the number of
 * a segment.  A category that is not listed, be it one that was never seen,
 * is a "no".
 *
 * Nodes are kept in the order of a walk that takes "yes" first: the first
 * child follows its parent, the second follows the last of the first one's.
 * So any row of nodes that closes every question is a tree, and a tree is one
 * row of nodes.
 *
 * As bytes, after those of all forms (segmentation.h):
 *
 *		flags, scale
 *					one byte each
 *		features	their number and texts, ascending
 *		nodes		until the tree is complete, each with its kind, one byte:
 *			a leaf		its segment; with FLAG_SUMMARY the number of its
 *						customers and, of a value tree, their total, lowest
 *						and highest value and sum of squares (a double), of a
 *						segment tree the number of them who belong to the
 *						segment
 *			a question	1 if missing values are "yes" or 0; the number of its
 *						feature; the number to compare with, or the number of
 *						categories and their texts, ascending; with
 *						FLAG_SUMMARY what it gains (a double)
 *		unit		with the asinh scale: what values were divided by first
 *		summary		with FLAG_SUMMARY: the leaves that were asked for, the
 *					least customers of a leaf, impurity before any question
 *					(a double), two more sums of squares of a value tree and
 *					the customers of each segment of a segment tree
 *		validation	with FLAG_VALIDATED: folds, customers, three doubles
 */
#ifndef CV_TREE_H
#define CV_TREE_H

#include "common/host.h"

#include "segment/cuts.h"
#include "segment/segmentation.h"

#define TREE_MAX_LEAVES 1000
#define TREE_MAX_NODES (2 * TREE_MAX_LEAVES - 1)
#define TREE_MAX_FEATURES 1000
#define TREE_MAX_NAME 255		/* bytes */
#define TREE_MAX_CATEGORIES 10000	/* of one question */
#define TREE_MAX_COUNT (INT64CONST(1) << 52)

/* Stored: append only. */
typedef enum TreeNodeKind
{
	TREE_LEAF,
	TREE_NUMBER,				/* is it at least the threshold? */
	TREE_CATEGORY,				/* is it one of these? */
	TREE_PRESENT				/* is it known? */
} TreeNodeKind;

/* A name or category; not terminated. */
typedef SegmentLabel TreeText;

typedef struct TreeNode
{
	TreeNodeKind kind;

	/* a question */
	int			feature;
	bool		missing_yes;
	Exact		threshold;
	TreeText   *category;		/* [ncategories], ascending */
	int			ncategories;
	double		gain;
	int			no;				/* the second child; the first is next */

	/* a leaf */
	int			segment;
	int64		customers;
	Exact		total;
	Exact		lowest;
	Exact		highest;
	double		squares;		/* deviations of values from their mean */
	int64		correct;		/* who belong to the segment */
} TreeNode;

/* Out of sample: mean squared errors, or shares of customers misplaced. */
typedef struct TreeValidation
{
	int			folds;			/* 0: none */
	int64		customers;
	double		root_error;		/* of no question at all */
	double		error;			/* of the tree */
	double		deviation;		/* standard error of their difference */
} TreeValidation;

typedef struct Tree
{
	Segmentation head;
	SegmentScale scale;
	Exact		unit;			/* with SCALE_ASINH */
	int			nfeatures;
	TreeText   *feature;		/* ascending; those of no question, too */
	int			nnodes;
	TreeNode   *node;

	bool		summary;		/* made from data: all of this is known */
	int			max_leaves;		/* asked for */
	int64		min_customers;	/* of a leaf */
	double		impurity;		/* before any question */
	SegmentSquares raw;			/* value tree: of the values themselves */
	int64	   *actual;			/* segment tree: [k], customers in each */
	TreeValidation validation;

	struct TreeReading *reading;	/* while a text is read */
} Tree;


static inline bool
is_tree(const Segmentation *s)
{
	return segmentation_form(s->method) == &tree_form;
}

/*
 * Number the second children.  False if the nodes are not exactly one tree;
 * whatever they were taken from, this must hold before anything else.
 */
extern bool tree_link(Tree *tree);

/* Order of names and categories: by their bytes. */
extern int	tree_text_compare(const TreeText *a, const TreeText *b);
extern int	tree_find_text(const TreeText *list, int count, const char *text, size_t length);

/* What a feature is taken for: TREE_PRESENT if no question needs to know. */
extern TreeNodeKind tree_feature_kind(const Tree *tree, int feature);

/* The text form, in tree_text.c. */
#define TREE_KEYS 12

extern const char *const tree_keys[TREE_KEYS];
extern bool tree_read(Segmentation *segmentation, JsonObject *o, int key);
extern bool tree_complete(Segmentation *segmentation, JsonObject *o);
extern void tree_print(const Segmentation *segmentation, TextBuffer *t);

/* A readable rule for a leaf, in tree_rules.c. */
extern void tree_default_label(const Segmentation *segmentation, int number, TextBuffer *t);

#endif							/* CV_TREE_H */
