/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood COUNT RATE FIRST - sends COUNT echo requests, RATE a second, to the addresses FIRST,
 * FIRST+1, ...
 * of a /16 in turn, reads no reply, and prints how many went out and in how long.
 *
 * It measures fakenet, not itself: replies are counted by the interface, drops by fakenet.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/num.h"
#include "wire/csum.h"

#define BATCH 32
#define ICMP_LEN 64 /* as ping sends: eight octets and 56 of data */

/* A raw socket that receives nothing, and is told when the kernel drops what it sends. */
static int open_mute(void)
{
	const int yes = 1;
	struct sock_filter drop_all = {.code = BPF_RET | BPF_K};
	struct sock_fprog program = {1, &drop_all};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof(yes)) < 0)
		return -1;
	return fd;
}

static void wait_until(uint64_t ns)
{
	struct timespec ts = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

/*
 * Sends requests number @from to @from + @n - 1, again those that found the backlog full.
 * Returns how many.
 */
static unsigned send_batch(int fd, const struct addr *first, uint64_t from, unsigned n)
{
	static uint8_t bytes[BATCH][ICMP_LEN];
	struct sockaddr_storage to[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr msgs[BATCH] = {0};
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++) {
		struct addr a = *first;

		put_u16(a.bytes + 2,
			(uint16_t)((uint64_t)(a.bytes[2] << 8 | a.bytes[3]) + from + i));
		bytes[i][0] = 8;
		put_u16(bytes[i] + 2, 0);
		put_u32(bytes[i] + 4, (uint32_t)(from + i));
		put_u16(bytes[i] + 2, csum_ip(bytes[i], ICMP_LEN));
		parts[i] = (struct iovec){bytes[i], ICMP_LEN};
		msgs[i].msg_hdr = (struct msghdr){
			.msg_name = &to[i],
			.msg_namelen = addr_to_sockaddr(&a, 0, &to[i]),
			.msg_iov = &parts[i],
			.msg_iovlen = 1,
		};
	}
	while (sent < n) {
		int more = sendmmsg(fd, msgs + sent, n - sent, 0);

		if (more > 0)
			sent += (unsigned)more;
		else if (errno != ENOBUFS)
			break;
		else
			sched_yield(); /* its emptying needs a processor, perhaps this one */
	}
	return sent;
}

int main(int argc, char **argv)
{
	const struct clock *clock = clock_system();
	uint64_t count, sent = 0, start;
	struct addr first;
	double rate;
	int fd;

	if (argc != 4 || num_u64(argv[1], 1, UINT32_MAX, &count, NULL) < 0 ||
	    num_rate(argv[2], &rate, NULL) < 0 || rate <= 0 || addr_parse(argv[3], &first) < 0 ||
	    addr_is_v6(&first)) {
		fputs("usage: flood COUNT RATE FIRST-IPV4-ADDRESS\n", stderr);
		return 2;
	}
	fd = open_mute();
	if (fd < 0) {
		perror("flood: cannot open a raw socket");
		return 2;
	}
	start = clock_mono(clock);
	for (uint64_t i = 0; i < count; i += BATCH) {
		wait_until(start + (uint64_t)((double)i * (double)NS_PER_S / rate));
		sent += send_batch(fd, &first, i,
				   count - i < BATCH ? (unsigned)(count - i) : BATCH);
	}
	printf("{\"sent\":%" PRIu64 ",\"seconds\":%.3f}\n", sent,
	       (double)(clock_mono(clock) - start) / (double)NS_PER_S);
	close(fd);
	return 0;
}
