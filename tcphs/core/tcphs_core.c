/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcphs/core/tcphs_core.h"

#include <stdlib.h>
#include <string.h>

#include "base/rnd.h"
#include "engine/flow.h"

struct tcphs_core {
	struct tcb_config config;
	struct tcb tcb;
	struct flow flow;
	struct flow_ip ip;
	struct pkt *builder;
	bool is_open, is_for_anybody;
	enum tcb_why why;
};

struct tcphs_core *tcphs_core_new(int family, const uint8_t *local, uint16_t local_port,
				  const uint8_t *remote, uint16_t remote_port)
{
	uint8_t len = family == 6 ? 16 : 4;
	struct tcphs_core *c = family == 4 || family == 6 ? calloc(1, sizeof(*c)) : NULL;
	struct rnd rnd = rnd_kernel();

	if (!c)
		return NULL;
	c->config = tcb_config_default(family == 6);
	c->config.isn = rnd_u32(&rnd);
	c->ip.ttl = 64;
	c->flow.local = addr_from(local, len);
	c->flow.local_port = local_port;
	c->is_for_anybody = !remote;
	if (remote) {
		c->flow.remote = addr_from(remote, len);
		c->flow.remote_port = remote_port;
	}
	c->builder = pkt_new();
	if (c->builder)
		return c;
	free(c);
	return NULL;
}

void tcphs_core_free(struct tcphs_core *c)
{
	if (!c)
		return;
	tcb_free(&c->tcb);
	pkt_free(c->builder);
	free(c);
}

/* Where a setting lives, and what it may be. */
struct setting {
	const char *key;
	size_t off, size;
	uint64_t min, max;
};

#define SETTING(name, field, min, max) \
	{ \
		name, offsetof(struct tcb_config, field), sizeof(((struct tcb_config *)0)->field), \
			min, max \
	}

static const struct setting settings[] = {
	SETTING("isn", isn, 0, UINT32_MAX),
	SETTING("mss", mss, 48, UINT16_MAX),
	SETTING("window", window, 1, 1u << 30),
	SETTING("send_buffer", send_buffer, 1, 1u << 30),
	SETTING("wscale", wscale, 0, 14),
	SETTING("want_mss", wants_mss, 0, 1),
	SETTING("want_wscale", wants_wscale, 0, 1),
	SETTING("want_sack", wants_sack, 0, 1),
	SETTING("want_ts", wants_ts, 0, 1),
	SETTING("ts_offset", ts_offset, 0, UINT32_MAX),
	SETTING("nagle", nagle, 0, 1),
	SETTING("delack_ns", delack_ns, 0, 499999999),
	SETTING("rto_first_ns", rto_first_ns, 1, UINT64_MAX / 4096),
	SETTING("rto_min_ns", rto_min_ns, 1, UINT64_MAX / 4096),
	SETTING("rto_max_ns", rto_max_ns, 1, UINT64_MAX / 4096),
	SETTING("syn_retries", syn_retries, 0, 1000),
	SETTING("data_retries", data_retries, 0, 1000),
	SETTING("time_wait_ns", time_wait_ns, 0, UINT64_MAX / 4096),
	SETTING("soft_errors_end_open", soft_errors_end_open, 0, 1),
};

static void store(void *at, size_t size, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	memcpy(at,
	       size == 1 ? (void *)&u8 :
	       size == 2 ? (void *)&u16 :
	       size == 4 ? (void *)&u32 :
			   (void *)&value,
	       size);
}

int tcphs_core_set(struct tcphs_core *c, const char *key, uint64_t value)
{
	if (c->is_open)
		return TCPHS_CORE_BAD;
	if (strcmp(key, "ttl") == 0 && value >= 1 && value <= 255) {
		c->ip.ttl = (uint8_t)value;
		return 0;
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const struct setting *s = &settings[i];

		if (strcmp(key, s->key) != 0)
			continue;
		if (value < s->min || value > s->max)
			return TCPHS_CORE_BAD;
		store((uint8_t *)&c->config + s->off, s->size, value);
		return 0;
	}
	return TCPHS_CORE_BAD;
}

int tcphs_core_set_cookie(struct tcphs_core *c, const uint8_t *cookie, size_t len)
{
	if (c->is_open || (len && (len < 4 || len > TCB_COOKIE_MAX || len % 2)))
		return TCPHS_CORE_BAD;
	c->config.wants_cookie = true;
	c->config.cookie_len = (uint8_t)len;
	if (len)
		memcpy(c->config.cookie, cookie, len);
	return 0;
}

static int open_once(struct tcphs_core *c)
{
	if (!c->is_open && tcb_open(&c->tcb, &c->config) < 0)
		return TCPHS_CORE_NOMEM;
	c->is_open = true;
	return 0;
}

/* Whether the call has moved the machine. */
static int moved(const struct tcphs_core *c, unsigned before)
{
	return c->tcb.fsm.state != before || c->tcb.wants_close ? 0 : TCPHS_CORE_BAD;
}

int tcphs_core_connect(struct tcphs_core *c, uint64_t now_ns)
{
	unsigned before = TCB_CLOSED;

	if (!c->flow.remote.len)
		return TCPHS_CORE_BAD;
	if (open_once(c) < 0)
		return TCPHS_CORE_NOMEM;
	before = c->tcb.fsm.state;
	tcb_connect(&c->tcb, now_ns);
	return moved(c, before);
}

int tcphs_core_listen(struct tcphs_core *c, uint64_t now_ns)
{
	unsigned before;

	if (open_once(c) < 0)
		return TCPHS_CORE_NOMEM;
	before = c->tcb.fsm.state;
	tcb_listen(&c->tcb, now_ns);
	return moved(c, before);
}

int tcphs_core_close(struct tcphs_core *c, uint64_t now_ns)
{
	unsigned before = c->tcb.fsm.state;

	if (!c->is_open)
		return TCPHS_CORE_BAD;
	tcb_close(&c->tcb, now_ns);
	return moved(c, before);
}

int tcphs_core_abort(struct tcphs_core *c, uint64_t now_ns)
{
	unsigned before = c->tcb.fsm.state;

	if (!c->is_open)
		return TCPHS_CORE_BAD;
	tcb_abort(&c->tcb, now_ns);
	return moved(c, before);
}

long tcphs_core_write(struct tcphs_core *c, const void *from, size_t len, uint64_t now_ns)
{
	if (open_once(c) < 0)
		return TCPHS_CORE_NOMEM;
	return tcb_write(&c->tcb, from, len < UINT32_MAX ? (uint32_t)len : UINT32_MAX, now_ns);
}

long tcphs_core_read(struct tcphs_core *c, void *to, size_t cap, uint64_t now_ns)
{
	if (!c->is_open)
		return 0;
	return tcb_read(&c->tcb, to, cap < UINT32_MAX ? (uint32_t)cap : UINT32_MAX, now_ns);
}

/* Who listens to anybody speaks with the first that comes, until back in LISTEN. */
static void settle_remote(struct tcphs_core *c, const struct flow_news *news)
{
	if (c->is_for_anybody && c->tcb.fsm.state == TCB_LISTEN) {
		c->flow.remote = news->remote;
		c->flow.remote_port = news->remote_port;
	}
}

int tcphs_core_packet_in(struct tcphs_core *c, const void *packet, size_t len, uint64_t now_ns)
{
	struct flow_news news;
	struct dissect d;

	if (!c->is_open)
		return 0;
	if (c->is_for_anybody && c->tcb.fsm.state == TCB_LISTEN)
		c->flow.remote.len = 0;
	(void)dissect_packet(DISSECT_L3, packet, len, &d);
	flow_read(&c->flow, &d, false, &news);
	if (news.kind == FLOW_ICMP)
		return tcb_icmp(&c->tcb, news.icmp, news.quoted_seq, news.mtu,
				flow_hdr_len(&c->flow), now_ns);
	if (news.kind != FLOW_SEGMENT)
		return 0;
	settle_remote(c, &news);
	c->why = tcb_receive(&c->tcb, &news.seg, now_ns);
	return 1;
}

long tcphs_core_packet_out(struct tcphs_core *c, void *to, size_t cap, uint64_t now_ns)
{
	struct wr w = wr_make(to, cap);
	struct pkt_spec spec;
	struct tcb_seg seg;

	if (!c->is_open || !c->flow.remote.len || !tcb_send(&c->tcb, now_ns, &seg))
		return 0;
	spec = flow_spec(&c->flow, &c->ip, &seg);
	return pkt_build(c->builder, &spec, &w, NULL) < 0 ? TCPHS_CORE_NOMEM : (long)w.len;
}

uint64_t tcphs_core_due_ns(const struct tcphs_core *c)
{
	return c->is_open ? tcb_due_ns(&c->tcb) : TCPHS_CORE_NEVER;
}

void tcphs_core_timer(struct tcphs_core *c, uint64_t now_ns)
{
	if (c->is_open)
		tcb_timer(&c->tcb, now_ns);
}

const char *tcphs_core_state(const struct tcphs_core *c)
{
	return tcb_table.states[c->tcb.fsm.state];
}

const char *tcphs_core_end(const struct tcphs_core *c)
{
	return tcb_end_text(c->tcb.end);
}

const char *tcphs_core_why(const struct tcphs_core *c)
{
	return tcb_why_text(c->why);
}

size_t tcphs_core_readable(const struct tcphs_core *c)
{
	return c->tcb.in.len;
}

size_t tcphs_core_writable(const struct tcphs_core *c)
{
	return c->is_open ? c->tcb.out.cap - c->tcb.out.len : c->config.send_buffer;
}

int tcphs_core_is_at_end(const struct tcphs_core *c)
{
	return tcb_is_at_end(&c->tcb);
}
