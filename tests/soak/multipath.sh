#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# traceroute --multipath on the graphs of fans.bash, 1 ms a hop, with flows drawn by lot: how many
# runs find every node and link, how long they take, and with how many probes. Every graph
# MULTIPATH_RUNS (20) times at 99 %; four of them MULTIPATH_SEEDS (1000) times at 95 % and at 99 %.
# Fails if a run took more than 2 s, or if so many were not whole as would be less than 1 % likely,
# by the binomial distribution, were the confidence what it is said to be.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
# shellcheck source=tests/lab/fans.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/fans.bash"
lab_enter "$@"
trap lab_cleanup EXIT
status=0

# chance MISSED RUNS PERCENT - of as many or more, if each run misses something with that bound.
chance() {
	awk -v k="$1" -v n="$2" -v p="$((100 - $3))" 'BEGIN {
		p /= 100
		term = (1 - p) ^ n
		for (i = 0; i < k; i++) {
			below += term
			term *= (n - i) / (i + 1) * p / (1 - p)
		}
		printf "%.4f", 1 - below
	}'
}

# runs PERCENT COUNT HOST TRUTH
runs() {
	local i whole=0 longest=0 start took probes odds

	: >"$LAB_TMP/graphs"
	for ((i = 0; i < $2; i++)); do
		start=$EPOCHREALTIME
		"$LAB_TOP/build/bin/traceroute" -n --json --rate 0 --multipath="$1" "$3" >"$LAB_TMP/json" || true
		took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
		((took <= longest)) || longest=$took
		grep '"type":"graph"' "$LAB_TMP/json" >>"$LAB_TMP/graphs"
	done
	jq -r '"\([.nodes[].addr] | unique | length) \([.links[] | "\(.from) \(.to)"] | unique |
		length) \(.probes)"' "$LAB_TMP/graphs" >"$LAB_TMP/found"
	whole=$(grep -c "^$4 " "$LAB_TMP/found" || true)
	probes=$(sort -k3 -n "$LAB_TMP/found" | awk '{ n[NR] = $3 } END { print n[int((NR + 1) / 2)] }')
	odds=$(chance $(($2 - whole)) "$2" "$1")
	printf '  %-15s %3s nodes %4s links, %s %%: %4s of %4s whole (odds %s), at most %4s ms, %5s probes\n' \
		"$3" "${4% *}" "${4#* }" "$1" "$whole" "$2" "$odds" "$longest" "$probes"
	if ((longest > 2000)) || awk -v odds="$odds" 'BEGIN { exit odds >= 0.01 }'; then
		echo "  ^ not as it should be" >&2
		status=1
	fi
}

lab_init
fans_topology 1 >"$LAB_TMP/fans"
lab_fakenet "$LAB_TMP/fans"
echo "all nodes and links, where routers spread flows; the load is $(cut -d' ' -f1 /proc/loadavg):"
for n in "${!FANS_TRUTH[@]}"; do
	runs 99 "${MULTIPATH_RUNS:-20}" "10.22.$n.1" "${FANS_TRUTH[n]}"
done
for n in 1 2 3 4; do
	runs 99 "${MULTIPATH_RUNS:-20}" "fd22:0:0:$n::1" "${FANS_TRUTH[n]}"
done
for percent in 95 99; do
	for n in 1 2 3 5; do
		runs $percent "${MULTIPATH_SEEDS:-1000}" "10.22.$n.1" "${FANS_TRUTH[n]}"
	done
done
exit $status
