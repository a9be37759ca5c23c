#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# page.pl script PAGE       - a bash script that runs what stands behind "$ " in the ```console
#                             blocks of PAGE and prints each command with what it said
# page.pl compare PAGE OUT  - OUT, what that script printed, beside PAGE: what differs; exit 1
# page.pl fill PAGE OUT     - PAGE, those of its blocks that differ being as OUT has them
#
# What differs from run to run is made the same on both sides first; docs/lessons/README.md tells
# the reader what that is. A line "..." in PAGE stands for one or more lines left out.
use strict;
use warnings;

my $mark = '<<block>>';

sub slurp {
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

# The blocks of a page, in order.
sub blocks {
	my ($page) = @_;
	return $page =~ /^```console\n(.*?)^```$/msg;
}

# The fields of --explain whose octets are another each time; no others are touched.
my $varies = join '|', 'Identification', 'Header Checksum', 'Checksum', 'Identifier', 'cookie',
	'balance', 'Source Port', 'Destination Port', 'Sequence Number', 'Acknowledgment Number',
	'TS Value', 'ID', 'xid', 'QNAME', 'NAME',
	'Client Cookie', 'Server Cookie';

sub normal {
	local ($_) = @_;
	# What is folded is one line again.
	1 while s/^((?:sent|received) .*)\n {4}(\S)/$1 $2/m;
	1 while s/^( *\d+  [0-9a-f]{2}.*)\n {20,}(\S.*)$/$1 $2/m;
	s/^( *\d+)  [0-9a-f]{2}[0-9a-f .\[\]-]*? +($varies) {2,}\S.*$/$1 # $2 #/mg;
	s{\d+\.\d+(?:/\d+\.\d+)+ ms}{# ms}g;                  # min/avg/max/mdev
	s/\b\d+(?:\.\d+)?(?= ?(?:ms|us|ns|s|msec)\b)/#/g;    # durations
	s/^( *)\d+\.\d{3}(?= )/$1#/mg;                        # the ladder's clock
	s/\((?:kernel|kernel-rx|user) clock\)/(# clock)/g;
	s/ \(# clock\)$//mg;
	s/\b0x[0-9a-f]{8}\b/0x#/g if /\b(?:isn|xid)\b/;        # chosen at random
	s/(?<=[\d\]][:#])(?:3[2-9]|[456]\d)\d{3}\b(?!:)/#/g;   # ports of the kernel's choice
	s/(?<=\bid: )\d+/#/g;                                # of a DNS message
	s/(?<=;; WHEN: ).*/#/g;
	s/\d+(?= kernel RSTs? prevented)/#/g;
	s/(?<=rtt_ms=)[\d.]+/#/g;
	s/\d{4}-\d\d-\d\dT[\d:.]+Z/#/g;                       # moments
	s/(?<=^claimed )(\S+ is-at) 02:(?!00:00)[0-9a-f:]+/$1 #/mg; # a phantom
	s/[ \t]+/ /g;                                         # columns
	s/ $//mg;
	return $_;
}

# The pattern that a normal block of the page is.
sub pattern {
	my ($block) = @_;
	my $re = join '', map { $_ eq "...\n" ? '(?:.*\n)+?' : quotemeta } split /(?<=\n)/, $block;
	return qr/^$re$/;
}

sub compare {
	my ($path, $page, $out) = @_;
	my @want = blocks($page);
	my (undef, @got) = split /^\Q$mark\E\n/m, $out, -1;
	my $bad = @want != @got;

	print "$path: ", scalar @want, " blocks, ", scalar @got, " were run\n" if $bad;
	for my $i (0 .. ($#want < $#got ? $#want : $#got)) {
		my ($want, $got) = (normal($want[$i]), normal($got[$i]));
		next if $got =~ pattern($want);
		print "$path, block ", $i + 1, ": the page says\n$want", "and this was printed\n$got\n";
		$bad = 1;
	}
	return $bad;
}

# A command goes on on lines that begin with "> ".
sub script {
	my ($page) = @_;
	my $text = '';

	for my $block (blocks($page)) {
		$text .= "echo '$mark'\n";
		while ($block =~ /^\$ (.*\n(?:> .*\n)*)/mg) {
			my $shown = "\$ $1";
			(my $command = $1) =~ s/^> //mg;
			$shown =~ s/'/'\\''/g;
			$text .= "printf %s '$shown'\n{ $command} </dev/null 2>&1\n";
		}
	}
	return $text . "true\n";
}

sub fill {
	my ($page, $out) = @_;
	my (undef, @got) = split /^\Q$mark\E\n/m, $out, -1;

	$page =~ s{^```console\n(.*?)^```$}{
		my ($old, $new) = ($1, shift(@got) // '');
		my $is_right = normal($new) =~ pattern(normal($old));

		$new =~ s/[ \t]+$//mg;
		"```console\n" . ($is_right ? $old : $new) . "```"
	}msge;
	return $page;
}

my ($what, $path, $out) = @ARGV;
my $page = slurp($path);
if ($what eq 'script') {
	print script($page);
} elsif ($what eq 'fill') {
	print fill($page, slurp($out));
} else {
	exit compare($path, $page, slurp($out));
}
