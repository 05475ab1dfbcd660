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
	node->yes = node->no = -1;
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

/* ---- dividing ---- */

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
 * between 39 and 40.
 */
static Exact
threshold_of(const Split *split)
{
	Exact		between = exact_between(split->below, split->above);
	Exact		above;
	char		text[2][EXACT_TEXT_SIZE];

	exact_shortest(split->above, &above);
	exact_print(text[0], between);
	exact_print(text[1], above);
	return strlen(text[1]) < strlen(text[0]) ? above : between;
}

/* Split a leaf; the columns are only needed if its children may be, too. */
static void
split_node(Grown *tree, int number, bool last)
{
	GrownNode  *node = &tree->node[number];
	const TreeEntry *entry = tree->rows->plain;
	size_t		begin = node->begin;
	size_t		end = node->end;
	size_t		middle;

	if (node->split.kind == TREE_NUMBER)
	{
		node->threshold = threshold_of(&node->split);
		node->limit = exact_value(node->threshold);
	}
	for (size_t i = begin; i < end; i++)
	{
		uint32		row = entry[i].row;
		uint8		bit = (uint8) (1 << (row & 7));

		if (grown_answer(tree, node, row))
			tree->answer[row >> 3] |= bit;
		else
			tree->answer[row >> 3] &= (uint8) ~bit;
	}
	middle = divide(tree, tree->rows->plain, begin, end);
	for (int f = 0; !last && f < tree->rows->nfeatures; f++)
	{
		cv_check_interrupts();
		if (tree->rows->column[f])
			divide(tree, tree->rows->column[f], begin, end);
	}
	node->yes = add_node(tree, begin, middle);
	node->no = add_node(tree, middle, end);
	tree->nleaves++;
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

void
grow_tree(Grown *tree, const Frame *frame, Presort *rows, int classes, int max_leaves,
		  int64 min_customers)
{
	int			categories = 0;
	int			best;

	memset(tree, 0, sizeof(Grown));
	tree->frame = frame;
	tree->rows = rows;
	tree->classes = classes;
	tree->min_customers = Max(min_customers, 1);
	for (int f = 0; f < frame->nfeatures; f++)
		categories = Max(categories, frame->feature[f].categories.count);
	tree->node = cv_alloc((2 * (size_t) max_leaves - 1) * sizeof(GrownNode));
	tree->scratch = cv_alloc((rows->count + 1) * sizeof(TreeEntry));
	tree->group = cv_alloc((categories + 1) * sizeof(CategoryGroup));
	tree->rank = cv_alloc((categories + 1) * sizeof(int32));
	tree->at = cv_alloc((categories + 1) * sizeof(size_t));
	tree->counts = cv_alloc(3 * (size_t) classes * sizeof(int64));
	tree->answer = cv_alloc(rows->frame_count / 8 + 1);
	memset(tree->answer, 0, rows->frame_count / 8 + 1);

	add_node(tree, 0, rows->count);
	tree->nleaves = 1;
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
}

void
grown_free(Grown *tree)
{
	arena_free(&tree->arena);
	cv_free(tree->node);
	cv_free(tree->scratch);
	cv_free(tree->group);
	cv_free(tree->rank);
	cv_free(tree->at);
	cv_free(tree->counts);
	cv_free(tree->answer);
	memset(tree, 0, sizeof(Grown));
}
