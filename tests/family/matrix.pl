#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# matrix.pl DIR... - holds against each run that matrix_run of matrix.bash kept in a directory what every
# tool owes its user. Prints what is wrong, run by run; exits 1 if anything is. With a file "like" in DIR
# (the directories of undisturbed runs, one a line) a run that ends as those did must have their shape:
# what got lost may not pass for a success.
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->utf8;
my ($n, $bad) = (0, 0);

sub contents { # FILE
	local $/;
	open my $f, '<:raw', $_[0] or return '';
	return scalar(<$f>) // '';
}

# What is wrong with lines that should be records.
sub json_faults { # TEXT TOOL STATUS
	my ($text, $tool, $status) = @_;
	my @faults;
	push @faults, 'no newline at the end' if $text !~ /\n\z/;
	my @lines = split /\n/, $text, -1;
	pop @lines;
	my $ends = 0;
	for my $i (0 .. $#lines) {
		my $r = eval { $json->decode($lines[$i]) };
		if (ref $r ne 'HASH') {
			push @faults, 'line ' . ($i + 1) . " is no JSON object: $lines[$i]";
			next;
		}
		push @faults, "no v, tool or ts in $lines[$i]" if ($r->{v} // '') ne '1' || ($r->{tool} // '') ne $tool
			|| ($r->{ts} // '') !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
		$ends++ if ($r->{type} // '') eq 'end';
		push @faults, "the last record is $lines[$i]"
			if $i == $#lines && (($r->{type} // '') ne 'end' || $r->{exit} != $status);
	}
	push @faults, "$ends end records" if $ends != 1;
	return @faults;
}

# Records with the names of their fields; of text, how many lines, of a path its hops. How many probes
# a path takes, and in which order they return, is chance.
sub shape { # TEXT IS_JSON
	my ($text, $is_json) = @_;
	return scalar(() = $text =~ /^ ?\d+  \S+  /mg) if $text =~ /^traceroute to /;
	return scalar(() = $text =~ /\n/g) unless $is_json;
	my @records = sort map {
		my $r = eval { $json->decode($_) };
		ref $r eq 'HASH' ? join(',', $r->{type} // '', sort keys %$r) : '?';
	} split /\n/, $text;
	return join ' ', @records unless $text =~ /"tool":"traceroute"/;
	my %kinds = map { $_ => 1 } @records;
	return join ' ', sort keys %kinds;
}

# Where the run crashed, if it did so under faulty.so, and whether that is libpcap: its scanner does not
# survive a failed allocation, and what it says and exits with is its own.
sub crashed_in { # TOOL ERR
	my ($tool, $err) = @_;
	return 'libpcap' if $err =~ /out of dynamic memory in yy/;
	return unless $err =~ /^faulty: crash at ([0-9a-f]+)/m;
	my ($pc, $name, $best) = (hex $1, 'no place that has a name', -1);
	for (split /\n/, qx(nm "\$(command -v $tool)")) {
		next unless /^([0-9a-f]+) [tTwW] (\S+)/ && hex $1 <= $pc && hex $1 > $best;
		($best, $name) = (hex $1, $2);
	}
	return $name =~ /^pcap[_.]/ ? 'libpcap' : $name;
}

sub shape_faults { # DIR OUT IS_JSON STATUS
	my ($dir, $out, $is_json, $status) = @_;
	my @like = grep { contents("$_/status") eq $status } split /\n/, contents("$dir/like");
	my $shape = shape($out, $is_json);
	# What is told is not silent; dnsq tells of it among its lines.
	return if contents("$dir/err") =~ /^\w+: .{12,}/m || $out =~ /out of memory|E[A-Z]{3,}/;
	# Without a tap the packets are shown all the same, and it is said that they are rebuilt.
	return if $out =~ /header rebuilt|"rebuilt":true/;
	return if !@like || grep { shape(contents("$_/out"), $is_json) eq $shape } @like;
	return "status $status, but what it says is not what it says undisturbed";
}

sub faults { # DIR
	my ($dir) = @_;
	my ($out, $err, $tool, $mode) = map { contents("$dir/$_") } qw(out err tool mode);
	my ($status, $want) = map { contents("$dir/$_") } qw(status want);
	my @faults;
	my $crash = crashed_in($tool, $err) // '';
	return if $crash eq 'libpcap';
	push @faults, "a crash in $crash" if $crash;
	# dnsq ends as dig does when no server could be asked, and says why.
	$want .= ',9' if $tool eq 'dnsq' && -e "$dir/like" && $out =~ /out of memory|(?:error|not) .*\bE[A-Z]{3,}|ENOMEM/;
	push @faults, "status $status instead of $want" unless grep { $status eq $_ } split /,/, $want;
	if ($mode =~ /json/) {
		push @faults, json_faults($out, $tool, $status);
	} else {
		push @faults, "a message on standard output: $1" if $out =~ /^(\Q$tool\E: .*)/m;
		push @faults, 'a control byte on standard output' if $out =~ /[\x00-\x08\x0b-\x1f\x7f]/;
		push @faults, 'standard output is no UTF-8' unless utf8::decode(my $copy = $out);
	}
	push @faults, shape_faults($dir, $out, scalar($mode =~ /json/), $status) if -e "$dir/like";
	push @faults, 'a control byte on standard error' if $err =~ /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
	# Beside a command rstguard speaks on standard error.
	push @faults, "a success with a message: $err" if $status eq '0' && $err ne '' && $want eq '0' && $tool ne 'rstguard';
	# Whoever could not ask says why, by name; dnsq as dig does, among its lines.
	push @faults, "no sentence that says why" if $status =~ /^(?:2|8|10)$/ && $err !~ /^\Q$tool\E: .{12,}/m;
	push @faults, "a crash: $err" if $err =~ /Sanitizer|Assertion|core dumped|stack smashing|corrupted|free\(\)/;
	push @faults, 'files left: ' . join ' ', grep { !/\.\.?$/ } glob "$dir/tmp/* $dir/tmp/.*"
		if grep { !/\/\.\.?$/ } glob "$dir/tmp/* $dir/tmp/.*";
	return @faults;
}

for my $dir (@ARGV) {
	my @faults = faults($dir);
	$n++;
	next unless @faults;
	$bad++;
	print contents("$dir/tool"), ' ', contents("$dir/words"), ' [', contents("$dir/mode"), "] in $dir:\n";
	print "  $_\n" for @faults;
	my $err = contents("$dir/err");
	print "  it says: ", substr($err, 0, 400), "\n" if $err ne '';
}
print "$n runs, $bad wrong\n";
exit($n == 0 || $bad ? 1 : 0);
