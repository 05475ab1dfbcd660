/*
 * grow.c
 *		Growing a tree best-first.
 */
#include "tree/grow.h"

#include <math.h>

/* ---- nodes ---- */

static int
add_node(Grown *tree, size_t begin, size_t end)
{
	GrownNode  *node = &tree->node[tree->nnodes];
	const TreeEntry *entry = tree->rows->plain;
	double		count = (double) (end - begin);
	double		sum = 0.0;
	double		squares = 0.0;

	memset(node, 0, sizeof(GrownNode));
	node->begin = begin;
	node->end = end;
	node->yes = node->no = node->twin = -1;
	for (size_t i = begin; i < end; i++)
		sum += entry[i].y;
	node->mean = sum / count;
	if (tree->classes == 0)
	{
		/* the mean is off by a rounding, which the second sum tells */
		sum = 0.0;
		for (size_t i = begin; i < end; i++)
		{
			double		d = entry[i].y - node->mean;

			sum += d;
			squares += d * d;
		}
		node->impurity = node->risk = fmax(0.0, squares - sum * sum / count);
	}
	else
	{
		int64	   *of_class = tree->counts;

		memset(of_class, 0, tree->classes * sizeof(int64));
		for (size_t i = begin; i < end; i++)
			of_class[(int) entry[i].y - 1]++;
		node->class = 1;
		for (int c = 0; c < tree->classes; c++)
		{
			squares += (double) of_class[c] * (double) of_class[c];
			if (of_class[c] > of_class[node->class - 1])
				node->class = c + 1;
		}
		node->impurity = fmax(0.0, count - squares / count);
		node->risk = count - (double) of_class[node->class - 1];
	}
	return tree->nnodes++;
}

/* ---- answers ---- */

static bool
is_listed(const Split *split, int32 category)
{
	int			low = 0;
	int			high = split->nlisted;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (split->listed[middle] < category)
			low = middle + 1;
		else
			high = middle;
	}
	return low < split->nlisted && split->listed[low] == category;
}

bool
grown_answer(const Grown *tree, const GrownNode *node, size_t row)
{
	const Split *split = &node->split;
	const Feature *feature = &tree->frame->feature[split->feature];
	bool		known = feature->kind == FEATURE_NUMBER ?
	feature->number[row] == feature->number[row] :
	feature->category[row] != CATEGORY_MISSING;

	if (!known)
		return split->missing_yes;
	if (split->kind == TREE_PRESENT)
		return true;
	if (split->kind == TREE_NUMBER)
		return feature->number[row] >= node->limit;
	return is_listed(split, feature->category[row]);
}

/* ---- dividing, and back ---- */

static inline bool
answer_of(const Grown *tree, uint32 row)
{
	return tree->answer[row >> 3] >> (row & 7) & 1;
}

/* Rows that answer "yes" first; the order on both sides stays. */
static size_t
divide(Grown *tree, TreeEntry *column, size_t begin, size_t end)
{
	TreeEntry  *scratch = tree->scratch;
	size_t		yes = begin;
	size_t		no = 0;

	/* without a branch: both places are written, one of them advances */
	for (size_t i = begin; i < end; i++)
	{
		TreeEntry	entry = column[i];
		bool		answer = answer_of(tree, entry.row);

		column[yes] = entry;
		scratch[no] = entry;
		yes += answer;
		no += !answer;
	}
	memcpy(column + yes, scratch, no * sizeof(TreeEntry));
	return yes;
}

/*
 * A short decimal in the gap; the value above it where that is shorter, as
 * between 39 and 40.  But what was rounded to that value may be below it; on
 * which side of the gap it is, it knows.
 */
static Exact
threshold_of(const Grown *tree, const Split *split)
{
	Exact		between = exact_between(split->below, split->above);
	Exact		above;
	char		text[2][EXACT_TEXT_SIZE];

	if (tree->frame->feature[split->feature].rounded)
		return between;
	exact_shortest(split->above, &above);
	exact_print(text[0], between);
	exact_print(text[1], above);
	return strlen(text[1]) < strlen(text[0]) ? above : between;
}

/*
 * Divide the rows of a node, in all columns or in the plain one only.  Returns
 * where those begin that say "no".
 */
static size_t
divide_rows(Grown *tree, const GrownNode *node, bool columns)
{
	const TreeEntry *entry = tree->rows->plain;

	for (size_t i = node->begin; i < node->end; i++)
	{
		uint32		row = entry[i].row;
		uint8		bit = (uint8) (1 << (row & 7));

		if (grown_answer(tree, node, row))
			tree->answer[row >> 3] |= bit;
		else
			tree->answer[row >> 3] &= (uint8) ~bit;
	}
	for (int f = 0; columns && f < tree->rows->nfeatures; f++)
	{
		cv_check_interrupts();
		if (tree->rows->column[f])
			divide(tree, tree->rows->column[f], node->begin, node->end);
	}
	return divide(tree, tree->rows->plain, node->begin, node->end);
}

/* Undo divide(): ascending as a whole, as both sides are. */
static void
merge(Grown *tree, TreeEntry *column, size_t begin, size_t middle, size_t end)
{
	const TreeEntry *yes = tree->scratch;
	const TreeEntry *last = yes + (middle - begin);
	const TreeEntry *no = column + middle;
	TreeEntry  *to = column + begin;

	memcpy(tree->scratch, column + begin, (middle - begin) * sizeof(TreeEntry));
	while (yes < last && no < column + end)
	{
		bool		first = yes->rank <= no->rank;

		*to++ = *(first ? yes : no);
		yes += first;
		no += !first;
	}
	memcpy(to, yes, (last - yes) * sizeof(TreeEntry));
}

/*
 * Undo all questions of the tree before from a node on.  The plain column is
 * in no order anyway.
 */
static void
reunite(Grown *tree, int number)
{
	const GrownNode *node = &tree->before[number];

	if (node->yes < 0 || !node->sorted)
		return;
	reunite(tree, node->yes);
	reunite(tree, node->no);
	for (int f = 0; f < tree->rows->nfeatures; f++)
	{
		cv_check_interrupts();
		if (tree->rows->column[f])
			merge(tree, tree->rows->column[f], node->begin, tree->before[node->no].begin, node->end);
	}
}

/* ---- growing ---- */

static bool
same_question(const Split *a, const Split *b)
{
	if (a->kind != b->kind || a->feature != b->feature || a->missing_yes != b->missing_yes)
		return false;
	if (a->kind == TREE_NUMBER)
		return a->below == b->below && a->above == b->above;
	if (a->kind == TREE_CATEGORY)
		return a->nlisted == b->nlisted &&
			memcmp(a->listed, b->listed, a->nlisted * sizeof(int32)) == 0;
	return true;
}

/* A leaf with the rows of a node of the tree before. */
static int
add_twin(Grown *tree, int number)
{
	GrownNode  *node = &tree->node[tree->nnodes];

	*node = tree->before[number];
	memset(&node->split, 0, sizeof(Split));
	node->yes = node->no = -1;
	node->twin = number;
	return tree->nnodes++;
}

/*
 * Split a leaf; the columns are only needed if its children may be, too.  The
 * tree before may have done it; otherwise it is undone what that has done.
 */
static void
split_node(Grown *tree, int number, bool last)
{
	GrownNode  *node = &tree->node[number];
	const GrownNode *twin = node->twin < 0 ? NULL : &tree->before[node->twin];
	size_t		middle;

	tree->nleaves++;
	if (twin && twin->yes >= 0 && twin->sorted && same_question(&twin->split, &node->split))
	{
		node->yes = add_twin(tree, twin->yes);
		node->no = add_twin(tree, twin->no);
		return;
	}
	if (twin)
		reunite(tree, node->twin);
	if (node->split.kind == TREE_NUMBER)
	{
		node->threshold = threshold_of(tree, &node->split);
		node->limit = exact_value(node->threshold);
	}
	node->sorted = !last;
	middle = divide_rows(tree, node, node->sorted);
	node->yes = add_node(tree, node->begin, middle);
	node->no = add_node(tree, middle, node->end);
}

/* The leaf to be divided next; of equals, the oldest. */
static int
best_leaf(const Grown *tree)
{
	int			best = -1;

	for (int i = 0; i < tree->nnodes; i++)
	{
		const GrownNode *node = &tree->node[i];

		if (node->yes < 0 && node->split.kind != TREE_LEAF &&
			(best < 0 || node->split.gain > tree->node[best].split.gain))
			best = i;
	}
	return best;
}

static void
grow_leaves(Grown *tree, int max_leaves)
{
	int			best;

	tree->nnodes = 0;
	tree->nleaves = 1;
	if (tree->use == CATEGORIES_BY_MEAN)
		add_node(tree, 0, tree->rows->count);
	else
		add_twin(tree, 0);
	if (max_leaves > 1)
		find_split(tree, &tree->node[0]);
	while (tree->nleaves < max_leaves && (best = best_leaf(tree)) >= 0)
	{
		bool		last = tree->nleaves + 1 == max_leaves;

		split_node(tree, best, last);
		if (!last)
		{
			find_split(tree, &tree->node[tree->nnodes - 2]);
			find_split(tree, &tree->node[tree->nnodes - 1]);
		}
	}
	for (int i = 0; i < tree->nnodes; i++)
	{
		if (tree->node[i].yes < 0 && tree->node[i].twin >= 0)
			reunite(tree, tree->node[i].twin);
	}
}

/*
 * Is a question about categories the best anywhere?  Where it is not, plainer
 * ones are not either.
 */
static bool
asks_for_categories(const Grown *tree)
{
	for (int i = 0; i < tree->nnodes; i++)
	{
		if (tree->node[i].split.kind == TREE_CATEGORY)
			return true;
	}
	return false;
}

static double
impurity_left(const Grown *tree)
{
	double		sum = 0.0;

	for (int i = 0; i < tree->nnodes; i++)
		sum += tree->node[i].yes < 0 ? tree->node[i].impurity : 0.0;
	return sum;
}

/* Make it the tree again that was the best; no column is needed any more. */
static void
restore_best(Grown *tree, int nnodes)
{
	memcpy(tree->node, tree->best, nnodes * sizeof(GrownNode));
	tree->nnodes = nnodes;
	tree->nleaves = (nnodes + 1) / 2;
	for (int i = 0; i < nnodes; i++)
	{
		if (tree->node[i].yes >= 0)
			divide_rows(tree, &tree->node[i], false);
	}
}

/*
 * Grow again with plainer questions, and keep the best tree; of equals, the
 * first.
 */
static void
try_others(Grown *tree, int max_leaves)
{
	bool		is_best = true; /* the latest */
	int			nnodes = 0;		/* of the best */
	double		left = 0.0;
	GrownNode  *before;

	for (tree->use = CATEGORIES_SINGLE; tree->use < CATEGORY_USES; tree->use++)
	{
		if (is_best)
		{
			nnodes = tree->nnodes;
			left = impurity_left(tree);
			memcpy(tree->best, tree->node, nnodes * sizeof(GrownNode));
		}
		before = tree->node;
		tree->node = tree->before;
		tree->before = before;
		grow_leaves(tree, max_leaves);
		/* less is rounding */
		is_best = impurity_left(tree) < left - 1e-12 * tree->node[0].impurity;
	}
	if (!is_best)
		restore_best(tree, nnodes);
}

static void
open_tree(Grown *tree, int max_leaves)
{
	const Frame *frame = tree->frame;
	Presort    *rows = tree->rows;
	int			categories = 0;

	for (int f = 0; f < frame->nfeatures; f++)
		categories = Max(categories, frame->feature[f].categories.count);
	tree->node = cv_alloc((2 * (size_t) max_leaves - 1) * sizeof(GrownNode));
	tree->before = cv_alloc((2 * (size_t) max_leaves - 1) * sizeof(GrownNode));
	tree->best = cv_alloc((2 * (size_t) max_leaves - 1) * sizeof(GrownNode));
	tree->scratch = cv_alloc((rows->count + 1) * sizeof(TreeEntry));
	tree->group = cv_alloc((categories + 1) * sizeof(CategoryGroup));
	tree->rank = cv_alloc((categories + 1) * sizeof(int32));
	tree->at = cv_alloc((categories + 1) * sizeof(size_t));
	tree->counts = cv_alloc(3 * (size_t) tree->classes * sizeof(int64));
	tree->answer = cv_alloc(rows->frame_count / 8 + 1);
	memset(tree->answer, 0, rows->frame_count / 8 + 1);
}

void
grow_tree(Grown *tree, const Frame *frame, Presort *rows, int classes, int max_leaves,
		  int64 min_customers)
{
	memset(tree, 0, sizeof(Grown));
	tree->frame = frame;
	tree->rows = rows;
	tree->classes = classes;
	tree->min_customers = Max(min_customers, 1);
	open_tree(tree, max_leaves);
	tree->use = CATEGORIES_BY_MEAN;
	grow_leaves(tree, max_leaves);
	if (asks_for_categories(tree))
		try_others(tree, max_leaves);
}

void
grown_free(Grown *tree)
{
	arena_free(&tree->arena);
	cv_free(tree->node);
	cv_free(tree->before);
	cv_free(tree->best);
	cv_free(tree->scratch);
	cv_free(tree->group);
	cv_free(tree->rank);
	cv_free(tree->at);
	cv_free(tree->counts);
	cv_free(tree->answer);
	memset(tree, 0, sizeof(Grown));
}
