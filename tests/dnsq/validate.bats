#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# +validate in a small signed internet: the verdict, and the link of the chain that fails.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it.
# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0

setup_file() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	# shellcheck source=tests/dnsq/signed.bash
	source tests/dnsq/signed.bash
	signed_up
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5301
	export INTERNET HINTS ANCHOR
}

teardown_file() {
	lab_cleanup
}

setup() {
	D=(build/bin/dnsq @127.1.0.6 "+anchor=$ANCHOR" +validate)
	T=(build/bin/dnsq "+hints=$HINTS" "+anchor=$ANCHOR" +validate +trace)
}

# What must come of each name and type: verdict, name, type, and what the verdict line says besides.
cases() {
	cat <<-'END'
		secure www.good.test A
		secure www.good.test TXT
		secure good.test MX
		secure good.test ANY
		secure good.test DNSKEY
		secure good.test DS
		secure . NS
		secure . DS
		secure . TXT
		secure x.wild.good.test TXT
		secure *.wild.good.test TXT
		secure x.wild.good.test A
		secure x.star.good.test A
		secure here.wild.good.test TXT
		secure nothing.good.test A
		secure www.good.test AAAA
		secure b.deep.good.test A
		secure nothing. A
		secure alias.good.test A
		secure away.good.test A
		secure nowhere.good.test A
		secure www.d.good.test A
		secure d.good.test DNAME
		secure www.glueless.test A
		secure www.lame.test A
		secure www.p384.test A
		secure www.ed.test A
		secure www.ed.test AAAA
		secure www.ed448.test A
		secure www.rsa512.test A
		secure nothing.sha1.test A
		secure nothing.iterated.test A
		secure www.good.hash A
		secure x.wild.good.hash TXT
		secure x.wild.good.hash A
		secure x.star.good.hash A
		secure x.star.good.hash AAAA
		secure nothing.good.hash A
		secure b.deep.good.hash A
		secure plain.test DS
		insecure www.plain.test A plain.test. DS: there is none: NSEC signed by test./
		insecure nothing.plain.test A plain.test. DS: there is none: NSEC signed by test./
		insecure down.good.test A plain.test. DS: there is none: NSEC signed by test./
		insecure www.strange.test A strange.test. DNSKEY: unsigned for us: the DS
		insecure www.plain.hash A plain.hash. DS: there is none, by opt-out: NSEC3 signed by hash./
		insecure plain.hash DS plain.hash. DS: opt-out lets unsigned zones be here
		insecure nothing.hash A nothing.hash. A: opt-out lets unsigned zones be here
		bogus www.wrongds.test A wrongds.test. DNSKEY: no key matches the DS
		bogus www.nokey.test A nokey.test. DNSKEY: there is no DNSKEY for the DS
		bogus www.badsig.test A www.badsig.test. A: the RRSIG by badsig.test./
		bogus broken.good.test A www.badsig.test. A: the RRSIG by badsig.test./
		bogus www.badsig.hash A www.badsig.hash. A: the RRSIG by badsig.hash./
		bogus www.nosig.test A www.nosig.test. A: there is no RRSIG of nosig.test. (EDE 10
		bogus www.expired.test A expired.test. DNSKEY: the RRSIG by expired.test./
		bogus www.early.test A early.test. DNSKEY: the RRSIG by early.test./
		bogus other.nodenial.test A other.nodenial.test. A: nothing proves that there is none
	END
}

# judge VERDICT SAYS COMMAND... - runs it; the verdict line and the exit status must be right.
judge() {
	local line want

	case $1 in bogus) want=14 ;; indeterminate) want=9 ;; *) want=0 ;; esac
	run "${@:3}"
	line=$(grep '^;; validation: ' <<<"$output")
	[[ $status -eq $want && $line == ";; validation: $1"* && $line == *"$2"* ]] ||
		{ echo "${*:3}: exit $status, $line, not: $1: $2" && return 1; }
}

@test "each verdict and failing link, by way of a resolver" {
	local verdict name type says

	while read -r verdict name type says; do
		judge "$verdict" "$says" "${D[@]}" -q "$name" -t "$type"
	done < <(cases)
}

@test "each verdict and failing link, from the root down with +trace" {
	local verdict name type says

	while read -r verdict name type says; do
		judge "$verdict" "$says" "${T[@]}" -q "$name" -t "$type"
	done < <(cases)
}

@test "delv and unbound-host come to the same verdicts" {
	local verdict name type says delv unbound ours

	printf 'server:\ndo-not-query-localhost: no\nlocal-zone: "test." nodefault\n' >"$INTERNET/unbound.conf"
	printf 'root-hints: "%s"\ntrust-anchor-file: "%s"\n' \
		"$HINTS" "$ANCHOR" >>"$INTERNET/unbound.conf"
	sed -E 's/^(\S+)\s+IN DS (\S+ \S+ \S+) (.*)$/trust-anchors { \1 static-ds \2 "\3"; };/' \
		"$ANCHOR" >"$INTERNET/delv.key"
	while read -r verdict name type says; do
		[[ $type != ANY && $type != DNAME && $name != *.ed448.test ]] || continue
		delv=$(delv -a "$INTERNET/delv.key" @127.1.0.6 -q "$name" -t "$type" 2>&1 || true)
		# An alias that is signed hides from delv that what it leads to is not.
		case $delv in
		*'; fully validated'*) delv=secure ;;
		*'; unsigned answer'*) delv=insecure ;;
		*'resolution failed: ncache'*) delv=$verdict ;; # it does not tell
		*) delv=bogus ;;
		esac
		[[ $name != down.* ]] || delv=insecure
		unbound=$(unbound-host -C "$INTERNET/unbound.conf" -v -t "$type" "$name" 2>&1 || true)
		case $unbound in *'(BOGUS'*) unbound=bogus ;; *'(insecure)'*) unbound=insecure ;;
		*'(secure)'*) unbound=secure ;; esac
		ours="$verdict $name $type"
		[ "$delv $name $type" = "$ours" ]
		[ "$unbound $name $type" = "$ours" ]
	done < <(cases | awk 'NR % 6 == 0 || !/^secure/')
}

@test "the chain, a line a link" {
	run -0 "${D[@]}" www.good.test
	[[ $output == *$'\n;; . DNSKEY: secure: key '*' (RSASHA256) matches the trust anchor'$'\n'* ]]
	[[ $output == *$'\n;; test. DS: secure: signed by ./'*' (RSASHA256)'$'\n'* ]]
	[[ $output == *$'\n;; test. DNSKEY: secure: key '*' (ECDSAP256SHA256) matches the DS'$'\n'* ]]
	[[ $output == *$'\n;; www.good.test. A: secure: signed by good.test./'* ]]
	[ "$(grep -c '^;; .*: secure' <<<"$output")" -eq 7 ]
	[[ ${lines[-1]} == ";; validation: secure" ]]
	run -0 "${D[@]}" x.wild.good.test TXT
	[[ $output == *";; x.wild.good.test. TXT: secure: from a wildcard, signed by good.test./"* ]]
	run -14 "${D[@]}" www.expired.test
	[[ $output =~ expired\ 20..-..-..T..:..:..Z,\ 50\ days\ ago\ \(EDE\ 7:\ Signature\ Expired\) ]]
	run -0 "${D[@]}" www.good.test +noall +answer
	[ "$(grep -vc '^;;' <<<"$output")" -eq 2 ]
	[ "$(grep '^;;' <<<"$output")" = ";; validation: secure" ]
	run -14 "${D[@]}" www.early.test
	[[ $output =~ is\ not\ valid\ before\ .*Z,\ in\ 4.\ days\ \(EDE\ 8: ]]
}

@test "+short: nothing that is bogus or cannot be told is shown as data" {
	run -0 --separate-stderr "${D[@]}" +short www.good.test
	[[ $output == 192.0.2.80 && $stderr == "dnsq: validation: secure" ]]
	run -0 --separate-stderr "${D[@]}" +short +dnssec www.good.test
	[[ $output == 192.0.2.80$'\nA 8 3 300 '* ]]
	run -14 --separate-stderr "${D[@]}" +short www.badsig.test
	[[ -z $output && $stderr == "dnsq: validation: bogus: www.badsig.test. A: "* ]]
	run -14 --separate-stderr "${T[@]}" +short www.badsig.test
	[[ -z $output && $stderr == *"validation: bogus: www.badsig.test. A: "* ]]
	run -0 --separate-stderr "${T[@]}" +short +nodnssec www.plain.test
	[ "$output" = 192.0.2.1 ]
	run -9 --separate-stderr build/bin/dnsq @127.0.0.1 -p 5301 "+anchor=$ANCHOR" +validate +short ok.test
	[[ -z $output && $stderr == *"validation: indeterminate: "* ]]
}

@test "+json: the verdict in the reply, the chain in a record of its own" {
	run -14 --separate-stderr "${D[@]}" +json www.badsig.test
	jq -se '.[0] | .type == "reply" and .dnssec == "bogus"' <<<"$output"
	jq -se '.[1] | .type == "validation" and .verdict == "bogus" and .exit == 14 and
		.query.QNAME == "www.badsig.test." and .failing.NAME == "www.badsig.test." and
		.failing.TYPEname == "A" and .failing.signer == "badsig.test." and
		.failing.key_tag > 0 and .failing.algorithm == "ECDSAP256SHA256" and
		.failing.info == 6 and (.chain | length) == 6 and .chain[0].verdict == "secure"' <<<"$output"
	jq -se '.[-1] | .type == "end" and .exit == 14' <<<"$output"
	run -0 --separate-stderr "${T[@]}" +json www.good.test
	jq -se 'map(select(.type == "validation")) | length == 1 and .[0].verdict == "secure" and
		(.[0] | has("failing") | not)' <<<"$output"
}

@test "what cannot be told: circles, signatures, servers that refuse, refer or know no DNSSEC" {
	judge indeterminate "aliases lead in a circle" "${T[@]}" loop.good.test
	judge indeterminate "the server says SERVFAIL" "${D[@]}" loop.good.test
	judge indeterminate "signatures are not signed themselves" "${D[@]}" www.good.test RRSIG
	D[1]=@127.1.0.5
	judge indeterminate "the server says REFUSED" "${D[@]}" www.good.test
	D[1]=@127.1.0.1
	judge indeterminate "only refers to others: ask a resolver, or use +trace" "${D[@]}" www.good.test
	D[1]=@127.0.0.1
	judge indeterminate "the server does not know DNSSEC" "${D[@]}" -p 5301 ok.test
	judge indeterminate "only the class IN has trust anchors" "${D[@]}" -p 5301 ok.test CH
}

@test "trust anchors: DS, DNSKEY and BIND's statements; only below the anchor can be told" {
	local key

	grep -h DNSKEY "$INTERNET"/K.+008*.key >"$INTERNET/root.key"
	judge secure '' "${D[@]}" "+anchor=$INTERNET/root.key" www.good.test
	key=$(sed -nE 's/^\. IN DNSKEY (257 3 8) (.*)$/\1 "\2"/p' "$INTERNET/root.key")
	printf '# a comment\ntrust-anchors {\n\t/* one */ . static-key %s;\n};\n' "$key" >"$INTERNET/bind"
	judge secure '' "${D[@]}" -a "$INTERNET/bind" www.good.test
	D=(build/bin/dnsq @127.1.0.6 -a "$INTERNET/dsset-test." +validate)
	judge secure '' "${D[@]}" www.good.test
	judge indeterminate "no trust anchor is given for it or above" "${D[@]}" www.good.hash
	# The keys of IANA are not those of this internet.
	judge bogus "no key matches the trust anchor 20326 (RSASHA256) 38696 (RSASHA256)" \
		build/bin/dnsq @127.1.0.6 +validate www.good.test
}

@test "an anchor file that is missing, empty or garbage is told" {
	run -10 --separate-stderr "${D[@]}" +anchor=/nowhere www.good.test
	[[ -z $output && $stderr == *"cannot read the anchor file '/nowhere'"* ]]
	run -10 --separate-stderr "${D[@]}" +anchor=/ www.good.test
	[[ $stderr == *"cannot read the anchor file '/': Is a directory (EISDIR)" ]]
	printf '; nothing\n' >"$INTERNET/empty"
	run -10 --separate-stderr "${D[@]}" "+anchor=$INTERNET/empty" www.good.test
	[[ $stderr == *"there is no DS or DNSKEY record in the file" ]]
	printf '. IN DS 1 8 2 00\nthis is\n' >"$INTERNET/garbage"
	run -10 --separate-stderr "${D[@]}" "+anchor=$INTERNET/garbage" www.good.test
	[[ $stderr == *"garbage': line 2: this is no record: a line such as"* ]]
}

@test "what +validate does not go with is a wrong command line" {
	local word

	for word in +compare +wait=1 +nssearch +header-only +opcode=2 '-t axfr' @mdns; do
		# shellcheck disable=SC2086 # an option and its word
		run -1 --separate-stderr "${D[@]}" www.good.test $word
		[[ $stderr == *"option +validate: it does not go with "* ]]
	done
	run -1 --separate-stderr "${D[@]}" -f - <<<www.good.test
	[[ $stderr == *"traces, validations and transfers are not for batches"* ]]
}

@test "the example of the manual page, as it stands there" {
	local line

	line=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SECURITY/s/^\.Dl \$ //p' dnsq/dnsq.1 | grep -F +validate)
	PATH=$PWD/build/bin:$PATH
	cd "$INTERNET"
	judge secure '' bash -c "$line"
}

@test "+nssearch in a signed internet: every server of the zone, lame ones told" {
	run -0 --separate-stderr build/bin/dnsq "+hints=$HINTS" good.test +nssearch
	[ "${#lines[@]}" -eq 2 ]
	[[ $output == *"SOA ns.good.test. h.good.test. 7 1 1 1 60 from server 127.1.0.3 in "* ]]
	run -0 --separate-stderr build/bin/dnsq "+hints=$HINTS" lame.test +nssearch
	[[ ${#lines[@]} -eq 1 && $stderr == *"lame server: ns0.lame.test. (127.1.0.5)" ]]
	run -0 --separate-stderr build/bin/dnsq "+hints=$HINTS" glueless.test +nssearch
	[[ $output == "SOA ns.other. h.glueless.test. 8 "* ]]
	run -0 --separate-stderr build/bin/dnsq "+hints=$HINTS" good.hash +nssearch
	[[ $output == "SOA ns.good.hash. h.good.hash. 1 "*" from server 127.1.0.7 in "* ]]
}
