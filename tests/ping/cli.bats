#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ping's command line: the letters of iputils with their meaning and their lines, compared with the
# distribution's ping where it says the same; targets of every kind; and what is refused, in words.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

# shellcheck source=tests/ping/ping.bash
source tests/ping/ping.bash

setup_file() {
	lab_ns peer
	lab_veth here ping0 peer peer0
	lab_addr here ping0 10.7.0.1/24 fd07::1/64
	lab_addr peer peer0 10.7.0.2/24 fd07::2/64
	lab_in peer sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
	# Nobody has the address of this neighbour: what goes to it is lost without a word.
	ip neigh add 10.7.0.3 lladdr 02:00:00:00:00:03 dev ping0
	PEER_LL=$(lab_in peer ip -o -6 addr show dev peer0 scope link | grep -o 'fe80[^/]*')
	export PEER_LL
	printf '%s\n' '10.7.0.2 peer' 'fd07::2 peer6' '127.0.0.1 localhost' '10.7.0.2 both' \
		'fd07::2 both' '10.7.0.2 xn--bcher-kva.test' >"$BATS_FILE_TMPDIR/hosts"
	mount --bind "$BATS_FILE_TMPDIR/hosts" /etc/hosts
}

teardown_file() {
	umount /etc/hosts
	lab_cleanup
}

# asks STATUS OPTION... - pings for text, in $output and $stderr, and again for records, in
# $tmp/json, which must be valid, begin and end as every run's do, and tell the same exit.
asks() {
	local code=0

	run "-$1" --separate-stderr "$ping" "${@:2}"
	"$ping" --json "${@:2}" >"$tmp/json" 2>"$tmp/json.err" || code=$?
	jq -e --slurp --argjson code $code 'length > 0 and all(.[]; .v == 1 and .tool == "ping" and
		(.ts | test("^[0-9-]{10}T[0-9:]{8}[.][0-9]{9}Z$"))) and
		map(.type == "end") == [range(length - 1) | false] + [true] and
		.[-1].exit == $code' "$tmp/json" >/dev/null
	((code == $1))
}

# has JQ-CONDITION - about the array of records of the last asks.
has() {
	jq -e --slurp "$1" "$tmp/json" >/dev/null || { cat "$tmp/json" >&2 && return 1; }
}

# plain - text without the numbers that differ from run to run; "PING a(a)" was mended since.
plain() {
	sed -E 's/^(PING [^ (]+)\(/\1 (/
		s/time=[0-9.]+ ms( \((user|kernel-rx) clock\))?/time=# ms/
		s/^(rtt min.avg.max.mdev) = [0-9.]+(\/[0-9.]+){3} ms/\1 = # ms/
		s/ipg.ewma [0-9.]+\/[0-9.]+ ms/ipg-ewma # ms/
		s/, time [0-9]+ms$/, time #ms/
		s/^\[[0-9]{10}\.[0-9]{6}\]/[#]/
		s/\t[0-9]+( absolute)?$/\t#\1/'
}

# as_ever OPTION... - prints what the distribution's ping prints, and ends as it does.
as_ever() {
	local wanted=0 code=0

	/usr/bin/ping "$@" >"$tmp/theirs" 2>/dev/null || wanted=$?
	"$ping" "$@" >"$tmp/ours" || code=$?
	plain <"$tmp/theirs" >"$tmp/wanted"
	plain <"$tmp/ours" >"$tmp/got"
	diff -u --label "ping $*" --label ours "$tmp/wanted" "$tmp/got" >&2
	[[ $code == "$wanted" ]] || { echo "ping $*: exit $wanted, ours $code" >&2 && return 1; }
}

# refused MESSAGE OPTION... - is refused with these words, as text and as records.
refused() {
	asks 2 "${@:2}"
	[[ $stderr == "ping: $1"* ]] || { echo "$stderr" >&2 && return 1; }
	[[ ! $output ]]
	has 'map(.type) == ["error", "end"] and .[1].reason == "error"'
}

@test "prints what the distribution's ping prints" {
	as_ever -c 2 -i 0.01 10.7.0.2
	as_ever -c 2 -i 0.01 fd07::2
	as_ever -c 1 peer
	as_ever -n -c 1 peer
	as_ever -c 1 "$PEER_LL%ping0"
}

@test "... with options for lines" {
	as_ever -q -c 2 -i 0.01 10.7.0.2
	as_ever -D -c 2 -i 0.01 10.7.0.2
	as_ever -a -c 1 10.7.0.2
	as_ever -D -O -c 2 -i 0.01 -W 1 10.7.0.3
	as_ever -U -c 1 10.7.0.2
}

@test "... with options for probes" {
	as_ever -s 16 -p ff -c 1 10.7.0.2
	as_ever -s 3000 -c 1 fd07::2
	as_ever -p 0123456789abcdef0123456789abcdef -c 1 10.7.0.2
	as_ever -t 3 -c 1 10.7.0.2
	as_ever -Q 0x20 -c 1 10.7.0.2
	as_ever -M 'do' -c 1 -s 1472 10.7.0.2
	as_ever -M dont -c 1 -s 3000 10.7.0.2
	as_ever -c 3 -l 3 10.7.0.2
	as_ever -e 77 -c 1 10.7.0.2
}

@test "... with a pace that answers set" {
	as_ever -A -c 3 10.7.0.2
	as_ever -f -c 3 10.7.0.2
	as_ever -f -q -c 3 10.7.0.2
	as_ever -f -c 2 -W 1 10.7.0.3
}

@test "... with options for the socket" {
	as_ever -I ping0 -c 1 10.7.0.2
	as_ever -I 10.7.0.1 -c 1 10.7.0.2
	as_ever -I ping0 -I 10.7.0.1 -c 1 10.7.0.2
	as_ever -m 7 -c 1 10.7.0.2
	as_ever -r -c 1 10.7.0.2
	as_ever -S 100000 -c 1 10.7.0.2
	as_ever -b -c 1 10.7.0.255
	as_ever -I ping0 -c 1 224.0.0.1
	as_ever -L -c 1 ff02::1%ping0
}

@test "... with IP options" {
	as_ever -R -c 1 10.7.0.2
	as_ever -R -c 2 -i 0.01 10.7.0.2
	as_ever -T tsonly -c 1 10.7.0.2
}

@test "what the options mean, on the wire" {
	local options

	cat >"$tmp/table" <<-END
		ip.ttl 7 -t 7 10.7.0.2
		ipv6.hlim 7 -t 7 fd07::2
		ip.dsfield 0x88 -Q af41 10.7.0.2
		ip.dsfield 0x03 -Q 3 10.7.0.2
		ipv6.tclass 0x000000a0 -Q cs5 fd07::2
		ipv6.flow 0x012345 -F 12345 fd07::2
		icmp.ident 77 -e 77 10.7.0.2
		icmpv6.echo.identifier 0x004d -e 77 fd07::2
		data.len 100 -s 100 10.7.0.2
		data.data abababab -p ab --raw-payload -s 4 10.7.0.2
		ip.flags 0x02 -M do 10.7.0.2
		ip.flags 0x00 -M dont 10.7.0.2
		ip.src 10.7.0.1 -B 10.7.0.2
	END
	lab_capture peer peer0 "$tmp/seen.pcap" 'icmp[0] == 8 or icmp6[0] == 128'
	while read -r _ _ options; do
		# shellcheck disable=SC2086 # they are words
		"$ping" -q -c 1 $options >>"$tmp/out"
	done <"$tmp/table"
	lab_capture_stop
	# shellcheck disable=SC2046 # they are words
	tshark -r "$tmp/seen.pcap" -T fields -E header=y -E occurrence=f \
		$(cut -d' ' -f1 "$tmp/table" | sort -u | sed 's/^/-e /') >"$tmp/seen"
	# Line N of the table is about probe N, its columns are named in the first line.
	awk 'NR == FNR { row[NR] = $0; next }
		FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
		{ split(row[FNR - 1], word, " "); got = $column[word[1]] }
		got != word[2] { print row[FNR - 1] ": " got; bad = 1 }
		END { exit bad || FNR != length(row) + 1 }' "$tmp/table" FS='\t' "$tmp/seen"
}

@test "-W is each probe's own timeout, -w the end of the run, -c the number of probes" {
	asks 1 -c 2 -i 0.01 -W 50ms 10.7.0.3
	has 'map(.type) == ["timeout", "timeout", "summary", "end"] and .[3].reason == "count"'
	asks 1 -i 0.01 -W 50ms -w 100ms 10.7.0.3
	has '.[-1].reason == "deadline"'
	asks 0 -i 20ms -w 0.1 10.7.0.2
	has '.[-1].reason == "deadline" and .[-2].received > 1'
	# -c with -w waits for that many answers, as with iputils.
	asks 0 -c 2 -w 5 -i 0.01 10.7.0.2
	has '.[-2].received == 2 and .[-1].reason == "count"'
	asks 1 -c 2 -w 0.05 -i 0.01 -W 0.01 10.7.0.3
	has '.[-2].sent > 2 and .[-1].reason == "deadline"'
}

@test "the time of a summary ends with the last probe or answer, not with the wait for one" {
	asks 1 -c 1 -W 0.2 10.7.0.3
	[[ $output == *"1 packets transmitted, 0 received, 100% packet loss, time 0ms"* ]]
}

@test "-W 0 waits as long as it takes" {
	asks 0 -W 0 -c 1 10.7.0.2
	asks 1 -W 0 -w 0.1 -c 1 10.7.0.3
	has 'any(.type == "timeout") | not'
	has '.[-1].reason == "deadline"'
}

@test "too large for the way: the MTU is told" {
	local socket

	for socket in dgram raw; do
		asks 2 --socket $socket -c 1 -M "do" -s 1473 10.7.0.2
		[[ $stderr == *"Message too long (EMSGSIZE)"*", mtu=1500" ]]
		has 'map(select(.type == "error"))[0] | .errno == "EMSGSIZE" and (.text | test("mtu=1500$"))'
		asks 2 --socket $socket -c 1 -M "do" -s 1453 fd07::2
		[[ $stderr == *", mtu=1500" ]]
	done
}

@test "a local error is told with its cause" {
	ip route add blackhole 10.7.1.0/24
	ip route add unreachable 10.7.2.0/24
	asks 2 -c 1 10.7.1.1
	[[ $stderr == *"(EINVAL): its route is a black hole, or the source address does not fit it" ]]
	asks 2 -q -c 2 -i 0.01 10.7.1.1
	[[ $stderr == "ping: sendmsg to 10.7.1.1: Invalid argument (EINVAL)"* && $stderr != *$'\n'* ]]
	asks 2 -c 1 10.7.2.1
	[[ $stderr == *"(EHOSTUNREACH): a route here says that it cannot be reached" ]]
}

@test "the name of an interface is made harmless" {
	local name=$'x\e[31my'

	ip link add "$name" type veth peer name other
	ip link set "$name" up
	ip link set other up
	ip addr add 10.7.3.1/24 dev "$name"
	ip neigh add 10.7.3.2 lladdr 02:00:00:00:00:03 dev "$name"
	asks 1 -c 1 -W 0.01 -I "$name" 10.7.3.2
	[[ $output == *" from 10.7.3.1 x"*"[31my: 56(84) bytes of data."* && $output != *$'\e'* ]]
	ip link del other
}

@test "-v prints the identifier of a raw socket, and of any with -e, as iputils does" {
	local with='icmp_seq=1 ident=[0-9]+ ttl=' without='icmp_seq=1 ttl='

	asks 0 -v -c 1 --socket raw 10.7.0.2
	[[ $output =~ $with ]]
	asks 0 -v -c 1 -e 7 10.7.0.2
	[[ $output == *"icmp_seq=1 ident=7 ttl="* ]]
	asks 0 -v -c 1 --socket dgram 10.7.0.2
	[[ $output =~ $without ]]
}

@test "numbers that are none are refused, and the option named" {
	refused "option -c: '1.1' is not a whole number from 1" -c1.1 127.0.0.1
	refused "option -c: '0' is not a whole number from 1" -c 0 127.0.0.1
	refused "option -w: '0,1' is not a duration such as 0.2, 200ms, 1s or 2m" -w0,1 127.0.0.1
	refused "option -i: '0,5' is not a duration such as" -i 0,5 127.0.0.1
	refused "option -i: '-1' is not a duration such as" -i -1 127.0.0.1
	refused "option -W: '1x' is not a duration such as" -W 1x 127.0.0.1
	refused "option -s: '70000' is not a whole number from 0 to 65507" -s 70000 127.0.0.1
	refused "option -t: '256' is not a whole number from 1 to 255" -t 256 127.0.0.1
	refused "option -t: '0' is not" -t 0 127.0.0.1
	refused "option -e: '65536' is not" -e 65536 127.0.0.1
	refused "option -l: '0' is not" -l 0 127.0.0.1
	refused "option -m: '' is not" -m '' 127.0.0.1
	refused "option -F: '100000' is not a flow label from 0 to fffff" -F 100000 ::1
	refused "option --rate: 'fast' is not" --rate fast 127.0.0.1
}

@test "words that are none are refused, and the option named" {
	refused "option -Q: 'af44' is not an octet from 0 to 255 or a DSCP word" -Q af44 127.0.0.1
	refused "option -M: 'maybe' is not one of do, want, dont, probe" -M maybe 127.0.0.1
	refused "option -p: 'xy' is not 1 to 16 octets in hexadecimal" -p xy 127.0.0.1
	refused "option -T: 'never' is not one of tsonly" -T never 127.0.0.1
	refused "option -I: 'nosuch' is not the name of an interface here or an address" \
		-I nosuch 127.0.0.1
	refused "option --socket: 'tcp' is not one of auto, dgram, raw" --socket tcp 127.0.0.1
	refused "unknown, ambiguous or incomplete option '--nosuch'" --nosuch 127.0.0.1
	refused "unknown, ambiguous or incomplete option '-c'" -c
	[[ $stderr == *"Try 'ping --help'." ]]
}

@test "what contradicts itself is refused" {
	refused "only one of -4 and -6 can be given" -4 -6 127.0.0.1
	refused "only one of -R and -T can be given" -R -T tsonly 127.0.0.1
	refused "the options contradict each other" -6 -R ::1
	refused "the options contradict each other" -4 -F 1 127.0.0.1
	refused "option -B needs one target" -B 10.7.0.2 10.7.0.3
	refused "what is to be asked?" -c 1
	refused "cannot send from 10.1.2.3: Cannot assign requested address (EADDRNOTAVAIL)" \
		-I 10.1.2.3 -c 1 127.0.0.1
	refused "'fe80::1%nosuch' names no interface" -c 1 fe80::1%nosuch
}

@test "several targets are asked in turn" {
	asks 0 -c 2 -i 0.01 10.7.0.2 fd07::2 peer
	[[ $(grep -c '^PING ' <<<"$output") == 3 ]]
	[[ $(grep -c '^2 packets transmitted, 2 received, 0% packet loss' <<<"$output") == 3 ]]
	has 'map(select(.type == "summary").target) | sort == ["10.7.0.2", "fd07::2", "peer"]'
	asks 1 -c 1 -W 0.1 10.7.0.2 10.7.0.3
	has 'map(select(.type == "summary").received) | sort == [0, 1]'
}

@test "names are looked up, and what is found is said" {
	asks 0 -c 1 -4 both
	[[ $output == "PING both (10.7.0.2) 56("*$'\n'"64 bytes from both (10.7.0.2): "* ]]
	asks 0 -c 1 bücher.test
	[[ $output == "PING bücher.test (10.7.0.2) "* ]]
	has '.[0].target == "bücher.test" and .[0].addr == "10.7.0.2"'
	asks 0 -c 1 -6 both
	[[ $output == "PING both (fd07::2) 56 data bytes"$'\n'"64 bytes from both (fd07::2): "* ]]
	asks 2 -c 1 -6 peer
	[[ $stderr == "ping: peer: "* && ! $output ]]
	asks 0 -c 1 -B peer
	[[ $output == "PING peer (10.7.0.2) from 10.7.0.1 : 56("* ]]
	has '.[0].target == "peer"'
	asks 2 -c 1 -B nosuch.invalid
	[[ $stderr == "ping: nosuch.invalid: "* && ! $output ]]
}

@test "a name that does not exist is said, and the others are asked" {
	asks 2 -c 1 nosuch.invalid 10.7.0.2
	[[ $stderr == "ping: nosuch.invalid: "* && $output == *"1 packets transmitted, 1 received"* ]]
	has 'map(.type) | sort == ["end", "error", "reply", "summary"]'
	has 'map(select(.type == "error"))[0].target == "nosuch.invalid"'
}

# swept OPTION... - the addresses that answer, in order, on one line.
swept() {
	asks 0 --rate 0 "$@"
	jq -r 'select(.type == "reply").addr' "$tmp/json" | sort -V | paste -sd' '
}

@test "prefixes, ranges, lists, and what is excluded" {
	[[ $(swept 127.0.1.0/29) == "127.0.1.1 127.0.1.2 127.0.1.3 127.0.1.4 127.0.1.5 127.0.1.6" ]]
	[[ $(swept 127.0.1.254-127.0.2.1) == "127.0.1.254 127.0.1.255 127.0.2.0 127.0.2.1" ]]
	[[ $(swept -g 127.0.1.8/30 --exclude 127.0.1.9) == 127.0.1.10 ]]
	[[ $(swept fd07::1-fd07::2 127.0.1.1/32) == "127.0.1.1 fd07::1 fd07::2" ]]
	printf '# hosts\n\n127.0.1.1\n127.0.1.4/31 # two\n' >"$tmp/list"
	[[ $(swept --file "$tmp/list") == "127.0.1.1 127.0.1.4 127.0.1.5" ]]
	[[ $(swept --file "$tmp/list" --exclude 127.0.1.0/30) == "127.0.1.4 127.0.1.5" ]]
}

@test "a sweep says who is silent" {
	asks 1 --rate 0 -W 0.1 10.7.0.2-10.7.0.3
	[[ $output == *$'\n--- ping statistics of 2 targets: 1 answered, 1 silent ---\n'* ]]
	has 'map(select(.type == "timeout").addr) == ["10.7.0.3"]'
	refused "nothing to ask: the list is empty, or --exclude leaves nothing of it" \
		10.7.0.2 --exclude 10.7.0.0/24
	refused "cannot read the targets in '/nosuch': No such file or directory" --file /nosuch
}

@test "a list on a slow pipe is asked line by line, before its end" {
	mkfifo "$tmp/list" "$tmp/out"
	"$ping" --file - <"$tmp/list" >"$tmp/out" 3>&- &
	exec {list}>"$tmp/list" {out}<"$tmp/out"
	for address in 127.0.1.1 127.0.1.2 127.0.1.3; do
		echo "$address" >&"$list"
		lab_await "bytes from $address: icmp_seq=1 " "$out"
	done
	exec {list}>&-
	lab_await '^3 packets transmitted, 3 received' "$out"
	wait $!
}

@test "help and version" {
	run -0 --separate-stderr "$ping" --help
	[[ $output == "Usage: ping "* && ! $stderr ]]
	run -0 "$ping" -h
	run -0 "$ping" -V
	[[ $output == "ping from pktutils "[0-9]* ]]
	run -0 "$ping" --usage
	run -0 "$ping" --schema
	awk 'length > 80 { exit 1 }' <<<"$("$ping" --help)"
}
