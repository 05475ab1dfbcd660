/*
 * canonical.c
 *		Comparison of types whose equal values have equal bytes, and the binary
 *		form of those whose bytes are the same on every machine.
 *
 * The order of the bytes is as good as any: it is there for sorting, grouping
 * and merge joins, and means nothing.
 */
#include "customer_value.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "common/comparison.h"

PG_FUNCTION_INFO_V1(canonical_hash);
PG_FUNCTION_INFO_V1(canonical_hash_extended);
PG_FUNCTION_INFO_V1(canonical_send);

static int
compare(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	struct varlena *b = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	size_t		length_a = VARSIZE_ANY_EXHDR(a);
	size_t		length_b = VARSIZE_ANY_EXHDR(b);
	int			result = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(length_a, length_b));

	if (result == 0 && length_a != length_b)
		result = length_a < length_b ? -1 : 1;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return result;
}

DEFINE_COMPARISONS(canonical, compare);

Datum
canonical_hash(PG_FUNCTION_ARGS)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));

	return hash_any((unsigned char *) VARDATA_ANY(a), (int) VARSIZE_ANY_EXHDR(a));
}

Datum
canonical_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));

	return hash_any_extended((unsigned char *) VARDATA_ANY(a),
							 (int) VARSIZE_ANY_EXHDR(a), PG_GETARG_INT64(1));
}

Datum
canonical_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
