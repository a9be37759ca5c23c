#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# options.sh PROGRAM PAGE - every long option of `PROGRAM --help` is in the manual page, and the
# other way round.
set -eu

long() {
	grep -oE '(^|[^-[:alnum:]])--[a-z][a-z0-9-]*' | sed 's/.*--/--/' | sort -u
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$1" --help | long >"$tmp/help"
mandoc -T ascii "$2" | sed 's/.\x08//g' | long >"$tmp/page"
[ -s "$tmp/help" ] || { echo "$1 --help names no option" >&2; exit 1; }
if ! diff "$tmp/help" "$tmp/page" >"$tmp/diff"; then
	sed -n "s|^< |$2 does not describe |p;s|^> |$1 --help does not list |p" "$tmp/diff" >&2
	exit 1
fi
