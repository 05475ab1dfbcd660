--
-- Fits: published tables, maxima that are maxima, the same for every plan,
-- and what cannot be fitted
--
SET search_path = public, customer_value;
SET extra_float_digits = 0;

-- BG/BB: the donations of Fader, Hardie and Shang (2010), table 1
CREATE TABLE donation (x int, t_x int, n int, donors int);
INSERT INTO donation VALUES
	(6,6,6,1203), (5,6,6,728), (4,6,6,512), (3,6,6,357), (2,6,6,234), (1,6,6,129), (5,5,6,335), (4,5,6,284),
	(3,5,6,225), (2,5,6,173), (1,5,6,119), (4,4,6,240), (3,4,6,181), (2,4,6,155), (1,4,6,78), (3,3,6,322),
	(2,3,6,255), (1,3,6,129), (2,2,6,613), (1,2,6,277), (1,1,6,1091), (0,0,6,3464);
CREATE TABLE bgbb AS SELECT bgbb_fit(rfm(x, t_x, n)) AS m FROM donation, generate_series(1, donors);
SELECT name, round(value::numeric, 3) AS value FROM bgbb, parameters(m);
SELECT customers(m), round(log_likelihood(m)::numeric, 1) AS log_likelihood, converged(m), diagnosis(m) FROM bgbb;
SELECT round(sum(donors * expected_purchases(m, rfm(x, t_x, n), 5))) AS purchases_in_5_years FROM bgbb, donation;

-- sBG: the retention tables of Fader and Hardie (2007), table 1
CREATE TABLE retention (segment text, year int, survivors int);
INSERT INTO retention
SELECT segment, year - 1, survivors
FROM (VALUES ('high end', ARRAY[1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]),
			 ('regular', ARRAY[1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173])) AS t (segment, column_of),
	 unnest(column_of) WITH ORDINALITY AS u (survivors, year);
CREATE TABLE sbg AS SELECT segment, sbg_fit(year, survivors) FILTER (WHERE year <= 7) AS m FROM retention GROUP BY segment;
SELECT segment, name, round(value::numeric, 3) AS value FROM sbg, parameters(m) ORDER BY segment, name;
-- what it expects of the years it has not seen, in percent
SELECT segment, year, round(100 * survival(m, year)::numeric, 1) AS expected, round(survivors / 10.0, 1) AS actual, round(retention_rate(m, year)::numeric, 3) AS retention_rate
FROM sbg JOIN retention USING (segment) WHERE year > 7 ORDER BY 1, 2;

-- Customers as the models imagine them, from hashes: purchases are a Poisson process
-- at rates that are exponential (mean 1 in 5 weeks), lifetimes are exponential at
-- rates that are exponential (mean 1 in 12 weeks).
CREATE FUNCTION uniform(id int, what int) RETURNS double precision LANGUAGE sql IMMUTABLE
RETURN ((hashint8extended(id::bigint * 1000 + what, 0) & 1048575) + 0.5) / 1048576;
CREATE TABLE customer AS
SELECT id, rfm(count(t), coalesce(max(t), 0), age,
			   CASE WHEN count(t) > 0 THEN round(((5 - 20 * ln(uniform(id, 3))) * (1 + (uniform(id, 4) - 0.5) / sqrt(count(t))))::numeric, 2) ELSE 0 END,
			   'week') AS h
FROM (SELECT id, 26 + id % 13 AS age, -ln(uniform(id, 1)) / 5 AS rate, -ln(uniform(id, 5)) / (-ln(uniform(id, 2)) / 12) AS lifetime FROM generate_series(1, 3000) AS id) AS c
	 LEFT JOIN LATERAL (SELECT t
						FROM (SELECT sum(-ln(uniform(id, 100 + j)) / rate) OVER (ORDER BY j) AS t FROM generate_series(1, 60) AS j) AS purchase
						WHERE t <= least(age, lifetime)) AS purchases ON true
GROUP BY id, age;
ALTER TABLE customer SET (parallel_workers = 2);
ANALYZE customer;
CREATE TABLE fitted AS
SELECT unnest(ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h), nbd_fit(h), gamma_gamma_fit(h)]) AS m FROM customer;
SELECT model(m), customers(m), unit(m), converged(m), diagnosis(m) FROM fitted;

-- The total is the sum over customers, and the slopes add up to nothing.
SELECT model(m), abs(sum(log_likelihood(m, h)) / log_likelihood(m) - 1) < 1e-12 AS adds_up
FROM fitted, customer GROUP BY m ORDER BY 1;
SELECT model(m), p.name, abs(sum(slope)) * min(p.standard_error) < 1e-4 AS flat
FROM fitted, customer, ROWS FROM (parameters(m), unnest(log_likelihood_gradient(m, h))) AS p (name, value, standard_error, slope)
WHERE slope IS NOT NULL GROUP BY m, p.name ORDER BY 1, 2;

-- A step of a hundredth to any side is downhill.
WITH nudged AS (
	SELECT m, n.name, d, json_build_object('model', model(m), 'parameters', n.changed)::text::clv_model AS other
	FROM fitted, unnest(ARRAY[0.99, 1.01]) AS d,
		 LATERAL (SELECT p.name, (SELECT json_object_agg(q.name, q.value * CASE q.name WHEN p.name THEN d ELSE 1 END) FROM parameters(m) AS q) AS changed
				  FROM parameters(m) AS p) AS n
)
SELECT model(m), name, d, sum(log_likelihood(other, h)) < log_likelihood(m) AS lower
FROM nudged, customer GROUP BY m, name, d ORDER BY 1, 2, 3;

-- Standard errors: the inverse of minus the second derivatives, here by
-- differences of the sum over all customers, one parameter at a time.
WITH c AS (SELECT m, covariance(m) AS c FROM fitted WHERE model(m) IN ('nbd', 'gamma-gamma')),
information AS (		-- of one parameter, the others fixed: 1 / variance given the others
	SELECT m, n.name, sum(sign(d - 1) * (log_likelihood_gradient(other, h))[n.i]) / (-2e-4 * n.value) AS information
	FROM fitted, unnest(ARRAY[0.9999, 1.0001]) AS d,
		 LATERAL (SELECT p.name, p.ordinality AS i, p.value, json_build_object('model', model(m), 'parameters',
						 (SELECT json_object_agg(q.name, q.value * CASE q.name WHEN p.name THEN d ELSE 1 END) FROM parameters(m) AS q))::text::clv_model AS other
				  FROM parameters(m) WITH ORDINALITY AS p (name, value, standard_error, ordinality)) AS n, customer
	WHERE model(m) = 'nbd'
	GROUP BY m, n.name, n.value)
SELECT abs(a.information * v.va * (1 - v.cab ^ 2 / (v.va * v.vb)) - 1) < 1e-5 AS right_error
FROM information a,
	 LATERAL (SELECT sum((c).covariance) FILTER (WHERE (c).name_a = a.name AND (c).name_b = a.name) AS va,
					 sum((c).covariance) FILTER (WHERE (c).name_a <> a.name AND (c).name_b <> a.name) AS vb,
					 max((c).covariance) FILTER (WHERE (c).name_a = a.name AND (c).name_b <> a.name) AS cab
			  FROM c WHERE c.m = a.m) AS v;

-- The same bytes for every order of rows, plan and number of workers.
CREATE FUNCTION fits_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('SELECT ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h), nbd_fit(h), gamma_gamma_fit(h)]::text FROM (%s) AS t', query) INTO result;
	RETURN result;
END $$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE answer AS SELECT fits_of('SELECT h FROM customer') AS serial;
SELECT serial = fits_of('SELECT h FROM customer ORDER BY id DESC') AS backwards,
	   serial = fits_of('SELECT h FROM customer ORDER BY hashint4(id)') AS shuffled,
	   serial = (SELECT array_agg(m)::text FROM fitted) AS as_before FROM answer;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT bgnbd_fit(h), gamma_gamma_fit(h) FROM customer;
SELECT serial = fits_of('SELECT h FROM customer') AS parallel FROM answer;
SET parallel_leader_participation = off;
SELECT serial = fits_of('SELECT h FROM customer') AS workers_only,
	   fits_of('SELECT h FROM customer WHERE id = 1') IS NOT NULL AS one_worker_has_nothing,
	   fits_of('SELECT h FROM customer WHERE id < 0') AS nothing FROM answer;
RESET parallel_leader_participation;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;

-- NULLs are passed over; no customers, no model
SELECT nbd_fit(h) = (SELECT m FROM fitted WHERE model(m) = 'nbd') AS same
FROM (SELECT h FROM customer UNION ALL SELECT NULL FROM generate_series(1, 10)) AS t;
SELECT bgnbd_fit(h), gamma_gamma_fit(h) FROM customer WHERE false;
SELECT bgnbd_fit(NULL), gamma_gamma_fit(rfm(0, 0, 10)), sbg_fit(NULL, NULL);

-- What cannot be fitted is said, and stays finite.
SELECT model(m), converged(m), diagnosis(m)
FROM (SELECT unnest(ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h), nbd_fit(h)]) AS m
	  FROM (SELECT rfm(0, 0, 10 + i % 5) AS h FROM generate_series(1, 100) AS i) AS t) AS f;
SELECT model(m), converged(m), diagnosis(m)
FROM (SELECT unnest(ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h), nbd_fit(h), gamma_gamma_fit(h)]) AS m
	  FROM (SELECT rfm(4, 8, 10, 25) AS h FROM generate_series(1, 100) AS i) AS t) AS f;
SELECT model(m), converged(m), (SELECT bool_and(value > 0 AND value < 'Infinity') FROM parameters(m)) AS finite
FROM (SELECT unnest(ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h), nbd_fit(h), gamma_gamma_fit(h)]) AS m
	  FROM (SELECT rfm(100000, 1e-6, 1e6, 1) AS h) AS t) AS f;

-- Purchases without dropout: seen all the time, until today
SELECT model(m), diagnosis(m) LIKE 'no dropout identified: the data do not distinguish this from NBD%' AS no_dropout, converged(m)
FROM (SELECT unnest(ARRAY[bgnbd_fit(h), mbgnbd_fit(h), pareto_nbd_fit(h)]) AS m
	  FROM (SELECT rfm(i % 10 + 1, 20 - 20.0 / (i % 10 + 2), 20) AS h FROM generate_series(1, 500) AS i) AS t) AS f;

-- Spend: losers left out, correlation, infinite means
SELECT customers(m), diagnosis(m)
FROM (SELECT gamma_gamma_fit(h) AS m FROM (SELECT h FROM customer UNION ALL SELECT rfm(2, 5, 10, -3) FROM generate_series(1, 150) UNION ALL SELECT rfm(2, 5, 10, NULL) FROM generate_series(1, 5)) AS t) AS f;
SELECT diagnosis(gamma_gamma_fit(rfm(frequency(h), recency(h), age(h), monetary(h) + 2 * frequency(h)))) FROM customer WHERE frequency(h) > 0;
SELECT diagnosis(gamma_gamma_fit(rfm(frequency(h), recency(h), age(h), exp(monetary(h) / 5)))) LIKE '%gamma-gamma q <= 1: mean spend is infinite' AS infinite FROM customer WHERE frequency(h) > 0;

-- What cannot be told apart is not held fixed: of one purchase each, p alone is
-- identified, with the standard error of a gamma's shape whose rate is free, too.
SELECT round(p.value::numeric, 3) AS p, round(p.standard_error::numeric, 3) AS standard_error, diagnosis(m)
FROM (SELECT gamma_gamma_fit(rfm(1, 1, 10, 5 + i % 7)) AS m FROM generate_series(1, 300) AS i) AS f, parameters(m) AS p WHERE p.name = 'p';
-- a model reads back equal
SELECT bool_and(m::text::clv_model = m) FROM fitted;
SELECT m::text::clv_model = m AS same FROM (SELECT gamma_gamma_fit(rfm(frequency(h), recency(h), age(h), monetary(h))) AS m FROM customer) AS f;
-- opportunities used without anybody leaving
SELECT diagnosis(bgbb_fit(rfm(x, t_x, 10))) LIKE 'no dropout identified: the data do not distinguish this from a beta-binomial without dropout%' AS no_dropout
FROM (SELECT 1 + i % 9 AS x, 10 - (i % 2) * (i % 9 < 8)::int AS t_x FROM generate_series(1, 500) AS i) AS t;

-- Units and what money is of may not be mixed; no unit goes with any.
SELECT unit(nbd_fit(h)) FROM (VALUES (rfm(1, 2, 3)), (rfm(1, 2, 3, NULL, 'week'))) AS t (h);
SELECT nbd_fit(h) FROM (VALUES (rfm(1, 2, 3, NULL, 'day')), (rfm(1, 2, 3, NULL, 'week'))) AS t (h);
SELECT gamma_gamma_fit(rfm(l, '2024-12-31', 'day', monetary => basis))
FROM (SELECT total(ledger(d::date, revenue => 10)) AS l FROM generate_series('2024-01-01'::timestamp, '2024-02-01', '10 days') AS d) AS t, unnest(ARRAY['net_revenue', 'contribution']) AS basis;
SELECT bgbb_fit(rfm(1, 2, 3.5));
SELECT bgbb_fit(rfm(3, 2, 5));

-- What is no retention table
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 100), (2, 50)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (1, 100), (2, 50)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 100), (1, 50), (1, 40)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 100), (1, 50), (1, 50)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 50), (1, 100)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 1.0), (1, 0.8)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 100)) AS t (period, survivors);
SELECT sbg_fit(period, survivors) FROM (VALUES (0, 100), (NULL, 50)) AS t (period, survivors);
SELECT converged(m), diagnosis(m) FROM (SELECT sbg_fit(period, survivors) AS m FROM (VALUES (0, 100), (1, 100)) AS t (period, survivors)) AS f;

DROP TABLE donation, bgbb, retention, sbg, customer, fitted, answer;
DROP FUNCTION fits_of, uniform;

-- what could not be read again from a dump is no model
SELECT gamma_gamma_fit(rfm(i % 3 + 1, 1, 2, (1 + i % 7) * 1e22, 'day')) FROM generate_series(1, 100) i;
