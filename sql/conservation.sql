--
-- The money of a directory with gaps: what is in households under each customer view, and why the rest is not.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2025-06-30';
BEGIN;
\set ON_ERROR_ROLLBACK on
\set SHOW_CONTEXT never

-- Two systems. The books know who pays and who receives; the shop knows who orders, only.
SELECT count(add_source_system(s, f)) FROM (VALUES ('books', 'accounting'), ('shop', 'e-commerce')) v (s, f);
INSERT INTO party (party_id, kind, name) VALUES (1, 'organisation', 'Nord'), (2, 'organisation', 'Sued'), (3, 'organisation', 'West');
SELECT relate(2, 1, 'parent', 0.6) > 0 AS related;
-- B1 is Nord; B2 is Sued from March on, and nobody before; nobody knows B9
SELECT count(identify(s, k, p, d)) AS identifiers FROM (VALUES ('books', 'B1', 1, NULL), ('books', 'B2', 2, '2025-03-01'::date), ('books', 'B3', 3, NULL), ('shop', 'S1', 1, NULL)) v (s, k, p, d);
INSERT INTO customer_ledger VALUES
	('books', 'bill_to', 'B1', ledger('2025-01-10', revenue => 100, cogs => 40)),
	('books', 'bill_to', 'B2', ledger('2025-02-10', revenue => 50, cogs => 10) + ledger('2025-03-01', revenue => 30, cogs => 35)),
	('books', 'bill_to', 'B9', ledger('2025-01-10', revenue => 7)),
	('books', 'bill_to', NULL, ledger('2025-01-10', revenue => 5.50)),
	('books', 'ship_to', 'B3', ledger('2025-01-12', revenue => 100, cogs => 40)),
	('books', 'ship_to', 'B2', ledger('2025-03-02', revenue => 80, cogs => 50)),
	('shop', 'buyer', 'S1', ledger('2025-01-10', revenue => 20, cogs => 9)),
	('shop', 'buyer', 'S2', ledger('2025-01-10', revenue => 1));
SELECT * FROM view_conservation('legal');
SELECT * FROM view_conservation('delivery');
SELECT add_customer_view('who orders', role => 'buyer');
SELECT * FROM view_conservation('who orders') WHERE keys > 0 OR revenue <> 0;
SELECT view_name, reason, revenue FROM view_conservation() WHERE reason IN ('in households', 'not explained', 'grand total');
-- errors
SELECT * FROM view_conservation('no such view');
SELECT * FROM view_conservation(as_of => NULL);
ROLLBACK;

-- Nobody there
SELECT count(*) AS rows, bool_and(keys = 0 AND revenue = 0 AND cost = 0 AND profit = 0 AND sources = '{}') AS nothing FROM view_conservation('legal');

-- A thousand keys with every gap there is, each on some of them: the rows add up, and each is what plain SQL says
BEGIN;
SELECT count(add_source_system(s, 'other')) AS sources FROM unnest('{a,b,c,d}'::text[]) s;
INSERT INTO party (party_id, kind, name, country) SELECT i, 'organisation', 'Party ' || i, (ARRAY['DE', 'FR'])[1 + i % 2] FROM generate_series(1, 200) i;
INSERT INTO party_relationship (child_id, parent_id, kind, share) SELECT i, (hashint4(i) & 1023) % (i - 1) + 1, (ARRAY['parent', 'franchise', 'contract', 'branch'])[1 + i % 4], 0.4 + i % 6 / 10.0 FROM generate_series(2, 200) i WHERE i % 8 > 0;
INSERT INTO party_relationship (child_id, parent_id, kind, share) SELECT i, i - 2, 'parent', 0.05 FROM generate_series(151, 200) i
WHERE NOT EXISTS (SELECT FROM party_relationship r WHERE r.child_id = i AND r.parent_id = i - 2) AND NOT EXISTS (SELECT FROM party_relationship r WHERE r.child_id = i AND r.share > 0.9);
INSERT INTO party_identifier (source, source_key, party_id, valid)
SELECT (ARRAY['a', 'b', 'c', 'd'])[1 + i % 4], 'K' || i, 1 + (hashint4(i) & 65535) % 200,
	CASE i % 7 WHEN 1 THEN daterange('2024-06-01', NULL) WHEN 2 THEN daterange(NULL, '2024-06-01') ELSE daterange(NULL, NULL) END
FROM generate_series(1, 1000) i WHERE i % 11 > 0;
INSERT INTO party_identifier (source, source_key, party_id, valid)	-- after a gap the key means another
SELECT source, source_key, 1 + (hashtext(source_key) & 65535) % 200, '[2024-09-01,)' FROM party_identifier WHERE valid = '(,2024-06-01)';
CREATE TEMPORARY TABLE flow AS
SELECT (ARRAY['a', 'b', 'c', 'd'])[1 + k % 4] AS source, role, CASE WHEN (k + role_number) % 13 > 0 THEN 'K' || k END AS source_key, date '2024-01-01' + (k * 37 + i * 61) % 366 AS day,
	((k * 7 + i * 11) % 500) / 4.0 AS revenue, ((k * 3 + i * 5) % 300) / 8.0 AS cogs
FROM generate_series(1, 1000) k, generate_series(1, 3) i, (VALUES (1, 'bill_to'::party_role), (2, 'ship_to'), (4, 'contract_signer'), (5, 'end_user')) r (role_number, role)
WHERE NOT (k % 4 = 1 AND role = 'ship_to')									-- b does not say who receives
	AND NOT (k % 4 = 2 AND role IN ('bill_to', 'contract_signer'))			-- c does not say who pays
	AND NOT (k % 4 = 3 AND role = 'contract_signer' AND k % 5 = 0);		-- d has lost some contracts
INSERT INTO customer_ledger SELECT source, role, source_key, total(ledger(day, revenue => revenue, cogs => cogs)) FROM flow GROUP BY 1, 2, 3;
SELECT add_customer_view('users', role => 'end_user', kinds => '{contract,parent}', weighs_ownership => true);
CREATE TEMPORARY TABLE conserved AS SELECT * FROM view_conservation();
-- the law
SELECT view_name, sum(revenue) FILTER (WHERE reason <> 'grand total') = sum(revenue) FILTER (WHERE reason = 'grand total') AS revenue_adds_up,
	sum(cost) FILTER (WHERE reason <> 'grand total') = sum(cost) FILTER (WHERE reason = 'grand total') AS cost_adds_up,
	bool_and(profit = revenue - cost) AS profit_agrees, bool_and(revenue = 0 AND cost = 0) FILTER (WHERE reason = 'not explained') AS explained,
	max(revenue) FILTER (WHERE reason = 'grand total') AS grand_total, count(*) FILTER (WHERE revenue <> 0) AS reasons
FROM conserved GROUP BY view_name ORDER BY view_name;
-- each row, record by record: whom does the key mean on that day?
WITH role_of AS (
	SELECT source, min(role) AS role FROM flow GROUP BY source
), plain AS (
	SELECT v.view_name, CASE WHEN f.source_key IS NULL THEN 'no key in this role'
			WHEN NOT EXISTS (SELECT FROM party_identifier i WHERE i.source = f.source AND i.source_key = f.source_key) THEN 'key that nobody has identified'
			WHEN NOT EXISTS (SELECT FROM party_identifier i WHERE i.source = f.source AND i.source_key = f.source_key AND i.valid @> f.day) THEN 'days on which the key means nobody'
			ELSE 'in households' END AS reason, sum(f.revenue) AS revenue, sum(f.cogs) AS cost, array_agg(DISTINCT f.source) AS sources, count(DISTINCT (f.source, f.source_key)) AS keys
	FROM customer_view v JOIN flow f USING (role) GROUP BY 1, 2
	UNION ALL
	SELECT v.view_name, 'source without this role', sum(f.revenue), sum(f.cogs), array_agg(DISTINCT f.source), count(DISTINCT (f.source, f.source_key)) FILTER (WHERE f.source_key IS NOT NULL)
	FROM customer_view v, flow f JOIN role_of USING (source, role) WHERE NOT EXISTS (SELECT FROM flow o WHERE o.source = f.source AND o.role = v.role) GROUP BY 1
	UNION ALL
	SELECT v.view_name, 'other total in this role', sum(CASE f.role WHEN r.role THEN f.revenue ELSE -f.revenue END), sum(CASE f.role WHEN r.role THEN f.cogs ELSE -f.cogs END), array_agg(DISTINCT f.source), 0
	FROM customer_view v, flow f JOIN role_of r USING (source)
	WHERE r.role <> v.role AND f.role IN (r.role, v.role) AND EXISTS (SELECT FROM flow o WHERE o.source = f.source AND o.role = v.role) GROUP BY 1
		-- of the sources whose roles differ
		HAVING sum(CASE f.role WHEN r.role THEN f.revenue ELSE -f.revenue END) <> 0
)
SELECT count(c.reason) AS reasons, bool_and(c.revenue = p.revenue AND c.cost = p.cost) AS same_money,
	bool_and(c.keys = p.keys) FILTER (WHERE c.reason NOT IN ('in households', 'no key in this role')) AS same_keys,
	bool_and(c.sources = p.sources) FILTER (WHERE c.reason <> 'other total in this role') AS same_sources,
	array_agg(DISTINCT c.sources) FILTER (WHERE c.reason = 'other total in this role') AS roles_differ_in,
	(SELECT count(*) FROM conserved WHERE revenue <> 0 AND reason <> 'grand total') AS all_reasons
FROM plain p LEFT JOIN conserved c USING (view_name, reason);
-- A complete directory: every view has all of it
DELETE FROM customer_ledger;
DELETE FROM party_identifier;
INSERT INTO party_identifier (source, source_key, party_id) SELECT DISTINCT ON (source, source_key) source, source_key, 1 + (hashtext(source_key) & 65535) % 200 FROM flow WHERE source_key IS NOT NULL;
INSERT INTO customer_ledger SELECT source, r.role, source_key, total(ledger(day, revenue => revenue, cogs => cogs))
FROM flow f, unnest(enum_range(NULL::party_role)) AS r (role) WHERE f.role = 'end_user' AND source_key IS NOT NULL GROUP BY 1, 2, 3;
SELECT count(*) AS views, bool_and(c.revenue = g.revenue AND c.cost = g.cost AND c.keys = g.keys) AS all_of_it, count(DISTINCT c.revenue) AS totals,
	bool_and(g.revenue = (SELECT sum(revenue) FROM flow WHERE role = 'end_user' AND source_key IS NOT NULL)) AS of_all_records
FROM view_conservation() c JOIN view_conservation() g USING (view_name) WHERE c.reason = 'in households' AND g.reason = 'grand total';
SELECT count(*) AS gaps FROM view_conservation() WHERE reason NOT IN ('in households', 'grand total') AND (revenue <> 0 OR cost <> 0 OR keys <> 0 OR sources <> '{}');
ROLLBACK;
