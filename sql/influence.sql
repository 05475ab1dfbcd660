-- Gini coefficient, Herfindahl index, all figures in a row, and what they would be without one customer.
SET search_path = public, customer_value;

-- small enough to see: gains 100, 60, 40, 10, 10 of nine customers
CREATE TABLE firm (customer int, profit numeric);
INSERT INTO firm VALUES (1, 100), (2, 60), (3, 40), (4, 10), (5, 10), (6, 0), (7, -5.5), (8, -14.5), (9, -40), (10, NULL);
-- 1 - (1 * 100 + 3 * 60 + 5 * 40 + 7 * 10 + 9 * 10) / (9 * 220), and (100^2 + 60^2 + 40^2 + 2 * 10^2) / 220^2
SELECT gini(profit), herfindahl(profit), gini(profit) = 1340 / 1980.0 AS gini_right, herfindahl(profit) = 15400 / 48400.0 AS herfindahl_right,
	gini(profit) FILTER (WHERE profit > 0) = 460 / 1100.0 AS of_gainers FROM firm;
SELECT c.* FROM (SELECT whale_curve(profit) AS w FROM firm) f, concentration(w) c \gx
SELECT c.* FROM (SELECT whale_curve(profit) AS w FROM firm) f, concentration(w, 0.5, 0.5) c \gx
SELECT customer, i.rank, round(i.share_of_net, 4) AS share_of_net, round(i.share_of_gains, 4) AS share_of_gains, i.net_without,
	round(i.top_share_of_gains_without, 4) AS top_share, round(i.gini_without, 4) AS gini, round(i.herfindahl_without, 4) AS herfindahl
FROM firm, (SELECT whale_curve(profit) AS w FROM firm) f, influence(w, profit) i ORDER BY customer;
-- the fraction may be another one in each row
SELECT f, customer, round((influence(w, profit, f)).top_share_of_gains_without, 4) AS without, round(t.share, 4) AS truth
FROM (SELECT whale_curve(profit) AS w FROM firm) c, (VALUES (0.0), (0.2), (0.3), (0.30), (1)) v(f), firm,
	LATERAL (SELECT top_share_of_gains(o.profit, f) AS share FROM firm o WHERE o.customer <> firm.customer) t
WHERE customer IN (1, 4, 8) ORDER BY customer, f, f::text;

-- counts need no cast
CREATE TABLE contacts AS SELECT c AS customer FROM generate_series(1, 10) c, generate_series(1, CASE c WHEN 1 THEN 30 WHEN 2 THEN 20 ELSE 2 END);
SELECT top_share_of_gains(n, 0.2) = 50 / 66.0 AS top, top_share_of_net(n, 0.2) = 50 / 66.0 AS of_net, gini(n) = 378 / 660.0 AS gini,
	herfindahl(n) = 1332 / 4356.0 AS herfindahl, customers_for_share(n, 0.5), net(whale_curve(n)) FROM (SELECT customer, count(*) AS n FROM contacts GROUP BY 1) c;
SELECT gini(n::int) = gini(n) AND herfindahl(n::int) = herfindahl(n) AND top_share_of_gains(n::int, 0.2) = top_share_of_gains(n, 0.2) AS same
FROM (SELECT customer, count(*) AS n FROM contacts GROUP BY 1) c;
SELECT DISTINCT n, (influence(w, n)).rank, (influence(w, n::int, 0.5)).net_without
FROM (SELECT customer, count(*) AS n FROM contacts GROUP BY 1) c, (SELECT whale_curve(n) AS w FROM (SELECT customer, count(*) AS n FROM contacts GROUP BY 1) c) f ORDER BY 2;

-- no customers, one, all alike, nobody gains, nothing at all
SELECT title, gini(v), herfindahl(v), gini(v::float8) IS NOT DISTINCT FROM gini(v) AND herfindahl(v::float8) IS NOT DISTINCT FROM herfindahl(v) AS same,
	concentration(whale_curve(v))
FROM (VALUES ('1 none', NULL), ('2 one', 12.34), ('3 alike', 5), ('3 alike', 5), ('3 alike', 5), ('3 alike', 5), ('4 nobody gains', -1),
	('4 nobody gains', 0), ('5 net loss', 10), ('5 net loss', -30), ('6 nothing', 0), ('6 nothing', 0), ('7 one of four', 3), ('7 one of four', 0),
	('7 one of four', 0), ('7 one of four', -1)) t(title, v)
GROUP BY title ORDER BY title;
SELECT influence('{"values": [7]}'::whale_curve, 7), influence('{"values": [0]}'::whale_curve, 0), influence('{"values": [-7]}'::whale_curve, -7);
SELECT influence('{"values": [[7, 2]]}'::whale_curve, 7), influence('{"values": [7, -7]}'::whale_curve, -7), influence('{"values": [7, -7]}'::whale_curve, 7);
SELECT influence(NULL::whale_curve, 7) IS NULL AS curve, influence('{"values": [7]}'::whale_curve, NULL::numeric) IS NULL AS value, concentration(NULL) IS NULL AS row;

-- against plain SQL that leaves one out: losers, ties, zeros, odd decimals, amounts near 10^22 with six decimals
CREATE FUNCTION noise(a int, b int) RETURNS numeric LANGUAGE sql IMMUTABLE AS
	'SELECT (hashint4extended(a * 1000003 + b, 5) & 1048575) / 1048576.0';
CREATE TABLE firms AS
SELECT n AS firm, i AS customer, CASE
	WHEN n = 1 THEN 3 WHEN n = 2 THEN -3 - i WHEN n = 3 THEN 0
	WHEN n % 4 = 0 THEN round(noise(n, i) * 8 - 2)
	WHEN n % 9 = 0 AND i < 6 THEN round(1e22 * (noise(n, i) - 0.2), n % 7)
	ELSE round((noise(n, i) - 0.1 * (n % 6)) * exp(8 * noise(i, n)), n % 7) END AS profit
FROM generate_series(1, 45) n, generate_series(1, CASE n WHEN 5 THEN 1 WHEN 7 THEN 2 ELSE n END) i;
CREATE TABLE curves AS SELECT firm, whale_curve(profit) AS w FROM firms GROUP BY firm;
-- relative to the larger one, and NULL only like NULL
CREATE FUNCTION near(a numeric, b numeric, precise numeric DEFAULT 1e-15) RETURNS boolean LANGUAGE sql IMMUTABLE AS
	'SELECT CASE WHEN a IS NULL OR b IS NULL THEN a IS NULL AND b IS NULL ELSE abs(a - b) <= precise * greatest(abs(a), abs(b), 0.001) END';
-- Gini by its definition, the mean difference of all pairs
CREATE VIEW truth AS
SELECT firm, CASE WHEN s > 0 THEN apart / (2 * n * s) END AS gini, CASE WHEN s > 0 THEN q / (s * s) END AS herfindahl
FROM (SELECT firm, count(*) AS n, sum(greatest(profit, 0)) AS s, sum(greatest(profit, 0) ^ 2) AS q FROM firms GROUP BY firm) f
JOIN (SELECT firm, sum(abs(greatest(a.profit, 0) - greatest(b.profit, 0))) AS apart FROM firms a JOIN firms b USING (firm) GROUP BY firm) p USING (firm);
SELECT count(*) AS firms, count(*) FILTER (WHERE t.gini IS NULL) AS without_gains,
	count(*) FILTER (WHERE NOT near(t.gini, f.gini) OR NOT near(t.herfindahl, f.herfindahl)) AS wrong,
	count(*) FILTER (WHERE f.gini IS DISTINCT FROM c.gini OR f.herfindahl IS DISTINCT FROM c.herfindahl) AS row_differs,
	count(*) FILTER (WHERE f.gini IS DISTINCT FROM gini(w) OR f.herfindahl IS DISTINCT FROM herfindahl(w)) AS curve_differs
FROM truth t JOIN (SELECT firm, gini(profit), herfindahl(profit) FROM firms GROUP BY firm) f USING (firm)
JOIN (SELECT firm, w, c.* FROM curves, concentration(w) c) c USING (firm);
SELECT count(*) AS firms, bool_and(c = ROW(customers(w), customers_at_peak(w), losers(w), gains(w), losses(w), net(w), gini(w), herfindahl(w),
	top_share_of_net(w, 0.3), top_share_of_gains(w, 0.3), customers_for_share(w, 0.7))::concentration_figures) AS same
FROM curves, concentration(w, 0.3, 0.7) c;

-- everyone of all others of everyone, in order
CREATE VIEW others AS
SELECT a.firm, a.customer, b.profit, greatest(b.profit, 0) AS gain, row_number() OVER o AS place, count(*) OVER (PARTITION BY a.firm, a.customer) AS n
FROM firms a JOIN firms b ON a.firm = b.firm AND a.customer <> b.customer
WINDOW o AS (PARTITION BY a.firm, a.customer ORDER BY b.profit DESC);
CREATE TABLE expected AS
SELECT firm, customer, profit, rank() OVER (PARTITION BY firm ORDER BY profit DESC) AS rank, CASE WHEN a.net > 0 THEN profit / a.net END AS share_of_net,
	CASE WHEN a.gains > 0 THEN greatest(profit, 0) / a.gains END AS share_of_gains, coalesce(o.net, 0) AS net_without, top_share, gini, herfindahl
FROM firms LEFT JOIN (SELECT firm, customer, sum(profit) AS net,
	sum(gain * greatest(0, least(1, 0.2 * n - place + 1))) / nullif(sum(gain), 0) AS top_share,
	sum((n + 1 - 2 * place) * gain) / nullif(max(n) * sum(gain), 0) AS gini, sum(gain ^ 2) / nullif(sum(gain) ^ 2, 0) AS herfindahl
	FROM others GROUP BY firm, customer) o USING (firm, customer)
JOIN (SELECT firm, sum(profit) AS net, sum(greatest(profit, 0)) AS gains FROM firms GROUP BY firm) a USING (firm);
SELECT count(*) AS customers, count(top_share) AS with_gains, count(*) FILTER (WHERE i.rank <> e.rank) AS rank, count(*) FILTER (WHERE NOT near(i.share_of_net, e.share_of_net)) AS net,
	count(*) FILTER (WHERE NOT near(i.share_of_gains, e.share_of_gains)) AS gains, count(*) FILTER (WHERE i.net_without IS DISTINCT FROM e.net_without) AS net_without,
	count(*) FILTER (WHERE NOT near(i.top_share_of_gains_without, e.top_share)) AS top_share, count(*) FILTER (WHERE NOT near(i.gini_without, e.gini)) AS gini,
	count(*) FILTER (WHERE NOT near(i.herfindahl_without, e.herfindahl)) AS herfindahl
FROM expected e JOIN curves USING (firm), influence(w, profit) i;
-- with the digits that the functions have over a curve without him
SELECT count(*) AS customers, count(*) FILTER (WHERE i.net_without <> net(c) OR i.gini_without IS DISTINCT FROM gini(c) OR i.herfindahl_without IS DISTINCT FROM herfindahl(c)
	OR i.top_share_of_gains_without IS DISTINCT FROM top_share_of_gains(c, 0.37)) AS different
FROM (SELECT firm, customer, whale_curve(profit) AS c FROM others GROUP BY 1, 2) o JOIN firms USING (firm, customer) JOIN curves USING (firm), influence(w, profit, 0.37) i;
-- decimals in double precision are the same decimals
SELECT count(*) AS customers, bool_and(influence(w, profit) = influence(r, profit::float8)) AS same
FROM firms JOIN curves USING (firm) JOIN (SELECT firm, whale_curve(profit::float8) AS r FROM firms GROUP BY 1) d USING (firm) WHERE firm % 9 > 0;

-- doubles that are no decimals; one customer of some firms is more than all others can show beside him
CREATE TABLE reals AS
SELECT n AS firm, i AS customer, (profit / 3)::float8 * CASE WHEN n % 3 = 0 AND i = 1 THEN (10::float8) ^ (n % 7 * 10) ELSE 1 END / 7 AS profit
FROM (SELECT firm AS n, customer AS i, profit FROM firms WHERE firm % 9 > 0) f;
CREATE TABLE real_curves AS SELECT firm, whale_curve(profit) AS w FROM reals GROUP BY firm;
SELECT count(*) FILTER (WHERE w::text LIKE '%"real": true%') AS real, count(*) AS firms FROM real_curves;
CREATE TABLE real_truth AS
SELECT firm, customer, count(*) AS n, sum(v) AS net, sum(abs(v)) AS size, sum(gain * greatest(0, least(1, 0.2 * n - place + 1))) / nullif(sum(gain), 0) AS top_share,
	sum((n + 1 - 2 * place) * gain) / nullif(max(n) * sum(gain), 0) AS gini, sum(gain * gain) / nullif(sum(gain) * sum(gain), 0) AS herfindahl
FROM (SELECT firm, customer, v, greatest(v, 0) AS gain, row_number() OVER (PARTITION BY firm, customer ORDER BY v DESC) AS place, count(*) OVER (PARTITION BY firm, customer) AS n
	FROM (SELECT a.firm, a.customer, b.profit::text::numeric AS v FROM reals a JOIN reals b ON a.firm = b.firm AND a.customer <> b.customer
		UNION ALL SELECT firm, 0, profit::text::numeric FROM reals) v) o
GROUP BY 1, 2;
SELECT count(*) AS firms, count(*) FILTER (WHERE NOT near(c.gini, t.gini, 1e-14)) AS gini, count(*) FILTER (WHERE NOT near(c.herfindahl, t.herfindahl, 1e-14)) AS herfindahl,
	count(*) FILTER (WHERE c.gini IS DISTINCT FROM a.gini OR c.herfindahl IS DISTINCT FROM a.herfindahl) AS aggregate
FROM real_truth t JOIN real_curves USING (firm) JOIN (SELECT firm, gini(profit), herfindahl(profit) FROM reals GROUP BY firm) a USING (firm), concentration(w) c WHERE t.customer = 0;
SELECT count(*) AS customers, count(*) FILTER (WHERE abs(i.net_without - coalesce(net, 0)) > 1e-14 * size) AS net_without,
	count(*) FILTER (WHERE NOT near(i.top_share_of_gains_without, top_share, 1e-14)) AS top_share, count(*) FILTER (WHERE NOT near(i.gini_without, gini, 1e-14)) AS gini,
	count(*) FILTER (WHERE NOT near(i.herfindahl_without, herfindahl, 1e-14)) AS herfindahl
FROM reals JOIN real_curves USING (firm) LEFT JOIN real_truth USING (firm, customer), influence(w, profit) i;
SELECT influence(whale_curve(v), 1e30::float8 / 3) AS without_giant FROM (VALUES (1e30::float8 / 3), (0.1::float8 / 3), (0.2::float8 / 3)) t(v);
SELECT gini(v), herfindahl(v) FROM (VALUES (1e-300::float8 / 3), (3e-300::float8 / 3)) t(v);

-- a value goes the way it went into the curve: more digits than a double has, and than a decimal has
SELECT v, i.rank, i.net_without FROM (VALUES (12345678901234567890.123456), (0.01), (-5)) t(v),
	(SELECT whale_curve(v) AS w FROM (VALUES (12345678901234567890.123456), (0.01), (-5)) t(v)) c, influence(w, v) i;
SELECT v, i.rank FROM (VALUES (12345678901234567890.123456), (0.123456789012345678901), (-1e30)) t(v),
	(SELECT whale_curve(v) AS w FROM (VALUES (12345678901234567890.123456), (0.123456789012345678901), (-1e30)) t(v)) c, influence(w, v) i;
SELECT v, i.rank FROM (VALUES (1.0::float8 / 3), (-0.0::float8), (2.5)) t(v), (SELECT whale_curve(v) AS w FROM (VALUES (1.0::float8 / 3), (0.0), (2.5)) t(v)) c, influence(w, v) i;

-- curves are remembered: each time another one of the same length, one stored elsewhere, one packed, one in a variable
SELECT (influence(w, v)).net_without FROM (VALUES (1, '{"values": [3, 1]}'::whale_curve, 3), (2, '{"values": [5, 1]}', 5), (3, '{"values": [3, 1]}', 3), (4, '{"values": [5, 2]}', 5)) t(i, w, v) ORDER BY i;
CREATE TABLE stored (firm int, w whale_curve);
ALTER TABLE stored ALTER w SET STORAGE external;
INSERT INTO stored SELECT n, whale_curve(n + i * 1000003 % 100000 * 1.01) FROM generate_series(1, 40) n, generate_series(1, 1500) i GROUP BY n;
CREATE TABLE packed (firm int, w whale_curve);
ALTER TABLE packed ALTER w SET STORAGE main;
INSERT INTO packed SELECT n, whale_curve(n + i) FROM generate_series(1, 40) n, generate_series(1, 5000) i GROUP BY n;
SELECT bool_and(pg_column_size(s.w) > 2000) AS elsewhere, bool_and(pg_column_size(p.w) < 1000) AS packed FROM stored s, packed p;
SELECT count(*) AS customers, count(*) FILTER (WHERE i.net_without <> net - v) AS wrong
FROM (SELECT firm, n, i, firm + i * 1000003 % 100000 * 1.01 AS v, net(w) FROM stored, generate_series(1, 3) n, generate_series(1, 1500, 400) i) c JOIN stored USING (firm), influence(w, v) i;
SELECT count(*) AS customers, count(*) FILTER (WHERE i.rank <> 5001 - n OR i.net_without <> 5000 * firm + 12502500 - firm - n) AS wrong
FROM (SELECT firm, n FROM generate_series(1, 5000, 300) n, generate_series(1, 40) firm ORDER BY n, firm) c JOIN packed USING (firm), influence(w, firm + n) i;
-- curves that differ where one word of bytes could undo what another did to a simple fingerprint
SELECT n, i.rank, i.net_without = c.net - c.least AS right
FROM (SELECT n, whale_curve(v), sum(v) AS net, min(v) AS least
	FROM (SELECT n, 5000 - sum(CASE WHEN n = 1 AND i IN (13, 17, 21) THEN 42 ELSE 10 END) OVER (PARTITION BY n ORDER BY i) AS v
		FROM generate_series(0, 1) n, generate_series(1, 40) i) v GROUP BY n) c, influence(whale_curve, least) i;
-- a fraction that is another one in each row leaves nothing behind
DO $$
DECLARE
	r record;
	bytes numeric[];
BEGIN
	FOR r IN SELECT n, (influence(w, 7, n % 9 * 0.1)).rank FROM (SELECT whale_curve(v) AS w FROM generate_series(1, 9) v) c, generate_series(1, 20000) n LOOP
		IF r.n IN (100, 19000) THEN
			bytes := bytes || (SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'decoded whale curve');
		END IF;
	END LOOP;
	RAISE NOTICE '%', CASE WHEN bytes[2] <= bytes[1] + 100 THEN 'no more than before' ELSE bytes::text END;
END $$;
DO $$
DECLARE
	c whale_curve;
BEGIN
	FOR i IN 1 .. 100 LOOP
		c := format('{"values": [%s, 1]}', i + 1);
		IF (influence(c, i + 1)).rank <> 1 OR (influence(c, 1)).net_without <> i + 1 THEN
			RAISE 'an old curve';
		END IF;
	END LOOP;
END $$;

-- the trend over periods is one statement over ledgers; who has no entry in a period is no customer of it
CREATE TABLE customer_ledgers AS
SELECT customer, total(ledger(day, revenue => revenue, cogs => 10)) AS l
FROM (VALUES ('A', date '2023-03-01', 110), ('A', '2024-03-01', 20), ('B', '2023-05-01', 40), ('B', '2024-05-01', 70), ('C', '2023-06-01', 5), ('D', '2024-07-01', 40)) v(customer, day, revenue)
GROUP BY 1;
SELECT period, customers, gainers, losers, gains, net, round(gini, 4) AS gini, round(herfindahl, 4) AS herfindahl, round(top_share_of_gains, 4) AS top_share, customers_for_share
FROM (SELECT period, whale_curve(profit(ledger)) AS w FROM customer_ledgers, periods(l, 'year') GROUP BY 1) t, concentration(w) ORDER BY 1;

-- any order, any plan, any number of workers
CREATE TABLE many AS SELECT i AS id, round((i::bigint * 7919 % 100003 - 20000)::numeric / 8, 2) AS v FROM generate_series(1, 60000) i;
CREATE TABLE results (how text, gini numeric, herfindahl numeric, real_gini numeric, real_herfindahl numeric, thirds_gini numeric, thirds_herfindahl numeric);
ANALYZE many;
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', gini(v), herfindahl(v), gini(v::float8), herfindahl(v::float8), gini(v::float8 / 3), herfindahl(v::float8 / 3) FROM many;
INSERT INTO results SELECT 'sorted', gini(v ORDER BY v), herfindahl(v ORDER BY v DESC), gini(v::float8 ORDER BY v % 7), herfindahl(v::float8 ORDER BY id DESC), gini(v::float8 / 3 ORDER BY v), herfindahl(v::float8 / 3 ORDER BY v DESC) FROM many;
INSERT INTO results SELECT 'curve', gini(whale_curve(v)), herfindahl(whale_curve(v)), gini(whale_curve(v::float8)), herfindahl(whale_curve(v::float8)), gini(whale_curve(v::float8 / 3)), herfindahl(whale_curve(v::float8 / 3)) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT gini(v), herfindahl(v) FROM many;
INSERT INTO results SELECT 'parallel', gini(v), herfindahl(v), gini(v::float8), herfindahl(v::float8), gini(v::float8 / 3), herfindahl(v::float8 / 3) FROM many;
SELECT count(DISTINCT (gini, herfindahl, real_gini, real_herfindahl, thirds_gini, thirds_herfindahl)) AS different, count(*) AS ways, bool_and(gini = real_gini AND herfindahl = real_herfindahl) AS types_agree,
	bool_and(near(gini, thirds_gini, 1e-14) AND near(herfindahl, thirds_herfindahl, 1e-14)) AS thirds_too FROM results;
SELECT count(*) AS customers, sum(rank) AS ranks, round(avg(gini_without), 12) AS gini FROM many, (SELECT whale_curve(v) AS w FROM many) c, influence(w, v) i;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;

-- errors
\set VERBOSITY default
SELECT influence(w, 61) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 100, 20) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
\set VERBOSITY terse
SELECT influence(w, 60.001) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 60.0000001) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 60.00000000000001::float8) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 12345678901234567890) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 0.3333::float8) FROM (SELECT whale_curve(v) AS w FROM (VALUES (1::float8 / 3)) t(v)) f;
SELECT influence(w, 'NaN'::numeric) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 'Infinity'::float8) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT influence(w, 100, 'NaN') FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT concentration(w, 1.2) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT concentration(w, 0.2, 80) FROM (SELECT whale_curve(profit) AS w FROM firm) f;
SELECT gini('NaN'::float8);

DROP VIEW others, truth;
DROP TABLE firm, contacts, firms, curves, expected, reals, real_curves, real_truth, stored, packed, customer_ledgers, many, results;
DROP FUNCTION noise, near;
