
-- resolve: which records are one, by the matches that a tool found

CREATE TYPE resolved_bigint AS (
	member bigint,
	component bigint
);
COMMENT ON TYPE resolved_bigint IS
	'A record and the component it belongs to, which has the key of its least member: records of one component are one party.';

CREATE TYPE resolved_text AS (
	member text,
	component text
);
COMMENT ON TYPE resolved_text IS
	'A record and the component it belongs to, which has the key of its least member by bytes: records of one component are one party.';

CREATE FUNCTION resolve_accum(internal, bigint, bigint) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'resolve_bigint_accum';
CREATE FUNCTION resolve_accum(internal, text, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'resolve_text_accum';
CREATE FUNCTION resolve_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION resolve_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION resolve_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION resolve_bigint_final(internal) RETURNS resolved_bigint[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'resolve_final';
CREATE FUNCTION resolve_text_final(internal) RETURNS resolved_text[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'resolve_final';
COMMENT ON FUNCTION resolve_accum(internal, bigint, bigint) IS 'aggregate transition function: two records are one';
COMMENT ON FUNCTION resolve_accum(internal, text, text) IS 'aggregate transition function: two records are one';
COMMENT ON FUNCTION resolve_combine(internal, internal) IS 'aggregate combine function of resolve';
COMMENT ON FUNCTION resolve_serialize(internal) IS 'aggregate serialize function of resolve';
COMMENT ON FUNCTION resolve_deserialize(bytea, internal) IS 'aggregate deserialize function of resolve';
COMMENT ON FUNCTION resolve_bigint_final(internal) IS 'aggregate final function of resolve';
COMMENT ON FUNCTION resolve_text_final(internal) IS 'aggregate final function of resolve';

CREATE AGGREGATE resolve(a bigint, b bigint) (
	SFUNC = resolve_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = resolve_bigint_final,
	COMBINEFUNC = resolve_combine,
	SERIALFUNC = resolve_serialize,
	DESERIALFUNC = resolve_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE resolve(bigint, bigint) IS
	'Which records are one, from pairs that match: a row for each record, with the component it belongs to, named by its least member; unnest() makes a table of it. Matches of matches are matches. One side NULL: a record that is known, without a match; both NULL: left out. By component and member; NULL for no records.';

CREATE AGGREGATE resolve(a text, b text) (
	SFUNC = resolve_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = resolve_text_final,
	COMBINEFUNC = resolve_combine,
	SERIALFUNC = resolve_serialize,
	DESERIALFUNC = resolve_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE resolve(text, text) IS
	'Which records are one, from pairs of keys that match, as with keys of type bigint. Texts are compared by their bytes, whatever the collation.';
