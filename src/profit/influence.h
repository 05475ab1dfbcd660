/*
 * influence.h
 *		What a curve would be without one of its customers.
 *
 * After one reading of the curve each customer is a few searches in its sums.
 * Exact sums can be subtracted from.  Of doubles, the first customer alone may
 * be more than all others together, so that nothing of them is left after a
 * subtraction; for this one the curve of all others is kept.  Whoever else
 * leaves, a quarter of every sum stays, and of most of them half.
 */
#ifndef CV_INFLUENCE_H
#define CV_INFLUENCE_H

#include "common/host.h"

#include "profit/gains.h"
#include "profit/whale.h"

typedef struct Influence
{
	Whale		w;
	Gains		gains;
	bool		has_rest;		/* doubles whose highest value one customer
								 * has */
	Whale		rest;			/* all others */
	Gains		rest_gains;
} Influence;

/* Takes the curve over. */
extern void influence_open(Influence *f, Whale *w);
extern void influence_close(Influence *f);

/*
 * The place of a value among the distinct ones, 0 being the highest.  Of a
 * decimal curve, it is given in millionths.  False if no customer has it.
 */
extern bool influence_find_decimal(const Influence *f, i128 millionths, size_t *place);
extern bool influence_find_real(const Influence *f, double value, size_t *place);

/* What it is, with no more digits than a total has. */
extern Exact influence_own(const Influence *f, size_t place);

/*
 * All the rest without one customer who has the value at that place: gains,
 * how many still gain, the total of so many from the top, and the next value.
 */
extern void influence_gains(const Influence *f, size_t place, Gains *without);
extern int64 influence_gainers(const Influence *f, size_t place);
extern Exact influence_top(const Influence *f, size_t place, int64 customers);
extern Exact influence_value(const Influence *f, size_t place, int64 customers);

#endif							/* CV_INFLUENCE_H */
