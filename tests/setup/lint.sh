#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh TOOL... - everything about the text of the project that a program can judge.
set -u

bad=0
fault() {
	echo "lint: $*" >&2
	bad=1
}

# ours NAME...: the files of the project by name pattern, what is built left out
ours() {
	local pattern args=()
	for pattern; do args+=(-o -name "$pattern"); done
	find . -path ./build -prune -o -path ./.git -prune -o -type f \( "${args[@]:1}" \) -print | sort
}

mapfile -t code < <(ours '*.[ch]')
mapfile -t sources < <(ours '*.c')
mapfile -t scripts < <(ours '*.sh' '*.bash' '*.bats' run)
mapfile -t texts < <(ours '*.[ch]' '*.sh' '*.bash' '*.bats' '*.pl' '*.md' '*.[18]' Makefile run packages)

for file in "${code[@]}" "${scripts[@]}"; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || fault "$file has no SPDX line"
done

for file in "${code[@]}"; do
	clang-format "$file" | cmp -s - "$file" || fault "$file is not laid out as .clang-format says: 'make format'"
	# A text stays on one line, so that it can be searched for.
	expand -t 8 "$file" | awk -v file="$file" 'length > 100 && !/"/ { print file ":" NR ": " length " columns"; n++ } END { exit n > 0 }' ||
		fault "$file: a line takes at most 100 columns"
	[ "$(wc -l <"$file")" -le 600 ] || fault "$file has more than 600 lines"
done

# pmccabe: complexity, ..., lines of the function, file(line): name
long=$(pmccabe "${sources[@]}" | awk -F '\t' '$5 > 80 { print $6 ": " $5 " lines" }')
[ -z "$long" ] || fault "a function takes at most 80 lines: $long"

cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
	--suppress=missingIncludeSystem --std=c11 -Icommon "${sources[@]}" || fault "cppcheck"

shellcheck -x "${scripts[@]}" || fault "shellcheck"

codespell -L nd,ede,fo,passt "${texts[@]}" || fault "codespell"

words=$(grep -nwE 'TO''DO|FIX''ME|X''XX' "${texts[@]}")
[ -z "$words" ] || fault "unfinished work: $words"

for tool; do
	for page in "$tool/$tool".[18]; do
		[ -e "$page" ] || { fault "$tool has no manual page"; continue; }
		mandoc -T lint -W warning "$page" || fault "$page"
		for section in "EXIT STATUS" SIGNALS JSON EXAMPLES SECURITY; do
			grep -qx "\.Sh $section" "$page" || fault "$page has no section $section"
		done
		[ -e "tests/$tool/examples.bats" ] || fault "nothing runs the examples of $page"
		tests/setup/options.sh "build/bin/$tool" "$page" tests/family/*.bats "tests/$tool"/*.ba* ||
			fault "options of $tool"
	done
done

for shell in bash zsh fish; do
	for tool; do
		packaging/completions.sh "$shell" "build/bin/$tool" "$tool" | "$shell" -n || fault "how $shell completes $tool"
	done
done
exit $bad
