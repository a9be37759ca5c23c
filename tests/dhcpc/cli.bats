#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dhcpc's command line and what it prints: lines, records, variables, evidence.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

cable() {
	wire 10.77.0.1/24
	ip link set e0 address 02:00:00:00:00:01
}

honest() {
	cable
	lab_dhcphost srv e0 "discover:offer,$1" "request:ack,$1"
}

refuses() {
	run --separate-stderr "$D" "${@:2}"
	[ "$status" -eq 2 ]
	# shellcheck disable=SC2154 # set by run
	[[ $stderr == *"$1"* ]] || { echo "$stderr" && return 1; }
}

@test "a ladder of four messages, the lease, and a host as it was" {
	honest opt=3:0a4d0001,opt=6:0a4d0001
	run --separate-stderr "$D" e0
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "DHCP on e0 as 02:00:00:00:00:01" ]
	[[ ${lines[1]} =~ ^\ *[0-9.]+\ ms\ \ \>\ DISCOVER\ to\ everybody$ ]]
	[[ ${lines[2]} =~ ms\ \ \<\ OFFER\ +10.77.0.100/24\ from\ 10.77.0.1\ \(02:00:00:00:00:77\)\ lease\ 10m\ router\ 10.77.0.1\ dns\ 10.77.0.1$ ]]
	[[ ${lines[3]} =~ ms\ \ \>\ REQUEST\ +to\ everybody,\ 10.77.0.100\ of\ server\ 10.77.0.1$ ]]
	[[ ${lines[4]} =~ ms\ \ \<\ ACK\  ]]
	[ "${lines[5]}" = "Lease of 10.77.0.100/24 from 10.77.0.1, 10m (renew after 5m, rebind after 8m 45s)" ]
	[ "${lines[6]}" = "    1 subnet-mask                255.255.255.0" ]
	[ "${lines[-1]}" = "Nothing on this host was changed." ]
}

@test "JSON: one record a line, each field in its table" {
	honest opt=15:6c6162,opt=252:ff0041
	run --separate-stderr "$D" --json -v e0
	[ "$status" -eq 0 ]
	[ "$(jq -r .type <<<"$output" | tr '\n' ' ')" = \
		"state discover offer state request ack state bound summary end " ]
	jq -es 'map(select(.type == "bound"))[0] | .yiaddr == "10.77.0.100" and .prefix_len == 24
		and .lease_s == 600 and .t1_s == 300 and .t2_s == 525 and .server_id == "10.77.0.1"
		and .src_mac == "02:00:00:00:00:77" and .findings == []' <<<"$output"
	jq -es 'map(select(.type == "bound"))[0].options | map(select(.code == 15))[0]
		== {"code":15,"name":"domain-name","raw":"6c6162","value":"lab","parts":1,"where":"options"}' <<<"$output"
	jq -es 'map(select(.type == "offer"))[0].latency_ms > 0' <<<"$output"
	jq -es 'map(select(.type == "summary"))[0] | .result == "bound" and .sent == 2 and .received == 2' <<<"$output"
	jq -es '.[-1] | .exit == 0 and .reason == "done"' <<<"$output"
}

@test "JSON on every failure" {
	for words in '' nowhere 'lo' '-Q e0' 'decode /nowhere' 'decode hex:0x'; do
		# shellcheck disable=SC2086 # a list of words
		run --separate-stderr "$D" --json $words
		[ "$status" -eq 2 ]
		jq -es '.[-1].type == "end" and .[-1].exit == 2 and .[0].type == "error"' <<<"$output"
	done
}

@test "what cannot be is told with its cure" {
	refuses 'on which interface?'
	refuses 'there is no interface' nowhere
	refuses 'lo is no Ethernet' lo
	refuses "option -r: 'x' is not an IPv4 address" -r x e0
	refuses "option -s: 'x' is not an IPv4 or MAC address" -s x e0
	refuses "option -O: 'nothing' is not an option's name" -O nothing e0
	refuses "option -S: '60' is not OPTION=VALUE" -S 60 e0
	refuses "option -S: '60=hex:0' is not OPTION=VALUE" -S 60=hex:0 e0
	refuses "option -m: '01:00:00:00:00:00' is not the MAC address of one host" -m 01:00:00:00:00:00 e0
	refuses "option --arp: 'quick' is not rfc, fast or none" --arp=quick e0
	refuses "option -F: 'a..b' is not a domain name" -F a..b e0
	refuses '--release and --decline need' --release 10.77.0.100 e0
	refuses 'nothing that could be chosen' --release 10.77.0.100 -s 10.77.0.1 -H x e0
	refuses '-r, --rapid and --ipv6-only go with' --renew 10.77.0.100 --rapid e0
	refuses '--arp goes with' --inform 10.77.0.100 -a e0
	refuses '--tries means nothing' --renew 10.77.0.100 -t 2 e0
	refuses '--loose means nothing' --inform 10.77.0.100 --loose e0
	refuses "'e1' is not needed: one interface" -i e0 e1
	refuses '--wait goes with scan and lint' -w 1 e0
	refuses '--expect goes with scan' --expect 1 lint e0
	refuses 'scan and lint take --wait' -T 1 scan e0
	refuses 'mean nothing to scan and lint' --rapid scan e0
	refuses 'lint says what it must' -B lint e0
	refuses 'decode takes a capture' --rapid decode x
	refuses '-R goes with --daemon' -R e0
	refuses '--resolv, --metric and --no-routes go with' --metric 5 e0
	refuses 'not with -n or another mode' -n --apply e0
	refuses "option --resolv: 'x' is not auto" --apply --resolv=x e0
	refuses "option --script: 'x' is not the path" --script=x e0
	refuses '--hook-style goes with --script' --hook-style=dhclient e0
	refuses 'one of --shell, --print and --nagios' --shell --nagios e0
	refuses "option --print: 'x' is not an option's name" --print=1,x e0
	refuses '--shell and --print show one lease' --shell scan e0
	refuses 'is not the only thing to be done' --renew 10.0.0.1 --inform 10.0.0.1 e0
}

@test "an interface that is down" {
	cable
	ip link set e0 down
	refuses "e0 is down, switch it on: 'ip link set e0 up'" e0
}

@test "without the privilege: the line that lends it" {
	cable
	run --separate-stderr lab_unpriv here "$D" e0
	[ "$status" -eq 2 ]
	[[ $stderr == *"sudo setcap cap_net_raw=p "*"/dhcpc"* ]]
}

@test "one capability is enough" {
	honest xid
	lab_dhcphost_stop >/dev/null
	lab_dhcphost srv e0 discover:offer request:ack
	run --separate-stderr lab_raw here "$D" e0
	[ "$status" -eq 0 ]
}

@test "-q says nothing, its status all" {
	honest lease=600
	run "$D" -q -i e0
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

# shellcheck disable=SC2154,SC2016 # variables come from eval; the texts are not to be expanded
@test "--shell: what comes back from eval are the octets that were sent" {
	# it's; $(id) `id` "x" \ and a NUL-terminated name; a newline is no fit value
	honest opt=12:69742773,opt=15:242869642920606964602022782220,opt=66:615c62,opt=17:610a62,opt=252:7800
	run --separate-stderr "$D" --shell e0
	[ "$status" -eq 0 ]
	eval "$output"
	[ "$dhcp_host_name" = "it's" ]
	[ "$dhcp_domain_name" = '$(id) `id` "x" ' ]
	[ "$dhcp_tftp_server_name" = 'a\b' ]
	[ "$dhcp_wpad_url" = x ]
	[ -z "${dhcp_root_path+set}" ]
	[ "$dhcp_address/$dhcp_prefix_len" = 10.77.0.100/24 ]
	[ "$dhcp_lease_time" = 600 ]
}

@test "--print: values, a line each" {
	honest opt=3:0a4d0001,opt=6:0a4d00010a4d0002
	run --separate-stderr "$D" --print domain-name-servers,3,42 e0
	[ "$status" -eq 0 ]
	[ "$output" = $'10.77.0.1 10.77.0.2\n10.77.0.1' ]
}

@test "--nagios: its line and its statuses" {
	honest lease=600
	run --separate-stderr "$D" --nagios e0
	[ "$status" -eq 0 ]
	[[ $output =~ ^"DHCP OK: bound: 10.77.0.100/24 from 10.77.0.1 | time="0\.[0-9]{6}s$ ]]
	run --separate-stderr "$D" --nagios scan -w 100ms --deny 10.77.0.1 e0
	[ "$status" -eq 2 ]
	[[ $output == "DHCP CRITICAL: 1 server, 1 not allowed | time="* ]]
	lab_dhcphost_stop >/dev/null
	run --separate-stderr "$D" --nagios -T 100ms e0
	[ "$status" -eq 2 ]
	[[ $output == "DHCP CRITICAL: silent | time="* ]]
	run --separate-stderr "$D" --nagios nowhere
	[ "$status" -eq 3 ]
	[[ $output == "DHCP UNKNOWN: there is no interface"* ]]
}

@test "what is said: every option of a message" {
	honest lease=600
	lab_capture here e0 "$LAB_TMP/said.pcap"
	"$D" -q -r 10.77.0.123 -I hex:0102ff -H host -F h.example.com -V vendor -u class -O 150 -B \
		-S 43=hex:0102 -S 93=int16:7 -S 118=ip:10.77.0.0 --secs 9 --xid 0x12345678 e0
	lab_capture_stop >/dev/null
	run --separate-stderr "$D" decode "$LAB_TMP/said.pcap"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "1 "*"0.0.0.0 > 255.255.255.255 DISCOVER xid 0x12345678 secs 9 chaddr 02:00:00:00:00:01 broadcast" ]]
	[[ $output == *" 50 requested-address "*"10.77.0.123"* ]]
	[[ $output == *" 61 client-identifier "*"01:02:ff"* ]]
	[[ $output == *" 12 host-name "*"host"* ]]
	[[ $output == *" 81 client-fqdn "*"h.example.com (flags 0x5)"* ]]
	[[ $output == *" 60 vendor-class-identifier "*"vendor"* ]]
	[[ $output == *" 77 user-class "*"class"* ]]
	[[ $output == *"150 tftp-servers"* ]]
	[[ $output == *" 43 vendor-encapsulated-options 01:02"* ]]
	[[ $output == *" 93 client-architecture "*"7"* ]]
	[[ $output == *"118 subnet-selection "*"10.77.0.0"* ]]
	[[ $output == *" 57 max-message-size "*"1500"* ]]
}

@test "anonymous: a random MAC address, and nothing that tells who we are" {
	honest lease=600
	lab_capture here e0 "$LAB_TMP/said.pcap"
	run "$D" --anonymous -C -V vendor e0
	[ "$status" -eq 0 ]
	[[ ${lines[0]} != *02:00:00:00:00:01* ]]
	lab_capture_stop >/dev/null
	run "$D" decode "$LAB_TMP/said.pcap"
	[[ $output != *"client-identifier"* && $output != *vendor* && $output == *"OFFER"* ]]
}

@test "a MAC address that is not the interface's" {
	honest lease=600
	run "$D" -m 02:00:00:00:00:99 e0
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "DHCP on e0 as 02:00:00:00:00:99" ]]
	[[ $(ip -d link show e0) == *"promiscuity 0"* ]]
}

@test "--explain teaches the right cookie, and where the address stands" {
	honest lease=600
	run --separate-stderr "$D" --explain e0
	[ "$status" -eq 0 ]
	[[ $output == *"63 82 53 63 "*"magic cookie "*"[RFC 2131 3]"* ]]
	[[ $output =~ ciaddr\ +0\.0\.0\.0\ +"the client has no address that it uses" ]]
	[[ $output =~ requested-address\ +10.77.0.100\ +"the address that the client asks for (not in ciaddr)" ]]
	[[ $output =~ "sent "[0-9]+" octets: REQUEST" ]]
	[[ $output =~ "received "[0-9]+" octets: the server gives what was asked for" ]]
}

@test "--pcap saves our own exchange, with verdicts; --hex dumps it" {
	honest lease=600
	run --separate-stderr "$D" --hex --pcap "$LAB_TMP/own.pcapng" e0
	[ "$status" -eq 0 ]
	[[ $output == *"63 82 53 63"* || $output == *"6382 5363"* ]]
	run --separate-stderr tshark -n -r "$LAB_TMP/own.pcapng" -T fields -e dhcp.option.dhcp -e frame.comment
	[ "$(cut -f 1 <<<"$output" | tr '\n' ' ')" = "1 2 3 5 " ]
	[[ $output == *"an offer, taken"* ]]
}

@test "decode: messages that are whole, malformed, or alone in hexadecimal" {
	honest lease=600
	lab_capture here e0 "$LAB_TMP/x.pcap"
	"$D" -q e0
	lab_dhcphost_stop >/dev/null
	lab_dhcphost srv e0 discover:offer,cookie=62825363
	run "$D" -q -T 100ms e0
	lab_capture_stop >/dev/null
	run --separate-stderr "$D" decode --json - <"$LAB_TMP/x.pcap"
	[ "$status" -eq 0 ]
	[ "$(jq -r 'select(.type == "message").message_type' <<<"$output" | tr '\n' ' ')" = \
		"DISCOVER OFFER REQUEST ACK DISCOVER message " ]
	jq -es 'map(select(.type == "message")) | .[5].reason | contains("magic cookie")' <<<"$output"
	run --separate-stderr "$D" decode "hex:$(printf '02010600%0464d63825363350102ff' 0)"
	[ "$status" -eq 0 ]
	[[ $output == "OFFER xid 0x00000000"* ]]
	run --separate-stderr "$D" decode "hex:$(printf '02010600%0464d63825363350109' 0)"
	[ "$status" -eq 0 ]
	run --separate-stderr "$D" decode "hex:$(printf '02010600%0464d638253633509' 0)"
	[ "$status" -eq 5 ]
	[[ $output == *"! malformed: an option ends outside the message"* ]]
}

@test "--states draws the table that runs" {
	run "$D" --states
	[ "$status" -eq 0 ]
	[[ $output =~ SELECTING$'\n'"  |-- OFFER "-+"> REQUESTING  send REQUEST [RFC 2131 3.1 step 3]" ]]
	[[ $output =~ "  |-- T2 "-+"> REBINDING   send REQUEST [RFC 2131 4.4.5]" ]]
	# Whoever leads somewhere is a state with a way out of it, or the end.
	[ "$(grep -oE '^[A-Z].*' <<<"$output" | sort)" = "$({ # each that is led to is drawn
		grep -oE -- '-> [A-Z-]+' <<<"$output" | cut -c4- | grep -vx OVER
		printf 'INIT\nINIT-REBOOT\n'
	} | sort -u)" ]
}

@test "Ctrl-C ends it, with a summary" {
	cable
	"$D" --json -T 1h e0 >"$LAB_TMP/json" 3>&- &
	pid=$!
	until grep -q '"type":"discover"' "$LAB_TMP/json"; do
		read -r -t 0.01 <> <(:) || true
	done
	kill -INT "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	jq -es '.[-1].reason == "interrupted" and .[-2].result == "interrupted"' "$LAB_TMP/json"
}

@test "output that is lost is told" {
	honest lease=600
	run bash -c "$D e0 >/dev/full"
	[ "$status" -eq 2 ]
	[[ $output == *"could not be written"* ]]
}
