#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# KILLS (1000) runs of all tools, also those that change the host or send a child to do so, each ended by
# SIGKILL at a moment drawn at random: then the host is as it was before, and no process is left. SEED=N
# for the same draws again.
set -u
# shellcheck source=tests/family/matrix.bash
source "$(dirname "${BASH_SOURCE[0]}")/../family/matrix.bash"
lab_enter "$@"
work=$(mktemp -d)
trap 'lab_cleanup; rm -rf "$work"' EXIT
cd "$work" || exit
matrix_lab "$work"
seed=${SEED:-$$}
RANDOM=$seed
echo "SEED=$seed"

# What is ended: "long" runs, and these, which have more to clean up.
more=(
	"dhcpc --apply --daemon --resolv=none eth1"
	"dhcpc --apply --daemon --resolv=none --json eth1"
	"ping -i 0.01 localhost"
	"rstguard --method=nft 10.8.0.1 0 10.8.0.2 8080 -- sleep 30"
	"rstguard 10.8.0.1 0 -- sleep 30"
	"phantom --dad=fast -I eth1 10.8.0.9 --exec sleep_30"
	"tcphs --guard=nft -W 30 10.9.1.2 80"
	"tcphs --phantom 10.8.0.8 --dad=fast 10.8.0.2 8080"
	"traceroute -w 30 10.9.1.2"
)
commands=("${more[@]}")
for tool in "${MATRIX_TOOLS[@]}"; do
	commands+=("$tool ${MATRIX_WORDS[long.$tool]}" "$tool --json ${MATRIX_WORDS[long.$tool]}")
done

# settled FILE - whether the host is, at last, as FILE says. Helpers need a moment to see that their
# tool is gone; what a lease gave is taken back by them.
settled() {
	local i

	for ((i = 0; i < 300; i++)); do
		matrix_host | cmp -s "$1" - && return 0
		read -rt 0.02 <> <(:) || true
	done
	return 1
}

matrix_host >"$work/before"
bad=0
for ((n = 0; n < ${KILLS:-1000}; n++)); do
	command=${commands[n % ${#commands[@]}]}
	read -ra words <<<"$command"
	[[ ${words[-1]} != sleep_30 ]] || words[-1]='sleep 30'
	"${words[@]}" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	# Most of a life happens in its first milliseconds.
	read -rt "$(printf '0.%06d' $((RANDOM % (RANDOM % 4 ? 30000 : 900000))))" <> <(:)
	kill -s KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	settled "$work/before" && continue
	bad=$((bad + 1))
	echo "WRONG: $command"
	matrix_host | diff "$work/before" -
	matrix_host >"$work/before"
done
echo "$n runs killed, $bad left something behind"
((bad == 0))
