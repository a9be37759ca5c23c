#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every tool owes its user whatever goes wrong: a true exit status, JSON that is whole to its
# last line, results alone on standard output, and nothing left behind on the host.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	cat >"$BATS_FILE_TMPDIR/topo" <<-END
		client 10.9.0.1/24 via 10.9.0.254
		client fd09::1/64 via fd09::fe
		router 10.9.0.254,fd09::fe
		path 0.0.0.0/0,::/0 10.9.0.254
		host 10.9.1.1,fd09:1::1
		host 10.9.1.2,fd09:1::2 silent
	END
	lab_fakenet "$BATS_FILE_TMPDIR/topo"
	lab_ns server
	lab_veth here eth1 server eth0
	lab_addr here eth1 10.8.0.1/24
	lab_addr server eth0 10.8.0.2/24
	lab_ns nobody
	lab_veth here lone0 nobody eth0
	lab_dhcphost server eth0 discover:offer request:ack
	lab_start here '^ready$' "$LAB_TOP/build/lab/liar" 127.0.0.1 5301
	lab_prefix server
	"${LAB_PREFIX[@]}" busybox httpd -f -p 8080 -h "$BATS_FILE_TMPDIR" >/dev/null 2>&1 3>&- &
	LAB_PIDS+=($!)
	until [[ $(lab_in server ss -Hltn 'sport = :8080') ]]; do
		kill -0 $!
	done
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	PATH=$LAB_TOP/build/bin:$PATH
	tmp=$BATS_TEST_TMPDIR
	tools=(ping arping traceroute dhcpc dnsq tcphs)
}

# A question that is answered, and one that is not and the status of that: both end by themselves.
# One that takes longer than a test. What cannot be asked, by semicolons, and the status of that.
declare -gA answered=(
	[ping]="ping -c 2 -i 0.01 10.9.1.1"
	[arping]="arping -c 2 -i 0.01 10.9.0.254"
	[traceroute]="traceroute -n -q 1 10.9.1.1"
	[dhcpc]="dhcpc eth1"
	[dnsq]="dnsq @127.0.0.1 -p 5301 ok.test"
	[tcphs]="tcphs 10.8.0.2 8080"
)
declare -gA silent=(
	[ping]="ping -c 2 -i 0.01 -W 0.1 10.9.1.2"
	[arping]="arping -c 2 -i 0.01 -W 0.1 10.9.0.77"
	[traceroute]="traceroute -n -q 1 -w 0.1 10.9.1.2"
	[dhcpc]="dhcpc -T 0.3 lone0"
	[dnsq]="dnsq @10.9.1.2 ok.test +time=1 +tries=1"
	[tcphs]="tcphs -r 0 -W 0.2 10.9.1.2 80"
)
declare -gA unanswered=([ping]=1 [arping]=1 [traceroute]=1 [dhcpc]=1 [dnsq]=9 [tcphs]=1)
declare -gA long=(
	[ping]="ping -i 0.01 10.9.1.1"
	[arping]="arping -i 0.01 10.9.0.254"
	[traceroute]="traceroute -n -w 30 10.9.1.2"
	[dhcpc]="dhcpc -T 30 lone0"
	[dnsq]="dnsq @10.9.1.2 ok.test +time=30 +tries=1"
	[tcphs]="tcphs -W 30 10.9.1.2 80"
)
declare -gA wrong=(
	[ping]="203.0.113.77;no-such-name.invalid;--no-such-option 10.9.1.1;-c no 10.9.1.1"
	[arping]="203.0.113.77;no-such-name.invalid;--no-such-option 10.9.1.1;-c no 10.9.1.1"
	[traceroute]="203.0.113.77;no-such-name.invalid;--no-such-option 10.9.1.1;-q no 10.9.1.1"
	[dhcpc]="nowhere0;--no-such-option eth1;-T no eth1"
	[dnsq]="+no-such-option ok.test;--no-such-option ok.test;-p no ok.test"
	[tcphs]="203.0.113.77 80;no-such-name.invalid 80;--no-such-option 10.9.1.1 80;10.9.1.1 no"
)
declare -gA senseless=([ping]=2 [arping]=2 [traceroute]=2 [dhcpc]=2 [dnsq]=1 [tcphs]=2)

# ask COMMAND-LINE [OPTION...] - runs it; standard output, standard error and status in $tmp.
ask() {
	local words status=0

	read -ra words <<<"$1"
	"${words[@]}" "${@:2}" >"$tmp/out" 2>"$tmp/err" || status=$?
	echo "$1 ${*:2}: status $status"
	head -n 5 "$tmp/out" "$tmp/err"
	echo $status >"$tmp/status"
}

status_is() {
	[[ $(<"$tmp/status") == "$1" ]]
}

# Every line of $tmp/out is an object of this tool, the last one says the exit status.
json_is_whole() {
	jq -es --arg tool "$1" --argjson exit "$(<"$tmp/status")" 'length > 0 and all(.[];
		.tool == $tool and (.type | type == "string") and (.ts | type == "string")) and
		.[-1].type == "end" and .[-1].exit == $exit and (map(select(.type == "end")) | length == 1)' \
		"$tmp/out"
	[[ $(tail -c 1 "$tmp/out" | od -An -tx1) == " 0a" ]]
}

# Neither addresses, routes, rules, interfaces, groups nor neighbours that stay.
host_state() {
	ip -d addr
	ip route show table all
	ip -6 route show table all
	ip rule
	nft list ruleset 2>/dev/null
	cat /proc/net/dev_mcast /proc/net/igmp6
	ls /proc/sys/net/ipv4/conf
}

@test "answered: 0 in every mode, and standard error is empty" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain --hex "--explain --json" "--pcap=$tmp/x.pcapng"; do
			# shellcheck disable=SC2086
			ask "${answered[$tool]}" $mode
			status_is 0
			[[ ! -s $tmp/err ]]
			[[ $mode != *json* ]] || json_is_whole "$tool"
		done
		tshark -r "$tmp/x.pcapng" 2>/dev/null | grep -q .
	done
}

@test "silence: the status that says so in every mode, and JSON is whole" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain "--explain --json" "--pcap=$tmp/x.pcapng"; do
			# shellcheck disable=SC2086
			ask "${silent[$tool]}" $mode
			status_is "${unanswered[$tool]}"
			[[ $mode != *json* ]] || json_is_whole "$tool"
		done
	done
}

@test "no interface, no route, no name, no sense: the status that says so, and a sentence" {
	ip route del default
	for tool in "${tools[@]}"; do
		IFS=';' read -ra cases <<<"${wrong[$tool]}"
		for case in "${cases[@]}"; do
			for mode in "" --json; do
				# shellcheck disable=SC2086
				ask "$tool $case" $mode
				status_is "${senseless[$tool]}"
				grep -q "^$tool: .\{15,\}" "$tmp/err"
				[[ ! $mode ]] || json_is_whole "$tool"
				! grep -q "^$tool: " "$tmp/out"
			done
		done
	done
	ip route add default via 10.9.0.254
}

@test "output that cannot be written is never a success" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain; do
			read -ra words <<<"${answered[$tool]} $mode"
			run "${words[@]}" >/dev/full
			run bash -c '"$@" >/dev/full' - "${words[@]}"
			[[ $status != 0 && $output == *"$tool: the output could not be written in full"* ]]
		done
		ask "${answered[$tool]}" --pcap=/dev/full
		! status_is 0
		grep -q "^$tool: .*/dev/full" "$tmp/err"
		ask "${answered[$tool]}" --pcap=/nonexistent/file
		! status_is 0
		grep -q "^$tool: .*/nonexistent/file" "$tmp/err"
	done
}

@test "a reader that leaves ends a run that has no end" {
	for tool in ping arping; do
		for mode in "" --json --explain; do
			# shellcheck disable=SC2086
			timeout 20 ${long[$tool]} $mode 2>"$tmp/err" | head -n 1 >"$tmp/out"
			[[ ${PIPESTATUS[0]} != 124 && -s $tmp/out ]]
		done
	done
}

# Until the process is locked down, so no shell any more, and catches SIGTERM (15) and SIGINT (2).
await_handlers() { # PID
	for ((i = 0; i < 2000; i++)); do
		[[ $(</proc/"$1"/status) =~ SigCgt:[^$'\n']*[4-7c-f]..[2367abef]$'\n'.*Seccomp:.2 ]] && return 0
		read -rt 0.01 <> <(:) || true
	done
	return 1
}

@test "SIGINT and SIGTERM end a run with its summary, SIGKILL leaves nothing" {
	host_state >"$tmp/before"
	for tool in "${tools[@]}"; do
		for signal in INT TERM KILL; do
			for mode in "" --json --explain; do
				# shellcheck disable=SC2086
				env --default-signal=INT ${long[$tool]} $mode >"$tmp/out" 2>"$tmp/err" 3>&- &
				pid=$!
				await_handlers $pid
				kill -s $signal $pid
				status=0
				wait $pid || status=$?
				echo "$tool $mode: SIG$signal gives $status"
				echo $status >"$tmp/status"
				[[ $signal != KILL ]] || continue
				[[ $status == [0129] || $status == 130 ]]
				[[ $mode != --json ]] || json_is_whole "$tool"
			done
		done
	done
	host_state >"$tmp/after"
	diff "$tmp/before" "$tmp/after"
}

@test "without privilege: 2 and the cure, or the same answer" {
	for tool in "${tools[@]}"; do
		read -ra words <<<"${answered[$tool]}"
		run --separate-stderr lab_unpriv here "$LAB_TOP/build/bin/${words[0]}" "${words[@]:1}"
		[[ $status == 0 || ($status == 2 && $stderr == *"setcap cap_net_raw"*) ]]
	done
}

@test "standard descriptors that are closed, few descriptors, a narrow terminal" {
	for tool in "${tools[@]}"; do
		read -ra words <<<"${answered[$tool]}"
		run bash -c '"$@" <&- 2>&-' - "${words[@]}"
		[[ $status == 0 ]]
		run bash -c '"$@" >&-' - "${words[@]}"
		[[ $status != 0 ]]
		run bash -c 'ulimit -n 8; "$@"' - "${words[@]}"
		[[ $status == 0 || $output == *"$tool: "* ]]
		COLUMNS=60 run bash -c '"$1" --help' - "$tool"
		[[ $status == 0 ]]
		((${#lines[@]} > 20))
	done
}
