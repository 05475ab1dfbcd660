/*
 * centres_sql.c
 *		What a segmentation by centres is asked for: a customer's segment, and
 *		how it looks.
 */
#include "customer_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "cluster/centres.h"
#include "cluster/features_sql.h"
#include "segment/scheme_cache_sql.h"
#include "segment/segmentation_sql.h"

PG_FUNCTION_INFO_V1(segment_nearest_centre);
PG_FUNCTION_INFO_V1(segmentation_centres);
PG_FUNCTION_INFO_V1(segmentation_inertia);
PG_FUNCTION_INFO_V1(segmentation_silhouette);

typedef struct PreparedCentres
{
	CentreFinder *finder;
	double	   *features;		/* room for a customer's */
} PreparedCentres;

static void *
prepare_centres(const struct varlena *scheme)
{
	Centres    *s = (Centres *) segmentation_read_form(scheme, &centres_form,
													   "segment(segmentation, features)");
	PreparedCentres *prepared = palloc(sizeof(PreparedCentres));

	prepared->finder = centre_finder_make(s);
	prepared->features = palloc(s->nfeatures * sizeof(double));
	segmentation_free(&s->head);
	return prepared;
}

Datum
segment_nearest_centre(PG_FUNCTION_ARGS)
{
	PreparedCentres *prepared = prepared_scheme(fcinfo, prepare_centres);
	CentreFinder *finder = prepared->finder;
	double	   *v = prepared->features;
	FeatureArray a;
	int			null;

	features_open(&a, PG_GETARG_DATUM(1));
	if (a.count != finder->nfeatures)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("wrong number of features"),
				 errdetail("The centres have %d features, but there are %d.",
						   finder->nfeatures, a.count),
				 errhint("Give the features that the segmentation was made from, in the same order.")));
	null = features_copy(&a, v);
	features_close(&a);
	if (unlikely(null > 0 && finder->nulls == NULLS_ERROR))
		feature_is_null(null, "A segmentation made with clustering(nulls => 'skip') gives NULL for such a customer, one with 'mean' puts the mean in its place.");
	if (unlikely(null > 0 && finder->nulls == NULLS_SKIP))
		PG_RETURN_NULL();
	for (int f = 0; f < finder->nfeatures; f++)
		v[f] = centre_finder_scale(finder, f, null > 0 && v[f] != v[f] ? finder->mean[f] : v[f]);
	PG_RETURN_INT32(centre_finder_nearest(finder, v));
}

/*
 * How it looks
 */

static Datum
reals_to_array(const double *v, int n)
{
	Datum	   *datums = palloc(n * sizeof(Datum));

	for (int i = 0; i < n; i++)
		datums[i] = Float8GetDatum(v[i]);
	return PointerGetDatum(construct_array(datums, n, FLOAT8OID, sizeof(float8),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum
segmentation_centres(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Centres    *s;

	InitMaterializedSRF(fcinfo, 0);
	s = (Centres *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &centres_form,
										   "centres(segmentation)");
	for (int j = 0; j < s->head.k; j++)
	{
		Datum		values[3] = {Int32GetDatum(j + 1)};
		bool		nulls[3] = {false, false, s->customers == NULL};

		values[1] = reals_to_array(s->centre + (size_t) j * s->nfeatures, s->nfeatures);
		if (s->customers)
			values[2] = Int64GetDatum(s->customers[j]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
segmentation_inertia(PG_FUNCTION_ARGS)
{
	Centres    *s = (Centres *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &centres_form,
													   "inertia(segmentation)");

	if (!s->has_inertia)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(s->inertia);
}

Datum
segmentation_silhouette(PG_FUNCTION_ARGS)
{
	Centres    *s = (Centres *) segmentation_read_form(PG_GETARG_SEGMENTATION_P(0), &centres_form,
													   "silhouette(segmentation)");

	if (!s->has_silhouette)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(s->silhouette);
}
