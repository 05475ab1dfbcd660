# Nothing that a user plants in schemas of his own, in pg_temp or in public is called by the
# extension: every builtin function and operator of the types it uses, its own functions,
# tables and types have a trap of the same name and arguments in front of them.
use strict;
use warnings;

use Test::More;
use PostgreSQL::Test::Utils;

use CustomerValue;

my $node = start_node('hostile');
$node->append_conf('postgresql.conf', "track_functions = 'all'");
$node->restart;

# Traps in a schema, made by whoever calls this: for functions and operators of builtin
# types, and, where the extension is there, for all that is in it.
my $traps = <<'SQL';
SET search_path = pg_catalog;
CREATE FUNCTION :trap.fire(what text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog
	AS $$ BEGIN RAISE EXCEPTION 'TRAP: % was called', what; END $$;
SELECT set_config('test.trap', :'trap', false);
DO $plant$
DECLARE
	trap name := current_setting('test.trap');
	types oid[] := ARRAY(SELECT t.oid FROM pg_type t WHERE t.typname IN ('bool', 'int4', 'int8', 'numeric', 'text', 'name', 'date', 'jsonb', 'daterange', 'datemultirange',
			'int8range', '_text', '_int8', '_name', '_jsonb', '_numeric', 'timestamptz', 'interval', 'oid', 'float8', 'regclass', 'regprocedure', 'regrole', 'any', 'anyelement',
			'anyarray', 'anynonarray', 'anyrange', 'anycompatible', 'anycompatiblearray', 'anyenum', 'jsonpath', 'char', 'aclitem', '_aclitem')
			AND t.typnamespace = 'pg_catalog'::regnamespace OR t.typnamespace = to_regnamespace('customer_value'));
	one record;
	planted int := 0;
BEGIN
	-- functions and aggregates
	FOR one IN
		SELECT p.proname, p.proretset, p.provariadic, p.prokind,
			   (SELECT string_agg(CASE WHEN p.provariadic <> 0 AND a.place = p.pronargs AND p.provariadic <> 2276 THEN 'VARIADIC ' ELSE '' END || format_type(a.type, NULL), ', ' ORDER BY a.place)
				FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place)) AS arguments,
			   (SELECT count(*) FROM unnest(p.proargtypes) AS a WHERE a IN (SELECT oid FROM pg_type WHERE typname ~ '^any')) AS poly
		FROM pg_proc p
		WHERE p.pronamespace IN ('pg_catalog'::regnamespace, to_regnamespace('customer_value')) AND p.prokind IN ('f', 'a') AND p.pronargs BETWEEN 0 AND 12
			  AND p.proargtypes::oid[] <@ types AND p.prorettype <> 2279 AND NOT 2276 = ANY (p.proargtypes) AND NOT 2281 = ANY (p.proargtypes)
	LOOP
		BEGIN
			IF one.prokind = 'a' AND one.arguments IS NOT NULL THEN
				EXECUTE format('CREATE FUNCTION %I.%I(boolean, %s) RETURNS boolean LANGUAGE sql AS %L', trap, 'state of ' || one.proname, replace(one.arguments, 'VARIADIC ', ''),
							   format('SELECT %I.fire(%L)', trap, 'aggregate ' || one.proname));
				EXECUTE format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %I.%I, STYPE = boolean)', trap, one.proname, replace(one.arguments, 'VARIADIC ', ''), trap, 'state of ' || one.proname);
			ELSIF one.prokind = 'f' THEN
				EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS %s boolean LANGUAGE plpgsql COST 0.0001 AS %L', trap, one.proname, one.arguments,
							   CASE WHEN one.proretset THEN 'SETOF' ELSE '' END, format('BEGIN PERFORM %I.fire(%L); END', trap, one.proname || '(' || coalesce(one.arguments, '') || ')'));
			END IF;
			planted := planted + 1;
		EXCEPTION WHEN duplicate_function OR invalid_function_definition THEN NULL;
		END;
	END LOOP;
	-- operators, which all give what WHERE takes
	FOR one IN
		SELECT o.oprname, CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS l, format_type(o.oprright, NULL) AS r FROM pg_operator o
		WHERE o.oprnamespace IN ('pg_catalog'::regnamespace, to_regnamespace('customer_value')) AND o.oprright = ANY (types) AND (o.oprleft = 0 OR o.oprleft = ANY (types))
	LOOP
		EXECUTE format('CREATE FUNCTION %I.%I(%s) RETURNS boolean LANGUAGE plpgsql AS %L', trap, left('operator ' || coalesce(one.l, '') || one.oprname || one.r, 60), concat_ws(', ', one.l, one.r),
					   format('BEGIN RETURN %I.fire(%L); END', trap, format('operator %s %s %s', one.l, one.oprname, one.r)));
		EXECUTE format('CREATE OPERATOR %I.%s (FUNCTION = %I.%I, %s RIGHTARG = %s)', trap, one.oprname, trap, left('operator ' || coalesce(one.l, '') || one.oprname || one.r, 60),
					   'LEFTARG = ' || one.l || ',', one.r);
		planted := planted + 1;
	END LOOP;
	RAISE NOTICE 'planted %', planted;
END $plant$;
SQL

# In a schema and in pg_temp: relations and types that stand for others.
my $relations = <<'SQL';
SET search_path = pg_catalog;
SELECT set_config('test.place', :'place', false);
DO $plant$
DECLARE
	place name := current_setting('test.place');
	trap name := current_setting('test.trap');
	one record;
BEGIN
	FOR one IN
		SELECT c.relname, string_agg(format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname), ', ' ORDER BY a.attnum) AS columns
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid NOT IN ('anyarray'::regtype)
		WHERE c.relkind IN ('r', 'v') AND (c.relnamespace = to_regnamespace('customer_value')
			  OR c.relnamespace = 'pg_catalog'::regnamespace AND c.relname IN ('pg_roles', 'pg_class', 'pg_depend', 'pg_extension', 'pg_auth_members', 'pg_type', 'pg_proc', 'pg_namespace'))
		GROUP BY c.oid, c.relname
	LOOP
		EXECUTE format('CREATE VIEW %I.%I AS SELECT %s WHERE %I.fire(%L)', place, one.relname, one.columns, trap, 'relation ' || one.relname);
		EXECUTE format('GRANT ALL ON %I.%I TO PUBLIC', place, one.relname);
	END LOOP;
	FOR one IN
		SELECT t.typname, format_type(t.oid, NULL) AS of FROM pg_type t
		WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('text', 'date', 'int8', 'int4', 'numeric', 'jsonb', 'bool', 'daterange', 'name', 'regclass', 'regprocedure')
			  OR t.typnamespace = to_regnamespace('customer_value') AND t.typtype IN ('e', 'b', 'r') AND t.typcategory <> 'A'
	LOOP
		EXECUTE format('CREATE DOMAIN %I.%I AS %s CHECK (%I.fire(%L))', place, one.typname, one.of, trap, 'type ' || one.typname);
	END LOOP;
END $plant$;
SQL

# A database where mallory may make schemas and put things into public.
sub open_database
{
	my $name = shift;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql('postgres', "GRANT CREATE ON DATABASE $name TO mallory");
	$node->safe_psql($name, 'GRANT ALL ON SCHEMA public TO mallory');
}

# Everything a session says, errors included.
sub said
{
	my ($database, $role, $script) = @_;
	my ($out, $err) = ('', '');
	$node->psql($database, $script, stdout => \$out, stderr => \$err, on_error_stop => 0, connstr => $node->connstr($database) . " user=$role");
	return ($out, $err);
}

$node->safe_psql('postgres', 'CREATE ROLE mallory LOGIN; CREATE ROLE adm LOGIN');

# ---- installing and updating, with traps in public and before all else

open_database('installed');
my ($out, $err) = said('installed', 'mallory', "\\set trap public\n$traps");
like($err, qr/planted \d{4}/, 'mallory has planted some thousand traps in public');
unlike($err, qr/ERROR/, 'without an error');
like((said('installed', 'postgres', 'SET search_path = public, pg_catalog; SELECT pg_catalog.int8(1) = 1'))[1], qr/TRAP/, 'and they work');

my $before = 'SET search_path = public, pg_catalog;';
(undef, $err) = said('installed', 'postgres', "$before CREATE EXTENSION customer_value VERSION '0.1.0'; ALTER EXTENSION customer_value UPDATE TO '0.2.0'");
is($err, '', 'installation and update call none of them');
(undef, $err) = said('installed', 'postgres', "$before DROP EXTENSION customer_value; CREATE EXTENSION customer_value");
is($err, '', 'nor does an installation of what is new');

for my $script (glob("$ENV{TESTDIR}/../customer_value--*.sql"), glob(`$ENV{PG_CONFIG} --sharedir` =~ s/\s+$//r . '/extension/customer_value--*.sql'))
{
	unlike(slurp_file($script), qr/^\s*CREATE\s+OR\s+REPLACE|IF\s+NOT\s+EXISTS\s+\w|IF\s+EXISTS\s+(customer_value|public)/mi, 'the script takes over nothing that is there: ' . ($script =~ s{.*/}{}r));
}

# The schema itself, made by mallory beforehand.
open_database('squatted');
said('squatted', 'mallory', 'CREATE SCHEMA customer_value');
like((said('squatted', 'postgres', 'CREATE EXTENSION customer_value'))[1], qr/ERROR:  schema customer_value belongs to mallory/, 'a schema of somebody else is refused');
$node->safe_psql('squatted', 'ALTER SCHEMA customer_value OWNER TO postgres; GRANT CREATE ON SCHEMA customer_value TO mallory');
like((said('squatted', 'postgres', 'CREATE EXTENSION customer_value'))[1], qr/ERROR:  mallory may create objects in schema customer_value/, 'so is one that somebody else may create in');
said('squatted', 'mallory', 'CREATE FUNCTION customer_value.upper(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$');
$node->safe_psql('squatted', 'REVOKE CREATE ON SCHEMA customer_value FROM mallory');
like((said('squatted', 'postgres', 'CREATE EXTENSION customer_value'))[1], qr/ERROR:  schema customer_value is not empty/, 'so is one where something is');
$node->safe_psql('squatted', 'DROP FUNCTION customer_value.upper; CREATE EXTENSION customer_value');
like((said('squatted', 'mallory', 'CREATE TABLE customer_value.mine ()'))[1], qr/permission denied for schema customer_value/, 'later nobody puts anything there');

# ---- calling, by an administrator whose search_path leads to the traps

open_database('called');
$node->safe_psql('called', 'CREATE EXTENSION customer_value');
(undef, $err) = said('called', 'mallory', "CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO PUBLIC;\n\\set trap trap\n$traps\n\\set place trap\n$relations");
like($err, qr/planted \d{4}/, 'mallory has planted traps for the extension, too');
unlike($err, qr/ERROR/, 'without an error');

# Names are qualified here, for what is not would be trapped at once.
my $scenario = <<'SQL';
SELECT customer_value.add_source_system('erp', 'accounting', 'x');
SELECT customer_value.add_source_system('crm', 'sales');
SELECT customer_value.add_party('organisation', 'one', '123456789', 'DE', 'head', '{"industry": "steel"}');
SELECT customer_value.add_party('organisation', 'two', country => 'DE');
SELECT customer_value.add_party('site', 'three');
SELECT customer_value.add_party('person', 'four');
SELECT customer_value.add_party('person', 'five');
SELECT customer_value.add_party('person', 'six');
SELECT customer_value.change_party(2, 'organisation', 'TWO', '987654321', 'FR', 'unit', '{"size": 5}');
SELECT customer_value.change_party(2, attributes => '{"size": null}');
SELECT customer_value.identify('erp', 'K1', 1);
SELECT customer_value.identify('erp', 'K2', 2, '2020-01-01', '2021-01-01');
SELECT customer_value.identify('erp', 'K2', 3, '2021-01-01');
SELECT customer_value.identify('erp', 'K2', 4, '2022-01-01');
SELECT customer_value.identify('crm', 'K5', 5);
SELECT customer_value.end_identifier('erp', 'K2', '2023-01-01');
INSERT INTO customer_value.customer_ledger VALUES ('erp', 'bill_to', 'K1', customer_value.ledger('2024-01-01', revenue => 5)), ('crm', 'ship_to', 'K5', customer_value.ledger('2024-01-01', revenue => 7));
SELECT customer_value.identify('erp', 'K1', 2);
SELECT customer_value.identify('nowhere', 'K1', 2);
SELECT customer_value.relate(2, 1);
SELECT customer_value.relate(3, 2, 'branch', 0.5, '2020-01-01', '2030-01-01');
SELECT customer_value.relate(3, 1, 'branch', 0.25);
SELECT customer_value.relate(5, 3, 'member');
SELECT customer_value.relate(1, 5, 'member');
SELECT customer_value.relate(1, 3);
SELECT customer_value.relate(4, 1, 'sect');
SELECT customer_value.change_share(3, 2, 'branch', 0.25, '2022-01-01');
SELECT customer_value.end_relationship(3, 2, 'branch', '2029-01-01');
SELECT customer_value.add_relationship_kind('club', false, 'x');
SELECT customer_value.add_customer_view('club', 'buyer', '{club,parent}', 'head', true, 0.1, 'x');
UPDATE customer_value.customer_view SET description = 'x' WHERE predefined;
SELECT customer_value.set_credit_limit(1, 100, 'EUR', '2020-01-01', '2030-01-01');
SELECT customer_value.set_credit_limit(1, 200, 'EUR', '2021-01-01', '2022-01-01');
SELECT customer_value.assign_account(1, 'sales', 'adm');
SELECT customer_value.assign_account(2, 'service', 'mallory', '2020-01-01', '2040-01-01');
SELECT customer_value.assign_account(2, 'service', 'mallory');
SELECT customer_value.assign_account(2, 'service', 'no such role');
SELECT customer_value.release_account(1, 'sales', 'adm', '2050-01-01');
SELECT customer_value.release_account(1, 'sales', 'adm', '2000-01-01');
SELECT customer_value.assign_segment(1, 3);
SELECT customer_value.assign_segment(1, 4, 'value', '2020-01-01');
SELECT customer_value.segment_of(1);
SELECT customer_value.grant_authority('mallory', 'discount', 100, 4);
SELECT customer_value.grant_authority('mallory', 'discount', 50, 4);
SELECT customer_value.grant_authority('adm', 'discount');
SELECT customer_value.may('discount', 1, 5);
SELECT customer_value.revoke_authority('mallory', 'discount', 4);
SELECT customer_value.merge_party(1, 6);
SELECT customer_value.undo_merge(1);
SELECT customer_value.current_party(1);
SELECT customer_value.party_of('erp', 'K1');
SELECT customer_value.party_history(1);
SELECT customer_value.household(3);
SELECT customer_value.household(3, 'club', '2024-01-01');
SELECT customer_value.household_links('domestic', '2024-01-01');
SELECT customer_value.credit_exposure(ARRAY[ROW(1, 5, '2024-01-01', '2024-02-01')::customer_value.open_invoice], 'legal');
SELECT customer_value.duplicate_candidates();
SELECT customer_value.view_conservation();
SELECT customer_value.face_reconciliation();
SELECT customer_value.coverage_gaps();
SELECT customer_value.utc_date();
SELECT customer_value.granted_roles();
SELECT customer_value.profit(customer_value.ledger('2024-01-01', revenue => 5, cogs => 3));
SELECT customer_value.value_segments(n, 2) FROM pg_catalog.unnest('{1,2,3,4}'::pg_catalog.numeric[]) AS n;
SELECT customer_value.grant_directory_access('mallory', 'member');
SELECT customer_value.grant_directory_access('adm', 'reader');
SELECT customer_value.revoke_directory_access('adm');
SQL
my @views = split /\n/, $node->safe_psql('called', "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'customer_value'::regnamespace AND relname <> 'team_now' ORDER BY 1");
my $reading = join '', map { "SELECT * FROM customer_value.$_;\n" } @views;
my $asking = join "\n", grep { /may\(|segment_of|household|party_|current_party|credit_exp|duplicate|conservation|coverage|utc_date|granted_roles|profit/ } split /\n/, $scenario;

# The same without traps: that is what it must say with them.  When it happened is not
# the same.
sub same_said
{
	my ($role, $script, $name) = @_;
	my @plain = said('plain', $role, $script);
	my @trapped = said('called', $role, "SELECT pg_catalog.set_config('test.trap', 'trap', false) \\gset\n\\set place pg_temp\n$relations\nSET search_path = trap, pg_temp, customer_value, pg_catalog;\n$script");
	$trapped[0] =~ s/\A\w+\n//;	# where the traps are, from the planting
	s/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00/now/g, s/^psql:<stdin>:\d+: //mg for @plain, @trapped;
	unlike("@trapped", qr/TRAP/, "$name: no trap fires");
	is($trapped[0], $plain[0], "$name: the results are the same as without traps");
	is($trapped[1], $plain[1], "$name: so are the errors");
}
create_database($node, 'plain');
same_said('postgres', $scenario, 'functions, called by a superuser');
same_said('postgres', $reading, 'views, read by a superuser');
same_said('mallory', "$reading$asking", 'views and functions, by a member');

# The scenario has called all functions that look names up when they run; three only raise
# errors, which are not counted.
is($node->safe_psql('called', q{SELECT string_agg(p.proname, ', ' ORDER BY p.proname) FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
	LEFT JOIN pg_stat_user_functions s ON s.funcid = p.oid
	WHERE p.pronamespace = 'customer_value'::regnamespace AND (l.lanname NOT IN ('c', 'internal', 'sql') AND coalesce(s.calls, 0) = 0 OR l.lanname = 'sql' AND p.prosqlbody IS NULL)}),
	'already_exists, already_identified, predefined_check', 'every function that could be trapped was called');

# And would have been: without its search_path, one of them falls into a trap.
$node->safe_psql('called', 'ALTER FUNCTION customer_value.valid_share(numeric) RESET search_path');
like((said('called', 'postgres', "SET search_path = trap, pg_temp, customer_value, pg_catalog; SELECT customer_value.valid_share(0.5)"))[1], qr/TRAP/, 'the traps work');

done_testing();
