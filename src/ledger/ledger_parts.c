/*
 * ledger_parts.c
 *		Ledgers from ledgers: sums, differences, parts within dates, shares.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "common/amount.h"
#include "ledger/ledger_sql.h"

PG_FUNCTION_INFO_V1(ledger_plus);
PG_FUNCTION_INFO_V1(ledger_minus);
PG_FUNCTION_INFO_V1(ledger_negative);
PG_FUNCTION_INFO_V1(ledger_times_range);
PG_FUNCTION_INFO_V1(range_times_ledger);
PG_FUNCTION_INFO_V1(ledger_times_numeric);
PG_FUNCTION_INFO_V1(numeric_times_ledger);
PG_FUNCTION_INFO_V1(ledger_split);
PG_FUNCTION_INFO_V1(ledger_periods_unit);
PG_FUNCTION_INFO_V1(ledger_periods_bounds);

/*
 * The group: +, - and the negative.  Bodies one behind the other mean their
 * sum, so that adding is compacting.
 */

static inline void
writer_copy(LedgerWriter *writer, const LedgerView *view)
{
	memcpy(writer->bytes + writer->used, view->body, view->length);
	writer->used += view->length;
}

static Ledger *
compacted(LedgerWriter *runs, uint16 currency)
{
	LedgerWriter writer;

	ledger_writer_open(&writer, runs->used + 64);
	ledger_check_status(ledger_compact(runs->bytes, runs->used,
									   LEDGER_FINISHED, &writer));
	ledger_writer_close(runs);
	return ledger_finish(&writer, currency);
}

Datum
ledger_plus(PG_FUNCTION_ARGS)
{
	LedgerView	a,
				b;
	uint16		currency;
	LedgerWriter runs;

	PG_READ_LEDGER(0, &a);
	PG_READ_LEDGER(1, &b);
	currency = ledger_common_currency(&a, &b);
	ledger_writer_open(&runs, a.length + b.length);
	writer_copy(&runs, &a);
	writer_copy(&runs, &b);
	PG_RETURN_LEDGER_P(compacted(&runs, currency));
}

Datum
ledger_minus(PG_FUNCTION_ARGS)
{
	LedgerView	a,
				b;
	uint16		currency;
	LedgerWriter runs;

	PG_READ_LEDGER(0, &a);
	PG_READ_LEDGER(1, &b);
	currency = ledger_common_currency(&a, &b);
	ledger_writer_open(&runs, a.length + b.length + 64);
	writer_copy(&runs, &a);
	ledger_negate(b.body, b.length, &runs);
	PG_RETURN_LEDGER_P(compacted(&runs, currency));
}

Datum
ledger_negative(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	LedgerWriter writer;

	PG_READ_LEDGER(0, &view);
	ledger_writer_open(&writer, view.length + 64);
	ledger_negate(view.body, view.length, &writer);
	PG_RETURN_LEDGER_P(ledger_finish(&writer, view.currency));
}

/*
 * Parts within dates
 */

static Ledger *
slice(const LedgerView *view, int64 first, int64 behind)
{
	LedgerWriter writer;

	ledger_writer_open(&writer, view->length + 64);
	ledger_slice(view->body, view->length, first, behind, &writer);
	return ledger_finish(&writer, view->currency);
}

void
ledger_days_arg(FunctionCallInfo fcinfo, int arg, int64 *first, int64 *behind)
{
	RangeType  *range = PG_GETARG_RANGE_P(arg);
	RangeBound	lower,
				upper;
	bool		empty;

	/* dates are discrete: a range of them is always kept as [lower, upper) */
	range_deserialize(range_get_typcache(fcinfo, RangeTypeGetOid(range)),
					  range, &lower, &upper, &empty);
	*first = lower.infinite ? PG_INT64_MIN : DatumGetDateADT(lower.val);
	*behind = upper.infinite ? PG_INT64_MAX : DatumGetDateADT(upper.val);
	if (empty)
		*behind = *first = 0;
}

static Ledger *
times_range(FunctionCallInfo fcinfo, int ledger_arg, int range_arg)
{
	LedgerView	view;
	int64		first,
				behind;

	PG_READ_LEDGER(ledger_arg, &view);
	ledger_days_arg(fcinfo, range_arg, &first, &behind);
	return slice(&view, first, behind);
}

Datum
ledger_times_range(PG_FUNCTION_ARGS)
{
	PG_RETURN_LEDGER_P(times_range(fcinfo, 0, 1));
}

Datum
range_times_ledger(PG_FUNCTION_ARGS)
{
	PG_RETURN_LEDGER_P(times_range(fcinfo, 1, 0));
}

/*
 * A share, given as a factor.  Every amount is multiplied exactly and rounded
 * to six decimals, half away from zero; so are the purchases, to whole ones.
 */

static Numeric
numeric_from_text(const char *text)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(text),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/* round(micros * factor * 10^-6, decimals), in millionths again */
static AmountStatus
scaled(i128 micros, Numeric factor, int decimals, i128 *result)
{
	Datum		product = DirectFunctionCall2(numeric_mul,
											  NumericGetDatum(amount_to_numeric(micros, 0)),
											  NumericGetDatum(factor));

	return amount_decode(DirectFunctionCall2(numeric_round, product,
											 Int32GetDatum(decimals)),
						 result);
}

static i128
scaled_amount(i128 micros, Numeric factor)
{
	i128		result;

	if (scaled(micros, factor, 6, &result) != AMOUNT_OK)
		ledger_check_status(LEDGER_AMOUNT_OVERFLOW);
	return result;
}

static int64
scaled_purchases(int64 purchases, Numeric factor)
{
	i128		result;

	if (scaled((i128) purchases * MICROS_PER_UNIT, factor, 0, &result) != AMOUNT_OK ||
		result / MICROS_PER_UNIT >= ledger_purchases_limit(LEDGER_FINISHED) ||
		result / MICROS_PER_UNIT <= -ledger_purchases_limit(LEDGER_FINISHED))
		ledger_check_status(LEDGER_PURCHASES_OVERFLOW);
	return (int64) (result / MICROS_PER_UNIT);
}

static Ledger *
times_numeric(FunctionCallInfo fcinfo, int ledger_arg, int factor_arg)
{
	LedgerView	view;
	Numeric		factor = PG_GETARG_NUMERIC(factor_arg);
	LedgerScan	scan;
	LedgerWriter writer;

	if (numeric_is_nan(factor) || numeric_is_inf(factor))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a ledger can only be multiplied by a finite number"),
				 errdetail("The factor is %s.",
						   DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(factor)))),
				 errhint("Write a share such as ledger * 0.25.")));

	PG_READ_LEDGER(ledger_arg, &view);
	ledger_writer_open(&writer, view.length + 64);
	ledger_scan_open(&scan, view.body, view.length);
	while (ledger_scan_next(&scan))
	{
		i128		amounts[MAX_ACCOUNTS];
		int64		purchases;

		ledger_scan_amounts(&scan, amounts);
		for (uint32 left = scan.accounts; left != 0; left &= left - 1)
		{
			int			account = __builtin_ctz(left);

			amounts[account] = scaled_amount(amounts[account], factor);
		}
		purchases = scaled_purchases(scan.purchases, factor);
		ledger_check_status(ledger_write(&writer, scan.day, purchases,
										 scan.accounts, amounts,
										 LEDGER_FINISHED));
		CHECK_FOR_INTERRUPTS();
	}
	return ledger_finish(&writer, view.currency);
}

Datum
ledger_times_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_LEDGER_P(times_numeric(fcinfo, 0, 1));
}

Datum
numeric_times_ledger(PG_FUNCTION_ARGS)
{
	PG_RETURN_LEDGER_P(times_numeric(fcinfo, 1, 0));
}

/*
 * split(ledger, weights, decimals): shares that add up to the whole, see
 * ledger_divide.c.
 */

#define MOST_PARTS 100000

static void
bad_weights(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid weights for splitting a ledger"),
			 errdetail("%s", detail),
			 errhint("Give an array of numbers that are zero or positive, at least one of them positive, for example ARRAY[0.51, 0.49].")));
}

/* 10^n as numeric */
static Datum
power_of_ten(int n)
{
	return NumericGetDatum(numeric_from_text(psprintf("1e%d", n)));
}

static bool
numeric_is(PGFunction comparison, Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(comparison, a, b));
}

/* The weights of an array, checked; returns their sum. */
static Datum
read_weights(ArrayType *array, Datum **weights, int *n, int *scale)
{
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		sum = zero;
	bool	   *nulls;

	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, weights, &nulls, n);
	if (*n < 1 || *n > MOST_PARTS)
		bad_weights(psprintf("There are %d weights; there must be 1 to %d.", *n, MOST_PARTS));
	*scale = 0;
	for (int i = 0; i < *n; i++)
	{
		Datum		weight = (*weights)[i];

		if (nulls[i])
			bad_weights(psprintf("Weight %d is null.", i + 1));
		if (numeric_is_nan(DatumGetNumeric(weight)) || numeric_is_inf(DatumGetNumeric(weight)) ||
			numeric_is(numeric_lt, weight, zero))
			bad_weights(psprintf("Weight %d is %.40s.", i + 1,
								 DatumGetCString(DirectFunctionCall1(numeric_out, weight))));
		sum = DirectFunctionCall2(numeric_add, sum, weight);
		*scale = Max(*scale, DatumGetInt32(DirectFunctionCall1(numeric_min_scale, weight)));
	}
	if (numeric_is(numeric_eq, sum, zero))
		bad_weights("All weights are zero.");
	return sum;
}

void
ledger_weights(const Datum *weights, int n, Datum sum, int scale, LedgerShares *shares)
{
	Datum		most = power_of_ten(18);
	bool		exact = scale <= 18 && numeric_is(numeric_le, sum, most) &&
	numeric_is(numeric_le, DirectFunctionCall2(numeric_mul, sum, power_of_ten(scale)), most);

	shares->total = 0;
	shares->heaviest = 0;
	for (int i = 0; i < n; i++)
	{
		Datum		weight = weights[i];

		if (numeric_is(numeric_gt, weight, weights[shares->heaviest]))
			shares->heaviest = i;
		if (exact)
			weight = DirectFunctionCall2(numeric_mul, weight, power_of_ten(scale));
		else
			weight = DirectFunctionCall2(numeric_mul, DirectFunctionCall2(numeric_div, weight, sum), most);
		shares->weight[i] = DatumGetInt64(DirectFunctionCall1(numeric_int8, weight));
		shares->total += shares->weight[i];
	}
	shares->count = n;
}

static void
shares_open(LedgerShares *shares, ArrayType *array, int decimals)
{
	Datum	   *weights;
	Datum		sum;
	int			n;
	int			scale;

	if (decimals < 0 || decimals > 6)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid number of decimals: %d", decimals),
				 errdetail("Amounts have 0 to 6 decimals."),
				 errhint("Leave the argument out to split to cents.")));
	shares->decimals = decimals;
	sum = read_weights(array, &weights, &n, &scale);
	shares->weight = palloc(sizeof(int64) * n);
	ledger_weights(weights, n, sum, scale, shares);
}

Datum
ledger_split(PG_FUNCTION_ARGS)
{
	LedgerView	view;
	LedgerShares shares;
	LedgerWriter *writers;
	Datum	   *parts;

	PG_READ_LEDGER(0, &view);
	shares_open(&shares, PG_GETARG_ARRAYTYPE_P(1), PG_GETARG_INT32(2));
	writers = palloc(sizeof(LedgerWriter) * shares.count);
	for (int i = 0; i < shares.count; i++)
		ledger_writer_open(&writers[i], 64);
	ledger_check_status(ledger_divide(view.body, view.length, &shares, writers));

	parts = palloc(sizeof(Datum) * shares.count);
	for (int i = 0; i < shares.count; i++)
		parts[i] = LedgerPGetDatum(ledger_finish(&writers[i], view.currency));
	PG_RETURN_ARRAYTYPE_P(construct_array(parts, shares.count,
										  get_fn_expr_argtype(fcinfo->flinfo, 0),
										  -1, false, TYPALIGN_INT));
}

/*
 * periods(ledger, ...): the ledger cut at the bounds of periods, in one pass.
 */

typedef struct Periods
{
	ReturnSetInfo *rsinfo;
	TypeCacheEntry *typcache;
	LedgerView	view;
	LedgerScan	scan;			/* at the next record, if there are more */
	const uint8 *amounts;		/* of that record, up to scan.next */
	bool		more;
} Periods;

static void
periods_advance(Periods *periods)
{
	periods->more = ledger_scan_next(&periods->scan);
	periods->amounts = periods->scan.next;
	if (periods->more)
		ledger_scan_skip_amounts(&periods->scan);
}

static void
periods_open(Periods *periods, FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
	periods->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	periods->typcache = range_get_typcache(fcinfo,
										   TupleDescAttr(periods->rsinfo->setDesc, 0)->atttypid);
	PG_READ_LEDGER(0, &periods->view);
	ledger_scan_open(&periods->scan, periods->view.body, periods->view.length);
	periods_advance(periods);
}

/* The records from where we are to before that day. */
static Ledger *
periods_take(Periods *periods, int64 behind)
{
	const LedgerScan *scan = &periods->scan;
	LedgerWriter writer;

	ledger_writer_open(&writer, 64);
	while (periods->more && scan->day < behind)
	{
		ledger_write_copy(&writer, scan->day, scan->purchases, scan->accounts,
						  scan->pairs, periods->amounts,
						  (size_t) (scan->next - periods->amounts));
		periods_advance(periods);
	}
	return ledger_finish(&writer, periods->view.currency);
}

static void
put_period(Periods *periods, int64 first, int64 behind)
{
	Datum		values[2];
	bool		nulls[2] = {false};

	values[0] = ledger_period_range(periods->typcache, first, behind);
	values[1] = LedgerPGetDatum(periods_take(periods, behind));
	tuplestore_putvalues(periods->rsinfo->setResult, periods->rsinfo->setDesc,
						 values, nulls);
	pfree(DatumGetPointer(values[0]));
	pfree(DatumGetPointer(values[1]));
	CHECK_FOR_INTERRUPTS();
}

Datum
ledger_periods_unit(PG_FUNCTION_ARGS)
{
	Periods		periods;
	LedgerUnit	unit = ledger_unit_from_text(PG_GETARG_TEXT_PP(1),
											 "For other calendars, give the bounds: periods(ledger, ARRAY[...]::date[]).");

	periods_open(&periods, fcinfo);
	while (periods.more)
	{
		int64		period = ledger_period_of(periods.scan.day, unit);

		put_period(&periods, ledger_period_start(period, unit),
				   ledger_period_start(period + 1, unit));
	}
	return (Datum) 0;
}

Datum
ledger_periods_bounds(PG_FUNCTION_ARGS)
{
	Periods		periods;
	Datum	   *bounds;
	bool	   *nulls;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), DATEOID, sizeof(DateADT), true,
					  TYPALIGN_INT, &bounds, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (nulls[i] || (i > 0 && DatumGetDateADT(bounds[i - 1]) >= DatumGetDateADT(bounds[i])))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds of periods must ascend"),
					 nulls[i] ? errdetail("Bound %d is null.", i + 1) :
					 errdetail("Bound %d is not after bound %d.", i + 1, i),
					 errhint("Give the first day of each period in order, and the day after the last one.")));

	periods_open(&periods, fcinfo);
	while (n > 0 && periods.more && periods.scan.day < DatumGetDateADT(bounds[0]))
		periods_advance(&periods);
	for (int i = 1; i < n; i++)
		put_period(&periods, DatumGetDateADT(bounds[i - 1]), DatumGetDateADT(bounds[i]));
	return (Datum) 0;
}
