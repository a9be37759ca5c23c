#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pace of ping: what its own captures say of when each probe left, in shares and ratios within
# one run. pacing.sh prints figures beside the peers'; this judges, where the machine has nothing
# else to do.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	cat >"$BATS_FILE_TMPDIR/topo" <<-END
		client 10.9.0.1/24 via 10.9.0.254
		router 10.9.0.254
		path 0.0.0.0/0 10.9.0.254
		host 10.9.1.1 delay=40ms
		host 10.9.1.2 silent
	END
	lab_fakenet "$BATS_FILE_TMPDIR/topo"
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	ping=$LAB_TOP/build/bin/ping
	tmp=$BATS_TEST_TMPDIR
}

# sent_at OPTION... - when each probe left, in milliseconds after the first, one a line.
sent_at() {
	"$ping" -q --pcap "$tmp/run.pcap" "$@" >"$tmp/out" || [[ $? == 1 ]]
	times "$tmp/run.pcap"
}

times() {
	tshark -r "$1" -Y 'icmp.type == 8' -T fields -e frame.time_relative 2>/dev/null |
		awk 'NR == 1 { first = $1 } { print 1000 * ($1 - first) }'
}

# is_paced COUNT MILLISECONDS - it reads COUNT times on a grid of MILLISECONDS: half of the last
# quarter is no more than 0.5 % of all the time later on it than half of the first quarter.
is_paced() {
	awk -v count="$1" -v step="$2" '{ late[NR] = $1 - (NR - 1) * step }
		function middle(from, to,    i, j, v) {
			for (i = from; i < to; i++)
				for (j = i + 1; j <= to; j++)
					if (late[j] < late[i]) {
						v = late[i]; late[i] = late[j]; late[j] = v
					}
			return late[int((from + to) / 2)]
		}
		END {
			q = int(NR / 4)
			drift = middle(NR - q + 1, NR) - middle(1, q)
			printf "%d probes, drift %.3f ms\n", NR, drift
			exit NR != count || drift > NR * step * 0.005 || drift < -NR * step * 0.005
		}'
}

# length_of OPTION... - how long it took from the first probe to the last.
length_of() {
	sent_at "$@" | tail -n 1
}

# is_between LOW NUMBER HIGH
is_between() {
	awk -v low="$1" -v n="$2" -v high="$3" 'BEGIN { print n; exit !(low <= n && n <= high) }'
}

# ratio A B
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'
}

@test "the interval does not drift" {
	sent_at -c 200 -i 0.01 127.0.0.1 | is_paced 200 10
	sent_at -c 1000 -i 0.0005 127.0.0.1 | is_paced 1000 0.5
}

@test "... however late answers come, or do not" {
	sent_at -c 100 -i 0.01 10.9.1.1 | is_paced 100 10
	sent_at -c 100 -i 0.01 -W 0.1 10.9.1.2 | is_paced 100 10
}

@test "each target has an interval of its own" {
	sent_at -c 50 -i 0.01 127.0.0.1 127.0.0.2 127.0.0.3 >"$tmp/times"
	for ((i = 1; i <= 3; i++)); do
		awk -v i=$i 'NR % 3 == i % 3' "$tmp/times" | is_paced 50 10
	done
}

@test "half the interval, half the time" {
	whole=$(length_of -c 100 -i 0.01 127.0.0.1)
	half=$(length_of -c 100 -i 0.005 127.0.0.1)
	is_between 1.9 "$(ratio "$whole" "$half")" 2.1
}

@test "twice the rate, half the time" {
	whole=$(length_of --rate 500 127.0.1.0/24)
	half=$(length_of --rate 1000 127.0.1.0/24)
	unasked=$(length_of 127.0.1.0/24)
	is_between 1.9 "$(ratio "$whole" "$half")" 2.1
	is_between 0.95 "$(ratio "$unasked" "$half")" 1.05 # 1000 a second is what a sweep has
}

@test "-l does not wait for the first probes" {
	sent_at -l 4 -c 6 -i 0.1 127.0.0.1 >"$tmp/times"
	# The first four at once, the fifth an interval after the last of them, the sixth after it.
	awk '{ at[NR] = $1 } END {
		exit NR != 6 || at[4] > (at[6] - at[5]) / 4 || at[5] - at[4] < (at[6] - at[5]) / 2 }' \
		"$tmp/times"
}

@test "-A and -i 0 send when the answer comes" {
	# As often as answers come: 40 ms, not the interval of a second.
	is_between 40 "$(ratio "$(length_of -A -c 6 10.9.1.1)" 5)" 200
	# Nobody answers: 100 a second.
	flood=$(length_of -i 0 -c 50 -W 0.1 10.9.1.2)
	paced=$(length_of -i 0.01 -c 50 -W 0.1 10.9.1.2)
	is_between 0.9 "$(ratio "$flood" "$paced")" 1.2
}

@test "what a ping that was stopped for long has missed is not made up for" {
	mkfifo "$tmp/pipe"
	"$ping" -c 20 -i 0.02 --pcap "$tmp/run.pcap" 127.0.0.1 >"$tmp/pipe" 3>&- &
	exec {answers}<"$tmp/pipe"
	lab_await 'icmp_seq=3 ' "$answers"
	kill -STOP $!
	"$ping" -q -c 2 -i 1.2 127.0.0.1 >"$tmp/out" # time goes by
	kill -CONT $!
	cat <&"$answers" >"$tmp/out"
	wait $!
	times "$tmp/run.pcap" | awk 'NR > 1 && $1 - last < 10 { soon++ } { last = $1 }
		END { print NR, soon + 0; exit NR != 20 || soon > 2 }'
}
