#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Over a bad cable (tests/lab/relay.c): each fifth segment lost both ways, some twice, some late.

setup() {
	source tests/tcphs/tcphs.bash
	lab_bad_cable
}

teardown() {
	lab_cleanup
}

lab_bad_cable() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	T=build/bin/tcphs
	W=$BATS_TEST_TMPDIR/www
	mkdir "$W"
	head -c 1048576 /dev/urandom >"$W/big"
	lab_ns srv
	lab_ns mid
	lab_veth here eth0 mid left
	lab_veth srv eth0 mid right
	lab_addr here eth0 10.0.0.1/24 fd00::1/64
	lab_addr srv eth0 10.0.0.2/24 fd00::2/64
	# A relay passes frames, not what is still to be cut into frames.
	lab_in srv ip link set eth0 gso_max_segs 1
	lab_in mid sysctl -qw net.ipv6.conf.all.disable_ipv6=1
}

@test "1 MiB comes unharmed at 20 % loss each way, with duplicates and disorder, IPv4 and IPv6" {
	python_server srv 80
	lab_launch mid '^ready$' build/lab/relay --loss=20 --dup=5 --late=10 --seed=7 left right
	pid=$LAB_PID fd=$LAB_FD
	head -c 200000 "$W/big" >"$W/part"
	for what in "10.0.0.2 big" "fd00::2 part"; do
		# shellcheck disable=SC2086 # an address and a file
		set -- $what
		run "$T" --json -r 12 --timeout 200ms --http "/$2" -o "$BATS_TEST_TMPDIR/got" "$1" 80
		echo "${lines[-2]}"
		[ "$status" -eq 0 ]
		[ "$(sha256sum <"$BATS_TEST_TMPDIR/got")" = "$(sha256sum <"$W/$2")" ]
		[ "$(summary '.http.complete, .close' | xargs)" = "true graceful" ]
	done
	lab_finish "$pid" "$fd" | jq -e '.lost > 200 and .doubled > 20 and .delayed > 50'
}

@test "and goes: what we send arrives as it was" {
	echo_server srv 7
	lab_launch mid '^ready$' build/lab/relay --loss=20 --dup=5 --late=10 --seed=8 left right
	head -c 100000 "$W/big" >"$W/part"
	run "$T" --json -r 12 --timeout 200ms --send "$W/part" --close=half -o "$BATS_TEST_TMPDIR/got" 10.0.0.2 7
	echo "${lines[-2]}"
	[ "$status" -eq 0 ]
	cmp "$W/part" "$BATS_TEST_TMPDIR/got"
	[ "$(summary '.retransmissions > 10')" = true ]
}
