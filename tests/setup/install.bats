#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh on a make-believe machine: its apt-get, dpkg-query, sudo and id only write down what was asked.

setup() {
	asked="$BATS_TEST_TMPDIR/asked"
	bin="$BATS_TEST_TMPDIR/bin"
	mkdir "$bin"
	for real in awk env chmod rm; do ln -s "$(command -v $real)" "$bin"; done
	command_of id 'echo 0'
	command_of dpkg-query 'case "$*" in *gcc*) exit 1 ;; esac; echo installed'
	command_of apt-get "echo apt-get \"\$@\" >>$asked"
	: >"$asked"
	policy="$BATS_TEST_TMPDIR/policy-rc.d"
}

command_of() { # NAME BODY
	printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

bats_require_minimum_version 1.5.0

install() {
	run --separate-stderr env PATH="$bin" POLICY_RC_D="$policy" /bin/sh "$BATS_TEST_DIRNAME/install.sh" "$@"
}

@test "what is missing is named, then installed" {
	install build
	[ "$status" -eq 0 ]
	[ "$output" = "Installing with apt-get: gcc" ]
	[ "$(cat "$asked")" = "$(printf '%s\n' 'apt-get update -q' 'apt-get install -q -y --no-install-recommends gcc')" ]
}

@test "where nothing is missing nothing happens" {
	command_of dpkg-query 'echo installed'
	install build test demo lint
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ ! -s "$asked" ]
}

@test "a package that was removed but left its settings is missing" {
	command_of dpkg-query 'case "$*" in *gcc*) echo config-files ;; *) echo installed ;; esac'
	install build
	[ "$output" = "Installing with apt-get: gcc" ]
}

@test "an ordinary user goes through sudo" {
	command_of id 'echo 1000'
	command_of sudo "echo sudo \"\$@\" >>$asked"
	install build
	[ "$status" -eq 0 ]
	[ "$output" = "Installing with sudo apt-get: gcc" ]
	[ "$(grep -c '^sudo ' "$asked")" -eq 2 ]
	[ "$(grep -c '^apt-get ' "$asked")" -eq 0 ]
}

@test "without root and sudo one sentence says what is missing" {
	command_of id 'echo 1000'
	install build
	[ "$status" -eq 2 ]
	[ "$stderr" = "install.sh: these packages are missing, and without sudo only root can install them: gcc" ]
	[ ! -s "$asked" ]
}

@test "without apt one sentence says what to do" {
	rm "$bin/apt-get"
	install build
	[ "$status" -eq 2 ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ "$stderr" == *"no apt-get"*"tests/setup/packages"* ]]
}

@test "a failing apt-get fails" {
	command_of apt-get 'exit 100'
	install build
	[ "$status" -ne 0 ]
	command_of apt-get '! [ "$*" = "install -q -y --no-install-recommends gcc" ]'
	install build
	[ "$status" -ne 0 ]
	[ ! -e "$policy" ]
}

@test "no server is started because a package is installed, and nothing stays of that" {
	command_of apt-get "[ \"\$1\" = update ] || \"$policy\" || echo policy \$? >>$asked"
	install build
	[ "$status" -eq 0 ]
	[ "$(cat "$asked")" = "policy 101" ]
	[ ! -e "$policy" ]
}

@test "a policy of the system's own stays as it is" {
	echo mine >"$policy"
	install build
	[ "$(cat "$policy")" = mine ]
}
