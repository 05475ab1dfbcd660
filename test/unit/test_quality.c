/*
 * test_quality.c
 *		Figures about segmentations against numbers from elsewhere and the slow
 *		way; test/reference has the scripts that computed the former.
 */
#include "common/host.h"

#include <math.h>

#include "common/tails.h"
#include "quality/cross_table.h"
#include "quality/drivers.h"
#include "quality/grouped.h"
#include "quality/rank_correlation.h"
#include "quality/segment_quality.h"
#include "quality/stability.h"
#include "random.h"
#include "tap.h"

static bool
near(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance * fabs(b);
}

/*
 * Tails: test/reference/tails.py
 */
static void
test_tails(void)
{
	static const struct
	{
		double		f;
		double		degrees1;
		double		degrees2;
		double		tail;
	}			cases[] = {
		{1, 1, 1, 0.5},
		{161.4476387975881, 1, 1, 0.050000000000000061297},
		{4.0, 2, 7, 0.069426254078501575219},
		{0.001, 3, 5, 0.99995017118466055174},
		{0.9, 0.5, 5000, 0.27234767642826809807},
		{0.999, 7, 9999, 0.42968166890103103962},
		{1.0001, 20, 30, 0.48898350322111886661},
		{1.3, 999, 200, 0.01073262452045237527},
		{2.5, 7, 19993, 0.014471096819091261089},
		{14.4, 1, 3, 0.032119416050416801546},
		{20, 5000, 0.8, 0.23434931167371108824},
		{100, 100, 100, 1.9019500844145654668e-72},
		{100, 9.37, 5000, 7.9419916578006599362e-179},
		{100, 5000, 30.5, 1.2195996205440340355e-25},
		{1.01, 999, 5000, 0.41522528346679298087},
		{50, 3, 1000, 4.1105823391662920198e-30},
		{2000, 1, 800, 7.8684518512108081357e-220},
		{0.3, 0.25, 0.5, 0.45557058222593888854},
		{1e-08, 0.5, 3, 0.9926895986379743833},
		{1000000000000.0, 2, 3, 1.8371173070832500597e-18},
	};
	static const struct
	{
		double		x;
		int			degrees;
		double		tail;
	}			chi[] = {
		{501, 501, 0.49159777142905167533},
		{600, 501, 0.0015224585856744571384},
		{1000, 1000, 0.49405285382923964195},
		{1300, 1000, 3.8897364994868524768e-10},
		{9000, 9801, 0.99999999794963473857},
		{9900, 9801, 0.23900787924980255041},
		{10500, 9801, 5.2148613421492419324e-7},
		{20000, 20000, 0.49867019166004479962},
		{21000, 20000, 4.2758724550596472692e-7},
	};
	double		worst = 0;
	int			bad = 0;

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		double		tail = f_tail(cases[i].f, cases[i].degrees1, cases[i].degrees2);

		ok(near(tail, cases[i].tail, 1e-12), "F tail of %g with %g and %g degrees: %.17g",
		   cases[i].f, cases[i].degrees1, cases[i].degrees2, tail);
	}
	for (size_t i = 0; i < lengthof(chi); i++)
	{
		double		tail = chi_square_tail(chi[i].x, chi[i].degrees);

		ok(near(tail, chi[i].tail, 1e-12), "chi-square tail of %g with %d degrees: %.17g",
		   chi[i].x, chi[i].degrees, tail);
	}
	/* the two sides of a distribution; two degrees have a closed form */
	for (int i = 0; i < 2000; i++)
	{
		double		d1 = exp((double) (random64() % 10000) / 1000);
		double		d2 = exp((double) (random64() % 10000) / 1000);
		double		f = exp((double) (random64() % 8000) / 1000 - 4);
		double		both = f_tail(f, d1, d2) + f_tail(1 / f, d2, d1);
		double		closed = exp(-d2 / 2 * log1p(2 * f / d2));

		worst = Max(worst, fabs(both - 1));
		if (closed > 1e-300)
			worst = Max(worst, fabs(f_tail(f, 2, d2) / closed - 1));
		bad += !(f_tail(f, d1, d2) >= f_tail(f * 1.01, d1, d2));
	}
	ok(worst < 1e-12 && bad == 0, "laws of the F tail: %g, %d", worst, bad);
	ok(f_tail(INFINITY, 3, 4) == 0 && f_tail(0, 3, 4) == 1 && f_tail(-1, 3, 4) == 1 &&
	   f_tail(1e300, 1e6, 1e6) == 0 && f_tail(1e-300, 1e6, 1e6) == 1 &&
	   f_tail(1e300, 1, 1) > 0 && f_tail(5e-324, 1, 1) <= 1 && chi_square_tail(INFINITY, 600) == 0,
	   "the ends");
	ok(near(chi_square_tail(520, 500), chi_square_tail(520, 501), 0.05) &&
	   chi_square_tail(520, 500) < chi_square_tail(520, 501) &&
	   chi_square_tail(520, 501) < chi_square_tail(520, 502), "no step between two formulas");
}

/*
 * Rank correlations against all pairs
 */
static void
test_ranks(void)
{
	double		worst = 0;
	int			undefined = 0;

	for (int round = 0; round < 400; round++)
	{
		size_t		n = 1 + random64() % 60;
		int			kinds = 1 + (int) (random64() % 40);
		RankPair	pair[60];
		double		x[60];
		double		y[60];
		double		a = 0,
					b = 0,
					surplus = 0;
		double		sx = 0,
					sy = 0,
					sxy = 0;
		double		tau,
					rho;

		for (size_t i = 0; i < n; i++)
		{
			pair[i].x = x[i] = (double) (random64() % (uint64) kinds) - 3;
			pair[i].y = y[i] = (double) (random64() % (uint64) kinds) * 0.1 + x[i] * (round % 3);
		}
		for (size_t i = 0; i < n; i++)
		{
			double		rx = 0;
			double		ry = 0;

			for (size_t j = 0; j < n; j++)
			{
				int			dx = (x[i] > x[j]) - (x[i] < x[j]);
				int			dy = (y[i] > y[j]) - (y[i] < y[j]);

				a += dx * dx;
				b += dy * dy;
				surplus += dx * dy;
				rx += dx;
				ry += dy;
			}
			sx += rx * rx;
			sy += ry * ry;
			sxy += rx * ry;
		}
		if (spearman_rho(pair, n, &rho))
			worst = Max(worst, fabs(rho - sxy / sqrt(sx * sy)));
		else
			undefined += sx == 0 || sy == 0 ? 1 : 1000;
		if (kendall_tau(pair, n, &tau))
			worst = Max(worst, fabs(tau - surplus / sqrt(a * b)));
		else
			undefined += a == 0 || b == 0 ? 1 : 1000;
	}
	ok(worst < 1e-14 && undefined > 0 && undefined < 400, "rank correlations: %g, undefined %d",
	   worst, undefined);
}

/*
 * Tables against pairs of customers
 */
static void
test_cross_tables(void)
{
	double		worst = 0;
	int			negative = 0;

	for (int round = 0; round < 200; round++)
	{
		size_t		n = 2 + random64() % 50;
		int			kinds = 1 + (int) (random64() % 8);
		CrossTable	t = {0};
		CrossTable	half = {0};
		int			a[60];
		int			b[60];
		double		pairs = 0,
					same_a = 0,
					same_b = 0,
					same = 0;
		double		index;
		double		most;
		Association association;

		for (size_t i = 0; i < n; i++)
		{
			char		row[INTEGER_NAME_LENGTH];
			char		column[INTEGER_NAME_LENGTH];

			a[i] = (int) (random64() % (uint64) kinds) - 4;
			b[i] = round % 2 ? a[i] / 2 : (int) (random64() % (uint64) kinds);
			integer_name(a[i], row);
			integer_name(b[i], column);
			cross_table_cell(i % 3 ? &t : &half, row, sizeof(row), column, sizeof(column))->count++;
			for (size_t j = 0; j < i; j++)
			{
				pairs++;
				same_a += a[i] == a[j];
				same_b += b[i] == b[j];
				same += a[i] == a[j] && b[i] == b[j];
			}
		}
		cross_table_merge(&t, &half);
		most = (same_a + same_b) / 2 - same_a * same_b / pairs;
		if (cross_table_rand(&t, &index))
			worst = Max(worst, fabs(index - (same - same_a * same_b / pairs) / most));
		else
			worst = Max(worst, fabs(most));
		association = cross_table_association(&t);
		negative += association.known &&
			!(association.chi_square >= 0 && association.v >= 0 && association.v <= 1 &&
			  association.p >= 0 && association.p <= 1 && association.corrected <= 1);
		negative += association.customers != (int64) n;
		cross_table_free(&t);
		cross_table_free(&half);
	}
	ok(worst < 1e-13 && negative == 0, "adjusted Rand by pairs: %g, figures out of range %d",
	   worst, negative);
	for (int i = 0; i < 1000; i++)
	{
		int64		x = (int64) random64() >> (random64() % 64);
		int64		y = (int64) random64() >> (random64() % 64);
		char		a[INTEGER_NAME_LENGTH];
		char		b[INTEGER_NAME_LENGTH];
		int			order;

		integer_name(x, a);
		integer_name(y, b);
		order = memcmp(a, b, sizeof(a));
		if ((order > 0) != (x > y) || (order < 0) != (x < y))
		{
			ok(false, "names of integers");
			return;
		}
	}
	ok(true, "names of integers");
}

/*
 * Groups: any order of arrival, the same bits
 */
static void
test_groups(void)
{
	double		value[500];
	char		name[500];
	Grouped		first = {0};
	Squares		squares;
	double		unit;
	bool		same = true;

	for (int i = 0; i < 500; i++)
	{
		value[i] = exp((double) (random64() % 20000) / 1000 - 10) * (random64() % 2 ? 1 : -1) / 3;
		name[i] = (char) ('a' + random64() % 7);
		grouped_add(&first, &name[i], 1, value[i]);
	}
	squares = grouped_squares(&first, 0);
	unit = grouped_unit(&first);
	for (int round = 0; round < 20; round++)
	{
		Grouped		parts[3] = {{.count = 0}};
		Squares		again;

		for (int i = 499; i > 0; i--)
		{
			int			j = (int) (random64() % (uint64) (i + 1));
			double		v = value[i];
			char		c = name[i];

			value[i] = value[j];
			value[j] = v;
			name[i] = name[j];
			name[j] = c;
		}
		for (int i = 0; i < 500; i++)
			grouped_add(&parts[random64() % 3], &name[i], 1, value[i]);
		grouped_merge(&parts[0], &parts[1]);
		grouped_merge(&parts[0], &parts[2]);
		again = grouped_squares(&parts[0], 0);
		same &= again.between == squares.between && again.within == squares.within &&
			grouped_unit(&parts[0]) == unit && parts[0].count == 500;
		for (int i = 0; i < 3; i++)
			grouped_free(&parts[i]);
	}
	ok(same, "order of customers does not matter");
	grouped_free(&first);

	/* far from zero nothing is lost: 10^12 + 0 .. 3 in two groups */
	for (int i = 0; i < 4; i++)
		grouped_add(&first, i < 2 ? "a" : "b", 1, 1e12 + i);
	squares = grouped_squares(&first, 0);
	ok(squares.between == 4 && squares.within == 1, "far from zero: %.17g, %.17g",
	   squares.between, squares.within);
	grouped_free(&first);

	/* beyond the range of a double after division */
	grouped_add(&first, "a", 1, 1e-300);
	grouped_add(&first, "a", 1, -1e-300);
	grouped_add(&first, "b", 1, 1e99);
	unit = grouped_unit(&first);
	squares = grouped_squares(&first, unit);
	ok(unit == 1e-300 && squares.between > 1 && isfinite(squares.between) && isfinite(squares.within),
	   "a tiny unit: %g, %g", squares.between, squares.within);
	grouped_free(&first);
}

/*
 * The permutation test: mean and variance of the share between by all orders
 */
typedef struct Shares
{
	double		sum;
	double		squares;
	double		count;
} Shares;

static void
all_orders(double *value, int from, int n, const int *level, Shares *shares)
{
	if (from == n)
	{
		double		sum[8] = {0};
		double		size[8] = {0};
		double		mean = 0,
					total = 0,
					between = 0;

		for (int i = 0; i < n; i++)
			mean += value[i] / n;
		for (int i = 0; i < n; i++)
		{
			total += (value[i] - mean) * (value[i] - mean);
			sum[level[i]] += value[i] - mean;
			size[level[i]]++;
		}
		for (int i = 0; i < 8; i++)
			between += size[i] > 0 ? sum[i] * sum[i] / size[i] : 0;
		shares->sum += between / total;
		shares->squares += between / total * (between / total);
		shares->count++;
		return;
	}
	for (int i = from; i < n; i++)
	{
		double		v = value[from];

		value[from] = value[i];
		value[i] = v;
		all_orders(value, from + 1, n, level, shares);
		v = value[from];
		value[from] = value[i];
		value[i] = v;
	}
}

static void
test_permutations(void)
{
	static const struct
	{
		int			n;
		double		rank[8];	/* mid-ranks of the values, which are these */
		int			level[8];
	}			cases[] = {
		{7, {1, 2, 3, 4, 5, 6, 7}, {0, 0, 0, 1, 1, 2, 2}},
		{7, {1, 3, 3, 3, 5, 6, 7}, {0, 1, 2, 3, 4, 4, 4}},
		{6, {2, 2, 2, 4.5, 4.5, 6}, {0, 0, 1, 1, 1, 1}},
		{5, {1, 2, 3, 4, 5}, {0, 1, 2, 3, 3}},
		{4, {1, 2, 3, 4}, {0, 0, 1, 1}},
		{3, {1, 2, 3}, {0, 1, 1}},
	};

	for (size_t c = 0; c < lengthof(cases); c++)
	{
		Frame		frame = {0};
		Driver		driver;
		Shares		shares = {0};
		double		value[8];
		double		mean,
					variance,
					weight;

		memcpy(value, cases[c].rank, sizeof(value));
		all_orders(value, 0, cases[c].n, cases[c].level, &shares);
		mean = shares.sum / shares.count;
		variance = shares.squares / shares.count - mean * mean;
		weight = mean * (1 - mean) / variance - 1;
		for (int i = 0; i < cases[c].n; i++)
		{
			char		name = (char) ('a' + cases[c].level[i]);
			int			guess = 0;
			int			feature;

			frame_begin_row(&frame, exp(cases[c].rank[i]));
			frame_feature(&frame, "f", 1, &guess, &feature);
			frame_set_category(&frame, feature, &name, 1);
		}
		drivers_screen(&frame, &driver);
		if (weight > 0.01)
			ok(driver.tested && near(driver.degrees1, 2 * mean * weight, 1e-9) &&
			   near(driver.degrees2, 2 * (1 - mean) * weight, 1e-9),
			   "moments by all orders of %d customers: %g, %g", cases[c].n, driver.degrees1, driver.degrees2);
		else
			ok(!driver.tested || driver.degrees1 > 0, "no test of %d customers", cases[c].n);
		frame_free(&frame);
	}
}

/* Numbers: up to ten classes, equal ones together, about as many in each. */
static void
test_classes(void)
{
	static const struct
	{
		const char *what;
		int			distinct;	/* value is i % distinct */
		int			missing;	/* every so many */
		int			levels;
	}			cases[] = {
		{"two values", 2, 0, 2},
		{"ten values", 10, 0, 10},
		{"eleven values", 11, 0, 10},
		{"all different", 1000, 0, 10},
		{"two values and missing", 2, 7, 3},
		{"one value and missing", 1, 2, 2},
		{"one value", 1, 0, 1},
	};

	for (size_t c = 0; c < lengthof(cases); c++)
	{
		Frame		frame = {0};
		Driver		driver;

		for (int i = 0; i < 1000; i++)
		{
			int			guess = 0;
			int			feature;

			frame_begin_row(&frame, (double) (random64() % 1000));
			if (cases[c].missing && i % cases[c].missing == 0)
				continue;
			frame_feature(&frame, "f", 1, &guess, &feature);
			frame_set_number(&frame, feature, (double) (i % cases[c].distinct), false);
		}
		drivers_screen(&frame, &driver);
		ok(driver.levels == cases[c].levels, "%s: %d levels", cases[c].what, driver.levels);
		frame_free(&frame);
	}
}

/* A frequent number belongs where its middle customer is, not its first. */
static void
test_frequent_number(void)
{
	Frame		frame = {0};
	Driver		driver;

	for (int i = 0; i < 1000; i++)
	{
		int			guess = 0;
		int			feature;

		frame_begin_row(&frame, (double) i);
		frame_feature(&frame, "f", 1, &guess, &feature);
		frame_set_number(&frame, feature, i == 0 ? -1 : i < 600 ? 0 : i, false);
	}
	drivers_screen(&frame, &driver);
	/* classes of the first, of those with 0, and four of a hundred */
	ok(driver.levels == 6, "a frequent number: %d levels", driver.levels);
	frame_free(&frame);
}

/* Attributes that tell segments apart, and some that do not. */
static void
test_segment_quality(void)
{
	for (int round = 0; round < 3; round++)
	{
		Frame		frame = {0};
		SegmentQuality q;
		TextBuffer	verdict;
		SegmentQuality again;

		for (int i = 0; i < (round < 2 ? 400 : 6); i++)
		{
			char		segment = (char) ('a' + random64() % 3);
			char		channel = round == 0 ? segment : (char) ('a' + random64() % 3);
			int			guess = 0;
			int			feature;

			frame_begin_row(&frame, exp((double) (segment - 'a') * 3) + (double) (random64() % 100) / 100);
			frame_feature(&frame, "channel", 7, &guess, &feature);
			frame_set_category(&frame, feature, &channel, 1);
			frame_feature(&frame, SEGMENT_FEATURE, SEGMENT_FEATURE_LENGTH, &guess, &feature);
			frame_set_category(&frame, feature, &segment, 1);
		}
		segment_quality_measure(&frame, &q);
		segment_quality_measure(&frame, &again);
		text_open(&verdict);
		segment_quality_verdict(&q, &verdict);
		if (round == 0)
			ok(q.accuracy == 1 && q.baseline < 0.45 && q.explained > 0.9, "told apart: %s", verdict.begin);
		else if (round == 1)
			ok(q.accuracy == q.baseline && q.explained == 0, "not told apart: %s", verdict.begin);
		else
			ok(!q.validated && !q.has_explained, "too few: %s", verdict.begin);
		ok(q.accuracy == again.accuracy && q.explained == again.explained && q.scaled.share == again.scaled.share &&
		   q.anova.share == again.anova.share, "asked twice, answered the same");
		cv_free(verdict.begin);
		frame_free(&frame);
	}
}

static void
test_adjustments(void)
{
	static const double p[] = {0.01, 0.04, 0.03, 0.005, 0.9};
	static const double holm[] = {0.04, 0.09, 0.09, 0.025, 0.9};
	static const double bh[] = {0.025, 0.05, 0.05, 0.025, 0.9};
	double		adjusted[5];
	bool		good = true;

	/* by hand, and as R's p.adjust() */
	adjust_holm(p, 5, adjusted);
	for (int i = 0; i < 5; i++)
		good &= near(adjusted[i], holm[i], 1e-15);
	ok(good, "Holm");
	adjust_benjamini_hochberg(p, 5, adjusted);
	good = true;
	for (int i = 0; i < 5; i++)
		good &= near(adjusted[i], bh[i], 1e-15);
	ok(good, "Benjamini and Hochberg");
}

static void
test_stability(void)
{
	int64		base[] = {100, 200, 300, 400};
	int64		now[] = {130, 170, 310, 390};
	int64		empty[] = {0, 1, 2, 3};
	int64		nobody[] = {0, 0, 0, 0};
	double		a,
				b;
	int			bin;

	ok(stability_index(base, now, 4, SMOOTHING_NONE, &a, &bin) == STABILITY_OK &&
	   stability_index(now, base, 4, SMOOTHING_NONE, &b, &bin) == STABILITY_OK &&
	   near(a, b, 1e-14) && near(a, 0.013327572127030791, 1e-13), "stability is symmetric");
	ok(stability_index(base, base, 4, SMOOTHING_HALF, &a, &bin) == STABILITY_OK && a == 0,
	   "nothing has changed");
	ok(stability_index(base, empty, 4, SMOOTHING_NONE, &a, &bin) == STABILITY_EMPTY_BIN && bin == 0 &&
	   stability_index(base, empty, 4, SMOOTHING_LAPLACE, &a, &bin) == STABILITY_OK &&
	   stability_index(nobody, base, 4, SMOOTHING_HALF, &a, &bin) == STABILITY_NO_CUSTOMERS &&
	   stability_index(base, nobody, 4, SMOOTHING_HALF, &a, &bin) == STABILITY_NO_CUSTOMERS,
	   "empty bins and periods");
}

int
main(void)
{
	test_tails();
	test_ranks();
	test_cross_tables();
	test_groups();
	test_permutations();
	test_classes();
	test_frequent_number();
	test_segment_quality();
	test_adjustments();
	test_stability();
	return done_testing("quality");
}
