--
-- Association rules, and the next best product they lead to
--
SET search_path = public, customer_value;
SET extra_float_digits = 0;

-- The market baskets of Tan, Steinbach and Kumar (2005), table 6.1; among their
-- examples is {diapers, milk} -> beer with support 2/5 and confidence 2/3.
CREATE TABLE market (basket bigint, item text);
INSERT INTO market VALUES (1, 'bread'), (1, 'milk'), (2, 'bread'), (2, 'diapers'), (2, 'beer'), (2, 'eggs'), (3, 'milk'), (3, 'diapers'), (3, 'beer'), (3, 'cola'),
	(4, 'bread'), (4, 'milk'), (4, 'diapers'), (4, 'beer'), (5, 'bread'), (5, 'milk'), (5, 'diapers'), (5, 'cola');
SELECT antecedent, consequent, baskets, antecedent_baskets AS a, consequent_baskets AS c, all_baskets AS n, round(support, 3) AS support, round(confidence, 3) AS confidence,
	round(lift, 4) AS lift, round(leverage, 3) AS leverage, round(conviction, 3) AS conviction, chi_square, round(cosine::numeric, 4) AS cosine, round(jaccard, 4) AS jaccard
FROM (SELECT association_rules(basket, item, 0.4) AS rules FROM market) m, unnest(rules);
SELECT antecedent, consequent, support, round(confidence, 2) AS confidence, round(lift, 4) AS lift
FROM (SELECT association_rules(basket, item, 0.4, mining(min_confidence => 0.6, min_items => 3, max_items => 3)) AS rules FROM market) m, unnest(rules);

-- Tea and coffee of 1,000 people, in the same book: the rule has a confidence of 3/4,
-- yet tea drinkers drink less coffee than others do.
CREATE TABLE drinks AS
SELECT i AS person, drink FROM generate_series(1, 1000) i, LATERAL (SELECT 'tea' AS drink WHERE i <= 200 UNION ALL SELECT 'coffee' WHERE i <= 150 OR i > 200 AND i <= 850 UNION ALL SELECT 'water') d;
SELECT antecedent, consequent, baskets, confidence, lift, leverage, conviction, chi_square
FROM (SELECT association_rules(person, drink, 0) AS rules FROM drinks WHERE drink <> 'water' OR person > 850) m, unnest(rules) WHERE consequent <> 'water' AND antecedent <> '{water}';

-- Chi-square as scipy has it: test/reference/chi_square.py
CREATE TABLE expected (n int, a int, c int, together int, chi_square float8);
INSERT INTO expected VALUES
	(5, 4, 4, 3, 0.3125),
	(1000, 200, 800, 150, 3.90625),
	(9835, 2513, 1903, 736, 213.64901734947333),
	(100000, 12500, 30000, 4800, 480.0),
	(20003, 17, 19983, 14, 524.477866781261),
	(3000, 1500, 1500, 750, 0.0),
	(20000, 1, 1, 1, 20000.0);
SELECT n, a, c, together, bool_and(abs(r.chi_square - e.chi_square) <= 1e-12 * e.chi_square) AS same, count(*) AS rules
FROM expected e, LATERAL (SELECT association_rules(i, item, 0) AS rules FROM generate_series(1, n) i,
	LATERAL (SELECT 'a' AS item WHERE i <= a UNION ALL SELECT 'c' WHERE i <= together OR i > a AND i <= a + c - together UNION ALL SELECT 'n') s) t, unnest(rules) r
WHERE consequent <> 'n' AND antecedent <> '{n}' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2;

-- Random lines with returns, doubled lines and NULLs, against plain SQL
CREATE TABLE lines AS
SELECT (hashint8extended(i, 1) & 1023) * 123456789 - 50000000000 AS basket,
	'item ' || least(hashint8extended(i, 2) & 31, hashint8extended(i, 3) & 31) AS item,
	CASE hashint8extended(i, 4) & 7 WHEN 0 THEN -1.5 WHEN 1 THEN 0 WHEN 2 THEN NULL ELSE (hashint8extended(i, 5) & 3) + 0.5 END AS quantity
FROM generate_series(1, 6000) i;
INSERT INTO lines VALUES (NULL, 'item 1', 1), (7, NULL, 1), (8, 'returned', 1), (8, 'returned', -1), (9, 'item 1', 1), (9, 'item 1', -1);
CREATE VIEW holdings AS SELECT basket, item FROM lines WHERE basket IS NOT NULL AND item IS NOT NULL GROUP BY 1, 2 HAVING sum(quantity) > 0;
CREATE FUNCTION figures(baskets bigint, antecedent_baskets bigint, consequent_baskets bigint, all_baskets bigint,
	OUT support numeric, OUT confidence numeric, OUT lift numeric, OUT leverage numeric, OUT conviction numeric, OUT chi_square numeric, OUT cosine numeric, OUT jaccard numeric)
LANGUAGE sql IMMUTABLE AS $$
	SELECT baskets::numeric / all_baskets, baskets::numeric / antecedent_baskets, (baskets * all_baskets)::numeric / (antecedent_baskets * consequent_baskets),
		(baskets * all_baskets - antecedent_baskets * consequent_baskets)::numeric / (all_baskets * all_baskets),
		(antecedent_baskets * (all_baskets - consequent_baskets))::numeric / nullif(all_baskets * (antecedent_baskets - baskets), 0),
		-- the sum over four cells of (observed - expected)^2 / expected
		(SELECT sum((o - r * c / all_baskets) ^ 2 / nullif(r * c / all_baskets, 0)) FROM (VALUES
			(baskets::numeric, antecedent_baskets::numeric, consequent_baskets::numeric),
			(antecedent_baskets - baskets, antecedent_baskets, all_baskets - consequent_baskets),
			(consequent_baskets - baskets, all_baskets - antecedent_baskets, consequent_baskets),
			(all_baskets - antecedent_baskets - consequent_baskets + baskets, all_baskets - antecedent_baskets, all_baskets - consequent_baskets)) v (o, r, c)),
		baskets / sqrt(antecedent_baskets::numeric * consequent_baskets), baskets::numeric / (antecedent_baskets + consequent_baskets - baskets)
$$;
CREATE TABLE pairs AS
WITH n AS (SELECT count(DISTINCT basket) AS n FROM holdings), one AS (SELECT item, count(*) AS n FROM holdings GROUP BY 1)
SELECT ARRAY[a.item] AS antecedent, b.item AS consequent, count(*) AS baskets, x.n AS antecedent_baskets, y.n AS consequent_baskets, n.n AS all_baskets
FROM holdings a JOIN holdings b USING (basket) JOIN one x ON x.item = a.item JOIN one y ON y.item = b.item, n WHERE a.item <> b.item GROUP BY a.item, b.item, x.n, y.n, n.n;
CREATE TABLE ours AS SELECT r.* FROM (SELECT association_rules(basket, item, quantity, 0) AS rules FROM lines) l, unnest(rules) r;
SELECT count(*) AS rules, max(all_baskets) AS baskets, count(*) FILTER (WHERE p IS NULL OR o IS NULL OR (o.support, o.confidence, o.lift, o.leverage, o.jaccard) IS DISTINCT FROM (f.support, f.confidence, f.lift, f.leverage, f.jaccard)
	OR o.conviction IS DISTINCT FROM f.conviction OR abs(o.chi_square::numeric - f.chi_square) > 1e-9 OR abs(o.cosine::numeric - f.cosine) > 1e-12) AS different
FROM ours o FULL JOIN pairs p USING (antecedent, consequent, baskets, antecedent_baskets, consequent_baskets, all_baskets), LATERAL figures(baskets, antecedent_baskets, consequent_baskets, all_baskets) f;
-- by lift, then confidence, then names; compared as fractions, without rounding
SELECT count(*) AS pairs, count(*) FILTER (WHERE NOT (lift > 0 OR lift = 0 AND (confidence > 0 OR confidence = 0 AND names))) AS out_of_order
FROM (SELECT lag(baskets) OVER w * antecedent_baskets * consequent_baskets - baskets * lag(antecedent_baskets) OVER w * lag(consequent_baskets) OVER w AS lift,
		lag(baskets) OVER w * antecedent_baskets - baskets * lag(antecedent_baskets) OVER w AS confidence,
		(lag(antecedent[1] COLLATE "C") OVER w, lag(consequent COLLATE "C") OVER w) < (antecedent[1] COLLATE "C", consequent COLLATE "C") AS names
	FROM (SELECT association_rules(basket, item, quantity, 0) AS rules FROM lines) l, unnest(rules) WITH ORDINALITY AS r WINDOW w AS (ORDER BY ordinality)) o WHERE lift IS NOT NULL;

-- sets of up to four items, every consequent of each
CREATE TABLE sets AS
WITH RECURSIVE grown AS (SELECT basket, ARRAY[item] AS items, item AS last FROM holdings
	UNION ALL SELECT basket, items || h.item, h.item FROM grown JOIN holdings h USING (basket) WHERE h.item > last COLLATE "C" AND cardinality(items) < 4)
SELECT items, count(*) AS n FROM grown GROUP BY 1 UNION ALL SELECT '{}', count(DISTINCT basket) FROM holdings;
CREATE TABLE large AS
SELECT array_remove(s.items, c) AS antecedent, c AS consequent, s.n AS baskets, a.n AS antecedent_baskets, one.n AS consequent_baskets, b.n AS all_baskets
FROM sets s, unnest(s.items) c, sets a, sets one, sets b WHERE a.items = array_remove(s.items, c) AND one.items = ARRAY[c] AND b.items = '{}' AND s.n >= 2;
SELECT v.*, j.*
FROM (VALUES (1, 4, 0), (2, 3, 0.25), (3, 4, 0.5), (4, 4, 0), (1, 1, 0.1)) v (min_items, max_items, confidence),
	LATERAL (SELECT association_rules(basket, item, quantity, 1.5 / n, mining(confidence, min_items, max_items)) AS rules FROM lines, sets WHERE items = '{}' GROUP BY n) t,
	LATERAL (SELECT count(*) AS rules, count(*) FILTER (WHERE r.lift IS NULL OR l.there IS NULL) AS different
		FROM unnest(rules) r FULL JOIN (SELECT *, true AS there FROM large WHERE cardinality(antecedent) + 1 BETWEEN min_items AND max_items AND baskets >= confidence * antecedent_baskets) l
		USING (antecedent, consequent, baskets, antecedent_baskets, consequent_baskets, all_baskets)) j
ORDER BY 1, 2;

-- Least support and least confidence are met exactly: 3 of 7 baskets, and a third of 3
CREATE TABLE sevenths AS SELECT i AS basket, item FROM generate_series(1, 7) i, unnest('{a, b, c}'::text[]) item WHERE item = 'a' OR item = 'b' AND i <= 3 OR item = 'c' AND i = 1;
SELECT support, (SELECT count(*) FROM unnest(rules)) AS rules
FROM unnest('{0.142857142857142857142857142, 0.142857142857142857142857143, 0.428571428571428571428571428, 0.428571428571428571428571429, 1}'::numeric[]) support,
	LATERAL (SELECT association_rules(basket, item, support) AS rules FROM sevenths) s;
SELECT confidence, (SELECT string_agg(antecedent[1] || consequent, ' ') FROM unnest(rules)) AS rules
FROM unnest('{0, 0.333333333333333333333333333, 0.333333333333333333333333334, 1}'::numeric[]) confidence,
	LATERAL (SELECT association_rules(basket, item, 0, mining(min_confidence => confidence)) AS rules FROM sevenths) s;

-- What is left out: NULLs, what was returned; nothing is left
SELECT association_rules(NULL::bigint, 'a', 0), association_rules(1, NULL, 0), association_rules(1, 'a', NULL, 0), association_rules(1, 'a', 0, 0), association_rules(1, 'a', -1, 0);
SELECT association_rules(1, 'a', 0) AS one_item, association_rules(basket, item, 0.5) FROM sevenths WHERE item = 'b' AND basket < 2;
SELECT association_rules(basket, item, quantity, 0) IS NULL AS none, count(*) FROM lines WHERE basket < 0 AND basket > 0;
SELECT r.antecedent, r.consequent, r.baskets, r.all_baskets FROM (SELECT association_rules(b, i, q, 0) AS rules FROM (VALUES (1, 'kept', 2), (1, 'kept', -1), (1, 'other', 1), (1, 'returned', 1),
	(1, 'returned', -1), (2, 'returned', 1), (2, 'returned', -1), (3, 'other', 0.000001), (3, 'kept', 99999999999999999999999)) v (b, i, q)) s, unnest(rules) r;

-- The same in any order, by text, in a window, in parallel
CREATE TABLE many AS
SELECT (hashint8extended(i, 1) & 4095) AS basket, 'item ' || least(hashint8extended(i, 2) & 31, hashint8extended(i, 3) & 31) AS item, ((hashint8extended(i, 4) & 3) - 0.5) AS quantity, i
FROM generate_series(1, 20000) i;
ANALYZE many;
CREATE TABLE results (how text, without association_rule[], with_quantity association_rule[]);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', association_rules(basket, item, 0.001), association_rules(basket, item, quantity, 0.002, mining(max_items => 3)) FROM many;
INSERT INTO results SELECT 'sorted', association_rules(basket, item, 0.0010), association_rules(basket, item, quantity, 0.002, mining(max_items => 3)) FROM (SELECT * FROM many ORDER BY quantity, item, i DESC) m;
INSERT INTO results SELECT 'text', association_rules(basket::text, item, 0.001), association_rules('basket ' || basket, item, quantity, 0.002, mining(max_items => 3)) FROM many;
INSERT INTO results SELECT 'window', association_rules(basket, item, 0.001) OVER (), association_rules(basket, item, quantity, 0.002, mining(max_items => 3)) OVER () FROM many LIMIT 1;
-- a window that grows: the state is used again after it gave a result
INSERT INTO results SELECT 'growing', without, with_quantity FROM (SELECT i, association_rules(basket, item, 0.001) OVER w AS without, association_rules(basket, item, quantity, 0.002, mining(max_items => 3)) OVER w AS with_quantity
	FROM many WINDOW w AS (ORDER BY i / 4000)) t WHERE i = 20000;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT association_rules(basket, item, 0.001), association_rules(basket::text, item, quantity, 0.002, mining(max_items => 3)) FROM many;
INSERT INTO results SELECT 'parallel', association_rules(basket, item, 0.001), association_rules(basket, item, quantity, 0.002, mining(max_items => 3)) FROM many;
INSERT INTO results SELECT 'parallel text', association_rules(basket::text, item, 0.001), association_rules(basket::text, item, quantity, 0.002, mining(max_items => 3)) FROM many;
-- workers without rows, or with nulls only
SELECT association_rules(basket, item, 0.001) IS NULL AS nothing FROM many WHERE i < 0;
SELECT association_rules(CASE WHEN i < 20 THEN 1 END, item, 0.001, mining(min_confidence => 1)) IS NOT NULL AS something, cardinality(association_rules(CASE WHEN i = 20 THEN 1 END, item, 0)) AS none FROM many;
SET max_parallel_workers_per_gather = 0;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET parallel_leader_participation;
SELECT count(*) AS ways, count(DISTINCT array_send(without)) AS without, count(DISTINCT array_send(with_quantity)) AS with_quantity, min(cardinality(without)) AS rules, min(cardinality(with_quantity)) AS more FROM results;
-- baskets of groups
SELECT count(*) AS groups, bool_and(rules = again) AS same FROM (SELECT basket % 3 AS g, association_rules(basket, item, 0.01) AS rules FROM many GROUP BY 1) a
JOIN (SELECT g, (SELECT association_rules(basket, item, 0.01) FROM many WHERE basket % 3 = g) AS again FROM generate_series(0, 2) g) b USING (g);

-- options
SELECT mining(), mining(0.2), mining(min_confidence => 0.25, min_items => 1, max_items => 5), mining(NULL, 1, 1);

--
-- The next best product
--
SELECT owned, b.* FROM (SELECT association_rules(basket, item, 0.2) AS rules FROM market) m, unnest('{"{bread}", "{beer, eggs}", "{tea}", "{}", NULL, "{bread, milk, diapers, beer, eggs, cola}"}'::text[]) owned,
	LATERAL next_best_products(rules, owned::text[], 2) b;
-- who owns nothing, or nothing that rules know, is offered what is popular
SELECT owned, b.* FROM (SELECT association_rules(basket, item, 0.2, mining(min_items => 1)) AS rules FROM market) m, unnest('{"{bread}", "{eggs}", "{tea}", "{}"}'::text[]) owned,
	LATERAL next_best_products(rules, owned::text[]) b;
-- of rules that are equally good, the first by names is the reason, long or short
SELECT measure, b.* FROM (SELECT association_rules(basket, item, 0.1, mining(max_items => 3)) AS rules
	FROM (VALUES (1, 'aa'), (1, 'b'), (1, 'x'), (2, 'aa'), (2, 'b'), (2, 'x'), (3, 'y')) t(basket, item)) r,
	unnest('{confidence, lift, cosine, jaccard}'::text[]) measure, next_best_products(rules, '{b, aa}', 3, measure) b;
-- a rule that is there twice counts once
SELECT b.* FROM (SELECT array_agg(r) AS rules FROM (SELECT association_rules(basket, item, 0.2) AS rules FROM market) m, unnest(rules) r, generate_series(1, 2)) m,
	next_best_products(rules, '{bread, milk}', 2, 'jaccard') b
EXCEPT ALL SELECT b.* FROM (SELECT association_rules(basket, item, 0.2) AS rules FROM market) m, next_best_products(rules, '{bread, milk}', 2, 'jaccard') b;

-- every customer of the random lines, by every measure, against plain SQL
CREATE TABLE owners AS SELECT basket AS customer, array_agg(item ORDER BY hashtext(item)) || NULL AS owned FROM holdings WHERE hashint8(basket) & 7 = 0 GROUP BY 1;
CREATE TABLE rules AS
SELECT s.name, association_rules(basket, item, quantity, s.support, mining(min_items => s.least, max_items => s.most)) AS rules
FROM lines, (VALUES ('pairs', 0.002, 2, 2), ('triples', 0.003, 1, 3)) s (name, support, least, most) GROUP BY s.name, s.support, s.least, s.most;
CREATE TABLE offered AS
SELECT name, measure, customer, b.ordinality AS place, b.item, b.score, b.because
FROM rules, unnest('{confidence, lift, cosine, jaccard}'::text[]) measure, owners, LATERAL next_best_products(rules, owned, 5, measure) WITH ORDINALITY AS b;
CREATE TABLE known AS
SELECT name, measure, r.antecedent, r.consequent, r.lift, CASE measure WHEN 'confidence' THEN confidence WHEN 'lift' THEN lift WHEN 'cosine' THEN round(cosine::numeric, 15) ELSE round(jaccard, 15) END AS score
FROM rules, unnest(rules) r, unnest('{confidence, lift, cosine, jaccard}'::text[]) measure;
CREATE TABLE due AS
SELECT *, row_number() OVER (PARTITION BY name, measure, customer ORDER BY score DESC, lift DESC NULLS FIRST, item COLLATE "C") AS place
FROM (SELECT DISTINCT ON (name, measure, customer, consequent) name, measure, customer, consequent AS item, score, lift
	FROM known, owners WHERE measure IN ('confidence', 'lift') AND antecedent <@ owned AND consequent <> ALL (array_remove(owned, NULL))
	ORDER BY name, measure, customer, consequent, antecedent = '{}', score DESC, lift DESC) best
UNION ALL
SELECT *, row_number() OVER (PARTITION BY name, measure, customer ORDER BY score DESC, item COLLATE "C") AS place
FROM (SELECT name, measure, customer, consequent AS item, sum(score) AS score, NULL::numeric AS lift
	FROM known, owners WHERE measure IN ('cosine', 'jaccard') AND cardinality(antecedent) = 1 AND antecedent <@ owned AND consequent <> ALL (array_remove(owned, NULL)) GROUP BY 1, 2, 3, 4) sums;
SELECT name, measure, count(*) AS offers, count(DISTINCT customer) AS customers, count(*) FILTER (WHERE o.score IS DISTINCT FROM d.score OR o.item <> d.item) AS different
FROM offered o FULL JOIN (SELECT * FROM due WHERE place <= 5) d USING (name, measure, customer, place) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FILTER (WHERE item = ANY (owned) OR NOT because <@ owned) AS unfounded FROM offered JOIN owners USING (customer);
-- constant rules, rules of a subquery, different rules in turn, in the target list
SELECT rules::text AS typed FROM rules WHERE name = 'pairs' \gset
SELECT count(*) AS same FROM (SELECT customer, b.* FROM owners, LATERAL next_best_products(:'typed', owned, 5) b INTERSECT SELECT customer, item, score, because FROM offered WHERE name = 'pairs' AND measure = 'confidence') s;
SELECT count(*) AS same FROM (SELECT customer, b.* FROM owners, (SELECT rules[:] AS rules FROM rules WHERE name = 'pairs' OFFSET 0) r, LATERAL next_best_products(rules, owned, 5) b
	INTERSECT SELECT customer, item, score, because FROM offered WHERE name = 'pairs' AND measure = 'confidence') s;
SELECT count(*) AS same FROM (SELECT customer, name, (next_best_products(rules, owned, 5)).* FROM (SELECT * FROM owners, rules WHERE customer < 0 ORDER BY customer, name) t
	INTERSECT SELECT customer, name, item, score, because FROM offered WHERE measure = 'confidence') s;
SELECT count(*) AS expected FROM offered WHERE measure = 'confidence' AND customer < 0;
CREATE FUNCTION offers(owned text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE r association_rule[]; n text;
BEGIN
	SELECT rules INTO r FROM rules WHERE name = 'pairs';
	SELECT string_agg(item, ', ') INTO n FROM next_best_products(r, owned, 2);
	RETURN n;
END $$;
SELECT count(*) AS same FROM owners JOIN (SELECT customer, string_agg(item, ', ' ORDER BY place) AS items FROM offered WHERE place <= 2 AND name = 'pairs' AND measure = 'confidence' GROUP BY 1) o USING (customer) WHERE offers(owned) = items;

-- options that are the same, though not to the letter
SELECT association_rules(i, 'a', 0, o) FROM (VALUES (1, mining(0.5)), (2, mining(0.50))) t(i, o);
-- one end of the sizes moves the other: rules of three, and rules for everybody
SELECT asked, array_agg(DISTINCT cardinality(antecedent) + 1) AS sizes
FROM (VALUES (mining()), (mining(min_items => 3)), (mining(max_items => 1)), (mining(min_items => 1)), (mining(max_items => 3))) a(asked),
	LATERAL (SELECT association_rules(basket, item, 0.2, asked) AS rules FROM market GROUP BY asked) m, unnest(rules) GROUP BY 1 ORDER BY 1;
-- errors
\set VERBOSITY default
SELECT association_rules(1, 'a', 1.1);
SELECT association_rules(1, 'a', -0.1);
SELECT association_rules(1, 'a', 'NaN');
SELECT association_rules(1, 'a', 1e-28);
SELECT association_rules(1, 'a', NULL::numeric);
SELECT association_rules(1, 'a', 0.1, NULL::jsonb);
SELECT association_rules(i, 'a', i / 10.0) FROM generate_series(1, 2) i;
SELECT association_rules(i, 'a', 0, mining(max_items => i)) FROM generate_series(2, 3) i;
SELECT association_rules(1, 'a', 'NaN', 0);
SELECT association_rules(1, 'a', 0.0000001, 0);
SELECT association_rules(1, 'a', 0, '{"most": 3}'::jsonb);
SELECT association_rules(1, 'a', 0, '[]'::jsonb);
SELECT mining(max_items => 6);
SELECT mining(min_items => 3, max_items => 2);
SELECT mining(min_confidence => 20);
SELECT mining(min_confidence => 'NaN');
SELECT association_rules(b, i::text, 0, mining(max_items => 5)) FROM generate_series(1, 2) b, generate_series(1, 60) i;
SELECT association_rules(1, i::text, 0) FROM generate_series(1, 1500) i;
SELECT * FROM next_best_products(:'typed', '{a}', 0);
SELECT * FROM next_best_products(:'typed', '{a}', 1001);
SELECT * FROM next_best_products(:'typed', '{a}', 3, 'support');
SELECT * FROM next_best_products(:'typed', '{a}', 3, 'a' || repeat('ü', 30));
SELECT * FROM next_best_products(ARRAY[NULL]::association_rule[], '{a}');
SELECT * FROM next_best_products(ARRAY[ROW('{a}', NULL, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)]::association_rule[], '{a}');
SELECT * FROM next_best_products(ARRAY[ROW('{a, NULL}', 'b', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)]::association_rule[], '{a}');
SELECT * FROM next_best_products(ARRAY[ROW('{a}', 'b', 1, 1, 1, 1, 1, NULL, 1, 1, 1, 1, 1, 1)]::association_rule[], '{a}');
SELECT * FROM next_best_products(ARRAY[ROW('{a}', 'b', 1, 1, 1, 1, 1, 'NaN', 1, 1, 1, 1, 1, 1)]::association_rule[], '{a}');
SELECT * FROM next_best_products(ARRAY[ROW('{a}', 'b', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1)]::association_rule[], '{a}', 3, 'cosine');
SELECT * FROM next_best_products(ARRAY[ROW('{a}', 'b', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -0.5, 1)]::association_rule[], '{a}', 3, 'cosine');

DROP VIEW holdings;
DROP TABLE market, drinks, expected, lines, pairs, ours, sets, large, sevenths, many, results, owners, rules, offered, known, due;
DROP FUNCTION figures, offers;
