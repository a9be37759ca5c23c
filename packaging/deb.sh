#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deb.sh DIR TARBALL - builds Debian's package out of the tarball, in DIR, and has lintian judge it.
set -eu

rm -rf "$1"
mkdir -p "$1/tree"
tar -xf "$2" -C "$1/tree" --strip-components=1
(cd "$1/tree" && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS dpkg-buildpackage -us -uc -b) >"$1/log" 2>&1 || {
	tail -n 30 "$1/log" >&2
	exit 1
}
unknown=
[ "$(id -u)" != 0 ] || unknown=--allow-root
# lintian leaves its indices behind.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
TMPDIR=$scratch lintian $unknown --fail-on error,warning "$1"/*.changes
echo "$1"/pktutils_*.deb
