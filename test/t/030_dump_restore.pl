# A table with ledgers survives pg_dump and restore, and a crash, to the last byte.
use strict;
use warnings;

use Test::More;
use PostgreSQL::Test::Utils;

use CustomerValue;

my $node = start_node('main');
create_database($node, 'origin');

# Ledgers of all shapes: one day and many, losses, currencies, the zero ledger, NULL,
# and one too long to be stored in the row.
$node->safe_psql('origin', <<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, l ledger);
INSERT INTO customer
SELECT n % 300, total(ledger(timestamp '2020-01-01' + n * interval '7 hours', revenue => n * 37 % 1000 - 300 + 0.123456,
	cogs => n % 13, delivery => CASE WHEN n % 7 = 0 THEN 4.90 END, purchases => n % 3, currency => CASE WHEN n % 300 < 100 THEN 'EUR' END))
FROM generate_series(1, 20000) AS n GROUP BY 1;
INSERT INTO customer SELECT 1000, total(ledger(timestamp '1990-01-01' + n * interval '1 day', revenue => n * n, cogs => n))
FROM generate_series(1, 9000) AS n;
INSERT INTO customer VALUES (1001, ledger()), (1002, NULL), (1003, -ledger('2024-02-29', revenue => 999999999999.999999));
CREATE INDEX ON customer (l) WHERE id < 1000;
SQL

# Segmentations travel with the same table where there are any.
my $has_segments = rows($node, 'origin', "SELECT to_regtype('customer_value.segmentation') IS NOT NULL") eq 't';
$node->safe_psql('origin', 'CREATE TABLE scheme AS SELECT k, value_segments(profit(l), k) AS s
	FROM customer, generate_series(2, 8) AS k GROUP BY k;
	CREATE INDEX ON customer (id) WHERE in_segment(profit(l), \'{"cuts": [1000, 0]}\', 1)') if $has_segments;

# So do rfms, with an index on them.
$node->safe_psql('origin', "CREATE TABLE history AS SELECT id, unit, rfm(l, '2030-01-01', unit, monetary => 'contribution') AS h
	FROM customer, unnest(ARRAY['day', 'week', 'month', 'year']) AS unit;
	INSERT INTO history VALUES (-1, 'none', rfm(2, 1 / 3.0, 0.5, 1e-300)), (-2, 'none', rfm(0, 0, 5e-324));
	CREATE INDEX ON history (h)");

# And models held against ledgers.
$node->safe_psql('origin', q{CREATE TABLE checked AS SELECT unit, holdout(('{"model": "bg/nbd", "unit": "' || unit || '", "parameters": {"r": 0.24, "alpha": 4.41, "a": 0.79, "b": 2.43}}')::clv_model,
	l, '2024-01-01', '2030-01-01') AS h FROM customer, unnest(ARRAY['day', 'week', 'month', 'year']) AS unit WHERE id < 1001 GROUP BY unit});

# So do survival curves, matrices of transitions and the results of tests.
$node->safe_psql('origin', "CREATE TABLE retention AS SELECT id, kaplan_meier(n * 7919 % (100 * id) / 7.0, n % id > 0) AS c,
	transition_matrix('state ' || n % (3 * id), nullif('state ' || n * 7 % (3 * id + 1), 'state 0')) AS m,
	log_rank('group ' || n % id, n * 7919 % 100 / 7.0, n % 3 > 0) AS t
	FROM generate_series(1, 30) AS id, generate_series(1, 3000) AS n GROUP BY id;
	INSERT INTO retention VALUES (0, NULL, NULL, NULL);
	CREATE INDEX ON retention (c) WHERE id < 3; CREATE INDEX ON retention (m) WHERE id < 3");

# And certificates, which still say after the restore what the ledgers add up to.
$node->safe_psql('origin', "CREATE TABLE certified AS SELECT unit, certificate(id, l, unit) AS c
	FROM customer, unnest(ARRAY['day', 'week', 'month', 'quarter', 'year']) AS unit WHERE id >= 300 OR id < 100 GROUP BY unit;
	INSERT INTO certified VALUES ('none', NULL);
	CREATE INDEX ON certified (c) WHERE unit = 'year'");

# And D-U-N-S numbers, which keep their leading zeros.
$node->safe_psql('origin', "CREATE TABLE firm AS SELECT id, ((id + 1)::bigint * 7919 * 7919 % 1000000000)::duns AS duns FROM customer;
	INSERT INTO firm VALUES (-1, NULL), (-2, '000000000');
	CREATE UNIQUE INDEX ON firm (duns); CREATE INDEX ON firm USING hash (duns)");

my $digest = q{SELECT count(*), md5(string_agg(id || '=' || coalesce(l::text || encode(ledger_send(l), 'hex'), 'null'), ',' ORDER BY id)) FROM customer};
my $scheme = q{SELECT count(*), md5(string_agg(k || s::text || encode(segmentation_send(s), 'hex'), ',' ORDER BY k)) FROM scheme};
my $checked = q{SELECT count(*), count(h), md5(string_agg(unit || h::text || encode(holdout_send(h), 'hex'), ',' ORDER BY unit)) FROM checked};
my $history = q{SELECT count(*), count(h), md5(string_agg(id || unit || coalesce(h::text || encode(rfm_send(h), 'hex'), 'null'), ',' ORDER BY id, unit)) FROM history};
my $wanted_checked = rows($node, 'origin', $checked);
my $retention = q{SELECT count(*), count(c), md5(string_agg(c::text || encode(survival_curve_send(c), 'hex') || m || encode(transition_matrix_send(m), 'hex') || t, ',' ORDER BY id)) FROM retention};
my $wanted_retention = rows($node, 'origin', $retention);

my $firms = q{SELECT count(*), count(duns), min(duns::text), md5(string_agg(id || duns::text || encode(duns_send(duns), 'hex'), ',' ORDER BY id)) FROM firm};
my $wanted_firms = rows($node, 'origin', $firms);

my $certified = q{SELECT count(*), count(c), md5(string_agg(unit || c::text || encode(certificate_send(c), 'hex'), ',' ORDER BY unit)) FROM certified};
my $wanted_certified = rows($node, 'origin', $certified);

sub same_as
{
	my ($name, $database, $wanted, $wanted_scheme, $wanted_history) = @_;
	is(rows($node, $database, $digest), $wanted, "$name: the ledgers have the same bytes and text");
	is(rows($node, $database, $history), $wanted_history, "$name: the rfms, too");
	is(rows($node, $database, $checked), $wanted_checked, "$name: and the holdouts");
	is(rows($node, $database, $retention), $wanted_retention, "$name: and what is known of retention");
	is(rows($node, $database, $certified), $wanted_certified, "$name: and the certificates");
	is(rows($node, $database, $firms), $wanted_firms, "$name: and the D-U-N-S numbers");
	is(rows($node, $database, 'SELECT count(*) FROM certified, LATERAL (SELECT certificate(id, l, unit) AS c FROM customer WHERE id >= 300 OR id < 100) now,
		differences(certified.c, now.c) WHERE unit <> \'none\''), '0', "$name: the ledgers are those that were certified");
  SKIP:
	{
		skip 'there is no type segmentation', 1 unless $has_segments;
		is(rows($node, $database, $scheme), $wanted_scheme, "$name: so have the segmentations");
	}
}

my $wanted = rows($node, 'origin', $digest);
my $wanted_history = rows($node, 'origin', $history);
my $wanted_scheme = $has_segments ? rows($node, 'origin', $scheme) : '';

my $directory = PostgreSQL::Test::Utils::tempdir();
for my $format ('plain', 'custom')
{
	my $copy = "copy_$format";
	my @connection = ('-h', $node->host, '-p', $node->port);
	$node->safe_psql('postgres', "CREATE DATABASE $copy");
	PostgreSQL::Test::Utils::command_ok([ 'pg_dump', @connection, "--format=$format", '-f', "$directory/$format", 'origin' ], "pg_dump, $format");
	PostgreSQL::Test::Utils::command_ok(
		$format eq 'plain'
		? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @connection, '-d', $copy, '-f', "$directory/$format" ]
		: [ 'pg_restore', '--exit-on-error', @connection, '-d', $copy, "$directory/$format" ],
		"restore, $format");
	$node->safe_psql('postgres', "ALTER DATABASE $copy SET search_path = public, customer_value");
	same_as("restored ($format)", $copy, $wanted, $wanted_scheme, $wanted_history);
}

# Binary COPY goes through ledger_send and ledger_recv.
$node->safe_psql('origin', "COPY customer TO '$directory/binary' (FORMAT binary); CREATE TABLE again (LIKE customer);
	COPY again FROM '$directory/binary' (FORMAT binary)");
is(rows($node, 'origin', 'SELECT count(*) FROM customer a JOIN again b USING (id) WHERE a.l IS DISTINCT FROM b.l'), '0', 'binary COPY there and back');

# What was committed before a crash is there after it, what was not is not.
$node->safe_psql('origin', "UPDATE customer SET l = l + ledger('2025-01-01', revenue => 1.23) WHERE id BETWEEN 200 AND 210");
$wanted = rows($node, 'origin', $digest);
$node->stop('immediate');
$node->start;
same_as('after a crash', 'origin', $wanted, $wanted_scheme, $wanted_history);
$node->safe_psql('origin', 'REINDEX TABLE customer');

done_testing();
