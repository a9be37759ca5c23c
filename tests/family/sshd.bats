#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/fleet.md on three hosts with sshd: GNU parallel sweeps one list with them, one of them dies.

# A test is a function in a process of its own, and means to keep what it changes.
# shellcheck disable=SC2030,SC2031
# `run` sets it; words in single quotes are for another shell.
# shellcheck disable=SC2154,SC2016

bats_require_minimum_version 1.5.0

# block NAME - the code of docs/fleet.md that is called so.
block() {
	sed -n "/^\`\`\`[a-z]* $1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "$TOP/docs/fleet.md"
}

# Targets 10.9.0.1 to .120, of which the even ones are there, are behind this host; h1 to h3 ask.
network() {
	local i

	lab_init
	ip link add br0 type bridge
	LAB_LINKS+=(br0)
	ip addr add 10.0.0.254/24 dev br0
	ip link set br0 up
	for i in 1 2 3; do
		lab_ns h$i
		lab_veth here p$i h$i eth0
		ip link set p$i master br0
		lab_addr h$i eth0 10.0.0.$i/24
		lab_in h$i ip route add default via 10.0.0.254
		lab_ping_sockets h$i
	done
	ip route add blackhole 10.9.0.0/24
	printf 'addr add 10.9.0.%d/32 dev lo\n' {2..120..2} >"$TMP/batch"
	ip -batch "$TMP/batch"
	printf '10.9.0.%d\n' {1..120} >"$TMP/home/targets"
}

# What an sshd that is no root needs to let itself in; the host's own users are not there.
keys() {
	mkdir -p "$TMP/home"
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/host"
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
	printf 'fleet:x:1000:1000::%s:/bin/bash\nroot:x:0:0::/root:/bin/bash\n' "$TMP/home" >"$TMP/passwd"
	printf 'export PATH=%s/build/bin:$PATH\n' "$TOP" >"$TMP/home/.bashrc"
	cat >"$TMP/sshd_config" <<-CONF
		Port 2222
		HostKey $TMP/host
		AuthorizedKeysFile $TMP/key.pub
		StrictModes no
		UsePAM no
		PidFile none
		SetEnv PATH=$TOP/build/bin:$PATH
	CONF
	cat >"$TMP/ssh_config" <<-CONF
		Host host*
		Port 2222
		User fleet
		IdentityFile $TMP/key
		StrictHostKeyChecking no
		UserKnownHostsFile $TMP/known
		ServerAliveInterval 1
		ServerAliveCountMax 1
		ConnectTimeout 1
		BatchMode yes
	CONF
	for i in 1 2 3; do
		printf 'Host host%d\nHostname 10.0.0.%d\n' $i $i
	done >>"$TMP/ssh_config"
}

# Root of a namespace with one identity cannot become another: sshd is nobody else from the start.
sshd_up() { # HOST
	lab_start "$1" 'Server listening on 0.0.0.0' unshare -U --map-user=1000 --map-group=1000 \
		/usr/sbin/sshd -D -e -f "$TMP/sshd_config"
}

setup() {
	# shellcheck source=tests/lab/lab.bash
	source tests/lab/lab.bash
	TOP=$PWD TMP=$BATS_TEST_TMPDIR
	keys
	network
	mount --bind "$TMP/passwd" /etc/passwd
	for i in 1 2 3; do sshd_up h$i; done
	cd "$TMP" || return
	export PARALLEL_SSH="ssh -F $TMP/ssh_config" PARALLEL_HOME=$TMP/parallel
}

teardown() {
	umount /etc/passwd
	ip route del blackhole 10.9.0.0/24
	sed -i 's/add/del/' "$TMP/batch"
	ip -batch "$TMP/batch"
	lab_cleanup
}

# The truth, as the merge prints it but for who saw it.
truth() {
	local i

	for i in {1..120}; do
		printf '10.9.0.%d\t%d\n' "$i" $((1 - i % 2))
	done | sort
}

# kill_host NS - as if its power was cut: all that runs there is gone at once.
kill_host() {
	lab_in "$1" ip link set eth0 down
	ip netns pids "$1" | xargs kill -KILL
}

@test "three hosts sweep one list; one is killed in mid-run, its part is run again" {
	block parallel >sweep.sh
	block merge >merge.jq
	block missing >missing.jq
	sed -i 's/ping --json/& --rate 30 -W 0.3/' sweep.sh # so that there is a mid-run
	bash sweep.sh 2>parallel.err 3>&- &
	pid=$!
	for ((i = 0; i < 1000; i++)); do
		! grep -q '"vantage":"host2"' seen.jsonl 2>/dev/null || break
		sleep 0.01
	done
	kill_host h2
	wait $pid
	# What the dead host had said is there, and is left out.
	jq -es 'any(.vantage == "host2") and all(.run == "sweep1")' seen.jsonl
	[ "$(jq -cn -f missing.jq seen.jsonl)" = '[]' ]
	jq -nr -f merge.jq seen.jsonl >merged
	diff <(truth) <(cut -f 1,2 merged | sort)
	[ "$(cut -f 3 merged | sort -u | xargs)" = "host1 host3" ] ||
		[ "$(cut -f 3 merged | sort -u | xargs)" = "host1 host2 host3" ]
	# A part that nobody ran is named.
	[ "$(jq -c 'select(.shard != "5/6")' seen.jsonl | jq -cn -f missing.jq)" = '["5/6"]' ]
	# All parts but one were heard once; that one's first run ended with its host.
	[ "$(jq -s 'map(select(.type == "end")) | length' seen.jsonl)" -ge 6 ]
	[ "$(jq -s 'map(select(.type == "summary")) | length' seen.jsonl)" -ge 120 ]
}
