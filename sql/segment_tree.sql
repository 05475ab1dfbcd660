-- segment_tree: given segments, described by attributes.
SET search_path = public, customer_value;

-- small enough to see
CREATE TABLE small (segment int, features jsonb);
INSERT INTO small VALUES
	(1, '{"region": "West", "age": 50}'), (1, '{"region": "West", "age": 40}'), (1, '{"region": "East", "age": 60}'), (2, '{"region": "East", "age": 25}'),
	(3, '{"region": "North", "age": 20}'), (3, '{"region": "North", "age": 30}'), (3, '{"region": null, "age": 31}'), (3, '{"age": 38}'), (NULL, '{"age": 1}');
SELECT segment_tree(segment, features, 3, branching(folds => 0, min_customers => 1)) AS s FROM small \gset
SELECT :'s' AS tree;
SELECT segment, label, rule, customers, round(share, 3) AS share, mean, round(precision, 3) AS precision, round(coverage, 3) AS coverage FROM rules(:'s');
SELECT number, label, customers, total, mean, share FROM segments(:'s');
SELECT segment AS given, segment(:'s', features) AS told, features FROM small;
SELECT * FROM cross_validation(:'s');
SELECT verdict(:'s'), comparability(:'s'), label(with_labels(:'s', '{gold,silver,red}'), 2), goodness_of_variance_fit(:'s');
-- a segment nobody predicts keeps its number
SELECT segment, rule, customers, round(precision, 3) AS precision, round(coverage, 3) AS coverage FROM (SELECT segment_tree(segment, features, 2, branching(folds => 0, min_customers => 1)) AS s FROM small) t, rules(s);
SELECT number, customers FROM (SELECT segment_tree(segment, features, 2, branching(folds => 0, min_customers => 1)) AS s FROM small) t, segments(s);
SELECT segment_tree(NULL, features, 3) IS NULL AS nulls, segment_tree(1, features, 3) AS one_segment FROM small;

-- scikit-learn's trees leave the same impurity (test/reference/tree_sklearn.py)
CREATE TABLE arithmetic AS
SELECT CASE WHEN y >= 600 THEN 1 WHEN y >= 300 THEN 2 WHEN y >= 0 THEN 3 ELSE 4 END AS segment, y, jsonb_build_object('a', a, 'b', b, 'c', c, 'd', d) AS features
FROM (SELECT i, a, b, c, d, CASE WHEN a >= 400 THEN 300 ELSE 0 END + CASE WHEN b < 100 AND d >= 3 THEN 250 ELSE 0 END + 3 * c + i * i * i % 1013 - 506 AS y
	FROM (SELECT i, i * 7919 % 1009 AS a, i * 104729 % 499 AS b, i * i * 31 % 97 AS c, i * 15485863 % 7 AS d FROM generate_series(1::bigint, 3000) i) n) t;
SELECT leaves, least, abs((s ->> 'impurity')::float8 - gains - 3000 * gini) < 1e-7 AS same_impurity, abs(in_sample - theirs) < 1e-10 AS same_accuracy
FROM (VALUES (2, 1, 0.708467565676, 0.350000000000), (5, 1, 0.692603722502, 0.368333333333), (8, 100, 0.688366500129, 0.375000000000), (20, 10, 0.675247682536, 0.393333333333), (100, 5, 0.608759857458, 0.489666666667)) v(leaves, least, gini, theirs),
	LATERAL (SELECT segment_tree(segment, features, leaves, branching(folds => 0, min_customers => least)) AS t FROM arithmetic) t, cross_validation(t),
	LATERAL (SELECT t::text::jsonb AS s) j, LATERAL (SELECT sum((n ->> 'gain')::float8) AS gains FROM jsonb_array_elements(s -> 'nodes') n) g;

-- value segments first, then rules within a budget that describe each
-- as good as random, and the same everywhere
CREATE FUNCTION draw(i int, n int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT ('x' || left(md5(i || '/' || n), 8))::bit(32)::bigint / 4294967296.0
$$;
CREATE TABLE customers AS
SELECT i AS id, region, age, income, round((CASE WHEN region IN ('a', 'b') THEN 5000 ELSE 0 END + CASE WHEN age >= 50 THEN 300 ELSE -200 END + 150 * (draw(i, 1) + draw(i, 2) - 1))::numeric, 2) AS profit
FROM (SELECT i, CASE WHEN draw(i, 3) < 0.95 THEN chr(97 + floor(draw(i, 4) * 6)::int) END AS region, CASE WHEN draw(i, 5) < 0.95 THEN 20 + floor(draw(i, 6) * 60)::int END AS age, round((draw(i, 7) * 1e5)::numeric) AS income
	FROM generate_series(1, 5000) i) r;
CREATE TABLE schemes AS
WITH v AS MATERIALIZED (SELECT value_segments(profit, 4) AS v FROM customers)
SELECT v, segment_tree(segment(v, profit), jsonb_build_object('region', region, 'age', age, 'income', income), 6) AS t,
	segment_tree(segment(v, profit), jsonb_build_object('income', income, 'noise', id * 7919 % 1009), 6) AS nothing FROM customers, v GROUP BY v;
SELECT segment, rule, customers, round(precision, 2) AS precision, round(coverage, 2) AS coverage FROM schemes, rules(t, NULL);
SELECT feature, round(importance, 3) AS importance FROM schemes, variable_importance(t);
SELECT folds, customers, root_error > 0.4 AS root_error, error < 0.2 AS error, explained, accuracy = comparability(t) AS accuracy, accuracy > baseline + 0.4 AS above_baseline, abs(accuracy - in_sample) < 0.02 AS as_in_sample, verdict(t)
FROM schemes, cross_validation(t);
SELECT verdict(nothing), round(comparability(nothing)::numeric, 3) AS comparability FROM schemes;
-- precision and coverage are what counting says
CREATE FUNCTION by_rule(s segmentation) RETURNS TABLE (id int, segment int, rule text) LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM rules(s, NULL) LOOP
		RETURN QUERY EXECUTE format('SELECT id, %s, %L FROM customers WHERE %s', r.segment, r.rule, r.rule);
	END LOOP;
END $$;
SELECT count(*) AS rules, bool_and(r.customers = c.customers AND r.precision = c.correct::numeric / c.customers AND r.coverage = c.correct::numeric / c.actual) AS same
FROM schemes, rules(t, NULL) r JOIN LATERAL (
	SELECT b.rule, count(*) AS customers, count(*) FILTER (WHERE segment(v, profit) = b.segment) AS correct, (SELECT count(*) FROM customers x WHERE segment(v, x.profit) = r.segment) AS actual
	FROM by_rule(t) b JOIN customers USING (id) GROUP BY 1) c USING (rule);
SELECT abs(in_sample - (SELECT avg((segment(v, profit) = segment(t, jsonb_build_object('region', region, 'age', age)))::int) FROM customers)) < 1e-12 AS accuracy
FROM schemes, cross_validation(t);

-- of a letter that means nothing, many customers have the same and the same segment; it tells nothing even so
SELECT count(*) AS sets, count(*) FILTER (WHERE verdict NOT LIKE 'attributes do not tell%') <= 2 AS few_false_alarms
FROM (SELECT n, verdict(segment_tree(1 + floor(draw(i, n) * 4)::int, jsonb_build_object('letter', left(md5(i || 'x' || n), 1)), 6))
	FROM generate_series(1, 2000) i, generate_series(1, 20) n GROUP BY n) t;

-- any order, any plan, any number of workers
CREATE TABLE results (how text, a segmentation, b segmentation);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', segment_tree(segment, features, 8), segment_tree(segment, features, 30, branching(folds => 3)) FROM arithmetic;
INSERT INTO results SELECT 'sorted', segment_tree(segment, features, 8), segment_tree(segment, features, 30, branching(folds => 3) ORDER BY y) FROM (SELECT * FROM arithmetic ORDER BY features -> 'c') t;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
INSERT INTO results SELECT 'parallel', segment_tree(segment, features, 8), segment_tree(segment, features, 30, branching(folds => 3)) FROM arithmetic;
SELECT count(DISTINCT (a, b)) AS different, count(*) AS ways, bool_and(a::text::segmentation = a AND b::text::segmentation = b) AS round_trip FROM results;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- by hand, with several leaves for a segment
SELECT segment, label, rule FROM rules('{"method": "segment_tree", "nodes": [{"feature": "a", "at_least": 1, "yes": 2, "no": 3}, {"segment": 1}, {"feature": "b", "in": ["x"], "yes": 4, "no": 5}, {"segment": 1}, {"segment": 3}]}', NULL);

-- errors
\set VERBOSITY default
SELECT segment_tree(0, features, 3) FROM small;
SELECT segment_tree(segment, features, 3, branching(scale => 'asinh')) FROM small;
\set VERBOSITY terse
SELECT segment_tree(1001, features, 3) FROM small;
SELECT segment_tree(segment, features, -1) FROM small;
SELECT segment_tree(segment, features, 3, '{"scale": 1}') FROM small;

DROP TABLE small, arithmetic, customers, schemes, results;
DROP FUNCTION draw, by_rule;
