#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak.sh LOGS SCRIPT... - runs the long campaigns one after the other, each with a temporary
# directory of its own (TMPDIR) and at most SOAK_LIMIT seconds (6 hours). All that one says is kept in
# LOGS/NAME.log, its last line is its result. One that fails, that has no result, or that leaves a
# process or a file behind, fails the run.
set -uo pipefail

logs=$1
shift
mkdir -p "$logs" || exit 2
scratch=$(mktemp -d) || exit 2
child='' bad=0
trap 'rm -rf "$scratch"' EXIT
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 130' INT TERM

# What a campaign has left running: it is in its process group, that of its timeout. What is about to
# end has a moment for it; what has ended and only waits for init to take notice does not count.
left_running() {
	local i

	for ((i = 0; i < 20; i++)); do
		pgrep -r D,R,S,T,t,I -g "$child" >/dev/null || return
		read -rt 0.1 <> <(:)
	done
	pgrep -r D,R,S,T,t,I -lg "$child" | tr '\n' ' '
}

judge() { # NAME STATUS - prints the line of a campaign; false if it has failed
	local result left verdict why=''

	result=$(tail -n 1 "$logs/$1.log")
	left=$(left_running)
	[ -z "$left" ] || why="leaves running: $left"
	[ -z "$left" ] || kill -s KILL -- "-$child" 2>/dev/null
	left=$(ls -A "$scratch")
	[ -z "$left" ] || why="leaves files: $left"
	[ -n "$result" ] || why='says nothing'
	case $2 in
	0) ;;
	124 | 137) why="took more than ${SOAK_LIMIT:-21600} s" ;;
	*) why="exit $2" ;;
	esac
	[ -z "$why" ] && verdict=ok || verdict=FAIL
	printf '%-4s %-12s %6d s  %s%s\n' "$verdict" "$1" $((SECONDS - started)) "${why:+$why: }" "$result"
	[ -z "$why" ]
}

for script; do
	[ -x "$script" ] || { echo "soak: no campaign $script; there are:" tests/soak/*.sh >&2; exit 2; }
done
for script; do
	name=$(basename "$script" .sh)
	started=$SECONDS status=0
	TMPDIR=$scratch timeout -k 30 "${SOAK_LIMIT:-21600}" "$script" >"$logs/$name.log" 2>&1 </dev/null &
	child=$!
	wait $child || status=$?
	judge "$name" $status || bad=$((bad + 1))
	rm -rf "${scratch:?}"/* "$scratch"/.[!.]*
done
echo "$(($# - bad)) campaigns passed, $bad failed; all they said is in $logs"
exit $((bad > 0))
