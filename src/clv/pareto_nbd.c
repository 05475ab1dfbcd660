/*
 * pareto_nbd.c
 *		The Pareto/NBD model of purchases (Schmittlein, Morrison and Colombo,
 *		"Counting your customers", Management Science 33, 1987).  pareto_nbd.h
 *		has its likelihood.
 */
#include "clv/pareto_nbd.h"

#include <math.h>

#include "clv/quadrature.h"
#include "clv/specfun.h"

/* A check for interrupts costs nothing when it is done so rarely. */
#define CHECK_EVERY 256

static ParetoNbd
read_parameters(const double *parameter)
{
	ParetoNbd	m = {parameter[0], parameter[1], parameter[2], parameter[3]};

	return m;
}

/* ---------------------------------------------------------------- likelihood */

/*
 * What is left of the likelihood of a customer whose death is integrated from
 * this origin, when ln (alive + s * dead) is taken away.
 */
static double
log_before(const ParetoNbd *m, double frequency, double origin)
{
	return log_rising(m->r, frequency) - frequency * log(m->alpha + origin) -
		m->r * log1p(origin / m->alpha) - m->s * log1p(origin / m->beta);
}

/* ln (alive + s * dead), exact when that is nearly 1, too. */
static double
log_mixture(const Deaths *deaths, const Survival *alive)
{
	double		dead = deaths->m.s * deaths->sums.weight;

	if (alive->fall < 1)
		return log1p(dead / alive->weight) - alive->fall;
	return log(alive->weight + dead);
}

/* Patterns one by one; those with the same purchases share the integral. */
static double
log_likelihood_directly(const ParetoNbd *m, const Pattern *pattern, size_t count,
						double *gradient)
{
	double		sum = 0;
	double		before = 0;
	double		rise = 0;
	double		rise_of = -1;
	Deaths		deaths = {.frequency = -1};

	for (size_t i = 0; i < count; i++)
	{
		const Pattern *p = &pattern[i];
		Survival	alive;

		if (i % CHECK_EVERY == 0)
			cv_check_interrupts();
		if (p->frequency != deaths.frequency || p->recency != deaths.origin)
		{
			deaths_begin(&deaths, m, p->frequency, p->recency);
			before = log_before(m, p->frequency, p->recency);
		}
		deaths_until(&deaths, p->age, &alive);
		sum += p->customers * (before + log_mixture(&deaths, &alive));
		if (gradient == NULL)
			continue;
		if (p->frequency != rise_of)
			rise = digamma_rise(m->r, rise_of = p->frequency);
		add_gradient(m, &alive, &deaths.sums, p->customers, gradient);
		gradient[0] += p->customers * (rise - log1p(p->recency / m->alpha));
		gradient[2] -= p->customers * log1p(p->recency / m->beta);
	}
	return sum;
}

static double
log_likelihood(const double *parameter, const Pattern *pattern, size_t count,
			   double *gradient)
{
	ParetoNbd	m = read_parameters(parameter);
	Calendar   *calendar = calendar_make(&m, pattern, count);
	size_t		done = 0;
	double		sum = 0;

	if (gradient != NULL)
		memset(gradient, 0, 4 * sizeof(double));
	if (calendar != NULL)
	{
		done = calendar_log_likelihood(calendar, pattern, count, &sum, gradient);
		calendar_free(calendar);
	}
	return sum + log_likelihood_directly(&m, pattern + done, count - done, gradient);
}

/* ---------------------------------------------------------------- starts */

/*
 * Customers who purchase on average so often, alike and not, most of whom
 * live much longer than they have been seen, or not.
 */
static int
starts(const Pattern *pattern, size_t count, double start[][MODEL_MAX_PARAMETERS])
{
	static const double shape[][4] = {
		/* r, s, lives per age, purchases per purchase seen */
		{0.7, 0.7, 2, 1.3},
		{0.3, 0.5, 0.5, 2},
		{2, 0.3, 10, 1},
		{3, 3, 2, 1.3},
		{10, 1, 0.5, 2},
	};
	double		customers = 0,
				purchases = 0,
				time = 0;

	for (size_t i = 0; i < count; i++)
	{
		customers += pattern[i].customers;
		purchases += pattern[i].customers * pattern[i].frequency;
		time += pattern[i].customers * pattern[i].age;
	}
	if (!(time > 0))
		time = Max(customers, 1);
	if (!(purchases > 0))
		purchases = 0.5;
	for (size_t i = 0; i < lengthof(shape); i++)
	{
		start[i][0] = shape[i][0];
		start[i][1] = shape[i][0] / shape[i][3] * (time / purchases);
		start[i][2] = shape[i][1];
		start[i][3] = shape[i][1] * shape[i][2] * (time / Max(customers, 1));
	}
	return lengthof(shape);
}

/* ---------------------------------------------------------------- scores */

/* Where alpha and beta are nearer than this, beside time, a series will do. */
#define NEAR 0.6
#define MOST_TERMS 80

/*
 * The odds of being dead as a series in w = |alpha - beta| / (larger + time),
 * which is small when the two are alike, as they often are.  With N = r + s +
 * x, the integral from t on is
 *
 *		(alpha + t)^-(r + x) (beta + t)^-s g(t) 2F1(e, 1; N + 1; w) / N,
 *
 * e = s + 1 and g = (alpha + t) / (beta + t) if beta is the larger, else e =
 * r + x and g = 1 (Fader and Hardie's form, by Euler's transformation).  All
 * terms are positive; the difference of the two integrals may cancel, but
 * neither is more than the weight of being alive, so that what is lost is
 * nothing beside 1.  Negative if the series does not serve.
 */
static double
odds_by_series(const ParetoNbd *m, const History *h)
{
	double		larger = Max(m->alpha, m->beta);
	double		apart = fabs(m->alpha - m->beta);
	double		n = m->r + m->s + h->frequency;
	double		e = m->beta >= m->alpha ? m->s + 1 : m->r + h->frequency;
	double		w_last = apart / (larger + h->recency);
	double		w_now = apart / (larger + h->age);
	double		growth;
	double		last = 1,
				now = 1;
	double		last_term = 1,
				now_term = 1;

	if (w_last > NEAR)
		return -1;
	growth = (m->r + h->frequency) * log1p((h->age - h->recency) / (m->alpha + h->recency)) +
		m->s * log1p((h->age - h->recency) / (m->beta + h->recency));
	if (growth > 600)
		return -1;
	for (int k = 0; last_term > 1e-17 * last; k++)
	{
		double		ratio = (e + k) / (n + 1 + k);

		if (k == MOST_TERMS)
			return -1;
		last_term *= ratio * w_last;
		now_term *= ratio * w_now;
		last += last_term;
		now += now_term;
	}
	if (m->beta >= m->alpha)
	{
		last *= (m->alpha + h->recency) / (m->beta + h->recency);
		now *= (m->alpha + h->age) / (m->beta + h->age);
	}
	return Max(m->s / n * (exp(growth) * last - now), 0);
}

static double
log_p_alive(const double *parameter, const History *h)
{
	ParetoNbd	m = read_parameters(parameter);
	Deaths		deaths;
	Survival	alive;
	double		odds = odds_by_series(&m, h);
	double		log_odds;

	if (odds >= 0)
		return 0 - log1p(odds);
	deaths_begin(&deaths, &m, h->frequency, h->recency);
	deaths_until(&deaths, h->age, &alive);
	if (alive.fall < 600)
		return 0 - log1p(m.s * deaths.sums.weight / alive.weight);
	log_odds = deaths_log_odds(&deaths, &alive);
	return log_odds > 0 ? -(log_odds + log1p(exp(-log_odds))) : -log1p(exp(log_odds));
}

/*
 * The integral from 0 to horizon of (beta / (beta + v))^s exp(-rate * v): the
 * time alive of someone whose rate of dying is Gamma(s, beta).  In y = ln (1 +
 * v / beta) the integrand is exp(-fall), with a convex fall.
 */
static double
lifetime(double s, double beta, double horizon, double rate)
{
	double		end = log1p(horizon / beta);
	double		z = rate * beta;
	double		sum = 0;
	double		y = 0;
	double		fall = 0;

	if (rate == 0)
	{
		if (isinf(horizon))
			return s > 1 ? beta / (s - 1) : INFINITY;
		return beta * expm1_ratio(s - 1, end);
	}
	while (y < end && fall < FALL_ENOUGH)
	{
		double		to = panel_reach(y, end, s - 1 + z * exp(y));
		double		panel = 0;

		cv_check_interrupts();
		to = panel_cut(y, to, (s - 1) * to + z * expm1(to) - fall);
		if (!(to > y))
			break;				/* beyond the range of a double */
		for (int i = 0; i < GAUSS_NODES; i++)
		{
			double		at = y + (to - y) * gauss_node[i];

			panel += gauss_weight[i] * exp((1 - s) * at - z * expm1(at));
		}
		sum += (to - y) * panel;
		y = to;
		fall = (s - 1) * y + z * expm1(y);
	}
	return beta * sum;
}

/* Rate of purchases, given the history, while alive. */
static double
purchase_rate(const double *parameter, const History *h)
{
	return (parameter[0] + h->frequency) / (parameter[1] + h->age);
}

/* Of one alive, the rate of death is Gamma(s, beta + T). */
static double
survival(const double *parameter, const History *h, double horizon)
{
	return exp(-parameter[2] * log1p(horizon / (parameter[3] + h->age)));
}

static double
discounted_lifetime(const double *parameter, const History *h, double horizon, double rate)
{
	return lifetime(parameter[2], parameter[3] + h->age, horizon, rate);
}

static double
discounted_purchases(const double *parameter, const History *h, double horizon, double rate)
{
	return purchase_rate(parameter, h) * discounted_lifetime(parameter, h, horizon, rate);
}

static double
purchases(const double *parameter, const History *h, double horizon)
{
	return discounted_purchases(parameter, h, horizon, 0);
}

/* ---------------------------------------------------------------- P(n) */

/*
 * The density of a customer's death at u and n purchases until then, in y = ln
 * (u / peak), relative to the peak: exp(-fall), where fall is convex.
 */
typedef struct PurchasesThenDeath
{
	const ParetoNbd *m;
	double		n;
	double		alpha_share;	/* peak / (alpha + peak) */
	double		alpha_rest;		/* alpha / (alpha + peak) */
	double		beta_share;		/* peak / (beta + peak) */
	double		beta_rest;		/* beta / (beta + peak) */
} PurchasesThenDeath;

/* ln(rest + share * exp(y)), where share and rest make 1. */
static double
log_rest_and_share(double rest, double share, double y)
{
	return y > -1 ? log1p(share * expm1(y)) : log(rest + share * exp(y));
}

static double
purchases_fall(const PurchasesThenDeath *d, double y)
{
	return d->n * log_rest_and_share(d->alpha_share, d->alpha_rest, -y) +
		d->m->r * log_rest_and_share(d->alpha_rest, d->alpha_share, y) +
		(d->m->s + 1) * log_rest_and_share(d->beta_rest, d->beta_share, y) - y;
}

static double
purchases_slope(const PurchasesThenDeath *d, double y)
{
	double		growth = exp(y);
	double		alpha = d->alpha_share * growth / (d->alpha_rest + d->alpha_share * growth);
	double		beta = d->beta_share * growth / (d->beta_rest + d->beta_share * growth);

	return (d->m->r + d->n) * alpha + (d->m->s + 1) * beta - (d->n + 1);
}

/* The integral from the peak to y = side * end, side being -1 or 1. */
static double
purchases_integral(const PurchasesThenDeath *d, double side, double end)
{
	double		sum = 0;
	double		y = 0;
	double		fall = 0;

	while (y < end && fall < FALL_ENOUGH)
	{
		double		to = panel_reach(y, end, side * purchases_slope(d, side * y));
		double		panel = 0;

		cv_check_interrupts();
		to = panel_cut(y, to, purchases_fall(d, side * to) - fall);
		if (!(to > y))
			break;				/* beyond the range of a double */
		for (int i = 0; i < GAUSS_NODES; i++)
			panel += gauss_weight[i] *
				exp(-purchases_fall(d, side * (y + (to - y) * gauss_node[i])));
		sum += (to - y) * panel;
		y = to;
		fall = purchases_fall(d, side * y);
	}
	return sum;
}

/* Where n purchases and death are likeliest, if ever so late: a root. */
static double
likeliest_death(const ParetoNbd *m, double n)
{
	double		a = m->r + m->s;
	double		b = (m->r - 1) * m->beta + (m->s - n) * m->alpha;
	double		c = (n + 1) * m->alpha * m->beta;
	double		root = sqrt(b * b + 4 * a * c);

	return b > 0 ? 2 * c / (b + root) : (root - b) / (2 * a);
}

/* ln of the probability of n purchases in time t, if alive so long, n > 0. */
static double
log_count(const ParetoNbd *m, double n, double t)
{
	return log_rising_ratio(1, m->r - 1, n) -
		n * log1p(m->alpha / t) - m->r * log1p(t / m->alpha);
}

/*
 * Fader and Hardie 2006, "Deriving an expression for P(X(t) = x) under the
 * Pareto/NBD model": n purchases and alive in the end, or n purchases and dead
 * before; the latter again as an integral over the time of death.
 */
static double
purchase_probability(const double *parameter, int64 n, double horizon)
{
	ParetoNbd	m = read_parameters(parameter);
	PurchasesThenDeath d = {.m = &m,.n = (double) n};
	double		peak,
				dead;

	if (n <= 0)
	{
		Pattern		none = {.age = horizon,.customers = 1};

		return n < 0 ? 0 : exp(log_likelihood_directly(&m, &none, 1, NULL));
	}
	if (horizon == 0)
		return 0;

	peak = Min(likeliest_death(&m, d.n), horizon);
	d.alpha_share = peak / (m.alpha + peak);
	d.alpha_rest = m.alpha / (m.alpha + peak);
	d.beta_share = peak / (m.beta + peak);
	d.beta_rest = m.beta / (m.beta + peak);
	dead = purchases_integral(&d, -1, INFINITY);
	if (peak < horizon)
		dead += purchases_integral(&d, 1, log(horizon / peak));
	return exp(log_count(&m, d.n, horizon) - m.s * log1p(horizon / m.beta)) +
		m.s * d.beta_share * dead *
		exp(log_count(&m, d.n, peak) - m.s * log1p(peak / m.beta));
}

const ModelClass pareto_nbd_model = {
	.name = "pareto/nbd",
	.subject = MODEL_OF_PURCHASES,
	.parameters = 4,
	.parameter_names = {"r", "alpha", "s", "beta"},
	.parameter_scales = {SCALE_NUMBER, SCALE_TIME, SCALE_NUMBER, SCALE_TIME},
	.limits = {
		"customers hardly differ in how often they buy",
		"customers hardly differ in how often they buy",
		"customers hardly differ in how long they stay",
		"customers hardly differ in how long they stay"
	},
	.null_model = &nbd_model,
	.null_title = "NBD",
	.log_likelihood = log_likelihood,
	.starts = starts,
	.log_p_alive = log_p_alive,
	.purchases = purchases,
	.discounted_purchases = discounted_purchases,
	.discounted_lifetime = discounted_lifetime,
	.survival = survival,
	.purchase_probability = purchase_probability,
};
