#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.sh - Debian's package on a fresh Debian: a minimal bookworm is made, the package installed,
# its autopkgtests run, the package purged; then no file is there that was not before. Needs root,
# debootstrap and Debian's mirror (MIRROR=URL for another one; DEB=FILE for a package that is
# built already). Minutes; leaves nothing behind.
# shellcheck disable=SC2016 # words in single quotes are for another shell
set -euo pipefail

cd "$(dirname "$0")/../.."
[[ $(id -u) == 0 ]] || { echo "package.sh: only root can make a Debian to install it on" >&2; exit 2; }
mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
root=$work/root
trap 'rm -rf "$work"' EXIT
exec 3>&1

# step WORDS COMMAND... - says what is done; what the command says, only if it fails.
step() {
	echo "package: $1" >&3
	timeout -k 5 1200 "${@:2}" >"$work/log" 2>&1 </dev/null || {
		tail -n 30 "$work/log" >&2
		echo "package: $1: failed"
		exit 1
	}
}

# In namespaces that end with the command: what it mounts and starts is gone then. $1: of the network.
inside() {
	unshare --mount --pid --fork --uts --kill-child ${1:+"$1"} bash -c '
		mount --bind "$0" "$0" && cd "$0"
		mount -t proc none proc && mount -t sysfs none sys 2>/dev/null || mount -t proc none proc
		mount -t tmpfs none run && mount -t tmpfs none tmp && mount --rbind /dev dev
		ip link set lo up
		exec chroot . env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${@:1}"' \
		"$root" "${@:2}"
}

# What a package manager keeps for itself, and what man-db and fontconfig make of others' files.
listing() {
	(cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache -o \
		-path ./var/log -o -path ./deb \) -prune -o -print | sort)
}

export -f inside
export root
[[ ${DEB:-} ]] || step "build the package" make deb
step "make a minimal bookworm" debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp "${DEB:-$(compgen -G "build/deb/pktutils_*.deb")}" "$root/pktutils.deb"
cp -r debian/tests "$root/tests"
step "install what its tests need" bash -c 'inside "" apt-get install -y --no-install-recommends \
	iproute2 jq man-db prometheus $(dpkg-deb -f "$root/pktutils.deb" Depends Recommends |
		sed "s/^[A-Z][a-z]*://; s/([^)]*)//g; s/|[^,]*//g; s/,/ /g")'
listing >"$work/before"
step "install the package" bash -c 'inside --net dpkg -i /pktutils.deb'
for test in tools loopback fleet; do
	step "test $test" bash -c "inside --net /tests/$test"
done
capable=$(getcap "$root"/usr/bin/pkt-* | grep -c cap_net_raw || true)
((capable > 0)) || { echo "package: no program was lent a capability"; exit 1; }
step "purge the package" bash -c 'inside --net apt-get purge -y pktutils'
listing >"$work/after"
diff "$work/before" "$work/after" || { echo "package: files are left"; exit 1; }
# Nor has anything of the system's own been changed.
left=$(grep -rl pktutils "$root/etc" "$root/usr" "$root/var/lib" 2>/dev/null |
	grep -vE '/var/lib/(dpkg|apt)/|/var/cache/' || true)
[[ ! $left ]] || { echo "package: it is still named in $left"; exit 1; }
echo "package: installed, all programs run ($capable with cap_net_raw), purged: no file left"
