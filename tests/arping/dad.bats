#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Is an address free: every case that a standard or a bug report names, IPv4 and IPv6.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/arping/arping.bash
source tests/arping/arping.bash

# both STATUS RESULT [OPTION...] - the same outcome for 192.0.2.5 and 2001:db8::5
both() {
	local address

	for address in 192.0.2.5 2001:db8::5; do
		run --separate-stderr "$A" --json --dad=fast "${@:3}" $address
		echo "$address: status $status, $output $stderr"
		[ "$status" -eq "$1" ]
		[ "$(jq -rs 'map(select(.type == "verdict"))[0].result' <<<"$output")" = "$2" ]
	done
}

@test "free" {
	both 0 free
	run "$A" --dad=fast 192.0.2.5
	[ "${lines[0]}" = "ARPING 192.0.2.5 from 0.0.0.0 eth0" ]
	[[ ${lines[1]} =~ ^"! free: nobody has 192.0.2.5 (3 probe(s) in 0."[0-9]+" s)"$ ]]
	[ "${lines[2]}" = "Sent 3 probes (3 broadcast(s))" ]
	[ "${lines[3]}" = "Received 0 response(s)" ]
	# An address of this host: whoever else has it is sought.
	run "$A" --dad=fast 192.0.2.1
	[[ $status -eq 0 && $output == *"! free: nobody else has 192.0.2.1 (3 probe(s) in 0."* ]]
}

@test "a Linux owner" {
	lab_addr one eth0 192.0.2.5/24 2001:db8::5/64
	both 1 in-use
	run "$A" --dad=fast 192.0.2.5
	[[ ${lines[1]} =~ ^"Unicast reply from 192.0.2.5 [02:00:00:00:00:02]  "[0-9.]+ms$ ]]
	[ "${lines[2]}" = "! in-use: 02:00:00:00:00:02 has 192.0.2.5" ]
}

@test "somebody probes for it at the same time" {
	hosts 192.0.2.5,rival 2001:db8::5,rival
	both 1 in-use
	run "$A" --dad=fast 192.0.2.5
	[[ $output == *"Broadcast probe from 192.0.2.5 [02:66:C0:00:02:05]"* ]]
	run "$A" --dad=fast 2001:db8::5
	[[ $output == *"Broadcast solicitation from 2001:db8::5 [02:66:00:00:00:05]"* ]]
}

@test "somebody announces it" {
	hosts 192.0.2.5,announce 2001:db8::5,announce
	both 1 in-use
	run "$A" --dad=fast 192.0.2.5
	[[ $output == *"Broadcast announcement from 192.0.2.5"* ]]
}

@test "no conflict: our own probe sent back, an answer with our own MAC, an ordinary question for it" {
	hosts 192.0.2.5,echo 2001:db8::5,echo
	both 0 free
	lab_arphost_stop
	hosts 192.0.2.5,mimic 2001:db8::5,mimic
	both 0 free
	lab_arphost_stop
	hosts 192.0.2.5,ask 2001:db8::5,ask
	both 0 free
	[ "$(lab_arphost_stop | jq .answers)" -ge 4 ]
}

@test "no conflict: a MAC of another interface of this host" {
	ip link add other type veth peer name other2
	ip link set other address 02:00:00:00:00:77
	hosts 192.0.2.5,mac=02:00:00:00:00:77 2001:db8::5,mac=02:00:00:00:00:77
	both 0 free
	ip link del other
}

@test "another VLAN is not ours, a priority tag is none, our VLAN is asked" {
	hosts 192.0.2.5,tag=7 2001:db8::5,tag=7
	both 0 free
	both 1 in-use --vlan=7
	lab_arphost_stop
	hosts 192.0.2.5,tag=0 2001:db8::5,tag=0
	both 1 in-use
}

@test "an answer that comes late, while we still listen" {
	hosts 192.0.2.5,delay=300 2001:db8::5,delay=300
	both 1 in-use -W 1
}

@test "broken frames say nothing" {
	hosts 192.0.2.5,mangle
	run "$A" --json --dad=fast 192.0.2.5
	jq -es 'map(select(.type == "summary"))[0].malformed > 10' <<<"$output"
}

@test "a Linux proxy does not claim a free address" {
	lab_addr one eth0 192.0.2.2/24
	lab_in one sysctl -qw net.ipv4.conf.eth0.proxy_arp=1 net.ipv4.conf.all.forwarding=1 \
		net.ipv4.neigh.eth0.proxy_delay=0
	lab_in one ip route add 192.0.2.5/32 dev lo
	run "$A" --dad=fast 192.0.2.5
	[ "$status" -eq 0 ]
}

@test "inconclusive, never free: down, no carrier, NOARP" {
	both 2 inconclusive -I lo
	ip link set eth0 arp off
	both 2 inconclusive
	ip link set eth0 arp on
	lab_in one ip link set eth0 down
	both 2 inconclusive
	ip link set eth0 down
	both 2 inconclusive -I eth0
}

@test "inconclusive: the carrier is lost half way" {
	lab_start here '^ARPING' "$A" --dad=fast -i 0.3 192.0.2.5
	lab_in one ip link set eth0 down
	status=0
	wait "$LAB_PID" || status=$?
	[ "$status" -eq 2 ]
	lab_said "$LAB_PID"
	[[ $LAB_OUTPUT == *"inconclusive: eth0 has no carrier"* ]]
}

@test "iputils: -D -c N, one a second, exit 0 or 1; -q says nothing; -w gives less time" {
	lab_addr one eth0 192.0.2.6/24
	run --separate-stderr "$A" -f -q -D -c 1 -I eth0 192.0.2.5
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	run "$A" -q -D -c 2 -I eth0 192.0.2.6
	[ "$status" -eq 1 ]
	run "$A" -D -c 9 -w 0.3 -I eth0 192.0.2.5
	[ "$status" -eq 0 ]
	[[ $output == *"! free: nobody has said to have 192.0.2.5, but -w ended it after 1 probe(s)"* ]]
}

@test "announcing: neighbours that know the address learn the MAC; request, reply and unsolicited NA" {
	lab_addr one eth0 192.0.2.2/24 2001:db8::2/64
	lab_in one ip neigh add 192.0.2.50 lladdr 02:aa:00:00:00:01 dev eth0 nud stale
	lab_in one ip neigh add 2001:db8::50 lladdr 02:aa:00:00:00:01 dev eth0 nud stale
	run "$A" -U -c 1 -I eth0 192.0.2.50
	[ "$status" -eq 0 ]
	[[ $(lab_in one ip neigh show 192.0.2.50) == *02:00:00:00:00:01* ]]
	lab_in one ip neigh replace 192.0.2.50 lladdr 02:aa:00:00:00:01 dev eth0 nud stale
	run "$A" -A -c 1 -I eth0 192.0.2.50
	[[ $(lab_in one ip neigh show 192.0.2.50) == *02:00:00:00:00:01* ]]
	run "$A" --json --announce -c 1 -I eth0 2001:db8::50
	[[ $(lab_in one ip neigh show 2001:db8::50) == *02:00:00:00:00:01* ]]
	jq -es 'map(select(.type == "verdict"))[0].result == "announced"' <<<"$output"
	run "$A" --announce=both -c 1 -I eth0 --pcap "$BATS_TEST_TMPDIR/x.pcap" 192.0.2.50
	[ "$(lab_tcpdump -nr "$BATS_TEST_TMPDIR/x.pcap" 2>/dev/null |
		grep -cE 'Request who-has 192.0.2.50 .*tell 192.0.2.50|Announcement 192.0.2.50|Reply 192.0.2.50 is-at 02:00:00:00:00:01')" -eq 2 ]
}

# Scripts that move a service address: arping -U -s SERVICE GATEWAY.
@test "announcing with -s: that address, told to the target" {
	lab_addr here eth0 192.0.2.8/24
	lab_addr one eth0 192.0.2.2/24
	run "$A" -U -c 1 -I eth0 -s 192.0.2.8 --pcap "$BATS_TEST_TMPDIR/u.pcap" 192.0.2.2
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "ARPING 192.0.2.2 from 192.0.2.8 eth0" ]
	[[ $(lab_tcpdump -enr "$BATS_TEST_TMPDIR/u.pcap" 2>/dev/null) == \
		*"02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff"*"Request who-has 192.0.2.2 tell 192.0.2.8"* ]]
	# Who is asked learns who asked (RFC 826), unlike from an announcement.
	[[ $(lab_in one ip neigh show 192.0.2.8) == *02:00:00:00:00:01* ]]
	run "$A" --json -A -c 1 -I eth0 -s 192.0.2.8 --pcap "$BATS_TEST_TMPDIR/a.pcap" 192.0.2.2
	jq -es 'map(select(.type == "verdict"))[0] |
		.result == "announced" and .target == "192.0.2.2" and .addr == "192.0.2.8"' \
		<<<"$output"
	run lab_tcpdump -vexxr "$BATS_TEST_TMPDIR/a.pcap"
	[[ $output == *"Reply 192.0.2.8 is-at 02:00:00:00:00:01"* ]]
	[[ $output == *" c000 0202"* ]] # the target, tcpdump does not name it
}

@test "announcing with -s: what makes no sense is refused" {
	run "$A" -U -I eth0 -s 192.0.2.8 2001:db8::5
	[ "$status" -eq 2 ]
	run "$A" -U -I eth0 -s 2001:db8::8 2001:db8::5
	[[ $status -eq 2 && $output == *"all nodes hear it"* ]]
	run "$A" -U -I eth0 -0 192.0.2.5
	[ "$status" -eq 2 ]
	run "$A" -D -c 1 -I eth0 -s 192.0.2.8 192.0.2.5
	[[ $status -eq 2 && $output == *"RFC 5227 1.1"* ]]
	run "$A" --dad=fast -I eth0 -s 0.0.0.0 192.0.2.5
	[ "$status" -eq 0 ]
}

@test "once free, it is announced and held: a second prober is told, a claim answered once" {
	lab_addr one eth0 192.0.2.2/24
	lab_start here '^! free' "$A" --dad=fast --announce --defend 10 -i 50ms -I eth0 192.0.2.5
	holder=$LAB_PID
	run lab_in one "$A" --dad=fast 192.0.2.5
	[ "$status" -eq 1 ]
	[[ $output == *"[02:00:00:00:00:01]"* ]]
	run lab_in one "$A" -U -c 1 192.0.2.5
	# RFC 5227 2.4 (b): who is claimed again within ten seconds gives the address up.
	run lab_in one "$A" -U -c 3 -i 100ms 192.0.2.5
	status=0
	wait "$holder" || status=$?
	[ "$status" -eq 1 ]
	lab_said "$holder"
	[[ $LAB_OUTPUT == *"! in-use: 02:00:00:00:00:02 has 192.0.2.5"*"! defended: 1 time(s)"* ]]
}

# dhcpcd gives up at once when it hears a probe, perhaps before it has sent one of its own: a switch
# keeps ours from it.
@test "a real dhcpcd that probes at the same time" {
	lab_ns switch
	lab_veth here eth1 switch port1
	lab_veth switch port2 one eth1
	lab_bridge switch br0 port1 port2
	lab_in one ip link set eth1 address 02:00:00:00:00:12
	lab_in switch nft -f - <<-'END'
		table bridge t {
			chain forward {
				type filter hook forward priority 0;
				iifname "port1" drop
			}
		}
	END
	printf '%s\n' 'interface eth1' 'static ip_address=192.0.2.5/24' 'noipv6' 'nohook resolv.conf' \
		>"$BATS_TEST_TMPDIR/conf"
	lab_start one 'probing for 192.0.2.5|ARP probing 192.0.2.5' \
		dhcpcd -B -d -4 -f "$BATS_TEST_TMPDIR/conf" eth1
	run "$A" --dad=rfc -I eth1 192.0.2.5
	[ "$status" -eq 1 ]
	[[ $output == *"[02:00:00:00:00:12]"* ]]
}

@test "--states draws the table that runs" {
	run "$A" --states
	[ "$status" -eq 0 ]
	[[ $output =~ PROBING.*"-- rival "-+"> TAKEN ".*"RFC 5227 2.1.1" ]]
}
