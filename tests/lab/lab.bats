#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2030,SC2031 # bats runs each test in a subshell of its own, and so it should
#
# lab.bash raises what it says, and leaves nothing behind; the shell and the demo open.

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/lab.bash"
	# A copy has no file capability, which would keep it from starting where none may be had.
	ping=$BATS_FILE_TMPDIR/ping
	[[ -x $ping ]] || cp "$(command -v ping)" "$ping"
}

teardown() {
	lab_cleanup
}

seen() {
	[[ $output == *"$1"* ]] || { echo "not seen: $1" >&2 && echo "$output" >&2 && return 1; }
}

@test "a chain forwards both families, each router one hop" {
	lab_chain 3
	for server in "$LAB_SERVER4" "$LAB_SERVER6"; do
		run ping -n -c 1 "$server"
		seen "64 bytes from $server: icmp_seq=1 ttl=61"
	done
	run ping -n -c 1 -t 2 "$LAB_SERVER4"
	seen "From 10.8.1.2 icmp_seq=1 Time to live exceeded"
	run ping -n -c 1 -t 3 "$LAB_SERVER6"
	seen "From fd08:0:0:2::2 icmp_seq=1 Time exceeded: Hop limit"
	run lab_in server ping -n -c 1 10.8.0.1
	seen "64 bytes from 10.8.0.1: icmp_seq=1 ttl=61"
}

@test "a bridge joins namespaces" {
	lab_ns left
	lab_ns right
	lab_veth here port1 left eth0
	lab_veth here port2 right eth0
	lab_bridge here switch port1 port2
	lab_addr left eth0 10.7.0.1/24 fd07::1/64
	lab_addr right eth0 10.7.0.2/24 fd07::2/64
	run lab_in left ping -n -c 1 10.7.0.2
	seen "64 bytes from 10.7.0.2"
	run lab_in left ping -n -c 1 fd07::2
	seen "64 bytes from fd07::2"
}

@test "lab_unpriv leaves no capability, lab_raw only CAP_NET_RAW" {
	run lab_unpriv here grep Cap /proc/self/status
	for set in CapPrm CapEff CapBnd; do
		[[ $output == *"$set:"$'\t'0000000000000000* ]]
	done
	run lab_raw here grep Cap /proc/self/status
	for set in CapPrm CapEff CapBnd; do
		[[ $output == *"$set:"$'\t'0000000000002000* ]]
	done
}

@test "ping sockets are open here, and elsewhere where they are opened" {
	run lab_unpriv here "$ping" -c 1 127.0.0.1
	seen "1 received"
	lab_ns other
	run lab_unpriv other "$ping" -c 1 127.0.0.1
	seen "Operation not permitted"
	run lab_raw other "$ping" -c 1 127.0.0.1
	seen "1 received"
	lab_ping_sockets other
	run lab_unpriv other "$ping" -c 1 127.0.0.1
	seen "1 received"
}

@test "lab_start returns when the server is ready, or says why it is not" {
	lab_start here "^ready" bash -c "echo loading; echo ready; exec tail -f /dev/null"
	kill -0 "$LAB_PID"
	run lab_start here "^ready" bash -c "echo no disk"
	[[ $status == 1 ]]
	seen "did not get ready, it says: no disk"
}

@test "a capture holds all that passed, as root and as a user" {
	lab_capture here lo "$BATS_TEST_TMPDIR/pcap" "icmp[0] == 8"
	run ping -n -q -c 50 -i 0 127.0.0.1
	seen "50 received"
	lab_capture_stop
	run lab_tcpdump -n -r "$BATS_TEST_TMPDIR/pcap"
	[[ $(grep -c "echo request" <<<"$output") == 50 ]]
	run "$LAB_TOP/build/lab/capture" nowhere "$BATS_TEST_TMPDIR/none"
	[[ $status == 2 ]]
	seen "capture: nowhere: "
	run "$LAB_TOP/build/lab/capture" lo "$BATS_TEST_TMPDIR/none" "icmp and"
	[[ $status == 2 ]]
	seen "syntax error"
}

@test "cleanup leaves no interface, namespace, process or file" {
	lab_chain 1
	lab_fakenet "$BATS_TEST_DIRNAME/internet.topo"
	lab_capture here lab0 "$BATS_TEST_TMPDIR/pcap"
	pids=("$LAB_FAKENET" "$LAB_CAPTURE") tmp=$LAB_TMP
	lab_cleanup
	[[ $(ip -br link | wc -l) == 1 ]]
	[[ -z $(ip netns list) ]]
	for pid in "${pids[@]}"; do
		run kill -0 "$pid"
		[[ $status != 0 ]]
	done
	[[ ! -e $tmp ]]
}

@test "a script enters a lab of its own" {
	cat >"$BATS_TEST_TMPDIR/script" <<-END
		#!/bin/bash
		source "$BATS_TEST_DIRNAME/lab.bash"
		lab_enter "\$@"
		echo "\$1: \$(ip -br link | wc -l)"
	END
	chmod +x "$BATS_TEST_TMPDIR/script"
	lab_ns other
	lab_veth here extra other eth0
	run env -u PKT_IN_LAB "$BATS_TEST_TMPDIR/script" interfaces
	[[ $output == "interfaces: 1" ]]
}

@test "the shell opens in the little internet" {
	run "$BATS_TEST_DIRNAME/shell.bash" <<-'END'
		ping -n -c 1 10.9.1.2
		ping -n -c 1 10.8.3.2
		lab_fakenet_stop
	END
	seen "A small internet"
	seen "64 bytes from 10.9.1.2: icmp_seq=1 ttl=63"
	seen "64 bytes from 10.8.3.2: icmp_seq=1 ttl=61"
	seen '"total":{"requests":1,'
}

@test "the demo shows its commands and what they print" {
	SECONDS=0
	run "$BATS_TEST_DIRNAME/demo.bash"
	((SECONDS < 20))
	[[ $status == 0 ]]
	(($(grep -c '^\$ ping ' <<<"$output") >= 8))
	seen "64 bytes from 10.9.1.1: icmp_seq=3"
	seen "(DUP!)"
	seen "Time to live exceeded [MPLS L=1600"
	seen '"type":"end"'
	seen '"total":{"requests":'
}
