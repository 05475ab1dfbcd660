/*
 * in_segment_sql.c
 *		Does a value belong to a segment, in a way the planner understands; and
 *		how far is it from a better one?
 *
 * in_segment(value, segmentation, number) with a constant segmentation and
 * number is the same as
 *
 *		value >= lower AND value < upper
 *
 * and its support function puts that in its place, so that an index on the
 * value is used and its statistics are.  Both must agree for every value, so
 * both compare as those operators do: NaN is above all numbers, and nothing is
 * an error that is none for them.
 */
#include "customer_value.h"

#include <math.h>

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "segment/cuts.h"
#include "segment/scheme_cache_sql.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(in_segment_numeric);
PG_FUNCTION_INFO_V1(in_segment_float8);
PG_FUNCTION_INFO_V1(in_segment_support);
PG_FUNCTION_INFO_V1(distance_to_next_numeric);
PG_FUNCTION_INFO_V1(distance_to_next_float8);

/* A number as a value of a type, numeric or double precision. */
static Datum
cut_datum(Exact cut, Oid type)
{
	if (type == FLOAT8OID)
		return Float8GetDatum(exact_value(cut));
	return NumericGetDatum(exact_to_numeric(cut));
}

/* The cut points of a scheme as such values, prepared for many rows. */
typedef struct CutDatums
{
	int			k;
	Datum		cut[FLEXIBLE_ARRAY_MEMBER]; /* [k - 1] */
} CutDatums;

static CutDatums *
cut_datums(const struct varlena *scheme, Oid type, const char *function)
{
	Cuts	   *s = (Cuts *) segmentation_read_form(scheme, &cuts_form, function);
	CutDatums  *cuts = palloc(offsetof(CutDatums, cut) + s->head.k * sizeof(Datum));

	cuts->k = s->head.k;
	for (int i = 0; i < cuts->k - 1; i++)
		cuts->cut[i] = cut_datum(s->cut[i], type);
	segmentation_free(&s->head);
	return cuts;
}

/*
 * The function itself
 */

#define IN_SEGMENT "in_segment(value, segmentation, number)"

static void *
in_segment_numeric_cuts(const struct varlena *scheme)
{
	return cut_datums(scheme, NUMERICOID, IN_SEGMENT);
}

static void *
in_segment_float8_cuts(const struct varlena *scheme)
{
	return cut_datums(scheme, FLOAT8OID, IN_SEGMENT);
}

static CutDatums *
cuts_of_segment(FunctionCallInfo fcinfo, SchemePrepare prepare)
{
	CutDatums  *cuts = prepared_scheme_arg(fcinfo, 1, prepare);
	int32		number = PG_GETARG_INT32(2);

	if (unlikely(number < 1 || number > cuts->k))
		segmentation_check_number(segmentation_read(PG_GETARG_SEGMENTATION_P(1)), number);
	return cuts;
}

Datum
in_segment_numeric(PG_FUNCTION_ARGS)
{
	CutDatums  *cuts = cuts_of_segment(fcinfo, in_segment_numeric_cuts);
	Datum		value = NumericGetDatum(PG_GETARG_NUMERIC(0));
	int32		number = PG_GETARG_INT32(2);

	if (number < cuts->k &&
		!DatumGetBool(DirectFunctionCall2(numeric_ge, value, cuts->cut[number - 1])))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(number == 1 ||
				   DatumGetBool(DirectFunctionCall2(numeric_lt, value, cuts->cut[number - 2])));
}

Datum
in_segment_float8(PG_FUNCTION_ARGS)
{
	CutDatums  *cuts = cuts_of_segment(fcinfo, in_segment_float8_cuts);
	double		value = PG_GETARG_FLOAT8(0);
	int32		number = PG_GETARG_INT32(2);

	if (number < cuts->k && !float8_ge(value, DatumGetFloat8(cuts->cut[number - 1])))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(number == 1 || float8_lt(value, DatumGetFloat8(cuts->cut[number - 2])));
}

/*
 * Support function
 */

static Expr *
comparison(const TypeCacheEntry *type, Node *left, int strategy, Node *right)
{
	Oid			op = get_opfamily_member(type->btree_opf, type->type_id,
										 type->type_id, strategy);
	OpExpr	   *expr = (OpExpr *) make_opclause(op, BOOLOID, false,
												(Expr *) copyObject(left), (Expr *) right,
												InvalidOid, InvalidOid);

	set_opfuncid(expr);
	return (Expr *) expr;
}

static Node *
cut_const(const TypeCacheEntry *type, Exact cut)
{
	return (Node *) makeConst(type->type_id, -1, InvalidOid, type->typlen,
							  cut_datum(cut, type->type_id), false, type->typbyval);
}

/* The comparisons that say whether a value belongs to a segment. */
static Expr *
as_comparisons(Node *value, const TypeCacheEntry *type, const Cuts *s, int number)
{
	Expr	   *lower = NULL;
	Expr	   *upper = NULL;

	if (number < s->head.k)
		lower = comparison(type, value, BTGreaterEqualStrategyNumber,
						   cut_const(type, s->cut[number - 1]));
	if (number > 1)
		upper = comparison(type, value, BTLessStrategyNumber,
						   cut_const(type, s->cut[number - 2]));
	if (lower && upper)
		return make_andclause(list_make2(lower, upper));
	if (lower || upper)
		return lower ? lower : upper;
	/* all that is not null: the planner knows x = x for that */
	return comparison(type, value, BTEqualStrategyNumber, copyObject(value));
}

/*
 * What can stand for a call; NULL if the function itself must be asked, which
 * has the errors, too.
 */
static Expr *
simplified(FuncExpr *call)
{
	Node	   *value = linitial(call->args);
	Const	   *scheme = lsecond(call->args);
	Const	   *number = lthird(call->args);
	Expr	   *result = NULL;
	SegmentationError error;
	struct varlena *bytes;
	Segmentation *s;

	if (!IsA(scheme, Const) || scheme->constisnull ||
		!IsA(number, Const) || number->constisnull ||
		contain_volatile_functions(value) || contain_subplans(value))
		return NULL;
	bytes = DatumGetSegmentationP(scheme->constvalue);
	s = segmentation_decode((const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &error);
	if (s == NULL)
		return NULL;
	if (is_cuts(s) && DatumGetInt32(number->constvalue) >= 1 &&
		DatumGetInt32(number->constvalue) <= s->k)
		result = as_comparisons(value, lookup_type_cache(exprType(value), TYPECACHE_BTREE_OPFAMILY),
								(Cuts *) s, DatumGetInt32(number->constvalue));
	segmentation_free(s);
	return result;
}

Datum
in_segment_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Expr	   *result = NULL;

	if (IsA(request, SupportRequestSimplify))
		result = simplified(((SupportRequestSimplify *) request)->fcall);
	PG_RETURN_POINTER(result);
}

/*
 * Distance
 */

#define DISTANCE "distance_to_next(segmentation, value)"

static void *
distance_numeric_cuts(const struct varlena *scheme)
{
	return cut_datums(scheme, NUMERICOID, DISTANCE);
}

static void *
distance_float8_cuts(const struct varlena *scheme)
{
	return cut_datums(scheme, FLOAT8OID, DISTANCE);
}

/*
 * The lowest of the cut points above the value is the next to reach.  Where
 * several are equal, reaching one is reaching all.
 */
Datum
distance_to_next_numeric(PG_FUNCTION_ARGS)
{
	CutDatums  *cuts = prepared_scheme(fcinfo, distance_numeric_cuts);
	Datum		value = NumericGetDatum(PG_GETARG_NUMERIC(1));

	value_check_finite(DatumGetNumeric(value));
	for (int i = cuts->k - 2; i >= 0; i--)
	{
		if (DatumGetBool(DirectFunctionCall2(numeric_lt, value, cuts->cut[i])))
			return DirectFunctionCall2(numeric_sub, cuts->cut[i], value);
	}
	PG_RETURN_NULL();
}

Datum
distance_to_next_float8(PG_FUNCTION_ARGS)
{
	CutDatums  *cuts = prepared_scheme(fcinfo, distance_float8_cuts);
	double		value = value_from_float8(PG_GETARG_FLOAT8(1));

	for (int i = cuts->k - 2; i >= 0; i--)
	{
		double		cut = DatumGetFloat8(cuts->cut[i]);

		if (value >= cut)
			continue;
		if (isinf(cut))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("distance out of range"),
					 errdetail("The next cut point is larger than double precision can be."),
					 errhint("Give the value as numeric.")));
		PG_RETURN_FLOAT8(cut - value);
	}
	PG_RETURN_NULL();
}
