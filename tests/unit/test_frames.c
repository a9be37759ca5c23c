/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/frames.h"
#include "io/priv.h"

#define OURS "ether proto 0x88b5" /* IEEE 802 local experimental */
#define WAIT_MS 2000

/* A network of its own: veth0 and veth1 are the two ends of one cable. */
static int make_network(void **state)
{
	static const char *const commands[] = {
		"ip link set lo up",
		/* so that the interfaces to come are silent */
		"sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
		"ip link add veth0 type veth peer name veth1",
		"ip link set veth0 up",
		"ip link set veth1 up",
		/* until the carrier is noticed, a moment later, what is sent is dropped */
		"for try in $(seq 1000); do ip link show type veth | grep -q 'qdisc noop ' || exit 0; done; exit 1",
	};

	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (system(commands[i]) != 0)
			return -1;
	return 0;
}

/* A link and what its last recv gave that has not been looked at yet. */
struct tap {
	struct link *link;
	struct link_in in[8];
	int n, i;
};

static struct tap open_on(const char *ifname, struct frames_opts opts)
{
	struct why why = {0};
	struct tap t = {0};
	int err;

	opts.ifindex = ifname ? if_nametoindex(ifname) : 0;
	err = frames_open(&opts, &t.link, &why);
	if (err < 0)
		fail_msg("%s: %s", ifname, why.text);
	return t;
}

/* Waits for the next thing, which has to come; its octets are there until the next call. */
static const struct link_in *next(struct tap *t)
{
	struct pollfd ready = {.fd = t->link->fd, .events = POLLIN};
	struct why why = {0};

	while (t->i == t->n) {
		assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
		t->i = 0;
		t->n = link_recv(t->link, t->in, 8, &why);
		if (t->n < 0)
			fail_msg("%s", why.text);
	}
	return &t->in[t->i++];
}

static bool is_empty(struct tap *t)
{
	if (t->i == t->n) {
		t->i = 0;
		t->n = link_recv(t->link, t->in, 8, NULL);
	}
	return t->n == 0;
}

/* A frame of ours that holds @number; @octets in all. */
static struct link_out frame(uint8_t *buf, uint8_t number, size_t octets)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};

	memset(buf, number, octets);
	memcpy(buf, head, sizeof(head));
	return (struct link_out){.bytes = buf, .len = octets, .tag = 1000 + number};
}

static int send_frame(struct tap *t, uint8_t number)
{
	uint8_t buf[64];
	struct link_out out = frame(buf, number, sizeof(buf));
	struct why why = {0};
	int sent = link_send(t->link, &out, 1, &why);

	return sent < 0 ? -why.sys : sent;
}

/* The kernel begins to stamp some time after the first socket asked for it. */
static void await_stamps(struct tap *from, struct tap *to)
{
	const struct link_in *in;
	unsigned tries = 0;

	do {
		assert_true(++tries < 10000);
		assert_int_equal(send_frame(from, 0), 1);
		in = next(to);
	} while (in->wall_ns == 0);
	while (!is_empty(from) || !is_empty(to))
		from->i = from->n, to->i = to->n;
}

static void frames_and_stamps_arrive(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){.filter = OURS, .stamp_tx = true});
	struct tap b = open_on("veth1", (struct frames_opts){.filter = OURS});
	uint8_t buf[3][1514];
	struct link_out out[3];

	(void)state;
	assert_int_equal(a.link->layer, LINK_L2);
	await_stamps(&a, &b);
	for (uint8_t i = 0; i < 3; i++)
		out[i] = frame(buf[i], i, i == 1 ? 1514 : 60);
	assert_int_equal(link_send(a.link, out, 3, NULL), 3);
	for (unsigned i = 0; i < 3; i++) {
		const struct link_in *tx = next(&a), *rx = next(&b);

		assert_int_equal(tx->kind, LINK_TX);
		assert_int_equal(tx->tag, 1000 + i);
		assert_int_equal(rx->kind, LINK_PACKET);
		assert_int_equal(rx->layer, LINK_L2);
		assert_int_equal(rx->len, out[i].len);
		assert_int_equal(rx->wire_len, out[i].len);
		assert_memory_equal(rx->bytes, out[i].bytes, out[i].len);
		assert_int_equal(rx->ifindex, if_nametoindex("veth1"));
		assert_false(rx->is_outgoing || rx->is_csum_partial);
		assert_true(tx->wall_ns && tx->wall_ns <= rx->wall_ns);
		assert_true(rx->wall_ns - tx->wall_ns < 1000000000);
	}
	/* What a link sent itself it does not see. */
	assert_true(is_empty(&a) && is_empty(&b));
	assert_int_equal(b.link->drops, 0);
	link_close(a.link);
	link_close(b.link);
}

/* A batch longer than the kernel is asked for at once, without stamps. */
static void long_batches_go_out_whole(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){.filter = OURS});
	struct tap b = open_on("veth1", (struct frames_opts){.filter = OURS});
	static uint8_t buf[100][64];
	struct link_out out[100];

	(void)state;
	for (uint8_t i = 0; i < 100; i++)
		out[i] = frame(buf[i], i, 64);
	assert_int_equal(link_send(a.link, out, 100, NULL), 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(next(&b)->bytes[63], i);
	link_close(a.link);
	link_close(b.link);
}

static void outgoing_is_told_or_left_out(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){.filter = OURS});
	struct tap tap = open_on("veth0", (struct frames_opts){.filter = OURS});
	struct tap only_in =
		open_on("veth0", (struct frames_opts){.filter = OURS, .ignore_outgoing = true});
	struct tap b = open_on("veth1", (struct frames_opts){.filter = OURS, .promisc = true});

	(void)state;
	assert_int_equal(send_frame(&a, 1), 1);
	assert_true(next(&tap)->is_outgoing);
	assert_false(next(&b)->is_outgoing);
	assert_int_equal(send_frame(&b, 2), 1);
	assert_false(next(&tap)->is_outgoing);
	assert_int_equal(next(&only_in)->bytes[20], 2);
	assert_true(is_empty(&only_in));
	link_close(a.link);
	link_close(b.link);
	link_close(tap.link);
	link_close(only_in.link);
}

/* However many tags a frame has, it looks as it did on the wire. */
static void vlan_tags_are_put_back(void **state)
{
	static const uint8_t tagged[][64] = {
		{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x81, 0, 0x60, 42, 0x88, 0xb5, 'o', 'n', 'e'},
		{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xa8, 0, 7, 0x81, 0, 0, 42, 0x88, 0xb5},
		{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 'n', 'o', 'n', 'e'},
	};
	struct tap a = open_on("veth0", (struct frames_opts){0});
	struct tap b = open_on("veth1", (struct frames_opts){.ignore_outgoing = true});

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct link_out out = {.bytes = tagged[i], .len = sizeof(tagged[i])};
		const struct link_in *in;

		assert_int_equal(link_send(a.link, &out, 1, NULL), 1);
		in = next(&b);
		assert_int_equal(in->len, sizeof(tagged[i]));
		assert_int_equal(in->wire_len, sizeof(tagged[i]));
		assert_memory_equal(in->bytes, tagged[i], sizeof(tagged[i]));
	}
	link_close(a.link);
	link_close(b.link);
}

/* The kernel leaves the sum of what it sends over a veth to hardware that never comes. */
static void unfinished_checksums_are_marked(void **state)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(9),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct tap lo = open_on("lo", (struct frames_opts){.filter = "udp port 9"});
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct link_in *in;

	(void)state;
	assert_int_equal(lo.link->layer, LINK_L2);
	assert_int_equal(sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
	in = next(&lo);
	assert_true(in->is_outgoing && in->is_csum_partial);
	assert_memory_equal(in->bytes + 14 + 20 + 8, "hello", 5);
	in = next(&lo);
	assert_true(!in->is_outgoing && in->is_csum_partial);
	close(fd);
	link_close(lo.link);
}

static void all_interfaces_begin_at_ip(void **state)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
	struct tap any = open_on(NULL, (struct frames_opts){.filter = "udp port 9"});
	struct tap all = open_on(NULL, (struct frames_opts){0});
	struct tap a = open_on("veth0", (struct frames_opts){0});
	struct link_out out = {.bytes = (const uint8_t *)"", .len = 1};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	const struct link_in *in;

	(void)state;
	assert_int_equal(any.link->layer, LINK_L3);
	to.sin6_addr = in6addr_loopback;
	/* Not IP, so not to be shown. */
	assert_int_equal(send_frame(&a, 1), 1);
	assert_int_equal(sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
	in = next(&any);
	assert_int_equal(in->layer, LINK_L3);
	assert_int_equal(in->bytes[0] >> 4, 6);
	assert_int_equal(in->len, 40 + 8 + 5);
	assert_int_equal(in->ifindex, if_nametoindex("lo"));
	assert_int_equal(next(&all)->bytes[0] >> 4, 6);
	assert_int_equal(link_send(any.link, &out, 1, NULL), E_UNSUP);
	close(fd);
	link_close(a.link);
	link_close(any.link);
	link_close(all.link);
}

static void interface_down_is_told_once(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){.filter = OURS, .stamp_tx = true});
	struct tap b = open_on("veth1", (struct frames_opts){.filter = OURS});
	struct why why = {0};
	struct link_in in;

	(void)state;
	assert_int_equal(system("ip link set veth0 down"), 0);
	assert_int_equal(link_recv(a.link, &in, 1, &why), E_SYS);
	assert_int_equal(why.sys, ENETDOWN);
	assert_non_null(strstr(why.text, "veth0"));
	assert_int_equal(link_recv(a.link, &in, 1, &why), 0);
	assert_int_equal(send_frame(&a, 1), -ENETDOWN);
	assert_int_equal(system("ip link set veth0 up"), 0);
	assert_int_equal(link_recv(a.link, &in, 1, &why), 0);
	assert_int_equal(send_frame(&a, 2), 1);
	assert_int_equal(next(&b)->bytes[20], 2);
	assert_int_equal(next(&a)->tag, 1002);
	link_close(a.link);
	link_close(b.link);
}

/*
 * A frame one octet too long fails after the kernel has given it a number. The stamp of the next
 * one then seems to be that of the one after it; no stamp is better than that.
 */
static void a_failed_send_shifts_no_stamp(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){.filter = OURS, .stamp_tx = true});
	uint8_t buf[1515];
	struct link_out too_long = frame(buf, 2, sizeof(buf));
	struct why why = {0};

	(void)state;
	assert_int_equal(send_frame(&a, 1), 1);
	assert_int_equal(link_send(a.link, &too_long, 1, &why), E_SYS);
	assert_int_equal(why.sys, EMSGSIZE);
	assert_int_equal(send_frame(&a, 3), 1);
	assert_int_equal(send_frame(&a, 4), 1);
	assert_int_equal(next(&a)->tag, 1001);
	assert_true(is_empty(&a));
	/* None is on its way any more, so the numbers have begun anew. */
	assert_int_equal(send_frame(&a, 5), 1);
	assert_int_equal(next(&a)->tag, 1005);
	assert_true(is_empty(&a));
	link_close(a.link);
}

static void drops_are_counted(void **state)
{
	struct tap a = open_on("veth0", (struct frames_opts){0});
	struct tap b =
		open_on("veth1", (struct frames_opts){.filter = OURS, .ignore_outgoing = true});
	const unsigned sent = 30000;
	unsigned received = 0;
	int n;

	(void)state;
	for (unsigned i = 0; i < sent; i++)
		assert_int_equal(send_frame(&a, (uint8_t)i), 1);
	while ((n = link_recv(b.link, b.in, 8, NULL)) > 0)
		received += (unsigned)n;
	assert_int_equal(n, 0);
	assert_true(b.link->drops > 0);
	assert_int_equal(received + b.link->drops, sent);
	link_close(a.link);
	link_close(b.link);
}

static void wrong_wishes_are_explained(void **state)
{
	struct frames_opts opts = {.ifindex = 4711};
	struct why why = {0};
	struct link *l;

	(void)state;
	assert_int_equal(frames_open(&opts, &l, &why), E_NOENT);
	assert_non_null(strstr(why.text, "4711"));
	opts = (struct frames_opts){.ifindex = 1, .filter = "icmp and ("};
	assert_int_equal(frames_open(&opts, &l, &why), E_BAD);
	assert_non_null(strstr(why.text, "icmp and ("));
}

static void it_takes_a_privilege(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct frames_opts opts = {.ifindex = 1};
		struct why why = {0};
		struct link *l;
		int err;

		priv_drop_all();
		err = frames_open(&opts, &l, &why);
		_exit(err == E_PERM && why.sys == EPERM ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Only real root may make a TUN interface; others cannot have one to look at either. */
static void an_interface_without_ethernet_begins_at_ip(void **state)
{
	static const uint8_t ip[28] = {0x45, 0, 0,  28, 0, 0, 0,  0, 64, 17,
				       0,    0, 10, 0,  0, 1, 10, 0, 0,  2};
	static const uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 1};
	struct ifreq ifr = {.ifr_name = "tun0", .ifr_flags = IFF_TUN | IFF_NO_PI};
	struct link_out out = {.bytes = ip, .len = sizeof(ip), .tag = 7};
	int tun = open("/dev/net/tun", O_RDWR);
	uint8_t seen[2048];
	struct tap t;

	(void)state;
	if (tun < 0 || ioctl(tun, TUNSETIFF, &ifr) < 0) {
		assert_true(errno == EACCES || errno == EPERM || errno == ENOENT ||
			    errno == ENODEV);
		return;
	}
	assert_int_equal(system("ip link set tun0 up"), 0);
	t = open_on("tun0", (struct frames_opts){.filter = "udp", .stamp_tx = true});
	assert_int_equal(t.link->layer, LINK_L3);
	assert_int_equal(link_send(t.link, &out, 1, NULL), 1);
	assert_int_equal(read(tun, seen, sizeof(seen)), sizeof(ip));
	assert_memory_equal(seen, ip, sizeof(ip));
	assert_int_equal(next(&t)->tag, 7);
	assert_int_equal(write(tun, ip, sizeof(ip)), sizeof(ip));
	assert_memory_equal(next(&t)->bytes, ip, sizeof(ip));
	assert_true(write(tun, arp, sizeof(arp)) < 0 || is_empty(&t));
	link_close(t.link);
	close(tun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_and_stamps_arrive),
		cmocka_unit_test(long_batches_go_out_whole),
		cmocka_unit_test(outgoing_is_told_or_left_out),
		cmocka_unit_test(vlan_tags_are_put_back),
		cmocka_unit_test(unfinished_checksums_are_marked),
		cmocka_unit_test(all_interfaces_begin_at_ip),
		cmocka_unit_test(interface_down_is_told_once),
		cmocka_unit_test(a_failed_send_shifts_no_stamp),
		cmocka_unit_test(drops_are_counted),
		cmocka_unit_test(wrong_wishes_are_explained),
		cmocka_unit_test(it_takes_a_privilege),
		cmocka_unit_test(an_interface_without_ethernet_begins_at_ip),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
