/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dhcpc/dhcpc_fsm.h"

static struct dhcpc_opts opts;
static struct dhcpc_self self;
static struct dhcp_msg msg;
static struct dhcp_value value;
static uint8_t bytes[DHCPC_FRAME_MAX];
static struct wr w;
static struct why why;
static struct rnd rnd;
static const struct iface iface = {
	.name = "eth0",
	.has_mac = true,
	.mac = {{2, 0, 0, 0, 0, 1}},
	.mtu = 1500,
};

static int reset(void **state)
{
	(void)state;
	opts = (struct dhcpc_opts){0};
	rnd = rnd_seeded(3);
	return 0;
}

static struct dhcpc_ask ask_of(enum dhcp_type type)
{
	struct dhcpc_ask ask = {
		.type = type,
		.xid = 0x01020304,
		.secs = 5,
		.ciaddr = addr_none(),
		.requested = addr_none(),
		.server = addr_none(),
	};

	dhcpc_broadcast(&ask);
	return ask;
}

static void build(const struct dhcpc_ask *ask)
{
	w = wr_make(bytes, sizeof(bytes));
	assert_int_equal(dhcpc_msg_build(&self, ask, &w), 0);
	assert_int_equal(dhcp_parse(bytes, w.len, &msg), 0);
	assert_int_equal(msg.type, ask->type);
	assert_int_equal(msg.head.xid, ask->xid);
	assert_int_equal(msg.head.op, DHCP_BOOTREQUEST);
	assert_memory_equal(msg.head.chaddr, self.mac.bytes, 6);
}

static void say(enum dhcp_type type)
{
	struct dhcpc_ask ask = ask_of(type);

	assert_int_equal(dhcpc_self_make(&opts, &iface, &rnd, &self, &why), 0);
	build(&ask);
}

static void assert_option(uint8_t code, const void *want, size_t len)
{
	assert_int_equal(dhcp_find(&msg, code, &value), 0);
	assert_int_equal(value.len, len);
	assert_memory_equal(value.data, want, len);
}

static bool has(uint8_t code)
{
	return dhcp_find(&msg, code, &value) == 0;
}

/* RFC 2131 table 5, as columns of what must (+) and must not (-) be there; a space may be. */
static const struct column {
	enum dhcpc_state state;
	enum dhcpc_action action;
	enum dhcp_type type;
	const char *ciaddr, *requested, *server, *wishes, *message, *secs;
	bool is_unicast;
} columns[] = {
	{DHCPC_SELECTING, DHCPC_SEND_DISCOVER, DHCP_DISCOVER, "-", " ", "-", "+", "-", "+", false},
	{DHCPC_REQUESTING, DHCPC_SEND_REQUEST, DHCP_REQUEST, "-", "+", "+", "+", "-", "+", false},
	{DHCPC_REBOOTING, DHCPC_SEND_REQUEST, DHCP_REQUEST, "-", "+", "-", "+", "-", "+", false},
	{DHCPC_RENEWING, DHCPC_SEND_REQUEST, DHCP_REQUEST, "+", "-", "-", "+", "-", "+", true},
	{DHCPC_REBINDING, DHCPC_SEND_REQUEST, DHCP_REQUEST, "+", "-", "-", "+", "-", "+", false},
	{DHCPC_INFORMING, DHCPC_SEND_INFORM, DHCP_INFORM, "+", "-", "-", "+", "-", "+", false},
	{DHCPC_CHECKING, DHCPC_SEND_DECLINE, DHCP_DECLINE, "-", "+", "+", "-", "+", "-", false},
	{DHCPC_BOUND, DHCPC_SEND_RELEASE, DHCP_RELEASE, "+", "-", "+", "-", " ", "-", true},
};

static void assert_there(const char *rule, bool is_there, const char *what, enum dhcp_type type)
{
	if ((*rule == '+' && !is_there) || (*rule == '-' && is_there))
		fail_msg("%s: %s is %s there", dhcp_type_word(type), what, is_there ? "" : "not");
}

static void assert_column(const struct column *c, const struct dhcpc_ask *ask)
{
	assert_there(c->ciaddr, !addr_is_any(&msg.head.ciaddr), "ciaddr", c->type);
	assert_there(c->requested, has(DHCP_OPT_REQUESTED_IP), "option 50", c->type);
	assert_there(c->server, has(DHCP_OPT_SERVER_ID), "option 54", c->type);
	assert_there(c->wishes, has(DHCP_OPT_PARAMETERS), "option 55", c->type);
	assert_there(c->wishes, has(DHCP_OPT_MAX_SIZE), "option 57", c->type);
	assert_there(c->wishes, has(DHCP_OPT_VENDOR_CLASS), "option 60", c->type);
	assert_there(c->message, has(DHCP_OPT_MESSAGE), "option 56", c->type);
	assert_there(c->secs, msg.head.secs != 0, "secs", c->type);
	assert_there(c->secs, msg.head.flags != 0, "flags", c->type);
	assert_there("-", has(DHCP_OPT_LEASE), "option 51", c->type);
	assert_true(has(DHCP_OPT_CLIENT_ID));
	assert_true(addr_is_any(&msg.head.yiaddr) && addr_is_any(&msg.head.siaddr) &&
		    addr_is_any(&msg.head.giaddr));
	assert_int_equal(ask->dst.bytes[0] != 255, c->is_unicast);
	assert_int_equal(ask->dst_mac.bytes[0] != 255, c->is_unicast);
	assert_true(w.len >= DHCP_MIN_LEN);
}

static void every_message_is_as_table_5_wants_it(void **state)
{
	static struct dhcpc_fsm f;
	struct dhcpc_fsm_opts o = {.wish = addr_none(), .secs = 9, .has_secs = true};

	(void)state;
	opts.is_broadcast = true;
	opts.vendor = "vendor";
	assert_int_equal(dhcpc_self_make(&opts, &iface, &rnd, &self, &why), 0);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		for (int has_wish = 0; has_wish < 2; has_wish++) {
			struct dhcpc_ask ask;

			if (has_wish)
				assert_int_equal(addr_parse("192.0.2.50", &o.wish), 0);
			dhcpc_fsm_open(&f, &o, columns[i].state, &rnd);
			f.secs = 9;
			assert_int_equal(addr_parse("192.0.2.100", &f.lease.addr), 0);
			assert_int_equal(addr_parse("192.0.2.1", &f.lease.server), 0);
			f.lease.server_mac = (struct mac){{2, 0, 0, 0, 0, 9}};
			f.offer = f.lease;
			ask = dhcpc_fsm_ask(&f, columns[i].action);
			assert_int_equal(ask.type, columns[i].type);
			build(&ask);
			assert_column(&columns[i], &ask);
			o.wish = addr_none();
		}
}

static void identifiers(void **state)
{
	static const struct {
		const char *text;
		uint8_t want[16];
		size_t len;
	} cases[] = {
		{NULL, {1, 2, 0, 0, 0, 0, 1}, 7},
		{"mac", {1, 2, 0, 0, 0, 0, 1}, 7},
		{"duid", {255, 0, 0, 0, 1, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1}, 15},
		{"hex:0a0BfF", {10, 11, 255}, 3},
		{"hex:0a:0b:ff", {10, 11, 255}, 3},
		{"name", {0, 'n', 'a', 'm', 'e'}, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		opts.id = cases[i].text;
		say(DHCP_DISCOVER);
		assert_option(DHCP_OPT_CLIENT_ID, cases[i].want, cases[i].len);
	}
	opts.no_id = true;
	say(DHCP_DISCOVER);
	assert_false(has(DHCP_OPT_CLIENT_ID));
}

static void identifiers_that_cannot_be(void **state)
{
	static const char *const texts[] = {
		"hex:",
		"hex:0",
		"hex:0g",
		"hex:01",
		"hex:012",
		"",
		"a text of more than sixty-three octets, which is more than there is room for",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		opts.id = texts[i];
		assert_int_equal(dhcpc_self_make(&opts, &iface, &rnd, &self, &why), E_BAD);
		assert_non_null(strstr(why.text, "--clientid"));
	}
}

static void names_and_classes(void **state)
{
	static const uint8_t fqdn[] = {5, 0, 0, 1, 'h', 2, 'e', 'x', 0};

	(void)state;
	opts.hostname = "host";
	opts.fqdn = "h.ex";
	opts.user_class = "class";
	say(DHCP_REQUEST);
	assert_option(DHCP_OPT_HOSTNAME, "host", 4);
	assert_option(DHCP_OPT_FQDN, fqdn, sizeof(fqdn));
	assert_option(DHCP_OPT_USER_CLASS, "\5class", 6);
	assert_option(DHCP_OPT_MAX_SIZE, "\x05\xdc", 2);
}

/* RFC 3442: 121 before 3 and 33; nothing twice. */
static void what_is_asked_for(void **state)
{
	const uint8_t *at121, *at3, *at33;

	(void)state;
	opts.params[0] = DHCP_OPT_DNS;
	opts.params[1] = 150;
	opts.n_params = 2;
	say(DHCP_DISCOVER);
	assert_true(has(DHCP_OPT_PARAMETERS));
	at121 = memchr(value.data, DHCP_OPT_CLASSLESS_ROUTES, value.len);
	at3 = memchr(value.data, DHCP_OPT_ROUTER, value.len);
	at33 = memchr(value.data, DHCP_OPT_STATIC_ROUTES, value.len);
	assert_true(at121 && at121 < at3 && at121 < at33);
	assert_non_null(memchr(value.data, 150, value.len));
	for (size_t i = 0; i < value.len; i++)
		assert_null(memchr(value.data + i + 1, value.data[i], value.len - i - 1));
	assert_null(memchr(value.data, DHCP_OPT_V6ONLY, value.len));
	opts.is_bare = opts.wants_v6only = true;
	say(DHCP_DISCOVER);
	assert_option(DHCP_OPT_PARAMETERS, (const uint8_t[]){DHCP_OPT_V6ONLY, DHCP_OPT_DNS, 150},
		      3);
	opts = (struct dhcpc_opts){.is_bare = true};
	say(DHCP_DISCOVER);
	assert_false(has(DHCP_OPT_PARAMETERS));
}

static void nobody_in_particular(void **state)
{
	struct mac first;

	(void)state;
	opts.is_anonymous = true;
	opts.vendor = "vendor";
	say(DHCP_DISCOVER);
	assert_int_equal(self.mac.bytes[0] & 3, 2); /* of one station, set by software */
	assert_false(mac_same(&self.mac, &iface.mac));
	assert_false(has(DHCP_OPT_VENDOR_CLASS));
	first = self.mac;
	say(DHCP_DISCOVER);
	assert_false(mac_same(&self.mac, &first));
	opts = (struct dhcpc_opts){.is_mac_random = true};
	say(DHCP_DISCOVER);
	assert_int_equal(self.mac.bytes[0] & 3, 2);
}

static void sizes(void **state)
{
	struct iface odd = iface;
	struct dhcpc_ask ask = ask_of(DHCP_DISCOVER);

	(void)state;
	odd.mtu = 300;
	assert_int_equal(dhcpc_self_make(&opts, &odd, &rnd, &self, &why), 0);
	assert_int_equal(self.max_size, 576);
	odd.mtu = 65535;
	assert_int_equal(dhcpc_self_make(&opts, &odd, &rnd, &self, &why), 0);
	assert_int_equal(self.max_size, DHCPC_MSG_MAX + 28);
	ask.is_unpadded = true;
	ask.is_rapid = true;
	build(&ask);
	assert_true(w.len < DHCP_MIN_LEN && has(DHCP_OPT_RAPID_COMMIT));
}

/* In its frame: from us to everybody, with right sums. */
static void the_frame(void **state)
{
	struct pkt *builder = pkt_new();
	struct dhcpc_ask ask = ask_of(DHCP_DISCOVER);
	struct dissect d;

	(void)state;
	assert_non_null(builder);
	assert_int_equal(dhcpc_self_make(&opts, &iface, &rnd, &self, &why), 0);
	w = wr_make(bytes, sizeof(bytes));
	assert_int_equal(dhcpc_frame_build(&self, &ask, builder, &w, &why), 0);
	assert_int_equal(dissect_packet(DISSECT_L2, bytes, w.len, &d), 0);
	assert_int_equal(d.udp.src_port, 68);
	assert_int_equal(d.udp.dst_port, 67);
	assert_int_equal(d.l4_csum, CSUM_GOOD);
	assert_int_equal(d.eth.dst.bytes[0], 0xff);
	assert_true(mac_same(&d.eth.src, &self.mac));
	assert_true(addr_is_any(&d.src));
	assert_int_equal(d.payload_len, DHCP_MIN_LEN);
	w = wr_make(bytes, 100);
	assert_int_equal(dhcpc_frame_build(&self, &ask, builder, &w, &why), E_FULL);
	pkt_free(builder);
}

#define OF_RESET(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF_RESET(every_message_is_as_table_5_wants_it),
		OF_RESET(identifiers),
		OF_RESET(identifiers_that_cannot_be),
		OF_RESET(names_and_classes),
		OF_RESET(what_is_asked_for),
		OF_RESET(nobody_in_particular),
		OF_RESET(sizes),
		OF_RESET(the_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
