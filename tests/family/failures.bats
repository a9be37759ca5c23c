#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every tool owes its user whatever goes wrong: a true exit status, JSON that is whole to its
# last line, results alone on standard output, and nothing left behind on the host. Every tool in every
# mode in every situation; matrix.bash has the tables, tests/soak/matrix.sh what takes long.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/family/matrix.bash
	source "$BATS_TEST_DIRNAME/matrix.bash"
	matrix_lab "$BATS_FILE_TMPDIR"
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/family/matrix.bash
	source "$BATS_TEST_DIRNAME/matrix.bash"
	tmp=$BATS_TEST_TMPDIR
	matrix_host >"$tmp/before"
}

teardown() {
	matrix_host | diff "$tmp/before" -
}

@test "answered: 0 in every mode, and standard error is empty" {
	matrix_situation "$tmp" answer
	for saved in "$tmp"/*/saved.pcapng; do
		tshark -r "$saved" 2>/dev/null | grep -q .
	done
}

@test "silence, and an ICMP error: the status that says so" {
	matrix_situation "$tmp" silence
	matrix_situation "$tmp" icmp
}

@test "the host itself refuses: EPERM, ENOBUFS, ENETDOWN" {
	for fault in EPERM=1 ENOBUFS=105 ENETDOWN=100; do
		matrix_fault "${fault#*=}"
		matrix_situation "$tmp" "${fault%=*}"
	done
}

@test "no route, no name, no sense" {
	ip route del default
	matrix_situation "$tmp" noroute
	matrix_situation "$tmp" noname
	matrix_situation "$tmp" usage
	ip route add default via 10.9.0.254
}

@test "without privilege: 2 and the cure, or the same answer" {
	MATRIX_WRAP=(setpriv --bounding-set=-all --inh-caps=-all)
	matrix_situation "$tmp" nopriv
	grep -q "setcap cap_net_raw" "$tmp"/nopriv.arping.text/err "$tmp"/nopriv.dhcpc.text/err \
		"$tmp"/nopriv.phantom.text/err
}

@test "output that cannot be written is never a success" {
	MATRIX_OUT=/dev/full matrix_situation "$tmp" full
	for tool in "${MATRIX_TOOLS[@]}"; do
		grep -q "^$tool: the output could not be written in full" "$tmp/full.$tool.--json/err"
		[[ $tool == rstguard ]] && continue
		for file in /dev/full /nonexistent/file; do
			read -ra words <<<"${MATRIX_WORDS[answer.$tool]}"
			matrix_run "$tmp/pcap.$tool${file//\//.}" "$tool" text 2,10 --pcap=$file "${words[@]}"
			grep -q "^$tool: .*$file" "$tmp/pcap.$tool${file//\//.}/err"
		done
	done
	"$BATS_TEST_DIRNAME/matrix.pl" "$tmp"/pcap.*
}

@test "a reader that leaves ends a run that has no end" {
	for tool in ping arping; do
		for mode in -n --json --explain; do
			# shellcheck disable=SC2086
			timeout 20 $tool $mode ${MATRIX_WORDS[long.$tool]} 2>"$tmp/err" | head -n 1 >"$tmp/out"
			[[ ${PIPESTATUS[0]} == 141 && -s $tmp/out ]]
		done
	done
	for tool in "${MATRIX_TOOLS[@]}"; do
		# shellcheck disable=SC2086
		timeout 20 $tool --json ${MATRIX_WORDS[answer.$tool]} 2>"$tmp/err" | true
		[[ ${PIPESTATUS[0]} == @(0|141) ]]
	done
}

@test "a reader that does not read keeps nobody from ending" {
	mkfifo "$tmp/pipe"
	exec 7<>"$tmp/pipe"
	# The pipe is full already.
	dd if=/dev/zero of="$tmp/pipe" oflag=nonblock bs=4096 count=1000 status=none || true
	for tool in ping arping; do
		# shellcheck disable=SC2086
		$tool --json ${MATRIX_WORDS[long.$tool]} >"$tmp/pipe" 2>"$tmp/err" 3>&- 7>&- &
		pid=$!
		matrix_await $pid $tool
		kill -s TERM $pid
		status=0
		wait $pid || status=$?
		[[ $status == 2 ]]
		grep -q "^$tool: the output could not be written in full" "$tmp/err"
	done
	exec 7>&-
}

@test "SIGINT and SIGTERM end a run with its summary, SIGKILL leaves nothing" {
	matrix_signals "$tmp" INT TERM KILL
}

@test "the interface goes while the run is under way" {
	for mode in text --json --pcap; do
		matrix_gone "$tmp" "$mode"
	done
}

@test "hostile arguments: refused or asked, told in clean text" {
	ip route del default
	matrix_hostile "$tmp"
	ip route add default via 10.9.0.254
}

@test "standard descriptors that are closed, few descriptors, a narrow terminal" {
	for tool in "${MATRIX_TOOLS[@]}"; do
		read -ra words <<<"$tool ${MATRIX_WORDS[answer.$tool]}"
		run bash -c '"$@" <&- 2>&-' - "${words[@]}"
		[[ $status == 0 ]]
		run bash -c '"$@" >&-' - "${words[@]}"
		[[ $status != 0 || $tool == rstguard ]]
		run bash -c 'ulimit -n 8; "$@"' - "${words[@]}"
		[[ $status == 0 || $output == *"$tool: "* ]]
		COLUMNS=60 run bash -c '"$1" --help' - "$tool"
		[[ $status == 0 ]]
		((${#lines[@]} > 10))
	done
}
