# Concentration on the public Superstore data: every figure, and every one of them
# without each of the 793 customers, against plain SQL the slow way.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');
superstore($node, $db);

$node->safe_psql($db, <<"SQL");
CREATE TABLE lines AS SELECT customer_id, order_date AS day, round(sales, 4) AS sales, round(profit, 4) AS profit FROM superstore;
CREATE TABLE ledgers AS SELECT customer_id, total(ledger(day, revenue => sales, cogs => sales - profit)) AS l FROM lines GROUP BY 1;
CREATE TABLE profits AS SELECT customer_id, sum(profit) AS profit, greatest(sum(profit), 0) AS gain FROM lines GROUP BY 1;
CREATE FUNCTION near(a numeric, b numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS
	'SELECT a = b OR abs(a - b) <= 1e-15 * greatest(abs(a), abs(b))';
SQL

is(rows($node, $db, 'SELECT customers, gainers, losers FROM (SELECT whale_curve(profit(l)) AS w FROM ledgers) c, concentration(w)'),
	rows($node, $db, 'SELECT count(*), count(*) FILTER (WHERE profit > 0), count(*) FILTER (WHERE profit < 0) FROM profits'),
	'customers, those who gain and those who lose');
is(rows($node, $db, <<'SQL'), 't|t|t|t|t|t|t|t', 'totals, Gini, Herfindahl and top shares of all customers');
WITH ranked AS (SELECT *, row_number() OVER (ORDER BY profit DESC) AS place, count(*) OVER () AS n, sum(gain) OVER (ORDER BY profit DESC ROWS UNBOUNDED PRECEDING) AS so_far FROM profits),
	slowly AS (SELECT sum(profit) AS net, sum(gain) AS gains, sum(gain * gain) / (sum(gain) * sum(gain)) AS herfindahl,
		sum(profit * greatest(0, least(1, 0.2 * n - place + 1))) / sum(profit) AS of_net, sum(gain * greatest(0, least(1, 0.2 * n - place + 1))) / sum(gain) AS of_gains FROM ranked)
SELECT s.net = c.net, s.gains = c.gains, s.net - s.gains = c.losses, near(s.herfindahl, c.herfindahl), near(s.of_net, c.top_share_of_net), near(s.of_gains, c.top_share_of_gains),
	near(c.gini, (SELECT sum(abs(a.gain - b.gain)) FROM profits a, profits b) / (2 * 793 * s.gains)),
	c.customers_for_share = (SELECT min(place) FROM ranked WHERE so_far >= 0.8 * s.gains)
FROM slowly s, (SELECT whale_curve(profit(l)) AS w FROM ledgers) f, concentration(w) c
SQL
is(rows($node, $db, <<'SQL'), 't|t', 'the aggregates are the same over numeric and double precision');
SELECT gini(profit) = gini(profit::float8) AND gini(profit) = gini(whale_curve(profit)), herfindahl(profit) = herfindahl(profit::float8) AND herfindahl(profit) = herfindahl(whale_curve(profit))
FROM profits
SQL

# 793 times 792 others
is(rows($node, $db, <<'SQL'), '793|0|0|0|0|0|0|0', 'each customer left out: rank, shares, net, top share, Gini, Herfindahl');
WITH others AS (SELECT a.customer_id, b.profit, b.gain, row_number() OVER (PARTITION BY a.customer_id ORDER BY b.profit DESC) AS place
		FROM profits a JOIN profits b ON a.customer_id <> b.customer_id),
	slowly AS (SELECT customer_id, sum(profit) AS net, sum(gain * greatest(0, least(1, 0.2 * 792 - place + 1))) / sum(gain) AS top_share,
		sum((793 - 2 * place) * gain) / (792 * sum(gain)) AS gini, sum(gain * gain) / (sum(gain) * sum(gain)) AS herfindahl FROM others GROUP BY 1),
	beside AS (SELECT customer_id, profit, rank() OVER (ORDER BY profit DESC) AS rank, profit / sum(profit) OVER () AS of_net, gain / sum(gain) OVER () AS of_gains FROM profits)
SELECT count(*), count(*) FILTER (WHERE i.rank <> b.rank), count(*) FILTER (WHERE NOT near(i.share_of_net, b.of_net)), count(*) FILTER (WHERE NOT near(i.share_of_gains, b.of_gains)),
	count(*) FILTER (WHERE i.net_without <> s.net), count(*) FILTER (WHERE NOT near(i.top_share_of_gains_without, s.top_share)),
	count(*) FILTER (WHERE NOT near(i.gini_without, s.gini)), count(*) FILTER (WHERE NOT near(i.herfindahl_without, s.herfindahl))
FROM slowly s JOIN beside b USING (customer_id) JOIN ledgers USING (customer_id), (SELECT whale_curve(profit(l)) AS w FROM ledgers) c, influence(w, profit(l)) i
SQL

is(rows($node, $db, <<'SQL'), '4|0', 'the trend over the years: of the customers who bought in each');
SELECT count(*), count(*) FILTER (WHERE c.customers <> s.customers OR c.net <> s.net OR NOT near(c.gini, s.gini) OR NOT near(c.herfindahl, s.herfindahl))
FROM (SELECT period, whale_curve(profit(ledger)) AS w FROM ledgers, periods(l, 'year') GROUP BY 1) t
CROSS JOIN LATERAL concentration(w) c
JOIN (SELECT year, count(*) AS customers, sum(profit) AS net, sum((n + 1 - 2 * place) * gain) / (max(n) * sum(gain)) AS gini, sum(gain * gain) / (sum(gain) * sum(gain)) AS herfindahl
	FROM (SELECT date_trunc('year', day)::date AS year, sum(profit) AS profit, greatest(sum(profit), 0) AS gain, count(*) OVER y AS n, row_number() OVER (y ORDER BY sum(profit) DESC) AS place
		FROM lines GROUP BY customer_id, 1 WINDOW y AS (PARTITION BY date_trunc('year', day)::date)) p
	GROUP BY 1) s ON s.year = lower(period)
SQL

# How often customers came, as counts.
is(rows($node, $db, <<'SQL'), 't|t', 'a fifth of the customers had so many of the order days');
SELECT near(top_share_of_gains(n, 0.2), max(share)), near(gini(n), max(gini))
FROM (SELECT count(DISTINCT day) AS n FROM lines GROUP BY customer_id) c,
	(SELECT sum(n * greatest(0, least(1, 0.2 * 793 - place + 1))) / sum(n) AS share, sum((794 - 2 * place) * n) / (793 * sum(n)) AS gini
	FROM (SELECT count(DISTINCT day) AS n, row_number() OVER (ORDER BY count(DISTINCT day) DESC) AS place FROM lines GROUP BY customer_id) r) s
SQL

done_testing();
