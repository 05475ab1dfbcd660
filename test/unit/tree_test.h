/*
 * tree_test.h
 *		What the tests of trees share: random numbers and customers.
 */
#ifndef CV_TREE_TEST_H
#define CV_TREE_TEST_H

#include "common/host.h"

#include <math.h>

#include "tap.h"

#include "random.h"
#include "tree/branching.h"

static inline int
below(int n)
{
	return (int) (random64() >> 33) % n;
}

static inline double
uniform(void)
{
	return (double) (random64() >> 11) / 9007199254740992.0;
}

static inline double
normal(void)
{
	return sqrt(-2.0 * log(uniform() + 1e-300)) * cos(6.283185307179586 * uniform());
}

static inline void
put_number(Frame *frame, const char *name, double v)
{
	int			guess = 0;
	int			feature;

	if (frame_feature(frame, name, strlen(name), &guess, &feature) != FRAME_OK ||
		frame_set_number(frame, feature, v, false) != FRAME_OK)
		abort();
}

static inline void
put_category(Frame *frame, const char *name, const char *text)
{
	int			guess = 0;
	int			feature;

	if (frame_feature(frame, name, strlen(name), &guess, &feature) != FRAME_OK ||
		frame_set_category(frame, feature, text, strlen(text)) != FRAME_OK)
		abort();
}

/* Customers whose value depends on x and word, and on nothing else. */
static inline void
random_frame(Frame *frame, int n, int classes)
{
	static const char *const words[] = {"north", "south", "east", "west", "o'clock", "back\\slash"};

	memset(frame, 0, sizeof(Frame));
	for (int i = 0; i < n; i++)
	{
		double		x = uniform() * 100;
		int			word = below(6);
		double		y = (x >= 40 ? 100 : 0) + (word < 2 ? 50 : 0) + normal() * 30;

		frame_begin_row(frame, classes ? fmin(classes, fmax(1, ceil(classes * uniform() * (x >= 40 ? 1 : 0.5)))) : y);
		if (below(10))
			put_number(frame, "x", floor(x * 10) / 10);
		if (below(10))
			put_number(frame, "other one", normal());
		if (below(10))
			put_category(frame, "word", words[word]);
		if (below(2))
			put_category(frame, "flag \"?\"", below(2) ? "true" : "false");
	}
	frame_finish(frame);
}

#endif							/* CV_TREE_TEST_H */
