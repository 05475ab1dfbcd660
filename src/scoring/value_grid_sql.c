/*
 * value_grid_sql.c
 *		A grid of two values: making one, and the cell of a customer.
 */
#include "customer_value.h"

#include "utils/builtins.h"

#include "common/amount.h"
#include "scoring/value_grid.h"
#include "segment/scheme_cache_sql.h"
#include "segment/values_sql.h"

PG_FUNCTION_INFO_V1(value_grid);
PG_FUNCTION_INFO_V1(grid_segment_numeric);
PG_FUNCTION_INFO_V1(grid_segment_float8);

Datum
value_grid(PG_FUNCTION_ARGS)
{
	const char *function = "value_grid(value, potential)";
	ValueGrid  *grid;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	grid = value_grid_new(segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &cuts_form, function),
						  segmentation_read_form(PG_GETARG_SEGMENTATION_P(1), &cuts_form, function));
	if (grid->head.k > SEGMENTATION_MAX_SEGMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("too many cells in a grid"),
				 errdetail("%d segments of value times %d of potential are %d cells, more than %d.",
						   grid->value->head.k, grid->potential->head.k, grid->head.k,
						   SEGMENTATION_MAX_SEGMENTS),
				 errhint("Make it from segmentations with fewer segments.")));
	if (!PG_ARGISNULL(2))
		segmentation_set_labels(&grid->head, PG_GETARG_DATUM(2));
	PG_RETURN_SEGMENTATION_P(segmentation_make(&grid->head));
}

/*
 * segment(grid, value, potential)
 */

typedef struct PreparedSide
{
	SegmentFinder *finder;
	Numeric    *cut;			/* [ncuts] */
} PreparedSide;

typedef struct PreparedGrid
{
	int			columns;
	PreparedSide value;
	PreparedSide potential;
} PreparedGrid;

static void
prepare_side(PreparedSide *side, const Cuts *s)
{
	side->finder = segment_finder_make(s);
	side->cut = palloc(s->head.k * sizeof(Numeric));
	for (int i = 0; i < s->head.k - 1; i++)
		side->cut[i] = exact_to_numeric(s->cut[i]);
}

static void *
prepare(const struct varlena *scheme)
{
	PreparedGrid *prepared = palloc(sizeof(PreparedGrid));
	ValueGrid  *grid = (ValueGrid *) segmentation_read_form(scheme, &grid_form,
															"segment(segmentation, value, potential)");

	prepared->columns = grid->potential->head.k;
	prepare_side(&prepared->value, grid->value);
	prepare_side(&prepared->potential, grid->potential);
	segmentation_free(&grid->head);
	return prepared;
}

static int
segment_on_side(const PreparedSide *side, Datum value)
{
	int64		integer;
	int			pairs;
	int			cuts = 0;

	if (likely(amount_fast(value, &integer, &pairs)))
		return segment_of_integer(side->finder, integer, pairs);
	value_check_finite(DatumGetNumeric(value));
	while (cuts < side->finder->ncuts &&
		   DatumGetBool(DirectFunctionCall2(numeric_lt, value, NumericGetDatum(side->cut[cuts]))))
		cuts++;
	return cuts + 1;
}

Datum
grid_segment_numeric(PG_FUNCTION_ARGS)
{
	const PreparedGrid *grid = prepared_scheme(fcinfo, prepare);
	int			value = segment_on_side(&grid->value, PG_GETARG_DATUM(1));
	int			potential = segment_on_side(&grid->potential, PG_GETARG_DATUM(2));

	PG_RETURN_INT32((value - 1) * grid->columns + potential);
}

Datum
grid_segment_float8(PG_FUNCTION_ARGS)
{
	const PreparedGrid *grid = prepared_scheme(fcinfo, prepare);
	int			value = segment_of_double(grid->value.finder,
										  value_from_float8(PG_GETARG_FLOAT8(1)));
	int			potential = segment_of_double(grid->potential.finder,
											  value_from_float8(PG_GETARG_FLOAT8(2)));

	PG_RETURN_INT32((value - 1) * grid->columns + potential);
}
