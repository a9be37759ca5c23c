#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each way to fail has its own word and exit status.

setup() {
	source tests/tcphs/tcphs.bash
	tcphs_lab
	# Linux rations ICMP errors: six, then one a second.
	lab_in srv sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	lab_in srv nft add table inet fail
	lab_in srv nft add chain inet fail in '{ type filter hook input priority 0; }'
	port=9000
}

teardown() {
	lab_cleanup
}

# fails FAMILY RULE STATUS RESULT REASON - what comes of a SYN that meets the rule
fails() {
	local host=10.0.0.2

	[[ $1 == ipv4 ]] || host=fd00::2
	port=$((port + 1))
	# shellcheck disable=SC2086 # a rule is several words
	lab_in srv nft add rule inet fail in meta nfproto "$1" tcp dport $port $2
	run "$T" --json -r 0 --timeout 300ms $host $port
	echo "$2: $status $output"
	[ "$status" -eq "$3" ]
	[ "$(summary '.result, .reason' | xargs)" = "$4 $5" ]
}

@test "IPv4: refused, silence, each kind of ICMP" {
	fails ipv4 'reject with tcp reset' 3 refused reset
	fails ipv4 drop 1 filtered no-response
	fails ipv4 'reject with icmp net-unreachable' 4 unreachable net-unreach
	fails ipv4 'reject with icmp host-unreachable' 4 unreachable host-unreach
	fails ipv4 'reject with icmp prot-unreachable' 4 unreachable proto-unreach
	fails ipv4 'reject with icmp port-unreachable' 4 unreachable port-unreach
	fails ipv4 'reject with icmp net-prohibited' 4 unreachable admin-prohibited
	fails ipv4 'reject with icmp host-prohibited' 4 unreachable admin-prohibited
	fails ipv4 'reject with icmp admin-prohibited' 4 unreachable admin-prohibited
}

@test "IPv6: refused, silence, each kind of ICMPv6" {
	fails ipv6 'reject with tcp reset' 3 refused reset
	fails ipv6 drop 1 filtered no-response
	fails ipv6 'reject with icmpv6 no-route' 4 unreachable net-unreach
	fails ipv6 'reject with icmpv6 admin-prohibited' 4 unreachable admin-prohibited
	fails ipv6 'reject with icmpv6 addr-unreachable' 4 unreachable host-unreach
	fails ipv6 'reject with icmpv6 port-unreachable' 4 unreachable port-unreach
	fails ipv6 'reject with icmpv6 policy-fail' 4 unreachable admin-prohibited
}

@test "too many hops: time exceeded; an option that somebody does not know: param-problem" {
	lab_in srv sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	lab_in srv ip route add 10.9.0.0/16 via 10.0.0.1
	lab_in srv ip route add fd09::/16 via fd00::1
	ip route add 10.9.0.0/16 via 10.0.0.2
	ip route add fd09::/16 via fd00::2
	for host in 10.9.9.9 fd09::9; do
		run "$T" --json -r 0 --ttl 1 --timeout 1 $host 80
		[ "$status" -eq 4 ]
		[ "$(summary '.result, .reason' | xargs)" = "unreachable time-exceeded" ]
	done
	lab_in srv nft add rule inet fail in meta nfproto ipv4 tcp dport 99 drop
	lab_start here SYN-SENT "$T" -p 5555 --isn 1000 -r 0 --timeout 10 10.0.0.2 99
	pid=$LAB_PID
	lab_in srv /usr/bin/python3 -c '
from scapy.all import IP, ICMP, TCP, send
quoted = IP(src="10.0.0.1", dst="10.0.0.2")/TCP(sport=5555, dport=99, seq=1000)
send(IP(dst="10.0.0.1")/ICMP(type=12, ptr=20)/quoted, verbose=0)'
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 4 ]
	lab_said "$pid"
	[[ $LAB_OUTPUT == *"RESULT 10.0.0.2:99 param-problem"* ]]
}

@test "nobody has the address: no-neighbour, once the kernel has given up" {
	sysctl -qw net.ipv4.neigh.eth0.retrans_time_ms=100 net.ipv6.neigh.eth0.retrans_time_ms=100
	for host in 10.0.0.77 fd00::77; do
		run "$T" --json $host 80
		[ "$status" -eq 1 ]
		[ "$(summary '.result, .reason' | xargs)" = "filtered no-neighbour" ]
		# Its own kernel says so, which is no answer of the network.
		jq -es 'map(select(.type == "icmp_error"))[0].from |
			test("^(10.0.0.1|fd00::1)$")' <<<"$output"
	done
}

@test "a closed port; IPv6; --expect turns it into success, or 7" {
	run "$T" 10.0.0.2 81
	[ "$status" -eq 3 ]
	[[ $output == *"CLOSED       <-RA--- seq=0 ack=1  refused"* ]]
	run "$T" fd00::2 81
	[ "$status" -eq 3 ]
	run "$T" --expect=refused 10.0.0.2 81
	[ "$status" -eq 0 ]
	run "$T" --expect=reset 10.0.0.2 81
	[ "$status" -eq 0 ]
	run "$T" --expect=open 10.0.0.2 81
	[ "$status" -eq 7 ]
}

@test "reset after the handshake" {
	daemon srv /usr/bin/python3 -c '
import socket, struct
s = socket.create_server(("10.0.0.2", 9))
c, _ = s.accept()
c.recv(10)
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.close()'
	listening srv 9
	run "$T" -d x --close=passive 10.0.0.2 9
	[ "$status" -eq 5 ]
	[[ ${lines[-1]} == "RESULT 10.0.0.2:9 syn-ack "*" close=reset" ]]
	[[ $output == *"reset by peer"* ]]
}

@test "syncookies: the one SYN-ACK is enough" {
	lab_in srv sysctl -qw net.ipv4.tcp_syncookies=2
	python_server srv 80
	run "$T" --http /index.html 10.0.0.2 80
	[ "$status" -eq 0 ]
}

@test "a half-open peer: its bare ACK is answered by a RST, then it opens" {
	echo_server srv 7
	run "$T" -p 5555 --close=none 10.0.0.2 7
	[ "$status" -eq 0 ]
	run "$T" -p 5555 --timeout 300ms --isn 1 -d x --close=half 10.0.0.2 7
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"half-open peer"*"--R---->"*"ESTABLISHED"* ]] || [[ $output == *"half-open peer"*"--R---"*"ESTABLISHED"* ]]
}

@test "the path is too narrow: smaller segments, nothing lost" {
	lab_ns far
	lab_veth srv eth1 far eth0
	lab_addr srv eth1 10.1.0.1/24
	lab_addr far eth0 10.1.0.2/24
	lab_in srv sysctl -qw net.ipv4.ip_forward=1
	lab_in far ip route add default via 10.1.0.1
	# The far end offers 1460 octets; the router between has room for less.
	lab_in srv ip route change 10.1.0.0/24 dev eth1 mtu lock 1000
	ip route add 10.1.0.0/24 via 10.0.0.2
	echo_server far 7
	run "$T" --json --send "$W/big" --close=half -o "$BATS_TEST_TMPDIR/back" 10.1.0.2 7
	[ "$status" -eq 0 ]
	cmp "$W/big" "$BATS_TEST_TMPDIR/back"
	jq -es 'map(select(.type == "icmp_error"))[0] | .reason == "frag-needed" and .believed' <<<"$output"
	jq -es 'map(select(.dir == "out")) | .[-20:] | map(.len) | max <= 960' <<<"$output"
}

@test "an ICMP error that quotes nothing of ours is shown and not believed" {
	echo_server srv 7
	lab_start here ESTABLISHED "$T" -p 5555 --isn 1000 --close=passive 10.0.0.2 7
	pid=$LAB_PID
	lab_in srv /usr/bin/python3 -c '
from scapy.all import IP, ICMP, TCP, send
send(IP(dst="10.0.0.1")/ICMP(type=3, code=3)/IP(src="10.0.0.1", dst="10.0.0.2")/TCP(sport=5555, dport=7, seq=99999), verbose=0)'
	kill -INT "$pid"
	wait "$pid" || true
	lab_said "$pid"
	[[ $LAB_OUTPUT == *"port-unreach: "*"not believed"*"close=aborted"* ]]
}
