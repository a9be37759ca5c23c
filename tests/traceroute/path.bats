#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One path: a chain of Linux routers, three of them between here and the server, by every kind of
# probe and both families; where the path ends, and how that is known.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

# shellcheck source=tests/traceroute/traceroute.bash
source tests/traceroute/traceroute.bash

setup_file() {
	chain
	HOPS4='10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2'
	HOPS6='fd08::2 fd08:0:0:1::2 fd08:0:0:2::2 fd08:0:0:3::2'
	export HOPS4 HOPS6
}

teardown() {
	calm r1 r2 r3 server
	nft flush ruleset
	lab_in r2 ip link set chain2 mtu 1500
	lab_in r3 ip link set left mtu 1500
}

# traces STATUS OPTION... - for text, in $output and $stderr, and again for records, in $tmp/json,
# which must be valid, begin and end as every run's do, and tell the same exit.
traces() {
	local code=0

	run "-$1" --separate-stderr "$traceroute" "${@:2}"
	"$traceroute" --json "${@:2}" >"$tmp/json" 2>"$tmp/json.err" || code=$?
	jq -e --slurp --argjson code $code 'length > 0 and all(.[]; .v == 1 and
		.tool == "traceroute" and (.ts | test("^[0-9-]{10}T[0-9:]{8}[.][0-9]{9}Z$"))) and
		map(.type == "end") == [range(length - 1) | false] + [true] and
		.[-1].exit == $code' "$tmp/json" >/dev/null
	((code == $1))
}

# has JQ-CONDITION - about the array of records of the last traces.
has() {
	jq -e --slurp "$1" "$tmp/json" >/dev/null || { grep '"summary"' "$tmp/json" >&2 && return 1; }
}

# hops - the addresses of $output, hop by hop.
hops() {
	awk '$1 ~ /^[0-9]+$/ { printf "%s%s", n++ ? " " : "", $2 } END { print "" }' <<<"$output"
}

@test "every kind of probe finds the same hops, IPv4 and IPv6" {
	local kind

	for kind in '' -I -T -U -L -UL '-P 99' '-T -p 22' '--classic' '--classic -I' --fast; do
		# shellcheck disable=SC2086
		traces 0 -n $kind "$LAB_SERVER4"
		[[ $(hops) == "$HOPS4" ]]
		has 'map(select(.type == "summary"))[0] | .reached and .distance == 4 and
			.stop_reason == "completed" and [.hops[].replies[0].from] == ($ENV.HOPS4 | split(" "))'
		# shellcheck disable=SC2086
		traces 0 -n $kind "$LAB_SERVER6"
		[[ $(hops) == "$HOPS6" ]]
		has 'map(select(.type == "summary"))[0] | .reached and .distance == 4'
	done
}

@test "without privilege UDP, ICMP and TCP find the same hops" {
	local kind

	for kind in '' -I -T; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr lab_unpriv here "$traceroute" -n $kind "$LAB_SERVER4"
		[[ $(hops) == "$HOPS4" ]]
		[[ $stderr == *'without raw sockets'*'flows'*setcap* ]]
		[[ $(wc -l <<<"$stderr") == 1 ]]
		# shellcheck disable=SC2086
		run -0 --separate-stderr lab_unpriv here "$traceroute" -n $kind "$LAB_SERVER6"
		[[ $(hops) == "$HOPS6" ]]
	done
	run -0 --separate-stderr "$traceroute" -n -T --unprivileged "$LAB_SERVER4"
	[[ $(hops) == "$HOPS4" ]]
	run -2 --separate-stderr lab_unpriv here "$traceroute" -n -L "$LAB_SERVER4"
	[[ $stderr == *'udplite needs raw sockets'* ]]
}

@test "an open TCP port is reached as a closed one is" {
	lab_start server 'Serving' python3 -u -m http.server 80
	traces 0 -n -T "$LAB_SERVER4"
	[[ $(hops) == "$HOPS4" ]]
	has 'any(.[]; .type == "reply" and .kind == "reached" and .tcp_flags == 18)'
	run -0 --separate-stderr lab_unpriv here "$traceroute" -n -T "$LAB_SERVER4"
	[[ $(hops) == "$HOPS4" ]]
}

@test "the lines are those of traceroute 2.1" {
	run -0 --separate-stderr "$traceroute" -n "$LAB_SERVER4"
	[[ ${lines[0]} == "traceroute to $LAB_SERVER4 ($LAB_SERVER4), 30 hops max, 60 byte packets" ]]
	[[ ${lines[1]} =~ ^' 1  10.8.0.2  '[0-9]+'.'[0-9]{3}' ms  '[0-9]+'.'[0-9]{3}' ms  '[0-9]+'.'[0-9]{3}' ms'$ ]]
	[[ ${#lines[@]} == 5 ]]
	run -0 --separate-stderr "$traceroute" -n -q 1 "$LAB_SERVER6" 100
	[[ ${lines[0]} == "traceroute to $LAB_SERVER6 ($LAB_SERVER6), 30 hops max, 100 byte packets" ]]
	[[ ${lines[4]} =~ ^' 4  fd08:0:0:3::2  '[0-9]+'.'[0-9]{3}' ms'$ ]]
}

@test "the distance is right when the server's errors are limited, at once and again" {
	local i

	lab_in server sysctl -qw net.ipv4.icmp_ratelimit=1000
	for i in 1 2 3 4; do
		traces 0 -n "$LAB_SERVER4"
		[[ $(awk '$1 ~ /^[0-9]+$/ { print $1 }' <<<"$output" | xargs) == '1 2 3 4' ]]
		[[ ${lines[4]} == *"$LAB_SERVER4"* ]]
		has 'map(select(.type == "summary"))[0] | .distance == 4 and .reached'
	done
	lab_in server sysctl -qw net.ipv4.icmp_ratelimit=0
}

@test "a silent server: all hops that answer, one line for the rest, exit 1" {
	lab_in server nft add table inet silence
	lab_in server nft add chain inet silence in '{ type filter hook input priority 0; }'
	lab_in server nft add rule inet silence in udp dport 33434 drop
	traces 1 -n "$LAB_SERVER4"
	[[ ${lines[-1]} == ' 4-30 * no reply' ]]
	[[ ${#lines[@]} == 5 ]]
	has 'map(select(.type == "summary"))[0] | (.reached | not) and .stop_reason == "hoplimit" and
		(has("distance") | not)'
	traces 1 -n -w 0.2 -m 4 "$LAB_SERVER4"
	[[ ${lines[4]} == ' 4  * * *' ]]
	lab_in server nft delete table inet silence
}

@test "what cannot be reached is told by the router that says so, at its place" {
	traces 1 -n 10.8.3.99
	[[ ${lines[4]} == ' 4  10.8.2.2  '*' ms !H  '*' ms !H  '*' ms !H' ]]
	has 'map(select(.type == "summary"))[0] | .stop_reason == "unreach" and .distance == 4'
	lab_in r2 ip route add prohibit 10.8.77.0/24
	lab_in r1 ip route add 10.8.77.0/24 via 10.8.1.2
	ip route add 10.8.77.0/24 via 10.8.0.2
	traces 1 -n 10.8.77.1
	[[ ${lines[2]} == ' 2  10.8.1.2  '*' ms !X  '*' ms !X  '*' ms !X' ]]
	[[ ${#lines[@]} == 3 ]]
}

@test "first and last hop, queries and hops beyond" {
	traces 0 -n -f 3 -q 2 "$LAB_SERVER4"
	[[ $(hops) == '10.8.2.2 10.8.3.2' ]]
	has 'map(select(.type == "summary"))[0].hops | length == 2 and .[0].sent == 2'
	traces 0 -n -f 9 "$LAB_SERVER4"
	[[ $(hops) == '10.8.3.2' ]]
	traces 1 -n -m 2 "$LAB_SERVER4"
	[[ $(hops) == '10.8.0.2 10.8.1.2' ]]
	traces 0 -n -m 255 -q 1 -N 1 "$LAB_SERVER4"
	[[ $(hops) == "$HOPS4" ]]
	traces 0 -n -f 4 -m 4 "$LAB_SERVER4"
	[[ $(hops) == '10.8.3.2' ]]
	traces 0 -n --count 2 "$LAB_SERVER4"
	has 'map(select(.type == "summary"))[0] | .probes == 2 and .distance == 4'
}

@test "near ends: ourselves, the next host, nobody at all" {
	traces 0 -n 127.0.0.1
	[[ $(hops) == 127.0.0.1 ]]
	traces 0 -n ::1
	[[ $(hops) == ::1 ]]
	traces 0 -n 10.8.0.1
	[[ $(hops) == 10.8.0.1 ]]
	traces 0 -n 10.8.0.2
	[[ $(hops) == 10.8.0.2 ]]
	traces 1 -n -q 1 10.8.0.99
	[[ ${lines[1]} == ' 1  10.8.0.1  '*' ms !H' ]]
	traces 0 -n "$(lab_in r1 ip -o -6 addr show dev left scope link | grep -o 'fe80[^/]*')%chain0"
	[[ $(hops) == fe80:*%chain0 ]]
}

@test "hops back are shown where they differ, as traceroute 2.1 shows them" {
	lab_in r2 sysctl -qw net.ipv4.ip_default_ttl=60
	lab_in r3 sysctl -qw net.ipv6.conf.left.hop_limit=120
	run -0 --separate-stderr "$traceroute" -n --back -q 1 "$LAB_SERVER4"
	lab_in r2 sysctl -qw net.ipv4.ip_default_ttl=64
	[[ ${lines[1]} == ' 1  10.8.0.2  '* ]]
	[[ ${lines[2]} == " 2  10.8.1.2 '-6'  "* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2  '* ]]
	run -0 --separate-stderr "$traceroute" -n --back -q 1 "$LAB_SERVER6"
	lab_in r3 sysctl -qw net.ipv6.conf.left.hop_limit=64
	[[ ${lines[2]} == ' 2  fd08:0:0:1::2  '* ]]
	[[ ${lines[3]} == " 3  fd08:0:0:2::2 '-11'  "* ]]
}

@test "with -N 1 each probe waits for the answer to the one before" {
	lab_capture here chain0 "$tmp/pcap" 'udp port 33434 or icmp'
	run -0 --separate-stderr "$traceroute" -n -N 1 -q 2 "$LAB_SERVER4"
	lab_capture_stop
	# Never two packets of ours in a row.
	lab_tcpdump -nr "$tmp/pcap" 2>/dev/null |
		awk '{ ours = / > 10.8.3.2.33434: UDP/; bad += ours && before; before = ours; n += ours }
			END { exit bad || n < 8 }'
}

@test "an option that there is not is named" {
	run -2 --separate-stderr "$traceroute" -30 "$LAB_SERVER4"
	[[ $stderr == *"option '-30'"* ]]
	run -2 --separate-stderr "$traceroute" "$LAB_SERVER4" -30
	[[ $stderr == *"option '-30'"* ]]
	run -2 --separate-stderr "$traceroute" -n --bogus "$LAB_SERVER4"
	[[ $stderr == *"option '--bogus'"* ]]
}

@test "names are shown, and a dead resolver holds nothing up" {
	printf '%s\n' '127.0.0.1 localhost' '10.8.0.2 first.test' '10.8.3.2 server.test' >"$tmp/hosts"
	mount --bind "$tmp/hosts" /etc/hosts
	printf 'nameserver 10.8.2.2\noptions timeout:30\n' >"$tmp/resolv"
	mount --bind "$tmp/resolv" /etc/resolv.conf
	lab_in r3 nft add table inet silence
	lab_in r3 nft add chain inet silence in '{ type filter hook input priority 0; }'
	lab_in r3 nft add rule inet silence in udp dport 53 drop
	run -0 --separate-stderr timeout 10 "$traceroute" server.test
	[[ ${lines[0]} == 'traceroute to server.test (10.8.3.2), 30'* ]]
	[[ ${lines[1]} == ' 1  first.test (10.8.0.2)  '* ]]
	[[ ${lines[2]} == ' 2  10.8.1.2 (10.8.1.2)  '* ]]
	[[ ${lines[4]} == ' 4  server.test (10.8.3.2)  '* ]]
	"$traceroute" --json server.test >"$tmp/json"
	has 'any(.[]; .type == "name" and .addr == "10.8.0.2" and .name == "first.test")'
	umount /etc/hosts /etc/resolv.conf
	lab_in r3 nft delete table inet silence
}

@test "a path asked again and again: loss and times of each hop, limits told from loss" {
	lab_in r2 sysctl -qw net.ipv4.icmp_ratelimit=1000
	traces 0 -n --continuous=20 --interval 10ms "$LAB_SERVER4"
	[[ ${lines[1]} == hop*loss*sent*p95* ]]
	[[ ${lines[2]} == ' 1  10.8.0.2 '*' 0.0%    20 '* ]]
	# How many it still gives depends on what was asked of it before.
	[[ ${lines[3]} == ' 2  '*' limits its answers' ]]
	[[ ${lines[5]} == ' 4  10.8.3.2 '*' 0.0%    20 '* ]]
	has 'map(select(.type == "watch"))[0] | .rounds == 20 and (.hops | length) == 4 and
		.hops[1].limited and .hops[1].received < 20 and .hops[3].received == 20 and
		(.hops[3].limited | not) and .hops[3].rtt_ms.p95 >= .hops[3].rtt_ms.min'
	lab_in r2 sysctl -qw net.ipv4.icmp_ratelimit=0
	traces 0 -n -I --continuous --deadline 0.3 --interval 0.1 "$LAB_SERVER6"
	has 'map(select(.type == "watch"))[0] | .rounds >= 2 and .hops[0].received >= 1'
	traces 2 -n --continuous --mtu "$LAB_SERVER4"
}

@test "the JSON of scamper and of RIPE Atlas, and nothing else with it" {
	run -0 --separate-stderr "$traceroute" -n --json=scamper "$LAB_SERVER4"
	jq -e --slurp 'length == 1 and (.[0] | .type == "trace" and .version == "0.1" and
		.method == "udp-paris" and .stop_reason == "COMPLETED" and .hop_count == 4 and
		(.hops | length) >= 12 and [.hops[] | select(.probe_id == 0) | .addr] ==
		($ENV.HOPS4 | split(" ")) and all(.hops[]; .rtt > 0 and .icmp_q_ttl >= 1))' <<<"$output"
	run -1 --separate-stderr "$traceroute" -n -w 0.2 -q 2 -m 6 --json=atlas 10.8.3.99
	jq -e --slurp 'length == 1 and (.[0] | .type == "traceroute" and .fw >= 4000 and .af == 4 and
		.proto == "UDP" and .dst_addr == "10.8.3.99" and .result[0].hop == 1 and
		.result[0].result[0].from == "10.8.0.2" and .result[3].result == [{x: "*"}, {x: "*"}])' <<<"$output"
	run -2 --separate-stderr "$traceroute" -n --json=xml "$LAB_SERVER4"
	[[ $stderr == *'scamper or atlas'* ]]
	run -0 --separate-stderr "$traceroute" -jn "$LAB_SERVER4"
	jq -e 'type == "object"' <<<"$output" >/dev/null
}

@test "autonomous systems come from a file" {
	printf '%s\n' '10.8.0.0 10.8.0.255 64500 ZZ ONE' '10.8.2.0 24 64501_64502' >"$tmp/as"
	traces 0 -n --asn-db "$tmp/as" "$LAB_SERVER4"
	[[ ${lines[1]} == ' 1  10.8.0.2 [AS64500]  '* ]]
	[[ ${lines[2]} == ' 2  10.8.1.2 [*]  '* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2 [AS64501_64502]  '* ]]
	has 'any(.[]; .type == "reply" and .from == "10.8.0.2" and .asn == "64500")'
	TRACEROUTE_ASNDB=$tmp/as run -0 "$traceroute" -n -A "$LAB_SERVER4"
	[[ $output == *'[AS64500]'* ]]
	traces 2 -n -A "$LAB_SERVER4"
	[[ $stderr == *TRACEROUTE_ASNDB* ]]
	"$LAB_DIR/mmdb.py" "$tmp/mmdb" 10.8.0.0/24=64500 10.8.2.0/24=AS64501 fd08::/64=4200000000
	traces 0 -n --asn-db "$tmp/mmdb" "$LAB_SERVER4"
	[[ ${lines[1]} == ' 1  10.8.0.2 [AS64500]  '* ]]
	[[ ${lines[2]} == ' 2  10.8.1.2 [*]  '* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2 [AS64501]  '* ]]
	traces 0 -n --asn-db "$tmp/mmdb" "$LAB_SERVER6"
	[[ ${lines[1]} == ' 1  fd08::2 [AS4200000000]  '* ]]
	echo nonsense >"$tmp/as"
	traces 2 -n --asn-db "$tmp/as" "$LAB_SERVER4"
	[[ $stderr == *'line 1'* ]]
}

@test "autonomous systems come from DNS, which nobody waits for long" {
	lab_start r2 'started' dnsmasq -d -C /dev/null -p 53 --log-facility=- --no-resolv --no-hosts \
		--local=/as.test/ --txt-record=2.0.8.10.origin.as.test,'64500 64501 | 10.8.0.0/24 | ZZ' \
		--txt-record=2.2.8.10.origin.as.test,'nonsense | 1' --txt-record="2.$(printf '0.%.0s' {1..27})8.0.d.f.origin6.as.test,64502 | fd08::/64"
	printf 'nameserver 10.8.1.2\n' >"$tmp/resolv"
	mount --bind "$tmp/resolv" /etc/resolv.conf
	traces 0 -n --asn=dns --asn-zone as.test --dns-grace 5 "$LAB_SERVER4"
	[[ ${lines[1]} == ' 1  10.8.0.2 [AS64500_64501]  '* ]]
	[[ ${lines[2]} == ' 2  10.8.1.2 [*]  '* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2 [*]  '* ]]
	has 'any(.[]; .type == "name" and .addr == "10.8.0.2" and .asn == "64500_64501")'
	traces 0 -n --asn-zone as.test --dns-grace 5 "$LAB_SERVER6"
	[[ ${lines[1]} == ' 1  fd08::2 [AS64502]  '* ]]
	traces 0 -n --asn-zone as.test --asn=off "$LAB_SERVER4"
	[[ ${lines[1]} == ' 1  10.8.0.2  '* ]]
	lab_in r2 nft add table inet silence
	lab_in r2 nft add chain inet silence in '{ type filter hook input priority 0; }'
	lab_in r2 nft add rule inet silence in udp dport 53 drop
	run -0 timeout 3 "$traceroute" -n --asn-zone as.test --dns-grace 0.2 "$LAB_SERVER4"
	[[ ${lines[1]} == ' 1  10.8.0.2 [*]  '* ]]
	umount /etc/resolv.conf
	traces 2 -n --asn=whois "$LAB_SERVER4"
	[[ $stderr == *'db, dns or off'* ]]
	traces 2 -n --asn-zone a..b "$LAB_SERVER4"
	[[ $stderr == *'DNS zone'* ]]
}

@test "several hosts: a block each, exit 0 only when all were reached" {
	traces 0 -n 10.8.0.2 10.8.1.2 10.8.2.2
	[[ $(grep -c '^traceroute to' <<<"$output") == 3 ]]
	has 'map(select(.type == "summary")) | map([.target, .distance]) | sort ==
		[["10.8.0.2", 1], ["10.8.1.2", 2], ["10.8.2.2", 3]]'
	printf '%s\n' 10.8.0.2 10.8.2.2 >"$tmp/list"
	traces 0 -n --file "$tmp/list"
	[[ $(grep -c '^traceroute to' <<<"$output") == 2 ]]
	traces 1 -n -w 0.2 10.8.0.2 10.8.2.99
	has 'map(select(.type == "summary") | .reached) | sort == [false, true]'
}

@test "Ctrl-C shows what is known and ends with 130" {
	local code=0

	lab_in server nft add table inet silence
	lab_in server nft add chain inet silence in '{ type filter hook input priority 0; }'
	lab_in server nft add rule inet silence in udp dport 33434 drop
	lab_capture r3 left "$tmp/pcap" 'udp and ip[8] > 1'
	"$traceroute" -n "$LAB_SERVER4" >"$tmp/out" 2>&1 3>&- &
	until lab_tcpdump -r "$tmp/pcap" 2>/dev/null | grep -q UDP; do :; done
	kill -INT $!
	wait $! || code=$?
	((code == 130))
	grep -q '^ 3  10.8.2.2  ' "$tmp/out"
	run ! grep -q 'no reply' "$tmp/out"
	lab_capture_stop
	lab_in server nft delete table inet silence
}

@test "what cannot be sent is an error of this host: exit 2" {
	traces 2 -n 198.51.100.1
	[[ $stderr == *'there is no route to 198.51.100.1'* ]]
	nft add table inet refuse
	nft add chain inet refuse out '{ type filter hook output priority 0; }'
	nft add rule inet refuse out udp dport 33434 drop
	traces 2 -n "$LAB_SERVER4"
	[[ $stderr == *'EPERM'*firewall* ]]
	has 'map(select(.type == "summary"))[0].stop_reason == "error"'
	nft delete table inet refuse
}

@test "methods by name, and their own options" {
	local name

	for name in default icmp tcp tcpconn udp udplite raw; do
		run -0 --separate-stderr "$traceroute" -n -M $name "$LAB_SERVER4"
		[[ $(hops) == "$HOPS4" ]]
	done
	lab_capture r1 left "$tmp/pcap" 'tcp or ip proto 77'
	run -0 --separate-stderr "$traceroute" -n -O ack -T "$LAB_SERVER4"
	[[ $(hops) == "$HOPS4" ]]
	run -0 --separate-stderr "$traceroute" -n -T -p 22 -O flags=3,info "$LAB_SERVER4"
	[[ ${lines[4]} == " 4  $LAB_SERVER4 <rst,ack>  "* ]]
	run -0 --separate-stderr "$traceroute" -n -T -p 23 -O mss=536 "$LAB_SERVER6"
	run -0 --separate-stderr "$traceroute" -n -M raw -O protocol=77 "$LAB_SERVER4"
	lab_capture_stop
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.src == 10.8.0.1 and tcp.dstport == 80' -T fields -e tcp.flags \
		-e tcp.len | sort -u) == $'0x0010\t0' ]]
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.src == 10.8.0.1 and tcp.dstport == 22' -T fields -e tcp.flags |
		sort -u) == 0x0003 ]]
	[[ $(tshark -r "$tmp/pcap" -Y 'ipv6.dst == fd08:0:0:3::2 and tcp.dstport == 23' -T fields \
		-e tcp.options.mss_val | sort -u) == 536 ]]
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.proto == 77' | wc -l) -ge 4 ]]
	lab_start server 'Serving' python3 -u -m http.server 8081
	run -0 --separate-stderr "$traceroute" -n -T -p 8081 -O info "$LAB_SERVER4"
	[[ ${lines[4]} == " 4  $LAB_SERVER4 <syn,ack>  "* ]]
	traces 2 -n -M dccp "$LAB_SERVER4"
	[[ $stderr == *'DCCP is not sent'*'-P 33'* ]]
	traces 2 -n -D "$LAB_SERVER4"
	[[ $stderr == *'DCCP is not sent'* ]]
	traces 2 -n -T -O sysctl "$LAB_SERVER4"
	[[ $stderr == *'-O'*'for TCP: syn, ack'* ]]
	traces 2 -n -O info "$LAB_SERVER4"
	[[ $stderr == *'udp has no options here'* ]]
	traces 2 -n -M tcpconn -O ack "$LAB_SERVER4"
}

@test "a loose source route is taken, and warned of" {
	local ns

	for ns in r1 r2 r3 server; do
		lab_in $ns sysctl -qw net.ipv4.conf.all.accept_source_route=1
		lab_in $ns sysctl -qw net.ipv4.conf.left.accept_source_route=1
	done
	sysctl -qw net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.chain0.accept_source_route=1
	# The way by r2's address on its far side: only the option leads to the server.
	lab_capture server left "$tmp/pcap" 'udp'
	traces 0 -n -g 10.8.2.1 "$LAB_SERVER4"
	lab_capture_stop
	[[ $stderr == *'RFC 7126'* ]]
	[[ $(hops) == "$HOPS4" ]]
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.src == 10.8.0.1' -T fields -e ip.opt.type | sort -u) == 131,0 ]]
	traces 2 -n -g 10.8.2.1 "$LAB_SERVER6"
	[[ $stderr == *'RFC 5095'* ]]
	traces 2 -n -g fd08::2 "$LAB_SERVER6"
	traces 2 -n -g somewhere "$LAB_SERVER4"
	[[ $stderr == *'192.0.2.1,...'* ]]
}

@test "SO_DEBUG is set, or its refusal told" {
	# In a namespace of an ordinary user the kernel refuses it to everybody.
	run --separate-stderr strace -f -e trace=setsockopt -o "$tmp/calls" "$traceroute" -n -d "$LAB_SERVER4"
	grep -q 'SO_DEBUG, \[1\]' "$tmp/calls"
	((status == 0)) || [[ $status == 2 && $stderr == *SO_DEBUG*CAP_NET_ADMIN* ]]
	run -2 --separate-stderr lab_raw here "$traceroute" -n -d "$LAB_SERVER4"
	[[ $stderr == *SO_DEBUG*CAP_NET_ADMIN* ]]
}

@test "wrong words are refused with the right ones" {
	traces 2 -n -f 5 -m 4 "$LAB_SERVER4"
	[[ $stderr == *'-f'*'behind the last, 4'* ]]
	traces 2 -n -w 5,3 "$LAB_SERVER4"
	[[ $stderr == *'5,3,10'* ]]
	traces 2 -n -m 256 "$LAB_SERVER4"
	traces 2 -n -q 0 "$LAB_SERVER4"
	traces 2 -n -i nosuch0 "$LAB_SERVER4"
	traces 2 -n -P nosuch "$LAB_SERVER4"
	traces 2
	[[ $stderr == *'where to?'* ]]
	run -2 "$traceroute" -n "$LAB_SERVER4" 12
}

@test "the probes of one run are one flow to routers" {
	lab_capture r1 left "$tmp/pcap" 'src host 10.8.0.1 and (udp or icmp or tcp[13] == 2)'
	"$traceroute" -n "$LAB_SERVER4"
	"$traceroute" -n -I "$LAB_SERVER4"
	"$traceroute" -n -T "$LAB_SERVER4"
	lab_capture_stop
	# Source, destination and first four octets of layer 4, of each kind of probe.
	tshark -r "$tmp/pcap" -T fields -e ip.proto -e udp.port -e tcp.port \
		-e icmp.checksum -e icmp.ident -e ip.len | sort | uniq -c >"$tmp/flows"
	[[ $(awk '{ print $2 }' "$tmp/flows" | sort -n | xargs) == '1 6 17' ]]
	awk '$1 < 10 { exit 1 }' "$tmp/flows"
	[[ $(wc -l <"$tmp/flows") == 3 ]]
}

# sports - what the probes of a run came from: port and flow label.
sports() {
	"$traceroute" -n -q 1 --pcap "$tmp/sports" "$1" >/dev/null
	tshark -r "$tmp/sports" -Y 'udp && !icmp && !icmpv6' -T fields -e udp.srcport -e ipv6.flow \
		2>/dev/null | sort -u | xargs
}

@test "a run is the same flow as the last one, or the next where its port is taken" {
	[ "$(sports "$LAB_SERVER4")" = 61440 ]
	[ "$(sports "$LAB_SERVER4")" = 61440 ]
	[[ $(sports "$LAB_SERVER6") == 61440\ 0x* && $(sports "$LAB_SERVER6") == "$(sports "$LAB_SERVER6")" ]]
	lab_start here '^ready$' python3 -c 'import signal, socket
ports = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for i, p in enumerate(ports): p.bind(("0.0.0.0", 61440 + i))
print("ready", flush=True); signal.pause()'
	[ "$(sports "$LAB_SERVER4")" = 61442 ]
}

@test "IPv6 probes bear one flow label, the one that is asked for" {
	lab_capture r1 left "$tmp/pcap" 'ip6 proto 17'
	"$traceroute" -n -l 0x12345 "$LAB_SERVER6"
	lab_capture_stop
	[[ $(tshark -r "$tmp/pcap" -T fields -e ipv6.flow | sort -u) == 0x*12345 ]]
}

@test "TOS, DF, port, source and length are those asked for" {
	lab_capture r1 left "$tmp/pcap" udp
	"$traceroute" -n -t 0xb8 -F -p 4711 --sport 4712 -s 10.8.0.1 -i chain0 "$LAB_SERVER4" 200
	lab_capture_stop
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.src == 10.8.0.1' -T fields -e ip.dsfield -e ip.flags.df \
		-e udp.dstport -e udp.srcport -e ip.len | sort -u) == $'0xb8\t1\t4711\t4712\t200' ]]
	lab_capture r1 left "$tmp/pcap" udp
	"$traceroute" -n --classic -q 1 "$LAB_SERVER4"
	lab_capture_stop
	[[ $(tshark -r "$tmp/pcap" -Y 'ip.src == 10.8.0.1' -T fields -e udp.dstport | sort -u | wc -l) -ge 4 ]]
}

@test "path MTU: where packets have to get smaller, and no memory of another day" {
	lab_in r2 ip link set chain2 mtu 1400
	lab_in r3 ip link set left mtu 1400
	traces 0 -n --mtu "$LAB_SERVER4"
	[[ ${lines[0]} == *' 65000 byte packets' ]]
	[[ ${lines[1]} == ' 1  10.8.0.2  '*' ms F=1500  '* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2  '*' ms F=1400  '* ]]
	[[ $(hops) == "$HOPS4" ]]
	has 'map(select(.type == "summary"))[0] | .mtu == 1400 and
		[.hops[] | .mtu] == [1500, null, 1400, null]'
	traces 0 -n --mtu -I "$LAB_SERVER6"
	has 'map(select(.type == "summary"))[0] | .mtu == 1400 and
		[.hops[] | .mtu] == [1500, null, 1400, null]'
	traces 1 -n -F "$LAB_SERVER4" 1450
	[[ ${lines[3]} == ' 3  10.8.1.2  '*' ms !F-1400  '*' ms !F-1400  '*' ms !F-1400' ]]
	[[ ${#lines[@]} == 4 ]]
	lab_in r2 ip link set chain2 mtu 1500
	lab_in r3 ip link set left mtu 1500
}

@test "a loop is told for one, long before the last hop" {
	lab_in r1 ip route add 10.8.66.0/24 via 10.8.1.2
	lab_in r2 ip route add 10.8.66.0/24 via 10.8.1.1
	ip route add 10.8.66.0/24 via 10.8.0.2
	traces 1 -n 10.8.66.1
	has 'map(select(.type == "summary"))[0] | .stop_reason == "loop" and (.hops | length) <= 8'
	((${#lines[@]} <= 9))
	ip route del 10.8.66.0/24
}

@test "the evidence: which quoted field proved which hop" {
	run -0 --separate-stderr "$traceroute" -n -q 1 --explain --pcap "$tmp/e.pcapng" "$LAB_SERVER4"
	[[ $output == *'probe 1 with TTL'*'mark 0x'*'(IP ID and UDP checksum)'* ]]
	[[ $output == *'its TTL ran out, so 10.8.1.2 is hop 2'* ]]
	[[ $output == *'so 10.8.3.2 is hop 30 - 27 + 1 = 4'* ]]
	[[ $(tshark -r "$tmp/e.pcapng" | wc -l) -ge 8 ]]
	run -0 --separate-stderr "$traceroute" -n -q 1 -I --hex "$LAB_SERVER6"
	[[ $output == *'received '*' octets: answer to probe'* ]]
}

@test "... without privilege, from what error queues and connect() tell" {
	run -0 --separate-stderr lab_unpriv here "$traceroute" -n -q 1 --explain "$LAB_SERVER4"
	[[ $output == *'off the error queue, known by the quoted UDP destination port 33436: its TTL ran out, so 10.8.'*' is hop '* ]]
	[[ $output == *'destination port '*' 33436'* ]]
	run -0 --separate-stderr lab_unpriv here "$traceroute" -n -q 1 -I --explain "$LAB_SERVER6"
	[[ $output == *'known by the quoted ICMP sequence number 0x'*': its TTL ran out, so fd08:0:0:1::2 is hop 2'* ]]
	run -0 --separate-stderr lab_unpriv here "$traceroute" -n -q 1 -T -p 9 --explain \
		--pcap "$tmp/t.pcap" "$LAB_SERVER4"
	[[ $output == *'known by the quoted TCP source port'*': its TTL ran out, so 10.8.1.2 is hop 2'* ]]
	[[ $output == *"was refused (ECONNREFUSED): a RST came, the end of the path, $LAB_SERVER4"* ]]
	[[ $(tshark -r "$tmp/t.pcap" -Y 'icmp.type == 11 and tcp.dstport == 9' | wc -l) -ge 3 ]]
}

@test "... of probes that look for branches or sizes" {
	run -0 --separate-stderr "$traceroute" -n --multipath --explain "$LAB_SERVER4"
	[[ $output == *'probe 20 with TTL '[1-4]','* ]]
	[[ $output != *'with TTL 0'* ]]
	run -0 --separate-stderr "$traceroute" -n --mtu --explain "$LAB_SERVER4"
	[[ $output == *'sent 1514 octets: probe '*' with TTL 4,'* ]]
	[[ $output != *'with TTL 0'* ]]
}

@test "nothing is lost in silence: a full disk is exit 2" {
	run -2 bash -c "'$traceroute' -n $LAB_SERVER4 >/dev/full"
	run -2 bash -c "'$traceroute' -n --json $LAB_SERVER4 >/dev/full"
}
