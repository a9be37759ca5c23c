#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dhcpc on a hostile segment: one case a line, each with its right verdict. The server is dhcphost.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

setup() {
	# shellcheck disable=SC2119 # without an address
	wire
}

# verdict STATUS REGEX RULE... - dhcpc, with the options in OPTS, ends so and says that.
verdict() {
	local want=$1 regex=$2

	shift 2
	lab_dhcphost srv e0 "$@"
	# shellcheck disable=SC2086 # a list of words
	run "$D" ${OPTS:--T 300ms} e0
	lab_dhcphost_stop >"$LAB_TMP/counts"
	if [ "$status" -ne "$want" ] || ! grep -Eq -- "$regex" <<<"$output"; then
		echo "$*: exit $status, wanted $want and /$regex/; it says:"
		echo "$output"
		return 1
	fi
}

bound='Lease of 10\.77\.0\.100/24 from 10\.77\.0\.1, 10m'

@test "silence is no answer" {
	verdict 1 '^No answer' discover:none
	grep -q '"discover":1' "$LAB_TMP/counts"
}

@test "an honest server" {
	verdict 0 "$bound" discover:offer request:ack
}

@test "a NAK of another server before the right ACK is left aside" {
	OPTS=-v verdict 0 'NAK .* ignored: it is from 10.77.0.9, selected is 10.77.0.1' discover:offer \
		request:nak,id=10.77.0.9,src=10.77.0.9 request:ack,delay=100
	[[ $output =~ $bound ]]
}

@test "a NAK that names no server: the ACK behind it counts" {
	OPTS='-T 1' verdict 0 "$bound" discover:offer request:nak,id=none request:ack,delay=100
	[[ $output == *"ignored: it does not say which server it is from"* ]]
}

@test "a NAK that names no server is the last resort" {
	verdict 3 'The server refuses' discover:offer request:nak,id=none
}

@test "a NAK of the selected server" {
	verdict 3 'NAK .* "no, \[?.*thanks"' discover:offer request:nak,opt=56:6e6f2c205b1b5d7468616e6b73
	[[ $output != *$'\e'* ]]
}

@test "an ACK of another server with another address is left aside" {
	OPTS='-T 1' verdict 0 "$bound" discover:offer \
		request:ack,id=10.77.0.9,src=10.77.0.9,yi=10.77.0.200 request:ack,delay=100
}

@test "an ACK of another address than was offered is refused, and taken with --loose" {
	verdict 5 'ignored: it gives 10.77.0.200, not 10.77.0.100' discover:offer \
		request:ack,yi=10.77.0.200
	OPTS='--loose -T 1' verdict 0 'Lease of 10.77.0.200/24' discover:offer \
		request:ack,yi=10.77.0.200
}

@test "a second offer while requesting is left aside" {
	OPTS='-T 1' verdict 0 "$bound" discover:offer discover:offer,yi=10.77.0.200,delay=50 \
		request:ack,delay=150
	[[ $output == *"ignored: an offer was taken already"* ]]
}

@test "an ACK that nobody asked for is left aside" {
	verdict 1 'ignored: nothing was requested yet' discover:ack
	verdict 1 'ignored: nothing was requested yet' discover:ack,opt=80:
	OPTS='--rapid -T 300ms' verdict 1 'it lacks the rapid commit option' discover:ack
	OPTS='--rapid -T 300ms' verdict 0 "$bound" discover:ack,opt=80:
}

@test "what is for others is left aside" {
	OPTS='-v -T 300ms' verdict 1 'ignored: xid 0x.* is not ours' discover:offer,xid
	OPTS='-v -T 300ms' verdict 1 'ignored: chaddr is not our' discover:offer,chaddr
	OPTS='-v -T 300ms' verdict 1 'client identifier is not ours' discover:offer,opt=61:01020304050607
	OPTS='-v -T 300ms' verdict 5 'op is 1, not 2' discover:offer,op=1
}

@test "the cookie that some articles print is not DHCP" {
	verdict 5 'the magic cookie is not 0x63825363' discover:offer,cookie=62825363
}

@test "no server identifier, no lease time, a lease of 0" {
	verdict 5 'there is no server identifier' discover:offer,id=none
	verdict 5 'there is no lease time' discover:offer,lease=none
	verdict 5 'the lease time is 0' discover:offer,lease=0
	verdict 5 'the lease time is 0' discover:offer request:ack,lease=0
}

@test "addresses that no host can have" {
	local addr

	for addr in 0.0.0.0 255.255.255.255 127.0.0.1 224.0.0.5; do
		verdict 5 "yiaddr $addr is no address" "discover:offer,yi=$addr"
	done
}

@test "masks that are none" {
	verdict 5 'the subnet mask is not 4 octets' discover:offer,mask=ffffff
	verdict 5 'the subnet mask is not 4 octets' discover:offer,mask=ffffff00ffffff00ffffff00
	verdict 5 'the subnet mask 255.0.255.0 is not' discover:offer,mask=ff00ff00
}

@test "times out of order: those of the RFC are taken" {
	verdict 0 'renew after 5m, rebind after 8m 45s' discover:offer \
		request:ack,opt=58:000001f4,opt=59:00000190
	[[ $output == *"! T1 500, T2 400 and lease 600 are not in order"*"[RFC 2131 4.4.5]"* ]]
}

@test "a server identifier that comes twice: the first" {
	verdict 0 "$bound" discover:offer,opt=54:0a4d0009 request:ack,opt=54:0a4d0009
	[[ $output == *"the server identifier comes more than once"* ]]
}

@test "routes in two pieces, also with another option between them" {
	local first=121:180a00010a4d0001180a0002 rest=0a4d0001

	verdict 0 '10.0.1.0/24 via 10.77.0.1, 10.0.2.0/24 via 10.77.0.1$' discover:offer \
		"request:ack,opt=$first,opt=121:$rest"
	verdict 0 '10.0.1.0/24 via 10.77.0.1, 10.0.2.0/24 via 10.77.0.1$' discover:offer \
		"request:ack,opt=$first,opt=12:6162,opt=121:$rest"
}

@test "routes that break their rules are left aside, all of them" {
	verdict 0 '! option 121 breaks its rules, all of it' discover:offer \
		request:ack,opt=121:180a00010a4d0001210a00000000
	verdict 0 '! option 121 breaks its rules, all of it' discover:offer \
		request:ack,opt=121:180a00010a4d00
}

@test "a route to half of the internet is pointed at" {
	verdict 0 '! the route to 128.0.0.0/1 beats a default route' discover:offer \
		request:ack,opt=121:01000a4d000101800a4d0001
}

@test "search lists with loops: the good names stay, nothing hangs" {
	verdict 0 '119 domain-search +x  \(breaks its rules\)' discover:offer \
		request:ack,opt=119:c000017800
}

@test "options that end outside the message" {
	verdict 5 'an option ends outside the message' discover:offer,raw=35010236040a4d00010cff61
	verdict 5 'an option ends outside the message' discover:offer,raw=35010236040a4d00010c
}

@test "overload: options in file and sname, and no recursion" {
	verdict 0 'domain-name +lab +\(in file\)' discover:offer \
		request:ack,opt=52:03,file=0f036c6162340100ff,sname=0c026d65ff
	[[ $output =~ "host-name "+"me  (in sname)" ]]
	verdict 0 'domain-name +lab +\(in file\)' discover:offer \
		request:ack,opt=52:01,file=0f036c6162340103ff,sname=0c026d65ff
	[[ $output != *"host-name"* ]]
}

@test "datagrams that are broken" {
	verdict 5 'the UDP checksum is wrong' discover:offer,csum=bad
	verdict 5 'ignored: the UDP' discover:offer,udplen=0
	verdict 5 'ignored: the UDP' discover:offer,udplen=2000
	verdict 5 'ignored: the UDP' discover:offer,udplen=5
}

@test "checksums that are none, or left to the hardware, are fine" {
	verdict 0 "$bound" discover:offer,csum=zero request:ack,csum=zero
	verdict 0 "$bound" discover:offer,csum=left request:ack,csum=left
}

@test "IP options, a priority tag, a trailer" {
	verdict 0 "$bound" discover:offer,ipopt request:ack,ipopt
	verdict 0 "$bound" discover:offer,vlan0 request:ack,vlan0
	verdict 0 "$bound" discover:offer,trailer=40 request:ack,trailer=40
}

@test "the type of the message may stand in the file field" {
	verdict 0 "$bound" \
		discover:offer,file=350102ff,raw=34010136040a4d00013304000002580104ffffff00ff request:ack
}

@test "strings that hope for a shell or a terminal" {
	# $(id);`id`'"\n ESC NUL and an octet that is no UTF-8
	local evil=242869642960696460270a221b5d3b07ff

	verdict 0 "$bound" discover:offer \
		"request:ack,opt=12:$evil,opt=15:$evil,opt=66:$evil,opt=114:$evil"
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
	lab_dhcphost srv e0 discover:offer "request:ack,opt=12:$evil,opt=114:$evil"
	"$D" --json e0 >"$LAB_TMP/json"
	lab_dhcphost_stop >/dev/null
	[ "$(jq -r 'select(.type == "bound").options[] | select(.code == 114).raw' "$LAB_TMP/json")" = "$evil" ]
}

@test "somebody has the address: declined, and exit 6" {
	lab_arphost srv e0 10.77.0.100
	OPTS='-afast -T 5' verdict 6 '10.77.0.100 is in use: 02:66:0a:4d:00:64 has it' \
		discover:offer request:ack
	grep -q '"decline":1' "$LAB_TMP/counts"
}

@test "nobody has the address: it is taken after the probes" {
	OPTS='-afast -T 5' verdict 0 "$bound" discover:offer request:ack
	# The timeout is for the server: what comes after its answer may take longer.
	OPTS='-afast -T 200ms' verdict 0 "$bound" discover:offer request:ack
}

@test "a network that prefers IPv6" {
	OPTS='--ipv6-only -T 1' verdict 7 'prefers IPv6 alone' discover:offer,opt=108:00000708
	grep -q '"request":0' "$LAB_TMP/counts"
	OPTS='--ipv6-only -T 1' verdict 7 'prefers IPv6 alone' discover:offer,yi=0.0.0.0,opt=108:00000708
	verdict 0 "$bound" discover:offer,opt=108:00000708 request:ack # not asked for: it does not count
}

@test "a forced renewal without its nonce, and messages that no server sends" {
	verdict 5 'a FORCERENEW without the nonce' discover:offer,type=9
	verdict 5 'message type 77 is none' discover:offer,type=77
}

@test "servers by name: --allow, --deny and -s" {
	OPTS='--deny 10.77.0.1 -T 300ms' verdict 4 'its server is denied' discover:offer request:ack
	OPTS='--allow 10.77.0.9 -T 300ms' verdict 4 'not among those allowed' discover:offer request:ack
	OPTS='-s 02:00:00:00:00:77 -T 1' verdict 0 "$bound" discover:offer request:ack
	OPTS='-s 10.77.0.9 -T 1' verdict 0 'ACK +10.77.0.100/24 from 10.77.0.9' \
		discover:offer discover:offer,id=10.77.0.9 request:ack,id=10.77.0.9
}
