/*
 * segment_quality.c
 *		Both halves of what a segmentation is for.
 *
 * Comparability is measured by trees, as value_tree() and segment_tree() grow
 * them, on customers they have not seen: one that names the segment, and two
 * that estimate the value.  Those are pruned to nothing where attributes help no
 * more than by chance, so noise scores zero, not a little more or less.
 */
#include "quality/segment_quality.h"

#include <math.h>

#include "tree/branching.h"

/* What a tree makes better, and from where, out of sample; false: unknown. */
static bool
validate(Frame *frame, SegmentMethod method, SegmentScale scale, double *root_error, double *error)
{
	Branching	branching;
	Tree	   *tree;
	bool		known;

	branching_defaults(&branching);
	branching.method = method;
	branching.scale = scale;
	branching.max_leaves = QUALITY_LEAVES;
	tree = branching_apply(&branching, frame);
	*root_error = tree->validation.root_error;
	*error = tree->validation.error;
	known = tree->validation.folds > 0;
	/* too few customers to leave any out, or nothing that divides them */
	if (!known && frame->count >= BRANCHING_FOLDS)
	{
		known = true;
		*root_error = *error = -1;
	}
	segmentation_free(&tree->head);
	return known;
}

/* The share of squared errors that is gone. */
static double
explained_by(Frame *frame, SegmentScale scale, bool *known)
{
	double		root_error;
	double		error;

	*known = validate(frame, METHOD_VALUE_TREE, scale, &root_error, &error);
	return *known && root_error > 0 ? Max(1 - error / root_error, 0) : 0;
}

static void
measure_similarity(const Frame *frame, const Feature *segment, SegmentQuality *q)
{
	Grouped		grouped = {0};

	for (size_t i = 0; i < frame->count; i++)
	{
		const KnownName *name = &segment->categories.name[segment->category[i]];

		grouped_add(&grouped, name->text, name->length, frame->target[i]);
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	q->anova = grouped_anova(&grouped, 0);
	q->scaled = grouped_anova(&grouped, grouped_unit(&grouped));
	grouped_free(&grouped);
}

/* Segments are what the tree is to say, so they take the place of the values. */
static void
measure_accuracy(Frame *frame, const Feature *segment, SegmentQuality *q)
{
	double	   *value = frame->target;
	int64	   *customers = cv_alloc((size_t) segment->categories.count * sizeof(int64));
	int64		most = 0;
	double		root_error;
	double		error;

	memset(customers, 0, (size_t) segment->categories.count * sizeof(int64));
	frame->target = cv_alloc(Max(frame->room, 1) * sizeof(double));
	for (size_t i = 0; i < frame->count; i++)
	{
		frame->target[i] = segment->category[i] + 1;
		customers[segment->category[i]]++;
		most = Max(most, customers[segment->category[i]]);
	}
	q->validated = validate(frame, METHOD_SEGMENT_TREE, SCALE_LINEAR, &root_error, &error);
	q->baseline = q->accuracy = (double) most / (double) frame->count;
	if (q->validated && root_error >= 0)
	{
		q->baseline = 1 - root_error;
		q->accuracy = 1 - error;
	}
	cv_free(frame->target);
	cv_free(customers);
	frame->target = value;
}

void
segment_quality_measure(Frame *frame, SegmentQuality *q)
{
	Feature    *segment;
	bool		known;

	memset(q, 0, sizeof(SegmentQuality));
	frame_finish(frame);
	segment = &frame->feature[names_find(&frame->names, SEGMENT_FEATURE, SEGMENT_FEATURE_LENGTH)];
	measure_similarity(frame, segment, q);

	/* nobody is to guess the segment from the segment */
	segment->kind = FEATURE_UNKNOWN;
	measure_accuracy(frame, segment, q);
	q->explained = explained_by(frame, SCALE_LINEAR, &known);
	q->has_explained = known && q->anova.has_share;
	q->explained_scaled = explained_by(frame, SCALE_ASINH, &known);
	segment->kind = FEATURE_CATEGORY;
}

static void
put_percent(TextBuffer *t, double share)
{
	t->used += (size_t) snprintf(text_room(t, 32), 32, "%.1f %%", 100 * share);
}

/* On the asinh scale throughout: in money, one huge customer would decide. */
static void
put_similarity(const SegmentQuality *q, TextBuffer *t)
{
	const Anova *a = &q->scaled;

	if (!a->has_share)
		text_put(t, "all values are equal");
	else if (a->segments == 1)
		text_put(t, "there is only one segment");
	else if (!a->has_p)
		text_put(t, "each customer is a segment");
	else if (a->p > 0.05)
		text_put(t, "segments do not differ in value by more than chance");
	else
	{
		text_put(t, a->share >= 0.5 ? "segments are similar in value: " :
				 "segments mix different values: ");
		put_percent(t, a->share);
		text_put(t, a->share >= 0.5 ? " of its variance (asinh scale) lies between them" :
				 " only of its variance (asinh scale) lies between them");
	}
}

static void
put_comparability(const SegmentQuality *q, TextBuffer *t)
{
	double		gain = q->baseline < 1 ? (q->accuracy - q->baseline) / (1 - q->baseline) : 0;

	if (!q->validated)
	{
		text_put(t, "there are too few customers to say whether attributes tell them apart");
		return;
	}
	if (q->has_explained)
	{
		text_put(t, "the attributes explain ");
		put_percent(t, q->explained_scaled);
		text_put(t, " of the value (asinh scale)");
		text_put(t, gain > 0 ? " and " : q->explained_scaled < 0.1 ? ": they " : ", but ");
	}
	else
		text_put(t, "the attributes ");
	if (gain <= 0)
	{
		text_put(t, "do not tell segments apart");
		return;
	}
	text_put(t, gain < 0.1 ? "hardly tell segments apart: they place " :
			 "tell segments apart: they place ");
	put_percent(t, q->accuracy);
	text_put(t, " of customers, naming the largest segment ");
	put_percent(t, q->baseline);
}

void
segment_quality_verdict(const SegmentQuality *q, TextBuffer *t)
{
	put_similarity(q, t);
	text_put(t, "; ");
	put_comparability(q, t);
}
