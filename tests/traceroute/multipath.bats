#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All nodes and links where routers spread flows. The flows are the same each time (--sport, seed of
# fakenet): what a run finds here, it finds always; tests/soak/multipath.sh draws by lot.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# shellcheck source=tests/traceroute/traceroute.bash
source tests/traceroute/traceroute.bash

setup_file() {
	# shellcheck source=tests/lab/fans.bash
	source "$BATS_TEST_DIRNAME/../lab/fans.bash"
	{
		fans_topology 7
		printf '%s\n' 'host 10.22.30.1 delay=1ms' 'host 10.22.31.1 silent' \
			'path 10.22.30.0/24 10.20.0.254 10.21.1.1|10.21.1.2 10.21.9.1 lb=packet' \
			'path 10.22.31.0/24 10.20.0.254 10.21.1.1|10.21.1.2 10.21.9.1' \
			'router 10.21.40.1 delay=1ms limit=1:2' 'host 10.22.32.1 delay=1ms' \
			'path 10.22.32.0/24 10.20.0.254 10.21.1.1|10.21.1.2 10.21.40.1'
	} >"$BATS_FILE_TMPDIR/topology"
	lab_fakenet "$BATS_FILE_TMPDIR/topology"
}

setup() {
	# shellcheck source=tests/lab/fans.bash
	source "$BATS_TEST_DIRNAME/../lab/fans.bash"
	tmp=$BATS_TEST_TMPDIR
}

# found OPTION... - "NODES LINKS" that a run finds, by address.
found() {
	"$traceroute" -n --json --rate 0 --sport 40000 --multipath "$@" >"$tmp/json"
	jq -r 'select(.type == "graph") | "\([.nodes[].addr] | unique | length) \(
		[.links[] | "\(.from) \(.to)"] | unique | length)"' "$tmp/json"
}

@test "all nodes and links of each graph, IPv4 and IPv6" {
	local n

	for n in "${!FANS_TRUTH[@]}"; do
		[[ $(found "10.22.$n.1") == "${FANS_TRUTH[n]}" ]] || { echo "graph $n" >&2 && return 1; }
		((n > 4)) || [[ $(found "fd22:0:0:$n::1") == "${FANS_TRUTH[n]}" ]]
		jq -e --slurp 'map(select(.type == "graph"))[0] | .complete and .miss == 0.01' "$tmp/json"
	done
}

@test "ICMP flows differ by their checksum, TCP flows by their port" {
	local n kind

	for n in 3 4; do
		for kind in -I -T '-T -p 443'; do
			# shellcheck disable=SC2086
			[[ $(found $kind "10.22.$n.1") == "${FANS_TRUTH[n]}" ]]
			# shellcheck disable=SC2086
			[[ $(found $kind "fd22:0:0:$n::1") == "${FANS_TRUTH[n]}" ]]
		done
	done
}

@test "without quotes too, the host stands where the path of each flow ends" {
	local kind

	for kind in -I -T; do
		[[ $(found $kind 10.22.8.1) == "${FANS_TRUTH[8]}" ]]
		jq -e --slurp 'map(select(.type == "graph"))[0].nodes | map(select(.end) | .ttl) |
			sort == [4, 5, 7]' "$tmp/json"
	done
}

@test "paths of unequal length: the host stands at the end of each" {
	[[ $(found 10.22.8.1) == "${FANS_TRUTH[8]}" ]]
	[[ $(jq -c 'select(.type == "graph") | [.nodes[] | select(.end) | .ttl] | sort' "$tmp/json") == '[4,5,7]' ]]
}

@test "balancing by flow is told from balancing by packet" {
	found 10.22.1.1
	jq -e --slurp 'any(.[]; .balancing == "flow")' "$tmp/json"
	found 10.22.30.1
	jq -e --slurp 'any(.[]; .balancing == "packet")' "$tmp/json"
	found 10.22.12.1
	jq -e --slurp 'any(.[]; .balancing == "none")' "$tmp/json"
}

@test "the graph as text" {
	run -0 --separate-stderr "$traceroute" -n --graph --rate 0 --sport 40000 10.22.1.1
	[[ ${lines[1]} == ' 1  10.20.0.254' ]]
	[[ ${lines[2]} == ' 2  +-- 10.21.1.'[12]' ('*' flows) <= {10.20.0.254}' ]]
	[[ ${lines[3]} == "    '-- 10.21.1."[12]' ('*' flows) <= {10.20.0.254}' ]]
	[[ ${lines[4]} == ' 3  10.22.1.1 <= {10.21.1.'[12]', 10.21.1.'[12]'}' ]]
	[[ ${lines[5]} == 'width 2, balancing by flow, '*'P(miss) <= 1 %' ]]
	run -0 --separate-stderr "$traceroute" -n --multipath=95 --rate 0 10.22.12.1
	[[ ${lines[2]} == ' 2  10.21.1.1' ]]
	[[ ${lines[-1]} == *'P(miss) <= 5 %' ]]
}

@test "too few flows are said to be too few" {
	run -0 --separate-stderr "$traceroute" -n --multipath --flows 8 --rate 0 10.22.5.1
	[[ ${lines[-1]} == *incomplete* ]]
}

@test "a search that ends early shows what it has" {
	"$traceroute" -n --json --multipath --rate 100 --deadline 0.5 10.22.5.1 >"$tmp/json" || true
	jq -e --slurp 'map(select(.type == "graph"))[0] | (.complete | not) and (.nodes | length) > 2' "$tmp/json"
}

@test "a router that limits its answers is not asked without end" {
	found 10.22.32.1
	jq -e --slurp 'map(select(.type == "graph"))[0] | (.complete | not) and .limited and
		.probes < 1000' "$tmp/json"
}

@test "a silent host: the graph to where it is known, exit 1" {
	run -1 --separate-stderr "$traceroute" -n --multipath --rate 0 --sport 40000 10.22.31.1
	[[ $output == *"'-- 10.21.1."* ]]
	[[ $output == *' 3  10.21.9.1'* ]]
}

@test "what it does not go with is refused" {
	run -2 --separate-stderr "$traceroute" -n --multipath -L 10.22.1.1
	[[ $stderr == *'by UDP, ICMP or TCP'* ]]
	run -2 --separate-stderr "$traceroute" -n --multipath=90 10.22.1.1
	[[ $stderr == *'95 or 99'* ]]
	run -2 --separate-stderr lab_unpriv here "$traceroute" -n --multipath 10.22.1.1
	[[ $stderr == *CAP_NET_RAW* ]]
}
