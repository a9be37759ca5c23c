#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.bash [DIRECTORY] - raises the little internet and shows the tools that stand in DIRECTORY
# (build/bin): each command and what it prints.
set -eu
# shellcheck source=tests/lab/lab.bash
source "$(dirname "${BASH_SOURCE[0]}")/lab.bash"
lab_enter "$@"
trap lab_cleanup EXIT
cd "$LAB_TOP"
bin=${1:-build/bin}
PATH=$(realpath "$bin"):$PATH

# show TEXT COMMAND - a command line as one would type it. Most of these hosts are ill: tools may fail.
show() {
	printf '\n# %s\n$ %s\n' "$1" "$2"
	bash -c "$2" 2>&1 || true
}

demo_ping() {
	show "a healthy host, 20 ms away" "ping -c 3 -i 0.2 10.9.1.1"
	show "several at once, IPv4 and IPv6" "ping -c 2 -i 0.2 10.9.1.1 fd09:1::1 10.9.3.7"
	show "each reply comes three times" "ping -c 2 -i 0.2 10.9.1.2"
	show "an octet changes on the way, under a right checksum" "ping -c 1 -W 0.5 10.9.1.3"
	show "somebody else answers" "ping -c 1 -W 0.5 10.9.1.5"
	show "somebody guesses: the first reply is forged, the second true" "ping -c 1 10.9.1.6"
	show "replies after their time" "ping -c 4 -i 0.3 -W 0.5 10.9.1.8"
	show "the third router drops it, and tells its MPLS label and interface" "ping -c 1 -t 3 10.9.3.1"
	show "a path for 1400 octets at most" "ping -c 1 -M do -s 1400 10.9.5.1"
	show "... found out: a router says so, or nobody does" "ping --mtu 10.9.5.1; ping --mtu -q 10.9.6.1"
	show "a probe in three fragments, each explained" "ping -c 1 --frag 24 --explain 10.9.3.1 | grep ^sent"
	show "a whole network, 254 hosts" "ping -c 1 -q --rate 2000 10.9.3.0/24 | tail -n 4"
	show "the same for programs: one JSON object a line" "ping -c 1 --json 10.9.1.1"
	show "and for those who want to know" "ping -c 1 --explain 10.9.1.3"
}

# A cable of its own: a Linux host, and hosts whose answers are not what they seem.
demo_arping() {
	lab_ns lan
	lab_veth here lan0 lan eth0
	lab_in lan ip link set eth0 address 02:00:00:00:00:02
	lab_addr here lan0 192.0.2.1/24 2001:db8::1/64
	lab_addr lan eth0 192.0.2.2/24 2001:db8::2/64
	lab_arphost lan eth0 192.0.2.5,owners=2 192.0.2.32-192.0.2.35
	show "a neighbour, asked by broadcast and then in person" "arping -c 2 -i 0.2 192.0.2.2"
	show "the same over IPv6" "arping -f 2001:db8::2"
	show "an address that two hosts claim" "arping -c 1 192.0.2.5"
	show "is an address free? not this one" "arping -D -c 2 192.0.2.2"
	show "... but this one" "arping --dad=fast 192.0.2.9"
	show "a host behind a gateway cannot be asked" "arping -c 1 10.9.1.1"
	show "who is on this network?" "arping --rate 2000 192.0.2.0/24"
	show "which addresses has this card?" "arping -I lan0 02:00:00:00:00:02"
	show "a question and its answer, octet by octet" "arping -f --explain 192.0.2.2"
	lab_arphost_stop >/dev/null
}

demo_traceroute() {
	show "the whole path in two round trips" "traceroute -n 10.9.3.1"
	show "with what routers tell of themselves, IPv6" "traceroute -n -e fd09:3::1"
	show "all routers that flows are spread over" "traceroute -n --graph 10.9.3.1"
	show "each hop ten times: loss, times, and who only limits its answers" "traceroute -n --continuous=10 --interval 50ms 10.9.3.1"
	show "by TCP" "traceroute -n -T 10.9.1.18"
	show "a host that the router says is not there: exit status 1" "traceroute -n 10.9.1.12; echo \"exit \$?\""
	show "a silent host: one line" "traceroute -n 10.9.1.17"
	show "which quoted field proved which hop" "traceroute -n -q 1 --explain 10.9.1.1 | grep '^[sr]e'"
}

# A server, and one that should not be there, on a cable of their own.
demo_dhcpc() {
	lab_ns dhcp
	lab_veth here eth1 dhcp eth0
	lab_dhcphost dhcp eth0 discover:offer,opt=3:0a4d0001,opt=6:0a4d0001 \
		discover:offer,id=10.77.0.2,src=10.77.0.2,mac=02:00:00:00:00:66,yi=10.77.0.160,opt=3:0a4d0042,delay=20 \
		request:ack,opt=3:0a4d0001,opt=6:0a4d0001,opt=15:6578616d706c65,delay=2 \
		request:nak,id=10.77.0.2,src=10.77.0.2,mac=02:00:00:00:00:66,opt=56:6d696e65
	show "a lease in four messages; a NAK of the other server is left aside; nothing is set" "dhcpc eth1"
	show "every server, and who should not be there" "dhcpc scan --expect 2 --allow 10.77.0.1 eth1"
	show "for a script" "dhcpc --shell eth1 | head -n 4"
	show "what a server is told and tells, octet by octet" "dhcpc --explain eth1 | grep -A 6 'magic cookie'"
	lab_dhcphost_stop >/dev/null
}

# A web server at the end of a cable.
demo_tcphs() {
	local www

	lab_ns web
	lab_veth here web0 web eth0
	lab_addr here web0 198.51.100.1/24 2001:db8:1::1/64
	lab_addr web eth0 198.51.100.2/24 2001:db8:1::2/64
	www=$(mktemp -d)
	echo "hello from the other end" >"$www/index.html"
	lab_start web 'Serving' python3 -u -m http.server -d "$www" --bind :: 80
	show "a TCP connection by hand: open, ask, answer, close" "tcphs --http /index.html 198.51.100.2 80"
	show "we say FIN first" "tcphs --close=active --time-wait 0 2001:db8:1::2 80"
	show "both say it at once" "tcphs --close=simultaneous --time-wait 0 --http / 198.51.100.2 80"
	show "nobody listens there" "tcphs 198.51.100.2 81"
	show "three times, for the time it takes" "tcphs probe -q -c 3 -i 200ms 198.51.100.2 80"
	show "the states behind it, from RFC 9293" "tcphs --states | head -n 8"
	show "from an address that nobody has" "tcphs --phantom 198.51.100.9 --dad=fast --http / -q 198.51.100.2 80"
	show "any program's raw connection, guarded against the kernel" \
		"rstguard 198.51.100.1 5000 -- echo 'a scapy script would run here'"
	show "a host that is not there" \
		"phantom --ping --dad=fast 198.51.100.9 --exec 'ip netns exec web ping -c 1 198.51.100.9'"
	rm -r "$www"
}

demo_dnsq() {
	lab_start here '^ready$' build/lab/liar 127.0.0.1 5301
	show "a name server, as dig shows it" "dnsq @127.0.0.1 -p 5301 ok.test"
	show "somebody guesses the id five times before the server replies" "dnsq @127.0.0.1 -p 5301 id5.test +short"
	show "a malformed reply: what could be read, and where it breaks" "dnsq @127.0.0.1 -p 5301 count.test +nostats"
	show "a server that takes no EDNS" "dnsq @127.0.0.1 -p 5301 formerr.test +short"
	show "many names, several at once, in their order" "yes ok.test | head -n 1000 | dnsq @127.0.0.1 -p 5301 -f - +short +jobs=20 +summary | uniq -c"
	show "every octet of the exchange" "dnsq @127.0.0.1 -p 5301 ok.test +short +explain"
}

lab_fakenet tests/lab/internet.topo
for tool in ping arping traceroute dhcpc dnsq tcphs; do
	[[ ! -x $bin/$tool ]] || ! declare -F "demo_$tool" >/dev/null || "demo_$tool"
done
printf '\n# what the internet itself counted\n'
lab_fakenet_stop | grep -o '"total":{[^}]*}'
