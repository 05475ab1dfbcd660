-- quantile_breaks: ntile, but for equal values.
SET search_path = public, customer_value;

-- small enough to see: ideal boundaries after 3, 6 and 8 of ten customers
SELECT quantile_breaks(v, 4) FROM generate_series(1, 10) v;
SELECT quantile_breaks(v, 4)::text = quantile_breaks(v::float8, 4)::text AS types_agree FROM generate_series(1, 10) v;
-- ties: boundaries after 2 and 4 of six; 5 5 5 stay together, so the upper one moves up
SELECT breaks(quantile_breaks(v, 3)) FROM (VALUES (9), (5), (5), (5), (2), (1)) t(v);
-- two gaps are equally near (after 1 and after 3): the upper segment becomes the larger one
SELECT breaks(quantile_breaks(v, 2)) FROM (VALUES (9), (5), (5), (1)) t(v);
-- nearly all are equal: still as many segments as asked for
SELECT number, customers, lowest, highest
FROM (SELECT quantile_breaks(CASE WHEN i <= 95 THEN 0 ELSE i END, 4) AS s FROM generate_series(1, 100) i) q, segments(s);
SELECT number, customers, lowest, highest
FROM (SELECT quantile_breaks(CASE WHEN i > 5 THEN 1000 ELSE i END, 4) AS s FROM generate_series(1, 100) i) q, segments(s);
SELECT quantile_breaks(v, 1) FROM (VALUES (3), (3)) t(v);

-- where no two values are equal it is ntile, for any numbers of customers and segments
SELECT count(*) AS customers, count(*) FILTER (WHERE segment(s, v) <> tile) AS differ
FROM (SELECT n, k, v, ntile(k) OVER w AS tile, quantile_breaks(v, k) OVER (PARTITION BY n, k) AS s
	FROM generate_series(1, 40) n, generate_series(1, 12) k, LATERAL (SELECT (i * 7919 % 1009)::numeric / 100 AS v FROM generate_series(1, n) i) x
	WHERE k <= n WINDOW w AS (PARTITION BY n, k ORDER BY v DESC)) q;

-- with ties, the slow way: each boundary to the nearest gap, then room for all
CREATE FUNCTION slow_quantiles(v numeric[], k int) RETURNS numeric[] LANGUAGE plpgsql AS $$
DECLARE
	lows numeric[];	-- of the groups of equal values, from the highest
	upto int[];		-- customers down to there
	n int := cardinality(v);
	cut int := 0;
	cuts numeric[] := '{}';
BEGIN
	SELECT array_agg(x ORDER BY x DESC), array_agg(c ORDER BY x DESC) INTO lows, upto
	FROM (SELECT x, sum(count(*)) OVER (ORDER BY x DESC) AS c FROM unnest(v) x GROUP BY x) g;
	FOR j IN 1 .. k - 1 LOOP
		SELECT greatest(cut + 1, least(g, cardinality(lows) - (k - j))) INTO cut
		FROM generate_subscripts(lows, 1) g WHERE g < cardinality(lows)
		ORDER BY abs(upto[g] - (j * (n / k) + least(j, n % k))), upto[g] DESC LIMIT 1;
		cuts := cuts || lows[cut];
	END LOOP;
	RETURN cuts;
END $$;
SELECT setseed(0.5);
CREATE TABLE samples AS
SELECT n, 1 + n % 6 AS k, array_agg(round((random() * (2 + n % 37))::numeric, n % 2)) AS v
FROM generate_series(1, 400) n, LATERAL generate_series(1, 5 + n % 30) GROUP BY n;
SELECT count(*) AS samples, count(*) FILTER (WHERE breaks(s) <> slow_quantiles(v, k)) AS differ,
	bool_and((SELECT sum(customers) = cardinality(v) AND min(customers) > 0 FROM segments(s))) AS all_in_one
FROM (SELECT v, k, (SELECT quantile_breaks(x, k) FROM unnest(v) x) AS s FROM samples
	WHERE k <= (SELECT count(DISTINCT x) FROM unnest(v) x)) q;

-- any order, any plan; NULL values are no customers
CREATE TABLE many AS SELECT i AS id, CASE WHEN i % 10 > 0 THEN i * 7919 % 1003 - 200 END::numeric AS v FROM generate_series(1, 30000) i;
CREATE TABLE results AS SELECT quantile_breaks(v, 8) AS a, quantile_breaks(v::float8, 8) AS b FROM many;
INSERT INTO results SELECT quantile_breaks(v, 8 ORDER BY v), quantile_breaks(v::float8, 8 ORDER BY -id) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT quantile_breaks(v, 8) FROM many') p WHERE p LIKE '%Partial Aggregate%';
INSERT INTO results SELECT quantile_breaks(v, 8), quantile_breaks(v::float8, 8) FROM many;
SELECT count(DISTINCT a) AS different, count(*) AS ways, bool_and(a = b) AS types_agree, min(cardinality(breaks(a))) AS cuts FROM results;
SELECT sum(customers) AS customers FROM results, segments(a) GROUP BY a;
SELECT quantile_breaks(v, 3) IS NULL AS nothing FROM many WHERE id < 0;
SET max_parallel_workers_per_gather = 0;

-- errors
\set VERBOSITY default
SELECT quantile_breaks(v, 4) FROM (VALUES (1), (2), (2), (3)) t(v);
SELECT quantile_breaks(v, 0) FROM generate_series(1, 3) v;
\set VERBOSITY terse
SELECT quantile_breaks(v, NULL) FROM generate_series(1, 3) v;
SELECT quantile_breaks(v, 1 + v % 2) FROM generate_series(1, 3) v;
SELECT quantile_breaks('NaN'::numeric, 1);
SELECT quantile_breaks('Infinity'::float8, 1);

DROP TABLE samples, many, results;
DROP FUNCTION slow_quantiles, plan_of;
