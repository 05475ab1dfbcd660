# Trees on the public Superstore data: attributes do not tell profit there.
#
# The figures are scikit-learn's, by test/reference/tree_sklearn.py; its trees
# have categories as numbers, ours choose among all subsets.  Where the data are
# absent, the test is skipped and says so.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = $ENV{CUSTOMER_VALUE_DATA} || '../shared';
plan skip_all => 'the public data sets are not here (CUSTOMER_VALUE_DATA)'
  unless -f "$data/data/superstore.csv";

my $node = start_node('main');
my $db = create_database($node, 'trees');

# What is known of a customer from the first line of the first order.
$node->safe_psql($db, <<"SQL");
CREATE TABLE superstore (order_id text, order_date date, ship_date date, ship_mode text, customer_id text,
	segment text, city text, state text, region text, product_id text, category text, sub_category text,
	product_name text, sales numeric, quantity int, discount numeric, profit numeric, line int GENERATED ALWAYS AS IDENTITY);
\\copy superstore (order_id, order_date, ship_date, ship_mode, customer_id, segment, city, state, region, product_id, category, sub_category, product_name, sales, quantity, discount, profit) FROM '$data/data/superstore.csv' CSV HEADER
CREATE TABLE customers AS
SELECT DISTINCT ON (customer_id) customer_id, round(sum(profit) OVER (PARTITION BY customer_id), 6) AS profit,
	to_jsonb(f) AS features
FROM superstore, LATERAL (SELECT segment, region, state, category, ship_mode, quantity) f
ORDER BY customer_id, order_date, order_id COLLATE "C", line;
SQL

is(rows($node, $db, 'SELECT count(*) FROM customers'), '793', 'superstore has 793 customers');

# The same questions explain the same: categories as the numbers of their order.
$node->safe_psql($db, <<'SQL');
CREATE TABLE coded AS
SELECT profit, (SELECT jsonb_object_agg(key, CASE jsonb_typeof(value) WHEN 'number' THEN value ELSE to_jsonb(
		(SELECT count(DISTINCT o.features -> key) FROM customers o WHERE o.features ->> key < (c.features ->> key) COLLATE "C")) END)
	FROM jsonb_each(features)) AS features
FROM customers c;
SQL

# leaves, least customers of a leaf, explained by scikit-learn
for (['2', '1', '0.008761697'], ['8', '1', '0.114151214'], ['8', '20', '0.039214763'])
{
	my ($leaves, $least, $theirs) = @$_;
	is(rows($node, $db, <<"SQL"), 't', "$leaves leaves of at least $least explain what scikit-learn's do");
SELECT abs(in_sample - $theirs) < 1e-8 FROM
	(SELECT value_tree(profit, features, $leaves, branching(folds => 0, min_customers => $least)) AS s FROM coded) t, cross_validation(s)
SQL

	# All subsets of categories: no single question explains less.  A tree that
	# isolates single customers is luck.
	next if $leaves eq '8' && $least eq '1';
	is(rows($node, $db, <<"SQL"), 't', "with categories, $leaves leaves of at least $least explain more");
SELECT in_sample > $theirs FROM
	(SELECT value_tree(profit, features, $leaves, branching(folds => 0, min_customers => $least)) AS s FROM customers) t, cross_validation(s)
SQL
}

is(rows($node, $db, <<'SQL'), '1|attributes do not tell the value: no tree is better than none on customers it has not seen', 'attributes do not tell profit, and it says so');
SELECT count(*), max(verdict(s)) FROM (SELECT value_tree(profit, features, 8) AS s FROM customers) t, segments(s)
SQL
is(rows($node, $db, <<'SQL'), '1', 'nor on the asinh scale');
SELECT count(*) FROM (SELECT value_tree(profit, features, 8, branching(scale => 'asinh')) AS s FROM customers) t, segments(s)
SQL
like(rows($node, $db, <<'SQL'), qr/^attributes do not tell the segment/, 'nor the value segment');
WITH v AS (SELECT value_segments(profit, 8) AS v FROM customers)
SELECT verdict(segment_tree(segment(v, profit), features, 8)) FROM customers, v
SQL
# Twelve kinds of customers only, so many are alike in all that is known of them.
like(rows($node, $db, <<'SQL'), qr/^attributes do not tell the segment/, 'nor do the two that everybody sorts by');
WITH v AS (SELECT value_segments(profit, 8) AS v FROM customers)
SELECT verdict(segment_tree(segment(v, profit), jsonb_build_object('segment', features -> 'segment', 'region', features -> 'region'), 8)) FROM customers, v
SQL
is(rows($node, $db, <<'SQL'), 't', 'comparability is then about the share of the largest segment');
WITH v AS (SELECT value_segments(profit, 8) AS v FROM customers)
SELECT abs(comparability(t) - baseline) < 0.02 FROM (SELECT segment_tree(segment(v, profit), features, 8) AS t FROM customers, v) s, cross_validation(t)
SQL

$node->stop;
done_testing();
