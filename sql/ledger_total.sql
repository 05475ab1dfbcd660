-- The aggregate: exact, and the same bytes for every order and plan.

SET search_path = public, customer_value;
\pset null (null)
SELECT setseed(0.25);

SELECT total(l) FROM (SELECT ledger() WHERE false) s(l);
SELECT total(l) FROM (VALUES (NULL::ledger), (NULL)) v(l);
SELECT total(l) FROM (VALUES (NULL::ledger), (ledger()), (NULL)) v(l);
SELECT total(l) FROM (VALUES (NULL::ledger), (ledger('2024-01-01', revenue => 1)), (NULL), (ledger('2024-01-01', revenue => 1))) v(l);
SELECT total(l) FROM (VALUES (ledger('2024-01-01', revenue => 1)), (-ledger('2024-01-01', revenue => 1))) v(l);

-- One customer of 3, of 30, of 3000 rows ...; amounts of every kind.
CREATE TABLE orders AS
SELECT CASE WHEN g <= 30000 THEN 0 WHEN g <= 60000 THEN 1 + g % 10 WHEN g <= 80000 THEN 100 + g % 1000 ELSE 10000 + g % 10000 END AS customer_id,
	timestamp '2019-01-01' + random() * interval '2000 days' AS at,
	round((random() * 1000 - 100)::numeric, 2) AS revenue,
	CASE WHEN g % 4 <> 0 THEN round((random() * 500)::numeric, 2) END AS cogs,
	CASE WHEN g % 3 = 0 THEN round((random() * 40)::numeric, 4) END AS selling,
	CASE WHEN g % 5 = 0 THEN round((random() * 9)::numeric, 6) END AS service,
	CASE WHEN g % 1000 = 0 THEN 123456789012.25 END AS overhead
FROM generate_series(1, 100000) g;
ALTER TABLE orders SET (parallel_workers = 2);
ANALYZE orders;

CREATE VIEW booked AS
SELECT *, ledger(at, revenue => revenue, cogs => cogs, selling => selling, service => service, overhead => overhead) AS l
FROM orders;
CREATE TABLE serial AS
SELECT customer_id, total(l) AS l FROM booked GROUP BY 1;

-- every figure equals plain SQL
SELECT count(*) AS customers,
	count(*) FILTER (WHERE revenue(l) IS DISTINCT FROM p.revenue
		OR cost(l, 'cogs') IS DISTINCT FROM p.cogs OR cost(l, 'selling') IS DISTINCT FROM p.selling
		OR cost(l, 'service') IS DISTINCT FROM p.service OR cost(l, 'overhead') IS DISTINCT FROM p.overhead
		OR profit(l) IS DISTINCT FROM p.revenue - p.cogs - p.selling - p.service - p.overhead
		OR contribution(l) IS DISTINCT FROM p.revenue - p.cogs - p.selling - p.service
		OR cost_to_serve(l) IS DISTINCT FROM p.selling + p.service
		OR margin(l) IS DISTINCT FROM CASE WHEN p.revenue > 0 THEN profit(l) / revenue(l) END
		OR purchases(l) IS DISTINCT FROM p.purchases OR purchase_days(l) IS DISTINCT FROM p.purchase_days
		OR first_day(l) IS DISTINCT FROM p.first_day OR last_day(l) IS DISTINCT FROM p.last_day
		OR first_purchase(l) IS DISTINCT FROM p.first_purchase OR last_purchase(l) IS DISTINCT FROM p.last_purchase) AS wrong
FROM serial JOIN (
	SELECT customer_id, sum(revenue) AS revenue, coalesce(sum(cogs), 0) AS cogs, coalesce(sum(selling), 0) AS selling,
		coalesce(sum(service), 0) AS service, coalesce(sum(overhead), 0) AS overhead,
		count(*) FILTER (WHERE revenue > 0) AS purchases,
		count(DISTINCT at::date) FILTER (WHERE revenue > 0) AS purchase_days,
		min(at::date) AS first_day, max(at::date) AS last_day,
		min(at::date) FILTER (WHERE revenue > 0) AS first_purchase, max(at::date) FILTER (WHERE revenue > 0) AS last_purchase
	FROM orders GROUP BY 1) p USING (customer_id);

-- by day, too
SELECT count(*) AS days, count(*) FILTER (WHERE a.revenue IS DISTINCT FROM b.revenue OR a.cogs IS DISTINCT FROM b.cogs) AS wrong
FROM (SELECT customer_id, lower(p.period) AS day, revenue(p.ledger) AS revenue, cost(p.ledger, 'cogs') AS cogs
	FROM serial, periods(l, 'day') p WHERE customer_id <= 10) a
FULL JOIN (SELECT customer_id, at::date AS day, sum(revenue) AS revenue, coalesce(sum(cogs), 0) AS cogs
	FROM orders WHERE customer_id <= 10 GROUP BY 1, 2) b USING (customer_id, day);

-- the same bytes in any order
CREATE FUNCTION differs(other text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM serial FULL JOIN (%s) o(customer_id, l) USING (customer_id)
		WHERE ledger_send(serial.l) IS DISTINCT FROM ledger_send(o.l)', other) INTO n;
	RETURN n;
END $$;
SELECT differs('SELECT customer_id, total(l ORDER BY at) FROM booked GROUP BY 1') AS by_day,
	differs('SELECT customer_id, total(l ORDER BY at DESC) FROM booked GROUP BY 1') AS by_day_desc,
	differs('SELECT customer_id, total(l ORDER BY revenue) FROM booked GROUP BY 1') AS by_amount;

-- hashed, sorted, of parts, parallel
SET enable_hashagg = off;
SELECT differs('SELECT customer_id, total(l) FROM booked GROUP BY 1') AS sorted;
RESET enable_hashagg;
SELECT differs('SELECT customer_id, total(l) FROM (SELECT customer_id, total(l) AS l FROM booked GROUP BY customer_id, at::date) s GROUP BY 1') AS of_days,
	differs('SELECT customer_id, total(l) FROM (SELECT customer_id, total(l) AS l FROM booked GROUP BY customer_id, (revenue * 100)::int % 7) s GROUP BY 1') AS of_parts,
	differs('SELECT customer_id, a.l + b.l FROM (SELECT customer_id, total(l) AS l FROM booked WHERE at < ''2021-01-01'' GROUP BY 1) a
		FULL JOIN (SELECT customer_id, total(l) AS l FROM booked WHERE at >= ''2021-01-01'' GROUP BY 1) b USING (customer_id)
		WHERE a.l IS NOT NULL AND b.l IS NOT NULL
		UNION ALL SELECT customer_id, total(l) FROM booked GROUP BY 1
		HAVING bool_and(at < ''2021-01-01'') OR bool_and(at >= ''2021-01-01'')') AS of_halves;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION plan_has(query text, what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%' || what || '%' THEN RETURN true; END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT plan_has('SELECT customer_id % 10, total(l) FROM booked GROUP BY 1', 'Partial') AS partial;
SELECT differs('SELECT customer_id, total(l) FROM booked GROUP BY 1') AS parallel;
SET enable_hashagg = off;
SELECT differs('SELECT customer_id, total(l) FROM booked GROUP BY 1') AS parallel_sorted;
RESET enable_hashagg;
SELECT total(l) = (SELECT total(l) FROM serial) AS grand_total FROM booked;
-- workers that see nothing, or only nulls
SELECT total(l) AS none FROM booked WHERE revenue > 1e6;
SELECT total(CASE WHEN at = (SELECT min(at) FROM orders) THEN l END) IS NOT NULL AS one_row FROM booked;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;

-- spilled to disk
SET work_mem = '64kB';
SELECT differs('SELECT customer_id, total(l) FROM booked GROUP BY 1') AS spilled;
RESET work_mem;

-- grouping sets, FILTER, DISTINCT
SELECT bool_and(l = (SELECT total(l) FROM serial)) AS rollup
FROM (SELECT customer_id, total(l) AS l FROM booked GROUP BY ROLLUP (customer_id)) s WHERE customer_id IS NULL;
SELECT total(l) FILTER (WHERE revenue > 0) + total(l) FILTER (WHERE revenue <= 0) = total(l) AS filtered FROM booked;
SELECT total(DISTINCT l) AS once FROM (SELECT ledger('2024-01-01', revenue => 5) FROM generate_series(1, 3)) s(l);

-- moving windows: the inverse takes away what left, an empty frame is NULL
SELECT g, total(CASE WHEN g % 4 <> 0 THEN ledger('2024-01-01'::date + g, revenue => g) END)
	OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS one,
	profit(total(ledger('2024-01-01'::date + g, revenue => g)) OVER (ORDER BY g ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)) AS three
FROM generate_series(1, 6) g;
SELECT count(*) AS frames,
	count(*) FILTER (WHERE moving IS DISTINCT FROM (SELECT total(o.l) FROM (SELECT l, row_number() OVER (ORDER BY at) AS n FROM booked WHERE customer_id = 1) o
		WHERE o.n BETWEEN s.n - 9 AND s.n)) AS wrong
FROM (SELECT n, total(l) OVER (ORDER BY n ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS moving
	FROM (SELECT l, row_number() OVER (ORDER BY at) AS n FROM booked WHERE customer_id = 1) b) s
WHERE n % 20 = 0;
SELECT bool_and(running = l) AS running_total
FROM (SELECT customer_id, last_value(c) OVER w AS running FROM (
		SELECT customer_id, at, total(l) OVER (PARTITION BY customer_id ORDER BY at) AS c FROM booked WHERE customer_id BETWEEN 100 AND 150) t
	WINDOW w AS (PARTITION BY customer_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) r
JOIN serial USING (customer_id);

-- a growing value that gets out reads like any other
CREATE AGGREGATE leak(ledger) (SFUNC = ledger_accum, STYPE = ledger);
CREATE TABLE leaked AS SELECT customer_id, leak(l) AS l FROM booked GROUP BY 1;
SELECT count(*) FILTER (WHERE leaked.l <> serial.l OR NOT leaked.l = serial.l) AS unequal,
	count(*) FILTER (WHERE ledger_hash(leaked.l) <> ledger_hash(serial.l) OR ledger_cmp(leaked.l, serial.l) <> 0) AS hash,
	count(*) FILTER (WHERE ledger_send(leaked.l) <> ledger_send(serial.l)) AS send,
	count(*) FILTER (WHERE leaked.l::text <> serial.l::text OR leaked.l::jsonb <> serial.l::jsonb) AS text,
	count(*) FILTER (WHERE profit(leaked.l) <> profit(serial.l) OR revenue(leaked.l) <> revenue(serial.l) OR margin(leaked.l) <> margin(serial.l)) AS money,
	count(*) FILTER (WHERE purchases(leaked.l) <> purchases(serial.l) OR purchase_days(leaked.l) <> purchase_days(serial.l)
		OR first_day(leaked.l) <> first_day(serial.l) OR last_purchase(leaked.l) <> last_purchase(serial.l)) AS days,
	count(*) FILTER (WHERE leaked.l * daterange('2020-01-01', '2021-01-01') <> serial.l * daterange('2020-01-01', '2021-01-01')
		OR leaked.l - serial.l <> ledger() OR -leaked.l <> -serial.l OR leaked.l + leaked.l <> serial.l * 2) AS parts,
	count(*) FILTER (WHERE pg_column_size(leaked.l) > pg_column_size(serial.l)) > 0 AS has_spare_room
FROM leaked JOIN serial USING (customer_id) WHERE customer_id > 0;
SELECT total(leaked.l) = (SELECT total(l) FROM serial) AS totals FROM leaked;
SELECT leaked.l = serial.l AS toasted, pg_column_size(leaked.l) > 8000 AS large FROM leaked JOIN serial USING (customer_id) WHERE customer_id = 0;
SELECT bool_and(leak = l) AS in_windows
FROM (SELECT customer_id, leak(l) OVER (PARTITION BY customer_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM booked WHERE customer_id BETWEEN 100 AND 150) x
JOIN serial USING (customer_id);
-- earlier results do not change as the window goes on
SELECT array_agg(purchases(t) ORDER BY g) AS purchases
FROM (SELECT g, leak(ledger('2024-01-01', revenue => g)) OVER (ORDER BY g) AS t FROM generate_series(1, 12) g) s;

-- not outside an aggregate
SELECT ledger_accum(ledger(), ledger());
SELECT ledger_total_final(ledger());

-- a currency leaves a moving frame with its last money, however the frame is written
SELECT g, currency(total(l) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) AS moving,
	currency(total(l) OVER (ORDER BY g ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)) AS anew
FROM (VALUES (1, ledger('2024-01-01', revenue => 1, currency => 'EUR')), (2, ledger()), (3, ledger('2024-01-03', revenue => 1, currency => 'USD')),
	(4, ledger('2024-01-03', revenue => 2, currency => 'USD')), (5, NULL), (6, ledger())) v(g, l);
-- purchases past the range on the way are fine in any order
SELECT total(l ORDER BY g) = total(l ORDER BY g % 1000) AS any_order, total(l ORDER BY g)
FROM (SELECT g, '{"days": {"2024-01-01": {"purchases": 900000000000}}}'::ledger FROM generate_series(1, 100) g
	UNION ALL SELECT 1000 + g, '{"days": {"2024-01-01": {"purchases": -900000000000}}}' FROM generate_series(1, 99) g) v(g, l);
SELECT total('{"days": {"2024-01-01": {"purchases": 900000000000}}}'::ledger) FROM generate_series(1, 100);

-- currencies meet in any order
SELECT total(l) FROM (VALUES (ledger('2024-01-01', revenue => 1, currency => 'EUR')), (ledger()), (ledger('2024-01-01', cogs => 1, currency => 'EUR'))) v(l);
SELECT total(l) FROM (VALUES (ledger()), (ledger('2024-01-01', revenue => 1, currency => 'EUR')), (ledger('2024-01-01', revenue => 1, currency => 'USD'))) v(l);
SELECT total(l) FROM (VALUES (ledger('2024-01-01', revenue => 1, currency => 'EUR')), (ledger('2024-01-01', revenue => -1, currency => 'EUR')), (ledger('2024-01-01', revenue => 1, currency => 'USD'))) v(l);
SELECT total(l) FROM (VALUES (ledger('2024-01-01', revenue => 1)), (ledger('2024-01-01', revenue => 1, currency => 'USD'))) v(l);

-- sums past the range of one amount on the way are fine, at the end an error
SELECT total(l) FROM (SELECT ledger('2024-01-01', revenue => 9e22 * s) FROM unnest(ARRAY[1, 1, 1, -1, -1, -1, 1]) s) v(l);
SELECT total(ledger('2024-01-01', revenue => 9e22)) FROM generate_series(1, 2);
SELECT total(ledger('2024-01-01', revenue => 9e22)) FROM generate_series(1, 100);
-- one customer with far more rows than days, in cents, with purchases of every count
SELECT revenue(l) = sum AS money, purchases(l) = n AS purchases, purchase_days(l) AS days
FROM (SELECT total(ledger('2024-01-01'::date + g % 90, revenue => g / 100.0, purchases => g % 4)) AS l, sum(g / 100.0), sum(g % 4) AS n
	FROM generate_series(1, 20000) g) s;
-- 12 digits and 6 decimals, a million times, on one day
SELECT revenue(total(ledger('2024-01-01', revenue => 999999999999.999999))) FROM generate_series(1, 100000);

DROP AGGREGATE leak(ledger);
DROP FUNCTION differs(text);
DROP FUNCTION plan_has(text, text);
DROP TABLE leaked, serial;
DROP VIEW booked;
DROP TABLE orders;
