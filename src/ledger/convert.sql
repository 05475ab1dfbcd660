-- convert(ledger, currency, rates): another currency, at each day's rate

CREATE FUNCTION convert(ledger, currency text, rates jsonb, decimals int DEFAULT 2) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'ledger_convert';
COMMENT ON FUNCTION convert(ledger, text, jsonb, int) IS
	'The ledger in another currency: each amount of each day at that day''s rate of its own currency, rounded to so many decimals, half away from zero; purchases stay. Rates as exchange_rates() makes them: units of the target currency for one unit of the ledger''s. A missing rate is an error.';

CREATE FUNCTION exchange_rates_accum(internal, text, date, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exchange_rates_accum(internal, text, date, numeric) IS 'aggregate transition function of exchange_rates';
CREATE FUNCTION exchange_rates_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exchange_rates_combine(internal, internal) IS 'aggregate combine function of exchange_rates';
CREATE FUNCTION exchange_rates_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exchange_rates_serialize(internal) IS 'aggregate serialization function of exchange_rates';
CREATE FUNCTION exchange_rates_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exchange_rates_deserialize(bytea, internal) IS 'aggregate deserialization function of exchange_rates';
CREATE FUNCTION exchange_rates_final(internal) RETURNS jsonb
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION exchange_rates_final(internal) IS 'aggregate final function of exchange_rates';

CREATE AGGREGATE exchange_rates(currency text, day date, rate numeric) (
	SFUNC = exchange_rates_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = exchange_rates_final,
	COMBINEFUNC = exchange_rates_combine,
	SERIALFUNC = exchange_rates_serialize,
	DESERIALFUNC = exchange_rates_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE exchange_rates(text, date, numeric) IS
	'Rates for convert() from rows of a currency, a day and the value of one unit of it: an object of currencies, each an object of days. Rows with a NULL rate are left out; two different rates of one currency and day are an error. No rates make an empty object.';
