/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/num.h"
#include "io/savefile.h"

#define WALL_NS (1795205739ull * NS_PER_S + 123456789)

/* 192.0.2.1 asks 192.0.2.2: an echo request with 8 octets. */
static const uint8_t echo[] = {0x45, 0x00, 0x00, 0x24, 0x00, 0x01, 0x00, 0x00, 0x40,
			       0x01, 0xf6, 0xb3, 0xc0, 0x00, 0x02, 0x01, 0xc0, 0x00,
			       0x02, 0x02, 0x08, 0x00, 0x2b, 0x86, 0x12, 0x34, 0x00,
			       0x01, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68};

struct scratch {
	char dir[32];
	char pcap[64], pcapng[64];
};

static int make_scratch(void **state)
{
	static struct scratch s;

	strcpy(s.dir, "/tmp/pktutils.XXXXXX");
	if (!mkdtemp(s.dir))
		return -1;
	snprintf(s.pcap, sizeof(s.pcap), "%s/x.pcap", s.dir);
	snprintf(s.pcapng, sizeof(s.pcapng), "%s/x.pcapng", s.dir);
	*state = &s;
	return 0;
}

static int remove_scratch(void **state)
{
	struct scratch *s = *state;

	unlink(s->pcap);
	unlink(s->pcapng);
	return rmdir(s->dir);
}

/*
 * The first line that @command prints, which finds @path in $F. tcpdump wants to
 * give up root, which fails in a user namespace of one user; there it has to begin as nobody.
 */
static const char *answer(const char *command, const char *path)
{
	static char line[1024];
	FILE *f;

	setenv("F", path, 1);
	f = popen(command, "r");
	assert_non_null(f);
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	assert_int_equal(pclose(f), 0);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void save_two(const char *path, const char *comment)
{
	const struct savefile_opts opts = {LINK_L3, "veth0", "test 1.0"};
	struct savefile_packet p = {WALL_NS, echo, sizeof(echo), sizeof(echo), SAVE_OUT, comment};
	struct savefile *s;

	assert_int_equal(savefile_open(path, &opts, &s, NULL), 0);
	assert_int_equal(savefile_write(s, &p, NULL), 0);
	p = (struct savefile_packet){WALL_NS + 1, echo, 29, sizeof(echo), SAVE_IN, NULL};
	assert_int_equal(savefile_write(s, &p, NULL), 0);
	assert_int_equal(savefile_close(s, NULL), 0);
}

static void reads_back_two(const char *path, bool has_direction)
{
	struct link_in in;
	struct link *l;

	assert_int_equal(savefile_read(path, &l, NULL), 0);
	assert_int_equal(link_recv(l, &in, 1, NULL), 1);
	assert_int_equal(in.kind, LINK_PACKET);
	assert_int_equal(in.layer, LINK_L3);
	assert_int_equal(in.len, sizeof(echo));
	assert_int_equal(in.wire_len, sizeof(echo));
	assert_memory_equal(in.bytes, echo, sizeof(echo));
	assert_int_equal(in.wall_ns, WALL_NS);
	assert_int_equal(in.is_outgoing, has_direction);
	assert_int_equal(link_recv(l, &in, 1, NULL), 1);
	assert_int_equal(in.len, 29);
	assert_int_equal(in.wire_len, sizeof(echo));
	assert_memory_equal(in.bytes, echo, 29);
	assert_int_equal(in.wall_ns, WALL_NS + 1);
	assert_false(in.is_outgoing);
	assert_int_equal(link_recv(l, &in, 1, NULL), E_EOF);
	link_close(l);
}

static void pcap_keeps_nanoseconds(void **state)
{
	const struct scratch *s = *state;

	save_two(s->pcap, "no place for a comment");
	reads_back_two(s->pcap, false);
	assert_string_equal(answer("T='tcpdump -n -tt --nano'; "
				   "$T -r $F 2>/dev/null || unshare -U $T -r $F 2>/dev/null",
				   s->pcap),
			    "1795205739.123456789 IP 192.0.2.1 > 192.0.2.2: ICMP echo request, "
			    "id 4660, seq 1, length 16");
	assert_string_equal(answer("capinfos -Tmt -r $F | cut -d, -f2", s->pcap), "nsecpcap");
}

static void pcapng_tells_direction_comment_and_origin(void **state)
{
	const struct scratch *s = *state;

	save_two(s->pcapng, "reply rejected: \"nonce\" differs, caf\xc3\xa9");
	reads_back_two(s->pcapng, true);
	assert_string_equal(answer("tshark -r $F -T fields -e frame.time_epoch -e frame.comment "
				   "-e frame.interface_name -e frame.packet_flags_direction "
				   "-e icmp.seq 2>/dev/null",
				   s->pcapng),
			    "1795205739.123456789\treply rejected: \"nonce\" differs, caf\xc3\xa9\t"
			    "veth0\t0x00000002\t1");
	assert_string_equal(answer("capinfos $F | grep -c 'application:.*test 1.0'", s->pcapng),
			    "1");
	assert_string_equal(
		answer("(tcpdump -n -r $F || unshare -U tcpdump -n -r $F) 2>/dev/null | wc -l",
		       s->pcapng),
		"2");
}

static void comments_are_sanitised(void **state)
{
	const struct scratch *s = *state;
	char comment[4000];

	memset(comment, 'x', sizeof(comment));
	memcpy(comment, "\033[2J", 4);
	comment[sizeof(comment) - 1] = '\0';
	save_two(s->pcapng, comment);
	reads_back_two(s->pcapng, true);
	assert_string_equal(answer("tshark -r $F -T fields -e frame.comment 2>/dev/null | "
				   "head -n 1 | cut -c 1-8",
				   s->pcapng),
			    "\xef\xbf\xbd[2Jxx");
}

static void fails_on_full_disk(const char *path)
{
	const struct savefile_opts opts = {.layer = LINK_L2};
	const struct savefile_packet p = {WALL_NS,      echo,     sizeof(echo),
					  sizeof(echo), SAVE_OUT, NULL};
	struct why why = {0};
	struct savefile *s;
	int err = 0;

	assert_int_equal(savefile_open(path, &opts, &s, NULL), 0);
	assert_int_equal(savefile_write(s, &p, NULL), 0);
	assert_int_equal(savefile_flush(s, &why), E_SYS);
	assert_int_equal(why.sys, ENOSPC);
	assert_non_null(strstr(why.text, path));
	/* Once lost, always lost, whatever else happened to errno. */
	errno = EINTR;
	assert_int_equal(savefile_write(s, &p, &why), E_SYS);
	assert_int_equal(savefile_close(s, &why), E_SYS);
	assert_int_equal(why.sys, ENOSPC);

	assert_int_equal(savefile_open(path, &opts, &s, NULL), 0);
	for (unsigned i = 0; i < 1000 && err == 0; i++)
		err = savefile_write(s, &p, &why);
	assert_int_equal(err, E_SYS);
	assert_int_equal(savefile_close(s, NULL), E_SYS);
}

static void full_disk_is_noticed(void **state)
{
	const struct scratch *s = *state;

	unlink(s->pcapng);
	assert_int_equal(symlink("/dev/full", s->pcapng), 0);
	fails_on_full_disk(s->pcapng);
	fails_on_full_disk("/dev/full");
	unlink(s->pcapng);
}

static void dash_is_standard_output_and_input(void **state)
{
	const struct scratch *s = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!freopen(s->pcap, "w", stdout))
			_exit(1);
		save_two("-", NULL);
		/* Standard output itself is still open, behind the capture. */
		_exit(write(STDOUT_FILENO, "", 0) == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	reads_back_two(s->pcap, false);
	assert_non_null(freopen(s->pcap, "r", stdin));
	reads_back_two("-", false);
}

/* --- captures made by others, written octet by octet */

static void write_file(const char *path, const struct wr *w)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(wr_done(w), 0);
	assert_non_null(f);
	assert_int_equal(fwrite(w->buf, 1, w->len, f), w->len);
	assert_int_equal(fclose(f), 0);
}

/* A pcap of one packet in network byte order, whatever this host's order is, with microseconds. */
static void write_pcap(const char *path, uint32_t linktype, const uint8_t *head, size_t head_len,
		       const uint8_t *bytes, size_t len)
{
	uint8_t buf[256];
	struct wr w = wr_make(buf, sizeof(buf));

	wr_u32(&w, 0xa1b2c3d4);
	wr_u32(&w, 0x00020004);
	wr_zero(&w, 8);
	wr_u32(&w, 65535);
	wr_u32(&w, linktype);
	wr_u32(&w, 1000);
	wr_u32(&w, 999999);
	wr_u32(&w, (uint32_t)(head_len + len));
	wr_u32(&w, (uint32_t)(head_len + len));
	wr_bytes(&w, head, head_len);
	wr_bytes(&w, bytes, len);
	write_file(path, &w);
}

static struct link *only_packet(const char *path, struct link_in *in)
{
	struct link *l;

	assert_int_equal(savefile_read(path, &l, NULL), 0);
	assert_int_equal(link_recv(l, in, 1, NULL), 1);
	return l;
}

static void all_link_types_are_unwrapped(void **state)
{
	static const uint8_t sll[] = {0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x08, 0x00};
	static const uint8_t sll2[] = {0x08, 0, 0, 0, 0, 0, 0, 7, 0, 1,
				       0,    6, 2, 0, 0, 0, 0, 1, 0, 0};
	static const uint8_t family[] = {2, 0, 0, 0};
	static const struct {
		uint32_t linktype;
		const uint8_t *head;
		size_t head_len;
		bool is_outgoing;
		uint32_t ifindex;
	} cases[] = {
		{101, NULL, 0, false, 0},
		{228, NULL, 0, false, 0},
		{0, family, sizeof(family), false, 0},
		{108, family, sizeof(family), false, 0},
		{113, sll, sizeof(sll), true, 0},
		{276, sll2, sizeof(sll2), false, 7},
	};
	const struct scratch *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct link_in in;
		struct link *l;

		write_pcap(s->pcap, cases[i].linktype, cases[i].head, cases[i].head_len, echo,
			   sizeof(echo));
		l = only_packet(s->pcap, &in);
		assert_int_equal(in.layer, LINK_L3);
		assert_int_equal(in.len, sizeof(echo));
		assert_int_equal(in.wire_len, sizeof(echo));
		assert_memory_equal(in.bytes, echo, sizeof(echo));
		assert_int_equal(in.wall_ns, 1000 * NS_PER_S + 999999 * NS_PER_US);
		assert_int_equal(in.is_outgoing, cases[i].is_outgoing);
		assert_int_equal(in.ifindex, cases[i].ifindex);
		link_close(l);
	}
}

static void cooked_arp_gets_an_ethernet_header(void **state)
{
	static const uint8_t sll2[] = {0x08, 6, 0, 0, 0, 0, 0, 7, 0, 1,
				       1,    6, 2, 0, 0, 0, 0, 1, 0, 0};
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	static const uint8_t want[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,
				       0,    0,    0,    1,    8,    6,    0, 1};
	const struct scratch *s = *state;
	struct link_in in;
	struct link *l;

	write_pcap(s->pcap, 276, sll2, sizeof(sll2), arp, sizeof(arp));
	l = only_packet(s->pcap, &in);
	assert_int_equal(in.layer, LINK_L2);
	assert_int_equal(in.len, 14 + sizeof(arp));
	assert_int_equal(in.wire_len, in.len);
	assert_memory_equal(in.bytes, want, sizeof(want));
	link_close(l);

	/* Cut inside the link header: nothing is left, and nothing is made up. */
	write_pcap(s->pcap, 276, sll2, 10, NULL, 0);
	l = only_packet(s->pcap, &in);
	assert_int_equal(in.len, 0);
	link_close(l);
}

static void block_begin(struct wr *w, uint32_t type)
{
	wr_u32(w, type);
	wr_u32(w, 0);
}

static void block_end(struct wr *w, size_t at)
{
	uint32_t len = (uint32_t)(w->len + 4 - at);

	put_u32(w->buf + at + 4, len);
	wr_u32(w, len);
}

static void add_iface(struct wr *w, uint16_t linktype, uint8_t tsresol)
{
	size_t at = w->len;

	block_begin(w, 1);
	wr_u16(w, linktype);
	wr_zero(w, 6);
	wr_u16(w, 9); /* if_tsresol */
	wr_u16(w, 1);
	wr_u8(w, tsresol);
	wr_zero(w, 3);
	wr_u16(w, 14); /* if_tsoffset: one hour earlier */
	wr_u16(w, 8);
	wr_u64(w, (uint64_t)-3600);
	wr_u32(w, 0);
	block_end(w, at);
}

static void add_packet(struct wr *w, uint32_t type, uint32_t iface, uint64_t ticks)
{
	size_t at = w->len;

	block_begin(w, type);
	if (type != 3) {
		wr_u32(w, iface);
		wr_u64(w, ticks);
		wr_u32(w, sizeof(echo));
	}
	wr_u32(w, sizeof(echo));
	wr_bytes(w, echo, sizeof(echo));
	block_end(w, at);
}

/* In network byte order: two sections' worth of block kinds, clocks and link types in one file. */
static struct wr foreign_pcapng(uint8_t *buf, size_t cap)
{
	struct wr w = wr_make(buf, cap);

	block_begin(&w, 0x0a0d0d0a);
	wr_u32(&w, 0x1a2b3c4d);
	wr_u32(&w, 0x00010000);
	wr_u64(&w, UINT64_MAX);
	block_end(&w, 0);
	add_iface(&w, 101, 6);
	add_iface(&w, 1, 0x80 | 32);
	add_iface(&w, 101, 12);
	add_packet(&w, 6, 0, 10000 * 1000000ull + 7);
	add_packet(&w, 2, 1 << 16 | 5, 10000ull << 32 | 1ull << 31);
	add_packet(&w, 0xbad, 0, 0);
	add_packet(&w, 6, 2, 10000 * 1000000000000ull + 7999);
	add_packet(&w, 3, 0, 0);
	return w;
}

static void foreign_pcapng_is_understood(void **state)
{
	static const uint64_t walls[] = {6400 * NS_PER_S + 7000, 6400 * NS_PER_S + NS_PER_S / 2,
					 6400 * NS_PER_S + 7, 0};
	static const enum link_layer layers[] = {LINK_L3, LINK_L2, LINK_L3, LINK_L3};
	const struct scratch *s = *state;
	uint8_t buf[1024];
	struct wr w = foreign_pcapng(buf, sizeof(buf));
	struct link_in in;
	struct link *l;

	write_file(s->pcapng, &w);
	assert_int_equal(savefile_read(s->pcapng, &l, NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(link_recv(l, &in, 1, NULL), 1);
		assert_int_equal(in.layer, layers[i]);
		assert_int_equal(in.wall_ns, walls[i]);
		assert_int_equal(in.len, sizeof(echo));
		assert_memory_equal(in.bytes, echo, sizeof(echo));
	}
	assert_int_equal(link_recv(l, &in, 1, NULL), E_EOF);
	link_close(l);
}

/* However a capture is cut, what comes out is whole packets and then one clear end. */
static void cut_anywhere_it_ends_in_an_error(void **state)
{
	static const size_t whole[] = {28 + 3 * 44, 68, 68, 68, 68, 52};
	const struct scratch *s = *state;
	uint8_t buf[1024];
	struct wr w = foreign_pcapng(buf, sizeof(buf));
	size_t full = w.len, boundary = 0, n_boundaries = 0;

	for (w.len = 1; w.len < full; w.len++) {
		struct why why = {0};
		struct link_in in;
		struct link *l;
		int got;

		write_file(s->pcapng, &w);
		assert_int_equal(savefile_read(s->pcapng, &l, NULL), 0);
		do {
			got = link_recv(l, &in, 1, &why);
		} while (got == 1);
		link_close(l);
		if (got == E_EOF)
			n_boundaries++;
		else
			assert_true(got == E_TRUNC && why.text[0]);
	}
	/* The ends of blocks: of the section header, three interfaces and four packets. */
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		boundary += whole[i];
	assert_int_equal(boundary, full);
	assert_int_equal(n_boundaries, 8);
}

static void what_is_no_capture_is_refused(void **state)
{
	const struct scratch *s = *state;
	static uint8_t text[] = "not a capture at all, just some text";
	struct wr w = {text, sizeof(text), sizeof(text), false};
	struct why why = {0};
	struct link_in in;
	struct link *l;

	assert_int_equal(savefile_read("/nonexistent/file", &l, &why), E_SYS);
	assert_int_equal(why.sys, ENOENT);
	write_file(s->pcap, &w);
	assert_int_equal(savefile_read(s->pcap, &l, &why), E_BAD);
	assert_non_null(strstr(why.text, s->pcap));
	w.len = 0;
	write_file(s->pcap, &w);
	assert_int_equal(savefile_read(s->pcap, &l, &why), E_BAD);
	assert_non_null(strstr(why.text, "empty"));
	write_pcap(s->pcap, 105, NULL, 0, echo, sizeof(echo));
	assert_int_equal(savefile_read(s->pcap, &l, NULL), 0);
	assert_int_equal(link_recv(l, &in, 1, &why), E_UNSUP);
	assert_non_null(strstr(why.text, "105"));
	link_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_keeps_nanoseconds),
		cmocka_unit_test(pcapng_tells_direction_comment_and_origin),
		cmocka_unit_test(comments_are_sanitised),
		cmocka_unit_test(full_disk_is_noticed),
		cmocka_unit_test(dash_is_standard_output_and_input),
		cmocka_unit_test(all_link_types_are_unwrapped),
		cmocka_unit_test(cooked_arp_gets_an_ethernet_header),
		cmocka_unit_test(foreign_pcapng_is_understood),
		cmocka_unit_test(cut_anywhere_it_ends_in_an_error),
		cmocka_unit_test(what_is_no_capture_is_refused),
	};

	return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
