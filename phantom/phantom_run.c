/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phantom_run - the run, its lines and records.
 */
#include <stdio.h>
#include <string.h>

#include "phantom.h"

#include "base/num.h"

#define BATCH 32u

static const struct field event_fields[] = {
	{"what", FIELD_STRING, "", "claimed, taken, defended, yielded, answered or pinged."},
	{"addr", FIELD_STRING, "", "The address that it is about."},
	{"mac", FIELD_STRING, "", "The phantom's MAC address."},
	{"other", FIELD_STRING, "", "MAC address of the owner, rival or asker, if there is one."},
	{"at_ms", FIELD_NUMBER, "ms", "Time since the start of the run."},
};

static const struct field summary_fields[] = {
	{"interface", FIELD_STRING, "", "Where the phantom stood."},
	{"mac", FIELD_STRING, "", "Its MAC address."},
	{"claimed", FIELD_INT, "", "Addresses that were its own at the end."},
	{"conflicts", FIELD_INT, "", "Addresses that had an owner, or got one."},
	{"answers", FIELD_INT, "", "Questions for its addresses that it answered."},
	{"pings", FIELD_INT, "", "Echo requests that it answered."},
	{"elapsed_ms", FIELD_NUMBER, "ms", "Length of the run."},
};

static const struct record_type event_record =
	RECORD_TYPE("event", "Something happened to an address.", event_fields);
static const struct record_type summary_record =
	RECORD_TYPE("summary", "What the phantom did.", summary_fields);

const struct record_type *const phantom_records[] = {
	&event_record,       &summary_record, &trace_packet_record,
	&trace_route_record, &record_error,   &record_end,
};
const size_t phantom_n_records = sizeof(phantom_records) / sizeof(phantom_records[0]);

static const struct {
	const char *word;
	const char *line; /* between the address and the other's MAC; NULL: the phantom's MAC */
	bool is_conflict, is_loud;
} told[] = {
	[PHANTOM_CLAIMED] = {"claimed", NULL, false, true},
	[PHANTOM_TAKEN] = {"taken", "is-at", true, true},
	[PHANTOM_DEFENDED] = {"defended", "against", false, true},
	[PHANTOM_YIELDED] = {"yielded", "to", true, true},
	[PHANTOM_ANSWERED] = {"answered", "asked by", false, false},
	[PHANTOM_PINGED] = {"pinged", "by", false, false},
};

void phantom_tell(void *arg, enum phantom_news news, const struct addr *who,
		  const struct mac *other)
{
	struct phantom_tool *t = arg;
	struct rec *r = record_start(&t->run->out, &event_record);
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX], others[MAC_TEXT_MAX];

	addr_text(who, addr);
	mac_text(&t->host.mac, mac);
	mac_text(other, others);
	t->n_conflicts += told[news].is_conflict;
	rec_str(r, "what", told[news].word);
	rec_str(r, "addr", addr);
	rec_str(r, "mac", mac);
	if (told[news].line)
		rec_str(r, "other", others);
	rec_num(r, "at_ms", (double)(clock_mono(t->run->clock) - t->start_ns) / NS_PER_MS);
	record_write(&t->run->out, r);
	if (t->run->options.is_quiet || (!told[news].is_loud && !t->run->options.verbose))
		return;
	out_text(&t->run->out, "%s %s %s %s\n", told[news].word, addr,
		 told[news].line ? told[news].line : "is-at", told[news].line ? others : mac);
}

void phantom_trace(void *arg, bool is_outgoing, const uint8_t *frame, size_t len, uint64_t wall_ns,
		   const char *comment)
{
	struct phantom_tool *t = arg;
	const struct trace_packet p = {
		.is_frame = true,
		.is_outgoing = is_outgoing,
		.message = frame,
		.len = len,
		.wall_ns = wall_ns ? wall_ns : clock_wall(t->run->clock),
		.comment = comment,
	};

	if (t->trace)
		trace_add(t->trace, &p);
}

/* All that was asked about is decided: the command may run, the time begins to count. */
static void decided(struct phantom_tool *t, uint64_t now_ns)
{
	if (!phantom_n_claimed(&t->host) || (t->command && t->n_conflicts)) {
		t->is_over = true;
		return;
	}
	if (t->hold_ns && !t->end_ns)
		t->end_ns = now_ns + t->hold_ns;
	if (t->has_child && !t->is_child_started) {
		t->is_child_started = true;
		child_start(&t->child);
	}
}

static uint64_t step(void *arg)
{
	struct phantom_tool *t = arg;
	struct link_in in[BATCH];
	uint64_t now_ns, due_ns;
	int n = link_recv(t->host.link, in, BATCH, &t->host.why);

	if (n < 0 && n != E_AGAIN)
		t->host.is_broken = true;
	for (int i = 0; i < n; i++)
		phantom_receive(&t->host, &in[i], clock_mono(t->run->clock));
	now_ns = clock_mono(t->run->clock);
	phantom_timer(&t->host, now_ns);
	if (!phantom_n_undecided(&t->host))
		decided(t, now_ns);
	if (t->is_child_started && child_take(&t->child, &t->child_status))
		t->is_over = true;
	t->is_over |= t->host.is_broken || (t->end_ns && now_ns >= t->end_ns);
	if (n > 0)
		return 0;
	due_ns = phantom_due_ns(&t->host);
	return t->end_ns && t->end_ns < due_ns ? t->end_ns : due_ns;
}

static bool is_over(const void *arg)
{
	return ((const struct phantom_tool *)arg)->is_over;
}

static void stop(void *arg)
{
	struct phantom_tool *t = arg;

	t->is_stopped = t->is_over = true;
}

static void tell_status(void *arg)
{
	const struct phantom_tool *t = arg;

	fprintf(stderr, "\r%u of %u addresses claimed, %llu questions answered, %llu pings\n",
		phantom_n_claimed(&t->host), t->host.n, (unsigned long long)t->host.answers,
		(unsigned long long)t->host.pings);
}

static unsigned poll_fds(const void *arg, int *fds)
{
	const struct phantom_tool *t = arg;

	fds[0] = t->host.link->fd;
	fds[1] = t->child.status_fd;
	return t->has_child ? 2 : 1;
}

static void summary(struct phantom_tool *t)
{
	struct rec *r = record_start(&t->run->out, &summary_record);
	char mac[MAC_TEXT_MAX];

	rec_str(r, "interface", t->iface.name);
	rec_str(r, "mac", mac_text(&t->host.mac, mac));
	rec_int(r, "claimed", phantom_n_claimed(&t->host));
	rec_int(r, "conflicts", t->n_conflicts);
	rec_int(r, "answers", (int64_t)t->host.answers);
	rec_int(r, "pings", (int64_t)t->host.pings);
	rec_num(r, "elapsed_ms", (double)(clock_mono(t->run->clock) - t->start_ns) / NS_PER_MS);
	record_write(&t->run->out, r);
}

int phantom_run(struct phantom_tool *t)
{
	static const struct tool_machine machine = {step, is_over, stop, tell_status, poll_fds};

	t->start_ns = clock_mono(t->run->clock);
	phantom_start(&t->host, t->start_ns);
	tool_drive(t->run, &machine, t);
	t->run->reason = t->is_stopped ? "interrupted" : "done";
	summary(t);
	if (t->host.is_broken)
		return tool_fail(t->run, &t->host.why);
	if (t->n_conflicts)
		return PHANTOM_EXIT_CONFLICT;
	return t->is_child_started ? t->child_status : EXIT_ANSWERED;
}
