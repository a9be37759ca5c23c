#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --mtu: narrow links whose routers say so, and black holes whose routers do not. By fakenet.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	cat >"$BATS_FILE_TMPDIR/topology" <<-'END'
		client 10.20.0.1/24 via 10.20.0.254
		client fd20::1/64 via fd20::fe
		router 10.20.0.254,fd20::fe
		router 10.21.0.1,fd21::1
		router 10.21.0.2,fd21::2 mtu=1400
		router 10.21.0.3,fd21::3
		router 10.21.0.4,fd21::4 silent mtu=1300 blackhole
		router 10.21.0.5,fd21::5
		router 10.21.0.6 mtu=1400 mtusay=0
		router 10.21.0.7 mtu=1400 mtusay=1350
		host 10.22.0.1,fd22::1
		host 10.22.1.1,fd22:0:0:1::1 limit=1:6
		host 10.22.2.1,fd22:0:0:2::1 mtu=1450 blackhole
		host 10.22.3.1 udp=drop
		host 10.22.4.1
		host 10.22.5.1
		host 10.22.6.1,fd22:0:0:6::1
		path 10.22.0.0/24 10.20.0.254 10.21.0.1 10.21.0.2 10.21.0.3 10.21.0.4 10.21.0.5
		path fd22::/64 fd20::fe fd21::1 fd21::2 fd21::3 fd21::4 fd21::5
		path 10.22.1.0/24 10.20.0.254 10.21.0.2 10.21.0.3
		path 10.22.2.0/24 10.20.0.254 10.21.0.1
		path 10.22.3.0/24 10.20.0.254 10.21.0.1 10.21.0.4 10.21.0.5
		path 10.22.4.0/24 10.20.0.254 10.21.0.6 10.21.0.1
		path 10.22.5.0/24 10.20.0.254 10.21.0.7 10.21.0.1
		path 10.22.6.0/24 10.20.0.254 10.21.0.1
		path fd22:0:0:2::/64 fd20::fe fd21::1
		path fd22:0:0:6::/64 fd20::fe fd21::1
	END
	lab_fakenet "$BATS_FILE_TMPDIR/topology"
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	traceroute=$LAB_TOP/build/bin/traceroute
	tmp=$BATS_TEST_TMPDIR
}

# sizes STATUS OPTION... - a run, in $output.
sizes() {
	run "-$1" --separate-stderr timeout 30 "$traceroute" -n -q 1 "${@:2}"
}

# finds JQ-CONDITION OPTION... - of the summary of a run.
finds() {
	timeout 30 "$traceroute" -n -q 1 --json "${@:2}" >"$tmp/json" || true
	jq -e --slurp "map(select(.type == \"summary\"))[0] | $1" "$tmp/json" ||
		{ grep summary "$tmp/json" && return 1; }
}

@test "nothing is narrow" {
	sizes 0 --mtu 10.22.6.1
	[[ ${lines[1]} == ' 1  10.20.0.254  '*' ms F=1500' ]]
	[[ ${#lines[@]} == 4 && $output != *'black hole'* ]]
	finds '.mtu == 1500 and (has("black_holes") | not) and .distance == 3' --mtu 10.22.6.1
}

@test "a narrow link that is told of, and a black hole behind it, IPv4 and IPv6" {
	sizes 0 --mtu 10.22.0.1
	[[ ${lines[1]} == ' 1  10.20.0.254  '*' ms F=1500' ]]
	[[ ${lines[3]} == ' 3  10.21.0.2  '*' ms F=1400' || ${lines[4]} == ' 4  10.21.0.3  '*' ms F=1400' ]]
	[[ ${lines[5]} == ' 5  *' ]]
	[[ ${lines[6]} == ' 6  10.21.0.5  '*' ms F=1300' ]]
	[[ ${lines[8]} == 'black hole behind hop 4: 1300 octets pass, 1301 do not, and nobody says so' ]]
	finds '.mtu == 1300 and .black_holes == [{behind: 4, hop: 6, passes: 1300, fails: 1301}]' \
		--mtu -I fd22::1
}

@test "a host behind a black hole" {
	sizes 0 --mtu 10.22.2.1
	[[ ${lines[3]} == ' 3  10.22.2.1  '*' ms F=1450' ]]
	[[ ${lines[4]} == 'black hole behind hop 2: 1450 octets pass, 1451 do not, and nobody says so' ]]
}

@test "a host that limits its answers is no black hole" {
	finds '.mtu == 1400 and (has("black_holes") | not)' --mtu -q 3 10.22.1.1
}

@test "a silent host: sizes are known up to the last hop that answers" {
	sizes 1 -w 0.3 -m 9 --mtu 10.22.3.1
	[[ $output == *'black hole behind hop 2: 1300 octets pass, 1301 do not'* ]]
	[[ $output == *' 5-9 * no reply'* ]]
}

@test "only by what routers say, only by what comes through" {
	sizes 0 --pmtu=icmp 10.22.2.1
	[[ $output != *'black hole'* ]]
	[[ ${lines[-1]} == 'no answer to 1500 octets, and nobody says why: --pmtu=probe finds out' ]]
	sizes 0 --pmtu=icmp 10.22.0.1
	[[ $output == *F=1400* ]]
	# 1350 is what the router asks for, 1400 what it passes.
	finds '.mtu == 1350' --mtu 10.22.5.1
	finds '.mtu == 1400 and (has("black_holes") | not)' --pmtu=probe 10.22.5.1
	# A router of old tells no MTU: the next of RFC 1191's.
	finds '.mtu == 1006' --mtu 10.22.4.1
	sizes 2 --pmtu=guess 10.22.4.1
	[[ $stderr == *'icmp or probe'* ]]
}

@test "the records tell the size of each probe" {
	"$traceroute" -n -q 1 --json --mtu 10.22.6.1 >"$tmp/json"
	jq -e --slurp 'any(.[]; .type == "reply" and .size == 1500 and .ttl == 3)' "$tmp/json"
}
