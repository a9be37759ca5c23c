# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of a manual page, run as they stand there. The caller names it in $page.
# shellcheck shell=bash
# shellcheck disable=SC2154 # page is the caller's, stderr is run's

# examples - one a line, as one types them.
examples() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/s/^\.Dl \$ //p' "$page" | sed 's/\\(dq/"/g; s/\\e/\\/g'
}

# example WORDS - runs the one example that the page shows with these words in it; a "$" at their end
# is that of the line.
example() {
	local line

	if [[ $1 == *\$ ]]; then
		line=$(examples | while read -r line; do [[ $line != *"${1%?}" ]] || echo "$line"; done)
	else
		line=$(examples | grep -F -e "$1")
	fi
	[[ $line && $line != *$'\n'* ]] || { echo "no, or many examples: $line" >&2 && return 1; }
	echo "$line" >>"$BATS_FILE_TMPDIR/done"
	run -0 --separate-stderr bash -c "$line"
}

# Since the file began, by example().
every_example_was_run() {
	[ "$(examples | wc -l)" -eq "$(sort -u "$BATS_FILE_TMPDIR/done" | wc -l)" ]
}
