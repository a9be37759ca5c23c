#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh GROUP... - installs through apt what is missing of these groups of tests/setup/packages.
# Where nothing is missing it needs neither root nor a network and says nothing.
set -eu

# no_server COMMAND... - runs it while the system starts no server that a package brings along.
no_server() {
	policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}
	if [ -e "$policy" ]; then # somebody has decided already
		"$@"
		return
	fi
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	"$@"
}

if [ "${1:-}" = --install ]; then
	shift
	no_server apt-get install -q -y --no-install-recommends "$@"
	exit
fi

[ $# -gt 0 ] || { echo "usage: install.sh GROUP..." >&2; exit 2; }
list=${0%/*}/packages
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	echo "install.sh: this system has no apt-get; install what tests/setup/packages lists by other means, then run 'make check-built' or 'make demo-built'" >&2
	exit 2
fi

missing=
for group; do
	# shellcheck disable=SC2013 # a package is a word
	for package in $(awk -v group="$group" '$1 == group { print $2 }' "$list"); do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=none
		[ "$state" = installed ] || missing="$missing $package"
	done
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || { echo "install.sh: these packages are missing, and without sudo only root can install them:$missing" >&2; exit 2; }
	sudo=sudo
fi
echo "Installing with ${sudo:+$sudo }apt-get:$missing"
$sudo apt-get update -q
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive /bin/sh "$0" --install $missing
