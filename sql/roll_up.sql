--
-- Ledgers added up along a hierarchy.
--
SET search_path = public, customer_value;

-- small enough to see: Acme has two subsidiaries, one of them a branch
CREATE TABLE firm (id int, name text, parent int, own ledger);
INSERT INTO firm VALUES
	(1, 'Acme', NULL, ledger('2024-01-05', revenue => 100, cogs => 60)),
	(2, 'Acme North', 1, ledger('2024-01-05', revenue => 50) + ledger('2024-02-01', revenue => 20, purchases => 3)),
	(3, 'Acme South', 1, ledger('2024-01-07', cogs => 90)),
	(4, 'North Branch', 2, NULL);
SELECT name, profit(own) AS own, profit(roll_up(own, id, parent) OVER ()) AS family,
	purchases(roll_up(own, id, parent) OVER ()) AS purchases, profit(roll_up_rest(own, id, parent) OVER ()) AS rest FROM firm ORDER BY id;
SELECT name, roll_up(own, id, parent) OVER () FROM firm ORDER BY id;
-- a parent who is not in the partition, or not there at all: a root
SELECT name, profit(roll_up(own, id, parent) OVER ()) AS family, profit(roll_up_rest(own, id, parent) OVER ()) AS rest FROM firm WHERE id <> 1 ORDER BY id;
SELECT name, profit(roll_up(own, id, parent) OVER (PARTITION BY id % 2)) AS family FROM firm ORDER BY id;
SELECT roll_up(own, id, parent) OVER () FROM firm WHERE false;
-- nothing but zeros, and a growing ledger of a foreign hand
SELECT roll_up(NULL, i, nullif(i / 2, 0)) OVER () FROM generate_series(1, 3) i;
CREATE AGGREGATE bare_total(ledger) (SFUNC = ledger_accum, STYPE = ledger);
SELECT roll_up(own, id, parent) OVER () = total AS alike FROM (SELECT 1 AS id, NULL::int AS parent, bare_total(own) AS own, total(own) FROM firm) f;
DROP AGGREGATE bare_total(ledger);

-- shares: a joint venture of Acme and Bolt, and a minority share
CREATE TABLE venture (id int, name text, parents int[], shares numeric[], own ledger);
INSERT INTO venture VALUES
	(1, 'Acme', NULL, NULL, ledger('2024-01-05', revenue => 100)),
	(2, 'Bolt', '{}', '{}', ledger('2024-01-05', revenue => 10)),
	(3, 'Acme Bolt', '{1, 2}', '{0.6, 0.4}', ledger('2024-01-05', revenue => 0.05, cogs => 0.04, purchases => 7)),
	(4, 'Startup', '{3}', '{0.25}', ledger('2024-01-05', revenue => 0.03, purchases => 2)),
	(5, 'Sold', '{9, 1}', '{0.5, 0.5}', ledger('2024-01-05', revenue => 1));
SELECT name, revenue(t) AS revenue, cost(t) AS cost, purchases(t) AS purchases, revenue(r) AS rest, purchases(r) AS rest_purchases
FROM (SELECT *, roll_up(own, id, parents, shares) OVER () AS t, roll_up_rest(own, id, parents, shares) OVER () AS r FROM venture) v ORDER BY id;
-- a share of 1 passes millionths as they are; else parts are of cents, or as fine as the amount
SELECT id, revenue(roll_up(ledger('2024-01-05', revenue => 0.000001), id, parents, shares) OVER ()) AS revenue
FROM (VALUES (1, NULL, NULL), (2, '{1}', '{1}'), (3, '{1}'::bigint[], '{1.000}'::numeric[])) t(id, parents, shares);
SELECT id, revenue(roll_up(own, id, parents, shares) OVER ()) AS revenue, revenue(roll_up_rest(own, id, parents, shares) OVER ()) AS rest
FROM (VALUES (1, NULL, NULL, NULL), (2, '{1}', '{1e-30}', ledger('2024-01-05', revenue => 1)),
	(3, '{1, 2}'::bigint[], '{0.9999999999999999999, 1e-19}'::numeric[], ledger('2024-01-06', revenue => 1))) t(id, parents, shares, own);

-- errors
SELECT roll_up(own, NULL, parent) OVER () FROM firm;
SELECT roll_up(own, id / 2, parent) OVER () FROM firm;
SELECT roll_up(own, 5 - id / 2, parent) OVER () FROM firm;
SELECT roll_up(NULL, i, 1) OVER () FROM generate_series(1, 3) i;
SELECT roll_up(NULL, i, i % 7 + 2) OVER () FROM generate_series(1, 12) i;
SELECT roll_up(NULL, i, ARRAY[i % 7 + 2, i % 3], ARRAY[0.1, 0.2]) OVER () FROM generate_series(12, 1, -1) i;
SELECT roll_up(NULL, i, (i + 1) % 1000) OVER () FROM generate_series(0, 999) i;
CREATE FUNCTION shares_of(parents bigint[], shares numeric[]) RETURNS SETOF ledger LANGUAGE sql AS
	'SELECT roll_up(NULL, 3, parents, shares) OVER ()';
SELECT shares_of('{1, 2}', '{1}');
SELECT shares_of('{1}', NULL);
SELECT shares_of(NULL, '{1}');
SELECT shares_of('{1, NULL}', '{0.5, 0.5}');
SELECT shares_of('{1, 2}', '{0.5, NULL}');
SELECT shares_of('{{1, 2}}', '{{0.5, 0.5}}');
SELECT shares_of('{1, 2}', '{{0.5, 0.5}}');
SELECT shares_of('{2, 1, 2}', '{0.1, 0.1, 0.1}');
SELECT shares_of('{1}', '{0}');
SELECT shares_of('{1}', '{-0.5}');
SELECT shares_of('{1}', '{1.0000001}');
SELECT shares_of('{1}', '{NaN}');
SELECT shares_of('{1}', '{Infinity}');
SELECT shares_of('{1, 2}', '{0.6, 0.5}');
SELECT shares_of('{1, 2}', '{0.6, 0.40000000000000000000001}');
SELECT shares_of('{1, 2}', '{0.6, 0.39999999999999999999999}');
SELECT shares_of('[5:6]={1, 2}', '[0:1]={0.6, 0.4}');
DROP FUNCTION shares_of;
-- the currencies of families may differ, within one they may not
SELECT id, roll_up(ledger(day => '2024-01-05', revenue => id, currency => currency), id, parent) OVER ()
FROM (VALUES (1, NULL, 'EUR'), (2, 1, 'EUR'), (3, NULL, 'USD'), (4, 3, 'USD')) t(id, parent, currency);
SELECT id, roll_up(ledger(day => '2024-01-05', revenue => id, currency => currency), id, parent) OVER ()
FROM (VALUES (1, NULL, 'EUR'), (2, 1, 'EUR'), (3, 1, 'USD'), (4, 3, 'USD')) t(id, parent, currency);
SELECT id, roll_up(own, id, parent) OVER () FROM (VALUES (1, NULL, ledger('2024-01-05', revenue => 1)),
	(2, 1, ledger(day => '2024-01-05', revenue => 1, currency => 'EUR'))) t(id, parent, own);
-- too much money is what it is for total()
SELECT revenue(roll_up(ledger('2024-01-05', revenue => 6e22), i, nullif(i - 1, 0)) OVER ()) FROM generate_series(1, 2) i;
SELECT revenue(roll_up(ledger('2024-01-05', revenue => CASE WHEN i < 9 THEN 6e22 ELSE -6e22 END), i, nullif(least(i - 1, 1), 0)) OVER ()) / 1e22 AS passing FROM generate_series(1, 16) i LIMIT 1;
-- only over a window
SELECT roll_up(own, id, parent) FROM firm;

-- against recursive plain SQL: random forests, whole ledgers
CREATE FUNCTION dice(a int, b int, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$SELECT abs(hashint8(a::bigint * 1000003 + b)::bigint)::int % sides$$;
-- some ledgers stay in their currency, some are nothing, ids have gaps in every third forest
CREATE FUNCTION some_ledger(a int, b int) RETURNS ledger LANGUAGE sql IMMUTABLE AS $$
	SELECT total(ledger(date '2024-01-01' + dice(a, b + i, 40 + a % 400), revenue => dice(i, b, 100000) / 100.0 - 200, cogs => nullif(dice(b, i, 900), 7) / 4.0,
		service => CASE WHEN dice(b, i, 9) = 0 THEN 0.000001 * dice(a, i, 1000) END, purchases => dice(a + b, i, 4) - 1,
		currency => CASE a % 3 WHEN 0 THEN 'EUR' WHEN 1 THEN 'USD' END)) FROM generate_series(1, dice(a, b, 6)) i$$;
CREATE TABLE forest AS
SELECT f, i * CASE WHEN f % 3 = 0 THEN 10000000000 ELSE 1 END - 5 AS id,
	CASE WHEN i > 1 AND dice(f, i, 12) > 0 THEN CASE f % 4 WHEN 0 THEN i - 1 - dice(f, i + 7, least(3, i - 1)) WHEN 1 THEN 1 + dice(f, i + 7, least(i - 1, 3)) ELSE 1 + dice(f, i + 7, i - 1) END
	END * CASE WHEN f % 3 = 0 THEN 10000000000 ELSE 1 END - 5 AS parent, some_ledger(f, i) AS own
FROM generate_series(1, 60) f, generate_series(1, 1 + f * f % 83) i;
CREATE TABLE slowly AS
WITH RECURSIVE ancestor AS (
	SELECT f, id, id AS above, parent, own FROM forest
	UNION ALL SELECT a.f, a.id, p.id, p.parent, a.own FROM ancestor a JOIN forest p ON p.f = a.f AND p.id = a.parent)
SELECT f, above AS id, coalesce(total(own), ledger()) AS total FROM ancestor GROUP BY f, above;
SELECT count(*) AS nodes, count(*) FILTER (WHERE o.total::text <> s.total::text) AS wrong, count(*) FILTER (WHERE ledger_send(o.total) <> ledger_send(s.total)) AS other_bytes,
	count(*) FILTER (WHERE rest <> CASE WHEN parent IS NULL THEN s.total ELSE ledger() END) AS wrong_rest
FROM (SELECT f, id, parent, roll_up(own, id, parent) OVER (PARTITION BY f) AS total, roll_up_rest(own, id, parent) OVER (PARTITION BY f) AS rest FROM forest) o JOIN slowly s USING (f, id);
-- a third of the parents are missing: as if they were not
SELECT count(*) AS nodes, count(*) FILTER (WHERE a <> b) AS differ FROM (
	SELECT roll_up(own, id, parent) OVER (PARTITION BY f) AS a, roll_up(own, id, CASE WHEN (parent / 7) % 3 <> 0 THEN parent END) OVER (PARTITION BY f) AS b
	FROM forest WHERE (id / 7) % 3 <> 0) x;
-- in any order of rows, of any frame
SELECT count(*) AS nodes, count(*) FILTER (WHERE a <> b OR a <> c OR a <> d) AS differ FROM (
	SELECT roll_up(own, id, parent) OVER (PARTITION BY f ORDER BY id) AS a, roll_up(own, id, parent) OVER (PARTITION BY f ORDER BY id DESC ROWS 1 PRECEDING) AS b,
		roll_up(own, id, parent) OVER (PARTITION BY f ORDER BY hashint8(id)) AS c,
		roll_up(own, id, array_remove(ARRAY[parent], NULL), CASE WHEN parent IS NOT NULL THEN ARRAY[1.0] END) OVER (PARTITION BY f ORDER BY own) AS d
	FROM forest) x;

-- random joint ventures, level by level in plain SQL: thirds, cents, long shares, rests, parents who are missing
CREATE TABLE web AS
SELECT f, i AS id, own, parents, shares FROM generate_series(1, 60) f, generate_series(1, 1 + f * f % 41) i,
	LATERAL (SELECT some_ledger(f, i) AS own) o,
	LATERAL (SELECT coalesce(array_agg(p ORDER BY dice(f, p, 99), p), '{}') AS parents FROM generate_series(greatest(1, i - 9), i - 1) p WHERE dice(f * 7 + i, p, 3) = 0) p,
	LATERAL (SELECT coalesce(array_agg(CASE f % 5 WHEN 0 THEN trunc(1.0 / n, 19) WHEN 1 THEN 0.01 + dice(f, i, 98 / n::int) / 100.0 WHEN 2 THEN 1 / (n + dice(f, i + k, 3) + 1e-6)
		WHEN 3 THEN CASE WHEN n = 1 THEN 1 ELSE 1e-18 + trunc(0.7 / n, 18) END ELSE 0.5 / n END ORDER BY k), '{}') AS shares
		FROM generate_series(1, cardinality(parents)) k, (SELECT cardinality(parents)::numeric AS n) c) s;
UPDATE web SET parents = parents || 1000::bigint, shares = shares || 0.05 WHERE f % 5 = 4 AND id % 3 = 0;
CREATE FUNCTION roll_up_slowly(which int) RETURNS TABLE (id int, total ledger, rest ledger) LANGUAGE plpgsql AS $$
DECLARE
	node record;
	parts ledger[];
BEGIN
	CREATE TEMP TABLE passed (receiver int, part ledger);
	-- parents have lower ids
	FOR node IN SELECT * FROM web WHERE f = which ORDER BY web.id DESC LOOP
		id := node.id;
		SELECT coalesce(total(l), ledger()) INTO total FROM (SELECT node.own UNION ALL SELECT part FROM passed WHERE receiver = node.id) AS x(l);
		parts := split(total, node.shares || (1 - (SELECT coalesce(sum(s), 0) FROM unnest(node.shares) s)));
		rest := parts[cardinality(parts)];
		FOR k IN 1 .. cardinality(node.parents) LOOP
			IF node.parents[k] = 1000 THEN
				rest := rest + parts[k];
			ELSE
				INSERT INTO passed VALUES (node.parents[k], CASE WHEN node.shares[k] = 1 THEN total ELSE parts[k] END);
			END IF;
		END LOOP;
		RETURN NEXT;
	END LOOP;
	DROP TABLE passed;
END $$;
CREATE TABLE ours AS SELECT f, id, parents, shares, own, roll_up(own, id, parents, shares) OVER w AS total, roll_up_rest(own, id, parents, shares) OVER w AS rest FROM web WINDOW w AS (PARTITION BY f);
SELECT f % 5 AS kind, count(*) AS nodes, sum(cardinality(parents)) AS edges, count(*) FILTER (WHERE ledger_send(o.total) <> ledger_send(s.total)) AS wrong,
	count(*) FILTER (WHERE ledger_send(o.rest) <> ledger_send(s.rest)) AS wrong_rest
FROM ours o JOIN (SELECT f, s.* FROM generate_series(1, 60) f, LATERAL roll_up_slowly(f) s) s USING (f, id) GROUP BY 1 ORDER BY 1;
-- not a cent is lost
SELECT count(*) AS webs, count(*) FILTER (WHERE rest <> own) AS lost FROM (SELECT total(rest) AS rest, total(own) AS own FROM ours GROUP BY f) x;
SELECT count(*) AS nodes, count(*) FILTER (WHERE a <> b OR a <> c OR d <> e OR d <> f) AS differ FROM (
	SELECT roll_up(own, id, parents, shares) OVER (PARTITION BY f ORDER BY id) AS a, roll_up(own, id, parents, shares) OVER (PARTITION BY f ORDER BY id DESC) AS b,
		roll_up(own, id, parents, shares) OVER (PARTITION BY f ORDER BY hashint4(id)) AS c, roll_up_rest(own, id, parents, shares) OVER (PARTITION BY f ORDER BY own) AS d,
		roll_up_rest(own, id, parents, shares) OVER (PARTITION BY f ORDER BY id DESC) AS e, roll_up_rest(own, id, parents, shares) OVER (PARTITION BY f ORDER BY hashint4(id)) AS f
	FROM web) x;

-- one parent with very many below; a chain so deep that nothing may recurse; rows spooled to disk; ledgers out of line
SET work_mem = '64kB';
SELECT total = (SELECT total(ledger(date '2020-01-01' + i % 3000, revenue => i)) FROM generate_series(1, 60000) i) AS one_parent
FROM (SELECT i, roll_up(ledger(date '2020-01-01' + i % 3000, revenue => i), i, nullif(1, i)) OVER () AS total FROM generate_series(1, 60000) i) x WHERE i = 1;
SELECT count(*) AS chain, max(revenue(total)) AS top, sum(revenue(total)) AS all_totals
FROM (SELECT roll_up(ledger('2024-01-01', revenue => 1), i, i - 1) OVER (ORDER BY hashint4(i)) AS total FROM generate_series(1, 30000) i) x;
RESET work_mem;
CREATE TABLE big (id int, parent int, own ledger);
INSERT INTO big SELECT n, nullif(n / 2, 0), total(ledger(date '2020-01-01' + dice(n, i, 4000), revenue => dice(i, n, 1000000) / 100.0, cogs => dice(i, n + 1, 10000000) / 100.0)) FROM generate_series(1, 7) n, generate_series(1, 2000) i GROUP BY n;
SELECT id, total = (SELECT total(own) FROM big WHERE id >= b.id AND (b.id = 1 OR id = b.id OR id / 2 = b.id)) AS alike
FROM (SELECT id, roll_up(own, id, parent) OVER () AS total FROM big) b ORDER BY id;
DROP TABLE firm, venture, forest, slowly, web, ours, big;
DROP FUNCTION roll_up_slowly, some_ledger, dice;
