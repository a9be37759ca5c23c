#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A whole TCP life (connect, GET, close) from start to exit, beside scapy's three steps and nping.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

lab_ns srv
lab_veth here eth0 srv eth0
lab_addr here eth0 10.0.0.1/24
lab_addr srv eth0 10.0.0.2/24
www=$LAB_TMP/www
mkdir "$www"
head -c 2000 /dev/zero >"$www/index.html"
lab_start srv 'Serving' python3 -u -m http.server -d "$www" --bind 10.0.0.2 80
cd "$LAB_TOP"
echo "connect, GET, close over a veth:"
tests/bench/turns.pl 20 \
	"ours=build/bin/tcphs -q --http /index.html 10.0.0.2 80" \
	"nping=/usr/bin/nping --tcp-connect -c 1 -p 80 10.0.0.2" \
	"scapy=build/bin/rstguard -q 10.0.0.1 0 -- /usr/bin/python3 tests/rstguard/handshake.py 10.0.0.1 10.0.0.2 80"
