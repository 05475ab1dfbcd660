# A directory with all that may be in it survives pg_dump and restore, in every format,
# and a crash: the same contents, numbers that go on, history, checks that still check.
use strict;
use warnings;

use Test::More;
use PostgreSQL::Test::Utils;

use CustomerValue;

my $node = start_node('main');
create_database($node, 'origin');

# Roles are the server's, so they are there in every database.
$node->safe_psql('origin', q{CREATE ROLE directory_administrator; CREATE ROLE directory_member; CREATE ROLE directory_reader;
	SELECT grant_directory_access('directory_administrator', 'administrator'), grant_directory_access('directory_member', 'member'),
		grant_directory_access('directory_reader', 'reader')});

# Three sources, a family, people, keys that changed hands, kinds and views of one's own,
# merges that stand and merges that were undone.  Identifiers begin late and
# are made in an order that no dump keeps.
$node->safe_psql('origin', <<'SQL');
SELECT add_source_system('erp', 'accounting', 'The books'), add_source_system('crm', 'sales'), add_source_system('desk', 'service');
SELECT setval('party_party_id_seq', 1000), setval('party_relationship_relationship_id_seq', 500);
SELECT add_party((ARRAY['organisation', 'site', 'person'])[1 + n % 3]::party_kind, E'Pärty\t"' || n, CASE WHEN n % 4 = 0 THEN lpad(n::text, 9, '0')::duns END,
	(ARRAY['DE', 'FR'])[n % 3], CASE WHEN n % 5 = 0 THEN 'business unit' END, jsonb_build_object('size', n, 'note', E'line\nbreak \\'))
FROM generate_series(1, 200) AS n;
SELECT identify((ARRAY['erp', 'crm', 'desk'])[1 + n % 3], 'key ' || n, 1000 + n % 190 + 1, CASE WHEN n % 2 = 0 THEN date '2020-01-01' + n END) FROM generate_series(1, 600) AS n;
SELECT identify((ARRAY['erp', 'crm', 'desk'])[1 + n % 3], 'key ' || n, 1000 + n % 189 + 1, '2024-05-01') FROM generate_series(7, 600, 7) AS n
	WHERE n % 190 <> n % 189;
SELECT end_identifier('desk', 'key 2', '2025-01-01');
SELECT add_relationship_kind('territory', false, 'Sales regions'), add_relationship_kind('usufruct', true);
SELECT add_customer_view('sales regions', 'ship_to', '{territory,branch}', 'business unit', description => 'By region'),
	add_customer_view('ownership', kinds => '{parent,usufruct}', weighs_ownership => true, share_above => 0.1);
-- children before parents, and parents before children
SELECT relate(1000 + n, 1000 + n / 2, (ARRAY['parent', 'branch', 'franchise', 'contract', 'territory'])[1 + n % 5], share => 0.4, since => date '2020-01-01' - n)
FROM generate_series(2, 150) AS n ORDER BY md5(n::text);
SELECT relate(1000 + n, 1151, 'usufruct', 0.25) FROM generate_series(2, 150, 3) AS n;
SELECT change_share(1002, 1151, 'usufruct', 0.125, '2023-01-01'), end_relationship(1005, 1151, 'usufruct', '2024-01-01');
SELECT change_party(1010, name => 'Renamed', attributes => '{"size": null, "industry": "steel"}');
INSERT INTO customer_ledger SELECT 'erp', 'bill_to', 'key ' || n, ledger(date '2024-01-01' + n, revenue => n * 1.11, cogs => n) FROM generate_series(3, 600, 3) AS n;
INSERT INTO customer_ledger VALUES ('crm', 'ship_to', NULL, ledger('2024-01-01', revenue => 5)), ('crm', 'buyer', 'nobody''s', ledger());
SELECT assign_account(1000 + n, 'sales', 'directory_member', '2024-01-01') FROM generate_series(1, 20) AS n;
SELECT assign_segment(1000 + n, 1 + n % 8, 'value', date '2024-01-01' + n) FROM generate_series(1, 60) AS n;
SELECT set_credit_limit(1000 + n, n * 100, 'EUR', '2024-01-01') FROM generate_series(1, 60) AS n;
SELECT grant_authority('directory_member', 'discount', 500), grant_authority('directory_member', 'discount', 2000, segment => 1);
SELECT merge_party(1160 + n, 1170 + n) FROM generate_series(1, 9) AS n;
SELECT merge_party(1150, 1060), merge_party(1155, 1150);
SELECT undo_merge(merge_id) FROM party_merge WHERE survivor_id IN (1161, 1162) ORDER BY merge_id DESC;
SQL

# Every table of the extension, whatever tables there will be.
my $tables = q{SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
	AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_value' WHERE c.relkind = 'r'};
my @tables = split /\n/, rows($node, 'origin', "SELECT name FROM ($tables) AS t ORDER BY name::text");
cmp_ok(scalar @tables, '>=', 9, 'the extension has tables: ' . join(' ', @tables));

sub contents
{
	my $database = shift;
	return join "\n", map { "$_: " . rows($node, $database, "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $_ AS t") } @tables;
}

my $wanted = contents('origin');
for my $table (@tables)
{
	unlike($wanted, qr/^\Q$table\E: 0\|/m, "there is something in $table to lose");
}
my $customers_of_member = rows($node, 'origin', 'SET ROLE directory_member; SELECT count(*), sum(party_id) FROM party');
like($customers_of_member, qr/^20\|/, 'a member sees twenty customers');

# What must hold of any copy; the checks change the copy.  What fails takes numbers, too,
# so the numbers are looked at first.
sub usable
{
	my ($name, $database) = @_;
	is(contents($database), $wanted, "$name: the contents are the same");
	is(rows($node, $database, q{SELECT count(*) - count(DISTINCT kind) FROM relationship_kind UNION ALL SELECT count(*) - count(DISTINCT view_name) FROM customer_view}),
		"0\n0", "$name: predefined rows are there once");
	is(rows($node, $database, 'SET ROLE directory_member; SELECT count(*), sum(party_id) FROM party'), $customers_of_member, "$name: a member sees the same customers");
	is(rows($node, $database, q{SET ROLE directory_administrator; SELECT count(*) > 20 FROM party}), 't', "$name: an administrator sees more");
	like(fails($database, 'SET ROLE directory_reader; SELECT * FROM party'), qr/permission denied/, "$name: a reader sees nobody");
	is(rows($node, $database, q{SELECT count(*) > 0, bool_and(action <> '') FROM party_history(1010)}), 't|t', "$name: the history is there");
	is(rows($node, $database, q{SELECT add_party('person', 'New') > max(p.party_id) FROM party p}), 't', "$name: numbers of parties go on");
	is(rows($node, $database, q{SELECT identify('crm', 'new', 1001) > max(i.identifier_id) FROM party_identifier i}), 't', "$name: identifiers, too");
	is(rows($node, $database, q{SELECT relate(1190, 1191) > max(r.relationship_id) FROM party_relationship r}), 't', "$name: and relationships");
	is(rows($node, $database, q{SELECT merge_party(1192, 1193) > max(m.merge_id) FROM party_merge m}), 't', "$name: and merges");
	is(rows($node, $database, q{SELECT string_agg(action, ' ' ORDER BY event_id), max(event_id) - min(event_id) FROM (SELECT * FROM party_event ORDER BY event_id DESC LIMIT 4) AS e}),
		'add_party identify relate merge_party|3', "$name: and events");
	like(fails($database, q{SELECT relate(1002, 1010, share => 0.1)}), qr/a party would belong to itself/, "$name: a cycle is an error");
	like(fails($database, q{SELECT relate(1002, 1151, 'parent', 0.9)}), qr/shares of party 1002 would be above 1/, "$name: shares above 1 are an error");
	like(fails($database, q{INSERT INTO party_identifier (source, source_key, party_id) VALUES ('erp', 'key 3', 1001)}),
		qr/each_key_once_at_any_time/, "$name: a key is one party's");
	like(fails($database, 'UPDATE customer_view SET up_to = $$site$$ WHERE predefined'), qr/predefined rows/, "$name: predefined rows stay");
	# what was merged before the dump can be taken back after it
	is(rows($node, $database, q{SELECT undo_merge(m.merge_id) FROM party_merge m WHERE m.absorbed_id = 1150; SELECT undo_merge(m.merge_id) FROM party_merge m WHERE m.absorbed_id = 1060;
		SELECT current_party(1060), (SELECT count(*) FROM party_identifier WHERE party_id = 1060) > 0}), "\n\n1060|t", "$name: merges can be undone");
}

sub fails
{
	my ($database, $query) = @_;
	my ($status, $out, $err) = $node->psql($database, $query);
	return $status ? $err : 'no error';
}

my $directory = PostgreSQL::Test::Utils::tempdir();
my @connection = ('-h', $node->host, '-p', $node->port);

sub command_ok { PostgreSQL::Test::Utils::command_ok(@_); }

sub restore
{
	my ($name, $dump, @commands) = @_;
	my $copy = "copy_$name";
	$node->safe_psql('postgres', "CREATE DATABASE $copy");
	command_ok([ 'pg_dump', @connection, @$dump, '-f', "$directory/$name", 'origin' ], "$name: pg_dump");
	command_ok([ map { s/COPY/$copy/r } @$_ ], "$name: @$_[0] restores") for @commands;
	$node->safe_psql('postgres', "ALTER DATABASE $copy SET search_path = public, customer_value");
	local $ENV{PGOPTIONS};
	usable($name, $copy);
}

restore('plain', ['--format=plain'], [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @connection, '-d', 'COPY', '-f', "$directory/plain" ]);
restore('inserts', [ '--format=plain', '--inserts' ], [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @connection, '-d', 'COPY', '-f', "$directory/inserts" ]);
restore('custom', ['--format=custom'], [ 'pg_restore', '--exit-on-error', @connection, '-d', 'COPY', "$directory/custom" ]);
# Workers do not wait for each other where one table of an extension refers to another
# (pg_dump notes the order, not the dependency), so references are checked by nobody.
{
	local $ENV{PGOPTIONS} = '-c session_replication_role=replica';
	restore('parallel', [ '--format=directory', '-j', '2' ], [ 'pg_restore', '--exit-on-error', '-j', '2', @connection, '-d', 'COPY', "$directory/parallel" ]);
}
restore('sections', ['--format=custom'],
	map { [ 'pg_restore', '--exit-on-error', "--section=$_", @connection, '-d', 'COPY', "$directory/sections" ] } qw(pre-data data post-data));

# A copy of a copy: nothing is lost that only the first dump would have.
$node->safe_psql('postgres', 'CREATE DATABASE again');
command_ok([ 'pg_dump', @connection, '-Fc', '-f', "$directory/again", 'copy_plain' ], 'a copy can be dumped');
command_ok([ 'pg_restore', '--exit-on-error', @connection, '-d', 'again', "$directory/again" ], 'and restored');
$node->safe_psql('postgres', 'ALTER DATABASE again SET search_path = public, customer_value');
is(contents('again'), contents('copy_plain'), 'it is as the copy was');

# What was committed before a crash is there after it, what was not is not.
$node->safe_psql('origin', q{SELECT merge_party(1111, 1112), add_party('person', 'Just before')});
$wanted = contents('origin');
$node->stop('immediate');
$node->start;
usable('after a crash', 'origin');

done_testing();
