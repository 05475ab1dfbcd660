-- Where effort goes and where profit comes from; and what if.
SET search_path = public, customer_value;

CREATE TABLE few (segment int, effort numeric, profit numeric);
INSERT INTO few VALUES (1, 10, 400), (1, 10, 200), (2, 20, 250), (2, 20, NULL), (3, 40, 150), (4, 30, -200), (4, NULL, 0), (NULL, 10, 0);
CREATE TABLE e AS SELECT effort_misallocation(segment, effort, profit) AS rows FROM few;
SELECT number, segment, customers, effort, change, profit, round(share_of_effort, 4) AS of_effort, round(share_of_net, 4) AS of_net,
	round(share_of_segment_gains, 4) AS of_segment_gains, round(misallocation, 4) AS misallocation FROM e, unnest(rows);
-- over the segments' totals it is the same
SELECT array_agg((number, effort, profit, share_of_effort, misallocation)::text) = (SELECT array_agg((number, effort, profit, share_of_effort, misallocation)::text) FROM e, unnest(rows)) AS same
FROM unnest((SELECT effort_misallocation(segment, effort, profit) FROM (SELECT segment, sum(effort) AS effort, sum(profit) AS profit FROM few GROUP BY 1) t));

-- what if
SELECT number, effort, change, round(misallocation, 3) AS misallocation FROM e, unnest(reallocate(rows));
SELECT number, effort, change, round(misallocation, 3) AS misallocation FROM e, unnest(reallocate(rows, 0.25));
SELECT number, effort, change FROM e, unnest(move_effort(rows, '4', '1', 0.5)) WHERE change <> 0;
SELECT number, effort, change FROM e, unnest(move_effort(move_effort(rows, '4', '1', 0.5), '3', '1', 0.1)) WHERE change <> 0;
SELECT rows = reallocate(rows, 0) AS nothing, rows = move_effort(rows, '1', '1', 0.3) AS to_itself, rows = move_effort(move_effort(rows, '1', '2', 0), '4', '1', 0) AS no_share FROM e;
-- whole contacts stay whole, cents cents; the spare one goes to the largest remainder, then to the first
SELECT segment, effort FROM unnest(reallocate((SELECT effort_misallocation(s, 1, 1) FROM unnest('{c,a,b}'::text[]) s), 1));
SELECT segment, effort FROM unnest(reallocate((SELECT effort_misallocation(s, e, 1) FROM (VALUES ('a', 10), ('b', 0), ('c', 0)) t(s, e)), 1));
SELECT segment, effort FROM unnest(reallocate((SELECT effort_misallocation(s, e, p) FROM (VALUES ('a', 0.01, 1), ('b', 0.01, 1.5), ('c', 99.98, 0.5)) t(s, e, p)), 1));
SELECT segment, effort FROM unnest(move_effort((SELECT effort_misallocation(s, 5, p) FROM (VALUES ('a', 1), ('b', 1)) t(s, p)), 'a', 'b', 0.5));

-- no segment earns; nobody makes an effort; net loss
SELECT segment, share_of_effort, share_of_net, share_of_segment_gains, misallocation FROM unnest((SELECT effort_misallocation(i, i, -i) FROM generate_series(1, 2) i));
SELECT reallocate((SELECT effort_misallocation(i, i, -i) FROM generate_series(1, 2) i)) IS NULL AS nothing_to_go_by;
SELECT segment, effort, change, share_of_effort, misallocation FROM unnest(reallocate((SELECT effort_misallocation(i, 0, i) FROM generate_series(1, 2) i)));
SELECT segment, share_of_effort, share_of_net, share_of_segment_gains, misallocation FROM unnest((SELECT effort_misallocation(i, 1, 2 * i - 5) FROM generate_series(1, 3) i));
-- NULL, and nothing
SELECT effort_misallocation(segment, effort, profit) IS NULL AS no_rows, reallocate(NULL) IS NULL AS of_null, move_effort(NULL, 'a', 'b', 1) IS NULL AS move_null, reallocate('{}') IS NULL AS of_none FROM few WHERE false;
SELECT number, segment, customers, effort, profit FROM unnest((SELECT effort_misallocation(NULL::bigint, NULL, NULL)));

-- errors
SELECT effort_misallocation(1, 'NaN', 1);
SELECT effort_misallocation(1, 1, 'Infinity');
SELECT effort_misallocation(1, 0.0000001, 1);
SELECT reallocate(rows, 1.5) FROM e;
SELECT reallocate(rows, -0.1) FROM e;
SELECT reallocate(rows, 'NaN') FROM e;
SELECT move_effort(rows, '1', '2', 20) FROM e;
SELECT move_effort(rows, '9', '2', 0.2) FROM e;
SELECT move_effort(rows, '1', '', 0.2) FROM e;
SELECT reallocate(rows || NULL::effort_row) FROM e;
SELECT reallocate(ARRAY[ROW(1, '1', 1, NULL, 0, 1, 0, 0, 0, 0)::effort_row]);
SELECT reallocate((SELECT effort_misallocation(1, -1, 1)));

-- random customers, the slow way
CREATE FUNCTION noise(i bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(i, salt) & 1073741823) % n;
CREATE TABLE customers AS
SELECT i, g, CASE WHEN noise(i, 1, 9) > 0 THEN noise(i, 1, 9) END AS segment, CASE WHEN noise(i, 2, 20) > 0 THEN noise(i, 3, 20000) / (ARRAY[1, 10, 100, 10000])[1 + g % 4]::numeric END AS effort,
	CASE WHEN noise(i, 4, 20) > 0 THEN (noise(i, 5, 20000) - 1500 * noise(i, 1, 9)) / (ARRAY[1, 100, 10000])[1 + noise(g, 6, 3)]::numeric END AS profit
FROM generate_series(1, 100) g, LATERAL generate_series(g * 100, g * 100 + 5 + g) i;
CREATE TABLE efforts AS SELECT g, effort_misallocation(segment, effort, profit) AS rows FROM customers GROUP BY g;
WITH s AS (SELECT g, segment, count(*) AS customers, coalesce(sum(effort), 0) AS effort, coalesce(sum(profit), 0) AS profit FROM customers GROUP BY 1, 2),
	w AS (SELECT *, sum(effort) OVER (PARTITION BY g) AS all_effort, sum(profit) OVER (PARTITION BY g) AS net, sum(greatest(profit, 0)) OVER (PARTITION BY g) AS gains FROM s)
SELECT count(*) AS rows, count(*) FILTER (WHERE e.customers IS DISTINCT FROM w.customers OR e.effort IS DISTINCT FROM w.effort OR e.profit IS DISTINCT FROM w.profit OR e.change <> 0
	OR round(e.share_of_effort, 12) IS DISTINCT FROM round(CASE WHEN all_effort > 0 THEN w.effort / all_effort END, 12)
	OR round(e.share_of_net, 12) IS DISTINCT FROM round(CASE WHEN net > 0 THEN w.profit / net END, 12)
	OR round(e.share_of_segment_gains, 12) IS DISTINCT FROM round(CASE WHEN gains > 0 THEN greatest(w.profit, 0) / gains END, 12)
	OR round(e.misallocation, 9) IS DISTINCT FROM round(CASE WHEN all_effort > 0 AND w.profit > 0 THEN (w.effort / all_effort) / (w.profit / gains) END, 9)) AS differ,
	count(*) FILTER (WHERE w.profit <= 0) AS earn_nothing, count(DISTINCT w.g) FILTER (WHERE net <= 0) AS net_losses
FROM (SELECT g, u.* FROM efforts, unnest(rows) u) e FULL JOIN w ON w.g = e.g AND coalesce(w.segment, 0) = coalesce(e.number, 0);
-- the total stays the same, nobody is further than a unit from his part, units stay units
WITH r AS (SELECT g, degree, a.place, b.effort AS before, a.effort, a.change, a.profit, sum(b.effort) OVER w AS total, sum(a.effort) OVER w AS total_after,
		sum(greatest(a.profit, 0)) OVER w AS gains, max(min_scale(b.effort)) OVER w AS decimals
	FROM efforts, unnest('{0, 0.1, 0.3333, 0.5, 0.987654321, 1}'::numeric[]) degree,
		unnest(rows) WITH ORDINALITY AS b(number, segment, customers, effort, change, profit, of_effort, of_net, of_gains, misallocation, place)
		JOIN LATERAL unnest(reallocate(rows, degree)) WITH ORDINALITY AS a(number, segment, customers, effort, change, profit, of_effort, of_net, of_gains, misallocation, place) USING (place)
	WINDOW w AS (PARTITION BY g, degree))
SELECT count(*) AS rows, bool_and(total = total_after) AS same_total, bool_and(change = effort - before) AS change, bool_and(min_scale(effort) <= decimals) AS in_units,
	bool_and(abs(effort - ((1 - degree) * before + degree * total * greatest(profit, 0) / gains)) < 10.0 ^ -decimals) AS near,
	bool_and(degree > 0 OR effort = before) AS none, bool_and(degree < 1 OR profit > 0 OR effort = 0) AS no_waste, array_agg(DISTINCT decimals) AS decimals
FROM r;
-- the parts with the largest remainders are those that were rounded up
WITH r AS (SELECT g, place, effort, total * greatest(profit, 0) / gains AS exact, decimals FROM (SELECT g, a.place, a.effort, a.profit, sum(a.effort) OVER w AS total, sum(greatest(a.profit, 0)) OVER w AS gains,
		max(min_scale(b.effort)) OVER w AS decimals
	FROM efforts, unnest(rows) WITH ORDINALITY AS b(number, segment, customers, effort, change, profit, of_effort, of_net, of_gains, misallocation, place)
		JOIN LATERAL unnest(reallocate(rows)) WITH ORDINALITY AS a(number, segment, customers, effort, change, profit, of_effort, of_net, of_gains, misallocation, place) USING (place)
	WINDOW w AS (PARTITION BY g)) x)
SELECT bool_and(coalesce(least_up >= most_down - 1e-9, true)) AS largest_remainder, count(least_up) AS rounded_up FROM (
	SELECT g, min(exact - trunc(exact, decimals)) FILTER (WHERE effort > exact) AS least_up, max(exact - trunc(exact, decimals)) FILTER (WHERE effort <= exact) AS most_down FROM r GROUP BY g) m;
-- moving: what one gives the other gets
SELECT bool_and(total = total_after) AS same_total, bool_and(moved) AS moved FROM (SELECT g, (SELECT sum(effort) FROM unnest(rows)) AS total, (SELECT sum(effort) FROM unnest(m)) AS total_after,
	(SELECT -change FROM unnest(m) WHERE segment = '3') = (SELECT change FROM unnest(m) WHERE segment = '1') AS moved
	FROM efforts, LATERAL move_effort(rows, '3', '1', 0.37) m WHERE (SELECT count(*) FROM unnest(rows) WHERE segment IN ('1', '3')) = 2) q;

-- any order, texts, and workers
CREATE TABLE whole AS SELECT effort_misallocation(segment, effort, profit) AS rows FROM customers;
SELECT rows = (SELECT effort_misallocation(segment, effort, profit ORDER BY noise(i, 11, 1000)) FROM customers) AS any_order FROM whole;
SELECT count(*) AS differ FROM whole, unnest(rows) q FULL JOIN unnest((SELECT effort_misallocation(segment::text, effort, profit) FROM customers)) t ON coalesce(q.segment, 'none') = coalesce(t.segment, 'none')
WHERE to_jsonb(q) - 'number' IS DISTINCT FROM to_jsonb(t) - 'number';
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
ALTER TABLE customers SET (parallel_workers = 3);
ANALYZE customers;
EXPLAIN (COSTS OFF) SELECT effort_misallocation(segment, effort, profit) FROM customers;
SELECT rows = (SELECT effort_misallocation(segment, effort, profit) FROM customers) AS parallel FROM whole;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

DROP TABLE few, e, customers, efforts, whole;
DROP FUNCTION noise;
