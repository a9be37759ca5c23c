#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# flags.sh VARIANT LINK CC... - asks the compiler which warnings and hardening it takes and how each
# library is to be linked, and prints the answer as a makefile.
#
# A tool must start fast, and each shared library costs the loader about 0.1 ms (libpcap, which
# brings libdbus, libsystemd and six more, 0.7 ms), so the static archive is taken where there is
# one, unless LINK is shared. Measured, median of 300 starts of a program that uses them all: shared 1.9 ms, static 1.0 ms
# (iputils' ping 1.2 ms, /bin/true 0.8 ms).
# shellcheck disable=SC2086 # the compiler and the lists of flags are to be split into words
set -eu

variant=$1
link=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

builds() { # COMMAND...: whether this compiles and links
	"$@" >/dev/null 2>&1
}

# accepted NAME FLAG...: those of the flags that the compiler takes, tried all at once, else one by one
accepted() {
	kind=$1 good=
	shift
	if builds $cc -Werror "$@" -o "$tmp/try" "$tmp/try.c"; then
		echo "$kind := $*"
		return
	fi
	for flag; do
		if builds $cc -Werror "$flag" -o "$tmp/try" "$tmp/try.c"; then
			good="$good $flag"
		fi
	done
	echo "$kind :=$good"
}

# library NAME FUNCTION PACKAGE [VARIABLE [MORE]]: how to link lib NAME, known by its FUNCTION, from
# Debian's PACKAGE; every program links it, unless the answer goes into a VARIABLE of its own. Its
# archive needs the libraries MORE.
library() {
	printf 'int %s(void);\nint main(void) { return %s(); }\n' "$2" "$2" >"$tmp/lib.c"
	# libpcap's table of capture kinds ends at the first null, so without D-Bus it is just one kind shorter.
	nodbus=-Wl,--defsym=dbus_create=0,--defsym=dbus_findalldevs=0
	for how in "-l:lib$1.a" "-l:lib$1.a ${5:-}" "$nodbus -l:lib$1.a" "-l$1"; do
		[ "$link" != shared ] || how="-l$1"
		if builds $cc -fno-builtin -o "$tmp/lib" "$tmp/lib.c" $how; then
			echo "${4:-probed_libs} += $how"
			return
		fi
	done
	echo "make: lib$1 is missing: run 'tests/setup/install.sh build', or install $3 yourself" >&2
	exit 1
}

# optional NAME FUNCTION MACRO: the same for a library that is done without where it is missing; what
# needs it is built where the MACRO is set.
optional() {
	printf 'int %s(void);\nint main(void) { return %s(); }\n' "$2" "$2" >"$tmp/lib.c"
	for how in "-l:lib$1.a" "-l$1"; do
		[ "$link" != shared ] || how="-l$1"
		if builds $cc -fno-builtin -o "$tmp/lib" "$tmp/lib.c" $how; then
			echo "probed_libs += $how"
			echo "probed_cflags += -D$3"
			return
		fi
	done
	echo "make: without lib$1 (package lib$1-dev)" >&2
}

cc=$*
echo 'int main(void) { return 0; }' >"$tmp/try.c"
if ! builds $cc -o "$tmp/try" "$tmp/try.c"; then
	echo "make: the compiler '$cc' does not work: run 'tests/setup/install.sh build'" >&2
	exit 1
fi

warnings='-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wstrict-prototypes
	-Wmissing-prototypes -Wundef -Wvla -Wcast-align=strict -Wimplicit-fallthrough -Wnull-dereference
	-Wlogical-op -Wduplicated-cond -Wduplicated-branches'
hardening='-fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE
	-ftrivial-auto-var-init=zero -fno-strict-overflow -fno-math-errno'
[ "$variant" = release ] && hardening="$hardening -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
accepted probed_cflags $warnings $hardening
# Paths of the build machine stay out of the debugging information.
builds $cc "-ffile-prefix-map=$PWD=." -o "$tmp/try" "$tmp/try.c" &&
	echo "probed_cflags += '-ffile-prefix-map=$PWD=.'"
accepted probed_ldflags -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed

library pcap pcap_compile libpcap-dev
library net libnet_init libnet1-dev
library jansson json_object libjansson-dev
library seccomp seccomp_init libseccomp-dev
library mnl mnl_socket_open libmnl-dev
optional maxminddb MMDB_open HAVE_MAXMINDDB
library hogweed nettle_rsa_sha256_verify_digest nettle-dev probed_dnsq '-l:libnettle.a -l:libgmp.a'
library nettle nettle_hmac_sha256_digest nettle-dev probed_dnsq
library gmp __gmpz_clear libgmp-dev probed_dnsq
library idn2 idn2_to_ascii_8z libidn2-dev probed_dnsq -l:libunistring.a
library nghttp2 nghttp2_session_mem_send libnghttp2-dev probed_dnsq
# A static program has code of its own in the place of a libmnl without an archive.
printf 'int mnl_socket_open(void);\nint main(void) { return mnl_socket_open(); }\n' >"$tmp/lib.c"
builds $cc -o "$tmp/lib" "$tmp/lib.c" -l:libmnl.a && echo 'probed_mnl_archive := -l:libmnl.a'
# Static libm needs symbols that only a static libc has.
echo 'probed_libs += -lm'
