#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dhcpc with real servers: every kind of message, each judged by table 5, and what they give.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

one_server() {
	wire 10.77.0.1/24
	server "$1" srv 10.77.0.1 10.77.0.100 "${@:2}"
}

field() {
	jq -r "select(.type == \"$1\").$2"
}

# networkd is silent.
inform() {
	if [ "$1" = networkd ]; then
		run "$D" -T 100ms --inform 10.77.0.9 e0
		[ "$status" -eq 1 ]
	else
		run "$D" --inform 10.77.0.9 e0
		[ "$status" -eq 0 ]
		[[ $output == *"Information from 10.77.0.1"*"routers "*"10.77.0.1"* ]]
	fi
}

# The whole life of a lease; the host is as before, and every frame as table 5 wants it.
life() {
	local addr before after

	one_server "$@"
	before=$(ip -j addr show; ip -j route)
	lab_capture here e0 "$LAB_TMP/life.pcap"
	run --separate-stderr "$D" scan --expect 1 e0
	[ "$status" -eq 0 ]
	[[ $output == *"OFFER "*" from 10.77.0.1 "* ]]
	addr=$("$D" --json e0 | field bound yiaddr)
	[[ $addr == 10.77.0.1?? ]]
	run "$D" --renew "$addr" -s 10.77.0.1 e0
	[ "$status" -eq 0 ]
	[[ $output == *"> REQUEST  to 10.77.0.1, $addr"*"Lease of $addr/24 from 10.77.0.1"* ]]
	run "$D" --renew "$addr" e0
	[ "$status" -eq 0 ]
	[[ $output == *"> REQUEST  to everybody, $addr"*"Lease of $addr/24"* ]]
	run "$D" --reboot "$addr" e0
	[ "$status" -eq 0 ]
	[[ $output == *"Lease of $addr/24 from 10.77.0.1"* ]]
	inform "$1"
	run "$D" --release "$addr" -s 10.77.0.1 e0
	[ "$status" -eq 0 ]
	run "$D" -n e0
	[ "$status" -eq 0 ]
	[[ $output == *"> RELEASE  to 10.77.0.1"*"given back"* ]]
	lab_capture_stop >/dev/null
	after=$(ip -j addr show; ip -j route)
	[ "$before" = "$after" ]
	run --separate-stderr tests/dhcpc/table5.pl "$LAB_TMP/life.pcap"
	[ "$status" -eq 0 ]
	[ "$output" = "DISCOVER INFORM REBINDING REBOOTING RELEASE RENEWING SELECTING" ]
}

@test "dnsmasq" {
	life dnsmasq dhcp-authoritative
}

@test "ISC dhcpd" {
	life dhcpd
}

@test "Kea" {
	life kea
}

@test "udhcpd, which looks for two seconds whether the address is free" {
	life udhcpd
}

@test "systemd-networkd" {
	life networkd
}

@test "a lost address after a reboot: refused" {
	one_server dnsmasq dhcp-authoritative
	run "$D" --reboot 192.0.2.99 e0
	[ "$status" -eq 3 ]
	[[ $output == *'NAK      from 10.77.0.1'*'"wrong '*'The server refuses.'* ]]
}

@test "two messages are enough with rapid commit" {
	one_server dnsmasq
	run "$D" --rapid e0
	[ "$status" -eq 0 ]
	[[ $output != *"OFFER"* && $output != *"REQUEST"* ]]
	[[ $output == *" 80 rapid-commit"* ]]
}

@test "the server asks who has the address that is being renewed, and is told" {
	one_server dnsmasq
	addr=$("$D" --json e0 | field bound yiaddr)
	lab_in srv ip neigh flush all
	run "$D" --renew "$addr" -s 10.77.0.1 e0
	[ "$status" -eq 0 ]
}

@test "30 search domains, 40 routes and a URI of 300 octets arrive whole" {
	local i domains routes uri

	for ((i = 0; i < 30; i++)); do
		domains+=$(printf ',"site%02d.eng.example.com"' "$i")
	done
	for ((i = 0; i < 40; i++)); do
		routes+=",24,10,1,$i,10,77,0,1"
	done
	uri=https://captive.example.com/$(printf 'a%.0s' {1..272})
	one_server dhcpd "option domain-search ${domains:1};" "option rfc3442 ${routes:1};" \
		"option captive \"$uri\";"
	"$D" --json e0 >"$LAB_TMP/json"
	value() { jq -r "select(.type == \"bound\").options[] | select(.code == $1).value" "$LAB_TMP/json"; }
	[ "$(value 119 | grep -o 'site[0-9][0-9].eng.example.com' | sort -u | wc -l)" -eq 30 ]
	[ "$(value 121 | grep -o '10\.1\.[0-9]*\.0/24 via 10\.77\.0\.1' | sort -u | wc -l)" -eq 40 ]
	[ "$(value 114)" = "$uri" ]
	[ "${#uri}" -eq 300 ]
}

# Four servers and the client on one switch.
four_servers() {
	local i kinds=(kea dhcpd udhcpd dnsmasq)

	lab_ns switch
	lab_veth here e0 switch port0
	for i in 1 2 3 4; do
		lab_ns "s$i"
		lab_veth "s$i" e0 switch "port$i"
		lab_addr "s$i" e0 "10.77.0.$i/24"
	done
	lab_bridge switch br0 port0 port1 port2 port3 port4
	for i in 1 2 3 4; do
		server "${kinds[i - 1]}" "s$i" "10.77.0.$i" "10.77.0.$((i * 20 + 80))" delay
	done
}

@test "four servers that answer after 0, 1, 2 and 3 seconds: all are seen, none gives a lease" {
	local leases

	four_servers
	"$D" --json scan e0 >"$LAB_TMP/json"
	[ "$(field offer server_id <"$LAB_TMP/json" | sort | tr '\n' ' ')" = \
		"10.77.0.1 10.77.0.2 10.77.0.3 10.77.0.4 " ]
	[ "$(field offer src_mac <"$LAB_TMP/json" | sort -u | wc -l)" -eq 4 ]
	# By the kernel's stamps of the DISCOVER and the OFFER.
	jq -es 'map(select(.type == "offer").latency_ms / 1000 | round) == [0, 1, 2, 3]' "$LAB_TMP/json"
	[ "$(field summary servers <"$LAB_TMP/json")" -eq 4 ]
	jq -es 'map(select(.type == "diff" and .name == "routers"))[0].values | length == 4' "$LAB_TMP/json"
	[ "$(field end exit <"$LAB_TMP/json")" -eq 0 ]
	leases=$(grep -h '^lease' "$LAB_TMP/s2/leases" || true)
	[ ! -s "$LAB_TMP/s4/leases" ]
	[[ -z $leases || $(<"$LAB_TMP/s2/leases") != *"binding state active"* ]]
}

@test "a server that is not allowed: shown, and exit 4" {
	lab_ns switch
	lab_veth here e0 switch port0
	for i in 1 2; do
		lab_ns "s$i"
		lab_veth "s$i" e0 switch "port$i"
		lab_addr "s$i" e0 "10.77.0.$i/24"
	done
	lab_bridge switch br0 port0 port1 port2
	server dhcpd s1 10.77.0.1 10.77.0.100
	server dnsmasq s2 10.77.0.2 10.77.0.160 dhcp-authoritative
	run --separate-stderr "$D" scan --expect 2 --allow 10.77.0.1 e0
	[ "$status" -eq 4 ]
	[[ $output == *"from 10.77.0.2 "*"UNLISTED"* ]]
	[[ $output == *"DIFF  routers "*"10.77.0.1"*"10.77.0.2"* ]]
	[[ $output == *"2 servers, 1 of them not allowed"* ]]
	run --separate-stderr "$D" scan -w 1 -s 10.77.0.9 e0
	[ "$status" -eq 4 ]
	[[ $output == *"2 servers, the one asked for is not among them"* ]]
	# dnsmasq, authoritative, refuses what the other one offered: it is not asked.
	for _ in 1 2 3 4 5; do
		run "$D" -n -s 10.77.0.1 e0
		[ "$status" -eq 0 ]
		[[ $output == *"from 10.77.0.1"* ]]
	done
}
