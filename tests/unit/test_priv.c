/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/priv.h"

/*
 * What is locked down stays so: every case runs in a child, which ends with the line number of the
 * claim that failed, or 0.
 */
#define CLAIM(condition) \
	do { \
		if (!(condition)) \
			_exit(__LINE__ & 0xff ? __LINE__ & 0xff : 1); \
	} while (0)

static int status_of_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static struct lockdown_report lock(bool allow_sockets)
{
	const struct lockdown what = {.allow_sockets = allow_sockets};
	struct lockdown_report report;
	int err = priv_lockdown(&what, &report);

	CLAIM((report.done | report.refused) == PRIV_ALL);
	CLAIM((report.done & report.refused) == 0);
	CLAIM(err == (report.refused ? E_UNSUP : 0));
	CLAIM((report.refusal[0] == '\0') == (report.refused == 0));
	CLAIM(report.done & PRIV_NO_NEW_PRIVS && report.done & PRIV_USER &&
	      report.done & PRIV_CAPS);
	return report;
}

/* A UDP socket on loopback that is connected to itself. */
static int udp_to_itself(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CLAIM(fd >= 0 && bind(fd, (struct sockaddr *)&sin, len) == 0);
	CLAIM(getsockname(fd, (struct sockaddr *)&sin, &len) == 0);
	CLAIM(connect(fd, (struct sockaddr *)&sin, len) == 0);
	return fd;
}

static void open_things_go_on(void)
{
	struct pollfd poll_in = {.fd = udp_to_itself(), .events = POLLIN};
	const struct timespec second = {.tv_sec = 1};
	char octets[4] = {0};
	struct iovec iov = {octets, sizeof(octets)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	FILE *out = fopen("/dev/null", "w");
	void *big;

	CLAIM(out);
	(void)lock(false);
	CLAIM(send(poll_in.fd, "ping", 4, 0) == 4);
	CLAIM(ppoll(&poll_in, 1, &second, NULL) == 1);
	CLAIM(recvmsg(poll_in.fd, &msg, 0) == 4 && memcmp(octets, "ping", 4) == 0);
	/* Line buffering and buffer size are asked of the descriptor at the first write. */
	CLAIM(fprintf(out, "%d\n", 1) == 2 && fclose(out) == 0);
	big = malloc(8 << 20);
	CLAIM(big);
	free(big);
}

static void nothing_new_can_be_opened(void)
{
	struct lockdown_report report = lock(false);

	priv_raise(CAP_NET_RAW);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM);
	CLAIM(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 && errno == EPERM);
	if (!(report.done & PRIV_SYSCALLS))
		return;
	CLAIM(open("/dev/null", O_RDONLY) < 0 && errno == EPERM);
	CLAIM(open("/tmp/pktutils.test", O_CREAT | O_WRONLY, 0600) < 0 && errno == EPERM);
	CLAIM(socket(AF_INET, SOCK_DGRAM, 0) < 0 && errno == EPERM);
	CLAIM(fork() < 0 && errno == EPERM);
	CLAIM(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	      MAP_FAILED);
}

static void sockets_may_be_allowed(void)
{
	struct lockdown_report report = lock(true);

	CLAIM(send(udp_to_itself(), "ping", 4, 0) == 4);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM);
	CLAIM((socket(AF_UNIX, SOCK_STREAM, 0) < 0) == !!(report.done & PRIV_SYSCALLS));
}

static void starts_a_program(void)
{
	static char *const argv[] = {"true", NULL};
	struct lockdown_report report = lock(false);

	/* An ASan build keeps its system calls: it has nothing to be killed for. */
	if (!(report.done & PRIV_SYSCALLS) && signal(SIGSYS, SIG_DFL) != SIG_ERR)
		kill(getpid(), SIGSYS);
	execv("/bin/true", argv);
	CLAIM(false);
}

static void aborts(void)
{
	(void)lock(false);
	abort();
}

static void capability_is_raised_for_an_open_only(void)
{
	priv_lower(CAP_NET_RAW);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM);
	priv_raise(CAP_NET_RAW);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) >= 0);
	priv_lower(CAP_NET_RAW);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM);
}

static void a_helper_may_open_but_has_no_privilege(void)
{
	priv_drop_all();
	priv_raise(CAP_NET_RAW);
	CLAIM(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM);
	CLAIM(open("/dev/null", O_RDONLY) >= 0);
	CLAIM(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
}

static void test_exit_0(void **state)
{
	int status = status_of_child((void (*)(void)) * state);

	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("the claim in line %d does not hold", WEXITSTATUS(status));
}

static void test_killed(void **state)
{
	int status = status_of_child((void (*)(void)) * state);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void test_abort(void **state)
{
	int status = status_of_child((void (*)(void)) * state);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void in_lockdown_waits(int ready_fd, int go_fd)
{
	char octet = 0;

	/* As a set-user-id program begins; where there is only one user this changes nothing. */
	(void)!setresuid(65534, 0, 0);
	(void)lock(false);
	CLAIM(write(ready_fd, &octet, 1) == 1);
	CLAIM(read(go_fd, &octet, 1) == 0);
	_exit(0);
}

/* The kernel's own word for it, read from outside. */
static void kernel_confirms_it(void **state)
{
	int ready[2], go[2];
	char path[64], line[256], octet;
	unsigned found = 0;
	FILE *f;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready) | pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		in_lockdown_waits(ready[1], go[0]);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long long caps;
		unsigned uid[4];

		if (sscanf(line, "Cap%*[A-Za-z]: %llx", &caps) == 1) {
			assert_int_equal(caps, 0);
			found++;
		}
		if (sscanf(line, "Uid: %u %u %u %u", &uid[0], &uid[1], &uid[2], &uid[3]) == 4)
			found += uid[0] == uid[1] && uid[0] == uid[2] && uid[0] == uid[3];
		found += strcmp(line, "NoNewPrivs:\t1\n") == 0;
	}
	assert_int_equal(found, 7);
	fclose(f);
	close(go[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]), close(ready[1]), close(go[0]);
}

#define IN_CHILD(check, body) \
	{ \
#body, check, NULL, NULL, (void *)body \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_CHILD(test_exit_0, open_things_go_on),
		IN_CHILD(test_exit_0, nothing_new_can_be_opened),
		IN_CHILD(test_exit_0, sockets_may_be_allowed),
		IN_CHILD(test_exit_0, capability_is_raised_for_an_open_only),
		IN_CHILD(test_exit_0, a_helper_may_open_but_has_no_privilege),
		IN_CHILD(test_killed, starts_a_program),
		IN_CHILD(test_abort, aborts),
		cmocka_unit_test(kernel_confirms_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
