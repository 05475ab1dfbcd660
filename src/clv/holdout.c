/*
 * holdout.c
 *		What a model expected, beside what happened.
 */
#include "clv/holdout.h"

#include <math.h>

#include "ledger/ledger.h"

#define CHECK_EVERY 1024

/* Every whole number up to here is a double. */
#define MOST_CUSTOMERS 9007199254740992.0

/* ---- collecting ---- */

void
holdout_counts_open(HoldoutCounts *counts, int32 as_of, int32 until,
					HoldoutPattern *slot, int64 *repeats)
{
	counts->as_of = as_of;
	counts->until = until;
	counts->slot = slot;
	counts->slots = HOLDOUT_FIRST_SLOTS;
	counts->used = 0;
	counts->repeats = repeats;
	counts->days = HOLDOUT_FIRST_DAYS;
}

static size_t
hash_pattern(const HoldoutPattern *p)
{
	uint64		a = (uint64) p->frequency << 32 | p->recency;
	uint64		b = (uint64) p->age << 32 | p->purchases;
	uint64		h = a * UINT64CONST(0x9E3779B97F4A7C15);

	h ^= h >> 32;
	h = (h + b) * UINT64CONST(0xD6E8FEB86659FD93);
	return h ^ h >> 32;
}

static bool
same_pattern(const HoldoutPattern *p, const HoldoutPattern *q)
{
	return p->frequency == q->frequency && p->recency == q->recency &&
		p->age == q->age && p->purchases == q->purchases;
}

/*
 * Twice as many slots.  cv_realloc() keeps the memory in the context it came
 * from, so the old slots are put aside and counted in again.
 */
static void
grow_patterns(HoldoutCounts *counts)
{
	size_t		slots = counts->slots;
	HoldoutPattern *old = cv_alloc(counts->used * sizeof(HoldoutPattern));
	size_t		n = 0;

	cv_check_interrupts();
	for (size_t i = 0; i < slots; i++)
		if (counts->slot[i].customers > 0)
			old[n++] = counts->slot[i];
	counts->slots = slots * 2;
	counts->slot = cv_realloc(counts->slot, counts->slots * sizeof(HoldoutPattern));
	memset(counts->slot, 0, counts->slots * sizeof(HoldoutPattern));
	counts->used = 0;
	for (size_t i = 0; i < n; i++)
		holdout_add_pattern(counts, &old[i]);
	cv_free(old);
}

void
holdout_add_pattern(HoldoutCounts *counts, const HoldoutPattern *pattern)
{
	for (size_t at = hash_pattern(pattern);; at++)
	{
		HoldoutPattern *p = &counts->slot[at & (counts->slots - 1)];

		if (p->customers == 0)
		{
			*p = *pattern;
			if (++counts->used > counts->slots / 4 * 3)
				grow_patterns(counts);
			return;
		}
		if (same_pattern(p, pattern))
		{
			p->customers += pattern->customers;
			return;
		}
	}
}

void
holdout_reserve(HoldoutCounts *counts, size_t more)
{
	while (counts->used + more > counts->slots / 4 * 3)
		grow_patterns(counts);
}

void
holdout_add_repeats(HoldoutCounts *counts, size_t i, int64 purchases)
{
	if (i >= counts->days)
	{
		size_t		days = Max(counts->days * 2, i + 1);

		counts->repeats = cv_realloc(counts->repeats, days * sizeof(int64));
		memset(counts->repeats + counts->days, 0, (days - counts->days) * sizeof(int64));
		counts->days = days;
	}
	counts->repeats[i] += purchases;
}

/* The days of repeat purchases up to until; returns those after as_of. */
static uint32
count_repeats(HoldoutCounts *counts, const uint8 *body, size_t length)
{
	uint32		purchases = 0;
	bool		born = false;
	LedgerScan	scan;

	ledger_scan_open(&scan, body, length);
	while (ledger_scan_next(&scan) && scan.day <= counts->until)
	{
		ledger_scan_skip_amounts(&scan);
		if (scan.purchases <= 0)
			continue;
		if (born)
			holdout_add_repeats(counts, (size_t) (counts->until - scan.day), 1);
		born = true;
		purchases += scan.day > counts->as_of;
	}
	return purchases;
}

bool
holdout_count(HoldoutCounts *counts, const uint8 *body, size_t length, int32 *first)
{
	HoldoutPattern pattern = {.customers = 1};
	Rfm			rfm;

	/* in days, every number is whole */
	if (!rfm_from_ledger(&rfm, body, length, INT64_MIN, counts->as_of,
						 TIME_UNIT_DAY, RFM_NET_REVENUE))
		return true;
	*first = (int32) (counts->as_of - (int64) rfm.age);
	if ((int64) counts->until - *first > HOLDOUT_MAX_DAYS)
		return false;
	pattern.frequency = (uint32) rfm.frequency;
	pattern.recency = (uint32) rfm.recency;
	pattern.age = (uint32) rfm.age;
	pattern.purchases = count_repeats(counts, body, length);
	holdout_add_pattern(counts, &pattern);
	return true;
}

static int
compare_patterns(const void *a, const void *b)
{
	const HoldoutPattern *p = a;
	const HoldoutPattern *q = b;

	if (p->frequency != q->frequency)
		return p->frequency < q->frequency ? -1 : 1;
	if (p->recency != q->recency)
		return p->recency < q->recency ? -1 : 1;
	if (p->age != q->age)
		return p->age < q->age ? -1 : 1;
	return p->purchases < q->purchases ? -1 : p->purchases > q->purchases;
}

static HoldoutPattern *
sorted_patterns(const HoldoutCounts *counts)
{
	HoldoutPattern *pattern = cv_alloc(Max(counts->used, 1) * sizeof(HoldoutPattern));
	size_t		n = 0;

	for (size_t i = 0; i < counts->slots; i++)
		if (counts->slot[i].customers > 0)
			pattern[n++] = counts->slot[i];
	qsort(pattern, n, sizeof(HoldoutPattern), compare_patterns);
	return pattern;
}

/* ---- making the value ---- */

Holdout *
holdout_alloc(size_t classes, size_t births, size_t repeats, const ClvModel *model)
{
	size_t		model_size = CLV_MODEL_SIZE(model->diagnosis_length);
	size_t		size = sizeof(Holdout) + classes * sizeof(HoldoutClass) +
	(births + repeats) * sizeof(HoldoutDay);
	Holdout    *h = cv_alloc(size + model_size);

	memset(h, 0, size);
	h->version = HOLDOUT_VERSION;
	h->classes = (uint32) classes;
	h->births = (uint32) births;
	h->repeats = (uint32) repeats;
	memcpy(holdout_model(h), model, model_size);
	holdout_model(h)->header = 0;
	return h;
}

const char *
holdout_refuses(const ClvModel *model, const char **hint)
{
	if (clv_model_class(model)->subject != MODEL_OF_PURCHASES)
	{
		*hint = "Models of purchases over time are bg/nbd, mbg/nbd, pareto/nbd and nbd.";
		return "It is no model of purchases.";
	}
	if (model->kind == MODEL_BG_BB)
	{
		*hint = "Compare expected_purchases(model, rfm, horizon) with the opportunities used later in a query of your own.";
		return "It counts opportunities, which a ledger does not record.";
	}
	if (model->unit == TIME_UNIT_NONE)
	{
		*hint = "Give rfm() a unit before the fit, or write \"unit\" into the model.";
		return "Without a unit, the days of ledgers cannot be counted in the model's units.";
	}
	return NULL;
}

/*
 * Expected purchases within the horizon, as expected_purchases() has them: in
 * logarithms where the probability is too small for a double and the product
 * is not.
 */
static double
expectation(const ClvModel *m, const History *history, double horizon)
{
	const ModelClass *model = clv_model_class(m);
	double		log_p_alive = model->log_p_alive(m->parameter, history);
	double		purchases = model->purchases(m->parameter, history, horizon);

	return log_p_alive > -700 || purchases <= 0 ? exp(log_p_alive) * purchases :
		exp(log_p_alive + log(purchases));
}

static double
days_per_unit(const ClvModel *m)
{
	return time_unit_days((TimeUnit) m->unit);
}

static void
add_errors(HoldoutClass *c, const HoldoutPattern *p, double expected, double baseline)
{
	double		error = p->purchases - expected;
	double		baseline_error = p->purchases - baseline;

	c->customers += p->customers;
	c->actual += p->customers * p->purchases;
	c->expected += p->customers * expected;
	c->absolute_error += p->customers * fabs(error);
	c->squared_error += p->customers * (error * error);
	c->baseline_absolute_error += p->customers * fabs(baseline_error);
	c->baseline_squared_error += p->customers * (baseline_error * baseline_error);
}

/* Of sorted patterns, the classes, in room for all; returns how many. */
static size_t
make_classes(const HoldoutCounts *counts, const HoldoutPattern *pattern,
			 const ClvModel *model, HoldoutClass *class)
{
	double		days = days_per_unit(model);
	int32		length = counts->until - counts->as_of;
	double		expected = 0;
	double		baseline = 0;
	size_t		n = 0;

	for (size_t i = 0; i < counts->used; i++)
	{
		const HoldoutPattern *p = &pattern[i];
		uint32		frequency = Min(p->frequency, HOLDOUT_LAST_CLASS);

		if (i % CHECK_EVERY == 0)
			cv_check_interrupts();
		if (i == 0 || p->frequency != p[-1].frequency ||
			p->recency != p[-1].recency || p->age != p[-1].age)
		{
			History		history = {p->frequency, p->recency / days, p->age / days};

			expected = expectation(model, &history, length / days);
			baseline = p->age > 0 ? (double) p->frequency / p->age * length : 0;
		}
		if (n == 0 || class[n - 1].frequency != frequency)
		{
			memset(&class[n], 0, sizeof(HoldoutClass));
			class[n++].frequency = frequency;
		}
		add_errors(&class[n - 1], p, expected, baseline);
	}
	return n;
}

/* The birthdays of all customers, by days before as_of. */
static int64 *
count_births(const HoldoutPattern *pattern, size_t count, uint32 oldest)
{
	int64	   *born = cv_alloc(((size_t) oldest + 1) * sizeof(int64));

	memset(born, 0, ((size_t) oldest + 1) * sizeof(int64));
	for (size_t i = 0; i < count; i++)
		born[pattern[i].age] += pattern[i].customers;
	return born;
}

/* Days that are not empty; counts[] goes back in time from day "last". */
static size_t
fill_days(const int64 *counts, size_t days, uint32 last, HoldoutDay *day)
{
	size_t		n = 0;

	for (size_t i = days; i-- > 0;)
	{
		if (counts[i] == 0)
			continue;
		if (day)
		{
			day[n].day = last - (uint32) i;
			/* too many come out as none, which is refused */
			day[n].count = counts[i] <= UINT32_MAX ? (uint32) counts[i] : 0;
		}
		n++;
	}
	return n;
}

Holdout *
holdout_make(const HoldoutCounts *counts, const ClvModel *model, char *why)
{
	HoldoutPattern *pattern = sorted_patterns(counts);
	HoldoutClass class[HOLDOUT_LAST_CLASS + 1];
	size_t		classes = make_classes(counts, pattern, model, class);
	uint32		oldest = 0;
	uint32		last;
	int64	   *born;
	const char *problem;
	Holdout    *h;

	for (size_t i = 0; i < counts->used; i++)
		oldest = Max(oldest, pattern[i].age);
	born = count_births(pattern, counts->used, oldest);
	last = oldest + (uint32) (counts->until - counts->as_of);

	h = holdout_alloc(classes, fill_days(born, oldest + 1, oldest, NULL),
					  fill_days(counts->repeats, counts->days, last, NULL), model);
	h->as_of = counts->as_of;
	h->until = counts->until;
	h->first = (int32) (counts->as_of - (int64) oldest);
	memcpy(holdout_classes(h), class, classes * sizeof(HoldoutClass));
	fill_days(born, oldest + 1, oldest, holdout_births(h));
	fill_days(counts->repeats, counts->days, last, holdout_repeats(h));
	cv_free(born);
	cv_free(pattern);
	problem = holdout_check(h);
	if (problem == NULL)
		return h;
	snprintf(why, HOLDOUT_WHY_SIZE, "%s", problem);
	cv_free(h);
	return NULL;
}

/* ---- checking ---- */

static bool
is_sum(double v)
{
	return v >= 0 && isfinite(v) && !signbit(v);
}

static const char *
check_classes(const Holdout *h)
{
	const HoldoutClass *c = holdout_classes(h);
	double		customers = 0;
	double		actual = 0;

	if (h->classes == 0)
		return "It has no customers.";
	for (uint32 i = 0; i < h->classes; i++)
	{
		if (c[i].frequency > HOLDOUT_LAST_CLASS || c[i].reserved != 0 ||
			(i > 0 && c[i].frequency <= c[i - 1].frequency))
			return "Frequencies must ascend, up to 100.";
		if (c[i].customers <= 0 || c[i].actual < 0)
			return "A frequency has no customers, or less than no purchases.";
		if (!is_sum(c[i].expected) || !is_sum(c[i].absolute_error) || !is_sum(c[i].squared_error) ||
			!is_sum(c[i].baseline_absolute_error) || !is_sum(c[i].baseline_squared_error))
			return "An expectation or an error is not a finite number, 0 or more.";
		customers += (double) c[i].customers;
		actual += (double) c[i].actual;
	}
	return customers <= MOST_CUSTOMERS && actual <= MOST_CUSTOMERS ? NULL :
		"There are too many customers or purchases.";
}

/* Days ascend from "from" to "to"; *sum is the counts of those after "cut". */
static const char *
check_days(const HoldoutDay *day, uint32 days, uint32 from, uint32 to, uint32 cut,
		   int64 *before, int64 *after)
{
	*before = *after = 0;
	for (uint32 i = 0; i < days; i++)
	{
		if (day[i].day < from || day[i].day > to || (i > 0 && day[i].day <= day[i - 1].day))
			return "Days of births must ascend from the first birth to as_of, those of repeat purchases from the day after it to until.";
		if (day[i].count == 0)
			return "A day has no births or purchases, or more than 4294967295.";
		*(day[i].day <= cut ? before : after) += day[i].count;
	}
	return NULL;
}

const char *
holdout_check(const Holdout *h)
{
	const char *why;
	const char *hint;
	HoldoutClass total;
	int64		births;
	int64		before;
	int64		after;
	i128		repeats = 0;
	uint32		age;
	bool		open;

	if (h->version != HOLDOUT_VERSION)
		return "It has a version this release does not know.";
	if (h->first > h->as_of || h->as_of > h->until ||
		(int64) h->until - h->first > HOLDOUT_MAX_DAYS)
		return "Its first birth, as_of and until must not be in another order, nor more than 100000 days apart.";
	age = (uint32) (h->as_of - h->first);
	if ((why = holdout_refuses(holdout_model(h), &hint)) != NULL ||
		(why = check_classes(h)) != NULL ||
		(why = check_days(holdout_births(h), h->births, 0, age, age, &births, &after)) != NULL ||
		(why = check_days(holdout_repeats(h), h->repeats, 1, age + (uint32) (h->until - h->as_of),
						  age, &before, &after)) != NULL)
		return why;
	if (h->births == 0 || holdout_births(h)[0].day != 0)
		return "The first birth is not among the births.";
	total = holdout_total(h);
	for (uint32 i = 0; i < h->classes; i++)
		repeats += (i128) holdout_classes(h)[i].frequency * holdout_classes(h)[i].customers;
	open = holdout_classes(h)[h->classes - 1].frequency == HOLDOUT_LAST_CLASS;
	if (births != total.customers)
		return "There are not as many births as customers.";
	if (after != total.actual || (open ? before < repeats : before != repeats))
		return "The repeat purchases by day and by frequency are not as many.";
	return NULL;
}

/* ---- reading ---- */

static void
add_class(HoldoutClass *sum, const HoldoutClass *c)
{
	sum->customers += c->customers;
	sum->actual += c->actual;
	sum->expected += c->expected;
	sum->absolute_error += c->absolute_error;
	sum->squared_error += c->squared_error;
	sum->baseline_absolute_error += c->baseline_absolute_error;
	sum->baseline_squared_error += c->baseline_squared_error;
}

HoldoutClass
holdout_total(const Holdout *h)
{
	HoldoutClass total;

	memset(&total, 0, sizeof(total));
	for (uint32 i = 0; i < h->classes; i++)
		add_class(&total, &holdout_classes(h)[i]);
	return total;
}

size_t
holdout_merge(const Holdout *h, uint32 last, HoldoutClass *merged)
{
	size_t		n = 0;

	for (uint32 i = 0; i < h->classes; i++)
	{
		const HoldoutClass *c = &holdout_classes(h)[i];

		if (n == 0 || merged[n - 1].frequency < last)
		{
			memset(&merged[n], 0, sizeof(HoldoutClass));
			merged[n++].frequency = Min(c->frequency, last);
		}
		add_class(&merged[n - 1], c);
	}
	return n;
}

static const History new_customer = {0, 0, 0};

void
holdout_expected_customers(const Holdout *h, uint32 last, double *expected)
{
	const ClvModel *m = holdout_model(h);
	const HoldoutDay *birth = holdout_births(h);
	int32		age = h->as_of - h->first;
	double		rest = (double) holdout_total(h).customers;

	for (uint32 x = 0; x < last; x++)
	{
		expected[x] = 0;
		for (uint32 i = 0; i < h->births; i++)
		{
			double		horizon = (age - (int32) birth[i].day) / days_per_unit(m);

			if (i % CHECK_EVERY == 0)
				cv_check_interrupts();
			expected[x] += birth[i].count *
				clv_model_class(m)->purchase_probability(m->parameter, x, horizon);
		}
		rest -= expected[x];
	}
	expected[last] = Max(rest, 0);
}

/*
 * Expected repeat purchases of all customers born up to a day: the sum, over
 * all of them, of the expectation for a new customer, over the time since his
 * first purchase.  since[i] is the latter after i days, below 0 where it is
 * not known yet.
 */
static double
expected_until(const Holdout *h, uint32 day, double *since)
{
	const ClvModel *m = holdout_model(h);
	const HoldoutDay *birth = holdout_births(h);
	double		sum = 0;

	cv_check_interrupts();
	for (uint32 i = 0; i < h->births && birth[i].day <= day; i++)
	{
		uint32		age = day - birth[i].day;

		if (since[age] < 0)
			since[age] = expectation(m, &new_customer, age / days_per_unit(m));
		sum += birth[i].count * since[age];
	}
	return sum;
}

/* The days that end a period, as days from the first birth on. */
static size_t
period_ends(const Holdout *h, double days, HoldoutPeriod *period)
{
	int64		age = h->as_of - h->first;
	int64		last = (int64) h->until - h->first;
	size_t		n = 0;

	/* what should be whole may have been rounded down */
	for (double i = -floor(age / days);; i++)
	{
		int64		day = age + (int64) floor(i * days + 1e-9);

		if (day < 0)
			continue;
		if (day >= last)
			break;
		period[n++].until = (int32) (h->first + day);
	}
	period[n++].until = h->until;
	return n;
}

size_t
holdout_periods(const Holdout *h, double days, HoldoutPeriod **periods)
{
	int64		span = (int64) h->until - h->first;
	const HoldoutDay *repeat = holdout_repeats(h);
	HoldoutPeriod *p;
	double	   *since;
	size_t		n;
	uint32		at = 0;
	int64		actual = 0;

	if (span / days + 3 > HOLDOUT_MAX_PERIODS)
		return 0;
	p = *periods = cv_alloc(((size_t) (span / days) + 3) * sizeof(HoldoutPeriod));
	n = period_ends(h, days, p);
	since = cv_alloc(((size_t) span + 1) * sizeof(double));
	for (int64 i = 0; i <= span; i++)
		since[i] = -1;
	for (size_t i = 0; i < n; i++)
	{
		uint32		day = (uint32) (p[i].until - h->first);

		for (; at < h->repeats && repeat[at].day <= day; at++)
			actual += repeat[at].count;
		p[i].in_holdout = p[i].until > h->as_of;
		p[i].actual = actual;
		p[i].expected = expected_until(h, day, since);
	}
	cv_free(since);
	return n;
}
