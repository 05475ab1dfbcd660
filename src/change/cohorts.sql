-- cohorts by first purchase, period by period

CREATE TYPE cohort_cell AS (
	cohort date,
	age int,
	customers bigint,
	active bigint,
	retention numeric,
	revenue numeric,
	revenue_share numeric,
	profit numeric
);
COMMENT ON TYPE cohort_cell IS
	'A cohort, named by the first day of the period of the first purchase, so many periods later: its customers, how many of them bought then and which share that is, their revenue, that as a share of the revenue at age 0 (NULL unless that is positive), and their profit.';

CREATE FUNCTION cohorts_accum(internal, ledger, text, date) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
CREATE FUNCTION cohorts_final(internal) RETURNS cohort_cell[]
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION cohorts_accum(internal, ledger, text, date) IS 'aggregate transition function: adds a customer to the cells of their cohort';
COMMENT ON FUNCTION cohorts_final(internal) IS 'aggregate final function of cohorts';

CREATE AGGREGATE cohorts(ledger, unit text, as_of date) (
	SFUNC = cohorts_accum,
	STYPE = internal,
	SSPACE = 65536,
	FINALFUNC = cohorts_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE cohorts(ledger, text, date) IS
	'The cohort triangle of one ledger for each customer, by cohort and age in days, weeks (from Monday), months, quarters or years: every period that was over at the end of the day as_of, also where nobody bought. What is booked before the first purchase counts at age 0. Ledgers without a purchase in these periods are left out; NULL for no others.';
