# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# internet - a small internet of name servers on the loopback network: one named, an address a role.
#
#   127.1.0.1 root          127.1.0.2 test. and other.      127.1.0.3, 127.1.0.4 the children
#   127.1.0.5 serves nothing 127.1.0.6 a resolver of all of it (recursion from the root on)
#
# internet_up sets INTERNET (its directory) and HINTS (the root's hints file).

internet_zone() { # NAME TEXT
	# shellcheck disable=SC2016 # $TTL is for named
	printf '$TTL 300\n%s\n' "$2" >"$INTERNET/$1.zone"
}

internet_zones() {
	internet_zone root '. SOA a.root. h. 1 1 1 1 1
. NS a.root.
a.root. A 127.1.0.1
test. NS ns.tld.test.
ns.tld.test. A 127.1.0.2
other. NS ns.tld.test.'
	internet_zone test '@ SOA ns.tld h 1 1 1 1 1
@ NS ns.tld
ns.tld A 127.1.0.2
good NS ns1.good
good NS ns2.good
ns1.good A 127.1.0.3
ns2.good A 127.1.0.4
glueless NS ns.other.
lame NS ns1.lame
lame NS ns2.lame
ns1.lame A 127.1.0.5
ns2.lame A 127.1.0.3
lost NS ns1.lost
ns1.lost A 127.1.0.5'
	internet_zone other '@ SOA ns h 1 1 1 1 1
@ NS ns.tld.test.
ns A 127.1.0.3'
	internet_zone good '@ SOA ns1 h 7 1 1 1 1
@ NS ns1
@ NS ns2
ns1 A 127.1.0.3
ns2 A 127.1.0.4
www A 192.0.2.80
alias CNAME www.glueless.test.
loop CNAME loop.glueless.test.
*.wild TXT "wild"
d DNAME glueless.test.'
	internet_zone glueless '@ SOA ns.other. h 8 1 1 1 1
@ NS ns.other.
www A 192.0.2.81
loop CNAME loop.good.test.'
	internet_zone lame '@ SOA ns2 h 9 1 1 1 1
@ NS ns1
@ NS ns2
ns1 A 127.1.0.5
ns2 A 127.1.0.3
www A 192.0.2.82'
}

internet_view() { # NAME ADDR ZONE=FILE...
	local zone

	printf 'view "%s" { match-destinations { %s; }; recursion no;\n' "$1" "$2"
	for zone in "${@:3}"; do
		printf 'zone "%s" { type primary; file "%s/%s"; };\n' "${zone%=*}" "$INTERNET" "${zone#*=}"
	done
	printf '};\n'
}

internet_up() {
	lab_init || return
	INTERNET=$LAB_TMP/internet HINTS=$LAB_TMP/internet/hints
	mkdir -p "$INTERNET"
	printf '. 3600000 NS a.root.\na.root. 3600000 A 127.1.0.1\n' >"$HINTS"
	internet_zones
	{
		printf 'options { directory "%s"; listen-on { 127.1.0/24; }; listen-on-v6 { none; };\n' "$INTERNET"
		printf 'pid-file none; session-keyfile "%s/key"; dnssec-validation no; notify no;\nrrset-order { order none; }; };\n' "$INTERNET"
		printf 'controls { };\n'
		internet_view root 127.1.0.1 .=root.zone
		internet_view tld 127.1.0.2 test=test.zone other=other.zone
		internet_view one 127.1.0.3 good.test=good.zone glueless.test=glueless.zone lame.test=lame.zone
		internet_view two 127.1.0.4 good.test=good.zone
		internet_view nothing 127.1.0.5
		printf 'view "resolver" { match-destinations { 127.1.0.6; }; recursion yes;\n'
		printf 'allow-recursion { any; }; zone "." { type hint; file "%s"; }; };\n' "$HINTS"
	} >"$INTERNET/named.conf"
	for i in 1 2 3 4 5 6; do ip addr replace "127.1.0.$i/32" dev lo; done
	lab_start here ' running$' named -g -c "$INTERNET/named.conf"
}
