#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Each option of each tool is used by a test; those that no other test needs are here.
# (tests/setup/options.sh has it in --help and manual page, completions.bats in each shell.)

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/tcphs/tcphs.bash
	source tests/tcphs/tcphs.bash
	B=$PWD/build/bin
}

teardown() {
	lab_cleanup
}

# options TOOL - a line each: letter, long name; - where there is none.
options() {
	"$B/$1" --help | sed -nE -e 's/^ +-([A-Za-z0-9])(, --([a-z0-9-]+))?.*/\1 \3/p' \
		-e 's/^ +--([a-z0-9-]+).*/- \1/p' | sed 's/ $/ -/'
}

# is_used LETTER NAME - in the tests of the tool, or of all tools, whose text is in $text.
is_used() {
	[[ $2 == - ]] || ! grep -qxF -e "--$2" "$text.long" || return 0
	[[ $1 != - ]] && grep -qE -e "(^|[^-A-Za-z0-9])-[A-Za-z0-9]*$1([^a-zA-Z-]|$)" "$text"
}

@test "each option of each tool is used by a test" {
	text=$BATS_TEST_TMPDIR/text
	for tool in "$B"/*; do
		cat "tests/${tool##*/}"/*.ba* tests/family/*.bats tests/{lab,setup}/*.bats tests/unit/*.c >"$text"
		grep -oE -e '--[a-z0-9][a-z0-9-]*' "$text" | sort -u >"$text.long"
		(($(options "${tool##*/}" | wc -l) > 8))
		while read -r letter name; do
			is_used "$letter" "$name" || echo "${tool##*/}: -$letter --$name"
		done < <(options "${tool##*/}")
	done >"$BATS_TEST_TMPDIR/unused"
	cat "$BATS_TEST_TMPDIR/unused"
	[ ! -s "$BATS_TEST_TMPDIR/unused" ]
	# One that there is not is found out.
	run -1 is_used - by-'nobody'
}

@test "traceroute --paris, --fwmark, --back, --dns-grace" {
	tcphs_lab
	nft 'table inet m { chain o { type filter hook output priority 0; meta mark 7 counter accept; }; }'
	run -0 "$B/traceroute" -n --fwmark 7 10.0.0.2
	[[ $(nft list table inet m) != *"counter packets 0 "* ]]
	nft delete table inet m
	run -0 "$B/traceroute" -n --paris --pcap "$BATS_TEST_TMPDIR/p.pcap" -q 3 10.0.0.2
	lab_tcpdump -nr "$BATS_TEST_TMPDIR/p.pcap" udp 2>/dev/null >"$BATS_TEST_TMPDIR/p"
	[ "$(awk '{ print $3, $5 }' "$BATS_TEST_TMPDIR/p" | sort -u | wc -l)" -eq 1 ]
	lab_in srv sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=10000
	# Answers seem to come from afar where their TTL is small.
	lab_in srv sysctl -qw net.ipv4.ip_default_ttl=50
	run -0 "$B/traceroute" -n --back 10.0.0.2
	[[ $output == *"10.0.0.2 '-15' "* ]]
	run -0 "$B/traceroute" -n 10.0.0.2
	[[ $output != *"'"* ]]
	# Without patience nobody is asked for long.
	run -0 "$B/traceroute" --dns-grace 0 10.0.0.2
	[[ $output == *" 1  10.0.0.2"* ]]
	run -2 "$B/traceroute" --dns-grace 61s 10.0.0.2
	[[ $output == *"--dns-grace"* ]]
}

# data_segments OPTION... - how many segments 20 octets take, written one by one.
data_segments() {
	lab_start srv 'listens on' "$T" listen 9 -s 10.0.0.2 --delack 400ms
	for _ in {1..20}; do
		printf x
		sleep 0.005
	done | "$T" 10.0.0.2 9 --send - --json "$@" |
		jq -s 'map(select(.type == "segment" and .dir == "out" and .len > 0)) | length'
	wait "$LAB_PID"
}

@test "tcphs --nagle holds back while --delack of the other side makes it wait" {
	tcphs_lab
	plain=$(data_segments)
	nagle=$(data_segments --nagle)
	((nagle >= 2 && plain >= 2 * nagle))
}

@test "phantom --states" {
	run -0 "$B/phantom" --states
	[[ $output =~ "IDLE "+"start "+"-> WAITING" ]]
}
