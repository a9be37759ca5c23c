#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsq +raw: whole IP packets of our own.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_init
	dir=$LAB_TMP
}

teardown() {
	lab_cleanup
}

serve() {
	cat >"$dir/named.conf" <<CONF
controls { };
options { directory "$dir"; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 port 5300 { ::1; };
	recursion no; pid-file none; check-names primary ignore; session-keyfile "$dir/session"; };
zone "example" { type primary; file "$PWD/tests/dnsq/types.zone"; check-integrity no; };
CONF
	lab_start here ' running$' named -g -c "$dir/named.conf"
}

ask() {
	build/bin/dnsq -p 5300 "$@"
}

# unreachables - how often this host has said that a port is unreachable.
unreachables() {
	awk '$1 == "Icmp:" { for (i = 2; i <= NF; i++) if (name[i] == "OutDestUnreachs") print $i; else name[i] = $i }' \
		/proc/net/snmp
	awk '$1 == "Icmp6OutDestUnreachs" { print $2 }' /proc/net/snmp6
}

@test "IPv4 and IPv6, from the address and port that -b says; no ICMP leaves" {
	serve
	before=$(unreachables)
	for server in 127.0.0.1 ::1; do
		run ask "@$server" a0.example +raw +short
		[ "$status" -eq 0 ]
		[ "$output" = 192.0.2.1 ]
	done
	run ask @127.0.0.1 -b 127.0.0.9#4444 a0.example +raw +explain
	[ "$status" -eq 0 ]
	[[ $output == *"Source Address             127.0.0.9 "*"Source Port                4444 "* ]]
	# What the kernel makes leaves lo with its sum to be finished.
	[[ $output == *"Checksum "*"correct [RFC 768]"*"received "* ]]
	[ "$(unreachables)" = "$before" ]
}

@test "the message is that of a socket; every octet of the packets is explained once" {
	serve
	for how in +raw +noraw; do
		ask @127.0.0.1 a0.example +qid=4711 +no0x20 +nocookie "$how" +pcap="$dir/$how.pcapng" >/dev/null
	done
	for how in +raw +noraw; do
		tshark -r "$dir/$how.pcapng" -Y 'udp.dstport == 5300' -T fields -e udp.payload >"$dir/$how.hex"
	done
	[ -s "$dir/+raw.hex" ]
	cmp "$dir/+raw.hex" "$dir/+noraw.hex"
	run ask @::1 a0.example +raw --explain --json
	jq -se '([.[] | select(.type == "packet")] | length == 2 and all(
		. as $p | [.fields[] | .off] as $o | [.fields[] | .len] as $l |
		[range($o | length)] | all($o[.] == (if . == 0 then 0 else $o[. - 1] + $l[. - 1] end)))) and
		(.[] | select(.type == "reply") | .raw and .proto == "UDP" and .result == "answer")' <<<"$output"
}

@test "nobody there: the ICMP error about our packet is told" {
	before=$(unreachables)
	for server in 127.0.0.1 ::1; do
		run ask "@$server" a0.example +raw +tries=1
		[ "$status" -eq 9 ]
		[[ $output == *"communications error to $server#5300: connection refused"* ]]
	done
	[ "$(unreachables)" != "$before" ]
}

@test "a truncated reply stays as it is: TCP would not be raw" {
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5300
	run ask @127.0.0.1 tc.test +raw
	[ "$status" -eq 0 ]
	[[ $output == *"flags: qr aa tc rd;"*"(UDP)"* ]]
}

@test "what +raw is not for, and without privilege, is refused and the cure told" {
	run ask a0.example +raw
	[ "$status" -eq 10 ]
	[[ $output == *"+raw asks only servers that are named: @SERVER"* ]]
	run ask @127.0.0.1 a0.example +raw +tcp
	[ "$status" -eq 10 ]
	[[ $output == *"+raw is for UDP to a single host, not for TCP"* ]]
	run ask @127.0.0.1 -f - +tries=1 <<<"a0.example +raw"
	[ "$status" -eq 9 ]
	[[ $output == *"+raw is for the whole run, not for a line"* ]]
	run lab_unpriv here build/bin/dnsq -p 5300 @127.0.0.1 a0.example +raw
	[ "$status" -eq 10 ]
	[[ $output == *"cannot open a raw socket (EPERM): run 'sudo setcap cap_net_raw=p "*"/dnsq'"* ]]
}
