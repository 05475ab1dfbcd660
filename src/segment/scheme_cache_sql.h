/*
 * scheme_cache_sql.h
 *		A segmentation that a function is called with row after row, prepared
 *		once.
 *
 * A function's memory outlives the row, and the scheme may be another one in
 * the next; so its bytes are kept, too, and compared, unless it is a constant
 * of the query.  The scheme is argument 0.
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

extern void *scheme_cache_look(FunctionCallInfo fcinfo, SchemePrepare prepare);

static inline void *
prepared_scheme(FunctionCallInfo fcinfo, SchemePrepare prepare)
{
	SchemeCache *cache = (SchemeCache *) fcinfo->flinfo->fn_extra;

	if (likely(cache != NULL && cache->constant))
		return cache->prepared;
	return scheme_cache_look(fcinfo, prepare);
}

#endif							/* CV_SCHEME_CACHE_SQL_H */
