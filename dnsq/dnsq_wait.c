/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_wait - runs the exchanges until one of them is over. */
#include "dnsq_net_impl.h"

struct waiting {
	struct asker *asker;
	struct ask *ask;
};

static uint64_t waiting_step(void *arg)
{
	return asker_step(((struct waiting *)arg)->asker);
}

static bool waiting_is_over(const void *arg)
{
	return ((const struct waiting *)arg)->ask->state >= ASK_REPLIED;
}

static void waiting_stop(void *arg)
{
	asker_stop(((struct waiting *)arg)->asker);
}

static void waiting_tell(void *arg)
{
	struct ask *a = ((struct waiting *)arg)->ask;
	char text[ADDR_TEXT_MAX];

	tool_say(((struct waiting *)arg)->asker->run, "waiting for %s#%u, %u sent",
		 addr_text(&a->server->addr, text), a->server->port, a->n_sent);
}

static unsigned waiting_fds(const void *arg, int *fds)
{
	fds[0] = asker_fd(((const struct waiting *)arg)->asker);
	return 1;
}

bool asker_wait(struct asker *k, struct ask *a)
{
	static const struct tool_machine machine = {
		.step = waiting_step,
		.is_over = waiting_is_over,
		.stop = waiting_stop,
		.tell_status = waiting_tell,
		.poll_fds = waiting_fds,
	};
	struct waiting w = {.asker = k, .ask = a};

	tool_drive(k->run, &machine, &w);
	return !k->is_stopped;
}
