#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# DNS over TLS and HTTPS, against named with a certificate of its own.

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
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=dns.test \
		-addext subjectAltName=DNS:dns.test,IP:127.0.0.1 -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
	cp tests/dnsq/types.zone "$dir/example"
	cat >"$dir/named.conf" <<-CONF
		controls { };
		tls own { key-file "$dir/key"; cert-file "$dir/cert"; };
		http local { endpoints { "/dns-query"; }; };
		options { directory "$dir"; listen-on-v6 { none; };
			listen-on port 8853 tls own { 127.0.0.1; };
			listen-on port 8443 tls own http local { 127.0.0.1; }; listen-on port 5300 { 127.0.0.1; };
			recursion no; allow-transfer { any; }; pid-file none; check-names primary ignore;
			notify no; session-keyfile "$dir/session"; };
		zone "example" { type primary; file "example"; check-integrity no; };
	CONF
	lab_start here ' running$' named -g -c "$dir/named.conf"
}

teardown() {
	lab_cleanup
}

ask() {
	build/bin/dnsq -p 8853 "$@"
}

@test "@tls:// asks whom its certificate proves" {
	run ask @tls://127.0.0.1 "+tls-ca=$dir/cert" a0.example
	[ "$status" -eq 0 ]
	[[ $output == *$'A\t192.0.2.1'*"(TLS)"* ]]
	run ask @tls://127.0.0.1 "+tls-ca=$dir/cert" +tls-hostname=dns.test a0.example +short
	[ "$output" = 192.0.2.1 ]
	run --separate-stderr ask @tls://127.0.0.1 "+tls-ca=$dir/cert" a0.example +json
	jq -se '.[0].proto == "TLS" and .[0].result == "answer"' <<<"$output"
}

@test "a certificate that is not trusted, or for another name: exit status 12" {
	run --separate-stderr ask @tls://127.0.0.1 a0.example +short
	[ "$status" -eq 12 ]
	[ "$output" = "" ]
	[[ $stderr == *"the certificate is not to be trusted for 127.0.0.1"* ]]
	run ask @127.0.0.1 "+tls-ca=$dir/cert" +tls-hostname=other.test a0.example
	[ "$status" -eq 12 ]
	[[ $output == *"the certificate is not to be trusted for other.test"* ]]
}

@test "+tls alone talks to whoever answers, as dig does" {
	run ask @127.0.0.1 +tls a0.example +short
	[ "$status" -eq 0 ]
	[ "$output" = 192.0.2.1 ]
}

# pin - what the key of the certificate has, by the tools of others.
pin() {
	openssl x509 -in "$dir/cert" -noout -pubkey | openssl pkey -pubin -outform der |
		openssl dgst -sha256 -binary | base64
}

@test "+tls-pin: whoever has that key, and nobody else: exit status 12" {
	other=$(head -c 32 /dev/zero | base64)
	for server in @127.0.0.1 @tls://127.0.0.1; do
		run ask "$server" "+tls-pin=$(pin)" a0.example +short
		[ "$status" -eq 0 ]
		[ "$output" = 192.0.2.1 ]
		run ask "$server" "+tls-pin=$other" "+tls-pin=$(pin)" a0.example +short
		[ "$output" = 192.0.2.1 ]
		run --separate-stderr ask "$server" "+tls-pin=$other" a0.example +short
		[ "$status" -eq 12 ]
		[ "$output" = "" ]
		[[ $stderr == *"the key of 127.0.0.1 has another pin: $(pin)"* ]]
	done
	# Beside authorities both must be right.
	run ask @127.0.0.1 "+tls-pin=$(pin)" +tls-ca a0.example +short
	[ "$status" -eq 12 ]
	run ask @127.0.0.1 "+tls-pin=$(pin)" "+tls-ca=$dir/cert" +tls-hostname=dns.test a0.example +short
	[ "$output" = 192.0.2.1 ]
	run ask @127.0.0.1 +tls-pin=AAAA a0.example
	[ "$status" -eq 1 ]
	[[ $output == *"option +tls-pin=AAAA: the SHA-256 of a public key in base64 expected"* ]]
}

@test "a line of a batch cannot ask for TLS when the batch does not" {
	run --separate-stderr build/bin/dnsq -p 5300 @127.0.0.1 -f - +short <<<$'a0.example +tls\na0.example'
	[ "$status" -eq 1 ]
	[ "$output" = 192.0.2.1 ]
	[[ $stderr == *"line 1 cannot be understood"*"TLS of its own"* ]]
}

@test "queries are padded to 128 octets" {
	run ask @127.0.0.1 +tls a0.example +qr
	[[ $output == *"; PAD: ("*";; QUERY SIZE: 128"* ]]
}

@test "a zone by TLS" {
	run ask @127.0.0.1 +tls example AXFR
	[ "$status" -eq 0 ]
	[[ $output == *";; XFR size: 203 records"* ]]
}

@test "a server without TLS, or none: no reply" {
	run build/bin/dnsq -p 5300 @127.0.0.1 +tls a0.example +tries=1 +time=1
	[ "$status" -eq 9 ]
	run build/bin/dnsq -p 5399 @127.0.0.1 +tls a0.example +tries=1
	[ "$status" -eq 9 ]
	[[ $output == *"connection refused"* ]]
}

@test "authorities that cannot be read are told" {
	run --separate-stderr ask @tls://127.0.0.1 +tls-ca=/nonexistent a0.example
	[ "$status" -eq 10 ]
	[[ $stderr == *"no certificates can be read from '/nonexistent'"* ]]
}

@test "@https:// asks by HTTP/2 whom its certificate proves" {
	run build/bin/dnsq -p 8443 @https://127.0.0.1/dns-query "+tls-ca=$dir/cert" a0.example
	[ "$status" -eq 0 ]
	[[ $output == *", id: 0"*$'A\t192.0.2.1'*"(HTTPS)"* ]]
	run build/bin/dnsq -p 8443 @127.0.0.1 +https txt5.example TXT +short
	[ "$status" -eq 0 ]
	[ "${#output}" -eq 515 ]
	run build/bin/dnsq -p 8443 @https://127.0.0.1 a0.example +short
	[ "$status" -eq 12 ]
}

@test "HTTPS: a path that is not there, and a server that speaks something else" {
	run build/bin/dnsq -p 8443 @127.0.0.1 +https=/elsewhere a0.example +tries=1
	[ "$status" -eq 9 ]
	[[ $output == *"communications error to 127.0.0.1#8443: HTTP status 404"* ]]
	run build/bin/dnsq -p 5300 @127.0.0.1 +https a0.example +tries=1 +time=1
	[ "$status" -eq 9 ]
}
