-- kmeans: segments around centres

CREATE FUNCTION clustering(
	seed bigint DEFAULT 1, starts int DEFAULT 10, max_iterations int DEFAULT 300,
	tolerance double precision DEFAULT 0, standardize boolean DEFAULT true, nulls text DEFAULT 'error'
) RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION clustering(bigint, int, int, double precision, boolean, text) IS
	'Options of kmeans: seed of the random numbers; starts, of which the best is kept; at most so many iterations each; the share of the variance that centres may still move when it stops; whether features are divided by their standard deviation; what to do with NULL among the features: error, skip the customer, or put the mean in its place. NULL if an argument is.';

CREATE FUNCTION kmeans_accum(internal, double precision[], int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION kmeans_accum(internal, double precision[], int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'kmeans_accum_options';
CREATE FUNCTION kmeans_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kmeans_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kmeans_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kmeans_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION kmeans_accum(internal, double precision[], int) IS 'aggregate transition function: collects features of customers';
COMMENT ON FUNCTION kmeans_accum(internal, double precision[], int, jsonb) IS 'aggregate transition function: collects features of customers';
COMMENT ON FUNCTION kmeans_combine(internal, internal) IS 'aggregate combine function: joins two collections of features';
COMMENT ON FUNCTION kmeans_serialize(internal) IS 'aggregate serial function: collected features for another worker';
COMMENT ON FUNCTION kmeans_deserialize(bytea, internal) IS 'aggregate deserial function: collected features from another worker';
COMMENT ON FUNCTION kmeans_final(internal) IS 'aggregate final function of kmeans';

CREATE AGGREGATE kmeans(features double precision[], k int) (
	SFUNC = kmeans_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = kmeans_final,
	COMBINEFUNC = kmeans_combine,
	SERIALFUNC = kmeans_serialize,
	DESERIALFUNC = kmeans_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kmeans(double precision[], int) IS
	'Forms k segments of customers with similar features: centres such that the squared distances of the customers from the nearest are small in sum, features divided by their standard deviations. Segment 1 is the one whose centre has the largest first feature. A NULL array is no customer; NULL for no customers; an error if a feature is NULL or there are fewer distinct rows than k.';

CREATE AGGREGATE kmeans(features double precision[], k int, options jsonb) (
	SFUNC = kmeans_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = kmeans_final,
	COMBINEFUNC = kmeans_combine,
	SERIALFUNC = kmeans_serialize,
	DESERIALFUNC = kmeans_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kmeans(double precision[], int, jsonb) IS
	'The same with options, made by clustering().';

CREATE FUNCTION segment(segmentation, features double precision[]) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'segment_nearest_centre';
COMMENT ON FUNCTION segment(segmentation, double precision[]) IS
	'The number of the segment a customer belongs to: that of the nearest centre, the lower number of equally near ones. Features are in the units the segmentation was made from. NULL for a NULL array; a NULL among the features is an error, NULL, or replaced by the mean, as the segmentation was made.';

CREATE FUNCTION centres(segmentation, OUT number int, OUT centre double precision[], OUT customers bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8
	AS 'MODULE_PATHNAME', 'segmentation_centres';
COMMENT ON FUNCTION centres(segmentation) IS
	'The centres of the segments in the units of the features, and how many customers they were made from; NULL for centres typed in.';

CREATE FUNCTION inertia(segmentation) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_inertia';
COMMENT ON FUNCTION inertia(segmentation) IS
	'The sum of the squared distances of the customers from their centres, between features as they were scaled. NULL for centres typed in.';

CREATE FUNCTION silhouette(segmentation) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'segmentation_silhouette';
COMMENT ON FUNCTION silhouette(segmentation) IS
	'How much nearer customers are to the others of their segment than to those of the next one, from -1 to 1: the mean over all customers, of more than 1000 over a sample of 1000. NULL for one segment and for centres typed in.';
