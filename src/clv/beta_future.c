/*
 * beta_future.c
 *		What is to come from a customer of BG/NBD or MBG/NBD who is alive.
 *
 * His rate has a gamma distribution with shape R and rate A, his probability
 * p to drop out after a purchase a beta distribution with parameters a and b.
 * Given these, purchases within t are (1 - e^(-rate p t)) / p, so that, with
 * s = t / A,
 *
 *   purchases  G(s) = E [1 - (1 + p s)^-R] / p,
 *   their pace G'(s) / A = (R / A) E (1 + p s)^-(R+1),
 *   alive      H(s) = E (1 + p s)^-R,
 *
 * expectations over p.  With C = a + b - 1, G is the closed form of Fader,
 * Hardie and Lee 2005, equation 10,
 *
 *   C / (a - 1) [1 - (1 + s)^-R 2F1(R, b; C; z)],  z = s / (1 + s),
 *
 * in which nearly everything can cancel.  We have three other forms.
 *
 * 1. By Euler's transformation of 2F1 (Abramowitz and Stegun 15.3.3), with
 *    L = ln(1 + s) and e = C - R,
 *
 *      G = C (1 - e^(-(a-1) L)) / (a - 1) - e^(-(a-1) L) U,
 *      U = sum over k > 0 of (a)_(k-1) (e)_k / (C + 1)_(k-1) z^k / k!,
 *
 *    with nothing to cancel at a = 1 and few terms.  It cancels where e is
 *    large.  We add up absolute values, too, and so know when.
 * 2. The sum over numbers of purchases n of their negative binomial
 *    probability times the expected number that happen before he leaves, the
 *    sum of (b)_j / (a + b)_j over j < n.  All terms are positive, but they
 *    may be many.
 * 3. Quadrature over p, which is always right and takes a bounded time.
 */
#include "clv/beta_geometric.h"

#include <float.h>
#include <math.h>

#include "clv/quadrature.h"
#include "clv/specfun.h"

/* Terms of a series before it is given up. */
#define MOST_TERMS 400

/* Rounding errors may grow by this factor before a result is given up. */
#define MOST_CANCELLATION 500

/* Terms computed together. */
#define BLOCK 8

/* Where a term of a series is nothing beside its sum. */
#define NEGLIGIBLE 1e-16

/* s = horizon / A, not infinite. */
static double
relative_horizon(const BetaFuture *f, double horizon)
{
	return Min(horizon / f->rate, 1e300);
}

/*
 * The first form; false if it does not give the result to all digits.
 *
 * Terms come in blocks, whose ratios do not wait for each other.  These go
 * smoothly to z, so that what is left after a block is nearly a geometric
 * series; it is off by about the second difference, (term) (change of ratio)
 * / (1 - ratio)^2.
 */
static bool
purchases_by_euler(const BetaFuture *f, double s, double *result)
{
	double		z = s / (1 + s);
	double		l = log1p(s);
	double		both = f->a + f->b; /* C + 1, to all digits if it is tiny */
	double		grown = expm1((1 - f->a) * l);
	double		factor = grown > -0.5 ? 1 + grown : exp((1 - f->a) * l);
	double		first_part = fabs(f->a - 1) * l > 1e-8 ? grown / (1 - f->a) :
	expm1_ratio(f->a - 1, l);
	double		term = f->excess * z;
	double		sum = 0;
	double		absolute = 0;
	double		enough = NEGLIGIBLE * (1 - z) * (1 - z);

	for (int start = 1; start < MOST_TERMS; start += BLOCK)
	{
		double		next[BLOCK];
		double		left;

		for (int i = 0; i < BLOCK; i++)
		{
			double		k = start + i;

			next[i] = z * (f->a + (k - 1)) * (f->excess + k) / ((both + (k - 1)) * (k + 1));
		}
		for (int i = 0; i < BLOCK; i++)
		{
			sum += term;
			absolute += fabs(term);
			term *= next[i];
		}
		left = fabs(next[BLOCK - 1] - z) < 0.5 * (1 - z) ?
			fabs(term * (next[BLOCK - 1] - next[BLOCK - 2])) : fabs(term);
		if (left <= enough * absolute)
		{
			sum += term / (1 - next[BLOCK - 1]);
			*result = (both - 1) * first_part - factor * sum;
			/* "both" rather than C, for the subtraction of 1 may cancel, too */
			return ((both + 1) * first_part + factor * absolute) *
				(1 + 0.1 * fabs(f->a - 1) * l) < MOST_CANCELLATION * *result;
		}
	}
	return false;
}

/* The second form. */
static bool
purchases_by_number(const BetaFuture *f, double s, double *result)
{
	double		w = s / (1 + s);
	double		l = log1p(s);
	double		mean = f->shape * s;
	double		most = mean + 9 * sqrt(mean * (1 + s)) + 40 * (1 + s);
	double		probability,
				before = 0,
				stay = 1,
				sum = 0;

	if (f->shape * l > 600 || most > 4 * MOST_TERMS)
		return false;
	probability = exp(-f->shape * l);
	for (double n = 0; n < most; n += 1)
	{
		double		term;

		probability *= (f->shape + n) * w / (n + 1);
		before += stay;
		stay *= (f->b + n) / (f->a + f->b + n);
		term = probability * before;
		sum += term;
		if (n > mean && term * (1 + s) < NEGLIGIBLE * sum)
			break;
	}
	*result = sum;
	return true;
}

/*
 * Quadrature over p, for expectations of a function that does not increase
 * with p.
 *
 * With u = ln(p / (1 - p)), the density is p^a (1 - p)^b, and what we have
 * expectations of has all its singularities at imaginary parts of u from
 * pi / 2 on, so that the trapezoidal rule with steps of 1/5 is exact to a
 * double (the error for a gamma density is Gamma(a + 2 pi i / step) /
 * Gamma(a)); with smaller steps where the density is a narrow peak.  Beyond the
 * features of the functions its tails are exponential, and long if a or b is
 * tiny: there u runs away exponentially, u = v - e^(left - v) + e^(v - right).
 * The sum of the weights is the norm, so that their common errors cancel.
 */
typedef struct Future
{
	const BetaFuture *f;
	double		s;				/* horizon, in units of A */
	double		delta;			/* discount rate, per A */
	double		power;			/* of 1 / (1 + p v), if discounted */
} Future;

typedef double (*OfP) (const Future *future, double p);

typedef struct Nodes
{
	double		left,
				right;			/* where the tails begin */
	double		center;
	double		a,
				b;
	double		log_scale;
} Nodes;

static double
log_weight(const Nodes *t, double u)
{
	double		e = log1p(exp(-fabs(u)));

	return t->a * -(u > 0 ? e : e - u) - t->b * (u > 0 ? u + e : e);
}

/* Nodes to one side before a result is given up, and is NaN. */
#define MOST_NODES 1000000

/* Adds one side's nodes, from the given one on. */
static void
add_side(const Nodes *t, double v, double step, OfP function,
		 const Future *future, double highest, double *weights, double *sum)
{
	for (int i = 0;; i++, v += step)
	{
		double		out_left = exp(t->left - v);
		double		out_right = exp(v - t->right);
		double		u = v - out_left + out_right;
		double		weight = (1 + out_left + out_right) *
		exp(log_weight(t, u) - t->log_scale);
		double		value = function(future, u < 0 ? exp(u) / (1 + exp(u)) : 1 / (1 + exp(-u)));
		double		most = weight * (step < 0 ? highest : value);

		if (i % 256 == 255)
			cv_check_interrupts();
		if (i == MOST_NODES)
			weight = NAN;		/* far beyond anything that is ever fitted */
		*weights += weight;
		*sum += weight * value;
		if (isnan(weight) || (weight < 1e-19 * *weights && most <= 1e-19 * *sum))
			break;
	}
}

static double
expectation(const BetaFuture *f, OfP function, const Future *future,
			double highest, double scale, double finest)
{
	Nodes		t;
	double		weights = 0;
	double		sum = 0;
	double		step;

	t.a = f->a;
	t.b = f->b;
	t.left = -log(Max(Max(scale, f->b), 1)) - 1;
	t.right = log(Max(Max(f->shape, f->a), 1)) + 1;
	t.center = Min(Max(log(f->a / f->b), t.left), t.right);
	t.log_scale = log_weight(&t, t.center);
	step = Min(0.2, Min(finest, 0.45 * sqrt(1 / f->a + 1 / f->b)));
	add_side(&t, t.center, -step, function, future, highest, &weights, &sum);
	add_side(&t, t.center + step, step, function, future, highest, &weights, &sum);
	return sum / weights;
}

static double
purchases_given(const Future *future, double p)
{
	if (p < 1e-290)
		return future->f->shape * future->s;
	return -expm1(-future->f->shape * log1p(p * future->s)) / p;
}

double
beta_future_purchases(const BetaFuture *f, double horizon)
{
	double		s = relative_horizon(f, horizon);
	Future		future = {.f = f,.s = s};
	double		result;

	if (!(s > 0))
		return 0;
	if (purchases_by_euler(f, s, &result) || purchases_by_number(f, s, &result))
		return result;
	return expectation(f, purchases_given, &future, f->shape * s,
					   Max(s, f->shape * s), 1);
}

/*
 * Discounted, in units of A: the integral of e^(-delta v) E (1 + p v)^-k over
 * v up to s, where k is R for the time alive and R + 1 for purchases (which
 * are R times the integral).
 *
 * Given p, with e^y = 1 + p v and z = delta / p, it is 1/p times the integral
 * of e^(-z (e^y - 1) - (k - 1) y) over y.
 */
static double
discounted_given(const Future *future, double p)
{
	double		z = future->delta / p;
	double		end = isinf(future->s) ? INFINITY : log1p(p * future->s);
	double		k = future->power - 1;
	double		y = 0;
	double		sum = 0;

	if (p < 1e-290)
		return expm1_ratio(future->delta, future->s);
	if (future->delta == 0)
		return expm1_ratio(k, end) / p;
	while (y < end)
	{
		double		growth = exp(y);
		double		width = Min(end - y, Min(2, 10 / (z * growth + fabs(k))));
		double		panel = 0;

		for (int i = 0; i < GAUSS_NODES; i++)
		{
			double		x = y + width * gauss_node[i];

			panel += gauss_weight[i] * exp(-z * expm1(x) - k * x);
		}
		sum += panel * width;
		if (!(y + width > y))
			break;
		y += width;
		cv_check_interrupts();
		if (exp(-z * expm1(y) - k * y) * Min(end - y, 1 / (z * exp(y) + Max(k, 0))) <
			NEGLIGIBLE * sum)
			break;
	}
	return sum / p;
}

/*
 * Where z is not near 1, E (1 + p v)^-k is one of the series
 *
 *   (1 + v)^-a 2F1(a, a + b - k; a + b; z)  =  (1 + v)^-k 2F1(k, b; a + b; z),
 *
 * the coefficients of which are the same for all v.  The first has fewer
 * terms, the second is positive.
 */
typedef struct Series
{
	double		power;			/* of 1 / (1 + v) */
	int			terms;
	double		last;			/* the largest z */
	double		coefficient[MOST_TERMS];	/* of powers of z / last */
} Series;

static bool
make_series(Series *series, double power, double x, double y, double c, double z)
{
	double		term = 1;
	double		sum = 0;
	double		absolute = 0;
	double		enough = NEGLIGIBLE * (1 - z);

	series->power = power;
	series->last = z;
	for (int i = 0; i < MOST_TERMS; i++)
	{
		double		next = z * (x + i) * (y + i) / ((c + i) * (1.0 + i));

		series->coefficient[i] = term;
		sum += term;
		absolute += fabs(term);
		if (fabs(term) <= enough * absolute && fabs(next) < 1)
		{
			series->terms = i + 1;
			return absolute < MOST_CANCELLATION * sum;
		}
		term *= next;
	}
	return false;
}

/* Past this the series have too many terms. */
#define SERIES_UP_TO 12.0

static bool
discounted_by_series(const Future *future, double *result)
{
	const BetaFuture *f = future->f;
	double		end = Min(future->s, 45 / future->delta);
	double		k = future->power;
	double		c = f->a + f->b;
	double		z = end / (1 + end);
	double		from = 0;
	double		sum = 0;
	double		fastest;
	Series		series;

	if (end > SERIES_UP_TO)
		return false;
	if (!make_series(&series, f->a, f->a, f->excess + 1 + (f->shape - k), c, z) &&
		!make_series(&series, k, k, f->b, c, z))
		return false;

	/* Of rate times p, hardly any customer has more than this. */
	fastest = (f->shape + 6 * sqrt(f->shape) + 12) *
		Min(1, (f->a + 6 * sqrt(f->a) + 12) / c);
	if (end * fastest > 4000)
		return false;
	while (from < end)
	{
		double		width = Min(end - from,
								Max(20 / (future->delta + fastest), from));
		double		at[GAUSS_NODES];
		double		value[GAUSS_NODES] = {0};

		for (int i = 0; i < GAUSS_NODES; i++)
		{
			double		v = from + width * gauss_node[i];

			at[i] = v / (1 + v) / series.last;
		}
		for (int j = series.terms - 1; j >= 0; j--)
		{
			for (int i = 0; i < GAUSS_NODES; i++)
				value[i] = value[i] * at[i] + series.coefficient[j];
		}
		for (int i = 0; i < GAUSS_NODES; i++)
		{
			double		v = from + width * gauss_node[i];

			sum += width * gauss_weight[i] * value[i] *
				exp(-future->delta * v - series.power * log1p(v));
		}
		if (!(from + width > from))
			break;
		from += width;
	}
	*result = sum;
	return true;
}

/*
 * H.  Where it is small, it is of a p far below the density's mode, about
 * which the product is a peak of its own, at least as wide as that of a gamma
 * density of shape 2 a.
 */
static double
alive_given(const Future *future, double p)
{
	return exp(-future->f->shape * log1p(p * future->s));
}

double
beta_future_survival(const BetaFuture *f, double horizon)
{
	double		s = relative_horizon(f, horizon);
	Future		future = {.f = f,.s = s};
	Series		series;
	double		z = s / (1 + s);

	if (!(s > 0))
		return 1;
	if (s <= SERIES_UP_TO &&
		make_series(&series, f->a, f->a, f->excess + 1, f->a + f->b, z))
	{
		double		sum = 0;

		for (int i = 0; i < series.terms; i++)
			sum += series.coefficient[i];
		return Min(sum * exp(-f->a * log1p(s)), 1);
	}
	return Min(expectation(f, alive_given, &future, 1,
						   Max(s, f->shape * s), 0.45 / sqrt(2 * f->a)), 1);
}

static double
discounted(const BetaFuture *f, double power, double horizon, double rate)
{
	Future		future;
	double		result;

	future.f = f;
	future.s = isinf(horizon) ? INFINITY : relative_horizon(f, horizon);
	future.delta = Min(rate * f->rate, 1e300);
	future.power = power;
	if (!(future.s > 0))
		return 0;
	if (discounted_by_series(&future, &result))
		return result;
	/* Discounting ends the time that the integrand matters. */
	return expectation(f, discounted_given, &future,
					   expm1_ratio(future.delta, future.s),
					   Max(f->shape, 1) * Min(future.s, 1 / future.delta), 1);
}

double
beta_future_discounted_purchases(const BetaFuture *f, double horizon, double rate)
{
	if (rate == 0 && isinf(horizon))
		return f->a > 1 ? (f->a + f->b - 1) / (f->a - 1) : INFINITY;
	if (rate == 0)
		return beta_future_purchases(f, horizon);
	return f->shape * discounted(f, f->shape + 1, horizon, rate);
}

double
beta_future_discounted_lifetime(const BetaFuture *f, double horizon, double rate)
{
	if (rate == 0 && isinf(horizon))
		return f->a > 1 && f->shape > 1 ?
			f->rate / (f->shape - 1) * ((f->a + f->b - 1) / (f->a - 1)) : INFINITY;
	return f->rate * discounted(f, f->shape, horizon, rate);
}
