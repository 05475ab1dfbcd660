
-- duns: D-U-N-S numbers

CREATE TYPE duns;

CREATE FUNCTION duns_in(cstring) RETURNS duns
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION duns_in(cstring) IS 'I/O: reads nine digits, hyphens and spaces between them left out';

CREATE FUNCTION duns_out(duns) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION duns_out(duns) IS 'I/O: writes nine digits';

CREATE FUNCTION duns_recv(internal) RETURNS duns
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION duns_recv(internal) IS 'I/O: reads and checks the binary form of a duns: an integer of four bytes';

CREATE FUNCTION duns_send(duns) RETURNS bytea
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'int4send';
COMMENT ON FUNCTION duns_send(duns) IS 'I/O: writes the binary form of a duns: an integer of four bytes';

CREATE TYPE duns (
	INPUT = duns_in,
	OUTPUT = duns_out,
	RECEIVE = duns_recv,
	SEND = duns_send,
	LIKE = int4
);
COMMENT ON TYPE duns IS
	'A D-U-N-S number, the number of nine digits that Dun & Bradstreet gives a place of business. Four bytes; written with its leading zeros.';

-- from integers, explicitly: a number that says nothing of leading zeros is one that lost them

CREATE FUNCTION duns(int) RETURNS duns
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'duns_of_int';
CREATE FUNCTION duns(bigint) RETURNS duns
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'duns_of_bigint';
COMMENT ON FUNCTION duns(int) IS 'The D-U-N-S number whose digits are those of an integer, with leading zeros; implements the cast.';
COMMENT ON FUNCTION duns(bigint) IS 'The D-U-N-S number whose digits are those of an integer, with leading zeros; implements the cast.';

CREATE CAST (int AS duns) WITH FUNCTION duns(int);
COMMENT ON CAST (int AS duns) IS 'the D-U-N-S number whose digits are those of an integer, with leading zeros';
CREATE CAST (bigint AS duns) WITH FUNCTION duns(bigint);
COMMENT ON CAST (bigint AS duns) IS 'the D-U-N-S number whose digits are those of an integer, with leading zeros';

-- comparison: a duns is an int4, so core's functions serve

CREATE FUNCTION duns_eq(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4eq';
CREATE FUNCTION duns_ne(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4ne';
CREATE FUNCTION duns_lt(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4lt';
CREATE FUNCTION duns_le(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4le';
CREATE FUNCTION duns_gt(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4gt';
CREATE FUNCTION duns_ge(duns, duns) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'int4ge';
CREATE FUNCTION duns_cmp(duns, duns) RETURNS int
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'btint4cmp';
CREATE FUNCTION duns_sortsupport(internal) RETURNS void
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'btint4sortsupport';
CREATE FUNCTION duns_hash(duns) RETURNS int
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'hashint4';
CREATE FUNCTION duns_hash_extended(duns, bigint) RETURNS bigint
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1 AS 'hashint4extended';
COMMENT ON FUNCTION duns_eq(duns, duns) IS 'implementation of = operator';
COMMENT ON FUNCTION duns_ne(duns, duns) IS 'implementation of <> operator';
COMMENT ON FUNCTION duns_lt(duns, duns) IS 'implementation of < operator: by the digits';
COMMENT ON FUNCTION duns_le(duns, duns) IS 'implementation of <= operator';
COMMENT ON FUNCTION duns_gt(duns, duns) IS 'implementation of > operator';
COMMENT ON FUNCTION duns_ge(duns, duns) IS 'implementation of >= operator';
COMMENT ON FUNCTION duns_cmp(duns, duns) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION duns_sortsupport(internal) IS 'sort support for btree';
COMMENT ON FUNCTION duns_hash(duns) IS 'hash';
COMMENT ON FUNCTION duns_hash_extended(duns, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = duns, RIGHTARG = duns, FUNCTION = duns_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (duns, duns) IS 'equal';
COMMENT ON OPERATOR <> (duns, duns) IS 'not equal';
COMMENT ON OPERATOR < (duns, duns) IS 'less than, by the digits';
COMMENT ON OPERATOR <= (duns, duns) IS 'less than or equal, by the digits';
COMMENT ON OPERATOR > (duns, duns) IS 'greater than, by the digits';
COMMENT ON OPERATOR >= (duns, duns) IS 'greater than or equal, by the digits';

CREATE OPERATOR FAMILY duns_ops USING btree;
CREATE OPERATOR CLASS duns_ops DEFAULT FOR TYPE duns USING btree FAMILY duns_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 duns_cmp(duns, duns),
	FUNCTION 2 duns_sortsupport(internal),
	-- equal numbers have equal bytes, so an index keeps each of them once
	FUNCTION 4 pg_catalog.btequalimage(oid);
CREATE OPERATOR FAMILY duns_ops USING hash;
CREATE OPERATOR CLASS duns_ops DEFAULT FOR TYPE duns USING hash FAMILY duns_ops AS
	OPERATOR 1 =,
	FUNCTION 1 duns_hash(duns),
	FUNCTION 2 duns_hash_extended(duns, bigint);
COMMENT ON OPERATOR FAMILY duns_ops USING btree IS 'sorting D-U-N-S numbers by their digits';
COMMENT ON OPERATOR CLASS duns_ops USING btree IS 'sorting D-U-N-S numbers by their digits';
COMMENT ON OPERATOR FAMILY duns_ops USING hash IS 'hashing D-U-N-S numbers';
COMMENT ON OPERATOR CLASS duns_ops USING hash IS 'hashing D-U-N-S numbers';
