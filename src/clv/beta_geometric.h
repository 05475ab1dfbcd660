/*
 * beta_geometric.h
 *		What BG/NBD and MBG/NBD share.
 *
 * In both, a customer buys at a rate of his own, drawn from a gamma
 * distribution with shape r and rate alpha, and drops out with a probability
 * of his own, drawn from a beta distribution with parameters a and b.  In
 * BG/NBD he may do so right after each repeat purchase; in MBG/NBD also right
 * after the first purchase of all, that is at time zero.  The functions below
 * take the number of these chances at time zero, 0 or 1, as "first".
 */
#ifndef CV_BETA_GEOMETRIC_H
#define CV_BETA_GEOMETRIC_H

#include "clv/model.h"

/* The order of parameters. */
enum
{
	BG_R, BG_ALPHA, BG_A, BG_B, BG_PARAMETERS
};

extern double beta_geometric_log_likelihood(const double *parameter, int first,
											const Pattern *pattern, size_t count,
											double *gradient);
extern int	beta_geometric_starts(const Pattern *pattern, size_t count,
								  double start[][MODEL_MAX_PARAMETERS]);
extern double beta_geometric_log_p_alive(const double *parameter, int first,
										 const History *h);
extern double beta_geometric_probability(const double *parameter, int first,
										 int64 n, double horizon);

/*
 * What is to come from a customer who is alive: his rate has a gamma
 * distribution with this shape and rate, his probability to drop out a beta
 * distribution with parameters a and b.
 */
typedef struct BetaFuture
{
	double		shape;
	double		rate;
	double		a;
	double		b;
	double		excess;			/* a + b - 1 - shape, without cancellation */
} BetaFuture;

extern BetaFuture beta_geometric_future(const double *parameter, int first,
										const History *h);
extern double beta_future_purchases(const BetaFuture *f, double horizon);
extern double beta_future_survival(const BetaFuture *f, double horizon);
extern double beta_future_discounted_purchases(const BetaFuture *f,
											   double horizon, double rate);
extern double beta_future_discounted_lifetime(const BetaFuture *f,
											  double horizon, double rate);

#endif							/* CV_BETA_GEOMETRIC_H */
