#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What ping makes of each thing a network can do to an answer: by a raw socket and by a ping socket
# without any privilege, over IPv4 and IPv6, in its lines, its records, its counts and its exit.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

# shellcheck source=tests/ping/ping.bash
source tests/ping/ping.bash

setup_file() {
	local n=0 name attributes topo=$BATS_FILE_TMPDIR/topo

	export NAMES=$BATS_FILE_TMPDIR/names
	cat >"$topo" <<-END
		seed 7
		client 10.9.0.1/24 via 10.9.0.254
		client fd09::1/64 via fd09::fe
		router 10.9.0.254,fd09::fe
		router 10.9.0.253,fd09::fd
		router 10.9.2.1,fd09:2::1 mtu=1400
		router 10.9.2.2,fd09:2::2 mtu=1400 blackhole
		path 0.0.0.0/0,::/0 10.9.0.254
		path 10.9.5.0/24,fd09:5::/64 10.9.0.254 10.9.2.1
		path 10.9.6.0/24,fd09:6::/64 10.9.0.254 10.9.2.2
		host 10.9.5.1,fd09:5::1
		host 10.9.6.1,fd09:6::1
	END
	# A name and what its host does; host N is 10.9.1.N and fd09:1::N.
	while read -r name attributes; do
		echo "$name" >>"$NAMES"
		echo "host 10.9.1.$((++n)),fd09:1::$n $attributes" >>"$topo"
	done <<-END
		good
		far delay=20ms
		copies dup=3
		corrupt corrupt=40:0xd7
		cookie corrupt=12
		badcsum badcsum
		forger forge=early delay=30ms
		timeforger forge=time
		oracle forge=next
		foreign foreign=10.9.7.7,fd09:7::7
		spoof spoof=10.9.7.8,fd09:7::8
		cut55 truncate=55
		cut20 truncate=20
		cut8 truncate=8
		cut7 truncate=7
		cut0 truncate=0
		late delay=100ms
		swap reorder=60ms
		lastlate reorder=200ms
		lossy loss=50%
		silent silent
		redirect redirect=10.9.0.253,fd09::fd
		mpls error=exceeded:0 mpls=16001,3,0,1/24005,0,1,2 ifinfo=xe-0/0/1,192.0.2.1,9000,7,in
		badext1 error=exceeded:0 mpls=1,0,1,1 ext=badcsum
		badext2 error=exceeded:0 mpls=1,0,1,1 ext=badlen
		badext3 error=exceeded:0 mpls=1,0,1,1 ext=badversion
		badext4 error=exceeded:0 ext=raw:2000dead0004
		oldext error=exceeded:0 mpls=1,0,1,1 ext=nolen
		brief error=exceeded:0 quote=8
		refused error=unreach:1
	END
	for n in {0..15}; do
		echo "host 10.9.3.$n,fd09:3::$n error=unreach:$n"
		echo "host 10.9.4.$n,fd09:4::$n error=param:$n:40"
	done >>"$topo"
	cat >>"$topo" <<-END
		host 10.9.8.1,fd09:8::1 error=exceeded:1
		host 10.9.8.9,fd09:8::9 error=exceeded:9
		host 10.9.8.100 error=quench
	END
	lab_fakenet "$topo"
}

setup() {
	ways=(raw4 raw6 dgram4 dgram6)
	tmp=$BATS_TEST_TMPDIR
}

# host NAME FAMILY - its address.
host() {
	local n

	n=$(grep -nx "$1" "$NAMES")
	[[ $2 == 4 ]] && echo "10.9.1.${n%%:*}" || echo "fd09:1::${n%%:*}"
}

# ask WAY OPTION... - ping by the socket and the privileges of WAY.
ask() {
	case $1 in
	raw?) lab_raw here "$PING" --socket raw "${@:2}" ;;
	dgram?) lab_unpriv here "$PING" "${@:2}" ;;
	esac
}

# plain ADDRESS - text output without what differs from run to run; the address is @.
plain() {
	sed -E "s/\b$1\b/@/g"'
		s/time=[0-9.]+ ms( \((user|kernel-rx) clock\))?/time=# ms/
		s/^(rtt min.avg.max.mdev) = [0-9.]+(\/[0-9.]+){3} ms/\1 = # ms/
		s/(, |^)pipe [0-9]+$//
		s/, time [0-9]+ms$/, time #ms/
		s/ [0-9]+(\([0-9]+\) bytes of data\.| data bytes)$/ data/' "$2"
}

# records FILE - one line a JSON record: what was found, of which probe.
records() {
	jq -r 'select(.type | IN("reply", "icmp_error", "timeout", "error")) | [.type, .seq,
		if .icmp_type then "\(.icmp_type)/\(.icmp_code)" else empty end,
		if .verdict and (.type == "reply" or .verdict != "ok") then .verdict else empty end,
		.fault // empty,
		if .mtu then "mtu=\(.mtu)" else empty end,
		if .gateway then "gateway=\(.gateway)" else empty end,
		if .ext then .ext | tojson else empty end] | join(" ")' "$1"
}

# counters FILE - of each summary the exit, and the counters that are not zero.
counters() {
	jq -r --slurp '.[-1].exit as $exit | .[] | select(.type == "summary") | . as $s |
		if .lost != .sent - .received then error("lost") else . end |
		if (.rtt_ms == null) != (.received == 0) then error("rtt_ms") else . end |
		[$exit, .socket, (("sent received duplicates corrupt errors late foreign forged truncated local_errors" |
		split(" "))[] | select($s[.] > 0) | "\(.)=\($s[.])")] | join(" ")' "$1"
}

# count_line COUNTERS - the line of text that says the same.
count_line() {
	local sent=0 received=0 pair more=''

	for pair in $1; do
		case $pair in
		sent=*) sent=${pair#*=} ;;
		received=*) received=${pair#*=} ;;
		corrupt=*) more+=", +${pair#*=} corrupted" ;;
		*) more+=", +${pair#*=} ${pair%=*}" ;;
		esac
	done
	echo "$sent packets transmitted, $received received$more, $((100 * (sent - received) / sent))% packet loss, time #ms"
}

# check_text WAY ADDRESS EXIT COUNTERS LINES
check_text() {
	local rtt=''

	[[ " $4" != *" received="* ]] || rtt='rtt min/avg/max/mdev = # ms'
	same "$1, messages" "" "$(<"$tmp/$1.err")"
	same "$1, exit" "$3" "$(<"$tmp/$1.exit")"
	same "$1, text" "PING @ (@) data
${5:+$5
}
--- @ ping statistics ---
$(count_line "$4")${rtt:+
$rtt}" "$(plain "$2" "$tmp/$1.out")"
}

# check_json WAY EXIT COUNTERS RECORDS
check_json() {
	same "$1, JSON exit" "$2" "$(<"$tmp/$1.json.exit")"
	same "$1, counters" "$2 ${1%?} $3" "$(counters "$tmp/$1.json")"
	same "$1, records" "$4" "$(records "$tmp/$1.json")"
}

# judge ADDRESS4 ADDRESS6 OPTION... <<EXPECTED - asks in each way, for text and for JSON, and compares
# with EXPECTED: the exit and the counters, then each line of text beside its record.
judge() {
	local way exit counters told='' found='' address text record=''
	local -A target=([4]=$1 [6]=$2)

	shift 2
	read -r exit counters
	while IFS='|' read -r text record; do
		text=${text%"${text##*[! ]}"}
		record=${record# }
		told+=${text:+$text$'\n'}
		found+=${record:+$record$'\n'}
	done
	for way in "${ways[@]}"; do
		address=${target[${way: -1}]}
		{
			ask "$way" "$@" "$address" >"$tmp/$way.out" 2>"$tmp/$way.err" && echo 0 || echo $?
		} >"$tmp/$way.exit" &
		[[ ! ${serial:-} ]] || wait
		{
			ask "$way" --json "$@" "$address" >"$tmp/$way.json" && echo 0 || echo $?
		} >"$tmp/$way.json.exit" &
		[[ ! ${serial:-} ]] || wait
	done
	wait
	for way in "${ways[@]}"; do
		check_text "$way" "${target[${way: -1}]}" "$exit" "$counters" "${told%$'\n'}"
		check_json "$way" "$exit" "$counters" "${found%$'\n'}"
	done
}

# judge_host NAME OPTION... <<EXPECTED - the run outlives its one probe, so that all that comes is seen.
judge_host() {
	judge "$(host "$1" 4)" "$(host "$1" 6)" -i 10 -w 0.35 -W 0.2 "${@:2}"
}

@test "an answer" {
	judge_host good <<-END
		0 sent=1 received=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "an answer takes the time that the way takes, by the kernel's stamps" {
	for way in "${ways[@]}"; do
		ask "$way" --json -c 3 -i 0.01 "$(host far "${way: -1}")" >"$tmp/$way.json" &
	done
	wait
	for way in "${ways[@]}"; do
		jq -e --slurp 'map(select(.type == "reply")) | length == 3 and .[2].clock == "kernel" and
			all(.[]; .rtt_ms > 20 and .rtt_ms < 200)' "$tmp/$way.json"
	done
}

@test "three copies are an answer and two duplicates" {
	judge_host copies <<-END
		0 sent=1 received=1 duplicates=2
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (DUP!) | reply 1 duplicate
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (DUP!) | reply 1 duplicate
	END
}

@test "an octet that differs is named, and is no answer" {
	judge_host corrupt <<-END
		1 sent=1 corrupt=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (CORRUPT byte 40: 0x28 != 0xd7) | reply 1 corrupt byte 40: 0x28 != 0xd7
	END
}

@test "an octet that differs inside our mark is damage, not forgery" {
	judge_host cookie <<-END
		1 sent=1 corrupt=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (CORRUPT byte 12: 0x00 != 0xff) | reply 1 corrupt byte 12: 0x00 != 0xff
	END
}

@test "a wrong checksum is seen by a raw IPv4 socket" {
	ways=(raw4)
	judge_host badcsum <<-END
		1 sent=1 corrupt=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (CORRUPT bad checksum) | reply 1 corrupt bad checksum
	END
}

@test "a wrong checksum stops in the kernel for the other sockets" {
	ways=(raw6 dgram4 dgram6)
	judge_host badcsum <<-END
		1 sent=1
		| timeout 1
	END
}

@test "a forged reply with a guessed id and sequence does not keep the true one out" {
	judge_host forger <<-END
		0 sent=1 received=1 forged=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (FORGED) | reply 1 forged
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "a reply with the first 16 octets overwritten is forged" {
	judge_host timeforger <<-END
		1 sent=1 forged=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (FORGED) | reply 1 forged
		| timeout 1
	END
}

@test "a reply to a question not yet asked is forged, and has no time" {
	judge_host oracle <<-END
		0 sent=1 received=1 forged=1
		64 bytes from @: icmp_seq=2 ttl=63 (FORGED) | reply 2 forged
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "a reply from an address that was not asked is foreign" {
	ways=(raw4 dgram4)
	judge_host foreign <<-END
		1 sent=1 foreign=1
		64 bytes from 10.9.7.7: icmp_seq=1 ttl=63 time=# ms (FOREIGN) | reply 1 foreign
		| timeout 1
	END
	ways=(raw6 dgram6)
	judge_host foreign <<-END
		1 sent=1 foreign=1
		64 bytes from fd09:7::7: icmp_seq=1 ttl=63 time=# ms (FOREIGN) | reply 1 foreign
		| timeout 1
	END
}

@test "a spoofed extra reply does not keep the true one out" {
	ways=(raw4 dgram4)
	judge_host spoof <<-END
		0 sent=1 received=1 foreign=1
		64 bytes from 10.9.7.8: icmp_seq=1 ttl=63 time=# ms (FOREIGN) | reply 1 foreign
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
	ways=(raw6 dgram6)
	judge_host spoof <<-END
		0 sent=1 received=1 foreign=1
		64 bytes from fd09:7::8: icmp_seq=1 ttl=63 time=# ms (FOREIGN) | reply 1 foreign
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "a reply cut short is no answer" {
	for len in 55 20 8; do
		judge_host cut$len <<-END
			1 sent=1 truncated=1
			$((len + 8)) bytes from @: icmp_seq=1 ttl=63 time=# ms (truncated) | reply 1 truncated
		END
	done
}

@test "a reply too short to show its cookie does not end the wait for the true one" {
	for len in 7 0; do
		judge_host cut$len <<-END
			1 sent=1 truncated=1
			$((len + 8)) bytes from @: icmp_seq=1 ttl=63 time=# ms (truncated) | reply 1 truncated
			| timeout 1
		END
	done
}

@test "an answer after the timeout is late, and its probe stays lost" {
	judge_host late -W 0.05 <<-END
		1 sent=1 late=1
		| timeout 1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms (LATE) | reply 1 late
	END
}

@test "answers that overtake each other are all answers" {
	serial=yes
	judge "$(host swap 4)" "$(host swap 6)" -c 2 -i 0.01 <<-END
		0 sent=2 received=2
		64 bytes from @: icmp_seq=2 ttl=63 time=# ms | reply 2 ok
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "the last probe is given its time, however fast the others were" {
	# Every second reply of the host takes long; with one gone before it is the last of each run.
	serial=yes
	"$PING" -c 1 "$(host lastlate 4)"
	judge "$(host lastlate 4)" "$(host lastlate 6)" -c 2 -i 0.01 <<-END
		0 sent=2 received=2
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
		64 bytes from @: icmp_seq=2 ttl=63 time=# ms | reply 2 ok
	END
}

@test "half of the answers lost: what is received is what was on the wire" {
	for way in "${ways[@]}"; do
		address=$(host lossy "${way: -1}")
		lab_capture here lab0 "$tmp/$way.pcap" "src $address and (icmp[0] == 0 or icmp6[0] == 129)"
		ask "$way" --json -c 40 -i 0.005 -W 0.2 "$address" >"$tmp/$way.json" || true
		lab_capture_stop
		arrived=$(lab_tcpdump -n -r "$tmp/$way.pcap" 2>/dev/null | wc -l)
		((arrived > 5 && arrived < 35))
		same "$way" "0 ${way%?} sent=40 received=$arrived" "$(counters "$tmp/$way.json")"
		same "$way" "$((40 - arrived))" "$(grep -c '"type":"timeout"' "$tmp/$way.json")"
		jq -e --slurp --argjson n "$arrived" '.[-2].loss_pct == (40 - $n) * 2.5 and .[-1].exit == 0' "$tmp/$way.json"
	done
}

@test "no answer at all" {
	judge_host silent <<-END
		1 sent=1
		| timeout 1
	END
	jq -e --slurp 'map(select(.type == "timeout")) | length == 2 and all(.[]; .left)' "$tmp/raw4.json" "$tmp/dgram6.json"
}

@test "a redirect is news, not the end of the probe" {
	ways=(raw4 dgram4)
	judge_host redirect <<-END
		0 sent=1 received=1
		From 10.9.0.254 icmp_seq=1 Redirect Host(New nexthop: 10.9.0.253) | icmp_error 1 5/1 gateway=10.9.0.253
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
	# The kernel follows those of IPv6 and shows them to nobody.
	ways=(raw6 dgram6)
	judge_host redirect <<-END
		0 sent=1 received=1
		64 bytes from @: icmp_seq=1 ttl=63 time=# ms | reply 1 ok
	END
}

@test "a router on the way says that the time to live is over" {
	ways=(raw4 dgram4)
	judge_host good -t 1 <<-END
		1 sent=1 errors=1
		From 10.9.0.254 icmp_seq=1 Time to live exceeded | icmp_error 1 11/0
	END
	ways=(raw6 dgram6)
	judge_host good -t 1 <<-END
		1 sent=1 errors=1
		From fd09::fe icmp_seq=1 Time exceeded: Hop limit | icmp_error 1 3/0
	END
}

# exceeded NAME LINE [EXT] - a host that answers with time exceeded.
exceeded() {
	ways=(raw4 dgram4)
	judge_host "$1" <<-END
		1 sent=1 errors=1
		From @ icmp_seq=1 Time to live exceeded$2 | icmp_error 1 11/0${3:+ $3}
	END
	ways=(raw6 dgram6)
	judge_host "$1" <<-END
		1 sent=1 errors=1
		From @ icmp_seq=1 Time exceeded: Hop limit$2 | icmp_error 1 3/0${3:+ $3}
	END
}

@test "MPLS labels and the interface come with the error, without any privilege too" {
	exceeded mpls ' [MPLS L=16001 E=3 S=0 T=1] [MPLS L=24005 E=0 S=1 T=2] [if xe-0/0/1 index 7 192.0.2.1 mtu 9000]' \
		'[{"class":1,"ctype":1,"mpls":[{"label":16001,"tc":3,"s":false,"ttl":1},{"label":24005,"tc":0,"s":true,"ttl":2}]},{"class":2,"ctype":15,"iface":{"role":"incoming","index":7,"addr":"192.0.2.1","name":"xe-0/0/1","mtu":9000}}]'
}

@test "an extension that is broken is not shown, its error is" {
	exceeded badext1 ''
	exceeded badext2 '' '[]'
	exceeded badext3 ''
	exceeded badext4 ''
}

@test "an extension of the old kind, without a length, is found (RFC 4884 5.5)" {
	exceeded oldext ' [MPLS L=1 E=0 S=1 T=1]' '[{"class":1,"ctype":1,"mpls":[{"label":1,"tc":0,"s":true,"ttl":1}]}]'
}

@test "an error that quotes eight octets is enough (RFC 792)" {
	exceeded brief ''
}

@test "an error settles its probe: the run need not wait" {
	ways=(raw4 dgram4)
	judge "$(host refused 4)" '' -c 2 -i 0.01 -W 60 <<-END
		1 sent=2 errors=2
		From @ icmp_seq=1 Destination Host Unreachable | icmp_error 1 3/1
		From @ icmp_seq=2 Destination Host Unreachable | icmp_error 2 3/1
	END
}

@test "an error does not end a run with a deadline" {
	ways=(raw6 dgram6)
	judge '' "$(host refused 6)" -i 0.1 -w 0.25 <<-END
		1 sent=3 errors=3
		From @ icmp_seq=1 Destination unreachable: Administratively prohibited | icmp_error 1 1/1
		From @ icmp_seq=2 Destination unreachable: Administratively prohibited | icmp_error 2 1/1
		From @ icmp_seq=3 Destination unreachable: Administratively prohibited | icmp_error 3 1/1
	END
}

@test "a packet too large for a link on the way" {
	ways=(raw4 dgram4)
	judge 10.9.5.1 '' -c 1 -M probe -s 1400 <<-END
		1 sent=1 errors=1
		From 10.9.2.1 icmp_seq=1 Frag needed and DF set (mtu = 1400) | icmp_error 1 3/4 mtu=1400
	END
	ways=(raw6 dgram6)
	judge '' fd09:5::1 -c 1 -M probe -s 1400 <<-END
		1 sent=1 errors=1
		From fd09:2::1 icmp_seq=1 Packet too big: mtu=1400 | icmp_error 1 2/0 mtu=1400
	END
}

@test "a black hole swallows what is too large" {
	judge 10.9.6.1 fd09:6::1 -c 1 -W 0.3 -M probe -s 1400 <<-END
		1 sent=1
		| timeout 1
	END
}

# errors_of FAMILY PREFIX TYPE <<"CODE WORDS" - asks PREFIXcode for each code, in all ways at once.
errors_of() {
	local code words from targets=() told='' found='' way

	while read -r code words; do
		targets+=("$2$code")
		from=$2$code
		[[ $from != fd*::0 ]] || from=${from%0}
		told+="From $from icmp_seq=1 $words"$'\n'
		found+="icmp_error 1 $3/$code"$'\n'
	done
	for way in "${ways[@]}"; do
		[[ $way == *"$1" ]] || continue
		run ask "$way" -c 1 -W 0.5 "${targets[@]}"
		same "$way, exit" 1 "$status"
		same "$way, lines" "$(sort <<<"${told%$'\n'}")" "$(grep '^From ' <<<"$output" | sort)"
		same "$way, counts" "${#targets[@]}" "$(grep -c '^1 packets transmitted, 0 received, +1 errors, 100%' <<<"$output")"
		ask "$way" --json -c 1 -W 0.5 "${targets[@]}" >"$tmp/json" || true
		same "$way, records" "$(sort <<<"${found%$'\n'}")" "$(records "$tmp/json" | sort)"
		same "$way, counters" "${#targets[@]}" "$(counters "$tmp/json" | grep -cx "1 ${way%?} sent=1 errors=1")"
	done
}

@test "each code of destination unreachable, IPv4" {
	errors_of 4 10.9.3. 3 <<-END
		0 Destination Net Unreachable
		1 Destination Host Unreachable
		2 Destination Protocol Unreachable
		3 Destination Port Unreachable
		5 Source Route Failed
		6 Destination Net Unknown
		7 Destination Host Unknown
		8 Source Host Isolated
		9 Destination Net Prohibited
		10 Destination Host Prohibited
		11 Destination Net Unreachable for Type of Service
		12 Destination Host Unreachable for Type of Service
		13 Packet filtered
		14 Precedence Violation
		15 Precedence Cutoff
	END
}

@test "each code of destination unreachable, IPv6" {
	errors_of 6 fd09:3:: 1 <<-END
		0 Destination unreachable: No route
		1 Destination unreachable: Administratively prohibited
		2 Destination unreachable: Beyond scope of source address
		3 Destination unreachable: Address unreachable
		4 Destination unreachable: Port unreachable
		5 Destination unreachable: Source address failed policy
		6 Destination unreachable: Reject route
		7 Destination unreachable: Error in source routing header
		8 Destination unreachable: Headers too long
		9 Destination unreachable: Unknown code 9
	END
}

@test "parameter problems, IPv4" {
	errors_of 4 10.9.4. 12 <<-END
		0 Parameter problem: pointer = 40
		1 Parameter problem: pointer = 40
		2 Parameter problem: pointer = 40
	END
}

@test "parameter problems, IPv6" {
	errors_of 6 fd09:4:: 4 <<-END
		0 Parameter problem: Wrong header field at 40
		1 Parameter problem: Unknown header at 40
		2 Parameter problem: Unknown option at 40
		3 Parameter problem: Incomplete header chain in first fragment at 40
		4 Parameter problem: Upper-layer header error in segment routing at 40
		10 Parameter problem: Option too big at 40
		11 Parameter problem: code 11 at 40
	END
}

@test "time exceeded: reassembly, and a code nobody knows" {
	errors_of 6 fd09:8:: 3 <<-END
		1 Time exceeded: Defragmentation failure
		9 Time exceeded: code 9
	END
	errors_of 4 10.9.8. 11 <<<"9 Time exceeded, Bad Code: 9"
	# The kernel keeps it from ping sockets.
	ways=(raw4)
	errors_of 4 10.9.8. 11 <<<"1 Frag reassembly time exceeded"
}

@test "source quench is ignored (RFC 6633)" {
	ways=(raw4 dgram4)
	judge 10.9.8.100 '' -c 1 -W 0.1 <<-END
		1 sent=1
		| timeout 1
	END
}

@test "the words for errors are those of the distribution's ping" {
	# Only by its raw socket does it show them all: refused the ping socket it takes that.
	for address in 10.9.3.{0..15} 10.9.4.0 fd09:3::{0..4} fd09:4::{0..2} fd09:8::1; do
		[[ $address == *:* ]] && family=-6 || family=-4
		peer=$(strace -qq -o /dev/null -e inject=socket:error=EACCES:when=1 \
			/usr/bin/ping "$family" -n -c 1 -W 1 "$address" | grep ^From) || echo "$address: silence"
		ours=$(ask raw4 "$address" -n -c 1 -W 1 | grep ^From) || true
		same "$address" "$peer" "$ours"
	done
}

@test "data too short for a cookie: answers are taken on their word, and the summary says so" {
	for size in 0 1 7 8 15 16; do
		run -0 ask dgram4 --json -c 1 -s $size "$(host good 4)"
		jq -e --slurp --argjson size $size '.[0].verdict == "ok" and .[0].bytes == 8 + $size and
			.[1].authenticated == ($size >= 8)' <<<"$output"
	done
	run -0 ask raw6 --json -c 1 --raw-payload -p a5 "$(host good 6)"
	jq -e --slurp '.[0].verdict == "ok" and (.[1].authenticated | not)' <<<"$output"
	run -1 ask dgram4 -c 1 --raw-payload -p a5 "$(host corrupt 4)"
	[[ $output == *"(CORRUPT byte 40: 0xa5 != 0xd7)"* ]]
}
