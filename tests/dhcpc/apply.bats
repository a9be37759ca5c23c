#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dhcpc on the host: what --apply and --daemon set, and that nothing of it stays.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/dhcpc/dhcpc.bash
source tests/dhcpc/dhcpc.bash

setup() {
	wire 10.77.0.1/24
	# Never the machine's own: only its mounts are ours, not its files.
	RESOLV=$LAB_TMP/resolv.conf
	echo 'nameserver 192.0.2.1' >"$RESOLV"
}

# Who waits for the end of a lease, to put the file back, need not any more: its path names him.
teardown() {
	local pid

	for pid in $(pgrep -f -- "--resolv=$RESOLV"); do
		kill "$pid" || true
	done
	lab_cleanup
}

# What the host looks like; times left out.
host() {
	ip -4 addr show | sed 's/valid_lft.*//'
	ip route
	cat "$RESOLV"
}

# await COMMAND... - until it succeeds; the kernel or another process needs a moment.
await() {
	local tries

	for ((tries = 0; tries < 500; tries++)); do
		! "$@" || return 0
		read -r -t 0.02 <> <(:) || true
	done
	echo "never: $*"
	return 1
}

is_as_before() {
	[ "$(host)" = "$before" ]
}

@test "the default and -n leave the host as it is" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	before=$(host)
	"$D" e0
	is_as_before
	"$D" -n e0
	is_as_before
}

@test "--apply: address with its lifetime, routes from it, name servers; then it is gone" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	run "$D" --apply --resolv="$RESOLV" --metric 77 e0
	[ "$status" -eq 0 ]
	run ip -4 addr show e0
	[[ $output =~ "inet 10.77.0.1"[0-9]+"/24 brd 10.77.0.255 scope global dynamic e0" ]]
	[[ $output =~ valid_lft\ (600|599)sec ]]
	run ip route
	[[ $output == *"default via 10.77.0.1 dev e0 proto dhcp src 10.77.0.1"*" metric 77"* ]]
	[[ $output == *"10.0.1.0/24 via 10.77.0.1 dev e0 proto dhcp"* ]]
	[ "$(grep -v '^#' "$RESOLV")" = $'search eng.example.com example.com\nnameserver 10.77.0.1\nnameserver 192.0.2.53' ]
	ping -c 1 -W 1 10.77.0.1
}

@test "--apply, and the lease runs out: all is as before" {
	before=$(host)
	lab_dhcphost srv e0 discover:offer,lease=2,opt=6:0a4d0001,opt=3:0a4d0001 \
		request:ack,lease=2,opt=6:0a4d0001,opt=3:0a4d0001
	run "$D" --apply --arp=none --resolv="$RESOLV" e0
	[ "$status" -eq 0 ]
	grep -q 'nameserver 10.77.0.1' "$RESOLV"
	ip route | grep -q '^default via 10.77.0.1'
	await is_as_before
}

@test "two leases, one on top of the other: what was there before both comes back" {
	printf 'nameserver 192.0.2.1\noptions rotate' >"$RESOLV" # no newline at its end
	before=$(host)
	lab_dhcphost srv e0 discover:offer,lease=2,opt=6:0a4d0001 request:ack,lease=2,opt=6:0a4d0001
	"$D" --apply --arp=none --resolv="$RESOLV" e0
	lab_dhcphost_stop >/dev/null
	lab_dhcphost srv e0 discover:offer,lease=4,opt=6:0a4d0002 request:ack,lease=4,opt=6:0a4d0002
	"$D" --apply --arp=none --resolv="$RESOLV" e0
	grep -q '^nameserver 10.77.0.2' "$RESOLV"
	await is_as_before
	[ "$(wc -c <"$RESOLV")" -eq 35 ]
}

@test "a file that somebody has changed meanwhile is left to him" {
	lab_dhcphost srv e0 discover:offer,opt=6:0a4d0001 request:ack,opt=6:0a4d0001
	"$D" -f --arp=none --resolv="$RESOLV" e0 >/dev/null 3>&- &
	pid=$!
	await grep -q '^nameserver 10.77.0.1' "$RESOLV"
	echo 'nameserver 192.0.2.9' >"$RESOLV"
	kill "$pid"
	wait "$pid"
	[ "$(<"$RESOLV")" = 'nameserver 192.0.2.9' ]
}

@test "a host lease with its gateway outside: it is on the link" {
	lab_dhcphost srv e0 discover:offer,mask=ffffffff,opt=3:0a090001 \
		request:ack,mask=ffffffff,opt=3:0a090001
	run "$D" --apply --arp=none --resolv=none e0
	[ "$status" -eq 0 ]
	ip route | grep -q '^default via 10.9.0.1 dev e0 proto dhcp src 10.77.0.100 onlink'
	grep -q 'nameserver 192.0.2.1' "$RESOLV"
}

@test "classless routes take the place of the router; --no-routes of all" {
	local routes=opt=3:0a4d0001,opt=121:180a00010a4d0002

	lab_dhcphost srv e0 discover:offer "request:ack,$routes"
	"$D" --apply --arp=none --resolv=none e0
	ip route | grep -q '^10.0.1.0/24 via 10.77.0.2'
	run -1 grep '^default' <(ip route)
	ip addr flush dev e0
	"$D" --apply --arp=none --resolv=none --no-routes e0
	run -1 grep 'proto dhcp' <(ip route)
}

@test "a route that the kernel does not take is left out, and told" {
	local routes=opt=121:180a00010a4d0001180a00027f000001180a00030a4d0001

	lab_dhcphost srv e0 discover:offer "request:ack,$routes"
	run "$D" --apply --arp=none --resolv=none e0
	[ "$status" -eq 0 ]
	[[ $output == *"dhcpc: cannot set the route to 10.0.2.0/24"* ]]
	ip route | grep -q '^10.0.1.0/24'
	ip route | grep -q '^10.0.3.0/24'
}

@test "an address that others claim: defended once, then given up and declined" {
	ip link set e0 address 02:00:00:00:00:01
	before=$(host)
	lab_dhcphost srv e0 discover:offer request:ack
	"$D" --json -v -f --resolv=none e0 >"$LAB_TMP/json" 3>&- &
	pid=$!
	await grep -q '"to":"BOUND"' "$LAB_TMP/json"
	# The first claim is answered by an announcement of ours, and the claimant gives up.
	run -1 lab_in srv build/bin/arping -A -c 2 -i 200ms -I e0 10.77.0.100
	[[ $output == *"in-use: 02:00:00:00:00:01 has 10.77.0.100"* ]]
	run lab_in srv build/bin/arping -A -c 1 -i 10ms -I e0 10.77.0.100
	await grep -q '"from":"BOUND","to":"PAUSING"' "$LAB_TMP/json"
	await is_as_before
	kill "$pid"
	wait "$pid"
	jq -es 'map(.type) | index("conflict") and index("decline")' "$LAB_TMP/json"
	lab_dhcphost_stop | grep -q '"decline":1'
}

@test "a daemon stays when its cable is pulled, and is there when it is back" {
	lab_dhcphost srv e0 discover:offer,lease=4 \
		request:ack,lease=4,opt=58:00000001,opt=59:00000002
	"$D" -v -f --arp=none --resolv=none e0 >"$LAB_TMP/out" 2>&1 3>&- &
	pid=$!
	await grep -q -- '-> BOUND' "$LAB_TMP/out"
	ip link set e0 down
	await grep -q ENETDOWN "$LAB_TMP/out"
	ip link set e0 up
	bound_again() { sed '1,/ENETDOWN/d' "$LAB_TMP/out" | grep -q -- '-> BOUND'; }
	await bound_again
	kill "$pid"
	wait "$pid"
}

@test "a daemon that is stopped takes all away, and gives back with -R" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	before=$(host)
	"$D" -f -R --arp=none --resolv="$RESOLV" e0 >"$LAB_TMP/out" 3>&- &
	pid=$!
	await grep -q 'nameserver 10.77.0.1' "$RESOLV"
	ip route | grep -q '^default via 10.77.0.1'
	kill "$pid"
	wait "$pid"
	is_as_before
	grep -q '> RELEASE ' "$LAB_TMP/out"
}

@test "a daemon renews before the lease ends, and the host sees no gap" {
	lab_dhcphost srv e0 discover:offer,lease=4 \
		request:ack,lease=4,opt=58:00000001,opt=59:00000002
	ip -4 monitor addr >"$LAB_TMP/monitor" 3>&- &
	monitor=$!
	"$D" --json -f --arp=none --resolv=none e0 >"$LAB_TMP/json" 3>&- &
	pid=$!
	renewed() { [ "$(jq -s 'map(select(.type == "bound")) | length' "$LAB_TMP/json")" -ge 2 ]; }
	await renewed
	ip -4 addr show e0 | grep -q 'inet 10.77.0.100/24'
	run -1 grep Deleted "$LAB_TMP/monitor"
	kill "$pid"
	wait "$pid"
	kill "$monitor"
	jq -es 'map(select(.type == "request"))[1].ciaddr == "10.77.0.100"' "$LAB_TMP/json"
}

@test "the server is gone: the lease is lost when it ends, and asked for again" {
	lab_dhcphost srv e0 discover:offer,lease=2 request:ack,lease=2
	before=$(host)
	"$D" --json -v -f --arp=none --resolv=none e0 >"$LAB_TMP/json" 3>&- &
	pid=$!
	await grep -q '"to":"BOUND"' "$LAB_TMP/json"
	lab_dhcphost_stop
	await grep -q '"from":"REBINDING","to":"SELECTING"' "$LAB_TMP/json"
	await is_as_before
	kill "$pid"
	wait "$pid" || [ $? -eq 1 ]
}

@test "fifty daemons killed at any moment leave nothing" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	before=$(host)
	for ((i = 0; i < 50; i++)); do
		"$D" -f --arp=none --resolv="$RESOLV" e0 >/dev/null 2>&1 3>&- &
		pid=$!
		# A moment, at random: from before the DISCOVER to after the last route.
		read -r -t "0.0$((RANDOM % 40 + 10))" <> <(:) || true
		kill -9 "$pid"
		wait "$pid" || true
		await is_as_before
	done
}

@test "hooks: fixed arguments, an empty environment and ours" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	printf '#!/bin/sh\n{ echo "arguments $*"; env; } >>%s\n' "$LAB_TMP/hook.out" >"$LAB_TMP/hook"
	chmod +x "$LAB_TMP/hook"
	SECRET=token run "$D" --script="$LAB_TMP/hook" e0
	[ "$status" -eq 0 ]
	[ -z "$(ip -4 -br addr show e0 | awk '{ print $3 }')" ]
	grep -q '^arguments bound$' "$LAB_TMP/hook.out"
	grep -q '^interface=e0$' "$LAB_TMP/hook.out"
	grep -q '^subnet=255.255.255.0$' "$LAB_TMP/hook.out"
	grep -q '^mask=24$' "$LAB_TMP/hook.out"
	grep -q '^dns=10.77.0.1 192.0.2.53$' "$LAB_TMP/hook.out"
	grep -q '^staticroutes=10.0.1.0/24 10.77.0.1 0.0.0.0/0 10.77.0.1$' "$LAB_TMP/hook.out"
	run -1 grep SECRET "$LAB_TMP/hook.out"
	rm "$LAB_TMP/hook.out"
	run "$D" --script="$LAB_TMP/hook" --hook-style=dhclient e0
	grep -q '^arguments $' "$LAB_TMP/hook.out"
	grep -q '^reason=BOUND$' "$LAB_TMP/hook.out"
	grep -q '^new_domain_name_servers=10.77.0.1 192.0.2.53$' "$LAB_TMP/hook.out"
	grep -q '^new_dhcp_lease_time=600$' "$LAB_TMP/hook.out"
}

@test "hooks never see octets that a script could fall over" {
	printf '#!/bin/sh\nenv >>%s\n' "$LAB_TMP/hook.out" >"$LAB_TMP/hook"
	chmod +x "$LAB_TMP/hook"
	lab_dhcphost srv e0 discover:offer request:ack,opt=12:610a62,opt=15:2428696429,opt=66:1b5b6d
	run "$D" --script="$LAB_TMP/hook" e0
	[ "$status" -eq 0 ]
	# shellcheck disable=SC2016 # it is not to be expanded, neither here nor there
	grep -qF 'domain=$(id)' "$LAB_TMP/hook.out"
	run -1 grep -E '^(hostname|tftp)=' "$LAB_TMP/hook.out"
}

@test "a hook that fails, and no lease at all" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	run "$D" --script=/bin/false e0
	[ "$status" -eq 8 ]
	[[ $output == *"the hook /bin/false failed (exit status 1)"* ]]
	printf '#!/bin/sh\necho "$*" >>%s\n' "$LAB_TMP/hook.out" >"$LAB_TMP/hook"
	chmod +x "$LAB_TMP/hook"
	run "$D" -T 100ms -s 10.77.0.9 --script="$LAB_TMP/hook" e0
	[ "$status" -eq 4 ]
	[ "$(<"$LAB_TMP/hook.out")" = leasefail ]
}

@test "without the privilege nothing is set, and that is exit 8" {
	server dnsmasq srv 10.77.0.1 10.77.0.100
	before=$(host)
	run lab_raw here "$D" --apply --arp=none --resolv="$RESOLV" e0
	[ "$status" -eq 8 ]
	[[ $output == *"cannot set the address"*"EPERM"* ]]
	is_as_before
	run lab_raw here "$D" --daemon --arp=none --resolv="$RESOLV" e0
	[ "$status" -eq 8 ]
	is_as_before
}
