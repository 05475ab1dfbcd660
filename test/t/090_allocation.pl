# Cost to serve on superstore: 793 customers, against plain SQL.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'data');
superstore($node, $db);

# Sales are what is left of the list price after the discount.
$node->safe_psql($db, <<"SQL");
CREATE TABLE lines AS
SELECT r.*, round(sales, 2) AS invoice, round(sales / (1 - discount), 2) AS list FROM superstore r;
CREATE TABLE customers AS
SELECT customer_id, sum(quantity) AS pieces, count(DISTINCT order_id) AS orders, sum(sales) AS sales, sum(sales) / 7 AS quotient FROM lines GROUP BY 1;

-- the slow way: every customer in the order of remainders
CREATE FUNCTION slowly(pool numeric, driver text, scale int, OUT customer_id text, OUT part numeric) RETURNS SETOF record LANGUAGE plpgsql AS \$\$
BEGIN
	RETURN QUERY EXECUTE format(\$q\$
		SELECT customer_id, (q + CASE WHEN row_number() OVER (ORDER BY rest DESC, customer_id COLLATE "C") <= %1\$s * 10 ^ %3\$s - sum(q) OVER () THEN 1 ELSE 0 END) / 10::numeric ^ %3\$s
		FROM (SELECT customer_id, div(due, total) AS q, mod(due, total) AS rest
			FROM (SELECT customer_id, %1\$s * 10::numeric ^ %3\$s * %2\$s AS due, sum(%2\$s) OVER () AS total FROM customers) a) b\$q\$, pool, driver, scale);
END \$\$;
SQL

for my $driver (qw(pieces orders sales quotient 1))
{
	is(rows($node, $db, <<"SQL"), '793|0|123456.78', "a pool by $driver, to the cent");
SELECT count(*), count(*) FILTER (WHERE o.part IS DISTINCT FROM s.part), sum(o.part)
FROM (SELECT customer_id, allocate(123456.78, $driver, customer_id) OVER () AS part FROM customers) o FULL JOIN slowly(123456.78, '$driver', 2) s USING (customer_id)
SQL
}
is(rows($node, $db, <<'SQL'), '4|0|0', 'a pool for each ship mode over its order lines, then to customers; each adds up');
SELECT count(*), count(*) FILTER (WHERE (s).pool <> pool OR (s).customers <> pool), sum((s).unassigned + (s).unallocated)::int
FROM (SELECT ship_mode, pool, allocation_summary(pool, part, customer_id) AS s
	FROM (SELECT ship_mode, customer_id, pool, allocate(pool, quantity, (order_id, product_id, n)) OVER (PARTITION BY ship_mode) AS part
		FROM (SELECT *, 1000.01 * length(ship_mode) AS pool, row_number() OVER (PARTITION BY order_id, product_id ORDER BY sales) AS n FROM lines) l) p
	GROUP BY ship_mode, pool) a
SQL
is(rows($node, $db, <<'SQL'), '793|0|t|t', 'minutes of service: every customer within a cent and a half of the rate, all of them what the statement says');
SELECT count(*), count(*) FILTER (WHERE abs(part - minutes * rate) >= 0.015), sum(part) = cost_used, cost_used + cost_unused = 250000 FROM
(SELECT customer_id, minutes, sum(minutes) OVER () AS used, allocate_time(250000, minutes, 175000, customer_id) OVER () AS part
	FROM (SELECT customer_id, orders * 12 + pieces * 1.5 AS minutes FROM customers) m) p, capacity_statement(250000, used, 175000)
GROUP BY cost_used, cost_unused
SQL
is(rows($node, $db, <<'SQL'), 't|t|t', 'the pocket price by waterfall, from ledgers and by hand');
WITH s AS (SELECT sum(list) AS list, sum(list - invoice) AS discount, sum(round(invoice * 0.02, 2)) AS terms FROM lines),
	w AS (SELECT w.* FROM s, price_waterfall(list, ARRAY[('discount', discount)]::deduction[], ARRAY[('terms', terms)]::deduction[]) w),
	l AS (SELECT total(ledger(order_date, revenue => list, discount => deductions(list - invoice, round(invoice * 0.02, 2)))) AS l FROM lines)
SELECT (SELECT price FROM w WHERE name = 'pocket price') = net_revenue(l), (SELECT price FROM w WHERE name = 'invoice price') = (SELECT sum(invoice) FROM lines),
	net_revenue(l) = (SELECT sum(invoice - round(invoice * 0.02, 2)) FROM lines) FROM l
SQL

done_testing();
