#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Linux host four hops away that limits its ICMP errors as Linux does by default, asked again and
# again: how often the tool puts it at hop 4, and the longest run. LIMITED_RUNS (50) runs of ours, 6
# of traceroute 2.1 where it is installed. Fails unless all of ours are right, and below 1.5 s each.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

# asked COUNT COMMAND... - sets right and longest.
asked() {
	local i start took last

	right=0 longest=0
	for ((i = 0; i < $1; i++)); do
		start=$EPOCHREALTIME
		"${@:2}" -n "$LAB_SERVER4" >"$LAB_TMP/lines" 2>&1 || true
		took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
		((took <= longest)) || longest=$took
		last=$(awk -v host="$LAB_SERVER4" '$1 ~ /^[0-9]+$/ && index($0, host) { print $1; exit }' "$LAB_TMP/lines")
		[[ $last != 4 ]] || right=$((right + 1))
	done
	echo "  $2: $right of $1 right, the longest took $longest ms"
}

lab_chain 3
lab_in server sysctl -qw net.ipv4.icmp_ratelimit=1000 net.ipv4.icmp_msgs_per_sec=1000
runs=${LIMITED_RUNS:-50}
echo "a host that limits its errors, asked back to back; the load is $(cut -d' ' -f1 /proc/loadavg):"
[[ ! -x /usr/sbin/traceroute ]] || asked 6 /usr/sbin/traceroute
asked "$runs" "$LAB_TOP/build/bin/traceroute"
((right == runs && longest < 1500))
