-- Both halves: are customers of a segment similar in value, and do attributes tell segments apart?
SET search_path = public, customer_value;
SET extra_float_digits = -2;

CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 42) & 1073741823) / 1073741824.0
$$;
-- four segments of profit; a channel that decides it, with a tenth of the customers astray, and attributes that have nothing to do with it
CREATE TABLE customers AS
SELECT i, round((exp(2 * channel) * (0.7 + 0.6 * noise(i, 1)) * 10 - 300)::numeric, 2) AS profit,
	jsonb_build_object('channel', CASE WHEN noise(i, 2) < 0.9 THEN 'c' || channel ELSE 'c' || floor(noise(i, 3) * 4) END, 'age', floor(noise(i, 4) * 60)) AS features,
	jsonb_build_object('age', floor(noise(i, 4) * 60), 'region', 'r' || floor(noise(i, 5) * 7)) AS useless
FROM (SELECT i, floor(noise(i, 0) * 4) AS channel FROM generate_series(1, 3000) i) q;
CREATE TABLE scheme AS SELECT '{"cuts": [1000, 0, -260]}'::segmentation AS s;

-- similar and comparable; similar, but not comparable; the reverse; neither
CREATE FUNCTION rounded(segment_quality_figures) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', ($1).customers, ($1).segments, round(($1).similarity::numeric, 2), round(($1).similarity_asinh::numeric, 2), round(($1).accuracy::numeric, 2), round(($1).baseline::numeric, 2),
		round(($1).explained::numeric, 2), round(($1).explained_asinh::numeric, 2))
$$;
SELECT what, rounded(q) AS figures, (q).verdict FROM (
	SELECT 1 AS n, 'both' AS what, segment_quality(profit, segment(s, profit), features) AS q FROM customers, scheme UNION ALL
	SELECT 2, 'similar only', segment_quality(profit, segment(s, profit), useless) FROM customers, scheme UNION ALL
	SELECT 3, 'comparable only', segment_quality(profit, useless ->> 'region', useless) FROM customers UNION ALL
	SELECT 4, 'neither', segment_quality(profit, i % 5, useless) FROM customers) t ORDER BY n;
-- similarity is what anova and similarity say
SELECT (q).f = (a).f AND (q).p_value = (a).p_value AND (q).similarity = (a).eta_squared AND (q).similarity_asinh = (m)."asinh" AND (q).customers = 3000 AS same
FROM (SELECT segment_quality(profit, segment(s, profit), features) AS q, anova(profit, segment(s, profit)) AS a, similarity(profit, segment(s, profit)) AS m FROM customers, scheme) t;
-- out of sample, the channel names the segment in at most nine tenths and a fortieth; the largest segment is the baseline
SELECT abs((q).accuracy - 0.925) < 0.02 AS accuracy, abs((q).baseline - (SELECT max(n) / 3000.0 FROM (SELECT count(*) AS n FROM customers, scheme GROUP BY segment(s, profit)) c)) < 1e-12 AS baseline
FROM (SELECT segment_quality(profit, segment(s, profit), features) AS q FROM customers, scheme) t;
-- names of segments do not matter, nor does it whether they are numbers
SELECT segment_quality(profit, i % 3, features) = segment_quality(profit::float8, (i % 3)::text, features) AS numbers_or_names,
	segment_quality(profit, i % 3, features) = segment_quality(profit, (i % 3 + 10)::smallint, features) AS other_numbers FROM customers;
-- noise is not taken for knowledge: 40 sets of attributes that say nothing
SELECT count(*) AS sets, count(*) FILTER (WHERE (q).accuracy > (q).baseline) <= 2 AS accuracy, count(*) FILTER (WHERE (q).explained_asinh > 0) <= 2 AS explained
FROM (SELECT set, segment_quality(1 / (1.001 - noise(i, set)), floor(noise(i, set) * 4)::int, jsonb_build_object('a', noise(i, 100 + set), 'b', 'x' || floor(noise(i, 200 + set) * 20), 'c', noise(i, 300 + set) < 0.2)) AS q
	FROM generate_series(1, 40) set, generate_series(1, 300) i GROUP BY set) t;

-- one huge customer decides the analysis of variance, but not the verdict
SELECT rounded(q) AS figures, round((q).p_value::numeric, 1) AS p_value, (q).verdict
FROM (SELECT segment_quality(CASE WHEN i = 1 THEN 1e9 ELSE i END, i / 250, '{}') AS q FROM generate_series(0, 999) i) t;

-- few customers, one segment, equal values, no features
SELECT segment_quality(1, 1, '{}') IS NULL AS no_rows FROM customers WHERE false;
SELECT segment_quality(v, s, '{"a": 1}') IS NULL AS nulls FROM (VALUES (NULL::int, 1), (1, NULL)) t(v, s);
SELECT segment_quality(7, 1, '{"a": 1}');
SELECT segment_quality(i, 1, '{"a": 1}') FROM generate_series(1, 30) i;
SELECT segment_quality(7, i % 2, jsonb_build_object('a', i % 2)) FROM generate_series(1, 100) i;
SELECT segment_quality(i, i, '{"a": 1}') FROM generate_series(1, 30) i;
SELECT segment_quality(i, i % 3, NULL) FROM generate_series(1, 30) i;
SELECT segment_quality(i / 50, i / 50, jsonb_build_object('', i / 50)) FROM generate_series(0, 99) i;

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, q segment_quality_figures);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', segment_quality(profit, i % 5, features) FROM customers;
INSERT INTO results SELECT 'sorted', segment_quality(profit, i % 5, features ORDER BY profit DESC) FROM customers;
INSERT INTO results SELECT 'double', segment_quality(profit::float8, i % 5, features ORDER BY features ->> 'age') FROM customers;
INSERT INTO results SELECT 'window', segment_quality(profit, i % 5, features) OVER () FROM customers LIMIT 1;
-- a window that grows: the state is used again after it gave a result
INSERT INTO results SELECT 'growing', q FROM (SELECT i, segment_quality(profit, i % 5, features) OVER (ORDER BY i / 1000) AS q FROM customers) t WHERE i = 3000;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT segment_quality(profit, i % 5, features) FROM customers;
INSERT INTO results SELECT 'parallel', segment_quality(profit, i % 5, features) FROM customers;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS ways, count(DISTINCT record_send(q)) AS q FROM results;

-- errors
\set VERBOSITY default
SELECT segment_quality(profit, i, features) FROM customers;
SELECT segment_quality(1, repeat('x', 300), '{}');
\set VERBOSITY terse
SELECT segment_quality('NaN'::numeric, 1, '{}');
SELECT segment_quality(1, 1, '{"a": [1]}');
SELECT segment_quality(1, 1, '"a"');
SELECT segment_quality(i, i % 2, CASE WHEN i % 2 = 0 THEN '{"a": 1}'::jsonb ELSE '{"a": "b"}' END) FROM generate_series(1, 3) i;
SELECT segment_quality(i, 1, jsonb_build_object('a' || i, 1)) FROM generate_series(1, 1000) i;

DROP TABLE customers, scheme, results;
DROP FUNCTION noise, rounded;
