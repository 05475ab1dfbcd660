/*
 * features_sql.c
 *		Reading float8[] without a copy.
 *
 * Short arrays lie in their rows without padding.  The server's macros want
 * them aligned, and would copy each of them first.
 */
#include "customer_value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "cluster/centres.h"
#include "cluster/features_sql.h"

static void
bad_shape(const char *detail, int count)
{
	ereport(ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
			 errmsg("features must be an array of one dimension with 1 to %d elements",
					CENTRES_MAX_FEATURES),
			 errdetail(detail, count),
			 errhint("Write the features of one customer as ARRAY[profit, orders].")));
}

void
features_open(FeatureArray *a, Datum datum)
{
	/* as in ArrayType, whose first word is the length */
	struct
	{
		int32		ndim;
		int32		data_offset;
		Oid			element;
		int32		dimension;
		int32		lower_bound;
	}			header;
	const char *bytes;

	a->original = (struct varlena *) DatumGetPointer(datum);
	a->bytes = PG_DETOAST_DATUM_PACKED(datum);
	bytes = VARDATA_ANY(a->bytes);
	memcpy(&header, bytes, offsetof(ArrayType, elemtype) + sizeof(Oid) - VARHDRSZ);
	if (header.ndim == 0)
		bad_shape("The array is empty.", 0);
	if (header.ndim != 1)
		bad_shape("The array has %d dimensions.", header.ndim);
	memcpy(&header, bytes, sizeof(header));
	if (header.dimension < 1 || header.dimension > CENTRES_MAX_FEATURES)
		bad_shape("The array has %d elements.", header.dimension);
	Assert(header.element == FLOAT8OID);
	a->count = header.dimension;
	a->has_nulls = header.data_offset != 0;
	a->null_bits = (const uint8 *) bytes + sizeof(header);
	a->values = bytes - VARHDRSZ +
		(a->has_nulls ? header.data_offset : (int32) ARR_OVERHEAD_NONULLS(1));
}

void
features_close(FeatureArray *a)
{
	if (a->bytes != a->original)
		pfree(a->bytes);
}

static void
bad_number(double v, int number)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(v)));

	if (isnan(v) || isinf(v))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("feature %d must be a finite number", number),
				 errdetail("It is %s.", text),
				 errhint("Leave such rows out with WHERE feature <> '%s', or write nullif(feature, '%s').", text, text)));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("feature %d out of range", number),
			 errdetail("It is %s.", text),
			 errhint("Features are below 1e100 in size; check where this one comes from.")));
}

int
features_copy(const FeatureArray *a, double *out)
{
	const char *from = a->values;
	int			first_null = 0;

	if (likely(!a->has_nulls))
		memcpy(out, from, a->count * sizeof(double));
	for (int f = 0; f < a->count; f++)
	{
		if (a->has_nulls)
		{
			if ((a->null_bits[f / 8] >> f % 8 & 1) == 0)
			{
				out[f] = NAN;
				if (first_null == 0)
					first_null = f + 1;
				continue;
			}
			memcpy(&out[f], from, sizeof(double));
			from += sizeof(double);
		}
		if (unlikely(!(fabs(out[f]) < FEATURE_LIMIT)))
			bad_number(out[f], f + 1);
		out[f] += 0.0;			/* -0 is 0 */
	}
	return first_null;
}

void
feature_is_null(int number, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("feature %d must not be null", number),
			 errdetail("Without it there is no telling how far the customer is from a centre."),
			 errhint("%s", hint)));
}
