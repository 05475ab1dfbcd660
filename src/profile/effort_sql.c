/*
 * effort_sql.c
 *		The aggregate effort_misallocation, and what if: reallocate() and
 *		move_effort() take its rows and make such rows again.
 *
 * A segment's fair part of all effort is that which its profit has in the
 * profit of all segments that earn.  The shares of both compare effort with
 * that: over 1, the segment has more than its part.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "common/arguments_sql.h"
#include "profile/profile_sql.h"

PG_FUNCTION_INFO_V1(effort_accum_bigint);
PG_FUNCTION_INFO_V1(effort_accum_text);
PG_FUNCTION_INFO_V1(effort_final);
PG_FUNCTION_INFO_V1(effort_reallocate);
PG_FUNCTION_INFO_V1(effort_move);

enum
{
	EFFORT,
	PROFIT,
	EFFORT_WIDTH
};

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool integer)
{
	TallyState *state = tally_state(fcinfo, EFFORT_WIDTH);
	i128	   *totals;

	tally_begin_key(state);
	if (integer)
		tally_part_bigint_argument(fcinfo, 1, state);
	else
		tally_part_text_argument(fcinfo, 1, state);
	totals = tally_row(fcinfo, state, 1);
	tally_add_argument(fcinfo, 2, &totals[EFFORT]);
	tally_add_argument(fcinfo, 3, &totals[PROFIT]);
	PG_RETURN_POINTER(state);
}

Datum
effort_accum_bigint(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true);
}

Datum
effort_accum_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false);
}

/*
 * Rows of type effort_row: the columns that the others follow from.
 */
typedef struct Effort
{
	Datum		segment[SEGMENT_COLUMNS];
	bool		segment_null[SEGMENT_COLUMNS];
	int64		customers;
	i128		effort;
	i128		change;			/* of effort, by what-ifs */
	i128		profit;
} Effort;

typedef struct Efforts
{
	Effort	   *row;
	int			count;
	i128		effort;			/* of all */
	i128		net;
	i128		gains;			/* profits of the segments that have one */
} Efforts;

static void
add_up(Efforts *e)
{
	e->effort = e->net = e->gains = 0;
	for (int i = 0; i < e->count; i++)
	{
		tally_add_checked(&e->effort, e->row[i].effort);
		tally_add_checked(&e->net, e->row[i].profit);
		tally_add_checked(&e->gains, Max(e->row[i].profit, 0));
	}
}

/*
 * The unit of effort: the coarsest of 1, 0.1, 0.01, ... in which every
 * segment's is a whole number, so that contacts stay whole contacts and cents
 * cents.
 */
static int64
unit_of(const Efforts *e)
{
	int64		unit = MICROS_PER_UNIT;

	for (int i = 0; i < e->count; i++)
	{
		while (e->row[i].effort % unit != 0)
			unit /= 10;
	}
	return unit;
}

static void
put_misallocation(RowWriter *row, const Efforts *e, const Effort *of)
{
	if (e->effort <= 0 || of->profit <= 0)
		put_null(row);
	else
		put_ratio(row, times(MONEY(of->effort), MONEY(e->gains)),
				  times(MONEY(e->effort), MONEY(of->profit)));
}

static Datum
efforts_return(FunctionCallInfo fcinfo, Efforts *e)
{
	Rows		rows;
	int			decimals;

	add_up(e);
	decimals = unit_of(e) == MICROS_PER_UNIT ? 0 : 2;
	rows_open(&rows, fcinfo);
	for (int i = 0; i < e->count; i++)
	{
		const Effort *of = &e->row[i];
		RowWriter	row = {.used = SEGMENT_COLUMNS};

		memcpy(row.values, of->segment, sizeof(of->segment));
		memcpy(row.nulls, of->segment_null, sizeof(of->segment_null));
		put_count(&row, of->customers);
		put_amount(&row, of->effort, decimals);
		put_amount(&row, of->change, decimals);
		put_money(&row, of->profit);
		put_share(&row, of->effort, e->effort);
		put_share(&row, of->profit, e->net);
		put_share(&row, Max(of->profit, 0), e->gains);
		put_misallocation(&row, e, of);
		rows_add(&rows, row.values, row.nulls);
	}
	return rows_finish(&rows);
}

Datum
effort_final(PG_FUNCTION_ARGS)
{
	TallyState *state = tally_final_state(fcinfo);
	Efforts		e = {0};
	int		   *sorted;

	if (state == NULL)
		PG_RETURN_NULL();
	sorted = tally_sorted(&state->tally);
	e.count = state->tally.keys.count;
	e.row = cv_alloc((size_t) e.count * sizeof(Effort));
	for (int i = 0; i < e.count; i++)
	{
		const KnownName *key = &state->tally.keys.name[sorted[i]];
		const i128 *totals = tally_totals(&state->tally, sorted[i]);
		Effort	   *of = &e.row[i];
		TallyPart	part;

		(void) key_part(key->text, key, &part);
		segment_part_datums(&part, of->segment, of->segment_null);
		of->customers = state->tally.count[sorted[i]];
		of->effort = totals[EFFORT];
		of->change = 0;
		of->profit = totals[PROFIT];
	}
	return efforts_return(fcinfo, &e);
}

/*
 * Reading such rows.  They may have been changed or made by hand.
 */

static void
row_invalid(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid rows of effort"),
			 errdetail("%s", detail),
			 errhint("Take them from effort_misallocation(segment, effort, profit).")));
}

static void
check_effort(i128 effort)
{
	if (effort < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot move negative effort"),
				 errdetail("The effort of a segment is %s.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, MONEY(effort)))),
				 errhint("Give effort as it was spent, without credits.")));
}

static void
read_row(HeapTupleHeader tuple, TupleDesc desc, Effort *of)
{
	enum
	{
		NUMBER_AT,
		SEGMENT_AT,
		CUSTOMERS_AT,
		EFFORT_AT,
		CHANGE_AT,
		PROFIT_AT,
		COLUMNS = 10
	};
	HeapTupleData row = {.t_len = HeapTupleHeaderGetDatumLength(tuple),.t_data = tuple};
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	Assert(desc->natts == COLUMNS);
	heap_deform_tuple(&row, desc, values, nulls);
	memcpy(of->segment, &values[NUMBER_AT], sizeof(of->segment));
	memcpy(of->segment_null, &nulls[NUMBER_AT], sizeof(of->segment_null));
	if (nulls[EFFORT_AT] || nulls[PROFIT_AT])
		row_invalid("A row has no effort or no profit.");
	of->customers = nulls[CUSTOMERS_AT] ? 0 : DatumGetInt64(values[CUSTOMERS_AT]);
	of->effort = amount_of(values[EFFORT_AT]);
	of->change = nulls[CHANGE_AT] ? 0 : amount_of(values[CHANGE_AT]);
	of->profit = amount_of(values[PROFIT_AT]);
	check_effort(of->effort);
}

static void
efforts_read(FunctionCallInfo fcinfo, Efforts *e)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	Oid			type = ARR_ELEMTYPE(array);
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, -1);
	int16		length;
	bool		by_value;
	char		align;
	Datum	   *rows;
	bool	   *nulls;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &rows, &nulls, &e->count);
	e->row = cv_alloc((size_t) e->count * sizeof(Effort));
	for (int i = 0; i < e->count; i++)
	{
		if (nulls[i])
			row_invalid("A row is null.");
		read_row(DatumGetHeapTupleHeader(rows[i]), desc, &e->row[i]);
	}
	add_up(e);
}

/* An argument between 0 and 1. */
static Datum
fraction_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	Datum		fraction = PG_GETARG_DATUM(n);

	if (numeric_is_nan(DatumGetNumeric(fraction)) || less(fraction, whole(0)) || less(whole(1), fraction))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 1", what),
				 errdetail("It is %s.", DatumGetCString(DirectFunctionCall1(numeric_out, fraction))),
				 errhint("Write 0.2 for 20 %%.")));
	return fraction;
}

static void
set_effort(Effort *of, i128 effort)
{
	of->change += effort - of->effort;
	of->effort = effort;
}

/*
 * Largest remainder: everyone gets the whole units of his part, and the units
 * that are left go to the largest remainders; equal ones in order of rows.
 */
typedef struct Part
{
	int			row;
	Datum		remainder;
} Part;

static int
compare_parts(const void *a, const void *b)
{
	const Part *x = a;
	const Part *y = b;
	int			order = DatumGetInt32(DirectFunctionCall2(numeric_cmp, y->remainder, x->remainder));

	return order != 0 ? order : x->row - y->row;
}

Datum
effort_reallocate(PG_FUNCTION_ARGS)
{
	Datum		degree = fraction_argument(fcinfo, 1, "degree");
	Efforts		e;
	int64		unit;
	Part	   *parts;
	Datum		step;
	i128		left;

	efforts_read(fcinfo, &e);
	if (e.gains <= 0)
		PG_RETURN_NULL();
	unit = unit_of(&e);
	parts = cv_alloc((size_t) e.count * sizeof(Part));
	step = times(MONEY(e.gains), MONEY(unit));
	left = e.effort;
	for (int i = 0; i < e.count; i++)
	{
		Effort	   *of = &e.row[i];

		/* ((1 - degree) effort + degree total gain / gains), times gains */
		Datum		kept = times(times(minus(whole(1), degree), MONEY(of->effort)), MONEY(e.gains));
		Datum		fair = times(times(degree, MONEY(e.effort)), MONEY(Max(of->profit, 0)));
		Datum		units = DirectFunctionCall2(numeric_div_trunc, plus(kept, fair), step);
		i128		whole = amount_of(times(units, MONEY(unit)));

		parts[i].row = i;
		parts[i].remainder = minus(plus(kept, fair), times(units, step));
		set_effort(of, whole);
		left -= whole;
	}
	qsort(parts, (size_t) e.count, sizeof(Part), compare_parts);
	for (int i = 0; left > 0; i++, left -= unit)
		set_effort(&e.row[parts[i].row], e.row[parts[i].row].effort + unit);
	return efforts_return(fcinfo, &e);
}

static Effort *
find_segment(const Efforts *e, struct varlena *name)
{
	for (int i = 0; i < e->count; i++)
	{
		Effort	   *of = &e->row[i];

		if (!of->segment_null[1] &&
			argument_is(DatumGetTextPP(of->segment[1]), name))
			return of;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown segment: \"%s\"", text_to_cstring(name)),
			 errdetail("No row of effort has it."),
			 errhint("Name segments as column segment does: '3' for number 3.")));
}

Datum
effort_move(PG_FUNCTION_ARGS)
{
	Datum		share = fraction_argument(fcinfo, 3, "share");
	Efforts		e;
	Effort	   *giver;
	Effort	   *taker;
	i128		moved;
	int			decimals = 0;

	efforts_read(fcinfo, &e);
	giver = find_segment(&e, PG_GETARG_TEXT_PP(1));
	taker = find_segment(&e, PG_GETARG_TEXT_PP(2));
	for (int64 unit = unit_of(&e); unit < MICROS_PER_UNIT; unit *= 10)
		decimals++;
	moved = amount_of(DirectFunctionCall2(numeric_round, times(share, MONEY(giver->effort)),
										  Int32GetDatum(decimals)));
	set_effort(giver, giver->effort - moved);
	set_effort(taker, taker->effort + moved);
	return efforts_return(fcinfo, &e);
}
