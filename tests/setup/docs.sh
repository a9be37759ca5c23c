#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs.sh PROGRAM... - docs/output.md on standard output: what stands above the fields, then the
# tables of fields that each program holds itself (--schema).
set -eu

cat <<'EOF'
# Output

Made by `make docs` from the tables in the programs (`PROGRAM --schema`); a test compares the two.

## Rules

- Standard output holds results only; messages and progress go to standard error. What cannot be
  written is an error: exit status 2.
- With `--json` standard output holds one JSON object a line (RFC 8259, UTF-8) and nothing else, in
  every mode and on every failure. The last line of every run is a record of type `end`.
- Times are numbers of milliseconds with a resolution of nanoseconds. Moments are strings
  (RFC 3339, UTC, nine decimals): no reader's floating point rounds them.
- A time that does not exist is absent or null, never a number. Integers from 2^53 on are strings.
- Text from the network, from files and from the command line passes one sanitiser: what is no
  printable UTF-8, or hides or reorders text, becomes U+FFFD. A field changed by that has a sibling
  `<name>_hex` with the octets as they were.
- New fields may come; a field does not change its meaning while `v` is 1.

EOF
for program; do
	"$program" --schema
done
