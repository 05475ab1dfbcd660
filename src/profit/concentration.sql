-- concentration: how much of the profit how few customers bring

CREATE TYPE whale_curve;

CREATE FUNCTION whale_curve_in(cstring) RETURNS whale_curve
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION whale_curve_in(cstring) IS 'I/O: reads the JSON text form of a whale_curve';

CREATE FUNCTION whale_curve_out(whale_curve) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION whale_curve_out(whale_curve) IS 'I/O: writes the JSON text form of a whale_curve';

CREATE FUNCTION whale_curve_recv(internal) RETURNS whale_curve
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION whale_curve_recv(internal) IS 'I/O: reads and checks the binary form of a whale_curve';

CREATE FUNCTION whale_curve_send(whale_curve) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'canonical_send';
COMMENT ON FUNCTION whale_curve_send(whale_curve) IS 'I/O: writes the binary form of a whale_curve';

CREATE TYPE whale_curve (
	INPUT = whale_curve_in,
	OUTPUT = whale_curve_out,
	RECEIVE = whale_curve_recv,
	SEND = whale_curve_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- already compact: compressing it again costs time and saves little
	STORAGE = external
);
COMMENT ON TYPE whale_curve IS
	'The values of a set of customers, from the highest down, and with them the curve of their cumulative value: up to the peak of all gains, down to the net total.';

CREATE FUNCTION whale_curve_eq(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION whale_curve_ne(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION whale_curve_lt(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION whale_curve_le(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION whale_curve_gt(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION whale_curve_ge(whale_curve, whale_curve) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION whale_curve_cmp(whale_curve, whale_curve) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION whale_curve_hash(whale_curve) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION whale_curve_hash_extended(whale_curve, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION whale_curve_eq(whale_curve, whale_curve) IS 'implementation of = operator: the same values of as many customers';
COMMENT ON FUNCTION whale_curve_ne(whale_curve, whale_curve) IS 'implementation of <> operator';
COMMENT ON FUNCTION whale_curve_lt(whale_curve, whale_curve) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION whale_curve_le(whale_curve, whale_curve) IS 'implementation of <= operator';
COMMENT ON FUNCTION whale_curve_gt(whale_curve, whale_curve) IS 'implementation of > operator';
COMMENT ON FUNCTION whale_curve_ge(whale_curve, whale_curve) IS 'implementation of >= operator';
COMMENT ON FUNCTION whale_curve_cmp(whale_curve, whale_curve) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION whale_curve_hash(whale_curve) IS 'hash';
COMMENT ON FUNCTION whale_curve_hash_extended(whale_curve, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = whale_curve, RIGHTARG = whale_curve, FUNCTION = whale_curve_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (whale_curve, whale_curve) IS 'equal: the same values of as many customers';
COMMENT ON OPERATOR <> (whale_curve, whale_curve) IS 'not equal';
COMMENT ON OPERATOR < (whale_curve, whale_curve) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (whale_curve, whale_curve) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (whale_curve, whale_curve) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (whale_curve, whale_curve) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY whale_curve_ops USING btree;
CREATE OPERATOR CLASS whale_curve_ops DEFAULT FOR TYPE whale_curve USING btree FAMILY whale_curve_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 whale_curve_cmp(whale_curve, whale_curve);
CREATE OPERATOR FAMILY whale_curve_ops USING hash;
CREATE OPERATOR CLASS whale_curve_ops DEFAULT FOR TYPE whale_curve USING hash FAMILY whale_curve_ops AS
	OPERATOR 1 =,
	FUNCTION 1 whale_curve_hash(whale_curve),
	FUNCTION 2 whale_curve_hash_extended(whale_curve, bigint);
COMMENT ON OPERATOR FAMILY whale_curve_ops USING btree IS 'sorting values of type whale_curve, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS whale_curve_ops USING btree IS 'sorting values of type whale_curve, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY whale_curve_ops USING hash IS 'hashing values of type whale_curve';
COMMENT ON OPERATOR CLASS whale_curve_ops USING hash IS 'hashing values of type whale_curve';

-- reading a curve

CREATE FUNCTION points(
	whale_curve, n int DEFAULT 100,
	OUT customers bigint, OUT customer_share numeric, OUT cumulative numeric,
	OUT share_of_net numeric, OUT share_of_gains numeric
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 101
	AS 'MODULE_PATHNAME', 'whale_curve_points';
COMMENT ON FUNCTION points(whale_curve, int) IS
	'The curve as rows: n + 1 points evenly spaced over the customers from none to all, or one for each customer if there are fewer than n: how many from the top, their share of all customers, their cumulative value, its share of the net total and their gains'' share of all gains. A share is NULL where the total it is a share of is not positive.';

CREATE FUNCTION peak(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_peak';
COMMENT ON FUNCTION peak(whale_curve) IS
	'The highest point of the curve: the total of all customers whose value is positive, exact.';

CREATE FUNCTION customers_at_peak(whale_curve) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_customers_at_peak';
COMMENT ON FUNCTION customers_at_peak(whale_curve) IS
	'The number of customers with whom the curve first reaches its peak: those whose value is positive.';

CREATE FUNCTION gains(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_peak';
COMMENT ON FUNCTION gains(whale_curve) IS
	'The total of all positive values.';

CREATE FUNCTION losses(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_losses';
COMMENT ON FUNCTION losses(whale_curve) IS
	'The total of all negative values, itself negative or zero.';

CREATE FUNCTION net(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_net';
COMMENT ON FUNCTION net(whale_curve) IS
	'The total of all values: gains plus losses, where the curve ends.';

CREATE FUNCTION customers(whale_curve) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_customers';
COMMENT ON FUNCTION customers(whale_curve) IS
	'The number of customers of a curve: of values that were not NULL.';

CREATE FUNCTION losers(whale_curve) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_losers';
COMMENT ON FUNCTION losers(whale_curve) IS
	'The number of customers whose value is negative.';

CREATE FUNCTION top_share_of_net(whale_curve, fraction numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_top_share_of_net';
COMMENT ON FUNCTION top_share_of_net(whale_curve, numeric) IS
	'Of the net total of all customers, the share that the given fraction of them brings, the most valuable first; more than 1 where others lose money. Read from a curve; NULL where its denominator is not positive.';

CREATE FUNCTION top_share_of_gains(whale_curve, fraction numeric) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_top_share_of_gains';
COMMENT ON FUNCTION top_share_of_gains(whale_curve, numeric) IS
	'Of the total of all positive values, the share that the given fraction of all customers brings, the most valuable first; at most 1. Read from a curve; NULL where its denominator is not positive.';

CREATE FUNCTION customers_for_share(whale_curve, share numeric) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_customers_for_share';
COMMENT ON FUNCTION customers_for_share(whale_curve, numeric) IS
	'The least number of customers, the most valuable first, whose gains reach the given share of all gains. Read from a curve; NULL where its denominator is not positive.';

CREATE FUNCTION gini(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_gini';
COMMENT ON FUNCTION gini(whale_curve) IS
	'The Gini coefficient of the gains, over all customers: who does not gain, or loses, counts with 0. From 0, all gain the same, to 1 - 1/n, one of n has it all. Read from a curve; NULL where nobody gains.';

CREATE FUNCTION herfindahl(whale_curve) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_herfindahl';
COMMENT ON FUNCTION herfindahl(whale_curve) IS
	'The Herfindahl index of the gains: the sum of the squared shares that customers have in all gains, from 1/n, n gain the same, to 1, one has it all. Read from a curve; NULL where nobody gains.';

CREATE TYPE concentration_figures AS (
	customers bigint,
	gainers bigint,
	losers bigint,
	gains numeric,
	losses numeric,
	net numeric,
	gini numeric,
	herfindahl numeric,
	top_share_of_net numeric,
	top_share_of_gains numeric,
	customers_for_share bigint
);
COMMENT ON TYPE concentration_figures IS
	'How concentrated the profit of some customers is: how many there are, how many gain and lose, their totals, and the figures of the functions with the same names.';

CREATE FUNCTION concentration(whale_curve, fraction numeric DEFAULT 0.2, share numeric DEFAULT 0.8)
	RETURNS concentration_figures
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'whale_curve_concentration';
COMMENT ON FUNCTION concentration(whale_curve, numeric, numeric) IS
	'All figures of a curve in one row: the top shares are those of the given fraction of all customers, customers_for_share is how many bring the given share of all gains. A figure is NULL where its denominator is not positive.';

-- aggregates over one value for each customer

CREATE FUNCTION whale_curve_final(internal) RETURNS whale_curve
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION whale_curve_final(internal) IS 'aggregate final function of whale_curve';
CREATE FUNCTION top_share_of_net_final(internal) RETURNS numeric
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION top_share_of_net_final(internal) IS 'aggregate final function of top_share_of_net';
CREATE FUNCTION top_share_of_gains_final(internal) RETURNS numeric
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION top_share_of_gains_final(internal) IS 'aggregate final function of top_share_of_gains';
CREATE FUNCTION customers_for_share_final(internal) RETURNS bigint
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION customers_for_share_final(internal) IS 'aggregate final function of customers_for_share';
CREATE FUNCTION gini_final(internal) RETURNS numeric
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION gini_final(internal) IS 'aggregate final function of gini';
CREATE FUNCTION herfindahl_final(internal) RETURNS numeric
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION herfindahl_final(internal) IS 'aggregate final function of herfindahl';

CREATE AGGREGATE whale_curve(value numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = whale_curve_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE whale_curve(numeric) IS
	'The whale curve of one value for each customer: their values from the highest down. NULL values are not customers; NULL for no customers.';

CREATE AGGREGATE whale_curve(value double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = whale_curve_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE whale_curve(double precision) IS
	'The whale curve of one value for each customer: their values from the highest down. NULL values are not customers; NULL for no customers.';

CREATE AGGREGATE top_share_of_net(value numeric, fraction numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = top_share_of_net_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_share_of_net(numeric, numeric) IS
	'Of the net total of all customers, the share that the given fraction of them brings, the most valuable first; more than 1 where others lose money. A customer whom the fraction splits counts in part. NULL for no customers and where the net total is not positive.';

CREATE AGGREGATE top_share_of_net(value double precision, fraction double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = top_share_of_net_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_share_of_net(double precision, double precision) IS
	'Of the net total of all customers, the share that the given fraction of them brings, the most valuable first; more than 1 where others lose money. A customer whom the fraction splits counts in part. NULL for no customers and where the net total is not positive.';

CREATE AGGREGATE top_share_of_gains(value numeric, fraction numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = top_share_of_gains_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_share_of_gains(numeric, numeric) IS
	'Of the total of all positive values, the share that the given fraction of all customers brings, the most valuable first; at most 1. A customer whom the fraction splits counts in part. NULL for no customers and where nobody gains.';

CREATE AGGREGATE top_share_of_gains(value double precision, fraction double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = top_share_of_gains_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE top_share_of_gains(double precision, double precision) IS
	'Of the total of all positive values, the share that the given fraction of all customers brings, the most valuable first; at most 1. A customer whom the fraction splits counts in part. NULL for no customers and where nobody gains.';

CREATE AGGREGATE customers_for_share(value numeric, share numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = customers_for_share_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customers_for_share(numeric, numeric) IS
	'The least number of customers, the most valuable first, whose gains reach the given share of all gains. NULL for no customers and where nobody gains.';

CREATE AGGREGATE customers_for_share(value double precision, share double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = customers_for_share_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE customers_for_share(double precision, double precision) IS
	'The least number of customers, the most valuable first, whose gains reach the given share of all gains. NULL for no customers and where nobody gains.';

CREATE AGGREGATE gini(value numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = gini_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE gini(numeric) IS
	'The Gini coefficient of the gains, over all customers: who does not gain, or loses, counts with 0. From 0, all gain the same, to 1 - 1/n, one of n has it all. NULL values are not customers; NULL for no customers and where nobody gains.';

CREATE AGGREGATE gini(value double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = gini_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE gini(double precision) IS
	'The Gini coefficient of the gains, over all customers: who does not gain, or loses, counts with 0. From 0, all gain the same, to 1 - 1/n, one of n has it all. NULL values are not customers; NULL for no customers and where nobody gains.';

CREATE AGGREGATE herfindahl(value numeric) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = herfindahl_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE herfindahl(numeric) IS
	'The Herfindahl index of the gains: the sum of the squared shares that customers have in all gains, from 1/n, n gain the same, to 1, one has it all. NULL values are not customers; NULL for no customers and where nobody gains.';

CREATE AGGREGATE herfindahl(value double precision) (
	SFUNC = values_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = herfindahl_final,
	COMBINEFUNC = values_combine,
	SERIALFUNC = values_serialize,
	DESERIALFUNC = values_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE herfindahl(double precision) IS
	'The Herfindahl index of the gains: the sum of the squared shares that customers have in all gains, from 1/n, n gain the same, to 1, one has it all. NULL values are not customers; NULL for no customers and where nobody gains.';
