/*
 * upward_sql.c
 *		Parents and shares of the rows of roll_up().
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "common/amount.h"
#include "directory/roll_up_sql.h"
#include "ledger/ledger_sql.h"

void
upward_open(Upward *up, int32 rows, bool with_shares)
{
	memset(up, 0, sizeof(Upward));
	up->room = up->most_rows = rows;
	up->parent = MemoryContextAllocHuge(CurrentMemoryContext, (Size) rows * sizeof(int64));
	up->above = MemoryContextAllocHuge(CurrentMemoryContext, (Size) rows * sizeof(int32));
	if (!with_shares)
		return;
	up->first = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) rows + 1) * sizeof(int32));
	up->first[0] = 0;
	up->weight = MemoryContextAllocHuge(CurrentMemoryContext, 2 * (Size) rows * sizeof(int64));
}

CV_NORETURN static void
bad_parents(int64 id, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid parents or shares of id %lld", (long long) id),
			 errdetail("%s", detail),
			 errhint("Give each parent once and its share in the same place, above 0, in sum at most 1: ARRAY[7, 8] and ARRAY[0.6, 0.4].")));
}

/* ---- parents ---- */

static void
make_room(Upward *up, int more)
{
	int64		need = (int64) up->edges + more;

	if (need <= up->room)
		return;
	if (need > PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many parents to roll up to"),
				 errdetail("There are more than %d in a partition.", PG_INT32_MAX / 2),
				 errhint("Use PARTITION BY with a column by which families are apart.")));
	up->room = (int32) Min(2 * need, PG_INT32_MAX / 2);
	up->parent = repalloc_huge(up->parent, (Size) up->room * sizeof(int64));
	up->above = repalloc_huge(up->above, (Size) up->room * sizeof(int32));
	up->weight = repalloc_huge(up->weight, ((Size) up->room + up->most_rows) * sizeof(int64));
}

static int
by_value(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

static void
check_different(const int64 *parent, int n, int64 id)
{
	int64	   *sorted;

	if (n < 2)
		return;
	sorted = palloc(n * sizeof(int64));
	memcpy(sorted, parent, n * sizeof(int64));
	qsort(sorted, n, sizeof(int64), by_value);
	for (int i = 1; i < n; i++)
		if (sorted[i] == sorted[i - 1])
			bad_parents(id, psprintf("Parent %lld is given twice.", (long long) sorted[i]));
	pfree(sorted);
}

/* How many elements an array has that is NULL, empty or of one dimension. */
static int
elements_of(ArrayType *array, const char *what, int64 id)
{
	if (array == NULL || ARR_NDIM(array) == 0)
		return 0;
	if (ARR_NDIM(array) > 1)
		bad_parents(id, psprintf("The array of %s has %d dimensions.", what, ARR_NDIM(array)));
	if (array_contains_nulls(array))
		bad_parents(id, psprintf("One of the %s is null.", what));
	return ARR_DIMS(array)[0];
}

void
upward_add_parents(Upward *up, ArrayType *parents, int64 id)
{
	int			n = elements_of(parents, "parents", id);
	Datum	   *values;

	make_room(up, n);
	if (n > 0)
		deconstruct_array(parents, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
						  &values, NULL, &n);
	for (int i = 0; i < n; i++)
		upward_add_one(up, DatumGetInt64(values[i]));
	check_different(up->parent + up->edges - n, n, id);
	up->first[++up->rows] = up->edges;
}

void
upward_find(Upward *up, const Ids *ids)
{
	for (int32 e = 0; e < up->edges; e++)
	{
		if (up->above[e] != NOBODY)
			up->above[e] = ids_find(ids, up->parent[e]);
		if ((e & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

/* ---- shares ---- */

/* In millionths; false if a share has more decimals or is no share at all. */
static bool
brief_weights(const Datum *shares, int n, int64 *weight)
{
	int64		left = ledger_micros_per_unit[0];

	for (int i = 0; i < n; i++)
	{
		int64		value;
		int			pairs;

		if (!amount_fast(shares[i], &value, &pairs) ||
			value <= 0 || value > left / ledger_micros_per_unit[pairs])
			return false;
		weight[i] = value * ledger_micros_per_unit[pairs];
		left -= weight[i];
	}
	weight[n] = left;
	return true;
}

static bool
is(PGFunction comparison, Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(comparison, a, b));
}

/* The same with as many decimals as there are; shares[n] has room for the rest. */
static void
wide_weights(Datum *shares, int n, int64 *weight, int64 id)
{
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		one = NumericGetDatum(int64_to_numeric(1));
	Datum		sum = zero;
	LedgerShares result = {.weight = weight};
	int			scale = 0;

	for (int i = 0; i < n; i++)
	{
		if (numeric_is_nan(DatumGetNumeric(shares[i])) ||
			!is(numeric_gt, shares[i], zero) || is(numeric_gt, shares[i], one))
			bad_parents(id, psprintf("Share %d is %.40s.", i + 1,
									 DatumGetCString(DirectFunctionCall1(numeric_out, shares[i]))));
		sum = DirectFunctionCall2(numeric_add, sum, shares[i]);
		scale = Max(scale, DatumGetInt32(DirectFunctionCall1(numeric_min_scale, shares[i])));
	}
	if (is(numeric_gt, sum, one))
		bad_parents(id, psprintf("The sum of the shares is %.40s.",
								 DatumGetCString(DirectFunctionCall1(numeric_out, sum))));
	shares[n] = DirectFunctionCall2(numeric_sub, one, sum);
	ledger_weights(shares, n + 1, one, scale, &result);
}

void
upward_add_shares(Upward *up, ArrayType *shares, int32 row, int64 id)
{
	int32		first = up->first[row];
	int			parents = up->first[row + 1] - first;
	int64	   *weight = up->weight + first + row;
	int			n = elements_of(shares, "shares", id);
	Datum	   *values;

	if (n != parents)
		bad_parents(id, psprintf("The number of parents is %d, that of shares %d.", parents, n));
	if (n == 0)
	{
		weight[0] = 1;
		return;
	}
	deconstruct_array(shares, NUMERICOID, -1, false, TYPALIGN_INT, &values, NULL, &n);
	if (brief_weights(values, n, weight))
		return;
	values = repalloc(values, (n + 1) * sizeof(Datum));
	wide_weights(values, n, weight, id);
}

bool
upward_shares(const Upward *up, int32 row, LedgerShares *shares)
{
	bool		anybody = false;

	shares->count = up->first[row + 1] - up->first[row] + 1;
	shares->weight = up->weight + up->first[row] + row;
	shares->total = 0;
	shares->heaviest = 0;
	shares->decimals = 2;
	for (int i = 0; i < shares->count; i++)
	{
		shares->total += shares->weight[i];
		if (shares->weight[i] > shares->weight[shares->heaviest])
			shares->heaviest = i;
	}
	for (int32 e = up->first[row]; e < up->first[row + 1]; e++)
		anybody |= up->above[e] != NOBODY;
	return anybody;
}
