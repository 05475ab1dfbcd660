# Trees on the public Superstore data: attributes do not tell profit there.
#
# The figures are scikit-learn's, by test/reference/tree_sklearn.py; its trees
# have categories as numbers, or as columns of zeros and ones.  Where the data
# are absent, the test is skipped and says so.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $data = public_data('data/superstore.csv');

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

# What scikit-learn explains: the attribute left out, leaves, least customers of a
# leaf, with categories as numbers, with columns of zeros and ones.
my @theirs = map { [split] } split /\n/, <<'END';
- 2 1 0.008761697 0.014107921
- 2 5 0.008761697 0.008761697
- 2 20 0.008761697 0.008761697
- 4 1 0.036765302 0.039715922
- 4 5 0.036765302 0.026006455
- 4 20 0.021604370 0.021604370
- 8 1 0.114151214 0.192322391
- 8 5 0.057722867 0.041415330
- 8 20 0.039214763 0.037591509
- 16 1 0.228237859 0.265859774
- 16 5 0.088708358 0.073685599
- 16 20 0.064965250 0.064599961
segment 8 1 0.094378865 0.150656418
segment 8 5 0.059112551 0.041415330
segment 8 20 0.037709780 0.037524463
region 8 1 0.130561081 0.192322391
region 8 5 0.054521416 0.040314221
region 8 20 0.038174661 0.038619017
state 8 1 0.081094703 0.083947022
state 8 5 0.056734460 0.061103129
state 8 20 0.037708506 0.037708506
category 8 1 0.114151214 0.192322391
category 8 5 0.055494410 0.041415330
category 8 20 0.036990983 0.037028970
ship_mode 8 1 0.069159077 0.089667380
ship_mode 8 5 0.038391176 0.031450043
ship_mode 8 20 0.037253555 0.030559982
quantity 8 1 0.069319905 0.109604986
quantity 8 5 0.044359168 0.040567811
quantity 8 20 0.036089375 0.037197149
END

for (@theirs)
{
	my ($without, $leaves, $least, $numbers, $columns) = @$_;
	my $setting = "without $without, $leaves leaves of at least $least";
	my $explained = "FROM (SELECT value_tree(profit, features - '$without', $leaves, branching(folds => 0, min_customers => $least)) AS s";

	is(rows($node, $db, "SELECT abs(in_sample - $numbers) < 1e-8 $explained FROM coded) t, cross_validation(s)"),
		't', "$setting: the same of categories as numbers");
	# nine digits are given
	is(rows($node, $db, "SELECT in_sample > greatest($numbers, $columns) - 1e-9 $explained FROM customers) t, cross_validation(s)"),
		't', "$setting: no less of categories than of any numbers");
}
is(rows($node, $db, <<'SQL'), 't', 'eight leaves that take single states off explain 19 %');
SELECT abs(in_sample - 0.192322391) < 1e-8
FROM (SELECT value_tree(profit, features, 8, branching(folds => 0, min_customers => 1)) AS s FROM customers) t, cross_validation(s)
SQL

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
