#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All 65,534 hosts of a /16, as fast as the link takes, beside fping; every answer is printed.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

ours=$LAB_TOP/build/bin/ping

sweep() { # WHERE NET
	echo "$1, $2:"
	"$LAB_DIR/../bench/turns.pl" 7 "ours=$ours --socket raw -c1 -i 0 $2" \
		"ours, ping socket=$ours --socket dgram -c1 -i 0 $2" "fping=fping -a -i 0 -r 0 -g $2"
	echo "  answers printed: ours $("$ours" -c1 -i 0 "$2" | grep -c 'bytes from')," \
		"fping $(fping -a -i 0 -r 0 -g "$2" 2>/dev/null | wc -l)"
}

lab_ns peer
lab_veth here near peer far
lab_addr here near 10.0.0.1/24
lab_addr peer far 10.0.0.2/24
ip route add 10.50.0.0/16 via 10.0.0.2
lab_in peer ip route add local 10.50.0.0/16 dev lo
sweep "addresses of the loopback interface" 127.5.0.0/16
sweep "hosts behind a veth" 10.50.0.0/16
