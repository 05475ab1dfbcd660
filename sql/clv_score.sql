--
-- Scores: what a model says of one customer, and what a customer is worth
--
SET search_path = public, customer_value;
SET extra_float_digits = 0;

CREATE TABLE model (name text PRIMARY KEY, m clv_model);
INSERT INTO model VALUES
	('bg', '{"model": "bg/nbd", "unit": "week", "parameters": {"r": 0.24259452243015707, "alpha": 4.4136020190135028, "a": 0.79292201722559857, "b": 2.4259067768263352}}'),
	('mbg', '{"model": "mbg/nbd", "unit": "week", "parameters": {"r": 0.5248, "alpha": 6.183, "a": 0.8914, "b": 1.614}}'),
	('pareto', '{"model": "pareto/nbd", "unit": "week", "parameters": {"r": 0.55327704685317957, "alpha": 10.577683463302314, "s": 0.60623998912782718, "beta": 11.668735288855035}}'),
	('nbd', '{"model": "nbd", "unit": "week", "parameters": {"r": 0.3848, "alpha": 12.072}}'),
	('bgbb', '{"model": "bg/bb", "unit": "year", "parameters": {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}}'),
	('spend', '{"model": "gamma-gamma", "unit": "week", "parameters": {"p": 6.248802489709097, "q": 3.7445884532874691, "v": 15.447748009463716}}'),
	('sbg', '{"model": "sbg", "parameters": {"alpha": 0.668, "beta": 3.806}}');
CREATE TABLE customer (id int PRIMARY KEY, h rfm);
INSERT INTO customer VALUES
	(1, rfm(2, 30.428571428571427, 38.857142857142847, 22.345, 'week')),
	(2, rfm(1, 1.7142857142857142, 38.857142857142847, 11.77, 'week')),
	(3, rfm(0, 0, 38.857142857142847, 0, 'week')),
	(4, rfm(26, 30, 31, 41.98, 'week')),
	(5, NULL);

-- CDNOW customers 1 to 3: computed with 50 digits from the formulas of the papers
SELECT abs(p_alive(bg, h) / bg_alive - 1) < 1e-12 AND abs(expected_purchases(bg, h, 39) / bg_39 - 1) < 1e-10
	   AND abs(p_alive(pn, h) / pn_alive - 1) < 1e-12 AND abs(expected_purchases(pn, h, 39) / pn_39 - 1) < 1e-10
	   AND abs(residual_purchases(pn, h, exp(0.0027 * 365.25 / 7) - 1) / dert - 1) < 1e-10
	   AND abs(expected_spend(spend, h) / spend_ - 1) < 1e-12 AS right
FROM (SELECT (SELECT m FROM model WHERE name = 'bg') AS bg, (SELECT m FROM model WHERE name = 'pareto') AS pn, (SELECT m FROM model WHERE name = 'spend') AS spend) AS m,
	 customer JOIN (VALUES
		(1, 0.72662031166237441, 1.2259944552872965, 0.86913426361257007, 1.4552017016024464, 6.4824025764768356, 24.654516500275665),
		(2, 0.21239104439733909, 0.2034188475296017, 0.1679960579377149, 0.17111433630694959, 0.76225310438190387, 18.911479841567099),
		(3, 1, 0.19479363123438543, 0.29511257157958744, 0.10707023245072188, 0.47695955133795615, 35.171002088240965)
	 ) AS v (id, bg_alive, bg_39, pn_alive, pn_39, dert, spend_) USING (id);

-- all of it, readable
SELECT name, id, round(p_alive(m, h)::numeric, 6) AS p_alive, round(expected_purchases(m, h, 39)::numeric, 6) AS in_39_weeks,
	   round(expected_purchases(m, h, period => '39 weeks')::numeric, 6) AS the_same, round(annual_attrition(m, h)::numeric, 6) AS attrition
FROM model, customer WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') ORDER BY 1, 2;
SELECT name, round(expected_purchases(m, 39)::numeric, 6) AS new_in_39_weeks, round(expected_purchases(m, period => '9 months')::numeric, 6) AS new_in_9_months,
	   round(purchase_probability(m, 0, 39)::numeric, 6) AS p_0, round(purchase_probability(m, 3, 39)::numeric, 6) AS p_3, purchase_probability(m, -1, 39) AS p_less
FROM model WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') ORDER BY 1;

-- Laws.  Probabilities add up to one, and their mean is the expectation.
SELECT name, abs(sum(purchase_probability(m, n, t)) - 1) < 1e-9 AS one, abs(sum(n * purchase_probability(m, n, t)) / expected_purchases(m, t) - 1) < 1e-6 AS mean
FROM model, (VALUES (1.0), (39), (200)) AS v (t), generate_series(0, 1500) AS n
WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') GROUP BY name, m, t ORDER BY 1, t;
-- The longer the silence, the less alive; the more purchases are expected, the longer the horizon.
SELECT name, bool_and(falls), bool_and(rises)
FROM (SELECT name, p_alive(m, rfm(5, 20, 20 + silence)) < lag(p_alive(m, rfm(5, 20, 20 + silence))) OVER w AS falls,
			 expected_purchases(m, rfm(5, 20, 25), silence) > lag(expected_purchases(m, rfm(5, 20, 25), silence)) OVER w AS rises
	  FROM model, generate_series(0, 200, 10) AS silence WHERE name IN ('bg', 'mbg', 'pareto') WINDOW w AS (PARTITION BY name ORDER BY silence)) AS t
GROUP BY name ORDER BY 1;
-- Logarithms say the same, and go on where doubles end.
SELECT name, bool_and(abs(exp(log_p_alive(m, h)) - p_alive(m, h)) < 1e-14 AND abs(exp(log_expected_purchases(m, h, 39)) / expected_purchases(m, h, 39) - 1) < 1e-12) AS same
FROM model, customer WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') AND id < 5 GROUP BY 1 ORDER BY 1;
SELECT name, p_alive(m, h) AS p, round(log_p_alive(m, h)::numeric, 3) AS log_p, expected_purchases(m, h, 1) AS e, round(log_expected_purchases(m, h, 1)::numeric, 3) AS log_e
FROM model, (SELECT rfm(1000, 10, 1000, NULL, 'week') AS h) AS t WHERE name IN ('bg', 'mbg', 'pareto') ORDER BY 1;

-- Discounting.  At rate zero the value is purchases x spend x margin; a sum over
-- short steps, each discounted, comes near.
SELECT name, id, abs(clv(m, spend, h, 52, 0, 0.3) / (expected_purchases(m, h, 52) * expected_spend(spend, h) * 0.3) - 1) < 1e-12 AS undiscounted,
	   abs((SELECT sum((expected_purchases(m, h, t) - expected_purchases(m, h, t - 0.25)) * 1.15 ^ -((t - 0.125) / (365.25 / 7))) FROM generate_series(0.25, 52, 0.25) AS t)
		   * expected_spend(spend, h) * 0.3 / clv(m, spend, h, 52, 0.15, 0.3) - 1) < 1e-6 AS discounted,
	   clv(m, spend, h, 52, 0.15, 0.3) = clv(m, spend, h, period => '364 days', discount_rate => 0.15, margin => 0.3) AS same_period,
	   abs(clv(m, spend, h, 2600, 0.5, 1) / (residual_purchases(m, h, 0.5) * expected_spend(spend, h)) - 1) < 1e-6 AS no_end
FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer
WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') AND id < 5 ORDER BY 1, 2;
-- A cost while alive: at most the cost of the whole time, and losers go below zero.
SELECT name, id, round(clv(m, spend, h, 52, 0.15, 0.3)::numeric, 4) AS free, round(clv(m, spend, h, 52, 0.15, 0.3, 0.1)::numeric, 4) AS cheap,
	   round(clv(m, spend, h, 52, 0.15, 0.3, cost_while_alive => 1)::numeric, 4) AS dear
FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer
WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') ORDER BY 1, 2;
SELECT clv(m, spend, rfm(1, 2, 30, -80, 'week'), 52, 0.15, 0.3) < 0 AS loser_below_zero
FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s WHERE name = 'bg';

-- Without end, if later purchases count less; and attrition of new customers
SELECT name, id, abs(clv(m, spend, h, 'infinity'::double precision, 0.15, 0.3) / (residual_purchases(m, h, 0.15) * expected_spend(spend, h) * 0.3) - 1) < 1e-12 AS no_end
FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name IN ('bg', 'mbg', 'pareto', 'nbd') AND id < 3 ORDER BY 1, 2;
SELECT clv(m, spend, h, 'infinity'::double precision, 0, 0.3) FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name = 'bg' AND id = 1;
SELECT name, round(annual_attrition(m)::numeric, 6) AS of_new, abs(annual_attrition(m) - (1 - p_alive(m, rfm(0, 0, 0)) * (1 - annual_attrition(m, rfm(0, 0, 0))))) < 1e-15 AS of_rfm
FROM model WHERE name IN ('bg', 'mbg', 'pareto', 'nbd', 'bgbb') ORDER BY 1;

-- Margin: not needed for contribution, else an error without
SELECT clv(m, spend, h, 52, 0.15) FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name = 'bg' AND id = 1;
SELECT clv(m, c, h, 52, 0.15) = clv(m, c, h, 52, 0.15, 1) AS of_contribution
FROM model, (SELECT '{"model": "gamma-gamma", "basis": "contribution", "parameters": {"p": 6.25, "q": 3.74, "v": 15.45}}'::clv_model AS c) AS s, customer WHERE name = 'bg' AND id = 1;

-- BG/BB counts opportunities.
SELECT x, round(p_alive(m, rfm(x, t_x, 6))::numeric, 4) AS p_alive, round(expected_purchases(m, rfm(x, t_x, 6), 5)::numeric, 4) AS in_5,
	   round(residual_purchases(m, rfm(x, t_x, 6), 0.1)::numeric, 4) AS discounted
FROM model, (VALUES (6, 6), (3, 6), (3, 4), (1, 1), (0, 0)) AS v (x, t_x) WHERE name = 'bgbb';

-- sBG: retention, survival and discounted residual lifetime; the sum the slow way
SELECT n, round(survival(m, n)::numeric, 6) AS survival, round(retention_rate(m, n + 1)::numeric, 6) AS next_retention,
	   round(residual_lifetime(m, n, 0.1)::numeric, 6) AS residual,
	   abs((SELECT sum(survival(m, n + k) / survival(m, n) * 1.1 ^ -(k - 1)) FROM generate_series(1, 3000) AS k) / residual_lifetime(m, n, 0.1) - 1) < 1e-10 AS slowly_the_same
FROM model, generate_series(0, 6, 2) AS n WHERE name = 'sbg';

-- Intervals
CREATE TABLE fitted AS SELECT
	'{"model": "bg/nbd", "unit": "week", "parameters": {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, "customers": 2357, "log_likelihood": -9582.4, "converged": true, "covariance": [[0.000158], [0.00371, 0.143], [-8.78e-05, -0.00287, 0.0345], [6.56e-05, 0.0105, 0.1232, 0.4976]]}'::clv_model AS p,
	'{"model": "gamma-gamma", "unit": "week", "parameters": {"p": 6.2488, "q": 3.7446, "v": 15.4477}, "customers": 946, "log_likelihood": -4055.9, "converged": true, "covariance": [[1.416], [-0.232, 0.0842], [-4.803, 0.992, 17.3]]}'::clv_model AS s;
SELECT id, round(i.clv::numeric, 4) AS clv, i.clv = clv(p, s, h, 52, 0.15, 0.3) AS same, round(standard_error::numeric, 4) AS standard_error,
	   round(lower::numeric, 4) AS lower, round(upper::numeric, 4) AS upper, abs((upper - lower) / standard_error / 2 - 1.959963984540054) < 1e-9 AS of_95_percent
FROM fitted, customer, clv_interval(p, s, h, 52, 0.15, 0.3) AS i ORDER BY id;
SELECT round((upper - lower)::numeric, 4) AS narrow FROM fitted, customer, clv_interval(p, s, h, period => '1 year', discount_rate => 0.15, margin => 0.3, level => 0.5) AS i WHERE id = 1;
-- the slow way: slopes by differences, carried through the covariance
WITH slope AS (
	SELECT q.name, (clv(up, s, h, 52, 0.15, 0.3) - clv(down, s, h, 52, 0.15, 0.3)) / (2e-5 * q.value) AS slope
	FROM fitted, customer, parameters(p) AS q,
		 LATERAL (SELECT json_build_object('model', 'bg/nbd', 'unit', 'week', 'parameters', json_object_agg(name, value * CASE name WHEN q.name THEN 1 + 1e-5 ELSE 1 END))::text::clv_model AS up,
						 json_build_object('model', 'bg/nbd', 'unit', 'week', 'parameters', json_object_agg(name, value * CASE name WHEN q.name THEN 1 - 1e-5 ELSE 1 END))::text::clv_model AS down
				  FROM parameters(p)) AS nudged
	WHERE id = 1
), spend_slope AS (
	SELECT q.name, (clv(p, up, h, 52, 0.15, 0.3) - clv(p, down, h, 52, 0.15, 0.3)) / (2e-5 * q.value) AS slope
	FROM fitted, customer, parameters(s) AS q,
		 LATERAL (SELECT json_build_object('model', 'gamma-gamma', 'unit', 'week', 'parameters', json_object_agg(name, value * CASE name WHEN q.name THEN 1 + 1e-5 ELSE 1 END))::text::clv_model AS up,
						 json_build_object('model', 'gamma-gamma', 'unit', 'week', 'parameters', json_object_agg(name, value * CASE name WHEN q.name THEN 1 - 1e-5 ELSE 1 END))::text::clv_model AS down
				  FROM parameters(s)) AS nudged
	WHERE id = 1
)
SELECT abs(sqrt((SELECT sum(a.slope * b.slope * c.covariance) FROM fitted, covariance(p) AS c, slope AS a, slope AS b WHERE a.name = c.name_a AND b.name = c.name_b)
				+ (SELECT sum(a.slope * b.slope * c.covariance) FROM fitted, covariance(s) AS c, spend_slope AS a, spend_slope AS b WHERE a.name = c.name_a AND b.name = c.name_b))
		   / standard_error - 1) < 1e-5 AS same_error
FROM fitted, customer, clv_interval(p, s, h, 52, 0.15, 0.3) WHERE id = 1;
SELECT clv_interval(m, s, h, 52, 0.15, 0.3) FROM model, fitted, customer WHERE name = 'bg' AND id = 1;

-- What is asked wrongly
SELECT p_alive(m, h) FROM model, customer WHERE name = 'spend' AND id = 1;
SELECT expected_spend(m, h) FROM model, customer WHERE name = 'bg' AND id = 1;
SELECT survival(m, 3) FROM model WHERE name = 'bg';
SELECT survival(m, 3.5) FROM model WHERE name = 'sbg';
SELECT retention_rate(m, 0) FROM model WHERE name = 'sbg';
SELECT expected_purchases(m, h, -1) FROM model, customer WHERE name = 'bg' AND id = 1;
SELECT expected_purchases(m, h, 'NaN'::double precision) FROM model, customer WHERE name = 'bg' AND id = 1;
SELECT expected_purchases(m, h, 'Infinity'::double precision) FROM model, customer WHERE name = 'bg' AND id = 1;
SELECT expected_purchases(m, h, period => '-1 day') FROM model, customer WHERE name = 'bg' AND id = 1;
SELECT expected_purchases('{"model": "nbd", "parameters": {"r": 1, "alpha": 1}}', h, period => '1 day') FROM customer WHERE id = 1;
SELECT residual_purchases('{"model": "nbd", "parameters": {"r": 1, "alpha": 1}}', h, 0.1) FROM customer WHERE id = 1;
SELECT residual_purchases(m, h, 0) FROM model, customer WHERE name = 'pareto' AND id = 1;
SELECT residual_purchases(m, h, -0.1) FROM model, customer WHERE name = 'pareto' AND id = 1;
SELECT p_alive(m, rfm(1, 2, 3, NULL, 'day')) FROM model WHERE name = 'bg';
SELECT clv(m, spend, h, 52, 0.15, 'NaN') FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name = 'bg' AND id = 1;
SELECT clv(m, spend, h, 52, 0.15, 30) FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name = 'bg' AND id = 1;
SELECT clv(m, spend, h, 52, 0.15, 0.3, -1) FROM model, (SELECT m AS spend FROM model WHERE name = 'spend') AS s, customer WHERE name = 'bg' AND id = 1;
SELECT clv_interval(p, s, h, 52, 0.15, 0.3, level => 1) FROM fitted, customer WHERE id = 1;
SELECT expected_spend('{"model": "gamma-gamma", "parameters": {"p": 6.25, "q": 0.9, "v": 15.45}}', rfm(0, 0, 3));
SELECT expected_spend('{"model": "gamma-gamma", "basis": "contribution", "parameters": {"p": 6.25, "q": 3, "v": 15.45}}',
	rfm(total(ledger(d::date, revenue => 10)), '2024-12-31', 'day')) FROM generate_series('2024-01-01'::timestamp, '2024-02-01', '10 days') AS d;
SELECT purchase_probability(m, 1, 1e9) FROM model WHERE name = 'bgbb';
-- nothing is known of the spend: nothing is said
SELECT expected_spend(m, rfm(2, 5, 10)), expected_spend(m, NULL) FROM model WHERE name = 'spend';

DROP TABLE model, customer, fitted;

-- no infinity, no NaN
SELECT expected_purchases('{"model": "nbd", "parameters": {"r": 1e20, "alpha": 1e-20}}'::clv_model, 1e300);
