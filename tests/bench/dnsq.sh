#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dnsq beside its peers, against one named: a query from start to exit, and many names at once.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
lab_init

cd "$LAB_TOP"
cat >"$LAB_TMP/named.conf" <<CONF
controls { };
options { directory "$LAB_TMP"; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; check-names primary ignore; udp-receive-buffer 1048576;
	session-keyfile "$LAB_TMP/session"; };
zone "example" { type primary; file "$LAB_TOP/tests/dnsq/types.zone"; check-integrity no; };
CONF
lab_start here ' running$' named -g -c "$LAB_TMP/named.conf"

echo "one query over loopback, start to exit:"
tests/bench/turns.pl 100 "ours=build/bin/dnsq -p 5300 @127.0.0.1 a0.example" \
	"kdig=/usr/bin/kdig -p 5300 @127.0.0.1 a0.example" "dig=/usr/bin/dig -p 5300 @127.0.0.1 a0.example"

yes 'a0.example A' | head -n 100000 >"$LAB_TMP/names"
echo "100,000 names, 200 at once; answers printed by ours, only counted by dnsperf:"
tests/bench/turns.pl 9 "dnsperf=/usr/bin/dnsperf -s 127.0.0.1 -p 5300 -q 200 -d $LAB_TMP/names" \
	"ours=build/bin/dnsq -p 5300 @127.0.0.1 -f $LAB_TMP/names +noall +answer +jobs=200"
