/*
 * whale_sql.c
 *		Type whale_curve: input, output, the aggregate, and its figures.
 */
#include "customer_value.h"

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "profit/whale_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(whale_curve_in);
PG_FUNCTION_INFO_V1(whale_curve_out);
PG_FUNCTION_INFO_V1(whale_curve_recv);
PG_FUNCTION_INFO_V1(whale_curve_final);
PG_FUNCTION_INFO_V1(whale_curve_points);
PG_FUNCTION_INFO_V1(whale_curve_peak);
PG_FUNCTION_INFO_V1(whale_curve_customers_at_peak);
PG_FUNCTION_INFO_V1(whale_curve_net);
PG_FUNCTION_INFO_V1(whale_curve_losses);
PG_FUNCTION_INFO_V1(whale_curve_customers);
PG_FUNCTION_INFO_V1(whale_curve_losers);

/* More points than a chart can show are a mistake. */
#define MOST_POINTS 1000000

void
whale_read(struct varlena *value, Whale *w)
{
	const char *why;

	if (!whale_decode(w, (const uint8 *) VARDATA_ANY(value),
					  VARSIZE_ANY_EXHDR(value), &why))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid value of type %s", "whale_curve"),
				 errdetail("%s", why),
				 errhint("It was stored by a newer release of the extension, or is damaged.")));
}

struct varlena *
whale_make(const Whale *w)
{
	uint8	   *bytes = cv_alloc(whale_max_size(w));
	size_t		length = whale_encode(w, bytes);
	struct varlena *result;

	if (VARHDRSZ + length > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("whale curve too large"),
				 errdetail("It would take %zu bytes; a value has at most 1 GB.", length),
				 errhint("Round the values, for example to whole units.")));
	result = palloc(VARHDRSZ + length);
	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	cv_free(bytes);
	return result;
}

/*
 * Input and output
 */

Datum
whale_curve_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	char		why[WHALE_WHY_SIZE];
	Whale		w;

	if (!whale_parse(&w, text, strlen(text), why))
	{
		cv_soft_error(fcinfo,
					  (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					   errmsg("invalid input syntax for type %s", "whale_curve"),
					   errdetail("%s", why),
					   errhint("Write values from the highest down, with a count where several customers share one, as in {\"values\": [300, [50, 3], -4]}.")));
		PG_RETURN_NULL();
	}
	PG_RETURN_WHALE_CURVE_P(whale_make(&w));
}

Datum
whale_curve_out(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_CSTRING(whale_print(&w));
}

Datum
whale_curve_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length = buf->len - buf->cursor;
	const char *bytes = pq_getmsgbytes(buf, length);
	const char *why;
	Whale		w;

	if (!whale_decode(&w, (const uint8 *) bytes, (size_t) length, &why))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type %s", "whale_curve"),
				 errdetail("%s", why),
				 errhint("Send the text form instead.")));
	PG_RETURN_WHALE_CURVE_P(whale_make(&w));
}

Datum
whale_curve_final(PG_FUNCTION_ARGS)
{
	ValueState *state = value_state_final(fcinfo);
	struct varlena *result;
	Distribution d;
	Whale		w;

	if (state == NULL)
		PG_RETURN_NULL();
	distribution_open(&d, &state->values, true);
	whale_open(&w, &d);
	result = whale_make(&w);
	whale_close(&w);
	PG_RETURN_WHALE_CURVE_P(result);
}

/*
 * Figures
 */

/*
 * The curve rises as long as customers bring something, so its highest point
 * is the sum of all gains, first reached with the last who gains.
 */
Datum
whale_curve_peak(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_NUMERIC(exact_to_numeric(whale_top(&w, w.gainers)));
}

Datum
whale_curve_customers_at_peak(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_INT64(w.gainers);
}

Datum
whale_curve_net(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_NUMERIC(exact_to_numeric(whale_top(&w, w.d.customers)));
}

Datum
whale_curve_losses(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_DATUM(minus(EXACT(whale_top(&w, w.d.customers)),
						  EXACT(whale_top(&w, w.gainers))));
}

Datum
whale_curve_customers(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_INT64(w.d.customers);
}

Datum
whale_curve_losers(PG_FUNCTION_ARGS)
{
	Whale		w;

	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	PG_RETURN_INT64(w.losers);
}

/*
 * Points, evenly spaced over the customers: whole numbers of them, so that
 * every figure is one that customers really add up to.
 */
Datum
whale_curve_points(PG_FUNCTION_ARGS)
{
	enum
	{
		CUSTOMERS, CUSTOMER_SHARE, CUMULATIVE, SHARE_OF_NET, SHARE_OF_GAINS,
		COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int32		n = PG_GETARG_INT32(1);
	Whale		w;
	int64		steps;
	Datum		all;
	Datum		net;
	Datum		gains;
	bool		nulls[COLUMNS] = {false};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "point of a whale curve",
												  ALLOCSET_DEFAULT_SIZES);

	if (n < 1 || n > MOST_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of points must be between 1 and %d", MOST_POINTS),
				 errdetail("It is %d.", n),
				 errhint("Write points(curve, 100) for a point at each percent of the customers.")));
	InitMaterializedSRF(fcinfo, 0);
	whale_read(PG_GETARG_WHALE_CURVE_P(0), &w);
	steps = Min((int64) n, w.d.customers);
	all = whole(w.d.customers);
	net = EXACT(whale_top(&w, w.d.customers));
	gains = EXACT(whale_top(&w, w.gainers));
	nulls[SHARE_OF_NET] = !less(whole(0), net);
	nulls[SHARE_OF_GAINS] = !less(whole(0), gains);
	for (int64 i = 0; i <= steps; i++)
	{
		int64		customers = (int64) ((2 * (i128) i * w.d.customers + steps) / (2 * steps));
		Datum		values[COLUMNS];
		MemoryContext old = MemoryContextSwitchTo(scratch);

		CHECK_FOR_INTERRUPTS();
		values[CUSTOMERS] = Int64GetDatum(customers);
		values[CUSTOMER_SHARE] = over(whole(customers), all);
		values[CUMULATIVE] = EXACT(whale_top(&w, customers));
		values[SHARE_OF_NET] = nulls[SHARE_OF_NET] ? (Datum) 0 :
			over(values[CUMULATIVE], net);
		values[SHARE_OF_GAINS] = nulls[SHARE_OF_GAINS] ? (Datum) 0 :
			over(EXACT(whale_top(&w, Min(customers, w.gainers))), gains);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	return (Datum) 0;
}
