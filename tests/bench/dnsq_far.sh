#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dnsq -f over a bad cable: 10,000 names asked of each of four servers that are 50 ms away, 5 % of the
# datagrams lost each way. All must be answered, in the order of the lines, within twice the time
# that names x 50 ms / jobs would take if nothing were lost.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
lab_init

JOBS=250 NAMES=10000
cd "$LAB_TOP"
lab_ns srv
lab_ns mid
lab_veth here eth0 mid left
lab_veth srv eth0 mid right
lab_addr here eth0 10.0.0.1/24
lab_addr srv eth0 10.0.0.2/24 10.0.0.3/24 10.0.0.4/24 10.0.0.5/24
cat >"$LAB_TMP/zone" <<ZONE
\$TTL 60
@ SOA ns. host. 1 2 3 4 5
@ NS ns.
* A 192.0.2.1
ZONE
cat >"$LAB_TMP/named.conf" <<CONF
controls { };
options { directory "$LAB_TMP"; listen-on { 10.0.0.0/24; }; listen-on-v6 { none; }; recursion no;
	udp-receive-buffer 1048576; pid-file none; session-keyfile "$LAB_TMP/session"; };
zone "example" { type primary; file "$LAB_TMP/zone"; check-integrity no; };
CONF
lab_start srv ' running$' named -g -c "$LAB_TMP/named.conf"
lab_launch mid '^ready$' build/lab/relay --loss=5 --delay=25 left right
relay=$LAB_PID fd=$LAB_FD
for ((i = 0; i < NAMES; i++)); do
	for last in 2 3 4 5; do echo "n$i.example @10.0.0.$last"; done
done >"$LAB_TMP/names"

start=$EPOCHREALTIME
build/bin/dnsq -f "$LAB_TMP/names" +noall +answer +jobs=$JOBS +summary >"$LAB_TMP/answers"
end=$EPOCHREALTIME
lab_finish "$relay" "$fd"
sed 's/ .*/. 60 IN A 192.0.2.1/' "$LAB_TMP/names" >"$LAB_TMP/wanted"
grep -v '^;;' "$LAB_TMP/answers" | tr -s '\t ' ' ' | cmp - "$LAB_TMP/wanted"
echo "ordered and complete"
awk -v t="$((${end/./} - ${start/./}))" -v n=$((NAMES * 4)) -v jobs=$JOBS 'BEGIN {
	ideal = n * 0.05 / jobs; t /= 1e6
	printf "%d questions, %d at once: %.2f s; without loss %.2f s; %.2fx\n", n, jobs, t, ideal, t / ideal
	exit t > 2 * ideal }'
