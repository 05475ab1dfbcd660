/*
 * quality_sql.h
 *		What the aggregates about segmentations have in common.
 */
#ifndef CV_QUALITY_SQL_H
#define CV_QUALITY_SQL_H

#include "customer_value.h"

#include "common/rows_sql.h"
#include "common/state_sql.h"
#include "features/frame.h"
#include "quality/cross_table.h"

/* A numeric value as the nearest double; errors as of all values. */
extern double value_of_numeric(Datum numeric);

/* The bytes of an argument that names a segment or category: bigint or text. */
typedef struct CategoryName
{
	const char *bytes;
	size_t		length;
	char		integer[INTEGER_NAME_LENGTH];
} CategoryName;

extern void category_of_integer(FunctionCallInfo fcinfo, int n, CategoryName *name);
extern void category_of_text(FunctionCallInfo fcinfo, int n, CategoryName *name);

/*
 * Argument 0 of a final function, as a frame in its final order; NULL if there
 * is no row.  What it is put in order with outlives the call, as the frame
 * does: a window may add rows to it.
 */
extern Frame *final_frame(FunctionCallInfo fcinfo);

#endif							/* CV_QUALITY_SQL_H */
