/*
 * rank_correlation.h
 *		Do two figures of customers put them in the same order?
 */
#ifndef CV_RANK_CORRELATION_H
#define CV_RANK_CORRELATION_H

#include "common/host.h"

typedef struct RankPair
{
	double		x;
	double		y;
} RankPair;

/*
 * Both sort the pairs, by themselves.  False: one of the two is the same for
 * all customers.
 */
extern bool spearman_rho(RankPair *pair, size_t count, double *rho);
extern bool kendall_tau(RankPair *pair, size_t count, double *tau);

/*
 * Mid-ranks of n values, doubled, less n + 1: integers with the sum zero.
 */
extern void centred_ranks(double *value, size_t count, int64 *rank);

#endif							/* CV_RANK_CORRELATION_H */
