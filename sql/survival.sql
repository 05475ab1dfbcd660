-- How long customers stay: Kaplan-Meier curves and the log-rank test.
SET search_path = public, customer_value;
SET extra_float_digits = 0;

-- Weeks in remission of two arms of a trial (Freireich and others 1963; Gehan 1965)
CREATE TABLE gehan AS
SELECT '6-MP' AS arm, weeks, n <= 9 AS event
FROM unnest(ARRAY[6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]) WITH ORDINALITY u(weeks, n)
UNION ALL
SELECT 'control', weeks, true FROM unnest(ARRAY[1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]) u(weeks);
CREATE TABLE curves AS SELECT arm, kaplan_meier(weeks, event) AS c FROM gehan GROUP BY arm;
SELECT c FROM curves ORDER BY arm;
SELECT duration, at_risk, events, censored, round(survival::numeric, 3) AS survival, round(standard_error::numeric, 4) AS standard_error,
	round(lower::numeric, 3) AS lower, round(upper::numeric, 3) AS upper
FROM curves, points(c) WHERE arm = '6-MP';
SELECT duration, round(p.lower::numeric, 3) AS plain_lower, round(p.upper::numeric, 3) AS plain_upper,
	round(l.lower::numeric, 3) AS log_lower, round(l.upper::numeric, 3) AS log_upper, round(n.lower::numeric, 3) AS at_90_lower, round(n.upper::numeric, 3) AS at_90_upper
FROM curves, points(c, interval_type => 'plain') p JOIN points(c, 0.95, 'log') l USING (duration) JOIN points(c, level => 0.9) n USING (duration)
WHERE arm = '6-MP' AND p.events > 0;
-- all lost at the end: no error, no interval
SELECT duration, at_risk, round(survival::numeric, 3) AS survival, standard_error IS NULL AS no_error, lower IS NULL AS no_interval
FROM curves, points(c) WHERE arm = 'control' AND duration > 17;
SELECT arm, customers(c), events(c), median(c), quantile(c, 0.25) AS quarter, quantile(c, 0.9) AS nine_tenths, quantile(c, 1) AS everybody,
	survival(c, 0) AS at_0, round(survival(c, 10)::numeric, 3) AS at_10, survival(c, 36) AS at_36
FROM curves ORDER BY arm;
SELECT arm, restricted_mean(c, 23) AS mean, restricted_mean_standard_error(c, 23) AS error, restricted_mean(c, 35) AS to_the_end, restricted_mean(c, 36) AS beyond
FROM curves ORDER BY arm;
-- without censoring the mean is the mean, and its error that of a mean
SELECT restricted_mean(c, 23) - avg(weeks)::float8 AS mean, abs(restricted_mean_standard_error(c, 23) - (stddev_pop(weeks) / sqrt(count(*)))::float8) < 1e-14 AS error
FROM curves NATURAL JOIN gehan WHERE arm = 'control' GROUP BY c;

-- log-rank
SELECT (log_rank(arm, weeks, event)).* FROM gehan;
SELECT g.* FROM (SELECT log_rank(arm, weeks, event) AS t FROM gehan) x, groups(t) g;
SELECT round((t).chi_square::numeric, 2) AS chi_square, (t).p_value < 0.0001 AS differs FROM (SELECT log_rank(arm, weeks, event) AS t FROM gehan) x;

-- events come before censorings at the same time; only at the end is nobody left
SELECT points(kaplan_meier(t, e)) FROM (VALUES (1, true), (1, false), (2, true)) v(t, e);
-- an event at time 0 lowers the curve at once, one at the exact level counts as reached
SELECT survival(c, 0) AS at_0, median(c) AS median, quantile(c, 0.25) AS quarter, quantile(c, 0.75) AS three_quarters
FROM (SELECT kaplan_meier(t, true) AS c FROM (VALUES (0), (1), (2), (3)) v(t)) q;
SELECT count(*) FILTER (WHERE median(c) <> n / 2) AS wrong FROM generate_series(2, 200, 2) n,
	LATERAL (SELECT kaplan_meier(t, true) AS c FROM generate_series(1, n) t) q;
-- nothing to see
SELECT kaplan_meier(NULL, NULL) IS NULL AS no_observation, median('{"duration": [1], "events": [0], "censored": [9]}'::survival_curve) IS NULL AS no_median;

-- late entry: at risk after entry, up to and including duration
SELECT c FROM (SELECT kaplan_meier(t, e, s) AS c FROM (VALUES (5, true, 2), (5, true, NULL), (2, true, NULL), (3, false, 2), (7, false, 5), (9, true, 0)) v(t, e, s)) q;
SELECT p.duration, p.at_risk, p.events, p.censored, round(p.survival::numeric, 4) AS survival
FROM (SELECT kaplan_meier(t, e, s) AS c FROM (VALUES (5, true, 2), (5, true, NULL), (2, true, NULL), (3, false, 2), (7, false, 5), (9, true, 0)) v(t, e, s)) q, points(c) p;

-- the slow way, in plain SQL
CREATE TABLE many AS
SELECT i, (i * 7919 % 97) / 8.0 AS t, i * 1049 % 7 > 2 AS e, CASE WHEN i % 3 > 0 AND i * 7919 % 97 > 20 THEN (i * 6121 % 20) / 8.0 END AS s,
	'group ' || (i * 15485863::bigint % 5) AS g FROM generate_series(1, 6000) i;
WITH one AS (SELECT kaplan_meier(t, e, s) AS c FROM many),
	slow AS (
		SELECT u.t, d, n, k, exp(sum(ln(1 - d::float8 / n)) OVER w) AS survival, sum(d::float8 / n / (n - d)) OVER w AS greenwood
		FROM (SELECT DISTINCT t FROM many) u, LATERAL (SELECT count(*) FILTER (WHERE m.t >= u.t AND coalesce(m.s < u.t, true)) AS n,
			count(*) FILTER (WHERE m.t = u.t AND e) AS d, count(*) FILTER (WHERE m.t = u.t AND NOT e) AS k FROM many m) x
		WHERE n > d WINDOW w AS (ORDER BY u.t))
SELECT count(*) AS times, count(*) FILTER (WHERE (n, d, k) IS DISTINCT FROM (at_risk, events, censored)) AS wrong_counts,
	count(*) FILTER (WHERE abs(p.survival - slow.survival) > 1e-12 OR abs(standard_error - p.survival * sqrt(greenwood)) > 1e-12) AS wrong
FROM one, points(c) p FULL JOIN slow ON slow.t = p.duration;
WITH at AS (
	SELECT t, g, sum(count(*)) OVER (PARTITION BY g ORDER BY t DESC) AS n, count(*) FILTER (WHERE e) AS d FROM many GROUP BY t, g),
	risk AS (SELECT t, g, d, (SELECT count(*) FROM many m WHERE m.g = q.g AND m.t >= q.t) AS n
		FROM (SELECT t.t, g.g, coalesce(d, 0) AS d FROM (SELECT DISTINCT t FROM many) t CROSS JOIN (SELECT DISTINCT g FROM many) g LEFT JOIN at USING (t, g)) q),
	expected AS (SELECT g, sum(x * n / a) AS expected, sum(d) AS events
		FROM (SELECT g, d, n::float8, sum(d) OVER (PARTITION BY t) AS x, sum(n) OVER (PARTITION BY t) AS a FROM risk) r WHERE a > 0 GROUP BY g),
	fast AS (SELECT groups(log_rank(g, t, e)) AS f FROM many)
SELECT count(*) AS "groups", bool_and(abs((f).expected - expected.expected) < 1e-9) AS same_expected, bool_and((f).events = expected.events) AS same_events
FROM fast FULL JOIN expected ON (f).cohort = g;
-- two groups by the textbook formula with one variance
WITH at AS (
	SELECT t, count(*) FILTER (WHERE e)::float8 AS d, (SELECT count(*) FROM many m WHERE m.t >= u.t AND g IN ('group 0', 'group 1'))::float8 AS n,
		(SELECT count(*) FROM many m WHERE m.t >= u.t AND g = 'group 0')::float8 AS n0, count(*) FILTER (WHERE e AND g = 'group 0') AS d0
	FROM many u WHERE g IN ('group 0', 'group 1') GROUP BY t)
SELECT abs((sum(d0 - d * n0 / n) ^ 2 / sum(d * (n - d) / nullif(n - 1, 0) * n0 / n * (1 - n0 / n))) / (SELECT (log_rank(g, t, e)).chi_square FROM many WHERE g IN ('group 0', 'group 1')) - 1) < 1e-10 AS same
FROM at;

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, c survival_curve, l survival_curve, t log_rank_test);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', kaplan_meier(t, e), kaplan_meier(t, e, s), log_rank(g, t, e) FROM many;
INSERT INTO results SELECT 'sorted', kaplan_meier(t, e ORDER BY t), kaplan_meier(t, e, s ORDER BY i DESC), log_rank(g, t, e ORDER BY t, g) FROM many;
INSERT INTO results SELECT 'window', kaplan_meier(t, e) OVER (), kaplan_meier(t, e, s) OVER (), log_rank(g, t, e) OVER () FROM many LIMIT 1;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT kaplan_meier(t, e), kaplan_meier(t, e, s), log_rank(g, t, e) FROM many;
INSERT INTO results SELECT 'parallel', kaplan_meier(t, e), kaplan_meier(t, e, s), log_rank(g, t, e) FROM many;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS ways, count(DISTINCT survival_curve_send(c)) AS c, count(DISTINCT survival_curve_send(l)) AS l, count(DISTINCT record_send(t)) AS t,
	count(DISTINCT (c, l)) AS "values" FROM results;

-- text and binary form, comparison
SELECT x = y AS eq, x <> y AS ne, x < y OR x > y AS apart FROM (VALUES
	('{"duration": [1.0, 2], "events": [1, 2], "censored": [0, 1]}'::survival_curve, '{"censored": [0, 1], "entered": [0, 0], "events": [1, 2], "duration": [1, 2e0]}'::survival_curve),
	('{"duration": [1, 2], "events": [1, 2], "censored": [0, 1]}', '{"duration": [1, 2], "events": [1, 2], "censored": [0, 1], "entered": [1, 0]}')) v(x, y);
SELECT count(*) AS curves, bool_and(c = c::text::survival_curve AND survival_curve_send(c) = survival_curve_send(c::text::survival_curve)) AS round_trips
FROM (SELECT c FROM curves UNION ALL SELECT c FROM results UNION ALL SELECT l FROM results) q;
SELECT survival_curve_send('{"duration": [1, 2], "events": [1, 0], "censored": [0, 300], "entered": [2, 0]}');

-- errors
\set VERBOSITY default
SELECT kaplan_meier(3, NULL);
SELECT kaplan_meier(-3, true);
SELECT kaplan_meier('NaN', true);
SELECT kaplan_meier(3, true, 3);
SELECT log_rank(NULL, 3, true);
SELECT log_rank(i::text, 3, true) FROM generate_series(1, 300) i;
SELECT points(c, level => 95) FROM curves;
SELECT points(c, interval_type => 'loglog') FROM curves;
SELECT quantile(c, 50) FROM curves;
SELECT '{"duration": [2, 1], "events": [1, 1], "censored": [0, 0]}'::survival_curve;
\set VERBOSITY terse
SELECT kaplan_meier(NULL, true);
SELECT kaplan_meier('Infinity', true);
SELECT kaplan_meier(3, true, -1);
SELECT kaplan_meier(3, true, 'NaN');
SELECT log_rank('a', NULL, true);
SELECT quantile(c, 0) FROM curves;
SELECT quantile(c, 'NaN') FROM curves;
SELECT points(c, level => 1) FROM curves;
SELECT survival(c, -1) FROM curves;
SELECT restricted_mean(c, 'Infinity') FROM curves;
-- nothing to compare is no error
SELECT log_rank('a', NULL, NULL) IS NULL AS no_observation;
SELECT log_rank('one', t, true) FROM generate_series(1, 3) t;
SELECT log_rank(g, 2, true) FROM unnest(ARRAY['a', 'b']) g;
SELECT log_rank(g, t, false) FROM unnest(ARRAY['a', 'b']) g, generate_series(1, 3) t;
SELECT (log_rank(g, t, t > 1)).degrees_of_freedom FROM (VALUES ('gone early', 1), ('a', 2), ('a', 3), ('b', 2), ('b', 4)) v(g, t);

DROP TABLE gehan, curves, many, results;
