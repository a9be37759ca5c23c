# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lab - raises small networks in network namespaces, for bats files and by hand.
#
# A script sources it and calls `lab_enter "$@"` first; bats files run inside already (make bats, or
# tests/setup/in-lab.sh bats FILE). Needs no root. A namespace is named, or "here": the one of the
# script itself. Everything is awaited by an event; lab_cleanup ends what was started, by pid.
#
#   lab_ns NAME                    a new namespace, lo up; ping sockets closed, as by default
#   lab_in NS COMMAND...           runs a command in it
#   lab_unpriv NS COMMAND...       ... without any capability
#   lab_raw NS COMMAND...          ... with CAP_NET_RAW and no other
#   lab_ping_sockets NS            opens ping sockets in it ("here" has them open)
#   lab_veth NS1 IF1 NS2 IF2       a cable between two namespaces
#   lab_addr NS IF ADDR/LEN...     addresses, usable at once (no duplicate address detection)
#   lab_bridge NS BRIDGE IF...     a switch over interfaces of one namespace
#   lab_chain N                    here - r1 - ... - rN - server: Linux routers, both families
#   lab_start NS REGEX COMMAND...  a server, started; returns when it prints a line that matches
#   lab_fakenet FILE [NS]          fakenet playing the topology FILE, joined to NS (here) by lab0
#   lab_fakenet_stop               ends it and prints its counters, one JSON object
#   lab_arphost NS IF RULE...      hosts that answer for addresses, truly or not (arphost.c has the rules)
#   lab_arphost_stop               ends them and prints their counters, one JSON object
#   lab_dhcphost NS IF RULE...     a DHCP server that says what it is told to (dhcphost.c has the rules)
#   lab_dhcphost_stop              ends it and prints its counters, one JSON object
#   lab_capture NS IF FILE [EXPR]  what passes IF goes into the pcap FILE, from when this returns
#   lab_capture_stop               ends it; all that passed until then is in the file
#   lab_tcpdump ARGUMENT...        tcpdump for reading a FILE, whoever we are
#   lab_cleanup                    ends and removes everything

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TOP=$(cd "$LAB_DIR/../.." && pwd)
LAB_PIDS=() LAB_NAMES=() LAB_LINKS=() LAB_COPIERS=()
LAB_TMP='' LAB_FAKENET='' LAB_CAPTURE='' LAB_ARPHOST='' LAB_DHCPHOST=''

# lab_enter "$@" - runs the calling script again in namespaces of its own, unless it is there already.
lab_enter() {
	[[ ${PKT_IN_LAB:-} == yes ]] || exec "$LAB_TOP/tests/setup/in-lab.sh" "$0" "$@"
}

lab_fail() {
	echo "lab: $*" >&2
	return 1
}

lab_init() {
	[[ ! $LAB_TMP ]] || return 0
	[[ ${PKT_IN_LAB:-} == yes ]] ||
		lab_fail "not in a namespace: run it by 'make bats' or tests/setup/in-lab.sh" || return
	LAB_TMP=$(mktemp -d "${TMPDIR:-/tmp}/lab.XXXXXX")
	lab_no_dad here
}

# An address may be used as soon as it is set: nobody else is on these wires.
lab_no_dad() {
	lab_in "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
}

# lab_prefix NS - the words before a command that is to run in NS, in the array LAB_PREFIX.
lab_prefix() {
	LAB_PREFIX=()
	[[ $1 == here ]] || LAB_PREFIX=(nsenter "--net=/run/netns/$1")
}

lab_in() {
	lab_prefix "$1"
	"${LAB_PREFIX[@]}" "${@:2}"
}

lab_unpriv() {
	lab_in "$1" setpriv --bounding-set=-all --inh-caps=-all "${@:2}"
}

lab_raw() {
	lab_in "$1" setpriv --bounding-set=-all,+net_raw --inh-caps=-all "${@:2}"
}

lab_ping_sockets() {
	lab_in "$1" sysctl -qw net.ipv4.ping_group_range='0 0'
}

lab_ns() {
	lab_init || return
	ip netns add "$1" || return
	LAB_NAMES+=("$1")
	lab_in "$1" ip link set lo up
	lab_no_dad "$1"
}

lab_veth() {
	local peer=$3

	lab_init || return
	[[ $peer != here ]] || peer=$$
	lab_in "$1" ip link add "$2" type veth peer name "$4" netns "$peer" || return
	[[ $1 != here ]] || LAB_LINKS+=("$2")
	[[ $3 != here ]] || LAB_LINKS+=("$4")
	lab_in "$1" ip link set "$2" up
	lab_in "$3" ip link set "$4" up
	lab_await_carrier "$1" "$2" && lab_await_carrier "$3" "$4"
}

# Until the kernel has noticed the carrier, a moment later, it drops what is sent.
lab_await_carrier() {
	local tries

	for ((tries = 0; tries < 1000; tries++)); do
		[[ $(lab_in "$1" ip -o link show "$2") == *' qdisc noop '* ]] || return 0
	done
	lab_fail "$2 in $1 has no carrier"
}

lab_addr() {
	local address

	for address in "${@:3}"; do
		case $address in
		*:*) lab_in "$1" ip addr add "$address" dev "$2" nodad || return ;;
		*) lab_in "$1" ip addr add "$address" dev "$2" || return ;;
		esac
	done
}

lab_bridge() {
	local interface

	lab_init || return
	lab_in "$1" ip link add "$2" type bridge || return
	[[ $1 != here ]] || LAB_LINKS+=("$2")
	for interface in "${@:3}"; do
		lab_in "$1" ip link set "$interface" master "$2" || return
	done
	lab_in "$1" ip link set "$2" up
}

# Link I of a chain leads from 10.8.I.1 to 10.8.I.2, and from fd08:0:0:I::1 to fd08:0:0:I::2.
lab_chain_routes() {
	local me=$1 last=$2 link

	for ((link = 0; link <= last; link++)); do
		if ((link < me - 1)); then
			echo "route add 10.8.$link.0/24 via 10.8.$((me - 1)).1"
			echo "route add fd08:0:0:$link::/64 via fd08:0:0:$((me - 1))::1"
		elif ((link > me)); then
			echo "route add 10.8.$link.0/24 via 10.8.$me.2"
			echo "route add fd08:0:0:$link::/64 via fd08:0:0:$me::2"
		fi
	done
}

# Sets LAB_SERVER4 and LAB_SERVER6, the addresses of the server at its end.
lab_chain() {
	local routers=$1 i names=(here)

	for ((i = 1; i <= routers; i++)); do
		names+=("r$i")
	done
	names+=(server)
	for ((i = 1; i <= routers + 1; i++)); do
		lab_ns "${names[i]}" || return
		lab_in "${names[i]}" sysctl -qw \
			net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
			net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=1000000 \
			net.ipv6.icmp.ratelimit=0
	done
	for ((i = 0; i <= routers; i++)); do
		lab_veth "${names[i]}" "chain$i" "${names[i + 1]}" left || return
		lab_addr "${names[i]}" "chain$i" "10.8.$i.1/24" "fd08:0:0:$i::1/64"
		lab_addr "${names[i + 1]}" left "10.8.$i.2/24" "fd08:0:0:$i::2/64"
	done
	for ((i = 0; i <= routers + 1; i++)); do
		lab_chain_routes "$i" "$routers" >"$LAB_TMP/routes"
		lab_in "${names[i]}" ip -batch "$LAB_TMP/routes" || return
	done
	# shellcheck disable=SC2034 # for the caller
	LAB_SERVER4=10.8.$routers.2 LAB_SERVER6=fd08:0:0:$routers::2
}

# lab_await REGEX FD - reads lines from FD until one matches; LAB_OUTPUT keeps them.
lab_await() {
	local line

	LAB_OUTPUT=''
	while read -r -t 20 -u "$2" line; do
		LAB_OUTPUT+=$line$'\n'
		[[ ! $line =~ $1 ]] || return 0
	done
	return 1
}

# As lab_start, and leaves the server's output on the descriptor LAB_FD, its pid in LAB_PID.
lab_launch() {
	local ns=$1 regex=$2 pipe

	lab_init || return
	pipe=$LAB_TMP/pipe
	rm -f "$pipe"
	mkfifo "$pipe"
	lab_prefix "$ns"
	# bats waits for whoever holds its descriptor 3.
	{ exec "${LAB_PREFIX[@]}" "${@:3}"; } >"$pipe" 2>&1 </dev/null 3>&- &
	LAB_PID=$!
	LAB_PIDS+=("$LAB_PID")
	exec {LAB_FD}<"$pipe"
	lab_await "$regex" "$LAB_FD" ||
		lab_fail "'${*:3}' did not get ready, it says: ${LAB_OUTPUT:-nothing}"
}

lab_start() {
	lab_launch "$@" || return
	# Whatever else it prints is read and kept, so that it never waits for a reader.
	cat <&"$LAB_FD" >>"$LAB_TMP/$LAB_PID.log" 3>&- &
	LAB_PIDS+=($!)
	LAB_COPIERS[LAB_PID]=$!
	exec {LAB_FD}<&-
}

# lab_said PID - all that a server from lab_start has said after it was ready, once it has ended; in
# LAB_OUTPUT.
lab_said() {
	wait "${LAB_COPIERS[$1]}"
	LAB_OUTPUT=$(<"$LAB_TMP/$1.log")
}

# lab_finish PID FD - ends a server and prints what it had left to say. Works in a subshell too,
# which cannot wait for its parent's child: the end of its output is the end of it.
lab_finish() {
	kill "$1" || return
	cat <&"$2"
}

# The client lines of a topology say which addresses this side has and where everything else is.
lab_fakenet() {
	local topology=$1 ns=${2:-here} word address via gateway

	lab_ns net || return
	lab_in net sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	lab_veth "$ns" lab0 net net0 || return
	while read -r word address via gateway _; do
		[[ $word == client && $via == via ]] || continue
		lab_addr "$ns" lab0 "$address"
		lab_in "$ns" ip route add default via "$gateway" dev lab0 || return
	done <"$topology"
	lab_launch net '^ready$' "$LAB_TOP/build/lab/fakenet" --interface=net0 "$topology" || return
	LAB_FAKENET=$LAB_PID LAB_FAKENET_FD=$LAB_FD LAB_FAKENET_NS=$ns
}

lab_fakenet_stop() {
	[[ $LAB_FAKENET ]] || lab_fail "fakenet does not run" || return
	lab_finish "$LAB_FAKENET" "$LAB_FAKENET_FD"
	exec {LAB_FAKENET_FD}<&-
	LAB_FAKENET=''
	lab_in "$LAB_FAKENET_NS" ip link del lab0
	ip netns del net
}

lab_arphost() {
	lab_launch "$1" '^ready$' "$LAB_TOP/build/lab/arphost" "--interface=$2" "${@:3}" || return
	LAB_ARPHOST=$LAB_PID LAB_ARPHOST_FD=$LAB_FD
}

lab_arphost_stop() {
	[[ $LAB_ARPHOST ]] || lab_fail "no arphost runs" || return
	lab_finish "$LAB_ARPHOST" "$LAB_ARPHOST_FD"
	exec {LAB_ARPHOST_FD}<&-
	LAB_ARPHOST=''
}

lab_dhcphost() {
	lab_launch "$1" '^ready$' "$LAB_TOP/build/lab/dhcphost" "--interface=$2" "${@:3}" || return
	LAB_DHCPHOST=$LAB_PID LAB_DHCPHOST_FD=$LAB_FD
}

lab_dhcphost_stop() {
	[[ $LAB_DHCPHOST ]] || lab_fail "no dhcphost runs" || return
	lab_finish "$LAB_DHCPHOST" "$LAB_DHCPHOST_FD"
	exec {LAB_DHCPHOST_FD}<&-
	LAB_DHCPHOST=''
}

lab_capture() {
	lab_launch "$1" '^ready$' "$LAB_TOP/build/lab/capture" "${@:2}" || return
	LAB_CAPTURE=$LAB_PID LAB_CAPTURE_FD=$LAB_FD
}

lab_capture_stop() {
	[[ $LAB_CAPTURE ]] || lab_fail "no capture runs" || return
	lab_finish "$LAB_CAPTURE" "$LAB_CAPTURE_FD"
	exec {LAB_CAPTURE_FD}<&-
	LAB_CAPTURE=''
}

# In a namespace that maps one user tcpdump fails to become another one, unless it believes to be
# an ordinary user already: nobody, in a namespace that maps none.
lab_tcpdump() {
	if [[ $(</proc/self/uid_map) == *4294967295* ]]; then
		tcpdump -Z root "$@"
	else
		unshare -U tcpdump "$@"
	fi
}

lab_cleanup() {
	local name running

	[[ $LAB_TMP ]] || return 0
	# Counters of a large topology are more than a pipe holds: nobody reads them now.
	[[ ! $LAB_FAKENET ]] || exec {LAB_FAKENET_FD}<&-
	# Only those that still run: the pid of one that has ended may be somebody else's by now.
	running=$'\n'$(jobs -rp)$'\n'
	for name in "${LAB_PIDS[@]}"; do
		[[ $running != *$'\n'$name$'\n'* ]] || kill "$name" 2>/dev/null || true
		wait "$name" 2>/dev/null || true
	done
	for name in "${LAB_LINKS[@]}"; do
		ip link del "$name" 2>/dev/null || true
	done
	for name in "${LAB_NAMES[@]}"; do
		ip netns del "$name" 2>/dev/null || true
	done
	rm -rf "$LAB_TMP"
	LAB_PIDS=() LAB_NAMES=() LAB_LINKS=()
	LAB_TMP='' LAB_FAKENET='' LAB_CAPTURE='' LAB_ARPHOST='' LAB_DHCPHOST=''
}
