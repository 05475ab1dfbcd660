/*
 * ledger_read.c
 *		What a ledger says: sums by account, days, purchases, and its entries
 *		as rows.
 */
#include "customer_value.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "common/amount.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_revenue);
PG_FUNCTION_INFO_V1(ledger_net_revenue);
PG_FUNCTION_INFO_V1(ledger_cost);
PG_FUNCTION_INFO_V1(ledger_cost_enum);
PG_FUNCTION_INFO_V1(ledger_cost_text);
PG_FUNCTION_INFO_V1(ledger_cost_to_serve);
PG_FUNCTION_INFO_V1(ledger_contribution);
PG_FUNCTION_INFO_V1(ledger_profit);
PG_FUNCTION_INFO_V1(ledger_profit_days);
PG_FUNCTION_INFO_V1(ledger_margin);
PG_FUNCTION_INFO_V1(ledger_first_day);
PG_FUNCTION_INFO_V1(ledger_last_day);
PG_FUNCTION_INFO_V1(ledger_purchases);
PG_FUNCTION_INFO_V1(ledger_purchase_days);
PG_FUNCTION_INFO_V1(ledger_first_purchase);
PG_FUNCTION_INFO_V1(ledger_last_purchase);
PG_FUNCTION_INFO_V1(ledger_currency);
PG_FUNCTION_INFO_V1(ledger_entries);

/*
 * Money.  Sums need no compacting: a growing ledger's runs add up as well.
 */
#define REVENUE_BIT ACCOUNT_BIT(ACCOUNT_REVENUE)
#define COST_BITS (~REVENUE_BIT)

/* Costs that are not for the customer's own business. */
#define NOT_IN_CONTRIBUTION \
	(ACCOUNT_BIT(ACCOUNT_ACQUISITION) | ACCOUNT_BIT(ACCOUNT_OVERHEAD))

static Numeric
sum_of(FunctionCallInfo fcinfo, uint32 plus, uint32 minus)
{
	LedgerView	view;
	i128		micros;

	ledger_view(PG_GETARG_LEDGER_P(0), &view);
	micros = ledger_sum(view.body, view.length, plus, minus);

	/* whole units, too, are shown as money: with cents */
	return amount_to_numeric(micros, 2);
}

Datum
ledger_revenue(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, REVENUE_BIT, 0));
}

Datum
ledger_net_revenue(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, REVENUE_BIT, ACCOUNT_BIT(ACCOUNT_DISCOUNT)));
}

Datum
ledger_cost(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, COST_BITS, 0));
}

static Numeric
cost_of(FunctionCallInfo fcinfo, int account)
{
	if (account == ACCOUNT_REVENUE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("revenue is not a cost"),
				 errdetail("cost(ledger, account) takes every account but revenue."),
				 errhint("Write revenue(ledger).")));
	return sum_of(fcinfo, ACCOUNT_BIT(account), 0);
}

Datum
ledger_cost_enum(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(cost_of(fcinfo, ledger_account_from_enum(fcinfo, PG_GETARG_OID(1))));
}

Datum
ledger_cost_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(cost_of(fcinfo, ledger_account_from_text(PG_GETARG_TEXT_PP(1))));
}

Datum
ledger_cost_to_serve(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, COST_TO_SERVE_ACCOUNTS, 0));
}

Datum
ledger_contribution(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, REVENUE_BIT, COST_BITS & ~NOT_IN_CONTRIBUTION));
}

Datum
ledger_profit(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(sum_of(fcinfo, REVENUE_BIT, COST_BITS));
}

/* Nothing booked in these days is not the same as a profit of zero. */
Datum
ledger_profit_days(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	int64		first,
				behind;
	i128		micros;

	PG_READ_LEDGER(0, &view);
	ledger_days_arg(fcinfo, 1, &first, &behind);
	if (ledger_sum_days(view.body, view.length, first, behind,
						REVENUE_BIT, COST_BITS, &micros) == 0)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(amount_to_numeric(micros, 2));
}

/* Profit over net revenue; there is none where nothing was sold. */
Datum
ledger_margin(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	i128		net,
				profit;

	ledger_view(PG_GETARG_LEDGER_P(0), &view);
	net = ledger_sum(view.body, view.length, REVENUE_BIT,
					 ACCOUNT_BIT(ACCOUNT_DISCOUNT));
	if (net <= 0)
		PG_RETURN_NULL();
	profit = ledger_sum(view.body, view.length, REVENUE_BIT, COST_BITS);
	return DirectFunctionCall2(numeric_div,
							   NumericGetDatum(amount_to_numeric(profit, 2)),
							   NumericGetDatum(amount_to_numeric(net, 2)));
}

/*
 * Days
 */

/* Which days of a ledger, and how many purchases on them. */
typedef struct DaySummary
{
	int64		days;
	int32		first;
	int32		last;
	int64		purchase_days;
	int32		first_purchase;
	int32		last_purchase;
	int64		purchases;
} DaySummary;

static void
summarize_days(FunctionCallInfo fcinfo, DaySummary *summary)
{
	LedgerView	view;
	LedgerScan	scan;

	memset(summary, 0, sizeof(DaySummary));
	PG_READ_LEDGER(0, &view);
	ledger_scan_open(&scan, view.body, view.length);
	while (ledger_scan_next(&scan))
	{
		ledger_scan_skip_amounts(&scan);
		if (summary->days++ == 0)
			summary->first = scan.day;
		summary->last = scan.day;
		if (scan.purchases > 0)
		{
			if (summary->purchase_days++ == 0)
				summary->first_purchase = scan.day;
			summary->last_purchase = scan.day;
		}
		if (__builtin_add_overflow(summary->purchases, scan.purchases,
								   &summary->purchases))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("purchase count out of range for type bigint"),
					 errdetail("The purchases of all days add up to more than 9 * 10^18."),
					 errhint("Check what was given as purchases => ...; it counts purchases, not money.")));
	}
}

Datum
ledger_first_day(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	if (summary.days == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.first);
}

Datum
ledger_last_day(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	if (summary.days == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.last);
}

Datum
ledger_purchases(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	PG_RETURN_INT64(summary.purchases);
}

Datum
ledger_purchase_days(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	PG_RETURN_INT64(summary.purchase_days);
}

Datum
ledger_first_purchase(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	if (summary.purchase_days == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.first_purchase);
}

Datum
ledger_last_purchase(PG_FUNCTION_ARGS)
{
	DaySummary	summary;

	summarize_days(fcinfo, &summary);
	if (summary.purchase_days == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.last_purchase);
}

Datum
ledger_currency(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	char		code[4];

	PG_READ_LEDGER(0, &view);
	if (view.currency == LEDGER_NO_CURRENCY)
		PG_RETURN_NULL();
	ledger_currency_text(view.currency, code);
	PG_RETURN_TEXT_P(cstring_to_text(code));
}

/*
 * entries(ledger): a row for each day and account.  The day's purchases stand
 * on its first row, zero on the others, so that summing the column counts
 * right; a day of purchases only has one row, of revenue 0.
 */
#define ENTRIES_COLUMNS 4

static void
put_entry(ReturnSetInfo *rsinfo, int32 day, Oid account, i128 micros,
		  int decimals, int64 purchases)
{
	Datum		values[ENTRIES_COLUMNS];
	bool		nulls[ENTRIES_COLUMNS] = {false};

	values[0] = DateADTGetDatum(day);
	values[1] = ObjectIdGetDatum(account);
	values[2] = NumericGetDatum(amount_to_numeric(micros, decimals));
	values[3] = Int64GetDatum(purchases);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

Datum
ledger_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			accounts[N_ACCOUNTS];
	LedgerView	view;
	LedgerScan	scan;

	InitMaterializedSRF(fcinfo, 0);
	ledger_account_values(TupleDescAttr(rsinfo->setDesc, 1)->atttypid, accounts);
	PG_READ_LEDGER(0, &view);
	ledger_scan_open(&scan, view.body, view.length);
	while (ledger_scan_next(&scan))
	{
		i128		amounts[MAX_ACCOUNTS];
		int64		purchases = scan.purchases;

		ledger_scan_amounts(&scan, amounts);
		if (scan.accounts == 0)
			put_entry(rsinfo, scan.day, accounts[ACCOUNT_REVENUE], 0, 2, purchases);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int			account = __builtin_ctz(left);

			put_entry(rsinfo, scan.day, accounts[account], amounts[account],
					  2, purchases);
			purchases = 0;
		}
		CHECK_FOR_INTERRUPTS();
	}
	return (Datum) 0;
}
