#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What completes the options: generated from the same tables that parse them, so none is missing.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	tools=(build/bin/*)
}

of() { # SHELL PROGRAM
	packaging/completions.sh "$1" "$2" "net-${2##*/}"
}

long_options() { # PROGRAM
	"$1" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | sed 's/.*--//' | sort -u
}

letters() { # PROGRAM
	"$1" --help | grep -oE '^ {1,6}-[A-Za-z0-9]\b' | sed 's/.*-//' | sort -u
}

# complete WORD... - what bash offers for the last word.
complete_line() { # PROGRAM WORD...
	bash -c '
		compopt() { :; }
		eval "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"_${1//-/_}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$(of bash "$1")" "net-${1##*/}" "${@:2}"
}

@test "every option of every tool is completed, in each shell" {
	for tool in "${tools[@]}"; do
		(($(long_options "$tool" | wc -l) > 5 && $(letters "$tool" | wc -l) > 2))
		for option in $(long_options "$tool"); do
			[[ $(complete_line "$tool" "--$option") =~ (^|$'\n')"--$option"=?($|$'\n') ]]
			of zsh "$tool" | grep -qE -- "^  '\*--$option(=-?)?\["
			of fish "$tool" | grep -qE -- " -l $option( |$)"
		done
		for letter in $(letters "$tool"); do
			[[ $(complete_line "$tool" "-$letter") == *"-$letter"* ]]
			of zsh "$tool" | grep -qE -- "^  '\*-$letter\+?\["
			of fish "$tool" | grep -qE -- " -s $letter "
		done
	done
}

@test "an argument that is a must, one that is not, a file, an interface" {
	[[ $(complete_line build/bin/ping --pc) == "--pcap=" ]]
	[[ $(complete_line build/bin/ping --expl) == "--explain" ]]
	[[ $(complete_line build/bin/ping --pcap = READ) == "README.md" ]]
	[[ $(complete_line build/bin/ping -I l) == *lo* ]]
	of zsh build/bin/ping | grep -qF -- "'*--pcap=[Save the exchange; pcapng with verdicts if FILE ends in .pcapng]:FILE:_files'"
	of fish build/bin/ping | grep -qF -- "-l pcap -r -d 'Save the exchange; pcapng with verdicts if FILE ends in .pcapng'"
}

@test "an option that no page or no test speaks of is told" {
	run tests/setup/options.sh build/bin/rstguard rstguard/rstguard.8 /dev/null
	[ "$status" -eq 1 ]
	[[ $output == *"no test uses --method (--) of build/bin/rstguard"* ]]
	[[ $output == *"no test uses --json (-j) of build/bin/rstguard"* ]]
	run tests/setup/options.sh build/bin/rstguard phantom/phantom.8 tests/rstguard/*.bats
	[ "$status" -eq 1 ]
	[[ $output == *"phantom/phantom.8 does not describe --method"* ]]
}

@test "names with a prefix, and no shell that it does not know" {
	of bash build/bin/ping | grep -qx 'complete -F _net_ping net-ping'
	[ "$(of zsh build/bin/ping | head -n 1)" = "#compdef net-ping" ]
	run packaging/completions.sh ksh build/bin/ping ping
	[ "$status" -eq 2 ]
	[ "$output" = "completions.sh: no shell 'ksh': bash, zsh or fish" ]
}
