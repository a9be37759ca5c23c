/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/savefile.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "io/linktype.h"
#include "io/pcapng.h"

#define SNAP 262144 /* octets of a packet, what Wireshark and tcpdump take as "all" */
#define PATH_TEXT 200

/* A path in a message: an argument is untrusted text like any other. */
static const char *clean(char *out, const char *path)
{
	text_clean(out, PATH_TEXT, path, strlen(path));
	return out;
}

/* Standard input and output are used through a copy: closing the savefile leaves them open. */
static FILE *open_stream(const char *path, bool for_writing)
{
	const char *mode = for_writing ? "wbe" : "rbe";
	FILE *f;
	int fd;

	if (strcmp(path, "-") != 0)
		return fopen(path, mode);
	fd = dup(for_writing ? STDOUT_FILENO : STDIN_FILENO);
	f = fd < 0 ? NULL : fdopen(fd, mode);
	if (!f && fd >= 0)
		close(fd);
	return f;
}

/* --- writing */

struct savefile {
	FILE *f;      /* of a pcapng file; of the dumper otherwise */
	pcap_t *pcap; /* both NULL for pcapng */
	pcap_dumper_t *dumper;
	int sys; /* the errno of the first write that failed, 0 for none */
	char path[PATH_TEXT];
};

static bool is_pcapng(const char *path)
{
	size_t len = strlen(path);

	return len >= 7 && strcmp(path + len - 7, ".pcapng") == 0;
}

/* libpcap closes @f itself if it cannot write the header. */
static int begin_pcap(struct savefile *s, int dlt, struct why *why)
{
	s->pcap = pcap_open_dead_with_tstamp_precision(dlt, SNAP, PCAP_TSTAMP_PRECISION_NANO);
	if (!s->pcap) {
		fclose(s->f);
		return why_set(why, E_MEM, "out of memory");
	}
	s->dumper = pcap_dump_fopen(s->pcap, s->f);
	if (!s->dumper) {
		why_set(why, E_SYS, "cannot write '%s': %s", s->path, pcap_geterr(s->pcap));
		pcap_close(s->pcap);
		return E_SYS;
	}
	return 0;
}

int savefile_open(const char *path, const struct savefile_opts *opts, struct savefile **out,
		  struct why *why)
{
	struct savefile *s = calloc(1, sizeof(*s));
	int err = 0;

	if (!s)
		return why_set(why, E_MEM, "out of memory");
	clean(s->path, path);
	s->f = open_stream(path, true);
	if (!s->f) {
		err = why_sys(why, E_SYS, "cannot write '%s'", s->path);
		free(s);
		return err;
	}
	if (is_pcapng(path))
		pcapng_begin(s->f, opts->layer == LINK_L2 ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
			     opts->ifname, opts->program);
	else
		err = begin_pcap(s, opts->layer == LINK_L2 ? DLT_EN10MB : DLT_RAW, why);
	if (err < 0) {
		free(s);
		return err;
	}
	*out = s;
	return 0;
}

/* The first failure stays: what follows in the file is no use without what was lost. */
static int check(struct savefile *s, bool failed, struct why *why)
{
	if (s->sys == 0 && (failed || ferror(s->f)))
		s->sys = errno;
	errno = s->sys;
	return s->sys ? why_sys(why, E_SYS, "cannot write '%s'", s->path) : 0;
}

int savefile_write(struct savefile *s, const struct savefile_packet *p, struct why *why)
{
	if (s->dumper) {
		struct pcap_pkthdr head = {
			.ts = {(time_t)(p->wall_ns / NS_PER_S),
			       (suseconds_t)(p->wall_ns % NS_PER_S)},
			.caplen = (bpf_u_int32)p->len,
			.len = (bpf_u_int32)p->wire_len,
		};

		pcap_dump((u_char *)s->dumper, &head, p->bytes);
	} else {
		pcapng_write(s->f, p);
	}
	return check(s, false, why);
}

int savefile_flush(struct savefile *s, struct why *why)
{
	return check(s, fflush(s->f) != 0, why);
}

int savefile_close(struct savefile *s, struct why *why)
{
	int err;

	if (!s)
		return 0;
	err = savefile_flush(s, why);
	if (s->dumper) {
		pcap_dump_close(s->dumper);
		pcap_close(s->pcap);
	} else {
		fclose(s->f);
	}
	free(s);
	return err;
}

/* --- reading */

struct reader {
	struct link link;
	FILE *f;                  /* of a pcapng file; libpcap owns that of the other kind */
	struct pcapng_reader *ng; /* either this */
	pcap_t *pcap;             /* or this */
	uint8_t *copy;            /* of libpcap's octets, which may not be changed */
	size_t cap;
	char path[PATH_TEXT];
};

static int next_of_pcap(struct reader *r, struct savefile_packet *out, uint32_t *linktype,
			struct why *why)
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	int got = pcap_next_ex(r->pcap, &head, &bytes);

	if (got == PCAP_ERROR_BREAK)
		return E_EOF;
	if (got < 0)
		return why_set(why, E_TRUNC, "'%s': %s", r->path, pcap_geterr(r->pcap));
	if (head->caplen > r->cap) {
		uint8_t *grown = realloc(r->copy, head->caplen);

		if (!grown)
			return why_set(why, E_MEM, "out of memory");
		r->copy = grown;
		r->cap = head->caplen;
	}
	memcpy(r->copy, bytes, head->caplen);
	*out = (struct savefile_packet){
		.wall_ns = (uint64_t)head->ts.tv_sec * NS_PER_S + (uint64_t)head->ts.tv_usec,
		.bytes = r->copy,
		.len = head->caplen,
		.wire_len = head->len,
	};
	*linktype =
		pcap_datalink(r->pcap) == DLT_RAW ? LINKTYPE_RAW : (uint32_t)pcap_datalink(r->pcap);
	return 0;
}

static int reader_recv(struct link *l, struct link_in *in, unsigned cap, struct why *why)
{
	struct reader *r = (struct reader *)l;
	struct savefile_packet p;
	uint32_t linktype;
	int err;

	if (cap == 0)
		return 0;
	err = r->ng ? pcapng_read(r->ng, &p, &linktype, why) : next_of_pcap(r, &p, &linktype, why);
	if (err < 0)
		return err;
	*in = (struct link_in){
		.kind = LINK_PACKET,
		.bytes = p.bytes,
		.len = p.len,
		.wire_len = p.wire_len < p.len ? p.len : p.wire_len,
		.is_outgoing = p.way == SAVE_OUT,
		.ttl = -1,
		.wall_ns = p.wall_ns,
	};
	err = linktype_unwrap(linktype, (uint8_t *)(uintptr_t)p.bytes, in);
	if (err < 0)
		return why_set(
			why, err,
			"'%s' has packets of link type %u: only Ethernet, raw IP, loopback and "
			"Linux cooked can be read",
			r->path, linktype);
	return 1;
}

static int reader_send(struct link *l, const struct link_out *out, unsigned n, struct why *why)
{
	(void)out;
	(void)n;
	return why_set(why, E_UNSUP, "nothing can be sent to the capture '%s'",
		       ((struct reader *)l)->path);
}

static void reader_close(struct link *l)
{
	struct reader *r = (struct reader *)l;

	if (r->ng) {
		pcapng_close(r->ng);
		fclose(r->f);
	}
	if (r->pcap)
		pcap_close(r->pcap);
	free(r->copy);
	free(r);
}

/* On failure the stream is still the caller's. */
static int begin_reading(struct reader *r, FILE *f, struct why *why)
{
	char fault[PCAP_ERRBUF_SIZE];
	int first = getc(f);

	if (first == EOF && ferror(f))
		return why_sys(why, E_SYS, "cannot read '%s'", r->path);
	if (first == EOF)
		return why_set(why, E_BAD, "'%s' is empty, not a capture", r->path);
	ungetc(first, f);
	/* The first octet tells: no other kind of capture begins with a line feed. */
	if (first == (PCAPNG_MAGIC & 0xff)) {
		r->f = f;
		r->ng = pcapng_open(f);
		return r->ng ? 0 : why_set(why, E_MEM, "out of memory");
	}
	r->pcap = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, fault);
	return r->pcap ? 0 : why_set(why, E_BAD, "'%s' is not a capture: %s", r->path, fault);
}

int savefile_read(const char *path, struct link **out, struct why *why)
{
	static const struct link_ops ops = {reader_send, reader_recv, reader_close};
	struct reader *r = calloc(1, sizeof(*r));
	FILE *f;
	int err;

	if (!r)
		return why_set(why, E_MEM, "out of memory");
	clean(r->path, path);
	f = open_stream(path, false);
	err = f ? begin_reading(r, f, why) : why_sys(why, E_SYS, "cannot read '%s'", r->path);
	if (err < 0) {
		if (f)
			fclose(f);
		free(r);
		return err;
	}
	r->link = (struct link){.ops = &ops, .fd = -1};
	*out = &r->link;
	return 0;
}
