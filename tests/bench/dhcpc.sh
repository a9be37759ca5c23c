#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dhcpc beside dhclient and udhcpc: from the start of the program to a lease, with a server that
# answers at once; each in turn, in one run. None changes the host.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
# shellcheck source=tests/dhcpc/servers.bash
source "$(dirname "${BASH_SOURCE[0]}")/../dhcpc/servers.bash"
lab_enter "$@"
trap lab_cleanup EXIT
cd "$LAB_TOP"
rounds=${ROUNDS:-21}

# timed NAME COMMAND... - runs it, and keeps how long it took.
timed() {
	local start=$EPOCHREALTIME

	"${@:2}" >/dev/null 2>&1 || echo "$1 got no lease" >&2
	perl -e 'printf "%.3f\n", 1000 * ($ARGV[1] - $ARGV[0])' "$start" "$EPOCHREALTIME" >>"$LAB_TMP/$1"
}

# It stays behind with the lease: the pid file says who it is.
dhclient_once() {
	: >"$LAB_TMP/leases"
	timed dhclient dhclient -4 -1 -cf /dev/null -sf /bin/true -lf "$LAB_TMP/leases" -pf "$LAB_TMP/pid" e0
	[ ! -s "$LAB_TMP/pid" ] || kill "$(<"$LAB_TMP/pid")"
	rm -f "$LAB_TMP/pid"
}

lab_ns srv
lab_veth here e0 srv e0
lab_addr srv e0 10.77.0.1/24
server dnsmasq srv 10.77.0.1 10.77.0.100
for ((i = 0; i < rounds; i++)); do
	timed dhcpc build/bin/dhcpc e0
	timed udhcpc busybox udhcpc -i e0 -n -q -f -s /bin/true
	dhclient_once
done
echo "time to a lease, ms, $rounds rounds in turn:"
for name in dhcpc dhclient udhcpc; do
	sort -n "$LAB_TMP/$name" | perl -e 'my ($name) = @ARGV; my @t = <STDIN>; chomp @t;
		printf "  %-9s median %9.3f, best %9.3f, worst %9.3f\n", $name, $t[@t / 2], $t[0], $t[-1]' "$name"
done
