-- What segments buy, or where, against what all customers do.
SET search_path = public, customer_value;

CREATE TABLE few (segment int, channel text, amount numeric);
INSERT INTO few VALUES (1, 'shop', 60), (1, 'phone', 20), (1, 'shop', 0), (1, 'phone', 20), (2, 'shop', 100), (2, 'web', 300), (2, 'phone', NULL),
	(3, 'web', -5), (NULL, 'web', 10), (NULL, NULL, 90), (3, NULL, NULL);
SELECT number, segment, rank, item, lines, amount, round(share, 3) AS share, round(share_of_all, 3) AS of_all, round(index, 1) AS index
FROM unnest((SELECT segment_mix(segment, channel, amount) FROM few));

-- top products, ties by name (by bytes)
SELECT rank, item, amount FROM unnest((SELECT segment_mix('all', chr(97 + i % 7), i % 3) FROM generate_series(1, 21) i)) WHERE rank <= 5;

-- totals that are not positive have no shares
SELECT segment, item, amount, share, share_of_all, index FROM unnest((SELECT segment_mix(i % 2, i::text, CASE i WHEN 1 THEN 4 ELSE -i END) FROM generate_series(1, 4) i));
-- a part that is negative is a negative part
SELECT segment, item, share, share_of_all, index FROM unnest((SELECT segment_mix(s, c, a) FROM (VALUES ('x', 'sold', 10), ('x', 'returned', -2), ('y', 'returned', 1), ('y', 'sold', 3), ('y', 'swapped', 4)) v(s, c, a)));

-- NULL, and nothing
SELECT segment_mix(segment, channel, amount) IS NULL AS no_rows FROM few WHERE false;
SELECT * FROM unnest((SELECT segment_mix(NULL::text, NULL, NULL)));

-- errors
SELECT segment_mix(1, 'a', 'NaN');
SELECT segment_mix(1, 'a', 'Infinity');
SELECT segment_mix(1, 'a', 0.0000001);
SELECT segment_mix(1, 'a', 1e25);

-- random lines, the slow way
CREATE FUNCTION noise(i bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(i, salt) & 1073741823) % n;
CREATE TABLE lines AS
SELECT i, CASE WHEN noise(i, 1, 9) > 0 THEN noise(i, 1, 9) END AS segment, CASE WHEN noise(i, 2, 40) > 0 THEN 'item ' || noise(i, 2, 40) END AS item,
	CASE WHEN noise(i, 3, 50) > 0 THEN (noise(i, 4, 30000) - 5000) / (ARRAY[1, 100, 10000])[1 + noise(i, 5, 3)]::numeric END AS amount
FROM generate_series(1, 6000) i;
CREATE TABLE slow AS
WITH g AS (SELECT segment, item, count(*) AS lines, coalesce(sum(amount), 0) AS amount FROM lines GROUP BY 1, 2),
	w AS (SELECT *, sum(amount) OVER (PARTITION BY segment) AS of_segment, sum(amount) OVER (PARTITION BY item) AS of_item, sum(amount) OVER () AS of_all FROM g)
SELECT segment, row_number() OVER (PARTITION BY segment ORDER BY amount DESC, item COLLATE "C") AS rank, item, lines, amount,
	CASE WHEN of_segment > 0 THEN amount / of_segment END AS share, CASE WHEN of_all > 0 THEN of_item / of_all END AS share_of_all,
	CASE WHEN of_segment > 0 AND of_all > 0 AND of_item > 0 THEN 100 * (amount / of_segment) / (of_item / of_all) END AS index FROM w;
CREATE TABLE mixes AS SELECT segment_mix(segment, item, amount) AS m FROM lines;
SELECT count(*) AS pairs, count(*) FILTER (WHERE m.rank IS DISTINCT FROM s.rank OR m.lines IS DISTINCT FROM s.lines OR m.amount IS DISTINCT FROM s.amount
	OR round(m.share, 12) IS DISTINCT FROM round(s.share, 12) OR round(m.share_of_all, 12) IS DISTINCT FROM round(s.share_of_all, 12)
	OR round(m.index, 9) IS DISTINCT FROM round(s.index, 9)) AS differ
FROM unnest((SELECT m FROM mixes)) m FULL JOIN slow s ON coalesce(m.number, 0) = coalesce(s.segment, 0) AND coalesce(m.item, 'none') = coalesce(s.item, 'none');
-- in order of segments and ranks; shares add up
SELECT bool_and(place = expected) AS in_order FROM (SELECT place, row_number() OVER (ORDER BY number, rank) AS expected
	FROM unnest((SELECT m FROM mixes)) WITH ORDINALITY AS m(number, segment, rank, item, lines, amount, share, share_of_all, index, place)) o;
SELECT number, round(sum(share), 14) AS share FROM unnest((SELECT m FROM mixes)) GROUP BY 1 ORDER BY 1;
-- the average of the indices, weighted by what is expected, is 100 where every item is bought
SELECT bool_and(abs(average - 100) < 1e-9) AS average FROM (SELECT number, sum(index * share_of_all) AS average FROM unnest((SELECT m FROM mixes)) GROUP BY 1 HAVING count(index) = 40) a;

-- any order, texts, and workers
SELECT m = (SELECT segment_mix(segment, item, amount ORDER BY noise(i, 11, 1000)) FROM lines) AS any_order FROM mixes;
SELECT count(*) AS differ FROM mixes, unnest(m) q FULL JOIN unnest((SELECT segment_mix(segment::text, item, amount) FROM lines)) t
	ON coalesce(q.segment, 'none') = coalesce(t.segment, 'none') AND coalesce(q.item, 'none') = coalesce(t.item, 'none')
WHERE to_jsonb(q) - 'number' IS DISTINCT FROM to_jsonb(t) - 'number';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE lines SET (parallel_workers = 3);
ANALYZE lines;
EXPLAIN (COSTS OFF) SELECT segment_mix(segment, item, amount) FROM lines;
SELECT m = (SELECT segment_mix(segment, item, amount) FROM lines) AS parallel FROM mixes;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

DROP TABLE few, lines, slow, mixes;
DROP FUNCTION noise;
