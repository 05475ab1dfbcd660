/*
 * scheme_cache_sql.c
 *		A segmentation that a function is called with row after row, prepared
 *		once.
 */
#include "customer_value.h"

#include "nodes/primnodes.h"
#include "utils/memutils.h"

#include "segment/scheme_cache_sql.h"

/* A parameter is not: PL/pgSQL calls one expression with different ones. */
static bool
is_constant(const FmgrInfo *flinfo, int arg)
{
	Node	   *expr = flinfo->fn_expr;

	return expr != NULL && IsA(expr, FuncExpr) &&
		IsA(list_nth(((FuncExpr *) expr)->args, arg), Const);
}

static void
fill(SchemeCache *cache, FmgrInfo *flinfo, int arg, const struct varlena *stored,
	 SchemePrepare prepare)
{
	size_t		length = VARSIZE_ANY(stored);
	MemoryContext old;

	/* an error in between leaves an empty one */
	cache->length = 0;
	if (cache->context)
		MemoryContextDelete(cache->context);
	cache->context = NULL;
	cache->context = AllocSetContextCreate(flinfo->fn_mcxt, "prepared segmentation",
										   ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(cache->context);
	cache->prepared = prepare(DatumGetSegmentationP(PointerGetDatum(stored)));
	cache->bytes = palloc(length);
	memcpy(cache->bytes, stored, length);
	MemoryContextSwitchTo(old);
	cache->length = length;
	cache->constant = is_constant(flinfo, arg);
}

/*
 * Bytes are compared as they come, compressed or not, so that a scheme is
 * not decompressed row after row.  Only what is stored elsewhere is fetched.
 */
void *
scheme_cache_look(FunctionCallInfo fcinfo, int arg, SchemePrepare prepare)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	SchemeCache *cache = (SchemeCache *) flinfo->fn_extra;
	struct varlena *given = PG_GETARG_RAW_VARLENA_P(arg);
	struct varlena *scheme = VARATT_IS_EXTERNAL(given) ? DatumGetSegmentationP(PointerGetDatum(given)) : given;

	if (cache == NULL)
		cache = flinfo->fn_extra = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(SchemeCache));
	if (cache->length != VARSIZE_ANY(scheme) || memcmp(cache->bytes, scheme, cache->length) != 0)
		fill(cache, flinfo, arg, scheme, prepare);
	if (scheme != given)
		pfree(scheme);
	return cache->prepared;
}
