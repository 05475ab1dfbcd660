--
-- What is missing or wrong in the directory, and who may be there twice.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2025-06-30';
BEGIN;
\set ON_ERROR_ROLLBACK on
\set SHOW_CONTEXT never
-- nobody there: every check is a row, and finds nothing
SELECT area, count(*) AS checks, sum(found) AS found FROM data_quality GROUP BY area ORDER BY area;

-- a clean directory is seen to be clean
SELECT count(add_source_system(s, f)) AS sources FROM (VALUES ('books', 'accounting'), ('crm', 'sales')) v (s, f);
INSERT INTO party (party_id, kind, name, duns, country, level, attributes) VALUES
	(1, 'organisation', 'Nord Group', '123456789', 'DE', 'group', '{"industry": "steel"}'),
	(2, 'site', 'Nord Lyon', '987654321', 'FR', 'site', '{}'),
	(3, 'person', 'Ada Blum', NULL, 'FR', NULL, '{"birth_date": "1990-02-28"}');
SELECT relate(2, 1, 'branch') > 0 AS related;
SELECT count(identify(s, k, p)) AS identifiers FROM (VALUES ('books', 'B1', 1), ('books', 'B2', 2), ('crm', 'C3', 3)) v (s, k, p);
INSERT INTO customer_ledger VALUES ('books', 'bill_to', 'B1', ledger('2025-01-10', revenue => 1)), ('books', 'bill_to', 'B2', ledger('2025-01-10', revenue => 1)), ('crm', 'buyer', 'C3', ledger('2025-01-10', revenue => 1));
SELECT area, source, subject, rule, checked, found, share FROM data_quality;
SELECT * FROM duplicate_candidates();

-- and one that is not: each check finds what was put there for it
INSERT INTO party (party_id, kind, name, duns, country, level, attributes) VALUES
	(4, 'organisation', 'n/a', NULL, NULL, NULL, '{"industry": null, "size": 3}'),
	(5, 'organisation', 'NORD-GROUP', '12-345-6789', 'DE', NULL, '{"industry": ""}'),
	(6, 'person', 'Ada  Blum', '111111111', 'FR', NULL, '{"birth_date": "1990-02-28"}'),
	(7, 'person', 'Ada Blum', NULL, 'FR', NULL, '{"birth_date": "28.02.1990"}'),
	(8, 'person', 'Al Azar', NULL, 'FR', NULL, '{"birth_date": "2025-07-01"}'),
	(9, 'site', 'Halle', NULL, 'DE', NULL, '{}'),
	(10, 'organisation', 'In a site', NULL, 'DE', NULL, '{}'),
	(11, 'organisation', 'Absorbed', '123456789', 'DE', NULL, '{}'),
	(12, 'site', 'Nord Lyon', NULL, 'FR', NULL, '{}'),
	(13, 'organisation', '???', NULL, 'DE', NULL, '{}');
SELECT relate(10, 9, 'parent') > 0 AS related, relate(12, 1, 'branch', until => '2025-06-30') > 0 AS until_yesterday;
SELECT merge_party(1, 11) > 0 AS merged;
INSERT INTO party_relationship (child_id, parent_id, kind, valid) VALUES (11, 5, 'member', '[2020-01-01,2021-01-01)');
INSERT INTO party_identifier (source, source_key, party_id) VALUES ('books', 'B11', 11), ('books', 'B4', 4);
INSERT INTO party_identifier (source, source_key, party_id, valid) VALUES ('books', 'B5', 5, '(,2025-06-30)');
INSERT INTO credit_limit (party_id, amount) VALUES (1, 1), (11, 1);
INSERT INTO customer_ledger VALUES ('books', 'bill_to', 'B98', ledger()), ('books', 'bill_to', 'B99', ledger()), ('books', 'ship_to', 'B99', ledger()), ('books', 'bill_to', NULL, ledger()), ('crm', 'buyer', '', ledger());
SELECT add_customer_view('own', kinds => '{parent}', up_to => 'no such level'), add_customer_view('own too', kinds => '{parent}', up_to => 'group');
UPDATE customer_view SET kinds = '{parent,no such kind}' WHERE view_name = 'own';
INSERT INTO account_team (party_id, team_function, member, since, until) VALUES (1, 'sales', current_user, '2025-01-01', NULL), (1, 'service', 'no such role', '2025-01-01', NULL), (2, 'service', 'no such role', '2025-01-01', '2025-06-01');
SELECT area, source, subject, rule, checked, found, share FROM data_quality WHERE found > 0;
SELECT * FROM duplicate_candidates();
-- candidates as edges for resolve(), which joins them with those of any other tool
SELECT r.* FROM (SELECT resolve(parties[1], other) AS found FROM duplicate_candidates(), unnest(parties[2:]) AS other) c, unnest(found) AS r ORDER BY 1;
-- the day before, the books knew B5, and the site had its parent; a day later a birth date has come
SET LOCAL customer_value.as_of = '2025-06-29';
SELECT source, subject, checked, found FROM data_quality WHERE source = 'books' AND subject = 'name' OR rule = 'site without a parent';
SET LOCAL customer_value.as_of = '2025-07-01';
SELECT subject, rule, checked, found FROM data_quality WHERE rule LIKE 'not a day%';
ROLLBACK;

-- 500 parties, against counting column by column
BEGIN;
SELECT count(add_source_system(s, 'other')) AS sources FROM unnest('{a,b,c}'::text[]) s;
INSERT INTO party (party_id, kind, name, duns, country, level, attributes)
SELECT i, (ARRAY['organisation', 'site', 'person'])[1 + i % 3]::party_kind, (ARRAY['Party ' || i % 400, 'unknown', '-'])[CASE i % 10 WHEN 0 THEN 2 WHEN 1 THEN 3 ELSE 1 END],
	CASE WHEN i % 3 < 2 AND i % 4 > 0 THEN lpad((i % 350)::text, 9, '0')::duns END, CASE WHEN i % 5 > 0 THEN 'DE' END, CASE WHEN i % 6 = 0 THEN 'x' END,
	CASE i % 7 WHEN 0 THEN '{}' WHEN 1 THEN '{"industry": "y", "colour": "blue"}' WHEN 2 THEN '{"birth_date": "1980-01-01", "size": null}' ELSE '{"region": 0}' END::jsonb
FROM generate_series(1, 500) i;
INSERT INTO party_identifier (source, source_key, party_id, valid)
SELECT (ARRAY['a', 'b', 'b', 'c'])[1 + i % 4], 'K' || i, 1 + (hashint4(i) & 65535) % 500, CASE WHEN i % 9 = 0 THEN daterange(NULL, '2025-01-01') ELSE daterange(NULL, NULL) END FROM generate_series(1, 600) i;
SELECT count(merge_party(i, i + 3)) AS merges FROM generate_series(30, 90, 6) i;
WITH known AS (
	SELECT s.source, p.* FROM (SELECT source FROM source_system UNION ALL SELECT NULL) s JOIN party p
		ON (s.source IS NULL OR p.party_id IN (SELECT i.party_id FROM party_identifier i WHERE i.source = s.source AND i.valid @> '2025-06-30'::date))
	WHERE p.party_id = current_party(p.party_id)
), plain AS (
	SELECT source, 'name' AS subject, count(*) AS checked, count(*) FILTER (WHERE name IN ('unknown', '-')) AS found FROM known GROUP BY source
	UNION ALL SELECT source, 'duns', count(*), count(*) - count(duns) FROM known WHERE kind <> 'person' GROUP BY source
	UNION ALL SELECT source, 'country', count(*), count(*) - count(country) FROM known GROUP BY source
	UNION ALL SELECT source, 'level', count(*), count(*) - count(level) FROM known WHERE kind <> 'person' GROUP BY source
	UNION ALL SELECT source, 'attributes.' || a, count(*), count(*) - count(attributes ->> a) FROM known, unnest('{industry,colour,birth_date,region}'::text[]) a GROUP BY source, a
)
SELECT count(*) AS checks, count(d.subject) AS ours, bool_and(d.checked = p.checked AND d.found = p.found AND d.share = round(p.found::numeric / p.checked, 6)) AS same
FROM (SELECT * FROM data_quality WHERE area = 'completeness') d FULL JOIN plain p ON p.source IS NOT DISTINCT FROM d.source AND p.subject = d.subject;
-- each pair, compared one by one
WITH pair AS (
	SELECT a.party_id AS x, b.party_id AS y, a.duns = b.duns AS by_duns,
		a.kind = b.kind AND a.kind <> 'site' AND a.name = b.name AND a.name <> '-' AND a.country IS NOT DISTINCT FROM b.country
			AND (a.kind <> 'person' OR a.attributes ->> 'birth_date' IS NOT DISTINCT FROM b.attributes ->> 'birth_date') AS by_name
	FROM party a JOIN party b ON a.party_id < b.party_id WHERE current_party(a.party_id) = a.party_id AND current_party(b.party_id) = b.party_id
), plain AS (
	SELECT x, y, 'same D-U-N-S number' AS reason FROM pair WHERE by_duns UNION ALL SELECT x, y, 'same name and country' FROM pair WHERE by_name
), ours AS (
	SELECT a.party AS x, b.party AS y, reason FROM duplicate_candidates(), unnest(parties) a (party), unnest(parties) b (party) WHERE a.party < b.party
)
SELECT (SELECT count(*) > 20 FROM ours WHERE reason LIKE '%D-U-N-S%') AND (SELECT count(*) > 20 FROM ours WHERE reason LIKE '%name%') AS some_of_both,
	NOT EXISTS (SELECT * FROM ours EXCEPT ALL SELECT * FROM plain) AND NOT EXISTS (SELECT * FROM plain EXCEPT ALL SELECT * FROM ours) AS same;
SELECT subject, found = (SELECT count(DISTINCT party) FROM duplicate_candidates() c, unnest(c.parties) party WHERE (c.reason = 'same D-U-N-S number') = (d.subject = 'duns')) AS as_many
FROM data_quality d WHERE area = 'duplicates';
ROLLBACK;
