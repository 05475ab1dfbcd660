-- segmentations by cut points: how they are made

CREATE FUNCTION fixed_breaks(cuts numeric[], labels text[] DEFAULT NULL) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION fixed_breaks(numeric[], text[]) IS
	'A segmentation by these cut points: the lower bounds of all segments but the last, from the highest down, and perhaps a name for each segment. NULL for NULL cut points.';

CREATE FUNCTION breaking(
	scale text DEFAULT 'linear', cut_at numeric DEFAULT NULL,
	min_customers bigint DEFAULT NULL, min_share numeric DEFAULT NULL
) RETURNS jsonb
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION breaking(text, numeric, bigint, numeric) IS
	'Options of natural_breaks: the scale on which classes are compact (linear, asinh, rank), a number where a segment must begin, and the least number of customers in each segment, given as such or as a share of all (the larger counts). What is NULL is not asked for.';

-- aggregates over one value for each customer

CREATE FUNCTION values_accum(internal, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric';
CREATE FUNCTION values_accum(internal, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8';
CREATE FUNCTION values_accum(internal, numeric, int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_segments';
CREATE FUNCTION values_accum(internal, double precision, int) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_segments';
CREATE FUNCTION values_accum(internal, numeric, int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_segments';
CREATE FUNCTION values_accum(internal, double precision, int, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_segments';
CREATE FUNCTION values_accum(internal, numeric, int4range) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_range';
CREATE FUNCTION values_accum(internal, double precision, int4range) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_range';
CREATE FUNCTION values_accum(internal, numeric, int4range, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_range';
CREATE FUNCTION values_accum(internal, double precision, int4range, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_range';
CREATE FUNCTION values_accum(internal, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_fraction';
CREATE FUNCTION values_accum(internal, double precision, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_fraction';
CREATE FUNCTION values_accum(internal, numeric, numeric[]) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_numeric_shares';
CREATE FUNCTION values_accum(internal, double precision, numeric[]) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'values_accum_float8_shares';
CREATE FUNCTION values_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION values_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION values_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION natural_breaks_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION value_segments_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION quantile_breaks_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
CREATE FUNCTION share_breaks_final(internal) RETURNS segmentation
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION values_accum(internal, numeric) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, int) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, int) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, int, jsonb) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, int, jsonb) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, int4range) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, int4range) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, int4range, jsonb) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, int4range, jsonb) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, numeric) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, double precision) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, numeric, numeric[]) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_accum(internal, double precision, numeric[]) IS 'aggregate transition function: collects values of customers';
COMMENT ON FUNCTION values_combine(internal, internal) IS 'aggregate combine function: joins two collections of values';
COMMENT ON FUNCTION values_serialize(internal) IS 'aggregate serial function: collected values for another worker';
COMMENT ON FUNCTION values_deserialize(bytea, internal) IS 'aggregate deserial function: collected values from another worker';
COMMENT ON FUNCTION natural_breaks_final(internal) IS 'aggregate final function of natural_breaks';
COMMENT ON FUNCTION value_segments_final(internal) IS 'aggregate final function of value_segments';
COMMENT ON FUNCTION quantile_breaks_final(internal) IS 'aggregate final function of quantile_breaks';
COMMENT ON FUNCTION share_breaks_final(internal) IS 'aggregate final function of share_breaks';

-- Final functions sort the collected values where they lie.  That changes no
-- result, theirs or another's, so it counts as reading only: several
-- aggregates share one state, and all may be used as window functions.

CREATE AGGREGATE natural_breaks(value numeric, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(numeric, int) IS
	'Cuts values into k classes so that the sum of squared deviations from the class means is least: the optimal partition. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE natural_breaks(value double precision, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(double precision, int) IS
	'Cuts values into k classes so that the sum of squared deviations from the class means is least: the optimal partition. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE natural_breaks(value numeric, k int, options jsonb) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(numeric, int, jsonb) IS
	'Cuts values into k classes so that the sum of squared deviations from the class means is least: the optimal partition under the conditions that breaking() writes. NULL values are not customers; NULL for no customers; an error if they cannot be met.';

CREATE AGGREGATE natural_breaks(value double precision, k int, options jsonb) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(double precision, int, jsonb) IS
	'Cuts values into k classes so that the sum of squared deviations from the class means is least: the optimal partition under the conditions that breaking() writes. NULL values are not customers; NULL for no customers; an error if they cannot be met.';

CREATE AGGREGATE natural_breaks(value numeric, k int4range) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(numeric, int4range) IS
	'Optimal partitions into as many classes as the range has, of which the one with the least k^2 times the sum of squares within classes is taken (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE natural_breaks(value double precision, k int4range) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(double precision, int4range) IS
	'Optimal partitions into as many classes as the range has, of which the one with the least k^2 times the sum of squares within classes is taken (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE natural_breaks(value numeric, k int4range, options jsonb) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(numeric, int4range, jsonb) IS
	'Optimal partitions under the conditions that breaking() writes, into as many classes as the range has, of which the one with the least k^2 times the sum of squares within classes is taken (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE natural_breaks(value double precision, k int4range, options jsonb) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = natural_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE natural_breaks(double precision, int4range, jsonb) IS
	'Optimal partitions under the conditions that breaking() writes, into as many classes as the range has, of which the one with the least k^2 times the sum of squares within classes is taken (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE value_segments(value numeric, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = value_segments_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_segments(numeric, int) IS
	'Segments for money: natural breaks on the scale asinh(value / median size), a cut at zero where both signs occur, at least 0.5 % of the customers in each segment where the values allow it. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE value_segments(value double precision, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = value_segments_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_segments(double precision, int) IS
	'Segments for money: natural breaks on the scale asinh(value / median size), a cut at zero where both signs occur, at least 0.5 % of the customers in each segment where the values allow it. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE value_segments(value numeric, k int4range) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = value_segments_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_segments(numeric, int4range) IS
	'Segments for money: natural breaks on the scale asinh(value / median size), a cut at zero where both signs occur, at least 0.5 % of the customers in each segment where the values allow it. The number of segments is that of the range with the least k^2 times the sum of squares within them (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE value_segments(value double precision, k int4range) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = value_segments_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE value_segments(double precision, int4range) IS
	'Segments for money: natural breaks on the scale asinh(value / median size), a cut at zero where both signs occur, at least 0.5 % of the customers in each segment where the values allow it. The number of segments is that of the range with the least k^2 times the sum of squares within them (Marriott 1971). NULL values are not customers; NULL for no customers; an error if none can be formed.';

CREATE AGGREGATE quantile_breaks(value numeric, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = quantile_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_breaks(numeric, int) IS
	'Segments of about equal numbers of customers: the boundaries of ntile(k) over descending values, each moved to the nearest place between different values. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE quantile_breaks(value double precision, k int) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = quantile_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE quantile_breaks(double precision, int) IS
	'Segments of about equal numbers of customers: the boundaries of ntile(k) over descending values, each moved to the nearest place between different values. NULL values are not customers; NULL for no customers; an error if there are fewer distinct values than k.';

CREATE AGGREGATE share_breaks(value numeric, shares numeric[]) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = share_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE share_breaks(numeric, numeric[]) IS
	'Segments by cumulative share of gains (ABC, Pareto): from the highest value down, customers belong to the first class until its share of the sum of positive values is reached, and so on; those without gain to the last. NULL values are not customers; NULL for no customers; an error if no value is positive.';

CREATE AGGREGATE share_breaks(value double precision, shares numeric[]) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = share_breaks_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE share_breaks(double precision, numeric[]) IS
	'Segments by cumulative share of gains (ABC, Pareto): from the highest value down, customers belong to the first class until its share of the sum of positive values is reached, and so on; those without gain to the last. NULL values are not customers; NULL for no customers; an error if no value is positive.';
