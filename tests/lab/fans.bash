# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# fans.bash - paths that routers spread flows over, for fakenet, and what is to be found of each.
#
#   fans_topology SEED   prints the topology: a host 10.22.N.1 and fd22:N::1 behind each path
#   FANS_TRUTH[N]        "NODES LINKS" between here and that host, both ends of a link counted by
#                        address, the host and the first router among them

# fan ROW COUNT FAMILY - the routers ROW.1 to ROW.COUNT as one hop.
fan() {
	local i hop=''

	for ((i = 1; i <= $2; i++)); do
		hop+=${hop:+|}10.21.$1.$i
	done
	echo "$hop"
}

# One path a line: its number, and the hops behind the first router; a second path to
# the same host is another of its ways.
fans_paths() {
	echo "1 $(fan 1 2)"
	echo "2 $(fan 1 4)"
	echo "3 $(fan 1 2) 10.21.9.1 $(fan 3 3)"
	echo "4 $(fan 1 3) $(fan 2 4)"
	echo "5 $(fan 1 25)"
	echo "6 $(fan 1 50)"
	echo "7 10.21.1.1 10.21.1.2"
	echo "7 10.21.2.1 10.21.2.2 10.21.2.3"
	echo "8 10.21.1.1 10.21.1.2"
	echo "8 10.21.2.1 10.21.2.2 10.21.2.3"
	echo "8 10.21.3.1 10.21.3.2 10.21.3.3 10.21.3.4 10.21.3.5"
	echo "9 $(fan 1 5) $(fan 2 5) 10.21.9.1"
	echo "10 $(fan 1 2) 10.21.9.1 $(fan 3 2) 10.21.9.2 $(fan 4 3)"
	echo "11 $(fan 1 4) $(fan 2 8) $(fan 3 2) 10.21.9.1 10.21.9.2"
	echo "12 10.21.1.1 10.21.1.2 10.21.1.3"
	echo "13 $(fan 1 10)"
}

# The first four routers of each row have an address of the other family too.
fans_topology() {
	local row i number hops

	printf '%s\n' "seed $1" 'client 10.20.0.1/16 via 10.20.0.254' 'client fd20::1/64 via fd20::fe' \
		'router 10.20.0.254,fd20::fe'
	for row in 1 2 3 4 9; do
		for ((i = 1; i <= 50; i++)); do
			echo "router 10.21.$row.$i,fd21:0:0:$row::$i delay=1ms"
		done
	done
	for ((i = 1; i <= 13; i++)); do
		echo "host 10.22.$i.1,fd22:0:0:$i::1 delay=1ms"
	done
	while read -r number hops; do
		echo "path 10.22.$number.0/24,fd22:0:0:$number::/64 10.20.0.254 $hops"
	done < <(fans_paths)
}

# shellcheck disable=SC2034 # for the caller
FANS_TRUTH=()
while read -r fans_number fans_nodes fans_links; do
	# shellcheck disable=SC2034
	FANS_TRUTH[fans_number]="$fans_nodes $fans_links"
done < <(fans_paths | awk '
	function meet(n, a, b) {
		nodes[n] += !((n, b) in seen)
		links[n] += a != "" && !((n, a, b) in seen)
		seen[n, b] = seen[n, a, b] = 1
	}
	{
		before[1] = "first"
		n_before = 1
		meet($1, "", "first")
		for (i = 2; i <= NF + 1; i++) {
			n = split(i > NF ? "host" : $i, hop, "|")
			for (k = 1; k <= n; k++)
				for (m = 1; m <= n_before; m++)
					meet($1, before[m], hop[k])
			n_before = n
			for (k = 1; k <= n; k++)
				before[k] = hop[k]
		}
	}
	END { for (n in nodes) print n, nodes[n], links[n] }')
