/*
 * kmeans_sql.c
 *		The aggregate kmeans: collects features of customers and makes a
 *		segmentation by centres from them.
 */
#include "customer_value.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "common/arguments_sql.h"
#include "common/state_sql.h"
#include "cluster/features_sql.h"
#include "cluster/kmeans.h"
#include "segment/segmentation_sql.h"

PG_FUNCTION_INFO_V1(clustering);
PG_FUNCTION_INFO_V1(kmeans_accum);
PG_FUNCTION_INFO_V1(kmeans_accum_options);
PG_FUNCTION_INFO_V1(kmeans_combine);
PG_FUNCTION_INFO_V1(kmeans_serialize);
PG_FUNCTION_INFO_V1(kmeans_deserialize);
PG_FUNCTION_INFO_V1(kmeans_final);

#define FIRST_ROOM 64

typedef struct KmeansState
{
	int32		k;				/* 0: no row yet */
	int32		nfeatures;		/* 0: no customer yet */
	struct varlena *options;	/* jsonb, or NULL; the same in all rows */
	Clustering	clustering;
	double	   *value;			/* [count][nfeatures] */
	size_t		count;
	size_t		room;			/* in numbers */
} KmeansState;

/*
 * Options
 */

static void
read_options(Clustering *c, const char *text)
{
	char		why[240];

	if (!clustering_read(c, text, strlen(text), why, sizeof(why)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid options of kmeans"),
				 errdetail("%s", why),
				 errhint("Make them with clustering(), as in clustering(seed => 2, starts => 20).")));
}

Datum
clustering(PG_FUNCTION_ARGS)
{
	double		tolerance = PG_GETARG_FLOAT8(3);
	text	   *nulls = PG_GETARG_TEXT_PP(5);
	Clustering	unused = CLUSTERING_DEFAULT;
	TextBuffer	t;

	text_open(&t);
	text_put(&t, "{");
	text_put_key(&t, "seed");
	text_put_integer(&t, PG_GETARG_INT64(0));
	text_put_key(&t, "starts");
	text_put_integer(&t, PG_GETARG_INT32(1));
	text_put_key(&t, "max_iterations");
	text_put_integer(&t, PG_GETARG_INT32(2));
	text_put_key(&t, "tolerance");
	/* what JSON cannot say is out of range, too */
	text_put_real(&t, isfinite(tolerance) ? tolerance : -1.0);
	text_put_key(&t, "standardize");
	text_put(&t, PG_GETARG_BOOL(4) ? "true" : "false");
	text_put_key(&t, "nulls");
	text_put_quoted(&t, VARDATA_ANY(nulls), VARSIZE_ANY_EXHDR(nulls));
	text_put(&t, "}");
	read_options(&unused, t.begin);
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(t.begin)));
}

static void
set_segments(KmeansState *state, FunctionCallInfo fcinfo)
{
	int32		k;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of segments must not be null"),
				 errdetail("Without it there is no telling how to divide the customers."),
				 errhint("Give a whole number such as 8.")));
	k = PG_GETARG_INT32(2);
	if (likely(state->k == k && k != 0))
		return;
	if (k < 1 || k > SEGMENTATION_MAX_SEGMENTS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of segments must be between 1 and %d", SEGMENTATION_MAX_SEGMENTS),
				 errdetail("It is %d.", k),
				 errhint("Give a whole number such as 8.")));
	if (state->k != 0)
		argument_changes("number of segments");
	state->k = k;
}

static void
set_options(KmeansState *state, FunctionCallInfo fcinfo, bool first)
{
	struct varlena *given;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options of kmeans must not be null"),
				 errdetail("An argument of clustering() that is null makes them so."),
				 errhint("Leave the argument out, or write clustering().")));
	given = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(3));
	if (unlikely(!argument_is(state->options, given)))
	{
		Jsonb	   *options = PG_GETARG_JSONB_P(3);

		if (!first)
			argument_changes("options of kmeans");
		read_options(&state->clustering,
					 JsonbToCString(NULL, &options->root, VARSIZE(options)));
		state->options = argument_copy(aggregate_context(fcinfo), VARDATA_ANY(given),
									   VARSIZE_ANY_EXHDR(given));
	}
	if (given != (struct varlena *) PG_GETARG_POINTER(3))
		pfree(given);
}

/*
 * States
 */

static KmeansState *
state_make(MemoryContext context, size_t room)
{
	KmeansState *state = MemoryContextAllocZero(context, sizeof(KmeansState));

	state->clustering = (Clustering) CLUSTERING_DEFAULT;
	state->room = Max(room, FIRST_ROOM);
	state->value = MemoryContextAllocHuge(context, state->room * sizeof(double));
	return state;
}

static inline KmeansState *
state_of(FunctionCallInfo fcinfo)
{
	if (likely(!PG_ARGISNULL(0)))
		return (KmeansState *) PG_GETARG_POINTER(0);
	return state_make(aggregate_context(fcinfo), FIRST_ROOM);
}

static void
set_shape(KmeansState *state, int nfeatures)
{
	if (state->nfeatures == 0)
		state->nfeatures = nfeatures;
	if (state->nfeatures != nfeatures)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("features must be as many in all rows"),
				 errdetail("There are rows with %d features and rows with %d.",
						   Min(state->nfeatures, nfeatures), Max(state->nfeatures, nfeatures)),
				 errhint("Write NULL for a feature that is missing, with clustering(nulls => 'skip') or clustering(nulls => 'mean').")));
}

/* Room for so many more rows. */
static void
reserve(KmeansState *state, size_t rows)
{
	size_t		needed = (state->count + rows) * state->nfeatures;

	if (needed <= state->room)
		return;
	state->room = Max(needed, 2 * state->room);
	state->value = cv_realloc(state->value, state->room * sizeof(double));
}

static inline void
add_row(KmeansState *state, FunctionCallInfo fcinfo)
{
	FeatureArray a;
	int			null;

	if (PG_ARGISNULL(1))
		return;
	features_open(&a, PG_GETARG_DATUM(1));
	set_shape(state, a.count);
	reserve(state, 1);
	null = features_copy(&a, state->value + state->count * state->nfeatures);
	if (unlikely(null > 0 && state->clustering.nulls == NULLS_ERROR))
		feature_is_null(null, "Leave such customers out, or say what to do with them: clustering(nulls => 'skip') or clustering(nulls => 'mean').");
	if (likely(null == 0 || state->clustering.nulls == NULLS_MEAN))
		state->count++;
	features_close(&a);
}

Datum
kmeans_accum(PG_FUNCTION_ARGS)
{
	KmeansState *state = state_of(fcinfo);

	set_segments(state, fcinfo);
	add_row(state, fcinfo);
	PG_RETURN_POINTER(state);
}

Datum
kmeans_accum_options(PG_FUNCTION_ARGS)
{
	KmeansState *state = state_of(fcinfo);

	set_options(state, fcinfo, state->k == 0);
	set_segments(state, fcinfo);
	add_row(state, fcinfo);
	PG_RETURN_POINTER(state);
}

/*
 * Parallel plans
 */

Datum
kmeans_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	KmeansState *from;
	KmeansState *into;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	from = (KmeansState *) PG_GETARG_POINTER(1);
	if (PG_ARGISNULL(0))
	{
		into = state_make(context, from->count * from->nfeatures);
		into->k = from->k;
		into->clustering = from->clustering;
		if (from->options)
			into->options = argument_copy(context, VARDATA_ANY(from->options),
										  VARSIZE_ANY_EXHDR(from->options));
	}
	else
		into = (KmeansState *) PG_GETARG_POINTER(0);
	if (into->k != from->k)
		argument_changes("number of segments");
	if (!argument_is(into->options, from->options))
		argument_changes("options of kmeans");
	if (from->nfeatures > 0)
	{
		set_shape(into, from->nfeatures);
		reserve(into, from->count);
		memcpy(into->value + into->count * into->nfeatures, from->value,
			   from->count * from->nfeatures * sizeof(double));
		into->count += from->count;
	}
	PG_RETURN_POINTER(into);
}

/*
 * For workers of the same server only, so doubles go as they are.
 */
typedef struct SerialHeader
{
	int64		count;
	int32		k;
	int32		nfeatures;
	int32		options_size;	/* -1: none were given */
	int32		unused;
} SerialHeader;

Datum
kmeans_serialize(PG_FUNCTION_ARGS)
{
	KmeansState *state = (KmeansState *) PG_GETARG_POINTER(0);
	size_t		options_size = state->options ? VARSIZE_ANY_EXHDR(state->options) : 0;
	SerialHeader header = {
		.count = (int64) state->count,.k = state->k,.nfeatures = state->nfeatures,
		.options_size = state->options ? (int32) options_size : -1
	};
	bytea	   *result;
	size_t		size;
	char	   *p;

	(void) aggregate_context(fcinfo);
	size = VARHDRSZ + sizeof(header) + options_size +
		state->count * state->nfeatures * sizeof(double);
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many features for a parallel aggregate"),
				 errdetail("One worker collected %zu customers with %d features each; what it hands on has at most 1 GB.",
						   state->count, state->nfeatures),
				 errhint("Set max_parallel_workers_per_gather to 0 for this query.")));
	result = (bytea *) palloc(size);
	SET_VARSIZE(result, size);
	p = VARDATA(result);
	memcpy(p, &header, sizeof(header));
	p += sizeof(header);
	if (state->options)
		memcpy(p, VARDATA_ANY(state->options), options_size);
	p += options_size;
	memcpy(p, state->value, state->count * state->nfeatures * sizeof(double));
	PG_RETURN_BYTEA_P(result);
}

Datum
kmeans_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	const char *p = VARDATA_ANY(bytes);
	size_t		size = VARSIZE_ANY_EXHDR(bytes);
	size_t		options_size;
	size_t		numbers;
	SerialHeader header;
	KmeansState *state;

	(void) aggregate_context(fcinfo);
	if (size < sizeof(header))
		state_invalid();
	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	size -= sizeof(header);
	options_size = (size_t) Max(header.options_size, 0);
	if (header.k < 1 || header.k > SEGMENTATION_MAX_SEGMENTS ||
		header.nfeatures < 0 || header.nfeatures > CENTRES_MAX_FEATURES ||
		header.count < 0 || (uint64) header.count > MaxAllocSize / sizeof(double) ||
		(header.nfeatures == 0 && header.count > 0) ||
		header.options_size < -1 || size < options_size ||
		size - options_size != (size_t) header.count * header.nfeatures * sizeof(double))
		state_invalid();

	numbers = (size_t) header.count * header.nfeatures;
	state = state_make(CurrentMemoryContext, numbers);
	state->k = header.k;
	state->nfeatures = header.nfeatures;
	if (header.options_size >= 0)
	{
		Jsonb	   *options;

		state->options = argument_copy(CurrentMemoryContext, p, options_size);
		options = (Jsonb *) state->options;
		read_options(&state->clustering,
					 JsonbToCString(NULL, &options->root, VARSIZE(options)));
	}
	p += options_size;
	memcpy(state->value, p, numbers * sizeof(double));
	state->count = (size_t) header.count;
	PG_RETURN_POINTER(state);
}

/*
 * The result
 */

static void
fit_error(KmeansStatus status, int k, size_t amount)
{
	if (status == KMEANS_TOO_FEW_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot form %d segments from %zu distinct rows", k, amount),
				 errdetail("Each segment needs a customer of its own, for customers with equal features are never separated."),
				 errhint("Ask for at most %zu segments.", amount)));
	if (status == KMEANS_TOO_CLOSE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot form %d segments from rows that are so close together", k),
				 errdetail("Double precision can tell apart %zu of them by their distances.", amount),
				 errhint("Ask for fewer segments, or give the features in a smaller unit.")));
	if (status == KMEANS_ALL_MISSING)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("feature %zu is null in all rows", amount),
				 errdetail("There is no mean to put in its place."),
				 errhint("Leave this feature out.")));
	if (status == KMEANS_TOO_NARROW)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("feature %zu is too small in size", amount),
				 errdetail("Its standard deviation is below 1e-50."),
				 errhint("Give it in a smaller unit.")));
	elog(ERROR, "unexpected status %d of kmeans", (int) status);
}

Datum
kmeans_final(PG_FUNCTION_ARGS)
{
	KmeansState *state;
	KmeansStatus status;
	Centres    *s;
	struct varlena *result;
	size_t		amount = 0;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (KmeansState *) PG_GETARG_POINTER(0);
	if (state->count == 0)
		PG_RETURN_NULL();
	if (state->count > KMEANS_MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many customers for kmeans"),
				 errdetail("There are %zu; it takes %u.", state->count, KMEANS_MAX_ROWS),
				 errhint("Take a sample; segment() then applies to all.")));
	status = kmeans_fit(state->value, state->count, state->nfeatures, state->k,
						&state->clustering, &s, &amount);
	if (status != KMEANS_OK)
		fit_error(status, state->k, amount);
	result = segmentation_make(&s->head);
	segmentation_free(&s->head);
	PG_RETURN_SEGMENTATION_P(result);
}
