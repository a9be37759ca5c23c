# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # T and W are for the tests, output is run's
#
# What the tests of tcphs, rstguard and phantom share: a host with web servers, "srv", at the other end
# of a cable: 10.0.0.2 and fd00::2; we are 10.0.0.1 and fd00::1.

tcphs_lab() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	lab_ns srv
	lab_veth here eth0 srv eth0
	lab_addr here eth0 10.0.0.1/24 fd00::1/64
	lab_addr srv eth0 10.0.0.2/24 fd00::2/64
	T=build/bin/tcphs
	W=$BATS_TEST_TMPDIR/www
	mkdir "$W"
	head -c 200000 /dev/urandom >"$W/big"
	echo hello >"$W/index.html"
}

# listening NS PORT - waits until somebody listens there
listening() {
	for ((i = 0; i < 2000; i++)); do
		[[ -z $(lab_in "$1" ss -Hltn "sport = :$2") ]] || return 0
	done
	lab_fail "nobody listens on port $2 of $1"
}

# daemon NS COMMAND... - a server that does not say when it is ready
daemon() {
	lab_prefix "$1"
	"${LAB_PREFIX[@]}" "${@:2}" >/dev/null 2>&1 3>&- &
	LAB_PIDS+=("$!")
}

python_server() { # NS PORT
	daemon "$1" /usr/bin/python3 -m http.server -d "$W" --bind :: "$2"
	listening "$1" "$2"
}

busybox_server() { # NS PORT
	daemon "$1" busybox httpd -f -p "$2" -h "$W"
	listening "$1" "$2"
}

# One process: in a user namespace with one identity there is nobody else to become.
nginx_server() { # NS PORT
	local dir=$BATS_TEST_TMPDIR/nginx

	mkdir -p "$dir"
	cat >"$dir/conf" <<-CONF
		user root; daemon off; master_process off; pid $dir/pid; error_log $dir/log;
		events { }
		http { access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p;
		fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
		server { listen $2; listen [::]:$2; root $W; } }
	CONF
	daemon "$1" /usr/sbin/nginx -p "$dir" -c "$dir/conf"
	listening "$1" "$2"
}

# Gives back what it gets, to each connection for itself.
echo_server() { # NS PORT
	daemon "$1" /usr/bin/python3 -c '
import socket, sys, threading
def serve(c):
    try:
        while octets := c.recv(65536):
            c.sendall(octets)
    except OSError:
        pass
    c.close()
s = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()' "$2"
	listening "$1" "$2"
}

# residue - whatever a program could leave behind on this host: packet filters and TCP sockets
residue() {
	nft list ruleset
	iptables-nft-save | sed '/^#/d'
	iptables-legacy-save | sed '/^#/d'
	ss -Htan
}

# reset_count FILE ADDRESS... - RSTs in the capture that one of these addresses sent
reset_count() {
	local sources='' address

	for address in "${@:2}"; do
		sources+="${sources:+ or }src host $address"
	done
	# pcap's tcp[] does not reach behind IPv6 headers.
	lab_tcpdump -nr "$1" "(tcp[13] & 4 != 0 or (ip6[6] == 6 and ip6[53] & 4 != 0)) and ($sources)" \
		>"$1.resets" 2>"$1.fault" || lab_fail "$(<"$1.fault")" || return
	wc -l <"$1.resets"
}

# summary FILTER - of the summary record in $output
summary() {
	jq -rs "map(select(.type == \"summary\"))[0] | $1" <<<"$output"
}
