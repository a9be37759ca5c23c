/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/names.h"

#include <locale.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/priv.h"
#include "wire/dns.h"
#include "wire/dnstype.h"

#define WORKERS_MAX 16u

/* What goes to the resolver; answers come back as struct name_answer. One datagram each. */
struct question {
	char name[NAME_MAX_LEN + 1];
	int32_t family;
	bool is_swept;
	struct addr addr; /* len 0: the question is the name */
	bool is_text;     /* it is the text at the name */
};

struct names {
	int fd;
	unsigned forward, reverse; /* pending */
};

static void look_up_reverse(const struct question *q, struct name_answer *a)
{
	struct sockaddr_storage sa;
	socklen_t len = addr_to_sockaddr(&q->addr, 0, &sa);
	int err;

	*a = (struct name_answer){.is_reverse = true, .addr = q->addr};
	err = getnameinfo((struct sockaddr *)&sa, len, a->name, sizeof(a->name), NULL, 0,
			  NI_NAMEREQD);
	if (err) {
		a->name[0] = '\0';
		snprintf(a->fault, sizeof(a->fault), "%s",
			 err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err));
	}
}

/* The first string of the first TXT record of an answer; "" if there is none. */
static void take_text(const uint8_t *bytes, size_t len, char *out)
{
	struct dns_record record;
	struct dns_msg msg;
	size_t n;

	out[0] = '\0';
	if (dns_msg_open(&msg, bytes, len) < 0)
		return;
	while (dns_msg_record(&msg, &record) == 0) {
		if (record.section != DNS_ANSWER || record.type != DNS_TXT)
			continue;
		n = rd_u8(&record.data);
		rd_copy(&record.data, out, n);
		out[record.data.bad ? 0 : n] = '\0';
		return;
	}
}

static void look_up_text(const struct question *q, struct name_answer *a)
{
	uint8_t answer[4096];
	int len = res_query(q->name, DNS_IN, DNS_TXT, answer, sizeof(answer));

	*a = (struct name_answer){.is_reverse = true, .is_text = true, .addr = q->addr};
	if (len > 0)
		take_text(answer, (size_t)len < sizeof(answer) ? (size_t)len : sizeof(answer),
			  a->name);
	if (!a->name[0])
		snprintf(a->fault, sizeof(a->fault), "no text");
}

static void look_up(const struct question *q, struct name_answer *a)
{
	struct addrinfo hints = {
		.ai_family = q->family == 4 ? AF_INET :
			     q->family == 6 ? AF_INET6 :
					      AF_UNSPEC,
		.ai_socktype = SOCK_RAW,
		.ai_flags = AI_IDN,
	};
	struct addrinfo *list = NULL;
	struct sockaddr_storage sa = {0};
	int err = getaddrinfo(q->name, NULL, &hints, &list);

	*a = (struct name_answer){.is_swept = q->is_swept};
	memcpy(a->name, q->name, sizeof(a->name));
	if (err) {
		snprintf(a->fault, sizeof(a->fault), "%s",
			 err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err));
		return;
	}
	memcpy(&sa, list->ai_addr, list->ai_addrlen);
	a->addr = addr_from_sockaddr(&sa);
	freeaddrinfo(list);
}

/* Every worker takes the next question from the same socket: the kernel hands each out once. */
static void *work(void *arg)
{
	int fd = *(const int *)arg;
	struct question q;
	struct name_answer a;

	while (recv(fd, &q, sizeof(q), 0) == (ssize_t)sizeof(q)) {
		if (q.is_text)
			look_up_text(&q, &a);
		else if (q.addr.len)
			look_up_reverse(&q, &a);
		else
			look_up(&q, &a);
		if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			break;
	}
	return NULL;
}

static _Noreturn void resolve(int fd, unsigned n_workers)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct pollfd tool = {.fd = fd};
	pthread_t thread;
	unsigned n = 0;

	/* They reach the whole group, and are the tool's to answer; with it we end anyway. */
	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGUSR1, &ignore, NULL);
	priv_drop_all();
	setlocale(LC_CTYPE, "C.UTF-8"); /* so that getaddrinfo reads names that are not ASCII */
	while (n < n_workers && pthread_create(&thread, NULL, work, &fd) == 0)
		n++;
	if (n == 0)
		work(&fd);
	/*
	 * The tool is gone, however that came about, and so are we, in the middle of a look-up
	 * too. No PR_SET_PDEATHSIG: landlock does not let a tool that is locked down signal us.
	 */
	(void)poll(&tool, 1, -1);
	_exit(0);
}

int names_open(unsigned n_workers, struct names **out, struct why *why)
{
	struct names *n = calloc(1, sizeof(*n));
	int pair[2];
	pid_t pid;

	if (!n)
		return why_set(why, E_MEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(n);
		return why_sys(why, E_SYS, "cannot start the resolver (socketpair)");
	}
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		resolve(pair[1], n_workers > WORKERS_MAX ? WORKERS_MAX : n_workers);
	}
	close(pair[1]);
	n->fd = pair[0];
	if (pid < 0) {
		close(pair[0]);
		free(n);
		return why_sys(why, E_SYS, "cannot start the resolver (fork)");
	}
	*out = n;
	return 0;
}

static int ask(struct names *n, const struct question *q)
{
	if (n->forward + n->reverse == NAMES_PENDING_MAX)
		return E_AGAIN;
	if (send(n->fd, q, sizeof(*q), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return errno == EAGAIN ? E_AGAIN : E_SYS;
	return 0;
}

int names_ask(struct names *n, const char *name, int family, bool is_swept)
{
	struct question q = {.family = family, .is_swept = is_swept};
	int err;

	snprintf(q.name, sizeof(q.name), "%s", name);
	err = ask(n, &q);
	n->forward += err == 0;
	return err;
}

int names_ask_reverse(struct names *n, const struct addr *addr)
{
	struct question q = {.addr = *addr};
	int err = ask(n, &q);

	n->reverse += err == 0;
	return err;
}

int names_ask_text(struct names *n, const char *name, const struct addr *about)
{
	struct question q = {.addr = *about, .is_text = true};
	int err;

	snprintf(q.name, sizeof(q.name), "%s", name);
	err = ask(n, &q);
	n->reverse += err == 0;
	return err;
}

int names_take(struct names *n, struct name_answer *out)
{
	ssize_t len = n->fd < 0 ? 0 : recv(n->fd, out, sizeof(*out), MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return E_AGAIN;
	if (len != (ssize_t)sizeof(*out)) {
		/* Whoever waits for it would be woken for ever. */
		if (n->fd >= 0)
			close(n->fd);
		n->fd = -1;
		return E_SYS;
	}
	if (out->is_reverse)
		n->reverse--;
	else
		n->forward--;
	return 0;
}

unsigned names_pending(const struct names *n)
{
	return n->forward;
}

int names_fd(const struct names *n)
{
	return n->fd;
}

void names_close(struct names *n)
{
	if (!n)
		return;
	if (n->fd >= 0)
		close(n->fd); /* the resolver sees it, and ends */
	free(n);
}
