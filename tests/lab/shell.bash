#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shell.bash - opens a shell in the lab: the world of world.bash, the tools of build/bin and the
# functions of lab.bash. Leaving it removes everything.
#
# It runs twice: as a script it enters namespaces, and there bash reads it again as its start-up file.

self=$(realpath "${BASH_SOURCE[0]}")
# shellcheck source=tests/lab/lab.bash
source "$(dirname "$self")/lab.bash"
# shellcheck source=tests/lab/world.bash
source "$(dirname "$self")/world.bash"

banner() {
	cat <<-'END'
		A small internet, all of it on this machine. IPv6 has the same: 10.9.1.7 is fd09:1::7.

		  10.9.1.1  healthy, 20 ms away   10.9.1.7  forges the time     10.9.1.13 filtered
		  10.9.1.2  answers three times   10.9.1.8  answers late        10.9.1.14 redirects
		  10.9.1.3  corrupts an octet     10.9.1.9  loses half          10.9.1.15 spoofed extra
		  10.9.1.4  wrong checksum        10.9.1.10 reorders            10.9.1.16 answers ahead
		  10.9.1.5  foreign address       10.9.1.11 truncates           10.9.1.17 silent
		  10.9.1.6  forged early reply    10.9.1.12 host unreachable    10.9.1.18 UDP echo, TCP open

		  10.9.3.0/24  four routers away, MPLS labels on the third    10.10.0.0/16  65,536 hosts
		  10.9.5.0/24  packets up to 1400 octets    10.9.6.0/24  the same, behind a black hole
		  10.8.3.2     a name server (www.lesson.test) and web server behind three Linux routers
		  192.0.2.2    a Linux host on the LAN of lan0; two hosts claim 192.0.2.5
		  dhcp0        an interface without an address, and a DHCP server

		Learn: docs/lessons/README.md

		Try:  ping -c 3 10.9.1.1          ping -c 1 -t 3 10.9.3.1     ping -c 1 -M do -s 1400 10.9.5.1
		      lab_fakenet_stop | jq .total       what the internet saw; ends it
		      lab_fakenet FILE                   another one (tests/lab/TOPOLOGY.md)
		      less tests/lab/lab.bash            what else there is
	END
}

if [[ $- != *i* ]]; then
	lab_enter "$@"
	exec bash --rcfile "$self" -i
fi
set +m
trap lab_cleanup EXIT
cd "$LAB_TOP" || exit
PATH=$LAB_TOP/build/bin:$LAB_TOP/build/lab:$PATH
PS1='lab\$ '
export COLUMNS # bash keeps it up to date: what goes through a pipe is folded to this terminal too
world_up && banner
set -m
