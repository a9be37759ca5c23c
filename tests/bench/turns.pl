#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# turns.pl RUNS NAME=COMMAND... - runs the commands in turn, RUNS times each after one turn that is
# not counted; prints the median wall and processor time of each, and the median of the ratios of
# each run to that of the first command in the same turn, so that a busy machine disturbs all alike.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my ($runs, @commands) = @ARGV;
my (@names, %command, %wall, %cpu, %ratio);

sub median { my @s = sort { $a <=> $b } @_; return $s[@s / 2] }

for (@commands) {
	my ($name, $line) = /^([^=]+)=(.*)$/s or die "turns.pl: NAME=COMMAND expected, not '$_'\n";
	push @names, $name;
	$command{$name} = [split ' ', $line];
}
open my $out, '>&', \*STDOUT or die;
open STDOUT, '>', '/dev/null' or die;
for my $turn (0 .. $runs) {
	my %took;
	for my $name (@names) {
		my @before = times;
		my $start = clock_gettime(CLOCK_MONOTONIC);
		system { $command{$name}[0] } @{ $command{$name} };
		$took{$name} = clock_gettime(CLOCK_MONOTONIC) - $start;
		die "turns.pl: $name cannot be run\n" if $? == -1;
		my @after = times;
		next if !$turn;
		push @{ $wall{$name} }, $took{$name};
		push @{ $cpu{$name} }, $after[2] + $after[3] - $before[2] - $before[3];
		push @{ $ratio{$name} }, $took{$name} / $took{ $names[0] };
	}
}
printf $out "  %-22s %12s %12s %14s\n", 'medians of ' . $runs, 'wall ms', 'cpu ms', "of $names[0]";
printf $out "  %-22s %12.3f %12.3f %13.2fx\n", $_, 1e3 * median(@{ $wall{$_} }),
	1e3 * median(@{ $cpu{$_} }), median(@{ $ratio{$_} })
	for @names;
