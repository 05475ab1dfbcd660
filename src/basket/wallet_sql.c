/*
 * wallet_sql.c
 *		How much of what a customer spends comes to us.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "common/arithmetic_sql.h"

PG_FUNCTION_INFO_V1(share_of_wallet);
PG_FUNCTION_INFO_V1(open_wallet);

static Datum
finite_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	Numeric		given = PG_GETARG_NUMERIC(n);

	if (numeric_is_nan(given) || numeric_is_inf(given))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be a finite number", what),
				 errdetail("It is %s.", DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(given)))),
				 errhint("Write NULL for a %s that is not known.", what)));
	return NumericGetDatum(given);
}

/* Without a wallet there is nothing to have a share of. */
static bool
wallet_arguments(FunctionCallInfo fcinfo, Datum *revenue, Datum *wallet)
{
	*revenue = finite_argument(fcinfo, 0, "revenue");
	*wallet = finite_argument(fcinfo, 1, "wallet");
	return less(whole(0), *wallet);
}

Datum
share_of_wallet(PG_FUNCTION_ARGS)
{
	Datum		revenue;
	Datum		wallet;

	if (!wallet_arguments(fcinfo, &revenue, &wallet))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(over(revenue, wallet));
}

Datum
open_wallet(PG_FUNCTION_ARGS)
{
	Datum		revenue;
	Datum		wallet;

	if (!wallet_arguments(fcinfo, &revenue, &wallet))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(minus(wallet, revenue));
}
