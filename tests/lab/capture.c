/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture IF FILE [EXPRESSION] - writes what passes an interface to a pcap file with nanosecond
 * stamps.
 *
 * It prints "ready" when it listens. On SIGTERM or SIGINT it first writes all that has passed until
 * then, and it works as an ordinary user in a user namespace: tcpdump does neither there (it
 * wants to
 * become another user, whom such a namespace does not know).
 */
#include <pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#define SNAPLEN 2048
#define BUFFER_LEN (16 << 20)

static pcap_t *open_live(const char *interface, const char *expression)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct bpf_program program;
	pcap_t *p = pcap_create(interface, reason);
	int err;

	if (!p) {
		fprintf(stderr, "capture: %s\n", reason);
		return NULL;
	}
	pcap_set_snaplen(p, SNAPLEN);
	pcap_set_buffer_size(p, BUFFER_LEN);
	pcap_set_immediate_mode(p, 1);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	err = pcap_activate(p);
	if (err >= 0 && pcap_compile(p, &program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0) {
		err = pcap_setfilter(p, &program);
		pcap_freecode(&program);
		if (err == 0 && pcap_setnonblock(p, 1, reason) == 0)
			return p;
	}
	fprintf(stderr, "capture: %s: %s\n", interface, pcap_geterr(p));
	pcap_close(p);
	return NULL;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(pcap_t *p, pcap_dumper_t *out)
{
	struct pollfd fds[] = {
		{.fd = pcap_get_selectable_fd(p), .events = POLLIN},
		{.fd = open_signals(), .events = POLLIN},
	};

	puts("ready");
	fflush(stdout);
	while (!fds[1].revents) {
		poll(fds, 2, -1);
		/* After the signal too: what came before it is in the ring by now. */
		while (pcap_dispatch(p, -1, pcap_dump, (u_char *)out) > 0)
			;
		if (pcap_dump_flush(out) < 0) {
			perror("capture: cannot write the file");
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	pcap_dumper_t *out;
	pcap_t *p;
	int err;

	if (argc < 3 || argc > 4) {
		fputs("usage: capture INTERFACE FILE [EXPRESSION]\n", stderr);
		return 2;
	}
	p = open_live(argv[1], argc == 4 ? argv[3] : "");
	if (!p)
		return 2;
	out = pcap_dump_open(p, argv[2]);
	if (!out) {
		pcap_perror(p, "capture");
		pcap_close(p);
		return 2;
	}
	err = run(p, out);
	pcap_dump_close(out);
	pcap_close(p);
	return err;
}
