#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sizes: fragments of the kernel's and of our own, each seen on the wire; and the path MTU, told by
# a router, a lie of one, or hidden by a black hole.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

# shellcheck source=tests/ping/ping.bash
source tests/ping/ping.bash

setup_file() {
	local topo=$BATS_FILE_TMPDIR/topo

	cat >"$topo" <<-END
		seed 7
		client 10.9.0.1/24 via 10.9.0.254
		client fd09::1/64 via fd09::fe
		router 10.9.0.254,fd09::fe
		router 10.9.2.1,fd09:2::1 mtu=1400
		router 10.9.2.2,fd09:2::2 mtu=1400 blackhole
		router 10.9.2.3,fd09:2::3 mtu=1400 mtusay=1450
		router 10.9.2.4,fd09:2::4 mtu=1400 mtusay=1300
		path 10.9.1.0/24,fd09:1::/64 10.9.0.254
		path 10.9.11.0/24,fd09:11::/64 10.9.0.254 10.9.2.1
		path 10.9.12.0/24,fd09:12::/64 10.9.0.254 10.9.2.2
		path 10.9.13.0/24,fd09:13::/64 10.9.0.254 10.9.2.3
		path 10.9.14.0/24,fd09:14::/64 10.9.0.254 10.9.2.4
		range 10.9.0.0/16,fd09::/16
		host 10.9.1.9,fd09:1::9 silent
	END
	lab_fakenet "$topo"
	lab_chain 1
	lab_in r1 ip link set chain1 mtu 1300
	lab_in server ip link set left mtu 1300
}

# sizes OPTION... - what --mtu comes to: the MTU, what limits it, what a router said and which.
sizes() {
	"$PING" --mtu --json -W 0.2 "$@" >"$tmp/json"
	jq -r 'select(.type == "mtu") | "\(.mtu) \(.limit) \(.told) \(.told_by)"' "$tmp/json"
}

# fragments FILE FIELD... - of each packet, by tshark, which is to see them as they are.
fragments() {
	local fields=() field

	for field in "${@:2}"; do fields+=(-e "$field"); done
	TZ=UTC tshark -o ip.defragment:false -o ipv6.defragment:false -r "$1" -T fields \
		-E separator=' ' "${fields[@]}" 2>/dev/null
}

@test "--mtu: the whole link, told by a router, hidden by a black hole, told wrong" {
	while read -r target want; do
		same "$target" "$want" "$(sizes "$target")"
	done <<-'END'
		10.9.1.1 1500 link null null
		fd09:1::1 1500 link null null
		10.9.11.1 1400 told 1400 10.9.2.1
		fd09:11::1 1400 told 1400 fd09:2::1
		10.9.12.1 1400 black-hole null null
		fd09:12::1 1400 black-hole null null
		10.9.13.1 1400 told 1450 10.9.2.3
		fd09:14::1 1400 told 1300 fd09:2::4
		10.8.1.2 1300 told 1300 10.8.0.2
		fd08:0:0:1::2 1300 told 1300 fd08::2
		127.0.0.1 65535 link null null
	END
}

@test "--mtu in words, each size as it is asked, and without privilege" {
	lab_unpriv here "$PING" --mtu 10.9.11.1 | sed 's/time=[0-9.]* /time=# /' >"$tmp/text"
	same text "10.9.11.1: 1500 octets: 10.9.2.1 says: Frag needed and DF set (mtu = 1400)
10.9.11.1: 1400 octets: answered, time=# ms
10.9.11.1: 1401 octets: 10.9.2.1 says: Frag needed and DF set (mtu = 1400)
path MTU to 10.9.11.1: 1400 octets; 10.9.2.1 said so (packet too big)" "$(<"$tmp/text")"
	same quiet "path MTU to 10.9.12.1: 1400 octets; larger packets vanish and nobody says so: a black hole" \
		"$("$PING" -q -W 0.2 --mtu 10.9.12.1)"
	run -1 "$PING" -q -W 0.1 --mtu 10.9.1.9
	same silent "path MTU to 10.9.1.9: unknown; no packet of any size was answered" "$output"
}

@test "--mtu of many targets, and what the kernel had learnt does not spoil it" {
	same many "254 1400 black-hole" "$("$PING" --mtu --json -W 0.2 --rate 0 10.9.12.0/24 |
		jq -r 'select(.type == "mtu") | "\(.mtu) \(.limit)"' | sort | uniq -c | xargs)"
	run "$PING" -q -s 1400 --pmtudisc=do -c 1 10.9.11.1
	((status))
	same learnt "1400 told 1400 10.9.2.1" "$(sizes 10.9.11.1)"
}

@test "--mtu chooses by itself what other options would say" {
	for option in "-c 3" "-i 1" "-s 100" "-l 2" -f -A "-M do" -R -O "--frag 8"; do
		# shellcheck disable=SC2086 # an option and its argument
		run -2 --separate-stderr "$PING" --mtu $option 127.0.0.1
		# shellcheck disable=SC2154 # run sets stderr
		[[ $stderr == "ping: --"*" leave "*" out"* && ! $output ]]
	done
}

@test "--frag: the pieces as they are asked for, put together at the other end" {
	raw --frag 24 -c 1 -s 64 --pcap "$tmp/own4.pcap" 10.9.1.1
	same IPv4 "44 0 1
44 3 1
44 6 0" "$(fragments "$tmp/own4.pcap" ip.len ip.frag_offset ip.flags.mf | head -n 3)"
	same "one identification" 1 "$(fragments "$tmp/own4.pcap" ip.id | head -n 3 | sort -u | wc -l)"
	same sums "1 1 1" "$(TZ=UTC tshark -o ip.check_checksum:true -r "$tmp/own4.pcap" -T fields \
		-e ip.checksum.status 2>/dev/null | head -n 3 | paste -sd' ')"
	raw --frag 32 -c 1 -s 64 --pcap "$tmp/own6.pcap" fd08:0:0:1::2
	same IPv6 "40 0 1
40 4 1
16 8 0" "$(fragments "$tmp/own6.pcap" ipv6.plen ipv6.fraghdr.offset ipv6.fraghdr.more | head -n 3)"
	raw -q --frag 8 -c 2 -i 0.01 -s 4000 10.8.1.2 | grep -q ' 2 received, 0% packet loss'
	raw -q --frag 1232 -c 2 -i 0.01 -t 9 -Q ef -s 4000 fd08:0:0:1::2 | grep -q ' 2 received, '
	raw -q --frag 64 -c 1 ::1 | grep -q ' 1 received, '
}

@test "--frag --explain shows each fragment, and -M dont those of the kernel" {
	same own "fragment 1 of 2, octets 0 to 63 of 72: probe seq=1, number 1
fragment 2 of 2, octets 64 to 71 of 72: probe seq=1, number 1" "$(
		raw --frag 64 -c 1 -s 64 --explain --json 10.9.1.1 | jq -r 'select(.direction == "sent").comment')"
	for target in 10.9.1.1 fd09:1::1; do
		raw -M dont -c 1 -s 4000 --explain "$target" | grep -oE '^(sent|received) .*of 4008' >"$tmp/heads"
		same "$target" "3 sent 3 received" \
			"$(cut -d' ' -f1 "$tmp/heads" | uniq -c | awk '{ print $1, $2 }' | paste -sd' ')"
	done
	raw -M dont -c 1 -s 4000 --explain 10.9.1.1 | grep 'Flags + Fragment' | head -n 3 >"$tmp/flags"
	same flags "0x1 + 0 0x1 + 1480 0x0 + 2960" "$(grep -oE '0x[0-7] \+ [0-9]+' "$tmp/flags" | paste -sd' ')"
}

@test "a packet that was not put together in time is told as such" {
	lab_in r1 nft 'table inet t { chain c { type filter hook forward priority 0; ip frag-off & 0x1fff != 0 drop; frag frag-off != 0 drop; }; }'
	lab_in server sysctl -qw net.ipv4.ipfrag_time=1 net.ipv6.ip6frag_time=1
	raw --frag 32 -c 1 10.8.1.2 >"$tmp/text" & # both wait for a second
	four=$!
	run -1 raw --frag 32 -c 1 --json fd08:0:0:1::2
	same IPv6 "3/1 Time exceeded: Defragmentation failure" \
		"$(jq -r 'select(.type == "icmp_error") | "\(.icmp_type)/\(.icmp_code) \(.text)"' <<<"$output")"
	wait "$four" || [ $? -eq 1 ]
	grep -qx 'From 10.8.1.2 icmp_seq=1 Frag reassembly time exceeded' "$tmp/text"
	lab_in r1 nft flush ruleset
}

@test "--frag says what it cannot do" {
	for size in 0 7 12 65520 x; do
		run -2 --separate-stderr "$PING" --frag "$size" 127.0.0.1
		[[ $stderr == *"--frag"*"a multiple of 8 from 8 to 65512"* ]]
	done
	run -2 --separate-stderr "$PING" --frag 8 -R 127.0.0.1
	[[ $stderr == "ping: --frag cannot be had with -R"* ]]
	run -2 --separate-stderr "$PING" --frag 8 --socket dgram 127.0.0.1
	[[ $stderr == "ping: --frag needs a raw socket"* ]]
	run -2 --separate-stderr lab_unpriv here "$PING" --frag 8 127.0.0.1
	[[ $stderr == *"raw socket"*"setcap cap_net_raw=p"* ]]
}

@test "-v --explain adds the header up, and the kernel's sum agrees" {
	raw -v --explain -c 1 10.9.1.1 2>/dev/null | grep 'Header Checksum' >"$tmp/sums"
	while read -r _ hi lo line; do
		words=${line#*other words: }
		sum=$((0x$(sed 's/ = .*//; s/ + / + 0x/g' <<<"$words")))
		while ((sum >> 16)); do sum=$(((sum >> 16) + (sum & 0xffff))); done
		same sum "$hi$lo" "$(printf %04x $((~sum & 0xffff)))"
		[[ $line == *"turned over: $hi$lo [RFC 791 3.1, RFC 1071]" ]]
	done <"$tmp/sums"
	same lines 2 "$(wc -l <"$tmp/sums")"
}
