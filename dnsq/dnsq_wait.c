/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_wait - runs exchanges until what they are for is reached, or somebody interrupts. */
#include "dnsq_net_impl.h"

struct driven {
	struct asker *asker;
	const struct asker_aim *aim;
	void *arg;
};

static uint64_t driven_step(void *arg)
{
	struct driven *d = arg;
	struct asker *k = d->asker;
	uint64_t next_ns = asker_step(k);

	if (d->aim->step)
		next_ns = d->aim->step(d->arg, next_ns);
	/* What was started meanwhile has deadlines of its own. */
	return k->first && k->first->deadline_ns < next_ns ? k->first->deadline_ns : next_ns;
}

static bool driven_is_over(const void *arg)
{
	const struct driven *d = arg;

	return d->aim->is_over(d->arg);
}

static void driven_stop(void *arg)
{
	struct driven *d = arg;

	d->asker->run->reason = "interrupted";
	asker_stop(d->asker);
}

static void driven_tell(void *arg)
{
	struct driven *d = arg;

	d->aim->tell_status(d->arg);
}

static unsigned driven_fds(const void *arg, int *fds)
{
	const struct driven *d = arg;

	fds[0] = d->asker->epoll;
	fds[1] = d->aim->fd ? d->aim->fd(d->arg) : -1;
	return fds[1] < 0 ? 1 : 2;
}

void asker_drive(struct asker *k, const struct asker_aim *aim, void *arg)
{
	static const struct tool_machine machine = {
		.step = driven_step,
		.is_over = driven_is_over,
		.stop = driven_stop,
		.tell_status = driven_tell,
		.poll_fds = driven_fds,
	};
	struct driven d = {.asker = k, .aim = aim, .arg = arg};

	tool_drive(k->run, &machine, &d);
}

static bool is_answered(const void *arg)
{
	return ((const struct ask *)arg)->state >= ASK_REPLIED;
}

static void tell_server(void *arg)
{
	const struct ask *a = arg;
	char text[ADDR_TEXT_MAX];

	tool_say(a->asker->run, "waiting for %s#%u, %u sent", addr_text(&a->server->addr, text),
		 a->server->port, a->n_sent);
}

bool asker_wait(struct asker *k, struct ask *a)
{
	static const struct asker_aim aim = {.is_over = is_answered, .tell_status = tell_server};

	asker_drive(k, &aim, a);
	return !k->is_stopped;
}
