/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attr - the attributes of a node: "key" or "key=value". TOPOLOGY.md tells what each does.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#include "ext.h"
#include "topo.h"

#define VALUE_MAX 1024

enum attr_kind {
	ATTR_FLAG,     /* bool, no value */
	ATTR_DURATION, /* uint64_t, ns */
	ATTR_PERCENT,  /* double, 0..1 */
	ATTR_NUMBER,   /* uint32_t, min to max */
	ATTR_PAIR,     /* struct pair */
	ATTR_SPECIAL,  /* a function of its own */
};

struct attr {
	const char *name;
	enum attr_kind kind;
	size_t at; /* where in struct node */
	uint32_t min, max;
	int (*set)(struct node *n, char *value, struct why *why);
};

struct node node_defaults(enum node_kind kind)
{
	return (struct node){
		.kind = kind,
		.ttl = kind == NODE_ROUTER ? 255 : 64,
		.copies = 1,
		.mtu = NONE,
		.mtu_said = NONE,
		.corrupt_at = NONE,
		.corrupt_value = NONE,
		.truncate = NONE,
		.quote = NONE,
		.quote_ttl = NONE,
	};
}

const struct addr *pair_get(const struct pair *p, const struct addr *like)
{
	const struct addr *a = addr_is_v6(like) ? &p->v6 : &p->v4;

	return a->len ? a : NULL;
}

static int set_pair(struct pair *p, char *value, struct why *why)
{
	for (char *text; (text = strsep(&value, ","));) {
		struct addr a, *place;

		if (addr_parse(text, &a) < 0)
			return why_set(
				why, E_BAD,
				"an address, or an IPv4 and an IPv6 one with a comma between");
		place = addr_is_v6(&a) ? &p->v6 : &p->v4;
		if (place->len)
			return why_set(why, E_BAD, "one address a family");
		*place = a;
	}
	return 0;
}

static int set_percent(double *out, const char *value, struct why *why)
{
	char number[32];
	size_t len = strlen(value);
	double percent;

	if (len < 2 || len > sizeof(number) || value[len - 1] != '%' ||
	    strspn(value, "0123456789.") != len - 1)
		return why_set(why, E_BAD, "a share such as 50%% or 0.5%%");
	memcpy(number, value, len - 1);
	number[len - 1] = '\0';
	if (num_rate(number, &percent, NULL) < 0 || percent > 100)
		return why_set(why, E_RANGE, "a share from 0%% to 100%%");
	*out = percent / 100;
	return 0;
}

/* Index of @value among @n words, or E_BAD. */
static int pick(const char *value, const char *const *words, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(value, words[i]) == 0)
			return i;
	return E_BAD;
}

static int set_corrupt(struct node *n, char *value, struct why *why)
{
	const char *at = strsep(&value, ":");
	uint64_t octet = ANY, flip = NONE;

	if ((strcmp(at, "random") != 0 && num_u64(at, 0, 65535, &octet, NULL) < 0) ||
	    (value && num_u64(value, 0, 255, &flip, NULL) < 0))
		return why_set(why, E_BAD,
			       "an octet of the echo data and its new value such as 40:0xd7, "
			       "40 to flip its bits, or random");
	n->corrupt_at = (uint32_t)octet;
	n->corrupt_value = (uint32_t)flip;
	return 0;
}

static int set_forge(struct node *n, char *value, struct why *why)
{
	static const char *const words[] = {"early", "next", "time"};
	int i = pick(value, words, 3);

	if (i < 0)
		return why_set(why, E_BAD, "early, next or time");
	n->forge = FORGE_EARLY + (enum forge)i;
	return 0;
}

static int set_l4(enum l4_answer *out, const char *value, const char *answer, const char *other,
		  struct why *why)
{
	const char *const words[] = {other, answer, "drop"};
	int i = pick(value, words, 3);

	if (i < 0)
		return why_set(why, E_BAD, "%s, %s or drop", answer, other);
	*out = (enum l4_answer)i;
	return 0;
}

static int set_udp(struct node *n, char *value, struct why *why)
{
	return set_l4(&n->udp, value, "echo", "unreach", why);
}

static int set_tcp(struct node *n, char *value, struct why *why)
{
	return set_l4(&n->tcp, value, "open", "closed", why);
}

static int set_bucket(struct bucket *b, char *value, struct why *why)
{
	const char *rate = strsep(&value, ":");
	double pps;

	b->burst = 1;
	if (num_rate(rate, &pps, NULL) < 0 || pps <= 0 ||
	    (value && num_u64(value, 1, 1000000, &b->burst, NULL) < 0))
		return why_set(
			why, E_BAD,
			"packets a second and how many may come at once, such as 1:6 or 1000:50");
	b->interval_ns = (uint64_t)((double)NS_PER_S / pps);
	return 0;
}

static int set_limit(struct node *n, char *value, struct why *why)
{
	return set_bucket(&n->limit, value, why);
}

static int set_reply_limit(struct node *n, char *value, struct why *why)
{
	return set_bucket(&n->reply_limit, value, why);
}

static int set_quote(struct node *n, char *value, struct why *why)
{
	uint64_t octets = NONE;

	if (strcmp(value, "full") != 0 && num_u64(value, 0, 65535, &octets, NULL) < 0)
		return why_set(why, E_BAD,
			       "how many octets behind the IP header to quote, such as 8, or full");
	n->quote = (uint32_t)octets;
	return 0;
}

static const char error_form[] =
	"unreach:CODE, exceeded:CODE, param:CODE:POINTER, toobig:MTU, quench, "
	"or TYPE:CODE:REST in numbers";

/* The words that stand for a type; code and rest follow. */
static bool error_word(const char *word, struct icmp_error *e)
{
	static const struct {
		const char *word;
		uint8_t type4, type6;
	} words[] = {{"unreach", 3, 1}, {"exceeded", 11, 3}, {"param", 12, 4}, {"quench", 4, 0}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i].word) == 0) {
			e->type4 = words[i].type4;
			e->type6 = words[i].type6;
			return true;
		}
	return false;
}

static int set_error(struct node *n, char *value, struct why *why)
{
	struct icmp_error *e = &n->error;
	const char *word = strsep(&value, ":");
	const char *code_text = strsep(&value, ":");
	uint64_t type = 0, code = 0, info = 0;

	*e = (struct icmp_error){0};
	if (strcmp(word, "toobig") == 0) {
		if (value || !code_text || num_u64(code_text, 0, UINT32_MAX, &info, NULL) < 0)
			return why_set(why, E_BAD, "toobig:MTU such as toobig:1280");
		*e = (struct icmp_error){
			.type4 = 3, .code4 = 4, .type6 = 2, .info = (uint32_t)info};
		return 0;
	}
	if (!error_word(word, e)) {
		if (num_u64(word, 1, 255, &type, NULL) < 0)
			return why_set(why, E_BAD, "%s", error_form);
		e->type4 = e->type6 = (uint8_t)type;
	}
	if ((code_text && num_u64(code_text, 0, 255, &code, NULL) < 0) ||
	    (value && num_u64(value, 0, UINT32_MAX, &info, NULL) < 0))
		return why_set(why, E_BAD, "%s", error_form);
	e->code4 = e->code6 = (uint8_t)code;
	e->info = (uint32_t)info;
	return 0;
}

#define AT(field) offsetof(struct node, field)

static const struct attr attrs[] = {
	{"delay", ATTR_DURATION, AT(delay_ns), 0, 0, NULL},
	{"jitter", ATTR_DURATION, AT(jitter_ns), 0, 0, NULL},
	{"loss", ATTR_PERCENT, AT(loss), 0, 0, NULL},
	{"mtu", ATTR_NUMBER, AT(mtu), 1, 65535, NULL},
	{"mtusay", ATTR_NUMBER, AT(mtu_said), 0, 65535, NULL},
	{"blackhole", ATTR_FLAG, AT(is_blackhole), 0, 0, NULL},
	{"silent", ATTR_FLAG, AT(is_silent), 0, 0, NULL},
	{"noarp", ATTR_FLAG, AT(is_off_link), 0, 0, NULL},
	{"ttl", ATTR_NUMBER, AT(ttl), 1, 255, NULL},
	{"dup", ATTR_NUMBER, AT(copies), 1, 100, NULL},
	{"badcsum", ATTR_FLAG, AT(has_bad_csum), 0, 0, NULL},
	{"limit", ATTR_SPECIAL, 0, 0, 0, set_limit},
	{"replylimit", ATTR_SPECIAL, 0, 0, 0, set_reply_limit},
	{"reorder", ATTR_DURATION, AT(reorder_ns), 0, 0, NULL},
	{"corrupt", ATTR_SPECIAL, 0, 0, 0, set_corrupt},
	{"truncate", ATTR_NUMBER, AT(truncate), 0, 65535, NULL},
	{"foreign", ATTR_PAIR, AT(foreign), 0, 0, NULL},
	{"spoof", ATTR_PAIR, AT(spoof), 0, 0, NULL},
	{"redirect", ATTR_PAIR, AT(redirect), 0, 0, NULL},
	{"forge", ATTR_SPECIAL, 0, 0, 0, set_forge},
	{"error", ATTR_SPECIAL, 0, 0, 0, set_error},
	{"from", ATTR_PAIR, AT(from), 0, 0, NULL},
	{"quote", ATTR_SPECIAL, 0, 0, 0, set_quote},
	{"qttl", ATTR_NUMBER, AT(quote_ttl), 0, 255, NULL},
	{"mpls", ATTR_SPECIAL, 0, 0, 0, ext_add_mpls},
	{"ifinfo", ATTR_SPECIAL, 0, 0, 0, ext_add_ifinfo},
	{"ext", ATTR_SPECIAL, 0, 0, 0, ext_set},
	{"udp", ATTR_SPECIAL, 0, 0, 0, set_udp},
	{"tcp", ATTR_SPECIAL, 0, 0, 0, set_tcp},
};

#define N_ATTRS (sizeof(attrs) / sizeof(attrs[0]))

static int set_value(const struct attr *a, struct node *n, char *value, struct why *why)
{
	void *at = (char *)n + a->at;
	uint64_t number;
	int err;

	switch (a->kind) {
	case ATTR_FLAG: *(bool *)at = true; return 0;
	case ATTR_DURATION: return num_duration(value, 0, 3600 * NS_PER_S, at, why);
	case ATTR_PERCENT: return set_percent(at, value, why);
	case ATTR_NUMBER:
		err = num_u64(value, a->min, a->max, &number, why);
		if (!err)
			*(uint32_t *)at = (uint32_t)number;
		return err;
	case ATTR_PAIR: return set_pair(at, value, why);
	case ATTR_SPECIAL: return a->set(n, value, why);
	}
	return E_UNSUP;
}

static int unknown(const char *name, struct why *why)
{
	char buf[sizeof(why->text)];
	struct text list = text_make(buf, sizeof(buf));

	for (size_t i = 0; i < N_ATTRS; i++)
		text_addf(&list, " %s", attrs[i].name);
	return why_set(why, E_BAD, "no attribute '%s'; there are:%s", name, buf);
}

int attr_set(struct node *n, const char *attr, struct why *why)
{
	char copy[VALUE_MAX], *value = copy, *name;
	struct why reason = {0};

	if (strlen(attr) >= sizeof(copy))
		return why_set(why, E_RANGE, "'%.20s...' is longer than %d characters", attr,
			       VALUE_MAX - 1);
	strcpy(copy, attr);
	name = strsep(&value, "=");
	for (const struct attr *a = attrs; a < attrs + N_ATTRS; a++) {
		int err;

		if (strcmp(name, a->name) != 0)
			continue;
		if (a->kind == ATTR_FLAG && value)
			return why_set(why, E_BAD, "'%s' takes no value", name);
		if (a->kind != ATTR_FLAG && !value)
			return why_set(why, E_BAD, "'%s' takes a value: %s=...", name, name);
		err = set_value(a, n, value, &reason);
		return err ? why_set(why, err, "'%.80s' should be %s", attr, reason.text) : 0;
	}
	return unknown(name, why);
}

int attr_finish(struct node *n, struct why *why)
{
	if (n->mtu == NONE && (n->is_blackhole || n->mtu_said != NONE))
		return why_set(why, E_BAD,
			       "blackhole and mtusay= need mtu=, the largest packet that passes");
	if (n->is_blackhole && n->mtu_said != NONE)
		return why_set(why, E_BAD, "a blackhole says nothing: drop blackhole or mtusay=");
	if (n->addr.v6.len && n->error.type4 && !n->error.type6)
		return why_set(
			why, E_BAD,
			"ICMPv6 has no source quench: drop the IPv6 address or error=quench");
	return ext_finish(n, why);
}
