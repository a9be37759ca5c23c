/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_show - a lease for scripts: variables, values, the line of a monitoring plugin.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"
#include "base/text.h"
#include "dhcpc_apply.h"

#define VALUE_MAX 16384

/* In single quotes nothing means anything to a shell but the quote itself. */
static void shell_var(void *arg, const char *name, const char *value)
{
	struct dhcpc *d = arg;
	FILE *to = d->run->out.file;

	if (d->run->out.is_json)
		return;
	fprintf(to, "%s='", name);
	for (const char *c = value; *c; c++) {
		if (*c == '\'')
			fputs("'\\''", to);
		else
			fputc(*c, to);
	}
	fputs("'\n", to);
}

static void print_values(struct dhcpc *d, const struct dhcpc_lease *l)
{
	struct dhcp_msg m = dhcpc_lease_msg(l);
	struct dhcp_value v;

	for (unsigned i = 0; i < d->opts.n_prints; i++) {
		unset char buf[VALUE_MAX];
		struct text t = text_make(buf, sizeof(buf));

		if (dhcp_find(&m, d->opts.prints[i], &v) < 0)
			continue;
		dhcp_option_text(d->opts.prints[i], v.data, v.len, DHCP_FOR_SCRIPTS, &t);
		out_line(&d->run->out, &t);
	}
}

void dhcpc_show_lease(struct dhcpc *d, const struct dhcpc_lease *l)
{
	if (d->opts.show == SHOW_SHELL)
		dhcpc_vars(l, DHCPC_VARS_SHELL, shell_var, d);
	else if (d->opts.show == SHOW_PRINT)
		print_values(d, l);
}

/* The statuses of monitoring plugins: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
int dhcpc_show_result(struct dhcpc *d, int status, const char *fmt, ...)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	int plugin = 2;
	char text[256];
	va_list ap;

	if (d->opts.show != SHOW_NAGIOS)
		return status;
	if (status == EXIT_ANSWERED)
		plugin = 0;
	else if (status == EXIT_CANNOT_ASK)
		plugin = 3;
	else if (status == DHCPC_EXIT_CONFLICT || status == DHCPC_EXIT_V6ONLY)
		plugin = 1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_text(&d->run->out, "DHCP %s: %s | time=%.6fs\n", words[plugin], text,
		 dhcpc_dt_ms(d) / 1000);
	return plugin;
}
