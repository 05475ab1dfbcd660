/*
 * rows_sql.h
 *		Rows as results: one, or an array of them.
 *
 * Aggregates cannot return sets.  A table that an aggregate makes is an array
 * of a composite type, and unnest() makes a table of it again.
 */
#ifndef CV_ROWS_SQL_H
#define CV_ROWS_SQL_H

#include "customer_value.h"

#include "access/tupdesc.h"
#include "utils/array.h"

/* The row that a function returns. */
extern Datum row_of_figures(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/* The array of rows that a function returns, row by row. */
typedef struct Rows
{
	TupleDesc	desc;
	ArrayBuildState *array;
} Rows;

extern void rows_open(Rows *rows, FunctionCallInfo fcinfo);
extern void rows_add(Rows *rows, Datum *values, bool *nulls);

/* Frees what was used on the way. */
extern Datum rows_finish(Rows *rows);

#endif							/* CV_ROWS_SQL_H */
