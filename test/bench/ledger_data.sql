-- The table of the ledger benchmarks: 5 million rows, some 454,000 customers
-- in random order over three years, revenue and four costs.

DROP TABLE IF EXISTS bench_orders;
CREATE UNLOGGED TABLE bench_orders (
	customer_id int,
	at timestamp,
	revenue numeric(12,2),
	cogs numeric(12,2),
	selling numeric(12,2),
	marketing numeric(12,2),
	service numeric(12,2)
);
SELECT setseed(0.42);
INSERT INTO bench_orders
SELECT (random() * 454000)::int,
	timestamp '2021-01-01' + random() * interval '3 years',
	round((10 + random() * 490)::numeric, 2),
	round((5 + random() * 250)::numeric, 2),
	round((random() * 40)::numeric, 2),
	round((random() * 20)::numeric, 2),
	round((random() * 30)::numeric, 2)
FROM generate_series(1, 5000000);
VACUUM (ANALYZE, FREEZE) bench_orders;
