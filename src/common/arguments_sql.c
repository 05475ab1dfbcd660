/*
 * arguments_sql.c
 *		Arguments of an aggregate that are one for all rows.
 */
#include "customer_value.h"

#include "common/arguments_sql.h"

void
argument_changes(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be the same in all rows", what),
			 errdetail("An aggregate gives one result for all its rows."),
			 errhint("Give a constant or a subquery with one row, or group by the column it comes from.")));
}

struct varlena *
argument_copy(MemoryContext context, const void *bytes, size_t size)
{
	struct varlena *copy = MemoryContextAlloc(context, VARHDRSZ + size);

	SET_VARSIZE(copy, VARHDRSZ + size);
	memcpy(VARDATA(copy), bytes, size);
	return copy;
}

void
as_of_check(DateADT as_of)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("as_of must be a finite date"),
				 errdetail("Days are counted up to that one."),
				 errhint("Write the last day that the ledgers are complete for.")));
}
