# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# signed - the small internet of internet.bash once more, signed: named serves zones with NSEC, nsd
# those with NSEC3. What is wrong with a zone, if anything, its name says.
#
#   127.1.0.1 root (RSASHA256)       127.1.0.2 test. and other. (NSEC)
#   127.1.0.3, 127.1.0.4 children of test.; 127.1.0.5 serves nothing
#   127.1.0.6 a resolver that validates, from the root on
#   127.1.0.7 hash. (NSEC3, opt-out) and its children, by nsd
#
# signed_up sets INTERNET (its directory), HINTS (root.hints there) and ANCHOR (root.ds: the DS of the
# root).

# shellcheck source=tests/dnsq/internet.bash
source tests/dnsq/internet.bash

# sign ZONE "ALGORITHM..." [OPTION...] - ZONE.zone becomes ZONE.signed, one record a line; further
# options are for dnssec-signzone. One algorithm: one key for all; a second "+": a key for data too.
sign() {
	local zone=$1 origin=$1 keys=() algorithm
	local -a more=(-z)

	[[ $zone != root ]] || origin=.
	read -ra algorithm <<<"${2%+}"
	[[ $2 != *+ ]] || more=(-x)
	[[ $2 != *+ ]] || keys+=("$(dnssec-keygen -q -K "$INTERNET" -a "${algorithm[@]}" "$origin" 2>/dev/null)")
	keys+=("$(dnssec-keygen -q -K "$INTERNET" -f KSK -a "${algorithm[@]}" "$origin" 2>/dev/null)")
	(
		cd "$INTERNET" || exit
		for key in "${keys[@]}"; do cat "$key.key"; done >>"$zone.zone"
		dnssec-signzone -q -P -O full "${more[@]}" "${@:3}" -o "$origin" -f "$zone.signed" "$zone.zone" "${keys[@]}"
	) >/dev/null 2>"$INTERNET/sign.log" || {
		cat "$INTERNET/sign.log" >&2
		return 1
	}
}

# edit ZONE SED... - spoils what is signed.
edit() {
	sed -i -E "${@:2}" "$INTERNET/$1.signed"
}

# child PARENT NAME ADDRESS - the delegation, with the DS that signing has left.
child() {
	printf '%s. NS ns.%s.\nns.%s. A %s\n' "$2" "$2" "$2" "$3" >>"$INTERNET/$1.zone"
	[[ ! -f $INTERNET/dsset-$2. ]] || cat "$INTERNET/dsset-$2." >>"$INTERNET/$1.zone"
}

# simple ZONE ADDRESS - a zone with one host in it.
simple() {
	internet_zone "$1" "@ SOA ns h 1 1 1 1 60
@ NS ns
ns A $2
www A 192.0.2.1"
}

signed_leaves() {
	local zone address=127.1.0.3

	internet_zone good.test '@ SOA ns h 7 1 1 1 60
@ NS ns
@ NS ns2
@ MX 10 MAIL
ns A 127.1.0.3
ns2 A 127.1.0.4
mail A 192.0.2.25
www A 192.0.2.80
www TXT "b" "a"
www TXT "a"
WWW TXT "a"
alias CNAME www.glueless.test.
away CNAME www.good.hash.
down CNAME www.plain.test.
broken CNAME www.badsig.test.
nowhere CNAME nothing.good.hash.
loop CNAME loop.glueless.test.
*.wild TXT "wild"
here.wild A 192.0.2.4
*.star CNAME www.good.hash.
a.b.deep A 192.0.2.3
d DNAME glueless.test.'
	internet_zone glueless.test '@ SOA ns.other. h 8 1 1 1 60
@ NS ns.other.
www A 192.0.2.81
loop CNAME loop.good.test.'
	internet_zone lame.test '@ SOA ns h 9 1 1 1 60
@ NS ns0
@ NS ns
ns0 A 127.1.0.5
ns A 127.1.0.3
www A 192.0.2.82'
	internet_zone good.hash '@ SOA ns h 1 1 1 1 60
@ NS ns
ns A 127.1.0.7
www A 192.0.2.90
*.wild TXT "wild"
*.star CNAME www.good.test.
a.b.deep A 192.0.2.3'
	for zone in p384 ed448 ed rsa512 sha1 plain wrongds badsig nosig nokey expired early nodenial \
		iterated strange; do
		simple "$zone.test" "$address"
	done
	simple plain.hash 127.1.0.7
	simple badsig.hash 127.1.0.7
}

signed_sign_leaves() {
	local zone

	sign good.test 'RSASHA256 -b 1024 +' || return
	sign p384.test ECDSAP384SHA384 || return
	sign ed448.test ED448 || return
	sign ed.test ED25519 -3 aabb || return
	sign rsa512.test 'RSASHA512 -b 1024' || return
	sign sha1.test 'NSEC3RSASHA1 -b 1024' -3 - || return
	sign iterated.test ECDSAP256SHA256 -3 - -H 150 || return
	sign expired.test ECDSAP256SHA256 -s now-100d -e +50d || return
	sign early.test ECDSAP256SHA256 -s now+50d -e +50d || return
	for zone in glueless.test lame.test wrongds.test badsig.test nosig.test nokey.test \
		nodenial.test strange.test; do
		sign "$zone" ECDSAP256SHA256 || return
	done
	sign good.hash ED25519 -3 - || return
	sign badsig.hash ED25519 -3 - || return
	cp "$INTERNET/plain.test.zone" "$INTERNET/plain.test.signed"
	cp "$INTERNET/plain.hash.zone" "$INTERNET/plain.hash.signed"
	edit badsig.test '/^www\..*RRSIG\sA /s/\S{8}$/AAAAAAA=/'
	edit badsig.hash '/^www\..*RRSIG\sA /s/\S{8}$/AAAAAAA=/'
	edit nosig.test '/^www\..*RRSIG\sA /d'
	edit nokey.test '/\s(DNSKEY|RRSIG\sDNSKEY)\s/d'
	edit nodenial.test '/^(ns|www)\..*\s(NSEC|RRSIG\sNSEC)\s/d'
	sed -i -E 's/[0-9A-F]{8}$/00000000/' "$INTERNET/dsset-wrongds.test."
	sed -i -E 's/ 13 2 / 253 2 /' "$INTERNET/dsset-strange.test."
}

signed_parents() {
	local zone

	internet_zone hash '@ SOA ns.hash. h 1 1 1 1 60
@ NS ns
ns A 127.1.0.7'
	for zone in good plain badsig; do child hash "$zone.hash" 127.1.0.7; done
	sign hash 'RSASHA256 -b 1024' -3 - -A || return
	internet_zone other '@ SOA ns.tld.test. h 1 1 1 1 60
@ NS ns.tld.test.
ns A 127.1.0.3'
	sign other ECDSAP256SHA256 || return
	internet_zone test '@ SOA ns.tld h 1 1 1 1 60
@ NS ns.tld
ns.tld A 127.1.0.2
good NS ns2.good
ns2.good A 127.1.0.4
glueless NS ns.other.
lame NS ns0.lame
ns0.lame A 127.1.0.5'
	cat "$INTERNET/dsset-glueless.test." >>"$INTERNET/test.zone"
	for zone in good lame p384 ed448 ed rsa512 sha1 plain wrongds badsig nosig nokey expired early \
		nodenial iterated strange; do
		child test "$zone.test" 127.1.0.3
	done
	sign test ECDSAP256SHA256 || return
	internet_zone root '. SOA a.root. h. 1 1 1 1 60
. NS a.root.
a.root. A 127.1.0.1
test. NS ns.tld.test.
ns.tld.test. A 127.1.0.2
other. NS ns.tld.test.
hash. NS ns.hash.
ns.hash. A 127.1.0.7'
	cat "$INTERNET"/dsset-{test,other,hash}. >>"$INTERNET/root.zone"
	sign root 'RSASHA256 -b 1024 +'
}

signed_nsd() {
	local zone

	printf 'server:\nip-address: 127.1.0.7\nusername: ""\npidfile: ""\ndatabase: ""\n'
	printf 'zonesdir: "%s"\nzonelistfile: "%s/nsd.list"\nxfrdfile: "%s/nsd.xfrd"\nxfrdir: "%s"\n' \
		"$INTERNET" "$INTERNET" "$INTERNET" "$INTERNET"
	printf 'server-count: 1\nremote-control:\ncontrol-enable: no\n'
	for zone in hash good.hash plain.hash badsig.hash; do
		printf 'zone:\nname: %s\nzonefile: %s.signed\n' "$zone" "$zone"
	done
}

signed_named() {
	local zone leaves=()

	for zone in good glueless lame p384 ed448 ed rsa512 sha1 plain wrongds badsig nosig nokey expired \
		early nodenial iterated strange; do
		leaves+=("$zone.test=$zone.test.signed")
	done
	printf 'options { directory "%s"; listen-on { 127.1.0.1; 127.1.0.2; 127.1.0.3; 127.1.0.4; 127.1.0.5; 127.1.0.6; };\n' "$INTERNET"
	printf 'listen-on-v6 { none; }; pid-file none; session-keyfile "%s/key"; notify no;\n' "$INTERNET"
	printf 'rrset-order { order none; }; }; controls { };\n'
	internet_view root 127.1.0.1 .=root.signed
	internet_view tld 127.1.0.2 test=test.signed other=other.signed
	internet_view one 127.1.0.3 "${leaves[@]}"
	internet_view two 127.1.0.4 good.test=good.test.signed
	internet_view nothing 127.1.0.5
	printf 'view "resolver" { match-destinations { 127.1.0.6; }; recursion yes; dnssec-validation yes;\n'
	printf 'trust-anchors { %s }; allow-recursion { any; }; zone "." { type hint; file "%s"; }; };\n' \
		"$(sed -E 's/^(\S+)\s+IN DS (\S+ \S+ \S+) (.*)$/\1 static-ds \2 "\3";/' "$ANCHOR")" "$HINTS"
}

signed_up() {
	lab_init || return
	INTERNET=$LAB_TMP/signed HINTS=$LAB_TMP/signed/root.hints ANCHOR=$LAB_TMP/signed/root.ds
	mkdir -p "$INTERNET"
	printf '. 3600000 NS a.root.\na.root. 3600000 A 127.1.0.1\n' >"$HINTS"
	signed_leaves
	signed_sign_leaves && signed_parents || return
	cp "$INTERNET/dsset-." "$ANCHOR"
	signed_named >"$INTERNET/named.conf"
	signed_nsd >"$INTERNET/nsd.conf"
	for i in 1 2 3 4 5 6 7; do ip addr replace "127.1.0.$i/32" dev lo; done
	lab_start here ' running$' named -g -c "$INTERNET/named.conf"
	lab_start here 'nsd started' nsd -d -V 1 -c "$INTERNET/nsd.conf"
}
