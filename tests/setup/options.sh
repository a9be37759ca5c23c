#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# options.sh PROGRAM PAGE TESTS... - every long option of `PROGRAM --help` is in the manual page, and
# the other way round; and each option is used, by one name or the other, in one of the files TESTS.
# (That each is completed too, tests/setup/completions.bats proves.)
set -eu

long() {
	grep -oE '(^|[^-[:alnum:]])--[a-z][a-z0-9-]*' | sed 's/.*--/--/' | sort -u
}

# An option a line: its letter or -, and its long name or -.
both() {
	sed -nE 's/^ {1,6}-([A-Za-z0-9]), --([a-z0-9-]+).*/\1 \2/p; s/^ {1,6}--([a-z0-9-]+).*/- \1/p
		s/^ {1,6}-([A-Za-z0-9])( .*)?$/\1 -/p'
}

# is_used LETTER NAME - in the tests. A letter may stand in a cluster, but not in the command line of
# one of those programs that tests look at results with.
is_used() {
	[ "$2" = - ] || ! grep -qE -- "--$2([^a-z-]|\$)" "$tmp/tests" || return 0
	[ "$1" = - ] || ! grep -vE '(^|[|(] *)(grep|jq|sed|cut|sort|tshark|awk|tr|head|tail|uniq|wc|od) ' \
		"$tmp/tests" | grep -qE -- "(^|[\"'( ])-[A-Za-z0-9]*$1" || return 0
	return 1
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
program=$1 page=$2
shift 2
"$program" --help >"$tmp/text"
long <"$tmp/text" >"$tmp/help"
mandoc -T ascii "$page" | sed 's/.\x08//g' | long >"$tmp/page"
[ -s "$tmp/help" ] || { echo "$program --help names no option" >&2; exit 1; }
bad=0
if ! diff "$tmp/help" "$tmp/page" >"$tmp/diff"; then
	sed -n "s|^< |$page does not describe |p;s|^> |$program --help does not list |p" "$tmp/diff" >&2
	bad=1
fi
cat "$@" >"$tmp/tests"
both <"$tmp/text" >"$tmp/both"
while read -r letter name; do
	is_used "$letter" "$name" || { echo "no test uses --$name (-$letter) of $program" >&2; bad=1; }
done <"$tmp/both"
exit $bad
