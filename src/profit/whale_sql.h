/*
 * whale_sql.h
 *		The type "whale_curve" as the server sees it.  Read by bytes, hence
 *		ALIGNMENT = int4.
 */
#ifndef CV_WHALE_SQL_H
#define CV_WHALE_SQL_H

#include "customer_value.h"

#include "utils/numeric.h"

#include "common/arithmetic_sql.h"
#include "profit/gains.h"
#include "profit/whale.h"

#define PG_GETARG_WHALE_CURVE_P(n) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n))
#define PG_RETURN_WHALE_CURVE_P(w) PG_RETURN_POINTER(w)

extern void whale_read(struct varlena *value, Whale *w);
extern struct varlena *whale_make(const Whale *w);

/* What a fraction of the customers is: so many, and a part of the next one. */
typedef struct TopPlace
{
	int64		whole;
	Datum		part;			/* numeric, from 0 to below 1 */
} TopPlace;

extern TopPlace top_place(Numeric fraction, int64 customers);

/* To numeric, with the digits that a division of numerics has. */
extern Datum quotient_to_numeric(const Quotient *q);

#define EXACT(e) NumericGetDatum(exact_to_numeric(e))

#endif							/* CV_WHALE_SQL_H */
