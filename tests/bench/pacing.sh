#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How well the interval is kept: what the summary and the process's own length say.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/../lab/lab.bash"
lab_enter "$@"

pace() { # NAME WANTED COMMAND...
	perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -e '
		my ($name, $wanted) = splice @ARGV, 0, 2;
		my $start = clock_gettime(CLOCK_MONOTONIC);
		my $pid = fork // die;
		if (!$pid) { open STDOUT, ">", "/dev/null"; exec @ARGV or die }
		waitpid $pid, 0;
		my $took = clock_gettime(CLOCK_MONOTONIC) - $start;
		printf "  %-10s %9.4f s, wanted %.4f s (%+.2f %%)\n", $name, $took, $wanted, 100 * ($took / $wanted - 1)' "$@"
}

echo "1,000 probes at 10 ms:"
pace ours 9.99 "$LAB_TOP/build/bin/ping" -q -c 1000 -i 0.01 127.0.0.1
pace iputils 9.99 /usr/bin/ping -q -c 1000 -i 0.01 127.0.0.1
echo "4,000 probes at 0.5 ms:"
pace ours 1.9995 "$LAB_TOP/build/bin/ping" -q -c 4000 -i 0.0005 127.0.0.1
pace iputils 1.9995 /usr/bin/ping -q -c 4000 -i 0.0005 127.0.0.1
