/* The shifted-beta-geometric model, and the lifetimes it shares with BG/BB. */
#include "model_test.h"

#include "clv/whole_periods.h"
#include "clv/sbg.h"
#include "clv/specfun.h"

/*
 * alpha, beta, left, periods; log-likelihood and derivatives.  From the gamma
 * functions of the definition with 60 digits.
 */
static const double grid[][7] = {
	{0.668, 3.806, 1.0, 3.0, -2.5631098284477342, 0.93634657544704343, -0.089843133486290335},
	{0.668, 3.806, 0.0, 7.0, -0.71550604562657958, -1.0134911460833108, 0.12013383381846976},
	{1e-08, 0.119, 1.0, 1000000.0, -32.236190647073495, 99999977.384276023, -2.7984884594243526e-7},
	{1e-08, 100000000.0, 0.0, 1000000.0, -9.9503309026730332e-11, -0.0099503309026730325, 9.9009901975296537e-19},
	{100000000.0, 1e-08, 1.0, 1.0, -9.9999999999999997e-17, 9.9999999999999992e-25, -9.999999999999999e-9},
	{100000000.0, 100000000.0, 0.0, 1000000.0, -690659.61059021742, -0.0049875415234768846, 0.0049627893791961489},
	{100000000.0, 300000000.0, 1.0, 2.0, -1.6739764360716715, 5.00000000625e-9, -1.6666666604166667e-9},
	{1e-08, 1e-08, 1.0, 100000.0, -30.626743510334, 49999987.909863902, 49999999.999990015},
	{2044.91, 0.00088498, 0.0, 1.0, -14.653055002582261, -4.8901886500045714e-4, 1129.9685498294706},
	{1.82908e-07, 634.182, 1.0, 1.0, -21.966618522533717, 5467229.4252388321, -0.0015768344098564518},
	{2.09213e-06, 0.005662, 0.0, 2.0, -3.7151580814155002e-4, -177.54516836963081, 0.065238244256983799},
	{31980.3, 6.08045e-08, 1.0, 2.0, -26.98850867352728, -3.126827239656291e-5, 16446151.189405349},
	{3770320.0, 26.4142, 0.0, 7.0, -82.344651999784676, -1.8565918515770356e-6, 0.23908766316957996},
	{9.47276, 681.712, 1.0, 7.0, -4.3811295093921157, 0.095481999606751795, -0.0013145879676843237},
	{8.15423e-08, 2.25855e-08, 0.0, 30.0, -1.5283112064750429, -9603587.2506504197, 34672611.614813307},
	{3381.57, 24.2286, 1.0, 30.0, -131.06101526306094, -0.0084754995589962995, 0.7896467172137296},
	{170.349, 148178.0, 0.0, 1000.0, -1.1451102277658048, -0.0067182950106592633, 7.6976237886580944e-6},
	{0.000216279, 3.75966e-06, 1.0, 1000.0, -19.41678952400673, 71.517370827803885, 261436.84175600224},
	{31819000.0, 9.2823e-08, 0.0, 100000.0, -676442.87184536447, -0.0031378481790978783, 10773204.076052566},
	{1.78013, 96.2573, 1.0, 100000.0, -23.296335081862802, -6.3719030568662516, 0.018391397465477631},
	{19133200.0, 2.43427e-07, 0.0, 1000000.0, -3977135.0863037889, -0.050945149040143479, 4108022.0812667542},
	{1729.28, 1.82383e-07, 1.0, 1000000.0, -12753.766937445568, -6.3614883195382262, 5482975.1931674917},
};

/* ends, stays, periods, rate; survivals and lifetime, likewise. */
static const double survivals[][6] = {
	{1.0, 5.0, 10.0, 0.0, 5.8411449661449661, 5.8411449661449661},
	{1.0000000001, 5.0, 1000.0, 0.0, 27.030637778765798, 27.030637778765798},
	{0.5, 3.0, 1000000.0, 0.0, 3318.3547092156332, 3318.3547092156332},
	{3.0, 0.1, 2.25, 0.0, 1.0344217151848938, 1.0344217151848938},
	{0.668, 4.806, INFINITY, 0.0953101798, 6.3652301526838228, 6.0713062109090065},
	{1.0, 10.0, INFINITY, 0.001, 41.293522723814151, 41.272882842985812},
	{0.3, 20.0, INFINITY, 1e-09, 6328676.2163063237, 6328676.2131419856},
	{2.5, 1.0, INFINITY, 1e-12, 1.6666666666633333, 1.6666666666625},
	{0.7, 100000.0, INFINITY, 0.04, 25.498960679299517, 24.995713731704791},
	{0.7, 1.5, 5000.5, 0.001, 25.559273107946907, 25.546497732901156},
	{1000.0, 3.0, 52.0, 0.1, 1.0027161935908504, 0.95421061959259926},
	{0.001, 1000.0, INFINITY, 5.0, 1.0067836480766845, 0.19999999864327958},
	{0.668, 4.806, 1000000.0, 1e-07, 791.44524206003798, 791.4452024877772},
};

/* Fader and Hardie (2007), table 1: survivors of 1000 at year 0, 1 ... 12. */
static const double high_end[] = {1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394};
static const double regular[] = {1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173};

static void
check_grid(void)
{
	for (size_t i = 0; i < lengthof(grid); i++)
	{
		const double *row = grid[i];
		Pattern		p = {.frequency = row[2], .age = row[3], .customers = 1};
		double		gradient[2];
		double		value = sbg_model.log_likelihood(row, &p, 1, gradient);

		ok(off(value, row[4], 1) < 1e-12 && off(gradient[0], row[5], 0) < 1e-11 &&
		   off(gradient[1], row[6], 0) < 1e-11,
		   "sbg grid row %zu: off by %.1e, %.1e, %.1e", i, off(value, row[4], 1),
		   off(gradient[0], row[5], 0), off(gradient[1], row[6], 0));
	}
	for (size_t i = 0; i < lengthof(survivals); i++)
	{
		const double *row = survivals[i];
		double		sum = off(expected_survivals(row[0], row[1], row[2], row[3]), row[4], 0);
		double		time = off(expected_lifetime(row[0], row[1], row[2], row[3]), row[5], 0);

		ok(sum < 1e-12 && time < 1e-12, "survivals row %zu: off by %.1e, %.1e", i,
		   sum, time);
	}
}

/* Years 1 to 7 calibrate, as in the paper. */
static void
check_published(const char *name, const double *survivors, double alpha, double beta)
{
	Pattern		p[8];
	double		parameter[2] = {alpha, beta};
	double		exact[2];
	double		sum = 0;

	p[0] = (Pattern) {.frequency = 0, .age = 7, .customers = survivors[7]};
	for (int t = 1; t <= 7; t++)
		p[t] = (Pattern) {.frequency = 1, .age = t,
			.customers = survivors[t - 1] - survivors[t]};
	climb(&sbg_model, p, 8, parameter);
	ok(fabs(parameter[0] - alpha) < 5.01e-4 && fabs(parameter[1] - beta) < 5.01e-4,
	   "%s: alpha %.4f, beta %.4f", name, parameter[0], parameter[1]);
	ok(steepness(&sbg_model, p, 8, parameter) < 1e-7, "%s: a maximum", name);
	memcpy(exact, parameter, sizeof(exact));
	check_starts(&sbg_model, p, 8, exact);

	/* The chances to leave, and to stay, make 1; retention is their ratio. */
	for (int t = 1; t <= 7; t++)
	{
		Pattern		one = {.frequency = 1, .age = t, .customers = 1};

		sum += exp(sbg_model.log_likelihood(exact, &one, 1, NULL));
	}
	ok(off(sum + sbg_survival(exact, 7), 1, 0) < 1e-14, "%s: chances make 1", name);
	ok(off(sbg_survival(exact, 7) / sbg_survival(exact, 6),
		   sbg_retention(exact, 7), 0) < 1e-14, "%s: retention", name);
	ok(off(sbg_survival(exact, 12) * 1000, survivors[12], 0) < 0.05,
	   "%s: year 12, %.0f forecast, %.0f there", name,
	   sbg_survival(exact, 12) * 1000, survivors[12]);
}

/* DERL against its definition, term by term. */
static void
check_residual_lifetime(void)
{
	double		parameter[2] = {0.668, 3.806};

	for (int renewals = 0; renewals < 5; renewals++)
	{
		double		rate = log(1.1);
		double		sum = 0;

		for (int t = renewals + 1; t < 600; t++)
			sum += sbg_survival(parameter, t) / sbg_survival(parameter, renewals) *
				exp(-rate * (t - renewals - 1));
		ok(off(sbg_residual_lifetime(parameter, renewals, rate), sum, 0) < 1e-13,
		   "residual lifetime after %d renewals", renewals);
	}
	ok(isinf(sbg_residual_lifetime(parameter, 0, 0)),
	   "no end to undiscounted payments if alpha <= 1");
	parameter[0] = 3;
	ok(off(sbg_residual_lifetime(parameter, 2, 0), 5.806 / 2, 0) < 1e-14,
	   "undiscounted payments, beta + n - 1 to alpha - 1");
	ok(off(sbg_residual_lifetime(parameter, 2, 1e-9), 5.806 / 2, 0) < 1e-7,
	   "and a small rate is near that");
}

/* Laws of the special functions behind it. */
static void
check_functions(void)
{
	static const double at[] = {1e-8, 0.3, 4, 17.5, 1e5, 1e9};

	for (size_t i = 0; i < lengthof(at); i++)
		for (size_t j = 0; j < lengthof(at); j++)
		{
			double		x = at[i];
			double		h = at[j];
			double		sum = 0;
			double		drop = 0;

			for (int n = 0; n < 100; n++)
			{
				sum += log1p(h / (x + n));
				drop += h / (x + n) / (x + h + n);
			}
			ok(off(log_rising_ratio(x, h, 100), sum, 0) < 1e-14 &&
			   off(log_rising_ratio(x, 100, h), sum, 0) < 1e-14 &&
			   off(digamma_rise_drop(x, h, 100), drop, 0) < 1e-14,
			   "rising ratio at %g, %g", x, h);
		}
	ok(off(log1p_less(1e-9), -5e-19, 0) < 1e-8 && log1p_less(0) == 0 &&
	   off(log1p_less(0.2499999), log1p(0.2499999) - 0.2499999, 0) < 1e-14,
	   "log1p_less");
	ok(log_sum_exp(-INFINITY, 3) == 3 && log_sum_exp(-INFINITY, -INFINITY) == -INFINITY &&
	   off(log_sum_exp(1000, 1000), 1000 + log(2), 0) < 1e-15, "log_sum_exp");
}

int
main(void)
{
	check_functions();
	check_grid();
	check_published("high end", high_end, 0.668, 3.806);
	check_published("regular", regular, 0.704, 1.182);
	check_residual_lifetime();
	return done_testing("sbg");
}
