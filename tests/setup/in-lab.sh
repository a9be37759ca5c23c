#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# in-lab.sh COMMAND... - runs the command in network and mount namespaces of its own, where it is
# root, only a loopback interface exists, and nothing it sends can leave the machine. Needs no root.
set -eu

if [ "${PKT_IN_LAB:-}" = yes ]; then
	ip link set lo up
	# Names of namespaces and the lock of iptables stand below /run, which is the host's.
	mount -t tmpfs -o mode=755 none /run
	sysctl -qw net.ipv4.ping_group_range='0 0'
	exec "$@"
fi
PKT_IN_LAB=yes CMOCKA_MESSAGE_OUTPUT=TAP
export PKT_IN_LAB CMOCKA_MESSAGE_OUTPUT
PATH=$PATH:/usr/sbin:/sbin
if [ "$(id -u)" = 0 ] && unshare -nm true 2>/dev/null; then
	exec unshare -nm "$0" "$@"
fi
if unshare -Urnm true 2>/dev/null; then
	exec unshare -Urnm "$0" "$@"
fi
echo "in-lab.sh: this system lets neither root nor users make network namespaces (unshare -nm, unshare -Urnm): allow it, or run the tests in a privileged container" >&2
exit 1
