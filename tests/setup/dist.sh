#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dist.sh DIR NAME - packs the tree, without what is built, as DIR/NAME.tar.gz: the same octets
# from the same files, wherever and whenever (the time is SOURCE_DATE_EPOCH, or the newest file's).
set -eu

list=$(mktemp)
trap 'rm -f "$list"' EXIT
mkdir -p "$1"
# A checkout knows its files; a tree that came as an archive is all files.
if git ls-files -z >"$list" 2>/dev/null && [ -s "$list" ]; then
	:
else
	find . -path ./build -prune -o -type f -printf '%P\0' >"$list"
fi
epoch=${SOURCE_DATE_EPOCH:-$(xargs -0 stat -c %Y <"$list" | sort -n | tail -n 1)}
LC_ALL=C sort -z "$list" | tar --null -T - --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
	--mode=go=rX,u+rw,a-s --transform="s,^,$2/," -cf - | gzip -9n >"$1/$2.tar.gz"
echo "$1/$2.tar.gz"
