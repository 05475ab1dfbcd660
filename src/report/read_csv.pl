#!/usr/bin/perl
#
# read_csv.pl FILE
#		Writes a psql script that loads a CSV file, every cell as text, into
#		the table csv_text: "(line)" is the line a record starts on, "(problem)"
#		says why it cannot be read (then its cells are empty).
#
# The first record names the columns.  The separator is the one of , ; tab |
# that occurs most often in it.  Cells may be quoted with ", may contain line
# breaks then, and "" stands for a quote in them.  Plain Perl, no modules.
#
use strict;
use warnings;

my $file = shift // die "usage: read_csv.pl FILE\n";
open(my $in, '<:raw', $file) or die "cannot read $file: $!\n";

my $separator;
my $line = 0;    # lines read so far

sub quote_ident
{
	my $name = shift;
	$name =~ s/"/""/g;
	return qq("$name");
}

# One cell in COPY's text format; an empty one is NULL.
sub copy_cell
{
	my $cell = shift;
	return '\N' if $cell !~ /\S/;
	$cell =~ s/([\\\t\n\r])/{ "\\" => '\\\\', "\t" => '\t', "\n" => '\n', "\r" => '\r' }->{$1}/ge;
	return $cell;
}

# The next record: the line it starts on, a problem or '', and its cells.
sub next_record
{
	my ($text, $start);
	while (1)
	{
		$text = <$in> // return;
		$start = ++$line;
		$text =~ s/^\xEF\xBB\xBF// if $line == 1;
		last if $text =~ /\S/;    # empty lines are no records
	}

	# A record ends at the first line end outside quotes.
	while (($text =~ tr/"//) % 2 == 1)
	{
		my $more = <$in>;
		die "$file, line $start: a quoted cell never ends\n" unless defined $more;
		$line++;
		$text .= $more;
	}
	$text =~ s/\r?\n\z//;

	my $bytes = $text;
	return [ $start, 'not in UTF-8 (convert the file, as with iconv)' ]
	  if !utf8::decode($bytes) || $text =~ /\0/;

	$separator //= separator_of($text);
	return [ $start, '', cells_of($text) ];
}

sub separator_of
{
	my $header = shift;
	$header =~ s/"[^"]*"//g;
	my %times = map { $_ => scalar(() = $header =~ /\Q$_\E/g) } (',', ';', "\t", '|');
	my ($best) = sort { $times{$b} <=> $times{$a} || $a cmp $b } keys %times;
	return $best;
}

sub cells_of
{
	my $text = shift;
	return split(/\Q$separator\E/, $text, -1) if index($text, '"') < 0;

	my @cells;
	while (1)
	{
		if ($text =~ /\G[ ]*"((?:[^"]|"")*)"[ ]*(?=\Q$separator\E|\z)/gc)
		{
			(my $cell = $1) =~ s/""/"/g;
			push @cells, $cell;
		}
		else
		{
			$text =~ /\G(.*?)(?=\Q$separator\E|\z)/gcs;
			push @cells, $1;
		}
		last unless $text =~ /\G\Q$separator\E/gc;
	}
	return @cells;
}

# Names that are neither empty nor taken, in this file or by the server.
sub column_names
{
	my %taken = map { $_ => 1 } qw(ctid xmin xmax cmin cmax tableoid);
	my ($number, @names) = (0);
	for my $name (@_)
	{
		$number++;
		$name =~ s/^\s+|\s+$//g;
		$name = "column_$number" if $name eq '';
		utf8::decode($name);
		$name = substr($name, 0, $name =~ /[^\x00-\x7f]/ ? 14 : 55);    # 63 bytes at most
		utf8::encode($name);
		$name .= "_$number" if $taken{$name}++;
		push @names, $name;
	}
	return @names;
}

my $header = next_record() // die "$file is empty\n";
die "$file, line $header->[0]: $header->[1]\n" if $header->[1];
my (undef, undef, @names) = @$header;
@names = column_names(@names);
my $width = @names;

print "CREATE TABLE csv_text (\"(line)\" bigint, \"(problem)\" text",
  (map { ', ' . quote_ident($_) . ' text' } @names), ");\n";
print "COPY csv_text FROM STDIN;\n";
while (my $record = next_record())
{
	my ($start, $problem, @cells) = @$record;
	$problem = sprintf('%d cells where the header has %d', scalar @cells, $width)
	  if $problem eq '' && @cells != $width;
	@cells = ('') x $width if $problem ne '';
	print join("\t", $start, $problem eq '' ? '\N' : $problem, map { copy_cell($_) } @cells), "\n";
}
print "\\.\n";
