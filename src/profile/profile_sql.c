/*
 * profile_sql.c
 *		What the tables by segment have in common.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "profile/profile_sql.h"

const char *
key_part(const char *p, const KnownName *key, TallyPart *part)
{
	const char *end = tally_read_part(p, key->text + key->length, part);

	if (end == NULL)
		elog(ERROR, "a key has fewer parts than expected");
	return end;
}

static void
put(RowWriter *row, Datum value, bool isnull)
{
	Assert(row->used < (int) lengthof(row->values));
	row->values[row->used] = value;
	row->nulls[row->used++] = isnull;
}

void
put_null(RowWriter *row)
{
	put(row, (Datum) 0, true);
}

void
segment_part_datums(const TallyPart *part, Datum *values, bool *nulls)
{
	nulls[0] = part->kind != TALLY_INTEGER;
	nulls[1] = part->kind == TALLY_NULL;
	values[0] = values[1] = (Datum) 0;
	if (part->kind == TALLY_INTEGER)
	{
		values[0] = Int64GetDatum(part->integer);
		values[1] = PointerGetDatum(cstring_to_text(psprintf(INT64_FORMAT, part->integer)));
	}
	else if (part->kind == TALLY_TEXT)
		values[1] = tally_part_datum(part, false, &nulls[1]);
}

void
put_segment(RowWriter *row, const TallyPart *part)
{
	segment_part_datums(part, &row->values[row->used], &row->nulls[row->used]);
	row->used += SEGMENT_COLUMNS;
}

void
put_count(RowWriter *row, i128 count)
{
	if (count > PG_INT64_MAX || count < PG_INT64_MIN)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("purchase count out of range for type bigint"),
				 errdetail("The purchases of all customers add up to more than 9 * 10^18."),
				 errhint("Check what was given as purchases => ...; it counts purchases, not money.")));
	put(row, Int64GetDatum((int64) count), false);
}

void
put_amount(RowWriter *row, i128 micros, int decimals)
{
	put(row, NumericGetDatum(amount_to_numeric(micros, decimals)), false);
}

void
put_money(RowWriter *row, i128 micros)
{
	put_amount(row, micros, 2);
}

void
put_ratio(RowWriter *row, Datum numerator, Datum denominator)
{
	if (less(whole(0), denominator))
		put(row, over(numerator, denominator), false);
	else
		put_null(row);
}

void
put_share(RowWriter *row, i128 part, i128 whole)
{
	bool		isnull;
	Datum		share = tally_share(part, whole, &isnull);

	put(row, share, isnull);
}
