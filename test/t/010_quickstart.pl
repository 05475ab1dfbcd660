# ./quickstart as a newcomer runs it: on the sample firm, on CSV files, twice, and away
# again.  Every figure that is checked is worked out here, without the extension.
#
# Run by root, it works from a directory nobody else can enter, where the server's user
# cannot follow.
use strict;
use warnings;

use Cwd;
use File::Temp;
use Test::More;
use Time::HiRes 'time';

my $base = File::Temp::tempdir(CLEANUP => 1);
my $checkout = "$base/check out";    # a space, for once
chmod 0700, $base;
mkdir $checkout or die $!;
system("tar -C '" . getcwd() . "' --exclude=./test/tmp_check --exclude=./.quickstart -cf - . | tar -C '$checkout' --no-same-owner -xf -") == 0
  or die 'cannot copy the checkout';
END { system("'$checkout/quickstart' --remove >/dev/null 2>&1") if defined $checkout && -d "$checkout/.quickstart" }

# Runs quickstart; returns its output, its messages and whether it succeeded.
sub quickstart
{
	my ($out, $err) = ("$base/out", "$base/err");
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>', $out) or die $!;
		open(STDERR, '>', $err) or die $!;
		chdir $base;
		exec { "$checkout/quickstart" } "$checkout/quickstart", @_ or die $!;
	}
	waitpid($pid, 0);
	my $ok = $? == 0;
	return (slurp($out), slurp($err), $ok);
}

sub slurp
{
	open(my $in, '<', shift) or die $!;
	local $/;
	return scalar <$in>;
}

sub write_file
{
	my ($name, $text) = @_;
	open(my $out, '>', "$base/$name") or die $!;
	print $out $text;
	close $out;
	return "$base/$name";
}

# 1234567.5 -> 1,234,567.50
sub money
{
	my $text = sprintf('%.2f', shift);
	1 while $text =~ s/^(-?\d+)(\d{3})/$1,$2/;
	return $text;
}

# A query in one of quickstart's databases.
sub query
{
	my ($database, $sql) = @_;
	my $bindir = `"\${PG_CONFIG:-pg_config}" --bindir`;
	chomp $bindir;
	my $socket = readlink("$checkout/.quickstart/cluster") // "$checkout/.quickstart/cluster";
	open(my $in, '-|', "$bindir/psql", '-XAtq', '-h', $socket, '-U', 'postgres', '-d', $database, '-c', $sql) or die $!;
	local $/;
	my $result = <$in> // '';
	return $result =~ s/\s+\z//r;
}

# ---------------------------------------------------------------- the sample firm
{
	my ($out, $err, $ok) = quickstart();
	ok($ok, 'the report on the sample firm') or BAIL_OUT($err);
	like($out, qr/period +\| 2024-01-01 to 2024-12-31/, 'covers the last 12 months');
	like($out, qr/\Q$_\E/, "has: $_")
	  for 'Control total', 'Totals by account', 'Concentration', 'Value segments', 'Profile of the segments', 'Where their revenue goes', 'Effort', 'Migration', 'What that did to the profit', 'Persistence', 'Where customers are', 'ten best', 'ten worst', 'What to do next';
	is((grep { length > 100 && !/^Go on/ } split(/\n/, $out)), 0, 'no line is longer than 100 characters')
	  or diag(grep { length > 100 } split(/(?<=\n)/, $out));
	like($out, qr/-h \S+ -U postgres sample/, 'says how to go on with psql');

	my $line_profit = 'coalesce(revenue, 0) - coalesce(discount, 0) - coalesce(cogs, 0) - coalesce(selling, 0) - coalesce(marketing, 0)
		- coalesce(service, 0) - coalesce(delivery, 0)';
	my $customers = "(SELECT customer, sum($line_profit) AS profit FROM orders
		WHERE day >= '2024-01-01' AND customer IS NOT NULL GROUP BY customer) AS c";
	my ($members, $losers, $lost, $net) = split(/\|/,
		query('sample', "SELECT count(*), count(*) FILTER (WHERE profit < 0), -sum(profit) FILTER (WHERE profit < 0), sum(profit) FROM $customers"));
	like($out, qr/customers +\| \Q@{[ money($members) =~ s{\.00}{}r ]}\E with entries/, 'counts the members as plain SQL does');
	like($out, qr/\b$losers customers lose \Q@{[ money($lost) ]}\E/, 'counts the losers and what they lose');
	like($out, qr/% of net profit \(\Q@{[ money($net) ]}\E\)/, 'names the net profit');
	like($out, qr/^ profit +\| +\Q@{[ money(query('sample', "SELECT sum($line_profit) FROM orders WHERE day >= '2024-01-01'")) ]}\E/m,
		'the profit of the period includes what is unassigned');
	# The best tenth; the customer whom the tenth splits counts in part.
	my $tenth = "(SELECT sum(profit * greatest(least(0.1 * n - place + 1, 1), 0)) AS profit, sum(profit) AS net,
			sum(profit) FILTER (WHERE profit > 0) AS gains
		FROM (SELECT profit, row_number() OVER (ORDER BY profit DESC) AS place, count(*) OVER () AS n FROM $customers) AS p) AS t";
	my ($of_gains, $of_net) = split(/\|/, query('sample', "SELECT round(100 * profit / gains, 1), round(100 * profit / net, 1) FROM $tenth"));
	like($out, qr/bring \Q$of_gains\E % of the gains, which is\n\Q$of_net\E % of net profit/, 'the share of the best tenth, with both denominators');
	my ($best, $profit) = split(/\|/, query('sample', "SELECT customer, profit FROM $customers ORDER BY profit DESC LIMIT 1"));
	like($out, qr/^ \Q$best\E +\|.*\| +\Q@{[ money($profit) ]}\E +\|/m, 'names the best customer');
	($best, $profit) = split(/\|/, query('sample', "SELECT customer, profit FROM $customers ORDER BY profit LIMIT 1"));
	like($out, qr/^ \Q$best\E +\|.*\| +\Q@{[ money($profit) ]}\E +\|/m, 'names the worst customer');

	my ($segments) = $out =~ /^Value segments.*?\n-[-+]+\n(.*?)\n\n/ms;
	my @segments = map { [ map { s/[ ,]//gr } split(/\|/, $_) ] } split(/\n/, $segments // '');
	is(scalar @segments, 8, 'eight segments');
	my ($in_segments, $their_profit) = (0, 0);
	($in_segments += $_->[3], $their_profit += $_->[6]) for @segments;
	is($in_segments, $members, 'every member is in one of them');
	is(money($their_profit), money($net), 'and so is all of the profit');
	is((grep { my ($lower, $upper, $n) = @$_[1, 2, 3];
			query('sample', 'SELECT count(*) FROM ' . $customers . ' WHERE ' . ($lower eq '' ? 'true' : "round(profit) >= $lower")
				. ' AND ' . ($upper eq '' ? 'true' : "round(profit) <= $upper")) >= $n } @segments), 8, 'the cut points are where the members are parted');

	# The profile and the effort of those segments, by their cut points.
	my $served = 'coalesce(selling, 0) + coalesce(marketing, 0) + coalesce(service, 0) + coalesce(delivery, 0)';
	my $members_sql = "(SELECT customer, sum($line_profit) AS profit, sum(revenue) AS revenue, sum(coalesce(discount, 0)) AS discount, sum($served) AS served
		FROM orders WHERE day >= '2024-01-01' AND customer IS NOT NULL GROUP BY customer) AS c";
	my ($rows) = $out =~ /^Profile of the segments.*?\n-[-+]+\n(.*?)\n\n/ms;
	my @profile = map { [ map { s/[ ,]//gr } split(/\|/, $_) ] } split(/\n/, $rows // '');
	($rows) = $out =~ /^Effort.*?\n-[-+]+\n(.*?)\n\n/ms;
	my @effort = map { [ map { s/[ ,]//gr } split(/\|/, $_) ] } split(/\n/, $rows // '');
	my ($discounts) = $out =~ /^ discount +\|(( +[\d.]+ \|){8} +[\d.]+)\s*$/m;
	my @discounts = map { s/ //gr } split(/\|/, $discounts // '');
	is_deeply([ map { $_->[1] } @profile ], [ map { $_->[3] } @segments ], 'the profile has the customers of the segments');
	my @slow = map { [ split(/\|/, $_) ] } split(/\n/, query('sample', "WITH s AS (SELECT segment(scheme.s, profit) AS segment, c.* FROM $members_sql, scheme)
		SELECT round(100 * count(*) / sum(count(*)) OVER (), 1), round(100 * sum(revenue) / sum(sum(revenue)) OVER (), 1),
			round(100 * coalesce(sum(profit) FILTER (WHERE profit > 0), 0) / sum(sum(profit) FILTER (WHERE profit > 0)) OVER (), 1),
			round(100 * coalesce(sum(profit) FILTER (WHERE profit < 0), 0) / sum(sum(profit) FILTER (WHERE profit < 0)) OVER (), 1),
			round(100 * sum(profit) / (sum(revenue) - sum(discount)), 1), round(100 * sum(discount) / sum(revenue), 1), sum(served), round(100 * sum(served) / sum(sum(served)) OVER (), 1),
			round(100 * greatest(sum(profit), 0) / sum(greatest(sum(profit), 0)) OVER (), 1),
			CASE WHEN sum(profit) > 0 THEN round(sum(served) / sum(sum(served)) OVER () * sum(greatest(sum(profit), 0)) OVER () / sum(profit), 2) END,
			round(sum(sum(served)) OVER () * greatest(sum(profit), 0) / sum(greatest(sum(profit), 0)) OVER () - sum(served), 2)
		FROM s GROUP BY segment ORDER BY segment"));
	is_deeply([ map { [ @$_[2 .. 6] ] } @profile ], [ map { [ @$_[0 .. 4] ] } @slow ], 'and their shares and margins, as plain SQL works them out');
	is_deeply([ @discounts[0 .. 7] ], [ map { $_->[5] } @slow ], 'and the part of revenue that is discount');
	is_deeply([ map { [ @$_[1, 2, 4, 5] ] } @effort ], [ map { [ @$_[6 .. 9] ] } @slow ], 'cost to serve, its shares, and what they are against those of the gains');
	is((grep { abs($effort[$_][6] - $slow[$_][10]) > 0.011 } 0 .. 7), 0, 'fair parts are in proportion to gains');
	my $changes = 0;
	$changes += $_->[6] for @effort;
	cmp_ok(abs($changes), '<', 0.001, 'and leave the total as it is');
	like($out, qr/^\d\. 58 % of the cost to serve \(824,088\.33\) goes to segments that earn nothing \(6, 7, 8\)/m, 'which is a piece of advice');

	# Who went where, and what that did to the profit, by plain SQL over the orders.
	my $both = "(SELECT customer, sum($line_profit) FILTER (WHERE day < '2024-01-01') AS before, sum($line_profit) FILTER (WHERE day >= '2024-01-01') AS after
		FROM orders WHERE day >= '2023-01-01' AND customer IS NOT NULL GROUP BY customer) AS c";
	my ($matrix) = $out =~ /^Migration.*?\n before [^\n]*\n-[-+]+\n(.*?)\n\n/ms;
	my %moves;
	for (split(/\n/, $matrix // ''))
	{
		my ($from, @to) = map { s/[ ,]//gr } split(/\|/, $_);
		$to[$_] and $moves{"$from>" . ($_ == 8 ? 'gone' : $_ + 1)} = $to[$_] for 0 .. 8;
	}
	is_deeply(\%moves, { map { split(/\|/, $_) } split(/\n/, query('sample',
		"SELECT coalesce(segment(s, before)::text, 'new') || '>' || coalesce(segment(s, after)::text, 'gone'), count(*) FROM $both, scheme GROUP BY 1")) },
		'customers went from segment to segment as plain SQL says');
	my ($bridge) = $out =~ /^What that did.*?\n-[-+]+\n(.*?)\n\n/ms;
	is_deeply([ map { join('|', map { s/^ +| +$|,//gr } split(/\|/, $_)) } split(/\n/, $bridge // '') ], [ split(/\n/, query('sample',
		"SELECT step, count(*) FILTER (WHERE here), sum(amount) FILTER (WHERE here) FROM $both, scheme,
			LATERAL (VALUES (1, 'before', before IS NOT NULL, before), (2, 'entered', before IS NULL, after),
				(3, 'moved up', segment(s, after) < segment(s, before), after - before), (4, 'moved down', segment(s, after) > segment(s, before), after - before),
				(5, 'repriced', segment(s, after) = segment(s, before), after - before), (6, 'exited', after IS NULL, -before),
				(7, 'after', after IS NOT NULL, after)) AS v (place, step, here, amount) GROUP BY place, step ORDER BY place")) ],
		'and the profit moved from one period to the other by these steps');
	my ($checksum) = $out =~ /^ ledgers +\| 1,979, checksum ([0-9a-f]{64})$/m;
	is(query('sample', 'SELECT checksum(certificate(customer, l)) FROM (SELECT customer, total(ledger(day, revenue => revenue, discount => discount, cogs => cogs,
			selling => selling, marketing => marketing, service => service, delivery => delivery, purchases => purchases, currency => currency)) AS l FROM orders GROUP BY 1) AS again'),
		$checksum, 'the report carries the checksum of its ledgers, and the rows still make it');
	query('sample', "UPDATE customer_ledgers SET l = l + ledger('2024-05-05', service => 0.01, currency => 'EUR') WHERE customer = '$best'");
	isnt(query('sample', 'SELECT checksum(certificate(customer, l)) FROM customer_ledgers'), $checksum, 'a cent on one ledger makes another');
	query('sample', "UPDATE customer_ledgers SET l = l - ledger('2024-05-05', service => 0.01, currency => 'EUR') WHERE customer = '$best'");

	# A row with revenue is a purchase, unless it says otherwise.
	my $silent = "(SELECT customer, date '2024-12-31' - max(day::date) FILTER (WHERE coalesce(purchases, (revenue > 0)::int) > 0) AS days
		FROM orders WHERE customer IS NOT NULL AND day < '2025-01-01' GROUP BY customer) AS s";
	for (['at_risk', 'days > 180 AND days <= 365'], ['lapsed', 'days > 365'], ['prospect', 'days IS NULL'])
	{
		my ($stage, $condition) = @$_;
		my ($n, $days) = split(/\|/, query('sample', "SELECT count(*), coalesce(round(avg(days))::text, '') FROM $silent WHERE $condition"));
		like($out, qr/^ $stage +\| +$n +\| +$days +\|/m, "as many are $stage as plain SQL counts");
	}

	# The firm is as it was made: a change of this sum is a change of the sample.
	is(query('sample', q{SELECT md5(string_agg(o::text, E'\n' ORDER BY o::text COLLATE "C")) FROM orders AS o}),
		'63cdf497d6b2135b54b49a47fc1f87e2', 'the sample is the same on every machine');
	cmp_ok($of_net, '>=', 80, "a tenth of the customers brings most of the net profit ($of_net %)");
	my $losing = 100 * $losers / $members;
	ok($losing > 15 && $losing < 25, sprintf('about a fifth loses money (%.0f %%)', $losing));

	my $start = time;
	my ($again, undef, $again_ok) = quickstart();
	my $took = time - $start;
	is($again, $out, 'a second run prints the same');
	cmp_ok($took, '<', 15, sprintf('and is quick (%.1f s)', $took));

	($out, $err, $ok) = quickstart('--since', '2023-01-01', '--until', '2023-06-30');
	like($out, qr/period +\| 2023-01-01 to 2023-06-30/, 'another period');
	like($out, qr/Compared with 2022-07-01 to 2022-12-31/, 'is compared with as many months before');
	($out, $err, $ok) = quickstart('--since', '2030-01-01', '--until', '2030-12-31');
	like($out, qr/no entries in the period/, 'a period without entries says so');
}

# ---------------------------------------------------------------- a file of one's own
my $csv = write_file("it's \$my file.csv", <<'CSV');
Customer No;"Order ""Day""";amount;cost;quoted;nearly
007;2024-01-10;100.00;60;"a;b";1
007;2024-02-10;50.50;30.25;"two
lines";2
8;2024-03-01;20;45;x;3
8;2023-03-01;20;15;x;3
 ;2024-03-02;9.99;1;x;4
9;2024-03-03;n/a;1;x;5
9;2024-02-30;10;1;x;6
9;;10;1;x;7
9;2024-05-05;10
10;2024-06-30;1000;1;x;8
11;2024-06-30;1;1;x;not a number
12;2024-06-01;1;0;x;9
13;2024-06-02;1;0;x;9
14;2024-06-03;1;0;x;9
15;2024-06-04;1;0;x;9
16;2024-06-05;1;0;x;9
17;2024-06-06;1;0;x;9
18;2024-06-07;1;0;x;9
19;2024-06-08;1;0;x;9
20;2024-06-08;1;0;x;9
CSV
{
	my ($out, $err, $ok) = quickstart($csv, '--customer', 'Customer No', '--day', 'Order "Day"', '--revenue', 'amount',
		"--account=cogs=cost * 1", '--account', q{other=CASE WHEN quoted = 'it''s' THEN 1 END}, '--currency', 'CHF');
	ok($ok, 'the report on a file with odd names in it') or diag($err);
	like($out, qr/20 read, 4 rejected/, 'counts the rows read and rejected');
	like($out, qr/^ 8 +\| amount: "n\/a" is no number/m, 'a cell that is no number, with its line');
	like($out, qr/^ 9 +\| .*2024-02-30" is no date/m, 'a day that does not exist');
	like($out, qr/^ 10 +\| it has no day/m, 'a row without a day');
	like($out, qr/^ 11 +\| 3 cells where the header has 6/m, 'a row with too few cells');
	like($out, qr/currency +\| CHF/, 'the currency');
	like($out, qr/period +\| 2023-07-01 to 2024-06-30/, 'the trailing 12 months of the file');
	like($out, qr/^ revenue +\| +1,210\.49 +\| +1,210\.49 +\| +0\.00/m, 'the control total of the whole file');
	like($out, qr/^ revenue +\| +1,190\.49 .*\| +9\.99\s*$/m, 'revenue of the period, and what nobody is known for');
	like($out, qr/^ 007 +\| +150\.50 +\| +\| +60\.25 /m, 'a customer number keeps its zeros');
	unlike($out, qr/^ +\| +9\.99 +\| +\| /m, 'rows without a customer are in no list');
	like($out, qr/No cost to serve supplied/, 'says that there is no cost to serve');
	like($out, qr/^Effort: no cost to serve/m, 'so that no effort can be compared');
	like($out, qr/^Profile of the segments.*^Where their revenue goes.*^ cogs /ms, 'but segments have a profile');
	like($err, qr/\A(?!.*(ERROR|FAILED))/s, 'without an error');
}

# Errors are about what the user wrote.
{
	my @file = ($csv, '--customer', 'Customer No', '--day', 'Order "Day"');
	my (undef, $err, $ok) = quickstart(@file, '--revenue', 'amonut');
	ok(!$ok, 'an unknown column fails');
	like($err, qr/--revenue amonut: column "amonut" does not exist.*HINT:.*amount \(numeric\)/s, 'and the columns there are get named');
	(undef, $err, $ok) = quickstart(@file, '--revenue', 'amount / 3');
	ok(!$ok, 'more decimals than a ledger holds fail');
	like($err, qr/HINT:.*round\(/s, 'with the hint what to write');
	(undef, $err, $ok) = quickstart(@file, '--revenue', 'quoted');
	like($err, qr/--revenue quoted is of type text/, 'text is no money');
	(undef, $err, $ok) = quickstart(@file, '--revenue', 'amount', '--account', 'rent=cost');
	like($err, qr/no such account/, 'an unknown account');
	(undef, $err, $ok) = quickstart($csv, '--customer', 'Customer No', '--revenue', 'amount');
	like($err, qr/which column is the day\?.*Customer No;/s, 'a missing option shows the header');
	(undef, $err, $ok) = quickstart("$base/none.csv");
	like($err, qr/cannot read/, 'a missing file');
}

# Small files get a report too, as far as there is something to report.
{
	my @columns = ('--customer', 'c', '--day', 'd', '--revenue', 'r');
	my ($out, $err, $ok) = quickstart(write_file('one.csv', "c,d,r\na,2024-01-01,5\n"), @columns);
	ok($ok && $out =~ /^ a +\| +5\.00 .*What to do next/ms, 'one row') or diag($err);
	($out, $err, $ok) = quickstart(write_file('loss.csv', "c,d,r\na,2024-01-01,5\nb,2024-01-01,-8\n"), @columns);
	ok($ok && $out =~ /1 customer loses 8\.00, more than the others gain/, 'a net loss') or diag($err);
	($out, $err, $ok) = quickstart(write_file('losses.csv', "c,d,r,k\na,2024-01-01,10,12\nb,2024-02-01,5,7.50\nc,2024-03-01,1,2\n"), @columns, '--account', 'cogs=k');
	ok($ok && $out =~ /^No customer gains;\n3 customers lose 5\.50/m && $out !~ /against 0 % with the others/, 'nobody gains, and there are no others to compare with') or diag($err);
	($out, $err, $ok) = quickstart(write_file('credits.csv', "c,d,r,s\na,2024-01-01,100,5\nb,2024-01-01,50,-8\nc,2024-02-01,20,3\nc,2024-02-01,-30,1\n"), @columns, '--account', 'service=s');
	ok($ok && $out =~ /^ service \| +5\.0 \| -16\.0 \| +0\.7\s*\n.*^Effort: no cost to serve .* could be compared by/ms, 'more credits than cost') or diag($err);
	($out, $err, $ok) = quickstart(write_file('costs.csv', "c,d,r,s\na,2024-01-01,0,5\nb,2024-01-01,0,8\n"), @columns, '--account', 'service=s');
	ok($ok && $out !~ /Where their revenue goes/ && $out =~ /^Effort: no cost to serve .* could be compared by.*too little in these figures/ms, 'no revenue at all') or diag($err);
	($out, $err, $ok) = quickstart(write_file('none.csv', "c,d,r\n,2024-01-01,5\n"), @columns);
	ok($ok && $out =~ /^ profit +\| +5\.00 .*No entry of the period has a customer/ms, 'no customer at all') or diag($err);
	($out, $err, $ok) = quickstart(write_file('empty.csv', "c,d,r\n"), @columns);
	ok(!$ok && $err =~ /no row below its header/, 'no row at all');
	($out, $err, $ok) = quickstart(write_file('open.csv', "c,d,r\n\"a,2024-01-01,5\nb,2024-01-01,5\n"), @columns);
	ok(!$ok && $err =~ /line 2: a quoted cell never ends/, 'a quote that never ends');
	($out, $err, $ok) = quickstart(write_file('zone.csv', "c,d,r\na,2024-01-01T23:30:00Z,5\n"), @columns);
	ok(!$ok && $err =~ /--day d is of type timestamp with time zone.*AT TIME ZONE/s, 'a day that depends on the time zone');
	$columns[3] = q{d AT TIME ZONE 'Europe/Berlin'};
	($out, $err, $ok) = quickstart("$base/zone.csv", @columns);
	ok($ok && $out =~ /data +\| 2024-01-02 to 2024-01-02/, 'and the expression that settles it') or diag($err);
}

# ---------------------------------------------------------------- real data
SKIP:
{
	my $superstore = ($ENV{CUSTOMER_VALUE_DATA} // '') . '/data/superstore.csv';
	skip 'superstore.csv is not here', 4 unless -r $superstore;
	my ($out, $err, $ok) = quickstart($superstore, '--customer', 'customer_id', '--day', 'order_date',
		'--revenue', 'round(sales, 4)', '--account', 'cogs=round(sales - profit, 4)');
	ok($ok, 'the report on superstore.csv') or diag($err);
	like($out, qr/9,994 read, 0 rejected/, 'reads every row');
	like($out, qr/^ revenue +\| +2,297,200\.8603 +\| +2,297,200\.8603 +\| +0\.0000/m, 'sales as published');
	like($out, qr/^ profit +\| +286,397\.0217 +\| +286,397\.0217 +\| +0\.0000/m, 'profit as published');
}

# ---------------------------------------------------------------- and away again
{
	my $server = readlink("$checkout/.quickstart/cluster") // "$checkout/.quickstart/cluster";
	ok(-f "$server/postmaster.pid", 'the server still runs');
	is($server =~ m{^/tmp/customer_value} ? 1 : 0, $> == 0 ? 1 : 0, 'the server is inside the checkout if its user can be there');
	my (undef, $err, $ok) = quickstart('--remove');
	ok($ok, '--remove') or diag($err);
	ok(!-e $server && !-e "$checkout/.quickstart", 'leaves neither server nor files');
}

done_testing();
