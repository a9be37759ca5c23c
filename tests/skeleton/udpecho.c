/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udpecho - the seventh tool: asks UDP echo services (RFC 862). It is whole, and shows what a probe
 * tool has to bring: its fields, how a question is built, how an answer is judged, how it is told.
 * Pacing, timeouts, many targets, duplicates, late answers, names, JSON and the exit come with it.
 */
#include "base/num.h"
#include "cli/tool.h"
#include "engine/cookie.h"
#include "io/sock.h"

struct udpecho {
	uint64_t port;
	struct run *run;
	struct engine *engine;
	struct sipkey key;
};

static const struct field reply_fields[] = {
	{"target", FIELD_STRING, "", "What was asked, as typed."},
	{"seq", FIELD_INT, "", "Which probe was answered, from 1."},
	{"rtt_ms", FIELD_NUMBER, "ms", "Round-trip time."},
	{"verdict", FIELD_STRING, "", "ok, duplicate, late, forged or foreign."},
};

static const struct record_type reply_record =
	RECORD_TYPE("reply", "An echoed datagram.", reply_fields);
static const struct record_type *const records[] = {&reply_record, &record_error, &record_end};

/* The question: its data is the mark alone, cookie and probe number. */
static int build(void *tool, const struct probe *probe, struct wr *out)
{
	struct udpecho *u = tool;

	wr_u64(out, cookie_make(&u->key, &probe->target->addr, (uint16_t)probe->seq, probe->n));
	wr_u64(out, probe->n);
	return wr_done(out);
}

/* An answer brings the data back, and so does an error that quotes it. The cookie proves both. */
static void judge(void *tool, const struct link_in *in, struct judgement *out)
{
	struct udpecho *u = tool;
	struct rd r = rd_make(in->bytes, in->len);
	uint64_t cookie = rd_u64(&r), n = rd_u64(&r);
	struct probe *probe = probe_get(engine_probes(u->engine), n);
	bool is_error = in->kind == LINK_ERROR;

	if (rd_done(&r) < 0 || !probe || in->error.is_local)
		return;
	out->kind = is_error ? JUDGED_ERROR : JUDGED_ANSWER;
	out->probe = probe;
	if (cookie != cookie_make(&u->key, &probe->target->addr, (uint16_t)probe->seq, n))
		out->verdict = VERDICT_FORGED;
	else if (!is_error && (in->port != u->port || !addr_same(&in->from, &probe->target->addr)))
		out->verdict = VERDICT_FOREIGN;
}

static void tell_answer(struct udpecho *u, const struct event *ev, const char *name)
{
	struct rec *r = record_start(&u->run->out, &reply_record);

	rec_str(r, "target", name);
	rec_int(r, "seq", ev->seq);
	rec_num(r, "rtt_ms", (double)ev->rtt_ns / NS_PER_MS);
	rec_str(r, "verdict", verdict_word(ev->verdict));
	record_write(&u->run->out, r);
	out_text(&u->run->out, "%s: seq=%u time=%.3f ms (%s)\n", name, ev->seq,
		 (double)ev->rtt_ns / NS_PER_MS, verdict_word(ev->verdict));
}

static void report(void *tool, const struct event *ev)
{
	struct udpecho *u = tool;
	char text[ADDR_TEXT_MAX];
	const char *name = ev->target ? target_text(ev->target, text) : ev->word;

	if (ev->kind == EVENT_ANSWER)
		tell_answer(u, ev, name);
	else if (ev->kind == EVENT_TIMEOUT || ev->kind == EVENT_ERROR)
		tool_say(u->run, "%s: %s seq=%u", name,
			 ev->kind == EVENT_ERROR ? "refused" : "no answer", ev->seq);
	else if (ev->why)
		tool_say(u->run, "%s: %s", name, ev->why->text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct udpecho *u = options_input(state);
	struct options *shared = options_of(state);
	struct why why;

	if (key == 'p')
		return num_u64(arg, 1, 65535, &u->port, &why) < 0 ?
			       options_fault(state, "-p", arg, why.text) :
			       0;
	if (key == ARGP_KEY_ARG)
		return targets_add(shared->targets, arg, &shared->fault) < 0 ? EINVAL : 0;
	return ARGP_ERR_UNKNOWN;
}

static int run(struct run *run, void *input)
{
	struct udpecho *u = input;
	const struct probe_ops ops = {
		build, judge, report, NULL, COOKIE_MARK_LEN, (uint16_t)u->port, false,
		NULL,  NULL,  NULL,   NULL};
	struct engine_opts opts = tool_engine_opts(run, NS_PER_S);
	struct sock_opts sock = {
		.kind = SOCK_KIND_UDP, .ttl = -1, .mcast_ttl = -1, .tos = -1, .max_packet = 16};
	struct engine_env env = {.clock = run->clock, .targets = run->options.targets};
	enum sock_kind kind;
	uint16_t port;
	struct why why;
	int status;

	u->run = run;
	rnd_fill(&run->rnd, &u->key, sizeof(u->key));
	status = tool_names(run, &env.names, &why);
	if (!status)
		status = sock_open(&sock, &env.link4, &port, &kind, &why);
	sock.is_v6 = true;
	if (!status)
		status = sock_open(&sock, &env.link6, &port, &kind, &why);
	if (!status)
		status = tool_lock_down(run, &why);
	if (!status)
		status = tool_ask(run, &env, &opts, &ops, u, &u->engine);
	engine_free(u->engine);
	names_close(env.names);
	link_close(env.link4);
	link_close(env.link6);
	return status < 0 ? tool_fail(run, &why) : status;
}

int main(int argc, char **argv)
{
	static const struct argp_option own[] = {{"port", 'p', "PORT", 0, "UDP port (7)", 0}, {0}};
	static const struct tool tool = {
		.name = "udpecho",
		.records = records,
		.n_records = sizeof(records) / sizeof(records[0]),
		.run = run,
		.options = {"46cinqvwWhV", own, parse, "TARGET...",
			    "Ask UDP echo services (RFC 862)."},
	};
	struct udpecho u = {.port = 7};

	return tool_main(&tool, &u, argc, argv);
}
