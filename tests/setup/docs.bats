#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The documents that are made from the programs are what the programs say.

@test "docs/output.md lists the fields that the programs write" {
	cd "$BATS_TEST_DIRNAME/../.."
	make -s docs-print | diff -u docs/output.md -
}
