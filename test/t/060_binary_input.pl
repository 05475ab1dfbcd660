# Binary values, fed through COPY: what was sent comes back, and what was damaged
# on the way is refused with an error that names the type, or is a value like
# any other.  Never a crash, never a different value that claims to be equal.
use strict;
use warnings;

use Test::More;
use PostgreSQL::Test::Utils;

use CustomerValue;

my $node = start_node('main');
my $db = create_database($node, 'damaged');
my $dir = PostgreSQL::Test::Utils::tempdir();

srand(20240105);

# What there is to damage: some values of each type, as their send function gives them.
my %seeds = (
	certificate => [
		q{certificate '{"ledgers": 0}'},
		q{(SELECT certificate(g, ledger(date '2024-01-05' + 40 * g, revenue => g * 1.01, service => g % 3, currency => CASE WHEN g % 2 = 0 THEN 'EUR' END)) FROM generate_series(1, 9) g)},
		q{(SELECT certificate('customer ' || g, ledger(date '1969-12-20' + 3 * g, revenue => 99999999999999999999999.999999, other => -g, purchases => g - 5), 'day') FROM generate_series(1, 30) g)},
		q{(SELECT certificate(NULL::text, ledger(date '2024-01-05' - 100 * g, delivery => g * 0.000001, currency => 'USD'), 'quarter') FROM generate_series(1, 4) g)},
	],
	duns => [
		q{duns '999999999'},
		q{duns '000000000'},
		q{duns '001234567'},
	],
	ledger => [
		'ledger()',
		q{ledger('2024-01-05', revenue => 120.50, cogs => 61.25)},
		q{ledger('2024-01-05', revenue => 99999999999999999999999.999999, other => -0.000001, currency => 'EUR')},
		q{(SELECT total(ledger(date '2019-12-20' + 3 * g, revenue => g * 1.01, service => g % 3, purchases => g % 4)) FROM generate_series(1, 30) g)},
	],
	holdout => [
		q{(SELECT holdout('{"model": "nbd", "unit": "week", "parameters": {"r": 0.5, "alpha": 9}}', ledger(day, revenue => 5) + ledger(day + day_of, revenue => 5), '2024-02-10', '2024-03-20')
			FROM generate_series(1, 20) g, date('2024-01-01'::date + g) day, abs(g * 7 % 60) day_of)},
		q{(SELECT holdout('{"model": "pareto/nbd", "unit": "day", "parameters": {"r": 0.5, "alpha": 9, "s": 0.4, "beta": 20}, "customers": 5, "log_likelihood": -12.5, "converged": true, "diagnosis": "gro\u00df"}',
			ledger('2024-01-01', revenue => 5), '2024-01-01', '2024-01-01'))},
	],
	rfm => [
		'rfm(0, 0, 38.5)',
		q{rfm(3, 1 / 3.0, 38.857142857142854, -12.34, 'year')},
		q{rfm(ledger('2024-01-05', revenue => 120.50) + ledger('2024-02-14', revenue => 12), as_of => '2024-03-31', unit => 'week', monetary => 'contribution')},
	],
	segmentation => [
		'(SELECT value_segments(v::numeric, 4) FROM generate_series(-20, 200) v)',
		q{'{"cuts": [5000, 0.00000001, -1e20], "labels": ["gro\u00df", "\u65e5\u672c", "c", "d"]}'::segmentation},
		'(SELECT natural_breaks(v * v::float8 / 7, 5) FROM generate_series(1, 50) v)',
		q{(SELECT share_breaks(v, '{0.5, 0.6, 1}') FROM (VALUES (100), (10), (5), (1.5)) t(v))},
		q{(SELECT rfm_scheme(ledger(date '2024-01-01' + v % 19, revenue => v * 1.5, purchases => 1 + v % 7), '2024-02-01') FROM generate_series(1, 60) v)},
		q{'{"method": "rfm_scores", "recency": [30], "frequency": [2], "monetary": [-1e-9], "rules": [{"label": "gro\u00df", "r": 2}, {"label": "\u65e5", "r": 1}]}'::segmentation},
		q{value_grid('{"cuts": [0.5], "labels": ["gro\u00df", "b"]}', '{"cuts": [1e9, -3]}')},
	],
	survival_curve => [
		'(SELECT kaplan_meier(v * 7 % 13 / 3.0, v % 3 > 0) FROM generate_series(1, 30) v)',
		'(SELECT kaplan_meier(v * 7 % 13 + 1, v % 3 > 0, v * 7 % 13 / 2.0) FROM generate_series(1, 30) v)',
		q{'{"duration": [0, 1e300], "events": [4503599627370495, 0], "censored": [0, 1]}'::survival_curve},
	],
	transition_matrix => [
		q{(SELECT transition_matrix('state ' || v % 5, 'state ' || v * v % 7) FROM generate_series(1, 300) v)},
		q{'{"states": ["\u65e5\u672c", "\"", ""], "probabilities": [[0.25, 0.75, 0], [0.1, 0.2, 0.7], [0, 0, 1]]}'::transition_matrix},
	],
	whale_curve => [
		'(SELECT whale_curve(v * v::float8 / 7) FROM generate_series(-9, 30) v)',
		'(SELECT whale_curve(v * v * v / 100.0) FROM generate_series(-9, 30) v)',
	],
);

# The file format of COPY BINARY, one row of one field.
sub copy_file
{
	my ($name, $bytes) = @_;
	open my $file, '>:raw', $name or die "$name: $!";
	print $file "PGCOPY\n\xff\r\n\0", pack('NN', 0, 0), pack('nN', 1, length $bytes), $bytes, pack('n', 0xffff);
	close $file;
}

sub damaged
{
	my $bytes = shift;
	for (0 .. int(rand 3))
	{
		my $length = length $bytes;
		my $at = int(rand($length || 1));
		my $how = int(rand 5);
		if ($how == 0 && $length) { substr($bytes, $at, 1) ^= chr(1 << int(rand 8)) }
		elsif ($how == 1) { $bytes = substr($bytes, 0, $at) }
		elsif ($how == 2) { $bytes .= join '', map { chr int rand 256 } 0 .. int(rand 8) }
		elsif ($how == 3 && $length) { substr($bytes, $at, 1) = chr int rand 256 }
		elsif ($length) { substr($bytes, $at, 1) = '' }
	}
	return $bytes;
}

for my $type (sort keys %seeds)
{
	my $trials = 1500;
	my $script = '';
	my @seeds = map { pack 'H*', rows($node, $db, "SELECT encode(${type}_send($_), 'hex')") } @{ $seeds{$type} };

	$node->safe_psql($db, "CREATE TABLE got_$type (v $type)");
	for my $n (0 .. $#seeds)
	{
		copy_file("$dir/$type.seed", $seeds[$n]);
		my ($out, $err) = psql_session($node, $db, "\\copy got_$type FROM '$dir/$type.seed' (FORMAT binary)");
		is($err . rows($node, $db, "SELECT count(*) FROM got_$type WHERE v = $seeds{$type}[$n]"), '1', "$type: value $n comes back as it was sent");
		$node->safe_psql($db, "TRUNCATE got_$type");
	}
	for my $n (1 .. $trials)
	{
		copy_file("$dir/$type.$n", damaged($seeds[ rand @seeds ]));
		$script .= "\\copy got_$type FROM '$dir/$type.$n' (FORMAT binary)\n";
	}
	my ($out, $err) = psql_session($node, $db, $script);
	my @errors = grep { /ERROR:/ } split /\n/, $err;
	# text inside a value must be in the server's encoding, which speaks first
	my @strange = grep { !/ \Q$type\E\b|invalid byte sequence for encoding/ } @errors;
	my $accepted = rows($node, $db, "SELECT count(*) FROM got_$type");

	is(scalar(@errors) + $accepted, $trials, "$type: each of $trials damaged values is refused or read");
	cmp_ok(scalar @errors, '>', $trials / 5, "$type: " . scalar(@errors) . " are refused, $accepted read");
	is(join("\n", @strange), '', "$type: every error names the type");
	unlike($err, qr/server closed the connection|terminating connection/, "$type: the server is still there");

	# what was read is a value like any other
	is(rows($node, $db, "SELECT count(*) FROM got_$type WHERE v::text::$type IS DISTINCT FROM v OR ${type}_send(v::text::$type) <> ${type}_send(v)"),
		'0', "$type: what was read comes back from its text with the same bytes");
}
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/PANIC|terminated by signal|runtime error:|AddressSanitizer/,
	'the log knows of no crash');

# Text, too: cut, doubled and changed in a loop in the server.
for my $type (sort keys %seeds)
{
	is(rows($node, $db, <<"SQL"), '0', "$type: damaged texts are refused by name");
DO \$\$
DECLARE
	seed text := ($seeds{$type}[-1])::${type}::text;
	damaged text;
	message text;
	strange int := 0;
	refused int := 0;
BEGIN
	PERFORM setseed(0.3);
	FOR i IN 1 .. 4000 LOOP
		damaged := overlay(seed PLACING substr('{}[]":,.-+eE019 \\ntruefalsnul', 1 + (random() * 27)::int, (random() * 2)::int)
			FROM 1 + (random() * (length(seed) - 1))::int FOR (random() * 2)::int);
		IF i % 10 = 0 THEN damaged := left(seed, (random() * length(seed))::int); END IF;
		BEGIN
			PERFORM damaged::$type;
		EXCEPTION WHEN others THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
			refused := refused + 1;
			IF message !~ ' $type\\M' THEN strange := strange + 1; RAISE LOG 'strange: % for %', message, damaged; END IF;
		END;
	END LOOP;
	PERFORM set_config('test.strange', (strange + CASE WHEN refused < 1000 THEN 1 ELSE 0 END)::text, false);
END \$\$;
SELECT current_setting('test.strange');
SQL
}

done_testing();
