/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace_frames - the frames that the taps have seen, and which of them hold a message.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/trace_impl.h"

static void remember(struct trace *t, const struct link_in *in)
{
	struct trace_frame *f = &t->frames[t->next_frame++ % TRACE_FRAMES];
	uint8_t *bytes = malloc(in->len + 1);

	if (!bytes)
		return;
	free(f->bytes);
	memcpy(bytes, in->bytes, in->len);
	*f = (struct trace_frame){
		.bytes = bytes,
		.len = in->len,
		.layer = in->layer,
		.is_outgoing = in->is_outgoing,
		.is_csum_partial = in->is_csum_partial,
		.wall_ns = in->wall_ns,
	};
}

void trace_pull(struct trace *t)
{
	struct link_in in[16];
	int n;

	for (unsigned tap = 0; tap < t->n_taps; tap++)
		while ((n = link_recv(t->taps[tap], in, 16, NULL)) > 0)
			for (int i = 0; i < n; i++)
				if (in[i].kind == LINK_PACKET)
					remember(t, &in[i]);
}

/*
 * Octets 2 and 3 of ICMP are the checksum, which the kernel may have filled in behind our back.
 * Type and code tell an answer from the question, which arrives too where we ask ourselves.
 */
static size_t skipped(const struct trace_packet *p)
{
	return p->len >= 8 && !p->is_payload ? 4 : 0;
}

static bool holds(const struct trace_frame *f, const struct trace_packet *p)
{
	size_t skip = skipped(p);
	const uint8_t *found = memmem(f->bytes, f->len, p->message + skip, p->len - skip);

	return found && (size_t)(found - f->bytes) >= skip &&
	       memcmp(found - skip, p->message, skip / 2) == 0;
}

/* Where a fragment stands in its packet, and which packet that is. */
struct place {
	uint32_t id;
	size_t off, len;
	bool has_more;
	const uint8_t *bytes;
};

static bool find_place(const struct trace_frame *f, struct place *out)
{
	const struct layer *ip;
	struct dissect d;

	(void)dissect_packet(f->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3, f->bytes, f->len, &d);
	if (!d.is_fragment)
		return false;
	ip = dissect_layer(&d, LAYER_IP4);
	if (ip)
		*out = (struct place){.id = d.ip4.id, .off = d.ip4.frag_off, .has_more = d.ip4.mf};
	else
		*out = (struct place){
			.id = d.ip6.frag_id, .off = d.ip6.frag_off, .has_more = d.ip6.mf};
	if (!ip)
		ip = dissect_layer(&d, LAYER_IP6);
	out->bytes = f->bytes + ip->off + ip->hdr_len;
	out->len = ip->len - ip->hdr_len;
	return true;
}

/* Whether the octets of the fragment are those of the message at its place. */
static bool is_part(const struct place *at, const struct trace_packet *p)
{
	size_t skip = at->off ? 0 : skipped(p);

	if (at->off > p->len || at->len > p->len - at->off || at->len < skip ||
	    at->has_more == (at->off + at->len == p->len))
		return false;
	return memcmp(at->bytes, p->message + at->off, skip / 2) == 0 &&
	       memcmp(at->bytes + skip, p->message + at->off + skip, at->len - skip) == 0;
}

static void find_fragments(struct trace *t, const struct trace_packet *p, struct trace_found *out)
{
	struct place at;
	uint32_t id = 0;

	for (unsigned i = 0; i < TRACE_FRAMES && out->n < TRACE_PIECES; i++) {
		struct trace_frame *f = &t->frames[(t->next_frame + i) % TRACE_FRAMES];

		if (!f->bytes || f->is_used || f->is_outgoing != p->is_outgoing ||
		    !find_place(f, &at) || (out->n && at.id != id) || !is_part(&at, p))
			continue;
		id = at.id;
		out->pieces[out->n++] = (struct trace_piece){f, at.off, at.len};
	}
}

void trace_find(struct trace *t, const struct trace_packet *p, bool is_final,
		struct trace_found *out)
{
	size_t seen = 0;

	*out = (struct trace_found){.n = 0};
	for (unsigned i = 0; i < TRACE_FRAMES; i++) {
		struct trace_frame *f = &t->frames[(t->next_frame + i) % TRACE_FRAMES];

		if (f->bytes && !f->is_used && f->is_outgoing == p->is_outgoing && holds(f, p)) {
			f->is_used = true;
			out->pieces[out->n++] = (struct trace_piece){f, 0, p->len};
			return;
		}
	}
	if (p->is_payload || p->error) /* their place in the packet is not known */
		return;
	find_fragments(t, p, out);
	out->is_cut = out->n > 0;
	for (unsigned i = 0; i < out->n; i++)
		seen += out->pieces[i].len;
	if (seen < p->len && !is_final)
		out->n = 0;
	for (unsigned i = 0; i < out->n; i++)
		out->pieces[i].frame->is_used = true;
}
