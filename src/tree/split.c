/*
 * split.c
 *		The best question to ask about the customers of a node.
 */
#include "tree/grow.h"

/*
 * One search over gaps in an order of the rows: "low" rows come first.  What
 * lowers impurity most is kept; of equals, the first that was tried.
 */
typedef struct Search
{
	Grown	   *tree;
	double		count;			/* rows of the node */
	double		least;			/* rows on either side */
	double		mean;
	double		gain;			/* the best so far, and where it is */
	size_t		low;			/* rows, or categories, before the gap */
	bool		missing_low;
	bool		found;			/* in the latest scan */

	/* of missing rows, or one category: how many, their sum of (y - mean) */
	size_t		nmissing;
	double		missing;

	/* classes: how many rows of each there are, in the node and below the gap */
	int64	   *total;
	int64	   *below;
	int64	   *of_missing;
} Search;

/* ---- a value ---- */

/*
 * With d the sum of (y - mean) below the gap, both sides' deviations add up to
 * what they were less d^2 n / (low * high).
 */
static inline bool
improve(Search *s, double d, double low, size_t where, bool missing_low)
{
	double		high = s->count - low;

	if (low < s->least || high < s->least || d * d * s->count <= s->gain * (low * high))
		return false;
	s->gain = d * d * s->count / (low * high);
	s->low = where;
	s->missing_low = missing_low;
	s->found = true;
	return true;
}

static void
scan_values(Search *s, const TreeEntry *entry, size_t count, bool missing_low)
{
	double		d = missing_low ? s->missing : 0.0;
	double		low = missing_low ? (double) s->nmissing : 0.0;
	double		mean = s->mean;

	for (size_t i = 0; i < count; i++)
	{
		if (i > 0 && entry[i].rank != entry[i - 1].rank)
			improve(s, d, low + (double) i, i, missing_low);
		d += entry[i].y - mean;
	}
}

/* ---- a class ---- */

/* Impurity falls by the squares of both sides, less those of the node. */
static inline void
improve_classes(Search *s, double low_squares, double high_squares, double all_squares,
				double low, size_t where, bool missing_low)
{
	double		high = s->count - low;
	double		gain;

	if (low < s->least || high < s->least)
		return;
	gain = low_squares / low + high_squares / high - all_squares / s->count;
	if (gain <= s->gain)
		return;
	s->gain = gain;
	s->low = where;
	s->missing_low = missing_low;
	s->found = true;
}

static void
scan_classes(Search *s, const TreeEntry *entry, size_t count, bool missing_low)
{
	int			classes = s->tree->classes;
	double		low = missing_low ? (double) s->nmissing : 0.0;
	i128		low_squares = 0;
	i128		high_squares = 0;
	double		all_squares = 0.0;

	for (int c = 0; c < classes; c++)
	{
		int64		below = missing_low ? s->of_missing[c] : 0;
		int64		above = s->total[c] - below;

		s->below[c] = below;
		low_squares += (i128) below * below;
		high_squares += (i128) above * above;
		all_squares += (double) s->total[c] * (double) s->total[c];
	}
	for (size_t i = 0; i < count; i++)
	{
		int			c = (int) entry[i].y - 1;

		if (i > 0 && entry[i].rank != entry[i - 1].rank)
			improve_classes(s, (double) low_squares, (double) high_squares, all_squares,
							low + (double) i, i, missing_low);
		low_squares += 2 * s->below[c] + 1;
		high_squares -= 2 * (s->total[c] - s->below[c]) - 1;
		s->below[c]++;
	}
}

/* The missing rows, or those that are taken for them, against all others. */
static bool
try_apart(Search *s)
{
	double		low_squares = 0.0,
				high_squares = 0.0,
				all_squares = 0.0;

	s->found = false;
	if (s->nmissing == 0)
		return false;
	if (s->tree->classes == 0)
		return improve(s, s->missing, (double) s->nmissing, 0, true);
	for (int c = 0; c < s->tree->classes; c++)
	{
		double		low = (double) s->of_missing[c];
		double		all = (double) s->total[c];

		low_squares += low * low;
		high_squares += (all - low) * (all - low);
		all_squares += all * all;
	}
	improve_classes(s, low_squares, high_squares, all_squares, (double) s->nmissing, 0, true);
	return s->found;
}

/* ---- numbers ---- */

static void
add_missing(Search *s, const TreeEntry *entry, size_t count)
{
	s->nmissing = count;
	s->missing = 0.0;
	if (s->tree->classes)
		memset(s->of_missing, 0, s->tree->classes * sizeof(int64));
	for (size_t i = 0; i < count; i++)
	{
		s->missing += entry[i].y - s->mean;
		if (s->tree->classes)
			s->of_missing[(int) entry[i].y - 1]++;
	}
}

static size_t
count_known(const TreeEntry *entry, size_t count)
{
	size_t		low = 0;
	size_t		high = count;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (entry[middle].rank == MISSING_RANK)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The numbers on both sides of the gap; equal ones may not be the same. */
static void
measure_gap(const Search *s, const TreeEntry *entry, size_t known, const Feature *feature,
			Split *split)
{
	const TreeEntry *last = &entry[s->low - 1];
	const TreeEntry *first = &entry[s->low];

	split->below = feature->number[last->row];
	split->above = feature->number[first->row];
	if (!feature->rounded)
		return;
	for (const TreeEntry *e = last; e >= entry && e->rank == last->rank; e--)
		split->below = Max(split->below, feature->number[e->row]);
	for (const TreeEntry *e = first; e < entry + known && e->rank == first->rank; e++)
		split->above = Min(split->above, feature->number[e->row]);
}

static void
try_number(Search *s, const GrownNode *node, int feature, Split *split)
{
	const TreeEntry *entry = s->tree->rows->column[feature] + node->begin;
	size_t		count = node->end - node->begin;
	size_t		known = count_known(entry, count);

	add_missing(s, entry + known, count - known);
	s->found = false;
	for (int missing_low = 0; missing_low < (known < count ? 2 : 1); missing_low++)
	{
		if (s->tree->classes)
			scan_classes(s, entry, known, missing_low != 0);
		else
			scan_values(s, entry, known, missing_low != 0);
	}
	if (s->found)
	{
		split->kind = TREE_NUMBER;
		split->feature = feature;
		measure_gap(s, entry, known, &s->tree->frame->feature[feature], split);
		/* where none is missing, one that will be goes with the many */
		split->missing_yes = known < count ? !s->missing_low : 2 * s->low <= count;
	}
	/* whether the value is known at all */
	if (try_apart(s))
	{
		split->kind = TREE_PRESENT;
		split->feature = feature;
		split->missing_yes = false;
	}
}

/* ---- categories ---- */

static int
compare_groups(const void *a, const void *b)
{
	const CategoryGroup *ga = a;
	const CategoryGroup *gb = b;
	double		mean_a = ga->sum / (double) ga->count;
	double		mean_b = gb->sum / (double) gb->count;

	if (mean_a != mean_b)
		return mean_a < mean_b ? -1 : 1;
	return (ga->category > gb->category) - (ga->category < gb->category);
}

static int
compare_numbers(const void *a, const void *b)
{
	int32		na = *(const int32 *) a;
	int32		nb = *(const int32 *) b;

	return (na > nb) - (na < nb);
}

/*
 * The categories there are in the node, and missing, by their mean target or
 * by their names; missing is the last name.
 */
static int
order_groups(Search *s, const GrownNode *node, const Feature *feature)
{
	CategoryGroup *group = s->tree->group;
	int			categories = feature->categories.count;
	const TreeEntry *entry = s->tree->rows->plain;
	int			ngroups = 0;

	for (int c = 0; c <= categories; c++)
	{
		group[c].category = c;
		group[c].count = 0;
		group[c].sum = 0.0;
	}
	for (size_t i = node->begin; i < node->end; i++)
	{
		int			c = feature->category[entry[i].row];
		CategoryGroup *g = &group[c == CATEGORY_MISSING ? categories : c];

		g->count++;
		g->sum += entry[i].y - s->mean;
	}
	for (int c = 0; c <= categories; c++)
	{
		if (group[c].count > 0)
			group[ngroups++] = group[c];
	}
	if (s->tree->use != CATEGORIES_BY_NAME)
		qsort(group, ngroups, sizeof(CategoryGroup), compare_groups);
	return ngroups;
}

/* Classes are counted row by row, so the rows are put in order, too. */
static const TreeEntry *
order_rows(Search *s, const GrownNode *node, const Feature *feature, int ngroups)
{
	const TreeEntry *entry = s->tree->rows->plain;
	TreeEntry  *sorted = s->tree->scratch;
	int32	   *rank = s->tree->rank;
	size_t	   *at = s->tree->at;
	size_t		before = 0;

	for (int g = 0; g < ngroups; g++)
	{
		rank[s->tree->group[g].category] = g;
		at[g] = before;
		before += (size_t) s->tree->group[g].count;
	}
	for (size_t i = node->begin; i < node->end; i++)
	{
		int			c = feature->category[entry[i].row];
		int			g = rank[c == CATEGORY_MISSING ? feature->categories.count : c];

		sorted[at[g]] = entry[i];
		sorted[at[g]++].rank = (uint32) g;
	}
	return sorted;
}

/* Rows are those of the groups in their order; NULL for values. */
static void
scan_groups(Search *s, const TreeEntry *row, int ngroups)
{
	const CategoryGroup *group = s->tree->group;
	double		d = 0.0;
	double		low = 0.0;

	if (row)
	{
		add_missing(s, NULL, 0);
		scan_classes(s, row, (size_t) s->count, false);
		/* from rows to groups */
		if (s->found)
			s->low = row[s->low].rank;
		return;
	}
	for (int g = 0; g + 1 < ngroups; g++)
	{
		d += group[g].sum;
		low += (double) group[g].count;
		improve(s, d, low, (size_t) g + 1, false);
	}
}

/* Each group against all others; the best is put first. */
static void
scan_single_groups(Search *s, const TreeEntry *row, int ngroups)
{
	CategoryGroup *group = s->tree->group;
	CategoryGroup chosen;
	int			best = -1;

	for (int g = 0; g < ngroups; g++)
	{
		s->nmissing = (size_t) group[g].count;
		s->missing = group[g].sum;
		if (row)
		{
			add_missing(s, row, s->nmissing);
			row += s->nmissing;
		}
		if (try_apart(s))
			best = g;
	}
	s->found = best >= 0;
	if (best < 0)
		return;
	chosen = group[best];
	group[best] = group[0];
	group[0] = chosen;
	s->low = 1;
}

/*
 * What is listed is the side with fewer customers: a category that was never
 * seen goes with the many.  A side of nothing but missing values cannot be
 * listed: then the question is whether the value is known.
 */
static void
list_categories(Search *s, int feature, int categories, int ngroups, Split *split)
{
	const CategoryGroup *group = s->tree->group;
	int64		count[2] = {0, 0};
	int			named[2] = {0, 0};
	int			missing = -1;
	int			side;

	for (int g = 0; g < ngroups; g++)
	{
		side = (size_t) g >= s->low;
		count[side] += group[g].count;
		if (group[g].category == categories)
			missing = side;
		else
			named[side]++;
	}
	split->feature = feature;
	split->kind = TREE_CATEGORY;
	if (named[0] == 0 || named[1] == 0)
	{
		split->kind = TREE_PRESENT;
		split->missing_yes = false;
		return;
	}
	side = count[1] <= count[0];
	split->missing_yes = missing == side;
	split->nlisted = 0;
	split->listed = arena_alloc(&s->tree->arena, named[side] * sizeof(int32));
	for (int g = 0; g < ngroups; g++)
	{
		if (((size_t) g >= s->low) == side && group[g].category != categories)
			split->listed[split->nlisted++] = group[g].category;
	}
	qsort(split->listed, split->nlisted, sizeof(int32), compare_numbers);
}

static void
try_category(Search *s, const GrownNode *node, int number, Split *split)
{
	const Feature *feature = &s->tree->frame->feature[number];
	int			ngroups = order_groups(s, node, feature);
	const TreeEntry *row = s->tree->classes ? order_rows(s, node, feature, ngroups) : NULL;

	s->found = false;
	if (s->tree->use == CATEGORIES_SINGLE)
		scan_single_groups(s, row, ngroups);
	else
		scan_groups(s, row, ngroups);
	if (s->found)
		list_categories(s, number, feature->categories.count, ngroups, split);
}

/* ---- all features ---- */

static void
count_classes(Search *s, const GrownNode *node)
{
	Grown	   *tree = s->tree;
	const TreeEntry *entry = tree->rows->plain;

	s->total = tree->counts;
	s->below = tree->counts + tree->classes;
	s->of_missing = tree->counts + 2 * tree->classes;
	memset(s->total, 0, tree->classes * sizeof(int64));
	for (size_t i = node->begin; i < node->end; i++)
		s->total[(int) entry[i].y - 1]++;
}

static void
try_features(Search *s, const GrownNode *node, FeatureKind kind, Split *split)
{
	const Frame *frame = s->tree->frame;

	for (int f = 0; f < frame->nfeatures; f++)
	{
		if (frame->feature[f].kind != kind)
			continue;
		cv_check_interrupts();
		if (kind == FEATURE_NUMBER)
			try_number(s, node, f, split);
		else
			try_category(s, node, f, split);
	}
	if (split->kind != TREE_LEAF)
		split->gain = s->gain;
}

/* Of the same rows, the best question about a number is known. */
void
find_split(Grown *tree, GrownNode *node)
{
	Search		s = {0};

	s.tree = tree;
	s.count = (double) (node->end - node->begin);
	s.least = (double) tree->min_customers;
	s.mean = node->mean;
	memset(&node->split, 0, sizeof(Split));
	if (s.count < 2.0 * s.least || !(node->impurity > 0.0))
		return;
	if (tree->classes)
		count_classes(&s, node);
	/* less is rounding */
	s.gain = node->impurity * 1e-12;
	if (node->twin < 0)
		try_features(&s, node, FEATURE_NUMBER, &node->number);
	else if (node->number.kind != TREE_LEAF)
		s.gain = node->number.gain;
	node->split = node->number;
	try_features(&s, node, FEATURE_CATEGORY, &node->split);
}
