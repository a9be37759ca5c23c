#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What routers tell beside the error: MPLS labels, interfaces with names of any octets, extensions
# that are broken; short and odd quotes. All by fakenet.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# shellcheck source=tests/traceroute/traceroute.bash
source tests/traceroute/traceroute.bash

setup_file() {
	cat >"$BATS_FILE_TMPDIR/topology" <<-'END'
		client 10.20.0.1/24 via 10.20.0.254
		client fd20::1/64 via fd20::fe
		router 10.20.0.254,fd20::fe
		router 10.21.0.1,fd21::1 mpls=16001,3,0,1/16002,0,1,255
		router 10.21.0.2,fd21::2 ifinfo=ge-0/0/0,10.10.10.10,1500,15
		router 10.21.0.3 ext=raw:2000000000100207000000050001000008
		router 10.21.0.4 ext=raw:200000000010020208411b5b33316d42
		router 10.21.0.5 mpls=5,0,1,1 ext=badcsum
		router 10.21.0.6 quote=8
		router 10.21.0.7 quote=8 qttl=0
		host 10.22.0.1,fd22::1
		path 10.22.0.0/24 10.20.0.254 10.21.0.1 10.21.0.2 10.21.0.3 10.21.0.4 10.21.0.5 10.21.0.6 10.21.0.7
		path fd22::/64 fd20::fe fd21::1 fd21::2
	END
	lab_fakenet "$BATS_FILE_TMPDIR/topology"
}

@test "labels and interfaces, IPv4 and IPv6" {
	run -0 --separate-stderr "$traceroute" -n -e -q 1 10.22.0.1
	[[ ${lines[2]} == ' 2  10.21.0.1 <MPLS:L=16001,E=3,S=0,T=1/L=16002,E=0,S=1,T=255>  '* ]]
	[[ ${lines[3]} == ' 3  10.21.0.2 <INC:15,10.10.10.10,"ge-0/0/0",mtu=1500>  '* ]]
	run -0 --separate-stderr "$traceroute" -n -e -q 1 fd22::1
	[[ ${lines[2]} == ' 2  fd21::1 <MPLS:L=16001,E=3,S=0,T=1/L=16002,E=0,S=1,T=255>  '* ]]
	"$traceroute" -n -q 1 --json 10.22.0.1 >"$tmp/json"
	jq -e --slurp 'any(.[]; .ext[0].mpls == [{label: 16001, tc: 3, s: 0, ttl: 1}, {label: 16002, tc: 0, s: 1, ttl: 255}]) and
		any(.[]; .ext[0].iface == {role: "incoming", index: 15, addr: "10.10.10.10", name: "ge-0/0/0", mtu: 1500})' "$tmp/json"
}

@test "... in the forms of scamper and Atlas" {
	"$traceroute" -n -q 1 --json=scamper 10.22.0.1 >"$tmp/json"
	jq -e '.hops[0] | has("icmpext") | not' "$tmp/json"
	jq -e '.hops[1].icmpext == [{ie_cn: 1, ie_ct: 1, ie_dl: 8, mpls_labels: [
		{mpls_label: 16001, mpls_exp: 3, mpls_s: 0, mpls_ttl: 1},
		{mpls_label: 16002, mpls_exp: 0, mpls_s: 1, mpls_ttl: 255}]}]' "$tmp/json"
	jq -e '.hops[2].icmpext == [{ie_cn: 2, ie_ct: 15, ie_dl: 28}]' "$tmp/json"
	"$traceroute" -n -q 1 --json=atlas fd22::1 >"$tmp/json"
	jq -e '.result[1].result[0].icmpext == {version: 2, rfc4884: 1, obj: [{class: 1, type: 1,
		mpls: [{label: 16001, exp: 3, s: 0, ttl: 1}, {label: 16002, exp: 0, s: 1, ttl: 255}]}]}' \
		"$tmp/json"
}

@test "without -e the lines are as of old" {
	run -0 --separate-stderr "$traceroute" -n -q 1 10.22.0.1
	[[ $output != *'<'* ]]
}

@test "hostile names and broken extensions change neither path nor terminal" {
	run -0 --separate-stderr "$traceroute" -n -e -q 1 10.22.0.1
	[[ $(awk '$1 ~ /^[0-9]+$/ { print $2 }' <<<"$output" | xargs) == '10.20.0.254 10.21.0.1 10.21.0.2 10.21.0.3 10.21.0.4 10.21.0.5 10.21.0.6 10.21.0.7 10.22.0.1' ]]
	[[ $output != *$'\e'* ]]
	[[ ${lines[6]} == ' 6  10.21.0.5  '* ]]
	"$traceroute" -n -e --json -q 1 10.22.0.1 | jq -e --slurp 'length > 9' >/dev/null
}
