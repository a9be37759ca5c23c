#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# arping among Linux neighbours and among hosts that lie (arphost).

bats_require_minimum_version 1.5.0

# shellcheck source=tests/arping/arping.bash
source tests/arping/arping.bash

# The far end answers as a Linux host of this address, or as arphost by these rules.
linux_host() {
	lab_addr one eth0 192.0.2.2/24 2001:db8::2/64
}

@test "a Linux neighbour: iputils' lines, broadcast first and then unicast" {
	linux_host
	run --separate-stderr "$A" -c 3 -i 10ms 192.0.2.2
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "ARPING 192.0.2.2 from 192.0.2.1 eth0" ]
	[[ ${lines[1]} =~ ^"Unicast reply from 192.0.2.2 [02:00:00:00:00:02]  "[0-9]+\.[0-9]{3}ms$ ]]
	[ "${lines[4]}" = "Sent 3 probes (1 broadcast(s))" ]
	[ "${lines[5]}" = "Received 3 response(s)" ]
}

@test "the same over IPv6, by Neighbor Discovery" {
	linux_host
	run --separate-stderr "$A" -c 3 -i 10ms 2001:db8::2
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == "Unicast reply from 2001:db8::2 [02:00:00:00:00:02]  "* ]]
	[ "${lines[4]}" = "Sent 3 probes (1 broadcast(s))" ]
}

@test "a link-local address brings its interface along" {
	lab_addr one eth0 fe80::2/64
	run "$A" -f fe80::2%eth0
	[ "$status" -eq 0 ]
	[[ $output == *"reply from fe80::2"*"[02:00:00:00:00:02]"* ]]
}

@test "a zone that is not the interface of the run is an error" {
	ip link add other type veth peer name other2
	ip link set other up
	ip link set other2 up
	run "$A" -c 1 -W 0.01 -I other fe80::1%eth0
	[[ $status -eq 2 && $output == *"that address is on another interface than other"* ]]
	ip link del other
}

@test "-b keeps on asking everybody" {
	linux_host
	run "$A" -b -c 2 -i 10ms 192.0.2.2
	[[ $output == *"Sent 2 probes (2 broadcast(s))"* ]]
}

@test "nobody there: exit 1; -w ends an endless run" {
	run "$A" -c 1 -W 50ms 192.0.2.9
	[ "$status" -eq 1 ]
	[[ $output == *"Received 0 response(s)"* ]]
	run "$A" -f -w 0.1 2001:db8::9
	[ "$status" -eq 1 ]
}

@test "-f and -C stop at an answer; -q says nothing; -r and -R say one thing" {
	linux_host
	run "$A" -f 192.0.2.2
	[[ $output == *"Sent 1 probes"* ]]
	run "$A" -C 2 -i 10ms 192.0.2.2
	[[ $output == *"Sent 2 probes"* ]]
	run --separate-stderr "$A" -q -f 192.0.2.2
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	run "$A" -r -f 192.0.2.2
	[ "$output" = "02:00:00:00:00:02" ]
	run "$A" -R -f 192.0.2.2
	[ "$output" = "192.0.2.2" ]
	# As ifupdown-extra asks for a gateway.
	run "$A" -q -c 2 -w 3 -f -I eth0 192.0.2.2
	[ "$status" -eq 0 ]
}

@test "JSON: a reply, the verdict, the summary, the end" {
	linux_host
	run --separate-stderr "$A" --json -f 192.0.2.2
	[ "$(jq -r .type <<<"$output" | xargs)" = "reply verdict summary end" ]
	jq -es '.[0] | .ip == "192.0.2.2" and .mac == "02:00:00:00:00:02" and .frame_src == .mac and
		.op == "reply" and .cast == "unicast" and .probe == "broadcast" and .try == 1 and
		(.clock | IN("kernel", "user")) and .rtt_ms > 0 and .laa and (.dup | not) and .interface == "eth0"' <<<"$output"
	jq -es '.[1].result == "up" and (.[1].owners | length) == 1 and .[2].received == 1 and .[3].exit == 0' <<<"$output"
}

@test "several owners are all shown, and the exit is 3" {
	hosts 192.0.2.5,owners=3
	run "$A" -c 1 192.0.2.5
	[ "$status" -eq 3 ]
	[ "$(grep -c "^Unicast reply from 192.0.2.5" <<<"$output")" -eq 3 ]
	[[ $output == *"! conflict: 192.0.2.5 also at 02:68:c0:00:02:05 (3 owners)"* ]]
	[[ $output == *"! conflict: 3 hosts have 192.0.2.5"* ]]
	run "$A" --json -c 1 192.0.2.5
	jq -es 'map(select(.type == "verdict"))[0] | .result == "conflict" and (.owners | length) == 3' <<<"$output"
}

@test "with several owners the questions stay broadcast" {
	hosts 192.0.2.5,owners=2
	run "$A" -c 3 -i 20ms 192.0.2.5
	[[ $output == *"Sent 3 probes (3 broadcast(s))"* ]]
	[[ $output == *"Received 6 response(s)"* ]]
}

@test "a host that answers twice is no conflict; a storm is counted, not printed" {
	hosts 192.0.2.5,copies=200
	run "$A" -d -W 100ms -c 1 192.0.2.5
	[ "$status" -eq 0 ]
	[[ $output == *"(DUP!)"* && $output == *"Received 200 response(s)"* ]]
	[ "${#lines[@]}" -lt 10 ]
}

@test "a slow host answers each question, and none twice" {
	hosts 192.0.2.5,delay=200
	run "$A" --json -c 4 -i 0.02 192.0.2.5
	[ "$status" -eq 0 ]
	jq -es 'map(select(.type == "summary"))[0] |
		.received == 4 and .duplicates == 0 and .unanswered == 0' <<<"$output"
	jq -es 'map(select(.type == "reply")) | length == 4 and all(.rtt_ambiguous and (.dup | not))' \
		<<<"$output"
}

@test "the sender is the address that the kernel prefers" {
	lab_addr here eth0 192.0.2.30/24
	ip addr add 10.1.0.1 peer 10.1.0.2/32 dev eth0
	ip route add 10.2.0.0/24 dev eth0 src 192.0.2.30
	run "$A" -c 1 -W 0.01 10.1.0.2
	[ "${lines[0]}" = "ARPING 10.1.0.2 from 10.1.0.1 eth0" ]
	run "$A" -c 1 -W 0.01 -I eth0 10.2.0.5
	[ "${lines[0]}" = "ARPING 10.2.0.5 from 192.0.2.30 eth0" ]
	run "$A" -c 1 -W 0.01 192.0.2.5
	[ "${lines[0]}" = "ARPING 192.0.2.5 from 192.0.2.1 eth0" ]
}

@test "-d waits for a slow second owner" {
	linux_host
	lab_ns two
	lab_veth one port1 two eth0
	lab_in one ip addr flush dev eth0
	lab_bridge one br0 eth0 port1
	lab_addr one br0 192.0.2.2/24
	lab_in two sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1
	lab_arphost two eth0 192.0.2.2,delay=100
	run "$A" -c 1 192.0.2.2
	[ "$status" -eq 0 ]
	run "$A" -d -c 1 -W 1 192.0.2.2
	[ "$status" -eq 3 ]
	[[ $output == *"also at 02:66:c0:00:02:02 (2 owners)"* ]]
}

@test "own address: mine, without a question" {
	run "$A" -c 1 192.0.2.1
	[ "$status" -eq 0 ]
	[[ $output == *"! own: 192.0.2.1 is mine, on eth0 02:00:00:00:00:01"* ]]
	run "$A" --json -c 1 2001:db8::1
	jq -es 'map(select(.type == "verdict"))[0] | .result == "own" and .owners[0].mac == "02:00:00:00:00:01"' <<<"$output"
}

@test "off the link: the next hop is named, and asked for if wished" {
	linux_host
	ip route add 198.51.100.0/24 via 192.0.2.2
	run "$A" -c 1 -W 50ms 198.51.100.7
	[ "$status" -eq 1 ]
	[[ $output == *"! off-link: 198.51.100.7 is not on eth0, the next hop is 192.0.2.2"* ]]
	run "$A" --json -c 1 -W 50ms 198.51.100.7
	jq -es 'map(select(.type == "verdict"))[0] | .result == "off-link" and .gateway == "192.0.2.2"' <<<"$output"
	run "$A" --via-gateway -c 1 198.51.100.7
	[ "$status" -eq 0 ]
	[[ $output == *"reply from 192.0.2.2 [02:00:00:00:00:02]"* ]]
	run "$A" --json --via-gateway -c 1 198.51.100.7
	jq -es 'map(select(.type == "verdict" or .type == "reply")) | length == 2 and
		all(.target == "198.51.100.7" and .addr == "192.0.2.2")' <<<"$output"
}

@test "a Linux proxy is told from an owner" {
	linux_host
	lab_in one sysctl -qw net.ipv4.conf.eth0.proxy_arp=1 net.ipv4.conf.all.forwarding=1 \
		net.ipv4.neigh.eth0.proxy_delay=0
	lab_in one ip route add 198.51.100.0/24 dev lo
	ip route add 198.51.100.0/24 dev eth0
	run "$A" --proxy-check -c 4 -i 20ms 198.51.100.7
	[[ $output == *"! proxy: 02:00:00:00:00:02 answers for 198.51.100.7"* ]]
	run "$A" --json --proxy-check -c 4 -i 20ms 192.0.2.2
	jq -es 'map(select(.type == "verdict"))[0].result == "up"' <<<"$output"
}

@test "the kernel's cache beside the wire" {
	linux_host
	ip neigh add 192.0.2.2 lladdr 02:aa:00:00:00:01 dev eth0 nud permanent
	run "$A" -c 1 192.0.2.2
	[[ $output == *"! cache: kernel says 02:aa:00:00:00:01 (PERMANENT), wire says 02:00:00:00:00:02"* ]]
	run "$A" --json -c 1 192.0.2.2
	jq -es 'map(select(.type == "verdict"))[0].cache | .state == "PERMANENT" and .match == false' <<<"$output"
	ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
	run "$A" --cache -c 1 192.0.2.2
	[[ $output == *"! cache: kernel says 02:00:00:00:00:02 (PERMANENT), as the wire does"* ]]
}

@test "VLANs and priorities, QinQ; other VLANs never count" {
	local id

	hosts 192.0.2.5 192.0.2.6,tag=7 192.0.2.7,tag=0 2001:db8::5
	for id in 0 1 257.5 514.7 771 4095.3 100.2,200.6; do
		run "$A" --json --vlan $id -c 1 192.0.2.5
		[ "$status" -eq 0 ]
		[ "$(jq -rs '.[0].vlan | map("\(.id).\(.prio)") | join(",")' <<<"$output")" = \
			"$(sed -E 's/(^|,)([0-9]+)($|,)/\1\2.0\3/g' <<<"$id")" ]
		run "$A" --vlan $id -c 1 2001:db8::5
		[ "$status" -eq 0 ]
	done
	run "$A" -v -W 50ms -c 1 192.0.2.6
	[ "$status" -eq 1 ]
	[[ $output == *"! vlan: 1 frame(s) of other VLANs left out"* ]]
	run "$A" -W 50ms --vlan 8 -c 1 192.0.2.6
	[ "$status" -eq 1 ]
	run "$A" --vlan 7 -c 1 192.0.2.6
	[ "$status" -eq 0 ]
	# A priority tag is no VLAN.
	run "$A" -c 1 192.0.2.7
	[ "$status" -eq 0 ]
}

@test "a broadcast answer, and an advertisement without a MAC address in it" {
	hosts 192.0.2.5,broadcast 2001:db8::5,nolladdr
	run "$A" -c 1 192.0.2.5
	[[ $output == *"Broadcast reply from 192.0.2.5"* ]]
	run "$A" -c 1 2001:db8::5
	[[ $output == *"[02:66:00:00:00:05]"* ]]
}

@test "our own frame sent back, or one in our name, is no answer" {
	hosts 192.0.2.5,echo 2001:db8::5,echo
	run "$A" -W 50ms -c 1 192.0.2.5
	[ "$status" -eq 1 ]
	run "$A" -W 50ms -c 1 2001:db8::5
	[ "$status" -eq 1 ]
}

@test "broken frames are left out and counted, and nothing else is lost" {
	hosts 192.0.2.5,mangle 2001:db8::5,mangle
	for target in 192.0.2.5 2001:db8::5; do
		run "$A" -v -d -W 100ms -c 1 $target
		[[ $output =~ "! malformed: "([0-9]+)" frame(s) left out" ]]
		[ "${BASH_REMATCH[1]}" -gt 10 ]
	done
}

@test "a network: each owner once, IP tab MAC tab vendor; exit 0" {
	hosts 192.0.2.100-192.0.2.109
	run --separate-stderr "$A" --rate 2000 192.0.2.96/28
	[ "$status" -eq 0 ]
	[ "$(grep -c $'^192.0.2.1[0-9][0-9]\t02:66:c0:00:02:6[4-9a-d]\t(locally administered)$' <<<"$output")" -eq 10 ]
	[[ $output == *"10 of 14 addresses have an owner"* ]]
	run "$A" --rate 2000 192.0.2.200/29
	[ "$status" -eq 1 ]
}

@test "a network: a host slower than the retries is told once, and is no duplicate" {
	hosts 192.0.2.5,delay=100
	run "$A" --rate 0 192.0.2.5 192.0.2.4
	[ "$status" -eq 1 ]
	[ "$(grep -c ^192.0.2.5 <<<"$output")" -eq 1 ]
	[[ $output =~ "Received "[2-9]" response(s)" ]]
}

@test "a network with loss: silent addresses are asked as often as it takes" {
	hosts 192.0.2.130-192.0.2.169,loss=20
	run "$A" --json --rate 4000 192.0.2.128/25
	# One in a hundred such runs may miss one host.
	[ "$(jq -s 'map(select(.result == "up")) | length' <<<"$output")" -ge 39 ]
	jq -es '.[-2] | .sent > 126 + 5 * 86' <<<"$output"
}

@test "a MAC address: all its addresses, and nobody else hears a frame" {
	linux_host
	lab_addr one eth0 192.0.2.77/24
	lab_capture one eth0 "$BATS_TEST_TMPDIR/x.pcap" "ether broadcast or ether multicast"
	run "$A" -I eth0 02:00:00:00:00:02
	lab_capture_stop
	[ "$status" -eq 0 ]
	for address in 192.0.2.2 192.0.2.77 2001:db8::2 fe80::; do
		[[ $output == *"$address"*$'\t02:00:00:00:00:02\t'* ]]
	done
	[[ $output == *"(0 broadcast(s))"*"02:00:00:00:00:02 has 4 address(es)"* ]]
	[ -z "$(lab_tcpdump -nr "$BATS_TEST_TMPDIR/x.pcap" 'ether src 02:00:00:00:00:01 and (arp or icmp6[0] = 128)' 2>/dev/null)" ]
	run "$A" -I eth0 --json 02-00-00-00-00-02
	jq -es 'map(select(.type == "verdict"))[0].addrs | length == 4' <<<"$output"
	run "$A" -I eth0 0200.0000.0003
	[ "$status" -eq 1 ]
}

@test "a list of targets, both families: exit 0 only if each has an owner" {
	hosts 192.0.2.5 2001:db8::5
	run "$A" --rate 0 192.0.2.5 2001:db8::5
	[ "$status" -eq 0 ]
	run "$A" --rate 0 192.0.2.5 2001:db8::6
	[ "$status" -eq 1 ]
}

@test "what cannot be asked is an error: loopback, no carrier, down, group address, two interfaces" {
	run "$A" -c 1 -I lo 192.0.2.5
	[ "$status" -eq 2 ]
	[[ $output == *"inconclusive: lo has no neighbours"* ]]
	run "$A" -c 1 192.0.2.255
	[ "$status" -eq 2 ]
	[[ $output == *"a group or broadcast address has no owner"* ]]
	lab_in one ip link set eth0 down
	run "$A" -c 1 192.0.2.5
	[ "$status" -eq 2 ]
	[[ $output == *"inconclusive: eth0 has no carrier"* ]]
	ip link set eth0 down
	run "$A" -c 1 -I eth0 192.0.2.5
	[ "$status" -eq 2 ]
	[[ $output == *"'ip link set eth0 up'"* ]]
}

# lost COMMAND... - runs it while arping asks for 192.0.2.5, who is silent, and waits for its verdict
lost() {
	lab_start here '^\{.*"packet"' "$A" --json --hex -i 0.2 -W 0.2 -c 5 -I eth0 "${words[@]}"
	"$@"
	status=0
	wait "$LAB_PID" || status=$?
	[ "$status" -eq 2 ]
	lab_said "$LAB_PID"
	grep '^{' <<<"$LAB_OUTPUT" | jq -es '.[-1].exit == 2 and
		(map(select(.type == "verdict" and .result != "own")) |
			length > 0 and all(.result == "inconclusive")) and
		any(.type == "error" and (.text | test("carrier|down|no interface")))'
}

@test "silence on a link that was lost is inconclusive: carrier, down, gone" {
	words=(192.0.2.5)
	lost lab_in one ip link set eth0 down
	lab_in one ip link set eth0 up
	lab_await_carrier here eth0
	words=(192.0.2.64/26)
	lost lab_in one ip link set eth0 down
	lab_in one ip link set eth0 up
	lab_await_carrier here eth0
	words=(192.0.2.5)
	lost ip link set eth0 down
	ip link set eth0 up
	lab_await_carrier here eth0
	lost ip link del eth0
}

@test "needs cap_net_raw and says how to get it; nothing more is needed" {
	linux_host
	run lab_unpriv here "$A" -c 1 192.0.2.2
	[ "$status" -eq 2 ]
	[[ $output == *"cannot open a packet socket (EPERM): run 'sudo setcap cap_net_raw=p "* ]]
	run --separate-stderr lab_unpriv here "$A" --json -c 1 192.0.2.2
	jq -es 'map(select(.type == "error"))[0].errno == "EPERM"' <<<"$output"
	run lab_raw here "$A" -c 1 192.0.2.2
	[ "$status" -eq 0 ]
}

@test "--explain tells each octet, --pcap keeps the exchange" {
	linux_host
	run "$A" -c 1 --explain --pcap "$BATS_TEST_TMPDIR/x.pcapng" 192.0.2.2
	[[ $output == *"sent 60 octets: question 1, to everybody"* ]]
	[[ $output == *"Target Protocol Address"*"192.0.2.2"* ]]
	[[ $output == *"received 42 octets: answer to question 1, verdict ok: 02:00:00:00:00:02 has the address"* ]]
	run lab_tcpdump -nr "$BATS_TEST_TMPDIR/x.pcapng"
	[[ $output == *"who-has 192.0.2.2 tell 192.0.2.1"*"192.0.2.2 is-at 02:00:00:00:00:02"* ]]
}

@test "vendors from a list, the longest prefix first; none with -n" {
	hosts 192.0.2.5,mac=00:1b:c5:00:01:02
	printf '%s\n' $'001BC5\tIEEE Registration Authority' $'001BC5000\tConverging Systems Inc.' >"$BATS_TEST_TMPDIR/oui"
	run "$A" --oui "$BATS_TEST_TMPDIR/oui" --json -c 1 192.0.2.5
	[ "$(jq -rs '.[0].vendor' <<<"$output")" = "Converging Systems Inc." ]
	run "$A" --oui "$BATS_TEST_TMPDIR/oui" -n --json -c 1 192.0.2.5
	[ "$(jq -rs '.[0].vendor' <<<"$output")" = null ]
	run "$A" --oui /nonexistent -c 1 192.0.2.5
	[ "$status" -eq 2 ]
}

@test "the interface is that of the first target: a name, a list, a prefix" {
	lab_addr one eth0 192.0.2.2/24 2001:db8::2/64
	printf '%s\n' '192.0.2.2 both' '2001:db8::2 both' '2001:db8::2 six' '192.0.2.2 four' \
		>"$BATS_TEST_TMPDIR/hosts"
	mount --bind "$BATS_TEST_TMPDIR/hosts" /etc/hosts
	run "$A" -f four
	[ "${lines[0]}" = "ARPING 192.0.2.2 from 192.0.2.1 eth0" ]
	[ "$status" -eq 0 ]
	run "$A" -f six
	[ "$status" -eq 0 ]
	# Scripts of iputils, which knows no IPv6, wait for an ARP reply.
	run "$A" -f -I eth0 both
	[ "${lines[0]}" = "ARPING 192.0.2.2 from 192.0.2.1 eth0" ]
	run "$A" --json -6 -f both
	jq -es 'map(select(.type == "verdict"))[0] |
		.target == "both" and .addr == "2001:db8::2" and .result == "up"' <<<"$output"
	run "$A" --dad=fast -I eth0 four
	[[ $status -eq 1 && $output == *"has 192.0.2.2"* ]]
	umount /etc/hosts
	run "$A" -c 1 - <<<192.0.2.2
	[[ $status -eq 0 && $output == *"1 of 1 addresses have an owner"* ]]
	printf '%s\n' 192.0.2.2 192.0.2.9 >"$BATS_TEST_TMPDIR/list"
	run "$A" --file "$BATS_TEST_TMPDIR/list"
	[[ $status -eq 0 && $output == *"1 of 2 addresses have an owner"* ]]
	run "$A" -g 192.0.2.2/31
	[[ $status -eq 0 && $output == *"1 of 2 addresses have an owner"* ]]
	run "$A" - </dev/null
	[[ $status -eq 2 && $output == *"nothing to ask: the list is empty"* ]]
}

@test "the wait for the first target ends with -w and Ctrl-C" {
	mkfifo "$BATS_TEST_TMPDIR/list"
	exec {fd}<>"$BATS_TEST_TMPDIR/list"
	run --separate-stderr "$A" --json -w 0.1 --file "$BATS_TEST_TMPDIR/list"
	[ "$status" -eq 2 ]
	jq -es '.[-1].type == "end" and any(.type == "error")' <<<"$output"
	# The signal waits until the program is ready to hear it.
	# shellcheck disable=SC2016 # for the inner shell
	run env --block-signal=INT bash -c 'kill -INT $$; exec "$0" --file "$1"' "$A" \
		"$BATS_TEST_TMPDIR/list"
	[[ $status -eq 2 && $output == *"the wait for the first target was ended"* ]]
	exec {fd}>&-
}

@test "a MAC address needs no interface where there is but one" {
	linux_host
	run "$A" 02:00:00:00:00:02
	[ "$status" -eq 0 ]
	lab_ns two
	lab_veth here eth1 two eth0
	run "$A" 02:00:00:00:00:02
	[ "$status" -eq 2 ]
	[[ $output == *"through which interface? Name it: -I eth0"* ]]
}

@test "bad input is named with its cure" {
	run "$A" --vlan 4096 192.0.2.5
	[ "$status" -eq 2 ]
	[[ $output == *"option --vlan: '4096' is not a VLAN from 0 to 4095"* ]]
	run "$A"
	[ "$status" -eq 2 ]
	run "$A" -C 0 192.0.2.5
	[ "$status" -eq 2 ]
	run timeout 10 "$A" --defend 1 192.0.2.5
	[[ $status -eq 2 && $output == *"--dad or --announce"* ]]
	run timeout 10 "$A" -I eth0 -c 1 -W 0.01 -s 2001:db8::1 192.0.2.5
	[[ $status -eq 2 && $output == *"192.0.2.5: the address that is to ask (-s) is of the other"* ]]
	run timeout 10 "$A" -I eth0 -w 1 ff:ff:ff:ff:ff:ff
	[[ $status -eq 2 && $output == *"'ff:ff:ff:ff:ff:ff' is a group's MAC address"* ]]
	for words in "--listen --read -" "-D --listen" "-U --read -" "-D 02:00:00:00:00:01"; do
		# shellcheck disable=SC2086 # they are words
		run timeout 10 "$A" -I eth0 -w 1 $words 192.0.2.5 </dev/null
		[[ $status -eq 2 && $output == *"one thing at a time"* ]]
	done
}

@test "a capture is judged by the same code: owners, conflicts, vendors, times" {
	lab_capture here eth0 "$BATS_TEST_TMPDIR/x.pcap"
	hosts 192.0.2.5 192.0.2.6,owners=2 2001:db8::5
	run "$A" --rate 0 192.0.2.5 192.0.2.6 2001:db8::5
	lab_capture_stop
	run lab_unpriv here "$A" --read "$BATS_TEST_TMPDIR/x.pcap"
	[ "$status" -eq 3 ]
	[[ $output == *$'192.0.2.5\t02:66:c0:00:02:05\t(locally administered)'* ]]
	[[ $output == *$'192.0.2.6\t02:67:c0:00:02:06\t(locally administered)\t(conflict: 2 owners)'* ]]
	[[ $output == *$'2001:db8::5\t02:66:00:00:00:05'* ]]
	run "$A" --read "$BATS_TEST_TMPDIR/x.pcap" --json 192.0.2.5
	[ "$status" -eq 0 ]
	jq -es 'map(select(.type == "reply"))[0] | .ip == "192.0.2.5" and .op == "reply" and .rtt_ms > 0 and .rtt_ms < 50' <<<"$output"
	jq -es 'map(select(.type == "verdict")) | length == 1 and .[0].result == "up"' <<<"$output"
	run "$A" --read /nonexistent
	[ "$status" -eq 2 ]
	head -c 90 "$BATS_TEST_TMPDIR/x.pcap" >"$BATS_TEST_TMPDIR/cut.pcap"
	run "$A" --read "$BATS_TEST_TMPDIR/cut.pcap"
	[ "$status" -eq 2 ]
}

@test "--listen hears who claims what, and sends nothing" {
	hosts 192.0.2.5
	lab_start here '^Listening on eth0' "$A" --listen -I eth0 -w 20 192.0.2.0/24
	listener=$LAB_PID
	lab_in one "$A" -U -c 2 -i 100ms -I eth0 192.0.2.200
	kill -INT "$listener"
	status=0
	wait "$listener" || status=$?
	[ "$status" -eq 0 ]
	[[ $(cat "$LAB_TMP/$listener.log") == *$'192.0.2.200\t02:00:00:00:00:02'* ]]
}
