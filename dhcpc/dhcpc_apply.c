/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lease says to the hands; dhcpc_apply.h. */
#include "dhcpc_apply.h"

#include <stdlib.h>

#include "base/text.h"

/* --- routes */

static void add_route(struct dhcpc_order *out, const struct dhcp_route *r)
{
	if (out->n_routes < DHCPC_ROUTES_MAX)
		out->routes[out->n_routes++] = *r;
}

/* All of the option, or nothing if it breaks its rules. */
static bool add_classless(const struct dhcp_msg *m, uint8_t code, struct dhcpc_order *out)
{
	struct dhcp_route route;
	struct dhcp_value v;
	struct rd r;
	int more;

	if (dhcp_find(m, code, &v) < 0)
		return false;
	r = rd_make(v.data, v.len);
	while ((more = dhcp_route_next(&r, &route)) == 1)
		add_route(out, &route);
	if (more < 0)
		out->n_routes = 0;
	return more == 0;
}

/* RFC 2132 5.8: the destination is a network of its class, or a host. */
static void add_classful(const struct dhcp_msg *m, struct dhcpc_order *out)
{
	struct dhcp_value v;
	struct rd r;

	if (dhcp_find(m, DHCP_OPT_STATIC_ROUTES, &v) < 0)
		return;
	r = rd_make(v.data, v.len - v.len % 8);
	while (rd_left(&r)) {
		struct dhcp_route route;
		struct addr network;

		route.prefix = addr_from(rd_bytes(&r, 4), 4);
		route.gateway = addr_from(rd_bytes(&r, 4), 4);
		route.prefix_len = route.prefix.bytes[0] < 128 ? 8 :
				   route.prefix.bytes[0] < 192 ? 16 :
								 24;
		network = route.prefix;
		addr_mask(&network, route.prefix_len, false);
		if (!addr_same(&network, &route.prefix))
			route.prefix_len = 32;
		if (!addr_is_any(&route.prefix)) /* RFC 2132 5.8: no default route */
			add_route(out, &route);
	}
}

static void add_router(const struct dhcp_msg *m, struct dhcpc_order *out)
{
	struct dhcp_route route = {.prefix = addr_none()};
	struct dhcp_value v;

	if (dhcp_find(m, DHCP_OPT_ROUTER, &v) < 0 || v.len < 4)
		return;
	route.gateway = addr_from(v.data, 4);
	if (!addr_is_any(&route.gateway))
		add_route(out, &route);
}

/* RFC 3442: classless routes take the place of the router and the static routes. */
static void add_routes(const struct dhcp_msg *m, struct dhcpc_order *out)
{
	if (add_classless(m, DHCP_OPT_CLASSLESS_ROUTES, out) ||
	    add_classless(m, DHCP_OPT_MS_ROUTES, out))
		return;
	add_router(m, out);
	add_classful(m, out);
}

/* --- names */

/* A word of resolv.conf: what a resolver could take for more than a name is left out. */
static bool is_name(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.") == strlen(name);
}

static void add_search(const struct dhcp_msg *m, struct text *out)
{
	char name[1024];
	struct text t = text_make(name, sizeof(name));
	struct dhcp_value v;
	size_t pos = 0;
	bool has_any = false;
	int more;

	if (dhcp_find(m, DHCP_OPT_DOMAIN_SEARCH, &v) < 0) {
		if (dhcp_find(m, DHCP_OPT_DOMAIN, &v) == 0 &&
		    text_clean(name, sizeof(name), v.data, strnlen((const char *)v.data, v.len)) &&
		    is_name(name))
			text_addf(out, "search %s\n", name);
		return;
	}
	while ((more = dhcp_domain_next(v.data, v.len, &pos, &t)) != 0) {
		if (more == 1 && is_name(name))
			text_addf(out, "%s %s", has_any ? "" : "search", name);
		has_any |= more == 1 && is_name(name);
		t = text_make(name, sizeof(name));
	}
	if (has_any)
		text_add(out, "\n");
}

static void add_resolv(const struct dhcp_msg *m, struct dhcpc_order *out)
{
	struct text t = text_make(out->resolv, sizeof(out->resolv));
	char text[ADDR_TEXT_MAX];
	struct dhcp_value v;

	if (dhcp_find(m, DHCP_OPT_DNS, &v) < 0 || v.len < 4)
		return;
	add_search(m, &t);
	for (size_t i = 0; i + 4 <= v.len; i += 4) {
		struct addr a = addr_from(v.data + i, 4);

		text_addf(&t, "nameserver %s\n", addr_text(&a, text));
	}
	if (t.cut)
		out->resolv[0] = '\0';
}

/* --- hooks */

static void add_var(void *arg, const char *name, const char *value)
{
	struct dhcpc_order *o = arg;
	size_t room = sizeof(o->env) - 1 - o->env_len;
	int n = snprintf(o->env + o->env_len, room, "%s=%s", name, value);

	/* One that does not fit is left out, whole. */
	if (n < 0 || (size_t)n >= room)
		o->env[o->env_len] = '\0';
	else
		o->env_len += (size_t)n + 1;
}

static void add_env(const struct dhcpc_opts *o, const char *ifname, const struct dhcpc_lease *l,
		    struct dhcpc_order *out)
{
	static const char *const reasons[] = {"BOUND", "RENEW", "EXPIRE", "NAK", "FAIL", "KEEP"};
	bool has_lease = out->deed == DEED_BOUND || out->deed == DEED_RENEW;

	add_var(out, "PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
	add_var(out, "interface", ifname);
	if (o->hook_style == DHCPC_VARS_DHCLIENT)
		add_var(out, "reason", reasons[out->deed]);
	if (has_lease)
		dhcpc_vars(l, (enum dhcpc_var_style)o->hook_style, add_var, out);
}

void dhcpc_order_make(const struct dhcpc_opts *o, const char *ifname, enum dhcpc_deed deed,
		      const struct dhcpc_lease *l, struct dhcpc_order *out)
{
	struct dhcp_msg m = dhcpc_lease_msg(l);

	*out = (struct dhcpc_order){
		.deed = deed,
		.addr = l->addr,
		.broadcast = addr_none(),
		.prefix_len = l->prefix_len,
		.lease_s = l->lease_s,
	};
	if (o->script)
		add_env(o, ifname, l, out);
	if (!o->applies || (deed != DEED_BOUND && deed != DEED_RENEW))
		return;
	if (dhcp_find_addr(&m, DHCP_OPT_BROADCAST, &out->broadcast) < 0)
		out->broadcast = addr_none();
	if (!o->no_routes)
		add_routes(&m, out);
	if (!o->resolv || strcmp(o->resolv, "none") != 0)
		add_resolv(&m, out);
}

int dhcpc_order(struct dhcpc *d, enum dhcpc_deed deed, const struct dhcpc_lease *l, struct why *why)
{
	struct dhcpc_order *order;
	int err;

	if (!d->hands)
		return 0;
	order = malloc(sizeof(*order));
	if (!order)
		return why_set(why, E_MEM, "out of memory");
	dhcpc_order_make(&d->opts, d->iface.name, deed, l, order);
	err = hands_order(d->hands, order, sizeof(*order), why);
	d->n_orders += err == 0;
	free(order);
	return err;
}
