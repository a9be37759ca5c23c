/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/priv.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "io/syscall_filter.h"

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

/* The path is the one that the user can type. */
int priv_refused(struct why *why, const char *kind)
{
	char self[200] = "PROGRAM";
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int sys = why->sys;

	if (n > 0)
		self[n] = '\0';
	(void)why_set(why, E_PERM,
		      "cannot open a %s socket (%s): run 'sudo setcap cap_net_raw=p %s'", kind,
		      errno_name(sys), self);
	why->sys = sys;
	return E_PERM;
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

/* Made by libseccomp when the program was built: common/gen/syscall_filter.c says why. */
static int filter_calls(bool allow_sockets)
{
	const struct sock_filter *code = allow_sockets ? filter_sockets : filter_plain;
	struct sock_fprog program = {
		.len = allow_sockets ? LEN(filter_sockets) : LEN(filter_plain),
		.filter = (struct sock_filter *)(uintptr_t)code,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 ? -errno : 0;
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
