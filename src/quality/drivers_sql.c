/*
 * drivers_sql.c
 *		The aggregate driver_screen, and drivers(), which reads its result.
 *
 * The result is a composite type: what was found about each attribute, with
 * the probability of finding as much by chance.  How those are corrected for
 * being several, and which are significant, is asked of the accessor.
 */
#include "customer_value.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "features/frame_sql.h"
#include "quality/drivers.h"
#include "quality/quality_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(driver_screen_accum_numeric);
PG_FUNCTION_INFO_V1(driver_screen_accum_float8);
PG_FUNCTION_INFO_V1(driver_screen_combine);
PG_FUNCTION_INFO_V1(driver_screen_serialize);
PG_FUNCTION_INFO_V1(driver_screen_deserialize);
PG_FUNCTION_INFO_V1(driver_screen_final);
PG_FUNCTION_INFO_V1(driver_screening_drivers);

static inline Frame *
state_of(FunctionCallInfo fcinfo, MemoryContext context)
{
	return PG_ARGISNULL(0) ? MemoryContextAllocZero(context, sizeof(Frame)) :
		(Frame *) PG_GETARG_POINTER(0);
}

/* A customer of unknown value is none; one without features misses them all. */
static void
add_customer(FunctionCallInfo fcinfo, Frame *frame, double value, MemoryContext context)
{
	Jsonb	   *features = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	MemoryContext old = MemoryContextSwitchTo(context);

	if (features != NULL)
		frame_add_row(frame, value, features);
	else
		frame_begin_row(frame, value);
	MemoryContextSwitchTo(old);
}

Datum
driver_screen_accum_numeric(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Frame	   *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1))
		add_customer(fcinfo, state, value_of_numeric(PG_GETARG_DATUM(1)), context);
	PG_RETURN_POINTER(state);
}

Datum
driver_screen_accum_float8(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Frame	   *state = state_of(fcinfo, context);

	if (!PG_ARGISNULL(1))
		add_customer(fcinfo, state, value_from_float8(PG_GETARG_FLOAT8(1)), context);
	PG_RETURN_POINTER(state);
}

Datum
driver_screen_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	Frame	   *state;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	state = state_of(fcinfo, context);
	old = MemoryContextSwitchTo(context);
	frame_combine(state, (const Frame *) PG_GETARG_POINTER(1));
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

Datum
driver_screen_serialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	frame_write(&buf, (const Frame *) PG_GETARG_POINTER(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
driver_screen_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	Frame	   *state = palloc0(sizeof(Frame));

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	frame_read(&buf, state);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/*
 * The result
 */

enum
{
	FEATURE, KIND, CUSTOMERS, LEVELS, EXPLAINED, EXPLAINED_RAW, STATISTIC, DF1, DF2, P_VALUE,
	DRIVER_FIELDS
};

static Datum
driver_row(TupleDesc desc, const KnownName *name, const Driver *d)
{
	static const char *const kinds[] = {"unknown", "numeric", "categorical"};
	Datum		values[DRIVER_FIELDS];
	bool		nulls[DRIVER_FIELDS] = {false};

	values[FEATURE] = PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->length));
	values[KIND] = CStringGetTextDatum(kinds[d->kind]);
	values[CUSTOMERS] = Int64GetDatum(d->customers);
	values[LEVELS] = Int32GetDatum(d->levels);
	values[EXPLAINED] = Float8GetDatum(d->explained);
	values[EXPLAINED_RAW] = Float8GetDatum(d->explained_raw);
	values[STATISTIC] = Float8GetDatum(d->f);
	values[DF1] = Float8GetDatum(d->degrees1);
	values[DF2] = Float8GetDatum(d->degrees2);
	values[P_VALUE] = Float8GetDatum(d->p);
	nulls[EXPLAINED] = nulls[EXPLAINED_RAW] = !d->known;
	nulls[STATISTIC] = !d->tested || isinf(d->f);
	nulls[DF1] = nulls[DF2] = nulls[P_VALUE] = !d->tested;
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

Datum
driver_screen_final(PG_FUNCTION_ARGS)
{
	Frame	   *frame = final_frame(fcinfo);
	TupleDesc	desc;
	TupleDesc	row_desc;
	Driver	   *driver;
	Datum	   *rows;
	Datum		values[2];
	bool		nulls[2] = {false};
	Oid			row_type;

	if (frame == NULL)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "driver_screen does not return a row");
	row_type = get_element_type(TupleDescAttr(desc, 1)->atttypid);
	row_desc = lookup_rowtype_tupdesc(row_type, -1);

	driver = palloc(Max(frame->nfeatures, 1) * sizeof(Driver));
	rows = palloc(Max(frame->nfeatures, 1) * sizeof(Datum));
	drivers_screen(frame, driver);
	for (int i = 0; i < frame->nfeatures; i++)
		rows[i] = driver_row(row_desc, &frame->names.name[i], &driver[i]);
	values[0] = Int64GetDatum((int64) frame->count);
	values[1] = PointerGetDatum(construct_array(rows, frame->nfeatures, row_type, -1, false,
												TYPALIGN_DOUBLE));
	ReleaseTupleDesc(row_desc);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * Reading it
 */

typedef struct DriverRow
{
	Datum		values[DRIVER_FIELDS];
	bool		nulls[DRIVER_FIELDS];
	bool		significant;
	double		adjusted;
} DriverRow;

static double
figure_of(const DriverRow *row, int field, double otherwise)
{
	return row->nulls[field] ? otherwise : DatumGetFloat8(row->values[field]);
}

/*
 * Significant ones first, by what they explain; the others by how improbable
 * that is, for among those, what has nearly as many levels as customers
 * explains most, or least.
 */
static bool
is_before(const DriverRow *x, const DriverRow *y)
{
	if (x->significant != y->significant)
		return x->significant;
	if (x->significant)
		return figure_of(x, EXPLAINED, -INFINITY) > figure_of(y, EXPLAINED, -INFINITY);
	return figure_of(x, P_VALUE, 2) < figure_of(y, P_VALUE, 2);
}

static void
invalid_screening(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value of type %s", "driver_screening"),
			 errdetail("%s", detail),
			 errhint("Take the result of driver_screen(value, features) as it is.")));
}

static DriverRow *
read_drivers(Datum array, int *count)
{
	ArrayType  *drivers = DatumGetArrayTypeP(array);
	Datum	   *datums;
	bool	   *nulls;
	DriverRow  *row;

	deconstruct_array(drivers, ARR_ELEMTYPE(drivers), -1, false, TYPALIGN_DOUBLE,
					  &datums, &nulls, count);
	/* what follows is made for few rows */
	if (*count > FRAME_MAX_FEATURES)
		invalid_screening("It has more attributes than there can be.");
	row = palloc0(Max(*count, 1) * sizeof(DriverRow));
	for (int i = 0; i < *count; i++)
	{
		for (int j = 0; j < DRIVER_FIELDS; j++)
			row[i].nulls[j] = true;
		for (int j = 0; j < DRIVER_FIELDS && !nulls[i]; j++)
			row[i].values[j] = GetAttributeByNum(DatumGetHeapTupleHeader(datums[i]), j + 1,
												 &row[i].nulls[j]);
		if (!row[i].nulls[P_VALUE] &&
			!(DatumGetFloat8(row[i].values[P_VALUE]) >= 0 && DatumGetFloat8(row[i].values[P_VALUE]) <= 1))
			invalid_screening("A probability is not between 0 and 1.");
	}
	return row;
}

static void
adjust(DriverRow *row, int count, double alpha, const char *adjustment)
{
	double	   *p = palloc(Max(count, 1) * sizeof(double));
	double	   *adjusted = palloc(Max(count, 1) * sizeof(double));
	int			tests = 0;

	for (int i = 0; i < count; i++)
	{
		if (!row[i].nulls[P_VALUE])
			p[tests++] = DatumGetFloat8(row[i].values[P_VALUE]);
	}
	if (strcmp(adjustment, "holm") == 0)
		adjust_holm(p, tests, adjusted);
	else if (strcmp(adjustment, "benjamini-hochberg") == 0)
		adjust_benjamini_hochberg(p, tests, adjusted);
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown adjustment: \"%s\"", adjustment),
				 errdetail("It says how probabilities are corrected for the number of attributes tested."),
				 errhint("Write 'holm' to keep the probability of any false alarm below alpha, or 'benjamini-hochberg' to keep their share below it.")));
	for (int i = count - 1; i >= 0; i--)
	{
		if (row[i].nulls[P_VALUE])
			continue;
		row[i].adjusted = adjusted[--tests];
		row[i].significant = row[i].adjusted <= alpha;
	}
}

Datum
driver_screening_drivers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		alpha = PG_GETARG_FLOAT8(1);
	bool		isnull;
	Datum		array = GetAttributeByNum(PG_GETARG_HEAPTUPLEHEADER(0), 2, &isnull);
	DriverRow  *row;
	int			count = 0;

	if (!(alpha > 0 && alpha < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("alpha must be between 0 and 1"),
				 errdetail("It is %g.", alpha),
				 errhint("Write 0.05 to accept a false alarm in one screen of twenty.")));
	InitMaterializedSRF(fcinfo, 0);
	if (isnull)
		return (Datum) 0;
	row = read_drivers(array, &count);
	adjust(row, count, alpha, text_to_cstring(PG_GETARG_TEXT_PP(2)));

	/* few rows, and the order of equal ones is kept */
	for (int i = 1; i < count; i++)
	{
		DriverRow	one = row[i];
		int			at = i;

		for (; at > 0 && is_before(&one, &row[at - 1]); at--)
			row[at] = row[at - 1];
		row[at] = one;
	}
	for (int i = 0; i < count; i++)
	{
		Datum		values[DRIVER_FIELDS + 3];
		bool		nulls[DRIVER_FIELDS + 3];

		values[0] = Int32GetDatum(i + 1);
		nulls[0] = false;
		memcpy(values + 1, row[i].values, sizeof(row[i].values));
		memcpy(nulls + 1, row[i].nulls, sizeof(row[i].nulls));
		values[DRIVER_FIELDS + 1] = Float8GetDatum(row[i].adjusted);
		values[DRIVER_FIELDS + 2] = BoolGetDatum(row[i].significant);
		nulls[DRIVER_FIELDS + 1] = row[i].nulls[P_VALUE];
		nulls[DRIVER_FIELDS + 2] = false;
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
