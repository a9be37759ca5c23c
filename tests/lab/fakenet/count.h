/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * count - the ground truth: what fakenet saw and did, to be compared with what a tool reports.
 */
#ifndef FAKENET_COUNT_H
#define FAKENET_COUNT_H

/* One of these for each node; the words of the JSON report stand in count.c, in the same order. */
enum count {
	COUNT_REQUESTS,  /* packets that asked the node: echo requests, UDP, TCP, other protocols */
	COUNT_LOST,      /* packets lost at it by loss=, passing ones included */
	COUNT_FORWARDED, /* packets that passed through it */
	COUNT_BLACKHOLED, /* packets too big for it, dropped without a word */
	COUNT_SILENT,     /* answers it owed and did not give (silent, udp=drop, tcp=drop) */
	COUNT_LIMITED,    /* answers that limit= or replylimit= held back */
	COUNT_REPLIES,    /* echo replies, the first copy of each, mangled ones included */
	COUNT_DUPLICATES, /* further copies of any answer */
	COUNT_REORDERED,  /* replies held back by reorder= */
	COUNT_CORRUPTED,  /* replies mangled by corrupt= ... */
	COUNT_BADCSUM,    /* ... sent with a wrong ICMP checksum (errors too) ... */
	COUNT_TRUNCATED,  /* ... cut short by truncate= ... */
	COUNT_FOREIGN,    /* ... sent from the address of foreign= */
	COUNT_FORGED,     /* extra or altered replies by forge= */
	COUNT_SPOOFED,    /* extra replies from the address of spoof= */
	COUNT_REDIRECTS,
	COUNT_ERRORS, /* ICMP errors of every kind, the next two included */
	COUNT_EXCEEDED,
	COUNT_TOO_BIG,
	COUNT_UDP,       /* UDP answers (udp=echo) */
	COUNT_TCP,       /* TCP answers: SYN-ACK or RST */
	COUNT_NEIGHBOUR, /* ARP requests and neighbour solicitations answered */
	N_COUNTS,
};

struct fakenet;

/*
 * count_report() - writes everything as one JSON object and a newline to @path ("-" is stdout).
 * Returns 0, E_SYS, E_MEM.
 */
int count_report(const struct fakenet *f, const char *path);

#endif
