/*
 * bgbb.c
 *		The BG/BB model: purchases at discrete opportunities.
 *
 * Fader, Hardie and Shang (2010), Customer-base analysis in a discrete-time
 * noncontractual setting, Marketing Science 29(6).  A customer buys at each
 * opportunity with a chance p of his own until, before each of them with a
 * chance theta of his own, he is lost; p is beta(alpha, beta), theta is
 * beta(gamma, delta).  At most one purchase is counted per opportunity.
 *
 * His likelihood, with x purchases, the last at opportunity t of n, is a sum
 * over when he was lost, after t + i opportunities, and of his being there
 * still:
 *
 *		B(alpha + x, beta + t - x + i) / B(alpha, beta) *
 *			B(gamma + 1, delta + t + i) / B(gamma, delta),	i = 0 ... n - t - 1
 *		B(alpha + x, beta + n - x) / B(alpha, beta) *
 *			B(gamma, delta + n) / B(gamma, delta)
 *
 * The terms of the sum do not depend on n.  Each is the one before it times
 * (beta + t - x + i) / (alpha + beta + t + i) *
 * (delta + t + i) / (gamma + 1 + delta + t + i), and they are added up
 * relative to the first, so that nothing under- or overflows.
 */
#include "common/host.h"

#include <math.h>

#include "clv/model.h"
#include "clv/smooth_sum.h"
#include "clv/specfun.h"
#include "clv/whole_periods.h"

#define PARAMETERS 4

/* Between two looks at whether what is left still matters. */
#define BLOCK 32

/* What is left does not change the sum, nor what follows its first term. */
#define NEGLIGIBLE 1e-19

/* The terms that histories with the same frequency and recency share. */
typedef struct Losses
{
	double		frequency;
	double		recency;
	double		gamma;

	/* Arguments of the beta functions in the first term. */
	double		buys;			/* alpha + x */
	double		skips;			/* beta + t - x */
	double		goes;			/* gamma + 1 */
	double		stays;			/* delta + t */

	double		log_first;		/* logarithm of the first term */
	double		by_first[PARAMETERS];	/* and its derivatives */
	double		second;			/* the second, relative to the first */

	/* The terms i = 0 ... reached - 1, relative to the first. */
	double		reached;
	bool		complete;		/* all others, for any n, are negligible */
	double		sum;
	double		by_sum[PARAMETERS]; /* terms times their rise */

	/* The term i = reached, and by how much by_first rises until there. */
	double		term;
	double		rise[PARAMETERS];
} Losses;

/*
 * Of customers who never bought (t = 0), the terms nearly make 1 if hardly
 * anybody buys, whatever gamma and delta are, and adding up derivatives by
 * these would cancel.  With G(i) = P(there at opportunity i), the sum by parts
 * is 1 less terms that are all small,
 *
 *		G(i) * alpha / (alpha + beta + i - 1) *
 *			B(alpha, beta + i - 1) / B(alpha, beta),	i = 1 ... n,
 *
 * each of which is term i of the original times
 * alpha / (beta + i - 1) * (gamma + delta + i) / gamma.  So for them rise[2]
 * and rise[3] are those of ln G(i), from 0, by_first[2] and [3] are not used,
 * and by_sum[2] and [3] gather the derivatives of the sum by parts.
 */
static double
part_weight(const Losses *l, double i)
{
	return -l->buys / (l->skips + (i - 1)) *
		((l->gamma + l->stays + i) / l->gamma);
}

/* ---- the likelihood ---- */

static void
losses_open(Losses *l, const double *parameter, double x, double t, bool derive)
{
	double		alpha = parameter[0];
	double		beta = parameter[1];
	double		gamma = parameter[2];
	double		delta = parameter[3];
	double		skipped = t - x;

	memset(l, 0, sizeof(Losses));
	l->frequency = x;
	l->recency = t;
	l->gamma = gamma;
	l->buys = alpha + x;
	l->skips = beta + skipped;
	l->goes = gamma + 1;
	l->stays = delta + t;
	l->log_first = log(gamma / (gamma + l->stays)) -
		log_rising_ratio(alpha, beta, x) -
		log_rising_ratio(beta, l->buys, skipped) -
		log_rising_ratio(delta, gamma, t);
	l->second = l->skips / (l->buys + l->skips) * (l->stays / (l->goes + l->stays));
	l->term = 1;
	if (!derive)
		return;
	l->by_first[0] = digamma_rise_drop(alpha, beta, x) -
		digamma_rise(alpha + beta + x, skipped);
	l->by_first[1] = digamma_rise_drop(beta, l->buys, skipped) -
		digamma_rise(alpha + beta, x);
	l->by_first[2] = l->stays / (gamma + l->stays) / gamma -
		digamma_rise(gamma + delta, t);
	l->by_first[3] = digamma_rise_drop(delta, gamma, t) - 1 / (gamma + l->stays);
}

/* Adds terms up to, not including, i = end. */
static void
losses_add(Losses *l, double end, bool derive)
{
	bool		never = l->recency == 0;
	double		goes = never ? l->gamma : l->goes;

	for (double i = l->reached; i < end; i++)
	{
		double		skips = l->skips + i;
		double		tries = l->buys + skips;
		double		stays = l->stays + i;
		double		lives = l->goes + stays;

		l->sum += l->term;
		if (derive)
		{
			double		weight = l->term;

			l->by_sum[0] += weight * l->rise[0];
			l->by_sum[1] += weight * l->rise[1];
			if (never)
				weight *= i > 0 ? part_weight(l, i) : 0;
			l->by_sum[2] += weight * l->rise[2];
			l->by_sum[3] += weight * l->rise[3];
			l->rise[0] -= 1 / tries;
			l->rise[1] += l->buys / tries / skips;
			l->rise[2] -= 1 / (goes + stays);
			l->rise[3] += goes / (goes + stays) / stays;
		}
		l->term *= skips / tries * (stays / lives);
	}
	l->reached = end;
}

/*
 * All that follows, the customer's being there still included, is at most the
 * next term times (gamma + delta + t + i) / gamma: it would be that much if
 * he bought nothing for sure from here on.
 */
static bool
losses_complete(const Losses *l)
{
	double		most = l->term * ((l->gamma + l->stays + l->reached) / l->gamma);

	return most <= NEGLIGIBLE * Min(l->sum, l->second);
}

/* The term at reached + i, and the rise until there. */
static void
losses_at(const Losses *l, double i, bool derive, double *term, double *rise)
{
	double		skips = l->skips + l->reached;
	double		stays = l->stays + l->reached;
	double		goes = l->recency == 0 ? l->gamma : l->goes;

	*term = l->term * exp(-log_rising_ratio(skips, l->buys, i) -
						  log_rising_ratio(stays, l->goes, i));
	if (!derive)
		return;
	rise[0] = l->rise[0] - digamma_rise(l->buys + skips, i);
	rise[1] = l->rise[1] + digamma_rise_drop(skips, l->buys, i);
	rise[2] = l->rise[2] - digamma_rise(goes + stays, i);
	rise[3] = l->rise[3] + digamma_rise_drop(stays, goes, i);
}

static void
losses_term(const void *context, double i, double *value)
{
	losses_at(context, i, false, value, NULL);
}

static void
losses_term_and_rise(const void *context, double i, double *value)
{
	const Losses *l = context;
	double		weight;

	losses_at(l, i, true, value, value + 1);
	weight = value[0];
	value[1] *= weight;
	value[2] *= weight;
	if (l->recency == 0)
		weight *= part_weight(l, l->reached + i);
	value[3] *= weight;
	value[4] *= weight;
}

/*
 * Makes l a sum of as many terms.  Most are added one by one, and stay so for
 * the next history; of very many, those that fall slowly are left to
 * smooth_sum(), and this is the end of l.
 */
static void
losses_extend(Losses *l, double count, bool derive)
{
	while (l->reached < count && !l->complete)
	{
		double		left = count - l->reached;
		double		shift = Min(l->skips, l->stays) + l->reached;
		double		power = l->buys + l->goes;

		cv_check_interrupts();
		if (left >= SMOOTH_MIN_TERMS && smooth_enough(shift, power, 0))
		{
			SmoothSeries series = {
				derive ? losses_term_and_rise : losses_term, l,
				derive ? 1 + PARAMETERS : 1, shift, power, 0
			};
			double		sum[1 + PARAMETERS] = {l->sum};
			double		term;
			double		rise[PARAMETERS] = {0};

			memcpy(sum + 1, l->by_sum, sizeof(l->by_sum));
			smooth_sum(&series, left, sum);
			l->sum = sum[0];
			memcpy(l->by_sum, sum + 1, sizeof(l->by_sum));
			losses_at(l, left, derive, &term, rise);
			l->term = term;
			memcpy(l->rise, rise, sizeof(rise));
			l->reached = count;
			l->frequency = -1;	/* nobody's: not to be continued */
			return;
		}
		losses_add(l, l->reached + Min(left, BLOCK), derive);
		l->complete = losses_complete(l);
	}
}

/* The last term of the likelihood, his being there still, as the others are. */
static double
log_there(const Losses *l)
{
	return log(l->term) + log(l->gamma + l->stays + l->reached) - log(l->gamma);
}

/*
 * How much more likely it is that he was there at the last opportunity than
 * that he was lost before, as a logarithm; minus infinity if that is
 * negligible, infinity if he bought at the last.
 */
static double
log_odds_there(const Losses *l)
{
	if (l->complete)
		return -INFINITY;
	return log_there(l) - log(l->sum);
}

/* What histories with the same age share: derivatives of ln P(not lost). */
typedef struct Survival
{
	double		age;
	double		by_gamma;
	double		by_delta;
} Survival;

static void
add_gradient(const Losses *l, double log_odds, const Survival *survival,
			 double customers, double *gradient)
{
	double		there = 1 / (1 + exp(-log_odds));
	double		lost = 1 / (1 + exp(log_odds));
	double		by[PARAMETERS];

	for (int k = 0; k < PARAMETERS; k++)
		by[k] = lost > 0 ? lost * (l->by_sum[k] / l->sum) : 0;
	for (int k = 0; k < 2; k++)
		by[k] += l->by_first[k] + (there > 0 ? there * l->rise[k] : 0);
	if (l->recency > 0)
	{
		by[2] += lost * l->by_first[2] + there * survival->by_gamma;
		by[3] += lost * l->by_first[3] + there * survival->by_delta;
	}
	else if (lost > 0 && l->reached > 0 && l->term > 0)
	{
		/* The last of the sum by parts, of those there still. */
		double		weight = lost * (l->term / l->sum) * part_weight(l, l->reached);

		by[2] += weight * l->rise[2];
		by[3] += weight * l->rise[3];
	}
	for (int k = 0; k < PARAMETERS; k++)
		gradient[k] += customers * by[k];
}

static double
bgbb_log_likelihood(const double *parameter, const Pattern *pattern,
					size_t count, double *gradient)
{
	double		gamma = parameter[2];
	double		delta = parameter[3];
	bool		derive = gradient != NULL;
	Losses		l = {.frequency = -1};
	Survival	survival = {.age = -1};
	double		sum = 0;

	if (derive)
		memset(gradient, 0, PARAMETERS * sizeof(double));
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *p = &pattern[i];
		double		losses = p->age - p->recency;
		double		log_odds;

		if (l.frequency != p->frequency || l.recency != p->recency ||
			l.reached > losses)
			losses_open(&l, parameter, p->frequency, p->recency, derive);
		losses_extend(&l, losses, derive);
		log_odds = log_odds_there(&l);

		/* Whichever is larger, plus a little. */
		if (log_odds > 0)
			sum += p->customers * (l.log_first + log_there(&l) +
								   log1p(exp(-log_odds)));
		else
			sum += p->customers * (l.log_first + log(l.sum) + log1p(exp(log_odds)));
		if (!derive)
			continue;
		if (survival.age != p->age)
		{
			survival.age = p->age;
			survival.by_gamma = -digamma_rise(gamma + delta, p->age);
			survival.by_delta = digamma_rise_drop(delta, gamma, p->age);
		}
		add_gradient(&l, log_odds, &survival, p->customers, gradient);
	}
	return sum;
}

/* ---- scores ---- */

static const char *
bgbb_refuse(const History *h)
{
	if (h->frequency != floor(h->frequency) || h->recency != floor(h->recency) ||
		h->age != floor(h->age))
		return "The BG/BB model counts opportunities: frequency, recency and age must be whole numbers.";
	if (h->frequency > h->recency)
		return "The BG/BB model knows one purchase per opportunity: frequency must not be above recency.";
	return NULL;
}

/*
 * As published, a customer is alive if he is there at the next opportunity,
 * number n + 1: of those there at the last, some are lost before it.  So new
 * customers are not all alive, either.
 */
static double
bgbb_log_p_alive(const double *parameter, const History *h)
{
	double		alpha = parameter[0];
	double		beta = parameter[1];
	double		gamma = parameter[2];
	double		delta = parameter[3];
	double		x = h->frequency;
	double		next = -log1p(gamma / (delta + h->age));
	double		log_odds;
	Losses		l;

	if (h->age == h->recency)
		return next;
	losses_open(&l, parameter, x, h->recency, false);
	losses_extend(&l, h->age - h->recency, false);
	log_odds = log_odds_there(&l);
	if (l.complete || l.term == 0)
		log_odds = -log_rising_ratio(alpha, beta, x) -
			log_rising_ratio(beta, alpha + x, h->age - x) -
			log_rising_ratio(delta, gamma, h->age) - l.log_first - log(l.sum);
	if (log_odds < 0)
		return next + log_odds - log1p(exp(log_odds));
	return next - log1p(exp(-log_odds));
}

/* P(buys at an opportunity), if alive. */
static double
purchase_share(const double *parameter, const History *h)
{
	return (parameter[0] + h->frequency) / (parameter[0] + parameter[1] + h->age);
}

/*
 * The opportunities to come are n + 1, at which an alive customer is there by
 * definition, n + 2 ...; of a fraction of an opportunity, that part counts.
 * Times P(alive), this is the paper's conditional expectation.
 */
static double
bgbb_purchases(const double *parameter, const History *h, double horizon)
{
	return purchase_share(parameter, h) *
		expected_survivals(parameter[2], parameter[3] + h->age + 1, horizon, 0);
}

/*
 * The next opportunity is one unit of time from now, the one after it two.
 * With an infinite horizon and times P(alive), the paper's DERT for a discount
 * rate of exp(rate) - 1 per opportunity.
 */
static double
bgbb_discounted_purchases(const double *parameter, const History *h,
						  double horizon, double rate)
{
	return exp(-rate) * purchase_share(parameter, h) *
		expected_survivals(parameter[2], parameter[3] + h->age + 1, horizon, rate);
}

static double
bgbb_discounted_lifetime(const double *parameter, const History *h,
						 double horizon, double rate)
{
	return expected_lifetime(parameter[2], parameter[3] + h->age + 1, horizon, rate);
}

/* He is lost at the opportunities' times only, not between them. */
static double
bgbb_survival(const double *parameter, const History *h, double horizon)
{
	return exp(log_survival(parameter[2], parameter[3] + h->age + 1, floor(horizon)));
}

/*
 * P(x purchases at n opportunities): the likelihood's terms with every order
 * of purchases counted, (i choose x) for those lost after i opportunities.
 * These first rise and then fall, so the sum is rescaled on the way.  The
 * time it takes is that of n - x terms.
 */
static double
probability_within(const double *parameter, double x, double n)
{
	double		gamma = parameter[2];
	double		buys = parameter[0] + x;
	double		skips = parameter[1];
	double		stays = parameter[3] + x;
	double		scale;
	double		term = 1;
	double		sum = 0;

	if (x < 0 || x > n)
		return 0;
	scale = log(gamma / (gamma + parameter[3])) -
		log_rising_ratio(parameter[0], parameter[1], x) -
		log_rising_ratio(parameter[3], gamma + 1, x);
	for (double i = 0; i < n - x; i++)
	{
		sum += term;
		term *= (x + 1 + i) / (i + 1) * ((skips + i) / (buys + skips + i)) *
			((stays + i) / (gamma + 1 + stays + i));
		if (unlikely(term > 1e200))
		{
			scale += log(term);
			sum /= term;
			term = 1;
		}
		if (((int64) i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return exp(scale + log_sum_exp(log(sum), log(term) +
								   log(gamma + parameter[3] + n) - log(gamma)));
}

static double
bgbb_purchase_probability(const double *parameter, int64 n, double horizon)
{
	double		whole = floor(horizon);
	double		part = horizon - whole;
	double		result = probability_within(parameter, (double) n, whole);

	if (part > 0)
		result += part * (probability_within(parameter, (double) n, whole + 1) - result);
	return Min(result, 1);
}

/* ---- where to begin ---- */

/*
 * The share of opportunities used, up to the last; and of customers lost per
 * opportunity, as if all were lost who did not buy for twice as long as is
 * usual.  How much customers differ is left to the search.
 */
static int
bgbb_starts(const Pattern *pattern, size_t count,
			double start[][MODEL_MAX_PARAMETERS])
{
	static const double alike[][2] = {{1, 1}, {2, 4}, {4, 1}, {1, 10}, {20, 20}};
	double		bought = 0;
	double		tries = 0;
	double		lost = 0;
	double		lived = 0;
	double		buys;
	double		goes;

	for (size_t i = 0; i < count; i++)
	{
		bought += pattern[i].customers * pattern[i].frequency;
		tries += pattern[i].customers * pattern[i].recency;
	}
	buys = (bought + 0.5) / (tries + 1);
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *p = &pattern[i];

		if ((p->age - p->recency) * buys > 2)
			lost += p->customers;
		lived += p->customers * (p->recency + 1);
	}
	buys = Min(buys, 0.95);
	goes = Min((lost + 0.5) / (lived + 1), 0.95);
	for (size_t i = 0; i < lengthof(alike); i++)
	{
		start[i][0] = alike[i][0] * buys;
		start[i][1] = alike[i][0] - start[i][0];
		start[i][2] = alike[i][1] * goes;
		start[i][3] = alike[i][1] - start[i][2];
	}
	return lengthof(alike);
}

/*
 * Without dropout: the beta-binomial, whose likelihood knows no recency.
 */
static double
beta_binomial_log_likelihood(const double *parameter, const Pattern *pattern, size_t count,
							 double *gradient)
{
	double		alpha = parameter[0];
	double		beta = parameter[1];
	double		sum = 0;

	if (gradient)
		gradient[0] = gradient[1] = 0;
	for (size_t i = 0; i < count; i++)
	{
		const Pattern *p = &pattern[i];
		double		skipped = p->age - p->frequency;

		cv_check_interrupts();
		sum += p->customers * (log_rising(alpha, p->frequency) + log_rising(beta, skipped) -
							   log_rising(alpha + beta, p->age));
		if (gradient)
		{
			double		both = digamma_rise(alpha + beta, p->age);

			gradient[0] += p->customers * (digamma_rise(alpha, p->frequency) - both);
			gradient[1] += p->customers * (digamma_rise(beta, skipped) - both);
		}
	}
	return sum;
}

static int
beta_binomial_starts(const Pattern *pattern, size_t count,
					 double start[][MODEL_MAX_PARAMETERS])
{
	double		full[MODEL_MAX_STARTS][MODEL_MAX_PARAMETERS];
	int			starts = bgbb_starts(pattern, count, full);

	for (int i = 0; i < starts; i++)
		memcpy(start[i], full[i], 2 * sizeof(double));
	return starts;
}

static const ModelClass beta_binomial_model = {
	.name = "beta-binomial",
	.subject = MODEL_OF_PURCHASES,
	.parameters = 2,
	.parameter_names = {"alpha", "beta"},
	.parameter_scales = {SCALE_NUMBER, SCALE_NUMBER},
	.log_likelihood = beta_binomial_log_likelihood,
	.starts = beta_binomial_starts,
};

const ModelClass bgbb_model = {
	.name = "bg/bb",
	.subject = MODEL_OF_PURCHASES,
	.parameters = PARAMETERS,
	.parameter_names = {"alpha", "beta", "gamma", "delta"},
	.parameter_scales = {SCALE_NUMBER, SCALE_NUMBER, SCALE_NUMBER, SCALE_NUMBER},
	.limits = {
		"customers hardly differ in how many opportunities they use",
		"customers hardly differ in how many opportunities they use",
		"customers hardly differ in how likely they are to leave",
		"customers hardly differ in how likely they are to leave"
	},
	.null_model = &beta_binomial_model,
	.null_title = "a beta-binomial without dropout",
	.refuse = bgbb_refuse,
	.log_likelihood = bgbb_log_likelihood,
	.starts = bgbb_starts,
	.log_p_alive = bgbb_log_p_alive,
	.purchases = bgbb_purchases,
	.discounted_purchases = bgbb_discounted_purchases,
	.discounted_lifetime = bgbb_discounted_lifetime,
	.survival = bgbb_survival,
	.purchase_probability = bgbb_purchase_probability,
};
