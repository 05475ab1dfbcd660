-- A change of revenue by item: more of it, other things, other prices.
SET search_path = public, customer_value;
\pset null (null)

CREATE FUNCTION noise(i int, j int) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashint8extended(i::bigint * 1000 + j, 6) & 1073741823) / 1073741824.0
$$;

-- by hand: 30 units for 200.00, then 22 for 205.00; at old prices the new ones would be 12 * 10 + 10 * 5 = 170.00
CREATE TABLE lines (item text, q0 numeric, v0 numeric, q1 numeric, v1 numeric);
INSERT INTO lines VALUES ('dear', 10, 100, 12, 150), ('cheap', 20, 100, 10, 55);
\x
SELECT (price_volume_mix(q0, v0, q1, v1)).* FROM lines;
-- one item has no mix; items that come and go are neither volume nor mix; what has no quantity is neither
SELECT (price_volume_mix(q0, v0, q1, v1)).* FROM lines WHERE item = 'cheap';
INSERT INTO lines VALUES ('gone', 5, 10, NULL, NULL), ('new', NULL, NULL, 3, 33.33), ('gone but for a refund', 2, 20, 0, -5), ('new after a return', -1, -7, 1, 8),
	('fee', NULL, 1, NULL, 1.5), ('returns', -2, -20, -1, -10), ('free', 4, 0, 6, 0), ('nothing', NULL, NULL, NULL, NULL);
SELECT (price_volume_mix(q0, v0, q1, v1)).* FROM lines;
\x
SELECT s.* FROM (SELECT price_volume_mix(q0, v0, q1, v1) AS p FROM lines) t, steps(p) s;
SELECT price_volume_mix(q0, v0, q1, v1) AS nothing FROM lines WHERE item = 'nothing';
SELECT price_volume_mix(q0, v0, q1, v1) AS no_rows FROM lines WHERE false;
SELECT price_volume_mix(q0, v0, q1, v1) AS no_item_of_both FROM lines WHERE item IN ('gone', 'new', 'fee');
SELECT count(*) FROM steps(NULL);

-- profit instead of revenue: the rate is profit for each unit, and may be below zero
SELECT price_volume_mix(q, v, w, x) FROM (VALUES (10, -100, 20, -150), (10, 50, 10, 60)) t(q, v, w, x);
-- thirds: what is half a cent in sum is rounded as half a cent is, away from zero
SELECT (p).volume, (p).mix, (p).rate FROM (SELECT price_volume_mix(3, 0.01, 1, 0) AS p UNION ALL SELECT price_volume_mix(6, 0.01, 1, 0) FROM generate_series(1, 3)
	UNION ALL SELECT price_volume_mix(6, -0.01, 1, 0) FROM generate_series(1, 3) UNION ALL SELECT price_volume_mix(7, 0.02, 1, 0) FROM generate_series(1, 7)) t;
-- amounts with more decimals than cents: the levels between are cents, and the parts add up all the same
SELECT p, (p).before + (p).volume + (p).mix + (p).rate = (p).after AS closes FROM (SELECT price_volume_mix(q, v, w, x) AS p FROM (VALUES (3, 10.123456, 7, 20.5), (1, 0.0004, 9, 1.000001)) t(q, v, w, x)) u;
-- quantities of a millionth, and large ones
SELECT price_volume_mix(0.000001, 0.01, 99999999999999999999999, 5);
SELECT price_volume_mix(99999999999999999999999.999999, 99999999999999999999999, 99999999999999999999999, 1) AS large;

-- random items, against the formula in plain SQL with many digits
CREATE TABLE items AS
SELECT i, i % 7 AS shop, CASE WHEN noise(i, 1) < 0.9 THEN floor(noise(i, 2) * 20 - 1)::numeric END AS q0, round((noise(i, 3) * 500 - 20)::numeric, 2) AS v0,
	CASE WHEN noise(i, 4) < 0.9 THEN round((noise(i, 5) * 20)::numeric, i % 4) END AS q1, round((noise(i, 6) * 500 - 20)::numeric, 2) AS v1
FROM generate_series(1, 5000) i;
WITH kept AS (SELECT shop, sum(q0) AS q0, sum(v0) AS v0, sum(q1) AS q1, sum(v1) AS v1, sum(q1 * v0::numeric(60, 40) / q0) AS s, count(*) AS n FROM items WHERE q0 > 0 AND q1 > 0 GROUP BY 1),
	expected AS (SELECT shop, round(v0::numeric(60, 40) * q1 / q0, 2) - v0 AS volume, round(s, 2) - round(v0::numeric(60, 40) * q1 / q0, 2) AS mix, v1 - round(s, 2) AS rate, n FROM kept),
	others AS (SELECT shop, sum(v0) AS before, sum(v1) AS after,
		sum(v1 - v0) FILTER (WHERE q1 > 0 AND q0 > 0 IS NOT TRUE) AS entered, sum(v1 - v0) FILTER (WHERE q0 > 0 AND q1 > 0 IS NOT TRUE) AS exited,
		sum(v1 - v0) FILTER (WHERE q0 > 0 IS NOT TRUE AND q1 > 0 IS NOT TRUE) AS other,
		count(*) FILTER (WHERE q1 > 0 AND q0 > 0 IS NOT TRUE) AS n_entered, count(*) FILTER (WHERE q0 > 0 AND q1 > 0 IS NOT TRUE) AS n_exited FROM items GROUP BY 1)
SELECT count(*) AS shops, bool_and(p = (before, volume, mix, rate, entered, exited, other, after, n, n_entered, n_exited)::price_volume_mix_figures) AS same,
	bool_and((SELECT sum(amount) FILTER (WHERE step <> 'after') = sum(amount) FILTER (WHERE step = 'after') FROM steps(p))) AS closes,
	bool_and((p).volume <> 0 AND (p).mix <> 0 AND (p).rate <> 0 AND (p).entered <> 0 AND (p).exited <> 0 AND (p).other <> 0) AS all_parts
FROM (SELECT shop, price_volume_mix(q0, v0, q1, v1) AS p FROM items GROUP BY 1) t JOIN expected USING (shop) JOIN others USING (shop);
-- the textbook's forms of the parts: by each item's share of the quantity, and by its price
SELECT bool_and(abs((p).volume - volume) <= 0.005 AND abs((p).mix - mix) <= 0.01 AND abs((p).rate - rate) <= 0.005) AS textbook
FROM (SELECT shop, price_volume_mix(q0, v0, q1, v1) AS p FROM items GROUP BY 1) t JOIN (
	SELECT shop, sum((t1 - t0) * q0 / t0 * p0) AS volume, sum((q1 / t1 - q0 / t0) * t1 * p0) AS mix, sum((v1 / q1 - p0) * q1) AS rate
	FROM (SELECT *, v0 / q0 AS p0, sum(q0) OVER w AS t0, sum(q1) OVER w AS t1 FROM items WHERE q0 > 0 AND q1 > 0 WINDOW w AS (PARTITION BY shop)) x GROUP BY 1) f USING (shop);
-- laws: prices doubled are rate only, quantities doubled volume only, everything the other way round has the opposite change
SELECT bool_and((d).volume = 0 AND (d).mix = 0 AND (d).rate = (d).before) AS prices, bool_and((e).mix = 0 AND (e).rate = 0 AND (e).volume = (e).before) AS quantities,
	bool_and((f).after - (f).before = (g).before - (g).after AND (f).entered = -(g).exited) AS mirrored
FROM (SELECT shop, price_volume_mix(q0, v0, q0, 2 * v0) FILTER (WHERE q0 > 0) AS d, price_volume_mix(q0, v0, 2 * q0, 2 * v0) FILTER (WHERE q0 > 0) AS e,
	price_volume_mix(q0, v0, q1, v1) AS f, price_volume_mix(q1, v1, q0, v0) AS g FROM items GROUP BY 1) t;

-- any order, any plan, any number of workers: the same bytes
CREATE TABLE results (how text, p price_volume_mix_figures);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', price_volume_mix(q0, v0, q1, v1) FROM items;
INSERT INTO results SELECT 'sorted', price_volume_mix(q0, v0, q1, v1 ORDER BY v1 DESC) FROM items;
INSERT INTO results SELECT 'growing', p FROM (SELECT i, price_volume_mix(q0, v0, q1, v1) OVER (ORDER BY i / 2000) AS p FROM items) t WHERE i = 5000;
ANALYZE items;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT price_volume_mix(q0, v0, q1, v1) FROM items;
INSERT INTO results SELECT 'parallel', price_volume_mix(q0, v0, q1, v1) FROM items;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT record_send(p)) AS figures FROM results;

-- errors
SELECT price_volume_mix(1, 1, 'NaN', 1);
SELECT price_volume_mix(1.0000001, 1, 1, 1);
SELECT price_volume_mix(0.000001, 9e22, 9e22, 1);

DROP TABLE lines, items, results;
DROP FUNCTION noise;
