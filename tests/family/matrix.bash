# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# matrix - every tool, in every mode, in every situation; for failures.bats and the long campaigns.
#
# The tables say what each tool is asked in a situation, and the exit statuses that are true then.
# matrix_ask runs a situation, all tools at once, one mode after the other; matrix_judge (matrix.pl)
# holds against each run what every tool owes: a status that the manual page has and that is true
# here, JSON that is whole, nothing but results on standard output, no file left.

MATRIX_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/lab/lab.bash
source "$MATRIX_TOP/tests/lab/lab.bash"
PATH=$MATRIX_TOP/build/bin:$PATH
MATRIX_TOOLS=(ping arping traceroute dhcpc dnsq tcphs rstguard phantom)

# matrix_lab DIR - the network: an internet behind lab0, a host with servers behind eth1, and behind
# lone0 nobody. DIR is for files of the servers.
matrix_lab() {
	cat >"$1/topo" <<-END
		client 10.9.0.1/24 via 10.9.0.254
		client fd09::1/64 via fd09::fe
		router 10.9.0.254,fd09::fe
		path 0.0.0.0/0,::/0 10.9.0.254
		host 10.9.1.1,fd09:1::1
		host 10.9.1.2,fd09:1::2 silent
		host 10.9.1.3,fd09:1::3 error=unreach:1
		host 10.9.1.4,fd09:1::4 tcp=closed
	END
	lab_fakenet "$1/topo"
	lab_ns server
	lab_veth here eth1 server eth0
	lab_addr here eth1 10.8.0.1/24
	lab_addr server eth0 10.8.0.2/24
	lab_ns nobody
	lab_veth here lone0 nobody eth0
	lab_addr here lone0 10.7.0.1/24
	lab_dhcphost server eth0 discover:offer request:ack
	lab_start here '^ready$' "$LAB_TOP/build/lab/liar" 127.0.0.1 5301
	lab_prefix server
	"${LAB_PREFIX[@]}" busybox httpd -f -p 8080 -h "$1" >/dev/null 2>&1 3>&- &
	LAB_PIDS+=($!)
	until [[ $(lab_in server ss -Hltn 'sport = :8080') ]]; do
		kill -0 $! || return
	done
}

# matrix_modes TOOL - the modes it has, one a line
matrix_modes() {
	printf '%s\n' text --json
	[[ $1 == dnsq || $1 == traceroute ]] || printf '%s\n' -q '-q --json'
	[[ $1 != traceroute ]] || printf '%s\n' --quiet
	[[ $1 == rstguard ]] || printf '%s\n' --explain '--explain --json' --hex --pcap
}

# What is asked: by tool and situation the words, and the statuses of which one is true, by commas.
declare -gA MATRIX_WORDS MATRIX_STATUS

matrix_row() { # SITUATION TOOL STATUSES WORD...
	MATRIX_STATUS[$1.$2]=$3
	MATRIX_WORDS[$1.$2]="${*:4}"
}

matrix_row answer ping 0 -c 2 -i 0.01 10.9.1.1
matrix_row answer arping 0 -c 2 -i 0.01 10.9.0.254
matrix_row answer traceroute 0 -n -q 1 10.9.1.1
matrix_row answer dhcpc 0 eth1
matrix_row answer dnsq 0 @127.0.0.1 -p 5301 ok.test
matrix_row answer tcphs 0 --time-wait=10ms 10.8.0.2 8080
matrix_row answer rstguard 0 10.8.0.1 0 -- true
matrix_row answer phantom 0 --dad=fast --for 10ms -I eth1 10.8.0.9

matrix_row silence ping 1 -c 2 -i 0.01 -W 0.1 10.9.1.2
matrix_row silence arping 1 -c 2 -i 0.01 -W 0.1 10.9.0.77
matrix_row silence traceroute 1 -n -q 1 -m 3 -w 0.1 10.9.1.2
matrix_row silence dhcpc 1 -T 0.3 lone0
matrix_row silence dnsq 9 @10.9.1.2 ok.test --timeout=0.3 +tries=1
matrix_row silence tcphs 1 -r 0 -W 0.2 10.9.1.2 80
matrix_row silence phantom 0 --dad=fast --for 10ms -I lone0 10.7.0.9

matrix_row icmp ping 1 -c 2 -i 0.01 10.9.1.3
matrix_row icmp traceroute 1 -n -q 1 10.9.1.3
matrix_row icmp dnsq 9 @10.9.1.3 ok.test --timeout=0.3 +tries=1
matrix_row icmp tcphs 4 10.9.1.3 80
matrix_row icmp arping 3,0 -c 2 -i 0.01 10.9.0.254

# The firewall of this host refuses (EPERM); the queue is full (ENOBUFS); see matrix_fault.
for fault in EPERM ENOBUFS ENETDOWN; do
	matrix_row $fault ping 2 -c 2 -i 0.01 -W 0.1 10.9.1.1
	matrix_row $fault arping 2 -c 2 -i 0.01 -W 0.1 10.9.0.254
	matrix_row $fault traceroute 2 -n -q 1 -m 3 -w 0.1 10.9.1.1
	matrix_row $fault dhcpc 2 -T 0.3 eth1
	matrix_row $fault dnsq 9,10 @10.9.1.1 ok.test --timeout=0.3 +tries=1
	matrix_row $fault tcphs 2 -r 0 -W 0.2 10.8.0.2 8080
	matrix_row $fault phantom 2 --dad=fast --for 10ms -I eth1 10.8.0.9
done

matrix_row noroute ping 2 203.0.113.77
matrix_row noroute arping 2 203.0.113.77
matrix_row noroute traceroute 2 203.0.113.77
matrix_row noroute dhcpc 2 nowhere0
matrix_row noroute dnsq 9,10 @203.0.113.77 ok.test --timeout=0.3 +tries=1
matrix_row noroute tcphs 2 203.0.113.77 80
matrix_row noroute rstguard 2 203.0.113.77 80 -- true
matrix_row noroute phantom 2 203.0.113.77

matrix_row noname ping 2 no-such-name.invalid
matrix_row noname arping 2 no-such-name.invalid
matrix_row noname traceroute 2 no-such-name.invalid
matrix_row noname dhcpc 2 no-such-name.invalid
matrix_row noname dnsq 10 @no-such-name.invalid ok.test
matrix_row noname tcphs 2 no-such-name.invalid 80
matrix_row noname rstguard 2 no-such-name.invalid 80 -- true
matrix_row noname phantom 2 no-such-name.invalid

matrix_row usage ping 2 --no-such-option 10.9.1.1
matrix_row usage arping 2 --no-such-option 10.9.1.1
matrix_row usage traceroute 2 --no-such-option 10.9.1.1
matrix_row usage dhcpc 2 --no-such-option eth1
matrix_row usage dnsq 1 --no-such-option ok.test
matrix_row usage tcphs 2 --no-such-option 10.9.1.1 80
matrix_row usage rstguard 2 --no-such-option 10.9.0.1 80
matrix_row usage phantom 2 --no-such-option 10.9.0.9

for tool in "${MATRIX_TOOLS[@]}"; do
	statuses=0
	[[ $tool != @(arping|dhcpc|tcphs|phantom) ]] || statuses=2
	[[ $tool != traceroute ]] || statuses=0,2 # and says what it cannot do
	# shellcheck disable=SC2086
	matrix_row nopriv $tool $statuses ${MATRIX_WORDS[answer.$tool]}
	statuses=2
	[[ $tool != dnsq ]] || statuses=10
	# Told to be quiet, some have nothing to write; beside a command rstguard has nothing in text.
	[[ $tool != @(rstguard|phantom|arping|dhcpc|tcphs) ]] || statuses=0,$statuses
	# shellcheck disable=SC2086
	matrix_row full $tool $statuses ${MATRIX_WORDS[answer.$tool]}
done

# The interface gone0, with a host at 10.6.0.2, that goes in the middle.
matrix_row gone ping 0,1,2 -c 40 -i 0.02 -W 0.2 10.6.0.2
matrix_row gone arping 2 -c 40 -i 0.02 10.6.0.2
matrix_row gone traceroute 1,2 -n -m 3 -w 0.5 10.6.0.7
matrix_row gone dhcpc 2 -T 2 gone0
matrix_row gone dnsq 9 @10.6.0.7 ok.test --timeout=0.5 +tries=1
matrix_row gone tcphs 1,2 -r 0 -W 1 10.6.0.7 80
matrix_row gone rstguard 0 10.6.0.1 5000 -- sleep 1
matrix_row gone phantom 2 --dad=fast --for 2 -I gone0 10.6.0.9

# A run that takes longer than any test.
matrix_row long ping 0,1 -i 0.01 10.9.1.1
matrix_row long arping 0,1 -i 0.01 10.9.0.254
matrix_row long traceroute 130 -n -w 30 10.9.1.2
matrix_row long dhcpc 1 -T 30 lone0
matrix_row long dnsq 9 @10.9.1.2 ok.test --timeout=30 +tries=1
matrix_row long tcphs 1 -W 30 10.9.1.2 80
matrix_row long rstguard 0 10.9.0.1 5000
matrix_row long phantom 0 --dad=fast -I eth1 10.8.0.9

# matrix_run DIR TOOL MODE STATUSES COMMAND... - one run, kept in DIR for matrix.pl. A run that takes
# more than MATRIX_LIMIT seconds ends with 124, which is never true.
matrix_run() {
	local dir=$1 status=0 mode

	read -ra mode <<<"$3"
	case $3 in
	text) mode=() ;;
	--pcap) mode=("--pcap=$dir/saved.pcapng") ;;
	esac
	mkdir -p "$dir/tmp"
	printf %s "$2" >"$dir/tool"
	printf %s "${MATRIX_OUT:-$3}" >"$dir/mode"
	printf %s "$4" >"$dir/want"
	printf %s "${*:5}" >"$dir/words"
	# Options before the operands: rstguard has a command behind them.
	TMPDIR=$dir/tmp timeout -k 2 "${MATRIX_LIMIT:-20}" "${MATRIX_WRAP[@]}" "$2" "${mode[@]}" "${@:5}" \
		>"${MATRIX_OUT:-$dir/out}" 2>"$dir/err" </dev/null 3>&- || status=$?
	printf %s "$status" >"$dir/status"
}
MATRIX_WRAP=()

# matrix_situation DIR SITUATION [TOOL...] - all tools (or these) at once, one mode after the other.
matrix_situation() {
	local dir=$1 situation=$2 tool mode words pids=()
	local tools=("${@:3}")

	((${#tools[@]})) || tools=("${MATRIX_TOOLS[@]}")
	for tool in "${tools[@]}"; do
		[[ ${MATRIX_STATUS[$situation.$tool]:-} ]] || continue
		read -ra words <<<"${MATRIX_WORDS[$situation.$tool]}"
		matrix_modes "$tool" | while read -r mode; do
			matrix_run "$dir/$situation.$tool.${mode// /}" "$tool" "$mode" \
				"${MATRIX_STATUS[$situation.$tool]}" "${words[@]}"
		done &
		pids+=($!)
	done
	wait "${pids[@]}"
	"$MATRIX_TOP/tests/family/matrix.pl" "$dir/$situation".*
}

# matrix_fault ERRNO - what is sent from now on by a run fails with it; 0 ends that.
matrix_fault() {
	MATRIX_WRAP=()
	(($1 == 0)) || MATRIX_WRAP=(env "LD_PRELOAD=$MATRIX_TOP/build/soak/faulty.so" "FAULTY_SEND=$1:1:1000000000")
}

# matrix_host - whatever a run could leave behind: addresses, routes, rules, interfaces, flags,
# groups, neighbours that stay, and processes.
matrix_host() {
	ip -d addr
	ip route show table all
	ip -6 route show table all
	ip rule
	ip neigh show nud permanent
	nft list ruleset 2>/dev/null
	cat /proc/net/dev_mcast /proc/net/igmp6
	ls /proc/sys/net/ipv4/conf
	# Who shares our mount namespace is of this lab; sleep is what a tool's command does here.
	pgrep -al --ns $$ --nslist mnt -f \
		"^(.*/)?($(IFS='|' && echo "${MATRIX_TOOLS[*]}")|sleep)( |$)" || true
}

# Until the process is locked down, so no shell any more, and catches SIGTERM (15) and SIGINT (2);
# rstguard, which reads nothing, is never locked down.
matrix_await() { # PID TOOL
	local locked=.2

	[[ $2 != rstguard ]] || locked=
	for ((i = 0; i < 2000; i++)); do
		[[ $(</proc/"$1"/status) =~ SigCgt:[^$'\n']*[4-7c-f]..[2367abef]$'\n'.*Seccomp:$locked ]] && return 0
		read -rt 0.01 <> <(:) || true
	done
	return 1
}

# One run that a signal ends; it goes to the whole group, as Ctrl-C and timeout have it.
matrix_signal() { # DIR TOOL MODE SIGNAL
	local dir=$1 want=${MATRIX_STATUS[long.$2]} status=0 words mode pid

	read -ra words <<<"${MATRIX_WORDS[long.$2]}"
	read -ra mode <<<"$3"
	[[ $3 != text ]] || mode=()
	[[ $4 != KILL ]] || want=137
	mkdir -p "$dir/tmp"
	printf %s "$2" >"$dir/tool"
	printf %s "$3" >"$dir/mode"
	printf %s "$want" >"$dir/want"
	printf %s "${words[*]} SIG$4" >"$dir/words"
	TMPDIR=$dir/tmp env --default-signal=INT setsid "$2" "${mode[@]}" "${words[@]}" \
		>"$dir/out" 2>"$dir/err" </dev/null 3>&- &
	pid=$!
	matrix_await $pid "$2"
	kill -s "$4" -- -$pid
	wait $pid 2>/dev/null || status=$?
	printf %s "$status" >"$dir/status"
	# Of a run that was killed only what it had written until then is there.
	[[ $4 != KILL ]] || printf text >"$dir/mode"
}

# matrix_signals DIR SIGNAL... - all tools at once.
matrix_signals() {
	local tool signal mode pids=()

	for tool in "${MATRIX_TOOLS[@]}"; do
		for signal in "${@:2}"; do
			for mode in text --json '--explain --json'; do
				[[ $tool != rstguard || $mode != *explain* ]] || continue
				matrix_signal "$1/signal.$tool.${mode// /}.$signal" "$tool" "$mode" "$signal"
			done
		done &
		pids+=($!)
	done
	wait "${pids[@]}"
	"$MATRIX_TOP/tests/family/matrix.pl" "$1"/signal.*
}

# matrix_gone DIR MODE - the interface is removed once all tools are under way.
matrix_gone() {
	local dir tool words pids=()

	lab_ns gone
	lab_veth here gone0 gone eth0
	lab_addr here gone0 10.6.0.1/24
	lab_addr gone eth0 10.6.0.2/24
	for tool in "${MATRIX_TOOLS[@]}"; do
		[[ $tool != rstguard || $2 == *json* ]] || continue
		read -ra words <<<"${MATRIX_WORDS[gone.$tool]}"
		dir="$1/gone.$tool.${2// /}"
		matrix_run "$dir" "$tool" "${2#*explain }" "${MATRIX_STATUS[gone.$tool]}" "${words[@]}" &
		pids+=($!)
	done
	# The phantom is the last to be ready.
	until grep -qs claimed "$1/gone.phantom.${2// /}/out" "$1/gone.phantom.${2// /}/saved.pcapng"; do
		kill -0 "${pids[-1]}" || break
		read -rt 0.01 <> <(:) || true
	done
	ip link del gone0
	wait "${pids[@]}"
	ip netns del gone
	"$MATRIX_TOP/tests/family/matrix.pl" "$1"/gone.*."${2// /}"
}

# What a hostile caller may give for a target, an interface or a name.
# shellcheck disable=SC2016
MATRIX_HOSTILE=($'\e]0;owned\a' $'a\nb' $'\xff\xfe' $'\u202eevil' %s%n%x ../../etc/passwd '' - -- '$(id)'
	"$(printf 'a%.0s' {1..70}).test" "$(printf 'x%.0s' {1..5000})" 1.2.3.4.5 ::1::2 fe80::1%nowhere 10.0.0.0/33
	999999999999999999999 -1)

# matrix_hostile DIR - each of them to each tool, in text and JSON.
matrix_hostile() {
	local tool mode i=0 before after pids=()
	declare -A before=([ping]="-c 1" [dnsq]="@127.0.0.1 -p 5301 --timeout=0.1 +tries=1 -q" [rstguard]='' [phantom]='')
	declare -A after=([tcphs]=80 [rstguard]="5000 -- true")

	for tool in "${MATRIX_TOOLS[@]}"; do
		for ((i = 0; i < ${#MATRIX_HOSTILE[@]}; i++)); do
			for mode in text --json; do
				# shellcheck disable=SC2086
				matrix_run "$1/hostile.$tool.$i.$mode" $tool $mode 0,1,2,9,10 ${before[$tool]:-} \
					"${MATRIX_HOSTILE[i]}" ${after[$tool]:-}
			done
		done &
		pids+=($!)
	done
	wait "${pids[@]}"
	"$MATRIX_TOP/tests/family/matrix.pl" "$1"/hostile.*
}

# matrix_sweep DIR TOOL MODE WORD... - the same run again and again, each time with the words before it
# that a line of standard input has: disturbed. What an undisturbed run ends with is true, and that it
# could not be done (2, dnsq 10); MATRIX_TRUE more. A fault that does not come back twice was chance.
matrix_sweep() {
	local lines=() i

	matrix_baseline "$@"
	mapfile -t lines
	for ((i = 0; i < ${#lines[@]}; i += 50)); do
		matrix_batch "$1" "$2" "$3" "$(($# - 3))" "${@:4}" "${lines[@]:i:50}"
	done
	echo "$2 $3: ${#lines[@]} disturbed runs"
}

matrix_batch() { # DIR TOOL MODE N-WORDS WORD... LINE...
	local dir=$1 words=("${@:5:$4}") lines=("${@:5+$4}") statuses tries i

	statuses=$(<"$dir/base.1/status"),2,10${MATRIX_TRUE:+,$MATRIX_TRUE}
	for ((tries = 0; tries < 3 && ${#lines[@]}; tries++)); do
		rm -rf "$dir"/run.*
		for i in "${!lines[@]}"; do
			read -ra MATRIX_WRAP <<<"${lines[i]}"
			matrix_run "$dir/run.$i" "$2" "$3" "$statuses" "${words[@]}"
			printf '%s\n' "$dir"/base.? >"$dir/run.$i/like"
		done
		"$MATRIX_TOP/tests/family/matrix.pl" "$dir"/run.* >"$dir/judgement" && return
		for i in "${!lines[@]}"; do
			grep -q " in $dir/run.$i:\$" "$dir/judgement" || unset "lines[i]"
		done
	done
	for i in "${!lines[@]}"; do
		echo "WRONG: ${lines[i]}"
		sed -n "\, in $dir/run.$i:$,,/ in \|^[0-9]* runs/p" "$dir/judgement" | sed '$d'
	done
}

# The undisturbed runs of a sweep, in DIR/base.1 and on.
matrix_baseline() {
	local i

	for i in 1 2 3; do
		MATRIX_WRAP=()
		matrix_run "$1/base.$i" "$2" "$3" 0,1,2,3 "${@:4}"
	done
}

# matrix_sweep_all FUNCTION - FUNCTION TOOL for all tools (SOAK_TOOLS="ping dnsq" for some) at once; then what
# their sweeps found, and a line of result. False if anything is wrong.
matrix_sweep_all() {
	local tool tools pids=() said bad=0

	said=$(mktemp -d)
	read -ra tools <<<"${SOAK_TOOLS:-${MATRIX_TOOLS[*]}}"
	for tool in "${tools[@]}"; do
		"$1" "$tool" >"$said/$tool" 2>&1 &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat "$said"/*
	awk '/^WRONG: / { bad++ } / disturbed runs$/ { n += $(NF - 2) }
		END { printf "%d disturbed runs of %s, %d wrong\n", n, tools, bad; exit bad > 0 || !n }' \
		tools="${tools[*]}" "$said"/* || bad=1
	rm -rf "$said"
	return $bad
}
