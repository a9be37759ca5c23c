#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# minimise.sh NAME... (or none for all targets) - takes over into tests/fuzz/corpus/NAME what a campaign
# (tests/soak/fuzz.sh) has learnt: the smallest inputs that reach code which the kept ones do not. Then
# build/fuzz/corpus/NAME is made as small as it can be. A corpus has at most 40 files of 2 KiB.
set -eu
cd "$(dirname "$0")/../.."

most=40
top=build/fuzz
(($#)) || mapfile -t names < <(find "$top/fuzz" -name 'fuzz_*' -executable -type f -printf '%f\n' | sed 's/^fuzz_//' | sort)
(($# == 0)) || names=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of a merge the first corpus comes first, then the files by size; those with new edges have a COV line
# that is not empty.
take_over() { # NAME
	local kept=tests/fuzz/corpus/$1 n file added=0

	rm -rf "${work:?}"/*
	mkdir "$work/all"
	cp -r "$kept" "$work/kept"
	"$top/fuzz/fuzz_$1" -merge=1 -max_len=2048 -merge_control_file="$work/control" "$work/kept" \
		"$top/corpus/$1" >"$work/log" 2>&1
	n=$(find "$kept" -type f | wc -l)
	while read -r file && ((n < most)); do
		cp "$file" "$kept/min-$(sha1sum <"$file" | cut -c1-10)"
		n=$((n + 1)) added=$((added + 1))
	done < <(awk -v skip="$work/kept/" '
		NR == 1 { files = $1; next }
		NR == 2 { next }
		NR <= files + 2 { name[NR - 3] = $0; next }
		$1 == "COV" && NF > 2 && index(name[$2], skip) != 1 { print name[$2] }' "$work/control")
	"$top/fuzz/fuzz_$1" -merge=1 -max_len=2048 "$work/all" "$kept" "$top/corpus/$1" >"$work/log" 2>&1
	echo "$1: $added taken over, $n kept; learnt $(find "$top/corpus/$1" -type f | wc -l)," \
		"of which $(find "$work/all" -type f | wc -l) are needed"
	rm -rf "${top:?}/corpus/$1"
	mv "$work/all" "$top/corpus/$1"
}

for name in "${names[@]}"; do
	[[ ! -d $top/corpus/$name ]] || take_over "$name"
done
