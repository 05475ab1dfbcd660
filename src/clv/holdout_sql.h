/*
 * holdout_sql.h
 *		The type "holdout" as the server sees it.
 */
#ifndef CV_HOLDOUT_SQL_H
#define CV_HOLDOUT_SQL_H

#include "customer_value.h"

#include "clv/holdout.h"

CV_NORETURN extern void holdout_unknown_version(const Holdout *h);

/* Never packed: the struct is read at double alignment. */
static inline const Holdout *
DatumGetHoldoutP(Datum datum)
{
	const Holdout *h = (const Holdout *) PG_DETOAST_DATUM(datum);

	if (unlikely(h->version != HOLDOUT_VERSION))
		holdout_unknown_version(h);
	return h;
}

#define PG_GETARG_HOLDOUT_P(n) DatumGetHoldoutP(PG_GETARG_DATUM(n))

/* Sets the length word of one made by holdout_make() or holdout_parse(). */
extern Datum holdout_datum(Holdout *h);

#endif							/* CV_HOLDOUT_SQL_H */
