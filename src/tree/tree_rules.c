/*
 * tree_rules.c
 *		The way to a leaf as a rule: in SQL, and in words.
 */
#include "tree/tree_rules.h"

#define LABEL_LENGTH 100		/* bytes, about */
#define LISTED_CATEGORIES 3		/* in words; the others are counted */

/* ---- conditions ---- */

/* Members of both lists, or of the first but not the second. */
static void
narrow(TreeCondition *c, const TreeNode *node, bool inside)
{
	int			kept = 0;

	for (int i = 0; i < c->ncategories; i++)
	{
		const TreeText *text = &c->category[i];

		if ((tree_find_text(node->category, node->ncategories, text->text, text->length) >= 0) == inside)
			c->category[kept++] = *text;
	}
	c->ncategories = kept;
}

static int
compare_texts(const void *a, const void *b)
{
	return tree_text_compare(a, b);
}

/* In order, each once. */
static void
settle(TreeCondition *c)
{
	int			kept = 0;

	if (c->ncategories > 1)
		qsort(c->category, c->ncategories, sizeof(TreeText), compare_texts);
	for (int i = 0; i < c->ncategories; i++)
	{
		if (i == 0 || tree_text_compare(&c->category[kept - 1], &c->category[i]) != 0)
			c->category[kept++] = c->category[i];
	}
	c->ncategories = kept;
}

/* Members of the second list but not the first. */
static void
take_others(TreeCondition *c, const TreeNode *node, Arena *arena)
{
	TreeText   *list = arena_alloc(arena, node->ncategories * sizeof(TreeText));
	int			count = 0;

	settle(c);
	for (int i = 0; i < node->ncategories; i++)
	{
		const TreeText *text = &node->category[i];

		if (tree_find_text(c->category, c->ncategories, text->text, text->length) < 0)
			list[count++] = *text;
	}
	c->category = list;
	c->ncategories = count;
}

/*
 * Members of either list, to be settled: a way may be a thousand questions
 * long, and merging at each would be quadratic.
 */
static void
widen(TreeCondition *c, const TreeNode *node, Arena *arena)
{
	int			count = c->ncategories + node->ncategories;

	if (count > c->room)
	{
		TreeText   *more;

		c->room = Max(count, 2 * c->room);
		more = arena_alloc(arena, c->room * sizeof(TreeText));
		if (c->ncategories > 0)
			memcpy(more, c->category, c->ncategories * sizeof(TreeText));
		c->category = more;
	}
	memcpy(c->category + c->ncategories, node->category, node->ncategories * sizeof(TreeText));
	c->ncategories = count;
}

static void
add_answer(TreeCondition *c, const TreeNode *node, bool yes, Arena *arena)
{
	c->missing = c->missing && node->missing_yes == yes;
	if (node->kind == TREE_PRESENT)
	{
		c->known = c->known && yes;
		return;
	}
	c->kind = node->kind;
	if (node->kind == TREE_NUMBER)
	{
		if (yes && (!c->has_lower || exact_compare(node->threshold, c->lower) > 0))
		{
			c->has_lower = true;
			c->lower = node->threshold;
		}
		if (!yes && (!c->has_upper || exact_compare(node->threshold, c->upper) < 0))
		{
			c->has_upper = true;
			c->upper = node->threshold;
		}
		if (c->has_lower && c->has_upper && exact_compare(c->lower, c->upper) >= 0)
			c->known = false;
		return;
	}
	if (c->listed)
		narrow(c, node, yes);
	else if (yes)
	{
		take_others(c, node, arena);
		c->listed = true;
	}
	else
		widen(c, node, arena);
	if (c->listed && c->ncategories == 0)
		c->known = false;
}

int
tree_conditions(const Tree *s, int leaf, Arena *arena, TreeCondition **conditions)
{
	TreeCondition *list = arena_alloc(arena, s->nnodes * sizeof(TreeCondition));
	int			count = 0;

	/* the second child and all below it come after the first one's */
	for (int at = 0; at != leaf;)
	{
		const TreeNode *node = &s->node[at];
		bool		yes = leaf < node->no;
		int			c = 0;

		while (c < count && list[c].feature != node->feature)
			c++;
		if (c == count)
		{
			list[count].feature = node->feature;
			list[count].kind = TREE_PRESENT;
			list[count].missing = list[count].known = true;
			count++;
		}
		add_answer(&list[c], node, yes, arena);
		at = yes ? at + 1 : node->no;
	}
	for (int c = 0; c < count; c++)
	{
		cv_check_interrupts();
		if (!list[c].listed)
			settle(&list[c]);
	}
	*conditions = list;
	return count;
}

/* ---- in SQL ---- */

static void
put_literal(TextBuffer *t, const char *text, size_t length)
{
	/* like quote_literal() */
	if (memchr(text, '\\', length))
		text_put(t, "E");
	text_put(t, "'");
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == '\'' || text[i] == '\\')
			text_put_bytes(t, text + i, 1);
		text_put_bytes(t, text + i, 1);
	}
	text_put(t, "'");
}

/* A feature as SQL has it: as text, and as a number. */
static void
make_terms(const TreeText *name, const char *object, const char *(*quote) (const char *),
		   TextBuffer *as_text, TextBuffer *as_number)
{
	text_open(as_text);
	text_open(as_number);
	if (object == NULL)
	{
		TextBuffer	plain;

		text_open(&plain);
		text_put_bytes(&plain, name->text, name->length);
		text_put(as_text, quote(plain.begin));
		text_put(as_number, as_text->begin);
		cv_free(plain.begin);
		return;
	}
	text_put(as_text, "(");
	text_put(as_text, object);
	text_put(as_text, "->>");
	put_literal(as_text, name->text, name->length);
	text_put(as_text, ")");
	text_put(as_number, as_text->begin);
	text_put(as_number, "::numeric");
}

static void
put_comparison(TextBuffer *t, const char *term, const char *operator, Exact number)
{
	text_put(t, term);
	text_put(t, operator);
	t->used += exact_print(text_room(t, EXACT_TEXT_SIZE), number);
}

/* What known values must be; "and" joins, so it binds closer than the OR. */
static void
put_known(const TreeCondition *c, const char *term, const char *number, TextBuffer *t)
{
	if (c->kind == TREE_NUMBER)
	{
		if (c->has_lower)
			put_comparison(t, number, " >= ", c->lower);
		if (c->has_lower && c->has_upper)
			text_put(t, " AND ");
		if (c->has_upper)
			put_comparison(t, number, " < ", c->upper);
		return;
	}
	text_put(t, term);
	if (c->ncategories == 1)
	{
		text_put(t, c->listed ? " = " : " <> ");
		put_literal(t, c->category[0].text, c->category[0].length);
		return;
	}
	text_put(t, c->listed ? " IN (" : " NOT IN (");
	for (int i = 0; i < c->ncategories; i++)
	{
		text_put(t, i > 0 ? ", " : "");
		put_literal(t, c->category[i].text, c->category[i].length);
	}
	text_put(t, ")");
}

/* Anything but one category, known or not: SQL has a word for it. */
static bool
is_anything_but_one(const TreeCondition *c)
{
	return c->known && c->missing && c->kind == TREE_CATEGORY && !c->listed &&
		c->ncategories == 1;
}

static void
put_condition(const TreeCondition *c, const char *term, const char *number, TextBuffer *t)
{
	if (!c->known)
	{
		/* no such customer can be, but for those without a value */
		text_put(t, c->missing ? term : "false");
		text_put(t, c->missing ? " IS NULL" : "");
	}
	else if (c->kind == TREE_PRESENT)
	{
		text_put(t, c->missing ? "true" : term);
		text_put(t, c->missing ? "" : " IS NOT NULL");
	}
	else if (is_anything_but_one(c))
	{
		text_put(t, term);
		text_put(t, " IS DISTINCT FROM ");
		put_literal(t, c->category[0].text, c->category[0].length);
	}
	else if (c->missing)
	{
		text_put(t, "(");
		put_known(c, term, number, t);
		text_put(t, " OR ");
		text_put(t, term);
		text_put(t, " IS NULL)");
	}
	else
		put_known(c, term, number, t);
}

void
tree_put_rule(const Tree *s, int leaf, const char *object, const char *(*quote) (const char *),
			  TextBuffer *t)
{
	Arena		arena = {NULL};
	TreeCondition *condition;
	int			count = tree_conditions(s, leaf, &arena, &condition);

	if (count == 0)
		text_put(t, "true");
	for (int i = 0; i < count; i++)
	{
		TextBuffer	term;
		TextBuffer	number;

		make_terms(&s->feature[condition[i].feature], object, quote, &term, &number);
		text_put(t, i > 0 ? " AND " : "");
		put_condition(&condition[i], term.begin, number.begin, t);
		cv_free(term.begin);
		cv_free(number.begin);
	}
	arena_free(&arena);
}

/* ---- in words ---- */

static void
put_number(TextBuffer *t, const char *word, Exact number)
{
	text_put(t, word);
	t->used += exact_print(text_room(t, EXACT_TEXT_SIZE), number);
}

static void
put_categories(const TreeCondition *c, TextBuffer *t)
{
	int			shown = c->ncategories <= LISTED_CATEGORIES + 1 ? c->ncategories : LISTED_CATEGORIES;

	text_put(t, c->listed ? " " : " other than ");
	for (int i = 0; i < shown; i++)
	{
		text_put(t, i == 0 ? "" : i + 1 == c->ncategories ? " or " : ", ");
		text_put_bytes(t, c->category[i].text, c->category[i].length);
	}
	if (shown < c->ncategories)
	{
		text_put(t, " or ");
		text_put_integer(t, c->ncategories - shown);
		text_put(t, " others");
	}
}

/* Where missing values go is left to the rule. */
static void
put_condition_words(const TreeCondition *c, TextBuffer *t)
{
	if (!c->known)
	{
		text_put(t, c->missing ? " unknown" : " impossible");
		return;
	}
	if (c->kind == TREE_PRESENT)
		text_put(t, " known");
	else if (c->kind == TREE_CATEGORY)
		put_categories(c, t);
	else
	{
		if (c->has_lower)
			put_number(t, c->has_upper ? " " : " at least ", c->lower);
		if (c->has_upper)
			put_number(t, c->has_lower ? " to below " : " below ", c->upper);
	}
}

void
tree_put_words(const Tree *s, int leaf, size_t most, TextBuffer *t)
{
	Arena		arena = {NULL};
	TreeCondition *condition;
	TextBuffer	words;
	int			count = tree_conditions(s, leaf, &arena, &condition);

	text_open(&words);
	if (count == 0)
		text_put(&words, "all");
	for (int i = 0; i < count; i++)
	{
		const TreeText *name = &s->feature[condition[i].feature];

		text_put(&words, i > 0 ? ", " : "");
		text_put_bytes(&words, name->text, name->length);
		put_condition_words(&condition[i], &words);
	}
	if (words.used <= most)
		text_put_bytes(t, words.begin, words.used);
	else
	{
		text_put_bytes(t, words.begin, cv_clip_length(words.begin, words.used, most - 3));
		text_put(t, "...");
	}
	cv_free(words.begin);
	arena_free(&arena);
}

/* The rule of the segment's leaf, if it has one leaf only. */
void
tree_default_label(const Segmentation *segmentation, int number, TextBuffer *t)
{
	const Tree *s = (const Tree *) segmentation;
	int			leaf = -1;
	int			leaves = 0;

	for (int i = 0; i < s->nnodes; i++)
	{
		if (s->node[i].kind == TREE_LEAF && s->node[i].segment == number)
		{
			leaf = i;
			leaves++;
		}
	}
	if (leaves == 1 && segmentation->method == METHOD_VALUE_TREE)
	{
		tree_put_words(s, leaf, LABEL_LENGTH, t);
		return;
	}
	text_put(t, "segment ");
	text_put_integer(t, number);
}
