/*
 * segmentation.c
 *		What all forms of segmentations have in common: making, checking,
 *		bytes, text, labels.
 */
#include "segment/segmentation.h"

#include <stdarg.h>

#include "cluster/centres.h"
#include "segment/pack.h"

/* Stored by number: append only. */
static const struct
{
	const char *name;
	const SegmentationForm *form;
}			methods[SEGMENT_METHODS] =

{
	[METHOD_FIXED] = {"fixed", &cuts_form},
	[METHOD_NATURAL_BREAKS] = {"natural_breaks", &cuts_form},
	[METHOD_VALUE_SEGMENTS] = {"value_segments", &cuts_form},
	[METHOD_QUANTILE_BREAKS] = {"quantile_breaks", &cuts_form},
	[METHOD_SHARE_BREAKS] = {"share_breaks", &cuts_form},
	[METHOD_KMEANS] = {"kmeans", &centres_form},
	[METHOD_VALUE_TREE] = {"value_tree", &tree_form},
	[METHOD_SEGMENT_TREE] = {"segment_tree", &tree_form},
	[METHOD_RFM_SCORES] = {"rfm_scores", &rfm_form},
	[METHOD_VALUE_GRID] = {"value_grid", &grid_form},
};

const char *
segment_method_name(SegmentMethod method)
{
	return methods[method].name;
}

const SegmentationForm *
segmentation_form(SegmentMethod method)
{
	return methods[method].form;
}

bool
segmentation_fail(SegmentationError *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(error->detail, sizeof(error->detail), format, args);
	va_end(args);
	return false;
}

/* ---- in memory ---- */

Segmentation *
segmentation_new(SegmentMethod method, int k)
{
	Arena		arena = {NULL};
	Segmentation *s = arena_alloc(&arena, segmentation_form(method)->size);

	/* the struct lives in its own arena */
	s->arena = arena;
	s->method = method;
	s->k = k;
	return s;
}

void
segmentation_free(Segmentation *s)
{
	Arena		arena = s->arena;

	arena_free(&arena);
}

void *
segmentation_alloc(Segmentation *s, size_t size)
{
	return arena_alloc(&s->arena, size);
}

void
segmentation_add_labels(Segmentation *s)
{
	s->label = segmentation_alloc(s, s->k * sizeof(SegmentLabel));
}

bool
segmentation_check(const Segmentation *s, SegmentationError *error)
{
	if (s->k < 1 || s->k > SEGMENTATION_MAX_SEGMENTS)
		return segmentation_fail(error, "There are %d segments, not 1 to %d.", s->k,
								 SEGMENTATION_MAX_SEGMENTS);
	for (int i = 0; s->label && i < s->k; i++)
	{
		if (s->label[i].length == 0 || s->label[i].length > SEGMENTATION_MAX_LABEL)
			return segmentation_fail(error, "The label of segment %d is empty or longer than %d bytes.",
									 i + 1, SEGMENTATION_MAX_LABEL);
	}
	return segmentation_form(s->method)->check(s, error);
}

/* ---- bytes ---- */

size_t
segmentation_max_size(const Segmentation *s)
{
	/* k is at most 1000, so nothing overflows */
	size_t		size = 32;

	if (s->label)
		size += s->k * (size_t) (SEGMENTATION_MAX_LABEL + 8);
	return size + segmentation_form(s->method)->max_size(s);
}

size_t
segmentation_encode(const Segmentation *s, uint8 *bytes)
{
	uint8	   *p = bytes;

	*p++ = SEGMENTATION_VERSION;
	*p++ = (uint8) s->method;
	p = write_integer(p, (u128) s->k);
	*p++ = s->label != NULL;
	for (int i = 0; s->label && i < s->k; i++)
		p = write_text(p, s->label[i].text, s->label[i].length);
	p = segmentation_form(s->method)->pack(s, p);
	return (size_t) (p - bytes);
}

static const uint8 *
read_labels(const uint8 *p, const uint8 *end, Segmentation *s)
{
	if (p == NULL || p == end || *p > 1)
		return NULL;
	if (*p++ == 0)
		return p;
	segmentation_add_labels(s);
	for (int i = 0; i < s->k; i++)
		p = read_text(p, end, SEGMENTATION_MAX_LABEL, &s->label[i].text, &s->label[i].length);
	return p;
}

Segmentation *
segmentation_decode(const uint8 *bytes, size_t length, SegmentationError *error)
{
	const uint8 *p = bytes + 2;
	const uint8 *end = bytes + length;
	Segmentation *s;
	uint64		k = 0;

	if (length < 4)
	{
		segmentation_fail(error, "It is cut off.");
		return NULL;
	}
	if (bytes[0] != SEGMENTATION_VERSION)
	{
		segmentation_fail(error, "Its version is %d; this release knows version %d.",
						  bytes[0], SEGMENTATION_VERSION);
		return NULL;
	}
	if (bytes[1] >= SEGMENT_METHODS || methods[bytes[1]].form == NULL)
	{
		segmentation_fail(error, "It uses a method this release does not know.");
		return NULL;
	}
	p = read_limited(p, end, SEGMENTATION_MAX_SEGMENTS, &k);
	if (p == NULL || k == 0)
	{
		segmentation_fail(error, "Its number of segments is not valid.");
		return NULL;
	}
	s = segmentation_new((SegmentMethod) bytes[1], (int) k);
	p = read_labels(p, end, s);
	if (p != NULL)
		p = segmentation_form(s->method)->unpack(s, p, end);
	if (p != end)
	{
		segmentation_fail(error, "Its bytes do not add up.");
		segmentation_free(s);
		return NULL;
	}
	return s;
}

/* ---- text ---- */

void
segmentation_put_labels(const Segmentation *s, TextBuffer *t)
{
	if (s->label == NULL)
		return;
	text_put_key(t, "labels");
	for (int i = 0; i < s->k; i++)
	{
		text_put(t, i == 0 ? "[" : ", ");
		text_put_quoted(t, s->label[i].text, s->label[i].length);
	}
	text_put(t, "]");
}

void
segmentation_put_label(const Segmentation *s, int number, TextBuffer *t)
{
	if (s->label)
		text_put_bytes(t, s->label[number - 1].text, s->label[number - 1].length);
	else
		segmentation_form(s->method)->default_label(s, number, t);
}

char *
segmentation_print(const Segmentation *s)
{
	TextBuffer	t;

	text_open(&t);
	text_put(&t, "{");
	text_put_key(&t, "method");
	text_put_quoted(&t, methods[s->method].name, strlen(methods[s->method].name));
	segmentation_form(s->method)->print(s, &t);
	text_put(&t, "}");
	return t.begin;
}

/*
 * The method says how to read the other keys, and need not come first: look
 * for it before anything else.  Whatever else is wrong is found later.
 */
static SegmentMethod
find_method(const char *text, size_t length)
{
	SegmentMethod method = METHOD_FIXED;
	JsonReader	json;
	JsonToken	token;
	bool		next = false;

	json_open(&json, text, length);
	while ((token = json_next(&json)) != JSON_END && token != JSON_ERROR)
	{
		if (next && token == JSON_STRING)
		{
			for (int i = 0; i < SEGMENT_METHODS; i++)
			{
				if (json_is(&json, methods[i].name) && methods[i].form)
					method = (SegmentMethod) i;
			}
			break;
		}
		next = token == JSON_KEY && json.depth == 1 && json_is(&json, "method");
	}
	json_close(&json);
	return method;
}

static bool
read_label_list(Segmentation *s, JsonObject *o)
{
	JsonToken	token = json_next(o->json);
	SegmentLabel *list;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	list = segmentation_alloc(s, SEGMENTATION_MAX_SEGMENTS * sizeof(SegmentLabel));
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (token != JSON_STRING)
			return object_wrong(o, token, "an array of strings");
		if (s->nlabels == SEGMENTATION_MAX_SEGMENTS)
			return object_fail(o, "Key \"labels\" has more than %d elements.",
							   SEGMENTATION_MAX_SEGMENTS);
		list[s->nlabels].text = arena_copy(&s->arena, o->json->text, o->json->length);
		list[s->nlabels].length = o->json->length;
		s->nlabels++;
	}
	s->label = list;
	return true;
}

static bool
read_members(Segmentation *s, JsonObject *o)
{
	const SegmentationForm *form = segmentation_form(s->method);
	const char *name = methods[s->method].name;
	int			key;
	int			which;

	while ((key = object_next(o)) >= 0)
	{
		if (key == KEY_METHOD ? !object_word(o, &name, 1, &which) :
			key == KEY_LABELS ? !read_label_list(s, o) :
			!form->read(s, o, key))
			return false;
	}
	if (key == OBJECT_ERROR || !object_close_text(o) || !form->complete(s, o))
		return false;
	if (s->label && s->nlabels != s->k)
		return object_fail(o, "There are %d segments, but key \"labels\" has %d elements.",
						   s->k, s->nlabels);
	return true;
}

Segmentation *
segmentation_parse(const char *text, size_t length, SegmentationError *error)
{
	Segmentation *s = segmentation_new(find_method(text, length), 1);
	const SegmentationForm *form = segmentation_form(s->method);
	JsonReader	json;
	JsonObject	o;
	bool		good;

	good = object_open_text(&o, &json, text, length, form->keys, form->nkeys,
							error->detail, sizeof(error->detail)) &&
		read_members(s, &o) && segmentation_check(s, error);
	json_close(&json);
	if (good)
		return s;
	segmentation_free(s);
	error->hint = form->hint;
	return NULL;
}
