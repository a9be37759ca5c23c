/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/filter.h"

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SNAP 262144
#define COMPILE_MAX (96u << 10) /* octets that compiling takes at most */

static int attach(int fd, const struct bpf_program *program, const char *text, struct why *why)
{
	struct sock_fprog kernel = {
		.len = (unsigned short)program->bf_len,
		.filter = (struct sock_filter *)program->bf_insns,
	};

	if (program->bf_len > BPF_MAXINSNS)
		return why_set(why, E_BAD, "the filter '%s' is too long for the kernel", text);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &kernel, sizeof(kernel)) < 0)
		return why_sys(why, E_SYS, "cannot attach the filter '%s'", text);
	return 0;
}

/*
 * Where memory is short, pcap_compile() crashes or ends the process: libpcap 1.10.3, its scanner.
 */
static bool has_memory(void)
{
	void *volatile room = malloc(COMPILE_MAX); /* volatile: a pair that may not be left out */

	free(room);
	return room != NULL;
}

int filter_attach(int fd, const char *text, enum link_layer layer, struct why *why)
{
	pcap_t *pcap = pcap_open_dead(layer == LINK_L2 ? DLT_EN10MB : DLT_RAW, SNAP);
	struct bpf_program program;
	int err;

	_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter),
		       "one layout, two names");
	if (!pcap || !has_memory()) {
		if (pcap)
			pcap_close(pcap);
		return why_set(why, E_MEM, "out of memory");
	}
	if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0) {
		err = attach(fd, &program, text, why);
		pcap_freecode(&program);
	} else {
		err = why_set(why, E_BAD, "the filter '%s': %s", text, pcap_geterr(pcap));
	}
	pcap_close(pcap);
	return err;
}
