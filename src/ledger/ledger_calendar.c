/*
 * ledger_calendar.c
 *		Days as dates, and the periods they fall into.
 */
#include "common/host.h"

#include "ledger/ledger.h"

/*
 * Days and dates, in the proleptic Gregorian calendar with years BC, written
 * as the server writes them in ISO style.  The calendar is computed in years
 * that begin in March and in eras of 400 years (146097 days), so that leap
 * days fall at the end of everything.
 */
#define DAYS_PER_ERA 146097
#define DAY_OF_ERA_0 (-730425)	/* 0000-03-01, counted from 2000-01-01 */

static void
day_to_civil(int32 day, int64 *year, int *month, int *dom)
{
	int64		z = (int64) day - DAY_OF_ERA_0;
	int64		era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int			doe = (int) (z - era * DAYS_PER_ERA);
	int			yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int			doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int			mp = (5 * doy + 2) / 153;	/* 0 is March */

	*dom = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = era * 400 + yoe + (*month <= 2);
}

static int64
civil_to_day(int64 year, int month, int dom)
{
	int64		y = year - (month <= 2);
	int64		era = (y >= 0 ? y : y - 399) / 400;
	int			yoe = (int) (y - era * 400);
	int			doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dom - 1;
	int			doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * DAYS_PER_ERA + doe + DAY_OF_ERA_0;
}

int
ledger_print_day(char *out, int32 day)
{
	int64		year;
	int			month,
				dom;

	day_to_civil(day, &year, &month, &dom);
	return sprintf(out, "%04d-%02d-%02d%s",
				   (int) (year > 0 ? year : 1 - year), month, dom,
				   year > 0 ? "" : " BC");
}

/* Some digits as a number; false if there are not between least and most. */
static bool
read_digits(const char **p, const char *end, int least, int most, int *value)
{
	int			n = 0;

	for (*value = 0; *p < end && n < most && **p >= '0' && **p <= '9'; n++)
		*value = *value * 10 + (*(*p)++ - '0');
	return n >= least;
}

bool
ledger_parse_day(const char *text, size_t length, int32 *day)
{
	const char *p = text;
	const char *end = text + length;
	int			year,
				month,
				dom,
				back_month,
				back_dom;
	int64		signed_year,
				back_year,
				d;

	if (!read_digits(&p, end, 4, 7, &year) || p >= end || *p++ != '-' ||
		!read_digits(&p, end, 2, 2, &month) || p >= end || *p++ != '-' ||
		!read_digits(&p, end, 2, 2, &dom))
		return false;
	signed_year = year;
	if (end - p == 3 && memcmp(p, " BC", 3) == 0)
		signed_year = 1 - year;
	else if (p != end)
		return false;
	if (year == 0 || month < 1 || month > 12 || dom < 1 || dom > 31)
		return false;

	d = civil_to_day(signed_year, month, dom);
	if (d < LEDGER_DAY_MIN || d > LEDGER_DAY_MAX)
		return false;
	day_to_civil((int32) d, &back_year, &back_month, &back_dom);
	if (back_month != month || back_dom != dom)
		return false;			/* 30 February */
	*day = (int32) d;
	return true;
}

/*
 * Periods
 */

const char *const ledger_unit_names[N_UNITS] = {
	"day", "week", "month", "quarter", "year"
};

int
ledger_unit_number(const char *name, size_t length)
{
	for (int unit = 0; unit < N_UNITS; unit++)
		if (strlen(ledger_unit_names[unit]) == length &&
			memcmp(ledger_unit_names[unit], name, length) == 0)
			return unit;
	return -1;
}

/* How many months a period has. */
static inline int
months_of(LedgerUnit unit)
{
	return unit == UNIT_MONTH ? 1 : unit == UNIT_QUARTER ? 3 : 12;
}

static inline int64
floor_divide(int64 a, int64 b)
{
	return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/* Day 2 of our count, 2000-01-03, was a Monday. */
#define FIRST_MONDAY 2

int64
ledger_period_of(int32 day, LedgerUnit unit)
{
	int64		year;
	int			month,
				dom;

	switch (unit)
	{
		case UNIT_DAY:
			return day;
		case UNIT_WEEK:
			return floor_divide((int64) day - FIRST_MONDAY, 7);
		default:
			day_to_civil(day, &year, &month, &dom);
			return floor_divide(year * 12 + month - 1, months_of(unit));
	}
}

int64
ledger_period_start(int64 period, LedgerUnit unit)
{
	int64		month;
	int64		year;

	switch (unit)
	{
		case UNIT_DAY:
			return period;
		case UNIT_WEEK:
			return period * 7 + FIRST_MONDAY;
		default:
			month = period * months_of(unit);
			year = floor_divide(month, 12);
			return civil_to_day(year, (int) (month - year * 12) + 1, 1);
	}
}
