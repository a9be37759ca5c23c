/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traceroute_options - traceroute's own part of the command line: the letters of traceroute 2.1.
 */
#include <netdb.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "traceroute.h"
#include "wire/dnsname.h"
#include "wire/tcp.h"

#define ZONE_MAX 180u

enum own {
	OPT_SPORT = 0x2000,
	OPT_FWMARK,
	OPT_BACK,
	OPT_CLASSIC,
	OPT_PARIS,
	OPT_FAST,
	OPT_GRACE,
	OPT_CHANGES,
	OPT_MULTI,
	OPT_CONTINUOUS,
	OPT_ASN,
	OPT_ASNDB,
	OPT_ASNZONE,
	OPT_MTU,
	OPT_GRAPH,
	OPT_FLOWS,
	OPT_UNPRIVILEGED,
	OPT_PMTU,
	OPT_READ,
	OPT_DIFF,
};

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "Probes:", 1},
	{"icmp", 'I', NULL, 0, "ICMP echo requests", 1},
	{"tcp", 'T', NULL, 0, "TCP SYN, to port 80 unless -p says another", 1},
	{"udp", 'U', NULL, 0, "UDP to port 53 unless -p says another (default: UDP to 33434)", 1},
	{"udplite", 'L', NULL, 0, "UDP-Lite, to port 53 unless -p says another; also -UL", 1},
	{"protocol", 'P', "PROTO", 0, "Raw packets of an IP protocol, a number or a name", 1},
	{"module", 'M', "METHOD", 0,
	 "The same by name: default, icmp, tcp, tcpconn, udp, udplite, raw", 1},
	{"options", 'O', "OPTS", 0,
	 "Options of the method: of tcp syn, ack, fin, rst, psh, urg, ece, cwr, flags=N, mss=N, info; of "
	 "icmp raw, dgram; of raw protocol=N",
	 1},
	{"dccp", 'D', NULL, OPTION_HIDDEN, "", 1},
	{"port", 'p', "PORT", 0, "Destination port", 1},
	{"sport", OPT_SPORT, "PORT", 0, "Source port, or identifier of ICMP (default: any)", 1},
	{"classic", OPT_CLASSIC, NULL, 0,
	 "Port or checksum change with each probe, as of old: routers may spread them", 1},
	{"paris", OPT_PARIS, NULL, 0, "All probes are one flow to routers (the default)", 1},
	{"tos", 't', "TOS", 0, "DSCP and ECN octet, or traffic class", 1},
	{"flowlabel", 'l', "LABEL", 0, "IPv6 flow label (default: random, the same for all)", 1},
	{"dont-fragment", 'F', NULL, 0, "Do not let routers fragment", 1},
	{NULL, 0, NULL, 0, "Hops:", 2},
	{"first", 'f', "TTL", 0, "First hop to ask (1)", 2},
	{"max-hops", 'm', "TTL", 0, "Last hop to ask (30)", 2},
	{"queries", 'q', "N", 0, "Probes a hop (3)", 2},
	{"sim-queries", 'N', "N", 0, "At most so many probes under way (default: all)", 2},
	{"wait", 'w', "MAX[,HERE,NEAR]", 0,
	 "Wait for an answer at most MAX (5 s), HERE times the RTT of the same hop (3), NEAR times "
	 "that of the next hop (10)",
	 2},
	{"sendwait", 'z', "TIME", 0,
	 "Pause between two probes; a plain number above 10 is milliseconds", 2},
	{"fast", OPT_FAST, NULL, 0, "Ask every hop up to -m at once", 2},
	{"continuous", OPT_CONTINUOUS, "ROUNDS", OPTION_ARG_OPTIONAL,
	 "Ask the path again each --interval (1 s), until Ctrl-C or so many times, and report loss "
	 "and times of each hop",
	 2},
	{"mtu", OPT_MTU, NULL, 0,
	 "Find the largest packets that the path takes, where they have to get smaller, and links that "
	 "drop them without a word",
	 2},
	{"pmtu", OPT_PMTU, "WAY", 0,
	 "The same only by what routers say (icmp), or only by what comes through (probe)", 2},
	{"multipath", OPT_MULTI, "PERCENT", OPTION_ARG_OPTIONAL,
	 "Find all nodes and links where flows are spread, with 95 or 99 percent confidence in the "
	 "whole graph",
	 2},
	{"graph", OPT_GRAPH, NULL, 0, "The same, with the links drawn", 2},
	{"flows", OPT_FLOWS, "N", 0, "At most so many flows for that (16384)", 2},
	{NULL, 0, NULL, 0, "Socket:", 3},
	{"interface", 'i', "IF", 0, "Send through this interface", 3},
	{"source", 's', "ADDR", 0, "Source address", 3},
	{"gateway", 'g', "GATE,...", 0,
	 "Loose source route by these gateways, IPv4; most routers drop such packets", 3},
	{"debug", 'd', NULL, 0, "Set SO_DEBUG, for which the kernel wants CAP_NET_ADMIN", 3},
	{"bypass-routing", 'r', NULL, 0, "Only hosts on a directly attached network", 3},
	{"fwmark", OPT_FWMARK, "MARK", 0, "Packet mark", 3},
	{"unprivileged", OPT_UNPRIVILEGED, NULL, 0, "Use only sockets that any user may open", 3},
	{NULL, 0, NULL, 0, "Lines:", 4},
	{"extensions", 'e', NULL, 0, "Show MPLS labels and interfaces that routers tell", 4},
	{"quote-diff", OPT_CHANGES, NULL, 0,
	 "Show what the path has rewritten, as quotes show it, and address translators", 4},
	{"as-lookup", 'A', NULL, 0, "Show autonomous systems: the same as --asn=db", 4},
	{"asn", OPT_ASN, "SOURCE", 0,
	 "Show autonomous systems: db, from the file of --asn-db, dns, by Team Cymru's service, or "
	 "off",
	 4},
	{"asn-zone", OPT_ASNZONE, "ZONE", 0, "Another zone that tells them (asn.cymru.com)", 4},
	{"asn-db", OPT_ASNDB, "FILE", 0,
	 "File of autonomous systems: MMDB, ip2asn or pfx2as (default: $TRACEROUTE_ASNDB)", 4},
	{"back", OPT_BACK, NULL, 0, "Show the hops back where they seem to differ", 4},
	{"dns-grace", OPT_GRACE, "TIME", 0, "How long lines wait for names (0.5 s)", 4},
	{NULL, 0, NULL, 0, "Files:", 5},
	{"read", OPT_READ, "FILE", 0,
	 "Send nothing: show the traces, of any program, that are in this capture", 5},
	{"diff", OPT_DIFF, "OLD", 0,
	 "Send nothing: compare the paths of OLD with those of the file behind it; each is output of "
	 "--json, or a capture",
	 5},
	{0},
};

/* Those that say how to ask. */
static bool is_asking(int key)
{
	static const int others[] = {'e',      'A',      OPT_ASNDB, OPT_CHANGES,
				     OPT_BACK, OPT_READ, OPT_DIFF};

	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] == key)
			return false;
	for (unsigned k = 0; own[k].name || own[k].doc; k++)
		if (own[k].name && own[k].key == key)
			return true;
	return false;
}

static const char *name_of(int key)
{
	unsigned k = 0;

	while (!own[k].name || own[k].key != key)
		k++;
	return own[k].name;
}

static error_t number(struct argp_state *state, const char *option, const char *arg, uint64_t min,
		      uint64_t max, uint64_t *out)
{
	struct why why;

	if (num_u64(arg, min, max, out, &why) == 0)
		return 0;
	return options_fault(state, option, arg, why.text);
}

static error_t parse_factor(const char *text, double *out)
{
	size_t n = strspn(text, "0123456789.");
	char *end;

	if (!n || (text[n] && text[n] != ','))
		return EINVAL;
	*out = strtod(text, &end);
	return end == text + n && *out > 0 && *out < 1e6 ? 0 : EINVAL;
}

/* MAX, or MAX,HERE,NEAR as traceroute 2.1 has it. */
static error_t parse_wait(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	const char *comma = strchr(arg, ','), *second = comma ? strchr(comma + 1, ',') : NULL;
	char max[32];
	size_t n = comma ? (size_t)(comma - arg) : strlen(arg);

	if (n >= sizeof(max))
		n = sizeof(max) - 1;
	memcpy(max, arg, n);
	max[n] = '\0';
	if (num_duration(max, NS_PER_MS, 3600 * NS_PER_S, &o->wait_ns, NULL) < 0 ||
	    (comma &&
	     (!second || parse_factor(comma + 1, &o->here) || parse_factor(second + 1, &o->near))))
		return options_fault(state, "-w", arg,
				     "a time from 1ms to 1h, or a time and two factors: 5,3,10");
	o->has_wait = true;
	return 0;
}

/* traceroute 2.1: "If the value is more than 10, then it specifies a number in milliseconds". */
static error_t parse_pause(struct options *o, const char *arg, struct argp_state *state)
{
	struct why why;
	uint64_t ms;

	if (num_u64(arg, 11, 3600000, &ms, NULL) == 0) {
		o->interval_ns = ms * NS_PER_MS;
		return 0;
	}
	if (num_duration(arg, 0, 3600 * NS_PER_S, &o->interval_ns, &why) == 0)
		return 0;
	return options_fault(state, "-z", arg, why.text);
}

static error_t parse_interface(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	o->ifindex = if_nametoindex(arg);
	if (!o->ifindex)
		return options_fault(state, "-i", arg,
				     "the name of an interface here ('ip -br link' shows them)");
	memcpy(o->ifname, arg, strlen(arg) + 1); /* a name that has an index fits */
	return 0;
}

static error_t set_method(struct tr_opts *o, enum method method, uint8_t proto, uint16_t port)
{
	method_set(o, method, proto, port);
	return 0;
}

static error_t parse_protocol(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	const struct protoent *known = getprotobyname(arg);
	uint64_t proto = known ? (uint64_t)known->p_proto : 0;

	if (!known && num_u64(arg, 1, 255, &proto, NULL) < 0)
		return options_fault(state, "-P", arg,
				     "an IP protocol: a number from 1 to 255, or a name");
	switch (proto) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: return set_method(o, METHOD_ICMP, IPPROTO_ICMP, 0);
	case IPPROTO_TCP: return set_method(o, METHOD_TCP, IPPROTO_TCP, 80);
	case IPPROTO_UDP: return set_method(o, METHOD_UDP, IPPROTO_UDP, TR_PORT);
	case IPPROTO_UDPLITE: return set_method(o, METHOD_UDPLITE, IPPROTO_UDPLITE, 53);
	default: return set_method(o, METHOD_RAW, (uint8_t)proto, 0);
	}
}

static error_t parse_number(struct tr_opts *o, int key, const char *arg, struct argp_state *state)
{
	static const struct {
		int key;
		const char *name;
		uint64_t min, max;
	} rows[] = {
		{'f', "-f", 1, 255},
		{'m', "-m", 1, 255},
		{'q', "-q", 1, 100},
		{'N', "-N", 1, 65535},
		{'p', "-p", 1, 65535},
		{'t', "-t", 0, 255},
		{'l', "-l", 0, 0xfffff},
		{OPT_SPORT, "--sport", 1, 65535},
		{OPT_FWMARK, "--fwmark", 0, UINT32_MAX},
		{OPT_FLOWS, "--flows", 1, 60000},
	};
	unsigned i = 0;
	uint64_t v;

	while (rows[i].key != key)
		i++;
	if (number(state, rows[i].name, arg, rows[i].min, rows[i].max, &v))
		return EINVAL;
	switch (key) {
	case 'f': o->first_ttl = (uint8_t)v; break;
	case 'm': o->max_ttl = (uint8_t)v; break;
	case 'q': o->queries = (uint32_t)v; break;
	case 'N': o->simultaneous = (uint32_t)v; break;
	case 't': o->tos = (uint8_t)v; break;
	case OPT_SPORT: o->sport = (uint16_t)v; break;
	case OPT_FWMARK: o->mark = (uint32_t)v; break;
	case OPT_FLOWS: o->max_flows = (uint32_t)v; break;
	case 'l':
		o->flow_label = (uint32_t)v;
		o->has_flow_label = true;
		break;
	default:
		o->port = (uint16_t)v;
		o->has_port = true;
		break;
	}
	return 0;
}

/* A plain number behind the first operand is the length of the packets, as in traceroute 2.1. */
static error_t parse_operand(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	struct options *shared = options_of(state);
	uint64_t v;

	if (o->diff && !o->diff_new) {
		o->diff_new = arg;
		return 0;
	}
	if (state->arg_num && arg[strspn(arg, "0123456789")] == '\0') {
		if (number(state, "PACKETLEN", arg, 28, 65000, &v))
			return EINVAL;
		o->packet_len = (size_t)v;
		return 0;
	}
	return targets_add(shared->targets, arg, &shared->fault) < 0 ? EINVAL : 0;
}

static error_t parse_multi(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	o->is_multi = true;
	if (arg && strcmp(arg, "95") != 0 && strcmp(arg, "99") != 0)
		return options_fault(state, "--multipath", arg, "95 or 99");
	o->miss = arg && arg[1] == '5' ? 0.05 : 0.01;
	return 0;
}

static error_t parse_asn(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	static const char *const words[] = {[AS_OFF] = "off", [AS_DB] = "db", [AS_DNS] = "dns"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(arg, words[i]) == 0) {
			o->as_source = (enum as_source)i;
			return 0;
		}
	return options_fault(state, "--asn", arg, "db, dns or off");
}

/* 32 nibbles of an address and "origin6" stand before it. */
static error_t parse_zone(struct tr_opts *o, const char *arg, struct argp_state *state)
{
	struct dns_name zone;

	if (dns_name_parse(arg, strlen(arg), NULL, &zone) < 0 || strlen(arg) > ZONE_MAX)
		return options_fault(state, "--asn-zone", arg,
				     "the name of a DNS zone, such as asn.example.net");
	o->asn_zone = arg;
	o->as_source = AS_DNS;
	return 0;
}

/* What asks nobody needs neither hosts nor words on how to ask. */
static error_t check_files(const struct tr_opts *o, struct argp_state *state)
{
	const struct options *shared = options_of(state);
	const char *what = o->diff ? "--diff" : "--read";
	const char *other = o->asking              ? name_of(o->asking) :
			    shared->count          ? "count" :
			    shared->has_interval   ? "interval" :
			    shared->has_timeout    ? "timeout" :
			    shared->has_rate       ? "rate" :
			    shared->deadline_ns    ? "deadline" :
			    o->as_source == AS_DNS ? "asn=dns" :
			    shared->family         ? "ipv4 or -6" :
			    shared->pcap           ? "pcap" :
						     NULL;
	struct why *fault = &options_of(state)->fault;

	if (!other && o->diff)
		other = o->read            ? "read" :
			shared->is_explain ? "explain" :
			shared->is_hex     ? "hex" :
			shared->json_form  ? "json=FORM" :
			o->as_source       ? "as-lookup" :
			o->shows_ext       ? "extensions" :
			o->shows_changes   ? "quote-diff" :
			o->shows_back      ? "back" :
					     NULL;
	if (other)
		(void)why_set(fault, E_BAD, "option --%s does not go with %s, which sends nothing",
			      other, what);
	else if (o->diff && !o->diff_new)
		(void)why_set(fault, E_BAD, "option --diff: two files are needed: --diff OLD NEW");
	else if (targets_count_words(shared->targets))
		(void)why_set(fault, E_BAD, "option %s takes all that is in its files, and no host",
			      what);
	else
		return 0;
	return EINVAL;
}

/* -O belongs to the method, which may stand behind it. */
static error_t check_method(struct tr_opts *o, struct argp_state *state)
{
	struct why *fault = &options_of(state)->fault, why;

	for (unsigned i = 0; i < o->n_method_words; i++)
		if (method_options(o, o->method_words[i], &why) < 0)
			return options_fault(state, "-O", o->method_words[i], why.text);
	if (o->is_unprivileged && (o->tcp_flags || o->mss || o->n_gates)) {
		(void)why_set(fault, E_BAD,
			      "-O with flags or mss, and -g, do not go with --unprivileged or -M "
			      "tcpconn");
		return EINVAL;
	}
	if (!o->tcp_flags)
		o->tcp_flags = TCP_F_SYN;
	if (!o->mss)
		o->mss = TR_MSS;
	return 0;
}

static error_t check(struct tr_opts *o, struct argp_state *state)
{
	struct why *fault = &options_of(state)->fault;

	if (check_method(o, state))
		return EINVAL;

	if (o->read || o->diff)
		return check_files(o, state);

	if (o->is_multi && (o->method == METHOD_UDPLITE || o->method == METHOD_RAW ||
			    o->is_classic || o->is_unprivileged)) {
		(void)why_set(
			fault, E_BAD,
			"option --multipath goes by UDP, ICMP or TCP, and not with --classic or "
			"--unprivileged");
		return EINVAL;
	}

	if (o->is_watch && (o->is_multi || o->is_mtu || o->is_classic)) {
		(void)why_set(
			fault, E_BAD,
			"option --continuous does not go with --multipath, --mtu or --classic");
		return EINVAL;
	}
	if (o->is_mtu && (o->method == METHOD_TCP || o->is_multi || o->is_unprivileged)) {
		(void)why_set(fault, E_BAD,
			      "option --mtu does not go with -T, --multipath or --unprivileged");
		return EINVAL;
	}
	if (o->first_ttl <= o->max_ttl)
		return 0;
	(void)why_set(fault, E_BAD, "option -f: the first hop %u is behind the last, %u (-m)",
		      o->first_ttl, o->max_ttl);
	return EINVAL;
}

/* What is sent, and by which way. */
static error_t parse_method(struct tr_opts *o, int key, const char *arg, struct argp_state *state)
{
	struct why why;

	switch (key) {
	case 'I': return set_method(o, METHOD_ICMP, IPPROTO_ICMP, 0);
	case 'T': return set_method(o, METHOD_TCP, IPPROTO_TCP, 80);
	case 'U': return set_method(o, METHOD_UDP, IPPROTO_UDP, 53);
	case 'L': return set_method(o, METHOD_UDPLITE, IPPROTO_UDPLITE, 53);
	case 'P': return parse_protocol(o, arg, state);
	case 'M':
		if (method_name(o, arg, &why) == 0)
			return 0;
		return options_fault(state, "-M", arg, why.text);
	case 'O':
		if (o->n_method_words == sizeof(o->method_words) / sizeof(o->method_words[0]))
			return options_fault(state, "-O", arg, "all options in one list");
		o->method_words[o->n_method_words++] = arg;
		return 0;
	case 'D':
		(void)why_set(&options_of(state)->fault, E_UNSUP, "option -D: %s", METHOD_NO_DCCP);
		return EINVAL;
	case 'g':
		if (method_gateways(o, arg, &why) == 0)
			return 0;
		return options_fault(state, "-g", arg, why.text);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct traceroute *t = options_input(state);
	struct tr_opts *o = &t->opts;
	struct why why;

	if (is_asking(key))
		o->asking = key;
	switch (key) {
	case OPT_READ: o->read = arg; return 0;
	case OPT_DIFF: o->diff = arg; return 0;
	case 'f':
	case 'm':
	case 'q':
	case 'N':
	case 'p':
	case 't':
	case 'l':
	case OPT_SPORT:
	case OPT_FLOWS:
	case OPT_FWMARK: return parse_number(o, key, arg, state);
	case 'I':
	case 'T':
	case 'U':
	case 'L':
	case 'P':
	case 'M':
	case 'O':
	case 'D':
	case 'g': return parse_method(o, key, arg, state);
	case 'w': return parse_wait(o, arg, state);
	case 'z': return parse_pause(options_of(state), arg, state);
	case 'i': return parse_interface(o, arg, state);
	case 's':
		if (addr_parse(arg, &o->source) == 0)
			return 0;
		return options_fault(state, "-s", arg, "an address of this host");
	case 'd': o->is_debug = true; return 0;
	case 'F': o->has_df = true; return 0;
	case 'r': o->bypass_routing = true; return 0;
	case 'e': o->shows_ext = true; return 0;
	case 'A': o->as_source = AS_DB; return 0;
	case OPT_ASN: return parse_asn(o, arg, state);
	case OPT_ASNDB:
		o->asndb = arg;
		o->as_source = AS_DB;
		return 0;
	case OPT_ASNZONE: return parse_zone(o, arg, state);
	case OPT_CONTINUOUS:
		o->is_watch = true;
		if (arg && number(state, "--continuous", arg, 1, 60000, &o->rounds))
			return EINVAL;
		return 0;
	case OPT_PMTU:
		if (strcmp(arg, "icmp") != 0 && strcmp(arg, "probe") != 0)
			return options_fault(state, "--pmtu", arg, "icmp or probe");
		o->pmtu = arg[0] == 'i' ? PMTU_ICMP : PMTU_PROBE;
		o->is_mtu = true;
		return 0;
	case OPT_MTU: o->is_mtu = true; return 0;
	case OPT_MULTI: return parse_multi(o, arg, state);
	case OPT_GRAPH: o->is_multi = o->shows_links = true; return 0;
	case OPT_CHANGES: o->shows_changes = true; return 0;
	case OPT_BACK: o->shows_back = true; return 0;
	case OPT_CLASSIC: o->is_classic = true; return 0;
	case OPT_PARIS: o->is_classic = false; return 0;
	case OPT_FAST: o->is_fast = true; return 0;
	case OPT_UNPRIVILEGED: o->is_unprivileged = true; return 0;
	case OPT_GRACE:
		if (num_duration(arg, 0, 60 * NS_PER_S, &o->grace_ns, &why) == 0)
			return 0;
		return options_fault(state, "--dns-grace", arg, why.text);
	case ARGP_KEY_ARG: return parse_operand(o, arg, state);
	case ARGP_KEY_END: return check(o, state);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const char *const json_forms[] = {"scamper", "atlas", NULL};

const struct options_tool traceroute_options = {
	.letters = "46hjnvV",
	.options = own,
	.json_forms = json_forms,
	.parser = parse,
	.args_doc = "HOST [PACKETLEN]\nHOST...\n--read FILE\n--diff OLD NEW",
	.doc = "Show the path of packets to a host, hop by hop, and tell truly where it ends.\v"
	       "HOST is an address, a name, a prefix (192.0.2.0/24), a range or - for a list on "
	       "standard input.\n"
	       "Exit status: 0 every host was reached, 1 one was not, 2 could not ask, 130 "
	       "interrupted.",
};
