-- RFM scores and life-cycle stages of half a million ledgers, by hand:
--
--	psql -X -d some_database_with_the_extension -f test/bench/scoring.sql
--
-- Each line against the first two, which only read the same ledgers.
SET search_path = public, customer_value;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE TEMPORARY TABLE bench AS
SELECT c AS id, total(ledger(date '2022-01-01' + (hashint4(c * 31 + i) & 1023), revenue => (hashint4(c + i * 7919) & 65535) / 100.0)) AS l
FROM generate_series(1, 500000) c, generate_series(1, 1 + (hashint4(c) & 15)) i GROUP BY c;
CREATE TEMPORARY TABLE scheme AS SELECT rfm_scheme(l, '2024-12-31') AS s FROM bench;
ANALYZE bench, scheme;
\timing on
SELECT sum(purchases(l)) FROM bench;
SELECT sum(purchases(l)) FROM bench;
SELECT length(rfm_scheme(l, '2024-12-31')::text) FROM bench;
SELECT sum(rfm_score(s, l, '2024-12-31')) FROM bench, scheme;
SELECT sum(segment(s, l, '2024-12-31')) FROM bench, scheme;
SELECT count(*) FILTER (WHERE lifecycle_stage(l, '2024-12-31') = 'active') FROM bench;
