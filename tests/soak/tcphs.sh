#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The whole life of connections, many times: SOAK_LIVES (200) against each of nginx, busybox and
# Python over IPv4, IPv6 and loopback with cap_net_raw alone, not one RST of ours; nothing left
# behind by SIGKILL; scapy's three steps under rstguard and phantom; and 1 MiB over a bad cable, from
# Linux and, where slirp4netns, passt and /dev/net/tun are there, from stacks of another make.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/lab/lab.bash
source tests/lab/lab.bash
lab_enter "$@"
# shellcheck source=tests/tcphs/tcphs.bash
source tests/tcphs/tcphs.bash
trap lab_cleanup EXIT

lives=${SOAK_LIVES:-200}
handshakes=${SOAK_HANDSHAKES:-20}
seeds=${SOAK_SEEDS:-3}
foreign_s=${SOAK_FOREIGN_S:-1800} # slirp waits a second or more for each loss
done_lives=0 done_handshakes=0 done_fetches=0

fault() {
	echo "tcphs: FAILED: $*"
	exit 1
}

# again - a new lab
again() {
	lab_cleanup
	lab_init
	# shellcheck disable=SC2034 # for tcphs.bash
	BATS_TEST_TMPDIR=$LAB_TMP
}

# --- lives

# live ADDRESS PORT TIMES
live() {
	local i

	for ((i = 0; i < $3; i++)); do
		lab_raw here "$T" -q --http /big -o "$LAB_TMP/got" "$1" "$2" >"$LAB_TMP/line" ||
			fault "$1 port $2: status $?, $(<"$LAB_TMP/line")"
		grep -q "^RESULT .* syn-ack .* close=graceful$" "$LAB_TMP/line" ||
			fault "$(<"$LAB_TMP/line")"
		cmp "$LAB_TMP/got" "$W/big" || fault "$1 port $2: the body differs"
		done_lives=$((done_lives + 1))
	done
}

servers() { # NS
	nginx_server "$1" 8081
	busybox_server "$1" 8082
	python_server "$1" 8083
}

campaign_lives() {
	local where port resets before

	tcphs_lab
	servers srv
	before=$(residue)
	lab_capture here eth0 "$LAB_TMP/cap" 'tcp[13] & 4 != 0 or (ip6[6] == 6 and ip6[53] & 4 != 0)'
	for port in 8081 8082 8083; do
		live 10.0.0.2 $port "$lives"
		live fd00::2 $port "$lives"
	done
	lab_capture_stop >/dev/null
	resets=$(reset_count "$LAB_TMP/cap" 10.0.0.1 fd00::1)
	[ "$resets" -eq 0 ] || fault "$resets RSTs left this host"
	[ "$before" = "$(residue)" ] || fault "rules or sockets are not as before"
	servers here
	lab_capture here lo "$LAB_TMP/cap" 'tcp[13] & 4 != 0 or (ip6[6] == 6 and ip6[53] & 4 != 0)'
	for port in 8081 8082 8083; do
		for where in 127.0.0.1 ::1 10.0.0.1; do
			live $where $port "$lives"
		done
	done
	lab_capture_stop >/dev/null
	resets=$(reset_count "$LAB_TMP/cap" 127.0.0.1 ::1 10.0.0.1)
	[ "$resets" -eq 0 ] || fault "$resets RSTs on loopback"
	echo "$done_lives lives"
}

campaign_kill() {
	local before host guard i

	tcphs_lab
	echo_server srv 9000
	for guard in sock repair nft; do
		for host in 10.0.0.2 fd00::2; do
			before=$(residue)
			for ((i = 0; i < handshakes; i++)); do
				lab_start here ESTABLISHED \
					"$T" --guard=$guard --close=passive $host 9000
				kill -9 "$LAB_PID"
				{ wait "$LAB_PID" || true; } 2>/dev/null
			done
			[ "$before" = "$(residue)" ] ||
				fault "--guard=$guard leaves something behind after SIGKILL"
		done
	done
	echo "$((6 * handshakes)) killed, nothing left"
}

# --- scapy

campaign_handshakes() {
	local i steps=(/usr/bin/python3 tests/rstguard/handshake.py)

	tcphs_lab
	python_server srv 80
	for ((i = 0; i < handshakes; i++)); do
		! "${steps[@]}" 10.0.0.1 10.0.0.2 80 $((6000 + i)) 2>/dev/null ||
			fault "scapy works unguarded"
		build/bin/rstguard -q 10.0.0.1 0 10.0.0.2 -- \
			"${steps[@]}" 10.0.0.1 10.0.0.2 80 >/dev/null || fault "scapy under rstguard"
		build/bin/phantom -q --dad=fast 10.0.0.9 \
			--exec "${steps[*]} 10.0.0.9 10.0.0.2 80 $((7000 + i))" >/dev/null ||
			fault "scapy under phantom"
		done_handshakes=$((done_handshakes + 1))
	done
	echo "$done_handshakes handshakes by scapy, each way"
}

# --- a bad cable

# fetch SECONDS ADDRESS - 1 MiB, as it was; sets how, the way it closed
fetch() {
	rm -f "$LAB_TMP/got"
	"$T" -q -r 20 -w "$1" --timeout 200ms --http /big -o "$LAB_TMP/got" "$2" 80 \
		>"$LAB_TMP/line" || true
	[ "$(sha256sum <"$LAB_TMP/got")" = "$(sha256sum <"$W/big")" ] ||
		fault "$2: $(<"$LAB_TMP/line")"
	how=$(sed -n 's/.*close=//p' "$LAB_TMP/line")
	done_fetches=$((done_fetches + 1))
}

# bad_cable ADDRESS... - ours; the other end is "left" in the namespace mid
bad_cable() {
	T=build/bin/tcphs W=$LAB_TMP/www
	mkdir "$W"
	head -c 1048576 /dev/urandom >"$W/big"
	lab_ns srv
	lab_ns mid
	lab_in mid sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	lab_veth here eth0 mid left
	lab_addr here eth0 "$@"
}

relay() { # OPTION...
	lab_launch mid '^ready$' build/lab/relay "$@" left right
}

campaign_linux() {
	local seed host

	for ((seed = 1; seed <= seeds; seed++)); do
		again
		bad_cable 10.0.0.1/24 fd00::1/64
		lab_veth srv eth0 mid right
		lab_addr srv eth0 10.0.0.2/24 fd00::2/64
		lab_in srv ip link set eth0 gso_max_segs 1
		python_server srv 80
		relay --loss=20 --dup=5 --late=10 --seed=$seed
		for host in 10.0.0.2 fd00::2; do
			fetch 600 $host
			[ "$how" = graceful ] || fault "$host: $how"
		done
	done
	echo "1 MiB at 20 % loss each way, from Linux"
}

# foreign PROGRAM ARGUMENT... - a user-space stack in srv whose wire is "right" in mid: 10.0.2.2 and
# fd00::2 are the loopback of srv
foreign() {
	local i

	again
	bad_cable 10.0.2.100/24 fd00::64/64
	# passt wants a way out, and takes the addresses of its guest from there.
	lab_ns out
	lab_veth srv ext out eth0
	lab_addr srv ext 10.0.2.100/24 fd00::64/64
	lab_in srv ip route add default via 10.0.2.2
	lab_in srv ip route add default via fd00::2
	python_server srv 80
	daemon srv "$@"
	for ((i = 0; i < 500; i++)); do
		! lab_in mid ip link set right up 2>/dev/null || return 0
		sleep 0.01
	done
	fault "$1 does not open its interface"
}

campaign_slirp() {
	local host

	for host in 10.0.2.2 fd00::2; do
		foreign slirp4netns -6 --netns-type=path /run/netns/mid right
		relay --loss=20 --dup=5 --late=10 --seed=1
		fetch "$foreign_s" $host
		[ "$how" = graceful ] || fault "slirp4netns, $host: $how"
	done
	echo "1 MiB at 20 % loss each way, from slirp4netns"
}

# No duplicates: passt (2023) enters a SYN that comes twice in one go twice into its table, and
# turns in circles. Once closed it does not answer a FIN that comes again, so the close may stay open.
campaign_passt() {
	local host

	for host in 10.0.2.2 fd00::2; do
		foreign pasta --runas 0 -f -e --netns /run/netns/mid -I right -i ext \
			-t none -u none -T none -U none
		relay --loss=20 --late=10 --seed=7
		fetch 600 $host
	done
	echo "1 MiB at 20 % loss each way, from passt"
}

for campaign in lives kill handshakes linux slirp passt; do
	case $campaign in
	slirp | passt)
		if ! { [ -r /dev/net/tun ] && command -v slirp4netns && command -v pasta; } \
			>/dev/null; then
			echo "$campaign: left out: it needs slirp4netns, passt and /dev/net/tun"
			continue
		fi
		;;
	esac
	again
	[[ -n ${CAMPAIGNS:-} && " $CAMPAIGNS " != *" $campaign "* ]] || "campaign_$campaign"
done
echo "$done_lives lives, $done_handshakes handshakes each way, $done_fetches times 1 MiB:" \
	"no RST, nothing lost, nothing left"
