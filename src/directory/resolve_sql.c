/*
 * resolve_sql.c
 *		resolve(): which records are one, by the matches that a tool found.
 *
 * The result has a row for each record, which may be many millions.  So it is
 * measured first, then written where it will stay: an array of rows, laid out
 * as array_out() and unnest() expect it, without a copy of any row elsewhere.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "common/state_sql.h"
#include "directory/components.h"

PG_FUNCTION_INFO_V1(resolve_bigint_accum);
PG_FUNCTION_INFO_V1(resolve_text_accum);
PG_FUNCTION_INFO_V1(resolve_combine);
PG_FUNCTION_INFO_V1(resolve_serialize);
PG_FUNCTION_INFO_V1(resolve_deserialize);
PG_FUNCTION_INFO_V1(resolve_final);

/* Columns of a row. */
enum
{
	MEMBER, COMPONENT,
	COLUMNS
};

/* The header of a row, and the least that a row takes. */
#define ROW_HEADER MAXALIGN(SizeofHeapTupleHeader)
#define LEAST_BIGINT_ROW MAXALIGN(ROW_HEADER + COLUMNS * sizeof(int64))
#define LEAST_TEXT_ROW MAXALIGN(ROW_HEADER + COLUMNS * VARHDRSZ_SHORT)

#define HEADER_OF_ARRAY ARR_OVERHEAD_NONULLS(1)

CV_NORETURN static void
too_many_records(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many records for one resolve()"),
			 errdetail("Its result has at most 1 GB: a row for each record, which takes %zu bytes with keys of type bigint, and more with long texts.",
					   LEAST_BIGINT_ROW),
			 errhint("Leave out records that match nothing, number those with long keys, or resolve parts between which there are no matches, such as countries, one at a time.")));
}

/*
 * Collecting
 */

/* Argument 0 of a transition function, made if it is NULL. */
static Components *
state_of(FunctionCallInfo fcinfo, bool by_name)
{
	Components *c;

	if (!PG_ARGISNULL(0))
		return (Components *) PG_GETARG_POINTER(0);
	c = MemoryContextAllocZero(aggregate_context(fcinfo), sizeof(Components));
	c->by_name = by_name;
	return c;
}

/* The record of argument n; whoever calls is in the memory of the aggregate. */
static int
record_argument(FunctionCallInfo fcinfo, int n, Components *c)
{
	if (c->by_name)
	{
		struct varlena *key = (struct varlena *) PG_GETARG_POINTER(n);

		return components_text(c, VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
	}
	return components_integer(c, PG_GETARG_INT64(n));
}

/* Arguments 1 and 2 are a match; one of them alone is a record without one. */
static Datum
add_match(FunctionCallInfo fcinfo, bool by_name)
{
	Components *c = state_of(fcinfo, by_name);
	MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));
	int			a;
	int			b;

	/* waiting for memory is most of the work: wait for both at once */
	if (!by_name && !PG_ARGISNULL(2))
		components_prefetch_integer(c, PG_GETARG_INT64(2));
	a = PG_ARGISNULL(1) ? -1 : record_argument(fcinfo, 1, c);
	b = PG_ARGISNULL(2) ? -1 : record_argument(fcinfo, 2, c);
	if (a >= 0 && b >= 0)
		components_join(c, a, b);
	MemoryContextSwitchTo(old);

	/* that nothing can come of it is better known now than in the end */
	if ((size_t) c->count > (MaxAllocSize - HEADER_OF_ARRAY) / (by_name ? LEAST_TEXT_ROW : LEAST_BIGINT_ROW))
		too_many_records();
	PG_RETURN_POINTER(c);
}

/* The end of a transition or combine function that has nothing to add. */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

Datum
resolve_bigint_accum(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
		return unchanged(fcinfo);
	return add_match(fcinfo, false);
}

Datum
resolve_text_accum(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(1) && PG_ARGISNULL(2))
		return unchanged(fcinfo);

	/* what was compressed is read here, not in the memory of the aggregate */
	for (int i = 1; i <= 2; i++)
	{
		if (!PG_ARGISNULL(i))
			PG_GETARG_DATUM(i) = PointerGetDatum(PG_GETARG_TEXT_PP(i));
	}
	return add_match(fcinfo, true);
}

/*
 * Parallel plans
 */

Datum
resolve_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	const Components *from;
	Components *into;
	MemoryContext old;

	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	from = (const Components *) PG_GETARG_POINTER(1);
	into = state_of(fcinfo, from->by_name);
	old = MemoryContextSwitchTo(context);
	components_merge(into, from);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(into);
}

/* The kind of the keys, the keys, and for each record the root of its tree. */
Datum
resolve_serialize(PG_FUNCTION_ARGS)
{
	const Components *c = (const Components *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendbyte(&buf, c->by_name);
	if (c->by_name)
		state_write_names(&buf, &c->names);
	else
	{
		state_reserve(&buf, 4 + 8 * (size_t) c->count);
		pq_sendint32(&buf, (uint32) c->count);
		for (int i = 0; i < c->count; i++)
			pq_sendint64(&buf, (uint64) c->ids.id[i]);
	}
	CHECK_FOR_INTERRUPTS();
	state_reserve(&buf, 4 * (size_t) c->count);
	for (int i = 0; i < c->count; i++)
		pq_sendint32(&buf, (uint32) components_root(c, i));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Keys of new records, each of them once. */
static void
read_keys(StringInfo buf, Components *c)
{
	if (c->by_name)
	{
		Names		names = {0};

		state_read_names(buf, &names);
		for (int i = 0; i < names.count; i++)
			(void) components_text(c, names.name[i].text, names.name[i].length);
		names_free(&names);
	}
	else
	{
		int			count = (int) pq_getmsgint(buf, 4);

		for (int i = 0; i < count; i++)
		{
			if (components_integer(c, pq_getmsgint64(buf)) != i)
				state_invalid();
		}
	}
}

Datum
resolve_deserialize(PG_FUNCTION_ARGS)
{
	Components *c = palloc0(sizeof(Components));
	StringInfoData buf;
	int			by_name;
	int		   *root;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	by_name = pq_getmsgbyte(&buf);
	if (by_name > 1)
		state_invalid();
	c->by_name = by_name;
	read_keys(&buf, c);
	CHECK_FOR_INTERRUPTS();
	root = cv_alloc(Max((size_t) c->count, 1) * sizeof(int));
	for (int i = 0; i < c->count; i++)
	{
		root[i] = (int) pq_getmsgint(&buf, 4);
		if (root[i] < 0 || root[i] >= c->count)
			state_invalid();
	}
	pq_getmsgend(&buf);
	for (int i = 0; i < c->count; i++)
	{
		if (root[root[i]] != root[i])
			state_invalid();
		components_join(c, i, root[i]);
	}
	pfree(root);
	PG_RETURN_POINTER(c);
}

/*
 * The result
 */

/* Keys as data; texts get their header in memory that the next ones use again. */
typedef struct KeyReader
{
	const Components *c;
	struct varlena *text;
	size_t		room;
	int			record;			/* the one whose text it is, or -1 */
} KeyReader;

static Datum
key_of(KeyReader *reader, int record)
{
	const Components *c = reader->c;
	const KnownName *name;

	if (!c->by_name)
		return Int64GetDatum(c->ids.id[record]);
	if (reader->record != record)
	{
		name = &c->names.name[record];
		if (VARHDRSZ + name->length > reader->room)
		{
			reader->room = VARHDRSZ + 2 * name->length;
			if (reader->text)
				pfree(reader->text);
			reader->text = MemoryContextAllocHuge(CurrentMemoryContext, reader->room);
		}
		SET_VARSIZE(reader->text, VARHDRSZ + name->length);
		memcpy(VARDATA(reader->text), name->text, name->length);
		reader->record = record;
	}
	return PointerGetDatum(reader->text);
}

typedef struct ResolvedRows
{
	const Components *c;
	const ComponentRow *row;
	TupleDesc	desc;
	KeyReader	column[COLUMNS];
} ResolvedRows;

/* The values of a row; they last until the next one. */
static void
read_row(ResolvedRows *rows, int i, Datum *values, bool *nulls)
{
	values[MEMBER] = key_of(&rows->column[MEMBER], rows->row[i].member);
	values[COMPONENT] = key_of(&rows->column[COMPONENT], rows->row[i].component);
	nulls[MEMBER] = nulls[COMPONENT] = false;
}

static size_t
size_of_row(ResolvedRows *rows, int i)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	read_row(rows, i, values, nulls);
	return MAXALIGN(ROW_HEADER + heap_compute_data_size(rows->desc, values, nulls));
}

/* Writes a row there, where so much room is left; returns how much it took. */
static size_t
write_row(ResolvedRows *rows, int i, char *p, size_t room)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	HeapTuple	row;
	size_t		size;

	read_row(rows, i, values, nulls);
	row = heap_form_tuple(rows->desc, values, nulls);
	size = MAXALIGN(row->t_len);
	if (unlikely(size > room))
		elog(ERROR, "a row is larger than it was measured");
	memcpy(p, row->t_data, row->t_len);
	heap_freetuple(row);
	return size;
}

/* The size of all rows, or the error that this is too much. */
static size_t
size_of_rows(ResolvedRows *rows)
{
	size_t		size = 0;

	if (!rows->c->by_name)		/* all are the same, and not too many */
		return (size_t) rows->c->count * size_of_row(rows, 0);
	for (int i = 0; i < rows->c->count; i++)
	{
		size += size_of_row(rows, i);
		if (size > MaxAllocSize - HEADER_OF_ARRAY)
			too_many_records();
		CHECK_FOR_INTERRUPTS();
	}
	return size;
}

static ArrayType *
array_of_rows(ResolvedRows *rows)
{
	size_t		size = size_of_rows(rows);
	size_t		written = 0;
	ArrayType  *array = palloc0(HEADER_OF_ARRAY + size);

	SET_VARSIZE(array, HEADER_OF_ARRAY + size);
	array->ndim = 1;
	array->dataoffset = 0;		/* no NULL among them */
	array->elemtype = rows->desc->tdtypeid;
	ARR_DIMS(array)[0] = rows->c->count;
	ARR_LBOUND(array)[0] = 1;
	for (int i = 0; i < rows->c->count; i++)
	{
		written += write_row(rows, i, (char *) array + HEADER_OF_ARRAY + written, size - written);
		CHECK_FOR_INTERRUPTS();
	}
	if (unlikely(written != size))
		elog(ERROR, "rows are smaller than they were measured");
	return array;
}

Datum
resolve_final(PG_FUNCTION_ARGS)
{
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	ResolvedRows rows = {0};
	ArrayType  *array;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	rows.c = (const Components *) PG_GETARG_POINTER(0);
	rows.row = components_rows(rows.c);
	rows.desc = lookup_rowtype_tupdesc_copy(type, -1);
	for (int i = 0; i < COLUMNS; i++)
	{
		rows.column[i].c = rows.c;
		rows.column[i].record = -1;
	}
	array = array_of_rows(&rows);
	pfree((void *) rows.row);
	PG_RETURN_POINTER(array);
}
