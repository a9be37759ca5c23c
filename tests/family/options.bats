#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Options that are the same in every tool, and those that no other test speaks of: each does what
# --help says. tests/setup/options.sh sees to it that none is left out.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/lab/world.bash
	source tests/lab/world.bash
	export PATH=$PWD/build/bin:$PATH
	world_up
}

teardown_file() {
	lab_cleanup
}

setup() {
	source tests/lab/lab.bash
	tmp=$BATS_TEST_TMPDIR
	tools=(build/bin/*)
	tools=("${tools[@]##*/}")
}

@test "--help, --usage, --schema, --version and -V of every tool" {
	version=$(sed -n 's/^VERSION := //p' Makefile)
	((${#tools[@]} == 8))
	for tool in "${tools[@]}"; do
		[[ $("$tool" --help) == "Usage: $tool "* ]]
		[[ $("$tool" --usage) == "Usage: $tool "*"--schema"* ]]
		[[ $("$tool" --schema) == "## $tool"*"| field | type | unit | meaning |"* ]]
		run -0 "$tool" --version
		[[ $output == *"$version"* ]]
		[[ $tool == dhcpc ]] || [ "$("$tool" -V)" = "$output" ]
	done
}

# filters COMMAND... - how often it asks the kernel to filter its system calls
filters() {
	strace -f -qq -o "$tmp/calls" -e trace=prctl,seccomp "$@" >/dev/null 2>&1 || true
	grep -cE 'PR_SET_SECCOMP|seccomp\(' "$tmp/calls" || true
}

@test "--no-sandbox leaves the process as it is" {
	for ask in "ping -c 1 10.9.1.18" "arping -c 1 10.9.0.254" "traceroute -n 10.9.0.254" \
		"dhcpc -T 0.1 chain0" "dnsq @10.8.3.2 www.lesson.test" "tcphs 192.0.2.2 80" \
		"phantom --dad=fast --for 0.1 192.0.2.77"; do
		read -ra words <<<"$ask"
		(($(filters "${words[@]}") > 0))
		[ "$(filters "${words[@]}" --no-sandbox)" -eq 0 ]
	done
}

@test "--verbose of traceroute, dnsq and phantom tells of the lock-down" {
	for ask in "traceroute -n 10.9.0.254" "dnsq @10.8.3.2 www.lesson.test" \
		"phantom --dad=fast --for 0.1 192.0.2.78"; do
		read -ra words <<<"$ask"
		run -0 --separate-stderr "${words[@]}" --verbose
		[[ $stderr == *"${words[0]}: locked down: "* ]]
		run -0 --separate-stderr "${words[@]}"
		[[ $stderr != *"locked down"* ]]
	done
	[[ $(traceroute -v -n 10.9.0.254 2>&1) == *"locked down"* ]]
	[[ $(phantom -v --dad=fast --for 0.1 192.0.2.78 2>&1) == *"locked down"* ]]
}

@test "--states of phantom and arping: the same machine finds out whether an address is free" {
	run -0 phantom --states
	[[ $output == IDLE$'\n'"  |-- start "* ]]
	[ "$(arping --states)" = "$output" ]
}

@test "ping --exact: microseconds in every time" {
	run -0 ping --exact -c 1 10.9.1.1
	[[ $output =~ time=[0-9]{2}\.[0-9]{3}\ ms ]]
	run -0 ping -c 1 10.9.1.1
	[[ $output =~ time=[0-9]{2}\.[0-9]\ ms ]]
}

@test "arping --exclude leaves addresses out" {
	[ "$(arping --json --rate 0 --exclude 192.0.2.33 --exclude 192.0.2.34/31 192.0.2.32-192.0.2.35 |
		jq -r 'select(.type == "reply").addr' | paste -sd' ')" = 192.0.2.32 ]
}

@test "traceroute --generate and --exclude: which hosts; -4: which family" {
	[ "$(traceroute --json -n --generate 10.9.5.1-10.9.5.4 --exclude 10.9.5.2 --exclude 10.9.5.3 |
		jq -r 'select(.type == "summary").addr' | sort | paste -sd' ')" = "10.9.5.1 10.9.5.4" ]
	[ "$(traceroute --json -n --generate 10.9.5.1-10.9.5.2 |
		jq -r 'select(.type == "summary").addr' | sort | paste -sd' ')" = "10.9.5.1 10.9.5.2" ]
	run -2 traceroute --ipv4 -n fd09:3::1
	[[ $output == *"an IPv6 address, and this run asks IPv4 only"* ]]
	run -2 tcphs --ipv4 ::1 80
	[[ $output == *"::1 is no IPv4 address"* ]]
	run -2 tcphs --ipv6 127.0.0.1 80
	[[ $output == *"127.0.0.1 is no IPv6 address"* ]]
}

# ports OPTION... - how many pairs of ports the probes of a traceroute had.
ports() {
	traceroute -n -m 3 "$@" --pcap "$tmp/x.pcap" 10.9.3.1 >/dev/null || true
	tshark -r "$tmp/x.pcap" -Y 'udp && !icmp' -T fields -e udp.srcport -e udp.dstport 2>/dev/null |
		sort -u | wc -l
}

@test "traceroute --paris: one flow; --classic: many" {
	[ "$(ports --paris)" -eq 1 ]
	[ "$(ports --classic)" -gt 3 ]
	[ "$(ports --classic --paris)" -eq 1 ]
}

@test "traceroute --sendwait: a pause between two probes" {
	traceroute -n -q 2 --sendwait 30ms --json --pcap "$tmp/x.pcap" 10.9.1.18 >/dev/null
	tshark -r "$tmp/x.pcap" -Y 'udp && !icmp && ip.src == 10.9.0.1' -T fields \
		-e frame.time_epoch 2>/dev/null |
		awk 'NR > 1 && $1 - last < 0.029 { bad++ } { last = $1 } END { exit NR < 3 || bad }'
}

@test "traceroute --fwmark: another rule, another way" {
	ip rule add fwmark 7 lookup 77
	ip route add unreachable default table 77
	run -0 traceroute -n --fwmark 8 10.9.0.254
	run -2 traceroute -n --fwmark 7 10.9.0.254
	ip route del unreachable default table 77
	ip rule del fwmark 7
}

@test "traceroute --back: the hops back where they differ" {
	run -0 traceroute -n --back 10.8.3.2
	[[ $output != *" '-"* ]]
	lab_in r2 sysctl -qw net.ipv4.ip_default_ttl=60 # as if its answers took four hops more
	run -0 traceroute -n --back 10.8.3.2
	[[ ${lines[2]} == " 2  10.8.1.2 '-"* && ${lines[3]} != *" '-"* ]]
	lab_in r2 sysctl -qw net.ipv4.ip_default_ttl=64
}

@test "traceroute --quiet: only what came of it" {
	run -0 traceroute -n --quiet 10.8.3.2
	[[ ${#lines[@]} -eq 1 && $output == "reached 10.8.3.2 in 4 hops, "* ]]
}

# took COMMAND... - milliseconds
took() {
	local start=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1 || true
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

@test "--timeout of traceroute and dnsq is waited for, and no longer" {
	(($(took traceroute -n --timeout 0.3 -m 2 10.9.1.17) >= 300))
	(($(took traceroute -n --timeout 0.3 -m 2 10.9.1.17) < 3000)) # 5 s without it
	(($(took dnsq @10.9.1.17 x.test +tries=1 --timeout 0.3) >= 300))
	(($(took dnsq @10.9.1.17 x.test +tries=1 --timeout 0.3) < 3000)) # 5 s too
}

@test "traceroute --dns-grace: how long lines wait for names" {
	echo 'nameserver 10.9.1.17' >"$tmp/resolv.conf"
	mount --bind "$tmp/resolv.conf" /etc/resolv.conf
	short=$(took traceroute --dns-grace 0.01 10.9.0.254)
	long=$(took traceroute --dns-grace 0.8 10.9.0.254)
	umount /etc/resolv.conf
	((long >= 800 && short < long))
}

# shown OPTION... - what of a connection is shown
shown() {
	tcphs "$@" 10.8.3.2 80
}

@test "tcphs --delack: when data is acknowledged; --nagle: small segments wait" {
	[[ $(shown --http / --delack 20ms) == *"delayed ACK"* ]]
	[[ $(shown --http / --delack 0) != *"delayed ACK"* ]]
	head -c 250 /dev/zero | tr '\0' x >"$tmp/data"
	# The last segment is a small one. It waits until all that is under way is acknowledged.
	shown --mss 100 --send "$tmp/data" --nagle | grep -E 'ack=177$|177:251' >"$tmp/nagle"
	[[ $(head -n 1 "$tmp/nagle") == *ack=177 ]]
	shown --mss 100 --send "$tmp/data" | grep -E 'ack=177$|177:251' >"$tmp/plain"
	[[ $(head -n 1 "$tmp/plain") == *177:251* ]]
}
