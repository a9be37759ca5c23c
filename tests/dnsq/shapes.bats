#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Replies of every hostile shape (liar makes them), each with the outcome it deserves.

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
	run --separate-stderr build/bin/dnsq -p 5301 @127.0.0.1 +tries=1 +time=0.3 "$@"
}

# name_of WORD HEX - the name whose answer is made of HEX, in labels of at most 60 characters.
name_of() {
	local text="$1$2"
	printf '%s' "${text:0:60}"
	for ((i = 60; i < ${#text}; i += 60)); do printf '.%s' "${text:i:60}"; done
	printf '.end.test'
}

# shape STATUS TEXT FLAGS-AND-COUNTS HEX [OPTION...] - the exit status and what is said, blanks squeezed, without
# a control character; JSON tells the same status.
shape() {
	local name flat
	name=$(name_of "m-$3-" "$4")
	ask "$name" "${@:5}"
	echo "$name: $status $output"
	[ "$status" -eq "$1" ]
	flat=$(tr -s '\t ' ' ' <<<"$output")
	[[ $flat == *"$2"* ]]
	[[ $output != *[$'\e\r\x80']* ]]
	ask "$name" "${@:5}" +json
	[ "$status" -eq "$1" ]
	jq -se --argjson status "$1" '.[0].exit == $status and .[-1].exit == $status' <<<"$output"
}

a=c00c000100010000003c0004c0000201 # the truth: A 192.0.2.1
opt=00002904d0000000000000         # an OPT record without options
good=81800001000100000000
A=$' A 192.0.2.1\n'

@test "counts and lengths that promise more than there is: what parsed is shown; exit status 11" {
	shape 0 "$A" $good $a
	shape 11 "$A"$'\n;; malformed at offset ' 81800001ffff00000000 $a
	shape 11 "a record is cut off" $good c00c000100010000003c0009c0000201
	shape 11 "a record is cut off" $good c00c00010001000000
	shape 11 "a name is cut off" $good c0
	shape 11 "fewer records than the header says" $good ''
	# Half a record in a truncated reply that is taken as it is.
	shape 11 "$A"$'\n;; malformed at offset ' 83800001000200000000 ${a}c00c0001 +ignore
}

@test "a second question is another question: RFC 9619" {
	ask "$(name_of m-81800002000100000000- "0000010001$a")"
	[ "$status" -eq 9 ]
	[[ $output == *";; ignored: question-mismatch from 127.0.0.1#5301"* ]]
}

@test "OPT where it has no place, twice, under a name, with options that are cut off" {
	shape 0 "$A" 81800001000100000001 $a$opt
	shape 11 ": a second OPT" 81800001000100000002 $a$opt$opt
	shape 11 ": OPT outside of the additional section" 81800001000200000000 $a$opt
	shape 11 ": OPT under a name" 81800001000100000001 "${a}c00c${opt:2}"
	shape 11 ": an EDNS option is cut off" 81800001000100000001 "${a}00002904d0000000000006000a00ff0000"
}

@test "TTL with the top bit is 0 (RFC 2181 8); a class with mDNS's bit is a class" {
	shape 0 " 0 IN$A" $good c00c00010001800000010004c0000201
	shape 0 " CLASS32769$A" $good c00c000180010000003c0004c0000201
}

@test "names: to themselves, forward, into the header; 255 octets pass, 256 do not" {
	local self length
	# The record's owner begins behind header and question.
	for body in '0161c1__' 'c1__' '0161c1++'; do
		length=$(($(name_of m-$good- "${body}000100010000003c0004c0000201" | wc -c) + 2 + 12 + 4))
		self=$(printf '%02x' $((length % 256)))
		body=${body//__/$self}
		body=${body//++/$(printf '%02x' $((length % 256 + 8)))}
		body=${body//c1/$(printf 'c%x' $((length / 256)))}
		shape 11 "a name breaks the rules" $good "${body}000100010000003c0004c0000201"
	done
	# The id is the first octets of the message: here a label of one octet without an end, and the root.
	shape 11 "malformed at offset " $good c000000100010000003c0004c0000201 +qid=16448
	shape 0 $'\n. 60 IN A 192.0.2.1' $good c000000100010000003c0004c0000201 +qid=0
	for label in 4 5; do
		local body padding pad=''
		body="$(printf '%02x' $label)$(printf '61%.0s' $(seq $label))c00c000100010000003c0004c0000201"
		name=$(name_of m-$good- "$body")
		# Labels that are not hexadecimal fill the name up to 250 octets on the wire.
		padding=$((250 - ${#name} - 2))
		while ((padding > 0)); do
			local n=$((padding > 60 ? 50 : padding - 1))
			pad+=$(printf 'z%.0s' $(seq $n)).
			padding=$((padding - n - 1))
		done
		name=${name%end.test}${pad}end.test
		ask "$name"
		echo "$name $status $output"
		if ((label == 4)); then
			[ "$status" -eq 0 ]
			[[ $output == *"aaaa.m-"* ]]
		else
			[ "$status" -eq 11 ]
			[[ $output == *"a name breaks the rules"* ]]
		fi
	done
}

@test "data: windows of NSEC out of order, SVCB keys twice, LOC of another version" {
	shape 11 "the data breaks the rules of its type" $good c00c002f00010000003c000700010140000140
	shape 11 "the data breaks the rules of its type" $good c00c004000010000003c000f0001000003000200350003000200350000
	shape 11 "the data breaks the rules of its type" $good c00c004000010000003c000f00010000030002003500030002003500
	shape 0 ' LOC \# 16 01' $good c00c001d00010000003c001001121612800000008000000000989680
	shape 0 ' TXT "\027[31m\010x"' $good c00c001000010000003c0008071b5b33316d0a78
}

@test "errors without a question are for us, other replies without one are not" {
	for code in 1:FORMERR 2:SERVFAIL 4:NOTIMP 5:REFUSED; do
		ask "h-818${code%:*}.test" +noedns
		[ "$status" -eq 0 ]
		[[ $output == *"status: ${code#*:}"* ]]
	done
	for code in 0 3; do
		ask "h-818$code.test" +noedns
		[ "$status" -eq 9 ]
		[[ $output == *";; ignored: question-mismatch from 127.0.0.1#5301"* ]]
	done
}

@test "FORMERR with a question, to EDNS and without: asked again once, then it is the answer" {
	shape 0 "status: FORMERR" 81810001000000000000 ''
	[[ $output == *"retrying without EDNS"* ]]
}

@test "TCP: a message of no octets, 4000 records, truncation without end" {
	ask zero.test +tcp +short
	[ "$output" = 192.0.2.1 ]
	[ "$stderr" = "dnsq: ignored: short from 127.0.0.1#5301" ]
	ask many.test +short
	[ "$status" -eq 0 ]
	[ "$(wc -l <<<"$output")" -eq 4000 ]
	[[ $output == *$'\n10.0.15.159' ]]
	ask tctcp.test
	[ "$status" -eq 0 ]
	[[ $output == *"flags: qr aa tc rd;"*"(TCP)"* ]]
	[ "$(grep -c 'retrying in TCP mode' <<<"$output")" -eq 1 ]
}
