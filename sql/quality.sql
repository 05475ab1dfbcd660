-- Is a segmentation any good: similarity, association, agreement, order, drift, persistence.
SET search_path = public, customer_value;
SET extra_float_digits = -2;

-- the data of test/reference/quality.py
CREATE TABLE customers AS
SELECT i, s AS segment, v::numeric AS value, CASE WHEN i % 4 > 0 THEN 1 + s % 4 ELSE 1 + i * 31 % 11 % 4 END AS other,
	CASE WHEN i % 3 > 0 THEN s ELSE 1 + (s + i * 17) % 5 END AS after,
	i * 7919 % 101 AS x, i * 7919 % 101 / 3 + i * 104729 % 37 AS y
FROM (SELECT i, 1 + i * 7919 % 5 AS s, (i * 104729 % 1009 - 300 + CASE WHEN i % 3 > 0 THEN 120 * (1 + i * 7919 % 5) ELSE 0 END) / 4.0 AS v
	FROM generate_series(1, 500) i) q;
CREATE TABLE reference (name text PRIMARY KEY, figure float8);
INSERT INTO reference VALUES
	('eta_squared', 0.0762276606487116),
	('f', 10.211577683634074),
	('f_p', 5.962715675441089e-08),
	('asinh', 0.06026044021627309),
	('chi_square', 828.9714587270288),
	('chi_p', 1.0110194278381492e-169),
	('v', 0.7434027435726562),
	('v_corrected', 0.7402200685417992),
	('adjusted_rand', 0.4480114845615084),
	('kappa', 0.6675),
	('spearman', 0.6649252845659476),
	('kendall', 0.4817903213791092),
	('psi_half', 0.013252547829211127),
	('psi_laplace', 0.013178197096618386),
	('psi_none', 0.013327572127030791);
CREATE TABLE figures AS
SELECT f.* FROM (SELECT anova(value, segment) AS a, similarity(value, segment) AS s, contingency(segment, other) AS c,
	adjusted_rand(segment, other) AS r, persistence(segment, after) AS p, spearman(x, y) AS rho, kendall(x, y) AS tau FROM customers) q,
	LATERAL (VALUES ('eta_squared', (a).eta_squared), ('f', (a).f), ('f_p', (a).p_value), ('asinh', (s)."asinh"), ('chi_square', (c).chi_square),
		('chi_p', (c).p_value), ('v', (c).cramers_v), ('v_corrected', (c).cramers_v_corrected), ('adjusted_rand', r), ('kappa', (p).kappa),
		('spearman', rho), ('kendall', tau),
		('psi_half', population_stability(ARRAY[100, 200, 300, 400], ARRAY[130, 170, 310, 390])),
		('psi_laplace', population_stability(ARRAY[100, 200, 300, 400], ARRAY[130, 170, 310, 390], 'laplace')),
		('psi_none', population_stability(ARRAY[100, 200, 300, 400], ARRAY[130, 170, 310, 390], 'none'))) f(name, figure);
SELECT name, f.figure, r.figure FROM figures f FULL JOIN reference r USING (name)
WHERE (abs(f.figure / r.figure - 1) < CASE WHEN name LIKE '%_p' THEN 1e-10 ELSE 1e-12 END) IS NOT TRUE;

-- small enough to see
SELECT (anova(v, s)).* FROM (VALUES (1, 1), (2, 1), (3, 1), (5, 2), (7, 2)) t(v, s);
SELECT (similarity(v, s)).* FROM (VALUES (1, 1), (1000, 1), (-1, 2), (-1000, 2)) t(v, s);
SELECT (contingency(a, b)).* FROM (VALUES ('x', 1), ('x', 1), ('x', 2), ('y', 2), ('y', 2), ('y', 1)) t(a, b);
SELECT (persistence(b, a)).* FROM (VALUES (1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (3, 3), (3, 10), (10, 3)) t(b, a);
SELECT adjusted_rand(a, b) FROM (VALUES (1, 'c'), (1, 'c'), (2, 'a'), (2, 'a'), (3, 'b')) t(a, b);
SELECT spearman(x, y), kendall(x, y) FROM (VALUES (1, 3), (2, 2), (3, 1), (3, 1)) t(x, y);

-- the slow way, in plain SQL
WITH m AS (SELECT *, avg(value) OVER (PARTITION BY segment) AS mine, avg(value) OVER () AS all_of FROM customers),
	q AS (SELECT sum((mine - all_of) ^ 2) AS between, sum((value - mine) ^ 2) AS within FROM m)
SELECT abs(eta_squared(value, segment) - between / (between + within)) < 1e-14 AS eta,
	abs((anova(value, segment)).f / (between / 4 / (within / 495)) - 1) < 1e-12 AS f
FROM customers, q GROUP BY between, within;
WITH o AS (SELECT segment, other, count(*) AS o FROM customers GROUP BY 1, 2),
	e AS (SELECT s.segment, t.other, coalesce(o, 0) AS o, s.n::numeric * t.n / 500 AS e
		FROM (SELECT segment, count(*) AS n FROM customers GROUP BY 1) s CROSS JOIN (SELECT other, count(*) AS n FROM customers GROUP BY 1) t
		LEFT JOIN o USING (segment, other))
SELECT abs(sum((o - e) ^ 2 / e)::float8 / (SELECT (contingency(segment, other)).chi_square FROM customers) - 1) < 1e-12 AS chi_square FROM e;
WITH r AS (SELECT rank() OVER (ORDER BY x) + (count(*) OVER (PARTITION BY x) - 1) / 2.0 AS x, rank() OVER (ORDER BY y) + (count(*) OVER (PARTITION BY y) - 1) / 2.0 AS y FROM customers),
	k AS (SELECT sum(sign((a.x - b.x) * (a.y - b.y))) AS s, sqrt(count(*) FILTER (WHERE a.x <> b.x) * count(*) FILTER (WHERE a.y <> b.y)::float8) AS n
		FROM customers a JOIN customers b ON a.i < b.i)
SELECT abs((SELECT corr(x, y) FROM r) - spearman(x, y)) < 1e-12 AS spearman, abs((SELECT s / n FROM k) - kendall(x, y)) < 1e-12 AS kendall FROM customers;
WITH p AS (SELECT count(*) AS n, count(*) FILTER (WHERE a.segment = b.segment AND a.other = b.other) AS together,
		count(*) FILTER (WHERE a.segment = b.segment) AS s, count(*) FILTER (WHERE a.other = b.other) AS o FROM customers a JOIN customers b ON a.i < b.i)
SELECT abs((together - s * o / n::float8) / ((s + o) / 2.0 - s * o / n::float8) - adjusted_rand(segment, other)) < 1e-14 AS adjusted_rand
FROM customers, p GROUP BY n, together, s, o;
SELECT (p).stayed = avg((segment = after)::int) AS stayed, (p).moved_up = avg((after < segment)::int) AS up, (p).moved_down = avg((after > segment)::int) AS down,
	abs((p).expected - (SELECT sum(b.n * a.n) / 250000.0 FROM (SELECT segment, count(*) AS n FROM customers GROUP BY 1) b
		JOIN (SELECT after AS segment, count(*) AS n FROM customers GROUP BY 1) a USING (segment))) < 1e-15 AS expected
FROM customers, (SELECT persistence(segment, after) AS p FROM customers) q GROUP BY p;

-- laws
SELECT adjusted_rand(segment, 10 - segment) = 1 AS same_up_to_names, cramers_v(segment, 10 - segment) AS certain,
	spearman(x, x ^ 3) = 1 AND kendall(x, -exp(x / 10.0)) = -1 AS any_scale, eta_squared(segment * 2.5, segment) = 1 AS all_of_it,
	(anova(value, segment)).eta_squared = (anova(value * 1024 - 512, segment)).eta_squared AS linear,
	abs((similarity(value, segment))."asinh" - (similarity(value * 100, segment))."asinh") < 1e-14 AS cents_or_euros,
	spearman(x, y) = spearman(y, x) AND kendall(x, y) = kendall(y, x) AND adjusted_rand(segment, other) = adjusted_rand(other, segment) AS symmetric,
	cramers_v(segment, other) = sqrt((contingency(segment, other)).chi_square / 500 / 3) AS definition,
	eta_squared(value, segment) = (similarity(value, segment)).raw AS one_share FROM customers;
-- with two groups, F is the square of t; with two by two classes, V is the correlation
SELECT abs((anova(value, (i % 2))).f / ((avg(value) FILTER (WHERE i % 2 = 0) - avg(value) FILTER (WHERE i % 2 = 1)) ^ 2
	/ ((var_samp(value) FILTER (WHERE i % 2 = 0) + var_samp(value) FILTER (WHERE i % 2 = 1)) * 249 / 498 * (1 / 250.0 + 1 / 250.0))) - 1) < 1e-10 AS t,
	abs(cramers_v((x > 50)::int, (y > 30)::int) - abs(corr((x > 50)::int, (y > 30)::int))) < 1e-12 AS phi FROM customers;
-- what a scheme says of itself is what the aggregate says
SELECT abs(goodness_of_variance_fit(s) - (SELECT eta_squared(value, segment(s, value)) FROM customers)) < 1e-13 AS raw,
	abs(goodness_of_variance_fit(s, 'used') - (SELECT (similarity(value, segment(s, value)))."asinh" FROM customers)) < 1e-12 AS used
FROM (SELECT value_segments(value, 6) AS s FROM customers) q;

-- types of arguments
SELECT anova(v, s) = anova(v::float8, s::smallint) AND anova(v, s) = anova(v::float8, s::bigint) AND anova(v, s) = anova(v, s::text)
	AND anova(v, s) = anova(v::float8, s::text) AND anova(v, s) = anova(v::int, s) AND anova(v, s) = anova(v::real, s) AS anova,
	contingency(s, v) = contingency(s::text, v::text) AND contingency(s::text, v) = contingency(s, v::text) AND contingency(s::text, v::varchar) = contingency(s::smallint, v::bigint) AS contingency,
	spearman(v, s) = spearman(v::numeric, s::bigint) AND kendall(v::real, s) = kendall(v, s::numeric) AS ranks
FROM (VALUES (1, 1), (4, 2), (5, 2), (2, 1), (5, 1)) t(v, s);
-- integers in their order, whatever their sign and size
SELECT (persistence(b, a)).* FROM (VALUES (-5, 3), (9223372036854775807, -9223372036854775808), (2, 255), (256, 255)) t(b, a);
-- numeric beyond what doubles hold is the nearest double
SELECT eta_squared(v, s) FROM (VALUES (1e40, 1), (1e40 + 1, 1), (2e40, 2), (4.000000000000000000000001e40, 2)) t(v, s);

-- drift
CREATE TABLE schemes AS SELECT quantile AS how, s FROM (SELECT 'natural' AS quantile, natural_breaks(value, 5) AS s FROM customers
	UNION ALL SELECT 'value', value_segments(value, 4) FROM customers) q;
SELECT how, population_stability(s, value) AS same, population_stability(s, value + 40) = population_stability(s, (value + 40)::float8) AS types,
	population_stability(s, value + 40) = population_stability(s, value + 40, 'half') AS by_default,
	population_stability(s, value + 40) > population_stability(s, value + 20) AS further
FROM schemes, customers GROUP BY how ORDER BY how;
SELECT how, abs(a - b) < 1e-15 AS counts, abs(a - slow) < 1e-13 AS slow
FROM schemes, LATERAL (SELECT population_stability(s, value + 40, 'laplace') AS a FROM customers) a,
	LATERAL (SELECT population_stability(array_agg(customers ORDER BY number), array_agg((SELECT count(*) FROM customers WHERE segment(s, value + 40) = number) ORDER BY number), 'laplace') AS b FROM segments(s)) b,
	LATERAL (SELECT sum((q - p) * ln(q / p))::float8 AS slow FROM (SELECT (customers + 1) / sum(customers + 1) OVER () AS p, (n + 1.0) / sum(n + 1.0) OVER () AS q
		FROM segments(s), LATERAL (SELECT count(*) AS n FROM customers WHERE segment(s, value + 40) = number) c) sh) d ORDER BY how;
-- amounts beyond a double are counted like segment() does
SELECT population_stability(s, v, 'none') FROM (SELECT natural_breaks(v, 2) AS s FROM (VALUES (1), (123456789012345678.123456)) t(v)) q, (VALUES (1), (123456789012345678.123456)) t(v);
SELECT population_stability('{0,5,5}'::bigint[], '{0,5,5}'::bigint[], 'none') AS empty_in_both, population_stability('{0,0}'::bigint[], '{1,2}'::bigint[]) IS NULL AS no_base,
	population_stability('{1,2}'::bigint[], '{0,0}'::bigint[]) IS NULL AS nobody, population_stability('{}'::bigint[], '{}'::bigint[]) IS NULL AS no_bins,
	population_stability('{1,2}'::bigint[], NULL) IS NULL AS null_array;
SELECT population_stability(s, NULL::numeric) IS NULL AS no_values FROM schemes WHERE how = 'value';

-- no rows, one, all equal, one segment: figures that are not defined are NULL, none is NaN
SELECT anova(1, 1) IS NULL AND eta_squared(1, 1) IS NULL AND similarity(1, 1) IS NULL AND contingency(1, 1) IS NULL AND cramers_v(1, 1) IS NULL AND adjusted_rand(1, 1) IS NULL
	AND persistence(1, 1) IS NULL AND spearman(1, 1) IS NULL AND kendall(1, 1) IS NULL AND population_stability(s, 1) IS NULL AS no_rows FROM schemes WHERE how = '' GROUP BY s UNION ALL
SELECT anova(v, s) IS NULL AND eta_squared(v, s) IS NULL AND similarity(v, s) IS NULL AND contingency(v, s) IS NULL AND adjusted_rand(v, s) IS NULL
	AND persistence(v, s) IS NULL AND spearman(v, s) IS NULL AND kendall(v, s) IS NULL FROM (VALUES (NULL::int, 1), (1, NULL), (NULL, NULL)) t(v, s);
SELECT 'one' AS what, anova(5, 1), eta_squared(5, 1), similarity(5, 1), contingency(5, 1), cramers_v(5, 1), adjusted_rand(5, 1), persistence(5, 5), spearman(5, 1), kendall(5, 1)
UNION ALL SELECT 'all equal', anova(5, i), eta_squared(5, i), similarity(5, i), contingency(5, i), cramers_v(5, i), adjusted_rand(5, i), persistence(5, 5), spearman(5, i), kendall(5, i) FROM generate_series(1, 3) i
UNION ALL SELECT 'one segment', anova(i, 1), eta_squared(i, 1), similarity(i, 1), contingency(i, 1), cramers_v(i, 1), adjusted_rand(1, 1), persistence(1, 2), spearman(i, 1), kendall(i, 1) FROM generate_series(1, 3) i
UNION ALL SELECT 'one each', anova(i, i), eta_squared(i, i), similarity(i, i), contingency(i, i), cramers_v(i, i), adjusted_rand(i, i), persistence(i, i), spearman(i, i), kendall(i, i) FROM generate_series(1, 3) i
UNION ALL SELECT 'no variance within', anova(i % 2, i % 2), eta_squared(i % 2, i % 2), similarity(i % 2, i % 2), contingency(i % 2, i % 2), cramers_v(i % 2, i % 2), adjusted_rand(i % 2, i % 2),
	persistence(i % 2, i % 2), spearman(i % 2, i % 2), kendall(i % 2, i % 2) FROM generate_series(1, 4) i
UNION ALL SELECT 'tenths', anova(0.1, i % 2), eta_squared(0.1::float8, i % 2), similarity(-0.1, i % 2), NULL, NULL, NULL, NULL, spearman(0.1, i), NULL FROM generate_series(1, 7) i;

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE many AS SELECT i, (i * 7919::bigint % 100003 - 20000) / 7.0 AS v, ((i * 7919::bigint % 100003 - 20000) / 7.0)::float8 AS f, i % 97 % 7 AS s, 'g' || i * 31 % 23 AS g, i * 104729::bigint % 5003 AS y
FROM generate_series(1, 30000) i;
CREATE TABLE results (how text, a anova_test, s similarity_shares, s2 similarity_shares, c contingency_test, r float8, p persistence_shares, rho float8, tau float8, psi float8);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', anova(v, s), similarity(f, g), similarity(v, g), contingency(s, g), adjusted_rand(s, g), persistence(s, i % 7), spearman(f, y), kendall(f, y), population_stability(n, v)
FROM many, (SELECT natural_breaks(value, 5) AS n FROM customers) q;
INSERT INTO results SELECT 'sorted', anova(v, s), similarity(f, g), similarity(v, g), contingency(s, g), adjusted_rand(s, g), persistence(s, i % 7), spearman(f, y), kendall(f, y), population_stability(n, v)
FROM (SELECT * FROM many ORDER BY y, v DESC) many, (SELECT natural_breaks(value, 5) AS n FROM customers) q;
INSERT INTO results SELECT 'window', anova(v, s) OVER (), similarity(f, g) OVER (), similarity(v, g) OVER (), contingency(s, g) OVER (), adjusted_rand(s, g) OVER (), persistence(s, i % 7) OVER (),
	spearman(f, y) OVER (), kendall(f, y) OVER (), population_stability(n, v) OVER ()
FROM many, (SELECT natural_breaks(value, 5) AS n FROM customers) q LIMIT 1;
-- a window that grows: the state is used again after it gave a result
INSERT INTO results SELECT 'growing', a, s, s2, c, r, p, rho, tau, psi FROM (SELECT i, anova(v, many.s) OVER w AS a, similarity(f, g) OVER w AS s, similarity(v, g) OVER w AS s2, contingency(many.s, g) OVER w AS c, adjusted_rand(many.s, g) OVER w AS r,
		persistence(many.s, i % 7) OVER w AS p, spearman(f, y) OVER w AS rho, kendall(f, y) OVER w AS tau, population_stability(n, v) OVER w AS psi
	FROM many, (SELECT natural_breaks(value, 5) AS n FROM customers) q WINDOW w AS (ORDER BY i / 5000)) t WHERE i = 30000;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SELECT natural_breaks(value, 5) AS n FROM customers \gset
EXPLAIN (COSTS OFF) SELECT anova(v, s), similarity(f, g), contingency(s, g), persistence(s, i % 7), spearman(f, y), population_stability('{"cuts": [1]}', v) FROM many;
INSERT INTO results SELECT 'parallel', anova(v, s), similarity(f, g), similarity(v, g), contingency(s, g), adjusted_rand(s, g), persistence(s, i % 7), spearman(f, y), kendall(f, y), population_stability(:'n', v) FROM many;
-- workers without rows, or with nulls only
SELECT anova(v, s) IS NULL AND contingency(s, g) IS NULL AND spearman(f, y) IS NULL AND population_stability(:'n', v) IS NULL AS nothing FROM many WHERE i < 0;
SELECT (anova(CASE WHEN i IN (3, 4, 7) THEN v END, s)).customers, (contingency(CASE WHEN i IN (3, 4) THEN s END, g)).customers, spearman(CASE WHEN i IN (3, 4) THEN f END, i) FROM many;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS ways, count(DISTINCT record_send(a)) AS a, count(DISTINCT record_send(s)) AS s, count(DISTINCT record_send(s2)) AS s2, count(DISTINCT record_send(c)) AS c, count(DISTINCT float8send(r)) AS r,
	count(DISTINCT record_send(p)) AS p, count(DISTINCT float8send(rho)) AS rho, count(DISTINCT float8send(tau)) AS tau, count(DISTINCT float8send(psi)) AS psi FROM results;

-- errors
\set VERBOSITY default
SELECT anova('NaN'::numeric, 1);
SELECT spearman('Infinity', 1);
SELECT population_stability(ARRAY[1, 2], ARRAY[0, 3], 'none');
SELECT population_stability(ARRAY[1, 2], ARRAY[1, 2], 'some');
SELECT population_stability(ARRAY[1, 2], ARRAY[1, 2, 3]);
SELECT population_stability(ARRAY[1, -2], ARRAY[1, 2]);
SELECT population_stability('{"cuts": [10, 0]}'::segmentation, 5);
SELECT population_stability(s, value) FROM schemes, customers;
SELECT population_stability(NULL::segmentation, 5);
SELECT population_stability(s, 5) FROM (SELECT value_tree(i, jsonb_build_object('a', i), 2) AS s FROM generate_series(1, 100) i) q;
\set VERBOSITY terse
SELECT eta_squared('-Infinity'::float8, 1);
SELECT similarity(1e100::float8, 1);
SELECT similarity(1e120, 1);
SELECT kendall(1, 'NaN');
SELECT population_stability(ARRAY[1, NULL], ARRAY[1, 2]);
SELECT population_stability(s, value, CASE WHEN i = 7 THEN 'none' ELSE 'half' END) FROM schemes, customers WHERE how = 'value';
SELECT population_stability(s, value, NULL) FROM schemes, customers WHERE how = 'value';
SELECT population_stability(s, 10000000, 'none') FROM schemes WHERE how = 'value';
SELECT population_stability(s, 'NaN'::float8) FROM schemes WHERE how = 'value';

DROP TABLE customers, reference, figures, schemes, many, results;
