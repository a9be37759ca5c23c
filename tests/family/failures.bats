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
	cd "$LAB_TOP/build/bin" || return
	ls >"$BATS_FILE_TMPDIR/tools"
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	PATH=$LAB_TOP/build/bin:$PATH
	tmp=$BATS_TEST_TMPDIR
	mapfile -t tools <"$BATS_FILE_TMPDIR/tools"
}

# A question that is answered, one that is not (both end by themselves), and one without an end.
# Whoever adds a tool adds its lines; a tool without them fails.
declare -gA answered=(
	[ping]="ping -c 2 -i 0.01 10.9.1.1"
	[arping]="arping -c 2 -i 0.01 10.9.0.254"
)
declare -gA silent=(
	[ping]="ping -c 2 -i 0.01 -W 0.1 10.9.1.2"
	[arping]="arping -c 2 -i 0.01 -W 0.1 10.9.0.77"
)
declare -gA endless=(
	[ping]="ping -i 0.01 10.9.1.1"
	[arping]="arping -i 0.01 10.9.0.254"
)

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
		for mode in "" --json --explain --hex "--explain --json" "--pcap=$tmp/x.pcapng" -q; do
			# shellcheck disable=SC2086
			ask "${answered[$tool]}" $mode
			status_is 0
			[[ ! -s $tmp/err ]]
			[[ $mode != *json* ]] || json_is_whole "$tool"
		done
		tshark -r "$tmp/x.pcapng" 2>/dev/null | grep -q .
	done
}

@test "silence: 1 in every mode, and JSON is whole" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain "--explain --json" "--pcap=$tmp/x.pcapng" -q; do
			# shellcheck disable=SC2086
			ask "${silent[$tool]}" $mode
			status_is 1
			[[ $mode != *json* ]] || json_is_whole "$tool"
		done
	done
}

@test "no interface, no route, no name, no sense: 2, and a sentence on standard error" {
	for tool in "${tools[@]}"; do
		for wrong in 203.0.113.77 no-such-name.invalid "--no-such-option 10.9.1.1" "-c no 10.9.1.1"; do
			for mode in "" --json; do
				ip route del default
				ask "$tool $wrong" $mode
				ip route add default via 10.9.0.254
				status_is 2
				grep -q "^$tool: .\{15,\}" "$tmp/err"
				if [[ $mode ]]; then json_is_whole "$tool"; fi
				! grep -q "^$tool: " "$tmp/out"
			done
		done
	done
}

@test "output that cannot be written: 2" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain; do
			read -ra words <<<"${answered[$tool]} $mode"
			run "${words[@]}" >/dev/full
			run bash -c '"$@" >/dev/full' - "${words[@]}"
			[[ $status == 2 && $output == *"$tool: the output could not be written in full"* ]]
		done
		ask "${answered[$tool]}" --pcap=/dev/full
		status_is 2
		grep -q "^$tool: .*/dev/full" "$tmp/err"
		ask "${answered[$tool]}" --pcap=/nonexistent/file
		status_is 2
		grep -q "^$tool: .*/nonexistent/file" "$tmp/err"
	done
}

@test "a reader that leaves ends a run that has no end" {
	for tool in "${tools[@]}"; do
		for mode in "" --json --explain; do
			# shellcheck disable=SC2086
			timeout 20 ${endless[$tool]} $mode 2>"$tmp/err" | head -n 1 >"$tmp/out"
			[[ ${PIPESTATUS[0]} != 124 && -s $tmp/out ]]
		done
	done
}

@test "SIGINT and SIGTERM end a run with its summary, SIGKILL leaves nothing" {
	host_state >"$tmp/before"
	for tool in "${tools[@]}"; do
		for signal in INT TERM KILL; do
			for mode in "" --json --explain; do
				# shellcheck disable=SC2086
				lab_launch here . ${endless[$tool]} $mode
				kill -s $signal "$LAB_PID"
				{ printf '%s' "$LAB_OUTPUT"; cat <&"$LAB_FD"; } >"$tmp/out"
				status=0
				wait "$LAB_PID" || status=$?
				echo "$tool $mode: SIG$signal gives $status"
				echo $status >"$tmp/status"
				[[ $signal != KILL ]] || continue
				[[ $status == 0 || $status == 1 ]]
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
		echo 1 0 >/proc/sys/net/ipv4/ping_group_range
		run --separate-stderr lab_unpriv here "$LAB_TOP/build/bin/${words[0]}" "${words[@]:1}"
		echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range || echo 0 0 >/proc/sys/net/ipv4/ping_group_range
		[[ $status == 0 || ($status == 2 && $stderr == *"setcap cap_net_raw"*) ]]
	done
}

@test "standard descriptors that are closed, few descriptors, a narrow terminal" {
	for tool in "${tools[@]}"; do
		read -ra words <<<"${answered[$tool]}"
		run bash -c '"$@" <&- 2>&-' - "${words[@]}"
		[[ $status == 0 ]]
		run bash -c '"$@" >&-' - "${words[@]}"
		[[ $status == 2 ]]
		run bash -c 'ulimit -n 8; "$@"' - "${words[@]}"
		[[ $status == 0 || ($status == 2 && $output == *"$tool: "*) ]]
		COLUMNS=60 run bash -c '"$1" --help' - "$tool"
		[[ $status == 0 ]]
		((${#lines[@]} > 20))
	done
}
