#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every target of tests/fuzz under libFuzzer (clang, ASan, UBSan), FUZZ_SECONDS in all (4 hours), one
# process at a time, and only when the machine has nothing else to do. The time is dealt out by risk,
# in rounds, so that a campaign that is ended early has served all. TARGETS="dns tcb" for some.
#
# It goes on from where the last one ended: from tests/fuzz/corpus and from what was learnt since, in
# build/fuzz/corpus; build/fuzz/runs.tsv adds up what was ever run. An input that fails is kept in
# build/fuzz/found, and ends the turn of its target. tests/fuzz/minimise.sh makes what was learnt
# small enough to be kept in the project.
set -eu
cd "$(dirname "$0")/../.."

seconds=${FUZZ_SECONDS:-14400}
unset MAKEFLAGS MAKELEVEL MFLAGS
make -s VARIANT=fuzz fuzz-programs
top=build/fuzz
mkdir -p "$top/found"

# The parts of the time. What a stranger's packet reaches, and what keeps a state, gets most.
weight() { # NAME
	case $1 in
	dns | dnsrdata | dnsq_* | dhcp | dhcpc_hear | tcb | traceroute_judge) echo 4 ;;
	dissect | explain | phantom | ping_judge | pcapng) echo 3 ;;
	csum | num | addr | oui | resolvconf | roothints | dhcpc_resolv | ip4 | l2 | dad) echo 1 ;;
	*) echo 2 ;;
	esac
}

names=() total=0
for program in "$top"/fuzz/fuzz_*; do
	name=${program##*/fuzz_}
	[[ $name == *.* || (-n ${TARGETS:-} && " $TARGETS " != *" $name "*) ]] && continue
	names+=("$name")
	total=$((total + $(weight "$name")))
done

# turn NAME SECONDS - false if an input failed
turn() {
	local learnt=$top/corpus/$1 log=$top/corpus/$1.log

	mkdir -p "$learnt"
	timeout -k 10 $(($2 * 10 + 120)) chrt -i 0 "$top/fuzz/fuzz_$1" -max_total_time="$2" -max_len=2048 \
		-timeout=300 -print_final_stats=1 -artifact_prefix="$top/found/$1." \
		"$learnt" "tests/fuzz/corpus/$1" >"$log" 2>&1 || { tail -n 40 "$log"; return 1; }
	awk -v name="$1" '
		/ cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
		/^stat::number_of_executed_units/ { runs = $2 }
		/^Done / { s = $5 }
		END { printf "%s\t%d\t%d\t%d\n", name, s, runs, cov }' "$log" >>"$top/runs.tsv"
}

failed=' ' began=$SECONDS
while ((SECONDS - began < seconds)); do
	for name in "${names[@]}"; do
		left=$((seconds - (SECONDS - began)))
		((left > 0)) || break
		[[ $failed != *" $name "* ]] || continue
		# A round takes a quarter of an hour, or all the time there is.
		slice=$(($(weight "$name") * (seconds < 900 ? seconds : 900) / total))
		slice=$((slice < 1 ? 1 : slice < left ? slice : left))
		turn "$name" "$slice" || failed+="$name "
	done
	[[ " ${names[*]} " != "$failed" ]] || break
done

awk -F '\t' '{ s[$1] += $2; runs[$1] += $3; if ($4 > cov[$1]) cov[$1] = $4 }
	END { for (n in s) printf "%-18s %12d inputs %8d/s %7d s %6d edges\n", n, runs[n],
		runs[n] / (s[n] ? s[n] : 1), s[n], cov[n] }' "$top/runs.tsv" | sort
awk -F '\t' -v found="${failed# }" '{ s += $2; runs += $3; n[$1] = 1 }
	END { printf "%d inputs to %d targets in %d s so far; failing now: %s\n", runs, length(n), s,
		found == "" ? "none" : found }' "$top/runs.tsv"
[[ $failed == ' ' ]]
