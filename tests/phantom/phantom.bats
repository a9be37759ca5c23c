#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that is not there: claims, answers, defends once, yields; and tcphs from its address.

bats_require_minimum_version 1.5.0

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
	P=build/bin/phantom
}

teardown() {
	lab_cleanup
}

@test "claims, answers ARP and ND in less than 5 ms, and ping if asked" {
	lab_start here 'claimed fd00::9' "$P" --dad=fast --ping 10.0.0.9 fd00::9
	for host in 10.0.0.9 fd00::9; do
		run lab_in srv build/bin/arping --json -c 10 -i 20ms $host
		[ "$status" -eq 0 ]
		# The least of ten: how long this machine is busy otherwise is not the phantom's.
		jq -es 'map(select(.type == "reply").rtt_ms) | min < 5' <<<"$output"
		run lab_in srv build/bin/ping -c 2 -i 0.2 $host
		[ "$status" -eq 0 ]
	done
}

@test "an address with an owner is not claimed, nothing said in its name: exit 3, IPv4 and IPv6" {
	lab_capture srv eth0 "$BATS_TEST_TMPDIR/cap" 'ether src 02:00:00:00:00:77'
	for host in 10.0.0.2 fd00::2; do
		run "$P" --dad=fast --mac=02:00:00:00:00:77 $host
		[ "$status" -eq 3 ]
		[[ ${lines[0]} =~ ^"taken $host is-at "[0-9a-f:]{17}$ ]]
	done
	lab_capture_stop
	# Probes have no sender: RFC 5227 2.1.1, RFC 4862 5.4.2.
	[ "$(lab_tcpdump -nr "$BATS_TEST_TMPDIR/cap" 'arp or icmp6' 2>/dev/null | wc -l)" -ge 2 ]
	run lab_tcpdump -nr "$BATS_TEST_TMPDIR/cap" 'arp[14:4] != 0 or (ip6 and not src host ::)'
	[[ $output != *'> '* && $output != *ARP,* ]]
}

@test "what may not be claimed: own, gateway, network, broadcast, multicast, off-link, a network" {
	ip route add default via 10.0.0.254
	for host in 10.0.0.1 fd00::1 10.0.0.254 10.0.0.0 10.0.0.255 224.0.0.5 ff02::5 10.0.1.7 127.0.0.9 10.0.0.0/30; do
		run "$P" --dad=fast -I eth0 $host
		echo "$host: $status $output"
		[ "$status" -eq 2 ]
	done
	run "$P" --dad=fast 10.0.0.9 10.0.0.9
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "phantom: 10.0.0.9 is given twice" ]
	# shellcheck disable=SC2046 # seventeen words
	run "$P" $(seq -f 10.0.0.%g 20 36)
	[ "$status" -eq 2 ]
	for mac in ff:ff:ff:ff:ff:ff 01:00:5e:00:00:01 00:00:00:00:00:00 02:00:00; do
		run "$P" --mac=$mac 10.0.0.9
		[ "$status" -eq 2 ]
		[[ ${lines[0]} == "phantom: '$mac' is not "* ]]
	done
}

@test "an owner is heard who answers late, or thrice, or as two; one on another VLAN is none" {
	lab_arphost srv eth0 10.0.0.32-10.0.0.35,delay=100 10.0.0.36,copies=3 \
		10.0.0.38,owners=2 10.0.0.39,tag=7 10.0.0.40,mimic fd00::32,delay=100 fd00::39,tag=7
	for host in 10.0.0.33 10.0.0.36 10.0.0.38 fd00::32; do
		run "$P" --dad=fast $host
		echo "$host: $output"
		[ "$status" -eq 3 ]
		[[ ${lines[0]} =~ ^"taken $host is-at 02:6"[67] ]]
	done
	# Who answers with our own MAC address is a mirror, and no owner either.
	run "$P" --dad=fast --for 10ms 10.0.0.39 10.0.0.40 fd00::39
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c ^claimed <<<"$output")" -eq 3 ]
	lab_arphost_stop | jq -e '.answers > 10'
}

@test "tcphs --phantom: a slow next hop is one; silence behind it is no-response" {
	lab_arphost srv eth0 10.0.0.77,delay=200
	run "$T" --phantom 10.0.0.9 --dad=fast -r 0 --timeout 300ms 10.0.0.77 80
	lab_arphost_stop
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'RESULT 10.0.0.77:80 no-response' ]
}

@test "a MAC address that a neighbour has is not taken, IPv4 and IPv6; nor by tcphs" {
	mac=$(lab_in srv ip -j link show eth0 | jq -r '.[0].address')
	ip neigh add 10.0.0.2 lladdr "$mac" dev eth0 nud permanent
	run "$P" --mac="$mac" 10.0.0.9
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == "phantom: $mac is the MAC address of a neighbour, 10.0.0.2: "* ]]
	ip neigh flush dev eth0 nud permanent
	ip neigh add fd00::2 lladdr "$mac" dev eth0 nud permanent
	run "$T" --phantom 10.0.0.9,"$mac" --dad=fast 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *"is the MAC address of a neighbour, fd00::2"* ]]
}

@test "the owner comes: defended once, then yielded, exit 3" {
	lab_start here '^claimed' "$P" --dad=fast 10.0.0.9
	pid=$LAB_PID
	run lab_in srv build/bin/arping -U -c 1 -I eth0 10.0.0.9
	run lab_in srv build/bin/arping -U -c 1 -I eth0 10.0.0.9
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 3 ]
	lab_said "$pid"
	[[ $LAB_OUTPUT == *"defended 10.0.0.9 against "*"yielded 10.0.0.9 to "* ]]
}

@test "a Linux host that wants the address finds it taken" {
	lab_start here '^claimed' "$P" --dad=fast fd00::9
	lab_in srv sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.all.accept_dad=1
	lab_in srv ip addr add fd00::9/64 dev eth0 || true
	for ((i = 0; i < 2000; i++)); do
		[[ $(lab_in srv ip addr show dev eth0) != *"fd00::9/64"*dadfailed* ]] || break
	done
	[[ $(lab_in srv ip addr show dev eth0) == *"fd00::9/64"*dadfailed* ]]
}

@test "through a bridge that snoops: the solicitations arrive, since it joins the groups" {
	lab_ns sw
	lab_ns left
	lab_ns right
	lab_veth left eth0 sw port1
	lab_veth right eth0 sw port2
	lab_bridge sw br0 port1 port2
	lab_in sw ip link set br0 type bridge mcast_snooping 1 mcast_querier 1
	lab_addr left eth0 10.2.0.1/24 fd02::1/64
	lab_addr right eth0 10.2.0.2/24 fd02::2/64
	lab_start left 'claimed fd02::9' "$P" --dad=fast --ping 10.2.0.9 fd02::9
	for host in 10.2.0.9 fd02::9; do
		run lab_in right build/bin/arping --json -c 10 -i 20ms $host
		[ "$status" -eq 0 ]
		jq -es 'map(select(.type == "reply").rtt_ms) | min < 5' <<<"$output"
		run lab_in right build/bin/ping -c 2 -i 0.2 $host
		[ "$status" -eq 0 ]
	done
}

@test "with forwarding on the kernel stays out of it: no redirect, no duplicate" {
	sysctl -qw net.ipv4.ip_forward=1
	lab_start here '^claimed' "$P" --dad=fast --ping 10.0.0.9
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" icmp
	run lab_in srv build/bin/ping --json -c 3 -i 0.2 10.0.0.9
	lab_capture_stop
	[ "$(lab_tcpdump -nr "$BATS_TEST_TMPDIR/cap" 'icmp[0] == 5' 2>/dev/null | wc -l)" -eq 0 ]
	[ "$(summary '.received, .duplicates' | xargs)" = "3 0" ]
}

@test "--mac=own, --mac=ADDRESS, --for, --json" {
	mac=$(ip -j link show eth0 | jq -r '.[0].address')
	run "$P" --dad=fast --for 10ms --mac=own 10.0.0.9
	[ "$status" -eq 0 ]
	[ "$output" = "claimed 10.0.0.9 is-at $mac" ]
	run "$P" --json --dad=fast --for 10ms --mac=02:00:00:00:00:77 10.0.0.9
	jq -es '.[0].what == "claimed" and .[0].mac == "02:00:00:00:00:77" and .[-2].claimed == 1 and .[-1].exit == 0' <<<"$output"
}

@test "--exec runs once all is claimed, and its status is ours; scapy's three steps work from there" {
	python_server srv 80
	run "$P" --dad=fast 10.0.0.9 --exec 'exit 42'
	[ "$status" -eq 42 ]
	run /usr/bin/python3 tests/rstguard/handshake.py 10.0.0.9 10.0.0.2 80 5001
	[ "$status" -ne 0 ]
	[[ ${lines[-1]} == "no SYN-ACK" ]]
	run "$P" --dad=fast 10.0.0.9 --exec '/usr/bin/python3 tests/rstguard/handshake.py 10.0.0.9 10.0.0.2 80 5001'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"acknowledged 37"* ]]
	run "$P" --dad=fast 10.0.0.2 --exec 'touch never'
	[ "$status" -eq 3 ]
	[ ! -e never ]
}

@test "nothing stays behind: promiscuity and groups are as before" {
	ip -d link show eth0 >"$BATS_TEST_TMPDIR/link"
	ip maddr show dev eth0 >"$BATS_TEST_TMPDIR/groups"
	lab_start here '^claimed' "$P" --dad=fast fd00::9
	kill -9 "$LAB_PID"
	wait "$LAB_PID" || true
	ip -d link show eth0 | diff "$BATS_TEST_TMPDIR/link" -
	ip maddr show dev eth0 | diff "$BATS_TEST_TMPDIR/groups" -
}

@test "tcphs --phantom: the whole life from an address of nobody, no guard, no RST" {
	python_server srv 80
	lab_capture here eth0 "$BATS_TEST_TMPDIR/cap" tcp
	for pair in "10.0.0.9 10.0.0.2" "fd00::9 fd00::2"; do
		# shellcheck disable=SC2086 # two addresses
		set -- $pair
		run "$T" --phantom "$1" --dad=fast --http /big -o "$BATS_TEST_TMPDIR/got" "$2" 80
		echo "$output"
		[ "$status" -eq 0 ]
		cmp "$W/big" "$BATS_TEST_TMPDIR/got"
	done
	lab_capture_stop
	[ "$(reset_count "$BATS_TEST_TMPDIR/cap" 10.0.0.9 fd00::9)" -eq 0 ]
	run "$T" --phantom 10.0.0.2 --dad=fast 10.0.0.2 80
	[ "$status" -eq 2 ]
	[[ $output == *"10.0.0.2 has an owner"* ]]
	run "$T" --phantom 10.0.0.9,own --dad=fast 10.0.0.77 80
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == "RESULT 10.0.0.77:80 no-neighbour" ]]
}
