/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/priv.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/*
 * The two system calls themselves: libcap-ng first reads three files of /proc, 0.11 ms, which is a
 * tenth of the life of a `ping -c1`.
 */
struct caps {
	struct __user_cap_data_struct word[_LINUX_CAPABILITY_U32S_3];
};

static int caps_call(long call, struct caps *caps)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};

	return (int)syscall(call, &head, caps->word);
}

static void set_effective(int cap, bool on)
{
	unsigned i = CAP_TO_INDEX((unsigned)cap);
	int saved = errno;
	struct caps caps;

	if (caps_call(SYS_capget, &caps) == 0) {
		caps.word[i].effective &= ~CAP_TO_MASK(cap);
		if (on)
			caps.word[i].effective |= CAP_TO_MASK(cap) & caps.word[i].permitted;
		(void)caps_call(SYS_capset, &caps);
	}
	errno = saved;
}

void priv_raise(int cap)
{
	set_effective(cap, true);
}

void priv_lower(int cap)
{
	set_effective(cap, false);
}

static int drop_caps(void)
{
	struct caps none = {0};

	/*
	 * The bounding set takes CAP_SETPCAP to change. Whoever lacks it loses nothing: with
	 * no_new_privs no execve() can turn the set into capabilities.
	 */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		;
	return caps_call(SYS_capset, &none);
}

static int drop_user(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (uid == geteuid() && gid == getegid())
		return 0;
	if (setresgid(gid, gid, gid) < 0)
		return -1;
	return setresuid(uid, uid, uid);
}

void priv_drop_all(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)drop_caps();
	(void)drop_user();
}

/* As in linux/landlock.h of ABI 6 and later, which older systems lack. */
struct landlock_rules {
	uint64_t fs;     /* ABI 1: 13 rights, 2: 14, 3: 15, 5: 16 */
	uint64_t net;    /* ABI 4: TCP bind and connect */
	uint64_t scoped; /* ABI 6: abstract UNIX sockets and signals */
};

/* No rule is added: what is handled and not allowed is denied. */
static int deny_files(bool allow_sockets)
{
	static const uint8_t fs_bits[] = {13, 14, 15, 15, 16};
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_rules rules = {.net = allow_sockets ? 0 : 3, .scoped = 3};
	size_t size = abi >= 6 ? sizeof(rules) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
	int fd, err;

	if (abi < 1)
		return -1;
	rules.fs = (1u << fs_bits[abi <= 5 ? abi - 1 : 4]) - 1;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0)
		return -1;
	err = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return err;
}

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

static int filter_calls(bool allow_sockets)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	/* A tree, not a list: the kernel tries it on every call there is to learn which pass. */
	err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (err == 0)
		err = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
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
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

#define ASAN_NEEDS_IT -1

/* @sys: the errno that refused the layer, ASAN_NEEDS_IT, or 0 if it is in force. */
static void note(struct lockdown_report *r, enum priv_layer layer, const char *name, int sys)
{
	size_t used = strlen(r->refusal);
	struct text t = text_make(r->refusal + used, sizeof(r->refusal) - used);

	if (sys == 0) {
		r->done |= layer;
		return;
	}
	r->refused |= layer;
	text_addf(&t, "%s%s: %s", used ? "; " : "", name,
		  sys == ASAN_NEEDS_IT ? "left out of an ASan build" : errno_name(sys));
}

static int sys_of(int result)
{
	return result < 0 ? errno : 0;
}

int priv_lockdown(const struct lockdown *what, struct lockdown_report *out)
{
	*out = (struct lockdown_report){0};
	note(out, PRIV_NO_NEW_PRIVS, "no_new_privs",
	     sys_of(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
	note(out, PRIV_FILES, "files (landlock)",
	     HAS_ASAN ? ASAN_NEEDS_IT : sys_of(deny_files(what->allow_sockets)));
	note(out, PRIV_CAPS, "capabilities", sys_of(drop_caps()));
	note(out, PRIV_USER, "user", sys_of(drop_user()));
	/* After the change of user and capabilities, which makes the kernel forget it. */
	note(out, PRIV_NO_DUMP, "no dump",
	     HAS_ASAN ? ASAN_NEEDS_IT : sys_of(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)));
	note(out, PRIV_SYSCALLS, "system calls (seccomp)",
	     HAS_ASAN ? ASAN_NEEDS_IT : -filter_calls(what->allow_sockets));
	if (out->refused & (PRIV_USER | PRIV_CAPS))
		return E_PERM;
	return out->refused ? E_UNSUP : 0;
}
