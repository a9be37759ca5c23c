#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# distcheck.sh DIR TARBALL - the tarball builds by itself; twice, in two places, it builds the same
# octets; what it installs it also takes away.
set -eu
unset MAKEFLAGS MAKELEVEL MFLAGS

rm -rf "$1"
for place in "$1/a" "$1/a place with spaces"; do
	mkdir -p "$place"
	tar -xf "$2" -C "$place" --strip-components=1
	make -C "$place" -j"$(nproc)" all static >/dev/null
done
for program in "$1"/a/build/bin/* "$1"/a/build/static/*; do
	cmp "$program" "$1/a place with spaces/${program#"$1/a/"}"
done
make -s -C "$1/a" install DESTDIR="$1/root" PREFIX=/usr
[ -x "$1/root/usr/bin/ping" ]

# A driver of another project builds against what was installed, and runs.
cat >"$1/driver.c" <<-'END'
	#include <stdio.h>
	#include <tcphs_core.h>

	int main(void)
	{
		static const unsigned char us[4] = {192, 0, 2, 1}, them[4] = {192, 0, 2, 2};
		struct tcphs_core *c = tcphs_core_new(4, us, 5000, them, 80);

		tcphs_core_connect(c, 1);
		puts(tcphs_core_state(c));
		tcphs_core_free(c);
		return 0;
	}
END
export PKG_CONFIG_SYSROOT_DIR="$1/root" PKG_CONFIG_LIBDIR="$1/root/usr/lib/pkgconfig"
# shellcheck disable=SC2046 # flags are words
cc -o "$1/driver" "$1/driver.c" $(pkg-config --cflags --libs libtcphs-core)
state=$(LD_LIBRARY_PATH="$1/root/usr/lib" "$1/driver")
[ "$state" = SYN-SENT ] || {
	echo "distcheck: libtcphs-core says '$state', not SYN-SENT" >&2
	exit 1
}

make -s -C "$1/a" uninstall DESTDIR="$1/root" PREFIX=/usr
left=$(find "$1/root" ! -type d)
[ -z "$left" ] || { echo "distcheck: uninstall leaves $left" >&2; exit 1; }
rm -rf "$1"
echo "distcheck: ${2##*/} is whole, its build reproducible"
