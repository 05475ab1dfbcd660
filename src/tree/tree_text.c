/*
 * tree_text.c
 *		The text form of a segmentation by a tree.
 *
 *		{"method": "value_tree", "features": ["age", "region"],
 *		 "nodes": [{"feature": "age", "at_least": 30, "missing": "no",
 *					"yes": 2, "no": 5},
 *				   {"feature": "region", "in": ["West", "East"],
 *					"missing": "no", "yes": 3, "no": 4},
 *				   {"segment": 1}, {"segment": 3}, {"segment": 2}]}
 *
 * Nodes are numbered from 1, the root; they are written in the order of a walk
 * that takes "yes" first, but may be read in any.  Only "method" and "nodes"
 * are needed.  JSON may be nested up to 32 deep, a tree up to a thousand: hence
 * a list.
 */
#include "tree/tree.h"

static const char *const scale_names[] = {"linear", "asinh"};
static const char *const sides[] = {"no", "yes"};

enum
{
	KEY_FEATURES = FIRST_KEY_OF_FORM, KEY_NODES, KEY_SCALE, KEY_UNIT,
	KEY_MAX_LEAVES, KEY_MIN_CUSTOMERS, KEY_IMPURITY, KEY_RAW_SQUARES,
	KEY_CUSTOMERS, KEY_VALIDATION
};

const char *const tree_keys[TREE_KEYS] = {
	KEYS_OF_ALL_FORMS,
	"features", "nodes", "scale", "unit",
	"max_leaves", "min_customers", "impurity", "raw_squares",
	"customers", "validation"
};

enum
{
	NODE_FEATURE, NODE_AT_LEAST, NODE_IN, NODE_PRESENT, NODE_MISSING, NODE_YES, NODE_NO,
	NODE_GAIN, NODE_SEGMENT, NODE_CUSTOMERS, NODE_TOTAL, NODE_LOWEST, NODE_HIGHEST,
	NODE_SQUARES, NODE_CORRECT,
	NODE_KEYS
};

static const char *const node_keys[NODE_KEYS] = {
	"feature", "at_least", "in", "present", "missing", "yes", "no",
	"gain", "segment", "customers", "total", "lowest", "highest",
	"squares", "correct"
};

enum
{
	VALIDATION_FOLDS, VALIDATION_CUSTOMERS, VALIDATION_ROOT_ERROR, VALIDATION_ERROR,
	VALIDATION_DEVIATION,
	VALIDATION_KEYS
};

static const char *const validation_keys[VALIDATION_KEYS] = {
	"folds", "customers", "root_error", "error", "deviation"
};

#define SEEN(key) (UINT64CONST(1) << (key))

/* ---- writing ---- */

static void
put_exact(TextBuffer *t, const char *key, Exact a)
{
	text_put_key(t, key);
	t->used += exact_print(text_room(t, EXACT_TEXT_SIZE), a);
}

static void
put_real(TextBuffer *t, const char *key, double v)
{
	text_put_key(t, key);
	text_put_real(t, v + 0.0);
}

static void
put_integer(TextBuffer *t, const char *key, int64 v)
{
	text_put_key(t, key);
	text_put_integer(t, v);
}

static void
put_texts(TextBuffer *t, const char *key, const TreeText *list, int count)
{
	text_put_key(t, key);
	text_put(t, "[");
	for (int i = 0; i < count; i++)
	{
		text_put(t, i == 0 ? "" : ", ");
		text_put_quoted(t, list[i].text, list[i].length);
	}
	text_put(t, "]");
}

static void
put_question(TextBuffer *t, const Tree *s, int number)
{
	const TreeNode *node = &s->node[number];
	const TreeText *name = &s->feature[node->feature];

	text_put_key(t, node_keys[NODE_FEATURE]);
	text_put_quoted(t, name->text, name->length);
	if (node->kind == TREE_NUMBER)
		put_exact(t, node_keys[NODE_AT_LEAST], node->threshold);
	else if (node->kind == TREE_CATEGORY)
		put_texts(t, node_keys[NODE_IN], node->category, node->ncategories);
	else
	{
		text_put_key(t, node_keys[NODE_PRESENT]);
		text_put(t, "true");
	}
	if (node->kind != TREE_PRESENT)
	{
		text_put_key(t, node_keys[NODE_MISSING]);
		text_put(t, node->missing_yes ? "\"yes\"" : "\"no\"");
	}
	put_integer(t, node_keys[NODE_YES], number + 2);
	put_integer(t, node_keys[NODE_NO], node->no + 1);
	if (s->summary)
		put_real(t, node_keys[NODE_GAIN], node->gain);
}

static void
put_leaf(TextBuffer *t, const Tree *s, const TreeNode *leaf)
{
	put_integer(t, node_keys[NODE_SEGMENT], leaf->segment);
	if (!s->summary)
		return;
	put_integer(t, node_keys[NODE_CUSTOMERS], leaf->customers);
	if (s->actual)
	{
		put_integer(t, node_keys[NODE_CORRECT], leaf->correct);
		return;
	}
	put_exact(t, node_keys[NODE_TOTAL], leaf->total);
	put_exact(t, node_keys[NODE_LOWEST], leaf->lowest);
	put_exact(t, node_keys[NODE_HIGHEST], leaf->highest);
	put_real(t, node_keys[NODE_SQUARES], leaf->squares);
}

static void
put_nodes(TextBuffer *t, const Tree *s)
{
	text_put_key(t, tree_keys[KEY_NODES]);
	for (int i = 0; i < s->nnodes; i++)
	{
		text_put(t, i == 0 ? "[{" : ", {");
		if (s->node[i].kind == TREE_LEAF)
			put_leaf(t, s, &s->node[i]);
		else
			put_question(t, s, i);
		text_put(t, "}");
	}
	text_put(t, "]");
}

static void
put_validation(TextBuffer *t, const TreeValidation *v)
{
	text_put_key(t, tree_keys[KEY_VALIDATION]);
	text_put(t, "{");
	put_integer(t, validation_keys[VALIDATION_FOLDS], v->folds);
	put_integer(t, validation_keys[VALIDATION_CUSTOMERS], v->customers);
	put_real(t, validation_keys[VALIDATION_ROOT_ERROR], v->root_error);
	put_real(t, validation_keys[VALIDATION_ERROR], v->error);
	put_real(t, validation_keys[VALIDATION_DEVIATION], v->deviation);
	text_put(t, "}");
}

static void
put_summary(TextBuffer *t, const Tree *s)
{
	put_integer(t, tree_keys[KEY_MAX_LEAVES], s->max_leaves);
	put_integer(t, tree_keys[KEY_MIN_CUSTOMERS], s->min_customers);
	put_real(t, tree_keys[KEY_IMPURITY], s->impurity);
	if (s->actual)
	{
		text_put_key(t, tree_keys[KEY_CUSTOMERS]);
		for (int i = 0; i < s->head.k; i++)
		{
			text_put(t, i == 0 ? "[" : ", ");
			text_put_integer(t, s->actual[i]);
		}
		text_put(t, "]");
	}
	else
	{
		text_put_key(t, tree_keys[KEY_RAW_SQUARES]);
		text_put(t, "[");
		text_put_real(t, s->raw.total + 0.0);
		text_put(t, ", ");
		text_put_real(t, s->raw.within + 0.0);
		text_put(t, "]");
	}
	if (s->validation.folds)
		put_validation(t, &s->validation);
}

void
tree_print(const Segmentation *segmentation, TextBuffer *t)
{
	const Tree *s = (const Tree *) segmentation;

	put_texts(t, tree_keys[KEY_FEATURES], s->feature, s->nfeatures);
	put_nodes(t, s);
	if (s->scale == SCALE_ASINH)
	{
		text_put_key(t, tree_keys[KEY_SCALE]);
		text_put_quoted(t, scale_names[s->scale], strlen(scale_names[s->scale]));
		put_exact(t, tree_keys[KEY_UNIT], s->unit);
	}
	segmentation_put_labels(segmentation, t);
	if (s->summary)
		put_summary(t, s);
}

/* ---- reading ---- */

/* A node as it is written, before all are there. */
typedef struct ReadNode
{
	TreeNode	node;
	TreeText	feature;
	int64		yes;
	int64		no;
	uint64		seen;
	bool		visited;
} ReadNode;

typedef struct TreeReading
{
	ReadNode   *node;
	int			nnodes;
	TreeText   *feature;
	int			nfeatures;
} TreeReading;

static bool
read_exact_number(JsonObject *o, Exact *number)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_NUMBER)
		return object_wrong(o, token, "a number");
	if (!exact_parse(o->json->text, o->json->length, number))
		return object_fail(o, "A number under key \"%s\" has more than %d digits or is out of range.",
						   o->keys[o->key], EXACT_MAX_DIGITS);
	return true;
}

/* The current token, as a name or category. */
static bool
read_text_of(Tree *s, JsonObject *o, JsonToken token, const char *expected, TreeText *text)
{
	if (token != JSON_STRING)
		return object_wrong(o, token, expected);
	if (o->json->length > TREE_MAX_NAME || memchr(o->json->text, 0, o->json->length) != NULL)
		return object_fail(o, "A text under key \"%s\" has more than %d bytes, or a zero byte.",
						   o->keys[o->key], TREE_MAX_NAME);
	text->text = arena_copy(&s->head.arena, o->json->text, o->json->length);
	text->length = o->json->length;
	return true;
}

static int
compare_texts(const void *a, const void *b)
{
	return tree_text_compare(a, b);
}

/* An array of strings, which are put in order. */
static bool
read_texts(Tree *s, JsonObject *o, int most, TreeText **list, int *count)
{
	JsonToken	token = json_next(o->json);
	int			room = 0;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array of strings");
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (*count == room)
		{
			TreeText   *more;

			if (*count >= most)
				return object_fail(o, "Key \"%s\" has more than %d elements.", o->keys[o->key], most);
			room = Max(8, 2 * room);
			more = segmentation_alloc(&s->head, room * sizeof(TreeText));
			if (*count > 0)
				memcpy(more, *list, *count * sizeof(TreeText));
			*list = more;
		}
		if (!read_text_of(s, o, token, "an array of strings", &(*list)[*count]))
			return false;
		(*count)++;
	}
	if (*count > most)
		return object_fail(o, "Key \"%s\" has more than %d elements.", o->keys[o->key], most);
	if (*count > 1)
		qsort(*list, *count, sizeof(TreeText), compare_texts);
	return true;
}

static bool
read_node_key(Tree *s, JsonObject *o, int key, ReadNode *read)
{
	TreeNode   *node = &read->node;
	int64		number = 0;
	int			which = 0;
	bool		present = false;

	switch (key)
	{
		case NODE_FEATURE:
			return read_text_of(s, o, json_next(o->json), "a string", &read->feature);
		case NODE_AT_LEAST:
			node->kind = TREE_NUMBER;
			return read_exact_number(o, &node->threshold);
		case NODE_IN:
			node->kind = TREE_CATEGORY;
			return read_texts(s, o, TREE_MAX_CATEGORIES, &node->category, &node->ncategories);
		case NODE_PRESENT:
			node->kind = TREE_PRESENT;
			if (!object_bool(o, &present))
				return false;
			return present || object_fail(o, "Key \"present\" takes true.");
		case NODE_MISSING:
			if (!object_word(o, sides, lengthof(sides), &which))
				return false;
			node->missing_yes = which == 1;
			return true;
		case NODE_YES:
			return object_count(o, 1, TREE_MAX_NODES, &read->yes);
		case NODE_NO:
			return object_count(o, 1, TREE_MAX_NODES, &read->no);
		case NODE_GAIN:
			return object_real(o, &node->gain);
		case NODE_SEGMENT:
			if (!object_count(o, 1, SEGMENTATION_MAX_SEGMENTS, &number))
				return false;
			node->segment = (int) number;
			return true;
		case NODE_CUSTOMERS:
			return object_count(o, 1, TREE_MAX_COUNT, &node->customers);
		case NODE_TOTAL:
			return read_exact_number(o, &node->total);
		case NODE_LOWEST:
			return read_exact_number(o, &node->lowest);
		case NODE_HIGHEST:
			return read_exact_number(o, &node->highest);
		case NODE_SQUARES:
			return object_real(o, &node->squares);
		default:
			return object_count(o, 0, TREE_MAX_COUNT, &node->correct);
	}
}

static bool
read_nodes(Tree *s, JsonObject *o)
{
	TreeReading *reading = s->reading;
	JsonToken	token = json_next(o->json);
	int			room = 0;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		JsonObject	inner;
		ReadNode   *read;
		int			key;

		if (token != JSON_OBJECT_BEGIN)
			return object_wrong(o, token, "an array of objects");
		if (reading->nnodes == TREE_MAX_NODES)
			return object_fail(o, "Key \"nodes\" has more than %d elements.", TREE_MAX_NODES);
		if (reading->nnodes == room)
		{
			ReadNode   *more;

			room = Max(16, 2 * room);
			more = segmentation_alloc(&s->head, room * sizeof(ReadNode));
			if (reading->nnodes > 0)
				memcpy(more, reading->node, reading->nnodes * sizeof(ReadNode));
			reading->node = more;
		}
		read = &reading->node[reading->nnodes++];
		object_open(&inner, o->json, node_keys, NODE_KEYS, o->why, o->why_size);
		while ((key = object_next(&inner)) >= 0)
		{
			if (!read_node_key(s, &inner, key, read))
				return false;
		}
		if (key == OBJECT_ERROR)
			return false;
		read->seen = inner.seen;
	}
	return true;
}

static bool
read_validation(Tree *s, JsonObject *o)
{
	TreeValidation *v = &s->validation;
	JsonToken	token = json_next(o->json);
	JsonObject	inner;
	int64		folds = 0;
	int			key;
	bool		good = true;

	if (token != JSON_OBJECT_BEGIN)
		return object_wrong(o, token, "an object");
	object_open(&inner, o->json, validation_keys, VALIDATION_KEYS, o->why, o->why_size);
	while (good && (key = object_next(&inner)) >= 0)
		good = key == VALIDATION_FOLDS ? object_count(&inner, 2, 100, &folds) :
			key == VALIDATION_CUSTOMERS ? object_count(&inner, 1, TREE_MAX_COUNT, &v->customers) :
			object_real(&inner, key == VALIDATION_ROOT_ERROR ? &v->root_error :
						key == VALIDATION_ERROR ? &v->error : &v->deviation);
	if (!good || key == OBJECT_ERROR)
		return false;
	v->folds = (int) folds;
	if (inner.seen != SEEN(VALIDATION_KEYS) - 1)
		return object_fail(o, "Key \"validation\" takes an object with keys \"folds\", \"customers\", \"root_error\", \"error\" and \"deviation\".");
	return true;
}

static bool
read_squares(Tree *s, JsonObject *o)
{
	JsonToken	token = json_next(o->json);

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array of two numbers");
	if (!object_real_of(o, json_next(o->json), &s->raw.total) ||
		!object_real_of(o, json_next(o->json), &s->raw.within))
		return false;
	token = json_next(o->json);
	return token == JSON_ARRAY_END || object_wrong(o, token, "an array of two numbers");
}

static bool
read_customers(Tree *s, JsonObject *o)
{
	JsonToken	token = json_next(o->json);
	int			count = 0;

	if (token != JSON_ARRAY_BEGIN)
		return object_wrong(o, token, "an array");
	s->actual = segmentation_alloc(&s->head, SEGMENTATION_MAX_SEGMENTS * sizeof(int64));
	while ((token = json_next(o->json)) != JSON_ARRAY_END)
	{
		if (count == SEGMENTATION_MAX_SEGMENTS)
			return object_fail(o, "Key \"customers\" has more than %d elements.", SEGMENTATION_MAX_SEGMENTS);
		if (!object_count_of(o, token, 0, TREE_MAX_COUNT, &s->actual[count]))
			return false;
		count++;
	}
	s->head.k = Max(count, 1);
	return true;
}

bool
tree_read(Segmentation *segmentation, JsonObject *o, int key)
{
	Tree	   *s = (Tree *) segmentation;
	int64		number = 0;
	int			which = 0;

	if (s->reading == NULL)
		s->reading = segmentation_alloc(segmentation, sizeof(TreeReading));
	switch (key)
	{
		case KEY_FEATURES:
			return read_texts(s, o, TREE_MAX_FEATURES, &s->reading->feature, &s->reading->nfeatures);
		case KEY_NODES:
			return read_nodes(s, o);
		case KEY_SCALE:
			if (!object_word(o, scale_names, lengthof(scale_names), &which))
				return false;
			s->scale = (SegmentScale) which;
			return true;
		case KEY_UNIT:
			return read_exact_number(o, &s->unit);
		case KEY_MAX_LEAVES:
			if (!object_count(o, 1, TREE_MAX_LEAVES, &number))
				return false;
			s->max_leaves = (int) number;
			return true;
		case KEY_MIN_CUSTOMERS:
			return object_count(o, 1, TREE_MAX_COUNT, &s->min_customers);
		case KEY_IMPURITY:
			return object_real(o, &s->impurity);
		case KEY_RAW_SQUARES:
			return read_squares(s, o);
		case KEY_CUSTOMERS:
			return read_customers(s, o);
		default:
			return read_validation(s, o);
	}
}

/* ---- putting it together ---- */

/* Either a leaf or a question, with all that belongs to it and nothing else. */
static bool
check_keys(const Tree *s, JsonObject *o, int number)
{
	const ReadNode *read = &s->reading->node[number];
	const uint64 questions = SEEN(NODE_AT_LEAST) | SEEN(NODE_IN) | SEEN(NODE_PRESENT);
	uint64		asks = read->seen & questions;
	uint64		leaf = SEEN(NODE_SEGMENT);
	uint64		question = SEEN(NODE_FEATURE) | SEEN(NODE_YES) | SEEN(NODE_NO);

	if (s->summary)
	{
		question |= SEEN(NODE_GAIN);
		leaf |= SEEN(NODE_CUSTOMERS);
		if (s->head.method == METHOD_SEGMENT_TREE)
			leaf |= SEEN(NODE_CORRECT);
		else
			leaf |= SEEN(NODE_TOTAL) | SEEN(NODE_LOWEST) | SEEN(NODE_HIGHEST) | SEEN(NODE_SQUARES);
	}
	if (read->seen == leaf)
		return true;
	if (asks != 0 && (asks & (asks - 1)) == 0 &&
		(read->seen & ~questions & ~SEEN(NODE_MISSING)) == question)
		return true;
	return object_fail(o, "Node %d is neither a leaf, with key \"segment\", nor a question, with keys \"feature\", \"yes\", \"no\" and one of \"at_least\", \"in\" and \"present\"; or keys of the summary are missing or too many.",
					   number + 1);
}

/* The features that are listed and those that are asked for. */
static bool
collect_features(Tree *s, JsonObject *o)
{
	TreeReading *reading = s->reading;
	int			count = reading->nfeatures;
	TreeText   *list = segmentation_alloc(&s->head, (count + reading->nnodes) * sizeof(TreeText));

	for (int i = 0; i < count; i++)
	{
		list[i] = reading->feature[i];
		if (i > 0 && tree_text_compare(&list[i - 1], &list[i]) == 0)
			return object_fail(o, "Key \"features\" has a name twice.");
	}
	for (int i = 0; i < reading->nnodes; i++)
	{
		if (reading->node[i].node.kind != TREE_LEAF)
			list[count++] = reading->node[i].feature;
	}
	qsort(list, count, sizeof(TreeText), compare_texts);
	s->feature = list;
	for (int i = 0; i < count; i++)
	{
		if (i == 0 || tree_text_compare(&list[s->nfeatures - 1], &list[i]) != 0)
			list[s->nfeatures++] = list[i];
	}
	return true;
}

/* Walk the tree from node 1 and put the nodes in the order of the walk. */
static bool
walk(Tree *s, JsonObject *o)
{
	TreeReading *reading = s->reading;
	int64	   *open = segmentation_alloc(&s->head, (reading->nnodes + 1) * sizeof(int64));
	int			nopen = 0;

	s->node = segmentation_alloc(&s->head, reading->nnodes * sizeof(TreeNode));
	open[nopen++] = 1;
	while (nopen > 0)
	{
		int64		number = open[--nopen];
		ReadNode   *read;

		if (number > reading->nnodes)
			return object_fail(o, "There is no node %lld: there are %d.", (long long) number, reading->nnodes);
		read = &reading->node[number - 1];
		if (read->visited)
			return object_fail(o, "Two ways lead to node %lld: this is no tree.", (long long) number);
		read->visited = true;
		if (read->node.kind != TREE_LEAF)
		{
			read->node.feature = tree_find_text(s->feature, s->nfeatures, read->feature.text,
												read->feature.length);
			open[nopen++] = read->no;
			open[nopen++] = read->yes;
		}
		s->node[s->nnodes++] = read->node;
	}
	for (int i = 0; i < reading->nnodes; i++)
	{
		if (!reading->node[i].visited)
			return object_fail(o, "No way leads from node 1 to node %d.", i + 1);
	}
	return true;
}

static bool
complete_summary(Tree *s, JsonObject *o)
{
	uint64		of_tree = s->head.method == METHOD_SEGMENT_TREE ? SEEN(KEY_CUSTOMERS) : SEEN(KEY_RAW_SQUARES);
	uint64		needed = SEEN(KEY_MAX_LEAVES) | SEEN(KEY_MIN_CUSTOMERS) | SEEN(KEY_IMPURITY) | of_tree;
	uint64		all = needed | SEEN(KEY_CUSTOMERS) | SEEN(KEY_RAW_SQUARES);

	s->summary = (o->seen & (all | SEEN(KEY_VALIDATION))) != 0;
	if (s->summary && (o->seen & all) != needed)
		return object_fail(o, "Keys \"max_leaves\", \"min_customers\", \"impurity\" and \"%s\" come together, before \"validation\".",
						   s->head.method == METHOD_SEGMENT_TREE ? "customers" : "raw_squares");
	return true;
}

bool
tree_complete(Segmentation *segmentation, JsonObject *o)
{
	Tree	   *s = (Tree *) segmentation;

	if (!OBJECT_SAW(o, KEY_NODES) || s->reading->nnodes == 0)
		return object_fail(o, "There is no key \"nodes\", or it is empty.");
	if ((s->scale == SCALE_ASINH) != OBJECT_SAW(o, KEY_UNIT))
		return object_fail(o, "Scale \"asinh\" goes with key \"unit\", and only that.");
	if (!complete_summary(s, o))
		return false;
	for (int i = 0; i < s->reading->nnodes; i++)
	{
		if (!check_keys(s, o, i))
			return false;
	}
	if (!collect_features(s, o) || !walk(s, o))
		return false;
	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->actual == NULL && s->node[i].kind == TREE_LEAF)
			s->head.k = Max(s->head.k, s->node[i].segment);
	}
	return tree_link(s) || object_fail(o, "The nodes are no tree.");
}
