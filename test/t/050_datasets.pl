# Public data sets against plain SQL: every customer, every accessor.
#
# They are not part of this repository; where they are absent, the test is
# skipped and says so.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = public_data('data/superstore.csv', 'data/cdnow_sample.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');
superstore($node, $db);

# Superstore: 793 customers, half the rows with discounts, many losses, amounts
# with floating-point debris that is cut to four decimals.
$node->safe_psql($db, <<"SQL");
CREATE TABLE lines AS
SELECT customer_id, order_id, order_date AS day, round(sales, 4) AS sales, round(profit, 4) AS profit,
	CASE WHEN row_number() OVER (PARTITION BY customer_id, order_id ORDER BY product_id, sales) = 1 THEN 1 ELSE 0 END AS first_line
FROM superstore;
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => sales, cogs => sales - profit, purchases => first_line)) AS l
FROM lines GROUP BY 1;
SQL

is(rows($node, $db, 'SELECT count(*) FROM ledgers'), '793', 'superstore has 793 customers');
is(rows($node, $db, 'SELECT revenue(total(l)), profit(total(l)) FROM ledgers'),
	rows($node, $db, 'SELECT sum(sales), sum(profit) FROM lines'),
	'its totals are those of the rows');
is(rows($node, $db, <<'SQL'), '793|0', 'each customer equals plain numeric SQL in every accessor');
SELECT count(*), count(*) FILTER (WHERE
	   revenue(l) IS DISTINCT FROM p.sales OR net_revenue(l) IS DISTINCT FROM p.sales
	OR cost(l) IS DISTINCT FROM p.sales - p.profit OR cost(l, 'cogs') IS DISTINCT FROM p.sales - p.profit
	OR cost(l, 'selling') IS DISTINCT FROM 0 OR cost_to_serve(l) IS DISTINCT FROM 0
	OR contribution(l) IS DISTINCT FROM p.profit OR profit(l) IS DISTINCT FROM p.profit
	OR margin(l) IS DISTINCT FROM p.profit / p.sales
	OR first_day(l) IS DISTINCT FROM p.first_day OR last_day(l) IS DISTINCT FROM p.last_day
	OR first_purchase(l) IS DISTINCT FROM p.first_day OR last_purchase(l) IS DISTINCT FROM p.last_day
	OR purchases(l) IS DISTINCT FROM p.orders OR purchase_days(l) IS DISTINCT FROM p.order_days
	OR currency(l) IS NOT NULL)
FROM ledgers JOIN (
	SELECT customer_id, sum(sales) AS sales, sum(profit) AS profit, min(day) AS first_day, max(day) AS last_day,
		count(DISTINCT order_id) AS orders, count(DISTINCT day) AS order_days
	FROM lines GROUP BY 1) p USING (customer_id)
SQL
is(rows($node, $db, <<'SQL'), '0', 'each month of each customer equals plain SQL');
SELECT count(*) FROM (SELECT customer_id, lower(m.period) AS month, revenue(m.ledger) AS sales, profit(m.ledger) AS profit
	FROM ledgers, periods(l, 'month') AS m) a
FULL JOIN (SELECT customer_id, date_trunc('month', day)::date AS month, sum(sales) AS sales, sum(profit) AS profit
	FROM lines GROUP BY 1, 2) b USING (customer_id, month)
WHERE a.sales IS DISTINCT FROM b.sales OR a.profit IS DISTINCT FROM b.profit
SQL
is(rows($node, $db, <<'SQL'), 't', 'eight value segments hold every customer once, with their profit to the cent');
SELECT sum(customers) = 793 AND sum(total) = (SELECT sum(profit) FROM lines) AND count(*) = 8
FROM (SELECT value_segments(profit(l), 8) AS s FROM ledgers) v, segments(s)
SQL
is(rows($node, $db, <<'SQL'), 't', 'the whale curve ends at the net profit and peaks at the gains');
SELECT peak(w) = g.gains AND customers_at_peak(w) = g.gainers AND (SELECT (array_agg(p.cumulative ORDER BY p.customers DESC))[1] FROM points(w, 10) p) = g.net
FROM (SELECT whale_curve(profit(l)) AS w FROM ledgers) c,
	(SELECT sum(profit) FILTER (WHERE profit > 0) AS gains, count(*) FILTER (WHERE profit > 0) AS gainers, sum(profit) AS net
	 FROM (SELECT sum(profit) AS profit FROM lines GROUP BY customer_id) s) g
SQL

# Where customers live and what kind they are explains a fifth of a percent of their profit: that is no segmentation.
$node->safe_psql($db, <<'SQL');
CREATE TABLE attributes AS
SELECT customer_id, sum(round(profit, 4)) AS profit, jsonb_build_object('segment', mode() WITHIN GROUP (ORDER BY segment),
	'region', mode() WITHIN GROUP (ORDER BY region), 'ship_mode', mode() WITHIN GROUP (ORDER BY ship_mode)) AS features
FROM superstore GROUP BY customer_id;
SQL
is(rows($node, $db, <<'SQL'), "region|t|t\nsegment|t|t\nship_mode|t|t", 'attributes of Superstore explain 0.1 to 0.2 % of profit, as plain SQL says');
SELECT key, eta_squared(profit, features ->> key) BETWEEN 0.0005 AND 0.0025,
	abs(eta_squared(profit, features ->> key) - (SELECT (1 - sum((profit - mine) ^ 2) / sum((profit - everybody) ^ 2))::float8
		FROM (SELECT profit, avg(profit) OVER (PARTITION BY features ->> key) AS mine, avg(profit) OVER () AS everybody FROM attributes) m)) < 1e-12
FROM attributes, unnest(ARRAY['region', 'segment', 'ship_mode']) AS key GROUP BY key ORDER BY key
SQL
is(rows($node, $db, <<'SQL'), '0|4', 'no attribute of Superstore drives profit, and no identifier does');
SELECT count(*) FILTER (WHERE significant), count(*)
FROM (SELECT driver_screen(profit, features || jsonb_build_object('customer', customer_id)) AS s FROM attributes) x, drivers(s)
SQL
is(rows($node, $db, <<'SQL'), 't|t|0|0|t', 'value segments of Superstore are similar, but attributes do not tell them apart');
SELECT (q).similarity > 0.8, (q).accuracy = (q).baseline, (q).explained, (q).explained_asinh, (q).verdict LIKE '%: they do not tell segments apart'
FROM (SELECT segment_quality(profit, segment(s, profit), features) AS q FROM attributes, (SELECT value_segments(profit, 8) AS s FROM attributes) v) x
SQL

# CDNOW: free orders count as purchases; the published frequencies are days.
$node->safe_psql($db, <<"SQL");
CREATE TABLE cdnow (customer_id int, day date, amount numeric, units int, master_id int);
\\copy cdnow FROM '$data/data/cdnow_sample.csv' CSV HEADER
CREATE TABLE published (customer_id int, x int, t_x float8, t float8, x_star int);
\\copy published FROM '$data/data/cdnow_sample_cbs_week39_exact.csv' CSV HEADER
CREATE TABLE cdnow_ledgers AS SELECT customer_id, total(ledger(day, revenue => amount, purchases => 1)) AS l FROM cdnow GROUP BY 1;
SQL
is(rows($node, $db, <<'SQL'), '2357|0', 'CDNOW: purchase days to week 39 are the published frequencies, plus the first');
SELECT count(*), count(*) FILTER (WHERE purchase_days(c) - 1 IS DISTINCT FROM x
	OR abs((last_purchase(c) - first_purchase(c)) / 7.0 - t_x) > 1e-9
	OR abs((date '1997-09-30' - first_purchase(c)) / 7.0 - t) > 1e-9)
FROM published LEFT JOIN (SELECT customer_id, l * daterange(NULL, '1997-09-30', '[]') AS c FROM cdnow_ledgers) s USING (customer_id)
SQL
is(rows($node, $db, 'SELECT sum(purchases(l)), revenue(total(l)), sum(cardinality(ARRAY(SELECT day FROM entries(l) WHERE amount = 0))) > 0 FROM cdnow_ledgers'),
	rows($node, $db, 'SELECT count(*), sum(amount), true FROM cdnow'),
	'CDNOW: every order and dollar is there, the free ones too');

# The whole master file, and the cohort with invoices in pounds.
SKIP:
{
	skip 'cdnow_master.csv or online_retail_uci_invoices.csv is not here', 2
	  unless -f "$data/data/cdnow_master.csv" && -f "$data/data/online_retail_uci_invoices.csv";
	$node->safe_psql($db, <<"SQL");
CREATE TABLE master (customer_id int, day date, amount numeric, units int);
\\copy master FROM '$data/data/cdnow_master.csv' CSV HEADER
CREATE TABLE retail (customer_id int, day date, amount numeric, invoice_no text);
\\copy retail FROM '$data/data/online_retail_uci_invoices.csv' CSV HEADER
SQL
	is(rows($node, $db, <<'SQL'), '23570|0', 'CDNOW master: all customers');
SELECT count(*), count(*) FILTER (WHERE revenue(l) <> amount OR purchases(l) <> n OR purchase_days(l) <> days)
FROM (SELECT total(ledger(day, revenue => amount, purchases => 1)) AS l, sum(amount) AS amount, count(*) AS n, count(DISTINCT day) AS days
	FROM master GROUP BY customer_id) s
SQL
	is(rows($node, $db, <<'SQL'), '4338|0|GBP|8911407.90', 'Online Retail: all customers, and the usual total');
SELECT count(*), count(*) FILTER (WHERE revenue(l) <> amount OR purchases(l) <> n OR purchase_days(l) <> days), max(currency(l)), revenue(total(l))
FROM (SELECT total(ledger(day, revenue => amount, currency => 'GBP')) AS l, sum(amount) AS amount, count(*) AS n, count(DISTINCT day) AS days
	FROM retail GROUP BY customer_id) s
SQL
}

done_testing();
