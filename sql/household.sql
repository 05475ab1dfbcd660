--
-- Whom a party belongs to under a customer view: household(), party_links(),
-- household_links(), household_tree(), household_members(), and the views over
-- them.  Compared with plain recursive SQL that says the rule in another way.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2024-06-30';
SET jit = off;

-- A firm to look at: a holding, a division abroad with two branches, a unit of
-- which it has 60 %, a minority stake, a franchisee, a customer alone.
INSERT INTO party (party_id, kind, name, country, level) VALUES
	(1, 'organisation', 'Holding', 'CH', NULL),
	(2, 'organisation', 'Germany', 'DE', 'division'),
	(3, 'site', 'Berlin', 'DE', NULL),
	(4, 'site', 'Munich', 'DE', NULL),
	(5, 'organisation', 'Joint venture', 'DE', NULL),
	(6, 'organisation', 'Supplier', 'FR', NULL),
	(7, 'organisation', 'Partner', 'FR', NULL),
	(8, 'organisation', 'Franchisee', 'DE', NULL),
	(9, 'person', 'Miller', NULL, NULL),
	(10, 'organisation', 'Germany Ltd', NULL, NULL);
INSERT INTO party_relationship (child_id, parent_id, kind, share, valid) VALUES
	(2, 1, 'parent', 1, '(,)'),
	(3, 2, 'branch', 1, '(,)'),
	(4, 2, 'branch', 1, '(,2024-06-30)'),
	(4, 1, 'branch', 1, '[2024-06-30,)'),
	(5, 2, 'parent', 0.6, '(,)'),
	(5, 7, 'parent', 0.4, '(,)'),
	(6, 1, 'parent', 0.3, '(,)'),
	(8, 3, 'franchise', 1, '[2020-01-01,2025-01-01)');
INSERT INTO party_merge (survivor_id, absorbed_id, moved) VALUES (2, 10, '{}');

SELECT p.party_id, p.name, v.view_name, household(p.party_id, v.view_name)
FROM party p, customer_view v
WHERE v.view_name IN ('site', 'legal', 'domestic', 'economic', 'franchise') \crosstabview name view_name household

-- the day decides
SELECT as_of, household(4, 'legal', as_of::date), household(4, 'domestic', as_of::date), household(8, 'franchise', as_of::date)
FROM unnest(ARRAY['2019-12-31', '2020-01-01', '2024-06-29', '2024-06-30', '2024-12-31', '2025-01-01']) AS as_of;
SELECT household(4, 'domestic'), household(4, 'domestic', '2024-06-29');

SELECT * FROM household_links('economic') ORDER BY 1;
SELECT * FROM household_links('legal') ORDER BY 1;
SELECT * FROM household_links('domestic') ORDER BY 1;
SELECT * FROM household_links('site');
SELECT * FROM party_links(5, 'economic');
SELECT * FROM household_members(1, 'economic') ORDER BY path;
SELECT * FROM household_members(2, 'legal') ORDER BY path;
SELECT * FROM household_members(9, 'legal');

-- NULL: a party that is not there, or nothing asked; no rows likewise
SELECT household(11, 'legal') AS unknown, household(NULL, 'legal') AS nobody, household(1, NULL) AS no_view, household(1, 'legal', NULL) AS no_day;
SELECT (SELECT count(*) FROM household_members(11, 'legal')) AS unknown, (SELECT count(*) FROM household_members(10, 'legal')) AS absorbed,
	   (SELECT count(*) FROM household_links(NULL)) AS no_view, (SELECT count(*) FROM party_links(NULL, 'legal')) AS nobody,
	   (SELECT count(*) FROM household_members(NULL, 'legal')) AS no_head;

-- The session says what "the customer" means; the queries stay the same.
SELECT party_id, name, household, household_name FROM party_directory ORDER BY 1;
SELECT household, family, depth, share, path FROM family_tree ORDER BY path;
SET customer_value.customer_view = 'franchise';
SELECT party_id, name, household, household_name FROM party_directory WHERE party_id IN (3, 5, 8) ORDER BY 1;
SELECT family, share FROM family_tree ORDER BY path;
SET customer_value.customer_view = 'economic';
SELECT family, share FROM family_tree ORDER BY path;
SET customer_value.customer_view = 'no such view';
SELECT household(1);
SELECT * FROM household_links();
SELECT * FROM party_links(1);
SELECT * FROM household_tree();
SELECT * FROM household_members(9);
SELECT party_id, household FROM party_directory;
SELECT * FROM family_tree;
RESET customer_value.customer_view;

-- the first day and the last
SELECT household(4, 'domestic', '-infinity') AS first, household(4, 'domestic', 'infinity') AS last, household(8, 'franchise', 'infinity') AS ended;

-- what the directory says of a party
INSERT INTO source_system (source, face) VALUES ('ledger', 'accounting'), ('shop', 'e-commerce');
INSERT INTO party_identifier (source, source_key, party_id, valid) VALUES
	('ledger', 'D100', 2, '(,)'), ('shop', 'x', 2, '(,)'), ('shop', 'y', 2, '(,)'), ('shop', 'z', 2, '(,2024-01-01)');
UPDATE party SET duns = '150483782', attributes = '{"industry": "glass"}' WHERE party_id = 2;
SELECT * FROM party_directory WHERE party_id = 2 \gx
SELECT party_id FROM party_directory WHERE party_id = 10;

-- A view that is changed is changed for the next call, in the same transaction.
BEGIN;
INSERT INTO customer_view (view_name, kinds) VALUES ('mine', '{branch}');
SELECT household(3, 'mine'), household(5, 'mine');
UPDATE customer_view SET kinds = '{branch,parent}' WHERE view_name = 'mine';
SELECT household(3, 'mine'), household(5, 'mine');
UPDATE customer_view SET up_to = 'division' WHERE view_name = 'mine';
SELECT household(3, 'mine'), household(5, 'mine');
UPDATE party_relationship SET share = 0.45 WHERE child_id = 5 AND parent_id = 2;
UPDATE customer_view SET share_above = 0.45 WHERE view_name = 'mine';
SELECT household(3, 'mine'), household(5, 'mine');
ROLLBACK;

-- Among equal shares the lowest id, also behind kinds that are one kind together.
BEGIN;
UPDATE party_relationship SET share = 0.5 WHERE child_id = 5;
SELECT household(5, 'economic'), (SELECT parents FROM household_links('economic') WHERE party_id = 5);
UPDATE party_relationship SET share = 0.3, kind = 'branch' WHERE child_id = 5;
INSERT INTO party_relationship (child_id, parent_id, kind, share) VALUES (5, 7, 'parent', 0.3);
SELECT household(5, 'economic'), (SELECT (parents, shares) FROM household_links('economic') WHERE party_id = 5);
ROLLBACK;

-- A merge, and another behind it.
BEGIN;
INSERT INTO party_merge (survivor_id, absorbed_id, moved) VALUES (8, 9, '{}'), (9, 6, '{}');
SELECT household(6, 'site'), household(9, 'site'), household(9, 'franchise');
UPDATE party_merge SET undone_at = '2024-06-30', undone_by = current_user WHERE absorbed_id = 9;
SELECT household(6, 'site'), household(9, 'site'), household(9, 'franchise');
ROLLBACK;

-- Relationships past the checks may make a cycle; nothing follows it for ever.
BEGIN;
ALTER TABLE party_relationship DISABLE TRIGGER USER;
INSERT INTO party_relationship (child_id, parent_id, kind) VALUES (1, 3, 'parent');
SAVEPOINT asked;
SELECT household(5, 'legal');
ROLLBACK TO asked;
SELECT party_id, path FROM household_members(1, 'legal') ORDER BY 2;
SELECT party_id, path FROM household_tree('legal') ORDER BY 2;
ROLLBACK;

DELETE FROM party_identifier;
DELETE FROM party_merge;
DELETE FROM party_relationship;
DELETE FROM party;

--
-- Pseudo-random graphs: 240 parties, relationships of all kinds and one of one's
-- own to lower ids, shares that add up to 1 at most, countries, levels, days.
--
CREATE FUNCTION pick(i bigint, salt text, n int) RETURNS int IMMUTABLE LANGUAGE sql
	RETURN ('x' || substr(md5(i || salt), 1, 7))::bit(28)::int % n;
INSERT INTO relationship_kind VALUES ('region', false, NULL);
INSERT INTO customer_view (view_name, role, kinds, up_to, weighs_ownership, share_above) VALUES
	('by region', 'bill_to', '{region,parent,branch}', 'business unit', false, 0),
	('parts of regions', 'bill_to', '{region,branch,member,parent}', 'global ultimate', true, 0.2),
	('parts at home', 'ship_to', '{branch,parent}', 'domestic ultimate', true, 0),
	('parts up to units', 'buyer', '{member,parent,contract,branch,franchise}', 'business unit', true, 0.1),
	('up to nothing', 'bill_to', '{parent,branch}', 'no such level', false, 0.25),
	('no kinds', 'bill_to', '{}', 'global ultimate', true, 0);
INSERT INTO party (party_id, kind, name, country, level)
SELECT i, (enum_range(NULL::party_kind))[1 + pick(i, 'kind', 3)], 'party ' || i,
	   (ARRAY['DE', 'DE', 'DE', 'FR', NULL])[1 + pick(i, 'country', 5)], (ARRAY['business unit', 'site', NULL, NULL, NULL])[1 + pick(i, 'level', 5)]
FROM generate_series(1, 240) AS i;
INSERT INTO party_relationship (child_id, parent_id, kind, share, valid)
SELECT DISTINCT ON (child, parent, kind) child, parent, kind, share, valid
FROM generate_series(2, 240) AS child,
	 LATERAL (SELECT CASE pick(child, 'owners', 7)
					 WHEN 0 THEN '{}' WHEN 1 THEN '{1}' WHEN 2 THEN '{0.6,0.4}' WHEN 3 THEN '{0.5,0.5}'
					 WHEN 4 THEN '{0.3333,0.3333,0.3333}' WHEN 5 THEN '{0.25,0.251,0.1}' ELSE '{0.51,0.09,0.2,0.2}' END::numeric[]) AS o (shares),
	 LATERAL (SELECT share, CASE pick(child, 'kind' || n, 3) WHEN 0 THEN 'branch' ELSE 'parent' END AS kind, n FROM unnest(shares) WITH ORDINALITY AS u (share, n)
			  UNION ALL
			  SELECT (1 + pick(child, 'share' || kind, 4)) * 0.25, kind, 10 FROM unnest(ARRAY['franchise', 'contract', 'member', 'region']) AS kind
			  WHERE pick(child, kind, 4) = 0) AS r,
	 -- few enough parents that some are the same one
	 LATERAL (SELECT greatest(1, child - 1 - pick(child, 'parent' || n % 3 || CASE WHEN n = 10 THEN kind ELSE '' END, 12)) AS parent,
			  CASE pick(child, 'valid' || n, 9) WHEN 0 THEN '[2024-06-30,2024-07-01)' WHEN 1 THEN '[2024-07-01,)' WHEN 2 THEN '(,2024-06-30)' ELSE '(,)' END::daterange AS valid) AS p;
SELECT count(*) AS relationships, count(DISTINCT child_id) AS children, count(DISTINCT kind) AS kinds, sum((valid <> '(,)')::int) AS not_always FROM party_relationship;

-- The rule, said the slow way: for each view, of each relationship, whether
-- there is a better one.
CREATE VIEW candidate AS
SELECT v.view_name, v.weighs_ownership, r.child_id, r.parent_id, r.share, r.kind,
	   CASE WHEN k.ownership THEN (SELECT min(array_position(v.kinds, o.kind)) FROM relationship_kind o WHERE o.ownership AND o.kind = ANY (v.kinds))
			ELSE array_position(v.kinds, r.kind) END AS place
FROM customer_view v CROSS JOIN party_relationship r JOIN relationship_kind k USING (kind)
	 JOIN party c ON c.party_id = r.child_id JOIN party p ON p.party_id = r.parent_id
WHERE r.valid @> current_as_of() AND r.kind = ANY (v.kinds) AND r.share > v.share_above
	  AND CASE v.up_to WHEN 'site' THEN false WHEN 'domestic ultimate' THEN coalesce(c.country = p.country, false)
					   WHEN 'global ultimate' THEN true ELSE coalesce(c.level <> v.up_to, true) END;
CREATE TABLE true_link AS
SELECT c.view_name, c.child_id, c.parent_id, CASE WHEN weighs_ownership THEN sum(c.share) ELSE 1 END AS share
FROM candidate c
WHERE NOT EXISTS (SELECT FROM candidate b WHERE b.view_name = c.view_name AND b.child_id = c.child_id AND b.place < c.place)
	  AND (c.weighs_ownership
		   OR NOT EXISTS (SELECT FROM candidate b WHERE b.view_name = c.view_name AND b.child_id = c.child_id AND b.place = c.place
						  AND (b.share > c.share OR b.share = c.share AND b.parent_id < c.parent_id)))
GROUP BY c.view_name, c.weighs_ownership, c.child_id, c.parent_id;
SELECT view_name, count(*) AS links, count(DISTINCT child_id) AS children, min(share) AS least, max(share) AS most FROM true_link GROUP BY 1 ORDER BY view_name COLLATE "C";

-- All links at once, and those of one party
SELECT count(*) FROM (
	(SELECT v.view_name, l.party_id, u.parent_id, u.share
	 FROM customer_view v, household_links(v.view_name) AS l, unnest(l.parents, l.shares) AS u (parent_id, share)
	 EXCEPT ALL SELECT * FROM true_link)
	UNION ALL
	(SELECT * FROM true_link EXCEPT ALL
	 SELECT v.view_name, p.party_id, l.parent_id, l.share FROM customer_view v, party p, party_links(p.party_id, v.view_name) AS l)) AS differences;
-- The order is the same for one and for all: largest share first, then the lowest id.
SELECT count(*) FROM customer_view v, household_links(v.view_name) AS l
WHERE l.parents <> ARRAY(SELECT t.parent_id FROM true_link t WHERE t.view_name = v.view_name AND t.child_id = l.party_id ORDER BY t.share DESC, t.parent_id)
	  OR l.parents <> ARRAY(SELECT o.parent_id FROM party_links(l.party_id, v.view_name) WITH ORDINALITY AS o (parent_id, share, n) ORDER BY n);

-- Households: everybody above by the first link, the highest of them
CREATE TABLE true_way AS
WITH RECURSIVE way AS (
	SELECT v.view_name, p.party_id, p.party_id AS above, ARRAY[p.party_id] AS path FROM customer_view v, party p
	UNION ALL
	SELECT w.view_name, w.party_id, t.parent_id, t.parent_id || w.path
	FROM way w JOIN true_link t ON t.view_name = w.view_name AND t.child_id = w.above
	WHERE NOT EXISTS (SELECT FROM true_link b WHERE b.view_name = t.view_name AND b.child_id = t.child_id
					  AND (b.share > t.share OR b.share = t.share AND b.parent_id < t.parent_id))
)
SELECT DISTINCT ON (view_name, party_id) view_name, party_id, above AS household, path FROM way
ORDER BY view_name, party_id, cardinality(path) DESC;
SELECT count(*) AS asked, count(*) FILTER (WHERE household(party_id, view_name) IS DISTINCT FROM household) AS differ, max(cardinality(path)) AS deepest FROM true_way;
SELECT count(*) FROM (
	(SELECT v.view_name, t.party_id, t.household, t.path FROM customer_view v, household_tree(v.view_name) AS t EXCEPT ALL SELECT * FROM true_way)
	UNION ALL
	(SELECT * FROM true_way EXCEPT ALL SELECT v.view_name, t.party_id, t.household, t.path FROM customer_view v, household_tree(v.view_name) AS t)) AS differences;
SELECT count(*) FROM customer_view v, household_tree(v.view_name) AS t
	 LEFT JOIN LATERAL (SELECT CASE WHEN v.weighs_ownership THEN sum(c.share) ELSE max(c.share) END AS share FROM candidate c
						WHERE c.view_name = v.view_name AND c.child_id = t.party_id AND c.parent_id = t.parent_id
							  AND c.place = (SELECT min(f.place) FROM candidate f WHERE f.view_name = c.view_name AND f.child_id = c.child_id)) AS l ON true
WHERE l.share IS DISTINCT FROM CASE WHEN t.depth > 0 THEN t.share END OR t.depth <> cardinality(t.path) - 1
	  OR t.parent_id IS DISTINCT FROM t.path[t.depth];

-- Members: shares along all ways from a head, added
CREATE TABLE true_member AS
WITH RECURSIVE way AS (
	SELECT v.view_name, p.party_id AS head, p.party_id, 1::numeric AS share, ARRAY[p.party_id] AS path FROM customer_view v, party p WHERE p.party_id >= 190
	UNION ALL
	SELECT w.view_name, w.head, t.child_id, w.share * t.share, w.path || t.child_id
	FROM way w JOIN true_link t ON t.view_name = w.view_name AND t.parent_id = w.party_id
)
SELECT view_name, head, party_id, sum(share) AS share, count(*) AS ways, min(path::text) FILTER (WHERE best = 1) AS path
FROM (SELECT *, row_number() OVER (PARTITION BY view_name, head, party_id ORDER BY share DESC, cardinality(path), path) AS best FROM way) AS w
GROUP BY 1, 2, 3;
SELECT count(*) AS members, max(share) AS most, max(ways) AS ways FROM true_member WHERE head <> party_id;
SELECT count(*) FROM (
	(SELECT v.view_name, p.party_id AS head, m.party_id, m.share FROM customer_view v, party p, household_members(p.party_id, v.view_name) AS m WHERE p.party_id >= 190
	 EXCEPT ALL SELECT view_name, head, party_id, share FROM true_member)
	UNION ALL
	(SELECT view_name, head, party_id, share FROM true_member EXCEPT ALL
	 SELECT v.view_name, p.party_id AS head, m.party_id, m.share FROM customer_view v, party p, household_members(p.party_id, v.view_name) AS m WHERE p.party_id >= 190)) AS differences;
SELECT count(*) FROM (SELECT DISTINCT view_name, head FROM true_member) AS h, household_members(h.head, h.view_name) AS m
	 JOIN true_member t USING (party_id)
WHERE t.view_name = h.view_name AND t.head = h.head
	  AND (m.path::text <> t.path OR m.depth <> cardinality(m.path) - 1 OR m.parent_id IS DISTINCT FROM m.path[m.depth]);

-- There may be more ways than anybody can count: the diamonds of 60 parties make 2 ^ 20.
BEGIN;
INSERT INTO party (party_id, kind, name) SELECT i, 'organisation', 'diamond ' || i FROM generate_series(1000, 1060) AS i;
INSERT INTO party_relationship (child_id, parent_id, kind, share)
SELECT CASE side WHEN 0 THEN top + 1 WHEN 1 THEN top + 2 ELSE top + 3 END, CASE side WHEN 3 THEN top + 2 WHEN 2 THEN top + 1 ELSE top END, 'parent', CASE WHEN side < 2 THEN 1 ELSE 0.5 END
FROM generate_series(1000, 1057, 3) AS top, generate_series(0, 3) AS side;
SELECT party_id, parent_id, depth, trim_scale(share) AS share FROM household_members(1000, 'economic') WHERE party_id IN (1001, 1002, 1003, 1030, 1060);
ROLLBACK;

-- The children of each are told apart by sorting: a hash table that was made for one with
-- very many would be emptied as large for each of them.
CREATE FUNCTION pg_temp.hashes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	line text;
	found bigint := 0;
BEGIN
	FOR line IN EXPLAIN SELECT * FROM household_members(1, 'legal') LOOP
		found := found + (line ~ 'HashAggregate')::int;
	END LOOP;
	RETURN found;
END;
$$;
SET enable_sort = off;
SELECT pg_temp.hashes();
RESET enable_sort;

-- Everybody is somebody's household or below it, once.
SELECT v.view_name, count(DISTINCT d.household) AS households, count(*) AS parties
FROM customer_view v, LATERAL (SELECT household(p.party_id, v.view_name) AS household FROM party p) AS d GROUP BY 1 ORDER BY v.view_name COLLATE "C";

DROP VIEW candidate;
DROP TABLE true_link, true_way, true_member;
DROP FUNCTION pick;
DELETE FROM party_relationship;
DELETE FROM party;
DELETE FROM source_system;
DELETE FROM customer_view WHERE NOT predefined;
DELETE FROM relationship_kind WHERE NOT predefined;
