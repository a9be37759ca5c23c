#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The static program of all tools, in a root where nothing else is: no library, no /proc, no /etc.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it; words in single quotes are for another shell.
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	mkdir "$BATS_TEST_TMPDIR/root"
	cp build/static/pktutils "$BATS_TEST_TMPDIR/root"
	PATH=$PATH:/usr/sbin
}

teardown() {
	lab_cleanup
}

# alone WORD... - the program in its empty root.
alone() {
	chroot "$BATS_TEST_TMPDIR/root" /pktutils "$@"
}

@test "it needs no loader, lists its tools, and knows no other" {
	run readelf -ld build/static/pktutils
	[[ $output != *INTERP* && $output != *NEEDED* ]]
	run -0 alone
	for tool in build/bin/*; do
		[[ $output == *$'\n'"  ${tool##*/} "* ]]
	done
	[ "$(alone --help)" = "$output" ]
	run -2 alone nosuchtool
	[[ $output == "pktutils: there is no tool of that name"* ]]
	run -2 bash -c 'chroot "$0" /pktutils >/dev/full' "$BATS_TEST_TMPDIR/root"
}

@test "its tools are those of build/bin, by first argument and by name" {
	for tool in build/bin/*; do
		name=${tool##*/}
		cmp <("$tool" --help) <(alone "$name" --help)
		ln "$BATS_TEST_TMPDIR/root/pktutils" "$BATS_TEST_TMPDIR/root/$name"
		[ "$(chroot "$BATS_TEST_TMPDIR/root" "/$name" --version)" = "$("$tool" --version)" ]
		ln "$BATS_TEST_TMPDIR/root/pktutils" "$BATS_TEST_TMPDIR/root/pkt-$name"
		cmp <("$tool" --schema) <(chroot "$BATS_TEST_TMPDIR/root" "/pkt-$name" --schema)
	done
}

@test "in an empty root it asks, and is as locked down as the kernel lets it be" {
	run -0 --separate-stderr alone ping -v -c1 127.0.0.1
	[[ $output == *"1 packets transmitted, 1 received"* ]]
	[[ $stderr == *"locked down: no capabilities, no new privileges, no files, few system calls"* ]]
	run -0 --separate-stderr alone traceroute -n 127.0.0.1
	[[ ! $stderr ]]
	run -0 --separate-stderr alone ping -c1 --json --explain ::1
	jq -es 'any(.type == "packet") and .[-1].exit == 0' <<<"$output"
	chroot "$BATS_TEST_TMPDIR/root" /pktutils ping -i 0.05 -q 127.0.0.1 >"$BATS_TEST_TMPDIR/out" 3>&- &
	pid=$!
	for ((i = 0; i < 1000; i++)); do
		! grep -q '^Seccomp:.*2' /proc/$pid/status || break
	done
	found=$(</proc/$pid/status)
	kill -TERM $pid
	wait $pid
	for line in $'Seccomp:\t2' $'NoNewPrivs:\t1' $'Cap'{Prm,Eff,Bnd}$':\t0000000000000000'; do
		[[ $found == *"$line"* ]]
	done
}

@test "... of neighbours, of servers, by TCP" {
	# shellcheck source=tests/dnsq/internet.bash
	source tests/dnsq/internet.bash
	internet_up
	[ "$(alone dnsq @127.1.0.3 www.good.test +short)" = 192.0.2.80 ]
	run -0 alone tcphs 127.1.0.3 53
	[[ $output == *"RESULT 127.1.0.3:53 syn-ack"*"close=graceful" ]]
	lab_ns far
	lab_veth here eth0 far eth0
	lab_addr here eth0 10.0.0.1/24
	lab_addr far eth0 10.0.0.2/24
	run -0 alone arping -I eth0 -c1 10.0.0.2
	run -0 --separate-stderr alone ping -c1 --explain -n 10.0.0.2
	[[ $output == *"route to 10.0.0.2"*"10.0.0.0/24"*"interface        eth0"* ]]
	printf '10.0.0.2 far.test\n' >"$BATS_TEST_TMPDIR/hosts"
	mkdir "$BATS_TEST_TMPDIR/root/etc"
	cp "$BATS_TEST_TMPDIR/hosts" "$BATS_TEST_TMPDIR/root/etc/"
	printf 'hosts: mymachines files myhostname\n' >"$BATS_TEST_TMPDIR/root/etc/nsswitch.conf"
	run -0 alone ping -c1 far.test
	[[ $output == "PING far.test (10.0.0.2)"* ]]
}

@test "what it cannot load it names" {
	run -10 --separate-stderr alone dnsq @127.0.0.1 a.test +tls
	[[ $stderr == *"TLS needs libgnutls.so.30, which a static program cannot load: use the"* ]]
	lab_ns far
	lab_veth here eth0 far eth0
	lab_addr here eth0 10.0.0.1/24
	lab_addr far eth0 10.0.0.2/24
	run -2 --separate-stderr alone tcphs --guard=nft 10.0.0.2 9
	[[ $stderr == *"--guard=nft needs libnftables.so.1, which a static program cannot load"* ]]
	[[ $stderr == *"or use --guard=sock"* ]]
}
