-- total(ledger): the sum of ledgers

CREATE FUNCTION ledger_accum(ledger, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_accum(ledger, ledger) IS 'aggregate transition and combine function of total';

-- A window counts its rows itself where these are strict, which makes an
-- emptied frame NULL again.
CREATE FUNCTION ledger_accum_moving(ledger, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'ledger_accum';
COMMENT ON FUNCTION ledger_accum_moving(ledger, ledger) IS 'aggregate transition function of total in moving windows';

CREATE FUNCTION ledger_accum_inv(ledger, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_accum_inv(ledger, ledger) IS 'inverse transition function of total in moving windows';

CREATE FUNCTION ledger_total_final(ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_total_final(ledger) IS 'aggregate final function of total';

CREATE AGGREGATE total(ledger) (
	SFUNC = ledger_accum,
	STYPE = ledger,
	SSPACE = 256,
	FINALFUNC = ledger_total_final,
	COMBINEFUNC = ledger_accum,
	MSFUNC = ledger_accum_moving,
	MINVFUNC = ledger_accum_inv,
	MSTYPE = ledger,
	MSSPACE = 256,
	MFINALFUNC = ledger_total_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE total(ledger) IS
	'The sum of ledgers, exact and independent of row order and plan; NULL for no rows.';
