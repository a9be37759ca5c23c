#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The memory that a million targets take, from a pipe and from a prefix.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT

# peak NAME COMMAND... - runs it and prints the largest resident set it had.
peak() {
	perl -e '
		my $name = shift @ARGV;
		my $pid = fork // die;
		if (!$pid) { open STDOUT, ">", "/dev/null"; exec @ARGV or die }
		my $most = 0;
		while (!waitpid($pid, 1)) {
			if (open my $f, "<", "/proc/$pid/status") {
				while (<$f>) { $most = $1 if /^VmHWM:\s+(\d+)/ && $1 > $most }
			}
			select undef, undef, undef, 0.02;
		}
		printf "  %-26s %6.1f MiB at most, exit %d\n", $name, $most / 1024, $? >> 8' "$@"
}

million() {
	perl -e 'printf "127.%d.%d.%d\n", 1 + $_ / 65536, $_ / 256 % 256, $_ % 256 for 1 .. 1000000'
}

echo "1,000,000 targets on loopback, as fast as the link takes:"
million | peak "text, from a pipe" "$LAB_TOP/build/bin/ping" -i 0 --file -
million | peak "JSON, from a pipe" "$LAB_TOP/build/bin/ping" -i 0 --json --file -
peak "text, 127.16.0.0/12" "$LAB_TOP/build/bin/ping" -i 0 127.16.0.0/12
lab_ns peer
lab_veth here near peer far
lab_addr here near 192.0.2.1/24
ip route replace 10.0.0.0/8 via 192.0.2.2
ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:01 dev near
peak "text, 1,048,574 silent" "$LAB_TOP/build/bin/ping" -q -i 0 -W 100ms 10.16.0.0/12
