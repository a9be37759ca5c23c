#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.bash [DIRECTORY] - raises the little internet and shows the tools that stand in DIRECTORY
# (build/bin): each command and what it prints.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
cd "$LAB_TOP"
bin=${1:-build/bin}
PATH=$(realpath "$bin"):$PATH

# show TEXT COMMAND - a command line as one would type it. Most of these hosts are ill: tools may fail.
show() {
	printf '\n# %s\n$ %s\n' "$1" "$2"
	bash -c "$2" 2>&1 || true
}

demo_ping() {
	show "a healthy host, 20 ms away" "ping -c 3 -i 0.2 10.9.1.1"
	show "several at once, IPv4 and IPv6" "ping -c 2 -i 0.2 10.9.1.1 fd09:1::1 10.9.3.7"
	show "each reply comes three times" "ping -c 2 -i 0.2 10.9.1.2"
	show "an octet changes on the way, under a right checksum" "ping -c 1 -W 0.5 10.9.1.3"
	show "somebody else answers" "ping -c 1 -W 0.5 10.9.1.5"
	show "somebody guesses: the first reply is forged, the second true" "ping -c 1 10.9.1.6"
	show "replies after their time" "ping -c 4 -i 0.3 -W 0.5 10.9.1.8"
	show "the third router drops it, and tells its MPLS label and interface" "ping -c 1 -t 3 10.9.3.1"
	show "a path for 1400 octets at most" "ping -c 1 -M do -s 1400 10.9.5.1"
	show "a whole network, 254 hosts" "ping -c 1 -q --rate 2000 10.9.3.0/24 | tail -n 4"
	show "the same for programs: one JSON object a line" "ping -c 1 --json 10.9.1.1"
	show "and for those who want to know" "ping -c 1 --explain 10.9.1.3"
}

demo_traceroute() {
	show "the whole path in two round trips" "traceroute -n 10.9.3.1"
	show "with what routers tell of themselves, IPv6" "traceroute -n -e fd09:3::1"
	show "all routers that flows are spread over" "traceroute -n --graph 10.9.3.1"
	show "each hop ten times: loss, times, and who only limits its answers" "traceroute -n --continuous=10 --interval 50ms 10.9.3.1"
	show "by TCP" "traceroute -n -T 10.9.1.18"
	show "a host that the router says is not there: exit status 1" "traceroute -n 10.9.1.12; echo \"exit \$?\""
	show "a silent host: one line" "traceroute -n 10.9.1.17"
	show "which quoted field proved which hop" "traceroute -n -q 1 --explain 10.9.1.1 | grep '^[sr]e'"
}

lab_fakenet tests/lab/internet.topo
for tool in ping arping traceroute dhcpc dnsq tcphs; do
	[[ ! -x $bin/$tool ]] || ! declare -F "demo_$tool" >/dev/null || "demo_$tool"
done
printf '\n# what the internet itself counted\n'
lab_fakenet_stop | grep -o '"total":{[^}]*}'
