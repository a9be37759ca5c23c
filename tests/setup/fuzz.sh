#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh PROGRAM RUNS - one libFuzzer program from its corpus; what it learns stays in build/.
set -eu

name=${1##*/fuzz_}
learnt=${1%/fuzz/*}/corpus/$name
mkdir -p "$learnt"
log=$learnt.log
if "$1" -runs="$2" -max_len=2048 -timeout=10 -artifact_prefix="$learnt." "$learnt" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
	echo "$name: $(sed -n 's/^Done //p' "$log")"
else
	cat "$log"
	echo "$name: the input that failed is kept as $learnt.*; put it into tests/fuzz/corpus/$name with the fix" >&2
	exit 1
fi
