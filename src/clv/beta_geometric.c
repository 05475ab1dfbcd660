/*
 * beta_geometric.c
 *		Likelihood and probabilities of BG/NBD and MBG/NBD.
 *
 * Let x be the frequency, t the recency, T the age, and n = x + first the
 * number of chances to drop out that a customer has had.  His likelihood is
 * (Fader, Hardie and Lee 2005, equation 6; Batislam, Denizel and Filiztekin
 * 2007)
 *
 *   (r)_x alpha^r (b)_n / (a + b)_n *
 *   [(alpha + T)^-(r+x) + a / (b + n - 1) (alpha + t)^-(r+x)],
 *
 * with (y)_k = y (y + 1) ... (y + k - 1); the first term in brackets is that
 * he is alive, the second, which is not there if n = 0, that he dropped out
 * at t.  With R = r + x, l = ln((alpha + T) / (alpha + t)) and
 * q = ln(a / (b + n - 1)) + R l, the logarithm of their odds,
 *
 *   [...] (b + n - 1) (alpha + t)^R
 *      = (b + n - 1) e^(-R l) (1 + e^q)  =  a (1 + e^-q),
 *
 * of which we take the form whose exponent is not positive: then nothing
 * overflows, and nothing large is added that has to cancel, neither where
 * R l is large nor where b is tiny and x is 1.
 */
#include "clv/beta_geometric.h"

#include <math.h>

#include "clv/quadrature.h"
#include "clv/specfun.h"

/* What depends on parameters and frequency only. */
typedef struct ByFrequency
{
	double		frequency;
	double		shape;			/* R */
	bool		may_be_gone;	/* n > 0 */
	double		log_base;		/* ln of (r)_x (b)_(n-1) / (a + b)_n */
	double		log_stay;		/* ln(b + n - 1) */
	double		log_leave;		/* ln a */
	double		by_r;			/* derivatives of log_base */
	double		by_a;
	double		by_b;
	double		stay;			/* b + n - 1 */
} ByFrequency;

static void
set_frequency(ByFrequency *f, const double *parameter, int first,
			  double frequency, bool derive)
{
	double		r = parameter[BG_R];
	double		a = parameter[BG_A];
	double		b = parameter[BG_B];
	double		n = frequency + first;

	f->frequency = frequency;
	f->shape = r + frequency;
	f->may_be_gone = n > 0;
	f->stay = b + (n - 1);
	f->log_base = log_rising(r, frequency);
	if (n > 0)
	{
		f->log_base += log_rising(b, n - 1) - log_rising(a + b, n);
		f->log_stay = log(f->stay);
		f->log_leave = log(a);
	}
	if (derive)
	{
		f->by_r = digamma_rise(r, frequency);
		f->by_a = n > 0 ? -digamma_rise(a + b, n) : 0;
		f->by_b = n > 0 ? f->by_a + digamma_rise(b, n - 1) : 0;
	}
}

/* ln((alpha + age) / (alpha + recency)), for any alpha. */
static inline double
log_growth(double alpha, double recency, double age)
{
	double		ratio = (age - recency) / (alpha + recency);

	if (unlikely(ratio > 1e300))
		return log(alpha + age) - log(alpha + recency);
	return log1p(ratio);
}

/* Sums over patterns with the same frequency and recency. */
typedef struct Sums
{
	double		customers;
	double		log_rest;		/* what log_base and recency do not give */
	double		alive;			/* P(alive) */
	double		gone;
	double		alive_l;		/* P(alive) l */
	double		alive_share;	/* P(alive) (T - t) / (alpha + T) */
} Sums;

/*
 * Adds the patterns, from the given one on, that are alike but for their age,
 * and returns how many they are.
 */
static size_t
add_ages(Sums *sums, const ByFrequency *f, double alpha,
		 const Pattern *pattern, size_t count)
{
	double		recency = pattern->recency;
	double		log_odds = f->log_leave - f->log_stay;
	size_t		i;

	for (i = 0; i < count && pattern[i].recency == recency &&
		 pattern[i].frequency == f->frequency; i++)
	{
		double		m = pattern[i].customers;
		double		age = pattern[i].age;
		double		l = log_growth(alpha, recency, age);
		double		alive = 1;
		double		gone = 0;

		if (f->may_be_gone)
		{
			double		q = log_odds + f->shape * l;
			double		e = exp(-fabs(q));
			double		larger = 1 / (1 + e);
			double		smaller = e * larger;

			alive = q > 0 ? smaller : larger;
			gone = q > 0 ? larger : smaller;
			sums->log_rest += m * (log(1 + e) +
								   (q > 0 ? f->log_leave : f->log_stay - f->shape * l));
		}
		else
			sums->log_rest -= m * f->shape * l;
		sums->customers += m;
		sums->alive += m * alive;
		sums->gone += m * gone;
		sums->alive_l += m * alive * l;
		sums->alive_share += m * alive * ((age - recency) / (alpha + age));
	}
	return i;
}

/* The log-likelihood of such patterns; adds to the gradient. */
static double
close_recency(const Sums *sums, const ByFrequency *f, const double *parameter,
			  double recency, double *gradient)
{
	double		r = parameter[BG_R];
	double		alpha = parameter[BG_ALPHA];
	double		until = alpha + recency;
	double		l = log_growth(alpha, 0, recency);

	if (gradient != NULL)
	{
		gradient[BG_R] += sums->customers * (f->by_r - l) - sums->alive_l;
		gradient[BG_ALPHA] += sums->customers *
			(r / alpha * (recency / until) - f->frequency / until) +
			f->shape * (sums->alive_share / until);
		if (f->may_be_gone)
		{
			gradient[BG_A] += sums->customers * f->by_a + sums->gone / parameter[BG_A];
			gradient[BG_B] += sums->customers * f->by_b + sums->alive / f->stay;
		}
	}
	return sums->log_rest + sums->customers * (f->log_base - r * l -
											   (f->frequency > 0 ? f->frequency * log(until) : 0));
}

/* Sums are formed group by group, which also keeps their rounding errors small. */
double
beta_geometric_log_likelihood(const double *parameter, int first,
							  const Pattern *pattern, size_t count,
							  double *gradient)
{
	double		total = 0;
	size_t		i = 0;

	if (gradient != NULL)
		memset(gradient, 0, BG_PARAMETERS * sizeof(double));
	while (i < count)
	{
		ByFrequency f = {0};
		double		sum = 0;
		double		part[BG_PARAMETERS] = {0};

		set_frequency(&f, parameter, first, pattern[i].frequency, gradient != NULL);
		while (i < count && pattern[i].frequency == f.frequency)
		{
			Sums		sums = {0};
			double		recency = pattern[i].recency;

			cv_check_interrupts();
			i += add_ages(&sums, &f, parameter[BG_ALPHA], pattern + i, count - i);
			sum += close_recency(&sums, &f, parameter, recency,
								 gradient != NULL ? part : NULL);
		}
		total += sum;
		for (int k = 0; gradient != NULL && k < BG_PARAMETERS; k++)
			gradient[k] += part[k];
	}
	return total;
}

double
beta_geometric_log_p_alive(const double *parameter, int first, const History *h)
{
	double		n = h->frequency + first;
	double		q;

	if (n == 0)
		return 0;
	q = log(parameter[BG_A] / (parameter[BG_B] + (n - 1))) +
		(parameter[BG_R] + h->frequency) *
		log_growth(parameter[BG_ALPHA], h->recency, h->age);
	return q > 0 ? -q - log1p(exp(-q)) : -log1p(exp(q));
}

BetaFuture
beta_geometric_future(const double *parameter, int first, const History *h)
{
	BetaFuture	f;

	f.shape = parameter[BG_R] + h->frequency;
	f.rate = parameter[BG_ALPHA] + h->age;
	f.a = parameter[BG_A];
	f.b = parameter[BG_B] + (h->frequency + first);
	f.excess = parameter[BG_A] + (parameter[BG_B] - parameter[BG_R]) + (first - 1);
	return f;
}

/*
 * Where a search may begin: how often the average customer buys per time, read
 * once as if nobody left and then with more and more of them leaving, who must
 * have bought faster before.
 */
int
beta_geometric_starts(const Pattern *pattern, size_t count,
					  double start[][MODEL_MAX_PARAMETERS])
{
	static const struct
	{
		double		r,
					faster,
					a,
					b;
	}			guess[] = {
		{0, 1.5, 0.8, 2.5},		/* r: as the variance says */
		{0, 1.05, 0.05, 1},
		{0.3, 3, 1, 1},
		{1, 1.2, 0.5, 5},
		{3, 2, 2, 3},
	};
	double		customers = 0,
				purchases = 0,
				squares = 0,
				ages = 0;
	double		mean,
				variance,
				r;

	for (size_t i = 0; i < count; i++)
	{
		double		m = pattern[i].customers;

		cv_check_interrupts();
		customers += m;
		purchases += m * pattern[i].frequency;
		squares += m * pattern[i].frequency * pattern[i].frequency;
		ages += m * pattern[i].age;
	}
	customers = Max(customers, 1);
	mean = Max(purchases, 0.5) / customers;
	variance = squares / customers - mean * mean;
	r = variance > mean ? mean * mean / (variance - mean) : 5;
	r = Min(Max(r, 0.05), 5);
	ages /= customers;
	if (!(ages > 0))
		ages = 1;
	for (size_t i = 0; i < lengthof(guess); i++)
	{
		start[i][BG_R] = guess[i].r > 0 ? guess[i].r : r;
		start[i][BG_ALPHA] = start[i][BG_R] * ages / (mean * guess[i].faster);
		start[i][BG_A] = guess[i].a;
		start[i][BG_B] = guess[i].b;
	}
	return lengthof(guess);
}

/*
 * Purchases of a customer who never leaves have a negative binomial
 * distribution.  P(at least n of them), n > 0, is
 *
 *   (1 / B(n, r)) int e^(n u) (1 + e^u)^-(n+r) du,  u up to ln(t / alpha),
 *
 * an integrand whose logarithm is concave, with its maximum at ln(n / r).
 * Panels go from the end away from the maximum if that is possible, and the
 * other side is 1 minus this; but not for r < 1, where the other side may be
 * nearly 1: then they go across the maximum, which is not narrow.
 */
static double
log_density(double u, double n, double r)
{
	return u > 0 ? -r * u - (n + r) * log1p(exp(-u)) :
		n * u - (n + r) * log1p(exp(u));
}

static double
integrate_side(double from, double direction, double n, double r, double log_scale)
{
	double		sum = 0;
	double		curvature = sqrt(1 / n + 1 / r);	/* width of the maximum */
	double		u = from;
	double		mode = log(n / r);

	for (;;)
	{
		/* the slope of the logarithm, at this end of the panel */
		double		slope = u > 0 ? (n * exp(-u) - r) / (1 + exp(-u)) :
		(n - r * exp(u)) / (1 + exp(u));
		double		width = Min(1.0, 4 * curvature);
		double		panel = 0;

		width = Min(width, 12 / fabs(slope));
		for (int i = 0; i < GAUSS_NODES; i++)
			panel += gauss_weight[i] *
				exp(log_density(u + direction * width * gauss_node[i], n, r) - log_scale);
		sum += panel * width;
		u += direction * width;
		if ((u - mode) * direction > 0 && panel * width < 1e-18 * sum)
			return sum;
		/* nothing yet, and beyond the maximum nothing more */
		if ((u - mode) * direction > 0 && sum == 0)
			return 0;
		/* the end of a long, even tail, whose rest is a geometric series */
		if ((u - mode) * direction > 40)
			return sum + exp(log_density(u, n, r) - log_scale) / (direction > 0 ? r : n);
		cv_check_interrupts();
	}
}

static double
at_least(double n, double r, double s)
{
	double		u = log(s);
	double		log_scale;

	if (s == 0)
		return 0;
	log_scale = log_beta(n, r);
	if (s > n / r && r >= 1)
		return 1 - integrate_side(u, 1, n, r, log_scale);
	return Min(integrate_side(u, -1, n, r, log_scale), 1);
}

/* P(exactly n purchases of a customer who never leaves). */
static double
exactly(double n, double r, double s)
{
	double		log_count;

	if (n == 0)
		return exp(-r * log1p(s));
	if (s == 0)
		return 0;
	/* Gamma(r + n) / (Gamma(r) n!) */
	log_count = -log_beta(r, n) - log(n);
	return exp(log_count + log_density(log(s), n, r));
}

/*
 * Fader, Hardie and Lee 2005, equation 8: either n purchases in all, after each
 * of which he stayed, or n and no more, as he left after the last.
 */
double
beta_geometric_probability(const double *parameter, int first, int64 n, double horizon)
{
	double		r = parameter[BG_R];
	double		a = parameter[BG_A];
	double		b = parameter[BG_B];
	double		s = horizon / parameter[BG_ALPHA];
	double		count = (double) n;
	double		chances = count + first;
	double		stayed,
				result;

	s = Min(s, 1e300);
	if (chances == 0)
		return exactly(0, r, s);

	/*
	 * (b)_(chances-1) / (a + b)_chances, from whichever are the shorter
	 * products
	 */
	stayed = chances - 1 < a ?
		exp(log_rising(b, chances - 1) - log_rising(a + b, chances)) :
		exp(log_rising(b, a) - log_rising(b + (chances - 1), a + 1));
	result = stayed * ((b + (chances - 1)) * exactly(count, r, s) +
					   a * (n > 0 ? at_least(count, r, s) : 1));
	return Min(result, 1);
}
