/*
 * customer_value.h
 *		What every file that talks to the server includes first.
 */
#ifndef CUSTOMER_VALUE_H
#define CUSTOMER_VALUE_H

#include "postgres.h"

#include "compat.h"

#include "common/host.h"

/* The memory of an aggregate's states; only aggregates call their functions. */
static inline MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (unlikely(!AggCheckCallContext(fcinfo, &context)))
		elog(ERROR, "aggregate support function called outside of an aggregate");
	return context;
}

#endif							/* CUSTOMER_VALUE_H */
