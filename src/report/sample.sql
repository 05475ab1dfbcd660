--
-- sample.sql
--		A firm to look at: a wholesaler of kitchen and cleaning supplies with two
--		thousand business customers, three years of order lines and of what was
--		done for each customer.
--
-- No random(): integer arithmetic gives the same firm on every machine and every
-- PostgreSQL.  What makes a customer dear to serve belongs to the customer
-- and stays: some call for help with every order, some order a little every other day,
-- some buy at heavy discounts and send much back.
--
\set ON_ERROR_STOP on

-- A number from 0 to range - 1 that looks random and depends on both arguments.
CREATE FUNCTION draw(who bigint, what int, range int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	prime	constant bigint := 2147483647;
	x		bigint := (who * 7919 + what * 104729 + 977) % prime;
BEGIN
	x := (x * x + what) % prime;
	x := (x * x + who) % prime;
	x := (x * 48271) % prime;
	RETURN (x * range) / prime;
END $$;

-- What each customer is like; the firm does not see this table, only what comes of it.
CREATE TEMPORARY TABLE nature AS
SELECT n,
	   rank,													-- 1 is the largest
	   CASE WHEN rank IN (6, 17, 31) THEN 'bargain'				-- three large ones are none to be glad of
			WHEN rank IN (12, 44) THEN 'demanding'
			WHEN draw(n, 1, 100) < 66 THEN 'plain'
			WHEN draw(n, 1, 100) < 79 THEN 'demanding'
			WHEN draw(n, 1, 100) < 90 THEN 'small drops'
			ELSE 'bargain' END AS manner,
	   CASE WHEN rank <= 60 OR draw(n, 2, 100) < 9 THEN 'Field sales'
			WHEN draw(n, 2, 100) < 48 THEN 'Inside sales'
			WHEN draw(n, 2, 100) < 90 THEN 'Online'
			ELSE 'Distributor' END AS channel,
	   CASE WHEN draw(n, 3, 100) < 14 THEN draw(n, 4, 900) ELSE 0 END AS first_day,
	   CASE WHEN rank > 12 AND draw(n, 5, 100) < 15 THEN 200 + draw(n, 6, 890) ELSE 1095 END AS last_day,
	   2 + 320 / (rank + 4) AS orders_per_year,
	   130000000 / (rank + 4) + CASE WHEN rank <= 180 THEN 5000000 / (rank + 4) * 9 ELSE 25000 END AS cents_per_year
FROM (SELECT n::int, row_number() OVER (ORDER BY draw(n, 9, 1000000), n)::int AS rank
	  FROM generate_series(1, 2000) AS n) AS ranked;

CREATE TABLE customers (
	customer_id	text PRIMARY KEY,
	name		text NOT NULL,
	industry	text NOT NULL,
	region		text NOT NULL,
	channel		text NOT NULL
);

INSERT INTO customers
SELECT 'C' || lpad(n::text, 4, '0'),
	   first[1 + mix % 16] || ' ' || second[1 + mix / 16 % 24] || ' ' || industry[1 + mix / 384],
	   industry[1 + mix / 384],
	   region[1 + draw(n, 7, 100) * draw(n, 8, 100) / 2000],
	   channel
FROM nature,
	 (SELECT '{Old,New,Upper,Lower,Red,Green,Blue,White,Golden,Silver,North,South,East,West,Little,Great}'::text[],
			 '{Mill,Harbour,Bridge,Castle,Market,Garden,River,Forest,Abbey,Tower,Meadow,Station,Lake,Hill,Park,Orchard,Wharf,Chapel,Gate,Field,Spring,Valley,Stone,Island}'::text[],
			 '{Restaurant,Hotel,Bakery,Hospital,School,Canteen,Catering,Laundry}'::text[],
			 '{North,West,South,East,Abroad}'::text[]) AS word (first, second, industry, region),
	 LATERAL (SELECT n * 1231 % 3072) AS mixed (mix);

CREATE TABLE order_lines (
	order_no	int NOT NULL,
	line_no		int NOT NULL,
	customer_id	text,				-- sold over the counter, nobody asked for a name
	day			date NOT NULL,
	product		text NOT NULL,
	revenue		numeric(12,2) NOT NULL,		-- at list price; negative: a return
	discount	numeric(12,2) NOT NULL,
	cogs		numeric(12,2) NOT NULL,
	PRIMARY KEY (order_no, line_no)
);

CREATE TEMPORARY TABLE orders_made AS
SELECT row_number() OVER (ORDER BY day, n, i)::int AS order_no, n, i, day, manner, rank <= 200 AS large,
	   cents_per_year / orders_per_year
		   * (60 + draw(n * 10000 + i, 11, 80)) / 100
		   * CASE WHEN extract(month FROM day) IN (11, 12) THEN 125 ELSE 95 END / 100 AS cents
FROM nature,
	 LATERAL (SELECT i, first_day + i * 365 / orders_per_year + draw(n * 10000 + i, 10, 365 / orders_per_year) AS at
			  FROM generate_series(0, 3 * orders_per_year) AS i) AS times,
	 LATERAL (SELECT date '2022-01-01' + at) AS dates (day)
WHERE at <= last_day AND day <= '2024-12-31';

INSERT INTO order_lines
SELECT order_no, line,
	   CASE WHEN draw(order_no, 20, 300) > 0 OR cents > 90000 THEN 'C' || lpad(n::text, 4, '0') END,
	   day, name, amount / 100.0,
	   amount * least(discount + draw(order_no, 21, 5), 60) / 100 / 100.0,
	   amount * (cost - 3 + draw(order_no * 10 + line, 22, 7)) / 100 / 100.0
FROM orders_made,
	 LATERAL (SELECT 1 + draw(order_no, 23, 4)) AS c (lines),
	 LATERAL generate_series(1, lines) AS line,
	 LATERAL (SELECT cents / lines * (70 + draw(order_no * 10 + line, 24, 60)) / 100,
					 CASE WHEN manner <> 'bargain' THEN 2 WHEN large THEN 34 ELSE 22 END,
					 1 + draw(order_no * 10 + line, 25, 6)) AS a (amount, discount, kind),
	 LATERAL (SELECT ('{Cleaning agents,Paper goods,Tableware,Kitchen tools,Workwear,Machines}'::text[])[kind],
					 ('{56,64,58,60,52,68}'::int[])[kind]) AS p (name, cost);

-- Some lines come back, seven tenths of their cost can be saved.
INSERT INTO order_lines
SELECT order_no, 100 + line_no, customer_id, least(day + 6 + draw(order_no, 31, 15), '2024-12-31'), product,
	   -revenue, -discount, -round(cogs * 0.7, 2)
FROM order_lines JOIN orders_made USING (order_no, day)
WHERE draw(order_no * 10 + line_no, 30, 100) < CASE manner WHEN 'bargain' THEN 12 ELSE 2 END;

-- What was done for customers beside delivering goods: the cost of serving them.
CREATE TABLE activities (
	customer_id	text,
	day			date NOT NULL,
	what		text NOT NULL,
	account		text NOT NULL,
	cost		numeric(12,2) NOT NULL
);

INSERT INTO activities
SELECT customer_id, day, 'delivery', 'delivery',
	   (cents / 40 + drops * (2700 + draw(order_no, 40, 900))) / 100.0
FROM orders_made JOIN order_lines USING (order_no, day),
	 LATERAL (SELECT CASE manner WHEN 'small drops' THEN 3 + draw(order_no, 41, 3) + cents / CASE WHEN large THEN 8500 ELSE 40000 END ELSE 1 + cents / 200000 END) AS d (drops)
WHERE line_no = 1;

INSERT INTO activities
SELECT customer_id, day, 'return handling', 'service', (1400 + draw(order_no, 42, 900)) / 100.0
FROM order_lines WHERE line_no > 100;

INSERT INTO activities
SELECT customer_id, least(day + draw(order_no, 43, 20), '2024-12-31'), 'service case', 'service',
	   (2200 + draw(order_no * 10 + t, 44, 4200) + CASE WHEN manner <> 'demanding' THEN 0 WHEN large THEN cents / 9 ELSE cents / 40 END) / 100.0
FROM orders_made JOIN order_lines USING (order_no, day),
	 LATERAL generate_series(1, CASE manner WHEN 'demanding' THEN 2 + draw(order_no, 45, 3)
											ELSE (draw(order_no, 45, 100) < 12)::int END) AS t
WHERE line_no = 1;

INSERT INTO activities
SELECT 'C' || lpad(n::text, 4, '0'), date '2022-01-01' + at,
	   CASE channel WHEN 'Field sales' THEN 'sales visit' ELSE 'sales call' END, 'selling',
	   CASE channel WHEN 'Field sales' THEN 8500 + draw(n * 1000 + i, 50, 6000) ELSE 900 + draw(n * 1000 + i, 50, 1400) END / 100.0
FROM nature,
	 LATERAL (SELECT CASE channel WHEN 'Field sales' THEN least(2 + 900 / (rank + 50), 14) WHEN 'Inside sales' THEN 6 ELSE 1 END
					 + CASE manner WHEN 'demanding' THEN 2 ELSE 0 END) AS v (visits),
	 LATERAL (SELECT i, i * 365 / visits + draw(n * 1000 + i, 51, 365 / visits) AS at
			  FROM generate_series(0, 3 * visits - 1) AS i) AS times
WHERE at BETWEEN first_day AND last_day AND at < 1096;

-- Catalogues go to everybody in spring and autumn.
INSERT INTO activities
SELECT 'C' || lpad(n::text, 4, '0'), day, 'catalogue', 'marketing', CASE WHEN rank <= 200 THEN 24.50 ELSE 11.80 END
FROM nature,
	 unnest('{2022-03-14,2022-09-12,2023-03-13,2023-09-11,2024-03-11,2024-09-09}'::date[]) AS day
WHERE day BETWEEN date '2022-01-01' + first_day AND date '2022-01-01' + last_day;

-- The fixed shape the report reads.
CREATE VIEW orders AS
SELECT c.customer_id || ' ' || c.name AS customer, m.*, 'EUR' AS currency
FROM (SELECT customer_id, day::timestamp AS day,
			 revenue, discount, cogs,
			 NULL::numeric AS selling, NULL::numeric AS marketing, NULL::numeric AS service, NULL::numeric AS delivery,
			 NULL::numeric AS acquisition, NULL::numeric AS retention, NULL::numeric AS credit_loss,
			 NULL::numeric AS overhead, NULL::numeric AS other,
			 (line_no = 1)::int AS purchases
	  FROM order_lines
	  UNION ALL
	  SELECT customer_id, day::timestamp,
			 NULL, NULL, NULL,
			 CASE account WHEN 'selling' THEN cost END, CASE account WHEN 'marketing' THEN cost END,
			 CASE account WHEN 'service' THEN cost END, CASE account WHEN 'delivery' THEN cost END,
			 NULL, NULL, NULL, NULL, NULL,
			 NULL
	  FROM activities) AS m
	 LEFT JOIN customers c USING (customer_id);

CREATE TABLE rejected (line bigint, reason text);

CREATE TABLE source AS
SELECT 'the sample firm' AS name,
	   (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM activities) AS rows_read,
	   0::bigint AS rows_rejected;

ANALYZE customers, order_lines, activities;
