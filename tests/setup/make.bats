#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The Makefile on a small house of one floor and one tool.

setup() {
	house="$BATS_TEST_TMPDIR/house"
	mkdir -p "$house"/{common,tests/fuzz,ping}
	cp "$BATS_TEST_DIRNAME/../../Makefile" "$house"
	cp -r "$BATS_TEST_DIRNAME" "$house/tests"
	cp -r "$BATS_TEST_DIRNAME/../../packaging" "$house"
	cp "$BATS_TEST_DIRNAME/../fuzz/replay.c" "$house/tests/fuzz"
	cp -r "$BATS_TEST_DIRNAME/../../common/base" "$house/common"
	cat >"$house/ping/ping.c" <<-'C'
		#include <stdio.h>
		#include "base/err.h"
		int main(void)
		{
			puts(err_word(E_TRUNC));
			return 0;
		}
	C
	printf '.Dd March 1, 2026\n.Dt PING 8\n.Os\n' >"$house/ping/ping.8"
	cd "$house" || return
	unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS LDFLAGS VARIANT BUILD CI
}

@test "make builds the tool; an idle make does nothing" {
	make
	[ "$(build/bin/ping)" = truncated ]
	run make
	[ "$output" = "make: Nothing to be done for 'all'." ]
}

@test "a changed header rebuilds what includes it, and nothing else" {
	make
	touch common/base/siphash.h
	run make
	[ "$(grep -c '  CC ' <<<"$output")" -eq "$(grep -rl '"base/siphash.h"' common ping --include='*.c' | wc -l)" ]
	[[ "$output" == *"CC   common/base/siphash.c"* ]]
}

@test "other flags rebuild everything" {
	make
	run make CFLAGS=-O1
	[ "$(grep -c '  CC ' <<<"$output")" -eq "$(find common ping -name '*.c' | wc -l)" ]
}

@test "V=1 shows the whole line, with the user's flags last" {
	run make V=1 CFLAGS=-DUSERS_OWN
	[[ "$output" == *" -DUSERS_OWN -MMD -MP -c -o "* ]]
}

@test "a warning is an error only in CI" {
	sed -i 's/int main(void)/int unused(void) { return 1; }\n&/' ping/ping.c
	run make
	[ "$status" -eq 0 ]
	[[ "$output" == *missing-prototypes* ]]
	CI=true run make
	[ "$status" -ne 0 ]
}

@test "the program is hardened and asks the loader for few libraries" {
	make
	readelf -hlW build/bin/ping | grep -q 'DYN (Position-Independent'
	readelf -dW build/bin/ping | grep -q BIND_NOW
	readelf -lW build/bin/ping | grep -q GNU_RELRO
	[ "$(readelf -dW build/bin/ping | grep -c NEEDED)" -eq 1 ]
}

@test "the program does not depend on where it was built" {
	make
	cp -r "$house" "$BATS_TEST_TMPDIR/elsewhere"
	rm -r "$BATS_TEST_TMPDIR/elsewhere/build"
	make -C "$BATS_TEST_TMPDIR/elsewhere"
	cmp build/bin/ping "$BATS_TEST_TMPDIR/elsewhere/build/bin/ping"
}

@test "a missing library is named with its package" {
	printf '#!/bin/sh\ncase "$*" in *mnl*) exit 1 ;; esac\nexec gcc "$@"\n' >cc
	chmod +x cc
	run make CC="$house/cc"
	[ "$status" -ne 0 ]
	[[ "$output" == *"libmnl is missing"*"libmnl-dev"* ]]
	run make
	[ "$status" -eq 0 ]
}

@test "install puts programs and pages under DESTDIR, with a prefix; uninstall takes them away" {
	make install DESTDIR="$house/root" PREFIX=/usr PROGRAM_PREFIX=net-
	run find root -type f -printf '%P %m\n'
	[ "$(sort <<<"$output")" = "$(printf '%s\n' 'usr/bin/net-ping 755' \
		'usr/share/bash-completion/completions/net-ping 644' \
		'usr/share/fish/vendor_completions.d/net-ping.fish 644' \
		'usr/share/man/man8/net-ping.8 644' \
		'usr/share/zsh/site-functions/_net-ping 644')" ]
	make uninstall DESTDIR="$house/root" PREFIX=/usr PROGRAM_PREFIX=net-
	[ -z "$(find root -type f)" ]
}

@test "SETCAP=1 lends a permitted, not effective, cap_net_raw, and nothing to rstguard" {
	mkdir bin rstguard
	cp ping/ping.c rstguard/rstguard.c
	cp ping/ping.8 rstguard/rstguard.8
	printf '#!/bin/sh\necho "$@" >>%s\n' "$house/asked" >bin/setcap
	chmod +x bin/setcap
	PATH=$house/bin:$PATH make install DESTDIR="$house/root" SETCAP=1
	[ "$(cat asked)" = "cap_net_raw=p $house/root/usr/local/bin/ping" ]
}

@test "the dist tarball builds, and is the same each time" {
	make dist
	cp build/pktutils-*.tar.gz first.tar.gz
	rm -r build
	mkdir unpacked
	tar -C unpacked --strip-components=1 -xf first.tar.gz
	make -C unpacked
	[ "$(unpacked/build/bin/ping)" = truncated ]
	make -C unpacked dist
	cmp first.tar.gz unpacked/build/pktutils-*.tar.gz
}

# A parser that trusts its first octet, as no parser should.
write_trusting_parser() {
	cat >tests/fuzz/fuzz_trust.c <<-'C'
		#include <stddef.h>
		#include <stdint.h>
		#include <stdlib.h>
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
		{
			if (len > 1 && data[0] >= len)
				abort();
			return 0;
		}
	C
	mkdir -p tests/fuzz/corpus/trust
}

@test "fuzz-replay passes a sound case and fails a target without cases" {
	write_trusting_parser
	run make fuzz-replay
	[ "$status" -ne 0 ]
	[[ "$output" == *"0 passed, 1 failed"* ]]
	printf '\001\002\003' >tests/fuzz/corpus/trust/sound
	run make fuzz-replay
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed" ]
}

@test "fuzz-replay cuts each case at every length" {
	write_trusting_parser
	printf '\002\000\000' >tests/fuzz/corpus/trust/falls_when_cut
	run make fuzz-replay
	[ "$status" -ne 0 ]
}

@test "make help lists each target that people call" {
	run make help
	for target in all check unit bats asan fuzz fuzz-replay bench coverage lint layers demo lab install dist help; do
		grep -qE "^$target " <<<"$output"
	done
}
