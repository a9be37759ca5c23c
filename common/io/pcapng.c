/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/pcapng.h"

#include <byteswap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/bytes.h"
#include "base/num.h"
#include "base/text.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define BLOCK_MAX (16u << 20) /* no packet is this long: a file that says so is damaged */

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_PACKET = 6,
};

enum option_code {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_HARDWARE = 2,
	SHB_OS = 3,
	SHB_PROGRAM = 4,
	IF_NAME = 2,
	IF_TSRESOL = 9,
	IF_TSOFFSET = 14,
	EPB_FLAGS = 2,
};

/* --- writing */

/* A block without its packet octets is small; in front of them and behind them stands this much. */
struct piece {
	uint8_t bytes[PCAPNG_COMMENT_MAX + 1100];
	size_t len;
};

static void put(struct piece *p, const void *from, size_t len)
{
	memcpy(p->bytes + p->len, from, len);
	p->len += len;
}

static void put16(struct piece *p, uint16_t v)
{
	put(p, &v, sizeof(v));
}

static void put32(struct piece *p, uint32_t v)
{
	put(p, &v, sizeof(v));
}

static void put_pad(struct piece *p, size_t len)
{
	put(p, "\0\0\0", -len & 3);
}

static void put_option(struct piece *p, enum option_code code, const void *from, size_t len)
{
	put16(p, (uint16_t)code);
	put16(p, (uint16_t)len);
	put(p, from, len);
	put_pad(p, len);
}

static void put_text(struct piece *p, enum option_code code, const char *text)
{
	char clean[PCAPNG_COMMENT_MAX];

	if (!text)
		return;
	text_clean(clean, sizeof(clean), text, strlen(text));
	put_option(p, code, clean, strlen(clean));
}

/* Ends the options and writes the block: its length stands in front and behind. */
static void write_block(FILE *f, enum block_type type, struct piece *head, const uint8_t *bytes,
			size_t len, struct piece *tail)
{
	uint32_t total = (uint32_t)(8 + head->len + len + tail->len + 4 + 4);
	uint32_t start[2] = {type, total};

	put32(tail, OPT_END);
	put32(tail, total);
	fwrite(start, sizeof(start), 1, f);
	fwrite(head->bytes, head->len, 1, f);
	if (len)
		fwrite(bytes, len, 1, f);
	fwrite(tail->bytes, tail->len, 1, f);
}

void pcapng_begin(FILE *f, uint16_t linktype, const char *ifname, const char *program)
{
	static const uint8_t nanoseconds = 9;
	struct piece head = {0}, tail = {0};
	struct utsname host;
	char os[2 * sizeof(host.sysname)];

	put32(&head, BYTE_ORDER_MAGIC);
	put16(&head, 1); /* version 1.0 */
	put16(&head, 0);
	put32(&head, UINT32_MAX); /* length of the section: not known */
	put32(&head, UINT32_MAX);
	if (uname(&host) == 0) {
		snprintf(os, sizeof(os), "%s %s", host.sysname, host.release);
		put_text(&tail, SHB_HARDWARE, host.machine);
		put_text(&tail, SHB_OS, os);
	}
	put_text(&tail, SHB_PROGRAM, program);
	write_block(f, PCAPNG_MAGIC, &head, NULL, 0, &tail);

	head.len = tail.len = 0;
	put16(&head, linktype);
	put16(&head, 0);
	put32(&head, 0); /* no limit to the octets kept */
	put_text(&tail, IF_NAME, ifname);
	put_option(&tail, IF_TSRESOL, &nanoseconds, 1);
	write_block(f, BLOCK_INTERFACE, &head, NULL, 0, &tail);
}

void pcapng_write(FILE *f, const struct savefile_packet *p)
{
	struct piece head = {0}, tail = {0};
	uint32_t flags = p->way; /* bits 0-1: 1 in, 2 out */

	put32(&head, 0); /* the first interface */
	put32(&head, (uint32_t)(p->wall_ns >> 32));
	put32(&head, (uint32_t)p->wall_ns);
	put32(&head, (uint32_t)p->len);
	put32(&head, (uint32_t)p->wire_len);
	put_pad(&tail, p->len);
	if (flags)
		put_option(&tail, EPB_FLAGS, &flags, sizeof(flags));
	put_text(&tail, OPT_COMMENT, p->comment);
	write_block(f, BLOCK_PACKET, &head, p->bytes, p->len, &tail);
}

/* --- reading */

struct iface {
	uint16_t linktype;
	uint8_t tsresol;    /* a power of 10, or of 2 if the high bit is set */
	int64_t tsoffset_s; /* to add to each stamp */
};

struct pcapng_reader {
	FILE *f;
	bool is_swapped; /* the section is not in our byte order */
	struct iface *ifaces;
	size_t n_ifaces;
	uint8_t *block;
	size_t cap;
};

static uint32_t get32(const struct pcapng_reader *r, struct rd *rd)
{
	const uint8_t *p = rd_bytes(rd, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return r->is_swapped ? bswap_32(v) : v;
}

static uint16_t get16(const struct pcapng_reader *r, struct rd *rd)
{
	const uint8_t *p = rd_bytes(rd, 2);
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return r->is_swapped ? bswap_16(v) : v;
}

static uint64_t get64(const struct pcapng_reader *r, struct rd *rd)
{
	uint64_t a = get32(r, rd), b = get32(r, rd);
	bool is_low_first = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != r->is_swapped;

	return is_low_first ? b << 32 | a : a << 32 | b;
}

/* The value of option @code in the list at @rd; empty if it is not there. */
static struct rd find_option(const struct pcapng_reader *r, struct rd rd, enum option_code code)
{
	while (rd_left(&rd) >= 4) {
		enum option_code found = get16(r, &rd);
		uint16_t len = get16(r, &rd);
		struct rd value = rd_sub(&rd, len);

		if (found == OPT_END)
			break;
		if (found == code && !value.bad)
			return value;
		rd_skip(&rd, -(size_t)len & 3);
	}
	return rd_make(NULL, 0);
}

static int add_iface(struct pcapng_reader *r, struct rd rd)
{
	struct iface *grown = reallocarray(r->ifaces, r->n_ifaces + 1, sizeof(*grown));
	struct iface *i;
	struct rd value;

	if (!grown)
		return E_MEM;
	r->ifaces = grown;
	i = &r->ifaces[r->n_ifaces++];
	*i = (struct iface){.linktype = get16(r, &rd), .tsresol = 6};
	rd_skip(&rd, 6);
	value = find_option(r, rd, IF_TSRESOL);
	if (rd_left(&value))
		i->tsresol = rd_u8(&value);
	value = find_option(r, rd, IF_TSOFFSET);
	i->tsoffset_s = (int64_t)get64(r, &value);
	return rd_done(&rd);
}

/* Ticks to nanoseconds; 0 for a stamp that does not fit 64 bits of them. */
static uint64_t to_ns(const struct iface *i, uint64_t ticks)
{
	unsigned power = i->tsresol & 0x7f;
	uint64_t ns = ticks, offset_ns;

	if (i->tsresol & 0x80) {
		uint64_t s = power < 64 ? ticks >> power : 0;
		uint64_t frac = power < 64 ? ticks & ((1ull << power) - 1) : ticks;
		unsigned drop = power > 32 ? power - 32 : 0;

		frac = (drop < 64 ? frac >> drop : 0) * NS_PER_S >> (power - drop);
		if (__builtin_mul_overflow(s, NS_PER_S, &ns) ||
		    __builtin_add_overflow(ns, frac, &ns))
			return 0;
	} else {
		for (; power < 9; power++)
			if (__builtin_mul_overflow(ns, 10, &ns))
				return 0;
		for (; power > 9; power--)
			ns /= 10;
	}
	/* A negative offset wraps to what it stands for. */
	if (__builtin_mul_overflow(i->tsoffset_s, (int64_t)NS_PER_S, (int64_t *)&offset_ns))
		return 0;
	return ns + offset_ns;
}

/* The enhanced packet, and the obsolete one: half of its interface number counts drops. */
static int take_packet(const struct pcapng_reader *r, struct rd rd, bool is_old,
		       struct savefile_packet *out, uint32_t *linktype)
{
	uint32_t iface = is_old ? get16(r, &rd) : get32(r, &rd);
	uint64_t ticks;
	uint32_t len;
	struct rd value;

	if (is_old)
		rd_skip(&rd, 2);
	ticks = (uint64_t)get32(r, &rd) << 32;
	ticks |= get32(r, &rd);
	len = get32(r, &rd);
	*out = (struct savefile_packet){.len = len, .wire_len = get32(r, &rd)};
	out->bytes = rd_bytes(&rd, len);
	if (rd.bad || iface >= r->n_ifaces)
		return E_BAD;
	*linktype = r->ifaces[iface].linktype;
	out->wall_ns = to_ns(&r->ifaces[iface], ticks);
	rd_skip(&rd, -(size_t)len & 3);
	value = find_option(r, rd, EPB_FLAGS);
	if (rd_left(&value) == 4)
		out->way = get32(r, &value) & 3;
	return 0;
}

/* A simple packet has no stamp and no captured length: it is as long as its block lets it be. */
static int take_simple_packet(const struct pcapng_reader *r, struct rd rd,
			      struct savefile_packet *out, uint32_t *linktype)
{
	uint32_t wire_len = get32(r, &rd);
	size_t len = rd_left(&rd) < wire_len ? rd_left(&rd) : wire_len;

	*out = (struct savefile_packet){.len = len, .wire_len = wire_len};
	out->bytes = rd_bytes(&rd, len);
	if (rd.bad || r->n_ifaces == 0)
		return E_BAD;
	*linktype = r->ifaces[0].linktype;
	return 0;
}

static int read_fully(struct pcapng_reader *r, void *to, size_t len, struct why *why)
{
	size_t n = fread(to, 1, len, r->f);

	if (n == len)
		return 0;
	if (ferror(r->f))
		return why_sys(why, E_SYS, "cannot read the capture");
	return why_set(why, E_TRUNC, "the capture ends inside a block");
}

/* A section header settles the byte order of all that follows, its own length included. */
static int begin_section(struct pcapng_reader *r, const uint8_t *magic, struct why *why)
{
	struct rd rd = rd_make(magic, 4);

	r->is_swapped = false;
	r->n_ifaces = 0;
	if (get32(r, &rd) == BYTE_ORDER_MAGIC)
		return 0;
	r->is_swapped = true;
	rd = rd_make(magic, 4);
	if (get32(r, &rd) == BYTE_ORDER_MAGIC)
		return 0;
	return why_set(why, E_BAD, "the capture has a section without a byte order");
}

/* Reads a block into r->block; @out is a cursor over its body. */
static int read_block(struct pcapng_reader *r, uint32_t *type, struct rd *out, struct why *why)
{
	uint8_t start[12] = {0};
	struct rd rd = rd_make(start, 8);
	uint32_t len;
	int c = getc(r->f), err;

	if (c == EOF && !ferror(r->f))
		return E_EOF;
	ungetc(c, r->f);
	/* The shortest block has 12 octets, so those with the byte order are there at once. */
	err = read_fully(r, start, sizeof(start), why);
	if (err < 0)
		return err;
	*type = get32(r, &rd);
	if (*type == PCAPNG_MAGIC)
		err = begin_section(r, start + 8, why);
	if (err < 0)
		return err;
	len = get32(r, &rd);
	if (len < 12 || len % 4 || len > BLOCK_MAX)
		return why_set(why, E_BAD, "the capture has a block of %u octets", len);
	if (len > r->cap) {
		uint8_t *grown = realloc(r->block, len);

		if (!grown)
			return why_set(why, E_MEM, "no memory for a block of %u octets", len);
		r->block = grown;
		r->cap = len;
	}
	memcpy(r->block, start, sizeof(start));
	err = read_fully(r, r->block + 12, len - 12, why);
	rd = rd_make(r->block + len - 4, 4);
	if (err == 0 && get32(r, &rd) != len)
		err = why_set(why, E_BAD, "the capture has a block whose two lengths differ");
	*out = rd_make(r->block + 8, len - 12);
	return err;
}

int pcapng_read(struct pcapng_reader *r, struct savefile_packet *out, uint32_t *linktype,
		struct why *why)
{
	for (;;) {
		uint32_t type;
		struct rd body;
		int err = read_block(r, &type, &body, why);

		if (err < 0)
			return err;
		if (type == BLOCK_INTERFACE)
			err = add_iface(r, body);
		else if (type == BLOCK_PACKET || type == BLOCK_OLD_PACKET)
			err = take_packet(r, body, type == BLOCK_OLD_PACKET, out, linktype);
		else if (type == BLOCK_SIMPLE_PACKET)
			err = take_simple_packet(r, body, out, linktype);
		else
			continue;
		if (err < 0)
			return why_set(why, err, "the capture has a damaged block of type %u",
				       type);
		if (type != BLOCK_INTERFACE)
			return 0;
	}
}

struct pcapng_reader *pcapng_open(FILE *f)
{
	struct pcapng_reader *r = calloc(1, sizeof(*r));

	if (r)
		r->f = f;
	return r;
}

void pcapng_close(struct pcapng_reader *r)
{
	free(r->ifaces);
	free(r->block);
	free(r);
}
