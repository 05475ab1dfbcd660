--
-- Type clv_model: text, errors, comparison, what a model says of itself
--
SET search_path = public, customer_value;
\set VERBOSITY default

CREATE TABLE model (id int PRIMARY KEY, m clv_model);
INSERT INTO model VALUES
	(1, '{"model": "bg/nbd", "unit": "week", "parameters": {"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}}'),
	(2, '{"parameters": {"beta": 11.67, "s": 0.61, "alpha": 10.58, "r": 0.55}, "unit": "week", "model": "pareto/nbd"}'),
	(3, '{"model": "mbg/nbd", "parameters": {"r": 0.52, "alpha": 6.18, "a": 0.89, "b": 1.61}}'),
	(4, '{"model": "nbd", "unit": "month", "parameters": {"r": 0.38, "alpha": 12.07}}'),
	(5, '{"model": "bg/bb", "unit": "year", "parameters": {"alpha": 1.204, "beta": 0.75, "gamma": 0.657, "delta": 2.783}}'),
	(6, '{"model": "gamma-gamma", "basis": "contribution", "parameters": {"p": 6.25, "q": 3.74, "v": 15.44}}'),
	(7, '{"model": "sbg", "unit": "year", "parameters": {"alpha": 0.668, "beta": 3.806}}'),
	(8, '{"model": "nbd", "unit": "day", "parameters": {"r": 0.5, "alpha": 10}, "customers": 100, "log_likelihood": -321.5, "converged": true, "covariance": [[0.01], [0.2, 9]], "diagnosis": "invented \"by hand\""}'),
	(9, NULL);
SELECT id, m FROM model ORDER BY id;

-- accessors
SELECT id, model(m), unit(m), customers(m), log_likelihood(m), aic(m), round(bic(m)::numeric, 6) AS bic, converged(m), diagnosis(m)
FROM model ORDER BY id;
SELECT id, p.* FROM model, parameters(m) AS p ORDER BY id, 2;
SELECT c.* FROM model, covariance(m) AS c WHERE id = 8;
SELECT parameter(m, 'alpha') FROM model WHERE id = 1;
SELECT parameter(m, 's') FROM model WHERE id = 1;

-- the text reads back as the same value; so does the binary form
SELECT bool_and(m::text::clv_model = m) FROM model;

-- comparison is of all there is
SELECT count(DISTINCT m), count(*) FROM (SELECT m FROM model UNION ALL SELECT m FROM model) t;
SELECT a.id FROM model a JOIN model b USING (m) ORDER BY 1;
SELECT m = '{"model": "nbd", "unit": "month", "parameters": {"alpha": 12.07, "r": 0.380}}' FROM model WHERE id = 4;

-- what is no model
SELECT 'bg/nbd'::clv_model;
SELECT '{"model": "bg/nbd", "parameters": {"r": 1, "alpha": 1, "a": 1}}'::clv_model;
SELECT '{"model": "bg/nbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1, "c": 1}}'::clv_model;
SELECT '{"model": "bg/nbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "s": 1}}'::clv_model;
SELECT '{"model": "bg/nbd", "parameters": {"r": 0, "alpha": 1, "a": 1, "b": 1}}'::clv_model;
SELECT '{"model": "bg/nbd", "parameters": {"r": -1, "alpha": 1, "a": 1, "b": 1}}'::clv_model;
SELECT '{"model": "bg-nbd", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}}'::clv_model;
SELECT '{"model": "nbd", "unit": "fortnight", "parameters": {"r": 1, "alpha": 1}}'::clv_model;
SELECT '{"model": "nbd", "parameters": {"r": 1e400, "alpha": 1}}'::clv_model;
SELECT '{"model": "nbd", "parameters": {"r": "NaN", "alpha": 1}}'::clv_model;
SELECT '{"model": "nbd", "parameters": {"r": 1, "alpha": 1}, "converged": true}'::clv_model;

-- one customer's likelihood, and its slopes: differences say the same
SELECT id, round(log_likelihood(m, rfm(2, 30, 39, 22.35))::numeric, 9) AS log_likelihood,
	   log_likelihood(m, rfm(0, 0, 39)) IS NULL AS says_nothing
FROM model WHERE id IN (1, 2, 3, 4, 6) ORDER BY id;
WITH slope AS (
	SELECT m.id, p.ordinality AS i, p.name, p.value, g.slope
	FROM model m, ROWS FROM (parameters(m.m)) WITH ORDINALITY AS p, unnest(log_likelihood_gradient(m.m, rfm(2, 30, 39, 22.35))) WITH ORDINALITY AS g (slope, ordinality)
	WHERE m.id IN (1, 2, 3, 4, 6) AND p.ordinality = g.ordinality
), nudged AS (
	SELECT s.*, (SELECT json_build_object('model', model(m), 'parameters', json_object_agg(q.name, q.value + CASE q.name WHEN s.name THEN d ELSE 0 END))::text::clv_model
				 FROM parameters(m) AS q) AS m, d
	FROM slope s JOIN model USING (id), unnest(ARRAY[-1e-6, 1e-6]) AS d
)
SELECT id, name, abs(sum(sign(d) * log_likelihood(m, rfm(2, 30, 39, 22.35))) / 2e-6 - min(slope)) < 1e-6 * greatest(1, abs(min(slope))) AS same_slope
FROM nudged GROUP BY id, name, i ORDER BY id, i;
SELECT log_likelihood(m, rfm(2, 30, 39)) FROM model WHERE id = 7;
SELECT log_likelihood(m, rfm(2, 30, 39, NULL, 'day')) FROM model WHERE id = 1;
SELECT log_likelihood(m, rfm(2, 30, 39.5)) FROM model WHERE id = 5;

DROP TABLE model;
