# From the transactions of the CDNOW sample to the summary that everybody fits models
# to: every customer's frequency, recency, age and mean spend at week 39.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = public_data('data/cdnow_sample.csv', 'data/cdnow_sample_cbs_week39_exact.csv', 'data/cdnow_sample_cbs_week39.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');

$node->safe_psql($db, <<"SQL");
CREATE TABLE orders (customer_id int, day date, amount numeric, units int, master_id int);
\\copy orders FROM '$data/data/cdnow_sample.csv' CSV HEADER
CREATE TABLE exact (customer_id int, x int, t_x float8, t float8, x_star int);
\\copy exact FROM '$data/data/cdnow_sample_cbs_week39_exact.csv' CSV HEADER
CREATE TABLE rounded (customer_id int, x int, t_x float8, t float8, m_x numeric);
\\copy rounded FROM '$data/data/cdnow_sample_cbs_week39.csv' CSV HEADER
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => amount, purchases => 1)) AS l FROM orders GROUP BY 1;
CREATE TABLE summary AS
SELECT customer_id, rfm(l, as_of => '1997-09-30', unit => 'week') AS h FROM ledgers;
SQL

is(rows($node, $db, <<'SQL'), '2357|0', 'frequency, recency and age of all 2,357 customers are the published ones');
SELECT count(*), count(*) FILTER (WHERE frequency(h) IS DISTINCT FROM x
	OR NOT coalesce(abs(recency(h) - t_x) <= 1e-12 * greatest(t_x, 1), false)
	OR NOT coalesce(abs(age(h) - t) <= 1e-12 * greatest(t, 1), false))
FROM exact FULL JOIN summary USING (customer_id)
SQL
is(rows($node, $db, <<'SQL'), '2357|946|0|0|0', 'and rounded to two decimals they are those of the rounded file, mean spend included');
SELECT count(*), count(*) FILTER (WHERE x > 0), count(*) FILTER (WHERE frequency(h) IS DISTINCT FROM x),
	count(*) FILTER (WHERE NOT coalesce(abs(recency(h) - t_x) <= 0.005 + 1e-9 AND abs(age(h) - t) <= 0.005 + 1e-9, false)),
	count(*) FILTER (WHERE NOT coalesce(abs(monetary(h) - m_x::float8) <= 0.005 + 1e-9, false))
FROM rounded FULL JOIN summary USING (customer_id)
SQL
is(rows($node, $db, <<'SQL'), '0', 'the holdout: repeat occasions of the next 39 weeks');
SELECT count(*) FROM exact JOIN ledgers USING (customer_id) JOIN summary USING (customer_id)
WHERE x_star IS DISTINCT FROM frequency(rfm(l, as_of => '1998-06-30', unit => 'week')) - frequency(h)
SQL
is(rows($node, $db, <<'SQL'), '0', 'other units: the same days');
SELECT count(*) FROM ledgers JOIN summary USING (customer_id),
	(VALUES ('day', 1), ('month', 365.25 / 12), ('year', 365.25)) u(unit, days), rfm(l, as_of => '1997-09-30', unit => u.unit) AS o
WHERE frequency(o) <> frequency(h) OR monetary(o) <> monetary(h)
	OR abs(recency(o) * days - recency(h) * 7) > 1e-9 OR abs(age(o) * days - age(h) * 7) > 1e-9
SQL
is(rows($node, $db, <<'SQL'), '0', 'since: as if what was before had never been');
SELECT count(*) FROM ledgers LEFT JOIN (
	SELECT customer_id, count(DISTINCT day) - 1 AS x, max(day) - min(day) AS t_x, date '1997-09-30' - min(day) AS t
	FROM orders WHERE day BETWEEN '1997-03-01' AND '1997-09-30' GROUP BY 1) p USING (customer_id),
	rfm(l, as_of => '1997-09-30', unit => 'day', since => '1997-03-01') AS h
WHERE frequency(h) IS DISTINCT FROM x OR recency(h) IS DISTINCT FROM t_x OR age(h) IS DISTINCT FROM t
SQL
is(rows($node, $db, <<'SQL'), '2357|0', 'customers born after as_of are none');
SELECT count(*), count(*) FILTER (WHERE (rfm(l, '1997-01-31', 'week') IS NULL) <> (first_purchase(l) > '1997-01-31')) FROM ledgers
SQL

done_testing();
