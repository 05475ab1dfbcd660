
-- clv_model: a model of customers' behaviour with its parameters

CREATE TYPE clv_model;

CREATE FUNCTION clv_model_in(cstring) RETURNS clv_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION clv_model_in(cstring) IS 'I/O: reads the JSON text form of a model';

CREATE FUNCTION clv_model_out(clv_model) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION clv_model_out(clv_model) IS 'I/O: writes the JSON text form of a model';

CREATE FUNCTION clv_model_recv(internal) RETURNS clv_model
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION clv_model_recv(internal) IS 'I/O: reads and checks the binary form of a model';

CREATE FUNCTION clv_model_send(clv_model) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION clv_model_send(clv_model) IS 'I/O: writes the binary form of a model';

CREATE TYPE clv_model (
	INPUT = clv_model_in,
	OUTPUT = clv_model_out,
	RECEIVE = clv_model_recv,
	SEND = clv_model_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	-- at most 1,200 bytes, and read in place for every customer that is scored
	STORAGE = plain
);
COMMENT ON TYPE clv_model IS
	'A model of how customers buy, spend or stay, with its parameters: fitted by an aggregate, with standard errors and a diagnosis, or typed in.';

CREATE FUNCTION clv_model_eq(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION clv_model_ne(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION clv_model_lt(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION clv_model_le(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION clv_model_gt(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION clv_model_ge(clv_model, clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION clv_model_cmp(clv_model, clv_model) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION clv_model_hash(clv_model) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION clv_model_hash_extended(clv_model, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION clv_model_eq(clv_model, clv_model) IS 'implementation of = operator: the same model, parameters and fit';
COMMENT ON FUNCTION clv_model_ne(clv_model, clv_model) IS 'implementation of <> operator';
COMMENT ON FUNCTION clv_model_lt(clv_model, clv_model) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION clv_model_le(clv_model, clv_model) IS 'implementation of <= operator';
COMMENT ON FUNCTION clv_model_gt(clv_model, clv_model) IS 'implementation of > operator';
COMMENT ON FUNCTION clv_model_ge(clv_model, clv_model) IS 'implementation of >= operator';
COMMENT ON FUNCTION clv_model_cmp(clv_model, clv_model) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION clv_model_hash(clv_model) IS 'hash';
COMMENT ON FUNCTION clv_model_hash_extended(clv_model, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = clv_model, RIGHTARG = clv_model, FUNCTION = clv_model_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (clv_model, clv_model) IS 'equal: the same model, parameters and fit';
COMMENT ON OPERATOR <> (clv_model, clv_model) IS 'not equal';
COMMENT ON OPERATOR < (clv_model, clv_model) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (clv_model, clv_model) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (clv_model, clv_model) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (clv_model, clv_model) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY clv_model_ops USING btree;
CREATE OPERATOR CLASS clv_model_ops DEFAULT FOR TYPE clv_model USING btree FAMILY clv_model_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 clv_model_cmp(clv_model, clv_model);
CREATE OPERATOR FAMILY clv_model_ops USING hash;
CREATE OPERATOR CLASS clv_model_ops DEFAULT FOR TYPE clv_model USING hash FAMILY clv_model_ops AS
	OPERATOR 1 =,
	FUNCTION 1 clv_model_hash(clv_model),
	FUNCTION 2 clv_model_hash_extended(clv_model, bigint);
COMMENT ON OPERATOR FAMILY clv_model_ops USING btree IS 'sorting values of type clv_model, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS clv_model_ops USING btree IS 'sorting values of type clv_model, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY clv_model_ops USING hash IS 'hashing values of type clv_model';
COMMENT ON OPERATOR CLASS clv_model_ops USING hash IS 'hashing values of type clv_model';

-- what a model says of itself

CREATE FUNCTION model(clv_model) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_name';
COMMENT ON FUNCTION model(clv_model) IS
	'The name of the model: bg/nbd, mbg/nbd, pareto/nbd, nbd, bg/bb, gamma-gamma or sbg.';

CREATE FUNCTION unit(clv_model) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_unit';
COMMENT ON FUNCTION unit(clv_model) IS
	'The unit of time the model counts in: day, week, month or year. NULL if it was fitted to numbers without a unit.';

CREATE FUNCTION parameters(clv_model, OUT name text, OUT value double precision, OUT standard_error double precision) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 4
	AS 'MODULE_PATHNAME', 'clv_model_parameters';
COMMENT ON FUNCTION parameters(clv_model) IS
	'The parameters of a model, one row each. The standard error is from the observed information (minus the Hessian of the log-likelihood); NULL for a model that was typed in, or a parameter the data do not identify.';

CREATE FUNCTION parameter(clv_model, name text) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_parameter';
COMMENT ON FUNCTION parameter(clv_model, text) IS
	'The value of one parameter.';

CREATE FUNCTION covariance(clv_model, OUT name_a text, OUT name_b text, OUT covariance double precision) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 16
	AS 'MODULE_PATHNAME', 'clv_model_covariance';
COMMENT ON FUNCTION covariance(clv_model) IS
	'The covariance of each two parameters of a fitted model: the inverse of the observed information. NULL where a parameter has no standard error.';

CREATE FUNCTION customers(clv_model) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_customers';
COMMENT ON FUNCTION customers(clv_model) IS
	'The number of customers a model was fitted to. NULL if it was typed in.';

CREATE FUNCTION log_likelihood(clv_model) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_log_likelihood';
COMMENT ON FUNCTION log_likelihood(clv_model) IS
	'The log-likelihood of all customers a model was fitted to, in its unit of time. NULL if it was typed in.';

CREATE FUNCTION log_likelihood(clv_model, rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'clv_model_log_likelihood_of';
COMMENT ON FUNCTION log_likelihood(clv_model, rfm) IS
	'The log-likelihood of one customer. NULL for a spend model if the customer has no repeat purchases of positive mean value.';

CREATE FUNCTION log_likelihood_gradient(clv_model, rfm) RETURNS double precision[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40
	AS 'MODULE_PATHNAME', 'clv_model_log_likelihood_gradient';
COMMENT ON FUNCTION log_likelihood_gradient(clv_model, rfm) IS
	'The derivatives of the log-likelihood of one customer by the parameters, in the order of parameters(model).';

CREATE FUNCTION aic(clv_model) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_aic';
COMMENT ON FUNCTION aic(clv_model) IS
	'Akaike''s information criterion, 2 k - 2 ln L for k parameters: of two models of the same customers, the one with less is preferred. NULL if the model was typed in.';

CREATE FUNCTION bic(clv_model) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_bic';
COMMENT ON FUNCTION bic(clv_model) IS
	'Schwarz''s information criterion, k ln n - 2 ln L for k parameters and n customers. NULL if the model was typed in.';

CREATE FUNCTION converged(clv_model) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_converged';
COMMENT ON FUNCTION converged(clv_model) IS
	'Whether the fit found a maximum of the likelihood; if not, diagnosis() says why. NULL if the model was typed in.';

CREATE FUNCTION diagnosis(clv_model) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'clv_model_diagnosis';
COMMENT ON FUNCTION diagnosis(clv_model) IS
	'What there is to object to a fit, in plain language. NULL if there is nothing.';
