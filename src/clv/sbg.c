/*
 * sbg.c
 *		The shifted-beta-geometric model of contractual customers.
 *
 * Fader and Hardie (2007), How to project customer retention, Journal of
 * Interactive Marketing 21(1): at the end of each period a customer leaves
 * with a chance of his own, and the chances have a beta distribution.  With
 * rising factorials, S(t) = (beta)_t / (alpha + beta)_t, and
 * P(T = t) = S(t - 1) * alpha / (alpha + beta + t - 1).
 *
 * The residual lifetime: Fader and Hardie (2010), Customer-base valuation in a
 * contractual setting, Marketing Science 29(1).
 */
#include "clv/sbg.h"

#include <math.h>

#include "clv/whole_periods.h"
#include "clv/model.h"
#include "clv/specfun.h"

static double
sbg_log_likelihood(const double *parameter, const Pattern *pattern,
				   size_t count, double *gradient)
{
	double		alpha = parameter[0];
	double		beta = parameter[1];
	double		sum = 0;

	if (gradient)
		gradient[0] = gradient[1] = 0;
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *p = &pattern[i];
		bool		left = p->frequency > 0;
		double		periods = left ? p->age - 1 : p->age;
		double		all = alpha + beta + periods;
		double		value = log_survival(alpha, beta, periods);

		cv_check_interrupts();
		if (left)
			value += log(alpha / all);
		sum += p->customers * value;
		if (gradient)
		{
			double		by_alpha = -digamma_rise(alpha + beta, periods);
			double		by_beta = digamma_rise_drop(beta, alpha, periods);

			if (left)
			{
				by_alpha += (beta + periods) / all / alpha;
				by_beta -= 1 / all;
			}
			gradient[0] += p->customers * by_alpha;
			gradient[1] += p->customers * by_beta;
		}
	}
	return sum;
}

/*
 * The share of customers lost per period, as if all were alike, is about
 * alpha / (alpha + beta); how much they differ is left to the search.
 */
static int
sbg_starts(const Pattern *pattern, size_t count,
		   double start[][MODEL_MAX_PARAMETERS])
{
	static const double alike[] = {1, 0.3, 4, 20, 200};
	double		lost = 0;
	double		periods = 0;
	double		churn;

	for (size_t i = 0; i < count; i++)
	{
		lost += pattern[i].customers * pattern[i].frequency;
		periods += pattern[i].customers * pattern[i].age;
	}
	churn = (lost + 0.5) / (periods + 1);
	for (size_t i = 0; i < lengthof(alike); i++)
	{
		start[i][0] = alike[i] * Min(churn, 0.95);
		start[i][1] = alike[i] - start[i][0];
	}
	return lengthof(alike);
}

double
sbg_survival(const double *parameter, double renewals)
{
	return exp(log_survival(parameter[0], parameter[1], renewals));
}

double
sbg_retention(const double *parameter, double renewal)
{
	double		stays = parameter[1] + (renewal - 1);

	return stays / (parameter[0] + stays);
}

double
sbg_residual_lifetime(const double *parameter, double renewals, double rate)
{
	double		stays = parameter[1] + renewals;

	return stays / (parameter[0] + stays) *
		expected_survivals(parameter[0], stays + 1, INFINITY, rate);
}

const ModelClass sbg_model = {
	.name = "sbg",
	.subject = MODEL_OF_RETENTION,
	.parameters = 2,
	.parameter_names = {"alpha", "beta"},
	.parameter_scales = {SCALE_NUMBER, SCALE_NUMBER},
	.limits = {
		"customers hardly differ in how likely they are to leave",
		"customers hardly differ in how likely they are to leave"
	},
	.log_likelihood = sbg_log_likelihood,
	.starts = sbg_starts,
};
