/*
 * branching.c
 *		From a frame of features to a segmentation by a tree.
 */
#include "tree/branching.h"

#include <math.h>

#include "segment/values.h"
#include "tree/grow.h"
#include "tree/prune.h"

/* ---- options ---- */

void
branching_defaults(Branching *branching)
{
	branching->scale = SCALE_LINEAR;
	branching->min_customers = 0;
	branching->min_share = -1.0;
	branching->folds = BRANCHING_FOLDS;
}

bool
branching_parse(Branching *branching, const char *text, size_t length, char *why, size_t why_size)
{
	enum
	{
		OPTION_SCALE, OPTION_MIN_CUSTOMERS, OPTION_MIN_SHARE, OPTION_FOLDS
	};
	static const char *const keys[] = {"scale", "min_customers", "min_share", "folds"};
	static const char *const scales[] = {"linear", "asinh"};
	JsonReader	json;
	JsonObject	o;
	int64		folds;
	int			which = 0;
	int			key = OBJECT_END;
	bool		good = object_open_text(&o, &json, text, length, keys, lengthof(keys), why, why_size);

	while (good && (key = object_next(&o)) >= 0)
	{
		switch (key)
		{
			case OPTION_SCALE:
				good = object_word(&o, scales, lengthof(scales), &which);
				branching->scale = (SegmentScale) which;
				break;
			case OPTION_MIN_CUSTOMERS:
				good = object_count(&o, 1, TREE_MAX_COUNT, &branching->min_customers);
				break;
			case OPTION_MIN_SHARE:
				good = object_real(&o, &branching->min_share);
				if (good && !(branching->min_share >= 0.0 && branching->min_share <= 0.5))
					good = object_fail(&o, "Key \"min_share\" takes a number from 0 to 0.5.");
				break;
			case OPTION_FOLDS:
				good = object_count(&o, 0, BRANCHING_MAX_FOLDS, &folds);
				if (good)
					branching->folds = folds == 1 ? 0 : (int) folds;
				break;
		}
	}
	good = good && key == OBJECT_END && object_close_text(&o);
	json_close(&json);
	return good;
}

static int64
least_customers(const Branching *branching, size_t count)
{
	double		share = branching->min_share;
	int64		least = branching->min_customers;

	if (least == 0 && share < 0.0)
	{
		least = BRANCHING_CUSTOMERS;
		share = BRANCHING_SHARE;
	}
	/* 0.005 as a double is a little more than that */
	if (share > 0.0)
		least = Max(least, (int64) ceil(share * (double) count * (1.0 - 1e-12)));
	return Max(least, 1);
}

/* ---- targets ---- */

/* The median of the sizes of values other than zero: at least half of them do
 * not exceed it. */
static double
median_size(const double *value, size_t count)
{
	Values		sizes = {0};
	double		median = 1.0;

	sizes.room = count;
	sizes.value = cv_alloc(count * sizeof(double));
	for (size_t i = 0; i < count; i++)
	{
		if (value[i] != 0.0)
			values_add(&sizes, fabs(value[i]));
	}
	if (sizes.count > 0)
	{
		values_sort(&sizes);
		median = sizes.value[(sizes.count - 1) / 2];
	}
	cv_free(sizes.value);
	return median;
}

/*
 * What the tree explains: values on the scale, less their mean, so that sums
 * of squares do not drown in it.
 */
static double *
make_target(const Branching *branching, const Frame *frame, Tree *s)
{
	double	   *target = cv_alloc(frame->count * sizeof(double));
	double		unit = 1.0;
	double		sum = 0.0;

	if (branching->method == METHOD_SEGMENT_TREE)
	{
		memcpy(target, frame->target, frame->count * sizeof(double));
		return target;
	}
	if (branching->scale == SCALE_ASINH)
	{
		unit = median_size(frame->target, frame->count);
		exact_shortest(unit, &s->unit);
	}
	for (size_t i = 0; i < frame->count; i++)
	{
		target[i] = branching->scale == SCALE_ASINH ? value_on_asinh_scale(frame->target[i], unit) : frame->target[i];
		sum += target[i];
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	for (size_t i = 0; i < frame->count; i++)
		target[i] -= sum / (double) frame->count;
	return target;
}

/* ---- from a grown tree to a segmentation ---- */

/* Sum of squared deviations from the mean of the values of some rows. */
static double
squares_of(const Frame *frame, const TreeEntry *entry, size_t count)
{
	double		base = count > 0 ? frame->target[entry[0].row] : 0.0;
	double		sum = 0.0;
	double		squares = 0.0;
	double		mean;

	for (size_t i = 0; i < count; i++)
		sum += frame->target[entry[i].row] - base;
	mean = base + sum / (double) count;
	sum = 0.0;
	for (size_t i = 0; i < count; i++)
	{
		double		d = frame->target[entry[i].row] - mean;

		sum += d;
		squares += d * d;
	}
	return fmax(0.0, squares - sum * sum / (double) count);
}

static void
describe_values(const Frame *frame, const TreeEntry *entry, size_t count, TreeNode *leaf)
{
	Values		values = {0};
	Distribution d;

	values.room = count;
	values.value = cv_alloc(count * sizeof(double));
	for (size_t i = 0; i < count; i++)
		values_add(&values, frame->target[entry[i].row]);
	distribution_open(&d, &values, true);
	leaf->total = distribution_sum(&d, 0, d.count);
	leaf->lowest = distribution_value(&d, 0);
	leaf->highest = distribution_value(&d, d.count - 1);
	leaf->squares = squares_of(frame, entry, count);
	distribution_close(&d);
	cv_free(values.value);
}

static void
make_leaf(const Grown *grown, const GrownNode *node, TreeNode *leaf)
{
	const TreeEntry *entry = grown->rows->plain + node->begin;
	size_t		count = node->end - node->begin;

	leaf->kind = TREE_LEAF;
	leaf->customers = (int64) count;
	if (grown->classes == 0)
	{
		describe_values(grown->frame, entry, count, leaf);
		return;
	}
	leaf->segment = node->class;
	leaf->correct = (int64) count - (int64) node->risk;
}

static void
copy_text(Tree *s, TreeText *to, const KnownName *from)
{
	to->text = arena_copy(&s->head.arena, from->text, from->length);
	to->length = from->length;
}

static void
make_question(const Grown *grown, const GrownNode *node, Tree *s, TreeNode *question)
{
	const Split *split = &node->split;

	question->kind = split->kind;
	question->feature = split->feature;
	question->missing_yes = split->missing_yes;
	question->gain = split->gain;
	if (split->kind == TREE_NUMBER)
		question->threshold = node->threshold;
	if (split->kind != TREE_CATEGORY)
		return;
	question->ncategories = split->nlisted;
	question->category = segmentation_alloc(&s->head, split->nlisted * sizeof(TreeText));
	for (int i = 0; i < split->nlisted; i++)
		copy_text(s, &question->category[i],
				  &grown->frame->feature[split->feature].categories.name[split->listed[i]]);
}

/* In the order of a walk that takes "yes" first. */
static void
make_nodes(const Grown *grown, const PrunePath *path, double alpha, Tree *s)
{
	int		   *stack = cv_alloc(grown->nnodes * sizeof(int));
	int			depth = 0;

	s->node = segmentation_alloc(&s->head, grown->nnodes * sizeof(TreeNode));
	stack[depth++] = 0;
	while (depth > 0)
	{
		int			at = stack[--depth];
		const GrownNode *node = &grown->node[at];
		TreeNode   *made = &s->node[s->nnodes++];

		if (node->yes < 0 || path->collapse[at] <= alpha)
		{
			make_leaf(grown, node, made);
			continue;
		}
		make_question(grown, node, s, made);
		stack[depth++] = node->no;
		stack[depth++] = node->yes;
	}
	cv_free(stack);
}

/* Leaves by their mean value, the highest first. */
static void
number_leaves(Tree *s)
{
	double	   *mean = cv_alloc(s->nnodes * sizeof(double));

	s->head.k = (s->nnodes + 1) / 2;
	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->node[i].kind == TREE_LEAF)
			mean[i] = exact_value(s->node[i].total) / (double) s->node[i].customers;
	}
	for (int i = 0; i < s->nnodes; i++)
	{
		TreeNode   *leaf = &s->node[i];

		if (leaf->kind != TREE_LEAF)
			continue;
		leaf->segment = 1;
		for (int j = 0; j < s->nnodes; j++)
			leaf->segment += s->node[j].kind == TREE_LEAF &&
				(mean[j] > mean[i] || (mean[j] == mean[i] && j < i));
	}
	cv_free(mean);
}

static void
summarise(const Branching *branching, const Grown *grown, Tree *s)
{
	const Frame *frame = grown->frame;

	s->summary = true;
	s->max_leaves = branching->max_leaves;
	s->min_customers = grown->min_customers;
	s->impurity = grown->node[0].impurity;
	if (grown->classes == 0)
	{
		number_leaves(s);
		for (int i = 0; i < s->nnodes; i++)
			s->raw.within += s->node[i].squares;
		s->raw.total = fmax(s->raw.within, squares_of(frame, grown->rows->plain, frame->count));
		return;
	}
	s->actual = segmentation_alloc(&s->head, s->head.k * sizeof(int64));
	for (size_t i = 0; i < frame->count; i++)
		s->actual[(int) frame->target[i] - 1]++;
}

Tree *
branching_apply(const Branching *branching, Frame *frame)
{
	Tree	   *s = (Tree *) segmentation_new(branching->method, 1);
	double	   *target;
	Presort		rows;
	Presort		sample = {0};
	size_t		sampled;
	Grown		grown;
	PrunePath	path;
	uint8	   *fold_of = NULL;
	int			folds = branching->folds;
	int			classes = 0;
	int			step = 0;

	frame_finish(frame);
	s->scale = branching->scale;
	for (size_t i = 0; branching->method == METHOD_SEGMENT_TREE && i < frame->count; i++)
		s->head.k = classes = Max(classes, (int) frame->target[i]);
	s->nfeatures = frame->nfeatures;
	s->feature = segmentation_alloc(&s->head, frame->nfeatures * sizeof(TreeText));
	for (int f = 0; f < frame->nfeatures; f++)
		copy_text(s, &s->feature[f], &frame->names.name[f]);

	target = make_target(branching, frame, s);
	presort_open(&rows, frame, target);
	sampled = Min(frame->count, VALIDATION_CUSTOMERS);
	/* of very few customers, each is a fold */
	if (sampled < (size_t) folds)
		folds = sampled < 2 ? 0 : (int) sampled;
	if (folds > 0)
	{
		fold_of = make_folds(target, sampled, classes, folds);
		presort_copy(&sample, &rows, sampled, fold_of, folds);
	}
	grow_tree(&grown, frame, &rows, classes, branching->max_leaves,
			  least_customers(branching, frame->count));
	prune_path(&path, &grown);
	if (folds > 0 && path.nsteps > 0)
		step = cross_validate(&grown, &path, &sample, sampled, target, branching->max_leaves,
							  fold_of, folds, &s->validation);
	make_nodes(&grown, &path, step > 0 ? path.alpha[step - 1] : -1.0, s);
	summarise(branching, &grown, s);
	if (!tree_link(s))
		Assert(false);

	prune_close(&path);
	grown_free(&grown);
	presort_close(&rows);
	if (folds > 0)
	{
		presort_close(&sample);
		cv_free(fold_of);
	}
	cv_free(target);
	return s;
}
