-- relationship_cycle: is anybody above himself, on any day?

CREATE FUNCTION relationship_cycle_accum(internal, bigint, bigint, daterange) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION relationship_cycle_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION relationship_cycle_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION relationship_cycle_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION relationship_cycle_final(internal) RETURNS text
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION relationship_cycle_accum(internal, bigint, bigint, daterange) IS 'aggregate transition function: collects relationships';
COMMENT ON FUNCTION relationship_cycle_combine(internal, internal) IS 'aggregate combine function: joins two collections of relationships';
COMMENT ON FUNCTION relationship_cycle_serialize(internal) IS 'aggregate serial function: relationships for another worker';
COMMENT ON FUNCTION relationship_cycle_deserialize(bytea, internal) IS 'aggregate deserial function: relationships from another worker';
COMMENT ON FUNCTION relationship_cycle_final(internal) IS 'aggregate final function of relationship_cycle';

CREATE AGGREGATE relationship_cycle(child bigint, parent bigint, valid daterange) (
	SFUNC = relationship_cycle_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = relationship_cycle_final,
	COMBINEFUNC = relationship_cycle_combine,
	SERIALFUNC = relationship_cycle_serialize,
	DESERIALFUNC = relationship_cycle_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE relationship_cycle(bigint, bigint, daterange) IS
	'The first day on which the relationships valid on it lead from somebody back to himself, and the path: on 2024-01-01: 1 -> 2 -> 3 -> 1. NULL if there is no such day. A relationship with a NULL or an empty range is left out.';
