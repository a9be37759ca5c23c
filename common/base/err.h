/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err - the status codes every library function returns, and the sentence that goes with them.
 *
 * Layer: base.
 * Not here: printing. The library never prints and never exits; a tool shows the sentence.
 */
#ifndef PKT_BASE_ERR_H
#define PKT_BASE_ERR_H

#include <errno.h>

#define must_check __attribute__((warn_unused_result))
/*
 * A buffer that is written before it is read, where zeroing it, as the build does with every
 * variable, would be felt: 4 % of a sweep.
 */
#define unset __attribute__((uninitialized))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))

/* 0 is success; anything that can fail returns 0 (or a count) or one of these. */
enum err {
	E_OK = 0,
	E_TRUNC = -1,  /* the bytes end before the field does */
	E_BAD = -2,    /* the bytes or the text break the rules of their format */
	E_UNSUP = -3,  /* well formed, but a kind that is not handled */
	E_RANGE = -4,  /* a number outside its range */
	E_FULL = -5,   /* the output buffer or table has no room */
	E_SYS = -6,    /* a system call failed; errno is kept in the why */
	E_PERM = -7,   /* the kernel refuses for lack of privilege */
	E_NOENT = -8,  /* no such name, interface, file or route */
	E_MEM = -9,    /* out of memory */
	E_AGAIN = -10, /* nothing now; ask again when the descriptor is ready */
	E_EOF = -11,   /* the input has ended */
};

/*
 * why - the sentence for the person: what was asked, what failed, what to do.
 * Filled by the function that failed; `sys` is the errno or 0.
 */
struct why {
	int sys;
	char text[400];
};

/* err_word() - a short lower-case word for @err ("truncated"), a static string; never NULL. */
const char *err_word(int err);

/*
 * why_set() - fills @why (may be NULL) and returns @err, so that a failure is one statement.
 * @err: the code to return. @fmt: the sentence, without the tool's name and without a newline.
 */
int why_set(struct why *why, int err, const char *fmt, ...) printf_like(3, 4);

/* why_sys() - as why_set(), keeping the errno and adding its symbolic name, as in "(EPERM)". */
int why_sys(struct why *why, int err, const char *fmt, ...) printf_like(3, 4);

/* why_add() - appends @more to the sentence, as far as it fits. @why may be NULL. */
void why_add(struct why *why, const char *more);

/* errno_name() - "EPERM" for 1; "E?" for an unknown number. A static string. */
const char *errno_name(int sys);

#endif
