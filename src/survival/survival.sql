-- survival: how long customers stay, from durations and whether they have ended

CREATE TYPE survival_curve;

CREATE FUNCTION survival_curve_in(cstring) RETURNS survival_curve
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION survival_curve_in(cstring) IS 'I/O: reads the JSON text form of a survival_curve';

CREATE FUNCTION survival_curve_out(survival_curve) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION survival_curve_out(survival_curve) IS 'I/O: writes the JSON text form of a survival_curve';

CREATE FUNCTION survival_curve_recv(internal) RETURNS survival_curve
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION survival_curve_recv(internal) IS 'I/O: reads and checks the binary form of a survival_curve';

CREATE FUNCTION survival_curve_send(survival_curve) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'canonical_send';
COMMENT ON FUNCTION survival_curve_send(survival_curve) IS 'I/O: writes the binary form of a survival_curve';

CREATE TYPE survival_curve (
	INPUT = survival_curve_in,
	OUTPUT = survival_curve_out,
	RECEIVE = survival_curve_recv,
	SEND = survival_curve_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- already compact: compressing it again costs time and saves little
	STORAGE = external
);
COMMENT ON TYPE survival_curve IS
	'How long customers stay: for each distinct time how many were lost, last seen and entered then, and with them the Kaplan-Meier estimate.';

CREATE FUNCTION survival_curve_eq(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION survival_curve_ne(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION survival_curve_lt(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION survival_curve_le(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION survival_curve_gt(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION survival_curve_ge(survival_curve, survival_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION survival_curve_cmp(survival_curve, survival_curve) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION survival_curve_hash(survival_curve) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION survival_curve_hash_extended(survival_curve, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION survival_curve_eq(survival_curve, survival_curve) IS 'implementation of = operator: the same times with the same counts';
COMMENT ON FUNCTION survival_curve_ne(survival_curve, survival_curve) IS 'implementation of <> operator';
COMMENT ON FUNCTION survival_curve_lt(survival_curve, survival_curve) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION survival_curve_le(survival_curve, survival_curve) IS 'implementation of <= operator';
COMMENT ON FUNCTION survival_curve_gt(survival_curve, survival_curve) IS 'implementation of > operator';
COMMENT ON FUNCTION survival_curve_ge(survival_curve, survival_curve) IS 'implementation of >= operator';
COMMENT ON FUNCTION survival_curve_cmp(survival_curve, survival_curve) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION survival_curve_hash(survival_curve) IS 'hash';
COMMENT ON FUNCTION survival_curve_hash_extended(survival_curve, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = survival_curve, RIGHTARG = survival_curve, FUNCTION = survival_curve_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (survival_curve, survival_curve) IS 'equal: the same times with the same counts';
COMMENT ON OPERATOR <> (survival_curve, survival_curve) IS 'not equal';
COMMENT ON OPERATOR < (survival_curve, survival_curve) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (survival_curve, survival_curve) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (survival_curve, survival_curve) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (survival_curve, survival_curve) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY survival_curve_ops USING btree;
CREATE OPERATOR CLASS survival_curve_ops DEFAULT FOR TYPE survival_curve USING btree FAMILY survival_curve_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 survival_curve_cmp(survival_curve, survival_curve);
CREATE OPERATOR FAMILY survival_curve_ops USING hash;
CREATE OPERATOR CLASS survival_curve_ops DEFAULT FOR TYPE survival_curve USING hash FAMILY survival_curve_ops AS
	OPERATOR 1 =,
	FUNCTION 1 survival_curve_hash(survival_curve),
	FUNCTION 2 survival_curve_hash_extended(survival_curve, bigint);
COMMENT ON OPERATOR FAMILY survival_curve_ops USING btree IS 'sorting values of type survival_curve, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS survival_curve_ops USING btree IS 'sorting values of type survival_curve, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY survival_curve_ops USING hash IS 'hashing values of type survival_curve';
COMMENT ON OPERATOR CLASS survival_curve_ops USING hash IS 'hashing values of type survival_curve';

-- reading a curve

CREATE FUNCTION points(
	survival_curve, level double precision DEFAULT 0.95, interval_type text DEFAULT 'log-log',
	OUT duration double precision, OUT at_risk bigint, OUT events bigint, OUT censored bigint,
	OUT survival double precision, OUT standard_error double precision,
	OUT lower double precision, OUT upper double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100
	AS 'MODULE_PATHNAME', 'survival_curve_points';
COMMENT ON FUNCTION points(survival_curve, double precision, text) IS
	'The Kaplan-Meier curve as rows, one for each time at which somebody was lost or last seen: customers at risk just before, events, censorings, the share that stays beyond this time, its standard error by Greenwood and an interval of the given level, on the scale log-log, log or plain. NULL where survival is 0, and on the log-log scale where it is 1.';

CREATE FUNCTION survival(survival_curve, duration double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_survival';
COMMENT ON FUNCTION survival(survival_curve, double precision) IS
	'The share of customers who stay beyond a time. NULL after the last customer''s time, unless none was left.';

CREATE FUNCTION median(survival_curve) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_median';
COMMENT ON FUNCTION median(survival_curve) IS
	'The first time by which at least half of the customers are lost. NULL if that is never reached.';

CREATE FUNCTION quantile(survival_curve, p double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_quantile';
COMMENT ON FUNCTION quantile(survival_curve, double precision) IS
	'The first time by which at least a share p of the customers is lost: where survival is 1 - p or below. NULL if that is never reached.';

CREATE FUNCTION restricted_mean(survival_curve, until double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_restricted_mean';
COMMENT ON FUNCTION restricted_mean(survival_curve, double precision) IS
	'The mean time that customers stay out of the first so much: the area under the curve up to there. NULL after the last customer''s time, unless none was left.';

CREATE FUNCTION restricted_mean_standard_error(survival_curve, until double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_restricted_mean_error';
COMMENT ON FUNCTION restricted_mean_standard_error(survival_curve, double precision) IS
	'The standard error of restricted_mean(), by Greenwood''s formula. NULL where that is.';

CREATE FUNCTION customers(survival_curve) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_customers';
COMMENT ON FUNCTION customers(survival_curve) IS
	'The number of customers of a curve.';

CREATE FUNCTION events(survival_curve) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'survival_curve_events';
COMMENT ON FUNCTION events(survival_curve) IS
	'The number of customers of a curve who were lost.';

-- making one

CREATE FUNCTION kaplan_meier_accum(internal, double precision, boolean) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION kaplan_meier_accum(internal, double precision, boolean, double precision) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1
	AS 'MODULE_PATHNAME', 'kaplan_meier_accum_entry';
CREATE FUNCTION kaplan_meier_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kaplan_meier_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kaplan_meier_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION kaplan_meier_final(internal) RETURNS survival_curve
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION kaplan_meier_accum(internal, double precision, boolean) IS 'aggregate transition function: counts durations';
COMMENT ON FUNCTION kaplan_meier_accum(internal, double precision, boolean, double precision) IS 'aggregate transition function: counts durations and late entries';
COMMENT ON FUNCTION kaplan_meier_combine(internal, internal) IS 'aggregate combine function: joins two counts of durations';
COMMENT ON FUNCTION kaplan_meier_serialize(internal) IS 'aggregate serial function: counted durations for another worker';
COMMENT ON FUNCTION kaplan_meier_deserialize(bytea, internal) IS 'aggregate deserial function: counted durations from another worker';
COMMENT ON FUNCTION kaplan_meier_final(internal) IS 'aggregate final function of kaplan_meier';

CREATE AGGREGATE kaplan_meier(duration double precision, event boolean) (
	SFUNC = kaplan_meier_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = kaplan_meier_final,
	COMBINEFUNC = kaplan_meier_combine,
	SERIALFUNC = kaplan_meier_serialize,
	DESERIALFUNC = kaplan_meier_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kaplan_meier(double precision, boolean) IS
	'How long customers stay: for each customer the time from their start until they were lost (event true) or last seen (event false). Rows with neither are no observation; NULL for no observation.';

CREATE AGGREGATE kaplan_meier(duration double precision, event boolean, entry double precision) (
	SFUNC = kaplan_meier_accum,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = kaplan_meier_final,
	COMBINEFUNC = kaplan_meier_combine,
	SERIALFUNC = kaplan_meier_serialize,
	DESERIALFUNC = kaplan_meier_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kaplan_meier(double precision, boolean, double precision) IS
	'How long customers stay, where some came under observation only when they had been customers for the time entry: they are at risk after entry, up to and including duration. NULL entry is observation from the start.';

-- comparing groups

CREATE TYPE log_rank_group AS (
	cohort text,
	customers bigint,
	events bigint,
	expected double precision
);
COMMENT ON TYPE log_rank_group IS
	'One group of a log-rank test: its customers, how many were lost, and how many would be expected to be if all groups were alike.';

CREATE TYPE log_rank_test AS (
	chi_square double precision,
	degrees_of_freedom int,
	p_value double precision,
	groups log_rank_group[]
);
COMMENT ON TYPE log_rank_test IS
	'The result of a log-rank test: how probable such different survival would be if all groups were alike, and the groups. chi_square and p_value are NULL where there is nothing to compare.';

CREATE FUNCTION groups(
	log_rank_test,
	OUT cohort text, OUT customers bigint, OUT events bigint, OUT expected double precision
) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 5
BEGIN ATOMIC
	SELECT g.cohort, g.customers, g.events, g.expected FROM unnest(($1).groups) AS g;
END;
COMMENT ON FUNCTION groups(log_rank_test) IS
	'The groups of a log-rank test as rows, in the order of the bytes of their names: customers, events, and events expected if all groups were alike.';

CREATE FUNCTION log_rank_accum(internal, text, double precision, boolean) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION log_rank_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION log_rank_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION log_rank_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION log_rank_final(internal) RETURNS log_rank_test
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION log_rank_accum(internal, text, double precision, boolean) IS 'aggregate transition function: counts durations of groups';
COMMENT ON FUNCTION log_rank_combine(internal, internal) IS 'aggregate combine function: joins two counts of durations of groups';
COMMENT ON FUNCTION log_rank_serialize(internal) IS 'aggregate serial function: counted durations of groups for another worker';
COMMENT ON FUNCTION log_rank_deserialize(bytea, internal) IS 'aggregate deserial function: counted durations of groups from another worker';
COMMENT ON FUNCTION log_rank_final(internal) IS 'aggregate final function of log_rank';

CREATE AGGREGATE log_rank(cohort text, duration double precision, event boolean) (
	SFUNC = log_rank_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = log_rank_final,
	COMBINEFUNC = log_rank_combine,
	SERIALFUNC = log_rank_serialize,
	DESERIALFUNC = log_rank_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE log_rank(text, double precision, boolean) IS
	'The log-rank test whether customers of several groups stay equally long. Durations and events as in kaplan_meier. NULL for no observation.';
