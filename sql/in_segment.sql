-- in_segment: a predicate that the planner sees through; distance to the next segment.
SET search_path = public, customer_value;

CREATE TABLE customer (id int, profit numeric, score float8);
INSERT INTO customer SELECT i, (i * 7919 % 10007)::numeric / 10 - 200, (i * 7919 % 10007)::float8 / 10 - 200 FROM generate_series(1, 10000) i;
INSERT INTO customer VALUES (0, NULL, NULL);
CREATE INDEX customer_profit ON customer (profit);
CREATE INDEX customer_score ON customer ((score * 2));
VACUUM ANALYZE customer;

-- what the planner makes of a query: conditions on indexes, and calls that are left
CREATE FUNCTION conditions_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
CREATE FUNCTION conditions(predicate text) RETURNS TABLE (condition text) LANGUAGE sql AS $$
	SELECT trim(line) FROM conditions_of('SELECT id FROM customer WHERE ' || predicate) line
	WHERE line ~ 'Index Cond:|in_segment\('
$$;

-- with constants there are comparisons in its place, and an index serves them
SET enable_seqscan = off;
SELECT * FROM conditions($$ in_segment(profit, '{"cuts": [790, 780, 0]}', 1) $$);
SELECT * FROM conditions($$ in_segment(profit, '{"cuts": [790, 780, 0]}', 2) AND id > 0 $$);
SELECT * FROM conditions($$ in_segment(profit, '{"cuts": [790, 780, -195]}', 4) $$);
SELECT * FROM conditions($$ in_segment(score * 2, '{"cuts": [1590, 1580, 0]}', 2) $$);
SELECT * FROM conditions($$ NOT in_segment(profit, fixed_breaks('{790, -195}', '{top,mid,low}'), 2) $$);
-- one segment has all that is not null
SELECT * FROM conditions($$ in_segment(profit, '{"cuts": []}', 1) $$);
-- not for what may change from call to call, would run a subquery twice, or is no constant
SELECT * FROM conditions($$ in_segment(random(), '{"cuts": [0.5, 0.1]}', 2) $$);
SELECT count(*) AS left_alone FROM conditions($$ in_segment((SELECT max(profit) FROM customer), '{"cuts": [0.5, 0.1]}', 2) $$) WHERE condition LIKE '%in_segment(%';
SELECT * FROM conditions($$ in_segment(profit, '{"cuts": [0.5]}', id) $$);
-- a constant value is the answer
SELECT count(*) AS left_alone FROM conditions($$ in_segment(3::numeric, '{"cuts": [5]}', 1) $$);
RESET enable_seqscan;

-- the planner knows how many rows there will be, from the statistics of the column and the expression
CREATE FUNCTION estimate_is_near(predicate text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	rows numeric;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT id FROM customer WHERE ' || predicate INTO plan;
	EXECUTE 'SELECT count(*) FROM customer WHERE ' || predicate INTO rows;
	RETURN abs((plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric - rows) <= 0.02 * 10000 AND rows > 0;
END $$;
SELECT n, estimate_is_near(format('in_segment(profit, ''{"cuts": [700, 500, 0]}'', %s)', n)) AS of_column,
	estimate_is_near(format('in_segment(score * 2, ''{"cuts": [1400, 1000, 0]}'', %s)', n)) AS of_expression
FROM generate_series(1, 4) n;

-- prepared: with the values of the parameters, or once for all
SET enable_seqscan = off;
PREPARE of_segment(segmentation, int) AS SELECT count(*), min(profit), max(profit) FROM customer WHERE in_segment(profit, $1, $2);
SET plan_cache_mode = force_custom_plan;
SELECT trim(line) AS condition FROM conditions_of($$ EXECUTE of_segment('{"cuts": [790, 780, 0]}', 2) $$) line WHERE line ~ 'Index Cond:|in_segment\(';
EXECUTE of_segment('{"cuts": [790, 780, 0]}', 2);
SET plan_cache_mode = force_generic_plan;
SELECT trim(line) AS condition FROM conditions_of($$ EXECUTE of_segment('{"cuts": [790, 780, 0]}', 2) $$) line WHERE line ~ 'Index Cond:|in_segment\(';
EXECUTE of_segment('{"cuts": [790, 780, 0]}', 2);
EXECUTE of_segment('{"cuts": [5]}', 2);
EXECUTE of_segment(NULL, 2);
RESET plan_cache_mode;
DEALLOCATE of_segment;

-- segment(s, value) = n is served by an index on the expression
CREATE INDEX customer_segment ON customer (segment('{"cuts": [700, 500, 0]}', profit));
SELECT * FROM conditions($$ segment('{"cuts": [700, 500, 0]}', profit) = 1 $$);
-- a partial index, partitions
CREATE INDEX customer_best ON customer (id) WHERE in_segment(profit, '{"cuts": [700, 500, 0]}', 1);
DROP INDEX customer_profit;
SELECT line LIKE '%customer_best%' AS served FROM conditions_of($$ SELECT id FROM customer WHERE in_segment(profit, '{"cuts": [700, 500, 0]}', 1) ORDER BY id $$) line LIMIT 1;
RESET enable_seqscan;
CREATE TABLE parted (profit numeric) PARTITION BY RANGE (profit);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (MINVALUE) TO (0);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (0) TO (MAXVALUE);
SELECT string_agg(DISTINCT substring(line FROM 'parted_\w+'), ' ') AS partitions FROM conditions_of($$ SELECT * FROM parted WHERE in_segment(profit, '{"cuts": [700, 0]}', 3) $$) line;

-- simplified or not, and segment(): the same for every value, each in one segment
CREATE TABLE probe AS
SELECT v FROM (VALUES (0::numeric), (0.1), (0.30000000000000001), (0.3), (-0.1), (1e20), (1e-20), (-1e-20), (12345678901234567890.5), (5000), (4999.999999999999999999),
	(NULL), ('NaN'), ('Infinity'), ('-Infinity'), (1e300), (-1e300)) t(v)
UNION ALL SELECT (i * 10.0 ^ -e)::numeric FROM generate_series(-5, 5) i, generate_series(-3, 17, 2) e;
CREATE TABLE real_probe AS
SELECT v::float8 AS v FROM probe UNION ALL SELECT 0.1::float8 + 0.2 UNION ALL SELECT 1e-320 UNION ALL SELECT '-0';
CREATE FUNCTION disagree(s text) RETURNS TABLE (numeric_wrong bigint, float8_wrong bigint, not_in_one bigint) LANGUAGE plpgsql AS $$
DECLARE
	k int := cardinality(breaks(s::segmentation)) + 1;
	wrong bigint;
BEGIN
	numeric_wrong := 0;
	float8_wrong := 0;
	not_in_one := 0;
	FOR n IN 1 .. k LOOP
		-- a parameter that is no constant: the function itself
		EXECUTE format('SELECT count(*) FROM probe, (SELECT %1$L::segmentation AS s OFFSET 0) q
			WHERE in_segment(v, %1$L, %2$s) IS DISTINCT FROM in_segment(v, s, %2$s)
				OR v NOT IN (''NaN'', ''Infinity'', ''-Infinity'') AND in_segment(v, s, %2$s) <> (segment(s, v) = %2$s)', s, n) INTO wrong;
		numeric_wrong := numeric_wrong + wrong;
		EXECUTE format('SELECT count(*) FROM real_probe, (SELECT %1$L::segmentation AS s OFFSET 0) q
			WHERE in_segment(v, %1$L, %2$s) IS DISTINCT FROM in_segment(v, s, %2$s)
				OR abs(v) < 1e100 AND in_segment(v, s, %2$s) <> (segment(s, v) = %2$s)', s, n) INTO wrong;
		float8_wrong := float8_wrong + wrong;
	END LOOP;
	SELECT count(*) INTO not_in_one FROM (SELECT v FROM probe UNION ALL SELECT v::numeric FROM real_probe) p
	WHERE v IS NOT NULL AND (SELECT count(*) FROM generate_series(1, k) n WHERE in_segment(v, s::segmentation, n)) <> 1;
	RETURN NEXT;
END $$;
SELECT s, (disagree(s)).* FROM (VALUES ('{"cuts": [5000, 0.3, 0]}'), ('{"cuts": []}'), ('{"cuts": [0.30000000000000004, 0.3, 0.1]}'),
	('{"cuts": [1e350, 1e20, 1e-20, -1e-20, -1e350]}'), ('{"method": "share_breaks", "cuts": [5000, 0.1, 0.1, 0]}'),
	('{"cuts": [0.3000000000000000000002, 0.3000000000000000000001]}')) v(s);
SELECT in_segment('NaN'::numeric, '{"cuts": [0]}', 1) AS nan, in_segment('NaN'::float8, '{"cuts": [0]}', 1) AS real_nan,
	in_segment('-Infinity'::numeric, '{"cuts": [0]}', 2) AS lowest, in_segment(NULL::numeric, '{"cuts": []}', 1) IS NULL AS no_value,
	in_segment(1, '{"cuts": []}', NULL) IS NULL AS no_number, in_segment(1, NULL, 1) IS NULL AS no_scheme;

-- how much more to the next better segment
SELECT v, segment(s, v), distance_to_next(s, v), distance_to_next(s, v::float8) AS real
FROM (VALUES (7000.5), (5000), (4999.99), (0), (-0.01), (-1234567890123.123456)) t(v), (VALUES ('{"cuts": [5000, 1000, 0]}'::segmentation)) u(s);
-- adding it lifts, adding less does not
SELECT count(*) AS customers, bool_and(segment(s, profit + d) < segment(s, profit)) AS lifted,
	bool_and(segment(s, profit + d - 0.0001) = segment(s, profit)) AS not_before, bool_and(d > 0) AS positive
FROM (SELECT profit, s, distance_to_next(s, profit) AS d FROM customer, (SELECT value_segments(profit, 6) AS s FROM customer) q) q WHERE d IS NOT NULL;
SELECT count(*) AS in_segment_1 FROM customer, (SELECT value_segments(profit, 6) AS s FROM customer) q
WHERE distance_to_next(s, profit) IS NULL AND profit IS NOT NULL AND segment(s, profit) = 1;
-- an empty class is passed over
SELECT distance_to_next('{"method": "share_breaks", "cuts": [5, 5, 1]}', v) FROM (VALUES (5), (4), (1), (0.5)) t(v);

-- errors
\set VERBOSITY default
SELECT id FROM customer WHERE in_segment(profit, '{"cuts": [0]}', 3);
\set VERBOSITY terse
SELECT in_segment(1, '{"cuts": [0]}', 0);
SELECT count(*) FROM customer WHERE in_segment(profit, value_grid('{"cuts": [0]}', '{"cuts": [0]}'), 1);
SELECT distance_to_next(value_grid('{"cuts": [0]}', '{"cuts": [0]}'), 1::float8);
SELECT distance_to_next('{"cuts": [0]}', 'NaN'::numeric);
SELECT distance_to_next('{"cuts": [0]}', 'Infinity'::float8);
SELECT distance_to_next('{"cuts": [1e350]}', 1::float8);

DROP TABLE customer, parted, probe, real_probe;
DROP FUNCTION estimate_is_near, disagree, conditions, conditions_of;
