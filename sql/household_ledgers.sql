--
-- Ledgers of households: household_ledgers(), party_ledgers(), netting_gap()
-- and household_profit, on an example and against plain SQL the slow way.
--
SET search_path = public, customer_value;
SET customer_value.as_of = '2024-06-30';
SET jit = off;

-- A holding that earns, and below it a unit that hides another one's loss.
INSERT INTO source_system (source, face) VALUES ('erp', 'accounting'), ('crm', 'sales');
INSERT INTO party (party_id, kind, name) VALUES
	(1, 'organisation', 'Holding'), (2, 'organisation', 'Division'), (3, 'site', 'Gains'), (4, 'site', 'Loses'),
	(5, 'organisation', 'Joint venture'), (6, 'organisation', 'Partner'), (7, 'organisation', 'Without money');
INSERT INTO party_relationship (child_id, parent_id, kind, share) VALUES
	(2, 1, 'parent', 1), (3, 2, 'branch', 1), (4, 2, 'branch', 1), (5, 2, 'parent', 0.6), (5, 6, 'parent', 0.35);
INSERT INTO party_identifier (source, source_key, party_id, valid) VALUES
	('erp', 'H', 1, '(,)'), ('erp', 'G', 3, '(,)'), ('erp', 'L', 4, '(,)'), ('erp', 'J', 5, '(,)'),
	-- a key that means somebody else since 2024, and a second key
	('erp', 'X', 3, '(,2024-01-01)'), ('erp', 'X', 4, '[2024-01-01,)'), ('crm', 'J', 5, '(,)');
INSERT INTO customer_ledger (source, role, source_key, ledger) VALUES
	('erp', 'bill_to', 'H', ledger('2024-01-15', revenue => 100, cogs => 40)),
	('erp', 'bill_to', 'G', ledger('2024-02-01', revenue => 500, cogs => 100)),
	('erp', 'bill_to', 'L', ledger('2024-02-02', revenue => 50, service => 300)),
	('erp', 'bill_to', 'X', ledger('2023-12-31', revenue => 7) + ledger('2024-01-01', cogs => 9)),
	('erp', 'bill_to', 'J', ledger('2024-03-01', revenue => 0.01)),
	('crm', 'bill_to', 'J', ledger('2024-03-02', revenue => 10, cogs => 15.03)),
	('erp', 'ship_to', 'L', ledger('2024-02-02', revenue => 1000)),
	('erp', 'bill_to', 'nobody', ledger('2024-01-01', revenue => 1)),
	('erp', 'bill_to', NULL, ledger('2024-01-01', revenue => 2));
SELECT party_id, own FROM party_ledgers('bill_to') ORDER BY 1;
SELECT party_id, own FROM party_ledgers('ship_to') ORDER BY 1;
SELECT party_id, own FROM party_ledgers(NULL);

SELECT party_id, profit(own) AS own, profit(total) AS total, profit(retained) AS retained FROM household_ledgers('legal') ORDER BY 1;
SELECT party_id, profit(own) AS own, profit(total) AS total, profit(retained) AS retained FROM household_ledgers('economic') ORDER BY 1;
SELECT party_id, profit(own) AS own, profit(total) AS total FROM household_ledgers('delivery') ORDER BY 1;
SELECT party_id, total FROM household_ledgers('economic') WHERE party_id IN (6, 7) ORDER BY 1;
SELECT * FROM household_ledgers('no such view');
SELECT * FROM netting_gap('no such view');

SELECT (SELECT count(*) FROM household_ledgers(NULL)) AS no_view, (SELECT count(*) FROM household_ledgers('legal', NULL)) AS no_day,
	   (SELECT count(*) FROM netting_gap(NULL)) AS no_gap, (SELECT count(*) FROM household_tree('legal', NULL)) AS no_tree;

-- Net, the division is fine.
SELECT * FROM netting_gap('legal') ORDER BY 1;
SELECT * FROM netting_gap('economic') ORDER BY 1;
SELECT * FROM netting_gap('legal', days => '[2024-02-02,2025-01-01)') ORDER BY 1;
SELECT party_id, name, depth, below, own_profit, revenue, cost, profit, round(margin, 4) AS margin, gains, losses, netting_gap
FROM household_profit WHERE household = 1 ORDER BY party_id;
SET customer_value.customer_view = 'economic';
SELECT party_id, household, depth, below, profit, gains, losses FROM household_profit ORDER BY party_id;
SET customer_value.customer_view = 'site';
SELECT party_id, household, depth, below, profit, gains, losses FROM household_profit ORDER BY party_id;
SET customer_value.customer_view = 'no such view';
SELECT party_id FROM household_profit;
RESET customer_value.customer_view;

-- A currency is kept; two in one household are an error, not a sum.
BEGIN;
DELETE FROM customer_ledger WHERE source_key NOT IN ('G', 'L');
UPDATE customer_ledger SET ledger = ledger('2024-02-01', revenue => 500, currency => 'CHF');
SELECT party_id, gains FROM netting_gap('legal') WHERE party_id IN (2, 3, 4) ORDER BY 1;
SELECT party_id, currency, profit FROM household_profit ORDER BY 1;
UPDATE customer_ledger SET ledger = ledger('2024-02-01', revenue => 50, currency => 'EUR') WHERE source_key = 'L' AND role = 'bill_to';
SAVEPOINT asked;
SELECT party_id, gains FROM netting_gap('legal');
ROLLBACK TO asked;
SELECT party_id, total FROM household_ledgers('legal');
ROLLBACK;

DELETE FROM customer_ledger;
DELETE FROM party_identifier;
DELETE FROM party_relationship;
DELETE FROM party;

--
-- Pseudo-random: 150 parties below lower ids with all sorts of shares; ledgers of
-- several roles; keys that change hands, of nobody, and none; absorbed parties.
--
CREATE FUNCTION pick(i bigint, salt text, n int) RETURNS int IMMUTABLE LANGUAGE sql
	RETURN ('x' || substr(md5(i || salt), 1, 7))::bit(28)::int % n;
INSERT INTO relationship_kind VALUES ('region', false, NULL);
INSERT INTO customer_view (view_name, role, kinds, up_to, weighs_ownership, share_above) VALUES
	('by region', 'ship_to', '{region,parent,branch}', 'business unit', false, 0),
	('parts of regions', 'bill_to', '{region,branch,member,parent}', 'global ultimate', true, 0.2),
	('parts at home', 'ship_to', '{branch,parent}', 'domestic ultimate', true, 0),
	('parts up to units', 'buyer', '{member,parent,contract,branch,franchise}', 'business unit', true, 0.1);
INSERT INTO party (party_id, kind, name, country, level)
SELECT i, 'organisation', 'party ' || i, (ARRAY['DE', 'DE', 'DE', 'FR', NULL])[1 + pick(i, 'country', 5)],
	   (ARRAY['business unit', 'site', NULL, NULL, NULL])[1 + pick(i, 'level', 5)]
FROM generate_series(1, 160) AS i;
INSERT INTO party_merge (survivor_id, absorbed_id, moved) SELECT i - 100, i, '{}' FROM generate_series(151, 160) AS i;
INSERT INTO party_relationship (child_id, parent_id, kind, share, valid)
SELECT DISTINCT ON (child, parent, kind) child, parent, kind, share, valid
FROM generate_series(2, 150) AS child,
	 LATERAL (SELECT CASE pick(child, 'owners', 7)
					 WHEN 0 THEN '{}' WHEN 1 THEN '{1}' WHEN 2 THEN '{0.6,0.4}' WHEN 3 THEN '{0.5,0.5}'
					 WHEN 4 THEN '{0.3333,0.3333,0.3333}' WHEN 5 THEN '{0.25,0.251,0.1}' ELSE '{0.51,0.09,0.2,0.2}' END::numeric[]) AS o (shares),
	 LATERAL (SELECT share, CASE pick(child, 'kind' || n, 3) WHEN 0 THEN 'branch' ELSE 'parent' END AS kind, n FROM unnest(shares) WITH ORDINALITY AS u (share, n)
			  UNION ALL
			  SELECT (1 + pick(child, 'share' || kind, 4)) * 0.25, kind, 10 FROM unnest(ARRAY['franchise', 'contract', 'member', 'region']) AS kind
			  WHERE pick(child, kind, 4) = 0) AS r,
	 LATERAL (SELECT greatest(1, child - 1 - pick(child, 'parent' || n % 3 || CASE WHEN n = 10 THEN kind ELSE '' END, 12)) AS parent,
			  CASE pick(child, 'valid' || n, 9) WHEN 0 THEN '[2024-06-30,2024-07-01)' WHEN 1 THEN '[2024-07-01,)' WHEN 2 THEN '(,2024-06-30)' ELSE '(,)' END::daterange AS valid) AS p;

-- Every third key changes hands, most on a day in the middle of its ledger.
INSERT INTO party_identifier (source, source_key, party_id, valid)
SELECT s, k::text, 1 + pick(k, s || part, 150), valid
FROM unnest(ARRAY['erp', 'crm']) AS s, generate_series(1, 180) AS k,
	 LATERAL (SELECT date '2023-06-01' + pick(k, s || 'moved', 400) AS moved) AS m,
	 LATERAL (VALUES (0, CASE WHEN k % 3 = 0 THEN daterange(NULL, moved) ELSE '(,)' END),
					 (1, CASE WHEN k % 3 = 0 THEN daterange(moved + pick(k, 'gap', 3), CASE WHEN k % 2 = 0 THEN moved + 100 END) END)) AS v (part, valid)
WHERE valid IS NOT NULL AND k % 10 > 0;
INSERT INTO customer_ledger (source, role, source_key, ledger)
SELECT s, role, CASE WHEN k > 0 THEN k::text END,
	   total(ledger(date '2023-06-01' + pick(k * 100 + n, s || role, 700), revenue => pick(k * 100 + n, 'r' || role, 100000) / 100.0,
					cogs => pick(k * 100 + n, 'c' || role, 90000) / 100.0, service => pick(k * 100 + n, 's' || s, 40001) / 100.0))
FROM unnest(ARRAY['erp', 'crm']) AS s, unnest(enum_range(NULL::party_role)) AS role, generate_series(0, 180) AS k, generate_series(1, 3) AS n
WHERE pick(k, s || role, 3) > 0
GROUP BY s, role, k;

-- Own ledgers, entry by entry: whose key it was on that day
CREATE TABLE true_own AS
SELECT c.role, i.party_id, total(ledger_entry(e.day, e.account, e.amount, e.purchases)) AS own
FROM customer_ledger c JOIN party_identifier i USING (source, source_key) CROSS JOIN LATERAL entries(c.ledger) AS e
WHERE i.valid @> e.day
GROUP BY 1, 2;
SELECT count(*), count(DISTINCT role) AS roles FROM true_own;
SELECT count(*) FROM unnest(enum_range(NULL::party_role)) AS role CROSS JOIN LATERAL party_ledgers(role) AS o
	 FULL JOIN true_own t ON t.role = role.role AND t.party_id = o.party_id
WHERE coalesce(o.own, ledger()) <> coalesce(t.own, ledger());

-- Totals, views that give each child whole: the sum over everybody below, found by going up from each
CREATE TABLE link AS
SELECT v.view_name, v.role, v.weighs_ownership, l.* FROM customer_view v, household_links(v.view_name) AS l;
WITH RECURSIVE above AS (
	SELECT v.view_name, v.role, p.party_id, p.party_id AS node FROM customer_view v, party p WHERE NOT v.weighs_ownership
	UNION ALL
	SELECT a.view_name, a.role, a.party_id, l.parents[1] FROM above a JOIN link l ON l.view_name = a.view_name AND l.party_id = a.node
), truth AS (
	SELECT a.view_name, a.node, total(o.own) AS total FROM above a LEFT JOIN true_own o ON o.role = a.role AND o.party_id = a.party_id GROUP BY 1, 2
)
SELECT count(*) AS nodes, count(DISTINCT h.view_name) AS views, count(*) FILTER (WHERE h.total IS DISTINCT FROM coalesce(t.total, ledger())) AS differ
FROM (SELECT v.view_name, h.* FROM customer_view v, household_ledgers(v.view_name) AS h WHERE NOT v.weighs_ownership) AS h
	 LEFT JOIN truth t ON t.view_name = h.view_name AND t.node = h.party_id;

-- Views that weigh: from the highest id down, each total is divided by split().
CREATE TABLE truth (view_name text, party_id bigint, total ledger, retained ledger, PRIMARY KEY (view_name, party_id));
DO $$
DECLARE
	v customer_view;
	node bigint;
	sum_here ledger;
	l link;
	parts ledger[];
BEGIN
	FOR v IN SELECT * FROM customer_view WHERE weighs_ownership LOOP
		CREATE TEMPORARY TABLE passed (party_id bigint, part ledger);
		FOR node IN SELECT p.party_id FROM party p ORDER BY 1 DESC LOOP
			SELECT coalesce(total(x.part), ledger()) INTO sum_here
			FROM (SELECT p.part FROM passed p WHERE p.party_id = node
				  UNION ALL SELECT o.own FROM true_own o WHERE o.role = v.role AND o.party_id = node) AS x;
			SELECT * INTO l FROM link k WHERE k.view_name = v.view_name AND k.party_id = node;
			IF FOUND THEN
				parts := split(sum_here, l.shares || (1 - (SELECT sum(s) FROM unnest(l.shares) AS s)));
				INSERT INTO passed SELECT p, part FROM unnest(l.parents, parts) AS u (p, part) WHERE p IS NOT NULL;
				INSERT INTO truth VALUES (v.view_name, node, sum_here, parts[cardinality(parts)]);
			ELSE
				INSERT INTO truth VALUES (v.view_name, node, sum_here, sum_here);
			END IF;
		END LOOP;
		DROP TABLE passed;
	END LOOP;
END $$;
SELECT count(*) AS nodes, count(DISTINCT v.view_name) AS views,
	   count(*) FILTER (WHERE h.total IS DISTINCT FROM t.total) AS totals_differ, count(*) FILTER (WHERE h.retained IS DISTINCT FROM t.retained) AS retained_differ
FROM customer_view v CROSS JOIN LATERAL household_ledgers(v.view_name) AS h LEFT JOIN truth t ON t.view_name = v.view_name AND t.party_id = h.party_id
WHERE v.weighs_ownership;

-- Under every view, what is retained is what there is; live parties are there once.
SELECT v.view_name, count(*) AS rows, count(DISTINCT h.party_id) AS parties, total(h.retained) = total(h.own) AS conserved,
	   total(h.own) = (SELECT total(o.own) FROM true_own o WHERE o.role = v.role) AS all_there, profit(total(h.own)) AS profit
FROM customer_view v, household_ledgers(v.view_name) AS h GROUP BY v.view_name ORDER BY v.view_name COLLATE "C";

-- Any order of rows gives the same: tables written anew, the other way round.
CREATE TABLE before AS SELECT v.view_name, h.*, g.gains, g.losses FROM customer_view v, household_ledgers(v.view_name) AS h, netting_gap(v.view_name) AS g WHERE g.party_id = h.party_id;
BEGIN;
CREATE TEMPORARY TABLE kept AS SELECT * FROM party_relationship;
DELETE FROM party_relationship;
INSERT INTO party_relationship SELECT * FROM kept ORDER BY md5(relationship_id::text);
UPDATE party SET name = name || '*' WHERE party_id % 3 = 1;
UPDATE party_identifier SET party_id = party_id WHERE identifier_id % 2 = 0;
UPDATE customer_ledger SET ledger = ledger WHERE source = 'erp';
SELECT count(*) AS compared, count(*) FILTER (WHERE (h.own, h.total, h.retained, g.gains, g.losses) IS DISTINCT FROM (b.own, b.total, b.retained, b.gains, b.losses)) AS differ
FROM customer_view v CROSS JOIN LATERAL household_ledgers(v.view_name) AS h CROSS JOIN LATERAL netting_gap(v.view_name) AS g
	 LEFT JOIN before b ON b.view_name = v.view_name AND b.party_id = h.party_id
WHERE g.party_id = h.party_id;
ROLLBACK;

-- Gains and losses of units, whole: added up over everybody below
WITH RECURSIVE above AS (
	SELECT v.view_name, v.role, p.party_id, p.party_id AS node FROM customer_view v, party p WHERE NOT v.weighs_ownership
	UNION ALL
	SELECT a.view_name, a.role, a.party_id, l.parents[1] FROM above a JOIN link l ON l.view_name = a.view_name AND l.party_id = a.node
), truth AS (
	SELECT a.view_name, a.node, coalesce(sum(profit(o.own)) FILTER (WHERE profit(o.own) > 0), 0) AS gains,
		   coalesce(sum(profit(o.own)) FILTER (WHERE profit(o.own) < 0), 0) AS losses,
		   coalesce(sum(profit(o.own, '[2024-01-01,2024-07-01)')) FILTER (WHERE profit(o.own, '[2024-01-01,2024-07-01)') > 0), 0) AS gains_of_half
	FROM above a LEFT JOIN true_own o ON o.role = a.role AND o.party_id = a.party_id GROUP BY 1, 2
)
SELECT count(*) AS nodes, count(*) FILTER (WHERE g.netting_gap > 0) AS hide_something,
	   count(*) FILTER (WHERE (g.gains, g.losses, g.net, g.netting_gap) IS DISTINCT FROM (t.gains, t.losses, t.gains + t.losses, least(t.gains, -t.losses))) AS differ,
	   count(*) FILTER (WHERE s.gains IS DISTINCT FROM t.gains_of_half) AS differ_of_half, count(*) FILTER (WHERE s.gains <> g.gains) AS half_is_less
FROM customer_view v CROSS JOIN LATERAL netting_gap(v.view_name) AS g CROSS JOIN LATERAL netting_gap(v.view_name, days => '[2024-01-01,2024-07-01)') AS s
	 LEFT JOIN truth t ON t.view_name = v.view_name AND t.node = g.party_id
WHERE NOT v.weighs_ownership AND s.party_id = g.party_id;
-- Net is the profit of the total; parts are cut to the cent once, not day by day.
SELECT v.weighs_ownership, max(abs(g.net - profit(h.total))) < CASE WHEN v.weighs_ownership THEN 3 ELSE 0.000001 END AS agree
FROM customer_view v CROSS JOIN LATERAL netting_gap(v.view_name) AS g JOIN LATERAL household_ledgers(v.view_name) AS h USING (party_id)
GROUP BY 1 ORDER BY 1;

-- household_profit says the same, and how many are below.
SET customer_value.customer_view = 'legal';
WITH RECURSIVE above AS (
	SELECT p.party_id, p.party_id AS node FROM party p
	UNION ALL
	SELECT a.party_id, l.parents[1] FROM above a JOIN link l ON l.view_name = 'legal' AND l.party_id = a.node
)
SELECT count(*) AS nodes, count(*) FILTER (WHERE p.profit <> profit(h.total) OR p.own_profit <> profit(h.own)) AS differ,
	   count(*) FILTER (WHERE p.below <> (SELECT count(*) - 1 FROM above a WHERE a.node = p.party_id)) AS below_differ,
	   count(*) FILTER (WHERE p.household <> household(p.party_id)) AS household_differs, max(p.below) AS most_below
FROM household_profit p LEFT JOIN household_ledgers() AS h USING (party_id);
RESET customer_value.customer_view;

DROP TABLE true_own, link, truth, before;
DROP FUNCTION pick;
DELETE FROM customer_ledger;
DELETE FROM party_identifier;
DELETE FROM party_relationship;
DELETE FROM party_merge;
DELETE FROM party;
DELETE FROM source_system;
DELETE FROM customer_view WHERE NOT predefined;
DELETE FROM relationship_kind WHERE NOT predefined;
