/*
 * test_survival.c
 *		Survival curves against published numbers and the slow way, the
 *		log-rank test, and the tails they need.
 */
#include "common/host.h"

#include <math.h>

#include "common/tails.h"
#include "survival/curve.h"
#include "survival/log_rank.h"
#include "random.h"
#include "tap.h"

static bool
near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance * Max(1, fabs(b));
}

static bool
relatively_near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance * fabs(b);
}

/*
 * Tails: values to 20 digits by arbitrary precision arithmetic (mpmath).
 */
static void
test_tails(void)
{
	static const struct
	{
		double		x;
		int			degrees;
		double		tail;
	}			cases[] = {
		{16.79294, 1, 0.000041688112825228567141},
		{3.841458820694124, 1, 0.050000000000000057435},
		{0.001, 1, 0.97477287936996038828},
		{5.991464547107979, 2, 0.050000000000000073572},
		{100, 2, 1.928749847963917783e-22},
		{0.5, 3, 0.91889141165467585936},
		{7.8, 3, 0.050331097859853354623},
		{300, 3, 9.948758346327708869e-65},
		{11.07, 5, 0.050009618622405482225},
		{1, 7, 0.99482853651651548226},
		{40, 10, 0.000016944743930067383904},
		{0.01, 10, 0.99999999999997406661},
		{250, 249, 0.47025811297205191358},
		{400, 249, 3.9484797930050938427e-9},
		{1300, 249, 1.1587547771550187613e-141},
		{600, 500, 0.0013774718775282020073},
		{1200, 2, 2.6503965530043108163e-261},
		{1400, 1, 2.101014516264217495e-306},
	};
	static const struct
	{
		double		level;
		double		z;
	}			bounds[] = {
		{0.95, 1.9599639845400538556},
		{0.9, 1.6448536269514728225},
		{0.99, 2.5758293035489004539},
		{0.5, 0.6744897501960817432},
		{0.001, 0.0012533144654325545383},
		{0.999999, 4.8916384756929317718},
		{0.68, 0.99445788320975326812},
	};

	for (size_t i = 0; i < lengthof(cases); i++)
		ok(relatively_near(chi_square_tail(cases[i].x, cases[i].degrees), cases[i].tail, 1e-12),
		   "chi-square tail of %g with %d degrees: %.17g", cases[i].x, cases[i].degrees,
		   chi_square_tail(cases[i].x, cases[i].degrees));
	for (size_t i = 0; i < lengthof(bounds); i++)
		ok(relatively_near(normal_bound(bounds[i].level), bounds[i].z, 1e-13),
		   "normal bound of %g: %.17g", bounds[i].level, normal_bound(bounds[i].level));
	ok(chi_square_tail(0, 3) == 1 && chi_square_tail(1e6, 250) == 0, "the ends");
}

/* One customer of the slow way. */
typedef struct Customer
{
	double		entry;			/* below 0: from the start */
	double		duration;
	bool		event;
} Customer;

static SurvivalCurve
curve_of(const Customer *customer, int count)
{
	TimeTable	table = {0};
	SurvivalCurve curve;

	for (int i = 0; i < count; i++)
	{
		if (customer[i].entry >= 0)
			times_add(&table, customer[i].entry, 1, 0, 0);
		times_add(&table, customer[i].duration, 0, customer[i].event, !customer[i].event);
	}
	curve.at = times_sorted(&table);
	curve.count = table.used;
	cv_free(table.slot);
	if (survival_curve_check(&curve) != NULL)
		ok(false, "a curve is refused: %s", survival_curve_check(&curve));
	return curve;
}

/* By definition, in quadratic time. */
static double
slow_survival(const Customer *customer, int count, double time, double *greenwood)
{
	double		survival = 1;

	*greenwood = 0;
	for (int t = 0; t <= (int) time; t++)
	{
		double		n = 0;
		double		d = 0;

		for (int i = 0; i < count; i++)
		{
			n += customer[i].entry < t && customer[i].duration >= t;
			d += customer[i].event && customer[i].duration == t;
		}
		if (d > 0)
		{
			survival *= 1 - d / n;
			*greenwood += d / (n * (n - d));
		}
	}
	return survival;
}

static void
test_slow_way(void)
{
	int			wrong = 0;
	int			compared = 0;

	for (int trial = 0; trial < 300; trial++)
	{
		Customer	customer[200];
		int			count = 1 + (int) (random64() % 200);
		SurvivalCurve curve;
		SurvivalWalk walk;

		for (int i = 0; i < count; i++)
		{
			customer[i].duration = (double) (random64() % 30);
			customer[i].entry = trial % 2 && customer[i].duration > 0 && random64() % 2 ?
				(double) (random64() % (uint64) customer[i].duration) : -1;
			customer[i].event = random64() % 3 > 0;
		}
		curve = curve_of(customer, count);
		survival_walk(&walk, &curve);
		while (survival_next(&walk))
		{
			double		greenwood;
			double		s = slow_survival(customer, count, walk.at->time, &greenwood);

			compared++;
			wrong += !near(walk.survival, s, 1e-13) ||
				(s > 1e-13 && !near(walk.greenwood, greenwood, 1e-12));
		}
		wrong += survival_customers(&curve) != count;
		cv_free(curve.at);
	}
	ok(wrong == 0 && compared > 1000, "%d points as by definition", compared);
}

/*
 * Remission times of the 6-MP arm and of the control arm in weeks (Freireich
 * and others 1963; Gehan 1965), with the estimates all textbooks print.
 */
static const double treated[] = {6, 6, 6, 7, 10, 13, 16, 22, 23,
6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
static const double control[] = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8,
11, 11, 12, 12, 15, 17, 22, 23};

static SurvivalCurve
arm(const double *duration, int events)
{
	Customer	customer[21];

	for (int i = 0; i < 21; i++)
		customer[i] = (Customer) {-1, duration[i], i < events};
	return curve_of(customer, 21);
}

static void
test_gehan(void)
{
	SurvivalCurve curve = arm(treated, 9);
	SurvivalCurve other = arm(control, 21);
	static const double table[][3] = {
		{6, .857, .0764}, {7, .807, .0869}, {10, .753, .0963}, {13, .690, .1068},
		{16, .627, .1141}, {22, .538, .1282}, {23, .448, .1346}
	};
	SurvivalWalk walk;
	int			row = 0;
	double		lower,
				upper,
				error;
	LogRankGroup group[2] = {{.at = curve.at,.count = curve.count},
	{.at = other.at,.count = other.count}};
	LogRank		test;

	survival_walk(&walk, &curve);
	while (survival_next(&walk))
	{
		if (walk.at->events == 0)
			continue;
		ok(walk.at->time == table[row][0] && fabs(walk.survival - table[row][1]) < .0005 &&
		   fabs(walk.survival * sqrt(walk.greenwood) - table[row][2]) < .00005,
		   "6-MP at %g: %.3f, %.4f", walk.at->time, walk.survival,
		   walk.survival * sqrt(walk.greenwood));
		row++;
	}
	ok(row == 7, "seven times with events");
	survival_walk(&walk, &curve);
	survival_next(&walk);
	ok(survival_interval(&walk, INTERVAL_LOG_LOG, normal_bound(.95), &lower, &upper) &&
	   fabs(lower - .6197) < .00005 && fabs(upper - .9516) < .00005, "log-log: %.4f, %.4f", lower, upper);
	ok(survival_interval(&walk, INTERVAL_LOG, normal_bound(.95), &lower, &upper) &&
	   fabs(lower - .7198) < .00005 && upper == 1, "log: %.4f, %.4f", lower, upper);
	ok(survival_interval(&walk, INTERVAL_PLAIN, normal_bound(.95), &lower, &upper) &&
	   fabs(lower - .7075) < .00005 && upper == 1, "plain: %.4f, %.4f", lower, upper);
	ok(survival_quantile(&curve, .5) == 23 && survival_quantile(&other, .5) == 8, "medians 23 and 8");
	ok(isnan(survival_quantile(&curve, .6)), "nobody knows when 60 percent are lost");
	ok(survival_at(&curve, 0) == 1 && survival_at(&curve, 5.9) == 1, "all stay at first");
	ok(survival_at(&curve, 6) == survival_at(&curve, 6.5), "the curve is flat between");
	ok(!isnan(survival_at(&curve, 35)) && isnan(survival_at(&curve, 35.1)), "and ends");
	ok(survival_at(&other, 100) == 0, "unless all are lost");
	ok(relatively_near(survival_restricted_mean(&other, 23, &error), 182. / 21, 1e-14),
	   "the mean without censoring is the mean");
	ok(relatively_near(survival_restricted_mean(&other, 1000, &error), 182. / 21, 1e-14) &&
	   relatively_near(error, 1.37739004126454814, 1e-12), "and its error that of a mean: %.15g", error);
	ok(isnan(survival_restricted_mean(&curve, 36, &error)), "no mean beyond the end");
	ok(survival_restricted_mean(&curve, 0, &error) == 0 && error == 0, "no time, no mean");

	log_rank_test(group, 2, &test);
	ok(test.known && test.degrees == 1 && fabs(test.chi_square - 16.79) < .005,
	   "log-rank chi-square %.4f", test.chi_square);
	ok(fabs(group[0].expected - 19.25) < .005 && fabs(group[1].expected - 10.75) < .005,
	   "expected %.2f and %.2f", group[0].expected, group[1].expected);
	cv_free(curve.at);
	cv_free(other.at);
}

/* S is exactly at the level, but for rounding: that counts as reached. */
static void
test_levels(void)
{
	int			wrong = 0;

	for (int n = 2; n <= 200; n += 2)
	{
		Customer	customer[200];
		SurvivalCurve curve;

		for (int i = 0; i < n; i++)
			customer[i] = (Customer) {-1, i + 1, true};
		curve = curve_of(customer, n);
		for (int lost = 1; lost <= n; lost++)
			wrong += survival_quantile(&curve, (double) lost / n) != lost;
		cv_free(curve.at);
	}
	ok(wrong == 0, "levels that are just reached count as reached");
}

static void
test_log_rank(void)
{
	TimeCount	all[] = {{1, 0, 5, 0}};
	TimeCount	none[] = {{1, 0, 0, 5}, {2, 0, 0, 1}};
	TimeCount	early[] = {{0.5, 0, 0, 3}};
	TimeCount	some[] = {{1, 0, 2, 1}, {3, 0, 1, 4}, {4, 0, 2, 2}};
	LogRankGroup same[4];
	LogRank		test;

	for (int i = 0; i < 2; i++)
		same[i] = (LogRankGroup) {.at = all,.count = 1};
	log_rank_test(same, 2, &test);
	ok(!test.known, "all lost at once: nothing to compare");
	for (int i = 0; i < 2; i++)
		same[i] = (LogRankGroup) {.at = none,.count = 2};
	log_rank_test(same, 2, &test);
	ok(!test.known && test.degrees == 0, "no events: nothing to compare");
	same[0] = (LogRankGroup) {.at = some,.count = 3};
	log_rank_test(same, 1, &test);
	ok(!test.known && test.degrees == 0, "one group: nothing to compare");

	for (int i = 0; i < 4; i++)
		same[i] = (LogRankGroup) {.at = some,.count = 3};
	log_rank_test(same, 4, &test);
	ok(test.known && test.degrees == 3 && test.chi_square < 1e-20, "equal groups: %g", test.chi_square);
	same[2] = (LogRankGroup) {.at = early,.count = 1};
	log_rank_test(same, 4, &test);
	ok(test.known && test.degrees == 2 && same[2].expected == 0,
	   "a group that was gone before the first event does not count");
}

/*
 * Four groups, against the same in exact fractions; which group comes first,
 * or last and so is left out of the quadratic form, must not matter.
 */
static void
test_four_groups(void)
{
	static const TimeCount times[4][7] = {
		{{1, 0, 1, 0}, {3, 0, 1, 1}, {5, 0, 1, 0}, {8, 0, 1, 0}, {9, 0, 0, 1}, {12, 0, 1, 0}},
		{{2, 0, 1, 0}, {3, 0, 1, 0}, {4, 0, 0, 1}, {8, 0, 0, 1}, {13, 0, 1, 0}, {14, 0, 1, 0}, {20, 0, 0, 1}},
		{{3, 0, 0, 1}, {6, 0, 1, 0}, {8, 0, 1, 0}, {15, 0, 0, 1}, {21, 0, 1, 0}, {22, 0, 0, 1}},
		{{1, 0, 2, 0}, {2, 0, 1, 0}, {5, 0, 1, 0}, {8, 0, 0, 1}},
	};
	static const size_t counts[4] = {6, 7, 6, 4};
	static const double expected[4] = {3.392414252414252, 4.912627372627373, 6.111974691974692, 1.582983682983683};
	int			wrong = 0;

	for (int turn = 0; turn < 4; turn++)
	{
		LogRankGroup group[4];
		LogRank		test;

		for (int j = 0; j < 4; j++)
		{
			int			from = (j + turn) % 4;

			group[j] = (LogRankGroup) {.at = times[from],.count = counts[from]};
		}
		log_rank_test(group, 4, &test);
		wrong += !test.known || test.degrees != 3 ||
			!relatively_near(test.chi_square, 7.734224107867766, 1e-13);
		for (int j = 0; j < 4; j++)
			wrong += !relatively_near(group[j].expected, expected[(j + turn) % 4], 1e-14);
	}
	ok(wrong == 0, "four groups in any order, as in exact fractions");
}

/*
 * Bytes and text
 */

static void
test_forms(void)
{
	int			wrong = 0;
	int			accepted = 0;

	for (int trial = 0; trial < 200; trial++)
	{
		Customer	customer[50];
		int			count = 1 + (int) (random64() % 50);
		SurvivalCurve curve,
					back;
		uint8	   *bytes,
				   *again;
		size_t		length;
		char	   *text;
		char		why[SURVIVAL_WHY_SIZE];

		for (int i = 0; i < count; i++)
			customer[i] = (Customer) {trial % 2 ? (double) (random64() % 5) / 7 : -1,
				1 + (double) (random64() % 1000) / 7, random64() % 2};
		curve = curve_of(customer, count);
		bytes = cv_alloc(survival_curve_max_size(&curve));
		length = survival_curve_encode(&curve, bytes);
		wrong += survival_curve_decode(&back, bytes, length) != NULL ||
			back.count != curve.count ||
			memcmp(back.at, curve.at, curve.count * sizeof(TimeCount)) != 0;
		if (back.at)
			cv_free(back.at);
		for (size_t cut = 0; cut < length; cut++)
		{
			uint8	   *part = cv_alloc(cut);

			memcpy(part, bytes, cut);
			accepted += survival_curve_decode(&back, part, cut) == NULL;
			if (back.at)
				cv_free(back.at);
			cv_free(part);
		}
		text = survival_curve_print(&curve);
		if (survival_curve_parse(&back, text, strlen(text), why))
		{
			again = cv_alloc(survival_curve_max_size(&back));
			wrong += survival_curve_encode(&back, again) != length ||
				memcmp(bytes, again, length) != 0;
			cv_free(again);
		}
		else
			wrong++;
		cv_free(back.at);
		cv_free(text);
		cv_free(bytes);
		cv_free(curve.at);
	}
	ok(wrong == 0, "curves come back from bytes and text");
	ok(accepted == 0, "none is read from bytes cut short");
}

static void
test_refusals(void)
{
	static const char *const texts[] = {
		"{}", "[]", "", "{\"duration\": [1], \"events\": [1]}",
		"{\"duration\": [], \"events\": [], \"censored\": []}",
		"{\"duration\": [1], \"events\": [0], \"censored\": [0]}",
		"{\"duration\": [2, 1], \"events\": [1, 1], \"censored\": [0, 0]}",
		"{\"duration\": [1, 1], \"events\": [1, 1], \"censored\": [0, 0]}",
		"{\"duration\": [-1], \"events\": [1], \"censored\": [0]}",
		"{\"duration\": [1], \"events\": [1.5], \"censored\": [0]}",
		"{\"duration\": [1], \"events\": [-1], \"censored\": [2]}",
		"{\"duration\": [1], \"events\": [1, 2], \"censored\": [0]}",
		"{\"duration\": [1], \"events\": [1], \"censored\": [0], \"entered\": [1]}",
		"{\"duration\": [0, 1], \"entered\": [1, 1], \"events\": [0, 2], \"censored\": [0, 0]}",
		"{\"duration\": [0, 1], \"entered\": [3, 0], \"events\": [0, 2], \"censored\": [0, 0]}",
		"{\"duration\": [1, 2], \"events\": [9007199254740992, 1], \"censored\": [0, 0]}",
		"{\"duration\": [1], \"events\": [9007199254740993e3], \"censored\": [0]}",
		"{\"duration\": [1], \"events\": [1], \"censored\": [0], \"events\": [1]}",
		"{\"duration\": [1], \"events\": [1], \"censored\": [0], \"x\": [1]}",
		"{\"duration\": [1], \"events\": [\"1\"], \"censored\": [0]}",
		"{\"duration\": [1e999], \"events\": [1], \"censored\": [0]}",
	};
	static const char zero[] = "{\"duration\": [-0.0], \"events\": [1], \"censored\": [0]}";
	char		why[SURVIVAL_WHY_SIZE];
	SurvivalCurve curve;

	for (size_t i = 0; i < lengthof(texts); i++)
	{
		ok(!survival_curve_parse(&curve, texts[i], strlen(texts[i]), why), "%s: %s", texts[i], why);
		if (curve.at)
			cv_free(curve.at);
	}
	ok(survival_curve_parse(&curve, zero, strlen(zero), why) && !signbit(curve.at[0].time), "-0 is 0");
	cv_free(curve.at);
}

int
main(void)
{
	test_tails();
	test_slow_way();
	test_gehan();
	test_levels();
	test_log_rank();
	test_four_groups();
	test_forms();
	test_refusals();
	return done_testing("survival");
}
