/*
 * time_unit.c
 *		The units in which recency, age and horizons are counted.
 */
#include "rfm/time_unit.h"

static const struct
{
	const char *name;
	double		days;
	double		per_year;
}			units[] = {
	[TIME_UNIT_NONE] = {NULL, 0, 0},
	[TIME_UNIT_DAY] = {"day", 1, DAYS_PER_YEAR},
	[TIME_UNIT_WEEK] = {"week", 7, DAYS_PER_YEAR / 7},
	[TIME_UNIT_MONTH] = {"month", DAYS_PER_YEAR / 12, 12},
	[TIME_UNIT_YEAR] = {"year", DAYS_PER_YEAR, 1},
};

const char *
time_unit_name(TimeUnit unit)
{
	return units[unit].name;
}

TimeUnit
time_unit_parse(const char *name, size_t length)
{
	for (int unit = TIME_UNIT_DAY; unit <= TIME_UNIT_LAST; unit++)
		if (strlen(units[unit].name) == length &&
			memcmp(units[unit].name, name, length) == 0)
			return (TimeUnit) unit;
	return TIME_UNIT_NONE;
}

double
time_unit_days(TimeUnit unit)
{
	return units[unit].days;
}

double
time_units_per_year(TimeUnit unit)
{
	return units[unit].per_year;
}
