#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The check of the floors must itself be able to fail.

setup() {
	layers="$BATS_TEST_DIRNAME/layers.sh"
	floors=(base wire build io engine out cli)
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p common/{base,wire,build,io,engine,out,cli} ping
	echo '#include "base/err.h"' >common/wire/arp.h
	echo 'int main(void) { exit(0); }' >ping/ping.c
}

rejected() { # PATTERN
	run "$layers" "${floors[@]}"
	[ "$status" -eq 1 ]
	[[ "$output" == *"$1"* ]]
}

@test "a house in order passes" {
	"$layers" "${floors[@]}"
}

@test "an upward include is rejected" {
	echo '#include "wire/arp.h"' >common/base/err.h
	rejected 'common/base/err.h includes "wire/arp.h"'
}

@test "an include of an upper floor is found behind blanks too" {
	echo ' #  include "cli/tool.h"' >common/engine/loop.c
	rejected 'common/engine/loop.c includes "cli/tool.h"'
}

@test "out describes bytes: it may not see io or engine" {
	echo '#include "io/link.h"' >common/out/json.c
	rejected 'common/out/json.c includes "io/link.h"'
}

@test "an include without its floor is rejected" {
	echo '#include "arp.h"' >common/wire/arp.c
	rejected 'common/wire/arp.c includes "arp.h"'
}

@test "libnet has one door" {
	echo '#include <libnet.h>' | tee common/build/a.c >common/build/b.c
	rejected '<libnet.h> is included by 2 files'
}

@test "libpcap has three doors at most" {
	echo '#include <pcap/pcap.h>' | tee common/io/{a,b,c}.c >common/io/d.c
	rejected '<pcap> is included by 4 files'
}

@test "a tool does not open sockets, include libpcap, or exit outside its main file" {
	echo 'int fd = socket(1, 2, 3);' >ping/a.c
	rejected 'ping/a.c opens a socket'
	echo '#include <pcap.h>' >ping/a.c
	rejected 'ping/a.c includes libnet or libpcap'
	echo '	exit(2);' >ping/a.c
	rejected 'ping/a.c calls exit()'
}
