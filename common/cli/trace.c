/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/trace.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "build/pkt.h"
#include "cli/trace_impl.h"
#include "io/frames.h"
#include "out/explain_text.h"
#include "out/fold.h"
#include "out/hexdump.h"
#include "wire/csum.h"
#include "wire/ip6.h"

#define HEAD_INDENT 4   /* columns, where the line that heads a packet goes on */
#define ERROR_MAX 1280u /* RFC 4443 2.4 (c): octets of an ICMPv6 error; RFC 1812: 576 of ICMP */
#define ETHERNET_LEN 14u

/* Columns of the reader's terminal, or as the environment says (POSIX 8.3); 0 for no matter. */
static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	uint64_t n;

	if (columns && num_u64(columns, 1, 10000, &n, NULL) == 0)
		return (unsigned)n;
	return ioctl(fd, TIOCGWINSZ, &ws) == 0 ? ws.ws_col : 0;
}

/* Each interface has a tap of its own, for a tap of all of them shows no link headers. */
static void open_taps(struct trace *t, uint32_t ifindex, const char *filter)
{
	struct if_nameindex *all = if_nameindex();
	struct why why = {0};

	for (struct if_nameindex *i = all; i && i->if_index && t->n_taps < TRACE_TAPS; i++) {
		struct frames_opts opts = {.ifindex = i->if_index, .filter = filter};

		if ((!ifindex || i->if_index == ifindex) &&
		    frames_open(&opts, &t->taps[t->n_taps], &why) == 0)
			t->n_taps++;
	}
	if (all) /* NULL: no memory, no descriptor */
		if_freenameindex(all);
	if (!t->n_taps && t->run->options.verbose)
		tool_say(t->run, "no tap (%s): IP headers are rebuilt from what the socket tells",
			 why.text);
}

/* A file has one link type: Ethernet if every tap has it, else it begins at IP. */
static enum link_layer layer_to_save(const struct trace *t)
{
	for (unsigned i = 0; i < t->n_taps; i++)
		if (t->taps[i]->layer != LINK_L2)
			return LINK_L3;
	return t->n_taps || t->gets_frames ? LINK_L2 : LINK_L3;
}

int trace_open(struct run *run, uint32_t ifindex, const char *filter, struct trace **out,
	       struct why *why)
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
	t->gets_frames = !filter;
	if (!err && filter)
		open_taps(t, ifindex, filter);
	t->saves = file.layer = layer_to_save(t);
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
	for (unsigned i = 0; i < t->n_taps; i++)
		link_close(t->taps[i]);
	for (unsigned i = 0; i < TRACE_FRAMES; i++)
		free(t->frames[i].bytes);
	for (unsigned i = 0; i < t->n_waiting; i++)
		free(t->waiting[i].message);
	free(t);
}

static bool build(const struct pkt_spec *spec, struct wr *w)
{
	struct pkt *builder = pkt_new();
	int err = builder ? pkt_build(builder, spec, w, NULL) : E_MEM;

	pkt_free(builder);
	return err == 0;
}

/* A message behind an IP header. */
static struct pkt_spec around(const struct trace_packet *p, const struct addr *src,
			      const struct addr *dst, int ttl, size_t len)
{
	return (struct pkt_spec){
		.from = PKT_FROM_IP,
		.kind = PKT_RAW,
		.ip = {.src = *src, .dst = *dst, .ttl = (uint8_t)ttl, .proto = p->proto},
		.payload = p->message,
		.payload_len = len,
	};
}

/* Puts the error together again of which the error queue told only the parts. */
static bool rebuild_error(const struct trace_packet *p, struct wr *w)
{
	uint8_t quote_space[ERROR_MAX], body_space[ERROR_MAX];
	struct wr quote = wr_make(quote_space, sizeof(quote_space));
	struct wr body = wr_make(body_space, sizeof(body_space));
	size_t len = p->quote_len < p->len ? p->quote_len : p->len;
	struct recipe_error error = *p->error;
	struct pkt_spec spec;

	if (len > ERROR_MAX - IP6_HDR_LEN)
		len = ERROR_MAX - IP6_HDR_LEN;
	spec = around(p, &p->dst, &p->quoted_dst, 1, len);
	if (!build(&spec, &quote))
		return false;
	error.quote = quote.buf;
	error.quote_len = quote.len;
	spec = recipe_error(&p->src, &p->dst, &error, &body);
	if (p->ttl >= 0)
		spec.ip.ttl = (uint8_t)p->ttl;
	return wr_done(&body) == 0 && build(&spec, w);
}

/* Puts IP and UDP or TCP before what they carry; of TCP only the ports are known. */
static bool rebuild_payload(const struct trace_packet *p, struct wr *w)
{
	struct addr any = {.len = p->dst.len};
	struct pkt_spec spec = around(p, p->src.len ? &p->src : &any, &p->dst, 64, p->len);

	if (p->proto == IPPROTO_UDP) {
		spec.kind = PKT_UDP;
		spec.udp = (struct pkt_udp){p->src_port, p->dst_port};
	} else {
		spec.kind = PKT_TCP;
		spec.tcp = (struct pkt_tcp){
			.src_port = p->src_port, .dst_port = p->dst_port, .flags = 0x18};
	}
	return build(&spec, w);
}

/*
 * Puts an IP header before a message that no tap saw, and the sum into ICMPv6 that the kernel was
 * to fill in.
 */
static bool rebuild(const struct trace_packet *p, struct wr *w)
{
	struct pkt_spec spec = around(p, &p->src, &p->dst, p->ttl >= 0 ? p->ttl : 64, p->len);

	if (p->is_payload)
		return rebuild_payload(p, w);
	if (p->error)
		return rebuild_error(p, w);
	if (!build(&spec, w))
		return false;
	if (p->proto == IPPROTO_ICMPV6 && p->len >= 4) {
		uint8_t *message = w->buf + (w->len - p->len);

		if (!message[2] && !message[3])
			put_u16(message + 2, csum_l4(&p->src, &p->dst, p->proto, message, p->len));
	}
	return true;
}

/* What no tap has seen has no link header: in a file of packets that have one it gets zeros. */
static uint8_t *behind_ethernet(const struct trace_frame *f)
{
	uint8_t *frame = calloc(1, ETHERNET_LEN + f->len);

	if (!frame)
		return NULL;
	put_u16(frame + ETHERNET_LEN - 2, f->len && f->bytes[0] >> 4 == 6 ? ETH_IP6 : ETH_IP4);
	memcpy(frame + ETHERNET_LEN, f->bytes, f->len);
	return frame;
}

static void save(struct trace *t, const struct trace_frame *f, const char *comment)
{
	struct savefile_packet packet = {
		.wall_ns = f->wall_ns,
		.bytes = f->bytes,
		.len = f->len,
		.wire_len = f->len,
		.way = f->is_outgoing ? SAVE_OUT : SAVE_IN,
		.comment = comment,
	};
	uint8_t *frame = NULL;
	struct dissect d;
	struct why why;

	if (t->saves == LINK_L2 && f->layer == LINK_L3) {
		frame = behind_ethernet(f);
		t->run->out.is_lost |= !frame;
		if (!frame)
			return;
		packet.bytes = frame;
		packet.len = packet.wire_len = ETHERNET_LEN + f->len;
	}
	if (t->saves == LINK_L3 && f->layer == LINK_L2) {
		(void)dissect_packet(DISSECT_L2, f->bytes, f->len, &d);
		packet.bytes += d.n_layers ? d.layers[0].hdr_len : 0;
		packet.len = packet.wire_len = f->len - (size_t)(packet.bytes - f->bytes);
	}
	if (savefile_write(t->file, &packet, &why) < 0 && !t->is_file_lost) {
		t->is_file_lost = true;
		(void)tool_fail(t->run, &why);
	}
	free(frame);
}

static void show(struct trace *t, const struct trace_frame *f, const struct trace_packet *p)
{
	const struct options *o = &t->run->options;
	struct explain_packet whole = {
		.start = p->is_frame         ? p->frame_start :
			 f->layer == LINK_L2 ? DISSECT_L2 :
					       DISSECT_L3,
		.bytes = f->bytes,
		.len = f->len,
		.is_csum_partial = f->is_csum_partial,
		.parts = p->parts,
		.n_parts = p->n_parts,
		.shows_sums = o->verbose > 0,
		.dns_port = p->dns_port,
	};
	FILE *to = t->run->out.file;
	int at;

	if (t->file && whole.start <= DISSECT_L3) /* a file holds whole packets */
		save(t, f, p->comment);
	if (t->run->out.is_json && (o->is_explain || o->is_hex)) {
		trace_record(t, &whole, f, p->comment);
		return;
	}
	if (!o->is_explain && !o->is_hex)
		return;
	at = fprintf(to, "%s %zu octets%s: ", p->is_outgoing ? "sent" : "received", f->len,
		     !f->is_rebuilt ? "" :
		     p->is_payload  ? ", headers rebuilt (the socket does not show them)" :
				      ", IP header rebuilt (the socket does not show it)");
	fold_print(to, at, HEAD_INDENT, (int)t->width, p->comment);
	if (o->is_explain)
		explain_text(to, t->width, &whole);
	if (o->is_hex)
		hexdump(to, f->bytes, f->len);
}

/* What no tap has seen, as well as it is known. */
static void show_rebuilt(struct trace *t, const struct trace_packet *p)
{
	struct trace_frame rebuilt = {
		.is_outgoing = p->is_outgoing,
		.wall_ns = p->wall_ns,
		.layer = LINK_L3,
		.is_rebuilt = true,
	};
	struct wr w = wr_make(malloc(p->len + ERROR_MAX), p->len + ERROR_MAX);

	t->run->out.is_lost |= !w.buf;
	if (w.buf && rebuild(p, &w)) {
		rebuilt.bytes = w.buf;
		rebuilt.len = w.len;
		show(t, &rebuilt, p);
	}
	free(w.buf);
}

/* A packet that the caller has whole. */
static void show_given(struct trace *t, const struct trace_packet *p)
{
	struct trace_frame given = {
		.bytes = (uint8_t *)(uintptr_t)p->message,
		.len = p->len,
		.layer = p->frame_start == DISSECT_L2 ? LINK_L2 : LINK_L3,
		.is_outgoing = p->is_outgoing,
		.is_csum_partial = p->is_csum_partial,
		.wall_ns = p->wall_ns,
	};

	show(t, &given, p);
}

/* Each fragment is a packet of its own on the wire, so it is one here. */
static void show_fragments(struct trace *t, const struct trace_packet *p,
			   const struct trace_found *found)
{
	for (unsigned i = 0; i < found->n; i++) {
		const struct trace_piece *piece = &found->pieces[i];
		char comment[256];
		struct trace_packet one = *p;

		snprintf(comment, sizeof(comment),
			 "fragment %u of %u, octets %zu to %zu of %zu: %s", i + 1, found->n,
			 piece->off, piece->off + piece->len - 1, p->len, p->comment);
		one.comment = comment;
		if (piece->off) /* the parts are told by their place behind the L4 header */
			one.n_parts = 0;
		show(t, piece->frame, &one);
	}
}

/*
 * Shows a packet by its frame, or if @is_final by the best that is known. Returns false if it must
 * wait.
 */
static bool show_by_frame(struct trace *t, const struct trace_packet *p, bool is_final)
{
	struct trace_found found = {.n = 0};

	if (p->is_frame) {
		show_given(t, p);
		return true;
	}
	trace_find(t, p, is_final, &found);
	for (unsigned i = 0; i < found.n; i++)
		if (!found.pieces[i].frame->wall_ns)
			/* the kernel begins to stamp a moment after it was asked to */
			found.pieces[i].frame->wall_ns = p->wall_ns;
	if (found.n == 1 && !found.is_cut)
		show(t, found.pieces[0].frame, p);
	else if (found.n)
		show_fragments(t, p, &found);
	else if (is_final)
		show_rebuilt(t, p);
	return found.n || is_final;
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
	t->run->out.is_lost |= !copy;
	if (!copy)
		return;
	w = &t->waiting[t->n_waiting++];
	memcpy(copy, p->message, p->len);
	w->packet = *p;
	w->message = copy;
	snprintf(w->comment, sizeof(w->comment), "%s", p->comment);
	w->packet.n_parts = p->n_parts < TRACE_PARTS ? p->n_parts : TRACE_PARTS;
	if (w->packet.n_parts)
		memcpy(w->parts, p->parts, w->packet.n_parts * sizeof(*p->parts));
}

void trace_add(struct trace *t, const struct trace_packet *p)
{
	trace_pull(t);
	if (p->is_outgoing && !p->is_frame) {
		wait_for_frame(t, p);
		show_waiting(t, !t->n_taps);
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
	trace_pull(t);
	show_waiting(t, true);
	err = savefile_close(t->file, why);
	trace_free(t);
	return err;
}
