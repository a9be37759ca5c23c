#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The part of dhcpc that reads the network is locked down before it reads the first octet, with
# --apply too; what changes the host is another process.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

# What may be called behind the door: nothing that opens, connects, or starts anything.
ALLOWED='brk|close|exit_group|getpid|getrandom|getsockopt|ioctl|mmap|munmap|ppoll|prctl|recvfrom|recvmmsg'
ALLOWED+='|rt_sig[a-z]+|sendmmsg|sendto|setsockopt|shutdown|writev?|newfstatat|fstat'

setup() {
	# shellcheck disable=SC2119 # without an address
	wire
	lab_dhcphost srv e0 discover:offer request:ack
	tmp=$BATS_TEST_TMPDIR
}

# check OPTION... - runs dhcpc, and looks at the calls of the process that reads the network.
check() {
	local reader before after

	strace -ff -qq -o "$tmp/trace" build/bin/dhcpc "$@" >"$tmp/out"
	reader=$(grep -l '^recvmmsg(' "$tmp"/trace.*)
	[ "$(wc -w <<<"$reader")" -eq 1 ]
	[ "$(grep -c '^prctl(PR_SET_SECCOMP.* = 0$' "$reader")" -eq 1 ]
	before=$(sed '/^prctl(PR_SET_SECCOMP/,$d' "$reader")
	after=$(sed '1,/^prctl(PR_SET_SECCOMP/d' "$reader" | sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' | sort -u)
	run -1 grep -E '^(recvmmsg|sendmmsg|ppoll)\(' <<<"$before"
	grep -qE '^landlock_restrict_self\(.* = 0' <<<"$before"
	grep -qE '^capset\(.*effective=0, permitted=0, inheritable=0.* = 0' <<<"$before"
	run -1 grep -vxE "$ALLOWED" <<<"$after"
	[ -z "$output" ]
}

@test "a lease that is shown" {
	check e0
	grep -q '^Lease of ' "$tmp/out"
}

@test "a lease that is put on the host: by a process that reads no network" {
	check --apply --arp=none --resolv=none --script=/bin/true e0
	ip -4 addr show e0 | grep -q 'inet 10.77.0.100/24'
	grep -l '^execve("/bin/true", \["/bin/true", "bound"\]' "$tmp"/trace.*
}

@test "a capture of a stranger" {
	build/bin/dhcpc --pcap "$tmp/x.pcap" e0
	strace -qq -o "$tmp/trace" build/bin/dhcpc decode "$tmp/x.pcap" >"$tmp/out"
	grep -q ' ACK ' "$tmp/out"
	sed '1,/^prctl(PR_SET_SECCOMP/d' "$tmp/trace" | grep -q '^read('
	run -1 grep -E '^(open|openat|socket|execve)\(' <(sed '1,/^prctl(PR_SET_SECCOMP/d' "$tmp/trace")
}
