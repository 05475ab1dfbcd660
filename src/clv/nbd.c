/*
 * nbd.c
 *		The negative binomial model of purchases (Ehrenberg 1959): customers
 *		purchase at random, each at a rate of his own that is Gamma(r, alpha)
 *		among customers, and never leave.
 *
 * The null model of all that know of leaving: its likelihood is written as
 * theirs (of the times of purchases, so without x! and T^x), and is what the
 * Pareto/NBD's becomes as nobody dies.
 */
#include "clv/model.h"

#include <math.h>

#include "clv/specfun.h"

#define CHECK_EVERY 256

static double
log_likelihood(const double *parameter, const Pattern *pattern, size_t count,
			   double *gradient)
{
	double		r = parameter[0];
	double		alpha = parameter[1];
	double		sum = 0;
	double		by_r = 0;
	double		by_alpha = 0;
	double		rising = 0;
	double		rise = 0;
	double		rise_of = -1;

	for (size_t i = 0; i < count; i++)
	{
		double		n = pattern[i].customers;
		double		x = pattern[i].frequency;
		double		t = pattern[i].age;
		double		growth = log1p(t / alpha);

		if (i % CHECK_EVERY == 0)
			cv_check_interrupts();
		if (x != rise_of)
		{
			rising = log_rising(r, x);
			rise = digamma_rise(r, x);
			rise_of = x;
		}
		sum += n * (rising - r * growth - x * log(alpha + t));
		by_r += n * (rise - growth);
		by_alpha += n * ((r * t - x * alpha) / (alpha + t));
	}
	if (gradient != NULL)
	{
		gradient[0] = by_r;
		gradient[1] = by_alpha / alpha;
	}
	return sum;
}

/* By moments, if purchases vary more than by chance, and around that. */
static int
starts(const Pattern *pattern, size_t count, double start[][MODEL_MAX_PARAMETERS])
{
	static const double shape[] = {0.3, 1, 10};
	double		time = 0,
				purchases = 0,
				excess = 0,
				square = 0;
	double		rate,
				r;

	for (size_t i = 0; i < count; i++)
	{
		time += pattern[i].customers * pattern[i].age;
		purchases += pattern[i].customers * pattern[i].frequency;
	}
	if (!(time > 0))
		time = 1;
	if (!(purchases > 0))
		purchases = 0.5;
	rate = purchases / time;
	for (size_t i = 0; i < count; i++)
	{
		double		expected = rate * pattern[i].age;
		double		off = pattern[i].frequency - expected;

		excess += pattern[i].customers * (off * off - expected);
		square += pattern[i].customers * expected * expected;
	}
	r = excess > 0 && square > 0 ? Min(Max(square / excess, 0.01), 1000) : 1000;
	for (size_t i = 0; i < lengthof(shape); i++)
	{
		start[i][0] = i == 0 ? r : shape[i];
		start[i][1] = start[i][0] / rate;
	}
	return lengthof(shape);
}

static double
log_p_alive(const double *parameter, const History *h)
{
	return 0;
}

static double
survival(const double *parameter, const History *h, double horizon)
{
	return 1;
}

static double
discounted_lifetime(const double *parameter, const History *h, double horizon, double rate)
{
	return rate == 0 ? horizon : expm1_ratio(rate, horizon);
}

static double
discounted_purchases(const double *parameter, const History *h, double horizon, double rate)
{
	return (parameter[0] + h->frequency) / (parameter[1] + h->age) *
		discounted_lifetime(parameter, h, horizon, rate);
}

static double
purchases(const double *parameter, const History *h, double horizon)
{
	return discounted_purchases(parameter, h, horizon, 0);
}

static double
purchase_probability(const double *parameter, int64 n, double horizon)
{
	double		r = parameter[0];
	double		alpha = parameter[1];
	double		none = -r * log1p(horizon / alpha);

	if (n <= 0)
		return n < 0 ? 0 : exp(none);
	if (horizon == 0)
		return 0;
	return exp(none + log_rising_ratio(1, r - 1, (double) n) -
			   n * log1p(alpha / horizon));
}

const ModelClass nbd_model = {
	.name = "nbd",
	.subject = MODEL_OF_PURCHASES,
	.parameters = 2,
	.parameter_names = {"r", "alpha"},
	.parameter_scales = {SCALE_NUMBER, SCALE_TIME},
	.limits = {
		"customers hardly differ in how often they buy",
		"customers hardly differ in how often they buy"
	},
	.log_likelihood = log_likelihood,
	.starts = starts,
	.log_p_alive = log_p_alive,
	.purchases = purchases,
	.discounted_purchases = discounted_purchases,
	.discounted_lifetime = discounted_lifetime,
	.survival = survival,
	.purchase_probability = purchase_probability,
};
