# Version 0.1.0 with data, updated: all is still there, the directory is usable, and the
# catalogs are those of a fresh installation.
use strict;
use warnings;

use Test::More;
use PostgreSQL::Test::Utils;

use CustomerValue;

my $node = start_node('main');

for my $database ('old', 'fresh')
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql('postgres', "ALTER DATABASE $database SET search_path = public, customer_value");
}
$node->safe_psql('old', "CREATE EXTENSION customer_value VERSION '0.1.0'");
$node->safe_psql('fresh', 'CREATE EXTENSION customer_value');
is(rows($node, 'old', q{SELECT count(*) FROM pg_class WHERE relnamespace = 'customer_value'::regnamespace AND relkind IN ('r', 'v', 'S')}), '0', 'version 0.1.0 has no tables');

$node->safe_psql('old', <<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, l ledger);
INSERT INTO customer
SELECT n % 300, total(ledger(timestamp '2020-01-01' + n * interval '7 hours', revenue => n * 37 % 1000 - 300 + 0.123456, cogs => n % 13, purchases => n % 3))
FROM generate_series(1, 20000) AS n GROUP BY 1;
CREATE INDEX ON customer (l) WHERE id < 100;
CREATE TABLE scheme AS SELECT k, value_segments(profit(l), k) AS s FROM customer, generate_series(2, 8) AS k GROUP BY k;
CREATE TABLE certified AS SELECT unit, certificate(id, l, unit) AS c FROM customer, unnest(ARRAY['day', 'month', 'year']) AS unit GROUP BY unit;
CREATE TABLE history AS SELECT id, rfm(l, '2030-01-01', 'week') AS h FROM customer WHERE id < 50;
CREATE VIEW segments_now AS SELECT c.id, segment(s.s, profit(c.l)) FROM customer c, scheme s WHERE s.k = 5;
SQL

sub contents
{
	my $database = shift;
	return join "\n", map { rows($node, $database, "SELECT count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $_ AS t") } qw(customer scheme certified history segments_now);
}

my $wanted = contents('old');

# A dump of the old version can be restored where the new one is installed.
my $directory = PostgreSQL::Test::Utils::tempdir();
my @connection = ('-h', $node->host, '-p', $node->port);
PostgreSQL::Test::Utils::command_ok([ 'pg_dump', @connection, '-Fc', '-f', "$directory/old", 'old' ], 'the old version can be dumped');

is(rows($node, 'old', 'ALTER EXTENSION customer_value UPDATE; SELECT extversion FROM pg_extension WHERE extname = $$customer_value$$'),
	rows($node, 'fresh', 'SELECT extversion FROM pg_extension WHERE extname = $$customer_value$$'), 'updated to the version of a fresh installation');
is(contents('old'), $wanted, 'what was there is there');
is(rows($node, 'old', 'SELECT count(*) FROM certified, LATERAL (SELECT certificate(id, l, unit) AS c FROM customer) now, differences(certified.c, now.c)'), '0',
	'the ledgers are those that were certified');

# Everything that the catalogs say of the extension, in words.
my $members = q{SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE d.deptype = 'e' AND e.extname = 'customer_value'};
my %catalog = (
	objects => "SELECT pg_describe_object(classid, objid, 0), obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) FROM ($members) AS m",
	functions => "SELECT pg_get_functiondef(p.oid), p.proacl, p.procost, p.prorows FROM ($members) AS m JOIN pg_proc p ON classid = 'pg_proc'::regclass AND objid = p.oid WHERE prokind = 'f'",
	aggregates => "SELECT a.aggfnoid::regprocedure, p.proacl, p.proparallel, p.procost, to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype' - 'aggsortop', aggtranstype::regtype, aggmtranstype::regtype,
		aggsortop::regoperator FROM ($members) AS m JOIN pg_aggregate a ON classid = 'pg_proc'::regclass AND objid = a.aggfnoid JOIN pg_proc p ON p.oid = a.aggfnoid",
	types => "SELECT format_type(t.oid, NULL), typlen, typbyval, typtype, typalign, typstorage, typinput, typoutput, typreceive, typsend, typacl,
		(SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
		(SELECT string_agg(rngsubtype::regtype || ' ' || rngcollation, ',') FROM pg_range WHERE rngtypid = t.oid)
		FROM ($members) AS m JOIN pg_type t ON classid = 'pg_type'::regclass AND objid = t.oid WHERE typrelid = 0",
	operators => "SELECT o.oid::regoperator, oprcode, oprcom::regoperator, oprnegate::regoperator, oprrest, oprjoin, oprcanhash, oprcanmerge
		FROM ($members) AS m JOIN pg_operator o ON classid = 'pg_operator'::regclass AND objid = o.oid",
	columns => "SELECT a.attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attcollation::regcollation, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
		FROM ($members) AS m JOIN pg_attribute a ON classid = 'pg_class'::regclass AND objid = attrelid LEFT JOIN pg_attrdef f ON f.adrelid = attrelid AND f.adnum = attnum
		WHERE attnum > 0 AND NOT attisdropped",
	relations => "SELECT c.oid::regclass, relkind, relacl, reloptions, relrowsecurity, relforcerowsecurity, CASE WHEN relkind = 'v' THEN pg_get_viewdef(c.oid) END, relowner::regrole
		FROM ($members) AS m JOIN pg_class c ON classid = 'pg_class'::regclass AND objid = c.oid",
	sequences => "SELECT s.seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqcache, seqcycle FROM ($members) AS m JOIN pg_sequence s ON classid = 'pg_class'::regclass AND objid = seqrelid",
	constraints => "SELECT c.conrelid::regclass, conname, pg_get_constraintdef(c.oid), convalidated, obj_description(c.oid, 'pg_constraint') FROM ($members) AS m JOIN pg_constraint c
		ON classid = 'pg_class'::regclass AND objid = conrelid",
	indexes => "SELECT pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class') FROM ($members) AS m JOIN pg_index i ON classid = 'pg_class'::regclass AND objid = indrelid",
	triggers => "SELECT t.tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled, obj_description(t.oid, 'pg_trigger') FROM ($members) AS m JOIN pg_trigger t
		ON classid = 'pg_class'::regclass AND objid = tgrelid WHERE NOT tgisinternal",
	policies => "SELECT p.polrelid::regclass, polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), obj_description(p.oid, 'pg_policy')
		FROM ($members) AS m JOIN pg_policy p ON classid = 'pg_class'::regclass AND objid = polrelid",
	dumped => "SELECT c::regclass, x FROM pg_extension, unnest(extconfig, extcondition) AS u (c, x) WHERE extname = 'customer_value'",
	privileges => "SELECT pg_describe_object(classoid, objoid, objsubid), initprivs FROM pg_init_privs JOIN ($members) AS m ON classid = classoid AND objid = objoid",
	predefined => "SELECT k::text FROM relationship_kind AS k UNION ALL SELECT v::text FROM customer_view AS v",
);

my $compared = 0;
for my $what (sort keys %catalog)
{
	# qualified names, whatever the search path, and no numbers of objects
	my $query = "SET search_path = customer_value; SELECT q::text FROM ($catalog{$what}) AS q ORDER BY 1";
	my ($old, $fresh) = map { rows($node, $_, $query) } qw(old fresh);
	$compared++ if $fresh =~ /\S/;
	ok($old eq $fresh, "the same $what") or diag(first_difference($old, $fresh));
}
is($compared, scalar keys %catalog, 'of each there is something to compare');

sub first_difference
{
	my @old = split /\n/, shift;
	my @fresh = split /\n/, shift;
	for my $i (0 .. ($#old > $#fresh ? $#old : $#fresh))
	{
		my ($o, $f) = ($old[$i] // '(nothing)', $fresh[$i] // '(nothing)');
		return "updated: $o\nfresh:   $f" if $o ne $f;
	}
}

sub usable
{
	my ($name, $database) = @_;
	is(rows($node, $database, <<'SQL'), "2\nf\n1|t", "$name: the directory is usable");
DO $$ BEGIN
	PERFORM add_source_system('erp', 'accounting'), add_party('organisation', 'Holding'), add_party('organisation', 'Works'), add_party('organisation', 'Works Ltd');
	PERFORM relate(2, 1), identify('erp', id::text, 1 + id % 3) FROM customer WHERE id = 1;
	PERFORM identify('erp', id::text, 1 + id % 3) FROM customer WHERE id <> 1;
	INSERT INTO customer_ledger SELECT 'erp', 'bill_to', id::text, l FROM customer;
	PERFORM merge_party(2, 3);
END $$;
SELECT current_party(3);
SELECT EXISTS (SELECT FROM customer_ledger l WHERE party_of(l.source, l.source_key) IS NULL);
SELECT household(3 - 1), (SELECT total(ledger) FROM customer_ledger) = (SELECT total(l) FROM customer);
SQL
}
usable('updated', 'old');

$node->safe_psql('postgres', 'CREATE DATABASE restored');
PostgreSQL::Test::Utils::command_ok([ 'pg_restore', '--exit-on-error', @connection, '-d', 'restored', "$directory/old" ], 'a dump of the old version is restored');
$node->safe_psql('postgres', 'ALTER DATABASE restored SET search_path = public, customer_value');
is(contents('restored'), $wanted, 'with all that was in it');
usable('restored', 'restored');

# And back to nothing: what is left belongs to the user.
my ($status, $out, $err) = $node->psql('restored', 'DROP EXTENSION customer_value');
like($err, qr/other objects depend on it/, 'the extension does not go while a table needs it');
$node->safe_psql('restored', 'DROP EXTENSION customer_value CASCADE; CREATE EXTENSION customer_value; SELECT add_party($$person$$, $$Ann$$)');
is(rows($node, 'restored', 'SELECT count(*) FROM party'), '1', 'dropped and created again, it begins anew');

done_testing();
