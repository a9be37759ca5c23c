#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coverage.sh DIR - lines of common/ that the runs of DIR's programs reached, a file a line.
set -eu

find "$1/obj/common" -name '*.gcno' -print0 | xargs -0 gcov -n 2>/dev/null | awk -F "[':% ]" '
	/^File / { file = $3 }
	/^Lines executed/ && file ~ /^common\/.*\.c$/ { printf "%6.1f %% of %4d  %s\n", $3, $NF, file; file = "" }
' | sort -k 5
