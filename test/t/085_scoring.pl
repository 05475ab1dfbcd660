# RFM scores and life-cycle stages of the 23,570 customers of CDNOW, against plain SQL.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = public_data('data/cdnow_master.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');

# Half of them bought once, so that quintiles of frequency have to give way.
$node->safe_psql($db, <<"SQL");
CREATE TABLE orders (customer_id int, day date, amount numeric, units int);
\\copy orders FROM '$data/data/cdnow_master.csv' CSV HEADER
CREATE INDEX ON orders (customer_id);
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => amount, purchases => 1)) AS l FROM orders GROUP BY 1;
CREATE TABLE dates AS SELECT d::date AS as_of FROM unnest('{1997-02-10, 1997-09-30, 1998-06-30}'::date[]) d;
CREATE TABLE schemes AS SELECT as_of, rfm_scheme(l, as_of) AS s FROM ledgers, dates GROUP BY as_of;
CREATE TABLE measures AS
SELECT as_of, customer_id, as_of - max(day) AS recency, count(*) AS frequency, sum(amount) AS monetary
FROM orders, dates WHERE day <= as_of GROUP BY 1, 2;
CREATE TABLE merits AS
SELECT as_of, 'recency' AS measure, -recency::numeric AS v FROM measures UNION ALL SELECT as_of, 'frequency', frequency FROM measures
UNION ALL SELECT as_of, 'monetary', monetary FROM measures;
CREATE TABLE expected AS
WITH RECURSIVE gaps AS (SELECT as_of, measure, v, sum(count(*)) OVER (PARTITION BY as_of, measure ORDER BY v DESC) AS above,
		row_number() OVER (PARTITION BY as_of, measure ORDER BY v) AS place, count(*) OVER (PARTITION BY as_of, measure) AS places
		FROM merits GROUP BY as_of, measure, v),
	ideal AS (SELECT as_of, measure, tile, sum(count(*)) OVER (PARTITION BY as_of, measure ORDER BY tile) AS above
		FROM (SELECT as_of, measure, ntile(5) OVER (PARTITION BY as_of, measure ORDER BY v DESC) AS tile FROM merits) t GROUP BY 1, 2, 3),
	nearest AS (SELECT DISTINCT ON (as_of, measure, tile) as_of, measure, tile, place, places
		FROM ideal JOIN gaps USING (as_of, measure) WHERE tile < 5 AND place > 1
		ORDER BY as_of, measure, tile, abs(gaps.above - ideal.above), gaps.above DESC),
	placed AS (SELECT as_of, measure, tile, greatest(least(place, places), 5 - tile + 1) AS place FROM nearest WHERE tile = 1
		UNION ALL SELECT n.as_of, n.measure, n.tile, greatest(least(n.place, p.place - 1), 5 - n.tile + 1)
		FROM placed p JOIN nearest n ON n.as_of = p.as_of AND n.measure = p.measure AND n.tile = p.tile + 1)
SELECT as_of, measure, array_agg(v ORDER BY tile) AS worst FROM placed JOIN gaps USING (as_of, measure, place) GROUP BY 1, 2;
CREATE FUNCTION score(worst numeric[], v numeric) RETURNS int LANGUAGE sql IMMUTABLE AS
	'SELECT 1 + count(*)::int FROM unnest(worst) w WHERE v >= w';
CREATE TABLE scored AS
SELECT as_of, customer_id, recency, frequency, monetary, score(r.worst, -recency) AS r, score(f.worst, frequency) AS f, score(m.worst, monetary) AS m
FROM measures JOIN expected r USING (as_of) JOIN expected f USING (as_of) JOIN expected m USING (as_of)
WHERE r.measure = 'recency' AND f.measure = 'frequency' AND m.measure = 'monetary';
SQL

is(rows($node, $db, <<'SQL'), "1997-02-10|f\n1997-09-30|f\n1998-06-30|f", 'codes of every customer, at three dates: none differs');
SELECT as_of, bool_or(rfm_score(s, l, as_of) IS DISTINCT FROM 100 * r + 10 * f + m OR rfm_score(s, recency, frequency, monetary) IS DISTINCT FROM 100 * r + 10 * f + m)
FROM ledgers CROSS JOIN schemes LEFT JOIN scored USING (customer_id, as_of) GROUP BY 1 ORDER BY 1
SQL
is(rows($node, $db, <<'SQL'), '23570|9|0', 'segments as a CASE expression has them; in this cohort nobody is new or promising');
SELECT count(*), count(DISTINCT segment(s, l, as_of)), count(*) FILTER (WHERE label(s, segment(s, l, as_of)) <> CASE
	WHEN fm >= 4 THEN CASE WHEN r = 5 THEN 'champions' WHEN r >= 3 THEN 'loyal customers' WHEN fm = 5 THEN 'cannot lose them' ELSE 'at risk' END
	WHEN r >= 4 THEN CASE WHEN fm >= 2 THEN 'potential loyalists' WHEN r = 5 THEN 'new customers' ELSE 'promising' END
	WHEN r = 3 THEN CASE WHEN fm = 3 THEN 'need attention' ELSE 'about to sleep' END
	WHEN fm = 3 THEN 'at risk' WHEN r = 2 THEN 'hibernating' ELSE 'lost' END)
FROM scored JOIN ledgers USING (customer_id) JOIN schemes USING (as_of), LATERAL (SELECT ceil((f + m) / 2.0) AS fm) x WHERE as_of = '1998-06-30'
SQL
is(rows($node, $db, <<'SQL'), '0', 'customers and revenue of each segment are those of its customers');
SELECT count(*) FROM (SELECT as_of, z.number, z.customers, z.total FROM schemes, segments(s) z WHERE z.customers > 0) z
FULL JOIN (SELECT as_of, segment(s, l, as_of) AS number, count(*) AS customers, sum(monetary) AS total
	FROM schemes JOIN scored USING (as_of) JOIN ledgers USING (customer_id) GROUP BY 1, 2) g USING (as_of, number)
WHERE z.customers IS DISTINCT FROM g.customers OR z.total IS DISTINCT FROM g.total
SQL
is(rows($node, $db, <<'SQL'), '0', 'life-cycle stages at each month');
SELECT count(*) FROM (SELECT customer_id, m::date AS as_of, lifecycle_stage(l, m::date, 60, 90, 180) AS stage
	FROM ledgers, generate_series(timestamp '1997-01-31', '1998-06-30', '4 months') m) a
CROSS JOIN LATERAL (SELECT CASE WHEN count(*) = 0 THEN 'prospect' WHEN as_of - max(day) > 180 THEN 'lapsed' WHEN as_of - max(day) > 90 THEN 'at_risk'
	WHEN bool_or(gap > 180 AND as_of - day <= 60) THEN 'won_back' WHEN as_of - min(day) <= 60 THEN 'new' ELSE 'active' END AS expected
	FROM (SELECT day, day - lag(day) OVER (ORDER BY day) AS gap FROM orders o WHERE o.customer_id = a.customer_id AND day <= as_of) d) b
WHERE stage::text <> expected
SQL

done_testing();
