-- ledgers from ledgers

CREATE FUNCTION ledger_plus(ledger, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_minus(ledger, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_negative(ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_times_range(ledger, daterange) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE FUNCTION range_times_ledger(daterange, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
CREATE FUNCTION ledger_times_numeric(ledger, numeric) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
CREATE FUNCTION numeric_times_ledger(numeric, ledger) RETURNS ledger
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION ledger_plus(ledger, ledger) IS 'implementation of + operator';
COMMENT ON FUNCTION ledger_minus(ledger, ledger) IS 'implementation of - operator';
COMMENT ON FUNCTION ledger_negative(ledger) IS 'implementation of - operator';
COMMENT ON FUNCTION ledger_times_range(ledger, daterange) IS 'implementation of * operator: the part within a range of days';
COMMENT ON FUNCTION range_times_ledger(daterange, ledger) IS 'implementation of * operator: the part within a range of days';
COMMENT ON FUNCTION ledger_times_numeric(ledger, numeric) IS 'implementation of * operator: a share, amounts rounded to 6 decimals and purchases to whole ones';
COMMENT ON FUNCTION numeric_times_ledger(numeric, ledger) IS 'implementation of * operator: a share, amounts rounded to 6 decimals and purchases to whole ones';

CREATE OPERATOR + (LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_plus, COMMUTATOR = +);
CREATE OPERATOR - (LEFTARG = ledger, RIGHTARG = ledger, FUNCTION = ledger_minus);
CREATE OPERATOR - (RIGHTARG = ledger, FUNCTION = ledger_negative);
CREATE OPERATOR * (LEFTARG = ledger, RIGHTARG = daterange, FUNCTION = ledger_times_range, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = daterange, RIGHTARG = ledger, FUNCTION = range_times_ledger, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = ledger, RIGHTARG = numeric, FUNCTION = ledger_times_numeric, COMMUTATOR = *);
CREATE OPERATOR * (LEFTARG = numeric, RIGHTARG = ledger, FUNCTION = numeric_times_ledger, COMMUTATOR = *);
COMMENT ON OPERATOR + (ledger, ledger) IS 'sum of two ledgers of one currency';
COMMENT ON OPERATOR - (ledger, ledger) IS 'difference of two ledgers of one currency';
COMMENT ON OPERATOR - (NONE, ledger) IS 'negative: every amount and purchase count with its sign changed';
COMMENT ON OPERATOR * (ledger, daterange) IS 'the part of a ledger within a range of days';
COMMENT ON OPERATOR * (daterange, ledger) IS 'the part of a ledger within a range of days';
COMMENT ON OPERATOR * (ledger, numeric) IS 'a share of a ledger: amounts rounded to 6 decimals, half away from zero, purchases to whole ones';
COMMENT ON OPERATOR * (numeric, ledger) IS 'a share of a ledger: amounts rounded to 6 decimals, half away from zero, purchases to whole ones';

CREATE FUNCTION split(ledger, weights numeric[], decimals int DEFAULT 2) RETURNS ledger[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'ledger_split';
COMMENT ON FUNCTION split(ledger, numeric[], int) IS
	'Shares of a ledger in proportion to the weights, by largest remainder: they add up to it exactly. Purchases go to the largest share.';

CREATE FUNCTION periods(ledger, unit text, OUT period daterange, OUT ledger ledger) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 12
	AS 'MODULE_PATHNAME', 'ledger_periods_unit';
COMMENT ON FUNCTION periods(ledger, text) IS
	'The parts of a ledger by day, week (from Monday), month, quarter or year; periods without an entry are left out.';

CREATE FUNCTION periods(ledger, bounds date[], OUT period daterange, OUT ledger ledger) RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 12
	AS 'MODULE_PATHNAME', 'ledger_periods_bounds';
COMMENT ON FUNCTION periods(ledger, date[]) IS
	'The parts of a ledger from each bound to the day before the next, for fiscal calendars; every period is a row, also an empty one.';
