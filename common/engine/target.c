/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/target.h"

#include <stdlib.h>

const char *target_text(const struct target *t, char *out)
{
	return t->name ? t->name : addr_text(&t->addr, out);
}

void counts_add(struct counts *into, const struct counts *from)
{
	into->sent += from->sent;
	into->received += from->received;
	into->duplicates += from->duplicates;
	into->late += from->late;
	into->corrupt += from->corrupt;
	into->foreign += from->foreign;
	into->forged += from->forged;
	into->truncated += from->truncated;
	into->errors += from->errors;
	into->local_errors += from->local_errors;
}

double counts_loss_pct(const struct counts *c)
{
	return c->sent ? 100.0 * (c->sent - c->received) / c->sent : 0;
}

void target_free(struct target *t)
{
	if (!t)
		return;
	stats_free(&t->rtt);
	free(t->name);
	free(t);
}
