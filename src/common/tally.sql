-- counts and totals by key: what aggregates that answer with a table share

CREATE FUNCTION tally_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION tally_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION tally_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tally_combine(internal, internal) IS 'aggregate combine function of counts and totals by key';
COMMENT ON FUNCTION tally_serialize(internal) IS 'aggregate serial function of counts and totals by key';
COMMENT ON FUNCTION tally_deserialize(bytea, internal) IS 'aggregate deserial function of counts and totals by key';
