#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --diff: what has changed between two files of paths, and what only looks so, since other flows go
# other ways. By fakenet: a line of routers, and a diamond sixteen nodes wide.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# Another line of routers behind 10.23: one is another one, one has other labels.
topology() {
	local wide

	wide=$(printf '10.24.1.%d|' {1..16})
	cat <<-END
		client 10.20.0.1/24 via 10.20.0.254
		client fd20::1/64 via fd20::fe
		router 10.20.0.254,fd20::fe
		router 10.21.0.1,fd21::1 mpls=$1
		router $2,fd21::2
		router 10.21.0.3,fd21::3 mtu=$3
		router 10.21.0.9,fd21::9
		router 10.25.0.1
		$(printf 'router 10.24.1.%d\n' {1..16})
		host 10.22.0.1,fd22::1
		host 10.26.0.1
		path 10.22.0.0/24 10.20.0.254 10.21.0.1 $2 $4 10.21.0.3
		path fd22::/64 fd20::fe fd21::1 fd21::2 fd21::3
		path 10.26.0.0/24 10.20.0.254 ${wide%|} 10.25.0.1
	END
}

setup_file() {
	local name=0 words

	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	export T=$LAB_TOP/build/bin/traceroute D=$BATS_FILE_TMPDIR
	for words in '16001,0,1,1 10.21.0.2 1400' '16001,0,1,1 10.21.0.77 1400' \
		'16005,0,1,1 10.21.0.2 1400' '16001,0,1,1 10.21.0.2 1300' \
		'16001,0,1,1 10.21.0.2 1400 10.21.0.9'; do
		# shellcheck disable=SC2086
		topology $words >"$D/topology"
		lab_fakenet "$D/topology"
		for run in 1 2; do
			"$T" -n --json --sport 40000 10.22.0.1 >"$D/same$name.$run"
			"$T" -n --json 10.22.0.1 >"$D/usual$name.$run"
			"$T" -n --json --sport $((20000 + 100 * name + run)) 10.22.0.1 >"$D/other$name.$run"
			((name > 1)) ||
				"$T" -n --json --multipath --rate 0 10.22.0.1 >"$D/graph$name.$run"
		done
		"$T" -n --json --mtu --sport 40000 10.22.0.1 >"$D/mtu$name"
		"$T" -n -q 1 --sport 40000 --pcap "$D/pcap$name.pcapng" 10.22.0.1 >/dev/null
		((name == 0)) && wide_runs
		lab_fakenet_stop >/dev/null
		((++name))
	done
	lab_cleanup
}

# Runs through the diamond, as they come.
wide_runs() {
	local i

	for i in {1..40}; do
		"$T" -n -q 1 --json --sport $((20000 + RANDOM)) 10.26.0.1 >"$D/wide$i"
	done
	for i in {1..6}; do
		"$T" -n --json --multipath --rate 0 10.26.0.1 >"$D/fan$i"
	done
	"$T" -n --json --sport 41000 10.26.0.1 >"$D/fixed1"
	"$T" -n --json --sport 41000 10.26.0.1 >"$D/fixed2"
}

setup() {
	tmp=$BATS_TEST_TMPDIR
}

# differs STATUS OLD NEW - in $output, and in records, which tell the same.
differs() {
	local code=0

	run "-$1" --separate-stderr "$T" --diff "$2" "$3"
	"$T" --json --diff "$2" "$3" >"$tmp/json" || code=$?
	((code == $1))
	jq -e --slurp --argjson code "$1" '.[-1].exit == $code and
		(any(.[]; .type == "change" and .certain) == ($code == 1))' "$tmp/json" >/dev/null
}

@test "nothing has changed: exit 0, by every kind of run" {
	local kind

	for kind in usual same other graph; do
		differs 0 "$D/${kind}0.1" "$D/${kind}0.2"
		[[ $output == '10.22.0.1: no change' ]]
		[[ ! $stderr ]]
	done
	differs 0 "$D/same0.1" "$D/graph0.1"
	differs 0 "$D/graph0.1" "$D/other0.1"
	differs 0 "$D/pcap0.pcapng" "$D/same0.1"
	run -0 bash -c "'$T' --diff - '$D/same0.1' <'$D/same0.2'"
}

@test "another router: the same flow, a graph, a graph against a trace, a capture" {
	differs 1 "$D/same0.1" "$D/same1.1"
	[[ $output == '10.22.0.1: hop 3: node 10.21.0.2 -> 10.21.0.77' ]]
	jq -e --slurp '.[0] | .addr == "10.22.0.1" and .hop == 3 and .what == "node" and
		.was == "10.21.0.2" and .is == "10.21.0.77" and .certain' "$tmp/json"
	differs 1 "$D/usual0.1" "$D/usual1.1"
	[[ $output == '10.22.0.1: hop 3: node 10.21.0.2 -> 10.21.0.77' ]]
	differs 1 "$D/graph0.1" "$D/graph1.1"
	[[ $output == *'hop 3: node 10.21.0.2 -> 10.21.0.77'* ]]
	differs 1 "$D/graph0.1" "$D/other1.1"
	differs 1 "$D/other0.1" "$D/graph1.1"
	differs 1 "$D/pcap0.pcapng" "$D/pcap1.pcapng"
	differs 1 "$D/pcap0.pcapng" "$D/same1.1"
}

@test "another flow may have gone another way: told, and not counted" {
	differs 0 "$D/other0.1" "$D/other1.1"
	[[ ${lines[0]} == '10.22.0.1: hop 3: perhaps node 10.21.0.2 -> 10.21.0.77 (another flow '* ]]
	[[ ${lines[1]} == *'no certain change'*--sport*--multipath* ]]
	jq -e --slurp '.[0] | (.certain | not) and .chance == 0.5' "$tmp/json"
}

@test "labels, MTU and distance" {
	differs 1 "$D/same0.1" "$D/same2.1"
	[[ $output == '10.22.0.1: hop 2: label of 10.21.0.1 16001 -> 16005' ]]
	differs 1 "$D/other0.1" "$D/other2.1"
	differs 1 "$D/mtu0" "$D/mtu3"
	[[ ${lines[0]} == '10.22.0.1: hop 5: mtu 1400 -> 1300' ]]
	[[ ${lines[1]} == '10.22.0.1: mtu 1400 -> 1300' ]]
	differs 0 "$D/same0.1" "$D/same3.1"
	differs 1 "$D/same0.1" "$D/same4.1"
	[[ $output == *'10.22.0.1: distance 5 -> 6'* ]]
	differs 1 "$D/other0.1" "$D/other4.1"
}

@test "translators, whether it is reached, and hosts that only one file has" {
	jq -c 'if .type == "summary" then .nat = {kind: "snat", hop: 2} else . end' "$D/same0.1" \
		>"$tmp/nat"
	differs 1 "$D/same0.1" "$tmp/nat"
	[[ $output == '10.22.0.1: nat none -> snat at hop 2' ]]
	jq -c 'if .type == "summary" then .reached = false | .stop_reason = "hoplimit" |
		del(.distance) | .hops |= .[0:4] else . end' "$D/same0.1" >"$tmp/silent"
	differs 1 "$D/same0.1" "$tmp/silent"
	[[ $output == '10.22.0.1: reached yes -> no' ]]
	differs 1 "$D/same0.1" "$D/fixed1"
	[[ $output == $'10.22.0.1: target traced -> none\n10.26.0.1: target none -> traced' ]]
}

@test "a router that was silent is no change" {
	jq -c 'if .type == "summary" then .hops[2].replies = [] else . end' "$D/same0.1" >"$tmp/star"
	differs 0 "$D/same0.1" "$tmp/star"
	differs 0 "$tmp/star" "$D/same0.1"
}

@test "sixteen ways: other flows and new searches find no false change" {
	local i n=0

	for i in {2..40}; do
		run -0 --separate-stderr "$T" --diff "$D/wide1" "$D/wide$i"
		[[ $output != *perhaps* ]] || ((++n))
		run -0 --separate-stderr "$T" --diff "$D/fan1" "$D/wide$i"
	done
	((n > 20))
	for i in {2..6}; do
		differs 0 "$D/fan1" "$D/fan$i"
	done
	differs 0 "$D/fixed1" "$D/fixed2"
	# Eight of them gone are no chance.
	jq -c 'if .type == "graph" then .nodes |= map(select(.addr | test("[.]1[.]([1-8])$") | not))
		else . end' "$D/fan1" >"$tmp/half"
	differs 1 "$D/fan1" "$tmp/half"
	[[ $output == *'hop 2: node 10.24.1.'*' -> none'* ]]
}

@test "what cannot be compared is exit 2" {
	echo nonsense >"$tmp/text"
	run -2 --separate-stderr "$T" --diff "$D/same0.1" "$tmp/text"
	[[ $stderr == *"$tmp/text"* ]]
	echo '{"tool": "ping", "type": "summary"}' >"$tmp/ping"
	run -2 --separate-stderr "$T" --diff "$D/same0.1" "$tmp/ping"
	[[ $stderr == *"'$tmp/ping', line 1: "* ]]
	: >"$tmp/empty"
	run -2 --separate-stderr "$T" --diff "$tmp/empty" "$D/same0.1"
	[[ $stderr == *'holds no trace'* ]]
	run -2 --separate-stderr "$T" --diff "$D/same0.1"
	[[ $stderr == *'--diff OLD NEW'* ]]
	run -2 --separate-stderr "$T" --diff "$D/same0.1" "$D/same0.2" 10.22.0.1
	run -2 --separate-stderr "$T" -q 1 --diff "$D/same0.1" "$D/same0.2"
	[[ $stderr == *'queries does not go with --diff'* ]]
	run -2 --separate-stderr "$T" -e --diff "$D/same0.1" "$D/same0.2"
}
