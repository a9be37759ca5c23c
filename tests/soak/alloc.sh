#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An allocation fails: the first, the second, and so on, and from each on all of them, in every tool
# and every mode. The run must end with a status that is true, and never as if nothing had been.
# ALLOC_MAX (400) allocations of a mode, spread evenly where there are more; SOAK_TOOLS="ping dnsq" for some.
set -u
# shellcheck source=tests/family/matrix.bash
source "$(dirname "${BASH_SOURCE[0]}")/../family/matrix.bash"
lab_enter "$@"
work=$(mktemp -d)
trap 'lab_cleanup; rm -rf "$work"' EXIT
cd "$work" || exit
matrix_lab "$work"

# How many allocations the run makes that has the most.
allocations() { # DIR TOOL MODE WORD...
	MATRIX_WRAP=(env "LD_PRELOAD=$faulty" FAULTY_COUNT=2)
	matrix_run "$1/count" "$2" "$3" 0 "${@:4}"
	grep -ax '[0-9]*' "$1/count/err" | sort -n | tail -n 1
}

faults() { # DIR TOOL MODE WORD...: a line for each fault that is to be tried
	local n step k

	n=$(allocations "$@")
	step=$((1 + ${n:-0} / ${ALLOC_MAX:-400}))
	for ((k = 1; k <= ${n:-0}; k += step)); do
		echo "env LD_PRELOAD=$faulty FAULTY_ALLOC=$k"
		((k % 5)) || echo "env LD_PRELOAD=$faulty FAULTY_ALLOC=$k+"
	done
}

tool() { # TOOL
	local mode words

	read -ra words <<<"${MATRIX_WORDS[answer.$1]}"
	matrix_modes "$1" | while read -r mode; do
		mkdir -p "$work/$1.${mode// /}"
		faults "$work/$1.${mode// /}" "$1" "$mode" "${words[@]}" |
			matrix_sweep "$work/$1.${mode// /}" "$1" "$mode" "${words[@]}"
	done
}

faulty=$MATRIX_TOP/build/soak/faulty.so
matrix_sweep_all tool
