-- certificate: what a set of ledgers adds up to

CREATE TYPE certificate;

CREATE FUNCTION certificate_in(cstring) RETURNS certificate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_in(cstring) IS 'I/O: reads the JSON text form of a certificate';

CREATE FUNCTION certificate_out(certificate) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_out(certificate) IS 'I/O: writes the JSON text form of a certificate';

CREATE FUNCTION certificate_recv(internal) RETURNS certificate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_recv(internal) IS 'I/O: reads and checks the binary form of a certificate';

CREATE FUNCTION certificate_send(certificate) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'canonical_send';
COMMENT ON FUNCTION certificate_send(certificate) IS 'I/O: writes the binary form of a certificate; equal certificates give equal bytes';

CREATE TYPE certificate (
	INPUT = certificate_in,
	OUTPUT = certificate_out,
	RECEIVE = certificate_recv,
	SEND = certificate_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = int4,
	-- already compact: compressing it again costs time and saves little
	STORAGE = external
);
COMMENT ON TYPE certificate IS
	'What a set of ledgers adds up to: their number, an order-independent checksum, and totals by currency, period and account.';

-- JSON

CREATE FUNCTION certificate_to_json(certificate) RETURNS json
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_to_json(certificate) IS 'The text form of a certificate as json; implements the cast.';

CREATE FUNCTION certificate_to_jsonb(certificate) RETURNS jsonb
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_to_jsonb(certificate) IS 'The text form of a certificate as jsonb; implements the cast.';

CREATE FUNCTION certificate_from_jsonb(jsonb) RETURNS certificate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_from_jsonb(jsonb) IS 'A certificate from jsonb of its text form; implements the cast.';

CREATE CAST (certificate AS json) WITH FUNCTION certificate_to_json(certificate);
COMMENT ON CAST (certificate AS json) IS 'the text form of a certificate as json';
CREATE CAST (certificate AS jsonb) WITH FUNCTION certificate_to_jsonb(certificate);
COMMENT ON CAST (certificate AS jsonb) IS 'the text form of a certificate as jsonb';
CREATE CAST (jsonb AS certificate) WITH FUNCTION certificate_from_jsonb(jsonb);
COMMENT ON CAST (jsonb AS certificate) IS 'a certificate from jsonb of its text form';

-- comparison

CREATE FUNCTION certificate_eq(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_eq';
CREATE FUNCTION certificate_ne(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ne';
CREATE FUNCTION certificate_lt(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_lt';
CREATE FUNCTION certificate_le(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_le';
CREATE FUNCTION certificate_gt(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_gt';
CREATE FUNCTION certificate_ge(certificate, certificate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_ge';
CREATE FUNCTION certificate_cmp(certificate, certificate) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_cmp';
CREATE FUNCTION certificate_hash(certificate) RETURNS int
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash';
CREATE FUNCTION certificate_hash_extended(certificate, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'canonical_hash_extended';
COMMENT ON FUNCTION certificate_eq(certificate, certificate) IS 'implementation of = operator: the same checksum, counts and totals';
COMMENT ON FUNCTION certificate_ne(certificate, certificate) IS 'implementation of <> operator';
COMMENT ON FUNCTION certificate_lt(certificate, certificate) IS 'implementation of < operator: an arbitrary but fixed order';
COMMENT ON FUNCTION certificate_le(certificate, certificate) IS 'implementation of <= operator';
COMMENT ON FUNCTION certificate_gt(certificate, certificate) IS 'implementation of > operator';
COMMENT ON FUNCTION certificate_ge(certificate, certificate) IS 'implementation of >= operator';
COMMENT ON FUNCTION certificate_cmp(certificate, certificate) IS 'less-equal-greater comparison for btree';
COMMENT ON FUNCTION certificate_hash(certificate) IS 'hash';
COMMENT ON FUNCTION certificate_hash_extended(certificate, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel,
	HASHES, MERGES
);
CREATE OPERATOR <> (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR < (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
CREATE OPERATOR <= (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
CREATE OPERATOR > (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
CREATE OPERATOR >= (
	LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR = (certificate, certificate) IS 'equal: the same checksum, counts and totals';
COMMENT ON OPERATOR <> (certificate, certificate) IS 'not equal';
COMMENT ON OPERATOR < (certificate, certificate) IS 'less than, in an arbitrary but fixed order for sorting';
COMMENT ON OPERATOR <= (certificate, certificate) IS 'less than or equal, in that order';
COMMENT ON OPERATOR > (certificate, certificate) IS 'greater than, in that order';
COMMENT ON OPERATOR >= (certificate, certificate) IS 'greater than or equal, in that order';

CREATE OPERATOR FAMILY certificate_ops USING btree;
CREATE OPERATOR CLASS certificate_ops DEFAULT FOR TYPE certificate USING btree FAMILY certificate_ops AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 certificate_cmp(certificate, certificate);
CREATE OPERATOR FAMILY certificate_ops USING hash;
CREATE OPERATOR CLASS certificate_ops DEFAULT FOR TYPE certificate USING hash FAMILY certificate_ops AS
	OPERATOR 1 =,
	FUNCTION 1 certificate_hash(certificate),
	FUNCTION 2 certificate_hash_extended(certificate, bigint);
COMMENT ON OPERATOR FAMILY certificate_ops USING btree IS 'sorting values of type certificate, in an arbitrary but fixed order';
COMMENT ON OPERATOR CLASS certificate_ops USING btree IS 'sorting values of type certificate, in an arbitrary but fixed order';
COMMENT ON OPERATOR FAMILY certificate_ops USING hash IS 'hashing values of type certificate';
COMMENT ON OPERATOR CLASS certificate_ops USING hash IS 'hashing values of type certificate';

-- sums

CREATE FUNCTION certificate_plus(certificate, certificate) RETURNS certificate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_plus(certificate, certificate) IS 'implementation of + operator';

CREATE OPERATOR + (LEFTARG = certificate, RIGHTARG = certificate, FUNCTION = certificate_plus, COMMUTATOR = +);
COMMENT ON OPERATOR + (certificate, certificate) IS 'the certificate of the ledgers of both';

CREATE AGGREGATE total(certificate) (
	SFUNC = certificate_plus,
	STYPE = certificate,
	SSPACE = 1024,
	INITCOND = '{"ledgers": 0}',
	COMBINEFUNC = certificate_plus,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE total(certificate) IS
	'The certificate of all their ledgers together, as if they had been certified at once. NULLs are left out; no certificates make one of no ledgers.';

-- of ledgers

CREATE FUNCTION certificate_accum(internal, bigint, ledger) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_accum_bigint';
COMMENT ON FUNCTION certificate_accum(internal, bigint, ledger) IS 'aggregate transition function of certificate';
CREATE FUNCTION certificate_accum(internal, bigint, ledger, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_accum_bigint';
COMMENT ON FUNCTION certificate_accum(internal, bigint, ledger, text) IS 'aggregate transition function of certificate';
CREATE FUNCTION certificate_accum(internal, text, ledger) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_accum_text';
COMMENT ON FUNCTION certificate_accum(internal, text, ledger) IS 'aggregate transition function of certificate';
CREATE FUNCTION certificate_accum(internal, text, ledger, text) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_accum_text';
COMMENT ON FUNCTION certificate_accum(internal, text, ledger, text) IS 'aggregate transition function of certificate';
CREATE FUNCTION certificate_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_combine(internal, internal) IS 'aggregate combine function of certificate';
CREATE FUNCTION certificate_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_serialize(internal) IS 'aggregate serialization function of certificate';
CREATE FUNCTION certificate_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_deserialize(bytea, internal) IS 'aggregate deserialization function of certificate';
CREATE FUNCTION certificate_final(internal) RETURNS certificate
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION certificate_final(internal) IS 'aggregate final function of certificate';

CREATE AGGREGATE certificate(customer bigint, ledger ledger) (
	SFUNC = certificate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = certificate_final,
	COMBINEFUNC = certificate_combine,
	SERIALFUNC = certificate_serialize,
	DESERIALFUNC = certificate_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE certificate(bigint, ledger) IS
	'What a set of ledgers adds up to: their number, a checksum of them with their customers, and totals by currency, account and month. The same for any row order and plan. A NULL ledger is none, a zero one counts; a NULL customer is one like any other. No ledgers make a certificate of no ledgers.';

CREATE AGGREGATE certificate(customer bigint, ledger ledger, unit text) (
	SFUNC = certificate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = certificate_final,
	COMBINEFUNC = certificate_combine,
	SERIALFUNC = certificate_serialize,
	DESERIALFUNC = certificate_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE certificate(bigint, ledger, text) IS
	'What a set of ledgers adds up to: their number, a checksum of them with their customers, and totals by currency, account and period of the given unit: day, week (from Monday), month, quarter or year. The same for any row order and plan. A NULL ledger is none, a zero one counts; a NULL customer is one like any other. No ledgers make a certificate of no ledgers.';

CREATE AGGREGATE certificate(customer text, ledger ledger) (
	SFUNC = certificate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = certificate_final,
	COMBINEFUNC = certificate_combine,
	SERIALFUNC = certificate_serialize,
	DESERIALFUNC = certificate_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE certificate(text, ledger) IS
	'What a set of ledgers adds up to: their number, a checksum of them with their customers, by their bytes, and totals by currency, account and month. The same for any row order and plan. A NULL ledger is none, a zero one counts; a NULL customer is one like any other. No ledgers make a certificate of no ledgers.';

CREATE AGGREGATE certificate(customer text, ledger ledger, unit text) (
	SFUNC = certificate_accum,
	STYPE = internal,
	SSPACE = 8192,
	FINALFUNC = certificate_final,
	COMBINEFUNC = certificate_combine,
	SERIALFUNC = certificate_serialize,
	DESERIALFUNC = certificate_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE certificate(text, ledger, text) IS
	'What a set of ledgers adds up to: their number, a checksum of them with their customers, by their bytes, and totals by currency, account and period of the given unit: day, week (from Monday), month, quarter or year. The same for any row order and plan. A NULL ledger is none, a zero one counts; a NULL customer is one like any other. No ledgers make a certificate of no ledgers.';

-- reading a certificate

CREATE FUNCTION ledgers(certificate) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_ledgers';
COMMENT ON FUNCTION ledgers(certificate) IS 'How many ledgers were certified: customers, where each has one.';

CREATE FUNCTION checksum(certificate) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_checksum';
COMMENT ON FUNCTION checksum(certificate) IS
	'The checksum of the ledgers and their customers as 64 hexadecimal digits: the sum of their SHA-256 modulo 2^256.';

CREATE FUNCTION unit(certificate) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_unit';
COMMENT ON FUNCTION unit(certificate) IS 'The unit of the periods of the totals; NULL if there are no ledgers.';

CREATE FUNCTION purchases(certificate) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'certificate_purchases';
COMMENT ON FUNCTION purchases(certificate) IS 'The number of purchases of all ledgers.';

CREATE FUNCTION control_totals(
	certificate,
	OUT currency text, OUT period daterange, OUT account ledger_account, OUT amount numeric, OUT purchases bigint
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 50
	AS 'MODULE_PATHNAME', 'certificate_control_totals';
COMMENT ON FUNCTION control_totals(certificate) IS
	'The totals of a certificate as rows, by currency, period and account, without those that are zero. The purchases of a currency and period stand on its first row. Currency is NULL for ledgers without one.';

CREATE FUNCTION differences(
	certificate, certificate,
	OUT figure text, OUT currency text, OUT period daterange, OUT account ledger_account,
	OUT before numeric, OUT after numeric, OUT change numeric
) RETURNS SETOF record
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 ROWS 5
	AS 'MODULE_PATHNAME', 'certificate_differences';
COMMENT ON FUNCTION differences(certificate, certificate) IS
	'What differs between two certificates, the earlier first: a row for the number of ledgers, the checksum (without numbers), and the purchases and each account of each currency and period. No rows: they are the same. NULL is a certificate of no ledgers.';
