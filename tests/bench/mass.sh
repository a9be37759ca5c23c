#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The paths to 10,000 hosts behind 14 hops, 140,000 probes, as fast as answers come back, with and
# without 1 ms from hop to hop: how long it takes, with how much memory, and whether all is there, by
# what the tool says and by what the network counted.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

topology() { # ATTRIBUTE...
	local i way=10.20.0.254

	printf '%s\n' 'client 10.20.0.1/16 via 10.20.0.254' 'router 10.20.0.254' "range 10.22.0.0/16 $*"
	for ((i = 2; i < 14; i++)); do
		echo "router 10.21.0.$i $*"
		way+=" 10.21.0.$i"
	done
	echo "path 10.22.0.0/16 $way"
}

# whole FORM - how many of the paths in $LAB_TMP/many have an answer of each of the 14 hops.
whole() {
	case $1 in
	--json) jq -c 'select(.type == "summary" and .reached and ([.hops[] | select(.replies[0])] | length) == 14)' ;;
	--json=scamper) jq -c 'select(.stop_reason == "COMPLETED" and (.hops | length) == 14)' ;;
	*) awk '/ms$/ { n++ } /^traceroute/ { if (n == 14) print; n = 0 } END { if (n == 14) print }' ;;
	esac <"$LAB_TMP/many" | wc -l
}

# mass FORM ATTRIBUTE...
mass() {
	local counted

	topology "${@:2}" >"$LAB_TMP/topology"
	lab_fakenet "$LAB_TMP/topology"
	# shellcheck disable=SC2086 # no form is no argument
	/usr/bin/time -f '%e s, %U + %S s of processor, %M KiB' -o "$LAB_TMP/took" \
		"$LAB_TOP/build/bin/traceroute" -n -q 1 --rate 0 $1 10.22.0.0-10.22.39.15 >"$LAB_TMP/many" || true
	counted=$(lab_fakenet_stop | jq -r '"\(.total.exceeded) answers of routers, \(
		.nodes["10.22.0.0/16"].errors) of hosts, \(.port.dropped) lost by the simulator"')
	echo "  ${1:-text}${2:+, $2}: $(cat "$LAB_TMP/took"); $counted; $(whole "$1") paths whole"
}

lab_init
echo "10,000 hosts behind 14 hops, 140,000 probes; the load is $(cut -d' ' -f1 /proc/loadavg):"
for form in '' --json --json=scamper; do
	mass "$form"
	mass "$form" delay=1ms
done
