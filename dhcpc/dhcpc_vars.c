/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_vars - a lease as variables, for a shell that evaluates them and for hooks.
 *
 * A value that holds a control octet, or is no UTF-8, is left out: whoever reads it is a script.
 */
#include <ctype.h>

#include "base/text.h"
#include "dhcpc_apply.h"

#define VALUE_MAX 8192

struct vars {
	void (*emit)(void *arg, const char *name, const char *value);
	void *arg;
};

/* udhcpc's names of options, where they differ from the table's. */
static const struct {
	uint8_t code;
	const char *udhcpc, *dhclient;
} names[] = {
	{DHCP_OPT_MASK, "subnet", "subnet_mask"},
	{DHCP_OPT_ROUTER, "router", "routers"},
	{DHCP_OPT_DNS, "dns", "domain_name_servers"},
	{DHCP_OPT_HOSTNAME, "hostname", "host_name"},
	{DHCP_OPT_DOMAIN, "domain", "domain_name"},
	{DHCP_OPT_MTU, "mtu", "interface_mtu"},
	{DHCP_OPT_BROADCAST, "broadcast", "broadcast_address"},
	{DHCP_OPT_STATIC_ROUTES, "routes", "static_routes"},
	{DHCP_OPT_NTP, "ntpsrv", "ntp_servers"},
	{DHCP_OPT_LEASE, "lease", "dhcp_lease_time"},
	{DHCP_OPT_TYPE, "opt53", "dhcp_message_type"},
	{DHCP_OPT_SERVER_ID, "serverid", "dhcp_server_identifier"},
	{DHCP_OPT_MESSAGE, "message", "dhcp_message"},
	{DHCP_OPT_T1, "opt58", "dhcp_renewal_time"},
	{DHCP_OPT_T2, "opt59", "dhcp_rebinding_time"},
	{DHCP_OPT_TFTP_SERVER, "tftp", "tftp_server_name"},
	{DHCP_OPT_BOOTFILE, "bootfile", "bootfile_name"},
	{DHCP_OPT_DOMAIN_SEARCH, "search", "domain_search"},
	{DHCP_OPT_CLASSLESS_ROUTES, "staticroutes", "rfc3442_classless_static_routes"},
	{DHCP_OPT_MS_ROUTES, "msstaticroutes", "ms_classless_static_routes"},
};

/* The table's name with _ for -, or optN. */
static void table_name(uint8_t code, struct text *t)
{
	const struct dhcp_option *o = dhcp_option_get(code);

	if (!o) {
		text_addf(t, "opt%u", code);
		return;
	}
	for (const char *c = o->name; *c; c++)
		text_addf(t, "%c", isalnum((unsigned char)*c) ? *c : '_');
}

static void var_name(enum dhcpc_var_style style, uint8_t code, struct text *t)
{
	if (style == DHCPC_VARS_DHCLIENT)
		text_add(t, "new_");
	else if (style == DHCPC_VARS_SHELL)
		text_add(t, "dhcp_");
	for (size_t i = 0; style != DHCPC_VARS_SHELL && i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].code != code)
			continue;
		text_add(t, style == DHCPC_VARS_UDHCPC ? names[i].udhcpc : names[i].dhclient);
		return;
	}
	table_name(code, t);
}

/* Text as it came, anything else as its words; false if it is not fit for a script. */
static bool var_value(uint8_t code, const struct dhcp_value *v, struct text *t)
{
	const struct dhcp_option *o = dhcp_option_get(code);
	size_t len = v->len;

	if (!o || o->kind != DHCP_KIND_TEXT)
		return dhcp_option_text(code, v->data, len, DHCP_FOR_SCRIPTS, t) == 0 && !t->cut;
	while (len && !v->data[len - 1])
		len--;
	return text_clean(t->buf, t->cap, v->data, len);
}

static void emit_addr(const struct vars *vars, const char *name, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	vars->emit(vars->arg, name, addr_text(a, text));
}

static void emit_number(const struct vars *vars, const char *name, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	vars->emit(vars->arg, name, text);
}

/* sname and file are text only where they hold no options. */
static void emit_field(const struct vars *vars, const char *name, const uint8_t *field, size_t max)
{
	char text[DHCP_FILE_LEN * 3 + 1];
	size_t len = strnlen((const char *)field, max);

	if (len && text_clean(text, sizeof(text), field, len))
		vars->emit(vars->arg, name, text);
}

static void emit_fixed(const struct vars *vars, enum dhcpc_var_style style,
		       const struct dhcpc_lease *l, const struct dhcp_msg *m)
{
	static const char *const addr_names[] = {"ip", "new_ip_address", "dhcp_address"};

	if (l->lease_s)
		emit_addr(vars, addr_names[style], &l->addr);
	if (l->lease_s && style != DHCPC_VARS_DHCLIENT)
		emit_number(vars, style == DHCPC_VARS_UDHCPC ? "mask" : "dhcp_prefix_len",
			    l->prefix_len);
	if (!addr_is_any(&m->head.siaddr))
		emit_addr(vars,
			  style == DHCPC_VARS_UDHCPC   ? "siaddr" :
			  style == DHCPC_VARS_DHCLIENT ? "new_next_server" :
							 "dhcp_siaddr",
			  &m->head.siaddr);
	if (!(m->overload & 2))
		emit_field(vars,
			   style == DHCPC_VARS_UDHCPC   ? "sname" :
			   style == DHCPC_VARS_DHCLIENT ? "new_server_name" :
							  "dhcp_sname",
			   m->sname, DHCP_SNAME_LEN);
	if (!(m->overload & 1))
		emit_field(vars,
			   style == DHCPC_VARS_UDHCPC   ? "boot_file" :
			   style == DHCPC_VARS_DHCLIENT ? "new_filename" :
							  "dhcp_file",
			   m->file, DHCP_FILE_LEN);
}

void dhcpc_vars(const struct dhcpc_lease *l, enum dhcpc_var_style style,
		void (*emit)(void *arg, const char *name, const char *value), void *arg)
{
	const struct vars vars = {emit, arg};
	struct dhcp_msg m = dhcpc_lease_msg(l);
	unset struct dhcp_value v;

	emit_fixed(&vars, style, l, &m);
	for (unsigned code = 1; code < DHCP_OPT_END; code++) {
		unset char name[80], value[VALUE_MAX];
		struct text t = text_make(name, sizeof(name));
		struct text words = text_make(value, sizeof(value));

		if (dhcp_find(&m, (uint8_t)code, &v) < 0)
			continue;
		var_name(style, (uint8_t)code, &t);
		if (var_value((uint8_t)code, &v, &words))
			emit(arg, name, value);
	}
}
