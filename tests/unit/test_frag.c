/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets cut into fragments: whatever the size, the pieces put together are the packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "build/frag.h"
#include "build/recipes.h"
#include "io/fragments.h"
#include "io/memlink.h"
#include "wire/csum.h"
#include "wire/ip4.h"
#include "wire/ip6.h"

#define ID 0x12345678u

static uint8_t packet[400];

/* An echo request of @size octets of data from @src to @dst. Returns its length. */
static size_t make(const char *src, const char *dst, size_t size, bool df)
{
	struct pkt *builder = pkt_new();
	struct wr w = wr_make(packet, sizeof(packet));
	uint8_t data[300];
	struct addr from, to;
	struct pkt_spec spec;

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)i;
	assert_int_equal(addr_parse(src, &from), 0);
	assert_int_equal(addr_parse(dst, &to), 0);
	spec = recipe_echo(&from, &to, false, 7, 1, data, size);
	spec.ip.df = df;
	assert_non_null(builder);
	assert_int_equal(pkt_build(builder, &spec, &w, NULL), 0);
	pkt_free(builder);
	return w.len;
}

struct piece {
	size_t off, len, hdr_len;
	bool has_more;
	uint32_t id;
};

/* Reads a fragment by the parsers that everything else is read with. */
static struct piece read_piece(const uint8_t *bytes, size_t len)
{
	struct rd r = rd_make(bytes, len), payload;
	struct piece p = {0};
	struct ip4_hdr v4;
	struct ip6_hdr v6;

	if (bytes[0] >> 4 == 4) {
		assert_int_equal(ip4_parse(&r, &v4, &payload), 0);
		assert_int_equal(csum_ip(bytes, 20), 0);
		assert_int_equal(v4.total_len, len);
		p = (struct piece){v4.frag_off, 0, v4.hdr_len, v4.mf, v4.id};
	} else {
		assert_int_equal(ip6_parse(&r, &v6, &payload), 0);
		assert_int_equal(v6.payload_len + 40, len);
		assert_true(v6.is_fragment);
		p = (struct piece){v6.frag_off, 0, v6.hdr_len, v6.mf, v6.frag_id};
	}
	p.len = rd_left(&payload);
	return p;
}

/* Cuts the packet of @len octets at @size and puts it together again. */
static void cut_and_join(size_t len, size_t size)
{
	bool is_v6 = packet[0] >> 4 == 6;
	size_t hdr_len = is_v6 ? 40 : 20, at = 0;
	uint8_t joined[sizeof(packet)], bytes[sizeof(packet) + FRAG_HDR_MAX];
	struct frag f;

	assert_int_equal(frag_start(&f, packet, len, size, ID), 0);
	for (;;) {
		struct wr w = wr_make(bytes, size + FRAG_HDR_MAX);
		int more = frag_next(&f, &w);
		struct piece p;

		if (!more)
			break;
		assert_int_equal(more, 1);
		p = read_piece(bytes, w.len);
		assert_int_equal(p.off, at);
		assert_int_equal(p.id, is_v6 ? ID : ID & 0xffff);
		assert_int_equal(p.has_more, at + p.len < len - hdr_len);
		assert_true(p.len == size || !p.has_more);
		memcpy(joined + at, bytes + p.hdr_len, p.len);
		at += p.len;
	}
	assert_int_equal(at, len - hdr_len);
	assert_memory_equal(joined, packet + hdr_len, at);
}

static void pieces_make_the_packet(void **state)
{
	(void)state;
	for (size_t size = 8; size <= 320; size += 8)
		for (size_t data = 0; data < 300; data += 7) {
			cut_and_join(make("192.0.2.1", "192.0.2.2", data, false), size);
			cut_and_join(make("2001:db8::1", "2001:db8::2", data, false), size);
		}
}

static void df_stays(void **state)
{
	uint8_t bytes[100];
	struct wr w = wr_make(bytes, sizeof(bytes));
	struct frag f;

	(void)state;
	assert_int_equal(frag_start(&f, packet, make("192.0.2.1", "192.0.2.2", 64, true), 8, ID),
			 0);
	assert_int_equal(frag_next(&f, &w), 1);
	assert_int_equal(bytes[6] >> 5, 3); /* DF and MF */
}

static void what_cannot_be_cut(void **state)
{
	size_t len = make("192.0.2.1", "192.0.2.2", 64, false);
	uint8_t little[20];
	struct wr w = wr_make(little, sizeof(little));
	struct frag f;

	(void)state;
	assert_int_equal(frag_start(&f, packet, len, 0, ID), E_BAD);
	assert_int_equal(frag_start(&f, packet, len, 12, ID), E_BAD);
	assert_int_equal(frag_start(&f, packet, 20, 8, ID), E_BAD);
	assert_int_equal(frag_start(&f, packet, len, 8, ID), 0);
	assert_int_equal(frag_next(&f, &w), E_FULL);
	assert_int_equal(w.len, 0);
	packet[0] = 0x46; /* options */
	assert_int_equal(frag_start(&f, packet, len, 8, ID), E_BAD);
}

/* Each packet has an identification of its own, all its pieces have the same, the first the tag. */
static void a_link_sends_the_pieces(void **state)
{
	size_t len = make("192.0.2.1", "192.0.2.2", 300, false), n_pieces = (300 + 8 + 7) / 8;
	const struct link_out out[2] = {{.bytes = packet, .len = len, .tag = 7},
					{.bytes = packet, .len = len, .tag = 8}};
	struct fake_clock clock = clock_fake(0);
	struct link *sender, *l;
	struct link_in in[4];
	struct why why;
	uint32_t first;

	(void)state;
	assert_int_equal(memlink_open(LINK_L3, &clock.clock, &sender), 0);
	assert_int_equal(fragments_open(sender, 8, &l, &why), 0);
	memlink_stamp(sender);
	assert_int_equal(link_send(l, out, 2, &why), 2);
	assert_int_equal(memlink_n_sent(sender), 2 * n_pieces);
	first = read_piece(memlink_sent(sender, 0)->bytes, 28).id;
	assert_int_not_equal(first, 0);
	for (size_t i = 0; i < n_pieces; i++) {
		const struct memlink_sent *a = memlink_sent(sender, i);
		const struct memlink_sent *b = memlink_sent(sender, n_pieces + i);

		assert_int_equal(read_piece(a->bytes, a->len).id, first);
		assert_int_not_equal(read_piece(b->bytes, b->len).id, first);
	}
	assert_int_equal(link_recv(l, in, 1, &why), 1);
	assert_int_equal(in[0].tag, 7);
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_make_the_packet),
		cmocka_unit_test(df_stays),
		cmocka_unit_test(what_cannot_be_cut),
		cmocka_unit_test(a_link_sends_the_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
