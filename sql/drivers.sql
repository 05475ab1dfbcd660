-- Which attribute explains profit: driver_screen and drivers.
SET search_path = public, customer_value;
SET extra_float_digits = -2;

-- a function of i that looks random, uniform within 0 .. 1
CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 42) & 1073741823) / 1073741824.0
$$;

-- planted: a number with an effect that is not monotone, a category, what is missing; heavy tails
CREATE TABLE customers AS
SELECT i, round((exp(2.2 * sqrt(-2 * ln(noise(i, 0) + 1e-9)) * cos(6.283185 * noise(i, 1)) + 0.6 * (i % 5) + CASE WHEN i % 40 BETWEEN 10 AND 29 THEN 1.5 ELSE 0 END
		+ CASE WHEN i % 7 = 0 THEN 0.8 ELSE 0 END) * CASE WHEN noise(i, 2) < 0.1 THEN -1 ELSE 1 END)::numeric, 2) AS profit,
	jsonb_build_object('age', i % 40, 'branch', 'b' || i % 5, 'answered', CASE WHEN i % 7 > 0 THEN noise(i, 3) > 0.5 END, 'id', 'c' || i, 'number', i * 7919 % 100003,
		'postcode', 'p' || (i * 31 % 1800), 'empty', NULL, 'constant', 1, 'flag', noise(i, 4) > 0.5, 'n1', noise(i, 5), 'n2', round(noise(i, 6) * 5), 'n3', 'x' || round(noise(i, 7) * 30)) AS features
FROM generate_series(1, 2000) i;

-- what an analyst types
SELECT rank, feature, kind, d.customers, levels, round(explained::numeric, 4) AS explained, round(p_value::numeric, 4) AS p_value, round(p_adjusted::numeric, 4) AS p_adjusted, significant
FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, drivers(s) d;
-- raw shares of the money itself say nothing, there
SELECT feature, round(explained_raw::numeric, 3) AS explained_raw FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, drivers(s) d ORDER BY d.explained_raw DESC NULLS LAST, feature LIMIT 4;

-- other levels and adjustments
SELECT adjustment, alpha, string_agg(feature, ', ' ORDER BY rank) FILTER (WHERE significant) AS significant
FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, (VALUES ('holm', 0.05), ('holm', 1e-12), ('benjamini-hochberg', 0.05), ('benjamini-hochberg', 0.5)) o(adjustment, alpha),
	drivers(s, alpha => alpha, adjustment => adjustment) d GROUP BY 1, 2 ORDER BY 1, 2;
-- adjusted probabilities, the slow way
WITH d AS (SELECT d.*, b.p_adjusted AS b FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, drivers(s) d JOIN drivers(s, 0.05, 'benjamini-hochberg') b USING (feature) WHERE d.p_value IS NOT NULL),
	o AS (SELECT *, row_number() OVER (ORDER BY p_value) AS i, count(*) OVER () AS m FROM d)
SELECT count(*) AS tests, bool_and(abs(p_adjusted - holm) < 1e-15) AS holm, bool_and(abs(b - bh) < 1e-15) AS benjamini_hochberg
FROM (SELECT *, least(1, max((m - i + 1) * p_value) OVER (ORDER BY p_value)) AS holm, least(1, min(m * p_value / i) OVER (ORDER BY p_value DESC)) AS bh FROM o) q;

-- the share explained, the slow way: of ranks and raw, by categories with missing as one, and by classes of a number
CREATE TABLE ranked AS SELECT *, rank() OVER (ORDER BY profit) + (count(*) OVER (PARTITION BY profit) - 1) / 2.0 AS r FROM customers;
SELECT feature, levels, abs(d.explained - (1 - (1 - share) * 1999 / (2000 - k))) < 1e-12 AS explained, abs(d.explained_raw - (1 - (1 - raw) * 1999 / (2000 - k))) < 1e-12 AS explained_raw, levels = k AS same_levels
FROM (VALUES ('branch'), ('answered'), ('flag'), ('n2'), ('postcode')) f(feature) CROSS JOIN LATERAL (
		SELECT sum(n * (m - 1000.5) ^ 2) / (SELECT sum((r - 1000.5) ^ 2) FROM ranked) AS share, count(*) AS k,
			sum(n * (v - (SELECT avg(profit) FROM ranked)) ^ 2) / (SELECT sum((profit - (SELECT avg(profit) FROM ranked)) ^ 2) FROM ranked) AS raw
		FROM (SELECT count(*) AS n, avg(r) AS m, avg(profit) AS v FROM ranked GROUP BY features -> f.feature) g) q
	JOIN (SELECT d.* FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, drivers(s) d) d USING (feature) ORDER BY feature;
SELECT feature, levels, abs(explained - slow) < 1e-12 AS explained FROM (SELECT driver_screen(profit, features) AS s FROM customers) x, drivers(s) d,
	(SELECT 1 - (1 - sum(n * (m - 1000.5) ^ 2) / (SELECT sum((r - 1000.5) ^ 2) FROM ranked)) * 1999 / 1990 AS slow
		FROM (SELECT count(*) AS n, avg(r) AS m FROM (SELECT *, ntile(10) OVER (ORDER BY (features -> 'n1')::float8) AS t FROM ranked) z GROUP BY t) g) q
WHERE feature = 'n1';
-- Kruskal and Wallis' H, and a probability near that of chi-square where groups are large: scipy.stats.kruskal of the data of test/reference/quality.py
SELECT abs((499 - (1 - explained) * 495) / 34.328830251851144 - 1) < 1e-12 AS h, p_value / 6.379852591635413e-07 BETWEEN 0.5 AND 1 AS near
FROM (SELECT driver_screen((i * 104729 % 1009 - 300 + CASE WHEN i % 3 > 0 THEN 120 * (1 + i * 7919 % 5) ELSE 0 END) / 4.0, jsonb_build_object('s', (1 + i * 7919 % 5)::text)) AS s FROM generate_series(1, 500) i) x, drivers(s);

-- 20 features of noise, 200 data sets with heavy tails and ties: false alarms are about as frequent as alpha says, and so are adjusted ones
CREATE TABLE simulated AS
SELECT set, driver_screen(CASE WHEN n < 0.3 THEN 0 ELSE round((1 / (1.001 - n) ^ 2)::numeric, 1) END, f) AS s
FROM (SELECT set, c, noise(set * 1000 + c, 0) AS n, (SELECT jsonb_object_agg('f' || j, CASE WHEN j <= 8 THEN to_jsonb(noise(set * 1000 + c, j)) WHEN j <= 12 THEN to_jsonb(noise(set * 1000 + c, j) < 0.3)
		WHEN j <= 16 THEN to_jsonb('v' || floor(noise(set * 1000 + c, j) * 12)) WHEN j <= 18 THEN to_jsonb('v' || floor(noise(set * 1000 + c, j) * 60))
		ELSE CASE WHEN noise(set * 1000 + c, j) < 0.8 THEN to_jsonb(floor(noise(set * 1000 + c, j) * 10)) END END) FROM generate_series(1, 20) j) AS f
	FROM generate_series(1, 200) set, generate_series(1, 120) c) q GROUP BY set;
SELECT count(*) AS sets, count(*) FILTER (WHERE false_alarm) BETWEEN 2 AND 20 AS about_ten_false_alarms FROM (
	SELECT set, bool_or(significant) AS false_alarm FROM simulated, drivers(s) GROUP BY set) q;
SELECT count(*) AS tests, round(avg((p_value <= 0.05)::int), 2) AS at_5_percent, round(avg((p_value <= 0.5)::int), 1) AS at_50_percent FROM simulated, drivers(s);

-- features may be missing, rows without them, values that are null
SELECT rank, feature, kind, d.customers, levels FROM (SELECT driver_screen(v, f) AS s FROM (VALUES (1, '{"a": 1}'::jsonb), (2, '{"b": "x"}'), (3, NULL), (NULL, '{"a": 2}'), (4, '{}'), (5, '{"a": 7, "b": "y"}')) t(v, f)) x, drivers(s) d;
SELECT driver_screen(1, '{}') IS NULL AS no_rows FROM customers WHERE false;
SELECT driver_screen(NULL::numeric, '{}') IS NULL AS no_values, (SELECT count(*) FROM drivers(NULL)) AS of_null;
SELECT driver_screen(5, '{"a": 1}') AS one, driver_screen(5, '{"a": 1}')::text::driver_screening = driver_screen(5, '{"a": 1}') AS round_trip;
SELECT d.* FROM (SELECT driver_screen(5, jsonb_build_object('a', i)) AS s FROM generate_series(1, 20) i) x, drivers(s) d;
-- a perfect driver: its statistic is infinite, that is NULL, and its probability not zero by rounding but by truth
SELECT explained, explained_raw, statistic, p_value < 1e-6 AS sure, significant FROM (SELECT driver_screen(i % 2, jsonb_build_object('a', i % 2)) AS s FROM generate_series(1, 40) i) x, drivers(s) d;

-- any order, any plan, any number of workers: the same bytes; numbers as double precision too
CREATE TABLE results (how text, s driver_screening);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', driver_screen(profit, features) FROM customers;
INSERT INTO results SELECT 'sorted', driver_screen(profit, features ORDER BY profit DESC) FROM customers;
INSERT INTO results SELECT 'double', driver_screen(profit::float8, features ORDER BY i % 17) FROM customers;
INSERT INTO results SELECT 'window', driver_screen(profit, features) OVER () FROM customers LIMIT 1;
-- a window that grows: the state is used again after it gave a result
INSERT INTO results SELECT 'growing', s FROM (SELECT i, driver_screen(profit, features) OVER (ORDER BY i / 500) AS s FROM customers) t WHERE i = 2000;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT driver_screen(profit, features) FROM customers;
INSERT INTO results SELECT 'parallel', driver_screen(profit, features) FROM customers;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS ways, count(DISTINCT record_send(s)) AS s FROM results;

-- errors
\set VERBOSITY default
SELECT drivers(s, alpha => 5) FROM results LIMIT 1;
SELECT drivers(s, adjustment => 'bonferroni') FROM results LIMIT 1;
SELECT drivers('(9,"{""(a,,,,,,,,,1.5)""}")');
SELECT count(*) FROM drivers(ROW(9, array_fill('(a,,,,,,,,,)'::driver, '{1000}'))::driver_screening);
SELECT count(*) FROM drivers(ROW(9, array_fill('(a,,,,,,,,,)'::driver, '{1001}'))::driver_screening);
\set VERBOSITY terse
SELECT drivers(s, alpha => 0) FROM results LIMIT 1;
SELECT drivers(s, alpha => 'NaN') FROM results LIMIT 1;
SELECT driver_screen('NaN'::float8, '{}');
SELECT driver_screen('Infinity'::numeric, '{}');
SELECT driver_screen(1, '[1]');
SELECT driver_screen(1, '{"a": {"b": 1}}');
SELECT driver_screen(i, CASE WHEN i = 2 THEN '{"a": "1"}'::jsonb ELSE '{"a": 1}' END) FROM generate_series(1, 2) i;
-- a screening typed in, or with nulls in it, is read as far as it goes
SELECT rank, feature, kind, p_adjusted, significant FROM drivers('(9,"{""(a,numeric,9,3,0.1,,,,,0.01)"",""(b,,,,,,,,,0.04)"",""(,,,,,,,,,)"",NULL}")') d;
SELECT count(*) AS none FROM drivers('(,)');

DROP TABLE customers, ranked, simulated, results;
DROP FUNCTION noise;
