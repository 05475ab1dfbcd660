# CustomerValue.pm
#		What the tests that start servers share, on top of the server's own
#		PostgreSQL::Test modules.
package CustomerValue;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use Test::More;

our @EXPORT = qw(start_node create_database public_data superstore rows psql_session);

# A running server of its own that only a socket leads to.
sub start_node
{
	my $node = PostgreSQL::Test::Cluster->new(shift);
	$node->init(extra => [ "--encoding=UTF8", "--locale=C" ]);
	$node->append_conf('postgresql.conf', "timezone = 'UTC'\nmax_connections = 30\n");
	$node->start;
	return $node;
}

# A database with the extension, whose functions need no schema before them.
sub create_database
{
	my ($node, $name) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql('postgres', "ALTER DATABASE $name SET search_path = public, customer_value");
	$node->safe_psql($name, 'CREATE EXTENSION customer_value');
	return $name;
}

# Where the public data sets are; the whole test is skipped, and says so, where one of
# these files is not.
sub public_data
{
	my $data = $ENV{CUSTOMER_VALUE_DATA} || '../shared';
	for (@_)
	{
		plan skip_all => "the public data sets are not here (CUSTOMER_VALUE_DATA): $_" unless -f "$data/$_";
	}
	return $data;
}

# A table with the order lines of the public Superstore data, as they are.
sub superstore
{
	my ($node, $database) = @_;
	my $data = public_data('data/superstore.csv');
	$node->safe_psql($database, <<"SQL");
CREATE TABLE superstore (order_id text, order_date date, ship_date date, ship_mode text, customer_id text,
	segment text, city text, state text, region text, product_id text, category text, sub_category text,
	product_name text, sales numeric, quantity int, discount numeric, profit numeric);
\\copy superstore FROM '$data/data/superstore.csv' CSV HEADER
SQL
}

# The result of a query as text, columns separated by |; an error fails the test.
sub rows
{
	my ($node, $database, $query) = @_;
	return $node->safe_psql($database, $query);
}

# Runs a script in one psql session that goes on after errors, with psql's usual
# aligned output.  Returns what it wrote to stdout and to stderr.
sub psql_session
{
	my ($node, $database, $script) = @_;
	my ($out, $err) = ('', '');
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	IPC::Run::run([ 'psql', '-X', '-q', '-d', $database ], '<', \$script, '>', \$out, '2>', \$err);
	return ($out, $err);
}

1;
