/*
 * rank_correlation.c
 *		Spearman's rho and Kendall's tau.
 *
 * Both are made of counts and ranks, that is of integers, which are added up
 * exactly.
 */
#include "quality/rank_correlation.h"

#include <math.h>

/*
 * Ranks
 */

/* Numbers of values in ascending order of them: by merging, from runs of one. */
static uint32 *
ascending(const double *value, size_t count)
{
	uint32	   *from = cv_alloc(count * sizeof(uint32));
	uint32	   *to = cv_alloc(count * sizeof(uint32));

	for (size_t i = 0; i < count; i++)
		from[i] = (uint32) i;
	for (size_t width = 1; width < count; width *= 2)
	{
		uint32	   *swap;

		for (size_t begin = 0; begin < count; begin += 2 * width)
		{
			size_t		middle = Min(begin + width, count);
			size_t		end = Min(begin + 2 * width, count);
			size_t		a = begin;
			size_t		b = middle;

			for (size_t i = begin; i < end; i++)
			{
				if (b == end || (a < middle && value[from[a]] <= value[from[b]]))
					to[i] = from[a++];
				else
					to[i] = from[b++];
			}
			cv_check_interrupts();
		}
		swap = from;
		from = to;
		to = swap;
	}
	cv_free(to);
	return from;
}

void
centred_ranks(double *value, size_t count, int64 *rank)
{
	uint32	   *order = ascending(value, count);

	for (size_t begin = 0, end; begin < count; begin = end)
	{
		for (end = begin + 1; end < count && value[order[end]] == value[order[begin]];)
			end++;
		/* ranks begin + 1 to end: twice their mean is begin + 1 + end */
		for (size_t i = begin; i < end; i++)
			rank[order[i]] = (int64) (begin + end) - (int64) count;
		cv_check_interrupts();
	}
	cv_free(order);
}

/*
 * Pearson's correlation of the mid-ranks (Spearman 1904; with ties, Kendall
 * 1948).  Up to four billion customers, the sums are below 2^100.
 */
bool
spearman_rho(RankPair *pair, size_t count, double *rho)
{
	double	   *value = cv_alloc(count * sizeof(double));
	int64	   *x = cv_alloc(count * sizeof(int64));
	int64	   *y = cv_alloc(count * sizeof(int64));
	i128		xx = 0;
	i128		yy = 0;
	i128		xy = 0;

	for (size_t i = 0; i < count; i++)
		value[i] = pair[i].x;
	centred_ranks(value, count, x);
	for (size_t i = 0; i < count; i++)
		value[i] = pair[i].y;
	centred_ranks(value, count, y);
	for (size_t i = 0; i < count; i++)
	{
		xx += (i128) x[i] * x[i];
		yy += (i128) y[i] * y[i];
		xy += (i128) x[i] * y[i];
	}
	cv_free(value);
	cv_free(x);
	cv_free(y);
	if (xx == 0 || yy == 0)
		return false;
	if (xx == yy)
		*rho = (double) xy / (double) xx;
	else
		*rho = Max(-1, Min(1, (double) xy / (sqrt((double) xx) * sqrt((double) yy))));
	return true;
}

/*
 * Kendall
 */

static inline bool
is_above(const RankPair *a, const RankPair *b, bool by_x)
{
	if (by_x && a->x != b->x)
		return a->x > b->x;
	return a->y > b->y;
}

/*
 * Sorts by merging, by x and then y or by y alone; returns how many pairs of
 * customers were in the wrong order.
 */
static i128
merge_sort(RankPair *pair, size_t count, bool by_x)
{
	RankPair   *spare = cv_alloc(count * sizeof(RankPair));
	RankPair   *from = pair;
	RankPair   *to = spare;
	i128		exchanges = 0;

	for (size_t width = 1; width < count; width *= 2)
	{
		RankPair   *swap;

		for (size_t begin = 0; begin < count; begin += 2 * width)
		{
			size_t		middle = Min(begin + width, count);
			size_t		end = Min(begin + 2 * width, count);
			size_t		a = begin;
			size_t		b = middle;

			for (size_t i = begin; i < end; i++)
			{
				if (b == end || (a < middle && !is_above(&from[a], &from[b], by_x)))
					to[i] = from[a++];
				else
				{
					exchanges += middle - a;
					to[i] = from[b++];
				}
			}
			cv_check_interrupts();
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != pair)
		memcpy(pair, from, count * sizeof(RankPair));
	cv_free(spare);
	return exchanges;
}

/* Pairs of customers who are tied, in what the flags say. */
static i128
tied_pairs(const RankPair *pair, size_t count, bool in_x, bool in_y)
{
	i128		pairs = 0;

	for (size_t begin = 0, end; begin < count; begin = end)
	{
		for (end = begin + 1; end < count; end++)
		{
			if ((in_x && pair[end].x != pair[begin].x) || (in_y && pair[end].y != pair[begin].y))
				break;
		}
		pairs += (i128) (end - begin) * (i128) (end - begin - 1) / 2;
	}
	return pairs;
}

/*
 * tau-b (Kendall 1945) by Knight's algorithm (1966): sorted by x and then y,
 * the pairs in discordance are the exchanges it takes to sort by y.
 */
bool
kendall_tau(RankPair *pair, size_t count, double *tau)
{
	i128		all = (i128) count * ((i128) count - 1) / 2;
	i128		x,
				y,
				both,
				discordant,
				surplus;

	(void) merge_sort(pair, count, true);
	x = all - tied_pairs(pair, count, true, false);
	both = tied_pairs(pair, count, true, true);
	discordant = merge_sort(pair, count, false);
	y = all - tied_pairs(pair, count, false, true);
	if (x == 0 || y == 0)
		return false;
	/* concordant are all but the discordant and those tied in x or y */
	surplus = x + y - all + both - 2 * discordant;
	if (x == y)
		*tau = (double) surplus / (double) x;
	else
		*tau = Max(-1, Min(1, (double) surplus / (sqrt((double) x) * sqrt((double) y))));
	return true;
}
