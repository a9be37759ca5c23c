# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# servers.bash - real DHCP servers for the bats files of dhcpc, after tests/lab/lab.bash.
#
# server KIND NS ADDR FIRST [WORD...] starts one on interface e0 of NS, which has ADDR/24 already
# (networkd sets it itself), giving leases of 600 s from FIRST to 19 above it. Words, by KIND:
# delay (the server looks first whether an address is free, as udhcpd always does), and whatever goes into its configuration.

server() {
	local kind=$1 ns=$2 addr=$3 first=$4

	SERVER_DIR=$LAB_TMP/$ns
	mkdir -p "$SERVER_DIR"
	SERVER_LAST=${first%.*}.$((${first##*.} + 19))
	"server_$kind" "$ns" "$addr" "$first" "${@:5}"
}

server_dnsmasq() {
	local line check=no-ping lines=()

	for line in "${@:4}"; do
		case $line in
		delay) check='' ;;
		*) lines+=("$line") ;;
		esac
	done
	printf '%s\n' port=0 interface=e0 bind-interfaces "$check" dhcp-rapid-commit \
		"dhcp-leasefile=$SERVER_DIR/leases" "dhcp-range=$3,$SERVER_LAST,255.255.255.0,600" \
		"dhcp-option=option:router,$2" "dhcp-option=option:dns-server,$2,192.0.2.53" \
		"dhcp-option=121,10.0.1.0/24,$2,0.0.0.0/0,$2" \
		"dhcp-option=option:domain-search,eng.example.com,example.com" "${lines[@]}" \
		>"$SERVER_DIR/conf"
	lab_start "$1" 'started' dnsmasq -d -C "$SERVER_DIR/conf" --pid-file=
}

server_dhcpd() {
	local line check=false lines=()

	for line in "${@:4}"; do
		case $line in
		delay) check=true ;;
		*) lines+=("$line") ;;
		esac
	done
	cat >"$SERVER_DIR/conf" <<-EOF
		authoritative; ping-check $check; default-lease-time 600; max-lease-time 7200;
		option rfc3442 code 121 = array of integer 8; option captive code 114 = text;
		subnet ${2%.*}.0 netmask 255.255.255.0 { range $3 $SERVER_LAST; option routers $2;
		option domain-name-servers $2, 192.0.2.53;
		option domain-search "eng.example.com", "example.com";
		option rfc3442 24,10,0,1,${2//./,},0,${2//./,};
		${lines[*]} }
	EOF
	: >"$SERVER_DIR/leases"
	# Where only one user is mapped it cannot become another one; as root it need not.
	lab_start "$1" 'Sending on +Socket' dhcpd -4 -f -d -user root -group root \
		-cf "$SERVER_DIR/conf" -lf "$SERVER_DIR/leases" -pf "$SERVER_DIR/pid" e0
}

server_kea() {
	local hex

	# shellcheck disable=SC2086 # the four octets
	hex=$(printf '%02X' ${2//./ })
	cat >"$SERVER_DIR/conf" <<-EOF
		{ "Dhcp4": { "interfaces-config": { "interfaces": [ "e0" ], "dhcp-socket-type": "raw" },
		"lease-database": { "type": "memfile", "persist": false },
		"valid-lifetime": 600, "renew-timer": 100, "rebind-timer": 200,
		"authoritative": true,
		"option-def": [ { "name": "cls", "code": 121, "space": "dhcp4", "type": "binary" } ],
		"subnet4": [ { "id": 1, "subnet": "${2%.*}.0/24",
		"pools": [ { "pool": "$3 - $SERVER_LAST" } ],
		"option-data": [ { "name": "routers", "data": "$2" },
		{ "name": "domain-name-servers", "data": "$2, 192.0.2.53" },
		{ "name": "domain-search", "data": "eng.example.com, example.com" },
		{ "name": "cls", "data": "180A0001${hex}00$hex" } ] } ],
		"loggers": [ { "name": "kea-dhcp4", "severity": "INFO",
		"output_options": [ { "output": "stdout", "flush": true } ] } ] } }
	EOF
	lab_start "$1" 'DHCP4_STARTED' env "KEA_LOCKFILE_DIR=$SERVER_DIR" "KEA_PIDFILE_DIR=$SERVER_DIR" \
		KEA_LOGGER_DESTINATION=stdout kea-dhcp4 -c "$SERVER_DIR/conf"
}

server_udhcpd() {
	printf '%s\n' "start $3" "end $SERVER_LAST" "interface e0" "lease_file $SERVER_DIR/leases" \
		"pidfile $SERVER_DIR/pid" "siaddr $2" "sname tftpserver" "boot_file pxelinux.0" \
		"option subnet 255.255.255.0" "option router $2" "option dns $2 192.0.2.53" \
		"option search eng.example.com example.com" "option lease 600" \
		"option staticroutes 10.0.1.0/24 $2, 0.0.0.0/0 $2" >"$SERVER_DIR/conf"
	: >"$SERVER_DIR/leases"
	lab_start "$1" 'started' busybox udhcpd -f "$SERVER_DIR/conf"
}

# Its state stands below /run, which is this file's own; it wants its address for itself, and to
# become another user, which only root can be where just one is mapped.
server_networkd() {
	lab_in "$1" ip addr del "$2/24" dev e0
	mkdir -p "$SERVER_DIR/run/systemd/network" "$SERVER_DIR/run/systemd/netif/"{links,leases,lldp}
	printf '%s\n' '[Match]' Name=e0 '[Network]' "Address=$2/24" DHCPServer=yes '[DHCPServer]' \
		"PoolOffset=${3##*.}" PoolSize=20 DefaultLeaseTimeSec=600 "DNS=$2 192.0.2.53" \
		EmitRouter=yes >"$SERVER_DIR/run/systemd/network/10-e0.network"
	printf '%s\n' root:x:0:0::/:/bin/sh systemd-network:x:0:0::/:/bin/false >"$SERVER_DIR/passwd"
	cat >"$SERVER_DIR/start" <<-EOF
		set -e
		mount --bind $SERVER_DIR/run /run
		mount --bind $SERVER_DIR/passwd /etc/passwd
		mount -o remount,ro /sys 2>/dev/null || true
		exec env SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=debug /lib/systemd/systemd-networkd
	EOF
	lab_start "$1" 'DHCPv4 server: STARTED' unshare -m bash "$SERVER_DIR/start"
}
