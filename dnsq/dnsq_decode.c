/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsq_decode - explains what others have captured: a pcap or pcapng file, or a message in hex. */
#include <stdlib.h>
#include <string.h>

#include "base/radix.h"
#include "dnsq.h"
#include "io/savefile.h"

#define HEX_MAX (DNS_MESSAGE_MAX * 4)

/* Hexadecimal with any blanks, line ends and comments behind # between the digits. */
static int read_hex(const char *text, size_t len, struct wr *out)
{
	struct radix_reader reader = {.radix = RADIX_16};
	bool is_comment = false;

	for (size_t i = 0; i < len; i++) {
		is_comment = text[i] == '#' || (is_comment && text[i] != '\n');
		if (is_comment || (text[i] && strchr(" \t\r\n", text[i])))
			continue;
		if (radix_read(&reader, text + i, 1, out) < 0)
			return E_BAD;
	}
	return radix_end(&reader) < 0 || wr_done(out) < 0 || !out->len ? E_BAD : 0;
}

static int open_hex(struct dnsq *d, struct why *why)
{
	FILE *f = fopen(d->decode, "re");
	char *text = f ? malloc(HEX_MAX) : NULL;
	size_t len = text ? fread(text, 1, HEX_MAX, f) : 0;
	struct wr w;
	int err = E_BAD;

	d->message = malloc(DNS_MESSAGE_MAX);
	if (text && d->message) {
		w = wr_make(d->message, DNS_MESSAGE_MAX);
		err = read_hex(text, len, &w);
		d->message_len = w.len;
	}
	free(text);
	if (f)
		fclose(f);
	if (!err)
		return 0;
	return why_set(why, E_BAD, "'%.200s' is neither a capture nor a DNS message in hexadecimal",
		       d->decode);
}

int decode_open(struct dnsq *d, struct why *why)
{
	int err = savefile_read(d->decode, &d->capture, why);

	if (err == E_BAD || err == E_TRUNC)
		err = open_hex(d, why);
	if (!err && !d->run->options.is_hex)
		d->run->options.is_explain = true;
	return err ? err : trace_open(d->run, 0, NULL, &d->evidence, why);
}

static void explain_packet(struct dnsq *d, const struct link_in *in)
{
	struct trace_packet p = {
		.is_outgoing = in->is_outgoing,
		.is_frame = true,
		.frame_start = in->layer == LINK_L2 ? DISSECT_L2 : DISSECT_L3,
		.message = in->bytes,
		.len = in->len,
		.wall_ns = in->wall_ns,
		.dns_port = d->port,
		.comment = in->wire_len > in->len ? "captured, cut short" : "captured",
	};

	trace_add(d->evidence, &p);
}

static int explain_capture(struct dnsq *d)
{
	struct link_in in;
	struct why why;
	int n;

	while ((n = link_recv(d->capture, &in, 1, &why)) > 0)
		if (in.kind == LINK_PACKET)
			explain_packet(d, &in);
	if (n == 0 || n == E_EOF)
		return DNSQ_OK;
	(void)tool_fail(d->run, &why);
	return DNSQ_MALFORMED;
}

int decode_run(struct dnsq *d)
{
	struct trace_packet p = {
		.is_frame = true,
		.frame_start = DISSECT_DNS,
		.message = d->message,
		.len = d->message_len,
		.comment = "a message",
	};

	if (d->capture)
		return explain_capture(d);
	trace_add(d->evidence, &p);
	return DNSQ_OK;
}

void decode_close(struct dnsq *d)
{
	link_close(d->capture);
	free(d->message);
}
