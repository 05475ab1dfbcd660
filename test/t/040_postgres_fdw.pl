# Ledgers over two servers: a table partitioned by hash of the customer, one partition on
# each, joined by postgres_fdw.  The total of each customer must be computed where
# the customer's rows are, and be the same bytes as on one server.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $rows = 'SELECT n % 1000 AS customer, date \'2024-01-01\' + n % 366 AS day,
	(n * 7919 % 100000 - 20000) / 100.0 AS revenue, (n * 104729 % 50000) / 100.0 AS cogs, \'EUR\' AS currency FROM generate_series(1, 20000) AS n';
my $shape = '(customer int, day date NOT NULL, revenue numeric(12,2), cogs numeric(12,2), currency text)';
my $ledger = 'ledger(day, revenue => revenue, cogs => cogs)';

my @node = map { start_node("server_$_") } (0, 1);
create_database($node[0], 'hub');
create_database($_, 'shard') for @node;

# The hub: everything in one plain table, and the same over the shards.
$node[0]->safe_psql('hub', "CREATE EXTENSION postgres_fdw;
	CREATE TABLE local_lines $shape; INSERT INTO local_lines $rows;
	CREATE TABLE lines $shape PARTITION BY HASH (customer);");
for my $i (0, 1)
{
	$node[$i]->safe_psql('shard', "CREATE TABLE lines $shape");
	my ($host, $port) = ($node[$i]->host, $node[$i]->port);
	$node[0]->safe_psql('hub', "
		CREATE SERVER shard_$i FOREIGN DATA WRAPPER postgres_fdw
			OPTIONS (host '$host', port '$port', dbname 'shard', extensions 'customer_value',
				use_remote_estimate 'true', async_capable 'true', fetch_size '10000');
		CREATE USER MAPPING FOR CURRENT_USER SERVER shard_$i;
		CREATE FOREIGN TABLE lines_$i PARTITION OF lines FOR VALUES WITH (MODULUS 2, REMAINDER $i)
			SERVER shard_$i OPTIONS (table_name 'lines');");
}
$node[0]->safe_psql('hub', 'INSERT INTO lines SELECT * FROM local_lines');
$node[$_]->safe_psql('shard', 'ANALYZE lines') for (0, 1);
$node[0]->safe_psql('hub', 'ANALYZE; ALTER DATABASE hub SET enable_partitionwise_aggregate = on');

is(rows($node[0], 'hub', 'SELECT count(*) > 0 FROM lines_0') . rows($node[0], 'hub', 'SELECT count(*) > 0 FROM lines_1'),
	'tt', 'both servers hold rows');

# What the plan says is sent to the servers.
sub remote_sql
{
	my $plan = rows($node[0], 'hub', "EXPLAIN (VERBOSE, COSTS OFF) $_[0]");
	return ($plan, $plan =~ /Remote SQL: (.*)/g);
}

sub is_shipped
{
	my ($name, $query) = @_;
	my ($plan, @remote) = remote_sql($query);
	ok(@remote == 2 && 2 == grep({ /customer_value\.total\(/ } @remote) && $plan =~ /Relations: Aggregate on/,
		"$name is computed on the shards") or diag($plan);
}

my $per_customer = "SELECT customer, total($ledger) AS l FROM %s GROUP BY customer";
my $digest = 'SELECT count(*), md5(string_agg(customer || l::text || encode(ledger_send(l), \'hex\'), \',\' ORDER BY customer)) FROM (%s) AS t';

is_shipped('the total per customer', sprintf($per_customer, 'lines'));
is(rows($node[0], 'hub', sprintf($digest, sprintf($per_customer, 'lines'))),
	rows($node[0], 'hub', sprintf($digest, sprintf($per_customer, 'local_lines'))),
	'the total per customer has the same bytes as on one server');

my $in_period = 'SELECT customer, profit(total(' . $ledger . ")) AS profit FROM %s WHERE day >= '2024-07-01' GROUP BY customer
	HAVING profit(total($ledger)) < 0";
is_shipped('profit of those who lose in a period', sprintf($in_period, 'lines'));
is(rows($node[0], 'hub', sprintf("SELECT count(*), sum(profit) FROM ($in_period) AS t", 'lines')),
	rows($node[0], 'hub', sprintf("SELECT count(*), sum(profit) FROM ($in_period) AS t", 'local_lines')),
	'and is the same as on one server');

# With the currency from a column.  A constant one is different: postgres_fdw sends no
# function whose collation comes from a constant, so it fetches the rows.
my $in_euro = 'SELECT customer, total(ledger(day, revenue => revenue, cogs => cogs, currency => %s)) AS l FROM %s GROUP BY customer';
is_shipped('the total in the currency of a column', sprintf($in_euro, 'currency', 'lines'));
for my $currency ('currency', "'EUR'")
{
	is(rows($node[0], 'hub', sprintf($digest, sprintf($in_euro, $currency, 'lines'))),
		rows($node[0], 'hub', sprintf($digest, sprintf($in_euro, $currency, 'local_lines'))),
		"the total in the currency $currency has the same bytes as on one server");
}

# Over everything: the rows stay where they are if the totals are made in two steps.
my $two_steps = 'SELECT total(l) AS l FROM (' . sprintf($per_customer, '%s') . ') AS t';
is_shipped('the total of everything, in two steps,', sprintf($two_steps, 'lines'));
my $whole = rows($node[0], 'hub', sprintf("SELECT ledger_send(l) FROM (SELECT total($ledger) AS l FROM %s) AS t", 'local_lines'));
is(rows($node[0], 'hub', sprintf("SELECT ledger_send(l) FROM ($two_steps) AS t", 'lines')), $whole,
	'the total of everything has the same bytes as on one server');
is(rows($node[0], 'hub', sprintf("SELECT ledger_send(l) FROM (SELECT total($ledger) AS l FROM %s) AS t", 'lines')), $whole,
	'so it has in one step, which fetches the rows');

done_testing();
