/*
 * grouped.c
 *		Values of customers by segment.
 */
#include "quality/grouped.h"

#include <math.h>

#include "common/tails.h"
#include "common/twofold.h"

#define FIRST_ROOM 8

Values *
grouped_segment(Grouped *g, const char *name, size_t length)
{
	int			number = names_add(&g->names, name, length);

	if (number >= g->room)
	{
		int			room = Max(FIRST_ROOM, 2 * g->room);

		g->values = g->values ? cv_realloc(g->values, (size_t) room * sizeof(Values)) :
			cv_alloc((size_t) room * sizeof(Values));
		memset(g->values + g->room, 0, (size_t) (room - g->room) * sizeof(Values));
		g->room = room;
	}
	if (g->values[number].value == NULL)
	{
		g->values[number].room = FIRST_ROOM;
		g->values[number].value = cv_alloc(FIRST_ROOM * sizeof(double));
	}
	return &g->values[number];
}

void
grouped_add(Grouped *g, const char *name, size_t length, double value)
{
	values_add(grouped_segment(g, name, length), value);
	g->count++;
}

void
grouped_merge(Grouped *into, const Grouped *from)
{
	for (int i = 0; i < from->names.count; i++)
	{
		const KnownName *name = &from->names.name[i];
		const Values *more = &from->values[i];
		Values	   *values = grouped_segment(into, name->text, name->length);

		if (values->room < values->count + more->count)
		{
			values->room = Max(values->count + more->count, 2 * values->room);
			values->value = cv_realloc(values->value, values->room * sizeof(double));
		}
		memcpy(values->value + values->count, more->value, more->count * sizeof(double));
		values->count += more->count;
		values->sorted = false;
	}
	into->count += from->count;
}

void
grouped_free(Grouped *g)
{
	for (int i = 0; i < g->names.count; i++)
		cv_free(g->values[i].value);
	if (g->values)
		cv_free(g->values);
	names_free(&g->names);
	memset(g, 0, sizeof(Grouped));
}

/* One segment on the scale asked for: its mean, and the squares around that. */
static Twofold
squares_around_mean(Values *values, double unit, double *squares)
{
	Twofold		sum = {0, 0};
	Twofold		mean;
	double		first;

	values_sort(values);
	first = unit > 0 ? value_on_asinh_scale(values->value[0], unit) : values->value[0];
	*squares = 0;
	if (values->value[0] == values->value[values->count - 1])
	{
		/* rounding must not make variance out of nothing */
		mean.hi = first;
		mean.lo = 0;
		return mean;
	}
	for (size_t i = 0; i < values->count; i++)
	{
		Twofold		v = {values->value[i], 0};

		if (unit > 0)
			v.hi = value_on_asinh_scale(v.hi, unit);
		sum = twofold_add(sum, v);
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	mean = twofold_divide(sum, (double) values->count);
	for (size_t i = 0; i < values->count; i++)
	{
		double		v = unit > 0 ? value_on_asinh_scale(values->value[i], unit) : values->value[i];
		double		deviation = v - mean.hi - mean.lo;

		*squares += deviation * deviation;
		if ((i & 0xFFFF) == 0)
			cv_check_interrupts();
	}
	return mean;
}

/*
 * Between squares from the means, not as total less within: neither is then a
 * difference of large numbers.
 */
Squares
grouped_squares(Grouped *g, double unit)
{
	Squares		result = {0, 0};
	int		   *order = names_sorted(&g->names);
	Twofold    *mean = cv_alloc((size_t) g->names.count * sizeof(Twofold));
	Twofold		sum = {0, 0};

	for (int i = 0; i < g->names.count; i++)
	{
		Values	   *values = &g->values[order[i]];
		double		within;

		mean[i] = squares_around_mean(values, unit, &within);
		result.within += within;
		sum = twofold_add(sum, twofold_scale(mean[i], (double) values->count));
	}
	sum = twofold_divide(sum, (double) g->count);
	for (int i = 0; i < g->names.count; i++)
	{
		double		deviation = twofold_value(twofold_subtract(mean[i], sum));

		/* means that are equal may differ in the last of their 32 digits */
		if (fabs(deviation) <= 1e-28 * fabs(sum.hi))
			continue;
		result.between += (double) g->values[order[i]].count * deviation * deviation;
	}
	cv_free(mean);
	cv_free(order);
	return result;
}

double
grouped_unit(const Grouped *g)
{
	Values		sizes = {0};
	double		unit = 1;

	sizes.value = cv_alloc(g->count * sizeof(double));
	sizes.room = g->count;
	for (int i = 0; i < g->names.count; i++)
	{
		for (size_t j = 0; j < g->values[i].count; j++)
		{
			if (g->values[i].value[j] != 0)
				values_add(&sizes, fabs(g->values[i].value[j]));
		}
		cv_check_interrupts();
	}
	values_sort(&sizes);
	if (sizes.count > 0)
		unit = sizes.value[(sizes.count - 1) / 2];
	cv_free(sizes.value);
	return unit;
}

bool
squares_share(Squares squares, double *share)
{
	double		total = squares.between + squares.within;

	*share = total > 0 ? squares.between / total : 0;
	return total > 0;
}

Anova
grouped_anova(Grouped *g, double unit)
{
	Anova		result = {.customers = (int64) g->count,.segments = g->names.count};
	Squares		squares = grouped_squares(g, unit);
	double		df1 = (double) (result.segments - 1);
	double		df2 = (double) (result.customers - result.segments);

	result.has_share = squares_share(squares, &result.share);
	result.has_p = result.has_share && df1 > 0 && df2 > 0;
	result.has_f = result.has_p && squares.within > 0;
	if (result.has_f)
		result.f = squares.between / df1 / (squares.within / df2);
	if (result.has_p)
		result.p = f_tail(result.has_f ? result.f : INFINITY, df1, df2);
	return result;
}
