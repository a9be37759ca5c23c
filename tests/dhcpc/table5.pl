#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# table5.pl FILE - judges each message from a client in a capture by RFC 2131 table 5 and 4.4.1, from
# what tshark reads in it. Prints the kinds of messages it has seen; exit 1 if one breaks a rule.
use strict;
use warnings;

my @fields = qw(dhcp.option.dhcp dhcp.type dhcp.id dhcp.secs dhcp.flags dhcp.cookie dhcp.ip.client
	dhcp.ip.your dhcp.ip.server dhcp.ip.relay dhcp.option.type ip.src ip.dst eth.dst udp.length);
my @command = ('tshark', '-n', '-r', $ARGV[0], '-Y', 'udp.dstport == 67', '-T', 'fields',
	'-E', 'separator=;', map { ('-e', $_) } @fields);
open(my $in, '-|', @command) or die "tshark: $!";

# kind => [options it must have], [options it must not have]
my %rules = (
	DISCOVER => [[55, 57], [54, 56]],
	SELECTING => [[50, 54, 55, 57], [56]],
	REBOOTING => [[50, 55, 57], [54, 56]],
	RENEWING => [[55, 57], [50, 54, 56]],
	REBINDING => [[55, 57], [50, 54, 56]],
	INFORM => [[55, 57], [50, 51, 54, 56]],
	DECLINE => [[50, 54, 56], [51, 55, 57, 60]],
	RELEASE => [[54], [50, 51, 55, 57, 60]],
);
my ($bad, %seen, %secs_of, $has_id) = (0);

sub fault { my ($kind, $text) = @_; print "$kind: $text\n"; $bad = 1; }

while (my $line = <$in>) {
	chomp $line;
	my %f;
	@f{@fields} = split /;/, $line, -1;
	my %has = map { $_ => 1 } split /,/, $f{'dhcp.option.type'};
	my $is_to_all = $f{'ip.dst'} eq '255.255.255.255';
	my $is_none = $f{'dhcp.ip.client'} eq '0.0.0.0';
	my $kind = (undef, 'DISCOVER', undef, 'REQUEST', 'DECLINE', undef, undef, 'RELEASE', 'INFORM')[$f{'dhcp.option.dhcp'}]
		or fault('?', "type $f{'dhcp.option.dhcp'} is no client's"), next;
	if ($kind eq 'REQUEST') {
		$kind = $has{54} ? 'SELECTING' : $is_none ? 'REBOOTING' : $is_to_all ? 'REBINDING' : 'RENEWING';
	}
	$seen{$kind}++;
	my ($must, $must_not) = @{$rules{$kind}};
	fault($kind, "lacks option $_") for grep { !$has{$_} } @$must;
	fault($kind, "has option $_") for grep { $has{$_} } @$must_not;
	my $has_address = grep { $_ eq $kind } qw(RENEWING REBINDING INFORM RELEASE);
	fault($kind, "ciaddr is $f{'dhcp.ip.client'}") if $has_address == $is_none;
	fault($kind, "source is $f{'ip.src'}") if $f{'ip.src'} ne $f{'dhcp.ip.client'};
	my $is_unicast = $kind eq 'RENEWING' || $kind eq 'RELEASE';
	fault($kind, "goes to $f{'ip.dst'}") if $is_unicast == $is_to_all;
	fault($kind, "frame goes to $f{'eth.dst'}") if $is_unicast == ($f{'eth.dst'} eq 'ff:ff:ff:ff:ff:ff');
	fault($kind, "$_ is $f{$_}") for grep { $f{$_} ne '0.0.0.0' } qw(dhcp.ip.your dhcp.ip.server dhcp.ip.relay);
	fault($kind, "op is $f{'dhcp.type'}") if $f{'dhcp.type'} != 1;
	fault($kind, "cookie is $f{'dhcp.cookie'}") if $f{'dhcp.cookie'} ne '99.130.83.99';
	fault($kind, "only $f{'udp.length'} octets") if $f{'udp.length'} < 308;
	if ($kind eq 'DECLINE' || $kind eq 'RELEASE') {
		fault($kind, "secs is $f{'dhcp.secs'}") if $f{'dhcp.secs'} != 0;
		fault($kind, "flags are $f{'dhcp.flags'}") if hex $f{'dhcp.flags'};
	}
	# RFC 2131 3.1 step 3: the REQUEST has the secs of the DISCOVER that was answered.
	$secs_of{$f{'dhcp.id'}}{$f{'dhcp.secs'}} = 1 if $kind eq 'DISCOVER';
	fault($kind, "secs $f{'dhcp.secs'} are of no DISCOVER")
		if $kind eq 'SELECTING' && !$secs_of{$f{'dhcp.id'}}{$f{'dhcp.secs'}};
	$has_id = $has{61} // 0 unless defined $has_id;
	fault($kind, "option 61 is not in all messages, or in none") if $has_id != ($has{61} // 0);
}
close $in or fault('tshark', "exit $?");
print join(' ', sort keys %seen), "\n";
exit $bad;
