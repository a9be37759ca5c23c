#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# +trace and +nssearch in a small internet of its own: no resolver helps.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/dnsq/internet.bash
	source tests/dnsq/internet.bash
	internet_up
	export INTERNET HINTS
}

teardown_file() {
	lab_cleanup
}

setup() {
	D=(build/bin/dnsq "+hints=$HINTS")
}

@test "+trace: from the root down, with glue, naming each server on the way" {
	run "${D[@]}" www.good.test +trace
	[ "$status" -eq 0 ]
	[[ $output == *$'test.\t\t\t300\tIN\tNS\tns.tld.test.'* ]]
	[[ $output == *"from 127.1.0.1#53(a.root.) in "* ]]
	[[ $output == *"from 127.1.0.2#53(ns.tld.test.) in "* ]]
	[[ $output == *$'www.good.test.\t\t300\tIN\tA\t192.0.2.80'* ]]
	[[ $output == *"from 127.1.0.3#53(ns1.good.test.) in "* ]]
}

@test "+trace +short: the data alone" {
	run --separate-stderr "${D[@]}" www.good.test +trace +short
	[ "$output" = 192.0.2.80 ]
}

@test "+trace: servers without glue are looked up from the root, aliases lead on into other zones" {
	run "${D[@]}" alias.good.test +trace
	[ "$status" -eq 0 ]
	[[ $output == *";; alias.good.test. is an alias: on with www.glueless.test."* ]]
	[[ $output == *$'www.glueless.test.\t300\tIN\tA\t192.0.2.81'* ]]
	[[ $output == *"from 127.1.0.3#53(ns.other.) in "* ]]
	run "${D[@]}" www.d.good.test +trace
	[[ $output == *"192.0.2.81"* ]]
}

@test "+trace: a lame server is named, and the next one asked" {
	run "${D[@]}" www.lame.test +trace
	[ "$status" -eq 0 ]
	[[ $output == *";; lame server: ns1.lame.test. (127.1.0.5) does not serve lame.test."* ]]
	[[ $output == *192.0.2.82* ]]
	run "${D[@]}" www.lost.test +trace
	[ "$status" -eq 9 ]
	[[ $output == *";; no server of lost.test. could tell about www.lost.test."* ]]
}

@test "+trace: a loop of aliases is told and ends" {
	run "${D[@]}" loop.good.test +trace
	[ "$status" -eq 9 ]
	[[ $output == *";; aliases or referrals lead in a circle"* ]]
}

@test "+trace: wildcards and names that do not exist" {
	run "${D[@]}" x.wild.good.test TXT +trace +short
	[ "$output" = '"wild"' ]
	run "${D[@]}" nothing.good.test +trace +rc
	[ "$status" -eq 20 ]
	[[ $output == *$'IN\tSOA\tns1.good.test.'* ]]
}

@test "+trace @server: the root is what the server says it is" {
	run "${D[@]}" @127.1.0.6 www.good.test +trace
	[ "$status" -eq 0 ]
	[[ $output == *"(127.1.0.6) in "*"(a.root.) in "*192.0.2.80* ]]
}

@test "+nssearch: the SOA of every server, lame ones told" {
	run --separate-stderr "${D[@]}" good.test +nssearch
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == "SOA ns1.good.test. h.good.test. 7 1 1 1 1 from server 127.1.0.3 in "* ]]
	[[ ${lines[1]} == *"from server 127.1.0.4 in "* ]]
	run --separate-stderr "${D[@]}" lame.test +nssearch
	[ "${#lines[@]}" -eq 1 ]
	[[ $stderr == *"lame server: ns1.lame.test. (127.1.0.5)" ]]
	run --separate-stderr "${D[@]}" glueless.test +nssearch
	[[ $output == "SOA ns.other. h.glueless.test. 8 "* ]]
}

@test "a hints file without servers is told" {
	echo '; nothing' >"$INTERNET/empty"
	run --separate-stderr build/bin/dnsq "+hints=$INTERNET/empty" +trace a.test
	[ "$status" -eq 10 ]
	[[ $stderr == *"no A or AAAA record of a root server in the file"* ]]
}
