#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ping gives up what it may do before it reads the first octet from the network, as the system calls
# show and the kernel confirms.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

# shellcheck source=tests/ping/ping.bash
source tests/ping/ping.bash

# What may be called behind the door: nothing that opens, connects, or starts anything.
ALLOWED='brk|close|exit_group|futex|getrandom|getsockopt|ioctl|lseek|madvise|mmap|mprotect|mremap'
ALLOWED+='|munmap|p?poll|read|recvfrom|recvmsg|recvmmsg|rt_sig[a-z]+|sendmmsg|sendto|setsockopt|writev?'

# trace OPTION... - puts the system calls of ping itself, without those of its resolver, into
# $tmp/calls, with a line @locked behind the one that shuts the door.
trace() {
	rm -f "$tmp"/trace.*
	strace -ff -qq -o "$tmp/trace" "$ping" "$@" >"$tmp/out"
	sed '/^prctl(PR_SET_SECCOMP.* = 0$/a @locked' "$(grep -l '^execve(' "$tmp"/trace.*)" >"$tmp/calls"
}

# names_of - the names of the system calls it reads, each once.
names_of() {
	sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' | sort -u
}

# check_order - nothing is read before the door is shut, and only a few calls are made behind it.
check_order() {
	local doors before after

	doors=$(grep -cx @locked "$tmp/calls")
	before=$(sed '/^@locked$/,$d' "$tmp/calls")
	after=$(sed '1,/^@locked$/d' "$tmp/calls" | names_of)
	[[ $doors == 1 ]] || { echo "shut $doors times" >&2 && return 1; }
	# What a netlink socket tells comes from the kernel, not from the network.
	run -1 grep -E '^(recvmmsg|sendmmsg|poll|ppoll)\(' <<<"$before"
	grep -qE '^landlock_restrict_self\(.* = 0' <<<"$before"
	grep -qE '^capset\(.*effective=0, permitted=0, inheritable=0.* = 0' <<<"$before"
	grep -qE '^prctl\(PR_SET_NO_NEW_PRIVS, 1.* = 0' <<<"$before"
	grep -qx recvmmsg <<<"$after"
	run -1 grep -vxE "$ALLOWED" <<<"$after"
	[[ ! $output ]]
}

# start COMMAND... - ping in the background, until its first answer; its pid is in $pid.
start() {
	mkfifo "$tmp/pipe"
	"$@" -i 10 >"$tmp/pipe" 3>&- &
	pid=$!
	exec {answers}<"$tmp/pipe"
	lab_await '^64 bytes' "$answers"
}

# stop - ends it as Ctrl-C does; it must have gone well.
stop() {
	kill -INT "$pid"
	wait "$pid"
}

# status_of PID WORD - a line of its status.
status_of() {
	sed -n "s/^$2:\t//p" "/proc/$1/status"
}

# has_no_capabilities PID
has_no_capabilities() {
	local set

	for set in CapInh CapPrm CapEff CapAmb; do
		[[ $(status_of "$1" $set) == 0000000000000000 ]] || return 1
	done
}

@test "the door is shut before the first octet is read, and nothing is opened behind it" {
	trace -c 2 -i 0.01 127.0.0.1 ::1
	check_order
	trace --socket raw -c 2 -i 0.01 127.0.0.1 ::1
	check_order
}

@test "... also with names, which another process looks up" {
	trace -c 1 localhost
	check_order
	grep -q '^PING localhost (' "$tmp/out"
}

@test "... also with an interface, a list, a capture and an explanation" {
	echo 127.0.0.1 >"$tmp/list"
	trace -I lo --file "$tmp/list" --pcap "$tmp/file.pcapng" --explain -j
	check_order
	[[ -s $tmp/file.pcapng ]]
}

@test "the kernel confirms it" {
	for kind in dgram raw; do
		start "$ping" --socket $kind 127.0.0.1
		has_no_capabilities "$pid"
		[[ $(status_of "$pid" CapBnd) == 0000000000000000 ]]
		[[ $(status_of "$pid" NoNewPrivs) == 1 ]]
		[[ $(status_of "$pid" Seccomp) == 2 ]]
		stop
		rm "$tmp/pipe"
	done
}

@test "the one capability that a raw socket takes goes too" {
	start setpriv --bounding-set=-all,+net_raw --inh-caps=-all "$ping" --socket raw 127.0.0.1
	has_no_capabilities "$pid"
	[[ $(status_of "$pid" Seccomp) == 2 ]]
	stop
}

@test "the resolver has no capability, and goes when ping is killed, in a look-up too" {
	# The one name server never hears of it.
	nft 'table inet t { chain in { type filter hook input priority 0; udp dport 53 drop; }; }'
	echo 'nameserver 127.0.0.1' >"$tmp/resolv.conf"
	mount --bind "$tmp/resolv.conf" /etc/resolv.conf
	start "$ping" 127.0.0.1 slow.test
	resolver=$(pgrep -P "$pid")
	has_no_capabilities "$resolver"
	[[ $(status_of "$resolver" NoNewPrivs) == 1 ]]
	kill -KILL "$pid"
	# The pipe ends when the last who could write into it has gone.
	timeout 4 cat <&"$answers"
	umount /etc/resolv.conf
}

@test "--no-sandbox locks nothing" {
	start "$ping" --no-sandbox 127.0.0.1
	[[ $(status_of "$pid" NoNewPrivs) == 0 ]]
	[[ $(status_of "$pid" Seccomp) == 0 ]]
	stop
}

# refuse INJECTION - ping where the kernel refuses a system call.
refuse() {
	run "${@:2}" strace -qq -o /dev/null -e inject="$1" "$ping" -c 1 "${options[@]}" 127.0.0.1
}

@test "-v says what the lock-down holds" {
	run -0 "$ping" -v -c 1 127.0.0.1
	[[ $output == *"ping: locked down: no capabilities, no new privileges, no files, few "* ]]
}

@test "where the kernel has no landlock -v says so, and the run goes on" {
	options=(-v)
	refuse landlock_create_ruleset:error=ENOSYS -0
	[[ $output == *"ping: the lock-down is partial: files (landlock): ENOSYS"$'\n'* ]]
	options=()
	refuse landlock_create_ruleset:error=ENOSYS -0 --separate-stderr
	[[ ! $stderr ]]
}

@test "where the kernel refuses the filter of system calls -v says so, and the run goes on" {
	strace -qq -e trace=prctl -o "$tmp/trace" "$ping" -c 1 127.0.0.1
	[[ $(tail -n 1 "$tmp/trace") == *PR_SET_SECCOMP* ]]
	when=$(wc -l <"$tmp/trace")
	options=(-v)
	refuse "prctl:error=EINVAL:when=$when" -0
	[[ $output == *"ping: the lock-down is partial: system calls (seccomp): EINVAL"$'\n'* ]]
	options=()
	refuse "prctl:error=EINVAL:when=$when" -0 --separate-stderr
	[[ ! $stderr ]]
}

@test "with capabilities that do not go away nothing is asked" {
	options=()
	refuse capset:error=EPERM -2
	[[ $output == "ping: cannot give up privileges: capabilities: EPERM" ]]
	options=(--json)
	refuse capset:error=EPERM -2 --separate-stderr
	jq -e --slurp 'map(.type) == ["error", "end"] and .[1].exit == 2' <<<"$output"
}
