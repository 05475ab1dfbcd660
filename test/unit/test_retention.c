/*
 * test_retention.c
 *		Customer value by formula and by a matrix of transitions.
 */
#include "common/host.h"

#include <math.h>

#include "retention/formulas.h"
#include "retention/matrix.h"
#include "random.h"
#include "tap.h"

static double
uniform(void)
{
	return (double) (random64() >> 11) / 9007199254740992.0;
}

static bool
near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance * fabs(b);
}

/*
 * Gupta and Lehmann's margin multiples r / (1 + d - r), as printed.
 */
static void
test_multiples(void)
{
	static const double rates[] = {.10, .12, .14, .16};
	static const double retentions[] = {.6, .7, .8, .9};
	static const double multiple[4][4] = {
		{1.20, 1.15, 1.11, 1.07}, {1.75, 1.67, 1.59, 1.52},
		{2.67, 2.50, 2.35, 2.22}, {4.50, 4.09, 3.75, 3.46}
	};
	int			wrong = 0;

	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			wrong += fabs(retention_value(1, retentions[i], rates[j], INFINITY, false) -
						  multiple[i][j]) > .005 + 1e-12;
	ok(wrong == 0, "the sixteen margin multiples of Gupta and Lehmann");
}

static void
test_formula(void)
{
	int			wrong = 0;

	for (int trial = 0; trial < 2000; trial++)
	{
		double		r = uniform();
		double		d = uniform() / 2;
		int			periods = (int) (uniform() * 60);
		double		sum = 0;
		double		factor = 1;

		for (int t = 1; t <= periods; t++)
		{
			factor *= r / (1 + d);
			sum += factor;
		}
		if (periods > 0)
			wrong += !near(retention_value(25, r, d, periods, false), 25 * sum, 1e-13);
		wrong += !near(retention_value(25, r, d, periods, true), 25 * (1 + sum), 1e-13);
		wrong += !near(retention_value(25, r, d, INFINITY, false), 25 * r / (1 + d - r), 1e-12);
		wrong += !near(retention_value(25, r, d, INFINITY, true), 25 * (1 + d) / (1 + d - r), 1e-12);
		wrong += !near(retention_value(25, r, d, 1e9, false),
					   retention_value(25, r, d, INFINITY, false), 1e-13);
	}
	ok(wrong == 0, "the formula is the sum it stands for");
	ok(retention_value(10, 1, 0, 12, false) == 120 && retention_value(10, 1, 0, 12, true) == 130,
	   "nobody lost and no discount: so many margins");
	ok(near(retention_value(1, 1, 1e-12, 1000, false), 1000 * (1 - 500.5e-12), 1e-15),
	   "next to no discount");
	ok(near(retention_value(1, 1 - 1e-15, 0, 1e6, false), 1e6 * (1 - 5e5 * 9.992007221626409e-16), 1e-13),
	   "next to nobody lost");
	ok(retention_value(10, 0, 0.1, INFINITY, false) == 0 && retention_value(10, 0, 0.1, INFINITY, true) == 10,
	   "nobody stays");
	ok(isinf(retention_value(10, 1, 0, INFINITY, false)) && isinf(retention_value(0, 1, 0, INFINITY, false)),
	   "without bound");
	ok(near(annual_rate(.1, .25), 1 - .9 * .9 * .9 * .9, 1e-14) && annual_rate(1, 3) == 1 &&
	   annual_rate(0, 3) == 0 && near(annual_rate(.75, 2), .5, 1e-14), "annual attrition");
}

static TransitionMatrix
matrix(const char *text)
{
	TransitionMatrix m;
	char		why[MATRIX_WHY_SIZE];

	if (!transition_matrix_parse(&m, text, strlen(text), why))
	{
		ok(false, "%s: %s", text, why);
		exit(1);
	}
	return m;
}

static void
matrix_free(TransitionMatrix *m)
{
	for (int i = 0; i < m->states.count; i++)
		cv_free((char *) m->states.name[i].text);
	free(m->states.name);
	free(m->states.slot);
	free(m->cell);
	free(m->leaving);
}

/*
 * Pfeifer and Carraway (2000): a purchase brings 40, a mailing costs 4,
 * discount 0.2, and customers buy with probability .3, .2, .15, .05 if they
 * last bought one to four periods ago; then they are given up.
 */
static void
test_pfeifer_carraway(void)
{
	TransitionMatrix m = matrix("{\"states\": [\"1\", \"2\", \"3\", \"4\", \"5\"], \"probabilities\":"
								" [[0.3, 0.7, 0, 0, 0], [0.2, 0, 0.8, 0, 0], [0.15, 0, 0, 0.85, 0],"
								" [0.05, 0, 0, 0, 0.95], [0, 0, 0, 0, 1]]}");
	static const double payoff[] = {36, -4, -4, -4, 0};
	static const double four[] = {50.115, 4.220, 0.592, -1.980, 0};
	static const double endless[] = {52.320, 5.554, 1.251, -1.820, 0};
	double		value[5];
	int			culprit;
	int			wrong = 0;

	migration_value(&m, payoff, .2, 4, value, &culprit);
	for (int i = 0; i < 5; i++)
		wrong += fabs(value[i] - four[i]) > .0005;
	ok(wrong == 0, "four periods: %.3f %.3f %.3f %.3f", value[0], value[1], value[2], value[3]);
	wrong = 0;
	migration_value(&m, payoff, .2, MIGRATION_WITHOUT_END, value, &culprit);
	for (int i = 0; i < 5; i++)
		wrong += fabs(value[i] - endless[i]) > .0005;
	ok(wrong == 0 && value[4] == 0, "without end: %.3f %.3f %.3f %.3f", value[0], value[1], value[2], value[3]);
	ok(migration_value(&m, payoff, 0, MIGRATION_WITHOUT_END, value, &culprit) == MIGRATION_OK &&
	   near(value[3], -4 + .05 * value[0], 1e-14) && near(value[0], 36 + .3 * value[0] + .7 * value[1], 1e-14),
	   "it can be worked out without discount, too: %.3f", value[0]);
	matrix_free(&m);
}

/* Chains of two states are the retention formula. */
static void
test_two_states(void)
{
	TransitionMatrix m = matrix("{\"states\": [\"active\", \"gone\"], \"counts\": [[80, 20], [0, 0]]}");
	double		payoff[] = {100, 0};
	double		value[3];
	int			culprit;
	int			wrong = 0;

	for (int periods = 0; periods < 40; periods++)
	{
		migration_value(&m, payoff, .1, periods, value, &culprit);
		wrong += !near(value[0], retention_value(100, .8, .1, periods, true), 1e-13) || value[1] != 0;
	}
	ok(wrong == 0, "two states are the retention formula, first payment now");
	migration_value(&m, payoff, .1, MIGRATION_WITHOUT_END, value, &culprit);
	ok(near(value[0], 100 * 1.1 / .3, 1e-14), "without end, too");
	for (double d = 1e-3; d > 1e-300; d /= 1e3)
		wrong += migration_value(&m, payoff, d, MIGRATION_WITHOUT_END, value, &culprit) != MIGRATION_OK ||
			!near(value[0], 100 * (1 + d) / (.2 + d), 1e-14);
	ok(wrong == 0, "however small the discount");

	payoff[1] = 1;
	ok(migration_value(&m, payoff, .1, 3, value, &culprit) == MIGRATION_UNKNOWN && culprit == 1,
	   "a payoff where nobody knows what comes next");
	matrix_free(&m);

	m = matrix("{\"states\": [\"a\", \"b\", \"c\"], \"counts\": [[0, 1, 1], [0, 0, 3], [0, 2, 0]]}");
	ok(migration_value(&m, (double[]) {5, 0, 0}, 0, MIGRATION_WITHOUT_END, value, &culprit) == MIGRATION_OK &&
	   value[0] == 5 && value[1] == 0, "nobody leaves where nothing is paid");
	ok(migration_value(&m, (double[]) {5, 1, -1}, 0, MIGRATION_WITHOUT_END, value, &culprit) == MIGRATION_ENDLESS &&
	   culprit == 0, "payoffs that never end are no value");
	matrix_free(&m);
}

/* Random chains: V = R + P V / (1 + d), and a long recursion comes near. */
static void
test_random(void)
{
	int			wrong = 0;

	for (int trial = 0; trial < 60; trial++)
	{
		int			n = 1 + (int) (uniform() * 30);
		TransitionMatrix m = {.counted = true};
		double	   *payoff = cv_alloc(n * sizeof(double));
		double	   *value = cv_alloc(n * sizeof(double));
		double	   *far = cv_alloc(n * sizeof(double));
		double		d = .01 + uniform();
		double		largest = 0;
		int			culprit;

		m.cell = cv_alloc((size_t) n * n * sizeof(double));
		for (int i = 0; i < n; i++)
		{
			char		name[20];

			names_add(&m.states, name, (size_t) sprintf(name, "state %d", i));
			payoff[i] = floor(200 * uniform()) - 100;
			for (int j = 0; j < n; j++)
				m.cell[i * n + j] = uniform() < .4 ? floor(1000 * uniform()) : 0;
			m.cell[i * n + i] += 1;
		}
		wrong += transition_matrix_check(&m) != NULL;
		migration_value(&m, payoff, d, MIGRATION_WITHOUT_END, value, &culprit);
		migration_value(&m, payoff, d, 5000, far, &culprit);
		for (int i = 0; i < n; i++)
			largest = Max(largest, fabs(value[i]));
		for (int i = 0; i < n; i++)
		{
			double		sum = 0;

			for (int j = 0; j < n; j++)
				sum += transition_probability(&m, i, j) * value[j];
			wrong += fabs(value[i] - payoff[i] - sum / (1 + d)) > 1e-12 * largest;
			wrong += fabs(value[i] - far[i]) > 1e-11 * largest;
		}
		matrix_free(&m);
		cv_free(payoff);
		cv_free(value);
		cv_free(far);
	}
	ok(wrong == 0, "random chains solve their equations");
}

static void
test_text(void)
{
	static const char *const good[][2] = {
		{"{\"states\":[\"b\",\"a\\u00e9\\\"\"],\"counts\":[[1,2],[0,9007199254740992]]}",
		"{\"states\": [\"b\", \"a\xc3\xa9\\\"\"], \"counts\": [[1, 2], [0, 9007199254740992]]}"},
		{"{\"probabilities\": [[0.1, 9e-1], [-0.0, 1]], \"states\": [\"\", \"x\"]}",
		"{\"states\": [\"\", \"x\"], \"probabilities\": [[0.1, 0.9], [0, 1]]}"},
	};
	static const char *const bad[] = {
		"", "[]", "{}", "{\"states\": [\"a\"]}", "{\"counts\": [[1]]}", "{\"states\": [], \"counts\": []}",
		"{\"states\": [\"a\", \"a\"], \"counts\": [[1, 1], [1, 1]]}",
		"{\"states\": [\"a\"], \"counts\": [[1, 2]]}", "{\"states\": [\"a\"], \"counts\": [[1], [2]]}",
		"{\"states\": [\"a\", \"b\"], \"counts\": [[1, 2], [3]]}",
		"{\"states\": [\"a\"], \"counts\": [[1.5]]}", "{\"states\": [\"a\"], \"counts\": [[-1]]}",
		"{\"states\": [\"a\"], \"counts\": [[1e16]]}", "{\"states\": [\"a\"], \"counts\": [1]}",
		"{\"states\": [\"a\"], \"counts\": [[\"1\"]]}", "{\"states\": [1], \"counts\": [[1]]}",
		"{\"states\": [\"a\"], \"probabilities\": [[0.9]]}", "{\"states\": [\"a\"], \"probabilities\": [[0]]}",
		"{\"states\": [\"a\", \"b\"], \"probabilities\": [[1.5, -0.5], [0, 1]]}",
		"{\"states\": [\"a\"], \"counts\": [[1]], \"probabilities\": [[1]]}",
		"{\"states\": [\"a\"], \"states\": [\"b\"], \"counts\": [[1]]}", "{\"states\": [\"a\"], \"count\": [[1]]}",
		"{\"states\": [\"a\"], \"counts\": [[1]]} x", "{\"states\": [\"a\"], \"counts\": [[1]]",
		"{\"states\": [\"a\", \"b\"], \"counts\": [[9007199254740992, 2], [0, 0]]}",
		"{\"states\": [\"a\", \"b\"], \"counts\": [[], []]}",
	};
	char		why[MATRIX_WHY_SIZE];
	TransitionMatrix m;

	for (size_t i = 0; i < lengthof(good); i++)
	{
		char	   *text;

		m = matrix(good[i][0]);
		text = transition_matrix_print(&m);
		ok(strcmp(text, good[i][1]) == 0, "%s", text);
		cv_free(text);
		matrix_free(&m);
	}
	for (size_t i = 0; i < lengthof(bad); i++)
	{
		ok(!transition_matrix_parse(&m, bad[i], strlen(bad[i]), why), "%s: %s", bad[i], why);
		matrix_free(&m);
	}
}

static void
test_names(void)
{
	Names		names = {0};
	int		   *order;
	int			wrong = 0;
	char		name[20];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 300; i++)
			wrong += names_add(&names, name, (size_t) sprintf(name, "%d", i * 7919 % 1000)) != i;
	ok(wrong == 0 && names.count == 300, "names are numbered once");
	ok(names_find(&names, "7919", 4) < 0 && names_find(&names, "0", 1) == 0 && names_find(&names, "", 0) < 0,
	   "and found");
	order = names_sorted(&names);
	for (int i = 1; i < 300; i++)
	{
		char		a[20] = "";
		char		b[20] = "";

		memcpy(a, names.name[order[i - 1]].text, names.name[order[i - 1]].length);
		memcpy(b, names.name[order[i]].text, names.name[order[i]].length);
		wrong += strcmp(a, b) >= 0;
	}
	ok(wrong == 0, "and sorted");
	free(order);
	for (int i = 0; i < names.count; i++)
		cv_free((char *) names.name[i].text);
	free(names.name);
	free(names.slot);
}

int
main(void)
{
	test_multiples();
	test_formula();
	test_pfeifer_carraway();
	test_two_states();
	test_random();
	test_text();
	test_names();
	return done_testing("retention");
}
