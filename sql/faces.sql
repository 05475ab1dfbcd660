--
-- Which faces of the company know a household.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2025-06-30';
BEGIN;
\set ON_ERROR_ROLLBACK on
\set SHOW_CONTEXT never
-- before there is anybody
SELECT count(*) AS households FROM face_reconciliation();
SELECT count(add_source_system(s, f)) AS sources FROM (VALUES ('books', 'accounting'), ('crm', 'sales'), ('old crm', 'sales'), ('desk', 'service')) v (s, f);
INSERT INTO party (party_id, kind, name) VALUES (1, 'organisation', 'Nord Group'), (2, 'organisation', 'Nord France'), (3, 'site', 'Nord Lyon'), (4, 'organisation', 'Billed Only'),
	(5, 'organisation', 'Sold To Only'), (6, 'organisation', 'Nobody''s'), (7, 'organisation', 'Lost'), (8, 'organisation', 'Double'), (9, 'organisation', 'Double Ltd');
SELECT count(relate(child, parent, kind, share)) AS relationships FROM (VALUES (2, 1, 'parent', 0.8), (3, 2, 'branch', 1)) v (child, parent, kind, share);
-- the crm knows the parent, accounting France, service the site; Lost was known to service until May
SELECT count(identify(s, k, p, since, until)) AS identifiers FROM (VALUES ('crm', 'C1', 1, NULL::date, NULL::date), ('books', 'B2', 2, NULL, NULL), ('desk', 'D3', 3, '2025-01-01', NULL),
	('books', 'B4', 4, NULL, NULL), ('books', 'B4b', 4, NULL, NULL), ('crm', 'C5', 5, NULL, NULL), ('old crm', 'O5', 5, NULL, NULL), ('books', 'B7', 7, NULL, NULL), ('desk', 'D7', 7, NULL, '2025-06-01'),
	('books', 'B8', 8, NULL, NULL), ('desk', 'D9', 9, NULL, NULL)) v (s, k, p, since, until);
INSERT INTO customer_ledger VALUES
	('books', 'bill_to', 'B2', ledger('2025-01-10', revenue => 100, cogs => 40)),
	('books', 'bill_to', 'B4', ledger('2025-01-10', revenue => 60, cogs => 70)),
	('books', 'bill_to', 'B4b', ledger('2025-01-10', revenue => 10)),
	('books', 'bill_to', 'B8', ledger('2025-01-10', revenue => 3)),
	('desk', 'bill_to', 'D9', ledger('2025-01-10', service => 1)),
	('books', 'bill_to', 'unknown', ledger('2025-01-10', revenue => 1000));
SELECT party_id, name, parties, keys, in_accounting, in_sales, in_service, in_marketing, missing, revenue, profit FROM face_reconciliation('legal');
-- each party for itself, earlier, and after a merge
SELECT party_id, name, keys, in_accounting, in_sales, in_service, missing, profit FROM face_reconciliation('site');
SELECT party_id, name, keys, missing FROM face_reconciliation('legal', '2024-12-31') WHERE party_id IN (1, 7);
SELECT merge_party(8, 9) > 0 AS merged;
SELECT party_id, name, parties, keys, missing, profit FROM face_reconciliation('legal') WHERE party_id > 7;
-- whom do we bill that nobody serves or sells to?
SELECT name, revenue FROM face_reconciliation('legal') WHERE in_accounting AND NOT in_sales AND NOT in_service ORDER BY revenue DESC;
-- shares that weigh do not divide a household: it is that of the largest
SELECT party_id, parties, missing FROM face_reconciliation('economic') WHERE party_id = 1;
SELECT * FROM face_reconciliation('no such view');
SELECT count(*) AS of_null FROM face_reconciliation(NULL);
ROLLBACK;

-- 300 parties, against household() and plain SQL
BEGIN;
SELECT count(add_source_system(f, f)) AS sources FROM unnest('{accounting,sales,service,marketing,delivery,e-commerce,other}'::text[]) f;
INSERT INTO party (party_id, kind, name, country) SELECT i, 'organisation', 'Party ' || i, (ARRAY['DE', 'FR'])[1 + i % 2] FROM generate_series(1, 300) i;
INSERT INTO party_relationship (child_id, parent_id, kind, share) SELECT i, (hashint4(i) & 1023) % (i - 1) + 1, (ARRAY['parent', 'franchise', 'contract', 'branch'])[1 + i % 4], 0.3 + i % 7 / 10.0 FROM generate_series(2, 300) i WHERE i % 3 > 0;
INSERT INTO party_identifier (source, source_key, party_id, valid)
SELECT source, 'K' || i, 1 + (hashint4(i) & 65535) % 300, CASE i % 5 WHEN 1 THEN daterange('2025-07-01', NULL) ELSE daterange(NULL, NULL) END
FROM generate_series(1, 250) i, LATERAL (SELECT source FROM source_system ORDER BY source OFFSET i % 7 LIMIT 1) s;
INSERT INTO customer_ledger SELECT source, 'bill_to', source_key, ledger('2025-01-01', revenue => party_id, cogs => identifier_id % 7) FROM party_identifier WHERE valid @> '2025-01-01'::date;
SELECT count(merge_party(i, i + 1)) AS merges FROM generate_series(40, 60, 4) i;
WITH reconciled AS (
	SELECT v.view_name, r.* FROM customer_view v, face_reconciliation(v.view_name) r WHERE v.role = 'bill_to'
), plain AS (
	SELECT v.view_name, household(p.party_id, v.view_name) AS head, count(DISTINCT p.party_id) AS parties, count(i.source_key) AS keys,
		coalesce(array_agg(DISTINCT s.face) FILTER (WHERE s.face IS NOT NULL), '{}') AS faces, coalesce(sum(profit(l.ledger)), 0) AS profit
	FROM customer_view v CROSS JOIN party p LEFT JOIN (party_identifier i JOIN source_system s USING (source)) ON i.party_id = p.party_id AND i.valid @> '2025-06-30'::date
		 LEFT JOIN customer_ledger l ON l.source = i.source AND l.source_key = i.source_key
	WHERE v.role = 'bill_to' AND current_party(p.party_id) = p.party_id GROUP BY 1, 2
)
SELECT count(*) = count(r.party_id) AND count(*) = count(p.head) AS same_households, bool_and(r.parties = p.parties AND r.keys = p.keys AND r.profit = p.profit) AS same_figures,
	bool_and(r.in_accounting = ('accounting' = ANY (p.faces)) AND r.in_sales = ('sales' = ANY (p.faces)) AND r.in_service = ('service' = ANY (p.faces)) AND r.in_marketing = ('marketing' = ANY (p.faces))
		AND r.in_delivery = ('delivery' = ANY (p.faces)) AND r.in_e_commerce = ('e-commerce' = ANY (p.faces)) AND r.in_other = ('other' = ANY (p.faces))) AS same_faces,
	bool_and(cardinality(r.missing) + cardinality(p.faces) = 7 AND NOT r.missing && p.faces) AS rest_is_missing
FROM reconciled r FULL JOIN plain p ON p.view_name = r.view_name AND p.head = r.party_id;
ROLLBACK;
