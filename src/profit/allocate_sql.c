/*
 * allocate_sql.c
 *		The window functions allocate and allocate_time.
 *
 * The first row of a partition that asks has the whole partition divided: one
 * pass over the drivers, and a second one, over the tie keys, only of the rows
 * with equal claims to the last units.  Fetching a row from the spool is what
 * costs, so the arguments that are one for all rows are looked at as each row
 * comes.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "funcapi.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/sortsupport.h"
#include "utils/typcache.h"
#include "windowapi.h"

#include "common/amount.h"
#include "common/arguments_sql.h"
#include "profit/allocate.h"
#include "profit/money_sql.h"

PG_FUNCTION_INFO_V1(allocate);
PG_FUNCTION_INFO_V1(allocate_time);

/* Numbers of the arguments, and what messages call them. */
typedef struct AllocateCall
{
	const char *pool_name;
	const char *driver_name;
	const char *driver_hint;
	int			pool;
	int			driver;
	int			capacity;		/* -1: there is none */
	int			tie_key;
	int			scale;
} AllocateCall;

static const AllocateCall call_allocate = {
	.pool_name = "pool",
	.driver_name = "driver",
	.driver_hint = "Leave such rows out, or write greatest(driver, 0) to allocate nothing to them.",
	.pool = 0,
	.driver = 1,
	.capacity = -1,
	.tie_key = 2,
	.scale = 3
};

static const AllocateCall call_allocate_time = {
	.pool_name = "cost",
	.driver_name = "minutes",
	.driver_hint = "Leave such rows out, or write greatest(minutes, 0) to charge nothing for them.",
	.pool = 0,
	.driver = 1,
	.capacity = 2,
	.tie_key = 3,
	.scale = 4
};

/* What is known of a partition; its memory is the partition's. */
typedef struct Allocation
{
	bool		divided;
	struct varlena *pool;		/* NULL if it is */
	struct varlena *capacity;
	int32		scale;
	int			sign;			/* of the pool: 1 or -1 */
	u128	   *part;			/* in units of 10^-scale, or NO_DRIVER; */
	Datum	   *wide;			/* or, if they do not fit, numerics */
} Allocation;

/* A division under way. */
typedef struct Division
{
	WindowObject window;
	const AllocateCall *call;
	Oid			key_type;
	int16		key_length;
	bool		key_by_value;
	Datum	   *key;			/* of all rows, if read with the drivers */
	bool	   *key_isnull;
	MemoryContext partition;	/* where results are kept */
	MemoryContext row;			/* emptied now and then */
	int64		rows;
	Drivers		drivers;
	Datum	   *wide;			/* numerics, if the drivers do not fit */
	Datum		wide_sum;
} Division;

/* so few that the first block of the context holds what they leave behind */
#define ROWS_BETWEEN_RESETS 4
#define SAMPLE 4096

/* ---- arguments that are one for all rows ---- */

CV_NORETURN static void
changes(const char *what, const struct varlena *a, const struct varlena *b)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same in all rows of a partition", what),
			 errdetail("It is %s in one row and %s in another.",
					   a == NULL ? "NULL" : number_text(PointerGetDatum(a)),
					   b == NULL ? "NULL" : number_text(PointerGetDatum(b))),
			 errhint("Name the column that it depends on in PARTITION BY.")));
}

static inline struct varlena *
current_numeric(WindowObject window, int arg)
{
	bool		isnull;
	Datum		datum = WinGetFuncArgCurrent(window, arg, &isnull);

	return isnull ? NULL : PG_DETOAST_DATUM_PACKED(datum);
}

static void
check_same(WindowObject window, int arg, const struct varlena *first, const char *what)
{
	const struct varlena *here = current_numeric(window, arg);

	if (likely(argument_is(here, first)))
		return;
	/* 1.5 is 1.50 */
	if (here == NULL || first == NULL ||
		compare(PointerGetDatum(here), PointerGetDatum(first)) != 0)
		changes(what, first, here);
}

static int32
current_scale(WindowObject window, int arg)
{
	bool		isnull;
	int32		scale = DatumGetInt32(WinGetFuncArgCurrent(window, arg, &isnull));

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("scale must not be null"),
				 errdetail("It is the number of decimals of the parts."),
				 errhint("Leave it out for cents.")));
	return scale;
}

static struct varlena *
keep(MemoryContext context, const struct varlena *value)
{
	return value == NULL ? NULL :
		argument_copy(context, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

/* ---- drivers ---- */

static inline Datum
narrow_driver(const Drivers *drivers, u128 value)
{
	return scaled_numeric(value, 2 * drivers->pairs);
}

/* What does not fit integers goes on in numeric, with what was there. */
static void
widen(Division *d)
{
	const Drivers *drivers = &d->drivers;

	d->wide = MemoryContextAllocHuge(d->partition, (Size) d->rows * sizeof(Datum));
	for (int64 i = 0; i < drivers->count; i++)
		d->wide[i] = drivers->value[i] == NO_DRIVER ? (Datum) 0 :
			narrow_driver(drivers, drivers->value[i]);
	d->wide_sum = narrow_driver(drivers, drivers->sum);
}

static void
add_wide(Division *d, int64 row, Datum driver)
{
	Datum		sum;

	if (d->wide == NULL)
		widen(d);
	d->wide[row] = datumCopy(driver, false, -1);
	sum = plus(d->wide_sum, driver);
	pfree(DatumGetPointer(d->wide_sum));
	d->wide_sum = sum;
}

static void
add_driver(Division *d, int64 row, Datum driver)
{
	MemoryContext old;
	int64		value;
	int			pairs;
	u128		many;
	bool		fits;

	if (likely(d->wide == NULL && amount_fast(driver, &value, &pairs) && value >= 0 &&
			   drivers_add(&d->drivers, (u128) value, pairs)))
		return;
	old = MemoryContextSwitchTo(d->row);
	driver = PointerGetDatum(PG_DETOAST_DATUM(driver));
	not_negative_check(driver, d->call->driver_name, d->call->driver_hint);
	fits = d->wide == NULL && integer_of_numeric(driver, &many, &pairs);
	MemoryContextSwitchTo(old);
	if (!fits || !drivers_add(&d->drivers, many, pairs))
		add_wide(d, row, driver);
}

/* Where an argument is an expression, each row leaves its value behind. */
static inline void
tidy_up(const Division *d, int64 row)
{
	if (row % ROWS_BETWEEN_RESETS == 0)
	{
		MemoryContextReset(d->row);
		cv_check_interrupts();
	}
}

static inline Datum
fetch(const Division *d, int arg, int64 row, bool *isnull)
{
	MemoryContext old = MemoryContextSwitchTo(d->row);
	Datum		value = WinGetFuncArgInPartition(d->window, arg, (int) row, WINDOW_SEEK_HEAD,
												 false, isnull, NULL);

	MemoryContextSwitchTo(old);
	return value;
}

static void
read_drivers(Division *d, int64 first, int64 behind)
{
	for (int64 i = first; i < behind; i++)
	{
		bool		isnull;
		Datum		driver = fetch(d, d->call->driver, i, &isnull);

		if (!isnull)
			add_driver(d, i, driver);
		else if (d->wide != NULL)
			d->wide[i] = (Datum) 0;
		else
			drivers_add_none(&d->drivers);
		tidy_up(d, i);
	}
}

static void
read_keys(Division *d, int64 first, int64 behind)
{
	for (int64 i = first; i < behind; i++)
	{
		Datum		key = fetch(d, d->call->tie_key, i, &d->key_isnull[i]);

		d->key[i] = d->key_isnull[i] ? (Datum) 0 : datumCopy(key, d->key_by_value, d->key_length);
		tidy_up(d, i);
	}
}

static int
by_size(const void *a, const void *b)
{
	const u128 *x = (const u128 *) a;
	const u128 *y = (const u128 *) b;

	return (*x > *y) - (*x < *y);
}

/*
 * Might the last units be claimed by several rows alike?  Rows with equal
 * drivers have equal claims; from how many pairs of them are in a sample, at
 * least one other is to be expected for every fourth row.
 */
static bool
ties_may_come(const Drivers *drivers, int64 rows)
{
	u128	   *sample = palloc(SAMPLE * sizeof(u128));
	int64		alike = 0;
	int64		pairs = 0;

	memcpy(sample, drivers->value, SAMPLE * sizeof(u128));
	qsort(sample, SAMPLE, sizeof(u128), by_size);
	for (int i = 1; i < SAMPLE; i++)
	{
		alike = sample[i] == sample[i - 1] && sample[i] != 0 && sample[i] != NO_DRIVER ? alike + 1 : 0;
		pairs += alike;
	}
	pfree(sample);
	return (double) pairs * (double) rows >= (double) SAMPLE * SAMPLE / 8;
}

/*
 * Going back to a row once the last one has been read is cheap in memory, but
 * slow where the rows have been spooled to disk.  So if that is to be expected,
 * keys are read with the drivers: two rows forward, and the same again, since
 * the row just read cannot be had twice.
 */
static void
read_partition(Division *d)
{
	int64		first = Min(d->rows, SAMPLE);

	d->drivers.value = MemoryContextAllocHuge(d->partition, (Size) d->rows * sizeof(u128));
	read_drivers(d, 0, first);
	if (first == d->rows || d->wide != NULL || !ties_may_come(&d->drivers, d->rows))
	{
		read_drivers(d, first, d->rows);
		return;
	}
	d->key = MemoryContextAllocHuge(CurrentMemoryContext, (Size) d->rows * sizeof(Datum));
	d->key_isnull = MemoryContextAllocHuge(CurrentMemoryContext, (Size) d->rows * sizeof(bool));
	read_keys(d, 0, first);
	for (int64 i = first; i < d->rows; i += 2)
	{
		read_drivers(d, i, Min(i + 2, d->rows));
		read_keys(d, i, Min(i + 2, d->rows));
	}
}

/* ---- ties ---- */

typedef struct Claim
{
	Datum		key;
	bool		isnull;
	int32		row;
} Claim;

static int
by_key(const void *a, const void *b, void *arg)
{
	const Claim *x = (const Claim *) a;
	const Claim *y = (const Claim *) b;

	cv_check_interrupts();
	return ApplySortComparator(x->key, x->isnull, y->key, y->isnull, (SortSupport) arg);
}

/* Checked whether there are ties or not: it must not depend on the data. */
static Oid
less_operator(Oid type)
{
	TypeCacheEntry *cache = lookup_type_cache(type, TYPECACHE_LT_OPR);

	if (!OidIsValid(cache->lt_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("tie_key has no order"),
				 errdetail("Type %s has no default btree operator class.", format_type_be(type)),
				 errhint("Give a key of the rows, such as customer_id, or cast it to text.")));
	return cache->lt_opr;
}

/* Ascending in the default order of the type, texts by bytes, NULL last. */
static void
prepare_sort(Oid type, SortSupport ssup)
{
	memset(ssup, 0, sizeof(*ssup));
	ssup->ssup_cxt = CurrentMemoryContext;
	ssup->ssup_collation = OidIsValid(get_typcollation(type)) ? C_COLLATION_OID : InvalidOid;
	PrepareSortSupportFromOrderingOp(less_operator(type), ssup);
}

CV_NORETURN static void
claims_are_equal(const Claim *claim, Oid type)
{
	const char *text = "NULL";

	if (!claim->isnull)
	{
		Oid			output;
		bool		is_varlena;

		getTypeOutputInfo(type, &output, &is_varlena);
		text = OidOutputFunctionCall(output, claim->key);
		text = pnstrdup(text, cv_clip_length(text, strlen(text), 40));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("tie_key does not tell rows apart"),
			 errdetail("Rows with tie_key %s have equal claims to the last unit, so that the order of rows would decide.", text),
			 errhint("Give a key of the rows, such as customer_id, or (customer_id, line) where one column is not enough.")));
}

/* Rows of the same columns, whose texts are compared by bytes. */
static TupleDesc
row_compared_by_bytes(Oid type, int32 typmod)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, typmod);

	desc->tdtypeid = RECORDOID;
	desc->tdtypmod = -1;
	for (int i = 0; i < desc->natts; i++)
		if (OidIsValid(TupleDescAttr(desc, i)->attcollation))
			TupleDescAttr(desc, i)->attcollation = C_COLLATION_OID;
	return BlessTupleDesc(desc);
}

/*
 * The columns of a row are compared in collations of their own, if they are not
 * replaced.
 */
static void
compare_columns_by_bytes(Claim *claim, int64 rows)
{
	Oid			type = InvalidOid;
	int32		typmod = -1;
	TupleDesc	desc = NULL;

	for (int64 i = 0; i < rows; i++)
	{
		HeapTupleData row;

		if (claim[i].isnull)
			continue;
		row.t_data = DatumGetHeapTupleHeader(claim[i].key);
		row.t_len = HeapTupleHeaderGetDatumLength(row.t_data);
		if (desc == NULL || HeapTupleHeaderGetTypeId(row.t_data) != type ||
			HeapTupleHeaderGetTypMod(row.t_data) != typmod)
		{
			type = HeapTupleHeaderGetTypeId(row.t_data);
			typmod = HeapTupleHeaderGetTypMod(row.t_data);
			desc = row_compared_by_bytes(type, typmod);
		}
		claim[i].key = heap_copy_tuple_as_datum(&row, desc);
	}
}

/*
 * Among rows with equal claims, put those who get one of so many units first:
 * the ones with the lowest keys.
 */
static void
settle(Division *d, Claim *claim, int64 rows, int64 units)
{
	SortSupportData ssup;

	prepare_sort(d->key_type, &ssup);
	/* the last row was read last: from there it is shorter */
	for (int64 i = rows - 1; i >= 0; i--)
	{
		int64		row = claim[i].row;

		if (d->key != NULL)
		{
			claim[i].key = d->key[row];
			claim[i].isnull = d->key_isnull[row];
			continue;
		}
		claim[i].key = fetch(d, d->call->tie_key, row, &claim[i].isnull);
		claim[i].key = claim[i].isnull ? (Datum) 0 :
			datumCopy(claim[i].key, d->key_by_value, d->key_length);
		tidy_up(d, i);
	}
	if (type_is_rowtype(d->key_type))
		compare_columns_by_bytes(claim, rows);
	qsort_arg(claim, rows, sizeof(Claim), by_key, &ssup);
	if (by_key(&claim[units - 1], &claim[units], &ssup) == 0)
		claims_are_equal(&claim[units], d->key_type);
}

static Claim *
claims_alloc(int64 rows)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, (Size) rows * sizeof(Claim));
}

/* ---- dividing ---- */

static void
divide_narrow(Division *d, int64 units)
{
	Drivers    *drivers = &d->drivers;
	u128	   *remainder = MemoryContextAllocHuge(CurrentMemoryContext,
												   (Size) d->rows * sizeof(u128));
	Tie			tie = apportion(drivers, units, remainder);

	if (tie.rows > 0)
	{
		Claim	   *claim = claims_alloc(tie.rows);
		int64		n = 0;

		for (int64 i = 0; i < d->rows; i++)
			if (remainder[i] == tie.remainder)
				claim[n++].row = (int32) i;
		settle(d, claim, tie.rows, tie.units);
		for (int64 i = 0; i < tie.units; i++)
			drivers->value[claim[i].row]++;
		pfree(claim);
	}
	pfree(remainder);
}

typedef struct Remainder
{
	Datum		numeric;
	int32		row;
} Remainder;

/* The largest first, and then as rows come. */
static int
by_remainder(const void *a, const void *b)
{
	const Remainder *x = (const Remainder *) a;
	const Remainder *y = (const Remainder *) b;
	int			order = compare(y->numeric, x->numeric);

	cv_check_interrupts();
	return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

static inline void
give_one_more(Division *d, int32 row)
{
	Datum		more = plus(d->wide[row], whole(1));

	pfree(DatumGetPointer(d->wide[row]));
	d->wide[row] = more;
}

/* Whole units, as apportion() has them; returns what is left over. */
static int64
whole_units_wide(Division *d, Datum units, Remainder *remainder, int64 *with_remainder)
{
	MemoryContext old = CurrentMemoryContext;
	Datum		given = whole(0);

	*with_remainder = 0;
	for (int64 i = 0; i < d->rows; i++)
	{
		Datum		due,
					quotient,
					rest,
					sum;
		bool		exact;

		if (d->wide[i] == (Datum) 0)
			continue;
		MemoryContextSwitchTo(d->row);
		due = times(units, d->wide[i]);
		quotient = whole_quotient(due, d->wide_sum);
		rest = minus(due, times(quotient, d->wide_sum));
		exact = sign_of(rest) == 0;
		sum = plus(given, quotient);
		MemoryContextSwitchTo(old);

		pfree(DatumGetPointer(given));
		given = datumCopy(sum, false, -1);
		pfree(DatumGetPointer(d->wide[i]));
		d->wide[i] = datumCopy(quotient, false, -1);
		if (!exact)
		{
			remainder[*with_remainder].numeric = datumCopy(rest, false, -1);
			remainder[(*with_remainder)++].row = (int32) i;
		}
		tidy_up(d, i);
	}
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, minus(units, given)));
}

static void
divide_wide(Division *d, Datum units)
{
	Remainder  *remainder = MemoryContextAllocHuge(CurrentMemoryContext,
												   (Size) d->rows * sizeof(Remainder));
	int64		count;
	int64		left = whole_units_wide(d, units, remainder, &count);
	int64		first,
				behind;
	Claim	   *claim;

	if (left == 0)
		return;
	Assert(left < count);
	qsort(remainder, count, sizeof(Remainder), by_remainder);

	/* the rows whose claims are as good as that of the last who gets a unit */
	for (first = left - 1; first > 0 && compare(remainder[first - 1].numeric, remainder[left - 1].numeric) == 0;)
		first--;
	for (behind = left; behind < count && compare(remainder[behind].numeric, remainder[left - 1].numeric) == 0;)
		behind++;
	if (behind == left)
		first = left;
	for (int64 i = 0; i < first; i++)
		give_one_more(d, remainder[i].row);
	if (first == left)
		return;

	claim = claims_alloc(behind - first);
	for (int64 i = first; i < behind; i++)
		claim[i - first].row = remainder[i].row;
	settle(d, claim, behind - first, left - first);
	for (int64 i = 0; i < left - first; i++)
		give_one_more(d, claim[i].row);
}

/* Parts that do not fit become the amounts they are. */
static void
finish_wide(Division *d, Allocation *a)
{
	MemoryContext old = MemoryContextSwitchTo(d->partition);
	Datum		unit = units_to_numeric(whole(a->sign), a->scale);

	for (int64 i = 0; i < d->rows; i++)
		if (d->wide[i] != (Datum) 0)
			d->wide[i] = times(d->wide[i], unit);
	MemoryContextSwitchTo(old);
	a->wide = d->wide;
	pfree(d->drivers.value);
}

/*
 * Zero drivers get zero; but where nobody has a driver above zero, there is
 * nobody to give the pool to, and no part at all, unless the remainder was to
 * be shown as unused anyway.
 */
static void
divide_among_none(Division *d, Allocation *a, bool none)
{
	if (none)
		for (int64 i = 0; i < d->rows; i++)
			d->drivers.value[i] = NO_DRIVER;
	a->part = d->drivers.value;
}

/* Units that do not fit need numeric, whatever the drivers. */
static void
divide_units(Division *d, Allocation *a, i128 units)
{
	Datum		wide_units;

	if (a->capacity != NULL)
	{
		Datum		used = d->wide != NULL ? d->wide_sum :
		narrow_driver(&d->drivers, d->drivers.sum);

		wide_units = units_used(wide_whole(units), used, PointerGetDatum(a->capacity));
		if (units <= INT64_MAX)
			units = DatumGetInt64(DirectFunctionCall1(numeric_int8, wide_units));
	}
	else
		wide_units = wide_whole(units);

	if (d->wide == NULL && units <= INT64_MAX)
	{
		divide_narrow(d, (int64) units);
		a->part = d->drivers.value;
		return;
	}
	if (d->wide == NULL)
		widen(d);
	divide_wide(d, wide_units);
	finish_wide(d, a);
}

static void
divide(FunctionCallInfo fcinfo, WindowObject window, const AllocateCall *call, Allocation *a)
{
	Division	d = {0};
	const struct varlena *pool = current_numeric(window, call->pool);
	const struct varlena *capacity = call->capacity < 0 ? NULL : current_numeric(window, call->capacity);
	i128		units;

	d.window = window;
	d.call = call;
	d.partition = GetMemoryChunkContext(a);
	d.key_type = get_fn_expr_argtype(fcinfo->flinfo, call->tie_key);
	get_typlenbyval(d.key_type, &d.key_length, &d.key_by_value);
	(void) less_operator(d.key_type);
	a->divided = true;
	a->scale = current_scale(window, call->scale);
	scale_check(a->scale);
	a->pool = keep(d.partition, pool);
	a->capacity = keep(d.partition, capacity);
	if (pool == NULL || (call->capacity >= 0 && capacity == NULL))
		return;
	if (capacity != NULL)
		capacity_check(PointerGetDatum(a->capacity));
	units = money_units(PointerGetDatum(a->pool), a->scale, call->pool_name);
	a->sign = units < 0 ? -1 : 1;

	d.row = AllocSetContextCreate(CurrentMemoryContext, "allocate", ALLOCSET_DEFAULT_SIZES);
	d.rows = WinGetPartitionRowCount(window);
	if (d.rows > INT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows to allocate to"),
				 errdetail("There are more than %d rows in a partition.", INT_MAX),
				 errhint("Sum the driver by customer first.")));
	read_partition(&d);
	if (d.wide == NULL && d.drivers.sum == 0)
		divide_among_none(&d, a, call->capacity < 0);
	else
		divide_units(&d, a, units < 0 ? -units : units);
	if (d.key != NULL)
	{
		pfree(d.key);
		pfree(d.key_isnull);
	}
	MemoryContextDelete(d.row);
}

/* ---- the functions ---- */

static Datum
part_of_current_row(FunctionCallInfo fcinfo, const AllocateCall *call)
{
	WindowObject window = PG_WINDOW_OBJECT();
	Allocation *a = WinGetPartitionLocalMemory(window, sizeof(Allocation));
	int64		row = WinGetCurrentPosition(window);

	if (unlikely(!a->divided))
		divide(fcinfo, window, call, a);
	else
	{
		check_same(window, call->pool, a->pool, call->pool_name);
		if (call->capacity >= 0)
			check_same(window, call->capacity, a->capacity, "practical_capacity");
		if (current_scale(window, call->scale) != a->scale)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("scale must be the same in all rows of a partition"),
					 errdetail("It is %d in one row and %d in another.", a->scale, current_scale(window, call->scale)),
					 errhint("Give a constant.")));
	}
	if (a->part != NULL && a->part[row] != NO_DRIVER)
		PG_RETURN_NUMERIC(int64_div_fast_to_numeric(a->sign * (int64) a->part[row], a->scale));
	if (a->wide != NULL && a->wide[row] != (Datum) 0)
		PG_RETURN_DATUM(a->wide[row]);
	PG_RETURN_NULL();
}

Datum
allocate(PG_FUNCTION_ARGS)
{
	return part_of_current_row(fcinfo, &call_allocate);
}

Datum
allocate_time(PG_FUNCTION_ARGS)
{
	return part_of_current_row(fcinfo, &call_allocate_time);
}
