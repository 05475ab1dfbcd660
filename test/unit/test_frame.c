/*
 * test_frame.c
 *		Frames of features and the order of rows: collected in any order, in
 *		any number of parts, they come out the same.
 */
#include "features/frame.h"

#include <math.h>

#include "common/row_order.h"
#include "tap.h"

static uint64 state = 42;

static uint64
random_word(void)
{
	state = state * UINT64CONST(6364136223846793005) + UINT64CONST(1442695040888963407);
	return state >> 11;
}

/* ---- order of rows ---- */

static int
compare_numbers(uint32 a, uint32 b, void *context)
{
	const uint32 *number = context;

	return (number[a] > number[b]) - (number[a] < number[b]);
}

/* Few hashes, so that many are equal; or many. */
static int
wrongly_ordered(size_t count, uint64 mask)
{
	uint64	   *hash = cv_alloc(count * sizeof(uint64));
	uint64	   *original = cv_alloc(count * sizeof(uint64));
	uint32	   *number = cv_alloc(count * sizeof(uint32));
	uint8	   *seen = cv_alloc(count);
	uint32	   *order;
	int			wrong = 0;

	memset(seen, 0, count);
	for (size_t i = 0; i < count; i++)
	{
		hash[i] = original[i] = hash_mix(0, random_word()) & mask;
		number[i] = (uint32) random_word();
	}
	order = row_order(hash, count, compare_numbers, number);
	for (size_t i = 0; i < count; i++)
	{
		wrong += seen[order[i]]++;
		wrong += hash[i] != original[order[i]];
		if (i > 0)
			wrong += hash[i - 1] > hash[i] ||
				(hash[i - 1] == hash[i] && number[order[i - 1]] > number[order[i]]);
	}
	cv_free(hash);
	cv_free(original);
	cv_free(number);
	cv_free(seen);
	cv_free(order);
	return wrong;
}

static void
test_row_order(void)
{
	static const size_t counts[] = {0, 1, 2, 17, 1024, 1025, 5000, 100000};
	int			wrong = 0;

	for (size_t i = 0; i < lengthof(counts); i++)
	{
		wrong += wrongly_ordered(counts[i], ~UINT64CONST(0));
		wrong += wrongly_ordered(counts[i], UINT64CONST(7) << 60);
		wrong += wrongly_ordered(counts[i], UINT64CONST(0xFFFF));
		wrong += wrongly_ordered(counts[i], 0);
	}
	ok(wrong == 0, "row_order: ascending hashes, ties by contents, each row once");
}

/* ---- frames ---- */

#define ROWS 3000
#define FEATURES 5

typedef struct Row
{
	double		target;
	bool		has[FEATURES];
	double		number[FEATURES];
	char		text[FEATURES][4];
} Row;

static const char *const feature_names[FEATURES] = {"size", "region", "age", "b", "a"};

/* Every other feature is categorical. */
static void
random_row(Row *row)
{
	row->target = (double) (random_word() % 7) - 3;
	for (int i = 0; i < FEATURES; i++)
	{
		row->has[i] = random_word() % 4 > 0;
		row->number[i] = (double) (random_word() % 5);
		snprintf(row->text[i], sizeof(row->text[i]), "%c%d", 'a' + (int) (random_word() % 3),
				 (int) (random_word() % 4));
	}
}

static void
add(Frame *frame, const Row *row, int first)
{
	int			guess = 0;

	frame_begin_row(frame, row->target);
	for (int j = 0; j < FEATURES; j++)
	{
		int			i = (first + j) % FEATURES;
		int			feature;

		if (!row->has[i] && random_word() % 2)
			continue;
		frame_feature(frame, feature_names[i], strlen(feature_names[i]), &guess, &feature);
		if (!row->has[i])
			continue;
		if (i % 2)
			frame_set_category(frame, feature, row->text[i], strlen(row->text[i]));
		else
			frame_set_number(frame, feature, row->number[i], false);
	}
}

static bool
same_names(const Names *a, const Names *b)
{
	bool		same = a->count == b->count;

	for (int i = 0; same && i < a->count; i++)
		same = a->name[i].length == b->name[i].length &&
			memcmp(a->name[i].text, b->name[i].text, a->name[i].length) == 0;
	return same;
}

static bool
same_real(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static int
differences(const Frame *a, const Frame *b)
{
	int			wrong = a->count != b->count || !same_names(&a->names, &b->names);

	for (int i = 0; wrong == 0 && i < a->nfeatures; i++)
	{
		const Feature *f = &a->feature[i];
		const Feature *g = &b->feature[i];

		wrong += f->kind != g->kind || !same_names(&f->categories, &g->categories);
		for (size_t row = 0; wrong == 0 && row < a->count; row++)
		{
			wrong += a->target[row] != b->target[row];
			if (f->kind == FEATURE_NUMBER)
				wrong += !same_real(f->number[row], g->number[row]);
			else if (f->kind == FEATURE_CATEGORY)
				wrong += f->category[row] != g->category[row];
		}
	}
	return wrong;
}

/* The sum over rows of something that only the right row has. */
static double
fingerprint(const Frame *frame)
{
	double		sum = 0;

	for (size_t row = 0; row < frame->count; row++)
	{
		double		of_row = frame->target[row] * 1000;

		for (int i = 0; i < frame->nfeatures; i++)
		{
			const Feature *f = &frame->feature[i];
			double		weight = frame->names.name[i].text[0];

			if (f->kind == FEATURE_NUMBER && !isnan(f->number[row]))
				of_row += weight * (1 + f->number[row]);
			if (f->kind == FEATURE_CATEGORY && f->category[row] >= 0)
			{
				const char *text = f->categories.name[f->category[row]].text;

				of_row += weight * (text[0] * 10 + text[1]);
			}
		}
		sum += of_row * of_row;
	}
	return sum;
}

static double
fingerprint_of_rows(const Row *rows)
{
	double		sum = 0;

	for (int row = 0; row < ROWS; row++)
	{
		double		of_row = rows[row].target * 1000;

		for (int i = 0; i < FEATURES; i++)
		{
			if (!rows[row].has[i])
				continue;
			if (i % 2)
				of_row += feature_names[i][0] * (rows[row].text[i][0] * 10 + rows[row].text[i][1]);
			else
				of_row += feature_names[i][0] * (1 + rows[row].number[i]);
		}
		sum += of_row * of_row;
	}
	return sum;
}

static void
test_frames(void)
{
	Row		   *rows = cv_alloc(ROWS * sizeof(Row));
	Frame		frame;
	int			wrong = 0;
	int			failed = 0;

	memset(&frame, 0, sizeof(frame));
	for (int i = 0; i < ROWS; i++)
	{
		random_row(&rows[i]);
		add(&frame, &rows[i], 0);
	}
	frame_finish(&frame);
	ok(fingerprint(&frame) == fingerprint_of_rows(rows), "frame: rows stay together");

	for (int round = 0; round < 5; round++)
	{
		Frame		part[3];
		int			which;

		memset(part, 0, sizeof(part));
		for (int i = ROWS - 1; i > 0; i--)
		{
			int			other = (int) (random_word() % (uint64) (i + 1));
			Row			row = rows[i];

			rows[i] = rows[other];
			rows[other] = row;
		}
		for (int i = 0; i < ROWS; i++)
			add(&part[random_word() % (uint64) (1 + round % 3)], &rows[i],
				(int) (random_word() % FEATURES));
		if (round == 4)
			frame_finish(&part[0]);		/* and go on */
		failed += frame_append(&part[0], &part[1], &which) != FRAME_OK;
		failed += frame_append(&part[0], &part[2], &which) != FRAME_OK;
		frame_finish(&part[0]);
		wrong += differences(&frame, &part[0]);
		for (int i = 0; i < 3; i++)
			frame_free(&part[i]);
	}
	ok(wrong == 0 && failed == 0, "frame: any order, any parts: the same");

	frame_free(&frame);
	cv_free(rows);
}

/*
 * Four kinds of rows, a thousand of each: the first 400 are a sample of them,
 * and so is every tenth row, as random as one that is drawn.  Were equal rows
 * neighbours, ten folds would hold exactly the same.
 */
static void
test_equal_rows(void)
{
	Frame		frame;
	int			first[4] = {0};
	int			dealt[10][4] = {{0}};
	int			wrong = 0;
	double		chi_square = 0;

	memset(&frame, 0, sizeof(frame));
	for (int i = 0; i < 4000; i++)
	{
		int			guess = 0;
		int			feature;

		frame_begin_row(&frame, i % 2);
		frame_feature(&frame, "a", 1, &guess, &feature);
		frame_set_category(&frame, feature, i % 4 < 2 ? "x" : "y", 1);
	}
	frame_finish(&frame);
	for (int i = 0; i < 4000; i++)
	{
		int			kind = 2 * (int) frame.target[i] + frame.feature[0].category[i];

		first[kind] += i < 400;
		dealt[i % 10][kind]++;
	}
	for (int kind = 0; kind < 4; kind++)
	{
		wrong += first[kind] < 60 || first[kind] > 140;
		for (int fold = 0; fold < 10; fold++)
			chi_square += (dealt[fold][kind] - 100) * (dealt[fold][kind] - 100) / 100.0;
	}
	ok(wrong == 0, "frame: equal rows are no neighbours: %d %d %d %d", first[0], first[1], first[2],
	   first[3]);
	ok(chi_square > 8 && chi_square < 60, "frame: nor dealt evenly: chi-square %.1f of 27",
	   chi_square);
	frame_free(&frame);
}

static void
test_refusals(void)
{
	Frame		frame;
	Frame		other;
	char		longer[FRAME_MAX_CATEGORY + 2];
	int			guess = 0;
	int			feature = 0;
	int			which = 0;
	FrameStatus status = FRAME_OK;

	memset(&frame, 0, sizeof(frame));
	memset(&other, 0, sizeof(other));
	memset(longer, 'x', sizeof(longer));
	frame_begin_row(&frame, 1);
	frame_feature(&frame, "a", 1, &guess, &feature);
	frame_set_number(&frame, feature, 1, false);
	frame_begin_row(&frame, 1);
	ok(frame_set_category(&frame, feature, "x", 1) == FRAME_CHANGES_SHAPE,
	   "frame: a number does not become a category");
	frame_begin_row(&other, 1);
	guess = 0;
	frame_feature(&other, "a", 1, &guess, &feature);
	frame_set_category(&other, feature, "x", 1);
	ok(frame_append(&frame, &other, &which) == FRAME_CHANGES_SHAPE && which == 0,
	   "frame: nor does it when frames are joined");
	ok(frame_set_category(&other, feature, longer, sizeof(longer)) == FRAME_TOO_LONG &&
	   frame_feature(&frame, longer, sizeof(longer), &guess, &feature) == FRAME_TOO_LONG,
	   "frame: names and categories have a longest");
	feature = 0;
	for (int i = 0; i <= FRAME_MAX_CATEGORIES && status == FRAME_OK; i++)
	{
		char		text[16];
		int			length = snprintf(text, sizeof(text), "%d", i);

		frame_begin_row(&other, 1);
		status = frame_set_category(&other, feature, text, (size_t) length);
	}
	ok(status == FRAME_TOO_MANY_CATEGORIES, "frame: there is a largest number of categories");
	frame_free(&frame);
	frame_free(&other);
}

int
main(void)
{
	test_row_order();
	test_frames();
	test_equal_rows();
	test_refusals();
	return done_testing("test_frame");
}
