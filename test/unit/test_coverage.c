/*
 * test_coverage.c
 *		Do 95 % intervals cover the truth 95 times in 100?
 *
 * Customers are simulated from known parameters, models fitted to them, and
 * the truths counted that lie within 1.96 standard errors.
 *
 *		build/test_coverage 25		25 samples of each setting, by hand
 */
#include <math.h>

#include "clv/fit.h"
#include "clv/patterns.h"
#include "tap.h"

#define CUSTOMERS 100000

static uint64 state[2] = {UINT64CONST(0x9E3779B97F4A7C15), UINT64CONST(0xD1B54A32D192ED03)};

/* xoroshiro128+ (Blackman and Vigna) */
static double
uniform(void)
{
	uint64		a = state[0];
	uint64		b = state[1];
	uint64		sum = a + b;

	b ^= a;
	state[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
	state[1] = b << 37 | b >> 27;
	return ((sum >> 11) + 0.5) / 9007199254740992.0;
}

static double
exponential(void)
{
	return -log(uniform());
}

static double
normal(void)
{
	return sqrt(2 * exponential()) * cos(2 * M_PI * uniform());
}

/* Marsaglia and Tsang 2000; below shape 1 by the usual power of a uniform. */
static double
gamma_variate(double shape)
{
	double		d,
				c;

	if (shape < 1)
		return gamma_variate(shape + 1) * pow(uniform(), 1 / shape);
	d = shape - 1.0 / 3;
	c = 1 / sqrt(9 * d);
	for (;;)
	{
		double		x = normal();
		double		v = 1 + c * x;

		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(uniform()) < 0.5 * x * x + d - d * v + d * log(v))
			return d * v;
	}
}

static double
beta_variate(double a, double b)
{
	double		x = gamma_variate(a);

	return x / (x + gamma_variate(b));
}

typedef struct Setting
{
	const ModelClass *model;
	double		parameter[MODEL_MAX_PARAMETERS];
	double		youngest;
	double		oldest;
} Setting;

/* One customer's purchases as the model of the setting has them. */
static void
simulate(const Setting *s, PatternTable *table)
{
	const double *p = s->parameter;
	double		age = s->youngest + (s->oldest - s->youngest) * uniform();
	double		rate = gamma_variate(p[0]) / p[1];
	double		death = INFINITY;
	double		dropout = 0;
	double		time = 0;
	double		last = 0;
	double		frequency = 0;
	bool		alive = true;

	if (s->model == &pareto_nbd_model)
		death = exponential() / (gamma_variate(p[2]) / p[3]);
	else
		dropout = beta_variate(p[2], p[3]);
	if (s->model == &mbgnbd_model)
		alive = uniform() >= dropout;
	while (alive)
	{
		time += exponential() / rate;
		if (time > age || time > death)
			break;
		last = time;
		frequency += 1;
		if (dropout > 0)
			alive = uniform() >= dropout;
	}
	patterns_add(table, frequency, last, age, 1);
}

static int
count_covered(const Setting *s)
{
	PatternTable table;
	Pattern    *pattern;
	Fit			fit;
	int			covered = 0;

	patterns_open(&table, calloc(PATTERN_FIRST_SLOTS, sizeof(Pattern)));
	for (int i = 0; i < CUSTOMERS; i++)
		simulate(s, &table);
	pattern = patterns_sorted(&table);
	model_fit(s->model, pattern, table.used, &fit);
	if (!fit.converged || fit.diagnosis[0])
		printf("# %s: %s\n", s->model->name, fit.diagnosis);
	for (int i = 0; i < s->model->parameters; i++)
		covered += fit.has_error[i] &&
			fabs(fit.parameter[i] - s->parameter[i]) < 1.959964 * sqrt(fit.covariance[i][i]);
	cv_free(pattern);
	cv_free(table.slot);
	return covered;
}

static const Setting settings[] = {
	{&bgnbd_model, {0.243, 4.414, 0.793, 2.426}, 27, 39},
	{&bgnbd_model, {1.5, 10, 0.5, 4}, 20, 60},
	{&bgnbd_model, {0.6, 2, 2, 6}, 50, 100},
	{&bgnbd_model, {4, 20, 1, 1}, 10, 40},
	{&mbgnbd_model, {0.525, 6.18, 0.891, 1.614}, 27, 39},
	{&mbgnbd_model, {1.2, 8, 0.6, 3}, 30, 90},
	{&mbgnbd_model, {0.4, 3, 1.5, 5}, 52, 104},
	{&pareto_nbd_model, {0.553, 10.58, 0.606, 11.67}, 27, 39},
	{&pareto_nbd_model, {1, 5, 0.5, 20}, 40, 80},
	{&pareto_nbd_model, {2.5, 30, 1.5, 40}, 50, 150},
	{&pareto_nbd_model, {0.3, 2, 0.8, 50}, 30, 60},
	{&pareto_nbd_model, {5, 20, 1, 5}, 10, 30},
};

int
main(int argc, char **argv)
{
	int			samples = argc > 1 ? atoi(argv[1]) : 1;
	int			all = 0;
	int			covered = 0;
	double		expected;
	double		spread;

	for (size_t i = 0; i < lengthof(settings); i++)
	{
		int			here = 0;

		for (int k = 0; k < samples; k++)
			here += count_covered(&settings[i]);
		printf("# %s %g %g %g %g: %d of %d\n", settings[i].model->name, settings[i].parameter[0], settings[i].parameter[1],
			   settings[i].parameter[2], settings[i].parameter[3], here, 4 * samples);
		covered += here;
		all += 4 * samples;
	}
	expected = 0.95 * all;

	/* the four of one fit hang together, so count as one, at worst */
	spread = sqrt(0.95 * 0.05 * all) * 2;
	ok(fabs(covered - expected) < 2.6 * spread, "%d of %d truths within their intervals of 95 %%: %.1f %%",
	   covered, all, 100.0 * covered / all);
	return done_testing("coverage");
}
