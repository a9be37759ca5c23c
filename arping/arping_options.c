/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arping_options - arping's own part of the command line: the letters of iputils, and those of
 * Habets' arping that do not clash with them.
 */
#include <string.h>

#include "arping.h"
#include "base/num.h"

enum own {
	OPT_VLAN = 0x2000,
	OPT_CACHE,
	OPT_PROXY_CHECK,
	OPT_VIA_GATEWAY,
	OPT_OUI,
	OPT_DAD,
	OPT_ANNOUNCE,
	OPT_DEFEND,
	OPT_STATES,
	OPT_READ,
	OPT_LISTEN,
};

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "Questions:", 0},
	{"interface", 'I', "IF", 0, "Ask through this interface (default: by route)", 0},
	{"source", 's', "ADDR", 0, "Ask in the name of this address", 0},
	{"zero-source", '0', NULL, 0,
	 "Ask in nobody's name (0.0.0.0 or ::): leaves no trace in caches", 0},
	{"target-mac", 't', "MAC", 0, "Send every question to this MAC address alone", 0},
	{"broadcast", 'b', NULL, 0, "Keep on asking everybody, also when the owner is known", 0},
	{"first", 'f', NULL, 0, "Stop at the first answer", 0},
	{"replies", 'C', "N", 0, "Stop after N answers", 0},
	{"duplicates", 'd', NULL, 0, "Wait the whole timeout for further owners", 0},
	{"proxy-check", OPT_PROXY_CHECK, NULL, 0,
	 "Ask with and without a sender's address: a proxy answers only the first kind", 0},
	{"via-gateway", OPT_VIA_GATEWAY, NULL, 0, "Ask for the next hop of a target off the link",
	 0},
	{"vlan", OPT_VLAN, "ID[.PRIO][,ID[.PRIO]]", 0,
	 "Ask on a VLAN (802.1Q); with two, the first is the outer tag (802.1ad)", 0},
	{"promiscuous", 'p', NULL, 0, "Receive what is not for us, too", 0},
	{NULL, 0, NULL, 0, "Without asking:", 0},
	{"read", OPT_READ, "FILE", 0,
	 "Judge who claims which address in a capture; - is standard input", 0},
	{"listen", OPT_LISTEN, NULL, 0, "Judge what passes by on the interface, until -w or Ctrl-C",
	 0},
	{NULL, 0, NULL, 0, "Is it free? (RFC 5227, RFC 4862)", 0},
	{"dad", OPT_DAD, "MODE", OPTION_ARG_OPTIONAL,
	 "Find out whether an address is free: rfc takes the standard's time (4 to 7 s, 1 to 2 s for IPv6), fast 0.3 s",
	 0},
	{NULL, 'D', NULL, 0, "The same; with -c, iputils' times: N probes, one a second", 0},
	{"announce", OPT_ANNOUNCE, "FORM", OPTION_ARG_OPTIONAL,
	 "Announce an address, with --dad only once it is free: request, reply or both", 0},
	{NULL, 'U', NULL, 0, "--announce=request", 0},
	{NULL, 'A', NULL, 0, "--announce=reply", 0},
	{"defend", OPT_DEFEND, "TIME", 0,
	 "Then hold the address for TIME, against others who claim it", 0},
	{"states", OPT_STATES, NULL, 0, "Draw the table of states behind --dad and exit", 0},
	{NULL, 0, NULL, 0, "Lines:", 0},
	{"cache", OPT_CACHE, NULL, 0, "Show what the kernel's neighbour cache says beside the wire",
	 0},
	{"mac", 'r', NULL, 0, "Print only the MAC address of each answer", 0},
	{"addr", 'R', NULL, 0, "Print only the IP address of each answer", 0},
	{"audible", 'a', NULL, 0, "A bell with each answer", 0},
	{"oui", OPT_OUI, "FILE", 0, "List of vendors to be used instead of the system's", 0},
	{0},
};

static error_t parse_count(struct argp_state *state, const char *arg, uint64_t *out)
{
	struct why why;

	if (num_u64(arg, 1, INT64_MAX, out, &why) == 0)
		return 0;
	return options_fault(state, "-C", arg, why.text);
}

/* "257", "257.5": an identifier and perhaps a priority. */
static int parse_tag(const char *text, size_t len, struct pkt_vlan *out)
{
	uint64_t id, prio = 0;
	char word[16], *dot;

	if (len >= sizeof(word))
		return E_BAD;
	memcpy(word, text, len);
	word[len] = '\0';
	dot = strchr(word, '.');
	if (dot) {
		*dot = '\0';
		if (num_u64(dot + 1, 0, 7, &prio, NULL) < 0)
			return E_BAD;
	}
	if (num_u64(word, 0, 4095, &id, NULL) < 0)
		return E_BAD;
	out->tpid = ETH_VLAN;
	out->tci = (uint16_t)(prio << 13 | id);
	return 0;
}

static error_t parse_vlan(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	const char *comma = strchr(arg, ',');
	size_t len = comma ? (size_t)(comma - arg) : strlen(arg);

	if (parse_tag(arg, len, &o->vlans[0]) < 0 ||
	    (comma && parse_tag(comma + 1, strlen(comma + 1), &o->vlans[1]) < 0))
		return options_fault(
			state, "--vlan", arg,
			"a VLAN from 0 to 4095, with a priority from 0 to 7 behind a point, or two of them: 100, 100.5, 200,100");
	o->n_vlans = comma ? 2 : 1;
	if (comma)
		o->vlans[0].tpid = ETH_QINQ;
	return 0;
}

static error_t parse_source(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	if (addr_parse(arg, &o->source) == 0)
		return 0;
	return options_fault(state, "-s", arg, "an IPv4 or IPv6 address");
}

static error_t parse_mac(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	o->has_target_mac = true;
	if (mac_parse(arg, &o->target_mac) == 0)
		return 0;
	return options_fault(state, "-t", arg, "a MAC address such as 02:00:5e:10:00:01");
}

static error_t parse_dad(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	o->is_dad = o->has_dad_mode = true;
	o->is_dad_fast = arg && strcmp(arg, "fast") == 0;
	if (!arg || o->is_dad_fast || strcmp(arg, "rfc") == 0)
		return 0;
	return options_fault(state, "--dad", arg, "one of fast, rfc");
}

static error_t parse_announce(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	static const char *const words[] = {"", "request", "reply", "both"};

	for (unsigned i = FORM_REQUEST; i <= FORM_BOTH; i++) {
		if (strcmp(arg ? arg : "request", words[i]) == 0) {
			o->announces = (enum arping_form)i;
			return 0;
		}
	}
	return options_fault(state, "--announce", arg, "one of request, reply, both");
}

static error_t parse_defend(struct arping_opts *o, const char *arg, struct argp_state *state)
{
	struct why why;

	if (num_duration(arg, NS_PER_MS, 366ull * 24 * 3600 * NS_PER_S, &o->hold_ns, &why) == 0)
		return 0;
	return options_fault(state, "--defend", arg, why.text);
}

static bool set_flag(struct arping_opts *o, int key)
{
	switch (key) {
	case 'D': o->is_dad = true; return true;
	case 'U': o->announces = FORM_REQUEST; return true;
	case 'A': o->announces = FORM_REPLY; return true;
	case OPT_LISTEN: o->listens = true; return true;
	case OPT_STATES: o->wants_states = true; return true;
	case '0': o->is_zero_source = true; return true;
	case 'b': o->is_broadcast_only = true; return true;
	case 'f': o->replies = 1; return true;
	case 'd': o->waits_for_others = true; return true;
	case 'p': o->is_promisc = true; return true;
	case 'r': o->shows_mac = true; return true;
	case 'R': o->shows_addr = true; return true;
	case 'a': o->is_audible = true; return true;
	case OPT_CACHE: o->shows_cache = true; return true;
	case OPT_PROXY_CHECK: o->checks_proxy = true; return true;
	case OPT_VIA_GATEWAY: o->via_gateway = true; return true;
	default: return false;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arping *a = options_input(state);
	struct options *shared = options_of(state);
	struct arping_opts *o = &a->opts;

	if (set_flag(o, key))
		return 0;
	switch (key) {
	case 'I': o->ifname = arg; return 0;
	case 's': return parse_source(o, arg, state);
	case 't': return parse_mac(o, arg, state);
	case 'C': return parse_count(state, arg, &o->replies);
	case OPT_VLAN: return parse_vlan(o, arg, state);
	case OPT_OUI: o->oui = arg; return 0;
	case OPT_READ: o->read = arg; return 0;
	case OPT_DAD: return parse_dad(o, arg, state);
	case OPT_ANNOUNCE: return parse_announce(o, arg, state);
	case OPT_DEFEND: return parse_defend(o, arg, state);
	case ARGP_KEY_ARG:
		if (!o->first_word)
			o->first_word = arg;
		if (o->n_words++ < ARPING_WORDS)
			o->words[o->n_words - 1] = arg;
		/* No IPv6 address looks like one: that has more colons, or two in a row. */
		if (mac_parse(arg, &o->target_mac) == 0) {
			o->is_reverse = o->has_target_mac = true;
			return 0;
		}
		return targets_add(shared->targets, arg, &shared->fault) < 0 ? EINVAL : 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

const struct options_tool arping_options = {
	.letters = "46hgcijnqvwWV",
	.options = own,
	.parser = parse,
	.args_doc = "TARGET...",
	.doc = "Ask neighbours who has an address (ARP, RFC 826; Neighbor Discovery, RFC 4861) and tell "
	       "whether that is the truth.\v"
	       "TARGET is an address, a name, a prefix (192.0.2.0/24), a range (192.0.2.1-192.0.2.9), - for a list "
	       "on standard input, or a MAC address, whose addresses are then found out.\n"
	       "Exit status: 0 every target has an owner (--dad: it is free), 1 one has none (it is taken), 2 could "
	       "not ask, 3 several owners of one address.",
};
