/*
 * gamma_gamma.c
 *		The gamma-gamma model of spend per purchase.
 *
 * Colombo and Jiang (1999); Fader and Hardie (2013), The Gamma-Gamma model of
 * monetary value, note 025, equation (1a) and (5).  Of a customer with x
 * purchases of the mean value m, with k = p x and s = x m,
 *
 *		f(m) = 1 / (m B(k, q)) * (s / (s + v))^k * (v / (s + v))^q.
 */
#include "common/host.h"

#include <math.h>

#include "clv/model.h"
#include "clv/specfun.h"

#define HALF_LOG_TWO_PI 0.91893853320467274178

/* From here on the gamma functions are taken by Stirling's formula. */
#define LARGE 10.0

/* Derivative of ln f by k. */
static double
slope_by_shape(double k, double q, double s, double v, double excess)
{
	double		ratio = excess / k;

	if (k < LARGE)
		return digamma_rise(k, q) - log1p_ratio(v, s);
	return (ratio < -0.5 ? log1p(q / k) - log1p_ratio(v, s) : log1p(ratio)) +
		0.5 * (q / (k + q)) / k - (digamma_rest(k + q) - digamma_rest(k));
}

/* k ln ((k + q) / k * s / (s + v)) - excess, nothing lost near its zero. */
static double
divergence(double k, double q, double s, double v, double excess)
{
	double		ratio = excess / k;

	if (ratio < -0.5)
		return k * (log1p(q / k) - log1p_ratio(v, s) - ratio);
	return k * log1p_less(ratio);
}

/*
 * ln (m f(m)).  Where k and q are large, the beta function and the powers are
 * so, too, and nearly each other's inverse: then both are taken together.  The
 * excess, q s / (s + v) - k v / (s + v), says how far s is from its mode.
 */
static double
log_density(double k, double q, double s, double v, double excess)
{
	if (k < LARGE || q < LARGE)
		return -log_beta(k, q) - k * log1p_ratio(v, s) -
			q * log1p_ratio(s, v);
	return 0.5 * log(k / (k + q) * q) - HALF_LOG_TWO_PI +
		stirling_rest(k + q) - stirling_rest(k) - stirling_rest(q) +
		divergence(k, q, s, v, excess) + divergence(q, k, v, s, -excess);
}

/*
 * Neighbours with the same number of purchases share the gamma functions,
 * which is most of the work.
 */
typedef struct Shared
{
	double		frequency;
	double		k;
	double		log_beta;
	double		by_k;			/* digamma(k + q) - digamma(k) */
	double		by_q;
	double		log_scale;		/* ln (x / v) */
	bool		ordinary;		/* nothing cancels that matters */
} Shared;

/* Up to here, k is of a size at which differences of logarithms are exact enough. */
#define ORDINARY 1000.0

static void
share(Shared *shared, double p, double q, double v, double frequency)
{
	shared->frequency = frequency;
	shared->k = p * frequency;
	shared->ordinary = shared->k < ORDINARY && q < LARGE;
	if (!shared->ordinary)
		return;
	shared->log_beta = log_beta(shared->k, q);
	shared->by_k = digamma_rise(shared->k, q);
	shared->by_q = digamma_rise(q, shared->k);
	shared->log_scale = log(frequency / v);
}

static double
gamma_gamma_log_likelihood(const double *parameter, const Pattern *pattern,
						   size_t count, double *gradient)
{
	double		p = parameter[0];
	double		q = parameter[1];
	double		v = parameter[2];
	double		sum = 0;
	double		none[3];
	Shared		shared = {.frequency = -1};

	if (gradient == NULL)
		gradient = none;
	gradient[0] = gradient[1] = gradient[2] = 0;
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *c = &pattern[i];
		double		s = c->frequency * c->monetary;
		double		log_monetary = log(c->monetary);
		double		share_of_s = s / (s + v);
		double		excess;

		Assert(c->frequency > 0 && c->monetary > 0);
		if (c->frequency != shared.frequency)
		{
			cv_check_interrupts();
			share(&shared, p, q, v, c->frequency);
		}
		excess = q * share_of_s - shared.k * (v / (s + v));
		if (shared.ordinary && share_of_s > 1e-3 && share_of_s < 0.999)
		{
			/* ln ((s + v) / s) and ln ((s + v) / v) */
			double		beyond_s = -log(share_of_s);
			double		beyond_v = beyond_s + shared.log_scale + log_monetary;

			sum += c->customers * (-shared.log_beta - shared.k * beyond_s - q * beyond_v - log_monetary);
			gradient[0] += c->customers * c->frequency * (shared.by_k - beyond_s);
			gradient[1] += c->customers * (shared.by_q - beyond_v);
		}
		else
		{
			sum += c->customers * (log_density(shared.k, q, s, v, excess) - log_monetary);
			gradient[0] += c->customers * c->frequency *
				slope_by_shape(shared.k, q, s, v, excess);
			gradient[1] += c->customers * slope_by_shape(q, shared.k, v, s, -excess);
		}
		gradient[2] += c->customers * excess / v;
	}
	return sum;
}

/*
 * E(m) = M = p v / (q - 1) and E(m^2 | x) = M^2 (q - 1) / (q - 2) (1 + 1 / (p x)):
 * regress m^2 on 1 / x.  Few data have such second moments, so the result is
 * kept within bounds, and some usual values are tried as well.
 */
static int
gamma_gamma_starts(const Pattern *pattern, size_t count,
				   double start[][MODEL_MAX_PARAMETERS])
{
	static const double usual[][2] = {{6, 4}, {1, 2}, {1, 8}, {30, 3}};
	double		n = 0;
	double		mean = 0;
	double		inverse = 0;
	double		square = 0;
	double		variance = 0;
	double		covariance = 0;
	int			starts = 0;

	for (size_t i = 0; i < count; i++)
	{
		const Pattern *c = &pattern[i];

		n += c->customers;
		mean += c->customers * (c->monetary - mean) / n;
		inverse += c->customers * (1 / c->frequency - inverse) / n;
	}
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *c = &pattern[i];
		double		relative = c->monetary / mean;
		double		off = 1 / c->frequency - inverse;

		square += c->customers * relative * relative / n;
		variance += c->customers * off * off / n;
		covariance += c->customers * off * relative * relative / n;
	}
	if (variance > 0 && covariance > 0)
	{
		double		steepness = covariance / variance;
		double		level = Max(square - steepness * inverse, 1.02);
		double		p = Min(Max(level / steepness, 0.1), 100);
		double		q = (2 * level - 1) / (level - 1);

		start[starts][0] = p;
		start[starts][1] = q;
		start[starts++][2] = mean * (q - 1) / p;
	}
	for (size_t i = 0; i < lengthof(usual); i++, starts++)
	{
		start[starts][0] = usual[i][0];
		start[starts][1] = usual[i][1];
		start[starts][2] = mean * (usual[i][1] - 1) / usual[i][0];
	}
	return starts;
}

/*
 * Equation (5), a mean of the population's p v / (q - 1) and the customer's m,
 * and valid as long as the posterior distribution has a mean.
 */
static double
gamma_gamma_spend(const double *parameter, double frequency, double monetary)
{
	double		p = parameter[0];
	double		more = p * frequency + (parameter[1] - 1);
	double		s = frequency > 0 ? frequency * monetary : 0;

	return more > 0 ? p * ((parameter[2] + s) / more) : INFINITY;
}

const ModelClass gamma_gamma_model = {
	.name = "gamma-gamma",
	.subject = MODEL_OF_SPEND,
	.parameters = 3,
	.parameter_names = {"p", "q", "v"},
	.parameter_scales = {SCALE_NUMBER, SCALE_NUMBER, SCALE_MONEY},
	.limits = {
		"the purchases of one customer hardly differ, or are known for one purchase each",
		"customers hardly differ in what they spend, and the mean of all says as much",
		"customers hardly differ in what they spend, and the mean of all says as much"
	},
	.log_likelihood = gamma_gamma_log_likelihood,
	.starts = gamma_gamma_starts,
	.spend = gamma_gamma_spend,
};
