# What is bought together in the public Superstore data: by order, by customer, and who
# lacks what, against plain SQL.  Where the data are absent, the test is skipped and says so.
use strict;
use warnings;

use Test::More;

use CustomerValue;

public_data('data/superstore.csv');

my $node = start_node('main');
my $db = create_database($node, 'baskets');
superstore($node, $db);

$node->safe_psql($db, <<"SQL");
-- baskets of two kinds, and every third line of a customer's tables given back
CREATE TABLE lines AS
SELECT 'order' AS kind, order_id AS basket, sub_category AS item, quantity FROM superstore
UNION ALL SELECT 'customer', customer_id, sub_category, quantity FROM superstore
UNION ALL SELECT 'returns', customer_id, sub_category, CASE WHEN sub_category = 'Tables' AND row_number() OVER (PARTITION BY customer_id ORDER BY order_id) % 3 = 0 THEN -20 ELSE quantity END FROM superstore;
CREATE TABLE holdings AS SELECT kind, basket, item FROM lines GROUP BY 1, 2, 3 HAVING sum(quantity) > 0;
CREATE TABLE ours AS SELECT kind, association_rules(basket, item, quantity, 0.0005) AS rules FROM lines GROUP BY 1;
SQL

# The self-join, with all figures computed as their definitions say.
$node->safe_psql($db, <<'SQL');
CREATE TABLE theirs AS
WITH n AS (SELECT kind, count(DISTINCT basket) AS n FROM holdings GROUP BY 1),
	one AS (SELECT kind, item, count(*)::numeric AS n FROM holdings GROUP BY 1, 2),
	pairs AS (SELECT a.kind, a.item AS x, b.item AS y, count(*)::numeric AS n FROM holdings a JOIN holdings b USING (kind, basket) WHERE a.item <> b.item GROUP BY 1, 2, 3)
SELECT p.kind, ARRAY[p.x] AS antecedent, p.y AS consequent, p.n AS baskets, n.n AS all_baskets, p.n / n.n AS support, p.n / a.n AS confidence,
	(p.n / a.n) / (c.n / n.n) AS lift, p.n / n.n - a.n / n.n * c.n / n.n AS leverage, (1 - c.n / n.n) / nullif(1 - p.n / a.n, 0) AS conviction,
	n.n * (p.n * (n.n - a.n - c.n + p.n) - (a.n - p.n) * (c.n - p.n)) ^ 2 / nullif(a.n * c.n * (n.n - a.n) * (n.n - c.n), 0) AS chi_square,
	p.n / sqrt(a.n * c.n) AS cosine, p.n / (a.n + c.n - p.n) AS jaccard
FROM pairs p JOIN n ON n.kind = p.kind JOIN one a ON a.kind = p.kind AND a.item = p.x JOIN one c ON c.kind = p.kind AND c.item = p.y
WHERE p.n >= 0.0005 * n.n;
SQL

is(rows($node, $db, <<'SQL'), "customer|272|793|0\norder|264|5009|0\nreturns|272|793|0", 'all figures of all rules: by order, by customer, with returns');
SELECT kind, count(*), max(all_baskets), count(*) FILTER (WHERE o.lift IS NULL OR t.lift IS NULL OR abs(o.support - t.support) + abs(o.confidence - t.confidence) + abs(o.lift - t.lift)
	+ abs(o.leverage - t.leverage) + abs(o.cosine::numeric - t.cosine) + abs(o.jaccard - t.jaccard) > 1e-12
	OR (o.conviction IS NULL) <> (t.conviction IS NULL) OR abs(o.conviction - t.conviction) > 1e-9 OR abs(o.chi_square::numeric - t.chi_square) > 1e-9)
FROM (SELECT kind, r.* FROM ours, unnest(rules) r) o FULL JOIN theirs t USING (kind, antecedent, consequent, baskets, all_baskets) GROUP BY 1 ORDER BY 1
SQL
is(rows($node, $db, <<'SQL'), 't', 'returned tables make a difference');
SELECT a.n < b.n FROM (SELECT count(*) AS n FROM holdings WHERE kind = 'returns' AND item = 'Tables') a, (SELECT count(*) AS n FROM holdings WHERE kind = 'customer' AND item = 'Tables') b
SQL

# The next product of each customer: of all rules from what they own, the most confident ones.
is(rows($node, $db, <<'SQL'), '793|2377|0', 'three products for each customer, or the one or two that are left');
WITH owners AS (SELECT basket AS customer, array_agg(item) AS owned FROM holdings WHERE kind = 'customer' GROUP BY 1),
	offers AS (SELECT customer, b.* FROM owners, ours, next_best_products(rules, owned) WITH ORDINALITY b WHERE kind = 'customer'),
	best AS (SELECT DISTINCT ON (customer, consequent) customer, consequent AS item, confidence AS score, lift
		FROM owners JOIN theirs ON antecedent <@ owned AND consequent <> ALL (owned) WHERE kind = 'customer' ORDER BY customer, consequent, confidence DESC, lift DESC),
	due AS (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY score DESC, lift DESC, item COLLATE "C") AS ordinality FROM best)
SELECT count(DISTINCT customer), count(*), count(*) FILTER (WHERE o.score IS NULL OR d.score IS NULL OR abs(o.score - d.score) > 1e-12)
FROM offers o FULL JOIN (SELECT * FROM due WHERE ordinality <= 3) d USING (customer, item, ordinality)
SQL

# Who owns what in each segment, by amount, and who lacks it.
is(rows($node, $db, <<'SQL'), '51|0|793', 'penetration of 17 sub-categories in three segments');
WITH cells AS (SELECT c.* FROM (SELECT penetration(segment, customer_id, sub_category, round(sales, 4)) AS cells FROM superstore) s, unnest(cells) c),
	sizes AS (SELECT segment, count(DISTINCT customer_id)::numeric AS n FROM superstore GROUP BY 1),
	shares AS (SELECT sub_category AS item, count(DISTINCT customer_id) / 793.0 AS share FROM superstore GROUP BY 1),
	slow AS (SELECT segment, sub_category AS item, count(DISTINCT customer_id) AS owners, sum(round(sales, 4)) AS amount FROM superstore GROUP BY 1, 2)
SELECT count(*), count(*) FILTER (WHERE c.owners IS DISTINCT FROM s.owners OR customers <> n OR abs(penetration - s.owners / n) > 1e-12 OR abs(index - 100 * s.owners / n / share) > 1e-9
	OR white_space <> n - s.owners OR abs(mean_amount - s.amount / s.owners) > 1e-9 OR abs(potential - (n - s.owners) * s.amount / s.owners) > 1e-9), (SELECT sum(n) FROM sizes)
FROM cells c FULL JOIN slow s USING (segment, item) JOIN sizes USING (segment) JOIN shares USING (item)
SQL

done_testing();
