--
-- A cost pool divided among customers by largest remainder.
--
SET search_path = public, customer_value;

-- small enough to see: 33.333 each; zero is zero, NULL takes no part
CREATE TABLE visit (customer text, minutes numeric);
INSERT INTO visit VALUES ('Ada', 30), ('Blum', 30), ('Cohen', 30), ('Diaz', 0), ('Egli', NULL);
SELECT customer, allocate(100, minutes, customer) OVER () AS part, allocate(-100, minutes, customer) OVER () AS negative,
	allocate(100, minutes, customer, 0) OVER () AS units, allocate(100.123456, minutes, customer, scale => 6) OVER () AS millionths,
	allocate(0, minutes, customer) OVER () AS of_nothing, allocate(NULL, minutes, customer) OVER () AS of_null
FROM visit;
-- the spare cent goes to the largest remainder, whatever its key: 100 * 2/3 = 66.67 - 0.0033, 100 / 3 = 33.33 + 0.0033
SELECT customer, part FROM (SELECT customer, allocate(100, d, customer) OVER () AS part FROM (VALUES ('A', 1), ('B', 2)) t(customer, d)) a;
-- nobody with a driver above zero: nothing can be allocated
SELECT allocate(100, d, id) OVER () AS part FROM (VALUES (1, 0), (2, 0), (3, NULL)) t(id, d);
SELECT allocate(100, NULL, 1) OVER () AS part;
SELECT allocate(100, 1, 1) OVER () AS part WHERE false;
SELECT allocate(12.34, 1e-300, 1) OVER () AS everything;
-- the pool may be written in several ways, and be different in another partition
SELECT pool, sum(part) FROM (SELECT pool, allocate(pool, 1, i) OVER (PARTITION BY pool) AS part
	FROM unnest('{1.5, 1.50, 7, -7, NULL}'::numeric[]) pool, generate_series(1, 4) i) a GROUP BY pool ORDER BY pool;

-- the tie key: ascending, texts by bytes, NULL last, in the order of its type
SELECT string_agg(k, ' ' ORDER BY k COLLATE "C") AS all_keys, string_agg(k, ' ' ORDER BY k COLLATE "C") FILTER (WHERE part = 1) AS got_one
FROM (SELECT k, allocate(3, 1, k, 0) OVER () AS part FROM unnest('{a, B, ä, A, b, z, Z}'::text[]) k) a;
SELECT k, allocate(3, 1, k, 0) OVER () AS part FROM unnest('{10, 9, NULL, -1, 100}'::int[]) k;
SELECT k, allocate(2, 1, k, 0) OVER () AS part FROM unnest('{10, 9, 100}'::text[]) k;
SELECT a, b, allocate(2, 1, (a, b), 0) OVER () AS part FROM (VALUES (1, 'x'), (1, NULL), (0, 'y')) t(a, b);
-- texts in rows, too, whatever collation their column has
SELECT coalesce((SELECT quote_ident(collname) FROM pg_collation WHERE collname = 'en-x-icu'), '"C"') AS collation \gset
CREATE TYPE allocate_key AS (name text COLLATE :collation, line int);
SELECT k, allocate(2, 1, (k, i), 0) OVER () AS row, allocate(2, 1, (k, i)::allocate_key, 0) OVER () AS composite, allocate(2, 1, ARRAY[k], 0) OVER () AS array
FROM (SELECT k COLLATE :collation AS k, i FROM unnest('{b, A, a, B, NULL}'::text[]) WITH ORDINALITY t(k, i)) x;
DROP TYPE allocate_key;
SELECT k, allocate(2, 1, k, 0) OVER () AS part FROM unnest('{2024-02-01, infinity, 2024-01-01}'::date[]) k;
-- keys need not tell rows apart where remainders do, nor where all who are alike get the same
SELECT sum(part) FROM (SELECT allocate(100, d, 0) OVER () AS part FROM (VALUES (1), (2)) t(d)) a;
SELECT count(DISTINCT part) AS alike FROM (SELECT allocate(100, 1, 0) OVER () AS part FROM generate_series(1, 40)) a;

-- frame and order of the window do not matter
SELECT count(*) AS rows, count(*) FILTER (WHERE a <> b OR a <> c OR a <> d OR a <> e) AS differ
FROM (SELECT allocate(1000, i % 7, i) OVER () AS a, allocate(1000, i % 7, i) OVER (ORDER BY i DESC) AS b,
	allocate(1000, i % 7, i) OVER (ORDER BY i % 3 ROWS 1 PRECEDING) AS c,
	allocate(1000, i % 7, i) OVER (ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) AS d,
	allocate(1000.00, (i % 7)::numeric(8,3), i::bigint) OVER (ORDER BY hashint4(i) GROUPS 2 PRECEDING) AS e FROM generate_series(1, 101) i) x;

-- against plain SQL: integers, cents, quotients, 30 and 60 orders of magnitude, all alike, gaps and zeros, huge pools
CREATE FUNCTION dice(a int, b int, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$SELECT abs(hashint8(a::bigint * 1000003 + b)::bigint)::int % sides$$;
CREATE TABLE pool AS
SELECT p AS pool_id, p % 8 AS kind, dice(p, 1, 7) AS scale,
	CASE WHEN p % 9 = 0 THEN 0 ELSE (CASE WHEN p % 4 = 0 THEN -1 ELSE 1 END) * (dice(p, 2, 2000000000) + CASE WHEN p % 8 = 6 THEN 1e22 ELSE 0 END)
		/ (10::numeric ^ dice(p, 1, 7)) END AS amount
FROM generate_series(1, 420) p;
UPDATE pool SET amount = round(amount, scale);
CREATE TABLE line AS
SELECT pool_id, i AS line, chr(65 + dice(pool_id, i, 58)) || i AS key, CASE kind
	WHEN 0 THEN dice(i, pool_id, 21) WHEN 1 THEN dice(i, pool_id, 100000) / 100.0 WHEN 2 THEN dice(i, pool_id, 50) / 7.0
	WHEN 3 THEN dice(i, pool_id, 1000) * 10::numeric ^ (dice(pool_id, i, 31) - 10)
	WHEN 7 THEN dice(i, pool_id, 1000) * 10::numeric ^ (dice(pool_id, i, 61) - 30) WHEN 4 THEN 0.25
	WHEN 5 THEN CASE WHEN pool_id % 40 = 5 THEN 0 ELSE nullif(dice(i, pool_id, 4), 3) END ELSE dice(i, pool_id, 1000000) END::numeric AS driver
FROM pool, generate_series(1, 1 + pool_id * pool_id % 211) i;
CREATE TABLE slowly AS
SELECT pool_id, line, CASE WHEN total > 0 THEN
	(sign(amount) * (quota + CASE WHEN place <= units - given THEN 1 ELSE 0 END) / 10::numeric ^ scale) END AS part
FROM (SELECT *, sum(quota) OVER (PARTITION BY pool_id) AS given,
		row_number() OVER (PARTITION BY pool_id ORDER BY rest DESC NULLS LAST, key COLLATE "C") AS place
	FROM (SELECT *, units * driver - quota * total AS rest
		FROM (SELECT *, div(units * driver, nullif(total, 0)) AS quota
			FROM (SELECT *, abs(amount) * 10::numeric ^ scale AS units, sum(driver) OVER (PARTITION BY pool_id) AS total
				FROM pool JOIN line USING (pool_id) WHERE driver IS NOT NULL) a) b) c) d;
CREATE TABLE ours AS SELECT pool_id, line, driver, amount, kind, allocate(amount, driver, key, scale) OVER (PARTITION BY pool_id) AS part
FROM pool JOIN line USING (pool_id);
SELECT kind, count(*) AS rows, count(o.part) AS parts, count(*) FILTER (WHERE o.part IS DISTINCT FROM s.part) AS wrong,
	count(*) FILTER (WHERE driver = 0 AND o.part <> 0) AS not_zero
FROM ours o LEFT JOIN slowly s USING (pool_id, line) GROUP BY kind ORDER BY kind;
-- parts add up, and have as many decimals as asked for
SELECT count(*) AS pools, count(*) FILTER (WHERE sum <> amount) AS wrong, count(*) FILTER (WHERE sum IS NULL) AS of_nobody, bool_and(decimals) AS decimals
FROM (SELECT pool_id, amount, sum(part), bool_and(part IS NULL OR scale(part) = p.scale) AS decimals FROM ours JOIN pool p USING (pool_id, amount) GROUP BY 1, 2) a;
-- all pools in one, and upside down, as another order of rows
SELECT count(*) AS rows, count(*) FILTER (WHERE a IS DISTINCT FROM b OR a IS DISTINCT FROM -c) AS differ
FROM (SELECT allocate(987654.32, driver, (pool_id, line)) OVER (ORDER BY key, pool_id) AS a, allocate(987654.32, driver, (pool_id, line)) OVER (ORDER BY line DESC, pool_id) AS b,
	allocate(-987654.32, driver, (pool_id, line)) OVER () AS c FROM line) x;
-- rows that are spooled to disk and back
SET work_mem = '64kB';
SELECT count(*) AS rows, sum(part), count(*) FILTER (WHERE part <> 0.12 + CASE WHEN i <= 1345 THEN 0.01 ELSE 0 END) AS wrong
FROM (SELECT i, allocate(2413.45, 1, i) OVER (ORDER BY hashint4(i)) AS part FROM generate_series(1, 20000) i) a;
SELECT count(*) AS rows, count(*) FILTER (WHERE part <> expected) AS wrong FROM (SELECT i, allocate(7777.77, d, t) OVER (ORDER BY hashint4(i)) AS part,
	(q + CASE WHEN row_number() OVER (ORDER BY rest DESC, t COLLATE "C") <= 777777 - sum(q) OVER () THEN 1 ELSE 0 END) / 100.0 AS expected
	FROM (SELECT i, i::text AS t, d, div(777777 * d, sum(d) OVER ()) AS q, mod(777777 * d, sum(d) OVER ()) AS rest
		FROM (SELECT i, (hashint4(i) & 15)::numeric AS d FROM generate_series(1, 20000) i) x) y) z;
RESET work_mem;

-- where it went: to customers, to rows without one, to nobody
SELECT * FROM (SELECT (allocation_summary(1000, part, customer)).* FROM
	(SELECT customer, allocate(1000, d, line) OVER () AS part FROM (VALUES (1, 'Ada', 10.5), (2, NULL, 20), (3, 'Blum', 3), (4, NULL, NULL)) t(line, customer, d)) a) s;
SELECT pool_id, (allocation_summary(amount, part, nullif(line, 1))).* FROM ours WHERE pool_id IN (3, 4, 9, 420) OR pool_id = (SELECT min(pool_id) FROM ours WHERE part IS NULL AND driver = 0) GROUP BY pool_id ORDER BY pool_id;
SELECT count(*) AS pools, bool_and((s).customers + (s).unassigned + (s).unallocated = (s).pool AND (s).pool = amount) AS add_up,
	bool_and((s).customers = customers AND (s).unassigned = unassigned) AS same
FROM (SELECT pool_id, amount, allocation_summary(amount, part, CASE WHEN line % 5 > 0 THEN 'known' END) AS s, coalesce(sum(part) FILTER (WHERE line % 5 > 0), 0) AS customers,
	coalesce(sum(part) FILTER (WHERE line % 5 = 0), 0) AS unassigned FROM ours GROUP BY 1, 2) a;
SELECT (allocation_summary(NULL, 1, 1)).*, allocation_summary(1, 1, 1) IS NULL AS not_null;
SELECT allocation_summary(1, 1, 1) FROM visit WHERE false;
CREATE TABLE spread AS SELECT nullif(line, 1) AS customer, allocate(987654.32, driver, (pool_id, line)) OVER () AS part FROM line;
ANALYZE spread;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT allocation_summary(987654.32, part, customer) FROM spread;
SELECT s AS parallel, (s).customers = c AND (s).unassigned = u AS same FROM (SELECT allocation_summary(987654.32, part, customer) AS s,
	sum(part) FILTER (WHERE customer IS NOT NULL) AS c, sum(part) FILTER (WHERE customer IS NULL) AS u FROM spread) a;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;

-- time-driven costing: the customer service department of Kaplan and Anderson (2004)
CREATE TABLE activity (name text, unit_minutes int, quantity int);
INSERT INTO activity VALUES ('process orders', 8, 49000), ('handle inquiries', 44, 1400), ('check credit', 50, 2500);
SELECT name, allocate_time(560000, unit_minutes * quantity, 700000, name) OVER () FROM activity;
SELECT round(utilization, 3) AS utilization, round(rate, 2) AS rate, used, unused, cost_used, cost_unused
FROM (SELECT sum(unit_minutes * quantity) AS m FROM activity) a, capacity_statement(560000, m, 700000);
-- what is charged is what the statement says, to the cent, above capacity too
SELECT count(*) AS departments, bool_and(cost_used + cost_unused = cost) AS statements_add_up,
	bool_and(charged = cost_used) AS charged_is_used, bool_and(furthest < 0.015) AS near_the_rate,
	count(*) FILTER (WHERE cost_unused = 0) AS full, count(*) FILTER (WHERE utilization > 1) AS overloaded, bool_and(utilization <= 1 OR charged = cost) AS whole_cost
FROM (SELECT pool_id, s.*, sum(part) AS charged, max(abs(part * greatest(s.practical_capacity, s.used) - s.cost * driver) / greatest(s.practical_capacity, s.used)) AS furthest
	FROM (SELECT pool_id, driver, round(amount, 2) AS amount, dice(pool_id, 9, 30000) + 1 AS capacity,
			allocate_time(round(amount, 2), driver, dice(pool_id, 9, 30000) + 1, key) OVER (PARTITION BY pool_id) AS part,
			sum(driver) OVER (PARTITION BY pool_id) AS used FROM pool JOIN line USING (pool_id)) a,
		capacity_statement(amount, used, capacity) s
	GROUP BY pool_id, s.cost, s.practical_capacity, s.used, s.unused, s.utilization, s.rate, s.cost_used, s.cost_unused) b;
-- none used, half a cent, negative cost, other units
SELECT id, allocate_time(100, m, 50, id) OVER () AS part FROM (VALUES (1, 0), (2, NULL)) t(id, m);
SELECT cost_used, cost_unused FROM (VALUES (0.01, 1, 2), (-0.01, 1, 2), (0.01, 0, 2), (100, 200, 50)) t(c, m, k), capacity_statement(c, m, k);
SELECT id, allocate_time(100, m, 60, id, scale => 4) OVER () AS part, allocate_time(-100, m, 60, id, scale => 0) OVER () AS negative, allocate_time(100, m, NULL, id) OVER () AS no_capacity
FROM (VALUES (1, 7), (2, 7), (3, 1e-9)) t(id, m);
SELECT capacity_statement(100, NULL, 5) IS NULL AS no_minutes;

-- errors
\set VERBOSITY default
SELECT allocate(100, i - 2, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 'NaN', i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100.125, 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100 / 3.0, 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(10 * i, 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 1, 'Ada ' || (i - 1) / 2) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 1, NULL::text) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, i, '{}'::json) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 1, i, 7) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 1, i, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, 1, i, NULL) OVER () FROM generate_series(1, 3) i;
SELECT allocate_time(100, 1, 0, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate_time(100, -1, 10, i) OVER () FROM generate_series(1, 3) i;
SELECT allocation_summary(i, 1, 1) FROM generate_series(1, 3) i;
\set VERBOSITY terse
SELECT allocate('Infinity', 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(1e23, 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(nullif(i, 2), 1, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate(100, CASE WHEN i > 1 THEN -1e-30 ELSE 1 END, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate_time(100, 1, i, i) OVER () FROM generate_series(1, 3) i;
SELECT allocate_time(100.001, 1, 5, i) OVER () FROM generate_series(1, 3) i;
SELECT capacity_statement(100, -1, 10);
SELECT capacity_statement(100, 1, 'NaN');
SELECT capacity_statement(100.001, 1, 10);
SELECT allocation_summary(5, 'NaN', 1);
SELECT allocate(100, 1.0::float8, 1) OVER ();
SELECT allocate(100, 1, 1);

DROP TABLE visit, pool, line, slowly, ours, spread, activity;
DROP FUNCTION dice;
