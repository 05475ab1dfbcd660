-- allocation: cost pools divided among customers, exactly

CREATE FUNCTION allocate(pool numeric, driver numeric, tie_key anyelement, scale int DEFAULT 2) RETURNS numeric
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION allocate(numeric, numeric, anyelement, int) IS
	'The row''s part of a pool, in proportion to its driver, by largest remainder: the parts of a partition add up to the pool exactly. Spare units go to the largest remainders, among equal ones to the lowest tie_key. Driver zero: zero. Driver NULL: NULL, no part. All parts are NULL if no driver is above zero or the pool is NULL.';

CREATE FUNCTION allocate_time(cost numeric, minutes numeric, practical_capacity numeric, tie_key anyelement, scale int DEFAULT 2) RETURNS numeric
	LANGUAGE C WINDOW IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION allocate_time(numeric, numeric, numeric, anyelement, int) IS
	'The cost of the row''s minutes at the rate cost / practical_capacity, exactly: the parts of a partition add up to cost_used of capacity_statement, and the cost of unused capacity is charged to nobody. If the minutes exceed the capacity, the whole cost in proportion to them. Minutes NULL: NULL, no part. All parts are NULL if cost or capacity is NULL.';

CREATE TYPE capacity_statement AS (
	cost numeric,
	practical_capacity numeric,
	used numeric,
	unused numeric,
	utilization numeric,
	rate numeric,
	cost_used numeric,
	cost_unused numeric
);
COMMENT ON TYPE capacity_statement IS
	'What a department costs and can do, how much of it was used, and what the used and the unused part cost: cost_used + cost_unused = cost. Utilization is above 1 where more was used than there is; unused is then 0.';

CREATE FUNCTION capacity_statement(cost numeric, minutes numeric, practical_capacity numeric, scale int DEFAULT 2) RETURNS capacity_statement
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION capacity_statement(numeric, numeric, numeric, int) IS
	'The statement of a department''s capacity, from its cost, all minutes used, and its practical capacity in minutes. cost_used is cost * minutes / practical_capacity, rounded to so many decimals, and at most the cost: what allocate_time charges to customers.';

CREATE TYPE allocation_summary AS (
	pool numeric,
	customers numeric,
	unassigned numeric,
	unallocated numeric
);
COMMENT ON TYPE allocation_summary IS
	'Where a pool went: to customers, to rows without a customer, to nobody. customers + unassigned + unallocated = pool.';

CREATE FUNCTION allocation_summary_accum(internal, numeric, numeric, "any") RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
CREATE FUNCTION allocation_summary_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION allocation_summary_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION allocation_summary_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
CREATE FUNCTION allocation_summary_final(internal) RETURNS allocation_summary
	LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION allocation_summary_accum(internal, numeric, numeric, "any") IS 'aggregate transition function: adds up parts with and without a customer';
COMMENT ON FUNCTION allocation_summary_combine(internal, internal) IS 'aggregate combine function: joins two sums of parts of one pool';
COMMENT ON FUNCTION allocation_summary_serialize(internal) IS 'aggregate serial function: sums of parts for another worker';
COMMENT ON FUNCTION allocation_summary_deserialize(bytea, internal) IS 'aggregate deserial function: sums of parts from another worker';
COMMENT ON FUNCTION allocation_summary_final(internal) IS 'aggregate final function of allocation_summary';

CREATE AGGREGATE allocation_summary(pool numeric, part numeric, customer "any") (
	SFUNC = allocation_summary_accum,
	STYPE = internal,
	SSPACE = 128,
	FINALFUNC = allocation_summary_final,
	COMBINEFUNC = allocation_summary_combine,
	SERIALFUNC = allocation_summary_serialize,
	DESERIALFUNC = allocation_summary_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE allocation_summary(numeric, numeric, "any") IS
	'Where a pool went: the parts of rows with a customer, of rows whose customer is NULL (unassigned), and what no row got (unallocated). The pool is one for all rows. NULL for no rows.';
