-- Who went from which segment to which: the matrix, its margins and rates, and the bridge between two values.
SET search_path = public, customer_value;
\pset null (null)

CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 5) & 1073741823) / 1073741824.0
$$;

-- seven customers, by hand
CREATE TABLE seven (name text, before int, after int, value_before numeric, value_after numeric);
INSERT INTO seven VALUES ('up', 2, 1, 100, 900.10), ('down', 1, 3, 1000, -50.5), ('stayed', 2, 2, 300, 280), ('stayed too', 2, 2, 200, 320),
	('entered', NULL, 2, NULL, 150), ('gone', 3, NULL, -20, NULL), ('never', NULL, NULL, NULL, NULL);
SELECT c.* FROM (SELECT migration(before, after, value_before, value_after) AS m FROM seven) t, unnest(m) c;
SELECT x.* FROM (SELECT migration(before, after, value_before, value_after) AS m FROM seven) t, migration_margins(m) x;
\x
SELECT x.* FROM (SELECT migration(before, after, value_before, value_after) AS m FROM seven) t, migration_rates(m) x;
\x
SELECT x.* FROM (SELECT migration(before, after, value_before, value_after) AS m FROM seven) t, profit_bridge(m) x;
SELECT coalesce(c.before::text, 'new') AS before, coalesce(c.after::text, 'gone') AS after, c.customers
FROM (SELECT migration(before, after, value_before, value_after) AS m FROM seven) t, unnest(m) c ORDER BY c.before, c.after \crosstabview

-- nobody; nobody in either; one side only; values without a segment go with the customer
SELECT migration(before, after, 1, 1) AS no_rows FROM seven WHERE false;
SELECT migration(before, after, 5, 5) AS in_neither FROM seven WHERE name = 'never';
SELECT r.* FROM (SELECT migration(NULL, after, NULL, value_after) AS m FROM seven) t, migration_rates(m) r;
SELECT r.* FROM (SELECT migration(before, NULL, value_before, NULL) AS m FROM seven) t, migration_rates(m) r;
SELECT r.* FROM migration_rates('{}') r;
SELECT b.* FROM profit_bridge('{}') b;
SELECT count(*) FROM migration_margins('{}');
SELECT migration_rates(NULL) IS NULL AS rates, (SELECT count(*) FROM profit_bridge(NULL)) AS steps;
SELECT b.* FROM (SELECT migration(NULL, 1, 3, 10) AS m) t, profit_bridge(m) b WHERE amount <> 0;
-- numbers of segments may be any
SELECT migration(s, -s, 0, 0) FROM unnest('{-2147483648, 0, 2147483647}'::int[]) s WHERE s > -2147483648;
-- the text form comes back, and so does a stored one
CREATE TABLE stored AS SELECT migration(before, after, value_before, value_after) AS m FROM seven;
SELECT m::text::migration_cell[] = m AS same, array_length(m, 1) FROM stored;

-- from ledgers, by the segments of the profit of a year
CREATE TABLE ledgers AS
SELECT i / 12 AS customer_id, total(ledger(date '2022-12-01' + floor(noise(i, 1) * 790)::int,
	revenue => round((noise(i, 2) * 300)::numeric, 2), cogs => round((noise(i, 3) * 250)::numeric, 2))) AS l
FROM generate_series(0, 11999) i WHERE noise(i, 4) < noise(i / 12, 5) * 0.6 GROUP BY 1;
CREATE TABLE periods AS SELECT daterange('2023-01-01', '2024-01-01') AS a, daterange('2024-01-01', NULL) AS b;
CREATE TABLE schemes AS SELECT value_segments(profit(l, a), 5) AS s, quantile_breaks(profit(l, b), 4) AS q FROM ledgers, periods;
-- who has no entry in a year is no customer then
SELECT count(*) AS ledgers, count(profit(l, a)) AS before, count(profit(l, b)) AS after, count(*) FILTER (WHERE l * a = ledger() AND l * b = ledger()) AS neither FROM ledgers, periods;

CREATE TABLE matrix AS SELECT migration(s, profit(l, a), profit(l, b)) AS m FROM ledgers, schemes, periods;
SELECT c.before, c.after, c.customers FROM matrix, unnest(m) c WHERE 1 IN (c.before, c.after) OR c.before IS NULL;
-- the same by segments, and by plain SQL
SELECT m = migration(segment(s, profit(l, a)), segment(s, profit(l, b)), profit(l, a), profit(l, b)) AS by_segments FROM matrix, ledgers, schemes, periods GROUP BY m;
SELECT m = ARRAY(SELECT (before, after, count(*), coalesce(sum(p), 0), coalesce(sum(q), 0))::migration_cell
	FROM (SELECT segment(s, p) AS before, segment(s, q) AS after, p, q FROM (SELECT s FROM schemes) s,
		(SELECT customer_id, sum(CASE account WHEN 'revenue' THEN amount ELSE -amount END) FILTER (WHERE day < '2024-01-01') AS p,
			sum(CASE account WHEN 'revenue' THEN amount ELSE -amount END) FILTER (WHERE day >= '2024-01-01') AS q
		FROM ledgers, entries(l) WHERE day >= '2023-01-01' GROUP BY 1) e) x GROUP BY before, after ORDER BY before, after) AS by_plain_sql FROM matrix;
-- two schemes
SELECT count(*) AS cells, sum(c.customers) AS customers FROM (SELECT migration(segment(s, profit(l, a)), segment(q, profit(l, b)), profit(l, a), profit(l, b)) AS m FROM ledgers, schemes, periods) t, unnest(m) c;
-- margins are the sizes of the segments
SELECT bool_and(x.before = coalesce(b.n, 0) AND x.after = coalesce(f.n, 0) AND x.value_before = coalesce(b.v, 0) AND x.value_after = coalesce(f.v, 0)
	AND x.before + x.entered + x.moved_in - x.moved_out - x.exited = x.after) AS margins, count(*) AS segments
FROM matrix, migration_margins(m) x
LEFT JOIN (SELECT segment(s, profit(l, a)) AS segment, count(*) AS n, sum(profit(l, a)) AS v FROM ledgers, schemes, periods GROUP BY 1) b USING (segment)
LEFT JOIN (SELECT segment(s, profit(l, b)) AS segment, count(*) AS n, sum(profit(l, b)) AS v FROM ledgers, schemes, periods GROUP BY 1) f USING (segment);
-- rates and bridge against the customers
SELECT r.before = n.before AND r.after = n.after AND r.upgraded = n.up AND r.downgraded = n.down AND r.stayed = n.stayed AND r.entered = n.entered AND r.exited = n.exited
	AND r.before + r.entered - r.exited = r.after AND r.upgraded + r.downgraded + r.stayed + r.exited = r.before AS counts,
	r.upgrade_rate = n.up::numeric / (n.up + n.down + n.stayed) AND r.downgrade_rate = n.down::numeric / (n.up + n.down + n.stayed)
	AND r.exit_rate = n.exited::numeric / n.before AND r.entry_rate = n.entered::numeric / n.after AS rates
FROM matrix, migration_rates(m) r, (SELECT count(before) AS before, count(after) AS after, count(*) FILTER (WHERE after < before) AS up, count(*) FILTER (WHERE after > before) AS down,
	count(*) FILTER (WHERE after = before) AS stayed, count(*) FILTER (WHERE before IS NULL AND after IS NOT NULL) AS entered, count(*) FILTER (WHERE after IS NULL AND before IS NOT NULL) AS exited
	FROM (SELECT segment(s, profit(l, a)) AS before, segment(s, profit(l, b)) AS after FROM ledgers, schemes, periods) x) n;
SELECT bool_and(b.amount = e.amount AND b.customers = e.n) AS bridge, sum(b.amount) FILTER (WHERE b.step <> 'after') = max(b.amount) FILTER (WHERE b.step = 'after') AS closes, count(*)
FROM matrix, profit_bridge(m) b JOIN (SELECT step, sum(amount) AS amount, count(*) AS n
	FROM (SELECT segment(s, p) AS before, segment(s, q) AS after, p, q FROM (SELECT s FROM schemes) s, (SELECT profit(l, a) AS p, profit(l, b) AS q FROM ledgers, periods) e) x,
	LATERAL (SELECT 'before', p WHERE p IS NOT NULL UNION ALL SELECT 'after', q WHERE q IS NOT NULL
		UNION ALL SELECT CASE WHEN before IS NULL THEN 'entered' WHEN after IS NULL THEN 'exited' WHEN after < before THEN 'moved up' WHEN after > before THEN 'moved down' ELSE 'repriced' END,
			coalesce(q, 0) - coalesce(p, 0) WHERE p IS NOT NULL OR q IS NOT NULL) y(step, amount) GROUP BY 1) e USING (step);

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, m migration_cell[]);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', migration(s, profit(l, a), profit(l, b)) FROM ledgers, schemes, periods;
INSERT INTO results SELECT 'sorted', migration(s, profit(l, a), profit(l, b) ORDER BY profit(l)) FROM ledgers, schemes, periods;
INSERT INTO results SELECT 'growing', m FROM (SELECT customer_id, migration(s, profit(l, a), profit(l, b)) OVER (ORDER BY customer_id / 500) AS m FROM ledgers, schemes, periods) t ORDER BY customer_id DESC LIMIT 1;
ANALYZE ledgers;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT migration('{"cuts": [500, 0]}'::segmentation, profit(l, '[2023-01-01,2024-01-01)'), profit(l, '[2024-01-01,)')) FROM ledgers;
INSERT INTO results SELECT 'parallel', migration((SELECT s FROM schemes), profit(l, '[2023-01-01,2024-01-01)'), profit(l, '[2024-01-01,)')) FROM ledgers;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT array_send(m)) AS matrices FROM results;

-- errors
SELECT migration(1, 1, 'NaN', 0);
SELECT migration(1, 1, 0, 0.0000001);
SELECT migration('{"cuts": [0]}'::segmentation, 'Infinity', 0);
SELECT migration(s, 1, 1) FROM (SELECT rfm_scheme(l, '2024-12-31') AS s FROM ledgers) t;
\set VERBOSITY terse
SELECT migration(1, 1, 1e23, 0);
SELECT migration(1, 1, 9e22, 0) FROM generate_series(1, 1000);
-- a scheme that is NULL knows no segment
SELECT migration(NULL::segmentation, 1, 1);

DROP TABLE seven, stored, ledgers, periods, schemes, matrix, results;
DROP FUNCTION noise;
