-- What became of the revenue of last period's customers.
SET search_path = public, customer_value;
\pset null (null)

CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 7) & 1073741823) / 1073741824.0
$$;

-- by hand: 1000.00 became 800.00 of the same customers, and 250.00 are new
CREATE TABLE accounts (name text, before numeric, after numeric);
INSERT INTO accounts VALUES ('more', 300, 450), ('less', 400, 350), ('gone', 250, NULL), ('gone, too', 50, 0), ('new', NULL, 200), ('back', 0, 50), ('never', NULL, NULL);
\x
SELECT (revenue_retention(before, after)).* FROM accounts;
-- a refund is no customer: what is paid back is lost, too, and who only had refunds before is new
SELECT (revenue_retention(before, after)).* FROM (VALUES (100, -20), (-30, 10), (-5, -5), (60, 60)) t(before, after);
\x
SELECT revenue_retention(before, after) AS only_new FROM accounts WHERE before > 0 IS NOT TRUE;
SELECT revenue_retention(before, after) AS all_gone FROM accounts WHERE after > 0 IS NOT TRUE;
SELECT revenue_retention(before, after) AS nobody FROM accounts WHERE name = 'never';
SELECT revenue_retention(before, after) AS no_rows FROM accounts WHERE false;

-- random customers in cohorts, against plain SQL
CREATE TABLE customers AS
SELECT i, i % 5 AS cohort, CASE WHEN noise(i, 1) < 0.8 THEN round((noise(i, 2) * 100 - 5)::numeric, 2) END AS before,
	CASE WHEN noise(i, 3) < 0.7 THEN round((noise(i, 4) * 110 - 5)::numeric, i % 5) END AS after FROM generate_series(1, 4000) i;
SELECT count(*) AS cohorts, bool_and(r = (b, expansion, contraction, churn, a, new, a / b, (b - contraction - churn) / b, n, kept, n_new, kept::numeric / n)::revenue_retention_figures) AS same,
	bool_and((r).revenue_before + (r).expansion - (r).contraction - (r).churn = (r).revenue_after AND (r).gross_retention <= least(1, (r).net_retention)) AS laws
FROM (SELECT cohort, revenue_retention(before, after) AS r FROM customers GROUP BY 1) t
JOIN (SELECT cohort, sum(before) FILTER (WHERE before > 0) AS b, sum(coalesce(after, 0)) FILTER (WHERE before > 0) AS a,
	sum(after - before) FILTER (WHERE before > 0 AND after > before) AS expansion, sum(before - after) FILTER (WHERE before > after AND after > 0) AS contraction,
	sum(before - coalesce(after, 0)) FILTER (WHERE before > 0 AND coalesce(after, 0) <= 0) AS churn, sum(after) FILTER (WHERE after > 0 AND coalesce(before, 0) <= 0) AS new,
	count(*) FILTER (WHERE before > 0) AS n, count(*) FILTER (WHERE before > 0 AND after > 0) AS kept, count(*) FILTER (WHERE after > 0 AND coalesce(before, 0) <= 0) AS n_new
	FROM customers GROUP BY 1) e USING (cohort);

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, r revenue_retention_figures);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', revenue_retention(before, after) FROM customers;
INSERT INTO results SELECT 'sorted', revenue_retention(before, after ORDER BY after) FROM customers;
INSERT INTO results SELECT 'growing', r FROM (SELECT i, revenue_retention(before, after) OVER (ORDER BY i / 2000) AS r FROM customers) t WHERE i = 4000;
ANALYZE customers;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT revenue_retention(before, after) FROM customers;
INSERT INTO results SELECT 'parallel', revenue_retention(before, after) FROM customers;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT record_send(r)) AS figures FROM results;

-- errors
SELECT revenue_retention(1, 'Infinity');
SELECT revenue_retention(1.0000001, 1);

DROP TABLE accounts, customers, results;
DROP FUNCTION noise;
