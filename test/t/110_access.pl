# Who sees what in the directory: each table, view and function, as an unprivileged role of
# every sort, against what plain SQL over the whole tables says he may see.
use strict;
use warnings;

use Test::More;

use CustomerValue;

my $node = start_node('access');
create_database($node, 'firm');

# ann is in teams herself; bea by her group, deep by a group in that group; nia is in
# the group, too, and does not inherit from it; otto left, eva comes tomorrow.
$node->safe_psql('firm', <<'SQL');
CREATE ROLE north; CREATE ROLE northwest; GRANT north TO northwest;
CREATE ROLE ann LOGIN; CREATE ROLE bea LOGIN; CREATE ROLE deep LOGIN; CREATE ROLE nia LOGIN NOINHERIT;
CREATE ROLE otto LOGIN; CREATE ROLE eva LOGIN; CREATE ROLE alone LOGIN;
CREATE ROLE adm LOGIN; CREATE ROLE boss LOGIN; GRANT adm TO boss;
CREATE ROLE rea LOGIN; CREATE ROLE nobody LOGIN;
GRANT north TO bea, nia; GRANT northwest TO deep;
SELECT grant_directory_access(r, 'member') FROM unnest('{north,ann,bea,deep,nia,otto,eva,alone}'::name[]) AS r;
SELECT grant_directory_access('adm', 'administrator'), grant_directory_access('rea', 'reader');

-- 1 above 2 above 3; 4 owns half of 3; 5 nobody looks after; 6 had a key that 1 has now; 7 is absorbed by 5
SELECT add_party('organisation', 'party ' || n, country => 'DE', attributes => jsonb_build_object('mark', '<' || n || '>')) FROM generate_series(1, 7) AS n;
SELECT add_source_system('erp', 'accounting'), add_source_system('crm', 'sales');
SELECT identify('erp', 'E<' || n || '>', n), identify('crm', 'C<' || n || '>', n) FROM generate_series(1, 7) AS n WHERE n <> 6;
SELECT identify('erp', 'shared', 6, until => '2020-01-01'), identify('erp', 'shared', 1, since => '2020-01-01');
SELECT relate(2, 1), relate(3, 2, share => 0.5), relate(3, 4, share => 0.5);
INSERT INTO customer_ledger SELECT i.source, 'bill_to', i.source_key, ledger('2024-03-01', revenue => 100 * i.party_id, cogs => 70, currency => 'EUR')
FROM (SELECT DISTINCT ON (source, source_key) * FROM party_identifier ORDER BY source, source_key, party_id) AS i;
INSERT INTO customer_ledger VALUES ('erp', 'bill_to', NULL, ledger('2024-03-01', revenue => 7));
SELECT assign_segment(n, n, since => '2024-01-01') FROM generate_series(1, 7) AS n;
SELECT set_credit_limit(n, 1000 * n) FROM generate_series(1, 7) AS n;
SELECT merge_party(5, 7);
SELECT undo_merge(merge_party(1, 6));
SELECT assign_account(1, 'sales', 'ann'), assign_account(1, 'service', 'north', since => '2020-01-01'),
	   assign_account(2, 'service', 'north'), assign_account(4, 'sales', 'ann', until => utc_date() + 1),
	   assign_account(2, 'sales', 'otto', since => '2020-01-01', until => utc_date()), assign_account(2, 'sales', 'eva', since => utc_date() + 1),
	   assign_account(3, 'back office', 'adm');
SELECT grant_authority('ann', 'discount', 100), grant_authority('north', 'discount', 50, 2), grant_authority('north', 'credit');
SQL

# Whose customers a role sees.
my %sees = (
	ann => '{1,4}', bea => '{1,2}', deep => '{1,2}', nia => '{}', otto => '{}', eva => '{}', alone => '{}',
	adm => '{1,2,3,4,5,6,7}', boss => '{1,2,3,4,5,6,7}');
my %is_admin = (adm => 1, boss => 1);

# What that means for each table, in plain SQL with $1 for the array; "e" and "k" are
# rows of authority and of keys.
my %visible = (
	party => 'party_id = ANY ($1)',
	party_identifier => 'party_id = ANY ($1)',
	party_relationship => 'child_id = ANY ($1) OR parent_id = ANY ($1)',
	party_event => 'party_id = ANY ($1)',
	party_merge => 'survivor_id = ANY ($1) AND (undone_at IS NULL OR absorbed_id = ANY ($1))',
	customer_ledger => '(SELECT count(*) > 0 AND bool_and(i.party_id = ANY ($1)) FROM party_identifier i WHERE i.source = t.source AND i.source_key = t.source_key)',
	credit_limit => 'party_id = ANY ($1)',
	account_team => 'party_id = ANY ($1)',
	party_segment => 'party_id = ANY ($1)');

# What a role gets: the rows, or "error: ..." with what the server says.
sub as
{
	my ($role, $query) = @_;
	my ($status, $out, $err) = $node->psql('firm', $query, connstr => $node->connstr('firm') . " user=$role");
	chomp $out;
	return $status == 0 ? $out : 'error: ' . ($err =~ /ERROR:  (.*)/)[0];
}

sub denied { return like(as($_[0], $_[1]), qr/^error: permission denied/, "$_[0] may not: $_[1]") }

# The same for many in one session: the errors, in order, '' for none.
sub errors_as
{
	my ($role, @queries) = @_;
	my $err = '';
	$node->psql('firm', join('', map { "\\warn ~~~\n$_;\n" } @queries), stderr => \$err, on_error_stop => 0, connstr => $node->connstr('firm') . " user=$role");
	my (undef, @said) = split /^~~~\n/m, "$err\n";
	return map { /ERROR:  (.*)/ ? "error: $1" : '' } @said;
}

sub all_denied
{
	my ($role, @queries) = @_;
	my @errors = errors_as($role, @queries);
	is(scalar @errors, scalar @queries, "$role is answered each time");
	like($errors[$_], qr/^error: permission denied/, "$role may not: $queries[$_]") for 0 .. $#queries;
}

my @tables = split /\n/, rows($node, 'firm', q{SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e'
	AND d.classid = 'pg_class'::regclass WHERE c.relkind = 'r' AND c.relnamespace = 'customer_value'::regnamespace ORDER BY 1});
my @views = split /\n/, rows($node, 'firm', q{SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'e'
	AND d.classid = 'pg_class'::regclass WHERE c.relkind = 'v' AND c.relnamespace = 'customer_value'::regnamespace ORDER BY 1});
my @open = ('customer_view', 'relationship_kind', 'source_system');

# Functions that everybody may execute by default make nobody an administrator.
$node->safe_psql('postgres', 'CREATE DATABASE generous');
$node->safe_psql('generous', 'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO nobody, "rea"; CREATE EXTENSION customer_value');
is(rows($node, 'generous', "SELECT count(*) FROM unnest('{nobody,rea}'::name[]) r WHERE has_function_privilege(r, 'customer_value.sees_all_customers()', 'EXECUTE')"),
	0, 'default privileges make no administrators');
$node->safe_psql('postgres', 'DROP DATABASE generous');

is_deeply([ grep { my $t = $_; !$visible{$t} && $t ne 'authority' && !grep { $_ eq $t } @open } @tables ], [], 'every table is known to this test');
is(rows($node, 'firm', "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class WHERE relname = ANY ('{" . join(',', @tables) . "}') AND relnamespace = 'customer_value'::regnamespace AND NOT relrowsecurity"),
	join(', ', @open), 'only tables without customers in them have no policies');

# ---- members and administrators: SELECT and COPY

for my $role (sort keys %sees)
{
	for my $table (sort keys %visible)
	{
		(my $truth = "SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $table t WHERE $visible{$table}") =~ s/\$1/'$sees{$role}'::bigint[]/g;
		$truth =~ s/ WHERE .*// if $is_admin{$role};
		is(as($role, "SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM $table t"), rows($node, 'firm', $truth), "$role sees what is his of $table");
		my @copied = grep { /\S/ } split /\n/, as($role, "COPY $table TO STDOUT");
		(my $count = $truth) =~ s/SELECT md5.*? FROM/SELECT count(*) FROM/s;
		is(scalar @copied, rows($node, 'firm', $count), "$role copies as much of $table");
	}
}
is(as('ann', 'SELECT count(*) FROM customer_ledger'), 4, 'ann does not see the ledger of a key that was another one\'s before');
is(as('ann', 'SELECT count(*) FROM account_team WHERE member <> \'ann\''), 1, 'ann sees who else is in the team of her customer');
is(as('ann', 'SELECT string_agg(party_id::text, \',\' ORDER BY party_id) FROM team_customer'), '1,4', 'ann is told whose team she is in');
is(as('nia', 'SET ROLE north; SELECT count(*) FROM party'), 2, 'nia sees customers of the group once she has taken its role');
is(as('boss', 'SELECT count(*) FROM party WHERE party_id = 5'), 1, 'who inherits from an administrator is one');
is(as('alone', 'SELECT count(*) FROM party'), 0, 'who is in no team sees nobody');
is(as('ann', 'SELECT count(*) FROM authority'), 1, 'ann sees her own authority');
is(as('bea', 'SELECT count(*) FROM authority'), 2, 'bea sees that of her group');
is(as('adm', 'SELECT count(*) FROM authority'), 3, 'an administrator sees all authority');

# No setting of the session shows more.
for my $setting ("timezone = '<x>+167'", "timezone = '<x>-167'", "customer_value.as_of = '2020-06-01'", 'row_security = on')
{
	is(as($_, "SET $setting; SELECT count(*) FROM party"), 0, "$_ sees nobody, SET $setting") for ('otto', 'eva');
}
like(as('ann', 'SET row_security = off; SELECT count(*) FROM party'), qr/^error: query would be affected by row-level security policy/, 'without policies there is no answer');
is(as('otto', 'SET role none; SELECT count(*) FROM party'), 0, 'otto sees nobody');
like(as('otto', 'SET ROLE north'), qr/^error: permission denied to set role/, 'and cannot take a role that he has not');

# ---- members only read

my %insert = (
	party => "INSERT INTO party (kind, name) VALUES ('person', 'new')",
	party_identifier => "INSERT INTO party_identifier (source, source_key, party_id) VALUES ('erp', 'new', 1)",
	party_relationship => 'INSERT INTO party_relationship (child_id, parent_id, kind) VALUES (1, 5, \'member\')',
	party_event => "INSERT INTO party_event (action, party_id) VALUES ('new', 1)",
	party_merge => "INSERT INTO party_merge (survivor_id, absorbed_id, moved) VALUES (1, 2, '{}')",
	customer_ledger => "INSERT INTO customer_ledger VALUES ('erp', 'ship_to', 'E<1>', ledger())",
	credit_limit => "INSERT INTO credit_limit (party_id, amount, valid) SELECT party_id, 1, 'empty' FROM party WHERE false",
	account_team => "INSERT INTO account_team (party_id, team_function, member) VALUES (1, 'marketing', current_user)",
	party_segment => "INSERT INTO party_segment VALUES (1, 'new', 1, '2024-01-01')",
	authority => "INSERT INTO authority VALUES (current_user, 'new', NULL, NULL, NULL)",
	source_system => "INSERT INTO source_system VALUES ('new', 'other')",
	relationship_kind => "INSERT INTO relationship_kind VALUES ('new', false)",
	customer_view => "INSERT INTO customer_view (view_name) VALUES ('new')");
my %column = (source_system => 'description', relationship_kind => 'description', customer_view => 'description', customer_ledger => 'role',
	party => 'name', party_merge => 'merged_by', party_event => 'action', party_relationship => 'share', authority => 'max_amount', credit_limit => 'amount',
	account_team => 'since', party_segment => 'segment', party_identifier => 'valid');

for my $role ('ann', 'bea', 'rea', 'nobody')
{
	all_denied($role, map { my $table = $_;
		($insert{$table}, "UPDATE $table SET $column{$table} = $column{$table}", "DELETE FROM $table", "TRUNCATE $table CASCADE",
			"SELECT FROM $table FOR UPDATE", "BEGIN; LOCK $table IN EXCLUSIVE MODE; ROLLBACK") } @tables);
}
for my $role ('rea', 'nobody')
{
	all_denied($role, map { ("SELECT FROM $_", "COPY $_ TO STDOUT") } grep { !/^(customer_view|relationship_kind)$/ } @tables);
}
for my $table (@tables)
{
	denied('adm', "TRUNCATE $table CASCADE");
	unlike(as('adm', "BEGIN; $insert{$table}; ROLLBACK"), qr/^error/, "an administrator adds to $table");
	my $change = as('adm', "BEGIN; UPDATE $table SET $column{$table} = $column{$table} WHERE " . ($table =~ /^(customer_view|relationship_kind)$/ ? 'NOT predefined' : 'true') . '; ROLLBACK');
	my $delete = as('adm', "BEGIN; DELETE FROM $table WHERE false; ROLLBACK");
	if ($table eq 'party_event')
	{
		like($_, qr/^error: permission denied/, 'an administrator does not rewrite history') for ($change, $delete);
	}
	else
	{
		unlike($_, qr/^error/, "an administrator changes $table") for ($change, $delete);
	}
}
like(as('adm', "COPY party_segment FROM STDIN"), qr/^error: COPY FROM not supported with row-level security/, 'COPY is left to the owner');
denied('adm', "INSERT INTO party_event (action, done_by) VALUES ('forged', 'ann')");
denied('adm', "INSERT INTO party_event (action, happened_at) VALUES ('forged', '2000-01-01')");

# A trigger function of the directory reads no column that is not there: a table of
# somebody else has other columns, or none.
for my $columns ('other int', 'child_id text')
{
	like(as('ann', "BEGIN; CREATE TEMP TABLE mine ($columns); CREATE TRIGGER t AFTER INSERT ON mine REFERENCING NEW TABLE AS new
			FOR EACH STATEMENT EXECUTE FUNCTION party_relationship_check(); INSERT INTO mine DEFAULT VALUES"),
		qr/^error: function called other than by its triggers/, "not a trigger of ($columns)");
}

# If the owner lets members write, policies still do not.
$node->safe_psql('firm', 'GRANT INSERT, UPDATE, DELETE ON ' . join(', ', sort keys %visible) . ' TO ann');
for my $table (sort keys %visible)
{
	like(as('ann', $insert{$table}), $table eq 'credit_limit' ? qr/^$/ : qr/^error: new row violates row-level security policy/, "ann inserts nothing into $table");
	is(as('ann', "WITH u AS (UPDATE $table SET $column{$table} = $column{$table} RETURNING 1) SELECT count(*) FROM u"), 0, "ann updates nothing of $table");
	is(as('ann', "WITH d AS (DELETE FROM $table RETURNING 1) SELECT count(*) FROM d"), 0, "ann deletes nothing from $table");
}
$node->safe_psql('firm', 'REVOKE INSERT, UPDATE, DELETE ON ' . join(', ', sort keys %visible) . ' FROM ann');

# ---- views and functions show no more than tables do

# Every party carries its number in angle brackets wherever it goes.
sub marks
{
	my %seen = map { $_ => 1 } $_[0] =~ /<(\d)>/g;
	return join ',', sort keys %seen;
}

# A function that tells what it was asked, and is cheap enough to be asked first.
$node->safe_psql('firm', q{CREATE FUNCTION public.leak(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
	AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$});

for my $view (@views)
{
	denied('nobody', "SELECT FROM $view");
	next if $view eq 'customer_totals';
	denied('rea', "SELECT FROM $view");
	denied($_, "SELECT FROM $view") for $view eq 'team_now' ? ('ann', 'bea') : ();
	next if $view eq 'team_now';
	for my $role ('ann', 'bea', 'nia', 'otto')
	{
		my ($out, $err) = ('', '');
		$node->psql('firm', "SELECT v::text FROM $view v WHERE leak(v)", stdout => \$out, stderr => \$err, connstr => $node->connstr('firm') . " user=$role");
		unlike($err, qr/ERROR/, "$role may read $view") or diag($err);
		like($sees{$role}, qr/\b$_\b/, "$role is shown his own in $view") for split /,/, marks($out . $err);
	}
}
for my $table (sort keys %visible)
{
	for my $role ('ann', 'bea', 'otto')
	{
		my ($out, $err) = ('', '');
		$node->psql('firm', "SELECT t::text FROM $table t WHERE leak(t)", stdout => \$out, stderr => \$err, connstr => $node->connstr('firm') . " user=$role");
		like($sees{$role}, qr/\b$_\b/, "$role is told his own by a leaky condition on $table") for split /,/, marks($out . $err);
		unlike($err, qr/ERROR/, "$role asks $table with a leaky condition");
	}
}

# Functions that read the directory, as they are called.
my @calls = split /\n/, <<'SQL';
household_links('economic')
view_conservation('legal')
face_reconciliation('legal')
duplicate_candidates()
party_history(5)
party_history(1)
party_history(4)
credit_exposure(ARRAY[(5, 10, '2024-01-01', '2024-02-01')::open_invoice], 'legal')
SQL
for my $call (@calls)
{
	for my $role ('ann', 'bea', 'otto')
	{
		my $out = as($role, "SELECT f::text FROM $call AS f");
		unlike($out, qr/^error/, "$role may call $call") or diag($out);
		like($sees{$role}, qr/\b$_\b/, "$role is shown his own by $call") for split /,/, marks($out);
	}
	like(as($_, "SELECT f::text FROM $call AS f"), qr/^error: permission denied/, "$_ is not answered by $call") for ('rea', 'nobody');
}
is(as('ann', "SELECT household(5), party_of('erp', 'E<5>'), segment_of(5), current_party(7)"), '|||7', 'ann learns nothing of party 5');
is(as('otto', "SELECT household(2), party_of('erp', 'E<2>'), segment_of(2)"), '||', 'otto learns nothing any more');
is(as('bea', "SELECT household(2), party_of('erp', 'E<2>'), segment_of(2)"), '1|2|2', 'bea does');

# What changes the directory is refused, whoever asks for whomever.
my @changes;
for my $call ("add_party('person', 'new')", "change_party(1, name => 'new')", "identify('erp', 'new', 1)", "end_identifier('erp', 'E<1>', '2030-01-01')",
	"relate(1, 4, 'member')", "merge_party(1, 4)", "assign_account(5, 'sales', current_user)", "release_account(1, 'sales', 'ann')",
	"assign_segment(1, 8)", "grant_authority(current_user, 'discount')", "revoke_authority('ann', 'discount')", "set_credit_limit(1, 5)",
	"add_source_system('new', 'other')", "add_relationship_kind('new')", "add_customer_view('new')", "record_event('forged', 1, NULL, NULL, NULL)",
	"grant_directory_access(current_user, 'administrator')", "revoke_directory_access('adm')", 'sees_all_customers()')
{
	push @changes, "SELECT $call";
}
for my $role ('ann', 'rea', 'nobody')
{
	my @errors = errors_as($role, @changes);
	like($errors[$_], qr/^error: (permission denied|must be owner of the directory)/, "$role cannot: $changes[$_]") for 0 .. $#changes;
}
like(as('adm', "SELECT grant_directory_access('ann', 'administrator')"), qr/^error: must be owner of the directory/, 'an administrator does not make administrators');
is(as('adm', "BEGIN; SELECT assign_account(5, 'sales', 'ann'); SELECT count(*) FROM party_event WHERE action = 'assign_account' AND party_id = 5 AND done_by = 'adm'; ROLLBACK"),
	"1\n1", 'but puts roles into teams, and it is written down who did');

# ---- errors say nothing of invisible parties: a key that is taken is refused only to who may write
unlike(as('adm', "INSERT INTO party_identifier (source, source_key, party_id) VALUES ('erp', 'E<5>', 1)"), qr/permission/, 'an administrator meets the constraint');

# ---- the reader

$node->safe_psql('firm', q{
	SELECT add_party('person', 'small ' || n, country => 'FR', attributes => '{"industry": "wine"}') FROM generate_series(1, 4) AS n;
	SELECT add_party('organisation', 'big ' || n, country => 'FR', attributes => '{"industry": "steel"}') FROM generate_series(1, 5) AS n;
	SELECT add_party('site', 'tiny', country => 'IT');
	SELECT identify('erp', name, party_id) FROM party WHERE country <> 'DE';
	INSERT INTO customer_ledger SELECT 'erp', 'bill_to', name, ledger('2024-01-01', revenue => party_id, cogs => 3, currency => 'EUR') FROM party WHERE country <> 'DE';
	INSERT INTO customer_ledger SELECT 'erp', 'ship_to', name, ledger('2024-01-01', revenue => 1000000) FROM party WHERE country <> 'DE'});
my $totals = 'SELECT kind, country, industry, others, currency, customers, revenue, cost, profit FROM customer_totals ORDER BY 1, 2, 3, 4';
is(as('rea', 'SELECT kind, country, industry, customers, revenue FROM customer_totals WHERE NOT others ORDER BY country'),
	rows($node, 'firm', q{SELECT 'organisation', 'DE', NULL, count(DISTINCT i.party_id), sum(revenue(l.ledger)) FROM customer_ledger l JOIN party_identifier i USING (source, source_key)
		JOIN party p USING (party_id) WHERE country = 'DE' AND NOT (source_key = 'shared' AND i.party_id = 6)}) . "\n"
	  . rows($node, 'firm', q{SELECT 'organisation', 'FR', 'steel', 5, sum(party_id)::numeric(9, 2) FROM party WHERE name LIKE 'big %'}),
	'a reader sees groups of five and more');
is(as('rea', 'SELECT kind, country, industry, customers, revenue, cost FROM customer_totals WHERE others'),
	rows($node, 'firm', q{SELECT NULL, NULL, NULL, 5, sum(party_id)::numeric(9, 2), 15.00 FROM party WHERE name LIKE 'small %' OR name = 'tiny'}), 'those of fewer are added up');
$node->safe_psql('firm', q{DELETE FROM customer_ledger WHERE source_key = 'tiny'});
is(as('rea', 'SELECT count(*) FROM customer_totals WHERE others'), 0, 'and not shown if they are too few together');
is(as('rea', $totals), rows($node, 'firm', $totals), 'a reader sees the totals that the owner sees');
{
	my ($out, $err) = ('', '');
	$node->psql('firm', 'SELECT * FROM customer_totals t WHERE leak(t.kind) AND leak(t.industry) AND leak(t.revenue)', stdout => \$out, stderr => \$err, connstr => $node->connstr('firm') . ' user=rea');
	is(marks($out . $err), '', 'a leaky condition is told of totals only');
	unlike($err, qr/wine/, 'and not of groups that are not shown');
}
denied('ann', 'SELECT FROM customer_totals');

# ---- authority

my @may = (
	[ 'ann', 1, 100, 't', 'up to the amount' ], [ 'ann', 1, 100.01, 'f', 'not above it' ], [ 'ann', 2, 1, 'f', 'not for a customer that is not hers' ],
	[ 'ann', 99, 1, 'f', 'not for one that is not there' ], [ 'ann', 'NULL', 1, 'f', 'not for nobody' ], [ 'ann', 1, 'NULL', 'f', 'without an amount: only without limit' ],
	[ 'ann', 1, -1, 'f', 'not below zero' ], [ 'ann', 1, "'-Infinity'", 'f', 'nor far below' ], [ 'ann', 1, "'Infinity'", 'f', 'not without end' ], [ 'ann', 1, "'NaN'", 'f', 'not what is not a number' ], [ 'ann', 1, 0, 't', 'nothing is an amount' ],
	[ 'bea', 2, 50, 't', 'by the group, in its segment' ], [ 'bea', 1, 50, 'f', 'not in another segment' ], [ 'nia', 2, 50, 'f', 'not what is not inherited' ],
	[ 'boss', 2, 1, 'f', 'administrators have no authority of themselves' ]);
is(as($_->[0], "SELECT may('discount', $_->[1], $_->[2])"), $_->[3], "may, $_->[0]: $_->[4]") for @may;
is(as('bea', "SELECT may('credit', 1), may('credit', 1, 1e9), may('credit', 1, 'Infinity'), may('nonsense', 1, 1), may(NULL, 1, 1)"), 't|t|f|f|f', 'may: without limit, and unknown actions');
is(as('bea', "SET customer_value.as_of = '2020-01-01'; SET timezone = '<x>+167'; SELECT may('discount', 2, 50)"), 't', 'may: the day of the session does not count');
$node->safe_psql('firm', "SELECT assign_segment(2, 7); SELECT assign_segment(1, 2, since => utc_date() + 1)");
is(as('bea', "SELECT may('discount', 2, 1), may('discount', 1, 1)"), 'f|f', 'may: the segment of today, not that of yesterday or tomorrow');
like(as('nobody', "SELECT may('discount', 1, 1)"), qr/^error: permission denied/, 'may: not for who has no access at all');
is(rows($node, 'firm', "SELECT may('discount', 1, 1)"), 'f', 'may: a superuser has what was granted to him');
is(rows($node, 'firm', "SELECT count(*) FROM party_event WHERE action = 'grant_authority' AND party_id IS NULL"), 3, 'authority has a history');
$node->safe_psql('firm', "SELECT revoke_authority('north', 'discount', 2)");
is(as('bea', "SELECT may('credit', 1), may('discount', 2, 1)"), 't|f', 'may: not what was revoked');
# Segments of several schemes, and authority that does not ask for one: the first that
# allows it does, and each counts in its own scheme only.
$node->safe_psql('firm', "SELECT assign_segment(2, 3, 'risk'), assign_segment(5, 3, 'risk'); SELECT grant_authority('north', 'goodwill', 10, 3), grant_authority('north', 'goodwill', 20, 7, 'risk'), grant_authority('north', 'goodwill', 30, 3, 'risk'), grant_authority('north', 'goodwill', 5)");
is(as('bea', "SELECT string_agg(left(may('goodwill', p, a)::text, 1), '' ORDER BY p, a) FROM unnest('{1,2,5}'::bigint[]) p, unnest('{5,6,20,30,31}'::numeric[]) a"),
	'tffff' . 'ttttf' . 'fffff', 'may: schemes');

# ---- teams

for my $wrong ([ "assign_account(1, 'sales', 'ann')", 'ann is already in sales for party 1' ], [ "assign_account(1, 'sales', 'no such role')", 'role "no such role" does not exist' ],
	[ "assign_account(99, 'sales', 'ann')", 'party 99 does not exist' ], [ "assign_account(7, 'sales', 'ann')", 'party 7 was absorbed by another' ],
	[ "assign_account(1, 'sales', 'bea', '2024-01-02', '2024-01-02')", 'no day is left' ], [ "release_account(1, 'marketing', 'ann', '2024-01-01')", 'ann is not in marketing for party 1 on 2024-01-01 or later' ],
	[ "assign_account(1, NULL, 'ann')", 'team_function and since must not be null' ], [ "grant_authority('ann', 'x', -1)", 'new row for relation "authority" violates check constraint "max_amount_is_an_amount"' ],
	[ "revoke_authority('ann', 'discount', 3)", 'role "ann" has no authority for "discount" and segment 3 of value' ], [ "grant_directory_access('none', 'reader')", 'role "none" does not exist' ])
{
	is(as('postgres', "SELECT $wrong->[0]"), "error: $wrong->[1]", $wrong->[0]);
}
$node->safe_psql('firm', q{SELECT release_account(1, 'sales', 'ann', utc_date()), release_account(2, 'sales', 'eva'), release_account(2, 'service', 'north', utc_date() + 10)});
is(rows($node, 'firm', q{SELECT string_agg(party_id || member || coalesce((until - utc_date())::text, ''), ' ' ORDER BY party_id, member COLLATE "C") FROM account_team}),
	'1north 2north10 2otto0 3adm 4ann1', 'what has begun ends, what has not goes');
is(as('ann', 'SELECT count(*) FROM party'), 1, 'ann sees one customer less');
is(as('bea', 'SELECT count(*) FROM party'), 2, 'bea still does');

# Who is in no team, by plain SQL, and what the party earns under a view in which each stands for itself.
my $gaps = q{SELECT party_id, team_function, profit FROM coverage_gaps('site') WHERE gone = '{}'};
my $truth = q{SELECT p.party_id, f, sum(profit(l.ledger * i.valid)) FROM party p JOIN party_identifier i USING (party_id) JOIN customer_ledger l USING (source, source_key),
	unnest(enum_range(NULL::team_function)) AS f
	WHERE l.role = 'bill_to' AND l.ledger * i.valid <> ledger()
		  AND NOT EXISTS (SELECT FROM account_team t WHERE t.party_id = p.party_id AND t.team_function = f AND t.since <= utc_date() AND coalesce(t.until > utc_date(), true))
	GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2};
is(rows($node, 'firm', $gaps), rows($node, 'firm', $truth), 'coverage gaps are those of plain SQL, the worst first');
is(as('bea', "SELECT string_agg(DISTINCT party_id::text, ',') FROM coverage_gaps('site')"), '1,2', 'bea sees gaps of her customers');
is(as('otto', "SELECT count(*) FROM coverage_gaps('site')"), 0, 'otto sees none');
$node->safe_psql('firm', q{CREATE ROLE brief; SELECT assign_account(1, 'sales', 'brief', with_household => true), assign_account(1, 'sales', 'bea'); DROP ROLE brief});
is(rows($node, 'firm', q{SELECT string_agg(party_id || ':' || members::text || gone::text, ' ' ORDER BY party_id) FROM coverage_gaps('site') WHERE team_function = 'sales' AND party_id <= 2}),
	'1:{bea}{brief} 2:{}{brief}', 'a role that is gone is a gap, beside who is still there');
$node->safe_psql('firm', q{SELECT release_account(1, 'sales', 'brief', with_household => true); SELECT release_account(1, 'sales', 'bea')});
is(rows($node, 'firm', q{SELECT count(*) FROM account_team WHERE member = 'brief'}), 0, 'and can be released');

# A role that is dropped leaves its name in the team, not its privileges.
$node->safe_psql('firm', q{DROP OWNED BY ann; DROP ROLE ann; CREATE ROLE ann LOGIN});
denied('ann', 'SELECT FROM party');
$node->safe_psql('firm', q{SELECT revoke_directory_access('bea'), revoke_directory_access('adm'), revoke_directory_access('rea'), revoke_directory_access('north')});
denied('bea', 'SELECT FROM party');
denied('rea', 'SELECT FROM customer_totals');
denied('boss', 'SELECT FROM party');
is(rows($node, 'firm', q{SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'customer_value'::regnamespace AND pg_get_userbyid(a.grantee) IN ('adm', 'rea', 'bea', 'north')}), 0, 'nothing is left of what was revoked');

# ---- a dump has it all: policies, grants, teams

$node->safe_psql('firm', q{SELECT grant_directory_access('adm', 'administrator'), grant_directory_access('north', 'member'), grant_directory_access('rea', 'reader')});
my $dump = PostgreSQL::Test::Utils::tempdir() . '/firm.sql';
my @connection = ('-h', $node->host, '-p', $node->port);
PostgreSQL::Test::Utils::command_ok([ 'pg_dump', @connection, '-f', $dump, 'firm' ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE again');
$node->safe_psql('postgres', 'ALTER DATABASE again SET search_path = public, customer_value');
PostgreSQL::Test::Utils::command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @connection, '-d', 'again', '-f', $dump ], 'restore');
my $catalog = q{SELECT 'policy', tablename, policyname, cmd, translate(qual, E'\n', ' '), NULL FROM pg_policies
	UNION ALL SELECT 'table', relname, NULL, NULL, relrowsecurity::text, ARRAY(SELECT a::text FROM unnest(relacl) a ORDER BY 1)::text FROM pg_class WHERE relnamespace = 'customer_value'::regnamespace
	UNION ALL SELECT 'function', proname, NULL, NULL, NULL, ARRAY(SELECT a::text FROM unnest(proacl) a ORDER BY 1)::text FROM pg_proc WHERE pronamespace = 'customer_value'::regnamespace AND proacl IS NOT NULL ORDER BY 1, 2, 3};
my %restored = map { $_ => 1 } split /\n/, rows($node, 'again', $catalog);
is(join("\n", grep { !delete $restored{$_} } split /\n/, rows($node, 'firm', $catalog)) . join("\n", sort keys %restored), '', 'policies and privileges are the same after a restore');
for my $table (@tables)
{
	is(rows($node, 'again', "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM customer_value.$table t"),
		rows($node, 'firm', "SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM $table t"), "so is $table");
}

done_testing();
