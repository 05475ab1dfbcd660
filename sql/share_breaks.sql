-- share_breaks: ABC by cumulative share of gains.
SET search_path = public, customer_value;

-- gains add up to 1000: 800 are reached by the second customer, 950 crossed by the fourth
CREATE TABLE gains (v numeric);
INSERT INTO gains VALUES (600), (200), (100), (60), (30), (10), (0), (0), (-50), (NULL);
SELECT share_breaks(v, '{0.8, 0.95}') FROM gains;
SELECT number, label, customers, total, round(mean, 2) AS mean, round(share, 4) AS share, lowest, highest
FROM (SELECT with_labels(share_breaks(v, '{0.8, 0.95}'), '{A,B,C}') AS s FROM gains) q, segments(s);
-- a share of one: whoever gains is above, whoever does not is below
SELECT breaks(share_breaks(v, '{1}')), breaks(share_breaks(v, '{1.000}')) FROM gains;
-- equal values together, also where the share is reached between them
SELECT number, customers FROM (SELECT share_breaks(v, '{0.3, 0.9}') AS s FROM (VALUES (10), (5), (5), (5), (5), (1), (0)) t(v)) q, segments(s);
-- one customer crosses two shares: the class between is empty, and stays so in text and binary form
CREATE TABLE one AS SELECT share_breaks(v, '{0.5, 0.6, 1}') AS s FROM (VALUES (100), (10), (5), (1.5)) t(v);
SELECT s FROM one;
SELECT g.* FROM one, segments(s) g;
SELECT s::text::segmentation = s AS same_by_text, segmentation_send(s::text::segmentation) = segmentation_send(s) AS same_bytes,
	label(s, 2), segment(s, 100), segment(s, 99), segment(s, 1) FROM one;
SELECT n, in_segment(100::numeric, s, n) AS at, in_segment(99.5::float8, s, n) AS below FROM one, generate_series(1, 4) n;
-- typed in
SELECT '{"method": "share_breaks", "cuts": [5, 5, 1]}'::segmentation;

-- against counting customer by customer, with ties and losses
CREATE FUNCTION slow_shares(v numeric[], shares numeric[]) RETURNS int[] LANGUAGE sql AS $$
	-- customers in each class
	SELECT array_agg(n ORDER BY c) FROM (
		SELECT c, (SELECT count(*) FROM (
				SELECT x, sum(x) FILTER (WHERE x > 0) OVER (ORDER BY x DESC) - x * count(*) OVER (PARTITION BY x) AS before
				FROM unnest(v) x) t
			WHERE CASE WHEN x <= 0 THEN cardinality(shares) + 1
				ELSE 1 + (SELECT count(*) FROM unnest(shares) share WHERE before >= share * (SELECT sum(y) FROM unnest(v) y WHERE y > 0)) END = c) AS n
		FROM generate_series(1, cardinality(shares) + 1) c) q
$$;
SELECT setseed(0.125);
CREATE TABLE samples AS
SELECT n, array_agg(CASE n % 3 WHEN 0 THEN round((random() * 20 - 5)::numeric) WHEN 1 THEN round((random() * 2000 - 300)::numeric, 2)
	ELSE round(exp(random() * 12 - 1)::numeric, 2) END) AS v,
	(ARRAY['{0.8,0.95}', '{0.5}', '{0.2,0.4,0.6,0.8,1}', '{0.01,0.99}'])[1 + n % 4]::numeric[] AS shares
FROM generate_series(1, 400) n, LATERAL generate_series(1, 4 + n % 30) GROUP BY n;
SELECT count(*) AS samples,
	count(*) FILTER (WHERE (SELECT array_agg(customers ORDER BY number) FROM segments(s))::int[] <> slow_shares(v, shares)) AS differ,
	count(*) FILTER (WHERE (SELECT array_agg((SELECT count(*) FROM unnest(v) x WHERE segment(s, x) = number) ORDER BY number) FROM segments(s))::int[] <> slow_shares(v, shares)) AS misplaced,
	count(*) FILTER (WHERE (SELECT min(customers) FROM segments(s)) = 0) > 0 AS some_empty
FROM (SELECT v, shares, (SELECT share_breaks(x, shares) FROM unnest(v) x) AS s FROM samples
	WHERE (SELECT max(x) FROM unnest(v) x) > 0) q;
-- cents or euros, numeric or double precision
SELECT count(*) FILTER (WHERE (SELECT array_agg(c / 100) FROM unnest(breaks(cents)) c) <> breaks(s)) AS scale, count(*) FILTER (WHERE real <> s) AS type
FROM (SELECT (SELECT share_breaks(x, shares) FROM unnest(v) x) AS s, (SELECT share_breaks(x * 100, shares) FROM unnest(v) x) AS cents,
	(SELECT share_breaks(x::float8, shares) FROM unnest(v) x) AS real FROM samples WHERE (SELECT max(x) FROM unnest(v) x) > 0) q;
-- to the last cent of sums that a double does not hold
SELECT share, (SELECT customers FROM segments(s) WHERE number = 1) AS customers
FROM (SELECT share, share_breaks(v, ARRAY[share]) AS s
	FROM (VALUES (12345678901234567890.01), (12345678901234567890.00), (0.01)) t(v),
		(VALUES (0.9999999999999999999991), (0.99999999999999999999998)) u(share) GROUP BY share) q ORDER BY share;
-- values with more digits than that
SELECT sum(customers) AS customers, bool_and(customers = (SELECT count(*) FROM generate_series(1, 700) i WHERE segment(s, i::numeric / 7) = number)) AS stay
FROM (SELECT share_breaks(i::numeric / 7, '{0.5, 0.9, 1}') AS s FROM generate_series(1, 700) i) q, segments(s);

-- any order, any plan
CREATE TABLE many AS SELECT i AS id, (i * 7919 % 10007 - 2000)::numeric / 4 AS v FROM generate_series(1, 30000) i;
CREATE TABLE results AS SELECT share_breaks(v, '{0.8, 0.95}') AS a, share_breaks(v::float8, '{0.8, 0.95}') AS b FROM many;
INSERT INTO results SELECT share_breaks(v, '{0.8, 0.95}' ORDER BY v), share_breaks(v::float8, '{0.80, 0.950}' ORDER BY -id) FROM many;
-- the array may be written differently from row to row, as long as it is the same
INSERT INTO results SELECT share_breaks(v, CASE WHEN id % 2 = 0 THEN '{0.8, 0.95}' ELSE '{0.80, 0.9500}' END::numeric[]), share_breaks(v::float8, ARRAY[0.8, 0.95]) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of('SELECT share_breaks(v, ''{0.8, 0.95}'') FROM many') p WHERE p LIKE '%Partial Aggregate%';
INSERT INTO results SELECT share_breaks(v, '{0.8, 0.95}'), share_breaks(v::float8, '{0.8, 0.95}') FROM many;
SELECT count(DISTINCT a) AS different, count(*) AS ways, bool_and(a = b) AS types_agree FROM results;
SELECT share_breaks(v, '{0.8}') IS NULL AS nothing FROM many WHERE id < 0;
SET max_parallel_workers_per_gather = 0;

-- errors
\set VERBOSITY default
SELECT share_breaks(v, '{0.8, 0.95}') FROM (VALUES (0), (-1)) t(v);
SELECT share_breaks(v, '{0.95, 0.8}') FROM gains;
SELECT share_breaks(v, ARRAY[0.8, 0.9 + v / 1e6]) FROM many;
\set VERBOSITY terse
SELECT share_breaks(v, NULL) FROM gains;
CREATE FUNCTION why(shares numeric[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM share_breaks(v, shares) FROM gains;
	RETURN 'accepted';
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT s, why(s) FROM (VALUES ('{}'::numeric[]), (NULL), ('{0}'), ('{1.01}'), ('{-0.5}'), ('{NaN}'), ('{0.5,0.5}'), ('{0.5,NULL}'), ('{{0.5}}'),
	('{0.1234567890123456789012345678901234567891}'), ('{0.5,1}')) v(s);
SELECT why(array_agg(i / 1000.0 ORDER BY i)) FROM generate_series(1, 1000) i;
SELECT share_breaks('NaN'::numeric, '{0.8}');
SELECT share_breaks('-Infinity'::float8, '{0.8}');
-- of other methods cut points still descend, and all segments have customers
SELECT '{"cuts": [5, 5]}'::segmentation;
SELECT '{"cuts": [10], "customers": [1, 0], "totals": [12, 0], "lowest": [12, null], "highest": [12, null], "raw_squares": [0, 0], "used_squares": [0, 0]}'::segmentation;
SELECT '{"method": "share_breaks", "cuts": [10], "customers": [1, 0], "totals": [12, 5], "lowest": [12, null], "highest": [12, null], "raw_squares": [0, 0], "used_squares": [0, 0]}'::segmentation;
SELECT '{"method": "share_breaks", "cuts": [10], "customers": [1, 0], "totals": [12, 0], "lowest": [12, 3], "highest": [12, null], "raw_squares": [0, 0], "used_squares": [0, 0]}'::segmentation;
SELECT '{"method": "share_breaks", "cuts": [10], "customers": [0, 0], "totals": [0, 0], "lowest": [null, null], "highest": [null, null], "raw_squares": [0, 0], "used_squares": [0, 0]}'::segmentation;

DROP TABLE gains, one, samples, many, results;
DROP FUNCTION slow_shares, plan_of, why;
