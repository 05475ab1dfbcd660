/*
 * channel_move_sql.c
 *		What it saves to serve a customer by a cheaper channel.
 */
#include "customer_value.h"

#include "common/amount.h"
#include "profit/money_sql.h"
#include "segment/value_options_sql.h"

PG_FUNCTION_INFO_V1(channel_saving);

/* An amount of money; one that is not is an error. */
static Datum
amount_arg(FunctionCallInfo fcinfo, int arg)
{
	return DirectFunctionCall1(exact_amount, NumericGetDatum(PG_GETARG_NUMERIC(arg)));
}

/* Products of numeric are exact, so that only the end is rounded. */
Datum
channel_saving(PG_FUNCTION_ARGS)
{
	Datum		contacts = NumericGetDatum(PG_GETARG_NUMERIC(0));
	Datum		each = minus(amount_arg(fcinfo, 1), amount_arg(fcinfo, 2));
	Numeric		movable = PG_GETARG_NUMERIC(3);
	int32		scale = PG_GETARG_INT32(5);
	Datum		moved;

	not_negative_check(contacts, "number of contacts",
					   "Count the contacts of the period that the saving is for.");
	share_check(movable);
	scale_check(scale);
	moved = times(contacts, NumericGetDatum(movable));
	PG_RETURN_DATUM(DirectFunctionCall2(numeric_round,
										minus(times(moved, each), amount_arg(fcinfo, 4)),
										Int32GetDatum(scale)));
}
