#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsq and the servers of others: nsd, knot, bind9, unbound and dnsmasq, with the same zone.

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
	cat >"$dir/zone" <<-'ZONE'
		$ORIGIN lab.test.
		$TTL 300
		@ SOA ns hostmaster 7 3600 900 86400 60
		@ NS ns
		ns A 127.0.0.1
		www A 192.0.2.1
		www AAAA 2001:db8::1
		mail MX 10 mx.lab.test.
		text TXT "one" "two \"2\""
	ZONE
}

teardown() {
	lab_cleanup
}

start_nsd() {
	cat >"$dir/nsd.conf" <<-CONF
		server:
			ip-address: 127.0.0.1@5300
			username: ""
			chroot: ""
			zonesdir: "$dir"
			zonelistfile: "$dir/zone.list"
			pidfile: ""
			database: ""
			xfrdfile: ""
			xfrdir: "$dir"
			answer-cookie: yes
		remote-control:
			control-enable: no
		zone:
			name: "lab.test"
			zonefile: "zone"
			provide-xfr: 127.0.0.0/8 NOKEY
	CONF
	lab_start here 'nsd started' nsd -d -c "$dir/nsd.conf"
}

start_knot() {
	mkdir "$dir/db"
	cat >"$dir/knot.conf" <<-CONF
		server:
		  listen: 127.0.0.1@5300
		  rundir: "$dir"
		database:
		  storage: "$dir/db"
		log:
		- target: stdout
		  any: info
		acl:
		- id: all
		  address: 127.0.0.0/8
		  action: transfer
		template:
		- id: default
		  global-module: mod-cookies
		  storage: "$dir"
		  zonefile-sync: -1
		zone:
		- domain: lab.test
		  file: zone
		  acl: all
	CONF
	lab_start here 'server started' knotd -c "$dir/knot.conf"
}

start_bind9() {
	cat >"$dir/named.conf" <<-CONF
		controls { };
		options { directory "$dir"; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; };
			recursion no; allow-transfer { any; }; pid-file none; session-keyfile "$dir/session"; };
		zone "lab.test" { type primary; file "zone"; check-integrity no; };
	CONF
	lab_start here ' running$' named -g -c "$dir/named.conf"
}

start_unbound() {
	{
		cat <<-CONF
			server:
				interface: 127.0.0.1@5300
				username: ""
				chroot: ""
				directory: "$dir"
				pidfile: ""
				use-syslog: no
				module-config: "iterator"
				local-zone: "lab.test." static
		CONF
		# The same records, each with its owner's full name.
		named-compilezone -i none -f text -F text -o - lab.test "$dir/zone" 2>/dev/null | grep IN |
			while read -r line; do printf "\tlocal-data: '%s'\n" "$line"; done
		printf 'remote-control:\n\tcontrol-enable: no\n'
	} >"$dir/unbound.conf"
	lab_start here 'start of service' unbound -d -c "$dir/unbound.conf"
}

start_dnsmasq() {
	cat >"$dir/dnsmasq.conf" <<-CONF
		port=5300
		listen-address=127.0.0.1
		bind-interfaces
		no-resolv
		no-hosts
		local=/lab.test/
		auth-ttl=300
		local-ttl=300
		host-record=www.lab.test,192.0.2.1,2001:db8::1
		mx-host=mail.lab.test,mx.lab.test,10
		txt-record=text.lab.test,"one","two \\"2\\""
	CONF
	lab_start here 'started, version' dnsmasq -d -C "$dir/dnsmasq.conf" --pid-file=
}

ask() {
	run --separate-stderr build/bin/dnsq -p 5300 @127.0.0.1 +tries=2 "$@"
}

# says EXPECTED ARGUMENT... - the data of the answer, by UDP and by TCP.
says() {
	local how
	for how in +notcp +tcp; do
		ask "$how" +short "${@:2}"
		[ "$status" -eq 0 ]
		[ "$output" = "$1" ]
		[[ -z $stderr || $stderr == "dnsq: BADCOOKIE, retrying." ]] # knot wants to see its own first
	done
}

# answers COOKIE - all that a server of this zone should; COOKIE is what it makes of ours.
answers() {
	says 192.0.2.1 www.lab.test
	says 2001:db8::1 www.lab.test AAAA
	says '10 mx.lab.test.' mail.lab.test MX
	says '"one" "two \"2\""' text.lab.test TXT
	ask no.lab.test +rc +json
	[ "$status" -eq 20 ]
	ask www.lab.test MX +rc +json
	[ "$status" -eq 21 ]
	ask www.lab.test +json
	jq -se --arg cookie "$1" '.[0] | .rcode == "NOERROR" and .edns.version == 0 and .edns.udp >= 512 and
		(.edns.cookie // "none") == $cookie and .warnings - ["BADCOOKIE, retrying."] == [] and .proto == "UDP"' <<<"$output"
	ask www.lab.test +noedns +json
	jq -se '.[0] | .result == "answer" and (has("edns") | not)' <<<"$output"
}

# transfers - the zone, which others take for one.
transfers() {
	ask lab.test AXFR +onesoa +nocmd +nostats
	[ "$status" -eq 0 ]
	printf '%s\n' "$output" >"$dir/copy"
	named-checkzone -i none -D -o - lab.test "$dir/copy" 2>/dev/null | grep IN | sort >"$dir/got"
	named-checkzone -i none -D -o - lab.test "$dir/zone" 2>/dev/null | grep IN | sort >"$dir/wanted"
	[ -s "$dir/wanted" ]
	cmp "$dir/got" "$dir/wanted"
}

@test "nsd answers and transfers" {
	start_nsd
	answers good
	transfers
}

@test "knot answers and transfers" {
	start_knot
	answers good
	transfers
}

@test "bind9 answers and transfers" {
	start_bind9
	answers good
	transfers
}

@test "unbound answers" {
	start_unbound
	answers none
}

@test "dnsmasq answers" {
	start_dnsmasq
	answers none
}
