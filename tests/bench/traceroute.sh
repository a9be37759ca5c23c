#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# traceroute beside the distribution's: the path in round trips and the probes beyond its end, a
# destination that limits its errors, one that is silent, a dead resolver.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
ours=$LAB_TOP/build/bin/traceroute peer=/usr/sbin/traceroute

# A line of N hops, 2 ms from each to the next, and the host 10.22.0.1 behind them.
line() {
	local i way=10.20.0.254

	printf '%s\n' 'client 10.20.0.1/16 via 10.20.0.254' 'router 10.20.0.254' 'host 10.22.0.1 delay=2ms'
	for ((i = 2; i < $1; i++)); do
		echo "router 10.21.0.$i delay=2ms"
		way+=" 10.21.0.$i"
	done
	echo "path 10.22.0.0/24 $way"
}

# beyond HOPS COMMAND... - how many probes of one run reach the host beyond the three it needs.
beyond() {
	lab_fakenet "$LAB_TMP/line"
	"${@:2}" >/dev/null
	echo "  $1: $(lab_fakenet_stop | jq '.nodes["10.22.0.1"].requests - 3') probes beyond the host"
}

ms_of() {
	local start

	start=$(date +%s%N)
	"$@" >/dev/null 2>&1 || true
	echo $((($(date +%s%N) - start) / 1000000))
}

lab_init
for hops in 14 28; do
	line $hops >"$LAB_TMP/line"
	echo "$hops hops, $((2 * hops - 2)) ms, three probes a hop:"
	beyond ours "$ours" -n 10.22.0.1
	beyond traceroute "$peer" -n 10.22.0.1
	lab_fakenet "$LAB_TMP/line"
	"$LAB_DIR/../bench/turns.pl" 9 "ours=$ours -n 10.22.0.1" "ours --fast=$ours -n --fast 10.22.0.1" \
		"traceroute=$peer -n 10.22.0.1"
	lab_fakenet_stop >/dev/null
done

lab_chain 3
lab_in server sysctl -qw net.ipv4.icmp_ratelimit=1000
for tool in "$ours" "$peer"; do
	runs=10
	[[ $tool != "$peer" ]] || runs=2
	right=0 longest=0
	for ((i = 0; i < runs; i++)); do
		took=$(ms_of "$tool" -n "$LAB_SERVER4")
		((took <= longest)) || longest=$took
		# The same again, so that the tool is judged by what it prints under the limit.
		last=$("$tool" -n "$LAB_SERVER4" | awk '/10\.8\.3\.2/ && !/to/ { print $1 }')
		[[ $last != 4 ]] || right=$((right + 1))
	done
	echo "a host that limits its errors, $tool: $right of $runs right, longest $longest ms"
done
lab_in server sysctl -qw net.ipv4.icmp_ratelimit=0
printf 'nameserver 10.8.2.9\n' >"$LAB_TMP/resolv"
mount --bind "$LAB_TMP/resolv" /etc/resolv.conf
lab_in r2 ip route add blackhole 10.8.2.9
echo "a dead resolver: ours $(ms_of "$ours" "$LAB_SERVER4") ms, with -n $(ms_of "$ours" -n "$LAB_SERVER4") ms;" \
	"traceroute $(ms_of "$peer" "$LAB_SERVER4") ms"
umount /etc/resolv.conf
lab_in server nft add table inet silence
lab_in server nft add chain inet silence in '{ type filter hook input priority 0; }'
lab_in server nft add rule inet silence in udp dport 33434-33534 drop
echo "a silent host: ours $(ms_of "$ours" -n "$LAB_SERVER4") ms, traceroute $(ms_of "$peer" -n "$LAB_SERVER4") ms"
lab_cleanup
