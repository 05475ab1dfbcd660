/*
 * test_pareto_nbd.c
 *		The Pareto/NBD model and the NBD: against numbers of 50 digits, the
 *		public data sets, and laws they obey.
 */
#include "common/host.h"

#include <math.h>

#include "clv/model.h"
#include "tap.h"

/* ---------------------------------------------------------------- helpers */

/* Relative, but absolute below 1. */
static double
error_of(double got, double expected)
{
	if (got == expected || (isnan(expected) && isnan(got)))
		return 0;
	got = fabs(got - expected) / fmax(1, fabs(expected));
	return isnan(got) ? INFINITY : got;
}

static double
relative_error(double got, double expected)
{
	got = fabs(got - expected) / fabs(expected);
	return isnan(got) ? INFINITY : got;
}

static double
worse(double worst, double error)
{
	return error > worst ? error : worst;
}

static Pattern
pattern_of(const History *h)
{
	Pattern		p = {.frequency = h->frequency, .recency = h->recency, .age = h->age, .customers = 1};

	return p;
}

static double
log_likelihood_of(const ModelClass *model, const double *parameter, const History *h, double *gradient)
{
	Pattern		p = pattern_of(h);

	return model->log_likelihood(parameter, &p, 1, gradient);
}

static double
log_of_purchases(const double *parameter, const History *h, double horizon)
{
	return pareto_nbd_model.log_p_alive(parameter, h) +
		log(pareto_nbd_model.purchases(parameter, h, horizon));
}

static double
p_alive(const double *parameter, double frequency, double recency, double age)
{
	History		h = {frequency, recency, age};

	return exp(pareto_nbd_model.log_p_alive(parameter, &h));
}

/* ---------------------------------------------------------------- the 50 digits */

typedef struct Case
{
	double		parameter[4];
	History		h;
	double		horizon;
	double		rate;
	double		log_likelihood;
	double		log_p_alive;
	double		log_purchases;	/* that of being alive included */
	double		log_residual;	/* the same, discounted, for ever */
	double		log_discounted; /* discounted, within the horizon, if alive */
	double		gradient[4];
} Case;

/*
 * Our own, by mpmath with 50 digits: the integrals over the time of death by
 * its adaptive quadrature, the likelihood in terms of its gamma functions.
 */
static const Case cases[] = {
	{{0.55, 10.58, 0.61, 11.67}, {2, 30.43, 38.86}, 39, 0.0027,
	-9.5619812608429639, -0.14109026950924202, 0.37181964418522279, 1.8618680782399905, 0.46376429301241308,
	{0.93503823639287712, -3.3619440522289104e-4, -1.2366468905559968, 0.037146599243048761}},
	{{0.55, 10.58, 0.61, 11.67}, {0, 0, 38.86}, 39, 0.0027,
	-0.51702515088753849, -1.2249446833413317, -2.2459651295728221, -0.75591669551805434, -1.0701660669135421,
	{-0.85324427307907906, 0.026180274725338476, 0.353014080852617, -0.012852468286923553}},
	{{1e-06, 3, 0.5, 20}, {3, 2.5, 40}, 10, 0.1,
	-21.28622916176746, -3.6690418696400629, -4.0683243325642456, -4.0996563134695262, -0.8516381418095337,
	{1.0000004735679294e+6, -0.38569719112071495, 1.689070670432407, -0.033308761989847867}},
	{{0.8, 5, 1e-06, 20}, {1, 7, 40}, 52, 0.01,
	-5.7875838228662939, -2.9786994998410119e-6, 0.73236457068138471, 1.3862905544870974, 0.48360896363098998,
	{-0.94722203881478419, 0.1199998235370404, 1.8800844060416381, -5.4234146982894601e-8}},
	{{2, 4, 1.0000000000009095, 9}, {4, 8, 25}, 100, 0.02,
	-10.181114442888037, -3.7917160192901309, -1.5250019350997125, -2.1068450947033553, 1.6328424121834859,
	{0.017531818495336302, 0.070887920223771049, 0.21769138641652426, 6.9159864551465144e-3}},
	{{2, 4, 1, 9}, {4, 8, 25}, 100, 0.02,
	-10.181114442888235, -3.7917160192887241, -1.525001935097682, -2.1068450947014489, 1.632842412183934,
	{0.017531818495299028, 0.070887920223783694, 0.21769138641735238, 6.915986455096599e-3}},
	{{0.7, 2e-06, 0.9, 500000}, {6, 11, 30}, 9, 0.05,
	-26.207293102734802, -2.8715802909673849e-3, 0.69525497565885061, 1.4937347755785096, 0.48155046867913355,
	{-13.475525559947149, 349999.77581811294, 3.1261658259416263e-3, -5.6269495815709763e-9}},
	{{0.7, 500000, 0.9, 2e-06}, {6, 11, 30}, 9, 0.05,
	-86.939149577523006, -0.90307083466286575, -10.047063819069937, -9.4890879873555587, -9.351760801109719,
	{3.0456067019175167, -1.1999394129428748e-5, -15.520179493573255, 449999.91817707374}},
	{{3, 8, 2, 8.000000000000227}, {12, 20, 52}, 26, 0.003,
	-23.89224341776708, -10.816332429430666, -9.3045329865604806, -8.4399300115807746, 1.4777080410795951,
	{0.43996351323131935, -0.13094788134709281, -0.8116088478489741, 0.14881075821450803}},
	{{400000, 900000, 300000, 2000000.0}, {3, 1.5, 6}, 2, 0.2,
	-4.5156612008732079, -1.4837983755447207, -1.7478329125374113, -1.2449037359816995, -0.44744782175376746,
	{3.5402897572237152e-6, -1.573461469385894e-6, 7.955542277478957e-7, -1.1933287185238555e-7}},
	{{1.5, 6, 0.4, 30}, {100000, 500, 520}, 10000, 1e-06,
	428631.1558065454, -3864.0517334483009, -3850.3972159746191, -3847.6045027801902, 13.650347846123523,
	{7.0416582910700654, -197.37944666673057, -0.37168917188280607, 0.010691849117617691}},
	{{0.5, 1e-06, 0.5, 1e-06}, {2, 3, 1000000}, 100000, 1,
	-19.190789965648272, -36.358934338663605, -37.769340093826966, -49.258154664754099, -12.899220326090494,
	{-12.58078984663233, 499999.37500020836, -13.247456513298997, 499999.62500012502}},
	{{0.55, 10.58, 300000, 6000000.0}, {5, 39, 39}, 39, 1e-09,
	-18.758887324863922, 0.0, 0.65247761487621413, 0.80595248802279055, 0.65247760134523451,
	{1.8123482316978958, -0.059955421380808619, -6.4999788750915412e-6, 3.2499788751373116e-7}},
	{{12, 0.02, 0.3, 0.01}, {30, 1e-06, 2e-06}, 1e-06, 50,
	213.88836434143302, -3.0027015615735706e-5, -6.1659629527320524, 3.4751433012128452, -6.1659579254873012,
	{1.2829559437120173, -1499.7900225746179, -9.9889951665624609e-5, 2.996548990082561e-3}},
};

static void
test_cases(void)
{
	for (size_t i = 0; i < lengthof(cases); i++)
	{
		const Case *c = &cases[i];
		double		gradient[4];
		double		value = log_likelihood_of(&pareto_nbd_model, c->parameter, &c->h, gradient);
		double		alive = pareto_nbd_model.log_p_alive(c->parameter, &c->h);
		double		slope = 0;

		for (int k = 0; k < 4; k++)
			slope = worse(slope, error_of(gradient[k], c->gradient[k]));
		ok(error_of(value, c->log_likelihood) < 1e-12 && slope < 1e-12,
		   "case %zu: likelihood %.17g, gradient off by %.1e", i, value, slope);
		ok(error_of(alive, c->log_p_alive) < 1e-12 &&
		   error_of(log_of_purchases(c->parameter, &c->h, c->horizon), c->log_purchases) < 1e-12,
		   "case %zu: P(alive) and purchases", i);
		ok(error_of(alive + log(pareto_nbd_model.discounted_purchases(c->parameter, &c->h, INFINITY,
																	  c->rate)),
					c->log_residual) < 1e-12 &&
		   error_of(log(pareto_nbd_model.discounted_purchases(c->parameter, &c->h, c->horizon, c->rate)),
					c->log_discounted) < 1e-12,
		   "case %zu: discounted purchases", i);
	}
}

/* The same customer often enough that the times are shared. */
static void
test_shared_times(void)
{
	static Pattern pattern[200];
	double		worst = 0;

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		const Case *c = &cases[i];
		double		gradient[4];
		double		value;

		for (size_t j = 0; j < lengthof(pattern); j++)
		{
			pattern[j] = pattern_of(&c->h);
			pattern[j].customers = 1.0 / lengthof(pattern);
		}
		value = pareto_nbd_model.log_likelihood(c->parameter, pattern, lengthof(pattern), gradient);
		worst = worse(worst, error_of(value, c->log_likelihood));
		for (int k = 0; k < 4; k++)
			worst = worse(worst, error_of(gradient[k], c->gradient[k]));
	}
	ok(worst < 1e-12, "many customers alike: off by %.1e", worst);
}

/* Weekly times, all that there can be: together, and one by one. */
static void
test_together(void)
{
	static const double parameters[][4] = {
		{0.55, 10.58, 0.61, 11.67}, {2, 0.01, 0.3, 50}, {30, 200, 5, 3}, {1e-6, 40, 1e-6, 40}
	};
	static Pattern pattern[20000];

	for (size_t i = 0; i < lengthof(parameters); i++)
	{
		size_t		count = 0;
		double		one[4];
		double		sum[4] = {0, 0, 0, 0};
		double		gradient[4];
		double		size[4] = {0, 0, 0, 0};
		double		value,
					direct = 0,
					worst = 0;

		for (int x = 0; x < 300; x += x < 20 ? 1 : 17)
			for (int recency = x > 0; recency <= (x > 0 ? 30 : 0); recency += 3)
				for (int age = Max(recency, 20); age <= 40; age++)
				{
					History		h = {x, recency, age};

					pattern[count] = pattern_of(&h);
					pattern[count].customers = 1 + count % 3;
					count++;
				}
		value = pareto_nbd_model.log_likelihood(parameters[i], pattern, count, gradient);
		for (size_t j = 0; j < count; j++)
		{
			direct += pareto_nbd_model.log_likelihood(parameters[i], &pattern[j], 1, one);
			for (int k = 0; k < 4; k++)
			{
				sum[k] += one[k];
				size[k] += fabs(one[k]);
			}
		}
		for (int k = 0; k < 4; k++)
			worst = worse(worst, fabs(gradient[k] - sum[k]) / fmax(size[k], count));
		ok(relative_error(value, direct) < 1e-13 && worst < 1e-13,
		   "%zu patterns together or alone: %.17g, gradient off by %.1e", count, value, worst);
		ok(pareto_nbd_model.log_likelihood(parameters[i], pattern, count, NULL) == value,
		   "the same bits without a gradient");
	}
}

/* ---------------------------------------------------------------- laws */

static void
test_gradient(const ModelClass *model, const double *parameter)
{
	static const History histories[] = {
		{0, 0, 30}, {1, 12, 30}, {5, 29.5, 30}, {5, 30, 30}, {70, 20, 31}, {0, 0, 0}
	};
	double		worst = 0;

	for (size_t i = 0; i < lengthof(histories); i++)
	{
		double		gradient[4];

		log_likelihood_of(model, parameter, &histories[i], gradient);
		for (int k = 0; k < model->parameters; k++)
		{
			double		at[4];
			double		step = 1e-3 * parameter[k];
			double		value[4];

			for (int j = 0; j < 4; j++)
			{
				memcpy(at, parameter, model->parameters * sizeof(double));
				at[k] += (j < 2 ? j - 2 : j - 1) * step;
				value[j] = log_likelihood_of(model, at, &histories[i], NULL);
			}
			/* Four points, exact for polynomials of degree four. */
			worst = worse(worst, error_of(gradient[k], (value[0] - 8 * value[1] + 8 * value[2] -
														value[3]) / (12 * step)));
		}
	}
	ok(worst < 1e-9, "%s: gradient and differences are %.1e apart", model->name, worst);
}

static void
test_laws(void)
{
	const double *parameter = cases[0].parameter;
	double		homogeneous[4] = {0.55, 10.58, 1e-15, 11.67};
	History		h = {3, 20, 30};
	History		fresh = {0, 0, 0};
	History		later = {0, 0, 13};
	double		before = 1.1;
	bool		falls = true;
	double		whole,
				parts;
	double		total = 0,
				mean = 0;

	for (double age = 20; age < 1e6; age = age * 1.3 + 1)
	{
		double		p = p_alive(parameter, 3, 20, age);

		falls = falls && p < before && p > 0;
		before = p;
	}
	ok(falls, "P(alive) falls with inactivity");
	ok(p_alive(parameter, 3, 30, 30) == 1, "who has just purchased is alive");
	ok(p_alive(parameter, 30, 20, 30) < p_alive(parameter, 3, 20, 30),
	   "the same inactivity tells more of a frequent customer");

	/* Who is alive after 13 without a purchase is as after 13 of anything. */
	whole = pareto_nbd_model.purchases(parameter, &fresh, 52);
	parts = pareto_nbd_model.purchases(parameter, &fresh, 13) +
		(0.55 / 10.58) * pow(11.67 / 24.67, 0.61) *
		pareto_nbd_model.discounted_lifetime(parameter, &later, 39, 0);
	ok(relative_error(parts, whole) < 1e-14, "horizons add up");
	ok(relative_error(pareto_nbd_model.purchases(homogeneous, &h, 52), (3.55 / 40.58) * 52) < 1e-12,
	   "who does not die purchases in proportion to time");
	ok(relative_error(log_likelihood_of(&pareto_nbd_model, homogeneous, &h, NULL),
					  log_likelihood_of(&nbd_model, homogeneous, &h, NULL)) < 1e-13,
	   "without death, the model is the NBD");

	ok(pareto_nbd_model.discounted_purchases(parameter, &h, 52, 0) ==
	   pareto_nbd_model.purchases(parameter, &h, 52), "rate 0 is undiscounted, to the bit");
	before = pareto_nbd_model.purchases(parameter, &h, 52);
	falls = true;
	for (double rate = 1e-12; rate < 1e12; rate *= 7)
	{
		double		value = pareto_nbd_model.discounted_purchases(parameter, &h, 52, rate);

		falls = falls && value <= before * (1 + 1e-15) && value > 0;
		before = value;
	}
	ok(falls, "the greater the rate, the fewer discounted purchases");
	ok(relative_error(pareto_nbd_model.discounted_lifetime(parameter, &h, INFINITY, 1e9), 1e-9) < 1e-9,
	   "at a high rate only the next moment counts");
	ok(isinf(pareto_nbd_model.purchases(parameter, &h, INFINITY)), "infinite, for lives of infinite mean");
	homogeneous[2] = 3;
	ok(pareto_nbd_model.discounted_lifetime(homogeneous, &fresh, INFINITY, 0) == 11.67 / 2,
	   "the mean life where it is finite");
	ok(pareto_nbd_model.purchases(parameter, &h, 0) == 0 &&
	   pareto_nbd_model.discounted_purchases(parameter, &h, 0, 0.1) == 0, "nothing within no time");

	for (int64 n = 0; n < 4000; n++)
	{
		double		p = pareto_nbd_model.purchase_probability(parameter, n, 52);

		total += p;
		mean += n * p;
	}
	ok(fabs(total - 1) < 1e-12, "probabilities add up to 1: %.17g", total);
	ok(relative_error(mean, whole) < 1e-11, "their mean is what is expected: %.17g", mean);
}

static void
test_probabilities(void)
{
	static const struct
	{
		double		parameter[4];
		int64		n;
		double		horizon;
		double		probability;	/* our own, by mpmath with 40 digits */
	}			known[] = {
		{{0.55, 10.58, 0.61, 11.67}, 3, 39, 0.048684875611628962},
		{{0.55, 10.58, 0.61, 11.67}, 50, 390, 6.4194834257868182e-4},
		{{0.002, 0.0005, 0.7, 300}, 1, 20, 1.9581664410661631e-3},
		{{40, 2, 0.01, 0.5}, 900, 60, 6.1978022024627726e-4},
		{{3, 10000.0, 8, 0.2}, 2, 1000.0, 1.1427885755425373e-10},
		{{3, 7, 1, 7}, 1000, 1000000.0, 2.9791104782292758e-6},
	};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		double		p = pareto_nbd_model.purchase_probability(known[i].parameter, known[i].n,
															  known[i].horizon);

		ok(relative_error(p, known[i].probability) < 1e-11, "P(%d purchases): %.17g",
		   (int) known[i].n, p);
	}
	{
		static const double tiny[] = {1e-20, 1e-20, 1e-20, 1e-20};
		History		new_customer = {0, 0, 0};
		Pattern		old = {.age = 1e300,.customers = 1};

		/* these did not come to an end once */
		ok(pareto_nbd_model.purchase_probability(known[0].parameter, INT64_MAX, 1e300) < 1e-9,
		   "more purchases than can be told apart");
		ok(isfinite(pareto_nbd_model.discounted_purchases(tiny, &new_customer, INFINITY, 1e-302)),
		   "a discount next to none, at the smallest parameters");
		ok(!isinf(pareto_nbd_model.log_likelihood(tiny, &old, 1, NULL)),
		   "the greatest age at the smallest parameters");
	}
	ok(pareto_nbd_model.purchase_probability(known[0].parameter, 0, 0) == 1 &&
	   pareto_nbd_model.purchase_probability(known[0].parameter, 1, 0) == 0 &&
	   pareto_nbd_model.purchase_probability(known[0].parameter, -1, 10) == 0 &&
	   pareto_nbd_model.purchase_probability(known[0].parameter, INT64CONST(1) << 40, 39) == 0 &&
	   nbd_model.purchase_probability(known[0].parameter, 0, 0) == 1 &&
	   nbd_model.purchase_probability(known[0].parameter, INT64CONST(1) << 40, 39) == 0,
	   "the impossible and the all but impossible");
}

/* Any history, and parameters from 1e-60 to 1e60: finite, and in bounds. */
static void
test_hostile(void)
{
	static const double sizes[] = {1e-60, 1e-6, 0.3, 1, 40, 1e6, 1e60};
	static const double counts[] = {0, 1, 3, 250, 1e5, 1e9};
	static const double times[] = {0, 1e-6, 1, 39, 1e6};
	int			wrong = 0;
	int			looks = 0;

	for (size_t i = 0; i < 7 * 7 * 7 * 7; i++)
		for (size_t j = i % 3; j < 6 * 5 * 5; j += 3)
		{
			double		parameter[4] = {sizes[i % 7], sizes[i / 7 % 7], sizes[i / 49 % 7], sizes[i / 343]};
			History		h = {counts[j % 6], times[j / 6 % 5], times[j / 30]};
			double		gradient[4];
			double		value,
						log_alive,
						lifetime;

			if (h.recency > h.age || (h.frequency == 0) != (h.recency == 0))
				continue;
			value = log_likelihood_of(&pareto_nbd_model, parameter, &h, gradient);
			log_alive = pareto_nbd_model.log_p_alive(parameter, &h);
			lifetime = pareto_nbd_model.discounted_lifetime(parameter, &h, 52, 0.01);
			looks++;
			if (!isfinite(value) || !isfinite(gradient[0]) || !isfinite(gradient[1]) ||
				!isfinite(gradient[2]) || !isfinite(gradient[3]) || !(log_alive <= 0) ||
				!isfinite(log_alive) || !(lifetime >= 0 && lifetime <= 52))
			{
				if (wrong++ < 5)
					printf("# %g %g %g %g, %g %g %g: %g, %g %g %g %g, %g, %g\n", parameter[0], parameter[1],
						   parameter[2], parameter[3], h.frequency, h.recency, h.age, value, gradient[0],
						   gradient[1], gradient[2], gradient[3], log_alive, lifetime);
			}
		}
	ok(wrong == 0, "%d of %d hostile histories go wrong", wrong, looks);
}

static void
test_starts(void)
{
	static const Pattern ordinary[] = {{.frequency = 0, .age = 30, .customers = 5}, {.frequency = 2, .recency = 20, .age = 30, .customers = 3}};
	static const Pattern nothing[] = {{.frequency = 0, .age = 0, .customers = 2}};
	static const ModelClass *const models[] = {&pareto_nbd_model, &nbd_model};

	for (size_t i = 0; i < 2; i++)
	{
		double		start[MODEL_MAX_STARTS][MODEL_MAX_PARAMETERS];
		bool		good = true;

		for (int j = 0; j < 2; j++)
		{
			const Pattern *pattern = j == 0 ? ordinary : nothing;
			size_t		count = j == 0 ? lengthof(ordinary) : lengthof(nothing);
			int			starts = models[i]->starts(pattern, count, start);

			good = good && starts > 0 && starts <= MODEL_MAX_STARTS;
			for (int k = 0; k < starts; k++)
			{
				for (int n = 0; n < models[i]->parameters; n++)
					good = good && start[k][n] > 0 && isfinite(start[k][n]);
				good = good && isfinite(models[i]->log_likelihood(start[k], pattern, count, NULL));
			}
		}
		ok(good, "%s: searches start somewhere", models[i]->name);
	}
}

static void
test_nbd(void)
{
	static const double parameter[] = {1.3, 7};
	History		h = {4, 12, 20};
	double		total = 0,
				mean = 0;

	/* Four purchases in 20 have that probability, at any four times. */
	ok(relative_error(log_likelihood_of(&nbd_model, parameter, &h, NULL),
					  log(nbd_model.purchase_probability(parameter, 4, 20)) + log(24) - 4 * log(20)) < 1e-14,
	   "likelihood of times and probability of a number");
	for (int64 n = 0; n < 2000; n++)
	{
		double		p = nbd_model.purchase_probability(parameter, n, 20);

		total += p;
		mean += n * p;
	}
	ok(fabs(total - 1) < 1e-13 && relative_error(mean, 1.3 / 7 * 20) < 1e-12, "probabilities and their mean");
	ok(nbd_model.log_p_alive(parameter, &h) == 0, "nobody dies");
	ok(relative_error(nbd_model.purchases(parameter, &h, 10), 5.3 / 27 * 10) < 1e-15, "purchases");
	ok(nbd_model.discounted_lifetime(parameter, &h, INFINITY, 0.25) == 4 &&
	   relative_error(nbd_model.discounted_lifetime(parameter, &h, 8, 0.25), 4 * (1 - exp(-2))) < 1e-15 &&
	   nbd_model.discounted_lifetime(parameter, &h, 8, 0) == 8 &&
	   isinf(nbd_model.discounted_lifetime(parameter, &h, INFINITY, 0)), "discounted lifetime");
}

/* ---------------------------------------------------------------- public data */

#define MAX_COLUMNS 32

typedef struct Table
{
	FILE	   *file;
	char		names[2048];
	const char *name[MAX_COLUMNS];
	char		text[4096];
	const char *field[MAX_COLUMNS];
	int			columns;
} Table;

/* Fields have no commas but within quotes. */
static int
split(char *line, const char **field)
{
	int			count = 0;
	bool		quoted = false;

	line[strcspn(line, "\r\n")] = '\0';
	field[count++] = line;
	for (char *p = line; *p != '\0'; p++)
	{
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted && count < MAX_COLUMNS)
		{
			*p = '\0';
			field[count++] = p + 1;
		}
	}
	return count;
}

static bool
table_open(Table *t, const char *name)
{
	const char *data = getenv("CUSTOMER_VALUE_DATA");
	char		path[4096];

	if (data == NULL || *data == '\0')
	{
		printf("# SKIPPED: %s (needs the public data sets)\n", name);
		return false;
	}
	snprintf(path, sizeof(path), "%s/reference/%s", data, name);
	t->file = fopen(path, "r");
	if (!ok(t->file != NULL && fgets(t->names, sizeof(t->names), t->file) != NULL, "%s is there", name))
		return false;
	t->columns = split(t->names, t->name);
	return true;
}

static bool
table_next(Table *t)
{
	if (fgets(t->text, sizeof(t->text), t->file) != NULL && split(t->text, t->field) == t->columns)
		return true;
	fclose(t->file);
	return false;
}

static const char *
text_of(const Table *t, const char *name)
{
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->name[i], name) == 0)
			return t->field[i];
	printf("Bail out! no column %s\n", name);
	exit(1);
}

static double
value_of(const Table *t, const char *name)
{
	return strtod(text_of(t, name), NULL);
}

static void
test_grid(void)
{
	enum
	{
		LIKELIHOOD, ALIVE, PURCHASES, RESIDUAL, GRADIENT, FIGURES
	};
	static const char *const derivative[] = {"dll_dr", "dll_dalpha", "dll_ds", "dll_dbeta"};
	double		worst[FIGURES] = {0};
	int			rows = 0;
	Table		t;

	if (!table_open(&t, "pnbd_mp.csv"))
		return;
	while (table_next(&t))
	{
		double		parameter[4] = {value_of(&t, "r"), value_of(&t, "alpha"), value_of(&t, "s"), value_of(&t, "beta")};
		History		h = {value_of(&t, "x"), value_of(&t, "t_x"), value_of(&t, "T")};
		double		gradient[4];
		double		alive = pareto_nbd_model.log_p_alive(parameter, &h);
		double		residual = pareto_nbd_model.discounted_purchases(parameter, &h, INFINITY, value_of(&t, "delta"));

		rows++;
		worst[LIKELIHOOD] = worse(worst[LIKELIHOOD],
								  error_of(log_likelihood_of(&pareto_nbd_model, parameter, &h, gradient),
										   value_of(&t, "loglik")));
		worst[ALIVE] = worse(worst[ALIVE], error_of(alive, value_of(&t, "log_p_alive")));
		worst[PURCHASES] = worse(worst[PURCHASES], error_of(log_of_purchases(parameter, &h, value_of(&t, "t")),
															value_of(&t, "log_cet")));
		if (value_of(&t, "dert") > 1e-290)
			worst[RESIDUAL] = worse(worst[RESIDUAL], error_of(alive + log(residual), log(value_of(&t, "dert"))));
		for (int k = 0; k < 4; k++)
			worst[GRADIENT] = worse(worst[GRADIENT], error_of(gradient[k], value_of(&t, derivative[k])));
	}
	ok(rows == 253, "grid: %d rows", rows);
	ok(worst[LIKELIHOOD] < 1e-12, "grid: likelihood off by %.1e", worst[LIKELIHOOD]);
	ok(worst[ALIVE] < 1e-12, "grid: P(alive) off by %.1e", worst[ALIVE]);
	ok(worst[PURCHASES] < 1e-12, "grid: purchases off by %.1e", worst[PURCHASES]);
	ok(worst[RESIDUAL] < 1e-12, "grid: discounted purchases off by %.1e", worst[RESIDUAL]);
	ok(worst[GRADIENT] < 1e-11, "grid: gradient off by %.1e", worst[GRADIENT]);
}

/* Maximum likelihood estimates on CDNOW, and their log-likelihood. */
static bool
read_estimates(double *parameter, double *log_likelihood)
{
	Table		t;
	int			found = 0;

	if (!table_open(&t, "params_mle.csv"))
		return false;
	while (table_next(&t))
		if (strcmp(text_of(&t, "dataset"), "cdnow_sample") == 0 && strcmp(text_of(&t, "model"), "pn") == 0)
			for (int k = 0; k < 4; k++)
				if (strcmp(text_of(&t, "param"), pareto_nbd_model.parameter_names[k]) == 0)
				{
					parameter[k] = value_of(&t, "estimate");
					*log_likelihood = value_of(&t, "loglik");
					found++;
				}
	return ok(found == 4, "estimates on CDNOW");
}

static int
compare_patterns(const void *a, const void *b)
{
	const Pattern *p = a;
	const Pattern *q = b;

	if (p->frequency != q->frequency)
		return p->frequency < q->frequency ? -1 : 1;
	if (p->recency != q->recency)
		return p->recency < q->recency ? -1 : 1;
	return p->age < q->age ? -1 : p->age > q->age;
}

static void
test_cdnow(const double *parameter, double log_likelihood)
{
	static Pattern pattern[2357];
	size_t		count = 0;
	double		worst[4] = {0};
	double		gradient[4];
	double		value;
	Table		t;

	if (!table_open(&t, "cdnow_sample_pn.csv"))
		return;
	while (table_next(&t) && count < lengthof(pattern))
	{
		History		h = {value_of(&t, "x"), value_of(&t, "t_x"), value_of(&t, "T")};
		double		alive = exp(pareto_nbd_model.log_p_alive(parameter, &h));

		pattern[count++] = pattern_of(&h);
		worst[0] = worse(worst[0], relative_error(log_likelihood_of(&pareto_nbd_model, parameter, &h, NULL),
												  value_of(&t, "loglik")));
		worst[1] = worse(worst[1], relative_error(alive, value_of(&t, "p_alive")));
		worst[2] = worse(worst[2], relative_error(alive * pareto_nbd_model.purchases(parameter, &h, 39),
												  value_of(&t, "cet_39")));
		worst[3] = worse(worst[3], relative_error(alive * pareto_nbd_model.discounted_purchases(parameter, &h,
																								INFINITY, 0.0027),
												  value_of(&t, "dert")));
	}
	ok(count == lengthof(pattern), "CDNOW: %zu customers", count);
	ok(worst[0] < 1e-13 && worst[1] < 1e-13 && worst[2] < 1e-13 && worst[3] < 1e-13,
	   "CDNOW: off by %.1e, %.1e, %.1e, %.1e", worst[0], worst[1], worst[2], worst[3]);

	qsort(pattern, count, sizeof(Pattern), compare_patterns);
	value = pareto_nbd_model.log_likelihood(parameter, pattern, count, gradient);
	ok(relative_error(value, log_likelihood) < 1e-14, "CDNOW: log-likelihood %.17g", value);
	ok(fabs(gradient[0]) < 1e-7 && fabs(gradient[1]) < 1e-7 && fabs(gradient[2]) < 1e-7 && fabs(gradient[3]) < 1e-7,
	   "CDNOW: flat at the maximum: %.1e %.1e %.1e %.1e", gradient[0], gradient[1], gradient[2], gradient[3]);
}

static void
test_new_customer(const double *parameter)
{
	History		fresh = {0, 0, 0};
	double		worst = 0;
	Table		t;

	if (table_open(&t, "cdnow_pmf_t39.csv"))
	{
		while (table_next(&t))
			worst = worse(worst, relative_error(pareto_nbd_model.purchase_probability(parameter, (int64) value_of(&t, "x"), 39),
												value_of(&t, "pnbd_pmf_t39")));
		ok(worst < 1e-12, "CDNOW: numbers of purchases off by %.1e", worst);
	}
	worst = 0;
	if (table_open(&t, "cdnow_unconditional_expectation.csv"))
	{
		while (table_next(&t))
			worst = worse(worst, relative_error(pareto_nbd_model.purchases(parameter, &fresh, value_of(&t, "t_weeks")),
												value_of(&t, "pnbd_expected_x")));
		ok(worst < 1e-13, "CDNOW: purchases of a new customer off by %.1e", worst);
	}
}

int
main(void)
{
	double		parameter[4];
	double		log_likelihood;

	test_cases();
	test_shared_times();
	test_together();
	test_gradient(&pareto_nbd_model, cases[0].parameter);
	test_gradient(&nbd_model, cases[0].parameter);
	test_laws();
	test_probabilities();
	test_hostile();
	test_starts();
	test_nbd();
	test_grid();
	if (read_estimates(parameter, &log_likelihood))
	{
		test_cdnow(parameter, log_likelihood);
		test_new_customer(parameter);
	}
	return done_testing("pareto_nbd");
}
