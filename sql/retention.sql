-- Customer value without a model of purchases: formulas, and migration between states.
SET search_path = public, customer_value;
SET extra_float_digits = 0;

-- the retention formula: the margin multiples of Gupta and Lehmann
SELECT r, round(retention_clv(1, r, 0.10)::numeric, 2) AS "10%", round(retention_clv(1, r, 0.12)::numeric, 2) AS "12%",
	round(retention_clv(1, r, 0.14)::numeric, 2) AS "14%", round(retention_clv(1, r, 0.16)::numeric, 2) AS "16%"
FROM unnest(ARRAY[0.6, 0.7, 0.8, 0.9]) r;
-- the first payment at the end of the first period, or now
SELECT retention_clv(100, 0.8, 0.1) AS at_the_end, retention_clv(100, 0.8, 0.1, 'end') AS the_same,
	retention_clv(100, 0.8, 0.1, first_payment => 'now') AS now;
-- over so many periods, against the sum it stands for
SELECT count(*) AS compared, count(*) FILTER (WHERE abs(retention_clv(70, r, d, n) - s) > 1e-12 * s) AS wrong_at_the_end,
	count(*) FILTER (WHERE abs(retention_clv(70, r, d, n, first_payment => 'now') - (70 + s)) > 1e-12 * s) AS wrong_now
FROM generate_series(0, 1, 0.125) r, generate_series(0, 0.5, 0.125) d, generate_series(1, 40, 3) n,
	LATERAL (SELECT sum(70 * r ^ t / (1 + d) ^ t)::float8 AS s FROM generate_series(1, n) t) q;
SELECT retention_clv(100, 0.8, 0.1, 0) AS nothing, retention_clv(100, 0.8, 0.1, 0, 'now') AS one_payment,
	retention_clv(100, 1, 0, 12) AS a_year, retention_clv(-100, 0.5, 0) AS a_loser;
SELECT retention_clv(NULL, 0.8, 0.1) IS NULL AS "null", retention_clv(100, 0.8, 0.1, NULL::int) IS NULL AS null_too;

-- sensitivity: five points of retention
SELECT retention, discount_rate, round(value::numeric, 2) AS value, round(value_raised::numeric, 2) AS value_raised,
	round(change::numeric, 2) AS change, round(change_ratio::numeric, 4) AS change_ratio
FROM retention_sensitivity(100, 0.05, ARRAY[0.6, 0.8, 0.9, 0.95], ARRAY[0.1, 0.15]);
SELECT count(*) AS rows, bool_and(change = value_raised - value AND value = retention_clv(-3, retention, discount_rate, 'now')
	AND value_raised = retention_clv(-3, retention + 0.125, discount_rate, 'now')) AS as_the_formula
FROM retention_sensitivity(-3, 0.125, ARRAY[0, 0.5, 0.875], ARRAY[0.25, 1], first_payment => 'now');
SELECT value, value_raised, change, change_ratio FROM retention_sensitivity(10, 0.5, ARRAY[0], ARRAY[1]);
SELECT count(*) AS none FROM retention_sensitivity(10, 0.5, '{}', ARRAY[1]);

-- signs: ours, and the sum that is often quoted
SELECT clv_simple(120.50, 400.25, 35) AS ours, clv_simple(120.50, 400.25, 35, quoted => true) AS quoted,
	clv_simple(-120.50, 400.25, -35, quoted => true) = clv_simple(120.50, 400.25, 35) AS same_with_signs;
SELECT clv_simple(0.1, 0.3, 0.2) = 0 AS exact, clv_simple(NULL, 1, 1) IS NULL AS "null";
-- expected credit loss
SELECT expected_credit_loss(0.02, 0.45, 10000) AS loss, expected_credit_loss(0.02, 0.45, 0.1) AS exact,
	clv_simple(120, 400, 35 + expected_credit_loss(0.02, 0.45, 10000)) AS clv;
-- attrition of contracts
SELECT annual_attrition(1000, 30, '1 month') AS monthly, 1 - 0.97 ^ 12 AS same, annual_attrition(1000, 300, '1 year') AS yearly,
	annual_attrition(1000, 300, '365.25 days') AS in_days, annual_attrition(1000, 750, '2 years') AS in_two,
	annual_attrition(1000, 0, '1 day') AS none, annual_attrition(5, 5, '10 years') AS "all",
	round(annual_attrition(1000, 1, '6 hours')::numeric, 6) AS hours;

-- transitions: Pfeifer and Carraway's mailing list
CREATE TABLE model AS SELECT '{"states": ["1", "2", "3", "4", "gone"], "probabilities": [[0.3, 0.7, 0, 0, 0],
  [0.2, 0, 0.8, 0, 0], [0.15, 0, 0, 0.85, 0], [0.05, 0, 0, 0, 0.95], [0, 0, 0, 0, 1]]}'::transition_matrix AS m;
SELECT m, states(m) FROM model;
SELECT t.* FROM model, transitions(m) t;
SELECT a.state, round(a.value::numeric, 3) AS four_periods, round(b.value::numeric, 3) AS without_end, round(c.value::numeric, 3) AS by_name
FROM model, migration_clv(m, ARRAY[36, -4, -4, -4, 0], 0.2, 4) a JOIN migration_clv(m, ARRAY[36, -4, -4, -4, 0], 0.2) b USING (state)
	JOIN migration_clv(m, jsonb '{"gone": 0, "4": -4, "3": -4, "2": -4, "1": 36}', discount_rate => 0.2) c USING (state);
-- the same in plain SQL
WITH RECURSIVE v AS (
	SELECT 0 AS t, ARRAY[36, -4, -4, -4, 0]::float8[] AS v
	UNION ALL
	SELECT t + 1, ARRAY[36 + (0.3 * v[1] + 0.7 * v[2]) / 1.2, -4 + (0.2 * v[1] + 0.8 * v[3]) / 1.2,
		-4 + (0.15 * v[1] + 0.85 * v[4]) / 1.2, -4 + (0.05 * v[1] + 0.95 * v[5]) / 1.2, v[5] / 1.2] FROM v WHERE t < 300
)
SELECT t, bool_and(abs(c.value - x) < 1e-12) AS same
FROM v, model, LATERAL unnest(v) WITH ORDINALITY u(x, i),
	LATERAL (SELECT array_agg(value ORDER BY ordinality) AS a FROM migration_clv(m, jsonb '{"gone": 0, "4": -4, "3": -4, "2": -4, "1": 36}', 0.2, t) WITH ORDINALITY) w,
	LATERAL (SELECT a[i] AS value) c
WHERE t IN (0, 1, 7, 300) GROUP BY t ORDER BY t;

-- the aggregate: from one month to the next
CREATE TABLE moves (id serial, before text, after text);
INSERT INTO moves (before, after) VALUES ('gold', 'gold'), ('gold', 'silver'), ('gold', 'gold'), ('silver', 'gold'),
	('silver', NULL), ('silver', 'silver'), (NULL, 'gold'), ('gold', 'gold'), ('silver', 'silver'), (NULL, NULL);
SELECT transition_matrix(before, after) FROM moves;
SELECT t.* FROM (SELECT transition_matrix(before, after) AS m FROM moves) x, transitions(m) t;
SELECT v.* FROM (SELECT transition_matrix(before, after) AS m FROM moves) x, migration_clv(m, jsonb '{"gold": 10, "silver": 4, "gone": 0}', 0.25) v;
SELECT transition_matrix(before, after) IS NULL AS no_pairs FROM moves WHERE before IS NULL;
-- two states are the retention formula with the first payment now
SELECT n, round(v.value::numeric, 6) AS migration, round(retention_clv(100, 0.8, 0.1, n, 'now')::numeric, 6) AS retention
FROM generate_series(0, 9, 3) n, migration_clv('{"states": ["here", "gone"], "counts": [[80, 20], [0, 0]]}', ARRAY[100, 0], 0.1, n) v
WHERE state = 'here';
-- states in the order of their bytes, whatever the locale
SELECT states(transition_matrix(a, b)) FROM (VALUES ('ß', 'Z'), ('a', 'é'), ('B', '10'), ('9', ''), ('"', '\')) v(a, b);

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE many AS SELECT i, CASE WHEN i % 11 > 0 THEN 'state ' || i * 7919 % 30 END AS a,
	CASE WHEN i % 7 > 0 THEN 'state ' || i * 1049 % 37 END AS b FROM generate_series(1, 30000) i;
CREATE TABLE results (how text, m transition_matrix);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', transition_matrix(a, b) FROM many;
INSERT INTO results SELECT 'sorted', transition_matrix(a, b ORDER BY b, a DESC) FROM many;
INSERT INTO results SELECT 'window', transition_matrix(a, b) OVER () FROM many LIMIT 1;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT transition_matrix(a, b) FROM many;
INSERT INTO results SELECT 'parallel', transition_matrix(a, b) FROM many;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS ways, count(DISTINCT transition_matrix_send(m)) AS bytes, count(DISTINCT m) AS "values" FROM results;
SELECT count(*) AS wrong FROM (SELECT m FROM results LIMIT 1) r, transitions(m) t
	FULL JOIN (SELECT a, coalesce(b, 'gone') AS b, count(*) AS n, count(*)::float8 / sum(count(*)) OVER (PARTITION BY a) AS p
		FROM many WHERE a IS NOT NULL GROUP BY 1, 2) s ON from_state = a AND to_state = b
WHERE (n, p) IS DISTINCT FROM (customers, probability);
SELECT v.value > 0 AS finite, count(*) FROM (SELECT m FROM results LIMIT 1) r, migration_clv(m,
	(SELECT array_agg(CASE WHEN s LIKE 'state _' THEN 1.0 ELSE 0 END ORDER BY n) FROM unnest(states(m)) WITH ORDINALITY u(s, n)), 0) v GROUP BY 1 ORDER BY 1;

-- text and binary form, comparison
SELECT x = y AS eq, x <> y AS ne, x < y OR x > y AS apart FROM (VALUES
	('{"states": ["a"], "counts": [[1.0]]}'::transition_matrix, '{"counts":[[1]],"states":["\u0061"]}'::transition_matrix),
	('{"states": ["a"], "counts": [[1]]}', '{"states": ["a"], "probabilities": [[1]]}'),
	('{"states": ["a", "b"], "counts": [[1, 0], [0, 1]]}', '{"states": ["b", "a"], "counts": [[1, 0], [0, 1]]}')) v(x, y);
SELECT bool_and(m = m::text::transition_matrix AND transition_matrix_send(m) = transition_matrix_send(m::text::transition_matrix)) AS round_trips
FROM (SELECT m FROM results UNION ALL SELECT m FROM model) q;
SELECT count(*) AS "groups" FROM (SELECT m FROM results UNION ALL SELECT m FROM model) q GROUP BY m ORDER BY 1;

-- errors
\set VERBOSITY default
SELECT retention_clv(100, 80, 0.1);
SELECT retention_clv(100, 0.8, -0.1);
SELECT retention_clv(100, 1, 0);
SELECT retention_clv(100, 0.8, 0.1, 'later');
SELECT retention_clv(100, 0.8, 0.1, -1);
SELECT retention_clv('Infinity', 0.8, 0.1);
SELECT retention_clv(1e308, 0.9, 0.1);
SELECT * FROM retention_sensitivity(100, 0.05, ARRAY[0.9, 0.97], ARRAY[0.1]);
SELECT * FROM retention_sensitivity(100, 0.05, ARRAY[0.9, NULL], ARRAY[0.1]);
SELECT clv_simple(-120, 400, 35);
SELECT clv_simple('NaN', 400, 35);
SELECT expected_credit_loss(2, 0.45, 100);
SELECT expected_credit_loss(0.02, 0.45, -100);
SELECT annual_attrition(100, 101, '1 month');
SELECT annual_attrition(100, 10, '-1 month');
SELECT '{"states": ["a", "b"], "counts": [[1, 2]]}'::transition_matrix;
SELECT migration_clv(m, ARRAY[1, 2], 0.2) FROM model;
SELECT migration_clv(m, jsonb '{"1": 3, "x": 4}', 0.2) FROM model;
SELECT migration_clv(m, ARRAY[1, 1, 1, 1, 1], 0) FROM model;
SELECT migration_clv('{"states": ["a", "gone"], "counts": [[1, 1], [0, 0]]}', ARRAY[1, 1], 0.1);
\set VERBOSITY terse
SELECT retention_clv(100, 'NaN', 0.1);
SELECT retention_clv(100, 0.8, 'NaN');
SELECT retention_clv(100, -0.001, 0.1);
SELECT expected_credit_loss(0.02, 'Infinity', 100);
SELECT clv_simple(10, 400, -35);
SELECT annual_attrition(0, 0, '1 month');
SELECT annual_attrition(10, -1, '1 month');
SELECT annual_attrition(100, 10, '0');
SELECT migration_clv(m, jsonb '{"1": 3, "2": 4, "3": 1, "4": 1}', 0.2) FROM model;
SELECT migration_clv(m, jsonb '{"1": "3", "2": 4, "3": 1, "4": 1, "gone": 0}', 0.2) FROM model;
SELECT migration_clv(m, jsonb '[1]', 0.2) FROM model;
SELECT migration_clv(m, ARRAY[1, 2, 3, 4, 'NaN'::float8], 0.2) FROM model;
SELECT migration_clv(m, ARRAY[1, 2, 3, 4, 5], -0.2) FROM model;
SELECT migration_clv(m, ARRAY[1, 2, 3, 4, 5], 0.2, -1) FROM model;
SELECT migration_clv(m, ARRAY[1e308, 1e308, 1e308, 1e308, 1e308], 0.01) FROM model;
SELECT transition_matrix(i::text, 'x') FROM generate_series(1, 1000) i;
SELECT transition_matrix(repeat('x', 256), 'x');

DROP TABLE model, moves, many, results;
