/*
 * test_scoring.c
 *		Quantiles, RFM schemes, value grids and life-cycle stages against the
 *		slow way, and the text and bytes of such segmentations, mutated ones
 *		included.
 */
#include "common/host.h"

#include "ledger/ledger.h"
#include "scoring/lifecycle.h"
#include "scoring/scoring.h"
#include "scoring/value_grid.h"
#include "segment/quantiles.h"
#include "segment_test.h"
#include "tap.h"

/* ---- quantiles ---- */

/* The boundary after "above" classes as ntile(k) counts rows. */
static int64
rows_above(int64 rows, int k, int above)
{
	int64		n = 0;

	for (int i = 0; i < above; i++)
		n += rows / k + (i < rows % k);
	return n;
}

/* The nearest gap to a row, the larger upper class first: all are tried. */
static size_t
nearest_gap(const int64 *weight, size_t count, int64 row)
{
	size_t		best = 0;
	int64		best_distance = INT64_MAX;
	int64		above = 0;

	for (size_t i = count - 1; i > 0; i--)
	{
		int64		distance;

		above += weight[i];
		distance = above > row ? above - row : row - above;
		if (distance <= best_distance)
		{
			best_distance = distance;
			best = i;
		}
	}
	return best;
}

static void
test_quantiles(void)
{
	int			wrong = 0,
				empty = 0,
				ntile = 0,
				crowded = 0;

	for (int round = 0; round < 20000; round++)
	{
		int			k = 2 + (int) (random64() % 8);
		size_t		count = (size_t) k + random64() % 30;
		int64		weight[64];
		size_t		first[16];
		size_t		gap[16];
		int64		rows = 0;
		bool		distinct = true;

		for (size_t i = 0; i < count; i++)
		{
			weight[i] = round % 3 == 0 ? 1 : 1 + (int64) (random64() % (random64() % 5 ? 4 : 40));
			rows += weight[i];
		}
		wrong += !quantile_classes(weight, count, k, first);
		empty += first[0] != 0 || first[k - 1] >= count;
		for (int j = 1; j < k; j++)
		{
			empty += first[j] <= first[j - 1];
			gap[j] = nearest_gap(weight, count, rows_above(rows, k, k - j));
			if (j > 1 && gap[j] <= gap[j - 1])
				distinct = false;
		}
		crowded += !distinct;
		for (int j = 1; distinct && j < k; j++)
			wrong += first[j] != gap[j];
		for (int j = 1; round % 3 == 0 && j < k; j++)
			ntile += count - first[j] != (size_t) rows_above(rows, k, k - j);
	}
	ok(wrong == 0, "quantiles: each boundary at the gap nearest to that of ntile()");
	ok(empty == 0, "quantiles: no class is empty, crowded or not (%d were)", crowded);
	ok(ntile == 0, "quantiles: without ties the classes of ntile()");
	{
		static const int64 weight[] = {2, 2, 2, 2, 92};
		static const int64 tie[] = {2, 2, 2};
		size_t		first[5];

		ok(!quantile_classes(weight, 4, 5, first), "quantiles: fewer values than classes");
		ok(quantile_classes(weight, 5, 5, first) && first[4] == 4 && first[1] == 1,
		   "quantiles: a crowd at the top leaves one value for each other class");
		ok(quantile_classes(tie, 3, 2, first) && first[1] == 1,
		   "quantiles: of two gaps equally near the one with the larger upper class");
	}
}

/* ---- ledgers ---- */

typedef struct Day
{
	int32		day;
	int64		purchases;
	int64		revenue;		/* millionths */
	bool		has_costs;
} Day;

#define MAX_DAYS 12

static int
random_days(Day *days)
{
	int			n = (int) (random64() % (MAX_DAYS + 1));
	int32		day = 8000 + (int32) (random64() % 400);

	for (int i = 0; i < n; i++)
	{
		day += 1 + (int32) (random64() % (random64() % 4 ? 60 : 500));
		days[i].day = day;
		days[i].purchases = (int64) (random64() % 4) - (random64() % 9 == 0);
		days[i].revenue = (int64) (random64() % 30000) * 10000 - (random64() % 8 ? 0 : 100000000);
		days[i].has_costs = random64() % 2;
	}
	return n;
}

static void
write_days(LedgerWriter *writer, const Day *days, int n)
{
	ledger_writer_open(writer, 64);
	for (int i = 0; i < n; i++)
	{
		i128		amounts[MAX_ACCOUNTS] = {0};
		uint32		accounts = ACCOUNT_BIT(ACCOUNT_REVENUE);

		amounts[ACCOUNT_REVENUE] = days[i].revenue;
		if (days[i].has_costs)
		{
			accounts |= ACCOUNT_BIT(ACCOUNT_COGS) | ACCOUNT_BIT(ACCOUNT_OTHER);
			amounts[ACCOUNT_COGS] = 12345678;
			amounts[ACCOUNT_OTHER] = (i128) 1 << 90;
		}
		ledger_write(writer, days[i].day, days[i].purchases, accounts, amounts, LEDGER_FINISHED);
	}
}

static bool
measures_are(const Day *days, int n, int32 as_of, const Measures *m, MeasuresStatus status)
{
	int64		frequency = 0;
	i128		monetary = 0;
	int32		last = 0;
	bool		bought = false;

	for (int i = 0; i < n; i++)
	{
		if (days[i].day > as_of)
			continue;
		frequency += days[i].purchases;
		monetary += days[i].revenue;
		if (days[i].purchases > 0)
		{
			bought = true;
			last = days[i].day;
		}
	}
	if (!bought)
		return status == MEASURES_NO_PURCHASE;
	return status == MEASURES_OK && m->recency == as_of - last &&
		m->frequency == frequency && m->monetary == monetary;
}

/* Each stage as its definition says, looking at all days every time. */
static LifecycleStage
stage_slowly(const Day *days, int n, int32 as_of, const LifecycleRule *rule)
{
	int			first = -1,
				last = -1,
				before = -1;
	bool		back = false;

	for (int i = 0; i < n; i++)
	{
		if (days[i].day > as_of || days[i].purchases <= 0)
			continue;
		if (first < 0)
			first = i;
		if (before >= 0 && days[i].day - days[before].day > rule->lapsed_after &&
			as_of - days[i].day <= rule->new_for)
			back = true;
		before = last = i;
	}
	if (first < 0)
		return STAGE_PROSPECT;
	if (as_of - days[last].day > rule->lapsed_after)
		return STAGE_LAPSED;
	if (as_of - days[last].day > rule->active_for)
		return STAGE_AT_RISK;
	return back ? STAGE_WON_BACK :
		as_of - days[first].day <= rule->new_for ? STAGE_NEW : STAGE_ACTIVE;
}

static void
test_ledgers(void)
{
	int			measures_wrong = 0,
				stage_wrong = 0,
				future_wrong = 0;
	int			seen[LIFECYCLE_STAGES] = {0};

	for (int round = 0; round < 20000; round++)
	{
		Day			days[MAX_DAYS];
		int			n = random_days(days);
		int32		as_of = 8000 + (int32) (random64() % 3000);
		int32		active = 1 + (int32) (random64() % 200);
		int32		lapsed = active + 1 + (int32) (random64() % 200);
		LifecycleRule rule = {1 + (int32) (random64() % lapsed), active, lapsed};
		LedgerWriter writer;
		Measures	m;
		LifecycleStage stage;
		int			past = 0;

		write_days(&writer, days, n);
		measures_wrong += !measures_are(days, n, as_of, &m,
										measures_of_ledger(writer.bytes, writer.used, as_of, &m));
		stage = lifecycle_stage_of(writer.bytes, writer.used, as_of, &rule);
		seen[stage]++;
		stage_wrong += stage != stage_slowly(days, n, as_of, &rule);
		ledger_writer_close(&writer);

		/* without what comes after as_of */
		while (past < n && days[past].day <= as_of)
			past++;
		write_days(&writer, days, past);
		future_wrong += stage != lifecycle_stage_of(writer.bytes, writer.used, as_of, &rule);
		future_wrong += !measures_are(days, n, as_of, &m,
									  measures_of_ledger(writer.bytes, writer.used, as_of, &m));
		ledger_writer_close(&writer);
	}
	ok(measures_wrong == 0, "measures: as added up by hand");
	ok(stage_wrong == 0, "life cycle: as defined");
	ok(future_wrong == 0, "what happens after as_of does not matter");
	for (int stage = 0; stage < LIFECYCLE_STAGES; stage++)
		ok(seen[stage] > 100, "life cycle: %d are %s", seen[stage], lifecycle_stage_names[stage]);
	{
		Day			ends[] = {{LEDGER_DAY_MIN, 1, 5, false}, {LEDGER_DAY_MAX, 1, 5, false}};
		LifecycleRule rule = {90, 180, 365};
		LedgerWriter writer;
		Measures	m;

		write_days(&writer, ends, 2);
		ok(measures_of_ledger(writer.bytes, writer.used, LEDGER_DAY_MAX - 1, &m) == MEASURES_OK &&
		   m.recency == INT32_MAX - 155 && m.frequency == 1,
		   "measures: from the first day of type date to the last");
		ok(lifecycle_stage_of(writer.bytes, writer.used, LEDGER_DAY_MAX, &rule) == STAGE_WON_BACK,
		   "life cycle: likewise");
		ledger_writer_close(&writer);
	}
}

/* ---- RFM schemes ---- */

static RfmScheme *
scheme_of(const char *text)
{
	SegmentationError error;
	Segmentation *s = segmentation_parse(text, strlen(text), &error);

	if (s == NULL)
		printf("# %s: %s\n", text, error.detail);
	return (RfmScheme *) s;
}

static void
test_customary_rules(void)
{
	RfmScheme  *s = scheme_of("{\"method\": \"rfm_scores\", \"recency\": [1, 2, 3, 4], \"frequency\": [4, 3, 2, 1], \"monetary\": [4, 3, 2, 1]}");
	int			wrong = 0;

	for (int cell = 0; cell < 125; cell++)
	{
		int			score[RULE_SIDES];
		int			matches = 0;
		int			code = rfm_cell_code(5, cell);
		int			f = code / 10 % 10;
		int			m = code % 10;

		rfm_cell_scores(5, cell, score);
		wrong += score[RECENCY] != code / 100 || score[FREQUENCY] != f || score[MONETARY] != m;
		wrong += score[SIDE_FM] != (int) ((f + m) / 2.0 + 0.5);
		for (int i = 0; i < s->head.k; i++)
			matches += rfm_rule_matches(&s->rule[i], score);
		wrong += matches != 1;
	}
	ok(wrong == 0 && s->head.k == 11, "customary rules: every code in exactly one of eleven");
	segmentation_free(&s->head);
}

static const Measure all_measures[] = {RECENCY, FREQUENCY, MONETARY};

/* More is better. */
static i128
merit(const Measures *m, Measure measure)
{
	return measure == RECENCY ? -(i128) m->recency : measure == FREQUENCY ? m->frequency : m->monetary;
}

/* Customers are better than nobody with a better score, and than all with a worse one. */
static int
scores_disagree(const RfmScorer *scorer, const Measures *customer, int n)
{
	int			wrong = 0;

	for (int i = 0; i < n; i++)
	{
		int			a[RULE_SIDES];

		rfm_cell_scores(scorer->scores, rfm_cell_of(scorer, &customer[i]), a);
		for (int j = 0; j < n; j++)
		{
			int			b[RULE_SIDES];

			rfm_cell_scores(scorer->scores, rfm_cell_of(scorer, &customer[j]), b);
			for (int q = 0; q < MEASURES; q++)
			{
				i128		x = merit(&customer[i], all_measures[q]);
				i128		y = merit(&customer[j], all_measures[q]);

				wrong += (x == y && a[q] != b[q]) || (x > y && a[q] < b[q]);
			}
		}
	}
	return wrong;
}

/* The cells add up to all customers, and each quantile class has somebody. */
static int
cells_are_wrong(const RfmScheme *s, const RfmScorer *scorer, const Measures *customer, int n)
{
	int			wrong = 0;

	for (int cell = 0; cell < rfm_cells(s->scores); cell++)
	{
		int64		customers = 0;
		i128		total = 0;

		for (int i = 0; i < n; i++)
		{
			if (rfm_cell_of(scorer, &customer[i]) != cell)
				continue;
			customers++;
			total += customer[i].monetary;
		}
		wrong += s->cell[cell].customers != customers || s->cell[cell].total != total;
	}
	return wrong;
}

static void
random_customers(Measures *customer, int n, int kind)
{
	for (int i = 0; i < n; i++)
	{
		customer[i].recency = (int32) (random64() % (kind == 0 ? 20 : 1000));
		customer[i].frequency = 1 + (int64) (random64() % (kind == 0 ? 12 : 100));
		customer[i].monetary = (i128) (int64) (random64() % 200000) * (kind == 1 ? 10000 : 1) - 50000;
		if (kind == 2)
			customer[i].monetary *= INT64CONST(1000000000000);
	}
}

static void
test_schemes(void)
{
	int			wrong = 0,
				order_wrong = 0,
				hold_wrong = 0,
				refused = 0,
				accepted = 0;

	for (int round = 0; round < 120; round++)
	{
		Measures	customer[120];
		int			n = 40 + (int) (random64() % 80);
		Scoring		scoring;
		ScoringProblem problem;
		RfmScheme  *s;
		RfmScheme  *t;
		RfmScorer	scorer;
		uint8		bytes[2][100000];
		size_t		length[2];

		random_customers(customer, n, round % 3);
		scoring_default(&scoring);
		scoring.scores = 2 + round % 8;
		if (scoring_apply(&scoring, customer, (size_t) n, &s, &problem) != SCORING_OK)
		{
			refused++;
			continue;
		}
		if (round % 5 == 0 && s->rule)
			rfm_drop_rules(s);
		rfm_scorer_open(&scorer, s);
		wrong += scores_disagree(&scorer, customer, n) + cells_are_wrong(s, &scorer, customer, n);
		length[0] = segmentation_encode(&s->head, bytes[0]);
		hold_wrong += !segmentation_holds(&s->head, 150, &accepted);

		for (int i = n - 1; i > 0; i--)
		{
			int			j = (int) (random64() % (i + 1));
			Measures	swap = customer[i];

			customer[i] = customer[j];
			customer[j] = swap;
		}
		scoring_apply(&scoring, customer, (size_t) n, &t, &problem);
		if (round % 5 == 0 && t->rule)
			rfm_drop_rules(t);
		length[1] = segmentation_encode(&t->head, bytes[1]);
		order_wrong += length[0] != length[1] || memcmp(bytes[0], bytes[1], length[0]) != 0;
		segmentation_free(&s->head);
		segmentation_free(&t->head);
	}
	ok(wrong == 0 && refused < 20, "scheme: scores follow the measures, cells count the customers");
	ok(order_wrong == 0, "scheme: the same in any order of customers");
	ok(hold_wrong == 0, "scheme: bytes and text round-trip; mutants are refused or come back the same (%d accepted)", accepted);
}

static void
test_cut_points(void)
{
	static const char *const cuts[] = {
		"1e400", "123456789012345678901234567890", "1e30", "12.345678", "0.0000011", "0.000001", "0",
		"-1e-9", "-0.0000011", "-5", "-1e25", "-1e40", "-1e400"
	};
	int			wrong = 0;

	for (size_t i = 0; i < lengthof(cuts); i++)
	{
		char		text[400];
		RfmScheme  *s;
		RfmScorer	scorer;

		snprintf(text, sizeof(text), "{\"method\": \"rfm_scores\", \"k\": 2, \"recency\": [30], \"frequency\": [2], \"monetary\": [%s]}", cuts[i]);
		s = scheme_of(text);
		rfm_scorer_open(&scorer, s);
		for (int j = 0; j < 2000; j++)
		{
			i128		micros = (i128) ((int64) random64() >> (random64() % 64)) * (j % 3 ? 1 : INT64CONST(100000000000000));
			Exact		value;

			exact_make(micros, 6, &value);
			wrong += rfm_class_of_monetary(&scorer, micros) != (exact_compare(value, s->cut[MONETARY][0]) < 0);
		}
		wrong += rfm_class_of_recency(&scorer, 30) != 0 || rfm_class_of_recency(&scorer, 31) != 1 ||
			rfm_class_of_frequency(&scorer, 2) != 0 || rfm_class_of_frequency(&scorer, 1) != 1;
		segmentation_free(&s->head);
	}
	ok(wrong == 0, "cut points of any size: whoever is at one is in the better class");
}

static void
test_hand_written(void)
{
	static const char *const good[] = {
		"{\"method\": \"rfm_scores\", \"recency\": [30], \"frequency\": [2], \"monetary\": [100.5], \"labels\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"]}",
		"{\"method\": \"rfm_scores\", \"rules\": [{\"label\": \"in\", \"r\": 2}, {\"fm\": [2, 2], \"label\": \"big\", \"r\": [1, 1]}, {\"label\": \"out\", \"r\": 1, \"fm\": 1}], \"recency\": [30], \"frequency\": [2], \"monetary\": [100.5], \"cells\": {\"111\": [4, -10.25], \"222\": [1, 0]}}",
		"{\"labels\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"], \"rules\": [], \"method\": \"rfm_scores\", \"recency\": [30], \"frequency\": [2], \"monetary\": [100.5]}"
	};
	static const char *const grids[] = {
		"{\"method\": \"value_grid\", \"value\": {\"cuts\": [100, 0]}, \"potential\": {\"cuts\": [5.5], \"labels\": [\"high\", \"low\"]}}",
		"{\"labels\": [\"a\", \"b\"], \"potential\": {\"cuts\": []}, \"value\": {\"cuts\": [0]}, \"method\": \"value_grid\"}"
	};
	int			wrong = 0,
				accepted = 0;

	for (size_t i = 0; i < lengthof(good) + lengthof(grids); i++)
	{
		const char *text = i < lengthof(good) ? good[i] : grids[i - lengthof(good)];
		SegmentationError error;
		Segmentation *s = segmentation_parse(text, strlen(text), &error);

		if (s == NULL)
		{
			printf("# %s: %s\n", text, error.detail);
			wrong++;
			continue;
		}
		wrong += !segmentation_holds(s, 10000, &accepted);
		segmentation_free(s);
	}
	ok(wrong == 0, "schemes and grids typed in: round-trip; mutants hold (%d accepted)", accepted);
}

int
main(void)
{
	test_quantiles();
	test_ledgers();
	test_customary_rules();
	test_schemes();
	test_cut_points();
	test_hand_written();
	return done_testing("test_scoring");
}
