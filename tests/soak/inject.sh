#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A system call fails: each that a usual run of a tool makes, each of its first INJECT_CALLS (20) calls,
# with each errno of INJECT_ERRORS, by strace. The run must end by itself, with a status that is true,
# and never as if nothing had been. SOAK_TOOLS="ping dnsq" for some, MODES="--json" for some modes.
set -u
# shellcheck source=tests/family/matrix.bash
source "$(dirname "${BASH_SOURCE[0]}")/../family/matrix.bash"
lab_enter "$@"
work=$(mktemp -d)
trap 'lab_cleanup; rm -rf "$work"' EXIT
cd "$work" || exit
matrix_lab "$work"

# The calls that the run makes, and how often the process does so that does it most.
calls() { # DIR TOOL MODE WORD...
	MATRIX_WRAP=(strace -f -qq -o "$1/calls")
	matrix_run "$1/count" "$2" "$3" 0 "${@:4}"
	# "PID NAME(..." ; the loader's own failures are not the tool's, so execve is left out.
	awk 'match($2, /^[a-z0-9_]+\(/) { n[$1 " " substr($2, 1, RLENGTH - 1)]++ }
		END { for (k in n) { split(k, w, " "); if (n[k] > most[w[2]]) most[w[2]] = n[k] }
			for (c in most) print c, most[c] }' "$1/calls" |
		grep -vE '^(execve|exit|exit_group|rt_sigreturn|arch_prctl|set_tid_address|set_robust_list|rseq) ' | sort
}

faults() { # DIR TOOL MODE WORD...
	local call n k error

	calls "$@" | while read -r call n; do
		for ((k = 1; k <= n && k <= ${INJECT_CALLS:-20}; k++)); do
			for error in ${INJECT_ERRORS:-EPERM ENOMEM EINTR EAGAIN ENOSPC EIO}; do
				echo "strace -f -qq -o /dev/null -e trace=none -e inject=$call:error=$error:when=$k"
			done
		done
	done
}

tool() { # TOOL
	local mode words

	read -ra words <<<"${MATRIX_WORDS[answer.$1]}"
	for mode in ${MODES:-text --json --pcap}; do
		[[ $1 != rstguard || $mode != --pcap ]] || continue
		mkdir -p "$work/$1.$mode"
		faults "$work/$1.$mode" "$1" "$mode" "${words[@]}" |
			matrix_sweep "$work/$1.$mode" "$1" "$mode" "${words[@]}"
	done
}

matrix_sweep_all tool
