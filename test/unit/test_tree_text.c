/*
 * test_tree_text.c
 *		The text and bytes of trees, typed in, grown and mutated.
 */
#include "tree_test.h"
#include "mutate.h"

#include "tree/tree_rules.h"

/* ---- bytes and text ---- */

static const char *
bare(const char *name)
{
	return name;
}

/* Whatever is accepted can be used. */
static void
use(const Segmentation *s)
{
	TextBuffer	t;

	text_open(&t);
	for (int i = 0; i < ((const Tree *) s)->nnodes; i++)
	{
		if (((const Tree *) s)->node[i].kind == TREE_LEAF)
			tree_put_rule((const Tree *) s, i, i % 2 ? "f" : NULL, bare, &t);
	}
	for (int k = 1; k <= s->k; k++)
	{
		SegmentRow	row = {0};

		segmentation_put_label(s, k, &t);
		segmentation_form(s->method)->describe(s, k, &row);
	}
	cv_free(t.begin);
}

static bool
bytes_hold(const uint8 *bytes, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_decode(bytes, length, &error);
	bool		same = true;

	*accepted = s != NULL && segmentation_check(s, &error);
	if (*accepted && is_tree(s))
	{
		uint8	   *again = cv_alloc(segmentation_max_size(s));

		same = segmentation_encode(s, again) == length && memcmp(again, bytes, length) == 0;
		use(s);
		cv_free(again);
	}
	if (s)
		segmentation_free(s);
	return same;
}

/* A text that is accepted prints the same again, and makes the same bytes. */
static bool
text_holds(const char *text, size_t length, bool *accepted)
{
	SegmentationError error;
	Segmentation *s = segmentation_parse(text, length, &error);
	bool		same = true;

	*accepted = s != NULL;
	if (s && is_tree(s))
	{
		char	   *printed = segmentation_print(s);
		Segmentation *back = segmentation_parse(printed, strlen(printed), &error);
		uint8	   *a = cv_alloc(segmentation_max_size(s));
		uint8	   *b = cv_alloc(segmentation_max_size(s));
		size_t		size = segmentation_encode(s, a);
		bool		good;

		same = back != NULL && segmentation_encode(back, b) == size && memcmp(a, b, size) == 0 &&
			bytes_hold(a, size, &good) && good;
		cv_free(a);
		cv_free(b);
		cv_free(printed);
		if (back)
			segmentation_free(back);
	}
	if (s)
		segmentation_free(s);
	return same;
}

static void
test_bytes(void)
{
	int			wrong = 0,
				refused = 0,
				mutants_wrong = 0,
				bytes_accepted = 0,
				texts_accepted = 0;

	for (int round = 0; round < 60; round++)
	{
		int			classes = round % 3 == 0 ? 4 : 0;
		Branching	branching = {.method = classes ? METHOD_SEGMENT_TREE : METHOD_VALUE_TREE,.max_leaves = 1 + below(10)};
		Frame		frame;
		Tree	   *tree;
		uint8	   *bytes;
		size_t		length;
		char	   *text;
		bool		accepted;

		branching_defaults(&branching);
		if (round % 4 == 1)
			branching.folds = 0;
		if (round % 5 == 1 && !classes)
			branching.scale = SCALE_ASINH;
		random_frame(&frame, 60 + below(200), classes);
		tree = branching_apply(&branching, &frame);
		if (round % 7 == 0)
		{
			segmentation_add_labels(&tree->head);
			for (int i = 0; i < tree->head.k; i++)
			{
				tree->head.label[i].text = "a \"label\"\n\xc3\xa4";
				tree->head.label[i].length = 12;
			}
		}
		bytes = cv_alloc(segmentation_max_size(&tree->head));
		length = segmentation_encode(&tree->head, bytes);
		text = segmentation_print(&tree->head);
		wrong += !bytes_hold(bytes, length, &accepted);
		refused += !accepted;
		wrong += !text_holds(text, strlen(text), &accepted);
		refused += !accepted;
		for (int i = 0; i < 1000; i++)
		{
			size_t		size = length;
			uint8	   *mutant = copy_of(bytes, length);

			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !bytes_hold(mutant, size, &accepted);
			bytes_accepted += accepted;
			cv_free(mutant);

			size = strlen(text);
			mutant = copy_of((uint8 *) text, size);
			mutate(mutant, &size);
			mutant = cv_realloc(mutant, size);
			mutants_wrong += !text_holds((char *) mutant, size, &accepted);
			texts_accepted += accepted;
			cv_free(mutant);
		}
		cv_free(bytes);
		cv_free(text);
		segmentation_free(&tree->head);
		frame_free(&frame);
	}
	ok(wrong == 0 && refused == 0, "trees: bytes and text round-trip");
	ok(mutants_wrong == 0 && bytes_accepted > 0 && texts_accepted > 0,
	   "trees: mutants are refused or come back the same (%d bytes, %d texts accepted)", bytes_accepted, texts_accepted);
}

static void
test_texts(void)
{
#define Q(rest) "{\"method\": \"value_tree\", \"nodes\": [" rest "]}"
#define V(customers, lowest, highest, squares) "{\"method\": \"value_tree\", \"nodes\": [{\"segment\": 1, \"customers\": " customers \
	", \"total\": 5, \"lowest\": " lowest ", \"highest\": " highest ", \"squares\": " squares \
	"}], \"max_leaves\": 3, \"min_customers\": 1, \"impurity\": 1, \"raw_squares\": [2, 1]}"
	static const char *const good[] = {
		V("3", "1", "2", "1"),
		Q("{\"segment\": 1}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"yes\": 3, \"no\": 2}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"present\": true, \"no\": 3, \"yes\": 2}, {\"segment\": 1}, {\"segment\": 1}"),
		Q("{\"feature\": \"\", \"in\": [\"\"], \"yes\": 2, \"no\": 3, \"missing\": \"yes\"}, {\"segment\": 2}, {\"segment\": 1}"),
	};
	static const char *const bad[] = {
		Q(""),
		"{\"method\": \"value_tree\"}",
		Q("{\"segment\": 2}"),
		Q("{\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"segment\": 1, \"gain\": 3}"),
		Q("{\"segment\": 1, \"feature\": \"a\"}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"yes\": 2, \"no\": 2}, {\"segment\": 1}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"yes\": 1, \"no\": 2}, {\"segment\": 1}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"yes\": 2, \"no\": 4}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"in\": [\"b\"], \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"in\": [], \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"in\": [\"b\", \"b\"], \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"in\": [\"b\\u0000\"], \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"present\": false, \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"present\": true, \"missing\": \"yes\", \"yes\": 2, \"no\": 3}, {\"segment\": 1}, {\"segment\": 2}"),
		Q("{\"feature\": \"a\", \"at_least\": 3, \"yes\": 2, \"no\": 5}, {\"feature\": \"a\", \"in\": [\"b\"], \"yes\": 3, \"no\": 4}, {\"segment\": 1}, {\"segment\": 2}, {\"segment\": 3}"),
		"{\"method\": \"value_tree\", \"nodes\": [{\"segment\": 1}], \"max_leaves\": 3}",
		"{\"method\": \"value_tree\", \"nodes\": [{\"segment\": 1}], \"features\": [\"a\", \"a\"]}",
		"{\"method\": \"segment_tree\", \"nodes\": [{\"segment\": 1}], \"scale\": \"asinh\", \"unit\": 1}",
		"{\"nodes\": [{\"segment\": 1}]}",
		V("3", "9", "2", "1"),
		V("3", "1", "2", "-1"),
		V("0", "1", "2", "1"),
	};
	int			wrong = 0;
	SegmentationError error;

	for (size_t i = 0; i < lengthof(good); i++)
	{
		bool		accepted;

		if (!text_holds(good[i], strlen(good[i]), &accepted) || !accepted)
		{
			printf("# refused: %s\n", good[i]);
			wrong++;
		}
	}
	for (size_t i = 0; i < lengthof(bad); i++)
	{
		Segmentation *s = segmentation_parse(bad[i], strlen(bad[i]), &error);

		if (s)
		{
			printf("# accepted: %s\n", bad[i]);
			wrong++;
			segmentation_free(s);
		}
	}
	ok(wrong == 0, "trees: texts that are one, and texts that are none");
}

/* A thousand leaves in a row, as deep as a tree can be. */
static void
test_deep(void)
{
	TextBuffer	t;
	bool		accepted;
	bool		same;

	text_open(&t);
	text_put(&t, "{\"method\": \"value_tree\", \"nodes\": [");
	for (int i = 0; i < TREE_MAX_LEAVES - 1; i++)
		t.used += snprintf(text_room(&t, 200), 200, "{\"feature\": \"a\", \"at_least\": %d, \"yes\": %d, \"no\": %d}, {\"segment\": %d}, ",
						   i, 2 * i + 3, 2 * i + 2, i + 2);
	text_put(&t, "{\"segment\": 1}]}");
	same = text_holds(t.begin, t.used, &accepted);
	ok(same && accepted, "trees: a thousand leaves deep");
	cv_free(t.begin);
}

int
main(void)
{
	test_texts();
	test_deep();
	test_bytes();
	return done_testing("test_tree_text");
}
