/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping_options - ping's own part of the command line: the letters of iputils.
 */
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "build/frag.h"
#include "ping.h"
#include "wire/ip4.h"

enum own {
	OPT_SOCKET = 0x2000,
	OPT_RAW_PAYLOAD,
	OPT_FRAG,
	OPT_MTU,
};

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "Probes:", 1},
	{"size", 's', "OCTETS", 0, "Octets of data in each probe (56)", 1},
	{"pattern", 'p', "HEX", 0,
	 "Up to 16 octets to fill the data with, behind the 16-octet mark", 1},
	{"raw-payload", OPT_RAW_PAYLOAD, NULL, 0,
	 "No mark: the pattern fills all the data; forgeries go unnoticed", 1},
	{"ttl", 't', "N", 0, "Time to live, or hop limit", 1},
	{"tos", 'Q', "TOS", 0, "DSCP and ECN octet: a number, or a word such as ef, af41, cs5", 1},
	{"flow-label", 'F', "LABEL", 0, "IPv6 flow label, hexadecimal", 1},
	{"pmtudisc", 'M', "HOW", 0, "Path MTU discovery: do, want, dont or probe", 1},
	{"frag", OPT_FRAG, "OCTETS", 0,
	 "Cut each probe here, into fragments of OCTETS of data (a multiple of 8)", 1},
	{"mtu", OPT_MTU, NULL, 0, "Find the path MTU, told by a router or hidden by a black hole",
	 1},
	{"id", 'e', "N", 0, "Identifier of the probes", 1},
	{"record-route", 'R', NULL, 0, "Record the route (IPv4)", 1},
	{"timestamp", 'T', "WHAT", 0,
	 "IP timestamps (IPv4): tsonly, tsandaddr, or tsprespec H1[,H2[,H3[,H4]]]", 1},
	{"flood", 'f', NULL, 0,
	 "Send as answers come, at least 100 a second; a dot a probe, less one an answer", 1},
	{"adaptive", 'A', NULL, 0, "Send the next probe as soon as the last is answered", 1},
	{"preload", 'l', "N", 0, "Send N probes without waiting", 1},
	{NULL, 0, NULL, 0, "Socket:", 2},
	{"interface", 'I', "IF|ADDR", 0, "Interface, or source address; may be given for each", 2},
	{"keep-source", 'B', NULL, 0, "Keep the source address that the first probe had", 2},
	{"broadcast", 'b', NULL, 0, "Allow broadcast addresses", 2},
	{"bypass-routing", 'r', NULL, 0, "Only hosts on a directly attached network", 2},
	{"no-loopback", 'L', NULL, 0, "Do not hear our own multicast probes", 2},
	{"mark", 'm', "MARK", 0, "Packet mark (fwmark)", 2},
	{"sndbuf", 'S', "OCTETS", 0, "Send buffer of the socket", 2},
	{"socket", OPT_SOCKET, "KIND", 0, "auto, dgram (unprivileged ping socket) or raw", 2},
	{NULL, 0, NULL, 0, "Lines:", 3},
	{"audible", 'a', NULL, 0, "A bell with each answer", 3},
	{"date", 'D', NULL, 0, "Unix time in front of each line", 3},
	{"no-answer", 'O', NULL, 0, "A line for each probe without answer when the next one is due",
	 3},
	{"exact", '3', NULL, 0, "Microseconds in every time, however long", 3},
	{"user-clock", 'U', NULL, 0, "Times from our own clock instead of the kernel's stamps", 3},
	{0},
};

/* Octets of the named DSCPs: RFC 2474, 2597, 3246, 5865, 8622. */
static int parse_tos_word(const char *arg)
{
	char word[8];
	size_t n = strlen(arg);

	if (n >= sizeof(word))
		return -1;
	for (size_t i = 0; i <= n; i++)
		word[i] = (char)(arg[i] >= 'A' && arg[i] <= 'Z' ? arg[i] | 0x20 : arg[i]);
	if (strcmp(word, "ef") == 0)
		return 46 << 2;
	if (strcmp(word, "va") == 0)
		return 44 << 2;
	if (strcmp(word, "le") == 0)
		return 1 << 2;
	if (n == 3 && memcmp(word, "cs", 2) == 0 && word[2] >= '0' && word[2] <= '7')
		return (word[2] - '0') << 5;
	if (n == 4 && memcmp(word, "af", 2) == 0 && word[2] >= '1' && word[2] <= '4' &&
	    word[3] >= '1' && word[3] <= '3')
		return ((word[2] - '0') * 8 + (word[3] - '0') * 2) << 2;
	return -1;
}

/* A whole number in @arg, or a fault that names the option. */
static error_t number(struct argp_state *state, const char *option, const char *arg, uint64_t min,
		      uint64_t max, uint64_t *out)
{
	struct why why;

	if (num_u64(arg, min, max, out, &why) == 0)
		return 0;
	return options_fault(state, option, arg, why.text);
}

static error_t parse_tos(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	uint64_t v;

	o->sock.tos = parse_tos_word(arg);
	if (o->sock.tos >= 0)
		return 0;
	if (num_u64(arg, 0, 255, &v, NULL) < 0)
		return options_fault(
			state, "-Q", arg,
			"an octet from 0 to 255 or a DSCP word: ef, va, le, cs0-cs7, af11-af43");
	o->sock.tos = (int)v;
	return 0;
}

static error_t parse_pattern(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	size_t n = strlen(arg);

	if (n == 0 || n > 2 * sizeof(o->pattern) || strspn(arg, "0123456789abcdefABCDEF") != n)
		return options_fault(state, "-p", arg,
				     "1 to 16 octets in hexadecimal, such as ff00");
	o->pattern_len = 0;
	for (size_t i = 0; i < n; i += 2) {
		char octet[3] = {arg[i], i + 1 < n ? arg[i + 1] : '\0'};

		o->pattern[o->pattern_len++] = (uint8_t)strtoul(octet, NULL, 16);
	}
	return 0;
}

static error_t parse_flow(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 16);

	if (!*arg || *arg == '-' || *arg == '+' || *end || v > 0xfffff)
		return options_fault(state, "-F", arg,
				     "a flow label from 0 to fffff (hexadecimal)");
	o->sock.flow_label = (uint32_t)v;
	return 0;
}

static error_t parse_pmtu(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	static const struct {
		const char *word;
		enum sock_pmtu pmtu;
	} words[] = {
		{"do", SOCK_PMTU_DO},
		{"want", SOCK_PMTU_WANT},
		{"dont", SOCK_PMTU_DONT},
		{"probe", SOCK_PMTU_PROBE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(arg, words[i].word) == 0) {
			o->sock.pmtu = words[i].pmtu;
			return 0;
		}
	}
	return options_fault(state, "-M", arg, "one of do, want, dont, probe");
}

/* Fragments are counted in units of 8 octets: RFC 791 3.1, RFC 8200 4.5. */
static error_t parse_frag(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	uint64_t v;

	if (num_u64(arg, FRAG_UNIT, FRAG_SIZE_MAX, &v, NULL) < 0 || v % FRAG_UNIT)
		return options_fault(state, "--frag", arg,
				     "a multiple of 8 from 8 to 65512, the octets of data in each "
				     "fragment: offsets are counted in units of 8");
	o->frag_size = (size_t)v;
	return 0;
}

/* What cannot be had together. */
static error_t check(const struct ping_opts *o, struct options *shared)
{
	const char *text = NULL;

	if (o->frag_size && (o->ip_opts_len || o->is_mtu))
		text = "--frag cannot be had with -R, -T or --mtu: leave one of them out";
	else if (o->frag_size && o->socket == SOCK_KIND_PING)
		text = "--frag needs a raw socket: leave --socket dgram out";
	else if (o->is_mtu && (shared->count || shared->has_interval || o->has_size ||
			       o->preload > 1 || o->is_flood || o->is_adaptive || o->ip_opts_len ||
			       o->sock.pmtu || o->tells_waiting))
		text = "--mtu chooses sizes and number of the probes itself: leave -A, -c, -f, "
		       "-i, -l, -M, -O, -R, -s and -T out";
	if (!text)
		return 0;
	(void)why_set(&shared->fault, E_BAD, "%s", text);
	return EINVAL;
}

static error_t parse_socket(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "auto") == 0)
		o->socket = SOCK_KIND_AUTO;
	else if (strcmp(arg, "dgram") == 0)
		o->socket = SOCK_KIND_PING;
	else if (strcmp(arg, "raw") == 0)
		o->socket = SOCK_KIND_RAW;
	else
		return options_fault(state, "--socket", arg, "one of auto, dgram, raw");
	return 0;
}

static error_t parse_interface(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	struct addr source;
	unsigned index;

	if (addr_parse(arg, &source) == 0) {
		o->source = source;
		return 0;
	}
	index = if_nametoindex(arg);
	if (!index)
		return options_fault(
			state, "-I", arg,
			"the name of an interface here or an address of this host ('ip -br addr' shows them)");
	o->sock.ifindex = index;
	memcpy(o->ifname, arg, strlen(arg) + 1); /* a name that has an index fits */
	return 0;
}

/* The header has room for one of -R and -T; @first is the octet that its options begin with. */
static error_t check_one_ip_option(const struct ping_opts *o, uint8_t first,
				   struct argp_state *state)
{
	if (!o->ip_opts_len || o->ip_opts[0] == first)
		return 0;
	(void)why_set(&options_of(state)->fault, E_BAD, "only one of -R and -T can be given");
	return EINVAL;
}

/* Record route: RFC 791 3.1, room for nine addresses. */
static error_t ask_record_route(struct ping_opts *o, struct argp_state *state)
{
	if (check_one_ip_option(o, IP4_OPT_NOP, state) != 0)
		return EINVAL;
	memset(o->ip_opts, 0, sizeof(o->ip_opts));
	o->ip_opts[0] = IP4_OPT_NOP;
	o->ip_opts[1] = IP4_OPT_RR;
	o->ip_opts[2] = 39;
	o->ip_opts[3] = 4;
	o->ip_opts_len = 40;
	return 0;
}

/* Internet timestamp: RFC 791 3.1. @list: the addresses of tsprespec, separated by commas. */
static error_t ask_timestamps(struct ping_opts *o, enum ip4_ts_flag flag, const char *list,
			      const char *arg, struct argp_state *state)
{
	char hop[ADDR_TEXT_MAX];
	struct addr addr;
	size_t n = 0;

	if (check_one_ip_option(o, IP4_OPT_TS, state) != 0)
		return EINVAL;
	memset(o->ip_opts, 0, sizeof(o->ip_opts));
	for (; flag == IP4_TS_PRESPEC && *list; n++) {
		size_t len = strcspn(list, ",");

		if (n == 4 || len >= sizeof(hop))
			return options_fault(state, "-T", arg,
					     "tsprespec with 1 to 4 IPv4 addresses");
		memcpy(hop, list, len);
		hop[len] = '\0';
		if (addr_parse(hop, &addr) < 0 || addr.len != 4)
			return options_fault(state, "-T", arg,
					     "tsprespec with 1 to 4 IPv4 addresses");
		memcpy(o->ip_opts + 4 + n * 8, addr.bytes, 4);
		list += len + (list[len] == ',');
	}
	if (flag == IP4_TS_PRESPEC && n == 0)
		return options_fault(state, "-T", arg, "tsprespec with 1 to 4 IPv4 addresses");
	o->ip_opts[0] = IP4_OPT_TS;
	o->ip_opts[1] = (uint8_t)(flag == IP4_TS_ONLY ? 40 : flag == IP4_TS_ADDR ? 36 : 4 + n * 8);
	o->ip_opts[2] = 5;
	o->ip_opts[3] = (uint8_t)flag;
	o->ip_opts_len = o->ip_opts[1];
	return 0;
}

static error_t parse_timestamp(struct ping_opts *o, const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "tsonly") == 0)
		return ask_timestamps(o, IP4_TS_ONLY, "", arg, state);
	if (strcmp(arg, "tsandaddr") == 0)
		return ask_timestamps(o, IP4_TS_ADDR, "", arg, state);
	if (strncmp(arg, "tsprespec", 9) == 0 && (arg[9] == ' ' || arg[9] == ','))
		return ask_timestamps(o, IP4_TS_PRESPEC, arg + 10, arg, state);
	return options_fault(state, "-T", arg,
			     "one of tsonly, tsandaddr, 'tsprespec ADDR[,ADDR...]'");
}

static error_t parse_number(struct ping_opts *o, int key, const char *arg, struct argp_state *state)
{
	uint64_t v = 0;
	error_t err;

	switch (key) {
	case 's':
		err = number(state, "-s", arg, 0, PING_SIZE_MAX, &v);
		o->size = (size_t)v;
		o->has_size = true;
		return err;
	case 't':
		err = number(state, "-t", arg, 1, 255, &v);
		o->sock.ttl = o->sock.mcast_ttl = (int)v;
		return err;
	case 'e':
		err = number(state, "-e", arg, 0, UINT16_MAX, &v);
		o->sock.id = (uint16_t)v;
		return err;
	case 'l':
		err = number(state, "-l", arg, 1, 65536, &v);
		o->preload = (uint32_t)v;
		return err;
	case 'm':
		err = number(state, "-m", arg, 0, UINT32_MAX, &v);
		o->sock.mark = (uint32_t)v;
		return err;
	default:
		err = number(state, "-S", arg, 1, INT32_MAX, &v);
		o->sock.sndbuf = (int)v;
		return err;
	}
}

static bool set_flag(struct ping_opts *o, int key)
{
	switch (key) {
	case 'f': o->is_flood = true; return true;
	case 'A': o->is_adaptive = true; return true;
	case 'B': o->pins_source = true; return true;
	case 'b': o->sock.broadcast = true; return true;
	case 'r': o->sock.bypass_routing = true; return true;
	case 'L': o->sock.no_mcast_loop = true; return true;
	case 'a': o->is_audible = true; return true;
	case 'D': o->is_dated = true; return true;
	case 'O': o->tells_waiting = true; return true;
	case '3': o->is_exact = true; return true;
	case 'U': o->is_user_clock = true; return true;
	case OPT_RAW_PAYLOAD: o->is_raw_payload = true; return true;
	case OPT_MTU: o->is_mtu = true; return true;
	default: return false;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ping *p = options_input(state);
	struct options *shared = options_of(state);
	struct ping_opts *o = &p->opts;

	if (set_flag(o, key))
		return 0;
	switch (key) {
	case 's':
	case 't':
	case 'e':
	case 'l':
	case 'm':
	case 'S': return parse_number(o, key, arg, state);
	case 'R': return ask_record_route(o, state);
	case 'p': return parse_pattern(o, arg, state);
	case 'Q': return parse_tos(o, arg, state);
	case 'F': return parse_flow(o, arg, state);
	case 'M': return parse_pmtu(o, arg, state);
	case 'I': return parse_interface(o, arg, state);
	case 'T': return parse_timestamp(o, arg, state);
	case OPT_SOCKET: return parse_socket(o, arg, state);
	case OPT_FRAG: return parse_frag(o, arg, state);
	case ARGP_KEY_END: return check(o, shared);
	case ARGP_KEY_ARG:
		return targets_add(shared->targets, arg, &shared->fault) < 0 ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

const struct options_tool ping_options = {
	.letters = "46hgcijnoqvwWV",
	.metrics = ping_metrics,
	.quantities = ping_quantities,
	.options = own,
	.parser = parse,
	.args_doc = "TARGET...",
	.doc = "Ask hosts for an echo (ICMP, RFC 792 and RFC 4443) and tell truly what came back.\v"
	       "TARGET is an address, a name, a prefix (192.0.2.0/24), a range (192.0.2.1-192.0.2.9) or - for a "
	       "list on standard input.\n"
	       "Exit status: 0 every target answered, 1 one did not, 2 could not ask.",
};
