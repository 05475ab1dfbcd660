/*
 * frame.c
 *		Columns of features: collecting and putting them in order.
 */
#include "features/frame.h"

#include <math.h>

#include "common/row_order.h"

#define FIRST_ROOM 64

/* ---- collecting ---- */

static void *
resize(void *column, size_t room, size_t width)
{
	return column ? cv_realloc(column, room * width) : cv_alloc(room * width);
}

static void
set_room(Frame *frame, size_t room)
{
	frame->room = room;
	frame->target = resize(frame->target, room, sizeof(double));
	for (int i = 0; i < frame->nfeatures; i++)
	{
		Feature    *f = &frame->feature[i];

		if (f->kind == FEATURE_NUMBER)
			f->number = resize(f->number, room, sizeof(double));
		else if (f->kind == FEATURE_CATEGORY)
			f->category = resize(f->category, room, sizeof(int32));
	}
}

void
frame_begin_row(Frame *frame, double target)
{
	frame->finished = false;
	if (frame->count == frame->room)
		set_room(frame, frame->room > 0 ? 2 * frame->room : FIRST_ROOM);
	frame->target[frame->count++] = target + 0.0;
}

FrameStatus
frame_feature(Frame *frame, const char *name, size_t length, int *guess, int *feature)
{
	int			number = *guess;

	if (number >= frame->nfeatures ||
		frame->names.name[number].length != length ||
		memcmp(frame->names.name[number].text, name, length) != 0)
	{
		if (length > FRAME_MAX_NAME)
			return FRAME_TOO_LONG;
		number = names_find(&frame->names, name, length);
		if (number < 0 && frame->nfeatures == FRAME_MAX_FEATURES)
			return FRAME_TOO_MANY_FEATURES;
		if (number < 0)
			number = names_add(&frame->names, name, length);
	}
	if (number == frame->features_room)
	{
		frame->features_room = Max(2 * number, 8);
		frame->feature = resize(frame->feature, frame->features_room, sizeof(Feature));
	}
	if (number == frame->nfeatures)
		memset(&frame->feature[frame->nfeatures++], 0, sizeof(Feature));
	*feature = number;
	*guess = number + 1;
	return FRAME_OK;
}

/* Its first value says what a feature is. */
static bool
set_kind(const Frame *frame, Feature *f, FeatureKind kind)
{
	if (f->kind == FEATURE_UNKNOWN)
	{
		f->kind = kind;
		if (kind == FEATURE_NUMBER)
			f->number = resize(NULL, frame->room, sizeof(double));
		else
			f->category = resize(NULL, frame->room, sizeof(int32));
	}
	return f->kind == kind;
}

/* Rows that did not mention the feature miss it. */
static inline void
skip_to(Feature *f, size_t row)
{
	if (f->kind == FEATURE_NUMBER)
	{
		while (f->filled < row)
			f->number[f->filled++] = NAN;
	}
	else
	{
		while (f->filled < row)
			f->category[f->filled++] = CATEGORY_MISSING;
	}
}

FrameStatus
frame_set_number(Frame *frame, int feature, double v, bool rounded)
{
	Feature    *f = &frame->feature[feature];

	if (f->kind != FEATURE_NUMBER && !set_kind(frame, f, FEATURE_NUMBER))
		return FRAME_CHANGES_SHAPE;
	skip_to(f, frame->count - 1);
	f->number[f->filled++] = v + 0.0;
	f->rounded |= rounded;
	return FRAME_OK;
}

static FrameStatus
category_number(Feature *f, const char *text, size_t length, int32 *category)
{
	*category = names_find(&f->categories, text, length);
	if (*category >= 0)
		return FRAME_OK;
	if (length > FRAME_MAX_CATEGORY)
		return FRAME_TOO_LONG;
	if (f->categories.count == FRAME_MAX_CATEGORIES)
		return FRAME_TOO_MANY_CATEGORIES;
	*category = names_add(&f->categories, text, length);
	return FRAME_OK;
}

FrameStatus
frame_set_category(Frame *frame, int feature, const char *text, size_t length)
{
	Feature    *f = &frame->feature[feature];
	FrameStatus status;
	int32		category;

	if (f->kind != FEATURE_CATEGORY && !set_kind(frame, f, FEATURE_CATEGORY))
		return FRAME_CHANGES_SHAPE;
	status = category_number(f, text, length, &category);
	if (status != FRAME_OK)
		return status;
	skip_to(f, frame->count - 1);
	f->category[f->filled++] = category;
	return FRAME_OK;
}

/* ---- joining ---- */

static FrameStatus
append_feature(Frame *into, Feature *f, const Feature *from, size_t before)
{
	int32	   *renumbered = NULL;
	FrameStatus status = FRAME_OK;

	if (from->kind == FEATURE_UNKNOWN)
		return FRAME_OK;
	if (!set_kind(into, f, from->kind))
		return FRAME_CHANGES_SHAPE;
	skip_to(f, before);
	if (from->kind == FEATURE_NUMBER)
	{
		memcpy(f->number + before, from->number, from->filled * sizeof(double));
		f->rounded |= from->rounded;
		f->filled = before + from->filled;
		return FRAME_OK;
	}
	renumbered = cv_alloc(Max(from->categories.count, 1) * sizeof(int32));
	for (int i = 0; i < from->categories.count && status == FRAME_OK; i++)
		status = category_number(f, from->categories.name[i].text,
								 from->categories.name[i].length, &renumbered[i]);
	for (size_t row = 0; row < from->filled && status == FRAME_OK; row++)
	{
		int32		category = from->category[row];

		f->category[f->filled++] = category < 0 ? category : renumbered[category];
	}
	cv_free(renumbered);
	return status;
}

FrameStatus
frame_append(Frame *into, const Frame *from, int *which)
{
	size_t		before = into->count;
	int			guess = 0;

	if (from->count == 0)
		return FRAME_OK;
	into->finished = false;
	if (into->count + from->count > into->room)
		set_room(into, Max(into->count + from->count, 2 * into->room));
	memcpy(into->target + before, from->target, from->count * sizeof(double));
	into->count += from->count;
	for (int i = 0; i < from->nfeatures; i++)
	{
		FrameStatus status;
		int			feature;

		*which = i;
		status = frame_feature(into, from->names.name[i].text, from->names.name[i].length,
							   &guess, &feature);
		if (status == FRAME_OK)
			status = append_feature(into, &into->feature[feature], &from->feature[i], before);
		if (status != FRAME_OK)
			return status;
		cv_check_interrupts();
	}
	return FRAME_OK;
}

/* ---- order ---- */

/* The same names, those that come first in the order of their bytes first. */
static void
renumber(Names *names, const int *sorted)
{
	Names		ordered;

	memset(&ordered, 0, sizeof(ordered));
	for (int i = 0; i < names->count; i++)
		names_add(&ordered, names->name[sorted[i]].text, names->name[sorted[i]].length);
	names_free(names);
	*names = ordered;
}

static void
sort_categories(Feature *f, size_t count)
{
	int			ncategories = f->categories.count;
	int		   *sorted = names_sorted(&f->categories);
	int32	   *place = cv_alloc(Max(ncategories, 1) * sizeof(int32));

	for (int i = 0; i < ncategories; i++)
		place[sorted[i]] = i;
	for (size_t row = 0; row < count; row++)
	{
		if (f->category[row] >= 0)
			f->category[row] = place[f->category[row]];
	}
	renumber(&f->categories, sorted);
	cv_free(sorted);
	cv_free(place);
}

static void
sort_features(Frame *frame)
{
	int		   *sorted = names_sorted(&frame->names);
	Feature    *ordered = cv_alloc(Max(frame->nfeatures, 1) * sizeof(Feature));

	for (int i = 0; i < frame->nfeatures; i++)
		ordered[i] = frame->feature[sorted[i]];
	renumber(&frame->names, sorted);
	if (frame->feature)
		cv_free(frame->feature);
	frame->feature = ordered;
	frame->features_room = frame->nfeatures;
	cv_free(sorted);
}

/* NaN is above all numbers, and equal to itself. */
static int
compare_reals(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

static int
compare_rows(uint32 a, uint32 b, void *context)
{
	const Frame *frame = context;
	int			result = compare_reals(frame->target[a], frame->target[b]);

	for (int i = 0; i < frame->nfeatures && result == 0; i++)
	{
		const Feature *f = &frame->feature[i];

		if (f->kind == FEATURE_NUMBER)
			result = compare_reals(f->number[a], f->number[b]);
		else if (f->kind == FEATURE_CATEGORY)
			result = (f->category[a] > f->category[b]) - (f->category[a] < f->category[b]);
	}
	return result;
}

static uint64 *
hash_rows(const Frame *frame)
{
	uint64	   *hash = cv_alloc(Max(frame->count, 1) * sizeof(uint64));

	for (size_t row = 0; row < frame->count; row++)
		hash[row] = hash_mix(0, hash_word_of_double(frame->target[row]));
	for (int i = 0; i < frame->nfeatures; i++)
	{
		const Feature *f = &frame->feature[i];

		if (f->kind == FEATURE_NUMBER)
		{
			for (size_t row = 0; row < frame->count; row++)
				hash[row] = hash_mix(hash[row], hash_word_of_double(f->number[row]));
		}
		else if (f->kind == FEATURE_CATEGORY)
		{
			for (size_t row = 0; row < frame->count; row++)
				hash[row] = hash_mix(hash[row], (uint64) (int64) f->category[row]);
		}
		cv_check_interrupts();
	}
	return hash;
}

static double *
reorder_reals(double *column, const uint32 *order, size_t count)
{
	double	   *ordered = cv_alloc(Max(count, 1) * sizeof(double));

	for (size_t row = 0; row < count; row++)
		ordered[row] = column[order[row]];
	if (column)
		cv_free(column);
	return ordered;
}

static int32 *
reorder_integers(int32 *column, const uint32 *order, size_t count)
{
	int32	   *ordered = cv_alloc(Max(count, 1) * sizeof(int32));

	for (size_t row = 0; row < count; row++)
		ordered[row] = column[order[row]];
	if (column)
		cv_free(column);
	return ordered;
}

/*
 * Rows that are equal are neighbours in the order of their hashes: the first
 * so many rows are then no sample, and rows dealt to folds in turn give each
 * fold the same of every kind.  So each of them is given a hash of its own;
 * which of them gets which makes no difference.  False if no two are equal.
 */
static bool
scatter_equal_rows(Frame *frame, uint64 *hash, const uint32 *order)
{
	uint64	   *scattered = cv_alloc(Max(frame->count, 1) * sizeof(uint64));
	uint64		before = 0;		/* rows equal to this one */
	bool		any = false;

	for (size_t i = 0; i < frame->count; i++)
	{
		bool		again = i > 0 && hash[i] == hash[i - 1] &&
		compare_rows(order[i], order[i - 1], frame) == 0;

		before = again ? before + 1 : 0;
		any = any || again;
		scattered[order[i]] = again ? hash_mix(hash[i], before) : hash[i];
	}
	if (frame->count > 0)
		memcpy(hash, scattered, frame->count * sizeof(uint64));
	cv_free(scattered);
	return any;
}

static void
sort_rows(Frame *frame)
{
	uint64	   *hash = hash_rows(frame);
	uint32	   *order = row_order(hash, frame->count, compare_rows, frame);

	if (scatter_equal_rows(frame, hash, order))
	{
		cv_free(order);
		order = row_order(hash, frame->count, compare_rows, frame);
	}
	frame->target = reorder_reals(frame->target, order, frame->count);
	for (int i = 0; i < frame->nfeatures; i++)
	{
		Feature    *f = &frame->feature[i];

		if (f->kind == FEATURE_NUMBER)
			f->number = reorder_reals(f->number, order, frame->count);
		else if (f->kind == FEATURE_CATEGORY)
			f->category = reorder_integers(f->category, order, frame->count);
		cv_check_interrupts();
	}
	frame->room = frame->count;
	cv_free(hash);
	cv_free(order);
}

void
frame_finish(Frame *frame)
{
	if (frame->finished)
		return;
	for (int i = 0; i < frame->nfeatures; i++)
	{
		Feature    *f = &frame->feature[i];

		if (f->kind != FEATURE_UNKNOWN)
			skip_to(f, frame->count);
		if (f->kind == FEATURE_CATEGORY)
			sort_categories(f, frame->count);
		cv_check_interrupts();
	}
	sort_features(frame);
	sort_rows(frame);
	frame->finished = true;
}

void
frame_free(Frame *frame)
{
	for (int i = 0; i < frame->nfeatures; i++)
	{
		Feature    *f = &frame->feature[i];

		if (f->number)
			cv_free(f->number);
		if (f->category)
			cv_free(f->category);
		names_free(&f->categories);
	}
	if (frame->feature)
		cv_free(frame->feature);
	if (frame->target)
		cv_free(frame->target);
	names_free(&frame->names);
	memset(frame, 0, sizeof(Frame));
}
