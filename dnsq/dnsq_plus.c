/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_plus - the +words of dig, and those that only dnsq has; each may be cut short. */
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "base/radix.h"
#include "dnsq.h"

struct dnsq_set dnsq_set_default(void)
{
	return (struct dnsq_set){
		.rd = true,
		.ad = true,
		.id = -1,
		.has_edns = true,
		.has_cookie = true,
		.udp_max = 1232, /* what passes unfragmented nearly everywhere: DNS flag day 2020 */
		.stops_on_servfail = true,
		.negotiates = true,
		.retries_badcookie = true,
		.stirs_case = true,
		.takes_idn = true,
		.ndots = -1,
		.cmd = true,
		.comments = true,
		.question = true,
		.answer = true,
		.authority = true,
		.additional = true,
		.stats = true,
		.ttl = true,
		.class = true,
		.crypto = true,
		.split = 56,
	};
}

typedef int plus_fn(struct dnsq_set *s, const char *value, bool is_on, struct why *why);

static int fault(struct why *why, const char *wanted)
{
	return why_set(why, E_BAD, "%s expected", wanted);
}

static int number(const char *value, uint64_t min, uint64_t max, uint64_t *out, struct why *why)
{
	if (!value)
		return fault(why, "a number");
	return num_u64(value, min, max, out, why);
}

static int set_all(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->question = s->answer = s->authority = s->additional = is_on;
	s->comments = s->stats = s->cmd = is_on;
	return 0;
}

static int set_short(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	s->is_short = is_on;
	return is_on ? set_all(s, value, false, why) : 0;
}

static int set_dnssec(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->dnssec = is_on;
	s->has_edns |= is_on;
	return 0;
}

static int set_edns(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 0;

	s->has_edns = is_on;
	if (is_on && value && number(value, 0, 255, &v, why) < 0)
		return E_BAD;
	s->edns_version = (unsigned)v;
	return 0;
}

static int set_bufsize(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 1232;

	if (is_on && number(value, 0, 65535, &v, why) < 0)
		return E_BAD;
	s->has_edns |= v > 0;
	s->udp_max = (unsigned)v;
	return 0;
}

static int set_ednsflags(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 0;

	if (is_on && value && number(value, 0, 65535, &v, why) < 0)
		return E_BAD;
	s->edns_flags = (unsigned)v;
	s->has_edns |= is_on;
	return 0;
}

static int add_option(struct dnsq_set *s, uint16_t code, const void *data, size_t len,
		      struct why *why)
{
	struct wr w = wr_make(s->options, sizeof(s->options));

	w.len = s->options_len;
	dns_put_option(&w, code, data, len);
	if (wr_done(&w) < 0)
		return why_set(why, E_FULL, "fewer or shorter EDNS options expected");
	s->options_len = w.len;
	s->has_edns = true;
	return 0;
}

/* A code by number, or by dig's word for it. */
static int option_code(const char *text, unsigned *out)
{
	static const struct dns_word words[] = {
		{1, "llq"},
		{2, "ul"},
		{DNS_OPT_NSID, "nsid"},
		{5, "dau"},
		{6, "dhu"},
		{7, "n3u"},
		{DNS_OPT_SUBNET, "ecs"},
		{DNS_OPT_EXPIRE, "expire"},
		{DNS_OPT_COOKIE, "cookie"},
		{DNS_OPT_KEEPALIVE, "keepalive"},
		{DNS_OPT_PADDING, "padding"},
		{DNS_OPT_PADDING, "pad"},
		{13, "chain"},
		{DNS_OPT_KEY_TAG, "key-tag"},
		{DNS_OPT_ERROR, "ede"},
		{16, "client-tag"},
		{17, "server-tag"},
		{0, NULL},
	};
	uint64_t v;

	if (num_u64(text, 0, 65535, &v, NULL) < 0)
		return dns_word_parse(words, text, out);
	*out = (unsigned)v;
	return 0;
}

static int set_ednsopt(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint8_t data[512];
	struct wr w = wr_make(data, sizeof(data));
	struct radix_reader reader = {.radix = RADIX_16};
	const char *colon = value ? strchr(value, ':') : NULL;
	char text[16];
	unsigned code;

	if (!is_on) {
		s->options_len = 0;
		return 0;
	}
	if (!value || (colon ? (size_t)(colon - value) : strlen(value)) >= sizeof(text))
		return fault(why, "CODE[:HEX]");
	snprintf(text, sizeof(text), "%.*s", (int)(colon ? colon - value : 15), value);
	if (option_code(text, &code) < 0 ||
	    (colon && (radix_read(&reader, colon + 1, strlen(colon + 1), &w) < 0 ||
		       radix_end(&reader) < 0 || wr_done(&w) < 0)))
		return fault(why, "CODE[:HEX]");
	return add_option(s, (uint16_t)code, data, w.len, why);
}

/* RFC 7871 6: family, prefix lengths, and only as many octets of the address as count. */
static int set_subnet(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	char text[ADDR_TEXT_MAX], *slash;
	uint8_t data[20];
	struct wr w = wr_make(data, sizeof(data));
	struct addr a;
	uint64_t prefix;

	if (!is_on)
		return 0;
	if (!value || strlen(value) >= sizeof(text))
		return fault(why, "ADDRESS[/PREFIX]");
	snprintf(text, sizeof(text), "%s", strcmp(value, "0") == 0 ? "0.0.0.0/0" : value);
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (addr_parse(text, &a) < 0)
		return fault(why, "ADDRESS[/PREFIX]");
	prefix = a.len * 8u;
	if (slash && num_u64(slash + 1, 0, prefix, &prefix, NULL) < 0)
		return fault(why, "a prefix length");
	addr_mask(&a, (unsigned)prefix, false);
	wr_u16(&w, a.len == 4 ? 1 : 2);
	wr_u8(&w, (uint8_t)prefix);
	wr_u8(&w, 0);
	wr_bytes(&w, a.bytes, (prefix + 7) / 8);
	return add_option(s, DNS_OPT_SUBNET, data, w.len, why);
}

static int set_cookie(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	struct wr w = wr_make(s->cookie, sizeof(s->cookie));
	struct radix_reader reader = {.radix = RADIX_16};

	s->has_cookie = is_on;
	s->cookie_len = 0;
	if (!is_on || !value)
		return 0;
	if (radix_read(&reader, value, strlen(value), &w) < 0 || radix_end(&reader) < 0 ||
	    wr_done(&w) < 0 || w.len < 8)
		return fault(why, "hexadecimal of 8 to 40 octets");
	s->cookie_len = w.len;
	s->has_edns = true;
	return 0;
}

static int set_padding(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 0;

	if (is_on && number(value, 0, 512, &v, why) < 0)
		return E_BAD;
	s->padding = (unsigned)v;
	return 0;
}

static int set_opcode(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	s->opcode = 0;
	if (is_on && (!value || dns_opcode_parse(value, &s->opcode) < 0))
		return fault(why, "an opcode");
	return 0;
}

static int set_qid(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 0;

	if (is_on && number(value, 0, 65535, &v, why) < 0)
		return E_BAD;
	s->id = is_on ? (int)v : -1;
	return 0;
}

static int set_timeout(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	s->timeout_ns = 5 * NS_PER_S;
	s->has_timeout = is_on;
	if (!is_on)
		return 0;
	if (!value)
		return fault(why, "a duration");
	if (strcmp(value, "0") == 0)
		value = "1";
	return num_duration(value, NS_PER_MS, 3600 * NS_PER_S, &s->timeout_ns, why);
}

static int set_tries(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 3;

	if (is_on && number(value, 0, 100, &v, why) < 0)
		return E_BAD;
	s->tries = v ? (unsigned)v : 1;
	return 0;
}

static int set_retry(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 2;

	if (is_on && number(value, 0, 99, &v, why) < 0)
		return E_BAD;
	s->tries = (unsigned)v + 1;
	return 0;
}

static int set_ndots(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 0;

	if (is_on && number(value, 0, 255, &v, why) < 0)
		return E_BAD;
	s->ndots = is_on ? (int)v : -1;
	return 0;
}

static int set_split(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	uint64_t v = 56;

	if (is_on && value && number(value, 0, 1000, &v, why) < 0)
		return E_BAD;
	/* dig: a multiple of four. */
	s->split = is_on ? (unsigned)(v + 3) / 4 * 4 : 0;
	return 0;
}

static int set_multi(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->is_multi = s->rr_comments = is_on;
	return 0;
}

static int set_ttl_units(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->ttl_units = is_on;
	s->ttl |= is_on;
	return 0;
}

/* Asking all servers of a zone for its SOA: what each says goes on one line. */
static int set_nssearch(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	s->is_nssearch = is_on;
	return is_on ? set_short(s, value, true, why) : 0;
}

static int set_trace(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->is_trace = is_on;
	if (is_on) {
		s->rd = s->comments = s->stats = s->question = s->additional = false;
		s->dnssec = true;
	}
	return 0;
}

/* The whole chain is asked for, and what a server that validates would hide too. */
static int set_validate(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->validates = is_on;
	s->cd |= is_on;
	return 0;
}

static int set_wait(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	s->wait_ns = 0;
	if (!is_on)
		return 0;
	if (!value)
		return fault(why, "a duration");
	return num_duration(value, NS_PER_MS, 24 * 3600 * NS_PER_S, &s->wait_ns, why);
}

/* The words of the command line stay where they are until the end. */
static int set_expect(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	if (is_on && !value)
		return fault(why, "the data of a record");
	s->expect = is_on ? value : NULL;
	return 0;
}

static int set_policy(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	static const struct dns_word policies[] = {
		{POLICY_ALL, "all"}, {POLICY_ANY, "any"}, {POLICY_QUORUM, "quorum"}, {0, NULL}};
	unsigned v = POLICY_ALL;

	if (is_on && (!value || dns_word_parse(policies, value, &v) < 0))
		return fault(why, "all, any or quorum");
	s->policy = (enum dnsq_policy)v;
	return 0;
}

/* A certificate is checked by whoever names authorities or a name to check it for, as in dig. */
static int set_tls_ca(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)why;
	s->is_tls |= is_on;
	s->verifies_tls = is_on;
	s->tls_ca = is_on ? value : NULL;
	return 0;
}

static int set_https(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	if (is_on && value && (value[0] != '/' || strlen(value) >= 128))
		return fault(why, "a path such as /dns-query");
	s->is_tls = is_on;
	s->https_path = !is_on ? NULL : value ? value : "/dns-query";
	return 0;
}

/* Which keys a server may have, by TLS: SHA-256 of the public key, as in kdig (RFC 7858 4.2). */
static int set_tls_pin(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	unsigned n = 0;

	if (!is_on) {
		memset(s->tls_pins, 0, sizeof(s->tls_pins));
		return 0;
	}
	while (n < TLS_PINS && s->tls_pins[n])
		n++;
	if (n == TLS_PINS)
		return fault(why, "fewer pins");
	if (!value || !tls_pin_is_valid(value))
		return fault(why, "the SHA-256 of a public key in base64");
	s->is_tls = true;
	s->tls_pins[n] = value;
	return 0;
}

/* One domain to search, and it is searched. */
static int set_domain(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	struct dns_name name;

	if (is_on && (!value || dns_name_parse(value, strlen(value), NULL, &name) < 0))
		return fault(why, "a domain");
	s->domain = is_on ? value : NULL;
	s->searches = is_on;
	return 0;
}

static int set_tcp(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->is_tcp = is_on;
	s->has_tcp = true;
	return 0;
}

static int set_keepopen(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	(void)value;
	(void)why;
	s->keeps_open = is_on ? KEEP_YES : KEEP_NO;
	return 0;
}

static int set_tls_name(struct dnsq_set *s, const char *value, bool is_on, struct why *why)
{
	if (is_on && !value)
		return fault(why, "a host name");
	s->is_tls |= is_on;
	s->verifies_tls |= is_on;
	s->tls_name = is_on ? value : NULL;
	return 0;
}

#define FLAG(word, member) \
	{ \
		word, offsetof(struct dnsq_set, member), NULL \
	}
#define CALL(word, function) \
	{ \
		word, 0, function \
	}

/* An abbreviation means the first word that it begins. */
static const struct plus {
	const char *name;
	size_t offset;
	plus_fn *set;
} words[] = {
	FLAG("aaflag", aa),
	FLAG("aaonly", aa),
	FLAG("ad", ad),
	FLAG("additional", additional),
	FLAG("adflag", ad),
	CALL("all", set_all),
	FLAG("answer", answer),
	FLAG("authority", authority),
	FLAG("badcookie", retries_badcookie),
	CALL("bufsize", set_bufsize),
	FLAG("cdflag", cd),
	FLAG("class", class),
	FLAG("cmd", cmd),
	FLAG("comments", comments),
	FLAG("compare", is_compare),
	CALL("cookie", set_cookie),
	FLAG("crypto", crypto),
	FLAG("defname", searches),
	CALL("dnssec", set_dnssec),
	CALL("do", set_dnssec),
	CALL("domain", set_domain),
	CALL("edns", set_edns),
	CALL("ednsflags", set_ednsflags),
	FLAG("ednsnegotiation", negotiates),
	CALL("ednsopt", set_ednsopt),
	FLAG("expandaaaa", expands_aaaa),
	CALL("expect", set_expect),
	FLAG("expire", expire),
	FLAG("explain", is_explain),
	FLAG("fail", stops_on_servfail),
	FLAG("header-only", is_header_only),
	FLAG("hex", is_hex),
	CALL("https", set_https),
	FLAG("identify", identifies),
	FLAG("idnin", takes_idn),
	FLAG("ignore", ignores_tc),
	FLAG("json", is_json),
	FLAG("keepalive", keepalive),
	CALL("keepopen", set_keepopen),
	CALL("multiline", set_multi),
	CALL("ndots", set_ndots),
	FLAG("nsid", nsid),
	CALL("nssearch", set_nssearch),
	FLAG("onesoa", is_one_soa),
	CALL("opcode", set_opcode),
	CALL("padding", set_padding),
	CALL("qid", set_qid),
	CALL("policy", set_policy),
	FLAG("qr", shows_query),
	FLAG("question", question),
	FLAG("raflag", ra),
	FLAG("rc", shows_rcode),
	FLAG("rdflag", rd),
	FLAG("recurse", rd),
	FLAG("raw", is_raw),
	CALL("retry", set_retry),
	FLAG("rrcomments", rr_comments),
	FLAG("search", searches),
	CALL("short", set_short),
	FLAG("showsearch", shows_search),
	CALL("split", set_split),
	FLAG("stats", stats),
	CALL("subnet", set_subnet),
	FLAG("tcflag", tc),
	CALL("tcp", set_tcp),
	CALL("timeout", set_timeout),
	FLAG("tls", is_tls),
	CALL("tls-ca", set_tls_ca),
	CALL("tls-hostname", set_tls_name),
	CALL("tls-pin", set_tls_pin),
	CALL("trace", set_trace),
	CALL("tries", set_tries),
	FLAG("ttlid", ttl),
	CALL("ttlunits", set_ttl_units),
	FLAG("unknownformat", is_generic),
	CALL("vc", set_tcp),
	CALL("validate", set_validate),
	CALL("wait", set_wait),
	FLAG("yaml", is_yaml),
	FLAG("zflag", z),
	FLAG("0x20", stirs_case),
};

static const struct plus *find(const char *name, size_t len)
{
	const struct plus *found = NULL;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncasecmp(words[i].name, name, len) != 0)
			continue;
		if (!words[i].name[len])
			return &words[i];
		if (!found)
			found = &words[i];
	}
	return len ? found : NULL;
}

int plus_parse(struct dnsq_set *set, const char *word, struct why *why)
{
	bool is_on = strncasecmp(word, "no", 2) != 0;
	const char *name = is_on ? word : word + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct plus *p = find(name, len);
	struct why inner = {0};
	char shown[80];

	(void)text_clean(shown, sizeof(shown), word, strlen(word));
	if (!p)
		return why_set(why, E_BAD, "there is no option +%s", shown);
	if (!p->set && equals)
		return why_set(why, E_BAD, "option +%s takes no value", p->name);
	if (!p->set) {
		*(bool *)((char *)set + p->offset) = is_on;
		return 0;
	}
	if (p->set(set, equals ? equals + 1 : NULL, is_on, &inner) < 0)
		return why_set(why, E_BAD, "option +%s: %s", shown, inner.text);
	return 0;
}
