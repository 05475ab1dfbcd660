/*
 * profile_sql.h
 *		What the tables by segment have in common.
 */
#ifndef CV_PROFILE_SQL_H
#define CV_PROFILE_SQL_H

#include "customer_value.h"

#include "common/amount.h"
#include "common/arithmetic_sql.h"
#include "common/rows_sql.h"
#include "common/tally_sql.h"

/*
 * Segments are integers or texts; a row has both columns: number, which only
 * integers have, and segment, their text.
 */
#define SEGMENT_COLUMNS 2

extern void segment_part_datums(const TallyPart *part, Datum *values, bool *nulls);

/* The part of a key that is there, for it was written here. */
extern const char *key_part(const char *p, const KnownName *key, TallyPart *part);

/* Columns of a row, filled one after the other. */
typedef struct RowWriter
{
	Datum		values[64];
	bool		nulls[64];
	int			used;
} RowWriter;

extern void put_segment(RowWriter *row, const TallyPart *part);
extern void put_count(RowWriter *row, i128 count);
extern void put_amount(RowWriter *row, i128 micros, int decimals);
extern void put_money(RowWriter *row, i128 micros);

/* numerator over denominator; NULL unless the denominator is positive. */
extern void put_ratio(RowWriter *row, Datum numerator, Datum denominator);
extern void put_share(RowWriter *row, i128 part, i128 whole);
extern void put_null(RowWriter *row);

#define MONEY(micros) NumericGetDatum(amount_to_numeric((micros), 2))

#endif							/* CV_PROFILE_SQL_H */
