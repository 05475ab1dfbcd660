/*
 * rows_sql.c
 *		Rows as results: one, or an array of them.
 */
#include "customer_value.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "common/rows_sql.h"

Datum
row_of_figures(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "the result of the function is not a row");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

void
rows_open(Rows *rows, FunctionCallInfo fcinfo)
{
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));

	if (!OidIsValid(type))
		elog(ERROR, "the result of the function is not an array");
	rows->desc = lookup_rowtype_tupdesc_copy(type, -1);
	rows->array = initArrayResult(type, CurrentMemoryContext, true);
}

void
rows_add(Rows *rows, Datum *values, bool *nulls)
{
	HeapTuple	row = heap_form_tuple(rows->desc, values, nulls);

	CHECK_FOR_INTERRUPTS();
	rows->array = accumArrayResult(rows->array, HeapTupleGetDatum(row), false,
								   rows->array->element_type, CurrentMemoryContext);
	heap_freetuple(row);
}

Datum
rows_finish(Rows *rows)
{
	return makeArrayResult(rows->array, CurrentMemoryContext);
}
