/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcphs_options - the command line.
 */
#include "tcphs.h"

#include "base/num.h"

#define INTERVAL_MIN_NS (200 * NS_PER_MS) /* one connection at a time, and not often */

enum own_option {
	OPT_HTTP = 0x2000,
	OPT_SEND,
	OPT_CLOSE,
	OPT_TIME_WAIT,
	OPT_MSS,
	OPT_WSCALE,
	OPT_SACK,
	OPT_TIMESTAMPS,
	OPT_TFO,
	OPT_PLAIN,
	OPT_ISN,
	OPT_WINDOW,
	OPT_TTL,
	OPT_TOS,
	OPT_DELACK,
	OPT_NAGLE,
	OPT_GUARD,
	OPT_EXPECT,
	OPT_STATES,
	OPT_PHANTOM,
	OPT_DAD,
};

static const struct argp_option own[] = {
	{NULL, 0, NULL, 0, "The connection:", 1},
	{"interface", 'I', "IFACE", 0, "Interface to send and listen on", 0},
	{"source", 's', "ADDR", 0, "Source address: one of this host's", 0},
	{"phantom", OPT_PHANTOM, "ADDR[,MAC]", 0,
	 "Speak from an unused address of the LAN, claimed first; MAC as in phantom(8)", 0},
	{"dad", OPT_DAD, "MODE", 0, "How to find out that it is unused: rfc or fast (0.3 s)", 0},
	{"source-port", 'p', "PORT", 0, "Source port; a free one is chosen without it", 0},
	{"close", OPT_CLOSE, "HOW", 0,
	 "Who says FIN: active, passive, half, simultaneous, abort (a RST) or none; passive with --http, else active",
	 0},
	{"time-wait", OPT_TIME_WAIT, "TIME", 0, "How long TIME-WAIT is kept (1 s)", 0},
	{"retries", 'r', "N", 0, "How often a SYN without answer is repeated (3)", 0},
	{"expect", OPT_EXPECT, "WORD", 0,
	 "Exit 0 if this is the result and 7 if not: open, refused, filtered, unreachable, or a reason word",
	 0},
	{"guard", OPT_GUARD, "HOW", 0,
	 "Keep the kernel's RST away: auto, sock (a listening socket that discards), repair, nft (both need CAP_NET_ADMIN), or none, to see what happens",
	 0},
	{NULL, 0, NULL, 0, "Octets to send, and the reply:", 2},
	{"data", 'd', "TEXT", 0, "Send TEXT", 0},
	{"send", OPT_SEND, "FILE", 0, "Send FILE; - is standard input", 0},
	{"http", OPT_HTTP, "PATH", 0, "Ask for PATH by HTTP/1.0; -o then has the body alone", 0},
	{"output", 'o', "FILE", 0,
	 "Write the reply, or with --format=prom the metrics, to FILE; - is standard output", 0},
	{NULL, 0, NULL, 0, "What the segments say:", 3},
	{"mss", OPT_MSS, "N", 0, "Largest segment, in octets; 0 leaves the option out", 0},
	{"wscale", OPT_WSCALE, "N", 0, "Window scale from 0 to 14, or off", 0},
	{"sack", OPT_SACK, "on|off", 0, "Selective acknowledgments", 0},
	{"timestamps", OPT_TIMESTAMPS, "on|off", 0, "Timestamps", 0},
	{"tfo", OPT_TFO, "COOKIE", OPTION_ARG_OPTIONAL,
	 "Fast open: ask for a cookie, or use this one, in hex", 0},
	{"plain", OPT_PLAIN, NULL, 0, "No option but the MSS", 0},
	{"isn", OPT_ISN, "N", 0, "Initial sequence number; unguessable without it (RFC 6528)", 0},
	{"window", OPT_WINDOW, "N", 0, "Octets of our receive buffer", 0},
	{"ttl", OPT_TTL, "N", 0, "TTL or hop limit (64)", 0},
	{"tos", OPT_TOS, "N", 0, "DSCP and ECN octet (0)", 0},
	{"delack", OPT_DELACK, "TIME", 0,
	 "Delay of an acknowledgment, below 500 ms; 0 acknowledges each segment at once (40 ms)",
	 0},
	{"nagle", OPT_NAGLE, NULL, 0, "Hold small segments back while one is under way", 0},
	{NULL, 0, NULL, 0, "Lines:", 4},
	{"absolute", 'a', NULL, 0, "Show sequence numbers as they are on the wire", 0},
	{"states", OPT_STATES, NULL, 0, "Draw the table of states and exit", 0},
	{0},
};

static error_t parse_num(struct argp_state *state, const char *option, const char *arg,
			 uint64_t min, uint64_t max, uint64_t *out)
{
	struct why why;

	if (num_u64(arg, min, max, out, &why) == 0)
		return 0;
	return options_fault(state, option, arg, why.text);
}

static error_t parse_u8(struct argp_state *state, const char *option, const char *arg, uint64_t min,
			uint8_t *out)
{
	uint64_t n = 0;
	error_t err = parse_num(state, option, arg, min, 255, &n);

	*out = (uint8_t)n;
	return err;
}

static error_t parse_switch(struct argp_state *state, const char *option, const char *arg,
			    bool *out)
{
	*out = strcmp(arg, "on") == 0;
	if (*out || strcmp(arg, "off") == 0)
		return 0;
	return options_fault(state, option, arg, "on or off");
}

static error_t parse_wscale(struct argp_state *state, const char *arg, struct tcb_config *c)
{
	uint64_t n = 0;

	c->wants_wscale = strcmp(arg, "off") != 0;
	if (!c->wants_wscale || num_u64(arg, 0, 14, &n, NULL) == 0) {
		c->wscale = (uint8_t)n;
		return 0;
	}
	return options_fault(state, "--wscale", arg, "a number from 0 to 14, or off");
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* RFC 7413 4.1.1: 4 to 16 octets, an even number of them. */
static error_t parse_cookie(struct argp_state *state, const char *arg, struct tcb_config *c)
{
	size_t len = arg ? strlen(arg) : 0;
	bool is_good = len % 4 == 0 && (len == 0 || (len >= 8 && len <= 2 * TCB_COOKIE_MAX));

	c->wants_cookie = true;
	for (size_t i = 0; is_good && i < len; i += 2) {
		int high = hex_digit(arg[i]), low = hex_digit(arg[i + 1]);

		is_good = high >= 0 && low >= 0;
		c->cookie[i / 2] = (uint8_t)(high << 4 | (low & 0xf));
	}
	c->cookie_len = (uint8_t)(len / 2);
	if (is_good)
		return 0;
	return options_fault(state, "--tfo", arg, "4 to 16 octets in hex, an even number of them");
}

static error_t parse_close(struct argp_state *state, const char *arg, enum tcphs_close *out)
{
	static const char *const words[] = {"",      "active", "passive", "half", "simultaneous",
					    "abort", "none"};

	for (unsigned i = CLOSE_ACTIVE; i <= CLOSE_NONE; i++) {
		if (strcmp(arg, words[i]) == 0) {
			*out = (enum tcphs_close)i;
			return 0;
		}
	}
	return options_fault(state, "--close", arg,
			     "one of active, passive, half, simultaneous, abort, none");
}

static error_t parse_expect(struct argp_state *state, const char *arg, const char **out)
{
	static const char *const words[] = {
		"open",        "refused",       "filtered",      "unreachable",     "syn-ack",
		"reset",       "no-response",   "no-neighbour",  "port-unreach",    "host-unreach",
		"net-unreach", "proto-unreach", "time-exceeded", "admin-prohibited"};

	*out = arg;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(arg, words[i]) == 0)
			return 0;
	return options_fault(
		state, "--expect", arg,
		"open, refused, filtered, unreachable, or a reason word of the RESULT line");
}

static error_t parse_duration(struct argp_state *state, const char *option, const char *arg,
			      uint64_t max_ns, uint64_t *out)
{
	struct why why;

	if (num_duration(arg, 0, max_ns, out, &why) == 0)
		return 0;
	return options_fault(state, option, arg, why.text);
}

static error_t parse_phantom(struct argp_state *state, const char *arg, struct tcphs_opts *o)
{
	size_t len = strcspn(arg, ",");
	char addr[ADDR_TEXT_MAX];

	if (len < sizeof(addr) && strlen(arg + len) <= sizeof(o->phantom_mac)) {
		memcpy(addr, arg, len);
		addr[len] = '\0';
		strcpy(o->phantom_mac, arg[len] ? arg + len + 1 : "random");
		if (addr_parse(addr, &o->phantom) == 0)
			return 0;
	}
	return options_fault(state, "--phantom", arg,
			     "an address, perhaps with a comma and own, random or a MAC address");
}

/* Options of the segments. */
static error_t parse_tcp(int key, char *arg, struct argp_state *state, struct tcphs_opts *o)
{
	struct tcb_config *c = &o->tcp;
	uint64_t n = 0;
	error_t err = 0;

	switch (key) {
	case OPT_MSS:
		err = parse_num(state, "--mss", arg, 0, 65495, &n);
		if (!err && n && n < 48)
			err = options_fault(state, "--mss", arg, "0, or from 48 to 65495");
		o->has_mss = n != 0;
		o->no_mss = n == 0;
		c->mss = (uint16_t)n;
		return err;
	case OPT_WSCALE: o->has_wscale = true; return parse_wscale(state, arg, c);
	case OPT_SACK: return parse_switch(state, "--sack", arg, &c->wants_sack);
	case OPT_TIMESTAMPS: return parse_switch(state, "--timestamps", arg, &c->wants_ts);
	case OPT_TFO: return parse_cookie(state, arg, c);
	case OPT_PLAIN: c->wants_sack = c->wants_ts = c->wants_wscale = false; return 0;
	case OPT_ISN:
		err = parse_num(state, "--isn", arg, 0, UINT32_MAX, &n);
		c->isn = (uint32_t)n;
		o->has_isn = true;
		return err;
	case OPT_WINDOW:
		err = parse_num(state, "--window", arg, 1, 1u << 30, &n);
		c->window = (uint32_t)n;
		return err;
	case OPT_TTL: return parse_u8(state, "--ttl", arg, 1, &o->ttl);
	case OPT_TOS: return parse_u8(state, "--tos", arg, 0, &o->tos);
	case OPT_DELACK:
		return parse_duration(state, "--delack", arg, 499 * NS_PER_MS, &c->delack_ns);
	case OPT_NAGLE: c->nagle = true; return 0;
	case 'r':
		err = parse_num(state, "--retries", arg, 0, 100, &n);
		c->syn_retries = (unsigned)n;
		return err;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static bool is_word(const struct tcphs_opts *o, unsigned i, const char *word)
{
	return o->n_words > i && strcmp(o->words[i], word) == 0;
}

static error_t fault(struct argp_state *state, const char *text)
{
	(void)why_set(&options_of(state)->fault, E_BAD, "%s", text);
	return EINVAL;
}

/* The first operand may say what is to be done. */
static unsigned take_mode(struct tcphs_opts *o)
{
	static const char *const words[] = {"connect", "listen", "probe", "ladder"};

	for (unsigned i = MODE_CONNECT; i <= MODE_LADDER; i++) {
		if (is_word(o, 0, words[i])) {
			o->mode = (enum tcphs_mode)i;
			return 1;
		}
	}
	return 0;
}

static error_t take_port(struct argp_state *state, const char *word, uint16_t *out)
{
	uint64_t port = 0;

	if (num_u64(word, 1, 65535, &port, NULL) < 0)
		return options_fault(state, "PORT", word, "a number from 1 to 65535");
	*out = (uint16_t)port;
	return 0;
}

/* What does not go together. */
static error_t check(struct argp_state *state, struct tcphs_opts *o)
{
	if (!!o->data + !!o->send + !!o->http > 1)
		return fault(state, "only one of --data, --send and --http can be given");
	if (o->http && o->http[0] != '/')
		return options_fault(state, "--http", o->http, "a path, which begins with /");
	if (o->http && o->http[strcspn(o->http, " \t\r\n\v\f")])
		return options_fault(state, "--http", o->http,
				     "a path as HTTP writes it: a blank in it is %20");
	if (o->http && strlen(o->http) > TCPHS_PATH_MAX)
		return fault(state, "the path of --http is longer than 3000 octets");
	if (o->phantom.len && o->source.len)
		return fault(state, "only one of --source and --phantom can be given");
	if (options_of(state)->is_prom) {
		options_of(state)->output = o->output;
		o->output = NULL;
	}
	o->output_is_free = !o->output || strcmp(o->output, "-") != 0;
	if (!o->output_is_free && (options_of(state)->is_json || options_of(state)->is_check))
		return fault(
			state,
			"standard output cannot have both the reply (-o -) and JSON, or what --check says");
	if (o->mode == MODE_PROBE && (o->data || o->send || o->http || o->output))
		return fault(state, "a probe sends no octets and gets none");
	if (options_of(state)->count > 1 && (o->mode == MODE_LISTEN || o->mode == MODE_LADDER))
		return fault(state, "--count is for who connects");
	if (options_of(state)->count > 1 && (o->send || o->output))
		return fault(state, "with --count there is no --send, and no --output");
	if (options_of(state)->has_interval && options_of(state)->count < 2)
		return fault(
			state,
			"--interval is the time between connections: say how many, with --count");
	if (options_of(state)->has_interval && options_of(state)->interval_ns < INTERVAL_MIN_NS)
		return fault(state, "--interval is at least 0.2 s");
	if (o->tcp.wants_wscale && !(o->tcp.window >> o->tcp.wscale)) {
		if (o->has_wscale)
			return fault(state, "with this --wscale the --window is told as 0");
		o->tcp.wscale = 0;
	}
	if (o->close == CLOSE_DEFAULT)
		o->close = o->mode == MODE_PROBE             ? CLOSE_ABORT :
			   o->http || o->mode == MODE_LISTEN ? CLOSE_PASSIVE :
							       CLOSE_ACTIVE;
	if (o->mode == MODE_PROBE && o->close != CLOSE_ABORT && o->close != CLOSE_NONE)
		return fault(state, "a probe ends by --close=abort or --close=none");
	return 0;
}

static error_t take_listen(struct argp_state *state, struct tcphs_opts *o)
{
	if (o->n_words != 2)
		return fault(state, "a port is wanted: tcphs listen PORT -s ADDR");
	if (!o->source.len && !o->phantom.len)
		return fault(state,
			     "on which address? Name one of this host with -s, or use --phantom");
	if (o->source_port || o->http || o->tcp.wants_cookie)
		return fault(state, "--source-port, --http and --tfo are for who connects");
	return take_port(state, o->words[1], &o->port);
}

/* What the operands say, when all are there. */
static error_t take_words(struct argp_state *state, struct tcphs_opts *o)
{
	unsigned first = take_mode(o);
	error_t err;

	if (o->wants_states || options_of(state)->want_help || options_of(state)->want_usage ||
	    options_of(state)->want_version || options_of(state)->want_schema)
		return 0;
	err = check(state, o);
	if (err)
		return err;
	if (o->mode == MODE_LISTEN)
		return take_listen(state, o);
	o->host = o->words[first];
	if (o->mode == MODE_LADDER && (options_of(state)->is_prom || options_of(state)->is_check))
		return fault(state, "--format=prom and --check are for a connection of our own");
	if (o->mode == MODE_LADDER)
		return o->n_words == 2 ? 0 : fault(state, "a file is wanted: tcphs ladder FILE");
	if (o->n_words != first + 2)
		return fault(state, "a host and a port are wanted: tcphs HOST PORT");
	if (strcmp(o->host, "-") == 0)
		return fault(state, "one host is wanted, not a list from standard input");
	err = take_port(state, o->words[first + 1], &o->port);
	if (err)
		return err;
	return targets_add(options_of(state)->targets, o->host, &options_of(state)->fault) < 0 ?
		       EINVAL :
		       0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct tcphs *t = options_input(state);
	struct tcphs_opts *o = &t->opts;
	uint64_t n = 0;
	error_t err;

	switch (key) {
	case 'I': o->ifname = arg; return 0;
	case 's':
		return addr_parse(arg, &o->source) == 0 ?
			       0 :
			       options_fault(state, "--source", arg, "an IPv4 or IPv6 address");
	case 'p':
		err = parse_num(state, "--source-port", arg, 1, 65535, &n);
		o->source_port = (uint16_t)n;
		return err;
	case OPT_CLOSE: return parse_close(state, arg, &o->close);
	case OPT_TIME_WAIT:
		return parse_duration(state, "--time-wait", arg, 3600 * NS_PER_S,
				      &o->tcp.time_wait_ns);
	case OPT_EXPECT: return parse_expect(state, arg, &o->expect);
	case OPT_PHANTOM: return parse_phantom(state, arg, o);
	case OPT_DAD:
		o->is_dad_fast = strcmp(arg, "fast") == 0;
		if (o->is_dad_fast || strcmp(arg, "rfc") == 0)
			return 0;
		return options_fault(state, "--dad", arg, "one of fast, rfc");
	case OPT_GUARD:
		return guard_word(arg, &o->guard) ?
			       0 :
			       options_fault(state, "--guard", arg,
					     "one of auto, sock, repair, nft, none");
	case 'd': o->data = arg; return 0;
	case OPT_SEND: o->send = arg; return 0;
	case OPT_HTTP: o->http = arg; return 0;
	case 'o': o->output = arg; return 0;
	case 'a': o->is_absolute = true; return 0;
	case OPT_STATES: o->wants_states = true; return 0;
	case ARGP_KEY_ARG:
		if (o->n_words++ < TCPHS_WORDS)
			o->words[o->n_words - 1] = arg;
		return 0;
	case ARGP_KEY_END: return take_words(state, o);
	default: return parse_tcp(key, arg, state, o);
	}
}

const struct options_tool tcphs_options = {
	.letters = "46hjqvwciWV",
	.metrics = tcphs_metrics,
	.quantities = tcphs_quantities,
	.lacks = "generate file exclude shard seed output rate numeric",
	.options = own,
	.parser = parse,
	.args_doc = "[connect|probe] HOST PORT\nlisten PORT\nladder FILE",
	.doc = "Lead one TCP connection by hand, from user space, and show every segment of it "
	       "(RFC 9293).\v"
	       "probe sends a SYN and answers a SYN-ACK with a RST; listen waits for one connection; "
	       "ladder draws the connections of a capture.\n"
	       "The first wait for an answer is --timeout (1 s) and doubles with each repetition.\n"
	       "Exit status: 0 done as asked, 1 no answer, 2 could not ask, 3 refused, 4 unreachable (ICMP), "
	       "5 reset after the handshake, 6 not closed gracefully, 7 not what --expect says.",
};
