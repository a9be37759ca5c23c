/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dhcpc_hands - the process that changes the host: addresses and routes, resolv.conf, hooks.
 * It reads nothing from the network, only orders of dhcpc_apply.h, which hold addresses and names
 * that were checked.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "dhcpc_apply.h"
#include "dhcpc_resolv.h"
#include "io/netconf.h"
#include "io/program.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLVCONF "/sbin/resolvconf"
#define RESOLVECTL "/usr/bin/resolvectl"
#define RESOLVED "/run/systemd/resolve"

enum resolver { RESOLV_NONE, RESOLV_FILE, RESOLV_RESOLVCONF, RESOLV_RESOLVECTL };

struct hand_state {
	const struct dhcpc_opts *opts;
	char ifname[IF_NAMESIZE];
	struct netconf *netconf;
	uint32_t ifindex;
	bool has_addr, is_kept;
	struct dhcpc_order now; /* what is on the host */
	uint64_t end_ns;        /* of the lease, CLOCK_BOOTTIME; UINT64_MAX for ever */
	enum resolver resolver; /* that was told of our servers */
	struct resolv_file file;
};

/* --- programs */

static const char *const plain_env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};

static int run_hook(struct hand_state *s, const struct dhcpc_order *o, struct why *why)
{
	static const char *const words[] = {"bound", "renew", "deconfig", "nak", "leasefail", ""};
	bool is_udhcpc = s->opts->hook_style == DHCPC_VARS_UDHCPC;
	const char *argv[3] = {s->opts->script, is_udhcpc ? words[o->deed] : NULL, NULL};
	const char *env[512];
	size_t n = 0;
	int status;

	if (!s->opts->script || o->deed == DEED_KEEP)
		return 0;
	for (size_t at = 0; at < o->env_len && n < 511; at += strlen(o->env + at) + 1)
		env[n++] = o->env + at;
	env[n] = NULL;
	status = program_run(argv, env, NULL);
	if (status == 0)
		return 0;
	return why_set(why, E_SYS, "the hook %s failed (exit status %d)", s->opts->script, status);
}

/* --- resolv.conf */

static const char *resolv_path(const struct hand_state *s)
{
	const char *mode = s->opts->resolv;

	return mode && mode[0] == '/' ? mode : RESOLV_CONF;
}

static enum resolver choose_resolver(const struct hand_state *s)
{
	const char *mode = s->opts->resolv ? s->opts->resolv : "auto";

	if (strcmp(mode, "none") == 0)
		return RESOLV_NONE;
	if (strcmp(mode, "resolvconf") == 0)
		return RESOLV_RESOLVCONF;
	if (strcmp(mode, "resolvectl") == 0)
		return RESOLV_RESOLVECTL;
	if (strcmp(mode, "auto") != 0)
		return RESOLV_FILE;
	if (access(RESOLVED, F_OK) == 0 && access(RESOLVECTL, X_OK) == 0)
		return RESOLV_RESOLVECTL;
	return access(RESOLVCONF, X_OK) == 0 ? RESOLV_RESOLVCONF : RESOLV_FILE;
}

static int tell_resolvconf(const struct hand_state *s, const char *text)
{
	char name[IF_NAMESIZE + 16];
	const char *argv[4] = {RESOLVCONF, text ? "-a" : "-d", name, NULL};

	snprintf(name, sizeof(name), "%s.dhcpc", s->ifname);
	return program_run(argv, plain_env, text);
}

/* The words of each line behind @key, as arguments. @text is taken to pieces. */
static int tell_resolvectl(const struct hand_state *s, const char *verb, const char *key,
			   const char *from)
{
	char text[DHCPC_RESOLV_MAX], *state = NULL, *words;
	const char *argv[256] = {RESOLVECTL, verb, s->ifname};
	size_t n = 3;

	snprintf(text, sizeof(text), "%s", from);
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		words = NULL;
		(void)strtok_r(line, " ", &words);
		for (char *w; n < 255 && (w = strtok_r(NULL, " ", &words)) != NULL;)
			argv[n++] = w;
	}
	return n > 3 ? program_run(argv, plain_env, NULL) : 0;
}

static int set_resolv(struct hand_state *s, const struct dhcpc_order *o, struct why *why)
{
	enum resolver resolver = choose_resolver(s);
	int status = 0;

	if (!o->resolv[0] || resolver == RESOLV_NONE)
		return 0;
	s->resolver = resolver;
	if (resolver == RESOLV_FILE)
		return resolv_file_set(&s->file, resolv_path(s), o->resolv, why);
	if (resolver == RESOLV_RESOLVCONF)
		status = tell_resolvconf(s, o->resolv);
	else if (tell_resolvectl(s, "dns", "nameserver ", o->resolv) != 0 ||
		 tell_resolvectl(s, "domain", "search ", o->resolv) != 0)
		status = -1;
	return status == 0 ? 0 :
			     why_set(why, E_SYS, "%s does not take the name servers",
				     resolver == RESOLV_RESOLVCONF ? RESOLVCONF : RESOLVECTL);
}

static void restore_resolv(struct hand_state *s)
{
	const char *const revert[] = {RESOLVECTL, "revert", s->ifname, NULL};

	if (s->resolver == RESOLV_RESOLVCONF)
		(void)tell_resolvconf(s, NULL);
	else if (s->resolver == RESOLV_RESOLVECTL)
		(void)program_run(revert, plain_env, NULL);
	else if (s->resolver == RESOLV_FILE)
		resolv_file_restore(&s->file, resolv_path(s));
	s->resolver = RESOLV_NONE;
}

/* --- addresses and routes */

static struct netconf_addr addr_in(const struct hand_state *s, const struct dhcpc_order *o)
{
	return (struct netconf_addr){
		.ifindex = s->ifindex,
		.addr = o->addr,
		.prefix_len = o->prefix_len,
		.broadcast = o->broadcast,
		.valid_s = o->lease_s,
	};
}

static struct netconf_route route_in(const struct hand_state *s, const struct dhcpc_order *o,
				     unsigned i)
{
	return (struct netconf_route){
		.ifindex = s->ifindex,
		.prefix = o->routes[i].prefix,
		.prefix_len = o->routes[i].prefix_len,
		.gateway = o->routes[i].gateway,
		.src = o->addr,
		.metric = s->opts->metric,
	};
}

static void undo(struct hand_state *s)
{
	struct netconf_addr a = addr_in(s, &s->now);
	struct why why;

	restore_resolv(s);
	if (!s->has_addr)
		return;
	for (unsigned i = 0; i < s->now.n_routes; i++) {
		struct netconf_route r = route_in(s, &s->now, i);

		(void)!netconf_drop_route(s->netconf, &r, &why);
	}
	(void)!netconf_drop_addr(s->netconf, &a, &why);
	s->has_addr = false;
}

static uint64_t boottime_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static int set(struct hand_state *s, const struct dhcpc_order *o, struct why *why)
{
	struct netconf_addr a = addr_in(s, o);
	int err, is_left_out = 0;
	struct why resolv_why;

	/* What a new lease no longer has is taken away, what it still has stays without a gap. */
	if (s->has_addr && !addr_same(&s->now.addr, &o->addr))
		undo(s);
	err = netconf_set_addr(s->netconf, &a, why);
	if (err < 0)
		return err;
	s->has_addr = true;
	s->now = *o;
	s->end_ns =
		o->lease_s == DHCP_INFINITE ? UINT64_MAX : boottime_ns() + o->lease_s * NS_PER_S;
	netconf_hold_port(s->netconf, s->ifname, DHCP_CLIENT_PORT);
	/* A route that the kernel does not take is no reason to be without an address. */
	for (unsigned i = 0; i < o->n_routes; i++) {
		struct netconf_route r = route_in(s, o, i);

		if (netconf_set_route(s->netconf, &r, why) < 0)
			is_left_out = 1;
	}
	err = set_resolv(s, o, &resolv_why);
	if (err < 0)
		*why = resolv_why;
	return err < 0 ? err : is_left_out;
}

/* --- the life of the hands */

/* They come from a process that reads the network: nothing in them is taken on trust. */
static bool is_sound(const struct dhcpc_order *o)
{
	for (unsigned i = 0; i < DHCPC_ROUTES_MAX; i++)
		if (o->routes[i].prefix_len > 32)
			return false;
	return (unsigned)o->deed <= DEED_KEEP && o->n_routes <= DHCPC_ROUTES_MAX &&
	       o->prefix_len <= 32 && memchr(o->resolv, 0, sizeof(o->resolv)) &&
	       o->env_len < sizeof(o->env) && !o->env[sizeof(o->env) - 1];
}

static int serve(void *state, const void *bytes, size_t len, struct why *why)
{
	struct hand_state *s = state;
	const struct dhcpc_order *o = bytes;
	int done = 0, err;

	if (len != sizeof(*o) || !is_sound(o))
		return why_set(why, E_BAD, "an order of another form");
	if (o->deed == DEED_DECONFIG)
		undo(s);
	else if (o->deed == DEED_KEEP)
		s->is_kept = true;
	else if (s->opts->applies && (o->deed == DEED_BOUND || o->deed == DEED_RENEW))
		done = set(s, o, why);
	if (done < 0) {
		undo(s);
		return done;
	}
	err = run_hook(s, o, why);
	return err < 0 ? err : done;
}

/*
 * A lease that is kept ends by itself, but for the name servers: whoever wrote them waits for that
 * end. Nothing of the terminal is held on to meanwhile.
 */
static void wait_for_expiry(const struct hand_state *s)
{
	uint64_t now_ns = boottime_ns();
	struct timespec ts;
	sigset_t set;
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 64; fd++)
		if (fd != null)
			close(fd);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	(void)setsid();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	while (s->end_ns > now_ns) {
		/* In pieces: this clock stands still while the machine sleeps. */
		uint64_t wait_ns =
			s->end_ns - now_ns < 60 * NS_PER_S ? s->end_ns - now_ns : 60 * NS_PER_S;

		ts = (struct timespec){(time_t)(wait_ns / NS_PER_S), (long)(wait_ns % NS_PER_S)};
		if (sigtimedwait(&set, NULL, &ts) == SIGTERM)
			return;
		now_ns = boottime_ns();
	}
}

static void end(void *state)
{
	struct hand_state *s = state;

	if (s->is_kept && s->resolver == RESOLV_NONE)
		return;
	if (s->is_kept) {
		wait_for_expiry(s);
		/* The sockets went with the other descriptors; the kernel sees to the address. */
		s->has_addr = false;
	}
	undo(s);
}

int dhcpc_hands_open(struct dhcpc *d, struct why *why)
{
	static const struct hands_work work = {
		.serve = serve, .end = end, .order_max = sizeof(struct dhcpc_order)};
	struct hand_state *s;
	int err;

	if (!d->opts.applies && !d->opts.script)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return why_set(why, E_MEM, "out of memory");
	s->opts = &d->opts;
	s->ifindex = if_nametoindex(d->opts.ifname);
	snprintf(s->ifname, sizeof(s->ifname), "%s", d->opts.ifname);
	err = netconf_open(&s->netconf, why);
	if (!err)
		err = hands_open(&work, s, &d->hands, why);
	/* The hands have copies of their own. */
	netconf_close(s->netconf);
	free(s);
	return err;
}
