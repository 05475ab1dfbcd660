-- holdout: does the model hold?

CREATE TYPE holdout;

CREATE FUNCTION holdout_in(cstring) RETURNS holdout
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_in(cstring) IS 'I/O: reads the JSON text form of a holdout';

CREATE FUNCTION holdout_out(holdout) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_out(holdout) IS 'I/O: writes the JSON text form of a holdout';

CREATE FUNCTION holdout_recv(internal) RETURNS holdout
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_recv(internal) IS 'I/O: reads and checks the binary form of a holdout';

CREATE FUNCTION holdout_send(holdout) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_send(holdout) IS 'I/O: writes the binary form of a holdout';

CREATE TYPE holdout (
	INPUT = holdout_in,
	OUTPUT = holdout_out,
	RECEIVE = holdout_recv,
	SEND = holdout_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	-- counts by day, small numbers in wide fields: compression halves it at least
	STORAGE = extended
);
COMMENT ON TYPE holdout IS
	'A model held against ledgers: what it expected of customers in a period it was not fitted to, what they did, and when. Made by the aggregate holdout().';

CREATE FUNCTION holdout_eq(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION holdout_ne(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION holdout_lt(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION holdout_le(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION holdout_gt(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION holdout_ge(holdout, holdout) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION holdout_cmp(holdout, holdout) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION holdout_hash(holdout) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION holdout_hash_extended(holdout, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION holdout_eq(holdout, holdout) IS 'implementation of = operator: the same model, dates and counts';
COMMENT ON FUNCTION holdout_ne(holdout, holdout) IS 'implementation of <> operator';
COMMENT ON FUNCTION holdout_lt(holdout, holdout) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION holdout_le(holdout, holdout) IS 'implementation of <= operator';
COMMENT ON FUNCTION holdout_gt(holdout, holdout) IS 'implementation of > operator';
COMMENT ON FUNCTION holdout_ge(holdout, holdout) IS 'implementation of >= operator';
COMMENT ON FUNCTION holdout_cmp(holdout, holdout) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION holdout_hash(holdout) IS 'hash';
COMMENT ON FUNCTION holdout_hash_extended(holdout, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = holdout, RIGHTARG = holdout, FUNCTION = holdout_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (holdout, holdout) IS 'equal: the same model, dates and counts';
COMMENT ON OPERATOR <> (holdout, holdout) IS 'not equal';
COMMENT ON OPERATOR < (holdout, holdout) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (holdout, holdout) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (holdout, holdout) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (holdout, holdout) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY holdout_ops USING btree;
CREATE OPERATOR CLASS holdout_ops DEFAULT FOR TYPE holdout USING btree FAMILY holdout_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 holdout_cmp(holdout, holdout);
CREATE OPERATOR FAMILY holdout_ops USING hash;
CREATE OPERATOR CLASS holdout_ops DEFAULT FOR TYPE holdout USING hash FAMILY holdout_ops AS
	OPERATOR 1 =,
	FUNCTION 1 holdout_hash(holdout),
	FUNCTION 2 holdout_hash_extended(holdout, bigint);
COMMENT ON OPERATOR FAMILY holdout_ops USING btree IS 'sorting values of type holdout, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS holdout_ops USING btree IS 'sorting values of type holdout, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY holdout_ops USING hash IS 'hashing values of type holdout';
COMMENT ON OPERATOR CLASS holdout_ops USING hash IS 'hashing values of type holdout';

-- making one

CREATE FUNCTION holdout_accum(internal, clv_model, ledger, date, date) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_accum(internal, clv_model, ledger, date, date) IS 'aggregate support: counts what a customer did before and in the holdout';

CREATE FUNCTION holdout_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_combine(internal, internal) IS 'aggregate support: adds the counts of another state';

CREATE FUNCTION holdout_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_serialize(internal) IS 'aggregate support: a state as bytes';

CREATE FUNCTION holdout_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_deserialize(bytea, internal) IS 'aggregate support: a state from bytes';

CREATE FUNCTION holdout_final(internal) RETURNS holdout
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION holdout_final(internal) IS 'aggregate support: computes what the model expected';

CREATE AGGREGATE holdout(model clv_model, ledger ledger, as_of date, until date) (
	SFUNC = holdout_accum, STYPE = internal, SSPACE = 8192, FINALFUNC = holdout_final,
	COMBINEFUNC = holdout_combine, SERIALFUNC = holdout_serialize, DESERIALFUNC = holdout_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE holdout(clv_model, ledger, date, date) IS
	'Holds a model of purchases against ledgers: customers are those whose first purchase is not after as_of; what the model expects of them from the day after as_of to until, given what they did up to as_of, beside what they did. Rows with a NULL are passed over; NULL if there are no customers.';

-- reading one

CREATE FUNCTION clv_model(holdout) RETURNS clv_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_clv_model';
COMMENT ON FUNCTION clv_model(holdout) IS
	'The model that was held against ledgers.';

CREATE FUNCTION as_of(holdout) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_as_of';
COMMENT ON FUNCTION as_of(holdout) IS
	'The last day of the calibration.';

CREATE FUNCTION until(holdout) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_until';
COMMENT ON FUNCTION until(holdout) IS
	'The last day of the holdout.';

CREATE FUNCTION customers(holdout) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_customers';
COMMENT ON FUNCTION customers(holdout) IS
	'The number of customers: of those whose first purchase was in the calibration.';

CREATE FUNCTION actual_purchases(holdout) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_actual_purchases';
COMMENT ON FUNCTION actual_purchases(holdout) IS
	'The number of purchase days of all customers in the holdout.';

CREATE FUNCTION expected_purchases(holdout) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_expected_purchases';
COMMENT ON FUNCTION expected_purchases(holdout) IS
	'What the model expected of all customers in the holdout, given what each did in the calibration.';

CREATE FUNCTION mean_absolute_error(holdout) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_mean_absolute_error';
COMMENT ON FUNCTION mean_absolute_error(holdout) IS
	'The mean over customers of the distance between the purchases in the holdout and what the model expected of that customer.';

CREATE FUNCTION root_mean_squared_error(holdout) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_root_mean_squared_error';
COMMENT ON FUNCTION root_mean_squared_error(holdout) IS
	'The root of the mean over customers of the squared distance between the purchases in the holdout and what the model expected of that customer.';

CREATE FUNCTION baseline_mean_absolute_error(holdout) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_baseline_mean_absolute_error';
COMMENT ON FUNCTION baseline_mean_absolute_error(holdout) IS
	'The same as mean_absolute_error() of the forecast that needs no model: as many repeat purchases per unit of time as in the calibration.';

CREATE FUNCTION baseline_root_mean_squared_error(holdout) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'holdout_baseline_root_mean_squared_error';
COMMENT ON FUNCTION baseline_root_mean_squared_error(holdout) IS
	'The same as root_mean_squared_error() of the forecast that needs no model: as many repeat purchases per unit of time as in the calibration.';

CREATE FUNCTION by_frequency(
	holdout, merged_from int DEFAULT 7,
	OUT frequency int, OUT label text, OUT customers bigint,
	OUT actual double precision, OUT expected double precision, OUT mean_absolute_error double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 8
	AS 'MODULE_PATHNAME', 'holdout_by_frequency';
COMMENT ON FUNCTION by_frequency(holdout, int) IS
	'Customers by their repeat purchases in the calibration, those with merged_from and more as one class: how many they are, their mean purchases in the holdout, the mean of what the model expected, and the mean distance of the two. Classes without customers have no row.';

CREATE FUNCTION calibration_fit(
	holdout, merged_from int DEFAULT 7,
	OUT frequency int, OUT label text, OUT actual_customers bigint, OUT expected_customers double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 8
	AS 'MODULE_PATHNAME', 'holdout_calibration_fit';
COMMENT ON FUNCTION calibration_fit(holdout, int) IS
	'How many customers made so many repeat purchases in the calibration, and how many the model expects to, knowing of each the day of the first purchase only; those with merged_from and more are one class.';

CREATE FUNCTION tracking(
	holdout, step double precision DEFAULT 1,
	OUT period int, OUT until date, OUT in_holdout boolean,
	OUT actual bigint, OUT expected double precision,
	OUT actual_cumulative bigint, OUT expected_cumulative double precision
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 100
	AS 'MODULE_PATHNAME', 'holdout_tracking';
COMMENT ON FUNCTION tracking(holdout, double precision) IS
	'Repeat purchases of all customers from the first day of any on, period by period, each so many of the model''s units long: in the period and up to its end, actual ones and those the model expects, knowing of each customer the day of the first purchase only. Periods are laid out from as_of in both directions, so that none is partly in the holdout; the first and the last may be shorter.';

CREATE FUNCTION likelihood_ratio(
	model clv_model, null_model clv_model,
	OUT statistic double precision, OUT degrees_of_freedom int, OUT p_value double precision
) RETURNS record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'clv_likelihood_ratio';
COMMENT ON FUNCTION likelihood_ratio(clv_model, clv_model) IS
	'The likelihood-ratio test of a model against the same without dropout, nbd, both fitted to the same customers: twice the difference of their log-likelihoods, and how likely a chi-square variable is to exceed it. The null model lies on the border of the model, so the p-value is conservative: the true one is, as a rule, smaller.';
