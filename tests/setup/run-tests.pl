#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-tests.pl PROGRAM... - what prove does, with each TAP program in namespaces of its own
# (in-lab.sh) and one closing line "N passed, N failed". With CI=true a skipped test is a failure.
# Most of them wait for packets most of the time, so one more than there are processors run at once
# (TEST_JOBS for another number).
use strict;
use warnings;
use File::Basename qw(dirname);
use TAP::Harness;

die "run-tests.pl: no test to run\n" unless @ARGV;
my $in_lab = dirname($0) . '/in-lab.sh';
my $limit_s = $ENV{TEST_LIMIT} || 600;
exit 2 if system($in_lab, 'true') != 0;	# it has said why
my $jobs = $ENV{TEST_JOBS} || 1 + (qx(nproc) || 1);
# What a program says about its failures, told at the end.
my %said;

sub run { # JOBS PROGRAM... - what TAP::Parser makes of each
	my ($n, @programs) = @_;
	my $harness = TAP::Harness->new({
		exec => ['timeout', '--foreground', $limit_s, $in_lab],
		directives => 1,
		jobs => $n,
		verbosity => $ENV{V} ? 1 : 0,
	});
	$harness->callback(made_parser => sub {
		my ($parser, $job) = @_;
		$said{$job->[0]} = [];
		$parser->callback(ALL => sub {
			my ($line) = @_;
			push @{$said{$job->[0]}}, $line->raw if $line->is_comment || $line->is_test && !$line->is_ok;
		});
	});
	my $result = $harness->runtests(@programs);
	return map { $_ => ($result->parsers($_))[0] } @programs;
}

sub faults { # PARSER - how many
	my ($p) = @_;
	my $n = $p->failed + $p->parse_errors;
	return $n || ($p->exit ? 1 : 0);
}

my %ran = run($jobs, @ARGV);
my @bad = grep { faults($ran{$_}) } @ARGV;
# A test that measures may fail beside others; what fails alone is broken.
if (@bad && $jobs > 1) {
	print "Once more, alone: @bad\n";
	%ran = (%ran, run(1, @bad));
	@bad = grep { faults($ran{$_}) } @bad;
}
for my $program (sort @bad) {
	my @lines = @{$said{$program}};
	print join("\n", "$program:", @lines), "\n" if grep { /^not ok/ } @lines;
}
my ($passed, $failed, $skipped) = (0, 0, 0);
for my $p (values %ran) {
	$passed += () = $p->passed;
	$failed += faults($p);
	$skipped += () = $p->skipped;
}
if ($skipped && ($ENV{CI} || '') eq 'true') {
	print "In CI a skipped test is a failure.\n";
	$failed += $skipped;
}
printf "%d passed, %d failed%s\n", $passed - $skipped, $failed, $skipped ? ", $skipped skipped" : '';
exit($failed ? 1 : 0);
