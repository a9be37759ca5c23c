/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dns.h"

#include <string.h>

int dns_msg_open(struct dns_msg *m, const void *bytes, size_t len)
{
	*m = (struct dns_msg){.r = rd_make(bytes, len)};
	m->id = rd_u16(&m->r);
	m->flags = rd_u16(&m->r);
	for (unsigned i = 0; i < DNS_SECTIONS; i++)
		m->counts[i] = rd_u16(&m->r);
	m->left = m->counts[DNS_QUESTION];
	return rd_done(&m->r);
}

static int fault(struct dns_msg *m, int err, size_t off, const char *what)
{
	m->fault = what;
	m->fault_off = off;
	return err;
}

/* Moves on to the next section that has something left; false behind the last. */
static bool has_next(struct dns_msg *m)
{
	while (!m->left) {
		if (m->section == DNS_ADDITIONAL)
			return false;
		m->section++;
		m->left = m->counts[m->section];
	}
	return true;
}

static int read_name(struct dns_msg *m, struct dns_name *out)
{
	const struct rd whole = rd_make(m->r.buf, m->r.len);
	size_t off = m->r.pos;
	int err = dns_name_read(&m->r, &whole, out);

	if (err == E_TRUNC)
		return fault(m, err, off, "a name is cut off");
	return err ? fault(m, err, off, "a name breaks the rules (label type, pointer or length)") :
		     0;
}

int dns_msg_question(struct dns_msg *m, struct dns_question *out)
{
	size_t off = m->r.pos;
	int err;

	if (m->fault)
		return E_BAD;
	if (m->section != DNS_QUESTION || !m->left)
		return E_EOF;
	if (!rd_left(&m->r))
		return fault(m, E_TRUNC, off, "fewer questions than the header says");
	err = read_name(m, &out->name);
	if (err)
		return err;
	out->type = rd_u16(&m->r);
	out->class = rd_u16(&m->r);
	m->left--;
	return m->r.bad ? fault(m, E_TRUNC, off, "a question is cut off") : 0;
}

/* The next record from behind its owner on. */
static int read_rest(struct dns_msg *m, struct dns_record *out)
{
	uint16_t len;

	out->section = m->section;
	out->type = rd_u16(&m->r);
	out->class = rd_u16(&m->r);
	out->ttl = rd_u32(&m->r);
	len = rd_u16(&m->r);
	out->data_off = m->r.pos;
	out->data = rd_sub(&m->r, len);
	m->left--;
	return m->r.bad ? fault(m, E_TRUNC, out->off, "a record is cut off") : 0;
}

/* Whether there is a next record, behind all questions. */
static int begin_record(struct dns_msg *m, struct dns_record *out)
{
	if (m->fault)
		return E_BAD;
	if (!has_next(m))
		return E_EOF;
	out->off = m->r.pos;
	if (!rd_left(&m->r))
		return fault(m, E_TRUNC, out->off, "fewer records than the header says");
	return 0;
}

/* RFC 6891 6.1.1, 6.1.2. */
static int check_opt(struct dns_msg *m, const struct dns_record *opt)
{
	struct rd options = opt->data, data;
	uint16_t code;

	if (opt->section != DNS_ADDITIONAL)
		return fault(m, E_BAD, opt->off, "OPT outside of the additional section");
	if (opt->name.len != 1)
		return fault(m, E_BAD, opt->off, "OPT under a name");
	if (m->has_opt)
		return fault(m, E_BAD, opt->off, "a second OPT");
	while (dns_option_next(&options, &code, &data))
		;
	if (options.bad)
		return fault(m, E_BAD, opt->data_off, "an EDNS option is cut off");
	m->has_opt = true;
	return 0;
}

int dns_msg_record(struct dns_msg *m, struct dns_record *out)
{
	struct dns_question skipped;
	int err = 0;

	while (m->section == DNS_QUESTION && m->left && !err)
		err = dns_msg_question(m, &skipped);
	if (!err)
		err = begin_record(m, out);
	if (!err)
		err = read_name(m, &out->name);
	if (!err)
		err = read_rest(m, out);
	return err || out->type != DNS_OPT ? err : check_opt(m, out);
}

static int skip_name(struct dns_msg *m)
{
	size_t off = m->r.pos;
	int err = dns_name_skip(&m->r);

	return err ? fault(m, err, off, "a name is cut off") : 0;
}

int dns_msg_skim(struct dns_msg *m, struct dns_record *out)
{
	int err = 0;

	for (; m->section == DNS_QUESTION && m->left && !err; m->left--) {
		err = skip_name(m);
		rd_skip(&m->r, 4);
	}
	if (!err)
		err = begin_record(m, out);
	if (!err)
		err = skip_name(m);
	return err ? err : read_rest(m, out);
}

bool dns_msg_is(const void *bytes, size_t len, const struct dns_question *q, bool exact)
{
	struct dns_question there;
	struct dns_msg m;

	return dns_msg_open(&m, bytes, len) == 0 && m.counts[DNS_QUESTION] == 1 &&
	       dns_msg_question(&m, &there) == 0 && there.type == q->type &&
	       there.class == q->class && dns_name_same(&there.name, &q->name, exact);
}

struct dns_edns dns_edns_of(const struct dns_record *opt)
{
	return (struct dns_edns){
		.is_there = true,
		.udp_max = opt->class,
		.high_rcode = (uint8_t)(opt->ttl >> 24),
		.version = (uint8_t)(opt->ttl >> 16),
		.flags = (uint16_t)opt->ttl,
		.options = opt->data,
	};
}

struct dns_edns dns_msg_edns(const void *bytes, size_t len)
{
	struct dns_edns none = {0};
	struct dns_record r unset;
	struct dns_msg m;

	if (dns_msg_open(&m, bytes, len) < 0 || !m.counts[DNS_ADDITIONAL])
		return none;
	while (dns_msg_skim(&m, &r) == 0)
		if (r.type == DNS_OPT && r.section == DNS_ADDITIONAL && !m.r.buf[r.off])
			return dns_edns_of(&r);
	return none;
}

bool dns_option_next(struct rd *options, uint16_t *code, struct rd *data)
{
	uint16_t len;

	if (!rd_left(options))
		return false;
	*code = rd_u16(options);
	len = rd_u16(options);
	*data = rd_sub(options, len);
	return !options->bad;
}

unsigned dns_rcode_of(const void *bytes, size_t len)
{
	struct rd r = rd_make(bytes, len);

	rd_skip(&r, 2);
	return (rd_u16(&r) & 15u) | (unsigned)dns_msg_edns(bytes, len).high_rcode << 4;
}

void dns_put_header(struct wr *w, uint16_t id, uint16_t flags, const uint16_t *counts)
{
	wr_u16(w, id);
	wr_u16(w, flags);
	for (unsigned i = 0; i < DNS_SECTIONS; i++)
		wr_u16(w, counts[i]);
}

void dns_put_question(struct wr *w, const struct dns_question *q)
{
	wr_bytes(w, q->name.bytes, q->name.len);
	wr_u16(w, q->type);
	wr_u16(w, q->class);
}

void dns_put_record(struct wr *w, const struct dns_name *name, uint16_t type, uint16_t class,
		    uint32_t ttl, const void *data, size_t len)
{
	wr_bytes(w, name->bytes, name->len);
	wr_u16(w, type);
	wr_u16(w, class);
	wr_u32(w, ttl);
	wr_u16(w, (uint16_t)len);
	wr_bytes(w, data, len);
}

void dns_put_opt(struct wr *w, const struct dns_edns *e, const void *options, size_t len)
{
	static const struct dns_name root = {.len = 1};
	uint32_t ttl = (uint32_t)e->high_rcode << 24 | (uint32_t)e->version << 16 | e->flags;

	dns_put_record(w, &root, DNS_OPT, e->udp_max, ttl, options, len);
}

void dns_put_option(struct wr *w, uint16_t code, const void *data, size_t len)
{
	wr_u16(w, code);
	wr_u16(w, (uint16_t)len);
	wr_bytes(w, data, len);
}
