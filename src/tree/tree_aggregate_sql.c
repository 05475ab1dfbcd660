/*
 * tree_aggregate_sql.c
 *		Aggregates that grow a tree: value_tree and segment_tree.
 */
#include "customer_value.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "common/arguments_sql.h"
#include "common/amount.h"
#include "common/state_sql.h"
#include "features/frame_sql.h"
#include "segment/segmentation_sql.h"
#include "segment/values_sql.h"
#include "tree/branching.h"

PG_FUNCTION_INFO_V1(value_tree_accum_numeric);
PG_FUNCTION_INFO_V1(value_tree_accum_float8);
PG_FUNCTION_INFO_V1(segment_tree_accum);
PG_FUNCTION_INFO_V1(tree_combine);
PG_FUNCTION_INFO_V1(tree_serialize);
PG_FUNCTION_INFO_V1(tree_deserialize);
PG_FUNCTION_INFO_V1(value_tree_final);
PG_FUNCTION_INFO_V1(segment_tree_final);

typedef struct TreeState
{
	MemoryContext context;		/* of all that is in here */
	Frame		frame;
	int			max_leaves;		/* 0: no row has said so */
	int			options_size;	/* of the jsonb without its length word */
	char	   *options;
} TreeState;

static TreeState *
state_make(MemoryContext context)
{
	TreeState  *state = MemoryContextAllocZero(context, sizeof(TreeState));

	state->context = context;
	return state;
}

static inline TreeState *
state_of(FunctionCallInfo fcinfo)
{
	if (likely(!PG_ARGISNULL(0)))
		return (TreeState *) PG_GETARG_POINTER(0);
	return state_make(aggregate_context(fcinfo));
}

/*
 * Options: the same in every row
 */

static void
parse_options(Branching *branching, const char *options, int size)
{
	StringInfoData text;
	Jsonb	   *jsonb;
	char		why[240];

	branching_defaults(branching);
	if (size == 0)
		return;
	jsonb = palloc(VARHDRSZ + size);
	SET_VARSIZE(jsonb, VARHDRSZ + size);
	memcpy(VARDATA(jsonb), options, size);
	initStringInfo(&text);
	(void) JsonbToCString(&text, &jsonb->root, size);
	if (!branching_parse(branching, text.data, (size_t) text.len, why, sizeof(why)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid options of a tree"),
				 errdetail("%s", why),
				 errhint("Write them with branching(scale => 'asinh', min_customers => 50, min_share => 0.01, folds => 10).")));
	pfree(text.data);
	pfree(jsonb);
}

static void
set_options(TreeState *state, const struct varlena *options)
{
	int			size = options ? (int) VARSIZE_ANY_EXHDR(options) : 0;
	Branching	branching;

	if (likely(state->options_size == size &&
			   (size == 0 || memcmp(state->options, VARDATA_ANY(options), size) == 0)))
		return;
	if (state->options_size > 0 || state->frame.count > 0)
		argument_changes("options of a tree");
	parse_options(&branching, VARDATA_ANY(options), size);
	state->options = MemoryContextAlloc(state->context, size);
	memcpy(state->options, VARDATA_ANY(options), size);
	state->options_size = size;
}

static void
read_options(TreeState *state, FunctionCallInfo fcinfo)
{
	int32		max_leaves;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of leaves must not be null"),
				 errdetail("Without it there is no telling how large the tree may grow."),
				 errhint("Give a whole number such as 8.")));
	max_leaves = PG_GETARG_INT32(3);
	if (unlikely(state->max_leaves != max_leaves || max_leaves < 1))
	{
		if (max_leaves < 1 || max_leaves > TREE_MAX_LEAVES)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("number of leaves must be between 1 and %d", TREE_MAX_LEAVES),
					 errdetail("It is %d.", max_leaves),
					 errhint("Give a whole number such as 8.")));
		if (state->max_leaves != 0)
			argument_changes("number of leaves");
		state->max_leaves = max_leaves;
	}
	if (PG_NARGS() > 4)
		set_options(state, PG_ARGISNULL(4) ? NULL : PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(4)));
}

/*
 * Transition functions: (state, target, features, max_leaves [, options])
 */

static void
add_row(TreeState *state, double target, FunctionCallInfo fcinfo)
{
	Jsonb	   *features = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	MemoryContext old;

	/* rows are numbered by 32 bits */
	if (unlikely(state->frame.count >= UINT32_MAX - 1))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many customers for a tree"),
				 errdetail("There can be %u.", UINT32_MAX - 1),
				 errhint("Take a sample with TABLESAMPLE.")));
	old = MemoryContextSwitchTo(state->context);
	if (features)
		frame_add_row(&state->frame, target, features);
	else
		frame_begin_row(&state->frame, target);
	MemoryContextSwitchTo(old);
}

static double
value_from_numeric(Datum value)
{
	static const double scales[] = {1.0, 100.0, 10000.0, 1000000.0};
	int64		integer;
	int			pairs;
	char	   *text;
	double		v;

	if (likely(amount_fast(value, &integer, &pairs)) &&
		integer <= VALUES_NARROW_LIMIT && integer >= -VALUES_NARROW_LIMIT)
		return (double) integer / scales[pairs];

	/* through text, so that it is rounded once and to the nearest */
	value_check_finite(DatumGetNumeric(value));
	text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	v = value_from_float8(strtod(text, NULL));
	pfree(text);
	return v;
}

Datum
value_tree_accum_numeric(PG_FUNCTION_ARGS)
{
	TreeState  *state = state_of(fcinfo);

	read_options(state, fcinfo);
	if (!PG_ARGISNULL(1))
		add_row(state, value_from_numeric(PG_GETARG_DATUM(1)), fcinfo);
	PG_RETURN_POINTER(state);
}

Datum
value_tree_accum_float8(PG_FUNCTION_ARGS)
{
	TreeState  *state = state_of(fcinfo);

	read_options(state, fcinfo);
	if (!PG_ARGISNULL(1))
		add_row(state, value_from_float8(PG_GETARG_FLOAT8(1)), fcinfo);
	PG_RETURN_POINTER(state);
}

Datum
segment_tree_accum(PG_FUNCTION_ARGS)
{
	TreeState  *state = state_of(fcinfo);

	read_options(state, fcinfo);
	if (!PG_ARGISNULL(1))
	{
		int32		segment = PG_GETARG_INT32(1);

		if (segment < 1 || segment > SEGMENTATION_MAX_SEGMENTS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("segment must be between 1 and %d", SEGMENTATION_MAX_SEGMENTS),
					 errdetail("It is %d.", segment),
					 errhint("Give the number that segment(segmentation, value) returns.")));
		add_row(state, segment, fcinfo);
	}
	PG_RETURN_POINTER(state);
}

/*
 * Parallel plans
 */

Datum
tree_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	TreeState  *from;
	TreeState  *into;
	MemoryContext old;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (TreeState *) PG_GETARG_POINTER(1);
	into = PG_ARGISNULL(0) ? state_make(context) : (TreeState *) PG_GETARG_POINTER(0);
	if (into->max_leaves == 0)
	{
		into->max_leaves = from->max_leaves;
		into->options_size = from->options_size;
		into->options = MemoryContextAlloc(context, Max(from->options_size, 1));
		if (from->options_size > 0)
			memcpy(into->options, from->options, from->options_size);
	}
	else if (from->max_leaves != into->max_leaves)
		argument_changes("number of leaves");
	else if (from->options_size != into->options_size ||
			 (from->options_size > 0 &&
			  memcmp(from->options, into->options, from->options_size) != 0))
		argument_changes("options of a tree");
	old = MemoryContextSwitchTo(context);
	frame_combine(&into->frame, &from->frame);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(into);
}

Datum
tree_serialize(PG_FUNCTION_ARGS)
{
	TreeState  *state = (TreeState *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	(void) aggregate_context(fcinfo);
	pq_begintypsend(&buf);
	pq_sendint32(&buf, state->max_leaves);
	pq_sendint32(&buf, state->options_size);
	if (state->options_size > 0)
		pq_sendbytes(&buf, state->options, state->options_size);
	frame_write(&buf, &state->frame);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
tree_deserialize(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	TreeState  *state;

	(void) aggregate_context(fcinfo);
	state_open(&buf, PG_GETARG_BYTEA_PP(0));
	state = state_make(CurrentMemoryContext);
	state->max_leaves = (int) pq_getmsgint(&buf, 4);
	state->options_size = (int) pq_getmsgint(&buf, 4);
	if (state->max_leaves < 1 || state->max_leaves > TREE_MAX_LEAVES ||
		state->options_size < 0 || state->options_size > buf.len - buf.cursor)
		state_invalid();
	state->options = palloc(Max(state->options_size, 1));
	if (state->options_size > 0)
		pq_copymsgbytes(&buf, state->options, state->options_size);
	frame_read(&buf, &state->frame);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(state);
}

/*
 * Final functions.  Putting the frame in order changes no result, so it counts
 * as reading.
 */

static Datum
grow(FunctionCallInfo fcinfo, SegmentMethod method)
{
	TreeState  *state = PG_ARGISNULL(0) ? NULL : (TreeState *) PG_GETARG_POINTER(0);
	Branching	branching;
	MemoryContext work;
	MemoryContext old;
	Tree	   *tree;
	struct varlena *result;

	(void) aggregate_context(fcinfo);
	if (state == NULL || state->frame.count == 0)
		PG_RETURN_NULL();
	parse_options(&branching, state->options, state->options_size);
	branching.method = method;
	branching.max_leaves = state->max_leaves;
	if (method == METHOD_SEGMENT_TREE && branching.scale != SCALE_LINEAR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a tree of segments has no scale"),
				 errdetail("What it explains are numbers of segments, not values."),
				 errhint("Leave scale out of branching().")));
	old = MemoryContextSwitchTo(state->context);
	frame_finish(&state->frame);
	work = AllocSetContextCreate(old, "customer_value tree", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(work);
	tree = branching_apply(&branching, &state->frame);
	MemoryContextSwitchTo(old);
	result = segmentation_make(&tree->head);
	MemoryContextDelete(work);
	PG_RETURN_SEGMENTATION_P(result);
}

Datum
value_tree_final(PG_FUNCTION_ARGS)
{
	return grow(fcinfo, METHOD_VALUE_TREE);
}

Datum
segment_tree_final(PG_FUNCTION_ARGS)
{
	return grow(fcinfo, METHOD_SEGMENT_TREE);
}
