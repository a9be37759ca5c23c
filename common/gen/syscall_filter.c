/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscall_filter - writes the header with the seccomp filters of io/priv: which system calls are
 * left after the lock-down.
 *
 * Run when the programs are built, because libseccomp takes 0.16 ms to make a filter, a tenth of
 * the life of `ping -c1`, and it would be the same filter every time. The header holds one program
 * for the architecture that the compiler builds for.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Everything else gets EPERM; a number that this architecture lacks is negative. */
static const int allowed[] = {
	/* packets and descriptors */
	SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(recvmmsg_time64), SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(sendto), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt), SCMP_SYS(shutdown), SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(close),
	/* waiting and time */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(epoll_ctl),
	SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_settime64), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(restart_syscall),
	/* memory; sysinfo is asked by qsort(), getrandom by arc4random() */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(futex_time64), SCMP_SYS(sysinfo), SCMP_SYS(getrandom),
	/* signals, and the way to abort() */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group)};

/* What no probe does by accident. */
static const int deadly[] = {
	SCMP_SYS(execve),           SCMP_SYS(execveat),          SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(open_by_handle_at)};

/* Calls that are allowed with one value of one argument: (argument & mask) == value. */
struct narrow {
	int call;
	struct scmp_arg_cmp arg;
};

static const struct narrow narrowed[] = {
	{SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{SCMP_SYS(mmap2), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	{SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
	/* How glibc spells fstat(): stdio asks it of a descriptor before the first octet. */
	{SCMP_SYS(newfstatat), {3, SCMP_CMP_EQ, AT_EMPTY_PATH, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TCGETS, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TIOCGWINSZ, 0}},
	{SCMP_SYS(ioctl), {1, SCMP_CMP_EQ, TIOCOUTQ, 0}},
};

static const int socket_calls[] = {SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(getsockname),
				   SCMP_SYS(getpeername)};

static const struct narrow socket_kinds[] = {
	{SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_INET, 0}},
	{SCMP_SYS(socket), {0, SCMP_CMP_EQ, AF_INET6, 0}},
};

static int add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		if (calls[i] >= 0)
			err = seccomp_rule_add(filter, action, calls[i], 0);
	return err;
}

static int add_narrow(scmp_filter_ctx filter, const struct narrow *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; i < n && err == 0; i++)
		if (calls[i].call >= 0)
			err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i].call, 1,
					       calls[i].arg);
	return err;
}

static scmp_filter_ctx make_filter(bool allow_sockets)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = filter ? 0 : -1;

	/* A tree, not a list: the kernel tries it on every call there is to learn which pass. */
	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (err == 0)
		err = add_calls(filter, SCMP_ACT_ALLOW, allowed, LEN(allowed));
	if (err == 0)
		err = add_calls(filter, SCMP_ACT_KILL_PROCESS, deadly, LEN(deadly));
	if (err == 0)
		err = add_narrow(filter, narrowed, LEN(narrowed));
	if (err == 0 && allow_sockets)
		err = add_calls(filter, SCMP_ACT_ALLOW, socket_calls, LEN(socket_calls));
	if (err == 0 && allow_sockets)
		err = add_narrow(filter, socket_kinds, LEN(socket_kinds));
	if (err == 0)
		return filter;
	seccomp_release(filter);
	return NULL;
}

/* The filter as a C array called @name. Returns false if it could not be made. */
static bool print_filter(const char *name, bool allow_sockets)
{
	scmp_filter_ctx filter = make_filter(allow_sockets);
	FILE *program = tmpfile();
	struct sock_filter code;
	bool is_made = filter && program && seccomp_export_bpf(filter, fileno(program)) == 0;

	printf("static const struct sock_filter %s[] = {\n", name);
	if (is_made) {
		rewind(program);
		while (fread(&code, sizeof(code), 1, program) == 1)
			printf("\t{0x%02x, %u, %u, 0x%08x},\n", code.code, code.jt, code.jf,
			       code.k);
	}
	printf("};\n");
	if (program)
		fclose(program);
	seccomp_release(filter);
	return is_made;
}

int main(void)
{
	bool is_made = print_filter("filter_plain", false) && print_filter("filter_sockets", true);

	return is_made && fflush(stdout) == 0 ? 0 : 1;
}
