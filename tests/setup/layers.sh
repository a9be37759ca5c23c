#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# layers.sh LAYER... - the floors from the ground up: no file of common/ includes a floor above its
# own, the great libraries have one door each, and the tools' folders do no input or output themselves.
set -eu

bad=0
fault() {
	echo "layers: $*" >&2
	bad=1
}

allowed=
for layer; do
	allowed="$allowed $layer"
	may=$allowed
	# out stands above io and engine but describes bytes only.
	[ "$layer" = out ] && may="base wire out"
	for file in common/"$layer"/*.[ch]; do
		[ -e "$file" ] || continue
		# shellcheck disable=SC2013 # a path is a word
		for other in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
			case " $may " in
			*" ${other%%/*} "*) ;;
			*) fault "$file includes \"$other\", but $layer may use only:$may" ;;
			esac
		done
	done
done

# doors HEADER MOST: how many files may include <HEADER>
doors() {
	files=$(grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$1" -r common --include='*.[ch]' || true)
	n=$(echo "$files" | grep -c . || true)
	[ "$n" -le "$2" ] || fault "<$1> is included by $n files, at most $2 may: $files"
}
doors libnet.h 1
doors pcap 3

for folder in */; do
	folder=${folder%/}
	case $folder in common | tests | docs | build) continue ;; esac
	for file in "$folder"/*.[ch]; do
		[ -e "$file" ] || continue
		if grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<(libnet|pcap)' "$file" >&2; then
			fault "$file includes libnet or libpcap; use build/ and io/"
		fi
		if grep -nE '(^|[^a-z_])socket\(' "$file" >&2; then
			fault "$file opens a socket; use io/"
		fi
		if [ "$file" != "$folder/$folder.c" ] && grep -nE '(^|[^a-z_])_?exit\(' "$file" >&2; then
			fault "$file calls exit(); only $folder/$folder.c may"
		fi
	done
done
exit $bad
