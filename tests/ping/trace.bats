#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The evidence: --pcap, --hex and --explain show the packets of the exchange, all of them and no
# others, as the wire saw them where a tap is allowed, and rebuilt where it is not.

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
		path 0.0.0.0/0,::/0 10.9.0.254
		host 10.9.1.1,fd09:1::1
		host 10.9.1.2,fd09:1::2 error=unreach:1
		host 10.9.1.3,fd09:1::3 error=exceeded:0 mpls=16001,3,0,1/24005,0,1,2
		host 10.9.1.4,fd09:1::4 silent
		host 10.9.1.5,fd09:1::5 forge=early delay=30ms
		host 10.9.1.6,fd09:1::6 error=exceeded:0 mpls=16001,3,1,1 ext=nolen
		host 10.9.1.7 redirect=10.9.0.253
		host 10.9.1.8,fd09:1::8 error=param:0:40
	END
	lab_fakenet "$topo"
}

# tapped OPTION... - by a ping socket, with taps.
tapped() {
	lab_raw here "$PING" --socket dgram "$@"
}

# fields FILE NAME... - of each packet in FILE, as tshark reads it, checksums verified.
fields() {
	local file=$1 names=()

	shift
	for name; do
		names+=(-e "$name")
	done
	tshark -r "$file" -o ip.check_checksum:TRUE -T fields -E separator=' ' "${names[@]}" 2>/dev/null
}

# octets FILE - each packet in FILE as one line of hex.
octets() {
	lab_tcpdump -n -t -xx -r "$1" 2>/dev/null | awk '
		/^\t0x/ { sub(/^\t0x[0-9a-f]*: */, ""); gsub(/ /, ""); line = line $0; next }
		{ if (line) print line; line = "" }
		END { if (line) print line }'
}

# dumped FILE - the same of the dumps in the text of --hex.
dumped() {
	awk '/^[0-9a-f][0-9a-f][0-9a-f]0  / {
			if ($1 == "0000" && line) { print line; line = "" }
			hex = substr($0, 7, 47); gsub(/ /, "", hex); line = line hex
		}
		END { print line }' "$1"
}

# tiled FILE - whether the fields of every packet record in FILE claim each of its octets once.
tiled() {
	jq -e --slurp 'map(select(.type == "packet")) | length > 0 and all(.[];
		(reduce .fields[] as $f (0; if $f.off == . then . + $f.len else -1e9 end)) * 2 == (.hex | length) and
		all(.fields[]; .layer != "" and .name != "" and .value != "" and .meaning != ""))' "$1"
}

@test "a saved exchange is what the interface saw, without what others sent" {
	for target in 10.9.1.1 fd09:1::1; do
		lab_capture here lab0 "$tmp/all.pcap" "icmp or icmp6[0] == 128 or icmp6[0] == 129"
		"$PING" -q -c 20 -i 0.01 10.9.1.5 >"$tmp/other" &
		raw -q -c 5 -i 0.02 --pcap "$tmp/own.pcapng" "$target"
		wait $!
		lab_capture_stop
		lab_tcpdump -r "$tmp/all.pcap" -w "$tmp/wanted.pcap" "host $target" 2>/dev/null
		(($(octets "$tmp/all.pcap" | wc -l) > 40))
		same "packets" 10 "$(octets "$tmp/own.pcapng" | wc -l)"
		same "octets to $target" "$(octets "$tmp/wanted.pcap")" "$(octets "$tmp/own.pcapng")"
	done
}

@test "each saved packet says in a comment what was concluded from it" {
	raw -c 1 -i 10 -w 0.2 --pcap "$tmp/own.pcapng" 10.9.1.5
	fields "$tmp/own.pcapng" ip.src frame.comment | sed 's/rtt [0-9.]* ms (.* clock)/rtt # (# clock)/' >"$tmp/comments"
	same "comments" "10.9.0.1 probe seq=1, number 1
10.9.1.5 answer to seq=1, verdict forged: the cookie is not ours, rtt # (# clock)
10.9.1.5 answer to seq=1, verdict ok: asked address, cookie and data are right, rtt # (# clock)" "$(<"$tmp/comments")"
}

@test "a file of another name is pcap with nanoseconds" {
	raw -q -c 2 -i 0.01 --pcap "$tmp/own.pcap" 10.9.1.1
	same "magic" " a1b23c4d" "$(od -An -t x4 -N 4 "$tmp/own.pcap")"
	same "types" "8 0 8 0" "$(fields "$tmp/own.pcap" icmp.type | xargs)"
	fields "$tmp/own.pcap" frame.time_epoch | sort -c
}

@test "what was sent is saved where no answer comes" {
	for ask in raw unpriv; do
		run -1 "$ask" -q -c 2 -i 0.01 -W 0.05 --pcap "$tmp/$ask.pcapng" 10.9.1.4
		same "$ask" "8 probe seq=1, number 1
8 probe seq=2, number 2" "$(fields "$tmp/$ask.pcapng" icmp.type frame.comment)"
	done
}

@test "--hex dumps the octets that are saved, in text and in records" {
	for ask in raw unpriv; do
		for target in 10.9.1.1 fd09:1::1; do
			"$ask" --hex --pcap "$tmp/own.pcapng" -c 2 -i 0.01 "$target" >"$tmp/text"
			same "$ask, text" "$(octets "$tmp/own.pcapng")" "$(dumped "$tmp/text")"
			"$ask" --json --hex --pcap "$tmp/own.pcapng" -c 2 -i 0.01 "$target" >"$tmp/json"
			same "$ask, records" "$(octets "$tmp/own.pcapng")" "$(jq -r '.hex // empty' "$tmp/json")"
			same "fields" "" "$(jq 'select(.fields)' "$tmp/json")"
		done
	done
}

@test "--explain claims every octet once, whoever asks whom" {
	for ask in raw unpriv; do
		for target in {10.9.1.,fd09:1::}{1,2,3,4,5,6,8} 10.9.1.7; do
			"$ask" --json --explain --hex -c 1 -W 0.1 "$target" >"$tmp/json" || [[ $? == 1 ]]
			tiled "$tmp/json"
			jq -e --slurp --argjson rebuilt "$([[ $ask == raw ]] && echo false || echo true)" \
				'map(select(.type == "packet")) | all(.[]; .rebuilt == $rebuilt)' "$tmp/json"
		done
	done
}

@test "--explain tells first the way, then each packet, then the answer" {
	raw --explain -c 1 10.9.1.1 >"$tmp/text"
	sed -E 's/rtt [0-9.]+ ms \(.* clock\)/rtt # (# clock)/; s/time=[0-9.]+ ms( \(.* clock\))?/time=# ms/' "$tmp/text" |
		grep -E '^(route|PING|sent|received|64 bytes|---|[A-Z])' >"$tmp/heads"
	same "heads" "route to 10.9.1.1
PING 10.9.1.1 (10.9.1.1) 56(84) bytes of data.
sent 98 octets: probe seq=1, number 1
Ethernet
IPv4
ICMP
received 98 octets: answer to seq=1, verdict ok: asked address, cookie and data are right, rtt # (# clock)
Ethernet
IPv4
ICMP
64 bytes from 10.9.1.1: icmp_seq=1 ttl=63 time=# ms
--- 10.9.1.1 ping statistics ---" "$(grep -v '^rtt' "$tmp/heads")"
	grep -qE '^  matching entry   0\.0\.0\.0/0 \(mask 0\.0\.0\.0\), ' "$tmp/text"
	grep -qE '^ {19}10\.9\.1\.1 AND 0\.0\.0\.0 = 0\.0\.0\.0 \(RFC 1812 ' "$tmp/text"
	grep -qE '^  interface        lab0, MTU 1500$' "$tmp/text"
	grep -qE '^  source address   10\.9\.0\.1$' "$tmp/text"
	grep -qE '^  next hop         10\.9\.0\.254, the gateway' "$tmp/text"
	grep -qE '^   34  08 +Type +8 +echo request \[RFC 792' "$tmp/text"
	grep -qE '^   42  ([0-9a-f]{2} ){8} +cookie +0x[0-9a-f]{16} ' "$tmp/text"
	grep -qE '^   50  00 00 00 00 00 00 00 01 +probe number ' "$tmp/text"
	grep -qE '^   58  10 11 12 13 \.\.\. \[58-97\] +pattern ' "$tmp/text"
}

@test "the way as a record, and where there is none" {
	raw --json --explain -c 1 fd09:1::1 >"$tmp/json"
	same "way" '["fd09:1::1","lab0","fd09::1","::/0","fd09::fe","02:00:00:00:00:fe"]' \
		"$(jq -c 'select(.type == "route") | [.addr, .interface, .src, .prefix, .gateway, .mac]' "$tmp/json")"
	same "first" '"route"' "$(jq --slurp '.[0].type' "$tmp/json")"
	lab_ns lonely
	lab_raw lonely "$PING" --explain -c 1 192.0.2.1 >"$tmp/text" 2>/dev/null || same "exit" 2 $?
	grep -qx 'route to 192.0.2.1' "$tmp/text"
	grep -qE '^  none: .+' "$tmp/text"
}

@test "without privilege the IP headers are rebuilt, right to the checksum, and said to be" {
	unpriv --explain --pcap "$tmp/own4.pcapng" -c 1 10.9.1.1 >"$tmp/text"
	same "IPv4" "10.9.0.1 10.9.1.1 64 84 1 8 1
10.9.1.1 10.9.0.1 63 84 1 0 1" "$(fields "$tmp/own4.pcapng" ip.src ip.dst ip.ttl ip.len ip.checksum.status icmp.type icmp.checksum.status)"
	same "said" 2 "$(grep -cE '^(sent|received) 84 octets, IP header rebuilt ' "$tmp/text")"
	unpriv -q --pcap "$tmp/own6.pcapng" -c 1 fd09:1::1
	same "IPv6" "fd09::1 fd09:1::1 64 64 128 1
fd09:1::1 fd09::1 63 64 129 1" "$(fields "$tmp/own6.pcapng" ipv6.src ipv6.dst ipv6.hlim ipv6.plen icmpv6.type icmpv6.checksum.status)"
}

@test "an ICMP error is shown as the error that it is, on either socket" {
	local -A types=([10.9.1.2]="3,8 1,0" [10.9.1.3]="11,8 0,0" [10.9.1.6]="11,8 0,0" [10.9.1.7]="5,8 1,0"
		[10.9.1.8]="12,8 0,0" [fd09:1::2]="1,128 1,0" [fd09:1::3]="3,128 0,0" [fd09:1::6]="3,128 0,0"
		[fd09:1::8]="4,128 0,0")

	for ask in raw tapped unpriv; do
		for target in "${!types[@]}"; do
			"$ask" -q --pcap "$tmp/own.pcapng" -c 1 -W 0.1 "$target" || same "exit" 1 $?
			if [[ $target == *:* ]]; then
				names=(icmpv6.type icmpv6.code)
			else
				names=(icmp.type icmp.code)
			fi
			same "$ask, $target" "${types[$target]}" "$(fields "$tmp/own.pcapng" "${names[@]}" | sed -n 2p)"
			fields "$tmp/own.pcapng" frame.comment | sed -n 2p | grep -q '^ICMP error about probe seq=1: '
		done
	done
}

# header FILE - the ICMP error in FILE, field by field, and what differs from run to run left out.
header() {
	jq -c --slurp 'map(select(.type == "packet"))[1].fields | map(select(
		(.name | IN("Checksum", "Identifier", "cookie") | not) and
		(.layer | IN("ICMP", "ICMPv6", "ICMP extension")))) | map("\(.name)=\(.value)")' "$1"
}

@test "a rebuilt error says what the true one says: pointer, gateway, length, extension" {
	for target in {10.9.1.,fd09:1::}{2,3,8} 10.9.1.7; do
		for ask in raw unpriv; do
			"$ask" --json --explain -c 1 -W 0.1 "$target" >"$tmp/$ask.json" || same "exit" 1 $?
		done
		[[ $(header "$tmp/raw.json") == *Type=* ]]
		same "$target" "$(header "$tmp/raw.json")" "$(header "$tmp/unpriv.json")"
	done
	header "$tmp/raw.json" | grep -q '=10\.9\.0\.253"'
}

@test "a rebuilt error quotes the probe and bears the extension" {
	for target in 10.9.1.3 fd09:1::3; do
		unpriv --json --explain --hex --pcap "$tmp/own.pcapng" -c 1 -W 0.1 "$target" >"$tmp/json" || same "exit" 1 $?
		same "labels to $target" "16001,24005" "$(fields "$tmp/own.pcapng" icmp.mpls.label | tail -n 1)"
		tiled "$tmp/json"
		jq -e --slurp --arg target "$target" 'map(select(.type == "packet")) |
			(.[0].fields | map(select(.name == "cookie"))[0].value) as $cookie |
			.[1].fields | any(.[]; .name == "cookie" and .value == $cookie) and
			any(.[]; .layer == "ICMP extension") and
			(map(select(.name == "Destination Address"))[-1].value == $target) and
			all(.[]; .meaning | startswith("wrong") | not)' "$tmp/json"
	done
}

@test "a file that cannot be written ends in exit 2" {
	run -2 --separate-stderr raw -c 1 --pcap "$tmp/none/own.pcap" 10.9.1.1
	# shellcheck disable=SC2154 # run sets stderr
	[[ $stderr == *"$tmp/none/own.pcap"*ENOENT* && ! $output ]]
	run -2 --separate-stderr raw -c 1 --pcap /dev/full 10.9.1.1
	[[ $stderr == *ENOSPC* && $output == *"1 received"* ]]
}

@test "asking ourselves: the answer is saved, not the arrival of the question" {
	raw -c 2 -i 0.01 --pcap "$tmp/own.pcapng" 127.0.0.1
	same "types" "8 0 8 0" "$(fields "$tmp/own.pcapng" icmp.type | paste -sd' ')"
	raw -c 2 -i 0.01 --pcap "$tmp/own6.pcapng" ::1
	same "types" "128 129 128 129" "$(fields "$tmp/own6.pcapng" icmpv6.type | paste -sd' ')"
}

few_descriptors() {
	(
		exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- # those of bats
		ulimit -n "$1"
		"$PING" "${@:2}"
	)
}

@test "with few descriptors there is less evidence, or none, and no crash" {
	local n

	for n in {4..12}; do
		run few_descriptors "$n" --explain --pcap "$BATS_TEST_TMPDIR/few.pcap" -c 1 127.0.0.1
		[[ $status == 0 || ($status == 2 && $output == *"(EMFILE)"*) ]]
	done
	((status == 0))
}
