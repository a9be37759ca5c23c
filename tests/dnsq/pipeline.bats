#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Many questions on one TCP or TLS connection, answered in any order (RFC 7766).

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_init
	for n in {1..20}; do echo "n$n.test" && echo "192.0.2.$n" >&3; done >"$LAB_TMP/names" 3>"$LAB_TMP/wanted"
}

teardown() {
	lab_cleanup
}

serve() {
	lab_launch here '^ready$' python3 -u tests/dnsq/pipeline.py 127.0.0.1 5300 "$@"
	pid=$LAB_PID fd=$LAB_FD
}

# said - what the server has said of connections that have ended, as the questions of each.
said() {
	lab_finish "$pid" "$fd" | sed -n 's/connection with \(.*\) questions/\1/p' | xargs
}

# batch ARGUMENT... - all names, and each has its own address, in order.
batch() {
	run --separate-stderr build/bin/dnsq -p 5300 @127.0.0.1 -f "$LAB_TMP/names" +jobs=20 +short "$@"
	[ "$status" -eq 0 ]
	[ "$output" = "$(cat "$LAB_TMP/wanted")" ]
	[ "$stderr" = "" ]
}

@test "a batch goes over one connection; replies in the opposite order, octet by octet" {
	serve reverse 20
	batch +tcp
	batch +tcp
	[ "$(said)" = "20 20" ]
}

@test "the same over TLS" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=dns.test \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$LAB_TMP/key" -out "$LAB_TMP/cert" 2>/dev/null
	serve reverse 20 "$LAB_TMP/cert" "$LAB_TMP/key"
	batch "+tls-ca=$LAB_TMP/cert" +tls-hostname=127.0.0.1
	[ "$(said)" = 20 ]
}

@test "a server that closes after five answers is connected to again; nothing is lost" {
	serve close 5
	batch +tcp
	[[ "$(said)" == "5 5 5 5"* ]]
}

@test "+nokeepopen: a connection for each question; +keepopen: one for the names of the command line" {
	serve close 5
	batch +tcp +nokeepopen
	run build/bin/dnsq -p 5300 @127.0.0.1 +tcp +keepopen +short n1.test n2.test n3.test
	[ "$output" = $'192.0.2.1\n192.0.2.2\n192.0.2.3' ]
	run build/bin/dnsq -p 5300 @127.0.0.1 +tcp +short n1.test n2.test
	[ "$(said)" = "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 3 1 1" ]
}

@test "a reply that does not come holds up no other question" {
	serve reverse 4
	head -n 5 "$LAB_TMP/names" >"$LAB_TMP/five"
	run --separate-stderr build/bin/dnsq -p 5300 @127.0.0.1 -f "$LAB_TMP/five" +tcp +jobs=5 +short \
		+tries=1 +time=0.3
	[ "$status" -eq 9 ]
	[ "$(wc -l <<<"$output")" -eq 4 ]
	[[ $stderr == *"timed out"*"no servers could be reached"* ]]
}
