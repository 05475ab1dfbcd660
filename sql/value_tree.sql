-- value_tree: segments of comparable customers with similar value.
SET search_path = public, customer_value;

-- small enough to see
CREATE TABLE small (profit numeric, features jsonb);
INSERT INTO small VALUES
	(100, '{"age": 50, "region": "West"}'), (110, '{"age": 45, "region": "West"}'), (105, '{"age": 61, "region": "East"}'),
	(20, '{"age": 42, "region": "North"}'), (25, '{"age": 58, "region": "North"}'), (15, '{"age": 70, "region": "South"}'),
	(-50, '{"age": 20, "region": "West"}'), (-60, '{"age": 31, "region": "North"}'), (-55.5, '{"age": 39, "region": null}'), (NULL, '{"age": 50}');
SELECT value_tree(profit, features, 3, branching(folds => 0, min_customers => 1)) AS s FROM small \gset
SELECT :'s' AS tree;
SELECT number, label, lower, upper, customers, total, round(mean, 2) AS mean, round(share, 4) AS share, lowest, highest FROM segments(:'s');
SELECT segment, label, rule, customers, round(share, 4) AS share, round(mean, 2) AS mean, precision, coverage FROM rules(:'s');
SELECT rule FROM rules(:'s', NULL);
SELECT rule FROM rules(:'s', 'c.attributes || extra') LIMIT 1;
SELECT feature, round(importance, 4) AS importance FROM variable_importance(:'s');
SELECT profit, features, segment(:'s', features) FROM small;
-- prospects: absent, null and unseen
SELECT f, segment(:'s', f) FROM (VALUES ('{}'::jsonb), ('{"age": null}'), ('{"age": 40, "region": "Mars"}'), ('{"age": 41.5, "region": "East", "other": [1]}'), (NULL)) v(f);
SELECT value_tree(profit, features, 1) FROM small;
SELECT verdict(value_tree(profit, features, 1)) AS one, verdict(value_tree(profit, features, 3)) AS five_each,
	verdict(value_tree(profit, features, 3, branching(folds => 0, min_customers => 1))) AS three FROM small;

-- rows that are no customers, no features, no rows; groups and windows
SELECT value_tree(NULL::numeric, features, 3) IS NULL AS nulls, value_tree(profit, features, 3) FILTER (WHERE false) IS NULL AS nothing,
	value_tree(profit, NULL, 3, branching(min_customers => 1)) AS no_features FROM small;
SELECT value_tree(profit, '{"x": null}', 3, NULL) = value_tree(profit::float8, '{"x": null}', 3) AS same FROM small;
SELECT features ->> 'region' AS region, verdict(value_tree(profit, features, 2, '{"folds": 0, "min_customers": 1}')) FROM small WHERE profit IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT profit, segment(value_tree(profit, features, 3, branching(folds => 0, min_customers => 1)) OVER (), features) FROM small ORDER BY 1;
SELECT profit, (value_tree(profit, features, 3, branching(folds => 0, min_customers => 1)) OVER (ORDER BY profit))::text::jsonb -> 'max_leaves' AS running FROM small ORDER BY 1 LIMIT 2;

-- scikit-learn's best-first trees explain the same (test/reference/tree_sklearn.py)
CREATE TABLE arithmetic AS
SELECT i, y, jsonb_build_object('a', a, 'b', b, 'c', c, 'd', d) AS features
FROM (SELECT i, a, b, c, d, CASE WHEN a >= 400 THEN 300 ELSE 0 END + CASE WHEN b < 100 AND d >= 3 THEN 250 ELSE 0 END + 3 * c + i * i * i % 1013 - 506 AS y
	FROM (SELECT i, i * 7919 % 1009 AS a, i * 104729 % 499 AS b, i * i * 31 % 97 AS c, i * 15485863 % 7 AS d FROM generate_series(1::bigint, 3000) i) n) t;
SELECT leaves, least, abs(in_sample - theirs) < 1e-10 AS same
FROM (VALUES (2, 1, 0.165863444740), (5, 1, 0.238375771610), (8, 1, 0.262017554937), (8, 100, 0.262017554937), (20, 10, 0.295299789591), (100, 5, 0.385140423696)) v(leaves, least, theirs),
	LATERAL (SELECT value_tree(y, features, leaves, branching(folds => 0, min_customers => least)) AS s FROM arithmetic) t, cross_validation(s);

-- a growing window: the same as from the rows so far, with features and
-- categories that come late
CREATE TABLE growing AS
SELECT i, i * 7919 % 1009 AS value, jsonb_build_object('a', i * 104729 % 97, 'b', i * i % 31 / 10.0)
	|| CASE WHEN i % 3 > 0 THEN jsonb_build_object('c', 'c' || i * i % 7, 'late', CASE WHEN i > 1500 THEN i % 5 END) ELSE '{}' END
	|| CASE WHEN i > 1000 THEN jsonb_build_object('new ' || i / 500, chr(97 + i % 26)) ELSE '{}' END AS features
FROM generate_series(1, 2500) i;
SELECT count(*) FILTER (WHERE s IS NOT NULL) AS trees, bool_and(s = (SELECT value_tree(value, features, 3, branching(folds => 0)) FROM growing g WHERE g.i <= w.i)) FILTER (WHERE i % 250 = 0) AS same
FROM (SELECT i, value_tree(value, features, 3, branching(folds => 0)) OVER (ORDER BY i) AS s FROM growing) w;
SELECT count(*) FILTER (WHERE s IS NOT NULL) AS trees, bool_and(s = (SELECT segment_tree(1 + value / 300, features, 3) FROM growing g WHERE g.i <= w.i)) FILTER (WHERE i % 100 = 0) AS same
FROM (SELECT i, segment_tree(1 + value / 300, features, 3) OVER (ORDER BY i) AS s FROM growing WHERE i <= 400) w;

-- numbers of more digits than a double has are on the side where they were
-- counted, by segment() and by rule; numbers of few digits keep short thresholds
CREATE FUNCTION count_rows(relation text, rule text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %I WHERE %s', relation, rule) INTO n;
	RETURN n;
END $$;
CREATE TABLE long_numbers AS
SELECT i, 1000 * kind + i % 13 AS value, jsonb_build_object('x', (ARRAY[39, 40 - 1e-30, 40, 40 + 1e-30, 41, 0.3, 0.30000000000000004, 0.3 + 1e-17, 0.3 - 1e-17, 1e-400, -1e-400, 0, -1, 5e-324,
	9007199254740991, 9007199254740992, 9007199254740993, 9007199254740994, 9007199254740995, 9007199254740996, 9007199254740997, 9007199254740999.5])[1 + kind % 22],
	'few', round(i % 100 + 0.25, 2), 'real', (i * i % 37 / 37.0::float8)) AS features
FROM (SELECT i, i * 7919 % 101 AS kind FROM generate_series(1, 3000) i) n;
SELECT leaves, count(*) AS rules, bool_and(customers = (SELECT count(*) FROM long_numbers WHERE segment(s, features) = r.segment)) AS by_segment, bool_and(customers = count_rows('long_numbers', rule)) AS by_rule
FROM generate_series(2, 26, 4) leaves, LATERAL (SELECT value_tree(value, features, leaves, branching(folds => 0, min_customers => 1)) AS s FROM long_numbers) t, rules(s) r
GROUP BY 1 ORDER BY 1;
SELECT rule, customers FROM (SELECT value_tree(value, jsonb_build_object('x', features -> 'x'), 26, branching(folds => 0, min_customers => 1)) AS s FROM long_numbers) t, rules(s) ORDER BY 1;
SELECT rule FROM (SELECT value_tree(CASE WHEN x >= 40 THEN 1 ELSE 0 END, jsonb_build_object('x', x), 2, branching(folds => 0, min_customers => 1)) AS s FROM (VALUES (39), (40), (41), (42.5)) v(x)) t, rules(s);
SELECT rule FROM (SELECT value_tree(CASE WHEN x >= 40 THEN 1 ELSE 0 END, jsonb_build_object('x', x), 2, branching(folds => 0, min_customers => 1)) AS s FROM (VALUES (39), (40), (41), (42.500000000000001)) v(x)) t, rules(s);
-- whether numbers were rounded, workers tell each other
SET max_parallel_workers_per_gather = 0;
SELECT value_tree(value, features, 8)::text AS serial FROM long_numbers \gset
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SELECT value_tree(value, features, 8)::text = :'serial' AS same FROM long_numbers;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;

-- planted rules come back, with missing values, odd names and noise beside them
-- as good as random, and the same everywhere
CREATE FUNCTION draw(i int, n int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || left(md5(i || '/' || n), 8))::bit(32)::bigint / 4294967296.0
$$;
CREATE TABLE customers AS
SELECT i AS id, age, region, "odd ""name"" it's \", flag, noise,
	round((CASE WHEN age >= 40 THEN CASE WHEN region IN ('We''st', 'back\slash') THEN 500 ELSE 300 END
		ELSE CASE WHEN "odd ""name"" it's \" >= 0.25 OR "odd ""name"" it's \" IS NULL THEN 50 ELSE -100 END END + 60 * (draw(i, 1) + draw(i, 2) + draw(i, 3) - 1.5))::numeric, 2) AS profit
FROM (SELECT i, CASE WHEN draw(i, 4) < 0.9 THEN 18 + floor(draw(i, 5) * 60)::int END AS age,
		CASE WHEN draw(i, 6) < 0.9 THEN (ARRAY['We''st', 'back\slash', 'North', '', 'Süd "x"'])[1 + floor(draw(i, 7) * 5)::int] END AS region,
		CASE WHEN draw(i, 8) < 0.8 THEN round((draw(i, 9) - 0.5)::numeric, 4) END AS "odd ""name"" it's \",
		draw(i, 10) < 0.3 AS flag, draw(i, 11) AS noise
	FROM generate_series(1, 3000) i) r;
ALTER TABLE customers ADD features jsonb;
UPDATE customers c SET features = to_jsonb(c) - 'id' - 'profit' - 'features';
CREATE TABLE trees AS SELECT value_tree(profit, features, 12) AS pruned, value_tree(profit, features, 40, branching(folds => 0, min_customers => 1)) AS large,
	value_tree(profit, features, 12, branching(scale => 'asinh', min_share => 0.02)) AS scaled FROM customers;
SELECT segment, rule, customers, round(mean) AS mean FROM trees, rules(pruned) ORDER BY 1;
SELECT feature, round(importance, 3) AS importance FROM trees, variable_importance(pruned);
SELECT folds, customers, explained > 0.9 AS explained, in_sample > explained AS optimism, accuracy, baseline, verdict(pruned), comparability(pruned)
FROM trees, cross_validation(pruned);
SELECT folds, explained FROM trees, cross_validation(large);

-- every rule selects exactly the customers of its leaf, in both ways of writing it
CREATE FUNCTION by_rule(s segmentation, features text) RETURNS TABLE (id int, segment int) LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM rules(s, features) LOOP
		RETURN QUERY EXECUTE format('SELECT id, %s FROM others c WHERE %s', r.segment, r.rule);
	END LOOP;
END $$;
CREATE TABLE others AS SELECT * FROM customers;
INSERT INTO others SELECT 10000 + id, CASE WHEN id % 7 > 0 THEN id % 90 - 5 + (id % 2) * 0.5 END, CASE WHEN id % 5 > 0 THEN 'unseen' || id % 3 END, CASE WHEN id % 3 > 0 THEN (id % 200 - 100) / 100.0 END, NULL, NULL, NULL
FROM customers WHERE id % 2 = 0;
UPDATE others c SET features = jsonb_strip_nulls(to_jsonb(c) - 'id' - 'profit' - 'features') WHERE id > 10000;
SELECT which, written, count(*) AS customers, count(*) FILTER (WHERE r.segment IS DISTINCT FROM segment(s, o.features)) AS differ, count(DISTINCT o.id) AS different
FROM (SELECT 'pruned' AS which, pruned AS s FROM trees UNION ALL SELECT 'large', large FROM trees UNION ALL SELECT 'scaled', scaled FROM trees) t,
	(VALUES ('features'), ('c.features'), (NULL)) w(written), LATERAL (SELECT o.id, b.segment FROM others o FULL JOIN by_rule(s, written) b USING (id)) r
	JOIN others o USING (id)
GROUP BY 1, 2 ORDER BY 1, 2;
-- the summary is what grouping by segment() says, and the highest mean comes first
SELECT which, count(*) AS leaves, bool_and(z.customers = g.customers AND z.total = g.total AND z.lowest = g.lowest AND z.highest = g.highest) AS same,
	bool_and(z.mean <= coalesce(z.before, z.mean)) AS descending
FROM (SELECT which, s, g.*, lag(mean) OVER (PARTITION BY which ORDER BY number) AS before FROM
		(SELECT 'pruned' AS which, pruned AS s FROM trees UNION ALL SELECT 'large', large FROM trees UNION ALL SELECT 'scaled', scaled FROM trees) t, segments(s) g) z,
	LATERAL (SELECT count(*) AS customers, sum(profit) AS total, min(profit) AS lowest, max(profit) AS highest FROM customers WHERE segment(s, features) = number) g
GROUP BY 1 ORDER BY 1;
-- what is explained, by its formula, on both scales
SELECT abs(in_sample - (1 - w / t)) < 1e-12 AS linear
FROM trees, cross_validation(large), (SELECT sum((profit - m) ^ 2) AS w FROM (SELECT profit, avg(profit) OVER (PARTITION BY segment(large, features)) AS m FROM customers, trees) q) w,
	(SELECT sum((profit - m) ^ 2) AS t FROM (SELECT profit, avg(profit) OVER () AS m FROM customers) q) t;
SELECT abs(in_sample - (1 - w / t)) < 1e-12 AS asinh, scaled::text::jsonb ->> 'unit' = u::float8::text AS unit
FROM trees, cross_validation(scaled), (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(profit)) AS u FROM customers WHERE profit <> 0) u,
	LATERAL (SELECT sum((v - m) ^ 2) AS w FROM (SELECT v, avg(v) OVER (PARTITION BY segment(scaled, features)) AS m FROM (SELECT asinh(profit / u) AS v, features FROM customers) a) q) w,
	LATERAL (SELECT sum((v - m) ^ 2) AS t FROM (SELECT v, avg(v) OVER () AS m FROM (SELECT asinh(profit / u) AS v FROM customers) a) q) t;
SELECT abs(goodness_of_variance_fit(large) - l.in_sample) < 1e-12 AS linear, abs(goodness_of_variance_fit(scaled, 'used') - c.in_sample) < 1e-12 AS asinh,
	goodness_of_variance_fit(scaled) < goodness_of_variance_fit(large) AS raw FROM trees, cross_validation(large) l, cross_validation(scaled) c;
-- the least customers of a leaf are kept to
SELECT min(customers) >= 60 AS least FROM trees, segments(scaled);
SELECT min(customers) >= 350 AS least, count(*) > 2 AS some FROM (SELECT value_tree(profit, features, 12, branching(min_customers => 350)) AS s FROM customers) t, segments(s);

-- values that are more median sizes than a double can be: they still have a place on the scale
SELECT number, label, customers
FROM (SELECT value_tree(v, jsonb_build_object('a', a), 2, branching('asinh', min_customers => 1, folds => 0)) AS s
	FROM unnest('{1e-300, 2e-300, 2e-300, 3e-300, 1e99}'::float8[], '{1, 2, 3, 4, 5}'::int[]) t(v, a)) q, segments(s);

-- nothing to find, and it says so
SELECT value_tree(profit, jsonb_build_object('noise', noise, 'other', id * 7919 % 101, 'letter', chr(97 + id * 31 % 13)), 8) AS s FROM customers \gset
SELECT count(*) AS leaves, verdict(:'s') FROM segments(:'s');
SELECT rule, label FROM rules(:'s');

-- a long way: a thousand questions about one feature, whose lists overlap
SET statement_timeout = '60s';
CREATE TABLE chain AS SELECT ('{"method": "value_tree", "nodes": [' || string_agg(CASE WHEN i = 999 THEN '{"segment": 1000}' ELSE
	format('{"feature": "c", "in": ["first", %s], "yes": %s, "no": %s}, {"segment": %s}', listed, 2 * i + 2, 2 * i + 3, i + 1) END, ', ' ORDER BY i) || ']}')::segmentation AS s
FROM generate_series(0, 999) i, LATERAL (SELECT string_agg(format('"%s"', 10 * i + x), ', ') AS listed FROM generate_series(1, 20) x) l;
SELECT label(s, 1), label(s, 2), label(s, 1000) FROM chain;
SELECT segment, length(rule), left(rule, 100) AS rule FROM chain, rules(s) WHERE segment IN (1, 2, 3, 1000);
RESET statement_timeout;

-- any order, any plan, any number of workers
CREATE TABLE results (how text, a segmentation, b segmentation, c segmentation);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', value_tree(profit, features, 8), value_tree(profit::float8, features, 30, branching(folds => 0)), value_tree(profit, features, 8, branching(scale => 'asinh', folds => 4)) FROM customers;
INSERT INTO results SELECT 'sorted', value_tree(profit, features, 8), value_tree(profit::float8, features, 30, branching(folds => 0)), value_tree(profit, features, 8, branching(scale => 'asinh', folds => 4)) FROM (SELECT profit, features FROM customers ORDER BY region DESC, noise) t;
INSERT INTO results SELECT 'by id', value_tree(profit, features, 8 ORDER BY id DESC), value_tree(profit::float8, features, 30, branching(folds => 0) ORDER BY profit), value_tree(profit, features, 8, branching(scale => 'asinh', folds => 4) ORDER BY -id) FROM customers;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT value_tree(profit, features, 8) FROM customers') p WHERE p LIKE '%Partial Aggregate%';
INSERT INTO results SELECT 'parallel', value_tree(profit, features, 8), value_tree(profit::float8, features, 30, branching(folds => 0)), value_tree(profit, features, 8, branching(scale => 'asinh', folds => 4)) FROM customers;
SET parallel_leader_participation = off;
INSERT INTO results SELECT 'workers', value_tree(profit, features, 8), value_tree(profit::float8, features, 30, branching(folds => 0)), value_tree(profit, features, 8, branching(scale => 'asinh', folds => 4)) FROM customers;
SELECT count(DISTINCT (a, b, c)) AS different, count(*) AS ways, count(DISTINCT a::text || b::text || c::text) AS texts FROM results;
SELECT value_tree(profit, features, 8) IS NULL AS nothing FROM customers WHERE id < 0;
SELECT value_tree(CASE WHEN id IN (3, 4) THEN profit END, features, 8) IS NOT NULL AS two FROM customers;
RESET parallel_leader_participation;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- text and binary forms come back; generated columns, indexes, CHECK
SELECT bool_and(t::text::segmentation = t) AS same FROM results, LATERAL (VALUES (a), (b), (c)) v(t);
SELECT '{"method": "value_tree", "nodes": [{"no": 3, "yes": 2, "feature": "age", "at_least": 40}, {"segment": 1}, {"feature": "b", "in": ["y", "x"], "missing": "yes", "yes": 5, "no": 4}, {"segment": 3}, {"segment": 2}], "labels": ["gold", "silver", "red"]}'::segmentation AS s \gset
SELECT :'s' AS tree;
SELECT * FROM rules(:'s');
SELECT * FROM segments(:'s');
SELECT verdict(:'s'), feature, importance FROM variable_importance(:'s');
SELECT cross_validation(:'s'), goodness_of_variance_fit(:'s');
SELECT label(with_labels(:'s', '{a,b,c}'), 2);
CREATE TABLE stored (features jsonb CHECK (segment('{"method": "value_tree", "nodes": [{"feature": "age", "at_least": 40, "yes": 2, "no": 3}, {"segment": 1}, {"segment": 2}]}', features) < 3),
	segment int GENERATED ALWAYS AS (segment('{"method": "value_tree", "nodes": [{"feature": "age", "at_least": 40, "yes": 2, "no": 3}, {"segment": 1}, {"segment": 2}]}', features)) STORED);
CREATE INDEX ON stored (segment('{"method": "value_tree", "nodes": [{"feature": "age", "present": true, "yes": 2, "no": 3}, {"segment": 1}, {"segment": 2}]}', features));
INSERT INTO stored VALUES ('{"age": 40}'), ('{"age": 39.999999999999999999999999999999}'), ('{"age": 4e1}'), ('{"age": 1e30}'), ('{}');
SELECT * FROM stored;
-- numbers are compared exactly
SELECT segment('{"method": "value_tree", "nodes": [{"feature": "x", "at_least": 0.1, "yes": 2, "no": 3}, {"segment": 1}, {"segment": 2}]}', ('{"x": ' || x || '}')::jsonb), x
FROM (VALUES ('0.1'), ('0.1000'), ('0.099999999999999999999'), ('0.10000000000000000000001'), ('-1e50'), ('12345678901234567890123.4')) v(x);
-- a leaf nobody can reach, one for missing values only, lists that cross
SELECT segment, rule FROM rules('{"method": "value_tree", "nodes": [{"feature": "x", "at_least": 5, "missing": "no", "yes": 2, "no": 5}, {"feature": "x", "at_least": 3, "yes": 3, "no": 4},
	{"segment": 1}, {"segment": 2}, {"feature": "x", "at_least": 7, "missing": "yes", "yes": 6, "no": 7}, {"segment": 3}, {"feature": "x", "at_least": 1, "yes": 8, "no": 9}, {"segment": 4}, {"segment": 5}]}');
SELECT segment, rule, label FROM rules('{"method": "value_tree", "nodes": [{"feature": "c", "in": ["a", "b", "c"], "yes": 2, "no": 5}, {"feature": "c", "in": ["b", "d"], "missing": "yes", "yes": 3, "no": 4}, {"segment": 1}, {"segment": 2},
	{"feature": "c", "in": ["a", "d", "e"], "missing": "yes", "yes": 6, "no": 7}, {"segment": 3}, {"feature": "c", "in": ["f", "e", "g", "h", "i"], "yes": 9, "no": 8}, {"segment": 4}, {"segment": 5}]}');
SELECT rule FROM rules('{"method": "value_tree", "nodes": [{"feature": "select", "present": true, "yes": 2, "no": 3}, {"segment": 1}, {"segment": 2}]}', NULL);

-- rules of cut points
SELECT * FROM rules('{"cuts": [5000, 1000, 0]}', 'profit');
SELECT segment, label, rule, customers, round(share, 2) AS share, round(mean, 1) AS mean FROM (SELECT natural_breaks(profit, 2) AS s FROM small) b, rules(s);
SELECT rule FROM rules('{"cuts": [-1e-9]}', 'a + b');
SELECT rule FROM rules('{"cuts": []}', NULL);

-- errors
\set VERBOSITY default
SELECT value_tree(profit, features, 0) FROM small;
SELECT value_tree(profit, features, NULL) FROM small;
SELECT value_tree(profit, features, 2 + (profit > 0)::int) FROM small;
SELECT value_tree(profit, features, 2, '{"leaves": 3}') FROM small;
SELECT value_tree(profit, features, 2, branching(scale => 'log')) FROM small;
SELECT value_tree(profit, features, 2, branching(min_share => 0.7)) FROM small;
SELECT value_tree(profit, features, 2, branching(min_customers => (10 + profit)::int)) FROM small;
SELECT value_tree('NaN'::float8, '{}', 2);
SELECT segment(:'s', '{"age": "old"}'::jsonb);
SELECT segment(:'s', '{"b": 5}'::jsonb);
SELECT segment(:'s', '{"age": [40]}'::jsonb);
SELECT segment(:'s', '[1]'::jsonb);
SELECT segment(:'s', 5.0);
SELECT segment('{"cuts": [1]}', '{"a": 1}'::jsonb);
SELECT breaks(:'s');
SELECT variable_importance('{"cuts": [1]}');
SELECT '{"method": "value_tree", "nodes": [{"feature": "a", "at_least": 1, "yes": 1, "no": 2}, {"segment": 1}]}'::segmentation;
\set VERBOSITY terse
SELECT value_tree(profit, features, 1001) FROM small;
SELECT value_tree('Infinity'::numeric, '{}', 2);
SELECT value_tree(1e100, '{}', 2);
SELECT value_tree(1, '[]', 2);
SELECT value_tree(1, '{"a": {"b": 1}}', 2);
SELECT value_tree(1, f, 2) FROM (VALUES ('{"a": 1}'::jsonb), ('{"a": "x"}')) v(f);
SELECT value_tree(1, '{}', 2, '{"folds": 101}');
SELECT value_tree(1, '{}', 2, '{"folds": 2, "folds": 2.5}');
SELECT value_tree(1, '{}', 2, '{"min_customers": 0}');
SELECT value_tree(1, '{}', 2, '[]');

DROP TABLE small, arithmetic, growing, long_numbers, customers, trees, others, results, stored, chain;
DROP FUNCTION draw, by_rule, plan_of, count_rows;
