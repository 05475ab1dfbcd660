/*
 * test_tree.c
 *		Trees against brute force: every split of small data, every pruned
 *		subtree, each fold by itself; against trees of columns that hold the
 *		same; planted rules and noise.
 */
#include "tree_test.h"

#include "tree/grow.h"
#include "tree/prune.h"

/* ---- splits ---- */

#define SMALL 14

/* What a set of rows adds to the impurity. */
static double
impurity_of(const double *y, const bool *inside, int n, bool side, int classes, int *count)
{
	double		sum = 0.0,
				squares = 0.0,
				of_class[8] = {0};

	*count = 0;
	for (int i = 0; i < n; i++)
	{
		if (inside[i] != side)
			continue;
		(*count)++;
		sum += y[i];
		squares += y[i] * y[i];
		if (classes)
			of_class[(int) y[i]]++;
	}
	if (*count == 0)
		return 0.0;
	if (!classes)
		return squares - sum * sum / *count;
	squares = 0.0;
	for (int c = 0; c < 8; c++)
		squares += of_class[c] * of_class[c];
	return *count - squares / *count;
}

static void
try_sides(const double *y, const bool *yes, int n, int least, int classes, double all, double *best)
{
	int			a,
				b;
	double		rest = impurity_of(y, yes, n, true, classes, &a) + impurity_of(y, yes, n, false, classes, &b);

	if (a >= least && b >= least && all - rest > *best)
		*best = all - rest;
}

/*
 * Every question that could be asked.  With a least size of sides, the best
 * set of categories need not be a stretch of their order: none is asked for
 * where there are categories.
 */
static double
best_by_force(const Frame *frame, int least, int classes)
{
	const double *y = frame->target;
	int			n = (int) frame->count;
	bool		yes[SMALL];
	int			count;
	double		best = 0.0;
	double		all;

	memset(yes, 0, sizeof(yes));
	all = impurity_of(y, yes, n, false, classes, &count);
	for (int f = 0; f < frame->nfeatures; f++)
	{
		const Feature *feature = &frame->feature[f];

		if (feature->kind == FEATURE_NUMBER)
		{
			for (int t = 0; t < n; t++)
			{
				for (int missing = 0; missing < 2; missing++)
				{
					for (int i = 0; i < n; i++)
						yes[i] = isnan(feature->number[i]) ? missing :
							!isnan(feature->number[t]) && feature->number[i] >= feature->number[t];
					try_sides(y, yes, n, least, classes, all, &best);
				}
			}
		}
		else if (feature->kind == FEATURE_CATEGORY)
		{
			int			categories = feature->categories.count;

			for (int set = 0; set < 1 << (categories + 1); set++)
			{
				for (int i = 0; i < n; i++)
					yes[i] = set >> (feature->category[i] < 0 ? categories : feature->category[i]) & 1;
				try_sides(y, yes, n, least, classes, all, &best);
			}
		}
	}
	return best;
}

static void
small_frame(Frame *frame, int n, int classes, bool categories)
{
	static const char *const words[] = {"a", "b", "c", "d", "e"};

	memset(frame, 0, sizeof(Frame));
	for (int i = 0; i < n; i++)
	{
		frame_begin_row(frame, classes ? 1 + below(classes) : below(3) ? below(20) - 7 : normal() * 1000);
		if (below(5))
			put_number(frame, "x", below(6));
		if (below(5))
			put_number(frame, "z", normal());
		if (categories && below(5))
			put_category(frame, "c", words[below(5)]);
	}
	frame_finish(frame);
}

static void
test_split(int classes)
{
	int			wrong = 0,
				without = 0;

	for (int round = 0; round < 3000; round++)
	{
		Frame		frame;
		Presort		rows;
		Grown		tree;
		bool		categories = round % 2 == 0;
		int			least = categories ? 1 : 1 + below(3);
		double		force;
		double		found;

		small_frame(&frame, 2 + below(SMALL - 1), classes, categories);
		presort_open(&rows, &frame, frame.target);
		grow_tree(&tree, &frame, &rows, classes, 2, least);
		force = best_by_force(&frame, least, classes);
		found = tree.node[0].split.kind == TREE_LEAF ? 0.0 : tree.node[0].split.gain;
		without += found == 0.0;
		if (fabs(found - force) > 1e-9 * tree.node[0].impurity && wrong++ == 0)
			printf("# found %g, best %g of %g\n", found, force, tree.node[0].impurity);
		/* the children are what the gain says */
		if (tree.nleaves == 2 &&
			fabs(tree.node[0].impurity - tree.node[1].impurity - tree.node[2].impurity - found) > 1e-9 * tree.node[0].impurity)
			wrong++;
		grown_free(&tree);
		presort_close(&rows);
		frame_free(&frame);
	}
	ok(wrong == 0 && without < 1000, "split: best of all, %d classes (%d without any)", classes, without);
}

/* ---- whole trees ---- */

/* Every row is in the leaf to which the questions lead it; gains add up. */
static int
count_faults(const Grown *tree, int leaves)
{
	int			wrong = tree->nleaves > leaves || tree->nnodes != 2 * tree->nleaves - 1;
	double		all = tree->node[0].impurity;

	for (int i = 0; i < tree->nnodes; i++)
	{
		const GrownNode *node = &tree->node[i];

		if (node->yes >= 0)
		{
			wrong += fabs(node->impurity - tree->node[node->yes].impurity - tree->node[node->no].impurity -
						  node->split.gain) > 1e-9 * all;
			continue;
		}
		wrong += node->end - node->begin < (size_t) tree->min_customers;
		for (size_t r = node->begin; r < node->end; r++)
		{
			uint32		row = tree->rows->plain[r].row;
			int			at = 0;

			while (tree->node[at].yes >= 0)
				at = grown_answer(tree, &tree->node[at], row) ? tree->node[at].yes : tree->node[at].no;
			wrong += at != i;
		}
	}
	return wrong;
}

static void
test_grow(int classes)
{
	int			wrong = 0;

	for (int round = 0; round < 60; round++)
	{
		Frame		frame;
		Presort		rows;
		Grown		tree;
		int			leaves = 1 + below(30);

		random_frame(&frame, 40 + below(400), classes);
		presort_open(&rows, &frame, frame.target);
		grow_tree(&tree, &frame, &rows, classes, leaves, 1 + below(8));
		wrong += count_faults(&tree, leaves);
		grown_free(&tree);
		presort_close(&rows);
		frame_free(&frame);
	}
	ok(wrong == 0, "grow: rows are where the questions lead, %d classes", classes);
}

#define WORDS 12

/* A word as a category, as columns of zeros and ones, or as its number. */
static void
put_word(Frame *frame, int which, int word, int form)
{
	char		name[] = "word?/?";
	char		text[] = "?";

	name[4] = (char) ('0' + which);
	text[0] = (char) ('a' + word);
	if (form == 0)
		put_category(frame, name, text);
	for (int w = 0; form == 1 && w < WORDS; w++)
	{
		name[6] = (char) ('a' + w);
		put_number(frame, name, w == word);
	}
	if (form == 2)
		put_number(frame, name, word);
}

static double
impurity_of_leaves(const Frame *frame, int leaves, int least, int *faults)
{
	Presort		rows;
	Grown		tree;
	double		left = 0.0;

	presort_open(&rows, frame, frame->target);
	grow_tree(&tree, frame, &rows, 0, leaves, least);
	*faults += count_faults(&tree, leaves);
	for (int i = 0; i < tree.nnodes; i++)
		left += tree.node[i].yes < 0 ? tree.node[i].impurity : 0.0;
	grown_free(&tree);
	presort_close(&rows);
	return left;
}

/*
 * Whoever has numbers only must write categories as zeros and ones, or as
 * their numbers; trees grown from these explain no more.
 */
static void
test_other_forms(void)
{
	int			faults = 0,
				worse = 0;
	int			better[2] = {0, 0};

	for (int round = 0; round < 1500; round++)
	{
		Frame		frame[3] = {{0}};
		int			leaves = 2 + below(below(2) ? 20 : 4);
		int			least = 1 + (below(2) ? below(8) : 0);
		int			rows = 30 + below(120);
		double		left[3];

		for (int i = 0; i < rows; i++)
		{
			double		y = exp(2.0 * normal());
			double		x = floor(uniform() * 50);
			int			first = below(WORDS);
			int			second = below(4);

			y += (first % 3 == 0) * 2.0 + (x > 20 && second == 1) * 4.0;
			for (int form = 0; form < 3; form++)
			{
				frame_begin_row(&frame[form], y);
				put_number(&frame[form], "x", x);
				put_word(&frame[form], 1, first, form);
				put_word(&frame[form], 2, second, form);
			}
		}
		for (int form = 0; form < 3; form++)
		{
			frame_finish(&frame[form]);
			left[form] = impurity_of_leaves(&frame[form], leaves, least, &faults);
			frame_free(&frame[form]);
		}
		for (int form = 1; form < 3; form++)
		{
			worse += left[0] > left[form] * (1.0 + 1e-9);
			better[form - 1] += left[0] < left[form] * (1.0 - 1e-9);
		}
	}
	ok(faults == 0 && worse == 0 && better[0] > 750 && better[1] > 750,
	   "grow: no worse than with zeros and ones (better in %d of 1500) or numbers (%d)", better[0], better[1]);
}

/* The cheapest pruned subtree, the smallest of equals, of all there are. */
static double
cheapest(const Grown *tree, int at, double alpha, int *leaves)
{
	const GrownNode *node = &tree->node[at];
	double		count = (double) tree->node[0].end;
	double		own = node->risk / count + alpha;
	int			a,
				b;
	double		below_it;

	*leaves = 1;
	if (node->yes < 0)
		return own;
	below_it = cheapest(tree, node->yes, alpha, &a) + cheapest(tree, node->no, alpha, &b);
	if (below_it >= own * (1.0 - 1e-9))
		return own;
	*leaves = a + b;
	return below_it;
}

static double
cost_of_path(const Grown *tree, const PrunePath *path, int at, double alpha, int *leaves)
{
	const GrownNode *node = &tree->node[at];
	int			a,
				b;
	double		cost;

	*leaves = 1;
	if (node->yes < 0 || path->collapse[at] <= alpha)
		return node->risk / (double) tree->node[0].end + alpha;
	cost = cost_of_path(tree, path, node->yes, alpha, &a) + cost_of_path(tree, path, node->no, alpha, &b);
	*leaves = a + b;
	return cost;
}

static void
test_prune(int classes)
{
	int			wrong = 0,
				steps = 0;

	for (int round = 0; round < 100; round++)
	{
		Frame		frame;
		Presort		rows;
		Grown		tree;
		PrunePath	path;

		random_frame(&frame, 30 + below(200), classes);
		presort_open(&rows, &frame, frame.target);
		grow_tree(&tree, &frame, &rows, classes, 2 + below(15), 1);
		prune_path(&path, &tree);
		for (int i = 0; i < 50 && path.nsteps > 0; i++)
		{
			double		alpha = path.alpha[path.nsteps - 1] * pow(uniform(), 3) * 1.2;
			int			a,
						b;
			double		best = cheapest(&tree, 0, alpha, &a);
			double		ours = cost_of_path(&tree, &path, 0, alpha, &b);

			wrong += a != b || fabs(best - ours) > 1e-9 * (best + 1e-300);
		}
		for (int i = 1; i < path.nsteps; i++)
			wrong += path.alpha[i] <= path.alpha[i - 1];
		steps += path.nsteps;
		prune_close(&path);
		grown_free(&tree);
		presort_close(&rows);
		frame_free(&frame);
	}
	ok(wrong == 0 && steps > 300, "prune: the cheapest subtree at every price, %d classes", classes);
}

/* ---- cross-validation ---- */

/* The errors of one step, by growing and pruning without what is shared. */
static void
test_validation(void)
{
	Frame		frame;
	Branching	branching = {.method = METHOD_VALUE_TREE,.max_leaves = 8};
	Tree	   *tree;
	double		errors = 0.0,
				mean = 0.0;

	branching_defaults(&branching);
	branching.folds = 5;
	random_frame(&frame, 403, 0);
	tree = branching_apply(&branching, &frame);
	/* without questions the error is that of the other folds' mean */
	for (int fold = 0; fold < 5; fold++)
	{
		double		sum = 0.0;
		int			count = 0;

		for (int i = 0; i < 403; i++)
		{
			sum += i % 5 != fold ? frame.target[i] : 0.0;
			count += i % 5 != fold;
		}
		for (int i = fold; i < 403; i += 5)
			errors += (frame.target[i] - sum / count) * (frame.target[i] - sum / count);
		mean += sum / count / 5;
	}
	ok(tree->validation.folds == 5 && tree->validation.customers == 403 &&
	   fabs(tree->validation.root_error - errors / 403) < 1e-9 * errors,
	   "validation: the error of no question");
	ok(tree->validation.error < 0.6 * tree->validation.root_error && tree->head.k >= 4,
	   "validation: what is there is found (%d leaves)", tree->head.k);
	segmentation_free(&tree->head);
	frame_free(&frame);
}

/* Copy some rows of a finished frame; their order depends on contents only. */
static void
copy_rows(Frame *to, const Frame *from, int folds, int without)
{
	memset(to, 0, sizeof(Frame));
	for (size_t i = 0; i < from->count; i++)
	{
		if ((int) (i % (size_t) folds) == without)
			continue;
		frame_begin_row(to, from->target[i]);
		for (int f = 0; f < from->nfeatures; f++)
		{
			const Feature *feature = &from->feature[f];
			char		name[FRAME_MAX_NAME + 1] = "";
			char		text[FRAME_MAX_CATEGORY + 1] = "";

			memcpy(name, from->names.name[f].text, from->names.name[f].length);
			if (feature->kind == FEATURE_NUMBER && !isnan(feature->number[i]))
				put_number(to, name, feature->number[i]);
			if (feature->kind == FEATURE_CATEGORY && feature->category[i] >= 0)
			{
				const KnownName *category = &feature->categories.name[feature->category[i]];

				memcpy(text, category->text, category->length);
				put_category(to, name, text);
			}
		}
	}
	frame_finish(to);
}

/* Each fold for itself: a frame of the others' rows, its own tree and path. */
static double
error_by_hand(const Frame *frame, int max_leaves, int folds, int leaves, int least)
{
	Presort		rows;
	Grown		grown;
	PrunePath	path;
	double		error = 0.0;
	double		price = 0.0;

	presort_open(&rows, frame, frame->target);
	grow_tree(&grown, frame, &rows, 0, max_leaves, least);
	prune_path(&path, &grown);
	for (int step = 0; step <= path.nsteps; step++)
	{
		int			left;

		price = step == 0 ? 0.0 : step == path.nsteps ? HUGE_VAL : sqrt(path.alpha[step - 1] * path.alpha[step]);
		(void) cost_of_path(&grown, &path, 0, step == 0 ? -1.0 : path.alpha[step - 1], &left);
		if (left == leaves)
			break;
	}
	for (int fold = 0; fold < folds; fold++)
	{
		Frame		others;
		Presort		their_rows;
		Grown		theirs;
		PrunePath	their_path;

		copy_rows(&others, frame, folds, fold);
		presort_open(&their_rows, &others, others.target);
		grow_tree(&theirs, &others, &their_rows, 0, max_leaves,
				  (int64) floor((double) least * (double) others.count / (double) frame->count));
		prune_path(&their_path, &theirs);
		/* the questions are about the same features and categories */
		theirs.frame = frame;
		for (size_t i = (size_t) fold; i < frame->count; i += (size_t) folds)
		{
			int			at = 0;

			while (theirs.node[at].yes >= 0 && their_path.collapse[at] > price)
				at = grown_answer(&theirs, &theirs.node[at], i) ? theirs.node[at].yes : theirs.node[at].no;
			error += (frame->target[i] - theirs.node[at].mean) * (frame->target[i] - theirs.node[at].mean);
		}
		prune_close(&their_path);
		grown_free(&theirs);
		presort_close(&their_rows);
		frame_free(&others);
	}
	prune_close(&path);
	grown_free(&grown);
	presort_close(&rows);
	return error / (double) frame->count;
}

static void
test_validation_by_hand(void)
{
	int			wrong = 0,
				sizes = 0;

	for (int round = 0; round < 20; round++)
	{
		Frame		frame;
		Branching	branching = {.method = METHOD_VALUE_TREE,.max_leaves = 2 + below(12)};
		Tree	   *tree;

		branching_defaults(&branching);
		branching.folds = 2 + below(9);
		branching.min_customers = 1 + below(12);
		random_frame(&frame, 300 + below(400), 0);
		tree = branching_apply(&branching, &frame);
		sizes += tree->head.k;
		wrong += fabs(error_by_hand(&frame, branching.max_leaves, branching.folds, tree->head.k, (int) branching.min_customers) -
					  tree->validation.error) > 1e-9 * tree->validation.error;
		segmentation_free(&tree->head);
		frame_free(&frame);
	}
	ok(wrong == 0 && sizes > 50, "validation: the error of the tree, fold by fold (%d leaves in all)", sizes);
}

/* Nothing to find, in values with a heavy tail. */
static void
test_noise(int classes)
{
	int			found = 0;

	for (int round = 0; round < 100; round++)
	{
		Frame		frame = {0};
		Branching	branching = {.method = classes ? METHOD_SEGMENT_TREE : METHOD_VALUE_TREE,.max_leaves = 8};
		Tree	   *tree;

		branching_defaults(&branching);
		for (int i = 0; i < 400; i++)
		{
			frame_begin_row(&frame, classes ? 1 + below(classes) : exp(1.2 * normal()));
			for (int f = 0; f < 5; f++)
			{
				char		name[] = "number?";

				name[6] = (char) ('0' + f);
				put_number(&frame, name, normal());
			}
			for (int f = 0; f < 3; f++)
			{
				char		name[] = "category?";
				char		text[] = "?";

				name[8] = (char) ('0' + f);
				text[0] = (char) ('a' + below(6));
				put_category(&frame, name, text);
			}
		}
		tree = branching_apply(&branching, &frame);
		found += tree->nnodes > 1;
		segmentation_free(&tree->head);
		frame_free(&frame);
	}
	ok(found <= 15, "noise: questions were asked in %d of 100 cases, %d classes", found, classes);
}

/* Rules that made the values are found again, to the letter. */
static void
test_planted(void)
{
	static const char *const regions[] = {"North", "South", "East", "West"};
	Frame		frame = {0};
	Branching	branching = {.method = METHOD_VALUE_TREE,.max_leaves = 20};
	Tree	   *tree;
	TextBuffer	rules;

	branching_defaults(&branching);
	for (int i = 0; i < 20000; i++)
	{
		int			age = 18 + below(60);
		int			region = below(4);
		double		income = floor(uniform() * 100000);
		double		y = age >= 40 ? (region < 2 ? 500 : 300) : (income >= 50000 ? 50 : -100);

		frame_begin_row(&frame, y + 100 * normal());
		put_number(&frame, "age", age);
		put_category(&frame, "region", regions[region]);
		put_number(&frame, "income", income);
		put_number(&frame, "noise", normal());
		put_number(&frame, "digits", below(10));
	}
	tree = branching_apply(&branching, &frame);
	text_open(&rules);
	for (int k = 1; k <= tree->head.k; k++)
	{
		text_put(&rules, k > 1 ? "; " : "");
		segmentation_put_label(&tree->head, k, &rules);
	}
	printf("# %s\n", rules.begin);
	/* the side with fewer customers is listed, whichever that is */
	ok(tree->head.k == 4 && strstr(rules.begin, "age at least 40, region ") == rules.begin &&
	   (strstr(rules.begin, "region North or South; age at least 40, region other than North or South; age below 40, income at least ") ||
		strstr(rules.begin, "region other than East or West; age at least 40, region East or West; age below 40, income at least ")),
	   "planted rules are found, and nothing else");
	cv_free(rules.begin);
	segmentation_free(&tree->head);
	frame_free(&frame);
}

int
main(void)
{
	test_split(0);
	test_split(2);
	test_grow(0);
	test_grow(5);
	test_prune(0);
	test_prune(4);
	test_validation();
	test_validation_by_hand();
	test_noise(0);
	test_noise(3);
	test_planted();
	test_other_forms();
	return done_testing("test_tree");
}
