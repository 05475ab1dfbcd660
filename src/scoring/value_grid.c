/*
 * value_grid.c
 *		Segmentations by two values at once: bytes and text.
 *
 *		{"method": "value_grid", "value": {"cuts": [1000]},
 *		 "potential": {"cuts": [500]}, "labels": [...]}
 */
#include "scoring/value_grid.h"

#include "segment/pack.h"

enum
{
	KEY_VALUE = FIRST_KEY_OF_FORM, KEY_POTENTIAL,
	GRID_KEYS
};

static const char *const grid_keys[GRID_KEYS] = {KEYS_OF_ALL_FORMS, "value", "potential"};

/* Of two by two cells. */
static const char *const customary_labels[] = {
	"protect", "serve cheaply", "grow", "fix or exit"
};

/* ---- in memory ---- */

static void
take_over(ValueGrid *grid, Cuts **side, Segmentation *s)
{
	arena_join(&grid->head.arena, &s->arena);
	*side = (Cuts *) s;
}

ValueGrid *
value_grid_new(Segmentation *value, Segmentation *potential)
{
	ValueGrid  *grid = (ValueGrid *) segmentation_new(METHOD_VALUE_GRID, value->k * potential->k);

	take_over(grid, &grid->value, value);
	take_over(grid, &grid->potential, potential);
	return grid;
}

static bool
check_side(const Cuts *side, const char *name, SegmentationError *error)
{
	SegmentationError of_side;

	return segmentation_check(&side->head, &of_side) ||
		segmentation_fail(error, "Of the %s: %s", name, of_side.detail);
}

static bool
grid_check(const Segmentation *segmentation, SegmentationError *error)
{
	const ValueGrid *grid = (const ValueGrid *) segmentation;

	return check_side(grid->value, "value", error) &&
		check_side(grid->potential, "potential", error);
}

/* ---- bytes ---- */

static size_t
grid_max_size(const Segmentation *segmentation)
{
	const ValueGrid *grid = (const ValueGrid *) segmentation;

	return 2 * INTEGER_MAX_BYTES + segmentation_max_size(&grid->value->head) +
		segmentation_max_size(&grid->potential->head);
}

static uint8 *
pack_side(const Cuts *side, uint8 *p)
{
	uint8	   *bytes = cv_alloc(segmentation_max_size(&side->head));
	size_t		length = segmentation_encode(&side->head, bytes);

	p = write_integer(p, length);
	memcpy(p, bytes, length);
	cv_free(bytes);
	return p + length;
}

static uint8 *
grid_pack(const Segmentation *segmentation, uint8 *p)
{
	const ValueGrid *grid = (const ValueGrid *) segmentation;

	p = pack_side(grid->value, p);
	return pack_side(grid->potential, p);
}

/* Only cut points: a grid within a grid is not even tried. */
static const uint8 *
unpack_side(ValueGrid *grid, Cuts **side, const uint8 *p, const uint8 *end)
{
	SegmentationError ignored;
	Segmentation *s;
	uint64		length = 0;

	p = read_limited(p, end, INT32_MAX, &length);
	if (p == NULL || (uint64) (end - p) < length || length < 2 ||
		p[1] >= SEGMENT_METHODS || segmentation_form((SegmentMethod) p[1]) != &cuts_form)
		return NULL;
	s = segmentation_decode(p, (size_t) length, &ignored);
	if (s == NULL)
		return NULL;
	take_over(grid, side, s);
	return p + length;
}

static const uint8 *
grid_unpack(Segmentation *segmentation, const uint8 *p, const uint8 *end)
{
	ValueGrid  *grid = (ValueGrid *) segmentation;

	p = unpack_side(grid, &grid->value, p, end);
	if (p != NULL)
		p = unpack_side(grid, &grid->potential, p, end);
	if (p != NULL && grid->head.k != grid->value->head.k * grid->potential->head.k)
		return NULL;
	return p;
}

/* ---- text ---- */

static void
grid_print(const Segmentation *segmentation, TextBuffer *t)
{
	const ValueGrid *grid = (const ValueGrid *) segmentation;

	for (int key = KEY_VALUE; key < GRID_KEYS; key++)
	{
		char	   *text = segmentation_print(key == KEY_VALUE ? &grid->value->head :
											  &grid->potential->head);

		text_put_key(t, grid_keys[key]);
		text_put(t, text);
		cv_free(text);
	}
	segmentation_put_labels(segmentation, t);
}

static bool
grid_read(Segmentation *segmentation, JsonObject *o, int key)
{
	ValueGrid  *grid = (ValueGrid *) segmentation;
	JsonToken	token = json_next(o->json);
	SegmentationError error;
	Segmentation *s;
	const char *text;
	size_t		length;

	if (token != JSON_OBJECT_BEGIN)
		return object_wrong(o, token, "a segmentation by cut points");
	text = json_skip(o->json, &length);
	if (text == NULL)
		return object_wrong(o, JSON_ERROR, "");
	s = segmentation_parse(text, length, &error);
	if (s == NULL)
		return object_fail(o, "Under key \"%s\": %s", grid_keys[key], error.detail);
	take_over(grid, key == KEY_VALUE ? &grid->value : &grid->potential, s);
	return is_cuts(s) || object_wrong(o, token, "a segmentation by cut points");
}

static bool
grid_complete(Segmentation *segmentation, JsonObject *o)
{
	ValueGrid  *grid = (ValueGrid *) segmentation;

	for (int key = KEY_VALUE; key < GRID_KEYS; key++)
	{
		if (!OBJECT_SAW(o, key))
			return object_fail(o, "There is no key \"%s\".", grid_keys[key]);
	}
	grid->head.k = grid->value->head.k * grid->potential->head.k;
	return true;
}

/* ---- looking ---- */

static void
grid_default_label(const Segmentation *segmentation, int number, TextBuffer *t)
{
	const ValueGrid *grid = (const ValueGrid *) segmentation;
	int			columns = grid->potential->head.k;

	if (grid->value->head.k == 2 && columns == 2)
	{
		text_put(t, customary_labels[number - 1]);
		return;
	}
	segmentation_put_label(&grid->value->head, (number - 1) / columns + 1, t);
	text_put(t, " / ");
	segmentation_put_label(&grid->potential->head, (number - 1) % columns + 1, t);
}

/* How many customers are in a cell is not known from its row and its column. */
static void
grid_describe(const Segmentation *segmentation, int number, SegmentRow *row)
{
}

const SegmentationForm grid_form = {
	.name = "a grid of two values",
	.use = "segment(segmentation, value, potential)",
	.hint = "Write a segmentation for each side, as in {\"method\": \"value_grid\", \"value\": {\"cuts\": [5000, 1000]}, \"potential\": {\"cuts\": [10]}}.",
	.size = sizeof(ValueGrid),
	.keys = grid_keys,
	.nkeys = GRID_KEYS,
	.read = grid_read,
	.complete = grid_complete,
	.print = grid_print,
	.max_size = grid_max_size,
	.pack = grid_pack,
	.unpack = grid_unpack,
	.check = grid_check,
	.default_label = grid_default_label,
	.describe = grid_describe,
};
