#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How many echo requests a second the lab's internet answers without losing one.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

echo "fakenet, echo requests over a veth to 65,536 hosts behind one router:"
printf '%10s %10s %10s %10s %10s\n' wanted/s sent/s sent answered dropped
for rate in 50k 100k 200k 1M; do
	lab_fakenet "$LAB_DIR/internet.topo"
	# While the gateway's MAC is unknown the kernel drops what it has no room to keep.
	ping -q -c 1 10.9.0.254 >/dev/null
	flood=$("$LAB_TOP/build/lab/flood" 200000 "$rate" 10.10.0.0)
	counters=$(lab_fakenet_stop)
	jq -r --arg rate "$rate" --argjson flood "$flood" '
		[$rate, ($flood.sent / $flood.seconds | floor), $flood.sent, .nodes["10.10.0.0/16"].replies,
		.port.dropped + .port.refused] | @tsv' <<<"$counters" |
		while read -r wanted speed sent answered dropped; do
			printf '%10s %10s %10s %10s %10s\n' "$wanted" "$speed" "$sent" "$answered" "$dropped"
		done
done
