/*
 * test_holdout.c
 *		What a model expected, beside what happened, against sums by hand.
 */
#include <math.h>

#include "clv/holdout.h"
#include "common/json.h"
#include "ledger/ledger.h"
#include "random.h"
#include "tap.h"

#define CUSTOMERS 400
#define FIRST_DAY 9000
#define AS_OF 9200
#define UNTIL 9341
#define LAST_DAY 9400

static uint64
draw(uint64 n)
{
	return random64() % n;
}

/* Customers of our own: which days they purchased on. */
static bool bought[CUSTOMERS][LAST_DAY - FIRST_DAY];
static LedgerWriter book[CUSTOMERS];

static void
make_customers(void)
{
	i128		amounts[MAX_ACCOUNTS] = {0};

	amounts[ACCOUNT_REVENUE] = 1500000;
	for (int c = 0; c < CUSTOMERS; c++)
	{
		int			birth = (int) draw(c % 10 == 0 ? LAST_DAY - FIRST_DAY : AS_OF - FIRST_DAY + 1);
		int			rate = 2 + (int) draw(c % 7 == 0 ? 20 : 300);

		ledger_writer_open(&book[c], 64);
		for (int day = 0; day < LAST_DAY - FIRST_DAY; day++)
		{
			/* entries without a purchase are no purchases */
			int64		purchases = day == birth || (day > birth && draw(rate) == 0) ? 1 + (int) draw(2) :
				draw(50) == 0 ? -(int) draw(2) : -9;

			bought[c][day] = purchases > 0;
			if (purchases > -9)
				ledger_write(&book[c], FIRST_DAY + day, purchases, ACCOUNT_BIT(ACCOUNT_REVENUE),
							 amounts, LEDGER_FINISHED);
		}
	}
}

static int
birth_of(int c)
{
	for (int day = 0; day < LAST_DAY - FIRST_DAY; day++)
		if (bought[c][day])
			return FIRST_DAY + day;
	return LAST_DAY;
}

/* Purchase days, the first one not counted, from < day <= to. */
static int
purchases_of(int c, int from, int to)
{
	int			n = 0;

	for (int day = Max(from, birth_of(c)) + 1; day <= to; day++)
		n += bought[c][day - FIRST_DAY];
	return n;
}

static History
history_of(int c, int as_of, double unit)
{
	History		h = {purchases_of(c, 0, as_of), 0, (as_of - birth_of(c)) / unit};

	for (int day = birth_of(c); day <= as_of; day++)
		if (bought[c][day - FIRST_DAY])
			h.recency = (day - birth_of(c)) / unit;
	return h;
}

static ClvModel *
model_of(const char *text)
{
	char		why[MODEL_WHY_SIZE] = "";
	ClvModel   *m = clv_model_parse(text, strlen(text), why);

	if (m == NULL)
		printf("# %s\n", why);
	return m;
}

#define BG_NBD "{\"model\": \"bg/nbd\", \"unit\": \"week\", \"parameters\": {\"r\": 0.24, \"alpha\": 4.41, \"a\": 0.79, \"b\": 2.43}}"
#define MBG_NBD "{\"model\": \"mbg/nbd\", \"unit\": \"month\", \"parameters\": {\"r\": 0.5, \"alpha\": 1.4, \"a\": 0.9, \"b\": 2.1}}"
#define PARETO "{\"model\": \"pareto/nbd\", \"unit\": \"day\", \"parameters\": {\"r\": 0.55, \"alpha\": 74, \"s\": 0.6, \"beta\": 81}, \"customers\": 3, \"log_likelihood\": -12.5, \"converged\": false, \"diagnosis\": \"so \\\"so\\\"\"}"
#define NBD "{\"model\": \"nbd\", \"unit\": \"year\", \"parameters\": {\"r\": 0.4, \"alpha\": 0.2}}"

static const char *const model_texts[] = {BG_NBD, MBG_NBD, PARETO, NBD};

static HoldoutCounts
open_counts(int as_of, int until)
{
	HoldoutCounts counts;

	holdout_counts_open(&counts, as_of, until,
						memset(cv_alloc(HOLDOUT_FIRST_SLOTS * sizeof(HoldoutPattern)), 0,
							   HOLDOUT_FIRST_SLOTS * sizeof(HoldoutPattern)),
						memset(cv_alloc(HOLDOUT_FIRST_DAYS * sizeof(int64)), 0,
							   HOLDOUT_FIRST_DAYS * sizeof(int64)));
	return counts;
}

static void
close_counts(HoldoutCounts *counts)
{
	cv_free(counts->slot);
	cv_free(counts->repeats);
}

static void
count_in(HoldoutCounts *counts, int c)
{
	int32		first;

	if (!holdout_count(counts, book[c].bytes, book[c].used, &first))
		ok(0, "customer %d is counted", c);
}

/* In order, backwards, or in two parts that are put together. */
static Holdout *
make(const ClvModel *m, int as_of, int until, int way)
{
	HoldoutCounts counts = open_counts(as_of, until);
	HoldoutCounts other = open_counts(as_of, until);
	char		why[HOLDOUT_WHY_SIZE] = "";
	Holdout    *h;

	for (int c = 0; c < CUSTOMERS; c++)
		count_in(way == 2 && c % 3 == 0 ? &other : &counts, way == 1 ? CUSTOMERS - 1 - c : c);
	for (size_t i = 0; i < other.slots; i++)
		if (other.slot[i].customers > 0)
			holdout_add_pattern(&counts, &other.slot[i]);
	for (size_t i = 0; i < other.days; i++)
		holdout_add_repeats(&counts, i, other.repeats[i]);
	h = holdout_make(&counts, m, why);
	if (h == NULL)
		printf("# %s\n", why);
	close_counts(&counts);
	close_counts(&other);
	return h;
}

static bool
close_to(double a, double b)
{
	return fabs(a - b) <= 1e-9 * Max(1, fabs(b));
}

static double
expectation_of(const ClvModel *m, History h, double horizon)
{
	const ModelClass *model = clv_model_class(m);

	return exp(model->log_p_alive(m->parameter, &h)) * model->purchases(m->parameter, &h, horizon);
}

/* Everything the slow way, customer by customer. */
static void
test_sums(const ClvModel *m, const Holdout *h, int as_of, int until)
{
	double		unit = time_unit_days((TimeUnit) m->unit);
	HoldoutClass total = holdout_total(h);
	HoldoutClass slow = {0};
	HoldoutClass merged[HOLDOUT_LAST_CLASS + 1];
	HoldoutClass slow_class[4] = {{0}};
	size_t		n = holdout_merge(h, 3, merged);
	bool		same = n == 4;

	for (int c = 0; c < CUSTOMERS; c++)
	{
		History		history = history_of(c, as_of, unit);
		int			actual = purchases_of(c, as_of, until);
		double		expected;
		double		baseline;
		HoldoutClass *class = &slow_class[(int) Min(history.frequency, 3)];

		if (birth_of(c) > as_of)
			continue;
		expected = expectation_of(m, history, (until - as_of) / unit);
		baseline = history.age > 0 ? history.frequency / history.age * (until - as_of) / unit : 0;
		class->customers++;
		class->actual += actual;
		class->expected += expected;
		slow.customers++;
		slow.absolute_error += fabs(actual - expected);
		slow.squared_error += (actual - expected) * (actual - expected);
		slow.baseline_absolute_error += fabs(actual - baseline);
		slow.baseline_squared_error += (actual - baseline) * (actual - baseline);
	}
	for (size_t i = 0; i < n && same; i++)
		same = merged[i].frequency == i && merged[i].customers == slow_class[i].customers &&
			merged[i].actual == slow_class[i].actual && close_to(merged[i].expected, slow_class[i].expected);
	ok(same, "%s %d: customers, purchases and expectations by frequency", clv_model_class(m)->name, until);
	ok(total.customers == slow.customers && close_to(total.absolute_error, slow.absolute_error) &&
	   close_to(total.squared_error, slow.squared_error) &&
	   close_to(total.baseline_absolute_error, slow.baseline_absolute_error) &&
	   close_to(total.baseline_squared_error, slow.baseline_squared_error),
	   "%s %d: errors, and those of the baseline", clv_model_class(m)->name, until);
}

/* The day on which the period ends that this day belongs to. */
static int
end_of_period(int as_of, double days, int day)
{
	for (int i = -1000;; i++)
		if (as_of + (int) floor(i * days) >= day)
			return as_of + (int) floor(i * days);
}

static void
test_periods(const ClvModel *m, const Holdout *h, int as_of, int until, double days)
{
	double		unit = time_unit_days((TimeUnit) m->unit);
	HoldoutPeriod *p;
	size_t		n = holdout_periods(h, days, &p);
	bool		right = n > 0 && p[n - 1].until == until;
	bool		cut = false;

	for (size_t i = 0; i < n && right; i++)
	{
		int64		actual = 0;
		double		expected = 0;

		for (int c = 0; c < CUSTOMERS; c++)
		{
			History		nobody = {0, 0, 0};

			if (birth_of(c) > Min(as_of, p[i].until))
				continue;
			actual += purchases_of(c, 0, p[i].until);
			expected += expectation_of(m, nobody, (p[i].until - birth_of(c)) / unit);
		}
		cut |= p[i].until == as_of;
		right = p[i].actual == actual && close_to(p[i].expected, expected) &&
			p[i].in_holdout == (p[i].until > as_of) && p[i].until >= h->first &&
			(i == n - 1 || p[i].until == end_of_period(as_of, days, p[i].until)) &&
			(i == 0 || (p[i].until > p[i - 1].until && p[i].until - p[i - 1].until <= ceil(days)));
	}
	ok(right && cut, "%s %d: %zu periods of %g days", clv_model_class(m)->name, until, n, days);
	cv_free(p);
}

static void
test_expected_customers(const ClvModel *m, const Holdout *h, int as_of)
{
	double		unit = time_unit_days((TimeUnit) m->unit);
	double		expected[HOLDOUT_LAST_CLASS + 1];
	double		slow[3] = {0};
	double		sum = 0;

	holdout_expected_customers(h, 3, expected);
	for (int c = 0; c < CUSTOMERS; c++)
		for (int n = 0; n < 3 && birth_of(c) <= as_of; n++)
			slow[n] += clv_model_class(m)->purchase_probability(m->parameter, n, (as_of - birth_of(c)) / unit);
	for (int n = 0; n <= 3; n++)
		sum += expected[n];
	ok(close_to(slow[0], expected[0]) && close_to(slow[1], expected[1]) && close_to(slow[2], expected[2]) &&
	   close_to(sum, (double) holdout_total(h).customers), "%s: expected customers by frequency", clv_model_class(m)->name);
}

static bool
same_bytes(const Holdout *a, const Holdout *b)
{
	return a && b && holdout_size(a) == holdout_size(b) &&
		memcmp((const char *) a + sizeof(uint32), (const char *) b + sizeof(uint32),
			   holdout_size(a) - sizeof(uint32)) == 0;
}

static void
test_bytes(const ClvModel *m, Holdout *h, int as_of, int until)
{
	char	   *text = holdout_print(h);
	char		why[HOLDOUT_WHY_SIZE] = "";
	Holdout    *backwards = make(m, as_of, until, 1);
	Holdout    *parts = make(m, as_of, until, 2);
	Holdout    *again = holdout_parse(text, strlen(text), why);

	ok(same_bytes(h, backwards) && same_bytes(h, parts), "%s: any order, any parts: the same bytes", clv_model_class(m)->name);
	ok(same_bytes(h, again), "%s: back from its text %s", clv_model_class(m)->name, why);
	cv_free(backwards);
	cv_free(parts);
	cv_free(again);
	cv_free(text);
}

static void
test_model(const char *text)
{
	ClvModel   *m = model_of(text);
	Holdout    *h = make(m, AS_OF, UNTIL, 0);
	Holdout    *nothing = make(m, AS_OF, AS_OF, 0);
	HoldoutClass total = holdout_total(nothing);
	double		month = 30.4375;

	test_sums(m, h, AS_OF, UNTIL);
	test_periods(m, h, AS_OF, UNTIL, 1);
	test_periods(m, h, AS_OF, UNTIL, 7);
	test_periods(m, h, AS_OF, UNTIL, month);
	test_periods(m, h, AS_OF, UNTIL, 1000);
	test_expected_customers(m, h, AS_OF);
	test_bytes(m, h, AS_OF, UNTIL);
	ok(total.actual == 0 && total.expected == 0 && total.absolute_error == 0 &&
	   total.baseline_squared_error == 0, "%s: nothing happens in no time", clv_model_class(m)->name);
	test_sums(m, nothing, AS_OF, AS_OF);
	test_periods(m, nothing, AS_OF, AS_OF, 7);
	test_bytes(m, nothing, AS_OF, AS_OF);
	cv_free(nothing);
	cv_free(h);
	cv_free(m);
}

/* What does not add up is refused, from wherever it comes. */
static void
test_check(void)
{
	ClvModel   *m = model_of(BG_NBD);
	Holdout    *h = make(m, AS_OF, UNTIL, 0);
	int			refused = 0;
	int			tried = 0;

#define REFUSES(change) \
	do { \
		Holdout *copy = cv_alloc(holdout_size(h)); \
		memcpy(copy, h, holdout_size(h)); \
		change; \
		tried++; \
		if (holdout_check(copy)) \
			refused++; \
		else \
			printf("# not refused: %s\n", #change); \
		cv_free(copy); \
	} while (0)

	REFUSES(copy->version++);
	REFUSES(copy->until = copy->as_of - 1);
	REFUSES(copy->first = copy->as_of + 1);
	REFUSES(copy->first -= HOLDOUT_MAX_DAYS);
	REFUSES(copy->as_of++);
	REFUSES(holdout_classes(copy)[0].customers++);
	REFUSES(holdout_classes(copy)[0].customers = 0);
	REFUSES(holdout_classes(copy)[0].actual++);
	REFUSES(holdout_classes(copy)[0].actual = -1);
	REFUSES(holdout_classes(copy)[1].frequency = 0);
	REFUSES(holdout_classes(copy)[1].reserved = 1);
	REFUSES(holdout_classes(copy)[copy->classes - 1].frequency = HOLDOUT_LAST_CLASS + 1);
	REFUSES(holdout_classes(copy)[0].expected = NAN);
	REFUSES(holdout_classes(copy)[0].expected = -0.0);
	REFUSES(holdout_classes(copy)[0].absolute_error = -1);
	REFUSES(holdout_classes(copy)[0].squared_error = INFINITY);
	REFUSES(holdout_births(copy)[0].day++);
	REFUSES(holdout_births(copy)[0].count = 0);
	REFUSES(holdout_births(copy)[1].day = 0);
	REFUSES(holdout_repeats(copy)[0].day = 0);
	REFUSES(holdout_repeats(copy)[0].count++);
	REFUSES(holdout_repeats(copy)[copy->repeats - 1].day = UNTIL - copy->first + 1);
	REFUSES(holdout_model(copy)->kind = MODEL_BG_BB);
	REFUSES(holdout_model(copy)->kind = MODEL_GAMMA_GAMMA);
	REFUSES(holdout_model(copy)->unit = TIME_UNIT_NONE);
	ok(refused == tried && holdout_check(h) == NULL, "%d of %d damaged values are refused", refused, tried);
	cv_free(h);
	cv_free(m);
}

static void
test_texts(void)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"model\": {}}", "{\"model\": [" BG_NBD "]}",
		"{\"as_of\": \"2024-01-01\", \"as_of\": \"2024-01-01\"}",
		"{\"as_of\": \"2024-13-01\"}", "{\"births\": {\"x\": 1}}", "{\"births\": {\"2024-01-01\": -1}}",
		"{\"births\": {\"2024-01-01\": 0.5}}", "{\"births\": {\"2024-01-01\": 4294967296}}",
		"{\"frequencies\": [{}]}", "{\"frequencies\": [{\"frequency\": 101}]}", "{\"frequencies\": [1]}",
		"{\"model\": " BG_NBD ", \"as_of\": \"2024-01-01\", \"until\": \"2024-01-01\", \"frequencies\": [], \"births\": {}, \"repeats\": {}}",
		"{\"model\": {\"model\": \"nbd\"",
	};

	for (size_t i = 0; i < lengthof(bad); i++)
	{
		char		why[HOLDOUT_WHY_SIZE] = "";

		ok(holdout_parse(bad[i], strlen(bad[i]), why) == NULL && why[0] != '\0', "refused: %.50s (%s)", bad[i], why);
	}
}

static void
test_limits(void)
{
	ClvModel   *m = model_of(BG_NBD);
	ClvModel   *huge = model_of(NBD);
	HoldoutCounts counts = open_counts(AS_OF, UNTIL);
	HoldoutPattern pattern = {120, 200, 200, 3, 5};
	char		why[HOLDOUT_WHY_SIZE] = "";
	HoldoutPeriod *p;
	int32		first;
	Holdout    *h;
	i128		amounts[MAX_ACCOUNTS] = {0};
	LedgerWriter old;

	ledger_writer_open(&old, 64);
	ledger_write(&old, UNTIL - HOLDOUT_MAX_DAYS - 1, 1, 0, amounts, LEDGER_FINISHED);
	ok(!holdout_count(&counts, old.bytes, old.used, &first) && first == UNTIL - HOLDOUT_MAX_DAYS - 1 &&
	   counts.used == 0, "a first purchase before the dawn of time is refused");
	ledger_writer_close(&old);
	ledger_writer_open(&old, 64);
	ledger_write(&old, UNTIL - HOLDOUT_MAX_DAYS, 1, 0, amounts, LEDGER_FINISHED);
	ok(holdout_count(&counts, old.bytes, old.used, &first) && counts.used == 1, "one a day later is not");
	ledger_writer_close(&old);

	holdout_add_pattern(&counts, &pattern);
	for (int i = 0; i < 200; i++)
		holdout_add_repeats(&counts, (size_t) (UNTIL - AS_OF + i), i < 120 ? 5 : 0);
	for (int i = 0; i < 3; i++)
		holdout_add_repeats(&counts, (size_t) (i * 40), 5);
	h = holdout_make(&counts, m, why);
	ok(h && h->classes == 2 && holdout_classes(h)[1].frequency == HOLDOUT_LAST_CLASS, "120 purchases are 100 or more %s", why);
	ok(holdout_periods(h, 1, &p) == 0, "a hundred thousand periods are too many");
	/* beyond what can be typed in */
	huge->parameter[0] = 1e300;
	ok(holdout_make(&counts, huge, why) == NULL, "expectations beyond double precision: %s", why);
	cv_free(h);
	cv_free(m);
	cv_free(huge);
	close_counts(&counts);
}

/* Patterns (frequency, recency, 50 days, purchases) of n customers each. */
static Holdout *
make_alike(const ClvModel *m, bool backwards)
{
	HoldoutCounts counts = open_counts(AS_OF, UNTIL);
	char		why[HOLDOUT_WHY_SIZE] = "";
	Holdout    *h;

	for (int i = 0; i < 40; i++)
	{
		uint32		purchases = backwards ? 39 - i : i;
		HoldoutPattern pattern = {1, 10 + purchases % 2 * 30, 50, purchases, 7 * purchases + 1};

		holdout_add_pattern(&counts, &pattern);
		holdout_add_repeats(&counts, 3, pattern.customers * purchases);
		holdout_add_repeats(&counts, UNTIL - AS_OF + 50 - pattern.recency, pattern.customers);
	}
	h = holdout_make(&counts, m, why);
	close_counts(&counts);
	return h;
}

/* Alike but for the recency, or for what they did later. */
static void
test_alike(void)
{
	ClvModel   *m = model_of(BG_NBD);
	Holdout    *h = make_alike(m, false);
	Holdout    *backwards = make_alike(m, true);
	double		week = 7;
	double		expected = 0;

	for (int purchases = 0; purchases < 40; purchases++)
	{
		History		history = {1, (10 + purchases % 2 * 30) / week, 50 / week};

		expected += (7 * purchases + 1) * expectation_of(m, history, (UNTIL - AS_OF) / week);
	}
	ok(h && close_to(holdout_total(h).expected, expected), "customers who differ in recency only");
	ok(same_bytes(h, backwards), "customers who differ in what they did later only, in any order");
	cv_free(h);
	cv_free(backwards);
	cv_free(m);
}

static void
test_skip(void)
{
	JsonReader	r;
	const char *text = "{\"a\": [1, {\"b\": \"]\"}] , \"c\": {}, \"d\": [1,}";
	const char *skipped;
	size_t		length = 0;

	json_open(&r, text, strlen(text));
	(void) json_next(&r);
	(void) json_next(&r);
	(void) json_next(&r);
	skipped = json_skip(&r, &length);
	ok(skipped == text + 6 && length == 15, "an array is skipped");
	ok(json_next(&r) == JSON_KEY && json_is(&r, "c") && json_next(&r) == JSON_OBJECT_BEGIN &&
	   json_skip(&r, &length) && length == 2, "and an empty object");
	ok(json_next(&r) == JSON_KEY && json_next(&r) == JSON_ARRAY_BEGIN && json_skip(&r, &length) == NULL,
	   "a damaged one is not");
	json_close(&r);
}

int
main(void)
{
	make_customers();
	for (size_t i = 0; i < lengthof(model_texts); i++)
		test_model(model_texts[i]);
	test_check();
	test_texts();
	test_limits();
	test_alike();
	test_skip();
	for (int c = 0; c < CUSTOMERS; c++)
		ledger_writer_close(&book[c]);
	return done_testing("holdout");
}
