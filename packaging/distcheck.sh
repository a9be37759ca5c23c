#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# distcheck.sh DIR TARBALL - the tarball builds by itself; twice, in two places, it builds the same
# octets; what it installs it also takes away.
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS

rm -rf "$1"
for place in "$1/a" "$1/a place with spaces"; do
	mkdir -p "$place"
	tar -xf "$2" -C "$place" --strip-components=1
	make -C "$place" -j"$(nproc)" all static >/dev/null
done
for program in "$1"/a/build/bin/* "$1"/a/build/static/*; do
	cmp "$program" "$1/a place with spaces/${program#"$1/a/"}"
done
make -s -C "$1/a" install DESTDIR="$1/root" PREFIX=/usr
[ -x "$1/root/usr/bin/ping" ]
make -s -C "$1/a" uninstall DESTDIR="$1/root" PREFIX=/usr
left=$(find "$1/root" -type f)
[ -z "$left" ] || { echo "distcheck: uninstall leaves $left" >&2; exit 1; }
rm -rf "$1"
echo "distcheck: ${2##*/} is whole, its build reproducible"
