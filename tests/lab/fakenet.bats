#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2030,SC2031 # bats runs each test in a subshell of its own, and so it should
#
# fakenet does what the topology file says, as the distribution's tools see it, and counts it right.

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/lab.bash"
	topo=$BATS_TEST_TMPDIR/topo
	counters=$BATS_TEST_TMPDIR/counters
	pcap=$BATS_TEST_TMPDIR/pcap
	cat >"$topo" <<-END
		seed 7
		client 10.9.0.1/24 via 10.9.0.254
		client fd09::1/64 via fd09::fe
		router 10.9.0.254,fd09::fe
		path 0.0.0.0/0,::/0 10.9.0.254
	END
}

teardown() {
	lab_cleanup
}

# play - fakenet, with the lines on stdin behind those of setup().
play() {
	cat >>"$topo"
	lab_fakenet "$topo"
}

finish() {
	lab_fakenet_stop >"$counters"
}

# count NODE KEY=NUMBER... - what fakenet counted for a node ("total" and "port" too).
count() {
	local node=$1 pair got

	for pair in "${@:2}"; do
		got=$(jq --arg n "$node" --arg k "${pair%=*}" '(.nodes[$n] // .[$n])[$k]' "$counters")
		[[ $got == "${pair#*=}" ]] || { echo "$node: ${pair%=*} is $got, not ${pair#*=}" >&2 && return 1; }
	done
}

# icmp_hex EXPRESSION - the ICMP messages in the capture that match, one a line, in hex.
icmp_hex() {
	local hex len packet

	hex=$(lab_tcpdump -r "$pcap" -w - "$1" 2>/dev/null | od -An -v -t x1 | tr -d ' \n')
	hex=${hex:48}
	while [[ $hex ]]; do
		len=$((16#${hex:22:2}${hex:20:2}${hex:18:2}${hex:16:2} * 2))
		packet=${hex:60:len-28}
		hex=${hex:32+len}
		[[ $packet == 4* ]] && echo "${packet:40}" || echo "${packet:80}"
	done
}

# csum HEX - the Internet checksum over the octets, 0 if they hold a right one.
csum() {
	local sum=0 i

	for ((i = 0; i < ${#1}; i += 4)); do
		((sum += 16#${1:i:4}))
	done
	while ((sum > 0xffff)); do
		((sum = (sum >> 16) + (sum & 0xffff)))
	done
	echo $((0xffff - sum))
}

seen() {
	[[ $output == *"$1"* ]] || { echo "not seen: $1" >&2 && echo "$output" >&2 && return 1; }
}

not_seen() {
	[[ $output != *"$1"* ]] || { echo "seen: $1" >&2 && echo "$output" >&2 && return 1; }
}

quick() {
	run ping -n -i 0.01 -W 1 "$@"
}

@test "a healthy host answers, later by its delay, over one hop, IPv4 and IPv6" {
	play <<<"host 10.9.1.1,fd09:1::1 delay=20ms"
	for host in 10.9.1.1 fd09:1::1; do
		quick -c 3 "$host"
		seen "64 bytes from $host: icmp_seq=3 ttl=63"
		seen "3 packets transmitted, 3 received, 0% packet loss"
		[[ $output =~ min/avg/max/mdev\ =\ ([0-9]+) ]]
		((BASH_REMATCH[1] >= 20 && BASH_REMATCH[1] < 200))
	done
	finish
	count 10.9.1.1 requests=6 replies=6 duplicates=0 errors=0
	count 10.9.0.254 forwarded=6 neighbour=2
	count total requests=6 replies=6
	count port dropped=0 malformed=0 unsent=0 refused=0
}

@test "jitter spreads the delay" {
	play <<<"host 10.9.1.1 delay=5ms jitter=20ms"
	quick -c 20 10.9.1.1
	seen "20 received"
	[[ $output =~ min/avg/max/mdev\ =\ ([0-9]+)\.[0-9]+/[0-9.]+/([0-9]+) ]]
	((BASH_REMATCH[1] >= 5 && BASH_REMATCH[2] <= 60 && BASH_REMATCH[2] - BASH_REMATCH[1] >= 5))
}

@test "dup=3 sends three copies" {
	play <<<"host 10.9.1.1,fd09:1::1 dup=3"
	quick -c 2 10.9.1.1
	seen "2 received, +2 duplicates"
	quick -c 2 fd09:1::1
	seen "2 received, +2 duplicates"
	finish
	count 10.9.1.1 requests=4 replies=4 duplicates=8
}

@test "corrupt sets, flips, or flips at random an octet under a right checksum" {
	play <<-END
		host 10.9.1.1,fd09:1::1 corrupt=40:0xd7
		host 10.9.1.2 corrupt=41
		host 10.9.1.3 corrupt=random
	END
	for host in 10.9.1.1 fd09:1::1; do
		quick -c 1 "$host"
		seen "wrong data byte #40 should be 0x28 but was 0xd7"
	done
	quick -c 1 10.9.1.2
	seen "wrong data byte #41 should be 0x29 but was 0xd6"
	quick -c 5 10.9.1.3
	seen "5 received"
	finish
	count 10.9.1.1 replies=2 corrupted=2 badcsum=0
	count 10.9.1.3 replies=5 corrupted=5
}

@test "badcsum spoils the checksum of replies and of errors" {
	play <<-END
		host 10.9.1.1,fd09:1::1 badcsum
		host 10.9.1.2 error=unreach:1 badcsum
	END
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	run ping -n -c 1 -W 0.2 10.9.1.1
	run ping -n -c 1 -W 0.2 fd09:1::1
	seen "0 received"
	run ping -n -c 1 -W 0.2 10.9.1.2
	lab_capture_stop
	finish
	count 10.9.1.1 replies=2 badcsum=2
	count 10.9.1.2 errors=1 badcsum=1
	run lab_tcpdump -n -v -r "$pcap"
	[[ $(grep -c "wrong icmp cksum" <<<"$output") == 2 ]]
	[[ $(grep -c "bad icmp6 cksum" <<<"$output") == 1 ]]
}

@test "truncate leaves that many octets of data" {
	play <<<"host 10.9.1.1,fd09:1::1 truncate=20"
	for host in 10.9.1.1 fd09:1::1; do
		quick -c 1 "$host"
		seen "28 bytes from $host: icmp_seq=1 ttl=63 (truncated)"
	done
	quick -c 1 -s 20 10.9.1.1
	not_seen "(truncated)"
	finish
	count 10.9.1.1 replies=3 truncated=2
}

@test "foreign answers from another address, spoof adds a reply from one" {
	play <<-END
		host 10.9.1.1,fd09:1::1 foreign=10.9.7.7,fd09:7::7
		host 10.9.1.2,fd09:1::2 spoof=10.9.7.8
	END
	quick -c 1 10.9.1.1
	seen "64 bytes from 10.9.7.7: icmp_seq=1 ttl=63"
	quick -c 1 fd09:1::1
	seen "64 bytes from fd09:7::7: icmp_seq=1 ttl=63"
	quick -c 2 10.9.1.2
	seen "64 bytes from 10.9.7.8: icmp_seq=1"
	seen "64 bytes from 10.9.1.2: icmp_seq=1"
	quick -c 1 fd09:1::2
	not_seen "from fd09:7"
	finish
	count 10.9.1.1 replies=2 foreign=2
	count 10.9.1.2 replies=3 spoofed=2
}

@test "forge=early answers first with octets not ours, then truly" {
	play <<<"host 10.9.1.1,fd09:1::1 forge=early delay=30ms"
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	quick -c 1 10.9.1.1
	quick -c 1 fd09:1::1
	lab_capture_stop
	finish
	# ping takes the forged reply for its own and leaves: the true one comes after it.
	count 10.9.1.1 requests=2 replies=2 forged=2
	mapfile -t request < <(icmp_hex "icmp[0] == 8")
	mapfile -t reply < <(icmp_hex "icmp[0] == 0")
	[[ ${reply[0]:8:8} == "${request[0]:8:8}" ]]
	[[ ${reply[0]:16} != "${request[0]:16}" ]]
}

@test "forge=next answers the request that has not been sent" {
	play <<<"host 10.9.1.1 forge=next"
	quick -c 2 10.9.1.1
	seen "64 bytes from 10.9.1.1: icmp_seq=2"
	[[ $output =~ icmp_seq=2.*icmp_seq=1 ]]
}

@test "forge=time makes a believer measure next to nothing" {
	play <<<"host 10.9.1.1,fd09:1::1 forge=time delay=200ms"
	for host in 10.9.1.1 fd09:1::1; do
		quick -c 1 "$host"
		[[ $output =~ time=([0-9]+) ]]
		((BASH_REMATCH[1] < 200))
	done
	finish
	count 10.9.1.1 replies=2 forged=2
}

@test "a reply that is late is sent all the same, or counted as not sent" {
	play <<-END
		host 10.9.1.1 delay=300ms
		host 10.9.1.2 delay=1h
	END
	lab_capture here lab0 "$pcap" icmp
	run ping -n -c 1 -W 0.1 10.9.1.1
	seen "0 received"
	run ping -n -c 1 -W 0.1 10.9.1.2
	# This one outlasts the late reply of the first.
	run ping -n -c 2 -i 0.3 10.9.0.254
	lab_capture_stop
	finish
	[[ $(icmp_hex "src 10.9.1.1" | wc -l) == 1 ]]
	count 10.9.1.1 replies=1
	count port unsent=1
}

@test "reorder lets the second reply overtake the first" {
	play <<<"host 10.9.1.1,fd09:1::1 reorder=100ms"
	for host in 10.9.1.1 fd09:1::1; do
		run ping -n -c 2 -i 0.05 "$host"
		[[ $output =~ icmp_seq=2.*icmp_seq=1 ]]
		seen "2 received"
	done
	finish
	count 10.9.1.1 replies=4 reordered=2
}

@test "loss is what ping sees, and the same for the same seed" {
	cp "$topo" "$topo.head"
	for _ in 1 2; do
		cp "$topo.head" "$topo"
		play <<<"host 10.9.1.1 loss=30%"
		run ping -n -q -c 200 -i 0.002 -W 0.2 10.9.1.1
		finish
		lost=$(jq '.nodes["10.9.1.1"].lost' "$counters")
		seen "200 packets transmitted, $((200 - lost)) received"
		((lost > 30 && lost < 90))
		echo "$lost" >>"$BATS_TEST_TMPDIR/lost"
	done
	[[ $(sort -u "$BATS_TEST_TMPDIR/lost" | wc -l) == 1 ]]
}

@test "error= says every type and code" {
	for code in {0..15}; do
		echo "host 10.9.3.$code error=unreach:$code"
		echo "host fd09:3::$(printf %x "$code") error=unreach:$code"
		echo "host fd09:4::$(printf %x "$code") error=param:$code:40"
	done >>"$topo"
	play <<-END
		host 10.9.4.0,fd09:5::0 error=exceeded:0
		host 10.9.4.1,fd09:5::1 error=exceeded:1
		host 10.9.4.2 error=quench
		host 10.9.4.3 error=param:0:20
		host 10.9.4.4,fd09:5::4 error=toobig:1000
		host 10.9.4.5 error=77:3:0x01020304 from=10.9.0.254
	END
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	run fping -q -c 1 -t 50 10.9.3.{0..15} 10.9.4.{0..5}
	run fping -6 -q -c 1 -t 50 fd09:3::{0..9} fd09:3::{a..f} fd09:4::{0..9} fd09:4::{a..f} fd09:5::{0,1,4}
	lab_capture_stop
	finish
	count total errors=57
	hex=$(icmp_hex "icmp[0] == 3 and not icmp[1] == 4" | cut -c 1-4 | sort -u)
	[[ $(wc -l <<<"$hex") == 15 ]]
	hex=$(icmp_hex "icmp6 and ip6[40] == 1" | cut -c 1-4 | sort -u)
	[[ $(wc -l <<<"$hex") == 16 ]]
	hex=$(icmp_hex "icmp6 and ip6[40] == 4" | cut -c 1-4,9-16 | sort -u)
	[[ $(wc -l <<<"$hex") == 16 && $hex == *00000028* ]]
	[[ $(icmp_hex "src 10.9.4.0" | cut -c 1-4) == 0b00 ]]
	[[ $(icmp_hex "src 10.9.4.1" | cut -c 1-4) == 0b01 ]]
	[[ $(icmp_hex "src 10.9.4.2" | cut -c 1-4) == 0400 ]]
	[[ $(icmp_hex "src 10.9.4.3" | cut -c 1-4,9-16) == 0c0014000000 ]]
	[[ $(icmp_hex "src 10.9.4.4" | cut -c 1-4,9-16) == 0304000003e8 ]]
	[[ $(icmp_hex "src fd09:5::4" | cut -c 1-4,9-16) == 0200000003e8 ]]
	[[ $(icmp_hex "icmp[0] == 77 and src 10.9.0.254" | cut -c 1-4,9-16) == 4d0301020304 ]]
}

# Three routers in a row, with the words for the second one.
chain() {
	play <<-END
		router 10.9.2.1,fd09:2::1
		router 10.9.2.2,fd09:2::2 $*
		router 10.9.2.3,fd09:2::3
		path 10.9.3.0/24,fd09:3::/64 10.9.0.254 10.9.2.1 10.9.2.2 10.9.2.3
		range 10.9.3.0/24,fd09:3::/64
	END
}

@test "each router speaks for its hop, and quotes the TTL it saw" {
	chain quote=full
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	for target in 10.9.3.1 fd09:3::1; do
		speakers=(10.9.0.254 10.9.2.1 10.9.2.2 10.9.2.3)
		[[ $target == 10.* ]] || speakers=(fd09::fe fd09:2::1 fd09:2::2 fd09:2::3)
		for ttl in 1 2 3 4; do
			quick -c 1 -t "$ttl" "$target"
			seen "From ${speakers[ttl - 1]} icmp_seq=1 Time"
		done
		quick -c 1 "$target"
		seen "64 bytes from $target: icmp_seq=1 ttl=60"
	done
	lab_capture_stop
	finish
	count total exceeded=8 errors=8
	count 10.9.2.1 forwarded=6 exceeded=2
	hex=$(icmp_hex "icmp[0] == 11 and src 10.9.2.2")
	[[ ${hex:32:2} == 01 ]]
	# eight octets, the quoted IP header and the whole echo request
	[[ ${#hex} == $(((8 + 20 + 64) * 2)) ]]
	hex=$(icmp_hex "icmp6 and ip6[40] == 3 and src fd09:2::2")
	[[ ${hex:30:2} == 01 && ${#hex} == $(((8 + 40 + 64) * 2)) ]]
}

@test "quote= and qttl= shape what is quoted" {
	chain quote=8 qttl=0
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	quick -c 1 -t 3 10.9.3.1
	seen "From 10.9.2.2 icmp_seq=1 Time to live exceeded"
	quick -c 1 -t 3 fd09:3::1
	lab_capture_stop
	hex=$(icmp_hex "icmp[0] == 11")
	[[ ${#hex} == $(((8 + 28) * 2)) && ${hex:32:2} == 00 ]]
	hex=$(icmp_hex "icmp6 and ip6[40] == 3")
	[[ ${#hex} == $(((8 + 48) * 2)) && ${hex:30:2} == 00 ]]
}

@test "MPLS labels and interface information come as RFC 4884, 4950 and 5837 have them" {
	chain quote=8 mpls=16001,3,0,1/24005,0,1,2 ifinfo=xe-0/0/1,192.0.2.1,9000,7,in ifinfo=,fd09::5,,,out
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	quick -c 1 -t 3 10.9.3.1
	quick -c 1 -t 3 fd09:3::1
	lab_capture_stop
	stack=000c010103e8160105dc5102
	in=0020020f0000000700010000c00002010c78652d302f302f3100000000002328
	out=0018028400020000fd090000000000000000000000000005
	for filter in "icmp[0] == 11" "icmp6 and ip6[40] == 3"; do
		hex=$(icmp_hex "$filter")
		# The length of the quote, in words of four octets or eight, and the quote's zero padding.
		[[ ${hex:8:8} == 00200000 || ${hex:8:8} == 10000000 ]]
		[[ ${hex:16:256} =~ 0{128}$ ]]
		ext=${hex:272}
		[[ $ext == 2000????$stack$in$out ]]
		[[ $(csum "$ext") == 0 ]]
	done
}

@test "an error that quotes more than 128 octets says so" {
	chain mpls=1,0,1,1
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	quick -c 1 -t 3 -s 201 10.9.3.1
	quick -c 1 -t 3 -s 1000 10.9.3.1
	quick -c 1 -t 3 -s 201 fd09:3::1
	lab_capture_stop
	mapfile -t long < <(icmp_hex "icmp[0] == 11")
	# 20 + 8 + 201 octets make 58 words; 576 octets in all, less two headers and the extension, 134.
	[[ ${long[0]:8:8} == 003a0000 && $(csum "${long[0]:$(((8 + 232) * 2))}") == 0 ]]
	[[ ${long[1]:8:8} == 00860000 && $(csum "${long[1]:$(((8 + 536) * 2))}") == 0 ]]
	hex=$(icmp_hex "icmp6 and ip6[40] == 3")
	[[ ${hex:8:8} == 20000000 && $(csum "${hex:$(((8 + 256) * 2))}") == 0 ]]
}

@test "extensions can be broken in each way" {
	play <<-END
		host 10.9.3.1 error=exceeded:0 mpls=1,0,1,1 ext=badcsum
		host 10.9.3.2 error=exceeded:0 mpls=1,0,1,1 ext=badlen
		host 10.9.3.3 error=exceeded:0 mpls=1,0,1,1 ext=badversion
		host 10.9.3.4 error=exceeded:0 mpls=1,0,1,1 ext=nolen
		host 10.9.3.5 error=exceeded:0 ext=raw:2000dead0004
		host 10.9.3.6 error=quench mpls=1,0,1,1
	END
	lab_capture here lab0 "$pcap" icmp
	run fping -q -c 1 -t 50 10.9.3.{1..6}
	lab_capture_stop
	for host in {1..6}; do
		message[host]=$(icmp_hex "icmp[0] != 8 and src 10.9.3.$host")
		ext[host]=${message[host]:272}
	done
	[[ ${ext[1]} == 2000????0008010100001101 && $(csum "${ext[1]}") != 0 ]]
	[[ ${ext[2]} == 2000????fff0010100001101 && $(csum "${ext[2]}") == 0 ]]
	[[ ${ext[3]} == 1000????0008010100001101 && $(csum "${ext[3]}") == 0 ]]
	[[ ${ext[4]} == 2000????0008010100001101 && ${message[4]:8:8} == 00000000 && ${message[3]:8:8} == 00200000 ]]
	[[ ${ext[5]} == 2000dead0004 ]]
	# Source quench takes no extension: the quoted packet is all there is.
	[[ ${#message[6]} == $(((8 + 84) * 2)) ]]
}

@test "mtu says what is too big, a blackhole says nothing" {
	play <<-END
		router 10.9.2.1,fd09:2::1 mtu=1400
		router 10.9.2.2,fd09:2::2 mtu=1400 blackhole
		router 10.9.2.3,fd09:2::3 mtu=1400 mtusay=0
		range 10.9.3.0/24,fd09:3::/64,10.9.4.0/24,fd09:4::/64,10.9.5.0/24
		path 10.9.3.0/24,fd09:3::/64 10.9.0.254 10.9.2.1
		path 10.9.4.0/24,fd09:4::/64 10.9.0.254 10.9.2.2
		path 10.9.5.0/24 10.9.0.254 10.9.2.3
	END
	quick -c 1 -M "do" -s 1372 10.9.3.1
	seen "1380 bytes from 10.9.3.1"
	quick -c 1 -M "do" -s 1373 10.9.3.1
	seen "From 10.9.2.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)"
	quick -c 1 -M dont -s 1373 10.9.3.2
	seen "1381 bytes from 10.9.3.2"
	quick -c 1 -M "do" -s 1353 fd09:3::1
	seen "From fd09:2::1 icmp_seq=1 Packet too big: mtu=1400"
	run ping -n -c 1 -W 0.1 -M "do" -s 1373 10.9.4.1
	seen "0 received, 100% packet loss"
	run ping -n -c 1 -W 0.1 -M "do" -s 1353 fd09:4::1
	seen "0 received, 100% packet loss"
	quick -c 1 -M "do" -s 1373 10.9.5.1
	seen "Frag needed and DF set (mtu = 0)"
	finish
	count 10.9.2.1 too_big=2 errors=2 forwarded=2
	count 10.9.2.2 blackholed=2 errors=0 forwarded=0
}

@test "redirect comes from the first router, then the reply" {
	play <<-END
		router 10.9.0.253,fd09::fd
		host 10.9.1.1,fd09:1::1 redirect=10.9.0.253,fd09::fd
	END
	lab_capture here lab0 "$pcap" "icmp or icmp6"
	# ping counts the redirect as an error and leaves: the capture shows that the reply came, too.
	quick -c 1 10.9.1.1
	seen "From 10.9.0.254 icmp_seq=1 Redirect Host(New nexthop: 10.9.0.253)"
	quick -c 1 fd09:1::1
	seen "64 bytes from fd09:1::1"
	lab_capture_stop
	finish
	count 10.9.1.1 redirects=2 replies=2 errors=0
	run lab_tcpdump -n -v -r "$pcap" "icmp6 and ip6[40] == 137"
	seen "fe80::ff:fe00:fe > fd09::1: [icmp6 sum ok] ICMP6, redirect"
	[[ $(icmp_hex "icmp[0] == 0 and src 10.9.1.1" | wc -l) == 1 ]]
	seen "fd09:1::1 to fd09::fd"
}

@test "limit holds back errors, replylimit replies, as a token bucket" {
	play <<-END
		host 10.9.1.1 error=unreach:1 limit=1:6
		host 10.9.1.2 replylimit=1:5
		host 10.9.1.3 limit=1:1
	END
	run ping -n -q -c 20 -i 0.002 -W 0.1 10.9.1.1
	run ping -n -q -c 20 -i 0.002 -W 0.1 10.9.1.2
	seen "20 packets transmitted, 5 received"
	quick -c 5 10.9.1.3
	seen "5 received"
	finish
	count 10.9.1.1 errors=6 limited=14
	count 10.9.1.2 requests=20 replies=5 limited=15
	count 10.9.1.3 replies=5 limited=0
}

@test "silent hosts answer ARP, noarp hosts do not even that" {
	play <<-END
		host 10.9.0.7,fd09::7 silent
		host 10.9.0.8 noarp
	END
	run ping -n -c 1 -W 0.1 10.9.0.7
	run ping -n -c 1 -W 0.1 fd09::7
	run ping -n -c 1 -W 0.1 10.9.0.8
	seen "0 received"
	finish
	count 10.9.0.7 neighbour=2 requests=2 silent=2 replies=0
	count 10.9.0.8 neighbour=0 requests=0
}

@test "nobody answers for the client, and nobody where no line is" {
	play <<<"range 10.9.0.0/24"
	# A foreign host that asks for the client's address gets no answer but the client's own.
	quick -c 1 10.9.0.77
	seen "1 received"
	run ping -n -c 1 -W 0.1 10.77.0.1
	seen "0 received"
	finish
	count port unowned=1
	[[ $(jq '.nodes["10.9.0.0/24"].neighbour' "$counters") == 1 ]]
}

@test "TCP and UDP are answered, dropped or refused" {
	play <<-END
		host 10.9.1.1,fd09:1::1
		host 10.9.1.2,fd09:1::2 tcp=open udp=echo
		host 10.9.1.3 tcp=drop udp=drop
	END
	for host in 10.9.1.1 fd09:1::1; do
		run timeout 2 bash -c "exec 5<>/dev/tcp/$host/80"
		seen "Connection refused"
		run bash -c "exec 5<>/dev/udp/$host/7; echo hello >&5; timeout 2 head -n 1 <&5"
		seen "Connection refused"
	done
	for host in 10.9.1.2 fd09:1::2; do
		timeout 2 bash -c "exec 5<>/dev/tcp/$host/80"
		run bash -c "exec 5<>/dev/udp/$host/7; echo hello >&5; timeout 2 head -n 1 <&5"
		seen "hello"
	done
	run timeout 0.2 bash -c "exec 5<>/dev/tcp/10.9.1.3/80"
	[[ $status == 124 ]]
	run bash -c "exec 5<>/dev/udp/10.9.1.3/7; echo hello >&5"
	finish
	count 10.9.1.1 errors=2 tcp=2
	count 10.9.1.2 udp=2 errors=0
	count 10.9.1.3 requests=2 silent=2 udp=0 tcp=0 errors=0
	count port malformed=0
}

@test "fragments are put together and answers cut" {
	play <<<"host 10.9.1.1,fd09:1::1"
	quick -c 2 -s 4000 10.9.1.1
	seen "4008 bytes from 10.9.1.1: icmp_seq=2"
	quick -c 2 -s 65507 10.9.1.1
	seen "65515 bytes from 10.9.1.1: icmp_seq=2"
	quick -c 2 -s 4000 fd09:1::1
	seen "4008 bytes from fd09:1::1: icmp_seq=2"
	finish
	count 10.9.1.1 requests=6 replies=6
	count port malformed=0 fragments=102
}

@test "a range is a network full of hosts" {
	play <<<"range 10.10.0.0/16,fd10::/64"
	run fping -a -q -r 0 -i 1 -g 10.10.3.0/24
	[[ $(wc -l <<<"$output") == 254 ]]
	quick -c 1 fd10::dead:beef
	seen "64 bytes from fd10::dead:beef"
	finish
	count 10.10.0.0/16 requests=255 replies=255
}

# udp_to ADDRESS N - N datagrams of one flow.
udp_to() {
	bash -c "exec 5<>/dev/udp/$1/9; for ((i = 0; i < $2; i++)); do echo >&5; done" 2>/dev/null
}

@test "ways are balanced by flow, packet or destination" {
	play <<-END
		router 10.9.2.1
		router 10.9.2.2
		router 10.9.2.3
		range 10.9.3.0/24,10.9.4.0/24,10.9.5.0/24,10.9.6.0/24 udp=drop
		path 10.9.3.0/24 10.9.2.1|10.9.2.2
		path 10.9.4.0/24 10.9.2.1|10.9.2.2 lb=packet
		path 10.9.5.0/24 10.9.2.1|10.9.2.2 lb=dst
		path 10.9.6.0/24 10.9.2.1 weight=3
		path 10.9.6.0/24 10.9.2.3 10.9.2.2 weight=1
	END
	# With the neighbour known a datagram is there when it has been sent.
	share() {
		finish
		first=$(jq '.nodes["10.9.2.1"].forwarded' "$counters")
		second=$(jq '.nodes["10.9.2.2"].forwarded' "$counters")
		echo "$first $second"
		lab_fakenet "$topo"
		quick -c 1 10.9.0.254
	}
	quick -c 1 10.9.0.254
	udp_to 10.9.3.1 20
	share
	((first + second == 20 && (first == 0 || second == 0)))
	for _ in {1..40}; do
		udp_to 10.9.3.1 1
	done
	share
	((first + second == 40 && first > 8 && second > 8))
	udp_to 10.9.4.1 40
	share
	((first + second == 40 && first > 8 && second > 8))
	for _ in {1..20}; do
		udp_to 10.9.5.1 1
	done
	share
	((first + second == 20 && (first == 0 || second == 0)))
	for _ in {1..80}; do
		udp_to 10.9.6.1 1
	done
	share
	((first + second == 80 && first > 45 && second > 5))
}

@test "--for ends it, --counters writes them to a file" {
	lab_ns far
	lab_veth here lab0 far net0
	echo "host 10.9.1.1" >>"$topo"
	run lab_in far "$LAB_TOP/build/lab/fakenet" --for=50ms --counters="$counters" "$topo"
	[[ $status == 0 && $output == ready ]]
	count total requests=0
	[[ $(jq .seed "$counters") == 7 ]]
	run lab_in far "$LAB_TOP/build/lab/fakenet" --for=50ms --counters=/dev/full "$topo"
	[[ $status == 2 ]]
	seen "fakenet: cannot write the counters to /dev/full"
	run lab_in far "$LAB_TOP/build/lab/fakenet" --interface=nowhere "$topo"
	[[ $status == 2 ]]
	seen "no interface nowhere"
}

# refuses LINE WORDS - the line is an error of line 6 that says WORDS.
refuses() {
	cp "$topo" "$topo.bad"
	echo "$1" >>"$topo.bad"
	run "$LAB_TOP/build/lab/fakenet" "$topo.bad"
	[[ $status == 2 ]] && seen "topo.bad:6: " && seen "$2"
}

@test "a line that is not understood names its number and the cure" {
	refuses "hots 10.9.1.1" "no statement 'hots'; there are: seed mac client host range router path"
	refuses "host 10.9.1" "'10.9.1' is no address"
	refuses "host 10.9.1.0/24" "is many addresses: call it a range"
	refuses "range 10.9.1.1/24" "has bits behind its prefix: write 10.9.1.0/24"
	refuses "range 10.9.1.0/33" "no prefix length from 0 to 32"
	refuses "host 10.9.0.254" "stands in the file already"
	refuses "host 10.9.1.1 dealy=1s" "no attribute 'dealy'; there are: delay jitter"
	refuses "host 10.9.1.1 delay=1parsec" "'delay=1parsec' should be a duration such as"
	refuses "host 10.9.1.1 delay" "'delay' takes a value"
	refuses "host 10.9.1.1 silent=yes" "'silent' takes no value"
	refuses "host 10.9.1.1 delay=1s delay=2s" "one of them"
	refuses "host 10.9.1.1 loss=50" "a share such as 50% or 0.5%"
	refuses "host 10.9.1.1 loss=101%" "from 0% to 100%"
	refuses "host 10.9.1.1 dup=0" "a whole number from 1 to 100"
	refuses "host 10.9.1.1 corrupt=40:256" "an octet of the echo data"
	refuses "host 10.9.1.1 forge=late" "early, next or time"
	refuses "host 10.9.1.1 foreign=host" "an address"
	refuses "host 10.9.1.1 foreign=10.1.1.1,10.1.1.2" "one address a family"
	refuses "host 10.9.1.1 error=unreach:256" "unreach:CODE"
	refuses "host fd09:1::1 error=quench" "no source quench"
	refuses "host 10.9.1.1 limit=fast" "packets a second and how many may come at once"
	refuses "host 10.9.1.1 mpls=1,2,3" "LABEL,TC,S,TTL"
	refuses "host 10.9.1.1 ifinfo=eth0,nowhere" "an address behind the interface's name"
	refuses "host 10.9.1.1 ifinfo=eth0,,,,up" "in, sub, out or next"
	refuses "host 10.9.1.1 ext=badcsum" "give mpls= or ifinfo= too"
	refuses "host 10.9.1.1 mpls=1,0,1,1 ext=raw:00" "raw is the whole extension"
	refuses "host 10.9.1.1 ext=raw:0" "even number of hex digits"
	refuses "host 10.9.1.1 blackhole" "need mtu="
	refuses "host 10.9.1.1 mtu=1400 blackhole mtusay=1" "a blackhole says nothing"
	refuses "host 10.9.1.1 udp=closed" "echo, unreach or drop"
	refuses "path 10.9.1.0/24 10.9.9.9" "'10.9.9.9' is no router above this line"
	refuses "path 10.9.1.0/24 lb=flow" "a path needs a router"
	refuses "path 10.9.1.0/24 10.9.0.254 lb=best" "weight=N, lb=flow, lb=packet or lb=dst"
	refuses "seed 1" "one seed, above all"
	refuses "mac 01:00:00:00:00:00" "a unicast MAC address"
	refuses "client 10.9.0.1/24 via 10.8.0.1" "the gateway 10.8.0.1 is not in 10.9.0.1/24"
	echo "router 10.9.2.1" >>"$topo"
	sed -i 1d "$topo"
	refuses "path fd09:3::/64 10.9.2.1" "has no address of the path's family"
	run "$LAB_TOP/build/lab/fakenet" /nonexistent
	[[ $status == 2 ]]
	seen "cannot open the topology /nonexistent"
}

@test "the little internet's own file is understood" {
	lab_fakenet "$BATS_TEST_DIRNAME/internet.topo"
	quick -c 1 10.9.1.1
	seen "1 received"
	quick -c 1 -t 3 10.9.3.1
	[[ $output =~ From\ 10.9.2.[23]\ icmp_seq=1 ]]
}
