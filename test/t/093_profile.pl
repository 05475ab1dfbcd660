# The profile of Superstore's eight value segments, every figure against plain SQL over
# the order lines: accounts, shares, frequency, mixes, effort, and the cards made of them.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'profile');
superstore($node, $db);

# Delivery is made up, 0.35 a piece, so that there is a cost to serve.  An order is a row of
# the ledger, and a purchase.
$node->safe_psql($db, <<"SQL");
CREATE TABLE lines AS
SELECT customer_id, order_id, order_date AS day, round(sales / (1 - discount), 4) AS list, round(sales, 4) AS sales, round(profit, 4) AS profit,
	quantity * 0.35 AS delivery, ship_mode AS channel, region, category, sub_category, product_name AS product
FROM superstore;
CREATE TABLE orders AS
SELECT customer_id, order_id, day, sum(list) AS list, sum(list - sales) AS discount, sum(sales - profit) AS cogs, sum(delivery) AS delivery
FROM lines GROUP BY 1, 2, 3;
CREATE TABLE ledgers AS
SELECT customer_id, total(ledger(day, revenue => list, discount => discount, cogs => cogs, delivery => delivery, currency => 'USD')) AS l FROM orders GROUP BY 1;
CREATE TABLE members AS
SELECT segment(s, profit(l)) AS segment, customer_id, l FROM ledgers, (SELECT value_segments(profit(l), 8) AS s FROM ledgers) v;
CREATE TABLE segment_lines AS SELECT segment, lines.* FROM lines JOIN members USING (customer_id);
CREATE TABLE profiles AS SELECT segment_profile(segment, l) AS p FROM members;
CREATE TABLE slow AS
WITH c AS (SELECT segment, customer_id, sum(list) AS revenue, sum(discount) AS discount, sum(cogs) AS cogs, sum(delivery) AS delivery,
		sum(list - discount - cogs - delivery) AS profit, count(*) AS purchases, count(DISTINCT day) AS days
		FROM orders JOIN members USING (customer_id) GROUP BY 1, 2),
	g AS (SELECT segment, count(*) AS customers, count(*) FILTER (WHERE profit > 0) AS gainers, count(*) FILTER (WHERE profit < 0) AS losers,
		sum(revenue) AS revenue, sum(discount) AS discount, sum(cogs) AS cogs, sum(delivery) AS delivery, sum(profit) AS profit,
		coalesce(sum(profit) FILTER (WHERE profit > 0), 0) AS gains, coalesce(sum(profit) FILTER (WHERE profit < 0), 0) AS losses,
		sum(purchases)::bigint AS purchases, sum(days)::bigint AS days FROM c GROUP BY 1)
SELECT g.*, customers / sum(customers) OVER () AS of_customers, revenue / sum(revenue) OVER () AS of_revenue, profit / sum(profit) OVER () AS of_net,
	gains / sum(gains) OVER () AS of_gains, losses / sum(losses) OVER () AS of_losses FROM g;
SQL

is(rows($node, $db, 'SELECT count(*), sum(customers), sum(gainers), sum(losers), sum(purchases) FROM slow'), '8|793|624|169|5009', 'eight segments of 793 customers with 5,009 orders');

# Exact figures are equal, quotients to 15 digits.
is(rows($node, $db, <<'SQL'), '8|0', 'every figure of every segment is that of plain SQL');
SELECT count(*), count(*) FILTER (WHERE (p.customers, p.gainers, p.losers, p.revenue, p.discount, p.cogs, p.selling, p.marketing, p.service, p.delivery, p.acquisition,
	p.retention, p.credit_loss, p.overhead, p.other, p.net_revenue, p.cost_to_serve, p.contribution, p.profit, p.gains, p.losses, p.buyers, p.purchases, p.purchase_days, p.currency)
	IS DISTINCT FROM (s.customers, s.gainers, s.losers, s.revenue, s.discount, s.cogs, 0, 0, 0, s.delivery, 0, 0, 0, 0, 0, s.revenue - s.discount, s.delivery, s.profit, s.profit, s.gains, s.losses,
		s.customers, s.purchases, s.days, 'USD')
	OR greatest(abs(p.margin - s.profit / (s.revenue - s.discount)), abs(share_of_customers - of_customers), abs(share_of_revenue - of_revenue), abs(share_of_net - of_net),
		abs(share_of_gains - of_gains), abs(share_of_losses - of_losses), abs(purchases_per_customer - s.purchases / s.customers::numeric),
		abs(revenue_per_purchase - s.revenue / s.purchases) / 1000, abs(revenue_per_customer - s.revenue / s.customers) / 10000, abs(profit_per_customer - s.profit / s.customers) / 10000) > 1e-15)
FROM profiles, unnest(p) p FULL JOIN slow s ON s.segment = p.number
SQL

is(rows($node, $db, <<'SQL'), '160|0|64', 'figures per customer and their indices');
SELECT count(*), count(*) FILTER (WHERE round(x.value, 9) IS DISTINCT FROM round(w.value, 9) OR round(x.all_customers, 9) IS DISTINCT FROM round(w.of_all, 9)
	OR round(x.index, 9) IS DISTINCT FROM CASE WHEN w.of_all > 0 THEN round(100 * w.value / w.of_all, 9) END), count(*) FILTER (WHERE x.index IS NULL)
FROM profiles, profile_index(p) x FULL JOIN (
	SELECT segment, f.figure, a / b AS value, sum(a) OVER (PARTITION BY f.figure) / sum(b) OVER (PARTITION BY f.figure) AS of_all
	FROM slow, LATERAL (VALUES ('revenue_per_customer', revenue, customers::numeric), ('discount_per_customer', discount, customers), ('cogs_per_customer', cogs, customers),
		('delivery_per_customer', delivery, customers), ('cost_to_serve_per_customer', delivery, customers), ('contribution_per_customer', profit, customers),
		('profit_per_customer', profit, customers), ('margin', profit, revenue - discount), ('losers_per_customer', losers, customers),
		('purchases_per_customer', purchases, customers), ('purchase_days_per_customer', days, customers), ('revenue_per_purchase', revenue, purchases),
		('selling_per_customer', 0, customers), ('marketing_per_customer', 0, customers), ('service_per_customer', 0, customers), ('acquisition_per_customer', 0, customers),
		('retention_per_customer', 0, customers), ('credit_loss_per_customer', 0, customers), ('overhead_per_customer', 0, customers), ('other_per_customer', 0, customers)) f(figure, a, b)
	) w ON w.segment = x.number AND w.figure = x.figure
SQL

for my $item (['channel', 32], ['category', 24], ['sub_category', 134], ['region', 32], ['product', 6499])
{
	my ($column, $pairs) = @$item;
	is(rows($node, $db, <<"SQL"), "$pairs|0", "mix by $column: amounts, shares, indices, ranks");
WITH g AS (SELECT segment, $column AS item, count(*) AS lines, sum(sales) AS amount FROM segment_lines GROUP BY 1, 2),
	w AS (SELECT *, amount / sum(amount) OVER (PARTITION BY segment) AS share, sum(amount) OVER (PARTITION BY item) / sum(amount) OVER () AS of_all,
		row_number() OVER (PARTITION BY segment ORDER BY amount DESC, item COLLATE "C") AS rank FROM g)
SELECT count(*), count(*) FILTER (WHERE (m.rank, m.lines, m.amount) IS DISTINCT FROM (w.rank, w.lines, w.amount)
	OR (greatest(abs(m.share - w.share), abs(m.share_of_all - w.of_all), abs(m.index - 100 * w.share / w.of_all) / 1e6) > 1e-15) IS NOT FALSE)
FROM unnest((SELECT segment_mix(segment, $column, sales) FROM segment_lines)) m FULL JOIN w ON w.segment = m.number AND w.item = m.item
SQL
}

is(rows($node, $db, <<'SQL'), '8|0|3', 'effort misallocation of discounts');
WITH w AS (SELECT *, discount / sum(discount) OVER () AS of_effort, greatest(profit, 0) / sum(greatest(profit, 0)) OVER () AS of_segment_gains FROM slow)
SELECT count(*), count(*) FILTER (WHERE (e.customers, e.effort, e.change, e.profit) IS DISTINCT FROM (w.customers, w.discount, 0, w.profit)
	OR greatest(abs(e.share_of_effort - w.of_effort), abs(e.share_of_net - w.of_net), abs(share_of_segment_gains - w.of_segment_gains)) > 1e-15
	OR round(misallocation, 12) IS DISTINCT FROM CASE WHEN w.profit > 0 THEN round(w.of_effort / w.of_segment_gains, 12) END), count(*) FILTER (WHERE misallocation IS NULL)
FROM unnest((SELECT effort_misallocation(segment, cost(l, 'discount'), profit(l)) FROM members)) e FULL JOIN w ON w.segment = e.number
SQL

# Largest remainder in the unit that all discounts are whole in.
is(rows($node, $db, <<'SQL'), '8|0|0.0000', 'all discounts in proportion to gains: as plain SQL apportions them, and nothing lost');
WITH e AS (SELECT segment, discount, max(min_scale(discount)) OVER () AS decimals, sum(discount) OVER () * greatest(profit, 0) / sum(greatest(profit, 0)) OVER () AS exact FROM slow),
	r AS (SELECT *, trunc(exact, decimals) AS floor, row_number() OVER (ORDER BY exact - trunc(exact, decimals) DESC, segment) AS place,
		(sum(discount) OVER () - sum(trunc(exact, decimals)) OVER ()) * 10.0 ^ decimals AS spare FROM e)
SELECT count(*), count(*) FILTER (WHERE effort IS DISTINCT FROM floor + CASE WHEN place <= spare THEN 10.0 ^ -decimals ELSE 0 END OR change <> effort - discount), sum(change)
FROM unnest((SELECT reallocate(effort_misallocation(segment, cost(l, 'discount'), profit(l))) FROM members)) e FULL JOIN r ON r.segment = e.number
SQL

is(rows($node, $db, <<'SQL'), '8|0|40|0', 'the cards say what their parts say');
WITH a AS (SELECT segment_profile(segment, l) AS profile, effort_misallocation(segment, cost_to_serve(l), profit(l)) AS effort FROM members),
	m AS (SELECT segment_mix(segment, channel, sales) AS channels, segment_mix(segment, category, sales) AS categories, segment_mix(segment, product, sales) AS products FROM segment_lines),
	cards AS (SELECT number, card FROM a, m, profile_cards(profile, effort, channels, categories, products)),
	top AS (SELECT segment, product, sum(sales) AS amount, row_number() OVER (PARTITION BY segment ORDER BY sum(sales) DESC, product COLLATE "C") AS rank FROM segment_lines GROUP BY 1, 2),
	listed AS (SELECT number, rank, item ->> 'item' AS product, (item ->> 'amount')::numeric AS amount
		FROM cards, jsonb_array_elements(card -> 'top_products') WITH ORDINALITY AS t(item, rank))
SELECT (SELECT count(*) FROM cards), (SELECT count(*) FROM cards JOIN slow s ON s.segment = cards.number, LATERAL jsonb_populate_record(NULL::segment_profile_row, card -> 'money') p
	WHERE (p.revenue, p.profit, p.gains, p.cost_to_serve, (card #>> '{customers,count}')::int, (card #>> '{money,accounts,cogs}')::numeric, (card #>> '{effort,effort}')::numeric, jsonb_array_length(card -> 'channels'))
		IS DISTINCT FROM (s.revenue, s.profit, s.gains, s.delivery, s.customers::int, s.cogs, s.delivery, 4)),
	(SELECT count(*) FROM listed), (SELECT count(*) FROM listed FULL JOIN (SELECT * FROM top WHERE top.rank <= 5) t ON t.segment = listed.number AND t.rank = listed.rank
		WHERE (listed.product, listed.amount) IS DISTINCT FROM (t.product, t.amount))
SQL

done_testing();
