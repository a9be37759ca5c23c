#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each command of each lesson is run in the lab, and what it prints is what the page says.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

setup_file() {
	export LESSONS=docs/lessons PAGE=tests/lessons/page.pl
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/lab/world.bash
	source tests/lab/world.bash
	export PATH=$PWD/build/bin:$PATH COLUMNS=100
	world_up
	export LAB_TMP
}

teardown_file() {
	lab_cleanup
}

# lesson NUMBER - runs its page, as somebody does who has just opened the lab.
lesson() {
	local page=("$LESSONS/$1"-*.md) out=$BATS_TEST_TMPDIR/out

	echo "${page[0]}" >>"$BATS_FILE_TMPDIR/run"
	"$PAGE" script "${page[0]}" >"$BATS_TEST_TMPDIR/script"
	grep -q '^{' "$BATS_TEST_TMPDIR/script"
	ip neigh flush all
	timeout -k 1 60 bash "$BATS_TEST_TMPDIR/script" >"$out" 2>&1 3>&-
	"$PAGE" compare "${page[0]}" "$out"
}

@test "1: a frame, octet by octet" { lesson 01; }
@test "2: ARP, the neighbour cache, conflicts" { lesson 02; }
@test "3: the routing decision" { lesson 03; }
@test "4: the IPv4 header, checksum, fragments, path MTU" { lesson 04; }
@test "5: ICMP and ping" { lesson 05; }
@test "6: traceroute and load balancing" { lesson 06; }
@test "7: UDP and DNS" { lesson 07; }
@test "8: DHCP" { lesson 08; }
@test "9: TCP" { lesson 09; }
@test "10: a phantom host" { lesson 10; }
@test "11: the same exchange in Wireshark" { lesson 11; }

@test "every page was run, is in the index, has two experiments, and fits in 100 columns" {
	local page

	[ "$(sort "$BATS_FILE_TMPDIR/run")" = "$(ls "$LESSONS"/[0-9]*.md)" ]
	for page in "$LESSONS"/[0-9]*.md; do
		grep -qF "](${page##*/})" "$LESSONS/README.md"
		[ "$(sed -n '/^## Try it$/,$p' "$page" | grep -cE '^[0-9]\. ')" -eq 2 ]
	done
	run -1 grep -nE '^.{101}' "$LESSONS"/*.md
}

# changed SED WHAT - a page with one change in it differs from what its commands print.
changed() {
	sed "$1" "$page" >"$BATS_TEST_TMPDIR/page"
	! cmp -s "$page" "$BATS_TEST_TMPDIR/page" || { echo "nothing changed: $1" && return 1; }
	run "$PAGE" compare "$BATS_TEST_TMPDIR/page" "$out"
	[ "$status" -eq 1 ] || { echo "not noticed: $1" && return 1; }
}

@test "a change in a page is noticed, and what differs each time is not" {
	page=$BATS_TEST_TMPDIR/lesson out=$BATS_TEST_TMPDIR/out
	cat >"$page" <<-'END'
		```console
		$ printf '%s\n' 'answer time=1.25 ms' 'name 10.9.1.1' end
		answer time=0.043 ms
		name 10.9.1.1
		end
		$ echo one; echo two; echo three
		one
		...
		three
		```
		Not run:
		```
		$ false
		```
		```console
		$ printf '%s\n' '   24  3e 2b          Header Checksum  0x3e2b      correct' \
		> '   26  0a 09 00 01    Source Address   10.9.0.1    the sender'
		   24  77 77          Header Checksum  0x7777      correct
		   26  0a 09 00 01    Source Address   10.9.0.1    the sender
		```
	END
	bash -c "$("$PAGE" script "$page")" >"$out"
	"$PAGE" compare "$page" "$out"
	# What is right stays, what is wrong is put right.
	"$PAGE" fill "$page" "$out" | cmp - "$page"
	sed 's/^three$/four/' "$page" >"$BATS_TEST_TMPDIR/wrong"
	"$PAGE" fill "$BATS_TEST_TMPDIR/wrong" "$out" |
		sed 's/^two$/.../; s/^answer time=1.25/answer time=0.043/' | cmp - "$page"
	changed 's/^name 10.9.1.1/name 10.9.1.2/'
	changed 's/^end$/ending/'
	changed '/^\.\.\.$/d'
	changed 's/^\$ echo one/$ echo  uno/'
	changed 's/Source Address /Source Addresses/'
	changed 's/0a 09 00 01/0a 09 00 02/'
	changed 's/^answer time=0.043 ms/answer time=0.043 m/'
	changed '/^Not run/,/^END/d'
	changed 's/^\.\.\.$/...\n.../; s/^one$/.../'
}
