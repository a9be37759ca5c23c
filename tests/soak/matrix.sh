#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What takes too long for tests/family/failures.bats: ten million targets (SWEEP_TARGETS) in flat memory,
# at most SWEEP_SECONDS (900) for each tool; SIGINT and SIGTERM at STOPS (400) random moments, after which
# JSON is whole; every octet and RANDOM_NAMES (300) random strings as a target; every option with
# values that nobody means; every mode with the
# interface removed. PARTS="sweep stop" for some; SEED=N for the same draws again.
set -u
# shellcheck source=tests/family/matrix.bash
source "$(dirname "${BASH_SOURCE[0]}")/../family/matrix.bash"
lab_enter "$@"
work=$(mktemp -d)
trap 'lab_cleanup; rm -rf "$work"' EXIT
cd "$work" || exit
matrix_lab "$work"
seed=${SEED:-$$}
RANDOM=$seed
echo "SEED=$seed"
targets=${SWEEP_TARGETS:-10000000}
bad=0 runs=0

wrong() {
	bad=$((bad + 1))
	echo "WRONG: $*"
}

# addresses FIRST-OCTET - so many lines, from a stream
addresses() {
	perl -e '$o = shift; printf "%d.%d.%d.%d\n", $o, 1 + $_ / 65536, $_ / 256 % 256, $_ % 256 for 0 .. shift() - 1' \
		"$1" "$targets"
}

# The largest resident set of a command in KiB, its exit status, its last line; after SWEEP_SECONDS it
# is asked to end.
peak() { # COMMAND...
	perl -e '
		my $limit = shift;
		pipe my $r, my $w;
		my $pid = fork // die;
		if (!$pid) { open STDOUT, ">&", $w; exec @ARGV or die }
		close $w;
		my ($most, $last, $began, $asked, $buf) = (0, "", time, 0, "");
		while (1) {
			my $set = ""; vec($set, fileno $r, 1) = 1;
			if (select($set, undef, undef, 0.05)) {
				sysread($r, $buf, 65536) or last;
				$last = $1 if $buf =~ /([^\n]+)\n[^\n]*\z/;
			}
			if (open my $f, "<", "/proc/$pid/status") {
				while (<$f>) { $most = $1 if /^VmHWM:\s+(\d+)/ && $1 > $most }
			}
			if (!$asked && time - $began > $limit) { kill INT => $pid; $asked = 1 }
		}
		waitpid $pid, 0;
		printf "%d %d %s %s\n", $most, $? >> 8, $asked ? "stopped" : "whole", $last' \
		"${SWEEP_SECONDS:-900}" "$@"
}

sweep_one() { # NAME STATUSES COMMAND...
	local began=$SECONDS kib status how last

	read -r kib status how last < <(peak "${@:3}")
	runs=$((runs + 1))
	echo "$1: $((kib / 1024)) MiB at most, exit $status, $how after $((SECONDS - began)) s: $last"
	((kib > 0 && kib < 65536)) || wrong "$1 takes $kib KiB"
	[[ $how == stopped || ",$2," == *",$status,"* ]] || wrong "$1 ends with $status"
}

part_sweep() {
	sweep_one "ping, a stream" 0,1 ping -q -i 0 -W 0.1 --file <(addresses 127)
	sweep_one "ping --json, a stream" 0,1 ping --json -i 0 -W 0.1 --file <(addresses 127)
	ip route add 11.0.0.0/8 dev lone0
	sweep_one "ping, a range, silence" 1 ping -q -i 0 -W 0.1 11.0.0.0-11.152.150.127
	sweep_one "arping, a range, silence" 1 arping -q --rate 0 -W 0.1 -I lone0 11.0.0.0-11.152.150.127
	sweep_one "traceroute, a stream" 0,1 traceroute -n -q 1 -m 1 -w 0.1 --rate 0 --file <(addresses 127)
	sweep_one "dnsq, a stream" 0 dnsq @127.0.0.1 -p 5301 +short -f <(perl -e \
		'print "ok.test\n" for 1 .. shift' "$targets")
}

# A run is ended by the default action, and has said nothing, or JSON is whole.
part_stop() {
	local tool words signal pid status dir=$work/stop n

	mkdir -p "$dir/tmp"
	for ((n = 0; n < ${STOPS:-400}; n++)); do
		tool=${MATRIX_TOOLS[n % ${#MATRIX_TOOLS[@]}]}
		signal=$((n % 3 ? 15 : 2))
		read -ra words <<<"${MATRIX_WORDS[long.$tool]}"
		env --default-signal=INT setsid "$tool" --json "${words[@]}" >"$dir/out" 2>"$dir/err" </dev/null &
		pid=$! status=0
		read -rt "$(printf '0.%06d' $((RANDOM * (RANDOM % 4 ? 1 : 20))))" <> <(:)
		# From when it has a group of its own no signal is ignored.
		until kill -s $signal -- -$pid 2>/dev/null || ! kill -0 $pid 2>/dev/null; do :; done
		wait $pid 2>/dev/null || status=$?
		runs=$((runs + 1))
		((status != 128 + signal)) || [[ -s $dir/out ]] || continue
		printf %s "$tool" >"$dir/tool"
		printf %s --json >"$dir/mode"
		printf %s "${MATRIX_STATUS[long.$tool]},0,1,2,9,130" >"$dir/want"
		printf %s "$status" >"$dir/status"
		printf %s "$signal" >"$dir/words"
		"$MATRIX_TOP/tests/family/matrix.pl" "$dir" >"$work/judged" && continue
		wrong "$tool ended by $signal"
		cat "$work/judged"
	done
}

# Strings as a target: every octet but NUL, which no argument can hold, alone and within a name, and
# random ones.
part_names() {
	local i

	MATRIX_HOSTILE=()
	for ((i = 1; i < 256; i++)); do
		printf -v text '%b' "$(printf '\\x%02x' $i)"
		MATRIX_HOSTILE+=("$text" "a${text}b")
	done
	for ((i = 0; i < ${RANDOM_NAMES:-300}; i++)); do
		MATRIX_HOSTILE+=("$(head -c $((1 + RANDOM % 80)) /dev/urandom | tr -d '\0')")
	done
	ip route del default
	MATRIX_TOOLS=(ping arping traceroute dhcpc dnsq tcphs phantom)
	matrix_hostile "$work" >"$work/names"
	runs=$((runs + $(awk '/ runs, /{ print $1 }' "$work/names")))
	grep -q ', 0 wrong' "$work/names" || { wrong "hostile names"; cat "$work/names"; }
	ip route add default via 10.9.0.254
}

# Every option that takes a value, with values that nobody means, on a run that ends by itself or by -w.
part_options() {
	local tool option value words n=0

	for tool in "${MATRIX_TOOLS[@]}"; do
		read -ra words <<<"${MATRIX_WORDS[silence.$tool]:-${MATRIX_WORDS[answer.$tool]}}"
		for option in $("$tool" --help | grep -oE '^ +(-[a-zA-Z0-9], )?--[a-z0-9-]+\[?=' | grep -oE -- '--[a-z0-9-]+' | sort -u); do
			# These run or write what they are given.
			[[ $option != --@(exec|script|pcap|output|netns) ]] || continue
			for value in '' 0 -1 99999999999999999999 1e308 nan inf 0x7fffffffffffffff ' 1' '1 ' 1e-300 $'\xff\e[m' %n; do
				n=$((n + 1))
				MATRIX_LIMIT=3 matrix_run "$work/options.$n" "$tool" text "0,1,2,3,4,5,6,7,8,9,10,124,127" \
					"$option=$value" "${words[@]}"
			done
		done
	done
	"$MATRIX_TOP/tests/family/matrix.pl" "$work"/options.* >"$work/judged" || { wrong options; cat "$work/judged"; }
	runs=$((runs + n))
	rm -rf "$work"/options.*
}

part_gone() {
	local mode

	for mode in text --json '--explain --json' --hex --pcap; do
		matrix_gone "$work" "$mode" >"$work/gone" 2>&1 || { wrong "the interface went, $mode"; cat "$work/gone"; }
		runs=$((runs + 8))
	done
}

matrix_host >"$work/before"
for part in ${PARTS:-gone options names stop sweep}; do
	"part_$part"
	echo "$part: done after $SECONDS s"
done
ip route del 11.0.0.0/8 2>/dev/null
matrix_host | diff "$work/before" - || wrong "the host is not as it was"
echo "$runs runs, $bad wrong"
((bad == 0))
