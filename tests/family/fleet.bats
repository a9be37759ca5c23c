#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Many hosts and one list, and those who watch: --shard, --vantage, --format=prom, --check.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets them; words in single quotes are for another shell.
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	B=$PWD/build/bin
	TMP=$BATS_TEST_TMPDIR
}

teardown() {
	lab_cleanup
}

# asked COMMAND... - the targets of its summaries (or what the jq filter in $FILTER says), sorted.
asked() {
	"$@" --json | jq -r "${FILTER:-select(.type == \"summary\") | .target}" | sort
}

# parts N COMMAND... - the same of N shards of it, together; none of them may be empty.
parts() {
	local i n=$1

	for ((i = 1; i <= n; i++)); do
		asked "${@:2}" --shard "$i/$n" --seed 7 >"$TMP/part"
		[ -s "$TMP/part" ]
		cat "$TMP/part"
	done | sort
}

# exact COMMAND... - three shards of it are the whole, each target once.
exact() {
	asked "$@" >"$TMP/whole"
	parts 3 "$@" >"$TMP/parts"
	(($(wc -l <"$TMP/whole") > 5))
	diff "$TMP/whole" "$TMP/parts"
}

listed() {
	printf '%s\n' 127.0.0.{1..9} ::1 127.0.2.0/29 '# none' 'localhost'
}

@test "shards of arguments, a file, standard input, prefixes and ranges: exact, none twice" {
	listed >"$TMP/list"
	exact "$B/ping" -c1 -q --rate 0 127.0.0.{1..9} ::1
	exact "$B/ping" -c1 -q --rate 0 --file "$TMP/list"
	piped() { listed | "$B/ping" -c1 -q --rate 0 - "$@"; }
	exact piped
	exact "$B/ping" -c1 -q --rate 0 -g 127.0.3.0/27 -g 127.0.4.5-127.0.4.20 --exclude 127.0.3.8/29
}

@test "... of traceroute, of arping, and of dnsq's batch and arguments" {
	exact "$B/traceroute" -n -m1 -q1 --rate 0 127.0.0.{1..9}
	lab_ns far
	lab_veth here eth0 far eth0
	lab_addr here eth0 10.0.0.1/24
	FILTER='select(.type == "verdict") | .target'
	exact "$B/arping" -I eth0 -c1 -W 0.05 --rate 0 -g 10.0.0.16/28
	printf '%s\n' {a..i}.test 'a.test MX' '# none' '@127.0.0.2 a.test' >"$TMP/batch"
	FILTER='.query | select(.) | .QNAME + .QTYPEname'
	exact "$B/dnsq" @127.0.0.1 +tries=1 +timeout=1 +noall -f "$TMP/batch"
	exact "$B/dnsq" @127.0.0.1 +tries=1 +timeout=1 +noall {a..z}.test
}

@test "a line that is no target is told by one shard" {
	printf '127.0.0.1\n10.0.0.0/99\n127.0.0.2\n' >"$TMP/list"
	for i in 1 2 3 4; do
		"$B/ping" -c1 --json --file "$TMP/list" --shard $i/4 2>/dev/null || true
	done | jq -es 'map(select(.type == "error")) | length == 1'
}

@test "an empty shard is no error; no target at all is one" {
	for i in 1 2 3 4; do
		run -0 --separate-stderr "$B/ping" -c1 --json --shard $i/4 127.0.0.1
		jq -es '.[-1].exit == 0 and .[-1].reason != "error"' <<<"$output"
		((${#lines[@]} == 1)) || echo mine
	done >"$TMP/said"
	[ "$(grep -c mine "$TMP/said")" -eq 1 ]
	: >"$TMP/list"
	run -2 "$B/ping" --shard 1/4 --file "$TMP/list"
	lab_ns far
	lab_veth here eth0 far eth0
	lab_addr here eth0 10.0.0.1/24
	for i in 1 2 3; do
		run "$B/arping" -I eth0 -c1 -W 0.05 --shard $i/3 10.0.0.9
		echo "$status"
		run "$B/traceroute" -n -m1 --shard $i/3 127.0.0.1
		[ "$status" -eq 0 ]
		run "$B/dnsq" @127.0.0.1 +tries=1 --shard $i/3 a.test
		echo "dns $status"
	done >"$TMP/said"
	[ "$(sort "$TMP/said" | xargs)" = "0 0 1 dns 0 dns 0 dns 9" ]
}

@test "--shard auto: Slurm, Kubernetes, nobody" {
	shard_of() { "$B/ping" -c1 --json --shard auto -g 127.0.0.0/26 | jq -r .shard | sort -u; }
	[ "$(SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=1 shard_of)" = 3/4 ]
	[ "$(SLURM_PROCID=0 SLURM_NTASKS=2 shard_of)" = 1/2 ]
	[ "$(JOB_COMPLETION_INDEX=1 JOB_COMPLETIONS=2 shard_of)" = 2/2 ]
	run -2 "$B/ping" --shard auto 127.0.0.1
	[[ $output == *"no scheduler says which shard this is: none of SLURM_ARRAY_TASK_ID, "* ]]
	JOB_COMPLETION_INDEX=1 run -2 "$B/ping" --shard auto 127.0.0.1
	[[ $output == *"JOB_COMPLETIONS is not"*"pod's env"* ]]
	for bad in 0/4 5/4 4 a/b 1/0; do
		run -2 "$B/ping" --shard $bad 127.0.0.1
		[[ $output == *"'$bad' is not a shard such as 1/4"* ]]
	done
	run -2 "$B/ping" --seed 4 127.0.0.1
	[[ $output == *"give --shard I/N"* ]]
}

@test "--vantage and --run-id stand in each record of every tool, errors too" {
	for tool in "$B"/*; do
		run --separate-stderr "$tool" --json --vantage $'n\e1' --run-id 7f3c --nosuchoption
		[ "$status" -ne 0 ]
		jq -es 'length == 2 and all(.vantage == "n\ufffd1" and .run == "7f3c")' <<<"$output"
	done
	run -0 --separate-stderr "$B/ping" -c2 -i 0.1 --json --vantage a --run-id b 127.0.0.1 ::1
	jq -es 'length == 7 and all(.vantage == "a" and .run == "b" and (has("shard") | not))' <<<"$output"
	run -2 "$B/ping" --vantage '' 127.0.0.1
	[[ $output == *"--vantage"*"1 to 200 octets"* ]]
}

@test "no terminal, no standard input, no environment: nothing is missed" {
	env -i setsid -w "$B/ping" -c2 -i 0.1 127.0.0.1 <&- >"$TMP/out" 2>"$TMP/err"
	[ ! -s "$TMP/err" ]
	grep -q "2 packets transmitted, 2 received" "$TMP/out"
}

@test "--format=prom: what promtool takes, of ping, dnsq and tcphs" {
	"$B/ping" -c2 -i 0.1 --format=prom -o "$TMP/p.prom" --vantage 'a "b" \c' 127.0.0.1 ::1 127.9.9.9
	promtool check metrics <"$TMP/p.prom"
	grep -qF 'probe_success{target="::1",addr="::1",vantage="a \"b\" \\c"} 1' "$TMP/p.prom"
	grep -qF 'smokeping_response_duration_seconds_count{host="::1",ip="::1",' "$TMP/p.prom"
	# shellcheck source=tests/dnsq/internet.bash
	source tests/dnsq/internet.bash
	internet_up
	"$B/dnsq" @127.1.0.3 www.good.test nosuch.good.test --format=prom >"$TMP/d.prom"
	promtool check metrics <"$TMP/d.prom"
	l='{name="www.good.test",type="A",server="127.1.0.3#53"}'
	grep -qF "probe_success$l 1" "$TMP/d.prom"
	grep -qF "probe_dns_answer_rrs$l 1" "$TMP/d.prom"
	grep -qF 'dnsq_rcode{name="nosuch.good.test",type="A",server="127.1.0.3#53"} 3' "$TMP/d.prom"
	"$B/tcphs" 127.1.0.3 53 --format=prom -o "$TMP/t.prom"
	promtool check metrics <"$TMP/t.prom"
	l='{target="127.1.0.3",addr="127.1.0.3",port="53"'
	grep -qF "probe_success$l} 1" "$TMP/t.prom"
	grep -qF "tcphs_result$l,result=\"open\",reason=\"syn-ack\"} 1" "$TMP/t.prom"
	run -3 "$B/tcphs" 127.1.0.3 54 --format=prom
	[[ $output == *'result="refused",reason="reset"} 1'* ]]
	promtool check metrics <<<"$output"
}

# await CONDITION... - until the command is true; a run that takes too long fails it.
await() {
	local tries

	for ((tries = 0; tries < 2000; tries++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.01
	done
	return 1
}

@test "a long run renews its file, whole each time; a killed one leaves the last whole one" {
	"$B/ping" -i 0.05 --format=prom -o "$TMP/p.prom" 127.0.0.1 2>/dev/null 3>&- &
	LAB_TMP=$TMP/lab pid=$!
	await bash -c 'compgen -G "$0/.p.prom.*" >/dev/null' "$TMP"
	[ ! -e "$TMP/p.prom" ]
	renewed() { kill -USR1 $pid && grep -q 'verdict="ok".* [1-9]' "$TMP/p.prom"; }
	await renewed
	promtool check metrics <"$TMP/p.prom"
	rm "$TMP/p.prom"
	await test -e "$TMP/p.prom" # of itself, in five seconds
	kill -KILL $pid
	await bash -c '! compgen -G "$0/.p.prom.*" >/dev/null' "$TMP"
	promtool check metrics <"$TMP/p.prom"
	[ "$(ls -A "$TMP")" = p.prom ]
}

@test "a signal to all its processes, as timeout and systemd send it, ends a run with its file" {
	mkdir "$TMP/d"
	for signal in TERM INT; do
		setsid "$B/ping" -i 0.05 --format=prom -o "$TMP/d/p.prom" 127.0.0.1 2>/dev/null 3>&- &
		pid=$!
		await bash -c 'compgen -G "$0/d/.p.prom.*" >/dev/null && grep -q "^Seccomp:.*2" /proc/$1/status' \
			"$TMP" $pid
		kill -$signal -- -$pid
		wait $pid
		promtool check metrics <"$TMP/d/p.prom"
		[ "$(ls -A "$TMP/d")" = p.prom ]
		rm "$TMP/d/p.prom"
	done
}

@test "a file of metrics that cannot be is told before anything is asked" {
	run -2 "$B/ping" -c1 --format=prom -o "$TMP/none/p.prom" 127.0.0.1
	[[ $output == "ping: cannot write '$TMP/none/p.prom': No such file or directory (ENOENT)" ]]
	run -10 "$B/dnsq" a.test --format=prom -o "$TMP/none/d.prom"
	run -2 "$B/ping" -c1 --format=prom -o /dev/full 127.0.0.1
	[[ $output == *"is no regular file"* ]]
	run -2 "$B/ping" -c1 -o x 127.0.0.1
	[[ $output == *"give --format=prom, too"* ]]
	run -2 bash -c '"$1" -c1 --format=prom 127.0.0.1 >/dev/full' - "$B/ping"
	for pair in --json --check=rta=1:2 --explain --hex; do
		run --separate-stderr "$B/ping" -c1 --format=prom $pair 127.0.0.1
		((status >= 2))
		[[ $stderr == *"--format=prom"* ]]
	done
}

@test "--check: OK, WARNING, CRITICAL, UNKNOWN, with a plugin's exit status and one line" {
	run -0 --separate-stderr "$B/ping" -c2 -i 0.1 --check rta=1000:5000,loss=20:60 127.0.0.1
	[[ $output =~ ^"PING OK - 127.0.0.1: rta "[0-9.e-]+"ms, loss 0%, jitter "[^\|]+"|rta="[0-9.e-]+\
"ms;1000;5000;0 pl=0%;20;60;0;100 jitter="[^$'\n']+$ ]]
	run -1 "$B/ping" -c2 -i 0.1 --check loss=0: 127.0.0.1
	run -2 "$B/ping" -c2 -i 0.1 --check rta=0:1ns 127.0.0.1 ::1
	[[ $output == "PING CRITICAL - 2 of 2 not ok: "*"'::1 pl'=0%;;;0;100"* && ${#lines[@]} -eq 1 ]]
	lab_ns far
	lab_veth here eth0 far eth0
	lab_addr here eth0 10.0.0.1/24
	ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev eth0
	run -2 "$B/ping" -c1 -W 0.1 --check loss=100: 10.0.0.9
	[[ $output == "PING CRITICAL - 10.0.0.9: no answer, rta unknown, loss 100%"* ]]
	[[ $output == *"|rta=U;;;0 pl=100%"* ]]
	run -3 --separate-stderr "$B/ping" -c1 --check rta=1:2 203.0.113.1
	[[ $output == "PING UNKNOWN - "*"ENETUNREACH"* ]]
	run -3 --separate-stderr "$B/ping" --check rta=9:2 127.0.0.1
	[[ $output == "PING UNKNOWN - option --check: 'rta=9:2' is not a list"* ]]
	run -3 bash -c '"$1" -c1 --check rta=1:2 127.0.0.1 >/dev/full' - "$B/ping"
}

@test "... of dnsq and tcphs" {
	# shellcheck source=tests/dnsq/internet.bash
	source tests/dnsq/internet.bash
	internet_up
	run -0 --separate-stderr "$B/dnsq" @127.1.0.3 www.good.test --check time=5s:9s
	[[ $output == "DNSQ OK - www.good.test A: NOERROR, time "* ]]
	[[ $output =~ "|time="[0-9.]+"ms;5000;9000;0"$ && ${#lines[@]} -eq 1 ]]
	run -2 "$B/dnsq" @127.1.0.3 nosuch.good.test --check time=5s:9s
	[[ $output == "DNSQ CRITICAL - nosuch.good.test A: NXDOMAIN, "* ]]
	run -2 "$B/dnsq" @127.0.0.77 +tries=1 a.test --check time=5s:9s
	[[ $output == "DNSQ CRITICAL - a.test A: no reply, time unknown|time=U;5000;9000;0" ]]
	printf 'www.good.test\nwww.good.test NOSUCHTYPE\n' >"$TMP/batch"
	run -3 --separate-stderr "$B/dnsq" @127.1.0.3 -f "$TMP/batch" --check time=5s:9s
	[[ $output == "DNSQ UNKNOWN - www.good.test A: NOERROR, time "*"; line 2 cannot be understood|"* ]]
	run -3 --separate-stderr "$B/dnsq" @127.1.0.3 good.test AXFR --check time=5s:9s
	run -0 "$B/tcphs" 127.1.0.3 53 --check time=5s:9s
	[[ $output == "TCPHS OK - 127.1.0.3:53: open (syn-ack), time "* ]]
	[[ $output =~ "|time="[0-9.]+"ms;5000;9000;0"$ && ${#lines[@]} -eq 1 ]]
	run -2 "$B/tcphs" 127.1.0.3 54 --check time=5s:9s
	[[ $output == "TCPHS CRITICAL - 127.1.0.3:54: refused (reset), "* ]]
	run -0 "$B/tcphs" 127.1.0.3 54 --expect refused --check time=5s:9s
	run -3 --separate-stderr "$B/tcphs" ladder x --check time=1:2
}
