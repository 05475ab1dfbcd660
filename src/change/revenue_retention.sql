-- what became of the revenue of last period's customers

CREATE TYPE revenue_retention_figures AS (
	revenue_before numeric,
	expansion numeric,
	contraction numeric,
	churn numeric,
	revenue_after numeric,
	revenue_new numeric,
	net_retention numeric,
	gross_retention numeric,
	customers_before bigint,
	customers_kept bigint,
	customers_new bigint,
	logo_retention numeric
);
COMMENT ON TYPE revenue_retention_figures IS
	'Revenue retention between two periods. Of the customers before: revenue_before + expansion - contraction - churn = revenue_after; revenue_new is of the others. Net retention is revenue_after over revenue_before; gross retention the same without expansion; logo retention customers_kept over customers_before. NULL where nobody was a customer before.';

CREATE FUNCTION revenue_retention_accum(internal, numeric, numeric) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME';
CREATE FUNCTION revenue_retention_final(internal) RETURNS revenue_retention_figures
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION revenue_retention_accum(internal, numeric, numeric) IS 'aggregate transition function: adds the revenue of a customer';
COMMENT ON FUNCTION revenue_retention_final(internal) IS 'aggregate final function of revenue_retention';

CREATE AGGREGATE revenue_retention(revenue_before numeric, revenue_after numeric) (
	SFUNC = revenue_retention_accum,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = revenue_retention_final,
	COMBINEFUNC = tally_combine,
	SERIALFUNC = tally_serialize,
	DESERIALFUNC = tally_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE revenue_retention(numeric, numeric) IS
	'Net and gross revenue retention from one row for each customer with the revenue of two periods. Who has positive revenue in a period is a customer then; NULL is 0. What customers before bring more is expansion, less is contraction, and all they brought is churn when they are no customers after; who is one only after is new, also when coming back. Rows of customers in neither are left out; NULL if there are no others.';
