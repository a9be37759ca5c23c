#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dhcpc lint: what is known of real servers, and what a made-up one does wrong.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

setup() {
	wire 10.77.0.1/24
}

# found KIND STATUS CHECK... - lint says just these things against the server.
found() {
	server "$1" srv 10.77.0.1 10.77.0.100 "${CONF[@]}"
	run --separate-stderr "$D" --json lint e0
	[ "$status" -eq "$2" ]
	checks=$(jq -r 'select(.type == "check" and .verdict != "right") | "\(.verdict):\(.id)"' <<<"$output" | sort)
	diff <(printf '%s\n' "${@:3}" | sort) - <<<"$checks"
	[ "$(jq -r 'select(.type == "release").server_id' <<<"$output")" = 10.77.0.1 ]
}

@test "dnsmasq" {
	CONF=(dhcp-authoritative)
	found dnsmasq 5 odd:parameters wrong:client-id wrong:inform
}

@test "ISC dhcpd" {
	found dhcpd 5 odd:reboot-neighbour odd:times wrong:client-id
}

@test "Kea: one MAC address, though broadcast was asked for" {
	found kea 5 odd:parameters wrong:broadcast-flag
}

@test "udhcpd" {
	found udhcpd 5 odd:parameters odd:times odd:unicast wrong:client-id
}

@test "systemd-networkd" {
	found networkd 5 odd:parameters odd:same-options odd:times wrong:client-id wrong:inform
}

@test "another server refuses what this one offers" {
	lab_dhcphost srv e0 discover:offer request:nak,id=10.77.0.9,src=10.77.0.9 request:ack,delay=10 inform:ack
	run --separate-stderr "$D" lint -w 300ms -s 10.77.0.1 e0
	[ "$status" -eq 5 ]
	[[ $output == *"wrong  foreign-nak "*"another server refuses what this one offered [RFC 2131 4.3.2]"* ]]
	# It says yes to everything, so:
	[[ $output == *"wrong  reboot-neighbour "*"an ACK, of another address than the one asked about"* ]]
	[[ $output == *"wrong  reboot-elsewhere "*"an ACK, for an address of another network"* ]]
	[[ $output == *"wrong  inform "*"the ACK fills in yiaddr"* ]]
	[[ $output =~ "10.77.0.1: "[0-9]+" right, "[0-9]+" odd, "[0-9]+" wrong"$ ]]
}

@test "routes that take half of the internet, and an offer that nobody may accept" {
	lab_dhcphost srv e0 discover:offer,opt=121:01000a4d000101800a4d0001
	run --separate-stderr "$D" lint -w 100ms e0
	[ "$status" -eq 5 ]
	[[ $output == *"odd    half-the-internet "*"128.0.0.0/1"* ]]
	[[ $output == *"wrong  request            silence, not ACK"* ]]
	lab_dhcphost_stop >/dev/null
	lab_dhcphost srv e0 discover:offer,lease=0
	run --separate-stderr "$D" lint -w 100ms e0
	[[ $output == *"wrong  offer              the lease time is 0"* ]]
}

@test "nobody there" {
	run --separate-stderr "$D" --json lint -w 50ms e0
	[ "$status" -eq 1 ]
	jq -es '.[-2].result == "silent"' <<<"$output"
}
