/*
 * segmentation.h
 *		A rule that says which segment a customer belongs to.
 *
 * There are several forms of such rules: cut points along a value, centres of
 * clusters, trees of questions, scores.  What they have in common is here: a
 * method, a number of segments, perhaps a label for each.  Each form is a
 * struct that begins with Segmentation, and a table of what can be done with
 * it.  The type "segmentation" holds any of them.
 *
 * Segment 1 is the most valuable.
 *
 * As bytes, at any alignment:
 *
 *		version		one byte, 1
 *		method		one byte
 *		k			the number of segments, an integer as in bytes.h
 *		labels		one byte: 0 or 1; with 1, k times a length and that many
 *					bytes
 *		the rest	as the form has it
 *
 * Equal segmentations have equal bytes.
 */
#ifndef CV_SEGMENTATION_H
#define CV_SEGMENTATION_H

#include "common/host.h"

#include "common/arena.h"
#include "common/json_object.h"
#include "common/text_buffer.h"
#include "segment/exact.h"

#define SEGMENTATION_VERSION 1
#define SEGMENTATION_MAX_SEGMENTS 1000
#define SEGMENTATION_MAX_LABEL 255	/* bytes */

/* Stored: append only. */
typedef enum SegmentMethod
{
	METHOD_FIXED,
	METHOD_NATURAL_BREAKS,
	METHOD_VALUE_SEGMENTS,
	METHOD_QUANTILE_BREAKS,
	METHOD_SHARE_BREAKS,
	METHOD_KMEANS,
	METHOD_VALUE_TREE,
	METHOD_SEGMENT_TREE,
	METHOD_RFM_SCORES,
	METHOD_VALUE_GRID
} SegmentMethod;

#define SEGMENT_METHODS (METHOD_VALUE_GRID + 1)

typedef struct SegmentLabel
{
	const char *text;			/* not terminated */
	size_t		length;
} SegmentLabel;

/* What every form begins with. */
typedef struct Segmentation
{
	Arena		arena;			/* holds the rest, labels too if parsed */
	SegmentMethod method;
	int			k;
	SegmentLabel *label;		/* [k] or NULL */
	int			nlabels;		/* while a text is read: how many it has */
} Segmentation;

/* Why a text or bytes are not a segmentation. */
typedef struct SegmentationError
{
	char		detail[240];
	const char *hint;			/* of a text: how to write one */
} SegmentationError;

/* Squared deviations from the mean: of all values, and within segments. */
typedef struct SegmentSquares
{
	double		total;
	double		within;
} SegmentSquares;

/* What is known of a segment; what is not known is not "has". */
typedef struct SegmentRow
{
	bool		has_lower;
	bool		has_upper;
	bool		has_customers;
	bool		has_total;
	bool		has_extremes;
	Exact		lower;
	Exact		upper;
	int64		customers;
	Exact		total;
	Exact		lowest;
	Exact		highest;
} SegmentRow;

typedef struct SegmentationForm
{
	const char *name;			/* as in "a segmentation by cut points" */
	const char *use;			/* how its segment() is called */
	const char *hint;			/* how to write one by hand: a sentence */
	size_t		size;			/* of the struct */

	/*
	 * The keys of the text form, "method" and "labels" first, and a reader
	 * for the others: the value of key number "key".  When all are read,
	 * complete() puts things in their places and sets k.
	 */
	const char *const *keys;
	int			nkeys;
	bool		(*read) (Segmentation *s, JsonObject *o, int key);
	bool		(*complete) (Segmentation *s, JsonObject *o);

	/* The members of the text form, the labels among them. */
	void		(*print) (const Segmentation *s, TextBuffer *t);

	/* The bytes after the common ones; unpack() returns the end or NULL. */
	size_t		(*max_size) (const Segmentation *s);
	uint8	   *(*pack) (const Segmentation *s, uint8 *p);
	const uint8 *(*unpack) (Segmentation *s, const uint8 *p, const uint8 *end);

	/* Is it consistent? */
	bool		(*check) (const Segmentation *s, SegmentationError *error);

	/* What segment "number", from 1, is called when nobody gave it a name. */
	void		(*default_label) (const Segmentation *s, int number, TextBuffer *t);

	/* Fills in what is known; the row is all zeros before. */
	void		(*describe) (const Segmentation *s, int number, SegmentRow *row);

	/*
	 * Sums of squares of the values, or on the scale used; false if they are
	 * not known.  NULL: segments are not made from values.
	 */
	bool		(*squares) (const Segmentation *s, bool used, SegmentSquares *squares);
} SegmentationForm;

extern const char *segment_method_name(SegmentMethod method);
extern const SegmentationForm *segmentation_form(SegmentMethod method);

/* All zeros but for method and k, in memory of its own. */
extern Segmentation *segmentation_new(SegmentMethod method, int k);
extern void segmentation_free(Segmentation *s);

/* Zeroed memory that is freed with it. */
extern void *segmentation_alloc(Segmentation *s, size_t size);

/* Empty labels, to be filled in; their texts are not copied. */
extern void segmentation_add_labels(Segmentation *s);

/* Is it consistent?  Every way to make one ends here. */
extern bool segmentation_check(const Segmentation *s, SegmentationError *error);

/* Always false, and the detail is set. */
extern bool segmentation_fail(SegmentationError *error, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* Bytes; labels of a decoded one point into them.  NULL: not valid. */
extern size_t segmentation_max_size(const Segmentation *s);
extern size_t segmentation_encode(const Segmentation *s, uint8 *bytes);
extern Segmentation *segmentation_decode(const uint8 *bytes, size_t length,
										 SegmentationError *error);

/* Text. */
extern char *segmentation_print(const Segmentation *s);
extern Segmentation *segmentation_parse(const char *text, size_t length,
										SegmentationError *error);

/* A member of the text form: , "labels": [...], or nothing. */
extern void segmentation_put_labels(const Segmentation *s, TextBuffer *t);

/* The label, given or default. */
extern void segmentation_put_label(const Segmentation *s, int number, TextBuffer *t);

/* Whatever keys all forms have come first in their lists. */
enum
{
	KEY_METHOD, KEY_LABELS,
	FIRST_KEY_OF_FORM
};

#define KEYS_OF_ALL_FORMS "method", "labels"

/* The forms. */
extern const SegmentationForm cuts_form;
extern const SegmentationForm tree_form;
extern const SegmentationForm rfm_form;
extern const SegmentationForm grid_form;

#endif							/* CV_SEGMENTATION_H */
