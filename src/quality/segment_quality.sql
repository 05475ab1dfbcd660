-- both halves: similarity and comparability

CREATE TYPE segment_quality_figures AS (
	customers bigint,
	segments bigint,
	similarity double precision,
	similarity_asinh double precision,
	f double precision,
	p_value double precision,
	accuracy double precision,
	baseline double precision,
	explained double precision,
	explained_asinh double precision,
	verdict text
);
COMMENT ON TYPE segment_quality_figures IS
	'Both halves of what a segmentation is for: similarity, the share of the variance of value between segments, with an analysis of variance; comparability, the cross-validated accuracy with which attributes name the segment, against naming the largest one, and the share of the value that they explain; and a sentence that says so.';

CREATE FUNCTION segment_quality_accum(internal, numeric, bigint, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_quality_accum_numeric_integer';
CREATE FUNCTION segment_quality_accum(internal, numeric, text, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_quality_accum_numeric_text';
CREATE FUNCTION segment_quality_accum(internal, double precision, bigint, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_quality_accum_float8_integer';
CREATE FUNCTION segment_quality_accum(internal, double precision, text, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'segment_quality_accum_float8_text';
CREATE FUNCTION segment_quality_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION segment_quality_final(internal) RETURNS segment_quality_figures
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION segment_quality_accum(internal, numeric, bigint, jsonb) IS 'aggregate transition function: collects values, segments and features';
COMMENT ON FUNCTION segment_quality_accum(internal, numeric, text, jsonb) IS 'aggregate transition function: collects values, segments and features';
COMMENT ON FUNCTION segment_quality_accum(internal, double precision, bigint, jsonb) IS 'aggregate transition function: collects values, segments and features';
COMMENT ON FUNCTION segment_quality_accum(internal, double precision, text, jsonb) IS 'aggregate transition function: collects values, segments and features';
COMMENT ON FUNCTION segment_quality_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION segment_quality_final(internal) IS 'aggregate final function of segment_quality';

CREATE AGGREGATE segment_quality(value numeric, segment bigint, features jsonb) (
	SFUNC = segment_quality_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_quality_final,
	COMBINEFUNC = segment_quality_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_quality(numeric, bigint, jsonb) IS
	'Is a segmentation any good? Similarity: do customers of a segment have similar values? Comparability: do attributes tell segments apart, out of sample? Rows without a value or segment are left out; NULL without any.';

CREATE AGGREGATE segment_quality(value numeric, segment text, features jsonb) (
	SFUNC = segment_quality_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_quality_final,
	COMBINEFUNC = segment_quality_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_quality(numeric, text, jsonb) IS
	'Is a segmentation any good? Similarity: do customers of a segment have similar values? Comparability: do attributes tell segments apart, out of sample? Rows without a value or segment are left out; NULL without any.';

CREATE AGGREGATE segment_quality(value double precision, segment bigint, features jsonb) (
	SFUNC = segment_quality_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_quality_final,
	COMBINEFUNC = segment_quality_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_quality(double precision, bigint, jsonb) IS
	'Is a segmentation any good? Similarity: do customers of a segment have similar values? Comparability: do attributes tell segments apart, out of sample? Rows without a value or segment are left out; NULL without any.';

CREATE AGGREGATE segment_quality(value double precision, segment text, features jsonb) (
	SFUNC = segment_quality_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = segment_quality_final,
	COMBINEFUNC = segment_quality_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE segment_quality(double precision, text, jsonb) IS
	'Is a segmentation any good? Similarity: do customers of a segment have similar values? Comparability: do attributes tell segments apart, out of sample? Rows without a value or segment are left out; NULL without any.';
