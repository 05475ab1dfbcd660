/*
 * cohorts_sql.c
 *		cohorts(): the customers of each period of first purchase, and what
 *		they bought in the periods after.
 *
 * Only periods that are over count: half a month beside whole ones would look
 * like customers leaving.
 */
#include "customer_value.h"

#include "utils/date.h"

#include "common/amount.h"
#include "common/arguments_sql.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(cohorts_accum);
PG_FUNCTION_INFO_V1(cohorts_final);

/* Cells fit an array, with room to spare. */
#define MOST_CELLS 1000000

/* Totals of a cell; its count is the number of customers who bought. */
enum
{
	REVENUE, PROFIT,
	TOTALS
};

/* What is one for all rows. */
typedef struct CohortRule
{
	int32		unit;
	int32		as_of;
} CohortRule;

/* The first period that is not over on the evening of as_of. */
static int64
period_not_over(const CohortRule *rule)
{
	return ledger_period_of(rule->as_of + 1, (LedgerUnit) rule->unit);
}

/* ---- collecting ---- */

static CohortRule
rule_of_row(FunctionCallInfo fcinfo)
{
	CohortRule	rule;

	for (int i = 2; i <= 3; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not be null", i == 2 ? "unit" : "as_of"),
					 errdetail("Cohorts are customers of the same period, and are followed up to a day."),
					 errhint("Write for example cohorts(l, 'month', '2024-12-31').")));
	}
	rule.unit = ledger_unit_from_text(PG_GETARG_TEXT_PP(2), "Write for example cohorts(l, 'month', as_of).");
	rule.as_of = PG_GETARG_DATEADT(3);
	as_of_check(rule.as_of);
	return rule;
}

static void
check_rule(FunctionCallInfo fcinfo, TallyState *state, const CohortRule *rule)
{
	CohortRule	first;

	if (state->constant == NULL)
		state->constant = argument_copy(aggregate_context(fcinfo), rule, sizeof(CohortRule));
	memcpy(&first, VARDATA_ANY(state->constant), sizeof(CohortRule));
	if (first.unit != rule->unit || first.as_of != rule->as_of)
		argument_changes(first.unit != rule->unit ? "unit" : "as_of");
}

/* A customer's way through the periods. */
typedef struct Walk
{
	TallyState *state;
	LedgerUnit	unit;
	uint16		currency;
	bool		bought;			/* the first purchase is behind us */
	int64		cohort;
	int64		period;
	int64		behind;			/* the day after it */
	bool		active;
	i128		revenue;
	i128		profit;
} Walk;

static void
enter_period(Walk *walk, int32 day)
{
	walk->period = ledger_period_of(day, walk->unit);
	walk->behind = ledger_period_start(walk->period + 1, walk->unit);
}

static void
leave_period(FunctionCallInfo fcinfo, Walk *walk)
{
	i128	   *total;

	tally_begin_key(walk->state);
	tally_part_integer(walk->state, walk->currency);
	tally_part_integer(walk->state, walk->cohort);
	tally_part_integer(walk->state, walk->period - walk->cohort);
	total = tally_row(fcinfo, walk->state, walk->active);
	tally_add_checked(&total[REVENUE], walk->revenue);
	tally_add_checked(&total[PROFIT], walk->profit);
	walk->active = false;
	walk->revenue = walk->profit = 0;
}

static void
add_day(Walk *walk, LedgerScan *scan)
{
	i128		amounts[MAX_ACCOUNTS];

	ledger_scan_amounts(scan, amounts);
	for (uint32 left = scan->accounts; left != 0; left &= left - 1)
	{
		int			account = __builtin_ctz(left);

		if (account == ACCOUNT_REVENUE)
			walk->revenue += amounts[account];
		walk->profit += account == ACCOUNT_REVENUE ? amounts[account] : -amounts[account];
	}
	walk->active |= scan->purchases > 0;
}

Datum
cohorts_accum(PG_FUNCTION_ARGS)
{
	CohortRule	rule = rule_of_row(fcinfo);
	Walk		walk = {.unit = (LedgerUnit) rule.unit};
	int64		end = ledger_period_start(period_not_over(&rule), walk.unit);
	LedgerView	view;
	LedgerScan	scan;

	walk.state = tally_state(fcinfo, TOTALS);
	check_rule(fcinfo, walk.state, &rule);
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(walk.state);
	PG_READ_LEDGER(1, &view);
	walk.currency = view.currency;
	ledger_scan_open(&scan, view.body, view.length);
	while (ledger_scan_next(&scan) && scan.day < end)
	{
		CHECK_FOR_INTERRUPTS();
		if (walk.bought && scan.day >= walk.behind)
		{
			leave_period(fcinfo, &walk);
			enter_period(&walk, scan.day);
		}
		add_day(&walk, &scan);
		if (!walk.bought && walk.active)
		{
			walk.bought = true;
			enter_period(&walk, scan.day);
			walk.cohort = walk.period;
		}
	}
	if (walk.bought)
		leave_period(fcinfo, &walk);
	PG_RETURN_POINTER(walk.state);
}

/* ---- the triangle ---- */

typedef struct Triangle
{
	const Tally *tally;
	LedgerUnit	unit;
	int64		not_over;
	int		   *sorted;			/* the tally's keys */
	int			next;
	Rows		rows;
} Triangle;

/* A key: currency, cohort and age. */
static void
read_key(const Tally *tally, int number, int64 *parts)
{
	const KnownName *key = &tally->keys.name[number];
	const char *p = key->text;

	for (int i = 0; i < 3; i++)
	{
		TallyPart	part;

		p = tally_read_part(p, key->text + key->length, &part);
		Assert(p != NULL && part.kind == TALLY_INTEGER);
		parts[i] = part.integer;
	}
}

/* Money of several currencies does not add up; keys are sorted by it. */
static void
check_currency(const Triangle *t)
{
	int64		first[3];
	int64		last[3];

	read_key(t->tally, t->sorted[0], first);
	read_key(t->tally, t->sorted[t->tally->keys.count - 1], last);
	if (first[0] != last[0])
	{
		LedgerView	a = {.length = 1,.currency = (uint16) first[0]};
		LedgerView	b = {.length = 1,.currency = (uint16) last[0]};

		(void) ledger_common_currency(&a, &b);
	}
}

/* Cohort and age of the next key; false at the end. */
static bool
look_ahead(const Triangle *t, int64 *cohort, int64 *age)
{
	int64		parts[3];

	if (t->next >= t->tally->keys.count)
		return false;
	read_key(t->tally, t->sorted[t->next], parts);
	*cohort = parts[1];
	*age = parts[2];
	return true;
}

static void
put_cell(Triangle *t, int64 cohort, int64 age, int64 customers, int64 active,
		 const i128 *total, i128 revenue_at_first)
{
	enum
	{
		COHORT, AGE, CUSTOMERS, ACTIVE, RETENTION, CELL_REVENUE, REVENUE_SHARE, CELL_PROFIT,
		COLUMNS
	};
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	/* of the very first periods there are, type date lacks the beginning */
	values[COHORT] = DateADTGetDatum((DateADT) Max(ledger_period_start(cohort, t->unit), LEDGER_DAY_MIN));
	values[AGE] = Int32GetDatum((int32) age);
	values[CUSTOMERS] = Int64GetDatum(customers);
	values[ACTIVE] = Int64GetDatum(active);
	values[RETENTION] = tally_share(active * MICROS_PER_UNIT, customers * MICROS_PER_UNIT, &nulls[RETENTION]);
	values[CELL_REVENUE] = NumericGetDatum(amount_to_numeric(total[REVENUE], 2));
	values[REVENUE_SHARE] = tally_share(total[REVENUE], revenue_at_first, &nulls[REVENUE_SHARE]);
	values[CELL_PROFIT] = NumericGetDatum(amount_to_numeric(total[PROFIT], 2));
	rows_add(&t->rows, values, nulls);
}

/* A row of the triangle, which begins at the next key: everybody is active at age 0. */
static void
put_cohort(Triangle *t, int64 cohort)
{
	static const i128 nothing[TOTALS] = {0};
	int			first = t->sorted[t->next++];
	int64		customers = t->tally->count[first];
	const i128 *at_first = tally_totals(t->tally, first);

	put_cell(t, cohort, 0, customers, customers, at_first, at_first[REVENUE]);
	for (int64 age = 1; age < t->not_over - cohort; age++)
	{
		int64		key_cohort,
					key_age;

		if (look_ahead(t, &key_cohort, &key_age) && key_cohort == cohort && key_age == age)
		{
			int			number = t->sorted[t->next++];

			put_cell(t, cohort, age, customers, t->tally->count[number],
					 tally_totals(t->tally, number), at_first[REVENUE]);
		}
		else
			put_cell(t, cohort, age, customers, 0, nothing, at_first[REVENUE]);
	}
}

static void
check_size(Triangle *t)
{
	int64		cells = 0;
	int64		last = PG_INT64_MIN;
	int64		cohort,
				age;

	for (t->next = 0; look_ahead(t, &cohort, &age); t->next++)
	{
		if (cohort != last)
			cells += t->not_over - cohort;
		last = cohort;
	}
	t->next = 0;
	if (cells > MOST_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many cohorts and ages"),
				 errdetail("There would be %lld cells; %d is the most.", (long long) cells, MOST_CELLS),
				 errhint("Take a longer unit, or fewer cohorts: WHERE first_purchase(l) >= ....")));
}

Datum
cohorts_final(PG_FUNCTION_ARGS)
{
	TallyState *state = tally_final_state(fcinfo);
	Triangle	t;
	CohortRule	rule;
	int64		cohort,
				age;

	if (state == NULL)
		PG_RETURN_NULL();
	memcpy(&rule, VARDATA_ANY(state->constant), sizeof(CohortRule));
	t.tally = &state->tally;
	t.unit = (LedgerUnit) rule.unit;
	t.not_over = period_not_over(&rule);
	t.sorted = tally_sorted(t.tally);
	check_currency(&t);
	check_size(&t);
	rows_open(&t.rows, fcinfo);
	while (look_ahead(&t, &cohort, &age))
		put_cohort(&t, cohort);
	pfree(t.sorted);
	return rows_finish(&t.rows);
}
