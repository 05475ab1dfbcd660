-- rfm: the purchases of one customer, as models of them read them

CREATE TYPE rfm;

CREATE FUNCTION rfm_in(cstring) RETURNS rfm
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_in(cstring) IS 'I/O: reads the JSON text form of an rfm';

CREATE FUNCTION rfm_out(rfm) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_out(rfm) IS 'I/O: writes the JSON text form of an rfm';

CREATE FUNCTION rfm_recv(internal) RETURNS rfm
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_recv(internal) IS 'I/O: reads and checks the binary form of an rfm';

CREATE FUNCTION rfm_send(rfm) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_send(rfm) IS 'I/O: writes the binary form of an rfm';

CREATE TYPE rfm (
	INPUT = rfm_in,
	OUTPUT = rfm_out,
	RECEIVE = rfm_recv,
	SEND = rfm_send,
	INTERNALLENGTH = 40,
	ALIGNMENT = double,
	STORAGE = plain
);
COMMENT ON TYPE rfm IS
	'The purchases of one customer up to one day, as models of them read them: number of repeat purchases, time from the first to the last, time from the first to that day, mean value. Not the R, F and M of RFM scoring.';

-- making one

CREATE FUNCTION rfm(
	frequency double precision,
	recency double precision,
	age double precision,
	monetary double precision DEFAULT NULL,
	unit text DEFAULT NULL
) RETURNS rfm
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'rfm_of_numbers';
COMMENT ON FUNCTION rfm(double precision, double precision, double precision, double precision, text) IS
	'An rfm from numbers: repeat purchases, time from the first purchase to the last, time from the first purchase to the day of observation, mean value of the repeat purchases (NULL if not known), and the unit of time (NULL: none, fits any model). These are not the R, F and M of RFM scoring. NULL if one of the first three is.';

CREATE FUNCTION rfm(
	ledger,
	as_of date,
	unit text,
	since date DEFAULT NULL,
	monetary text DEFAULT 'net_revenue'
) RETURNS rfm
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'rfm_of_ledger';
COMMENT ON FUNCTION rfm(ledger, date, text, date, text) IS
	'The rfm of a ledger at the end of the day as_of, in days, weeks, months or years: purchase days from since (NULL: from the beginning) to as_of, and the mean net_revenue or contribution of the repeat ones, returns and later costs netted against the purchase before them. NULL if there is no purchase among these days.';

-- comparison

CREATE FUNCTION rfm_eq(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_ne(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_lt(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_le(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_gt(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_ge(rfm, rfm) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_cmp(rfm, rfm) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_hash(rfm) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION rfm_hash_extended(rfm, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION rfm_eq(rfm, rfm) IS 'implementation of = operator: same numbers, unit and basis';
COMMENT ON FUNCTION rfm_ne(rfm, rfm) IS 'implementation of <> operator';
COMMENT ON FUNCTION rfm_lt(rfm, rfm) IS 'implementation of < operator: by unit, frequency, recency, age, then the mean value';
COMMENT ON FUNCTION rfm_le(rfm, rfm) IS 'implementation of <= operator';
COMMENT ON FUNCTION rfm_gt(rfm, rfm) IS 'implementation of > operator';
COMMENT ON FUNCTION rfm_ge(rfm, rfm) IS 'implementation of >= operator';
COMMENT ON FUNCTION rfm_cmp(rfm, rfm) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION rfm_hash(rfm) IS 'hash';
COMMENT ON FUNCTION rfm_hash_extended(rfm, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = rfm, RIGHTARG = rfm, FUNCTION = rfm_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (rfm, rfm) IS 'equal: same numbers, unit and basis';
COMMENT ON OPERATOR <> (rfm, rfm) IS 'not equal';
COMMENT ON OPERATOR < (rfm, rfm) IS 'less than: by unit, frequency, recency, age, then the mean value';
COMMENT ON OPERATOR <= (rfm, rfm) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (rfm, rfm) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (rfm, rfm) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY rfm_ops USING btree;
CREATE OPERATOR CLASS rfm_ops DEFAULT FOR TYPE rfm USING btree FAMILY rfm_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 rfm_cmp(rfm, rfm);
CREATE OPERATOR FAMILY rfm_ops USING hash;
CREATE OPERATOR CLASS rfm_ops DEFAULT FOR TYPE rfm USING hash FAMILY rfm_ops AS
	OPERATOR 1 =,
	FUNCTION 1 rfm_hash(rfm),
	FUNCTION 2 rfm_hash_extended(rfm, bigint);
COMMENT ON OPERATOR FAMILY rfm_ops USING btree IS 'sorting by unit, frequency, recency, age, then the mean value';
COMMENT ON OPERATOR CLASS rfm_ops USING btree IS 'sorting by unit, frequency, recency, age, then the mean value';
COMMENT ON OPERATOR FAMILY rfm_ops USING hash IS 'hashing rfms';
COMMENT ON OPERATOR CLASS rfm_ops USING hash IS 'hashing rfms';

-- reading

CREATE FUNCTION frequency(rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'rfm_frequency';
CREATE FUNCTION recency(rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'rfm_recency';
CREATE FUNCTION age(rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'rfm_age';
CREATE FUNCTION monetary(rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'rfm_monetary';
CREATE FUNCTION inactivity(rfm) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'rfm_inactivity';
CREATE FUNCTION unit(rfm) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_unit';
CREATE FUNCTION monetary_basis(rfm) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_monetary_basis';
COMMENT ON FUNCTION frequency(rfm) IS
	'Repeat purchases: the number of purchase occasions after the first. Not the F of RFM scoring, which counts all purchases.';
COMMENT ON FUNCTION recency(rfm) IS
	'Time from the first purchase to the last, in the value''s unit; 0 if there is only one. Not the R of RFM scoring, which is the time since the last purchase: that is inactivity().';
COMMENT ON FUNCTION age(rfm) IS
	'Time from the first purchase to the day of observation, in the value''s unit.';
COMMENT ON FUNCTION monetary(rfm) IS
	'Mean value of the repeat purchases, 0 if there are none; NULL if it is not known. Not the M of RFM scoring, which is the sum of all purchases.';
COMMENT ON FUNCTION inactivity(rfm) IS
	'Time from the last purchase to the day of observation: age less recency. The R of RFM scoring.';
COMMENT ON FUNCTION unit(rfm) IS
	'The unit of time: day, week, month or year; NULL if none was given.';
COMMENT ON FUNCTION monetary_basis(rfm) IS
	'What monetary is the mean of: net_revenue or contribution; NULL for numbers that were given, or where it is not known.';
