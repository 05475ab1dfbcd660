/*
 * whale_sql.h
 *		The type "whale_curve" as the server sees it.  Read by bytes, hence
 *		ALIGNMENT = int4.
 */
#ifndef CV_WHALE_SQL_H
#define CV_WHALE_SQL_H

#include "customer_value.h"

#include "utils/numeric.h"

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

/* Arithmetic on numeric that reads like arithmetic. */
#define ZERO NumericGetDatum(int64_to_numeric(0))
#define EXACT(e) NumericGetDatum(exact_to_numeric(e))
#define COUNT(n) NumericGetDatum(int64_to_numeric(n))
#define ADD(a, b) DirectFunctionCall2(numeric_add, (a), (b))
#define SUB(a, b) DirectFunctionCall2(numeric_sub, (a), (b))
#define MUL(a, b) DirectFunctionCall2(numeric_mul, (a), (b))
#define DIV(a, b) DirectFunctionCall2(numeric_div, (a), (b))
#define LESS(a, b) DatumGetBool(DirectFunctionCall2(numeric_lt, (a), (b)))

#endif							/* CV_WHALE_SQL_H */
