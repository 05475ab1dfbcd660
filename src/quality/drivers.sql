-- which attribute explains value?

CREATE TYPE driver AS (
	feature text,
	kind text,
	customers bigint,
	levels int,
	explained double precision,
	explained_raw double precision,
	statistic double precision,
	df1 double precision,
	df2 double precision,
	p_value double precision
);
COMMENT ON TYPE driver IS
	'What one attribute of customers explains: the share of the variance of their ranks by value, and of the values themselves, less what it would be by chance; and a test of the former.';

CREATE TYPE driver_screening AS (
	customers bigint,
	drivers driver[]
);
COMMENT ON TYPE driver_screening IS
	'The result of a screen of attributes, for drivers().';

CREATE FUNCTION drivers(
	driver_screening, alpha double precision DEFAULT 0.05, adjustment text DEFAULT 'holm',
	OUT rank int, OUT feature text, OUT kind text, OUT customers bigint, OUT levels int,
	OUT explained double precision, OUT explained_raw double precision,
	OUT statistic double precision, OUT df1 double precision, OUT df2 double precision,
	OUT p_value double precision, OUT p_adjusted double precision, OUT significant boolean
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 20
	AS 'MODULE_PATHNAME', 'driver_screening_drivers';
COMMENT ON FUNCTION drivers(driver_screening, double precision, text) IS
	'The attributes of a screen as rows, significant ones first, by what they explain, then the others by their probability. Probabilities are corrected for being several by the method of holm (1979) or benjamini-hochberg (1995); significant is at most alpha.';

CREATE FUNCTION driver_screen_accum(internal, numeric, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'driver_screen_accum_numeric';
CREATE FUNCTION driver_screen_accum(internal, double precision, jsonb) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'driver_screen_accum_float8';
CREATE FUNCTION driver_screen_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION driver_screen_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION driver_screen_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION driver_screen_final(internal) RETURNS driver_screening
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION driver_screen_accum(internal, numeric, jsonb) IS 'aggregate transition function: collects values and features';
COMMENT ON FUNCTION driver_screen_accum(internal, double precision, jsonb) IS 'aggregate transition function: collects values and features';
COMMENT ON FUNCTION driver_screen_combine(internal, internal) IS 'aggregate combine function: joins two states';
COMMENT ON FUNCTION driver_screen_serialize(internal) IS 'aggregate serial function: a state for another worker';
COMMENT ON FUNCTION driver_screen_deserialize(bytea, internal) IS 'aggregate deserial function: a state from another worker';
COMMENT ON FUNCTION driver_screen_final(internal) IS 'aggregate final function of driver_screen';

CREATE AGGREGATE driver_screen(value numeric, features jsonb) (
	SFUNC = driver_screen_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = driver_screen_final,
	COMBINEFUNC = driver_screen_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE driver_screen(numeric, jsonb) IS
	'Which attribute explains value? Each key of the features divides customers into its categories, or up to ten classes of its numbers, and is tested by ranks (Kruskal and Wallis 1952). Rows with a NULL value are left out; NULL without any.';

CREATE AGGREGATE driver_screen(value double precision, features jsonb) (
	SFUNC = driver_screen_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = driver_screen_final,
	COMBINEFUNC = driver_screen_combine,
	SERIALFUNC = driver_screen_serialize,
	DESERIALFUNC = driver_screen_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE driver_screen(double precision, jsonb) IS
	'Which attribute explains value? Each key of the features divides customers into its categories, or up to ten classes of its numbers, and is tested by ranks (Kruskal and Wallis 1952). Rows with a NULL value are left out; NULL without any.';
