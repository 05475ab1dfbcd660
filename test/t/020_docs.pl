# Every SQL block of README.md and doc/ runs, in order, in one session and one fresh
# database per document.
#
#	```sql							must run without an error
#	```sql with "-- error" first	must fail
#	```sql with "-- needs FILE"		reads a public data set; without that file this block
#									and the rest of the document are skipped
#	```text right after it			is what psql prints
#
use strict;
use warnings;

use Test::More;
use File::Find;

use CustomerValue;

# The SQL blocks of a document: line, text, must it fail, what it must print.
sub blocks_of
{
	my $file = shift;
	open(my $in, '<', $file) or die "$file: $!";
	my (@blocks, $fence, $last);
	while (my $text = <$in>)
	{
		if (defined $fence)
		{
			if ($text =~ /^\s*```\s*$/)
			{
				undef $fence;
			}
			elsif ($fence eq 'sql')
			{
				$last->{sql} .= $text;
			}
			elsif ($fence eq 'text' && $last)
			{
				$last->{output} .= $text;
			}
			next;
		}
		if ($text =~ /^\s*```(\w*)/)
		{
			$fence = $1;
			if ($fence eq 'sql')
			{
				push @blocks, $last = { line => $., sql => '' };
			}
			elsif ($fence eq 'text' && $last)
			{
				$last->{output} = '';
			}
		}
		elsif ($text =~ /\S/)
		{
			undef $last;    # prose in between: a text block is about something else
		}
	}
	$_->{fails} = $_->{sql} =~ /\A\s*-- error/ for @blocks;
	($_->{needs}) = $_->{sql} =~ /\A\s*-- needs (\S+)/ for @blocks;
	return @blocks;
}

# Where the public data sets are; \copy finds them by their names alone.
my $data = ($ENV{CUSTOMER_VALUE_DATA} || '../shared') . '/data';

# The blocks before the first one that needs a file which is not here.
sub without_missing_data
{
	my ($file, @blocks) = @_;
	for my $i (0 .. $#blocks)
	{
		my $needs = $blocks[$i]{needs} // next;
		next if -f "$data/$needs";
	  SKIP:
		{
			my $left_out = @blocks - $i;
			skip "$left_out blocks from $file:$blocks[$i]{line} on: no public data set $needs (CUSTOMER_VALUE_DATA)", 1;
		}
		return @blocks[ 0 .. $i - 1 ];
	}
	return @blocks;
}

sub tidy
{
	my $text = shift // '';
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\A\n+|\n+\z//g;
	return $text;
}

# One session for the whole document, with a marker before each block in both streams.
sub run_blocks
{
	my ($node, $database, @blocks) = @_;
	my $script = -d $data ? "\\cd '$data'\n" : '';
	for my $i (0 .. $#blocks)
	{
		$script .= "\\echo ~~~ $i\n\\warn ~~~ $i\n$blocks[$i]{sql}\n";
	}
	my ($out, $err) = psql_session($node, $database, $script);
	my %out = $out =~ /^~~~ (\d+)\n(.*?)(?=^~~~ \d+\n|\z)/msg;
	my %err = $err =~ /^~~~ (\d+)\n(.*?)(?=^~~~ \d+\n|\z)/msg;
	for my $i (0 .. $#blocks)
	{
		$blocks[$i]{reached} = exists $out{$i};
		$blocks[$i]{out} = $out{$i} // '';
		$blocks[$i]{err} = $err{$i} // '';
	}
}

sub check_block
{
	my ($file, $block) = @_;
	my $name = "$file:$block->{line}";
	my $failed = $block->{err} =~ /^(ERROR|FATAL|PANIC|invalid command)/m;
	ok($block->{reached} && ($block->{fails} ? $failed : !$failed), $name . ($block->{fails} ? ' fails' : ' runs'))
	  or diag($block->{err});
	is(tidy($block->{out} . $block->{err}), tidy($block->{output}), "$name prints what it says")
	  if defined $block->{output};
}

my @documents = grep { -f } ('README.md');
find({ wanted => sub { push @documents, $File::Find::name if /\.md\z/ }, no_chdir => 1 }, 'doc') if -d 'doc';

my $node = start_node('docs');
my $number = 0;
for my $file (sort @documents)
{
	my @blocks = without_missing_data($file, blocks_of($file));
	next unless @blocks;
	my $database = 'doc_' . ++$number;
	if ($blocks[0]{sql} =~ /CREATE EXTENSION/)
	{
		$node->safe_psql('postgres', "CREATE DATABASE $database");
	}
	else
	{
		create_database($node, $database);
	}
	run_blocks($node, $database, @blocks);
	check_block($file, $_) for @blocks;
}
ok(@documents > 0, 'there are documents');
done_testing();
