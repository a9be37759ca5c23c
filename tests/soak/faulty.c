/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * faulty - a library for LD_PRELOAD in which allocations and sends fail when they are told to.
 *
 *   FAULTY_ALLOC=K      the K-th allocation of each process fails; "K+" that and all after it
 *   FAULTY_COUNT=FD     when a process exits it writes to FD how many allocations it made, a line
 *   FAULTY_SEND=E:K:N   N sends to a network from the K-th on fail with the errno E (a number)
 *
 * A crash is told as "faulty: crash at HEX", the address in the program's file, so that a library's
 * can be told from ours. glibc's own allocations count too: getaddrinfo(), qsort(), stdio. Nothing
 * here opens a file, so a process that is locked down is as it was.
 */
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define FDS 1024

#pragma GCC visibility push(default)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static unsigned long allocs, alloc_from, alloc_to, sends, send_from, send_to;
static int count_fd = -1, send_errno;
static int domains[FDS]; /* of each socket */

static unsigned long number(const char **at)
{
	unsigned long n = 0;

	while (**at >= '0' && **at <= '9')
		n = n * 10 + (unsigned long)(*(*at)++ - '0');
	return n;
}

static uintptr_t program_base;

static int note_base(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	program_base = info->dlpi_addr; /* the first is the program */
	return 1;
}

static void tell_crash(int signo, siginfo_t *info, void *context)
{
	char line[] = "faulty: crash at 0000000000000000\n";
	const ucontext_t *at = context;
#if defined(__x86_64__)
	uintptr_t pc = (uintptr_t)at->uc_mcontext.gregs[REG_RIP] - program_base;
#elif defined(__aarch64__)
	uintptr_t pc = (uintptr_t)at->uc_mcontext.pc - program_base;
#else
	uintptr_t pc = (uintptr_t)(at != NULL);
#endif

	(void)info;
	for (size_t i = sizeof(line) - 3; pc; pc >>= 4)
		line[i--] = "0123456789abcdef"[pc & 15];
	(void)!write(2, line, sizeof(line) - 1);
	signal(signo, SIG_DFL); /* and again, for good */
}

static __attribute__((constructor)) void read_orders(void)
{
	struct sigaction crash = {.sa_sigaction = tell_crash, .sa_flags = SA_SIGINFO};
	const char *alloc = getenv("FAULTY_ALLOC"), *count = getenv("FAULTY_COUNT");
	const char *send = getenv("FAULTY_SEND");

	if (alloc) {
		alloc_from = number(&alloc);
		alloc_to = *alloc == '+' ? ULONG_MAX : alloc_from;
	}
	if (count)
		count_fd = (int)number(&count);
	if (send) {
		send_errno = (int)number(&send);
		send += *send == ':';
		send_from = number(&send);
		send += *send == ':';
		send_to = send_from + number(&send);
	}
	dl_iterate_phdr(note_base, NULL);
	sigaction(SIGSEGV, &crash, NULL);
	allocs = 0; /* what happened before main() is the loader's */
}

static __attribute__((destructor)) void tell_count(void)
{
	char line[24];
	size_t at = sizeof(line);

	if (count_fd < 0)
		return;
	line[--at] = '\n';
	for (unsigned long n = allocs; n || at == sizeof(line) - 1; n /= 10)
		line[--at] = (char)('0' + n % 10);
	(void)!write(count_fd, line + at, sizeof(line) - at);
}

static bool alloc_fails(void)
{
	unsigned long n = __atomic_add_fetch(&allocs, 1, __ATOMIC_RELAXED);

	if (n < alloc_from || n > alloc_to)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return alloc_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return alloc_fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return alloc_fails() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return alloc_fails() ? NULL : __libc_memalign(alignment, size);
}

int socket(int domain, int type, int protocol)
{
	int fd = (int)syscall(SYS_socket, domain, type, protocol);

	if (fd >= 0 && fd < FDS)
		domains[fd] = domain;
	return fd;
}

static bool send_fails(int fd)
{
	bool is_network =
		fd >= 0 && fd < FDS &&
		(domains[fd] == AF_INET || domains[fd] == AF_INET6 || domains[fd] == AF_PACKET);

	if (!send_errno || !is_network)
		return false;
	sends++;
	if (sends < send_from || sends >= send_to)
		return false;
	errno = send_errno;
	return true;
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	return send_fails(fd) ? -1 : syscall(SYS_sendto, fd, bytes, len, flags, NULL, 0);
}

ssize_t sendto(int fd, const void *bytes, size_t len, int flags, const struct sockaddr *to,
	       socklen_t to_len)
{
	return send_fails(fd) ? -1 : syscall(SYS_sendto, fd, bytes, len, flags, to, to_len);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return send_fails(fd) ? -1 : syscall(SYS_sendmsg, fd, msg, flags);
}

int sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	return send_fails(fd) ? -1 : (int)syscall(SYS_sendmmsg, fd, msgs, n, flags);
}
