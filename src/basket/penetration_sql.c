/*
 * penetration_sql.c
 *		The aggregate penetration: who owns what, and where the white space is.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "basket/lines_sql.h"
#include "basket/penetration.h"
#include "common/amount.h"
#include "common/arithmetic_sql.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"

PG_FUNCTION_INFO_V1(penetration_accum_integers);
PG_FUNCTION_INFO_V1(penetration_accum_texts);
PG_FUNCTION_INFO_V1(penetration_accum_integer_text);
PG_FUNCTION_INFO_V1(penetration_accum_text_integer);
PG_FUNCTION_INFO_V1(penetration_final);

/*
 * Collecting
 */

/* Groups are named by what orders them: integers by size, NULL last. */
static int32
group_of(FunctionCallInfo fcinfo, LinesState *state, bool is_integer)
{
	char		integer[TALLY_INTEGER_LENGTH];
	char	   *key = integer;
	char	   *end;
	int32		number;

	if (PG_ARGISNULL(1))
		end = tally_write_null(key);
	else if (is_integer)
		end = tally_write_integer(key, PG_GETARG_INT64(1));
	else
	{
		struct varlena *given = PG_GETARG_TEXT_PP(1);

		key = palloc(VARSIZE_ANY_EXHDR(given) + 2);
		end = tally_write_text(key, VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
	}
	number = lines_name_of(fcinfo, &state->lines.groups, key, (size_t) (end - key));
	if (key != integer)
		pfree(key);
	return number;
}

static inline Datum
accumulate(FunctionCallInfo fcinfo, bool group_is_integer, bool customer_is_integer)
{
	LinesState *state = lines_state(fcinfo);
	i128		amount = 0;

	tally_add_argument(fcinfo, 4, &amount);
	if (!PG_ARGISNULL(2))
	{
		int64		customer = customer_is_integer ? PG_GETARG_INT64(2) :
		lines_name(fcinfo, 2, &state->lines.baskets);
		int32		group = group_of(fcinfo, state, group_is_integer);
		int32		item = PG_ARGISNULL(3) ? NO_ITEM : lines_name(fcinfo, 3, &state->lines.items);

		lines_add_checked(fcinfo, state, customer, group, item, amount);
	}
	PG_RETURN_POINTER(state);
}

Datum
penetration_accum_integers(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, true);
}

Datum
penetration_accum_texts(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, false);
}

Datum
penetration_accum_integer_text(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true, false);
}

Datum
penetration_accum_text_integer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false, true);
}

/*
 * Results
 */

typedef enum CellField
{
	CELL_SEGMENT,
	CELL_ITEM,
	CELL_CUSTOMERS,
	CELL_OWNERS,
	CELL_PENETRATION,
	CELL_INDEX,
	CELL_WHITE_SPACE,
	CELL_MEAN_AMOUNT,
	CELL_POTENTIAL,
	CELL_FIELDS
} CellField;

/* The name of a group, an integer as its text. */
static Datum
group_datum(const KnownName *name, bool *isnull)
{
	TallyPart	part;

	(void) tally_read_part(name->text, name->text + name->length, &part);
	if (part.kind == TALLY_INTEGER)
		return CStringGetTextDatum(psprintf("%lld", (long long) part.integer));
	return tally_part_datum(&part, false, isnull);
}

static void
cell_figures(const Penetration *p, int group, int item, Datum *values, bool *nulls)
{
	const PenetrationCell *cell = &p->cell[(size_t) group * p->items + item];
	int64		customers = p->customers[group];

	values[CELL_CUSTOMERS] = Int64GetDatum(customers);
	values[CELL_OWNERS] = Int64GetDatum(cell->owners);
	values[CELL_PENETRATION] = over(whole(cell->owners), whole(customers));
	nulls[CELL_INDEX] = p->owners[item] == 0;
	if (p->owners[item] > 0)
		values[CELL_INDEX] = over(times(whole(100), whole(cell->owners * p->all_customers)),
								  whole(customers * p->owners[item]));
	values[CELL_WHITE_SPACE] = Int64GetDatum(customers - cell->owners);
	nulls[CELL_MEAN_AMOUNT] = nulls[CELL_POTENTIAL] = cell->owners == 0;
	if (cell->owners > 0)
	{
		Datum		amount = NumericGetDatum(amount_to_numeric(cell->amount, 0));

		values[CELL_MEAN_AMOUNT] = over(amount, whole(cell->owners));
		values[CELL_POTENTIAL] = over(times(amount, whole(customers - cell->owners)),
									  whole(cell->owners));
	}
}

static Datum
array_of_cells(FunctionCallInfo fcinfo, const Lines *lines, const Penetration *p)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "penetration",
												  ALLOCSET_DEFAULT_SIZES);
	Rows		rows;

	rows_open(&rows, fcinfo);
	for (int group = 0; group < p->groups; group++)
	{
		for (int item = 0; item < p->items; item++)
		{
			const KnownName *name = &lines->items.name[p->item[item]];
			Datum		values[CELL_FIELDS] = {0};
			bool		nulls[CELL_FIELDS] = {false};
			MemoryContext old = MemoryContextSwitchTo(scratch);

			values[CELL_SEGMENT] = group_datum(&lines->groups.name[p->group[group]],
											   &nulls[CELL_SEGMENT]);
			values[CELL_ITEM] = PointerGetDatum(cstring_to_text_with_len(name->text,
																		 (int) name->length));
			cell_figures(p, group, item, values, nulls);
			MemoryContextSwitchTo(old);
			rows_add(&rows, values, nulls);
			MemoryContextReset(scratch);
		}
	}
	MemoryContextDelete(scratch);
	return rows_finish(&rows);
}

Datum
penetration_final(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LinesState *state = lines_final_state(fcinfo);
	MemoryContext old;
	Penetration p;

	if (state == NULL)
		PG_RETURN_NULL();
	/* lines are put in order, and a window may go on with them */
	old = MemoryContextSwitchTo(context);
	lines_net(&state->lines);
	MemoryContextSwitchTo(old);
	if (!penetration_open(&p, &state->lines))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many segments and items"),
				 errdetail("%d segments times %d items are more than %d.",
						   state->lines.groups.count, state->lines.items.count, PENETRATION_MAX_CELLS),
				 errhint("Use coarser items, such as product categories, or GROUP BY the segment and give a constant for it.")));
	return array_of_cells(fcinfo, &state->lines, &p);
}
