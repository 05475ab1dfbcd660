/*
 * gains.h
 *		How unequally the gains of customers are spread: the Gini coefficient
 *		and the Herfindahl index.
 *
 * Customers without a gain take part with zero, be it that they lose.  With
 * n customers, the gain x_j of the j-th from the top, and sums over all,
 *
 *		Gini = 1 - sum (2j - 1) x_j / (n sum x_j)
 *		Herfindahl = sum x_j^2 / (sum x_j)^2
 *
 * The first is the textbook's sum (2i - n - 1) x_i / (n sum x), i counted from
 * the bottom, written so that n stands in one place only: neither of the three
 * sums sees customers who gain nothing, and what remains of them when one
 * customer leaves is a matter of a few subtractions.
 */
#ifndef CV_GAINS_H
#define CV_GAINS_H

#include "common/host.h"

#include "common/twofold.h"
#include "common/wide.h"
#include "profit/whale.h"

typedef struct Gains
{
	bool		exact;
	int64		customers;		/* all of them */

	/* of a decimal curve, in its units */
	u128		sum;
	Wide		ranked;			/* sum of (2j - 1) x_j */
	Wide		squares;

	/* of doubles, in units of 2^scale, so that no square under- or overflows */
	int			scale;
	Twofold		real_sum;
	Twofold		real_ranked;
	Twofold		real_squares;
} Gains;

/* A quotient that is still to be written out. */
typedef struct Quotient
{
	bool		exact;
	Wide		above;
	Wide		below;
	double		value;			/* unless exact */
} Quotient;

extern void gains_open(Gains *g, const Whale *w);

/*
 * Those without one customer who has the value at that place among the
 * distinct ones, 0 being the highest.  Doubles: not for the only customer with
 * the highest value, who may be all but everything.
 */
extern void gains_without(Gains *without, const Gains *g, const Whale *w, size_t place);

/* False where nobody gains. */
extern bool gains_gini(const Gains *g, Quotient *result);
extern bool gains_herfindahl(const Gains *g, Quotient *result);

#endif							/* CV_GAINS_H */
