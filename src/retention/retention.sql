-- retention: what a customer is worth without a model of purchases

-- by formula

CREATE FUNCTION retention_clv(
	margin double precision, retention double precision, discount_rate double precision,
	first_payment text DEFAULT 'end'
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'retention_clv';
COMMENT ON FUNCTION retention_clv(double precision, double precision, double precision, text) IS
	'The value of a customer who pays the same margin each period as long as they stay, without end: margin * r / (1 + d - r) with the first payment at the end of the first period, for those who stayed; margin * (1 + d) / (1 + d - r) with first_payment => now. Rates are for one period.';

CREATE FUNCTION retention_clv(
	margin double precision, retention double precision, discount_rate double precision,
	periods int, first_payment text DEFAULT 'end'
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'retention_clv_periods';
COMMENT ON FUNCTION retention_clv(double precision, double precision, double precision, int, text) IS
	'The value of a customer who pays the same margin each period as long as they stay, over so many periods: payments at the end of each, and with first_payment => now one more at the start. Rates are for one period.';

CREATE FUNCTION retention_sensitivity(
	margin double precision, points double precision,
	retentions double precision[], discount_rates double precision[],
	first_payment text DEFAULT 'end',
	OUT retention double precision, OUT discount_rate double precision,
	OUT value double precision, OUT value_raised double precision,
	OUT change double precision, OUT change_ratio double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 20
	AS 'MODULE_PATHNAME', 'retention_sensitivity';
COMMENT ON FUNCTION retention_sensitivity(double precision, double precision, double precision[], double precision[], text) IS
	'For each retention and each discount rate: retention_clv(), its value with so many points of retention more (0.05 for five points), the difference, and the difference as a share of the value, NULL if that is 0.';

CREATE FUNCTION clv_simple(
	acquisition numeric, contribution numeric, retention_cost numeric, quoted boolean DEFAULT false
) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'clv_simple';
COMMENT ON FUNCTION clv_simple(numeric, numeric, numeric, boolean) IS
	'Contribution less the costs of acquisition and retention, which are given as positive numbers. With quoted => true the sum of all three, as the formula is often quoted: right only if costs are given as negative numbers.';

CREATE FUNCTION expected_credit_loss(pd numeric, lgd numeric, exposure numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'expected_credit_loss';
COMMENT ON FUNCTION expected_credit_loss(numeric, numeric, numeric) IS
	'Probability of default times loss given default (both from 0 to 1) times exposure at default: what keeping a customer on credit costs on average.';

CREATE FUNCTION annual_attrition(
	customers_at_start bigint, customers_lost bigint, period interval
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'annual_attrition';
COMMENT ON FUNCTION annual_attrition(bigint, bigint, interval) IS
	'The share of customers lost in a year if so many of those at the start were lost in a period: 1 - (1 - lost / start) ^ (year / period), a year being 12 months or 365.25 days. For contracts, where a loss is seen.';

-- by a matrix of transitions

CREATE TYPE transition_matrix;

CREATE FUNCTION transition_matrix_in(cstring) RETURNS transition_matrix
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION transition_matrix_in(cstring) IS 'I/O: reads the JSON text form of a transition_matrix';

CREATE FUNCTION transition_matrix_out(transition_matrix) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION transition_matrix_out(transition_matrix) IS 'I/O: writes the JSON text form of a transition_matrix';

CREATE FUNCTION transition_matrix_recv(internal) RETURNS transition_matrix
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION transition_matrix_recv(internal) IS 'I/O: reads and checks the binary form of a transition_matrix';

CREATE FUNCTION transition_matrix_send(transition_matrix) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION transition_matrix_send(transition_matrix) IS 'I/O: writes the binary form of a transition_matrix';

CREATE TYPE transition_matrix (
	INPUT = transition_matrix_in,
	OUTPUT = transition_matrix_out,
	RECEIVE = transition_matrix_recv,
	SEND = transition_matrix_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- text with many equal pieces
	STORAGE = extended
);
COMMENT ON TYPE transition_matrix IS
	'States of customers, and how many customers go from each to each in a period, or with which probability.';

CREATE FUNCTION transition_matrix_eq(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION transition_matrix_ne(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION transition_matrix_lt(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION transition_matrix_le(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION transition_matrix_gt(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION transition_matrix_ge(transition_matrix, transition_matrix) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION transition_matrix_cmp(transition_matrix, transition_matrix) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION transition_matrix_hash(transition_matrix) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION transition_matrix_hash_extended(transition_matrix, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION transition_matrix_eq(transition_matrix, transition_matrix) IS 'implementation of = operator: the same states in the same order, with the same counts or probabilities';
COMMENT ON FUNCTION transition_matrix_ne(transition_matrix, transition_matrix) IS 'implementation of <> operator';
COMMENT ON FUNCTION transition_matrix_lt(transition_matrix, transition_matrix) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION transition_matrix_le(transition_matrix, transition_matrix) IS 'implementation of <= operator';
COMMENT ON FUNCTION transition_matrix_gt(transition_matrix, transition_matrix) IS 'implementation of > operator';
COMMENT ON FUNCTION transition_matrix_ge(transition_matrix, transition_matrix) IS 'implementation of >= operator';
COMMENT ON FUNCTION transition_matrix_cmp(transition_matrix, transition_matrix) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION transition_matrix_hash(transition_matrix) IS 'hash';
COMMENT ON FUNCTION transition_matrix_hash_extended(transition_matrix, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = transition_matrix, RIGHTARG = transition_matrix, FUNCTION = transition_matrix_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (transition_matrix, transition_matrix) IS 'equal: the same states in the same order, with the same counts or probabilities';
COMMENT ON OPERATOR <> (transition_matrix, transition_matrix) IS 'not equal';
COMMENT ON OPERATOR < (transition_matrix, transition_matrix) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (transition_matrix, transition_matrix) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (transition_matrix, transition_matrix) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (transition_matrix, transition_matrix) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY transition_matrix_ops USING btree;
CREATE OPERATOR CLASS transition_matrix_ops DEFAULT FOR TYPE transition_matrix USING btree FAMILY transition_matrix_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 transition_matrix_cmp(transition_matrix, transition_matrix);
CREATE OPERATOR FAMILY transition_matrix_ops USING hash;
CREATE OPERATOR CLASS transition_matrix_ops DEFAULT FOR TYPE transition_matrix USING hash FAMILY transition_matrix_ops AS
	OPERATOR 1 =,
	FUNCTION 1 transition_matrix_hash(transition_matrix),
	FUNCTION 2 transition_matrix_hash_extended(transition_matrix, bigint);
COMMENT ON OPERATOR FAMILY transition_matrix_ops USING btree IS 'sorting values of type transition_matrix, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS transition_matrix_ops USING btree IS 'sorting values of type transition_matrix, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY transition_matrix_ops USING hash IS 'hashing values of type transition_matrix';
COMMENT ON OPERATOR CLASS transition_matrix_ops USING hash IS 'hashing values of type transition_matrix';

CREATE FUNCTION states(transition_matrix) RETURNS text[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'transition_matrix_states';
COMMENT ON FUNCTION states(transition_matrix) IS
	'The states of a matrix, in the order of its rows.';

CREATE FUNCTION transitions(
	transition_matrix,
	OUT from_state text, OUT to_state text, OUT customers bigint, OUT probability double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 25
	AS 'MODULE_PATHNAME', 'transition_matrix_transitions';
COMMENT ON FUNCTION transitions(transition_matrix) IS
	'The transitions that occur, as rows: from, to, how many customers (NULL if the matrix is one of probabilities), and the probability.';

CREATE FUNCTION migration_clv(
	transition_matrix, payoffs double precision[], discount_rate double precision,
	OUT state text, OUT value double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'migration_clv';
CREATE FUNCTION migration_clv(
	transition_matrix, payoffs double precision[], discount_rate double precision, periods int,
	OUT state text, OUT value double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'migration_clv_periods';
CREATE FUNCTION migration_clv(
	transition_matrix, payoffs jsonb, discount_rate double precision,
	OUT state text, OUT value double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'migration_clv_named';
CREATE FUNCTION migration_clv(
	transition_matrix, payoffs jsonb, discount_rate double precision, periods int,
	OUT state text, OUT value double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 5
	AS 'MODULE_PATHNAME', 'migration_clv_named_periods';
COMMENT ON FUNCTION migration_clv(transition_matrix, double precision[], double precision) IS
	'The present value of a customer in each state: its payoff now and those after each period without end. Payoffs in the order of states().';
COMMENT ON FUNCTION migration_clv(transition_matrix, double precision[], double precision, int) IS
	'The present value of a customer in each state: its payoff now and those after each of so many periods. Payoffs in the order of states().';
COMMENT ON FUNCTION migration_clv(transition_matrix, jsonb, double precision) IS
	'The present value of a customer in each state: its payoff now and those after each period without end. Payoffs by the names of the states.';
COMMENT ON FUNCTION migration_clv(transition_matrix, jsonb, double precision, int) IS
	'The present value of a customer in each state: its payoff now and those after each of so many periods. Payoffs by the names of the states.';

CREATE FUNCTION transition_matrix_accum(internal, text, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION transition_matrix_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION transition_matrix_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION transition_matrix_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION transition_matrix_final(internal) RETURNS transition_matrix
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION transition_matrix_accum(internal, text, text) IS 'aggregate transition function: counts pairs of states';
COMMENT ON FUNCTION transition_matrix_combine(internal, internal) IS 'aggregate combine function: joins two counts of pairs of states';
COMMENT ON FUNCTION transition_matrix_serialize(internal) IS 'aggregate serial function: counted pairs for another worker';
COMMENT ON FUNCTION transition_matrix_deserialize(bytea, internal) IS 'aggregate deserial function: counted pairs from another worker';
COMMENT ON FUNCTION transition_matrix_final(internal) IS 'aggregate final function of transition_matrix';

CREATE AGGREGATE transition_matrix(from_state text, to_state text) (
	SFUNC = transition_matrix_accum,
	STYPE = internal,
	SSPACE = 2048,
	FINALFUNC = transition_matrix_final,
	COMBINEFUNC = transition_matrix_combine,
	SERIALFUNC = transition_matrix_serialize,
	DESERIALFUNC = transition_matrix_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE transition_matrix(text, text) IS
	'How many customers went from each state to each, from one row for each customer with the states before and after a period. NULL after is the state gone; rows with NULL before are new customers and not counted. States in the order of their bytes. NULL for no pairs.';
