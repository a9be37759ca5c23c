#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsq and a server that lies (liar): what is forged is dropped and told, what is malformed is shown.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_init
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5301
}

teardown() {
	lab_cleanup
}

ask() {
	build/bin/dnsq -p 5301 @127.0.0.1 "$@"
}

# forged WORD REASON [FROM]: one line tells what was dropped, and the truth is the answer.
forged() {
	run --separate-stderr ask "$1.test" +short
	[ "$status" -eq 0 ]
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: ignored: $2 from ${3:-127.0.0.1#5301}" ]
}

@test "nine forgeries: wrong id, five of them, name, type, no question, QR, opcode, port, address" {
	forged id id-mismatch
	forged id5 id-mismatch
	forged name question-mismatch
	forged type question-mismatch
	forged noq question-mismatch
	forged qr not-a-response
	forged opcode opcode-mismatch
	forged port source-mismatch 127.0.0.1#5302
	forged addr source-mismatch 127.0.0.66#5301
}

@test "datagrams too short to be a message, and a cookie that is not ours" {
	forged short short
	forged empty short
	forged cookie cookie-mismatch
}

@test "what was ignored is counted in JSON" {
	run --separate-stderr ask id5.test +json
	[ "$status" -eq 0 ]
	jq -se '.[0] | .result == "answer" and .tries == 1 and
		.ignored == [{reason: "id-mismatch", from: "127.0.0.1", port: 5301, count: 5}]' <<<"$output"
}

@test "a server that changes the case is asked again without 0x20" {
	run --separate-stderr ask CaSe.test +short
	[ "$output" = 192.0.2.1 ]
	[[ $stderr == *"asking again without 0x20"* ]]
}

@test "names are shown as they were typed, whatever case went over the wire" {
	run ask a-Long-Name-of-many-letters.test
	[[ $output == *$'\na-Long-Name-of-many-letters.test. 60 IN\tA\t192.0.2.1'* ]]
	[[ $output == *';a-Long-Name-of-many-letters.test. IN'* ]]
}

@test "truncated: the question goes out once more over TCP" {
	run ask tc.test
	[ "$status" -eq 0 ]
	[[ $output == *";; Truncated, retrying in TCP mode."* ]]
	[[ $output == *"(TCP)"* ]]
	run ask tc.test +ignore
	[[ $output == *"flags: qr aa tc rd;"*"(UDP)"* ]]
}

@test "TCP octet by octet, behind a message for somebody else" {
	run --separate-stderr ask slow.test +tcp +short
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: ignored: id-mismatch from 127.0.0.1#5301" ]
}

@test "TCP that ends in the middle of a message is no answer" {
	run ask eof.test +tcp +tries=1
	[ "$status" -eq 9 ]
	[[ $output == *"communications error to 127.0.0.1#5301: end of file"* ]]
}

@test "FORMERR, NOTIMP and silence to EDNS: asked again without it, and said so" {
	for word in formerr notimp; do
		run --separate-stderr ask "$word.test" +short
		[ "$output" = 192.0.2.1 ]
		[ "$stderr" = "dnsq: EDNS query returned status ${word^^}: retrying without EDNS" ]
	done
	run --separate-stderr ask noedns.test +short +tries=2 +time=0.05
	[ "$output" = 192.0.2.1 ]
	[[ $stderr == *"the last try goes without EDNS" ]]
}

@test "BADVERS and BADCOOKIE are answered as the standards say" {
	run --separate-stderr ask badvers.test +edns=3 +short
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: BADVERS, retrying with EDNS version 0." ]
	run --separate-stderr ask badcookie.test +short
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: BADCOOKIE, retrying." ]
}

@test "silence: exit status 9, nothing but data on standard output with +short" {
	run --separate-stderr ask silent.test +short +tries=2 +time=0.05
	[ "$status" -eq 9 ]
	[ "$output" = "" ]
	[[ $stderr == *"no servers could be reached" ]]
}

@test "a server known to be fast is asked again long before the try is over" {
	run --separate-stderr ask -f - +json +tries=1 <<<$'ok.test\nlost.test'
	[ "$status" -eq 0 ]
	jq -se '.[1] | .result == "answer" and .tries == 2 and .warnings == []' <<<"$output"
}

@test "the reply to a query that was given up is late, not forged" {
	run --separate-stderr ask late.test +json +tries=2 +time=0.2
	[ "$status" -eq 0 ]
	jq -se '.[0] | .result == "answer" and .tries == 2 and ([.ignored[].reason] == ["late"])' <<<"$output"
}

@test "text of the network is escaped, and cannot make lines" {
	run ask ede.test
	[ "$status" -eq 0 ]
	[[ $output == *"; EDE: 15 (Blocked): "* ]]
	[[ $output != *$'\e'* && $output != *$'\nevil'* && $output != *$'\xe2\x80\xae'* ]]
	run ask nsid.test
	[[ $output == *'(".[31mred.evil.example. 60 IN A 6.6.6.6....")'* ]]
}

@test "malformed: what parsed is shown, then where and why it stops; exit status 11" {
	run ask count.test
	[ "$status" -eq 11 ]
	[[ $output == *$'\tA\t192.0.2.1\n'* ]]
	[[ $output == *";; malformed at offset 54: fewer records than the header says"* ]]
	run --separate-stderr ask count.test +json
	[ "$status" -eq 11 ]
	jq -se '.[0] | .result == "malformed" and .malformed.offset == 54 and .exit == 11 and
		.response.answerRRs[0].rdataA == "192.0.2.1"' <<<"$output"
}

# broken TYPE HEX: data of that type (in hex) that breaks its rules.
broken() {
	run ask "rr-$1-$2.end.test"
	[ "$status" -eq 11 ]
	[[ $output == *"malformed at offset "*": the data breaks the rules of its type"* ]]
}

@test "data that breaks the rules of its type is malformed, never shown as good" {
	broken 1 ''
	broken 1 c00002
	broken 1 c000020102
	broken 10 ''
	broken 10 05616263
	broken 2 3f61
	broken 2 40
	broken 2 c0ff
	broken 2f 000001
	broken 2f 0000210000
	broken 40 00010000030002000000010002
	broken 40 0001c00c
	broken 101 0000
	broken 1d 00a016138000000080000000
}

@test "names that loop or lead out of the message" {
	for hex in c0ff0001000100000001 c0310001000100000001 400001 c0; do
		run ask "msg-$hex.end.test"
		[ "$status" -eq 11 ]
		[[ $output == *"malformed at offset "* ]]
	done
}

@test "octets behind the end are told" {
	run ask trail.test
	[ "$status" -eq 0 ]
	[[ $output == *";; WARNING: Message has 5 extra bytes at end"* ]]
}
