/*
 * scheme_cache_sql.h
 *		A segmentation that a function is called with row after row, prepared
 *		once.
 *
 * A function's memory outlives the row, and the scheme may be another one in
 * the next; so its bytes are kept, too, and compared, unless it is a constant
 * of the query.
 */
#ifndef CV_SCHEME_CACHE_SQL_H
#define CV_SCHEME_CACHE_SQL_H

#include "customer_value.h"

#include "segment/segmentation_sql.h"

typedef struct SchemeCache
{
	bool		constant;
	size_t		length;			/* of the value as it came, with its header */
	char	   *bytes;
	void	   *prepared;
	MemoryContext context;		/* of the last two */
} SchemeCache;

/* Whatever it allocates lives until the scheme changes. */
typedef void *(*SchemePrepare) (const struct varlena *scheme);

extern void *scheme_cache_look(FunctionCallInfo fcinfo, int arg, SchemePrepare prepare);

static inline void *
prepared_scheme_arg(FunctionCallInfo fcinfo, int arg, SchemePrepare prepare)
{
	SchemeCache *cache = (SchemeCache *) fcinfo->flinfo->fn_extra;

	if (likely(cache != NULL && cache->constant))
		return cache->prepared;
	return scheme_cache_look(fcinfo, arg, prepare);
}

/* As argument 0, where nearly all functions have it. */
static inline void *
prepared_scheme(FunctionCallInfo fcinfo, SchemePrepare prepare)
{
	return prepared_scheme_arg(fcinfo, 0, prepare);
}

#endif							/* CV_SCHEME_CACHE_SQL_H */
