/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard and what it guards, on the loopback of the test's own namespace; a command beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "build/recipes.h"
#include "io/child.h"
#include "io/frames.h"
#include "io/guard.h"
#include "io/sock.h"
#include "wire/dissect.h"

static const struct addr v4 = {.len = 4, .bytes = {127, 0, 0, 1}},
			 v6 = {.len = 16, .bytes = {[15] = 1}}, nobody;

/* A SYN-ACK out of the blue to @port, by raw IP. */
static void provoke(const struct addr *a, uint16_t port)
{
	struct pkt *builder = pkt_new();
	struct pkt_spec spec = recipe_syn(a, a, 9, port, 1, 0);
	struct link_out out = {.to = *a};
	uint8_t bytes[128];
	struct wr w = wr_make(bytes, sizeof(bytes));
	const struct sock_opts opts = {
		.is_v6 = a->len == 16,
		.kind = SOCK_KIND_IP,
		.ttl = -1,
		.mcast_ttl = -1,
		.tos = -1,
		.no_stamps = true,
	};
	enum sock_kind kind;
	uint16_t unused;
	struct link *l;
	struct why why;

	spec.tcp.flags = 0x12;
	assert_int_equal(pkt_build(builder, &spec, &w, &why), 0);
	assert_int_equal(sock_open(&opts, &l, &unused, &kind, &why), 0);
	assert_int_equal(l->layer, LINK_L3);
	out.bytes = bytes;
	out.len = w.len;
	assert_int_equal(link_send(l, &out, 1, &why), 1);
	link_close(l);
	pkt_free(builder);
}

/* How many RSTs the provocation draws; loopback has delivered all of it when the send is over. */
static unsigned resets_after(const struct addr *a, uint16_t port)
{
	struct frames_opts opts = {
		.ifindex = 1, .filter = "tcp or ip6 proto 6", .ignore_outgoing = true};
	struct link_in in[16];
	struct link *tap;
	struct dissect d;
	struct why why;
	unsigned resets = 0;
	int n;

	assert_int_equal(frames_open(&opts, &tap, &why), 0);
	provoke(a, port);
	n = link_recv(tap, in, 16, &why);
	assert_true(n >= 1);
	for (int i = 0; i < n; i++) {
		(void)dissect_packet(DISSECT_L2, in[i].bytes, in[i].len, &d);
		resets += dissect_has(&d, LAYER_TCP) && d.tcp.flags & TCP_F_RST;
	}
	link_close(tap);
	return resets;
}

static void keeps_the_kernel_quiet(enum guard_method method, const struct addr *a,
				   const struct addr *remote, uint16_t remote_port)
{
	const struct guard_want want = {method, *a, 0, *remote, remote_port};
	struct rnd rnd = rnd_kernel();
	static const char *const words[] = {"auto", "sock", "repair", "nft"};
	char text[GUARD_TEXT_MAX];
	struct guard g;
	struct why why;
	uint32_t n;

	assert_int_equal(guard_open(&want, &rnd, &g, &why), 0);
	assert_true(g.port != 0);
	assert_int_equal(guard_prevented(&g, &n), method != GUARD_NFT);
	assert_int_equal(n, 0);
	assert_int_equal(resets_after(a, g.port), 0);
	if (guard_prevented(&g, &n))
		assert_int_equal(n, 1);
	assert_memory_equal(guard_text(&g, text), method == GUARD_AUTO ? "sock(" : words[method],
			    3);
	guard_close(&g);
	assert_int_equal(resets_after(a, g.port), 1);
	assert_false(guard_prevented(&g, &n));
	assert_string_equal(guard_text(&g, text), "none");
}

static void guards_ipv4(void **state)
{
	(void)state;
	keeps_the_kernel_quiet(GUARD_AUTO, &v4, &v4, 0);
	keeps_the_kernel_quiet(GUARD_SOCK, &v4, &nobody, 0);
	keeps_the_kernel_quiet(GUARD_REPAIR, &v4, &v4, 9);
	keeps_the_kernel_quiet(GUARD_NFT, &v4, &v4, 9);
	keeps_the_kernel_quiet(GUARD_NFT, &v4, &nobody, 0);
}

static void guards_ipv6(void **state)
{
	(void)state;
	keeps_the_kernel_quiet(GUARD_AUTO, &v6, &v6, 0);
	keeps_the_kernel_quiet(GUARD_SOCK, &v6, &nobody, 0);
	keeps_the_kernel_quiet(GUARD_REPAIR, &v6, &v6, 9);
	keeps_the_kernel_quiet(GUARD_NFT, &v6, &v6, 9);
	keeps_the_kernel_quiet(GUARD_NFT, &v6, &nobody, 0);
}

static void tells_a_taken_port(void **state)
{
	struct rnd rnd = rnd_kernel();
	struct guard_want want = {.local = v4};
	struct guard first, second;
	struct why why;

	(void)state;
	assert_int_equal(guard_open(&want, &rnd, &first, &why), 0);
	want.port = first.port;
	assert_int_equal(guard_open(&want, &rnd, &second, &why), E_SYS);
	assert_int_equal(why.sys, EADDRINUSE);
	assert_int_equal(second.fd, -1);
	guard_close(&first);
}

static int await(struct child *c)
{
	struct pollfd p = {.fd = c->status_fd, .events = POLLIN};
	int status = -1;

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(child_take(c, &status));
	child_close(c);
	return status;
}

static void knows_what_it_is_asked_for(void **state)
{
	struct guard_want want = {.method = GUARD_REPAIR, .local = v4};
	struct rnd rnd = rnd_kernel();
	enum guard_method method;
	struct guard g;
	struct why why;

	(void)state;
	assert_int_equal(guard_open(&want, &rnd, &g, &why), E_BAD);
	want.method = GUARD_NONE;
	want.port = 7;
	assert_int_equal(guard_open(&want, &rnd, &g, &why), 0);
	assert_int_equal(g.fd, -1);
	assert_true(guard_word("repair", &method) && method == GUARD_REPAIR);
	assert_false(guard_word("wall", &method));
	guard_close(&g);
}

static void runs_a_command(void **state)
{
	char *exits[] = {"sh", "-c", "exit 42", NULL}, *dies[] = {"sh", "-c", "kill -9 $$", NULL},
	     *is_not[] = {"/no/such/program", NULL};
	struct child c;
	struct why why;
	int status;

	(void)state;
	assert_int_equal(child_prepare(exits, &c, &why), 0);
	assert_false(child_take(&c, &status));
	child_start(&c);
	assert_int_equal(await(&c), 42);
	assert_int_equal(child_prepare(dies, &c, &why), 0);
	child_start(&c);
	assert_int_equal(await(&c), 137);
	assert_int_equal(child_prepare(is_not, &c, &why), 0);
	child_start(&c);
	assert_int_equal(await(&c), 127);
	assert_false(child_take(&c, &status));
}

/* Whoever dies before the word leaves a keeper that ends without having run anything. */
static void never_runs_without_the_word(void **state)
{
	char *argv[] = {"sh", "-c", "echo it ran >&2; exit 1", NULL};
	struct pollfd p = {.events = POLLIN};
	struct child c;
	struct why why;
	uint8_t word;

	(void)state;
	assert_int_equal(child_prepare(argv, &c, &why), 0);
	close(c.go_fd);
	c.go_fd = -1;
	p.fd = c.status_fd;
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(read(c.status_fd, &word, 1), 0);
	child_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guards_ipv4),        cmocka_unit_test(guards_ipv6),
		cmocka_unit_test(tells_a_taken_port), cmocka_unit_test(knows_what_it_is_asked_for),
		cmocka_unit_test(runs_a_command),     cmocka_unit_test(never_runs_without_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
