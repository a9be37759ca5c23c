#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fill.bash PAGE... - runs lessons and writes into them what their commands print, where it is not
# what stands there already. Then read what has changed: git diff docs/lessons.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
# shellcheck source=tests/lab/world.bash
source "$LAB_DIR/world.bash"
lab_enter "$@"
trap lab_cleanup EXIT
export COLUMNS=100 LAB_TMP PATH=$LAB_TOP/build/bin:$PATH
tool=$LAB_TOP/tests/lessons/page.pl
world_up
for page; do
	ip neigh flush all
	"$tool" script "$page" >"$LAB_TMP/script"
	bash "$LAB_TMP/script" >"$LAB_TMP/out" 2>&1
	"$tool" fill "$page" "$LAB_TMP/out" >"$LAB_TMP/page"
	cat "$LAB_TMP/page" >"$page"
done
