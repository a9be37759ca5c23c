#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ping -c1 of a neighbour, from start to exit, beside the distribution's ping.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

lab_ns peer
lab_veth here near peer far
lab_addr here near 10.0.0.1/24 fd00::1/64
lab_addr peer far 10.0.0.2/24 fd00::2/64
for host in 10.0.0.2 fd00::2; do
	echo "one probe to a neighbour over a veth, $host:"
	"$LAB_DIR/../bench/turns.pl" 200 "ours=$LAB_TOP/build/bin/ping -c1 $host" "iputils=/usr/bin/ping -c1 $host"
done
