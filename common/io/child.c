/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void default_signals(void)
{
	static const int changed[] = {SIGINT, SIGTERM, SIGQUIT, SIGUSR1};
	sigset_t none;

	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++)
		(void)signal(changed[i], SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The command, in the place of a process of its own. */
static void become(char *const *argv, pid_t keeper)
{
	default_signals();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == keeper)
		execvp(argv[0], argv);
	fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static uint8_t run(char *const *argv, pid_t keeper)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		become(argv, keeper);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	if (pid < 0)
		return 127;
	return (uint8_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* The keeper: Ctrl-C is for the command and the tool, the keeper tells how it went. */
static void keep(char *const *argv, int go_fd, int status_fd, pid_t tool)
{
	uint8_t word;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == tool && read(go_fd, &word, 1) == 1) {
		word = run(argv, getpid());
		(void)!write(status_fd, &word, 1);
	}
	_exit(0);
}

int child_prepare(char *const *argv, struct child *out, struct why *why)
{
	pid_t tool = getpid(), pid;
	int go[2], status[2];

	*out = (struct child){-1, -1};
	if (pipe2(go, O_CLOEXEC) < 0)
		return why_sys(why, E_SYS, "cannot make a pipe");
	if (pipe2(status, O_CLOEXEC) < 0) {
		close(go[0]);
		close(go[1]);
		return why_sys(why, E_SYS, "cannot make a pipe");
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		close(status[0]);
		keep(argv, go[0], status[1], tool);
	}
	close(go[0]);
	close(status[1]);
	*out = (struct child){go[1], status[0]};
	if (pid > 0)
		return 0;
	child_close(out);
	return why_sys(why, E_SYS, "cannot start a process");
}

void child_start(struct child *c)
{
	(void)!write(c->go_fd, "", 1);
}

bool child_take(struct child *c, int *status)
{
	struct pollfd p = {.fd = c->status_fd, .events = POLLIN};
	uint8_t word = 127;

	if (c->status_fd < 0 || poll(&p, 1, 0) != 1)
		return false;
	if (read(c->status_fd, &word, 1) < 0)
		return false;
	*status = word;
	return true;
}

void child_close(struct child *c)
{
	if (c->go_fd >= 0)
		close(c->go_fd);
	if (c->status_fd >= 0)
		close(c->status_fd);
	*c = (struct child){-1, -1};
}
