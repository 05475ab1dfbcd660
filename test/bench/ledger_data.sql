-- The tables of the ledger benchmarks: 5 million rows of revenue and four
-- costs; some 454,000 customers in random order over three years, or 10,000
-- customers, or one customer over 3,000 days; and the stored ledgers.

\set ON_ERROR_STOP on
SET search_path = public, customer_value;
SET client_min_messages = warning;
DROP TABLE IF EXISTS bench_orders, bench_few, bench_one, bench_stored, bench_stored_revenue;
SELECT setseed(0.42);

CREATE UNLOGGED TABLE bench_orders (
	customer_id int,
	at timestamp,
	revenue numeric(12,2),
	cogs numeric(12,2),
	selling numeric(12,2),
	marketing numeric(12,2),
	service numeric(12,2)
);
INSERT INTO bench_orders
SELECT (random() * 454000)::int,
	timestamp '2021-01-01' + random() * interval '3 years',
	round((10 + random() * 490)::numeric, 2),
	round((5 + random() * 250)::numeric, 2),
	round((random() * 40)::numeric, 2),
	round((random() * 20)::numeric, 2),
	round((random() * 30)::numeric, 2)
FROM generate_series(1, 5000000);

CREATE UNLOGGED TABLE bench_few AS
SELECT customer_id % 10000 AS customer_id, at, revenue, cogs, selling, marketing, service
FROM bench_orders;

CREATE UNLOGGED TABLE bench_one AS
SELECT timestamp '2015-01-01' + floor(random() * 3000) * interval '1 day' AS at,
	revenue, cogs, selling, marketing, service
FROM bench_orders;

CREATE UNLOGGED TABLE bench_stored AS
SELECT customer_id, total(ledger(at, revenue => revenue, cogs => cogs, selling => selling,
	marketing => marketing, service => service)) AS l
FROM bench_orders GROUP BY 1;

CREATE UNLOGGED TABLE bench_stored_revenue AS
SELECT customer_id, total(ledger(at, revenue => revenue)) AS l
FROM bench_orders GROUP BY 1;

VACUUM (ANALYZE, FREEZE) bench_orders;
VACUUM (ANALYZE, FREEZE) bench_few;
VACUUM (ANALYZE, FREEZE) bench_one;
VACUUM (ANALYZE, FREEZE) bench_stored;
VACUUM (ANALYZE, FREEZE) bench_stored_revenue;
