/*
 * breaks_layers.c
 *		The layers of the dynamic programme, each by SMAWK.
 *
 * Let cost(p, i) be the sum of squared deviations of the values p .. i-1 from
 * their mean and D[j][i] the least cost of cutting the first i values into j
 * classes.  Then (Fisher 1958)
 *
 *		D[j][i] = min over p of D[j-1][p] + cost(p, i)
 *
 * For one j this asks for the row minima of a matrix M[i][p].  cost() obeys
 * the quadrangle inequality, so M is totally monotone: if a column beats one
 * to its left in some row, it does so in all later rows.  The algorithm of
 * Aggarwal, Klawe, Moran, Shor and Wilber (1987, SMAWK) then finds all row
 * minima with O(n) looks at M; Groenlund et al. (2017) describe its use here.
 *
 * Constraints put infinite entries into M.  A class must weigh at least
 * min_weight, so in row i only columns up to some f(i) are finite, and f
 * never falls: the infinite entries form a staircase at the upper right.
 * Columns whose D[j-1][p] is infinite are the leftmost ones (more values can
 * always be added to the last class), and they are left out from the start,
 * as are the rows that no column reaches.  Total monotonicity survives: take
 * columns p < q.  Where q is infinite, p is not beaten (two infinities count
 * as a tie, and ties go to the left); where q is finite, so is p, now and in
 * all later rows, and the finite argument applies.
 *
 * Windows cut rows and columns of M off on either side.  What is left is
 * again of that form, whatever D the columns then have.
 *
 * S being the prefix sums of the deviations, Q of their squares and W of the
 * weights,
 *
 *		D[p] + cost(p, i) = D[p] - Q[p] - (S[i]-S[p])^2 / (W[i]-W[p])  + Q[i]
 *
 * and as Q[i] is common to a row, the search works on F[p] = D[p] - Q[p].
 *
 * A comparison first looks at plain doubles with an error bound, which
 * decides nearly always, and only then at the twofold ones.
 */
#include "segment/breaks_side.h"

/* A plain look at an entry, and how far off it may be. */
typedef struct Rough
{
	double		value;
	double		error;
} Rough;

/* One layer at work. */
typedef struct Layer
{
	const Side *side;
	uint32	   *choice;			/* the minimum's column, by row - low */
	size_t		low;
} Layer;

static inline Rough
rough_entry(const Side *side, const Position *row, uint32 column)
{
	const Position *col = &side->at[column];
	double		weight = row->weight - col->weight;
	double		sum = row->sum.hi - col->sum.hi;
	double		mean;
	Rough		r;

	if (weight < side->min_weight)
	{
		r.value = HUGE_VAL;
		r.error = 0.0;
		return r;
	}
	mean = sum / weight;
	r.value = col->offset.hi - mean * sum;

	/*
	 * Dropping the low halves and rounding four times: at most 2^-50 times
	 * the magnitudes that went in.
	 */
	r.error = ldexp(1.0, -50) * (fabs(mean) * (fabs(row->sum.hi) + fabs(col->sum.hi)) +
								 fabs(col->offset.hi));
	return r;
}

/* Does column q, right of p, beat p in this row?  A tie stays with p. */
static inline bool
beats(const Side *side, const Position *row, uint32 p, Rough rough_p,
	  uint32 q, Rough rough_q)
{
	double		lead = rough_p.value - rough_q.value;
	double		doubt = rough_p.error + rough_q.error;

	if (lead > doubt)
		return true;
	if (lead < -doubt || rough_q.value == HUGE_VAL)
		return false;
	return twofold_less(side_entry(&side->at[q], row),
						side_entry(&side->at[p], row));
}

/*
 * Drop columns that hold no row minimum until no more are left than rows.
 * Invariant: the column at height h of the stack beats those below it in row
 * h, or that is not known to be false.
 */
static size_t
reduce_columns(const Side *side, size_t row0, size_t stride, size_t nrows,
			   const uint32 *column, size_t ncolumns, uint32 *stack)
{
	size_t		height = 0;

	for (size_t c = 0; c < ncolumns; c++)
	{
		uint32		q = column[c];

		if ((c & 0xFFFF) == 0)
			cv_check_interrupts();
		while (height > 0)
		{
			const Position *row = &side->at[row0 + (height - 1) * stride];
			uint32		p = stack[height - 1];

			if (!beats(side, row, p, rough_entry(side, row, p),
					   q, rough_entry(side, row, q)))
				break;
			height--;
		}
		if (height < nrows)
			stack[height++] = q;
	}
	return height;
}

/*
 * Row minima of rows row0, row0 + stride, ... over the given columns, into
 * layer->choice.  "scratch" has room for 2 * nrows column numbers.
 */
static void
row_minima(const Layer *layer, size_t row0, size_t stride, size_t nrows,
		   const uint32 *column, size_t ncolumns, uint32 *scratch)
{
	const Side *side = layer->side;
	uint32	   *choice = layer->choice - layer->low;
	size_t		c = 0;

	if (nrows == 0)
		return;
	/* not worth it for a column or two, as in the first call */
	if (ncolumns > nrows + nrows / 2)
	{
		ncolumns = reduce_columns(side, row0, stride, nrows,
								  column, ncolumns, scratch);
		column = scratch;
		scratch += ncolumns;
	}

	/* every second row by recursion ... */
	row_minima(layer, row0 + stride, 2 * stride, nrows / 2,
			   column, ncolumns, scratch);

	/* ... and those between by looking between their neighbours' minima */
	for (size_t r = 0; r < nrows; r += 2)
	{
		size_t		i = row0 + r * stride;
		const Position *row = &side->at[i];
		uint32		best = column[c];
		Rough		rough_best = rough_entry(side, row, best);
		uint32		last;

		if ((r & 0xFFFF) == 0)
			cv_check_interrupts();
		last = (r + 1 < nrows) ? choice[i + stride] : column[ncolumns - 1];
		while (column[c] < last)
		{
			uint32		q = column[++c];
			Rough		rough_q = rough_entry(side, row, q);

			if (beats(side, row, best, rough_best, q, rough_q))
			{
				best = q;
				rough_best = rough_q;
			}
		}
		choice[i] = best;
	}
}

/* Rows low .. high of a layer, from the columns of the one before. */
static void
solve_layer(Side *side, uint32 *choice, size_t first_column, size_t last_column,
			size_t low, size_t high, uint32 *scratch)
{
	Layer		layer = {side, choice, low};
	size_t		ncolumns = last_column - first_column + 1;
	size_t		nrows = high - low + 1;
	Twofold    *least = cv_alloc(nrows * sizeof(Twofold));

	for (size_t c = 0; c < ncolumns; c++)
		scratch[c] = (uint32) (first_column + c);
	row_minima(&layer, low, 1, nrows, scratch, ncolumns, scratch + ncolumns);

	/* D - Q of the new layer is just the entry: Q[i] cancels */
	for (size_t r = 0; r < nrows; r++)
		least[r] = side_entry(&side->at[choice[r]], &side->at[low + r]);
	for (size_t r = 0; r < nrows; r++)
		side->at[low + r].offset = least[r];
	cv_free(least);
}

/*
 * The best partition with its breaks within the windows: where the classes
 * begin, and what it costs.  False if there is none.
 */
bool
side_solve(Side *side, const Windows *windows, size_t *first, Twofold *cost)
{
	int			k = windows->classes;
	size_t		n = side->count;
	size_t	   *begin = cv_alloc((k + 1) * sizeof(size_t));
	uint32	  **choice = cv_alloc((k + 1) * sizeof(uint32 *));
	size_t		widest = 0;
	uint32	   *scratch;
	bool		found = true;

	/* rows that can be reached at all; the last layer is one row */
	begin[0] = 0;
	for (int j = 1; j <= k && found; j++)
	{
		double		least = side->at[begin[j - 1]].weight + side->min_weight;

		begin[j] = side_first_with_weight(side, windows->low[j], least);
		found = begin[j] <= windows->high[j];
		if (found)
			widest = Max(widest, windows->high[j] - begin[j] + 1);
	}
	if (!found)
	{
		cv_free(begin);
		cv_free(choice);
		return false;
	}

	/* one class: D - Q is -S^2/W from the start, as if F[0] = -Q[0] */
	side->at[0].offset = twofold_negate(side->square[0]);
	for (size_t i = windows->high[1]; i >= begin[1]; i--)
		side->at[i].offset = side_entry(&side->at[0], &side->at[i]);

	/* all columns, then at most n/2 + n/4 + ... after each reduction */
	scratch = cv_alloc((3 * widest + 64) * sizeof(uint32));
	for (int j = 2; j <= k; j++)
	{
		choice[j] = cv_alloc((windows->high[j] - begin[j] + 1) * sizeof(uint32));
		solve_layer(side, choice[j], begin[j - 1], windows->high[j - 1],
					begin[j], windows->high[j], scratch);
	}
	*cost = twofold_add(side->at[n].offset, side->square[n]);

	/* the way back */
	for (size_t j = k, i = n; j > 1; j--)
	{
		i = choice[j][i - begin[j]];
		first[j - 1] = side->begin + i;
		cv_free(choice[j]);
	}
	first[0] = side->begin;
	cv_free(scratch);
	cv_free(choice);
	cv_free(begin);
	return true;
}
