#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the path rewrites: Linux routers with nftables between here and the server, and what quotes
# show of it. A translator that puts all back (Linux source NAT) shows nothing, and none is claimed.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# shellcheck source=tests/traceroute/traceroute.bash
source tests/traceroute/traceroute.bash

setup_file() {
	chain
	ip route add 10.8.99.0/24 via 10.8.0.2
	ip route add fd99::/64 via fd08::2
	lab_in r1 ip route add 10.8.99.0/24 via 10.8.1.2
	lab_in r1 ip route add fd99::/64 via fd08:0:0:1::2
}

teardown() {
	calm r1 r2 r3
}

# rule NS FAMILY HOOK PRIORITY TYPE RULE... - one nftables rule in a table of its own.
rule() {
	local name=t$RANDOM

	lab_in "$1" nft add table "$2" "$name"
	lab_in "$1" nft add chain "$2" "$name" c "{ type $5 hook $3 priority $4; }"
	lab_in "$1" nft add rule "$2" "$name" c "${@:6}"
}

# traces OPTION... - records to $tmp/json, whatever the exit.
traces() {
	"$traceroute" -n --json "$@" >"$tmp/json" || true
}

# has JQ-CONDITION - about the array of records of the last traces; $s is its summary.
has() {
	jq -e --slurp "(map(select(.type == \"summary\"))[0]) as \$s | $1" "$tmp/json" >/dev/null ||
		{ grep '"summary"' "$tmp/json" >&2 && return 1; }
}

@test "no translator: none is claimed, nothing is rewritten, by any kind of probe" {
	local kind

	for kind in '' -I -T -L '-P 99' '-t 0xb9' -F; do
		# shellcheck disable=SC2086
		traces $kind "$LAB_SERVER4"
		has '($s | has("nat") | not) and all(.[]; has("changed") | not) and $s.reached'
		# shellcheck disable=SC2086
		traces $kind "$LAB_SERVER6"
		has '($s | has("nat") | not) and all(.[]; has("changed") | not) and $s.reached'
	done
}

@test "source NAT that puts all back: the path is right, and nothing is claimed" {
	rule r1 ip postrouting 100 nat ip saddr 10.8.0.1 masquerade
	traces "$LAB_SERVER4"
	has '$s.reached and $s.distance == 4 and ($s | has("nat") | not)'
}

@test "destination NAT: routers behind it bear the target's address, and are not the end" {
	rule r1 ip prerouting -100 nat ip daddr 10.8.99.1 dnat to "$LAB_SERVER4"
	rule r1 ip postrouting 100 nat ip saddr 10.8.0.1 masquerade
	traces 10.8.99.1
	has '$s.reached and $s.distance == 4 and $s.nat.kind == "dnat" and $s.nat.hop == 1 and
		$s.nat.broken == false'
	run -0 "$traceroute" -n --quote-diff 10.8.99.1
	[[ ${lines[-1]} == 'nat: dnat at hop 1: '* ]]
	traces -T 10.8.99.1
	has '$s.reached and $s.nat.kind == "dnat"'
}

@test "source NAT that forgets the quotes" {
	rule r1 ip postrouting 100 filter ip saddr 10.8.0.1 ip saddr set 10.8.1.77
	rule r1 ip prerouting -300 filter ip daddr 10.8.1.77 ip daddr set 10.8.0.1
	lab_addr r1 chain1 10.8.1.77/32
	traces "$LAB_SERVER4"
	has '$s.nat.kind == "snat" and $s.nat.broken and $s.nat.hop == 2 and $s.reached and
		any(.[]; .changed // [] | any(.field == "src" and .is == "10.8.1.77"))'
	traces -T "$LAB_SERVER4"
	has '$s.nat.kind == "snat" and $s.nat.broken'
	traces -I "$LAB_SERVER4"
	has '$s.nat.kind == "snat" and $s.nat.broken'
	lab_in r1 ip addr del 10.8.1.77/32 dev chain1
}

@test "destination NAT that forgets the quotes" {
	rule r1 ip prerouting -300 filter ip daddr 10.8.99.1 ip daddr set "$LAB_SERVER4"
	traces 10.8.99.1
	has '$s.nat.kind == "dnat" and $s.nat.broken and $s.reached and
		any(.[]; .changed // [] | any(.field == "dst" and .is == $ENV.LAB_SERVER4))'
}

@test "both at once, forgetting the quotes" {
	rule r1 ip prerouting -300 filter ip daddr 10.8.99.1 ip daddr set "$LAB_SERVER4"
	rule r1 ip postrouting 100 filter ip saddr 10.8.0.1 ip saddr set 10.8.1.77
	rule r1 ip prerouting -310 filter ip daddr 10.8.1.77 ip daddr set 10.8.0.1
	lab_addr r1 chain1 10.8.1.77/32
	traces 10.8.99.1
	has '$s.nat.kind == "both" and $s.nat.broken'
	lab_in r1 ip addr del 10.8.1.77/32 dev chain1
}

@test "each field that a router rewrites is named, at the first hop that quotes it so" {
	rule r2 ip prerouting -150 filter ip dscp set 0
	traces -t 0xb8 "$LAB_SERVER4"
	has '[.[] | select(.changed) | {hop, c: .changed[0]}] | length > 0 and
		(map(.hop) | min) == 2 and all(.[]; .c == {field: "dscp", was: 46, is: 0})'
	run -0 "$traceroute" -n --quote-diff -t 0xb8 -q 1 "$LAB_SERVER4"
	[[ ${lines[2]} == ' 2  10.8.1.2 [dscp 46->0]  '* ]]
	[[ ${lines[1]} != *dscp* ]]
}

@test "... ports, MSS and ECN too" {
	rule r2 ip prerouting -150 filter udp dport set 9999
	traces "$LAB_SERVER4"
	has '[.[] | select(.changed)] | length > 0 and (map(.hop) | min) == 2 and
		all(.[]; .changed | any(.field == "dport" and .was == 33434 and .is == 9999))'
	lab_in r2 nft flush ruleset
	rule r2 ip forward 0 filter tcp option maxseg size set 1200
	traces -T "$LAB_SERVER4"
	has 'any(.[]; .hop == 3 and (.changed // [] | any(.field == "mss" and .is == 1200))) and
		all(.[] | select(.hop == 2); has("changed") | not)'
	lab_in r2 nft flush ruleset
	rule r2 ip6 prerouting -150 filter ip6 ecn set not-ect
	traces -t 1 "$LAB_SERVER6"
	has 'any(.[]; .hop == 2 and .changed == [{field: "ecn", was: 1, is: 0}])'
}
