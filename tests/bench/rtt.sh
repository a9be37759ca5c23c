#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How far printed round-trip times are from the wire's, over 200 probes on a veth. The wire's time
# lies between two captures: of the sender's interface, which sees a packet before the driver stamps
# it, and what comes in at the peer, which sees it after. The error is the distance from that span.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

probes=200

# times FILE - "request|reply seq seconds.nanoseconds" for each echo in a capture.
times() {
	lab_tcpdump -tt --time-stamp-precision=nano -n -r "$1" 2>/dev/null |
		sed -nE 's/^([0-9]+\.[0-9]+) .* echo (request|reply), id [0-9]+, seq ([0-9]+),.*/\2 \3 \1/p'
}

# compare NAME PRINTED NEAR FAR - PRINTED has "seq microseconds" lines.
compare() {
	perl -e '
		my ($name, $printed, $near, $far) = @ARGV;
		my (%asked, %came, %passed, @off);
		sub ns { my ($s, $f) = split /\./, $_[0]; return ($s % 100000) * 1e9 + $f }
		open my $n, "<", $near or die; while (<$n>) { my ($w, $s, $t) = split; ($w eq "request" ? $asked{$s} : $came{$s}) //= ns($t) }
		open my $f, "<", $far or die; while (<$f>) { my ($w, $s, $t) = split; $passed{$s} //= ns($t) if $w eq "request" }
		open my $p, "<", $printed or die;
		while (<$p>) {
			my ($s, $us) = split;
			next if !defined $came{$s} || !defined $passed{$s} || !defined $asked{$s};
			my ($most, $least) = ($came{$s} - $asked{$s}, $came{$s} - $passed{$s});
			my $ns = $us * 1e3;
			push @off, $ns > $most ? $ns - $most : $ns < $least ? $least - $ns : 0;
		}
		@off = sort { $a <=> $b } @off;
		printf "  %-24s median %7.2f us, p99 %7.2f us, %d probes\n", $name, $off[@off / 2] / 1e3, $off[@off * 0.99] / 1e3, scalar @off' "$@"
}

# measure NAME FILTER COMMAND... - sed's FILTER makes "seq microseconds" of what it prints.
measure() {
	local dir near_pid near_fd
	dir=$(mktemp -d "$LAB_TMP/rtt.XXXXXX")
	lab_capture here near "$dir/near.pcap" icmp
	near_pid=$LAB_CAPTURE near_fd=$LAB_CAPTURE_FD
	lab_capture peer far "$dir/far.pcap" icmp
	"${@:3}" >"$dir/out" 2>&1 || true
	lab_capture_stop
	LAB_CAPTURE=$near_pid LAB_CAPTURE_FD=$near_fd
	lab_capture_stop
	sed -nE "$2" "$dir/out" >"$dir/printed"
	times "$dir/near.pcap" >"$dir/near"
	times "$dir/far.pcap" >"$dir/far"
	compare "$1" "$dir/printed" "$dir/near" "$dir/far"
}

lab_ns peer
lab_veth here near peer far
lab_addr here near 10.0.0.1/24
lab_addr peer far 10.0.0.2/24
ping -q -c 1 10.0.0.2 >/dev/null

echo "printed round-trip time against the wire's, $probes probes at 10 ms over a veth:"
ours=$LAB_TOP/build/bin/ping
lines='s/.*icmp_seq=([0-9]+) .*time=([0-9.]+) ms.*/\1 \2e3/p'
measure "ours, raw socket" "$lines" "$ours" -c $probes -i 0.01 --socket raw 10.0.0.2
measure "ours, ping socket" "$lines" lab_unpriv here "$ours" -c $probes -i 0.01 --socket dgram 10.0.0.2
measure "iputils" "$lines" /usr/bin/ping -c $probes -i 0.01 10.0.0.2
measure "fping" 's/.*\[([0-9]+)\], .* bytes, ([0-9.]+) ms.*/\1 \2e3/p' fping -c $probes -p 10 10.0.0.2
