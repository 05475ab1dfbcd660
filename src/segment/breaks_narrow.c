/*
 * breaks_narrow.c
 *		Where the breaks of an optimal partition can be at all.
 *
 * Looking at every position in every layer is O(k n), but most positions are
 * nowhere near an optimal break, and a coarse look proves it.  The positions
 * where break j may be are divided into bins.  If break j - 1 lies in bin a
 * and break j in bin b, the values between the end of a and the beginning of
 * b are surely in class j, and their squared deviations are a lower bound of
 * what the class costs, for leaving values out never costs more.  A dynamic
 * programme over bins, from the left and from the right, thus bounds from
 * below every partition that has its break j in bin b; and one over the first
 * positions of the bins finds a real partition, the bound from above.  Bins
 * whose lower bound is above the upper one hold no optimal break (nor a tied
 * one: the comparison leaves room for rounding).  What remains is divided
 * anew, until it is small or stays.
 *
 * The cost of what is certain, cost(end of a, beginning of b), obeys the
 * quadrangle inequality also where it is cut off at nothing, so the best bin
 * for break j - 1 moves to the right with b, and divide and conquer over the
 * rows takes O(m log m) looks.  Where a class would be too light even with all
 * that may be in it, the entry is infinite.
 */
#include "segment/breaks_side.h"

int			breaks_bins = 512;

#define BREAKS_BINS ((size_t) breaks_bins)

/* Bin b of break j is the positions begin[b] .. end[b]. */
typedef struct Bins
{
	size_t		count;
	size_t	   *begin;
	size_t	   *end;
	Twofold    *left;			/* lower bound of all before the break */
	Twofold    *right;			/* and of all after it */
	Twofold    *real;			/* least cost so far with breaks at begin[] */
} Bins;

typedef enum Direction
{
	FROM_LEFT,
	FROM_RIGHT,
	REAL_ONES
} Direction;

static const Twofold nothing = {0.0, 0.0};
static const Twofold infinite = {HUGE_VAL, 0.0};

static bool
is_infinite(Twofold a)
{
	return a.hi == HUGE_VAL;
}

/* What it costs to come to bin b of "to" from bin a of "from". */
static Twofold
step_cost(const Side *side, const Bins *to, size_t b, const Bins *from, size_t a,
		  Direction direction)
{
	const Position *at = side->at;
	double		most;
	size_t		p;
	size_t		i;
	Twofold		before;

	switch (direction)
	{
		case FROM_LEFT:
			before = from->left[a];
			most = at[to->end[b]].weight - at[from->begin[a]].weight;
			p = from->end[a];
			i = to->begin[b];
			break;
		case FROM_RIGHT:
			before = from->right[a];
			most = at[from->end[a]].weight - at[to->begin[b]].weight;
			p = to->end[b];
			i = from->begin[a];
			break;
		default:
			before = from->real[a];
			p = from->begin[a];
			i = to->begin[b];
			most = at[i].weight - at[p].weight;
			break;
	}
	if (most < side->min_weight || is_infinite(before))
		return infinite;
	return twofold_add(before, side_cost(side, p, i));
}

static Twofold *
bounds_of(Bins *bins, Direction direction)
{
	return direction == FROM_LEFT ? bins->left :
		direction == FROM_RIGHT ? bins->right : bins->real;
}

/* Rows b0 .. b1 - 1, whose best columns lie in a0 .. a1. */
static void
best_steps(const Side *side, Bins *to, size_t b0, size_t b1,
		   const Bins *from, size_t a0, size_t a1, Direction direction)
{
	size_t		b = b0 + (b1 - b0) / 2;
	size_t		best = a0;
	Twofold		least = infinite;

	if (b0 >= b1)
		return;
	cv_check_interrupts();
	for (size_t a = a0; a <= a1; a++)
	{
		Twofold		cost = step_cost(side, to, b, from, a, direction);

		if (twofold_less(cost, least))
		{
			least = cost;
			best = a;
		}
	}
	bounds_of(to, direction)[b] = least;
	if (is_infinite(least))
	{
		/* says nothing about the rows around it */
		best_steps(side, to, b0, b, from, a0, a1, direction);
		best_steps(side, to, b + 1, b1, from, a0, a1, direction);
	}
	else
	{
		best_steps(side, to, b0, b, from, a0, best, direction);
		best_steps(side, to, b + 1, b1, from, best, a1, direction);
	}
}

/*
 * How much lies before a position, for dividing a window evenly: a mixture of
 * positions, deviations from the median and their squares, so that a long
 * tail of few values gets its share of the bins.
 */
static double
measure(const Side *side, size_t i, const double *part)
{
	double		sum = side->at[i].sum.hi;

	/* the sums of deviations fall up to the median and rise from there */
	return part[0] * (double) i +
		part[1] * (side->square[i].hi < 0.0 ? -sum : sum) +
		part[2] * side->square[i].hi;
}

/* Shares of the three in a window, each being a third of it. */
static void
measure_window(const Side *side, size_t low, size_t high, double *part)
{
	for (int m = 0; m < 3; m++)
	{
		double		unit[3] = {0.0, 0.0, 0.0};
		double		all;

		unit[m] = 1.0;
		all = measure(side, high, unit) - measure(side, low, unit);
		part[m] = all > 0.0 ? 1.0 / all : 0.0;
	}
}

/* Divide a window; position n, if in it, is a bin of its own. */
static void
divide(const Side *side, Bins *bins, size_t low, size_t high)
{
	size_t		most = Min(high - low + 1, BREAKS_BINS + 1);
	size_t		end = (high == side->count && high > low) ? high - 1 : high;
	size_t		count = 0;
	double		part[3];
	double		before;
	double		all;

	bins->begin = cv_alloc(most * sizeof(size_t));
	bins->end = cv_alloc(most * sizeof(size_t));
	bins->left = cv_alloc(most * sizeof(Twofold));
	bins->right = cv_alloc(most * sizeof(Twofold));
	bins->real = cv_alloc(most * sizeof(Twofold));

	measure_window(side, low, end, part);
	before = measure(side, low, part);
	all = measure(side, end, part) - before;
	for (size_t next = low; next <= end; count++)
	{
		/* the last position within this bin's share, at least one */
		double		until = before + all * (double) (count + 1) / BREAKS_BINS;
		size_t		last = next;
		size_t		above = end + 1;

		if (end - low < BREAKS_BINS)
			above = next + 1;
		else if (count + 1 == BREAKS_BINS)
			last = end;
		while (above - last > 1)
		{
			size_t		mid = last + (above - last) / 2;

			if (measure(side, mid, part) <= until)
				last = mid;
			else
				above = mid;
		}
		bins->begin[count] = next;
		bins->end[count] = last;
		next = last + 1;
	}
	if (end < high)
	{
		bins->begin[count] = bins->end[count] = high;
		count++;
	}
	bins->count = count;
}

static Bins *
bins_open(const Side *side, const Windows *windows)
{
	int			k = windows->classes;
	Bins	   *bins = cv_alloc((k + 1) * sizeof(Bins));

	divide(side, &bins[0], 0, 0);
	for (int j = 1; j <= k; j++)
	{
		cv_check_interrupts();
		divide(side, &bins[j], windows->low[j], windows->high[j]);
	}
	bins[0].left[0] = bins[0].real[0] = nothing;
	for (int j = 1; j <= k; j++)
	{
		best_steps(side, &bins[j], 0, bins[j].count,
				   &bins[j - 1], 0, bins[j - 1].count - 1, FROM_LEFT);
		best_steps(side, &bins[j], 0, bins[j].count,
				   &bins[j - 1], 0, bins[j - 1].count - 1, REAL_ONES);
	}
	return bins;
}

static void
bins_close(Bins *bins, int classes)
{
	for (int j = 0; j <= classes; j++)
	{
		cv_free(bins[j].begin);
		cv_free(bins[j].end);
		cv_free(bins[j].left);
		cv_free(bins[j].right);
		cv_free(bins[j].real);
	}
	cv_free(bins);
}

/* A cost with all that rounding may have taken away from it. */
static double
generous(const Side *side, Twofold cost)
{
	return cost.hi * (1.0 + ldexp(1.0, -40)) + side->slack;
}

/* Cut a window down to the bins that can hold an optimal break. */
static size_t
shrink(const Bins *bins, double limit, size_t *low, size_t *high)
{
	size_t		first = 0;
	size_t		last = bins->count - 1;

#define POSSIBLE(b) (bins->left[b].hi + bins->right[b].hi <= limit)
	while (first < last && !POSSIBLE(first))
		first++;
	while (last > first && !POSSIBLE(last))
		last--;
#undef POSSIBLE
	*low = bins->begin[first];
	*high = bins->end[last];
	return *high - *low + 1;
}

/* Narrow the windows of a partition into windows->classes classes. */
void
side_narrow(const Side *side, Windows *windows)
{
	int			k = windows->classes;
	size_t		size = 0;
	size_t		before;

	for (int j = 1; j < k; j++)
		size += windows->high[j] - windows->low[j] + 1;
	do
	{
		Bins	   *bins;
		double		limit;

		if (size < (size_t) k * 8 * BREAKS_BINS)
			return;
		before = size;
		bins = bins_open(side, windows);
		limit = generous(side, bins[k].real[bins[k].count - 1]);
		if (limit < HUGE_VAL)
		{
			bins[k].right[0] = nothing;
			for (int j = k - 1; j >= 1; j--)
				best_steps(side, &bins[j], 0, bins[j].count,
						   &bins[j + 1], 0, bins[j + 1].count - 1, FROM_RIGHT);
			size = 0;
			for (int j = 1; j < k; j++)
				size += shrink(&bins[j], limit, &windows->low[j], &windows->high[j]);
		}
		bins_close(bins, k);
	} while (size < before / 2);
}

/*
 * Bounds of the least cost of cutting the whole side into j classes, for j =
 * 1 .. windows->classes; infinite where the coarse look finds no partition.
 * Every window ends at position n here.
 */
void
side_bounds(const Side *side, const Windows *windows, double *lower, double *upper)
{
	Bins	   *bins = bins_open(side, windows);

	for (int j = 1; j <= windows->classes; j++)
	{
		Twofold		left = bins[j].left[bins[j].count - 1];
		Twofold		real = bins[j].real[bins[j].count - 1];

		lower[j] = left.hi;
		upper[j] = is_infinite(real) ? HUGE_VAL : generous(side, real);
	}
	bins_close(bins, windows->classes);
}
