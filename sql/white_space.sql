--
-- Penetration and white space, share of wallet
--
SET search_path = public, customer_value;

-- By hand: of three consumers two have a printer, one gave theirs back; of two firms one has paper.
CREATE TABLE sales (segment text, customer text, item text, amount numeric);
INSERT INTO sales VALUES ('consumer', 'Ada', 'printer', 120), ('consumer', 'Ada', 'paper', 8.50), ('consumer', 'Ben', 'printer', 90), ('consumer', 'Ben', 'printer', 10.00),
	('consumer', 'Cid', 'printer', 150), ('consumer', 'Cid', 'printer', -150), ('firm', 'Dow', 'paper', 31), ('firm', 'Dow', 'paper', -1), ('firm', 'Eck', NULL, NULL),
	(NULL, 'Fox', 'paper', 6), ('firm', NULL, 'paper', 1000), ('firm', 'Eck', 'paper', NULL);
SELECT segment, item, customers, owners, round(penetration, 3) AS penetration, round(index, 1) AS index, white_space, round(mean_amount, 2) AS mean_amount, round(potential, 2) AS potential
FROM (SELECT penetration(segment, customer, item, amount) AS cells FROM sales) s, unnest(cells);
-- an item that everybody gave back is nobody's
SELECT * FROM (SELECT penetration(1, customer, item, amount) AS cells FROM sales WHERE customer = 'Cid') s, unnest(cells);
-- who is in two segments is a customer of each
SELECT segment, customers, owners, index FROM (SELECT penetration(segment, 1, 'a', amount) AS cells FROM (VALUES (1, 5), (2, 5), (3, -5)) v (segment, amount)) s, unnest(cells);
-- customers without any item
SELECT penetration(1, 2, NULL, NULL), penetration(1, NULL::bigint, 'a', 1);

-- Random sales against plain SQL, with customers by number and by name
CREATE TABLE many AS
SELECT customer, customer % 7 - 3 AS segment, 'item ' || item AS item, amount, i
FROM (SELECT i, hashint8extended(i, 1) & 1023 AS customer, least(hashint8extended(i, 2) & 15, hashint8extended(i, 3) & 15) AS item,
	((hashint8extended(i, 4) & 16383) - 6000) / 100.0 AS amount FROM generate_series(1, 20000) i) s;
INSERT INTO many SELECT customer, CASE WHEN customer < 2010 THEN 3 END FROM generate_series(2000, 2020) customer;
ANALYZE many;
CREATE TABLE expected AS
WITH owners AS (SELECT segment, customer, item, sum(amount) AS amount FROM many GROUP BY 1, 2, 3 HAVING sum(amount) > 0),
	sizes AS (SELECT segment, count(DISTINCT customer) AS customers FROM many GROUP BY 1),
	items AS (SELECT i.item, count(o.item) AS owners FROM (SELECT DISTINCT item FROM many WHERE item IS NOT NULL) i LEFT JOIN owners o USING (item) GROUP BY 1),
	cells AS (SELECT s.segment, i.item, customers, count(o.customer) AS owners, i.owners AS all_owners, sum(o.amount) AS amount
		FROM sizes s CROSS JOIN items i LEFT JOIN owners o ON o.item = i.item AND o.segment IS NOT DISTINCT FROM s.segment GROUP BY 1, 2, 3, 5)
SELECT segment, item, customers, owners, owners::numeric / customers AS penetration,
	100 * (owners * (SELECT sum(customers) FROM sizes)) / (customers * all_owners) AS index, customers - owners AS white_space, amount / nullif(owners, 0) AS mean_amount,
	amount * (customers - owners) / nullif(owners, 0) AS potential FROM cells;
CREATE TABLE results (how text, cells penetration_cell[]);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', penetration(segment, customer, item, amount) FROM many;
INSERT INTO results SELECT 'names', penetration(segment, 'customer ' || customer, item, amount) FROM many;
INSERT INTO results SELECT 'sorted', penetration(segment, customer, item, amount) FROM (SELECT * FROM many ORDER BY amount, i DESC) m;
INSERT INTO results SELECT 'growing', cells FROM (SELECT i, penetration(segment, customer, item, amount) OVER (ORDER BY i % 3 NULLS FIRST) AS cells FROM many) t WHERE i % 3 = 2 LIMIT 1;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT penetration(segment, customer, item, amount) FROM many;
INSERT INTO results SELECT 'parallel', penetration(segment, customer, item, amount) FROM many;
INSERT INTO results SELECT 'parallel names', penetration(segment, customer::text, item, amount) FROM many;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT array_send(cells)) AS different FROM results;
SELECT count(*) AS cells, count(*) FILTER (WHERE c.segment IS DISTINCT FROM e.segment::text OR (c.customers, c.owners, c.white_space, c.penetration, c.index) IS DISTINCT FROM (e.customers, e.owners, e.white_space, e.penetration, e.index)
	OR round(c.mean_amount, 12) IS DISTINCT FROM round(e.mean_amount, 12) OR round(c.potential, 12) IS DISTINCT FROM round(e.potential, 12)) AS different
FROM results, unnest(cells) WITH ORDINALITY c FULL JOIN (SELECT *, row_number() OVER (ORDER BY segment, item COLLATE "C") AS place FROM expected) e ON e.place = c.ordinality WHERE how = 'serial';
-- segments by name: sorted by bytes
SELECT string_agg(DISTINCT segment COLLATE "C", ' ' ORDER BY segment COLLATE "C") AS by_number FROM results, unnest(cells) WHERE how = 'serial';
SELECT string_agg(segment, ' ' ORDER BY ordinality) AS by_name FROM (SELECT penetration(segment::text, customer, 'all', 1) AS numbered, penetration('S' || segment, customer::text, 'all', 1) AS named FROM many WHERE segment IS NOT NULL) s, unnest(named) WITH ORDINALITY;
-- laws: owners and white space are the customers; what owners bring is what they bring together
SELECT bool_and(owners + white_space = customers) AS whole, bool_and(abs(potential - white_space * mean_amount) < 1e-9) AS potential FROM results, unnest(cells) WHERE how = 'serial';

-- share of wallet
SELECT revenue, wallet, round(share_of_wallet(revenue, wallet), 4) AS share, open_wallet(revenue, wallet) AS open
FROM (VALUES (300, 1200), (1200, 1200), (1500, 1200), (0, 1200), (-60, 1200), (300, 0), (300, -5), (NULL, 1200), (300, NULL), (123456789012345678901.25, 0.000001)) v (revenue, wallet);
SELECT round(share_of_wallet(sum(revenue), sum(wallet)), 4) AS share, sum(open_wallet(revenue, wallet)) AS open, open_wallet(sum(revenue), sum(wallet)) AS same
FROM (VALUES (300, 1200), (1500, 1200), (99, NULL)) v (revenue, wallet) WHERE wallet > 0;

-- errors
\set VERBOSITY default
SELECT penetration(1, 2, 'a', 'NaN');
SELECT penetration(1, 2, 'a', 0.1234567);
SELECT penetration(s, i, i::text, 1) FROM generate_series(1, 1001) s, generate_series(1, 1000) i WHERE s = 1 OR i = 1;
SELECT share_of_wallet('NaN', 1);
SELECT open_wallet(1, 'Infinity');

DROP TABLE sales, many, expected, results;
