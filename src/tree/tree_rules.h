/*
 * tree_rules.h
 *		What the customers of a leaf have in common: one condition for each
 *		feature that was asked for on the way.
 */
#ifndef CV_TREE_RULES_H
#define CV_TREE_RULES_H

#include "common/host.h"

#include "tree/tree.h"

typedef struct TreeCondition
{
	int			feature;
	TreeNodeKind kind;			/* TREE_NUMBER, TREE_CATEGORY or TREE_PRESENT */
	bool		missing;		/* customers without a value belong to it */
	bool		known;			/* some with a value do */
	bool		has_lower;		/* TREE_NUMBER: at least this */
	bool		has_upper;		/* and below this */
	Exact		lower;
	Exact		upper;
	bool		listed;			/* TREE_CATEGORY: one of these, or none of
								 * these */
	TreeText   *category;		/* ascending */
	int			ncategories;
	int			room;			/* for more of them, while answers are added */
} TreeCondition;

/*
 * The conditions of a leaf, in the order in which features were first asked
 * for; returns how many.  Memory is the arena's.
 */
extern int	tree_conditions(const Tree *s, int leaf, Arena *arena, TreeCondition **conditions);

/*
 * They as an SQL expression.  How a feature is written: as a text of
 * "object", an expression of type jsonb, or, if that is NULL, as a column
 * named like it, which quote() makes an identifier.
 */
extern void tree_put_rule(const Tree *s, int leaf, const char *object,
						  const char *(*quote) (const char *name), TextBuffer *t);

/* The same in words, cut to so many bytes. */
extern void tree_put_words(const Tree *s, int leaf, size_t most, TextBuffer *t);

#endif							/* CV_TREE_RULES_H */
