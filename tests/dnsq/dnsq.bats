#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsq as dig's users know it, beside dig, against named; transfers, signatures, batches, evidence.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_init
	dir=$LAB_TMP
	secret=bWFueSBhIHNlY3JldCBpcyBub25lIGF0IGFsbA==
}

teardown() {
	lab_cleanup
}

# named with the zone of all types, one that only a key may transfer, and one with a history.
serve() {
	cp tests/dnsq/types.zone "$dir/example"
	# shellcheck disable=SC2016 # $TTL is for named
	printf '$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 127.0.0.1\nold A 192.0.2.1\n' >"$dir/moving"
	cat >"$dir/named.conf" <<-CONF
		key "k" { algorithm hmac-sha256; secret "$secret"; };
		controls { };
		options { directory "$dir"; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; };
			recursion no; allow-transfer { any; }; pid-file none; check-names primary ignore;
			notify no; max-ixfr-ratio unlimited; session-keyfile "$dir/session"; };
		zone "example" { type primary; file "example"; check-integrity no; };
		zone "signed.test" { type primary; file "moving"; allow-transfer { key k; }; };
		zone "moving.test" { type primary; file "moving2"; allow-update { any; }; ixfr-from-differences yes; };
	CONF
	cp "$dir/moving" "$dir/moving2"
	lab_start here ' running$' named -g -c "$dir/named.conf"
}

ask() {
	build/bin/dnsq -p 5300 @127.0.0.1 "$@"
}

# What changes with each query, and with the program, is left out.
steady() {
	grep -v '<<>>\|, id:\|COOKIE\|WHEN\|Query time'
}

# like_dig ARGUMENT...: both programs print the same.
like_dig() {
	diff <(dig -p 5300 @127.0.0.1 "$@" | steady) <(ask +no0x20 "$@" | steady)
}

@test "dig's text, line by line, for many types and options" {
	serve
	for words in 'mx2.example MX' 'aaaa2.example AAAA' 'txt3.example TXT' 'svcb4.example SVCB' \
		'loc0.example LOC' 'nsec0.example NSEC' 'caa3.example CAA' 'naptr1.example NAPTR' \
		'nx.example' 'a0.example ANY +tcp' 'ds0.example DS +nosplit' 'a1.example SOA +multi' \
		'dnskey1.example DNSKEY +multi' 'rrsig0.example RRSIG +multi' 'tlsa0.example TLSA +multi' \
		'a0.example +dnssec +nsid' 'a0.example +noall +answer' 'a0.example +nocomments' \
		'aaaa0.example AAAA +expandaaaa +ttlunits' 'a0.example +nottl' 'a0.example +noclass' \
		'dnskey0.example DNSKEY +nocrypto' 'a0.example +unknownformat' 'a0.example +qr' \
		'-x 127.0.0.1 +norec' 'mx0.example MX +short' 'txt1.example TXT +short' 'a0.example +noedns' \
		'a0.example +bufsize=4096 +nocookie +cd +noad' 'version.bind TXT CH +header-only'; do
		# shellcheck disable=SC2086 # words
		like_dig $words
	done
}

@test "a zone of every type: what a transfer prints loads again, octet for octet" {
	serve
	named-compilezone -q -k ignore -i none -o "$dir/first" example tests/dnsq/types.zone
	ask example AXFR +noall +answer >"$dir/dump"
	[ "$(grep -c . "$dir/dump")" -ge 200 ]
	named-compilezone -q -k ignore -i none -o "$dir/second" example "$dir/dump"
	cmp "$dir/first" "$dir/second"
}

@test "a transfer tells its size; one that is refused has exit status 13" {
	serve
	run ask example AXFR
	[ "$status" -eq 0 ]
	[[ $output == *";; XFR size: 203 records (messages 1, bytes "* ]]
	run ask signed.test AXFR
	[ "$status" -eq 13 ]
	[[ $output == *";; Transfer failed."*";; the server says REFUSED"* ]]
	run ask example AXFR +onesoa +noall +answer
	[ "$(grep -c 'IN.SOA' <<<"$output")" -eq 1 ]
}

@test "TSIG: the right key transfers, a wrong one is told and has exit status 12" {
	serve
	run ask signed.test AXFR -y "hmac-sha256:k:$secret"
	[ "$status" -eq 0 ]
	[[ $output == *$'old.signed.test.\t60\tIN\tA\t192.0.2.1'* ]]
	run ask signed.test SOA -y "hmac-sha256:k:$secret"
	[ "$status" -eq 0 ]
	[[ $output == *";; TSIG PSEUDOSECTION:"* ]]
	run ask signed.test SOA -y "hmac-sha256:k:AAAA"
	[ "$status" -eq 12 ]
	[[ $output == *"the server says of our signature: BADSIG"* ]]
	run ask signed.test SOA -y "hmac-sha256:other:$secret"
	[ "$status" -eq 12 ]
	printf 'key "k" {\n\talgorithm hmac-sha256;\n\tsecret "%s";\n};\n' "$secret" >"$dir/key"
	run ask signed.test SOA -k "$dir/key" +short
	[ "$status" -eq 0 ]
}

@test "a reply that is not signed is not authentic" {
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5300
	run ask ok.test -y "hmac-sha256:k:$secret"
	[ "$status" -eq 12 ]
	[[ $output == *"Couldn't verify signature: the reply is not signed"* ]]
}

@test "IXFR: what changed since a serial, and nothing if there is nothing newer" {
	serve
	printf 'server 127.0.0.1 5300\nzone moving.test\nupdate delete old.moving.test A\nupdate add new.moving.test 60 A 192.0.2.2\nsend\n' | nsupdate
	run ask moving.test -t ixfr=1 +noall +answer
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *$'\tSOA\tns.moving.test. h.moving.test. 2 '* ]]
	[[ ${lines[1]} == *$'\tSOA\tns.moving.test. h.moving.test. 1 '* ]]
	[[ ${lines[2]} == $'old.moving.test.\t'* ]]
	[[ ${lines[4]} == $'new.moving.test.\t'* ]]
	[ "${#lines[@]}" -eq 6 ]
	run ask moving.test ixfr=2 +noall +answer
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "resolv.conf: its servers, its search list, ndots" {
	serve
	printf 'nameserver 127.0.0.1\nsearch nothing.example example\noptions ndots:1 timeout:1\n' >"$dir/resolv.conf"
	mount --bind "$dir/resolv.conf" /etc/resolv.conf
	run build/bin/dnsq -p 5300 a0 +search +short
	[ "$output" = 192.0.2.1 ]
	run build/bin/dnsq -p 5300 a0 +search +showsearch +noall +comments
	[[ $output == *NXDOMAIN*NOERROR* ]]
	run build/bin/dnsq -p 5300 a0.example. +search +short
	[ "$output" = 192.0.2.1 ]
	run build/bin/dnsq -p 5300 a0 +rc
	[ "$status" -eq 23 ]
	umount /etc/resolv.conf
}

@test "exit statuses: replies of any kind 0, with +rc the kind; usage 1; no reply 9" {
	serve
	run ask nx.example
	[ "$status" -eq 0 ]
	run ask nx.example +rc
	[ "$status" -eq 20 ]
	run ask a0.example MX +rc
	[ "$status" -eq 21 ]
	run ask elsewhere.test +rc
	[ "$status" -eq 23 ]
	run --separate-stderr ask a0.example +nosuch
	[ "$status" -eq 1 ]
	[[ $stderr == "dnsq: there is no option +nosuch"* ]]
	run build/bin/dnsq @127.0.0.1 -p 5399 a.example +tries=1
	[ "$status" -eq 9 ]
	[[ $output == *";; communications error to 127.0.0.1#5399: connection refused"* ]]
	run ask a..b
	[ "$status" -eq 10 ]
	run -10 bash -c "build/bin/dnsq -p 5300 @127.0.0.1 a0.example >/dev/full"
}

@test "the next server is asked when the first is not there" {
	serve
	run --separate-stderr build/bin/dnsq -p 5300 @127.0.0.2 @127.0.0.1 a0.example +short
	[ "$status" -eq 0 ]
	[ "$output" = 192.0.2.1 ]
	[[ $stderr == *"communications error to 127.0.0.2#5300: connection refused" ]]
}

@test "a server by name, IPv6, and a source address" {
	serve
	run ask a0.example @localhost -4 +short
	[ "$output" = 192.0.2.1 ]
	run ask a0.example -b 127.0.0.9 +short
	[ "$output" = 192.0.2.1 ]
	run --separate-stderr build/bin/dnsq @no.such.name.invalid a0.example
	[ "$status" -eq 10 ]
	[[ $stderr == "dnsq: couldn't get address for 'no.such.name.invalid'"* ]]
	run --separate-stderr build/bin/dnsq @127.0.0.1 -6 a0.example
	[ "$status" -eq 10 ]
}

@test "several names, each with its own words; what stands before them is for all" {
	serve
	run ask +short MX mx0.example mx2.example a0.example A
	[ "$output" = $'0 .\n10 \\@.example.\n192.0.2.1' ]
}

@test "JSON: RFC 8427 members, EDNS, how it went; the last line is the end" {
	serve
	run --separate-stderr ask mx0.example MX +json +nsid
	[ "$status" -eq 0 ]
	jq -se '.[0] | .type == "reply" and .result == "answer" and .rcode == "NOERROR" and
		.query.QNAME == "mx0.example." and .query.QTYPEname == "MX" and
		.response.answerRRs[0].rdataMX == "0 ." and .response.answerRRs[0].RDATAHEX == "000000" and
		.response.answerRRs[0].rdata == {preference: 0, exchange: "."} and
		.server.addr == "127.0.0.1" and .server.port == 5300 and .proto == "UDP" and
		.edns.udp == 1232 and .edns.cookie == "good" and (.rtt_ms | type) == "number"' <<<"$output"
	jq -se '.[-1] | .type == "end" and .exit == 0' <<<"$output"
	run --separate-stderr build/bin/dnsq @127.0.0.1 -p 5399 a.example +tries=1 +json
	[ "$status" -eq 9 ]
	jq -se '.[0].result == "none" and (.[0].warnings | length) == 1 and .[-1].exit == 9' <<<"$output"
}

@test "YAML as dig writes it" {
	serve
	for words in 'mx0.example MX +nsid +subnet=1.2.3.0/24' 'txt4.example TXT +noall +answer' \
		'a0.example +qr +dnssec' 'nx.example +noedns'; do
		# shellcheck disable=SC2086 # words
		diff <(dig -p 5300 @127.0.0.1 +nocookie +yaml $words | grep -v 'time:\| id:\|query_') \
			<(ask +no0x20 +nocookie +yaml $words | tr -d "'" | grep -v 'time:\| id:\|query_' |
				sed "s/- \(.* IN .*\)/- '\1'/")
	done
	run --separate-stderr build/bin/dnsq @127.0.0.1 -p 5399 a.example +tries=1 +yaml
	[ "$status" -eq 9 ]
	[ "$output" = $'- type: DIG_ERROR\n  message: |\n    no servers could be reached' ]
}

@test "names that are not ASCII are asked in their ASCII form" {
	serve
	run ask bücher.example
	[[ $output == *$'\n;xn--bcher-kva.example.'* ]]
	run ask xn--a--b.ex_ample
	[[ $output == *$'\n;xn--a--b.ex_ample.'* ]]
	run ask bücher.example +noidnin
	[[ $output == *$'\n;b\\195\\188cher.example.'* ]]
}

@test "a batch: in the order of the lines, each with its own words, whatever the number of jobs" {
	serve
	printf 'a0.example\n# a comment\nmx0.example MX\n\n-x 192.0.2.77\ntxt1.example TXT\nnx.example\na1.example' >"$dir/batch"
	for jobs in 1 3 100; do
		run ask -f "$dir/batch" +short "+jobs=$jobs"
		[ "$status" -eq 0 ]
		[ "$output" = $'192.0.2.1\n0 .\n"two" "strings"\n0.0.0.0' ]
	done
	run ask -f - +noordered +short <"$dir/batch"
	[ "$(sort <<<"$output")" = "$(printf '0 .\n0.0.0.0\n192.0.2.1\n"two" "strings"\n' | sort)" ]
	run ask -f "$dir/none"
	[ "$status" -eq 8 ]
}

@test "a batch tells what it cannot read, and how each server did" {
	serve
	printf 'a0.example\na..b\na0.example AXFR\na0.example @name\n' >"$dir/batch"
	run --separate-stderr ask -f "$dir/batch" +short +summary
	[ "$status" -eq 1 ]
	[ "$output" = 192.0.2.1 ]
	[[ $stderr == *"line 2: 'a..b' is not a legal name"* ]]
	[[ $stderr == *"line 3 cannot be understood: traces, validations and transfers are not for batches"* ]]
	[[ $stderr == *"line 4 cannot be understood"* ]]
	[[ $stderr == *"127.0.0.1#5300: 1 sent, 1 replies, 0 without reply; NOERROR 1,"* ]]
	[[ $stderr == *"rtt min/avg/p50/p95/p99/max = "* ]]
}

@test "input without end and without lines can be interrupted" {
	run timeout -k 5 0.3 build/bin/dnsq -p 5300 @127.0.0.1 -f /dev/zero +short
	[ "$status" -eq 124 ]
}

@test "what dig takes: part of an address, options by word, a domain to search, ANY over TCP, . as a name" {
	serve
	for words in '-x 192.0' '-x 192.0.2' '. +noad' 'a0.example ANY' 'a0.example ANY +notcp' 'a0 +domain=example' \
		'a0.example. +domain=nowhere' 'a0.example +ednsopt=nsid' 'a0.example a mx2.example mx +short'; do
		# shellcheck disable=SC2086 # words
		like_dig $words
	done
	run ask -x 300.1
	[ "$status" -eq 1 ]
	run ask -b 192.0.2.77 a0.example
	[ "$status" -eq 9 ]
	[[ $output == *"communications error to 127.0.0.1#5300: address not available"* && $output != *EDNS* ]]
}

@test "+summary: how each server did, with a histogram of its times, in JSON too" {
	serve
	yes a0.example | head -n 50 >"$dir/batch"
	echo 'nothing.example @127.0.0.2 +tries=1' >>"$dir/batch"
	run --separate-stderr ask -f "$dir/batch" +short +summary +jobs=5
	[[ $stderr == *"127.0.0.1#5300: 50 sent, 50 replies, 0 without reply;"* ]]
	[[ $stderr == *"127.0.0.1#5300: replies by ms: <"[0-9]*": "* ]]
	run --separate-stderr ask -f "$dir/batch" +json +summary +jobs=5
	jq -se '[.[] | select(.type == "server")] | length == 2 and (.[0] | .replies == 50 and .rcodes.NOERROR == 50 and
		([.histogram[].count] | add) == 50 and ([.histogram[].below_ms] | . == sort) and
		.rtt_ms.min <= .rtt_ms.p50 and .rtt_ms.p99 <= .rtt_ms.max) and
		(.[1] | .server.addr == "127.0.0.2" and .failed == 1 and (has("histogram") | not))' <<<"$output"
	jq -se 'all(.[] | select(.type == "reply" and .result != "none"); .clock | test("^(kernel|kernel-rx|user)$"))' \
		<<<"$output"
}

@test "a batch of ten thousand at a pace, all answered" {
	serve
	yes a0.example | head -n 10000 >"$dir/batch"
	run ask -f "$dir/batch" +short +jobs=50 +qps=100k
	[ "$status" -eq 0 ]
	[ "$(grep -c '^192.0.2.1$' <<<"$output")" -eq 10000 ]
}

@test "--explain claims every octet of query and response once" {
	serve
	for proto in +notcp +tcp; do
		run ask mx2.example MX "$proto" --explain --json
		jq -se '[.[] | select(.type == "packet")] | length == 2 and all(
			. as $p | [.fields[] | .off] as $o | [.fields[] | .len] as $l |
			[range($o | length)] | all($o[.] == (if . == 0 then 0 else $o[. - 1] + $l[. - 1] end)))' <<<"$output"
	done
	run ask mx2.example MX +explain
	[[ $output == *"QNAME "*"the name asked about [RFC 1035 3.1]"* ]]
	[[ $output == *'10 \@.example. [RFC 1035 4.1.3]'* ]]
	[[ $output == *"Server Cookie"* ]]
}

@test "--explain tells the way to the server before the first packet to it" {
	serve
	run ask a0.example --explain
	[[ ${lines[*]} == *"route to 127.0.0.1 "*"next hop's MAC   none is needed on lo sent "*" octets: query "* ]]
	run ask a0.example --explain --json
	[ "$(jq -r .type <<<"$output" | head -n 2 | paste -sd' ')" = "route packet" ]
}

@test "--explain without privilege rebuilds the headers, and says so" {
	serve
	run lab_unpriv here build/bin/dnsq -p 5300 @127.0.0.1 a0.example --explain
	[ "$status" -eq 0 ]
	[[ $output == *"headers rebuilt (the socket does not show them): query"* ]]
	[[ $output == *"headers rebuilt (the socket does not show them): response, NOERROR"* ]]
}

@test "--pcap saves the exchange as others read it" {
	serve
	ask a0.example +pcap="$dir/x.pcapng" >/dev/null
	run tshark -r "$dir/x.pcapng" -d udp.port==5300,dns -T fields -e dns.flags.response -e dns.a
	[[ $output == *$'\n1\t192.0.2.1' || $output == *$'True\t192.0.2.1' ]]
}

@test "+decode explains captures and messages in hex" {
	serve
	ask a0.example +pcap="$dir/x.pcap" >/dev/null
	run build/bin/dnsq +decode="$dir/x.pcap" -p 5300
	[ "$status" -eq 0 ]
	[ "$(grep -c '^DNS$' <<<"$output")" -eq 2 ]
	[[ $output == *"owner of a record in the answer section"*"192.0.2.1 [RFC 1035 4.1.3]"* ]]
	printf '# a query\n1234 0100 0001 0000 0000 0000\n0161 00 0001 0001\n' >"$dir/hex"
	run build/bin/dnsq --read "$dir/hex"
	[ "$status" -eq 0 ]
	[[ $output == *"    0  12 34 "*"ID "*"0x1234"* ]]
	[[ $output == *"   12  01 61 00 "*"QNAME "*"a. "* ]]
	run --separate-stderr build/bin/dnsq +decode="$dir/hex" --json
	jq -se '.[0] | .type == "packet" and .fields[0].off == 0' <<<"$output"
	echo nonsense >"$dir/hex"
	run --separate-stderr build/bin/dnsq +decode="$dir/hex"
	[ "$status" -eq 10 ]
	[[ $stderr == *"is neither a capture nor a DNS message in hexadecimal"* ]]
}

@test "locked down while replies are read: no file is opened, no program run" {
	serve
	strace -f -o "$dir/trace" build/bin/dnsq -p 5300 @127.0.0.1 a0.example +short
	after=$(sed -n '/seccomp\|PR_SET_SECCOMP/,$p' "$dir/trace")
	[[ $after == *recvmmsg* ]]
	run ! grep -E 'open(at)?\(|execve\(' <<<"$after"
}
