#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# arping beside iputils' arping, arp-scan and nmap: the truth of its times, one look-up, sweeps
# without and with loss, a /17 as fast as it goes.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
cd "$LAB_TOP"

ours=$LAB_TOP/build/bin/arping
iputils=/usr/bin/arping
probes=100

# times FILE - "request|reply nanoseconds" for each ARP frame of a capture.
times() {
	lab_tcpdump -tt --time-stamp-precision=nano -n -r "$1" arp 2>/dev/null |
		sed -nE 's/^([0-9]+)\.([0-9]+) .*(Request|Reply).*/\3 \1\2/p'
}

# truth NAME COMMAND... - how far the times that it prints are from those of the wire.
truth() {
	lab_capture here eth0 "$LAB_TMP/x.pcap" arp
	"${@:2}" >"$LAB_TMP/out" 2>&1 || true
	lab_capture_stop
	times "$LAB_TMP/x.pcap" >"$LAB_TMP/wire"
	sed -nE 's/.*\]  ([0-9.]+)ms.*/\1/p' "$LAB_TMP/out" >"$LAB_TMP/printed"
	perl -e '
		my ($name, $wire, $printed) = @ARGV;
		my (@wire, @off, $asked);
		open my $w, "<", $wire or die;
		while (<$w>) {
			my ($what, $ns) = split;
			if ($what eq "Request") { $asked = substr $ns, 5 } else { push @wire, substr($ns, 5) - $asked }
		}
		open my $p, "<", $printed or die;
		while (<$p>) { my $rtt = shift @wire // last; push @off, $_ * 1e3 - $rtt / 1e3 }
		@off = sort { abs $a <=> abs $b } @off;
		printf "  %-10s median %+8.1f us, worst %+8.1f us, %d probes\n", $name, $off[@off / 2], $off[-1], scalar @off' \
		"$1" "$LAB_TMP/wire" "$LAB_TMP/printed"
}

# found COMMAND... - how many addresses it lists, and in how many seconds.
found() {
	local start=$EPOCHREALTIME count
	count=$("$@" 2>/dev/null | grep -cE '^(Nmap scan report for )?(192\.0\.2\.|10\.1\.)' || true)
	perl -e 'printf "%6d in %.3f s\n", @ARGV[0], $ARGV[2] - $ARGV[1]' "$count" "$start" "$EPOCHREALTIME"
}

lab_ns one
lab_veth here eth0 one eth0
lab_addr here eth0 192.0.2.1/24 10.1.0.1/16
lab_addr one eth0 192.0.2.2/24
lab_in one sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1

echo "printed round-trip time against a capture on our interface, $probes probes:"
truth ours "$ours" -c $probes -i 0.02 192.0.2.2
truth iputils "$iputils" -c 10 -I eth0 192.0.2.2 # it waits whole seconds only

echo "one look-up of a neighbour over a veth, from start to exit:"
"$LAB_DIR/../bench/turns.pl" 50 "iputils=$iputils -f -I eth0 192.0.2.2" "ours=$ours -f -I eth0 192.0.2.2"

lab_in one ip addr flush dev eth0
echo "192.0.2.0/24 with 122 hosts up, 2000 questions a second:"
lab_arphost one eth0 192.0.2.100-192.0.2.221
printf '  %-12s %s\n' ours "$(found "$ours" --exclude 192.0.2.1 --rate 2000 192.0.2.0/24)" \
	arp-scan "$(found arp-scan -q -I eth0 192.0.2.0/24)"
lab_arphost_stop >/dev/null
echo "the same with a loss of 20 % each way, 20 runs of ours:"
lab_arphost one eth0 192.0.2.100-192.0.2.221,loss=20
for ((run = 0; run < 20; run++)); do
	found "$ours" --exclude 192.0.2.1 --rate 2000 192.0.2.0/24
done | sort | awk '{ n[$1]++; if ($3 > most) most = $3 } END { for (i in n) printf "  ours         %6d found in %d runs\n", i, n[i]; printf "  the longest run took %.3f s\n", most }'
printf '  %-12s %s\n' arp-scan "$(found arp-scan -q -I eth0 192.0.2.0/24)" "arp-scan -r5" \
	"$(found arp-scan -q -r 5 -I eth0 192.0.2.0/24)"
lab_arphost_stop >/dev/null

echo "10.1.128.0/17, every address answers, as fast as it goes:"
lab_arphost one eth0 10.1.128.0/17
for ((run = 0; run < 5; run++)); do
	printf '  %-12s %s\n' ours "$(found "$ours" --rate 0 10.1.128.0/17)" \
		arp-scan "$(found arp-scan -q -r 1 --bandwidth=1000000000 -I eth0 10.1.128.0/17)"
done
lab_arphost_stop >/dev/null
