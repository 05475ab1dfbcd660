-- RFM scores: schemes from ledgers, codes, named segments, rules.
SET search_path = public, customer_value;

-- ten customers, small enough to see
CREATE TABLE few (id int, days_ago int, n int, amount numeric);
INSERT INTO few VALUES (1, 3, 9, 120), (2, 10, 7, 80.50), (3, 10, 5, 300), (4, 30, 1, 15), (5, 45, 3, 60),
	(6, 60, 8, 40), (7, 90, 2, 25), (8, 200, 4, 10.10), (9, 400, 1, 5), (10, 700, 6, 90);
CREATE TABLE few_ledgers AS
SELECT id, total(ledger(date '2024-06-30' - days_ago - 5 * (i - 1), revenue => amount)) AS l
FROM few, generate_series(1, n) i GROUP BY id;
CREATE TABLE few_scheme AS SELECT rfm_scheme(l, '2024-06-30') AS s FROM few_ledgers;
SELECT s FROM few_scheme;
SELECT c.* FROM few_scheme, rfm_classes(s) c;
SELECT r.* FROM few_scheme, rfm_rules(s) r;
SELECT id, days_ago, n, revenue(l), rfm_score(s, l, as_of => '2024-06-30'), rfm_score(s, days_ago, n, revenue(l)) AS of_numbers,
	segment(s, l, as_of => '2024-06-30'), segment(s, days_ago, n, revenue(l)) AS of_numbers, label(s, segment(s, l, '2024-06-30'))
FROM few_ledgers JOIN few USING (id), few_scheme ORDER BY id;
SELECT number, label, customers, total, round(mean, 2) AS mean, round(share, 4) AS share, lower, upper, lowest, highest FROM few_scheme, segments(s);

-- who is no customer yet, and what happens later, do not count
SELECT rfm_score(s, l, '2022-01-01') IS NULL AS no_purchase_yet, segment(s, l, '2022-01-01') IS NULL AS no_segment,
	rfm_score(s, ledger(), '2024-06-30') IS NULL AS zero, rfm_score(s, NULL, '2024-06-30') IS NULL AS nobody,
	rfm_score(s, l, NULL) IS NULL AS never, rfm_score(NULL, l, '2024-06-30') IS NULL AS nothing, rfm_score(s, 1, NULL, 3) IS NULL AS unknown
FROM few_ledgers, few_scheme WHERE id = 1;
SELECT a = b AS future_ignored, a = c AS prospects_ignored, d IS NULL AS nobody_yet
FROM (SELECT rfm_scheme(l, '2024-05-01') AS a, rfm_scheme(l * daterange(NULL, '2024-05-02'), '2024-05-01') AS b,
		rfm_scheme(l, '2024-05-01') FILTER (WHERE first_purchase(l) <= '2024-05-01') AS c, rfm_scheme(l, '1999-01-01') AS d
	FROM (SELECT l FROM few_ledgers UNION ALL SELECT ledger('2024-04-01', marketing => 5) UNION ALL SELECT NULL
		UNION ALL SELECT total(ledger(date '2024-05-02' + i, revenue => 7)) FROM generate_series(1, 9) i) t) q;
SELECT rfm_scheme(l, '2024-06-30') IS NULL AS no_rows FROM few_ledgers WHERE false;
SELECT rfm_scheme(NULL::ledger, '2024-06-30') IS NULL AS nulls FROM few_ledgers;
-- returns lessen revenue; a return alone, or a cost, is no purchase
SELECT rfm_score(s, l + ledger('2024-06-29', revenue => -1000, cogs => 77), '2024-06-30') AS less_money,
	rfm_score(s, ledger('2024-06-29', revenue => -10), '2024-06-30') IS NULL AS return_only,
	rfm_score(s, l + ledger('2024-06-29', discount => 1000), '2024-06-30') = rfm_score(s, l, '2024-06-30') AS before_discount
FROM few_ledgers, few_scheme WHERE id = 1;

-- fixed cut points, from the best score to the worst; a value at one has the better score
SELECT rfm_scheme(l, '2024-06-30', scoring(3, recency => '{30, 90}', monetary => '{100, 50.0}')) FROM few_ledgers;
SELECT scoring(), scoring(k => 3, frequency => '{9.0, 2}');
SELECT a = b AS same_as_typed_in, a = c AS by_hand
FROM (SELECT rfm_scheme(l, '2024-06-30', scoring(recency => '{10, 45, 90, 300}')) AS a,
		rfm_scheme(l, '2024-06-30', '{"k": 5, "recency": [10, 45, 90, 300]}') AS b,
		rfm_scheme(l, '2024-06-30', '{"recency": [10, 45, 9e1, 300.0]}') AS c FROM few_ledgers) q;
SELECT rfm_score(s, r, f, m), r, f, m FROM (VALUES ('{"method": "rfm_scores", "recency": [30, 90], "frequency": [5, 2], "monetary": [100, 50.005]}'::segmentation)) v(s),
	(VALUES (0, 5, 100), (30, 4, 99.999999), (31, 2, 50.005), (90, 1, 50.0049999999999), (91, 0, -1e30), (2147483647, -5, 1e-20), (31, 9223372036854775807, 1e30)) w(r, f, m);
-- five scores alone have customary segments: the others have one for each code
SELECT count(*) AS segments, min(label), max(label), sum(customers) AS customers, sum(total) AS total
FROM (SELECT rfm_scheme(l, '2024-06-30', scoring(2)) AS s FROM few_ledgers) q, segments(s);
SELECT n, label(s, n), segment(s, r, f, m), rfm_score(s, r, f, m)
FROM (VALUES ('{"method": "rfm_scores", "recency": [30], "frequency": [5], "monetary": [100]}'::segmentation)) v(s),
	(VALUES (1, 3, 5, 100), (2, 3, 5, 10), (3, 3, 1, 100), (8, 99, 1, 1)) w(n, r, f, m);
SELECT * FROM rfm_rules('{"method": "rfm_scores", "recency": [30], "frequency": [5], "monetary": [100]}');

-- rules of one's own
SELECT with_rules(s, '[{"label": "now", "r": [4, 5]}, {"label": "big", "r": [1, 3], "m": 5}, {"label": "rest", "r": [1, 3], "m": [1, 4]}]') FROM few_scheme;
SELECT number, label, customers, total, codes, r, f, m, fm
FROM (SELECT with_rules(s, '[{"label": "now", "r": [4, 5]}, {"label": "big", "r": [1, 3], "m": 5}, {"label": "rest", "r": [1, 3], "m": [1, 4]}]') AS s FROM few_scheme) q,
	segments(s) JOIN rfm_rules(s) USING (number, label) ORDER BY 1;
SELECT with_rules(with_rules(s, '[]'), '[{"label": "all"}]') = with_rules(s, '[{"label": "all", "r": [1, 5], "fm": [1, 5]}]') AS same,
	with_rules(s, '[]') = s AS differs, (with_rules(s, (s::text::jsonb) -> 'rules')) = s AS customary FROM few_scheme;
SELECT s FROM (SELECT with_rules(s, '[]') AS s FROM few_scheme) q;
-- a rule's label is the label
SELECT l::jsonb -> 'rules' -> 0 AS first, l::jsonb -> 'labels' AS labels
FROM (SELECT with_labels(s, ARRAY['Stars', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'])::text AS l FROM few_scheme) q;
SELECT label(s, 1), label(s, 8) FROM with_labels('{"method": "rfm_scores", "recency": [30], "frequency": [5], "monetary": [100]}',
	ARRAY['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) s;

-- random ledgers, against plain SQL
CREATE TABLE bought AS
SELECT c AS id, date '2023-01-01' + (c * 7919 + i * i * 104729) % 900 AS day,
	round(((c * 31 + i * 17) % 500) * ((c * i) % 13 + 1) / 7.0, 2) AS amount
FROM generate_series(1, 1500) c, generate_series(1, 15) i WHERE i <= 1 + (c * c) % 15;
CREATE TABLE ledgers AS SELECT id, total(ledger(day, revenue => amount, purchases => 1)) AS l FROM bought GROUP BY id;
CREATE TABLE measures AS
SELECT id, date '2024-12-31' - max(day) AS recency, count(*) AS frequency, sum(amount) AS monetary
FROM bought WHERE day <= '2024-12-31' GROUP BY id;
SELECT (SELECT count(*) FROM ledgers) AS all, count(*) AS by_then, count(DISTINCT recency) AS recencies, count(DISTINCT frequency) AS frequencies FROM measures;
CREATE TABLE schemes AS
SELECT k, rfm_scheme(l, '2024-12-31', scoring(k)) AS s FROM ledgers, (VALUES (2), (3), (5), (9)) v(k) GROUP BY k;
-- boundaries: of all gaps between groups of equal values the one nearest to that
-- of ntile(k), and, from the top, moved on where a class below would be empty
CREATE VIEW merits AS
SELECT 'recency' AS measure, id, -recency::numeric AS v FROM measures UNION ALL SELECT 'frequency', id, frequency FROM measures
UNION ALL SELECT 'monetary', id, monetary FROM measures;
CREATE TABLE expected AS
WITH RECURSIVE gaps AS (SELECT measure, v, sum(count(*)) OVER (PARTITION BY measure ORDER BY v DESC) AS above,
		row_number() OVER (PARTITION BY measure ORDER BY v) AS place, count(*) OVER (PARTITION BY measure) AS places FROM merits GROUP BY measure, v),
	ideal AS (SELECT k, measure, tile, sum(count(*)) OVER (PARTITION BY k, measure ORDER BY tile) AS above
		FROM (SELECT k, measure, CASE k WHEN 2 THEN n2 WHEN 3 THEN n3 WHEN 5 THEN n5 ELSE n9 END AS tile
			FROM schemes, (SELECT measure, ntile(2) OVER w AS n2, ntile(3) OVER w AS n3, ntile(5) OVER w AS n5, ntile(9) OVER w AS n9
				FROM merits WINDOW w AS (PARTITION BY measure ORDER BY v DESC)) t) t GROUP BY k, measure, tile),
	nearest AS (SELECT DISTINCT ON (k, measure, tile) k, measure, tile, place, places
		FROM ideal JOIN gaps USING (measure) WHERE tile < k AND place > 1 ORDER BY k, measure, tile, abs(gaps.above - ideal.above), gaps.above DESC),
	placed AS (SELECT k, measure, tile, place AS nearest, greatest(least(place, places), k - tile + 1) AS place FROM nearest WHERE tile = 1
		UNION ALL SELECT n.k, n.measure, n.tile, n.place, greatest(least(n.place, p.place - 1), n.k - n.tile + 1)
		FROM placed p JOIN nearest n ON n.k = p.k AND n.measure = p.measure AND n.tile = p.tile + 1)
SELECT k, measure, k + 1 - tile AS score, v AS worst, place <> nearest AS moved FROM placed JOIN gaps USING (measure, place);
SELECT count(*) AS boundaries, count(*) FILTER (WHERE moved) AS moved,
	count(*) FILTER (WHERE worst <> CASE measure WHEN 'recency' THEN -upper(range) ELSE lower(range) END) AS wrong
FROM (SELECT k, c.* FROM schemes, rfm_classes(s) c) c JOIN expected USING (k, measure, score);
-- scores: by those classes
CREATE TABLE scored AS
SELECT k, id, 100 * r.score + 10 * f.score + m.score AS code, r.score AS r, f.score AS f, m.score AS m, monetary
FROM measures, schemes, rfm_classes(s) r, rfm_classes(s) f, rfm_classes(s) m
WHERE r.measure = 'recency' AND f.measure = 'frequency' AND m.measure = 'monetary'
	AND r.range @> recency::numeric AND f.range @> frequency::numeric AND m.range @> monetary;
SELECT k, count(*) AS customers, count(DISTINCT code) AS codes,
	count(*) FILTER (WHERE code IS DISTINCT FROM rfm_score(s, l, '2024-12-31')) AS wrong,
	count(*) FILTER (WHERE code IS DISTINCT FROM rfm_score(s, m.recency, m.frequency, m.monetary)) AS wrong_of_numbers
FROM schemes JOIN scored USING (k) JOIN ledgers USING (id) JOIN measures m USING (id) GROUP BY k ORDER BY k;
SELECT count(*) FILTER (WHERE rfm_score(s, l, '2024-12-31') IS NULL) / count(DISTINCT k) AS too_late,
	count(*) FILTER (WHERE (rfm_score(s, l, '2024-12-31') IS NULL) <> (first_purchase(l) > '2024-12-31')) AS wrong FROM ledgers, schemes;
-- the eleven segments, as a CASE expression would have them
CREATE FUNCTION customary(r int, f int, m int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN fm >= 4 THEN CASE WHEN r = 5 THEN 'champions' WHEN r >= 3 THEN 'loyal customers' WHEN fm = 5 THEN 'cannot lose them' ELSE 'at risk' END
		WHEN r >= 4 THEN CASE WHEN fm >= 2 THEN 'potential loyalists' WHEN r = 5 THEN 'new customers' ELSE 'promising' END
		WHEN r = 3 THEN CASE WHEN fm = 3 THEN 'need attention' ELSE 'about to sleep' END
		WHEN fm = 3 THEN 'at risk'
		WHEN r = 2 THEN 'hibernating' ELSE 'lost' END
	FROM (SELECT ceil((f + m) / 2.0) AS fm) x
$$;
SELECT count(DISTINCT (r, f, m)) AS codes, count(DISTINCT label(s, n)) AS labels, count(*) FILTER (WHERE label(s, n) <> customary(r, f, m)) AS wrong
FROM (SELECT s, r, f, m, segment(s, 5 - r, f, m) AS n
	FROM (VALUES ('{"method": "rfm_scores", "recency": [0, 1, 2, 3], "frequency": [5, 4, 3, 2], "monetary": [5, 4, 3, 2]}'::segmentation)) v(s),
		generate_series(1, 5) r, generate_series(1, 5) f, generate_series(1, 5) m) q;
SELECT count(*) AS customers, count(DISTINCT segment(s, l, '2024-12-31')) AS segments,
	count(*) FILTER (WHERE label(s, segment(s, l, '2024-12-31')) <> customary(r, f, m)) AS wrong
FROM schemes JOIN scored USING (k) JOIN ledgers USING (id) WHERE k = 5;
-- the summary is what grouping says
SELECT k, count(*) AS segments, bool_and(z.customers IS NOT DISTINCT FROM coalesce(g.customers, 0) AND z.total IS NOT DISTINCT FROM coalesce(g.total, 0)) AS same
FROM (SELECT k, z.* FROM schemes, segments(s) z) z
	LEFT JOIN (SELECT k, segment(s, m.recency, m.frequency, m.monetary) AS number, count(*) AS customers, sum(monetary) AS total FROM schemes, measures m GROUP BY 1, 2) g USING (k, number)
GROUP BY k ORDER BY k;
SELECT k, measure, sum(customers) AS customers, bool_and(customers > 0) AS nobody_empty FROM (SELECT k, c.* FROM schemes, rfm_classes(s) c) c GROUP BY 1, 2 ORDER BY 1, 2;
-- each customer in exactly one segment when rules are replaced
SELECT sum(customers) AS customers, sum(total) = (SELECT sum(monetary) FROM measures) AS total, sum(codes) AS codes
FROM (SELECT with_rules(s, '[{"label": "a", "fm": [3, 5]}, {"label": "b", "fm": [1, 2], "r": 5}, {"label": "c", "fm": [1, 2], "r": [1, 4]}]') AS s FROM schemes WHERE k = 5) q,
	segments(s) JOIN rfm_rules(s) USING (number);

-- any order, any plan, any number of workers
CREATE TABLE results (how text, a segmentation, b segmentation);
SET max_parallel_workers_per_gather = 0;
INSERT INTO results SELECT 'serial', rfm_scheme(l, '2024-12-31'), rfm_scheme(l, '2024-12-31', scoring(3, frequency => '{8, 2}')) FROM ledgers;
INSERT INTO results SELECT 'by id', rfm_scheme(l, '2024-12-31' ORDER BY id DESC), rfm_scheme(l, '2024-12-31', scoring(3, frequency => '{8, 2}') ORDER BY id % 7) FROM ledgers;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END $$;
SELECT count(*) > 0 AS partial FROM plan_of($$SELECT rfm_scheme(l, '2024-12-31') FROM ledgers$$) p WHERE p LIKE '%Partial Aggregate%';
INSERT INTO results SELECT 'parallel', rfm_scheme(l, '2024-12-31'), rfm_scheme(l, '2024-12-31', scoring(3, frequency => '{8, 2}')) FROM ledgers;
SET parallel_leader_participation = off;
INSERT INTO results SELECT 'workers', rfm_scheme(l, '2024-12-31'), rfm_scheme(l, '2024-12-31', scoring(3, frequency => '{8, 2}')) FROM ledgers;
SELECT rfm_scheme(l, '2024-12-31') IS NULL AS nothing FROM ledgers WHERE id < 0;
-- workers most of which see no customer
SELECT segments.customers FROM (SELECT rfm_scheme(CASE WHEN id IN (3, 4) THEN l END, '2024-12-31', '{"k": 2, "recency": [1], "frequency": [1], "monetary": [1]}') AS s FROM ledgers) q, segments(s) WHERE customers > 0;
SET max_parallel_workers_per_gather = 0;
RESET parallel_leader_participation;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT count(DISTINCT (a, b)) AS different, count(*) AS ways FROM results;
-- as window functions
SELECT id, rfm_score(rfm_scheme(l, '2024-06-30') OVER (), l, '2024-06-30') FROM few_ledgers ORDER BY id LIMIT 3;
SELECT id, (SELECT sum(customers) FROM segments(s)) AS so_far
FROM (SELECT id, rfm_scheme(l, '2024-06-30', scoring(2, '{50}', '{3}', '{100}')) OVER (ORDER BY id) AS s FROM few_ledgers) q ORDER BY id LIMIT 4;

-- text and binary form
SELECT k, s::text::segmentation = s AS by_text, segmentation_send(s) = segmentation_send(s::text::segmentation) AS same_bytes,
	with_rules(s, '[]')::text::segmentation = with_rules(s, '[]') AS without_rules FROM schemes ORDER BY k;
SELECT encode(segmentation_send('{"method": "rfm_scores", "recency": [30], "frequency": [5], "monetary": [100], "rules": [{"label": "all"}]}'), 'escape');
CREATE FUNCTION why(t text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM t::segmentation;
	RETURN 'accepted';
EXCEPTION WHEN invalid_text_representation THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END $$;
SELECT n, why('{"method": "rfm_scores", ' || t || '}') FROM (VALUES
	(1, '"recency": [3], "frequency": [3]'), (2, '"recency": [3], "frequency": [3], "monetary": [3, 2]'), (3, '"recency": [], "frequency": [], "monetary": []'),
	(4, '"k": 3, "recency": [3], "frequency": [3], "monetary": [3]'), (5, '"recency": [3, 2], "frequency": [3, 2], "monetary": [3, 2]'),
	(6, '"recency": [2, 3], "frequency": [2, 3], "monetary": [3, 2]'), (7, '"recency": [2, 3], "frequency": [3, 2], "monetary": [2, 2.0]'),
	(8, '"recency": [2.5], "frequency": [3], "monetary": [2]'), (9, '"recency": [-1], "frequency": [3], "monetary": [2]'),
	(10, '"recency": [2147483648], "frequency": [3], "monetary": [2]'), (11, '"recency": [1], "frequency": [1e16], "monetary": [2]'),
	(12, '"recency": [1], "frequency": [1], "monetary": ["2"]'), (13, '"recency": 1, "frequency": [1], "monetary": [2]'),
	(14, '"recency": [1,2,3,4,5,6,7,8,9], "frequency": [1], "monetary": [2]'), (15, '"k": 10, "recency": [1], "frequency": [1], "monetary": [2]'),
	(16, '"recency": [1], "frequency": [1], "monetary": [2], "labels": ["a"]'), (17, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a"}], "labels": ["b"]'),
	(18, '"recency": [1], "frequency": [1], "monetary": [2], "rules": {"label": "a"}'), (19, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [1]'),
	(20, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"r": 1}]'), (21, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": ""}]'),
	(22, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a", "r": 3}]'), (23, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a", "r": [2, 1]}]'),
	(24, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a", "r": [1, 2, 2]}]'), (25, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a", "x": 1}]'),
	(26, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a", "r": 1}]'), (27, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a"}, {"label": "b", "m": 1}]'),
	(28, '"recency": [1], "frequency": [1], "monetary": [2], "rules": [{"label": "a"}, {"label": "b", "m": 2, "f": 2, "fm": 1}]'),
	(29, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"333": [1, 2]}'), (30, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"22": [1, 2]}'),
	(31, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": [0, 0]}'), (32, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": [1, 2], "222": [1, 2]}'),
	(33, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": [1, 0.0000001]}'), (34, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {}'),
	(35, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": 1}'), (36, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": [1, 1e30]}'),
	(37, '"recency": [1], "frequency": [1], "monetary": [2], "cuts": [1]'), (38, '"recency": [1], "frequency": [1], "monetary": [2], "cells": {"222": [1, 2, 3]}')
) v(n, t) ORDER BY n;
-- every truncation of a good text is refused
SELECT count(*) AS accepted FROM (SELECT s::text AS t FROM schemes WHERE k = 2) s, generate_series(0, length(t) - 1) i WHERE why(left(t, i)) = 'accepted';

-- usable where only immutable functions are
CREATE TABLE rated (id int, l ledger,
	code int GENERATED ALWAYS AS (rfm_score('{"method": "rfm_scores", "recency": [30, 90], "frequency": [5, 2], "monetary": [100, 50]}', l, '2024-06-30')) STORED,
	CHECK (segment('{"method": "rfm_scores", "recency": [30, 90], "frequency": [5, 2], "monetary": [100, 50]}', l, '2024-06-30') <= 27));
CREATE INDEX ON rated (segment('{"method": "rfm_scores", "recency": [30, 90], "frequency": [5, 2], "monetary": [100, 50]}', l, '2024-06-30'));
INSERT INTO rated SELECT id, l FROM few_ledgers;
SELECT string_agg(coalesce(code::text, '-'), ' ' ORDER BY id) FROM rated;
-- a scheme that changes from row to row; one that is a parameter
SELECT string_agg(rfm_score(s, l, '2024-06-30')::text, ' ' ORDER BY id) FROM (SELECT id, l, CASE id % 3
	WHEN 0 THEN '{"method": "rfm_scores", "recency": [30], "frequency": [5], "monetary": [100]}'
	WHEN 1 THEN '{"method": "rfm_scores", "recency": [30, 90], "frequency": [5, 2], "monetary": [100, 50]}'
	ELSE (SELECT s FROM few_scheme) END::segmentation AS s FROM few_ledgers) q;
CREATE FUNCTION scores_by(s segmentation[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	codes text := ''; i int;
BEGIN
	FOR i IN 1 .. cardinality(s) LOOP
		codes := codes || ' ' || rfm_score(s[i], 40, 3, 70);
	END LOOP;
	RETURN codes;
END $$;
SELECT scores_by(array_agg(s ORDER BY k)) FROM schemes;

-- errors
\set VERBOSITY default
SELECT rfm_scheme(ledger('2024-01-01', revenue => 5), '2024-06-30') FROM generate_series(1, 9);
SELECT rfm_scheme(ledger('2024-01-01', revenue => i), '2024-06-30', scoring(recency => '{1, 2, 3, 4}')) FROM generate_series(1, 9) i;
SELECT rfm_scheme(l, '2024-06-30', scoring(recency => '{30, 90}')) FROM few_ledgers;
SELECT rfm_scheme(l, NULL) FROM few_ledgers;
SELECT rfm_scheme(l, 'infinity') FROM few_ledgers;
SELECT rfm_scheme(l, date '2024-06-30' + id) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', NULL) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(2 + id % 2)) FROM few_ledgers;
SELECT rfm_scheme(ledger('2024-01-01', revenue => i, currency => CASE WHEN i > 1 THEN 'EUR' END), '2024-06-30') FROM generate_series(1, 9) i;
SELECT with_rules(s, '[{"label": "a", "r": [2, 5]}]') FROM few_scheme;
SELECT with_rules(s, '[{"label": "a", "r": [2, 5]}, {"label": "b", "r": [1, 2]}]') FROM few_scheme;
SELECT with_rules(s, '{}') FROM few_scheme;
SELECT with_rules('{"cuts": [1]}', '[]');
SELECT rfm_score(s, -1, 1, 1) FROM few_scheme;
SELECT rfm_score(s, l, '-infinity') FROM few_scheme, few_ledgers;
SELECT rfm_score('{"cuts": [1]}', l, '2024-06-30') FROM few_ledgers;
SELECT segment(s, 5) FROM few_scheme;
\set VERBOSITY terse
SELECT rfm_score(s, 1, 1, 'NaN') FROM few_scheme;
SELECT rfm_score(s, 1, 1, '-Infinity') FROM few_scheme;
SELECT segment('{"cuts": [1]}', l, '2024-06-30') FROM few_ledgers;
SELECT breaks(s) FROM few_scheme;
SELECT label(s, 12) FROM few_scheme;
SELECT with_labels(s, ARRAY['a']) FROM few_scheme;
SELECT rfm_scheme(l, '2024-06-30', scoring(1)) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(10)) FROM few_ledgers;
\set VERBOSITY default
SELECT rfm_scheme(l, '2024-06-30', scoring(3, recency => '{90, 30}')) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(3, frequency => '{1, 2}')) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(3, monetary => '{NaN, 2}')) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(3, monetary => '{NULL, 2}')) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', scoring(3, frequency => '{2.5, 2}')) FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', '{"scores": 3}') FROM few_ledgers;
SELECT rfm_scheme(l, '2024-06-30', '5') FROM few_ledgers;

DROP TABLE few, few_ledgers, few_scheme, schemes, expected, scored, ledgers, bought, results, rated;
DROP VIEW merits;
DROP TABLE measures;
DROP FUNCTION customary, plan_of, why, scores_by;
