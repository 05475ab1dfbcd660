-- Does the model hold?  holdout() and likelihood_ratio(), against plain SQL the slow way.

SET search_path = public, customer_value;
SET datestyle = ISO;
SET extra_float_digits = 0;
\pset null (null)

-- 300 customers of 2023, some of them born later; entries that are no purchases, too
CREATE TABLE purchase AS
SELECT c, date '2023-01-01' + (c * 7 % 130) + d AS day
FROM generate_series(1, 300) AS c, generate_series(0, 360) AS d
WHERE d = 0 OR (c % 3 > 0 AND hashint4(c * 1000 + d)::bigint & 1023 < 1024 / (5 + c % 40) AND d < 40 + c % 300);
INSERT INTO purchase SELECT 1000 + c, date '2023-08-13' + c FROM generate_series(1, 20) AS c;

CREATE TABLE born AS SELECT c, min(day) AS birth FROM purchase GROUP BY c;
CREATE TABLE customer AS
SELECT c, total(ledger(day, revenue => 10, cogs => 3)) + ledger('2022-12-20', marketing => 5)
	+ ledger('2023-09-30', revenue => -4) + ledger('2023-10-01', service => 1) AS l
FROM purchase GROUP BY c;
ALTER TABLE customer SET (parallel_workers = 2, autovacuum_enabled = off);
CREATE TABLE fitted AS
SELECT m, model(m) AS name FROM (
	SELECT bgnbd_fit(h) AS bg, mbgnbd_fit(h) AS mbg, pareto_nbd_fit(h) AS pn, nbd_fit(h) AS nbd
	FROM (SELECT rfm(l, as_of => '2023-08-13', unit => 'week') AS h FROM customer) s) f, unnest(ARRAY[bg, mbg, pn, nbd]) AS m;
CREATE TABLE checked AS
SELECT name, m, (SELECT holdout(m, l, '2023-08-13', '2023-12-24') FROM customer) AS h FROM fitted;

SELECT name, customers(h), actual_purchases(h), as_of(h), until(h), clv_model(h) = m AS same_model FROM checked ORDER BY name;

-- totals and errors: every customer by rfm() at the two dates, and expected_purchases()
CREATE TABLE slow AS
SELECT name, c, least(frequency(h), 7)::int AS x, frequency(later) - frequency(h) AS actual,
	expected_purchases(m, h, 133 / 7.0) AS expected,
	CASE WHEN age(h) > 0 THEN frequency(h) / age(h) * 19 ELSE 0 END AS baseline
FROM customer, fitted, rfm(l, as_of => '2023-08-13', unit => 'week') AS h, rfm(l, as_of => '2023-12-24', unit => 'week') AS later
WHERE h IS NOT NULL;
SELECT name, customers(h) = count(*) AS customers, actual_purchases(h) = sum(actual) AS actual,
	abs(expected_purchases(h) - sum(expected)) < 1e-9 AS expected,
	abs(mean_absolute_error(h) - avg(abs(actual - expected))) < 1e-12 AS mae,
	abs(root_mean_squared_error(h) - sqrt(avg((actual - expected) ^ 2))) < 1e-12 AS rmse,
	abs(baseline_mean_absolute_error(h) - avg(abs(actual - baseline))) < 1e-12 AS baseline_mae,
	abs(baseline_root_mean_squared_error(h) - sqrt(avg((actual - baseline) ^ 2))) < 1e-12 AS baseline_rmse
FROM checked JOIN slow USING (name) GROUP BY name, h ORDER BY name;

-- by frequency
SELECT f.frequency, label, customers, round(actual::numeric, 4) AS actual, round(expected::numeric, 3) AS expected
FROM checked, by_frequency(h) AS f WHERE name = 'bg/nbd';
SELECT f.name, count(*) AS classes, bool_and(customers = n AND abs(actual - a) < 1e-12 AND abs(expected - e) < 1e-10
	AND abs(mean_absolute_error - d) < 1e-10) AS as_in_sql
FROM (SELECT name, (by_frequency(h)).* FROM checked) f FULL JOIN
	(SELECT name, x, count(*) AS n, avg(actual) AS a, avg(expected) AS e, avg(abs(actual - expected)) AS d FROM slow GROUP BY 1, 2) s
	ON f.name = s.name AND f.frequency = s.x
GROUP BY 1 ORDER BY 1;
SELECT label, customers FROM checked, by_frequency(h, 2) WHERE name = 'nbd';

-- tracking: periods are cut at as_of, and every customer is expected to do what a new one is
SELECT count(*), max(period), min(until), max(until), count(*) FILTER (WHERE in_holdout), bool_or(until = '2023-08-13') AS cut,
	sum(actual) AS actual, max(actual_cumulative) AS cumulative
FROM checked, tracking(h) WHERE name = 'bg/nbd';
SELECT name, step, count(*), bool_and(abs(expected_cumulative - e) < 1e-9) AS expected, bool_and(actual_cumulative = a) AS actual
FROM checked, unnest(ARRAY[1, 3, 4.5, 1000]) AS step, tracking(h, step) AS t,
	LATERAL (SELECT sum(expected_purchases(m, (t.until - birth) / 7.0)) AS e FROM born WHERE birth <= t.until AND c < 1000) e,
	LATERAL (SELECT count(*) AS a FROM purchase JOIN born USING (c) WHERE day <= t.until AND birth < day AND c < 1000) a
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*), min(until), max(until) FROM checked, tracking(h, 1 / 7.0) WHERE name = 'nbd';
SELECT period, until, in_holdout, actual, round(expected::numeric, 3) AS expected, actual_cumulative, round(expected_cumulative::numeric, 3) AS expected_cumulative
FROM checked, tracking(h, 10) WHERE name = 'bg/nbd';

-- calibration: customers by repeat purchases, and what each first purchase lets expect
SELECT f.frequency, label, actual_customers, round(expected_customers::numeric, 2) AS expected_customers
FROM checked, calibration_fit(h, 4) AS f WHERE name = 'pareto/nbd';
SELECT name, bool_and(abs(expected_customers - CASE WHEN x < 4 THEN e ELSE 300 - below END) < 1e-9 AND actual_customers = n) AS as_in_sql
FROM checked, calibration_fit(h, 4) AS f (x, label, actual_customers, expected_customers),
	LATERAL (SELECT sum(purchase_probability(m, x, ('2023-08-13' - birth) / 7.0)) AS e,
		sum(purchase_probability(m, 0, ('2023-08-13' - birth) / 7.0) + purchase_probability(m, 1, ('2023-08-13' - birth) / 7.0)
			+ purchase_probability(m, 2, ('2023-08-13' - birth) / 7.0) + purchase_probability(m, 3, ('2023-08-13' - birth) / 7.0)) AS below
		FROM born WHERE c < 1000) e,
	LATERAL (SELECT count(*) AS n FROM slow s WHERE s.name = 'nbd' AND least(s.x, 4) = f.x) n
GROUP BY 1 ORDER BY 1;

-- any order, any plan: the same bytes
CREATE FUNCTION holdout_of(query text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE result bytea;
BEGIN
	EXECUTE format('SELECT holdout_send(holdout(m, l, ''2023-08-13'', ''2023-12-24'')) FROM (%s) s', query) INTO result;
	RETURN result;
END $$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE one AS SELECT m, holdout_send(h) AS bytes FROM checked WHERE name = 'bg/nbd';
SELECT holdout_of('SELECT m, l FROM customer, one ORDER BY c DESC') = bytes AS backwards,
	holdout_of('SELECT m, l FROM customer, one ORDER BY md5(c::text)') = bytes AS shuffled,
	holdout_of('SELECT m, l FROM customer, one UNION ALL SELECT m, NULL FROM one UNION ALL SELECT NULL, l FROM customer') = bytes AS with_nulls
FROM one;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT holdout('{"model": "nbd", "unit": "week", "parameters": {"r": 1, "alpha": 1}}', l, '2023-08-13', '2023-12-24') FROM customer;
SELECT holdout_of('SELECT (SELECT m FROM one) AS m, l FROM customer') = (SELECT bytes FROM one) AS parallel;
SELECT holdout_of('SELECT (SELECT m FROM one) AS m, l FROM customer WHERE false') AS none, holdout_of('SELECT (SELECT m FROM one) AS m, l FROM customer WHERE c > 1000') AS none_yet;
RESET parallel_leader_participation;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- a holdout without a day
SELECT customers(h), actual_purchases(h), expected_purchases(h), mean_absolute_error(h), root_mean_squared_error(h), baseline_mean_absolute_error(h),
	(SELECT count(*) FROM tracking(h) WHERE in_holdout) AS in_holdout, (SELECT sum(actual) FROM tracking(h)) AS before
FROM (SELECT holdout(m, l, '2023-08-13', '2023-08-13') AS h FROM customer, fitted WHERE name = 'pareto/nbd') s;
-- nor a calibration: customers born on as_of
SELECT customers(h), actual_purchases(h), (SELECT array_agg(t) FROM tracking(h, 100) t) AS tracking, (SELECT array_agg(f) FROM calibration_fit(h, 1) f) AS calibration
FROM (SELECT holdout('{"model": "nbd", "unit": "day", "parameters": {"r": 0.5, "alpha": 10}}', l, '2024-01-01', '2024-01-11') AS h
	FROM (VALUES (ledger('2024-01-01', revenue => 1) + ledger('2024-01-06', revenue => 1)), (ledger('2024-01-01', revenue => 1)), (ledger('2024-01-02', revenue => 1))) v(l)) s;

-- NULLs
SELECT holdout(m, l, d, '2024-01-03'), holdout(m, l, '2024-01-02', d), holdout(NULL, l, '2024-01-02', '2024-01-03'), holdout(m, NULL, '2024-01-02', '2024-01-03')
FROM one, ledger('2024-01-01', revenue => 1) AS l, (VALUES (NULL::date)) v(d);
SELECT by_frequency(NULL), customers(NULL::holdout);

-- text and comparison
SELECT holdout('{"model": "nbd", "unit": "week", "parameters": {"r": 1, "alpha": 7}}',
	ledger('2024-01-01', revenue => 1) + ledger('2024-01-08', revenue => 1) + ledger('2024-01-10', revenue => 1), '2024-01-08', '2024-01-15');
SELECT bool_and(h::text::holdout = h AND holdout_send(h::text::holdout) = holdout_send(h) AND h::text::jsonb::text::holdout = h) AS back_from_text,
	count(DISTINCT h) AS distinct_ones, count(*) FILTER (WHERE h = (SELECT h FROM checked WHERE name = 'nbd')) AS equal FROM checked;
SELECT count(*) FROM checked a JOIN checked b USING (h);

-- the likelihood ratio
SELECT a.name, round(statistic::numeric, 3) AS statistic, degrees_of_freedom,
	abs(statistic - 2 * (log_likelihood(a.m) - log_likelihood(b.m))) < 1e-9 AND abs(p_value - exp(-statistic / 2)) <= 1e-12 * p_value AS by_hand, p_value < 0.05 AS significant
FROM fitted a, fitted b, likelihood_ratio(a.m, b.m) WHERE b.name = 'nbd' AND a.name <> 'nbd' ORDER BY 1;
-- nobody leaves: no better than the null model
SELECT name, statistic < 0.01 AS nothing_gained, p_value > 0.99 AS not_significant
FROM (SELECT bgnbd_fit(h) AS bg, nbd_fit(h) AS nbd, 'bg/nbd' AS name FROM (SELECT rfm(x, 30 - 1.0 / (x + 1), 30, unit => 'week') AS h FROM generate_series(1, 12) x) s) f,
	likelihood_ratio(bg, nbd);
SELECT likelihood_ratio(NULL, m) FROM one;

-- errors
SELECT holdout(m, l, '2023-08-13'::date + c % 2, '2023-12-24') FROM customer, one;
SELECT holdout(m, l, '2023-08-13', '2023-12-24'::date + c % 2) FROM customer, one;
SELECT holdout(m, l, '2023-08-13', '2023-12-24') FROM customer, fitted;
SELECT holdout(m, l, '2023-12-24', '2023-08-13') FROM customer, one;
SELECT holdout(m, l, '-infinity', '2023-08-13') FROM customer, one;
SELECT holdout(m, l, '2023-08-13', 'infinity') FROM customer, one;
SELECT holdout(m, l, '2023-08-13', '2023-12-24') FROM one, ledger('0044-03-15 BC', revenue => 1) AS l;
SELECT holdout('{"model": "nbd", "parameters": {"r": 1, "alpha": 7}}', l, '2023-08-13', '2023-12-24') FROM customer;
SELECT holdout('{"model": "bg/bb", "unit": "year", "parameters": {"alpha": 1, "beta": 1, "gamma": 1, "delta": 7}}', l, '2023-08-13', '2023-12-24') FROM customer;
SELECT holdout('{"model": "sbg", "parameters": {"alpha": 1, "beta": 1}}', l, '2023-08-13', '2023-12-24') FROM customer;
SELECT tracking(h, 0.1) FROM checked;
SELECT tracking(h, 'NaN') FROM checked;
SELECT tracking(h, 'Infinity') FROM checked;
SELECT count(*) FROM (SELECT tracking(holdout(m, l, '2023-08-13', '2023-12-24'), 1) FROM one, ledger('1800-01-01', revenue => 1) AS l) s;
SELECT by_frequency(h, 0) FROM checked;
SELECT calibration_fit(h, 101) FROM checked;
SELECT holdout('{"as_of": "2024-01-01"}');
SELECT replace(h::text, '"until": "2023-12-24"', '"until": "2023-12-23"')::holdout FROM checked WHERE name = 'nbd';
SELECT replace(h::text, '"unit": "week", ', '')::holdout FROM checked WHERE name = 'nbd';
SELECT replace(h::text, '"births"', '"born"')::holdout FROM checked WHERE name = 'nbd';
SELECT replace(h::text, '"alpha"', '"beta"')::holdout FROM checked WHERE name = 'nbd';
SELECT likelihood_ratio(a.m, b.m) FROM fitted a, fitted b WHERE a.name = 'nbd' AND b.name = 'bg/nbd';
SELECT likelihood_ratio(a.m, b.m) FROM fitted a, fitted b WHERE a.name = 'pareto/nbd' AND b.name = 'bg/nbd';
SELECT likelihood_ratio(m, '{"model": "nbd", "unit": "week", "parameters": {"r": 1, "alpha": 7}}') FROM one;
SELECT likelihood_ratio(m, nbd_fit(h)) FROM one, (SELECT rfm(l, '2023-08-13', 'week') AS h FROM customer WHERE c > 7) s GROUP BY m;
SELECT likelihood_ratio(m, nbd_fit(h)) FROM one, (SELECT rfm(l, '2023-08-13', 'day') AS h FROM customer) s GROUP BY m;
SELECT likelihood_ratio('{"model": "bg/nbd", "parameters": {"r": 1, "alpha": 7, "a": 1, "b": 1}, "customers": 3, "log_likelihood": -9.5, "converged": true}',
	'{"model": "nbd", "parameters": {"r": 1, "alpha": 7}, "customers": 3, "log_likelihood": -9, "converged": true}');

DROP TABLE purchase, born, customer, fitted, checked, slow, one;
DROP FUNCTION holdout_of(text);
