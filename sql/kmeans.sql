-- kmeans: segments around centres, whatever the plan.
SET search_path = public, customer_value;

-- small enough to see; the same whatever number type
SELECT kmeans(ARRAY[a, b], 2, clustering(standardize => false)) AS s
FROM (VALUES (1, 1), (2, 1), (1, 2), (2, 2), (10, 20), (12, 22)) t(a, b);
SELECT kmeans(ARRAY[a, b], 2) = kmeans(ARRAY[a, b]::numeric[], 2) AND kmeans(ARRAY[a, b], 2) = kmeans(ARRAY[a, b]::float8[], 2, clustering()) AS same,
	kmeans(ARRAY[a, b], 2) = kmeans(ARRAY[a, b], 2, '{}') AS defaults, kmeans(ARRAY[a, b], 1) AS one
FROM (VALUES (1, 0), (3, 8), (5, 16)) t(a, b);
SELECT number, label, lower, upper, customers, total, share
FROM (SELECT kmeans(ARRAY[a, b, a], 2) AS s FROM (VALUES (1, 1.25), (2, 1.5), (1, 2), (10, 20), (12, 22)) t(a, b)) q, segments(s);
SELECT clustering(), clustering(seed => -9223372036854775808, nulls => 'mean'), clustering(starts => NULL) IS NULL AS nothing;

-- typed in: only the centres are needed
SELECT '{"method": "kmeans", "centres": [[5200, 12], [40, 1.5]]}'::segmentation;
SELECT ' { "nulls" : "mean", "centres": [[1e3,-0],[5e-1,2]], "labels":["a","b"], "deviations":[ 2, 3], "method": "kmeans", "means":[7, 8], "silhouette": -1, "customers":[2, 0], "inertia": 0.125 } '::segmentation;
SELECT number, centre, customers, inertia(s) AS inertia, silhouette(s) AS silhouette, label(s, number)
FROM (SELECT '{"method": "kmeans", "centres": [[5200, 12.123456, 0, 7], [-40, 1.5e-7, 1e10, 7]]}'::segmentation AS s) q, centres(s);
SELECT v, segment('{"method": "kmeans", "centres": [[10, 0], [0, 0], [0, 0]]}', v) AS n
FROM (VALUES ('{5, 3}'::float8[]), ('{5.1, -3}'), ('{4.9, 100}'), ('{1e99, -1e99}'), ('[7:8]={6,1}'), (NULL)) t(v);
-- deviations scale: the second feature counts for little
SELECT segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]]}', ARRAY[9, 60]) AS raw,
	segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]], "deviations": [1, 1000]}', ARRAY[9, 60]) AS scaled;
-- a missing feature: an error, no customer, or the mean
SELECT segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]], "nulls": "skip"}', ARRAY[9, NULL]) AS skipped,
	segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]], "nulls": "mean", "means": [4, 90]}', ARRAY[9, NULL]) AS mean_of_second,
	segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]], "nulls": "mean", "means": [4, 90]}', ARRAY[NULL, 10]) AS mean_of_first,
	segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]], "nulls": "mean", "means": [4, 90]}', ARRAY[NULL, NULL]::float8[]) AS nothing_known;
-- a scheme that changes from row to row
SELECT string_agg(segment(s, ARRAY[v])::text, ' ' ORDER BY v)
FROM (SELECT v, ('{"method": "kmeans", "centres": [[' || v % 3 || '], [2]]}')::segmentation AS s FROM generate_series(0, 8) v) q;
-- usable where only immutable functions are
CREATE TABLE rated (f float8[], n int GENERATED ALWAYS AS (segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]]}', f)) STORED,
	CHECK (segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]]}', f) < 3));
CREATE INDEX ON rated (segment('{"method": "kmeans", "centres": [[10, 0], [0, 100]]}', f));
INSERT INTO rated VALUES ('{8, 2}'), ('{1, 1000}'), (NULL);
TABLE rated;
DROP TABLE rated;

-- against scikit-learn: numbers from test/reference/kmeans_sklearn.py
CREATE TABLE made AS
SELECT i, ARRAY[c * 300 + i * 7919 % 101 * 3, c * c * 50 + i * 104729 % 67, i * i % 17 + 40 * (c % 2)]::float8[] AS f
FROM (SELECT i::bigint, i % 4 AS c FROM generate_series(1, 600) i) t;
CREATE TABLE peer (scale text, k int, inertia float8, silhouette float8, customers bigint[]);
INSERT INTO peer VALUES
	-- scikit-learn
	('standardized', 2, 785.395109389, 0.56024984107, '{150,450}'),
	('standardized', 3, 407.777095156, 0.601939996761, '{150,300,150}'),
	('standardized', 4, 89.7802724585, 0.764815663346, '{150,150,150,150}'),
	('standardized', 5, 80.7989993694, 0.657452083699, '{150,150,73,77,150}'),
	('standardized', 7, 63.2497792574, 0.447816388046, '{88,62,89,61,73,77,150}'),
	('raw', 2, 23264526.6485, 0.623753465604, '{299,301}'),
	('raw', 4, 4813429.83465, 0.630389682629, '{150,150,149,151}'),
	('raw', 6, 2749591.80384, 0.55384901652, '{74,76,150,102,99,99}');
	-- scikit-learn
CREATE TABLE fits AS
SELECT scale, k, kmeans(f, k, clustering(starts => 1000, standardize => scale = 'standardized')) AS s
FROM made, peer GROUP BY scale, k;
SELECT scale, k, abs(inertia(s) / inertia - 1) < 1e-10 AS inertia, abs(silhouette(s) / silhouette - 1) < 1e-10 AS silhouette,
	customers = ARRAY(SELECT c.customers FROM centres(s) c ORDER BY number) AS customers
FROM fits JOIN peer USING (scale, k) ORDER BY 1, 2;

-- the slow way: every figure from its definition, in SQL
CREATE FUNCTION way(a float8[], b float8[], unit float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT sum(((x - y) / u) ^ 2) FROM unnest(a, b, unit) t(x, y, u)
$$;
CREATE TABLE units AS
SELECT scale, array_agg(CASE WHEN scale = 'raw' THEN 1 ELSE sd END ORDER BY n) AS unit, array_agg(mean ORDER BY n) AS mean
FROM (VALUES ('raw'), ('standardized')) v(scale),
	(SELECT n, stddev_samp(x) AS sd, avg(x) AS mean FROM made, unnest(f) WITH ORDINALITY t(x, n) GROUP BY n) m
GROUP BY scale;
CREATE TABLE placed AS
SELECT scale, k, i, f, segment(s, f) AS n,
	(SELECT number FROM centres(s) ORDER BY way(f, centre, unit), number LIMIT 1) AS nearest,
	(SELECT min(way(f, centre, unit)) FROM centres(s)) AS square
FROM fits JOIN units USING (scale), made;
SELECT count(*) FILTER (WHERE n <> nearest) AS elsewhere, count(*) AS customers FROM placed;
SELECT bool_and(abs(sum / inertia(s) - 1) < 1e-10) AS inertia
FROM fits JOIN (SELECT scale, k, sum(square) FROM placed GROUP BY 1, 2) q USING (scale, k);
-- each centre is the mean of its customers, the first the one with the largest first feature
SELECT bool_and(abs(mean - centre[d]) < 1e-9 * (1 + abs(mean))) AS centres, count(*)
FROM (SELECT scale, k, n, d, avg(x) AS mean FROM placed, unnest(f) WITH ORDINALITY t(x, d) GROUP BY 1, 2, 3, 4) m
	JOIN (SELECT scale, k, number AS n, centre FROM fits, centres(s)) c USING (scale, k, n);
SELECT bool_and(centre[1] <= before) AS descending
FROM (SELECT centre, lag(centre[1]) OVER (PARTITION BY scale, k ORDER BY number) AS before FROM fits, centres(s)) q;
SELECT bool_and(s::text::jsonb -> 'means' IS NULL AND s::text::jsonb -> 'deviations' IS NULL) AS raw_has_no_scale FROM fits WHERE scale = 'raw';
SELECT bool_and(abs(m::text::float8 - mean[d]) < 1e-9 AND abs(u::text::float8 / unit[d] - 1) < 1e-12) AS moments, count(*)
FROM fits JOIN units USING (scale), jsonb_array_elements(s::text::jsonb -> 'means') WITH ORDINALITY a(m, d)
	JOIN jsonb_array_elements(s::text::jsonb -> 'deviations') WITH ORDINALITY b(u, d) USING (d)
WHERE scale = 'standardized';
-- text there and back
SELECT bool_and(s::text::segmentation = s) AS round_trip, count(*) FROM fits;

-- options: seed, starts, tolerance, iterations
SELECT count(DISTINCT inertia(s)) > 1 AS seeds_differ, min(inertia(s)) >= (SELECT inertia * (1 - 1e-10) FROM peer WHERE scale = 'raw' AND k = 6) AS none_is_better
FROM (SELECT kmeans(f, 6, clustering(seed => seed, starts => 1, standardize => false)) AS s FROM made, generate_series(1, 20) seed GROUP BY seed) q;
SELECT bool_and(more <= less) AS starts, bool_and(loose >= less) AS tolerance, bool_and(short >= less) AS iterations
FROM (SELECT inertia(kmeans(f, 7, clustering(seed => seed, starts => 1))) AS less, inertia(kmeans(f, 7, clustering(seed => seed, starts => 4))) AS more,
	inertia(kmeans(f, 7, clustering(seed => seed, starts => 1, tolerance => 0.01))) AS loose,
	inertia(kmeans(f, 7, clustering(seed => seed, starts => 1, max_iterations => 1))) AS short
	FROM made, generate_series(1, 5) seed GROUP BY seed) q;

-- missing features
CREATE TABLE gaps AS
SELECT i, CASE WHEN i % 50 = 0 THEN NULL ELSE ARRAY[CASE WHEN i % 7 <> 0 THEN f[1] END, f[2], CASE WHEN i % 11 <> 0 THEN f[3] END] END AS f FROM made;
SELECT customers, round(inertia(s)::numeric, 4) AS inertia, s = complete AS without_them
FROM (SELECT kmeans(f, 3, clustering(nulls => 'skip')) AS s,
		kmeans(f, 3, clustering(nulls => 'skip')) FILTER (WHERE array_position(f, NULL) IS NULL) AS complete FROM gaps) q,
	LATERAL (SELECT array_agg(customers ORDER BY number) AS customers FROM segments(s)) c;
SELECT count(*) AS customers, count(segment(s, f)) AS with_segment
FROM gaps, (SELECT kmeans(f, 3, clustering(nulls => 'skip')) AS s FROM gaps) q WHERE f IS NOT NULL;
-- the mean in its place: means and deviations are those of what is known
SELECT bool_and(abs(mean - (s::text::jsonb -> 'means' ->> (n - 1)::int)::float8) < 1e-9) AS means,
	bool_and(abs(sd - (s::text::jsonb -> 'deviations' ->> (n - 1)::int)::float8) < 1e-9) AS deviations,
	bool_and(customers = (SELECT array_agg(c ORDER BY j) FROM (SELECT segment(s, f) AS j, count(*) AS c FROM gaps WHERE f IS NOT NULL GROUP BY 1) g)) AS customers
FROM (SELECT kmeans(f, 4, clustering(nulls => 'mean')) AS s FROM gaps) q,
	LATERAL (SELECT array_agg(customers ORDER BY number) AS customers FROM segments(s)) c,
	(SELECT n, stddev_samp(x) AS sd, avg(x) AS mean FROM gaps, unnest(f) WITH ORDINALITY t(x, n) GROUP BY n) m;
SELECT bool_and(segment(s, f) = segment(s, ARRAY[coalesce(f[1], (m ->> 0)::float8), f[2], coalesce(f[3], (m ->> 2)::float8)])) AS as_if_given
FROM gaps, (SELECT kmeans(f, 4, clustering(nulls => 'mean')) AS s FROM gaps) q, LATERAL (SELECT s::text::jsonb -> 'means' AS m) m WHERE f IS NOT NULL;
SELECT kmeans(ARRAY[v, NULL], 1, clustering(nulls => 'skip')) IS NULL AS all_skipped FROM generate_series(1, 3) v;

-- customers with equal features are never separated; a feature that does not vary
SELECT customers FROM (SELECT kmeans(ARRAY[v % 3, 0.1], 3) AS s FROM generate_series(1, 100) v) q, centres(s) ORDER BY number;

-- digits beyond the fifteenth count where customers differ in nothing else, or in another feature only
SELECT name, bool_and(segment(s, ARRAY[v + big]) = segment(small, ARRAY[v])) AS segments,
	bool_and(abs(inertia(s) / inertia(small) - 1) < 1e-12) AS inertia,
	bool_and((SELECT bool_and(c.centre[1] - big = d.centre[1]) FROM centres(s) c JOIN centres(small) d USING (number))) AS centres
FROM (VALUES ('standardized', clustering()), ('raw', clustering(standardize => false))) o(name, options), (VALUES (1.7e15::float8), (-4e15)) b(big),
	LATERAL (SELECT kmeans(ARRAY[v + big], 3, options) AS s, kmeans(ARRAY[v], 3, options) AS small FROM (VALUES (0), (2), (100), (102), (500), (502)) t(v)) q,
	(VALUES (0), (2), (100), (102), (500), (502)) t(v)
GROUP BY name ORDER BY name;
SELECT constant, centre[2] = constant AS kept, customers, round(inertia(s)::numeric, 6) AS inertia
FROM (VALUES (0.1::float8), (1.0::float8 / 3), (123456789012345678), (1.23456789012345678e90), (9.999999999999999e99)) c(constant),
	LATERAL (SELECT kmeans(ARRAY[v, constant], 2) AS s FROM (SELECT generate_series(1, 10) UNION ALL SELECT 3) t(v)) q, centres(s) ORDER BY constant, number;
-- such a feature has no variance that a tolerance could be a share of
SELECT inertia(kmeans(ARRAY[v, 1], 6, clustering(starts => 1, standardize => false, tolerance => 1e-6)))
	< inertia(kmeans(ARRAY[v, 1], 6, clustering(starts => 1, standardize => false, max_iterations => 1))) AS went_on
FROM (SELECT i * 7919 % 1009 * 1e-5::float8 AS v FROM generate_series(1, 500) i) t;

-- no customers, groups, windows, filters
SELECT kmeans(ARRAY[v], 2) IS NULL AS no_rows FROM generate_series(1, 0) v;
SELECT kmeans(NULL::float8[], 2) IS NULL AS nulls FROM generate_series(1, 3);
SELECT g, ARRAY(SELECT centre[1] FROM centres(kmeans(f, 2))) AS centres, ARRAY(SELECT centre[1] FROM centres(kmeans(f, 2) FILTER (WHERE v < 8))) AS filtered
FROM (SELECT i % 3 AS g, i AS v, ARRAY[i * i]::float8[] AS f FROM generate_series(1, 12) i) t GROUP BY g ORDER BY g;
SELECT v, segment(kmeans(ARRAY[v], 2) OVER (), ARRAY[v]) AS of_all, (kmeans(ARRAY[v], 1) OVER (ORDER BY v))::text::jsonb -> 'customers' AS running
FROM (VALUES (-5), (-4), (1), (2), (40)) t(v) ORDER BY v;

-- any order, any plan, any number of workers; short arrays, long ones, ones in TOAST
CREATE TABLE many AS
SELECT i, ARRAY[i * 7919 % 100003 / 8.0, CASE WHEN i % 5 = 0 THEN 1e9 ELSE 0 END + i * 104729 % 1009 / 7.0, i % 13]::float8[] AS f
FROM (SELECT i::bigint FROM generate_series(1, 30000) i) t;
UPDATE many SET f[2] = NULL WHERE i % 100 = 0;
CREATE TABLE wide AS SELECT i, array_agg((i * j * 7919 % 1009)::float8) AS f FROM generate_series(1, 60) i, generate_series(1, 1000) j GROUP BY i;
CREATE TABLE results (how text, a segmentation, b segmentation, c segmentation);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results
SELECT 'serial', kmeans(f, 5, clustering(starts => 2, nulls => 'mean')),
	kmeans(f, 8, clustering(starts => 1, standardize => false, nulls => 'skip')),
	(SELECT kmeans(f, 3) FROM wide) FROM many;
INSERT INTO results
SELECT 'sorted', kmeans(f, 5, clustering(starts => 2, nulls => 'mean')),
	kmeans(f, 8, clustering(starts => 1, standardize => false, nulls => 'skip')),
	(SELECT kmeans(f, 3 ORDER BY i DESC) FROM wide) FROM (SELECT f FROM many ORDER BY f DESC) t;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT kmeans(f, 5, clustering(nulls => ''mean'')) FROM many') p WHERE p LIKE '%Partial Aggregate%';
SELECT count(*) > 0 AS partial FROM plan_of('SELECT kmeans(f, 3) FROM wide') p WHERE p LIKE '%Partial Aggregate%';
CREATE TABLE parallel AS SELECT kmeans(f, 5, clustering(starts => 2, nulls => 'mean')) AS a,
	kmeans(f, 8, clustering(starts => 1, standardize => false, nulls => 'skip')) AS b FROM many;
CREATE TABLE parallel_wide AS SELECT kmeans(f, 3) AS c FROM wide;
SET parallel_leader_participation = off;
CREATE TABLE workers AS SELECT kmeans(f, 5, clustering(starts => 2, nulls => 'mean')) AS a,
	kmeans(f, 8, clustering(starts => 1, standardize => false, nulls => 'skip')) AS b FROM many;
INSERT INTO results SELECT 'parallel', a, b, c FROM parallel, parallel_wide;
INSERT INTO results SELECT 'workers', a, b, c FROM workers, parallel_wide;
SELECT count(DISTINCT (a, b, c)) AS different, count(*) AS ways FROM results;
-- workers that see no rows, or only nulls, or nothing but skipped customers
SELECT kmeans(f, 2) IS NULL AS nothing FROM many WHERE i < 0;
SELECT ARRAY(SELECT centre[1] FROM centres(s)) AS centres FROM (SELECT kmeans(CASE WHEN i IN (3, 4) THEN ARRAY[i] END, 2) AS s FROM many) q;
SELECT kmeans(CASE WHEN i % 2 = 0 THEN ARRAY[NULL, i] END, 2, clustering(nulls => 'skip')) IS NULL AS nothing FROM many;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
-- segment() of the rows is what the fit counted
SELECT bool_and(customers = n) AS same, sum(n) AS customers
FROM (SELECT segment(a, f) AS number, count(*) AS n FROM many, results WHERE how = 'serial' GROUP BY 1) g
	JOIN (SELECT c.* FROM results, segments(a) c WHERE how = 'serial') c USING (number);

-- errors
\set VERBOSITY default
SELECT kmeans(ARRAY[v, 1], 4) FROM (VALUES (1), (2), (2), (3)) t(v);
SELECT kmeans(ARRAY[v], 2, clustering(standardize => false)) FROM (VALUES (1e-200), (2e-200)) t(v);
SELECT kmeans(ARRAY[v, v], 2) FROM (VALUES (1e-60), (2e-60)) t(v);
SELECT kmeans(ARRAY[v, NULL], 2, clustering(nulls => 'mean')) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v, NULL], 2) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], 0) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], NULL) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], v) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], 2, NULL) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], 2, clustering(seed => v)) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], 2, '{"start": 2}') FROM generate_series(1, 3) v;
SELECT kmeans(CASE v WHEN 2 THEN ARRAY[1, 2, 3] ELSE ARRAY[1, 2] END, 2) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[ARRAY[v, 2]], 2) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[1, 'NaN'::float8], 1);
SELECT kmeans(ARRAY[-1e100], 1);
SELECT segment('{"method": "kmeans", "centres": [[1, 2]]}', ARRAY[1]);
SELECT segment('{"method": "kmeans", "centres": [[1, 2]]}', ARRAY[1, NULL]);
SELECT segment('{"method": "kmeans", "centres": [[1, 2]]}', 5);
SELECT segment('{"cuts": [5]}', ARRAY[5]);
SELECT '{"method": "kmeans", "centres": [[1, 2], [3]]}'::segmentation;
\set VERBOSITY terse
SELECT kmeans('{}'::float8[], 1);
SELECT kmeans(v, 1) FROM (SELECT array_agg(v) AS v FROM generate_series(1, 1001) v) q;
SELECT kmeans(ARRAY[v], 1001) FROM generate_series(1, 3) v;
SELECT kmeans(ARRAY[v], 2, clustering(starts => 0)) FROM generate_series(1, 3) v;
SELECT clustering(tolerance => 'NaN');
SELECT clustering(nulls => 'median');
SELECT kmeans(f, 2 + (i > 15000)::int, clustering(nulls => 'skip')) FROM many;
SELECT kmeans(ARRAY[1, 'Infinity'::float8], 1);
SELECT segment('{"method": "kmeans", "centres": [[1, 2]]}', ARRAY['NaN'::float8, 1]);
SELECT segment('{"method": "kmeans", "centres": [[1, 2]]}', '{{1, 2}}'::float8[]);
SELECT inertia('{"cuts": [5]}');
SELECT silhouette('{"cuts": [5]}');
SELECT centres('{"cuts": [5]}');
SELECT breaks('{"method": "kmeans", "centres": [[1, 2]]}');
\set VERBOSITY default
SELECT '{"method": "kmeans"}'::segmentation;
\set VERBOSITY terse
CREATE FUNCTION why(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	d text;
BEGIN
	PERFORM t::segmentation;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
	RETURN d;
END $$;
SELECT m, why('{"method": "kmeans", ' || m || '}')
FROM (VALUES ('"centres": []'), ('"centres": [[]]'), ('"centres": [1, 2]'), ('"centres": [["a"]]'), ('"centres": 5'), ('"centres": [[1e100]]'),
	('"centres": [[1e999]]'), ('"centres": [[1]], "means": [1, 2]'), ('"centres": [[1]], "means": 5'), ('"centres": [[1]], "deviations": [0]'),
	('"centres": [[1]], "deviations": [-1]'), ('"centres": [[1]], "nulls": "mean"'), ('"centres": [[1]], "nulls": "never"'),
	('"centres": [[1]], "customers": [1, 2]'), ('"centres": [[1]], "customers": [1.5]'), ('"centres": [[1]], "customers": [-1]'),
	('"centres": [[1]], "inertia": -1'), ('"centres": [[1]], "silhouette": 1.5'), ('"centres": [[1]], "labels": ["a", "b"]'),
	('"centres": [[1]], "cuts": [1]'), ('"centres": [[1]], "centres": [[1]]')) v(m);

DROP TABLE made, peer, fits, units, placed, gaps, many, wide, results, parallel, workers, parallel_wide;
DROP FUNCTION way, plan_of, why;
