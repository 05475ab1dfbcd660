/* The BG/BB model. */
#include "model_test.h"

/*
 * alpha, beta, gamma, delta, frequency, recency, age; log-likelihood, its
 * derivatives, ln P(alive).  From the sum of the definition with 60 digits.
 */
static const double grid[][13] = {
	{1.204, 0.75, 0.657, 2.783, 0.0, 0.0, 6.0, -1.1672624726738937, -0.39122887285297995, 0.41110091222213468, 0.86132293653743227, -0.18584796107398881, -2.2254705065292511},
	{1.204, 0.75, 0.657, 2.783, 3.0, 4.0, 6.0, -5.0593079474111037, 0.12714686152724863, 0.36336484923704661, -0.25420357242783326, 0.093502629228224695, -0.82220207724675938},
	{1e-06, 100000.0, 0.6, 15000.0, 0.0, 0.0, 6.0, -5.9990102163457686e-11, -5.9990102163157564e-5, 5.9988602553057521e-16, 1.3994992764652219e-14, -5.5973753065375057e-19, -2.7993841856921985e-4},
	{1000000.0, 1000000.0, 1000000.0, 1000000.0, 3.0, 4.0, 6.0, -5.9198693484713719, 8.1818030372290561e-7, -8.1817998554001098e-7, -1.7272704896727773e-6, 1.7272686260452256e-6, -3.091034998840167},
	{1e-06, 1e-06, 1e-06, 1e-06, 1.0, 3.0, 9.0, -17.281249021475173, 499997.28214856405, 499999.87500082369, -499999.71785819313, 500000.00000074682, -3.1111096160740603e-6},
	{100000.0, 0.01, 0.01, 100000.0, 50.0, 50.0, 60.0, -16.118605523550289, 4.8976496590363517e-11, -4.8988248993376321e-4, 99.999490127507065, -9.994951524232765e-6, -90.791239349440471},
	{0.3, 2.0, 1e-08, 4.0, 2.0, 9.0, 300.0, -13.911081517530762, -1.0071294624557533, 0.16960367087931921, 1065.3192002879241, -6.2242280238680751e-7, -1.0697874464936194e-5},
	{0.3, 2.0, 100000000.0, 4.0, 2.0, 9.0, 300.0, -153.58766927912511, 2.322701148685357, -0.062005799517178365, -8.9999992535398874e-8, 1.2698772528419539, -3968.9864020959668},
	{0.01, 40.0, 0.02, 80.0, 0.0, 0.0, 4000.0, -0.044633364059609879, -4.4609420395639564, 2.4730377786846114e-4, 0.079914604635849011, -7.9837166022304062e-6, -0.080402628445832184},
	{2.0, 500.0, 0.01, 100.0, 7.0, 300.0, 6000.0, -43.303054819951551, 1.1472709741949457, -0.0062507490826045407, 98.420108244562759, -0.0020233778327867754, -12.714148812334271},
	{0.5, 30000.0, 0.1, 20000.0, 3.0, 10.0, 5000.0, -30.830410512613719, 2.914986066924566, -8.3599077596394585e-5, 0.071179381221466567, -3.31594320061809e-7, -0.029514155373110602},
	{12.0, 0.3, 2.0, 0.001, 1500.0, 1500.0, 1600.0, -29.614684078356063, 0.025538130583622775, -4.8519975306473758, -6.391457415154316, 1000.99700233245, -369.43251122307896},
	{3884.94, 0.00814467, 0.000768993, 7424.56, 0.0, 0.0, 1.0, -13.027034048747725, -2.4528556898295969e-4, 116.99918085872841, 61.220557652823384, -6.3408714174466383e-6, -0.048222626926817247},
	{2.40298e-05, 0.51861, 4.9515, 21.6769, 1.0, 1.0, 1.0, -10.185390179727883, 41613.066573002655, -1.9281418930139011, -0.037553889831908789, 0.0085781677962576004, -0.19749744397360105},
	{5.56747e-05, 36.9664, 1.01727, 16346.5, 1.0, 1.0, 2.0, -13.432749810196736, 17961.426421489679, -0.026339044935494963, -5.9516700218159178e-5, 3.7038299695584712e-9, -1.2613139931008104e-4},
	{2.18884e-06, 306275.0, 0.000118075, 5757.89, 2.0, 5.0, 30.0, -38.296800187582534, 456863.99582464672, -6.5294715856474252e-6, -8.6770441542374807e-4, 1.7787543491684537e-11, -5.3160148958751905e-7},
	{1.22399, 10673.9, 0.000156491, 0.00720754, 30.0, 30.0, 30.0, -202.81640275894554, 3.6813349612702938, -0.0028064616395067713, -139.74504630178074, 2.9486513952073385, -5.2151001299815538e-6},
	{1.11221e-05, 2211.21, 2.55634, 0.000288214, 1.0, 29.0, 30.0, -35.62222968530622, 89911.064501040483, -4.4640281107876358e-4, -2.705289795999787, 3470.8654871197813, -0.16628805233708907},
	{0.000199644, 9.36241e-06, 0.000252106, 5.2632, 0.0, 0.0, 300.0, -3.1058931267669747, -4785.6950589016776, 101916.44625521337, 4.0541742525147872, -1.9413856405252603e-4, -0.0020714253112915363},
	{0.178522, 282.574, 8.23352e-06, 11853.4, 17.0, 200.0, 300.0, -78.581616291257252, 8.0083273429776389, -0.029314849173122114, 0.038252319442570189, -2.5964581517540141e-11, -5.2142779471689725e-7},
	{609553.0, 752.287, 827.186, 15737.4, 250.0, 260.0, 300.0, -83.463546366262737, -1.5875014225537427e-5, 0.012789579169047726, -0.014425281989801478, 7.5255466996489367e-4, -265.48108820221436},
	{1.37749e-05, 0.342658, 8.9531e-06, 2392.32, 1.0, 1.0, 1500.0, -18.505536150701783, 72585.455377494344, -5.8850888840912072e-4, 5.6951073546579167, -2.0783424273691809e-8, -5.535104725821441e-5},
	{2.85552, 1.89548e-05, 0.21732, 2099.43, 0.0, 0.0, 1.0, -9.1137554037746903, -0.021103367224259644, 3179.1993150135003, 4.3237392311650352, -4.4756672511909689e-4, -2.8091655252668812},
	{4.21355, 2.8692e-05, 174676.0, 4.75034e-06, 1.0, 1.0, 1.0, -24.327989281317942, 1.6160751831922094e-6, -0.23732795162900925, -5.7248849296572217e-6, 210511.24761023522, -12.070689082888989},
	{13099.9, 487790.0, 1029.67, 224080.0, 1.0, 1.0, 2.0, -3.6747467810644228, 7.2352947081027487e-5, -1.9430787519218791e-6, -4.3235307800091462e-6, 1.9867058567968342e-8, -0.0092919292651370906},
	{2.353, 0.000426491, 0.465015, 720.765, 2.0, 5.0, 30.0, -18.58326825078004, -0.96749491765060847, 2345.2016793621799, 1.7409830008568417, -0.0011136650171097545, -1.6980114878010356},
	{1667.74, 0.04092, 232759.0, 2.63733e-06, 30.0, 30.0, 30.0, -312.32405853455548, 4.3381533195118998e-7, -0.017833403346219252, -1.2888065025073522e-4, 379175.32043290129, -8.956690273302134},
	{0.890734, 2.975e-06, 0.019798, 744056.0, 1.0, 29.0, 30.0, -19.162766078637125, -3.0643874942594012, 336134.19389064848, -3.8884075947029885e-5, 1.0346163291272319e-12, -5.5010995622415916e-8},
	{2.5988e-05, 672242.0, 72681.0, 181.67, 0.0, 0.0, 300.0, -9.6630785836129425e-14, -3.7182848173152643e-9, 1.4374404674374205e-19, 1.3295374996537803e-18, -5.3190282092155872e-16, -1634.7069550864119},
	{4.69324e-06, 0.455201, 201.124, 1.38771e-05, 17.0, 200.0, 300.0, -361.60807505932002, 213068.29444620032, -0.088438249716694828, -0.69120330789587008, 72066.346548210431, -67.168220871319031},
	{0.00379158, 1.26444e-05, 13245.6, 96187.1, 250.0, 260.0, 300.0, -89.453328910937321, 0.83720895786665484, 78820.230883791061, -0.0023070232566016323, 3.1727788732401746e-4, -96.71822313298778},
	{121327.0, 1021.23, 8.07236, 5.57672e-06, 1.0, 1.0, 1500.0, -14.309695844332935, 6.2008783443397547e-8, -7.3669340898591491e-6, -0.11030719280124659, 179316.64107832877, -6454.1657475037035},
};

/*
 * Fader, Hardie and Shang (2010), table 1: donors of 1995 by frequency,
 * recency and 6 opportunities, sorted as patterns are.
 */
static const Pattern donors[] = {
	{0, {0}, 6, 3464},
	{1, {1}, 6, 1091}, {1, {2}, 6, 277}, {1, {3}, 6, 129}, {1, {4}, 6, 78},
	{1, {5}, 6, 119}, {1, {6}, 6, 129},
	{2, {2}, 6, 613}, {2, {3}, 6, 255}, {2, {4}, 6, 155}, {2, {5}, 6, 173},
	{2, {6}, 6, 234},
	{3, {3}, 6, 322}, {3, {4}, 6, 181}, {3, {5}, 6, 225}, {3, {6}, 6, 357},
	{4, {4}, 6, 240}, {4, {5}, 6, 284}, {4, {6}, 6, 512},
	{5, {5}, 6, 335}, {5, {6}, 6, 728},
	{6, {6}, 6, 1203}
};

static const double published[4] = {1.204, 0.750, 0.657, 2.783};

static double
p_alive(const double *parameter, const History *h)
{
	return exp(bgbb_model.log_p_alive(parameter, h));
}

static void
check_grid(void)
{
	for (size_t i = 0; i < lengthof(grid); i++)
	{
		const double *row = grid[i];
		Pattern		p = {.frequency = row[4], .recency = row[5], .age = row[6],
		.customers = 1};
		History		h = {row[4], row[5], row[6]};
		double		gradient[4];
		double		value = bgbb_model.log_likelihood(row, &p, 1, gradient);
		double		alive = bgbb_model.log_p_alive(row, &h);
		double		worst = 0;

		for (int k = 0; k < 4; k++)
			worst = Max(worst, off(gradient[k], row[8 + k], 0));
		ok(off(value, row[7], 1) < 1e-12 && worst < 1e-10 &&
		   off(alive, row[12], 1) < 1e-12 && alive <= 0 &&
		   value == bgbb_model.log_likelihood(row, &p, 1, NULL),
		   "bg/bb grid row %zu: off by %.1e, %.1e, %.1e", i, off(value, row[7], 1),
		   worst, off(alive, row[12], 1));
	}
}

static void
check_donors(void)
{
	double		parameter[4];
	double		value;
	double		purchases = 0;
	double		zero;
	static const char *name[] = {"alpha", "beta", "gamma", "delta"};
	double		alone = 0;

	memcpy(parameter, published, sizeof(parameter));
	value = climb(&bgbb_model, donors, lengthof(donors), parameter);
	for (int k = 0; k < 4; k++)
		ok(fabs(parameter[k] - published[k]) < 5.01e-4, "donors: %s %.6f", name[k],
		   parameter[k]);
	ok(fabs(value + 33225.6) < 0.05, "donors: log-likelihood %.6f", value);
	ok(steepness(&bgbb_model, donors, lengthof(donors), parameter) < 1e-6,
	   "donors: a maximum");
	check_starts(&bgbb_model, donors, lengthof(donors), parameter);
	for (size_t i = 0; i < lengthof(donors); i++)
	{
		History		h = {donors[i].frequency, donors[i].recency, donors[i].age};

		purchases += donors[i].customers * p_alive(parameter, &h) *
			bgbb_model.purchases(parameter, &h, 5);
		alone += bgbb_model.log_likelihood(parameter, &donors[i], 1, NULL);
	}
	ok(fabs(purchases - 12884) < 0.5, "donors: %.2f purchases in five years", purchases);
	ok(off(alone, value, 0) < 1e-15, "sharing terms changes nothing");
	zero = bgbb_model.purchase_probability(parameter, 0, 6);
	ok(off(log(zero), bgbb_model.log_likelihood(parameter, donors, 1, NULL) / 3464, 0) < 1e-13,
	   "no purchase at six opportunities: %.4f", zero);
}

/* The paper's tables, P(alive) and expectations, rounded to two digits. */
static void
check_published_tables(void)
{
	static const double table[][4] = {
		/* x, t, P(alive in 2002), purchases 2002 to 2006 */
		{0, 0, 0.11, 0.07}, {1, 1, 0.07, 0.09}, {2, 2, 0.07, 0.12}, {4, 4, 0.20, 0.58},
		{1, 6, 0.93, 1.15}, {3, 6, 0.93, 2.19}, {6, 6, 0.93, 3.75}, {5, 5, 0.52, 1.81}
	};

	for (size_t i = 0; i < lengthof(table); i++)
	{
		History		h = {table[i][0], table[i][1], 6};
		double		alive = p_alive(published, &h);

		ok(fabs(alive - table[i][2]) < 0.00501 &&
		   fabs(alive * bgbb_model.purchases(published, &h, 5) - table[i][3]) < 0.00501,
		   "x = %g, t = %g: alive with %.4f", h.frequency, h.recency, alive);
	}
}

/* Scores against sums of what they are made of. */
static void
check_scores(void)
{
	History		h = {3, 4, 6};
	History		new = {0, 0, 0};
	double		rate = log(1.1);
	double		sum = 0;
	double		mean = 0;
	double		discounted = 0;
	double		before = 0;
	const double *q = published;

	for (int x = 0; x <= 9; x++)
	{
		double		chance = bgbb_model.purchase_probability(q, x, 9);

		sum += chance;
		mean += x * chance;
	}
	ok(off(sum, 1, 0) < 1e-14, "probabilities make 1");
	ok(off(mean, p_alive(q, &new) * bgbb_model.purchases(q, &new, 9), 0) < 1e-13,
	   "their mean is what a new customer is expected to buy");
	ok(bgbb_model.purchase_probability(q, 10, 9) == 0 &&
	   off(bgbb_model.purchase_probability(q, 2, 4.25),
		   0.75 * bgbb_model.purchase_probability(q, 2, 4) +
		   0.25 * bgbb_model.purchase_probability(q, 2, 5), 0) < 1e-14,
	   "more purchases than opportunities; a part of an opportunity");
	for (int t = 1; t <= 400; t++)
	{
		double		until = bgbb_model.purchases(q, &h, t);

		discounted += (until - before) * exp(-rate * t);
		before = until;
		if (t == 7)
			ok(off(bgbb_model.discounted_purchases(q, &h, 7, rate), discounted, 0) < 1e-13,
			   "discounted purchases within 7");
	}
	ok(off(bgbb_model.discounted_purchases(q, &h, INFINITY, rate), discounted, 0) < 1e-13,
	   "discounted purchases without end");
	ok(off(bgbb_model.purchases(q, &h, 2.5), (bgbb_model.purchases(q, &h, 2) +
											  bgbb_model.purchases(q, &h, 3)) / 2, 0) < 1e-14 &&
	   bgbb_model.purchases(q, &h, 0) == 0, "purchases within half an opportunity");
	ok(off(bgbb_model.discounted_purchases(q, &h, 8.5, 0), bgbb_model.purchases(q, &h, 8.5), 0) == 0,
	   "not discounted");
	ok(off(bgbb_model.discounted_lifetime(q, &h, 7, 0) * 4.204 / 7.954,
		   bgbb_model.purchases(q, &h, 7), 0) < 1e-14, "purchases to time alive");
	ok(off(bgbb_model.discounted_lifetime(q, &h, 0.5, rate), (1 - exp(-rate / 2)) / rate, 0) < 1e-14,
	   "alive until the next opportunity");
	sum = 0;
	for (int k = 0; k < 7; k++)
		sum += bgbb_model.survival(q, &h, k + 0.5);
	ok(off(bgbb_model.discounted_lifetime(q, &h, 7, 0), sum, 0) < 1e-14 &&
	   bgbb_model.survival(q, &h, 0) == 1 &&
	   bgbb_model.survival(q, &h, 3) == bgbb_model.survival(q, &h, 3.9),
	   "time alive is the sum of survival");
}

/* Long histories: as many terms as it takes, and no more. */
static void
check_long(void)
{
	double		q[4] = {0.3, 2, 0.2, 9};
	double		gradient[4];
	Pattern		p[] = {
		{0, {0}, 3000, 1}, {0, {0}, 3001, 1}, {0, {0}, 1e6, 1}, {2, {5}, 2500, 2},
		{2, {5}, 1e6, 1}, {2, {5}, 1e6 + 1, 1}, {9e5, {9e5}, 1e6, 1}, {1e5, {9e5}, 1e6, 1}
	};
	double		together = bgbb_model.log_likelihood(q, p, lengthof(p), gradient);
	double		alone = 0;
	double		sum[4] = {0};
	double		worst = 0;

	for (size_t i = 0; i < lengthof(p); i++)
	{
		double		one[4];

		alone += bgbb_model.log_likelihood(q, &p[i], 1, one);
		for (int k = 0; k < 4; k++)
			sum[k] += one[k];
	}
	for (int k = 0; k < 4; k++)
		worst = Max(worst, off(gradient[k], sum[k], 0));
	ok(off(together, alone, 0) < 1e-14 && worst < 1e-12,
	   "long histories: together as alone (off by %.1e)", worst);
	for (size_t i = 0; i < lengthof(p); i++)
		for (int k = 0; k < 4; k++)
		{
			double		moved[4];
			double		step = q[k] * 1e-5;
			double		up;
			double		down;
			double		one[4];

			memcpy(moved, q, sizeof(q));
			bgbb_model.log_likelihood(q, &p[i], 1, one);
			moved[k] = q[k] + step;
			up = bgbb_model.log_likelihood(moved, &p[i], 1, NULL);
			moved[k] = q[k] - step;
			down = bgbb_model.log_likelihood(moved, &p[i], 1, NULL);
			worst = Max(worst, fabs((up - down) / (2 * step) / p[i].customers - one[k] / p[i].customers) /
						Max(fabs(one[k]), fabs(up) * 1e-6 + 1e-6));
		}
	ok(worst < 1e-4, "long histories: derivatives are differences (off by %.1e)", worst);
}

static void
check_refusals(void)
{
	History		h[] = {{2, 3, 6}, {2.5, 3, 6}, {2, 3.5, 6}, {2, 3, 6.5}, {4, 3, 6}, {0, 0, 0}};

	for (size_t i = 0; i < lengthof(h); i++)
		ok((bgbb_model.refuse(&h[i]) == NULL) == (i == 0 || i == 5), "refusal %zu", i);
}

int
main(void)
{
	check_grid();
	check_donors();
	check_published_tables();
	check_scores();
	check_long();
	check_refusals();
	return done_testing("bgbb");
}
