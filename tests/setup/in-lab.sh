#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# in-lab.sh COMMAND... - runs the command in network and mount namespaces of its own, where it is
# root, only a loopback interface exists, and nothing it sends can leave the machine. Needs no root.
set -eu

PATH=$PATH:/usr/sbin:/sbin
if [ "${1:-}" = --inside ]; then
	shift
	ip link set lo up
	# Names of namespaces and the lock of iptables stand below /run, which is the host's.
	mount -t tmpfs -o mode=755 none /run
	# Ping sockets for everybody; a user namespace knows only the one group it maps.
	range=/proc/sys/net/ipv4/ping_group_range
	echo 0 2147483647 >$range 2>/dev/null || echo 0 0 >$range
	exec "$@"
fi
[ "${PKT_IN_LAB:-}" != yes ] || exec "$@"

# What is printed does not depend on the terminal of whoever runs the tests.
unset COLUMNS
PKT_IN_LAB=yes CMOCKA_MESSAGE_OUTPUT=TAP
export PATH PKT_IN_LAB CMOCKA_MESSAGE_OUTPUT
if [ "$(id -u)" = 0 ] && unshare -nm true 2>/dev/null; then
	exec unshare -nm "$0" --inside "$@"
fi
if unshare -Urnm true 2>/dev/null; then
	exec unshare -Urnm "$0" --inside "$@"
fi
echo "in-lab.sh: neither 'unshare -nm' as root nor 'unshare -Urnm' as a user works here: allow user namespaces, or run the tests as root in a privileged container" >&2
exit 1
