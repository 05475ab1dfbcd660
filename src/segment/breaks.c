/*
 * breaks.c
 *		Optimal partitions of a sorted list of numbers.
 *
 * The search itself is in breaks_layers.c; breaks_narrow.c first finds out
 * where it has to look.  Here are what both rest on, prefix sums, and the
 * forced cut: it makes two independent problems, and what is left is how to
 * share out the classes between the two sides.
 *
 * Accuracy.  Costs come from prefix sums, which cancel badly: among values of
 * 1e9 the squares are 1e18.  Hence sums of twofold doubles, of deviations
 * from the median, and counted from the median outwards, so that a far tail
 * on one side does not drown what happens on the other.  Costs of partitions
 * are twofold, too: one huge class must not hide how the small ones are best
 * cut.
 */
#include "segment/breaks_side.h"

/* Positions looked at in all layers together: four bytes each, at most 1 GB. */
#define BREAKS_MAX_CHOICES ((size_t) 1 << 28)

/* ---- sides ---- */

size_t
side_first_with_weight(const Side *side, size_t from, double weight)
{
	size_t		low = from;
	size_t		high = side->count + 1;

	while (low < high)
	{
		size_t		mid = low + (high - low) / 2;

		if (side->at[mid].weight < weight)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * Prefix sums of deviations from the median, counted from the median.
 * "scale" is a power of two that brings the values to at most 1.
 */
static void
side_sums(Side *side, const BreaksProblem *problem, double scale)
{
	const double *value = problem->value + side->begin;
	const int64 *weight = problem->weight + side->begin;
	size_t		n = side->count;
	size_t		median;
	double		all = 0.0;
	Twofold		sum = {0.0, 0.0};
	Twofold		square = {0.0, 0.0};

	for (size_t i = 0; i < n; i++)
	{
		side->at[i].weight = all;
		all += (double) weight[i];
	}
	side->at[n].weight = all;
	median = side_first_with_weight(side, 1, all / 2.0) - 1;

	for (size_t i = median;; i++)
	{
		Twofold		deviation;

		side->at[i].sum = sum;
		side->square[i] = square;
		if (i == n)
			break;
		deviation = twofold_sum(value[i] * scale, -(value[median] * scale));
		sum = twofold_add(sum, twofold_scale(deviation, (double) weight[i]));
		square = twofold_add(square,
							 twofold_scale(twofold_multiply(deviation, deviation),
										   (double) weight[i]));
	}
	sum = side->at[median].sum;
	square = side->square[median];
	for (size_t i = median; i-- > 0;)
	{
		Twofold		deviation;

		deviation = twofold_sum(value[i] * scale, -(value[median] * scale));
		sum = twofold_subtract(sum, twofold_scale(deviation, (double) weight[i]));
		square = twofold_subtract(square,
								  twofold_scale(twofold_multiply(deviation, deviation),
												(double) weight[i]));
		side->at[i].sum = sum;
		side->square[i] = square;
	}
}

static void
side_open(Side *side, const BreaksProblem *problem, size_t begin, size_t end,
		  double scale)
{
	size_t		n = end - begin;

	side->begin = begin;
	side->count = n;
	side->at = cv_alloc((n + 1) * sizeof(Position));
	side->square = cv_alloc((n + 1) * sizeof(Twofold));
	side->min_weight = 1.0;
	side_sums(side, problem, scale);

	/* twofold sums carry 2^-104; a cost takes a few dozen operations */
	side->slack = ldexp(1.0, -90) * (side->square[n].hi - side->square[0].hi);
}

/* A side that is lighter than the least weight is one class. */
static void
side_set_min_weight(Side *side, int64 min_weight)
{
	side->min_weight = Max(1.0, Min((double) min_weight, side->at[side->count].weight));
}

static void
side_close(Side *side)
{
	cv_free(side->at);
	cv_free(side->square);
}

static void
windows_open(Windows *windows, int classes)
{
	windows->classes = classes;
	windows->low = cv_alloc((classes + 1) * sizeof(size_t));
	windows->high = cv_alloc((classes + 1) * sizeof(size_t));
	windows->low[0] = windows->high[0] = 0;
}

static void
windows_close(Windows *windows)
{
	cv_free(windows->low);
	cv_free(windows->high);
}

/*
 * Where break j can be at the earliest, the classes being as short as their
 * weight allows.  Returns how many classes there is room for.
 */
static int
earliest_breaks(const Side *side, Windows *windows)
{
	for (int j = 1; j <= windows->classes; j++)
	{
		size_t		previous = windows->low[j - 1];

		windows->low[j] =
			side_first_with_weight(side, previous,
								   side->at[previous].weight + side->min_weight);
		windows->high[j] = side->count;
		if (windows->low[j] > side->count)
			return j - 1;
	}
	return windows->classes;
}

/* And at the latest, given that position n is break number "classes". */
static void
latest_breaks(const Side *side, Windows *windows)
{
	windows->low[windows->classes] = side->count;
	for (int j = windows->classes - 1; j >= 1; j--)
	{
		double		most = side->at[windows->high[j + 1]].weight - side->min_weight;

		/* the last position with at most that weight before it */
		windows->high[j] =
			side_first_with_weight(side, windows->low[j], nextafter(most, HUGE_VAL)) - 1;
	}
}

/* The best partition of a side into so many classes. */
static BreaksStatus
side_partition(Side *side, int classes, size_t *first, Twofold *cost)
{
	Windows		windows;
	size_t		size = 0;
	BreaksStatus status = BREAKS_TOO_LIGHT;

	windows_open(&windows, classes);
	if (earliest_breaks(side, &windows) == classes)
	{
		latest_breaks(side, &windows);
		side_narrow(side, &windows);
		for (int j = 1; j < classes; j++)
			size += windows.high[j] - windows.low[j] + 1;
		if (size > BREAKS_MAX_CHOICES)
			status = BREAKS_TOO_LARGE;
		else if (side_solve(side, &windows, first, cost))
			status = BREAKS_OK;
	}
	windows_close(&windows);
	return status;
}

/* ---- the problem ---- */

/* The power of two that brings the largest value to between 1/2 and 1. */
static double
power_of_two_scale(const BreaksProblem *problem)
{
	double		largest = Max(fabs(problem->value[0]),
							  fabs(problem->value[problem->count - 1]));
	int			exponent;

	if (largest == 0.0)
		return 1.0;
	(void) frexp(largest, &exponent);
	/* 2^1023 is as far as a double goes; smaller values can wait */
	return ldexp(1.0, Max(-1000, Min(1000, -exponent)));
}

/*
 * Most classes of at least this weight that a run of values can be cut into,
 * by taking the shortest possible ones.  A run that is lighter as a whole is
 * one class.
 */
static size_t
most_classes(const int64 *weight, size_t count, int64 min_weight)
{
	size_t		classes = 0;
	int64		sum = 0;

	for (size_t i = 0; i < count; i++)
	{
		sum += weight[i];
		if (sum >= min_weight)
		{
			classes++;
			sum = 0;
		}
	}
	return Max(classes, 1);
}

static bool
has_cut(const BreaksProblem *problem)
{
	return problem->cut > 0 && problem->cut < problem->count;
}

static bool
is_feasible(const BreaksProblem *problem, int64 min_weight)
{
	size_t		cut = has_cut(problem) ? problem->cut : problem->count;
	size_t		classes;

	if (problem->classes < (has_cut(problem) ? 2 : 1))
		return false;
	classes = most_classes(problem->weight, cut, min_weight);
	if (cut < problem->count)
		classes += most_classes(problem->weight + cut, problem->count - cut,
								min_weight);
	return classes >= (size_t) problem->classes;
}

int64
breaks_feasible_weight(const BreaksProblem *problem)
{
	int64		low = 1;
	int64		high = Max(problem->min_weight, 1);

	if (is_feasible(problem, high))
		return high;
	if (!is_feasible(problem, low))
		return 0;
	/* feasible at low, not at high */
	while (high - low > 1)
	{
		int64		mid = low + (high - low) / 2;

		cv_check_interrupts();
		if (is_feasible(problem, mid))
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* Bounds for a side and any number of classes; returns the most it can have. */
static int
bound_side(const Side *side, int classes, double *lower, double *upper)
{
	Windows		windows;
	int			most;

	windows_open(&windows, classes);
	most = earliest_breaks(side, &windows);
	windows.classes = most;
	side_bounds(side, &windows, lower, upper);
	windows_close(&windows);
	for (int j = most + 1; j <= classes; j++)
		lower[j] = upper[j] = HUGE_VAL;
	return most;
}

/*
 * Share out the classes.  Bounds for either side and any number of classes
 * leave few ways to do it, often one; those are solved.
 */
static BreaksStatus
solve_cut(Side *below, Side *above, int k, size_t *first, Twofold *least)
{
	double	   *bound = cv_alloc(4 * k * sizeof(double));
	double	   *low_below = bound;
	double	   *high_below = bound + k;
	double	   *low_above = bound + 2 * k;
	double	   *high_above = bound + 3 * k;
	size_t	   *found = cv_alloc(k * sizeof(size_t));
	double		limit = HUGE_VAL;
	BreaksStatus status = BREAKS_TOO_LIGHT;
	Twofold		best = {HUGE_VAL, 0.0};

	bound_side(below, k - 1, low_below, high_below);
	bound_side(above, k - 1, low_above, high_above);
	for (int j = 1; j < k; j++)
		limit = Min(limit, high_below[j] + high_above[k - j]);
	for (int j = 1; j < k && status != BREAKS_TOO_LARGE; j++)
	{
		double		lower = low_below[j] + low_above[k - j];
		Twofold		cost_below;
		Twofold		cost_above;
		BreaksStatus one;

		if (lower == HUGE_VAL || lower > limit)
			continue;
		one = side_partition(below, j, found, &cost_below);
		if (one == BREAKS_OK)
			one = side_partition(above, k - j, found + j, &cost_above);
		if (one == BREAKS_TOO_LARGE)
			status = one;
		else if (one == BREAKS_OK)
		{
			Twofold		cost = twofold_add(cost_below, cost_above);

			if (twofold_less(cost, best))
			{
				best = cost;
				memcpy(first, found, k * sizeof(size_t));
			}
			status = BREAKS_OK;
		}
	}
	cv_free(found);
	cv_free(bound);
	*least = best;
	return status;
}

/* The sums of one side or of both, for a cut at "cut". */
struct BreaksSums
{
	bool		open;
	size_t		cut;			/* the number of values if there is none */
	double		scale;
	Side		below;
	Side		above;			/* with a cut */
};

BreaksSums *
breaks_sums_open(void)
{
	BreaksSums *sums = cv_alloc(sizeof(BreaksSums));

	memset(sums, 0, sizeof(BreaksSums));
	return sums;
}

static void
forget_sums(BreaksSums *sums)
{
	if (!sums->open)
		return;
	side_close(&sums->below);
	if (sums->above.count > 0)
		side_close(&sums->above);
	memset(sums, 0, sizeof(BreaksSums));
}

void
breaks_sums_close(BreaksSums *sums)
{
	forget_sums(sums);
	cv_free(sums);
}

/* The sums for a problem; nothing is to be done if they are there. */
static void
need_sums(BreaksSums *sums, const BreaksProblem *problem)
{
	size_t		cut = has_cut(problem) ? problem->cut : problem->count;

	if (sums->open && sums->cut == cut)
		return;
	forget_sums(sums);
	sums->cut = cut;
	sums->scale = power_of_two_scale(problem);
	side_open(&sums->below, problem, 0, cut, sums->scale);
	if (cut < problem->count)
		side_open(&sums->above, problem, cut, problem->count, sums->scale);
	sums->open = true;
}

BreaksStatus
breaks_solve_with(BreaksSums *sums, const BreaksProblem *problem, size_t *first,
				  double *within)
{
	BreaksStatus status;
	Twofold		cost;

	if (!is_feasible(problem, 1))
		return BREAKS_TOO_FEW_VALUES;
	if (!is_feasible(problem, problem->min_weight))
		return BREAKS_TOO_LIGHT;
	if (problem->count >= UINT32_MAX / 4)
		return BREAKS_TOO_LARGE;

	need_sums(sums, problem);
	side_set_min_weight(&sums->below, problem->min_weight);
	if (has_cut(problem))
	{
		side_set_min_weight(&sums->above, problem->min_weight);
		status = solve_cut(&sums->below, &sums->above, problem->classes, first, &cost);
	}
	else
		status = side_partition(&sums->below, problem->classes, first, &cost);
	if (status == BREAKS_OK)
		*within = Max(0.0, twofold_value(cost)) / sums->scale / sums->scale;
	return status;
}

BreaksStatus
breaks_solve(const BreaksProblem *problem, size_t *first)
{
	BreaksSums *sums = breaks_sums_open();
	double		within;
	BreaksStatus status = breaks_solve_with(sums, problem, first, &within);

	breaks_sums_close(sums);
	return status;
}

/* ---- how good it is ---- */

void
breaks_squares(const double *value, const int64 *weight, size_t count,
			   const size_t *first, int classes,
			   double *total, double *within)
{
	BreaksProblem problem = {.value = value,.weight = weight,.count = count,.min_weight = 1};
	double		scale = power_of_two_scale(&problem);
	Twofold		sum = {0.0, 0.0};
	Side		side;

	side_open(&side, &problem, 0, count, scale);
	for (int j = 0; j < classes; j++)
		sum = twofold_add(sum, side_cost(&side, first[j],
										 j + 1 < classes ? first[j + 1] : count));
	*total = Max(0.0, twofold_value(side_cost(&side, 0, count))) / scale / scale;
	*within = Max(0.0, twofold_value(sum)) / scale / scale;
	side_close(&side);
}
