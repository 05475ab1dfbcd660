/*
 * segment_sql.c
 *		What a segmentation is asked for: a value's segment, and how it looks.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "common/amount.h"
#include "segment/cuts.h"
#include "segment/scheme_cache_sql.h"
#include "segment/segment_sql.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(segment_numeric);
PG_FUNCTION_INFO_V1(segment_float8);
PG_FUNCTION_INFO_V1(segmentation_segments);
PG_FUNCTION_INFO_V1(segmentation_breaks);
PG_FUNCTION_INFO_V1(segmentation_label);
PG_FUNCTION_INFO_V1(segmentation_with_labels);
PG_FUNCTION_INFO_V1(segmentation_goodness);

/* Cut points, ready to be compared with. */
struct PreparedCuts
{
	SegmentFinder *finder;
	int			ncuts;
	Numeric    *cut;			/* [ncuts] */
};

PreparedCuts *
prepared_cuts(const struct varlena *scheme, const char *function)
{
	Cuts	   *s = (Cuts *) segmentation_read_form(scheme, &cuts_form, function);
	PreparedCuts *prepared = palloc(sizeof(PreparedCuts));

	prepared->finder = segment_finder_make(s);
	prepared->ncuts = s->head.k - 1;
	prepared->cut = palloc(s->head.k * sizeof(Numeric));
	for (int i = 0; i < prepared->ncuts; i++)
		prepared->cut[i] = exact_to_numeric(s->cut[i]);
	segmentation_free(&s->head);
	return prepared;
}

static void *
prepare_cuts(const struct varlena *scheme)
{
	return prepared_cuts(scheme, "segment(segmentation, value)");
}

/* A value beyond amount_fast(): compare as numeric. */
static int
segment_slowly(const PreparedCuts *cuts, Datum value)
{
	Numeric		numeric = DatumGetNumeric(value);
	int			number = 1;

	value_check_finite(numeric);
	while (number <= cuts->ncuts &&
		   DatumGetBool(DirectFunctionCall2(numeric_lt, NumericGetDatum(numeric),
											NumericGetDatum(cuts->cut[number - 1]))))
		number++;
	return number;
}

int
segment_of_numeric(const PreparedCuts *cuts, Datum value)
{
	int64		integer;
	int			pairs;

	if (likely(amount_fast(value, &integer, &pairs)))
		return segment_of_integer(cuts->finder, integer, pairs);
	return segment_slowly(cuts, value);
}

Datum
segment_numeric(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(segment_of_numeric(prepared_scheme(fcinfo, prepare_cuts),
									   PG_GETARG_DATUM(1)));
}

Datum
segment_float8(PG_FUNCTION_ARGS)
{
	const PreparedCuts *cuts = prepared_scheme(fcinfo, prepare_cuts);

	PG_RETURN_INT32(segment_of_double(cuts->finder, value_from_float8(PG_GETARG_FLOAT8(1))));
}

/*
 * How it looks
 */

static text *
label_of(const Segmentation *s, int number)
{
	TextBuffer	t;

	text_open(&t);
	segmentation_put_label(s, number, &t);
	return cstring_to_text_with_len(t.begin, (int) t.used);
}

/* Total of all segments; NULL unless positive: no share of nothing. */
static Numeric
positive_total(const SegmentRow *row, int k)
{
	Datum		sum = NumericGetDatum(int64_to_numeric(0));

	for (int i = 0; i < k; i++)
	{
		if (!row[i].has_total)
			return NULL;
		sum = DirectFunctionCall2(numeric_add, sum,
								  NumericGetDatum(exact_to_numeric(row[i].total)));
	}
	if (DatumGetBool(DirectFunctionCall2(numeric_le, sum,
										 NumericGetDatum(int64_to_numeric(0)))))
		return NULL;
	return DatumGetNumeric(sum);
}

Datum
segmentation_segments(PG_FUNCTION_ARGS)
{
	enum
	{
		NUMBER, LABEL, LOWER, UPPER, CUSTOMERS, TOTAL, MEAN, SHARE, LOWEST, HIGHEST,
		COLUMNS
	};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Segmentation *s;
	SegmentRow *rows;
	Numeric		all;

	InitMaterializedSRF(fcinfo, 0);
	s = segmentation_read(PG_GETARG_SEGMENTATION_P(0));
	rows = palloc0(s->k * sizeof(SegmentRow));
	for (int i = 0; i < s->k; i++)
		segmentation_form(s->method)->describe(s, i + 1, &rows[i]);
	all = positive_total(rows, s->k);
	for (int i = 0; i < s->k; i++)
	{
		const SegmentRow *row = &rows[i];
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];

		memset(nulls, true, sizeof(nulls));
#define SET(column, datum) (values[column] = (datum), nulls[column] = false)
		SET(NUMBER, Int32GetDatum(i + 1));
		SET(LABEL, PointerGetDatum(label_of(s, i + 1)));
		if (row->has_lower)
			SET(LOWER, NumericGetDatum(exact_to_numeric(row->lower)));
		if (row->has_upper)
			SET(UPPER, NumericGetDatum(exact_to_numeric(row->upper)));
		if (row->has_customers)
			SET(CUSTOMERS, Int64GetDatum(row->customers));
		if (row->has_total)
			SET(TOTAL, NumericGetDatum(exact_to_numeric(row->total)));
		if (row->has_total && row->customers > 0)
			SET(MEAN, DirectFunctionCall2(numeric_div, values[TOTAL],
										  NumericGetDatum(int64_to_numeric(row->customers))));
		if (row->has_total && all)
			SET(SHARE, DirectFunctionCall2(numeric_div, values[TOTAL], NumericGetDatum(all)));
		if (row->has_extremes)
		{
			SET(LOWEST, NumericGetDatum(exact_to_numeric(row->lowest)));
			SET(HIGHEST, NumericGetDatum(exact_to_numeric(row->highest)));
		}
#undef SET
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
segmentation_breaks(PG_FUNCTION_ARGS)
{
	Cuts	   *s = (Cuts *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &cuts_form,
													"breaks(segmentation)");
	int			ncuts = s->head.k - 1;
	Datum	   *cuts = palloc(s->head.k * sizeof(Datum));

	for (int i = 0; i < ncuts; i++)
		cuts[i] = NumericGetDatum(exact_to_numeric(s->cut[i]));
	PG_RETURN_ARRAYTYPE_P(construct_array(cuts, ncuts, NUMERICOID, -1, false, TYPALIGN_INT));
}

void
segmentation_check_number(const Segmentation *s, int number)
{
	if (number < 1 || number > s->k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("segment %d does not exist", number),
				 errdetail("The segmentation has segments 1 to %d.", s->k),
				 errhint("%s gives the number of a customer's segment.",
						 segmentation_form(s->method)->use)));
}

Datum
segmentation_label(PG_FUNCTION_ARGS)
{
	int32		number = PG_GETARG_INT32(1);
	Segmentation *s = segmentation_read(PG_GETARG_SEGMENTATION_P(0));

	segmentation_check_number(s, number);
	PG_RETURN_TEXT_P(label_of(s, number));
}

void
segmentation_set_labels(Segmentation *s, Datum array)
{
	Datum	   *labels;
	bool	   *nulls;
	int			nlabels;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &labels, &nulls, &nlabels);
	if (nlabels != s->k)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("wrong number of labels"),
				 errdetail("The segmentation has %d segments, but there are %d labels.", s->k, nlabels),
				 errhint("Give one label for each segment, that of the most valuable first.")));
	segmentation_add_labels(s);
	for (int i = 0; i < nlabels; i++)
	{
		text	   *label = nulls[i] ? NULL : DatumGetTextPP(labels[i]);

		if (label == NULL || VARSIZE_ANY_EXHDR(label) == 0 ||
			VARSIZE_ANY_EXHDR(label) > SEGMENTATION_MAX_LABEL)
			ereport(ERROR,
					(errcode(label ? ERRCODE_INVALID_PARAMETER_VALUE : ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("label of segment %d is null, empty or too long", i + 1),
					 errdetail("A label has 1 to %d bytes.", SEGMENTATION_MAX_LABEL),
					 errhint("Give a short name such as 'gold'.")));
		s->label[i].text = VARDATA_ANY(label);
		s->label[i].length = VARSIZE_ANY_EXHDR(label);
	}
}

Datum
segmentation_with_labels(PG_FUNCTION_ARGS)
{
	Segmentation *s = segmentation_read(PG_GETARG_SEGMENTATION_P(0));

	segmentation_set_labels(s, PG_GETARG_DATUM(1));
	PG_RETURN_SEGMENTATION_P(segmentation_make(s));
}

Datum
segmentation_goodness(PG_FUNCTION_ARGS)
{
	char	   *scale = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Segmentation *s = segmentation_read(PG_GETARG_SEGMENTATION_P(0));
	const SegmentationForm *form = segmentation_form(s->method);
	SegmentSquares squares;
	bool		used = strcmp(scale, "used") == 0;

	if (!used && strcmp(scale, "raw") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown scale: \"%s\"", scale),
				 errdetail("The fit is known for the values as they are and on the scale the segments were made with."),
				 errhint("Write 'raw' or 'used'.")));

	/* not made from values, or typed in, or all values equal */
	if (form->squares == NULL || !form->squares(s, used, &squares) || squares.total <= 0.0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(1.0 - squares.within / squares.total);
}
