/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: @in is -1, or what its standard input is to be. */
static _Noreturn void become(const char *const *argv, const char *const *env, int in)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

int program_run(const char *const *argv, const char *const *env, const char *input)
{
	int fds[2] = {-1, -1}, status = -1;
	bool is_fed = true;
	pid_t pid;

	if (input && pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		become(argv, env, fds[0]);
	if (input) {
		is_fed = write(fds[1], input, strlen(input)) >= 0;
		close(fds[0]);
		close(fds[1]);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && is_fed && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
