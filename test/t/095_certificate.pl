# Certificates of the customers of superstore, and their ledgers in another currency,
# against plain SQL over its rows.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'certified');
superstore($node, $db);

$node->safe_psql($db, <<"SQL");
CREATE TABLE lines AS
SELECT row_number() OVER (ORDER BY customer_id COLLATE "C", order_date, order_id COLLATE "C", product_id COLLATE "C", sales) AS line, customer_id, region,
	order_date AS day, round(sales, 2) AS sales, round(sales, 2) - round(profit, 2) AS cost
FROM superstore;
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => sales, cogs => cost, purchases => 1, currency => 'USD')) AS l FROM lines GROUP BY 1;
CREATE VIEW now AS SELECT certificate(customer_id, l) AS c FROM ledgers;
CREATE TABLE stored AS SELECT c FROM now;
SQL

# What it says
is(rows($node, $db, 'SELECT ledgers(c), purchases(c) FROM stored'), rows($node, $db, 'SELECT count(DISTINCT customer_id), count(*) FROM lines'),
	'so many customers and lines');
is(rows($node, $db, <<'SQL'), '96|0', 'the control totals are those of the rows, month by month');
SELECT count(*), count(*) FILTER (WHERE t.amount IS DISTINCT FROM p.amount OR t.purchases IS DISTINCT FROM p.purchases)
FROM (SELECT lower(t.period) AS month, t.account::text, t.amount, t.purchases FROM stored, control_totals(c) t WHERE t.currency = 'USD') t
FULL JOIN (SELECT date_trunc('month', day)::date AS month, 'revenue' AS account, sum(sales) AS amount, count(*) AS purchases FROM lines GROUP BY 1
	UNION ALL SELECT date_trunc('month', day)::date, 'cogs', sum(cost), 0 FROM lines GROUP BY 1) p USING (month, account)
SQL
is(rows($node, $db, <<'SQL'), 't', 'the checksum is the sum of what sha256() says');
WITH digest AS (SELECT encode(sha256('\x02' || int8send(octet_length(customer_id)) || convert_to(customer_id, 'UTF8') || ledger_send(l)), 'hex') AS d FROM ledgers),
	value AS (SELECT hex, (SELECT sum(('x' || substr(hex, 1 + 8 * i, 8))::bit(32)::bigint * trunc(4294967296::numeric ^ (7 - i))) FROM generate_series(0, 7) i) AS v
		FROM (SELECT d AS hex FROM digest UNION ALL SELECT checksum(c) FROM stored) h)
SELECT mod(sum(v) FILTER (WHERE hex IN (SELECT d FROM digest)), trunc(4294967296::numeric ^ 8)) = max(v) FILTER (WHERE hex IN (SELECT checksum(c) FROM stored)) FROM value
SQL
is(rows($node, $db, 'SELECT count(*), total(c) = (SELECT c FROM stored) FROM (SELECT certificate(customer_id, l) AS c FROM ledgers GROUP BY left(customer_id, 1)) s'),
	'25|t', 'shards certified by themselves add up');
is(rows($node, $db, <<'SQL'), '4|f|t', 'regions have customers in common: as ledgers they do not add up to the whole, their totals do');
WITH r AS (SELECT count(*) AS regions, total(c) AS c FROM (
	SELECT certificate(customer_id, l) AS c FROM (SELECT region, customer_id, total(ledger(day, revenue => sales, cogs => cost, purchases => 1, currency => 'USD')) AS l
		FROM lines GROUP BY 1, 2) x GROUP BY region) s)
SELECT regions, r.c = w.c, (SELECT count(*) FROM differences(r.c, w.c) WHERE figure NOT IN ('ledgers', 'checksum')) = 0 FROM r, stored w
SQL

# One row altered by a cent, missing, doubled, of another customer
sub after_change
{
	my $change = shift;
	return $node->safe_psql($db, <<"SQL");
BEGIN;
$change;
WITH now AS (SELECT certificate(customer_id, l) AS c FROM (SELECT customer_id, total(ledger(day, revenue => sales, cogs => cost, purchases => 1, currency => 'USD')) AS l FROM lines GROUP BY 1) l)
SELECT d.figure, d.currency, lower(d.period), d.account, d.change FROM stored, now, differences(stored.c, now.c) d;
ROLLBACK
SQL
}
my $line = rows($node, $db, "SELECT line FROM lines WHERE day BETWEEN '2016-03-01' AND '2016-03-31' ORDER BY line OFFSET 40 LIMIT 1");
my ($sales, $cost) = split /\|/, rows($node, $db, "SELECT sales, cost FROM lines WHERE line = $line");
my $month = rows($node, $db, "SELECT date_trunc('month', day)::date FROM lines WHERE line = $line");

is(after_change('SELECT'), '', 'nothing altered: no difference');
is(after_change("UPDATE lines SET sales = sales + 0.01 WHERE line = $line"), "checksum||||\namount|USD|$month|revenue|0.01",
	'a cent more: its account and month are named');
is(after_change("UPDATE lines SET sales = sales + 0.01, cost = cost - 1 WHERE line = $line"),
	"checksum||||\namount|USD|$month|revenue|0.01\namount|USD|$month|cogs|-1.00", 'two accounts');
is(after_change("DELETE FROM lines WHERE line = $line"),
	"checksum||||\npurchases|USD|$month||-1\namount|USD|$month|revenue|-$sales\namount|USD|$month|cogs|-$cost", 'a row is missing');
is(after_change("INSERT INTO lines SELECT * FROM lines WHERE line = $line"),
	"checksum||||\npurchases|USD|$month||1\namount|USD|$month|revenue|$sales\namount|USD|$month|cogs|$cost", 'a row is doubled');
is(after_change("UPDATE lines SET customer_id = (SELECT customer_id FROM lines WHERE customer_id <> l.customer_id ORDER BY customer_id LIMIT 1) FROM lines l WHERE lines.line = $line AND l.line = $line"),
	'checksum||||', 'a row is of another customer: the totals stay, the checksum does not');
like(after_change("DELETE FROM lines WHERE customer_id = (SELECT customer_id FROM lines WHERE line = $line)"), qr/^ledgers\|\|\|\|-1\nchecksum/, 'a customer is missing');
is(rows($node, $db, <<'SQL'), '300|0', 'each of 300 rows altered by a cent is found, where it is');
SELECT count(*), count(*) FILTER (WHERE found IS DISTINCT FROM 2 OR NOT here)
FROM (SELECT * FROM lines WHERE line % 33 = 7 LIMIT 300) x, LATERAL (
	SELECT count(*) AS found, bool_or(d.account = 'cogs' AND d.change = -0.01 AND x.day <@ d.period AND d.figure = 'amount') AS here FROM stored,
		LATERAL (SELECT certificate(customer_id, CASE customer_id WHEN x.customer_id THEN l - ledger(x.day, cogs => 0.01, currency => 'USD') ELSE l END) AS c FROM ledgers) now,
		differences(stored.c, now.c) d) f
SQL

# In another currency, at a rate that changes from day to day and is unknown on weekends
$node->safe_psql($db, <<'SQL');
CREATE TABLE fixing AS
SELECT day::date, round(0.85 + (extract(doy FROM day) / 2000)::numeric + 0.0001 * (extract(dow FROM day))::numeric, 6) AS rate
FROM generate_series(timestamp '2013-12-20', '2021-01-10', '1 day') day WHERE extract(isodow FROM day) < 6;
CREATE TABLE daily AS
SELECT day::date, (SELECT rate FROM fixing f WHERE f.day <= d.day ORDER BY f.day DESC LIMIT 1) AS rate
FROM generate_series(timestamp '2014-01-01', '2020-12-31', '1 day') d (day);
SQL
is(rows($node, $db, <<'SQL'), '793|0', 'each customer in euros is what plain SQL makes of each day');
SELECT count(*), count(*) FILTER (WHERE revenue(e) IS DISTINCT FROM p.sales OR cost(e) IS DISTINCT FROM p.cost OR purchases(e) IS DISTINCT FROM p.lines OR currency(e) <> 'EUR')
FROM (SELECT customer_id, convert(l, 'EUR', (SELECT exchange_rates('USD', day, rate) FROM daily)) AS e FROM ledgers) c
JOIN (SELECT customer_id, sum(round(sales * rate, 2)) AS sales, sum(round(cost * rate, 2)) AS cost, sum(lines) AS lines
	FROM (SELECT customer_id, day, sum(sales) AS sales, sum(cost) AS cost, count(*) AS lines FROM lines GROUP BY 1, 2) d JOIN daily USING (day) GROUP BY 1) p USING (customer_id)
SQL
my ($out, $err) = psql_session($node, $db, "SELECT count(convert(l, 'EUR', (SELECT exchange_rates('USD', day, rate) FROM fixing))) FROM ledgers");
my ($missing) = $err =~ /no exchange rate for USD on (\S+)/;
is(rows($node, $db, "SELECT extract(isodow FROM date '$missing') >= 6, EXISTS (SELECT FROM lines WHERE day = '$missing')"), 't|t', 'without rates for weekends, a weekend on which something was sold is named');

done_testing();
