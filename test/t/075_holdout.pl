# Does the model hold?  The CDNOW sample as in Fader, Hardie and Lee (2005): fitted to
# 39 weeks, held against the next 39, and the figures of doc/reference/holdout.md.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = public_data('data/cdnow_sample.csv', 'data/cdnow_sample_cbs_week39_exact.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');

$node->safe_psql($db, <<"SQL");
CREATE TABLE orders (customer_id int, day date, amount numeric, units int, master_id int);
\\copy orders FROM '$data/data/cdnow_sample.csv' CSV HEADER
CREATE TABLE exact (customer_id int, x int, t_x float8, t float8, x_star int);
\\copy exact FROM '$data/data/cdnow_sample_cbs_week39_exact.csv' CSV HEADER
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => amount, purchases => 1)) AS l FROM orders GROUP BY 1;
CREATE TABLE births AS SELECT customer_id, min(day) AS birth FROM orders GROUP BY 1;
CREATE TABLE repeats AS
SELECT DISTINCT customer_id, day FROM orders JOIN births USING (customer_id) WHERE day > birth;
CREATE TABLE histories AS
SELECT customer_id, rfm(l, as_of => '1997-09-30', unit => 'week') AS h FROM ledgers;
CREATE TABLE fits AS
SELECT model(m) AS name, m FROM (SELECT bgnbd_fit(h) AS bg, mbgnbd_fit(h) AS mbg, pareto_nbd_fit(h) AS pn, nbd_fit(h) AS nbd FROM histories) f,
	unnest(ARRAY[bg, mbg, pn, nbd]) AS m;
CREATE TABLE checks AS
SELECT name, m, (SELECT holdout(m, l, '1997-09-30', '1998-06-30') FROM ledgers) AS h FROM fits;
SQL

is(rows($node, $db, "SELECT count(*), count(*) FILTER (WHERE customers(h) = 2357 AND actual_purchases(h) = (SELECT sum(x_star) FROM exact)) FROM checks"),
	'4|4', 'as many customers and purchases in the holdout as published');
is(rows($node, $db, <<'SQL'), 't|t|t|t', 'the expected total is the sum of expected_purchases(), 39 weeks ahead');
SELECT string_agg((abs(expected_purchases(c.h) - expected) <= 1e-9 * expected)::text::"char"::text, '|')
FROM checks c JOIN (SELECT name, sum(expected_purchases(m, h, 39)) AS expected FROM fits, histories GROUP BY 1) s USING (name)
SQL
is(rows($node, $db, <<'SQL'), '8|8', 'by frequency: the published customers and their mean purchases');
SELECT count(*), count(*) FILTER (WHERE customers = n AND abs(actual - mean) < 1e-12)
FROM (SELECT (by_frequency(h)).* FROM checks WHERE name = 'bg/nbd') f
	FULL JOIN (SELECT least(x, 7) AS frequency, count(*) AS n, avg(x_star) AS mean FROM exact GROUP BY 1) e USING (frequency)
SQL
is(rows($node, $db, <<'SQL'), '78|78|1997-01-07|39|4339', 'tracking: repeat purchases by week as counted in the transactions');
SELECT count(*), count(*) FILTER (WHERE actual_cumulative = n AND until = date '1996-12-31' + 7 * period), min(until),
	max(period) FILTER (WHERE NOT in_holdout), max(actual_cumulative)
FROM checks, tracking(h) AS t,
	LATERAL (SELECT count(*) AS n FROM repeats WHERE day <= t.until) o
WHERE name = 'bg/nbd'
SQL
is(rows($node, $db, <<'SQL'), '78', 'and what every first purchase lets expect');
SELECT count(*) FILTER (WHERE abs(expected_cumulative - e) <= 1e-9 * e)
FROM checks, tracking(h) AS t,
	LATERAL (SELECT sum(n * expected_purchases(m, (t.until - birth) / 7.0)) AS e
		FROM (SELECT birth, count(*) AS n FROM births GROUP BY 1) b WHERE birth <= t.until) o
WHERE name = 'bg/nbd'
SQL

# what the documentation prints
is(rows($node, $db, <<'SQL'), "bg/nbd|1653|0.785|1.608|4161\nmbg/nbd|1577|0.765|1.607|4050\nnbd|2930|1.041|1.860|5388\npareto/nbd|1666|0.755|1.603|4270", 'the figures of the reference page');
SELECT name, round(expected_purchases(h)), round(mean_absolute_error(h)::numeric, 3), round(root_mean_squared_error(h)::numeric, 3),
	(SELECT round(max(expected_cumulative)) FROM tracking(h))
FROM checks ORDER BY 1
SQL
is(rows($node, $db, <<'SQL'), "0|0.237|0.225\n1|0.697|0.523\n2|1.393|1.044\n3|1.560|1.520\n4|2.532|2.164\n5|2.947|2.654\n6|3.862|3.504\n7+|6.359|6.157", 'and by frequency');
SELECT label, round(actual::numeric, 3), round(expected::numeric, 3) FROM checks, by_frequency(h) WHERE name = 'bg/nbd'
SQL
is(rows($node, $db, <<'SQL'), "0|1411|1407.7\n1|439|460.3\n2|214|192.5\n3|100|101.2\n4|62|59.8\n5|38|38.1\n6|29|25.5\n7+|64|71.9", 'and of the calibration');
SELECT label, actual_customers, round(expected_customers::numeric, 1) FROM checks, calibration_fit(h) WHERE name = 'bg/nbd'
SQL
is(rows($node, $db, <<'SQL'), '1.024|2.212', 'the baseline');
SELECT round(baseline_mean_absolute_error(h)::numeric, 3), round(baseline_root_mean_squared_error(h)::numeric, 3) FROM checks WHERE name = 'nbd'
SQL
is(rows($node, $db, <<'SQL'), "bg/nbd|362.5\nmbg/nbd|363.0\npareto/nbd|337.4", 'the likelihood ratios');
SELECT a.name, round(statistic::numeric, 1) FROM fits a, fits b, likelihood_ratio(a.m, b.m) WHERE b.name = 'nbd' AND a.name <> 'nbd' AND p_value < 1e-70 ORDER BY 1
SQL
is(rows($node, $db, <<'SQL'), '4', 'a holdout is small');
SELECT count(*) FILTER (WHERE pg_column_size(h) < 8192) FROM checks
SQL

done_testing();
