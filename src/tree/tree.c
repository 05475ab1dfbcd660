/*
 * tree.c
 *		Segmentations by a tree: in memory, as bytes, checked.
 */
#include "tree/tree.h"

#include <math.h>

#include "segment/pack.h"

#define FLAG_SUMMARY 0x01
#define FLAG_VALIDATED 0x02
#define FLAGS_KNOWN 0x03

/* ---- in memory ---- */

bool
tree_link(Tree *s)
{
	int		   *open = cv_alloc(Max(s->nnodes, 1) * sizeof(int));
	int			nopen = 0;
	int			complete = -1;	/* the node that closed the tree */

	for (int i = 0; i < s->nnodes && complete < 0; i++)
	{
		if (s->node[i].kind != TREE_LEAF)
			open[nopen++] = i;
		else if (nopen == 0)
			complete = i;
		else
			s->node[open[--nopen]].no = i + 1;
	}
	cv_free(open);
	return complete == s->nnodes - 1 && s->nnodes > 0;
}

int
tree_text_compare(const TreeText *a, const TreeText *b)
{
	int			result = memcmp(a->text, b->text, Min(a->length, b->length));

	return result != 0 ? result : (a->length > b->length) - (a->length < b->length);
}

int
tree_find_text(const TreeText *list, int count, const char *text, size_t length)
{
	TreeText	wanted = {text, length};
	int			low = 0;
	int			high = count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = tree_text_compare(&wanted, &list[middle]);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

TreeNodeKind
tree_feature_kind(const Tree *s, int feature)
{
	for (int i = 0; i < s->nnodes; i++)
	{
		const TreeNode *node = &s->node[i];

		if (node->feature == feature && (node->kind == TREE_NUMBER || node->kind == TREE_CATEGORY))
			return node->kind;
	}
	return TREE_PRESENT;
}

/* ---- is it consistent? ---- */

static bool
list_ascends(const TreeText *list, int count, int most)
{
	for (int i = 0; i < count; i++)
	{
		if (list[i].length > (size_t) most ||
			(i > 0 && tree_text_compare(&list[i - 1], &list[i]) >= 0))
			return false;
	}
	return true;
}

static bool
is_size(double v)
{
	/* false for NaN, too */
	return v >= 0.0 && v <= 1e300;
}

static bool
check_question(const Tree *s, int number, TreeNodeKind *kind_of, SegmentationError *error)
{
	const TreeNode *node = &s->node[number];

	if (node->kind == TREE_CATEGORY &&
		(node->ncategories < 1 || !list_ascends(node->category, node->ncategories, TREE_MAX_NAME)))
		return segmentation_fail(error, "The categories of node %d are not different texts of at most %d bytes.",
								 number + 1, TREE_MAX_NAME);
	if (node->kind == TREE_PRESENT && node->missing_yes)
		return segmentation_fail(error, "Node %d asks whether a value is known, so a missing one cannot be \"yes\".",
								 number + 1);
	if (!is_size(node->gain))
		return segmentation_fail(error, "The gain of node %d is not valid.", number + 1);
	if (node->kind == TREE_PRESENT)
		return true;
	if (kind_of[node->feature] != TREE_LEAF && kind_of[node->feature] != node->kind)
		return segmentation_fail(error, "Feature \"%.*s\" is compared with a number in one node and with categories in another.",
								 (int) cv_clip_length(s->feature[node->feature].text, s->feature[node->feature].length, 60),
								 s->feature[node->feature].text);
	kind_of[node->feature] = node->kind;
	return true;
}

static bool
check_leaf(const Tree *s, int number, int64 *seen, SegmentationError *error)
{
	const TreeNode *leaf = &s->node[number];

	if (leaf->segment < 1 || leaf->segment > s->head.k)
		return segmentation_fail(error, "Node %d has no segment from 1 to %d.", number + 1, s->head.k);
	seen[leaf->segment - 1]++;
	if (!s->summary)
		return true;
	if (leaf->customers < 1 || leaf->customers > TREE_MAX_COUNT)
		return segmentation_fail(error, "Node %d has no valid number of customers.", number + 1);
	if (s->actual)
	{
		if (leaf->correct < 0 || leaf->correct > leaf->customers)
			return segmentation_fail(error, "In node %d more customers belong to the segment than there are.", number + 1);
		return true;
	}
	if (exact_compare(leaf->lowest, leaf->highest) > 0 || !is_size(leaf->squares))
		return segmentation_fail(error, "The summary of node %d is not valid.", number + 1);
	if (seen[leaf->segment - 1] > 1)
		return segmentation_fail(error, "Segment %d has two leaves; with a summary it has one.", leaf->segment);
	return true;
}

/* Customers of leaves and of segments are the same customers. */
static bool
check_counts(const Tree *s, SegmentationError *error)
{
	int64	   *correct = cv_alloc(s->head.k * sizeof(int64));
	int64		customers = 0;
	int64		actual = 0;
	bool		good = true;

	memset(correct, 0, s->head.k * sizeof(int64));
	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->node[i].kind != TREE_LEAF)
			continue;
		customers += s->node[i].customers;
		correct[s->node[i].segment - 1] += s->node[i].correct;
	}
	for (int i = 0; s->actual && i < s->head.k; i++)
	{
		actual += s->actual[i];
		if (s->actual[i] < correct[i] || s->actual[i] > TREE_MAX_COUNT)
			good = segmentation_fail(error, "Segment %d has fewer customers than its leaves found.", i + 1);
	}
	if (good && (customers > TREE_MAX_COUNT || (s->actual && actual != customers)))
		good = segmentation_fail(error, "The customers of leaves and of segments do not add up.");
	cv_free(correct);
	return good;
}

static bool
check_summary(const Tree *s, SegmentationError *error)
{
	const TreeValidation *v = &s->validation;

	if (s->max_leaves < 1 || s->max_leaves > TREE_MAX_LEAVES || s->min_customers < 1 ||
		s->min_customers > TREE_MAX_COUNT || !is_size(s->impurity))
		return segmentation_fail(error, "The number of leaves asked for, the least number of customers or the impurity is not valid.");
	if (!is_size(s->raw.total) || !is_size(s->raw.within) || s->raw.within > s->raw.total)
		return segmentation_fail(error, "Sums of squares are not negative, and the second, within segments, is not above the first.");
	if (v->folds != 0 &&
		(v->folds < 2 || v->folds > 100 || v->customers < 1 || v->customers > TREE_MAX_COUNT ||
		 !is_size(v->root_error) || !is_size(v->error) || !is_size(v->deviation)))
		return segmentation_fail(error, "The cross-validation is not valid.");
	return check_counts(s, error);
}

static bool
check_nodes(const Tree *s, TreeNodeKind *kind_of, int64 *seen, SegmentationError *error)
{
	for (int i = 0; i < s->nnodes; i++)
	{
		const TreeNode *node = &s->node[i];

		if (node->kind != TREE_LEAF && (node->feature < 0 || node->feature >= s->nfeatures))
			return segmentation_fail(error, "Node %d has no feature.", i + 1);
		if (node->kind == TREE_LEAF ? !check_leaf(s, i, seen, error) :
			!check_question(s, i, kind_of, error))
			return false;
	}
	for (int i = 0; s->head.method == METHOD_VALUE_TREE && i < s->head.k; i++)
	{
		if (seen[i] == 0)
			return segmentation_fail(error, "No leaf has segment %d of %d.", i + 1, s->head.k);
	}
	return true;
}

static bool
tree_check(const Segmentation *segmentation, SegmentationError *error)
{
	const Tree *s = (const Tree *) segmentation;
	TreeNodeKind *kind_of;
	int64	   *seen;
	bool		good;

	if (s->nfeatures > TREE_MAX_FEATURES || !list_ascends(s->feature, s->nfeatures, TREE_MAX_NAME))
		return segmentation_fail(error, "The features are not at most %d different names of at most %d bytes.",
								 TREE_MAX_FEATURES, TREE_MAX_NAME);
	if (s->nnodes > TREE_MAX_NODES)
		return segmentation_fail(error, "A tree has at most %d leaves.", TREE_MAX_LEAVES);
	if (s->scale == SCALE_ASINH && (s->unit.digits <= 0 || s->head.method != METHOD_VALUE_TREE))
		return segmentation_fail(error, "The unit of scale \"asinh\" is not positive, or this is no value tree.");
	if (s->summary && (s->head.method == METHOD_SEGMENT_TREE) != (s->actual != NULL))
		return segmentation_fail(error, "A segment tree has the number of customers in each segment, and no other has.");
	kind_of = cv_alloc(Max(s->nfeatures, 1) * sizeof(TreeNodeKind));
	seen = cv_alloc(s->head.k * sizeof(int64));
	memset(kind_of, 0, s->nfeatures * sizeof(TreeNodeKind));
	memset(seen, 0, s->head.k * sizeof(int64));
	good = check_nodes(s, kind_of, seen, error) && (!s->summary || check_summary(s, error));
	cv_free(kind_of);
	cv_free(seen);
	return good;
}

/* ---- bytes ---- */

static size_t
tree_max_size(const Segmentation *segmentation)
{
	const Tree *s = (const Tree *) segmentation;
	size_t		size = 256;

	for (int i = 0; i < s->nfeatures; i++)
		size += s->feature[i].length + INTEGER_MAX_BYTES;
	for (int i = 0; i < s->nnodes; i++)
	{
		size += 4 * EXACT_MAX_BYTES + 3 * INTEGER_MAX_BYTES;
		for (int c = 0; c < s->node[i].ncategories; c++)
			size += s->node[i].category[c].length + INTEGER_MAX_BYTES;
	}
	if (s->actual)
		size += s->head.k * (size_t) INTEGER_MAX_BYTES;
	return size;
}

static uint8 *
pack_texts(uint8 *p, const TreeText *list, int count)
{
	p = write_integer(p, (u128) count);
	for (int i = 0; i < count; i++)
		p = write_text(p, list[i].text, list[i].length);
	return p;
}

static uint8 *
pack_leaf(const Tree *s, const TreeNode *leaf, uint8 *p)
{
	p = write_integer(p, (u128) leaf->segment);
	if (!s->summary)
		return p;
	p = write_integer(p, (u128) leaf->customers);
	if (s->actual)
		return write_integer(p, (u128) leaf->correct);
	p = exact_write(p, leaf->total);
	p = exact_write(p, leaf->lowest);
	p = exact_write(p, leaf->highest);
	return write_double(p, leaf->squares);
}

static uint8 *
pack_question(const Tree *s, const TreeNode *node, uint8 *p)
{
	*p++ = node->missing_yes;
	p = write_integer(p, (u128) node->feature);
	if (node->kind == TREE_NUMBER)
		p = exact_write(p, node->threshold);
	else if (node->kind == TREE_CATEGORY)
		p = pack_texts(p, node->category, node->ncategories);
	return s->summary ? write_double(p, node->gain) : p;
}

static uint8 *
pack_summary(const Tree *s, uint8 *p)
{
	p = write_integer(p, (u128) s->max_leaves);
	p = write_integer(p, (u128) s->min_customers);
	p = write_double(p, s->impurity);
	for (int i = 0; s->actual && i < s->head.k; i++)
		p = write_integer(p, (u128) s->actual[i]);
	if (s->actual)
		return p;
	p = write_double(p, s->raw.total);
	return write_double(p, s->raw.within);
}

static uint8 *
tree_pack(const Segmentation *segmentation, uint8 *p)
{
	const Tree *s = (const Tree *) segmentation;
	const TreeValidation *v = &s->validation;

	*p++ = (s->summary ? FLAG_SUMMARY : 0) | (v->folds ? FLAG_VALIDATED : 0);
	*p++ = (uint8) s->scale;
	p = pack_texts(p, s->feature, s->nfeatures);
	for (int i = 0; i < s->nnodes; i++)
	{
		*p++ = (uint8) s->node[i].kind;
		p = s->node[i].kind == TREE_LEAF ? pack_leaf(s, &s->node[i], p) :
			pack_question(s, &s->node[i], p);
	}
	if (s->scale == SCALE_ASINH)
		p = exact_write(p, s->unit);
	if (s->summary)
		p = pack_summary(s, p);
	if (v->folds)
	{
		p = write_integer(p, (u128) v->folds);
		p = write_integer(p, (u128) v->customers);
		p = write_double(p, v->root_error);
		p = write_double(p, v->error);
		p = write_double(p, v->deviation);
	}
	return p;
}

/* A double that is not negative, nor the zero that is. */
static const uint8 *
unpack_size(const uint8 *p, const uint8 *end, double *v)
{
	p = read_double(p, end, v);
	return p != NULL && signbit(*v) ? NULL : p;
}

static const uint8 *
unpack_count(const uint8 *p, const uint8 *end, uint64 most, int64 *count)
{
	uint64		v = 0;

	p = read_limited(p, end, most, &v);
	*count = (int64) v;
	return p;
}

static const uint8 *
unpack_texts(Tree *s, const uint8 *p, const uint8 *end, int most, TreeText **list, int *count)
{
	int64		n = 0;

	p = unpack_count(p, end, (uint64) most, &n);
	/* each takes a byte at least: no more memory than there are bytes for */
	if (p == NULL || n > end - p)
		return NULL;
	*list = segmentation_alloc(&s->head, n * sizeof(TreeText));
	*count = (int) n;
	for (int i = 0; i < n; i++)
		p = read_text(p, end, TREE_MAX_NAME, &(*list)[i].text, &(*list)[i].length);
	return p;
}

static const uint8 *
unpack_leaf(Tree *s, const uint8 *p, const uint8 *end, TreeNode *leaf)
{
	int64		segment = 0;

	p = unpack_count(p, end, (uint64) s->head.k, &segment);
	if (p == NULL || segment < 1)
		return NULL;
	leaf->segment = (int) segment;
	if (!s->summary)
		return p;
	p = unpack_count(p, end, TREE_MAX_COUNT, &leaf->customers);
	if (s->head.method == METHOD_SEGMENT_TREE)
		return unpack_count(p, end, TREE_MAX_COUNT, &leaf->correct);
	p = read_exact(p, end, &leaf->total);
	p = read_exact(p, end, &leaf->lowest);
	p = read_exact(p, end, &leaf->highest);
	return unpack_size(p, end, &leaf->squares);
}

static const uint8 *
unpack_question(Tree *s, const uint8 *p, const uint8 *end, TreeNode *node)
{
	int64		feature = 0;

	if (p == end || *p > 1)
		return NULL;
	node->missing_yes = *p++;
	p = unpack_count(p, end, TREE_MAX_FEATURES, &feature);
	if (p == NULL || feature >= s->nfeatures)
		return NULL;
	node->feature = (int) feature;
	if (node->kind == TREE_NUMBER)
		p = read_exact(p, end, &node->threshold);
	else if (node->kind == TREE_CATEGORY)
		p = unpack_texts(s, p, end, TREE_MAX_CATEGORIES, &node->category, &node->ncategories);
	return s->summary ? unpack_size(p, end, &node->gain) : p;
}

/* Until every question has both its children. */
static const uint8 *
unpack_nodes(Tree *s, const uint8 *p, const uint8 *end)
{
	int			room = 0;

	for (int open = 1; open > 0 && p != NULL;)
	{
		TreeNode   *node;

		if (p == end || *p > TREE_PRESENT || s->nnodes == TREE_MAX_NODES)
			return NULL;
		if (s->nnodes == room)
		{
			TreeNode   *more;

			room = Max(16, 2 * room);
			more = segmentation_alloc(&s->head, room * sizeof(TreeNode));
			if (s->nnodes > 0)
				memcpy(more, s->node, s->nnodes * sizeof(TreeNode));
			s->node = more;
		}
		node = &s->node[s->nnodes++];
		node->kind = (TreeNodeKind) *p++;
		open += node->kind == TREE_LEAF ? -1 : 1;
		p = node->kind == TREE_LEAF ? unpack_leaf(s, p, end, node) : unpack_question(s, p, end, node);
	}
	if (p != NULL && !tree_link(s))
		return NULL;
	return p;
}

static const uint8 *
unpack_summary(Tree *s, const uint8 *p, const uint8 *end)
{
	int64		max_leaves = 0;

	p = unpack_count(p, end, TREE_MAX_LEAVES, &max_leaves);
	s->max_leaves = (int) max_leaves;
	p = unpack_count(p, end, TREE_MAX_COUNT, &s->min_customers);
	p = unpack_size(p, end, &s->impurity);
	if (s->head.method == METHOD_SEGMENT_TREE)
	{
		s->actual = segmentation_alloc(&s->head, s->head.k * sizeof(int64));
		for (int i = 0; i < s->head.k; i++)
			p = unpack_count(p, end, TREE_MAX_COUNT, &s->actual[i]);
		return p;
	}
	p = unpack_size(p, end, &s->raw.total);
	return unpack_size(p, end, &s->raw.within);
}

static const uint8 *
tree_unpack(Segmentation *segmentation, const uint8 *p, const uint8 *end)
{
	Tree	   *s = (Tree *) segmentation;
	TreeValidation *v = &s->validation;
	int64		folds = 0;
	uint8		flags;

	if (end - p < 2 || (p[0] & ~FLAGS_KNOWN) != 0 || p[0] == FLAG_VALIDATED || p[1] > SCALE_ASINH)
		return NULL;
	flags = *p++;
	s->scale = (SegmentScale) *p++;
	s->summary = (flags & FLAG_SUMMARY) != 0;
	p = unpack_texts(s, p, end, TREE_MAX_FEATURES, &s->feature, &s->nfeatures);
	if (p != NULL)
		p = unpack_nodes(s, p, end);
	if (s->scale == SCALE_ASINH)
		p = read_exact(p, end, &s->unit);
	if (s->summary)
		p = unpack_summary(s, p, end);
	if (!(flags & FLAG_VALIDATED))
		return p;
	p = unpack_count(p, end, 100, &folds);
	v->folds = (int) folds;
	p = unpack_count(p, end, TREE_MAX_COUNT, &v->customers);
	p = unpack_size(p, end, &v->root_error);
	p = unpack_size(p, end, &v->error);
	p = unpack_size(p, end, &v->deviation);
	return v->folds == 0 ? NULL : p;
}

/* ---- looking ---- */

static void
tree_describe(const Segmentation *segmentation, int number, SegmentRow *row)
{
	const Tree *s = (const Tree *) segmentation;

	if (!s->summary)
		return;
	row->has_customers = true;
	if (s->actual)
	{
		row->customers = s->actual[number - 1];
		return;
	}
	for (int i = 0; i < s->nnodes; i++)
	{
		const TreeNode *leaf = &s->node[i];

		if (leaf->kind != TREE_LEAF || leaf->segment != number)
			continue;
		row->has_total = row->has_extremes = true;
		row->customers = leaf->customers;
		row->total = leaf->total;
		row->lowest = leaf->lowest;
		row->highest = leaf->highest;
	}
}

/* On the scale used, each question has taken its gain. */
static bool
tree_squares(const Segmentation *segmentation, bool used, SegmentSquares *squares)
{
	const Tree *s = (const Tree *) segmentation;

	if (!s->summary || s->head.method != METHOD_VALUE_TREE)
		return false;
	*squares = s->raw;
	if (used && s->scale != SCALE_LINEAR)
	{
		squares->total = squares->within = s->impurity;
		for (int i = 0; i < s->nnodes; i++)
			squares->within -= s->node[i].gain;
		squares->within = fmax(squares->within, 0.0);
	}
	return true;
}

const SegmentationForm tree_form = {
	.name = "a tree",
	.use = "segment(segmentation, features jsonb)",
	.hint = "Write a list of questions and leaves, as in {\"method\": \"value_tree\", \"nodes\": [{\"feature\": \"age\", \"at_least\": 40, \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}]}.",
	.size = sizeof(Tree),
	.keys = tree_keys,
	.nkeys = TREE_KEYS,
	.read = tree_read,
	.complete = tree_complete,
	.print = tree_print,
	.max_size = tree_max_size,
	.pack = tree_pack,
	.unpack = tree_unpack,
	.check = tree_check,
	.default_label = tree_default_label,
	.describe = tree_describe,
	.squares = tree_squares,
};
