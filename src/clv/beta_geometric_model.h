/*
 * beta_geometric_model.h
 *		The table of functions of BG/NBD or MBG/NBD: a template, for the two
 *		differ by one number.
 *
 * Before including it, define
 *
 *		BETA_GEOMETRIC_MODEL	the ModelClass
 *		BETA_GEOMETRIC_NAME		the name of the model
 *		CHANCES_AT_ZERO			to drop out at time zero, 0 or 1
 */
#include "clv/beta_geometric.h"

static double
log_likelihood(const double *parameter, const Pattern *pattern, size_t count,
			   double *gradient)
{
	return beta_geometric_log_likelihood(parameter, CHANCES_AT_ZERO, pattern,
										 count, gradient);
}

static double
log_p_alive(const double *parameter, const History *h)
{
	return beta_geometric_log_p_alive(parameter, CHANCES_AT_ZERO, h);
}

static double
purchases(const double *parameter, const History *h, double horizon)
{
	BetaFuture	f = beta_geometric_future(parameter, CHANCES_AT_ZERO, h);

	return beta_future_purchases(&f, horizon);
}

static double
discounted_purchases(const double *parameter, const History *h, double horizon,
					 double rate)
{
	BetaFuture	f = beta_geometric_future(parameter, CHANCES_AT_ZERO, h);

	return beta_future_discounted_purchases(&f, horizon, rate);
}

static double
discounted_lifetime(const double *parameter, const History *h, double horizon,
					double rate)
{
	BetaFuture	f = beta_geometric_future(parameter, CHANCES_AT_ZERO, h);

	return beta_future_discounted_lifetime(&f, horizon, rate);
}

static double
survival(const double *parameter, const History *h, double horizon)
{
	BetaFuture	f = beta_geometric_future(parameter, CHANCES_AT_ZERO, h);

	return beta_future_survival(&f, horizon);
}

static double
purchase_probability(const double *parameter, int64 n, double horizon)
{
	return beta_geometric_probability(parameter, CHANCES_AT_ZERO, n, horizon);
}

const ModelClass BETA_GEOMETRIC_MODEL = {
	.name = BETA_GEOMETRIC_NAME,
	.subject = MODEL_OF_PURCHASES,
	.parameters = BG_PARAMETERS,
	.parameter_names = {"r", "alpha", "a", "b"},
	.parameter_scales = {SCALE_NUMBER, SCALE_TIME, SCALE_NUMBER, SCALE_NUMBER},
	.limits = {
		"customers hardly differ in how often they buy",
		"customers hardly differ in how often they buy",
		"customers hardly differ in how likely they are to leave",
		"customers hardly differ in how likely they are to leave"
	},
	.null_model = &nbd_model,
	.null_title = "NBD",
	.log_likelihood = log_likelihood,
	.starts = beta_geometric_starts,
	.log_p_alive = log_p_alive,
	.purchases = purchases,
	.discounted_purchases = discounted_purchases,
	.discounted_lifetime = discounted_lifetime,
	.survival = survival,
	.purchase_probability = purchase_probability,
};
