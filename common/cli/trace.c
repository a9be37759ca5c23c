/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/trace.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "build/pkt.h"
#include "cli/trace_impl.h"
#include "io/frames.h"
#include "out/explain_text.h"
#include "out/hexdump.h"

static unsigned terminal_width(int fd)
{
	struct winsize ws;

	return ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col ? ws.ws_col : 132;
}

static int open_tap(struct trace *t, uint32_t ifindex, const char *filter)
{
	struct frames_opts opts = {.ifindex = ifindex, .filter = filter};
	struct why why;

	if (frames_open(&opts, &t->tap, &why) == 0)
		return 0;
	t->tap = NULL;
	if (t->run->options.verbose)
		tool_say(t->run, "no tap (%s): IP headers are rebuilt from what the socket tells", why.text);
	return E_PERM;
}

int trace_open(struct run *run, uint32_t ifindex, const char *filter, struct trace **out, struct why *why)
{
	const struct options *o = &run->options;
	struct savefile_opts file = {.program = run->out.tool};
	struct trace *t;
	int err;

	*out = NULL;
	if (!o->is_explain && !o->is_hex && !o->pcap)
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return why_set(why, E_MEM, "out of memory");
	t->run = run;
	t->width = terminal_width(STDOUT_FILENO);
	err = tool_netlink(run, why);
	if (!err)
		(void)open_tap(t, ifindex, filter);
	/* Interfaces may have different link headers, so a file of several begins at IP. */
	t->saves = t->tap && ifindex ? t->tap->layer : LINK_L3;
	file.layer = t->saves;
	if (!err && o->pcap)
		err = savefile_open(o->pcap, &file, &t->file, why);
	if (err < 0) {
		trace_free(t);
		return err;
	}
	*out = t;
	return 0;
}

void trace_free(struct trace *t)
{
	link_close(t->tap);
	for (unsigned i = 0; i < TRACE_FRAMES; i++)
		free(t->frames[i].bytes);
	for (unsigned i = 0; i < t->n_waiting; i++)
		free(t->waiting[i].message);
	free(t);
}

/* Takes what the tap has seen into the ring, over the oldest. */
static void pull(struct trace *t)
{
	struct link_in in[16];
	struct why why;
	int n;

	while (t->tap && (n = link_recv(t->tap, in, 16, &why)) > 0) {
		for (int i = 0; i < n; i++) {
			struct trace_frame *f = &t->frames[t->next_frame++ % TRACE_FRAMES];
			uint8_t *bytes = in[i].kind == LINK_PACKET ? malloc(in[i].len + 1) : NULL;

			if (!bytes)
				continue;
			free(f->bytes);
			memcpy(bytes, in[i].bytes, in[i].len);
			*f = (struct trace_frame){
				.bytes = bytes, .len = in[i].len, .layer = in[i].layer,
				.is_outgoing = in[i].is_outgoing, .is_csum_partial = in[i].is_csum_partial,
				.wall_ns = in[i].wall_ns,
			};
		}
	}
}

/* The oldest frame seen that holds the message; it is then used up. */
static struct trace_frame *find_frame(struct trace *t, bool is_outgoing, const uint8_t *message, size_t len)
{
	for (unsigned i = 0; i < TRACE_FRAMES; i++) {
		struct trace_frame *f = &t->frames[(t->next_frame + i) % TRACE_FRAMES];

		if (f->bytes && !f->is_used && f->is_outgoing == is_outgoing && memmem(f->bytes, f->len, message, len)) {
			f->is_used = true;
			return f;
		}
	}
	return NULL;
}

/* Puts an IP header before a message that no tap saw. */
static bool rebuild(const struct trace_packet *p, struct wr *w)
{
	struct pkt *builder = pkt_new();
	struct pkt_spec spec = {
		.from = PKT_FROM_IP, .kind = PKT_RAW,
		.ip = {.src = p->src, .dst = p->dst, .ttl = (uint8_t)(p->ttl >= 0 ? p->ttl : 64), .proto = p->proto},
		.payload = p->message, .payload_len = p->len,
	};
	int err = builder ? pkt_build(builder, &spec, w, NULL) : E_MEM;

	pkt_free(builder);
	return err == 0;
}

static void save(struct trace *t, const struct trace_frame *f, const char *comment)
{
	struct savefile_packet packet = {
		.wall_ns = f->wall_ns, .bytes = f->bytes, .len = f->len, .wire_len = f->len,
		.way = f->is_outgoing ? SAVE_OUT : SAVE_IN, .comment = comment,
	};
	struct dissect d;
	struct why why;

	if (t->saves == LINK_L3 && f->layer == LINK_L2) {
		(void)dissect_packet(DISSECT_L2, f->bytes, f->len, &d);
		packet.bytes += d.n_layers ? d.layers[0].hdr_len : 0;
		packet.len = packet.wire_len = f->len - (size_t)(packet.bytes - f->bytes);
	}
	if (savefile_write(t->file, &packet, &why) < 0 && !t->is_file_lost) {
		t->is_file_lost = true;
		(void)tool_fail(t->run, &why);
	}
}

static void show(struct trace *t, const struct trace_frame *f, const struct trace_packet *p)
{
	const struct options *o = &t->run->options;
	struct explain_packet whole = {
		.start = f->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, .bytes = f->bytes, .len = f->len,
		.is_csum_partial = f->is_csum_partial, .parts = p->parts, .n_parts = p->n_parts,
	};
	FILE *to = t->run->out.file;

	if (t->file)
		save(t, f, p->comment);
	if (t->run->out.is_json && (o->is_explain || o->is_hex)) {
		trace_record(t, &whole, f, p->comment);
		return;
	}
	if (!o->is_explain && !o->is_hex)
		return;
	fprintf(to, "%s %zu octets%s: %s\n", p->is_outgoing ? "sent" : "received", f->len,
		f->is_rebuilt ? ", IP header rebuilt (the socket does not show it)" : "", p->comment);
	if (o->is_explain)
		explain_text(to, t->width, &whole);
	if (o->is_hex)
		hexdump(to, f->bytes, f->len);
}

/* Shows a packet by its frame, or if @is_final by the best that is known. Returns false if it must wait. */
static bool show_by_frame(struct trace *t, const struct trace_packet *p, bool is_final)
{
	struct trace_frame *seen = find_frame(t, p->is_outgoing, p->message, p->len);
	struct trace_frame rebuilt = {
		.is_outgoing = p->is_outgoing, .wall_ns = p->wall_ns, .layer = LINK_L3, .is_rebuilt = true,
	};
	struct wr w;

	if (seen) {
		show(t, seen, p);
		return true;
	}
	if (!is_final)
		return false;
	w = wr_make(malloc(p->len + 60), p->len + 60);
	if (w.buf && rebuild(p, &w)) {
		rebuilt.bytes = w.buf;
		rebuilt.len = w.len;
		show(t, &rebuilt, p);
	}
	free(w.buf);
	return true;
}

/* Shows the packets that were sent and waited for their frames; @is_final: whether seen or not. */
static void show_waiting(struct trace *t, bool is_final)
{
	while (t->n_waiting) {
		struct trace_waiting *first = &t->waiting[0];

		first->packet.message = first->message;
		first->packet.comment = first->comment;
		first->packet.parts = first->parts;
		if (!show_by_frame(t, &first->packet, is_final))
			return;
		free(first->message);
		memmove(first, first + 1, --t->n_waiting * sizeof(*first));
	}
}

/* Whoever waits for its frame keeps a copy of what it was told. */
static void wait_for_frame(struct trace *t, const struct trace_packet *p)
{
	struct trace_waiting *w;
	uint8_t *copy;

	if (t->n_waiting == TRACE_WAITING)
		show_waiting(t, true);
	copy = malloc(p->len + 1);
	if (!copy)
		return;
	w = &t->waiting[t->n_waiting++];
	memcpy(copy, p->message, p->len);
	w->packet = *p;
	w->message = copy;
	snprintf(w->comment, sizeof(w->comment), "%s", p->comment);
	w->packet.n_parts = p->n_parts < TRACE_PARTS ? p->n_parts : TRACE_PARTS;
	memcpy(w->parts, p->parts, w->packet.n_parts * sizeof(*p->parts));
}

void trace_add(struct trace *t, const struct trace_packet *p)
{
	pull(t);
	if (p->is_outgoing) {
		wait_for_frame(t, p);
		show_waiting(t, !t->tap);
		return;
	}
	show_waiting(t, true);
	(void)show_by_frame(t, p, true);
}

int trace_close(struct trace *t, struct why *why)
{
	int err;

	if (!t)
		return 0;
	pull(t);
	show_waiting(t, true);
	err = savefile_close(t->file, why);
	trace_free(t);
	return err;
}
