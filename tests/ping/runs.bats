#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How a run of ping ends: by signals, by a reader that leaves, by output that is lost, and by what
# this host itself refuses to send.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# The stderr of run --separate-stderr.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

# shellcheck source=tests/ping/ping.bash
source tests/ping/ping.bash

# valid FILE - records as every run has them, the last one telling the exit $status.
valid() {
	jq -e --slurp --argjson code "$status" 'length > 0 and all(.[]; .v == 1 and .tool == "ping")
		and map(.type == "end") == [range(length - 1) | false] + [true] and
		.[-1].exit == $code' "$1" >/dev/null || { cat "$1" >&2 && return 1; }
}

# start OPTION... - ping in the background until its first answer: $pid, $out and $err to read from.
start() {
	mkfifo "$tmp/out" "$tmp/err"
	"$ping" "$@" >"$tmp/out" 2>"$tmp/err" 3>&- &
	pid=$!
	exec {out}<"$tmp/out" {err}<"$tmp/err"
	lab_await 'bytes from|"reply"' "$out"
}

# ended - waits for its end: $status, and what it had left to say in $output.
ended() {
	output=$(cat <&"$out")
	wait "$pid" && status=0 || status=$?
	unset pid
}

@test "Ctrl-C and SIGTERM end the run with its summary" {
	for signal in INT TERM; do
		start -i 10 127.0.0.1
		kill -$signal "$pid"
		ended
		((status == 0))
		[[ $output == *"1 packets transmitted, 1 received, 0% packet loss"* ]]
		rm "$tmp/out" "$tmp/err"
	done
}

@test "... and with its last record" {
	start --json -i 10 127.0.0.1 ::1
	kill -INT "$pid"
	ended
	((status == 0))
	valid /dev/stdin <<<"$output"
	jq -e --slurp '.[-1].reason == "interrupted" and
		(map(select(.type == "summary")) | length) == 2' <<<"$output"
}

@test "names that are still being looked up at the end are told" {
	# The one name server never hears of it.
	nft 'table inet t { chain in { type filter hook input priority 0; udp dport 53 drop; }; }'
	echo 'nameserver 127.0.0.1' >"$tmp/resolv.conf"
	mount --bind "$tmp/resolv.conf" /etc/resolv.conf
	start --json -c 1 127.0.0.1 slow.test
	kill -INT "$pid"
	ended
	((status == 2))
	valid /dev/stdin <<<"$output"
	[[ $output == *'"reason":"interrupted"}' ]]
	run -2 --separate-stderr "$ping" -w 0.1 slow.test
	umount /etc/resolv.conf
	[[ $stderr == "ping: names still being looked up, and so not asked: 1" ]]
}

@test "SIGQUIT and SIGUSR1 print a line on how it goes, and the run goes on" {
	start -i 10 127.0.0.1
	for signal in QUIT USR1; do
		kill -$signal "$pid"
		lab_await '^.?1/1 packets, 0% loss, min/avg/ewma/max = [0-9.]+(/[0-9.]+){3} ms$' "$err"
	done
	kill -INT "$pid"
	ended
	((status == 0))
}

@test "a reader that leaves ends the run" {
	for format in -n --json; do
		{ timeout 10 "$ping" $format -i 0.01 127.0.0.1 2>"$tmp/err" || echo $? >"$tmp/exit"; } |
			head -n 1 >"$tmp/out"
		[[ $(<"$tmp/exit") == 141 ]] # SIGPIPE, quietly
		[[ ! -s $tmp/err && -s $tmp/out ]]
	done
}

to_full_disk() {
	"$ping" "$@" >/dev/full
}

@test "lost output is exit 2, whatever was answered" {
	for options in "-c 1 127.0.0.1" "--json -c 1 127.0.0.1" "-q -c 1 127.0.0.1" "127.0.1.0/28" \
		--help --version --schema --usage; do
		# shellcheck disable=SC2086 # they are words
		run -2 --separate-stderr to_full_disk $options
		[[ $stderr == "ping: the output could not be written in full" ]]
	done
	run -2 "$ping" --pcap /dev/full -c 1 127.0.0.1
	[[ $output == *"ping: "*"/dev/full"*"No space left on device"* ]]
}

to_small_file() {
	(
		ulimit -f 1 # KiB
		"$ping" "$@" >"$tmp/small"
	)
}

@test "... also where the size of files is limited" {
	run -2 --separate-stderr to_small_file --json -c 20 -i 0 127.0.0.1
	[[ $stderr == "ping: the output could not be written in full" ]]
	run -2 --separate-stderr to_small_file --pcap "$tmp/small.pcap" -q -c 20 -i 0 127.0.0.1
	[[ $stderr == *"small.pcap"*"File too large"* ]]
}

@test "lost output ends a run that has no end" {
	run -2 timeout 10 bash -c "exec '$ping' -i 0.01 127.0.0.1 >/dev/full"
}

without_input() {
	"$ping" "$@" <&-
}

without_output() {
	"$ping" "$@" >&-
}

without_messages() {
	"$ping" "$@" 2>&-
}

@test "standard descriptors that are closed" {
	run -0 without_input -c 1 127.0.0.1
	[[ $output == *"1 packets transmitted, 1 received"* ]]
	run -2 --separate-stderr without_input --file -
	[[ $stderr == "ping: cannot read the targets in '-': Bad file descriptor (EBADF)"* ]]
	run -2 --separate-stderr without_output -c 1 127.0.0.1
	[[ $stderr == "ping: the output could not be written in full" ]]
	run -0 without_messages -v -c 1 127.0.0.1
	[[ $output == *"1 packets transmitted, 1 received"* && $output != *"ping: "* ]]
}

@test "what a firewall here refuses to send is a local error, not loss" {
	nft -f - <<-END
		table inet t {
			chain out {
				type filter hook output priority 0
				meta l4proto { icmp, ipv6-icmp } drop
			}
		}
	END
	for way in "dgram 127.0.0.1" "raw 127.0.0.1" "raw ::1"; do
		read -r socket address <<<"$way"
		words="sendmsg to $address: Operation not permitted (EPERM): a firewall on this host"
		words+=" refuses it"
		run -2 --separate-stderr "$ping" --socket "$socket" -c 2 -i 0.01 "$address"
		[[ $stderr == "ping: $words"$'\n'"ping: $words" ]]
		[[ $output == *$'\n0 packets transmitted, 0 received, +2 local errors'* ]]
		run -2 --separate-stderr "$ping" --json --socket "$socket" -c 1 "$address"
		valid /dev/stdin <<<"$output"
		jq -e --slurp --arg words "$words" 'map(.type) == ["error", "summary", "end"] and
			.[0].errno == "EPERM" and .[0].text == $words and .[1].sent == 0 and
			.[1].local_errors == 1 and .[1].loss_pct == 0' <<<"$output"
	done
}

@test "over IPv6 a ping socket is not told, and the record says that the probe did not leave" {
	nft 'table inet t { chain out { type filter hook output priority 0; icmpv6 type 128 drop; }; }'
	run -1 --separate-stderr "$ping" --json --socket dgram -c 1 -W 0.1 ::1
	valid /dev/stdin <<<"$output"
	jq -e --slurp '.[0].type == "timeout" and (.[0].left | not)' <<<"$output"
}

@test "an interface that is down" {
	lab_ns peer
	lab_veth here ping0 peer peer0
	lab_addr here ping0 10.7.0.1/24
	ip link set ping0 down
	for options in "" "-I ping0" "--socket raw"; do
		# shellcheck disable=SC2086 # they are words
		run -2 --separate-stderr "$ping" $options -c 1 10.7.0.2
		[[ $stderr == "ping: sendmsg to 10.7.0.2: Network is unreachable (ENETUNREACH): there is"* ]]
	done
}

@test "no buffer space is a local error, and the run goes on" {
	run -0 --separate-stderr strace -qq -o /dev/null -e inject=sendmmsg:error=ENOBUFS:when=2 \
		"$ping" -c 3 -i 0.01 127.0.0.1
	[[ $stderr == "ping: sendmsg to 127.0.0.1: No buffer space available (ENOBUFS)" ]]
	[[ $output == *"2 packets transmitted, 2 received, +1 local errors, 0% packet loss"* ]]
	run -0 --separate-stderr strace -qq -o /dev/null -e inject=sendmmsg:error=ENOBUFS:when=2 \
		"$ping" --json -c 3 -i 0.01 127.0.0.1
	valid /dev/stdin <<<"$output"
	jq -e --slurp '.[-2] | .sent == 2 and .lost == 0 and .local_errors == 1' <<<"$output"
}

@test "system calls that are interrupted change nothing" {
	for call in recvmmsg ppoll; do
		run -0 strace -qq -o /dev/null -e inject=$call:error=EINTR:when=1..3 \
			"$ping" -c 3 -i 0.01 -W 0.5 127.0.0.1
		[[ $output == *"3 packets transmitted, 3 received, 0% packet loss"* ]]
	done
}

@test "without privilege the message names both cures" {
	lab_ns closed
	run -2 --separate-stderr lab_unpriv closed "$ping" -c 1 127.0.0.1
	[[ ! $output ]]
	[[ $stderr == "ping: cannot open a raw socket (EPERM): run 'sudo setcap cap_net_raw=p "* ]]
	[[ $stderr == *"/build/bin/ping' or widen net.ipv4.ping_group_range" ]]
	run -2 --separate-stderr lab_unpriv closed "$ping" --json -c 1 ::1
	valid /dev/stdin <<<"$output"
	jq -e --slurp '.[0].errno == "EPERM"' <<<"$output"
	run -2 lab_unpriv closed "$ping" --socket dgram -c 1 127.0.0.1
	[[ $output == "ping: cannot open a ping socket (EACCES): widen net.ipv4.ping_group_range "* ]]
	run -2 lab_unpriv here "$ping" -R -c 1 127.0.0.1
	[[ $output == "ping: cannot open a raw socket (EPERM): run 'sudo setcap cap_net_raw=p "*"'" ]]
}

@test "-v says which socket is used" {
	run -0 lab_unpriv here "$ping" -v -c 1 127.0.0.1
	[[ $output == *"ping: IPv4: ping (SOCK_DGRAM) socket, identifier "* ]]
	lab_ns closed
	run -0 lab_raw closed "$ping" -v -c 1 ::1
	[[ $output == *"ping: IPv6: raw (SOCK_RAW) socket, identifier "* ]]
}
