/*
 * time_unit.h
 *		The units in which recency, age and horizons are counted.
 *
 * A week is 7 days, a year 365.25 days and a month a twelfth of a year.
 * Without a unit, numbers are taken as they come.
 */
#ifndef CV_TIME_UNIT_H
#define CV_TIME_UNIT_H

#include "common/host.h"

/* Stored, so never renumber. */
typedef enum TimeUnit
{
	TIME_UNIT_NONE = 0,
	TIME_UNIT_DAY = 1,
	TIME_UNIT_WEEK = 2,
	TIME_UNIT_MONTH = 3,
	TIME_UNIT_YEAR = 4
} TimeUnit;

#define TIME_UNIT_LAST TIME_UNIT_YEAR
#define DAYS_PER_YEAR 365.25

/* NULL for TIME_UNIT_NONE. */
extern const char *time_unit_name(TimeUnit unit);

/* The unit of a name, "day", "week", "month" or "year"; else NONE. */
extern TimeUnit time_unit_parse(const char *name, size_t length);

/* Not for TIME_UNIT_NONE. */
extern double time_unit_days(TimeUnit unit);
extern double time_units_per_year(TimeUnit unit);

#endif							/* CV_TIME_UNIT_H */
