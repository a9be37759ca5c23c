#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# traceroute --multipath on the graphs of fans.bash, 1 ms a hop, with flows drawn by lot: how many
# runs find every node and link, how long they take, and with how many probes.
# MULTIPATH_RUNS (20) runs each at 99 %, MULTIPATH_RUNS95 (100) at 95 % on four of them.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
# shellcheck source=tests/lab/fans.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/fans.bash"
lab_enter "$@"
trap lab_cleanup EXIT

# runs PERCENT COUNT HOST TRUTH
runs() {
	local i whole=0 longest=0 most=0 start took result probes

	for ((i = 0; i < $2; i++)); do
		start=$(date +%s%N)
		"$LAB_TOP/build/bin/traceroute" -n --json --rate 0 --multipath="$1" "$3" >"$LAB_TMP/json" || true
		took=$((($(date +%s%N) - start) / 1000000))
		read -r result probes < <(jq -r 'select(.type == "graph") | "\([.nodes[].addr] | unique |
			length),\([.links[] | "\(.from) \(.to)"] | unique | length) \(.probes)"' "$LAB_TMP/json")
		[[ $result != "${4/ /,}" ]] || whole=$((whole + 1))
		((took <= longest)) || longest=$took
		((probes <= most)) || most=$probes
	done
	echo "  $3 ($4 nodes and links) at $1 %: $whole of $2 whole, at most $longest ms and $most probes"
}

lab_init
fans_topology 1 >"$LAB_TMP/fans"
lab_fakenet "$LAB_TMP/fans"
echo "all nodes and links, where routers spread flows:"
for n in "${!FANS_TRUTH[@]}"; do
	runs 99 "${MULTIPATH_RUNS:-20}" "10.22.$n.1" "${FANS_TRUTH[n]}"
done
runs 99 "${MULTIPATH_RUNS:-20}" fd22:0:0:4::1 "${FANS_TRUTH[4]}"
for n in 1 2 3 5; do
	runs 95 "${MULTIPATH_RUNS95:-100}" "10.22.$n.1" "${FANS_TRUTH[n]}"
done
