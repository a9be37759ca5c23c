/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_options - the command line: the letters of udhcpc first, then those of dhclient and dhcpcd.
 */
#include "base/num.h"
#include "dhcpc_apply.h"

#define TIMEOUT_NS (10 * NS_PER_S)
#define WAIT_NS (4 * NS_PER_S) /* dnsmasq looks for 3 s whether the address is free */
#define DAY_NS (24 * 3600 * NS_PER_S)

enum own {
	OPT_EXPECT = 0x2000,
	OPT_ALLOW,
	OPT_DENY,
	OPT_LOOSE,
	OPT_RAPID,
	OPT_V6ONLY,
	OPT_ANONYMOUS,
	OPT_SECS,
	OPT_XID,
	OPT_STATES,
	OPT_RENEW,
	OPT_REBOOT,
	OPT_INFORM,
	OPT_RELEASE,
	OPT_DECLINE,
	OPT_APPLY,
	OPT_SHELL,
	OPT_PRINT,
	OPT_NAGIOS,
	OPT_SCRIPT,
	OPT_HOOK_STYLE,
	OPT_RESOLV,
	OPT_METRIC,
	OPT_NO_ROUTES,
};

static const struct argp_option own[] = {
	{"interface", 'i', "IFACE", 0, "The interface, for those who are used to naming it so", 0},
	{NULL, 0, NULL, 0, "What to do, instead of asking for a lease and showing it:", 0},
	{"dry-run", 'n', NULL, 0, "Give the lease back at once", 0},
	{"renew", OPT_RENEW, "ADDR", 0,
	 "Ask for more time for ADDR: the server of -s, or any (rebinding)", 0},
	{"reboot", OPT_REBOOT, "ADDR", 0, "Ask whether ADDR is still ours, as after a reboot", 0},
	{"inform", OPT_INFORM, "ADDR", 0, "Ask for all but an address, which is ADDR", 0},
	{"release", OPT_RELEASE, "ADDR", 0, "Give ADDR back to the server of -s", 0},
	{"decline", OPT_DECLINE, "ADDR", 0, "Tell the server of -s that somebody else has ADDR", 0},
	{"apply", OPT_APPLY, NULL, 0,
	 "Put the lease on the host (address, routes, name servers), and exit", 0},
	{"daemon", 'f', NULL, 0, "Put it on the host, stay (in the foreground) and renew it", 0},
	{"states", OPT_STATES, NULL, 0, "Draw the table of states and exit", 0},
	{NULL, 0, NULL, 0, "How long (durations: 0.2, 200ms, 1s, 2m):", 0},
	{"timeout", 'T', "TIME", 0, "Give up after TIME (10 s)", 0},
	{"tries", 't', "N", 0, "Say each message at most N times", 0},
	{"wait", 'w', "TIME", 0,
	 "scan, lint: wait TIME for answers (4 s: dnsmasq may take 3 s to answer)", 0},
	{"expect", OPT_EXPECT, "N", 0, "scan: end as soon as N servers have answered", 0},
	{NULL, 0, NULL, 0, "On the host, with --apply and --daemon:", 0},
	{"give-back", 'R', NULL, 0, "--daemon: give the lease back at the end", 0},
	{"resolv", OPT_RESOLV, "HOW", 0,
	 "Name servers by way of resolvconf, resolvectl or a file's path; none; auto (default)", 0},
	{"no-routes", OPT_NO_ROUTES, NULL, 0, "Set no routes but that of the link", 0},
	{"metric", OPT_METRIC, "N", 0, "Metric of the routes", 0},
	{"script", OPT_SCRIPT, "PROGRAM", 0,
	 "Start PROGRAM when the lease changes (with --apply, --daemon or without)", 0},
	{"hook-style", OPT_HOOK_STYLE, "STYLE", 0,
	 "Its environment: that of udhcpc (default) or dhclient", 0},
	{NULL, 0, NULL, 0, "Whom to listen to:", 0},
	{"server", 's', "ADDR|MAC", 0, "Only this server; scan: it must be there", 0},
	{"allow", OPT_ALLOW, "ADDR|MAC", 0, "Only this server and others so named", 0},
	{"deny", OPT_DENY, "ADDR|MAC", 0, "Never this server (may be repeated)", 0},
	{"loose", OPT_LOOSE, NULL, 0,
	 "Take an ACK from another server, or of another address than was offered", 0},
	{NULL, 0, NULL, 0, "What is shown:", 0},
	{"shell", OPT_SHELL, NULL, 0, "Variables for a shell: eval \"$(dhcpc --shell eth0)\"", 0},
	{"print", OPT_PRINT, "OPTION[,OPTION]", 0, "The values of these options, a line each", 0},
	{"nagios", OPT_NAGIOS, NULL, 0, "One line and the exit status of a monitoring plugin", 0},
	{NULL, 0, NULL, 0, "What is said:", 0},
	{"request", 'r', "ADDR", 0, "Ask for this address", 0},
	{"arp", 'a', "MODE", OPTION_ARG_OPTIONAL,
	 "Probe the address before it is taken, and decline it if somebody has it: rfc takes the time of RFC 5227 (4 to 7 s), fast 0.3 s; none (fast with --apply and --daemon)",
	 0},
	{"rapid", OPT_RAPID, NULL, 0, "Ask for a lease in two messages (option 80)", 0},
	{"ipv6-only", OPT_V6ONLY, NULL, 0,
	 "Do without an address if the network prefers IPv6 (option 108)", 0},
	{"mac", 'm', "MAC|random", 0, "Ask as the owner of this MAC address", 0},
	{"clientid", 'I', "ID", 0,
	 "Client identifier: mac (default), duid, none, hex:0102.. or a text", 0},
	{NULL, 'C', NULL, 0, "No client identifier", 0},
	{"hostname", 'H', "NAME", 0, "Say this host name (option 12)", 0},
	{"fqdn", 'F', "NAME", 0, "Ask for NAME to be put into the DNS (option 81)", 0},
	{"vendor", 'V', "TEXT", 0, "Vendor class (option 60)", 0},
	{"user-class", 'u', "TEXT", 0, "User class (option 77)", 0},
	{"option", 'O', "OPTION", 0, "Ask for this option too, by name or number", 0},
	{"bare", 'o', NULL, 0, "Ask for no options but those of -O", 0},
	{"send", 'S', "OPTION=VALUE", 0,
	 "Send an option: hex:0102.., ip:192.0.2.1, int8:, int16:, int32:NUMBER or a text", 0},
	{"broadcast", 'B', NULL, 0, "Have the answers broadcast", 0},
	{"secs", OPT_SECS, "N", 0, "Say that we have been asking for N seconds", 0},
	{"xid", OPT_XID, "N", 0, "Number of the exchange", 0},
	{"anonymous", OPT_ANONYMOUS, NULL, 0,
	 "Say nothing that tells who we are, under a random MAC address (RFC 7844)", 0},
	{0},
};

static error_t parse_addr(struct argp_state *state, const char *name, const char *arg,
			  struct addr *out)
{
	if (addr_parse(arg, out) == 0 && out->len == 4)
		return 0;
	return options_fault(state, name, arg, "an IPv4 address");
}

static error_t parse_server(struct argp_state *state, const char *name, const char *arg,
			    struct dhcpc_server *out)
{
	if (addr_parse(arg, &out->addr) == 0 && out->addr.len == 4)
		return 0;
	out->addr = (struct addr){0};
	if (mac_parse(arg, &out->mac) == 0)
		return 0;
	return options_fault(state, name, arg, "an IPv4 or MAC address");
}

static error_t add_server(struct argp_state *state, const char *name, const char *arg,
			  struct dhcpc_list *list)
{
	if (list->n == DHCPC_SERVERS)
		return options_fault(state, name, arg, "within the 32 servers that can be named");
	return parse_server(state, name, arg, &list->servers[list->n++]);
}

static error_t parse_number(struct argp_state *state, const char *name, const char *arg,
			    uint64_t min, uint64_t max, uint64_t *out)
{
	struct why why;

	if (num_u64(arg, min, max, out, &why) == 0)
		return 0;
	return options_fault(state, name, arg, why.text);
}

static error_t parse_time(struct argp_state *state, const char *name, const char *arg,
			  uint64_t *out_ns)
{
	struct why why;

	if (num_duration(arg, NS_PER_MS, DAY_NS, out_ns, &why) == 0)
		return 0;
	return options_fault(state, name, arg, why.text);
}

static error_t parse_mode(struct argp_state *state, struct dhcpc_opts *o, enum dhcpc_mode mode,
			  const char *name, const char *arg)
{
	if (o->mode != MODE_LEASE || o->gives_back)
		return options_fault(state, name, arg, "the only thing to be done");
	o->mode = mode;
	return parse_addr(state, name, arg, &o->addr);
}

static error_t parse_mac(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	o->is_mac_random = strcmp(arg, "random") == 0;
	if (o->is_mac_random)
		return 0;
	o->has_mac = true;
	if (mac_parse(arg, &o->mac) == 0 && !(o->mac.bytes[0] & 1))
		return 0;
	return options_fault(state, "-m", arg, "the MAC address of one host, or 'random'");
}

static error_t parse_text(struct argp_state *state, const char *name, const char *arg, size_t max,
			  const char **out)
{
	size_t len = strlen(arg);

	*out = arg;
	if (len && len <= max)
		return 0;
	return options_fault(state, name, arg, "a text of 1 to 255 octets");
}

/* RFC 1035 2.3.4 */
static error_t parse_name(struct argp_state *state, const char *arg, const char **out)
{
	const char *at = arg;

	*out = arg;
	while (*at) {
		size_t n = strcspn(at, ".");

		if (!n || n > 63)
			return options_fault(state, "-F", arg, "a domain name");
		at += n + (at[n] == '.');
	}
	if (*arg && strlen(arg) <= 253)
		return 0;
	return options_fault(state, "-F", arg, "a domain name");
}

static error_t parse_wanted(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	int code = dhcp_option_by_name(arg);

	if (code < 0)
		return options_fault(state, "-O", arg,
				     "an option's name or a number from 1 to 254");
	if (o->n_params == DHCPC_PARAMS)
		return options_fault(state, "-O", arg, "within the 64 options that can be named");
	o->params[o->n_params++] = (uint8_t)code;
	return 0;
}

static int put_value(struct wr *w, const char *value)
{
	struct addr a;
	uint64_t v;

	if (strncmp(value, "hex:", 4) == 0)
		return dhcpc_put_hex(w, value + 4);
	if (strncmp(value, "ip:", 3) == 0) {
		if (addr_parse(value + 3, &a) < 0 || a.len != 4)
			return E_BAD;
		wr_bytes(w, a.bytes, 4);
	} else if (strncmp(value, "int8:", 5) == 0) {
		if (num_u64(value + 5, 0, UINT8_MAX, &v, NULL) < 0)
			return E_BAD;
		wr_u8(w, (uint8_t)v);
	} else if (strncmp(value, "int16:", 6) == 0) {
		if (num_u64(value + 6, 0, UINT16_MAX, &v, NULL) < 0)
			return E_BAD;
		wr_u16(w, (uint16_t)v);
	} else if (strncmp(value, "int32:", 6) == 0) {
		if (num_u64(value + 6, 0, UINT32_MAX, &v, NULL) < 0)
			return E_BAD;
		wr_u32(w, (uint32_t)v);
	} else {
		wr_bytes(w, value, strlen(value));
	}
	return 0;
}

static error_t parse_send(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	uint8_t value[255];
	struct wr v = wr_make(value, sizeof(value));
	struct wr all = wr_make(o->send + o->send_len, sizeof(o->send) - o->send_len);
	const char *equals = strchr(arg, '=');
	char name[64];
	int code = E_NOENT;

	if (equals && (size_t)(equals - arg) < sizeof(name)) {
		memcpy(name, arg, (size_t)(equals - arg));
		name[equals - arg] = '\0';
		code = dhcp_option_by_name(name);
	}
	if (code < 0 || put_value(&v, equals + 1) < 0 || v.bad)
		return options_fault(
			state, "-S", arg,
			"OPTION=VALUE, as in 60=text, vendor-class-identifier=text, 43=hex:0102, 50=ip:192.0.2.1 or 57=int16:1500");
	dhcp_put(&all, (uint8_t)code, value, v.len);
	if (all.bad)
		return options_fault(state, "-S", arg, "within the 512 octets that can be sent");
	o->send_len += all.len;
	return 0;
}

static error_t parse_arp(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	o->has_check = true;
	o->checks = !arg || strcmp(arg, "none") != 0;
	o->is_check_fast = arg && strcmp(arg, "fast") == 0;
	if (!arg || !o->checks || o->is_check_fast || strcmp(arg, "rfc") == 0)
		return 0;
	return options_fault(state, "--arp", arg, "rfc, fast or none");
}

static error_t parse_prints(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	char name[64];

	for (const char *at = arg; *at;) {
		size_t n = strcspn(at, ",");
		int code;

		if (n >= sizeof(name) || o->n_prints == DHCPC_PARAMS)
			return options_fault(state, "--print", arg, "a list of at most 64 options");
		memcpy(name, at, n);
		name[n] = '\0';
		code = dhcp_option_by_name(name);
		if (code < 0)
			return options_fault(state, "--print", name,
					     "an option's name or a number from 1 to 254");
		o->prints[o->n_prints++] = (uint8_t)code;
		at += n + (at[n] == ',');
	}
	return 0;
}

static error_t parse_show(int key, char *arg, struct argp_state *state)
{
	struct dhcpc_opts *o = options_input(state);

	if (key != OPT_SHELL && key != OPT_PRINT && key != OPT_NAGIOS)
		return ARGP_ERR_UNKNOWN;
	if (o->show != SHOW_LINES) {
		why_set(&options_of(state)->fault, E_BAD,
			"one of --shell, --print and --nagios can be given, once");
		return EINVAL;
	}
	o->show = key == OPT_SHELL ? SHOW_SHELL : key == OPT_PRINT ? SHOW_PRINT : SHOW_NAGIOS;
	return key == OPT_PRINT ? parse_prints(state, o, arg) : 0;
}

static error_t parse_host(int key, char *arg, struct argp_state *state)
{
	struct dhcpc_opts *o = options_input(state);
	uint64_t n = 0;
	error_t err;

	switch (key) {
	case OPT_APPLY: o->applies = true; return 0;
	case 'f': o->applies = o->stays = true; return 0;
	case 'R': o->gives_back_late = true; return 0;
	case OPT_NO_ROUTES: o->no_routes = true; return 0;
	case OPT_METRIC:
		err = parse_number(state, "--metric", arg, 0, UINT32_MAX, &n);
		o->metric = (uint32_t)n;
		return err;
	case OPT_SCRIPT:
		o->script = arg;
		return *arg == '/' ? 0 :
				     options_fault(state, "--script", arg,
						   "the path of a program, from / on");
	case OPT_HOOK_STYLE:
		o->hook_style =
			strcmp(arg, "dhclient") == 0 ? DHCPC_VARS_DHCLIENT : DHCPC_VARS_UDHCPC;
		if (o->hook_style || strcmp(arg, "udhcpc") == 0)
			return 0;
		return options_fault(state, "--hook-style", arg, "udhcpc or dhclient");
	case OPT_RESOLV:
		o->resolv = arg;
		if (*arg == '/' || strcmp(arg, "none") == 0 || strcmp(arg, "auto") == 0 ||
		    strcmp(arg, "resolvconf") == 0 || strcmp(arg, "resolvectl") == 0)
			return 0;
		return options_fault(state, "--resolv", arg,
				     "auto, none, resolvconf, resolvectl or a path from / on");
	default: return parse_show(key, arg, state);
	}
}

static error_t parse_ifname(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	if (o->ifname)
		return options_fault(state, "IFACE", arg, "needed: one interface is asked on");
	o->ifname = arg;
	return 0;
}

static error_t parse_operand(struct argp_state *state, struct dhcpc_opts *o, const char *arg)
{
	static const struct {
		const char *word;
		enum dhcpc_mode mode;
	} modes[] = {{"scan", MODE_SCAN}, {"lint", MODE_LINT}, {"decode", MODE_DECODE}};

	for (size_t i = 0; state->arg_num == 0 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(arg, modes[i].word) != 0)
			continue;
		if (o->mode != MODE_LEASE)
			return options_fault(state, "MODE", arg, "the only thing to be done");
		o->mode = modes[i].mode;
		return 0;
	}
	return parse_ifname(state, o, arg);
}

/* Returns what is wrong, or NULL. */
static const char *host_fault(const struct dhcpc_opts *o)
{
	bool has_details = o->no_routes || o->metric || o->resolv;
	bool can_bind = o->mode == MODE_LEASE || o->mode == MODE_REBOOT;

	if ((o->applies || o->script) && (!can_bind || o->gives_back))
		return "--apply, --daemon and --script go with asking for a lease, not with -n or another mode";
	if (has_details && !o->applies)
		return "--resolv, --metric and --no-routes go with --apply or --daemon";
	if (o->show != SHOW_LINES &&
	    (o->stays || o->mode == MODE_DECODE || o->mode == MODE_RELEASE ||
	     o->mode == MODE_DECLINE || o->mode == MODE_LINT ||
	     (o->mode == MODE_SCAN && o->show != SHOW_NAGIOS)))
		return "--shell and --print show one lease, and --nagios one lease or scan";
	if (o->gives_back_late && !o->stays)
		return "-R goes with --daemon (-n gives a lease back at once)";
	if (o->hook_style && !o->script)
		return "--hook-style goes with --script";
	if (o->stays && o->has_timeout)
		return "--daemon asks until it is answered: --timeout does not go with it";
	return NULL;
}

/* Nothing is asked when a capture is read: no option but that one, and the shared ones. */
static bool is_bare_decode(const struct dhcpc_opts *o)
{
	static const struct dhcpc_opts none;
	struct dhcpc_opts rest = *o;

	rest.mode = MODE_LEASE;
	rest.ifname = NULL;
	return memcmp(&rest, &none, sizeof(rest)) == 0;
}

/* RELEASE and DECLINE carry nothing that could be chosen (RFC 2131 table 5); nobody answers. */
static bool has_wishes(const struct dhcpc_opts *o)
{
	return o->is_bare || o->n_params || o->send_len || o->hostname || o->fqdn || o->vendor ||
	       o->user_class || o->is_broadcast || o->has_secs || o->tries || o->is_loose ||
	       o->allowed.n || o->denied.n;
}

/* What a single message, one that is not the beginning of a lease, has no use for. */
static const char *single_fault(const struct dhcpc_opts *o)
{
	bool is_last_word = o->mode == MODE_RELEASE || o->mode == MODE_DECLINE;

	if (is_last_word && !o->must.addr.len)
		return "--release and --decline need the server's address: -s ADDR";
	if (is_last_word && has_wishes(o))
		return "--release and --decline say who we are, and nothing that could be chosen";
	if (o->wish.len || o->is_rapid || o->wants_v6only)
		return "-r, --rapid and --ipv6-only go with asking for a lease";
	if (o->has_check && o->mode != MODE_REBOOT)
		return "--arp goes with asking for a lease, or for that of before (--reboot)";
	if (o->mode == MODE_RENEW && o->has_must && !o->must.addr.len)
		return "--renew needs the server's IPv4 address in -s, or no -s";
	if (o->mode == MODE_RENEW && o->tries)
		return "--renew goes on until --timeout: --tries means nothing to it";
	return o->mode == MODE_INFORM && o->is_loose ? "--loose means nothing to --inform" : NULL;
}

/* Returns what is wrong, or NULL. */
static const char *mode_fault(const struct dhcpc_opts *o)
{
	bool is_scan = o->mode == MODE_SCAN, is_lint = o->mode == MODE_LINT;

	if (o->mode == MODE_DECODE && !is_bare_decode(o))
		return "decode takes a capture and the options of output";
	if (o->gives_back && o->mode != MODE_LEASE)
		return "-n goes with asking for a lease, not with another mode";
	if (o->mode >= MODE_RENEW && o->mode <= MODE_DECLINE && single_fault(o))
		return single_fault(o);
	if (o->expect && !is_scan)
		return "--expect goes with scan";
	if (o->wait_ns && !is_scan && !is_lint)
		return "--wait goes with scan and lint";
	if ((is_scan || is_lint) && (o->has_timeout || o->tries))
		return "scan and lint take --wait, not --timeout or --tries";
	if ((is_scan || is_lint) && (o->has_check || o->is_rapid || o->is_loose || o->wants_v6only))
		return "--arp, --rapid, --loose and --ipv6-only mean nothing to scan and lint";
	if (is_lint && (o->is_bare || o->is_broadcast || o->no_id || o->wish.len || o->has_xid ||
			o->allowed.n || o->denied.n))
		return "lint says what it must: of who is asked and answers, only -s and -m are yours";
	return NULL;
}

/* What only makes sense together. */
static error_t check_all(struct argp_state *state, struct dhcpc_opts *o)
{
	const char *fault = mode_fault(o) ? mode_fault(o) : host_fault(o);

	if (fault) {
		why_set(&options_of(state)->fault, E_BAD, "%s", fault);
		return EINVAL;
	}
	if (!o->wait_ns)
		o->wait_ns = WAIT_NS;
	if (!o->has_timeout && !o->stays)
		o->timeout_ns = TIMEOUT_NS;
	o->gives_back |= o->gives_back_late;
	if (o->applies && !o->has_check)
		o->checks = o->is_check_fast = true;
	return 0;
}

static error_t parse_message(int key, char *arg, struct argp_state *state)
{
	struct dhcpc_opts *o = options_input(state);
	uint64_t n = 0;
	error_t err = 0;

	switch (key) {
	case 'r': return parse_addr(state, "-r", arg, &o->wish);
	case 'a': return parse_arp(state, o, arg);
	case OPT_RAPID: o->is_rapid = true; return 0;
	case OPT_V6ONLY: o->wants_v6only = true; return 0;
	case 'm': return parse_mac(state, o, arg);
	case 'I':
		o->no_id = strcmp(arg, "none") == 0;
		o->id = o->no_id ? NULL : arg;
		return 0;
	case 'C': o->no_id = true; return 0;
	case 'H': return parse_text(state, "-H", arg, 255, &o->hostname);
	case 'F': return parse_name(state, arg, &o->fqdn);
	case 'V': return parse_text(state, "-V", arg, 255, &o->vendor);
	case 'u': return parse_text(state, "-u", arg, 254, &o->user_class);
	case 'O': return parse_wanted(state, o, arg);
	case 'o': o->is_bare = true; return 0;
	case 'S': return parse_send(state, o, arg);
	case 'B': o->is_broadcast = true; return 0;
	case OPT_ANONYMOUS: o->is_anonymous = true; return 0;
	case OPT_SECS:
		err = parse_number(state, "--secs", arg, 0, UINT16_MAX, &n);
		o->secs = (uint16_t)n;
		o->has_secs = true;
		return err;
	case OPT_XID:
		err = parse_number(state, "--xid", arg, 0, UINT32_MAX, &n);
		o->xid = (uint32_t)n;
		o->has_xid = true;
		return err;
	default: return parse_host(key, arg, state);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct dhcpc_opts *o = options_input(state);

	switch (key) {
	case ARGP_KEY_ARG: return parse_operand(state, o, arg);
	case ARGP_KEY_END: return check_all(state, o);
	case 'i': return parse_ifname(state, o, arg);
	case 'n': o->gives_back = true; return 0;
	case OPT_RENEW: return parse_mode(state, o, MODE_RENEW, "--renew", arg);
	case OPT_REBOOT: return parse_mode(state, o, MODE_REBOOT, "--reboot", arg);
	case OPT_INFORM: return parse_mode(state, o, MODE_INFORM, "--inform", arg);
	case OPT_RELEASE: return parse_mode(state, o, MODE_RELEASE, "--release", arg);
	case OPT_DECLINE: return parse_mode(state, o, MODE_DECLINE, "--decline", arg);
	case OPT_STATES: o->wants_states = true; return 0;
	case 'T': o->has_timeout = true; return parse_time(state, "-T", arg, &o->timeout_ns);
	case 't': return parse_number(state, "-t", arg, 1, INT64_MAX, &o->tries);
	case 'w': return parse_time(state, "-w", arg, &o->wait_ns);
	case OPT_EXPECT: return parse_number(state, "--expect", arg, 1, 64, &o->expect);
	case 's': o->has_must = true; return parse_server(state, "-s", arg, &o->must);
	case OPT_ALLOW: return add_server(state, "--allow", arg, &o->allowed);
	case OPT_DENY: return add_server(state, "--deny", arg, &o->denied);
	case OPT_LOOSE: o->is_loose = true; return 0;
	default: return parse_message(key, arg, state);
	}
}

const struct options_tool dhcpc_options = {
	.letters = "hjqv",
	.lacks =
		"ipv4 ipv6 generate file exclude shard seed count interval timeout deadline rate numeric",
	.options = own,
	.parser = parse,
	.args_doc = "IFACE\nscan IFACE\nlint IFACE\ndecode FILE|-|hex:0102..",
	.doc = "Get a DHCPv4 lease and show it, with the four messages and their times; the host "
	       "is left as it is without --apply. 'scan' shows every server and asks nothing of them; 'lint' asks "
	       "one server whether it keeps to the RFCs; 'decode' shows the messages in a capture."
	       "\v"
	       "Exit status: 0 a lease; 1 no answer; 2 usage, permission, interface; 3 refused (NAK); "
	       "4 a server that is not allowed; 5 only answers that cannot be accepted, or lint found wrong ones; 6 the "
	       "address is in use; 7 the network prefers IPv6 alone; 8 the lease could not be put "
	       "on the host, or a hook failed.\n\n"
	       "Where NetworkManager or another client works with the same MAC address, only scan "
	       "and a MAC address of one's own (-m random) leave its lease alone.",
};
