# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# world - all of `make lab`, after lab.bash: the little internet behind lab0, a chain of real
# routers behind chain0 with a server at its end, a LAN on lan0, and a DHCP server on dhcp0.
# Cables have MAC addresses that can be recognised, so that what is printed is the same each time.

# A cable whose ends are named and numbered: NS1 IF1 MAC1 NS2 IF2 MAC2.
world_cable() {
	lab_veth "$1" "$2" "$4" "$5" || return
	lab_in "$1" ip link set "$2" address "$3"
	lab_in "$4" ip link set "$5" address "$6"
}

# 192.0.2.2 is a Linux host; two hosts claim 192.0.2.5, and 192.0.2.32 to .35 answer for themselves.
world_lan() {
	lab_ns lan
	world_cable here lan0 02:00:00:00:01:01 lan eth0 02:00:00:00:01:02
	lab_addr here lan0 192.0.2.1/24 2001:db8::1/64
	lab_addr lan eth0 192.0.2.2/24 2001:db8::2/64
	lab_arphost lan eth0 192.0.2.5,owners=2 192.0.2.32-192.0.2.35
}

# Name server and web server at the end of the chain, if they are installed.
world_server() {
	local many=() i

	for ((i = 1; i <= 40; i++)); do
		many+=("--host-record=big.lesson.test,10.8.4.$i")
	done
	! command -v dnsmasq >/dev/null ||
		lab_start server started dnsmasq -d -C /dev/null --pid-file= --no-resolv --no-hosts \
			--interface=left --bind-interfaces --local-ttl=300 --local=/test/ \
			--host-record=www.lesson.test,10.8.3.2,fd08:0:0:3::2 \
			--cname=web.lesson.test,www.lesson.test "${many[@]}"
	lab_start server ready "$LAB_DIR/webserver.py" 80
}

# 10.77.0.1 lends addresses from 10.77.0.100 on, for ten minutes.
world_dhcp() {
	lab_ns dhcp
	world_cable here dhcp0 02:00:00:00:07:01 dhcp eth0 02:00:00:00:07:02
	lab_addr dhcp eth0 10.77.0.1/24
	! command -v dnsmasq >/dev/null ||
		lab_start dhcp 'started' dnsmasq -d -C /dev/null --pid-file= --port=0 --interface=eth0 \
			--bind-interfaces --no-ping --dhcp-leasefile="$LAB_TMP/leases" --no-hosts \
			--dhcp-range=10.77.0.100,10.77.0.119,255.255.255.0,600 --dhcp-authoritative \
			--dhcp-option=option:router,10.77.0.1 --dhcp-option=option:dns-server,10.77.0.1
}

world_up() {
	lab_fakenet "$LAB_TOP/tests/lab/internet.topo" && lab_chain 3 || return
	ip link set lab0 address 02:00:00:00:00:01
	ip link set chain0 address 02:00:00:00:08:01
	lab_in r1 ip link set left address 02:00:00:00:08:02
	world_lan && world_server && world_dhcp
}
