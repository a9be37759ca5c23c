/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/route.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define BUF_SIZE 32768 /* the longest message the kernel makes */

struct netlink {
	struct mnl_socket *socket;
	unsigned seq;
	union {
		struct nlmsghdr head;
		char bytes[BUF_SIZE];
	} question, answer;
};

/* --- questions and answers */

int netlink_open(struct netlink **out, struct why *why)
{
	struct netlink *nl = calloc(1, sizeof(*nl));

	if (!nl)
		return why_set(why, E_MEM, "out of memory");
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->socket || mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		why_sys(why, E_SYS, "cannot ask the kernel about routes");
		netlink_close(nl);
		return E_SYS;
	}
	*out = nl;
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (nl && nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

/* Begins nl->question and returns the fixed header behind the netlink one, zeroed. */
static void *begin(struct netlink *nl, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(nl->question.bytes);

	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = ++nl->seq;
	return mnl_nlmsg_put_extra_header(head, extra);
}

static void put_addr(struct netlink *nl, uint16_t attr, const struct addr *a)
{
	if (a->len)
		mnl_attr_put(&nl->question.head, attr, a->len, a->bytes);
}

static void put_u32_if(struct netlink *nl, uint16_t attr, uint32_t v)
{
	if (v)
		mnl_attr_put_u32(&nl->question.head, attr, v);
}

/* Asks nl->question; @take is called with each answer. Returns 0, or -1 and the kernel's errno. */
static int ask(struct netlink *nl, mnl_cb_t take, void *arg)
{
	unsigned port = mnl_socket_get_portid(nl->socket);
	int more = MNL_CB_OK;

	if (mnl_socket_sendto(nl->socket, nl->question.bytes, nl->question.head.nlmsg_len) < 0)
		return -1;
	while (more > MNL_CB_STOP) {
		ssize_t len = mnl_socket_recvfrom(nl->socket, nl->answer.bytes, sizeof(nl->answer));

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -1;
		more = mnl_cb_run(nl->answer.bytes, (size_t)len, nl->seq, port, take, arg);
		/* A single answer has no end mark. */
		if (more > MNL_CB_STOP && !(nl->question.head.nlmsg_flags & NLM_F_DUMP))
			return 0;
	}
	return more < 0 ? -1 : 0;
}

/* The attributes of an answer by their type; those of a type past the end are of no use to us. */
struct attrs {
	const struct nlattr *at[64];
};

static int keep_attr(const struct nlattr *attr, void *arg)
{
	struct attrs *attrs = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < sizeof(attrs->at) / sizeof(attrs->at[0]))
		attrs->at[type] = attr;
	return MNL_CB_OK;
}

static struct attrs attrs_of(const struct nlmsghdr *head, size_t fixed_len)
{
	struct attrs attrs = {0};

	(void)mnl_attr_parse(head, (unsigned)fixed_len, keep_attr, &attrs);
	return attrs;
}

static struct attrs attrs_in(const struct nlattr *nest)
{
	struct attrs attrs = {0};

	if (nest)
		(void)mnl_attr_parse_nested(nest, keep_attr, &attrs);
	return attrs;
}

/* What is absent, or not as long as it should be, reads as zero. */
static bool get_bytes(const struct nlattr *attr, void *out, size_t len)
{
	if (!attr || mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(out, mnl_attr_get_payload(attr), len);
	return true;
}

static uint32_t get_u32(const struct nlattr *attr)
{
	uint32_t v = 0;

	(void)get_bytes(attr, &v, sizeof(v));
	return v;
}

static struct addr get_addr(const struct nlattr *attr)
{
	struct addr a = {0};

	if (get_bytes(attr, a.bytes, 16))
		a.len = 16;
	else if (get_bytes(attr, a.bytes, 4))
		a.len = 4;
	return a;
}

static void get_text(const struct nlattr *attr, char *out, size_t cap)
{
	struct text t = text_make(out, cap);

	if (attr)
		text_add_clean(&t, mnl_attr_get_payload(attr),
			       strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)));
}

/* --- interfaces */

static int take_iface(const struct nlmsghdr *head, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*info));
	struct attrs link = attrs_in(attrs.at[IFLA_LINKINFO]);
	struct iface *out = arg;

	*out = (struct iface){
		.index = (uint32_t)info->ifi_index,
		.hw_type = info->ifi_type,
		.mtu = get_u32(attrs.at[IFLA_MTU]),
		.is_up = info->ifi_flags & IFF_UP,
		.is_lower_up = info->ifi_flags & IFF_LOWER_UP,
		.is_noarp = info->ifi_flags & IFF_NOARP,
		.is_loopback = info->ifi_flags & IFF_LOOPBACK,
		.is_pointopoint = info->ifi_flags & IFF_POINTOPOINT,
	};
	out->has_mac = get_bytes(attrs.at[IFLA_ADDRESS], out->mac.bytes, sizeof(out->mac.bytes));
	get_text(attrs.at[IFLA_IFNAME], out->name, sizeof(out->name));
	get_text(link.at[IFLA_INFO_KIND], out->kind, sizeof(out->kind));
	return MNL_CB_OK;
}

struct iface_array {
	struct iface *out;
	size_t cap;
	int n;
};

static int take_one_iface(const struct nlmsghdr *head, void *arg)
{
	struct iface_array *array = arg;

	if ((size_t)array->n < array->cap)
		(void)take_iface(head, &array->out[array->n]);
	array->n++;
	return MNL_CB_OK;
}

int iface_list(struct netlink *nl, struct iface *out, size_t cap, struct why *why)
{
	struct iface_array array = {.out = out, .cap = cap};

	begin(nl, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
	if (ask(nl, take_one_iface, &array) < 0)
		return why_sys(why, E_SYS, "cannot ask the kernel for its interfaces");
	return array.n;
}

static int no_such_iface(struct netlink *nl, const char *name, struct why *why)
{
	struct iface all[16];
	char asked[64], buf[256];
	struct text names = text_make(buf, sizeof(buf));
	int n = iface_list(nl, all, 16, NULL);

	for (int i = 0; i < n && i < 16; i++)
		text_addf(&names, "%s%s", i ? ", " : "", all[i].name);
	text_clean(asked, sizeof(asked), name, strlen(name));
	why_set(why, E_NOENT, "there is no interface '%s': there are %s%s", asked, buf,
		names.cut || n > 16 ? " and more" : "");
	if (why)
		why->sys = ENODEV;
	return E_NOENT;
}

int iface_by_index(struct netlink *nl, uint32_t index, struct iface *out, struct why *why)
{
	struct ifinfomsg *info = begin(nl, RTM_GETLINK, 0, sizeof(*info));
	char name[16];

	info->ifi_index = (int)index;
	if (ask(nl, take_iface, out) == 0)
		return 0;
	snprintf(name, sizeof(name), "%u", index);
	return no_such_iface(nl, name, why);
}

int iface_get(struct netlink *nl, const char *name, struct iface *out, struct why *why)
{
	/* The kernel looks for a short name and for a long one in different attributes. */
	uint16_t attr = strlen(name) < IF_NAMESIZE ? IFLA_IFNAME : IFLA_ALT_IFNAME;
	uint64_t index;

	begin(nl, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	if (strlen(name) < ALTIFNAMSIZ)
		mnl_attr_put_strz(&nl->question.head, attr, name);
	if (ask(nl, take_iface, out) == 0)
		return 0;
	if (num_u64(name, 1, INT32_MAX, &index, NULL) == 0)
		return iface_by_index(nl, (uint32_t)index, out, why);
	return no_such_iface(nl, name, why);
}

struct addr_list {
	uint32_t index;
	struct iface_addr *out;
	size_t cap;
	int n;
};

static int take_addr(const struct nlmsghdr *head, void *arg)
{
	const struct ifaddrmsg *msg = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*msg));
	struct addr_list *list = arg;
	struct iface_addr found = {.ifindex = msg->ifa_index, .prefix_len = msg->ifa_prefixlen};

	if (list->index && list->index != msg->ifa_index)
		return MNL_CB_OK;
	/* Of a point-to-point interface ADDRESS is the far end and LOCAL is ours. */
	found.addr = get_addr(attrs.at[attrs.at[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS]);
	if (addr_is_v6(&found.addr) && addr_is_link_local(&found.addr))
		found.addr.zone = found.ifindex;
	if ((size_t)list->n < list->cap)
		list->out[list->n] = found;
	list->n++;
	return MNL_CB_OK;
}

int iface_addrs(struct netlink *nl, uint32_t index, struct iface_addr *out, size_t cap,
		struct why *why)
{
	struct addr_list list = {.index = index, .out = out, .cap = cap};

	begin(nl, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg));
	if (ask(nl, take_addr, &list) < 0)
		return why_sys(why, E_SYS, "cannot ask the kernel for its addresses");
	return list.n;
}

/* --- routes */

/* An IPv4 route can have an IPv6 gateway (RFC 8950); that comes behind its family. */
static struct addr get_via(const struct nlattr *attr)
{
	struct {
		uint16_t family;
		uint8_t bytes[16];
	} via;

	if (get_bytes(attr, &via, sizeof(via)))
		return addr_from(via.bytes, 16);
	return (struct addr){0};
}

static int take_way(const struct nlmsghdr *head, void *arg)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*msg));
	struct attrs metrics = attrs_in(attrs.at[RTA_METRICS]);
	struct route *out = arg;

	out->type = msg->rtm_type;
	out->ifindex = get_u32(attrs.at[RTA_OIF]);
	out->mtu = get_u32(metrics.at[RTAX_MTU]);
	out->gateway =
		attrs.at[RTA_VIA] ? get_via(attrs.at[RTA_VIA]) : get_addr(attrs.at[RTA_GATEWAY]);
	if (attrs.at[RTA_PREFSRC])
		out->src = get_addr(attrs.at[RTA_PREFSRC]);
	return MNL_CB_OK;
}

static int take_match(const struct nlmsghdr *head, void *arg)
{
	const struct rtmsg *msg = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*msg));
	struct route *out = arg;

	out->prefix_len = msg->rtm_dst_len;
	out->table = attrs.at[RTA_TABLE] ? get_u32(attrs.at[RTA_TABLE]) : msg->rtm_table;
	/* The default route comes without a destination. */
	if (attrs.at[RTA_DST])
		out->prefix = get_addr(attrs.at[RTA_DST]);
	return MNL_CB_OK;
}

static void begin_route(struct netlink *nl, const struct route_query *q, unsigned flags)
{
	struct rtmsg *msg = begin(nl, RTM_GETROUTE, 0, sizeof(*msg));

	msg->rtm_family = q->dst.len == 4 ? AF_INET : AF_INET6;
	msg->rtm_dst_len = (uint8_t)(q->dst.len * 8);
	msg->rtm_src_len = (uint8_t)(q->src.len * 8);
	msg->rtm_flags = flags;
	put_addr(nl, RTA_DST, &q->dst);
	put_addr(nl, RTA_SRC, &q->src);
	put_u32_if(nl, RTA_OIF, q->oif ? q->oif : q->dst.zone);
	put_u32_if(nl, RTA_MARK, q->mark);
}

/* IPv6 answers with the route that refuses, IPv4 with the errno of refusing. */
static int refusal_of(uint8_t type)
{
	switch (type) {
	case RTN_BLACKHOLE: return EINVAL;
	case RTN_UNREACHABLE: return EHOSTUNREACH;
	case RTN_PROHIBIT: return EACCES;
	case RTN_THROW: return EAGAIN;
	}
	return 0;
}

static uint8_t type_of(int refusal)
{
	switch (refusal) {
	case EINVAL: return RTN_BLACKHOLE;
	case EHOSTUNREACH: return RTN_UNREACHABLE;
	case EACCES: return RTN_PROHIBIT;
	}
	return RTN_UNSPEC;
}

/* What the kernel says of a source that is not ours depends on its age, so look for that first. */
static bool is_ours(struct netlink *nl, const struct addr *src)
{
	const struct route_query q = {.dst = *src};
	struct route way = {0};

	begin_route(nl, &q, 0);
	return ask(nl, take_way, &way) == 0 && way.type == RTN_LOCAL;
}

static int no_way(struct netlink *nl, const struct route_query *q, int refusal, struct route *out,
		  struct why *why)
{
	char dst[ADDR_TEXT_MAX], src[ADDR_TEXT_MAX];
	bool is_foreign = q->src.len && !is_ours(nl, &q->src);

	*out = (struct route){.type = is_foreign ? RTN_UNSPEC : type_of(refusal)};
	addr_text(&q->dst, dst);
	addr_text(&q->src, src);
	if (is_foreign)
		why_set(why, E_NOENT,
			"%s is not an address of this host: 'ip address' shows those that are",
			src);
	else if (out->type != RTN_UNSPEC)
		why_set(why, E_NOENT, "the route to %s is of type %s: 'ip route' shows it", dst,
			route_type_word(out->type));
	else
		why_set(why, E_NOENT, "there is no route to %s: 'ip route' shows those there are",
			dst);
	if (why)
		why->sys = is_foreign ? EADDRNOTAVAIL : refusal;
	return E_NOENT;
}

int route_way(struct netlink *nl, const struct route_query *q, struct route *out, struct why *why)
{
	*out = (struct route){.src = q->src};
	begin_route(nl, q, 0);
	if (ask(nl, take_way, out) < 0)
		return no_way(nl, q, errno, out, why);
	if (refusal_of(out->type))
		return no_way(nl, q, refusal_of(out->type), out, why);
	if (addr_is_v6(&out->src) && addr_is_link_local(&out->src))
		out->src.zone = out->ifindex;
	if (addr_is_v6(&out->gateway) && addr_is_link_local(&out->gateway))
		out->gateway.zone = out->ifindex;
	return 0;
}

int route_get(struct netlink *nl, const struct route_query *q, struct route *out, struct why *why)
{
	struct iface iface;
	int err = route_way(nl, q, out, why);

	if (err < 0)
		return err;
	out->prefix.len = q->dst.len;
	begin_route(nl, q, RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE);
	/* No entry at all: given oif, the kernel takes any destination to be on that link. */
	if (ask(nl, take_match, out) < 0) {
		out->prefix = q->dst;
		out->prefix_len = (uint8_t)(q->dst.len * 8);
	}
	err = iface_by_index(nl, out->ifindex, &iface, why);
	if (err < 0)
		return err;
	memcpy(out->ifname, iface.name, sizeof(out->ifname));
	if (out->mtu == 0)
		out->mtu = iface.mtu;
	return 0;
}

const char *route_type_word(uint8_t type)
{
	static const char *const words[] = {
		[RTN_UNSPEC] = "unknown",      [RTN_UNICAST] = "unicast",
		[RTN_LOCAL] = "local",         [RTN_BROADCAST] = "broadcast",
		[RTN_ANYCAST] = "anycast",     [RTN_MULTICAST] = "multicast",
		[RTN_BLACKHOLE] = "blackhole", [RTN_UNREACHABLE] = "unreachable",
		[RTN_PROHIBIT] = "prohibit",   [RTN_THROW] = "throw",
	};

	return type <= RTN_THROW ? words[type] : words[RTN_UNSPEC];
}

/* --- neighbours */

static int take_neigh(const struct nlmsghdr *head, void *arg)
{
	const struct ndmsg *msg = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*msg));
	struct neigh *out = arg;

	out->state = msg->ndm_state;
	out->has_mac = get_bytes(attrs.at[NDA_LLADDR], out->mac.bytes, sizeof(out->mac.bytes));
	return MNL_CB_OK;
}

int neigh_get(struct netlink *nl, uint32_t ifindex, const struct addr *addr, struct neigh *out,
	      struct why *why)
{
	struct ndmsg *msg = begin(nl, RTM_GETNEIGH, 0, sizeof(*msg));
	char text[ADDR_TEXT_MAX];

	*out = (struct neigh){0};
	msg->ndm_family = addr->len == 4 ? AF_INET : AF_INET6;
	msg->ndm_ifindex = (int)ifindex;
	put_addr(nl, NDA_DST, addr);
	if (ask(nl, take_neigh, out) == 0)
		return 0;
	return why_sys(why, errno == ENOENT ? E_NOENT : E_SYS,
		       "the neighbour cache of interface %u has nothing about %s", ifindex,
		       addr_text(addr, text));
}

struct mac_query {
	uint32_t ifindex;
	const struct mac *mac;
	struct addr addr; /* len 0: not found */
};

static int match_neigh(const struct nlmsghdr *head, void *arg)
{
	const struct ndmsg *msg = mnl_nlmsg_get_payload(head);
	struct attrs attrs = attrs_of(head, sizeof(*msg));
	struct mac_query *q = arg;
	struct mac mac = {{0}};

	if ((uint32_t)msg->ndm_ifindex == q->ifindex && !q->addr.len &&
	    msg->ndm_state != NUD_FAILED &&
	    get_bytes(attrs.at[NDA_LLADDR], mac.bytes, sizeof(mac.bytes)) && mac_same(&mac, q->mac))
		q->addr = get_addr(attrs.at[NDA_DST]);
	return MNL_CB_OK;
}

int neigh_of_mac(struct netlink *nl, uint32_t ifindex, const struct mac *mac, struct addr *out,
		 struct why *why)
{
	struct mac_query q = {.ifindex = ifindex, .mac = mac};

	begin(nl, RTM_GETNEIGH, NLM_F_DUMP, sizeof(struct ndmsg));
	if (ask(nl, match_neigh, &q) < 0)
		return why_sys(why, E_SYS, "cannot ask the kernel for its neighbours");
	*out = q.addr;
	return q.addr.len ? 0 : why_set(why, E_NOENT, "no neighbour is known to have it");
}

const char *neigh_state_word(uint16_t state)
{
	static const char *const words[] = {"INCOMPLETE", "REACHABLE", "STALE", "DELAY",
					    "PROBE",      "FAILED",    "NOARP", "PERMANENT"};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (state & 1u << i)
			return words[i];
	return "NONE";
}
