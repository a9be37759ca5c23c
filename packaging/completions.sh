#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# completions.sh SHELL PROGRAM NAME - how SHELL (bash, zsh, fish) completes the options of PROGRAM,
# called NAME where it is installed, out of what `PROGRAM --help` lists: the tables that parse them.
set -eu

# Each option as one line: letter, long name, argument, whether that is a must, what it does; by tabs.
options() {
	COLUMNS=80 "$1" --help | awk '
		function flush() {
			if (letter != "" || name != "")
				printf "%s\t%s\t%s\t%s\t%s\n", letter, name, arg, must, text
			letter = name = arg = must = text = ""
		}
		/^  ? ? ? ? ?-[-A-Za-z0-9]/ {
			flush()
			# What it does stands from column 30 on, or behind three blanks if that is taken.
			at = substr($0, 29, 1) == " " ? 29 : 28 + index(substr($0, 29), "   ")
			if (at == 28)
				at = length($0) + 1
			head = substr($0, 1, at - 1)
			text = substr($0, at)
			gsub(/^ +| +$/, "", head)
			sub(/^ +/, "", text)
			n = split(head, word, /, /)
			for (i = 1; i <= n; i++) {
				w = word[i]
				if (match(w, /\[?=/)) {
					must = substr(w, RSTART, 1) == "=" ? "must" : "may"
					arg = substr(w, RSTART + RLENGTH)
					if (must == "may")
						sub(/\]$/, "", arg)
					w = substr(w, 1, RSTART - 1)
				} else if (match(w, / /)) {
					must = "must"
					arg = substr(w, RSTART + 1)
					w = substr(w, 1, RSTART - 1)
				}
				if (w ~ /^--/)
					name = substr(w, 3)
				else
					letter = substr(w, 2)
			}
			next
		}
		/^                    +[^ ]/ && (letter != "" || name != "") {
			more = $0
			sub(/^ +/, "", more)
			text = text == "" ? more : text " " more
			next
		}
		{ flush() }
		END { flush() }'
}

case $1 in
bash)
	options "$2" | awk -F'\t' -v tool="$3" '
		{ if ($1 != "") all = all " -" $1; if ($2 != "") all = all " --" $2 ($4 == "must" ? "=" : "") }
		$3 == "FILE" { if ($1 != "") files = files "|-" $1; if ($2 != "") files = files "|--" $2 }
		$3 ~ /^IF/ { if ($1 != "") ifs = ifs "|-" $1; if ($2 != "") ifs = ifs "|--" $2 }
		END {
			fn = tool
			gsub(/[^A-Za-z0-9]/, "_", fn)
			print "# bash completion for " tool
			print "_" fn "() {"
			print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}"
			print "\tif [[ $cur == = ]]; then cur= prev=${COMP_WORDS[COMP_CWORD-1]}; fi"
			print "\tif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi"
			print "\tcase $prev in"
			if (files != "")
				print "\t" substr(files, 2) ") compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;"
			if (ifs != "")
				print "\t" substr(ifs, 2) ") mapfile -t COMPREPLY < <(cd /sys/class/net && compgen -f -- \"$cur\"); return ;;"
			print "\tesac"
			print "\tif [[ $cur == -* ]]; then"
			print "\t\tmapfile -t COMPREPLY < <(compgen -W \"" substr(all, 2) "\" -- \"$cur\")"
			print "\t\t[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace"
			print "\telse"
			print "\t\tmapfile -t COMPREPLY < <(compgen -A hostname -- \"$cur\")"
			print "\tfi"
			print "}"
			print "complete -F _" fn " " tool
		}'
	;;
zsh)
	options "$2" | awk -F'\t' -v tool="$3" '
		function quoted(s) {
			gsub(/\\/, "\\\\", s); gsub(/[\[\]:]/, "\\\\&", s); gsub(/\047/, "\047\\\047\047", s)
			return s
		}
		function action(a) { return a == "FILE" ? "_files" : a ~ /^IF/ ? "_net_interfaces" : " " }
		function value(sign) {
			if ($3 == "")
				return ""
			return sign ($4 == "may" ? "::" : ":") quoted($3) ":" action($3)
		}
		BEGIN { print "#compdef " tool; print "_arguments -s -S \\" }
		{
			if ($1 != "")
				printf "  \047*-%s%s[%s]%s\047 \\\n", $1, $3 == "" ? "" : "+", quoted($5), value("")
			if ($2 != "")
				printf "  \047*--%s%s[%s]%s\047 \\\n", $2, $3 == "" ? "" : $4 == "may" ? "=-" : "=", quoted($5), value("")
		}
		END { print "  \047*:target:_hosts\047" }'
	;;
fish)
	options "$2" | awk -F'\t' -v tool="$3" '
		function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/\047/, "\\\047", s); return "\047" s "\047" }
		BEGIN { print "# fish completion for " tool }
		{
			printf "complete -c %s", tool
			if ($1 != "")
				printf " -s %s", $1
			if ($2 != "")
				printf " -l %s", $2
			if ($4 == "must")
				printf "%s", $3 == "FILE" ? " -r" : $3 ~ /^IF/ ? " -x -a \047(__fish_print_interfaces)\047" : " -x"
			printf " -d %s\n", quoted($5)
		}'
	;;
*)
	echo "completions.sh: no shell '$1': bash, zsh or fish" >&2
	exit 2
	;;
esac
