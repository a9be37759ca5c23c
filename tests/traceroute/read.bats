#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --read: traces out of captures, of other programs (captures/, taken in this lab: traceroute 2.1,
# mtr 0.95, scamper 20211212) and of our own runs, which must come out as they were told live.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	cat >"$BATS_FILE_TMPDIR/topology" <<-'END'
		client 10.20.0.1/24 via 10.20.0.254
		client fd20::1/64 via fd20::fe
		router 10.20.0.254,fd20::fe
		router 10.21.0.1,fd21::1 mpls=16001,3,0,1/16002,0,1,255
		router 10.21.0.2,fd21::2 ifinfo=ge-0/0/0,10.10.10.10,1500,15
		router 10.21.0.3,fd21::3 quote=8 silent
		router 10.21.0.4,fd21::4
		router 10.21.0.5,fd21::5 mtu=1300
		host 10.22.0.1,fd22::1
		host 10.22.0.2,fd22::2 udp=drop tcp=open
		path 10.22.0.0/24 10.20.0.254 10.21.0.1 10.21.0.2 10.21.0.3 10.21.0.4 10.21.0.5
		path fd22::/64 fd20::fe fd21::1 fd21::2 fd21::3 fd21::4 fd21::5
	END
	lab_fakenet "$BATS_FILE_TMPDIR/topology"
}

teardown_file() {
	lab_cleanup
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source "$BATS_TEST_DIRNAME/../lab/lab.bash"
	traceroute=$LAB_TOP/build/bin/traceroute
	captures=$BATS_TEST_DIRNAME/captures
	tmp=$BATS_TEST_TMPDIR
}

# hops - the addresses of $output, hop by hop; a header is told as "-".
hops() {
	awk '/^traceroute to/ { $2 = "-" } $1 ~ /^([0-9]+|traceroute)$/ {
		printf "%s%s", n++ ? " " : "", $2 } END { print "" }' <<<"$output"
}

# what FILE - of its records, all that does not depend on clocks and on how it was asked.
what() {
	jq -S -c 'select(.type == "reply") | {addr, seq, ttl, hop, from, kind, icmp_type, icmp_code,
		tcp_flags, reply_ttl, q_ttl, mtu, changed, ext, verdict}' "$1" | sort
	jq -S -c 'select(.type == "summary") | {addr, src, method, reached, stop_reason, distance, mtu,
		probes, hops: [.hops[] | {ttl, sent, mtu, from: [.replies[] | {from, flag}]}]}' "$1" | sort
}

# same STATUS OPTION... - a run, and what --read makes of its capture.
same() {
	local form

	for form in pcap pcapng; do
		run "-$1" --separate-stderr "$traceroute" -n --json --pcap "$tmp/run.$form" "${@:2}"
		printf '%s\n' "$output" >"$tmp/live"
		run "-$1" --separate-stderr "$traceroute" -n --json --read "$tmp/run.$form"
		[[ ! $stderr ]]
		printf '%s\n' "$output" >"$tmp/read"
		diff <(what "$tmp/live") <(what "$tmp/read")
	done
}

@test "captures of traceroute, mtr and scamper" {
	run -0 --separate-stderr "$traceroute" -n --read "$captures/traceroute-cooked.pcap"
	[[ ! $stderr ]]
	[[ ${lines[0]} == 'traceroute to 10.8.3.2 (10.8.3.2), 6 hops max, 60 byte packets' ]]
	[[ ${lines[1]} == ' 1  10.8.0.2  0.018 ms  0.002 ms  0.002 ms' ]]
	[[ $(hops) == '- 10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2' ]]
	run -0 --separate-stderr "$traceroute" -n --read "$captures/traceroute-tcp6.pcap"
	[[ $(hops) == '- fd08::2 fd08:0:0:1::2 fd08:0:0:2::2 fd08:0:0:3::2' ]]
	run -0 --separate-stderr "$traceroute" -n --read "$captures/mtr.pcap"
	[[ $(hops) == '- 10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2' ]]
	[[ ${lines[4]} == ' 4  10.8.3.2  0.033 ms  0.055 ms' ]]
	run -0 --separate-stderr "$traceroute" -n --read "$captures/scamper.pcap"
	[[ $(hops) == '- 10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2 - 10.8.0.2 10.8.1.2 10.8.2.2' ]]
	run -0 --separate-stderr bash -c "'$traceroute' --read - <'$captures/scamper.pcap'"
	[[ ${lines[1]} == ' 1  10.8.0.2 (10.8.0.2)  0.031 ms' ]]
}

@test "a run of ours comes out as it was, labels and interfaces too, by every kind of probe" {
	local kind host

	for host in 10.22.0.1 fd22::1; do
		for kind in '' -I -T -L '-P 99' '--classic -q 1'; do
			# shellcheck disable=SC2086
			same 0 $kind "$host"
		done
		grep -q '"mpls":\[{"label":16001,"tc":3,"s":0,"ttl":1}' "$tmp/read"
		grep -q '"name":"ge-0/0/0","mtu":1500' "$tmp/read"
	done
	same 0 -T 10.22.0.2
	same 1 -w 0.3 -m 9 10.22.0.2
	run -1 --separate-stderr "$traceroute" -n -e --read "$tmp/run.pcap"
	[[ ${lines[2]} == ' 2  10.21.0.1 <MPLS:L=16001,E=3,S=0,T=1/L=16002,E=0,S=1,T=255>  '* ]]
	[[ ${lines[3]} == ' 3  10.21.0.2 <INC:15,10.10.10.10,"ge-0/0/0",mtu=1500>  '* ]]
	[[ ${lines[4]} == ' 4  * * *' ]]
	[[ ${lines[7]} == ' 7-9 * no reply' ]]
}

@test "packets that had to get smaller on the way" {
	run -0 --separate-stderr "$traceroute" -n --read "$captures/traceroute-mtu.pcap"
	[[ ${lines[1]} == ' 1  10.8.0.2  '*' ms F=1500  '* ]]
	[[ ${lines[3]} == ' 3  10.8.2.2  '*' ms F=1400  '* ]]
	"$traceroute" -n --json --mtu --pcap "$tmp/run.pcap" 10.22.0.1 >"$tmp/live"
	"$traceroute" -n --json --read "$tmp/run.pcap" >"$tmp/read"
	diff <(jq -c 'select(.type == "summary") | [.mtu, .probes, [.hops[].mtu]]' "$tmp/live") \
		<(jq -c 'select(.type == "summary") | [.mtu, .probes, [.hops[].mtu]]' "$tmp/read")
}

@test "several runs to several hosts in one capture, and other traffic" {
	lab_capture here lab0 "$tmp/pcap" 'ip or ip6'
	ping -c 2 -i 0.01 -q 10.22.0.1
	"$traceroute" -n -q 1 10.22.0.1
	"$traceroute" -n -q 1 fd22::1
	"$traceroute" -n -q 2 --sport 40001 10.22.0.1
	"$traceroute" -n -q 1 -I 10.22.0.1
	"$traceroute" -n -q 1 -T 10.22.0.1
	lab_capture_stop
	run -0 --separate-stderr "$traceroute" -n --json --read "$tmp/pcap"
	jq -e --slurp 'map(select(.type == "summary")) | map([.addr, .method, .hops[0].sent]) == [
		["10.22.0.1", "udp", 1], ["fd22::1", "udp", 1], ["10.22.0.1", "udp", 2],
		["10.22.0.1", "icmp", 1], ["10.22.0.1", "tcp", 1]]' <<<"$output"
	jq -e --slurp 'map(select(.type == "summary")) | length == 5 and all(.[]; .reached and
		.distance == 7)' <<<"$output"
}

@test "runs of one flow, of a flow a probe, of many flows, and to the next host" {
	lab_capture here lab0 "$tmp/pcap" 'ip'
	"$traceroute" -n -T --unprivileged 10.22.0.1
	"$traceroute" -n --classic 10.22.0.1
	"$traceroute" -n --multipath --rate 0 10.22.0.1
	"$traceroute" -n -q 1 10.20.0.254
	lab_capture_stop
	run -0 --separate-stderr "$traceroute" -n --json --read "$tmp/pcap"
	jq -e --slurp 'map(select(.type == "summary")) | map([.addr, .method, .distance]) == [
		["10.22.0.1", "tcp", 7], ["10.22.0.1", "udp", 7], ["10.22.0.1", "udp", 7],
		["10.20.0.254", "udp", 1]]' <<<"$output" ||
		{ jq -c 'select(.type == "summary") | [.addr, .method, .distance, .probes]' <<<"$output" && false; }
}

@test "times are those of the capture, in records too" {
	run -0 --separate-stderr "$traceroute" --json --read "$captures/scamper.pcap"
	jq -e --slurp '.[0] | .ts == "2026-11-26T06:52:14.632543657Z" and .rtt_ms == 0.030771 and
		.clock == "kernel"' <<<"$output"
}

@test "the forms of scamper and Atlas" {
	run -0 --separate-stderr "$traceroute" --json=scamper --read "$captures/scamper.pcap"
	jq -e --slurp 'length == 2 and (.[0] | .type == "trace" and .method == "udp-paris" and
		.dst == "10.8.3.2" and .sport == 46687 and .dport == 33435 and .probe_size == 44 and
		.start.sec == 1795675934 and [.hops[].addr] ==
		["10.8.0.2", "10.8.1.2", "10.8.2.2", "10.8.3.2"])' <<<"$output"
	run -0 --separate-stderr "$traceroute" --json=atlas --read "$captures/mtr.pcap"
	jq -e '.proto == "ICMP" and .timestamp > 1795675900 and (.result | length) == 4 and
		(.result[3].result | length) == 2' <<<"$output"
}

@test "which quoted field proved which hop" {
	run -0 --separate-stderr "$traceroute" --explain --read "$captures/scamper.pcap"
	[[ $output == *'sent 44 octets: probe 1 with TTL 1'* ]]
	[[ $output == *'answer to probe 2 sent with TTL 2, known by the quoted ports'*'UDP checksum: its TTL ran out, so 10.8.1.2 is hop 2'* ]]
	[[ $output == *'it quotes TTL 1, so 10.8.3.2 is hop 4 - 1 + 1 = 4'* ]]
	[[ $output == *'2.3'* || $output == *RFC* ]]
}

@test "no privilege is needed, and nothing is sent" {
	lab_capture here lab0 "$tmp/pcap" 'ip or ip6'
	run -0 --separate-stderr lab_unpriv here "$traceroute" --read "$captures/mtr.pcap"
	[[ $(hops) == '- 10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2' ]]
	lab_capture_stop
	[[ $(lab_tcpdump -r "$tmp/pcap" 2>/dev/null | grep -c 10.8) == 0 ]]
}

@test "a cut capture is told as far as it goes, with exit 2" {
	head -c 900 "$captures/scamper.pcap" >"$tmp/cut"
	run -2 --separate-stderr "$traceroute" -n --read "$tmp/cut"
	[[ $(hops) == '- 10.8.0.2 10.8.1.2 10.8.2.2 10.8.3.2 - '* ]]
	[[ $stderr == *"$tmp/cut"*truncated* ]]
	[[ $(wc -l <<<"$stderr") == 1 ]]
	"$traceroute" --json --read "$tmp/cut" >"$tmp/json" 2>/dev/null || true
	jq -e --slurp 'any(.[]; .type == "error") and .[-1].exit == 2' "$tmp/json"
}

@test "what is no capture, or holds no trace" {
	echo nonsense >"$tmp/text"
	run -2 --separate-stderr "$traceroute" --read "$tmp/text"
	[[ $stderr == *'not a capture'* ]]
	run -2 --separate-stderr "$traceroute" --read "$tmp/nosuch"
	[[ $stderr == *ENOENT* || $stderr == *'No such file'* ]]
	head -c 24 "$captures/mtr.pcap" >"$tmp/empty"
	run -1 --separate-stderr "$traceroute" --read "$tmp/empty"
	[[ $stderr == *'no packets of a traceroute'* ]]
}

@test "words on how to ask are refused" {
	local words

	for words in '-q 1' -I '-m 4' '--rate 5' --mtu '-i lo' '--deadline 1' '--pcap x' -4; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr "$traceroute" $words --read "$captures/mtr.pcap"
		[[ $stderr == *'does not go with --read'* ]]
	done
	run -2 --separate-stderr "$traceroute" --read "$captures/mtr.pcap" 10.22.0.1
	[[ $stderr == *'and no host'* ]]
}
