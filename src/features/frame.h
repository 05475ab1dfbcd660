/*
 * frame.h
 *		What is known about many customers: one column for each feature.
 *
 * A feature is a number or a category for every customer, or missing.  Which
 * of the two it is, its first value says; it stays that.  Columns are
 * collected in whatever order rows and keys arrive; frame_finish() puts
 * everything into an order that depends on nothing but the contents: features
 * by name, categories by their bytes, rows in an order that is random but
 * always the same, so that every k-th row is a fair sample.
 */
#ifndef CV_FRAME_H
#define CV_FRAME_H

#include "common/host.h"

#include "common/names.h"

#define FRAME_MAX_FEATURES 1000
#define FRAME_MAX_NAME 255		/* bytes */
#define FRAME_MAX_CATEGORY 255	/* bytes */
#define FRAME_MAX_CATEGORIES 10000	/* of one feature */

#define CATEGORY_MISSING (-1)

typedef enum FeatureKind
{
	FEATURE_UNKNOWN,			/* missing everywhere, so far */
	FEATURE_NUMBER,
	FEATURE_CATEGORY
} FeatureKind;

typedef struct Feature
{
	FeatureKind kind;
	double	   *number;			/* [room] if FEATURE_NUMBER; NaN: missing */
	bool		rounded;		/* some were other numbers than the double
								 * prints as: of more than 15 digits */
	int32	   *category;		/* [room] if FEATURE_CATEGORY; or
								 * CATEGORY_MISSING */
	Names		categories;		/* category numbers; after frame_finish() in
								 * the order of their bytes */
	size_t		filled;			/* private: rows it has been set in or skipped */
} Feature;

typedef struct Frame
{
	size_t		count;			/* rows */
	size_t		room;
	double	   *target;			/* [room]: what is to be explained */
	Names		names;			/* of features: number as in feature[] */
	Feature    *feature;
	int			nfeatures;
	int			features_room;
	bool		finished;
} Frame;

typedef enum FrameStatus
{
	FRAME_OK,
	FRAME_CHANGES_SHAPE,		/* a number where there were categories, or
								 * the reverse */
	FRAME_TOO_MANY_FEATURES,
	FRAME_TOO_MANY_CATEGORIES,
	FRAME_TOO_LONG				/* a name or category */
} FrameStatus;

/* All zeros is an empty frame; memory is that of whoever calls. */

/* The first half of a row: its target. */
extern void frame_begin_row(Frame *frame, double target);

/*
 * Its features: a name is looked for first at feature number *guess, which is
 * then the one after it: rows with the same keys in the same order find them
 * at once.  A feature that is not set is missing.
 */
extern FrameStatus frame_feature(Frame *frame, const char *name, size_t length, int *guess,
								 int *feature);
extern FrameStatus frame_set_number(Frame *frame, int feature, double v, bool rounded);
extern FrameStatus frame_set_category(Frame *frame, int feature, const char *text, size_t length);

/* Append all rows of another one.  *which: its feature at fault. */
extern FrameStatus frame_append(Frame *into, const Frame *from, int *which);

/*
 * Sorts features, categories and rows.  Features that are missing everywhere
 * remain, of kind FEATURE_UNKNOWN.  Called again it does nothing, unless rows
 * were added in between, as window functions do.
 */
extern void frame_finish(Frame *frame);

/* Frees what it holds. */
extern void frame_free(Frame *frame);

#endif							/* CV_FRAME_H */
