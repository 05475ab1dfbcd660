# What changed between two years of Superstore: migration, bridges, retention, cohorts,
# price, volume and mix, each against plain SQL over the order lines.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');
superstore($node, $db);

$node->safe_psql($db, <<"SQL");
UPDATE superstore SET sales = round(sales, 2), profit = round(profit, 2);
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(order_date, revenue => sales, cogs => sales - profit)) AS l FROM superstore GROUP BY 1;
CREATE VIEW two_years AS SELECT *, order_date < '2018-01-01' AS first FROM superstore WHERE order_date BETWEEN '2017-01-01' AND '2018-12-31';
CREATE TABLE years AS SELECT daterange('2017-01-01', '2018-01-01') AS a, daterange('2018-01-01', '2019-01-01') AS b;
CREATE TABLE scheme AS SELECT value_segments(profit(l, a), 8) AS s FROM ledgers, years;
CREATE TABLE moves AS SELECT migration(s, profit(l, a), profit(l, b)) AS m FROM ledgers, scheme, years;

-- the slow way: profit of each customer and year by GROUP BY, segments by counting the cut points above it
CREATE TABLE slow AS
SELECT customer_id, p0, p1, CASE WHEN p0 IS NOT NULL THEN (SELECT 1 + count(*) FROM scheme, unnest(breaks(s)) cut WHERE p0 < cut) END AS before,
	CASE WHEN p1 IS NOT NULL THEN (SELECT 1 + count(*) FROM scheme, unnest(breaks(s)) cut WHERE p1 < cut) END AS after
FROM (SELECT customer_id, sum(profit) FILTER (WHERE first) AS p0, sum(profit) FILTER (WHERE NOT first) AS p1
	FROM two_years GROUP BY 1) t;
SQL

is(rows($node, $db, <<'SQL'), '793|573|638|t', 'customers of 2017 and of 2018');
SELECT count(*), count(profit(l, a)), count(profit(l, b)),
	(SELECT count(p0) FROM slow) = count(profit(l, a)) AND (SELECT count(p1) FROM slow) = count(profit(l, b)) FROM ledgers, years
SQL
is(rows($node, $db, <<'SQL'), '0', 'the migration matrix from 2017 to 2018: no cell differs');
SELECT count(*) FROM (SELECT c.* FROM moves, unnest(m) c) c
FULL JOIN (SELECT coalesce(before, 0) AS before, coalesce(after, 0) AS after, count(*) AS customers, coalesce(sum(p0), 0) AS v0, coalesce(sum(p1), 0) AS v1 FROM slow GROUP BY 1, 2) e
	ON e.before = coalesce(c.before, 0) AND e.after = coalesce(c.after, 0)
WHERE (c.customers, c.value_before, c.value_after) IS DISTINCT FROM (e.customers, e.v0, e.v1)
SQL
is(rows($node, $db, <<'SQL'), '0|8', 'its margins are the sizes of the segments');
SELECT count(*) FILTER (WHERE (x.before, x.after) IS DISTINCT FROM ((SELECT count(*) FROM slow WHERE before = number), (SELECT count(*) FROM slow WHERE after = number))
	OR (x.before, x.value_before) IS DISTINCT FROM (z.customers, z.total)), count(*)
FROM moves, migration_margins(m) x FULL JOIN (SELECT z.* FROM scheme, segments(s) z) z ON z.number = x.segment
SQL
is(rows($node, $db, <<'SQL'), '573|186|188|189|75|121|638|t', 'rates');
SELECT before, entered, upgraded, downgraded, stayed, exited, after,
	(upgrade_rate, downgrade_rate, exit_rate, entry_rate) = (SELECT avg((after < before)::int) FILTER (WHERE before + after > 0), avg((after > before)::int) FILTER (WHERE before + after > 0),
		avg((after IS NULL)::int) FILTER (WHERE before > 0), avg((before IS NULL)::int) FILTER (WHERE after > 0) FROM slow)
FROM moves, migration_rates(m)
SQL
is(rows($node, $db, <<'SQL'), <<'TEXT' =~ s/\n\z//r, 'the bridge of profit, as the order lines have it');
SELECT b.step, b.customers, b.amount, (b.customers, b.amount) = (count(*), sum(e.amount))
FROM moves, profit_bridge(m) WITH ORDINALITY b (step, customers, amount, n) LEFT JOIN (
	SELECT 'before' AS step, p0 AS amount FROM slow WHERE before > 0 UNION ALL SELECT 'after', p1 FROM slow WHERE after > 0
	UNION ALL SELECT CASE WHEN before IS NULL THEN 'entered' WHEN after IS NULL THEN 'exited' WHEN after < before THEN 'moved up' WHEN after > before THEN 'moved down' ELSE 'repriced' END,
		coalesce(p1, 0) - coalesce(p0, 0) FROM slow) e USING (step) GROUP BY b.n, b.step, b.customers, b.amount ORDER BY b.n
SQL
before|573|61618.69|t
entered|186|19482.49|t
moved up|188|85379.05|t
moved down|189|-71229.73|t
repriced|75|127.36|t
exited|121|-13582.59|t
after|638|81795.27|t
TEXT
is(rows($node, $db, <<'SQL'), 't|t', 'the bridge begins and ends with the profit of the years, and closes');
SELECT max(amount) FILTER (WHERE step = 'before') = (SELECT sum(profit) FROM superstore WHERE order_date BETWEEN '2017-01-01' AND '2017-12-31')
	AND max(amount) FILTER (WHERE step = 'after') = (SELECT sum(profit) FROM superstore WHERE order_date BETWEEN '2018-01-01' AND '2018-12-31'),
	sum(amount) FILTER (WHERE step <> 'after') = sum(amount) FILTER (WHERE step = 'after') FROM moves, profit_bridge(m)
SQL

is(rows($node, $db, <<'SQL'), 't', 'net and gross retention of revenue, 2017 to 2018');
SELECT r = (b, up, down, lost, b + up - down - lost, new, (b + up - down - lost) / b, (b - down - lost) / b, n, kept, n_new, kept::numeric / n)::revenue_retention_figures
FROM (SELECT revenue_retention(revenue(l * a), revenue(l * b)) AS r FROM ledgers, years) t,
	(SELECT sum(v0) AS b, sum(greatest(v1 - v0, 0)) AS up, sum(greatest(v0 - v1, 0)) AS down, sum(v0) FILTER (WHERE v1 IS NULL) AS lost,
		sum(v1) FILTER (WHERE v0 IS NULL) AS new, count(v0) AS n, count(v0 + v1) AS kept, count(v1) - count(v0 + v1) AS n_new
	FROM (SELECT sum(sales) FILTER (WHERE first) AS v0, sum(sales) FILTER (WHERE NOT first) AS v1,
			customer_id FROM two_years GROUP BY customer_id) c) e
SQL
is(rows($node, $db, <<'SQL'), "2016|0.9481|0.2978|0.8009\n2017|0.9441|0.3134|0.7500", 'and of each cohort by year of first purchase');
SELECT cohort, round((r).net_retention, 4), round((r).gross_retention, 4), round((r).logo_retention, 4)
FROM (SELECT extract(year FROM first_purchase(l)) AS cohort, revenue_retention(revenue(l * a), revenue(l * b)) AS r FROM ledgers, years WHERE first_purchase(l) < '2018-01-01' GROUP BY 1) t ORDER BY 1
SQL

is(rows($node, $db, <<'SQL'), '0|78', 'the cohort triangle by quarter: no cell differs');
SELECT count(*) FILTER (WHERE (c.customers, c.active, c.revenue, c.profit, c.retention, c.revenue_share)
	IS DISTINCT FROM (e.customers, e.active, e.revenue, e.profit, e.active::numeric / e.customers, e.revenue / e.first_revenue)), count(*)
FROM (SELECT c.* FROM (SELECT cohorts(l, 'quarter', '2018-12-31') AS c FROM ledgers) t, unnest(c) c) c
FULL JOIN (
	SELECT cohort, q.age, customers, count(DISTINCT s.customer_id) AS active, coalesce(sum(sales), 0) AS revenue, coalesce(sum(profit), 0) AS profit,
		first_value(coalesce(sum(sales), 0)) OVER (PARTITION BY cohort ORDER BY q.age) AS first_revenue
	FROM (SELECT cohort, count(*) AS customers, array_agg(customer_id) AS members
			FROM (SELECT customer_id, date_trunc('quarter', min(order_date))::date AS cohort FROM superstore GROUP BY 1) f GROUP BY 1) g
	CROSS JOIN LATERAL generate_series(0, ((date '2019-01-01' - cohort) / 91.3)::int - 1) q(age)
	LEFT JOIN superstore s ON s.customer_id = ANY (members) AND date_trunc('quarter', order_date) = cohort + q.age * interval '3 months'
	GROUP BY 1, 2, 3) e USING (cohort, age)
SQL

is(rows($node, $db, <<'SQL'), '0', 'price, volume and mix of sub-categories, 2017 to 2018, in each category');
WITH item AS (SELECT category, sub_category, sum(quantity) FILTER (WHERE first) AS q0, sum(sales) FILTER (WHERE first) AS v0,
	sum(quantity) FILTER (WHERE NOT first) AS q1, sum(sales) FILTER (WHERE NOT first) AS v1 FROM two_years GROUP BY 1, 2)
SELECT count(*) FILTER (WHERE ((p).before, (p).volume, (p).mix, (p).rate, (p).after, (p).items) IS DISTINCT FROM (e.v0, e.x - e.v0, e.s - e.x, e.v1 - e.s, e.v1, e.n))
FROM (SELECT category, price_volume_mix(q0, v0, q1, v1) AS p FROM item GROUP BY 1) t
FULL JOIN (SELECT category, sum(v0) AS v0, sum(v1) AS v1, round(sum(v0) * sum(q1) / sum(q0), 2) AS x, round(sum(q1 * v0 / q0), 2) AS s, count(*) AS n FROM item GROUP BY 1) e USING (category)
SQL
is(rows($node, $db, <<'SQL'), '470532.46|50409.47|-41702.98|9778.55|229755.18|-109566.82|0.00|609205.86|934|451|330|t', 'and of products, of which many enter and exit');
SELECT (p).*, p = (v0, x - w0, s - x, w1 - s, entered, exited, 0, v1, n, n_entered, n_exited)::price_volume_mix_figures
FROM (SELECT price_volume_mix(q0, v0, q1, v1) AS p, sum(v0) AS v0, sum(v1) AS v1, sum(v0) FILTER (WHERE q1 > 0) AS w0, sum(v1) FILTER (WHERE q0 > 0) AS w1,
		round(sum(v0) FILTER (WHERE q1 > 0) * sum(q1) FILTER (WHERE q0 > 0) / sum(q0) FILTER (WHERE q1 > 0), 2) AS x, round(sum(q1 * v0 / q0), 2) AS s,
		sum(v1) FILTER (WHERE q0 IS NULL) AS entered, -sum(v0) FILTER (WHERE q1 IS NULL) AS exited, count(q0 + q1) AS n, count(q1) - count(q0 + q1) AS n_entered, count(q0) - count(q0 + q1) AS n_exited
	FROM (SELECT product_id, product_name, sum(quantity) FILTER (WHERE first) AS q0, sum(sales) FILTER (WHERE first) AS v0,
		sum(quantity) FILTER (WHERE NOT first) AS q1, sum(sales) FILTER (WHERE NOT first) AS v1 FROM two_years GROUP BY 1, 2) t) u
SQL

done_testing();
